#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The probes of search nodes against Elasticsearch 6.8 and 7.17 and OpenSearch 2.11.

The nodes come as Maven artefacts into the build directory's cache (about 100 MB, once)
and run inside a small program of ours, SearchNode.java.in.  Exit code 77 = they cannot
be had.
"""
import collections
import json
import os
import shutil
import subprocess
import time
import unittest
import urllib.request

import peer

Product = collections.namedtuple('Product', 'name version log4j transport')

ELASTICSEARCH_6 = Product('elasticsearch', '6.8.23', '2.17.1', 'transport.tcp.port')
ELASTICSEARCH_7 = Product('elasticsearch', '7.17.9', '2.17.1', 'transport.port')
OPENSEARCH_2 = Product('opensearch', '2.11.0', '2.20.0', 'transport.port')

POM = '''<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>peer</groupId><artifactId>peer</artifactId><version>1</version>
<dependencies>
<dependency><groupId>{package}</groupId><artifactId>{name}</artifactId>
<version>{version}</version></dependency>
<dependency><groupId>{package}.plugin</groupId>
<artifactId>transport-netty4-client</artifactId><version>{version}</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId>
<artifactId>log4j-core</artifactId><version>{log4j}</version></dependency>
</dependencies></project>
'''

LOG4J = '''status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%p] %c %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
'''


def libraries(product):
    """The product's jars, from the cache or the registry; the folder is complete or
    absent."""
    jars = os.path.join(peer.CACHE, f'{product.name}-{product.version}')
    if os.path.isdir(jars):
        return jars
    os.makedirs(peer.CACHE, exist_ok=True)
    part = jars + '.part'
    shutil.rmtree(part, ignore_errors=True)
    pom = jars + '.xml'
    with open(pom, 'w', encoding='ascii') as out:
        out.write(POM.format(package='org.' + product.name, name=product.name,
                             version=product.version, log4j=product.log4j))
    done = subprocess.run(['mvn', '-q', '-B', '-f', pom, 'dependency:copy-dependencies',
                           '-DoutputDirectory=' + part], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=500, check=False)
    if done.returncode != 0:
        peer.skip(f'{product.name} {product.version} cannot be had: '
                  f'{done.stdout[-1000:]}')
    os.rename(part, jars)
    return jars


class Node(unittest.TestCase):
    """Shared: one node, started once for all tests of its class."""

    product = None

    @classmethod
    def setUpClass(cls):
        cls.identity = (cls.product.name.replace('elastic', 'Elastic')
                        .replace('opensearch', 'OpenSearch') + ' ' + cls.product.version)
        cls.folder = peer.folder(cls.addClassCleanup)
        cls.classes = libraries(cls.product) + '/*'
        for part in ('modules', 'plugins', 'data', 'logs', 'config'):
            os.makedirs(os.path.join(cls.folder, 'home', part))
        with open(os.path.join(peer.HERE, 'SearchNode.java.in'),
                  encoding='ascii') as template:
            source = template.read().replace('@PACKAGE@',
                                              'org.' + cls.product.name)
        with open(os.path.join(cls.folder, 'SearchNode.java'), 'w',
                  encoding='ascii') as out:
            out.write(source)
        with open(os.path.join(cls.folder, 'log4j2.properties'), 'w',
                  encoding='ascii') as out:
            out.write(LOG4J)
        subprocess.run(['javac', '-cp', cls.classes, '-d', cls.folder,
                        os.path.join(cls.folder, 'SearchNode.java')], check=True)
        cls.http, cls.transport = peer.free_ports(2)
        settings = {
            'path.home': cls.folder + '/home', 'cluster.name': 'peers',
            'node.name': 'peer', 'network.host': peer.ADDRESS, 'http.port': cls.http,
            cls.product.transport: cls.transport, 'http.type': 'netty4',
            'transport.type': 'netty4', 'discovery.type': 'single-node'}
        cls.node = peer.Service(
            ['java', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1',
             '-Dlog4j2.configurationFile=' + cls.folder + '/log4j2.properties',
             '-Dio.netty.noUnsafe=true', '-cp', cls.classes + ':' + cls.folder,
             'SearchNode', *(f'{name}={value}' for name, value in settings.items())],
            os.path.join(cls.folder, 'node.log'), cwd=cls.folder)
        cls.addClassCleanup(cls.node.stop)
        cls.node.wait_text('peer is ready', 120)

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            f'http://{peer.ADDRESS}:{self.http}{path}', method=method,
            data=json.dumps(body).encode() if body else None,
            headers={'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def make_index(self, name, settings):
        self.ask('PUT', f'/{name}?wait_for_active_shards=0&timeout=1s',
                 {'settings': settings})
        self.addCleanup(self.ask, 'DELETE', '/' + name)


class Proofs:
    """What holds for both products."""

    def test_node_is_identified_and_green(self):
        result = peer.probe('search-http', self.http)
        self.assertEqual(result['reason'], 'answered', result)
        self.assertEqual(result['identity'], self.identity + ', cluster peers')
        self.assertIn('status green, 1 node', result['detail'])
        self.assertFalse(result['used_tls'])

    def test_probes_leave_no_line_in_the_log(self):
        before = self.node.text()
        for _ in range(3):
            peer.probe('search-http', self.http)
            peer.probe('search-node', self.transport)
        self.assertEqual(self.node.text(), before)

    def test_probes_leave_no_connection_open(self):
        def opened():
            nodes = self.ask('GET', '/_nodes/stats/http')['nodes']
            return next(iter(nodes.values()))['http']['current_open']
        before = opened()
        for _ in range(5):
            peer.probe('search-http', self.http)
        peer.wait_until(lambda: opened() <= before, 20, 'connections')

    def test_yellow_is_well(self):
        self.make_index('spare', {'index.number_of_replicas': 1})
        result = peer.probe('search-http', self.http)
        self.assertEqual(result['reason'], 'answered', result)
        self.assertIn('status yellow', result['detail'])

    def test_red_is_unwell(self):
        self.make_index('lost', {'index.routing.allocation.require._name': 'nobody'})
        result = peer.probe('search-http', self.http)
        self.assertEqual(result['reason'], 'serviceUnwell', result)
        self.assertEqual(result['identity'], self.identity + ', cluster peers')
        self.assertIn('status red', result['detail'])

    def test_expected_text_decides(self):
        for expect, reason in (('lucene_version', 'answered'),
                               ('Nonsense', 'badAnswer')):
            result = peer.probe('search-http', self.http, 'expect=' + expect)
            self.assertEqual(result['reason'], reason, result)

    def test_transport_is_identified(self):
        result = peer.probe('search-node', self.transport)
        self.assertEqual(result['outcome'], 'ok', result)
        self.assertEqual(result['reason'], 'answered', result)

    def test_transport_tells_its_version_when_asked_deeply(self):
        before = self.node.text()
        for _ in range(3):
            result = peer.probe('search-node', self.transport, 'deep')
            self.assertEqual(result['reason'], 'answered', result)
            self.assertEqual(result['identity'], self.identity + ' transport')
        time.sleep(1)
        self.assertEqual(self.node.text(), before)

    def test_transport_in_the_place_of_http_is_named(self):
        result = peer.probe('search-http', self.transport, 'hint=known issue', 'tls=no')
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn('transport', result['detail'])
        self.assertIn('known issue', result['detail'])

    def test_http_in_the_place_of_transport_is_no_transport(self):
        """Elasticsearch answers the ping with an HTTP error, OpenSearch closes."""
        for words in ((), ('deep',)):
            result = peer.probe('search-node', self.http, 'tls=no', *words)
            if self.product.name == 'elasticsearch':
                self.assertEqual(result['reason'], 'wrongService', result)
                self.assertIn('HTTP', result['detail'])
            else:
                self.assertEqual(result['reason'], 'closedEarly', result)


class Elasticsearch6(Proofs, Node):
    product = ELASTICSEARCH_6


class Elasticsearch7(Proofs, Node):
    product = ELASTICSEARCH_7


class OpenSearch(Proofs, Node):
    product = OPENSEARCH_2


class Stopped(Node):
    product = OPENSEARCH_2

    def test_stopped_node_refuses(self):
        self.node.stop()
        for kind, port in (('search-http', self.http), ('search-node', self.transport)):
            result = peer.probe(kind, port)
            self.assertEqual(result['reason'], 'refused', result)


class InItsPlace(unittest.TestCase):
    """Without a node: others answer."""

    def expect(self, data, reason, text, after_request=True):
        other = peer.Canned(data, after_request)
        self.addCleanup(other.stop)
        result = peer.probe('search-http', other.port)
        self.assertEqual(result['reason'], reason, result)
        self.assertIn(text, result['detail'])

    def test_other_web_server_is_named(self):
        self.expect(b'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 3'
                    b'\r\n\r\nok\n', 'wrongService', 'nginx 1.22.1')

    def test_proxy_without_its_node_is_unwell(self):
        self.expect(b'HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.22.1\r\n'
                    b'Content-Length: 0\r\n\r\n', 'serviceUnwell', 'HTTP 502')

    def test_other_protocol_is_named(self):
        self.expect(b'SSH-2.0-OpenSSH_9.2p1\r\n', 'wrongService', 'SSH', False)

    def test_node_with_credentials_is_up(self):
        """Written after the header fields of Elasticsearch 7.17, not captured."""
        self.expect(b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic '
                    b'realm="security"\r\nX-elastic-product: Elasticsearch\r\n'
                    b'Content-Length: 0\r\n\r\n', 'authRequired', 'credentials')


if __name__ == '__main__':
    peer.need('java', 'javac', 'mvn')
    unittest.main(verbosity=2)
