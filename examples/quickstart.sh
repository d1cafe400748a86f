#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# dmports in a minute: builds it, then runs the main job on this machine's loopback network
# with a private snmpd and a private snmptrapd - walks the table, breaks a required port,
# shows the notification, mends the port, shows the clear.
#
#   sh examples/quickstart.sh           run and clean up
#   sh examples/quickstart.sh --keep    leave everything running and say how to explore
#
# Needs Debian 12 (or alike).  Missing packages are installed with apt-get, as root or with
# sudo; nothing else needs privileges, and nothing outside a temporary folder is changed.
set -eu

keep=no
case "${1-}" in
'') ;;
--keep) keep=yes ;;
*)
	sed -n '4,12s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac

top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build/quickstart
pids=''
dir=''

say() {
	if [ -t 1 ]; then
		printf '\n\033[1m== %s\033[0m\n' "$*"
	else
		printf '\n== %s\n' "$*"
	fi
}
fail() {
	printf 'quickstart: %s\n' "$*" >&2
	if [ -n "$dir" ] && [ -f "$dir/dmportsd.log" ]; then
		tail -n 20 "$dir/dmportsd.log" >&2
	fi
	exit 1
}

# End what was started, newest first, and wait for each: nothing is left behind.
clean_up() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null || continue
		wait "$pid" 2>/dev/null || :
	done
	[ -z "$dir" ] || rm -rf "$dir"
}

start() { # start NAME COMMAND...: in the background, output to NAME.log
	name=$1
	shift
	"$@" >"$dir/$name.log" 2>&1 &
	pids="$! $pids"
}

wait_for() { # wait_for SECONDS WHAT COMMAND...
	left=$(($1 * 10))
	what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ "$left" -gt 0 ] || fail "no $what in time"
		sleep 0.1
	done
}

snmp() { # snmp TOOL ARGUMENTS...: with our MIB, without the machine's own settings
	tool=$1
	shift
	SNMPCONFPATH=$dir MIBDIRS=$top/mib:$top/mib/base MIBS=SNMPv2-MIB:DATAMINER-PORTS-MIB \
		"$tool" -v2c -c public -t 1 -r 2 "$@"
}

show_table() {
	snmp snmptable -OU -Cb -Ci -Cf ';' "127.0.0.1:$snmp_port" dmpPortTable |
		awk -F';' '
		NF > 20 && !seen { seen = 1; for (i = 1; i <= NF; i++) at[$i] = i }
		NF > 20 { printf "%-5s %-28s %-12s %-6s %-10s %-9s %-8s %s\n",
			$(at["index"]), $(at["Key"]), $(at["Address"]), $(at["Number"]),
			$(at["Level"]), $(at["State"]), $(at["Reason"]), $(at["SinceChange"]) }'
}

say 'Packages'
packages='cmake gcc libc6-dev libc-ares-dev libevent-dev libjansson-dev libsnmp-dev
libsqlite3-dev libssl-dev libxml2-dev ninja-build pkg-config python3 snmp snmpd snmptrapd'
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
else
	echo 'all there'
fi
PATH=$PATH:/usr/sbin

say 'Build'
cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DBUILD_TESTING=OFF \
	>/dev/null
ninja -C "$build" dmports dmportsd >"$build/build.log" || {
	cat "$build/build.log" >&2
	exit 1
}
tail -n 1 "$build/build.log"

dir=$(mktemp -d "${TMPDIR:-/tmp}/dmports.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT TERM
mkdir "$dir/persist"
snmp_port=16161
trap_port=16162
for port in $snmp_port $trap_port; do
	! grep -q ":$(printf %04X "$port") " /proc/net/udp ||
		fail "somebody has $port/udp, perhaps a quickstart with --keep: end it first"
done
cp "$top/examples/quickstart/site.xml" "$dir/site.xml"
cat >"$dir/snmpd.conf" <<CONF
agentAddress udp:127.0.0.1:$snmp_port
master agentx
agentXSocket unix:$dir/agentx
rocommunity public 127.0.0.1
trap2sink udp:127.0.0.1:$trap_port public
CONF
cat >"$dir/snmptrapd.conf" <<CONF
snmpTrapdAddr udp:127.0.0.1:$trap_port
authCommunity log public
format2 %V\n%v\n\n
CONF

say 'A small DataMiner System on 127.0.0.x, a private snmpd, a private snmptrapd, dmportsd'
start dms python3 "$top/examples/quickstart/listen.py" \
	127.0.0.11:28004 127.0.0.11:28080 127.0.0.11:28443 127.0.0.11:24222 127.0.0.11:26222 \
	127.0.0.11:29090 127.0.0.12:28004 127.0.0.12:28080 127.0.0.12:28443 127.0.0.12:26222 \
	127.0.0.12:29090 127.0.0.21:29042
start nats python3 "$top/examples/quickstart/listen.py" 127.0.0.12:24222
nats=$!
wait_for 20 'listener' grep -q listening "$dir/dms.log"
wait_for 20 'listener' grep -q listening "$dir/nats.log"
start snmptrapd env SNMP_PERSISTENT_DIR="$dir/persist" SNMPCONFPATH="$dir/persist" \
	MIBDIRS="$top/mib:$top/mib/base" MIBS=SNMPv2-MIB:DATAMINER-PORTS-MIB \
	snmptrapd -f -n -Lf "$dir/traps" -C -c "$dir/snmptrapd.conf"
start snmpd env SNMP_PERSISTENT_DIR="$dir/persist" SNMPCONFPATH="$dir/persist" MIBS= \
	snmpd -f -Lo -r -C -c "$dir/snmpd.conf" -I \
	snmp_mib,sysORTable,vacm_conf,vacm_context,vacm_vars
start dmportsd "$build/subagent/dmportsd" -f -c "$dir/site.xml" \
	--agentx "unix:$dir/agentx" --state-dir "$dir/state" --run-dir "$dir/run"

all_up() {
	[ "$(snmp snmpget -OqvU "127.0.0.1:$snmp_port" dmpRequiredPorts.0)" -gt 0 ] &&
		[ "$(snmp snmpget -OqvU "127.0.0.1:$snmp_port" dmpUnknownPorts.0)" = 0 ]
}
wait_for 60 'table' all_up
echo 'running'

say 'snmptable dmpPortTable (a selection of its columns)'
show_table

say 'The NATS server of dma2 dies: a required port closes'
key=dma2/nats-client
kill "$nats"
wait "$nats" 2>/dev/null || :
pids=$(printf '%s' "$pids" | sed "s/\\<$nats\\> *//")
wait_for 60 'dmpPortDown' grep -q 'dmpPortDown' "$dir/traps"
sed -n '/dmpPortDown/,/^$/p' "$dir/traps" | tr '\t' '\n'
show_table | grep -E "^index|$key"

say 'It comes back'
start nats python3 "$top/examples/quickstart/listen.py" 127.0.0.12:24222
wait_for 60 'dmpPortUp' grep -q 'dmpPortUp' "$dir/traps"
sed -n '/dmpPortUp/,/^$/p' "$dir/traps" | tr '\t' '\n'
show_table | grep -E "^index|$key"

if [ "$keep" = yes ]; then
	trap - EXIT
	cat <<TEXT

Left running in $dir (process ids: $pids).  Explore:
  export MIBDIRS=$top/mib:$top/mib/base
  snmpwalk -v2c -c public -m SNMPv2-MIB:DATAMINER-PORTS-MIB 127.0.0.1:$snmp_port dmpMIB
  snmptable -v2c -c public -m SNMPv2-MIB:DATAMINER-PORTS-MIB -Cb -Cw 160 127.0.0.1:$snmp_port dmpProblemTable
  $build/src/cli/dmports watch --run-dir $dir/run
  tail -f $dir/traps
  sed -i 's/fall="3"/fall="1"/' $dir/site.xml && kill -HUP \$(cat $dir/run/dmportsd.pid)
Stop it:
  kill $pids; rm -r $dir
TEXT
	exit 0
fi
say 'Done: dmpPortDown and dmpPortUp arrived; cleaning up'
