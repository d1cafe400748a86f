#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Debian's Cacti, with a MariaDB of its own, runs our data queries against a live dmports."""
import os
import shutil
import subprocess
import unittest

from live import EXAMPLES, LiveTest, free_port, load, tool, wait_until

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
QUERIES = {'dmports_port.xml': 'dmpPort', 'dmports_host.xml': 'dmpHost'}


class CactiTest(LiveTest):
    def sql(self, text, database='cacti'):
        return self.run_tool(
            tool('mariadb'), '-N', '-B', '-u', 'root', '-S', self.lab.path('sql.sock'),
            database, input=text)

    def start_database(self):
        self.open_to_all()
        data = self.folder('sql', 'mysql')
        self.run_tool(tool('mariadb-install-db'), '--no-defaults', '--user=mysql',
                      f'--datadir={data}', '--auth-root-authentication-method=normal')
        self.port = free_port()
        self.lab.start('mariadbd', [
            tool('mariadbd'), '--no-defaults', '--user=mysql', f'--datadir={data}',
            f'--socket={data}/sock', '--bind-address=127.0.0.1', f'--port={self.port}',
            f'--pid-file={data}/pid', '--character-set-server=utf8mb4',
            '--collation-server=utf8mb4_unicode_ci', '--sql-mode='])
        wait_until('mariadbd', lambda: os.path.exists(f'{data}/sock'), 60)
        os.symlink(f'{data}/sock', self.lab.path('sql.sock'))
        self.sql("CREATE DATABASE cacti; CREATE USER cacti@'127.0.0.1' IDENTIFIED BY "
                 "'cacti'; GRANT ALL ON cacti.* TO cacti@'127.0.0.1';", 'mysql')
        with open(SCHEMA, encoding='utf-8') as file:
            self.sql(file.read())

    def install(self):
        """A copy of Cacti that has its own configuration and our data queries."""
        self.cacti = self.lab.path('cacti')
        # One link leads nowhere until Cacti is configured: cp says so and goes on.
        subprocess.run(['cp', '-rL', SHARE, self.cacti], stderr=subprocess.DEVNULL,
                       check=False)
        self.write('cacti/site/include/config.php', CONFIGURATION.format(port=self.port))
        with open(f'{self.cacti}/site/include/cacti_version', encoding='ascii') as file:
            self.sql(f"DELETE FROM version; INSERT INTO version VALUES "
                     f"('{file.read().strip()}');")
        for name in QUERIES:
            shutil.copy(os.path.join(EXAMPLES, 'cacti', name),
                        f'{self.cacti}/site/resource/snmp_queries/')
            self.sql('INSERT INTO snmp_query (hash, xml_path, name, description, '
                     'data_input_id) VALUES '
                     f"(MD5('{name}'), '<path_cacti>/resource/snmp_queries/{name}', "
                     f"'{name}', '', 2);")

    def command(self, name, *arguments):
        return self.run_tool('php', f'{self.cacti}/cli/{name}', *arguments)

    def cache(self, query):
        """{index: {field: value}} as Cacti has it."""
        rows = {}
        for line in self.sql(
                'SELECT snmp_index, field_name, field_value FROM host_snmp_cache WHERE '
                f'snmp_query_id = {query}').splitlines():
            index, field, value = line.split('\t')
            rows.setdefault(index, {})[field] = value
        return rows

    def test_data_queries_find_every_port_and_host(self):
        self.start_database()
        self.install()
        self.run_lab()
        self.command('add_device.php', '--description=dmports', '--ip=127.0.0.1',
                     '--version=2', '--community=public', f'--port={self.lab.snmp_port}',
                     '--avail=none', '--template=0')
        device = self.sql("SELECT id FROM host WHERE description = 'dmports'").strip()
        for name, prefix in QUERIES.items():
            query = self.sql(f"SELECT id FROM snmp_query WHERE name = '{name}'").strip()
            self.command('add_data_query.php', f'--host-id={device}',
                         f'--data-query-id={query}', '--reindex-method=index')
            found = self.cache(query)
            columns = {c.name: c for c in load().columns.values()}
            label = prefix + ('Key' if prefix == 'dmpPort' else 'Name')
            self.assertEqual({index: row[label[3:]] for index, row in found.items()},
                             self.lab.table(label))
            for index, row in found.items():
                self.assertEqual(row[prefix[3:] + 'Index'], index)
                for field in row:
                    self.assertIn('dmp' + field, {*columns, prefix + 'Index'})


if __name__ == '__main__':
    unittest.main()
