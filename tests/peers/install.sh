#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the real services that the tests in this folder start (Debian packages).
# Nothing of them is left running.
set -eu

packages='inetutils-telnetd maven nats-server openjdk-17-jdk-headless openssl python3'
root=''
[ "$(id -u)" = 0 ] || root=sudo
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
	$packages >/dev/null
