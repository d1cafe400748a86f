/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snmp_wire.h - SNMPv3 engine discovery as bytes (RFC 3412 6, RFC 3414 4, RFC 3417 8).
 *
 * The request is a GET without variables for an empty engineID, without credentials.
 * Every SNMPv3 engine that listens answers with a Report that names its engineID, its
 * boots and its uptime, whatever users and communities it knows.  The parser reads
 * hostile datagrams: bounded, without recursion or allocation, definite lengths only.
 */
#ifndef DMP_SNMP_WIRE_H
#define DMP_SNMP_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define DMP_SNMP_DISCOVERY_SIZE 60
#define DMP_SNMP_ID_MIN         0x1000 /* keeps the identifiers two bytes long */
#define DMP_SNMP_ID_MAX         0x7fff
#define DMP_SNMP_ENGINE_ID_MAX  32 /* RFC 3411 5: 5..32 bytes */

/* msg_id and request_id must be DMP_SNMP_ID_MIN..DMP_SNMP_ID_MAX. */
void dmp_snmp_discovery(
    uint16_t msg_id, uint16_t request_id, uint8_t out[DMP_SNMP_DISCOVERY_SIZE]);

enum dmp_snmp_reply {
	DMP_SNMP_GARBAGE = 0, /* no SNMP message */
	DMP_SNMP_STRAY,       /* SNMPv3, but the answer to another request */
	DMP_SNMP_OTHER,       /* SNMP, but not the Report that was asked for */
	DMP_SNMP_DISCOVERED
};

struct dmp_snmp_engine {
	uint8_t id[DMP_SNMP_ENGINE_ID_MAX];
	size_t id_size;
	uint32_t boots;
	uint32_t time_s;
};

/* Classify a datagram that came back for msg_id.  *ret_engine is written only with
 * DMP_SNMP_DISCOVERED. */
enum dmp_snmp_reply dmp_snmp_parse(const uint8_t *data, size_t size, uint16_t msg_id,
    struct dmp_snmp_engine *ret_engine);

/* "SNMPv3 engine 80001f88..., Net-SNMP (8072), up 1467 s, boots 1" */
void dmp_snmp_engine_text(
    const struct dmp_snmp_engine *engine, char *field, size_t size);

#endif
