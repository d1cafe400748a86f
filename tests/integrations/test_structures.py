#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Files for systems that cannot be run here: their structure, every number in them, and
what they would make of real notifications."""
import collections
import csv
import os
import re
import shlex
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

import yaml

from live import EXAMPLES, SOURCE, LiveTest, load, tool, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
EVENT_PARTS = {'mask': 1, 'uei': 1, 'event-label': 1, 'descr': 1, 'logmsg': 1,
               'severity': 1, 'varbindsdecode': 99, 'alarm-data': 1}
SEVERITIES = {'Critical', 'Major', 'Minor', 'Warning', 'Normal', 'Indeterminate'}
# What LibreNMS's schema of discovery allows.
SENSOR_KEYS = {'oid', 'value', 'num_oid', 'index', 'descr', 'group', 'skip_values',
               'skip_value_gt', 'low_limit', 'low_warn_limit'}
KIND_KEYS = {'state': {'state_name', 'states'}}
SCALED_KEYS = {'divisor'}
KINDS = {'state', 'count', 'percent', 'delay'}
NO_VALUE = 2147483647
NUM_OID = re.compile(r'(\.\d+)+(\.\{\{ \$index \}\})?\Z')


def path(*names):
    return os.path.join(EXAMPLES, *names)


def parse(*names):
    """The root of an XML file, with the namespaces taken off."""
    root = ElementTree.parse(path(*names)).getroot()
    for element in root.iter():
        element.tag = element.tag.rpartition('}')[2]
    return root


def oids(mib):
    return {mib.oid(name) for name in [*mib.columns, *mib.module.notifications]}


class OpenNmsTest(LiveTest):
    def setUp(self):
        super().setUp()
        self.mib = load()
        self.events = parse('opennms', 'dmports.events.xml').findall('event')

    def mask_of(self, event):
        """({element: value}, {varbind: value}) or None."""
        mask = event.find('mask')
        if mask is None:
            return None
        return ({e.findtext('mename'): e.findtext('mevalue') for e in
                 mask.findall('maskelement')},
                {int(v.findtext('vbnumber')): v.findtext('vbvalue') for v in
                 mask.findall('varbind')})

    def test_events_have_the_parts_that_the_schema_allows(self):
        for event in self.events:
            count = collections.Counter(child.tag for child in event)
            for tag, found in count.items():
                self.assertLessEqual(found, EVENT_PARTS[tag], tag)
            for tag in ('uei', 'event-label', 'descr', 'logmsg', 'severity'):
                self.assertEqual(count[tag], 1)
            self.assertIn(event.findtext('severity'), SEVERITIES)
        ueis = [event.findtext('uei') for event in self.events]
        self.assertEqual(len(ueis), len(set(ueis)))

    def test_every_notification_is_matched_with_and_without_a_known_severity(self):
        for name, (_, _, number) in self.mib.module.notifications.items():
            for severity in ('critical', 'cleared', 'odd'):
                self.assertEqual(self.matching(number, {18: severity}).findtext(
                    'event-label'), 'dmports: ' + name[3:])

    def matching(self, number, varbinds):
        """The first event whose mask fits, as OpenNMS chooses."""
        identity = {'id': '.' + self.mib.oid('dmpMIB'), 'generic': '6',
                    'specific': str(number)}
        for event in self.events:
            mask = self.mask_of(event)
            if mask and mask[0] == identity and all(
                    varbinds.get(n) == value for n, value in mask[1].items()):
                return event
        raise AssertionError(f'no event for {number}')

    def test_every_clear_key_is_the_key_of_an_alarm(self):
        alarms = [event.find('alarm-data').attrib for event in self.events
                  if event.find('alarm-data') is not None]
        raised = {a['reduction-key'] for a in alarms if a['alarm-type'] == '1'}
        cleared = {a['clear-key'] for a in alarms if a['alarm-type'] == '2'}
        self.assertEqual(raised, cleared)
        self.assertFalse(raised & {a['reduction-key'] for a in alarms
                                   if a['alarm-type'] == '2'})

    def test_what_ends_several_alarms_is_translated_to_known_events(self):
        ueis = {event.findtext('uei') for event in self.events}
        specs = parse('opennms', 'dmports.translator.xml').findall('.//event-translation-spec')
        self.assertEqual(len(specs), 4)
        for spec in specs:
            self.assertIn(spec.get('uei'), ueis)
            self.assertIn(spec.find('.//value').get('result'), ueis)

    def test_real_notifications_raise_and_clear_one_alarm(self):
        self.run_lab()
        self.raise_and_clear()
        keys = []
        for kind in ('dmpPortDown', 'dmpPortUp'):
            trap = self.lab.traps_of(kind, 'h1/svc-b')[0]
            carried = self.mib.module.notifications[kind][0]
            varbinds = {n: trap[name] for n, name in enumerate(carried, 1)}
            event = self.matching(self.mib.module.notifications[kind][2], varbinds)
            alarm = event.find('alarm-data')
            key = alarm.get('reduction-key' if kind == 'dmpPortDown' else 'clear-key')
            keys.append(re.sub(r'%parm\[#(\d+)\]%', lambda m, v=varbinds: v[int(m[1])], key))
            self.assertEqual(event.findtext('severity'),
                             'Critical' if kind == 'dmpPortDown' else 'Normal')
        self.assertEqual(keys[0], keys[1])
        self.assertIn('h1/svc-b', keys[0])

    def test_collected_objects_exist_and_graphs_use_them(self):
        root = parse('opennms', 'dmports.datacollection.xml')
        self.assertEqual([child.tag for child in root],
                         ['resourceType'] * 2 + ['group'] * 3 + ['systemDef'])
        types = {t.get('name') for t in root.findall('resourceType')}
        aliases = set()
        for found in root.iter('mibObj'):
            self.assertIn(found.get('oid')[1:], oids(self.mib))
            self.assertIn(found.get('instance'), types | {'0'})
            self.assertLessEqual(len(found.get('alias')), 19)
            self.assertNotIn(found.get('alias'), aliases)
            aliases.add(found.get('alias'))
        groups = {g.get('name') for g in root.findall('group')}
        self.assertEqual({g.text for g in root.iter('includeGroup')}, groups)
        text = self.example('opennms', 'dmports-graph.properties')
        columns = re.findall(r'\.columns=(.*)', text)
        self.assertEqual(len(columns), 6)
        for listed in columns:
            self.assertLessEqual(set(listed.split(',')), aliases)

    def reports(self):
        """{name: {property: value}} as Java reads them."""
        text = self.example('opennms', 'dmports-graph.properties').replace('\\\n', '')
        found = {}
        for line in text.splitlines():
            name, _, value = line.partition('=')
            if name.startswith('report.'):
                report, _, part = name[7:].rpartition('.')
                found.setdefault(report, {})[part] = value.replace('\\\\', '\\')
            elif name == 'reports':
                listed = [part.strip() for part in value.split(',')]
        self.assertEqual(sorted(found), sorted(listed))
        return found

    def averages(self, report, value):
        """What RRDtool would write below the graph when every column had this value."""
        files = []
        for column in report['columns'].split(','):
            files.append(self.lab.path(column + '.rrd'))
            self.run_tool('rrdtool', 'create', files[-1], '--start', '1000000000', '--step',
                          '300', f'DS:{column}:GAUGE:600:U:U', 'RRA:AVERAGE:0.5:1:10')
            self.run_tool('rrdtool', 'update', files[-1], *(
                f'{1000000000 + 300 * n}:{value}' for n in range(1, 7)))
        command = shlex.split(report['command'])
        for number, file in enumerate(files, 1):
            command = [word.replace(f'{{rrd{number}}}', file) for word in command]
        # The text of a legend is printed instead of drawn.
        command = [word.replace('GPRINT:', 'PRINT:', 1) if word.startswith('GPRINT') else word
                   for word in command]
        said = self.run_tool('rrdtool', 'graph', self.lab.path('graph.png'), '--start',
                             '1000000600', '--end', '1000001500', *command)
        for file in files:
            os.unlink(file)
        return re.findall(r'Avg: +(\S+)', said)

    def test_graphs_are_drawn_by_rrdtool_without_what_is_no_value(self):
        reports = self.reports()
        for name, report in reports.items():
            shown = self.averages(report, 4)
            self.assertEqual(len(shown), len(report['columns'].split(',')), name)
            self.assertNotIn('-nan', shown, name)
        for name, none in (('certificate', NO_VALUE), ('availability', NO_VALUE),
                           ('latency', 0)):
            shown = self.averages(reports['dmports.' + name], none)
            self.assertEqual(set(shown), {'-nan'}, name)
        self.assertEqual(self.averages(reports['dmports.availability'], 99500),
                         ['99.50', '99.50'])

    def test_the_polled_service_is_our_status(self):
        root = parse('opennms', 'dmports.poller.xml')
        service = root.find('package/service')
        self.assertEqual(service.get('name'), root.find('monitor').get('service'))
        found = {p.get('key'): p.get('value') for p in service.findall('parameter')}
        self.assertEqual(found['oid'], f'.{self.mib.oid("dmpStatus")}.0')
        # 0 and 1 are up, 2 critical and 3 unknown are down.
        self.assertEqual((found['operator'], found['operand']), ('<', '2'))


class LibreNmsTest(LiveTest):
    def setUp(self):
        super().setUp()
        self.mib = load()

    def test_sensors_have_numbers_names_and_states_of_the_mib(self):
        with open(path('librenms', 'os_discovery', 'dmports.yaml'), encoding='utf-8') as f:
            modules = yaml.safe_load(f)['modules']
        sensors = modules['sensors']
        for value in modules['os'].values():
            self.assertIn(value[len('DATAMINER-PORTS-MIB::'):-2], self.mib.columns)
        self.assertEqual(set(sensors), KINDS)
        for kind, listed in sensors.items():
            for data in listed['data']:
                self.assertLessEqual(set(data), SENSOR_KEYS | KIND_KEYS.get(
                    kind, SCALED_KEYS))
                name = data['value'].partition('::')[2]
                self.assertRegex(data['num_oid'], NUM_OID)
                self.assertEqual(data['num_oid'].partition('.{')[0], '.' + self.mib.oid(name))
                if kind == 'state' and name != 'dmpStatus':
                    self.assertEqual({s['descr']: s['value'] for s in data['states']},
                                     self.mib.columns[name].syntax.members)
                for state in data.get('states', []):
                    self.assertEqual(set(state), {'value', 'generic', 'graph', 'descr'})
        with open(path('librenms', 'os_detection', 'dmports.yaml'), encoding='utf-8') as f:
            rule = yaml.safe_load(f)['discovery'][0]['snmpget']
        self.assertEqual(rule['oid'], f'.{self.mib.oid("dmpStatus")}.0')

    def handle(self, text):
        return subprocess.run(
            ['php', os.path.join(HERE, 'librenms_stub.php'), path('librenms', 'Dmports.php'),
             path('librenms', 'snmptraps.php')], input=text, text=True, check=True,
            stdout=subprocess.PIPE).stdout

    def test_the_handler_logs_real_notifications(self):
        self.write_site()
        os.chmod(self.write('keep', f'#!/bin/sh\ncat >{self.lab.dir}/told.$$\n'), 0o755)
        conf = self.write('trapd.conf', f'snmpTrapdAddr udp:127.0.0.1:{self.lab.trap_port}\n'
                          'authCommunity execute public\n'
                          f'traphandle default {self.lab.path("keep")}\n')
        self.lab.start('snmptrapd', [tool('snmptrapd'), '-f', '-n', '-Lo', '-C', '-c', conf],
                       dict(self.lab.environment(), **self.lab.mib_environment()))
        wait_until('snmptrapd', lambda: 'NET-SNMP' in self.lab.log('snmptrapd'))
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows()
        self.b.close()

        def told():
            for name in os.listdir(self.lab.dir):
                if name.startswith('told.'):
                    with open(self.lab.path(name), encoding='utf-8') as file:
                        text = file.read()
                    if 'dmpPortDown' in text and text.count('dmpNotify') == 19:
                        return text
            return None
        said = self.handle(wait_until('notification', told))
        self.assertRegex(said, r'^Error\th1/svc-b: required Service svc-b .*refused')

    def test_every_notification_has_the_handler(self):
        for name in self.mib.module.notifications:
            self.handle(f'h\nUDP\nSNMPv2-MIB::snmpTrapOID.0 DATAMINER-PORTS-MIB::{name}\n')


class SheetTest(unittest.TestCase):
    def setUp(self):
        self.mib = load()

    def rows(self, *names):
        with open(path(*names), encoding='ascii', newline='') as file:
            return list(csv.DictReader(file))

    def test_solarwinds_numbers_are_those_of_net_snmp(self):
        rows = self.rows('solarwinds', 'oids.csv')
        self.assertEqual(len(rows), len(self.mib.columns) + 20)
        said = subprocess.run(
            [tool('snmptranslate'), '-On', *(f'DATAMINER-PORTS-MIB::{r["name"]}'
                                             for r in rows)],
            env=dict(os.environ, MIBS='DATAMINER-PORTS-MIB',
                     MIBDIRS=f'{SOURCE}/mib:{SOURCE}/mib/base'),
            stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        for row, theirs in zip(rows, said):
            ours = re.sub(r'\.0$', '', row['OID']) if row['kind'] in (
                'scalar', 'in notifications') else row['OID']
            self.assertEqual('.' + ours, theirs, row['name'])
        self.assertEqual(len(self.rows('solarwinds', 'reasons.csv')),
                         len(self.mib.columns['dmpPortReason'].syntax.members))

    def test_prtg_lookups_and_channels_are_of_the_mib(self):
        known = set()
        for name in os.listdir(path('prtg')):
            if not name.endswith('.ovl'):
                continue
            root = parse('prtg', name)
            known.add(root.get('id'))
            self.assertEqual(name, root.get('id') + '.ovl')
            values = [entry.get('value') for entry in root.iter('SingleInt')]
            self.assertEqual(len(values), len(set(values)))
            self.assertIn(root.get('desiredValue'), values)
            for entry in root.iter('SingleInt'):
                self.assertIn(entry.get('state'), ('Ok', 'Warning', 'Error', 'None'))
        states = {e.text: int(e.get('value')) for e in parse(
            'prtg', 'dmports.state.ovl').iter('SingleInt')}
        self.assertEqual(states, self.mib.columns['dmpPortState'].syntax.members)
        for row in self.rows('prtg', 'sensors.csv'):
            self.assertIn(row['lookup'], known | {''})
            self.assertEqual(re.sub(r'\.0$', '', row['OID']) if 'table' not in row['sensor']
                             else row['OID'], self.mib.oid(row['channel']))


if __name__ == '__main__':
    unittest.main()
