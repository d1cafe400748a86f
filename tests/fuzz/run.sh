#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Build the fuzz targets and run each one on its corpus: run.sh [SECONDS-EACH [BUILD-DIR]]
# What is found (crash-*, leak-*, timeout-*) and new inputs stay in the build directory.
set -eu

seconds=${1:-60}
source=$(cd "$(dirname "$0")/../.." && pwd)
build=${2:-$source/build/fuzz}

cmake -S "$source" -B "$build" -DCMAKE_C_COMPILER="${CC:-clang}" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDMP_FUZZ=ON >/dev/null
cmake --build "$build" --target fuzz --parallel 2

status=0
for program in "$build"/tests/fuzz/fuzz_*; do
	[ -f "$program" ] && [ -x "$program" ] || continue
	name=${program##*/fuzz_}
	found=$build/tests/fuzz/found/$name
	mkdir -p "$found/corpus"
	echo "== $name, $seconds s"
	"$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
	    -print_final_stats=1 -artifact_prefix="$found/" \
	    "$found/corpus" "$source/tests/fuzz/corpus/$name" >"$found/log" 2>&1 || {
		status=1
		tail -n 40 "$found/log"
		echo "== $name FAILED: see $found"
		continue
	}
	grep -E 'DONE|number_of_executed_units' "$found/log" | tail -n 2
done
exit $status
