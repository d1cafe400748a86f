/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/delivery.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "base/event_kind.h"

enum slot_state { SLOT_QUEUED = 0, SLOT_SENT, SLOT_DONE };

struct slot {
	enum slot_state state;
	bool was_sent;
	int64_t sent_ms;
	struct dmpd_parcel parcel;
};

struct dmpd_delivery {
	struct dmpd_delivery_limits limits;
	struct slot *slots; /* a ring of limits.window */
	unsigned head;
	unsigned used;
	uint32_t cursor;
	uint32_t position;
	uint32_t last_ticket;
	struct dmpd_delivery_totals totals;
	unsigned refusals;     /* since the last acknowledgement */
	int64_t hold_until_ms; /* a refusal is waited out */
	int64_t acknowledged_ms;
	int64_t credit; /* parcels that may go now, in thousandths */
	int64_t credit_ms;
};

static struct slot *
slot_at(const struct dmpd_delivery *delivery, unsigned i)
{
	return &delivery->slots[(delivery->head + i) % delivery->limits.window];
}

static uint32_t
slot_last_sequence(const struct slot *slot)
{
	return slot->parcel.lost_first ? slot->parcel.lost_last
	                               : slot->parcel.event.sequence;
}

static struct slot *
slot_of_ticket(const struct dmpd_delivery *delivery, uint32_t ticket)
{
	for (unsigned i = 0; i < delivery->used; i++) {
		struct slot *slot = slot_at(delivery, i);

		if (slot->state == SLOT_SENT && slot->parcel.ticket == ticket)
			return slot;
	}
	return NULL;
}

static struct slot *
slot_first_queued(const struct dmpd_delivery *delivery)
{
	for (unsigned i = 0; i < delivery->used; i++) {
		struct slot *slot = slot_at(delivery, i);

		if (slot->state == SLOT_QUEUED)
			return slot;
	}
	return NULL;
}

/* Credit never exceeds a tenth of a second: after a pause there is no burst that would
 * overrun the receive buffer of a trap daemon. */
static int64_t
credit_limit(const struct dmpd_delivery *delivery)
{
	int64_t limit = (int64_t)delivery->limits.rate * 100;

	return limit < 1000 ? 1000 : limit;
}

static int64_t
credit_at(const struct dmpd_delivery *delivery, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - delivery->credit_ms;
	int64_t limit = credit_limit(delivery);
	int64_t credit;

	if (elapsed_ms < 0)
		elapsed_ms = 0;
	if (elapsed_ms > 10000)
		return limit;
	credit = delivery->credit + elapsed_ms * delivery->limits.rate;
	return credit < limit ? credit : limit;
}

/* Let the cursor follow: what is done at the front of the window leaves it. */
static void
window_advance(struct dmpd_delivery *delivery)
{
	while (delivery->used > 0) {
		struct slot *slot = slot_at(delivery, 0);

		if (slot->state != SLOT_DONE)
			return;
		delivery->cursor = slot_last_sequence(slot);
		delivery->head = (delivery->head + 1) % delivery->limits.window;
		delivery->used--;
	}
}

enum dmp_status
dmpd_delivery_new(const struct dmpd_delivery_limits *limits, uint32_t cursor,
    const struct dmpd_delivery_totals *totals, struct dmpd_delivery **ret_delivery)
{
	struct dmpd_delivery *delivery;

	assert(limits->window >= 1);
	delivery = calloc(1, sizeof *delivery);
	if (!delivery)
		return DMP_ENOMEM;
	delivery->slots = calloc(limits->window, sizeof *delivery->slots);
	if (!delivery->slots) {
		free(delivery);
		return DMP_ENOMEM;
	}
	delivery->limits = *limits;
	delivery->cursor = cursor;
	delivery->position = cursor;
	if (totals)
		delivery->totals = *totals;
	delivery->hold_until_ms = INT64_MIN;
	delivery->acknowledged_ms = INT64_MIN;
	delivery->credit = credit_limit(delivery);
	*ret_delivery = delivery;
	return DMP_OK;
}

void
dmpd_delivery_free(struct dmpd_delivery *delivery)
{
	if (!delivery)
		return;
	free(delivery->slots);
	free(delivery);
}

bool
dmpd_delivery_has_room(const struct dmpd_delivery *delivery)
{
	return delivery->used < delivery->limits.window;
}

uint32_t
dmpd_delivery_position(const struct dmpd_delivery *delivery)
{
	return delivery->position;
}

enum dmpd_delivery_want
dmpd_delivery_filter(const struct dmp_event *event, unsigned min_rank, unsigned kinds)
{
	if (kinds != 0 && !(dmp_event_kind(event->type) & kinds))
		return DMPD_DELIVERY_PASS;
	if (event->severity == DMP_SEVERITY_CLEARED || !dmp_event_raises(event->type))
		return DMPD_DELIVERY_SEND;
	return dmp_severity_rank(event->severity) >= (int)min_rank ? DMPD_DELIVERY_SEND
	                                                           : DMPD_DELIVERY_PASS;
}

void
dmpd_delivery_offer(struct dmpd_delivery *delivery, const struct dmp_event *event,
    enum dmpd_delivery_want want)
{
	struct slot *slot;

	assert(dmpd_delivery_has_room(delivery));
	if (event->sequence <= delivery->position)
		return;
	slot = slot_at(delivery, delivery->used);
	*slot = (struct slot){.state = SLOT_QUEUED};
	if (event->sequence > delivery->position + 1) {
		slot->parcel.lost_first = delivery->position + 1;
		slot->parcel.lost_last = event->sequence - 1;
	} else {
		slot->parcel.event = *event;
		if (want == DMPD_DELIVERY_PASS)
			slot->state = SLOT_DONE;
	}
	delivery->used++;
	delivery->position = slot_last_sequence(slot);
	window_advance(delivery);
}

bool
dmpd_delivery_take(struct dmpd_delivery *delivery, int64_t now_ms,
    const struct dmpd_parcel **ret_parcel)
{
	struct slot *slot = slot_first_queued(delivery);

	if (!slot || now_ms < delivery->hold_until_ms)
		return false;
	if (delivery->limits.rate > 0) {
		int64_t credit = credit_at(delivery, now_ms);

		if (credit < 1000)
			return false;
		delivery->credit = credit - 1000;
		delivery->credit_ms = now_ms;
	}
	if (++delivery->last_ticket == 0)
		delivery->last_ticket = 1;
	slot->parcel.ticket = delivery->last_ticket;
	slot->state = SLOT_SENT;
	slot->sent_ms = now_ms;
	delivery->totals.sent += !slot->was_sent;
	slot->parcel.is_repeated = slot->was_sent;
	delivery->totals.retries += slot->was_sent;
	slot->was_sent = true;
	delivery->totals.last_sent = slot_last_sequence(slot);
	*ret_parcel = &slot->parcel;
	return true;
}

uint32_t
dmpd_delivery_patience_ms(const struct dmpd_delivery *delivery)
{
	uint32_t patience_ms = delivery->limits.retry_ms;
	uint32_t max_ms = delivery->limits.retry_max_ms;

	for (unsigned i = 0; i < delivery->refusals && patience_ms < max_ms; i++)
		patience_ms = patience_ms > max_ms / 2 ? max_ms : patience_ms * 2;
	return patience_ms;
}

int
dmpd_delivery_wait_ms(const struct dmpd_delivery *delivery, int64_t now_ms)
{
	int64_t wait_ms = 0;

	if (!slot_first_queued(delivery))
		return -1;
	if (delivery->limits.rate > 0) {
		int64_t missing = 1000 - credit_at(delivery, now_ms);

		if (missing > 0)
			wait_ms = (missing + delivery->limits.rate - 1) /
			          delivery->limits.rate;
	}
	if (delivery->hold_until_ms > now_ms + wait_ms)
		wait_ms = delivery->hold_until_ms - now_ms;
	return (int)wait_ms;
}

void
dmpd_delivery_acknowledge(
    struct dmpd_delivery *delivery, uint32_t ticket, int64_t now_ms)
{
	struct slot *slot = slot_of_ticket(delivery, ticket);

	if (!slot)
		return;
	slot->state = SLOT_DONE;
	delivery->totals.acknowledged++;
	delivery->acknowledged_ms = now_ms;
	delivery->refusals = 0;
	window_advance(delivery);
}

void
dmpd_delivery_refuse(struct dmpd_delivery *delivery, uint32_t ticket, int64_t now_ms)
{
	struct slot *slot = slot_of_ticket(delivery, ticket);

	if (!slot)
		return;
	slot->state = SLOT_QUEUED;
	delivery->totals.failures++;
	delivery->hold_until_ms =
	    (delivery->limits.retry_max_ms ? slot->sent_ms : now_ms) +
	    dmpd_delivery_patience_ms(delivery);
	if (delivery->refusals < UINT_MAX)
		delivery->refusals++;
}

void
dmpd_delivery_reset(struct dmpd_delivery *delivery)
{
	for (unsigned i = 0; i < delivery->used; i++) {
		struct slot *slot = slot_at(delivery, i);

		if (slot->state == SLOT_SENT)
			slot->state = SLOT_QUEUED;
	}
	delivery->hold_until_ms = INT64_MIN;
}

uint32_t
dmpd_delivery_cursor(const struct dmpd_delivery *delivery)
{
	return delivery->cursor;
}

bool
dmpd_delivery_idle(const struct dmpd_delivery *delivery)
{
	return delivery->used == 0;
}

unsigned
dmpd_delivery_refusals(const struct dmpd_delivery *delivery)
{
	return delivery->refusals;
}

int64_t
dmpd_delivery_acknowledged_ms(const struct dmpd_delivery *delivery)
{
	return delivery->acknowledged_ms;
}

const struct dmpd_delivery_totals *
dmpd_delivery_totals(const struct dmpd_delivery *delivery)
{
	return &delivery->totals;
}
