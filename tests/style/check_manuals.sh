#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manual pages are well-formed.
set -eu
cd "$1"
mandoc -T lint -W warning subagent/*.8 src/cli/*.1
