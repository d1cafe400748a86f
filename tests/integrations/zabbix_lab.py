# SPDX-License-Identifier: BSD-2-Clause
"""A private Zabbix: PostgreSQL, zabbix_server and the frontend's API, on loopback, in the
folder of a laboratory, none of them as root."""
import glob
import gzip
import json
import os
import pwd
import random
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

from lab import free_port, tool, wait_until

FRONTEND = '/usr/share/zabbix'
SQL = '/usr/share/zabbix-server-pgsql'
CONFIG = '/etc/zabbix/zabbix.conf.php'


def as_user(user, *command):
    """A command that gives up root, where there is any."""
    if os.geteuid() != 0:
        return list(command)
    group = str(pwd.getpwnam(user).pw_gid)
    return [tool('setpriv'), '--reuid', user, '--regid', group, '--clear-groups', *command]


def low_port():
    """zabbix_server takes none above 32767."""
    for port in random.sample(range(20000, 32768), 100):
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue
    raise RuntimeError('no free port below 32768')


def programs(name):
    return sorted(glob.glob(f'/usr/lib/postgresql/*/bin/{name}'))[-1]


class Zabbix:
    def __init__(self, lab, folder):
        self.lab = lab
        self.folder = folder       # of the laboratory: (name, owner) -> path
        self.traps = os.path.join(folder('zabbix', 'zabbix'), 'traps')
        self.server_port = low_port()
        self.web_port = free_port(socket.SOCK_STREAM)
        self.token = None

    def start(self):
        os.chmod(self.lab.dir, 0o755)
        self.start_database()
        self.start_server()
        self.start_frontend()
        self.token = self.call('user.login', username='Admin', password='zabbix')

    def start_database(self):
        self.sockets = self.folder('sockets', 'postgres')
        data = os.path.join(self.sockets, 'data')
        subprocess.run(as_user('postgres', programs('initdb'), '--auth=trust',
                               '--no-sync', '-U', 'zabbix', '-D', data),
                       check=True, stdout=subprocess.DEVNULL, timeout=120, cwd='/')
        os.chmod(self.sockets, 0o755)
        self.lab.start('postgres', as_user(
            'postgres', programs('postgres'), '-D', data, '-k', self.sockets,
            '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'full_page_writes=off',
            '-c', 'shared_buffers=32MB'))
        wait_until('PostgreSQL', lambda: self.psql('postgres', 'select 1', False))
        self.psql('postgres', 'create database zabbix')
        for name in ('schema', 'images', 'data'):
            with gzip.open(f'{SQL}/{name}.sql.gz', 'rt', encoding='utf-8') as file:
                self.psql('zabbix', file.read())
        # Without statistics the joins of host.create take minutes.
        self.psql('zabbix', 'analyze')

    def psql(self, database, text, check=True):
        done = subprocess.run(
            ['psql', '-q', '-v', 'ON_ERROR_STOP=1', '-h', self.sockets, '-U', 'zabbix',
             database], input=text, text=True, check=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=300)
        if check and done.returncode != 0:
            raise AssertionError(done.stderr[-2000:])
        return done.returncode == 0

    def start_server(self):
        path = self.lab.path('zabbix_server.conf')
        with open(path, 'w', encoding='ascii') as file:
            file.write('\n'.join((
                f'ListenPort={self.server_port}', 'ListenIP=127.0.0.1', 'LogType=console',
                f'DBHost={self.sockets}', 'DBName=zabbix', 'DBUser=zabbix',
                f'PidFile={os.path.dirname(self.traps)}/pid',
                f'SocketDir={os.path.dirname(self.traps)}',
                'StartSNMPTrapper=1', f'SNMPTrapperFile={self.traps}', 'StartPollers=2',
                'StartPollersUnreachable=1', 'StartPingers=0', 'StartDiscoverers=0',
                'StartHTTPPollers=0', 'StartTrappers=1', 'StartDBSyncers=1',
                'CacheUpdateFrequency=2', 'HousekeepingFrequency=0', 'AllowRoot=0', '')))
        self.lab.start('zabbix_server', as_user(
            'zabbix', tool('zabbix_server'), '-f', '-c', path))
        wait_until('zabbix_server', lambda: 'server #1 started' in self.lab.log(
            'zabbix_server'), 60)

    def start_frontend(self):
        """Its configuration is at a fixed place, so a copy of it looks elsewhere."""
        web = self.lab.path('web')
        shutil.copytree(FRONTEND, web, symlinks=False, ignore_dangling_symlinks=True,
                        ignore=shutil.ignore_patterns('locale', 'assets', 'fonts'))
        here = os.path.join(os.path.dirname(self.traps), 'zabbix.conf.php')
        path = os.path.join(web, 'include', 'classes', 'core', 'CConfigFile.php')
        with open(path, encoding='utf-8') as file:
            text = file.read()
        if CONFIG not in text:
            raise AssertionError('the frontend reads its configuration elsewhere')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text.replace(CONFIG, here))
        with open(here, 'w', encoding='utf-8') as file:
            file.write(
                "<?php\n$DB['TYPE'] = 'POSTGRESQL';\n"
                f"$DB['SERVER'] = '{self.sockets}';\n$DB['PORT'] = '0';\n"
                "$DB['DATABASE'] = 'zabbix';\n$DB['USER'] = 'zabbix';\n"
                "$DB['PASSWORD'] = '';\n$DB['SCHEMA'] = '';\n$DB['ENCRYPTION'] = false;\n"
                "$DB['DOUBLE_IEEE754'] = true;\n$ZBX_SERVER = '127.0.0.1';\n"
                f"$ZBX_SERVER_PORT = '{self.server_port}';\n$ZBX_SERVER_NAME = 'test';\n"
                "$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;\n")
        self.lab.start('php', as_user(
            'zabbix', tool('php'), '-d', 'memory_limit=256M', '-S',
            f'127.0.0.1:{self.web_port}', '-t', web))
        wait_until('the API', lambda: self.try_call('apiinfo.version'), 60)

    # --- the API ---

    def try_call(self, method):
        try:
            return self.call(method)
        except (urllib.error.URLError, OSError):
            return None

    def call(self, method, *listed, **params):
        body = {'jsonrpc': '2.0', 'id': 1, 'method': method,
                'params': list(listed) or params}
        if self.token:
            body['auth'] = self.token
        request = urllib.request.Request(
            f'http://127.0.0.1:{self.web_port}/api_jsonrpc.php', json.dumps(body).encode(),
            {'Content-Type': 'application/json-rpc'})
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read().decode()
        try:
            found = json.loads(text)
        except ValueError:
            raise AssertionError(text[:2000]) from None
        if 'error' in found:
            raise AssertionError(f'{method}: {found["error"]}')
        return found['result']
