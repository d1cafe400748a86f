#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What answers on the 15 ports of a host?  "dmports check" beside "nmap -sV".

Real servers on their real ports, in network and mount namespaces of this program's own,
where /dev/log is ours, too.  Both programs are told the ports.  Counted are seconds,
services named rightly and the lines left in each server's log.

usage: DMP_BINARY_DIR=build bench_identify.py       (as root; see install.sh beside it)
"""
import collections
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "..", "peers")
os.environ.setdefault("PEER_PROBE", "")  # the helpers want it; none of it is run
os.environ["PATH"] += ":/usr/sbin:/sbin"
sys.path[:0] = [os.path.join(HERE, "..", "integration"), PEERS]
from lab import BINARY, NAMESPACE, Lab, wait_until  # noqa: E402
os.environ.setdefault("DMP_BINARY_DIR", BINARY)
import java_peer  # noqa: E402
import peer  # noqa: E402
import test_search  # noqa: E402
import test_web  # noqa: E402

ROUNDS = int(os.environ.get("DMP_ROUNDS", "7"))
NMAP_ROUNDS = int(os.environ.get("DMP_NMAP_ROUNDS", "3"))  # minutes each
QUIET_S = 2
CASSANDRA = "cassandra-4.1"
SEARCH = test_search.ELASTICSEARCH_6
THRIFT = "thrift-3.11"
INSIDE = "DMP_BENCH_INSIDE"
NEEDED = ("cp", "ip", "java", "javac", "mcs", "mono", "mount", "mvn", "nats-server",
          "nginx", "nmap", "openssl", "snmpd", "snmptrapd", "telnetd", "unshare")

# A /dev of our own, with the same nodes but without the system's log.
SETUP = """set -e
ip link set lo up
mount -t tmpfs -o mode=755 dev /mnt
cp -ax /dev/. /mnt/
rm -f /mnt/log
mount --rbind /dev/pts /mnt/pts
mount --move /mnt /dev
exec "$@"
"""

# One row per port, by the key of the catalogue: how each program names it rightly.
Service = collections.namedtuple("Service", "transport port server ours nmap")
SERVICES = {
    "snmp-agent": Service("udp", 161, "snmpd", r"SNMP", r"snmp"),
    "snmp-trap": Service("udp", 162, "snmptrapd", r"SNMP", r"snmp"),
    "remoting": Service("tcp", 8004, "Mono", r"\.NET Remoting", r"remoting|mono"),
    "http": Service("tcp", 80, "nginx", r"nginx \d", r"nginx"),
    "https": Service("tcp", 443, "nginx", r"nginx \d", r"nginx"),
    "indexing-http": Service("tcp", 9200, "Elasticsearch", r"Elasticsearch 6",
                             r"elasticsearch"),
    "indexing-node": Service("tcp", 9300, "Elasticsearch", r"Elasticsearch.*transport",
                             r"elasticsearch"),
    "cassandra-internode": Service("tcp", 7000, "Cassandra", r"Cassandra internode",
                                   r"cassandra"),
    "cassandra-jmx": Service("tcp", 7199, "Cassandra", r"Java RMI", r"java.?rmi|jmx"),
    "cassandra-cql": Service("tcp", 9042, "Cassandra", r"Cassandra CQL",
                             r"cassandra|cql"),
    "nats-client": Service("tcp", 4222, "nats-server", r"^NATS \d", r"nats"),
    "nats-route": Service("tcp", 6222, "nats-server", r"^NATS", r"nats"),
    "nats-monitor": Service("tcp", 8222, "nats-server", r"^NATS", r"nats"),
    "telnet-stream": Service("tcp", 23, "telnetd", r"Telnet", r"telnet"),
    "cassandra-thrift": Service("tcp", 9160, "Thrift", r"Cassandra Thrift",
                                r"cassandra|thrift"),
}
PORT = {key: row.port for key, row in SERVICES.items()}

# Every port is named: that a host alone would not need it, or that its depth is
# "connect" by default, does not count.  No such servers as the last two here.
SITE = f"""<site xmlns="{NAMESPACE}" name="Bench" dataminer="10.3.0 [CU3]"
    vantage="observer" as="client browser dma cassandra indexing device nms">
<features inter-dma="remoting" client="remoting" nats="legacy" storage="cassandra"/>
<host name="h" address="127.0.0.1" roles="dma cassandra indexing">
{{ports}}
<port requirement="nats-account-server" level="none"/>
<port requirement="cassandra-cql-tls-legacy" level="none"/>
</host></site>
"""


class SystemLog:
    """The reader of /dev/log, where telnetd complains."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("/dev/log")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            line = self.socket.recv(8192)
            with open(self.path, "ab") as out:
                out.write(line.replace(b"\n", b" ") + b"\n")


class Telnet:
    """What inetd does: each connection is the input and output of a telnetd."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.session, args=(connection,),
                             daemon=True).start()

    @staticmethod
    def session(connection):
        with connection:
            subprocess.run(["telnetd", "-h", "-E", "/bin/true"], stdin=connection,
                           stdout=connection, stderr=subprocess.DEVNULL, check=False)


class SearchNode(test_search.Node):
    """The node of the tests, as a thing to start and stop."""

    product = SEARCH


class Host:
    """All the servers, and their logs."""

    def __init__(self):
        self.lab = Lab()
        self.lab.snmp_port = PORT["snmp-agent"]
        self.lab.trap_port = PORT["snmp-trap"]
        self.jvms = []
        self.logs = {  # those that these servers have by default, and their output
            "snmpd": ["snmpd.log"], "snmptrapd": ["snmptrapd.log", "traps"],
            "Mono": ["mono.log"], "nginx": ["access.log", "error.log", "nginx.log"],
            "nats-server": ["nats.log"], "telnetd": ["syslog"]}

    def write(self, name, text):
        with open(self.lab.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.lab.path(name)

    def start(self):
        SystemLog(self.lab.path("syslog"))
        Telnet(PORT["telnet-stream"])
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.start_nats()
        self.start_nginx()
        self.start_mono()
        self.start_search()
        self.start_java()
        for key, row in SERVICES.items():
            if row.transport == "tcp":
                wait_until(key, lambda port=row.port: peer.is_open(port), 60)

    def start_nats(self):
        conf = self.write("nats.conf", (
            f'listen: "127.0.0.1:{PORT["nats-client"]}"\n'
            f'http: "127.0.0.1:{PORT["nats-monitor"]}"\n'
            f'cluster {{ name: DMS, listen: "127.0.0.1:{PORT["nats-route"]}" }}\n'))
        self.lab.start("nats", ["nats-server", "-c", conf])

    def start_nginx(self):
        folder = self.lab.dir
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj", "/CN=bench",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem",
             "-out", folder + "/cert.pem"], check=True, stderr=subprocess.DEVNULL)
        conf = self.write("nginx.conf", (
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            f"events {{ }} http {{ access_log {folder}/access.log;\n"
            f"server {{ listen 127.0.0.1:{PORT['http']};\n"
            f"listen 127.0.0.1:{PORT['https']} ssl http2;\n"
            f"ssl_certificate {folder}/cert.pem;\n"
            f"ssl_certificate_key {folder}/key.pem;\n"
            f"{test_web.LOCATIONS} }} }}\n"))
        self.lab.start("nginx", ["nginx", "-p", folder, "-c", conf])

    def start_mono(self):
        program = self.lab.path("RemotingPeer.exe")
        subprocess.run(["mcs", "-r:System.Runtime.Remoting.dll", "-out:" + program,
                        os.path.join(PEERS, "RemotingPeer.cs")], check=True)
        self.lab.start("mono", ["mono", program, "http", str(PORT["remoting"])])

    def start_search(self):
        with mock.patch.object(peer, "free_ports", return_value=[
                PORT["indexing-http"], PORT["indexing-node"]]):
            SearchNode.setUpClass()
        self.logs["Elasticsearch"] = [SearchNode.node.log]

    def start_java(self):
        """Cassandra asks for four ports, its internode with TLS stays closed."""
        ports = [PORT["cassandra-cql"], PORT["cassandra-internode"], 7001,
                 PORT["cassandra-jmx"], PORT["cassandra-thrift"]]
        with mock.patch.object(java_peer, "loopback", return_value="127.0.0.1"), \
                mock.patch.object(java_peer, "free_port", side_effect=ports):
            node = java_peer.Cassandra(CASSANDRA)
            self.jvms.append(node)
            thrift = java_peer.Thrift()
            self.jvms.append(thrift)
        self.logs["Cassandra"] = [node.log, node.output]
        self.logs["Thrift"] = [thrift.output]

    def close(self):
        for jvm in self.jvms:
            jvm.remove()
        SearchNode.doClassCleanups()
        self.lab.close()

    def count(self):
        found = collections.Counter()
        for server, names in self.logs.items():
            for name in names:
                path = self.lab.path(name)
                if os.path.exists(path):
                    with open(path, "rb") as f:
                        found[server] += f.read().count(b"\n")
        return found

    def lines(self):
        """Lines per server, once no log has grown for a while."""
        last = None
        while last != (now := self.count()):
            last = now
            time.sleep(QUIET_S)
        return now


def write_site(host):
    host.write("site.xml", SITE.format(ports="\n".join(
        f'<port requirement="{key}" level="required" depth="identify"/>'
        for key in SERVICES)))


def run_ours(host):
    done = subprocess.run(
        [os.path.join(BINARY, "src", "cli", "dmports"), "check", "--site",
         host.lab.path("site.xml"), "--format", "json"],
        stdout=subprocess.PIPE, text=True, check=False)
    rows = {row["key"].partition("/")[2]: row for row in json.loads(done.stdout)}
    if set(rows) != set(SERVICES):
        raise AssertionError(f"asked for other ports: {set(rows) ^ set(SERVICES)}")
    return {key: row["identity"] if row["state"] == "up" else
            f'{row["state"]} {row["reason"]} {row["detail"]}'
            for key, row in rows.items()}


def run_nmap(_host):
    """A name that nmap only has from its list of ports, not from an answer, is none."""
    ports = {kind: ",".join(str(row.port) for row in SERVICES.values()
                            if row.transport == kind) for kind in ("tcp", "udp")}
    done = subprocess.run(
        ["nmap", "-n", "-Pn", "-sS", "-sU", "-sV", "-p",
         f"T:{ports['tcp']},U:{ports['udp']}", "-oX", "-", "127.0.0.1"],
        stdout=subprocess.PIPE, text=True, check=True)
    keys = {(row.transport, row.port): key for key, row in SERVICES.items()}
    named = {}
    for port in ET.fromstring(done.stdout).iter("port"):
        key = keys[port.get("protocol"), int(port.get("portid"))]
        service = port.find("service")
        if service is None or service.get("method") != "probed":
            named[key] = ""
            continue
        named[key] = " ".join(filter(None, (service.get(word) for word in (
            "tunnel", "name", "product", "version", "extrainfo"))))
    return named


def rights(named, column):
    return {key for key, row in SERVICES.items()
            if re.search(getattr(row, column), named.get(key, ""), re.I)}


def show_names(title, named, column):
    right = rights(named, column)
    print(f"{title}: {len(right)} of {len(SERVICES)} named rightly")
    for key, row in SERVICES.items():
        print(f"    {row.port:5}/{row.transport} {key:20} "
              f"{'right' if key in right else 'WRONG':6}{named.get(key, '')}")


def show_lines(counts):
    """counts: (title, lines before, lines after)."""
    print(f"{'lines in logs':14}" + "".join(f"{title:>24}" for title, _, _ in counts))
    for server in sorted(counts[0][1]):
        print(f"{server:14}" + "".join(
            "{:>24}".format(f"{before[server]} -> {after[server]}: "
                            f"{after[server] - before[server]}")
            for _, before, after in counts))
    print(f"{'all':14}" + "".join(
        f"{sum(after.values()) - sum(before.values()):24}"
        for _, before, after in counts))


def counted(host, act):
    """The result of act and the lines of the logs before and after it."""
    before = host.lines()
    result = act()
    return result, before, host.lines()


def timed(run, host):
    began = time.monotonic()
    named = run(host)
    return time.monotonic() - began, named


def show_seconds(title, seconds):
    print(f"{title}: median {statistics.median(seconds):.3f} s of "
          f"{' '.join(f'{s:.3f}' for s in seconds)}")


def measure(host):
    """The logs are counted around the first run of each and around as long a rest; the
    first run of ours is not among the times, others are taken in turns."""
    write_site(host)
    our_names, *our_lines = counted(host, lambda: run_ours(host))
    (seconds, their_names), *their_lines = counted(host, lambda: timed(run_nmap, host))
    _, *rest = counted(host, lambda: time.sleep(seconds))
    show_names("dmports check", our_names, "ours")
    show_names("nmap -sV", their_names, "nmap")
    show_lines([("dmports check", *our_lines), ("nmap -sV", *their_lines),
                ("nobody, as long", *rest)])
    ours, theirs, right = [], [seconds], []
    for i in range(max(ROUNDS, NMAP_ROUNDS - 1)):
        if i < ROUNDS:
            elapsed, named = timed(run_ours, host)
            ours.append(elapsed)
            right.append(len(rights(named, "ours")))
        if i + 1 < NMAP_ROUNDS:
            theirs.append(timed(run_nmap, host)[0])
    show_seconds("dmports check", ours)
    print(f"    at least {min(right)} named rightly each time")
    show_seconds("nmap -sV", theirs)
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"nmap / dmports: {ratio:.0f} x; "
          f"load {os.getloadavg()[0]:.1f} at the end")


def prepare():
    """What the namespaces cannot reach: programs and artefacts."""
    for program in NEEDED:
        if not shutil.which(program):
            peer.skip(f"{program} is not installed: sh {HERE}/install.sh")
    if os.geteuid() != 0:
        peer.skip("namespaces, ports below 1024 and nmap -sS need root")
    for name in (CASSANDRA, THRIFT):
        java_peer.libraries(name)
    test_search.libraries(SEARCH)


def main():
    if INSIDE not in os.environ:
        prepare()
        sys.stdout.flush()
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", "sh", "-c", SETUP, "sh",
                              sys.executable, os.path.abspath(__file__)])
    host = Host()
    try:
        host.start()
        measure(host)
    finally:
        host.close()


if __name__ == "__main__":
    main()
