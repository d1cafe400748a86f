/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http.h - HTTP/1.x replies for probes (RFC 9112): a push parser of our own.
 *
 * Why our own: the packaged http-parser is no longer maintained upstream, evhttp
 * reconnects by itself, follows endless interim replies and hides the raw bytes; and a
 * probe needs little: status, a few header fields, the beginning of the body, hard
 * limits.  The verdict rests on the header: a body that is cut or reset never discards
 * it.
 *
 * Limits: at most 4 interim (1xx) replies, 16 KiB and 100 lines of header, 64 KiB of
 * body of which DMP_HTTP_BODY bytes are kept (chunked coding is undone).
 */
#ifndef DMP_HTTP_H
#define DMP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define DMP_HTTP_BODY  8192
#define DMP_HTTP_FIELD 128

enum dmp_http_progress {
	DMP_HTTP_MORE = 0, /* nothing decided yet */
	DMP_HTTP_HEADER,   /* the header is complete, the body is not */
	DMP_HTTP_COMPLETE,
	DMP_HTTP_INVALID /* not HTTP, or over a limit */
};

/* Header fields that probes ask for. */
enum dmp_http_field {
	DMP_HTTP_SERVER = 0,
	DMP_HTTP_LOCATION,
	DMP_HTTP_CONTENT_TYPE,
	DMP_HTTP_WWW_AUTHENTICATE,
	DMP_HTTP_ELASTIC_PRODUCT, /* X-elastic-product */
	DMP_HTTP_DATE,
	DMP_HTTP_VARY,
	DMP_HTTP_CACHE_CONTROL,
	DMP_HTTP_FIELDS
};

/* Value type: zero-initialise, feed, read.  About 10 KiB: allocate it. */
struct dmp_http {
	enum dmp_http_progress progress;
	int status; /* 100..599 of the final reply, 0 = not yet */
	char fields[DMP_HTTP_FIELDS][DMP_HTTP_FIELD]; /* printable, cut; "" = absent */
	uint8_t body[DMP_HTTP_BODY + 1];              /* as received, NUL-terminated */
	size_t body_size;
	/* Set before the first feed: a text to be looked for in "Name: value" of every
	 * header field, letters in any case; borrowed.  NULL: none. */
	const char *wanted;
	bool has_wanted;
	/* private */
	struct {
		int stage;
		int status;
		unsigned interims;
		unsigned lines;
		size_t header_size;
		size_t line_size;
		uint64_t body_left;
		uint64_t body_total;
		bool chunked;
		bool has_length;
		char line[1024];
	} parser;
};

/* Feed the next bytes; everything is consumed. */
enum dmp_http_progress dmp_http_feed(
    struct dmp_http *http, const uint8_t *data, size_t size);

/* The connection ended: a body without a length is complete now, one with a length
 * stays DMP_HTTP_HEADER, and what has no header yet is DMP_HTTP_INVALID. */
enum dmp_http_progress dmp_http_end(struct dmp_http *http);

/* Append "GET path HTTP/1.1" with Host (the name as the user wrote it, brackets around
 * IPv6, the port unless it is the scheme's own), User-Agent: dmports/VERSION, Accept,
 * Connection: close (RFC 9110 7.2). */
void dmp_http_request(
    struct dmp_text *out, const char *path, const char *host, uint16_t port, bool tls);

/* The same with "Connection: keep-alive": another request follows when the reply is
 * complete. */
void dmp_http_request_keep(
    struct dmp_text *out, const char *path, const char *host, uint16_t port, bool tls);

/* Does the kept body contain text (ASCII letters in any case when fold)? */
bool dmp_http_body_has(const struct dmp_http *http, const char *text, bool fold);

#endif
