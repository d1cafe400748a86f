/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: the fields of the message are taken in their fixed order (RFC 3412 6);
 * the first that does not fit decides the class.
 */
#include "probe/snmp_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "probe/ber.h"

#define TAG_PDU_GET 0xa0
#define TAG_REPORT  0xa8 /* the last of the PDU tags */

#define VERSION_1           0
#define VERSION_2C          1
#define VERSION_3           3
#define SECURITY_USM        3
#define ENGINE_ID_MIN       5
#define ENGINE_ID_SHOWN     17   /* leaves room for the uptime in an identity */
#define ENGINE_ID_HAS_AGENT 0x80 /* first byte: RFC 3411 format, enterprise follows */

void
dmp_snmp_discovery(
    uint16_t msg_id, uint16_t request_id, uint8_t out[DMP_SNMP_DISCOVERY_SIZE])
{
	static const uint8_t TEMPLATE[DMP_SNMP_DISCOVERY_SIZE] = {0x30, 0x3a, /* */
	    /* version 3 */
	    0x02, 0x01, 0x03,
	    /* msgID, size 65507, flags reportable, USM */
	    0x30, 0x0f, 0x02, 0x02, 0x00, 0x00, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04,
	    0x01, 0x04, 0x02, 0x01, 0x03,
	    /* empty engineID, boots 0, time 0, no user, no authentication, no privacy
	     */
	    0x04, 0x10, 0x30, 0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00,
	    0x04, 0x00, 0x04, 0x00, 0x04, 0x00,
	    /* empty context, GET, request-id, no error, no variables */
	    0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c, 0x02, 0x02, 0x00, 0x00,
	    0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};

	memcpy(out, TEMPLATE, sizeof TEMPLATE);
	out[9] = (uint8_t)(msg_id >> 8);
	out[10] = (uint8_t)msg_id;
	out[50] = (uint8_t)(request_id >> 8);
	out[51] = (uint8_t)request_id;
}

/* RFC 3412 6: msgID, msgMaxSize, msgFlags, msgSecurityModel. */
static bool
wire_v3_header(struct dmp_ber *message, uint32_t *ret_msg_id, uint32_t *ret_model)
{
	struct dmp_ber header;
	struct dmp_ber flags;
	uint32_t max_size;

	return dmp_ber_take(message, DMP_BER_SEQUENCE, &header) &&
	       dmp_ber_number(&header, ret_msg_id) &&
	       dmp_ber_number(&header, &max_size) &&
	       dmp_ber_take(&header, DMP_BER_STRING, &flags) && flags.n == 1 &&
	       dmp_ber_number(&header, ret_model);
}

/* RFC 3414 2.4: the first three of the security parameters. */
static bool
wire_usm(struct dmp_ber *message, struct dmp_snmp_engine *ret_engine)
{
	struct dmp_ber octets;
	struct dmp_ber usm;
	struct dmp_ber id;

	if (!dmp_ber_take(message, DMP_BER_STRING, &octets) ||
	    !dmp_ber_take(&octets, DMP_BER_SEQUENCE, &usm) ||
	    !dmp_ber_take(&usm, DMP_BER_STRING, &id) ||
	    !dmp_ber_number(&usm, &ret_engine->boots) ||
	    !dmp_ber_number(&usm, &ret_engine->time_s))
		return false;
	if (id.n < ENGINE_ID_MIN || id.n > sizeof ret_engine->id)
		return false;
	memcpy(ret_engine->id, id.p, id.n);
	ret_engine->id_size = id.n;
	return true;
}

/* Is this scoped PDU a Report of usmStatsUnknownEngineIDs.0 (RFC 3414 5)? */
static bool
wire_unknown_engine_report(struct dmp_ber *message)
{
	static const uint8_t UNKNOWN_ENGINE_IDS[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, 4, 0};
	struct dmp_ber scoped, context, pdu, list, binding, oid;
	uint8_t type;

	if (!dmp_ber_take(message, DMP_BER_SEQUENCE, &scoped) ||
	    !dmp_ber_take(&scoped, DMP_BER_STRING, &context) ||
	    !dmp_ber_take(&scoped, DMP_BER_STRING, &context) ||
	    !dmp_ber_take(&scoped, TAG_REPORT, &pdu))
		return false;
	for (int i = 0; i < 3; i++)
		if (!dmp_ber_take(&pdu, DMP_BER_INTEGER, &binding))
			return false;
	if (!dmp_ber_take(&pdu, DMP_BER_SEQUENCE, &list) ||
	    !dmp_ber_take(&list, DMP_BER_SEQUENCE, &binding) ||
	    !dmp_ber_take(&binding, DMP_BER_OID, &oid) ||
	    !dmp_ber_any(&binding, &type, &context))
		return false;
	return oid.n == sizeof UNKNOWN_ENGINE_IDS &&
	       memcmp(oid.p, UNKNOWN_ENGINE_IDS, oid.n) == 0;
}

/* SNMPv1 and v2c: a community, then a PDU. */
static enum dmp_snmp_reply
wire_community_message(struct dmp_ber *message)
{
	struct dmp_ber community, pdu;
	uint8_t tag;

	if (!dmp_ber_take(message, DMP_BER_STRING, &community) ||
	    !dmp_ber_any(message, &tag, &pdu) || tag < TAG_PDU_GET || tag > TAG_REPORT)
		return DMP_SNMP_GARBAGE;
	return DMP_SNMP_OTHER;
}

enum dmp_snmp_reply
dmp_snmp_parse(const uint8_t *data, size_t size, uint16_t msg_id,
    struct dmp_snmp_engine *ret_engine)
{
	struct dmp_snmp_engine engine = {0};
	struct dmp_ber datagram = {data, size};
	struct dmp_ber message;
	uint32_t version, id, model;

	if (!dmp_ber_take(&datagram, DMP_BER_SEQUENCE, &message) ||
	    !dmp_ber_number(&message, &version))
		return DMP_SNMP_GARBAGE;
	if (version == VERSION_1 || version == VERSION_2C)
		return wire_community_message(&message);
	if (version != VERSION_3 || !wire_v3_header(&message, &id, &model))
		return DMP_SNMP_GARBAGE;
	if (id != msg_id)
		return DMP_SNMP_STRAY;
	if (model != SECURITY_USM || !wire_usm(&message, &engine) ||
	    !wire_unknown_engine_report(&message))
		return DMP_SNMP_OTHER;
	*ret_engine = engine;
	return DMP_SNMP_DISCOVERED;
}

/* The enterprise numbers one meets around a DataMiner System (IANA). */
static const char *
engine_vendor(uint32_t enterprise)
{
	static const struct {
		uint32_t number;
		const char *name;
	} VENDORS[] = {
	    {9, "Cisco"},
	    {99, "SNMP Research"},
	    {311, "Microsoft"},
	    {2636, "Juniper"},
	    {8072, "Net-SNMP"},
	    {8813, "Skyline Communications"},
	};

	for (size_t i = 0; i < sizeof VENDORS / sizeof VENDORS[0]; i++)
		if (VENDORS[i].number == enterprise)
			return VENDORS[i].name;
	return "enterprise";
}

void
dmp_snmp_engine_text(const struct dmp_snmp_engine *engine, char *field, size_t size)
{
	char hex[2 * ENGINE_ID_SHOWN + 1] = "";
	char vendor[48] = "";
	bool cut = engine->id_size > ENGINE_ID_SHOWN;
	size_t shown = cut ? ENGINE_ID_SHOWN : engine->id_size;

	for (size_t i = 0; i < shown; i++)
		dmp_text_format(hex + 2 * i, 3, "%02x", engine->id[i]);
	if (engine->id[0] & ENGINE_ID_HAS_AGENT) {
		uint32_t enterprise = (uint32_t)(engine->id[0] & 0x7f) << 24 |
		                      (uint32_t)engine->id[1] << 16 |
		                      (uint32_t)engine->id[2] << 8 | engine->id[3];

		dmp_text_format(vendor, sizeof vendor, ", %s (%u)",
		    engine_vendor(enterprise), enterprise);
	}
	dmp_text_format(field, size, "SNMPv3 engine %s%s%s, up %u s, boots %u", hex,
	    cut ? ".." : "", vendor, engine->time_s, engine->boots);
}
