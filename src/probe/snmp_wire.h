/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snmp_wire.h - SNMPv3 engine discovery as bytes (RFC 3412 6, RFC 3414 4, RFC 3417 8),
 * and what is asked with a community (RFC 1901, RFC 3416).
 *
 * The request is a GET without variables for an empty engineID, without credentials.
 * Every SNMPv3 engine that listens answers with a Report that names its engineID, its
 * boots and its uptime, whatever users and communities it knows.  The parser reads
 * hostile datagrams: bounded, without recursion or allocation, definite lengths only.
 */
#ifndef DMP_SNMP_WIRE_H
#define DMP_SNMP_WIRE_H

#include <stdbool.h>
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
	DMP_SNMP_DISCOVERED,
	DMP_SNMP_RESPONDED
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

/* --- SNMPv2c --- */

#define DMP_SNMP_COMMUNITY_MAX       128
#define DMP_SNMP_REQUEST_MAX         256
#define DMP_SNMP_DESCRIPTION_TEXT    72
#define DMP_SNMP_OID_TEXT            48
#define DMP_SNMP_AUTHORIZATION_ERROR 16

/* A GET of sysDescr.0, sysUpTime.0 and sysObjectID.0, or an inform of a coldStart (a
 * receiver handles it like any other: it leaves a trace).  Return the size, 0 when the
 * community is longer than DMP_SNMP_COMMUNITY_MAX.  request_id is 0..2^31-1. */
size_t dmp_snmp_get(
    const char *community, uint32_t request_id, uint8_t out[DMP_SNMP_REQUEST_MAX]);
size_t dmp_snmp_inform(const char *community, uint32_t request_id,
    uint32_t uptime_ticks, uint8_t out[DMP_SNMP_REQUEST_MAX]);

/* What a Response told; texts are printable, "" = not told. */
struct dmp_snmp_system {
	uint32_t error_status;
	bool has_uptime;
	uint32_t uptime_s;
	char description[DMP_SNMP_DESCRIPTION_TEXT];
	char object_id[DMP_SNMP_OID_TEXT];
};

/* Classify a datagram that came back for request_id: RESPONDED, STRAY (a Response to
 * another request), OTHER (SNMP, but none), GARBAGE.  *ret_system is written only with
 * DMP_SNMP_RESPONDED; variables that are no values (noSuchObject ...) are left out. */
enum dmp_snmp_reply dmp_snmp_parse_response(const uint8_t *data, size_t size,
    uint32_t request_id, struct dmp_snmp_system *ret_system);

/* "Linux router 6.1, 1.3.6.1.4.1.8072.3.2.10, up 1467 s", or "SNMPv2c". */
void dmp_snmp_system_text(
    const struct dmp_snmp_system *system, char *field, size_t size);

#endif
