<?php

// SPDX-License-Identifier: BSD-2-Clause
// What examples/librenms/Dmports.php needs of LibreNMS, to run it on one notification as
// snmptrapd hands it over.  Prints severity and message.
// usage: php librenms_stub.php Dmports.php snmptraps.php < NOTIFICATION

namespace App\Models {
    class Device
    {
    }
}

namespace LibreNMS\Enum {
    enum Severity: int
    {
        case Unknown = 0;
        case Ok = 1;
        case Info = 2;
        case Notice = 3;
        case Warning = 4;
        case Error = 5;
    }
}

namespace LibreNMS\Snmptrap {
    class Trap
    {
        private array $values = [];

        public function __construct(string $text)
        {
            foreach (array_slice(explode("\n", trim($text)), 2) as $line) {
                [$oid, $value] = explode(' ', $line, 2);
                $this->values[$oid] = trim($value, '"');
            }
        }

        public function findOid(string $part): string
        {
            foreach (array_keys($this->values) as $oid) {
                if (str_contains($oid, $part)) {
                    return $oid;
                }
            }

            return '';
        }

        public function getOidData(string $oid)
        {
            return $this->values[$oid] ?? '';
        }

        public function log(string $message, \LibreNMS\Enum\Severity $severity): void
        {
            echo $severity->name, "\t", $message, "\n";
        }
    }
}

namespace LibreNMS\Interfaces {
    interface SnmptrapHandler
    {
        public function handle(\App\Models\Device $device, \LibreNMS\Snmptrap\Trap $trap);
    }
}

namespace {
    require $argv[1];
    $handlers = (require $argv[2])['trap_handlers'];
    $trap = new \LibreNMS\Snmptrap\Trap(stream_get_contents(STDIN));
    $class = $handlers[$trap->getOidData('SNMPv2-MIB::snmpTrapOID.0')];
    (new $class())->handle(new \App\Models\Device(), $trap);
}
