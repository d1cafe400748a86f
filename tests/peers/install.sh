#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the real services that the tests in this folder start (Debian packages).
# Nothing of them is left running.
set -eu

packages='chrony inetutils-telnetd libmono-system-runtime4.0-cil mariadb-server maven mono-mcs
	mono-runtime nats-server nginx-light openjdk-17-jdk-headless openssl
	python3 python3-aiosmtpd slapd snmpd snmptrapd'
root=''
[ "$(id -u)" = 0 ] || root=sudo
services='chrony mariadb nginx slapd snmpd snmptrapd'
there=' '
for service in $services; do
	if [ -e "/lib/systemd/system/$service.service" ] || [ -e "/etc/init.d/$service" ]; then
		there="$there$service "
	fi
done
$root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends \
	$packages >/dev/null

# Debian starts servers that were just installed; the tests start their own.
if [ -d /run/systemd/system ]; then
	for service in $services; do
		case $there in
		*" $service "*) ;;
		*) $root systemctl disable --quiet --now "$service" ;;
		esac
	done
fi
