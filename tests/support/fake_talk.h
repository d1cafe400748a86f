/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_talk.h - the talk of a protocol without sockets: it records what the protocol
 * does.  Stands in for talk.c when a test links it.
 */
#ifndef DMP_TEST_FAKE_TALK_H
#define DMP_TEST_FAKE_TALK_H

#include <stddef.h>

#include "probe/talk.h"

struct dmp_talk {
	const struct dmp_protocol *protocol;
	struct dmp_probe_spec spec;
	uint16_t local_port;
	bool is_tls;
	const char *alpn; /* selected, NULL = none */
	bool finished;
	bool wrong; /* by dmp_talk_finish_wrong() */
	enum dmp_reason reason;
	char detail[DMP_DETAIL_TEXT];
	char identity[DMP_IDENTITY_TEXT];
	enum dmp_probe_cassandra cassandra;
	uint8_t sent[1024];
	size_t sent_size;
	uint32_t wait_ms;
	_Alignas(max_align_t) uint8_t state[DMP_TALK_STATE];
};

/* Begin: zeroed state, open() called. */
void fake_talk_open(struct dmp_talk *talk, const struct dmp_protocol *protocol);

/* Bytes from the peer as hexadecimal text, all at once. */
void fake_talk_hex(struct dmp_talk *talk, const char *hex);

/* The same as text. */
void fake_talk_text(struct dmp_talk *talk, const char *text);

/* The same one byte at a time, until the protocol has finished. */
void fake_talk_drip(struct dmp_talk *talk, const char *hex);

#endif
