/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trap.c - dmports trap: who gets the notifications, how that goes, and a test.
 *
 * The daemon's engine passes the wish for a test on and answers at once; what became of
 * it is read from the boards of the processes that serve the receivers.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/board_report.h"
#include "engine/control.h"

enum {
	TRAP_CONTROL_MS = 2000,
	TRAP_FIRST_MS = 300, /* an ICMP error needs a moment to come back */
	TRAP_POLL_MS = 50,
	TRAP_PATIENCE_MS = 6000 /* three attempts of an inform take 3.5 s */
};

/* The boards of the agent and of the notifier. */
enum { TRAP_AGENT = 0, TRAP_NOTIFIER, TRAP_BOARDS };

struct trap {
	struct dmp_cli *cli;
	const char *run_dir;
	struct dmp_board_reader *engine;
	struct dmp_board_reader *boards[TRAP_BOARDS]; /* NULL: not there */
	const char *only;                             /* receiver, NULL = all */
	uint64_t test;                                /* number, 0 = status only */
};

struct trap_row {
	const struct dmp_board_receiver *plan;
	struct dmp_board_receiver_live live;
	bool is_served; /* the process behind it lives */
};

static void
trap_open(struct trap *t)
{
	static const char *const names[TRAP_BOARDS] = {
	    DMP_BOARD_AGENT, DMP_BOARD_NOTIFIER};

	for (size_t i = 0; i < TRAP_BOARDS; i++) {
		struct dmp_text path = {0};

		if (t->boards[i])
			(void)dmp_board_refresh(t->boards[i]);
		dmp_text_printf(&path, "%s/%s", t->run_dir, names[i]);
		if (!t->boards[i] &&
		    dmp_board_reader_open(dmp_text_get(&path), &t->boards[i]) != DMP_OK)
			t->boards[i] = NULL;
		dmp_text_done(&path);
	}
}

static void
trap_close(struct trap *t)
{
	for (size_t i = 0; i < TRAP_BOARDS; i++)
		dmp_board_reader_close(t->boards[i]);
	dmp_board_reader_close(t->engine);
}

static bool
trap_wants(const struct trap *t, const struct dmp_board_receiver *plan)
{
	return !t->only || strcmp(t->only, plan->name) == 0;
}

/* Receiver row of the engine's board; false when it is not asked for. */
static bool
trap_read(struct trap *t, uint32_t row, struct trap_row *ret_row)
{
	const struct dmp_board_receiver *plan =
	    dmp_board_plan(t->engine, DMP_BOARD_RECEIVER, row);
	struct dmp_board_reader *board;
	const struct dmp_board_receiver *theirs;
	int64_t age_ms;
	uint32_t at;

	if (!plan || !trap_wants(t, plan))
		return false;
	*ret_row = (struct trap_row){.plan = plan, .live.acknowledged_ms = INT64_MIN};
	board =
	    t->boards[plan->kind == DMP_RECEIVER_AGENTX ? TRAP_AGENT : TRAP_NOTIFIER];
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
	    dmp_board_engine_state(board, dmp_clock_mono_ms(t->cli->clock), &age_ms) ==
	    DMP_ENGINE_RUNNING;
	return true;
}

static bool
trap_exists(struct trap *t)
{
	uint32_t n = dmp_board_rows(t->engine, DMP_BOARD_RECEIVER);
	struct trap_row row;

	for (uint32_t i = 0; i < n; i++) {
		if (trap_read(t, i, &row))
			return true;
	}
	return false;
}

/* --- printing --- */

static const char *
trap_word(const char *const *words, size_t n, size_t i)
{
	return i < n ? words[i] : "?";
}

static const char *
trap_kind(const struct trap_row *row)
{
	static const char *const kinds[] = {"?", "agentx", "trap", "inform"};

	return trap_word(kinds, 4, row->plan->kind);
}

/* dmpReceiverState. */
static const char *
trap_state(const struct trap_row *row)
{
	static const char *const states[] = {
	    "waiting", "ok", "waiting", "failing", "unreachable", "disabled"};

	return row->is_served ? trap_word(states, 6, row->live.state) : "unreachable";
}

static bool
trap_is_tested(const struct trap *t, const struct trap_row *row)
{
	return row->is_served && row->live.test == t->test;
}

static const char *
trap_result(const struct trap *t, const struct trap_row *row)
{
	static const char *const results[] = {
	    "not sent", "no answer", "acknowledged", "handed over", "failed"};

	if (!trap_is_tested(t, row))
		return results[0];
	/* The word came back that nobody took it. */
	if (row->live.test_result == DMP_TEST_HANDED_OVER && row->live.trouble[0])
		return results[DMP_TEST_FAILED];
	return trap_word(results, 5, row->live.test_result);
}

/* Fine: it was taken, as far as anybody can tell. */
static bool
trap_is_fine(const struct trap *t, const struct trap_row *row)
{
	if (t->test == 0)
		return row->is_served && !row->live.trouble[0] && row->live.state <= 2;
	return trap_is_tested(t, row) &&
	       (row->live.test_result == DMP_TEST_ACKNOWLEDGED ||
	           (row->live.test_result == DMP_TEST_HANDED_OVER &&
	               !row->live.trouble[0]));
}

static void
trap_detail(const struct trap *t, const struct trap_row *row, struct dmp_text *out)
{
	bool is_agentx = row->plan->kind == DMP_RECEIVER_AGENTX;
	char trouble[DMP_TROUBLE_TEXT];

	dmp_text_safe(trouble, sizeof(trouble), row->live.trouble);
	if (!row->is_served)
		dmp_text_printf(out, "the daemon's %s does not run, or serves it not",
		    is_agentx ? "agent" : "notifier");
	else if (trouble[0])
		dmp_text_append(out, trouble);
	else if (is_agentx && !trap_is_fine(t, row))
		dmp_text_append(out, "the AgentX master is not there");
	else if (t->test == 0)
		dmp_text_printf(out, "%u pending", row->live.pending);
	else if (row->live.test_result == DMP_TEST_ACKNOWLEDGED)
		dmp_text_printf(out, "after %u.%02u ms", row->live.test_us / 1000,
		    row->live.test_us / 10 % 100);
	else if (row->live.test_result == DMP_TEST_HANDED_OVER)
		dmp_text_append(out,
		    is_agentx
		        ? "to the AgentX master; what it does with it nobody can tell"
		        : "to the network; nobody acknowledges a trap");
}

static const struct dmp_column trap_test_columns[] = {
    {"receiver", "RECEIVER", DMP_COLUMN_TEXT}, {"kind", "KIND", DMP_COLUMN_TEXT},
    {"address", "ADDRESS", DMP_COLUMN_TEXT}, {"result", "RESULT", DMP_COLUMN_TEXT},
    {"detail", "DETAIL", DMP_COLUMN_TEXT}};

static const struct dmp_column trap_status_columns[] = {
    {"receiver", "RECEIVER", DMP_COLUMN_TEXT}, {"kind", "KIND", DMP_COLUMN_TEXT},
    {"address", "ADDRESS", DMP_COLUMN_TEXT}, {"state", "STATE", DMP_COLUMN_TEXT},
    {"detail", "DETAIL", DMP_COLUMN_TEXT}, {"last_sent", NULL, DMP_COLUMN_NUMBER},
    {"last_acknowledged", NULL, DMP_COLUMN_NUMBER},
    {"pending", NULL, DMP_COLUMN_NUMBER}, {"sent", NULL, DMP_COLUMN_NUMBER},
    {"acknowledged", NULL, DMP_COLUMN_NUMBER}, {"retries", NULL, DMP_COLUMN_NUMBER},
    {"failures", NULL, DMP_COLUMN_NUMBER}};

static enum dmp_status
trap_write(struct trap *t, const struct trap_row *row, struct dmp_writer *writer)
{
	const struct dmp_board_receiver_live *live = &row->live;
	struct dmp_text address = {0};
	struct dmp_text detail = {0};
	enum dmp_status status;

	dmp_text_append(&address, row->plan->address);
	if (row->plan->kind != DMP_RECEIVER_AGENTX)
		dmp_text_printf(&address, " port %u", row->plan->port);
	trap_detail(t, row, &detail);
	{
		const struct dmp_cell cells[] = {
		    {.text = row->plan->name},
		    {.text = trap_kind(row)},
		    {.text = dmp_text_get(&address)},
		    {.text = t->test ? trap_result(t, row) : trap_state(row),
		        .colour =
		            trap_is_fine(t, row) ? DMP_COLOUR_GREEN : DMP_COLOUR_RED},
		    {.text = dmp_text_get(&detail)},
		    {.number = live->last_sent, .present = row->is_served},
		    {.number = live->last_acknowledged, .present = row->is_served},
		    {.number = live->pending, .present = row->is_served},
		    {.number = live->sent, .present = row->is_served},
		    {.number = live->acknowledged, .present = row->is_served},
		    {.number = live->retries, .present = row->is_served},
		    {.number = live->failures, .present = row->is_served},
		};

		status = dmp_writer_row(writer, cells);
	}
	dmp_text_done(&address);
	dmp_text_done(&detail);
	return status;
}

/* Print all that are asked for.  The exit code. */
static int
trap_print(struct trap *t)
{
	uint32_t n = dmp_board_rows(t->engine, DMP_BOARD_RECEIVER);
	struct dmp_writer *writer = NULL;
	struct trap_row row;
	enum dmp_status end;
	enum dmp_status status =
	    dmp_cli_writer(t->cli, t->test ? trap_test_columns : trap_status_columns,
	        t->test ? sizeof(trap_test_columns) / sizeof(*trap_test_columns)
	                : sizeof(trap_status_columns) / sizeof(*trap_status_columns),
	        &writer);
	bool is_fine = true;

	for (uint32_t i = 0; status == DMP_OK && i < n; i++) {
		if (!trap_read(t, i, &row))
			continue;
		is_fine &= trap_is_fine(t, &row);
		status = trap_write(t, &row, writer);
	}
	end = dmp_writer_end(writer);
	if (status == DMP_OK)
		status = end;
	if (status != DMP_OK) {
		dmp_cli_error(t->cli, "%s", dmp_status_text(status));
		return DMP_EXIT_FAILED;
	}
	return is_fine ? DMP_EXIT_FINE : DMP_EXIT_DOWN;
}

/* --- the test --- */

/* Is an answer still to come? */
static bool
trap_is_waiting(struct trap *t)
{
	uint32_t n = dmp_board_rows(t->engine, DMP_BOARD_RECEIVER);
	struct trap_row row;

	for (uint32_t i = 0; i < n; i++) {
		if (!trap_read(t, i, &row) || !row.is_served)
			continue;
		if (row.live.test != t->test ||
		    row.live.test_result == DMP_TEST_WAITING)
			return true;
	}
	return false;
}

static int
trap_ask(struct trap *t)
{
	struct dmp_text request = {0};
	struct dmp_text answer = {0};
	enum dmp_status status;
	int code = DMP_EXIT_FINE;

	dmp_text_printf(&request, "trap-test %s", t->only ? t->only : "*");
	status = dmp_control_call(
	    t->run_dir, dmp_text_get(&request), TRAP_CONTROL_MS, &answer);
	if (status == DMP_OK &&
	    !dmp_text_number(dmp_text_get(&answer), 1, INT64_MAX, &t->test))
		status = DMP_EIO;
	if (status != DMP_OK) {
		dmp_cli_error(t->cli, "%s: %s%s%s", t->run_dir, dmp_status_text(status),
		    answer.size ? ": " : "", dmp_text_get(&answer));
		code = status == DMP_EPERM ? DMP_EXIT_FAILED : DMP_EXIT_UNREACHABLE;
	}
	dmp_text_done(&request);
	dmp_text_done(&answer);
	return code;
}

static int
trap_test(struct trap *t)
{
	int64_t end_ms;
	int code = trap_ask(t);

	if (code != DMP_EXIT_FINE)
		return code;
	(void)poll(NULL, 0, TRAP_FIRST_MS);
	end_ms = dmp_clock_mono_ms(t->cli->clock) + TRAP_PATIENCE_MS;
	while (trap_is_waiting(t) && dmp_clock_mono_ms(t->cli->clock) < end_ms) {
		(void)poll(NULL, 0, TRAP_POLL_MS);
		trap_open(t);
	}
	return trap_print(t);
}

void
dmp_cli_trap_warn(struct dmp_cli *cli, struct dmp_board_reader *engine)
{
	struct trap t = {.cli = cli,
	    .run_dir = dmp_cli_value(cli, DMP_OPT_RUN_DIR, DMP_DEFAULT_RUN_DIR),
	    .engine = engine};
	uint32_t n = dmp_board_rows(engine, DMP_BOARD_RECEIVER);
	struct trap_row row;

	trap_open(&t);
	for (uint32_t i = 0; i < n; i++) {
		struct dmp_text detail = {0};

		if (!trap_read(&t, i, &row) || row.plan->kind == DMP_RECEIVER_AGENTX ||
		    trap_is_fine(&t, &row))
			continue;
		trap_detail(&t, &row, &detail);
		dmp_cli_error(cli, "receiver %s gets no notifications: %s",
		    row.plan->name, dmp_text_get(&detail));
		dmp_text_done(&detail);
	}
	for (size_t i = 0; i < TRAP_BOARDS; i++)
		dmp_board_reader_close(t.boards[i]);
}

int
dmp_cli_trap(struct dmp_cli *cli)
{
	static const char *const verbs[] = {"test", "status"};
	const char *verb = cli->options.n_words > 0 ? cli->options.words[0] : "";
	struct trap t = {.cli = cli,
	    .run_dir = dmp_cli_value(cli, DMP_OPT_RUN_DIR, DMP_DEFAULT_RUN_DIR),
	    .only = cli->options.value[DMP_OPT_RECEIVER]};
	const char *suggestion = dmp_cli_suggest(verb, verbs, 2);
	int code;

	if (!suggestion || strcmp(suggestion, verb) != 0) {
		dmp_cli_error(cli, "expected \"trap test\" or \"trap status\"");
		return DMP_EXIT_USAGE;
	}
	code = dmp_board_report_open(cli, &t.engine);
	if (code != DMP_EXIT_FINE)
		return code;
	trap_open(&t);
	if (!trap_exists(&t)) {
		dmp_cli_error(
		    cli, "the daemon knows no receiver \"%s\"", t.only ? t.only : "");
		code = DMP_EXIT_USAGE;
	} else {
		code = strcmp(verb, "test") == 0 ? trap_test(&t) : trap_print(&t);
	}
	trap_close(&t);
	return code;
}
