# SPDX-License-Identifier: BSD-2-Clause
"""The notifier without the daemon around it: a stand-in for the engine that makes events
on demand, and receivers of our own that answer as a test wants."""
import os
import socket
import subprocess
import threading
import time

from lab import BINARY, SOURCE, Lab, free_port, tool, wait_until

INFORM, TRAP, RESPONSE = 0xa6, 0xa7, 0xa2


def read_tlv(data, at):
    """(tag, first byte of the content, first byte behind it)."""
    tag, length = data[at], data[at + 1]
    at += 2
    if length & 0x80:
        n = length & 0x7f
        length = int.from_bytes(data[at:at + n], "big")
        at += n
    return tag, at, at + length


class Message:
    """A version 2c notification."""

    def __init__(self, data):
        self.data = data
        _, at, _ = read_tlv(data, 0)
        _, _, at = read_tlv(data, at)
        _, start, end = read_tlv(data, at)
        self.community = data[start:end]
        self.pdu_at = end
        self.tag, at, _ = read_tlv(data, end)
        _, start, at = read_tlv(data, at)
        self.request_id = int.from_bytes(data[start:at], "big", signed=True)
        _, self.error_at, at = read_tlv(data, at)
        _, _, at = read_tlv(data, at)
        _, at, end = read_tlv(data, at)
        self.objects = []
        while at < end:
            _, inner, at = read_tlv(data, at)
            _, start, stop = read_tlv(data, inner)
            kind, first, last = read_tlv(data, stop)
            self.objects.append((data[start:stop], kind, data[first:last]))

    def response(self, error=0):
        answer = bytearray(self.data)
        answer[self.pdu_at] = RESPONSE
        answer[self.error_at] = error
        return bytes(answer)

    @property
    def type(self):
        """The number of the notification."""
        return self.objects[1][2][-1]

    @property
    def sequence(self):
        """Of an event; None for what is none."""
        if self.type in (18, 19):
            return None
        return int.from_bytes(self.objects[2][2], "big")


class Receiver:
    """Listens on a port of its own; policy(message, receiver) gives the datagrams to
    answer with."""

    def __init__(self, policy=lambda m, r: [m.response()], address="127.0.0.1", port=0):
        self.policy = policy
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((address, port))
        self.port = self.socket.getsockname()[1]
        self.messages = []
        self.times = []
        self.sources = set()
        self.peer = None  # who has sent last
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                data, source = self.socket.recvfrom(65536)
            except OSError:
                return
            if not data:
                return
            message = Message(data)
            self.times.append(time.monotonic())
            self.sources.add(source[0])
            self.peer = source
            self.messages.append(message)
            if message.tag == INFORM:
                for answer in self.policy(message, self):
                    self.socket.sendto(answer, source)

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(5)
        self.socket.close()

    def sequences(self):
        return [m.sequence for m in self.messages if m.sequence]

    def distinct(self):
        """The sequences in the order in which they came first."""
        return list(dict.fromkeys(self.sequences()))

    def wait(self, sequences, seconds=20):
        wait_until(f"sequences {sequences[0]}..{sequences[-1]}",
                   lambda: set(sequences) <= set(self.sequences()), seconds)


class Stage(Lab):
    """A lab in which the engine is a stand-in and the notifier runs alone."""

    def __init__(self):
        super().__init__()
        os.mkdir(self.path("state"))
        os.mkdir(self.path("run"))
        self.engine = None
        self.receivers = []
        self.secret("community", "public")

    def close(self):
        try:
            self.stop("notifier")
        finally:
            self.stop_engine()
            for receiver in self.receivers:
                receiver.close()
            super().close()

    def secret(self, name, text, mode=0o600):
        path = self.path(name)
        fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        os.write(fd, text.encode() + b"\n")
        os.close(fd)
        os.chmod(path, mode)
        return path

    def receiver(self, *arguments, **options):
        receiver = Receiver(*arguments, **options)
        self.receivers.append(receiver)
        return receiver

    def row(self, name, port, kind=3, **fields):
        """A receiver on the board: kind 2 trap, 3 inform."""
        values = dict(name=name, kind=kind, address="127.0.0.1", port=port,
                      community=self.path("community"))
        values.update({key.replace("_", "-"): value for key, value in fields.items()})
        return "receiver=" + ";".join(f"{k}={v}" for k, v in values.items())

    def start_engine(self, *options):
        self.engine = subprocess.Popen(
            [os.path.join(BINARY, "tests", "integration", "agentx_engine"),
             self.path("state"), self.path("run"), *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        assert self.engine.stdout.readline().startswith("ready")

    def stop_engine(self):
        if self.engine:
            self.engine.stdin.close()
            self.engine.wait(30)
            self.engine.stdout.close()
            self.engine = None

    def tell(self, line):
        self.engine.stdin.write(line + "\n")
        self.engine.stdin.flush()
        return self.engine.stdout.readline().strip()

    def post(self, n):
        """The sequences of n new events."""
        _, first, last = self.tell(f"post {n}").split()
        return list(range(int(first), int(last) + 1))

    def start_notifier(self, prefix=()):
        return self.start("notifier", [
            *prefix, os.path.join(BINARY, "tests", "integration", "agentx_agent"),
            self.path("state"), self.path("run"), self.path("site.xml"), "notifier",
            "-"], dict(os.environ, LSAN_OPTIONS="suppressions=" + os.path.join(
                SOURCE, "tests", "integration", "netsnmp.lsan")))

    def kill_notifier(self):
        process = self.processes.pop("notifier")
        process.kill()
        process.wait()

    def states(self):
        """{receiver: row of trap status}."""
        import json
        answer = self.dmports("trap", "status", "--run-dir", self.path("run"),
                              "--format", "json")
        return {row["receiver"]: row for row in json.loads(answer.stdout or "[]")}

    def wait_state(self, name, state, seconds=20, detail="", pending=None):
        def reached():
            row = self.states().get(name, {})
            fits = (row.get("state") == state and detail in row["detail"] and
                    (pending is None or row["pending"] == pending))
            return row if fits else None
        try:
            return wait_until(f"{name} {state} {detail}", reached, seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.states().get(name)}") from None

    def wait_acknowledged(self, name, sequence):
        wait_until(f"{name} has acknowledged {sequence}", lambda: self.states().get(
            name, {}).get("last_acknowledged") == sequence)

    def start_trapd(self, lines="", port=None, name="snmptrapd"):
        """A real snmptrapd; returns its port."""
        port = port or free_port()
        with open(self.path(name + ".conf"), "w", encoding="ascii") as f:
            f.write(f"snmpTrapdAddr udp:127.0.0.1:{port}\nauthCommunity log public\n"
                    f"format2 TRAP\\t%v\\n\n{lines}")
        persistent = self.path(name + ".p")
        os.makedirs(persistent, exist_ok=True)
        environment = dict(self.environment(), SNMP_PERSISTENT_DIR=persistent,
                           SNMPCONFPATH=persistent)
        environment.update(self.mib_environment())
        self.start(name, [tool("snmptrapd"), "-A", "-f", "-n", "-OQes", "-Lf",
                          self.path(name + ".out"), "-C", "-c",
                          self.path(name + ".conf")], environment)

        def bound():
            with open("/proc/net/udp", encoding="ascii") as f:
                return f":{port:04X} " in f.read()
        wait_until(name, bound)
        return port
