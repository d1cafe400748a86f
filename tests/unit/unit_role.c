/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/role.h"

static void
every_role_is_found_by_its_own_word(void **unused)
{
	(void)unused;
	for (unsigned role = 1; role <= DMP_ROLE_ALL; role <<= 1) {
		char word[DMP_ROLES_TEXT];
		unsigned found = 0;

		dmp_roles_text(role, word);
		assert_true(dmp_role_find(word, &found));
		assert_int_equal(found, role);
	}
}

static void
unknown_word_is_no_role_and_writes_nothing(void **unused)
{
	static const char *const WORDS[] = {"", "DMA", "dm", "dmaa", "client dma"};

	(void)unused;
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		unsigned found = 77;

		assert_false(dmp_role_find(WORDS[i], &found));
		assert_int_equal(found, 77);
	}
}

static void
roles_are_written_in_the_order_of_the_table(void **unused)
{
	char text[DMP_ROLES_TEXT];

	(void)unused;
	dmp_roles_text(DMP_ROLE_NMS | DMP_ROLE_CLIENT | DMP_ROLE_DMA, text);
	assert_string_equal(text, "client dma nms");
}

static void
no_role_is_an_empty_text(void **unused)
{
	char text[DMP_ROLES_TEXT] = "x";

	(void)unused;
	dmp_roles_text(0, text);
	assert_string_equal(text, "");
}

static void
all_roles_fit_their_field(void **unused)
{
	char text[DMP_ROLES_TEXT];

	(void)unused;
	dmp_roles_text(DMP_ROLE_ALL, text);
	assert_string_equal(text, "client browser dma cassandra indexing cloud-gateway "
	                          "dxm device nms cloud server");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_role_is_found_by_its_own_word),
	    cmocka_unit_test(unknown_word_is_no_role_and_writes_nothing),
	    cmocka_unit_test(roles_are_written_in_the_order_of_the_table),
	    cmocka_unit_test(no_role_is_an_empty_text),
	    cmocka_unit_test(all_roles_fit_their_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
