/* SPDX-License-Identifier: BSD-2-Clause */
/* talk_run.h - inside the probe library: the side of a talk that probe.c sees. */
#ifndef DMP_TALK_RUN_H
#define DMP_TALK_RUN_H

#include <event2/event.h>

#include "base/clock.h"
#include "probe/talk.h"

/* How a talk calls its probe.  Always from the loop, never from within a function of
 * this header. */
struct dmp_talk_owner {
	/* It is over: free it, also from within. */
	void (*end)(const struct dmp_probe_result *result, void *arg);
	/* It wants another connection to the same address: answer with
	 * dmp_talk_connected() or dmp_talk_not_connected(). */
	void (*again)(void *arg);
};

/* spec is borrowed. */
enum dmp_status dmp_talk_new(struct event_base *base, const struct dmp_clock *clock,
    const struct dmp_probe_spec *spec, const struct dmp_talk_owner *owner, void *arg,
    struct dmp_talk **ret_talk) DMP_CHECK_RESULT;

/* Closes what is open, without a call.  NULL is allowed. */
void dmp_talk_free(struct dmp_talk *talk);

/* What is known about a connection that was just made. */
struct dmp_talk_connection {
	int fd;              /* taken over */
	bool reset;          /* it was already reset again */
	uint32_t latency_us; /* SYN to SYN-ACK */
};

void dmp_talk_connected(
    struct dmp_talk *talk, const struct dmp_talk_connection *connection);
void dmp_talk_not_connected(struct dmp_talk *talk);

/* The deadline has come. */
void dmp_talk_time_up(struct dmp_talk *talk);

/* How long the talk may last after the connect. */
uint32_t dmp_talk_reply_ms(const struct dmp_probe_spec *spec);

#endif
