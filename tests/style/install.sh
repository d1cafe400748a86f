#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what only the slow checks of the MIB need: snmptt's converter, and npm for the IETF
# texts.
set -eu

missing=''
command -v snmpttconvertmib >/dev/null || missing="$missing snmptt"
command -v npm >/dev/null || missing="$missing npm"
[ -n "$missing" ] || exit 0
root=''
[ "$(id -u)" = 0 ] || root=sudo
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
	$missing >/dev/null
