/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agent_receiver.h - the AgentX master as a receiver of notifications.
 *
 * Takes events from the news in order, hands them to the session under the rules of
 * delivery.h, stores how far it came, and sends the heartbeat when there is nothing
 * else to say.  What is guaranteed: every event is handed to the master at least once;
 * what the master does with it nobody can tell.
 */
#ifndef DMPD_AGENT_RECEIVER_H
#define DMPD_AGENT_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/board.h"
#include "subagent/mib_table.h"
#include "subagent/news.h"
#include "subagent/receiver.h"
#include "subagent/snmp_session.h"

struct dmpd_agent_receiver;

/* state_dir is borrowed.  A store that cannot be opened is said and done without:
 * then a restart sends this epoch's notifications again. */
enum dmp_status dmpd_agent_receiver_new(
    const char *state_dir, struct dmpd_agent_receiver **ret_receiver) DMP_CHECK_RESULT;
void dmpd_agent_receiver_free(struct dmpd_agent_receiver *receiver);

/* Follow the board after it changed: who the receiver is (none: nothing is sent), in
 * which epoch, how often the heart beats.  address is the master's. */
void dmpd_agent_receiver_follow(struct dmpd_agent_receiver *receiver,
    const struct dmp_board_reader *board, const char *address);

/* Send what may be sent now. */
struct dmpd_agent_turn {
	struct dmpd_news *news;
	struct dmpd_session *session;
	struct dmpd_view *view; /* up to date */
	int64_t now_ms;
};
void dmpd_agent_receiver_turn(
    struct dmpd_agent_receiver *receiver, const struct dmpd_agent_turn *turn);

/* Milliseconds until a turn is due although nothing happens; -1 = never. */
int dmpd_agent_receiver_wait_ms(
    const struct dmpd_agent_receiver *receiver, int64_t now_ms);

/* What the session tells its listener. */
void dmpd_agent_receiver_connected(
    struct dmpd_agent_receiver *receiver, bool is_connected, int64_t now_ms);
void dmpd_agent_receiver_reply(struct dmpd_agent_receiver *receiver, uint32_t ticket,
    bool is_taken, int64_t now_ms);

/* Send a test notification, whatever else is pending; what became of it is told by
 * the last test. */
void dmpd_agent_receiver_test(struct dmpd_agent_receiver *receiver,
    const struct dmpd_agent_turn *turn, uint64_t number);
const struct dmpd_receiver_test *dmpd_agent_receiver_last_test(
    const struct dmpd_agent_receiver *receiver);

/* Everything known is acknowledged, or nobody is there to take it. */
bool dmpd_agent_receiver_is_drained(const struct dmpd_agent_receiver *receiver);

/* Its row on the engine's board; NULL while there is no receiver. */
const struct dmp_board_receiver *dmpd_agent_receiver_plan(
    const struct dmpd_agent_receiver *receiver);

/* The row of dmpReceiverTable; NULL while there is no receiver. */
const struct dmpd_receiver_row *dmpd_agent_receiver_row(
    const struct dmpd_agent_receiver *receiver);

#endif
