/* SPDX-License-Identifier: BSD-2-Clause */
/* control_event.c - an event as hex, field by field, and back. */
#include "engine/control.h"

#include <string.h>

enum { EVENT_FORMAT = 1, EVENT_BYTES = 1024 };

enum field_kind { FIELD_TEXT = 0, FIELD_U16, FIELD_U32, FIELD_I64, FIELD_MEMBER };

struct event_field {
	enum field_kind kind;
	size_t offset;
	size_t size;
	enum dmp_vocab vocab; /* of a MEMBER, which travels as one byte */
};

#define FIELD(kind, name)                                                              \
	{                                                                              \
		FIELD_##kind, offsetof(struct dmp_event, name),                        \
		    sizeof(((struct dmp_event *)0)->name), DMP_VOCAB_COUNT             \
	}
#define MEMBER(name, vocab)                                                            \
	{                                                                              \
		FIELD_MEMBER, offsetof(struct dmp_event, name), sizeof(int),           \
		    DMP_VOCAB_##vocab                                                  \
	}

static const struct event_field EVENT_FIELDS[] = {
    FIELD(U32, sequence),
    FIELD(TEXT, source),
    FIELD(TEXT, key),
    FIELD(TEXT, message),
    MEMBER(state, STATE),
    MEMBER(previous_state, STATE),
    MEMBER(severity, SEVERITY),
    MEMBER(reason, REASON),
    MEMBER(level, LEVEL),
    FIELD(TEXT, host_name),
    FIELD(TEXT, address),
    FIELD(TEXT, service),
    MEMBER(transport, TRANSPORT),
    FIELD(U16, port),
    FIELD(U32, port_index),
    FIELD(I64, time_ms),
    MEMBER(type, EVENT),
    FIELD(U32, epoch),
    FIELD(U32, host_index),
};

enum { EVENT_N_FIELDS = sizeof EVENT_FIELDS / sizeof EVENT_FIELDS[0] };

/* No field takes more on the wire than in the struct, but for the length of a text. */
_Static_assert(
    sizeof(struct dmp_event) + 2 * EVENT_N_FIELDS < EVENT_BYTES, "events fit");

/* Members are read and written as ints. */
_Static_assert(
    sizeof(enum dmp_state) == sizeof(int) && sizeof(enum dmp_reason) == sizeof(int),
    "enumerations have the size of int");

static bool
control_is_printable(unsigned char c)
{
	return c >= 0x20 && c < 0x7f;
}

/* Bytes being collected; what the table describes always fits. */
struct event_bytes {
	unsigned char data[EVENT_BYTES];
	size_t n;
};

static void
control_put_number(struct event_bytes *out, uint64_t value, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		out->data[out->n++] = (unsigned char)(value >> 8 * i & 0xff);
}

/* What is not printable goes as '.', so that a reader never drops an alarm for it. */
static void
control_put_text(struct event_bytes *out, const char *text, size_t size)
{
	size_t n = strnlen(text, size - 1);

	control_put_number(out, n, 2);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		control_put_number(out, control_is_printable(c) ? c : '.', 1);
	}
}

static void
control_put_field(
    struct event_bytes *out, const struct event_field *field, const char *at)
{
	int64_t i64;
	uint32_t u32;
	uint16_t u16;
	int member;

	switch (field->kind) {
	case FIELD_TEXT:
		control_put_text(out, at, field->size);
		return;
	case FIELD_U16:
		memcpy(&u16, at, sizeof u16);
		control_put_number(out, u16, sizeof u16);
		return;
	case FIELD_U32:
		memcpy(&u32, at, sizeof u32);
		control_put_number(out, u32, sizeof u32);
		return;
	case FIELD_I64:
		memcpy(&i64, at, sizeof i64);
		control_put_number(out, (uint64_t)i64, sizeof i64);
		return;
	case FIELD_MEMBER:
		memcpy(&member, at, sizeof member);
		control_put_number(out, (uint64_t)(unsigned)member, 1);
		return;
	}
}

void
dmp_control_encode_event(const struct dmp_event *event, struct dmp_text *out)
{
	static const char DIGITS[] = "0123456789abcdef";
	struct event_bytes bytes = {.n = 0};
	char hex[2 * EVENT_BYTES];

	control_put_number(&bytes, EVENT_FORMAT, 1);
	for (size_t i = 0; i < EVENT_N_FIELDS; i++)
		control_put_field(&bytes, &EVENT_FIELDS[i],
		    (const char *)event + EVENT_FIELDS[i].offset);
	for (size_t i = 0; i < bytes.n; i++) {
		hex[2 * i] = DIGITS[bytes.data[i] >> 4];
		hex[2 * i + 1] = DIGITS[bytes.data[i] & 15];
	}
	dmp_text_append_bytes(out, hex, 2 * bytes.n);
}

struct event_cursor {
	const unsigned char *p;
	const unsigned char *end;
};

static bool
control_take_number(struct event_cursor *c, size_t n_bytes, uint64_t *ret_value)
{
	uint64_t value = 0;

	if ((size_t)(c->end - c->p) < n_bytes)
		return false;
	for (size_t i = 0; i < n_bytes; i++)
		value |= (uint64_t)c->p[i] << 8 * i;
	c->p += n_bytes;
	*ret_value = value;
	return true;
}

static bool
control_take_text(struct event_cursor *c, char *field, size_t size)
{
	uint64_t n;

	if (!control_take_number(c, 2, &n) || n >= size || (size_t)(c->end - c->p) < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!control_is_printable(c->p[i]))
			return false;
	}
	memcpy(field, c->p, n);
	field[n] = '\0';
	c->p += n;
	return true;
}

static bool
control_is_member(enum dmp_vocab vocab, int number)
{
	const char *label;
	int member;

	for (unsigned i = 0; dmp_vocab_at(vocab, i, &member, &label); i++) {
		if (member == number)
			return true;
	}
	return false;
}

static bool
control_take_member(struct event_cursor *c, enum dmp_vocab vocab, char *field)
{
	uint64_t value;
	int member;

	if (!control_take_number(c, 1, &value))
		return false;
	member = (int)value;
	if (!control_is_member(vocab, member) &&
	    (member != 0 || vocab == DMP_VOCAB_EVENT))
		return false;
	memcpy(field, &member, sizeof member);
	return true;
}

static bool
control_take_field(struct event_cursor *c, const struct event_field *field, char *at)
{
	uint64_t value;
	int64_t i64;
	uint32_t u32;
	uint16_t u16;

	if (field->kind == FIELD_TEXT)
		return control_take_text(c, at, field->size);
	if (field->kind == FIELD_MEMBER)
		return control_take_member(c, field->vocab, at);
	if (!control_take_number(c, field->size, &value))
		return false;
	switch (field->size) {
	case sizeof u16:
		u16 = (uint16_t)value;
		memcpy(at, &u16, sizeof u16);
		break;
	case sizeof u32:
		u32 = (uint32_t)value;
		memcpy(at, &u32, sizeof u32);
		break;
	default:
		/* as two's complement, without leaving what C defines */
		i64 = value <= INT64_MAX ? (int64_t)value
		                         : -(int64_t)(UINT64_MAX - value) - 1;
		memcpy(at, &i64, sizeof i64);
		break;
	}
	return true;
}

static int
control_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
control_take_hex(
    const char *hex, unsigned char bytes[EVENT_BYTES], struct event_cursor *ret_cursor)
{
	size_t n = strnlen(hex, 2 * EVENT_BYTES + 1);

	if (n % 2 != 0 || n > 2 * EVENT_BYTES)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		int high = control_hex_digit(hex[2 * i]);
		int low = control_hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	*ret_cursor = (struct event_cursor){bytes, bytes + n / 2};
	return true;
}

bool
dmp_control_decode_event(const char *hex, struct dmp_event *ret_event)
{
	unsigned char bytes[EVENT_BYTES];
	struct event_cursor cursor;
	struct dmp_event event;
	uint64_t format;

	memset(&event, 0, sizeof event);
	if (!control_take_hex(hex, bytes, &cursor) ||
	    !control_take_number(&cursor, 1, &format) || format != EVENT_FORMAT)
		return false;
	for (size_t i = 0; i < EVENT_N_FIELDS; i++) {
		if (!control_take_field(&cursor, &EVENT_FIELDS[i],
		        (char *)&event + EVENT_FIELDS[i].offset))
			return false;
	}
	if (cursor.p != cursor.end)
		return false;
	*ret_event = event;
	return true;
}
