# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of this folder share: run a probe, start and stop a real service."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROBE = os.environ['PEER_PROBE']
CACHE = os.path.join(os.environ['DMP_BINARY_DIR'], 'peers-cache')
HERE = os.path.dirname(os.path.abspath(__file__))
ADDRESS = '127.0.0.1'
SKIP = 77


def skip(reason):
    """End the whole test program: an artefact cannot be had."""
    print('SKIP: ' + reason)
    sys.exit(SKIP)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            skip(f'{program} is not installed, see install.sh')


def probe(kind, port, *words, host=ADDRESS):
    """One probe at depth identify; its result as a dictionary."""
    done = subprocess.run([PROBE, kind, host, ADDRESS, str(port), *words], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                          check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f'peer_probe: {done.returncode} {done.stderr}')
    return json.loads(done.stdout)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind((ADDRESS, 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(0.05)


def is_open(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex((ADDRESS, port)) == 0


class Service:
    """A program of somebody else's, with its output in a file."""

    def __init__(self, argv, log, cwd=None, env=None):
        self.log = log
        with open(log, 'ab') as out:
            self.process = subprocess.Popen(argv, stdout=out, stderr=out, cwd=cwd,
                                            stdin=subprocess.DEVNULL, env=env)

    def text(self):
        with open(self.log, encoding='utf-8', errors='replace') as log:
            return log.read()

    def wait_text(self, text, seconds):
        def there():
            if self.process.poll() is not None:
                raise AssertionError('it has ended: ' + self.text()[-2000:])
            return text in self.text()
        wait_until(there, seconds, f'"{text}" in {self.log}')

    def wait_open(self, port, seconds):
        wait_until(lambda: is_open(port), seconds, f'port {port}')

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Canned:
    """Bytes in the place of a service: says them to everybody, after the first request
    when there is something to wait for."""

    def __init__(self, data, after_request=True):
        self.data = data
        self.after_request = after_request
        self.socket = socket.create_server((ADDRESS, 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                try:
                    if self.after_request:
                        connection.recv(4096)
                    connection.sendall(self.data)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(4096):
                        pass
                except OSError:
                    pass

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def folder(cleanup):
    """A temporary folder, removed by cleanup."""
    path = tempfile.mkdtemp(prefix='dmports-peer-')
    cleanup(shutil.rmtree, path, ignore_errors=True)
    return path
