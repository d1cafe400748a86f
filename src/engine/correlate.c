/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/correlate.h"

bool
dmp_correlate_is_transport(enum dmp_reason reason)
{
	switch (reason) {
	case DMP_REASON_REFUSED:
	case DMP_REASON_TIMEOUT:
	case DMP_REASON_HOST_UNREACHABLE:
	case DMP_REASON_NET_UNREACHABLE:
	case DMP_REASON_ADMIN_PROHIBITED:
	case DMP_REASON_PROTOCOL_UNREACHABLE:
	case DMP_REASON_NO_ROUTE:
	case DMP_REASON_DNS_NO_NAME:
	case DMP_REASON_DNS_FAILED:
	case DMP_REASON_DNS_TIMEOUT:
		return true;
	default:
		return false;
	}
}

/* A host itself says that it does not speak a protocol (RFC 792, code 2), so that is a
 * sign of life like a RST; all other ICMP comes from somebody on the path. */
enum dmp_evidence
dmp_correlate_evidence(enum dmp_reason reason)
{
	if (dmp_reason_outcome(reason) == DMP_OUTCOME_INCONCLUSIVE)
		return DMP_EVIDENCE_NONE;
	if (reason == DMP_REASON_REFUSED || reason == DMP_REASON_PROTOCOL_UNREACHABLE ||
	    !dmp_correlate_is_transport(reason))
		return DMP_EVIDENCE_HEARD;
	return DMP_EVIDENCE_MUTE;
}

static bool
endpoint_is_down(const struct dmp_endpoint_port *port)
{
	return port->admin == DMP_ADMIN_ENABLED && port->state == DMP_STATE_DOWN &&
	       dmp_correlate_is_transport(port->reason);
}

/* Announced before others, then required, then the lower number. */
static bool
endpoint_speaks_before(
    const struct dmp_endpoint_port *a, const struct dmp_endpoint_port *b)
{
	bool a_required = a->level == DMP_LEVEL_REQUIRED;
	bool b_required = b->level == DMP_LEVEL_REQUIRED;

	if (a->announced != b->announced)
		return a->announced;
	if (a_required != b_required)
		return a_required;
	return a->requirement < b->requirement;
}

void
dmp_correlate_endpoint(
    const struct dmp_endpoint_port *ports, size_t n, bool *ret_suppressed)
{
	const struct dmp_endpoint_port *speaker = NULL;

	for (size_t i = 0; i < n; i++) {
		if (endpoint_is_down(&ports[i]) &&
		    (!speaker || endpoint_speaks_before(&ports[i], speaker)))
			speaker = &ports[i];
	}
	for (size_t i = 0; i < n; i++)
		ret_suppressed[i] = endpoint_is_down(&ports[i]) && &ports[i] != speaker;
}

enum dmp_suppressed
dmp_correlate_suppressed(const struct dmp_silence *silence)
{
	if (silence->admin == DMP_ADMIN_MAINTENANCE)
		return DMP_SUPPRESSED_MAINTENANCE;
	if (silence->vantage == DMP_VOICE_SUPPRESSED)
		return DMP_SUPPRESSED_VANTAGE;
	if (silence->host == DMP_VOICE_SUPPRESSED)
		return DMP_SUPPRESSED_HOST;
	if (silence->flapping)
		return DMP_SUPPRESSED_FLAPPING;
	if (silence->endpoint)
		return DMP_SUPPRESSED_ENDPOINT;
	return DMP_SUPPRESSED_NONE;
}

bool
dmp_correlate_may_announce(const struct dmp_silence *silence)
{
	if (silence->admin != DMP_ADMIN_ENABLED)
		return true;
	return silence->vantage == DMP_VOICE_SPEAKS &&
	       silence->host == DMP_VOICE_SPEAKS && !silence->flapping &&
	       !silence->endpoint;
}

bool
dmp_correlate_counts_as_flap(const struct dmp_silence *silence)
{
	return silence->admin == DMP_ADMIN_ENABLED &&
	       silence->vantage == DMP_VOICE_SPEAKS &&
	       silence->host == DMP_VOICE_SPEAKS && !silence->endpoint;
}
