/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/receiver_report.h"

void
dmp_receivers_open(struct dmp_receivers *receivers)
{
	static const char *const names[DMP_RECEIVER_BOARDS] = {
	    DMP_BOARD_AGENT, DMP_BOARD_NOTIFIER};

	for (size_t i = 0; i < DMP_RECEIVER_BOARDS; i++) {
		struct dmp_board_reader **board = &receivers->boards[i];
		struct dmp_text path = {0};

		if (*board)
			(void)dmp_board_refresh(*board);
		dmp_text_printf(&path, "%s/%s", receivers->run_dir, names[i]);
		if (!*board &&
		    dmp_board_reader_open(dmp_text_get(&path), board) != DMP_OK)
			*board = NULL;
		dmp_text_done(&path);
	}
}

void
dmp_receivers_done(struct dmp_receivers *receivers)
{
	for (size_t i = 0; i < DMP_RECEIVER_BOARDS; i++) {
		dmp_board_reader_close(receivers->boards[i]);
		receivers->boards[i] = NULL;
	}
}

bool
dmp_receivers_read(struct dmp_receivers *receivers, uint32_t row, int64_t mono_ms,
    struct dmp_receiver_row *ret_row)
{
	const struct dmp_board_receiver *plan =
	    dmp_board_plan(receivers->engine, DMP_BOARD_RECEIVER, row);
	struct dmp_board_reader *board;
	const struct dmp_board_receiver *theirs;
	int64_t age_ms;
	uint32_t at;

	if (!plan)
		return false;
	*ret_row =
	    (struct dmp_receiver_row){.plan = plan, .live.acknowledged_ms = INT64_MIN};
	board = receivers
	            ->boards[plan->kind == DMP_RECEIVER_AGENTX ? DMP_RECEIVER_AGENT
	                                                       : DMP_RECEIVER_NOTIFIER];
	if (!board)
		return true;
	at = dmp_board_lower_bound(board, DMP_BOARD_RECEIVER, plan->index);
	theirs = dmp_board_plan(board, DMP_BOARD_RECEIVER, at);
	if (!theirs || theirs->index != plan->index ||
	    !dmp_board_live(board, DMP_BOARD_RECEIVER, at, &ret_row->live))
		return true;
	if (theirs->kind == DMP_RECEIVER_AGENTX)
		ret_row->plan = theirs; /* it knows the master's address */
	ret_row->is_served =
	    dmp_board_engine_state(board, mono_ms, &age_ms) == DMP_ENGINE_RUNNING;
	return true;
}

static const char *
receiver_word(const char *const *words, size_t n, size_t i)
{
	return i < n ? words[i] : "?";
}

const char *
dmp_receiver_kind(const struct dmp_receiver_row *row)
{
	static const char *const kinds[] = {"?", "agentx", "trap", "inform"};

	return receiver_word(kinds, 4, row->plan->kind);
}

const char *
dmp_receiver_state(const struct dmp_receiver_row *row)
{
	static const char *const states[] = {
	    "waiting", "ok", "waiting", "failing", "unreachable", "disabled"};

	return row->is_served ? receiver_word(states, 6, row->live.state)
	                      : "unreachable";
}

bool
dmp_receiver_is_fine(const struct dmp_receiver_row *row)
{
	return row->is_served && !row->live.trouble[0] && row->live.state <= 2;
}

void
dmp_receiver_address(const struct dmp_receiver_row *row, struct dmp_text *out)
{
	dmp_text_append(out, row->plan->address);
	if (row->plan->kind != DMP_RECEIVER_AGENTX)
		dmp_text_printf(out, " port %u", row->plan->port);
}

void
dmp_receiver_trouble(const struct dmp_receiver_row *row, struct dmp_text *out)
{
	bool is_agentx = row->plan->kind == DMP_RECEIVER_AGENTX;
	char trouble[DMP_TROUBLE_TEXT];

	dmp_text_safe(trouble, sizeof(trouble), row->live.trouble);
	if (!row->is_served)
		dmp_text_printf(out,
		    "the daemon's %s does not run, or does not serve it",
		    is_agentx ? "agent" : "notifier");
	else if (trouble[0])
		dmp_text_append(out, trouble);
	else if (is_agentx && row->live.state > 2)
		dmp_text_append(out, "the AgentX master is not there");
}
