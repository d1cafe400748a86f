/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/agent_receiver.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "model/site.h"
#include "subagent/agent_store.h"
#include "subagent/delivery.h"

enum {
	SAVE_MS = 200,
	OFFERS_PER_TURN = 1024, /* events passed over by a filter cost a turn, too */
};

/* dmpReceiverState. */
enum receiver_state {
	RECEIVER_OK = 1,
	RECEIVER_WAITING,
	RECEIVER_FAILING,
	RECEIVER_UNREACHABLE
};

/* 32: larger bursts can fill both socket buffers, and then the master and we would wait
 * for each other for ever.  200/s: what a trap daemon on UDP can follow. */
static const struct dmpd_delivery_limits LIMITS = {
    .window = 32, .rate = 200, .retry_ms = 1000};

struct dmpd_agent_receiver {
	struct dmpd_agent_store *store; /* NULL: done without */
	struct dmpd_delivery *delivery; /* NULL until it is known where to begin */
	bool exists;
	bool is_connected;
	unsigned min_rank;
	uint32_t epoch;
	char source[DMP_SOURCE_TEXT];
	uint32_t newest;
	uint32_t heartbeat_ms;
	int64_t heartbeat_due_ms;
	struct dmpd_stored_receiver saved;
	int64_t save_due_ms; /* INT64_MAX: nothing to save */
	bool save_failed;
	struct dmpd_receiver_row row;
	struct dmpd_notification notification;
};

enum dmp_status
dmpd_agent_receiver_new(
    const char *state_dir, struct dmpd_agent_receiver **ret_receiver)
{
	struct dmpd_agent_receiver *receiver = calloc(1, sizeof *receiver);
	char message[256];
	enum dmp_status status;

	if (!receiver)
		return DMP_ENOMEM;
	receiver->save_due_ms = INT64_MAX;
	status = dmpd_agent_store_open(
	    state_dir, DMPD_AGENT_STORE_FILE, &receiver->store, message);
	if (status != DMP_OK) {
		receiver->store = NULL;
		dmp_log(DMP_LOG_ERROR, "agent",
		    "%s: notifications may come twice after a restart", message);
	} else if (message[0]) {
		dmp_log(DMP_LOG_WARNING, "agent", "%s", message);
	}
	*ret_receiver = receiver;
	return DMP_OK;
}

static bool
receiver_has_changed(const struct dmpd_agent_receiver *receiver)
{
	const struct dmpd_stored_receiver *saved = &receiver->saved;

	return saved->index != receiver->row.index || saved->epoch != receiver->epoch ||
	       saved->cursor != dmpd_delivery_cursor(receiver->delivery) ||
	       memcmp(&saved->totals, dmpd_delivery_totals(receiver->delivery),
	           sizeof saved->totals) != 0;
}

/* Store where we are.  A failure is said once and tried again. */
static void
receiver_save(struct dmpd_agent_receiver *receiver)
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
		dmp_log(DMP_LOG_ERROR, "agent",
		    "cannot store what is acknowledged: %s, trying again",
		    dmp_status_text(status));
	receiver->save_failed = status != DMP_OK;
}

void
dmpd_agent_receiver_free(struct dmpd_agent_receiver *receiver)
{
	if (!receiver)
		return;
	receiver_save(receiver);
	dmpd_delivery_free(receiver->delivery);
	dmpd_agent_store_close(receiver->store);
	free(receiver);
}

static const struct dmp_board_receiver *
receiver_find(const struct dmp_board_reader *board)
{
	uint32_t n = dmp_board_rows(board, DMP_BOARD_RECEIVER);

	for (uint32_t row = 0; row < n; row++) {
		const struct dmp_board_receiver *plan =
		    dmp_board_plan(board, DMP_BOARD_RECEIVER, row);

		if (plan && plan->kind == DMP_RECEIVER_AGENTX)
			return plan;
	}
	return NULL;
}

void
dmpd_agent_receiver_follow(struct dmpd_agent_receiver *receiver,
    const struct dmp_board_reader *board, const char *address)
{
	const struct dmp_board_system *system =
	    dmp_board_plan(board, DMP_BOARD_SYSTEM, 0);
	const struct dmp_board_receiver *plan = receiver_find(board);

	if (!plan || plan->index != receiver->row.index) {
		receiver_save(receiver);
		dmpd_delivery_free(receiver->delivery);
		receiver->delivery = NULL;
	}
	receiver->exists = plan != NULL;
	if (!plan || !system)
		return;
	receiver->min_rank = plan->min_rank;
	receiver->epoch = system->epoch;
	receiver->heartbeat_ms = system->heartbeat_ms;
	dmp_text_copy(receiver->source, sizeof receiver->source, system->source);
	receiver->row.index = plan->index;
	receiver->row.kind = plan->kind;
	receiver->row.filtered = plan->filtered != 0;
	dmp_text_copy(receiver->row.name, sizeof receiver->row.name, plan->name);
	dmp_text_copy(receiver->row.address, sizeof receiver->row.address, address);
}

/* Find where to begin: after what was acknowledged, or with the present epoch. */
static void
receiver_begin(struct dmpd_agent_receiver *receiver, struct dmpd_news *news)
{
	struct dmpd_stored_receiver stored = {.index = receiver->row.index};
	bool is_stored = receiver->store && dmpd_agent_store_load(receiver->store,
	                                        receiver->row.index, &stored) == DMP_OK;

	if (is_stored && stored.epoch > receiver->epoch) {
		dmp_log(DMP_LOG_WARNING, "agent",
		    "events are numbered anew, starting with the first");
		is_stored = false;
	}
	if (!is_stored &&
	    dmpd_news_epoch_start(news, receiver->epoch, &stored.cursor) != DMP_OK)
		return;
	if (dmpd_delivery_new(
	        &LIMITS, stored.cursor, &stored.totals, &receiver->delivery) != DMP_OK)
		return;
	receiver->saved = (struct dmpd_stored_receiver){0};
	if (is_stored)
		receiver->saved = stored;
}

static void
receiver_fetch(struct dmpd_agent_receiver *receiver, struct dmpd_news *news)
{
	struct dmpd_delivery *delivery = receiver->delivery;
	struct dmp_event event;

	for (int i = 0; i < OFFERS_PER_TURN && dmpd_delivery_has_room(delivery); i++) {
		if (dmpd_news_after(news, dmpd_delivery_position(delivery), &event) !=
		    DMP_OK)
			return;
		dmpd_delivery_offer(
		    delivery, &event, dmpd_delivery_filter(&event, receiver->min_rank));
	}
}

static void
receiver_build(struct dmpd_agent_receiver *receiver, const struct dmpd_parcel *parcel)
{
	const struct dmpd_loss loss = {.first = parcel->lost_first,
	    .last = parcel->lost_last,
	    .source = receiver->source,
	    .receiver = receiver->row.name};

	if (!loss.first) {
		dmpd_notification_event(&parcel->event, &receiver->notification);
		return;
	}
	dmp_log(DMP_LOG_WARNING, "agent",
	    "events %u to %u are lost, telling receiver %s", loss.first, loss.last,
	    loss.receiver);
	dmpd_notification_lost(&loss, &receiver->notification);
}

static void
receiver_send(struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn)
{
	const struct dmpd_parcel *parcel;

	while (receiver->is_connected &&
	       dmpd_delivery_take(receiver->delivery, turn->now_ms, &parcel)) {
		uint32_t ticket = parcel->ticket;

		receiver_build(receiver, parcel);
		if (dmpd_session_notify(
		        turn->session, &receiver->notification, ticket) != DMP_OK)
			dmpd_delivery_refuse(receiver->delivery, ticket, turn->now_ms);
	}
}

static uint32_t
receiver_pending(const struct dmpd_agent_receiver *receiver)
{
	uint32_t cursor = dmpd_delivery_cursor(receiver->delivery);

	return receiver->newest > cursor ? receiver->newest - cursor : 0;
}

/* One that cannot be sent is not worth a second attempt: the next is due soon. */
static void
receiver_beat(struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn)
{
	if (!receiver->is_connected || receiver->heartbeat_ms == 0 ||
	    turn->now_ms < receiver->heartbeat_due_ms || receiver_pending(receiver) > 0)
		return;
	receiver->heartbeat_due_ms = turn->now_ms + receiver->heartbeat_ms;
	dmpd_mib_begin(turn->view);
	dmpd_notification_heartbeat(turn->view, &receiver->notification);
	if (dmpd_session_notify(turn->session, &receiver->notification, 0) != DMP_OK)
		dmp_log(DMP_LOG_DEBUG, "agent", "a heartbeat could not be sent");
}

static enum receiver_state
receiver_state(const struct dmpd_agent_receiver *receiver)
{
	if (!receiver->is_connected)
		return RECEIVER_UNREACHABLE;
	if (dmpd_delivery_failing(receiver->delivery))
		return RECEIVER_FAILING;
	return receiver_pending(receiver) > 0 ? RECEIVER_WAITING : RECEIVER_OK;
}

static void
receiver_show(struct dmpd_agent_receiver *receiver)
{
	const struct dmpd_delivery_totals *totals =
	    dmpd_delivery_totals(receiver->delivery);
	struct dmpd_receiver_row *row = &receiver->row;

	row->state = (int)receiver_state(receiver);
	row->last_sent = totals->last_sent;
	row->last_acknowledged = dmpd_delivery_cursor(receiver->delivery);
	row->pending = receiver_pending(receiver);
	row->sent = totals->sent;
	row->acknowledged = totals->acknowledged;
	row->retries = totals->retries;
	row->failures = totals->failures;
	row->acknowledged_ms = dmpd_delivery_acknowledged_ms(receiver->delivery);
}

void
dmpd_agent_receiver_turn(
    struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn)
{
	if (!receiver->exists)
		return;
	if (!receiver->delivery)
		receiver_begin(receiver, turn->news);
	if (!receiver->delivery)
		return;
	receiver->newest = dmpd_news_newest(turn->news);
	receiver_fetch(receiver, turn->news);
	receiver_send(receiver, turn);
	receiver_beat(receiver, turn);
	receiver_show(receiver);
	if (turn->now_ms >= receiver->save_due_ms)
		receiver_save(receiver);
	if (receiver->save_due_ms == INT64_MAX && receiver_has_changed(receiver))
		receiver->save_due_ms = turn->now_ms + SAVE_MS;
}

static int
receiver_sooner(int wait_ms, int64_t due_ms, int64_t now_ms)
{
	int64_t until_ms = due_ms > now_ms ? due_ms - now_ms : 0;

	return wait_ms < 0 || until_ms < wait_ms ? (int)until_ms : wait_ms;
}

int
dmpd_agent_receiver_wait_ms(const struct dmpd_agent_receiver *receiver, int64_t now_ms)
{
	int wait_ms = -1;

	if (!receiver->exists || !receiver->delivery)
		return -1;
	if (receiver->is_connected)
		wait_ms = dmpd_delivery_wait_ms(receiver->delivery, now_ms);
	if (receiver->is_connected && receiver->heartbeat_ms > 0 &&
	    receiver_pending(receiver) == 0)
		wait_ms = receiver_sooner(wait_ms, receiver->heartbeat_due_ms, now_ms);
	if (receiver->save_due_ms != INT64_MAX)
		wait_ms = receiver_sooner(wait_ms, receiver->save_due_ms, now_ms);
	return wait_ms;
}

void
dmpd_agent_receiver_connected(
    struct dmpd_agent_receiver *receiver, bool is_connected, int64_t now_ms)
{
	receiver->is_connected = is_connected;
	receiver->heartbeat_due_ms = now_ms + receiver->heartbeat_ms;
	if (!is_connected && receiver->delivery)
		dmpd_delivery_reset(receiver->delivery);
}

void
dmpd_agent_receiver_reply(struct dmpd_agent_receiver *receiver, uint32_t ticket,
    bool is_taken, int64_t now_ms)
{
	if (!receiver->delivery)
		return;
	if (is_taken)
		dmpd_delivery_acknowledge(receiver->delivery, ticket, now_ms);
	else
		dmpd_delivery_refuse(receiver->delivery, ticket, now_ms);
}

bool
dmpd_agent_receiver_is_drained(const struct dmpd_agent_receiver *receiver)
{
	return !receiver->exists || !receiver->delivery || !receiver->is_connected ||
	       (dmpd_delivery_idle(receiver->delivery) &&
	           receiver_pending(receiver) == 0);
}

const struct dmpd_receiver_row *
dmpd_agent_receiver_row(const struct dmpd_agent_receiver *receiver)
{
	return receiver->exists && receiver->delivery ? &receiver->row : NULL;
}
