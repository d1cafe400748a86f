/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake among Cassandra nodes, against what 4.1.9 and 5.0.5 send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/internode_wire.h"
#include "support/hex.h"

static enum dmp_internode_reply
parse_hex(enum dmp_internode_form form, const char *hex, unsigned *version)
{
	uint8_t data[64];

	return dmp_internode_parse(
	    form, data, test_hex(hex, data, sizeof data), version);
}

static void
crc_is_that_of_ieee(void **state)
{
	(void)state;
	assert_int_equal(
	    dmp_internode_crc(0, (const uint8_t *)"123456789", 9), 0xcbf43926u);
}

static void
requests_are_the_two_forms(void **state)
{
	static const uint8_t seed[] = {0xfa, 0x2d, 0x55, 0xca};
	static const uint8_t old[] = {0xca, 0x55, 0x2d, 0xfa, 0, 0, 0x0a, 0};
	uint8_t request[DMP_INTERNODE_REQUEST_MAX];
	uint8_t crc[4];
	uint32_t wanted;

	(void)state;
	assert_int_equal(dmp_internode_request(DMP_INTERNODE_OLD, request), sizeof old);
	assert_memory_equal(request, old, sizeof old);
	assert_int_equal(dmp_internode_request(DMP_INTERNODE_NEW, request), 19);
	wanted = dmp_internode_crc(dmp_internode_crc(0, seed, 4), request, 15);
	for (unsigned i = 0; i < 4; i++)
		crc[i] = (uint8_t)(wanted >> (24 - 8 * i));
	assert_memory_equal(request + 15, crc, 4);
}

static void
old_answer_is_the_version(void **state)
{
	unsigned version;

	(void)state;
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_OLD, "0000000c", &version), DMP_INTERNODE_VERSION);
	assert_int_equal(version, 12);
}

static void
new_answer_is_the_version_with_a_checksum(void **state)
{
	unsigned version;

	(void)state;
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_NEW, "0000000c 0000000c 26f5673a", &version),
	    DMP_INTERNODE_VERSION);
	assert_int_equal(version, 12);
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_NEW, "0000000d 0000000d 6c927e1c", &version),
	    DMP_INTERNODE_VERSION);
	assert_int_equal(version, 13);
}

static void
wrong_checksum_is_garbage(void **state)
{
	unsigned version = 4711;

	(void)state;
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_NEW, "0000000c 0000000c 26f5673b", &version),
	    DMP_INTERNODE_GARBAGE);
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_NEW, "0000000c 0000000d 26f5673a", &version),
	    DMP_INTERNODE_GARBAGE);
	assert_int_equal(version, 4711);
}

static void
every_beginning_asks_for_more(void **state)
{
	static const char ANSWER[] = "0000000c0000000c26f5673a";
	uint8_t data[12];
	unsigned version = 4711;

	(void)state;
	(void)test_hex(ANSWER, data, sizeof data);
	for (size_t i = 0; i < sizeof data; i++)
		assert_int_equal(
		    dmp_internode_parse(DMP_INTERNODE_NEW, data, i, &version),
		    DMP_INTERNODE_MORE);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    dmp_internode_parse(DMP_INTERNODE_OLD, data, i, &version),
		    DMP_INTERNODE_MORE);
	assert_int_equal(version, 4711);
}

static void
versions_beyond_the_known_are_garbage(void **state)
{
	unsigned version;

	(void)state;
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_OLD, "00000007", &version), DMP_INTERNODE_GARBAGE);
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_OLD, "0000000e", &version), DMP_INTERNODE_GARBAGE);
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_OLD, "00000008", &version), DMP_INTERNODE_VERSION);
}

static void
more_than_an_answer_is_garbage(void **state)
{
	unsigned version;

	(void)state;
	assert_int_equal(parse_hex(DMP_INTERNODE_OLD, "0000000c00", &version),
	    DMP_INTERNODE_GARBAGE);
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_NEW, "0000000c0000000c26f5673a00", &version),
	    DMP_INTERNODE_GARBAGE);
}

static void
other_protocols_are_garbage_at_once(void **state)
{
	unsigned version;

	(void)state;
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_NEW, "48", &version), DMP_INTERNODE_GARBAGE);
	assert_int_equal(
	    parse_hex(DMP_INTERNODE_OLD, "150303", &version), DMP_INTERNODE_GARBAGE);
}

static void
every_version_has_its_release(void **state)
{
	(void)state;
	assert_string_equal(dmp_internode_release(7), "");
	for (unsigned version = 8; version <= 13; version++)
		assert_true(strlen(dmp_internode_release(version)) > 0);
	assert_string_equal(dmp_internode_release(8), "2.1");
	assert_string_equal(dmp_internode_release(13), "5.0");
	assert_string_equal(dmp_internode_release(14), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(crc_is_that_of_ieee),
	    cmocka_unit_test(requests_are_the_two_forms),
	    cmocka_unit_test(old_answer_is_the_version),
	    cmocka_unit_test(new_answer_is_the_version_with_a_checksum),
	    cmocka_unit_test(wrong_checksum_is_garbage),
	    cmocka_unit_test(every_beginning_asks_for_more),
	    cmocka_unit_test(versions_beyond_the_known_are_garbage),
	    cmocka_unit_test(more_than_an_answer_is_garbage),
	    cmocka_unit_test(other_protocols_are_garbage_at_once),
	    cmocka_unit_test(every_version_has_its_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
