#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dmports listen on one side, dmports check on the other: the path is proven, the service
is not claimed.

usage: test_listen.py DMPORTS
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

DMPORTS = sys.argv.pop(1)
SOURCE = os.environ.get("DMP_SOURCE_DIR") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
HOST = "127.0.0.7"


def free_ports(kinds):
    """{key: port}, all different: each is held until the last one is found."""
    with contextlib.ExitStack() as stack:
        ports = {}
        for key, kind in kinds.items():
            sock = stack.enter_context(socket.socket(socket.AF_INET, kind))
            sock.bind((HOST, 0))
            ports[key] = sock.getsockname()[1]
        return ports


class Listen(unittest.TestCase):
    # requirement -> what its probe is: server first, client first, TLS, datagrams.
    REQUIREMENTS = {"nats-client": "tcp", "remoting": "tcp", "grpc": "tcp",
                    "https": "tcp", "http": "tcp", "snmp-trap": "udp"}

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dmp-listen-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.ports = free_ports({
            key: socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
            for key, kind in self.REQUIREMENTS.items()})
        overrides = "".join(
            f'<port requirement="{key}" port="{port}" level="required"/>'
            for key, port in self.ports.items())
        self.site = os.path.join(self.folder, "site.xml")
        with open(self.site, "w", encoding="ascii") as file:
            file.write('<site xmlns="urn:dmports:site:1" name="North" '
                       'dataminer="10.4.0 [CU3]" as="client dma device">'
                       '<features inter-dma="remoting" client="remoting" '
                       'nats="legacy"/><policy timeout="1s"/>'
                       f'<host name="dma1" address="{HOST}" roles="dma">'
                       f'{overrides}</host>'
                       '<host name="dma2" address="127.0.0.8" roles="dma"/>'
                       '</site>')

    def listen(self, *words):
        process = subprocess.Popen(
            [DMPORTS, "listen", "--site", self.site, "--host", "dma1", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        said = ""
        for line in process.stderr:
            said += line
            if "Ctrl-C ends it" in line:
                break
        return process, said

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def check(self):
        done = subprocess.run(
            [DMPORTS, "check", "--site", self.site, "--format", "json"],
            capture_output=True, text=True, timeout=60, check=False)
        return {row["requirement"]: row for row in json.loads(done.stdout)
                if row["host"] == "dma1"}

    def test_every_kind_of_probe_sees_that_the_path_is_open(self):
        process, _ = self.listen("--format", "json")
        rows = self.check()
        for key in self.REQUIREMENTS:
            self.assertEqual((key, rows[key]["state"], rows[key]["reason"]),
                             (key, "up", "pathOnly"))
            self.assertEqual(rows[key]["identity"], "dmports listen")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0, err)
        report = {row["port"]: row for row in json.loads(out)}
        for key, port in self.ports.items():
            self.assertGreaterEqual(report[port]["contacts"], 1, key)
            self.assertIn("127.0.0.1", report[port]["reached_from"])
            self.assertEqual(report[port]["listened"], "yes")
        self.assertEqual(report[self.ports["nats-client"]]["expected"], "dma2")
        # 127.0.0.1, which did the check, is none of its addresses.
        self.assertEqual(report[self.ports["nats-client"]]["missing"], "dma2")
        self.assertIn("reached from 127.0.0.1", err)

    def test_no_probe_takes_the_stand_in_for_its_service(self):
        catalogue = xml.etree.ElementTree.parse(
            os.path.join(SOURCE, "src", "model", "catalogue.xml")).getroot()
        # ICMP has no port; what is no SNMP over UDP has nobody to answer it here.
        probes = {entry.get("key"): entry.get("probe") for entry in catalogue
                  if entry.get("transport") == "tcp"
                  or entry.get("probe") in ("snmp", "snmp-trap")}
        self.assertGreater(len(probes), 50)
        self.ports = free_ports({
            key: socket.SOCK_DGRAM if probe.startswith("snmp") else socket.SOCK_STREAM
            for key, probe in probes.items()})
        overrides = "".join(
            f'<port requirement="{key}" port="{port}" level="required"/>'
            for key, port in self.ports.items())
        policies = "".join(f'<policy requirement="{key}" depth="identify"/>'
                           for key in probes)
        roles = "dma cassandra indexing cloud-gateway dxm server"
        with open(self.site, "w", encoding="ascii") as file:
            file.write('<site xmlns="urn:dmports:site:1" name="North" '
                       'dataminer="10.5.0 [CU3]" as="client browser device nms '
                       f'{roles}"><policy timeout="2s"/>{policies}'
                       f'<host name="dma1" address="{HOST}" roles="dma">{overrides}'
                       f'</host><host name="dma2" address="127.0.0.8" roles="{roles}"/>'
                       '</site>')
        self.listen()
        rows = self.check()
        for key, probe in probes.items():
            self.assertEqual(
                (key, rows[key]["state"], rows[key]["reason"]),
                (key, "up", "open" if probe == "connect" else "pathOnly"))

    def test_a_port_that_is_in_use_is_told_and_the_others_are_listened_on(self):
        with socket.create_server((HOST, self.ports["remoting"])):
            process, said = self.listen("--format", "json")
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=20)
        self.assertIn("something listens there already", said)
        report = {row["port"]: row for row in json.loads(out)}
        self.assertEqual(report[self.ports["remoting"]]["listened"], "no")
        self.assertEqual(report[self.ports["http"]]["listened"], "yes")

    def test_a_host_that_came_is_not_missing(self):
        process, _ = self.listen("--format", "json")
        with socket.socket() as sock:
            sock.bind(("127.0.0.8", 0))
            sock.connect((HOST, self.ports["nats-client"]))
            self.assertIn(b"dmports", sock.recv(100))
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        row = {row["port"]: row for row in json.loads(out)}[self.ports["nats-client"]]
        self.assertEqual((row["reached_from"], row["expected"], row["missing"]),
                         ("127.0.0.8", "dma2", ""))

    def test_any_datagram_is_a_contact_and_only_a_discovery_is_answered(self):
        process, _ = self.listen("--format", "json")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.3)
            for datagram in (b"", b"hello", b"\xff" * 3000):
                sock.sendto(datagram, (HOST, self.ports["snmp-trap"]))
            with self.assertRaises(TimeoutError):
                sock.recv(100)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        report = {row["port"]: row for row in json.loads(out)}
        self.assertEqual(report[self.ports["snmp-trap"]]["contacts"], 3)
        self.assertEqual(report[self.ports["http"]]["contacts"], 0)

    def test_it_ends_by_itself_with_the_report(self):
        done = subprocess.run(
            [DMPORTS, "listen", "--site", self.site, "--host", "dma1", "--for",
             "200ms"], capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("REACHED FROM", done.stdout)

    def test_an_address_of_another_machine_is_an_error_that_says_so(self):
        with open(self.site, encoding="ascii") as file:
            text = file.read().replace(HOST, "192.0.2.77")
        with open(self.site, "w", encoding="ascii") as file:
            file.write(text)
        done = subprocess.run(
            [DMPORTS, "listen", "--site", self.site, "--host", "dma1"],
            capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("--any listens on all of them", done.stderr)

    def test_a_peer_that_never_speaks_or_hangs_up_delays_nobody(self):
        process, _ = self.listen()
        idle = [socket.create_connection((HOST, self.ports["remoting"]))
                for _ in range(300)]
        with socket.create_connection((HOST, self.ports["http"]), timeout=20) as sock:
            # Beyond 256 at a time a connection is closed without a word; it still
            # counts as reached.
            sock.recv(100)
        for sock in idle:
            sock.close()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
