# SPDX-License-Identifier: BSD-2-Clause
"""systemd/: what stock snmpd and systemd need to be told, on Debian and on RHEL."""
from source import WRITTEN, oid

# (layout, folder of the socket, permissions of it, view of the stock configuration)
LAYOUTS = {
    'debian/snmpd.conf': (
        '/etc/snmp/snmpd.conf.d/dmports.conf', '/run/agentx', '0750', 'systemonly'),
    'rhel/snmpd.local.conf': (
        '/etc/snmp/snmpd.local.conf', '/var/agentx', '0755', 'systemview')}
SNMPD = '''# {written}
# Copy it to {place} and restart snmpd.
master agentx
agentXSocket unix:{folder}/master
# Only the user and group that follow may connect.
agentXPerms 0660 {permissions} root dmports
# The stock view shows the system group only.
view {view} included {root}
'''
UNIT = '''# {written}
# Copy it to /etc/systemd/system/dmportsd.service.d/agentx.conf; systemctl daemon-reload.
[Service]
ExecStart=
ExecStart=/usr/local/sbin/dmportsd -f --agentx unix:{folder}/master
'''


def files(mib):
    found = {}
    for name, (place, folder, permissions, view) in LAYOUTS.items():
        found['systemd/' + name] = SNMPD.format(
            written=WRITTEN, place=place, folder=folder, permissions=permissions, view=view,
            root=oid(mib, 'dmpMIB').rpartition('.')[0])
    # Debian's is the default of dmportsd.
    found['systemd/rhel/dmportsd.service.d/agentx.conf'] = UNIT.format(
        written=WRITTEN, folder=LAYOUTS['rhel/snmpd.local.conf'][1])
    return found
