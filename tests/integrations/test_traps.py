#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""snmptrapd and snmptt with our files, told by a live dmports."""
import os
import re
import shutil
import subprocess
import unittest

from live import EXAMPLES, SOURCE, LiveTest, load, read, tool, wait_until
from snmptt import hints
from zabbix_lab import as_user

HANDLER = os.path.join(EXAMPLES, 'snmptrapd', 'dmports-trap')
CONVERTED = os.path.join(EXAMPLES, 'snmptt', 'snmptt.conf.dmports')
LOGGER = '#!/bin/sh\nfor word; do printf "%s\\t" "$word"; done >>"$0.log"\necho >>"$0.log"\n'
AS_DEBIAN = unittest.skipUnless(os.geteuid() == 0, 'only root starts programs as others')
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

    def run_as_debian(self, *options, **environment):
        """snmptrapd as Debian's unit starts it, finding its files in the folder etc."""
        self.open_to_all()
        environment = {'SNMPCONFPATH': self.lab.path('etc'), 'LOGGER': '/bin/true',
                       'SNMP_PERSISTENT_DIR': self.folder('persistent', 'Debian-snmp'),
                       **environment}
        shutil.copy('/etc/snmp/snmp.conf', self.lab.path('etc'))
        self.lab.start('receiver', as_user('Debian-snmp', *options), dict(
            {name: value for name, value in os.environ.items() if name[:3] != 'MIB'},
            **environment))
        wait_until('the port', lambda: f':{self.lab.trap_port:04X} ' in read('/proc/net/udp'))
        self.write_site()
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

    def start_unit(self, unit):
        """With the command and the environment of a unit's file."""
        self.folder('etc')
        self.folder('lib')
        self.follow_readme('snmptrapd', {
            '/usr/local/lib/dmports': self.lab.path('lib'),
            '/etc/systemd/system': self.lab.path('units'),
            '/etc/snmp/snmptrapd.conf': self.lab.path('etc', 'snmptrapd.conf')})
        self.write('etc/snmptrapd.conf', read(self.lab.path('etc', 'snmptrapd.conf')).replace(
            '/usr/local/lib/dmports', self.lab.path('lib')))
        words = re.findall(r'(?m)^ExecStart=(.+) udp:162 udp6:162$', unit)[-1].split()
        environment = dict(re.findall(r'(?m)^Environment=(\w+)=(.*)$', unit))
        if 'MIBDIRS' in environment:
            environment['MIBDIRS'] = self.lab.mib_environment()['MIBDIRS']
        self.run_as_debian(*words, f'udp:127.0.0.1:{self.lab.trap_port}', **environment)
        self.down_and_up()

    @AS_DEBIAN
    def test_steps_of_the_readme_give_debians_unit_a_log(self):
        self.start_unit(self.example('snmptrapd', 'snmptrapd.service.d', 'dmports.conf'))
        wait_until('PortUp', lambda: 'dmpPortUp' in self.lab.log('receiver'))
        self.assertRegex(self.lab.log('receiver'), r'(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d UDP: '
                         r'.*\tsysUpTime\.0 = .*\tsnmpTrapOID\.0 = dmpPortDown\t'
                         r'dmpNotifySequence\.0 = \d+\t.*\tdmpNotifyKey\.0 = h1/svc-b\t')
        self.assertNotIn('not found', self.lab.log('receiver'))
        path = self.lab.path('units', 'snmptrapd.service')
        shutil.copy('/lib/systemd/system/snmptrapd.service', path)
        said = self.run_tool(tool('systemd-analyze'), 'verify', '--man=no', path, env=dict(
            os.environ, SYSTEMD_UNIT_PATH=self.lab.path('units') + ':'))
        self.assertNotIn('snmptrapd', said)

    @AS_DEBIAN
    def test_without_the_drop_in_debians_unit_logs_no_notification(self):
        log = os.path.join(self.folder('heard', 'Debian-snmp'), 'log')
        logger = self.write('logger', f'#!/bin/sh\necho "$@" >>{log}\n')
        os.chmod(logger, 0o755)
        unit = read('/lib/systemd/system/snmptrapd.service')
        self.start_unit(unit + f'\nEnvironment=LOGGER={logger}\n')
        wait_until('the handler', lambda: 'PortUp' in read(log))
        self.assertNotIn('7741', self.lab.log('receiver'))

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

    @AS_DEBIAN
    def test_steps_of_the_readme_make_the_daemon_log_notifications(self):
        ini = self.lab.path('etc', 'snmptt.ini')
        spool, log = self.folder('spool', 'snmptt'), self.folder('tt', 'snmptt')
        self.folder('etc')
        text = read('/etc/snmp/snmptt.ini')
        for theirs, ours in (('/var/spool/snmptt', spool), ('/var/log/snmptt', log),
                             ('/var/run/snmptt.pid', log + '/pid'),
                             # One process in the foreground.
                             ('daemon_fork = 1', 'daemon_fork = 0'),
                             ('daemon_uid = snmptt', 'daemon_uid ='),
                             ('syslog_enable = 1', 'syslog_enable = 0'),
                             ('syslog_system_enable = 1', 'syslog_system_enable = 0'),
                             ('sleep = 5', 'sleep = 1')):
            self.assertIn(theirs, text)
            text = text.replace(theirs, ours)
        self.write('etc/snmptt.ini', text)
        handler = tool('snmptthandler')
        self.follow_readme('snmptt', {
            '/etc/snmp/': self.lab.path('etc/'), '/var/spool/snmptt': spool,
            'your-community': 'public', handler: f'{handler} --ini={ini}'})
        self.open_to_all()
        self.lab.start('snmptt', as_user('snmptt', tool('snmptt'), '--daemon', f'--ini={ini}'))
        self.run_as_debian(tool('snmptrapd'), '-LOw', '-f',
                           f'udp:127.0.0.1:{self.lab.trap_port}')
        self.down_and_up()
        lines = wait_until('PortUp', lambda: (lambda text: text if 'Port up: ' in text else '')(
            read(os.path.join(log, 'snmptt.log')))).splitlines()
        self.assertRegex('\n'.join(lines), r'(?m)1\.0\.1 CRITICAL "Status Events" .* - Port '
                         r'down: Lab/observer h1/svc-b: required Service svc-b .*refused')

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
