#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""catalogue_readme.py [--write] README TABLE: the table of requirements in README.md,
between its two markers, is what the build tool TABLE prints."""
import subprocess
import sys

import marked


def main(arguments):
    write = arguments[:1] == ['--write']
    path, tool = arguments[write:]
    now = subprocess.run([tool], text=True, stdout=subprocess.PIPE, check=True).stdout
    if marked.check(path, 'catalogue', now, write):
        return 0
    print(f'{path} is not what the catalogue says: {sys.argv[0]} --write {path} {tool}')
    return 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
