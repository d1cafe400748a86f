/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/exchange.h"

#include <string.h>

#include "base/text.h"

static const char TEXT_FORM[] = "text with the escapes \\r \\n \\t \\\\ \\xHH, and at "
                                "most 1024 bytes in all steps";
static const char HEX_FORM[] = "pairs of hexadecimal digits, and at most 1024 bytes in "
                               "all steps";

/* Bytes of one kind: text or hexadecimal, with or without '?'. */
struct decoder {
	struct dmp_exchange *exchange;
	bool wildcards;
};

static bool
exchange_put(struct dmp_exchange *exchange, uint8_t byte, uint8_t mask)
{
	if (exchange->n_bytes == sizeof exchange->bytes)
		return false;
	exchange->bytes[exchange->n_bytes] = byte & mask;
	exchange->mask[exchange->n_bytes++] = mask;
	return true;
}

/* The value of a hexadecimal digit, -1 = none. */
static int
exchange_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
exchange_nibble(const struct decoder *d, char c, unsigned *byte, unsigned *mask)
{
	int digit = exchange_digit(c);

	*byte <<= 4;
	*mask <<= 4;
	if (c == '?' && d->wildcards)
		return true;
	if (digit < 0)
		return false;
	*byte |= (unsigned)digit;
	*mask |= 0xf;
	return true;
}

static bool
exchange_hex(struct decoder *d, const char *s)
{
	while (*s) {
		unsigned byte = 0;
		unsigned mask = 0;

		if (*s == ' ') {
			s++;
			continue;
		}
		if (!exchange_nibble(d, s[0], &byte, &mask) ||
		    !exchange_nibble(d, s[1], &byte, &mask) ||
		    !exchange_put(d->exchange, (uint8_t)byte, (uint8_t)mask))
			return false;
		s += 2;
	}
	return true;
}

/* What stands behind a backslash; *s is left behind it. */
static bool
exchange_escape(const char **s, uint8_t *ret_byte)
{
	static const char NAMES[] = "rnt\\";
	static const char VALUES[] = "\r\n\t\\";
	const char *name = **s ? strchr(NAMES, **s) : NULL;
	int high;
	int low;

	if (name) {
		*ret_byte = (uint8_t)VALUES[name - NAMES];
		(*s)++;
		return true;
	}
	if (**s != 'x')
		return false;
	high = exchange_digit((*s)[1]);
	low = high < 0 ? -1 : exchange_digit((*s)[2]);
	if (low < 0)
		return false;
	*ret_byte = (uint8_t)(high << 4 | low);
	*s += 3;
	return true;
}

static bool
exchange_text(struct decoder *d, const char *s)
{
	while (*s) {
		uint8_t byte = (uint8_t)*s++;

		if (byte == '\\' && !exchange_escape(&s, &byte))
			return false;
		if (!exchange_put(d->exchange, byte, 0xff))
			return false;
	}
	return true;
}

/* One direction of a step, given as one of two attributes. */
struct side {
	const char *const names[2];
	const char *text;
	const char *hex;
	bool wildcards;
};

static bool
exchange_side(struct dmp_exchange *exchange, const struct side *side,
    struct dmp_exchange_fault *fault)
{
	struct decoder decoder = {exchange, side->wildcards};

	if (side->text && side->hex) {
		*fault = (struct dmp_exchange_fault){
		    side->names[1], side->hex, "one form of it, not both"};
		return false;
	}
	if (side->text && !exchange_text(&decoder, side->text)) {
		*fault =
		    (struct dmp_exchange_fault){side->names[0], side->text, TEXT_FORM};
		return false;
	}
	if (side->hex && !exchange_hex(&decoder, side->hex)) {
		*fault =
		    (struct dmp_exchange_fault){side->names[1], side->hex, HEX_FORM};
		return false;
	}
	return true;
}

static bool
exchange_fill(struct dmp_exchange *exchange, const struct dmp_exchange_source *source,
    struct dmp_exchange_step *step, struct dmp_exchange_fault *fault)
{
	struct side send = {
	    {"send", "send-hex"}, source->send, source->send_hex, false};
	struct side expect = {
	    {"expect", "expect-hex"}, source->expect, source->expect_hex, true};

	dmp_text_copy(step->name, sizeof step->name, source->name ? source->name : "");
	step->send = (uint16_t)exchange->n_bytes;
	if (!exchange_side(exchange, &send, fault))
		return false;
	step->expect = (uint16_t)exchange->n_bytes;
	step->send_size = (uint16_t)(step->expect - step->send);
	if (!exchange_side(exchange, &expect, fault))
		return false;
	step->expect_size = (uint16_t)(exchange->n_bytes - step->expect);
	step->at = source->at;
	step->within = source->within;
	if (step->send_size == 0 && step->expect_size == 0) {
		*fault = (struct dmp_exchange_fault){
		    "send or expect is missing", "", "one of them in each step"};
		return false;
	}
	if (step->within != 0 && step->within < step->at + step->expect_size) {
		*fault = (struct dmp_exchange_fault){"expect-within", "too few bytes",
		    "room for the expected bytes behind expect-at"};
		return false;
	}
	return true;
}

bool
dmp_exchange_add(struct dmp_exchange *exchange,
    const struct dmp_exchange_source *source, struct dmp_exchange_fault *ret_fault)
{
	size_t n_bytes = exchange->n_bytes;
	struct dmp_exchange_step step = {.name = ""};

	if (exchange->n_steps == DMP_EXCHANGE_STEPS) {
		*ret_fault = (struct dmp_exchange_fault){
		    "too many steps", "a fifth", "at most 4"};
		return false;
	}
	if (!exchange_fill(exchange, source, &step, ret_fault)) {
		exchange->n_bytes = n_bytes;
		return false;
	}
	exchange->steps[exchange->n_steps++] = step;
	return true;
}

bool
dmp_exchange_check(
    const struct dmp_exchange *exchange, struct dmp_exchange_fault *ret_fault)
{
	if (exchange->n_steps > 0 &&
	    exchange->steps[exchange->n_steps - 1].expect_size > 0)
		return true;
	*ret_fault = (struct dmp_exchange_fault){
	    "expect is missing", "", "expect or expect-hex in the last step"};
	return false;
}

static bool
exchange_same_step(const struct dmp_exchange_step *a, const struct dmp_exchange_step *b)
{
	return a->send_size == b->send_size && a->expect_size == b->expect_size &&
	       a->at == b->at && a->within == b->within;
}

bool
dmp_exchange_same(const struct dmp_exchange *a, const struct dmp_exchange *b)
{
	if (!a || !b)
		return a == b;
	if (a->n_steps != b->n_steps || a->n_bytes != b->n_bytes ||
	    memcmp(a->bytes, b->bytes, a->n_bytes) != 0 ||
	    memcmp(a->mask, b->mask, a->n_bytes) != 0)
		return false;
	for (size_t i = 0; i < a->n_steps; i++)
		if (!exchange_same_step(&a->steps[i], &b->steps[i]))
			return false;
	return true;
}

/* How many of the expected bytes stand at data[0..size), up to the first that differs
 * or has not come. */
static size_t
exchange_common(const struct dmp_exchange *exchange,
    const struct dmp_exchange_step *step, const uint8_t *data, size_t size)
{
	const uint8_t *bytes = exchange->bytes + step->expect;
	const uint8_t *mask = exchange->mask + step->expect;
	size_t i = 0;

	while (i < step->expect_size && i < size && (data[i] & mask[i]) == bytes[i])
		i++;
	return i;
}

enum dmp_exchange_match
dmp_exchange_compare(
    const struct dmp_exchange *exchange, size_t index, const uint8_t *data, size_t size)
{
	const struct dmp_exchange_step *step = &exchange->steps[index];
	size_t last =
	    step->within ? (size_t)(step->within - step->expect_size) : step->at;

	for (size_t at = step->at; at <= last; at++) {
		size_t rest = size > at ? size - at : 0;
		size_t same =
		    rest ? exchange_common(exchange, step, data + at, rest) : 0;

		if (same == step->expect_size)
			return DMP_EXCHANGE_YES;
		if (same == rest)
			return DMP_EXCHANGE_MORE;
	}
	return DMP_EXCHANGE_NO;
}
