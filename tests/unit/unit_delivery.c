/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/event_kind.h"
#include "subagent/delivery.h"

enum { WINDOW = 4, RETRY_MS = 1000 };

static struct dmpd_delivery *
delivery_after(uint32_t cursor, unsigned rate)
{
	const struct dmpd_delivery_limits limits = {
	    .window = WINDOW, .rate = rate, .retry_ms = RETRY_MS};
	struct dmpd_delivery *delivery = NULL;

	assert_int_equal(dmpd_delivery_new(&limits, cursor, NULL, &delivery), DMP_OK);
	return delivery;
}

static void
offer(struct dmpd_delivery *delivery, uint32_t sequence)
{
	const struct dmp_event event = {.sequence = sequence};

	dmpd_delivery_offer(delivery, &event, DMPD_DELIVERY_SEND);
}

static void
offer_range(struct dmpd_delivery *delivery, uint32_t first, uint32_t last)
{
	for (uint32_t sequence = first; sequence <= last; sequence++)
		offer(delivery, sequence);
}

/* Take a parcel that must be the event with this sequence; returns its ticket. */
static uint32_t
take_event(struct dmpd_delivery *delivery, int64_t now_ms, uint32_t sequence)
{
	const struct dmpd_parcel *parcel = NULL;

	assert_true(dmpd_delivery_take(delivery, now_ms, &parcel));
	assert_int_equal(parcel->lost_first, 0);
	assert_int_equal(parcel->event.sequence, sequence);
	assert_int_not_equal(parcel->ticket, 0);
	return parcel->ticket;
}

static uint32_t
take_lost(struct dmpd_delivery *delivery, uint32_t first, uint32_t last)
{
	const struct dmpd_parcel *parcel = NULL;

	assert_true(dmpd_delivery_take(delivery, 0, &parcel));
	assert_int_equal(parcel->lost_first, first);
	assert_int_equal(parcel->lost_last, last);
	return parcel->ticket;
}

static void
assert_nothing_to_take(struct dmpd_delivery *delivery, int64_t now_ms)
{
	const struct dmpd_parcel *parcel = NULL;

	assert_false(dmpd_delivery_take(delivery, now_ms, &parcel));
}

static void
events_are_taken_in_sequence_order(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(10, 0);

	(void)state;
	offer_range(delivery, 11, 13);
	for (uint32_t sequence = 11; sequence <= 13; sequence++)
		(void)take_event(delivery, 0, sequence);
	assert_nothing_to_take(delivery, 0);
	dmpd_delivery_free(delivery);
}

static void
window_holds_back_until_its_first_is_acknowledged(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	uint32_t tickets[WINDOW];

	(void)state;
	offer_range(delivery, 1, WINDOW);
	assert_false(dmpd_delivery_has_room(delivery));
	for (uint32_t i = 0; i < WINDOW; i++)
		tickets[i] = take_event(delivery, 0, i + 1);
	dmpd_delivery_acknowledge(delivery, tickets[1], 0);
	assert_false(dmpd_delivery_has_room(delivery));
	dmpd_delivery_acknowledge(delivery, tickets[0], 0);
	assert_true(dmpd_delivery_has_room(delivery));
	dmpd_delivery_free(delivery);
}

static void
cursor_follows_only_contiguous_acknowledgements(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	uint32_t first;
	uint32_t second;
	uint32_t third;

	(void)state;
	offer_range(delivery, 1, 3);
	first = take_event(delivery, 0, 1);
	second = take_event(delivery, 0, 2);
	third = take_event(delivery, 0, 3);
	dmpd_delivery_acknowledge(delivery, third, 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 0);
	dmpd_delivery_acknowledge(delivery, first, 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 1);
	dmpd_delivery_acknowledge(delivery, second, 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 3);
	assert_true(dmpd_delivery_idle(delivery));
	dmpd_delivery_free(delivery);
}

static void
lost_connection_sends_again_what_is_unacknowledged_only(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	uint32_t second;

	(void)state;
	offer_range(delivery, 1, 3);
	(void)take_event(delivery, 0, 1);
	second = take_event(delivery, 0, 2);
	(void)take_event(delivery, 0, 3);
	dmpd_delivery_acknowledge(delivery, second, 0);
	dmpd_delivery_reset(delivery);
	(void)take_event(delivery, 0, 1);
	(void)take_event(delivery, 0, 3);
	assert_nothing_to_take(delivery, 0);
	assert_int_equal(dmpd_delivery_totals(delivery)->sent, 3);
	assert_int_equal(dmpd_delivery_totals(delivery)->retries, 2);
	dmpd_delivery_free(delivery);
}

static void
late_reply_of_a_lost_connection_changes_nothing(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	uint32_t old;
	uint32_t fresh;

	(void)state;
	offer(delivery, 1);
	old = take_event(delivery, 0, 1);
	dmpd_delivery_reset(delivery);
	dmpd_delivery_acknowledge(delivery, old, 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 0);
	fresh = take_event(delivery, 0, 1);
	assert_int_not_equal(fresh, old);
	dmpd_delivery_refuse(delivery, old, 0);
	assert_int_equal(dmpd_delivery_totals(delivery)->failures, 0);
	dmpd_delivery_acknowledge(delivery, fresh, 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 1);
	dmpd_delivery_free(delivery);
}

static void
refused_parcel_is_sent_again_first_and_after_the_pause(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	uint32_t first;

	(void)state;
	offer_range(delivery, 1, 2);
	first = take_event(delivery, 0, 1);
	dmpd_delivery_refuse(delivery, first, 0);
	assert_int_equal(dmpd_delivery_refusals(delivery), 1);
	assert_nothing_to_take(delivery, RETRY_MS - 1);
	assert_int_equal(dmpd_delivery_wait_ms(delivery, 400), RETRY_MS - 400);
	first = take_event(delivery, RETRY_MS, 1);
	(void)take_event(delivery, RETRY_MS, 2);
	dmpd_delivery_acknowledge(delivery, first, RETRY_MS);
	assert_int_equal(dmpd_delivery_refusals(delivery), 0);
	assert_int_equal(dmpd_delivery_totals(delivery)->failures, 1);
	dmpd_delivery_free(delivery);
}

static void
lost_connection_ends_the_pause_after_a_refusal(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);

	(void)state;
	offer(delivery, 1);
	dmpd_delivery_refuse(delivery, take_event(delivery, 0, 1), 0);
	dmpd_delivery_reset(delivery);
	(void)take_event(delivery, 1, 1);
	dmpd_delivery_free(delivery);
}

static void
gap_before_an_event_is_told_once_and_then_the_event_follows(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(5, 0);
	uint32_t ticket;

	(void)state;
	offer(delivery, 9);
	assert_int_equal(dmpd_delivery_position(delivery), 8);
	offer(delivery, 9);
	offer(delivery, 9);
	assert_int_equal(dmpd_delivery_position(delivery), 9);
	ticket = take_lost(delivery, 6, 8);
	(void)take_event(delivery, 0, 9);
	assert_nothing_to_take(delivery, 0);
	dmpd_delivery_acknowledge(delivery, ticket, 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 8);
	dmpd_delivery_free(delivery);
}

static void
told_gap_is_not_told_again_after_a_restart_from_the_cursor(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(5, 0);
	uint32_t cursor;

	(void)state;
	offer(delivery, 9);
	dmpd_delivery_acknowledge(delivery, take_lost(delivery, 6, 8), 0);
	cursor = dmpd_delivery_cursor(delivery);
	dmpd_delivery_free(delivery);

	delivery = delivery_after(cursor, 0);
	offer(delivery, 9);
	(void)take_event(delivery, 0, 9);
	dmpd_delivery_free(delivery);
}

static void
restart_from_the_cursor_sends_what_was_not_acknowledged(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	uint32_t cursor;

	(void)state;
	offer_range(delivery, 1, 3);
	dmpd_delivery_acknowledge(delivery, take_event(delivery, 0, 1), 0);
	(void)take_event(delivery, 0, 2);
	cursor = dmpd_delivery_cursor(delivery);
	dmpd_delivery_free(delivery);

	delivery = delivery_after(cursor, 0);
	assert_int_equal(dmpd_delivery_position(delivery), 1);
	offer_range(delivery, 1, 3);
	(void)take_event(delivery, 0, 2);
	(void)take_event(delivery, 0, 3);
	dmpd_delivery_free(delivery);
}

/* Walk 10 s in steps of 1 ms, acknowledging at once; never more than a second's rate
 * plus the credit in any second, and the rate is reached. */
static void
rate_is_kept_and_reached(void **state)
{
	enum { RATE = 200, SECONDS = 10 };
	struct dmpd_delivery *delivery = delivery_after(0, RATE);
	unsigned per_second[SECONDS] = {0};
	uint32_t sequence = 0;

	(void)state;
	for (int64_t now_ms = 0; now_ms < SECONDS * 1000; now_ms++) {
		const struct dmpd_parcel *parcel;

		while (dmpd_delivery_has_room(delivery))
			offer(delivery, ++sequence);
		while (dmpd_delivery_take(delivery, now_ms, &parcel)) {
			per_second[now_ms / 1000]++;
			dmpd_delivery_acknowledge(delivery, parcel->ticket, now_ms);
		}
	}
	assert_in_range(per_second[0], RATE, RATE + RATE / 10);
	for (int i = 1; i < SECONDS; i++)
		assert_in_range(per_second[i], RATE - 1, RATE);
	dmpd_delivery_free(delivery);
}

static void
pause_does_not_save_up_a_burst(void **state)
{
	enum { RATE = 20, BURST = RATE / 10 };
	struct dmpd_delivery *delivery = delivery_after(0, RATE);
	const int64_t much_later_ms = 3600000;

	(void)state;
	offer_range(delivery, 1, WINDOW);
	for (uint32_t i = 1; i <= BURST; i++)
		(void)take_event(delivery, much_later_ms, i);
	assert_nothing_to_take(delivery, much_later_ms);
	assert_int_equal(dmpd_delivery_wait_ms(delivery, much_later_ms), 1000 / RATE);
	(void)take_event(delivery, much_later_ms + 1000 / RATE, BURST + 1);
	dmpd_delivery_free(delivery);
}

static void
nothing_queued_means_nothing_to_wait_for(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 200);

	(void)state;
	assert_int_equal(dmpd_delivery_wait_ms(delivery, 0), -1);
	offer(delivery, 1);
	assert_int_equal(dmpd_delivery_wait_ms(delivery, 0), 0);
	(void)take_event(delivery, 0, 1);
	assert_int_equal(dmpd_delivery_wait_ms(delivery, 0), -1);
	assert_false(dmpd_delivery_idle(delivery));
	dmpd_delivery_free(delivery);
}

static void
passed_over_event_moves_the_cursor_without_being_sent(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	const struct dmp_event event = {.sequence = 1};

	(void)state;
	dmpd_delivery_offer(delivery, &event, DMPD_DELIVERY_PASS);
	assert_int_equal(dmpd_delivery_cursor(delivery), 1);
	assert_nothing_to_take(delivery, 0);
	dmpd_delivery_free(delivery);
}

static void
passed_over_event_does_not_overtake_an_unacknowledged_one(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);
	const struct dmp_event event = {.sequence = 2};

	(void)state;
	offer(delivery, 1);
	dmpd_delivery_offer(delivery, &event, DMPD_DELIVERY_PASS);
	assert_int_equal(dmpd_delivery_cursor(delivery), 0);
	dmpd_delivery_acknowledge(delivery, take_event(delivery, 0, 1), 0);
	assert_int_equal(dmpd_delivery_cursor(delivery), 2);
	dmpd_delivery_free(delivery);
}

static void
filter_drops_lesser_raises_and_keeps_what_clears(void **state)
{
	const struct dmp_event minor = {
	    .type = DMP_EVENT_PORT_DEGRADED, .severity = DMP_SEVERITY_MINOR};
	const struct dmp_event critical = {
	    .type = DMP_EVENT_PORT_DOWN, .severity = DMP_SEVERITY_CRITICAL};
	const struct dmp_event clear = {
	    .type = DMP_EVENT_PORT_UP, .severity = DMP_SEVERITY_CLEARED};

	(void)state;
	assert_int_equal(dmpd_delivery_filter(&minor, 3, 0), DMPD_DELIVERY_PASS);
	assert_int_equal(dmpd_delivery_filter(&minor, 2, 0), DMPD_DELIVERY_SEND);
	assert_int_equal(dmpd_delivery_filter(&critical, 3, 0), DMPD_DELIVERY_SEND);
	assert_int_equal(dmpd_delivery_filter(&clear, 3, 0), DMPD_DELIVERY_SEND);
}

static void
totals_go_on_from_the_stored_ones(void **state)
{
	const struct dmpd_delivery_limits limits = {.window = WINDOW};
	const struct dmpd_delivery_totals stored = {.sent = UINT32_MAX, .retries = 7};
	struct dmpd_delivery *delivery = NULL;

	(void)state;
	assert_int_equal(dmpd_delivery_new(&limits, 3, &stored, &delivery), DMP_OK);
	offer(delivery, 4);
	(void)take_event(delivery, 0, 4);
	assert_int_equal(dmpd_delivery_totals(delivery)->sent, 0);
	assert_int_equal(dmpd_delivery_totals(delivery)->retries, 7);
	assert_int_equal(dmpd_delivery_totals(delivery)->last_sent, 4);
	dmpd_delivery_free(delivery);
}

static void
acknowledgement_leaves_its_time(void **state)
{
	struct dmpd_delivery *delivery = delivery_after(0, 0);

	(void)state;
	assert_true(dmpd_delivery_acknowledged_ms(delivery) == INT64_MIN);
	offer(delivery, 1);
	dmpd_delivery_acknowledge(delivery, take_event(delivery, 5, 1), 77);
	assert_true(dmpd_delivery_acknowledged_ms(delivery) == 77);
	dmpd_delivery_free(delivery);
}

/* One at a time, each attempt twice as long after the one before. */
static struct dmpd_delivery *
delivery_of_informs(void)
{
	const struct dmpd_delivery_limits limits = {
	    .window = 1, .retry_ms = 500, .retry_max_ms = 10000};
	struct dmpd_delivery *delivery = NULL;

	assert_int_equal(dmpd_delivery_new(&limits, 0, NULL, &delivery), DMP_OK);
	return delivery;
}

static void
window_of_one_gives_the_next_after_the_acknowledgement(void **state)
{
	struct dmpd_delivery *delivery = delivery_of_informs();

	(void)state;
	for (uint32_t sequence = 1; sequence <= 3; sequence++) {
		uint32_t ticket;

		assert_true(dmpd_delivery_has_room(delivery));
		offer(delivery, sequence);
		assert_false(dmpd_delivery_has_room(delivery));
		ticket = take_event(delivery, 0, sequence);
		assert_nothing_to_take(delivery, 0);
		dmpd_delivery_acknowledge(delivery, ticket, 0);
	}
	assert_int_equal(dmpd_delivery_cursor(delivery), 3);
	dmpd_delivery_free(delivery);
}

static void
window_of_one_tells_a_loss_before_the_event_behind_it(void **state)
{
	struct dmpd_delivery *delivery = delivery_of_informs();

	(void)state;
	offer(delivery, 5);
	assert_false(dmpd_delivery_has_room(delivery));
	dmpd_delivery_acknowledge(delivery, take_lost(delivery, 1, 4), 0);
	offer(delivery, 5);
	(void)take_event(delivery, 0, 5);
	dmpd_delivery_free(delivery);
}

static void
patience_doubles_up_to_its_limit_and_begins_anew_when_acknowledged(void **state)
{
	static const uint32_t EXPECTED[] = {500, 1000, 2000, 4000, 8000, 10000, 10000};
	struct dmpd_delivery *delivery = delivery_of_informs();
	int64_t now_ms = 0;
	uint32_t ticket;

	(void)state;
	offer(delivery, 1);
	for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
		ticket = take_event(delivery, now_ms, 1);
		assert_int_equal(dmpd_delivery_patience_ms(delivery), EXPECTED[i]);
		now_ms += EXPECTED[i];
		dmpd_delivery_refuse(delivery, ticket, now_ms);
		assert_int_equal(dmpd_delivery_refusals(delivery), i + 1);
		/* It was late: the next attempt is due at once. */
		assert_int_equal(dmpd_delivery_wait_ms(delivery, now_ms), 0);
	}
	dmpd_delivery_acknowledge(delivery, take_event(delivery, now_ms, 1), now_ms);
	assert_int_equal(dmpd_delivery_patience_ms(delivery), 500);
	dmpd_delivery_free(delivery);
}

static void
early_refusal_waits_out_what_was_left_of_the_patience(void **state)
{
	struct dmpd_delivery *delivery = delivery_of_informs();

	(void)state;
	offer(delivery, 1);
	dmpd_delivery_refuse(delivery, take_event(delivery, 1000, 1), 1010);
	assert_nothing_to_take(delivery, 1499);
	assert_int_equal(dmpd_delivery_wait_ms(delivery, 1400), 100);
	(void)take_event(delivery, 1500, 1);
	dmpd_delivery_free(delivery);
}

static void
repetitions_are_retries_and_not_sent_anew(void **state)
{
	struct dmpd_delivery *delivery = delivery_of_informs();
	const struct dmpd_parcel *parcel = NULL;

	(void)state;
	offer(delivery, 1);
	assert_true(dmpd_delivery_take(delivery, 0, &parcel));
	assert_false(parcel->is_repeated);
	dmpd_delivery_refuse(delivery, parcel->ticket, 500);
	assert_true(dmpd_delivery_take(delivery, 500, &parcel));
	assert_true(parcel->is_repeated);
	assert_int_equal(dmpd_delivery_totals(delivery)->sent, 1);
	assert_int_equal(dmpd_delivery_totals(delivery)->retries, 1);
	dmpd_delivery_free(delivery);
}

static void
kinds_pass_raises_and_clears_of_their_own_only(void **state)
{
	static const struct {
		enum dmp_event_type type;
		unsigned kinds;
		enum dmpd_delivery_want want;
	} CASES[] = {
	    {DMP_EVENT_PORT_DOWN, 0, DMPD_DELIVERY_SEND},
	    {DMP_EVENT_PORT_DOWN, DMP_KIND_PORT, DMPD_DELIVERY_SEND},
	    {DMP_EVENT_PORT_UP, DMP_KIND_PORT, DMPD_DELIVERY_SEND},
	    {DMP_EVENT_PORT_UP, DMP_KIND_HOST, DMPD_DELIVERY_PASS},
	    {DMP_EVENT_HOST_DOWN, DMP_KIND_HOST | DMP_KIND_CONFIG, DMPD_DELIVERY_SEND},
	    /* It clears ports and certificates. */
	    {DMP_EVENT_PORT_CLEARED, DMP_KIND_PORT, DMPD_DELIVERY_SEND},
	    {DMP_EVENT_PORT_CLEARED, DMP_KIND_CERTIFICATE, DMPD_DELIVERY_SEND},
	    {DMP_EVENT_PORT_CLEARED, DMP_KIND_HOST, DMPD_DELIVERY_PASS},
	    {DMP_EVENT_STARTED, DMP_KIND_LIFECYCLE, DMPD_DELIVERY_SEND},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
		const struct dmp_event event = {.sequence = 1,
		    .type = CASES[i].type,
		    .severity = DMP_SEVERITY_CRITICAL};

		assert_int_equal(
		    dmpd_delivery_filter(&event, 0, CASES[i].kinds), CASES[i].want);
	}
}

/* Whoever wants the kinds of a raise gets what clears it. */
static void
what_clears_a_raise_is_of_its_kind(void **state)
{
	(void)state;
	for (int raise = 1; raise <= 20; raise++) {
		for (int clear = 1; clear <= 20; clear++) {
			if (!dmp_event_clears(
			        (enum dmp_event_type)clear, (enum dmp_event_type)raise))
				continue;
			assert_int_not_equal(
			    dmp_event_kind((enum dmp_event_type)raise) &
			        dmp_event_kind((enum dmp_event_type)clear),
			    0);
		}
	}
}

static void
kinds_are_read_from_words(void **state)
{
	(void)state;
	assert_int_equal(dmp_event_kinds(""), 0);
	assert_int_equal(
	    dmp_event_kinds("host  lifecycle"), DMP_KIND_HOST | DMP_KIND_LIFECYCLE);
	assert_int_equal(dmp_event_kinds("port host certificate vantage config "
	                                 "lifecycle"),
	    63);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_are_taken_in_sequence_order),
	    cmocka_unit_test(window_holds_back_until_its_first_is_acknowledged),
	    cmocka_unit_test(cursor_follows_only_contiguous_acknowledgements),
	    cmocka_unit_test(lost_connection_sends_again_what_is_unacknowledged_only),
	    cmocka_unit_test(late_reply_of_a_lost_connection_changes_nothing),
	    cmocka_unit_test(refused_parcel_is_sent_again_first_and_after_the_pause),
	    cmocka_unit_test(lost_connection_ends_the_pause_after_a_refusal),
	    cmocka_unit_test(
	        gap_before_an_event_is_told_once_and_then_the_event_follows),
	    cmocka_unit_test(
	        told_gap_is_not_told_again_after_a_restart_from_the_cursor),
	    cmocka_unit_test(restart_from_the_cursor_sends_what_was_not_acknowledged),
	    cmocka_unit_test(rate_is_kept_and_reached),
	    cmocka_unit_test(pause_does_not_save_up_a_burst),
	    cmocka_unit_test(nothing_queued_means_nothing_to_wait_for),
	    cmocka_unit_test(passed_over_event_moves_the_cursor_without_being_sent),
	    cmocka_unit_test(passed_over_event_does_not_overtake_an_unacknowledged_one),
	    cmocka_unit_test(filter_drops_lesser_raises_and_keeps_what_clears),
	    cmocka_unit_test(totals_go_on_from_the_stored_ones),
	    cmocka_unit_test(acknowledgement_leaves_its_time),
	    cmocka_unit_test(window_of_one_gives_the_next_after_the_acknowledgement),
	    cmocka_unit_test(window_of_one_tells_a_loss_before_the_event_behind_it),
	    cmocka_unit_test(
	        patience_doubles_up_to_its_limit_and_begins_anew_when_acknowledged),
	    cmocka_unit_test(early_refusal_waits_out_what_was_left_of_the_patience),
	    cmocka_unit_test(repetitions_are_retries_and_not_sent_anew),
	    cmocka_unit_test(kinds_pass_raises_and_clears_of_their_own_only),
	    cmocka_unit_test(what_clears_a_raise_is_of_its_kind),
	    cmocka_unit_test(kinds_are_read_from_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
