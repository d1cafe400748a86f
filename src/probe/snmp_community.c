/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked of an SNMP agent or trap receiver with a community (SNMPv2c).
 *
 * How it works: a message is packed from its end to its front, so that every length is
 * known when it is written.  An answer is read variable by variable; those that are no
 * values (noSuchObject ...) still prove the service.
 */
#include <string.h>

#include "base/text.h"
#include "probe/ber.h"
#include "probe/snmp_wire.h"

#define TAG_NULL       0x05
#define TAG_TIME_TICKS 0x43
#define TAG_GET        0xa0
#define TAG_RESPONSE   0xa2
#define TAG_INFORM     0xa6
#define TAG_REPORT     0xa8

#define VERSION_2C 1
#define TICKS_S    100
#define OID_ARCS   24 /* shown */

struct octets {
	uint8_t bytes[12];
	uint8_t n;
};

static const struct octets SYS_DESCR = {{0x2b, 6, 1, 2, 1, 1, 1, 0}, 8};
static const struct octets SYS_OBJECT_ID = {{0x2b, 6, 1, 2, 1, 1, 2, 0}, 8};
static const struct octets SYS_UP_TIME = {{0x2b, 6, 1, 2, 1, 1, 3, 0}, 8};
static const struct octets TRAP_OID = {{0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0}, 10};
static const struct octets COLD_START = {{0x2b, 6, 1, 6, 3, 1, 1, 5, 1}, 9};

/* The message so far is out[at..DMP_SNMP_REQUEST_MAX). */
struct packer {
	uint8_t *out;
	size_t at;
};

/* The sizes are limited by DMP_SNMP_COMMUNITY_MAX: there is always room. */
static void
pack_bytes(struct packer *p, const void *bytes, size_t n)
{
	p->at -= n;
	memcpy(p->out + p->at, bytes, n);
}

static void
pack_byte(struct packer *p, uint8_t byte)
{
	pack_bytes(p, &byte, 1);
}

/* Put the tag and the length in front of what was packed since end. */
static void
pack_close(struct packer *p, uint8_t tag, size_t end)
{
	size_t n = end - p->at;

	pack_byte(p, (uint8_t)n);
	if (n > 0x7f)
		pack_byte(p, 0x81);
	pack_byte(p, tag);
}

static void
pack_element(struct packer *p, uint8_t tag, const void *content, size_t n)
{
	size_t end = p->at;

	pack_bytes(p, content, n);
	pack_close(p, tag, end);
}

/* Four octets and, when the first bit is set, a zero before them. */
static void
pack_number(struct packer *p, uint8_t tag, uint32_t number)
{
	uint8_t content[5] = {0, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number};
	size_t skip = 0;

	while (skip < 4 && content[skip] == 0 && !(content[skip + 1] & 0x80))
		skip++;
	pack_element(p, tag, content + skip, sizeof content - skip);
}

/* The name in front of a value that was packed since end. */
static void
pack_name(struct packer *p, const struct octets *name, size_t end)
{
	pack_element(p, DMP_BER_OID, name->bytes, name->n);
	pack_close(p, DMP_BER_SEQUENCE, end);
}

static void
pack_null(struct packer *p, const struct octets *name)
{
	size_t end = p->at;

	pack_element(p, TAG_NULL, "", 0);
	pack_name(p, name, end);
}

/* Everything before the variables; moves the message to the front of out. */
static size_t
pack_head(struct packer *p, uint8_t pdu, uint32_t request_id, const char *community)
{
	pack_close(p, DMP_BER_SEQUENCE, DMP_SNMP_REQUEST_MAX);
	pack_number(p, DMP_BER_INTEGER, 0);
	pack_number(p, DMP_BER_INTEGER, 0);
	pack_number(p, DMP_BER_INTEGER, request_id);
	pack_close(p, pdu, DMP_SNMP_REQUEST_MAX);
	pack_element(p, DMP_BER_STRING, community, strlen(community));
	pack_number(p, DMP_BER_INTEGER, VERSION_2C);
	pack_close(p, DMP_BER_SEQUENCE, DMP_SNMP_REQUEST_MAX);
	memmove(p->out, p->out + p->at, DMP_SNMP_REQUEST_MAX - p->at);
	return DMP_SNMP_REQUEST_MAX - p->at;
}

size_t
dmp_snmp_get(
    const char *community, uint32_t request_id, uint8_t out[DMP_SNMP_REQUEST_MAX])
{
	struct packer p = {out, DMP_SNMP_REQUEST_MAX};

	if (strlen(community) > DMP_SNMP_COMMUNITY_MAX)
		return 0;
	pack_null(&p, &SYS_OBJECT_ID);
	pack_null(&p, &SYS_UP_TIME);
	pack_null(&p, &SYS_DESCR);
	return pack_head(&p, TAG_GET, request_id, community);
}

size_t
dmp_snmp_inform(const char *community, uint32_t request_id, uint32_t uptime_ticks,
    uint8_t out[DMP_SNMP_REQUEST_MAX])
{
	struct packer p = {out, DMP_SNMP_REQUEST_MAX};
	size_t end;

	if (strlen(community) > DMP_SNMP_COMMUNITY_MAX)
		return 0;
	pack_element(&p, DMP_BER_OID, COLD_START.bytes, COLD_START.n);
	pack_name(&p, &TRAP_OID, DMP_SNMP_REQUEST_MAX);
	end = p.at;
	pack_number(&p, TAG_TIME_TICKS, uptime_ticks);
	pack_name(&p, &SYS_UP_TIME, end);
	return pack_head(&p, TAG_INFORM, request_id, community);
}

static bool
response_is(const struct dmp_ber *name, const struct octets *known)
{
	return name->n == known->n && memcmp(name->p, known->bytes, known->n) == 0;
}

/* Up to 32 bits, in up to five octets. */
static bool
response_ticks(const struct dmp_ber *value, uint32_t *ret_ticks)
{
	uint64_t ticks = 0;

	if (value->n < 1 || value->n > 5)
		return false;
	for (size_t i = 0; i < value->n; i++)
		ticks = ticks << 8 | value->p[i];
	if (ticks > UINT32_MAX)
		return false;
	*ret_ticks = (uint32_t)ticks;
	return true;
}

/* An identifier that is cut, or has an arc over 32 bits, is not shown (X.690 8.19). */
static void
response_oid(const struct dmp_ber *value, char text[DMP_SNMP_OID_TEXT])
{
	struct dmp_text out = {0};
	uint64_t arc = 0;
	unsigned n_arcs = 0;
	bool whole = false;

	for (size_t i = 0; i < value->n && n_arcs < OID_ARCS && arc <= UINT32_MAX;
	     i++) {
		arc = arc << 7 | (value->p[i] & 0x7f);
		whole = !(value->p[i] & 0x80);
		if (!whole)
			continue;
		if (n_arcs++ == 0)
			dmp_text_printf(&out, "%u.%u",
			    (unsigned)(arc < 80 ? arc / 40 : 2),
			    (unsigned)(arc < 80 ? arc % 40 : arc - 80));
		else
			dmp_text_printf(&out, ".%u", (unsigned)arc);
		arc = 0;
	}
	dmp_text_copy(text, DMP_SNMP_OID_TEXT,
	    whole && out.size < DMP_SNMP_OID_TEXT ? dmp_text_get(&out) : "");
	dmp_text_done(&out);
}

static void
response_variable(const struct dmp_ber *name, uint8_t tag, const struct dmp_ber *value,
    struct dmp_snmp_system *system)
{
	uint32_t ticks;

	if (tag == DMP_BER_STRING && response_is(name, &SYS_DESCR)) {
		dmp_text_printable(system->description, sizeof system->description,
		    value->p, value->n);
	} else if (tag == DMP_BER_OID && response_is(name, &SYS_OBJECT_ID)) {
		response_oid(value, system->object_id);
	} else if (tag == TAG_TIME_TICKS && response_is(name, &SYS_UP_TIME) &&
	           response_ticks(value, &ticks)) {
		system->has_uptime = true;
		system->uptime_s = ticks / TICKS_S;
	}
}

static bool
response_variables(struct dmp_ber *list, struct dmp_snmp_system *system)
{
	while (list->n > 0) {
		struct dmp_ber binding, name, value;
		uint8_t tag;

		if (!dmp_ber_take(list, DMP_BER_SEQUENCE, &binding) ||
		    !dmp_ber_take(&binding, DMP_BER_OID, &name) ||
		    !dmp_ber_any(&binding, &tag, &value))
			return false;
		response_variable(&name, tag, &value, system);
	}
	return true;
}

enum dmp_snmp_reply
dmp_snmp_parse_response(const uint8_t *data, size_t size, uint32_t request_id,
    struct dmp_snmp_system *ret_system)
{
	struct dmp_snmp_system system = {0};
	struct dmp_ber datagram = {data, size};
	struct dmp_ber message, community, pdu, list;
	uint32_t version, id, index;
	uint8_t tag;

	if (!dmp_ber_take(&datagram, DMP_BER_SEQUENCE, &message) ||
	    !dmp_ber_number(&message, &version))
		return DMP_SNMP_GARBAGE;
	if (version != VERSION_2C)
		return DMP_SNMP_OTHER;
	if (!dmp_ber_take(&message, DMP_BER_STRING, &community) ||
	    !dmp_ber_any(&message, &tag, &pdu) || tag < TAG_GET || tag > TAG_REPORT)
		return DMP_SNMP_GARBAGE;
	if (tag != TAG_RESPONSE)
		return DMP_SNMP_OTHER;
	if (!dmp_ber_number(&pdu, &id) || id != request_id)
		return DMP_SNMP_STRAY;
	if (!dmp_ber_number(&pdu, &system.error_status) ||
	    !dmp_ber_number(&pdu, &index) ||
	    !dmp_ber_take(&pdu, DMP_BER_SEQUENCE, &list) ||
	    !response_variables(&list, &system))
		return DMP_SNMP_GARBAGE;
	*ret_system = system;
	return DMP_SNMP_RESPONDED;
}

void
dmp_snmp_system_text(const struct dmp_snmp_system *system, char *field, size_t size)
{
	char uptime[24] = "";

	if (system->has_uptime)
		dmp_text_format(
		    uptime, sizeof uptime, ", up %u s", (unsigned)system->uptime_s);
	dmp_text_format(field, size, "%s%s%s%s",
	    system->description[0] ? system->description : "SNMPv2c",
	    system->object_id[0] ? ", " : "", system->object_id, uptime);
}
