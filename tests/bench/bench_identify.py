#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What answers on the ports of a host?  "dmports check" beside "nmap -sV".

Real servers from Debian packages on loopback ports; both programs are told the ports.
Counted are seconds, services named rightly and the lines left in the servers' logs.

usage: DMP_BINARY_DIR=build bench_identify.py       (see install.sh beside it)
"""
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "integration"))
from lab import BINARY, NAMESPACE, Lab, free_port, tool, wait_until  # noqa: E402

ROUNDS = int(os.environ.get("DMP_ROUNDS", "7"))
NMAP_ROUNDS = int(os.environ.get("DMP_NMAP_ROUNDS", "1"))  # about a minute each
SKIP = 77

WAIT_JAVA = """public class Wait {
  public static void main(String[] a) throws Exception { System.in.read(); }
}"""

# name: (probe, transport, how we name it, how nmap names it)
SERVICES = {
    "nats": ("nats", "tcp", r"^NATS \d", r"nats"),
    "route": ("nats-route", "tcp", r"^NATS \d", r"nats"),
    "monitor": ("nats-monitor", "tcp", r"^NATS", r"nats"),
    "web": ("http", "tcp", r"nginx", r"nginx"),
    "webs": ("https", "tcp", r"nginx", r"nginx"),
    "jmx": ("jmx", "tcp", r"Java RMI", r"java.?rmi"),
    "agent": ("snmp", "udp", r"SNMP", r"snmp"),
    "traps": ("snmp-trap", "udp", r"SNMP", r"snmp"),
}


class Host:
    """All the servers, and their logs."""

    def __init__(self):
        self.lab = Lab()
        self.ports = {name: free_port(socket.SOCK_STREAM if row[1] == "tcp"
                                      else socket.SOCK_DGRAM)
                      for name, row in SERVICES.items()}
        self.ports["agent"] = self.lab.snmp_port
        self.ports["traps"] = self.lab.trap_port
        self.logs = ["nats.log", "access.log", "error.log", "nginx.log", "java.log",
                     "snmpd.log", "snmptrapd.log", "traps"]

    def write(self, name, text):
        with open(self.lab.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.lab.path(name)

    def start(self):
        self.start_nats()
        self.start_nginx()
        self.start_java()
        self.lab.start_snmpd()
        self.lab.start_snmptrapd()
        for name in ("nats", "route", "monitor", "web", "webs", "jmx"):
            wait_until(name, lambda: self.is_open(self.ports[name]), 30)
        time.sleep(1)

    @staticmethod
    def is_open(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def start_nats(self):
        conf = self.write("nats.conf", (
            f'listen: "127.0.0.1:{self.ports["nats"]}"\n'
            f'http: "127.0.0.1:{self.ports["monitor"]}"\n'
            f'cluster {{ name: DMS, listen: "127.0.0.1:{self.ports["route"]}" }}\n'))
        self.lab.start("nats", [tool("nats-server"), "-c", conf])

    def start_nginx(self):
        folder = self.lab.dir
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj", "/CN=bench",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem",
             "-out", folder + "/cert.pem"], check=True, stderr=subprocess.DEVNULL)
        conf = self.write("nginx.conf", (
            f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
            f"events {{ }} http {{ access_log {folder}/access.log;\n"
            f"server {{ listen 127.0.0.1:{self.ports['web']};\n"
            f"listen 127.0.0.1:{self.ports['webs']} ssl;\n"
            f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;\n"
            'location / { return 200 "ok\\n"; } } }\n'))
        self.lab.start("nginx", [tool("nginx"), "-p", folder, "-c", conf])

    def start_java(self):
        source = self.write("Wait.java", WAIT_JAVA)
        prefix = "-Dcom.sun.management.jmxremote"
        self.lab.processes["java"] = subprocess.Popen(
            [tool("java"), "-Xmx128m", f"{prefix}.port={self.ports['jmx']}",
             f"{prefix}.host=127.0.0.1", "-Djava.rmi.server.hostname=127.0.0.1",
             f"{prefix}.authenticate=false", f"{prefix}.ssl=false", source],
            stdin=subprocess.PIPE, stdout=open(self.lab.path("java.log"), "ab"),
            stderr=subprocess.STDOUT)

    def lines(self):
        time.sleep(1)
        found = {}
        for name in self.logs:
            try:
                with open(self.lab.path(name), "rb") as f:
                    found[name] = f.read().count(b"\n")
            except FileNotFoundError:
                found[name] = 0
        return found


def write_site(host):
    requirements = "".join(
        f'<requirement key="{name}" index="{10001 + i}" title="{name}" '
        f'transport="{row[1]}" port="{host.ports[name]}" to="device" level="required" '
        f'probe="{row[0]}"/>\n' for i, (name, row) in enumerate(SERVICES.items()))
    host.write("site.xml", (
        f'<site xmlns="{NAMESPACE}" name="Bench"><policy depth="identify"/>\n'
        f'{requirements}<host name="h" address="127.0.0.1" roles="device"/></site>\n'))


def run_ours(host):
    done = subprocess.run(
        [os.path.join(BINARY, "src", "cli", "dmports"), "check", "--site",
         host.lab.path("site.xml"), "--format", "json"],
        stdout=subprocess.PIPE, text=True, check=False)
    return {row["key"].partition("/")[2]: row["identity"]
            for row in json.loads(done.stdout) if row["state"] == "up"}


def run_nmap(host):
    ports = {kind: ",".join(str(host.ports[name]) for name, row in SERVICES.items()
                            if row[1] == kind) for kind in ("tcp", "udp")}
    done = subprocess.run(
        ["nmap", "-n", "-Pn", "-sS", "-sU", "-sV", "-p",
         f"T:{ports['tcp']},U:{ports['udp']}", "-oX", "-", "127.0.0.1"],
        stdout=subprocess.PIPE, text=True, check=True)
    numbers = {(row[1], str(host.ports[name])): name for name, row in SERVICES.items()}
    named = {}
    for port in ET.fromstring(done.stdout).iter("port"):
        service = port.find("service")
        words = [] if service is None else [
            service.get(word, "") for word in ("name", "product", "version", "extrainfo")]
        named[numbers[port.get("protocol"), port.get("portid")]] = " ".join(words).strip()
    return named


def timed(run, host):
    began = time.monotonic()
    named = run(host)
    return time.monotonic() - began, named


def show(title, named, column, before, after):
    right = [name for name, row in SERVICES.items()
             if re.search(row[column], named.get(name, ""), re.I)]
    left = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    print(f"{title}: {len(right)} of {len(SERVICES)} named rightly; lines in logs: "
          f"{sum(left.values())} {left or ''}")
    for name in SERVICES:
        print(f"    {name:8} {'right' if name in right else 'WRONG':6} "
              f"{named.get(name, '')}")


def measure(host):
    write_site(host)
    ours, theirs = [], []
    before = host.lines()
    _, our_names = timed(run_ours, host)
    between = host.lines()
    for i in range(ROUNDS):
        ours.append(timed(run_ours, host)[0])
        if i == 0:
            before_nmap = host.lines()
        if i < NMAP_ROUNDS:
            seconds, their_names = timed(run_nmap, host)
            theirs.append(seconds)
        if i == 0:
            after_nmap = host.lines()
    show("dmports check", our_names, 2, before, between)
    show("nmap -sV", their_names, 3, before_nmap, after_nmap)
    print(f"nmap / dmports: {statistics.median(theirs) / statistics.median(ours):.0f} x "
          f"(median {statistics.median(theirs):.1f} s of {len(theirs)}, "
          f"{statistics.median(ours) * 1000:.0f} ms of {len(ours)})")


def main():
    for program in ("nmap", "nats-server", "nginx", "java", "snmpd", "snmptrapd"):
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
            print(f"{program} is not installed: sh {HERE}/install.sh")
            sys.exit(SKIP)
    host = Host()
    try:
        host.start()
        measure(host)
    finally:
        host.lab.close()


if __name__ == "__main__":
    main()
