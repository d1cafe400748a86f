#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""SNMPv3 discovery against a real snmpd and a real snmptrapd on loopback ports.

Exit code 77 = skipped, because Net-SNMP is not installed.

usage: test_snmp_peers.py PROBE_REASONS
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PROBE = sys.argv[1]
READY_S = 10


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def probe(kind, port):
    line = subprocess.run([PROBE, "udp", "127.0.0.1", str(port), "1000", kind],
                          check=True, capture_output=True, text=True).stdout
    return line.rstrip("\n").split("\t")


def start(folder, program, options, conf):
    path = os.path.join(folder, program + ".conf")
    with open(path, "w", encoding="ascii") as f:
        f.write(conf)
    persistent = os.path.join(folder, program)
    os.mkdir(persistent)
    environment = dict(os.environ, SNMP_PERSISTENT_DIR=persistent,
                       SNMPCONFPATH=persistent, MIBS="")
    log = os.path.join(folder, program + ".log")
    return subprocess.Popen(
        [program, "-f", "-Lf", log, "-C", "-c", path,
         "-p", os.path.join(folder, program + ".pid"), *options],
        env=environment, stdin=subprocess.DEVNULL)


def until_it_answers(kind, port):
    """The daemon binds its port a moment after it was started: refused until then."""
    end = time.monotonic() + READY_S
    while True:
        answer = probe(kind, port)
        if answer[0] != "refused" or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def check(folder, children):
    agent, receiver = free_port(), free_port()
    children.append(start(
        folder, "snmpd",
        ["-r", "-I", "snmp_mib,usmConf,usmStats,usmUser,vacm_conf,vacm_vars"],
        f"agentAddress udp:127.0.0.1:{agent}\nrocommunity public 127.0.0.1\n"))
    children.append(start(
        folder, "snmptrapd", ["-n"],
        f"snmpTrapdAddr udp:127.0.0.1:{receiver}\nauthCommunity log public\n"))
    failed = 0
    for kind, port in (("snmp", agent), ("snmp-trap", receiver)):
        reason, _, detail, identity = until_it_answers(kind, port)
        good = (reason == "answered" and "Net-SNMP (8072)" in identity
                and identity.startswith("SNMPv3 engine 80001f88"))
        failed += not good
        print("ok   " if good else "FAIL ", kind, reason, detail, identity)
    log = os.path.join(folder, "snmptrapd.log")
    before = os.path.getsize(log)
    for _ in range(5):
        failed += probe("snmp-trap", receiver)[0] != "answered"
    grown = os.path.getsize(log) - before
    failed += grown != 0
    print("FAIL " if grown else "ok   ", f"five probes add {grown} bytes to the log")
    return 1 if failed else 0


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if not shutil.which("snmpd") or not shutil.which("snmptrapd"):
        print("snmpd or snmptrapd is not installed: sh tests/run.sh installs them")
        return 1
    children = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            return check(folder, children)
        finally:
            for child in children:
                child.terminate()
                child.wait()


if __name__ == "__main__":
    sys.exit(main())
