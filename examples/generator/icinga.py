# SPDX-License-Identifier: BSD-2-Clause
"""icinga-nagios/: the OIDs of check_dmports, and the commands of Icinga 2 and Nagios."""
import os

from source import TOP, WRITTEN

PLUGIN = 'icinga-nagios/check_dmports'
SCALARS = ['dmpStatus', 'dmpSiteName', 'dmpVantageName', 'dmpConfigStatus', 'dmpPorts',
           'dmpRequiredPorts', 'dmpRequiredPortsDown', 'dmpDegradedPorts',
           'dmpExposedPorts', 'dmpUnknownPorts', 'dmpUnverifiedPorts',
           'dmpMaintenancePorts', 'dmpDownHosts', 'dmpEngineState', 'dmpBoardAge']
HOST_COLUMNS = ['dmpHostState', 'dmpHostRequiredPorts', 'dmpHostRequiredDown',
                'dmpHostAdminState']
OTHERS = ['dmpHostName', 'dmpProblemMessage', 'dmpProblemSeverityRank',
          'dmpProblemHostIndex']
BEGIN, END = '# MIB: begin\n', '# MIB: end\n'


def wrapped(name, words):
    lines, line = [], f'{name} = ('
    for word in words:
        piece = f"'{word}', "
        if len(line) + len(piece) > 88:
            lines.append(line.rstrip())
            line = '    '
        line += piece
    return '\n'.join(lines + [line.rstrip(', ') + ')']) + '\n'


def plugin(mib):
    """The plugin with its block of OIDs as the MIB has them."""
    with open(os.path.join(TOP, 'examples', PLUGIN), encoding='ascii') as file:
        text = file.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    oids = ''.join(f"    '{name}': '{mib.oid(name)}',\n"
                   for name in SCALARS + HOST_COLUMNS + OTHERS)
    return (before + BEGIN + f'# {WRITTEN}\n' + 'OIDS = {\n' + oids + '}\n' +
            wrapped('SCALARS', SCALARS) + wrapped('HOST_COLUMNS', HOST_COLUMNS) +
            END + after)


def files(mib):
    return {PLUGIN: plugin(mib)}
