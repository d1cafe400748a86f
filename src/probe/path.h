/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * path.h - how "dmports listen" answers, and how a probe knows it by that.
 *
 * Before DataMiner is installed nothing listens on the ports that a firewall has to let
 * through.  dmports listen stands in for the services: over TCP it sends one line and
 * closes, over UDP it answers SNMPv3 engine discovery with an engineID of its own.  A
 * probe that meets it ends with PATH_ONLY, whatever it wanted to ask.
 */
#ifndef DMP_PATH_H
#define DMP_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/snmp_wire.h"

/* The first bytes over TCP; the rest of the line is for people. */
#define DMP_PATH_GREETING "dmports listen: "

#define DMP_PATH_REPORT_MAX 160

/* Do the first bytes of an answer come from dmports listen? */
bool dmp_path_is_greeting(const uint8_t *data, size_t size);

/* Is this its engine? */
bool dmp_path_is_engine(const struct dmp_snmp_engine *engine);

/* The Report that answers a discovery (RFC 3414 4); its size, 0 when the datagram is
 * none.  Nothing of the request is copied but its two identifiers. */
size_t dmp_path_report(
    const uint8_t *request, size_t size, uint8_t out[DMP_PATH_REPORT_MAX]);

#endif
