# SPDX-License-Identifier: BSD-2-Clause
"""prometheus/: snmp_exporter in its two forms, the scrape job, the rules, the dashboard."""
import re

import grafana
from prometheus_rules import ALERTS
from source import WRITTEN
from yaml_text import document

FOLDER = 'prometheus/'
MODULE = 'dmports'
COMMUNITY = 'public'
AUTH = 'dmports_v2'  # no name of the exporter's own file: both can be read together
GENERATED = [WRITTEN, 'SPDX-License-Identifier: BSD-2-Clause']

# Scalars that are no measurements: commands, and times of day that change with each start.
IGNORED = ['dmpReload', 'dmpResendProblems', 'dmpStartTime', 'dmpConfigTime']

# {table: (columns that become metrics, columns that become their labels)}.  An enumeration
# is a number: one series for each row, which the dashboard translates.  Level never
# changes, so it can be a word: dmpPortLevel_info{dmpPortLevel="required"}.
TABLES = {
    'dmpHostTable': (
        ['dmpHostState', 'dmpHostSeverityRank', 'dmpHostRequiredPorts',
         'dmpHostRequiredDown', 'dmpHostAdminState'],
        ['dmpHostName']),
    'dmpPortTable': (
        ['dmpPortLevel', 'dmpPortState', 'dmpPortReason', 'dmpPortSeverityRank',
         'dmpPortSuppressedBy', 'dmpPortLatency', 'dmpPortLatencyP95',
         'dmpPortAvailabilityDay', 'dmpPortAvailabilityWeek', 'dmpPortAvailabilityMonth',
         'dmpPortChecks', 'dmpPortFailures', 'dmpPortTransitions', 'dmpPortSinceChange',
         'dmpPortSinceCheck', 'dmpPortTlsDaysLeft', 'dmpPortAdminState'],
        ['dmpPortKey', 'dmpPortHostName', 'dmpPortService', 'dmpPortNumber']),
    'dmpProblemTable': (
        ['dmpProblemSeverityRank', 'dmpProblemSince'],
        ['dmpProblemKey', 'dmpProblemMessage']),
    'dmpReceiverTable': (
        ['dmpReceiverState', 'dmpReceiverPending', 'dmpReceiverSent',
         'dmpReceiverAcknowledged', 'dmpReceiverRetries', 'dmpReceiverFailures'],
        ['dmpReceiverName'])}
AS_INFO = ['dmpPortLevel']


def index_of(table):
    return table[:-5] + 'Index'


def exporter_type(column):
    if column.name in AS_INFO:
        return 'EnumAsInfo'
    if column.is_text:
        return 'DisplayString'
    return 'counter' if column.syntax.base == 'Counter32' else 'gauge'


# --- what goes into the generator of snmp_exporter ---

def module_source():
    walk = ['dmpSystem', 'dmpSummary']
    lookups = []
    for table, (metrics, labels) in TABLES.items():
        walk += metrics
        lookups += [{'source_indexes': [index_of(table)], 'lookup': label}
                    for label in labels]
    overrides = {name: {'ignore': True} for name in IGNORED}
    overrides.update({name: {'type': 'EnumAsInfo'} for name in AS_INFO})
    return {'walk': walk, 'lookups': lookups, 'overrides': overrides}


# --- what comes out of it ---

def metric(mib, column, table):
    """The help is the first sentence, as snmp_exporter's own generator takes it."""
    oid = mib.oid(column.name)
    found = {'name': column.name, 'oid': oid, 'type': exporter_type(column),
             'help': f'{column.description.split(". ")[0]} - {oid}'}
    if table:
        index = index_of(table)
        found['indexes'] = [{'labelname': index, 'type': 'gauge'}]
        found['lookups'] = [
            {'labels': [index], 'labelname': label, 'oid': mib.oid(label),
             'type': exporter_type(mib.columns[label])}
            for label in TABLES[table][1]]
    if column.is_enum:
        found['enum_values'] = {
            number: label for label, number in column.syntax.members.items()}
    return found


def module_result(mib):
    walk = [mib.oid('dmpSystem'), mib.oid('dmpSummary')]
    metrics = [metric(mib, column, None) for column in mib.columns.values()
               if column.parent in ('dmpSystem', 'dmpSummary')
               and column.name not in IGNORED]
    for table, (names, labels) in TABLES.items():
        walk += [mib.oid(name) for name in names + labels]
        metrics += [metric(mib, mib.columns[name], table)
                    for name in sorted(names, key=mib.oid)]
    return {'walk': sorted(walk), 'metrics': metrics}


def flat(body):
    """A module as 0.22 and older want it: with its version and community inside."""
    return {**body, 'version': 2, 'auth': {'community': COMMUNITY}}


def split(body):
    """The same as 0.23 and newer want it: how to log in stands apart."""
    return {'auths': {AUTH: {'community': COMMUNITY, 'version': 2}},
            'modules': {MODULE: body}}


def exporter_files(mib):
    result = module_result(mib)
    old = GENERATED + ['For snmp_exporter 0.22 and older.']
    new = GENERATED + ['For snmp_exporter 0.23 and newer.']
    return {
        'generator-0.22.yml': document({'modules': {MODULE: flat(module_source())}}, old),
        'generator.yml': document(split(module_source()), new),
        'snmp-0.22.yml': document({MODULE: flat(result)}, old),
        'snmp.yml': document(split(result), new)}


# --- Prometheus itself ---

def scrape_job():
    relabel = [
        {'source_labels': ['__address__'], 'target_label': '__param_target'},
        {'source_labels': ['__param_target'], 'target_label': 'instance'},
        {'target_label': '__address__', 'replacement': '127.0.0.1:9116'}]
    job = {
        'job_name': MODULE, 'scrape_interval': '30s', 'scrape_timeout': '25s',
        'metrics_path': '/snmp', 'params': {'module': [MODULE], 'auth': [AUTH]},
        'static_configs': [{'targets': ['dataminer-vantage.example']}],
        'relabel_configs': relabel}
    return {'rule_files': ['dmports.rules.yml'], 'scrape_configs': [job]}


def numbered(mib, text):
    """<DmpState.down> becomes the number that the MIB has for it."""
    def number(match):
        name, label = match.groups()
        syntax = mib.module.conventions.get(name) or mib.columns[name].syntax
        return str(syntax.members[label])
    return re.sub(r'<(\w+)\.(\w+)>', number, text)


def rule(mib, alert):
    return {'alert': alert.name, 'expr': numbered(mib, alert.expr), 'for': alert.wait,
            'labels': {'severity': alert.severity},
            'annotations': {'summary': alert.summary, 'description': alert.description}}


def files(mib):
    rules = {'groups': [{'name': MODULE, 'rules': [rule(mib, a) for a in ALERTS]}]}
    found = exporter_files(mib)
    found['prometheus.yml'] = document(scrape_job(), GENERATED)
    found['dmports.rules.yml'] = document(rules, GENERATED)
    found['dashboard.json'] = grafana.dashboard(mib, lambda text: numbered(mib, text))
    return {FOLDER + name: text for name, text in found.items()}
