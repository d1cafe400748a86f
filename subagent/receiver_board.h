/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * receiver_board.h - the states of receivers, published by the process that serves them
 * (RUN/agent, RUN/notifier) and gathered by the one that serves the MIB.
 *
 * The board of engine/board.h with rows of one section: readers never wait for the
 * writer and see when it has died.
 */
#ifndef DMPD_RECEIVER_BOARD_H
#define DMPD_RECEIVER_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/board.h"
#include "subagent/mib_table.h"

struct dmpd_receiver_board;

/* Publish rows of these receivers, ascending by index; who is a directory below
 * run_dir. */
enum dmp_status dmpd_receiver_board_new(const char *run_dir, const char *who,
    const struct dmp_board_receiver *plans, size_t n,
    struct dmpd_receiver_board **ret_board) DMP_CHECK_RESULT;
void dmpd_receiver_board_free(struct dmpd_receiver_board *board);

/* Show a row, if it has changed, and that we are alive. */
void dmpd_receiver_board_write(struct dmpd_receiver_board *board, uint32_t row,
    const struct dmp_board_receiver_live *live);
void dmpd_receiver_board_beat(struct dmpd_receiver_board *board, int64_t now_ms);

/* --- gathering --- */

struct dmpd_receiver_rows;

enum dmp_status dmpd_receiver_rows_new(
    const char *run_dir, struct dmpd_receiver_rows **ret_rows) DMP_CHECK_RESULT;
void dmpd_receiver_rows_free(struct dmpd_receiver_rows *rows);

/* The rows of all receivers on the engine's board: own (NULL = none) of the agent's,
 * the others from the notifier's board; those of a notifier that is not there are
 * unreachable.  Borrowed until the next gathering. */
const struct dmpd_receiver_row *dmpd_receiver_rows_gather(
    struct dmpd_receiver_rows *rows, const struct dmp_board_reader *board,
    const struct dmpd_receiver_row *own, int64_t now_ms, size_t *ret_n);

/* Where a direct receiver is, "192.0.2.1:162". */
void dmpd_receiver_address(
    const struct dmp_board_receiver *plan, char address[DMP_NAME_TEXT]);

#endif
