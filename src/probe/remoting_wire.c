/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a cursor that remembers why it stopped.  A read past the end of what
 * has arrived means "more", a value that the protocol forbids means "invalid"; every
 * read after that does nothing, so the callers check once.  All numbers are little
 * endian.
 */
#include "probe/remoting_wire.h"

#include <string.h>

#include "base/text.h"

#define OPERATION_REPLY 2
#define CONTENT_CHUNKED 1
#define HEADERS_MAX     64
#define ENCODING_UTF16  0
#define ENCODING_UTF8   1

/* MS-NRTP 2.2.3.1: header tokens. */
enum remoting_token {
	TOKEN_END = 0,
	TOKEN_CUSTOM,
	TOKEN_STATUS_CODE,
	TOKEN_STATUS_PHRASE,
	TOKEN_REQUEST_URI,
	TOKEN_CLOSE_CONNECTION
};

/* MS-NRTP 2.2.3.2: the formats of a header's value. */
enum remoting_format {
	FORMAT_VOID = 0,
	FORMAT_STRING,
	FORMAT_BYTE,
	FORMAT_UINT16,
	FORMAT_INT32
};

struct remoting_wire {
	const uint8_t *p;
	size_t n;
	enum dmp_remoting_progress stop; /* REPLY while all is well */
};

struct remoting_string {
	const uint8_t *p;
	size_t n;
	uint8_t encoding;
};

/* One header: only the member of its format is set. */
struct remoting_header {
	uint16_t token;
	uint8_t format;
	uint32_t number;
	struct remoting_string string;
};

static const uint8_t *
remoting_take(struct remoting_wire *w, size_t size)
{
	const uint8_t *p = w->p;

	if (w->stop != DMP_REMOTING_REPLY)
		return NULL;
	if (size > w->n) {
		w->stop = DMP_REMOTING_MORE;
		return NULL;
	}
	w->p += size;
	w->n -= size;
	return p;
}

/* An unsigned number of up to four bytes, 0 when there is none. */
static uint32_t
remoting_number(struct remoting_wire *w, size_t size)
{
	const uint8_t *p = remoting_take(w, size);
	uint32_t number = 0;

	for (size_t i = 0; p && i < size; i++)
		number |= (uint32_t)p[i] << 8 * i;
	return number;
}

static void
remoting_counted(struct remoting_wire *w, struct remoting_string *string)
{
	string->encoding = (uint8_t)remoting_number(w, 1);
	string->n = remoting_number(w, 4);
	if (w->stop != DMP_REMOTING_REPLY)
		return;
	if (string->encoding > ENCODING_UTF8 || string->n > DMP_REMOTING_STRING_MAX)
		w->stop = DMP_REMOTING_INVALID;
	string->p = remoting_take(w, string->n);
}

/* The value of any header but Custom, by its own format byte. */
static void
remoting_value(struct remoting_wire *w, struct remoting_header *header)
{
	static const size_t SIZES[] = {
	    [FORMAT_BYTE] = 1, [FORMAT_UINT16] = 2, [FORMAT_INT32] = 4};

	header->format = (uint8_t)remoting_number(w, 1);
	if (w->stop != DMP_REMOTING_REPLY || header->format == FORMAT_VOID)
		return;
	if (header->format == FORMAT_STRING)
		remoting_counted(w, &header->string);
	else if (header->format <= FORMAT_INT32)
		header->number = remoting_number(w, SIZES[header->format]);
	else
		w->stop = DMP_REMOTING_INVALID;
}

static void
remoting_header(struct remoting_wire *w, struct remoting_header *header)
{
	*header = (struct remoting_header){.token = (uint16_t)remoting_number(w, 2)};
	if (w->stop != DMP_REMOTING_REPLY || header->token == TOKEN_END)
		return;
	if (header->token == TOKEN_CUSTOM) {
		remoting_counted(w, &header->string);
		remoting_counted(w, &header->string);
		return;
	}
	remoting_value(w, header);
}

/* UTF-16 is shown by its low bytes: the phrases are English sentences, and what is not
 * ASCII would become dots anyway. */
static void
remoting_phrase(const struct remoting_string *string, char phrase[DMP_REMOTING_PHRASE])
{
	uint8_t low[DMP_REMOTING_PHRASE];
	size_t n = 0;

	if (string->encoding == ENCODING_UTF8) {
		dmp_text_printable(phrase, DMP_REMOTING_PHRASE, string->p, string->n);
		return;
	}
	for (size_t i = 0; i + 1 < string->n && n < sizeof low; i += 2)
		low[n++] = string->p[i + 1] == 0 ? string->p[i] : 0;
	dmp_text_printable(phrase, DMP_REMOTING_PHRASE, low, n);
}

static void
remoting_note(const struct remoting_header *header, struct dmp_remoting_reply *reply)
{
	if (header->token == TOKEN_STATUS_CODE && header->format == FORMAT_UINT16) {
		reply->status = (uint16_t)header->number;
		reply->fault = reply->status != 0;
	} else if (header->token == TOKEN_STATUS_PHRASE &&
	           header->format == FORMAT_STRING) {
		remoting_phrase(&header->string, reply->phrase);
	} else if (header->token == TOKEN_CLOSE_CONNECTION) {
		reply->closes = true;
	}
}

/* ".NET", version 1.0, operation Reply: a byte that differs is seen at once, also when
 * the rest has not arrived. */
static void
remoting_preamble(struct remoting_wire *w)
{
	static const uint8_t PREAMBLE[] = {
	    '.', 'N', 'E', 'T', 1, 0, OPERATION_REPLY, 0};
	size_t seen = w->n < sizeof PREAMBLE ? w->n : sizeof PREAMBLE;

	if (seen > 0 && memcmp(w->p, PREAMBLE, seen) != 0)
		w->stop = DMP_REMOTING_INVALID;
	(void)remoting_take(w, sizeof PREAMBLE);
}

enum dmp_remoting_progress
dmp_remoting_parse(
    const uint8_t *data, size_t size, struct dmp_remoting_reply *ret_reply)
{
	struct remoting_wire w = {data, size, DMP_REMOTING_REPLY};
	struct dmp_remoting_reply reply = {0};
	struct remoting_header header;
	uint16_t distribution;

	remoting_preamble(&w);
	distribution = (uint16_t)remoting_number(&w, 2);
	if (distribution > CONTENT_CHUNKED)
		w.stop = DMP_REMOTING_INVALID;
	reply.chunked = distribution == CONTENT_CHUNKED;
	if (!reply.chunked)
		reply.content = remoting_number(&w, 4);
	if (reply.content > INT32_MAX)
		w.stop = DMP_REMOTING_INVALID;
	for (int i = 0; w.stop == DMP_REMOTING_REPLY; i++) {
		if (i == HEADERS_MAX)
			return DMP_REMOTING_INVALID;
		remoting_header(&w, &header);
		if (w.stop != DMP_REMOTING_REPLY)
			break;
		if (header.token == TOKEN_END) {
			reply.header_size = size - w.n;
			*ret_reply = reply;
			return DMP_REMOTING_REPLY;
		}
		remoting_note(&header, &reply);
	}
	return w.stop;
}

bool
dmp_remoting_is_binary(const uint8_t *data, size_t size)
{
	/* Record type 0 and root id, then header id -1, version 1.0. */
	static const uint8_t HEADER_AND_VERSION[] = {
	    0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0};
	size_t at = 5;

	return size >= at + sizeof HEADER_AND_VERSION && data[0] == 0 &&
	       memcmp(data + at, HEADER_AND_VERSION, sizeof HEADER_AND_VERSION) == 0;
}
