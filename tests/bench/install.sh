#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs what bench_identify.py measures and what it is measured against (Debian
# packages).  Nothing of them is left running.
set -eu

packages='nats-server nginx nmap openjdk-17-jdk-headless openssl python3 snmpd snmptrapd'
root=''
[ "$(id -u)" = 0 ] || root=sudo
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
	$packages >/dev/null
