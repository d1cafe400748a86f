# SPDX-License-Identifier: BSD-2-Clause
"""What every fault is judged by: the daemon with receivers of all kinds side by side, a
load that never ends, and what must hold afterwards.

The receivers are real snmptrapds: master (what snmpd passes on), i2 and i3 (informs of
version 2c and 3), t2 (traps).
"""
import os
import random
import re
import signal
import string
import threading

from direct import Stage
from lab import wait_until
from test_daemon import LabTest, host, requirement

PORTS = 10
INFORMS = ("i2", "i3")
RECEIVERS = ("master", *INFORMS, "t2")
AUTH, PRIV = "authentic-42", "private-4242"
# Flapping would take the place of what these tests count.
POLICY = ('<policy interval="300ms" fast="100ms" slow="1s" timeout="500ms" fall="2" '
          'rise="2" depth="connect" flap="0"/>')


class Weather(threading.Thread):
    """Opens and closes the listeners at random until it is stopped."""

    def __init__(self, listeners, seed, slowest=0.6):
        super().__init__()
        self.listeners = listeners
        self.random = random.Random(seed)
        self.slowest = slowest
        self.stopped = threading.Event()
        self.changes = 0

    def run(self):
        while not self.stopped.wait(self.random.uniform(0.05, self.slowest)):
            listener = self.random.choice(self.listeners)
            if listener.socket:
                listener.close()
            else:
                listener.open()
            self.changes += 1


class FaultTest(LabTest):
    def setUp(self):
        self.lab = Stage()
        self.addCleanup(self.finish)
        self.history = {}  # {sequence: event}: what the CLI ever told
        self.listeners = [self.lab.listener() for _ in range(PORTS)]
        self.names = [f"svc-{letter}" for letter in string.ascii_lowercase[:PORTS]]
        self.lab.secret("auth", AUTH)
        self.lab.secret("priv", PRIV)
        self.ports = {"master": self.lab.trap_port}

    # --- the laboratory ---

    def trapd(self, name):
        """Start this receiver, or start it again."""
        path = self.lab.path(name + ".engine")
        if not os.path.exists(path):
            with open(path, "w", encoding="ascii") as f:
                f.write(os.urandom(6).hex())
        with open(path, encoding="ascii") as f:
            engine = f.read()
        self.ports[name] = self.lab.start_trapd(
            f"engineID 0x80001f8804{engine}\n"
            f"createUser noc SHA-256 {AUTH} AES {PRIV}\nauthUser log noc priv\n",
            self.ports.get(name), name)

    def receiver(self, name, port=None):
        kind = "trap" if name.startswith("t") else "inform"
        how = ('version="3" user="noc" auth="SHA-256" auth-file="auth" priv="AES" '
               'priv-file="priv"' if name == "i3" else 'community-file="community"')
        return (f'<receiver name="{name}" address="127.0.0.1" type="{kind}" '
                f'port="{port or self.ports[name]}" {how}/>')

    def run_faults(self, more=""):
        for name in RECEIVERS:
            self.trapd(name)
        self.lab.write_site(
            POLICY + host("h1", [(n, x.port) for n, x in zip(
                self.names, self.listeners)]) +
            "".join(requirement(n, 10001 + i) for i, n in enumerate(self.names)) +
            '<notify heartbeat="0"><receiver name="master" type="agentx"/>' +
            "".join(self.receiver(n) for n in RECEIVERS[1:]) + more + "</notify>")
        self.lab.start_snmpd()
        self.lab.start_daemon()
        wait_until("all rows", lambda: set(
            s["state"] for s in self.lab.status().values()) == {"up"})

    def start_weather(self, seed=None, slowest=0.6):
        seed = seed or int(os.environ.get("DMP_SEED") or random.randrange(1000000))
        print(f"DMP_SEED={seed}", flush=True)
        weather = Weather(self.listeners, seed, slowest)
        self.addCleanup(weather.join)
        self.addCleanup(weather.stopped.set)
        weather.start()
        return weather

    def kill(self, victim):
        """kill -9; what nobody else starts again is started here."""
        if victim in ("engine", "agent", "notifier"):
            pid = wait_until(f"the {victim}", lambda: self.lab.children().get(victim))
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass # it ended by itself in this moment: its master was away
            return
        name = "dmportsd" if victim == "supervisor" else victim
        process = self.lab.processes.pop(name)
        process.kill()
        process.wait()
        if victim == "supervisor":
            self.lab.start_daemon(wait=False)
        elif victim == "snmpd":
            self.lab.start_snmpd(wait=False)

    # --- the truth afterwards ---

    def note_history(self):
        """Remember what is stored now: a database may be lost."""
        for event in self.lab.events():
            self.history[event["sequence"]] = event

    def settle(self, weather, seconds=90):
        """End the load, and wait until all is stored, shown and delivered."""
        weather.stopped.set()
        weather.join()
        truth = {f"h1/{n}": "up" if x.socket else "down"
                 for n, x in zip(self.names, self.listeners)}
        wait_until("the true state", lambda: truth == {
            k: r["state"] for k, r in self.lab.status().items()}, seconds=40)
        wait_until("the true table", lambda: truth == {
            k: r["State"] for k, r in self.lab.ports().items()}, seconds=60, step=0.5)
        wait_until("an end of what is pending", self.is_delivered, seconds, step=0.5)
        self.note_history()
        return {key for key, state in truth.items() if state == "down"}

    def is_delivered(self):
        rows = self.lab.states()
        last = self.lab.events()[-1]["sequence"]
        if self.lab.get("dmpLastEvent.0") != str(last):
            return False  # not all of it is stored yet
        return len(rows) >= len(RECEIVERS) and all(
            row["pending"] == 0 and (row["last_acknowledged"] or 0) >= last
            for row in rows.values())

    def check_stored(self, raised):
        """Sequences without a gap; per port down and up in turns."""
        numbers = sorted(self.history)
        self.assertEqual(
            numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        down = set()
        for _, event in sorted(self.history.items()):
            if event["type"] == "portDown":
                self.assertNotIn(event["key"], down, event)
                down.add(event["key"])
            elif event["type"] == "portUp":
                self.assertIn(event["key"], down, event)
                down.remove(event["key"])
        self.assertEqual(down, raised)

    def received(self, name):
        """[notification], each as {object: value}; what is no event included."""
        try:
            with open(self.lab.path(name + ".out"), encoding="utf-8") as f:
                lines = [x for x in f.read().splitlines() if x.startswith("TRAP")]
        except FileNotFoundError:
            return []
        return [{re.sub(r"\.0$", "", k): v.strip('"') for k, _, v in (
            item.partition(" = ") for item in line.split("\t")[1:])} for line in lines]

    def announced_lost(self, name):
        found = set()
        for trap in self.received(name):
            if trap.get("snmpTrapOID") == "dmpEventsLost":
                found |= set(range(int(trap["dmpNotifyLostFirst"]),
                                   int(trap["dmpNotifyLostLast"]) + 1))
        return found

    def check_receiver(self, fault, name, may_miss=False, wait=True):
        """Each at least once, first comings in order, duplicates alike, none made up;
        what is missing was announced."""
        if wait and not may_miss:
            wait_until(f"the last at {name}", lambda: any(
                t.get("dmpNotifySequence") == str(max(self.history))
                for t in self.received(name)))
        seen = {}
        total = 0
        for trap in self.received(name):
            if "dmpNotifySequence" not in trap:
                continue
            total += 1
            content = {k: v for k, v in trap.items() if k.startswith("dmp")}
            self.assertEqual(
                seen.setdefault(int(trap["dmpNotifySequence"]), content), content)
        self.report(fault, name, seen, total)
        self.assertEqual(list(seen), sorted(seen), name)
        self.assertLessEqual(set(seen), set(self.history), name)
        for sequence, content in seen.items():
            self.assertEqual(content["dmpNotifyKey"], self.history[sequence]["key"])
        if not may_miss:
            missing = set(self.history) - set(seen) - self.announced_lost(name)
            self.assertEqual(missing, set(), name)
        return seen

    def report(self, fault, name, seen, total):
        lost = self.announced_lost(name)
        if not hasattr(FaultTest, "headed"):
            FaultTest.headed = True
            print(f"| {'fault':44} | {'receiver':8} | made | delivered | duplicated | "
                  "said to be lost | missing |\n|---|---|--:|--:|--:|--:|--:|")
        missing = len(set(self.history) - set(seen) - lost)
        print(f"| {fault:44} | {name:8} | {len(self.history)} | {len(seen)} | "
              f"{total - len(seen)} | {len(lost)} | {missing} |", flush=True)

    def check_all(self, fault, raised, may_miss=()):
        """What must hold whatever happened, but for a lost database."""
        self.check_stored(raised)
        for name in RECEIVERS:
            self.check_receiver(fault, name, name in may_miss)
            self.assertEqual(self.announced_lost(name), set(), name)
