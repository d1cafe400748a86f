#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: mib_lint_ietf.sh MIB BASE-DIRECTORY BUILD-DIRECTORY
#
# The lint of mib_lint.sh against the IETF's own texts of SNMPv2-SMI, -TC and -CONF, in
# place of our minimal ones: what we import must be what they define.  The texts come
# with the npm package net-snmp.
set -eu
here=$(dirname "$(realpath "$0")")
version=3.29.2
dir=$3/ietf-mibs
texts=$dir/node_modules/net-snmp/lib/mibs

if [ ! -f "$dir/installed-$version" ]; then
	rm -rf "$dir"
	mkdir -p "$dir"
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" \
		"net-snmp@$version" || { echo "npm cannot install it: skipped"; exit 77; }
	: >"$dir/installed-$version"
fi

# smilint looks for names without an extension, and the package has some under others.
mkdir -p "$dir/mibs"
for module in SNMPv2-SMI SNMPv2-TC SNMPv2-CONF SNMPv2-MIB; do
	found=$(find "$texts" -name "$module*" | head -n 1)
	[ -n "$found" ] || { echo "the package has no $module"; exit 1; }
	cp "$found" "$dir/mibs/$module"
	# Not our own texts by some other way.
	cmp -s "$found" "$2/$module.txt" && echo "$found is ours" && exit 1
done
exec "$here/mib_lint.sh" "$1" "$dir/mibs"
