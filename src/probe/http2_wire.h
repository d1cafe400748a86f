/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http2_wire.h - does HTTP/2 live there?  The connection preface and what answers it.
 *
 * A server must send its SETTINGS as the first frame, before any request (RFC 9113
 * 3.4), so the preface alone proves HTTP/2 and leaves no line in an access log.  The
 * parser reads hostile bytes: frames up to the size that every endpoint must accept
 * (RFC 9113 4.2), without allocation.
 */
#ifndef DMP_HTTP2_WIRE_H
#define DMP_HTTP2_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define DMP_HTTP2_PREFACE_SIZE 33 /* the client's magic and an empty SETTINGS */
#define DMP_HTTP2_GOODBYE_SIZE 26 /* SETTINGS ACK, GOAWAY(NO_ERROR) */
#define DMP_HTTP2_FRAME_MAX    16384
#define DMP_HTTP2_DEBUG        64

enum dmp_http2_progress {
	DMP_HTTP2_MORE = 0, /* HTTP/2 so far, the first frame is not complete */
	DMP_HTTP2_SETTINGS, /* a server that is ready */
	DMP_HTTP2_GOAWAY,   /* a server that refuses */
	DMP_HTTP2_INVALID   /* no HTTP/2 server */
};

struct dmp_http2_answer {
	uint32_t max_streams;        /* SETTINGS; UINT32_MAX = not limited */
	uint32_t error;              /* GOAWAY, RFC 9113 7 */
	char debug[DMP_HTTP2_DEBUG]; /* GOAWAY, printable; "" = none */
};

/* What a client sends first. */
void dmp_http2_preface(uint8_t out[DMP_HTTP2_PREFACE_SIZE]);

/* What a client sends that has seen enough. */
void dmp_http2_goodbye(uint8_t out[DMP_HTTP2_GOODBYE_SIZE]);

/* Read the first frame of a server.  *ret_answer is written only with SETTINGS and
 * GOAWAY. */
enum dmp_http2_progress dmp_http2_parse(
    const uint8_t *data, size_t size, struct dmp_http2_answer *ret_answer);

/* The name of an error code, "UNKNOWN" for a number that has none.  Static string. */
const char *dmp_http2_error_text(uint32_t error);

#endif
