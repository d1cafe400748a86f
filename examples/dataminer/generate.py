#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write protocol.xml and trap-processor-rules.csv from the text of the MIB.

usage: generate.py [--sources LIST] [--alarms notifications|tables] [--out FOLDER] [MIB]

MIB       another copy of the module, such as "dmports mib --root-oid" prints
--sources addresses that notifications come from, comma-separated, * and ? allowed, when
          that is not the address that the element polls
--alarms  who makes alarms: notifications, the default, or only the tables, by the alarm
          template
"""
import argparse
import csv
import io
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

from layout import AMBIGUOUS, SCALAR_GROUPS, TIMERS, Mib, families, pieces

HERE = os.path.dirname(os.path.abspath(__file__))
MIB_PATH = os.path.join(HERE, '..', '..', 'mib', 'DATAMINER-PORTS-MIB.txt')

# The number after 8813.2 is issued by Skyline on request; 0 stands for "not yet".
IDENTITY = [
    ('Name', 'dmports'),
    ('Description', 'The network ports of a DataMiner System, as dmports sees them'),
    ('Version', '1.0.0.1'),
    ('IntegrationID', 'DMS-DRV-0'),
    ('Provider', 'The dmports project'),
    ('Vendor', 'The dmports project'),
    ('VendorOID', '1.3.6.1.4.1.8813.2.0'),
    ('DeviceOID', '1'),
    ('ElementType', 'Port Monitor')]

INTRODUCTION = """
Written by examples/dataminer/generate.py from DATAMINER-PORTS-MIB: change that, not this.
README.md beside it tells how to install it, and what of it was never tried.

Rows per request (multipleGetBulk) are such that no answer is longer than 1472 bytes, even
if every text has its full length, SNMPv3 signs and encrypts, and the repetitions left over
at the end of a column are filled from the next one.  Each table says its largest answer.
"""
FROM_POLLED = """
Notifications are taken from the address that the element polls.  When they come from
another one (a second interface, a relay), generate this file with the option "sources",
or let the sender append the agent-address varbind and set useAgentBinding: see README.md.
"""
FROM_SOURCES = """
Notifications are taken from the addresses in parameter 1 only, and no longer from the
address that the element polls, unless it is among them.
"""
RESYNCHRONISE = """
How this element stays right when notifications are lost, without a QAction:
  a notification of an event sets parameter 9001 (its sequence); a change of that polls the
  problems at once.  dmpLastEvent, polled every 10 s and carried by every heartbeat, is
  parameter 2015; it moves also when the notification got lost, and polls the problems, too.
  dmpStarted sets 9100, dmpEventsLost sets 9021, and dmpEpoch (1007) is polled: when one of
  them changes, or the element starts, every table is polled.
"""

WORDS = {'dns': 'DNS', 'tls': 'TLS', 'tcp': 'TCP', 'udp': 'UDP', 'agentx': 'AgentX',
         'p95': 'P95'}
# As DataMiner spells units; others are shown as the MIB writes them.
UNITS = {'seconds': 's', 'milliseconds': 'ms', 'microseconds': 'us', 'days': 'd',
         'thousandths of a percent': '1/1000 %'}
SNMP_TYPES = {'INTEGER': 'integer32', 'Integer32': 'integer32', 'Unsigned32': 'gauge32',
              'Gauge32': 'gauge32', 'Counter32': 'counter32',
              'DisplayString': 'octetstring'}

# DataMiner's severity for each of ours, by its place in an alarm template.
SEVERITIES = [('Critical', 'CH', 'critical'), ('Major', 'MaH', 'major'),
              ('Minor', 'MiH', 'minor'), ('Warning', 'WaH', 'warning'),
              ('Normal', 'Normal', 'cleared'), ('Information', None, 'indeterminate')]
BY_SEVERITY = {place: label for _, place, label in SEVERITIES if place}
# Defaults for alarm templates.  Ports and hosts have none: their severity stays while they
# are suppressed, and dmpProblemTable is what was announced.
ALARMS = {
    'dmpProblemSeverity': BY_SEVERITY,
    'dmpEngineState': {'CH': 'stopped', 'MaH': 'stalled', 'Normal': 'running'},
    'dmpConfigStatus': {'WaH': 'rejected', 'Normal': 'ok'},
    'dmpReceiverState': {'MaH': 'unreachable', 'WaH': 'failing', 'Normal': 'ok'}}

# What a notification about a port sets in its row at once: {varbind: column}.
ROW_UPDATES = {'dmpNotifyState': 'dmpPortState', 'dmpNotifyReason': 'dmpPortReason',
               'dmpNotifySeverity': 'dmpPortSeverity'}

STARTED_PID, EPOCH_PID, LAST_EVENT_PID = 9100, 1007, 2015
PAGES = ['Summary', 'Problems', 'Ports', 'Port Facts', 'Port Texts', 'Hosts', 'Events',
         'Requirements', 'Receivers', 'Notifications']


def label_words(label):
    """hostUnreachable: Host unreachable."""
    words = re.sub(r'(?<=[a-z0-9])(?=[A-Z])', ' ', label).lower().split()
    words[0] = words[0][0].upper() + words[0][1:]
    return ' '.join(WORDS.get(word.lower(), word) for word in words)


def title_words(name):
    """dmpPortTlsDaysLeft: Port TLS Days Left; not the titles of tables."""
    name = {'dmpPorts': 'dmpPortCount', 'dmpHosts': 'dmpHostCount'}.get(name, name)
    words = re.sub(r'(?<=[a-z0-9])(?=[A-Z])', ' ', name[3:]).split()
    return ' '.join(WORDS.get(word.lower(), word) for word in words)


class Connector:
    """The document, filled from top to bottom."""

    def __init__(self, mib, options):
        self.mib = mib
        self.options = options
        self.pieces = pieces(mib)
        self.families = families(mib)
        self.rows_used = {}  # of each page
        self.root = ElementTree.Element(
            'Protocol', xmlns='http://www.skyline.be/protocol')
        self.groups = []     # (id, name, timer, [parameter ids])
        self.identity()
        self.params = self.add(self.root, 'Params')
        self.parameters()
        self.polling()

    # --- pieces of XML ---

    @staticmethod
    def add(parent, tag, text=None, **attributes):
        found = ElementTree.SubElement(parent, tag, attributes)
        found.text = None if text is None else str(text)
        return found

    def comment(self, parent, text):
        parent.append(ElementTree.Comment(text if '\n' in text else f' {text} '))

    def param(self, pid, name, description, kind, **attributes):
        attributes = {'id': str(pid), 'trending': 'false', **attributes}
        param = self.add(self.params, 'Param', **attributes)
        self.add(param, 'Name', name)
        self.add(param, 'Description', description)
        self.add(param, 'Type', kind)
        return param

    def interprete(self, param, is_text, exceptions=(), default=None):
        interprete = self.add(param, 'Interprete')
        self.add(interprete, 'RawType', 'other' if is_text else 'numeric text')
        self.add(interprete, 'LengthType', 'next param')
        self.add(interprete, 'Type', 'string' if is_text else 'double')
        if default is not None:
            self.add(interprete, 'DefaultValue', default)
        if exceptions:
            listed = self.add(interprete, 'Exceptions')
            for number, value in enumerate(exceptions, 1):
                found = self.add(listed, 'Exception', id=str(number), value=str(value))
                self.add(found, 'Display', 'None', state='disabled')
                self.add(found, 'Value', value)

    def display(self, param, page=None, units=''):
        display = self.add(param, 'Display')
        self.add(display, 'RTDisplay', 'true')
        if units:
            self.add(display, 'Units', UNITS.get(units, units.capitalize()))
        if page:
            self.rows_used[page] = row = self.rows_used.get(page, -1) + 1
            place = self.add(self.add(display, 'Positions'), 'Position')
            self.add(place, 'Page', page)
            self.add(place, 'Row', row)
            self.add(place, 'Column', 0)

    def measurement(self, param, kind, members=None):
        measurement = self.add(param, 'Measurement')
        self.add(measurement, 'Type', kind)
        if members:
            discreets = self.add(measurement, 'Discreets')
            for label, number in members.items():
                discreet = self.add(discreets, 'Discreet')
                self.add(discreet, 'Display', label_words(label))
                self.add(discreet, 'Value', number)

    def snmp(self, param, column, oid):
        snmp = self.add(param, 'SNMP')
        self.add(snmp, 'Enabled', 'true')
        self.add(snmp, 'OID', oid, type='complete')
        self.add(snmp, 'Type', SNMP_TYPES[column.syntax.base])

    def alarm(self, param, column):
        if column.name in ALARMS:
            alarm = self.add(param, 'Alarm')
            self.add(alarm, 'Monitored', 'true')
            for place, label in ALARMS[column.name].items():
                self.add(alarm, place, column.syntax.members[label])

    def value(self, pid, name, column, **where):
        """A parameter with the value of a scalar, column or varbind.  where has its oid
        and page, and as copy what tells it from another with the same value."""
        is_rate = column.units and not column.is_text
        param = self.param(pid, name, title_words(column.name) + where.get('copy', ''),
                           'read', trending='true' if is_rate else 'false')
        self.interprete(param, column.is_text, column.exceptions())
        if where.get('oid'):
            self.snmp(param, column, where['oid'])
            self.alarm(param, column)
        self.display(param, where.get('page'), column.units)
        kind = 'discreet' if column.is_enum else 'string' if column.is_text else 'number'
        self.measurement(param, kind, column.syntax.members)

    # --- chapters ---

    def identity(self):
        self.comment(self.root, INTRODUCTION)
        self.comment(self.root, FROM_SOURCES if self.options.sources else FROM_POLLED)
        self.comment(self.root, RESYNCHRONISE)
        for tag, text in IDENTITY:
            self.add(self.root, tag, text)
        compliancies = self.add(self.root, 'Compliancies')
        self.add(compliancies, 'CassandraReady', 'true')
        self.add(self.root, 'Type', 'snmpv2')
        self.add(self.root, 'Display', defaultPage=PAGES[0], pageOrder=';'.join(PAGES),
                 wideColumnPages=';'.join(PAGES))

    def parameters(self):
        if self.options.sources:
            param = self.param(1, 'NotificationSources', 'Notification Sources', 'read',
                               save='true')
            self.interprete(param, True, default=self.options.sources)
            self.display(param, PAGES[-1])
            self.measurement(param, 'string')
        for _, names in SCALAR_GROUPS:
            for name in names:
                self.scalar(self.mib.columns[name])
        for piece in self.pieces:
            self.table(piece)
        self.carried()
        self.notifications()

    def scalar_pid(self, column):
        return 1000 * self.mib.module.nodes[column.parent][1] + column.number

    def scalar(self, column):
        self.value(self.scalar_pid(column), column.name, column, page='Summary',
                   oid=self.mib.oid(column.name) + '.0')

    @staticmethod
    def page_of(piece):
        """Where a table is shown: one page for each table of the MIB, three for ports."""
        first = piece.table[3:-5] + 's'
        if first == 'Ports' and piece.number > 0:
            return 'Port Facts' if piece.number < 4 else 'Port Texts'
        return first

    def table(self, piece):
        noun = piece.table[:-5]
        suffix = str(piece.number) if piece.number else ''
        self.comment(self.params, (
            f'{piece.title}: {len(piece.columns)} columns, rows a request: {piece.rows}, '
            f'{piece.worst(piece.rows)} bytes at most'))
        param = self.param(piece.pid, piece.table + suffix, piece.title, 'array')
        index = piece.pid + 1
        options = self.add(param, 'ArrayOptions', index='0')
        label = piece.column_pid(piece.label)
        naming = f'|{label}| #|{index}' if piece.table in AMBIGUOUS else f'|{label}'
        self.add(options, 'NamingFormat', naming)
        pids = [index] + [piece.column_pid(c) for c in piece.columns]
        for idx, pid in enumerate(pids):
            self.add(options, 'ColumnOption', idx=str(idx), pid=str(pid), type='snmp',
                     options='')
        self.add(options, 'ColumnOption', idx=str(len(pids)), pid=str(piece.pid + 99),
                 type='state', options=';delete')
        snmp = self.add(param, 'SNMP')
        self.add(snmp, 'Enabled', 'true')
        self.add(snmp, 'OID', self.mib.oid(piece.table), type='complete',
                 options=f'instance;multipleGetBulk:{piece.rows}')
        self.display(param, self.page_of(piece))
        self.measurement(param, 'table')
        self.inner(piece, index, noun + 'Index', True)
        for column in piece.columns:
            copy = suffix if column is piece.label else ''
            self.value(piece.column_pid(column), column.name + copy, column,
                       oid=self.mib.oid(column.name), copy=copy and f' ({piece.title})')
        self.inner(piece, piece.pid + 99, noun + 'Row', False)

    def inner(self, piece, pid, name, is_text):
        """The row's number, from the instance, or DataMiner's own note about the row."""
        suffix = str(piece.number) if piece.number else ''
        param = self.param(pid, name + suffix,
                           f'{title_words(name)} ({piece.title})', 'read')
        self.interprete(param, is_text)
        self.display(param)
        self.measurement(param, 'string' if is_text else 'number')

    def carried(self):
        """What the last notification carried."""
        self.comment(self.params, 'The last notification')
        for name, column in self.mib.columns.items():
            if column.parent == 'dmpNotify':
                self.value(9000 + column.number, name, column, page=PAGES[-1])
        param = self.param(STARTED_PID, 'dmpNotifyStartedTime', 'Notify Started Time',
                           'read')
        self.interprete(param, True)
        self.display(param, PAGES[-1])
        self.measurement(param, 'string')

    # --- notifications ---

    def binding(self, name):
        return self.mib.oid(name) + '.0'

    def notifications(self):
        """One parameter per notification and family of problems that it is about.

        DataMiner links a clear to its raise by equal bindings within a group, and Source
        and Key are equal for all problems of a port; so each family is a group.  The
        parameter with the copies of the bindings is the first of its notification."""
        self.comment(self.params, 'Notifications; bindings are named by full OID, not by '
                     'position')
        for name, (objects, _, number) in self.mib.module.notifications.items():
            groups = [raises[0] for raises, ends in self.families
                      if name in raises or name in ends] or [None]
            for place, group in enumerate(groups):
                param = self.param(10000 + 10 * number + place,
                                   name + (str(place) if place else ''),
                                   title_words(name) + (f' {place}' if place else ''),
                                   'dummy')
                self.add(self.add(param, 'Display'), 'RTDisplay', 'false')
                snmp = self.add(param, 'SNMP')
                self.add(snmp, 'Enabled', 'true')
                trap = self.add(snmp, 'TrapOID', self.mib.oid(name), type='complete')
                if self.options.sources:
                    trap.set('ipid', '1')
                if place == 0:
                    trap.set('setBindings', ';'.join(self.copies(name, objects)))
                if group:
                    trap.set('mapAlarm', self.alarm_map(group))

    def copies(self, name, objects):
        """Pairs of setBindings: each binding into its parameter, some into a row."""
        for bound in objects:
            column = self.mib.columns[bound]
            pid = (9000 + column.number if column.parent == 'dmpNotify' else
                   self.scalar_pid(column))
            yield f'{self.binding(bound)},{pid}'
        if name.startswith(('dmpPort', 'dmpCertificate')):
            for bound, target in ROW_UPDATES.items():
                pid = 5000 + self.mib.columns[target].number
                yield f'{self.binding(bound)},{pid},{self.binding("dmpNotifyPortIndex")}'
        if name == 'dmpStarted':
            yield f'{self.binding("dmpNotifyTime")},{STARTED_PID}'

    def alarm_map(self, group):
        members = self.mib.module.conventions['DmpSeverity'].members
        levels = ';'.join(f'{word},{members[label]}' for word, _, label in SEVERITIES)
        link = -self.mib.module.notifications[group][2]
        state = 'TRUE' if self.options.alarms == 'notifications' else 'FALSE'
        return (f'{state}|Severity:{self.binding("dmpNotifySeverity")}:{levels}'
                f'|Value:[{self.binding("dmpNotifyMessage")}]'
                f'|Link:{link},{self.binding("dmpNotifySource")},'
                f'{self.binding("dmpNotifyKey")}|IgnoreSingleClear')

    # --- polling ---

    def polling(self):
        for number, (timer, names) in enumerate(SCALAR_GROUPS, 1):
            self.groups.append((number, f'Scalars {number}', timer, [
                self.scalar_pid(self.mib.columns[name]) for name in names]))
        for piece in self.pieces:
            self.groups.append((piece.pid, piece.title, piece.timer, [piece.pid]))
        self.groups_and_timers()
        problems = [p.pid for p in self.pieces if p.table == 'dmpProblemTable']
        tables = problems + [p.pid for p in self.pieces if p.pid not in problems]
        self.triggers([
            ('A notification of an event', [9001], problems, 'execute one top'),
            ('The newest event, polled or in a heartbeat', [LAST_EVENT_PID], problems,
             'execute one top'),
            ('The engine has started', [STARTED_PID, EPOCH_PID], tables, 'execute one'),
            ('Events were lost for good', [9021], tables, 'execute one'),
            ('The element has started', ['protocol'], tables, 'execute one')])

    def groups_and_timers(self):
        groups = self.add(self.root, 'Groups')
        for number, name, _, pids in self.groups:
            group = self.add(groups, 'Group', id=str(number))
            self.add(group, 'Name', name)
            self.add(group, 'Type', 'poll')
            content = self.add(group, 'Content')
            if len(pids) > 1:
                content.set('multipleGet', 'true')
            for pid in pids:
                self.add(content, 'Param', pid)
        timers = self.add(self.root, 'Timers')
        for number, (name, interval) in enumerate(TIMERS.items(), 1):
            timer = self.add(timers, 'Timer', id=str(number))
            self.add(timer, 'Name', name)
            self.add(timer, 'Time', interval, initial='true')
            self.add(timer, 'Interval', 75)
            content = self.add(timer, 'Content')
            for group, _, wanted, _ in self.groups:
                if wanted == name:
                    self.add(content, 'Group', group)

    def triggers(self, wanted):
        """Polls at once, of groups that do not wait for that already."""
        triggers = self.add(self.root, 'Triggers')
        actions = self.add(self.root, 'Actions')
        known = []
        number = 0
        for name, sources, pids, kind in wanted:
            if pids not in known:
                known.append(pids)
                action = self.add(actions, 'Action', id=str(len(known)))
                self.add(action, 'On', 'group', id=';'.join(map(str, pids)))
                self.add(action, 'Type', kind)
            for source in sources:
                number += 1
                trigger = self.add(triggers, 'Trigger', id=str(number))
                self.add(trigger, 'Name', name)
                if source == 'protocol':
                    self.add(trigger, 'On', 'protocol')
                    self.add(trigger, 'Time', 'after startup')
                else:
                    self.add(trigger, 'On', 'parameter', id=str(source))
                    self.add(trigger, 'Time', 'change')
                self.add(trigger, 'Type', 'action')
                content = self.add(trigger, 'Content')
                self.add(content, 'Id', known.index(pids) + 1)

    def text(self):
        ElementTree.indent(self.root)
        body = ElementTree.tostring(self.root, encoding='unicode')
        return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


# --- rules for the Generic Trap Processor ---

# The interval, in seconds, is twice what dmports does without a setting of the site file.
RULE_COLUMNS = ['Name', 'Type', 'Alarm OID', 'Clear OID', 'Unique Entry', 'Alarm Format',
                'Clear Format', 'Severity', 'Heartbeat Interval']


def rules(mib):
    """The rules as CSV with semicolons; $n is binding n of the notification."""
    carried = [column.name for column in mib.varbinds()]

    def place(name):
        return f'${carried.index(name) + 1}'
    message, severity = place('dmpNotifyMessage'), place('dmpNotifySeverityText')
    same = f'{place("dmpNotifySource")} {place("dmpNotifyKey")}'
    out = io.StringIO()
    writer = csv.writer(out, delimiter=';', lineterminator='\n')
    writer.writerow(RULE_COLUMNS)
    for raises, ends in families(mib):
        for raised in raises:
            for end in ends:
                writer.writerow([
                    f'{title_words(raised)} until {title_words(end)}', 'Regular',
                    mib.oid(raised), mib.oid(end), f'{same} {title_words(raises[0])}',
                    message, message, severity, ''])
    heartbeat = mib.module.notifications['dmpHeartbeat'][0]
    source = '/'.join(f'${heartbeat.index(name) + 1}'
                      for name in ('dmpSiteName', 'dmpVantageName'))
    writer.writerow(['Heartbeat', 'Heartbeat', mib.oid('dmpHeartbeat'), '', source, '', '',
                     '', '600'])
    return out.getvalue()


def main(arguments):
    parser = argparse.ArgumentParser(
        usage=__doc__.split('usage: ')[1].split('\n', maxsplit=1)[0])
    parser.add_argument('--sources')
    parser.add_argument('--alarms', choices=('notifications', 'tables'),
                        default='notifications')
    parser.add_argument('--out', default=HERE)
    parser.add_argument('mib', nargs='?', default=MIB_PATH)
    options = parser.parse_args(arguments)
    with open(options.mib, encoding='ascii') as file:
        mib = Mib(file.read())
    for name, text in (('protocol.xml', Connector(mib, options).text()),
                       ('trap-processor-rules.csv', rules(mib))):
        with open(os.path.join(options.out, name), 'w', encoding='ascii') as file:
            file.write(text)


if __name__ == '__main__':
    main(sys.argv[1:])
