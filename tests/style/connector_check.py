#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The DataMiner connector is what the MIB says, and hangs together.

usage: connector_check.py FOLDER MIB VOCAB           check; FOLDER is examples/dataminer,
                                                     VOCAB is src/base/vocab.h
       connector_check.py --canary FOLDER MIB VOCAB  change the files in many ways: each
                                                     must be noticed
       connector_check.py --drift FOLDER MIB VOCAB   what generate.py writes is committed,
                                                     and its options hang together, too

Nothing here comes from the generator: OIDs, sizes and answers are computed again.
"""
import collections
import csv
import io
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

from mib_module import Module, braces, tokens

NAMESPACE = '{http://www.skyline.be/protocol}'
ROOT_CHILDREN = ['Compliancies', 'Description', 'DeviceOID', 'IntegrationID', 'Name',
                 'Provider', 'Type', 'Vendor', 'VendorOID', 'Version']
PATTERNS = {'IntegrationID': r'DMS-DRV-[0-9]+', 'DeviceOID': r'[0-9]+', 'Type': r'snmpv2',
            'VendorOID': r'1\.3\.6\.1\.4\.1\.8813\.2\.\d+(\.\d+)*',
            'Version': r'\d+\.\d+\.\d+\.\d+'}
FILES = ('protocol.xml', 'trap-processor-rules.csv')

DATAGRAM = 1472
MOST_ROWS = 10  # more than DataMiner asks for by itself is never asked for
# Around the varbinds in an answer of SNMPv3, from RFC 3412 and 3414: lengths of the fields
# at their largest, as (tag and length, value).
V3_FIELDS = [
    (4, 0), (2, 1),                                   # message, version
    (2, 0), (2, 4), (2, 4), (2, 1), (2, 1),           # header data
    (3, 0), (3, 0), (2, 32), (2, 4), (2, 4), (2, 32), (2, 48), (2, 8),  # security
    (4, 0), (4, 0), (2, 32), (2, 0),                  # encrypted scoped PDU
    (4, 0), (2, 4), (2, 1), (2, 1), (4, 0)]           # PDU
ENVELOPE = sum(a + b for a, b in V3_FIELDS)

# Not in the file, on purpose: commands, and what another column tells.
NOT_READ = {'dmpReload', 'dmpResendProblems', 'dmpPortProbeNow', 'dmpEventSequence',
            'dmpEventStateText', 'dmpEventSeverityText', 'dmpEventReasonText'}
WIDE = ['dmpPortDetail', 'dmpPortIdentity', 'dmpPortTlsSubject', 'dmpPortWhy']
NONE_IS_MAXIMUM = {
    'dmpSinceChange', 'dmpBoardAge', 'dmpHostSinceChange', 'dmpPortAvailabilityDay',
    'dmpPortAvailabilityWeek', 'dmpPortAvailabilityMonth', 'dmpPortSinceChange',
    'dmpPortSinceCheck', 'dmpPortTlsDaysLeft', 'dmpReceiverSinceAcknowledged'}
NONE_IS_ZERO = {
    'dmpLastEvent', 'dmpOldestEvent', 'dmpRequirementNumber', 'dmpPortLatency',
    'dmpPortLatencyP95', 'dmpPortLastEvent', 'dmpProblemHostIndex', 'dmpProblemPortIndex',
    'dmpEventPort', 'dmpEventPortIndex', 'dmpReceiverLastSent',
    'dmpReceiverLastAcknowledged', 'dmpNotifyPort', 'dmpNotifyPortIndex'}
UNITS = {'s': 'seconds', 'ms': 'milliseconds', 'us': 'microseconds', 'd': 'days',
         '1/1000 %': 'thousandths of a percent'}
SEVERITIES = {'Critical': 'critical', 'Major': 'major', 'Minor': 'minor',
              'Warning': 'warning', 'Normal': 'cleared', 'Information': 'indeterminate'}


def text_of(element, path):
    found = element.find('/'.join(NAMESPACE + step for step in path.split('/')))
    return None if found is None else found.text or ''


def all_of(element, path):
    return element.findall('/'.join(NAMESPACE + step for step in path.split('/')))


class Mib:
    def __init__(self, text):
        self.module = Module(text)
        self.text = text
        words = tokens(text)
        value = braces(words, words.index('::=', words.index(';')) + 1)
        prefix = {'enterprises': [1, 3, 6, 1, 4, 1], 'iso': [1]}[value[0]]
        self.root = prefix + [int(word) for word in value if word.isdigit()]
        self.oids = {}
        for name, number in (('dmpNotifications', 0), ('dmpObjects', 1)):
            self.oids[name] = self.root + [number]
        self.resolve({**self.module.nodes, **self.module.objects,
                      **self.module.notifications})
        self.by_oid = {self.dotted(name): name for name in self.oids}

    def resolve(self, known):
        while True:
            found = [name for name in known
                     if name not in self.oids and known[name][-2] in self.oids]
            if not found:
                return
            for name in found:
                self.oids[name] = self.oids[known[name][-2]] + [known[name][-1]]

    def dotted(self, name):
        return '.'.join(map(str, self.oids[name]))

    def syntax(self, name):
        syntax = self.module.objects[name][0]
        return self.module.conventions.get(syntax.base, syntax)

    def accessible(self):
        return [name for name, found in self.module.objects.items()
                if found[1] in ('read-only', 'read-write')]

    def columns(self, table):
        """Accessible columns of a table in their order."""
        found = [name for name in self.accessible()
                 if self.module.objects[name][2] == table[:-5] + 'Entry']
        return sorted(found, key=lambda name: self.module.objects[name][3])

    def units(self, name):
        body = self.text.split(f'\n{name} OBJECT-TYPE', 1)[1].split('::=')[0]
        found = re.search(r'\n    UNITS +"(.*)"', body)
        return found[1] if found else None


class Encoder:
    """The longest answers that an agent may give, by writing them."""

    def __init__(self, mib):
        self.mib = mib
        self.following = {}
        tables = sorted((name for name in mib.module.objects if name.endswith('Table')),
                        key=lambda name: mib.oids[name])
        for table, after in zip(tables, tables[1:] + [None]):
            self.following[table] = after

    @staticmethod
    def tlv(content):
        length = len(content)
        if length < 128:
            return bytes([48, length]) + content
        if length < 256:
            return bytes([48, 129, length]) + content
        return bytes([48, 130, length >> 8, length & 255]) + content

    @staticmethod
    def sub_identifiers(numbers):
        out = bytearray([numbers[0] * 40 + numbers[1]])
        for number in numbers[2:]:
            groups = [number & 127]
            while number > 127:
                number >>= 7
                groups.append(number & 127 | 128)
            out += bytes(groups[::-1])
        return bytes(out)

    def varbind(self, name, index):
        syntax = self.mib.syntax(name)
        size = syntax.size
        if syntax.base != 'DisplayString':
            is_small = syntax.members or name.endswith('SeverityRank')
            size = 1 if is_small else 4 if syntax.base == 'Integer32' else 5
        oid = self.sub_identifiers(self.mib.oids[name] + [index])
        return self.tlv(self.tlv(oid) + self.tlv(b'x' * size))

    def cells(self, table, present):
        """All that a walk of a table with so many rows gives, in order."""
        return [len(self.varbind(name, 4294967295 - row))
                for name in self.mib.columns(table) for row in range(present)]

    def answer(self, table, columns, rows):
        """The longest answer to one GETBULK of these columns."""
        after = self.following[table]
        empty = table == 'dmpProblemTable'
        longest = 0
        for present in range(0 if empty else 1, rows + 1):
            here = self.cells(table, present)
            for there in range(1, rows + 1):
                walk = here + (self.cells(after, there) if after else [])
                for before in range(max(present, 1)):
                    longest = max(longest, sum(
                        sum(walk[start:start + rows]) for start in (
                            self.mib.columns(table).index(name) * present + before
                            for name in columns)))
        return ENVELOPE + longest


class Check:
    def __init__(self, folder_files, mib, vocab):
        self.errors = []
        self.mib = mib
        self.vocab = vocab
        self.raw = folder_files
        self.root = ElementTree.fromstring(folder_files['protocol.xml'])
        self.params = {p.get('id'): p for p in all_of(self.root, 'Params/Param')}
        self.arrays = {i: p for i, p in self.params.items() if text_of(p, 'Type') == 'array'}

    def true(self, what, condition):
        if not condition:
            self.errors.append(what)

    def equal(self, what, found, expected):
        if found != expected:
            self.errors.append(f'{what}: found {found}, expected {expected}')

    # --- the document ---

    def ascii_only(self):
        for name, text in self.raw.items():
            self.true(f'{name}: not plain ASCII', re.fullmatch(r'[\n\x20-\x7e]*', text))

    def root_children(self):
        for name in ROOT_CHILDREN:
            self.equal(f'{name} elements', len(all_of(self.root, name)), 1)
            self.true(f'{name}: empty', text_of(self.root, name))
        for name, pattern in PATTERNS.items():
            self.true(f'{name}: not {pattern}',
                      re.fullmatch(pattern, text_of(self.root, name) or ''))
        self.true('no SNMP parameter', all_of(self.root, 'Params/Param/SNMP'))

    def unique(self):
        for path in ('Params/Param', 'Groups/Group', 'Timers/Timer', 'Triggers/Trigger',
                     'Actions/Action'):
            ids = [e.get('id') for e in all_of(self.root, path)]
            self.equal(f'{path}: ids that occur twice',
                       [i for i, n in collections.Counter(ids).items() if n > 1], [])
            self.true(f'{path}: none', ids)
        for tag in ('Name', 'Description'):
            texts = [text_of(p, tag) for p in self.params.values()]
            self.equal(f'{tag}s that occur twice',
                       [t for t, n in collections.Counter(texts).items() if n > 1], [])
        for number in self.params:
            self.true(f'parameter {number}: not in 1 to 63999', 0 < int(number) < 64000)

    def reference(self, what, number, known):
        self.true(f'{what}: {number} does not exist', number in known)

    def references(self):
        known = {kind: {e.get('id') for e in all_of(self.root, f'{kind}s/{kind}')}
                 for kind in ('Param', 'Group', 'Timer', 'Trigger', 'Action')}
        for group in all_of(self.root, 'Groups/Group'):
            listed = [e.text for e in all_of(group, 'Content/Param')]
            self.true(f'group {group.get("id")}: {len(listed)} parameters',
                      1 <= len(listed) <= 10)
            for number in listed:
                self.reference(f'group {group.get("id")}', number, known['Param'])
        polled = collections.Counter(
            e.text for e in all_of(self.root, 'Groups/Group/Content/Param'))
        for timer in all_of(self.root, 'Timers/Timer'):
            for group in all_of(timer, 'Content/Group'):
                self.reference(f'timer {timer.get("id")}', group.text, known['Group'])
        timed = collections.Counter(
            e.text for e in all_of(self.root, 'Timers/Timer/Content/Group'))
        self.equal('groups in timers', timed, {number: 1 for number in known['Group']})
        self.equal('tables and scalars that are polled', set(polled), {
            number for number, param in self.params.items()
            if number in self.arrays or (text_of(param, 'SNMP/OID') or '').endswith('.0')})
        self.equal('timers', sorted(text_of(t, 'Time') for t in all_of(
            self.root, 'Timers/Timer')), ['10000', '3600000', '60000'])
        for trigger in all_of(self.root, 'Triggers/Trigger'):
            on = trigger.find(NAMESPACE + 'On')
            if on.text == 'parameter':
                self.reference('trigger', on.get('id'), known['Param'])
            for action in all_of(trigger, 'Content/Id'):
                self.reference('trigger', action.text, known['Action'])
        for action in all_of(self.root, 'Actions/Action'):
            for group in action.find(NAMESPACE + 'On').get('id').split(';'):
                self.reference('action', group, known['Group'])

    # --- what is polled ---

    def tables(self):
        seen = []
        for number, array in self.arrays.items():
            table = re.sub(r'\d+$', '', text_of(array, 'Name'))
            oid = array.find(f'{NAMESPACE}SNMP/{NAMESPACE}OID')
            self.equal(f'OID of table {number}', self.mib.by_oid.get(oid.text), table)
            options = array.find(NAMESPACE + 'ArrayOptions')
            listed = [(e.get('idx'), e.get('pid'), e.get('type'), e.get('options'))
                      for e in all_of(array, 'ArrayOptions/ColumnOption')]
            self.equal(f'places in table {number}', [row[0] for row in listed],
                       [str(i) for i in range(len(listed))])
            self.equal(f'key of table {number}', options.get('index'), '0')
            self.equal(f'last column of table {number}', listed[-1][2:], ('state', ';delete'))
            for _, pid, kind, _ in listed[:-1]:
                self.equal(f'type of column {pid}', kind, 'snmp')
            for _, pid, _, _ in listed:
                self.reference(f'table {number}', pid, self.params)
                seen.append(pid)
            for word in re.findall(r'\d+', text_of(options, 'NamingFormat')):
                self.reference(f'name of rows of {number}', word, [r[1] for r in listed])
            self.table_columns(number, table, [row[1] for row in listed])
        self.equal('columns in two tables',
                   [p for p, n in collections.Counter(seen).items() if n > 1], [])

    def table_columns(self, number, table, pids):
        """The first is the instance and has no OID; the rest are columns of this table."""
        if any(pid not in self.params for pid in pids):
            return
        self.equal(f'OID of the key of {number}',
                   text_of(self.params[pids[0]], 'SNMP/OID'), None)
        self.equal(f'type of the key of {number}',
                   text_of(self.params[pids[0]], 'Interprete/Type'), 'string')
        self.equal(f'id of the key of {number}', int(pids[0]), int(number) + 1)
        names = [self.mib.by_oid.get(text_of(self.params[pid], 'SNMP/OID'))
                 for pid in pids[1:-1]]
        for pid, name in zip(pids[1:], names):
            self.true(f'column {pid}: not one of {table}', name in self.mib.columns(table))
        if any(name is None for name in names):
            return
        self.true(f'{number}: wide texts are not alone', len(pids) <= 5 or
                  not set(names) & set(WIDE))
        oid = self.arrays[number].find(f'{NAMESPACE}SNMP/{NAMESPACE}OID')
        options = re.fullmatch(r'instance;multipleGetBulk:(\d+)', oid.get('options'))
        self.true(f'options of table {number}', options)
        if options:
            size = Encoder(self.mib).answer(table, names, int(options[1]))
            self.true(f'{number}: an answer may have {size} bytes', size <= DATAGRAM)
            self.true(f'{number}: too many rows', int(options[1]) <= MOST_ROWS)

    def objects(self):
        """Each readable object of the MIB once, with its type, words, units and id."""
        read = collections.Counter()
        for number, param in self.params.items():
            oid = text_of(param, 'SNMP/OID')
            if oid is None or number in self.arrays:
                continue
            name = self.mib.by_oid.get(oid[:-2] if oid.endswith('.0') else oid)
            self.true(f'{number}: {oid} is not readable', name in self.mib.accessible())
            if name is None:
                continue
            self.equal(f'instance of {number}', oid.endswith('.0'),
                       not self.mib.module.objects[name][2].endswith('Entry'))
            read[name] += 1
            self.content(number, param, name)
            self.identifier(int(number), name)
        self.equal('objects that are not read',
                   set(self.mib.accessible()) - set(read), NOT_READ)
        for number, param in self.params.items():
            if 9000 < int(number) < 9100:
                name = text_of(param, 'Name')
                self.equal(f'number of {name}', self.mib.module.objects[name][2:],
                           ('dmpNotify', int(number) - 9000))
                self.content(number, param, name)

    def identifier(self, number, name):
        """Ids come from numbers of the MIB; a copy of a label is in its piece's hundred."""
        parent, place = self.mib.module.objects[name][2:]
        group = parent[:-5] + 'Table' if parent.endswith('Entry') else parent
        branch = self.mib.oids[group][-1]
        self.equal(f'id of {name}', (number // 1000, number % 100), (branch, place))
        self.true(f'id of {name}', number < 1000 * branch + 100 or
                  text_of(self.params[str(number)], 'Name') != name)

    def content(self, number, param, name):
        syntax = self.mib.syntax(name)
        is_text = syntax.base == 'DisplayString'
        kind = 'discreet' if syntax.members else 'string' if is_text else 'number'
        self.equal(f'measurement of {name}', text_of(param, 'Measurement/Type'), kind)
        self.equal(f'interpretation of {name}', text_of(param, 'Interprete/Type'),
                   'string' if is_text else 'double')
        words = {re.sub('[^a-z0-9]', '', text_of(d, 'Display').lower()): int(
            text_of(d, 'Value')) for d in all_of(param, 'Measurement/Discreets/Discreet')}
        self.equal(f'words of {name}', words,
                   {label.lower(): value for label, value in syntax.members.items()})
        self.equal(f'name of {number}', re.sub(r'(?<=[a-z])\d$', '', text_of(
            param, 'Name')), name)
        units = text_of(param, 'Display/Units')
        self.equal(f'units of {name}', units and UNITS.get(units, units.lower()),
                   self.mib.units(name))
        exceptions = [int(e.get('value')) for e in all_of(
            param, 'Interprete/Exceptions/Exception')]
        self.equal(f'exceptions of {name}', exceptions,
                   [2147483647] * (name in NONE_IS_MAXIMUM) + [0] * (name in NONE_IS_ZERO))
        types = {'INTEGER': 'integer32', 'Integer32': 'integer32', 'Counter32': 'counter32',
                 'DisplayString': 'octetstring'}
        if all_of(param, 'SNMP'):
            self.equal(f'type of {name}', text_of(param, 'SNMP/Type'),
                       types.get(syntax.base, 'gauge32'))

    def alarms(self):
        found = {}
        for param in self.params.values():
            for alarm in all_of(param, 'Alarm'):
                found[text_of(param, 'Name')] = {
                    e.tag[len(NAMESPACE):]: e.text for e in alarm}
        members = self.mib.module.conventions['DmpSeverity'].members
        self.equal('alarms of problems', found.get('dmpProblemSeverity'), {
            'Monitored': 'true', **{place: str(members[word]) for place, word in (
                ('CH', 'critical'), ('MaH', 'major'), ('MiH', 'minor'), ('WaH', 'warning'),
                ('Normal', 'cleared'))}})
        for name, levels in found.items():
            self.true(f'alarms of {name}: not a value', {
                int(value) for place, value in levels.items() if place != 'Monitored'} <=
                set(self.mib.syntax(name).members.values()))

    # --- notifications ---

    def traps(self):
        """[(parameter, TrapOID element, notification)]"""
        for param in self.params.values():
            for trap in all_of(param, 'SNMP/TrapOID'):
                yield param, trap, self.mib.by_oid.get(trap.text)

    def bindings(self):
        seen = collections.Counter()
        for param, trap, name in self.traps():
            self.true(f'{trap.text}: no notification', name in self.mib.module.notifications)
            self.equal(f'type of {name}', trap.get('type'), 'complete')
            if name is None or not trap.get('setBindings'):
                continue
            seen[name] += 1
            self.equal(f'id of {name}', param.get('id'), str(
                10000 + 10 * self.mib.oids[name][-1]))
            pairs = [pair.split(',') for pair in trap.get('setBindings').split(';')]
            self.copies(name, [pair for pair in pairs if len(pair) == 2])
            self.row_updates(name, [pair for pair in pairs if len(pair) != 2])
        self.equal('notifications whose bindings are taken', seen,
                   {name: 1 for name in self.mib.module.notifications})

    def copies(self, name, pairs):
        """Binding k is object k of the notification, and goes where that is shown."""
        if name == 'dmpStarted':
            self.equal('what dmpStarted sets last', pairs.pop(),
                       [self.mib.dotted('dmpNotifyTime') + '.0', '9100'])
        objects = self.mib.module.notifications[name][0]
        self.equal(f'bindings of {name}', [pair[0] for pair in pairs],
                   [self.mib.dotted(bound) + '.0' for bound in objects])
        for bound, (_, pid) in zip(objects, pairs):
            self.reference(name, pid, self.params)
            if pid in self.params:
                self.equal(f'{name}: parameter of {bound}',
                           text_of(self.params[pid], 'Name'), bound)

    def row_updates(self, name, triples):
        expected = []
        if name.startswith(('dmpPort', 'dmpCertificate')):
            expected = [['Notify' + word, 'dmpPort' + word, 'dmpNotifyPortIndex']
                        for word in ('State', 'Reason', 'Severity')]
        found = []
        for binding, pid, row in triples:
            self.reference(name, pid, self.params)
            found.append([self.mib.by_oid.get(binding[:-2], '?')[3:],
                          text_of(self.params[pid], 'Name') if pid in self.params else '',
                          self.mib.by_oid.get(row[:-2], '?')])
        self.equal(f'rows that {name} sets', found, expected)

    def clears(self):
        """{clearing or replacing: {raised}} from the code; {number: name}."""
        rows = re.findall(
            r'DMP_X\(\w+,\s*(\d+),\s*"(\w+)",\s*(true|false),\s*([^)]*)\)', re.search(
                r'#define DMP_EVENT_TABLE.*?\n\n', self.vocab, re.DOTALL)[0].replace(
                    '\\', ''))
        names = {int(n): 'dmp' + label[0].upper() + label[1:] for n, label, _, _ in rows}
        return {names[int(n)]: {names[int(bit)] for bit in re.findall(r'<< (\d+)', mask)}
                for n, _, _, mask in rows}, {
                    names[int(n)] for n, _, raises, _ in rows if raises == 'true'}

    def links(self):
        """A clear shares a group with each of its raises, and with no other problem."""
        clears, raising = self.clears()
        groups = collections.defaultdict(set)
        key = ','.join(self.mib.dotted(n) + '.0' for n in ('dmpNotifySource', 'dmpNotifyKey'))
        for param, trap, name in self.traps():
            if not trap.get('mapAlarm'):
                continue
            self.equal(f'place of {name}', int(param.get('id')) // 10 - 1000,
                       self.mib.oids[name][-1])
            parts = trap.get('mapAlarm').split('|')
            self.true(f'{name}: {parts[0]}', parts[0] in ('TRUE', 'FALSE'))
            link = re.fullmatch(r'Link:-(\d+),(.*)', parts[3])
            self.equal(f'link of {name}', link and link[2], key)
            self.equal(f'text of {name}', parts[2],
                       f'Value:[{self.mib.dotted("dmpNotifyMessage")}.0]')
            self.equal(f'end of {name}', parts[4:], ['IgnoreSingleClear'])
            self.severity(name, parts[1])
            groups[link and link[1]].add(name)
        for name in raising:
            mine = [group for group in groups.values() if name in group]
            self.equal(f'groups of {name}', len(mine), 1)
            ends = {n for n, raised in clears.items() if name in raised and n not in raising}
            for group in mine:
                self.true(f'{name}: its group lacks an end', ends <= group)
                others = group & raising - {name}
                self.equal(f'{name}: in a group with another problem',
                           {o for o in others if name not in clears[o]}, set())
        for number, group in groups.items():
            self.equal(f'ends in group {number} of no problem in it',
                       {n for n in group - raising if not clears[n] & group}, set())

    def severity(self, name, text):
        binding, _, levels = text.removeprefix('Severity:').partition(':')
        self.equal(f'severity of {name}', binding, self.mib.dotted(
            'dmpNotifySeverity') + '.0')
        members = self.mib.module.conventions['DmpSeverity'].members
        self.equal(f'levels of {name}', dict(pair.split(',') for pair in levels.split(';')),
                   {word: str(members[label]) for word, label in SEVERITIES.items()})

    def sources(self):
        wanted = {trap.get('ipid') for _, trap, _ in self.traps()}
        self.true(f'addresses of notifications: {wanted}', wanted in ({None}, {'1'}))
        if wanted == {'1'}:
            self.reference('ipid', '1', self.params)

    def resynchronisation(self):
        """What changes on a notification, on a lost one and at a start polls problems."""
        actions = {a.get('id'): set(a.find(NAMESPACE + 'On').get('id').split(';'))
                   for a in all_of(self.root, 'Actions/Action')}
        polled = collections.defaultdict(set)
        for trigger in all_of(self.root, 'Triggers/Trigger'):
            on = trigger.find(NAMESPACE + 'On')
            name = on.get('id') and text_of(self.params[on.get('id')], 'Name')
            for action in all_of(trigger, 'Content/Id'):
                for group in actions[action.text]:
                    polled[name or on.text] |= {e.text for e in all_of(
                        next(g for g in all_of(self.root, 'Groups/Group')
                             if g.get('id') == group), 'Content/Param')}
        problems = {number for number, array in self.arrays.items()
                    if text_of(array, 'Name').startswith('dmpProblem')}
        for name in ('dmpNotifySequence', 'dmpLastEvent'):
            self.equal(f'polled when {name} changes', polled[name], problems)
        for name in ('dmpNotifyStartedTime', 'dmpEpoch', 'dmpNotifyLostLast', 'protocol'):
            self.equal(f'polled when {name} changes', polled[name], set(self.arrays))

    # --- the rules ---

    def rules(self):
        rows = list(csv.DictReader(io.StringIO(self.raw[FILES[1]]), delimiter=';'))
        clears, raising = self.clears()
        pairs = {(self.mib.by_oid.get(r['Alarm OID']), self.mib.by_oid.get(r['Clear OID']))
                 for r in rows if r['Type'] == 'Regular'}
        self.equal('rules', pairs, {(raised, name) for name, found in clears.items()
                                    if name not in raising for raised in found})
        carried = self.mib.module.notifications['dmpPortDown'][0]

        def bound(text, objects):
            return [objects[int(n) - 1] for n in re.findall(r'\$(\d+)', text)]
        for row in rows:
            if row['Type'] == 'Regular':
                self.equal(f'rule {row["Name"]}', [
                    bound(row[c], carried) for c in (
                        'Unique Entry', 'Alarm Format', 'Clear Format', 'Severity')], [
                            ['dmpNotifySource', 'dmpNotifyKey'], ['dmpNotifyMessage'],
                            ['dmpNotifyMessage'], ['dmpNotifySeverityText']])
        beats = [r for r in rows if r['Type'] == 'Heartbeat']
        self.equal('heartbeats', [self.mib.by_oid.get(r['Alarm OID']) for r in beats],
                   ['dmpHeartbeat'])
        for row in beats:
            self.equal('sender of heartbeats', bound(
                row['Unique Entry'], self.mib.module.notifications['dmpHeartbeat'][0]),
                ['dmpSiteName', 'dmpVantageName'])

    def run(self):
        for rule in (self.ascii_only, self.root_children, self.unique, self.references,
                     self.tables, self.objects, self.alarms, self.bindings, self.links,
                     self.sources, self.resynchronisation, self.rules):
            try:
                rule()
            except (AttributeError, IndexError, KeyError, StopIteration, TypeError,
                    ValueError) as error:
                self.errors.append(f'{rule.__name__}: {error!r}')
        return self.errors


# (file, pattern, replacement): changes that somebody could make by mistake.
XML, RULES = FILES
CHANGES = [
    (XML, r'</Params>', '</Param>'),
    (XML, r'<Provider>.*?</Provider>', ''),
    (XML, r'DMS-DRV-0', 'DMS-DRV-XXXX'),
    (XML, r'8813\.2\.0', '8072.2.0'),
    (XML, r'The network ports', 'The n\u00e9twork ports'),
    (XML, r'<Param id="2001"', '<Param id="2002"'),
    (XML, r'<Name>dmpPortLatency</Name>', '<Name>dmpPortLatencyP95</Name>'),
    (XML, r'1\.1\.5\.1\.11</OID>', '1.1.5.1.12</OID>'),
    (XML, r'1\.1\.2\.15\.0</OID>', '1.1.2.15</OID>'),
    (XML, r'1\.1\.5</OID>', '1.1.4</OID>'),
    (XML, r'(<Display>Exposed</Display>\s*<Value>)5', r'\g<1>6'),
    (XML, r'<Display>Wrong service</Display>', '<Display>Wrong answer</Display>'),
    (XML, r'<Discreet>\s*<Display>Shared endpoint.*?</Discreet>', ''),
    (XML, r'<Units>us</Units>', '<Units>ms</Units>'),
    (XML, r'<Exception id="1" value="2147483647">', '<Exception id="1" value="-1">'),
    (XML, r'<CH>3</CH>', '<CH>4</CH>'),
    (XML, r'pid="5011"', 'pid="5098"'),
    (XML, r'pid="5011"', 'pid="4005"'),
    (XML, r'idx="2" pid="5011"', 'idx="3" pid="5011"'),
    (XML, r'instance;multipleGetBulk:3', 'multipleGetBulk:3'),
    (XML, r'type="state" options=";delete"', 'type="state" options=""'),
    (XML, r'<NamingFormat>\|5002', '<NamingFormat>|4002'),
    (XML, r'(<Group id="1">.*?<Content.*?>)', r'\1<Param>2020</Param><Param>2019</Param>'),
    (XML, r'<Param>5400</Param>', '<Param>5440</Param>'),
    (XML, r'<Group>5400</Group>', ''),
    (XML, r'<Group>5400</Group>', '<Group>5401</Group>'),
    (XML, r'<Time initial="true">10000<', '<Time initial="true">1000<'),
    (XML, r'<On id="9001">', '<On id="9091">'),
    (XML, r'<On id="9001">', '<On id="9002">'),
    (XML, r'<Id>2</Id>', '<Id>3</Id>'),
    (XML, r'<On id="6000;6100">', '<On id="6000;6200">'),
    (XML, r'<On id="6000;6100">', '<On id="6000">'),
    (XML, r'1\.9\.1\.0,9001;', ''),
    (XML, r'1\.9\.5\.0,9005', '1.9.6.0,9005'),
    (XML, r'1\.9\.5\.0,9005', '1.9.5.0,9006'),
    (XML, r'1\.9\.5\.0,5011', '1.9.5.0,5012'),
    (XML, r'(1\.9\.5\.0,5011,[0-9.]*)1\.9\.15\.0', r'\g<1>1.9.14.0'),
    (XML, r'1\.9\.16\.0,9100', '1.9.16.0,9016'),
    (XML, r'Link:-4,', 'Link:-1,'),
    (XML, r'(Link:-1,[0-9.]*)1\.9\.2\.0', r'\g<1>1.9.10.0'),
    (XML, r'Normal,1;', 'Normal,2;'),
    (XML, r'\|IgnoreSingleClear', ''),
    (XML, r'7741\.1\.0\.20</TrapOID>', '7741.1.0.21</TrapOID>'),
    (RULES, r'1\.0\.2;', '1.0.3;'),
    (RULES, r'\$2 \$3 Port', '$3 $4 Port'),
    (RULES, r'\$6/\$7', '$5/$6'),
    (RULES, r'\nHeartbeat.*', ''),
]


def check(files, mib, vocab):
    try:
        return Check(files, mib, vocab).run()
    except ElementTree.ParseError as error:
        return [f'not well-formed: {error}']


def canary(files, mib, vocab):
    missed = check(files, mib, vocab)
    for name, pattern, replacement in CHANGES:
        changed, n = re.subn(pattern, replacement, files[name], count=1, flags=re.DOTALL)
        if n == 0 or not check({**files, name: changed}, mib, vocab):
            missed.append(f'not noticed: {pattern} -> {replacement}')
    number = r'multipleGetBulk:(\d+)'
    for match in re.finditer(number, files[XML]):
        if int(match[1]) == MOST_ROWS:
            continue
        more = f'multipleGetBulk:{int(match[1]) + 1}'
        changed = files[XML][:match.start()] + more + files[XML][match.end():]
        if not any('an answer may have' in e for e in check(
                {**files, XML: changed}, mib, vocab)):
            missed.append(f'one row more was not too much: {match.start()}')
    return missed


def read_files(folder):
    found = {}
    for name in FILES:
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            found[name] = file.read()
    return found


def drift(folder, mib_path, vocab):
    errors = []
    with open(mib_path, encoding='utf-8') as file:
        text = file.read()
    moved = re.sub(r'(dmpMIB MODULE-IDENTITY.*?::= \{)[^}]*\}',
                   r'\1 iso org(3) dod(6) 1 4 1 32473 1 dmpMIB(7) }', text,
                   count=1, flags=re.DOTALL)
    for options, module in (([], text), (['--sources', '192.0.2.*,198.51.100.7'], text),
                            (['--alarms', 'tables'], text), ([], moved)):
        with tempfile.TemporaryDirectory() as out:
            own = os.path.join(out, 'mib.txt')
            with open(own, 'w', encoding='ascii') as file:
                file.write(module)
            subprocess.run([sys.executable, os.path.join(folder, 'generate.py'), '--out',
                            out, *options, own], check=True)
            made = read_files(out)
        errors += [f'{options}: {e}' for e in check(made, Mib(module), vocab)]
        if not options and module is text and made != read_files(folder):
            errors.append('generate.py writes something else: run it')
        wanted = {'--sources': 'ipid="1"', '--alarms': 'mapAlarm="FALSE|'}
        for option, sign in wanted.items():
            if (sign in made[XML]) != (option in options):
                errors.append(f'{options}: {sign}')
        if module is moved and '8072.9999' in made[XML] + made[RULES]:
            errors.append('OIDs of another root remain')
    return errors


def main(arguments):
    run = {'--canary': canary, '--drift': drift}.get(arguments[0])
    folder, mib_path, vocab_path = arguments[-3:]
    with open(vocab_path, encoding='utf-8') as file:
        vocab = file.read()
    if run is drift:
        errors = drift(folder, mib_path, vocab)
    else:
        with open(mib_path, encoding='utf-8') as file:
            mib = Mib(file.read())
        errors = (run or check)(read_files(folder), mib, vocab)
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
