# SPDX-License-Identifier: BSD-2-Clause
"""What test_java.py runs: JVMs with JMX, Cassandra and Thrift, each on a loopback address
of its own.

All but the JDK comes from the Maven repository into the build directory, once.
"""
import contextlib
import glob
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROBE = os.environ['PEER_PROBE']
CACHE = os.path.join(os.environ['DMP_BINARY_DIR'], 'peers-cache')
SKIP = 77
START_S = 180
SETTLE_S = 3
PASSWORD = 'dmports-tests'

ARTEFACTS = {
    'cassandra-5.0': ['org.apache.cassandra:cassandra-all:5.0.5'],
    'cassandra-4.1': ['org.apache.cassandra:cassandra-all:4.1.9'],
    'thrift-3.11': ['org.apache.cassandra:cassandra-thrift:3.11.17',
                    'org.slf4j:slf4j-simple:1.7.25'],
}

POM = '''<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>dmports.peers</groupId><artifactId>peer</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>%s</dependencies></project>'''
DEPENDENCY = ('<dependency><groupId>%s</groupId><artifactId>%s</artifactId>'
              '<version>%s</version></dependency>')

# What Cassandra's own jvm17-server.options opens, as far as a test node needs it.
EXPORTS = '''java.base/jdk.internal.misc java.base/jdk.internal.ref
java.base/jdk.internal.perf java.base/java.lang.ref java.base/sun.nio.ch
java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry
java.rmi/sun.rmi.server java.rmi/sun.rmi.transport.tcp java.sql/java.sql
jdk.unsupported/sun.misc'''.split()
OPENS = '''java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect
java.base/java.io java.base/java.net java.base/java.nio java.base/java.util
java.base/java.util.concurrent java.base/java.util.concurrent.atomic
java.base/jdk.internal.loader java.base/jdk.internal.math java.base/jdk.internal.module
java.base/jdk.internal.ref java.base/jdk.internal.reflect
java.base/jdk.internal.util.jar java.base/jdk.internal.vm java.base/sun.nio.ch
jdk.management/com.sun.management.internal'''.split()

YAML = '''cluster_name: dmports
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
data_file_directories: [{home}/data]
commitlog_directory: {home}/commitlog
saved_caches_directory: {home}/saved
hints_directory: {home}/hints
cdc_raw_directory: {home}/cdc
commitlog_sync: periodic
commitlog_sync_period: 10000ms
endpoint_snitch: SimpleSnitch
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{{seeds: "{address}:{storage}"}}]
listen_address: {address}
rpc_address: {address}
start_native_transport: true
native_transport_port: {cql}
storage_port: {storage}
ssl_storage_port: {ssl_storage}
'''

LOGBACK = '''<configuration>
<appender name="file" class="ch.qos.logback.core.FileAppender">
<file>{home}/system.log</file>
<encoder><pattern>%-5level %logger - %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="file"/></root>
</configuration>'''

CLIENT_TLS = '''client_encryption_options:
  enabled: true
  optional: {optional}
  keystore: {keystore}
  keystore_password: {password}
'''

INTERNODE_TLS = '''server_encryption_options:
  internode_encryption: all
  keystore: {keystore}
  keystore_password: {password}
  truststore: {keystore}
  truststore_password: {password}
  require_client_auth: true
'''

SITE = '''<site xmlns="urn:dmports:site:1" name="peers" dataminer="10.5.0">
<policy requirement="cassandra-internode" depth="identify"/>
<host name="node" address="{address}" roles="cassandra">
<port requirement="cassandra-internode" port="{storage}" level="required"/>
<port requirement="cassandra-internode-tls" level="none"/>
<port requirement="cassandra-jmx" level="none"/>
<port requirement="cassandra-cql" port="{cql}"/>
<port requirement="cassandra-cql-tls-legacy" level="none"/>
<port requirement="cassandra-thrift" level="none"/>
</host></site>'''

# Ends when its standard input does, so that it never outlives the test.
WAIT_JAVA = '''public class Wait {
    public static void main(String[] a) throws Exception {
        System.out.println("ready");
        System.in.read();
    }
}'''

REGISTRY_JAVA = '''
import java.net.InetAddress;
import java.net.ServerSocket;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
public class Other {
    public static void main(String[] a) throws Exception {
        Registry registry = LocateRegistry.createRegistry(
            Integer.parseInt(a[1]), null,
            port -> new ServerSocket(port, 0, InetAddress.getByName(a[0])));
        registry.bind("another", registry);
        System.out.println("ready");
        System.in.read();
        System.exit(0);
    }
}'''

# Cassandra 3.11's processor in the transport and encoding that Cassandra uses.
THRIFT_JAVA = '''
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import org.apache.cassandra.thrift.Cassandra;
import org.apache.cassandra.thrift.cassandraConstants;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TFramedTransport;
import org.apache.thrift.transport.TServerSocket;
public class Thrift {
    public static void main(String[] a) throws Exception {
        Cassandra.Iface face = (Cassandra.Iface) Proxy.newProxyInstance(
            Thrift.class.getClassLoader(), new Class<?>[] {Cassandra.Iface.class},
            (proxy, method, args) -> {
                if (!method.getName().equals("describe_version"))
                    System.out.println("called " + method.getName());
                return cassandraConstants.VERSION;
            });
        TThreadPoolServer server = new TThreadPoolServer(
            new TThreadPoolServer.Args(new TServerSocket(new InetSocketAddress(a[0],
                Integer.parseInt(a[1]))))
            .inputTransportFactory(new TFramedTransport.Factory())
            .outputTransportFactory(new TFramedTransport.Factory())
            .protocolFactory(new TBinaryProtocol.Factory(true, true))
            .processor(new Cassandra.Processor<Cassandra.Iface>(face)));
        Thread thread = new Thread(server::serve);
        thread.setDaemon(true);
        thread.start();
        System.out.println("ready");
        System.in.read();
        System.exit(0);
    }
}'''

def skip(reason):
    print('SKIP: ' + reason)
    sys.exit(SKIP)


def libraries(name):
    """The folder with the jars of an entry of ARTEFACTS, filled when it is not."""
    folder = os.path.join(CACHE, name)
    done = os.path.join(folder, 'complete')
    if os.path.exists(done):
        return os.path.join(folder, 'lib')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, 'pom.xml'), 'w', encoding='utf-8') as pom:
        pom.write(POM % ''.join(DEPENDENCY % tuple(a.split(':'))
                                for a in ARTEFACTS[name]))
    maven = subprocess.run(
        ['mvn', '-B', '-q', 'dependency:copy-dependencies', '-DoutputDirectory=lib',
         '-DincludeScope=runtime'],
        cwd=folder, env=dict(os.environ, MAVEN_OPTS='-Xmx512m'), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900, check=False)
    if maven.returncode != 0:
        skip(f'{name} cannot be had from the Maven repository: {maven.stdout[-500:]}')
    with open(done, 'w', encoding='utf-8'):
        pass
    return os.path.join(folder, 'lib')


def loopback():
    """An address that nothing else of this machine is likely to use."""
    return '127.%d.%d.%d' % tuple(random.SystemRandom().randint(2, 250) for _ in '123')


def free_port(address):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def is_open(address, port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex((address, port)) == 0


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(0.1)


def probe(kind, address, port, *options):
    out = subprocess.run([PROBE, kind, address, address, str(port), *options],
                         stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return json.loads(out.stdout)


def keystore(folder, address):
    path = os.path.join(folder, 'keystore.p12')
    subprocess.run(
        ['keytool', '-genkeypair', '-alias', 'node', '-keyalg', 'RSA', '-validity',
         '100', '-dname', 'CN=dmports-node', '-ext', f'san=ip:{address}',
         '-storetype', 'PKCS12', '-storepass', PASSWORD, '-keystore', path],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return path


class Jvm:
    """A Java process in a folder of its own; everything it says goes to a file."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix='dmports-java-')
        self.address = loopback()
        self.output = os.path.join(self.home, 'output')
        self.process = None

    def launch(self, *arguments):
        with open(self.output, 'wb') as output:
            self.process = subprocess.Popen(
                ['java', '-Xmx512m', '-XX:+UseSerialGC', *arguments],
                stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=self.home)

    def write(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        return path

    def said(self, path=None):
        with contextlib.suppress(FileNotFoundError):
            with open(path or self.output, encoding='utf-8', errors='replace') as f:
                return f.read()
        return ''

    def wait_for(self, condition):
        def over():
            if self.process.poll() is not None:
                raise AssertionError('it ended: ' + self.said()[-3000:])
            return condition()
        try:
            wait_until(over, START_S, 'start')
        except BaseException:
            self.remove()
            raise

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process:
            self.process.stdin.close()
            self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


class Jmx(Jvm):
    def __init__(self, *, tls):
        super().__init__()
        self.port = free_port(self.address)
        options = [f'-Dcom.sun.management.jmxremote.port={self.port}',
                   f'-Dcom.sun.management.jmxremote.host={self.address}',
                   f'-Djava.rmi.server.hostname={self.address}',
                   '-Dcom.sun.management.jmxremote.authenticate=false',
                   f'-Dcom.sun.management.jmxremote.ssl={str(tls).lower()}']
        if tls:
            options += ['-Dcom.sun.management.jmxremote.registry.ssl=true',
                        f'-Djavax.net.ssl.keyStore={keystore(self.home, self.address)}',
                        f'-Djavax.net.ssl.keyStorePassword={PASSWORD}']
        self.launch(*options, self.write('Wait.java', WAIT_JAVA))
        self.wait_for(lambda: 'ready' in self.said())


class Registry(Jvm):
    """A registry with another object in it."""

    def __init__(self):
        super().__init__()
        self.port = free_port(self.address)
        self.launch(f'-Djava.rmi.server.hostname={self.address}',
                    self.write('Other.java', REGISTRY_JAVA), self.address,
                    str(self.port))
        self.wait_for(lambda: 'ready' in self.said())


class Thrift(Jvm):
    def __init__(self):
        super().__init__()
        self.port = free_port(self.address)
        self.launch('-cp', libraries('thrift-3.11') + '/*',
                    self.write('Thrift.java', THRIFT_JAVA), self.address,
                    str(self.port))
        self.wait_for(lambda: 'ready' in self.said() and
                      is_open(self.address, self.port))


class Cassandra(Jvm):
    """One node.  extra: more of cassandra.yaml, with {keystore} and {password}."""

    def __init__(self, name, extra=''):
        super().__init__()
        self.name = name
        self.extra = extra
        self.cql = free_port(self.address)
        self.storage = free_port(self.address)
        self.ssl_storage = free_port(self.address)
        self.jmx = free_port('127.0.0.1')
        self.log = os.path.join(self.home, 'system.log')
        self.start()

    def start(self):
        lib = libraries(self.name)
        secrets = {'keystore': keystore(self.home, self.address)
                   if '{keystore}' in self.extra else '', 'password': PASSWORD}
        yaml = self.write('cassandra.yaml', YAML.format(**vars(self)) +
                          self.extra.format(**secrets))
        logback = self.write('logback.xml', LOGBACK.format(home=self.home))
        options = [f'-javaagent:{glob.glob(lib + "/jamm-*.jar")[0]}', '-Xss512k']
        for module in EXPORTS:
            options += ['--add-exports', module + '=ALL-UNNAMED']
        for module in OPENS:
            options += ['--add-opens', module + '=ALL-UNNAMED']
        self.launch(
            *options, '-Djdk.attach.allowAttachSelf=true',
            f'-Dcassandra.config=file://{yaml}', f'-Dlogback.configurationFile={logback}',
            f'-Dcassandra.storagedir={self.home}', f'-Dcassandra.logdir={self.home}',
            '-Dcassandra-foreground=yes', '-Dcassandra.ring_delay_ms=100',
            '-Dcassandra.skip_wait_for_gossip_to_settle=0',
            '-Dcassandra.superuser_setup_delay_ms=0',
            f'-Dcassandra.jmx.local.port={self.jmx}',
            '-cp', f'{self.home}:{lib}/*', 'org.apache.cassandra.service.CassandraDaemon')
        self.wait_for(lambda: is_open(self.address, self.cql))
        self.wait_for(self.quiet_log())

    def quiet_log(self):
        """A young node still writes of its own tables and roles: wait for its peace."""
        seen = [self.said(self.log), time.monotonic()]

        def quiet():
            now = self.said(self.log)
            if now != seen[0]:
                seen[:] = [now, time.monotonic()]
            return time.monotonic() - seen[1] >= SETTLE_S
        return quiet

    def footprint(self, act):
        """Run act; return its result and the lines of the log (INFO and above)."""
        before = len(self.said(self.log).splitlines())
        result = act()
        time.sleep(1)
        return result, self.said(self.log).splitlines()[before:]


class OtherService:
    """An HTTP server that tells its name."""

    ANSWER = (b'HTTP/1.1 400 Bad Request\r\nServer: Stranger/1.0\r\n'
              b'Content-Length: 0\r\nConnection: close\r\n\r\n')

    def __init__(self, address, port):
        self.listener = socket.create_server((address, port))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer, contextlib.suppress(OSError):
                peer.settimeout(5)
                peer.recv(4096)
                peer.sendall(self.ANSWER)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(10)


class Case(unittest.TestCase):
    def setUp(self):
        self.peer = None
        self.addCleanup(lambda: self.peer and self.peer.remove())

    def see(self, result, reason, **fields):
        self.assertEqual(result['reason'], reason, result)
        for name, value in fields.items():
            self.assertEqual(result[name], value, result)

    def see_after_stop(self, kinds, stranger='wrongService'):
        """kinds: (kind, address, port, option ...); the peer stops, then somebody else
        is there."""
        self.peer.stop()
        for kind, address, port, *options in kinds:
            with self.subTest('stopped', kind=kind):
                self.see(probe(kind, address, port, *options), 'refused')
            with self.subTest('another service', kind=kind):
                other = OtherService(address, port)
                try:
                    result = probe(kind, address, port, *options)
                finally:
                    other.close()
                self.see(result, stranger)
                self.assertIn('Stranger/1.0', result['detail'])
