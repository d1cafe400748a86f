# SPDX-License-Identifier: BSD-2-Clause
"""A MariaDB in the folder of a laboratory, on loopback, not as root."""
import socket

from live import LiveTest, free_port, tool, wait_until


class MariaDbTest(LiveTest):
    def sql(self, text, database):
        return self.run_tool(
            tool('mariadb'), '-N', '-B', '-u', 'root', '-S', self.lab.path('sql', 'sock'),
            database, input=text)

    def start_database(self, name, schema):
        """With one database, that schema in it, and a user and a password of its name."""
        self.open_to_all()
        data = self.folder('sql', 'mysql')
        # Servers that share a folder for this remove what is not theirs.
        own = '--tmpdir=' + self.folder('sql-temporary', 'mysql')
        self.run_tool(tool('mariadb-install-db'), '--no-defaults', '--user=mysql', own,
                      f'--datadir={data}', '--auth-root-authentication-method=normal')
        self.port = free_port(socket.SOCK_STREAM)
        self.lab.start('mariadbd', [
            tool('mariadbd'), '--no-defaults', '--user=mysql', own, f'--datadir={data}',
            f'--socket={data}/sock', '--bind-address=127.0.0.1', f'--port={self.port}',
            f'--pid-file={data}/pid', '--character-set-server=utf8mb4',
            '--collation-server=utf8mb4_unicode_ci', '--sql-mode='])
        wait_until('mariadbd', lambda: 'ready for connections' in self.lab.log('mariadbd'), 60)
        self.sql(f"CREATE DATABASE {name}; CREATE USER {name}@'127.0.0.1' IDENTIFIED BY "
                 f"'{name}'; GRANT ALL ON {name}.* TO {name}@'127.0.0.1';", 'mysql')
        with open(schema, encoding='utf-8') as file:
            self.sql(file.read(), name)
