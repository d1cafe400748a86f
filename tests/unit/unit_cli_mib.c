/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIB module at another root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/mib_root.h"
#include "mib/mib_text.h"

static void
replaced(const char *root, struct dmp_text *text)
{
	uint32_t oid[DMP_ROOT_OID_MAX];
	size_t len;

	assert_true(dmp_mib_oid_parse(root, oid, &len));
	assert_int_equal(dmp_mib_root_replace(dmp_mib_text, oid, len, text), DMP_OK);
}

static void
the_default_root_leaves_the_module_as_it_is(void **state)
{
	struct dmp_text text = {0};

	(void)state;
	replaced(DMP_DEFAULT_ROOT, &text);
	assert_string_equal(dmp_text_get(&text), dmp_mib_text);
	dmp_text_done(&text);
}

static void
a_root_below_enterprises_keeps_the_import(void **state)
{
	struct dmp_text text = {0};

	(void)state;
	replaced(".1.3.6.1.4.1.99999.7", &text);
	assert_non_null(strstr(
	    dmp_text_get(&text), "::= { enterprises dmpArc7(99999) dmpRoot(7) 1 }"));
	assert_non_null(strstr(dmp_text_get(&text), "Counter32, enterprises\n"));
	assert_null(strstr(dmp_text_get(&text), "7741"));
	dmp_text_done(&text);
}

static void
a_root_elsewhere_starts_at_the_top_and_drops_the_import(void **state)
{
	static const struct {
		const char *root;
		const char *value;
	} cases[] = {
	    {"1.3.6.1.3.77",
	        "{ iso org(3) dod(6) internet(1) experimental(3) dmpRoot(77) 1 }"},
	    {"1.2.826", "{ iso dmpArc2(2) dmpRoot(826) 1 }"},
	    {"0.4.5", "{ ccitt dmpArc2(4) dmpRoot(5) 1 }"},
	    {"2.999.1", "{ joint-iso-ccitt dmpArc2(999) dmpRoot(1) 1 }"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmp_text text = {0};

		replaced(cases[i].root, &text);
		assert_non_null(strstr(dmp_text_get(&text), cases[i].value));
		assert_null(strstr(dmp_text_get(&text), "enterprises"));
		assert_non_null(strstr(dmp_text_get(&text), "Gauge32, Counter32\n"));
		dmp_text_done(&text);
	}
}

static void
an_import_in_front_of_others_is_dropped_with_its_comma(void **state)
{
	static const char module[] =
	    "X DEFINITIONS ::= BEGIN IMPORTS enterprises, A, B "
	    "FROM C;\ndmpMIB MODULE-IDENTITY DESCRIPTION "
	    "\"::= { no }\" ::= { enterprises 5 } END";
	static const uint32_t oid[] = {1, 2, 3};
	struct dmp_text text = {0};

	(void)state;
	assert_int_equal(dmp_mib_root_replace(module, oid, 3, &text), DMP_OK);
	assert_string_equal(dmp_text_get(&text),
	    "X DEFINITIONS ::= BEGIN IMPORTS A, B FROM C;\ndmpMIB MODULE-IDENTITY "
	    "DESCRIPTION \"::= { no }\" ::= { iso dmpArc2(2) dmpRoot(3) 1 } END");
	dmp_text_done(&text);
}

static void
a_module_without_a_place_for_a_root_is_refused(void **state)
{
	static const uint32_t oid[] = {1, 2, 3};
	struct dmp_text text = {0};

	(void)state;
	assert_int_equal(dmp_mib_root_replace("", oid, 3, &text), DMP_ECORRUPT);
	assert_int_equal(
	    dmp_mib_root_replace("dmpMIB MODULE-IDENTITY \"::= { 1 }", oid, 3, &text),
	    DMP_ECORRUPT);
	dmp_text_done(&text);
}

static void
what_cannot_be_a_root_is_refused(void **state)
{
	static const char *const wrong[] = {"", ".", "1", "3.1", "1.40", "1.3.", "1..3",
	    "1.3.x", "1.3.-1", "1.3.0", "1.3.4294967296", "1.3.00000000000000001",
	    "1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"};
	uint32_t oid[DMP_ROOT_OID_MAX];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(dmp_mib_oid_parse(wrong[i], oid, &len));
	assert_true(dmp_mib_oid_parse("2.999", oid, &len));
	assert_int_equal(len, 2);
	assert_int_equal(oid[1], 999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_default_root_leaves_the_module_as_it_is),
	    cmocka_unit_test(a_root_below_enterprises_keeps_the_import),
	    cmocka_unit_test(a_root_elsewhere_starts_at_the_top_and_drops_the_import),
	    cmocka_unit_test(an_import_in_front_of_others_is_dropped_with_its_comma),
	    cmocka_unit_test(a_module_without_a_place_for_a_root_is_refused),
	    cmocka_unit_test(what_cannot_be_a_root_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
