<?php

// SPDX-License-Identifier: BSD-2-Clause
// Written by examples/generator from DATAMINER-PORTS-MIB: change that, not this.

namespace LibreNMS\Snmptrap\Handlers;

use App\Models\Device;
use LibreNMS\Enum\Severity;
use LibreNMS\Interfaces\SnmptrapHandler;
use LibreNMS\Snmptrap\Trap;

class Dmports implements SnmptrapHandler
{
    private const SEVERITIES = [
        'critical' => Severity::Error,
        'major' => Severity::Error,
        'minor' => Severity::Warning,
        'warning' => Severity::Warning,
        'cleared' => Severity::Ok,
    ];

    public function handle(Device $device, Trap $trap)
    {
        $severity = $this->text($trap, 'dmpNotifySeverityText.0');
        $key = $this->text($trap, 'dmpNotifyKey.0');
        $message = $this->text($trap, 'dmpNotifyMessage.0');
        if ($message === '') {
            return; // a heartbeat
        }
        $trap->log(trim("$key: $message", ': '), self::SEVERITIES[$severity] ?? Severity::Info);
    }

    private function text(Trap $trap, string $name): string
    {
        $oid = $trap->findOid('DATAMINER-PORTS-MIB::' . $name);

        return $oid ? (string) $trap->getOidData($oid) : '';
    }
}
