/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * receiver.h - what every receiver of notifications has in common, whatever carries
 * them: where it begins, which event is next, what is built of it, what is stored and
 * shown.
 *
 * Embedded in what serves the receiver (agent_receiver.c, direct_receiver.c).  Members
 * are to be read; only the functions below write them, but for those that say so.
 */
#ifndef DMPD_RECEIVER_H
#define DMPD_RECEIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/board.h"
#include "subagent/agent_store.h"
#include "subagent/delivery.h"
#include "subagent/mib_table.h"
#include "subagent/news.h"
#include "subagent/notification.h"

/* dmpReceiverState. */
enum dmpd_receiver_state {
	DMPD_RECEIVER_OK = 1,
	DMPD_RECEIVER_WAITING,
	DMPD_RECEIVER_FAILING,
	DMPD_RECEIVER_UNREACHABLE
};

/* What became of a test notification. */
struct dmpd_receiver_test {
	uint64_t number; /* 0 = there was none */
	enum dmp_receiver_test result;
	uint32_t answer_us;
};

struct dmpd_receiver {
	const char *subsystem; /* for the log */
	struct dmpd_delivery_limits limits;
	struct dmpd_agent_store *store; /* borrowed; NULL: done without */
	struct dmpd_delivery *delivery; /* NULL until it is known where to begin */
	bool exists;
	unsigned min_rank;
	unsigned kinds;
	uint32_t epoch;
	char source[DMP_SOURCE_TEXT];
	uint32_t newest;
	bool is_behind; /* another turn takes more events at once */
	uint32_t heartbeat_ms;
	int64_t heartbeat_due_ms; /* the owner postpones it */
	struct dmpd_stored_receiver saved;
	int64_t save_due_ms; /* INT64_MAX: nothing to save */
	bool save_failed;
	struct dmpd_receiver_row row;
	struct dmpd_notification notification; /* what was built last */
};

/* Open the store of a process, and say what is wrong with it; NULL: it is done without,
 * and a restart sends this epoch's notifications again. */
struct dmpd_agent_store *dmpd_receiver_store(
    const char *state_dir, const char *file, const char *subsystem);

/* subsystem, limits and store are borrowed for the receiver's life. */
void dmpd_receiver_init(struct dmpd_receiver *receiver, const char *subsystem,
    const struct dmpd_delivery_limits *limits, struct dmpd_agent_store *store);

/* Store where it is and free. */
void dmpd_receiver_done(struct dmpd_receiver *receiver);

/* Who it is now: its row on the board, NULL = it is gone.  address is what its row
 * shows. */
void dmpd_receiver_follow(struct dmpd_receiver *receiver,
    const struct dmp_board_receiver *plan, const struct dmp_board_system *system,
    const char *address);

/* Take events from the news into the window, at the very first after finding where to
 * begin: after what was acknowledged, or with the present epoch.  False: not yet. */
bool dmpd_receiver_fetch(struct dmpd_receiver *receiver, struct dmpd_news *news);

/* The next that may be sent now: build its notification.  False: there is none. */
bool dmpd_receiver_next(struct dmpd_receiver *receiver, int64_t now_ms,
    const struct dmpd_parcel **ret_parcel);

/* Is a heartbeat due, with nothing pending?  Then build it. */
bool dmpd_receiver_beat(
    struct dmpd_receiver *receiver, struct dmpd_view *view, int64_t now_ms);

/* Events it has yet to get. */
uint32_t dmpd_receiver_pending(const struct dmpd_receiver *receiver);

/* Bring the row up to date. */
void dmpd_receiver_show(struct dmpd_receiver *receiver, enum dmpd_receiver_state state);

/* The same as the live half of its row on the board of the process; its trouble stays
 * empty. */
void dmpd_receiver_live(const struct dmpd_receiver_row *row,
    const struct dmpd_receiver_test *test, struct dmp_board_receiver_live *ret_live);

/* Store how far it is, some time after that has changed. */
void dmpd_receiver_keep(struct dmpd_receiver *receiver, int64_t now_ms);

/* Milliseconds until something is due although nothing happens; -1 = never. */
int dmpd_receiver_wait_ms(
    const struct dmpd_receiver *receiver, bool can_send, int64_t now_ms);

/* The sooner of two waits, -1 = never. */
int dmpd_receiver_sooner(int a_ms, int b_ms);

/* The wait until due_ms. */
int dmpd_receiver_until(int64_t due_ms, int64_t now_ms);

#endif
