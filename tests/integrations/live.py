# SPDX-License-Identifier: BSD-2-Clause
"""What every test of this folder starts from: a live dmports to show to other systems."""
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.environ['DMP_SOURCE_DIR']
EXAMPLES = os.path.join(SOURCE, 'examples')
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'integration'))
sys.path.insert(0, os.path.join(EXAMPLES, 'generator'))
from lab import ROOT, free_port, tool, wait_until  # noqa: E402,F401
from test_daemon import LabTest  # noqa: E402
from source import load  # noqa: E402,F401


class LiveTest(LabTest):
    """One host h1 with the services svc-a and svc-b, both up; self.b.close() ends svc-b."""

    def raise_and_clear(self):
        """svc-b goes down and comes back; snmptrapd of the laboratory has seen both."""
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        self.b.open()
        self.lab.wait_trap('dmpPortUp', 'h1/svc-b')

    def open_to_all(self):
        """For programs that give up root: they may enter the folder of the laboratory."""
        os.chmod(self.lab.dir, 0o755)

    def folder(self, name, owner=None):
        path = self.lab.path(name)
        os.makedirs(path, exist_ok=True)
        if owner:
            shutil.chown(path, owner)
        return path

    def write(self, name, text):
        path = self.lab.path(name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def example(self, *names):
        with open(os.path.join(EXAMPLES, *names), encoding='utf-8') as file:
            return file.read()

    def follow_readme(self, folder, places):
        """Do what the README of an example says under Install, packages and services
        excepted, in our places instead of the reader's: {his: ours}."""
        text = self.example(folder, 'README.md')
        steps = re.search(r'(?s)## Install\n.*?```sh\n(.*?)```', text)[1]
        steps = re.sub(r'(?m)^(apt|systemctl) .*\n', '', steps)
        for his, ours in places.items():
            self.assertIn(his, steps)
            steps = steps.replace(his, ours)
        self.run_tool('sh', '-eu', input=steps, cwd=os.path.join(EXAMPLES, folder))

    def run_tool(self, *command, **options):
        """Output and errors of a command that must succeed."""
        options = {'timeout': 300, 'input': '', 'stderr': subprocess.STDOUT, **options}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False,
                              **options)
        self.assertEqual(done.returncode, 0, f'{command}: {done.stdout}')
        return done.stdout


def read(path):
    """A file that is still being written, perhaps not there yet."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except FileNotFoundError:
        return ''
