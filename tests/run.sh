#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what is missing (Debian packages), configures, builds and runs every fast test:
# unit, agent, integration and style.  Repeatable; leaves nothing running.
#
#   sh tests/run.sh               gcc, with AddressSanitizer and UBSan
#   sh tests/run.sh --release     optimised, no sanitizers
#   CC=clang sh tests/run.sh      another compiler (own build folder)
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
preset=debug
case "${1-}" in
'') ;;
--release) preset=release ;;
*)
	sed -n '4,10s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac

packages='cmake gcc clang clang-format-14 libc6-dev libc-ares-dev libclang-rt-14-dev libcmocka-dev
libevent-dev libjansson-dev libsnmp-dev libsqlite3-dev libssl-dev libxml2-dev libxml2-utils ninja-build pkg-config
python3 snmp snmpd snmptrapd smitools nftables iproute2 iputils-ping mandoc
shellcheck'
missing=''
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		missing="$missing $package"
done
if [ -n "$missing" ]; then
	echo "installing:$missing"
	root=''
	[ "$(id -u)" = 0 ] || root=sudo
	$root apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
		$missing >/dev/null
fi
PATH=$PATH:/usr/sbin
export PATH

build=$top/build/$preset
[ -z "${CC-}" ] || build=$build-$(basename "$CC")
cmake -S "$top" --preset "$preset" -B "$build" -DDMP_WERROR="${DMP_WERROR-OFF}" >/dev/null
echo "building in $build"
log=$build/build.log
ninja -C "$build" >"$log" || {
	grep -v '^\[' "$log" >&2
	echo "the build failed; all it said: $log" >&2
	exit 1
}
tail -n 1 "$log"
exec ctest --test-dir "$build" --output-on-failure -LE 'slow|bench|peers|integrations'
