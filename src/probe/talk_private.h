/* SPDX-License-Identifier: BSD-2-Clause */
/* talk_private.h - inside talk: its memory, shared by talk.c (what happens) and
 * talk_verdict.c (what it means). */
#ifndef DMP_TALK_PRIVATE_H
#define DMP_TALK_PRIVATE_H

#include <event2/event_struct.h>
#include <stddef.h>

#include "probe/stream.h"
#include "probe/talk_run.h"

#define DMP_TALK_ALPN 16

enum talk_phase {
	TALK_UNCONNECTED = 0,
	TALK_RUNNING,
	TALK_JUDGED, /* the result is there */
	TALK_LEAVING /* close_notify is on its way */
};

struct dmp_talk {
	struct event_base *base;
	const struct dmp_clock *clock;
	const struct dmp_probe_spec *spec;
	const struct dmp_protocol *protocol;
	const struct dmp_talk_owner *owner;
	void *arg;
	struct dmp_stream stream;
	struct event turn; /* RUNNING: try the other mode; JUDGED, LEAVING: go on */
	struct event wait; /* for the protocol */
	enum talk_phase phase;
	bool tls;        /* the mode */
	bool may_change; /* the other mode was not tried yet */
	bool changed;    /* the result of the first mode is in former */
	bool upgrade;    /* begin TLS when the input is done with */
	bool in_input;
	uint16_t local_port;
	uint32_t connect_us;
	int64_t asked_us;    /* when the protocol began */
	int64_t answered_us; /* when the first byte for it came, 0 = not yet */
	char alpn[DMP_TALK_ALPN];
	uint8_t head[DMP_TALK_TAP]; /* the first bytes for the protocol */
	size_t head_size;
	struct dmp_probe_result result;
	struct dmp_probe_result former;
	_Alignas(max_align_t) uint8_t state[];
};

/* Call the turn function after so many milliseconds. */
void dmp_talk_turn_in(struct dmp_talk *talk, uint32_t wait_ms);

/* Every talk ends here; only the first call counts. */
void dmp_talk_verdict(
    struct dmp_talk *talk, enum dmp_reason reason, const char *sentence);

/* The verdict when TLS is what ended the connection; false when it is not. */
bool dmp_talk_judge_tls(struct dmp_talk *talk, enum dmp_stream_end end);

/* The verdict about a connection that ended, when the protocol has none. */
void dmp_talk_judge_end(struct dmp_talk *talk, enum dmp_stream_end end);

/* The time is up, and not a byte came. */
void dmp_talk_judge_silence(struct dmp_talk *talk);

/* Both modes were tried: leave the better result in talk->result. */
void dmp_talk_choose_result(struct dmp_talk *talk);

#endif
