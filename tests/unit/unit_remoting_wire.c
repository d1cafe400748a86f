/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies of .NET Remoting TCP channels: what Mono 6.8 sent, and the fault that
 * MS-NRTP 2.1.1.2.1 prescribes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/remoting_wire.h"
#include "support/hex.h"

/* Mono's TcpChannel: a reply, 0x832 bytes of content, no headers. */
#define MONO_REPLY "2e4e4554 0100 0200 0000 32080000 0000"

#define FAULT_PREAMBLE "2e4e4554 0100 0200 0000 00000000"
#define STATUS_ERROR   "0200 03 0100"
#define PHRASE_BUSY    "0300 01 01 04000000 62757379"
#define CLOSE          "0500 00"
#define END            "0000"

static enum dmp_remoting_progress
parse_hex(const char *hex, struct dmp_remoting_reply *reply)
{
	uint8_t bytes[512];
	size_t size = test_hex(hex, bytes, sizeof bytes);
	uint8_t *exact = malloc(size ? size : 1); /* so that an overrun is seen */
	enum dmp_remoting_progress progress;

	assert_non_null(exact);
	memcpy(exact, bytes, size);
	progress = dmp_remoting_parse(exact, size, reply);
	free(exact);
	return progress;
}

static void
reply_of_mono_is_read(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(parse_hex(MONO_REPLY, &reply), DMP_REMOTING_REPLY);
	assert_false(reply.fault);
	assert_int_equal(reply.content, 0x832);
	assert_int_equal(reply.header_size, 16);
	assert_string_equal(reply.phrase, "");
}

static void
fault_with_status_and_phrase_is_read(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(
	    parse_hex(FAULT_PREAMBLE STATUS_ERROR PHRASE_BUSY CLOSE END, &reply),
	    DMP_REMOTING_REPLY);
	assert_true(reply.fault);
	assert_true(reply.closes);
	assert_int_equal(reply.status, 1);
	assert_int_equal(reply.content, 0);
	assert_string_equal(reply.phrase, "busy");
}

static void
status_zero_is_no_fault(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(
	    parse_hex(FAULT_PREAMBLE "0200 03 0000" END, &reply), DMP_REMOTING_REPLY);
	assert_false(reply.fault);
	assert_false(reply.closes);
}

static void
chunked_content_has_no_length(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(parse_hex("2e4e4554 0100 0200 0100" STATUS_ERROR END, &reply),
	    DMP_REMOTING_REPLY);
	assert_true(reply.chunked);
	assert_true(reply.fault);
}

static void
utf16_phrase_is_shown(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(
	    parse_hex(FAULT_PREAMBLE "0300 01 00 06000000 6e00 6f00 3d20" END, &reply),
	    DMP_REMOTING_REPLY);
	assert_string_equal(reply.phrase, "no.");
}

static void
phrase_cannot_carry_control_characters(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(
	    parse_hex(FAULT_PREAMBLE "0300 01 01 05000000 1b5b33316d" END, &reply),
	    DMP_REMOTING_REPLY);
	assert_string_equal(reply.phrase, ".[31m");
}

static void
other_headers_are_skipped(void **state)
{
	struct dmp_remoting_reply reply;

	(void)state;
	assert_int_equal(
	    parse_hex(FAULT_PREAMBLE "0100 01 01000000 6b 01 01000000 76"
	                             "0600 01 01 01000000 61"
	                             "7700 02 ff 7800 04 ffffffff" STATUS_ERROR END,
	        &reply),
	    DMP_REMOTING_REPLY);
	assert_int_equal(reply.status, 1);
}

static void
every_cut_of_a_fault_waits_for_more(void **state)
{
	uint8_t bytes[128];
	size_t size = test_hex(
	    FAULT_PREAMBLE STATUS_ERROR PHRASE_BUSY CLOSE END, bytes, sizeof bytes);
	struct dmp_remoting_reply reply = {.status = 77};

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *exact = malloc(cut + 1);

		assert_non_null(exact);
		memcpy(exact + 1, bytes, cut);
		assert_int_equal(
		    dmp_remoting_parse(exact + 1, cut, &reply), DMP_REMOTING_MORE);
		free(exact);
	}
	assert_int_equal(reply.status, 77);
}

static void
anything_else_is_invalid_at_its_first_strange_byte(void **state)
{
	static const char *const OTHERS[] = {
	    "48545450",                           /* HTTP */
	    "2e4e45542f",                         /* ".NET/" */
	    "2e4e4554 0100 0000",                 /* a request, no reply */
	    "2e4e4554 0100 0200 0200",            /* unknown content distribution */
	    "2e4e4554 0100 0200 0000 ffffffff",   /* negative length */
	    FAULT_PREAMBLE "0200 05",             /* unknown format */
	    FAULT_PREAMBLE "0300 01 02 01000000", /* unknown encoding */
	    FAULT_PREAMBLE "0300 01 01 01000100", /* string above the limit */
	    FAULT_PREAMBLE "0300 01 01 ffffffff", /* negative string */
	};
	struct dmp_remoting_reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
		assert_int_equal(parse_hex(OTHERS[i], &reply), DMP_REMOTING_INVALID);
}

static void
endless_headers_are_invalid(void **state)
{
	uint8_t bytes[14 + 300];
	size_t size = test_hex(FAULT_PREAMBLE, bytes, sizeof bytes);
	struct dmp_remoting_reply reply;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		bytes[size++] = 5;
		bytes[size++] = 0;
		bytes[size++] = 0;
	}
	assert_int_equal(dmp_remoting_parse(bytes, size, &reply), DMP_REMOTING_INVALID);
}

static void
body_of_an_http_channel_is_binary(void **state)
{
	uint8_t bytes[32];
	size_t size =
	    test_hex("0001000000ffffffff0100000000000000 16", bytes, sizeof bytes);

	(void)state;
	assert_true(dmp_remoting_is_binary(bytes, size));
	assert_true(dmp_remoting_is_binary(bytes, 17));
	assert_false(dmp_remoting_is_binary(bytes, 16));
	bytes[9] = 2;
	assert_false(dmp_remoting_is_binary(bytes, size));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reply_of_mono_is_read),
	    cmocka_unit_test(fault_with_status_and_phrase_is_read),
	    cmocka_unit_test(status_zero_is_no_fault),
	    cmocka_unit_test(chunked_content_has_no_length),
	    cmocka_unit_test(utf16_phrase_is_shown),
	    cmocka_unit_test(phrase_cannot_carry_control_characters),
	    cmocka_unit_test(other_headers_are_skipped),
	    cmocka_unit_test(every_cut_of_a_fault_waits_for_more),
	    cmocka_unit_test(anything_else_is_invalid_at_its_first_strange_byte),
	    cmocka_unit_test(endless_headers_are_invalid),
	    cmocka_unit_test(body_of_an_http_channel_is_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
