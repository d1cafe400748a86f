#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A real Telegraf, built from its Go module, with our file: polls a live dmports and is told."""
import json
import os
import subprocess
import unittest

from live import LiveTest, SOURCE, read, wait_until
from managers import CACHE, need

HERE = os.path.join(SOURCE, 'tests', 'integrations', 'telegraf')
PROGRAM = os.path.join(CACHE, 'telegraf')
TAGS = 'custom,inputs.snmp,inputs.snmp_trap,outputs.file,processors.enum,serializers.json'
# In place of the outputs of the configuration that Telegraf itself prints.
OUTPUT = '''[[outputs.file]]
  files = ["{out}"]
  data_format = "json"
'''


class TelegrafTest(LiveTest):
    def write_configuration(self):
        """What Telegraf prints for a beginning, quicker and with our output."""
        stock = self.run_tool(PROGRAM, 'config', '--input-filter', 'snmp', '--output-filter',
                              'file', stderr=subprocess.DEVNULL)
        begin = stock.index('# Configuration for telegraf agent')
        end = stock.index('[[outputs.file]]')
        self.write('etc/telegraf.conf', stock[begin:end].replace(
            'interval = "10s"', 'interval = "1s"').replace(
                '# omit_hostname = false', 'omit_hostname = true') + OUTPUT.format(
                    out=self.lab.path('out')))

    def start_telegraf(self):
        """After the steps of the README, among them a first poll."""
        self.folder('etc/telegraf.d')
        self.write_configuration()
        mibs, base = self.lab.path('share/mibs'), self.lab.path('share/base')
        ours = (('192.0.2.10:161', f'127.0.0.1:{self.lab.snmp_port}'),
                ('udp://:162', f'udp://127.0.0.1:{self.lab.trap_port}'),
                ('"30s"', '"1s"'), ('/usr/local/share/dmports/mib/base', base),
                ('/usr/local/share/snmp/mibs', mibs))
        for shipped, _ in ours:
            self.assertEqual(self.example('telegraf', 'dmports.conf').count(shipped), 1)
        self.follow_readme('telegraf', {
            '/etc/telegraf': self.lab.path('etc'),
            '/etc/systemd/system': self.lab.path('units'),
            '/usr/local/share/snmp/mibs': mibs, '/usr/local/share/dmports/mib/base': base,
            'telegraf --test': f'{PROGRAM} --test',
            's/192.0.2.10/192.0.2.20/': '; '.join(f's#{his}#{our}#' for his, our in ours)})
        self.lab.start('telegraf', [PROGRAM, '--config', self.lab.path('etc/telegraf.conf'),
                                    '--config-directory', self.lab.path('etc/telegraf.d')])
        wait_until('listening', lambda: 'Listening on' in self.lab.log('telegraf'))

    def metrics(self, measurement, **tags):
        found = []
        for line in read(self.lab.path('out')).splitlines(keepends=True):
            if line.endswith('\n'):
                metric = json.loads(line)
                if metric['name'] == measurement and tags.items() <= metric['tags'].items():
                    found.append(metric)
        return found

    def test_polls_every_table_and_receives_notifications(self):
        self.write_site()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows()
        self.start_telegraf()

        def port():
            return self.metrics('dmports_port', key='h1/svc-b')[-1:]
        wait_until('up', lambda: [m for m in port() if m['fields']['state_text'] == 'up'])
        self.b.close()
        found = wait_until('down', lambda: [
            m for m in port() if m['fields']['state_text'] == 'down'])[0]
        self.assertEqual(found['fields']['state'], 4)
        self.assertEqual(found['fields']['reason_text'], 'refused')
        self.assertEqual(found['tags']['level'], 'required')
        self.assertEqual(found['tags']['transport'], 'tcp')
        self.assertEqual(found['tags']['site_name'], 'Lab')
        site = wait_until('critical', lambda: [
            m for m in self.metrics('dmports') if m['fields'].get('status') == 2])[0]
        self.assertEqual(site['fields']['required_ports_down'], 1)
        for name in ('dmports_host', 'dmports_problem', 'dmports_receiver'):
            wait_until(name, lambda name=name: self.metrics(name))
        self.assertEqual(self.metrics('dmports_problem')[-1]['tags']['type'], 'portDown')

        told = wait_until('notification', lambda: self.metrics(
            'dmports_notification', name='dmpPortDown'))[0]
        fields = told['fields']
        self.assertEqual(fields['dmpNotifyKey.0'], 'h1/svc-b')
        self.assertEqual(fields['dmpNotifySeverityText.0'], 'critical')
        self.assertNotIn('community', told['tags'])
        self.assertEqual(told['tags']['mib'], 'DATAMINER-PORTS-MIB')
        self.assertEqual(len([k for k in fields if k.startswith('dmpNotify')]), 19)
        # snmpd's own coldStart is in none of the modules that are installed with dmports.
        self.assertEqual([line for line in self.lab.log('telegraf').splitlines()
                          if ' E! ' in line and '1.3.6.1.6.3.1.1.5.' not in line], [])


if __name__ == '__main__':
    need('go', 'build', '-mod=readonly', '-tags', TAGS, '-o', PROGRAM,
         'github.com/influxdata/telegraf/cmd/telegraf', cwd=HERE)
    unittest.main()
