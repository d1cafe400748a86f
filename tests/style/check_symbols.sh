#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check_symbols.sh BUILD: every global symbol carries our prefix, no library of the core
# refers to Net-SNMP, and neither does the dmports command.
set -eu
build=$1
failed=0

# engine_ is the prefix of what engine.c and its siblings share among themselves.
for library in $(find "$build/src" "$build/subagent" "$build/mib" -name 'lib*.a' | sort); do
	bad=$(nm -g --defined-only "$library" 2>/dev/null | awk 'NF == 3 { print $3 }' |
		grep -vE '^(dmpd?_|__asan|__ubsan|__odr_asan|__sanitizer|_dmp)' || :)
	case $library in
	*/libdmp_engine.a) bad=$(printf '%s' "$bad" | grep -vE '^engine_' || :) ;;
	esac
	[ -z "$bad" ] || {
		printf '%s defines without our prefix:\n%s\n' "$library" "$bad"
		failed=1
	}
done
for library in $(find "$build/src" -name 'lib*.a' | sort); do
	bad=$(nm -u "$library" 2>/dev/null | grep -E ' (snmp_|netsnmp_|init_agent)' || :)
	[ -z "$bad" ] || {
		printf '%s refers to Net-SNMP:\n%s\n' "$library" "$bad"
		failed=1
	}
done
if readelf -d "$build/src/cli/dmports" | grep -q netsnmp; then
	echo 'the dmports command links Net-SNMP'
	failed=1
fi
exit $failed
