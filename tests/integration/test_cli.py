# SPDX-License-Identifier: BSD-2-Clause
"""The dmports command as a user meets it: real listeners, real files, exit codes."""
import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE = os.environ.get("DMP_SOURCE_DIR") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
DMPORTS = os.environ.get("DMPORTS") or (sys.argv.pop(1) if len(sys.argv) > 1 else "")

CHECK_KEYS = {
    "key", "host", "address", "requirement", "service", "transport", "port", "level",
    "state", "reason", "severity", "detail", "identity", "latency_us",
    "tls_days_left", "why"}
PLAN_KEYS = {
    "key", "from", "host", "address", "requirement", "service", "transport", "port",
    "level", "applies", "why"}
COMMANDS = ("check", "plan", "status", "watch", "events", "report", "config", "mib", "doctor",
            "firewall", "listen", "import", "explain", "diff", "maintenance", "probe",
            "resend", "help")


def run(*words, **options):
    """Run dmports; returns its exit code, standard output and standard error."""
    done = subprocess.run([DMPORTS, *words], capture_output=True, text=True,
                          timeout=60, check=False, **options)
    return done.returncode, done.stdout, done.stderr


class Site(unittest.TestCase):
    """A folder of its own, with listeners on addresses of the loopback network."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="dmp-cli-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.requirements = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)
        return self.path(name)

    def socket(self, address="127.0.0.2", is_listening=True):
        """Bind a TCP port; without listening it refuses, and nobody else gets it."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.bind((address, 0))
        if is_listening:
            sock.listen(16)
        return sock.getsockname()[1]

    def require(self, key, port, level="required", host="nms"):
        """Add a requirement of the site's own, for every host of a role."""
        self.requirements.append(
            f'<requirement key="{key}" index="{10000 + len(self.requirements)}" '
            f'title="{key}" transport="tcp" port="{port}" to="{host}" '
            f'level="{level}" probe="connect"/>')

    def site(self, host_body="", extra=""):
        """One host in a role of which the catalogue wants nothing from here: the
        requirements above are all there is."""
        return self.write("site.xml", (
            '<site xmlns="urn:dmports:site:1" name="North" as="dma">'
            '<policy timeout="500ms" depth="connect"/>'
            '<host name="box" address="127.0.0.2" roles="nms">'
            f'{host_body}</host>{extra}{"".join(self.requirements)}</site>'))

    def check(self, host_body=""):
        code, out, err = run("check", "--site", self.site(host_body),
                             "--format", "json")
        rows = {row["requirement"]: row for row in json.loads(out)}
        return code, rows, err


class Check(Site):
    def test_an_open_port_is_up_and_exits_zero(self):
        self.require("open", self.socket())
        code, rows, err = self.check()
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(rows["open"]["state"], "up")
        self.assertEqual(rows["open"]["reason"], "open")
        self.assertEqual(rows["open"]["severity"], "cleared")
        self.assertEqual(rows["open"]["address"], "127.0.0.2")
        self.assertEqual(rows["open"]["key"], "box/open")
        self.assertGreater(rows["open"]["latency_us"], 0)
        self.assertIsNone(rows["open"]["tls_days_left"])
        self.assertLessEqual(CHECK_KEYS, set(rows["open"]))

    def test_a_refused_required_port_exits_one(self):
        self.require("open", self.socket())
        self.require("shut", self.socket(is_listening=False))
        code, rows, _ = self.check()
        self.assertEqual(code, 1)
        self.assertEqual(rows["shut"]["state"], "down")
        self.assertEqual(rows["shut"]["reason"], "refused")
        self.assertEqual(rows["shut"]["severity"], "critical")
        self.assertEqual(rows["open"]["state"], "up")

    def test_a_refused_optional_port_exits_zero(self):
        self.require("shut", self.socket(is_listening=False), "optional")
        code, rows, _ = self.check()
        self.assertEqual((code, rows["shut"]["state"]), (0, "down"))

    def test_a_forbidden_port_that_answers_exits_one(self):
        self.require("telnet", self.socket(), "forbidden")
        code, rows, _ = self.check()
        self.assertEqual((code, rows["telnet"]["state"]), (1, "exposed"))

    def test_a_forbidden_port_that_refuses_is_closed(self):
        self.require("telnet", self.socket(is_listening=False), "forbidden")
        code, rows, _ = self.check()
        self.assertEqual((code, rows["telnet"]["state"]), (0, "closed"))

    def test_a_silent_port_is_asked_twice(self):
        """A full queue drops SYNs; the default timeout of 0.5 s must pass twice."""
        port = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.addCleanup(port.close)
        port.bind(("127.0.0.2", 0))
        port.listen(0)
        for _ in range(4):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.addCleanup(filler.close)
            filler.setblocking(False)
            filler.connect_ex(port.getsockname())
        self.require("silent", port.getsockname()[1])
        begin = time.monotonic()
        code, rows, _ = self.check()
        self.assertEqual((code, rows["silent"]["reason"]), (1, "timeout"))
        self.assertGreaterEqual(time.monotonic() - begin, 1.0)

    def test_a_disabled_port_is_listed_and_not_judged(self):
        self.require("open", self.socket())
        self.require("shut", self.socket(is_listening=False))
        code, rows, _ = self.check('<port requirement="shut" admin="disabled"/>')
        self.assertEqual(code, 0)
        self.assertEqual(rows["shut"]["state"], "notApplicable")
        self.assertEqual(rows["shut"]["reason"], "disabled")

    def test_nothing_to_check_exits_four(self):
        code, rows, err = self.check()
        self.assertEqual((code, rows), (4, {}))
        self.assertIn("the plan has no ports from here", err)

    def test_only_disabled_ports_exit_four(self):
        self.require("shut", self.socket(is_listening=False))
        code, _, err = self.check('<port requirement="shut" admin="disabled"/>')
        self.assertEqual(code, 4)
        self.assertIn("nothing could be checked", err)

    def test_what_is_not_yet_effective_is_told_unless_quiet(self):
        self.require("open", self.socket())
        site = self.site(extra='<agent writable="yes"/>')
        code, _, err = run("check", "--site", site)
        self.assertEqual(code, 0)
        self.assertIn("not yet effective", err)
        self.assertEqual(run("check", "--site", site, "-q")[2], "")

    def test_a_port_override_of_a_catalogue_entry_is_checked(self):
        port = self.socket("127.0.0.3")
        site = self.write("dma.xml", (
            '<site xmlns="urn:dmports:site:1" name="N" dataminer="10.3.0 [CU3]" '
            'as="dma"><policy timeout="500ms" depth="connect"/>'
            '<host name="dma1" address="127.0.0.3" roles="dma">'
            f'<port requirement="http" port="{port}"/></host></site>'))
        _, out, _ = run("check", "--site", site, "--format", "json")
        row = {row["requirement"]: row for row in json.loads(out)}["http"]
        self.assertEqual((row["port"], row["state"]), (port, "up"))
        self.assertIn("required:", row["why"])

    def test_csv_has_the_same_rows(self):
        self.require("open", self.socket())
        _, out, _ = run("check", "--site", self.site(), "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(out)))
        self.assertLessEqual(CHECK_KEYS, set(rows[0]))
        self.assertEqual([row["state"] for row in rows], ["up"])

    def test_table_has_no_colour_in_a_pipe_and_always_when_asked(self):
        self.require("open", self.socket())
        site = self.site()
        _, out, _ = run("check", "--site", site)
        self.assertNotIn("\033", out)
        self.assertIn("1 port on 1 host: 1 up", out)
        _, out, _ = run("check", "--site", site, "--color=always")
        self.assertIn("\033[32mup", out)
        _, out, _ = run("check", "--site", site, "-q")
        self.assertNotIn("ports on", out)

    def test_nagios_exits_two_when_a_required_port_is_down(self):
        self.require("shut", self.socket(is_listening=False))
        code, out, _ = run("check", "--site", self.site(), "--format", "nagios")
        first = out.splitlines()[0]
        self.assertEqual(code, 2)
        self.assertRegex(first, r"^DMPORTS CRITICAL - [^|]*box/shut down \(refused\)"
                                r" \| 'ports'=1;;;0 'required_down'=1;;0;0;1 ")

    def test_nagios_is_unknown_when_the_site_file_is_wrong(self):
        code, out, _ = run("check", "--site", self.path("none"), "--format", "nagios")
        self.assertEqual(code, 3)
        self.assertTrue(out.startswith("DMPORTS UNKNOWN - "))

    def test_prometheus_lines_are_well_formed(self):
        self.require("open", self.socket())
        _, out, _ = run("check", "--site", self.site(), "--format", "prometheus")
        self.assertRegex(out, r'(?m)^dmports_port_up\{key="box/open",.*\} 1$')
        for line in out.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) dmports_\w+ .+|"
                                   r'dmports_\w+(\{(\w+="[^"]*",?)+\})? [-0-9.e]+)$')

    def test_hosts_on_the_command_line_take_roles_and_a_version(self):
        _, out, _ = run("check", "127.0.0.2", "--roles", "cassandra", "--format", "json")
        self.assertIn("cassandra-cql", {row["requirement"] for row in json.loads(out)})


class Plan(Site):
    def test_plan_says_what_and_why(self):
        code, out, _ = run("plan", "dma1", "--dataminer", "10.3.0 [CU3]",
                           "--format", "json")
        rows = json.loads(out)
        self.assertEqual(code, 0)
        self.assertTrue(rows)
        for row in rows:
            self.assertLessEqual(PLAN_KEYS, set(row))
            self.assertIn(row["applies"], ("yes", "assumed"))
            self.assertTrue(row["why"])
        self.assertIn("dma1/http", {row["key"] for row in rows})

    def test_all_is_the_matrix_of_sources_and_hosts(self):
        words = ("plan", "dma1", "dma2", "--dataminer", "10.3.0 [CU3]",
                 "--all", "--format", "json")
        rows = json.loads(run(*words)[1])
        flows = {(row["from"], row["host"], row["requirement"]): row for row in rows}
        self.assertEqual(flows["dma1", "dma2", "remoting"]["applies"], "yes")
        self.assertEqual(flows["dma2", "dma1", "remoting"]["applies"], "yes")
        self.assertEqual(flows["dma1", "dma2", "nats-route"]["applies"], "no")
        self.assertIn("two Agents have no NATS cluster",
                      flows["dma1", "dma2", "nats-route"]["why"])
        self.assertIn(("outside (client browser)", "dma1", "https"), flows)
        self.assertIn(("outside (any machine)", "dma1", "telnet-stream"), flows)
        self.assertNotIn(("dma1", "dma1", "remoting"), flows)
        self.assertEqual(len(flows), len(rows))

    def test_all_names_every_requirement_and_why_it_is_not_needed(self):
        rows = json.loads(run("plan", "dma1", "--all", "--format", "json")[1])
        self.assertLessEqual({"telnet-stream", "cassandra-thrift", "nats-route"},
                             {row["requirement"] for row in rows})
        for row in rows:
            self.assertTrue(row["why"])
            if row["applies"] == "no":
                self.assertTrue(row["why"].startswith("does not apply: "), row)
            if not row["host"]:
                self.assertEqual((row["from"], row["applies"]), ("", "no"))

    def test_all_of_one_host_is_who_needs_it(self):
        rows = json.loads(run("plan", "dma1", "dma2", "--host", "dma2", "--all",
                              "--format", "json")[1])
        self.assertEqual({row["host"] for row in rows}, {"dma2", ""})
        self.assertIn("dma1", {row["from"] for row in rows})

    def test_host_selects_and_a_wrong_one_is_named(self):
        code, out, _ = run("plan", "dma1", "dma2", "--host", "dma2", "--format", "json")
        self.assertEqual(code, 0)
        self.assertEqual({row["host"] for row in json.loads(out)}, {"dma2"})
        code, out, err = run("plan", "dma1", "--host", "dmal")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("did you mean dma1?", err)

    def test_a_wrong_role_lists_the_right_ones(self):
        code, _, err = run("plan", "dma1", "--roles", "dma,casandra")
        self.assertEqual(code, 2)
        self.assertIn('got "casandra", expected some of: client browser dma', err)


class Usage(unittest.TestCase):
    def test_every_command_has_help_with_examples_first(self):
        for command in COMMANDS:
            with self.subTest(command):
                code, out, err = run(command, "--help")
                self.assertEqual((code, err), (0, ""))
                self.assertLess(out.index("Examples:"), out.index("Usage: dmports"))
                self.assertEqual(out, run("help", command)[1])

    def test_no_line_of_help_is_wider_than_a_terminal_of_100(self):
        for words in [("--help",), *((command, "--help") for command in COMMANDS)]:
            for line in run(*words)[1].splitlines():
                self.assertLessEqual(len(line), 100, line)

    def test_version_names_the_catalogue(self):
        code, out, _ = run("--version")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"^dmports \d+\.\d+\.\d+ \(catalogue \S+, \d+ ")

    def test_a_mistyped_command_is_answered_with_the_right_one(self):
        code, _, err = run("stauts")
        self.assertEqual(code, 2)
        self.assertIn('did you mean "status"?', err)

    def test_usage_errors_exit_two_and_print_no_data(self):
        for words in ((), ("--bogus",), ("check", "--bogus"), ("check", "--format"),
                      ("check", "--format", "xml", "h"), ("status", "word"),
                      ("watch", "--interval", "soon"), ("watch", "--count", "0"),
                      ("events", "--since", "never"), ("config",),
                      ("events", "--since", "2099-01-01T00:00:00Z"),
                      ("diff", "--since", "2099-01-01T00:00:00Z"),
                      ("maintenance", "set", "a", "--comment", 64 * "x"),
                      ("diff",), ("diff", "--since", "never"), ("maintenance", "put"),
                      ("maintenance", "set"), ("maintenance", "set", "a", "--all"),
                      ("maintenance", "set", "a b"), ("maintenance", "set", ""),
                      ("maintenance", "list", "a"), ("probe", "a/b", "a/c"),
                      ("maintenance", "set", "a", "--until", "soon"),
                      ("maintenance", "set", "a", "--for", "0s"),
                      ("maintenance", "set", "a", "--until", "2020-01-01T00:00:00Z"),
                      ("maintenance", "set", "a", "--for", "1h", "--until",
                       "2099-01-01T00:00:00Z"), ("resend", "all"),
                      ("config", "check"), ("mib", "--root-oid", "1.3.x"),
                      ("check", "--site", "/nonexistent", "host"),
                      ("check", "--roles", "dma"), ("status", "--color=pink"),
                      ("status", "--format", "yaml")):
            with self.subTest(words):
                code, out, err = run(*words)
                self.assertEqual((code, out), (2, ""))
                self.assertTrue(err)

    def test_what_is_no_file_is_said_so(self):
        fifo = os.path.join(tempfile.mkdtemp(prefix="dmp-cli-"), "fifo")
        self.addCleanup(shutil.rmtree, os.path.dirname(fifo))
        os.mkfifo(fifo)
        for words in (("config", "check", fifo), ("plan", "--site", fifo),
                      ("config", "check", "/"), ("check", "--site", "/dev/null")):
            with self.subTest(words):
                code, out, err = run(*words)
                self.assertEqual((code, out), (2, ""))
                self.assertIn("no regular file", err)

    def test_explain_is_no_wider_than_the_terminal(self):
        """Only addresses, which have no blank to break at, are."""
        for columns, widest in (("60", 60), ("10", 40), ("200", 88)):
            master, slave = os.openpty()
            done = subprocess.run([DMPORTS, "explain", "9090"], stdout=slave, check=True,
                                  timeout=60, env=dict(os.environ, COLUMNS=columns))
            os.close(slave)
            lines = os.read(master, 65536).decode("ascii").splitlines()
            os.close(master)
            self.assertEqual(done.returncode, 0)
            body = [line for line in lines[1:] if "https://" not in line]
            self.assertGreater(len(body), 5)
            self.assertLessEqual(max(len(line) for line in body), widest)

    def test_maintenance_list_takes_no_word(self):
        code, _, err = run("maintenance", "list", "a")
        self.assertEqual(code, 2)
        self.assertIn('got "a", expected nothing', err)

    def test_help_of_all_says_what_it_is_with_maintenance(self):
        self.assertIn("with maintenance: the whole site", run("maintenance", "--help")[1])

    def test_a_full_disk_exits_four_with_a_message(self):
        for words in (("--version",), ("mib",), ("config", "schema"),
                      ("plan", "dma1"), ("plan", "dma1", "--format", "json"),
                      ("help",)):
            with self.subTest(words), open("/dev/full", "wb") as full:
                done = subprocess.run([DMPORTS, *words], stdout=full, check=False,
                                      stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(done.returncode, 4)
                self.assertIn("No space left on device", done.stderr)

    def test_a_reader_that_goes_away_is_no_error_message(self):
        with subprocess.Popen([DMPORTS, "mib"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            self.assertEqual(process.wait(timeout=60), 4)


class Config(Site):
    def test_a_good_file_is_fine(self):
        self.require("open", 1)
        code, out, err = run("config", "check", self.site())
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"site\.xml: fine: 1 host, 1 port to")

    def test_all_errors_are_listed(self):
        path = self.write("bad.xml", (
            '<site xmlns="urn:dmports:site:1" name="N">\n'
            '<host name="a" address="192.0.2.1" roles="pilot"/>\n'
            '<bogus/>\n</site>'))
        code, out, err = run("config", "check", path)
        self.assertEqual((code, out), (2, ""))
        self.assertIn(f"{path}:2:", err)
        self.assertIn(f"{path}:3:", err)

    def test_a_missing_file_is_named(self):
        code, _, err = run("config", "check", self.path("none.xml"))
        self.assertEqual(code, 2)
        self.assertIn("none.xml", err)

    def test_the_schema_accepts_what_config_check_accepts(self):
        self.require("open", 1)
        schema = self.write("site.xsd", run("config", "schema")[1])
        done = subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", schema, self.site()],
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


class Mib(Site):
    ROOTS = ("1.3.6.1.4.1.8072.9999.9999.7741", "1.3.6.1.4.1.99999",
             "1.3.6.1.4.1.8072.5", "1.3.6.1.3.77",
             "1.2.826.7", "0.4.5", "2.999.1",
             "1.3.6.1.4.1.2147483647.2147483647")

    def lint(self, text):
        self.write("M.txt", text)
        base = os.path.join(SOURCE, "mib", "base")
        done = subprocess.run(["smilint", "-s", "-m", "-l", "6", "./M.txt"],
                              cwd=self.folder, capture_output=True, text=True,
                              timeout=60, check=False,
                              env={**os.environ, "SMIPATH": base})
        return done.stdout + done.stderr

    def test_every_root_lints_in_silence(self):
        """smilint exits 0 even on errors: its silence counts, and it must be able to
        complain."""
        for root in self.ROOTS:
            code, out, err = run("mib", "--root-oid", root)
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(self.lint(out), "", root)
        self.assertNotEqual(self.lint(out.replace("dmpRoot(", "dmpRoot(x", 1)), "")

    def test_the_module_is_where_the_root_says(self):
        base = os.path.join(SOURCE, "mib", "base")
        for root in self.ROOTS:
            module = self.write("M.txt", run("mib", "--root-oid", root)[1])
            done = subprocess.run(
                ["snmptranslate", "-M", base, "-m", module, "-On",
                 "DATAMINER-PORTS-MIB::dmpMIB"],
                capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.stdout.strip(), f".{root}.1")


class Doctor(Site):
    STOCK = ("master agentx\n"
             "view systemonly included .1.3.6.1.2.1.1\n"
             "rocommunity public default -V systemonly\n")
    VIEW = "view systemonly included .1.3.6.1.4.1.8072.9999.9999.7741"

    def doctor(self, conf, agentx=None, extra=""):
        self.require("open", 1)
        code, out, _ = run(
            "doctor", "--site", self.site(extra=extra), "--run-dir", self.path("run"),
            "--state-dir", self.path("state"), "--format", "json",
            "--agentx", agentx or f"unix:{self.path('master')}",
            "--snmpd-conf", self.write("snmpd.conf", conf))
        return code, {row["check"]: row for row in json.loads(out)}

    def test_without_a_daemon_it_exits_three(self):
        code, rows = self.doctor(self.STOCK)
        self.assertEqual(code, 3)
        self.assertEqual(rows["daemon"]["result"], "fail")
        self.assertEqual(rows["site file"]["result"], "ok")
        self.assertEqual(rows["clock"]["result"], "ok")

    def test_the_stock_view_is_answered_with_the_line_to_add(self):
        _, rows = self.doctor(self.STOCK)
        self.assertEqual(rows["snmpd.conf: view"]["result"], "fail")
        self.assertEqual(rows["snmpd.conf: view"]["mend"], self.VIEW)
        _, rows = self.doctor(self.STOCK + self.VIEW)
        self.assertEqual(rows["snmpd.conf: view"]["result"], "ok")

    def test_no_master_and_no_sink_are_told(self):
        _, rows = self.doctor("rocommunity public\n")
        self.assertEqual(rows["snmpd.conf: master"]["mend"], "master agentx")
        self.assertEqual(rows["snmpd.conf: sinks"]["result"], "warn")
        _, rows = self.doctor("master agentx\ntrap2sink 192.0.2.1\n")
        self.assertEqual(rows["snmpd.conf: master"]["result"], "ok")
        self.assertEqual(rows["snmpd.conf: sinks"]["result"], "ok")

    def test_receivers_of_the_site_file_are_counted(self):
        """Direct ones need no sink; the master beside them does."""
        direct = ('<receiver name="noc" type="trap" address="192.0.2.1" '
                  'community-file="c"/>')
        os.close(os.open(self.path("c"), os.O_CREAT | os.O_WRONLY, 0o600))
        with open(self.path("c"), "w", encoding="ascii") as file:
            file.write("secret\n")
        for body, result, words in (
                (direct, "ok", "none needed"),
                (direct + '<receiver name="m" type="agentx"/>', "warn",
                 "only the direct receivers"),
                ('<receiver name="m" type="agentx"/>', "warn", "nobody is told")):
            self.requirements.clear()
            _, rows = self.doctor(self.STOCK, extra=f"<notify>{body}</notify>")
            self.assertEqual(rows["snmpd.conf: sinks"]["result"], result)
            self.assertIn(words, rows["snmpd.conf: sinks"]["finding"])

    def test_a_folder_of_others_is_mended_by_joining_their_group(self):
        os.mkdir(self.path("run"), 0o700)
        os.chmod(self.folder, 0o755)
        if os.geteuid() != 0:
            self.skipTest("needs root")
        self.require("open", 1)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", DMPORTS,
             "doctor", "--site", self.site(), "--run-dir", self.path("run"),
             "--state-dir", self.path("run"), "--format", "json"],
            capture_output=True, text=True, timeout=60, check=False)
        rows = {row["check"]: row for row in json.loads(done.stdout)}
        self.assertEqual(done.returncode, 1)
        for check in ("daemon", "control socket", "event log"):
            self.assertEqual(rows[check]["result"], "warn", rows[check])
            self.assertIn("usermod -a -G dmports", rows[check]["mend"])

    def test_different_sockets_are_told(self):
        path = self.path("master")
        _, rows = self.doctor(self.STOCK)
        self.assertEqual(rows["snmpd.conf: agentXSocket"]["mend"],
                         f"agentXSocket unix:{path}")
        _, rows = self.doctor(self.STOCK + f"agentXSocket {path}\n")
        self.assertEqual(rows["snmpd.conf: agentXSocket"]["result"], "ok")

    def test_a_master_that_listens_is_ok_and_one_that_left_is_not(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.bind(self.path("master"))
        sock.listen(1)
        self.assertEqual(self.doctor("")[1]["AgentX socket"]["result"], "ok")
        sock.close()
        row = self.doctor("")[1]["AgentX socket"]
        self.assertEqual(row["result"], "fail")
        self.assertIn("nobody listens", row["finding"])

    def test_a_master_that_hangs_does_not_hang_the_doctor(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.bind(self.path("master"))
        sock.listen(0)
        for _ in range(4):
            filler = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.addCleanup(filler.close)
            filler.setblocking(False)
            try:
                filler.connect(self.path("master"))
            except BlockingIOError:
                pass
        row = self.doctor("")[1]["AgentX socket"]
        self.assertEqual(row["result"], "fail")
        self.assertIn("snmpd hangs", row["finding"])

    def test_the_table_puts_what_mends_on_a_line_of_its_own(self):
        code, out, _ = run("doctor", "--snmpd-conf", self.write("c", self.STOCK),
                           "--run-dir", self.path("run"))
        self.assertEqual(code, 3)
        self.assertIn(f"\n          {self.VIEW}\n", out)


class Daemonless(Site):
    def test_status_watch_and_events_exit_three(self):
        for words in (("status",), ("watch", "--count", "1")):
            code, out, err = run(*words, "--run-dir", self.folder)
            self.assertEqual((code, out), (3, ""))
            self.assertIn("start dmportsd", err)
        code, out, err = run("events", "--state-dir", self.folder)
        self.assertEqual((code, out), (3, ""))
        self.assertIn("start dmportsd", err)

    def test_a_daemon_that_hangs_is_told_from_none(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        sock.bind(self.path("control.sock"))
        sock.listen(4)
        code, out, err = run("resend", "--run-dir", self.folder)
        self.assertEqual((code, out), (3, ""))
        self.assertIn("has not answered within 10 s", err)
        self.assertIn("may still do it", err)

    def test_a_socket_that_a_daemon_has_left_is_no_daemon(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(self.path("control.sock"))
        sock.close()
        for words in (("resend",), ("probe",), ("maintenance", "set", "h1")):
            code, out, err = run(*words, "--run-dir", self.folder)
            self.assertEqual((code, out), (3, ""))
            self.assertIn("start dmportsd", err)

    def test_status_for_nagios_is_unknown(self):
        code, out, _ = run("status", "--run-dir", self.folder, "--format", "nagios")
        self.assertEqual(code, 3)
        self.assertTrue(out.startswith("DMPORTS UNKNOWN - "), out)


class Package(unittest.TestCase):
    def test_the_command_does_not_link_net_snmp(self):
        done = subprocess.run(["ldd", DMPORTS], capture_output=True, text=True,
                              timeout=60, check=True)
        self.assertNotIn("netsnmp", done.stdout)

    def test_the_manual_page_lints_in_silence(self):
        page = os.path.join(SOURCE, "src", "cli", "dmports.1")
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_the_manual_page_names_every_option_of_every_command(self):
        with open(os.path.join(SOURCE, "src", "cli", "dmports.1"),
                  encoding="ascii") as file:
            page = file.read()
        for command in COMMANDS:
            for word in run(command, "--help")[1].split():
                if word.startswith("--"):
                    self.assertIn(f"-{word.strip('-,')}", page)


if __name__ == "__main__":
    unittest.main()
