#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The whole daemon: start to a complete table, processor share, memory per row.

Many hosts in 127.0.0.0/8, each with 20 ports that a few listeners of ours answer.  The
baseline of the processor time is what a bare epoll loop needs for as many checks.

usage: DMP_BINARY_DIR=build bench_engine.py [start] [cpu] [memory ROWS...]
"""
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from lab import BINARY, Lab, wait_until  # noqa: E402

PORTS = 20
CPU_SECONDS = 60
START_ROUNDS = 7


def site(rows, interval, listeners):
    requirements = "".join(
        f'<requirement key="svc-{i}" index="{10001 + i}" title="Service {i}" '
        f'transport="tcp" port="{listener.port}" to="device" level="required" '
        'probe="connect"/>\n' for i, listener in enumerate(listeners))
    hosts = "".join(
        f'<host name="h{i}" address="127.{1 + i // 62500}.{i // 250 % 250}.{1 + i % 250}" '
        'roles="device"/>\n' for i in range(rows // PORTS))
    return (f'<policy interval="{interval}" timeout="3200ms" depth="connect"/>\n'
            + requirements + hosts)


class Daemon:
    """A daemon with so many rows, below a real snmpd."""

    def __init__(self, rows, interval):
        self.rows = rows
        self.lab = Lab()
        listeners = [self.lab.listener("0.0.0.0") for _ in range(PORTS)]
        for listener in listeners:  # on a busy machine some resets come late, and stay
            listener.socket.listen(4096)
        self.lab.write_site(site(rows, interval, listeners))
        self.lab.start_snmpd()

    def start(self):
        """Seconds until every row has been checked and is up."""
        began = time.monotonic()
        self.lab.start_daemon(wait=False)
        wait_until("all rows up", self.is_complete, seconds=120, step=0.01)
        return time.monotonic() - began

    def is_complete(self):
        try:
            states = self.states()
        except (json.JSONDecodeError, subprocess.TimeoutExpired):
            return False
        return len(states) == self.rows and set(states) == {"up"}

    def states(self):
        return [row["state"] for row in self.lab.status().values()]

    def processes(self):
        return {"supervisor": self.lab.processes["dmportsd"].pid, **self.lab.children()}

    def checks(self):
        return sum(row["checks"] for row in self.lab.status().values())


def cpu_seconds(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def pss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
        return int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))


def bare_checks_per_core_second():
    done = subprocess.run(
        [os.path.join(BINARY, "tests", "bench", "bench_probe"), "connect", "7", "5000"],
        stdout=subprocess.PIPE, text=True, check=True)
    return int(re.search(r"bare (\d+)", done.stdout).group(1))


def measure_start():
    seconds = []
    for _ in range(START_ROUNDS):
        daemon = Daemon(1000, "30s")
        try:
            seconds.append(daemon.start())
        finally:
            daemon.lab.close()
    seconds.sort()
    print(f"start to a complete table, 1000 ports on 50 addresses: median "
          f"{seconds[len(seconds) // 2]:.2f} s, worst {seconds[-1]:.2f} s "
          f"({START_ROUNDS} rounds)", flush=True)


def measure_cpu():
    daemon = Daemon(3000, "30s")
    try:
        daemon.start()
        time.sleep(5)
        pids = daemon.processes()
        checks = daemon.checks()
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        began = time.monotonic()
        time.sleep(CPU_SECONDS)
        elapsed = time.monotonic() - began
        used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
        checks = daemon.checks() - checks
    finally:
        daemon.lab.close()
    share = ", ".join(f"{name} {100 * s / elapsed:.2f} %" for name, s in used.items())
    per_check = used["engine"] / checks
    print(f"3000 ports every 30 s, one core: {share}; {checks} checks in {elapsed:.0f} s, "
          f"{per_check * 1e6:.0f} us each = "
          f"{per_check * bare_checks_per_core_second():.1f} x a busy bare epoll loop",
          flush=True)


def measure_memory(rows):
    daemon = Daemon(rows, "60s")
    try:
        daemon.start()
        time.sleep(5)
        pss = {name: pss_kib(pid) for name, pid in daemon.processes().items()}
    finally:
        daemon.lab.close()
    total = sum(pss.values())
    parts = ", ".join(f"{name} {kib / rows:.2f}" for name, kib in pss.items())
    print(f"memory (PSS) per row at {rows} rows: {total / rows:.2f} KiB ({parts}); "
          f"{total / 1024:.1f} MiB in all", flush=True)


def main(words):
    sizes = [int(word) for word in words if word.isdigit()]
    if not words or "start" in words:
        measure_start()
    if not words or "cpu" in words:
        measure_cpu()
    if not words or "memory" in words:
        for rows in sizes or [10000]:
            measure_memory(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
