/* SPDX-License-Identifier: BSD-2-Clause */
/* Maintenance windows; weekly ones on the clock of Brussels, where 2027-03-28 skips the
 * hour from 02:00 and 2027-10-31 has the hour from 02:00 twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/maintenance.h"

static const struct dmp_zone ZONE = {.local = dmp_clock_local};

static int
set_zone(const char *name)
{
	if (setenv("TZ", name, 1) != 0)
		return -1;
	tzset();
	return 0;
}

static int
brussels(void **state)
{
	(void)state;
	return set_zone("Europe/Brussels");
}

static struct dmp_site_maintenance
weekly(const char *when, uint32_t for_s)
{
	struct dmp_site_maintenance window = {
	    .host = "dma1", .for_s = for_s, .from_ms = -1, .until_ms = -1};

	dmp_text_copy(window.weekly, sizeof window.weekly, when);
	return window;
}

static struct dmp_site_maintenance
once(const char *from, const char *until)
{
	return (struct dmp_site_maintenance){.host = "dma1",
	    .from_ms = dmp_clock_parse(from),
	    .until_ms = dmp_clock_parse(until)};
}

static int64_t
at(const char *utc)
{
	int64_t wall_ms = dmp_clock_parse(utc);

	assert_true(wall_ms > 0);
	return wall_ms;
}

/* The window is open from begin to before end, and knows both. */
static void
assert_window(const struct dmp_site_maintenance *window, const char *begin_utc,
    const char *end_utc)
{
	int64_t begin_ms = at(begin_utc);
	int64_t end_ms = at(end_utc);
	struct dmp_maintenance before = dmp_maintenance_at(window, &ZONE, begin_ms - 1);
	struct dmp_maintenance first = dmp_maintenance_at(window, &ZONE, begin_ms);
	struct dmp_maintenance last = dmp_maintenance_at(window, &ZONE, end_ms - 1);
	struct dmp_maintenance after = dmp_maintenance_at(window, &ZONE, end_ms);

	assert_false(before.open);
	assert_int_equal(before.next_ms, begin_ms);
	assert_true(first.open);
	assert_int_equal(first.end_ms, end_ms);
	assert_int_equal(first.next_ms, end_ms);
	assert_true(last.open);
	assert_int_equal(last.end_ms, end_ms);
	assert_false(after.open);
}

static void
a_window_once_is_open_from_begin_to_before_end(void **state)
{
	struct dmp_site_maintenance window =
	    once("2027-05-01T10:00:00Z", "2027-05-01T12:30:00Z");

	(void)state;
	assert_window(&window, "2027-05-01T10:00:00Z", "2027-05-01T12:30:00Z");
	assert_int_equal(
	    dmp_maintenance_at(&window, &ZONE, at("2027-05-01T12:30:00Z")).next_ms,
	    DMP_MAINTENANCE_NEVER);
}

static void
a_window_once_is_in_utc(void **state)
{
	struct dmp_site_maintenance window =
	    once("2027-07-01T10:00:00Z", "2027-07-01T11:00:00Z");

	(void)state;
	assert_int_equal(set_zone("Asia/Kolkata"), 0);
	assert_window(&window, "2027-07-01T10:00:00Z", "2027-07-01T11:00:00Z");
}

static void
a_weekly_window_is_in_local_time_in_winter_and_in_summer(void **state)
{
	struct dmp_site_maintenance window = weekly("Wed 02:00", 7200);

	(void)state;
	assert_window(&window, "2027-01-13T01:00:00Z", "2027-01-13T03:00:00Z");
	assert_window(&window, "2027-07-14T00:00:00Z", "2027-07-14T02:00:00Z");
}

static void
a_weekly_window_follows_the_zone_that_is_given(void **state)
{
	struct dmp_site_maintenance window = weekly("Wed 02:00", 7200);

	(void)state;
	assert_int_equal(set_zone("Asia/Kolkata"), 0);
	assert_window(&window, "2027-01-12T20:30:00Z", "2027-01-12T22:30:00Z");
	assert_int_equal(set_zone("America/New_York"), 0);
	assert_window(&window, "2027-01-13T07:00:00Z", "2027-01-13T09:00:00Z");
	assert_int_equal(set_zone("Pacific/Kiritimati"), 0);
	assert_window(&window, "2027-01-12T12:00:00Z", "2027-01-12T14:00:00Z");
}

static void
a_window_that_begins_in_the_skipped_hour_begins_after_it(void **state)
{
	struct dmp_site_maintenance begin = weekly("Sun 02:00", 7200);
	struct dmp_site_maintenance middle = weekly("Sun 02:30", 7200);

	(void)state;
	assert_window(&begin, "2027-03-28T01:00:00Z", "2027-03-28T03:00:00Z");
	assert_window(&middle, "2027-03-28T01:00:00Z", "2027-03-28T03:00:00Z");
}

static void
windows_around_the_skipped_hour_begin_on_time(void **state)
{
	struct dmp_site_maintenance before = weekly("Sun 01:59", 60);
	struct dmp_site_maintenance after = weekly("Sun 03:00", 60);

	(void)state;
	assert_window(&before, "2027-03-28T00:59:00Z", "2027-03-28T01:00:00Z");
	assert_window(&after, "2027-03-28T01:00:00Z", "2027-03-28T01:01:00Z");
}

static void
a_window_across_the_skipped_hour_lasts_as_long_as_always(void **state)
{
	struct dmp_site_maintenance window = weekly("Sun 01:00", 7200);

	(void)state;
	assert_window(&window, "2027-03-28T00:00:00Z", "2027-03-28T02:00:00Z");
}

static void
of_the_repeated_hour_only_the_first_counts(void **state)
{
	struct dmp_site_maintenance window = weekly("Sun 02:30", 1800);

	(void)state;
	assert_window(&window, "2027-10-31T00:30:00Z", "2027-10-31T01:00:00Z");
	assert_false(
	    dmp_maintenance_at(&window, &ZONE, at("2027-10-31T01:30:00Z")).open);
}

static void
windows_around_the_repeated_hour_begin_on_time(void **state)
{
	struct dmp_site_maintenance before = weekly("Sun 01:59", 60);
	struct dmp_site_maintenance after = weekly("Sun 03:00", 60);

	(void)state;
	assert_window(&before, "2027-10-30T23:59:00Z", "2027-10-31T00:00:00Z");
	assert_window(&after, "2027-10-31T02:00:00Z", "2027-10-31T02:01:00Z");
}

static void
a_window_across_the_repeated_hour_lasts_as_long_as_always(void **state)
{
	struct dmp_site_maintenance window = weekly("Sun 02:00", 7200);

	(void)state;
	assert_window(&window, "2027-10-31T00:00:00Z", "2027-10-31T02:00:00Z");
}

/* The change of the clock is at midnight there: 00:00 does not exist on 2027-03-26. */
static void
a_skipped_midnight_is_the_first_minute_of_the_day(void **state)
{
	struct dmp_site_maintenance window = weekly("Fri 00:15", 3600);

	(void)state;
	assert_int_equal(set_zone("XST2XDT,M3.4.5/0,M10.5.5/0"), 0);
	assert_window(&window, "2027-03-26T02:00:00Z", "2027-03-26T03:00:00Z");
}

static void
there_is_one_window_every_week_of_the_year(void **state)
{
	struct dmp_site_maintenance window = weekly("Sun 02:30", 3600);
	int64_t now_ms = at("2027-01-01T00:00:00Z");
	int64_t end_ms = at("2028-01-01T00:00:00Z");
	int windows = 0;

	(void)state;
	while (now_ms < end_ms) {
		struct dmp_maintenance item =
		    dmp_maintenance_at(&window, &ZONE, now_ms);

		assert_true(item.next_ms > now_ms);
		assert_true(item.next_ms - now_ms <= INT64_C(8) * 86400000);
		windows += item.open;
		now_ms = item.next_ms;
	}
	assert_int_equal(windows, 52);
}

static void
a_window_of_a_week_never_closes(void **state)
{
	struct dmp_site_maintenance window = weekly("Sat 23:00", 7 * 86400);

	(void)state;
	for (int64_t t = at("2027-01-04T12:00:00Z"); t < at("2027-03-20T00:00:00Z");
	     t += 3600000)
		assert_true(dmp_maintenance_at(&window, &ZONE, t).open);
}

/* The day on which the clock went back is an hour longer than the window. */
static void
a_window_of_a_week_has_a_gap_when_the_week_is_longer(void **state)
{
	struct dmp_site_maintenance window = weekly("Sat 23:00", 7 * 86400);

	(void)state;
	assert_true(
	    dmp_maintenance_at(&window, &ZONE, at("2027-11-06T20:59:00Z")).open);
	assert_false(
	    dmp_maintenance_at(&window, &ZONE, at("2027-11-06T21:00:00Z")).open);
	assert_true(
	    dmp_maintenance_at(&window, &ZONE, at("2027-11-06T22:00:00Z")).open);
}

static bool
no_local_time(int64_t utc_s, struct tm *ret_local, void *arg)
{
	(void)utc_s;
	(void)ret_local;
	(void)arg;
	return false;
}

static void
without_a_zone_a_weekly_window_is_in_utc(void **state)
{
	static const struct dmp_zone NONE = {.local = no_local_time};
	struct dmp_site_maintenance window = weekly("Wed 02:00", 7200);
	int64_t begin_ms = at("2027-07-14T02:00:00Z");

	(void)state;
	assert_false(dmp_maintenance_at(&window, &NONE, begin_ms - 1).open);
	assert_true(dmp_maintenance_at(&window, &NONE, begin_ms).open);
}

static const char *const GROUPS[] = {"rack1", "room2"};
static const struct dmp_admin_target PORT = {
    .port = "dma1/https", .host = "dma1", .groups = GROUPS, .n_groups = 2};
static const struct dmp_admin_target HOST = {
    .host = "dma1", .groups = GROUPS, .n_groups = 2};

static void
a_window_of_a_host_covers_it_and_its_ports_only(void **state)
{
	struct dmp_site_maintenance window = {.host = "dma1"};
	struct dmp_admin_target other = {.port = "dma11/https", .host = "dma11"};

	(void)state;
	assert_true(dmp_maintenance_covers(&window, &PORT));
	assert_true(dmp_maintenance_covers(&window, &HOST));
	assert_false(dmp_maintenance_covers(&window, &other));
}

static void
a_window_of_a_group_covers_the_groups_inside_it(void **state)
{
	struct dmp_site_maintenance inner = {.group = "rack1"};
	struct dmp_site_maintenance outer = {.group = "room2"};
	struct dmp_site_maintenance other = {.group = "room1"};

	(void)state;
	assert_true(dmp_maintenance_covers(&inner, &PORT));
	assert_true(dmp_maintenance_covers(&outer, &PORT));
	assert_true(dmp_maintenance_covers(&outer, &HOST));
	assert_false(dmp_maintenance_covers(&other, &PORT));
}

static void
a_window_of_a_port_covers_neither_its_host_nor_its_siblings(void **state)
{
	char key[] = "dma1/http";
	struct dmp_site_maintenance window = {.port = key};
	struct dmp_admin_target http = PORT;

	(void)state;
	http.port = "dma1/http";
	assert_true(dmp_maintenance_covers(&window, &http));
	assert_false(dmp_maintenance_covers(&window, &PORT));
	assert_false(dmp_maintenance_covers(&window, &HOST));
}

static void
a_port_without_number_covers_all_of_that_requirement(void **state)
{
	char key[] = "dma1/https";
	char numbered[] = "dma1/https@8443";
	struct dmp_site_maintenance all = {.port = key};
	struct dmp_site_maintenance one = {.port = numbered};
	struct dmp_admin_target target = PORT;

	(void)state;
	target.port = "dma1/https@8443";
	assert_true(dmp_maintenance_covers(&all, &target));
	assert_true(dmp_maintenance_covers(&one, &target));
	assert_false(dmp_maintenance_covers(&one, &PORT));
}

static void
of_several_open_windows_the_last_to_end_tells(void **state)
{
	struct dmp_site_maintenance windows[] = {
	    once("2027-05-01T10:00:00Z", "2027-05-01T12:00:00Z"),
	    once("2027-05-01T10:00:00Z", "2027-05-01T14:00:00Z"),
	    once("2027-05-01T10:00:00Z", "2027-05-01T14:00:00Z"),
	    once("2027-05-01T13:00:00Z", "2027-05-01T18:00:00Z"),
	};
	struct dmp_maintenance items[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		items[i] =
		    dmp_maintenance_at(&windows[i], &ZONE, at("2027-05-01T11:00:00Z"));
	assert_ptr_equal(dmp_maintenance_find(items, 4, &PORT), &items[1]);
	assert_int_equal(dmp_maintenance_next_ms(items, 4), at("2027-05-01T12:00:00Z"));
}

static void
nobody_is_in_a_window_that_is_closed_or_of_another(void **state)
{
	struct dmp_site_maintenance windows[] = {
	    once("2027-05-01T10:00:00Z", "2027-05-01T12:00:00Z"),
	    once("2027-05-01T13:00:00Z", "2027-05-01T14:00:00Z"),
	};
	struct dmp_maintenance items[2];

	(void)state;
	dmp_text_copy(windows[0].host, sizeof windows[0].host, "dma2");
	for (size_t i = 0; i < 2; i++)
		items[i] =
		    dmp_maintenance_at(&windows[i], &ZONE, at("2027-05-01T11:00:00Z"));
	assert_null(dmp_maintenance_find(items, 2, &PORT));
	assert_int_equal(dmp_maintenance_next_ms(items, 0), DMP_MAINTENANCE_NEVER);
}

#define TEST(name) cmocka_unit_test_setup(name, brussels)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_window_once_is_open_from_begin_to_before_end),
	    TEST(a_window_once_is_in_utc),
	    TEST(a_weekly_window_is_in_local_time_in_winter_and_in_summer),
	    TEST(a_weekly_window_follows_the_zone_that_is_given),
	    TEST(a_window_that_begins_in_the_skipped_hour_begins_after_it),
	    TEST(windows_around_the_skipped_hour_begin_on_time),
	    TEST(a_window_across_the_skipped_hour_lasts_as_long_as_always),
	    TEST(of_the_repeated_hour_only_the_first_counts),
	    TEST(windows_around_the_repeated_hour_begin_on_time),
	    TEST(a_window_across_the_repeated_hour_lasts_as_long_as_always),
	    TEST(a_skipped_midnight_is_the_first_minute_of_the_day),
	    TEST(there_is_one_window_every_week_of_the_year),
	    TEST(a_window_of_a_week_never_closes),
	    TEST(a_window_of_a_week_has_a_gap_when_the_week_is_longer),
	    TEST(without_a_zone_a_weekly_window_is_in_utc),
	    TEST(a_window_of_a_host_covers_it_and_its_ports_only),
	    TEST(a_window_of_a_group_covers_the_groups_inside_it),
	    TEST(a_window_of_a_port_covers_neither_its_host_nor_its_siblings),
	    TEST(a_port_without_number_covers_all_of_that_requirement),
	    TEST(of_several_open_windows_the_last_to_end_tells),
	    TEST(nobody_is_in_a_window_that_is_closed_or_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
