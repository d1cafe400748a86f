#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every C file is formatted as .clang-format says.
set -eu
cd "$1"
find src subagent tests mib -name '*.[ch]' -print | sort |
	xargs clang-format-14 --dry-run --Werror
