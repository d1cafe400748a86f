#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dmports report, of a live daemon: a page that is complete, inert and can be read."""
import json
import os
import unittest

from lab import wait_until
from page import Page
from test_daemon import LabTest

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


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
        self.assertEqual(self.page("--since", "2099-01-01T00:00:00Z").all(
            "td", class_="line"), [])
        self.assertEqual(self.report("--since", "yesterday").returncode, 2)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    unittest.main()
