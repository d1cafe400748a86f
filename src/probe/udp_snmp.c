/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * udp_snmp.c - the questions to an SNMP agent and to a trap receiver.
 *
 * How it works: engine discovery (SNMPv3) is always asked: it needs no secret and
 * leaves no trace.  With a community an agent is asked for the description of its
 * system in the same burst, and a receiver for the acknowledgement of an inform; the
 * identifiers tell the answers apart.  A refused community is silence, so discovery
 * alone is half an answer: the agent is alive, and the community is not accepted.
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/text.h"
#include "probe/path.h"
#include "probe/snmp_wire.h"
#include "probe/udp.h"

#define TICKS_US 10000 /* TimeTicks: 1/100 s */

/* The two halves of a burst have identifiers of their own. */
static uint16_t
snmp_discovery_id(const struct dmp_attempt *a)
{
	return (uint16_t)(DMP_SNMP_ID_MIN +
	                  (uint16_t)a->nonce % (DMP_SNMP_ID_MAX - DMP_SNMP_ID_MIN + 1));
}

static uint32_t
snmp_request_id(const struct dmp_attempt *a)
{
	return (uint32_t)(a->nonce >> 16) & INT32_MAX;
}

static bool
snmp_informs(const struct dmp_attempt *a)
{
	return a->probe->spec.kind == DMP_PROBE_SNMP_TRAP;
}

/* Is there something to ask with the community? */
static bool
snmp_has_request(const struct dmp_attempt *a)
{
	const struct dmp_probe_spec *spec = &a->probe->spec;

	if (!spec->community || spec->community[0] == '\0')
		return false;
	return !snmp_informs(a) || (spec->inform && spec->heavy);
}

static bool
snmp_send_request(const struct dmp_attempt *a)
{
	const char *community = a->probe->spec.community;
	uint8_t request[DMP_SNMP_REQUEST_MAX];
	size_t size;

	if (snmp_informs(a))
		size = dmp_snmp_inform(community, snmp_request_id(a),
		    (uint32_t)(a->sent_us / TICKS_US & INT32_MAX), request);
	else
		size = dmp_snmp_get(community, snmp_request_id(a), request);
	if (size == 0) {
		errno = EMSGSIZE;
		return false;
	}
	return send(a->fd, request, size, MSG_NOSIGNAL) >= 0;
}

static bool
snmp_send(const struct dmp_attempt *a)
{
	uint8_t discovery[DMP_SNMP_DISCOVERY_SIZE];
	uint16_t id = snmp_discovery_id(a);

	if (snmp_has_request(a) && !snmp_send_request(a))
		return false;
	dmp_snmp_discovery(id, id, discovery);
	return send(a->fd, discovery, sizeof discovery, MSG_NOSIGNAL) >= 0;
}

static enum dmp_step
snmp_described(const struct dmp_attempt *a, const struct dmp_snmp_system *system,
    struct dmp_probe_result *result)
{
	char what[80];

	dmp_snmp_system_text(system, result->identity, sizeof result->identity);
	if (system->error_status == DMP_SNMP_AUTHORIZATION_ERROR)
		return dmp_udp_answered(a, DMP_REASON_AUTH_REQUIRED,
		    "the agent is alive and denies access", result);
	if (system->error_status != 0)
		dmp_text_format(what, sizeof what,
		    "SNMPv2c answered with error status %u", system->error_status);
	else
		dmp_text_copy(what, sizeof what,
		    snmp_informs(a) ? "it acknowledged an inform" : "SNMPv2c answered");
	return dmp_udp_answered(a, DMP_REASON_ANSWERED, what, result);
}

static enum dmp_step
snmp_discovered(struct dmp_attempt *a, const struct dmp_snmp_engine *engine,
    struct dmp_probe_result *result)
{
	if (dmp_path_is_engine(engine)) {
		dmp_text_copy(
		    result->identity, sizeof result->identity, "dmports listen");
		return dmp_udp_answered(a, DMP_REASON_PATH_ONLY,
		    dmp_reason_sentence(DMP_REASON_PATH_ONLY), result);
	}
	if (snmp_has_request(a)) {
		if (a->half_us == 0)
			a->half_us = dmp_attempt_elapsed_us(a);
		return DMP_STEP_WAIT;
	}
	dmp_snmp_engine_text(engine, result->identity, sizeof result->identity);
	return dmp_udp_answered(
	    a, DMP_REASON_ANSWERED, "SNMPv3 engine discovery answered", result);
}

static enum dmp_step
snmp_datagram(struct dmp_attempt *a, const uint8_t *data, size_t size,
    struct dmp_probe_result *result)
{
	struct dmp_snmp_system system;
	struct dmp_snmp_engine engine;
	enum dmp_snmp_reply reply = DMP_SNMP_GARBAGE;

	if (snmp_has_request(a))
		reply =
		    dmp_snmp_parse_response(data, size, snmp_request_id(a), &system);
	if (reply == DMP_SNMP_RESPONDED)
		return snmp_described(a, &system, result);
	if (reply == DMP_SNMP_STRAY)
		return DMP_STEP_WAIT;
	switch (dmp_snmp_parse(data, size, snmp_discovery_id(a), &engine)) {
	case DMP_SNMP_DISCOVERED:
		return snmp_discovered(a, &engine, result);
	case DMP_SNMP_RESPONDED:
	case DMP_SNMP_OTHER:
		dmp_text_copy(result->identity, sizeof result->identity, "SNMP");
		return dmp_udp_answered(a, DMP_REASON_IDENTITY_WEAK,
		    "an SNMP message that is no discovery report came back", result);
	case DMP_SNMP_STRAY:
		return DMP_STEP_WAIT;
	case DMP_SNMP_GARBAGE:
		break;
	}
	return dmp_udp_stray(a, data, size);
}

static void
snmp_half(const struct dmp_attempt *a, struct dmp_probe_result *result)
{
	result->reason = DMP_REASON_AUTH_REQUIRED;
	result->progress = DMP_PROGRESS_ANSWERED;
	result->latency_us = a->half_us;
	dmp_text_copy(result->identity, sizeof result->identity, "SNMPv3 engine");
	dmp_text_copy(result->detail, sizeof result->detail,
	    snmp_informs(a)
	        ? "the receiver is alive and does not acknowledge an inform: community "
	          "refused, or SNMPv2c is off"
	        : "the agent is alive and does not answer the community: refused, or "
	          "SNMPv2c is off");
}

const struct dmp_udp_question dmp_udp_snmp = {
    .name = "SNMP",
    .send = snmp_send,
    .datagram = snmp_datagram,
    .half = snmp_half,
};
