#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""manual_words.py MIB PAGE: dmports-words(7) has exactly the words and numbers of the MIB."""
import re
import sys

from mib_module import Module


def lists_of(page):
    lists = {}
    for line in page.splitlines():
        if line.startswith('.Ss '):
            words = lists.setdefault(line[4:], {})
        match = re.fullmatch(r'\.It Cm (\w+) Pq (\d+)', line)
        if match:
            words[match[1]] = int(match[2])
    return lists


def main(mib_path, page_path):
    with open(mib_path, encoding='utf-8') as file:
        mib = Module(file.read())
    with open(page_path, encoding='utf-8') as file:
        lists = lists_of(file.read())
    failed = len(lists) < 6
    for name, words in lists.items():
        members = mib.conventions[name].members
        if words != members:
            print(f'{name}: the page has {words}, the MIB has {members}', file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
