# SPDX-License-Identifier: BSD-2-Clause
"""The MIB as the formats of this folder need it: one reader for all of them."""
import os
import re
import sys
from collections import namedtuple

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
sys.path.insert(0, os.path.join(TOP, 'examples', 'dataminer'))
from layout import Mib, families  # noqa: E402,F401

MIB_PATH = os.path.join(TOP, 'mib', 'DATAMINER-PORTS-MIB.txt')
MODULE = 'DATAMINER-PORTS-MIB'
WRITTEN = 'Written by examples/generator from DATAMINER-PORTS-MIB: change that, not this.'

# How bad each state of a port is, as most systems count: 0 ok, 1 warning, 2 critical,
# 3 unknown.  A level says more: see dmpPortSeverityRank.
STATE_RANK = {'unknown': 3, 'up': 0, 'degraded': 1, 'down': 2, 'exposed': 2, 'closed': 0,
              'unverified': 3, 'notApplicable': 3}

# Notifications that are no event: they have other objects and no sequence.
SERVICE = ('dmpEventsLost', 'dmpHeartbeat')


def load(path=MIB_PATH):
    with open(path, encoding='ascii') as file:
        return Mib(file.read())


def oid(mib, name, instance=None):
    """.1.3.6... of a node, with .0 for a scalar when instance is 0."""
    return '.' + mib.oid(name) + ('' if instance is None else f'.{instance}')


def scalars(mib):
    """Columns of the scalars, in order of the MIB, without the commands."""
    return [column for column in mib.columns.values()
            if column.parent in ('dmpSystem', 'dmpSummary')
            and column.access == 'read-only']


def about(mib, name):
    """The first sentences of a notification: its DESCRIPTION up to an empty line."""
    body = mib.module.text.split(f'\n{name} NOTIFICATION-TYPE', 1)[1]
    text = re.search(r'DESCRIPTION\s+"([^"]*)"', body)[1]
    return re.sub(r' Rate: .*', '', ' '.join(text.split('\n\n')[0].split()))


def events(mib):
    """{name: number} of the notifications that tell of an event."""
    return {name: found[2] for name, found in mib.module.notifications.items()
            if name not in SERVICE}


def place(mib, varbind):
    """The position of a varbind in every notification of an event; the first is 1."""
    return mib.module.notifications['dmpPortDown'][0].index(varbind) + 1


def xml_text(text):
    return (text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')
            .replace('"', '&quot;'))


Reason = namedtuple('Reason', 'number label sentence owner')


def reasons():
    """The table of reasons, from the header that has it."""
    with open(os.path.join(TOP, 'src', 'base', 'vocab.h'), encoding='ascii') as file:
        table = file.read().split('#define DMP_REASON_TABLE(DMP_X)', 1)[1]
    table = table.split('\n\n', 1)[0].replace('\\\n', ' ')
    text = r'("[^"]*"(?:\s*"[^"]*")*)'
    entry = re.compile(r'DMP_X\(\s*\w+, (\d+), ' + text + r',\s*' + text + r', \w+,\s*' +
                       text + r',\s*' + text + r'\)')

    def joined(words):
        return ''.join(re.findall('"([^"]*)"', words))
    return [Reason(int(number), joined(label), joined(sentence), joined(owner))
            for number, label, _, sentence, owner in entry.findall(table)]
