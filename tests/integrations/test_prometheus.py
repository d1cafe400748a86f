#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""snmp_exporter, promtool and Prometheus with the files of examples/prometheus."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.parse

import yaml

from exporters import (DEBIAN, FOLDER, MIB_ENVIRONMENT, OLD_FORM, ExporterTest, answers,
                       ask, block_of_readme, dry_run, module, read_yaml, text_of,
                       without_optional)
from live import free_port, load, tool, wait_until

RULE_TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          'prometheus_rules_test.yml')
NAME = re.compile(r'\bdmp[A-Z]\w*')


def known_names():
    """Metrics and labels that snmp_exporter makes."""
    found = set()
    for metric in module()['metrics']:
        found.add(metric['name'])
        found.add(metric['name'] + '_info')
        found.update(index['labelname'] for index in metric.get('indexes', []))
        found.update(lookup['labelname'] for lookup in metric.get('lookups', []))
    return found


def rules():
    return read_yaml('dmports.rules.yml')['groups'][0]['rules']


def queries():
    """[(title, PromQL)] of the dashboard, its variables for everything."""
    panels = json.loads(text_of('dashboard.json'))['panels']
    return [(panel['title'], re.sub(r'\$(instance|host|service)', '.*', target['expr']))
            for panel in panels for target in panel['targets']]


class FilesTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='dmp')
        self.addCleanup(shutil.rmtree, self.dir)

    def copy(self, name, source=None):
        shutil.copy(source or os.path.join(FOLDER, name), os.path.join(self.dir, name))

    def run_here(self, *command):
        return subprocess.run(
            [tool(command[0]), *command[1:]], cwd=self.dir, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            timeout=120, env=MIB_ENVIRONMENT)

    def test_debian_generator_writes_the_same(self):
        self.copy('generator.yml', os.path.join(FOLDER, 'generator-0.22.yml'))
        done = self.run_here('prometheus-snmp-generator', 'generate')
        self.assertEqual(done.returncode, 0, done.stdout)
        with open(os.path.join(self.dir, 'snmp.yml'), encoding='utf-8') as file:
            made = yaml.safe_load(file)['dmports']
        ours = module()
        without_optional(ours['metrics'])
        self.assertEqual(made, ours)

    def test_debian_exporter_reads_it(self):
        done = dry_run(DEBIAN, OLD_FORM)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_both_forms_say_the_same(self):
        old, new = read_yaml('snmp-0.22.yml'), read_yaml('snmp.yml')
        self.assertEqual(set(new), {'auths', 'modules'})
        asked = read_yaml('prometheus.yml')['scrape_configs'][0]['params']
        self.assertEqual(asked, {'module': list(new['modules']), 'auth': list(new['auths'])})
        login = new['auths']['dmports_v2']
        self.assertEqual(old['dmports'], {
            **new['modules']['dmports'], 'version': login['version'],
            'auth': {'community': login['community']}})
        old, new = read_yaml('generator-0.22.yml'), read_yaml('generator.yml')
        self.assertEqual(old['modules']['dmports'], {
            **new['modules']['dmports'], 'version': 2, 'auth': {'community': 'public'}})

    def test_steps_of_the_readme_work_on_the_files_of_debian(self):
        for name in ('prometheus.yml', 'snmp.yml'):
            self.copy(name, '/etc/prometheus/' + name)
        steps = block_of_readme('apt install prometheus prometheus-snmp-exporter')
        steps = re.sub('(?m)^(apt|systemctl) .*\n', '', steps)
        self.assertEqual(steps.count('\n'), 6)
        done = subprocess.run(
            ['sh', '-eu'], input=steps.replace('/etc/prometheus', self.dir), cwd=FOLDER,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn('18 rules found', done.stdout)
        done = dry_run(DEBIAN, os.path.join(self.dir, 'snmp.yml'))
        self.assertEqual(done.returncode, 0, done.stdout)
        with open(os.path.join(self.dir, 'prometheus.yml'), encoding='utf-8') as file:
            job = yaml.safe_load(file)['scrape_configs'][-1]
        self.assertEqual(job['job_name'], 'dmports')
        self.assertEqual(job['static_configs'], [{'targets': ['192.0.2.10']}])

    def test_promtool_accepts_rules_and_configuration(self):
        self.copy('prometheus.yml')
        self.copy('dmports.rules.yml')
        done = self.run_here('promtool', 'check', 'config', 'prometheus.yml')
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_rules_do_what_their_tests_say(self):
        self.copy('dmports.rules.yml')
        self.copy('tests.yml', RULE_TESTS)
        done = self.run_here('promtool', 'test', 'rules', 'tests.yml')
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_rule_with_another_expression_fails_the_tests(self):
        self.copy('tests.yml', RULE_TESTS)
        for rule in rules():
            changed = read_yaml('dmports.rules.yml')
            for other in changed['groups'][0]['rules']:
                if other['alert'] == rule['alert']:
                    other['expr'] = 'vector(1) > 2'
            with open(os.path.join(self.dir, 'dmports.rules.yml'), 'w',
                      encoding='utf-8') as file:
                yaml.safe_dump(changed, file)
            done = self.run_here('promtool', 'test', 'rules', 'tests.yml')
            self.assertNotEqual(done.returncode, 0, rule['alert'] + ' is not tested')

    def test_every_name_in_rules_and_dashboard_exists(self):
        texts = [rule['expr'] for rule in rules()]
        texts += [rule['annotations']['description'] for rule in rules()
                  if 'query' in rule['annotations']['description']]
        texts += [expression for _, expression in queries()]
        dashboard = json.loads(text_of('dashboard.json'))
        texts += [variable['query']['query'] for variable in dashboard['templating']['list'][1:]]
        texts += [target.get('legendFormat', '') for panel in dashboard['panels']
                  for target in panel['targets']]
        texts += [json.dumps(panel['transformations']) for panel in dashboard['panels']]
        used = set(NAME.findall('\n'.join(texts)))
        self.assertGreater(len(used), 20)
        self.assertEqual(used - known_names(), set())

    def test_dashboard_can_be_imported(self):
        dashboard = json.loads(text_of('dashboard.json'))
        self.assertIsNone(dashboard['id'])
        ids = [panel['id'] for panel in dashboard['panels']]
        self.assertEqual(len(ids), len(set(ids)))
        names = {variable['name'] for variable in dashboard['templating']['list']}
        used = set(re.findall(r'\$\{?(?!__)(\w+)', re.sub(
            r'"\$1"', '', json.dumps(dashboard).replace('\\"', '"'))))
        self.assertEqual(used, names)
        taken = set()
        for panel in dashboard['panels']:
            place = panel['gridPos']
            self.assertLessEqual(place['x'] + place['w'], 24, panel['title'])
            cells = {(x, y) for x in range(place['x'], place['x'] + place['w'])
                     for y in range(place['y'], place['y'] + place['h'])}
            self.assertFalse(cells & taken, panel['title'])
            taken |= cells


    def test_panels_of_the_dashboard_translate_and_colour_the_right_fields(self):
        for panel in json.loads(text_of('dashboard.json'))['panels']:
            title, kind = panel['title'], panel['type']
            defaults, overrides = (panel['fieldConfig'][name]
                                   for name in ('defaults', 'overrides'))
            if kind in ('stat', 'bargauge'):
                # Without its own it would be red from 80 upwards.
                self.assertGreater(len(defaults['thresholds']['steps']), 1, title)
            if kind == 'state-timeline':
                self.assertEqual(defaults['color']['mode'], 'fixed', title)
                self.assertTrue(defaults['mappings'], title)
            if kind == 'table':
                # Its columns of text (a port, a host) may look like a number that is mapped.
                self.assertEqual(defaults['mappings'], [], title)
                self.assertTrue([o for o in overrides for p in o['properties']
                                 if p['id'] == 'mappings'], title)
            shown = {name for step in panel['transformations']
                     for name in step['options'].get('renameByName', {}).values()}
            for override in overrides:
                if override['matcher']['id'] == 'byName':
                    self.assertIn(override['matcher']['options'], shown, title)

    def test_units_of_the_dashboard_are_those_of_the_mib(self):
        mib = load()
        units = {'\u00b5s': 'microseconds', 'd': 'days', 'percent': 'thousandths of a percent'}
        seen = set()
        for panel in json.loads(text_of('dashboard.json'))['panels']:
            unit = panel['fieldConfig']['defaults'].get('unit', 'none')
            for name in NAME.findall(panel['targets'][0]['expr']):
                if unit != 'none' and name in mib.columns and 'Index' not in name and (
                        mib.columns[name].units):
                    self.assertEqual(mib.columns[name].units, units.get(unit), panel['title'])
                    seen.add(unit)
        self.assertEqual(seen, set(units))


class ScrapeTest(ExporterTest):
    def setUp(self):
        super().setUp()
        self.prometheus_port = free_port(socket.SOCK_STREAM)

    def start_prometheus(self):
        """The files of the folder, only faster and with our addresses."""
        config = text_of('prometheus.yml')
        for old, new in (("'30s'", "'1s'"), ("'25s'", "'1s'"),
                         ('127.0.0.1:9116', f'127.0.0.1:{self.exporter_port}'),
                         ('dataminer-vantage.example', self.lab.agent())):
            self.assertIn(old, config)
            config = config.replace(old, new)
        config = config.replace('scrape_configs:',
                                'global:\n  evaluation_interval: 1s\nscrape_configs:')
        path = self.write('prometheus.yml', config)
        self.write('dmports.rules.yml', re.sub(
            r"for: '\d+[mh]'", "for: '1s'", text_of('dmports.rules.yml')))
        self.lab.start('prometheus', [
            tool('prometheus'), '--config.file=' + path,
            '--storage.tsdb.path=' + self.folder('tsdb'),
            f'--web.listen-address=127.0.0.1:{self.prometheus_port}'])
        wait_until('Prometheus', lambda: answers(self.url('/-/ready')))

    def url(self, path, **query):
        return (f'http://127.0.0.1:{self.prometheus_port}{path}' +
                ('?' + urllib.parse.urlencode(query) if query else ''))

    def query(self, expression):
        return json.loads(ask(self.url('/api/v1/query', query=expression)))[
            'data']['result']

    def alerts(self):
        """{name: [alert]} of those that fire."""
        found = {}
        for alert in json.loads(ask(self.url('/api/v1/alerts')))['data']['alerts']:
            if alert['state'] == 'firing':
                found.setdefault(alert['labels']['alertname'], []).append(alert)
        return found

    def test_exporter_scrapes_every_metric_and_none_of_a_dead_subagent(self):
        self.run_lab_with_a_problem()
        self.check_scrape(self.start_exporter(tool(DEBIAN), OLD_FORM))

    def test_prometheus_alerts_when_a_required_port_goes_down_and_when_dmports_does(self):
        self.run_lab()
        self.start_exporter(tool(DEBIAN), OLD_FORM)
        self.start_prometheus()
        wait_until('samples', lambda: self.query('dmpPortState'))
        wait_until('no alert', lambda: self.alerts() == {})
        self.b.close()
        alert = wait_until('the alert', lambda: self.alerts().get(
            'DmportsRequiredPortDown'), 60)[0]
        self.assertEqual(alert['labels']['dmpPortKey'], 'h1/svc-b')
        message = self.lab.traps_of('dmpPortDown', 'h1/svc-b')[0]['dmpNotifyMessage']
        wait_until('the message', lambda: self.alerts()['DmportsRequiredPortDown'][0][
            'annotations']['description'] == message)
        self.assertIn('DmportsStatusCritical', self.alerts())
        self.check_dashboard()
        self.b.open()
        wait_until('the end', lambda: 'DmportsRequiredPortDown' not in self.alerts(), 60)
        self.lab.stop('dmportsd')
        wait_until('the absence', lambda: 'DmportsGone' in self.alerts(), 60)

    def check_dashboard(self):
        """While a port is down every panel has something; but no certificate was shown, and
        what is observed for hours may not be there yet."""
        for title, expression in queries():
            found = self.query(expression)
            if not re.search('TlsDays|LatencyP95|Availability', expression):
                wait_until(title, lambda e=expression: self.query(e))
            self.assertIsInstance(found, list, title)


if __name__ == '__main__':
    unittest.main(verbosity=2)
