#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The template of examples/zabbix as Zabbix's own import sees it, and the trap handler."""
import os
import re
import subprocess
import tempfile
import unittest

import yaml

from live import EXAMPLES, load, tool

FOLDER = os.path.join(EXAMPLES, 'zabbix')
HANDLER = os.path.join(FOLDER, 'zabbix-trap-handler')
IMPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'zabbix_import.php')


def text_of(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        return file.read()


def every(value, key):
    """All that stands under a key, at any depth."""
    found = []
    if isinstance(value, dict):
        found = [value[key]] if key in value else []
    inner = value.values() if isinstance(value, dict) else value
    for item in inner if isinstance(value, (dict, list)) else []:
        found += every(item, key)
    return found


class TemplateTest(unittest.TestCase):
    def setUp(self):
        self.export = yaml.safe_load(text_of('template.yaml'))['zabbix_export']
        self.template = self.export['templates'][0]

    def imported(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
            file.write(text)
            file.flush()
            return subprocess.run(
                [tool('php'), IMPORT, file.name], stdout=subprocess.PIPE, text=True,
                stderr=subprocess.STDOUT, check=False, timeout=60)

    def test_zabbix_accepts_it(self):
        done = self.imported(text_of('template.yaml'))
        self.assertEqual((done.returncode, done.stdout), (0, 'valid\n'))

    def test_zabbix_names_what_is_wrong(self):
        done = self.imported(text_of('template.yaml').replace('SNMP_TRAP', 'SNMP_TARP'))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('unexpected constant "SNMP_TARP"', done.stdout)

    def test_identifiers_are_of_version_4_and_unique(self):
        found = every(self.export, 'uuid')
        self.assertEqual(len(found), len(set(found)))
        for uuid in found:
            self.assertRegex(uuid, '^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$')

    def test_every_oid_is_of_the_mib(self):
        mib = load()
        known = {mib.oid(name) for name in mib.columns}
        for oid in every(self.export, 'snmp_oid'):
            for one in re.findall(r'1\.3\.6[0-9.]*[0-9]', oid):
                self.assertIn(one.removesuffix('.0'), known)

    def test_triggers_use_items_that_exist(self):
        keys = set(every(self.template, 'key'))
        for expression in every(self.export, 'expression'):
            text = expression.replace('/dmports by SNMP/', '\0')
            used = re.findall('\0' + r'((?:\w|\.)+(?:\[(?:"[^"]*"|[^\]"])*\])?)', text)
            self.assertTrue(used, expression)
            self.assertEqual(set(used) - keys, set(), expression)

    def test_value_maps_are_there_and_complete(self):
        maps = {found['name']: {m['value']: m['newvalue'] for m in found['mappings']}
                for found in self.template['valuemaps']}
        used = {found['name'] for found in every(self.template, 'valuemap')}
        self.assertEqual(used, set(maps))
        self.assertEqual(maps['DmpState']['4'], 'down')
        for texts in maps.values():
            self.assertLessEqual(max(len(text) for text in texts.values()), 64)
        self.assertEqual(len(maps['DmpReason']),
                         len(load().module.conventions['DmpReason'].members))


class HandlerTest(unittest.TestCase):
    def handle(self, text):
        with tempfile.NamedTemporaryFile('r', encoding='utf-8') as file:
            subprocess.run([HANDLER, file.name], input=text, text=True, check=True,
                           timeout=10)
            return file.read()

    def test_notification_begins_with_time_and_sender(self):
        seen = self.handle('host\nUDP: [192.0.2.7]:161->[192.0.2.2]:162\n.1.3.1.0 5\n')
        self.assertRegex(seen, r'^\d\d:\d\d:\d\d \d{4}/\d\d/\d\d ZBXTRAP 192\.0\.2\.7\n'
                         r'VARBINDS:\n  \.1\.3\.1\.0 5\n$')

    def test_ipv6_sender(self):
        self.assertIn('ZBXTRAP 2001:db8::7\n', self.handle(
            'host\nUDP/IPv6: [2001:db8::7]:161->[2001:db8::2]:162\n.1.3 5\n'))

    def test_text_cannot_begin_another_notification(self):
        seen = self.handle('h\nUDP: [192.0.2.7]:1->[192.0.2.2]:162\n.1.3.1.0 "a\n'
                           '10:00:00 2026/11/22 ZBXTRAP 198.51.100.1\n"\n')
        self.assertEqual(seen.count('ZBXTRAP'), 1)

    def test_values_are_not_commands(self):
        seen = self.handle('h\nUDP: [192.0.2.7]:1->[192.0.2.2]:162\n.1.3 "$(id) `id` %s\\n"\n')
        self.assertIn('"$(id) `id` %s\\n"', seen)


if __name__ == '__main__':
    unittest.main(verbosity=2)
