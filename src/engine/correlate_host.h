/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * correlate_host.h - is it the port or the whole host?  Pure.
 *
 * Rules.
 * - A host is down when it has at least two TCP ports to judge and the last attempt of
 *   all of them got neither SYN-ACK nor RST.  To judge are those that are enabled, and
 *   not forbidden: a forbidden port is expected to be mute.  Any port that is asked
 *   can prove that the host lives, also an UDP one or one in maintenance.
 * - A port that is down because it is mute is held until its siblings were asked at
 *   least as late as it was, at most timeout + 2 s.  One of them is heard: the host
 *   lives, the port speaks for itself.  All are mute: the host is down, it announces
 *   and its ports are suppressed.  Not all were asked in time: the port speaks.
 * - What is refused, or answered wrongly, is never held.
 * - A host that is down and heard once is asked again on all ports; heard a second time
 *   it is up, else it stays down.  Then every port that is in a bad state confirms it
 *   before it speaks (dmp_health_reconfirm): no storm at recovery.
 *
 * Times are monotonic milliseconds; an attempt counts by its begin.
 */
#ifndef DMP_CORRELATE_HOST_H
#define DMP_CORRELATE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/correlate.h"

#define DMP_HOLD_MARGIN_MS 2000 /* beyond the timeout */
#define DMP_HOLD_NEVER     INT64_MAX
#define DMP_BEGAN_NEVER    INT64_MIN

/* What is remembered of a host.  Value type, zero-initialised = nothing known.  After a
 * restart set down to whether DMP_EVENT_HOST_DOWN is raised for it. */
struct dmp_host_watch {
	int64_t ask_ms;   /* attempts that began from here on count as asked again */
	int64_t until_ms; /* ... and until here they are waited for; 0 = not waiting */
	bool down;        /* in force, announced or not */
	bool released;    /* the hold is over, and what was held still waits */
};

/* One port of the host, as the rule sees it. */
struct dmp_host_port {
	enum dmp_transport transport;
	enum dmp_level level;
	enum dmp_admin admin;
	enum dmp_state state; /* confirmed */
	/* Of the last attempt, those left out that were our own fault (so UDP silence
	 * is one), and when it began; DMP_BEGAN_NEVER = none yet. */
	enum dmp_reason reason;
	int64_t began_ms;
	uint32_t timeout_ms; /* of its policy */
	bool waiting;        /* has something to announce, and its endpoint lets it */
	bool settled;        /* dmp_health_is_settled() */
	/* Out. */
	enum dmp_voice voice;
	/* Ask now; an attempt that has begun at ask_ms or later will do.  Leave it
	 * alone after an inconclusive one. */
	bool recheck;
};

/* Is the port one to judge: expected to answer when the host lives? */
bool dmp_host_port_counts(const struct dmp_host_port *port);

enum dmp_host_change {
	DMP_HOST_SAME = 0,
	DMP_HOST_WENT_DOWN,
	/* Announce the end of what is announced, and have all ports confirmed again, at
	 * pace NORMAL. */
	DMP_HOST_CAME_UP,
	/* Fewer than two ports are left to judge: announce the end, nothing is known.
	 */
	DMP_HOST_DROPPED
};

/* Judge again: call when an attempt has ended that changed a state or that a recheck
 * asked for, when a port of a host that is down was heard, when an admin state changes,
 * and at watch->until_ms.  Writes voice and recheck of the ports. */
enum dmp_host_change dmp_correlate_host(struct dmp_host_watch *watch,
    struct dmp_host_port *ports, size_t n, int64_t now_ms);

/* Why a host is down: the reason that all its ports share when that says more (its name
 * does not resolve, no route), else HOST_DOWN. */
enum dmp_reason dmp_correlate_host_reason(const struct dmp_host_port *ports, size_t n);

/* What timeouts mean on a host whose other ports answer.  A host that refuses sends RST
 * for what is closed, so what times out is filtered.  One that never refuses may be a
 * Windows host in stealth mode, which drops what nobody listens for. */
enum dmp_timeout_reading {
	DMP_TIMEOUT_UNREAD = 0, /* nothing was heard of the host */
	DMP_TIMEOUT_FILTERED,
	DMP_TIMEOUT_STEALTH
};

enum dmp_timeout_reading dmp_correlate_timeout(
    const struct dmp_host_port *ports, size_t n);

/* The sentence and whom to call, in place of those of DMP_REASON_TIMEOUT.  Static. */
const char *dmp_timeout_sentence(enum dmp_timeout_reading reading);
const char *dmp_timeout_owner(enum dmp_timeout_reading reading);

#endif
