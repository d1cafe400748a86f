# SPDX-License-Identifier: BSD-2-Clause
"""Direct receivers under faults that take their time: loss on the way, processes killed
at random, storms.  Informs: everything acknowledged, in order.  Traps: everything handed
over at least once, in order.  Each test prints what happened."""
import os
import random
import signal
import subprocess
import sys
import time
import unittest

from direct import Stage
from lab import tool, wait_until

LOSS = """
add table inet lossy
add chain inet lossy in { type filter hook input priority 0; }
add rule inet lossy in udp dport 1-65535 numgen random mod 100 < 30 drop
"""


def table(title, **figures):
    print(title + ": " + ", ".join(f"{k} {v}" for k, v in figures.items()),
          file=sys.stderr)


def check_order(test, seen):
    """Each is the successor of the one before, or a repetition of an earlier one, from
    which on all come again."""
    newest = 0
    for before, now in zip([0] + seen, seen):
        test.assertTrue(now == before + 1 or now <= newest, (before, now))
        newest = max(newest, now)


class SlowNotifierTest(unittest.TestCase):
    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)

    def begin(self, *rows, prefix=()):
        self.stage.start_engine(*rows)
        self.stage.start_notifier(prefix)

    def check_informs(self, receiver, sequences):
        """While the notifier lives what comes twice comes in a row: nothing overtakes
        it.  Returns how many did."""
        self.assertEqual(receiver.distinct(), sequences)
        order = receiver.sequences()
        self.assertEqual(order, sorted(order))
        return len(order) - len(sequences)

    def test_loss_of_30_percent_delays_informs_and_loses_none(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(60)
        receiver.wait(sequences, 300)
        self.stage.wait_acknowledged("noc", sequences[-1])
        row = self.stage.states()["noc"]
        duplicates = self.check_informs(receiver, sequences)
        self.assertGreater(row["retries"], 5)
        table("30 % loss", events=60, duplicated=duplicates, lost=0,
              retries=row["retries"])

    def test_receiver_dead_for_a_minute_gets_everything_when_it_returns(self):
        receiver = self.stage.receiver(lambda m, r: [])
        other = self.stage.receiver()
        self.begin(self.stage.row("dead", receiver.port),
                   self.stage.row("other", other.port))
        sequences = self.stage.post(1000)
        other.wait(sequences)
        time.sleep(60)
        attempts = len(receiver.messages)
        self.assertLess(attempts, 14)
        receiver.policy = lambda m, r: [m.response()]
        receiver.wait(sequences, 60)
        duplicates = self.check_informs(receiver, sequences)
        self.assertEqual(other.sequences(), sequences)
        table("dead for 60 s", events=1000, duplicated=duplicates, lost=0)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, for a mount namespace")
    def test_name_that_changes_its_address_is_followed_and_loses_nothing(self):
        first = self.stage.receiver()
        second = self.stage.receiver(address="127.0.0.2", port=first.port)
        hosts = self.stage.path("hosts")

        def point(address):
            with open(hosts, "w", encoding="ascii") as f:
                f.write(f"127.0.0.1 localhost\n{address} noc.example.net\n")
        point("127.0.0.1")
        self.begin(
            self.stage.row("noc", first.port, address="noc.example.net"),
            prefix=(tool("unshare"), "-m", "sh", "-c",
                    f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh"))
        sequences = self.stage.post(5)
        first.wait(sequences)
        first.policy = lambda m, r: []
        moved = time.monotonic()
        point("127.0.0.2")
        sequences += self.stage.post(5)
        second.wait(sequences[5:], 120)
        took = time.monotonic() - moved
        self.stage.wait_acknowledged("noc", sequences[-1])
        self.assertEqual(second.sequences(), sequences[5:])
        table("another address", events=10, lost=0, seconds=round(took))

    def test_notifier_killed_at_random_loses_nothing(self):
        seed = int(os.environ.get("DMP_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        inform, trap = self.stage.receiver(), self.stage.receiver()
        self.begin(self.stage.row("inform", inform.port),
                   self.stage.row("trap", trap.port, kind=2))
        sequences = []
        for _ in range(40):
            sequences += self.stage.post(chance.randrange(1, 40))
            time.sleep(chance.random() * 0.4)
            self.stage.kill_notifier()
            self.stage.start_notifier()
        inform.wait(sequences, 60)
        trap.wait(sequences, 60)
        for receiver in (inform, trap):
            self.assertEqual(receiver.distinct(), sequences)
            check_order(self, receiver.sequences())
        table("notifier killed 40 times", events=len(sequences), lost=0,
              informs_duplicated=len(inform.sequences()) - len(sequences),
              traps_duplicated=len(trap.sequences()) - len(sequences))

    def test_storm_of_20000_events_is_acknowledged_in_order(self):
        inform = self.stage.receiver()
        slow = self.stage.receiver(lambda m, r: time.sleep(0.01) or [m.response()])
        self.begin(self.stage.row("inform", inform.port),
                   self.stage.row("slow", slow.port))
        begin = time.monotonic()
        sequences = self.stage.post(20000)
        inform.wait(sequences[-1:], 300)
        took = time.monotonic() - begin
        self.stage.wait_acknowledged("inform", sequences[-1])
        self.assertEqual(self.check_informs(inform, sequences), 0)
        self.assertEqual(slow.sequences(), sequences[:len(slow.sequences())])
        table("storm", events=20000, seconds=round(took, 1),
              per_second=round(20000 / took), slow_has=len(slow.sequences()))


class KilledDaemonTest(unittest.TestCase):
    """The whole daemon, any process of it killed at random; the supervisor, too."""

    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)

    def start(self):
        self.stage.start("dmportsd", [
            os.path.join(os.environ["DMP_BINARY_DIR"], "subagent", "dmportsd"), "-f",
            "-c", self.stage.path("site.xml"), "--state-dir", self.stage.path("state"),
            "--run-dir", self.stage.path("run"), "--agentx",
            f"unix:{self.stage.path('ax')}"], dict(os.environ))

    def kill(self, name):
        if name == "supervisor":
            process = self.stage.processes.pop("dmportsd")
            process.kill()
            process.wait()
            # Its children end by themselves; the lock tells when.
            time.sleep(0.3)
            self.start()
            return
        pid = self.stage.children().get(name)
        if pid:
            os.kill(pid, signal.SIGKILL)

    def test_every_process_killed_at_random_loses_no_inform(self):
        seed = int(os.environ.get("DMP_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}", file=sys.stderr)
        chance = random.Random(seed)
        receiver = self.stage.receiver()
        listeners = [self.stage.listener() for _ in range(10)]
        ports = "".join(
            f'<requirement key="p{i}" index="{10001 + i}" title="p{i}" transport="tcp" '
            f'port="{x.port}" to="device" level="required" probe="connect"/>'
            for i, x in enumerate(listeners))
        self.stage.write_site(
            '<policy interval="200ms" fast="100ms" fall="1" rise="1" depth="connect"/>'
            f'<host name="h" address="127.0.0.1" roles="device"/>{ports}'
            '<notify heartbeat="0"><receiver name="noc" address="127.0.0.1" '
            f'port="{receiver.port}" type="inform" community-file="community"/>'
            '</notify>')
        self.start()
        wait_until("the notifier", lambda: "notifier" in self.stage.children())
        killed = dict.fromkeys(("engine", "agent", "notifier", "supervisor"), 0)
        for turn in range(60):
            for listener in chance.sample(listeners, 3):
                if listener.socket:
                    listener.close()
                else:
                    listener.open()
            time.sleep(chance.random())
            name = chance.choice(list(killed))
            killed[name] += 1
            self.kill(name)
        wait_until("the end of it", self.settled, 60)
        events = [e["sequence"] for e in self.stage.events()]
        receiver.wait(events, 60)
        self.assertEqual(receiver.distinct(), events)
        order = receiver.sequences()
        check_order(self, order)
        table("killed at random", **killed, events=len(events), lost=0,
              duplicated=len(order) - len(events))

    def settled(self):
        before = len(self.stage.events())
        time.sleep(3)
        row = self.stage.states().get("noc", {})
        return (len(self.stage.events()) == before and row.get("state") == "ok" and
                row.get("pending") == 0)


def main():
    """The test with loss runs in a network namespace of its own."""
    name = "SlowNotifierTest.test_loss_of_30_percent_delays_informs_and_loses_none"
    if os.environ.get("DMP_LOSSY"):
        subprocess.run([tool("ip"), "link", "set", "lo", "up"], check=True)
        subprocess.run([tool("nft"), "-f", "-"], input=LOSS, text=True, check=True)
        unittest.main(argv=[sys.argv[0], name], verbosity=2)
    if len(sys.argv) > 1:
        unittest.main(verbosity=2)
    if os.geteuid() != 0:
        print("needs root, for a network namespace")
        sys.exit(77)
    lossy = subprocess.run(
        ["unshare", "-n", sys.executable, os.path.abspath(__file__)],
        env=dict(os.environ, DMP_LOSSY="1"), check=False)
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite(
        t for group in loader.loadTestsFromModule(sys.modules["__main__"])
        for t in group if not t.id().endswith(name))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    sys.exit(0 if result.wasSuccessful() and lossy.returncode == 0 else 1)


if __name__ == "__main__":
    main()
