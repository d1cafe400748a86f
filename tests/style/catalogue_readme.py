#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""catalogue_readme.py [--write] README TABLE: the table of requirements in README.md,
between its two markers, is what the build tool TABLE prints."""
import subprocess
import sys

BEGIN = '<!-- catalogue: begin -->\n'
END = '<!-- catalogue: end -->\n'


def main(arguments):
    write = arguments[:1] == ['--write']
    path, tool = arguments[write:]
    now = subprocess.run([tool], text=True, stdout=subprocess.PIPE, check=True).stdout
    with open(path, encoding='utf-8') as file:
        head, rest = file.read().split(BEGIN)
    before, tail = rest.split(END)
    if before == now:
        return 0
    if write:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(head + BEGIN + now + END + tail)
        return 0
    print(f'{path} is not what the catalogue says: {sys.argv[0]} --write {path} {tool}')
    return 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
