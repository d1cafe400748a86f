/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_eventlog_start.c - with which number the log goes on: the decision alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/eventlog_start.h"

/* A crash in the same boot: 100 stored, numbers reserved up to 256. */
static struct dmp_start_input
crashed(void)
{
	return (struct dmp_start_input){.found = DMP_MARKS_READ,
	    .marks = {.reserved = 256, .epoch = 4, .index = {0, 9, 5, 1}},
	    .facts = {.epoch = 4, .last = 100, .newest = 100, .index = {0, 9, 5, 1}},
	    .same_boot = true};
}

static void
assert_plan(const struct dmp_start_input *input, uint32_t last, uint32_t skipped_first,
    uint32_t skipped_last)
{
	struct dmp_start_plan plan = dmp_start_decide(input);

	assert_true(plan.last == last);
	assert_true(plan.skipped_first == skipped_first);
	assert_true(plan.skipped_last == skipped_last);
}

static void
first_start_begins_at_one(void **state)
{
	struct dmp_start_input input = {.facts = {.fresh = true}};

	(void)state;
	assert_plan(&input, 0, 0, 0);
	assert_true(dmp_start_decide(&input).epoch == 1);
}

static void
crash_goes_on_after_the_newest_stored_event(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	assert_plan(&input, 100, 0, 0);
	assert_true(dmp_start_decide(&input).epoch == 5);
	input.same_boot = false;
	assert_plan(&input, 100, 0, 0);
}

static void
events_sent_from_memory_before_a_crash_are_skipped_exactly(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	input.marks.volatile_sends = true;
	input.volatile_mark = 140;
	assert_plan(&input, 140, 101, 140);
	input.volatile_mark = 90;
	assert_plan(&input, 100, 0, 0);
}

static void
power_loss_in_volatile_mode_skips_all_that_was_reserved(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	input.marks.volatile_sends = true;
	input.same_boot = false;
	assert_plan(&input, 256, 101, 256);
}

static void
volatile_mode_without_its_mark_skips_all_that_was_reserved(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	input.marks.volatile_sends = true;
	assert_plan(&input, 256, 101, 256);
}

static void
lost_database_goes_on_after_the_reserved_numbers(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	input.facts = (struct dmp_store_facts){.fresh = true};
	assert_plan(&input, 256, 1, 256);
	assert_true(dmp_start_decide(&input).index[1] == 9);
	assert_true(dmp_start_decide(&input).epoch == 5);
	input.volatile_mark = 300;
	assert_plan(&input, 300, 1, 300);
}

static void
older_database_after_a_clean_stop_is_noticed(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	input.marks.clean = true;
	input.marks.reserved = 120;
	assert_plan(&input, 120, 101, 120);
}

static void
numbers_given_up_once_stay_given_up(void **state)
{
	struct dmp_start_input input = crashed();

	(void)state;
	input.marks.floor = 180;
	assert_plan(&input, 180, 101, 180);
}

static void
lost_marks_cost_a_margin(void **state)
{
	struct dmp_start_input input = crashed();
	const uint32_t last = 100 + DMP_START_SEQUENCE_MARGIN;

	(void)state;
	input.marks = (struct dmp_marks){0};
	for (int found = 0; found < 2; found++) {
		input.found = found ? DMP_MARKS_DAMAGED : DMP_MARKS_FRESH;
		assert_plan(&input, last, 101, last);
		assert_true(dmp_start_decide(&input).epoch == 5);
		assert_true(dmp_start_decide(&input).index[1] > 9);
	}
}

static void
damaged_marks_without_database_still_cost_a_margin(void **state)
{
	struct dmp_start_input input = {
	    .found = DMP_MARKS_DAMAGED, .facts = {.fresh = true}};

	(void)state;
	assert_plan(&input, DMP_START_SEQUENCE_MARGIN, 1, DMP_START_SEQUENCE_MARGIN);
}

static void
numbers_do_not_wrap(void **state)
{
	struct dmp_start_input input = crashed();
	struct dmp_start_plan plan;

	(void)state;
	input.found = DMP_MARKS_DAMAGED;
	input.facts.last = UINT32_MAX - 1;
	input.facts.epoch = UINT32_MAX;
	input.facts.index[1] = UINT32_MAX;
	plan = dmp_start_decide(&input);
	assert_true(plan.last == UINT32_MAX && plan.epoch == UINT32_MAX);
	assert_true(plan.skipped_first == UINT32_MAX);
	assert_true(plan.index[1] == UINT32_MAX);
}

static void
volatile_mark_is_read_as_written_and_garbage_is_none(void **state)
{
	char root[] = "/tmp/dmp-start-XXXXXX";
	char path[64];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(root));
	dmp_text_format(path, sizeof path, "%s/mark", root);
	assert_true(dmp_start_read_volatile(path) == 0);
	assert_int_equal(dmp_start_write_volatile(path, UINT32_MAX), DMP_OK);
	assert_true(dmp_start_read_volatile(path) == UINT32_MAX);
	assert_int_equal(dmp_start_write_volatile(path, 12), DMP_OK);
	assert_true(dmp_start_read_volatile(path) == 12);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("99999999999999999999\n", file);
	(void)fclose(file);
	assert_true(dmp_start_read_volatile(path) == 0);
	(void)unlink(path);
	(void)rmdir(root);
}

static void
boot_id_is_the_same_twice(void **state)
{
	char a[DMP_BOOT_TEXT];
	char b[DMP_BOOT_TEXT];

	(void)state;
	dmp_start_boot(a);
	dmp_start_boot(b);
	assert_string_equal(a, b);
	assert_true(a[0] == '\0' || a[8] == '-');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_start_begins_at_one),
	    cmocka_unit_test(crash_goes_on_after_the_newest_stored_event),
	    cmocka_unit_test(
	        events_sent_from_memory_before_a_crash_are_skipped_exactly),
	    cmocka_unit_test(power_loss_in_volatile_mode_skips_all_that_was_reserved),
	    cmocka_unit_test(
	        volatile_mode_without_its_mark_skips_all_that_was_reserved),
	    cmocka_unit_test(lost_database_goes_on_after_the_reserved_numbers),
	    cmocka_unit_test(older_database_after_a_clean_stop_is_noticed),
	    cmocka_unit_test(numbers_given_up_once_stay_given_up),
	    cmocka_unit_test(lost_marks_cost_a_margin),
	    cmocka_unit_test(damaged_marks_without_database_still_cost_a_margin),
	    cmocka_unit_test(numbers_do_not_wrap),
	    cmocka_unit_test(volatile_mark_is_read_as_written_and_garbage_is_none),
	    cmocka_unit_test(boot_id_is_the_same_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
