# SPDX-License-Identifier: BSD-2-Clause
"""Read DATAMINER-PORTS-MIB as far as the checks of its text need it."""
import re

TOKEN = re.compile(r'"[^"]*"|--[^\n]*|::=|\.\.|[{}(),;|\[\]]|[^\s{}(),;|\[\]"]+')


def tokens(text):
    """The words of a module, without comments."""
    return [t for t in TOKEN.findall(text) if not t.startswith('--')]


def braces(words, start):
    """The words between { at start and its }."""
    depth = 0
    for i in range(start, len(words)):
        depth += {'{': 1, '}': -1}.get(words[i], 0)
        if depth == 0:
            return words[start + 1:i]
    raise ValueError('unbalanced braces')


def members(words):
    """{'a': 1, ...} of  a ( 1 ) , ...  or {} when there are none."""
    found = {}
    for i, word in enumerate(words):
        if word == '(' and i > 0 and words[i + 2] == ')':
            if words[i - 1] in found:
                raise ValueError('member twice: ' + words[i - 1])
            found[words[i - 1]] = int(words[i + 1])
    return found


class Syntax:
    """A SYNTAX clause: its base name, its enumeration, its greatest size."""

    def __init__(self, words):
        self.base = words[0]
        self.members = {}
        self.size = None
        if words[1:2] == ['{']:
            self.members = members(braces(words, 1))
        # More than the clause may follow: the next SIZE can be that of another type.
        rest = words[2 if self.base == 'OCTET' else 1:]
        if rest[:2] == ['(', 'SIZE']:
            self.size = int(rest[3].split('..')[-1])

    def __eq__(self, other):
        return vars(self) == vars(other)


class Module:
    """All that a module defines, by descriptor."""

    def __init__(self, text):
        self.text = text
        self.conventions = {}    # name: Syntax
        self.objects = {}        # name: (Syntax, access, parent, number)
        self.notifications = {}  # name: (objects, parent, number)
        self.groups = {}         # name: members
        self.nodes = {}          # name: (parent, number)
        self.order = []          # descriptors as defined
        words = tokens(text)
        words = words[words.index(';') + 1:]  # after the imports
        for i, word in enumerate(words):
            reader = getattr(self, 'read_' + word.lower().replace('-', '_'), None)
            if reader:
                reader(words, i)

    @staticmethod
    def value(words, start):
        """Parent and number of the next  ::= { parent number }."""
        i = words.index('::=', start)
        inside = braces(words, i + 1)
        return inside[0], int(inside[-1])

    @staticmethod
    def clause(words, start, key):
        return words[words.index(key, start) + 1:]

    def define(self, name):
        if name in self.order:
            raise ValueError('defined twice: ' + name)
        self.order.append(name)

    def read_textual_convention(self, words, i):
        self.define(words[i - 2])
        self.conventions[words[i - 2]] = Syntax(self.clause(words, i, 'SYNTAX'))

    def read_object_type(self, words, i):
        self.define(words[i - 1])
        rest = self.clause(words, i, 'SYNTAX')
        end = next(k for k, word in enumerate(rest) if word in ('UNITS', 'MAX-ACCESS'))
        self.objects[words[i - 1]] = (
            Syntax(rest[:end]), self.clause(words, i, 'MAX-ACCESS')[0],
            *self.value(words, i))

    def read_notification_type(self, words, i):
        self.define(words[i - 1])
        listed = braces(words, words.index('OBJECTS', i) + 1)
        self.notifications[words[i - 1]] = (
            [word for word in listed if word != ','], *self.value(words, i))

    def read_group(self, words, i, key):
        self.define(words[i - 1])
        listed = braces(words, words.index(key, i) + 1)
        self.groups[words[i - 1]] = [word for word in listed if word != ',']

    def read_object_group(self, words, i):
        self.read_group(words, i, 'OBJECTS')

    def read_notification_group(self, words, i):
        self.read_group(words, i, 'NOTIFICATIONS')

    def read_module_identity(self, words, i):
        self.define(words[i - 1])

    def read_module_compliance(self, words, i):
        self.define(words[i - 1])

    def read_object(self, words, i):
        if words[i + 1] == 'IDENTIFIER':
            self.define(words[i - 1])
            self.nodes[words[i - 1]] = self.value(words, i)
