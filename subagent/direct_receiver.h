/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * direct_receiver.h - one receiver that gets its notifications from us and not from an
 * AgentX master: SNMP version 2c or 3, as traps or as informs.
 *
 * Informs go one at a time.  Each is repeated, with the same request-id and with pauses
 * from 0.5 s doubling to 10 s, until the receiver acknowledges it.  The request-id is
 * made of the event, so that it is the same even after a restart of everything.  Traps
 * are handed to the network once, in order, 200 in a second at most.
 *
 * A receiver never waits and knows nothing of the others.
 */
#ifndef DMPD_DIRECT_RECEIVER_H
#define DMPD_DIRECT_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/board.h"
#include "probe/resolve.h"
#include "subagent/agent_store.h"
#include "subagent/mib_table.h"
#include "subagent/news.h"
#include "subagent/receiver_secret.h"
#include "subagent/snmp_adapter.h"

struct dmpd_direct;

/* What all of them share; borrowed. */
struct dmpd_direct_world {
	struct dmp_resolver *resolver;
	struct dmpd_agent_store *store; /* NULL: done without */
	const struct dmpd_adapter *adapter;
	int64_t start_ms; /* sysUpTime counts from here */
};

/* plan and secret are borrowed for its life. */
enum dmp_status dmpd_direct_new(const struct dmpd_direct_world *world,
    const struct dmp_board_receiver *plan, const struct dmpd_receiver_secret *secret,
    struct dmpd_direct **ret_direct) DMP_CHECK_RESULT;

/* Store how far it is and free. */
void dmpd_direct_free(struct dmpd_direct *direct);

/* The site's part of a new board: epoch, source, heartbeat. */
void dmpd_direct_follow(
    struct dmpd_direct *direct, const struct dmp_board_system *system);

/* Do what can be done now. */
struct dmpd_direct_turn {
	struct dmpd_news *news;
	struct dmpd_view *view; /* up to date */
	int64_t now_ms;
};
void dmpd_direct_turn(struct dmpd_direct *direct, const struct dmpd_direct_turn *turn);

/* Milliseconds until a turn is due although nothing happens; -1 = never. */
int dmpd_direct_wait_ms(const struct dmpd_direct *direct, int64_t now_ms);

/* Readable when a turn has something to read; -1 = none, and it may change with each
 * turn. */
int dmpd_direct_fd(const struct dmpd_direct *direct);

/* Send a test notification, whatever else is pending. */
void dmpd_direct_test(
    struct dmpd_direct *direct, const struct dmpd_direct_turn *turn, uint64_t number);

/* Everything known is acknowledged, or there is no hope that it will soon be. */
bool dmpd_direct_is_drained(const struct dmpd_direct *direct);

/* What its row shows. */
void dmpd_direct_live(
    const struct dmpd_direct *direct, struct dmp_board_receiver_live *ret_live);

/* The request-id of an event's inform: 1..2^31-1, the same in every life of every
 * process, another one for each event of a row of 2^31. */
uint32_t dmpd_direct_request_id(uint32_t epoch, uint32_t sequence);

#endif
