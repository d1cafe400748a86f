/* SPDX-License-Identifier: BSD-2-Clause */
/* CQL frames: those of Cassandra 4.1.9 and 5.0.5 as captured, and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/cql_wire.h"
#include "support/hex.h"

#define HEADER_V4 "84000000"

static const char SUPPORTED_50[] =
    "84000000 06 00000066 0003 0011 50524f544f434f4c5f56455253494f4e53 0004"
    "0004332f7633 0004342f7634 0004352f7635 0009362f76362d62657461"
    "000b 434f4d5052455353494f4e 0002 0006736e61707079 00036c7a34"
    "000b 43514c5f56455253494f4e 0001 0005332e342e37";

static const char UNSUPPORTED_50[] =
    "85000000 00 00000067 0000000a 0061"
    "496e76616c6964206f7220756e737570706f727465642070726f746f636f6c2076657273"
    "696f6e202839293b20737570706f727465642076657273696f6e73206172652028332f76"
    "332c20342f76342c20352f76352c20362f76362d6265746129";

static const char REJECTING_50[] =
    "85000000 00 0000002d 0000000a 0027"
    "52656a656374696e672050726f746f636f6c2056657273696f6e20342f7634203c20352f"
    "76352e";

static enum dmp_cql_reply
parse_hex(const char *hex, struct dmp_cql_answer *answer)
{
	uint8_t data[512];

	return dmp_cql_parse(data, test_hex(hex, data, sizeof data), answer);
}

static size_t
put16(uint8_t *out, size_t at, size_t value)
{
	out[at] = (uint8_t)(value >> 8);
	out[at + 1] = (uint8_t)value;
	return at + 2;
}

/* An ERROR frame with this code and message. */
static size_t
error_frame(uint8_t *out, uint16_t code, const char *message)
{
	size_t n = test_hex("84000000 00 0000", out, 9);

	n = put16(out, n, 6 + strlen(message));
	n = put16(out, n, 0);
	n = put16(out, n, code);
	n = put16(out, n, strlen(message));
	memcpy(out + n, message, strlen(message));
	return n + strlen(message);
}

static void
check_versions(const char *message, unsigned lowest, unsigned highest)
{
	uint8_t data[512];
	struct dmp_cql_answer answer;
	size_t size = error_frame(data, DMP_CQL_PROTOCOL_ERROR, message);

	assert_int_equal(dmp_cql_parse(data, size, &answer), DMP_CQL_ERROR);
	assert_int_equal(answer.lowest, lowest);
	assert_int_equal(answer.highest, highest);
	assert_string_equal(answer.message, message);
}

/* A SUPPORTED frame with keys entries "k": [values x string of string_size]. */
static size_t
supported_frame(uint8_t *out, size_t keys, size_t values, size_t string_size)
{
	size_t n = test_hex("84000000 06 00000000", out, 9);

	n = put16(out, n, keys);
	for (size_t k = 0; k < keys; k++) {
		n = put16(out, n, 1);
		out[n++] = 'k';
		n = put16(out, n, values);
		for (size_t v = 0; v < values; v++) {
			n = put16(out, n, string_size);
			memset(out + n, 'x', string_size);
			n += string_size;
		}
	}
	(void)put16(out, 7, n - 9);
	(void)put16(out, 5, (n - 9) >> 16);
	return n;
}

static enum dmp_cql_reply
parse_supported(size_t keys, size_t values, size_t string_size)
{
	uint8_t *data = malloc(2 * DMP_CQL_FRAME_MAX);
	struct dmp_cql_answer answer;
	enum dmp_cql_reply reply;

	assert_non_null(data);
	reply = dmp_cql_parse(
	    data, supported_frame(data, keys, values, string_size), &answer);
	free(data);
	return reply;
}

static void
request_is_options_in_version_four(void **state)
{
	static const uint8_t wanted[] = {4, 0, 0, 0, 5, 0, 0, 0, 0};
	uint8_t request[DMP_CQL_REQUEST_SIZE];

	(void)state;
	dmp_cql_options(request);
	assert_memory_equal(request, wanted, sizeof wanted);
}

static void
supported_tells_the_versions(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex(SUPPORTED_50, &answer), DMP_CQL_SUPPORTED);
	assert_string_equal(answer.cql_version, "3.4.7");
	assert_string_equal(dmp_cql_release(answer.cql_version), "5.0");
	assert_int_equal(answer.lowest, 3);
}

static void
beta_versions_do_not_count(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex(SUPPORTED_50, &answer), DMP_CQL_SUPPORTED);
	assert_int_equal(answer.highest, 5);
}

static void
every_beginning_of_a_frame_asks_for_more(void **state)
{
	uint8_t data[256];
	size_t size = test_hex(SUPPORTED_50, data, sizeof data);
	struct dmp_cql_answer answer = {.code = 4711};

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_int_equal(dmp_cql_parse(data, i, &answer), DMP_CQL_MORE);
	assert_int_equal(answer.code, 4711);
}

static void
protocol_error_tells_the_versions(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex(UNSUPPORTED_50, &answer), DMP_CQL_ERROR);
	assert_int_equal(answer.code, DMP_CQL_PROTOCOL_ERROR);
	assert_int_equal(answer.lowest, 3);
	assert_int_equal(answer.highest, 5);
}

static void
rejected_version_tells_the_least_allowed(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex(REJECTING_50, &answer), DMP_CQL_ERROR);
	assert_int_equal(answer.lowest, 5);
	assert_int_equal(answer.highest, 5);
	assert_string_equal(answer.message, "Rejecting Protocol Version 4/v4 < 5/v5.");
}

static void
older_wordings_tell_the_versions(void **state)
{
	(void)state;
	check_versions("Invalid or unsupported protocol version (4); the lowest "
	               "supported version is 3 and the greatest is 4",
	    3, 4);
	check_versions(
	    "Invalid or unsupported protocol version (4); highest supported is 3", 3,
	    3);
	check_versions("Something else about 4/v4", 0, 0);
}

static void
other_errors_keep_code_and_message(void **state)
{
	uint8_t data[64];
	struct dmp_cql_answer answer;
	size_t size = error_frame(data, DMP_CQL_OVERLOADED, "busy\x1b[31m 3/v3");

	(void)state;
	assert_int_equal(dmp_cql_parse(data, size, &answer), DMP_CQL_ERROR);
	assert_int_equal(answer.code, DMP_CQL_OVERLOADED);
	assert_string_equal(answer.message, "busy.[31m 3/v3");
	assert_int_equal(answer.highest, 0);
}

static void
long_message_is_cut(void **state)
{
	char message[400];
	uint8_t data[512];
	struct dmp_cql_answer answer;

	(void)state;
	memset(message, 'm', sizeof message - 1);
	message[sizeof message - 1] = '\0';
	assert_int_equal(
	    dmp_cql_parse(data, error_frame(data, 0, message), &answer), DMP_CQL_ERROR);
	assert_int_equal(strlen(answer.message), DMP_CQL_MESSAGE_TEXT - 1);
}

static void
frame_of_an_old_protocol_is_read(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex("82 00 00 00 00000008 0000000a 0002 6f6b", &answer),
	    DMP_CQL_ERROR);
	assert_string_equal(answer.message, "ok");
}

static void
answer_on_another_stream_is_a_stray(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex("84 00 0001 06 00000002 0000", &answer), DMP_CQL_STRAY);
	assert_int_equal(
	    parse_hex("84 00 ffff 0c 00000002 0000", &answer), DMP_CQL_STRAY);
	assert_int_equal(parse_hex("82 00 01 00 00000000", &answer), DMP_CQL_STRAY);
}

static void
tracing_and_warnings_are_skipped(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex("84 0a 0000 00 0000001f"
	                           "000102030405060708090a0b0c0d0e0f 0001 0003 616263"
	                           "0000000a 0002 6f6b",
	                     &answer),
	    DMP_CQL_ERROR);
	assert_string_equal(answer.message, "ok");
}

static void
other_frames_are_no_answer(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex(HEADER_V4 "02 00000000", &answer), DMP_CQL_OTHER); /* READY */
	assert_int_equal(
	    parse_hex("84 01 0000 06 00000002 0000", &answer), DMP_CQL_OTHER);
}

static void
other_protocols_are_garbage(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(parse_hex("48545450 2f312e31", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(parse_hex("15030300020228", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(parse_hex("04", &answer), DMP_CQL_GARBAGE); /* a request */
	assert_int_equal(parse_hex("87", &answer), DMP_CQL_GARBAGE);
}

static void
frame_over_the_limit_is_garbage(void **state)
{
	struct dmp_cql_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex(HEADER_V4 "06 0000fff7", &answer), DMP_CQL_MORE); /* 64 KiB */
	assert_int_equal(parse_hex(HEADER_V4 "06 0000fff8", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(parse_hex(HEADER_V4 "06 ffffffff", &answer), DMP_CQL_GARBAGE);
}

static void
multimap_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(parse_supported(DMP_CQL_ENTRIES, 1, 1), DMP_CQL_SUPPORTED);
	assert_int_equal(parse_supported(DMP_CQL_ENTRIES + 1, 1, 1), DMP_CQL_GARBAGE);
	assert_int_equal(parse_supported(1, DMP_CQL_ENTRIES, 1), DMP_CQL_SUPPORTED);
	assert_int_equal(parse_supported(1, DMP_CQL_ENTRIES + 1, 1), DMP_CQL_GARBAGE);
	assert_int_equal(parse_supported(1, 1, DMP_CQL_STRING_MAX), DMP_CQL_SUPPORTED);
	assert_int_equal(
	    parse_supported(1, 1, DMP_CQL_STRING_MAX + 1), DMP_CQL_GARBAGE);
}

static void
lengths_that_leave_the_frame_are_garbage(void **state)
{
	struct dmp_cql_answer answer = {.code = 4711};

	(void)state;
	/* a key, a value, a message, a warning and a trace that are not there */
	assert_int_equal(
	    parse_hex(HEADER_V4 "06 00000004 0001 0001", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(
	    parse_hex(HEADER_V4 "06 00000009 0001 0001 6b 0001 0005", &answer),
	    DMP_CQL_GARBAGE);
	assert_int_equal(
	    parse_hex(HEADER_V4 "00 00000006 0000000a 0001", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(
	    parse_hex("84080000 00 00000004 0001 0009", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(
	    parse_hex("84020000 00 00000004 00000000", &answer), DMP_CQL_GARBAGE);
	assert_int_equal(answer.code, 4711);
}

static void
unknown_language_has_no_release(void **state)
{
	(void)state;
	assert_string_equal(dmp_cql_release("3.4.6"), "4.1");
	assert_string_equal(dmp_cql_release("3.4.4"), "3.10 to 3.11");
	assert_string_equal(dmp_cql_release("9.9.9"), "");
	assert_string_equal(dmp_cql_release(""), "");
}

static void
release_5_is_known_by_protocol_5_and_language(void **state)
{
	static const struct {
		struct dmp_cql_answer answer;
		bool is_5;
	} CASES[] = {
	    {{.highest = 4, .cql_version = "3.4.4"}, false},
	    {{.highest = 5, .cql_version = "3.4.5"}, false},
	    {{.highest = 5, .cql_version = "3.4.6"}, false},
	    {{.highest = 5, .cql_version = "3.4.7"}, true},
	    {{.highest = 5, .cql_version = "3.5.0"}, true},
	    {{.highest = 5}, true},
	    {{.highest = 0, .cql_version = "3.4.7"}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		assert_int_equal(dmp_cql_is_release_5(&CASES[i].answer), CASES[i].is_5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_is_options_in_version_four),
	    cmocka_unit_test(supported_tells_the_versions),
	    cmocka_unit_test(beta_versions_do_not_count),
	    cmocka_unit_test(every_beginning_of_a_frame_asks_for_more),
	    cmocka_unit_test(protocol_error_tells_the_versions),
	    cmocka_unit_test(rejected_version_tells_the_least_allowed),
	    cmocka_unit_test(older_wordings_tell_the_versions),
	    cmocka_unit_test(other_errors_keep_code_and_message),
	    cmocka_unit_test(long_message_is_cut),
	    cmocka_unit_test(frame_of_an_old_protocol_is_read),
	    cmocka_unit_test(answer_on_another_stream_is_a_stray),
	    cmocka_unit_test(tracing_and_warnings_are_skipped),
	    cmocka_unit_test(other_frames_are_no_answer),
	    cmocka_unit_test(other_protocols_are_garbage),
	    cmocka_unit_test(frame_over_the_limit_is_garbage),
	    cmocka_unit_test(multimap_is_bounded),
	    cmocka_unit_test(lengths_that_leave_the_frame_are_garbage),
	    cmocka_unit_test(unknown_language_has_no_release),
	    cmocka_unit_test(release_5_is_known_by_protocol_5_and_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
