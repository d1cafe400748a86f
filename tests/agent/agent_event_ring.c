/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "subagent/event_ring.h"

static struct dmpd_event_ring *
ring_of(size_t capacity)
{
	struct dmpd_event_ring *ring = NULL;

	assert_int_equal(dmpd_event_ring_new(capacity, &ring), DMP_OK);
	return ring;
}

static void
add(struct dmpd_event_ring *ring, uint32_t sequence)
{
	const struct dmp_event event = {.sequence = sequence, .host_index = ~sequence};

	assert_int_equal(dmpd_event_ring_add(ring, &event), DMP_OK);
}

static uint32_t
at(const struct dmpd_event_ring *ring, uint32_t sequence)
{
	const struct dmp_event *event = dmpd_event_ring_at(ring, sequence, false);

	if (!event)
		return 0;
	assert_int_equal(event->host_index, (uint32_t)~event->sequence);
	return event->sequence;
}

static void
empty_ring_has_no_events(void **state)
{
	struct dmpd_event_ring *ring = ring_of(3);

	(void)state;
	assert_int_equal(dmpd_event_ring_oldest(ring), 0);
	assert_int_equal(dmpd_event_ring_newest(ring), 0);
	assert_null(dmpd_event_ring_at(ring, 0, false));
	assert_null(dmpd_event_ring_at(ring, 1, true));
	dmpd_event_ring_free(ring);
}

static void
oldest_goes_when_the_ring_is_full(void **state)
{
	struct dmpd_event_ring *ring = ring_of(100);

	(void)state;
	for (uint32_t sequence = 1; sequence <= 250; sequence++) {
		add(ring, sequence);
		assert_int_equal(dmpd_event_ring_newest(ring), sequence);
		assert_int_equal(
		    dmpd_event_ring_oldest(ring), sequence > 100 ? sequence - 99 : 1);
	}
	for (uint32_t sequence = 0; sequence <= 151; sequence++)
		assert_int_equal(at(ring, sequence), 151);
	for (uint32_t sequence = 151; sequence <= 250; sequence++)
		assert_int_equal(at(ring, sequence), sequence);
	assert_int_equal(at(ring, 251), 0);
	dmpd_event_ring_free(ring);
}

static void
capacity_of_one_keeps_the_newest(void **state)
{
	struct dmpd_event_ring *ring = ring_of(1);

	(void)state;
	add(ring, 5);
	add(ring, UINT32_MAX);
	assert_int_equal(at(ring, 0), UINT32_MAX);
	assert_int_equal(at(ring, UINT32_MAX), UINT32_MAX);
	assert_int_equal(dmpd_event_ring_oldest(ring), UINT32_MAX);
	dmpd_event_ring_free(ring);
}

static void
search_finds_the_first_event_after_a_gap(void **state)
{
	static const uint32_t SEQUENCES[] = {7, 8, 20, 21, 22, 1000, UINT32_MAX};
	enum { N = sizeof SEQUENCES / sizeof *SEQUENCES };
	struct dmpd_event_ring *ring = ring_of(N);

	(void)state;
	add(ring, 1);
	add(ring, 3);
	for (size_t i = 0; i < N; i++)
		add(ring, SEQUENCES[i]);
	for (uint32_t sequence = 0; sequence < 1100; sequence++) {
		size_t i = 0;

		while (SEQUENCES[i] < sequence)
			i++;
		assert_int_equal(at(ring, sequence), SEQUENCES[i]);
	}
	assert_int_equal(at(ring, UINT32_MAX), UINT32_MAX);
	dmpd_event_ring_free(ring);
}

static void
exact_search_does_not_fill_gaps(void **state)
{
	struct dmpd_event_ring *ring = ring_of(10);

	(void)state;
	add(ring, 5);
	add(ring, 9);
	assert_null(dmpd_event_ring_at(ring, 4, true));
	assert_non_null(dmpd_event_ring_at(ring, 5, true));
	assert_null(dmpd_event_ring_at(ring, 6, true));
	assert_non_null(dmpd_event_ring_at(ring, 9, true));
	assert_null(dmpd_event_ring_at(ring, 10, true));
	dmpd_event_ring_free(ring);
}

static void
events_that_are_not_newer_are_ignored(void **state)
{
	struct dmpd_event_ring *ring = ring_of(3);

	(void)state;
	add(ring, 5);
	add(ring, 6);
	add(ring, 6);
	add(ring, 4);
	assert_int_equal(dmpd_event_ring_newest(ring), 6);
	add(ring, 7);
	assert_int_equal(dmpd_event_ring_oldest(ring), 5);
	dmpd_event_ring_free(ring);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(empty_ring_has_no_events),
	    cmocka_unit_test(oldest_goes_when_the_ring_is_full),
	    cmocka_unit_test(capacity_of_one_keeps_the_newest),
	    cmocka_unit_test(search_finds_the_first_event_after_a_gap),
	    cmocka_unit_test(exact_search_does_not_fill_gaps),
	    cmocka_unit_test(events_that_are_not_newer_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
