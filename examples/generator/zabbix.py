# SPDX-License-Identifier: BSD-2-Clause
"""zabbix/: the template of Zabbix 6.0, in YAML."""
import hashlib
import re

from source import WRITTEN, reasons
from yaml_text import document

TEMPLATE = 'dmports by SNMP'
INDEX = '{#SNMPINDEX}'
GROUP = ('Templates/Network devices', '36bff6c29af64692839d077febfc7079')  # Zabbix's own

SCALARS = [
    'dmpStatus', 'dmpPorts', 'dmpRequiredPorts', 'dmpRequiredPortsDown',
    'dmpDegradedPorts', 'dmpExposedPorts', 'dmpUnknownPorts', 'dmpUnverifiedPorts',
    'dmpMaintenancePorts', 'dmpHosts', 'dmpDownHosts', 'dmpWorstSeverityRank',
    'dmpLastEvent', 'dmpChecks', 'dmpEngineState', 'dmpBoardAge', 'dmpConfigStatus',
    'dmpConfigMessage', 'dmpSoftwareVersion', 'dmpSiteName', 'dmpVantageName',
    'dmpDataMinerVersion']
# {table: ({macro: column}, columns)} of a discovery rule.
TABLES = {
    'dmpHostTable': (
        {'{#HOST}': 'dmpHostName'},
        ['dmpHostState', 'dmpHostRequiredPorts', 'dmpHostRequiredDown']),
    'dmpPortTable': (
        {'{#KEY}': 'dmpPortKey', '{#HOST}': 'dmpPortHostName',
         '{#SERVICE}': 'dmpPortService', '{#NUMBER}': 'dmpPortNumber',
         '{#LEVEL}': 'dmpPortLevel'},
        ['dmpPortState', 'dmpPortReason', 'dmpPortSuppressedBy', 'dmpPortLatency',
         'dmpPortAvailabilityDay', 'dmpPortTlsDaysLeft', 'dmpPortDetail']),
    'dmpReceiverTable': (
        {'{#RECEIVER}': 'dmpReceiverName'},
        ['dmpReceiverState', 'dmpReceiverPending'])}
SLOW = {'dmpSoftwareVersion', 'dmpSiteName', 'dmpVantageName', 'dmpDataMinerVersion',
        'dmpPortAvailabilityDay', 'dmpPortTlsDaysLeft'}
UNITS = {'microseconds': ('s', '0.000001'), 'milliseconds': ('s', '0.001'),
         'thousandths of a percent': ('%', '0.001')}
STATUS = {'0': 'ok', '1': 'warning', '2': 'critical', '3': 'unknown'}
RANKS = {'0': 'none', '1': 'warning', '2': 'minor', '3': 'major', '4': 'critical'}
TRAPS = 'Notifications'


def uuid(*words):
    """The same for the same thing in every version of this file; of the form of version 4."""
    digits = hashlib.sha256('/'.join(('dmports', *words)).encode()).hexdigest()[:32]
    return digits[:12] + '4' + digits[13:16] + '8' + digits[17:]


def words_of(name):
    """dmpPortTlsDaysLeft: tls days left."""
    short = re.sub('^dmp(Host|Port|Receiver)(?=[A-Z])', '', name).replace('dmp', '', 1)
    short = 'P' + short[1:] if short == 'orts' else short
    text = re.sub('(?<=[a-z])(?=[A-Z])', ' ', short).lower()
    return text.replace('data miner', 'DataMiner').replace('tls', 'TLS')


def reason_text(reason):
    """The word and who can mend it: a value map takes no more than 64 characters."""
    return reason.label + (f', call {reason.owner}' if reason.owner != 'nobody' else '')


def placed(triggers, items, place):
    """Zabbix keeps a trigger below its item, by name; those of several items are returned."""
    several = []
    for trigger in sorted(triggers, key=lambda found: found['name']):
        used = [item for item in items
                if f'/{TEMPLATE}/{item["key"]}' in trigger['expression']]
        if len(used) == 1:
            used[0].setdefault(place, []).append(trigger)
        else:
            several.append(trigger)
    return several


class Template:
    def __init__(self, mib):
        self.mib = mib
        self.valuemaps = {'dmpStatus': STATUS, 'DmpSeverityRank': RANKS,
                          'DmpReason': {str(r.number): reason_text(r)
                                        for r in reasons()}}

    # --- pieces ---

    def valuemap(self, column):
        """The name of the value map of a column, made when it has none yet."""
        name = column.convention if column.convention.startswith('Dmp') else column.name
        if column.is_enum and name not in self.valuemaps:
            self.valuemaps[name] = {str(number): label for label, number
                                    in column.syntax.members.items()}
        return name if name in self.valuemaps else None

    def item(self, column, prefix='', index=None):
        key = column.name + (f'[{index}]' if index else '')
        title = words_of(column.name)
        found = {
            'uuid': uuid('item', key),
            'name': f'{prefix}: {title}' if prefix else title[0].upper() + title[1:],
            'type': 'SNMP_AGENT',
            'snmp_oid': f'{self.mib.oid(column.name)}.{index or 0}', 'key': key,
            'history': '31d'}
        if column.name in SLOW:
            found['delay'] = '1h'
        if column.is_text:
            found.update(value_type='CHAR', trends='0')
        elif column.units in UNITS or column.syntax.base == 'Integer32':
            found['value_type'] = 'FLOAT'
        if column.units in UNITS:
            found['units'] = UNITS[column.units][0]
        found['description'] = column.description
        name = self.valuemap(column)
        if name:
            found['valuemap'] = {'name': name}
        steps = self.preprocessing(column)
        if steps:
            found['preprocessing'] = steps
        part = re.match('dmp([A-Z][a-z]+)', column.name)[1].lower() if index else 'site'
        found['tags'] = [{'tag': 'component', 'value': part}]
        return found

    @staticmethod
    def preprocessing(column):
        if column.is_text:
            return [{'type': 'DISCARD_UNCHANGED_HEARTBEAT', 'parameters': ['6h']}]
        steps = []
        if '2147483647' in column.description:
            # No value is no value, not a very large one.
            steps.append({'type': 'NOT_MATCHES_REGEX', 'parameters': ['^2147483647$'],
                          'error_handler': 'DISCARD_VALUE'})
        if column.units in UNITS:
            steps.append({'type': 'MULTIPLIER', 'parameters': [UNITS[column.units][1]]})
        if column.syntax.base == 'Counter32':
            steps.append({'type': 'CHANGE_PER_SECOND', 'parameters': ['']})
        return steps

    def trap_item(self, key, pattern, name):
        return {'uuid': uuid('item', key), 'name': name, 'type': 'SNMP_TRAP',
                'key': f'snmptrap["{pattern}"]', 'delay': '0', 'history': '31d',
                'trends': '0', 'value_type': 'LOG', 'logtimefmt': 'hh:mm:sszyyyy/MM/dd',
                'tags': [{'tag': 'component', 'value': 'notification'}]}

    def trap_pattern(self):
        """Any notification of the module."""
        return re.escape(self.mib.oid('dmpNotifications')) + r'\.[0-9]+\s'

    def trigger(self, name, expression, priority, *depends, **more):
        found = {'uuid': uuid('trigger', name), 'expression': self.numbered(expression),
                 'name': name, **more, 'priority': priority}
        if depends:
            found['dependencies'] = [{'name': d['name'], 'expression': d['expression']}
                                     for d in depends]
        found['tags'] = [{'tag': 'scope', 'value': 'availability'}]
        return found

    def numbered(self, text):
        """{item} becomes /template/item; <DmpState.down> the number of the MIB."""
        def number(match):
            name, label = match.groups()
            syntax = self.mib.module.conventions.get(name) or self.mib.columns[name].syntax
            return str(syntax.members[label])
        text = re.sub(r'<(\w+)\.(\w+)>', number, text)
        return text.replace('@', f'/{TEMPLATE}/')

    # --- chapters ---

    def items(self):
        found = [self.item(self.mib.columns[name]) for name in SCALARS]
        found.append(self.trap_item('notifications', self.trap_pattern(), TRAPS))
        found.append({
            'uuid': uuid('item', 'available'), 'name': 'SNMP agent availability',
            'type': 'INTERNAL', 'key': 'zabbix[host,snmp,available]', 'history': '31d',
            'tags': [{'tag': 'component', 'value': 'site'}]})
        return found

    def site_triggers(self):
        """In the order of dependence: each is silent while the one before is true."""
        self.unreachable = self.trigger(
            'The SNMP agent does not answer',
            'max(@zabbix[host,snmp,available],5m)=0', 'HIGH')
        self.gone = self.trigger(
            'dmports does not answer', 'nodata(@dmpStatus,5m)=1', 'HIGH',
            self.unreachable)
        self.idle = self.trigger(
            'Nothing is checked: the engine does not run',
            'last(@dmpEngineState)<><dmpEngineState.running>', 'HIGH', self.gone)
        lost = re.escape(self.mib.oid('dmpEventsLost')) + r'\s'
        return [
            self.unreachable, self.gone, self.idle,
            self.trigger('Values are old', 'min(@dmpBoardAge,5m)>60', 'WARNING', self.idle),
            self.trigger('The site has been critical for 10 minutes',
                         # A minimum of one value says nothing about 10 minutes.
                         'min(@dmpStatus,10m)=2 and max(@dmpStatus,10m)=2 and '
                         'count(@dmpStatus,10m)>=8', 'AVERAGE', self.gone),
            self.trigger('A configuration was rejected',
                         'last(@dmpConfigStatus)=<dmpConfigStatus.rejected>', 'WARNING',
                         event_name='A configuration was rejected: '
                         '{?last(//dmpConfigMessage)}'),
            self.trigger(
                'Events were lost before this server got them',
                f'find(@snmptrap["{self.trap_pattern()}"],#1,"regexp","{lost}")=1',
                'WARNING', recovery_mode='NONE', manual_close='YES')]

    def rule(self, table, items, triggers, graphs=(), overrides=()):
        macros, columns = TABLES[table]
        prefix = list(macros)[0]
        discovery = ','.join(f'{macro},{self.mib.oid(name)}'
                             for macro, name in macros.items())
        found = {
            'uuid': uuid('rule', table), 'name': table[3:-5] + ' discovery',
            'type': 'SNMP_AGENT', 'snmp_oid': f'discovery[{discovery}]', 'key': table,
            'delay': '10m', 'lifetime': '7d',
            'item_prototypes': [self.item(self.mib.columns[name], prefix, INDEX)
                                for name in columns] + list(items)}
        several = placed(triggers, found['item_prototypes'], 'trigger_prototypes')
        if several:
            found['trigger_prototypes'] = several
        if graphs:
            found['graph_prototypes'] = list(graphs)
        if overrides:
            found['overrides'] = list(overrides)
        return found

    def port_items(self):
        """Notifications about a port, and the state that the newest of them tells."""
        index_oid = re.escape(self.mib.oid('dmpNotifyPortIndex') + '.0')
        state_oid = re.escape(self.mib.oid('dmpNotifyState') + '.0')
        trap = self.trap_item(f'notifications[{INDEX}]', rf'{index_oid} {INDEX}\s',
                              '{#KEY}: notifications')
        state = {
            'uuid': uuid('item', 'dmpNotifyState'), 'name': '{#KEY}: state as notified',
            'type': 'DEPENDENT', 'key': f'dmpNotifyState[{INDEX}]', 'delay': '0',
            'history': '31d', 'valuemap': {'name': 'DmpState'},
            'preprocessing': [{'type': 'REGEX', 'parameters': [
                rf'{state_oid} ([0-9]+)', r'\1'], 'error_handler': 'DISCARD_VALUE'}],
            'master_item': {'key': trap['key']},
            'tags': [{'tag': 'component', 'value': 'notification'}]}
        return [trap, state]

    def is_state(self, state):
        """By notification at once, by polling if that got lost; a notification counts for 3
        minutes, in which polling sees the same."""
        return (f'((count(@dmpNotifyState[{INDEX}],#1,"eq","<DmpState.{state}>")=1 and '
                f'nodata(@dmpNotifyState[{INDEX}],3m)=0) or '
                f'last(@dmpPortState[{INDEX}])=<DmpState.{state}>) and '
                f'last(@dmpPortSuppressedBy[{INDEX}])=<dmpPortSuppressedBy.none>')

    def port_rule(self):
        days = f'last(@dmpPortTlsDaysLeft[{INDEX}])'
        urgent = self.trigger('The certificate of {#KEY} is about to expire',
                              days + '<7', 'HIGH', self.gone)
        triggers = [
            self.trigger(f'Port {{#KEY}} is {text}', self.is_state(state), priority,
                         self.gone, self.idle)
            for state, text, priority in (
                ('down', 'down', 'HIGH'),
                ('exposed', 'open and must not be', 'HIGH'),
                ('degraded', 'degraded', 'WARNING'))]
        triggers += [
            self.trigger('Port {#KEY} is flapping', f'last(@dmpPortSuppressedBy[{INDEX}])='
                         '<dmpPortSuppressedBy.flapping>', 'WARNING', self.gone),
            urgent,
            self.trigger('The certificate of {#KEY} expires', days + '<30', 'WARNING',
                         urgent)]
        return self.rule('dmpPortTable', self.port_items(), triggers,
                         [self.graph('latency', 'dmpPortLatency'),
                          self.graph('state', 'dmpPortState')],
                         [self.override('1', 'optional', {'severity': 'WARNING'}),
                          self.override('2', 'informational',
                                        {'discover': 'NO_DISCOVER'})])

    def override(self, step, level, change):
        number = self.numbered(f'<DmpLevel.{level}>')
        return {'name': f'{level} ports', 'step': step,
                'filter': {'conditions': [{'macro': '{#LEVEL}', 'value': f'^{number}$',
                                           'formulaid': 'A'}]},
                'operations': [{'operationobject': 'TRIGGER_PROTOTYPE', 'operator': 'LIKE',
                                'value': 'Port ', **change}]}

    def graph(self, title, column):
        return {'uuid': uuid('graph', column), 'name': '{#KEY}: ' + title,
                'graph_items': [{'color': '1A7C11', 'item': {
                    'host': TEMPLATE, 'key': f'{column}[{INDEX}]'}}]}

    def rules(self):
        host = self.trigger(
            'Host {#HOST} is down', f'last(@dmpHostState[{INDEX}])=<DmpState.down>',
            'HIGH', self.gone, self.idle)
        state = f'last(@dmpReceiverState[{INDEX}])'
        receiver = self.trigger(
            'Notifications do not reach {#RECEIVER}',
            f'{state}=<dmpReceiverState.failing> or {state}=<dmpReceiverState.unreachable>',
            'AVERAGE', self.gone)
        return [self.rule('dmpHostTable', [], [host]), self.port_rule(),
                self.rule('dmpReceiverTable', [], [receiver])]

    def dashboard(self):
        widgets = []
        for place, name in enumerate(('dmpStatus', 'dmpRequiredPortsDown', 'dmpDownHosts',
                                      'dmpExposedPorts', 'dmpDegradedPorts',
                                      'dmpEngineState')):
            widgets.append(self.widget('ITEM', (4 * place, 0, 4, 3), 'ITEM', 'itemid', {
                'host': TEMPLATE, 'key': name}))
        for place, title in enumerate(('state', 'latency')):
            widgets.append(self.widget(
                'GRAPH_PROTOTYPE', (12 * place, 3, 12, 10), 'GRAPH_PROTOTYPE', 'graphid',
                {'host': TEMPLATE, 'name': '{#KEY}: ' + title}))
        widgets.append(self.widget('PLAIN_TEXT', (0, 13, 24, 6), 'ITEM', 'itemids', {
            'host': TEMPLATE, 'key': f'snmptrap["{self.trap_pattern()}"]'}))
        return {'uuid': uuid('dashboard'), 'name': 'DataMiner ports',
                'pages': [{'widgets': widgets}]}

    @staticmethod
    def widget(kind, place, field, name, value):
        sizes = {key: str(number) for key, number in
                 zip(('x', 'y', 'width', 'height'), place) if number}
        return {'type': kind, **sizes,
                'fields': [{'type': field, 'name': name, 'value': value}]}

    def export(self):
        items = self.items()
        placed(self.site_triggers(), items, 'triggers')
        rules = self.rules()
        group, group_uuid = GROUP
        template = {
            'uuid': uuid('template'), 'template': TEMPLATE, 'name': TEMPLATE,
            'description': 'The network ports that a DataMiner System needs, as dmports '
            'sees them.', 'groups': [{'name': group}], 'items': items,
            'discovery_rules': rules,
            'tags': [{'tag': 'class', 'value': 'network'},
                     {'tag': 'target', 'value': 'dataminer'}],
            'dashboards': [self.dashboard()],
            'valuemaps': [{'uuid': uuid('valuemap', name), 'name': name, 'mappings': [
                {'value': value, 'newvalue': label} for value, label in pairs.items()]}
                for name, pairs in self.valuemaps.items()]}
        return {'zabbix_export': {
            'version': '6.0', 'date': '2026-11-22T00:00:00Z',
            'groups': [{'uuid': group_uuid, 'name': group}],
            'templates': [template]}}


def files(mib):
    return {'zabbix/template.yaml': document(Template(mib).export(), [
        WRITTEN, 'SPDX-License-Identifier: BSD-2-Clause'])}
