#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The page of dmports report in headless Chromium: on screens, on paper, by keyboard and
for screen readers."""
import os
import struct
import unittest

from chromium import Chromium
from live import LiveTest, tool

PHONE = {'width': 390, 'height': 800}


def png_size(path):
    with open(path, 'rb') as file:
        head = file.read(24)
    assert head[:8] == b'\x89PNG\r\n\x1a\n', head
    return struct.unpack('>II', head[16:24])


class ReportInChromium(LiveTest):
    def setUp(self):
        super().setUp()
        self.run_lab()
        self.b.close()
        self.lab.wait_trap('dmpPortDown', 'h1/svc-b')
        done = self.lab.dmports('report', '--run-dir', self.lab.path('run'), '--state-dir',
                                self.lab.path('state'))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.file = self.write('report.html', done.stdout)
        self.chromium = Chromium(tool('chromium'))
        self.addCleanup(self.chromium.close)

    def style(self, selector, name):
        return self.chromium.value(
            f'getComputedStyle(document.querySelector("{selector}")).{name}')

    def test_nothing_is_fetched_and_nothing_is_wrong(self):
        self.chromium.open(self.file)
        self.assertEqual(self.chromium.requests(), ['file://' + self.file])
        self.assertEqual(self.chromium.complaints(), [])

    def test_it_is_light_dark_and_fits_a_phone(self):
        self.chromium.open(self.file)
        light = self.style('body', 'backgroundColor')
        self.chromium.screenshot(self.lab.path('light.png'))
        self.chromium.open(self.file, 'dark')
        self.assertNotEqual(self.style('body', 'backgroundColor'), light)
        self.assertEqual(png_size(self.lab.path('light.png'))[0], 1280)
        self.chromium.open(self.file, 'light', PHONE)
        self.assertEqual(
            self.chromium.value('document.documentElement.scrollWidth'), PHONE['width'])
        self.chromium.screenshot(self.lab.path('phone.png'))
        self.assertEqual(png_size(self.lab.path('phone.png'))[0], PHONE['width'])

    def test_paper_is_light_even_where_the_screen_is_dark(self):
        self.chromium.open(self.file, 'dark')
        dark = self.style('.verdict', 'backgroundColor')
        self.chromium.ask('Emulation.setEmulatedMedia', media='print', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark'}])
        self.assertEqual(self.style('.verdict', 'backgroundColor'), 'rgb(255, 255, 255)')
        self.assertNotEqual(dark, 'rgb(255, 255, 255)')
        self.assertEqual(self.style('nav', 'display'), 'none')
        self.chromium.print(self.lab.path('report.pdf'))
        self.assertGreater(os.path.getsize(self.lab.path('report.pdf')), 10000)

    def test_nothing_is_cut_on_paper(self):
        # A4 with the margins of the style.
        self.chromium.open(self.file, 'light', {'width': 703, 'height': 1000})
        self.chromium.ask('Emulation.setEmulatedMedia', media='print', features=[])
        self.assertEqual(self.chromium.value(
            '[...document.querySelectorAll(".ports td, .ports th, .receivers td")].filter('
            'e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent).join("|")'), '')

    def test_each_port_that_answers_has_a_curve_that_can_be_seen(self):
        self.chromium.open(self.file)
        boxes = self.chromium.value(
            '[...document.querySelectorAll(".curve")].map(e => {'
            'const b = e.getBoundingClientRect(), d = e.querySelector(".dot"),'
            'c = d.getBoundingClientRect();'
            'return [b.width, b.height, c.x - b.x, c.y - b.y,'
            'getComputedStyle(d).stroke != getComputedStyle(e).backgroundColor];})')
        self.assertEqual(len(boxes), 2)
        for width, height, x, y, is_seen in boxes:
            self.assertGreater(width, 100)
            self.assertGreater(height, 20)
            self.assertTrue(0 < x < width and 0 < y < height, boxes)
            self.assertTrue(is_seen)

    def test_a_screen_reader_finds_its_way(self):
        self.chromium.open(self.file)
        tree = self.chromium.tree()
        found = {(role, name) for role, name, _ in tree}
        for wanted in (('banner', ''), ('navigation', 'Contents'), ('main', ''),
                       ('contentinfo', ''), ('region', 'Problems'), ('region', 'Matrix'),
                       ('region', 'Ports'), ('region', 'Timeline'),
                       ('region', 'Certificates'), ('region', 'Receivers'),
                       ('columnheader', 'Up to event'), ('heading', 'Ports of Lab'),
                       ('columnheader', 'svc-b'), ('columnheader', 'Latency'),
                       ('columnheader', 'Host'), ('rowheader', 'h1'),
                       # The shapes are for eyes: nobody hears "black square down".
                       ('cell', 'down'), ('term', 'down')):
            self.assertTrue(wanted in found, wanted)
        self.assertTrue(any(role == 'image' and name.startswith('h1/svc-b: up at first')
                            for role, name in found))
        self.assertEqual(sum(role == 'image' and name.startswith(
            'p95 of each hour: least ') and name.endswith(' of 25 hours not known')
            for role, name, _ in tree), 2)
        cells = [(name, description) for role, name, description in tree
                 if role == 'link' and name.startswith('down: h1 svc-b')]
        self.assertEqual(len(cells), 1)
        self.assertIn('refused', cells[0][1])
        for role, name, _ in tree:
            if role in ('link', 'image', 'region', 'DisclosureTriangle'):
                self.assertTrue(name, role)

    def test_the_keyboard_reaches_everything(self):
        self.chromium.open(self.file)
        names = []
        for _ in range(60):
            self.chromium.key('Tab', 9)
            names.append(self.chromium.value(
                'document.activeElement.getAttribute("aria-label") || '
                'document.activeElement.textContent.trim().slice(0, 40)'))
        self.assertEqual(names[0], 'Skip to the problems')
        self.assertIn('Matrix', names)
        self.assertTrue(any(name.startswith('down: h1 svc-b') for name in names), names)
        self.assertTrue(any(name.startswith('Ports of h1') for name in names), names)
        self.assertNotEqual(self.style(':focus-visible', 'outlineStyle'), 'none')

    def test_a_cell_leads_to_its_row_even_where_that_is_folded(self):
        self.chromium.open(self.file)
        self.chromium.value('document.querySelectorAll("details").forEach(d => d.open = false)')
        self.chromium.value('document.querySelector(".matrix a.s4").click()')
        self.assertTrue(self.chromium.value(
            'document.querySelector(":target").closest("details").open'))
        self.assertIn('svc-b', self.chromium.value(
            'document.querySelector(":target").textContent'))


if __name__ == '__main__':
    unittest.main()
