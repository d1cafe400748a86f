# SPDX-License-Identifier: BSD-2-Clause
"""A private laboratory on the loopback network: snmpd, snmptrapd, dmportsd and listeners.

Every test makes its own in a temporary folder with free ports, and ends exactly the
processes that it started.  Paths stay short: a unix socket has 107 bytes.
"""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SOURCE = os.environ.get("DMP_SOURCE_DIR") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.environ.get("DMP_BINARY_DIR") or os.path.join(SOURCE, "build", "debug")
MIB = "SNMPv2-MIB:DATAMINER-PORTS-MIB"
ROOT = ".1.3.6.1.4.1.8072.9999.9999.7741"
NAMESPACE = "urn:dmports:site:1"


def tool(name):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which(name, path=path)
    if not found:
        raise RuntimeError(f"{name} is not installed: sh tests/run.sh installs it")
    return found


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=20.0, step=0.05):
    """Wait for a true value and return it; the limit is generous, it only ends a hang."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"{what} did not come within {seconds} s")
        time.sleep(step)


class Listener:
    """One TCP port that can be closed and opened again.  Nothing is ever accepted: our
    probes end before that."""

    def __init__(self, address="127.0.0.1", port=0):
        self.address = address
        self.port = port
        self.socket = None
        self.open()

    def open(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        self.socket = listener

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None


class Lab:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="dmp", dir="/tmp")
        os.mkdir(self.path("p"))
        self.snmp_port = free_port()
        self.trap_port = free_port()
        self.processes = {}
        self.listeners = []
        self.daemon_args = ["--agentx", f"unix:{self.path('ax')}"]

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def close(self):
        for name in list(self.processes)[::-1]:
            self.stop(name)
        for listener in self.listeners:
            listener.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # --- processes ---

    def environment(self):
        return dict(os.environ, SNMP_PERSISTENT_DIR=self.path("p"),
                    SNMPCONFPATH=self.path("p"), MIBS="", LC_ALL="C")

    def start(self, name, arguments, environment=None):
        log = open(self.path(name + ".log"), "ab")
        with log:
            self.processes[name] = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment or self.environment())
        return self.processes[name]

    def stop(self, name, signo=signal.SIGTERM, seconds=15):
        process = self.processes.pop(name, None)
        if not process:
            return None
        process.send_signal(signal.SIGCONT)
        process.send_signal(signo)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{name} did not stop within {seconds} s")

    def log(self, name):
        try:
            with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def start_snmpd(self, extra="", wait=True):
        with open(self.path("snmpd.conf"), "w", encoding="ascii") as f:
            f.write(f"agentAddress udp:127.0.0.1:{self.snmp_port}\n"
                    "master agentx\n"
                    f"agentXSocket unix:{self.path('ax')}\n"
                    "rocommunity public 127.0.0.1\n"
                    f"trap2sink udp:127.0.0.1:{self.trap_port} public\n" + extra)
        self.start("snmpd", [
            tool("snmpd"), "-f", "-Lo", "-r", "-C", "-c", self.path("snmpd.conf"), "-I",
            "snmp_mib,system_mib,sysORTable,vacm_conf,vacm_context,vacm_vars"])
        if wait:
            wait_until("snmpd", lambda: self.get(".1.3.6.1.2.1.1.3.0") is not None)

    def start_snmptrapd(self):
        with open(self.path("snmptrapd.conf"), "w", encoding="ascii") as f:
            f.write(f"snmpTrapdAddr udp:127.0.0.1:{self.trap_port}\n"
                    "authCommunity log public\n"
                    "format2 TRAP\\t%v\\n\n")
        environment = self.environment()
        environment.update(self.mib_environment())
        self.start("snmptrapd", [
            tool("snmptrapd"), "-f", "-n", "-OQs", "-Lf", self.path("traps"), "-C", "-c",
            self.path("snmptrapd.conf")], environment)

        def bound():
            with open("/proc/net/udp", encoding="ascii") as f:
                return f":{self.trap_port:04X} " in f.read()
        wait_until("snmptrapd", bound)

    def write_site(self, body, attributes=""):
        with open(self.path("site.xml"), "w", encoding="utf-8") as f:
            f.write(f'<site xmlns="{NAMESPACE}" name="Lab" {attributes}>\n{body}\n</site>\n')

    def start_daemon(self, wait=True):
        """Its log may have the lines of a former one."""
        word = "supervisor: ready"
        former = self.log("dmportsd").count(word)
        self.start("dmportsd", [
            os.path.join(BINARY, "subagent", "dmportsd"), "-f", "-c",
            self.path("site.xml"), "--state-dir", self.path("state"), "--run-dir",
            self.path("run"), *self.daemon_args], dict(
                os.environ, LSAN_OPTIONS="suppressions=" + os.path.join(
                    SOURCE, "tests", "integration", "netsnmp.lsan")))
        if wait:
            wait_until("dmportsd", lambda: self.log("dmportsd").count(word) > former)

    def children(self):
        """The daemon's processes by name."""
        found = {}
        parent = self.processes["dmportsd"].pid
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as f:
                    ppid = int(f.read().rpartition(")")[2].split()[1])
                with open(f"/proc/{entry}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
            except (OSError, IndexError, ValueError):
                continue
            if ppid == parent and b"--process" in words:
                found[words[words.index(b"--process") + 1].decode()] = int(entry)
        return found

    def listener(self, address="127.0.0.1"):
        listener = Listener(address)
        self.listeners.append(listener)
        return listener

    # --- asking ---

    def mib_environment(self):
        return {"MIBDIRS": f"{SOURCE}/mib:{SOURCE}/mib/base", "MIBS": MIB}

    def snmp(self, name, *arguments, timeout=2, check=False):
        environment = self.environment()
        environment.update(self.mib_environment())
        return subprocess.run(
            [tool(name), "-v2c", "-c", "public", "-t", str(timeout), "-r", "1",
             *arguments], env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=check, timeout=120)

    def agent(self):
        return f"127.0.0.1:{self.snmp_port}"

    def get(self, oid, timeout=1):
        """The value as text, None when there is none."""
        answer = self.snmp("snmpget", "-OqvU", self.agent(), oid, timeout=timeout)
        text = answer.stdout.strip()
        if answer.returncode != 0 or text.startswith("No Such") or not text:
            return None
        return text.strip('"')

    def walk(self, oid, *options):
        """[(oid, value)], numeric OIDs."""
        answer = self.snmp("snmpbulkwalk", "-OnqU", *options, self.agent(), oid, timeout=5)
        rows = []
        for line in answer.stdout.splitlines():
            name, _, value = line.partition(" ")
            if name.startswith(ROOT) and not value.startswith("No Such"):
                rows.append((name, value.strip('"')))
        return rows

    def table(self, column):
        """{index: value} of one column."""
        return {name.rpartition(".")[2]: value for name, value in self.walk(column)}

    def ports(self):
        """{key: {column: value}} of the port table, by the columns tests need."""
        columns = {name: self.table(f"dmpPort{name}") for name in (
            "Key", "State", "Reason", "SuppressedBy", "Checks", "SinceChange", "Level",
            "Transitions", "LastEvent")}
        return {key: dict({name: values.get(index) for name, values in columns.items()},
                          index=index)
                for index, key in columns["Key"].items()}

    def traps(self):
        """What snmptrapd has seen: a list of {object: value}, in its order."""
        try:
            with open(self.path("traps"), encoding="utf-8", errors="replace") as f:
                text = f.read()
        except FileNotFoundError:
            return []
        seen = []
        for line in text.splitlines():
            if not line.startswith("TRAP"):
                continue
            fields = {}
            for item in line.split("\t")[1:]:
                name, _, value = item.partition(" = ")
                fields[re.sub(r"\.0$", "", name)] = value.strip('"')
            fields["type"] = fields.get("snmpTrapOID", "?").rpartition("::")[2]
            seen.append(fields)
        return seen

    def traps_of(self, kind, key=None):
        return [t for t in self.traps() if t["type"] == kind and
                (key is None or t.get("dmpNotifyKey") == key)]

    def wait_trap(self, kind, key=None, count=1, seconds=20):
        return wait_until(f"{count} x {kind} {key or ''}", lambda: (
            lambda found: found if len(found) >= count else None)(
                self.traps_of(kind, key)), seconds)

    def dmports(self, *arguments):
        return subprocess.run(
            [os.path.join(BINARY, "src", "cli", "dmports"), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
            timeout=60)

    def status(self):
        answer = self.dmports("status", "--run-dir", self.path("run"), "--format", "json")
        return {row["key"]: row for row in json.loads(answer.stdout or "[]")}

    def events(self):
        answer = self.dmports(
            "events", "--state-dir", self.path("state"), "--run-dir", self.path("run"),
            "--format", "json")
        return json.loads(answer.stdout or "[]")

    def wait_state(self, key, state, seconds=20):
        return wait_until(f"{key} {state}", lambda: self.status().get(key, {}).get(
            "state") == state, seconds)
