/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * correlate.h - which of several findings is the one to announce.  Pure.
 *
 * Here: what one attempt proves, ports that share an endpoint, and why a port is
 * silent. correlate_host.h has the ports of one host, correlate_site.h the hosts of a
 * group and of the site.
 */
#ifndef DMP_CORRELATE_H
#define DMP_CORRELATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vocab.h"

/* Is this reason about the transport below all services of an endpoint (so that ports
 * that share the endpoint share the verdict)? */
bool dmp_correlate_is_transport(enum dmp_reason reason);

/* What one attempt tells about the host. */
enum dmp_evidence {
	DMP_EVIDENCE_NONE = 0, /* nothing: our own fault, UDP silence */
	DMP_EVIDENCE_HEARD,    /* it lives: SYN-ACK, RST, a datagram, or its own ICMP */
	DMP_EVIDENCE_MUTE      /* none of these */
};

enum dmp_evidence dmp_correlate_evidence(enum dmp_reason reason);

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

/* Whether somebody may announce what differs from what is announced. */
enum dmp_voice {
	DMP_VOICE_SPEAKS = 0,
	DMP_VOICE_HELD,      /* not yet: it is not known whose finding it is */
	DMP_VOICE_SUPPRESSED /* no: another one announces the cause */
};

/* What keeps a port silent. */
struct dmp_silence {
	enum dmp_admin admin;
	enum dmp_voice vantage; /* correlate_site.h: SUPPRESSED = isolated */
	enum dmp_voice host;    /* correlate_host.h */
	bool flapping;
	bool endpoint; /* dmp_correlate_endpoint() */
};

/* The one to show (SuppressedBy): maintenance, vantage, host, flapping, endpoint, in
 * this order.  HELD shows nothing. */
enum dmp_suppressed dmp_correlate_suppressed(const struct dmp_silence *silence);

/* May the port announce a difference now?  Disabled ports and those in maintenance may:
 * the end of what was announced.  This is also the rule after a recovery: whoever may
 * speak again announces the difference between what is announced and what is, see
 * dmp_announce_port(), and nothing when there is none. */
bool dmp_correlate_may_announce(const struct dmp_silence *silence);

/* Does a change that happens now count as a flap?  Not when it is suppressed, except by
 * the flapping itself. */
bool dmp_correlate_counts_as_flap(const struct dmp_silence *silence);

#endif
