#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The MIB's text is what the code serves, and keeps the rules that no lint checks.

usage: mib_check.py MIB DUMP            compare; DUMP is the program dump_vocabulary
       mib_check.py --canary MIB DUMP   change the text in many ways: each must be noticed
"""
import json
import re
import subprocess
import sys

from mib_module import Module

LONGEST_DESCRIPTOR = 32
TYPES = {'INTEGER': 'INTEGER', 'Integer32': 'INTEGER', 'DisplayString': 'OCTETS',
         'Counter32': 'COUNTER', 'Gauge32': 'UNSIGNED', 'Unsigned32': 'UNSIGNED'}
NO_EVENT = {
    'dmpEventsLost': (18, [
        'dmpNotifySource', 'dmpNotifyMessage', 'dmpNotifyLostFirst',
        'dmpNotifyLostLast', 'dmpNotifyReceiverName']),
    'dmpHeartbeat': (19, [
        'dmpLastEvent', 'dmpEpoch', 'dmpStatus', 'dmpRequiredPortsDown',
        'dmpEngineState', 'dmpSiteName', 'dmpVantageName'])}
ONLY_LOST = {'dmpNotifyLostFirst': 20, 'dmpNotifyLostLast': 21,
             'dmpNotifyReceiverName': 22}


class Check:
    def __init__(self, text, dump):
        self.errors = []
        self.mib = Module(text)
        self.dump = dump

    def equal(self, what, mib, code):
        if mib != code:
            self.errors.append(f'{what}: the MIB has {mib}, the code has {code}')

    def true(self, what, condition):
        if not condition:
            self.errors.append(what)

    def type_of(self, syntax):
        if syntax.base in self.mib.conventions:
            syntax = self.mib.conventions[syntax.base]
        return TYPES.get(syntax.base, syntax.base)

    def enumerations(self):
        code = {}
        for name, label, number in self.dump['members']:
            code.setdefault(name, {})[label] = number
        for name, numbers in code.items():
            syntax = self.mib.conventions.get(name) or self.mib.objects[name][0]
            self.equal(name, syntax.members, numbers)
        for name, syntax in self.mib.conventions.items():
            self.true(f'{name}: the code does not know it',
                      not syntax.members or name in code)

    def columns(self):
        mib = []
        for name, (syntax, access, parent, number) in self.mib.objects.items():
            if access not in ('read-only', 'read-write'):
                continue
            table = parent.endswith('Entry')
            group = parent[:-5] + 'Table' if table else parent
            place = self.mib.objects[group][2:] if table else self.mib.nodes[group]
            self.equal(f'parent of {group}', place[0], 'dmpObjects')
            mib.append([group, place[1], table, name, number, self.type_of(syntax)])
        mib.sort(key=lambda c: (c[1], c[4]))
        for ours, theirs in zip(mib, self.dump['columns']):
            self.equal(f'column {ours[3]}', ours, theirs)
        self.equal('number of columns', len(mib), len(self.dump['columns']))

    def rows(self):
        for name, (syntax, _, parent, number) in self.mib.objects.items():
            if syntax.base != 'SEQUENCE':
                continue
            index = self.mib.objects.get(name[:-5] + 'Index')
            self.true(f'{name}: no index', index is not None)
            self.equal(f'index of {name}', index[1:],
                       ('not-accessible', name[:-5] + 'Entry', 1))
            self.equal(f'entry of {name}', self.mib.objects[name[:-5] + 'Entry'][1:],
                       ('not-accessible', name, 1))

    def sizes(self):
        for name, size in self.dump['sizes'].items():
            self.equal(f'size of {name}', self.mib.objects[name][0].size, size)

    def varbinds(self):
        """Varbind k is column k + 1 of the event table in all but access."""
        events = {number: name
                  for name, (_, access, parent, number) in self.mib.objects.items()
                  if parent == 'dmpEventEntry'}
        found = {number: (name, syntax)
                 for name, (syntax, access, parent, number) in self.mib.objects.items()
                 if parent == 'dmpNotify' and name not in ONLY_LOST}
        self.equal('notify objects', sorted(found),
                   list(range(1, self.dump['varbinds'] + 1)))
        for k, (name, syntax) in found.items():
            self.equal(f'name of varbind {k}', name.replace('Notify', 'Event'),
                       events.get(k + 1))
            self.true(f'{name}: another syntax than {events.get(k + 1)}',
                      syntax == self.mib.objects[events[k + 1]][0])
            self.equal(f'access of {name}', self.mib.objects[name][1],
                       'accessible-for-notify')
        for name, number in ONLY_LOST.items():
            self.equal(name, self.mib.objects[name][2:], ('dmpNotify', number))
        return [found[k][0] for k in sorted(found)]

    def notifications(self):
        carried = self.varbinds()
        code = {'dmp' + label[0].upper() + label[1:]: (number, carried)
                for name, label, number in self.dump['members']
                if name == 'DmpEventKind'}
        code.update(NO_EVENT)
        for name, (objects, parent, number) in self.mib.notifications.items():
            self.equal(f'parent of {name}', parent, 'dmpNotifications')
            self.equal(name, (number, objects), code.get(name))
        self.equal('notifications', sorted(self.mib.notifications), sorted(code))

    def conformance(self):
        grouped = [name for group in self.mib.groups.values() for name in group]
        for name, (_, access, _, _) in self.mib.objects.items():
            self.equal(f'groups with {name}', grouped.count(name),
                       0 if access == 'not-accessible' else 1)
        for name in self.mib.notifications:
            self.equal(f'groups with {name}', grouped.count(name), 1)

    def text(self):
        for name in self.mib.order:
            self.true(f'{name}: longer than {LONGEST_DESCRIPTOR} characters',
                      len(name) <= LONGEST_DESCRIPTOR)
            self.true(f'{name}: does not begin with dmp', name.lower()[:3] == 'dmp')
        self.true('the text is not plain ASCII without tabs',
                  re.fullmatch(r'[\n\x20-\x7e]*', self.mib.text))
        for name in self.mib.notifications:
            body = self.mib.text.split(f'\n{name} NOTIFICATION-TYPE', 1)[1]
            body = body.split('::=', 1)[0].split('"\n    --#', 1)[-1]
            for key in ('TYPE "', 'SUMMARY "', 'ARGUMENTS {', 'SEVERITY '):
                self.true(f'{name}: no --#{key}', key in body)

    def run(self):
        for rule in (self.enumerations, self.columns, self.rows, self.sizes,
                     self.notifications, self.conformance, self.text):
            try:
                rule()
            except (KeyError, ValueError, IndexError) as error:
                self.errors.append(f'{rule.__name__}: {error!r}')
        return self.errors


# (pattern, replacement): changes that somebody could make by mistake.
CHANGES = [
    (r'degraded\(3\),', 'degraded(9),'),
    (r'degraded\(3\),', 'impaired(3),'),
    (r',\n +sharedEndpoint\(50\)', ''),
    (r'endpoint\(6\) \}', 'endpoint(6), link(7) }'),
    (r'stalled\(2\)', 'hung(2)'),
    (r'::= \{ dmpPortEntry 20 \}', '::= { dmpPortEntry 40 }'),
    (r'dmpHostDetail', 'dmpHostRemark'),
    (r'(dmpPortChecks OBJECT-TYPE\s+SYNTAX +)Counter32', r'\1Gauge32'),
    (r'(dmpHostName OBJECT-TYPE\s+SYNTAX +\S+ \(SIZE \(0\.\.)63', r'\g<1>64'),
    (r'(dmpNotifyMessage OBJECT-TYPE\s+SYNTAX +\S+ \(SIZE \(0\.\.)255', r'\g<1>127'),
    (r'::= \{ dmpNotify 5 \}', '::= { dmpNotify 25 }'),
    (r'::= \{ dmpNotifications 20 \}', '::= { dmpNotifications 21 }'),
    (r'(dmpHostUp NOTIFICATION-TYPE.*?)dmpNotifyState,\n +dmpNotifyPreviousState,',
     r'\1dmpNotifyPreviousState, dmpNotifyState,'),
    (r'(dmpHeartbeat NOTIFICATION-TYPE\s+OBJECTS \{\s+dmpLastEvent,)\s+dmpEpoch,', r'\1'),
    (r'(dmpPortGroup OBJECT-GROUP\s+OBJECTS \{\s+)dmpPortKey,', r'\1'),
    (r'::= \{ dmpObjects 8 \}', '::= { dmpObjects 10 }'),
    (r'dmpCatalogueRevision', 'dmpCatalogueRevisionOfTheRequirements'),
    (r'(::= \{ dmpHostEntry )1 \}', r'\g<1>15 }'),
    (r'    --#SEVERITY MINOR\n(    ::= \{ dmpNotifications 3)', r'\1'),
    (r'The name of the host\.', 'The name of the h\u00f6st.'),
]


def check(text, dump):
    try:
        return Check(text, dump).run()
    except (KeyError, ValueError, IndexError) as error:
        return [f'the module cannot be read: {error!r}']


def canary(text, dump):
    missed = check(text, dump)
    for pattern, replacement in CHANGES:
        changed, n = re.subn(pattern, replacement, text, flags=re.DOTALL)
        if n == 0 or not check(changed, dump):
            missed.append(f'not noticed: {pattern}')
    return missed


def main(arguments):
    run = canary if arguments[0] == '--canary' else check
    mib, program = arguments[-2:]
    with open(mib, encoding='utf-8') as file:
        text = file.read()
    output = subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout
    errors = run(text, json.loads(output))
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
