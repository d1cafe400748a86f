#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: mib_snmptt.sh MIB BASE-DIRECTORY
#
# snmpttconvertmib must translate every notification and find our summaries, which it
# only does where they stand before the OID.
set -eu
mib=$(realpath "$1")
base=$(realpath "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v snmpttconvertmib >/dev/null || { echo "no snmpttconvertmib: skipped"; exit 77; }
report=$(SNMPCONFPATH="$dir" SNMP_PERSISTENT_DIR="$dir" MIBS=DATAMINER-PORTS-MIB \
	MIBDIRS="$(dirname "$mib"):$base" snmpttconvertmib \
	--in="$mib" --out="$dir/snmptt.conf" --net_snmp_perl 2>&1)
n=$(grep -c ' NOTIFICATION-TYPE$' "$mib")
for line in "Successful translations: *$n" "Failed translations: *0"; do
	printf '%s\n' "$report" | grep -q "^$line\$" || {
		echo "not reported: $line"
		printf '%s\n' "$report" | tail -n 5
		exit 1
	}
done
for line in 'EVENT dmpPortDown .*\.7741\.1\.0\.1 .* CRITICAL' \
	'FORMAT Port down: \$2 \$3: \$4' 'EVENT dmpPortUp .* NORMAL'; do
	grep -q "^$line\$" "$dir/snmptt.conf" || { echo "not made: $line"; exit 1; }
done
