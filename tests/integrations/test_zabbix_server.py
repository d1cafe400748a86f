#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A real Zabbix server with the template, polling a live dmports and getting its traps."""
import datetime
import os
import unittest

from live import EXAMPLES, LiveTest, read, tool, wait_until
from zabbix_lab import Zabbix, as_user

FOLDER = os.path.join(EXAMPLES, 'zabbix')
HOST = 'vantage'
RULES = {'createMissing': True, 'updateExisting': True}
IMPORTED = ('discoveryRules', 'graphs', 'groups', 'items', 'templateDashboards',
            'templates', 'triggers', 'valueMaps')


class ZabbixServerTest(LiveTest):
    def import_template(self):
        with open(os.path.join(FOLDER, 'template.yaml'), encoding='utf-8') as file:
            text = file.read()
        rules = {name: {'createMissing': True} if name == 'groups' else RULES
                 for name in IMPORTED}
        self.assertTrue(self.zabbix.call(
            'configuration.import', format='yaml', source=text, rules=rules))
        # What the server has now is what the file says.
        self.assertEqual([], self.zabbix.call(
            'configuration.importcompare', format='yaml', source=text, rules=rules))
        self.template = self.zabbix.call(
            'template.get', filter={'host': 'dmports by SNMP'})[0]['templateid']

    def slow_down(self):
        """The states of ports are polled when the test says so: a mere interval, however
        long, starts within the first minute and might see what the trap is to tell."""
        found = self.zabbix.call('itemprototype.get', hostids=self.template,
                                 search={'key_': 'dmpPortState'}, startSearch=True)
        self.assertEqual(len(found), 1)
        day = (datetime.date.today() + datetime.timedelta(days=10)).day
        self.zabbix.call('itemprototype.update', itemid=found[0]['itemid'],
                         delay=f'0;md{day}')

    def create_host(self):
        group = self.zabbix.call('hostgroup.get', limit=1)[0]
        self.host = self.zabbix.call(
            'host.create', host=HOST, groups=[{'groupid': group['groupid']}],
            templates=[{'templateid': self.template}],
            interfaces=[{'type': 2, 'main': 1, 'useip': 1, 'ip': '127.0.0.1', 'dns': '',
                         'port': str(self.lab.snmp_port),
                         'details': {'version': 2, 'community': 'public'}}])['hostids'][0]

    def start_trap_receiver(self):
        """snmptrapd after the steps of the README, as the user that it is on Debian."""
        path = self.lab.path('zabbix_trapd.conf')
        places = {'/usr/local/bin': self.folder('bin'),
                  '/var/lib/zabbix/traps.log': self.zabbix.traps,
                  '/etc/snmp/snmptrapd.conf': path,
                  '/etc/zabbix/zabbix_server.conf': self.lab.path('more_of_the_server')}
        if os.geteuid() != 0:
            places['-o Debian-snmp -g zabbix '] = ''
        self.follow_readme('zabbix', places)
        text = read(path)
        for old in ('/usr/local/bin', '/var/lib/zabbix/traps.log'):
            self.assertIn(old, text)
            text = text.replace(old, places[old])
        self.write('zabbix_trapd.conf', text)
        environment = dict(self.lab.environment(), MIBS='',
                           SNMP_PERSISTENT_DIR=self.folder('persistent', 'Debian-snmp'))
        self.lab.start('snmptrapd', as_user(
            'Debian-snmp', tool('snmptrapd'), '-f', '-n', '-Lo', '-C', '-c', path,
            f'udp:127.0.0.1:{self.lab.trap_port}'), environment)
        wait_until('snmptrapd', lambda: 'NET-SNMP version' in self.lab.log('snmptrapd'))

    def item(self, key):
        found = self.zabbix.call('item.get', hostids=self.host, filter={'key_': key},
                                 output=['itemid', 'lastvalue', 'error', 'state'])
        return found[0] if found else None

    def poll(self, *keys):
        """Ask the server to check items now."""
        self.zabbix.call('task.create', *[
            {'type': 6, 'request': {'itemid': self.item(key)['itemid']}} for key in keys])

    def discover(self):
        rules = self.zabbix.call('discoveryrule.get', hostids=self.host,
                                 output=['itemid', 'key_', 'error'])
        self.assertEqual({rule['key_'] for rule in rules}, {
            'dmpHostTable', 'dmpPortTable', 'dmpReceiverTable'})

        def all_found():
            self.zabbix.call('task.create', *[
                {'type': 6, 'request': {'itemid': rule['itemid']}} for rule in rules])
            return self.item(f'dmpPortState[{self.index}]')
        wait_until('the discovered ports', all_found, 120, 3)

    def problems(self):
        return {found['name']: found for found in self.zabbix.call(
            'problem.get', hostids=self.host, output=['name', 'severity'])}

    def problem_of(self, port):
        return [found for name, found in self.problems().items()
                if name.startswith(f'Port {port} is down')]

    def test_template_is_fed_by_polling_and_by_a_trap(self):
        self.zabbix = Zabbix(self.lab, self.folder)
        self.zabbix.start()
        self.import_template()
        self.slow_down()
        self.run_quietly()
        self.create_host()
        self.discover()
        state = f'dmpPortState[{self.index}]'
        suppressed = f'dmpPortSuppressedBy[{self.index}]'
        self.poll(state, suppressed, 'dmpSiteName')
        wait_until('what was polled', lambda: (
            self.item(state)['lastvalue'], self.item(suppressed)['lastvalue'],
            self.item('dmpSiteName')['lastvalue']) == ('2', '1', 'Lab'), 180, 2)
        # A trigger of several items is unknown until each of them has a value.
        self.poll(*[f'dmpPortState[{row["index"]}]' for row in self.lab.ports().values()])
        wait_until('all to be usable', lambda: self.unsupported() == [[], []], 150, 2)
        self.by_trap(state)
        self.by_polling(state)

    def run_quietly(self):
        """The laboratory, its notifications going to the server's own receiver."""
        self.write_site()
        self.start_trap_receiver()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows()
        self.index = self.lab.ports()['h1/svc-b']['index']

    def unsupported(self):
        """Items and triggers that the server cannot use."""
        return [self.zabbix.call(f'{kind}.get', hostids=self.host, filter={'state': 1},
                                 output=[name, 'error'])
                for kind, name in (('item', 'key_'), ('trigger', 'description'))]

    def by_trap(self, state):
        """The problem is there although polling has not seen it."""
        self.b.close()
        wait_until('the trap', lambda: self.item(f'dmpNotifyState[{self.index}]')[
            'lastvalue'] == '4', 30)
        found = wait_until('the problem', lambda: self.problem_of('h1/svc-b'), 30)[0]
        self.assertEqual(found['severity'], '4')
        self.assertEqual(self.item(state)['lastvalue'], '2')
        self.b.open()
        wait_until('its end', lambda: not self.problem_of('h1/svc-b'), 120, 1)

    def by_polling(self, state):
        """The same without any notification."""
        self.lab.stop('snmptrapd')
        self.b.close()
        self.lab.wait_state('h1/svc-b', 'down')
        self.poll(state, 'dmpStatus')
        wait_until('the problem', lambda: self.problem_of('h1/svc-b'), 120, 1)
        wait_until('the status', lambda: self.item('dmpStatus')['lastvalue'] == '2', 120, 1)
        self.assertEqual(list(self.problems()), ['Port h1/svc-b is down'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
