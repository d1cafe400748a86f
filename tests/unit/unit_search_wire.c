/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake of search nodes, against what three releases answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/search_wire.h"
#include "support/hex.h"

#define ANSWER_6_8  "455300000013 0000000000000001 09 005cc663 0000 df9ef302"
#define ANSWER_7_10 "455300000017 0000000000000002 09 006c578b 00000002 0000 93e58041"

#define UNTOUCHED 4711u

static enum dmp_search_reply
parse_hex(enum dmp_search_form form, const char *hex, uint32_t *id)
{
	uint8_t data[128];

	*id = UNTOUCHED;
	return dmp_search_parse(form, data, test_hex(hex, data, sizeof data), id);
}

static void
requests_are_the_two_forms(void **state)
{
	static const char *const wanted[] = {
	    "45530000003400000000000000010800 5cc66300000106782d7061636b"
	    "16696e7465726e616c3a7463702f68616e647368616b650004e38cf302",
	    "45530000003100000000000000020800 6c578b0000001a000000"
	    "16696e7465726e616c3a7463702f68616e647368616b6500048bafb103"};
	uint8_t request[DMP_SEARCH_HELLO_MAX];
	uint8_t bytes[DMP_SEARCH_HELLO_MAX];

	(void)state;
	for (int form = DMP_SEARCH_FORM_6_8; form <= DMP_SEARCH_FORM_7_10; form++) {
		size_t size = test_hex(wanted[form], bytes, sizeof bytes);

		assert_int_equal(
		    dmp_search_hello((enum dmp_search_form)form, request), size);
		assert_memory_equal(request, bytes, size);
	}
}

static void
both_forms_of_answers_tell_the_version(void **state)
{
	uint32_t id;

	(void)state;
	assert_int_equal(
	    parse_hex(DMP_SEARCH_FORM_6_8, ANSWER_6_8, &id), DMP_SEARCH_VERSION);
	assert_int_equal(id, 6082399);
	assert_int_equal(
	    parse_hex(DMP_SEARCH_FORM_7_10, ANSWER_7_10, &id), DMP_SEARCH_VERSION);
	assert_int_equal(id, 0x08000000 | 2110099);
}

static void
every_beginning_asks_for_more(void **state)
{
	uint8_t data[64];
	size_t size = test_hex(ANSWER_7_10, data, sizeof data);
	uint32_t id = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_int_equal(dmp_search_parse(DMP_SEARCH_FORM_7_10, data, i, &id),
		    DMP_SEARCH_MORE);
	assert_int_equal(id, UNTOUCHED);
}

static void
other_frames_answer_nothing(void **state)
{
	static const char *const frames[] = {
	    "48545450",                                                /* HTTP */
	    "4553ffffffff",                                            /* a ping */
	    "455300000013 0000000000000002 09 005cc663 0000 df9ef302", /* number */
	    "455300000013 0000000000000001 08 005cc663 0000 df9ef302", /* request */
	    "455300010000 0000000000000001 09 005cc663",               /* size */
	    "45530000000c 0000000000000001 09 005cc6",                 /* size */
	};
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		assert_int_equal(
		    parse_hex(DMP_SEARCH_FORM_6_8, frames[i], &id), DMP_SEARCH_GARBAGE);
		assert_int_equal(id, UNTOUCHED);
	}
}

static void
answers_without_a_version_are_refusals(void **state)
{
	static const char *const frames[] = {
	    "455300000013 0000000000000001 0b 005cc663",               /* exception */
	    "455300000013 0000000000000001 09 005cc663 0100 df9ef302", /* headers */
	    "45530000000f 0000000000000001 09 005cc663 0000",          /* nothing */
	    "455300000014 0000000000000001 09 005cc663 0000 df9ef302 00",
	    "455300000013 0000000000000001 09 005cc663 0000 df9ef382",
	    "455300000014 0000000000000001 09 005cc663 0000 ffffffff1f",
	    /* headers that are longer than the frame */
	    "455300000017 0000000000000001 09 006c578b ffffffff 0000 93e58041",
	    "455300000010 0000000000000001 09 006c578b 000000",
	};
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
		assert_int_equal(
		    parse_hex(DMP_SEARCH_FORM_6_8, frames[i], &id), DMP_SEARCH_REFUSED);
		assert_int_equal(id, UNTOUCHED);
	}
}

static void
only_numbers_of_releases_become_names(void **state)
{
	static const struct {
		uint32_t id;
		const char *name;
	} CASES[] = {
	    {6082399, "Elasticsearch 6.8.23 transport"},
	    {7100299, "Elasticsearch 7.10.2 transport"},
	    {0x08000000 | 2110099, "OpenSearch 2.11.0 transport"},
	    {8512001, "Elasticsearch transport, version number 8512001"},
	    {8500099, "Elasticsearch transport, version number 8500099"},
	    {7000002, "Elasticsearch transport, version number 7000002"},
	    {UINT32_MAX, "OpenSearch transport, version number 4160749567"},
	};
	char name[DMP_SEARCH_NAME_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		dmp_search_name(CASES[i].id, name);
		assert_string_equal(name, CASES[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_are_the_two_forms),
	    cmocka_unit_test(both_forms_of_answers_tell_the_version),
	    cmocka_unit_test(every_beginning_asks_for_more),
	    cmocka_unit_test(other_frames_answer_nothing),
	    cmocka_unit_test(answers_without_a_version_are_refusals),
	    cmocka_unit_test(only_numbers_of_releases_become_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
