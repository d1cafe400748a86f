/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/flap.h"

enum { WINDOW_MS = 600000, SLOT_MS = WINDOW_MS / DMP_FLAP_SLOTS, START_MS = 5000000 };

static const struct dmp_flap_policy POLICY = {.count = 6, .window_ms = WINDOW_MS};

/* n changes, apart_ms between them; what the last one did. */
static enum dmp_flap_change
feed(struct dmp_flap *flap, int64_t *now_ms, unsigned n, int64_t apart_ms)
{
	enum dmp_flap_change change = DMP_FLAP_SAME;

	for (unsigned i = 0; i < n; i++) {
		change = dmp_flap_feed(flap, &POLICY, *now_ms);
		*now_ms += apart_ms;
	}
	return change;
}

static struct dmp_flap
raised_at(int64_t now_ms)
{
	struct dmp_flap flap = {0};

	assert_int_equal(feed(&flap, &now_ms, 6, 0), DMP_FLAP_RAISED);
	return flap;
}

static void
as_many_changes_as_the_policy_says_raise(void **state)
{
	struct dmp_flap flap = {0};
	int64_t now_ms = START_MS;

	(void)state;
	assert_int_equal(feed(&flap, &now_ms, 5, 1000), DMP_FLAP_SAME);
	assert_false(flap.raised);
	assert_int_equal(feed(&flap, &now_ms, 1, 1000), DMP_FLAP_RAISED);
	assert_true(flap.raised);
}

static void
raising_is_said_once(void **state)
{
	int64_t now_ms = START_MS;
	struct dmp_flap flap = raised_at(now_ms);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(feed(&flap, &now_ms, 1, 1000), DMP_FLAP_SAME);
}

static void
changes_that_are_further_apart_than_the_window_never_raise(void **state)
{
	struct dmp_flap flap = {0};
	int64_t now_ms = START_MS;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
		    feed(&flap, &now_ms, 1, WINDOW_MS / 5 + SLOT_MS), DMP_FLAP_SAME);
}

static void
a_change_older_than_the_window_does_not_count(void **state)
{
	struct dmp_flap flap = {0};
	int64_t now_ms = START_MS;

	(void)state;
	(void)feed(&flap, &now_ms, 5, 0);
	now_ms += WINDOW_MS;
	assert_int_equal(feed(&flap, &now_ms, 1, 0), DMP_FLAP_SAME);
}

static void
a_change_younger_than_15_of_16_parts_of_the_window_counts(void **state)
{
	(void)state;
	for (int64_t offset_ms = 0; offset_ms < SLOT_MS; offset_ms += SLOT_MS / 7) {
		struct dmp_flap flap = {0};
		int64_t now_ms = START_MS + offset_ms;

		(void)feed(&flap, &now_ms, 5, 0);
		now_ms += WINDOW_MS - SLOT_MS;
		assert_int_equal(feed(&flap, &now_ms, 1, 0), DMP_FLAP_RAISED);
	}
}

static void
a_window_without_changes_clears(void **state)
{
	struct dmp_flap flap = raised_at(START_MS);

	(void)state;
	assert_int_equal(
	    dmp_flap_tick(&flap, &POLICY, START_MS + WINDOW_MS - 1), DMP_FLAP_SAME);
	assert_int_equal(
	    dmp_flap_tick(&flap, &POLICY, START_MS + WINDOW_MS + 2 * SLOT_MS),
	    DMP_FLAP_CLEARED);
	assert_false(flap.raised);
}

static void
clearing_is_said_once(void **state)
{
	struct dmp_flap flap = raised_at(START_MS);

	(void)state;
	(void)dmp_flap_tick(&flap, &POLICY, START_MS + 2 * WINDOW_MS);
	assert_int_equal(
	    dmp_flap_tick(&flap, &POLICY, START_MS + 3 * WINDOW_MS), DMP_FLAP_SAME);
}

/* Five are long ago when the sixth comes: the window after the raise still counts. */
static void
nothing_clears_before_a_window_has_passed_since_the_raise(void **state)
{
	struct dmp_flap flap = {0};
	int64_t now_ms = START_MS;
	int64_t raised_ms;

	(void)state;
	(void)feed(&flap, &now_ms, 5, 0);
	now_ms += WINDOW_MS - SLOT_MS;
	raised_ms = now_ms;
	assert_int_equal(feed(&flap, &now_ms, 1, 0), DMP_FLAP_RAISED);
	for (; now_ms < raised_ms + WINDOW_MS; now_ms += SLOT_MS / 3)
		assert_int_equal(dmp_flap_tick(&flap, &POLICY, now_ms), DMP_FLAP_SAME);
}

static void
half_as_many_changes_keep_it_raised(void **state)
{
	int64_t now_ms = START_MS;
	struct dmp_flap flap = raised_at(now_ms);

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)feed(&flap, &now_ms, 1, WINDOW_MS / 4);
		assert_int_equal(dmp_flap_tick(&flap, &POLICY, now_ms), DMP_FLAP_SAME);
	}
}

static void
fewer_than_half_as_many_changes_clear(void **state)
{
	int64_t now_ms = START_MS;
	struct dmp_flap flap = raised_at(now_ms);
	enum dmp_flap_change change = DMP_FLAP_SAME;

	(void)state;
	for (int i = 0; i < 4 && change == DMP_FLAP_SAME; i++) {
		(void)feed(&flap, &now_ms, 1, WINDOW_MS / 2 + SLOT_MS);
		change = dmp_flap_tick(&flap, &POLICY, now_ms);
	}
	assert_int_equal(change, DMP_FLAP_CLEARED);
}

static void
cleared_starts_to_count_from_nothing(void **state)
{
	struct dmp_flap flap = raised_at(START_MS);
	int64_t now_ms = START_MS + 2 * WINDOW_MS;

	(void)state;
	(void)dmp_flap_tick(&flap, &POLICY, now_ms);
	assert_int_equal(feed(&flap, &now_ms, 5, 0), DMP_FLAP_SAME);
	assert_int_equal(feed(&flap, &now_ms, 1, 0), DMP_FLAP_RAISED);
}

static void
count_0_never_raises(void **state)
{
	const struct dmp_flap_policy off = {.count = 0, .window_ms = WINDOW_MS};
	struct dmp_flap flap = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(dmp_flap_feed(&flap, &off, START_MS), DMP_FLAP_SAME);
}

static void
count_0_clears_what_is_raised(void **state)
{
	const struct dmp_flap_policy off = {.count = 0, .window_ms = WINDOW_MS};
	struct dmp_flap flap = raised_at(START_MS);

	(void)state;
	assert_int_equal(dmp_flap_tick(&flap, &off, START_MS), DMP_FLAP_CLEARED);
}

static void
another_window_length_ends_no_raise_early(void **state)
{
	const struct dmp_flap_policy longer = {.count = 6, .window_ms = 2 * WINDOW_MS};
	struct dmp_flap flap = raised_at(START_MS);

	(void)state;
	assert_int_equal(dmp_flap_tick(&flap, &longer, START_MS + 1), DMP_FLAP_SAME);
	assert_int_equal(
	    dmp_flap_tick(&flap, &longer, START_MS + 2 * WINDOW_MS - 1), DMP_FLAP_SAME);
	assert_int_equal(
	    dmp_flap_tick(&flap, &longer, START_MS + 3 * WINDOW_MS), DMP_FLAP_CLEARED);
}

static void
a_resumed_raise_clears_after_a_calm_window(void **state)
{
	struct dmp_flap flap;

	(void)state;
	dmp_flap_resume(&flap, &POLICY, START_MS);
	assert_true(flap.raised);
	assert_int_equal(
	    dmp_flap_tick(&flap, &POLICY, START_MS + WINDOW_MS - 1), DMP_FLAP_SAME);
	assert_int_equal(
	    dmp_flap_tick(&flap, &POLICY, START_MS + WINDOW_MS + 2 * SLOT_MS),
	    DMP_FLAP_CLEARED);
}

/* 256 of them would be none in a counter of 8 bits that wraps. */
static void
very_many_changes_in_one_moment_are_still_many(void **state)
{
	int64_t now_ms = START_MS;
	struct dmp_flap flap = raised_at(now_ms);

	(void)state;
	now_ms += WINDOW_MS / 2;
	assert_int_equal(feed(&flap, &now_ms, 256, 0), DMP_FLAP_SAME);
	assert_int_equal(
	    dmp_flap_tick(&flap, &POLICY, START_MS + WINDOW_MS + 2 * SLOT_MS),
	    DMP_FLAP_SAME);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(as_many_changes_as_the_policy_says_raise),
	    cmocka_unit_test(raising_is_said_once),
	    cmocka_unit_test(
	        changes_that_are_further_apart_than_the_window_never_raise),
	    cmocka_unit_test(a_change_older_than_the_window_does_not_count),
	    cmocka_unit_test(a_change_younger_than_15_of_16_parts_of_the_window_counts),
	    cmocka_unit_test(a_window_without_changes_clears),
	    cmocka_unit_test(clearing_is_said_once),
	    cmocka_unit_test(nothing_clears_before_a_window_has_passed_since_the_raise),
	    cmocka_unit_test(half_as_many_changes_keep_it_raised),
	    cmocka_unit_test(fewer_than_half_as_many_changes_clear),
	    cmocka_unit_test(cleared_starts_to_count_from_nothing),
	    cmocka_unit_test(count_0_never_raises),
	    cmocka_unit_test(count_0_clears_what_is_raised),
	    cmocka_unit_test(another_window_length_ends_no_raise_early),
	    cmocka_unit_test(a_resumed_raise_clears_after_a_calm_window),
	    cmocka_unit_test(very_many_changes_in_one_moment_are_still_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
