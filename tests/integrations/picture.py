#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The pictures of examples/report: a live daemon and the hosts of an example site in
network namespaces of their own, joined by a wire with a delay for each host.

What is now is measured.  The 24 hours before are made up, and written into the event log
between two runs of the daemon: nobody waits a day for a picture.

Needs root, /dev/net/tun and Chromium.

usage: DMP_BINARY_DIR=build DMP_SOURCE_DIR=. picture.py FOLDER
"""
import ctypes
import fcntl
import heapq
import json
import math
import multiprocessing
import os
import random
import select
import socket
import sqlite3
import struct
import subprocess
import sys
import time

SOURCE = os.environ['DMP_SOURCE_DIR']
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'integration'))
from chromium import Chromium  # noqa: E402
from lab import BINARY, Lab, tool, wait_until  # noqa: E402

NEWNET = 0x40000000
HOUR = 3600
MEASURED_S = 100
HERE, BERLIN, NOC, ARCHIVE = '10.0.0.1', '10.0.0.2', '10.0.0.162', '10.0.0.163'
# Milliseconds there and back.
DELAYS = {'192.0.2.11': 0.8, '192.0.2.12': 1.0, '192.0.2.13': 9, '198.51.100.1': 0.5,
          '198.51.100.2': 0.6, '198.51.100.3': 24, '198.51.100.7': 1.6, '203.0.113.5': 22}
DMA3, DB3, UPS = '192.0.2.13', '198.51.100.3', '203.0.113.5'
SCREEN = {'width': 1600, 'height': 1000}


# --- the network ---

class Namespace:
    """Made by the thread that makes it, which stays there."""

    def __init__(self, *addresses):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'unshare')
        self.libc = libc
        self.fd = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        self.tun = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(self.tun, 0x400454ca, struct.pack('16sH', b'wire', 0x1001))
        for command in ('link set lo up', 'link set wire up', 'route add default dev wire',
                        *(f'addr add {a}/32 dev lo' for a in addresses)):
            subprocess.run(['ip', *command.split()], check=True)

    def enter(self):
        if self.libc.setns(self.fd, NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')


class Wire(multiprocessing.Process):
    """Takes packets from each namespace to the one that has their destination."""

    def __init__(self, near, berlin, far):
        super().__init__(daemon=True)
        self.near, self.berlin, self.far = near, berlin, far
        self.queue = []

    def take(self, source):
        packet = os.read(source.tun, 65536)
        if len(packet) < 20 or packet[0] >> 4 != 4:
            return
        one, other = (socket.inet_ntoa(packet[n:n + 4]) for n in (12, 16))
        if source is self.berlin and other == DMA3:
            return
        target = {HERE: self.near, BERLIN: self.berlin}.get(other, self.far)
        delay = DELAYS.get(other if target is self.far else one, 0.5) / 2000
        due = time.monotonic() + delay * random.lognormvariate(0, 0.12)
        heapq.heappush(self.queue, (due, random.random(), target.tun, packet))

    def run(self):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        sources = {n.tun: n for n in (self.near, self.berlin, self.far)}
        while True:
            wait = max(0, self.queue[0][0] - time.monotonic()) if self.queue else 1
            for fd in select.select(sources, [], [], wait)[0]:
                self.take(sources[fd])
            while self.queue and self.queue[0][0] <= time.monotonic():
                _, _, target, packet = heapq.heappop(self.queue)
                os.write(target, packet)


# --- the day before ---

def shape(key, ago, chance):
    """How much slower than usual it was so many hours ago; 0: nothing is known."""
    host, _, requirement = key.partition('/')
    hour = (time.time() / HOUR - ago) % 24
    factor = math.exp(chance.gauss(0, 0.07))
    if host.startswith('dma'):                             # people work
        factor *= 1 + 1.2 * max(0, math.sin((hour - 6) / 13 * math.pi))
    if host == 'dma2' and 9 <= ago <= 10:                  # in maintenance
        return 0
    if host == 'dma3' and ago > 13:                        # took the shorter way
        factor *= 0.4
    if host in ('db1', 'db2', 'db3') and ago in (17, 18):  # backup
        factor *= 9 if requirement == 'cassandra-cql' else 4
    if host == 'db3':                                      # ails
        factor *= 0.03 * (1 if ago > 5 else 2 ** (5 - ago))
    if host == 'search1' and chance.random() < 0.15:
        factor *= chance.uniform(3, 12)
    if host == 'ups1' and ago > 15:                        # is new
        return 0
    return factor


def record(key, latency_us, now):
    """What the daemon would have stored, as it stores it (src/engine/availability.h)."""
    chance = random.Random(key)
    newest = int(now // HOUR)
    hours, p95 = [(0, 0)] * 25, [0] * 25
    for ago in range(25):
        at = (newest - ago) % 25
        known = shape(key, ago, chance)
        if known == 0:
            continue
        hours[at] = (HOUR, 0) if ago else (int(now % HOUR), 0)
        p95[at] = max(110, int(latency_us * known)) if latency_us else 0
    days = [(86400 - 60, 60 if chance.random() < 0.05 else 0) for _ in range(31)]
    days[newest // 24 % 31] = (int(now % 86400), 0)
    return struct.pack('<II50H62I25I', 2, newest, *sum(hours, ()), *sum(days, ()), *p95)


# --- the scene ---

class Scene:
    def __init__(self, folder):
        self.folder = folder
        self.far = Namespace(*DELAYS)
        self.berlin = Namespace(BERLIN)
        self.near = Namespace(HERE, NOC, ARCHIVE)
        Wire(self.near, self.berlin, self.far).start()
        self.lab = Lab()
        self.options = ('--run-dir', self.lab.path('run'), '--state-dir',
                        self.lab.path('state'))

    def at(self, namespace, name, *words):
        namespace.enter()
        self.lab.start(name, words)
        self.near.enter()

    def write_site(self):
        with open(os.path.join(SOURCE, 'examples', 'sites', 'three-dma-cassandra.xml'),
                  encoding='utf-8') as file:
            text = file.read()
        text = text.replace('interval="30s" fall="3"',
                            'interval="1s" fast="500ms" slow="1s" timeout="400ms" '
                            'fall="2" depth="connect"')
        text = text.replace('fall="5"/>', 'fall="2"/><policy requirement="ups" '
                            'depth="identify" heavy-interval="1s"/>').replace('"5m"', '"1s"')
        text = text.replace('</site>', (
            f'<notify><receiver name="noc" type="inform" address="{NOC}" '
            f'community-file="community"/><receiver name="archive" type="trap" '
            f'address="{ARCHIVE}" community-file="community"/></notify></site>'))
        with open(self.lab.path('site.xml'), 'w', encoding='utf-8') as file:
            file.write(text)
        with open(self.lab.path('community'), 'w', encoding='ascii') as file:
            file.write('public\n')
        os.chmod(self.lab.path('community'), 0o600)

    def start_hosts(self):
        dmports = os.path.join(BINARY, 'src', 'cli', 'dmports')
        for host in ('dma1', 'dma2', 'dma3', 'db1', 'db2', 'db3', 'search1'):
            self.at(self.far, host, dmports, 'listen', '--site', self.lab.path('site.xml'),
                    '--host', host, '-q')
        key, certificate = self.lab.path('ups.key'), self.lab.path('ups.pem')
        subprocess.run([
            tool('openssl'), 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=ups1.example', '-addext',
            f'subjectAltName=IP:{UPS}', '-days', '12', '-keyout', key, '-out', certificate], stderr=subprocess.DEVNULL,
            check=True)
        self.at(self.far, 'ups1', tool('openssl'), 's_server', '-accept', f'{UPS}:8443',
                '-key', key, '-cert', certificate, '-www', '-quiet')

    def start_receivers(self):
        with open(self.lab.path('trapd.conf'), 'w', encoding='ascii') as file:
            file.write('authCommunity log public\n')
        for name, address in (('noc', NOC), ('archive', ARCHIVE)):
            self.at(self.near, name, tool('snmptrapd'), '-f', '-n', '-Lf', '/dev/null', '-C',
                    '-c', self.lab.path('trapd.conf'), f'udp:{address}:162')

    def settle(self):
        """All ports of the site have been checked, and those of db3 answer."""
        def done():
            rows = self.lab.status()
            return len(rows) > 40 and rows['db3/cassandra-cql']['state'] == 'up' and all(
                row['state'] != 'unknown' for row in rows.values())
        wait_until('states', done, 90, 1)

    def write_history(self, rows):
        database = sqlite3.connect(self.lab.path('state', 'events.db'))
        now = time.time()
        with database:
            for index, key in database.execute(
                    'SELECT idx, key FROM index_map WHERE kind = 1').fetchall():
                row = rows.get(key, {})
                latency = row.get('latency_us') or 0
                if row.get('state') not in ('up', 'degraded'):
                    latency = 0
                database.execute('REPLACE INTO availability VALUES (?, ?, ?)', (
                    index, int(now // HOUR), record(key, latency, now)))
            database.execute('DELETE FROM event')
        database.close()

    def report(self):
        self.berlin.enter()
        seen = self.lab.dmports('check', '--site', self.lab.path('site.xml'), '--format',
                                'json', '-q').stdout
        self.near.enter()
        with open(self.lab.path('berlin.json'), 'w', encoding='utf-8') as file:
            file.write(seen)
        self.page('report', f'berlin={self.lab.path("berlin.json")}')
        self.page('latency')

    def page(self, name, *words):
        done = self.lab.dmports('report', *self.options, *words)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stderr)
        with open(os.path.join(self.folder, name + '.html'), 'w', encoding='utf-8') as file:
            file.write(done.stdout)

    def run(self):
        self.write_site()
        self.start_hosts()
        self.start_receivers()
        self.lab.start_snmpd()
        self.lab.start_daemon()
        self.settle()
        time.sleep(10)
        rows = self.lab.status()
        self.lab.stop('dmportsd')
        self.write_history(rows)
        self.lab.start_daemon()
        self.settle()
        time.sleep(MEASURED_S)
        self.lab.stop('db3')
        self.at(self.far, 'odd', sys.executable, '-m', 'http.server', '9004', '-b', DMA3)
        for key, state in (('db3/cassandra-cql', 'down'),
                           ('dma3/webservices-legacy', 'exposed')):
            self.lab.wait_state(key, state, 60)
        time.sleep(5)
        self.report()


# --- the pictures ---

def box(browser, *selectors):
    """From the first of these elements to the last, as wide as the screen."""
    top, bottom = browser.value(
        f'(es => [es[0].top, es.at(-1).bottom].map(y => y + scrollY))({list(selectors)}'
        '.map(s => document.querySelector(s).getBoundingClientRect()))')
    top = max(0, top - 8)
    return {'x': 0, 'y': top, 'width': SCREEN['width'], 'height': bottom - top + 8}


def shoot(folder):
    """Needs descriptors with one digit: the shell that starts Chromium knows no others."""
    browser = Chromium(tool('chromium'))
    try:
        for name, scheme, area in (
                ('report', 'light', ('body', '#matrix')),
                ('latency', 'dark', ('#ports > details:nth-of-type(6)',
                                     '#ports > details:nth-of-type(8)'))):
            browser.open(os.path.join(folder, name + '.html'), scheme, SCREEN)
            browser.screenshot(os.path.join(folder, name + '.png'), box(browser, *area))
        browser.print(os.path.join(folder, 'latency.pdf'))
    finally:
        browser.close()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    os.nice(-15)  # what else runs here is not to be measured
    with open('/proc/thread-self/ns/net', 'rb') as home:
        scene = Scene(folder)
        try:
            scene.run()
        finally:
            scene.lab.close()
        scene.near.libc.setns(home.fileno(), NEWNET)
    subprocess.run([sys.executable, __file__, '--shoot', folder], check=True)


if __name__ == '__main__':
    if sys.argv[1] == '--shoot':
        shoot(sys.argv[2])
    else:
        main(os.path.abspath(sys.argv[1]))
