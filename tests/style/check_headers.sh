#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every header compiles alone, and is guarded.
set -eu
cd "$1"
failed=0
for header in $(find src subagent mib -name '*.h' | sort); do
	case $header in
	src/*) name=${header#src/} ;;
	*) name=$header ;;
	esac
	printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
		"${CC:-cc}" -std=c17 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Isrc -I. \
			-I/usr/include/libxml2 -x c -fsyntax-only -Werror - || {
		echo "$header does not stand alone"
		failed=1
	}
done
exit $failed
