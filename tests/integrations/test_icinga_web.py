#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A port that goes down, as Icinga Web shows it: the page's data, and the page itself in
headless Chromium.  DMP_PICTURES=FOLDER keeps the picture that the README shows."""
import json
import os
import socket
import unittest
import urllib.error
import urllib.request

from chromium import Chromium
from icinga_lab import IcingaTest
from live import free_port, tool, wait_until
from mariadb import MariaDbTest
from test_daemon import POLICY, host, requirement
from zabbix_lab import as_user

SCHEMA = '/usr/share/icinga2-ido-mysql/schema/mysql.sql'
PUBLIC = '/usr/share/icingaweb2/public'
MODULE = '/usr/share/icingaweb2/modules/monitoring'
PAGE = 'monitoring/list/services#!/monitoring/service/show?host=dmports&service=dataminer-ports'
AREA = {'x': 192, 'y': 0, 'width': 1088, 'height': 750}  # beside the menu
SERVICES = ('dataminer-ports', 'dataminer-ports-dma1', 'dataminer-ports-dma2')
REQUIREMENTS = (('web', 10001, 'Web applications'), ('bus', 10002, 'NATS message bus'))
IDO = '''library "db_ido_mysql"
object IdoMysqlConnection "ido" {{
  host = "127.0.0.1"
  port = {port}
  user = "icinga"
  password = "icinga"
  database = "icinga"
}}
'''
# Who comes is the user of the environment; sessions and preferences stay in the folder.
WEB = {
    'config.ini': '[global]\nconfig_backend = "ini"\n[logging]\nlog = "none"\n',
    'authentication.ini': '[given]\nbackend = "external"\n',
    'roles.ini': '[all]\nusers = "operator"\npermissions = "*"\n',
    'resources.ini': '[ido]\ntype = "db"\ndb = "mysql"\nhost = "127.0.0.1"\nport = "{port}"\n'
                     'dbname = "icinga"\nusername = "icinga"\npassword = "icinga"\n',
    'modules/monitoring/backends.ini': '[icinga]\ntype = "ido"\nresource = "ido"\n'}


class IcingaWebTest(IcingaTest, MariaDbTest):
    def start_web(self):
        configuration = self.folder('web')
        for name in ('web/modules/monitoring', 'web/enabledModules'):
            self.folder(name)
        for name, text in WEB.items():
            self.write('web/' + name, text.format(port=self.port))
        os.symlink(MODULE, os.path.join(configuration, 'enabledModules', 'monitoring'))
        storage = self.folder('storage', 'www-data')
        web_port = free_port(socket.SOCK_STREAM)
        self.web = f'http://127.0.0.1:{web_port}'
        self.lab.start('php', as_user(
            'www-data', tool('php'), '-d', f'session.save_path={storage}', '-S',
            f'127.0.0.1:{web_port}', '-t', PUBLIC, os.path.join(PUBLIC, 'index.php')),
            dict(os.environ, ICINGAWEB_CONFIGDIR=configuration, REMOTE_USER='operator',
                 ICINGAWEB_STORAGEDIR=storage))

    def services(self):
        """{service: (state, output)} as the list of services has them."""
        try:
            with urllib.request.urlopen(
                    f'{self.web}/monitoring/list/services?format=json', timeout=60) as answer:
                rows = json.load(answer)
        except (urllib.error.URLError, ConnectionError):
            return {}
        return {row['service_description']: (row['service_state'], row['service_output'])
                for row in rows}

    def start_dmports(self):
        """The hosts that the files name; of the second, self.b is to close."""
        agents = {'dma1': (self.lab.listener(), self.lab.listener()),
                  'dma2': (self.a, self.b)}
        self.lab.write_site(POLICY + ''.join(
            host(name, [('web', web.port), ('bus', bus.port)])
            for name, (web, bus) in agents.items()) + ''.join(
                requirement(key, index).replace(f'Service {key}', title)
                for key, index, title in REQUIREMENTS))
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows(4)

    def states(self):
        return [self.services().get(name, (None,))[0] for name in SERVICES]

    def test_a_port_that_goes_down_is_a_problem_on_the_page(self):
        self.start_database('icinga', SCHEMA)
        self.start_dmports()
        self.lab.start('icinga2', self.icinga_command(self.icinga_configuration(
            self.icinga_host('dma1', 'dma2'), IDO.format(port=self.port), faster=True)))
        self.start_web()
        wait_until('OK', lambda: self.states() == [0, 0, 0], 120, 1)
        self.b.close()
        wait_until('CRITICAL', lambda: self.states() == [2, 0, 2], 60, 1)
        for name in SERVICES[::2]:
            self.assertIn(f'required NATS message bus {self.b.port}/tcp on dma2',
                          self.services()[name][1])
        self.look()

    def look(self):
        """The same on the page that people see."""
        chromium = Chromium(tool('chromium'))
        self.addCleanup(chromium.close)
        chromium.open(f'{self.web}/{PAGE}', screen={'height': AREA['height']})
        output = 'document.querySelector("#col2 .plugin-output")?.textContent'
        shown = wait_until('the page', lambda: chromium.value(output), 60)
        self.assertIn('1 of 4 required down; required NATS message bus', shown)
        chromium.screenshot(os.path.join(
            os.environ.get('DMP_PICTURES', self.lab.dir), 'problem.png'), AREA)


if __name__ == '__main__':
    unittest.main()
