/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/encoding.h"

static void
assert_decodes(const char *data, size_t size, const char *expected)
{
	struct dmp_text text = {0};

	assert_int_equal(dmp_encoding_decode(data, size, &text), DMP_OK);
	assert_string_equal(dmp_text_get(&text), expected);
	assert_int_equal(text.size, strlen(expected));
	dmp_text_done(&text);
}

static void
byte_order_marks_are_understood(void **state)
{
	(void)state;
	assert_decodes("a\r\nb", 4, "a\r\nb");
	assert_decodes("\xef\xbb\xbf"
	               "a",
	    4, "a");
	assert_decodes("\xff\xfe"
	               "a\0b\0",
	    6, "ab");
	assert_decodes("\xfe\xff"
	               "\0a\0b",
	    6, "ab");
	assert_decodes("\xff\xfe\xe9\x00\xac\x20\x3d\xd8\x00\xde", 10,
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_decodes("", 0, "");
}

static void
what_is_no_text_is_refused(void **state)
{
	static const struct {
		const char *data;
		size_t size;
	} bad[] = {{"a\0b", 3},
	    {"\xff\xfe"
	     "a",
	        3},
	    {"\xff\xfe\x00\xdc", 4}, {"\xff\xfe\x00\xd8", 4},
	    {"\xff\xfe\x00\xd8"
	     "a\0",
	        6},
	    {"\xfe\xff\0\0", 4}};
	struct dmp_text text = {0};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    dmp_encoding_decode(bad[i].data, bad[i].size, &text), DMP_EINVAL);
	dmp_text_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(byte_order_marks_are_understood),
	    cmocka_unit_test(what_is_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
