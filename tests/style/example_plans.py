#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""example_plans.py [--write] DMPORTS FOLDER: NAME.plan.csv beside each site file of the
examples is what `dmports plan --all` says about it.

Kept are the flows between two machines that apply or are assumed, and of those that do
not apply the ones whose level asks for an answer.  --write takes over what is said now;
read the difference before it is committed.
"""
import csv
import difflib
import io
import pathlib
import subprocess
import sys

COLUMNS = ('from', 'host', 'requirement', 'transport', 'port', 'level', 'applies', 'why')


def plan(dmports, site):
    done = subprocess.run([dmports, 'plan', '--all', '--format', 'csv', '--site', site],
                          text=True, stdout=subprocess.PIPE, check=True)
    return csv.DictReader(io.StringIO(done.stdout))


def golden(dmports, site):
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, extrasaction='ignore', lineterminator='\n')
    writer.writeheader()
    for row in plan(dmports, site):
        if row['applies'] != 'no' or (row['host'] and
                                      row['level'] in ('required', 'forbidden')):
            writer.writerow(row)
    return out.getvalue()


def main(arguments):
    write = arguments[:1] == ['--write']
    dmports, folder = arguments[write:]
    sites = sorted(pathlib.Path(folder).glob('*.xml'))
    failed = not sites
    for site in sites:
        path = site.with_suffix('.plan.csv')
        now = golden(dmports, site)
        if write:
            path.write_text(now, encoding='utf-8')
            continue
        before = path.read_text(encoding='utf-8') if path.exists() else ''
        difference = list(difflib.unified_diff(
            before.splitlines(), now.splitlines(), path.name, 'now', lineterm='', n=0))
        print('\n'.join(difference), end='\n' if difference else '')
        failed = failed or difference
    if failed and not write:
        print(f'if that is right: {sys.argv[0]} --write {dmports} {folder}')
    return 1 if failed and not write else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
