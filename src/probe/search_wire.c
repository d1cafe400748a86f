/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/search_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define PREFIX_SIZE 6u  /* 'E', 'S', size */
#define HEADER_SIZE 13u /* request number, status, version */

#define STATUS_RESPONSE 0x01
#define STATUS_ERROR    0x02

/* From 7.6 on, the size of the headers stands before them. */
#define ID_SIZED_HEADERS 7060000u
#define ID_OPENSEARCH    0x08000000u
#define ID_RELEASE       99u
/* From 8.9 on, Elasticsearch counts changes of its transport, starting at 8500000. */
#define MINOR_MAX 49u

#define NUMBER_BYTES 5u /* of 7 bits each */

const uint8_t dmp_search_ping[DMP_SEARCH_PING_SIZE] = {
    'E', 'S', 0xff, 0xff, 0xff, 0xff};

#define ACTION                                                                         \
	0x16, 'i', 'n', 't', 'e', 'r', 'n', 'a', 'l', ':', 't', 'c', 'p', '/', 'h',    \
	    'a', 'n', 'd', 's', 'h', 'a', 'k', 'e'

static const uint8_t HELLO_6_8[] = {
    'E', 'S', 0, 0, 0, 0x34,              /* size */
    0, 0, 0, 0, 0, 0, 0, 1,               /* request 1 */
    0x08, 0, 0x5c, 0xc6, 0x63,            /* handshake, in the form of 6.8.0 */
    0, 0,                                 /* no headers */
    1, 6, 'x', '-', 'p', 'a', 'c', 'k',   /* features */
    ACTION, 0, 4, 0xe3, 0x8c, 0xf3, 0x02, /* no parent task; we speak 6.8.0 */
};

static const uint8_t HELLO_7_10[] = {
    'E', 'S', 0, 0, 0, 0x31,              /* size */
    0, 0, 0, 0, 0, 0, 0, 2,               /* request 2 */
    0x08, 0, 0x6c, 0x57, 0x8b,            /* handshake, in the form of 7.10.2 */
    0, 0, 0, 0x1a, 0, 0, 0,               /* no headers, no features */
    ACTION, 0, 4, 0x8b, 0xaf, 0xb1, 0x03, /* no parent task; we speak 7.10.2 */
};

_Static_assert(sizeof HELLO_6_8 == DMP_SEARCH_HELLO_MAX, "the larger form");
_Static_assert(sizeof HELLO_6_8 == PREFIX_SIZE + 0x34, "size of the frame");
_Static_assert(sizeof HELLO_7_10 == PREFIX_SIZE + 0x31, "size of the frame");

size_t
dmp_search_hello(enum dmp_search_form form, uint8_t out[DMP_SEARCH_HELLO_MAX])
{
	if (form == DMP_SEARCH_FORM_7_10) {
		memcpy(out, HELLO_7_10, sizeof HELLO_7_10);
		return sizeof HELLO_7_10;
	}
	memcpy(out, HELLO_6_8, sizeof HELLO_6_8);
	return sizeof HELLO_6_8;
}

static uint32_t
search_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Seven bits a byte, the lowest first.  It must fill all of data. */
static bool
search_varint(const uint8_t *data, size_t size, uint32_t *ret_number)
{
	uint32_t number = 0;

	if (size == 0 || size > NUMBER_BYTES)
		return false;
	for (size_t i = 0; i < size; i++) {
		bool last = i + 1 == size;

		if (last == ((data[i] & 0x80) != 0) || (i == 4 && data[i] > 0x0f))
			return false;
		number |= (uint32_t)(data[i] & 0x7f) << 7 * i;
	}
	*ret_number = number;
	return true;
}

/* body: what follows the version of the frame. */
static enum dmp_search_reply
search_body(uint32_t id, const uint8_t *body, size_t size, uint32_t *ret_id)
{
	size_t headers = 2;

	if (id >= ID_SIZED_HEADERS) {
		if (size < 4)
			return DMP_SEARCH_REFUSED;
		headers = search_number(body);
		body += 4;
		size -= 4;
	} else if (size >= 2 && (body[0] != 0 || body[1] != 0)) {
		return DMP_SEARCH_REFUSED;
	}
	if (size < headers || !search_varint(body + headers, size - headers, ret_id))
		return DMP_SEARCH_REFUSED;
	return DMP_SEARCH_VERSION;
}

enum dmp_search_reply
dmp_search_parse(
    enum dmp_search_form form, const uint8_t *data, size_t size, uint32_t *ret_id)
{
	static const uint8_t START[] = {'E', 'S', 0};
	const uint8_t *number = form == DMP_SEARCH_FORM_7_10 ? HELLO_7_10 : HELLO_6_8;
	const uint8_t *header;
	uint32_t length;

	if (memcmp(data, START, size < sizeof START ? size : sizeof START) != 0)
		return DMP_SEARCH_GARBAGE;
	if (size < PREFIX_SIZE)
		return DMP_SEARCH_MORE;
	length = search_number(data + 2);
	if (length < HEADER_SIZE || length > DMP_SEARCH_FRAME_MAX - PREFIX_SIZE)
		return DMP_SEARCH_GARBAGE;
	if (size < PREFIX_SIZE + HEADER_SIZE)
		return DMP_SEARCH_MORE;
	header = data + PREFIX_SIZE;
	if (memcmp(header, number + PREFIX_SIZE, 8) != 0 ||
	    !(header[8] & STATUS_RESPONSE))
		return DMP_SEARCH_GARBAGE;
	if (header[8] & STATUS_ERROR)
		return DMP_SEARCH_REFUSED;
	if (size < PREFIX_SIZE + length)
		return DMP_SEARCH_MORE;
	return search_body(search_number(header + 9), header + HEADER_SIZE,
	    length - HEADER_SIZE, ret_id);
}

void
dmp_search_name(uint32_t id, char name[DMP_SEARCH_NAME_TEXT])
{
	const char *product = id & ID_OPENSEARCH ? "OpenSearch" : "Elasticsearch";
	uint32_t number = id & ~ID_OPENSEARCH;
	uint32_t minor = number / 10000 % 100;

	if (number % 100 == ID_RELEASE && minor <= MINOR_MAX)
		dmp_text_format(name, DMP_SEARCH_NAME_TEXT, "%s %u.%u.%u transport",
		    product, (unsigned)(number / 1000000), (unsigned)minor,
		    (unsigned)(number / 100 % 100));
	else
		dmp_text_format(name, DMP_SEARCH_NAME_TEXT,
		    "%s transport, version number %u", product, (unsigned)number);
}
