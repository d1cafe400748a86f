#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The firewall rules of a host, loaded for real and proven with traffic.

Two network namespaces of our own: a database host with the rules, and one machine that
has the addresses of an Agent and of a stranger.  What is required passes from the Agent,
and nothing else does from anybody.  Needs root; exit code 77 = skipped.

usage: test_firewall.py DMPORTS
"""
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIP = 77
DMPORTS = sys.argv.pop(1)
HOST, PEER = (f"dmpf{os.getpid()}{x}" for x in "hp")
ADDRESS = {"db1": ("10.210.1.1", "fd10:1::1"), "dma1": ("10.210.1.2", "fd10:1::2"),
           "stranger": ("10.210.1.9", "fd10:1::9")}
PREFIX = {4: 24, 6: 64}

SITE = """<site xmlns="urn:dmports:site:1" name="North" dataminer="10.2.0 [CU5]">
<features storage="cassandra" cassandra-tls="no" inter-dma="remoting" client="remoting"/>
<host name="dma1" address="10.210.1.2 fd10:1::2" roles="dma"/>
<host name="db1" address="10.210.1.1 fd10:1::1" roles="cassandra"/>
<host name="db2" address="10.210.1.3" roles="cassandra"/>
</site>
"""

# Everything that the test asks for: a TCP server for each port, on both families.
SERVER = """
import selectors, socket, sys
ports = [int(p) for p in sys.argv[1:]]
selector = selectors.DefaultSelector()
for port in ports:
    server = socket.create_server(("::", port), family=socket.AF_INET6,
                                  dualstack_ipv6=True, backlog=16)
    selector.register(server, selectors.EVENT_READ)
selector.register(sys.stdin, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj is sys.stdin:
            sys.exit(0)
        key.fileobj.accept()[0].close()
"""

# How long an answer is waited for where there should be one, and where not.
SECONDS = {True: 20, False: 1}

# connect() from an address: prints "open", "refused" or "dropped".
CLIENT = """
import socket, sys
source, target, port, seconds = *sys.argv[1:3], int(sys.argv[3]), float(sys.argv[4])
try:
    socket.create_connection((target, port), seconds, (source, 0))
    print("open")
except ConnectionRefusedError:
    print("refused")
except OSError:
    print("dropped")
"""

PORTS = (22, 7000, 7199, 9042, 9160, 31337)


def run(*command, stdin=None, check=True):
    return subprocess.run(command, input=stdin, text=True, check=check,
                          capture_output=True, timeout=60)


def inside(namespace, *command, stdin=None, check=True):
    return run("ip", "netns", "exec", namespace, *command, stdin=stdin, check=check)


def firewall(*words, stdin=None):
    done = run(DMPORTS, "firewall", *words, stdin=stdin, check=False)
    return done.returncode, done.stdout, done.stderr


def setUpModule():
    for namespace in (HOST, PEER):
        run("ip", "netns", "add", namespace)
        inside(namespace, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
               "net.ipv6.conf.default.accept_dad=0")
        run("ip", "-n", namespace, "link", "set", "lo", "up")
    run("ip", "-n", HOST, "link", "add", "e0", "type", "veth", "peer", "name", "e0",
        "netns", PEER)
    for namespace, names in ((HOST, ("db1",)), (PEER, ("dma1", "stranger"))):
        for name in names:
            for address in ADDRESS[name]:
                six = ":" in address
                run("ip", "-n", namespace, "addr", "add",
                    f"{address}/{PREFIX[6 if six else 4]}", "dev", "e0",
                    *(["nodad"] if six else []))
        run("ip", "-n", namespace, "link", "set", "e0", "up")


def tearDownModule():
    for namespace in (HOST, PEER):
        run("ip", "netns", "del", namespace, check=False)


class Firewall(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dmp-fw-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.site = os.path.join(self.folder, "site.xml")
        with open(self.site, "w", encoding="ascii") as file:
            file.write(SITE)

    def words(self, *more, host="db1"):
        return ("--site", self.site, "--host", host, *more)


class Nftables(Firewall):
    def setUp(self):
        super().setUp()
        self.server = subprocess.Popen(
            ["ip", "netns", "exec", HOST, sys.executable, "-c", SERVER,
             *map(str, PORTS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.assertEqual(self.server.stdout.readline(), "ready\n")
        self.addCleanup(inside, HOST, "nft", "flush", "ruleset")

    def end(self):
        self.server.communicate()

    def load(self, *more):
        code, rules, _ = firewall(*self.words("--format", "nftables", *more))
        self.assertEqual(code, 0)
        inside(HOST, "nft", "-f", "-", stdin=rules)
        return rules

    def assert_reach(self, expected, source, port, family=4):
        said = inside(PEER, sys.executable, "-c", CLIENT, ADDRESS[source][family == 6],
                      ADDRESS["db1"][family == 6], str(port),
                      str(SECONDS[expected == "open"])).stdout.strip()
        self.assertEqual(said, expected, (source, port, family))

    def test_without_rules_everything_is_open(self):
        for port in PORTS:
            self.assert_reach("open", "stranger", port)

    def test_what_is_required_passes_and_the_rest_does_not(self):
        self.load("--also", "22/tcp")
        for family in (4, 6):
            self.assert_reach("open", "dma1", 9042, family)
            self.assert_reach("dropped", "stranger", 9042, family)
            self.assert_reach("open", "stranger", 22, family)
            for port in (7000, 7199, 9160, 31337):
                self.assert_reach("dropped", "dma1", port, family)

    def test_what_is_optional_passes_when_asked_for(self):
        self.load("--optional")
        self.assert_reach("open", "dma1", 7199)
        self.assert_reach("dropped", "stranger", 7199)

    def test_loading_twice_changes_nothing(self):
        self.load()
        once = inside(HOST, "nft", "list", "ruleset").stdout
        self.load()
        self.assertEqual(inside(HOST, "nft", "list", "ruleset").stdout, once)

    def test_outbound_reaches_the_other_nodes_only(self):
        self.load("--outbound")
        listing = inside(HOST, "nft", "list", "chain", "inet", "dmports", "outbound")
        self.assertIn("ip daddr 10.210.1.3 tcp dport 7000", listing.stdout)
        answer = inside(HOST, sys.executable, "-c", CLIENT, ADDRESS["db1"][0],
                        ADDRESS["dma1"][0], "31337", "1").stdout.strip()
        self.assertEqual(answer, "dropped")

    def test_a_lockout_is_announced(self):
        self.assertIn("--also 22/tcp",
                      firewall(*self.words("--format", "nftables"))[2])


# Answers every datagram with itself.
ECHO = """
import selectors, socket, sys
selector = selectors.DefaultSelector()
for port in map(int, sys.argv[1:]):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", port))
    selector.register(server, selectors.EVENT_READ)
selector.register(sys.stdin, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in selector.select():
        if key.fileobj is sys.stdin:
            sys.exit(0)
        data, peer = key.fileobj.recvfrom(100)
        key.fileobj.sendto(data, peer)
"""

# Asks all at once, ["tcp", source, target, port, seconds], and prints what became of each.
ASK = """
import concurrent.futures, json, socket, sys

def ask(kind, source, target, port, seconds):
    stream = kind == "tcp"
    with socket.socket(socket.AF_INET,
                       socket.SOCK_STREAM if stream else socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        sock.bind((source, 0))
        try:
            sock.connect((target, port))
            if not stream:
                sock.send(b"x")
                sock.recv(100)
            return "open"
        except ConnectionRefusedError:
            return "refused"
        except OSError:
            return "dropped"

with concurrent.futures.ThreadPoolExecutor(64) as pool:
    print(json.dumps(list(pool.map(lambda q: ask(*q), json.loads(sys.argv[1])))))
"""

AGENTS = """<site xmlns="urn:dmports:site:1" name="South" dataminer="10.6.1">
<host name="dma1" address="10.210.1.1" roles="dma"/>
<host name="dma2" address="10.210.1.2" roles="dma"/>
</site>
"""


class AgentTraffic(Firewall):
    """An Agent with the rules: TCP and UDP, in and out, and ping."""

    def setUp(self):
        super().setUp()
        with open(self.site, "w", encoding="ascii") as file:
            file.write(AGENTS)
        self.addCleanup(inside, HOST, "nft", "flush", "ruleset")
        ports = ("80", "443", "4222", "6222", "8222", "8004", "31337")
        self.serve(HOST, SERVER, *ports)
        self.serve(PEER, SERVER, *ports)
        self.serve(HOST, ECHO, "161", "162", "31337")

    def serve(self, namespace, program, *ports):
        server = subprocess.Popen(
            ["ip", "netns", "exec", namespace, sys.executable, "-c", program, *ports],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.assertEqual(server.stdout.readline(), "ready\n")

    def load(self, *more):
        code, rules, _ = firewall(
            *self.words("--format", "nftables", *more, host="dma1"))
        self.assertEqual(code, 0)
        inside(HOST, "nft", "-f", "-", stdin=rules)

    def assert_answers(self, namespace, expected):
        """expected: (kind, source, target, port) -> open, refused or dropped."""
        questions = [(*q, SECONDS[state == "open"]) for q, state in expected.items()]
        said = json.loads(inside(namespace, sys.executable, "-c", ASK,
                                 json.dumps(questions)).stdout)
        self.assertEqual(dict(zip(expected, said)), expected)

    def test_in_tcp_and_udp(self):
        self.load()
        expected = {}
        for source, opened in (("10.210.1.2", (80, 443, 4222, 6222)),
                               ("10.210.1.9", (80, 443))):
            for port in (80, 443, 4222, 6222, 8222, 8004, 31337):
                expected["tcp", source, "10.210.1.1", port] = (
                    "open" if port in opened else "dropped")
            for port in (161, 162, 31337):
                expected["udp", source, "10.210.1.1", port] = (
                    "open" if port == 162 else "dropped")
        self.assert_answers(PEER, expected)

    def test_out_only_to_those_that_are_needed(self):
        self.load("--outbound")
        self.assert_answers(HOST, {
            ("tcp", "10.210.1.1", target, port): state for target, port, state in (
                ("10.210.1.2", 4222, "open"), ("10.210.1.2", 443, "open"),
                ("10.210.1.2", 31337, "dropped"), ("10.210.1.9", 4222, "dropped"),
                ("10.210.1.9", 443, "dropped"))})

    def test_ping_when_asked_for_and_from_agents_only(self):
        def assert_ping(expected, source):
            done = inside(PEER, "ping", "-c", "1", "-W", str(SECONDS[expected]), "-I",
                          source, "10.210.1.1", check=False)
            self.assertEqual(done.returncode, 0 if expected else 1, done.stderr)

        assert_ping(True, "10.210.1.9")
        self.load()
        assert_ping(False, "10.210.1.2")
        self.load("--optional")
        assert_ping(True, "10.210.1.2")
        assert_ping(False, "10.210.1.9")


class Windows(Firewall):
    def test_every_rule_names_its_peers_and_its_why(self):
        code, script, _ = firewall(*self.words("--format", "windows"))
        self.assertEqual(code, 0)
        rules = [line for line in script.splitlines()
                 if line.startswith("New-NetFirewallRule")]
        cql = [line for line in rules if "-LocalPort 9042" in line]
        self.assertEqual(len(cql), 1)
        self.assertIn("-RemoteAddress '10.210.1.2','fd10:1::2'", cql[0])
        self.assertIn("-Profile Any", cql[0])
        self.assertIn("-Description 'required: ", cql[0])
        self.assertLess(script.index("Remove-NetFirewallRule"), script.index(cql[0]))
        self.assertNotIn("9160", script)

    def test_clients_may_come_from_anywhere(self):
        script = firewall(*self.words("--format", "windows", host="dma1"))[1]
        rule = [line for line in script.splitlines() if "-LocalPort 8004" in line][0]
        self.assertIn("-RemoteAddress Any", rule)


class Rows(Firewall):
    def test_a_change_request_has_a_line_for_each_peer(self):
        rows = list(csv.DictReader(io.StringIO(
            firewall(*self.words("--format", "csv"))[1])))
        cql = {row["peer_address"] for row in rows if row["port"] == "9042"}
        self.assertEqual(cql, {"10.210.1.2", "fd10:1::2"})
        self.assertTrue(all(row["why"] for row in rows))
        # 9160 should be closed: nobody asks to have it opened.
        self.assertFalse([row for row in rows if row["port"] == "9160"])

    def test_a_host_without_an_address_is_an_error(self):
        with open(self.site, "w", encoding="ascii") as file:
            file.write(SITE.replace('"10.210.1.2 fd10:1::2"', '"dma1.example.net"'))
        code, out, err = firewall(*self.words("--format", "csv"))
        self.assertEqual((code, out), (2, ""))
        self.assertIn("host dma1: address, got \"dma1.example.net\"", err)

    def test_a_host_is_needed(self):
        self.assertEqual(firewall("--site", self.site)[0], 2)


    def test_options_that_do_not_go_together_are_refused(self):
        for words in (("--audit", "-", "--outbound"),
                      ("--audit", "-", "--format", "windows"),
                      ("--audit", "-", "--format", "nftables"),
                      ("--also", "22/tcp", "--format", "windows"),
                      ("--format", "nftables", "--also", "22"),
                      ("--format", "nftables", "--also", "0/tcp"),
                      ("--format", "nftables", "--also", "65536/udp"),
                      ("--format", "nftables", "--also", "22/tcp 53/udp"),
                      ("--format", "nftables", "--also", "22/sctp"),
                      ("--format", "nftables", "--also", "22222222222222/tcp")):
            code, out, _ = firewall(*self.words(*words), stdin="")
            self.assertEqual((words, code, out), (words, 2, ""))

    def test_other_ports_can_be_let_in_beside(self):
        rules = firewall(*self.words("--format", "nftables", "--also",
                                     "22/tcp,53/udp"))[1]
        self.assertIn("\t\ttcp dport 22 accept", rules)
        self.assertIn("\t\tudp dport 53 accept", rules)


class Audit(Firewall):
    SS = ("Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
          "tcp   LISTEN 0      128          0.0.0.0:9042      0.0.0.0:*\n"
          "tcp   LISTEN 0      128          0.0.0.0:9160      0.0.0.0:*\n"
          "tcp   LISTEN 0      128          0.0.0.0:31337     0.0.0.0:*\n"
          "tcp   LISTEN 0      128          0.0.0.0:7199      0.0.0.0:*\n"
          "tcp   LISTEN 0      128        127.0.0.1:25        0.0.0.0:*\n")

    def findings(self, text):
        code, out, _ = firewall(*self.words("--audit", "-", "--format", "csv"),
                                stdin=text)
        return code, [(row["finding"], row["ports"])
                      for row in csv.DictReader(io.StringIO(out))]

    def test_missing_superfluous_and_to_be_closed(self):
        code, found = self.findings(self.SS)
        self.assertEqual(code, 1)
        self.assertIn(("missing", "7000/tcp"), found)
        self.assertIn(("close", "9160/tcp"), found)
        self.assertIn(("superfluous", "31337/tcp"), found)
        ports = {port for _, port in found}
        self.assertFalse({"9042/tcp", "7199/tcp", "25/tcp"} & ports)

    def test_a_rule_for_everybody_is_wider_than_needed(self):
        code, found = self.findings(
            '"DisplayName","Protocol","LocalPort","RemoteAddress"\r\n'
            '"CQL","TCP","9042","Any"\r\n"Gossip","TCP","7000","10.210.1.3"\r\n')
        self.assertEqual((code, found), (1, [("wider", "9042/tcp")]))

    def test_a_host_that_no_rule_lets_in_is_missing(self):
        code, out, _ = firewall(
            *self.words("--audit", "-", "--format", "csv"),
            stdin='"DisplayName","Protocol","LocalPort","RemoteAddress"\r\n'
                  '"CQL","TCP","9042","10.210.1.0/255.255.255.254"\r\n'
                  '"Gossip","TCP","7000","10.210.1.3-10.210.1.9"\r\n')
        found = list(csv.DictReader(io.StringIO(out)))
        self.assertEqual(code, 1)
        self.assertEqual([(row["finding"], row["ports"], row["what"]) for row in found],
                         [("missing", "9042/tcp", "no rule for dma1")])

    def test_what_anybody_needs_may_be_open_to_anybody(self):
        with open(self.site, "w", encoding="ascii") as file:
            file.write(SITE.replace("10.2.0 [CU5]", "10.6.1"))
        code, out, err = firewall(
            *self.words("--audit", "-", "--format", "csv", host="dma1"),
            stdin="Protocol,LocalPort\r\nTCP,443\r\nTCP,80\r\nTCP,8004\r\nUDP,162\r\n")
        self.assertEqual((code, out.count("\n")), (0, 1), out + err)

    def test_a_list_of_this_machine_is_understood(self):
        listing = run("ss", "-lntu").stdout
        code, _, err = firewall(*self.words("--audit", "-"), stdin=listing)
        self.assertEqual(code, 1, err)  # no Cassandra here

    def test_anything_else_is_refused(self):
        code, _, err = firewall(*self.words("--audit", "-"), stdin="hello\n")
        self.assertEqual(code, 2)
        self.assertIn("ss -lntu", err)


def skip(why):
    print("SKIP:", why)
    sys.exit(SKIP)


if __name__ == "__main__":
    if os.geteuid() != 0:
        skip("network namespaces need root")
    if run("ip", "netns", "add", HOST, check=False).returncode != 0:
        skip("this kernel does not give network namespaces")
    run("ip", "netns", "del", HOST)
    unittest.main()
