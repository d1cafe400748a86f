#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The whole daemon, slowly: a master that hangs for long.  Death at random and other
faults under load are in test_faults_slow.py."""
import unittest

from test_daemon import LabTest


class SlowTest(LabTest):
    def test_snmpd_stopped_for_30_s_delays_no_probe_and_loses_nothing(self):
        self.stopped_snmpd(30)


if __name__ == "__main__":
    unittest.main(verbosity=2)
