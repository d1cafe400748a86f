#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""version_table.py [--write] DMPORTS FILE: the table in FILE of what one site of three
Agents needs with each of ten versions of DataMiner is what `dmports plan` says.

"listed" is the list of ports in Skyline's documentation as of summer 2023; the reasons below
the table tell what the version changes.
"""
import csv
import io
import os
import subprocess
import sys
import tempfile

import marked

VERSIONS = ('9.6.0 [CU0]', '10.0.0 [CU0]', '10.1.0 CU8', '10.1.12', '10.2.0 [CU0]', '10.3.6',
            '10.3.0 [CU3]', '10.4.0 [CU0]', '10.5.10', '10.6.1')
SITE = '''<site xmlns="urn:dmports:site:1" name="Versions" dataminer="{version}">
 <features cloud-gateway="2.9.6"/>
 <host name="dma1" address="192.0.2.11" roles="dma indexing"/>
 <host name="dma2" address="192.0.2.12" roles="dma"/>
 <host name="dma3" address="192.0.2.13" roles="dma"/>
 <host name="db1" address="198.51.100.1" roles="cassandra"/>
 <host name="db2" address="198.51.100.2" roles="cassandra"/>
 <host name="search1" address="198.51.100.7" roles="indexing"/>
 <host name="gateway" address="192.0.2.20" roles="cloud-gateway"/>
 <host name="cloud" address="cloud.example.net" roles="cloud"/>
</site>
'''
# Where the list of ports of 2023 speaks of versions; the other rows just stand there.
DOCUMENTED = {
    'snmp-agent': '', 'snmp-trap': '', 'remoting': '', 'http': '', 'https': '', 'grpc': '',
    'indexing-http': '', 'indexing-node': '', 'cassandra-internode': '',
    'cassandra-internode-tls': 'from 10.1.3', 'cassandra-jmx': '', 'cassandra-cql': '',
    'elasticsearch-http': '', 'nats-client': 'from 10.1.1', 'nats-route': 'from 10.1.1',
    'nats-monitor': 'to debug', 'nats-account-server': 'from 10.1.1',
    'cloud-endpoint': 'from 10.3.6/10.4.0', 'telnet-stream': 'before 9.6.5',
    'cassandra-cql-tls-legacy': 'before 10.0.8', 'cassandra-thrift': 'before 10.0.8',
}
CELLS = {'yes': 'yes', 'assumed': 'assumed', 'no': '-'}


def plan(dmports, version):
    """The strongest answer about each requirement: (applies, level, number, why)."""
    with tempfile.TemporaryDirectory() as folder:
        site = os.path.join(folder, 'site.xml')
        with open(site, 'w', encoding='utf-8') as file:
            file.write(SITE.format(version=version))
        done = subprocess.run([dmports, 'plan', '--all', '--format', 'csv', '--site', site],
                              text=True, stdout=subprocess.PIPE, check=True)
    answers = {}
    for row in csv.DictReader(io.StringIO(done.stdout)):
        rank = ('no', 'assumed', 'yes').index(row['applies'])
        if rank >= answers.get(row['requirement'], (-1,))[0]:
            answers[row['requirement']] = (rank, row['applies'], row['level'],
                                           f"{row['port']}/{row['transport']}", row['why'])
    return answers


def cell(answer):
    if answer[1] != 'no' and answer[2] == 'forbidden':
        return 'close'
    return CELLS[answer[1]]


def table(plans):
    keys = [key for key in plans[VERSIONS[0]]
            if key in DOCUMENTED or len({cell(plans[v][key]) for v in VERSIONS}) > 1]
    keys.sort(key=lambda key: (key not in DOCUMENTED,
                               list(DOCUMENTED).index(key) if key in DOCUMENTED else key))
    lines = ['| requirement | port | listed | ' + ' | '.join(VERSIONS) + ' |',
             '|' + '---|' * (len(VERSIONS) + 3)]
    for key in keys:
        lines.append(f"| `{key}` | {plans[VERSIONS[0]][key][3]} | "
                     f"{DOCUMENTED.get(key, 'no') or 'yes'} | " +
                     ' | '.join(cell(plans[v][key]) for v in VERSIONS) + ' |')
    return keys, lines


def which(versions):
    return 'all' if len(versions) == len(VERSIONS) else ', '.join(versions)


def reasons(plans, keys):
    """Why it differs: one line for each answer that a requirement has."""
    lines = []
    for key in keys:
        said = {}
        for version in VERSIONS:
            why = plans[version][key][4].split(', the site has ')[0]
            said.setdefault(why, []).append(version)
        if key in DOCUMENTED or len(said) > 1:
            lines.append(f'* `{key}`')
            lines += [f'  * {which(versions)}: {why}' for why, versions in said.items()]
    return lines


def main(arguments):
    write = arguments[:1] == ['--write']
    dmports, path = arguments[write:]
    plans = {version: plan(dmports, version) for version in VERSIONS}
    keys, lines = table(plans)
    now = '\n'.join(lines + [''] + reasons(plans, keys)) + '\n'
    if marked.check(path, 'versions', now, write):
        return 0
    print(f'{path} is not what the plans say: {sys.argv[0]} --write {dmports} {path}')
    return 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
