#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write what the folders of examples/ have for monitoring systems, from the text of the MIB.

usage: python3 examples/generator [--check] [--out FOLDER] [MIB]

--check  write nothing; exit 1 and name every file that is not what would be written
--out    a folder instead of examples/
MIB      another copy of the module, such as "dmports mib --root-oid" prints

Each module listed below has  files(mib) -> {path below examples/: text}.
"""
import argparse
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from source import MIB_PATH, load  # noqa: E402

FORMATS = ['cacti', 'icinga', 'librenms', 'opennms', 'prometheus', 'prtg', 'snmptrapd', 'snmptt',
           'solarwinds', 'systemd', 'telegraf', 'zabbix']


def wanted(mib):
    """{path: text} of all formats."""
    found = {}
    for name in FORMATS:
        for path, text in importlib.import_module(name).files(mib).items():
            if path in found:
                raise ValueError('written twice: ' + path)
            found[path] = text
    return found


def differs(path, text):
    try:
        with open(path, encoding='utf-8') as file:
            return file.read() != text
    except FileNotFoundError:
        return True


def main(arguments):
    parser = argparse.ArgumentParser(prog='python3 examples/generator')
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--out', default=os.path.dirname(HERE))
    parser.add_argument('mib', nargs='?', default=MIB_PATH)
    options = parser.parse_args(arguments)
    stale = 0
    for path, text in sorted(wanted(load(options.mib)).items()):
        target = os.path.join(options.out, path)
        if not differs(target, text):
            continue
        if options.check:
            print(f'{path} is not what the MIB says; refresh with: python3 examples/generator')
            stale = 1
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
    return stale


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
