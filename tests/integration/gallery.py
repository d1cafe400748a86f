#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One notification of each type, caught by a real snmptrapd from a live daemon, for
examples/snmptrapd/notifications.md.

Needs root: hosts that fall silent, in a network namespace of its own.

usage: DMP_BINARY_DIR=build gallery.py FILE
"""
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time

from direct import Stage
from lab import SOURCE, Listener, tool, wait_until

NAMESPACE = "DMP_GALLERY_NAMESPACE"
DMA1, DMA2 = "192.0.2.11", "192.0.2.12"
SETUP = ("ip link set lo up && "
         f"ip addr add {DMA1}/32 dev lo && ip addr add {DMA2}/32 dev lo && "
         'exec "$@"')
HEAD = """# What a receiver sees

One notification of each type as snmptrapd 5.9.3 logs it with `snmptrapd.conf` of this
folder, `-OQs` and the MIB; a line for each value here, where the log has tabs. They are
real: `tests/integration/gallery.py` makes every problem below a live dmports and writes
this file.
"""
POLICY = ('<policy interval="300ms" fast="100ms" slow="500ms" timeout="300ms" fall="2" '
          'rise="2" depth="identify" heavy-interval="1s" flap="0"/>')


class TlsServer:
    """A web server that only shakes hands and says hello."""

    def __init__(self, lab, days, port=0):
        name = lab.path(f"pki{days}")
        subprocess.run([
            tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=dma2", "-days",
            str(days), "-keyout", name + ".key", "-out", name + ".pem"],
            stderr=subprocess.DEVNULL, check=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(name + ".pem", name + ".key")
        self.listener = Listener(DMA2, port)
        self.port = self.listener.port
        threading.Thread(target=self.run, args=(self.listener.socket,),
                         daemon=True).start()

    def run(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        peer.settimeout(5)
        try:
            with self.context.wrap_socket(peer, server_side=True) as stream:
                stream.recv(4096)
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                               b"Connection: close\r\n\r\n")
        except OSError:
            peer.close()

    def close(self):
        self.listener.socket.shutdown(2)
        self.listener.close()


class Greeter:
    """A mail server that takes its time."""

    def __init__(self):
        self.listener = Listener(DMA1)
        self.port = self.listener.port
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer, _ = self.listener.socket.accept()
                time.sleep(0.2)
                peer.sendall(b"220 dma1\r\n")
                peer.close()
            except OSError:
                continue


class Gallery:
    def __init__(self, lab):
        self.lab = lab
        self.file = Listener(DMA1)
        self.mail = Greeter()
        self.telnet = Listener(DMA1)
        self.flappy = Listener(DMA1)
        self.web = TlsServer(lab, 5)
        self.sql = Listener(DMA2)
        self.telnet.close()

    # --- the site ---

    def port(self, key, listener):
        return f'<port requirement="{key}" port="{listener.port}"/>'

    def site(self, more="", flappy=True):
        def service(key, index, title, level="required", probe="connect", more=""):
            return (f'<requirement key="{key}" index="{index}" title="{title}" port="1" '
                    f'to="device" level="{level}" probe="{probe}" {more}/>')
        self.lab.write_site(
            POLICY + '<policy requirement="flappy" flap="4" flap-window="4s"/>'
            '<policy requirement="mail" slow-answer="50ms" fall="1"/>' +
            service("files", 10001, "File service") +
            service("mail", 10002, "Mail", "optional", "exchange",
                    'service="SMTP" expect="220 "') +
            service("telnet", 10003, "Telnet", "forbidden") +
            service("flappy", 10004, "Print service", "optional") +
            service("web", 10005, "Web server", probe="https") +
            service("sql", 10006, "Database") +
            f'<host name="dma1" address="{DMA1}" roles="device">' +
            self.port("files", self.file) + self.port("mail", self.mail) +
            self.port("telnet", self.telnet) + self.port("flappy", self.flappy) +
            '<port requirement="web" level="none"/><port requirement="sql" '
            'level="none"/></host>'
            f'<host name="dma2" address="{DMA2}" roles="device">' +
            self.port("web", self.web) + self.port("sql", self.sql) +
            "".join(f'<port requirement="{k}" level="none"/>' for k in (
                "files", "mail", "telnet", "flappy")) +
            f'</host>{more}<notify heartbeat="2s"><receiver name="noc" type="inform" '
            f'address="127.0.0.1" port="{self.lab.trap_port}" '
            'community-file="community"/></notify>')

    # --- the receiver ---

    def start_trapd(self):
        with open(os.path.join(SOURCE, "examples", "snmptrapd", "snmptrapd.conf"),
                  encoding="utf-8") as f:
            configuration = f.read().replace("your-community", "public")
        configuration = re.sub(r"(?m)^traphandle.*\n", "", configuration)
        with open(self.lab.path("trapd.conf"), "w", encoding="utf-8") as f:
            f.write(f"snmpTrapdAddr udp:127.0.0.1:{self.lab.trap_port}\n{configuration}")
        environment = self.lab.environment()
        environment.update(self.lab.mib_environment())
        self.lab.start("trapd", [
            tool("snmptrapd"), "-A", "-f", "-n", "-OQs", "-Lf", self.lab.path("log"), "-C",
            "-c", self.lab.path("trapd.conf")], environment)
        wait_until("snmptrapd", lambda: f":{self.lab.trap_port:04X} " in open(
            "/proc/net/udp", encoding="ascii").read())

    def lines(self, kind):
        with open(self.lab.path("log"), encoding="utf-8") as f:
            return [x for x in f if f"snmpTrapOID.0 = {kind}\t" in x]

    def wait(self, kind):
        return wait_until(kind, lambda: self.lines(kind), 40)

    # --- what happens ---

    def state(self, key, state):
        wait_until(f"{key} {state}", lambda: self.lab.status().get(
            key, {}).get("state") == state)

    def silence(self, *addresses):
        subprocess.run([tool("nft"), "flush", "ruleset"], check=True)
        if addresses:
            subprocess.run([tool("nft"), "-f", "-"], text=True, check=True, input=(
                "table inet silence {\nchain input {\ntype filter hook input priority 0\n"
                f"ip daddr {{ {', '.join(addresses)} }} drop\n}}\n}}\n"))

    def reload(self):
        os.kill(self.lab.processes["dmportsd"].pid, signal.SIGHUP)

    def ports(self):
        self.file.close()
        self.state("dma1/files", "down")
        self.wait("dmpPortDown")
        self.file.open()
        self.wait("dmpPortUp")
        self.telnet.open()
        self.wait("dmpPortExposed")
        self.telnet.close()
        self.wait("dmpPortClosed")
        self.wait("dmpCertificateExpiring")
        self.web.close()
        self.web = TlsServer(self.lab, 365, self.web.port)
        self.wait("dmpCertificateRenewed")

    def flapping(self):
        def turn():
            state = "down" if self.flappy.socket else "up"
            if self.flappy.socket:
                self.flappy.close()
            else:
                self.flappy.open()
            self.state("dma1/flappy", state)
            return self.lines("dmpPortFlapping")
        wait_until("dmpPortFlapping", turn, 40)
        self.wait("dmpPortStable")

    def hosts(self):
        self.silence(DMA1)
        self.wait("dmpHostDown")
        self.silence()
        self.wait("dmpHostUp")
        self.silence(DMA1, DMA2)
        self.wait("dmpVantageIsolated")
        self.silence()
        self.wait("dmpVantageRestored")

    def configuration(self):
        self.site('<host name="dma1" address="dma1" roles="device"/>')
        self.reload()
        self.wait("dmpConfigRejected")
        self.file.close()
        wait_until("down", lambda: len(self.lines("dmpPortDown")) >= 2)
        self.site('<maintenance port="dma1/files" from="2020-01-01T00:00:00Z" '
                  'until="2099-01-01T00:00:00Z" comment="patching"/>')
        self.reload()
        self.wait("dmpConfigApplied")
        self.wait("dmpPortCleared")
        self.file.open()

    def loss(self):
        self.lab.stop("trapd", signal.SIGKILL)
        last = len(self.lab.events())
        self.sql.close()
        wait_until("events", lambda: len(self.lab.events()) > last)
        self.lab.stop("dmportsd")
        path = self.lab.path("state", "events.db")
        with open(path, "r+b") as f:
            f.write(os.urandom(os.path.getsize(path)))
        for suffix in ("-wal", "-shm"):
            if os.path.exists(path + suffix):
                os.unlink(path + suffix)
        self.lab.start_daemon()
        self.start_trapd()
        self.wait("dmpEventsLost")
        self.lab.stop("dmportsd")
        self.wait("dmpStopping")

    def run(self):
        self.start_trapd()
        self.site()
        self.lab.start_daemon()
        self.wait("dmpStarted")
        self.ports()
        self.flapping()
        self.hosts()
        self.configuration()
        self.wait("dmpHeartbeat")
        self.loss()


def notifications():
    """[(number, name)] of the module."""
    with open(os.path.join(SOURCE, "mib", "DATAMINER-PORTS-MIB.txt"),
              encoding="ascii") as f:
        found = re.findall(
            r"(?s)\n(\w+) NOTIFICATION-TYPE.*?::= \{ dmpNotifications (\d+) \}", f.read())
    return sorted((int(number), name) for name, number in found)


def picture(number, name, line):
    head, *values = line.rstrip("\n").split("\t")
    return "\n".join([f"\n## {number}. {name}\n", "```", head, *(
        "  " + value for value in values if value), "```"])


def main(path):
    if os.environ.get(NAMESPACE) != "1":
        os.environ[NAMESPACE] = "1"
        os.execvp("unshare", ["unshare", "--net", "sh", "-c", SETUP, "sh",
                              sys.executable, *sys.argv])
    lab = Stage()
    try:
        gallery = Gallery(lab)
        try:
            gallery.run()
        except AssertionError as error:
            print(lab.log("dmportsd")[-3000:], error, sep="\n")
        caught = {name: gallery.lines(name) for _, name in notifications()}
    finally:
        lab.close()
    missing = [name for name, lines in caught.items() if not lines]
    absent = f"\nNot caught: {', '.join(missing)}.\n" if missing else ""
    with open(path, "w", encoding="utf-8") as f:
        f.write(HEAD + absent + "\n".join(picture(number, name, caught[name][0])
                                 for number, name in notifications() if caught[name]) +
                "\n")
    return f"not caught: {' '.join(missing)}" if missing else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
