/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a cursor is a window on the frame.  Every read cuts from its front and
 * fails when the window is too small, so that no length from the wire is ever trusted.
 * The versions are read out of the lists and out of the texts of errors alike: both
 * write them as "4/v4" or "6/v6-beta" (native_protocol_v4.spec 4.1, 4.2.4).
 */
#include "probe/cql_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define REQUEST_VERSION 0x04
#define RESPONSE        0x80
#define VERSION_MAX     0x06
#define HEADER_SIZE     9u
#define HEADER_SIZE_OLD 8u /* versions 1 and 2: the stream is one byte */
#define VERSION_OLD     2

#define FLAG_COMPRESSED 0x01
#define FLAG_TRACING    0x02
#define FLAG_PAYLOAD    0x04
#define FLAG_WARNING    0x08
#define TRACING_SIZE    16

#define OPCODE_ERROR     0x00
#define OPCODE_OPTIONS   0x05
#define OPCODE_SUPPORTED 0x06

struct cql_cursor {
	const uint8_t *p;
	size_t n;
};

struct cql_frame {
	uint8_t flags;
	uint8_t opcode;
	bool ours; /* the stream is that of the request, 0 */
	struct cql_cursor body;
};

void
dmp_cql_options(uint8_t out[DMP_CQL_REQUEST_SIZE])
{
	memset(out, 0, DMP_CQL_REQUEST_SIZE);
	out[0] = REQUEST_VERSION;
	out[4] = OPCODE_OPTIONS;
}

static bool
cql_bytes(struct cql_cursor *c, size_t size, struct cql_cursor *ret_bytes)
{
	if (size > c->n)
		return false;
	*ret_bytes = (struct cql_cursor){c->p, size};
	c->p += size;
	c->n -= size;
	return true;
}

static bool
cql_number(struct cql_cursor *c, size_t octets, uint32_t *ret_number)
{
	struct cql_cursor bytes;
	uint32_t number = 0;

	if (!cql_bytes(c, octets, &bytes))
		return false;
	for (size_t i = 0; i < octets; i++)
		number = number << 8 | bytes.p[i];
	*ret_number = number;
	return true;
}

static bool
cql_string(struct cql_cursor *c, size_t limit, struct cql_cursor *ret_string)
{
	uint32_t size;

	return cql_number(c, 2, &size) && size <= limit &&
	       cql_bytes(c, size, ret_string);
}

static bool
cql_count(struct cql_cursor *c, uint32_t *ret_count)
{
	return cql_number(c, 2, ret_count) && *ret_count <= DMP_CQL_ENTRIES;
}

static bool
cql_is(const struct cql_cursor *string, const char *text)
{
	return string->n == strlen(text) && memcmp(string->p, text, string->n) == 0;
}

static void
cql_add_version(struct dmp_cql_answer *answer, uint8_t version)
{
	if (answer->lowest == 0 || version < answer->lowest)
		answer->lowest = version;
	if (version > answer->highest)
		answer->highest = version;
}

/* Take in every "N/vN" of a text, but not "N/vN-beta".  Versions have one digit. */
static void
cql_slash_versions(const uint8_t *p, size_t n, struct dmp_cql_answer *answer)
{
	static const char BETA[] = "-beta";
	const size_t beta = sizeof BETA - 1;

	for (size_t i = 0; n >= 4 && i <= n - 4; i++) {
		if (p[i] < '1' || p[i] > '9' || p[i + 1] != '/' || p[i + 2] != 'v' ||
		    p[i + 3] != p[i])
			continue;
		if (n - i >= 4 + beta && memcmp(p + i + 4, BETA, beta) == 0)
			continue;
		cql_add_version(answer, (uint8_t)(p[i] - '0'));
	}
}

/* Take in the digit that follows word. */
static void
cql_worded_version(const char *message, const char *word, struct dmp_cql_answer *answer)
{
	const char *found = strstr(message, word);

	if (!found)
		return;
	found += strlen(word);
	if (*found >= '1' && *found <= '9')
		cql_add_version(answer, (uint8_t)(*found - '0'));
}

/* The versions that a protocol error names; every release has words of its own. */
static void
cql_error_versions(struct dmp_cql_answer *answer)
{
	static const char *const WORDS[] = {
	    "lowest supported version is ", "greatest is ", "highest supported is "};
	const char *list = strstr(answer->message, "supported versions are (");

	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
		cql_worded_version(answer->message, WORDS[i], answer);
	/* "Rejecting Protocol Version 4/v4 < 5/v5.": ours, then the least allowed. */
	if (strncmp(answer->message, "Rejecting ", 10) == 0)
		list = strstr(answer->message, " < ");
	if (list)
		cql_slash_versions((const uint8_t *)list, strlen(list), answer);
}

static bool
cql_error(struct cql_cursor *body, struct dmp_cql_answer *answer)
{
	struct cql_cursor message;

	if (!cql_number(body, 4, &answer->code) ||
	    !cql_string(body, DMP_CQL_FRAME_MAX, &message))
		return false;
	dmp_text_printable(
	    answer->message, sizeof answer->message, message.p, message.n);
	if (answer->code == DMP_CQL_PROTOCOL_ERROR)
		cql_error_versions(answer);
	return true;
}

static bool
cql_option(struct cql_cursor *body, struct dmp_cql_answer *answer)
{
	struct cql_cursor key;
	uint32_t count;

	if (!cql_string(body, DMP_CQL_STRING_MAX, &key) || !cql_count(body, &count))
		return false;
	for (uint32_t i = 0; i < count; i++) {
		struct cql_cursor value;

		if (!cql_string(body, DMP_CQL_STRING_MAX, &value))
			return false;
		if (cql_is(&key, "PROTOCOL_VERSIONS"))
			cql_slash_versions(value.p, value.n, answer);
		else if (cql_is(&key, "CQL_VERSION"))
			dmp_text_printable(answer->cql_version,
			    sizeof answer->cql_version, value.p, value.n);
	}
	return true;
}

static bool
cql_supported(struct cql_cursor *body, struct dmp_cql_answer *answer)
{
	uint32_t count;

	if (!cql_count(body, &count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!cql_option(body, answer))
			return false;
	return true;
}

/* What flags put before the message itself (native_protocol_v4.spec 2.2). */
static bool
cql_preamble(struct cql_cursor *body, uint8_t flags)
{
	struct cql_cursor skipped;
	uint32_t count = 0;

	if (flags & FLAG_TRACING && !cql_bytes(body, TRACING_SIZE, &skipped))
		return false;
	if (flags & FLAG_WARNING && !cql_count(body, &count))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (!cql_string(body, DMP_CQL_FRAME_MAX, &skipped))
			return false;
	return true;
}

/* Cut the frame out of the bytes; SUPPORTED here means: it is there. */
static enum dmp_cql_reply
cql_frame(struct cql_cursor c, struct cql_frame *frame)
{
	uint32_t stream;
	uint32_t size;
	uint32_t octet;
	bool old;

	if (!cql_number(&c, 1, &octet))
		return DMP_CQL_MORE;
	if (octet <= RESPONSE || octet > (RESPONSE | VERSION_MAX))
		return DMP_CQL_GARBAGE;
	old = (octet & ~(uint32_t)RESPONSE) <= VERSION_OLD;
	if (c.n + 1 < (old ? HEADER_SIZE_OLD : HEADER_SIZE))
		return DMP_CQL_MORE;
	if (!cql_number(&c, 1, &octet))
		return DMP_CQL_MORE;
	frame->flags = (uint8_t)octet;
	if (!cql_number(&c, old ? 1 : 2, &stream) || !cql_number(&c, 1, &octet) ||
	    !cql_number(&c, 4, &size))
		return DMP_CQL_MORE;
	frame->ours = stream == 0;
	frame->opcode = (uint8_t)octet;
	if (size > DMP_CQL_FRAME_MAX - HEADER_SIZE)
		return DMP_CQL_GARBAGE;
	return cql_bytes(&c, size, &frame->body) ? DMP_CQL_SUPPORTED : DMP_CQL_MORE;
}

enum dmp_cql_reply
dmp_cql_parse(const uint8_t *data, size_t size, struct dmp_cql_answer *ret_answer)
{
	struct cql_frame frame = {0};
	struct dmp_cql_answer answer = {0};
	enum dmp_cql_reply reply = cql_frame((struct cql_cursor){data, size}, &frame);
	bool understood;

	if (reply != DMP_CQL_SUPPORTED)
		return reply;
	if (!frame.ours)
		return DMP_CQL_STRAY;
	if (frame.flags & (FLAG_COMPRESSED | FLAG_PAYLOAD) ||
	    (frame.opcode != OPCODE_ERROR && frame.opcode != OPCODE_SUPPORTED))
		return DMP_CQL_OTHER;
	understood =
	    cql_preamble(&frame.body, frame.flags) &&
	    (frame.opcode == OPCODE_ERROR ? cql_error(&frame.body, &answer)
	                                  : cql_supported(&frame.body, &answer));
	if (!understood)
		return DMP_CQL_GARBAGE;
	*ret_answer = answer;
	return frame.opcode == OPCODE_ERROR ? DMP_CQL_ERROR : DMP_CQL_SUPPORTED;
}

const char *
dmp_cql_release(const char *cql_version)
{
	/* 3.4.6 and 3.4.7 were seen on 4.1.9 and 5.0.5; the others are the change logs'
	 * word. */
	static const struct {
		const char *cql_version;
		const char *release;
	} RELEASES[] = {
	    {"3.2.1", "2.1"},
	    {"3.3.1", "2.2"},
	    {"3.4.0", "3.0 to 3.9"},
	    {"3.4.2", "3.0 to 3.9"},
	    {"3.4.3", "3.0 to 3.10"},
	    {"3.4.4", "3.10 to 3.11"},
	    {"3.4.5", "4.0"},
	    {"3.4.6", "4.1"},
	    {"3.4.7", "5.0"},
	};

	for (size_t i = 0; i < sizeof RELEASES / sizeof RELEASES[0]; i++)
		if (strcmp(RELEASES[i].cql_version, cql_version) == 0)
			return RELEASES[i].release;
	return "";
}

bool
dmp_cql_is_release_5(const struct dmp_cql_answer *answer)
{
	return answer->highest >= 5 && strcmp(answer->cql_version, "3.4.5") != 0 &&
	       strcmp(answer->cql_version, "3.4.6") != 0;
}
