#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dmportsd as its users run it: a real snmpd, a real snmptrapd, ports that open and close."""
import os
import signal
import time
import unittest

from lab import Lab, wait_until

POLICY = ('<policy interval="300ms" fast="100ms" slow="1s" timeout="500ms" fall="2" rise="2" '
          'depth="connect"/>')


def requirement(key, index, level="required"):
    return (f'<requirement key="{key}" index="{index}" title="Service {key}" transport="tcp" '
            f'port="1" to="device" level="{level}" probe="connect"/>')


def host(name, ports, address="127.0.0.1"):
    overrides = "".join(
        f'<port requirement="{key}" port="{port}"/>' for key, port in ports)
    return f'<host name="{name}" address="{address}" roles="device">{overrides}</host>'


class LabTest(unittest.TestCase):
    """What every test of the whole daemon starts from."""

    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.finish)
        self.a = self.lab.listener()
        self.b = self.lab.listener()

    def finish(self):
        log = self.lab.log("dmportsd")
        self.lab.close()
        for word in ("AddressSanitizer", "runtime error:", "LeakSanitizer"):
            self.assertNotIn(word, log, log)

    def write_site(self, ports=None, extra=""):
        """One host and its services; each has a requirement of its own."""
        ports = ports or [("svc-a", self.a.port), ("svc-b", self.b.port)]
        self.lab.write_site(POLICY + host("h1", ports) + extra + "".join(
            requirement(key, 10001 + ord(key[-1]) - ord("a")) for key, _ in ports))

    def run_lab(self, **site):
        self.write_site(**site)
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows()

    def wait_rows(self, count=2):
        return wait_until("all rows up", lambda: [
            s for s in self.lab.table("dmpPortState").values() if s == "up"][count - 1:])

    def restart(self, signo=signal.SIGTERM):
        self.lab.stop("dmportsd", signo)
        os.truncate(self.lab.path("dmportsd.log"), 0)
        self.lab.start_daemon()

    def reload(self):
        os.kill(self.lab.processes["dmportsd"].pid, signal.SIGHUP)

    def stopped_snmpd(self, seconds):
        """SIGSTOP snmpd; probes go on, and what happened meanwhile arrives afterwards."""
        self.run_lab()
        self.lab.wait_trap("dmpStarted")
        snmpd = self.lab.processes["snmpd"]
        before = self.lab.status()["h1/svc-a"]["checks"]
        snmpd.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        self.b.close()
        self.lab.wait_state("h1/svc-b", "down")
        self.b.open()
        self.lab.wait_state("h1/svc-b", "up")
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
        checks = self.lab.status()["h1/svc-a"]["checks"] - before
        elapsed = time.monotonic() - began
        snmpd.send_signal(signal.SIGCONT)
        # 300 ms apart; a busy machine may be late, but they went on
        print(f"{checks} checks of one port in {elapsed:.1f} s of a stopped snmpd", flush=True)
        self.assertGreater(checks, elapsed / 0.3 / 4)
        down = self.lab.wait_trap("dmpPortDown", "h1/svc-b", seconds=40)
        up = self.lab.wait_trap("dmpPortUp", "h1/svc-b", seconds=40)
        self.assertEqual(len({t["dmpNotifySequence"] for t in down}), 1)
        self.assertEqual(len({t["dmpNotifySequence"] for t in up}), 1)
        self.wait_rows()


class DaemonTest(LabTest):
    # --- the main job ---

    def test_walk_equals_status(self):
        self.run_lab()
        walked = self.lab.ports()
        shown = self.lab.status()
        self.assertEqual(set(walked), {"h1/svc-a", "h1/svc-b"})
        self.assertEqual(set(walked), set(shown))
        for key, row in walked.items():
            self.assertEqual(row["State"], shown[key]["state"])
            self.assertEqual(row["Reason"], shown[key]["reason"])
            self.assertEqual(row["Level"], shown[key]["level"])

    def test_closing_sends_down_and_opening_sends_up(self):
        self.run_lab()
        self.b.close()
        down = self.lab.wait_trap("dmpPortDown", "h1/svc-b")[0]
        self.assertEqual(down["dmpNotifyState"], "down")
        self.assertEqual(down["dmpNotifyReason"], "refused")
        self.assertEqual(down["dmpNotifySeverity"], "critical")
        self.assertEqual(down["dmpNotifyPort"], str(self.b.port))
        self.assertEqual(self.lab.ports()["h1/svc-b"]["State"], "down")
        self.assertEqual(self.lab.get("dmpStatus.0"), "2")
        self.assertEqual(len(self.lab.table("dmpProblemKey")), 1)
        self.b.open()
        up = self.lab.wait_trap("dmpPortUp", "h1/svc-b")[0]
        self.assertEqual(up["dmpNotifyPreviousState"], "down")
        self.assertEqual(self.lab.table("dmpProblemKey"), {})
        self.assertEqual(len(self.lab.traps_of("dmpPortDown")), 1)
        self.assertEqual(self.lab.traps_of("dmpPortDown", "h1/svc-a"), [])

    def test_notification_equals_its_event_row(self):
        self.run_lab()
        self.a.close()
        trap = self.lab.wait_trap("dmpPortDown")[0]
        index = trap["dmpNotifySequence"]
        for column in ("Sequence", "Source", "Key", "Message", "State", "PreviousState",
                       "Severity", "Reason", "Level", "HostName", "Address", "Service",
                       "Transport", "Port", "PortIndex", "Time", "StateText",
                       "SeverityText", "ReasonText"):
            self.assertEqual(self.lab.get(f"dmpEvent{column}.{index}"),
                             trap[f"dmpNotify{column}"], column)

    def test_one_host_site_announces_ports_not_the_host(self):
        self.run_lab()
        self.a.close()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", count=2)
        self.assertEqual(self.lab.traps_of("dmpHostDown"), [])

    def test_shared_endpoint_announces_once(self):
        port = self.a.port
        self.write_site(ports=[("svc-a", port), ("svc-b", port)])
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.wait_rows()
        self.a.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-a")
        self.lab.wait_state("h1/svc-b", "down")
        rows = self.lab.ports()
        self.assertEqual(rows["h1/svc-a"]["SuppressedBy"], "none")
        self.assertEqual(rows["h1/svc-b"]["SuppressedBy"], "endpoint")
        self.a.open()
        self.lab.wait_trap("dmpPortUp", "h1/svc-a")
        self.lab.wait_state("h1/svc-b", "up")
        self.assertEqual(self.lab.traps_of("dmpPortDown", "h1/svc-b"), [])
        self.assertEqual(self.lab.traps_of("dmpPortUp", "h1/svc-b"), [])

    def test_forbidden_port_is_exposed_then_closed(self):
        self.lab.write_site(POLICY + host("h1", [("svc-f", self.b.port)]) +
                            requirement("svc-f", 10003, "forbidden"))
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        exposed = self.lab.wait_trap("dmpPortExposed", "h1/svc-f")[0]
        self.assertEqual(exposed["dmpNotifySeverity"], "major")
        self.b.close()
        self.lab.wait_trap("dmpPortClosed", "h1/svc-f")

    # --- start order, restarts of snmpd ---

    def test_daemon_before_snmpd(self):
        self.write_site()
        self.lab.start_snmptrapd()
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")
        self.lab.start_snmpd()
        self.wait_rows()
        self.lab.wait_trap("dmpStarted")

    def test_rows_are_back_after_snmpd_restarts(self):
        self.run_lab()
        age = int(self.lab.ports()["h1/svc-a"]["SinceChange"])
        for signo in (signal.SIGTERM, signal.SIGKILL):
            self.lab.stop("snmpd", signo)
            self.lab.start_snmpd()
            began = time.monotonic()
            self.wait_rows()
            print(f"rows back {time.monotonic() - began:.1f} s after the master's return",
                  flush=True)
        self.assertGreaterEqual(int(self.lab.ports()["h1/svc-a"]["SinceChange"]), age)

    def test_nothing_is_lost_while_snmpd_is_away(self):
        self.run_lab()
        self.lab.stop("snmpd")
        self.b.close()
        self.lab.wait_state("h1/svc-b", "down")
        self.b.open()
        self.lab.wait_state("h1/svc-b", "up")
        self.lab.start_snmpd()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.lab.wait_trap("dmpPortUp", "h1/svc-b")

    def test_stopped_snmpd_delays_no_probe(self):
        self.stopped_snmpd(5)

    # --- reload ---

    def test_reload_keeps_what_did_not_change(self):
        self.run_lab()
        before = self.lab.ports()["h1/svc-a"]
        c = self.lab.listener()
        self.write_site(ports=[("svc-c", c.port), ("svc-a", self.a.port)])
        self.reload()
        self.lab.wait_trap("dmpConfigApplied")
        self.lab.wait_state("h1/svc-c", "up")
        wait_until("the new table", lambda: "h1/svc-c" in self.lab.ports())
        after = self.lab.ports()
        self.assertEqual(set(after), {"h1/svc-a", "h1/svc-c"})
        self.assertEqual(after["h1/svc-a"]["index"], before["index"])
        self.assertGreaterEqual(int(after["h1/svc-a"]["Checks"]), int(before["Checks"]))
        self.assertGreater(int(after["h1/svc-c"]["index"]), 2)

    def test_port_that_is_down_and_removed_is_cleared(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.write_site(ports=[("svc-a", self.a.port)])
        self.reload()
        cleared = self.lab.wait_trap("dmpPortCleared", "h1/svc-b")[0]
        self.assertEqual(cleared["dmpNotifyReason"], "removed")
        self.assertEqual(self.lab.table("dmpProblemKey"), {})

    def test_reload_while_down_announces_nothing_again(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.reload()
        self.lab.wait_trap("dmpConfigApplied")
        checks = self.lab.status()["h1/svc-b"]["checks"]
        wait_until("five more checks", lambda:
                   self.lab.status()["h1/svc-b"]["checks"] > checks + 5)
        self.assertEqual(len(self.lab.traps_of("dmpPortDown")), 1)
        self.assertEqual(self.lab.traps_of("dmpPortUp"), [])

    def test_bad_file_changes_nothing_and_is_said(self):
        self.run_lab()
        before = self.lab.ports()
        self.lab.write_site('<host name="h1" adress="127.0.0.1" roles="device"/>')
        self.reload()
        rejected = self.lab.wait_trap("dmpConfigRejected")[0]
        self.assertIn("adress", rejected["dmpNotifyMessage"])
        self.assertEqual(self.lab.get("dmpConfigStatus.0"), "rejected")
        self.assertIn("adress", self.lab.get("dmpConfigMessage.0"))
        self.assertIn("adress", self.lab.log("dmportsd"))
        self.assertEqual(set(self.lab.ports()), set(before))
        self.assertEqual(self.lab.get("dmpStatus.0"), "1")
        self.write_site()
        self.reload()
        self.lab.wait_trap("dmpConfigApplied")
        wait_until("ok", lambda: self.lab.get("dmpConfigStatus.0") == "ok")
        self.assertEqual(self.lab.table("dmpProblemKey"), {})

    # --- restart of the daemon ---

    def test_restart_while_down_announces_only_differences(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        index = self.lab.ports()["h1/svc-b"]["index"]
        self.restart()
        self.lab.wait_trap("dmpStarted", count=2)
        wait_until("checks", lambda: self.lab.status()["h1/svc-b"]["checks"] > 5)
        wait_until("rows", lambda: "h1/svc-b" in self.lab.ports())
        self.assertEqual(self.lab.ports()["h1/svc-b"]["index"], index)
        self.assertEqual(len(self.lab.traps_of("dmpPortDown")), 1)
        self.assertEqual(len(self.lab.table("dmpProblemKey")), 1)
        self.lab.stop("dmportsd")
        self.b.open()
        os.truncate(self.lab.path("dmportsd.log"), 0)
        self.lab.start_daemon()
        self.lab.wait_trap("dmpPortUp", "h1/svc-b")
        self.assertEqual(len(self.lab.traps_of("dmpPortUp")), 1)

    def test_port_gone_over_a_restart_is_cleared(self):
        self.run_lab()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.lab.stop("dmportsd")
        self.write_site(ports=[("svc-a", self.a.port)])
        os.truncate(self.lab.path("dmportsd.log"), 0)
        self.lab.start_daemon()
        self.lab.wait_trap("dmpPortCleared", "h1/svc-b")

    def test_stop_sends_stopping_and_ends_clean(self):
        self.run_lab()
        self.lab.wait_trap("dmpStarted")
        self.assertEqual(self.lab.stop("dmportsd"), 0)
        self.lab.wait_trap("dmpStopping")

    def test_epoch_counts_starts(self):
        self.run_lab()
        first = int(self.lab.get("dmpEpoch.0"))
        self.restart()
        wait_until("the next epoch", lambda: self.lab.get("dmpEpoch.0") == str(first + 1))

    def test_killed_children_are_started_again(self):
        self.run_lab()
        for name in ("engine", "agent"):
            pid = self.lab.children()[name]
            os.kill(pid, signal.SIGKILL)
            wait_until(f"a new {name}", lambda: self.lab.children().get(name, pid) != pid)
            self.wait_rows()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")

    def test_dead_engine_is_shown(self):
        self.run_lab()
        os.kill(self.lab.children()["engine"], signal.SIGSTOP)
        wait_until("stalled", lambda: self.lab.get("dmpEngineState.0") == "stalled")
        self.assertEqual(self.lab.get("dmpStatus.0"), "3")
        self.assertEqual(len(self.lab.ports()), 2)
        os.kill(self.lab.children()["engine"], signal.SIGCONT)
        wait_until("running", lambda: self.lab.get("dmpEngineState.0") == "running")

    def test_children_end_with_the_supervisor(self):
        self.run_lab()
        children = self.lab.children()
        self.lab.processes["dmportsd"].kill()
        self.lab.processes.pop("dmportsd").wait()
        for name, pid in children.items():
            wait_until(f"the end of {name}", lambda p=pid: not os.path.exists(f"/proc/{p}"))

    def test_second_daemon_is_refused(self):
        self.run_lab()
        first = self.lab.processes.pop("dmportsd")
        self.lab.start_daemon(wait=False)
        self.assertNotEqual(self.lab.processes.pop("dmportsd").wait(10), 0)
        self.assertIn("another dmportsd", self.lab.log("dmportsd"))
        self.lab.processes["dmportsd"] = first

    def test_invalid_site_ends_with_status_2(self):
        self.lab.write_site("<nonsense/>")
        self.lab.start_daemon(wait=False)
        self.assertEqual(self.lab.processes.pop("dmportsd").wait(20), 2)
        self.assertIn("nonsense", self.lab.log("dmportsd"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
