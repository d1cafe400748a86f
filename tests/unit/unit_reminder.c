/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/reminder.h"

static void
a_problem_is_repeated_after_the_reminder_interval(void **state)
{
	(void)state;
	assert_false(dmp_reminder_is_due(1000, 500, DMP_SUPPRESSED_NONE, 1499));
	assert_true(dmp_reminder_is_due(1000, 500, DMP_SUPPRESSED_NONE, 1500));
}

static void
reminder_0_never_repeats(void **state)
{
	(void)state;
	assert_false(dmp_reminder_is_due(0, 0, DMP_SUPPRESSED_NONE, INT64_MAX - 1));
	assert_int_equal(
	    dmp_reminder_due_ms(0, 0, DMP_SUPPRESSED_NONE), DMP_REMINDER_NEVER);
}

static void
what_was_missed_is_repeated_once(void **state)
{
	int64_t now_ms = 10500;

	(void)state;
	assert_true(dmp_reminder_is_due(1000, 0, DMP_SUPPRESSED_NONE, now_ms));
	assert_false(dmp_reminder_is_due(1000, now_ms, DMP_SUPPRESSED_NONE, now_ms));
	assert_int_equal(dmp_reminder_due_ms(1000, now_ms, DMP_SUPPRESSED_NONE), 11500);
}

static void
a_suppressed_problem_is_not_repeated(void **state)
{
	(void)state;
	for (int i = DMP_SUPPRESSED_HOST; i <= DMP_SUPPRESSED_ENDPOINT; i++)
		assert_false(dmp_reminder_is_due(
		    1000, 0, (enum dmp_suppressed)i, INT64_MAX - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_problem_is_repeated_after_the_reminder_interval),
	    cmocka_unit_test(reminder_0_never_repeats),
	    cmocka_unit_test(what_was_missed_is_repeated_once),
	    cmocka_unit_test(a_suppressed_problem_is_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
