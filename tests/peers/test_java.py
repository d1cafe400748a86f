#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The probes of Java services against real ones, each on a loopback address of its own:

JMX of this machine's OpenJDK (plain and TLS registry), Cassandra 5.0 and 4.1 (CQL,
internode, JMX; with and without TLS) and Cassandra 3.11's Thrift interface served by
libthrift.  All but the JDK comes from the Maven repository into the build directory,
once.  Exit code 77 = it cannot be had.  test_search.py asks the search nodes.
"""
import json
import os
import shutil
import socket
import subprocess
import time
import unittest

from java_peer import (ARTEFACTS, CLIENT_TLS, INTERNODE_TLS, SITE, Case, Cassandra, Jmx,
                       Registry, Thrift, libraries, probe, skip, wait_until)

DMPORTS = os.environ['DMPORTS']


class RmiAndThriftTest(Case):
    def see_deep(self, reason, identity, detail, **fields):
        """The registry is asked for its list, and its JVM has nothing to say."""
        before = self.peer.said()
        for _ in range(3):
            result = probe('jmx', self.peer.address, self.peer.port, 'deep')
            self.see(result, reason, identity=identity, **fields)
            self.assertIn(detail, result['detail'])
            self.assertNotIn('NAT', result['detail'])
        time.sleep(1)
        self.assertEqual(self.peer.said(), before)

    def test_registry_is_identified_without_a_trace(self):
        self.peer = Jmx(tls=False)
        before = self.peer.said()
        for _ in range(3):
            result = probe('jmx', self.peer.address, self.peer.port)
            self.see(result, 'answered', identity='Java RMI (JMX)', used_tls=0)
            self.assertNotIn('NAT', result['detail'])
        self.assertEqual(self.peer.said(), before)
        self.see_deep('answered', 'JMX over Java RMI', 'lists jmxrmi', used_tls=0)
        self.see_after_stop([('jmx', self.peer.address, self.peer.port)])
        self.see_after_stop([('jmx', self.peer.address, self.peer.port, 'deep')])

    def test_registry_without_jmx_is_doubted_when_asked_deeply(self):
        self.peer = Registry()
        result = probe('jmx', self.peer.address, self.peer.port)
        self.see(result, 'answered', identity='Java RMI (JMX)')
        self.see_deep('identityWeak', 'Java RMI registry', 'does not list jmxrmi')

    def test_tls_registry_is_found_and_shows_its_certificate(self):
        self.peer = Jmx(tls=True)
        before = self.peer.said()
        for option in ('tls=auto', 'tls=yes'):
            with self.subTest(option):
                result = probe('jmx', self.peer.address, self.peer.port, option)
                self.see(result, 'tlsSelfSigned', used_tls=1,
                         identity='Java RMI (JMX)')
                self.assertIn(result['tls_days_left'], (99, 100))
                self.assertIn('dmports-node', result['tls_subject'])
        self.assertEqual(self.peer.said(), before)
        self.see_deep('tlsSelfSigned', 'JMX over Java RMI', 'lists jmxrmi', used_tls=1)

    def test_thrift_of_cassandra_3_11_tells_its_version(self):
        self.peer = Thrift()
        before = self.peer.said()
        for _ in range(3):
            self.see(probe('thrift', self.peer.address, self.peer.port), 'answered',
                     identity='Cassandra Thrift API 20.1.0')
        time.sleep(1)
        self.assertEqual(self.peer.said(), before)
        # The log would have told: a frame that is no call is an error.
        with socket.create_connection((self.peer.address, self.peer.port)) as s:
            s.sendall(bytes([0, 0, 0, 4, 0, 0, 0, 0]))
            wait_until(lambda: 'ERROR' in self.peer.said(), 30, 'an error')
        self.see_after_stop([('thrift', self.peer.address, self.peer.port)])


class CassandraTest(Case):
    def start(self, name, extra=''):
        self.peer = Cassandra(name, extra)
        return self.peer

    def see_cql(self, node, identity):
        results, lines = node.footprint(
            lambda: [probe('cql', node.address, node.cql) for _ in range(3)])
        for result in results:
            self.see(result, 'answered', identity=identity, used_tls=0)
        self.assertEqual(lines, [])

    def see_internode_new(self, node, identity):
        result, lines = node.footprint(
            lambda: probe('cassandra-internode', node.address, node.storage,
                          'cassandra-new'))
        self.see(result, 'answered', identity=identity)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith('INFO'), lines)

    def see_jmx(self, node):
        for options, identity in (([], 'Java RMI (JMX)'),
                                  (['deep'], 'JMX over Java RMI')):
            result, lines = node.footprint(
                lambda o=options: probe('jmx', '127.0.0.1', node.jmx, *o))
            self.see(result, 'answered', identity=identity)
            self.assertEqual(lines, [])

    def see_form(self, node, identity, lines_wanted):
        """Without being told: CQL decides how the port among nodes is asked."""
        site = node.write('site.xml', SITE.format(**vars(node)))
        result, lines = node.footprint(lambda: subprocess.run(
            [DMPORTS, 'check', '-q', '--format', 'json', '--site', site], text=True,
            stdout=subprocess.PIPE, timeout=60, check=False))
        rows = {row['key'].split('/')[1]: row for row in json.loads(result.stdout)}
        row = next(row for key, row in rows.items() if key.startswith(
            'cassandra-internode'))
        self.see(row, 'answered', identity=identity)
        self.assertNotIn('guess', row['detail'])
        self.assertEqual(len(lines), lines_wanted, lines)

    def see_swapped_ports(self, node):
        """CQL complains of whatever is not CQL, and is known by that."""
        for kind in ('jmx', 'search-node', 'thrift'):
            with self.subTest('swapped', kind=kind):
                result = probe(kind, node.address, node.cql)
                self.see(result, 'wrongService')
                self.assertIn('CQL', result['detail'])

    def ports(self, node):
        return [('cql', node.address, node.cql),
                ('cassandra-internode', node.address, node.storage),
                ('jmx', '127.0.0.1', node.jmx)]

    def test_5_0(self):
        node = self.start('cassandra-5.0')
        self.see_cql(node, 'Cassandra CQL 3.4.7, protocols 3-5, release 5.0')
        result, lines = node.footprint(
            lambda: probe('cassandra-internode', node.address, node.storage))
        self.see(result, 'identityWeak', identity='')
        self.assertIn('guess', result['detail'])
        self.assertEqual(lines, [])
        identity = 'Cassandra internode, messaging version 12, release 4.0 to 5.0'
        self.see_internode_new(node, identity)
        self.see_form(node, identity, 1)
        self.see_jmx(node)
        self.see_swapped_ports(node)
        self.see_after_stop(self.ports(node))

    def test_4_1(self):
        node = self.start('cassandra-4.1')
        self.see_cql(node, 'Cassandra CQL 3.4.6, protocols 3-5, release 4.1')
        result, lines = node.footprint(
            lambda: probe('cassandra-internode', node.address, node.storage))
        self.see(result, 'answered', identity='Cassandra internode, messaging version '
                 '12, release 4.0 to 5.0')
        self.assertEqual(lines, [])
        identity = 'Cassandra internode, messaging version 12, release 4.0 to 5.0'
        self.see_internode_new(node, identity)
        self.see_form(node, identity, 0)
        self.see_jmx(node)
        self.see_swapped_ports(node)
        self.see_after_stop(self.ports(node))

    def test_5_0_without_compatibility_speaks_13_and_rejects_version_4(self):
        node = self.start('cassandra-5.0', 'storage_compatibility_mode: NONE\n'
                          'native_transport_allow_older_protocols: false\n')
        result = probe('cql', node.address, node.cql)
        self.see(result, 'answered', identity='Cassandra CQL, protocols 5-5')
        self.assertIn('Rejecting Protocol Version', result['detail'])
        identity = 'Cassandra internode, messaging version 13, release 5.0'
        self.see_internode_new(node, identity)
        # CQL's WARN line about our protocol 4 comes once a minute: it was before.
        self.see_form(node, identity, 1)

    def see_tls(self, result, identity):
        self.see(result, 'tlsSelfSigned', used_tls=1, identity=identity)
        self.assertIn('dmports-node', result['tls_subject'])
        self.assertIn(result['tls_days_left'], (99, 100))

    def test_5_0_with_tls_only(self):
        node = self.start('cassandra-5.0', CLIENT_TLS.replace('{optional}', 'false') +
                          INTERNODE_TLS)
        identity = 'Cassandra CQL 3.4.7, protocols 3-5, release 5.0'
        result, lines = node.footprint(
            lambda: probe('cql-tls', node.address, node.cql))
        self.see_tls(result, identity)
        self.assertEqual(lines, [])
        result, lines = node.footprint(
            lambda: probe('cql', node.address, node.cql, 'prefer-tls'))
        self.see_tls(result, identity)
        self.assertEqual(lines, [])
        self.see_tls(probe('cql', node.address, node.cql), identity)
        result, lines = node.footprint(
            lambda: probe('cassandra-internode-tls', node.address, node.storage))
        self.see(result, 'authRequired', used_tls=1, tls_subject='dmports-node')
        self.assertIn(result['tls_days_left'], (99, 100))
        # The price of looking at a certificate among nodes that want ours, too.
        self.assertTrue(lines[0].startswith('ERROR'), lines)
        self.see_after_stop([('cql-tls', node.address, node.cql)], 'wrongService')

    def test_4_1_with_optional_tls(self):
        node = self.start('cassandra-4.1', CLIENT_TLS.replace('{optional}', 'true'))
        identity = 'Cassandra CQL 3.4.6, protocols 3-5, release 4.1'
        self.see_cql(node, identity)
        result, lines = node.footprint(
            lambda: probe('cql-tls', node.address, node.cql))
        self.see_tls(result, identity)
        self.assertEqual(lines, [])


if __name__ == '__main__':
    for tool in ('java', 'keytool', 'mvn'):
        if not shutil.which(tool):
            skip(f'{tool} is not installed (tests/peers/install.sh)')
    for artefact in ARTEFACTS:
        libraries(artefact)
    unittest.main(verbosity=2)
