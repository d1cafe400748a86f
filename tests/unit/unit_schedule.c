/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/schedule.h"

enum { GAP = 20, MANY = 500 };

static struct dmp_schedule *
new_schedule(size_t n_ports, const uint32_t *host_of, size_t n_hosts)
{
	struct dmp_schedule *s;

	assert_int_equal(dmp_schedule_new(n_ports, host_of, n_hosts, GAP, &s), DMP_OK);
	return s;
}

static void
nothing_scheduled_is_never_due(void **state)
{
	static const uint32_t HOSTS[] = {0};
	struct dmp_schedule *s = new_schedule(1, HOSTS, 1);
	size_t port;

	(void)state;
	assert_true(dmp_schedule_next(s) == DMP_SCHEDULE_NEVER);
	assert_false(dmp_schedule_pop(s, INT64_MAX - 1, &port));
	dmp_schedule_free(s);
}

static void
ports_come_in_the_order_of_their_due_times(void **state)
{
	uint32_t host_of[MANY];
	struct dmp_schedule *s;
	int64_t last = 0;
	size_t port;
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		host_of[i] = i;
	s = new_schedule(MANY, host_of, MANY);
	srand(7);
	for (size_t i = 0; i < MANY; i++)
		dmp_schedule_set(s, i, rand() % 10000);
	for (size_t i = 0; i < MANY; i += 3) /* change and take out some again */
		dmp_schedule_set(
		    s, i, i % 2 ? DMP_SCHEDULE_NEVER : (int64_t)(rand() % 10000));
	while (dmp_schedule_next(s) != DMP_SCHEDULE_NEVER) {
		int64_t due = dmp_schedule_next(s);

		assert_true(due >= last);
		last = due;
		assert_true(dmp_schedule_pop(s, due, &port));
		n++;
	}
	assert_int_equal(n, MANY - 83); /* every 6th from 3 on was taken out */
	dmp_schedule_free(s);
}

static void
a_port_is_not_due_before_its_time(void **state)
{
	static const uint32_t HOSTS[] = {0};
	struct dmp_schedule *s = new_schedule(1, HOSTS, 1);
	size_t port;

	(void)state;
	dmp_schedule_set(s, 0, 1000);
	assert_false(dmp_schedule_pop(s, 999, &port));
	assert_true(dmp_schedule_pop(s, 1000, &port));
	assert_false(dmp_schedule_pop(s, 5000, &port));
	dmp_schedule_free(s);
}

static void
checks_of_one_host_start_a_gap_apart(void **state)
{
	uint32_t host_of[10] = {0};
	struct dmp_schedule *s = new_schedule(10, host_of, 1);
	int64_t last = -GAP;
	size_t port;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 10; i++)
		dmp_schedule_set(s, i, 0);
	for (int64_t now = 0; now <= 9 * GAP; now++) {
		while (dmp_schedule_pop(s, now, &port)) {
			assert_true(now - last >= GAP);
			last = now;
			n++;
		}
	}
	assert_int_equal(n, 10);
	dmp_schedule_free(s);
}

static void
a_busy_host_delays_no_other_host(void **state)
{
	uint32_t host_of[6] = {0, 0, 0, 0, 0, 1};
	struct dmp_schedule *s = new_schedule(6, host_of, 2);
	bool other_started = false;
	size_t port;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		dmp_schedule_set(s, i, 0);
	while (dmp_schedule_pop(s, 0, &port))
		other_started |= port == 5;
	assert_true(other_started);
	dmp_schedule_free(s);
}

static void
a_late_loop_does_not_make_a_burst(void **state)
{
	uint32_t host_of[5] = {0};
	struct dmp_schedule *s = new_schedule(5, host_of, 1);
	size_t port;
	size_t at_once = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		dmp_schedule_set(s, i, (int64_t)i);
	while (dmp_schedule_pop(s, 100000, &port))
		at_once++;
	assert_int_equal(at_once, 1);
	dmp_schedule_free(s);
}

static void
the_first_sweep_is_spread(void **state)
{
	unsigned per_100_ms[10] = {0};

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		int64_t due = dmp_schedule_first(5000, i, 100, 1000);

		assert_in_range(due, 5000, 5999);
		per_100_ms[(due - 5000) / 100]++;
	}
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(per_100_ms[i], 10);
}

static void
jitter_only_shortens_and_by_a_tenth_at_most(void **state)
{
	int64_t least = INT64_MAX;
	int64_t most = 0;

	(void)state;
	for (uint32_t r = 0; r < 100000; r++) {
		int64_t due = dmp_schedule_after(0, 30000, r);

		least = due < least ? due : least;
		most = due > most ? due : most;
	}
	assert_int_equal(least, 27000);
	assert_int_equal(most, 30000);
	assert_int_equal(dmp_schedule_after(10, 5, 12345), 15); /* tiny intervals */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_scheduled_is_never_due),
	    cmocka_unit_test(ports_come_in_the_order_of_their_due_times),
	    cmocka_unit_test(a_port_is_not_due_before_its_time),
	    cmocka_unit_test(checks_of_one_host_start_a_gap_apart),
	    cmocka_unit_test(a_busy_host_delays_no_other_host),
	    cmocka_unit_test(a_late_loop_does_not_make_a_burst),
	    cmocka_unit_test(the_first_sweep_is_spread),
	    cmocka_unit_test(jitter_only_shortens_and_by_a_tenth_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
