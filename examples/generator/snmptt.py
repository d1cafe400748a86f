# SPDX-License-Identifier: BSD-2-Clause
"""snmptt/: one EVENT for each notification and severity, as snmpttconvertmib writes them.

The converter knows one severity for each notification; ours carry theirs as a word, and
MATCH tells them apart."""
import re

from source import SERVICE, WRITTEN, about, families, oid, place

RAISED = ('critical', 'major', 'minor', 'warning')


def hints(mib, name):
    """The comments of the MIB for snmpttconvertmib: type, summary, arguments, severity."""
    body = mib.module.text.split(f'\n{name} NOTIFICATION-TYPE', 1)[1].split('::=', 1)[0]
    found = {key: re.search(rf'--#{key} (.*)', body)[1] for key in (
        'TYPE', 'SUMMARY', 'ARGUMENTS', 'SEVERITY')}
    arguments = [int(n) + 1 for n in re.findall(r'\d+', found['ARGUMENTS'])]
    summary = found['SUMMARY'].strip('"')
    for argument in arguments:
        summary = summary.replace('%s', f'${argument}', 1)
    return found['TYPE'].strip('"'), summary, found['SEVERITY']


def event(mib, name, severity, match=None):
    kind, summary, _ = hints(mib, name)
    lines = [f'EVENT {name} {oid(mib, name)} "Status Events" {severity}',
             f'FORMAT {kind}: {summary}']
    if match:
        lines.append(f'MATCH ${place(mib, "dmpNotifySeverityText")}: {match}')
    return '\n'.join(lines + ['SDESC', about(mib, name), 'EDESC', ''])


def configuration(mib):
    raising = {name for raises, _ in families(mib) for name in raises}
    parts = [f'# {WRITTEN}\n# Add it to snmptt_conf_files in snmptt.ini.\n']
    for name in mib.module.notifications:
        _, _, severity = hints(mib, name)
        if name in SERVICE or name not in raising:
            parts.append(event(mib, name, severity))
            continue
        parts += [event(mib, name, word.upper(), f'(^{word}$)') for word in RAISED]
        parts.append(event(mib, name, 'INDETERMINATE', f'!(^({"|".join(RAISED)})$)'))
    return '\n'.join(parts)


def files(mib):
    return {'snmptt/snmptt.conf.dmports': configuration(mib)}
