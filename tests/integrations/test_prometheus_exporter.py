#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A newer snmp_exporter than Debian's, and its generator, with the files that are for it."""
import os
import re
import shutil
import subprocess
import unittest

import yaml

from exporters import (DEBIAN, FOLDER, GENERATOR, HERE, MIB_ENVIRONMENT, NEW_FORM, OLD_FORM,
                       PACKAGE, ExporterTest, block_of_readme, build, dry_run, go,
                       read_yaml, samples, text_of, without_optional)
from live import read, tool, wait_until

# What the generator adds to a login, because they are the defaults.
LOGIN_DEFAULTS = {'security_level': 'noAuthNoPriv', 'auth_protocol': 'MD5',
                  'priv_protocol': 'DES'}
PROGRAM = None
# Two words of a secret, which the README leaves to the reader.
AUTH_SECRET, PRIV_SECRET = 'the-first-secret', 'the-second-secret'


class NewExporterTest(ExporterTest):
    def test_its_generator_writes_the_same(self):
        generator = build(GENERATOR)
        shutil.copy(os.path.join(FOLDER, 'generator.yml'), self.lab.path('generator.yml'))
        done = subprocess.run([generator, 'generate', '--fail-on-parse-errors'],
                              cwd=self.lab.dir, env=MIB_ENVIRONMENT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout)
        with open(self.lab.path('snmp.yml'), encoding='utf-8') as file:
            made = yaml.safe_load(file)
        ours = read_yaml('snmp.yml')
        ours['auths']['dmports_v2'].update(LOGIN_DEFAULTS)
        without_optional(ours['modules']['dmports']['metrics'])
        self.assertEqual(made, ours)

    def test_each_exporter_reads_its_own_form_only(self):
        for program, right, wrong in ((PROGRAM, NEW_FORM, OLD_FORM),
                                      (DEBIAN, OLD_FORM, NEW_FORM)):
            done = dry_run(program, right)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertNotEqual(dry_run(program, wrong).returncode, 0, program)

    def test_scrapes_every_metric_and_none_of_a_dead_subagent(self):
        self.run_lab_with_a_problem()
        self.check_scrape(self.start_exporter(PROGRAM, NEW_FORM))

    def test_both_exporters_give_the_same_metrics(self):
        self.run_lab_with_a_problem()
        new = self.start_exporter(PROGRAM, NEW_FORM)
        old = self.start_exporter(DEBIAN, OLD_FORM)
        first, between, last = new(), old(), new()

        def about(text):
            """Help and type of each metric."""
            return sorted(line for line in text.splitlines() if re.match('# .* dmp', line))
        self.assertEqual(about(first), about(between))
        first, between, last = samples(first), samples(between), samples(last)
        self.assertGreater(len(first), 50)
        self.assertEqual(set(first), set(between))
        # Counters and ages go on meanwhile; what stood still must be equal.
        still = {name for name, value in first.items() if last.get(name) == value}
        self.assertGreater(len(still), len(first) / 2)
        self.assertEqual({name: first[name] for name in still},
                         {name: between[name] for name in still})

    def test_stands_beside_the_file_of_the_exporter_in_one_scrape(self):
        stock = os.path.join(go('list', '-mod=readonly', '-m', '-f', '{{.Dir}}', PACKAGE),
                             'snmp.yml')
        self.run_lab_with_a_problem()
        scrape = self.start_exporter(PROGRAM, stock, NEW_FORM)
        seen = scrape(modules='if_mib,dmports')
        self.assertRegex(seen, r'(?m)^sysUpTime ')
        self.assertEqual(samples(seen)['dmpStatus'], '2')

    def test_scrapes_with_snmpv3_as_the_readme_says(self):
        text = block_of_readme('auths:')
        user = block_of_readme('createUser dmports SHA-256 SECRET AES OTHER-SECRET')

        def secret(words):
            return words.replace('OTHER-SECRET', PRIV_SECRET).replace('SECRET', AUTH_SECRET)
        self.run_lab_with_a_problem()
        # The laboratory's snmpd has no users; this one is whole.
        self.lab.stop('snmpd')
        configuration = self.write('users.conf', read(
            self.lab.path('snmpd.conf')) + secret(user))
        self.lab.start('snmpd', [
            tool('snmpd'), '-f', '-Lo', '-r', '-C', '-c', configuration])
        wait_until('all rows again', lambda: len(self.lab.table('dmpPortState')) == 2)
        added = self.write('v3.yml', secret(text))
        scrape = self.start_exporter(PROGRAM, NEW_FORM, added)
        self.assertEqual(samples(scrape('dmports_v3')).keys(), samples(scrape()).keys())
        # The same words in the older form: in the module itself.
        old = read_yaml('snmp-0.22.yml')
        login = yaml.safe_load(secret(text))['auths']['dmports_v3']
        old['dmports'].update(version=login.pop('version'), auth=login)
        scrape = self.start_exporter(DEBIAN, self.write('old.yml', yaml.safe_dump(old)))
        self.assertEqual(samples(scrape())['dmpStatus'], '2')
        self.write('v3.yml', secret(text).replace(PRIV_SECRET, 'another-secret'))
        scrape = self.start_exporter(PROGRAM, NEW_FORM, added)
        with self.assertRaises(OSError):
            scrape('dmports_v3')

    def test_readme_names_the_version_that_is_built(self):
        with open(os.path.join(HERE, 'go.mod'), encoding='ascii') as file:
            version = re.search(PACKAGE + r' v([\d.]+)', file.read())[1]
        self.assertIn(f' {version} ', text_of('README.md'))


if __name__ == '__main__':
    PROGRAM = build(PACKAGE)
    unittest.main(verbosity=2)
