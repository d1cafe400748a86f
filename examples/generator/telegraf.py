# SPDX-License-Identifier: BSD-2-Clause
"""telegraf/: polling by numbers, so that no MIB is needed, and notifications."""
import re

from source import WRITTEN, oid, scalars

HEAD = '''# {written}
# Copy it to /etc/telegraf/telegraf.d/dmports.conf; change addresses and the community.

[[inputs.snmp]]
  agents = ["udp://192.0.2.10:161"]
  version = 2
  community = "your-community"
  agent_host_tag = "agent"
  timeout = "5s"
  interval = "30s"
  name = "dmports"
'''
# Notifications need the module to be understood: see README.md.
TRAPS = '''
[[inputs.snmp_trap]]
  service_address = "udp://:162"
  version = "2c"
  name_override = "dmports_notification"
  tagexclude = ["community"]
  path = ["/usr/local/share/dmports/mib/base", "/usr/local/share/snmp/mibs"]
'''
ENUMS = '''[[processors.enum]]
  namepass = {names}
  [[processors.enum.mapping]]
    {where}
    [processors.enum.mapping.value_mappings]
{values}'''
# (measurement, table, columns that are tags)
TABLES = [
    ('dmports_host', 'dmpHostTable', ['Name', 'Address', 'Roles']),
    ('dmports_port', 'dmpPortTable', ['Key', 'HostName', 'Service', 'Transport', 'Number',
                                      'Level']),
    ('dmports_problem', 'dmpProblemTable', ['Key', 'Type']),
    ('dmports_receiver', 'dmpReceiverTable', ['Name', 'Kind'])]
# What only people read, and commands, which always read idle.
LEFT_OUT = {'dmpPortDetail', 'dmpPortWhy', 'dmpPortIdentity', 'dmpPortTlsSubject',
            'dmpPortProbeNow', 'dmpHostDetail', 'dmpConfigMessage'}
TAGS = ('dmpSiteName', 'dmpVantageName')


def snake(name):
    """dmpPortTlsDaysLeft without dmpPort: tls_days_left."""
    name = name.replace('DataMiner', 'Dataminer')
    return re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower()


def field(mib, column, name, is_tag, kind):
    instance = 0 if column.parent in ('dmpSystem', 'dmpSummary') else None
    lines = [f'  [[inputs.snmp.{kind}]]', f'    name = "{snake(name)}"',
             f'    oid = "{oid(mib, column.name, instance)}"']
    return lines + (['    is_tag = true'] if is_tag else [])


def table(mib, measurement, name, tags):
    prefix = name[:-5]
    lines = ['', '  [[inputs.snmp.table]]', f'    name = "{measurement}"',
             '    inherit_tags = ["site_name", "vantage_name"]']
    for column in mib.table_columns(name).values():
        if column.name not in LEFT_OUT:
            short = column.name[len(prefix):]
            lines += field(mib, column, short, short in tags, 'table.field')
    return lines


def enums(mib):
    """Words for enumerations: instead of the number in a tag, beside it for a field."""
    found = {}
    for measurement, name, tags in TABLES:
        prefix = name[:-5]
        for column in mib.table_columns(name).values():
            short = column.name[len(prefix):]
            if column.is_enum and column.name not in LEFT_OUT:
                field_name = snake(short)
                where = f'tags = ["{field_name}"]' if short in tags else (
                    f'fields = ["{field_name}"]\n    dest = "{field_name}_text"')
                members = tuple(column.syntax.members.items())
                found.setdefault((where, members), []).append(measurement)
    return '\n# Words for numbers.\n' + ''.join(
        ENUMS.format(names=str(names).replace("'", '"'), where=where,
                     values=''.join(f'      {number} = "{label}"\n'
                                    for label, number in members))
        for (where, members), names in found.items())


def configuration(mib):
    lines = []
    for column in scalars(mib):
        if column.name not in LEFT_OUT:
            lines += field(mib, column, column.name[3:], column.name in TAGS, 'field')
    for measurement, name, tags in TABLES:
        lines += table(mib, measurement, name, tags)
    return (HEAD.format(written=WRITTEN) + '\n'.join(lines) + '\n' + TRAPS + enums(mib))


def files(mib):
    return {'telegraf/dmports.conf': configuration(mib)}
