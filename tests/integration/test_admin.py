#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Maintenance, disabled ports, repeats and diff, by the command line and a real daemon."""
import json
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from lab import BINARY, wait_until
from test_daemon import LabTest, POLICY, host, requirement

A = "h1/svc-a"
B = "h1/svc-b"


class AdminTest(LabTest):
    """Two services on one host, both up; events are read from the event log."""

    def setUp(self):
        super().setUp()
        self.lab.start_snmpd()

    def start(self, **site):
        self.write_site(**site)
        self.lab.start_daemon()
        self.lab.wait_state(A, "up")
        self.lab.wait_state(B, "up")
        self.wait_shown()

    def wait_shown(self):
        """The agent has the board, too."""
        wait_until("both rows by SNMP", lambda: len(self.lab.table("dmpPortKey")) == 2)

    def ask(self, *words, code=0):
        answer = self.lab.dmports(*words, "--run-dir", self.lab.path("run"))
        self.assertEqual(answer.returncode, code, answer.stderr)
        return answer.stderr

    def maintenance(self, *words, code=0):
        return self.ask("maintenance", *words, code=code)

    def listed(self):
        answer = self.lab.dmports(
            "maintenance", "list", "--format", "json", "--run-dir", self.lab.path("run"),
            "--state-dir", self.lab.path("state"))
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return {row["name"]: row for row in json.loads(answer.stdout)}

    def port_events(self, key=A):
        return [e["type"] for e in self.lab.events() if e["key"] == key]

    def wait_events(self, *types, key=A):
        return wait_until(f"{key}: {types}", lambda: (
            self.port_events(key) == list(types)))

    def notes(self, key):
        answer = self.lab.dmports(
            "events", "--all", "--format", "json", "--state-dir", self.lab.path("state"),
            "--run-dir", self.lab.path("run"))
        return [row["message"] for row in json.loads(answer.stdout)
                if row["type"] == "note" and row["key"] == key]

    def wait_checks(self, key=B, more=4):
        """Some rounds of checks: time enough for what must not happen."""
        index = self.lab.ports()[key]["index"]
        checks = f"dmpPortChecks.{index}"
        end = int(self.lab.get(checks)) + more
        wait_until(f"{more} checks of {key}", lambda: int(self.lab.get(checks)) >= end)


class Maintenance(AdminTest):
    def test_a_port_that_goes_down_in_maintenance_is_told_afterwards_only(self):
        self.start()
        self.maintenance("set", A, "--comment", "new disks")
        self.a.close()
        self.lab.wait_state(A, "down")
        self.wait_checks()
        self.assertEqual(self.port_events(), [])
        self.assertEqual(self.lab.status()[A]["severity"], "indeterminate")
        self.assertTrue(self.lab.status()[A]["detail"].startswith(
            "maintenance by hand: new disks; "))
        self.maintenance("clear", A)
        self.wait_events("portDown")

    def test_what_was_raised_is_cleared_and_raised_again(self):
        self.start()
        self.a.close()
        self.wait_events("portDown")
        self.maintenance("set", A)
        self.wait_events("portDown", "portCleared")
        cleared = self.lab.events()[-1]
        self.assertEqual(cleared["reason"], "maintenance")
        self.maintenance("clear", A)
        self.wait_events("portDown", "portCleared", "portDown")

    def test_a_port_that_is_back_when_maintenance_ends_is_not_told(self):
        self.start()
        self.maintenance("set", A)
        self.a.close()
        self.lab.wait_state(A, "down")
        self.a.open()
        self.lab.wait_state(A, "up")
        self.maintenance("clear", A)
        self.wait_checks(A)
        self.assertEqual(self.port_events(), [])

    def test_a_change_survives_the_kill_of_the_engine(self):
        self.start()
        self.maintenance("set", "h1", "--for", "1h", "--comment", "night shift")
        engine = self.lab.children()["engine"]
        os.kill(engine, signal.SIGKILL)
        wait_until("another engine", lambda: (
            self.lab.children().get("engine", engine) != engine))
        self.a.close()
        self.lab.wait_state(A, "down")
        self.wait_checks()
        self.assertEqual(self.port_events(), [])
        row = self.listed()["h1"]
        self.assertEqual((row["scope"], row["state"], row["origin"], row["comment"]),
                         ("host", "maintenance", "run time", "night shift"))
        self.assertTrue(row["since"] and row["until"] > row["since"])
        self.maintenance("clear", "h1")
        self.wait_events("portDown")

    def test_a_change_ends_by_itself(self):
        self.start()
        self.maintenance("set", A, "--for", "4s")
        self.a.close()
        self.lab.wait_state(A, "down")
        self.assertEqual(self.port_events(), [])
        self.wait_events("portDown")
        self.assertEqual(self.listed(), {})
        self.assertTrue([n for n in self.notes(A) if "has ended by itself" in n])

    def test_a_change_that_ended_while_the_daemon_was_away_is_over(self):
        self.start()
        self.maintenance("set", A, "--for", "3s")
        self.lab.stop("dmportsd")
        self.a.close()
        time.sleep(3)  # the rest of it
        os.truncate(self.lab.path("dmportsd.log"), 0)
        self.lab.start_daemon()
        self.wait_events("portDown")

    def test_the_most_specific_change_counts_and_is_listed(self):
        self.start()
        self.maintenance("set", "--all", "--comment", "move")
        self.maintenance("enable", A)
        self.a.close()
        self.b.close()
        self.wait_events("portDown")
        self.lab.wait_state(B, "down")
        self.assertEqual(self.port_events(B), [])
        listed = self.listed()
        self.assertEqual(listed[""]["scope"], "site")
        self.assertEqual(listed[A]["state"], "enabled")
        self.maintenance("clear", "--all")
        self.wait_events("portDown", key=B)

    def test_a_group_takes_its_hosts_along(self):
        inside = host("h1", [("svc-a", self.a.port), ("svc-b", self.b.port)]).replace(
            "<host ", '<host group="rack1" ')
        self.lab.write_site(
            POLICY + '<group name="room2"/><group name="rack1" parent="room2"/>' + inside +
            requirement("svc-a", 10001) + requirement("svc-b", 10002))
        self.lab.start_daemon()
        self.lab.wait_state(A, "up")
        self.wait_shown()
        self.maintenance("set", "--group", "room2")
        wait_until("maintenance", lambda: (
            self.lab.get("dmpMaintenancePorts.0") == "2"))
        self.maintenance("clear", "--group", "room2")
        wait_until("no maintenance", lambda: (
            self.lab.get("dmpMaintenancePorts.0") == "0"))

    def test_what_the_site_file_says_is_listed_as_such(self):
        self.start(extra='<maintenance host="h1" from="2020-01-01T00:00:00Z" '
                         'until="2099-01-01T00:00:00Z" comment="for ever"/>')
        listed = wait_until("the window", self.listed)
        self.assertEqual(set(listed), {"h1"})
        self.assertEqual((listed["h1"]["origin"], listed["h1"]["comment"]),
                         ("site file", "for ever"))
        self.maintenance("enable", "h1")
        self.a.close()
        self.wait_events("portDown")
        self.assertEqual(self.listed()["h1"]["origin"], "run time")

    def test_changes_are_history(self):
        self.start()
        self.maintenance("set", A, "--comment", "new disks")
        self.maintenance("clear", A)
        wait_until("history", lambda: [
            n for n in self.notes(A) if "cleared by hand" in n])
        self.assertTrue([
            n for n in self.notes(A) if n == "port maintenance by hand: new disks"])


class Disabled(AdminTest):
    def test_a_disabled_port_is_not_checked_and_comes_back_afresh(self):
        self.start()
        self.a.close()
        self.wait_events("portDown")
        self.maintenance("disable", A)
        self.wait_events("portDown", "portCleared")
        self.lab.wait_state(A, "notApplicable")
        index = self.lab.ports()[A]["index"]
        checks = self.lab.get(f"dmpPortChecks.{index}")
        self.wait_checks(B)
        self.assertEqual(self.lab.get(f"dmpPortChecks.{index}"), checks)
        self.assertIn("disabled", self.ask("probe", A, code=2))
        self.a.open()
        self.maintenance("clear", A)
        self.lab.wait_state(A, "up")
        self.assertEqual(self.port_events(), ["portDown", "portCleared"])


class Requests(AdminTest):
    def test_what_cannot_be_done_is_refused_with_the_reason(self):
        self.start()
        for words, reason in (
                (("maintenance", "set", "h1/nothing"), "no port h1/nothing"),
                (("maintenance", "set", "h9"), "no host h9"),
                (("maintenance", "set", "--group", "g"), "no group g"),
                (("maintenance", "clear", A), "nothing was set"),
                (("probe", "h1/nothing"), "no port h1/nothing")):
            with self.subTest(words):
                self.assertIn(reason, self.ask(*words, code=2))
        self.assertEqual(self.listed(), {})

    def test_without_a_daemon_changes_fail_and_the_list_is_read(self):
        self.start()
        self.maintenance("set", A)
        self.lab.stop("dmportsd")
        self.assertEqual(set(self.listed()), {A})
        for words in (("maintenance", "set", A), ("probe",), ("resend",)):
            self.assertIn("no daemon answers", self.ask(*words, code=3))

    def test_a_port_is_checked_now(self):
        self.write_site()
        with open(self.lab.path("site.xml"), encoding="utf-8") as f:
            site = f.read()
        with open(self.lab.path("site.xml"), "w", encoding="utf-8") as f:
            f.write(site.replace('interval="300ms"', 'interval="1h"'))
        self.lab.start_daemon()
        self.lab.wait_state(A, "up")
        self.wait_shown()
        index = self.lab.ports()[A]["index"]
        before = int(self.lab.get(f"dmpPortChecks.{index}"))
        self.ask("probe", A)
        wait_until("one more check", lambda: (
            int(self.lab.get(f"dmpPortChecks.{index}")) == before + 1))

    def test_resend_repeats_what_is_raised(self):
        self.start()
        self.assertIn("0 problems", self.ask("resend"))
        self.a.close()
        self.wait_events("portDown")
        self.assertIn("1 problem repeated", self.ask("resend"))
        self.wait_events("portDown", "portDown")
        first, again = [e for e in self.lab.events() if e["key"] == A]
        self.assertEqual(again["message"], ("repeated: " + first["message"])[:255])
        self.assertEqual((again["state"], again["previous_state"]), ("down", "down"))
        self.assertGreater(again["sequence"], first["sequence"])
        for column in ("source", "severity", "reason", "level", "host_name", "address",
                       "service", "transport", "port", "port_index"):
            self.assertEqual(again[column], first[column], column)

    def test_a_locked_database_is_said_and_stored_when_it_is_free(self):
        self.start()
        lock = sqlite3.connect(self.lab.path("state", "events.db"), isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute("BEGIN EXCLUSIVE")
        said = self.maintenance("set", A)
        self.assertIn("in force, but lost when the daemon ends now", said)
        self.a.close()
        self.lab.wait_state(A, "down")
        lock.execute("ROLLBACK")
        wait_until("it is stored", lambda: A in self.listed())
        self.assertEqual(self.port_events(), [])
        self.assertNotIn("damaged", self.lab.log("dmportsd"))


class Follow(AdminTest):
    """dmports events --follow --format json: an array that grows line by line."""

    def follow(self):
        process = subprocess.Popen(
            [os.path.join(BINARY, "src", "cli", "dmports"), "events", "--follow", "--format",
             "json", "--state-dir", self.lab.path("state"), "--run-dir",
             self.lab.path("run")], stdout=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.wait()
            process.stdout.close()
        self.addCleanup(end)
        return process

    def test_each_event_comes_at_once_and_the_whole_is_an_array(self):
        self.start()
        for signo in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signo):
                process = self.follow()
                lines = [process.stdout.readline()]
                self.assertEqual(lines, ["[\n"])
                seen = []
                self.a.close()
                self.lab.wait_state(A, "down")
                self.a.open()
                # Blocks for ever if a line waits for the one after it.
                while seen[-2:] != ["portDown", "portUp"]:
                    lines.append(process.stdout.readline())
                    event = json.loads(lines[-1].lstrip(","))
                    if event["key"] == A:
                        seen.append(event["type"])
                process.send_signal(signo)
                lines.append(process.stdout.read())
                self.assertEqual(process.wait(), 0)
                events = json.loads("".join(lines))
                self.assertEqual(events, [
                    e for e in self.lab.events()
                    if e["sequence"] >= events[0]["sequence"]])

    def test_columns_are_those_of_the_event_table(self):
        self.start()
        columns = {
            "sequence", "source", "key", "message", "state", "previous_state", "severity",
            "reason", "level", "host_name", "address", "service", "transport", "port",
            "port_index", "time", "state_text", "severity_text", "reason_text", "type",
            "severity_rank", "epoch"}
        for event in self.lab.events():
            self.assertEqual(set(event), columns)


class Diff(AdminTest):
    def diff(self, since, *words):
        answer = self.lab.dmports("diff", "--since", since, "--state-dir",
                                  self.lab.path("state"), *words)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        return answer

    def rows(self, since):
        return {row["key"]: row for row in json.loads(
            self.diff(since, "--format", "json").stdout)}

    def test_then_and_now_without_a_daemon(self):
        self.start()
        time.sleep(1.1)  # times are whole seconds
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.a.close()
        self.wait_events("portDown")
        self.b.close()
        self.wait_events("portDown", key=B)
        self.b.open()
        self.wait_events("portDown", "portUp", key=B)
        self.lab.stop("dmportsd")
        rows = self.rows(since)
        self.assertEqual((rows[A]["state_then"], rows[A]["state_now"], rows[A]["events"],
                          rows[A]["changes"]), ("up", "down", 1, 1))
        self.assertEqual((rows[B]["state_then"], rows[B]["state_now"], rows[B]["events"],
                          rows[B]["changes"]), ("up", "up", 2, 2))
        self.assertIn("is down since", rows[A]["message"])
        self.assertEqual(self.rows("0s"), {})
        csv = self.diff(since, "--format", "csv").stdout.splitlines()
        self.assertEqual(
            csv[0], "key,state_then,state_now,events,changes,time,message")
        table = self.diff(since).stdout
        self.assertRegex(table, rf"(?m)^{A} +up +down +1 +1 ")

    def test_a_time_before_everything_is_said(self):
        self.start()
        self.lab.stop("dmportsd")
        self.assertIn("nothing is recorded of the time before", self.diff("30d").stderr)
        self.assertEqual(self.rows("30d")[A]["state_then"], "unknown")


if __name__ == "__main__":
    unittest.main()
