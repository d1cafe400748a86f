# SPDX-License-Identifier: BSD-2-Clause
"""opennms/: events with alarms that clear each other, data collection, and graphs."""
from source import (SERVICE, WRITTEN, about, events, families, oid, place, scalars,
                    xml_text)

UEI = 'uei.opennms.org/vendor/dmports/'
SEVERITIES = {'critical': 'Critical', 'major': 'Major', 'minor': 'Minor',
              'warning': 'Warning', None: 'Indeterminate'}
RAISE, CLEAR = 1, 2
COMMUNICATIONS = 'CommunicationsAlarm'
# An alarm of one notification is ended by another event, one for each family: a clear key
# names one alarm, and this notification ends alarms of several families.
MANY = 'dmpPortCleared'
LONGEST_ALIAS = 19
SHORTER = (('Availability', 'Avail'), ('Severity', 'Sev'), ('Required', 'Req'),
           ('Requirement', 'Rqmt'), ('Inconclusive', 'Inconcl'), ('Acknowledged', 'Ack'),
           ('Maintenance', 'Maint'), ('Unverified', 'Unverif'), ('Suppressed', 'Suppr'),
           ('Transitions', 'Changes'))
TYPES = {'DisplayString': 'string', 'Counter32': 'counter', 'Integer32': 'integer'}
# (resource type, label, table, columns)
COLLECTED = [
    ('dmpPort', 'DataMiner port', 'dmpPortTable',
     ['Key', 'HostName', 'Service', 'Number', 'State', 'Reason', 'SeverityRank', 'Latency',
      'LatencyP95', 'AvailabilityDay', 'AvailabilityMonth', 'Checks', 'Failures',
      'TlsDaysLeft']),
    ('dmpHost', 'DataMiner host', 'dmpHostTable',
     ['Name', 'Address', 'Roles', 'State', 'SeverityRank', 'RequiredPorts',
      'RequiredDown'])]


def reduction(mib, name):
    """The identity of the alarm of a raising notification, shared by its family."""
    first = next(raises[0] for raises, _ in families(mib) if name in raises)
    return (f'{UEI}{first}:%dpname%:%nodeid%:%parm[#{place(mib, "dmpNotifySource")}]%:'
            f'%parm[#{place(mib, "dmpNotifyKey")}]%')


def mask(mib, name, severity):
    lines = ['    <mask>']
    for key, value in (('id', oid(mib, 'dmpMIB')), ('generic', 6),
                       ('specific', mib.module.notifications[name][2])):
        lines.append(f'      <maskelement><mename>{key}</mename><mevalue>{value}</mevalue>'
                     '</maskelement>')
    if severity:
        lines.append(f'      <varbind><vbnumber>{place(mib, "dmpNotifySeverityText")}'
                     f'</vbnumber><vbvalue>{severity}</vbvalue></varbind>')
    return '\n'.join(lines + ['    </mask>'])


def decodes(mib, name):
    """Words for numbers in the message; that of an event has texts only."""
    lines = []
    if name not in SERVICE:
        return lines
    for number, carried in enumerate(mib.module.notifications[name][0], 1):
        members = mib.columns[carried].syntax.members
        if members:
            lines.append(f'    <varbindsdecode>\n      <parmid>parm[#{number}]</parmid>')
            lines += [f'      <decode varbindvalue="{value}" varbinddecodedstring="{label}"/>'
                      for label, value in members.items()]
            lines.append('    </varbindsdecode>')
    return lines


def log_message(mib, name):
    if name in SERVICE:
        carried = mib.module.notifications[name][0]
        return ', '.join(f'{n[3:]} %parm[#{i}]%' for i, n in enumerate(carried, 1))
    return (f'%parm[#{place(mib, "dmpNotifySource")}]% %parm[#{place(mib, "dmpNotifyKey")}]%: '
            f'%parm[#{place(mib, "dmpNotifyMessage")}]%')


def event(mib, name, uei, level, **parts):
    """One event: parts may have mask, alarm."""
    dest = 'logonly' if name == 'dmpHeartbeat' else 'logndisplay'
    lines = ['  <event>', *([parts['mask']] if parts.get('mask') else []),
             f'    <uei>{UEI}{uei}</uei>',
             f'    <event-label>dmports: {name[3:]}</event-label>',
             f'    <descr>{xml_text(about(mib, name))}</descr>',
             f'    <logmsg dest="{dest}">{xml_text(log_message(mib, name))}</logmsg>',
             f'    <severity>{level}</severity>', *decodes(mib, name)]
    if parts.get('alarm'):
        lines.append(f'    <alarm-data {parts["alarm"]}/>')
    return '\n'.join(lines + ['  </event>'])


def raising(mib, name):
    alarm = (f'reduction-key="{reduction(mib, name)}" alarm-type="{RAISE}" '
             f'auto-clean="false" x733-alarm-type="{COMMUNICATIONS}"')
    return [event(mib, name, f'{name}/{severity or "other"}', level, alarm=alarm,
                  mask=mask(mib, name, severity)) for severity, level in SEVERITIES.items()]


def clear_alarm(mib, uei, ended):
    return (f'reduction-key="{UEI}{uei}:%dpname%:%nodeid%:'
            f'%parm[#{place(mib, "dmpNotifySource")}]%:%parm[#{place(mib, "dmpNotifyKey")}]%" '
            f'alarm-type="{CLEAR}" clear-key="{reduction(mib, ended)}" auto-clean="false"')


def ended_by(mib, name):
    """The first notification of each family that this one ends."""
    return [raises[0] for raises, ends in families(mib) if name in ends]


def parts_of(name, mib):
    """[(uei, ended)] of the events that MANY is translated to."""
    return [(f'{name}/{ended}', ended) for ended in ended_by(mib, name)]


def other(mib, name):
    ended = ended_by(mib, name)
    if len(ended) > 1:
        assert name == MANY
        whole = event(mib, name, name, 'Normal', mask=mask(mib, name, None))
        return [whole] + [event(mib, name, uei, 'Normal', alarm=clear_alarm(mib, uei, first))
                          for uei, first in parts_of(name, mib)]
    alarm = clear_alarm(mib, name, ended[0]) if ended else None
    level = 'Warning' if name in ('dmpStopping', 'dmpEventsLost') else 'Normal'
    return [event(mib, name, name, level, mask=mask(mib, name, None), alarm=alarm)]


def events_file(mib):
    raised = {name for raises, _ in families(mib) for name in raises}
    found = []
    for name in mib.module.notifications:
        found += raising(mib, name) if name in raised else other(mib, name)
    assert set(events(mib)) | set(SERVICE) == set(mib.module.notifications)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {WRITTEN} -->\n'
            '<events xmlns="http://xmlns.opennms.org/xsd/eventconf">\n' +
            '\n'.join(found) + '\n</events>\n')


def translations(mib):
    """What makes several events of MANY, to be put in translator-configuration.xml."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<!-- {WRITTEN}',
             '     Put the specifications in etc/translator-configuration.xml. -->',
             '<event-translator-configuration',
             '    xmlns="http://xmlns.opennms.org/xsd/translator-configuration">',
             '  <translation>']
    # Of the mappings in one specification only the first counts.
    for uei, _ in parts_of(MANY, mib):
        lines += [f'    <event-translation-spec uei="{UEI}{MANY}">', '      <mappings>',
                  '        <mapping preserve-snmp-data="true">',
                  '          <assignment name="uei" type="field">',
                  f'            <value type="constant" result="{UEI}{uei}"/>',
                  '          </assignment>', '        </mapping>', '      </mappings>',
                  '    </event-translation-spec>']
    return '\n'.join(lines + ['  </translation>', '</event-translator-configuration>', ''])


# --- a service ---

def poller(mib):
    """dmports as a service with an availability: down from critical on, and when silent."""
    def parameter(key, value):
        return f'      <parameter key="{key}" value="{xml_text(str(value))}"/>'
    return '\n'.join([
        '<?xml version="1.0" encoding="UTF-8"?>', f'<!-- {WRITTEN}',
        '     Put the service in a package of etc/poller-configuration.xml and the monitor at',
        '     its end. -->', '<poller-configuration',
        '    xmlns="http://xmlns.opennms.org/xsd/config/poller">',
        '  <package name="dmports">',
        '    <service name="dmports" interval="60000" user-defined="false" status="on">',
        parameter('retry', 1), parameter('timeout', 3000),
        parameter('oid', oid(mib, 'dmpStatus', 0)), parameter('operator', '<'),
        parameter('operand', 2), parameter('reason-template',
            'dmpStatus is ${observedValue}: 2 is critical, 3 is unknown'),
        '    </service>', '  </package>',
        '  <monitor service="dmports"',
        '      class-name="org.opennms.netmgt.poller.monitors.SnmpMonitor"/>',
        '</poller-configuration>', ''])


# --- data collection ---

def alias(name):
    for long, short in SHORTER:
        if len(name) > LONGEST_ALIAS:
            name = name.replace(long, short)
    if len(name) > LONGEST_ALIAS:
        raise ValueError(f'{name} is too long for a data source')
    return name


def mib_object(mib, column, instance):
    return (f'    <mibObj oid="{oid(mib, column.name)}" instance="{instance}" '
            f'alias="{alias(column.name)}" type="{TYPES.get(column.syntax.base, "gauge")}"/>')


def collection(mib):
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<!-- {WRITTEN} -->',
             '<datacollection-group xmlns="http://xmlns.opennms.org/xsd/config/datacollection" '
             'name="dmports">']
    for kind, label, table, columns in COLLECTED:
        lines += [
            f'  <resourceType name="{kind}Row" label="{label}" '
            f'resourceLabel="${{{table[:-5]}{columns[0]}}}">',
            '    <persistenceSelectorStrategy class='
            '"org.opennms.netmgt.collection.support.PersistAllSelectorStrategy"/>',
            '    <storageStrategy class='
            '"org.opennms.netmgt.collection.support.IndexStorageStrategy"/>',
            '  </resourceType>']
    lines.append('  <group name="dmports-summary" ifType="ignore">')
    lines += [mib_object(mib, column, 0) for column in scalars(mib)
              if not column.is_text and column.parent == 'dmpSummary']
    lines.append('  </group>')
    for kind, _, table, columns in COLLECTED:
        lines.append(f'  <group name="dmports-{kind[3:].lower()}" ifType="all">')
        lines += [mib_object(mib, mib.columns[table[:-5] + name], kind + 'Row')
                  for name in columns]
        lines.append('  </group>')
    groups = ['dmports-summary'] + [f'dmports-{kind[3:].lower()}' for kind, *_ in COLLECTED]
    lines += ['  <systemDef name="dmports (Net-SNMP)">',
              '    <sysoidMask>.1.3.6.1.4.1.8072.3.</sysoidMask>', '    <collect>',
              *(f'      <includeGroup>{group}</includeGroup>' for group in groups),
              '    </collect>', '  </systemDef>', '</datacollection-group>', '']
    return '\n'.join(lines)


# The number that means none is not drawn, nor its average with others.
NONE = ',100000,GT,UNKN,{raw},IF'
# (name, title, resource, columns, vertical label, expression; {raw} is what it is made of)
GRAPHS = [
    ('dmports.summary', 'DataMiner Ports', 'nodeSnmp',
     ['dmpRequiredPortsUp', 'dmpRequiredPortsDown', 'dmpDegradedPorts', 'dmpExposedPorts'],
     'ports', ''),
    ('dmports.latency', 'Port Latency', 'dmpPortRow', ['dmpPortLatency', 'dmpPortLatencyP95'],
     'milliseconds', ',0,EQ,UNKN,{raw},IF,1000,/'),
    ('dmports.availability', 'Port Availability', 'dmpPortRow',
     ['dmpPortAvailabilityDay', 'dmpPortAvailabilityMonth'], 'percent', NONE + ',1000,/'),
    ('dmports.certificate', 'Days Until the Certificate Expires', 'dmpPortRow',
     ['dmpPortTlsDaysLeft'], 'days', NONE),
    ('dmports.state', 'Port Severity (0 good, 4 critical)', 'dmpPortRow',
     ['dmpPortSeverityRank'], 'rank', ''),
    ('dmports.host', 'Required Ports of a Host', 'dmpHostRow',
     ['dmpHostRequiredPorts', 'dmpHostRequiredDown'], 'ports', '')]
COLOURS = ('#0072B2', '#D55E00', '#E69F00', '#CC79A7')


def graph(name, title, resource, columns, vertical, expression):
    short = [alias(column) for column in columns]
    lines = [f'report.{name}.name={title}', f'report.{name}.columns={",".join(short)}',
             f'report.{name}.type={resource}']
    command = [f'--title="{title}"', f'--vertical-label="{vertical}"']
    for number, (data, colour) in enumerate(zip(short, COLOURS), 1):
        command.append(f'DEF:raw{number}={{rrd{number}}}:{data}:AVERAGE')
        formula = (expression or ',1,*').replace('{raw}', f'raw{number}')
        command.append(f'CDEF:v{number}=raw{number}{formula}')
        command.append(f'LINE2:v{number}{colour}:"{columns[number - 1][3:]}"')
        command.append(f'GPRINT:v{number}:AVERAGE:"Avg\\\\: %8.2lf %s\\\\n"')
    return '\n'.join(lines) + f'\nreport.{name}.command=' + ' \\\n '.join(command) + '\n'


def graphs():
    return (f'# {WRITTEN}\nreports=' + ', \\\n'.join(name for name, *_ in GRAPHS) + '\n\n' +
            '\n'.join(graph(*parts) for parts in GRAPHS))


def files(mib):
    return {'opennms/dmports.events.xml': events_file(mib),
            'opennms/dmports.translator.xml': translations(mib),
            'opennms/dmports.poller.xml': poller(mib),
            'opennms/dmports.datacollection.xml': collection(mib),
            'opennms/dmports-graph.properties': graphs()}
