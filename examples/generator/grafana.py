# SPDX-License-Identifier: BSD-2-Clause
"""The Grafana dashboard over the metrics of snmp_exporter (Grafana 9.5 and newer)."""
import json

from source import reasons

SOURCE = {'type': 'prometheus', 'uid': '${datasource}'}
SITE = 'job="dmports",instance=~"$instance"'
PORTS = SITE + ',dmpPortHostName=~"$host",dmpPortService=~"$service"'
COLOURS = {'unknown': 'purple', 'up': 'green', 'degraded': 'yellow', 'down': 'red',
           'exposed': 'dark-red', 'closed': 'semi-dark-green', 'unverified': 'blue',
           'notApplicable': 'gray'}
RANKS = [('none', 'green'), ('warning', 'yellow'), ('minor', 'light-orange'),
         ('major', 'orange'), ('critical', 'red')]
STATUS = [('ok', 'green'), ('warning', 'yellow'), ('critical', 'red'),
          ('unknown', 'purple')]
NEVER = 2147483647  # an age or a number of days that does not exist
# What a port is shown as that several vantages see differently: the first of these.
WORST = ['down', 'exposed', 'degraded']


def mapping(items):
    """[(number, text, colour)] as Grafana's value mappings."""
    return [{'type': 'value', 'options': {
        str(number): {'text': text, 'index': place, **({'color': colour} if colour else {})}
        for place, (number, text, colour) in enumerate(items)}}]


def enumeration(members, colours):
    return mapping([(number, label, colours.get(label))
                    for label, number in members.items()])


def override(matcher, options, **properties):
    """Settings of some fields; cell stands for the longer name of a table's cells."""
    return {'matcher': {'id': matcher, 'options': options},
            'properties': [{'id': name.replace('cell', 'custom.cellOptions'), 'value': value}
                           for name, value in properties.items()]}


def steps(*colours):
    """Thresholds: the first colour, then (from, colour)."""
    return {'mode': 'absolute', 'steps': [
        {'color': colour, 'value': start}
        for start, colour in [(None, colours[0]), *colours[1:]]]}


CERTIFICATES = steps('red', (7, 'yellow'), (30, 'green'))
BARS = {'orientation': 'horizontal', 'displayMode': 'basic', 'reduceOptions': {
    'calcs': ['lastNotNull'], 'fields': '', 'values': False}}
BACKGROUND = {'type': 'color-background', 'mode': 'basic'}


def ranked(items):
    return mapping([(number, *item) for number, item in enumerate(items)])


class Dashboard:
    """Panels in rows of 24 units, from top to bottom."""

    def __init__(self, mib, numbered):
        self.numbered = numbered
        self.states = enumeration(mib.module.conventions['DmpState'].members, COLOURS)
        self.engine = enumeration(mib.columns['dmpEngineState'].syntax.members, {
            'running': 'green', 'stalled': 'yellow', 'stopped': 'red'})
        self.receivers = enumeration(mib.columns['dmpReceiverState'].syntax.members, {
            'ok': 'green', 'waiting': 'blue', 'failing': 'orange', 'unreachable': 'red',
            'disabled': 'gray'})
        self.reasons = mapping([(r.number, f'{r.sentence} (to mend by {r.owner})', None)
                                for r in reasons() if r.owner != 'nobody'] +
                               [(r.number, r.sentence, None)
                                for r in reasons() if r.owner == 'nobody'])
        self.panels = []
        self.x = self.y = 0

    def panel(self, kind, title, size, queries, **more):
        """queries: [(PromQL, legend)]; legend None asks for the newest row as a table."""
        width, height = size
        if self.x + width > 24:
            self.x, self.y = 0, self.y + self.panels[-1]['gridPos']['h']
        targets = []
        for place, (expression, legend) in enumerate(queries):
            target = {'refId': chr(ord('A') + place), 'datasource': SOURCE,
                      'expr': self.numbered(expression)}
            if legend is None:
                target.update(format='table', instant=True)
            else:
                target['legendFormat'] = legend
            targets.append(target)
        defaults = {'mappings': more.get('mappings', []), **more.get('defaults', {})}
        self.panels.append({
            'id': len(self.panels) + 1, 'type': kind, 'title': title,
            'datasource': SOURCE, 'targets': targets,
            'gridPos': {'x': self.x, 'y': self.y, 'w': width, 'h': height},
            'fieldConfig': {'defaults': defaults, 'overrides': more.get('overrides', [])},
            'options': more.get('options', {}),
            'transformations': more.get('transformations', [])})
        self.x += width

    def stat(self, title, expression, mappings=(), thresholds=None, unit='none'):
        self.panel('stat', title, (3, 4), [(expression, '{{instance}}')],
                   mappings=list(mappings),
                   defaults={'thresholds': thresholds or steps('green', (1, 'red')),
                             'unit': unit},
                   options={'colorMode': 'background', 'reduceOptions': {
                       'calcs': ['lastNotNull'], 'fields': '', 'values': False}})

    def states_of(self, title, size, query, mappings):
        """A state timeline.  Its colours are those of the mappings: Grafana's colour mode
        "thresholds" would draw ranges of numbers instead."""
        self.panel('state-timeline', title, size, [query], mappings=mappings,
                   defaults={'color': {'mode': 'fixed', 'fixedColor': 'gray'},
                             'custom': {'fillOpacity': 80, 'lineWidth': 0}},
                   options={'mergeValues': True, 'showValue': 'never', 'rowHeight': 0.9,
                            'legend': {'showLegend': False}, 'tooltip': {'mode': 'single'}})

    # --- rows ---

    def summary(self):
        self.stat('Status', f'dmpStatus{{{SITE}}}', ranked(STATUS))
        self.stat('Required ports down', f'dmpRequiredPortsDown{{{SITE}}}')
        self.stat('Hosts down', f'dmpDownHosts{{{SITE}}}')
        self.stat('Exposed ports', f'dmpExposedPorts{{{SITE}}}')
        self.stat('Degraded ports', f'dmpDegradedPorts{{{SITE}}}',
                  thresholds=steps('green', (1, 'yellow')))
        self.stat('Not judged yet', f'dmpUnknownPorts{{{SITE}}}',
                  thresholds=steps('green', (1, 'purple')))
        self.stat('Engine', f'dmpEngineState{{{SITE}}}', self.engine)
        self.stat('First certificate to expire',
                  f'min by (instance) (dmpPortTlsDaysLeft{{{SITE}}} < {NEVER})', unit='d',
                  thresholds=CERTIFICATES)

    def problems(self):
        self.panel('table', 'Problems', (24, 6), [
            (f'dmpProblemSeverityRank{{{SITE}}}', None)],
            overrides=[override('byName', 'Severity', mappings=ranked(RANKS),
                                cell=BACKGROUND, **{'custom.width': 100}),
                       override('byName', 'Key', **{'custom.width': 250}),
                       override('byName', 'Seen from', **{'custom.width': 200})],
            transformations=[self.organized({
                'Value': 'Severity', 'dmpProblemKey': 'Key', 'instance': 'Seen from',
                'dmpProblemMessage': 'Message'}, ['dmpProblemIndex'])])

    @staticmethod
    def organized(names, hidden):
        return {'id': 'organize', 'options': {
            'renameByName': names,
            'indexByName': {name: place for place, name in enumerate(names)},
            'excludeByName': {name: True for name in
                              ['Time', '__name__', 'job', *hidden]}}}

    def matrix(self):
        """One cell for each host and requirement: a key is host/requirement."""
        state = (f'label_replace(dmpPortState{{{PORTS}}}, "requirement", "$1", '
                 '"dmpPortKey", "[^/]*/(.*)")')
        by = 'max by (dmpPortHostName, requirement)'
        expression = '\nor '.join(
            [f'{by} ({state} == <DmpState.{name}>)' for name in WORST] + [f'{by} ({state})'])
        # Names of hosts are text, which must be neither translated nor coloured; a cell
        # without a port has the first threshold's colour.
        self.panel('table', 'Hosts and services', (24, 9), [(expression, None)],
                   defaults={'thresholds': steps('transparent'),
                             'custom': {'align': 'center'}},
                   overrides=[override('byType', 'number', mappings=self.states,
                                       cell=BACKGROUND)],
                   transformations=[
                       {'id': 'groupingToMatrix', 'options': {
                           'rowField': 'dmpPortHostName', 'columnField': 'requirement',
                           'valueField': 'Value', 'emptyValue': 'empty'}},
                       {'id': 'organize', 'options': {
                           'renameByName': {'dmpPortHostName\\requirement': 'Host'},
                           'indexByName': {}, 'excludeByName': {}}}])

    def timeline(self):
        self.states_of('States', (24, 10), (f'dmpPortState{{{PORTS}}}', '{{dmpPortKey}}'),
                       self.states)

    def reasons_table(self):
        wrong = (f'dmpPortReason{{{PORTS}}} and on(job, instance, dmpPortIndex) '
                 '(dmpPortState == <DmpState.down> or dmpPortState == <DmpState.exposed> '
                 'or dmpPortState == <DmpState.degraded>)')
        # Only the reason is translated: a port number is text, and 22 is a reason, too.
        self.panel('table', 'Why', (24, 6), [(wrong, None)],
                   overrides=[override('byName', 'Why', mappings=self.reasons,
                                       **{'custom.minWidth': 400})],
                   transformations=[self.organized({
                       'dmpPortKey': 'Port', 'dmpPortService': 'Service',
                       'dmpPortNumber': 'Number', 'Value': 'Why', 'instance': 'Seen from'},
                       ['dmpPortIndex', 'dmpPortHostName'])])

    def measurements(self):
        self.panel('timeseries', 'Latency', (12, 8), [
            (f'dmpPortLatency{{{PORTS}}} > 0', '{{dmpPortKey}}')],
            defaults={'unit': '\u00b5s'})
        self.panel('timeseries', 'Latency, 95 % of the last hour', (12, 8), [
            (f'dmpPortLatencyP95{{{PORTS}}} > 0', '{{dmpPortKey}}')],
            defaults={'unit': '\u00b5s'})
        self.panel('bargauge', 'Days until certificates expire', (12, 8), [
            (f'dmpPortTlsDaysLeft{{{PORTS}}} < {NEVER}', '{{dmpPortKey}}')],
            defaults={'unit': 'd', 'min': 0, 'max': 365, 'thresholds': CERTIFICATES},
            options=dict(BARS))
        self.panel('bargauge', 'Availability, 30 days', (12, 8), [
            (f'(dmpPortAvailabilityMonth{{{PORTS}}} <= 100000) / 1000',
             '{{dmpPortKey}}')],
            defaults={'unit': 'percent', 'min': 0, 'max': 100, 'decimals': 3,
                      'thresholds': steps('red', (99, 'yellow'), (99.9, 'green'))},
            options=dict(BARS))

    def itself(self):
        self.states_of('Receivers of notifications', (12, 6), (
            f'dmpReceiverState{{{SITE}}}', '{{instance}} {{dmpReceiverName}}'),
            self.receivers)
        self.panel('timeseries', 'Checks a second', (12, 6), [
            (f'rate(dmpChecks{{{SITE}}}[5m])', '{{instance}}'),
            (f'rate(dmpInconclusiveChecks{{{SITE}}}[5m])', '{{instance}} inconclusive')])


def variable(name, label, query):
    return {'name': name, 'label': label, 'type': 'query', 'datasource': SOURCE,
            'query': {'query': query, 'refId': name}, 'definition': query, 'refresh': 2,
            'multi': True, 'includeAll': True, 'allValue': '.*', 'sort': 1,
            'current': {'text': ['All'], 'value': ['$__all']}}


def source_variable():
    """Asked for in the dashboard, so that it can be provisioned from a file, too."""
    return {'name': 'datasource', 'label': 'Prometheus', 'type': 'datasource',
            'query': 'prometheus', 'refresh': 1, 'multi': False, 'includeAll': False,
            'current': {}}


def dashboard(mib, numbered):
    made = Dashboard(mib, numbered)
    for row in (made.summary, made.problems, made.matrix, made.timeline,
                made.reasons_table, made.measurements, made.itself):
        row()
    ports = 'label_values(dmpPortState{' + SITE
    document = {
        '__requires': [{'type': 'grafana', 'id': 'grafana', 'name': 'Grafana',
                        'version': '9.5.0'}],
        'id': None, 'uid': 'dmports', 'title': 'DataMiner ports', 'version': 1,
        'description': 'Written by examples/generator from DATAMINER-PORTS-MIB.',
        'tags': ['dataminer', 'dmports'], 'schemaVersion': 38, 'editable': True,
        'refresh': '30s', 'time': {'from': 'now-6h', 'to': 'now'}, 'timezone': '',
        'templating': {'list': [
            source_variable(),
            variable('instance', 'Seen from', 'label_values(dmpStatus{job="dmports"}, '
                     'instance)'),
            variable('host', 'Host', ports + '}, dmpPortHostName)'),
            variable('service', 'Service', ports + '}, dmpPortService)')]},
        'annotations': {'list': []}, 'panels': made.panels}
    return json.dumps(document, indent=1, ensure_ascii=True) + '\n'
