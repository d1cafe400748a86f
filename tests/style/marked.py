# SPDX-License-Identifier: BSD-2-Clause
"""The part of a text file between two markers, which a program makes."""


def check(path, name, now, write):
    """Is now what stands in the file between the markers of this name?  If it is not,
    write puts it there; else False."""
    begin, end = f'<!-- {name}: begin -->\n', f'<!-- {name}: end -->\n'
    with open(path, encoding='utf-8') as file:
        head, rest = file.read().split(begin)
    before, tail = rest.split(end)
    if before == now:
        return True
    if write:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(head + begin + now + end + tail)
    return write
