/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/agent_receiver.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "subagent/agent_store.h"
#include "subagent/receiver.h"

/* 32: larger bursts can fill both socket buffers, and then the master and we would wait
 * for each other for ever.  200/s: what a trap daemon on UDP can follow. */
static const struct dmpd_delivery_limits LIMITS = {
    .window = 32, .rate = 200, .retry_ms = 1000};

struct dmpd_agent_receiver {
	struct dmpd_agent_store *store; /* NULL: done without */
	struct dmpd_receiver core;
	struct dmp_board_receiver plan; /* with the address of the master */
	bool is_connected;
	struct dmpd_receiver_test test;
};

/* Above every ticket of the delivery: those count from 1. */
#define TEST_TICKET UINT32_MAX

enum dmp_status
dmpd_agent_receiver_new(
    const char *state_dir, struct dmpd_agent_receiver **ret_receiver)
{
	struct dmpd_agent_receiver *receiver = calloc(1, sizeof *receiver);

	if (!receiver)
		return DMP_ENOMEM;
	receiver->store =
	    dmpd_receiver_store(state_dir, DMPD_AGENT_STORE_FILE, "agent");
	dmpd_receiver_init(&receiver->core, "agent", &LIMITS, receiver->store);
	*ret_receiver = receiver;
	return DMP_OK;
}

void
dmpd_agent_receiver_free(struct dmpd_agent_receiver *receiver)
{
	if (!receiver)
		return;
	dmpd_receiver_done(&receiver->core);
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
	const struct dmp_board_receiver *plan = receiver_find(board);

	if (plan) {
		memcpy(&receiver->plan, plan, sizeof *plan);
		dmp_text_copy(
		    receiver->plan.address, sizeof receiver->plan.address, address);
	}
	dmpd_receiver_follow(
	    &receiver->core, plan, dmp_board_plan(board, DMP_BOARD_SYSTEM, 0), address);
}

static void
receiver_send(struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn)
{
	struct dmpd_receiver *core = &receiver->core;
	const struct dmpd_parcel *parcel;

	while (
	    receiver->is_connected && dmpd_receiver_next(core, turn->now_ms, &parcel)) {
		uint32_t ticket = parcel->ticket;

		if (dmpd_session_notify(turn->session, &core->notification, ticket) !=
		    DMP_OK)
			dmpd_delivery_refuse(core->delivery, ticket, turn->now_ms);
	}
}

/* One that cannot be sent is not worth a second attempt: the next is due soon. */
static void
receiver_beat(struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn)
{
	struct dmpd_receiver *core = &receiver->core;

	if (receiver->is_connected &&
	    dmpd_receiver_beat(core, turn->view, turn->now_ms) &&
	    dmpd_session_notify(turn->session, &core->notification, 0) != DMP_OK)
		dmp_log(DMP_LOG_DEBUG, "agent", "a heartbeat could not be sent");
}

static enum dmpd_receiver_state
receiver_state(const struct dmpd_agent_receiver *receiver)
{
	if (!receiver->is_connected)
		return DMPD_RECEIVER_UNREACHABLE;
	if (dmpd_delivery_refusals(receiver->core.delivery) > 0)
		return DMPD_RECEIVER_FAILING;
	return dmpd_receiver_pending(&receiver->core) > 0 ? DMPD_RECEIVER_WAITING
	                                                  : DMPD_RECEIVER_OK;
}

void
dmpd_agent_receiver_turn(
    struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn)
{
	struct dmpd_receiver *core = &receiver->core;

	if (!core->exists || !dmpd_receiver_fetch(core, turn->news))
		return;
	receiver_send(receiver, turn);
	receiver_beat(receiver, turn);
	dmpd_receiver_show(core, receiver_state(receiver));
	dmpd_receiver_keep(core, turn->now_ms);
}

int
dmpd_agent_receiver_wait_ms(const struct dmpd_agent_receiver *receiver, int64_t now_ms)
{
	return dmpd_receiver_wait_ms(&receiver->core, receiver->is_connected, now_ms);
}

void
dmpd_agent_receiver_connected(
    struct dmpd_agent_receiver *receiver, bool is_connected, int64_t now_ms)
{
	struct dmpd_receiver *core = &receiver->core;

	receiver->is_connected = is_connected;
	core->heartbeat_due_ms = now_ms + core->heartbeat_ms;
	if (is_connected)
		return;
	if (core->delivery)
		dmpd_delivery_reset(core->delivery);
	if (receiver->test.result == DMP_TEST_WAITING)
		receiver->test.result = DMP_TEST_FAILED;
}

void
dmpd_agent_receiver_reply(struct dmpd_agent_receiver *receiver, uint32_t ticket,
    bool is_taken, int64_t now_ms)
{
	struct dmpd_receiver *core = &receiver->core;

	if (ticket == TEST_TICKET) {
		if (receiver->test.result == DMP_TEST_WAITING)
			receiver->test.result =
			    is_taken ? DMP_TEST_HANDED_OVER : DMP_TEST_FAILED;
		return;
	}
	if (!core->delivery)
		return;
	if (is_taken)
		dmpd_delivery_acknowledge(core->delivery, ticket, now_ms);
	else
		dmpd_delivery_refuse(core->delivery, ticket, now_ms);
}

void
dmpd_agent_receiver_test(struct dmpd_agent_receiver *receiver,
    const struct dmpd_agent_turn *turn, uint64_t number)
{
	struct dmpd_receiver *core = &receiver->core;

	if (!core->exists)
		return;
	receiver->test =
	    (struct dmpd_receiver_test){.number = number, .result = DMP_TEST_WAITING};
	dmpd_mib_begin(turn->view);
	dmpd_notification_test(turn->view, core->row.name, &core->notification);
	if (dmpd_session_notify(turn->session, &core->notification, TEST_TICKET) !=
	    DMP_OK)
		receiver->test.result = DMP_TEST_FAILED;
}

bool
dmpd_agent_receiver_is_drained(const struct dmpd_agent_receiver *receiver)
{
	const struct dmpd_receiver *core = &receiver->core;

	return !core->exists || !core->delivery || !receiver->is_connected ||
	       (dmpd_delivery_idle(core->delivery) && dmpd_receiver_pending(core) == 0);
}

const struct dmp_board_receiver *
dmpd_agent_receiver_plan(const struct dmpd_agent_receiver *receiver)
{
	return receiver->core.exists ? &receiver->plan : NULL;
}

const struct dmpd_receiver_row *
dmpd_agent_receiver_row(const struct dmpd_agent_receiver *receiver)
{
	return receiver->core.exists && receiver->core.delivery ? &receiver->core.row
	                                                        : NULL;
}

const struct dmpd_receiver_test *
dmpd_agent_receiver_last_test(const struct dmpd_agent_receiver *receiver)
{
	return &receiver->test;
}
