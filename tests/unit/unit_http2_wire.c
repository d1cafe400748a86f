/* SPDX-License-Identifier: BSD-2-Clause */
/* The HTTP/2 preface and what answers it, against what nginx 1.22.1 sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/http2_wire.h"
#include "support/hex.h"

/* SETTINGS, WINDOW_UPDATE, SETTINGS ACK. */
#define NGINX_ANSWER                                                                   \
	"000012040000000000 000300000080 000400010000 000500ffffff"                    \
	"000004080000000000 7fff0000 000000040100000000"

static enum dmp_http2_progress
parse_hex(const char *hex, struct dmp_http2_answer *answer)
{
	uint8_t bytes[256];
	size_t size = test_hex(hex, bytes, sizeof bytes);
	uint8_t *exact = malloc(size + 1); /* so that an overrun is seen */
	enum dmp_http2_progress progress;

	assert_non_null(exact);
	memcpy(exact + 1, bytes, size);
	progress = dmp_http2_parse(exact + 1, size, answer);
	free(exact);
	return progress;
}

static void
preface_is_magic_and_empty_settings(void **state)
{
	uint8_t expected[64];
	uint8_t preface[DMP_HTTP2_PREFACE_SIZE];
	size_t size = test_hex("505249202a20485454502f322e300d0a0d0a534d0d0a0d0a"
	                       "000000040000000000",
	    expected, sizeof expected);

	(void)state;
	dmp_http2_preface(preface);
	assert_int_equal(size, sizeof preface);
	assert_memory_equal(preface, expected, size);
}

static void
goodbye_is_settings_ack_and_goaway(void **state)
{
	uint8_t expected[64];
	uint8_t goodbye[DMP_HTTP2_GOODBYE_SIZE];
	size_t size = test_hex("000000040100000000 000008070000000000 0000000000000000",
	    expected, sizeof expected);

	(void)state;
	dmp_http2_goodbye(goodbye);
	assert_int_equal(size, sizeof goodbye);
	assert_memory_equal(goodbye, expected, size);
}

static void
settings_of_nginx_are_read(void **state)
{
	struct dmp_http2_answer answer;

	(void)state;
	assert_int_equal(parse_hex(NGINX_ANSWER, &answer), DMP_HTTP2_SETTINGS);
	assert_int_equal(answer.max_streams, 128);
}

static void
empty_settings_are_a_server(void **state)
{
	struct dmp_http2_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex("000000 04 00 00000000", &answer), DMP_HTTP2_SETTINGS);
	assert_int_equal(answer.max_streams, UINT32_MAX);
}

static void
unknown_flags_and_settings_are_ignored(void **state)
{
	struct dmp_http2_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex("00000c 04 f0 00000000 abcd00000001 000300000007", &answer),
	    DMP_HTTP2_SETTINGS);
	assert_int_equal(answer.max_streams, 7);
}

static void
goaway_is_a_refusal_with_its_error(void **state)
{
	struct dmp_http2_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex("00000c 07 00 00000000 00000000 0000000b 6f757421", &answer),
	    DMP_HTTP2_GOAWAY);
	assert_int_equal(answer.error, 11);
	assert_string_equal(dmp_http2_error_text(answer.error), "ENHANCE_YOUR_CALM");
	assert_string_equal(answer.debug, "out!");
}

static void
debug_data_cannot_carry_control_characters(void **state)
{
	struct dmp_http2_answer answer;

	(void)state;
	assert_int_equal(
	    parse_hex("00000b 07 00 00000000 00000000 00000000 1b5b4a", &answer),
	    DMP_HTTP2_GOAWAY);
	assert_string_equal(answer.debug, ".[J");
}

static void
every_cut_of_settings_waits_for_more(void **state)
{
	uint8_t bytes[64];
	size_t size = test_hex(NGINX_ANSWER, bytes, sizeof bytes);
	struct dmp_http2_answer answer = {.error = 77};

	(void)state;
	assert_true(size > 27);
	for (size_t cut = 0; cut < 27; cut++) {
		uint8_t *exact = malloc(cut + 1);

		assert_non_null(exact);
		memcpy(exact + 1, bytes, cut);
		assert_int_equal(
		    dmp_http2_parse(exact + 1, cut, &answer), DMP_HTTP2_MORE);
		free(exact);
	}
	assert_int_equal(answer.error, 77);
}

static void
anything_else_is_invalid_at_its_first_strange_byte(void **state)
{
	static const char *const OTHERS[] = {
	    "48",                            /* HTTP/1 */
	    "15030300",                      /* a TLS alert */
	    "004001",                        /* above the frame size */
	    "000004 08",                     /* WINDOW_UPDATE before SETTINGS */
	    "000000 04 01",                  /* an acknowledgement first */
	    "000000 04 00 00000001",         /* SETTINGS on a stream */
	    "000000 04 00 80",               /* the same, its first byte */
	    "000005 04 00 00000000",         /* no multiple of 6 */
	    "000007 07 00 00000000",         /* GOAWAY too short */
	    "00000010 03 00000000 00000000", /* Cassandra */
	};
	struct dmp_http2_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
		assert_int_equal(parse_hex(OTHERS[i], &answer), DMP_HTTP2_INVALID);
}

static void
error_without_a_name_is_unknown(void **state)
{
	(void)state;
	assert_string_equal(dmp_http2_error_text(0), "NO_ERROR");
	assert_string_equal(dmp_http2_error_text(13), "HTTP_1_1_REQUIRED");
	assert_string_equal(dmp_http2_error_text(14), "UNKNOWN");
	assert_string_equal(dmp_http2_error_text(UINT32_MAX), "UNKNOWN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(preface_is_magic_and_empty_settings),
	    cmocka_unit_test(goodbye_is_settings_ack_and_goaway),
	    cmocka_unit_test(settings_of_nginx_are_read),
	    cmocka_unit_test(empty_settings_are_a_server),
	    cmocka_unit_test(unknown_flags_and_settings_are_ignored),
	    cmocka_unit_test(goaway_is_a_refusal_with_its_error),
	    cmocka_unit_test(debug_data_cannot_carry_control_characters),
	    cmocka_unit_test(every_cut_of_settings_waits_for_more),
	    cmocka_unit_test(anything_else_is_invalid_at_its_first_strange_byte),
	    cmocka_unit_test(error_without_a_name_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
