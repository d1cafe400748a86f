#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The probes of DataMiner's web ports against nginx, and that of SLNet against Mono.

nginx stands in for IIS: what it serves under DataMiner's paths is ours, the protocol is
real.  Mono's HttpChannel and TcpChannel are .NET Remoting of another maker; what only
Microsoft's sends is tested with bytes written after its specification, and said so.
"""
import os
import socket
import subprocess
import unittest

import peer

CERTIFICATES = {
    # name: (signed by the CA, subject alternative name, from, until)
    'good': (True, 'IP:127.0.0.1,DNS:localhost', '-1', '+200'),
    'expired': (True, 'IP:127.0.0.1', '20200101000000Z', '20210101000000Z'),
    'early': (True, 'IP:127.0.0.1', '20480101000000Z', '20490101000000Z'),
    'other': (True, 'DNS:elsewhere.example', '-1', '+200'),
    'self': (False, 'IP:127.0.0.1', '-1', '+200'),
}

CA_CONF = '''[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
'''

NGINX_CONF = '''daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
  fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  default_type text/plain;
  {servers}
}}
'''

LOCATIONS = '''
    location = /EndPoints.txt { return 200 "http://127.0.0.1:8004/SLNetService\\n"; }
    location = /APIGateway/api/version {
      return 200 '[{"name":"DataMiner APIGateway","version":"3.1.0"}]'; }
    location = /moved { return 302 https://dma1.example/; }
    location = /stopped { return 503; }
    location = /private { return 401; }
    location = /plain { return 200 "ok\\n"; }
    location / { return 404; }
'''


def openssl(*words):
    subprocess.run(['openssl', *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def make_certificates(folder):
    """ca.pem and NAME.pem, NAME.key for each of CERTIFICATES."""
    def path(name):
        return os.path.join(folder, name)
    with open(path('ca.conf'), 'w', encoding='ascii') as conf:
        conf.write(CA_CONF.format(folder=folder))
    with open(path('index.txt'), 'w', encoding='ascii'):
        pass
    new = ('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes')
    openssl(*new, '-x509', '-days', '300', '-subj', '/CN=dmports peers CA', '-keyout',
            path('ca.key'), '-out', path('ca.pem'))
    for name, (signed, san, start, end) in CERTIFICATES.items():
        to = ('-subj', '/CN=' + name, '-addext', 'subjectAltName=' + san, '-keyout',
              path(name + '.key'))
        if not signed:
            openssl(*new, '-x509', '-days', '200', *to, '-out', path(name + '.pem'))
            continue
        openssl(*new, *to, '-out', path(name + '.csr'))
        dates = ('-startdate', start, '-enddate', end) if len(start) > 9 else (
            '-days', end[1:])
        openssl('ca', '-batch', '-notext', '-config', path('ca.conf'), '-cert',
                path('ca.pem'), '-keyfile', path('ca.key'), '-in', path(name + '.csr'),
                '-out', path(name + '.pem'), *dates)


def tls_server(folder, port, name, more=''):
    return (f'server {{ listen {peer.ADDRESS}:{port} ssl {more};'
            f'ssl_certificate {folder}/{name}.pem;'
            f'ssl_certificate_key {folder}/{name}.key; {LOCATIONS} }}')


class Nginx(unittest.TestCase):
    """Shared: one nginx with a plain port and one per certificate."""

    @classmethod
    def setUpClass(cls):
        cls.folder = peer.folder(cls.addClassCleanup)
        make_certificates(cls.folder)
        names = ['plain', 'http1', *CERTIFICATES]
        cls.port = dict(zip(names, peer.free_ports(len(names))))
        servers = [f'server {{ listen {peer.ADDRESS}:{cls.port["plain"]}; '
                   f'{LOCATIONS} }}',
                   tls_server(cls.folder, cls.port['http1'], 'good')]
        servers += [tls_server(cls.folder, cls.port[name], name, 'http2')
                    for name in CERTIFICATES]
        conf = os.path.join(cls.folder, 'nginx.conf')
        with open(conf, 'w', encoding='utf-8') as out:
            out.write(NGINX_CONF.format(folder=cls.folder, servers='\n'.join(servers)))
        cls.start()
        banner = subprocess.run(['nginx', '-v'], stderr=subprocess.PIPE, text=True,
                                check=True).stderr
        cls.version = 'nginx ' + banner.strip().partition('nginx/')[2].split()[0]

    @classmethod
    def start(cls):
        cls.nginx = peer.Service(
            ['nginx', '-p', cls.folder, '-c', cls.folder + '/nginx.conf'],
            cls.folder + '/nginx.out')
        cls.addClassCleanup(cls.nginx.stop)
        cls.nginx.wait_open(cls.port['plain'], 10)

    def setUp(self):
        self.access_before = self.lines('access.log')
        self.error_before = self.lines('error.log')

    def lines(self, name):
        """Of a log, without the notices about nginx's own life."""
        with open(os.path.join(self.folder, name), encoding='utf-8',
                  errors='replace') as log:
            return [line for line in log if '[notice]' not in line]

    def expect_footprint(self, requests):
        """That many lines in the access log and none in the error log, at level info;
        nginx writes them when it has closed the connection."""
        def new(name, before):
            return self.lines(name)[len(before):]
        peer.wait_until(lambda: len(new('access.log', self.access_before)) >= requests,
                        5, 'access log')
        self.assertEqual(len(new('access.log', self.access_before)), requests)
        self.assertEqual(new('error.log', self.error_before), [])

    def secure(self, kind, name, *words):
        return peer.probe(kind, self.port[name], f'ca={self.folder}/ca.pem', *words)


class DataMinerHttp(Nginx):
    def test_endpoints_page_is_identified_with_one_request(self):
        result = peer.probe('dataminer-http', self.port['plain'])
        self.assertEqual(result['reason'], 'answered', result)
        self.assertEqual(result['identity'], self.version)
        self.assertFalse(result['used_tls'])
        self.expect_footprint(1)

    def test_statuses_are_judged(self):
        for path, reason, text in (
                ('/missing', 'serviceUnwell', 'HTTP 404 from ' + self.version),
                ('/stopped', 'serviceUnwell', 'HTTP 503'),
                ('/private', 'identityWeak', 'HTTP 401'),
                ('/plain', 'identityWeak', 'HTTP 200'),
                ('/moved', 'identityWeak',
                 'redirects to https://dma1.example/, not followed')):
            with self.subTest(path):
                result = peer.probe('dataminer-http', self.port['plain'],
                                    'path=' + path)
                self.assertEqual(result['reason'], reason, result)
                self.assertIn(text, result['detail'])

    def test_expected_text_decides(self):
        for expect, reason in (('SLNet', 'answered'), ('Nonsense', 'badAnswer')):
            result = peer.probe('dataminer-http', self.port['plain'],
                                'expect=' + expect)
            self.assertEqual(result['reason'], reason, result)

    def test_tls_server_in_its_place_is_named(self):
        result = peer.probe('dataminer-http', self.port['good'], 'hint=known issue')
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn('TLS', result['detail'])
        self.assertIn('known issue', result['detail'])

    def test_other_protocol_in_its_place_is_named(self):
        other = peer.Canned(b'SSH-2.0-OpenSSH_9.2p1\r\n', after_request=False)
        self.addCleanup(other.stop)
        result = peer.probe('dataminer-http', other.port)
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn('SSH', result['detail'])


class DataMinerHttps(Nginx):
    def test_gateway_is_identified_with_one_request(self):
        result = self.secure('dataminer-https', 'good')
        self.assertEqual(result['reason'], 'answered', result)
        self.assertEqual(result['identity'], 'APIGateway 3.1.0, ' + self.version)
        self.assertTrue(result['used_tls'], result)
        self.assertIn(result['tls_days_left'], (199, 200))
        self.assertIn('good', result['tls_subject'])
        self.expect_footprint(1)

    def test_findings_on_the_certificate_keep_the_identity(self):
        for name, reason in (('expired', 'tlsExpired'), ('early', 'tlsNotYetValid'),
                             ('other', 'tlsNameMismatch'), ('self', 'tlsSelfSigned')):
            with self.subTest(name):
                result = self.secure('dataminer-https', name)
                self.assertEqual(result['reason'], reason, result)
                self.assertEqual(result['outcome'], 'ok')
                self.assertEqual(result['identity'],
                                 'APIGateway 3.1.0, ' + self.version)
        self.expect_footprint(4)

    def test_issuer_that_is_not_trusted_is_said(self):
        result = peer.probe('dataminer-https', self.port['good'])
        self.assertEqual(result['reason'], 'tlsUntrusted', result)

    def test_web_server_without_gateway_is_unwell(self):
        result = self.secure('dataminer-https', 'good', 'path=/gone')
        self.assertEqual(result['reason'], 'serviceUnwell', result)
        self.assertIn('the web server answers, APIGateway does not', result['detail'])

    def test_plain_web_server_in_its_place_is_named(self):
        result = self.secure('dataminer-https', 'plain')
        self.assertEqual(result['reason'], 'tlsNotTls', result)
        self.assertIn('HTTP', result['detail'])


class Grpc(Nginx):
    def test_http2_is_proven_without_a_request(self):
        result = self.secure('grpc', 'good')
        self.assertEqual(result['reason'], 'identityWeak', result)
        self.assertEqual(result['identity'], 'HTTP/2')
        self.assertTrue(result['used_tls'], result)
        self.expect_footprint(0)

    def test_server_without_http2_is_told_by_alpn(self):
        result = self.secure('grpc', 'http1')
        self.assertEqual(result['reason'], 'identityWeak', result)
        self.assertIn('ALPN: http/1.1', result['detail'])

    def test_plain_web_server_in_its_place_is_named(self):
        result = self.secure('grpc', 'plain')
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn('HTTP', result['detail'])


class CloudEndpoint(Nginx):
    def test_any_http_is_weak_with_one_request(self):
        result = peer.probe('cloud-endpoint', self.port['plain'])
        self.assertEqual(result['reason'], 'identityWeak', result)
        self.assertEqual(result['identity'], self.version)
        self.expect_footprint(1)

    def test_tls_is_found_in_the_same_attempt(self):
        result = self.secure('cloud-endpoint', 'good')
        self.assertEqual(result['reason'], 'identityWeak', result)
        self.assertTrue(result['used_tls'], result)

    def test_http2_in_the_clear_is_http_too(self):
        other = peer.Canned(bytes.fromhex(
            '000012040000000000000300000080000400010000000500ffffff'
            '0000040800000000007fff0000000000040100000000'))
        self.addCleanup(other.stop)
        result = peer.probe('cloud-endpoint', other.port)
        self.assertEqual(result['reason'], 'identityWeak', result)
        self.assertEqual(result['identity'], 'HTTP/2')

    def test_other_protocol_in_its_place_is_named(self):
        other = peer.Canned(b'RFB 003.008\n', after_request=False)
        self.addCleanup(other.stop)
        result = peer.probe('cloud-endpoint', other.port)
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn('RFB', result['detail'])


class Stopped(Nginx):
    def test_stopped_server_refuses(self):
        self.nginx.stop()
        for kind, name in (('dataminer-http', 'plain'), ('dataminer-https', 'good'),
                           ('grpc', 'good'), ('cloud-endpoint', 'plain'),
                           ('remoting', 'plain')):
            result = peer.probe(kind, self.port[name])
            self.assertEqual(result['reason'], 'refused', result)


class Remoting(Nginx):
    """Mono's channels, and others in their place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = os.path.join(cls.folder, 'RemotingPeer.exe')
        subprocess.run(['mcs', '-r:System.Runtime.Remoting.dll', '-out:' + cls.program,
                        os.path.join(peer.HERE, 'RemotingPeer.cs')], check=True)
        cls.channel_port = dict(zip(('http', 'tcp'), peer.free_ports(2)))
        cls.channel = {name: cls.start_channel(name, port, name + '.log')
                       for name, port in cls.channel_port.items()}

    @classmethod
    def start_channel(cls, name, port, log):
        channel = peer.Service(['mono', cls.program, name, str(port)],
                               os.path.join(cls.folder, log))
        cls.addClassCleanup(channel.stop)
        channel.wait_text('started', 30)
        channel.wait_open(port, 10)
        return channel

    def test_http_channel_is_identified_and_no_object_is_touched(self):
        result = peer.probe('remoting', self.channel_port['http'])
        self.assertEqual(result['reason'], 'answered', result)
        self.assertEqual(result['identity'], '.NET Remoting, Mono HTTP API 1.0')
        self.assertEqual(self.channel['http'].text(), 'started\n')

    def test_tcp_channel_of_mono_closes_without_an_answer(self):
        """Microsoft's answers a GET with a fault, Mono's does not."""
        result = peer.probe('remoting', self.channel_port['tcp'])
        self.assertEqual(result['reason'], 'closedEarly', result)
        self.assertEqual(self.channel['tcp'].text(), 'started\n')

    def test_tcp_channel_of_mono_frames_as_the_parser_was_taught(self):
        request = (bytes.fromhex('2e4e45540100000000000000000004000101')
                   + bytes([9, 0, 0, 0]) + b'/dmsprobe' + bytes.fromhex('06000101')
                   + bytes([24, 0, 0, 0]) + b'application/octet-stream' + bytes(2))
        with socket.create_connection(
                (peer.ADDRESS, self.channel_port['tcp']), 5) as s:
            s.settimeout(5)
            s.sendall(request)
            reply = s.recv(16, socket.MSG_WAITALL)
        self.assertEqual(reply[:10].hex(), '2e4e4554010002000000')
        self.assertEqual(reply[14:].hex(), '0000')

    def test_reply_of_a_tcp_channel_is_identified(self):
        """Captured from Mono 6.8, said in answer to our GET."""
        reply = peer.Canned(bytes.fromhex('2e4e45540100020000003208000000000001'))
        self.addCleanup(reply.stop)
        result = peer.probe('remoting', reply.port)
        self.assertEqual(result['reason'], 'answered', result)
        self.assertEqual(result['identity'], '.NET Remoting, TCP channel')

    def test_fault_of_a_tcp_channel_is_identified(self):
        """Written after MS-NRTP 2.2.3, not captured."""
        phrase = b'the preamble is not valid'
        fault = peer.Canned(
            bytes.fromhex('2e4e45540100020000000000000002000301000300') + b'\x01\x01'
            + len(phrase).to_bytes(4, 'little') + phrase + bytes.fromhex('0500000000'))
        self.addCleanup(fault.stop)
        result = peer.probe('remoting', fault.port)
        self.assertEqual(result['reason'], 'answered', result)
        self.assertIn(phrase.decode(), result['detail'])

    def test_500_of_microsoft_is_identified(self):
        """Written after the header field that others captured, not captured here."""
        text = b'x' * 20
        server = peer.Canned(
            b'HTTP/1.1 500 Erreur interne.\r\nServer: MS .NET Remoting, MS .NET CLR '
            b'4.0.30319.42000\r\nContent-Length: 20\r\n\r\n' + text)
        self.addCleanup(server.stop)
        result = peer.probe('remoting', server.port)
        self.assertEqual(result['reason'], 'answered', result)
        self.assertEqual(result['identity'],
                         'MS .NET Remoting, CLR 4.0.30319.42000')

    def test_web_server_in_its_place_is_named(self):
        result = peer.probe('remoting', self.port['plain'])
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn(self.version, result['detail'])
        self.expect_footprint(1)

    def test_other_protocol_in_its_place_is_named(self):
        other = peer.Canned(b'SSH-2.0-OpenSSH_9.2p1\r\n', after_request=False)
        self.addCleanup(other.stop)
        result = peer.probe('remoting', other.port)
        self.assertEqual(result['reason'], 'wrongService', result)
        self.assertIn('SSH', result['detail'])

    def test_stopped_channel_refuses(self):
        port = peer.free_ports(1)[0]
        channel = self.start_channel('http', port, 'stopped.log')
        self.assertEqual(peer.probe('remoting', port)['reason'], 'answered')
        channel.stop()
        self.assertEqual(peer.probe('remoting', port)['reason'], 'refused')


if __name__ == '__main__':
    peer.need('nginx', 'openssl', 'mcs', 'mono')
    unittest.main(verbosity=2)
