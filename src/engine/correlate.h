/* SPDX-License-Identifier: BSD-2-Clause */
/* correlate.h - which of several findings is the one to announce.  Pure. */
#ifndef DMP_CORRELATE_H
#define DMP_CORRELATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vocab.h"

/* Is this reason about the transport below all services of an endpoint (so that ports
 * that share the endpoint share the verdict)? */
bool dmp_correlate_is_transport(enum dmp_reason reason);

/* One port of an endpoint, as the rule sees it. */
struct dmp_endpoint_port {
	uint32_t requirement; /* its permanent number */
	enum dmp_level level;
	enum dmp_state state;
	enum dmp_reason reason;
	enum dmp_admin admin;
	bool announced; /* its problem is raised already */
};

/* Ports that share an endpoint: on a transport failure the lowest-numbered required one
 * announces (when none is required: the lowest-numbered), the others that are DOWN for
 * a transport reason are suppressed.  Writes true to ret_suppressed[i] for those. */
void dmp_correlate_endpoint(
    const struct dmp_endpoint_port *ports, size_t n, bool *ret_suppressed);

#endif
