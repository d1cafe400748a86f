/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/availability.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)
#define UP      DMP_AVAILABILITY_UP
#define DOWN    DMP_AVAILABILITY_DOWN
#define NONE    DMP_AVAILABILITY_NONE

/* A tally, its record, and two clocks that start at the begin of an UTC day. */
struct box {
	struct dmp_availability tally;
	struct dmp_availability_record record;
	int64_t mono_ms;
	int64_t wall_ms;
};

static struct box
new_box(void)
{
	return (struct box){.mono_ms = 5000, .wall_ms = 20000 * DAY_MS};
}

/* As the engine and the writer of the database do it. */
static void
store(struct box *box, const struct dmp_availability_part *part)
{
	struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS];

	dmp_availability_record_add(&box->record, part);
	dmp_availability_record_sums(&box->record, box->tally.hour, sums);
	dmp_availability_set_sums(&box->tally, sums);
	assert_true(dmp_availability_record_valid(&box->record, sizeof box->record));
}

static void
feed(struct box *box, enum dmp_availability_kind kind)
{
	struct dmp_availability_part part;

	if (dmp_availability_feed(&box->tally, kind, box->mono_ms, box->wall_ms, &part))
		store(box, &part);
}

/* Be of a kind for a time, called every 10 minutes. */
static void
run(struct box *box, enum dmp_availability_kind kind, int64_t time_ms)
{
	feed(box, kind);
	while (time_ms > 0) {
		int64_t step_ms = time_ms < 600000 ? time_ms : 600000;

		box->mono_ms += step_ms;
		box->wall_ms += step_ms;
		time_ms -= step_ms;
		feed(box, kind);
	}
}

static uint32_t
share(const struct box *box, enum dmp_availability_span span)
{
	return dmp_availability_share(&box->tally, span);
}

static void
nothing_known_is_unknown(void **state)
{
	struct box box = new_box();

	(void)state;
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), DMP_AVAILABILITY_UNKNOWN);
	run(&box, NONE, DAY_MS);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), DMP_AVAILABILITY_UNKNOWN);
}

static void
always_up_is_100_percent(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, UP, 3 * DAY_MS);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 100000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_MONTH), 100000);
}

static void
the_first_seconds_count_at_once(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, UP, 3000);
	run(&box, DOWN, 1000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 75000);
}

static void
one_second_down_in_a_month_is_never_100_percent(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, UP, 29 * DAY_MS);
	run(&box, DOWN, 1000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_MONTH), 99999);
}

static void
a_quarter_down_is_75_percent_of_day_week_and_month(void **state)
{
	struct box box = new_box();

	(void)state;
	for (int i = 0; i < 40 * 24; i++) {
		run(&box, UP, HOUR_MS * 3 / 4);
		run(&box, DOWN, HOUR_MS / 4);
	}
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 75000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_WEEK), 75000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_MONTH), 75000);
}

static void
maintenance_and_unknown_time_is_left_out(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, UP, 3 * HOUR_MS);
	run(&box, NONE, 10 * HOUR_MS);
	run(&box, DOWN, HOUR_MS);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 75000);
}

static void
a_bad_hour_leaves_the_day_after_25_hours(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, DOWN, HOUR_MS);
	run(&box, UP, 24 * HOUR_MS - 1000);
	assert_in_range(share(&box, DMP_AVAILABILITY_DAY), 95900, 96000);
	run(&box, UP, 1000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 100000);
}

static void
a_bad_day_leaves_the_week_and_then_the_month(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, DOWN, DAY_MS);
	run(&box, UP, 7 * DAY_MS - 1000);
	assert_in_range(share(&box, DMP_AVAILABILITY_WEEK), 87000, 87500);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 100000);
	run(&box, UP, 1000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_WEEK), 100000);
	assert_in_range(share(&box, DMP_AVAILABILITY_MONTH), 87000, 87500);
	run(&box, UP, 23 * DAY_MS - 1000);
	assert_in_range(share(&box, DMP_AVAILABILITY_MONTH), 96700, 96800);
	run(&box, UP, 1000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_MONTH), 100000);
}

static void
the_end_of_an_hour_is_split_between_both(void **state)
{
	struct box box = new_box();
	struct dmp_availability_part part;

	(void)state;
	box.wall_ms += HOUR_MS - 300000;
	feed(&box, DOWN);
	box.mono_ms += 600000;
	box.wall_ms += 600000;
	assert_true(
	    dmp_availability_feed(&box.tally, UP, box.mono_ms, box.wall_ms, &part));
	assert_int_equal(part.hour, 20000 * 24);
	assert_int_equal(part.down, 300);
	assert_int_equal(box.tally.down_ms, 300000);
}

static void
a_silence_of_more_than_an_hour_is_unknown(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, UP, 1800000);
	feed(&box, DOWN);
	box.mono_ms += 2 * HOUR_MS;
	box.wall_ms += 2 * HOUR_MS;
	feed(&box, UP);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 100000);
}

static void
a_wall_clock_set_forward_invents_no_time(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, DOWN, 1800000);
	box.wall_ms += 5 * HOUR_MS;
	run(&box, UP, 1800000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 50000);
}

static void
a_wall_clock_set_back_a_little_loses_no_bucket(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, DOWN, 2 * HOUR_MS);
	box.wall_ms -= HOUR_MS;
	run(&box, UP, 1800000);
	box.wall_ms += HOUR_MS;
	run(&box, UP, HOUR_MS * 3 / 2);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 50000);
}

static void
no_hour_gets_more_than_its_seconds(void **state)
{
	struct box box = new_box();

	(void)state;
	for (int i = 0; i < 20; i++) {
		run(&box, UP, 1800000);
		box.wall_ms -= 1800000;
		assert_true(box.tally.up_ms <= HOUR_MS);
	}
	run(&box, UP, 2 * HOUR_MS);
	assert_true(dmp_availability_record_valid(&box.record, sizeof box.record));
}

static void
a_wall_clock_that_was_a_year_ahead_recovers(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, UP, 5 * HOUR_MS);
	box.wall_ms += 365 * DAY_MS;
	run(&box, DOWN, 5 * HOUR_MS);
	box.wall_ms -= 365 * DAY_MS;
	run(&box, UP, 5 * HOUR_MS);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 100000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_MONTH), 100000);
}

static void
a_clock_that_was_some_hours_ahead_keeps_what_was_before(void **state)
{
	struct box box = new_box();

	(void)state;
	run(&box, DOWN, 5 * HOUR_MS);
	box.wall_ms += 8 * HOUR_MS;
	run(&box, UP, 2 * HOUR_MS);
	box.wall_ms -= 8 * HOUR_MS;
	run(&box, UP, 5 * HOUR_MS);
	assert_in_range(share(&box, DMP_AVAILABILITY_DAY), 49000, 51000);
}

static void
what_is_taken_early_still_counts_once(void **state)
{
	struct box box = new_box();
	struct dmp_availability_part part;

	(void)state;
	run(&box, UP, 900500);
	assert_true(dmp_availability_take(&box.tally, &part));
	assert_int_equal(part.up, 900);
	assert_int_equal(box.tally.up_ms, 500);
	store(&box, &part);
	assert_false(dmp_availability_take(&box.tally, &part));
	run(&box, DOWN, 900500);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 50000);
}

static void
a_restart_goes_on_with_the_record(void **state)
{
	struct box box = new_box();
	struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS];
	struct dmp_availability_part part;

	(void)state;
	run(&box, DOWN, 1800000);
	assert_true(dmp_availability_take(&box.tally, &part));
	store(&box, &part);
	box.tally = (struct dmp_availability){0};
	box.mono_ms = 100;
	box.wall_ms += 600000;
	dmp_availability_record_sums(
	    &box.record, (uint32_t)(box.wall_ms / HOUR_MS), sums);
	feed(&box, NONE);
	dmp_availability_set_sums(&box.tally, sums);
	run(&box, UP, 600000);
	assert_int_equal(share(&box, DMP_AVAILABILITY_DAY), 25000);
}

static void
without_the_database_figures_go_on(void **state)
{
	struct dmp_availability tally = {0};
	struct dmp_availability_part part;
	int64_t mono_ms = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)dmp_availability_feed(&tally, i % 4 ? UP : DOWN, mono_ms,
		    20000 * DAY_MS + mono_ms, &part);
		mono_ms += HOUR_MS;
	}
	assert_in_range(
	    dmp_availability_share(&tally, DMP_AVAILABILITY_DAY), 74000, 76000);
}

static void
degraded_and_rightly_closed_is_up_exposed_is_down(void **state)
{
	static const struct {
		enum dmp_state state;
		enum dmp_availability_kind kind;
	} KINDS[] = {{DMP_STATE_UP, UP}, {DMP_STATE_DEGRADED, UP},
	    {DMP_STATE_CLOSED, UP}, {DMP_STATE_DOWN, DOWN}, {DMP_STATE_EXPOSED, DOWN},
	    {DMP_STATE_UNKNOWN, NONE}, {DMP_STATE_UNVERIFIED, NONE},
	    {DMP_STATE_NOT_APPLICABLE, NONE}};

	(void)state;
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
		assert_int_equal(dmp_availability_kind_of(KINDS[i].state,
		                     DMP_ADMIN_ENABLED, DMP_SUPPRESSED_NONE),
		    KINDS[i].kind);
}

static void
maintenance_and_isolation_are_no_time_down(void **state)
{
	(void)state;
	assert_int_equal(dmp_availability_kind_of(DMP_STATE_DOWN, DMP_ADMIN_MAINTENANCE,
	                     DMP_SUPPRESSED_MAINTENANCE),
	    NONE);
	assert_int_equal(dmp_availability_kind_of(
	                     DMP_STATE_DOWN, DMP_ADMIN_DISABLED, DMP_SUPPRESSED_NONE),
	    NONE);
	assert_int_equal(dmp_availability_kind_of(
	                     DMP_STATE_DOWN, DMP_ADMIN_ENABLED, DMP_SUPPRESSED_VANTAGE),
	    NONE);
	assert_int_equal(dmp_availability_kind_of(
	                     DMP_STATE_DOWN, DMP_ADMIN_ENABLED, DMP_SUPPRESSED_HOST),
	    DOWN);
}

static void
impossible_records_are_refused(void **state)
{
	struct box box = new_box();
	struct dmp_availability_record bad;

	(void)state;
	run(&box, UP, 2 * HOUR_MS);
	assert_true(dmp_availability_record_valid(&box.record, sizeof box.record));
	assert_false(dmp_availability_record_valid(&box.record, sizeof box.record - 1));
	bad = box.record;
	bad.version++;
	assert_false(dmp_availability_record_valid(&bad, sizeof bad));
	bad = box.record;
	bad.hours[3].up = 3600;
	bad.hours[3].down = 1;
	assert_false(dmp_availability_record_valid(&bad, sizeof bad));
	bad = box.record;
	bad.days[3].up = 1;
	bad.days[3].down = UINT32_MAX;
	assert_false(dmp_availability_record_valid(&bad, sizeof bad));
	bad.days[3].down = 86399;
	assert_true(dmp_availability_record_valid(&bad, sizeof bad));
}

/* --- how fast it answered --- */

enum { NOON = 20000 * 24 + 12, NEWEST = DMP_AVAILABILITY_HOURS - 1 };

static void
add_p95(struct dmp_availability_record *record, uint32_t hour, uint32_t p95_us)
{
	const struct dmp_availability_part part = {
	    .hour = hour, .up = 60, .p95_us = p95_us};

	dmp_availability_record_add(record, &part);
	assert_true(dmp_availability_record_valid(record, sizeof *record));
}

/* So many hours before the hour that is asked for. */
static uint32_t
p95_before(const struct dmp_availability_record *record, uint32_t hour, uint32_t age)
{
	uint32_t p95_us[DMP_AVAILABILITY_HOURS];

	dmp_availability_record_p95(record, hour, p95_us);
	return p95_us[NEWEST - age];
}

static void
each_hour_keeps_its_own_p95_for_a_day(void **state)
{
	struct dmp_availability_record record = {0};

	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		add_p95(&record, NOON + i, 1000 + i);
	for (uint32_t age = 0; age <= NEWEST; age++)
		assert_int_equal(p95_before(&record, NOON + 39, age), 1039 - age);
}

static void
hours_without_a_part_have_no_p95(void **state)
{
	struct dmp_availability_record record = {0};

	(void)state;
	assert_int_equal(p95_before(&record, NOON, 0), 0);
	add_p95(&record, NOON, 1000);
	add_p95(&record, NOON + 3, 4000);
	assert_int_equal(p95_before(&record, NOON + 3, 3), 1000);
	assert_int_equal(p95_before(&record, NOON + 3, 2), 0);
	assert_int_equal(p95_before(&record, NOON + 3, 1), 0);
	assert_int_equal(p95_before(&record, NOON + 3, 0), 4000);
	assert_int_equal(p95_before(&record, NOON + 5, 0), 0);
	assert_int_equal(p95_before(&record, NOON + 5, 2), 4000);
	assert_int_equal(p95_before(&record, NOON + 2, 2), 1000);
	assert_int_equal(p95_before(&record, NOON + 3 + NEWEST, NEWEST), 4000);
	assert_int_equal(p95_before(&record, NOON + 4 + NEWEST, NEWEST), 0);
	assert_int_equal(p95_before(&record, NOON - 1, 0), 0);
	assert_int_equal(p95_before(&record, 3, NEWEST), 0);
}

static void
the_last_part_of_an_hour_that_knows_a_p95_tells_it(void **state)
{
	struct dmp_availability_record record = {0};

	(void)state;
	add_p95(&record, NOON, 20000);
	add_p95(&record, NOON, 5000);
	add_p95(&record, NOON, 0);
	assert_int_equal(p95_before(&record, NOON, 0), 5000);
	add_p95(&record, NOON + 1, 7000);
	add_p95(&record, NOON, 6000);
	assert_int_equal(p95_before(&record, NOON + 1, 1), 6000);
	assert_int_equal(p95_before(&record, NOON + 1, 0), 7000);
}

static void
a_clock_that_was_ahead_leaves_no_p95_in_the_future(void **state)
{
	struct dmp_availability_record record = {0};

	(void)state;
	add_p95(&record, NOON, 1000);
	add_p95(&record, NOON + 20, 2000);
	add_p95(&record, NOON + 5, 3000);
	assert_int_equal(p95_before(&record, NOON + 5, 5), 1000);
	assert_int_equal(p95_before(&record, NOON + 5, 0), 3000);
	assert_int_equal(p95_before(&record, NOON + 20, 0), 0);
}

static void
no_answer_takes_longer_than_its_hour(void **state)
{
	struct dmp_availability_record record = {0};

	(void)state;
	add_p95(&record, NOON, UINT32_MAX);
	assert_int_equal(p95_before(&record, NOON, 0), UINT32_C(3600000000));
	record.p95_us[3]++;
	assert_true(dmp_availability_record_valid(&record, sizeof record));
	record.p95_us[3] = UINT32_C(3600000001);
	assert_false(dmp_availability_record_valid(&record, sizeof record));
}

/* --- records of former versions --- */

/* What was stored before there was a p95. */
struct record_1 {
	uint32_t version;
	uint32_t hour;
	struct {
		uint16_t up;
		uint16_t down;
	} hours[25];
	struct {
		uint32_t up;
		uint32_t down;
	} days[31];
};

static void
a_record_of_version_1_goes_on_with_all_it_has(void **state)
{
	struct record_1 old = {.version = 1, .hour = NOON};
	struct dmp_availability_record record;
	struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS];

	(void)state;
	old.hours[NOON % 25].up = 3000;
	old.hours[NOON % 25].down = 600;
	old.days[20000 % 31].up = 40000;
	old.days[20000 % 31].down = 600;
	old.days[19990 % 31].down = 86400;
	assert_true(dmp_availability_record_read(&old, sizeof old, &record));
	assert_int_equal(record.hour, NOON);
	dmp_availability_record_sums(&record, NOON, sums);
	assert_int_equal(sums[DMP_AVAILABILITY_DAY].up, 3000);
	assert_int_equal(sums[DMP_AVAILABILITY_DAY].down, 600);
	assert_int_equal(sums[DMP_AVAILABILITY_WEEK].up, 40000);
	assert_int_equal(sums[DMP_AVAILABILITY_MONTH].down, 87000);
	for (uint32_t age = 0; age <= NEWEST; age++)
		assert_int_equal(p95_before(&record, NOON, age), 0);
	add_p95(&record, NOON + 1, 1000);
	dmp_availability_record_sums(&record, NOON + 1, sums);
	assert_int_equal(sums[DMP_AVAILABILITY_DAY].up, 3060);
	assert_int_equal(p95_before(&record, NOON + 1, 0), 1000);
}

static void
a_record_of_another_version_than_its_size_is_refused(void **state)
{
	struct record_1 old = {.version = 2, .hour = NOON};
	struct dmp_availability_record record = {0};
	struct dmp_availability_record read = {.hour = 7};

	(void)state;
	assert_false(dmp_availability_record_read(&old, sizeof old, &read));
	old.version = 0;
	assert_false(dmp_availability_record_read(&old, sizeof old, &read));
	old.version = 1;
	assert_true(dmp_availability_record_read(&old, sizeof old, &record));
	assert_true(dmp_availability_record_read(&record, sizeof record, &read));
	record.version = 1;
	read.hour = 7;
	assert_false(dmp_availability_record_read(&record, sizeof record, &read));
	record.version = 3;
	assert_false(dmp_availability_record_read(&record, sizeof record, &read));
	assert_false(dmp_availability_record_read(&old, sizeof old - 1, &read));
	assert_false(dmp_availability_record_read(&old, 0, &read));
	old.hours[3].up = 3601;
	assert_false(dmp_availability_record_read(&old, sizeof old, &read));
	assert_int_equal(read.hour, 7);
}

/* Whatever is accepted stays a record, whatever is added to it. */
static void
what_is_read_stays_a_record(void **state)
{
	uint32_t random = 1;
	int n_accepted = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct dmp_availability_record stored = {.version = 2, .hour = NOON};
		struct dmp_availability_record record;
		uint32_t p95_us[DMP_AVAILABILITY_HOURS];

		for (int changes = i % 4; changes > 0; changes--) {
			random = random * UINT32_C(1664525) + UINT32_C(1013904223);
			((unsigned char *)&stored)[random / 65536 % sizeof stored] =
			    (unsigned char)(random >> 24);
		}
		if (!dmp_availability_record_read(&stored, sizeof stored, &record))
			continue;
		n_accepted++;
		add_p95(&record, NOON + (uint32_t)i % 60, random);
		dmp_availability_record_p95(&record, record.hour, p95_us);
	}
	assert_in_range(n_accepted, 5000, 19999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_known_is_unknown),
	    cmocka_unit_test(always_up_is_100_percent),
	    cmocka_unit_test(the_first_seconds_count_at_once),
	    cmocka_unit_test(one_second_down_in_a_month_is_never_100_percent),
	    cmocka_unit_test(a_quarter_down_is_75_percent_of_day_week_and_month),
	    cmocka_unit_test(maintenance_and_unknown_time_is_left_out),
	    cmocka_unit_test(a_bad_hour_leaves_the_day_after_25_hours),
	    cmocka_unit_test(a_bad_day_leaves_the_week_and_then_the_month),
	    cmocka_unit_test(the_end_of_an_hour_is_split_between_both),
	    cmocka_unit_test(a_silence_of_more_than_an_hour_is_unknown),
	    cmocka_unit_test(a_wall_clock_set_forward_invents_no_time),
	    cmocka_unit_test(a_wall_clock_set_back_a_little_loses_no_bucket),
	    cmocka_unit_test(no_hour_gets_more_than_its_seconds),
	    cmocka_unit_test(a_wall_clock_that_was_a_year_ahead_recovers),
	    cmocka_unit_test(a_clock_that_was_some_hours_ahead_keeps_what_was_before),
	    cmocka_unit_test(what_is_taken_early_still_counts_once),
	    cmocka_unit_test(a_restart_goes_on_with_the_record),
	    cmocka_unit_test(without_the_database_figures_go_on),
	    cmocka_unit_test(degraded_and_rightly_closed_is_up_exposed_is_down),
	    cmocka_unit_test(maintenance_and_isolation_are_no_time_down),
	    cmocka_unit_test(impossible_records_are_refused),
	    cmocka_unit_test(each_hour_keeps_its_own_p95_for_a_day),
	    cmocka_unit_test(hours_without_a_part_have_no_p95),
	    cmocka_unit_test(the_last_part_of_an_hour_that_knows_a_p95_tells_it),
	    cmocka_unit_test(a_clock_that_was_ahead_leaves_no_p95_in_the_future),
	    cmocka_unit_test(no_answer_takes_longer_than_its_hour),
	    cmocka_unit_test(a_record_of_version_1_goes_on_with_all_it_has),
	    cmocka_unit_test(a_record_of_another_version_than_its_size_is_refused),
	    cmocka_unit_test(what_is_read_stays_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
