/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: bytes are either part of a line, which is gathered in parser.line (cut
 * at its size, but counted), or part of the body.  Whole lines drive the stages: the
 * status line, header lines, and in a chunked body the sizes and trailers.
 */
#include "probe/http.h"

#include <string.h>
#include <strings.h>

#include "base/address.h"

#define INTERIM_MAX 4
#define HEADER_MAX  (16u * 1024)
#define LINES_MAX   100
#define BODY_MAX    (64u * 1024)

enum http_stage {
	HTTP_STATUS = 0,
	HTTP_FIELD,
	HTTP_BODY,       /* body_left bytes, or until the end */
	HTTP_CHUNK_SIZE, /* a line with a hexadecimal number */
	HTTP_CHUNK,      /* body_left bytes */
	HTTP_CHUNK_END,  /* the line end after a chunk */
	HTTP_TRAILER,
	HTTP_DONE
};

static void
http_stage(struct dmp_http *http, enum http_stage stage)
{
	http->parser.stage = (int)stage;
}

/* Before the header is complete nothing is proven; after it nothing can be unproven. */
static void
http_broken(struct dmp_http *http)
{
	http->progress =
	    http->progress == DMP_HTTP_MORE ? DMP_HTTP_INVALID : DMP_HTTP_COMPLETE;
	http_stage(http, HTTP_DONE);
}

static void
http_complete(struct dmp_http *http)
{
	http->progress = DMP_HTTP_COMPLETE;
	http_stage(http, HTTP_DONE);
}

/* "HTTP/1.1 200 OK"; RFC 9112 4 wants a blank after the status, servers forget it. */
static void
http_status_line(struct dmp_http *http)
{
	const char *line = http->parser.line;
	int status = 0;

	if (strncmp(line, "HTTP/1.", 7) != 0 || line[7] < '0' || line[7] > '9' ||
	    line[8] != ' ') {
		http_broken(http);
		return;
	}
	for (int i = 9; i < 12; i++) {
		if (line[i] < '0' || line[i] > '9') {
			http_broken(http);
			return;
		}
		status = status * 10 + (line[i] - '0');
	}
	if (status < 100 || status > 599 || (line[12] != ' ' && line[12] != '\0')) {
		http_broken(http);
		return;
	}
	http->parser.status = status;
	http_stage(http, HTTP_FIELD);
}

static void
http_keep_field(struct dmp_http *http, const char *name, const char *value)
{
	static const char *const NAMES[DMP_HTTP_FIELDS] = {
	    [DMP_HTTP_SERVER] = "Server",
	    [DMP_HTTP_LOCATION] = "Location",
	    [DMP_HTTP_CONTENT_TYPE] = "Content-Type",
	    [DMP_HTTP_WWW_AUTHENTICATE] = "WWW-Authenticate",
	    [DMP_HTTP_ELASTIC_PRODUCT] = "X-elastic-product",
	    [DMP_HTTP_DATE] = "Date",
	    [DMP_HTTP_VARY] = "Vary",
	    [DMP_HTTP_CACHE_CONTROL] = "Cache-Control",
	};

	for (size_t i = 0; i < DMP_HTTP_FIELDS; i++)
		if (strcasecmp(name, NAMES[i]) == 0 && http->fields[i][0] == '\0')
			dmp_text_printable(http->fields[i], sizeof http->fields[i],
			    value, strlen(value));
}

/* What is no plain number is no length (RFC 9112 6.3): the body ends with the
 * connection then. */
static void
http_note_length(struct dmp_http *http, const char *value)
{
	http->parser.has_length =
	    dmp_text_number(value, 0, UINT64_MAX, &http->parser.body_left);
}

static bool
http_line_has(const char *line, const char *text)
{
	size_t size = strlen(text);

	for (; *line; line++)
		if (strncasecmp(line, text, size) == 0)
			return true;
	return false;
}

static void
http_field_line(struct dmp_http *http)
{
	char *line = http->parser.line;
	char *value = strchr(line, ':');
	size_t size;

	if (http->wanted && http_line_has(line, http->wanted))
		http->has_wanted = true;
	/* Folded lines and lines without a colon say nothing to us. */
	if (!value || line[0] == ' ' || line[0] == '\t')
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	size = strlen(value);
	while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
		value[--size] = '\0';
	if (strcasecmp(line, "Content-Length") == 0)
		http_note_length(http, value);
	else if (strcasecmp(line, "Transfer-Encoding") == 0)
		http->parser.chunked = strcasecmp(value, "chunked") == 0;
	else
		http_keep_field(http, line, value);
}

static void
http_interim_end(struct dmp_http *http)
{
	if (++http->parser.interims > INTERIM_MAX) {
		http_broken(http);
		return;
	}
	http->parser.has_length = false;
	http->parser.chunked = false;
	memset(http->fields, 0, sizeof http->fields);
	http->has_wanted = false;
	http_stage(http, HTTP_STATUS);
}

/* The empty line after the header. */
static void
http_header_end(struct dmp_http *http)
{
	int status = http->parser.status;

	if (status < 200 && status != 101) {
		http_interim_end(http);
		return;
	}
	http->status = status;
	http->progress = DMP_HTTP_HEADER;
	if (status == 101 || status == 204 || status == 304)
		http_complete(http);
	else if (http->parser.chunked)
		http_stage(http, HTTP_CHUNK_SIZE);
	else if (http->parser.has_length && http->parser.body_left == 0)
		http_complete(http);
	else
		http_stage(http, HTTP_BODY);
}

static void
http_chunk_size(struct dmp_http *http)
{
	static const char DIGITS[] = "0123456789abcdef";
	const char *line = http->parser.line;
	uint64_t size = 0;
	size_t n = 0;

	for (; line[n] != '\0'; n++) {
		char c =
		    line[n] >= 'A' && line[n] <= 'F' ? (char)(line[n] + 32) : line[n];
		const char *digit = strchr(DIGITS, c);

		if (!digit)
			break;
		if (n >= 8) {
			http_broken(http);
			return;
		}
		size = size << 4 | (uint64_t)(digit - DIGITS);
	}
	/* An extension or blanks may follow. */
	if (n == 0 || (line[n] != '\0' && line[n] != ';' && line[n] != ' ')) {
		http_broken(http);
		return;
	}
	http->parser.body_left = size;
	http_stage(http, size > 0 ? HTTP_CHUNK : HTTP_TRAILER);
}

/* A whole line is in parser.line, without its end. */
static void
http_line(struct dmp_http *http)
{
	bool empty = http->parser.line_size == 0;

	switch ((enum http_stage)http->parser.stage) {
	case HTTP_STATUS:
		http_status_line(http);
		break;
	case HTTP_FIELD:
		if (empty)
			http_header_end(http);
		else
			http_field_line(http);
		break;
	case HTTP_CHUNK_SIZE:
		http_chunk_size(http);
		break;
	case HTTP_CHUNK_END:
		if (empty)
			http_stage(http, HTTP_CHUNK_SIZE);
		else
			http_broken(http);
		break;
	case HTTP_TRAILER:
		if (empty)
			http_complete(http);
		break;
	case HTTP_BODY:
	case HTTP_CHUNK:
	case HTTP_DONE:
		break;
	}
}

static bool
http_line_allowed(const struct dmp_http *http)
{
	size_t n = http->parser.line_size < 7 ? http->parser.line_size : 7;

	if (http->parser.header_size > HEADER_MAX)
		return false;
	if (http->parser.stage == HTTP_STATUS &&
	    memcmp(http->parser.line, "HTTP/1.", n) != 0)
		return false;
	return http->progress != DMP_HTTP_MORE || http->parser.lines < LINES_MAX;
}

/* Take the bytes of one line, or what there is of it; returns how many. */
static size_t
http_feed_line(struct dmp_http *http, const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	size_t n = end ? (size_t)(end - data) : size;
	size_t room = sizeof http->parser.line - 1 - http->parser.line_size;
	size_t keep = n < room ? n : room;

	memcpy(http->parser.line + http->parser.line_size, data, keep);
	http->parser.line_size += keep;
	http->parser.header_size += end ? n + 1 : n;
	if (!http_line_allowed(http)) {
		http_broken(http);
		return n;
	}
	if (!end)
		return n;
	if (http->parser.line_size > 0 &&
	    http->parser.line[http->parser.line_size - 1] == '\r')
		http->parser.line_size--;
	http->parser.line[http->parser.line_size] = '\0';
	http->parser.lines++;
	http_line(http);
	http->parser.line_size = 0;
	return n + 1;
}

static size_t
http_feed_body(struct dmp_http *http, const uint8_t *data, size_t size)
{
	bool chunk = http->parser.stage == HTTP_CHUNK;
	bool counted = chunk || http->parser.has_length;
	size_t room = DMP_HTTP_BODY - http->body_size;
	size_t keep;

	if (counted && size > http->parser.body_left)
		size = (size_t)http->parser.body_left;
	keep = size < room ? size : room;
	memcpy(http->body + http->body_size, data, keep);
	http->body_size += keep;
	http->body[http->body_size] = '\0';
	http->parser.body_total += size;
	if (counted)
		http->parser.body_left -= size;
	if (http->parser.body_total >= BODY_MAX)
		http_complete(http);
	else if (counted && http->parser.body_left == 0 && chunk)
		http_stage(http, HTTP_CHUNK_END);
	else if (counted && http->parser.body_left == 0)
		http_complete(http);
	return size;
}

enum dmp_http_progress
dmp_http_feed(struct dmp_http *http, const uint8_t *data, size_t size)
{
	while (size > 0 && http->parser.stage != HTTP_DONE) {
		bool body =
		    http->parser.stage == HTTP_BODY || http->parser.stage == HTTP_CHUNK;
		size_t used = body ? http_feed_body(http, data, size)
		                   : http_feed_line(http, data, size);

		data += used;
		size -= used;
	}
	return http->progress;
}

enum dmp_http_progress
dmp_http_end(struct dmp_http *http)
{
	if (http->parser.stage == HTTP_BODY && !http->parser.has_length)
		http_complete(http);
	else if (http->progress == DMP_HTTP_MORE)
		http_broken(http);
	return http->progress;
}

/* Blanks and controls would end the request line. */
static void
http_append_path(struct dmp_text *out, const char *path)
{
	if (path[0] != '/')
		dmp_text_append(out, "/");
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c <= 0x20 || c >= 0x7f)
			dmp_text_printf(out, "%%%02X", c);
		else
			dmp_text_append_bytes(out, path, 1);
	}
}

/* RFC 9110 7.2: the name as the user wrote it; a zone is of no use to the other side
 * (RFC 6874 1). */
static void
http_append_host(struct dmp_text *out, const char *host)
{
	struct dmp_address address;

	if (dmp_address_parse(host, &address) && address.family == AF_INET6)
		dmp_text_printf(out, "[%.*s]", (int)strcspn(host, "%"), host);
	else
		dmp_text_append(out, host);
}

static void
http_append_request(
    struct dmp_text *out, const char *path, const char *host, uint16_t port, bool tls)
{
	dmp_text_append(out, "GET ");
	http_append_path(out, path ? path : "");
	dmp_text_append(out, " HTTP/1.1\r\nHost: ");
	http_append_host(out, host ? host : "");
	if (port != (tls ? 443 : 80))
		dmp_text_printf(out, ":%u", port);
	dmp_text_append(
	    out, "\r\nUser-Agent: dmports/" DMP_VERSION "\r\nAccept: */*\r\n");
}

void
dmp_http_request(
    struct dmp_text *out, const char *path, const char *host, uint16_t port, bool tls)
{
	http_append_request(out, path, host, port, tls);
	dmp_text_append(out, "Connection: close\r\n\r\n");
}

void
dmp_http_request_keep(
    struct dmp_text *out, const char *path, const char *host, uint16_t port, bool tls)
{
	http_append_request(out, path, host, port, tls);
	dmp_text_append(out, "Connection: keep-alive\r\n\r\n");
}

bool
dmp_http_body_has(const struct dmp_http *http, const char *text, bool fold)
{
	size_t size = strlen(text);
	const char *body = (const char *)http->body;

	for (size_t i = 0; i + size <= http->body_size; i++)
		if ((fold ? strncasecmp(body + i, text, size)
		          : memcmp(body + i, text, size)) == 0)
			return true;
	return false;
}
