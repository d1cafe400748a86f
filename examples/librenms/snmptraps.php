<?php

// SPDX-License-Identifier: BSD-2-Clause
// Written by examples/generator from DATAMINER-PORTS-MIB: change that, not this.
// Merge these lines into 'trap_handlers' of config/snmptraps.php.

return [
    'trap_handlers' => [
        'DATAMINER-PORTS-MIB::dmpPortDown' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortUp' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortDegraded' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortExposed' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortClosed' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpHostDown' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpHostUp' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpCertificateExpiring' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpCertificateRenewed' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortFlapping' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortStable' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpVantageIsolated' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpVantageRestored' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpConfigRejected' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpConfigApplied' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpStarted' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpStopping' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpEventsLost' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpHeartbeat' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
        'DATAMINER-PORTS-MIB::dmpPortCleared' => \LibreNMS\Snmptrap\Handlers\Dmports::class,
    ],
];
