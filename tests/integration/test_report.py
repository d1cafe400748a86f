#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dmports report, of a live daemon: a page that is complete, inert and can be read."""
import json
import os
import re
import sqlite3
import struct
import time
import unittest

from lab import wait_until
from page import Page
from test_daemon import LabTest

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


HOUR = 3600


def record(newest, p95):
    """A port's history as the daemon stores it (src/engine/availability.h): {hours ago:
    microseconds}; None: as version 1 did, without."""
    hours = [(HOUR, 0) if i != newest % 25 else (1, 0) for i in range(25)]
    days = [(86400, 0) if i != newest // 24 % 31 else (1, 0) for i in range(31)]
    head = struct.pack("<II50H62I", 1 if p95 is None else 2, newest, *sum(hours, ()),
                       *sum(days, ()))
    if p95 is None:
        return head
    by_place = {(newest - ago) % 25: value for ago, value in p95.items()}
    return head + struct.pack("<25I", *(by_place.get(i, 0) for i in range(25)))


class ReportTest(LabTest):
    def start(self):
        self.write_site()
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")
        self.lab.wait_state("h1/svc-b", "up")

    def report(self, *words):
        return self.lab.dmports("report", "--run-dir", self.lab.path("run"), "--state-dir",
                                self.lab.path("state"), *words)

    def page(self, *words, code=1):
        done = self.report(*words)
        self.assertEqual(done.returncode, code, done.stderr)
        page = Page(done.stdout)
        self.assertEqual(page.faults, [])
        return page

    def break_b(self):
        self.start()
        self.b.close()
        self.lab.wait_state("h1/svc-b", "down")
        wait_until("the event", lambda: any(
            event["type"] == "portDown" for event in self.lab.events()))

    def write(self, name, text):
        with open(self.lab.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.lab.path(name)

    def test_a_port_that_is_down_is_everywhere_on_the_page(self):
        self.break_b()
        page = self.page()
        cells = page.all("a", class_="s4")
        self.assertEqual([text for _, text in cells], ["down"])
        self.assertIn("h1 svc-b", cells[0][0]["aria-label"])
        self.assertIn("refused", cells[0][0]["title"])
        self.assertIn("Why: ", cells[0][0]["title"])
        row = page.all("tr", id=cells[0][0]["href"][1:])[0][1]
        self.assertIn("svc-b", row)
        self.assertIn(f"{self.b.port}/tcp", row)
        self.assertIn("1 required port down", page.all("p", class_="verdict e4")[0][1])
        lines = [a["aria-label"] for a, _ in page.all("svg") if "class" not in a]
        self.assertTrue(any(line.startswith("h1/svc-b: up at first; then down at ")
                            for line in lines), lines)
        self.assertIn("portDown", [text for _, text in page.all("td")])

    def test_a_site_that_is_fine_says_so(self):
        self.start()
        page = self.page(code=0)
        self.assertIn("No port needs anybody.", page.all("p", class_="verdict e2")[0][1])
        self.assertEqual(len(page.all("a", class_="s2")), 2)

    def rewrite(self, **records):
        """Give ports these histories while the daemon is away; key: what follows h1/."""
        self.lab.stop("dmportsd")
        database = sqlite3.connect(self.lab.path("state", "events.db"))
        with database:
            for name, blob in records.items():
                database.execute(
                    "REPLACE INTO availability SELECT idx, ?, ? FROM index_map WHERE kind = 1"
                    " AND key = ?", (int(time.time()) // HOUR, blob,
                                     "h1/" + name.replace("_", "-")))
        database.close()

    def curves(self, page):
        """{key: label of the curve} of the ports that have one."""
        return {re.search("svc-.", text).group(): attributes["aria-label"]
                for row, text in page.all("tr") if "id" in row
                for attributes, _ in page.inside("svg", row, class_="curve")}

    def test_the_last_day_of_each_port_is_a_curve(self):
        self.start()
        newest = int(time.time()) // HOUR
        self.rewrite(svc_a=record(newest, {1: 900000, 2: 3000, 7: 4000}),
                     svc_b=record(newest, None))
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")
        self.lab.wait_state("h1/svc-b", "up")
        curves = wait_until("the latency of this hour", lambda: (
            lambda found: found if len(found) == 2 else None)(
                self.curves(self.page(code=0))))
        most = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime((newest - 1) * HOUR))
        self.assertIn(f", most 900 ms at {most}, last ", curves["svc-a"])
        # The next hour may have begun in the meantime.
        self.assertRegex(curves["svc-a"], "; 2[01] of 25 hours not known$")
        self.assertRegex(curves["svc-b"], "; 2[34] of 25 hours not known$")
        shares = [text for _, text in self.page(code=0).all("div")]
        self.assertEqual(shares.count("24 h 100 %"), 2)

    def test_the_curve_of_a_stopped_daemon_ends_with_what_is_stored(self):
        self.start()
        newest = int(time.time()) // HOUR
        self.rewrite(svc_a=record(newest - 2, {0: 3000}), svc_b=record(newest - 30, {0: 1}))
        curves = self.curves(self.page(code=3))
        then = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime((newest - 2) * HOUR))
        self.assertEqual(list(curves), ["svc-a"])
        self.assertRegex(curves["svc-a"], (
            f"^p95 of each hour: least 3.00 ms, most 3.00 ms at {then}, last 3.00 ms, "
            "[23] hours ago; 24 of 25 hours not known$"))

    def test_damaged_histories_are_left_out(self):
        self.start()
        newest = int(time.time()) // HOUR
        good = record(newest, {0: 3000})
        for bad in (b"", b"x" * len(good), good[:-1], good + b"x", b"\3" + good[1:],
                    good[:-4] + b"\xff" * 4, None, "text", 7):
            self.rewrite(svc_a=bad, svc_b=good)
            self.assertEqual(list(self.curves(self.page(code=3))), ["svc-b"], bad)

    def test_receivers_are_listed_and_those_that_get_nothing_are_named(self):
        with open(self.lab.path("community"), "w", encoding="ascii") as file:
            file.write("public\n")
        os.chmod(self.lab.path("community"), 0o600)
        self.write_site(extra=(
            '<notify heartbeat="1s"><receiver name="noc" type="inform" address="127.0.0.1" '
            f'port="{self.lab.trap_port}" community-file="community"/></notify>'))
        self.lab.start_snmptrapd()
        self.lab.start_daemon()

        def row():
            page = self.page(code=0)
            found = [text for _, text in page.all("tr") if text.startswith("noc")]
            return found[0], [text for _, text in page.all("p", class_="alarm")]

        self.lab.wait_state("h1/svc-a", "up")
        self.lab.wait_state("h1/svc-b", "up")
        text, alarms = wait_until("an acknowledgement", lambda: (
            lambda found: found if "acknowledged 20" in found[0] else None)(row()))
        self.assertIn(f"127.0.0.1 port {self.lab.trap_port}informok", text)
        self.assertEqual(alarms, [])
        self.lab.stop("snmptrapd")
        wait_until("its end", lambda: any(
            "receivers get no notifications now: noc" in alarm for alarm in row()[1]), 60)

    def test_all_colours_can_be_read_in_both_schemes(self):
        self.start()
        for scheme, ink, ground, ratio, least in self.page(code=0).contrasts():
            self.assertGreaterEqual(ratio, least, f"{scheme}: {ink} on {ground}")

    def test_what_other_machines_see_stands_beside_it(self):
        self.break_b()
        rows = list(self.lab.status().values())
        for row in rows:
            row.update(state="up", reason="open", severity="cleared", detail="")
        rows[0]["identity"] = HOSTILE
        rows[0]["host"] = HOSTILE[:60]
        other = self.write("other.json", json.dumps(rows))
        page = self.page(f"berlin={other}")
        self.assertEqual([text for _, text in page.all("th", scope="row")].count("berlin"), 2)
        self.assertIn(f"Answered: {HOSTILE}", [text for _, text in page.all("div", class_="m")])
        self.assertEqual(page.all("img"), [])
        labels = [a.get("aria-label", "") for a, _ in page.all("a")]
        self.assertEqual(sum(label.endswith("from berlin") for label in labels), 2)

    def test_a_file_that_is_not_from_dmports_is_refused(self):
        self.start()
        for word, text in (("berlin", ""), ("=x", ""), ("b=/nonexistent", "not found"),
                           ("b=" + self.write("a.json", "[{}]"), "row 1: key"),
                           ("b=" + self.write("b.json", "[" * 100000), "expected")):
            done = self.report(word)
            self.assertEqual((done.returncode, done.stdout), (2, ""), word)
            self.assertIn(text.lower(), done.stderr.lower())

    def test_without_a_daemon_there_is_no_page(self):
        done = self.report()
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("no daemon has published anything", done.stderr)

    def test_the_last_word_of_a_stopped_daemon_is_marked_as_such(self):
        self.start()
        self.lab.stop("dmportsd")
        page = self.page(code=3)
        self.assertIn("the daemon has stopped", page.all("p", class_="alarm")[0][1])

    def test_without_an_event_log_the_page_says_so(self):
        self.start()
        done = self.lab.dmports("report", "--run-dir", self.lab.path("run"), "--state-dir",
                                self.lab.path("nowhere"))
        self.assertEqual(done.returncode, 0)
        page = Page(done.stdout)
        self.assertEqual(page.faults, [])
        self.assertIn("events could not be read", page.all("p", class_="alarm")[0][1])
        self.assertIn("nowhere", done.stderr)

    def test_only_events_of_the_window_are_told(self):
        self.break_b()
        self.assertTrue(self.page().all("td", class_="line"))
        after = int(time.time()) + 1
        wait_until("the next second", lambda: time.time() > after)
        self.assertEqual(self.page("--since", time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(after))).all("td", class_="line"), [])
        self.assertEqual(self.report("--since", "2099-01-01T00:00:00Z").returncode, 2)
        self.assertEqual(self.report("--since", "yesterday").returncode, 2)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main()
