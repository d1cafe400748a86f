#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: mib_netsnmp.sh MIB BASE-DIRECTORY
#
# Net-SNMP's own parser must load the module, with nothing but our base modules, and
# have no warnings but that it ignores the macros of SNMPv2-SMI, -TC and -CONF.
set -eu
mib=$(realpath "$1")
base=$(realpath "$2")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/cert_indexes" # the library announces it when it must make it

# translate MIB option...; no files of this machine, neither read nor written
translate()
{
	module=$1
	shift
	SNMPCONFPATH="$dir" SNMP_PERSISTENT_DIR="$dir" MIBDIRS='' MIBS='' snmptranslate \
		-Pw -M "$(dirname "$module"):$base" -m DATAMINER-PORTS-MIB "$@" 2>&1 |
		grep -v ' MACRO (lines [0-9.]* parsed and ignored)\.$'
}

tree=$(translate "$mib" -Tp)
first=$(printf '%s\n' "$tree" | head -n 1)
if [ "$first" != "+--iso(1)" ]; then
	echo "warnings: $first"
	exit 1
fi
for node in 'dmpPortDown(1)' 'dmpPortCleared(20)' 'EnumVal   dmpPortState(11)' \
	'dmpNotifyReasonText(19)' 'dmpNotificationOnlyCompliance(3)'; do
	case $tree in
	*"$node"*) ;;
	*) echo "not in the tree: $node" && exit 1 ;;
	esac
done
oid=$(translate "$mib" -On DATAMINER-PORTS-MIB::dmpPortState.7)
[ "$oid" = .1.3.6.1.4.1.8072.9999.9999.7741.1.1.5.1.11.7 ] || {
	echo "dmpPortState.7 is $oid"
	exit 1
}
# What begins every notification has a name, too.
trap_text=$(SNMPCONFPATH="$dir" SNMP_PERSISTENT_DIR="$dir" MIBDIRS='' MIBS='' snmptranslate \
	-M "$base" -m SNMPv2-MIB .1.3.6.1.6.3.1.1.4.1.0)
[ "$trap_text" = SNMPv2-MIB::snmpTrapOID.0 ] || {
	echo "snmpTrapOID.0 is $trap_text"
	exit 1
}

mkdir "$dir/canary"
sed 's/::= { dmpPortEntry 11 }/::= { dmpPortEntri 11 }/' "$mib" \
	>"$dir/canary/DATAMINER-PORTS-MIB.txt"
first=$(translate "$dir/canary/DATAMINER-PORTS-MIB.txt" -Tp | head -n 1)
if [ "$first" = "+--iso(1)" ]; then
	echo "snmptranslate does not notice an unknown parent"
	exit 1
fi
