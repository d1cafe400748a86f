#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check_dmports, alone and as Icinga 2 and Nagios run it."""
import os
import pwd
import re
import subprocess
import unittest

from icinga_lab import FOLDER, IcingaTest
from live import LiveTest, load, read, tool, wait_until
from icinga import HOST_COLUMNS, OTHERS, SCALARS
from lab import BINARY, ROOT, free_port

PLUGIN = os.path.join(FOLDER, 'check_dmports')
STANDARD = '/usr/lib/nagios/plugins'
OIDS = {name: load().oid(name) for name in SCALARS + HOST_COLUMNS + OTHERS}
STATUS_OID = f".{OIDS['dmpStatus']}.0"
PERFDATUM = re.compile(r"'([^'=]+)'=-?[0-9.]+(s|us|ms|%|c)?(;[^; ]*){0,4}( |$)")

V3_CREDENTIALS = '''defVersion 3
defSecurityName watcher
defSecurityLevel authPriv
defAuthType SHA
defAuthPassphrase auth-secret
defPrivType AES
defPrivPassphrase priv-secret
'''
RESULTS = '''object PerfdataWriter "results" {{
  service_perfdata_path = "{data}/results"
  service_temp_path = "{data}/results.tmp"
  service_format_template = "$service.name$|$service.state$|$service.output$"
  rotation_interval = 1s
}}
'''
NAGIOS = '''log_file={data}/nagios.log
cfg_file=/etc/nagios4/objects/commands.cfg
cfg_file=/etc/nagios4/objects/contacts.cfg
cfg_file=/etc/nagios4/objects/timeperiods.cfg
cfg_file=/etc/nagios4/objects/templates.cfg
cfg_file={data}/dmports.cfg
resource_file={data}/resource.cfg
object_cache_file={data}/objects.cache
status_file={data}/status.dat
temp_file={data}/nagios.tmp
temp_path={data}
lock_file={data}/nagios.pid
command_file={data}/nagios.cmd
check_result_path={data}
state_retention_file={data}/retention.dat
status_update_interval=2
nagios_user=nagios
nagios_group=nagios
illegal_macro_output_chars=`~$&|'"<>
'''


class PluginTest(LiveTest):
    def plugin(self, *arguments, **environment):
        done = subprocess.run(
            [PLUGIN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False, timeout=60,
            env=dict(os.environ, SNMPCONFPATH=self.lab.path('p'), **environment))
        self.assertLess(len(done.stdout), 8192)
        self.assertEqual(done.stdout.splitlines()[0].count('|'),
                         0 if done.returncode == 3 else 1, done.stdout)
        words = ('OK', 'WARNING', 'CRITICAL', 'UNKNOWN')
        self.assertTrue(done.stdout.startswith(
            f'DMPORTS {words[done.returncode]} - '), done.stdout)
        return done.returncode, done.stdout

    def remote(self, *arguments, **environment):
        return self.plugin('-H', '127.0.0.1', '-p', str(self.lab.snmp_port), '-P', '2c',
                           '-C', 'public', *arguments, **environment)

    def local(self):
        return self.plugin('--dmports', os.path.join(BINARY, 'src', 'cli', 'dmports'),
                           '--run-dir', self.lab.path('run'))

    def measured(self, text):
        """The labels of all performance data, as the cores take it from lines with a bar."""
        labels = []
        for line in text.splitlines():
            data = line.partition(' | ')[2]
            while data:
                found = PERFDATUM.match(data)
                self.assertTrue(found, data)
                labels.append(found.group(1))
                data = data[found.end():]
        return labels

    def test_all_up_is_ok_with_performance_data_both_ways(self):
        self.run_lab()
        wait_until('latencies', lambda: self.measured(self.local()[1])[-2:] == [
            'h1/svc-a', 'h1/svc-b'])
        for code, text in (self.remote(), self.local(), self.remote('-n', 'h1')):
            self.assertEqual(code, 0, text)
            self.assertIn('required_down', self.measured(text))
        self.assertIn("'required_down'=0;;0;0;2", self.remote()[1])
        self.assertIn("'ports'=2;", self.local()[1])

    def test_a_required_port_down_is_critical_and_named(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        for code, text in (self.remote(), self.local(), self.remote('-n', 'h1')):
            self.assertEqual(code, 2, text)
            self.assertIn('svc-b', text.splitlines()[0])
            self.assertRegex(text, "'required_down'=1;;0;0;2")
        self.assertEqual(len(self.remote()[1].splitlines()), 1)

    def test_a_dead_subagent_is_unknown_where_check_snmp_says_ok(self):
        self.run_lab()
        self.assertEqual(self.remote()[0], 0)
        self.lab.stop('dmportsd')
        wait_until('no objects', lambda: self.lab.get(STATUS_OID) is None)
        code, text = self.remote()
        self.assertEqual(code, 3, text)
        self.assertIn('no dmports objects', text)
        self.assertEqual(self.remote('-n', 'h1')[0], 3)
        self.assertEqual(self.local()[0], 3)
        plain = subprocess.run(
            [os.path.join(STANDARD, 'check_snmp'), '-H', '127.0.0.1', '-p',
             str(self.lab.snmp_port), '-P', '2c', '-C', 'public', '-o', STATUS_OID],
            stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(plain.returncode, 0, plain.stdout)

    def test_a_stalled_engine_is_unknown(self):
        self.run_lab()
        engine = self.lab.children()['engine']
        os.kill(engine, 19)
        try:
            wait_until('stalled', lambda: self.lab.get(STATUS_OID) == '3')
            for code, text in (self.remote(), self.remote('-n', 'h1'), self.local()):
                self.assertEqual(code, 3, text)
                self.assertIn('engine', text)
        finally:
            os.kill(engine, 18)

    def test_an_agent_process_that_hangs_is_unknown(self):
        """snmpd asks it, waits, and then does without it."""
        self.run_lab()
        agent = self.lab.children()['agent']
        os.kill(agent, 19)
        try:
            code, text = self.remote('-t', '20')
            self.assertEqual(code, 3, text)
            self.assertIn('gets no answer from dmportsd', text)
            code, text = self.remote()
            self.assertEqual(code, 3, text)
            self.assertIn('no dmports objects', text)
        finally:
            os.kill(agent, 18)

    def test_a_view_that_hides_the_objects_is_unknown(self):
        self.write_site()
        self.lab.start_snmpd(f'view some included .1\nview some excluded {ROOT}\n'
                             'rocommunity hidden 127.0.0.1 -V some\n')
        self.lab.start_daemon()
        self.wait_rows()
        for name in ((), ('-n', 'h1')):
            code, text = self.remote('-C', 'hidden', *name)
            self.assertEqual(code, 3, text)
            self.assertIn('a view hides them', text)

    def test_nobody_there_is_unknown_within_the_time(self):
        """A slow machine may not even hear Net-SNMP's own timeout within it."""
        code, text = self.plugin('-H', '127.0.0.1', '-p', str(free_port()), '-P', '2c',
                                 '-C', 'public', '-t', '2')
        self.assertEqual(code, 3, text)
        self.assertRegex(text, 'no answer (from 127.0.0.1|within 2 s)')

    def test_wrong_and_missing_credentials_are_unknown(self):
        self.lab.start_snmpd()
        agent = ('-H', '127.0.0.1', '-p', str(self.lab.snmp_port), '-t', '20')
        for words, said in (
                (('-P', '2c', '-C', 'wrong'), 'does not know these credentials'),
                ((), 'no credentials'),
                (('-P', '3', '-L', 'noAuthNoPriv', '-U', 'nobody'), 'Unknown user name'),
                (('-P', '3', '-U', 'nobody', '-a', 'ROT13'), 'specified after -3a flag')):
            code, text = self.plugin(*agent, *words)
            self.assertEqual(code, 3, text)
            self.assertIn(said, text)
            self.assertNotIn('USAGE', text)

    def test_without_snmpbulkwalk_the_status_stands(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        os.symlink(tool('snmpget'), os.path.join(self.folder('tools'), 'snmpget'))
        tools = ('--snmp-path', self.lab.path('tools') + '/')
        code, text = self.remote(*tools)
        self.assertEqual(code, 2, text)
        self.assertRegex(text, '1 of 2 required down; no list of problems: cannot run .*walk')
        code, text = self.remote(*tools, '-n', 'h1')
        self.assertEqual(code, 3, text)
        self.assertRegex(text, 'cannot run .*snmpbulkwalk')

    def test_what_the_daemon_complains_of_is_a_warning(self):
        self.run_lab()
        self.lab.write_site('<nonsense/>')
        self.reload()
        wait_until('rejected', lambda: self.lab.get('dmpConfigStatus.0') == 'rejected')
        for code, text in (self.local(), self.remote()):
            self.assertEqual(code, 1, text)
            self.assertIn('rejected', text.splitlines()[0])

    def test_a_daemon_that_was_never_there_is_unknown(self):
        code, text = self.local()
        self.assertEqual(code, 3, text)
        self.assertIn('start dmportsd', text)

    def test_help_and_version_are_unknown_too(self):
        for word in ('-h', '-V'):
            done = subprocess.run([PLUGIN, word], stdout=subprocess.PIPE, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 3)
            self.assertIn('check_dmports', done.stdout)

    def test_usage_errors_and_unknown_hosts_are_unknown_not_critical(self):
        self.assertEqual(self.plugin('--no-such-option')[0], 3)
        self.assertEqual(self.plugin('-n', 'h1')[0], 3)
        self.assertEqual(self.plugin('--dmports', '/no/such/program')[0], 3)
        self.run_lab()
        code, text = self.remote('-n', 'nobody')
        self.assertEqual(code, 3, text)
        self.assertIn('nobody', text)

    def test_credentials_can_stay_in_snmp_conf(self):
        self.run_lab()
        self.write('p/snmp.conf', 'defVersion 2c\ndefCommunity public\n')
        self.assertEqual(self.plugin('-H', '127.0.0.1', '-p',
                                     str(self.lab.snmp_port))[0], 0)

    def test_snmp_conf_is_that_of_the_user_whatever_home_says(self):
        self.folder('fake')
        os.chmod(self.write('fake/snmpget', '#!/bin/sh\necho "home is $HOME" >&2\nexit 1\n'),
                 0o755)
        home = pwd.getpwuid(os.geteuid()).pw_dir
        for said in ('', '/nowhere'):
            code, text = self.plugin('-H', 'nowhere', '--snmp-path',
                                     self.lab.path('fake') + '/', HOME=said)
            self.assertEqual((code, text), (3, f'DMPORTS UNKNOWN - home is {home}\n'))

    def test_snmpv3_over_ipv6(self):
        self.write_site()
        configuration = self.write('v3.conf', (
            f'agentaddress udp6:[::1]:{self.lab.snmp_port}\nmaster agentx\n'
            f'agentXSocket unix:{self.lab.path("ax")}\n'
            'createUser watcher SHA auth-secret AES priv-secret\nrouser watcher priv\n'))
        self.lab.start('snmpd', [tool('snmpd'), '-f', '-Lo', '-r', '-C', '-c', configuration])
        self.lab.start_daemon()
        self.lab.wait_state('h1/svc-a', 'up')
        arguments = ['-H', '::1', '-p', str(self.lab.snmp_port), '-P', '3', '-L', 'authPriv',
                     '-U', 'watcher', '-a', 'SHA', '-A', 'auth-secret', '-x', 'AES', '-X',
                     'priv-secret']
        wait_until('OK', lambda: self.plugin(*arguments)[0] == 0)
        arguments[-1] = 'another-secret'
        self.assertEqual(self.plugin(*arguments, '-t', '3')[0], 3)
        self.write('p/snmp.conf', V3_CREDENTIALS)
        code, text = self.plugin(*arguments[:4])
        self.assertEqual(code, 0, text)

    def answer_with(self, changed):
        """Stand-ins for snmpget and snmpbulkwalk of an agent with one host, all up."""
        values = dict.fromkeys(OIDS, 0)
        values.update(dmpEngineState=1, dmpConfigStatus=1, dmpHostName='"h1"',
                      dmpHostAdminState=1)
        values.update(changed)
        lines = ''.join(
            f'.{OIDS[name]}.{7 if name.startswith(("dmpHost", "dmpProblem")) else 0} '
            f'{value}\n' for name, value in values.items())
        self.folder('fake')
        for name in ('snmpget', 'snmpbulkwalk'):
            self.write(f'fake/{name}.out', lines)
            # A walk is of one column; a get is of many.
            os.chmod(self.write(f'fake/{name}', '#!/bin/sh\nfor last; do :; done\n' + (
                'exec cat "$0.out"' if name == 'snmpget' else
                'exec grep -F ".$last." "$0.out"')), 0o755)
        return ('-H', 'nowhere', '--snmp-path', self.lab.path('fake') + '/')

    def test_a_host_in_maintenance_is_ok_and_says_so(self):
        agent = self.answer_with({'dmpHostAdminState': 2, 'dmpHostRequiredDown': 3})
        code, text = self.plugin(*agent, '-n', 'h1')
        self.assertEqual(code, 0, text)
        self.assertIn('maintenance', text)
        agent = self.answer_with({'dmpHostRequiredDown': 3})
        self.assertEqual(self.plugin(*agent, '-n', 'h1')[0], 2)

    def test_what_an_agent_says_cannot_forge_performance_data(self):
        agent = self.answer_with({'dmpStatus': 1, 'dmpProblemMessage': '"a | b=1 ' + 'x' * 9999,
                                  'dmpSiteName': "\"s|'x'=1\x1b\x07\""})
        code, text = self.plugin(*agent)
        self.assertEqual(code, 1, text)
        self.assertNotIn('\x1b', text)

    def test_each_of_several_problems_has_a_line(self):
        agent = self.answer_with({
            'dmpStatus': 2, 'dmpProblemMessage': r'"says \"no\" \\ | x=1"'})
        problem = r'says "no" \   x=1'
        self.assertEqual(self.plugin(*agent)[1].splitlines()[1:], [])
        self.assertIn(problem + ' | ', self.plugin(*agent)[1])
        self.write('fake/snmpbulkwalk.out', ''.join(
            f'.{OIDS[name]}.{index} {value}\n' for name, index, value in (
                ('dmpProblemMessage', 7, '"lesser"'), ('dmpProblemMessage', 8, '"greater"'),
                ('dmpProblemSeverityRank', 7, 3), ('dmpProblemSeverityRank', 8, 4))))
        first, *lines = self.plugin(*agent)[1].splitlines()
        self.assertIn('; greater | ', first)
        self.assertEqual(lines, ['greater', 'lesser'])

    def test_answers_that_are_no_numbers_are_unknown(self):
        for name in ('dmpStatus', 'dmpRequiredPortsDown', 'dmpEngineState'):
            code, text = self.plugin(*self.answer_with({name: '"x"'}))
            self.assertEqual(code, 3, text)

    def test_a_rejected_configuration_is_a_warning(self):
        self.assertEqual(self.plugin(*self.answer_with({'dmpConfigStatus': 2}))[0], 1)


class CoreTest(IcingaTest):
    """The monitoring cores with our commands, first with the files as they are shipped."""

    def setUp(self):
        super().setUp()
        self.open_to_all()
        self.data = self.folder('data', 'nagios')

    def test_icinga2_accepts_the_files_as_shipped(self):
        said = self.run_tool(*self.icinga_command(self.icinga_configuration(
            self.example('icinga-nagios', 'icinga2-host.conf')), '-C'))
        self.assertIn('Instantiated 3 Services', said)
        self.assertNotIn('warning', said.replace('warning/cli', ''), said)

    def icinga_results(self):
        found = {}
        for name in sorted(os.listdir(self.data)):
            for line in read(os.path.join(self.data, name)).splitlines():
                words = line.split('|', 2)
                if len(words) == 3:  # not one that is being written
                    found[words[0]] = (words[1], words[2])
        return found

    def test_icinga2_shows_the_live_state(self):
        self.run_lab()
        self.lab.start('icinga2', self.icinga_command(self.icinga_configuration(
            self.icinga_host('h1'), RESULTS.format(data=self.data), faster=True)))
        for service in ('dataminer-ports', 'dataminer-ports-h1'):
            wait_until('OK', lambda: self.icinga_results().get(service, '')[:1] == ('OK',))
        self.b.close()
        for service in ('dataminer-ports', 'dataminer-ports-h1'):
            wait_until('CRITICAL', lambda: self.icinga_results()[service][0] == 'CRITICAL')
            self.assertIn('svc-b', self.icinga_results()[service][1])

    def nagios_configuration(self, objects, plugins):
        self.write('data/dmports.cfg', objects)
        self.write('data/resource.cfg', f'$USER1$={plugins}\n')
        return self.write('nagios.cfg', NAGIOS.format(data=self.data))

    def test_nagios_accepts_the_files_as_shipped(self):
        said = self.run_tool(tool('nagios4'), '-v', self.nagios_configuration(
            self.example('icinga-nagios', 'nagios.cfg'), FOLDER))
        self.assertRegex(said, r'Total Warnings:\s+0\n')
        self.assertRegex(said, r'Total Errors:\s+0\n')
        self.assertRegex(said, r'Checked 2 services')

    def test_nagios_shows_the_live_state(self):
        self.run_lab()
        objects = self.example('icinga-nagios', 'nagios.cfg').replace(
            '192.0.2.10', '127.0.0.1').replace('your-community', 'public').replace(
                'dma1', 'h1').replace("'$HOSTADDRESS$'", f"'$HOSTADDRESS$' -p "
                                      f'{self.lab.snmp_port}')
        configuration = self.nagios_configuration(objects, FOLDER)
        with open(configuration, 'a', encoding='ascii') as file:
            file.write('interval_length=2\nservice_inter_check_delay_method=n\n'
                       'max_service_check_spread=1\n')
        self.lab.start('nagios4', [tool('nagios4'), configuration])

        def outputs():
            return re.findall(r'servicestatus \{.*?plugin_output=([^\n]*)',
                              read(os.path.join(self.data, 'status.dat')), re.DOTALL)
        wait_until('two results', lambda: [
            o[:10] for o in outputs()] == ['DMPORTS OK'] * 2, 60)
        self.b.close()
        wait_until('critical', lambda: all(
            o.startswith('DMPORTS CRITICAL') and 'svc-b' in o for o in outputs()), 60)


if __name__ == '__main__':
    unittest.main()
