#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""NATS servers, the NATS Account Server and a Telnet server, as peer_probe sees them.

The log of a server is counted around 20 probes: what a probe leaves there is a promise.

usage: PEER_PROBE=build/tests/peers/peer_probe python3 test_nats.py
"""
import glob
import http.server
import os
import re
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import unittest

import peer
from peer import free_ports, probe

READY_S = 15
REPEAT = 20
HINT = "a known issue"
os.environ["PATH"] += ":/usr/sbin:/usr/local/go/bin"
ACCOUNT_MODULE = "github.com/nats-io/nats-account-server"
ACCOUNT_VERSION = "v1.0.3"


def until(condition, what):
    peer.wait_until(condition, READY_S, what)


class Server(peer.Service):
    """A process with a log that is counted, stopped at the end."""

    def __init__(self, test, arguments, log, ready_port):
        super().__init__(arguments, log)
        test.addCleanup(self.stop)
        self.wait_open(ready_port, READY_S)
        self.settle()

    def lines(self):
        return self.text().splitlines()

    def settle(self):
        """The lines of the log, once it has not grown for a while."""
        last, still = -1, 0
        while still < 6:
            count = len(self.lines())
            still = still + 1 if count == last else 0
            last = count
            time.sleep(0.05)
        return last

    def new_lines(self, action):
        before = self.settle()
        for _ in range(REPEAT):
            action()
        self.settle()
        return self.lines()[before:]


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = peer.folder(self.addCleanup)

    def path(self, name):
        return os.path.join(self.folder, name)

    def certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90", "-subj",
             "/CN=nats.example", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
             self.path("key.pem"), "-out", self.path("cert.pem")],
            check=True, capture_output=True)
        return self.path("cert.pem"), self.path("key.pem")

    def listen(self, handler):
        """A service of our own on a free port, one thread per connection."""

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    handler(self.request)
                except OSError:
                    pass

        class Threads(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        server = Threads(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,),
                         daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def listen_http(self, status, body, headers):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            default_request_version = "HTTP/1.1"

            def do_GET(self):
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,),
                         daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def check(self, result, **expected):
        self.assertEqual({k: result[k] for k in expected}, expected, result)


class Nats(Case):
    def setUp(self):
        super().setUp()
        self.version = re.search(r"v(\d\S*)", subprocess.run(
            ["nats-server", "--version"], check=True, capture_output=True,
            text=True).stdout).group(1)

    def server(self, extra="", monitor="http", name="lab1"):
        self.client, self.route, self.monitor = free_ports(3)
        with open(self.path("nats.conf"), "w", encoding="ascii") as f:
            f.write(f"""
listen: "127.0.0.1:{self.client}"
server_name: {name}
{monitor}: "127.0.0.1:{self.monitor}"
pid_file: "{self.path('pid')}"
{extra.replace('ROUTE', f'"127.0.0.1:{self.route}"')}
""")
        return Server(self, ["nats-server", "-c", self.path("nats.conf")],
                      self.path("nats.log"), self.client)

    def tls(self, more=""):
        certificate, key = self.certificate()
        return f'tls {{ cert_file: "{certificate}", key_file: "{key}" {more} }}'

    def ca(self):
        return "ca=" + self.path("cert.pem")

    def identity(self, cluster=""):
        return f"NATS {self.version}, server lab1" + cluster

    def test_a_plain_server_is_identified_without_a_trace_in_its_log(self):
        server = self.server()
        new = server.new_lines(lambda: self.check(
            probe("nats", self.client), reason="answered", outcome="ok",
            progress="answered", identity=self.identity(), used_tls=False))
        self.assertEqual(new, [])

    def test_an_unnamed_server_is_shown_without_its_id(self):
        self.server(name='""')
        self.check(probe("nats", self.client), reason="answered",
                   identity=f"NATS {self.version}")

    def test_authorisation_is_told_and_not_tried(self):
        server = self.server("authorization { user: u, password: p }")
        new = server.new_lines(lambda: self.assertIn(
            "authorisation required", probe("nats", self.client)["detail"]))
        self.assertEqual(new, [])
        self.check(probe("nats", self.client), reason="answered")

    def test_tls_is_completed_without_a_trace_in_the_log(self):
        server = self.server(self.tls())
        new = server.new_lines(lambda: self.check(
            probe("nats", self.client, self.ca()), reason="answered",
            identity=self.identity(), used_tls=True))
        self.assertEqual(new, [])
        self.check(probe("nats", self.client, self.ca()),
                   detail=f"NATS {self.version} answers, TLS required")

    def test_the_certificate_of_the_server_is_judged(self):
        self.server(self.tls())
        result = probe("nats", self.client)
        self.check(result, reason="tlsSelfSigned", outcome="ok",
                   identity=self.identity(), used_tls=True)
        self.assertIn(result["tls_days_left"], (89, 90))
        self.assertIn("nats.example", result["tls_subject"])

    def test_a_server_that_wants_client_certificates_is_identified(self):
        certificate = self.path("cert.pem")
        self.server(self.tls(f', ca_file: "{certificate}", verify: true'))
        result = probe("nats", self.client, self.ca())
        self.check(result, reason="answered", identity=self.identity(), used_tls=True)
        self.assertIn("client certificate required", result["detail"])

    def test_tls_that_is_not_offered_is_a_finding_when_asked_for(self):
        self.server()
        self.check(probe("nats", self.client, "tls=yes"), reason="tlsNotTls")

    def test_a_full_server_is_unwell(self):
        self.server("max_connections: 1")
        with socket.create_connection(("127.0.0.1", self.client)) as s:
            self.assertTrue(s.recv(5))
            result = probe("nats", self.client)
        self.check(result, reason="serviceUnwell", identity=self.identity())
        self.assertIn("maximum connections exceeded", result["detail"])

    def test_a_full_server_with_tls_is_unwell(self):
        self.server("max_connections: 1\n" + self.tls())
        with socket.create_connection(("127.0.0.1", self.client)) as s:
            self.assertTrue(s.recv(5))
            result = probe("nats", self.client, self.ca())
        self.check(result, reason="serviceUnwell", identity=self.identity())

    def test_a_stopped_server_is_refused(self):
        server = self.server()
        self.check(probe("nats", self.client), reason="answered")
        server.stop()
        for kind, port in (("nats", self.client), ("nats-monitor", self.monitor)):
            self.check(probe(kind, port), reason="refused", outcome="fail")

    def test_a_lame_duck_takes_no_new_clients(self):
        self.server("lame_duck_duration: 30s")
        with socket.create_connection(("127.0.0.1", self.client)) as s:
            s.sendall(b"CONNECT {\"verbose\":false,\"protocol\":1}\r\nPING\r\n")
            until(lambda: b"PONG" in s.recv(4096), "PONG")
            with open(self.path("pid"), encoding="ascii") as f:
                pid = f.read().strip()
            subprocess.run(["nats-server", "--signal", "ldm=" + pid], check=True)
            said = b""
            while b"\"ldm\":true" not in said:
                more = s.recv(4096)
                self.assertTrue(more, "closed before it said so")
                said += more
            until(lambda: probe("nats", self.client)["reason"] != "answered",
                  "lame duck")
            self.assertIn(probe("nats", self.client)["reason"],
                          ("refused", "serviceUnwell"))

    def test_a_frozen_server_is_silent(self):
        server = self.server()
        threads = f'/proc/{server.process.pid}/task/*/stat'

        def frozen():
            states = []
            for path in glob.glob(threads):
                with open(path, encoding='ascii') as stat:
                    states.append(stat.read().rsplit(')', 1)[1].split()[0])
            return set(states) == {'T'}

        server.process.send_signal(signal.SIGSTOP)
        try:
            peer.wait_until(frozen, 30, 'all threads stopped')
            self.check(probe("nats", self.client, "reply=1500"), reason="silent",
                       outcome="fail", progress="connected")
        finally:
            server.process.send_signal(signal.SIGCONT)

    def test_the_monitor_is_read_without_a_trace_in_the_log(self):
        server = self.server("cluster { name: DMS, listen: ROUTE }")

        def both():
            self.check(probe("nats-monitor", self.monitor), reason="identityWeak",
                       outcome="ok", identity="")
            self.check(probe("nats-monitor", self.monitor, "heavy"),
                       reason="answered", identity=self.identity(", cluster DMS"))

        self.assertEqual(server.new_lines(both), [])

    def test_a_monitor_with_tls_is_found_by_itself(self):
        self.server(self.tls(), monitor="https")
        self.check(probe("nats-monitor", self.monitor, "heavy", self.ca()),
                   reason="answered", identity=self.identity(), used_tls=True)

    def test_a_route_costs_two_lines_when_identified_and_none_at_connect(self):
        server = self.server("cluster { name: DMS, listen: ROUTE }")
        new = server.new_lines(lambda: self.check(
            probe("nats-route", self.route), reason="answered",
            identity=self.identity(", cluster DMS")))
        self.assertEqual(len(new), 2 * REPEAT, new)
        new = server.new_lines(lambda: self.check(
            probe("nats-route", self.route, "shallow"), reason="open", identity=""))
        self.assertEqual(new, [])

    def test_a_route_with_tls_shows_its_certificate(self):
        certificate, _ = self.certificate()
        self.server("cluster { name: DMS, listen: ROUTE, " +
                    self.tls(f', ca_file: "{certificate}"') + " }")
        result = probe("nats-route", self.route, self.ca())
        self.check(result, outcome="ok", used_tls=True, identity="")
        self.assertIn(result["reason"], ("authRequired", "identityWeak"))
        self.assertIn(result["tls_days_left"], (89, 90))

    def test_swapped_ports_are_told_apart(self):
        self.server("cluster { name: DMS, listen: ROUTE }")
        for kind, port, name in (("nats", self.route, "route port"),
                                 ("nats-route", self.client, "client port")):
            result = probe(kind, port, "hint=" + HINT)
            self.check(result, reason="wrongService", outcome="fail")
            self.assertIn("NATS " + name, result["detail"])


class Stranger(Case):
    """Something else on a port of NATS is wrong, and named."""

    def test_a_web_server_on_the_client_port(self):
        port = self.listen_http(404, b"no", {"Server": "weblab/7"})
        result = probe("nats", port, "hint=" + HINT)
        self.check(result, reason="wrongService", outcome="fail")
        self.assertIn("HTTP 400", result["detail"])
        self.assertIn(HINT, result["detail"])

    def test_another_banner_on_the_client_port(self):
        def ssh(connection):
            connection.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
            connection.recv(100)

        port = self.listen(ssh)
        for kind in ("nats", "nats-route", "nats-monitor", "nats-account", "telnet"):
            result = probe(kind, port, "tls=no", "hint=" + HINT)
            self.check(result, reason="wrongService")
            self.assertIn("SSH", result["detail"])
            self.assertIn(HINT, result["detail"])

    def test_a_web_server_on_the_monitoring_and_the_account_servers_port(self):
        port = self.listen_http(404, b"404 page not found\n",
                                {"Content-Type": "text/plain; charset=utf-8"})
        for kind in ("nats-monitor", "nats-account"):
            result = probe(kind, port, "hint=" + HINT)
            self.check(result, reason="wrongService", outcome="fail", identity="")
            self.assertIn("404", result["detail"])
            self.assertIn("page not found", result["detail"])
            self.assertIn(HINT, result["detail"])

    def test_a_titled_page_is_named_by_its_title(self):
        port = self.listen_http(
            200, b"<html><head><title>Prometheus Time Series</title></head></html>",
            {"Content-Type": "text/html"})
        self.assertIn("Prometheus Time Series",
                      probe("nats-account", port)["detail"])

    def test_a_nats_server_on_the_account_servers_port(self):
        def greet(connection):
            connection.sendall(b'INFO {"server_id":"N","version":"2","client_id":1}'
                               b" \r\n")
            connection.recv(100)

        result = probe("nats-account", self.listen(greet), "tls=no")
        self.check(result, reason="wrongService")
        self.assertIn("NATS", result["detail"])

    def test_nobody_is_refused(self):
        port, = free_ports(1)
        for kind in ("nats", "nats-route", "nats-monitor", "nats-account", "telnet"):
            self.check(probe(kind, port), reason="refused", outcome="fail")


class HandshakeFirst(Case):
    """Servers that want TLS before they greet; ours, until the packaged one can."""

    def test_silence_leads_to_tls_and_the_greeting(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate())

        def greet(connection):
            with context.wrap_socket(connection, server_side=True) as tls:
                tls.sendall(b'INFO {"server_id":"N","server_name":"first",'
                            b'"version":"2.10.4","client_id":1,'
                            b'"tls_required":true} \r\n')
                tls.recv(100)

        result = probe("nats", self.listen(greet), "ca=" + self.path("cert.pem"))
        self.check(result, reason="answered", used_tls=True,
                   identity="NATS 2.10.4, server first")


class AccountServer(Case):
    """The real server when it can be had; always a recorded answer, its page shortened."""

    RECORDED = (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nVary: Origin\r\n"
                b"Date: Sun, 22 Nov 2026 09:00:30 GMT\r\nConnection: close\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
                b"24\r\n\n# NATS Account Server JWT API HELP\n\r\n0\r\n\r\n")

    @staticmethod
    def program():
        """nats-account-server as installed, or built from its Go module."""
        found = shutil.which("nats-account-server")
        if found or not shutil.which("go"):
            return found, "neither nats-account-server nor go is installed"
        place = os.path.join(peer.CACHE, "nats-account-server")
        program = os.path.join(place, "program")
        os.makedirs(place, exist_ok=True)
        # A module of ours that requires it: `go install` would ask for a list of its
        # versions, too, which not every proxy has.
        with open(os.path.join(place, "go.mod"), "w", encoding="ascii") as f:
            f.write(f"module peer\n\ngo 1.21\n\n"
                    f"require {ACCOUNT_MODULE} {ACCOUNT_VERSION}\n")
        built = subprocess.run(
            ["go", "build", "-mod=mod", "-modcacherw", "-o", program, ACCOUNT_MODULE],
            cwd=place, capture_output=True, text=True, check=False, timeout=400,
            env=dict(os.environ, GOPATH=os.path.join(place, "go")))
        return (program if built.returncode == 0 else None), built.stderr.strip()

    def test_the_help_is_the_proof_without_a_trace_in_the_log(self):
        program, why = self.program()
        if not program:
            self.skipTest("no NATS Account Server, see the recorded one: " + why)
        port, = free_ports(1)
        os.mkdir(self.path("jwt"))
        with open(self.path("nas.conf"), "w", encoding="ascii") as f:
            f.write(f'http: {{ host: "127.0.0.1", port: {port} }}\n'
                    f'store: {{ dir: "{self.path("jwt")}" }}\n')
        server = Server(self, [program, "-c", self.path("nas.conf")],
                        self.path("nas.log"), port)
        new = server.new_lines(lambda: self.check(
            probe("nats-account", port), reason="answered",
            identity="NATS Account Server"))
        self.assertEqual(new, [])
        # Another page leaves one: the log does tell.
        self.assertTrue(server.new_lines(lambda: probe(
            "nats-account", port, "path=/jwt/v1/accounts/none")))
        server.stop()
        self.check(probe("nats-account", port), reason="refused")

    def test_a_recorded_server_is_identified_and_asked_for_nothing_but_help(self):
        asked = []

        def answer(connection):
            asked.append(connection.recv(2000))
            connection.sendall(self.RECORDED)

        self.check(probe("nats-account", self.listen(answer)), reason="answered",
                   identity="NATS Account Server", used_tls=False)
        self.assertEqual(len(asked), 1)
        self.assertTrue(asked[0].startswith(b"GET /jwt/v1/help HTTP/1.1\r\n"))


class Telnet(Case):
    def test_inetutils_telnetd_is_identified(self):
        telnetd = shutil.which("telnetd") or shutil.which("inetutils-telnetd")
        self.assertTrue(telnetd, "telnetd is missing: sh tests/peers/install.sh")

        def session(connection):
            """What inetd does: the connection is the standard input and output."""
            child = subprocess.Popen(
                [telnetd, "-h", "-E", "/bin/true"], stdin=connection,
                stdout=connection, stderr=subprocess.DEVNULL)
            child.wait(READY_S)

        result = probe("telnet", self.listen(session))
        self.check(result, reason="answered", outcome="ok", identity="Telnet")


if __name__ == "__main__":
    unittest.main(verbosity=2)
