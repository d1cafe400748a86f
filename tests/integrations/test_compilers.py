#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The MIB in the compilers of pysmi and Erlang.  libsmi and Net-SNMP: tests/style/mib_*.sh;
snmpttconvertmib: test_traps.py.

usage: test_compilers.py erlang|pysmi
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from live import SOURCE, load
from managers import cached, make_pysnmp

MODULE = 'DATAMINER-PORTS-MIB'
MIBS = os.path.join(SOURCE, 'mib')


class CompilerTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='dmp')
        self.addCleanup(shutil.rmtree, self.folder)
        self.mib = load()

    def run_tool(self, *command):
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=300,
                              env=dict(os.environ, HOME=self.folder))
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout


class ErlangTest(CompilerTest):
    def test_snmpc_compiles_it_and_knows_every_name(self):
        shutil.copy(os.path.join(MIBS, MODULE + '.txt'),
                    os.path.join(self.folder, MODULE + '.mib'))
        said = self.run_tool(
            'erl', '-noshell', '-eval',
            'I = [code:priv_dir(snmp) ++ "/mibs/"],'
            f'{{ok, _}} = snmpc:compile("{MODULE}.mib", [{{il, ["snmp/mibs/"]}}, {{i, I}},'
            '{warnings, true}, {verbosity, warning}]),'
            f'{{ok, Mib}} = snmp_misc:read_mib("{MODULE}.bin"),'
            'io:format("~p~n", [Mib]), halt(0).')
        # The only remark is about tables that an agent of Erlang could let managers extend.
        remarks = [line for line in said.splitlines() if '.mib: ' in line]
        self.assertEqual([line for line in remarks if 'No RowStatus column' not in line], [])
        for name in [*self.mib.columns, *self.mib.module.notifications]:
            self.assertIn(name, said)


class PysmiTest(CompilerTest):
    def test_mibdump_finds_every_object_at_its_place(self):
        mibdump = os.path.join(cached('pysnmp', make_pysnmp), 'bin', 'mibdump')
        said = self.run_tool(
            mibdump, f'--mib-source=file://{MIBS}', f'--mib-source=file://{MIBS}/base',
            f'--destination-directory={self.folder}', '--destination-format=json',
            '--generate-mib-texts', '--no-dependencies', MODULE)
        self.assertIn(f'Created/updated MIBs: {MODULE}', said)
        with open(os.path.join(self.folder, MODULE + '.json'), encoding='utf-8') as file:
            theirs = json.load(file)
        for name in [*self.mib.columns, *self.mib.module.notifications]:
            self.assertEqual(theirs[name]['oid'], self.mib.oid(name))
        for name, (objects, _, _) in self.mib.module.notifications.items():
            self.assertEqual([o['object'] for o in theirs[name]['objects']], objects)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], {'erlang': 'ErlangTest', 'pysmi': 'PysmiTest'}[
        sys.argv[1]], *sys.argv[2:]])
