#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The whole daemon, slowly: a master that hangs for long, and death at random under load.

DMP_SEED replays a run: the seed is printed.
"""
import os
import random
import signal
import string
import threading
import time
import unittest

from lab import wait_until
from test_daemon import POLICY, LabTest, host, requirement

KILLS = 50
PORTS = 10
VICTIMS = ("engine", "agent", "supervisor", "snmpd")


class Weather(threading.Thread):
    """Opens and closes the listeners at random until it is stopped."""

    def __init__(self, listeners, seed):
        super().__init__()
        self.listeners = listeners
        self.random = random.Random(seed)
        self.stopped = threading.Event()
        self.changes = 0

    def run(self):
        while not self.stopped.wait(self.random.uniform(0.05, 0.6)):
            listener = self.random.choice(self.listeners)
            if listener.socket:
                listener.close()
            else:
                listener.open()
            self.changes += 1


class SlowTest(LabTest):
    def test_snmpd_stopped_for_30_s_delays_no_probe_and_loses_nothing(self):
        self.stopped_snmpd(30)

    # --- death at random ---

    def kill(self, victim):
        """kill -9; what nobody else starts again is started here."""
        if victim in ("engine", "agent"):
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
        else:
            self.lab.start_snmpd(wait=False)

    def check_events(self, events):
        """Sequences without a gap; per port down and up in turns."""
        numbers = [e["sequence"] for e in events]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        raised = set()
        for event in events:
            key = event["key"]
            if event["type"] == "portDown":
                self.assertNotIn(key, raised, event)
                raised.add(key)
            elif event["type"] == "portUp":
                self.assertIn(key, raised, event)
                raised.remove(key)
        return raised

    def check_traps(self, events):
        """Each at least once, first comings in order, duplicates alike."""
        seen = {}
        for trap in self.lab.traps():
            if "dmpNotifySequence" not in trap:
                continue
            content = {k: v for k, v in trap.items() if k.startswith("dmp")}
            self.assertEqual(
                seen.setdefault(int(trap["dmpNotifySequence"]), content), content)
        self.assertEqual(set(seen), {e["sequence"] for e in events})
        self.assertEqual(list(seen), sorted(seen))
        for event in events:
            self.assertEqual(seen[event["sequence"]]["dmpNotifyKey"], event["key"])
        self.assertEqual(self.lab.traps_of("dmpEventsLost"), [])

    def test_kill_9_of_any_process_at_random_loses_nothing(self):
        seed = int(os.environ.get("DMP_SEED") or time.time_ns() % 1000000)
        print(f"DMP_SEED={seed}", flush=True)
        dice = random.Random(seed)
        listeners = [self.lab.listener() for _ in range(PORTS)]
        names = [f"svc-{letter}" for letter in string.ascii_lowercase[:PORTS]]
        self.lab.write_site(
            POLICY + host("h1", [(n, x.port) for n, x in zip(names, listeners)]) +
            "".join(requirement(n, 10001 + i) for i, n in enumerate(names)))
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        weather = Weather(listeners, seed)
        self.addCleanup(weather.join)
        self.addCleanup(weather.stopped.set)
        weather.start()
        victims = [VICTIMS[i % len(VICTIMS)] for i in range(KILLS)]
        dice.shuffle(victims)
        for victim in victims:
            time.sleep(dice.uniform(0.1, 3.0))
            self.kill(victim)
        weather.stopped.set()
        weather.join()

        truth = {f"h1/{n}": "up" if x.socket else "down"
                 for n, x in zip(names, listeners)}
        wait_until("the true state", lambda: truth == {
            k: r["state"] for k, r in self.lab.status().items()}, seconds=30)
        wait_until("the true table", lambda: truth == {
            k: r["State"] for k, r in self.lab.ports().items()}, seconds=60, step=0.5)
        wait_until("an end of what is pending", lambda: set(
            self.lab.table("dmpReceiverPending").values()) == {"0"}, seconds=60)
        events = self.lab.events()
        raised = self.check_events(events)
        self.assertEqual(raised, {k for k, s in truth.items() if s == "down"})
        wait_until("the last notification", lambda: any(
            t.get("dmpNotifySequence") == str(events[-1]["sequence"])
            for t in self.lab.traps()))
        self.check_traps(events)
        total = sum("dmpNotifySequence" in t for t in self.lab.traps())
        print(f"{weather.changes} changes of {PORTS} ports, {KILLS} kills: {len(events)} "
              f"events, {total - len(events)} of them twice", flush=True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
