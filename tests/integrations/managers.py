# SPDX-License-Identifier: BSD-2-Clause
"""How the programs in managers/ are made and started; libraries come from their registries
once, with versions that do not change, into the build folder."""
import os
import shutil
import subprocess
import sys

from live import SOURCE

HERE = os.path.join(SOURCE, 'tests', 'integrations', 'managers')
CACHE = os.path.join(os.environ['DMP_BINARY_DIR'], 'managers-cache')
SKIP = 77
PYSNMP = ['pysnmp==7.1.21', 'pysmi==1.6.2', 'pyasn1==0.6.1', 'ply==3.11', 'Jinja2==3.1.6',
          'requests==2.32.4']
NPM = 'net-snmp@3.29.2'
SNMP4J = 'org.snmp4j:snmp4j:3.9.6'


def skip(reason):
    print('SKIP: ' + reason)
    sys.exit(SKIP)


def need(*command, **options):
    """Run a command that fetches something, or skip.  Go may be missing, because Debian's
    is too old; the others are Debian packages."""
    program = shutil.which(command[0])
    if not program:
        if command[0] == 'go':
            skip('Go 1.24 or newer is not installed')
        sys.exit(f'{command[0]} is not installed: sh tests/integrations/install.sh')
    done = subprocess.run([program, *command[1:]], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, timeout=600,
                          **options)
    if done.returncode != 0:
        skip(f'{" ".join(command)}: {done.stdout[-500:]}')


def cached(name, make):
    """A folder that make(folder) has filled, once."""
    folder = os.path.join(CACHE, name)
    done = os.path.join(folder, 'complete')
    if not os.path.exists(done):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        make(folder)
        with open(done, 'w', encoding='ascii'):
            pass
    return folder


def make_pysnmp(folder):
    need('python3', '-m', 'venv', folder)
    need(os.path.join(folder, 'bin', 'pip'), 'install', '-q', *PYSNMP)


def make_npm(folder):
    need('npm', 'install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts',
         '--prefix', folder, NPM)


def make_snmp4j(folder):
    need('mvn', '-B', '-q', 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy',
         f'-Dartifact={SNMP4J}', f'-DoutputDirectory={folder}')


def pysnmp():
    folder = cached('pysnmp', make_pysnmp)
    return [os.path.join(folder, 'bin', 'python'), os.path.join(HERE, 'pysnmp_manager.py')], {}


def npm():
    folder = cached('npm', make_npm)
    return ['node', os.path.join(HERE, 'npm_manager.js')], {
        'NODE_PATH': os.path.join(folder, 'node_modules')}


def gosnmp():
    program = os.path.join(CACHE, 'gosnmp')
    need('go', 'build', '-o', program, '.', cwd=os.path.join(HERE, 'gosnmp'))
    return [program], {}


def snmp4j():
    folder = cached('snmp4j', make_snmp4j)
    jars = ':'.join(os.path.join(folder, name) for name in sorted(os.listdir(folder))
                    if name.endswith('.jar'))
    classes = os.path.join(CACHE, 'snmp4j-classes')
    subprocess.run(['javac', '-Xlint:all', '-Werror', '-d', classes, '-cp', jars,
                    os.path.join(HERE, 'Snmp4jManager.java')], check=True)
    return ['java', '-cp', f'{jars}:{classes}', 'Snmp4jManager'], {}


MANAGERS = {'pysnmp': pysnmp, 'npm': npm, 'gosnmp': gosnmp, 'snmp4j': snmp4j}
