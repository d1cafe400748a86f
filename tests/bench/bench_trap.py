#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""From closing a port to the notification at a real snmptrapd.

Prints the distribution of the delay and, as its baseline in the same run, how long
snmptrapd takes to log a notification sent by snmptrap: what is left is ours.
"""
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from lab import Lab, ROOT, tool, wait_until  # noqa: E402

ROUNDS = int(os.environ.get("DMP_ROUNDS", "20"))


def site(fall, interval, fast, port, notify):
    return (f'<policy interval="{interval}ms" fast="{fast}ms" timeout="500ms" fall="{fall}" '
            'rise="1" depth="connect" flap="0"/>'
            '<requirement key="svc" index="10001" title="Service" transport="tcp" port="1" '
            'to="device" level="required" probe="connect"/>'
            f'<host name="h1" address="127.0.0.1" roles="device">'
            f'<port requirement="svc" port="{port}"/></host>{notify}')


def show(name, delays_ms):
    delays_ms.sort()
    print(f"{name}: median {statistics.median(delays_ms):.0f} ms, "
          f"95 % {delays_ms[int(len(delays_ms) * 0.95)]:.0f} ms, "
          f"worst {delays_ms[-1]:.0f} ms ({len(delays_ms)} rounds)", flush=True)


def wait_count(lab, kind, count):
    wait_until(kind, lambda: len(lab.traps_of(kind)) >= count, step=0.002)


def baseline(lab):
    delays = []
    for i in range(ROUNDS):
        began = time.monotonic()
        subprocess.run([tool("snmptrap"), "-v2c", "-c", "public",
                        f"127.0.0.1:{lab.trap_port}", "1", ROOT + ".1.0.2"],
                       env=lab.environment(), check=True)
        wait_count(lab, "dmpPortUp", i + 1)
        delays.append((time.monotonic() - began) * 1000)
    show("baseline: snmptrap to the log of snmptrapd", delays)


def inform(lab):
    """Straight to snmptrapd, acknowledged, past snmpd."""
    with open(os.open(lab.path("community"), os.O_CREAT | os.O_WRONLY, 0o600), "w",
              encoding="ascii") as f:
        f.write("public\n")
    return ('<notify heartbeat="0"><receiver name="noc" type="inform" address="127.0.0.1" '
            f'port="{lab.trap_port}" community-file="community"/></notify>')


def measure(fall, interval, fast, by=None):
    """by gives the site's receivers; without, it is the AgentX master."""
    lab = Lab()
    try:
        listener = lab.listener()
        lab.start_snmptrapd()
        if not by and fall == 1:
            baseline(lab)
        lab.write_site(site(fall, interval, fast, listener.port, by(lab) if by else ""))
        lab.start_snmpd()
        lab.start_daemon()
        lab.wait_state("h1/svc", "up")
        lab.wait_trap("dmpStarted")
        ups = len(lab.traps_of("dmpPortUp"))
        delays = []
        for i in range(ROUNDS):
            time.sleep(interval / 1000 * (i % 7) / 7)
            began = time.monotonic()
            listener.close()
            wait_count(lab, "dmpPortDown", i + 1)
            delays.append((time.monotonic() - began) * 1000)
            listener.open()
            wait_count(lab, "dmpPortUp", ups + i + 1)
        show(f"fall={fall} interval={interval} ms fast={fast} ms, "
             f"{by.__name__ if by else 'AgentX'}", delays)
    finally:
        lab.close()


if __name__ == "__main__":
    measure(1, 1000, 250)
    measure(3, 1000, 250)
    measure(1, 1000, 250, inform)
    measure(3, 1000, 250, inform)
