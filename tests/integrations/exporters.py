# SPDX-License-Identifier: BSD-2-Clause
"""snmp_exporter twice: as Debian has it, and a newer one, built from its Go module with the
sums of snmp_exporter/go.sum.  A registry that does not answer is a failure."""
import os
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import yaml

from live import EXAMPLES, SOURCE, LiveTest, free_port, tool, wait_until
from managers import CACHE, skip

FOLDER = os.path.join(EXAMPLES, 'prometheus')
DEBIAN = 'prometheus-snmp-exporter'
OLD_FORM = os.path.join(FOLDER, 'snmp-0.22.yml')
NEW_FORM = os.path.join(FOLDER, 'snmp.yml')
HERE = os.path.join(SOURCE, 'tests', 'integrations', 'snmp_exporter')
PACKAGE = 'github.com/prometheus/snmp_exporter'
GENERATOR = PACKAGE + '/generator'
# What the generators must be told to find our MIB, and nothing else.
MIB_ENVIRONMENT = dict(os.environ, MIBS='DATAMINER-PORTS-MIB',
                       MIBDIRS=f'{SOURCE}/mib:{SOURCE}/mib/base')
SAMPLE = re.compile(r'(dmp\w+(?:\{.*\})?) (\S+)')


def go(*arguments):
    done = subprocess.run(['go', *arguments], cwd=HERE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=800)
    if done.returncode != 0:
        raise AssertionError(f'go {" ".join(arguments)}: {done.stdout}')
    return done.stdout.strip()


def build(package):
    """Nothing of it is a Debian package of its own, and Debian's Go is too old for it."""
    if not shutil.which('go'):
        skip('Go 1.21 or newer is not installed')
    program = os.path.join(CACHE, package.rpartition('/')[2] + '-go')
    go('build', '-mod=readonly', '-o', program, package)
    return program


def text_of(name):
    with open(os.path.join(FOLDER, name), encoding='utf-8') as file:
        return file.read()


def block_of_readme(start):
    """The indented block that begins with this line, as a reader copies it."""
    text = text_of('README.md')
    found = re.search(rf'(?m)^ {{4}}{re.escape(start)}\n(?: {{4}}.*\n)*', text)
    return re.sub(r'(?m)^ {4}', '', found[0])


def read_yaml(name):
    return yaml.safe_load(text_of(name))


def module():
    return read_yaml('snmp-0.22.yml')['dmports']


def without_optional(metrics):
    """Our metrics as a generator makes them: Net-SNMP's parser takes the label "optional"
    for a keyword and drops it."""
    for metric in metrics:
        if metric['name'] == 'dmpPortLevel':
            del metric['enum_values'][2]
    return metrics


def ask(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def answers(url):
    try:
        return ask(url)
    except (urllib.error.URLError, OSError):
        return None


def samples(text):
    """{'name{labels}': value} of what dmports gave."""
    return dict(SAMPLE.fullmatch(line).groups() for line in text.splitlines()
                if line.startswith('dmp'))


class ExporterTest(LiveTest):
    def start_exporter(self, program, *configurations):
        """A function that scrapes with it."""
        port = free_port(socket.SOCK_STREAM)
        self.lab.start(f'exporter-{port}', [
            program, f'--web.listen-address=127.0.0.1:{port}',
            *(f'--config.file={path}' for path in configurations)])
        wait_until('snmp_exporter', lambda: answers(f'http://127.0.0.1:{port}/'))
        self.exporter_port = port

        def scrape(auth='dmports_v2', modules='dmports'):
            return ask(f'http://127.0.0.1:{port}/snmp?auth={auth}&module={modules}&'
                       f'target={self.lab.agent()}')
        return scrape

    def check_scrape(self, scrape):
        """All metrics of a site with svc-b down, and nothing of a dead subagent."""
        seen = scrape()
        for metric in module()['metrics']:
            name = metric['name'] + ('_info' if metric['type'] == 'EnumAsInfo' else '')
            self.assertRegex(seen, rf'(?m)^{name}[ {{]')
        row = '{dmpPortHostName="h1",dmpPortIndex="%s",dmpPortKey="h1/svc-b",' % (
            self.lab.ports()['h1/svc-b']['index'])
        self.assertRegex(seen, rf'(?m)^dmpPortState{re.escape(row)}.*}} 4$')
        self.assertRegex(seen, rf'(?m)^dmpPortLevel_info{re.escape(row)}'
                         r'dmpPortLevel="required".*} 1$')
        self.assertIn(f'dmpPortNumber="{self.b.port}"', seen)
        self.lab.stop('dmportsd')
        gone = wait_until('an empty walk', lambda: (
            lambda text: text if not samples(text) else None)(scrape()))
        self.assertIn('snmp_scrape_pdus_returned', gone)

    def run_lab_with_a_problem(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')


def dry_run(program, configuration):
    return subprocess.run(
        [tool(program), '--dry-run', '--config.file=' + configuration],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False, timeout=60)
