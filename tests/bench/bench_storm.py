#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""20 000 ports that go down at once, below a daemon with receivers of all kinds.

Checks that a direct inform receiver acknowledged every event, in order, and that the
AgentX master was handed all of them; prints how long that took, what a GET cost
meanwhile beside a GET before, and how many checks were made in their time.  The rate of
the informs stands beside that of a bare exchange of the same datagram.

usage: DMP_BINARY_DIR=build bench_storm.py [ROWS]
"""
import json
import os
import select
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from direct import Receiver, Stage  # noqa: E402
from lab import wait_until  # noqa: E402
from test_daemon import requirement  # noqa: E402

PORTS = 20
INTERVAL_S = 10
POSTED = 20000


class Getter:
    """One GET after the other, with a pause; how long each took.  A process of its own:
    the threads of this one wait for each other, and that is not what is measured."""

    def __init__(self, port, request):
        self.lost = 0
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--get", str(port),
             request.hex()], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop(self):
        """The times, sorted, in milliseconds."""
        answer, _ = self.process.communicate(timeout=15)
        times, self.lost = json.loads(answer)
        return sorted(times)


def get_until_told(port, request):
    """What the getter does, until its standard input ends."""
    times, lost = [], 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("127.0.0.1", port))
        s.settimeout(10)
        while not select.select([sys.stdin], [], [], 0.01)[0]:
            began = time.monotonic()
            try:
                s.send(request)
                s.recv(65536)
                times.append((time.monotonic() - began) * 1000)
            except OSError:
                lost += 1
    print(json.dumps([times, lost]))


def get_request(oid):
    """A version 2c GET of this OID."""
    def tlv(tag, content):
        size = len(content)
        assert size < 128
        return bytes([tag, size]) + content

    body = bytes([oid[0] * 40 + oid[1]])
    for number in oid[2:]:
        septets = [number & 0x7f]
        while number := number >> 7:
            septets.append(number & 0x7f | 0x80)
        body += bytes(septets[::-1])
    bind = tlv(0x30, tlv(6, body) + b"\x05\x00")
    pdu = tlv(0xa0, b"\x02\x04\x01\x02\x03\x04\x02\x01\x00\x02\x01\x00" + tlv(0x30, bind))
    return tlv(0x30, b"\x02\x01\x01" + tlv(4, b"public") + pdu)


def show(name, times):
    print(f"{name}: median {times[len(times) // 2]:.1f} ms, "
          f"95 % {times[int(len(times) * 0.95)]:.1f} ms, worst {times[-1]:.1f} ms "
          f"({len(times)})", flush=True)
    return times[len(times) // 2]


def bare_rate(datagram, rounds=3000):
    """Exchanges per second of the same inform with the same receiver, one at a time."""
    receiver = Receiver()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", receiver.port))
            began = time.monotonic()
            for _ in range(rounds):
                s.send(datagram)
                s.recv(65536)
            return rounds / (time.monotonic() - began)
    finally:
        receiver.close()


def write_site(lab, rows, listeners, port):
    hosts = "".join(
        f'<host name="h{i}" address="127.{1 + i // 62500}.{i // 250 % 250}.{1 + i % 250}" '
        'roles="device"/>\n' for i in range(rows // PORTS))
    requirements = "".join(
        requirement(f"svc-{i}", 10001 + i).replace('port="1"', f'port="{x.port}"')
        for i, x in enumerate(listeners))
    lab.write_site(
        f'<policy interval="{INTERVAL_S}s" fast="1s" slow="{INTERVAL_S}s" '
        'timeout="3200ms" fall="1" rise="1" depth="connect"/>\n' + requirements + hosts +
        '<notify heartbeat="0"><receiver name="master" type="agentx"/>'
        '<receiver name="noc" type="inform" address="127.0.0.1" '
        f'port="{port}" community-file="community"/></notify>')


def checks(lab):
    return sum(row["checks"] for row in lab.status().values())


def measure(lab, rows):
    receiver = lab.receiver()
    listeners = [lab.listener("0.0.0.0") for _ in range(PORTS)]
    for listener in listeners:
        listener.socket.listen(4096)
    write_site(lab, rows, listeners, receiver.port)
    lab.start_snmpd()
    lab.start_daemon()
    wait_until("all rows up", lambda: (lambda s: len(s) == rows and {"up"} == {
        row["state"] for row in s.values()})(lab.status()), 120, 0.5)
    wait_until("what came before", receiver.sequences)
    # dmpLastEvent, from the agent and not from snmpd itself.
    oid = next(o for o, _ in lab.walk("dmpLastEvent"))
    request = get_request([int(x) for x in oid.strip(".").split(".")])
    getter = Getter(lab.snmp_port, request)
    first, began = checks(lab), time.monotonic()
    time.sleep(INTERVAL_S)
    usual = (checks(lab) - first) / (time.monotonic() - began)
    idle = show("GET before", getter.stop())

    before = receiver.sequences()[-1]
    getter = Getter(lab.snmp_port, request)
    first, began = checks(lab), time.monotonic()
    for listener in listeners:
        listener.close()
    wanted = before + rows
    wait_until("the informs", lambda: receiver.messages[-1].sequence == wanted,
               300, 0.05)
    elapsed = time.monotonic() - began
    meanwhile = (checks(lab) - first) / (time.monotonic() - began)
    delivered = receiver.sequences()
    assert delivered == list(range(1, wanted + 1)), "not each once and in order"
    wait_until("the acknowledgements", lambda: lab.states()["noc"]["pending"] == 0)
    assert lab.states()["noc"]["acknowledged"] == wanted
    storm = [t for t, m in zip(receiver.times, receiver.messages) if m.sequence > before]
    rate = rows / (storm[-1] - storm[0])
    print(f"{rows} ports down: all {rows} events acknowledged in order, the last "
          f"{elapsed:.1f} s after the ports closed (interval {INTERVAL_S} s); "
          f"checks meanwhile / before: {meanwhile / usual:.2f} ({meanwhile:.0f}/s)")
    storm_get = show("GET in the storm", getter.stop())
    print(f"GET in the storm / before: {storm_get / idle:.2f}; {getter.lost} unanswered",
          flush=True)
    getter = Getter(lab.snmp_port, request)
    wait_until("the master", lambda: lab.states()["master"]["last_acknowledged"] ==
               wanted, 600, 0.5)
    row = lab.states()["master"]
    handed = time.monotonic() - began
    assert row["pending"] == 0 and row["acknowledged"] >= wanted
    print(f"AgentX: all {row['acknowledged']} handed over after {handed:.1f} s, "
          f"{row['acknowledged'] / handed:.0f}/s (limit 200/s), "
          f"{row['retries']} again")
    show("GET while they are handed over", getter.stop())
    print(f"informs while the ports go down: {rate:.0f}/s", flush=True)


def measure_backlog():
    """As many events posted at once by a stand-in for the engine: only the notifier and
    the receiver limit."""
    stage = Stage()
    try:
        receiver = stage.receiver()
        stage.start_engine(stage.row("noc", receiver.port))
        stage.start_notifier()
        stage.wait_state("noc", "ok")
        sequences = stage.post(POSTED)
        wait_until("the informs", lambda: receiver.messages and
                   receiver.messages[-1].sequence == sequences[-1], 300)
        assert receiver.sequences() == sequences, "not each once and in order"
        rate = POSTED / (receiver.times[-1] - receiver.times[0])
        bare = bare_rate(receiver.messages[-1].data)
    finally:
        stage.close()
    print(f"{POSTED} events posted at once: all acknowledged, in order, {rate:.0f} "
          f"informs/s / bare exchange {bare:.0f}/s = {rate / bare:.2f}", flush=True)


def main(words):
    if words[:1] == ["--get"]:
        get_until_told(int(words[1]), bytes.fromhex(words[2]))
        return
    measure_backlog()
    lab = Stage()
    try:
        measure(lab, int(words[0]) if words else 20000)
    finally:
        lab.close()


if __name__ == "__main__":
    main(sys.argv[1:])
