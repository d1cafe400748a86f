#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the DataMiner connector polls and receives exists, and answers fit in a datagram.

examples/dataminer/protocol.xml is played against a real snmpd and dmportsd: scalars by a
GET for each group, tables by GETBULK of all columns with the rows that it asks for.
"""
import os
import re
import socket
import unittest
import xml.etree.ElementTree as ElementTree

from lab import SOURCE, Lab, wait_until
from test_daemon import POLICY, host, requirement

NAMESPACE = {"p": "http://www.skyline.be/protocol"}
DATAGRAM = 1472
LONG = "h" * 61  # with a digit, a slash and the requirement: 95, the longest key
# Values that DataMiner cannot show as text: anything else than printable ASCII.
PRINTABLE = re.compile(r"[\x20-\x7e]*")


class Poll:
    """One request of the connector."""

    def __init__(self, oids, rows=0):
        self.oids = oids
        self.rows = rows


def protocol():
    return ElementTree.parse(os.path.join(
        SOURCE, "examples", "dataminer", "protocol.xml")).getroot()


def notifications():
    """{name: (OID, OIDs of the bindings that the connector takes)}."""
    found = {}
    for param in protocol().findall("p:Params/p:Param", NAMESPACE):
        trap = param.find("p:SNMP/p:TrapOID", NAMESPACE)
        if trap is not None and trap.get("setBindings"):
            bindings = [pair.split(",")[0] for pair in trap.get("setBindings").split(";")]
            found[param.findtext("p:Name", None, NAMESPACE)] = (
                trap.text, list(dict.fromkeys(bindings)))
    return found


def encoded(oid):
    """An OID as it is on the wire, with its tag and length."""
    numbers = [int(n) for n in oid.split(".")]
    out = bytearray([numbers[0] * 40 + numbers[1]])
    for number in numbers[2:]:
        groups = [number & 127]
        while number > 127:
            number >>= 7
            groups.append(number & 127 | 128)
        out += bytes(groups[::-1])
    return bytes([6, len(out)]) + bytes(out)


def polls():
    """Scalar groups and tables of the connector, by name."""
    root = protocol()
    params = {p.get("id"): p for p in root.findall("p:Params/p:Param", NAMESPACE)}

    def oid_of(pid):
        return params[pid].findtext("p:SNMP/p:OID", None, NAMESPACE)
    scalars, tables = {}, {}
    for group in root.findall("p:Groups/p:Group", NAMESPACE):
        name = group.findtext("p:Name", None, NAMESPACE)
        listed = [e.text for e in group.findall("p:Content/p:Param", NAMESPACE)]
        first = params[listed[0]]
        if first.findtext("p:Type", None, NAMESPACE) != "array":
            scalars[name] = Poll([oid_of(pid) for pid in listed])
            continue
        options = first.find("p:SNMP/p:OID", NAMESPACE).get("options")
        columns = [c.get("pid") for c in first.findall(
            "p:ArrayOptions/p:ColumnOption", NAMESPACE) if c.get("type") == "snmp"]
        tables[name] = Poll([oid_of(pid) for pid in columns[1:]],
                            int(options.rpartition(":")[2]))
    return scalars, tables


class ConnectorTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)
        self.scalars, self.tables = polls()
        self.largest = {}

    def run_site(self, hosts):
        """Hosts with two ports each, of which the second is closed: problems, events."""
        up, down = self.lab.listener(), self.lab.listener()
        down.close()
        keys = [("svc-a" + "a" * 27, up.port), ("svc-b" + "b" * 27, down.port)]
        self.lab.write_site(POLICY + "".join(
            host(f"{LONG}{n}", keys, f"127.0.0.{n}") for n in range(1, hosts + 1)) +
            "".join(requirement(key, 10001 + i) for i, (key, _) in enumerate(keys)))
        up.close()
        up.address = "0.0.0.0"
        up.open()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        wait_until("all ports judged", lambda: sorted(
            self.lab.table("dmpPortState").values()) == ["down"] * hosts + ["up"] * hosts)
        wait_until("all problems", lambda: len(
            self.lab.table("dmpProblemKey")) == hosts)

    def ask(self, name, tool, *arguments):
        """[(oid, type, value)] of one answer, and its size for self.largest."""
        answer = self.lab.snmp(tool, "-d", "-Ont", *arguments, timeout=5)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        text = answer.stdout + answer.stderr
        sizes = [int(n) for n in re.findall(r"Received (\d+) byte packet", text)]
        self.assertEqual(len(sizes), 1, text)
        self.largest[name] = max(self.largest.get(name, 0), sizes[0])
        return re.findall(r"^\.([0-9.]+) = ([A-Za-z0-9-]+): ?(.*)$", answer.stdout,
                          re.MULTILINE)

    def rows(self, name):
        """{index: [values]} of a table, page by page as DataMiner asks."""
        poll = self.tables[name]
        found = {}
        cursors = list(poll.oids)
        while True:
            cells = self.ask(name, "snmpbulkget", "-Cn0", f"-Cr{poll.rows}",
                             self.lab.agent(), *cursors)
            page = [cells[i:i + len(poll.oids)] for i in range(0, len(cells),
                                                               len(poll.oids))]
            for row in page:
                inside = [cell[0].startswith(column + ".")
                          for cell, column in zip(row, poll.oids)]
                if not all(inside) or len(row) < len(poll.oids):
                    self.assertFalse(any(inside), f"{name}: columns end apart: {row}")
                    return found
                indices = {cell[0].rpartition(".")[2] for cell in row}
                self.assertEqual(len(indices), 1, f"{name}: rows of columns differ: {row}")
                found[indices.pop()] = [cell[1:] for cell in row]
                cursors = [cell[0] for cell in row]

    def check_values(self, name, rows):
        for row in rows:
            self.assertEqual(len(row), len(self.tables[name].oids))
            for kind, value in row:
                self.assertIn(kind, ("INTEGER", "Gauge32", "Counter32", "STRING"), name)
                self.assertTrue(PRINTABLE.fullmatch(value), f"{name}: {value!r}")

    def check_sizes(self):
        for name, size in sorted(self.largest.items()):
            print(f"{name}: {size} bytes at most", flush=True)
            self.assertLessEqual(size, DATAGRAM, name)

    def test_every_scalar_and_every_column_has_a_value(self):
        self.run_site(5)
        for name, poll in self.scalars.items():
            found = self.ask(name, "snmpget", self.lab.agent(), *poll.oids)
            self.assertEqual(["." + oid for oid, _, _ in found],
                             ["." + oid for oid in poll.oids])
        counts = {}
        for name in self.tables:
            rows = self.rows(name)
            self.check_values(name, rows.values())
            counts[name] = set(rows)
        self.check_sizes()
        for first, others in (
                ("Requirements", ("Requirement Roles and Versions", "Requirement Reasons",
                                  "Requirement References")),
                ("Hosts", ("Host Facts", "Host Details")),
                ("Ports", ("Port Facts", "Port Measurements", "Port Administration",
                           "Port Details", "Port Identities", "Port Certificates",
                           "Port Reasons")),
                ("Problems", ("Problem Messages",)),
                ("Events", ("Event Messages", "Event Facts")),
                ("Receivers", ("Receiver Counters",))):
            self.assertTrue(counts[first], first)
            for other in others:
                self.assertEqual(counts[first], counts[other], other)
        self.assertEqual((len(counts["Hosts"]), len(counts["Ports"]),
                          len(counts["Problems"])), (5, 10, 5))
        self.assertEqual(set(counts), set(self.tables))

    def test_tables_of_one_row_are_whole(self):
        """The repetitions that are left run into other columns and tables."""
        self.run_site(1)
        for name in self.tables:
            rows = self.rows(name)
            self.assertTrue(rows, name)
            self.check_values(name, rows.values())
        self.assertEqual(len(self.rows("Hosts")), 1)
        self.check_sizes()

    def test_no_problem_is_an_empty_table(self):
        up = self.lab.listener()
        self.lab.write_site(POLICY + host("h1", [("svc-a", up.port)]) +
                            requirement("svc-a", 10001))
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")
        wait_until("the port's row", lambda: self.lab.table("dmpPortState"))
        self.assertEqual(self.rows("Problems"), {})
        self.assertEqual(self.rows("Problem Messages"), {})
        self.check_sizes()

    def test_a_walk_of_one_column_with_the_same_rows_gives_the_same(self):
        """snmpbulkwalk takes the same pages, one column at a time."""
        self.run_site(3)
        for name in ("Requirements", "Ports", "Events"):
            poll = self.tables[name]
            rows = self.rows(name)
            for column in poll.oids:
                walked = self.lab.walk("." + column, f"-Cr{poll.rows}")
                self.assertEqual([oid.rpartition(".")[2] for oid, _ in walked],
                                 list(rows), name)

    def receive(self, receiver, name):
        """The next datagram with that notification."""
        oid = encoded(notifications()[name][0])
        while True:
            datagram = receiver.recv(65536)
            if oid in datagram:
                return datagram

    def test_notifications_carry_the_bindings_in_that_order_and_no_more(self):
        port = self.lab.listener()
        self.lab.write_site('<notify heartbeat="300ms"/>' + POLICY + host(
            "h1", [("svc-a", port.port)]) + requirement("svc-a", 10001))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.bind(("127.0.0.1", self.lab.trap_port))
            receiver.settimeout(20)
            self.lab.start_snmpd()
            self.lab.start_daemon()
            for name, before in (("dmpStarted", None), ("dmpHeartbeat", None),
                                 ("dmpPortDown", port.close), ("dmpPortUp", port.open)):
                if before:
                    self.lab.wait_state("h1/svc-a", "up" if name == "dmpPortDown" else
                                        "down")
                    before()
                datagram = self.receive(receiver, name)
                self.assertLessEqual(len(datagram), DATAGRAM)
                oid, bindings = notifications()[name]
                places = [datagram.find(encoded(b)) for b in [oid] + bindings]
                self.assertNotIn(-1, places, name)
                self.assertEqual(places, sorted(places), name)
                root = encoded(oid.rpartition(".0.")[0])[2:]
                self.assertEqual(datagram.count(root), 1 + len(bindings), name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
