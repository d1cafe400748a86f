#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Independent managers read every object of a live dmports and get every notification.

usage: test_managers.py pysnmp|npm|gosnmp|snmp4j
"""
import os
import subprocess
import sys
import unittest

from live import LiveTest, load, wait_until
from managers import MANAGERS

# What each library calls a type, by what the MIB says.
TYPES = {
    'DisplayString': {'OctetString', 'OCTET STRING'},
    'Counter32': {'Counter32', 'Counter'},
    'Gauge32': {'Gauge32', 'Gauge', 'Unsigned32'},
    'Unsigned32': {'Gauge32', 'Gauge', 'Unsigned32'},
    'INTEGER': {'Integer', 'Integer32', 'INTEGER'},
    'Integer32': {'Integer', 'Integer32', 'INTEGER'}}
TABLES = ('dmpRequirementTable', 'dmpHostTable', 'dmpPortTable', 'dmpProblemTable',
          'dmpEventTable', 'dmpReceiverTable')
KINDS = {'trap': 'trap', 'inform': 'inform', 'SNMPv2Trap': 'trap',
         'SNMPv2TrapPDU': 'trap', 'InformRequest': 'inform', 'InformRequestPDU': 'inform',
         'SNMPv2-Trap': 'trap'}
COMMAND, ENVIRONMENT = None, None


def parse(line):
    oid, kind, value = line.split('\t')
    return oid.lstrip('.'), kind, value


class ManagerTest(LiveTest):
    def setUp(self):
        super().setUp()
        self.mib = load()
        self.environment = dict(os.environ, **ENVIRONMENT)

    def plan(self):
        scalars = [self.mib.oid(c.name) + '.0' for c in self.mib.columns.values()
                   if c.parent in ('dmpSystem', 'dmpSummary')]
        tables = [' '.join([self.mib.oid(table), *map(str, self.mib.table_columns(table))])
                  for table in TABLES]
        return self.write('plan', ''.join(f'.{line}\n' for line in scalars + tables))

    def walk(self):
        """{(name, index): (type, value)} of all that the manager read."""
        said = self.run_tool(*COMMAND, 'walk', str(self.lab.snmp_port), self.plan(),
                             env=self.environment)
        names = {self.mib.oid(name): name for name in self.mib.columns}
        found = {}
        for line in said.splitlines():
            oid, kind, value = parse(line)
            number, _, index = oid.rpartition('.')
            self.assertNotIn((names[number], index), found)
            found[names[number], index] = (kind, value)
        return found

    def rows(self, found, table):
        """{index: {column: value}}"""
        names = {c.name for c in self.mib.table_columns(table).values()}
        rows = {}
        for (name, index), (_, value) in found.items():
            if name in names:
                rows.setdefault(index, {})[name] = value
        return rows

    def label(self, row, column):
        members = self.mib.columns[column].syntax.members
        return {str(number): label for label, number in members.items()}[row[column]]

    def test_every_object_is_read_with_its_type_and_value(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        found = self.walk()
        for name, column in self.mib.columns.items():
            if column.access == 'accessible-for-notify':
                continue
            kinds = {kind for (n, _), (kind, _) in found.items() if n == name}
            self.assertEqual(len(kinds), 1, name)
            self.assertLessEqual(kinds, TYPES[column.syntax.base], name)
        for table in TABLES:
            for row in self.rows(found, table).values():
                self.assertEqual(len(row), len(self.mib.table_columns(table)), table)
        self.assertEqual(found['dmpStatus', '0'][1], '2')
        self.assertGreater(len(self.rows(found, 'dmpRequirementTable')), 40)

    def test_ports_and_events_are_what_dmports_says(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        found = self.walk()
        ports = {row['dmpPortKey']: row for row in self.rows(found, 'dmpPortTable').values()}
        status = self.lab.status()
        self.assertEqual(set(ports), set(status))
        for key, said in status.items():
            self.assertEqual(self.label(ports[key], 'dmpPortState'), said['state'])
            self.assertEqual(self.label(ports[key], 'dmpPortReason'), said['reason'])
            self.assertEqual(ports[key]['dmpPortNumber'], str(said['port']))
            self.assertEqual(ports[key]['dmpPortAddress'], said['address'])
        events = {row['dmpEventSequence']: row
                  for row in self.rows(found, 'dmpEventTable').values()}
        said = {str(event['sequence']): event for event in self.lab.events()}
        self.assertEqual(set(events), set(said))
        for sequence, event in said.items():
            self.assertEqual(events[sequence]['dmpEventKey'], event['key'])
            self.assertEqual(events[sequence]['dmpEventMessage'], event['message'])

    # --- notifications ---

    def heard(self):
        """[(kind, {name: (type, value)})] of the complete notifications so far."""
        found, kind, values = [], None, []
        names = {self.mib.oid(name) + '.0': name for name in self.mib.columns}
        for line in self.lab.log('manager').splitlines():
            if line == 'end':
                found.append((kind, dict(values)))
                values = []
            elif '\t' in line:
                oid, syntax, value = parse(line)
                values.append((names.get(oid, oid), (syntax, value)))
            elif line in KINDS:
                kind = KINDS[line]
        return found

    def start_receiver(self):
        with open(self.lab.path('manager.log'), 'wb') as log:
            process = subprocess.Popen(
                [*COMMAND, 'receive', str(self.lab.trap_port)], stdin=subprocess.PIPE,
                stdout=log, stderr=log, env=self.environment)
        self.addCleanup(process.wait, 30)
        self.addCleanup(process.stdin.close)
        wait_until('ready', lambda: 'ready' in self.lab.log('manager'))

    def test_traps_and_informs_arrive_with_all_varbinds(self):
        self.write_site()
        self.start_receiver()
        self.lab.start_snmpd(f'informsink udp:127.0.0.1:{self.lab.trap_port} public\n')
        self.lab.start_daemon()
        self.wait_rows()
        self.b.close()
        self.lab.wait_state('h1/svc-b', 'down')
        self.b.open()
        self.lab.wait_state('h1/svc-b', 'up')

        def ups():
            trap_oid = '1.3.6.1.6.3.1.1.4.1.0'
            return [kind for kind, values in self.heard() if values[trap_oid][1].lstrip(
                '.') == self.mib.oid('dmpPortUp')]
        wait_until('a trap and an inform', lambda: {'trap', 'inform'} <= set(ups()))
        self.assertEqual(ups().count('inform'), 1, 'informs are acknowledged, not repeated')
        events = {str(event['sequence']): event for event in self.lab.events()}
        told = [(kind, values) for kind, values in self.heard()
                if 'dmpNotifySequence' in values]
        self.assertEqual(len(told), 2 * len(events))
        for _, values in told:
            carried = self.mib.varbinds()
            self.assertEqual(list(values)[2:2 + len(carried)], [c.name for c in carried])
            for column in carried:
                self.assertIn(values[column.name][0], TYPES[column.syntax.base])
            event = events[values['dmpNotifySequence'][1]]
            for name, key in (('Key', 'key'), ('Message', 'message'),
                              ('StateText', 'state'), ('ReasonText', 'reason')):
                self.assertEqual(values[f'dmpNotify{name}'][1], event[key])


if __name__ == '__main__':
    COMMAND, ENVIRONMENT = MANAGERS[sys.argv.pop(1)]()
    unittest.main()
