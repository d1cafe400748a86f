# SPDX-License-Identifier: BSD-2-Clause
"""cacti/dmports_templates.xml: what Console, Import Templates reads.

A device template with both data queries and one graph of the site; graph templates for each
port and host with the data templates and formulas that they need.  Objects are found by their
hash, made of their name: importing a newer file changes them and makes no second ones.
"""
import hashlib
from collections import namedtuple

from source import WRITTEN, oid, xml_text

# The code of the first Cacti whose format this is (1.2.3): an older one says so.
VERSION = '0102'
CODES = {'graph': '00', 'data': '01', 'device': '02', 'input': '03', 'query': '04',
         'cdef': '05', 'gprint': '06', 'field': '07', 'data item': '08', 'graph item': '10',
         'query graph': '11', 'graph title': '12', 'data title': '13', 'cdef item': '14'}
# Objects that every Cacti has.
INDEXED_INPUT = ('input', 'bf566c869ac6443b0c75d1c32b5a350e')
PLAIN_INPUT = ('input', '3eb92bb845b9660a7445cf9740726522')
PLAIN_OID = ('field', '4276a5ec6e3fe33995129041b1909762')
# Index type, index value and output type, which the data query fills in.
INDEXED_FIELDS = [('field', '6027a919c7c7731fbe095b6f53ab127b'),
                  ('field', 'cbbe5c1ddfb264a6e5d509ce1c78c95f'),
                  ('field', 'e6deda7be0f391399c5130e7c4a48b28')]
GAUGE = 1
AVERAGE, MAX, LAST = 1, 3, 4
LINE, AREA, GPRINT, STACK = 5, 7, 9, 8
SI, COUNT, DECIMALS = 'number with prefix', 'one decimal', 'three decimals'
GPRINTS = {SI: '%7.2lf%s', COUNT: '%7.1lf', DECIMALS: '%8.3lf'}

# A rank is the worst of its time, drawn over the whole height; between two polls RRDtool
# makes values that are no rank, hence the halves.
CDEFS = {
    'microseconds to seconds': '1000000,/',
    'thousandths of a percent to percent': '1000,/',
    'good': '0.5,LT,INF,UNKN,IF',
    'warning or minor': 'DUP,0.5,GE,EXC,2.5,LT,*,INF,UNKN,IF',
    'major': 'DUP,2.5,GE,EXC,3.5,LT,*,INF,UNKN,IF',
    'critical': '3.5,GE,INF,UNKN,IF'}

# What a data source keeps: outside of the limits it has no value.  That is how the numbers
# that mean none (2147483647, and 0 of a latency) get out.
Source = namedtuple('Source', 'name column low high')
# One thing to draw: data is (data template, number of a source of it).
Item = namedtuple('Item', 'kind source colour alpha text cdef cf gprint')
Graph = namedtuple('Graph', 'name vertical upper rigid sources items')

NONE = 2147483646


def bands(source):
    """The background of a graph: how bad things were."""
    return [Item(AREA, source, colour, '50', text, text.lower(), MAX, None)
            for text, colour in (('Good', '009E73'), ('Warning or minor', 'E69F00'),
                                 ('Major', 'D55E00'), ('Critical', 'CC0000'))]


def line(source, colour, text, cdef, gprint):
    return Item(LINE, source, colour, 'FF', text, cdef, AVERAGE, gprint)


PORT = [
    Graph('Port latency', 'seconds', 1, False,
          [Source('latency', 'dmpPortLatency', 1, NONE),
           Source('latency_p95', 'dmpPortLatencyP95', 1, NONE)],
          [Item(AREA, 'latency', '56B4E9', '7F', 'Last check', 'microseconds to seconds',
                AVERAGE, SI),
           line('latency_p95', 'D55E00', '95 percent of an hour', 'microseconds to seconds',
                SI)]),
    Graph('Port state and availability', 'percent', 100, True,
          [Source('severity', 'dmpPortSeverityRank', 0, 4),
           Source('avail_day', 'dmpPortAvailabilityDay', 0, 100000),
           Source('avail_month', 'dmpPortAvailabilityMonth', 0, 100000)],
          bands('severity') + [
              line('avail_day', '0072B2', 'Available, 24 hours',
                   'thousandths of a percent to percent', DECIMALS),
              line('avail_month', '000000', 'Available, 30 days',
                   'thousandths of a percent to percent', DECIMALS)]),
    Graph('Port certificate', 'days', 1, False,
          [Source('days_left', 'dmpPortTlsDaysLeft', 'U', NONE)],
          [Item(AREA, 'days_left', '0072B2', '7F', 'Days left', None, AVERAGE, COUNT)])]
HOST = [
    Graph('Host', 'required ports', 1, False,
          [Source('severity', 'dmpHostSeverityRank', 0, 4),
           Source('required', 'dmpHostRequiredPorts', 0, NONE),
           Source('required_down', 'dmpHostRequiredDown', 0, NONE)],
          bands('severity') + [
              line('required', '0072B2', 'Required', None, COUNT),
              Item(AREA, 'required_down', '000000', 'FF', 'Down', None, MAX, COUNT)])]
SITE = Graph(
    'Site', 'ports', 1, False,
    [Source('ports_up', 'dmpRequiredPortsUp', 0, NONE),
     Source('ports_down', 'dmpRequiredPortsDown', 0, NONE),
     Source('ports_degraded', 'dmpDegradedPorts', 0, NONE),
     Source('ports_exposed', 'dmpExposedPorts', 0, NONE),
     Source('hosts_down', 'dmpDownHosts', 0, NONE)],
    [Item(AREA, 'ports_up', '009E73', '7F', 'Required, up', None, AVERAGE, COUNT),
     Item(STACK, 'ports_down', 'CC0000', 'FF', 'Required, down', None, AVERAGE, COUNT),
     line('ports_degraded', 'E69F00', 'Degraded', None, COUNT),
     line('ports_exposed', 'CC79A7', 'Exposed', None, COUNT),
     line('hosts_down', '000000', 'Hosts down', None, COUNT)])
# {file of the data query: (title, field that names a row, graphs)}
QUERY_GRAPHS = {'dmports_port.xml': ('dmports - Ports', 'PortKey', PORT),
                'dmports_host.xml': ('dmports - Hosts', 'HostName', HOST)}


# --- names ---

def ours(kind, *names):
    """The hash of an object of ours."""
    text = '/'.join(('dmports', kind) + names)
    return (kind, hashlib.md5(text.encode('ascii'), usedforsecurity=False).hexdigest())


def name_of(known):
    kind, number = known
    return f'hash_{CODES[kind]}{VERSION}{number}'


def data_template(graph, source):
    """Of the site every number is a request and a template of its own."""
    name = f'{graph.name} - {source}' if graph is SITE else graph.name
    return ours('data', name), f'dmports - {name}'


# --- XML ---

def element(tag, content):
    """content: text, a number, None, or [(tag, content), ...]"""
    if isinstance(content, list):
        inner = ''.join(element(*child) for child in content)
        return f'<{tag}>\n{inner}</{tag}>\n'
    text = '' if content is None else xml_text(str(content))
    return f'<{tag}>{text}</{tag}>\n'


def fixed(fields):
    """Fields of a template, each followed by "the user of the template cannot change it"."""
    return [pair for tag, value in fields for pair in ((f't_{tag}', None), (tag, value))]


def cdef(name, formula):
    parts = [(name_of(ours('cdef item', name, str(number))),
              [('sequence', number), ('type', kind), ('value', value)])
             for number, (kind, value) in enumerate(
                 ((4, 'CURRENT_DATA_SOURCE'), (6, formula)), 1)]
    return (name_of(ours('cdef', name)), [('name', f'dmports - {name}'), ('items', parts)])


def gprint(name, text):
    return (name_of(ours('gprint', name)),
            [('name', f'dmports - {name}'), ('gprint_text', text)])


def data_item(known, source):
    fields = [('data_source_name', source.name), ('rrd_minimum', source.low),
              ('rrd_maximum', source.high), ('data_source_type_id', GAUGE),
              ('rrd_heartbeat', 600), ('data_input_field_id', 0)]
    return (name_of(ours('data item', known[1], source.name)), fixed(fields))


def data(known, title, method, sources, inputs):
    head = [('t_name', 'on'), ('name', f'|host_description| - {title[10:]}'),
            ('data_source_path', None), ('data_input_id', name_of(method)),
            *fixed([('data_source_profile_id', None), ('rrd_step', 300), ('active', 'on')])]
    values = [(f'item_{number:03}', [('data_input_field_id', name_of(field)),
                                     ('t_value', 'on' if value is None else None),
                                     ('value', value)])
              for number, (field, value) in enumerate(inputs)]
    return (name_of(known),
            [('name', title), ('ds', head),
             ('items', [data_item(known, source) for source in sources]), ('data', values)])


def site_data(mib):
    for source in SITE.sources:
        yield data(*data_template(SITE, source.name), PLAIN_INPUT, [source],
                   [(PLAIN_OID, oid(mib, source.column, 0))])


def drawn(item):
    """An item and its legend: (type, text, end of line, function, number format)."""
    last = item.text == 'Critical'  # of the bands, which have no numbers
    yield item.kind, item.text, last, item.cf, item.gprint
    if item.gprint:
        for text, cf in (('Now', LAST), ('Average', AVERAGE), ('Maximum', MAX)):
            yield GPRINT, text, cf == MAX, cf, item.gprint


def graph_items(graph):
    found = []
    for item in graph.items:
        known, _ = data_template(graph, item.source)
        for kind, text, last, cf, number in drawn(item):
            place = len(found) + 1
            legend = kind == GPRINT
            found.append((name_of(ours('graph item', graph.name, str(place))), [
                ('graph_type_id', kind),
                ('task_item_id', name_of(ours('data item', known[1], item.source))),
                ('color_id', 0 if legend else item.colour),
                ('alpha', 'FF' if legend else item.alpha),
                ('consolidation_function_id', cf),
                ('cdef_id', name_of(ours('cdef', item.cdef)) if item.cdef else 0),
                ('vdef_id', 0), ('shift', None), ('value', None),
                ('gprint_id', name_of(ours('gprint', number or COUNT))),
                ('textalign', None), ('text_format', text + ':' if legend else text),
                ('hard_return', 'on' if last else None),
                ('line_width', '2.00' if kind == LINE else '0.00'),
                ('dashes', None), ('dash_offset', 0), ('sequence', place)]))
    return found


def graph_template(graph):
    look = [('title', f'|host_description| - {graph.name}'), ('vertical_label', graph.vertical),
            ('image_format_id', 1), ('height', 200), ('width', 700), ('base_value', 1000),
            ('slope_mode', None), ('auto_scale', None if graph.rigid else 'on'),
            ('auto_scale_opts', 2), ('auto_scale_log', None), ('scale_log_units', None),
            ('auto_scale_rigid', 'on' if graph.rigid else None), ('upper_limit', graph.upper),
            ('lower_limit', 0), ('unit_value', None), ('unit_exponent_value', None),
            ('unit_length', None), ('no_gridfit', None), ('alt_y_grid', None),
            ('right_axis', None), ('right_axis_label', None), ('right_axis_format', 0),
            ('right_axis_formatter', 0), ('left_axis_formatter', 0), ('auto_padding', 'on'),
            ('dynamic_labels', None), ('force_rules_legend', None), ('tab_width', None),
            ('legend_position', 0), ('legend_direction', 0)]
    return (name_of(ours('graph', graph.name)),
            [('name', f'dmports - {graph.name}'), ('graph', fixed(look)),
             ('items', graph_items(graph)), ('inputs', None)])


def titles(kind, graph, field, label, more):
    """What a new graph or data source is called: the device, the row, and what it shows."""
    return [(name_of(ours(kind, graph.name)),
             [('field_name', field), *more, ('sequence', 1),
              ('text', f'|host_description| - |query_{label}| - {graph.name}')])]


def query_graph(graph, label):
    known, _ = data_template(graph, None)
    sources = [(f'item_{number:03}', [
        ('snmp_field_name', source.column[3:]), ('data_template_id', name_of(known)),
        ('data_template_rrd_id', name_of(ours('data item', known[1], source.name)))])
        for number, source in enumerate(graph.sources)]
    return (name_of(ours('query graph', graph.name)), [
        ('graph_template_id', name_of(ours('graph', graph.name))), ('name', graph.name),
        ('rrd', sources), ('sv_graph', titles('graph title', graph, 'title', label, [])),
        ('sv_data_source', titles('data title', graph, 'name', label,
                                  [('data_template_id', name_of(known))]))])


def query(file, title, label, graphs):
    return (name_of(ours('query', title)), [
        ('name', title), ('description', 'One row each, from dmports'),
        ('xml_path', f'<path_cacti>/resource/snmp_queries/{file}'),
        ('data_input_id', name_of(INDEXED_INPUT)),
        ('graphs', [query_graph(graph, label) for graph in graphs])])


def device():
    queries = '|'.join(name_of(ours('query', title)) for title, _, _ in QUERY_GRAPHS.values())
    return (name_of(ours('device')), [
        ('name', 'dmports'), ('class', 'linux'),
        ('graph_templates', name_of(ours('graph', SITE.name))), ('data_queries', queries)])


def template(mib):
    rows = PORT + HOST
    objects = [device(), *map(graph_template, [SITE] + rows), *site_data(mib)]
    objects += [data(*data_template(graph, None), INDEXED_INPUT, graph.sources,
                     [(field, None) for field in INDEXED_FIELDS]) for graph in rows]
    objects += [gprint(*pair) for pair in GPRINTS.items()]
    objects += [cdef(*pair) for pair in CDEFS.items()]
    objects += [query(file, *parts) for file, parts in QUERY_GRAPHS.items()]
    for graph in [SITE] + rows:
        for source in graph.sources:
            assert source.column in mib.columns, source.column
    return f'<!-- {WRITTEN} -->\n' + element('cacti', objects)
