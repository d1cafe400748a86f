# SPDX-License-Identifier: BSD-2-Clause
"""An Icinga 2 in the folder of a laboratory, with the files of examples/icinga-nagios."""
import os

from live import EXAMPLES, LiveTest, tool

FOLDER = os.path.join(EXAMPLES, 'icinga-nagios')
CONFIGURATION = '''include <itl>
const PluginDir = "{plugins}"
object CheckerComponent "checker" {{ }}
include "{folder}/icinga2.conf"
include "{host}"
'''


class IcingaTest(LiveTest):
    def icinga_configuration(self, host, more='', faster=False):
        """The files as shipped; faster: with checks each second instead of each minute."""
        folder = FOLDER
        if faster:
            folder = self.folder('icinga')
            text = self.example('icinga-nagios', 'icinga2.conf')
            self.write('icinga/icinga2.conf', text.replace(
                'check_interval = 1m', 'check_interval = 1s'))
            host = host.replace('check_command', 'check_interval = 1s\n  check_command')
        return self.write('icinga2.conf', CONFIGURATION.format(
            plugins=FOLDER, folder=folder, host=self.write('host.conf', host)) + more)

    def icinga_command(self, configuration, *options):
        paths = [f'-D{name}={self.folder("icinga-" + name, "nagios")}' for name in (
            'DataDir', 'LogDir', 'CacheDir', 'SpoolDir', 'InitRunDir')]
        return [tool('icinga2'), 'daemon', '-c', configuration, *paths, *options]

    def icinga_host(self, *names):
        """The host as shipped, of this laboratory and with these hosts of its site."""
        host = self.example('icinga-nagios', 'icinga2-host.conf')
        for old, new in (
                ('192.0.2.10', '127.0.0.1'), ('your-community', 'public'),
                ('"dma1", "dma2"', ', '.join(f'"{name}"' for name in names)),
                ('vars.dmports_protocol', f'vars.dmports_port = {self.lab.snmp_port}\n'
                 '  vars.dmports_protocol')):
            self.assertIn(old, host)
            host = host.replace(old, new)
        return host
