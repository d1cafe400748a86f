/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a cursor is a window on the datagram.  wire_take() cuts the next
 * element of an expected tag off its front as a cursor of its own, so that no read can
 * leave the element it belongs to.  The fields of the message are taken in their fixed
 * order (RFC 3412 6); the first that does not fit decides the class.
 */
#include "probe/snmp_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define TAG_INTEGER  0x02
#define TAG_STRING   0x04
#define TAG_OID      0x06
#define TAG_SEQUENCE 0x30
#define TAG_PDU_GET  0xa0
#define TAG_REPORT   0xa8 /* the last of the PDU tags */

#define VERSION_1           0
#define VERSION_2C          1
#define VERSION_3           3
#define SECURITY_USM        3
#define ENGINE_ID_MIN       5
#define ENGINE_ID_SHOWN     17   /* leaves room for the uptime in an identity */
#define ENGINE_ID_HAS_AGENT 0x80 /* first byte: RFC 3411 format, enterprise follows */

struct wire {
	const uint8_t *p;
	size_t n;
};

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

/* Read the tag and the length at the front; the content must be in the window. */
static bool
wire_header(struct wire *w, uint8_t *ret_tag, size_t *ret_size)
{
	size_t size;
	size_t head = 2;

	if (w->n < head)
		return false;
	size = w->p[1];
	if (size & 0x80) {
		size_t octets = size & 0x7f;

		if (octets < 1 || octets > 4 || w->n < head + octets)
			return false;
		size = 0;
		for (size_t i = 0; i < octets; i++)
			size = size << 8 | w->p[head + i];
		head += octets;
	}
	if (size > w->n - head)
		return false;
	*ret_tag = w->p[0];
	*ret_size = size;
	w->p += head;
	w->n -= head;
	return true;
}

/* Cut off the next element of any tag. */
static bool
wire_any(struct wire *w, uint8_t *ret_tag, struct wire *ret_content)
{
	size_t size;

	if (!wire_header(w, ret_tag, &size))
		return false;
	*ret_content = (struct wire){w->p, size};
	w->p += size;
	w->n -= size;
	return true;
}

static bool
wire_take(struct wire *w, uint8_t tag, struct wire *ret_content)
{
	uint8_t found;

	return wire_any(w, &found, ret_content) && found == tag;
}

/* An INTEGER of 0..2^31-1, which is all that SNMP message headers hold. */
static bool
wire_number(struct wire *w, uint32_t *ret_number)
{
	struct wire content;
	uint32_t number = 0;

	if (!wire_take(w, TAG_INTEGER, &content) || content.n < 1 || content.n > 4 ||
	    content.p[0] & 0x80)
		return false;
	for (size_t i = 0; i < content.n; i++)
		number = number << 8 | content.p[i];
	*ret_number = number;
	return true;
}

/* RFC 3412 6: msgID, msgMaxSize, msgFlags, msgSecurityModel. */
static bool
wire_v3_header(struct wire *message, uint32_t *ret_msg_id, uint32_t *ret_model)
{
	struct wire header;
	struct wire flags;
	uint32_t max_size;

	return wire_take(message, TAG_SEQUENCE, &header) &&
	       wire_number(&header, ret_msg_id) && wire_number(&header, &max_size) &&
	       wire_take(&header, TAG_STRING, &flags) && flags.n == 1 &&
	       wire_number(&header, ret_model);
}

/* RFC 3414 2.4: the first three of the security parameters. */
static bool
wire_usm(struct wire *message, struct dmp_snmp_engine *ret_engine)
{
	struct wire octets;
	struct wire usm;
	struct wire id;

	if (!wire_take(message, TAG_STRING, &octets) ||
	    !wire_take(&octets, TAG_SEQUENCE, &usm) ||
	    !wire_take(&usm, TAG_STRING, &id) ||
	    !wire_number(&usm, &ret_engine->boots) ||
	    !wire_number(&usm, &ret_engine->time_s))
		return false;
	if (id.n < ENGINE_ID_MIN || id.n > sizeof ret_engine->id)
		return false;
	memcpy(ret_engine->id, id.p, id.n);
	ret_engine->id_size = id.n;
	return true;
}

/* Is this scoped PDU a Report of usmStatsUnknownEngineIDs.0 (RFC 3414 5)? */
static bool
wire_unknown_engine_report(struct wire *message)
{
	static const uint8_t UNKNOWN_ENGINE_IDS[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, 4, 0};
	struct wire scoped, context, pdu, list, binding, oid;
	uint8_t type;

	if (!wire_take(message, TAG_SEQUENCE, &scoped) ||
	    !wire_take(&scoped, TAG_STRING, &context) ||
	    !wire_take(&scoped, TAG_STRING, &context) ||
	    !wire_take(&scoped, TAG_REPORT, &pdu))
		return false;
	for (int i = 0; i < 3; i++)
		if (!wire_take(&pdu, TAG_INTEGER, &binding))
			return false;
	if (!wire_take(&pdu, TAG_SEQUENCE, &list) ||
	    !wire_take(&list, TAG_SEQUENCE, &binding) ||
	    !wire_take(&binding, TAG_OID, &oid) || !wire_any(&binding, &type, &context))
		return false;
	return oid.n == sizeof UNKNOWN_ENGINE_IDS &&
	       memcmp(oid.p, UNKNOWN_ENGINE_IDS, oid.n) == 0;
}

/* SNMPv1 and v2c: a community, then a PDU. */
static enum dmp_snmp_reply
wire_community_message(struct wire *message)
{
	struct wire community, pdu;
	uint8_t tag;

	if (!wire_take(message, TAG_STRING, &community) ||
	    !wire_any(message, &tag, &pdu) || tag < TAG_PDU_GET || tag > TAG_REPORT)
		return DMP_SNMP_GARBAGE;
	return DMP_SNMP_OTHER;
}

enum dmp_snmp_reply
dmp_snmp_parse(const uint8_t *data, size_t size, uint16_t msg_id,
    struct dmp_snmp_engine *ret_engine)
{
	struct dmp_snmp_engine engine = {0};
	struct wire datagram = {data, size};
	struct wire message;
	uint32_t version, id, model;

	if (!wire_take(&datagram, TAG_SEQUENCE, &message) ||
	    !wire_number(&message, &version))
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
