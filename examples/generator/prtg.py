# SPDX-License-Identifier: BSD-2-Clause
"""prtg/: value lookups for what is an enumeration, and a sheet of sensors."""
import csv
import io

from source import STATE_RANK, WRITTEN, oid

RANKS = ('Ok', 'Warning', 'Error', 'None')
# dmpStatus is a number of the plugin contract and no enumeration of the MIB.
STATUS = {'all is well': 0, 'warning': 1, 'critical': 2, 'unknown': 3}
ENGINE = {'running': 0, 'stalled': 2, 'stopped': 2}
SEVERITY = {'cleared': 0, 'indeterminate': 1, 'critical': 2, 'major': 2, 'minor': 1,
            'warning': 1}
HEADER = ['sensor', 'channel', 'OID', 'value type', 'unit', 'lookup']


def lookup(name, members, ranks):
    lines = ''.join(f'    <SingleInt state="{RANKS[ranks[label]]}" value="{number}">{label}'
                    '</SingleInt>\n' for label, number in members.items())
    best = next(number for label, number in members.items() if ranks[label] == 0)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<!-- {WRITTEN} -->\n'
            f'<ValueLookup id="dmports.{name}" desiredValue="{best}" undefinedState="Warning"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            ' xsi:noNamespaceSchemaLocation="PaeValueLookup.xsd">\n'
            f'  <Lookups>\n{lines}  </Lookups>\n</ValueLookup>\n')


def lookups(mib):
    def members(name):
        return mib.columns[name].syntax.members
    reasons = members('dmpPortReason')
    return {'status': (STATUS, dict(zip(STATUS, (0, 1, 2, 1)))),
            'engine': (members('dmpEngineState'), ENGINE),
            'state': (members('dmpPortState'), STATE_RANK),
            'severity': (members('dmpPortSeverity'), SEVERITY),
            # A reason alone says nothing about good or bad.
            'reason': (reasons, dict.fromkeys(reasons, 0))}


# (sensor, channel, object, lookup): tables are read with "SNMP Custom Table".
CHANNELS = [
    ('SNMP Custom Advanced', None, 'dmpStatus', 'status'),
    ('SNMP Custom Advanced', None, 'dmpEngineState', 'engine'),
    ('SNMP Custom Advanced', None, 'dmpRequiredPortsDown', ''),
    ('SNMP Custom Advanced', None, 'dmpDegradedPorts', ''),
    ('SNMP Custom Advanced', None, 'dmpExposedPorts', ''),
    ('SNMP Custom Table', 'dmpPortTable', 'dmpPortKey', ''),
    ('SNMP Custom Table', 'dmpPortTable', 'dmpPortState', 'state'),
    ('SNMP Custom Table', 'dmpPortTable', 'dmpPortReason', 'reason'),
    ('SNMP Custom Table', 'dmpPortTable', 'dmpPortLatency', ''),
    ('SNMP Custom Table', 'dmpPortTable', 'dmpPortTlsDaysLeft', ''),
    ('SNMP Custom Table', 'dmpHostTable', 'dmpHostName', ''),
    ('SNMP Custom Table', 'dmpHostTable', 'dmpHostState', 'state'),
    ('SNMP Custom Table', 'dmpHostTable', 'dmpHostRequiredDown', ''),
    ('SNMP Custom Table', 'dmpProblemTable', 'dmpProblemMessage', ''),
    ('SNMP Custom Table', 'dmpProblemTable', 'dmpProblemSeverity', 'severity')]


def sheet(mib):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    writer.writerow(HEADER)
    for sensor, table, name, known in CHANNELS:
        column = mib.columns[name]
        where = f'{sensor}, table {oid(mib, table)[1:]}' if table else sensor
        kind = ('Text' if column.is_text else
                'Delta (counter)' if column.syntax.base == 'Counter32' else 'Absolute')
        writer.writerow([where, name, oid(mib, name, None if table else 0)[1:], kind,
                         column.units, f'dmports.{known}' if known else ''])
    return out.getvalue()


def files(mib):
    found = {f'prtg/dmports.{name}.ovl': lookup(name, *parts)
             for name, parts in lookups(mib).items()}
    found['prtg/sensors.csv'] = sheet(mib)
    return found
