#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dmportsd at its edges: service managers, terminals, damaged files, full disks, bursts."""
import glob
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
import unittest

import lab as laboratory
from lab import Listener, wait_until
from test_daemon import POLICY, LabTest, host, requirement

DAEMON = os.path.join(laboratory.BINARY, "subagent", "dmportsd")


class EdgeTest(LabTest):
    def daemon_command(self, *arguments):
        return [DAEMON, "-c", self.lab.path("site.xml"), "--state-dir",
                self.lab.path("state"), "--run-dir", self.lab.path("run"),
                *self.lab.daemon_args, *arguments]

    def run_daemon(self, *arguments, command=None):
        """One that ends, or goes into the background."""
        return subprocess.run(
            command or self.daemon_command(*arguments), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
            timeout=60)

    def state_path(self, *names):
        return self.lab.path("state", *names)


class ServiceManagerTest(EdgeTest):
    def notify_socket(self):
        """What sd_notify(3) would hear; the daemon finds it by its environment."""
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        heard.bind(self.lab.path("notify"))
        heard.settimeout(30)
        self.addCleanup(heard.close)
        os.environ["NOTIFY_SOCKET"] = self.lab.path("notify")
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")
        return heard

    def hear(self, heard, wanted, seconds=30):
        """Everything until wanted comes, wanted included."""
        end = time.monotonic() + seconds
        seen = []
        while time.monotonic() < end:
            try:
                seen.append(heard.recv(512).decode())
            except TimeoutError:
                break
            if seen[-1].split("\n")[0] == wanted:
                return seen
        raise AssertionError(f"no {wanted} in {seen}")

    def test_ready_reloading_watchdog_and_stopping_are_told(self):
        heard = self.notify_socket()
        self.write_site()
        self.lab.start_daemon(wait=False)
        self.assertNotIn("STOPPING=1", self.hear(heard, "READY=1"))
        self.hear(heard, "WATCHDOG=1")
        self.reload()
        self.hear(heard, "RELOADING=1")
        self.hear(heard, "READY=1")
        self.lab.processes["dmportsd"].send_signal(signal.SIGTERM)
        self.hear(heard, "STOPPING=1")
        self.assertEqual(self.lab.stop("dmportsd"), 0)

    def test_bad_reload_is_ready_again(self):
        heard = self.notify_socket()
        self.write_site()
        self.lab.start_daemon(wait=False)
        self.hear(heard, "READY=1")
        self.lab.write_site("<nonsense/>")
        self.reload()
        self.hear(heard, "RELOADING=1")
        self.hear(heard, "READY=1")

    def test_not_ready_before_the_first_configuration(self):
        heard = self.notify_socket()
        self.lab.write_site("<nonsense/>")
        self.lab.start_daemon(wait=False)
        self.assertEqual(self.lab.processes.pop("dmportsd").wait(20), 2)
        heard.settimeout(0.1)
        with self.assertRaises(AssertionError):
            self.hear(heard, "READY=1")


class CommandLineTest(EdgeTest):
    def background_pid(self):
        with open(self.lab.path("run", "dmportsd.pid"), encoding="ascii") as f:
            return int(f.read())

    def stop_background(self, pid):
        os.kill(pid, signal.SIGTERM)
        wait_until("the end", lambda: not os.path.exists(f"/proc/{pid}"))

    def test_background_start_returns_when_ready_and_logs_to_the_state_directory(self):
        self.write_site()
        answer = self.run_daemon()
        self.assertEqual((answer.returncode, answer.stdout), (0, ""), answer.stderr)
        pid = self.background_pid()
        self.addCleanup(lambda: os.path.exists(f"/proc/{pid}") and os.kill(pid, 9))
        self.assertEqual(self.lab.dmports(
            "status", "--run-dir", self.lab.path("run"), "-q").returncode, 0)
        with open(self.state_path("dmportsd.log"), encoding="utf-8") as f:
            self.assertIn("supervisor: ready", f.read())
        self.assertEqual(os.getsid(pid), pid)
        self.stop_background(pid)

    def test_background_start_that_fails_says_so_and_where(self):
        self.lab.write_site("<nonsense/>")
        answer = self.run_daemon()
        self.assertEqual(answer.returncode, 2)
        self.assertIn("dmportsd.log", answer.stderr)
        with open(self.state_path("dmportsd.log"), encoding="utf-8") as f:
            self.assertIn("nonsense", f.read())

    def test_wrong_usage_ends_with_status_2(self):
        for arguments in (["--nonsense"], ["more"], ["--agentx", "a", "--standalone", "b"],
                          ["--process", "nonsense"], ["--lifeline", "-1"]):
            answer = self.run_daemon(command=[DAEMON, *arguments])
            self.assertEqual(answer.returncode, 2, arguments)
            self.assertIn("--help", answer.stderr)
        self.write_site()
        answer = self.run_daemon("--state-dir", self.lab.path("absent", "deeper"))
        self.assertEqual(answer.returncode, 2)
        self.assertIn("--state-dir", answer.stderr)

    def test_help_and_version_go_to_standard_output(self):
        answer = self.run_daemon(command=[DAEMON, "--help"])
        self.assertEqual(answer.returncode, 0)
        self.assertIn("--standalone", answer.stdout)
        answer = self.run_daemon(command=[DAEMON, "--version"])
        self.assertEqual(answer.returncode, 0)
        self.assertRegex(answer.stdout, r"^dmportsd [0-9]")

    def test_check_says_all_errors_at_once_and_starts_nothing(self):
        self.lab.write_site('<host name="h1" adress="127.0.0.1" roles="device"/>\n'
                            '<host name="h2" address="127.0.0.1" roles="devise"/>\n'
                            '<policy fall="0"/>')
        answer = self.run_daemon("--check")
        self.assertEqual(answer.returncode, 2)
        for word, line in (("adress", 2), ("devise", 3), ("fall", 4)):
            self.assertRegex(answer.stderr, rf"site\.xml:{line}: .*{word}")
        self.assertFalse(os.path.exists(self.state_path()))

    def test_check_of_a_good_file_ends_with_status_0(self):
        self.write_site()
        answer = self.run_daemon("--check")
        self.assertEqual(answer.returncode, 0)
        self.assertIn("1 host, 2 ports", answer.stdout)
        self.assertFalse(os.path.exists(self.state_path()))

    def test_interrupt_from_the_terminal_delivers_stopping(self):
        """Ctrl-C goes to every process of the group at once."""
        self.write_site()
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        for count in range(1, 4):
            daemon = subprocess.Popen(
                self.daemon_command("-f"), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True)
            self.lab.processes["dmportsd"] = daemon
            self.lab.wait_trap("dmpStarted", count=count)
            os.killpg(daemon.pid, signal.SIGINT)
            self.assertEqual(daemon.wait(15), 0)
            self.lab.wait_trap("dmpStopping", count=count)
            self.lab.processes.pop("dmportsd")

    def test_hangup_during_the_start_is_not_forgotten(self):
        """The file is written and the signal sent while the engine reads the old one."""
        for delay in (0.0, 0.01, 0.02, 0.03, 0.05, 0.08):
            self.write_site(ports=[("svc-a", self.a.port)])
            self.lab.start_daemon(wait=False)
            wait_until("its start", lambda: "starts, pid" in self.lab.log("dmportsd"),
                       step=0.001)
            time.sleep(delay)
            self.write_site(ports=[("svc-b", self.b.port)])
            self.reload()
            wait_until(f"the new plan, {delay}", lambda:
                       set(self.lab.status()) == {"h1/svc-b"}, seconds=8)
            self.assertNotIn("was killed", self.lab.log("dmportsd"))
            self.lab.stop("dmportsd")
            os.truncate(self.lab.path("dmportsd.log"), 0)


class ControlSocketTest(EdgeTest):
    def setUp(self):
        super().setUp()
        self.write_site()
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")

    def dial(self):
        control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        control.settimeout(10)
        control.connect(self.lab.path("run", "control.sock"))
        self.addCleanup(control.close)
        return control

    def ask(self, request):
        control = self.dial()
        control.sendall(request)
        return control.makefile("rb").readline().decode().rstrip("\n")

    def test_socket_is_for_its_group_only(self):
        mode = os.stat(self.lab.path("run", "control.sock")).st_mode
        self.assertTrue(stat.S_ISSOCK(mode))
        self.assertEqual(stat.S_IMODE(mode), 0o660)

    def test_reload_is_answered_when_it_is_applied(self):
        self.write_site(ports=[("svc-a", self.a.port)])
        self.assertEqual(self.ask(b"reload\n"), "ok applied")
        self.assertEqual(set(self.lab.status()), {"h1/svc-a"})

    def test_reload_of_a_bad_file_is_answered_with_its_errors(self):
        self.lab.write_site("<nonsense/>")
        answer = self.ask(b"reload\n")
        self.assertTrue(answer.startswith("error "), answer)
        self.assertIn("nonsense", answer)
        self.assertEqual(set(self.lab.status()), {"h1/svc-a", "h1/svc-b"})

    def test_reload_asked_for_while_one_runs_answers_for_the_newest_file(self):
        for _ in range(20):
            self.write_site()
            callers = [self.dial() for _ in range(3)]
            for caller in callers:
                caller.sendall(b"reload\n")
            time.sleep(0.002)
            self.lab.write_site("<nonsense/>")
            last = self.dial()
            last.sendall(b"reload\n")
            for caller in callers:
                self.assertRegex(caller.makefile("rb").readline(), b"^(ok|error) ")
            self.assertRegex(last.makefile("rb").readline(), b"^error .*nonsense")
            for caller in callers + [last]:
                caller.close() # a daemon has 64 callers at most

    def test_probe_of_one_port_and_of_an_unknown_one(self):
        self.assertEqual(self.ask(b"probe h1/svc-a\n"), "ok")
        self.assertEqual(self.ask(b"probe\n"), "ok")
        self.assertTrue(self.ask(b"probe h1/nonsense\n").startswith("error "))

    def test_garbage_is_refused_and_hurts_nobody(self):
        self.assertTrue(self.ask(b"nonsense\n").startswith("error "))
        for garbage in (b"\0\1\2\n", b"\xff" * 100 + b"\n", b"x" * 100000, b"\n" * 1000):
            control = self.dial()
            try:
                control.sendall(garbage)
                control.shutdown(socket.SHUT_WR)
                while control.recv(4096):
                    pass
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.assertEqual(self.ask(b"ping\n"), "ok")
        self.assertEqual(self.lab.status()["h1/svc-a"]["state"], "up")


class HeartbeatTest(EdgeTest):
    def test_heartbeat_pauses_while_something_is_pending(self):
        self.run_lab(extra='<notify heartbeat="500ms"/>')
        self.lab.wait_trap("dmpHeartbeat", count=3)
        snmpd = self.lab.processes["snmpd"]
        snmpd.send_signal(signal.SIGSTOP)
        before = len(self.lab.traps_of("dmpHeartbeat"))
        self.b.close()
        self.lab.wait_state("h1/svc-b", "down")
        time.sleep(4)
        snmpd.send_signal(signal.SIGCONT)
        self.lab.wait_trap("dmpPortDown", "h1/svc-b", seconds=40)
        kinds = [t["type"] for t in self.lab.traps()]
        kinds = kinds[:kinds.index("dmpPortDown")]
        # two can have been on their way when the master stopped
        self.assertLessEqual(kinds.count("dmpHeartbeat"), before + 2)
        count = len(self.lab.traps_of("dmpHeartbeat"))
        self.lab.wait_trap("dmpHeartbeat", count=count + 2)


class AddressTest(EdgeTest):
    def test_ipv6_host_is_checked_and_announced(self):
        try:
            listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
        except OSError as error:
            self.skipTest(f"no IPv6 here: {error}")
        port = listener.getsockname()[1]
        self.lab.write_site(POLICY + host("h1", [("svc-a", port)], "::1") +
                            requirement("svc-a", 10001))
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")
        self.assertEqual(self.lab.status()["h1/svc-a"]["address"], "::1")
        listener.close()
        down = self.lab.wait_trap("dmpPortDown", "h1/svc-a")[0]
        self.assertEqual(down["dmpNotifyAddress"], "::1")
        self.assertEqual(down["dmpNotifyReason"], "refused")


class StandaloneTest(EdgeTest):
    def serve(self, conf=None):
        self.lab.daemon_args = ["--standalone", f"udp:127.0.0.1:{self.lab.snmp_port}"]
        if conf:
            with open(self.lab.path("dmportsd.conf"), "w", encoding="ascii") as f:
                f.write(conf)
        self.write_site()
        self.lab.start_daemon()
        self.lab.wait_state("h1/svc-a", "up")

    def states(self, *options):
        environment = self.lab.environment()
        environment.update(self.lab.mib_environment())
        answer = subprocess.run(
            [laboratory.tool("snmpwalk"), *options, "-t", "1", "-r", "1", "-OqvU",
             self.lab.agent(), "dmpPortState"], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
        return answer.stdout.split() if answer.returncode == 0 else []

    def test_public_is_answered_without_a_configuration(self):
        self.serve()
        wait_until("the table", lambda: self.states("-v2c", "-c", "public") == ["up"] * 2)
        self.assertEqual(self.states("-v2c", "-c", "private"), [])

    def test_configured_community_replaces_public(self):
        self.serve("rocommunity sesame 127.0.0.1\n")
        wait_until("the table", lambda: self.states("-v2c", "-c", "sesame") == ["up"] * 2)
        self.assertEqual(self.states("-v2c", "-c", "public"), [])

    def test_v3_user_with_authentication_and_privacy_is_answered(self):
        self.serve("createUser watcher SHA longpassphrase AES longprivphrase\n"
                   "rouser watcher priv\n")
        user = ["-v3", "-u", "watcher", "-a", "SHA", "-A", "longpassphrase"]
        wait_until("the table", lambda: self.states(
            *user, "-l", "authPriv", "-x", "AES", "-X", "longprivphrase") == ["up"] * 2)
        self.assertEqual(self.states(*user, "-l", "authNoPriv"), [])
        self.assertEqual(self.states("-v2c", "-c", "public"), [])

    def test_table_survives_the_end_of_the_engine_and_of_the_agent(self):
        self.serve()
        for name in ("engine", "agent"):
            os.kill(self.lab.children()[name], signal.SIGKILL)
            time.sleep(0.3)
            wait_until("the table", lambda: self.states(
                "-v2c", "-c", "public") == ["up"] * 2)


class FullDiskTest(EdgeTest):
    def mount_state(self, size):
        os.mkdir(self.state_path())
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.state_path()],
            stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"no disk of a known size can be mounted: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", self.state_path()], check=True)

    def fill(self):
        with open(self.state_path("filler"), "wb", buffering=0) as f:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        f.write(b"x" * size)
                except OSError:
                    pass

    def test_full_disk_is_a_warning_and_loses_no_notification(self):
        self.mount_state("2m")
        self.run_lab()
        self.lab.wait_trap("dmpStarted")
        wait_until("ok", lambda: self.lab.get("dmpStatus.0") == "0")
        self.fill()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.b.open()
        self.lab.wait_trap("dmpPortUp", "h1/svc-b")
        self.lab.wait_state("h1/svc-b", "up")
        self.assertEqual(self.lab.get("dmpStatus.0"), "1")
        self.assertIn("events: cannot be stored", self.lab.log("dmportsd"))
        os.unlink(self.state_path("filler"))
        wait_until("ok again", lambda: self.lab.get("dmpStatus.0") == "0")
        wait_until("the stored events", lambda: {"portDown", "portUp"} <= {
            e["type"] for e in self.lab.events()})
        self.assertIn("events: are stored again", self.lab.log("dmportsd"))
        self.assertEqual(len(self.lab.traps_of("dmpPortDown")), 1)
        self.assertEqual(len(self.lab.traps_of("dmpPortUp")), 1)

    def test_restart_with_a_new_port_on_a_full_disk_is_tried_until_there_is_space(self):
        """Whether the database opens or not, a full disk is no error of the site file."""
        self.mount_state("2m")
        self.write_site(ports=[("svc-a", self.a.port)])
        self.lab.start_daemon()
        self.lab.stop("dmportsd")
        self.write_site()
        self.fill()
        os.truncate(self.lab.path("dmportsd.log"), 0)
        self.lab.start_daemon(wait=False)
        wait_until("two attempts", lambda:
                   self.lab.log("dmportsd").count("ended with status 1") >= 2)
        self.assertIsNone(self.lab.processes["dmportsd"].poll(), self.lab.log("dmportsd"))
        self.assertRegex(self.lab.log("dmportsd"),
                         "indices cannot be stored|cannot open it: disk I/O error")
        os.unlink(self.state_path("filler"))
        self.lab.wait_state("h1/svc-b", "up")

    def test_start_on_a_full_disk_is_tried_until_there_is_space(self):
        self.mount_state("2m")
        self.fill()
        self.write_site()
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon(wait=False)
        wait_until("a complaint", lambda: "engine" in self.lab.log("dmportsd") and
                   "ended with status" in self.lab.log("dmportsd"))
        time.sleep(1)
        self.assertIsNone(self.lab.processes["dmportsd"].poll(), self.lab.log("dmportsd"))
        os.unlink(self.state_path("filler"))
        self.wait_rows()
        self.lab.wait_trap("dmpStarted")


class DamageTest(EdgeTest):
    def damage(self, name):
        with open(self.state_path(name), "r+b") as f:
            f.write(b"this was a database once" * 200)
        for extra in ("-wal", "-shm"):
            if os.path.exists(self.state_path(name + extra)):
                os.unlink(self.state_path(name + extra))

    def last_sequence(self):
        return max(int(t["dmpNotifySequence"]) for t in self.lab.traps()
                   if "dmpNotifySequence" in t)

    def stop_down(self):
        """Stop with h1/svc-b down and announced; the newest sequence."""
        self.run_lab()
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.lab.stop("dmportsd")
        self.lab.wait_trap("dmpStopping")
        os.truncate(self.lab.path("dmportsd.log"), 0)
        return self.last_sequence()

    def test_damaged_event_database_is_set_aside_and_numbers_go_on_upwards(self):
        last = self.stop_down()
        self.damage("events.db")
        self.lab.start_daemon()
        self.assertIn("events", self.lab.log("dmportsd"))
        self.assertEqual(len(glob.glob(self.state_path("events.db.damaged-*"))), 1)
        started = self.lab.wait_trap("dmpStarted", count=2)[1]
        self.assertGreater(int(started["dmpNotifySequence"]), last)
        self.b.open()
        self.lab.wait_state("h1/svc-b", "up")
        self.a.close()
        down = self.lab.wait_trap("dmpPortDown", "h1/svc-a")[0]
        self.assertGreater(int(down["dmpNotifySequence"]), last)
        self.assertEqual(self.lab.events()[-1]["sequence"],
                         int(down["dmpNotifySequence"]))

    def test_damaged_delivery_database_is_said_and_replaced(self):
        last = self.stop_down()
        self.damage("agent.db")
        self.lab.start_daemon()
        self.b.open()
        up = self.lab.wait_trap("dmpPortUp", "h1/svc-b")[0]
        self.assertGreater(int(up["dmpNotifySequence"]), last)
        self.assertIn("agent.db", self.lab.log("dmportsd"))

    def test_lost_run_directory_is_made_again_by_a_restart(self):
        last = self.stop_down()
        shutil.rmtree(self.lab.path("run"))
        self.lab.start_daemon()
        self.b.open()
        up = self.lab.wait_trap("dmpPortUp", "h1/svc-b")[0]
        self.assertGreater(int(up["dmpNotifySequence"]), last)
        self.assertEqual(len(self.lab.traps_of("dmpPortDown")), 1)

    def test_run_directory_removed_at_run_time_stops_no_notification(self):
        self.run_lab()
        shutil.rmtree(self.lab.path("run"))
        self.b.close()
        self.lab.wait_trap("dmpPortDown", "h1/svc-b")
        self.reload()
        wait_until("a complaint", lambda: "config" in self.lab.log("dmportsd") and
                   "the board cannot be made" in self.lab.log("dmportsd"))
        self.assertEqual(self.lab.get("dmpConfigStatus.0"), "rejected")
        self.restart()
        self.lab.wait_state("h1/svc-b", "down")
        self.b.open()
        self.lab.wait_trap("dmpPortUp", "h1/svc-b")
        self.assertEqual(len(self.lab.traps_of("dmpPortDown")), 1)


class BurstTest(EdgeTest):
    def test_500_ports_down_at_once_are_announced_each_once_and_in_order(self):
        addresses = [f"127.0.0.{n}" for n in range(11, 21)]
        listeners = [[Listener(a) for _ in range(50)] for a in addresses]
        self.addCleanup(lambda: [x.close() for row in listeners for x in row])
        self.lab.write_site(
            '<policy interval="2s" fast="500ms" timeout="1s" fall="2" rise="2" '
            'depth="connect"/>' + "".join(
                host(f"h{i}", [("svc-a", x.port) for x in row], row[0].address)
                for i, row in enumerate(listeners)) +
            requirement("svc-a", 10001).replace('to="device"', 'to="client"'))
        self.lab.start_snmptrapd()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        wait_until("500 rows up", lambda: [r["state"] for r in self.lab.status().values()]
                   == ["up"] * 500, seconds=30)
        for row in listeners:
            for listener in row:
                listener.close()
        self.lab.wait_trap("dmpPortDown", count=500, seconds=60)
        wait_until("nothing pending", lambda: set(
            self.lab.table("dmpReceiverPending").values()) == {"0"})
        downs = self.lab.traps_of("dmpPortDown")
        self.assertEqual(len(downs), 500)
        self.assertEqual(len({t["dmpNotifyKey"] for t in downs}), 500)
        numbers = [int(t["dmpNotifySequence"]) for t in self.lab.traps()
                   if "dmpNotifySequence" in t]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertEqual(len(self.lab.walk("dmpProblemKey")), 500)
        self.assertEqual(self.lab.get("dmpRequiredPortsDown.0"), "500")


class DoctorTest(EdgeTest):
    @unittest.skipUnless(os.geteuid() == 0, "needs another user, so needs root")
    def test_doctor_names_a_socket_that_keeps_the_user_out(self):
        self.write_site()
        os.chmod(self.lab.dir, 0o755)
        self.lab.start_snmpd(extra="agentXPerms 0600 0755 root root\n")
        wait_until("the socket", lambda: os.path.exists(self.lab.path("ax")))
        os.chmod(self.lab.path("ax"), 0o600)
        answer = subprocess.run(
            [os.path.join(laboratory.BINARY, "src", "cli", "dmports"), "doctor", "--site",
             self.lab.path("site.xml"), "--agentx", f"unix:{self.lab.path('ax')}",
             "--run-dir", self.lab.path("run"), "--state-dir", self.lab.path("state")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
            timeout=60, user=65534, group=65534, extra_groups=[])
        line = [x for x in answer.stdout.splitlines() if "AgentX permission" in x]
        self.assertEqual(len(line), 1, answer.stdout + answer.stderr)
        self.assertTrue(line[0].startswith("fail"), line)
        self.assertIn(self.lab.path("ax"), line[0])
        self.assertIn("agentXPerms", answer.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
