#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The agent process alone, below a real snmpd: a small program stands in for the engine.

What is asked for: every row through the master, and every event handed over at least
once, whatever happens to the master, the engine or the agent.
"""
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time
import unittest

from lab import BINARY, ROOT, Lab, tool, wait_until

RESTART = 75
OBJECTS = ROOT + ".1.1"
TYPES = {"2": "INTEGER", "4": "STRING", "65": "Counter32", "66": "Gauge32"}
SLOW = os.environ.get("DMP_SLOW_TESTS") == "1"

# Objects that differ between two moments, or that only the agent knows: ages, the
# engine's state as the agent sees it, the receivers.
MOVING = re.compile(r"^(1\.[67]\.|2\.(14|20)\.|4\.1\.10\.|5\.1\.(26|28)\.|6\.1\.11\.|8\.)")


class Engine:
    """The stand-in: obeys one line at a time."""

    def __init__(self, lab, *options):
        self.process = subprocess.Popen(
            [os.path.join(BINARY, "tests", "integration", "agentx_engine"),
             lab.path("state"), lab.path("run"), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.epoch = int(self.read().split()[1])

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the stand-in for the engine has died")
        return line.rstrip("\n")

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        return self.read()

    def post(self, count):
        """Returns the sequences."""
        _, first, last = self.ask(f"post {count}").split()
        return list(range(int(first), int(last) + 1))

    def expect(self):
        """{OID below dmpObjects: (type, value)}."""
        rows = {}
        line = self.ask("expect")
        while line != ".":
            oid, kind, value = (line.split(" ", 2) + [""])[:3]
            rows[oid] = (TYPES[kind], value)
            line = self.read()
        return rows

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(10)
            self.process.stdout.close()


class Agent:
    """The process, started afresh when it asks for that, as its supervisor would."""

    def __init__(self, lab, kind="agentx", address=None):
        self.lab = lab
        self.arguments = [
            os.path.join(BINARY, "tests", "integration", "agentx_agent"),
            lab.path("state"), lab.path("run"), lab.path("site.xml"), kind,
            address or f"unix:{lab.path('ax')}"]
        self.restarts = 0
        self.is_wanted = True
        self.lock = threading.Lock()
        self.spawn()
        self.keeper = threading.Thread(target=self.keep, daemon=True)
        self.keeper.start()

    def spawn(self):
        folder = os.path.dirname(os.path.abspath(__file__))
        self.process = self.lab.start("agent", self.arguments, dict(
            os.environ, LSAN_OPTIONS=f"suppressions={folder}/netsnmp.lsan:"
            "print_suppressions=0"))

    def keep(self):
        while self.is_wanted:
            with self.lock:
                if self.is_wanted and self.process.poll() == RESTART:
                    self.restarts += 1
                    self.spawn()
            time.sleep(0.02)

    def kill_and_start(self):
        with self.lock:
            self.process.kill()
            self.process.wait()
            self.spawn()

    def stop(self):
        """Returns the exit status."""
        self.is_wanted = False
        self.keeper.join()
        return self.lab.stop("agent")


class FakeMaster:
    """The master's side of AgentX (RFC 2741), as far as a subagent asks for it."""

    OPEN, REGISTER, NOTIFY, PING, RESPONSE = 1, 3, 12, 13, 18
    PROCESSING_ERROR = 268

    def __init__(self, path, refuse=0, mute=False, ignore_register=0, hang_up=0):
        self.refuse = refuse
        self.mute = mute
        self.ignore_register = ignore_register
        self.hang_up = hang_up
        self.notified = []
        self.first_names = []
        self.client = None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(path)
        self.listener.listen(5)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                self.client, _ = self.listener.accept()
            except OSError:
                return
            if self.hang_up > 0:
                self.hang_up -= 1
            else:
                try:
                    self.serve(self.client)
                except (OSError, EOFError):
                    pass
            self.client.close()

    def drop(self):
        self.client.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        if self.client:
            self.client.close()
        self.thread.join(5)

    @staticmethod
    def read(client, size):
        data = b""
        while len(data) < size:
            chunk = client.recv(size - len(data))
            if not chunk:
                raise EOFError
            data += chunk
        return data

    def serve(self, client):
        while True:
            header = self.read(client, 20)
            order = ">" if header[2] & 0x10 else "<"
            session, transaction, packet, size = struct.unpack(order + "4I", header[4:])
            payload = self.read(client, size)
            error = self.answer(header[1], payload, order)
            if error is None:
                continue
            client.sendall(struct.pack(
                order + "4B5I2H", 1, self.RESPONSE, header[2] & 0x10, 0,
                session or 77, transaction, packet, 8, 0, error, 0))

    def answer(self, kind, payload, order):
        """The error, None for silence."""
        if kind == self.REGISTER and self.ignore_register > 0:
            self.ignore_register -= 1
            return None
        if kind != self.NOTIFY:
            return 0
        varbinds = self.parse(payload, order)
        if not self.first_names:
            self.first_names.append(varbinds[0][0])
        self.notified.append((varbinds[1][1], time.monotonic()))
        if self.mute:
            return None
        if self.refuse > 0:
            self.refuse -= 1
            return self.PROCESSING_ERROR
        return 0

    @staticmethod
    def parse_oid(data, offset, order):
        count, prefix = data[offset], data[offset + 1]
        numbers = struct.unpack_from(f"{order}{count}I", data, offset + 4)
        if prefix:
            numbers = (1, 3, 6, 1, prefix) + numbers
        return ".".join(map(str, numbers)), offset + 4 + 4 * count

    def parse(self, data, order):
        """[(name, value)] of the first two varbinds: an OID and a number."""
        found = []
        offset = 0
        for _ in range(2):
            (kind,) = struct.unpack_from(order + "H", data, offset)
            name, offset = self.parse_oid(data, offset + 4, order)
            if kind == 6:
                value, offset = self.parse_oid(data, offset, order)
            else:
                (value,) = struct.unpack_from(order + "I", data, offset)
                offset += 4
            found.append((name, value))
        return found


class Base(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        os.mkdir(self.lab.path("state"))
        os.mkdir(self.lab.path("run"))
        self.engine = None
        self.agent = None
        self.addCleanup(self.finish)

    def finish(self):
        if self.agent:
            self.agent.stop()
        if self.engine:
            self.engine.close()
        log = self.lab.log("agent")
        if os.environ.get("DMP_TEST_VERBOSE"):
            print(log)
        self.lab.close()
        for word in ("AddressSanitizer", "runtime error:", "LeakSanitizer"):
            self.assertNotIn(word, log, log)

    def start_engine(self, *options):
        self.engine = Engine(self.lab, *options)
        return self.engine

    def start_all(self, *options, snmpd=""):
        self.start_engine(*options)
        self.lab.start_snmptrapd()
        self.lab.start_snmpd(snmpd)
        self.agent = Agent(self.lab)
        self.wait_served()

    def wait_served(self, seconds=20):
        wait_until("dmpSiteName", lambda: self.site_name() == "North", seconds)

    def site_name(self):
        return self.lab.get(OBJECTS + ".1.2.0", timeout=0.5)

    def walk_typed(self, program, *options):
        """{OID below dmpObjects: (type, value)}, as the manager sees them."""
        environment = self.lab.environment()
        answer = subprocess.run(
            [tool(program), "-v2c", "-c", "public", "-On", "-Oe", "-OU", "-t", "5", "-r", "0",
             *options, self.lab.agent(), OBJECTS],
            env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
        rows = {}
        for line in answer.stdout.splitlines():
            name, _, rest = line.partition(" = ")
            kind, _, value = rest.partition(": ")
            if rest == '""':
                kind, value = "STRING", ""
            rows[name[len(OBJECTS) + 1:]] = (kind, value.strip('"'))
        return rows

    def sequences(self):
        """The sequences of the events that arrived, in their order, with repeats."""
        return [int(t["dmpNotifySequence"]) for t in self.lab.traps()
                if "dmpNotifySequence" in t]

    def wait_sequences(self, wanted, seconds=60):
        wait_until(f"{len(wanted)} events", lambda: set(wanted) <= set(self.sequences()),
                   seconds, step=0.2)
        self.assertEqual(set(self.sequences()), set(wanted))

    def assert_repeats_are_equal(self):
        seen = {}
        for trap in self.lab.traps():
            fields = {name: value for name, value in trap.items()
                      if name.startswith("dmp") or name == "type"}
            sequence = fields.get("dmpNotifySequence")
            if sequence:
                self.assertEqual(seen.setdefault(sequence, fields), fields)

    def stored_cursor(self):
        database = sqlite3.connect(f"file:{self.lab.path('state', 'agent.db')}?mode=ro",
                                   uri=True)
        try:
            return (database.execute("SELECT cursor FROM receiver").fetchone() or [0])[0]
        finally:
            database.close()

    def receiver(self, column):
        return int(self.lab.snmp("snmpget", "-OqveU", self.lab.agent(), OBJECTS +
                                 f".8.1.{column}.7").stdout or -1)


class Requests:
    """What holds below a master and in an agent of its own."""

    def assert_walk(self, walked):
        expected = self.engine.expect()
        stable = {o: v for o, v in expected.items() if not MOVING.match(o)}
        self.assertEqual({o: v for o, v in walked.items() if not MOVING.match(o)}, stable)
        self.assertEqual([o for o in walked if not o.startswith("8.")],
                         [o for o in expected if not o.startswith("8.")])
        self.assertGreater(len(stable), 200)

    def test_walk_equals_the_tables(self):
        self.start_all()
        self.engine.post(3)
        wait_until("the events", lambda: len(self.lab.walk(OBJECTS + ".7.1.2")) == 3)
        self.assert_walk(self.walk_typed("snmpwalk"))
        self.assert_walk(self.walk_typed("snmpbulkwalk", "-Cr25"))

    def test_get_answers_each_object_of_one_request_by_itself(self):
        self.start_all()
        answer = self.lab.snmp(
            "snmpget", "-OneU", self.lab.agent(), OBJECTS + ".5.1.2.4",
            OBJECTS + ".5.1.2.5", OBJECTS + ".5.1.99.4", OBJECTS + ".5.1.23.4",
            OBJECTS + ".5.1.29.4")
        lines = [line.partition(" = ")[2] for line in answer.stdout.splitlines()]
        self.assertEqual(lines, [
            "STRING: dma1/test-1", "No Such Instance currently exists at this OID",
            "No Such Object available on this agent at this OID", "Counter32: 4000000001",
            "INTEGER: -3"])

    def test_getbulk_of_several_columns_goes_row_by_row(self):
        self.start_all()
        answer = self.lab.snmp(
            "snmpbulkget", "-Onq", "-Cn0", "-Cr3", self.lab.agent(),
            OBJECTS + ".5.1.2", OBJECTS + ".5.1.9")
        names = [line.split()[0][len(OBJECTS) + 1:] for line in answer.stdout.splitlines()]
        self.assertEqual(names, ["5.1.2.1", "5.1.9.1", "5.1.2.4", "5.1.9.4", "5.1.2.7",
                                 "5.1.9.7"])

    def test_capability_is_announced(self):
        self.start_all()
        answer = self.lab.snmp("snmpwalk", "-Onq", self.lab.agent(), ".1.3.6.1.2.1.1.9.1.3")
        self.assertIn("DataMiner", answer.stdout)

    def test_dead_engine_leaves_the_last_board_and_says_stopped(self):
        self.start_all()
        self.engine.kill()
        wait_until("stopped", lambda: self.lab.get("dmpEngineState.0") == "stopped")
        self.assertEqual(self.lab.get(OBJECTS + ".5.1.2.4"), "dma1/test-1")


class AgentxTest(Requests, Base):
    def test_set_is_refused_as_not_writable(self):
        self.start_all(snmpd="rwcommunity private 127.0.0.1\n")
        answer = subprocess.run(
            [tool("snmpset"), "-v2c", "-c", "private", self.lab.agent(),
             OBJECTS + ".1.11.0", "i", "2"], env=self.lab.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertIn("notWritable", answer.stdout)

    def test_context_of_the_site_is_served_and_comes_back_with_the_master(self):
        conf = ("com2sec -Cn north ctx 127.0.0.1 northern\ngroup ctx v2c ctx\n"
                "view all included .1\naccess ctx north any noauth exact all none none\n")
        self.start_engine("context=north")
        self.lab.start_snmptrapd()
        self.lab.start_snmpd(conf)
        self.agent = Agent(self.lab)

        def served():
            return "North" in self.lab.snmp("snmpget", "-c", "northern", "-Oqv",
                                            self.lab.agent(), OBJECTS + ".1.2.0").stdout
        wait_until("the context", served)
        self.assertIsNone(self.site_name())
        self.lab.stop("snmpd", signal.SIGKILL)
        self.lab.start_snmpd(conf)
        wait_until("the context", served)
        self.wait_sequences(self.engine.post(1))

    # --- the board and the engine ---

    def test_board_that_comes_late_is_served(self):
        self.lab.start_snmpd()
        self.agent = Agent(self.lab)
        time.sleep(0.5)
        self.assertIsNone(self.agent.process.poll())
        self.start_engine()
        self.wait_served()

    def test_new_root_is_served_by_a_fresh_process(self):
        self.start_all()
        self.assertEqual(self.engine.ask("publish root=1.3.6.1.4.1.8072.9999.9999.7742"),
                         "ok")
        other = ROOT[:-4] + "7742.1.1.1.2.0"
        wait_until("the new root", lambda: self.lab.get(other, timeout=0.5) == "North")
        self.assertIsNone(self.site_name())
        self.assertEqual(self.agent.restarts, 1)

    def test_new_board_is_served_without_a_restart(self):
        self.start_all()
        self.engine.ask("publish ports=6")
        wait_until("the sixth row", lambda: self.lab.get(
            OBJECTS + ".5.1.2.16") == "dma1/test-5")
        self.assertEqual(self.agent.restarts, 0)

    def test_events_of_the_next_engine_arrive(self):
        self.start_all()
        sequences = self.engine.post(2)
        self.wait_sequences(sequences)
        self.engine.kill()
        self.start_engine()
        sequences += self.engine.post(2)
        wait_until("the later events", lambda: set(self.sequences()) >= set(sequences))
        self.assertEqual(self.agent.restarts, 0)

    # --- notifications ---

    def test_notification_carries_the_columns_of_the_event_table(self):
        self.start_all()
        (sequence,) = self.engine.post(1)
        (trap,) = self.lab.wait_trap("dmpPortDown")
        columns = ["Sequence", "Source", "Key", "Message", "State", "PreviousState",
                   "Severity", "Reason", "Level", "HostName", "Address", "Service",
                   "Transport", "Port", "PortIndex", "Time", "StateText", "SeverityText",
                   "ReasonText"]
        names = [name for name in trap if name.startswith("dmp")]
        self.assertEqual(names, ["dmpNotify" + name for name in columns])
        for k, name in enumerate(columns, 1):
            served = self.lab.snmp("snmpget", "-OQv", self.lab.agent(),
                                   f"dmpEventTable.1.{k + 1}.{sequence}").stdout.strip()
            self.assertEqual(trap["dmpNotify" + name], served.strip('"'), name)

    def test_first_start_begins_with_the_present_epoch(self):
        self.start_engine()
        self.engine.post(3)
        self.engine.close()
        self.start_all()
        wanted = self.engine.post(2)
        self.wait_sequences(wanted)

    def test_problem_table_follows_the_events(self):
        self.start_engine()
        self.engine.post(1)
        self.start_all_but_engine()
        self.engine.post(2)
        wait_until("three problems", lambda: self.lab.table("dmpProblemKey") and
                   len(self.lab.table("dmpProblemKey")) == 3)

    def start_all_but_engine(self):
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.agent = Agent(self.lab)
        self.wait_served()

    def test_heartbeat_comes_while_nothing_is_pending(self):
        self.start_all("heartbeat=300")
        sequences = self.engine.post(1)
        self.wait_sequences(sequences)
        beats = self.lab.wait_trap("dmpHeartbeat", count=3)
        self.assertEqual([name for name in beats[0] if name.startswith("dmp")], [
            "dmpLastEvent", "dmpEpoch", "dmpStatus", "dmpRequiredPortsDown",
            "dmpEngineState", "dmpSiteName", "dmpVantageName"])
        self.assertEqual(beats[0]["dmpEngineState"], "running")
        self.assertEqual(beats[0]["dmpVantageName"], "noc1")

    def test_volatile_event_arrives_and_what_lies_before_it_is_told_as_lost(self):
        self.start_all()
        wanted = self.engine.post(1)
        self.wait_sequences(wanted)
        beyond = wanted[-1] + 3
        self.engine.ask(f"volatile {beyond}")
        (lost,) = self.lab.wait_trap("dmpEventsLost")
        self.assertEqual(int(lost["dmpNotifyLostFirst"]), wanted[-1] + 1)
        self.assertEqual(int(lost["dmpNotifyLostLast"]), beyond - 1)
        self.assertEqual(lost["dmpNotifyReceiverName"], "agentx")
        self.wait_sequences(wanted + [beyond])

    def test_gap_in_the_stored_events_is_told_once(self):
        self.start_engine()
        sequences = self.engine.post(6)
        database = sqlite3.connect(self.lab.path("state", "events.db"))
        with database:
            table = [name for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'")
                     if name.startswith("event")][0]
            database.execute(f"DELETE FROM {table} WHERE sequence IN (?, ?)",
                             sequences[2:4])
        database.close()
        self.start_all_but_engine()
        self.wait_sequences(sequences[:2] + sequences[4:])
        wait_until("stored", lambda: self.stored_cursor() == sequences[-1])
        self.agent.kill_and_start()
        self.wait_served()
        more = self.engine.post(1)
        wait_until("the next event", lambda: more[0] in self.sequences())
        (lost,) = self.lab.traps_of("dmpEventsLost")
        self.assertEqual((int(lost["dmpNotifyLostFirst"]), int(lost["dmpNotifyLostLast"])),
                         tuple(sequences[2:4]))

    def test_receiver_row_tells_what_is_acknowledged(self):
        self.start_all()
        sequences = self.engine.post(5)
        wait_until("acknowledged", lambda: self.receiver(7) == sequences[-1])
        self.assertEqual(self.receiver(6), sequences[-1])
        self.assertEqual(self.receiver(8), 0)
        self.assertEqual(self.receiver(9), 5)
        self.assertEqual(self.receiver(10), 5)
        self.assertEqual(self.receiver(5), 1)

    # --- faults ---

    def test_agent_started_before_the_master_serves_soon_after_it(self):
        self.start_engine()
        self.lab.start_snmptrapd()
        self.agent = Agent(self.lab)
        sequences = self.engine.post(3)
        wait_until("the first attempt", lambda: "no master" in self.lab.log("agent"))
        self.lab.start_snmpd()
        self.wait_served()
        self.wait_sequences(sequences)

    def test_master_that_is_killed_and_started_again_gets_everything(self):
        self.start_all()
        sequences = self.engine.post(2)
        self.wait_sequences(sequences)
        self.lab.stop("snmpd", signal.SIGKILL)
        sequences += self.engine.post(10)
        wait_until("unreachable", lambda: "lost the master" in self.lab.log("agent"))
        self.lab.start_snmpd()
        self.wait_served()
        self.wait_sequences(sequences)
        self.assert_repeats_are_equal()
        log = self.lab.log("agent")
        self.assertEqual(log.count("lost the master"), 1, log)

    def stop_master_for(self, seconds):
        self.start_all()
        sequences = self.engine.post(2)
        self.wait_sequences(sequences)
        snmpd = self.lab.processes["snmpd"]
        snmpd.send_signal(signal.SIGSTOP)
        for _ in range(5):
            sequences += self.engine.post(20)
            time.sleep(seconds / 5)
        snmpd.send_signal(signal.SIGCONT)
        self.wait_served()
        self.wait_sequences(sequences)
        self.assert_repeats_are_equal()

    def test_master_stopped_for_10_s_gets_everything_afterwards(self):
        self.stop_master_for(10)

    @unittest.skipUnless(SLOW, "slow")
    def test_master_stopped_for_40_s_gets_everything_afterwards(self):
        self.stop_master_for(40)

    def test_burst_is_handed_over_while_requests_are_answered(self):
        self.start_all()
        sequences = self.engine.post(2000)
        while self.receiver(7) < sequences[-1]:
            self.assertEqual(self.lab.get(OBJECTS + ".1.2.0", timeout=10), "North")
            time.sleep(0.05)
        self.wait_sequences(sequences)
        self.assertEqual(len(self.sequences()), 2000)
        self.assertEqual(self.receiver(11), 0)

    def test_rate_is_at_most_200_per_second(self):
        self.start_all()
        start = time.monotonic()
        sequences = self.engine.post(600)
        self.wait_sequences(sequences)
        self.assertGreater(time.monotonic() - start, 600 / 200 - 0.2)

    def test_agent_killed_in_the_middle_loses_nothing(self):
        self.start_all()
        sequences = self.engine.post(600)
        for count in (50, 200, 400):
            wait_until(f"{count} events", lambda c=count: len(set(self.sequences())) >= c)
            self.agent.kill_and_start()
        self.wait_sequences(sequences)
        self.assert_repeats_are_equal()
        self.assertLess(len(self.sequences()), 600 + 3 * 100)

    def test_asked_to_stop_it_hands_over_what_is_pending(self):
        self.start_all()
        sequences = self.engine.post(100)
        self.assertEqual(self.agent.stop(), 0)
        self.agent = None
        self.wait_sequences(sequences)

    def test_stop_does_not_wait_for_a_hung_master(self):
        self.start_all()
        self.lab.processes["snmpd"].send_signal(signal.SIGSTOP)
        self.engine.post(10)
        self.assertEqual(self.agent.stop(), 0)
        self.agent = None

    def test_subtree_of_somebody_else_is_tried_again_until_it_is_free(self):
        self.start_all()
        second = Agent(self.lab)
        self.lab.processes["second"] = self.lab.processes.pop("agent")
        wait_until("a refusal", lambda: "somebody else has registered it" in
                   self.lab.log("agent"))
        self.agent.is_wanted = False
        self.agent.keeper.join()
        self.agent.process.kill()
        self.agent.process.wait()
        self.agent = second
        self.wait_served(10)
        self.assertGreaterEqual(second.restarts, 1)

    def test_damaged_store_is_said_and_replaced(self):
        with open(self.lab.path("state", "agent.db"), "wb") as f:
            f.write(b"no database" * 100)
        self.start_all()
        self.assertIn("agent.db was damaged", self.lab.log("agent"))
        self.wait_sequences(self.engine.post(1))


class FakeMasterTest(Base):
    """What a well-behaved snmpd never does."""

    def start_with(self, **behaviour):
        self.start_engine()
        self.master = FakeMaster(self.lab.path("ax"), **behaviour)
        self.addCleanup(self.master.close)
        self.agent = Agent(self.lab)

    def wait_notified(self, count):
        return wait_until(f"{count} notifications", lambda: (
            self.master.notified if len(self.master.notified) >= count else None))

    def test_refused_notification_is_sent_again_in_its_place_after_a_second(self):
        self.start_with(refuse=1)
        first, second = self.engine.post(2)
        notified = self.wait_notified(3)
        sequences = [sequence for sequence, _ in notified]
        self.assertIn(sequences[:3], ([first, first, second], [first, second, first]))
        times = [at for sequence, at in notified if sequence == first]
        self.assertGreater(times[1] - times[0], 0.95)
        wait_until("stored", lambda: self.stored_cursor() == second)

    def test_window_is_32_while_nothing_is_acknowledged(self):
        self.start_with(mute=True)
        sequences = self.engine.post(100)
        self.wait_notified(32)
        time.sleep(1.0)
        self.assertEqual([s for s, _ in self.master.notified], sequences[:32])

    def test_unacknowledged_is_sent_again_after_the_session_is_lost(self):
        self.start_with(mute=True)
        sequences = self.engine.post(5)
        self.wait_notified(5)
        self.master.mute = False
        self.master.drop()
        notified = self.wait_notified(10)
        self.assertEqual([s for s, _ in notified], sequences * 2)
        wait_until("stored", lambda: self.stored_cursor() == sequences[-1])

    def test_notification_starts_with_the_trap_oid(self):
        self.start_with()
        self.engine.post(1)
        self.wait_notified(1)
        self.assertEqual(self.master.first_names, ["1.3.6.1.6.3.1.1.4.1.0"])

    def test_registration_that_is_not_answered_is_tried_by_a_fresh_process(self):
        self.start_with(ignore_register=1)
        wait_until("connected", lambda: "connected to the master" in self.lab.log("agent"))
        self.assertIn("did not answer in time", self.lab.log("agent"))
        self.assertEqual(self.agent.restarts, 1)

    def test_master_that_hangs_up_at_once_is_tried_again_and_again(self):
        self.start_with(hang_up=2)
        self.engine.post(1)
        wait_until("connected", lambda: "connected to the master" in self.lab.log("agent"))
        self.assertEqual(self.agent.restarts, 0)
        self.wait_notified(1)


class StandaloneTest(Requests, Base):
    """The same tables in an SNMP agent of its own."""

    def start_all(self, *options, snmpd=""):
        self.start_engine(*options)
        self.agent = Agent(
            self.lab, "standalone", f"udp:127.0.0.1:{self.lab.snmp_port}")
        self.wait_served()

    def write_configuration(self, text):
        with open(self.lab.path("dmportsd.conf"), "w", encoding="ascii") as f:
            f.write(text)

    def test_own_configuration_replaces_the_public_community(self):
        self.write_configuration("rocommunity secret 127.0.0.1\n")
        self.start_engine()
        self.agent = Agent(
            self.lab, "standalone", f"udp:127.0.0.1:{self.lab.snmp_port}")
        wait_until("an answer", lambda: self.site_name_as("secret") == "North")
        self.assertEqual(self.site_name_as("public"), "")

    def site_name_as(self, community, *options):
        return self.lab.snmp("snmpget", "-c", community, *options, "-Oqv", self.lab.agent(),
                             OBJECTS + ".1.2.0").stdout.strip().strip('"')

    def test_public_community_is_for_the_loopback_address_only(self):
        self.start_all()
        self.assertEqual(self.site_name_as("public", "--clientaddr=127.0.0.2"), "")
        self.assertEqual(self.site_name_as("public", "--clientaddr=127.0.0.1"), "North")

    def test_user_with_authentication_and_privacy_is_served(self):
        self.write_configuration(
            "createUser noc SHA-256 authpass123 AES privpass123\nrouser noc authpriv\n")
        self.start_engine()
        self.agent = Agent(
            self.lab, "standalone", f"udp:127.0.0.1:{self.lab.snmp_port}")
        arguments = [
            tool("snmpget"), "-v3", "-u", "noc", "-l", "authPriv", "-a", "SHA-256", "-A",
            "authpass123", "-x", "AES", "-X", "privpass123", "-Oqv", "-t", "0.5", "-r", "0",
            self.lab.agent(), OBJECTS + ".1.2.0"]
        wait_until("an answer", lambda: "North" in subprocess.run(
            arguments, env=self.lab.environment(), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, check=False).stdout)

    def test_system_group_is_served(self):
        self.start_all()
        self.assertIsNotNone(self.lab.get(".1.3.6.1.2.1.1.3.0"))


if __name__ == "__main__":
    unittest.main()
