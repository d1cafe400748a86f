/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/receiver_board.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "subagent/receiver.h"

enum { LOOK_MS = 500 /* for a notifier that is not there */ };

struct dmpd_receiver_board {
	struct dmp_board *board;
	uint32_t n;
	struct dmp_board_receiver_live *shown;
};

static enum dmp_status
board_make(struct dmpd_receiver_board *to, const char *directory,
    const struct dmp_board_receiver *plans)
{
	const uint32_t rows[DMP_BOARD_SECTIONS] = {
	    [DMP_BOARD_SYSTEM] = 1, [DMP_BOARD_RECEIVER] = to->n};
	enum dmp_status status = dmp_board_create(directory, rows, &to->board);

	for (uint32_t row = 0; status == DMP_OK && row < to->n; row++) {
		memcpy(dmp_board_plan_row(to->board, DMP_BOARD_RECEIVER, row),
		    &plans[row], sizeof plans[row]);
		to->shown[row].state = DMPD_RECEIVER_WAITING;
		to->shown[row].acknowledged_ms = INT64_MIN;
		dmp_board_write(to->board, DMP_BOARD_RECEIVER, row, &to->shown[row]);
	}
	return status;
}

enum dmp_status
dmpd_receiver_board_new(const char *run_dir, const char *who,
    const struct dmp_board_receiver *plans, size_t n,
    struct dmpd_receiver_board **ret_board)
{
	struct dmpd_receiver_board *board = calloc(1, sizeof *board);
	char directory[PATH_MAX];
	enum dmp_status status;

	if (!board)
		return DMP_ENOMEM;
	dmp_text_format(directory, sizeof directory, "%s/%s", run_dir, who);
	board->n = (uint32_t)n;
	board->shown = calloc(n + 1, sizeof *board->shown);
	if (!board->shown)
		status = DMP_ENOMEM;
	else if (mkdir(directory, 0750) != 0 && errno != EEXIST)
		status = DMP_EIO;
	else
		status = board_make(board, directory, plans);
	if (status == DMP_OK) {
		dmpd_receiver_board_beat(board, dmp_clock_mono_ms(dmp_clock_system()));
		status = dmp_board_publish(board->board);
	}
	if (status != DMP_OK) {
		dmpd_receiver_board_free(board);
		return status;
	}
	*ret_board = board;
	return DMP_OK;
}

void
dmpd_receiver_board_free(struct dmpd_receiver_board *board)
{
	if (!board)
		return;
	dmp_board_close(board->board);
	free(board->shown);
	free(board);
}

void
dmpd_receiver_board_write(struct dmpd_receiver_board *board, uint32_t row,
    const struct dmp_board_receiver_live *live)
{
	if (memcmp(&board->shown[row], live, sizeof *live) == 0)
		return;
	memcpy(&board->shown[row], live, sizeof *live);
	dmp_board_write(board->board, DMP_BOARD_RECEIVER, row, live);
}

void
dmpd_receiver_board_beat(struct dmpd_receiver_board *board, int64_t now_ms)
{
	dmp_board_beat(board->board, now_ms);
}

/* --- gathering --- */

struct dmpd_receiver_rows {
	char directory[PATH_MAX];
	struct dmp_board_reader *notifier; /* NULL: not there yet */
	int64_t look_ms;
	struct dmpd_receiver_row *rows;
	size_t capacity;
};

enum dmp_status
dmpd_receiver_rows_new(const char *run_dir, struct dmpd_receiver_rows **ret_rows)
{
	struct dmpd_receiver_rows *rows = calloc(1, sizeof *rows);

	if (!rows)
		return DMP_ENOMEM;
	dmp_text_format(
	    rows->directory, sizeof rows->directory, "%s/" DMP_BOARD_NOTIFIER, run_dir);
	rows->look_ms = INT64_MIN;
	*ret_rows = rows;
	return DMP_OK;
}

void
dmpd_receiver_rows_free(struct dmpd_receiver_rows *rows)
{
	if (!rows)
		return;
	dmp_board_reader_close(rows->notifier);
	free(rows->rows);
	free(rows);
}

void
dmpd_receiver_address(
    const struct dmp_board_receiver *plan, char address[DMP_NAME_TEXT])
{
	dmp_text_format(address, DMP_NAME_TEXT,
	    strchr(plan->address, ':') ? "[%.54s]:%u" : "%.56s:%u", plan->address,
	    plan->port);
}

/* What the notifier's board says about a receiver; false: nothing. */
static bool
rows_read(struct dmpd_receiver_rows *rows, const struct dmp_board_receiver *plan,
    struct dmp_board_receiver_live *ret_live)
{
	const struct dmp_board_receiver *theirs;
	uint32_t row;

	if (!rows->notifier)
		return false;
	row = dmp_board_lower_bound(rows->notifier, DMP_BOARD_RECEIVER, plan->index);
	theirs = dmp_board_plan(rows->notifier, DMP_BOARD_RECEIVER, row);
	return theirs && theirs->index == plan->index &&
	       dmp_board_live(rows->notifier, DMP_BOARD_RECEIVER, row, ret_live);
}

static void
rows_fill(const struct dmp_board_receiver *plan,
    const struct dmp_board_receiver_live *live, struct dmpd_receiver_row *ret_row)
{
	*ret_row = (struct dmpd_receiver_row){
	    .index = plan->index,
	    .kind = plan->kind,
	    .filtered = plan->filtered != 0,
	    .state = (int)live->state,
	    .last_sent = live->last_sent,
	    .last_acknowledged = live->last_acknowledged,
	    .pending = live->pending,
	    .sent = live->sent,
	    .acknowledged = live->acknowledged,
	    .retries = live->retries,
	    .failures = live->failures,
	    .acknowledged_ms = live->acknowledged_ms,
	};
	dmp_text_copy(ret_row->name, sizeof ret_row->name, plan->name);
	dmpd_receiver_address(plan, ret_row->address);
}

/* The notifier comes and goes. */
static bool
rows_refresh(struct dmpd_receiver_rows *rows, int64_t now_ms)
{
	int64_t age_ms;

	if (rows->notifier)
		(void)dmp_board_refresh(rows->notifier);
	else if (now_ms >= rows->look_ms &&
	         dmp_board_reader_open(rows->directory, &rows->notifier) != DMP_OK) {
		rows->notifier = NULL;
		rows->look_ms = now_ms + LOOK_MS;
	}
	return rows->notifier && dmp_board_engine_state(rows->notifier, now_ms,
	                             &age_ms) == DMP_ENGINE_RUNNING;
}

static bool
rows_reserve(struct dmpd_receiver_rows *rows, size_t n)
{
	struct dmpd_receiver_row *grown;

	if (n <= rows->capacity)
		return true;
	grown = realloc(rows->rows, n * sizeof *grown);
	if (!grown)
		return false;
	rows->rows = grown;
	rows->capacity = n;
	return true;
}

const struct dmpd_receiver_row *
dmpd_receiver_rows_gather(struct dmpd_receiver_rows *rows,
    const struct dmp_board_reader *board, const struct dmpd_receiver_row *own,
    int64_t now_ms, size_t *ret_n)
{
	uint32_t n = dmp_board_rows(board, DMP_BOARD_RECEIVER);
	bool is_alive = rows_refresh(rows, now_ms);
	size_t used = 0;

	*ret_n = 0;
	if (!rows_reserve(rows, n))
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		const struct dmp_board_receiver *plan =
		    dmp_board_plan(board, DMP_BOARD_RECEIVER, i);
		struct dmp_board_receiver_live live = {.acknowledged_ms = INT64_MIN};

		if (plan->kind == DMP_RECEIVER_AGENTX) {
			if (own && own->index == plan->index)
				rows->rows[used++] = *own;
			continue;
		}
		if (!rows_read(rows, plan, &live) || !is_alive)
			live.state = DMPD_RECEIVER_UNREACHABLE;
		rows_fill(plan, &live, &rows->rows[used++]);
	}
	*ret_n = used;
	return rows->rows;
}
