/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/histogram.h"

#define START_MS ((int64_t)7 * DMP_HISTOGRAM_SLOT_MS)

static void
feed(struct dmp_histogram *histogram, uint32_t latency_us, unsigned n, int64_t now_ms)
{
	for (unsigned i = 0; i < n; i++)
		dmp_histogram_feed(histogram, latency_us, now_ms);
}

/* Not more than 10 % and half a microsecond away. */
static void
assert_close(uint32_t told_us, uint32_t true_us)
{
	uint32_t apart = told_us > true_us ? told_us - true_us : true_us - told_us;

	if ((uint64_t)apart * 10 > true_us + UINT64_C(5))
		fail_msg("%u us is told as %u us", true_us, told_us);
}

static void
nothing_measured_is_0(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	assert_int_equal(dmp_histogram_p95(&histogram, START_MS), 0);
}

/* Latencies from 100 us to 16.9 s, in steps of 0.1 %. */
static void
one_latency_is_told_to_within_10_percent(void **state)
{
	(void)state;
	for (uint32_t us = 100; us < 16900000; us += us / 1000 + 1) {
		struct dmp_histogram histogram = {0};

		dmp_histogram_feed(&histogram, us, START_MS);
		assert_close(dmp_histogram_p95(&histogram, START_MS), us);
	}
}

static void
very_fast_answers_are_told_as_110_us(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 3, 10, START_MS);
	assert_int_equal(dmp_histogram_p95(&histogram, START_MS), 110);
}

static void
very_slow_answers_are_told_as_15_s(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, UINT32_MAX, 10, START_MS);
	assert_in_range(dmp_histogram_p95(&histogram, START_MS), 15000000, 15300000);
}

static void
five_slow_answers_of_a_hundred_do_not_show(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 1000, 95, START_MS);
	feed(&histogram, 900000, 5, START_MS);
	assert_close(dmp_histogram_p95(&histogram, START_MS), 1000);
}

static void
six_slow_answers_of_a_hundred_show(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 1000, 94, START_MS);
	feed(&histogram, 900000, 6, START_MS);
	assert_close(dmp_histogram_p95(&histogram, START_MS), 900000);
}

static void
answers_of_40_minutes_always_count(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 900000, 10, START_MS + DMP_HISTOGRAM_SLOT_MS - 1);
	feed(&histogram, 1000, 10, START_MS + DMP_HISTOGRAM_SLOT_MS);
	assert_close(dmp_histogram_p95(
	                 &histogram, START_MS + (int64_t)3 * DMP_HISTOGRAM_SLOT_MS - 1),
	    900000);
}

static void
an_answer_of_an_hour_ago_does_not_count(void **state)
{
	struct dmp_histogram histogram = {0};
	int64_t later_ms = START_MS + (int64_t)3 * DMP_HISTOGRAM_SLOT_MS;

	(void)state;
	feed(&histogram, 900000, 10, START_MS);
	assert_int_equal(dmp_histogram_p95(&histogram, later_ms), 0);
	feed(&histogram, 1000, 1, START_MS + (int64_t)2 * DMP_HISTOGRAM_SLOT_MS);
	assert_close(dmp_histogram_p95(&histogram, later_ms), 1000);
}

static void
a_long_silence_forgets_everything(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 900000, 10, START_MS);
	feed(&histogram, 1000, 1, 100 * START_MS);
	assert_close(dmp_histogram_p95(&histogram, 100 * START_MS), 1000);
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* A check every 100 ms: 12 000 answers in each slot overflow counters of 8 bits many
 * times, and the figure stays close to the one that all answers give. */
static void
full_counters_keep_the_share(void **state)
{
	enum { N = 36000 };
	uint32_t *all = calloc(N, sizeof *all);
	struct dmp_histogram histogram = {0};
	uint32_t random = 7;
	uint32_t told_us;

	(void)state;
	assert_non_null(all);
	for (size_t i = 0; i < N; i++) {
		random = random * 1664525 + 1013904223;
		all[i] = 1000 + (random >> 20);
		if (random >> 16 & 7)
			all[i] /= 4;
		dmp_histogram_feed(&histogram, all[i], START_MS + (int64_t)i * 100);
	}
	qsort(all, N, sizeof *all, compare_numbers);
	told_us = dmp_histogram_p95(&histogram, START_MS + (int64_t)N * 100 - 1);
	/* The class is right for a rank that is at most one percent off. */
	assert_true((uint64_t)told_us * 10 >= (uint64_t)all[N / 100 * 94] * 9);
	assert_true((uint64_t)told_us * 10 <= (uint64_t)all[N / 100 * 96] * 11);
	free(all);
}

/* Six of a hundred are slow, each in another way: single counts must survive halving.
 */
static void
full_counters_keep_a_thin_tail(void **state)
{
	struct dmp_histogram histogram = {0};
	uint32_t tail_us = 10000;

	(void)state;
	for (unsigned i = 0; i < 12000; i++) {
		bool slow = i % 100 < 6;

		if (slow)
			tail_us = tail_us < 3000000 ? tail_us + tail_us / 4 : 10000;
		dmp_histogram_feed(&histogram, slow ? tail_us : 1000, START_MS);
	}
	assert_true(dmp_histogram_p95(&histogram, START_MS) >= 9000);
}

static void
a_later_answer_of_a_slot_weighs_no_more_than_an_earlier_one(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 1000, 20000, START_MS);
	feed(&histogram, 900000, 500, START_MS);
	assert_close(dmp_histogram_p95(&histogram, START_MS), 1000);
}

static void
a_slot_with_halved_counters_keeps_its_weight(void **state)
{
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 1000, 20000, START_MS);
	feed(&histogram, 900000, 500, START_MS + DMP_HISTOGRAM_SLOT_MS);
	assert_close(
	    dmp_histogram_p95(&histogram, START_MS + DMP_HISTOGRAM_SLOT_MS), 1000);
	feed(&histogram, 900000, 1500, START_MS + DMP_HISTOGRAM_SLOT_MS);
	assert_close(
	    dmp_histogram_p95(&histogram, START_MS + DMP_HISTOGRAM_SLOT_MS), 900000);
}

/* Hours begin when they like, slots each 20 minutes. */
static void
an_hour_that_has_ended_is_told_by_its_own_answers_only(void **state)
{
	const int64_t slot_ms = DMP_HISTOGRAM_SLOT_MS;

	(void)state;
	for (int64_t offset_ms = 0; offset_ms < slot_ms; offset_ms += slot_ms / 7) {
		const int64_t begin_ms = START_MS + offset_ms;
		const int64_t end_ms = begin_ms + 3 * slot_ms;
		struct dmp_histogram histogram = {0};

		for (int64_t ms = begin_ms - slot_ms; ms < begin_ms; ms += 10000)
			dmp_histogram_feed(&histogram, 900000, ms);
		for (int64_t ms = begin_ms; ms < end_ms; ms += 10000)
			dmp_histogram_feed(&histogram, 1000, ms);
		assert_close(
		    dmp_histogram_p95_between(&histogram, begin_ms, end_ms), 1000);
	}
}

static void
the_hour_so_far_begins_with_its_first_slot(void **state)
{
	const int64_t slot_ms = DMP_HISTOGRAM_SLOT_MS;
	const int64_t begin_ms = START_MS + slot_ms / 2;
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 900000, 10, begin_ms - 1);
	feed(&histogram, 900000, 10, begin_ms);
	assert_int_equal(
	    dmp_histogram_p95_between(&histogram, begin_ms, begin_ms + 1), 0);
	feed(&histogram, 1000, 10, START_MS + slot_ms);
	assert_close(
	    dmp_histogram_p95_between(&histogram, begin_ms, START_MS + slot_ms + 1),
	    1000);
	assert_int_equal(
	    dmp_histogram_p95_between(&histogram, begin_ms, START_MS + slot_ms), 0);
}

static void
what_is_not_kept_any_more_is_not_told_of_any_time(void **state)
{
	const int64_t slot_ms = DMP_HISTOGRAM_SLOT_MS;
	struct dmp_histogram histogram = {0};

	(void)state;
	feed(&histogram, 900000, 10, START_MS);
	feed(&histogram, 1000, 10, START_MS + 10 * slot_ms);
	assert_int_equal(
	    dmp_histogram_p95_between(&histogram, START_MS, START_MS + slot_ms), 0);
	assert_int_equal(dmp_histogram_p95_between(&histogram, INT64_MIN, -1), 0);
	assert_close(
	    dmp_histogram_p95_between(&histogram, -5, START_MS + 11 * slot_ms), 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_measured_is_0),
	    cmocka_unit_test(one_latency_is_told_to_within_10_percent),
	    cmocka_unit_test(very_fast_answers_are_told_as_110_us),
	    cmocka_unit_test(very_slow_answers_are_told_as_15_s),
	    cmocka_unit_test(five_slow_answers_of_a_hundred_do_not_show),
	    cmocka_unit_test(six_slow_answers_of_a_hundred_show),
	    cmocka_unit_test(answers_of_40_minutes_always_count),
	    cmocka_unit_test(an_answer_of_an_hour_ago_does_not_count),
	    cmocka_unit_test(a_long_silence_forgets_everything),
	    cmocka_unit_test(full_counters_keep_the_share),
	    cmocka_unit_test(full_counters_keep_a_thin_tail),
	    cmocka_unit_test(
	        a_later_answer_of_a_slot_weighs_no_more_than_an_earlier_one),
	    cmocka_unit_test(a_slot_with_halved_counters_keeps_its_weight),
	    cmocka_unit_test(an_hour_that_has_ended_is_told_by_its_own_answers_only),
	    cmocka_unit_test(the_hour_so_far_begins_with_its_first_slot),
	    cmocka_unit_test(what_is_not_kept_any_more_is_not_told_of_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
