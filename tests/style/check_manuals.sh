#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check_manuals.sh SOURCE BUILD: manual pages are well-formed, the one made from the schema too.
set -eu
mandoc -T lint -W warning "$1"/subagent/*.8 "$1"/src/cli/*.1 "$2"/src/model/*.5 \
	"$2"/src/base/*.7
