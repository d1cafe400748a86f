# SPDX-License-Identifier: BSD-2-Clause
"""librenms/: an OS for hosts with dmports, its sensors, and a handler of notifications."""
from source import MODULE, STATE_RANK, WRITTEN, oid
from yaml_text import document

ICON = 'linux'
GROUP = 'DataMiner ports'
# 0 ok, 1 warning, 2 critical, 3 unknown: dmpStatus counts the same.
STATUS = ['ok', 'warning', 'critical', 'unknown']
ENGINE = {'running': 0, 'stalled': 3, 'stopped': 3}
# What has no value is left out at discovery: 2147483647 for a certificate or availability.
DAYS_URGENT, DAYS_SOON = 7, 30
ALWAYS = 100000
RECEIVER = {'ok': 0, 'waiting': 0, 'failing': 1, 'unreachable': 2, 'disabled': 3}
HANDLER = '''<?php

// SPDX-License-Identifier: BSD-2-Clause
// {written}

namespace LibreNMS\\Snmptrap\\Handlers;

use App\\Models\\Device;
use LibreNMS\\Enum\\Severity;
use LibreNMS\\Interfaces\\SnmptrapHandler;
use LibreNMS\\Snmptrap\\Trap;

class Dmports implements SnmptrapHandler
{{
    private const SEVERITIES = [
        'critical' => Severity::Error,
        'major' => Severity::Error,
        'minor' => Severity::Warning,
        'warning' => Severity::Warning,
        'cleared' => Severity::Ok,
    ];

    public function handle(Device $device, Trap $trap)
    {{
        $severity = $this->text($trap, 'dmpNotifySeverityText.0');
        $key = $this->text($trap, 'dmpNotifyKey.0');
        $message = $this->text($trap, 'dmpNotifyMessage.0');
        if ($message === '') {{
            return; // a heartbeat
        }}
        $trap->log(trim("$key: $message", ': '), self::SEVERITIES[$severity] ?? Severity::Info);
    }}

    private function text(Trap $trap, string $name): string
    {{
        $oid = $trap->findOid('{module}::' . $name);

        return $oid ? (string) $trap->getOidData($oid) : '';
    }}
}}
'''
REGISTRATION = '''<?php

// SPDX-License-Identifier: BSD-2-Clause
// {written}
// Merge these lines into 'trap_handlers' of config/snmptraps.php.

return [
    'trap_handlers' => [
{lines}
    ],
];
'''


def states(members, ranks):
    return [{'value': number, 'generic': ranks[label], 'graph': ranks[label], 'descr': label}
            for label, number in members.items()]


def row_state(mib, table, column, label, ranks):
    name = table[:-5] + column
    return {'oid': f'{MODULE}::{table}', 'value': f'{MODULE}::{name}',
            'num_oid': oid(mib, name) + '.{{ $index }}', 'index': name + '.{{ $index }}',
            'descr': f'{MODULE}::{table[:-5]}{label}', 'group': GROUP, 'state_name': name,
            'states': states(mib.columns[name].syntax.members, ranks)}


def scalar_state(mib, name, descr, members, ranks):
    return {'oid': f'{MODULE}::{name}', 'value': f'{MODULE}::{name}',
            'num_oid': oid(mib, name) + '.{{ $index }}', 'index': name, 'descr': descr,
            'group': GROUP, 'state_name': name, 'states': states(members, ranks)}


def row_number(mib, name, **more):
    """A number of each port."""
    return {'oid': f'{MODULE}::dmpPortTable', 'value': f'{MODULE}::{name}',
            'num_oid': oid(mib, name) + '.{{ $index }}', 'index': name + '.{{ $index }}',
            'descr': f'{MODULE}::dmpPortKey', 'group': GROUP, **more}


def scalar_number(mib, name, descr):
    return {'oid': f'{MODULE}::{name}', 'value': f'{MODULE}::{name}',
            'num_oid': oid(mib, name) + '.{{ $index }}', 'index': name, 'descr': descr,
            'group': GROUP}


def discovery(mib):
    status = {word: number for number, word in enumerate(STATUS)}
    return {'mib': MODULE, 'modules': {
        'os': {'version': f'{MODULE}::dmpSoftwareVersion.0',
               'features': f'{MODULE}::dmpSiteName.0'},
        'sensors': {
            'state': {'data': [
                scalar_state(mib, 'dmpStatus', 'All ports', status, status),
                scalar_state(mib, 'dmpEngineState', 'Engine of dmports',
                             mib.columns['dmpEngineState'].syntax.members, ENGINE),
                row_state(mib, 'dmpHostTable', 'State', 'Name', STATE_RANK),
                row_state(mib, 'dmpPortTable', 'State', 'Key', STATE_RANK),
                row_state(mib, 'dmpReceiverTable', 'State', 'Name', RECEIVER)]},
            'count': {'data': [
                scalar_number(mib, 'dmpRequiredPortsDown', 'Required ports down'),
                scalar_number(mib, 'dmpDegradedPorts', 'Degraded ports'),
                scalar_number(mib, 'dmpExposedPorts', 'Exposed ports'),
                scalar_number(mib, 'dmpDownHosts', 'Hosts down'),
                row_number(mib, 'dmpPortTlsDaysLeft', low_limit=DAYS_URGENT,
                           low_warn_limit=DAYS_SOON, skip_value_gt=ALWAYS)]},
            'percent': {'data': [
                row_number(mib, 'dmpPortAvailabilityDay', divisor=1000,
                           skip_value_gt=ALWAYS)]},
            'delay': {'data': [
                row_number(mib, 'dmpPortLatency', divisor=1000000, skip_values=0)]}}}}


def detection(mib):
    """Hosts with Net-SNMP on Linux whose agent has our first number."""
    return {'os': 'dmports', 'text': 'DataMiner ports (dmports)', 'type': 'server',
            'group': 'unix', 'icon': ICON, 'mib_dir': 'dmports',
            'over': [{'graph': 'device_processor', 'text': 'Processor Usage'},
                     {'graph': 'device_mempool', 'text': 'Memory Usage'}],
            'discovery': [{'sysObjectID': ['.1.3.6.1.4.1.8072.3.2.10'],
                           'snmpget': {'oid': oid(mib, 'dmpStatus', 0), 'op': '>=',
                                       'value': 0}}]}


def files(mib):
    lines = '\n'.join(
        f"        '{MODULE}::{name}' => \\LibreNMS\\Snmptrap\\Handlers\\Dmports::class,"
        for name in mib.module.notifications)
    return {
        'librenms/os_detection/dmports.yaml': document(detection(mib), [WRITTEN]),
        'librenms/os_discovery/dmports.yaml': document(discovery(mib), [WRITTEN]),
        'librenms/Dmports.php': HANDLER.format(written=WRITTEN, module=MODULE),
        'librenms/snmptraps.php': REGISTRATION.format(written=WRITTEN, lines=lines)}
