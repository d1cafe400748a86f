/* SPDX-License-Identifier: BSD-2-Clause */
/* Exchanges: how they are written, and what matches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/exchange.h"

static struct dmp_exchange
one(const struct dmp_exchange_source *source)
{
	struct dmp_exchange exchange = {.n_steps = 0};
	struct dmp_exchange_fault fault;

	if (!dmp_exchange_add(&exchange, source, &fault))
		fail_msg("%s, got %s", fault.attribute, fault.got);
	return exchange;
}

static const char *
fault_of(const struct dmp_exchange_source *source)
{
	struct dmp_exchange exchange = {.n_steps = 0};
	struct dmp_exchange before = exchange;
	struct dmp_exchange_fault fault;

	if (dmp_exchange_add(&exchange, source, &fault))
		return NULL;
	assert_int_equal(exchange.n_steps, 0);
	assert_int_equal(exchange.n_bytes, before.n_bytes);
	return fault.attribute;
}

/* Compare a copy that ends with its allocation, so that a sanitizer sees any read
 * beyond. */
static enum dmp_exchange_match
compare(const struct dmp_exchange *exchange, const char *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	enum dmp_exchange_match match;

	assert_non_null(copy);
	memcpy(copy, data, size);
	match = dmp_exchange_compare(exchange, 0, copy, size);
	free(copy);
	return match;
}

static void
escapes_and_digits_become_bytes(void **state)
{
	struct dmp_exchange x = one(&(struct dmp_exchange_source){
	    .send = "A\\r\\n\\t\\\\\\x00\\xfF", .expect_hex = "30 0c0201"});
	static const uint8_t BYTES[] = {
	    'A', '\r', '\n', '\t', '\\', 0, 0xff, 0x30, 0x0c, 0x02, 0x01};

	(void)state;
	assert_int_equal(x.steps[0].send_size, 7);
	assert_int_equal(x.steps[0].expect_size, 4);
	assert_int_equal(x.n_bytes, sizeof BYTES);
	assert_memory_equal(x.bytes, BYTES, sizeof BYTES);
}

static void
malformed_steps_are_refused_and_leave_no_trace(void **state)
{
	static const struct {
		struct dmp_exchange_source source;
		const char *attribute;
	} BAD[] = {
	    {{.send = "\\"}, "send"},
	    {{.send = "\\x"}, "send"},
	    {{.send = "\\x1"}, "send"},
	    {{.send = "\\xg1"}, "send"},
	    {{.send = "\\a"}, "send"},
	    {{.send_hex = "0"}, "send-hex"},
	    {{.send_hex = "0 1"}, "send-hex"},
	    {{.send_hex = "??"}, "send-hex"},
	    {{.expect_hex = "?"}, "expect-hex"},
	    {{.expect_hex = "zz"}, "expect-hex"},
	    {{.send = "a", .send_hex = "61"}, "send-hex"},
	    {{.send = "abc", .expect = "\\"}, "expect"},
	    {{.name = "nothing"}, "send or expect is missing"},
	    {{.expect = "abc", .within = 2}, "expect-within"},
	    {{.expect = "abc", .at = 1, .within = 3}, "expect-within"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		const char *attribute = fault_of(&BAD[i].source);

		if (!attribute || strcmp(attribute, BAD[i].attribute) != 0)
			fail_msg("%zu: %s", i, attribute ? attribute : "accepted");
	}
}

static void
all_steps_together_have_1024_bytes(void **state)
{
	char half[513];
	struct dmp_exchange_source source = {.send = half, .expect = half};
	struct dmp_exchange_fault fault;
	struct dmp_exchange x;

	(void)state;
	memset(half, 'a', 512);
	half[512] = '\0';
	x = one(&source);
	assert_int_equal(x.n_bytes, DMP_EXCHANGE_BYTES);
	source = (struct dmp_exchange_source){.send = "b"};
	assert_false(dmp_exchange_add(&x, &source, &fault));
	assert_string_equal(fault.attribute, "send");
	assert_int_equal(x.n_steps, 1);
}

static void
last_step_must_expect_something(void **state)
{
	struct dmp_exchange none = {.n_steps = 0};
	struct dmp_exchange talks = one(&(struct dmp_exchange_source){.send = "a"});
	struct dmp_exchange hears = one(&(struct dmp_exchange_source){.expect = "a"});
	struct dmp_exchange_fault fault;

	(void)state;
	assert_false(dmp_exchange_check(&none, &fault));
	assert_false(dmp_exchange_check(&talks, &fault));
	assert_true(dmp_exchange_check(&hears, &fault));
}

static void
exact_place_decides_at_the_first_wrong_byte(void **state)
{
	struct dmp_exchange x = one(&(struct dmp_exchange_source){.expect = "220 "});
	struct dmp_exchange later =
	    one(&(struct dmp_exchange_source){.expect_hex = "0a", .at = 4});

	(void)state;
	assert_int_equal(compare(&x, "", 0), DMP_EXCHANGE_MORE);
	assert_int_equal(compare(&x, "22", 2), DMP_EXCHANGE_MORE);
	assert_int_equal(compare(&x, "23", 2), DMP_EXCHANGE_NO);
	assert_int_equal(compare(&x, "220 mail", 8), DMP_EXCHANGE_YES);
	assert_int_equal(compare(&x, " 220 ", 5), DMP_EXCHANGE_NO);
	assert_int_equal(compare(&later, "d\0\0\0", 4), DMP_EXCHANGE_MORE);
	assert_int_equal(compare(&later, "d\0\0\0\n", 5), DMP_EXCHANGE_YES);
	assert_int_equal(compare(&later, "d\0\0\0\377", 5), DMP_EXCHANGE_NO);
}

static void
within_is_searched_and_ends(void **state)
{
	struct dmp_exchange x =
	    one(&(struct dmp_exchange_source){.expect = "ab", .at = 1, .within = 5});

	(void)state;
	assert_int_equal(compare(&x, "ab", 2), DMP_EXCHANGE_MORE);
	assert_int_equal(compare(&x, "aab", 3), DMP_EXCHANGE_YES);
	assert_int_equal(compare(&x, "xxaab", 5), DMP_EXCHANGE_YES);
	assert_int_equal(compare(&x, "xxxxa", 5), DMP_EXCHANGE_NO);
	assert_int_equal(compare(&x, "xxxxab", 6), DMP_EXCHANGE_NO);
}

static void
question_marks_stand_for_any_digit(void **state)
{
	struct dmp_exchange x =
	    one(&(struct dmp_exchange_source){.expect_hex = "30 ?? 0201 6?"});

	(void)state;
	assert_int_equal(compare(&x, "\x30\x0c\x02\x01\x64", 5), DMP_EXCHANGE_YES);
	assert_int_equal(compare(&x, "\x30\xff\x02\x01\x65", 5), DMP_EXCHANGE_YES);
	assert_int_equal(compare(&x, "\x30\x0c\x02\x01\x74", 5), DMP_EXCHANGE_NO);
}

static void
same_is_what_is_asked_not_how_it_is_written(void **state)
{
	struct dmp_exchange text =
	    one(&(struct dmp_exchange_source){.name = "x", .expect = "A"});
	struct dmp_exchange hex =
	    one(&(struct dmp_exchange_source){.expect_hex = "41"});
	struct dmp_exchange any =
	    one(&(struct dmp_exchange_source){.expect_hex = "4?"});
	struct dmp_exchange at =
	    one(&(struct dmp_exchange_source){.expect = "A", .at = 1});
	struct dmp_exchange sent = one(&(struct dmp_exchange_source){.send = "A"});

	(void)state;
	assert_true(dmp_exchange_same(NULL, NULL));
	assert_false(dmp_exchange_same(&text, NULL));
	assert_true(dmp_exchange_same(&text, &hex));
	assert_false(dmp_exchange_same(&text, &any));
	assert_false(dmp_exchange_same(&text, &at));
	assert_false(dmp_exchange_same(&text, &sent));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escapes_and_digits_become_bytes),
	    cmocka_unit_test(malformed_steps_are_refused_and_leave_no_trace),
	    cmocka_unit_test(all_steps_together_have_1024_bytes),
	    cmocka_unit_test(last_step_must_expect_something),
	    cmocka_unit_test(exact_place_decides_at_the_first_wrong_byte),
	    cmocka_unit_test(within_is_searched_and_ends),
	    cmocka_unit_test(question_marks_stand_for_any_digit),
	    cmocka_unit_test(same_is_what_is_asked_not_how_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
