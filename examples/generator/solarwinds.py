# SPDX-License-Identifier: BSD-2-Clause
"""solarwinds/: every number of the MIB with its words, for managers that cannot load it."""
import csv
import io

from source import about, oid, reasons

HEADER = ['name', 'OID', 'kind', 'type', 'units', 'values', 'description']
REASON_HEADER = ['number', 'reason', 'sentence', 'who can mend it']


def kind(column):
    if column.access == 'accessible-for-notify':
        return 'in notifications'
    return 'column' if column.parent.endswith('Entry') else 'scalar'


def write(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def objects(mib):
    for column in mib.columns.values():
        values = ' '.join(f'{label}({number})'
                          for label, number in column.syntax.members.items())
        name = kind(column)
        yield [column.name, oid(mib, column.name, None if name == 'column' else 0)[1:],
               name, column.syntax.base, column.units, values, column.description]
    for name, (carried, _, _) in mib.module.notifications.items():
        yield [name, oid(mib, name)[1:], 'notification', '', '', ' '.join(carried),
               about(mib, name)]


def files(mib):
    return {'solarwinds/oids.csv': write(HEADER, objects(mib)),
            'solarwinds/reasons.csv': write(REASON_HEADER, reasons())}
