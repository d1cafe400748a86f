#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Shell scripts have no known pitfalls, Python compiles.
set -eu
cd "$1"
find . -name 'build*' -prune -o -name '*.sh' -print | sort | xargs shellcheck -S warning .ci/run
find tests examples -name '*.py' | sort | while read -r file; do
	python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file"
done
