#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Installs the monitoring systems that the tests in this folder run (Debian packages).
# Nothing of them is left running.
set -eu

packages='cacti chromium dbconfig-no-thanks erlang-nox erlang-snmp icinga2-bin
	icinga2-common icinga2-ido-mysql icingaweb2 icingaweb2-module-monitoring
	libnet-ip-perl libsnmp-perl mariadb-server maven monitoring-plugins-standard
	nagios4-core openjdk-17-jdk-headless php-bcmath php-cli php-curl php-gd php-ldap
	php-mbstring php-mysql php-pgsql php-snmp php-xml postgresql prometheus
	prometheus-snmp-exporter python3-venv python3-yaml smitools snmp snmpd snmptrapd
	snmptt systemd util-linux zabbix-frontend-php zabbix-server-pgsql'
command -v npm >/dev/null || packages="$packages nodejs npm"
root=''
[ "$(id -u)" = 0 ] || root=sudo
$root apt-get update -qq
# Debian starts servers that were just installed, but not in runlevel 1; the tests start
# their own.
# shellcheck disable=SC2086 # a list of words
$root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	--no-install-recommends $packages >/dev/null
for service in icinga2 nagios4 postgresql prometheus prometheus-snmp-exporter snmptt \
	zabbix-server; do
	if [ -d /run/systemd/system ]; then
		$root systemctl disable --quiet --now "$service" || true
	fi
done
