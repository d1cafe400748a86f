#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""snmptrapd and snmptt with our files, told by a live dmports."""
import os
import re
import subprocess
import unittest

from live import EXAMPLES, SOURCE, LiveTest, load, read, tool, wait_until
from snmptt import hints

HANDLER = os.path.join(EXAMPLES, 'snmptrapd', 'dmports-trap')
CONVERTED = os.path.join(EXAMPLES, 'snmptt', 'snmptt.conf.dmports')
LOGGER = '#!/bin/sh\nfor word; do printf "%s\\t" "$word"; done >>"$0.log"\necho >>"$0.log"\n'
EVENT = re.compile(r'^EVENT (\w+) (\S+) "([^"]*)" (\w+)\nFORMAT (.*)$', re.MULTILINE)


class TrapTest(LiveTest):
    """A receiver of our configuration takes the place of the laboratory's."""

    def run_receiver(self, configuration, *options):
        self.write_site()
        path = self.write('receiver.conf', f'snmpTrapdAddr udp:127.0.0.1:'
                          f'{self.lab.trap_port}\n{configuration}')
        self.lab.start('receiver', [
            tool('snmptrapd'), '-f', '-n', *options, '-Lf', self.lab.path('receiver.txt'), '-C',
            '-c', path, '-p', self.lab.path('receiver.pid')],
            dict(self.lab.environment(), **self.environment))
        wait_until('receiver', lambda: 'NET-SNMP' in read(self.lab.path('receiver.txt')))
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows()

    def down_and_up(self):
        self.b.close()
        self.lab.wait_state('h1/svc-b', 'down')
        self.b.open()
        self.lab.wait_state('h1/svc-b', 'up')

    def setUp(self):
        super().setUp()
        self.environment = {}


class SnmptrapdTest(TrapTest):
    def lines(self):
        return [line.split('\t') for line in read(
            self.lab.path('logger.log')).splitlines()]

    def run_handler(self, *options, **environment):
        os.chmod(self.write('logger', LOGGER), 0o755)
        self.environment = dict(environment, LOGGER=self.lab.path('logger'))
        self.run_receiver(self.example('snmptrapd', 'snmptrapd.conf').replace(
            'your-community', 'public').replace(
                '/usr/local/lib/dmports/dmports-trap', HANDLER), *options)
        self.down_and_up()
        down = wait_until('PortDown', lambda: [
            line for line in self.lines() if 'PortDown' in line[-2]])[0]
        self.assertEqual(down[:4], ['-p', 'daemon.crit', '-t', 'dmports'])
        self.assertRegex(down[5], r'^PortDown critical Lab/observer h1/svc-b down #\d+: '
                         r'required Service svc-b .*refused.* \(from .*127\.0\.0\.1.*\)$')
        up = wait_until('PortUp', lambda: [
            line for line in self.lines() if 'PortUp' in line[-2]])[0]
        self.assertEqual(up[1], 'daemon.notice')
        self.assertIn('PortUp cleared Lab/observer h1/svc-b up', up[5])

    def test_the_handler_needs_no_module(self):
        self.run_handler()

    def test_the_handler_understands_names_as_well(self):
        self.run_handler(**self.lab.mib_environment())

    def test_the_handler_understands_numbers(self):
        self.run_handler('-On', **self.lab.mib_environment())

    def test_the_log_names_every_value(self):
        self.run_handler('-OQs', **self.lab.mib_environment())
        line = wait_until('a line', lambda: re.search(
            r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d .*dmpPortDown.*$',
            read(self.lab.path('receiver.txt')), re.MULTILINE))[0]
        for name in load().module.notifications['dmpPortDown'][0]:
            self.assertIn(f'\t{name}.0 = ', line)

    def test_the_handler_takes_no_other_notifications(self):
        os.chmod(self.write('logger', LOGGER), 0o755)
        subprocess.run([HANDLER], text=True, check=True, input=(
            'host\nUDP: [127.0.0.1]:1\n.1.3.6.1.6.3.1.1.4.1.0 .1.3.6.1.6.3.1.1.5.3\n'),
            env=dict(os.environ, LOGGER=self.lab.path('logger')))
        self.assertEqual(self.lines(), [])


class SnmpttTest(TrapTest):
    def convert(self):
        """What snmpttconvertmib makes of the MIB."""
        environment = dict(os.environ, SNMPCONFPATH=self.lab.path('p'),
                           SNMP_PERSISTENT_DIR=self.lab.path('p'),
                           MIBDIRS=f'{SOURCE}/mib:{SOURCE}/mib/base',
                           MIBS='DATAMINER-PORTS-MIB')
        said = self.run_tool(
            tool('snmpttconvertmib'), f'--in={SOURCE}/mib/DATAMINER-PORTS-MIB.txt',
            f'--out={self.lab.path("converted")}', '--net_snmp_perl', env=environment)
        self.assertRegex(said, r'Successful translations: +20\n')
        self.assertRegex(said, r'Failed translations: +0\n')
        return read(self.lab.path('converted'))

    def test_the_file_is_what_snmpttconvertmib_makes_but_for_severities(self):
        theirs = EVENT.findall(self.convert())
        ours = EVENT.findall(read(CONVERTED))
        self.assertEqual(len(theirs), 20)
        for name, oid, category, severity, text in theirs:
            mine = [event for event in ours if event[0] == name]
            self.assertIn((name, oid, category, text), {e[:3] + e[4:] for e in mine})
            self.assertIn(severity, {e[3] for e in mine})
            self.assertEqual(severity, hints(load(), name)[2])

    def configuration(self):
        ini = read('/etc/snmp/snmptt.ini')
        log = self.lab.path('snmptt.log')
        for key, value in (('log_file', log), ('syslog_enable', 0),
                           ('syslog_system_enable', 0), ('unknown_trap_log_enable', 1),
                           ('unknown_trap_log_file', self.lab.path('unknown.log')),
                           ('dns_enable', 0), ('log_system_enable', 0)):
            ini, count = re.subn(rf'(?m)^{key} = .*$', f'{key} = {value}', ini)
            self.assertEqual(count, 1, key)
        ini = re.sub(r'(?s)snmptt_conf_files = <<END.*?END',
                     f'snmptt_conf_files = <<END\n{CONVERTED}\nEND', ini)
        return self.write('snmptt.ini', ini)

    def test_real_notifications_get_their_severity_from_the_varbind(self):
        self.run_receiver('authCommunity log,execute public\ntraphandle default '
                          f'{tool("snmptt")} --ini={self.configuration()}\n', '-On')
        self.down_and_up()
        log = self.lab.path('snmptt.log')
        wait_until('PortUp', lambda: 'Port up: ' in read(log))
        lines = read(log).splitlines()
        down = [line for line in lines if 'Port down: ' in line]
        self.assertEqual(len(down), 1, lines)
        self.assertRegex(down[0], r'7741\.1\.0\.1 CRITICAL "Status Events" .* - Port down: '
                         r'Lab/observer h1/svc-b: required Service svc-b .*refused')
        up = [line for line in lines if 'Port up: ' in line]
        self.assertIn(' NORMAL ', up[0])
        self.assertNotIn('7741', read(self.lab.path('unknown.log')))

    def test_the_severity_follows_the_varbind_not_the_type(self):
        self.write_site()
        self.configuration()
        for word, wanted in (('major', 'MAJOR'), ('warning', 'WARNING'), ('minor', 'MINOR'),
                             ('odd', 'INDETERMINATE')):
            objects = load().module.notifications['dmpPortDown'][0]
            varbinds = ''.join(
                f'.{load().oid(name)}.0 "{word if name.endswith("SeverityText") else "x"}"\n'
                for name in objects)
            self.run_tool(
                tool('snmptt'), f'--ini={self.lab.path("snmptt.ini")}', env=self.lab.environment(),
                input='host\nUDP: [192.0.2.1]:5->[192.0.2.2]\n'
                '.1.3.6.1.2.1.1.3.0 0:0:00:01.00\n.1.3.6.1.6.3.1.1.4.1.0 '
                f'.{load().oid("dmpPortDown")}\n{varbinds}')
            last = read(self.lab.path('snmptt.log')).splitlines()
            self.assertIn(f'.1.0.1 {wanted} ', last[-1])
            self.assertEqual(len([line for line in last if f' {wanted} ' in line]), 1)


if __name__ == '__main__':
    unittest.main()
