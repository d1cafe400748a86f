#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The services of examples/sites/services.xml against the programs of others: aiosmtpd,
OpenLDAP, MariaDB and chrony; Net-SNMP with a community.

The example itself is asked, with loopback addresses and free ports in it, by `dmports
check`.  No Microsoft SQL Server can be had here: its answer is written after MS-TDS.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import unittest

import peer

DMPORTS = os.environ['DMPORTS']
EXAMPLE = os.path.join(os.environ['DMP_SOURCE_DIR'], 'examples/sites/services.xml')
COMMUNITY = 'pEer-sEcret'
COLD_START = '.1.3.6.1.6.3.1.1.5.1'
# MS-TDS 2.2.6.5: version 15.0.2000, no encryption option, end.
PRELOGIN_REPLY = bytes.fromhex('0401001b00000100' '0000001000060100160001ff'
                               '0f0007d00000' '0200000000')

SLAPD_CONF = '''pidfile {folder}/slapd.pid
{access}
'''
CHRONY_CONF = '''local stratum 5
allow 127.0.0.1
bindaddress 127.0.0.1
port {port}
cmdport 0
pidfile {folder}/chronyd.pid
'''


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((peer.ADDRESS, 0))
        return s.getsockname()[1]


def check(site):
    """The rows of `dmports check`, by key."""
    done = subprocess.run([DMPORTS, 'check', '-q', '--format', 'json', '--site', site],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    if done.returncode not in (0, 1) or COMMUNITY in done.stdout + done.stderr:
        raise AssertionError(f'dmports check: {done.returncode} {done.stderr}')
    return {row['key']: row for row in json.loads(done.stdout)}


def write(path, text, mode=0o600):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    os.chmod(path, mode)
    return path


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = peer.folder(self.addCleanup)
        self.site = os.path.join(self.folder, 'site.xml')

    def start(self, *argv):
        program = next((p for p in (shutil.which(argv[0]),
                                    shutil.which(argv[0], path='/usr/sbin:/sbin')) if p),
                       None)
        self.assertTrue(program, f'{argv[0]} is missing: sh tests/peers/install.sh')
        service = peer.Service([program, *argv[1:]],
                               os.path.join(self.folder, os.path.basename(argv[0]) + '.log'))
        self.addCleanup(service.stop)
        return service

    def check(self, row, reason, identity='.*'):
        self.assertEqual(row['reason'], reason, row)
        self.assertRegex(row['identity'], identity, row)


class Example(Case):
    def example(self, **ports):
        """The example on loopback; requirements without a port are not asked."""
        with open(EXAMPLE, encoding='utf-8') as file:
            text = file.read()
        text = re.sub(r'192\.0\.2\.\d+', peer.ADDRESS, text)
        for requirement in ('smtp', 'ldap', 'offload-sql-server', 'offload-mysql', 'ntp'):
            port = ports.get(requirement.replace('-', '_'), 1)
            text, count = re.subn(rf'requirement="{requirement}"',
                                  rf'\g<0> port="{port}"', text)
            self.assertEqual(count, 1, requirement)
        write(self.site, text)
        return check(self.site)

    def smtp(self):
        port, = peer.free_ports(1)
        self.start('aiosmtpd', '-n', '-l', f'{peer.ADDRESS}:{port}')
        peer.wait_until(lambda: peer.is_open(port), 20, 'aiosmtpd')
        return port

    def test_mail_server_greets_and_parts(self):
        rows = self.example(smtp=self.smtp())
        self.check(rows['mail/smtp'], 'answered', r'^SMTP: 220 .*SMTP')

    def test_ldap_server_answers_a_search_of_its_root(self):
        for access, what in (('', 'an entry'),
                             ('access to * by * none', 'the end of the search')):
            with self.subTest(what):
                port, = peer.free_ports(1)
                conf = write(os.path.join(self.folder, 'slapd.conf'),
                             SLAPD_CONF.format(folder=self.folder, access=access))
                slapd = self.start('slapd', '-d', '0', '-f', conf, '-h',
                                   f'ldap://{peer.ADDRESS}:{port}')
                slapd.wait_open(port, 20)
                self.check(self.example(ldap=port)['directory/ldap'], 'answered', '^LDAP')
                slapd.stop()

    def test_mariadb_tells_its_version(self):
        port, = peer.free_ports(1)
        data = os.path.join(self.folder, 'data')
        subprocess.run(['mariadb-install-db', '--no-defaults', '--user=root',
                        f'--datadir={data}', '--skip-test-db',
                        '--auth-root-authentication-method=normal'], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        server = self.start('mariadbd', '--no-defaults', '--user=root', f'--datadir={data}',
                            f'--port={port}', f'--bind-address={peer.ADDRESS}',
                            f'--socket={self.folder}/s', f'--pid-file={self.folder}/pid')
        server.wait_open(port, 60)
        rows = self.example(offload_mysql=port)
        self.check(rows['database/offload-mysql'], 'answered', r'^MySQL: .*-MariaDB')

    def test_time_server_tells_its_stratum(self):
        port = free_udp_port()
        conf = write(os.path.join(self.folder, 'chrony.conf'),
                     CHRONY_CONF.format(folder=self.folder, port=port))
        chronyd = self.start('chronyd', '-d', '-x', '-u', 'root', '-f', conf)
        chronyd.wait_text('chronyd', 20)
        peer.wait_until(lambda: self.example(ntp=port)['directory/ntp']['reason'] !=
                        'refused', 20, 'chronyd')
        self.check(self.example(ntp=port)['directory/ntp'], 'answered',
                   r'^NTP stratum 5, version 4')

    def test_sql_server_answers_a_prelogin(self):
        server = peer.Canned(PRELOGIN_REPLY)
        self.addCleanup(server.stop)
        rows = self.example(offload_sql_server=server.port)
        self.check(rows['database/offload-sql-server'], 'answered', '^SQL Server')

    def test_other_service_is_named(self):
        rows = self.example(offload_mysql=self.smtp())
        self.check(rows['database/offload-mysql'], 'wrongService')
        self.assertIn('SMTP', rows['database/offload-mysql']['detail'])
        self.assertIn('not MySQL', rows['database/offload-mysql']['detail'])


class Snmp(Case):
    def ask(self, requirement, port, community, attributes='', mode=0o600):
        write(os.path.join(self.folder, 'c'), community + '\n', mode)
        write(self.site, f'''<site xmlns="urn:dmports:site:1">
<host name="a" address="{peer.ADDRESS}" roles="dma">
<port requirement="{requirement}" port="{port}" community-file="c" {attributes}/>
</host></site>''')
        return check(self.site)['a/' + requirement]

    def agent(self):
        port = free_udp_port()
        conf = write(os.path.join(self.folder, 'snmpd.conf'),
                     f'rocommunity {COMMUNITY} 127.0.0.1\nsysDescr Peer agent\n')
        snmpd = self.start('snmpd', '-f', '-Lo', '-C', '-c', conf, '-p',
                           f'{self.folder}/pid', f'udp:{peer.ADDRESS}:{port}')
        snmpd.wait_text('NET-SNMP version', 20)
        return port

    def test_agent_describes_itself_to_its_community(self):
        self.check(self.ask('snmp-agent', self.agent(), COMMUNITY), 'answered',
                   r'^Peer agent, 1\.3\.6\.1\.4\.1\.8072\.3\.2\.\d+, up \d+ s$')

    def test_wrong_community_is_told_from_a_dead_agent(self):
        self.check(self.ask('snmp-agent', self.agent(), 'other'), 'authRequired')

    def receiver(self):
        port = free_udp_port()
        conf = write(os.path.join(self.folder, 'snmptrapd.conf'),
                     f'authCommunity log {COMMUNITY}\n')
        trapd = self.start('snmptrapd', '-f', '-Le', '-On', '-C', '-c', conf,
                           '-p', f'{self.folder}/pid', f'udp:{peer.ADDRESS}:{port}')
        trapd.wait_text('NET-SNMP version', 20)
        return port, trapd

    def test_inform_is_sent_only_when_asked_for(self):
        port, trapd = self.receiver()
        row = self.ask('snmp-trap', port, COMMUNITY)
        self.check(row, 'answered', 'SNMPv3 engine')
        self.assertNotIn(COLD_START, trapd.text())
        row = self.ask('snmp-trap', port, COMMUNITY, 'inform="yes"')
        self.check(row, 'answered')
        self.assertIn('acknowledged an inform', row['detail'])
        trapd.wait_text(COLD_START, 10)
        self.check(self.ask('snmp-trap', port, 'other', 'inform="yes"'), 'authRequired')


if __name__ == '__main__':
    unittest.main()
