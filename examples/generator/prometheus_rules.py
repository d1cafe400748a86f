# SPDX-License-Identifier: BSD-2-Clause
"""The alerts of Prometheus.  <DmpState.down> stands for the number in the MIB.

severity: critical wakes somebody up, warning is for office hours.  A problem that dmports
itself keeps back (its host is down, maintenance, flapping, vantage cut off, announced by
another port of the same endpoint) has dmpPortSuppressedBy other than none, and no alert.
"""
from collections import namedtuple

Alert = namedtuple('Alert', 'name expr wait severity summary description')

ROW = 'on(job, instance, dmpPortIndex)'
ANNOUNCED = (f'and {ROW} (dmpPortSuppressedBy{{job="dmports"}} == '
             '<dmpPortSuppressedBy.none>)')
REQUIRED = f'and {ROW} dmpPortLevel_info{{job="dmports",dmpPortLevel="required"}}'

# What dmports says about the key of the alert: what, since when, why, who can mend it.
MESSAGE = (
    '{{ with printf "dmpProblemSeverityRank{instance=\'%s\',dmpProblemKey=\'%s\'}" '
    '$labels.instance $labels.KEY | query }}'
    '{{ (. | first).Labels.dmpProblemMessage }}{{ else }}'
    'dmports has not announced it yet.{{ end }}')
PORT_MESSAGE = MESSAGE.replace('KEY', 'dmpPortKey')
HOST_MESSAGE = MESSAGE.replace('KEY', 'dmpHostName')

ALERTS = [
    # An SNMP agent without its subagent answers, with nothing: up is 1, and no error.
    Alert('DmportsGone',
          'up{job="dmports"} == 1\n'
          'unless on(job, instance) dmpStatus{job="dmports"}', '3m', 'critical',
          'dmports does not answer on {{ $labels.instance }}',
          'snmpd answers, but nothing of DATAMINER-PORTS-MIB: dmportsd is not running, '
          'not connected by AgentX, or hidden by a view of snmpd.'),
    Alert('DmportsAbsent', 'absent(dmpStatus{job="dmports"})', '5m', 'critical',
          'No dmports at all is scraped',
          'The job dmports has no target, or none of them has a value.'),
    Alert('DmportsUnreachable', 'up{job="dmports"} == 0', '3m', 'critical',
          'The SNMP agent on {{ $labels.instance }} does not answer',
          'snmpd is down, the community is wrong, UDP port 161 is filtered, or '
          'snmp_exporter is not running.'),
    Alert('DmportsStatusCritical', 'dmpStatus{job="dmports"} == 2', '1m', 'critical',
          'The DataMiner System seen from {{ $labels.instance }} is critical',
          'A required port or a host is down, or the vantage is cut off: see '
          'dmpProblemSeverityRank.'),
    Alert('DmportsStatusWarning', 'dmpStatus{job="dmports"} == 1', '15m', 'warning',
          'The DataMiner System seen from {{ $labels.instance }} has a warning',
          'Something is wrong that is not critical: see dmpProblemSeverityRank.'),
    Alert('DmportsStatusUnknown', 'dmpStatus{job="dmports"} == 3', '3m', 'critical',
          'dmports on {{ $labels.instance }} does not know',
          'The engine is not running; what the tables show is old.'),
    Alert('DmportsEngineNotRunning',
          'dmpEngineState{job="dmports"} != <dmpEngineState.running>', '2m', 'critical',
          'Nothing is checked from {{ $labels.instance }}',
          'The process that checks has stalled or stopped; until it runs again, nothing '
          'here is news.'),
    Alert('DmportsBoardOld', 'dmpBoardAge{job="dmports"} > 60000', '2m', 'warning',
          'Values of {{ $labels.instance }} are old',
          'The last sign of life of the engine is {{ $value }} ms old.'),
    Alert('DmportsRequiredPortDown',
          f'dmpPortState{{job="dmports"}} == <DmpState.down>\n{REQUIRED}\n{ANNOUNCED}',
          '1m', 'critical', 'Required port {{ $labels.dmpPortKey }} is down',
          PORT_MESSAGE),
    Alert('DmportsPortDown',
          f'(dmpPortState{{job="dmports"}} == <DmpState.down>\n'
          f'  unless {ROW} dmpPortLevel_info{{dmpPortLevel="required"}})\n{ANNOUNCED}',
          '5m', 'warning', 'Port {{ $labels.dmpPortKey }} is down', PORT_MESSAGE),
    Alert('DmportsPortExposed',
          f'dmpPortState{{job="dmports"}} == <DmpState.exposed>\n{ANNOUNCED}',
          '1m', 'critical', 'Port {{ $labels.dmpPortKey }} is open and must not be',
          PORT_MESSAGE),
    Alert('DmportsPortDegraded',
          f'dmpPortState{{job="dmports"}} == <DmpState.degraded>\n{ANNOUNCED}',
          '10m', 'warning', 'Port {{ $labels.dmpPortKey }} is degraded', PORT_MESSAGE),
    Alert('DmportsPortFlapping',
          'dmpPortSuppressedBy{job="dmports"} == <dmpPortSuppressedBy.flapping>',
          '1m', 'warning', 'Port {{ $labels.dmpPortKey }} is flapping', PORT_MESSAGE),
    Alert('DmportsHostDown', 'dmpHostState{job="dmports"} == <DmpState.down>', '1m',
          'critical', 'Host {{ $labels.dmpHostName }} is down', HOST_MESSAGE),
    Alert('DmportsCertificateUrgent', 'dmpPortTlsDaysLeft{job="dmports"} < 7', '5m',
          'critical', 'The certificate of {{ $labels.dmpPortKey }} is about to expire',
          'It expires in {{ $value }} days; negative: it has expired.'),
    # 2147483647: no certificate was shown.
    Alert('DmportsCertificateExpiring',
          'dmpPortTlsDaysLeft{job="dmports"} >= 7\n'
          'and dmpPortTlsDaysLeft{job="dmports"} < 30', '1h', 'warning',
          'The certificate of {{ $labels.dmpPortKey }} expires',
          'It expires in {{ $value }} days.'),
    Alert('DmportsReceiverFailing',
          'dmpReceiverState{job="dmports"} == <dmpReceiverState.failing>\n'
          'or dmpReceiverState{job="dmports"} == <dmpReceiverState.unreachable>', '5m',
          'critical', 'Notifications do not reach {{ $labels.dmpReceiverName }}',
          'dmports on {{ $labels.instance }} keeps them until they are acknowledged.'),
    Alert('DmportsConfigRejected',
          'dmpConfigStatus{job="dmports"} == <dmpConfigStatus.rejected>', '5m', 'warning',
          'A configuration was rejected on {{ $labels.instance }}',
          '{{ with printf "dmpConfigMessage{instance=\'%s\'}" $labels.instance | query }}'
          '{{ (. | first).Labels.dmpConfigMessage }}{{ end }}'),
]
