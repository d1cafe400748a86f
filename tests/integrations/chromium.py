# SPDX-License-Identifier: BSD-2-Clause
"""Headless Chromium, asked by the DevTools protocol through its pipe; stdlib only."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

DESKTOP = {'width': 1280, 'height': 900, 'deviceScaleFactor': 1, 'mobile': False}


class Chromium:
    """One page.  The browser reads commands from descriptor 3 and answers on 4, each
    message ended by a NUL."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp(prefix='dmpc', dir='/tmp')
        read_end, self.to = os.pipe()
        self.answers, write_end = os.pipe()
        # 3 and 4, whatever numbers the pipes have: a shell moves them, one that knows
        # numbers of two digits.
        script = f'exec 3<&{read_end} 4>&{write_end}; exec "$@"'
        self.process = subprocess.Popen(
            ['/bin/bash', '-c', script, 'chromium', program, '--headless=new', '--no-sandbox',
             '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
             '--remote-debugging-pipe', f'--user-data-dir={self.profile}', 'about:blank'],
            pass_fds=(read_end, write_end), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_end)
        os.close(write_end)
        self.buffer = b''
        self.number = 0
        self.session = None
        self.events = []
        try:
            self.attach()
        except BaseException:
            self.close()
            raise

    def attach(self):
        target = self.ask('Target.createTarget', url='about:blank')['targetId']
        self.session = self.ask('Target.attachToTarget', targetId=target,
                                flatten=True)['sessionId']
        for domain in ('Page', 'Network', 'Log', 'Runtime', 'DOM', 'Accessibility'):
            self.ask(domain + '.enable')

    def close(self):
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, end):
        while b'\0' not in self.buffer:
            ready, _, _ = select.select([self.answers], [], [], max(0, end - time.monotonic()))
            data = os.read(self.answers, 65536) if ready else b''
            if not data:
                raise RuntimeError('Chromium does not answer')
            self.buffer += data
        message, _, self.buffer = self.buffer.partition(b'\0')
        return json.loads(message)

    def ask(self, method, **parameters):
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            message['sessionId'] = self.session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.to, data):]
        end = time.monotonic() + 60
        while True:
            answer = self.receive(end)
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]}')
                return answer['result']
            self.events.append(answer)

    def wait_event(self, method):
        end = time.monotonic() + 60
        while True:
            for event in self.events:
                if event.get('method') == method:
                    return event['params']
            self.events.append(self.receive(end))

    def open(self, path, scheme='light', screen=None):
        """A file, or what has a URL."""
        self.ask('Emulation.setDeviceMetricsOverride', **dict(DESKTOP, **(screen or {})))
        self.ask('Emulation.setEmulatedMedia', media='', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])
        self.events.clear()
        self.ask('Page.navigate', url=path if '://' in path else 'file://' + path)
        self.wait_event('Page.loadEventFired')

    def requests(self):
        """What was fetched, the page itself among it."""
        return [event['params']['request']['url'] for event in self.events
                if event.get('method') == 'Network.requestWillBeSent']

    def complaints(self):
        return [event['params'] for event in self.events if event.get('method') in (
            'Log.entryAdded', 'Runtime.exceptionThrown')]

    def value(self, expression):
        """Of JavaScript that the debugger runs; the page itself may not."""
        answer = self.ask('Runtime.evaluate', expression=expression, returnByValue=True)
        return answer['result'].get('value')

    def key(self, name, code):
        for kind in ('rawKeyDown', 'keyUp'):
            self.ask('Input.dispatchKeyEvent', type=kind, key=name, code=name,
                     windowsVirtualKeyCode=code)

    def screenshot(self, path, area=None):
        """Of all the page, or of {x, y, width, height} of it."""
        if not area:
            size = self.ask('Page.getLayoutMetrics')['cssContentSize']
            area = {'x': 0, 'y': 0, 'width': size['width'], 'height': size['height']}
        shot = self.ask('Page.captureScreenshot', format='png', captureBeyondViewport=True,
                        clip=dict(area, scale=1))
        with open(path, 'wb') as file:
            file.write(base64.b64decode(shot['data']))

    def print(self, path):
        shot = self.ask('Page.printToPDF', printBackground=True, preferCSSPageSize=True)
        with open(path, 'wb') as file:
            file.write(base64.b64decode(shot['data']))

    def tree(self):
        """The accessibility tree: a list of (role, name, description)."""
        nodes = self.ask('Accessibility.getFullAXTree')['nodes']
        return [(node.get('role', {}).get('value'), node.get('name', {}).get('value', ''),
                 node.get('description', {}).get('value', ''))
                for node in nodes if not node.get('ignored')]
