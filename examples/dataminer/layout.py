# SPDX-License-Identifier: BSD-2-Clause
"""How the connector reads DATAMINER-PORTS-MIB: what, in which pieces, how often, and how
many rows in a request.

Parameter ids never change, because they come from numbers of the MIB, which never change:

    1                      addresses that may notify (only with --sources)
    1000 * B + N           scalar N of branch B of dmpObjects (1 and 2)
    1000 * T + C           column C of table T of dmpObjects (3 to 8); C is 2 to 89
    1000 * T + 100 * P     piece P of table T; + 1 its row number, + 99 its row state,
                           + C a second copy of column C, the label of the row
    9000 + K               varbind K, as the last notification carried it
    9100 to 9199           parameters of the connector itself
    10000 + 10 * N + F     notification N; F counts the families of problems it ends
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(
    os.path.dirname(os.path.abspath(__file__)), '..', '..', 'tests', 'style'))
from mib_module import Module, braces, tokens  # noqa: E402

# (title, timer, columns): piece 0 first.  Pieces are only appended and columns only move
# between pieces, so that no id changes.
PIECES = {
    'dmpRequirementTable': [
        ('Requirements', 'minute', [2, 3, 4, 5, 6, 9, 10, 15, 16]),
        ('Requirement Roles and Versions', 'hour', [7, 8, 12, 13, 14]),
        ('Requirement Reasons', 'hour', [11]),
        ('Requirement References', 'hour', [17])],
    'dmpHostTable': [
        ('Hosts', 'fast', [2, 5, 6, 7, 8, 9]),
        ('Host Facts', 'minute', [3, 4, 10, 12, 13, 14]),
        ('Host Details', 'minute', [11])],
    'dmpPortTable': [
        ('Ports', 'fast', [2, 11, 12, 13, 17]),
        ('Port Facts', 'minute', [3, 4, 5, 6, 7, 8, 9, 10]),
        ('Port Measurements', 'minute', [18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28]),
        ('Port Administration', 'minute', [14, 31, 32, 33, 35]),
        ('Port Details', 'minute', [15]),
        ('Port Identities', 'hour', [16]),
        ('Port Certificates', 'hour', [29, 30]),
        ('Port Reasons', 'hour', [36])],
    'dmpProblemTable': [
        ('Problems', 'fast', [2, 3, 4, 5, 7, 9, 10, 11, 12]),
        ('Problem Messages', 'minute', [6, 8])],
    'dmpEventTable': [
        ('Events', 'hour', [4, 6, 7, 8, 9, 17, 21]),
        ('Event Messages', 'hour', [3, 5]),
        ('Event Facts', 'hour', [10, 11, 12, 13, 14, 15, 16, 22, 23])],
    'dmpReceiverTable': [
        ('Receivers', 'minute', [2, 4, 5, 6, 7, 8, 14]),
        ('Receiver Counters', 'minute', [3, 9, 10, 11, 12, 13])],
}
TIMERS = {'fast': 10000, 'minute': 60000, 'hour': 3600000}

# The column that tells people which row it is.
LABELS = {'dmpRequirementTable': 2, 'dmpHostTable': 2, 'dmpPortTable': 2,
          'dmpProblemTable': 2, 'dmpEventTable': 4, 'dmpReceiverTable': 2}
# Tables in which several rows may have the same label.
AMBIGUOUS = ('dmpProblemTable', 'dmpEventTable')

# Accessible, and not read: commands, which always read idle, and what the row tells twice.
NOT_READ = {'dmpReload', 'dmpResendProblems', 'dmpPortProbeNow', 'dmpEventSequence',
            'dmpEventStateText', 'dmpEventSeverityText', 'dmpEventReasonText'}

# Scalars in groups of at most ten.  The first of the first group is what DataMiner asks
# while the element is in slow poll.
SCALAR_GROUPS = [
    ('fast', ['dmpStatus', 'dmpEpoch', 'dmpEngineState', 'dmpBoardAge', 'dmpLastEvent',
              'dmpOldestEvent', 'dmpWorstSeverityRank', 'dmpSinceChange',
              'dmpConfigStatus']),
    ('fast', ['dmpPorts', 'dmpRequiredPorts', 'dmpRequiredPortsUp', 'dmpRequiredPortsDown',
              'dmpDegradedPorts', 'dmpExposedPorts', 'dmpUnknownPorts',
              'dmpUnverifiedPorts', 'dmpMaintenancePorts']),
    ('minute', ['dmpHosts', 'dmpDownHosts', 'dmpChecks', 'dmpInconclusiveChecks',
                'dmpConfigTime', 'dmpStartTime']),
    ('minute', ['dmpConfigMessage']),
    ('hour', ['dmpSoftwareVersion', 'dmpSiteName', 'dmpDataMinerVersion',
              'dmpVantageName', 'dmpCatalogueRevision']),
]

# An answer must fit in one Ethernet frame: 1500 bytes less 20 of IPv4 and 8 of UDP.
DATAGRAM = 1472
# What surrounds the varbinds, at its largest, which is SNMPv3 with SHA-512 and AES:
#     4 message, 3 version
#     20 header data: sequence 2, msgID 6, size 6, flags 3, model 3
#     146 security: lengths 3 + 3, engine 34, boots 6, time 6, user 34, digest 50, salt 10
#     44 scoped PDU: lengths 4 + 4, context engine 34, context name 2
#     20 PDU 4, request 6, error status 3, error index 3, list 4
# SNMPv2c needs 29 and the community: it is smaller for communities up to 208 characters.
ENVELOPE = 4 + 3 + 20 + 146 + 44 + 20
MOST_ROWS = 10  # DataMiner's own default

# The only table that is empty in normal operation: there is always a catalogue, a site,
# a receiver, and the event that the engine has started.
MAY_BE_EMPTY = ('dmpProblemTable',)


def ber(length):
    """A value of this length with its tag and length."""
    return length + (2 if length < 128 else 3 if length < 256 else 4)


class Column:
    """A scalar or column: everything that the connector says about it."""

    def __init__(self, mib, name):
        self.name = name
        self.syntax, self.access, self.parent, self.number = mib.module.objects[name]
        self.convention = self.syntax.base
        if self.syntax.base in mib.module.conventions:
            self.syntax = mib.module.conventions[self.syntax.base]
        body = mib.module.text.split(f'\n{name} OBJECT-TYPE', 1)[1].split('::=', 1)[0]
        units = re.search(r'^ +UNITS +"([^"]*)"', body, re.MULTILINE)
        self.units = units[1] if units else ''
        self.description = ' '.join(body.split('"')[-2].split())
        self.is_text = self.syntax.base == 'DisplayString'
        self.is_enum = bool(self.syntax.members)

    def value_bytes(self):
        if self.is_text:
            return ber(self.syntax.size)
        if self.is_enum or self.convention == 'DmpSeverityRank':
            return ber(1)
        return ber(4 if self.syntax.base == 'Integer32' else 5)

    def exceptions(self):
        """The numbers that mean "none", as the description says."""
        if self.is_text or self.is_enum:
            return []
        found = [2147483647] if '2147483647' in self.description else []
        if re.search(r'\b0 (when|before|while)\b', self.description):
            found.append(0)
        return found


class Mib:
    """The module, with numeric OIDs."""

    def __init__(self, text):
        self.module = Module(text)
        words = tokens(text)
        words = words[words.index(';'):]
        value = braces(words, words.index('::=') + 1)
        start = {'iso': '1', 'enterprises': '1.3.6.1.4.1'}[value[0]]
        self.root = '.'.join([start] + [w for w in value[1:] if w.isdigit()])
        self.columns = {name: Column(self, name) for name, found
                        in self.module.objects.items() if found[1] != 'not-accessible'}

    def oid(self, name):
        """The OID of a node, object or notification."""
        if name == 'dmpMIB':
            return self.root
        for known in (self.module.nodes, self.module.objects, self.module.notifications):
            if name in known:
                parent, number = known[name][-2:]
                return f'{self.oid(parent)}.{number}'
        raise KeyError(name)

    def table_columns(self, table):
        """{number: Column} of a table."""
        return {c.number: c for c in self.columns.values()
                if c.parent == table[:-5] + 'Entry'}

    def varbinds(self):
        """Columns of what notifications of events carry, in order."""
        return [self.columns[name] for name in self.module.notifications['dmpPortDown'][0]]

    def cell_bytes(self, column):
        """The largest varbind of a column or scalar."""
        numbers = [int(n) for n in self.oid(column.name).split('.')]
        oid = 1 + sum(1 if n < 128 else 2 if n < 16384 else 3 if n < 2097152 else
                      4 if n < 268435456 else 5 for n in numbers[2:])
        index = 5 if column.parent.endswith('Entry') else 1
        return ber(ber(oid + index) + column.value_bytes())


class Piece:
    """One table of the connector: some columns of a table of the MIB."""

    def __init__(self, mib, table, number):
        self.mib = mib
        self.table = table
        self.number = number
        self.title, self.timer, wanted = PIECES[table][number]
        all_columns = mib.table_columns(table)
        self.columns = [all_columns[n] for n in wanted]
        self.label = all_columns[LABELS[table]]
        self.branch = 1000 * mib.module.objects[table][3]
        self.pid = self.branch + 100 * number
        if number > 0:
            self.columns.insert(0, self.label)
        self.rows = max(n for n in range(1, MOST_ROWS + 1) if n == 1 or self.fits(n))

    def column_pid(self, column):
        base = self.pid if column is self.label else self.branch
        return base + column.number

    def fits(self, rows):
        return self.worst(rows) <= DATAGRAM

    def worst(self, rows):
        """The largest answer to a request for so many rows.

        GETBULK does not stop at the end of a column: what is left of the repetitions is
        filled from the column after it, which may be a wide one.  So every number of rows
        that a table may have, and every place in it, is tried."""
        sizes = [self.mib.cell_bytes(c) for c in self.mib.table_columns(
            self.table).values()]
        places = list(self.mib.table_columns(self.table))
        first = 0 if self.table in MAY_BE_EMPTY else 1
        worst = 0
        for present in range(first, rows + 1):
            for before in range(present or 1):
                worst = max(worst, sum(
                    self.run(sizes, places.index(c.number), present, before, rows)
                    for c in self.columns))
        return ENVELOPE + worst

    def run(self, sizes, place, present, before, rows):
        """The bytes of one column's repetitions."""
        cells = [size for size in sizes[place:] for _ in range(present)][before:]
        return sum(cells[:rows]) + self.beyond(rows - len(cells[:rows]))

    def beyond(self, left):
        """At most so many bytes follow the table's last column."""
        following = [name for name in PIECES
                     if self.mib.oid(name) == self.mib.oid('dmpObjects') + '.' +
                     str(self.branch // 1000 + 1)]
        if left == 0 or not following:
            return 0
        sizes = [self.mib.cell_bytes(c) for c in self.mib.table_columns(
            following[0]).values()]
        return max(sum([size for size in sizes for _ in range(present)][:left])
                   for present in range(1, left + 1))


def pieces(mib):
    return [Piece(mib, table, number)
            for table, listed in PIECES.items() for number in range(len(listed))]


def families(mib):
    """[(raising notifications, clearing ones)], each sorted by number.

    The texts say what clears what.  Notifications that replace or clear each other are
    one family; one that clears several families is in each of them, and joins none."""
    numbers = {name: found[2] for name, found in mib.module.notifications.items()}
    clears = {}
    for name in numbers:
        body = mib.module.text.split(f'\n{name} NOTIFICATION-TYPE', 1)[1]
        sentence = re.search(r'Clears\s([^.]*)\.', body.split('::=', 1)[0])
        clears[name] = re.findall(r'dmp\w+', sentence[1]) if sentence else []
    raised = sorted({r for listed in clears.values() for r in listed}, key=numbers.get)
    found = []
    for name in raised:
        if any(name in raises for raises, _ in found):
            continue
        raises = [r for r in raised if r == name or (
            (r in clears[name] or name in clears[r]))]
        ends = [n for n in numbers if n not in raised and set(clears[n]) & set(raises)]
        found.append((raises, sorted(ends, key=numbers.get)))
    return found
