# SPDX-License-Identifier: BSD-2-Clause
"""cacti/: data queries, one row for each port and each host, and templates that draw them."""
from cacti_template import template
from source import WRITTEN, oid, xml_text

# (file, title, table, scalar with the number of rows, order, inputs, outputs)
QUERIES = [
    ('dmports_port.xml', 'DataMiner ports', 'dmpPortTable', 'dmpPorts', 'PortKey',
     ['Key', 'HostName', 'Service', 'Number', 'Address'],
     ['State', 'SeverityRank', 'Latency', 'LatencyP95', 'AvailabilityDay', 'AvailabilityMonth',
      'Checks', 'Failures', 'TlsDaysLeft']),
    ('dmports_host.xml', 'DataMiner hosts', 'dmpHostTable', 'dmpHosts', 'HostName',
     ['Name', 'Address', 'Roles'],
     ['State', 'SeverityRank', 'RequiredPorts', 'RequiredDown'])]
# The index is not accessible: it is taken from the OIDs of the first column.
INDEX = r'.*\.([0-9]+)$'


def field(mib, table, name, direction):
    column = mib.columns[table[:-5] + name]
    tag = column.name[3:]
    return (f'    <{tag}>\n      <name>{tag}</name>\n      <method>walk</method>\n'
            f'      <source>value</source>\n      <direction>{direction}</direction>\n'
            f'      <oid>{oid(mib, column.name)}</oid>\n    </{tag}>\n')


def query(mib, title, table, rows, order, inputs, outputs):
    first = oid(mib, table[:-5] + inputs[0])
    prefix = table[3:-5]
    index = (f'    <{prefix}Index>\n      <name>Index</name>\n      <method>walk</method>\n'
             f'      <source>OID/REGEXP:{xml_text(INDEX)}</source>\n'
             f'      <direction>input</direction>\n      <oid>{first}</oid>\n'
             f'    </{prefix}Index>\n')
    return (f'<!-- {WRITTEN} -->\n<interface>\n  <name>{title}</name>\n'
            f'  <description>{title}, as dmports sees them</description>\n'
            f'  <oid_index>{first}</oid_index>\n'
            f'  <oid_index_parse>OID/REGEXP:{xml_text(INDEX)}</oid_index_parse>\n'
            f'  <oid_num_indexes>{oid(mib, rows, 0)}</oid_num_indexes>\n'
            f'  <index_order>{order}:{prefix}Index</index_order>\n'
            '  <index_order_type>alphabetic</index_order_type>\n'
            '  <index_title_format>|chosen_order_field|</index_title_format>\n'
            '  <fields>\n' + index +
            ''.join(field(mib, table, name, 'input') for name in inputs) +
            ''.join(field(mib, table, name, 'output') for name in outputs) +
            '  </fields>\n</interface>\n')


def files(mib):
    found = {f'cacti/{name}': query(mib, *parts) for name, *parts in QUERIES}
    found['cacti/dmports_templates.xml'] = template(mib)
    return found
