#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the servers that bench_identify.py asks, and what it compares with (Debian
# packages).  Nothing of them is left running.
set -eu

sh "$(dirname "$0")/../peers/install.sh"
root=''
[ "$(id -u)" = 0 ] || root=sudo
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
	iproute2 nmap >/dev/null
