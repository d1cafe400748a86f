/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream.h - inside the probe library: bytes over a connected descriptor, with or
 * without TLS.
 *
 * How it works: a bufferevent reads and writes the descriptor; TLS, when it is started,
 * is a filter over it.  A callback on the input buffer of the lower one keeps the first
 * bytes as they came over the wire, so that they can be named when TLS chokes on them.
 * What was received is delivered before the end of the connection is: first bytes, then
 * end of file, then the error.  The events are called from deep inside the libraries:
 * nothing may be closed from within them, only dmp_stream_stop() may be called.
 */
#ifndef DMP_STREAM_H
#define DMP_STREAM_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "probe/tls.h"

#define DMP_STREAM_TAP 512

enum dmp_stream_end {
	DMP_STREAM_EOF = 0,
	DMP_STREAM_RESET,
	DMP_STREAM_BROKEN, /* TLS failed, or the network did */
	DMP_STREAM_FULL    /* more than we want to look at */
};

struct dmp_stream_events {
	void (*secured)(void *arg); /* TLS stands */
	void (*bytes)(void *arg);   /* look with dmp_stream_peek() */
	void (*ended)(enum dmp_stream_end end, void *arg);
};

enum dmp_stream_close { DMP_STREAM_CLOSE_RST = 0, DMP_STREAM_CLOSE_FIN };

struct bufferevent;

/* Embedded in its owner; zeroed = closed. */
struct dmp_stream {
	struct event_base *base;
	const struct dmp_stream_events *events;
	void *arg;
	struct bufferevent *raw;
	struct bufferevent *top; /* raw, or the TLS filter over it */
	struct dmp_tls *tls;
	int fd;
	bool open;
	bool stopped;            /* no further events */
	bool secured;            /* TLS stands */
	bool reset;              /* a reset was seen: the end is no end of file */
	int error;               /* errno of the end, 0 = none */
	unsigned long tls_error; /* OpenSSL's, 0 = none */
	size_t consumed;
	size_t wire_size; /* bytes that came over the wire */
	uint8_t tap[DMP_STREAM_TAP];
	size_t tap_size;
};

/* Takes the descriptor over, also when it fails.  No event before it returns. */
enum dmp_status dmp_stream_open(struct dmp_stream *stream, struct event_base *base,
    int fd, const struct dmp_stream_events *events, void *arg) DMP_CHECK_RESULT;

/* Begin TLS; secured() or ended() tells how it went.  Takes tls over, also when it
 * fails. */
enum dmp_status dmp_stream_start_tls(
    struct dmp_stream *stream, struct dmp_tls *tls) DMP_CHECK_RESULT;

/* What was received and not consumed, contiguous.  Borrowed until the next call. */
const uint8_t *dmp_stream_peek(struct dmp_stream *stream, size_t *ret_size);
void dmp_stream_consume(struct dmp_stream *stream, size_t size);

/* Queue bytes to be sent; false when memory is exhausted. */
bool dmp_stream_write(struct dmp_stream *stream, const void *data, size_t size);

/* No further events.  What is queued is still sent while the loop turns. */
void dmp_stream_stop(struct dmp_stream *stream);

/* Queue a close_notify when TLS stands; false when there is nothing to queue. */
bool dmp_stream_goodbye(struct dmp_stream *stream);

/* Close and free everything.  The tap, the errors and the counters stay. */
void dmp_stream_close(struct dmp_stream *stream, enum dmp_stream_close how);

#endif
