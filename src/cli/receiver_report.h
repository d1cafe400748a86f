/* SPDX-License-Identifier: BSD-2-Clause */
/* receiver_report.h - who gets the notifications, and how that goes: the receivers of
 * the engine's board, with what the processes that serve them say on boards of their
 * own. */
#ifndef DMP_RECEIVER_REPORT_H
#define DMP_RECEIVER_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "engine/board.h"

/* The boards of the agent and of the notifier. */
enum { DMP_RECEIVER_AGENT = 0, DMP_RECEIVER_NOTIFIER, DMP_RECEIVER_BOARDS };

/* Set run_dir and engine (both borrowed), then open. */
struct dmp_receivers {
	const char *run_dir;
	struct dmp_board_reader *engine;
	struct dmp_board_reader *boards[DMP_RECEIVER_BOARDS]; /* NULL: not there */
};

struct dmp_receiver_row {
	const struct dmp_board_receiver *plan; /* borrowed from the boards */
	struct dmp_board_receiver_live live;
	bool is_served; /* the process behind it lives */
};

/* Open the boards, or look again whether there are newer ones. */
void dmp_receivers_open(struct dmp_receivers *receivers);
void dmp_receivers_done(struct dmp_receivers *receivers);

/* A row of the engine's board; false when there is none. */
bool dmp_receivers_read(struct dmp_receivers *receivers, uint32_t row, int64_t mono_ms,
    struct dmp_receiver_row *ret_row);

/* "agentx", "trap", "inform". */
const char *dmp_receiver_kind(const struct dmp_receiver_row *row);

/* dmpReceiverState in a word; unreachable when nobody serves it. */
const char *dmp_receiver_state(const struct dmp_receiver_row *row);

/* It gets its notifications, as far as anybody can tell. */
bool dmp_receiver_is_fine(const struct dmp_receiver_row *row);

/* "192.0.2.1 port 162". */
void dmp_receiver_address(const struct dmp_receiver_row *row, struct dmp_text *out);

/* Why it does not get them; appends nothing when it does. */
void dmp_receiver_trouble(const struct dmp_receiver_row *row, struct dmp_text *out);

#endif
