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
