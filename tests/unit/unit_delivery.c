/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
