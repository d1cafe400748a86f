#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's Cacti, with a MariaDB of its own, imports our templates, finds the rows of a live
dmports, polls them and draws."""
import json
import math
import os
import shutil
import subprocess
import unittest

from live import EXAMPLES, load, wait_until
from mariadb import MariaDbTest

HERE = os.path.dirname(os.path.abspath(__file__))
SHARE = '/usr/share/cacti'
SCHEMA = os.path.join(SHARE, 'conf_templates', 'cacti.sql')
CONFIGURATION = '''<?php
$database_type = 'mysql';
$database_default = 'cacti';
$database_hostname = '127.0.0.1';
$database_username = 'cacti';
$database_password = 'cacti';
$database_port = '{port}';
$database_retries = 5;
$database_ssl = false;
$database_ssl_key = '';
$database_ssl_cert = '';
$database_ssl_ca = '';
$database_persist = false;
$poller_id = 1;
$url_path = '/cacti/';
$cacti_session_name = 'Cacti';
$cacti_db_session = false;
$disable_log_rotation = true;
$proxy_headers = null;
'''
# What the installer of Cacti asks for, and a profile for those who cannot wait.
STEP = 5
PROFILE = 9
SETTINGS = f'''
REPLACE INTO settings (name, value) VALUES ('path_php_binary', '/usr/bin/php'),
    ('path_rrdtool', '/usr/bin/rrdtool'), ('rrdtool_version', '1.7.2'),
    ('poller_type', '1'), ('poller_interval', '{STEP}'), ('cron_interval', '{STEP}');
INSERT INTO data_source_profiles (id, hash, name, step, heartbeat, x_files_factor)
    VALUES ({PROFILE}, MD5('quick'), 'Quick', {STEP}, 60, 0.5);
INSERT INTO data_source_profiles_cf VALUES ({PROFILE}, 1), ({PROFILE}, 3), ({PROFILE}, 4);
INSERT INTO data_source_profiles_rra (data_source_profile_id, name, steps, `rows`, timespan)
    VALUES ({PROFILE}, 'Quick', 1, 2000, 10000);
'''
QUERIES = {'dmports_port.xml': 'dmpPort', 'dmports_host.xml': 'dmpHost'}
TEMPLATES = 'dmports_templates.xml'
TABLES = ('cdef', 'cdef_items', 'colors', 'data_input', 'data_input_fields', 'data_template',
          'data_template_rrd', 'graph_templates', 'graph_templates_gprint',
          'graph_templates_item', 'host_template', 'host_template_graph',
          'host_template_snmp_query', 'snmp_query', 'snmp_query_graph',
          'snmp_query_graph_rrd', 'snmp_query_graph_rrd_sv', 'snmp_query_graph_sv')


class CactiTest(MariaDbTest):
    def sql(self, text, database='cacti'):
        return super().sql(text, database)

    def rows(self, text):
        return [line.split('\t') for line in self.sql(text).splitlines()]

    def install(self):
        """A copy of Cacti that has its own configuration and our files."""
        self.cacti = self.lab.path('cacti')
        # Links lead to what only a configured Cacti has: cp says so and goes on.
        subprocess.run(['cp', '-rL', SHARE, self.cacti], stderr=subprocess.DEVNULL,
                       check=False)
        self.write('cacti/site/include/config.php', CONFIGURATION.format(port=self.port))
        for name in ('rra', 'log'):
            shutil.rmtree(f'{self.cacti}/site/{name}', ignore_errors=True)
            self.folder(f'cacti/site/{name}')
        with open(f'{self.cacti}/site/include/cacti_version', encoding='ascii') as file:
            self.sql(f"DELETE FROM version; INSERT INTO version VALUES "
                     f"('{file.read().strip()}');")
        self.sql(SETTINGS)
        for name in QUERIES:
            shutil.copy(os.path.join(EXAMPLES, 'cacti', name),
                        f'{self.cacti}/site/resource/snmp_queries/')

    def command(self, name, *arguments):
        return self.run_tool('php', f'{self.cacti}/cli/{name}', *arguments)

    def import_templates(self):
        said = self.command('import_template.php', f'--profile-id={PROFILE}',
                            '--filename=' + os.path.join(EXAMPLES, 'cacti', TEMPLATES))
        results = [line for line in said.splitlines() if line.startswith('[')]
        # The device, its queries, graphs, data templates, formulas and number formats.
        self.assertEqual(len(results), 1 + 2 + 5 + 9 + 6 + 3)
        for line in results:
            self.assertTrue(line.startswith('[success] dmports'), line)
        self.assertNotRegex(said, r'unmet|missing|ERROR|PHP ')

    def add_device(self):
        template = self.sql("SELECT id FROM host_template WHERE name = 'dmports'").strip()
        self.command('add_device.php', '--description=dmports', '--ip=127.0.0.1',
                     '--version=2', '--community=public', f'--port={self.lab.snmp_port}',
                     '--avail=none', f'--template={template}')
        return self.sql("SELECT id FROM host WHERE description = 'dmports'").strip()

    def cache(self, query):
        """{index: {field: value}} as Cacti has it."""
        rows = {}
        for index, name, value in self.rows(
                'SELECT snmp_index, field_name, field_value FROM host_snmp_cache WHERE '
                f'snmp_query_id = {query}'):
            rows.setdefault(index, {})[name] = value
        return rows

    def queries(self):
        return {os.path.basename(path): number for number, path in self.rows(
            "SELECT id, xml_path FROM snmp_query WHERE name LIKE 'dmports%'")}

    def add_graphs(self, device):
        for name, query in self.queries().items():
            label = 'PortKey' if 'port.xml' in name else 'HostName'
            for kind, template in self.rows(
                    'SELECT id, graph_template_id FROM snmp_query_graph WHERE '
                    f'snmp_query_id = {query}'):
                self.command('add_graphs.php', '--graph-type=ds', f'--host-id={device}',
                             f'--graph-template-id={template}', f'--snmp-query-id={query}',
                             f'--snmp-query-type-id={kind}', f'--snmp-field={label}',
                             '--snmp-value-regex=.')

    def start_poller(self):
        """Its poller, which goes round once in each step for the five minutes of cron.

        A poller whose database has gone takes all memory that it gets."""
        self.lab.start('poller', ['timeout', '600', 'prlimit', '--as=2000000000', 'php',
                                  f'{self.cacti}/site/poller.php', '--force'])

    def wait_drawn(self, row, source, value):
        """value: a number, NaN, or what gives it anew."""
        def same():
            wanted = value() if callable(value) else value
            found = self.drawn(row, source)
            return found == wanted or (math.isnan(found) and math.isnan(wanted))
        wait_until(f'{row} {source} {value}', same, 90, 1)

    def archive(self, row, source):
        """The file of RRDtool that has a data source."""
        found = self.rows(
            'SELECT d.data_source_path FROM data_template_data d JOIN data_template_rrd r ON '
            'r.local_data_id = d.local_data_id WHERE d.local_data_id > 0 AND '
            f"r.data_source_name = '{source}' AND d.name_cache LIKE '%{row}%'")
        self.assertEqual(len(found), 1, (row, source, found))
        return found[0][0].replace('<path_rra>', f'{self.cacti}/site/rra')

    def drawn(self, row, source):
        """The newest value of a data source that RRDtool has."""
        path = self.archive(row, source)
        if not os.path.exists(path):
            return math.nan
        names, _, *lines = self.run_tool('rrdtool', 'fetch', path, 'LAST', '--start',
                                         f'-{6 * STEP}').splitlines()
        values = [float(line.split()[1 + names.split().index(source)]) for line in lines]
        # The step that has not ended yet has no value.
        return next((v for v in reversed(values[:-1]) if not math.isnan(v)), math.nan)

    def graph(self, title, what, seconds=60):
        """What Cacti gives of a graph: its image, or its values."""
        number = self.sql('SELECT local_graph_id FROM graph_templates_graph WHERE '
                          f"title_cache = 'dmports - {title}'").strip()
        return subprocess.run(
            ['php', os.path.join(HERE, 'cacti_graph.php'), f'{self.cacti}/site', number,
             str(seconds), what], stdout=subprocess.PIPE, check=True).stdout

    def picture(self, title, seconds=60):
        image = self.graph(title, 'image', seconds)
        return image[image.find(b'\x89PNG'):]

    def values(self, title):
        """{what the legend says: the newest value that is drawn}, without what has none."""
        found = json.loads(self.graph(title, 'values').decode().splitlines()[-1])
        newest = {}
        for _, row in sorted(found['data'].items(), key=lambda item: int(item[0])):
            drawn = {found['legend'][column]: float(value) for column, value in row.items()}
            if not all(math.isnan(value) for value in drawn.values()):
                newest = drawn
        return {label: value for label, value in newest.items() if not math.isnan(value)}

    def told(self, row, source):
        """What the poller was told last, also when RRDtool did not keep it."""
        names, _, last = self.run_tool('rrdtool', 'lastupdate',
                                       self.archive(row, source)).split('\n')[:3]
        return last.split()[1 + names.split().index(source)]

    def test_templates_are_imported_once_and_again(self):
        self.start_database('cacti', SCHEMA)
        self.install()
        count = ' UNION ALL '.join(f"SELECT '{t}', COUNT(*) FROM {t}" for t in TABLES)
        empty = self.rows(count)
        self.import_templates()
        first = self.rows(count)
        for (name, before), (_, after) in zip(empty, first):
            if name not in ('data_input', 'data_input_fields'):
                self.assertGreater(int(after), int(before), name)
        self.import_templates()
        self.assertEqual(self.rows(count), first)

    def start(self):
        self.start_database('cacti', SCHEMA)
        self.install()
        self.run_lab()
        self.import_templates()
        device = self.add_device()
        self.add_graphs(device)
        return device

    def test_rows_are_found_polled_and_drawn(self):
        device = self.start()
        columns = {c.name: c for c in load().columns.values()}
        for name, query in self.queries().items():
            prefix = QUERIES[name]
            found = self.cache(query)
            label = prefix + ('Key' if prefix == 'dmpPort' else 'Name')
            self.assertEqual({index: row[label[3:]] for index, row in found.items()},
                             self.lab.table(label))
            for index, row in found.items():
                self.assertEqual(row[prefix[3:] + 'Index'], index)
                for field in row:
                    self.assertIn('dmp' + field, {*columns, prefix + 'Index'})
        # Three of each port, one of the host, one of the site.
        self.assertEqual(self.sql('SELECT COUNT(*) FROM graph_local WHERE '
                                  f'host_id = {device}').strip(), '8')
        self.start_poller()
        self.wait_drawn('h1/svc-b', 'severity', 0)
        self.wait_drawn('h1/svc-b', 'avail_day', 100000)
        self.wait_drawn('Site', 'ports_up', 2)
        self.wait_drawn('h1 - Host', 'required_down', 0)
        row = {key: index for index, key in self.lab.table('dmpPortKey').items()}
        self.wait_drawn('h1/svc-a', 'latency_p95', lambda: float(
            self.lab.table('dmpPortLatencyP95')[row['h1/svc-a']]))
        self.assertGreaterEqual(self.drawn('h1/svc-a', 'latency'), 1)
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        self.wait_drawn('h1/svc-b', 'severity', 4)
        self.assertLess(self.drawn('h1/svc-b', 'avail_day'), 100000)
        self.wait_drawn('h1 - Host', 'required', 2)
        self.wait_drawn('h1 - Host', 'required_down', 1)
        self.wait_drawn('Site', 'ports_up', 1)
        self.wait_drawn('Site', 'ports_down', 1)
        self.check_numbers_that_mean_none(row['h1/svc-b'])
        self.check_graphs()

    def check_numbers_that_mean_none(self, row):
        for source, column, none in (('latency', 'dmpPortLatency', '0'),
                                     ('days_left', 'dmpPortTlsDaysLeft', '2147483647')):
            self.assertEqual(self.lab.table(column)[row], none)
            wait_until(column, lambda s=source, n=none: self.told('h1/svc-b', s) == n, 60)
            self.wait_drawn('h1/svc-b', source, math.nan)

    def check_graphs(self):
        state = self.values('h1/svc-b - Port state and availability')
        self.assertEqual(state.pop('Critical'), math.inf)
        self.assertEqual(set(state), {'Available, 24 hours', 'Available, 30 days'})
        self.assertTrue(0 < state['Available, 24 hours'] < 100)
        good = self.values('h1/svc-a - Port state and availability')
        self.assertEqual(good, {'Good': math.inf, 'Available, 24 hours': 100,
                                'Available, 30 days': 100})
        latency = self.values('h1/svc-a - Port latency')
        self.assertTrue(0 < latency['Last check'] < 1)
        self.assertAlmostEqual(latency['95 percent of an hour'] * 1e6,
                               self.drawn('h1/svc-a', 'latency_p95'), places=6)
        self.assertEqual(self.values('h1/svc-b - Port certificate'), {})
        host = self.values('h1 - Host')
        self.assertEqual((host['Critical'], host['Required'], host['Down']), (math.inf, 2, 1))
        site = self.values('Site')
        self.assertEqual((site['Required, up'], site['Required, down'], site['Hosts down']),
                         (1, 1, 0))
        for title in ('h1/svc-b - Port state and availability', 'h1/svc-a - Port latency',
                      'h1/svc-b - Port certificate', 'h1 - Host', 'Site'):
            self.assertEqual(self.picture(title)[:4], b'\x89PNG', title)


if __name__ == '__main__':
    unittest.main()
