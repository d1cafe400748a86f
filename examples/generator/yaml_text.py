# SPDX-License-Identifier: BSD-2-Clause
"""Write mappings, lists, texts and numbers as YAML that every reader takes alike."""
import re

# What no reader takes for a number, a truth value, a date or an indicator.
PLAIN = re.compile(r'[A-Za-z_/][A-Za-z0-9_/.()-]*(?: [A-Za-z0-9_/.()-]+)*\Z')
OID = re.compile(r'\d+(?:\.\d+){2,}\Z')
RESERVED = {'true', 'false', 'yes', 'no', 'on', 'off', 'y', 'n', 'null'}


def scalar(value):
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, int):
        return str(value)
    if OID.match(value) or (PLAIN.match(value) and value.lower() not in RESERVED):
        return value
    return "'" + value.replace("'", "''") + "'"


def block(text, indent):
    """A text of several lines, as they are."""
    pad = '  ' * indent
    return '|-\n' + '\n'.join(pad + line if line else '' for line in text.split('\n'))


def value_lines(value, indent):
    """What follows a key or a dash, and the lines below it."""
    if isinstance(value, (dict, list)) and value:
        return None, lines(value, indent)
    if isinstance(value, (dict, list)):
        return '{}' if isinstance(value, dict) else '[]', []
    if isinstance(value, str) and '\n' in value:
        return block(value, indent), []
    return scalar(value), []


def lines(value, indent=0):
    pad = '  ' * indent
    found = []
    if isinstance(value, dict):
        for key, inner in value.items():
            text, below = value_lines(inner, indent + 1)
            found.append(f'{pad}{scalar(key)}:' + (f' {text}' if text else ''))
            found += below
        return found
    for inner in value:
        text, below = value_lines(inner, indent + 1)
        if text is not None:
            found.append(f'{pad}- {text}')
        else:
            found.append(f'{pad}- {below[0].lstrip()}')
            found += below[1:]
    return found


def document(value, comments):
    """A whole file: its comments first."""
    return ''.join(f'# {line}\n' for line in comments) + '\n'.join(lines(value)) + '\n'
