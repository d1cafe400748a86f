# SPDX-License-Identifier: BSD-2-Clause
"""The Grafana dashboard over the metrics of snmp_exporter (Grafana 9 and newer)."""
import json

from source import reasons

SOURCE = {'type': 'prometheus', 'uid': '${DS_PROMETHEUS}'}
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


def mapping(items):
    """[(number, text, colour)] as Grafana's value mappings."""
    return [{'type': 'value', 'options': {
        str(number): {'text': text, 'index': place, **({'color': colour} if colour else {})}
        for place, (number, text, colour) in enumerate(items)}}]


def enumeration(members, colours):
    return mapping([(number, label, colours.get(label))
                    for label, number in members.items()])


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

    def stat(self, title, expression, mappings=(), steps=None, unit='none'):
        thresholds = {'mode': 'absolute', 'steps': steps or [
            {'color': 'green', 'value': None}, {'color': 'red', 'value': 1}]}
        self.panel('stat', title, (3, 4), [(expression, '{{instance}}')],
                   mappings=list(mappings),
                   defaults={'thresholds': thresholds, 'unit': unit},
                   options={'colorMode': 'background', 'reduceOptions': {
                       'calcs': ['lastNotNull'], 'fields': '', 'values': False}})

    # --- rows ---

    def summary(self):
        self.stat('Status', f'dmpStatus{{{SITE}}}', ranked(STATUS))
        self.stat('Required ports down', f'dmpRequiredPortsDown{{{SITE}}}')
        self.stat('Hosts down', f'dmpDownHosts{{{SITE}}}')
        self.stat('Exposed ports', f'dmpExposedPorts{{{SITE}}}')
        self.stat('Degraded ports', f'dmpDegradedPorts{{{SITE}}}', steps=[
            {'color': 'green', 'value': None}, {'color': 'yellow', 'value': 1}])
        self.stat('Not judged yet', f'dmpUnknownPorts{{{SITE}}}', steps=[
            {'color': 'green', 'value': None}, {'color': 'purple', 'value': 1}])
        self.stat('Engine', f'dmpEngineState{{{SITE}}}', self.engine)
        self.stat('First certificate to expire',
                  f'min by (instance) (dmpPortTlsDaysLeft{{{SITE}}} < {NEVER})', unit='d',
                  steps=[{'color': 'red', 'value': None}, {'color': 'yellow', 'value': 7},
                         {'color': 'green', 'value': 30}])

    def problems(self):
        self.panel('table', 'Problems', (24, 6), [
            (f'dmpProblemSeverityRank{{{SITE}}}', None)], mappings=ranked(RANKS),
            defaults={'custom': {'cellOptions': {'type': 'auto'}}},
            overrides=[{
                'matcher': {'id': 'byName', 'options': 'Severity'},
                'properties': [{'id': 'custom.cellOptions',
                                'value': {'type': 'color-background'}},
                               {'id': 'custom.width', 'value': 100}]}],
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
        expression = (f'max by (dmpPortHostName, requirement) (label_replace('
                      f'dmpPortState{{{PORTS}}}, "requirement", "$1", "dmpPortKey", '
                      '"[^/]*/(.*)"))')
        self.panel('table', 'Hosts and services', (24, 9), [(expression, None)],
                   mappings=self.states,
                   defaults={'custom': {'cellOptions': {'type': 'color-background'},
                                        'align': 'center'}},
                   transformations=[{'id': 'groupingToMatrix', 'options': {
                       'rowField': 'dmpPortHostName', 'columnField': 'requirement',
                       'valueField': 'Value', 'emptyValue': 'empty'}}])

    def timeline(self):
        self.panel('state-timeline', 'States', (24, 10), [
            (f'dmpPortState{{{PORTS}}}', '{{dmpPortKey}}')], mappings=self.states,
            defaults={'custom': {'fillOpacity': 80, 'lineWidth': 0}},
            options={'mergeValues': True, 'showValue': 'never', 'rowHeight': 0.9,
                     'legend': {'showLegend': False}})

    def reasons_table(self):
        wrong = (f'dmpPortReason{{{PORTS}}} and on(job, instance, dmpPortIndex) '
                 '(dmpPortState == <DmpState.down> or dmpPortState == <DmpState.exposed> '
                 'or dmpPortState == <DmpState.degraded>)')
        self.panel('table', 'Why', (24, 6), [(wrong, None)], mappings=self.reasons,
                   transformations=[self.organized({
                       'dmpPortKey': 'Port', 'dmpPortService': 'Service',
                       'dmpPortNumber': 'Number', 'Value': 'Why'},
                       ['dmpPortIndex', 'dmpPortHostName', 'instance'])])

    def measurements(self):
        self.panel('timeseries', 'Latency', (12, 8), [
            (f'dmpPortLatency{{{PORTS}}} > 0', '{{dmpPortKey}}')],
            defaults={'unit': '\u00b5s'})
        self.panel('timeseries', 'Latency, 95 % of the last hour', (12, 8), [
            (f'dmpPortLatencyP95{{{PORTS}}} > 0', '{{dmpPortKey}}')],
            defaults={'unit': '\u00b5s'})
        self.panel('bargauge', 'Days until certificates expire', (12, 8), [
            (f'dmpPortTlsDaysLeft{{{PORTS}}} < {NEVER}', '{{dmpPortKey}}')],
            defaults={'unit': 'd', 'min': 0, 'max': 365, 'thresholds': {
                'mode': 'absolute', 'steps': [
                    {'color': 'red', 'value': None}, {'color': 'yellow', 'value': 7},
                    {'color': 'green', 'value': 30}]}},
            options={'orientation': 'horizontal', 'displayMode': 'basic'})
        self.panel('bargauge', 'Availability, 30 days', (12, 8), [
            (f'(dmpPortAvailabilityMonth{{{PORTS}}} <= 100000) / 1000',
             '{{dmpPortKey}}')],
            defaults={'unit': 'percent', 'min': 0, 'max': 100, 'decimals': 3},
            options={'orientation': 'horizontal', 'displayMode': 'basic'})

    def itself(self):
        self.panel('state-timeline', 'Receivers of notifications', (12, 6), [
            (f'dmpReceiverState{{{SITE}}}', '{{dmpReceiverName}}')],
            mappings=self.receivers, defaults={'custom': {'fillOpacity': 80}})
        self.panel('timeseries', 'Checks a second', (12, 6), [
            (f'rate(dmpChecks{{{SITE}}}[5m])', '{{instance}}'),
            (f'rate(dmpInconclusiveChecks{{{SITE}}}[5m])', '{{instance}} inconclusive')])


def variable(name, label, query):
    return {'name': name, 'label': label, 'type': 'query', 'datasource': SOURCE,
            'query': {'query': query, 'refId': name}, 'definition': query, 'refresh': 2,
            'multi': True, 'includeAll': True, 'sort': 1,
            'current': {'text': 'All', 'value': '$__all'}}


def dashboard(mib, numbered):
    made = Dashboard(mib, numbered)
    for row in (made.summary, made.problems, made.matrix, made.timeline,
                made.reasons_table, made.measurements, made.itself):
        row()
    ports = 'label_values(dmpPortState{' + SITE
    document = {
        '__inputs': [{'name': 'DS_PROMETHEUS', 'label': 'Prometheus', 'type': 'datasource',
                      'pluginId': 'prometheus', 'pluginName': 'Prometheus'}],
        '__requires': [{'type': 'grafana', 'id': 'grafana', 'name': 'Grafana',
                        'version': '9.1.0'}],
        'id': None, 'uid': 'dmports', 'title': 'DataMiner ports', 'version': 1,
        'description': 'Written by examples/generator from DATAMINER-PORTS-MIB.',
        'tags': ['dataminer', 'dmports'], 'schemaVersion': 37, 'editable': True,
        'refresh': '30s', 'time': {'from': 'now-6h', 'to': 'now'}, 'timezone': '',
        'templating': {'list': [
            variable('instance', 'Seen from', 'label_values(dmpStatus{job="dmports"}, '
                     'instance)'),
            variable('host', 'Host', ports + '}, dmpPortHostName)'),
            variable('service', 'Service', ports + '}, dmpPortService)')]},
        'annotations': {'list': []}, 'panels': made.panels}
    return json.dumps(document, indent=1, ensure_ascii=True) + '\n'
