#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""snmpd with the configuration that Debian and RHEL ship, and what we add to it."""
import os
import unittest

from live import LiveTest, ROOT, read, tool, wait_until
from lab import BINARY

# What decides in the file of RHEL's net-snmp; Debian's is read from where it is installed.
RHEL = '''com2sec notConfigUser default public
group notConfigGroup v1 notConfigUser
group notConfigGroup v2c notConfigUser
view systemview included .1.3.6.1.2.1.1
view systemview included .1.3.6.1.2.1.25.1.1
access notConfigGroup "" any noauth exact systemview none none
'''


class StockTest(LiveTest):
    def start_stock(self, stock, addition):
        """snmpd finds its files by itself, as the service does."""
        self.folder('etc/snmpd.conf.d')
        for line in ('agentaddress  127.0.0.1,[::1]\n', 'agentaddress'):
            stock = stock.replace(line, '')
        self.write('etc/snmpd.conf', stock.replace(
            '/etc/snmp/snmpd.conf.d', self.lab.path('etc/snmpd.conf.d')) +
            f'agentaddress 127.0.0.1:{self.lab.snmp_port}\n')
        if addition:
            name, text, folder = addition
            self.assertIn(f'unix:{folder}/master', text)
            self.write('etc/' + name, text.replace(f'{folder}/master', self.lab.path('ax'))
                       .replace('root dmports', 'root root'))
        self.lab.start('snmpd', [tool('snmpd'), '-f', '-Lo', '-r'], dict(
            os.environ, SNMPCONFPATH=self.lab.path('etc'), MIBS='',
            SNMP_PERSISTENT_DIR=self.lab.path('p')))
        wait_until('snmpd', lambda: self.lab.get('.1.3.6.1.2.1.1.3.0') is not None)
        self.write_site()
        self.lab.start_daemon()

    def debian(self):
        with open('/etc/snmp/snmpd.conf', encoding='utf-8') as file:
            text = file.read()
        self.assertIn('view   systemonly', text, 'not the file of the package')
        return text

    def test_debian(self):
        self.start_stock(self.debian(), (
            'snmpd.conf.d/dmports.conf', self.example('systemd', 'debian', 'snmpd.conf'),
            '/run/agentx'))
        self.wait_rows()
        self.assertEqual(os.stat(self.lab.path('ax')).st_mode & 0o777, 0o660)

    def test_steps_of_the_readme_open_debians_snmpd_to_the_network(self):
        self.folder('etc/snmpd.conf.d')
        self.write('etc/snmpd.conf', self.debian())
        self.follow_readme('systemd', {
            'adduser ': ': ', 'dmports doctor': ':', '/etc/snmp/': self.lab.path('etc/')})
        self.assertEqual(read(self.lab.path('etc/snmpd.conf.d/dmports.conf')),
                         self.example('systemd', 'debian', 'snmpd.conf'))
        self.assertIn('\nagentaddress udp:161,udp6:161\n', read(self.lab.path('etc/snmpd.conf')))

    def test_rhel(self):
        self.start_stock(RHEL, (
            'snmpd.local.conf', self.example('systemd', 'rhel', 'snmpd.local.conf'),
            '/var/agentx'))
        self.wait_rows()

    def test_without_the_view_nothing_is_seen(self):
        self.start_stock(RHEL, (
            'snmpd.local.conf', 'master agentx\nagentXSocket unix:/var/agentx/master\n',
            '/var/agentx'))
        self.lab.wait_state('h1/svc-a', 'up')
        self.assertEqual([name for name, _ in self.lab.walk(ROOT) if name != ROOT], [])

    def test_the_unit_with_its_drop_in_is_valid(self):
        unit = os.path.join(BINARY, 'subagent', 'dmportsd.service')
        self.folder('units/dmportsd.service.d')
        text = self.example('systemd', 'rhel', 'dmportsd.service.d', 'agentx.conf')
        self.assertIn('/usr/local/sbin/dmportsd', text)
        program = os.path.join(BINARY, 'subagent', 'dmportsd')
        self.write('units/dmportsd.service.d/agentx.conf', text.replace(
            '/usr/local/sbin/dmportsd', program))
        with open(unit, encoding='utf-8') as file:
            path = self.write('units/dmportsd.service', file.read())
        said = self.run_tool(tool('systemd-analyze'), 'verify', '--man=no', path, env=dict(
            os.environ, SYSTEMD_UNIT_PATH=self.lab.path('units') + ':'))
        self.assertNotIn('dmportsd', said)


if __name__ == '__main__':
    unittest.main()
