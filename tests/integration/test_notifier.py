# SPDX-License-Identifier: BSD-2-Clause
"""Direct receivers: what is delivered, in which order, how often, and what is said when
it is not.  The engine is a stand-in, the receivers are snmptrapd or our own."""
import os
import re
import socket
import signal
import time
import unittest

from direct import TRAP, Stage
from lab import Lab, free_port, wait_until

AUTH, PRIV = "authentic-42", "private-4242"


class NotifierTest(unittest.TestCase):
    def setUp(self):
        self.stage = Stage()
        self.addCleanup(self.stage.close)

    def begin(self, *rows, **options):
        words = [f"{key}={value}" for key, value in options.items()]
        self.stage.start_engine(*words, *rows)
        self.stage.start_notifier()

    # --- informs ---

    def test_informs_arrive_once_and_in_order(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(500)
        receiver.wait(sequences)
        self.assertEqual(receiver.sequences(), sequences)
        row = self.stage.wait_state("noc", "ok", pending=0)
        self.assertEqual((row["pending"], row["sent"], row["acknowledged"],
                          row["retries"], row["failures"]), (0, 500, 500, 0, 0))

    def test_inform_is_repeated_with_its_request_id_and_growing_pauses(self):
        receiver = self.stage.receiver(
            lambda m, r: [m.response()] if len(r.messages) > 4 else [])
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(2)
        receiver.wait(sequences)
        ids = [m.request_id for m in receiver.messages]
        self.assertEqual(receiver.sequences(), sequences[:1] * 5 + sequences[1:])
        self.assertEqual(len(set(ids[:5])), 1)
        self.assertNotEqual(ids[4], ids[5])
        pauses = [b - a for a, b in zip(receiver.times, receiver.times[1:5])]
        for pause, expected in zip(pauses, (0.5, 1, 2, 4)):
            # From arrival to arrival: the former one may have been late.
            self.assertGreater(pause, expected / 2)
        self.assertEqual(self.stage.wait_state("noc", "ok")["retries"], 4)

    def test_request_id_is_the_same_after_the_death_of_the_notifier(self):
        receiver = self.stage.receiver(lambda m, r: [])
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(3)
        receiver.wait(sequences[:1])
        self.stage.kill_notifier()
        before = receiver.messages[0].request_id
        seen = len(receiver.messages)
        receiver.policy = lambda m, r: [m.response()]
        self.stage.start_notifier()
        receiver.wait(sequences)
        self.assertEqual(receiver.messages[seen].request_id, before)
        self.assertEqual(receiver.distinct(), sequences)

    def test_notifier_goes_on_after_what_was_acknowledged(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port))
        first = self.stage.post(10)
        self.stage.wait_acknowledged("noc", first[-1])
        self.assertEqual(self.stage.stop("notifier"), 0)
        second = self.stage.post(10)
        self.stage.start_notifier()
        receiver.wait(second)
        self.assertEqual(receiver.sequences(), first + second)

    def test_only_errors_of_zero_acknowledge(self):
        receiver = self.stage.receiver(
            lambda m, r: [m.response(5 if len(r.messages) < 3 else 0)])
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(1)
        self.stage.wait_state("noc", "failing", detail="error 5")
        self.stage.wait_state("noc", "ok")
        self.assertGreater(len(receiver.messages), 2)
        self.assertEqual(receiver.distinct(), sequences)

    def test_answers_to_others_and_garbage_acknowledge_nothing(self):
        def answers(message, receiver):
            other = bytearray(message.response())
            other[message.pdu_at + 5] ^= 1  # within the request-id
            wrong = [bytes(other), b"", b"\x30", b"garbage" * 9,
                     message.response()[:-3], os.urandom(400)]
            return wrong + ([message.response()] * 3 if len(receiver.messages) > 1
                            else [])
        receiver = self.stage.receiver(answers)
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(3)
        receiver.wait(sequences)
        self.stage.wait_state("noc", "ok")
        self.assertEqual(receiver.sequences(), sequences[:1] + sequences)

    def test_answers_from_another_address_or_port_acknowledge_nothing(self):
        others = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for other, address in zip(others, ("127.0.0.1", "127.0.0.2")):
            other.bind((address, 0))
            self.addCleanup(other.close)

        def answers(message, receiver):
            for other in others:
                other.sendto(message.response(), receiver.peer)
            return [message.response()] if len(receiver.messages) > 2 else []
        receiver = self.stage.receiver(answers)
        self.begin(self.stage.row("noc", receiver.port))
        sequences = self.stage.post(1)
        self.stage.wait_acknowledged("noc", sequences[0])
        self.assertGreater(len(receiver.messages), 2)
        self.assertEqual(receiver.distinct(), sequences)

    def test_dead_receiver_delays_no_other_and_gets_everything_later(self):
        port = free_port()
        alive = self.stage.receiver()
        silent = self.stage.receiver(lambda m, r: [])
        self.begin(self.stage.row("dead", port), self.stage.row("silent", silent.port),
                   self.stage.row("alive", alive.port))
        self.stage.wait_state("alive", "ok")
        sequences = self.stage.post(200)
        alive.wait(sequences)
        for name in ("dead", "silent"):
            self.stage.wait_state(
                name, "unreachable", detail="it does not answer", pending=200)
        late = self.stage.receiver(port=port)
        late.wait(sequences, 30)
        self.assertEqual(late.sequences(), sequences)
        log = self.stage.log("notifier")
        self.assertEqual(len(re.findall(r"receiver dead .*does not answer", log)), 1)
        self.assertEqual(len(re.findall(r"receiver dead .*fine again", log)), 1)

    # --- traps ---

    def test_traps_arrive_once_in_order_and_not_too_fast(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port, kind=2))
        sequences = self.stage.post(500)
        receiver.wait(sequences)
        self.assertEqual(receiver.sequences(), sequences)
        self.assertEqual({m.tag for m in receiver.messages}, {TRAP})
        # 500 at 200 a second, the first 20 at once.
        self.assertGreater(receiver.times[-1] - receiver.times[0], 2.2)
        row = self.stage.wait_state("noc", "ok", pending=0)
        self.assertEqual((row["sent"], row["acknowledged"], row["last_acknowledged"]),
                         (500, 0, sequences[-1]))

    def test_nobody_listening_is_told_for_traps(self):
        self.begin(self.stage.row("noc", free_port(), kind=2))
        self.stage.post(3)
        self.stage.wait_state("noc", "unreachable", detail="nobody listens there",
                              pending=0)

    # --- what is sent ---

    def test_filters_pass_what_clears_and_leave_no_loss(self):
        severe = self.stage.receiver()
        hosts = self.stage.receiver()
        self.begin(self.stage.row("severe", severe.port, min_rank=3),
                   self.stage.row("hosts", hosts.port, kinds=2))
        expected = {"severe": [], "hosts": []}
        # type, severity as ITU numbers them, who gets it
        for kind, severity, who in ((1, 3, "severe"), (3, 5, ""), (2, 1, "severe"),
                                    (6, 3, "severe hosts"), (7, 1, "severe hosts"),
                                    (8, 6, ""), (9, 1, "severe"), (16, 1, "severe")):
            self.stage.tell(f"kind {kind} {severity}")
            sequence = self.stage.post(1)
            for name in who.split():
                expected[name] += sequence
        for name, receiver in (("severe", severe), ("hosts", hosts)):
            receiver.wait(expected[name])
            self.stage.wait_state(name, "ok")
            self.assertEqual(receiver.sequences(), expected[name])
            self.assertNotIn(18, [m.type for m in receiver.messages])

    def test_lost_events_are_told_to_each_receiver_once(self):
        one, two = self.stage.receiver(), self.stage.receiver()
        self.begin(self.stage.row("one", one.port), self.stage.row("two", two.port))
        sequences = self.stage.post(2)
        for receiver in (one, two):
            receiver.wait(sequences)
        self.stage.tell(f"volatile {sequences[-1] + 5}")
        for receiver, name in ((one, b"one"), (two, b"two")):
            receiver.wait([sequences[-1] + 5], 30)
            types = [m.type for m in receiver.messages]
            self.assertEqual(types, [1, 1, 18, 1])
            objects = receiver.messages[2].objects
            self.assertEqual([int.from_bytes(objects[i][2], "big") for i in (4, 5)],
                             [sequences[-1] + 1, sequences[-1] + 4])
            self.assertEqual(objects[6][2], name)

    def test_heartbeat_beats_only_while_nothing_is_pending(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port), heartbeat=300)
        wait_until("3 heartbeats", lambda: len(receiver.messages) >= 3)
        self.assertEqual({m.type for m in receiver.messages}, {19})
        receiver.policy = lambda m, r: []
        self.stage.post(1)
        wait_until("the event", receiver.sequences)
        seen = len(receiver.messages)
        time.sleep(2)
        self.assertNotIn(19, [m.type for m in receiver.messages[seen:]])
        receiver.policy = lambda m, r: [m.response()]
        wait_until("a heartbeat", lambda: receiver.messages[-1].type == 19)

    def test_unanswered_heartbeats_show_that_a_receiver_is_gone(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port), heartbeat=500)
        self.stage.wait_state("noc", "ok")
        receiver.policy = lambda m, r: []
        self.stage.wait_state("noc", "unreachable")
        receiver.policy = lambda m, r: [m.response()]
        self.stage.wait_state("noc", "ok")

    def test_source_address_and_agent_address(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port, source="127.0.0.9",
                                  agent_address=1))
        receiver.wait(self.stage.post(1))
        self.assertEqual(receiver.sources, {"127.0.0.9"})
        message = receiver.messages[0]
        self.assertEqual(len(message.objects), 2 + 19 + 1)
        self.assertEqual(message.objects[-1], (
            bytes([0x2b, 6, 1, 3, 0x88, 0x21, 1]), 0x40, bytes([127, 0, 0, 9])))

    def test_source_that_is_not_ours_is_told(self):
        self.begin(self.stage.row("noc", free_port(), source="192.0.2.77"))
        self.stage.post(1)
        self.stage.wait_state("noc", "unreachable",
                              detail="no way to send from 192.0.2.77")

    def test_name_that_cannot_be_resolved_delays_nobody(self):
        alive = self.stage.receiver()
        self.begin(self.stage.row("lost", 162, address="nobody.invalid"),
                   self.stage.row("alive", alive.port))
        sequences = self.stage.post(50)
        alive.wait(sequences)
        self.stage.wait_state("lost", "unreachable", detail="nobody.invalid", pending=50)

    # --- secrets ---

    def test_unreadable_secret_fails_one_receiver_until_it_is_mended(self):
        alive, other = self.stage.receiver(), self.stage.receiver()
        path = self.stage.secret("exposed", "public", 0o644)
        row = self.stage.row("other", other.port, community=path)
        self.begin(self.stage.row("alive", alive.port), row)
        sequences = self.stage.post(3)
        alive.wait(sequences)
        self.stage.wait_state("other", "failing", detail="exposed")
        self.stage.wait_acknowledged("alive", sequences[-1])
        self.assertEqual(len(re.findall("receiver other", self.stage.log("notifier"))), 1)
        os.chmod(path, 0o600)
        self.stage.tell("publish")
        self.assertEqual(self.stage.processes["notifier"].wait(20), 75)
        self.stage.start_notifier()
        other.wait(sequences)
        self.assertEqual(other.sequences(), sequences)
        self.assertEqual(alive.sequences(), sequences)

    def test_new_secret_and_new_receiver_start_the_notifier_afresh(self):
        receiver = self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port))
        self.stage.post(1)
        self.stage.wait_state("noc", "ok")
        self.stage.tell("publish heartbeat=60000")
        self.stage.wait_acknowledged("noc", self.stage.post(1)[0])
        self.assertIsNone(self.stage.processes["notifier"].poll())
        self.stage.secret("community", "other")
        self.stage.tell("publish")
        self.assertEqual(self.stage.processes["notifier"].wait(20), 75)
        self.stage.start_notifier()
        receiver.wait(self.stage.post(1))
        self.assertEqual([m.community for m in receiver.messages if m.sequence],
                         [b"public", b"public", b"other"])
        self.stage.tell("publish " + self.stage.row("two", receiver.port))
        self.assertEqual(self.stage.processes["notifier"].wait(20), 75)

    # --- test notifications ---

    def ask_test(self, number, name="*"):
        self.stage.tell(f"test {number} {name}")

    def test_test_is_marked_and_raises_no_alarm(self):
        receiver, other = self.stage.receiver(), self.stage.receiver()
        self.begin(self.stage.row("noc", receiver.port),
                   self.stage.row("other", other.port))
        self.stage.wait_state("noc", "ok")
        self.ask_test(7, "noc")
        wait_until("the test", lambda: receiver.messages)
        message = receiver.messages[0]
        self.assertEqual(message.type, 19)
        self.assertTrue(message.objects[-2][2].startswith(b"test: "))
        self.assertEqual(message.objects[-1][2], b"noc")
        self.assertEqual(other.messages, [])

    # --- real receivers ---

    def users(self, engine_id):
        """Of the real snmptrapd: informs under its own engine, traps under ours."""
        return (f"engineID 0x80001f8804{os.urandom(6).hex()}\n"
                f"createUser sha256 SHA-256 {AUTH} AES {PRIV}\nauthUser log sha256 priv\n"
                f"createUser sha512 SHA-512 {AUTH} AES-256 {PRIV}\n"
                "authUser log sha512 priv\n"
                f"createUser sha SHA {AUTH}\nauthUser log sha auth\n"
                f"createUser -e {engine_id} traps SHA-384 {AUTH} AES-192 {PRIV}\n"
                "authUser log traps priv\n")

    def secrets(self):
        return {"auth_file": self.stage.secret("auth", AUTH),
                "priv_file": self.stage.secret("priv", PRIV), "version": 3}

    def our_engine(self, port):
        """Our engine ID: the log tells it when there is a receiver of v3 traps."""
        self.begin(self.stage.row("x", port, kind=2, user="traps", auth="SHA-384",
                                  priv="AES-192", **self.secrets()))
        found = wait_until("our engine ID", lambda: re.search(
            r"version 3 traps is (0x\w+)", self.stage.log("notifier")))
        self.stage.stop("notifier")
        self.stage.stop_engine()
        return found.group(1)

    def received(self, name="snmptrapd"):
        """{user or community's notifications}: every varbind as text."""
        try:
            with open(self.stage.path(name + ".out"), encoding="utf-8") as f:
                lines = [x for x in f.read().splitlines() if x.startswith("TRAP")]
        except FileNotFoundError:
            return []
        return [dict(item.partition(" = ")[::2] for item in line.split("\t")[1:])
                for line in lines]

    def test_real_receiver_gets_every_varbind_as_in_the_event_table(self):
        port = free_port()
        engine_id = self.our_engine(port)
        self.stage.start_trapd(self.users(engine_id), port)
        secrets = self.secrets()
        rows = [
            self.stage.row("t2", port, kind=2),
            self.stage.row("i2", port),
            self.stage.row("i3", port, user="sha256", auth="SHA-256", priv="AES",
                           **secrets),
            self.stage.row("i3b", port, user="sha512", auth="SHA-512", priv="AES-256",
                           **secrets),
            self.stage.row("i3c", port, user="sha", auth="SHA", version=3,
                           auth_file=secrets["auth_file"]),
            self.stage.row("t3", port, kind=2, user="traps", auth="SHA-384",
                           priv="AES-192", **secrets)]
        self.begin(*rows)
        sequences = self.stage.post(5)
        wait_until("30 notifications", lambda: len(self.received()) >= 6 * 5)
        events = {int(e["sequence"]): e for e in self.stage.events()}
        names = ("Sequence Source Key Message State PreviousState Severity Reason Level "
                 "HostName Address Service Transport Port PortIndex Time StateText "
                 "SeverityText ReasonText").split()
        expected = self.expected_values(sequences, events)
        for seen in self.received():
            sequence = int(seen["dmpNotifySequence.0"])
            self.assertEqual(list(seen)[1:], ["snmpTrapOID.0"] + [
                f"dmpNotify{name}.0" for name in names])
            self.assertEqual(seen["snmpTrapOID.0"], "dmpPortDown")
            self.assertEqual(
                [seen[f"dmpNotify{name}.0"].strip('"') for name in names],
                expected[sequence])
        for name in ("i2", "i3", "i3b", "i3c"):
            self.stage.wait_acknowledged(name, sequences[-1])

    def expected_values(self, sequences, events):
        """What the varbinds must show, from the events that the CLI prints."""
        found = {}
        for sequence in sequences:
            e = events[sequence]
            found[sequence] = [str(x) for x in (
                sequence, e["source"], e["key"], e["message"], 4, 2, 3,
                self.number("DmpReason", e["reason"]), 1, e["host_name"], e["address"],
                e["service"], 1, e["port"], e["port_index"], e["time"], e["state"],
                e["severity"], e["reason"])]
        return found

    def number(self, convention, label):
        with open(os.path.join(os.environ["DMP_SOURCE_DIR"], "mib",
                               "DATAMINER-PORTS-MIB.txt"), encoding="ascii") as f:
            text = f.read()
        block = text[text.index(convention + " ::= TEXTUAL-CONVENTION"):]
        return re.search(r"\b" + label + r"\((\d+)\)", block).group(1)

    def test_wrong_passphrase_is_said_and_other_users_go_on(self):
        port = self.stage.start_trapd(self.users("0x8000000001020304"))
        secrets = self.secrets()
        wrong = dict(secrets, auth_file=self.stage.secret("wrong", "wrong-wrong"))
        unread = dict(secrets, priv_file=self.stage.secret("unread", "wrong-wrong"))
        self.begin(
            self.stage.row("good", port, user="sha512", auth="SHA-512",
                           priv="AES-256", **secrets),
            self.stage.row("digest", port, user="sha256", auth="SHA-256", priv="AES",
                           **wrong),
            self.stage.row("nobody", port, user="nobody", auth="SHA-256", priv="AES",
                           **secrets),
            self.stage.row("short", port, user="short", auth="SHA-256", priv="AES",
                           **dict(secrets, auth_file=self.stage.secret("s", "short"))),
            self.stage.row("cipher", port, user="sha", auth="SHA", priv="AES",
                           **unread))
        self.stage.wait_acknowledged("good", self.stage.post(3)[-1])
        for name, words in (("digest", "wrong digest"), ("nobody", "not know the user"),
                            ("short", "too short"),
                            ("cipher", "unsupported security level")):
            self.stage.wait_state(name, "failing", detail=words, pending=3)

    def test_receiver_with_a_new_engine_is_found_again(self):
        users = self.users("0x8000000001020304")
        port = self.stage.start_trapd(users)
        self.begin(self.stage.row("noc", port, user="sha256", auth="SHA-256", priv="AES",
                                  **self.secrets()))
        self.stage.wait_acknowledged("noc", self.stage.post(2)[-1])
        self.stage.stop("snmptrapd")
        sequences = self.stage.post(2)
        self.stage.wait_state("noc", "unreachable")
        self.stage.start_trapd(self.users("0x8000000001020304"), port, "second")
        wait_until("the events", lambda: [
            int(n["dmpNotifySequence.0"]) for n in self.received("second")] == sequences,
            40)

    def test_receiver_whose_engine_has_other_boots_is_found_again(self):
        """The same engine, after a restart and after it has lost its memory."""
        engine = "0x8000000001020399"
        users = re.sub("engineID .*", f"exactEngineID {engine}\\noldEngineID {engine}",
                       self.users("0x8000000001020304"), count=1)
        port = self.stage.start_trapd(users + "engineBoots 7\n")
        self.begin(self.stage.row("noc", port, user="sha256", auth="SHA-256", priv="AES",
                                  **self.secrets()))
        sequences = self.stage.post(2)
        self.stage.wait_acknowledged("noc", sequences[-1])
        former = "snmptrapd"
        for name, boots in (("restarted", 90), ("forgetful", 3)):
            with self.subTest(name):
                self.stage.stop(former)
                former = name
                sequences = self.stage.post(2)
                self.stage.start_trapd(users + f"engineBoots {boots}\n", port, name)
                # One that has forgotten is asked afresh after six late answers.
                wait_until("the acknowledgement", lambda: self.stage.states()["noc"][
                    "last_acknowledged"] == sequences[-1], 60)
                self.assertEqual([int(n["dmpNotifySequence.0"])
                                  for n in self.received(name)], sequences)

    def test_configured_engine_id_that_is_wrong_is_said(self):
        port = self.stage.start_trapd(self.users("0x8000000001020304"))
        self.begin(self.stage.row("noc", port, user="sha256", auth="SHA-256", priv="AES",
                                  engine="0x8000000001020305", **self.secrets()))
        self.stage.post(1)
        self.stage.wait_state("noc", "failing", detail="engine ID is another one")

    def test_boots_of_our_engine_grow_also_when_it_is_killed(self):
        path = self.stage.path("state", "snmp-notifier", "dmports-notifier.conf")
        self.stage.start_engine(self.stage.row("noc", free_port()))
        seen = []
        for _ in range(4):
            self.stage.start_notifier()
            self.stage.wait_state("noc", "ok")
            with open(path, encoding="ascii") as f:
                text = f.read()
            seen.append((int(re.search(r"engineBoots (\d+)", text).group(1)),
                         re.search(r"oldEngineID (\S+)", text).group(1)))
            self.stage.kill_notifier()
            wait_until("its end", lambda: self.stage.states()["noc"]["state"] ==
                       "unreachable")
        boots = [b for b, _ in seen]
        self.assertEqual(boots, sorted(set(boots)))
        self.assertEqual(len({engine for _, engine in seen}), 1)


class DaemonTest(unittest.TestCase):
    """With the whole daemon."""

    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.close)
        path = self.lab.path("community")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="ascii") as f:
            f.write("public\n")

    def site(self, receivers):
        self.lab.write_site(
            '<host name="h" address="127.0.0.1" roles="device"/>'
            f'<notify heartbeat="0">{receivers}</notify>')

    def inform(self, name="noc", port=None):
        return (f'<receiver name="{name}" address="127.0.0.1" type="inform" '
                f'port="{port or self.lab.trap_port}" community-file="community"/>')

    def test_notifier_runs_only_with_direct_receivers(self):
        self.site('<receiver name="master" type="agentx"/>')
        self.lab.start_daemon()
        wait_until("the agent", lambda: "agent" in self.lab.children())
        self.assertNotIn("notifier", self.lab.children())
        self.site(self.inform())
        os.kill(self.lab.processes["dmportsd"].pid, signal.SIGHUP)
        wait_until("the notifier", lambda: "notifier" in self.lab.children())
        self.site('<receiver name="master" type="agentx"/>')
        os.kill(self.lab.processes["dmportsd"].pid, signal.SIGHUP)
        wait_until("no notifier", lambda: "notifier" not in self.lab.children())

    def test_start_and_stop_are_delivered_and_the_table_shows_it(self):
        self.lab.start_snmpd()
        self.lab.start_snmptrapd()
        self.site(self.inform() + '<receiver name="master" type="agentx"/>')
        self.lab.start_daemon()
        # Once from us, once from snmpd.
        self.lab.wait_trap("dmpStarted", count=2)
        row = wait_until("the table", lambda: (
            lambda t: t if "noc" in t.values() and "master" in t.values() else None)(
                self.lab.table("dmpReceiverName")))
        index = next(i for i, name in row.items() if name == "noc")
        wait_until("ok", lambda: self.lab.get(f"dmpReceiverState.{index}") == "ok")
        self.assertEqual(self.lab.get(f"dmpReceiverKind.{index}"), "inform")
        self.assertEqual(self.lab.get(f"dmpReceiverAddress.{index}"),
                         f"127.0.0.1:{self.lab.trap_port}")
        self.assertIn(self.lab.get(f"dmpReceiverAcknowledged.{index}"),
                      ("1 notifications", "1"))
        answer = self.lab.dmports("trap", "test", "--run-dir", self.lab.path("run"))
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        self.assertRegex(answer.stdout, r"noc +inform .* acknowledged +after \d+\.\d\d ms")
        self.assertRegex(answer.stdout, r"master +agentx .* handed over")
        tests = wait_until("the tests", lambda: [
            t for t in self.lab.traps_of("dmpHeartbeat")
            if t.get("dmpNotifyMessage", "").startswith("test: ")])
        self.assertIn("noc", [t["dmpNotifyReceiverName"] for t in tests])
        self.assertEqual(self.lab.stop("dmportsd"), 0)
        self.assertEqual(len(self.lab.wait_trap("dmpStopping", count=2)), 2)

    def test_test_of_a_receiver_that_is_not_there_says_so(self):
        self.site(self.inform())
        self.lab.start_daemon()
        wait_until("the notifier", lambda: "notifier" in self.lab.children())
        run = ("--run-dir", self.lab.path("run"))
        answer = wait_until("no answer", lambda: (
            lambda a: a if "does not answer" in a.stdout else None)(
                self.lab.dmports("trap", "test", *run)), 40)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("receiver noc gets no notifications: it does not answer",
                      self.lab.dmports("status", *run).stderr)
        answer = self.lab.dmports("trap", "test", "--receiver", "x", *run)
        self.assertEqual(answer.returncode, 2)

    def test_stopped_notifier_delays_neither_probes_nor_answers(self):
        self.lab.start_snmpd()
        self.site(self.inform() + '<receiver name="master" type="agentx"/>')
        self.lab.start_daemon()
        wait_until("the notifier", lambda: "notifier" in self.lab.children())
        os.kill(self.lab.children()["notifier"], signal.SIGSTOP)
        try:
            names = wait_until("the table", lambda: self.lab.table("dmpReceiverName"))
            index = next(i for i, name in names.items() if name == "noc")
            wait_until("stalled", lambda: self.lab.get(
                f"dmpReceiverState.{index}") == "unreachable", 20)
            self.assertEqual(self.lab.get("dmpEngineState.0"), "running")
        finally:
            os.kill(self.lab.children()["notifier"], signal.SIGCONT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
