/* SPDX-License-Identifier: BSD-2-Clause */
/* SNMPv3 discovery on the wire, against what Net-SNMP 5.9.3 sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/snmp_wire.h"

#define MSG_ID 0x4a69

static const uint8_t REQUEST[] = {0x30, 0x3a, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02, 0x02,
    0x4a, 0x69, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04, 0x01, 0x04, 0x02, 0x01, 0x03, 0x04,
    0x10, 0x30, 0x0e, 0x04, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x04, 0x00, 0x04,
    0x00, 0x04, 0x00, 0x30, 0x12, 0x04, 0x00, 0x04, 0x00, 0xa0, 0x0c, 0x02, 0x02, 0x37,
    0xf0, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x00};

static const uint8_t SNMPD_REPORT[] = {0x30, 0x6e, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02,
    0x02, 0x4a, 0x69, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03,
    0x04, 0x22, 0x30, 0x20, 0x04, 0x11, 0x80, 0x00, 0x1f, 0x88, 0x80, 0x1e, 0xc9, 0xb6,
    0x71, 0x78, 0xa9, 0x02, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01, 0x01, 0x02, 0x02,
    0x05, 0xbb, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x34, 0x04, 0x11, 0x80, 0x00,
    0x1f, 0x88, 0x80, 0x1e, 0xc9, 0xb6, 0x71, 0x78, 0xa9, 0x02, 0x6b, 0x00, 0x00, 0x00,
    0x00, 0x04, 0x00, 0xa8, 0x1d, 0x02, 0x02, 0x37, 0xf0, 0x02, 0x01, 0x00, 0x02, 0x01,
    0x00, 0x30, 0x11, 0x30, 0x0f, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x06, 0x03, 0x0f, 0x01,
    0x01, 0x04, 0x00, 0x41, 0x01, 0x03};

static const uint8_t TRAPD_REPORT[] = {0x30, 0x6e, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02,
    0x02, 0x4a, 0x69, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03,
    0x04, 0x22, 0x30, 0x20, 0x04, 0x11, 0x80, 0x00, 0x1f, 0x88, 0x80, 0x82, 0xdf, 0xc0,
    0x13, 0x78, 0xa9, 0x02, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01, 0x01, 0x02, 0x02,
    0x05, 0xbc, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x34, 0x04, 0x11, 0x80, 0x00,
    0x1f, 0x88, 0x80, 0x82, 0xdf, 0xc0, 0x13, 0x78, 0xa9, 0x02, 0x6b, 0x00, 0x00, 0x00,
    0x00, 0x04, 0x00, 0xa8, 0x1d, 0x02, 0x02, 0x37, 0xf0, 0x02, 0x01, 0x00, 0x02, 0x01,
    0x00, 0x30, 0x11, 0x30, 0x0f, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x06, 0x03, 0x0f, 0x01,
    0x01, 0x04, 0x00, 0x41, 0x01, 0x02};

/* Parse a copy that ends exactly at the end of its allocation, so that a sanitizer sees
 * any read beyond. */
static enum dmp_snmp_reply
parse(const uint8_t *data, size_t size, struct dmp_snmp_engine *engine)
{
	uint8_t *copy = malloc(size ? size : 1);
	enum dmp_snmp_reply reply;

	assert_non_null(copy);
	memcpy(copy, data, size);
	reply = dmp_snmp_parse(copy, size, MSG_ID, engine);
	free(copy);
	return reply;
}

static void
request_is_the_well_known_discovery(void **state)
{
	uint8_t request[DMP_SNMP_DISCOVERY_SIZE];

	(void)state;
	dmp_snmp_discovery(MSG_ID, 0x37f0, request);
	assert_int_equal(sizeof request, sizeof REQUEST);
	assert_memory_equal(request, REQUEST, sizeof REQUEST);
}

static void
report_of_snmpd_is_a_discovery(void **state)
{
	struct dmp_snmp_engine engine;
	char text[128];

	(void)state;
	assert_int_equal(
	    parse(SNMPD_REPORT, sizeof SNMPD_REPORT, &engine), DMP_SNMP_DISCOVERED);
	assert_int_equal(engine.id_size, 17);
	assert_int_equal(engine.boots, 1);
	assert_int_equal(engine.time_s, 0x5bb);
	dmp_snmp_engine_text(&engine, text, sizeof text);
	assert_string_equal(text,
	    "SNMPv3 engine 80001f88801ec9b67178a9026b00000000, Net-SNMP (8072), "
	    "up 1467 s, boots 1");
}

static void
report_of_snmptrapd_is_a_discovery(void **state)
{
	struct dmp_snmp_engine engine;

	(void)state;
	assert_int_equal(
	    parse(TRAPD_REPORT, sizeof TRAPD_REPORT, &engine), DMP_SNMP_DISCOVERED);
	assert_int_equal(engine.time_s, 0x5bc);
}

static void
every_truncation_is_garbage(void **state)
{
	struct dmp_snmp_engine engine;

	(void)state;
	for (size_t n = 0; n < sizeof SNMPD_REPORT; n++) {
		assert_int_equal(parse(SNMPD_REPORT, n, &engine), DMP_SNMP_GARBAGE);
		assert_int_equal(parse(TRAPD_REPORT, n, &engine), DMP_SNMP_GARBAGE);
	}
}

/* The whole is cut and its outer length agrees: the inner elements must notice. */
static void
no_truncation_with_a_fitting_length_is_a_discovery(void **state)
{
	uint8_t copy[sizeof SNMPD_REPORT];
	struct dmp_snmp_engine engine;

	(void)state;
	memcpy(copy, SNMPD_REPORT, sizeof copy);
	for (size_t n = 2; n < sizeof copy; n++) {
		copy[1] = (uint8_t)(n - 2);
		assert_int_not_equal(parse(copy, n, &engine), DMP_SNMP_DISCOVERED);
	}
}

static void
no_change_of_a_structural_byte_is_a_discovery(void **state)
{
	static const uint8_t STRUCTURE[] = {0, 2, 4, 5, 7, 9, 10, 11, 16, 19, 21, 22,
	    24, 26, 45, 48, 58, 60, 79, 81, 83, 87, 90, 93, 95, 97, 106};
	struct dmp_snmp_engine engine;

	(void)state;
	for (size_t i = 0; i < sizeof STRUCTURE; i++) {
		uint8_t copy[sizeof SNMPD_REPORT];

		memcpy(copy, SNMPD_REPORT, sizeof copy);
		copy[STRUCTURE[i]] ^= 0x41;
		if (parse(copy, sizeof copy, &engine) == DMP_SNMP_DISCOVERED)
			fail_msg("byte %u", STRUCTURE[i]);
	}
}

static void
answer_to_another_request_is_a_stray(void **state)
{
	struct dmp_snmp_engine engine;

	(void)state;
	assert_int_equal(
	    dmp_snmp_parse(SNMPD_REPORT, sizeof SNMPD_REPORT, MSG_ID + 1, &engine),
	    DMP_SNMP_STRAY);
}

static void
our_own_request_echoed_is_no_discovery(void **state)
{
	struct dmp_snmp_engine engine;

	(void)state;
	assert_int_equal(parse(REQUEST, sizeof REQUEST, &engine), DMP_SNMP_OTHER);
}

static void
report_for_another_reason_is_other(void **state)
{
	uint8_t copy[sizeof SNMPD_REPORT];
	struct dmp_snmp_engine engine;

	(void)state;
	memcpy(copy, SNMPD_REPORT, sizeof copy);
	copy[107] = 3; /* usmStatsUnknownUserNames */
	assert_int_equal(parse(copy, sizeof copy, &engine), DMP_SNMP_OTHER);
}

static void
community_messages_are_other(void **state)
{
	static const uint8_t V2C[] = {0x30, 0x17, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l',
	    'i', 'c', 0xa2, 0x0a, 2, 2, 0x12, 0x34, 2, 1, 0, 2, 1, 0};
	uint8_t v1[sizeof V2C];
	struct dmp_snmp_engine engine;

	(void)state;
	memcpy(v1, V2C, sizeof v1);
	v1[4] = 0;
	assert_int_equal(parse(V2C, sizeof V2C, &engine), DMP_SNMP_OTHER);
	assert_int_equal(parse(v1, sizeof v1, &engine), DMP_SNMP_OTHER);
}

static void
other_protocols_are_garbage(void **state)
{
	static const char *const TEXTS[] = {"", "0", "HTTP/1.1 400 Bad Request\r\n",
	    "\x30\x80\x02\x01\x03", "\x30\x84\xff\xff\xff\xff\x02\x01\x03",
	    "\x30\x89\x01\x01\x01\x01\x01\x01\x01\x01\x01", "\x30\x03\x02\x01\x07",
	    "\x30\x07\x02\x05\x01\x02\x03\x04\x05"};
	struct dmp_snmp_engine engine;

	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
		assert_int_equal(
		    parse((const uint8_t *)TEXTS[i], strlen(TEXTS[i]), &engine),
		    DMP_SNMP_GARBAGE);
}

/* BER allows long forms where short ones would do, and some agents use them. */
static void
long_form_lengths_are_understood(void **state)
{
	uint8_t copy[sizeof SNMPD_REPORT + 3] = {0x30, 0x83, 0, 0, 0};
	struct dmp_snmp_engine engine;

	(void)state;
	memcpy(copy + 5, SNMPD_REPORT + 2, sizeof SNMPD_REPORT - 2);
	copy[4] = sizeof SNMPD_REPORT - 2;
	assert_int_equal(parse(copy, sizeof copy, &engine), DMP_SNMP_DISCOVERED);
}

static void
longest_engine_fits_into_an_identity_with_its_uptime(void **state)
{
	struct dmp_snmp_engine engine = {
	    .id_size = DMP_SNMP_ENGINE_ID_MAX, .boots = INT32_MAX, .time_s = INT32_MAX};
	char text[128];

	(void)state;
	memset(engine.id, 0x80, sizeof engine.id);
	engine.id[1] = 0;
	engine.id[2] = 0x22;
	engine.id[3] = 0x6d;
	dmp_snmp_engine_text(&engine, text, sizeof text);
	assert_non_null(strstr(text, ".., Skyline Communications (8813), up "));
	assert_non_null(strstr(text, ", boots 2147483647"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_is_the_well_known_discovery),
	    cmocka_unit_test(report_of_snmpd_is_a_discovery),
	    cmocka_unit_test(report_of_snmptrapd_is_a_discovery),
	    cmocka_unit_test(every_truncation_is_garbage),
	    cmocka_unit_test(no_truncation_with_a_fitting_length_is_a_discovery),
	    cmocka_unit_test(no_change_of_a_structural_byte_is_a_discovery),
	    cmocka_unit_test(answer_to_another_request_is_a_stray),
	    cmocka_unit_test(our_own_request_echoed_is_no_discovery),
	    cmocka_unit_test(report_for_another_reason_is_other),
	    cmocka_unit_test(community_messages_are_other),
	    cmocka_unit_test(other_protocols_are_garbage),
	    cmocka_unit_test(long_form_lengths_are_understood),
	    cmocka_unit_test(longest_engine_fits_into_an_identity_with_its_uptime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
