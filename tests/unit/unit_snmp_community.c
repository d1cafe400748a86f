/* SPDX-License-Identifier: BSD-2-Clause */
/* SNMPv2c on the wire, against what Net-SNMP 5.9.3 takes and sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/snmp_wire.h"
#include "support/hex.h"

#define REQUEST_ID 0x01020304

static const char RESPONSE[] =
    "305a02010104056c6162726fa24e0204010203040201000201003040301506082b06010201010100"
    "04094c6162206167656e74300f06082b060102010103004303023d1c301606082b06010201010200"
    "060a2b06010401bf0803020a";

static void
assert_bytes(const uint8_t *data, size_t size, const char *hex)
{
	uint8_t expected[DMP_SNMP_REQUEST_MAX];

	assert_int_equal(size, test_hex(hex, expected, sizeof expected));
	assert_memory_equal(data, expected, size);
}

/* Parse a copy that ends with its allocation. */
static enum dmp_snmp_reply
parse(const uint8_t *data, size_t size, struct dmp_snmp_system *system)
{
	uint8_t *copy = malloc(size ? size : 1);
	enum dmp_snmp_reply reply;

	assert_non_null(copy);
	memcpy(copy, data, size);
	reply = dmp_snmp_parse_response(copy, size, REQUEST_ID, system);
	free(copy);
	return reply;
}

static void
get_is_what_agents_take(void **state)
{
	uint8_t out[DMP_SNMP_REQUEST_MAX];

	(void)state;
	assert_bytes(out, dmp_snmp_get("labro", REQUEST_ID, out),
	    "304402010104056c6162726fa038020401020304020100020100302a"
	    "300c06082b060102010101000500300c06082b060102010103000500"
	    "300c06082b060102010102000500");
}

static void
inform_is_what_receivers_take(void **state)
{
	uint8_t out[DMP_SNMP_REQUEST_MAX];

	(void)state;
	assert_bytes(out, dmp_snmp_inform("labtrap", REQUEST_ID, 1, out),
	    "304402010104076c616274726170a6360204010203040201000201003028"
	    "300d06082b060102010103004301013017060a2b06010603010104010006092b0601060301"
	    "010501");
}

static void
longest_community_fits_and_a_longer_one_is_refused(void **state)
{
	uint8_t out[DMP_SNMP_REQUEST_MAX];
	char community[DMP_SNMP_COMMUNITY_MAX + 2];
	size_t size;

	(void)state;
	memset(community, 'c', sizeof community);
	community[DMP_SNMP_COMMUNITY_MAX] = '\0';
	size = dmp_snmp_get(community, INT32_MAX, out);
	assert_true(size > DMP_SNMP_COMMUNITY_MAX);
	assert_int_equal(out[1], 0x81);
	assert_int_equal(out[2], size - 3);
	assert_true(dmp_snmp_inform(community, INT32_MAX, UINT32_MAX, out) > 0);
	community[DMP_SNMP_COMMUNITY_MAX] = 'c';
	community[DMP_SNMP_COMMUNITY_MAX + 1] = '\0';
	assert_int_equal(dmp_snmp_get(community, 1, out), 0);
	assert_int_equal(dmp_snmp_inform(community, 1, 1, out), 0);
}

static void
response_describes_the_system(void **state)
{
	uint8_t data[128];
	size_t size = test_hex(RESPONSE, data, sizeof data);
	struct dmp_snmp_system system;
	char text[128];

	(void)state;
	assert_int_equal(parse(data, size, &system), DMP_SNMP_RESPONDED);
	dmp_snmp_system_text(&system, text, sizeof text);
	assert_string_equal(text, "Lab agent, 1.3.6.1.4.1.8072.3.2.10, up 1467 s");
}

static void
exceptions_and_errors_are_still_a_response(void **state)
{
	static const char EMPTY[] = "301b02010104056c6162726fa20f020401020304"
	                            "02010502010130 05 00";
	uint8_t data[128];
	size_t size = test_hex(RESPONSE, data, sizeof data);
	struct dmp_snmp_system system;
	char text[128];

	(void)state;
	data[40] = 0x81; /* sysDescr.0: noSuchInstance */
	assert_int_equal(parse(data, size, &system), DMP_SNMP_RESPONDED);
	dmp_snmp_system_text(&system, text, sizeof text);
	assert_string_equal(text, "SNMPv2c, 1.3.6.1.4.1.8072.3.2.10, up 1467 s");
	test_hex(RESPONSE, data, sizeof data);
	data[22] = 16;
	assert_int_equal(parse(data, size, &system), DMP_SNMP_RESPONDED);
	assert_int_equal(system.error_status, DMP_SNMP_AUTHORIZATION_ERROR);
	size = test_hex(EMPTY, data, sizeof data);
	assert_int_equal(parse(data, size, &system), DMP_SNMP_GARBAGE);
}

static void
every_truncation_is_garbage(void **state)
{
	uint8_t data[128];
	size_t size = test_hex(RESPONSE, data, sizeof data);
	struct dmp_snmp_system system;

	(void)state;
	for (size_t n = 0; n < size; n++)
		assert_int_equal(parse(data, n, &system), DMP_SNMP_GARBAGE);
}

static void
answer_to_another_request_is_a_stray(void **state)
{
	uint8_t data[128];
	size_t size = test_hex(RESPONSE, data, sizeof data);
	struct dmp_snmp_system system;

	(void)state;
	data[19] ^= 1;
	assert_int_equal(parse(data, size, &system), DMP_SNMP_STRAY);
}

static void
own_request_echoed_is_other(void **state)
{
	uint8_t out[DMP_SNMP_REQUEST_MAX];
	struct dmp_snmp_system system;

	(void)state;
	assert_int_equal(
	    parse(out, dmp_snmp_get("c", REQUEST_ID, out), &system), DMP_SNMP_OTHER);
}

static void
hostile_description_and_identifier_are_not_shown_raw(void **state)
{
	uint8_t data[128];
	size_t size = test_hex(RESPONSE, data, sizeof data);
	struct dmp_snmp_system system;

	(void)state;
	memcpy(data + 42, "\x1b[2J\"\n\xff\x00x", 9);
	data[size - 1] = 0x8a; /* the last arc is cut */
	assert_int_equal(parse(data, size, &system), DMP_SNMP_RESPONDED);
	for (const char *p = system.description; *p; p++)
		assert_in_range(*p, ' ', '~');
	assert_string_equal(system.object_id, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(get_is_what_agents_take),
	    cmocka_unit_test(inform_is_what_receivers_take),
	    cmocka_unit_test(longest_community_fits_and_a_longer_one_is_refused),
	    cmocka_unit_test(response_describes_the_system),
	    cmocka_unit_test(exceptions_and_errors_are_still_a_response),
	    cmocka_unit_test(every_truncation_is_garbage),
	    cmocka_unit_test(answer_to_another_request_is_a_stray),
	    cmocka_unit_test(own_request_echoed_is_other),
	    cmocka_unit_test(hostile_description_and_identifier_are_not_shown_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
