# SPDX-License-Identifier: BSD-2-Clause
"""snmptrapd/: a log that names everything, and a handler that writes one line to syslog."""
from source import MODULE, WRITTEN, oid

CONFIGURATION = '''# {written}
# Add it to /etc/snmp/snmptrapd.conf and change the community.
authCommunity log,execute your-community

# In the log: when, from where, and every value with its name.
format2 %.4y-%.2m-%.2lT%.2h:%.2j:%.2k %B\\t%v\\n
# Every notification of dmports, to the script beside this file.
traphandle {root}.0.* /usr/local/lib/dmports/dmports-trap
'''
UNIT = '''# {written}
# Copy it to /etc/systemd/system/snmptrapd.service.d/dmports.conf; systemctl daemon-reload.
[Service]
# Names instead of numbers.
Environment=MIBS=SNMPv2-MIB:{module}
Environment=MIBDIRS=/usr/local/share/snmp/mibs:/usr/local/share/dmports/mib/base
# Debian's unit logs warnings and worse, which a notification is not.
ExecStart=
ExecStart=/usr/sbin/snmptrapd -LOi -n -OQs -f udp:162 udp6:162
'''
HANDLER = '''#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# {written}
#
# A traphandle for snmptrapd: one line to syslog for each notification, with the priority
# of its severity, but none for a heartbeat.  Standard input is the name of the sender, its
# address, and a line "OID value" for each object.  snmptrapd needs no MIB for it, and its
# options -O make no difference.
#
# Others can be told by changing the last lines, for instance a core of Nagios: its command
# file takes "[TIME] PROCESS_SERVICE_CHECK_RESULT;HOST;SERVICE;CODE;TEXT".
set -eu
LOGGER=${{LOGGER-logger}}

read -r _
read -r from
source='' key='' message='' severity='' state='' type='' sequence=''
while read -r oid value; do
	value=${{value#= }}
	value=${{value#\\"}}
	value=${{value%\\"}}
	case $oid in
	{trap_oid}.0 | *snmpTrapOID.0) type=$value ;;
{cases}
	esac
done

case $severity in
critical) priority=crit ;;
major) priority=err ;;
minor | warning) priority=warning ;;
*) priority=notice ;;
esac
case $type in
{types}
*) exit 0 ;;
esac
exec "$LOGGER" -p "daemon.$priority" -t dmports -- \\
	"$type $severity $source $key $state #$sequence: $message (from $from)"
'''
CARRIED = {'source': 'dmpNotifySource', 'key': 'dmpNotifyKey',
           'message': 'dmpNotifyMessage', 'severity': 'dmpNotifySeverityText',
           'state': 'dmpNotifyStateText', 'sequence': 'dmpNotifySequence'}


def suffix(mib, name):
    """The end of an OID, and its name with a module's, in whatever form it is printed."""
    numbers = oid(mib, name).split('.')
    return '*.' + '.'.join(numbers[-6:])


def handler(mib):
    cases = [f'\t{suffix(mib, name)}.0 | *{name}.0) {variable}=$value ;;'
             for variable, name in CARRIED.items()]
    types = [f'{suffix(mib, name)} | *{name}) type={name[3:]} ;;'
             for name in mib.module.notifications if name != 'dmpHeartbeat']
    return HANDLER.format(written=WRITTEN, trap_oid='*.6.3.1.1.4.1', cases='\n'.join(cases),
                          types='\n'.join(types))


def files(mib):
    return {'snmptrapd/snmptrapd.conf': CONFIGURATION.format(
                written=WRITTEN, root=oid(mib, 'dmpMIB')),
            'snmptrapd/snmptrapd.service.d/dmports.conf': UNIT.format(
                written=WRITTEN, module=MODULE),
            'snmptrapd/dmports-trap': handler(mib)}
