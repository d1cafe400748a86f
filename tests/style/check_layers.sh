#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Dependencies point one way: model and probe know base only; engine knows probe, model and
# base; cli and subagent know all of these.  Net-SNMP is seen by three modules of
# subagent, clocks are read in base/clock.c, and the core does not log.
set -eu
cd "$1"
failed=0

complain() { # complain WHAT LINES
	[ -z "$2" ] || {
		printf '%s:\n%s\n' "$1" "$2"
		failed=1
	}
}

forbid() { # forbid FOLDER LAYERS: no include of these layers there
	complain "$1 must not include $2" \
		"$(grep -rnE "^#include \"($2)/" "$1" --include='*.[ch]' || :)"
}
forbid src/base 'model|probe|engine|cli|subagent|mib'
forbid src/model 'probe|engine|cli|subagent|mib'
forbid src/probe 'model|engine|cli|subagent|mib'
forbid src/engine 'cli|subagent|mib'
forbid src/cli 'subagent'
forbid subagent 'cli'

complain 'Net-SNMP headers belong to snmp_session, snmp_adapter and snmp_sender' \
	"$(grep -rln 'net-snmp/' src subagent --include='*.[ch]' |
		grep -vE 'subagent/(snmp_session|snmp_adapter|snmp_sender)\.[ch]$' || :)"
complain 'clocks are read in base/clock.c' \
	"$(grep -rnE 'clock_gettime|gettimeofday|[^_a-z]time\(NULL\)|CLOCK_REALTIME' \
		src subagent --include='*.c' | grep -v '^src/base/clock.c:' || :)"
complain 'the core returns reasons, it does not log' \
	"$(grep -rnE '\bdmp_log\(' src --include='*.c' | grep -v '^src/base/log.c:' || :)"
complain 'unsafe string functions' \
	"$(grep -rnE '\b(strcpy|strcat|sprintf|atoi|strtok|sscanf|gets)\(' \
		src subagent --include='*.c' || :)"
complain 'no unfinished work' \
	"$(grep -rnE '\bTODO\b|\bFIXME\b|\bXXX\b|#if 0' src subagent mib tests --include='*.[ch]' \
		--include='*.py' || :)"
complain 'subagent/main.c only calls dmpd_main' \
	"$(awk 'END { if (NR > 40) print FILENAME, NR, "lines" }' subagent/main.c)"
complain 'entries at the top level' \
	"$(find . -mindepth 1 -maxdepth 1 ! -name '.*' ! -name build ! -name 'build-*' |
		sed 's|^\./||' | grep -vxE 'CMakeLists.txt|CMakePresets.json|CHANGELOG.md|LICENSE|README.md|examples|mib|src|subagent|tests' || :)"
exit $failed
