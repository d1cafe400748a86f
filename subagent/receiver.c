/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/receiver.h"

#include <limits.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

enum {
	SAVE_MS = 200,
	OFFERS_PER_TURN = 1024 /* events passed over by a filter cost a turn, too */
};

struct dmpd_agent_store *
dmpd_receiver_store(const char *state_dir, const char *file, const char *subsystem)
{
	struct dmpd_agent_store *store = NULL;
	char message[256];

	if (dmpd_agent_store_open(state_dir, file, &store, message) != DMP_OK) {
		dmp_log(DMP_LOG_ERROR, subsystem,
		    "%s: notifications may come twice after a restart", message);
		return NULL;
	}
	if (message[0])
		dmp_log(DMP_LOG_WARNING, subsystem, "%s", message);
	return store;
}

void
dmpd_receiver_init(struct dmpd_receiver *receiver, const char *subsystem,
    const struct dmpd_delivery_limits *limits, struct dmpd_agent_store *store)
{
	memset(receiver, 0, sizeof *receiver);
	receiver->subsystem = subsystem;
	receiver->limits = *limits;
	receiver->store = store;
	receiver->save_due_ms = INT64_MAX;
}

static bool
receiver_has_changed(const struct dmpd_receiver *receiver)
{
	const struct dmpd_stored_receiver *saved = &receiver->saved;

	return saved->index != receiver->row.index || saved->epoch != receiver->epoch ||
	       saved->cursor != dmpd_delivery_cursor(receiver->delivery) ||
	       memcmp(&saved->totals, dmpd_delivery_totals(receiver->delivery),
	           sizeof saved->totals) != 0;
}

/* Store where we are.  A failure is said once and tried again. */
static void
receiver_save(struct dmpd_receiver *receiver)
{
	struct dmpd_stored_receiver now;
	enum dmp_status status;

	receiver->save_due_ms = INT64_MAX;
	if (!receiver->store || !receiver->delivery || !receiver_has_changed(receiver))
		return;
	now = (struct dmpd_stored_receiver){
	    .index = receiver->row.index,
	    .epoch = receiver->epoch,
	    .cursor = dmpd_delivery_cursor(receiver->delivery),
	    .totals = *dmpd_delivery_totals(receiver->delivery),
	};
	status = dmpd_agent_store_save(receiver->store, &now);
	if (status == DMP_OK)
		receiver->saved = now;
	else if (!receiver->save_failed)
		dmp_log(DMP_LOG_ERROR, receiver->subsystem,
		    "cannot store what is acknowledged: %s, trying again",
		    dmp_status_text(status));
	receiver->save_failed = status != DMP_OK;
}

static void
receiver_forget(struct dmpd_receiver *receiver)
{
	receiver_save(receiver);
	dmpd_delivery_free(receiver->delivery);
	receiver->delivery = NULL;
}

void
dmpd_receiver_done(struct dmpd_receiver *receiver)
{
	receiver_forget(receiver);
}

void
dmpd_receiver_follow(struct dmpd_receiver *receiver,
    const struct dmp_board_receiver *plan, const struct dmp_board_system *system,
    const char *address)
{
	if (!plan || plan->index != receiver->row.index)
		receiver_forget(receiver);
	receiver->exists = plan != NULL;
	if (!plan || !system)
		return;
	receiver->min_rank = plan->min_rank;
	receiver->kinds = plan->kinds;
	receiver->epoch = system->epoch;
	receiver->heartbeat_ms = system->heartbeat_ms;
	dmp_text_copy(receiver->source, sizeof receiver->source, system->source);
	receiver->row.index = plan->index;
	receiver->row.kind = plan->kind;
	receiver->row.filtered = plan->filtered != 0;
	dmp_text_copy(receiver->row.name, sizeof receiver->row.name, plan->name);
	dmp_text_copy(receiver->row.address, sizeof receiver->row.address, address);
}

static void
receiver_begin(struct dmpd_receiver *receiver, struct dmpd_news *news)
{
	struct dmpd_stored_receiver stored = {.index = receiver->row.index};
	bool is_stored = receiver->store &&
	                 dmpd_agent_store_load(receiver->store, receiver->row.index,
	                     receiver->row.name, &stored) == DMP_OK;

	if (is_stored && stored.epoch > receiver->epoch) {
		dmp_log(DMP_LOG_WARNING, receiver->subsystem,
		    "events are numbered anew, starting with the first");
		is_stored = false;
	}
	if (!is_stored &&
	    dmpd_news_epoch_start(news, receiver->epoch, &stored.cursor) != DMP_OK)
		return;
	if (dmpd_delivery_new(&receiver->limits, stored.cursor, &stored.totals,
	        &receiver->delivery) != DMP_OK)
		return;
	receiver->saved = (struct dmpd_stored_receiver){0};
	if (is_stored)
		receiver->saved = stored;
	/* Not stored, it takes the loss of the events' database, too, to matter. */
	if (receiver->store)
		(void)!dmpd_agent_store_name(
		    receiver->store, receiver->row.index, receiver->row.name);
}

bool
dmpd_receiver_fetch(struct dmpd_receiver *receiver, struct dmpd_news *news)
{
	struct dmpd_delivery *delivery;
	struct dmp_event event;

	if (!receiver->delivery)
		receiver_begin(receiver, news);
	delivery = receiver->delivery;
	if (!delivery)
		return false;
	receiver->newest = dmpd_news_newest(news);
	receiver->is_behind = false;
	for (int i = 0; dmpd_delivery_has_room(delivery); i++) {
		if (dmpd_news_after(news, dmpd_delivery_position(delivery), &event) !=
		    DMP_OK)
			break;
		if (i == OFFERS_PER_TURN) {
			receiver->is_behind = true;
			break;
		}
		dmpd_delivery_offer(delivery, &event,
		    dmpd_delivery_filter(&event, receiver->min_rank, receiver->kinds));
	}
	return true;
}

static void
receiver_build(struct dmpd_receiver *receiver, const struct dmpd_parcel *parcel)
{
	const struct dmpd_loss loss = {.first = parcel->lost_first,
	    .last = parcel->lost_last,
	    .source = receiver->source,
	    .receiver = receiver->row.name};

	if (!loss.first) {
		dmpd_notification_event(&parcel->event, &receiver->notification);
		return;
	}
	if (!parcel->is_repeated)
		dmp_log(DMP_LOG_WARNING, receiver->subsystem,
		    "events %u to %u are lost, telling receiver %s", loss.first,
		    loss.last, loss.receiver);
	dmpd_notification_lost(&loss, &receiver->notification);
}

bool
dmpd_receiver_next(struct dmpd_receiver *receiver, int64_t now_ms,
    const struct dmpd_parcel **ret_parcel)
{
	if (!dmpd_delivery_take(receiver->delivery, now_ms, ret_parcel))
		return false;
	receiver_build(receiver, *ret_parcel);
	return true;
}

uint32_t
dmpd_receiver_pending(const struct dmpd_receiver *receiver)
{
	uint32_t cursor = dmpd_delivery_cursor(receiver->delivery);

	return receiver->newest > cursor ? receiver->newest - cursor : 0;
}

bool
dmpd_receiver_beat(
    struct dmpd_receiver *receiver, struct dmpd_view *view, int64_t now_ms)
{
	if (receiver->heartbeat_ms == 0 || now_ms < receiver->heartbeat_due_ms ||
	    dmpd_receiver_pending(receiver) > 0)
		return false;
	receiver->heartbeat_due_ms = now_ms + receiver->heartbeat_ms;
	dmpd_mib_begin(view);
	dmpd_notification_heartbeat(view, &receiver->notification);
	return true;
}

/* What was handed over without an answer counts as acknowledged for the delivery, but
 * nobody did: a trap never is. */
void
dmpd_receiver_show(struct dmpd_receiver *receiver, enum dmpd_receiver_state state)
{
	const struct dmpd_delivery_totals *totals =
	    dmpd_delivery_totals(receiver->delivery);
	struct dmpd_receiver_row *row = &receiver->row;
	bool is_trap = row->kind == DMP_RECEIVER_TRAP;

	row->state = (int)state;
	row->last_sent = totals->last_sent;
	row->last_acknowledged = dmpd_delivery_cursor(receiver->delivery);
	row->pending = dmpd_receiver_pending(receiver);
	row->sent = totals->sent;
	row->acknowledged = is_trap ? 0 : totals->acknowledged;
	row->retries = totals->retries;
	row->failures = totals->failures;
	row->acknowledged_ms =
	    is_trap ? INT64_MIN : dmpd_delivery_acknowledged_ms(receiver->delivery);
}

void
dmpd_receiver_live(const struct dmpd_receiver_row *row,
    const struct dmpd_receiver_test *test, struct dmp_board_receiver_live *ret_live)
{
	memset(ret_live, 0, sizeof *ret_live);
	ret_live->acknowledged_ms = row->acknowledged_ms;
	ret_live->test = test->number;
	ret_live->test_result = (uint32_t)test->result;
	ret_live->test_us = test->answer_us;
	ret_live->state = (uint32_t)row->state;
	ret_live->last_sent = row->last_sent;
	ret_live->last_acknowledged = row->last_acknowledged;
	ret_live->pending = row->pending;
	ret_live->sent = row->sent;
	ret_live->acknowledged = row->acknowledged;
	ret_live->retries = row->retries;
	ret_live->failures = row->failures;
}

void
dmpd_receiver_keep(struct dmpd_receiver *receiver, int64_t now_ms)
{
	if (now_ms >= receiver->save_due_ms)
		receiver_save(receiver);
	if (receiver->save_due_ms == INT64_MAX && receiver_has_changed(receiver))
		receiver->save_due_ms = now_ms + SAVE_MS;
}

int
dmpd_receiver_sooner(int a_ms, int b_ms)
{
	if (a_ms < 0)
		return b_ms;
	return b_ms < 0 || a_ms < b_ms ? a_ms : b_ms;
}

int
dmpd_receiver_until(int64_t due_ms, int64_t now_ms)
{
	int64_t until_ms = due_ms > now_ms ? due_ms - now_ms : 0;

	return until_ms > INT_MAX ? INT_MAX : (int)until_ms;
}

int
dmpd_receiver_wait_ms(
    const struct dmpd_receiver *receiver, bool can_send, int64_t now_ms)
{
	int wait_ms = -1;

	if (!receiver->exists || !receiver->delivery)
		return -1;
	if (receiver->is_behind)
		return 0;
	if (can_send)
		wait_ms = dmpd_delivery_wait_ms(receiver->delivery, now_ms);
	if (can_send && receiver->heartbeat_ms > 0 &&
	    dmpd_receiver_pending(receiver) == 0)
		wait_ms = dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(receiver->heartbeat_due_ms, now_ms));
	if (receiver->save_due_ms != INT64_MAX)
		wait_ms = dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(receiver->save_due_ms, now_ms));
	return wait_ms;
}
