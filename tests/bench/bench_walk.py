#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Walks of dmpPortTable: through a real snmpd beside a subagent with an empty handler, at
several sizes of the table, and by the standalone agent beside AgentX.

Every round walks 1 000 rows of each candidate, in turns, at another place of the table.

usage: DMP_BINARY_DIR=build bench_walk.py [ROWS...]     default 1000 10000
"""
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from lab import BINARY, ROOT, Lab, wait_until  # noqa: E402

ROUNDS = int(os.environ.get("DMP_ROUNDS", "9"))
SLICE = 1000
COLUMNS = 20
REPETITIONS = 20      # rows per request of many columns: about 20 kB of answer
BULK_REPETITIONS = 100
TIMES = 5
BULK_TIMES = 10
KEY = ROOT + ".1.1.5.1.2"


class Walked:
    """Something that serves the table."""

    def __init__(self, rows):
        self.rows = rows
        self.lab = Lab()
        self.engine = None

    def close(self):
        self.lab.close()
        if self.engine:
            self.engine.stdin.close()
            self.engine.wait(20)
            self.engine.stdout.close()

    def wait(self):
        wait_until("the last row", lambda: self.lab.get(
            f"{KEY}.{(self.rows - 1) * 3 + 1}"), seconds=60)

    def start_agent(self, kind, address):
        os.mkdir(self.lab.path("state"))
        os.mkdir(self.lab.path("run"))
        self.engine = subprocess.Popen(
            [os.path.join(BINARY, "tests", "integration", "agentx_engine"),
             self.lab.path("state"), self.lab.path("run"), f"ports={self.rows}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.engine.stdout.readline():
            raise RuntimeError("agentx_engine did not start")
        self.lab.write_site("")
        self.lab.start("agent", [
            os.path.join(BINARY, "tests", "integration", "agentx_agent"),
            self.lab.path("state"), self.lab.path("run"), self.lab.path("site.xml"), kind,
            address])

    def walk(self, round_number, columns, repetitions, times):
        """Varbinds per second."""
        first = (self.rows - SLICE) * round_number // max(ROUNDS - 1, 1)
        done = subprocess.run(
            [os.path.join(BINARY, "tests", "bench", "walk_rows"), self.lab.agent(),
             str(columns), str(repetitions), str(first), str(SLICE),
             str(times)],
            env=self.lab.environment(), stdout=subprocess.PIPE, text=True, check=True)
        varbinds, seconds = done.stdout.split()
        if int(varbinds) != SLICE * columns * times:
            raise RuntimeError(f"{varbinds} varbinds, not {SLICE * columns * times}")
        return int(varbinds) / float(seconds)


def start_agentx(walked):
    walked.lab.start_snmpd()
    walked.start_agent("agentx", f"unix:{walked.lab.path('ax')}")


def start_empty(walked):
    walked.lab.start_snmpd()
    walked.lab.start("empty", [
        os.path.join(BINARY, "tests", "bench", "empty_agent"),
        f"unix:{walked.lab.path('ax')}", str(walked.rows)])


def start_standalone(walked):
    walked.start_agent("standalone", f"udp:127.0.0.1:{walked.lab.snmp_port}")


KINDS = {"agentx": start_agentx, "empty": start_empty, "standalone": start_standalone}


def ratio(ours, theirs):
    return statistics.median(a / b for a, b in zip(ours, theirs))


def measure(sizes):
    served = {}
    rates = {}
    try:
        for rows in sizes:
            for name, start in KINDS.items():
                served[name, rows] = Walked(rows)
                start(served[name, rows])
                served[name, rows].wait()
        for i in range(-1, ROUNDS):
            for (name, rows), walked in served.items():
                bulk = walked.walk(max(i, 0), 1, BULK_REPETITIONS, BULK_TIMES)
                table = walked.walk(max(i, 0), COLUMNS, REPETITIONS, TIMES)
                if i >= 0:
                    rates.setdefault((name, rows, "bulk"), []).append(bulk)
                    rates.setdefault((name, rows, "table"), []).append(table)
    finally:
        for walked in served.values():
            walked.close()
    return rates


def report(sizes, rates):
    def rate(name, rows, kind):
        return f"{statistics.median(rates[name, rows, kind]):.0f}/s"

    for rows in sizes:
        print(f"{rows} rows, {COLUMNS} columns a request, AgentX: ours / empty handler "
              f"{ratio(rates['agentx', rows, 'table'], rates['empty', rows, 'table']):.2f}"
              f" ({rate('agentx', rows, 'table')}, {rate('empty', rows, 'table')})")
        print(f"{rows} rows, one column: standalone / AgentX "
              f"{ratio(rates['standalone', rows, 'bulk'], rates['agentx', rows, 'bulk']):.1f}"
              f" ({rate('standalone', rows, 'bulk')}, {rate('agentx', rows, 'bulk')}); "
              f"AgentX ours / empty handler "
              f"{ratio(rates['agentx', rows, 'bulk'], rates['empty', rows, 'bulk']):.2f}")
    for rows in sizes[1:]:
        for name in ("agentx", "standalone"):
            print(f"cost per varbind, {name}, {rows} rows / {sizes[0]} rows: "
                  f"{ratio(rates[name, sizes[0], 'table'], rates[name, rows, 'table']):.2f}")


if __name__ == "__main__":
    wanted = [int(word) for word in sys.argv[1:]] or [1000, 10000]
    report(wanted, measure(wanted))
