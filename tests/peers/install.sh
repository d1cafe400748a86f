#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the real services that the tests in this folder start (Debian packages).
# Nothing of them is left running.
set -eu

packages='inetutils-telnetd libmono-system-runtime4.0-cil maven mono-mcs
	mono-runtime nats-server nginx-light openjdk-17-jdk-headless openssl
	python3'
root=''
[ "$(id -u)" = 0 ] || root=sudo
had_nginx=$(command -v nginx || true)
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
	$packages >/dev/null

# Debian starts a web server that was just installed; the tests start their own.
if [ -z "$had_nginx" ] && [ -d /run/systemd/system ]; then
	$root systemctl disable --quiet --now nginx
fi
