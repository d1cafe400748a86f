/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thrift, Cassandra's client protocol before CQL: describe_version, a call without
 * arguments, login or effect, in the framed binary encoding (seen: libthrift 0.9.2 with
 * the interface of Cassandra 3.11.17).
 */
#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "probe/protocols.h"
#include "probe/talk.h"
#include "probe/unproven.h"

#define THRIFT_FRAME_MAX 4096u
#define THRIFT_SIZE      4u /* of the frame, before it */

/* Message header: version 1 and type, the name, the sequence number. */
#define THRIFT_TYPE      7u
#define THRIFT_NAME      12u
#define THRIFT_NAME_SIZE 16u
#define THRIFT_RESULT    32u
#define THRIFT_REPLY     2
#define THRIFT_EXCEPTION 3

#define THRIFT_VALUE       39u /* field: type, id, size of the string, string */
#define THRIFT_VERSION_MAX 32u

static const uint8_t THRIFT_REQUEST[] = {
    0x00, 0x00, 0x00, 0x1d, /* size */
    0x80, 0x01, 0x00, 0x01, /* version 1, call */
    0x00, 0x00, 0x00, 0x10, /* name */
    'd', 'e', 's', 'c', 'r', 'i', 'b', 'e', '_', 'v', 'e', 'r', 's', 'i', 'o', 'n',
    0x00, 0x00, 0x00, 0x01, /* sequence number */
    0x00,                   /* no arguments */
};

static void
thrift_open(struct dmp_talk *talk)
{
	dmp_talk_send(talk, THRIFT_REQUEST, sizeof THRIFT_REQUEST);
}

static uint32_t
thrift_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Does data begin as the answer to our call, as far as it goes?  Everything is that of
 * the request but the size and the type. */
static bool
thrift_is_answer(const uint8_t *data, size_t size)
{
	for (size_t i = THRIFT_SIZE; i < size && i < THRIFT_RESULT; i++) {
		bool fits = i == THRIFT_TYPE
		                ? data[i] == THRIFT_REPLY || data[i] == THRIFT_EXCEPTION
		                : data[i] == THRIFT_REQUEST[i];

		if (!fits)
			return false;
	}
	return size < THRIFT_SIZE ||
	       (thrift_number(data) > THRIFT_RESULT - THRIFT_SIZE &&
	           thrift_number(data) <= THRIFT_FRAME_MAX);
}

/* The result is field 0, a string. */
static void
thrift_version(const uint8_t *data, size_t size, char *field, size_t field_size)
{
	static const uint8_t STRING_FIELD[] = {0x0b, 0x00, 0x00};
	size_t length;

	field[0] = '\0';
	if (size < THRIFT_VALUE ||
	    memcmp(data + THRIFT_RESULT, STRING_FIELD, sizeof STRING_FIELD) != 0)
		return;
	length = thrift_number(data + THRIFT_VALUE - 4);
	if (length <= THRIFT_VERSION_MAX && length <= size - THRIFT_VALUE)
		dmp_text_printable(field, field_size, data + THRIFT_VALUE, length);
}

static size_t
thrift_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	char version[THRIFT_VERSION_MAX + 1];
	size_t frame;

	if (!thrift_is_answer(data, size)) {
		dmp_talk_finish_unproven(talk, DMP_SERVICE_UNKNOWN, data, size);
		return 0;
	}
	if (size < THRIFT_RESULT)
		return 0;
	frame = THRIFT_SIZE + thrift_number(data);
	if (size < frame)
		return 0;
	thrift_version(data, frame, version, sizeof version);
	dmp_talk_identity(
	    talk, "Cassandra Thrift%s%s", version[0] != '\0' ? " API " : "", version);
	dmp_talk_finish(talk, DMP_REASON_ANSWERED,
	    data[THRIFT_TYPE] == THRIFT_REPLY ? "it told the version of its interface"
	                                      : "it answered with an exception");
	return 0;
}

const struct dmp_protocol dmp_protocol_thrift = {
    .name = "Thrift",
    .reply_ms = 3000,
    .tls = DMP_TALK_PLAIN,
    .open = thrift_open,
    .input = thrift_input,
};
