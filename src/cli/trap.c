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
#include "cli/daemon.h"
#include "cli/receiver_report.h"

enum {
	TRAP_FIRST_MS = 300, /* an ICMP error needs a moment to come back */
	TRAP_POLL_MS = 50,
	TRAP_PATIENCE_MS = 6000 /* three attempts of an inform take 3.5 s */
};

struct trap {
	struct dmp_cli *cli;
	struct dmp_receivers receivers;
	const char *only; /* receiver, NULL = all */
	uint64_t test;    /* number, 0 = status only */
};

/* Receiver row of the engine's board; false when it is not asked for. */
static bool
trap_read(struct trap *t, uint32_t row, struct dmp_receiver_row *ret_row)
{
	return dmp_receivers_read(
	           &t->receivers, row, dmp_clock_mono_ms(t->cli->clock), ret_row) &&
	       (!t->only || strcmp(t->only, ret_row->plan->name) == 0);
}

static uint32_t
trap_rows(const struct trap *t)
{
	return dmp_board_rows(t->receivers.engine, DMP_BOARD_RECEIVER);
}

static bool
trap_exists(struct trap *t)
{
	struct dmp_receiver_row row;

	for (uint32_t i = 0; i < trap_rows(t); i++) {
		if (trap_read(t, i, &row))
			return true;
	}
	return false;
}

/* --- printing --- */

static bool
trap_is_tested(const struct trap *t, const struct dmp_receiver_row *row)
{
	return row->is_served && row->live.test == t->test;
}

static const char *
trap_result(const struct trap *t, const struct dmp_receiver_row *row)
{
	static const char *const results[] = {
	    "not sent", "no answer", "acknowledged", "handed over", "failed"};

	if (!trap_is_tested(t, row))
		return results[0];
	/* The word came back that nobody took it. */
	if (row->live.test_result == DMP_TEST_HANDED_OVER && row->live.trouble[0])
		return results[DMP_TEST_FAILED];
	return row->live.test_result < 5 ? results[row->live.test_result] : "?";
}

/* Fine: it was taken, as far as anybody can tell. */
static bool
trap_is_fine(const struct trap *t, const struct dmp_receiver_row *row)
{
	if (t->test == 0)
		return dmp_receiver_is_fine(row);
	return trap_is_tested(t, row) &&
	       (row->live.test_result == DMP_TEST_ACKNOWLEDGED ||
	           (row->live.test_result == DMP_TEST_HANDED_OVER &&
	               !row->live.trouble[0]));
}

static void
trap_detail(
    const struct trap *t, const struct dmp_receiver_row *row, struct dmp_text *out)
{
	bool is_agentx = row->plan->kind == DMP_RECEIVER_AGENTX;

	if (!row->is_served || row->live.trouble[0])
		dmp_receiver_trouble(row, out);
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
trap_write(
    struct trap *t, const struct dmp_receiver_row *row, struct dmp_writer *writer)
{
	const struct dmp_board_receiver_live *live = &row->live;
	struct dmp_text address = {0};
	struct dmp_text detail = {0};
	enum dmp_status status;

	dmp_receiver_address(row, &address);
	trap_detail(t, row, &detail);
	{
		const struct dmp_cell cells[] = {
		    {.text = row->plan->name},
		    {.text = dmp_receiver_kind(row)},
		    {.text = dmp_text_get(&address)},
		    {.text = t->test ? trap_result(t, row) : dmp_receiver_state(row),
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
	uint32_t n = trap_rows(t);
	struct dmp_writer *writer = NULL;
	struct dmp_receiver_row row;
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
	status = dmp_writer_end(writer, status);
	if (status != DMP_OK)
		return dmp_cli_printed(t->cli, status);
	return is_fine ? DMP_EXIT_FINE : DMP_EXIT_DOWN;
}

/* --- the test --- */

/* Is an answer still to come? */
static bool
trap_is_waiting(struct trap *t)
{
	uint32_t n = trap_rows(t);
	struct dmp_receiver_row row;

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
	const char *number;
	int code;

	dmp_text_printf(&request, "trap-test %s", t->only ? t->only : "*");
	code = dmp_cli_request(t->cli, dmp_text_get(&request), &answer);
	number = dmp_text_get(&answer);
	if (code == DMP_EXIT_FINE &&
	    !dmp_text_number(number + strspn(number, " "), 1, INT64_MAX, &t->test)) {
		dmp_cli_error(t->cli, "the daemon in %s is of another version",
		    t->receivers.run_dir);
		code = DMP_EXIT_UNREACHABLE;
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
		dmp_receivers_open(&t->receivers);
	}
	return trap_print(t);
}

void
dmp_cli_trap_warn(struct dmp_cli *cli, struct dmp_board_reader *engine)
{
	struct trap t = {.cli = cli,
	    .receivers = {.run_dir = dmp_cli_run_dir(cli), .engine = engine}};
	uint32_t n = dmp_board_rows(engine, DMP_BOARD_RECEIVER);
	struct dmp_receiver_row row;

	dmp_receivers_open(&t.receivers);
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
	dmp_receivers_done(&t.receivers);
}

int
dmp_cli_trap(struct dmp_cli *cli)
{
	const char *verb = cli->options.n_words > 0 ? cli->options.words[0] : "";
	struct trap t = {.cli = cli,
	    .receivers.run_dir = dmp_cli_run_dir(cli),
	    .only = cli->options.value[DMP_OPT_RECEIVER]};
	int code;

	if (strcmp(verb, "test") != 0 && strcmp(verb, "status") != 0) {
		dmp_cli_error(cli, "expected \"trap test\" or \"trap status\"");
		return DMP_EXIT_USAGE;
	}
	code = dmp_board_report_open(cli, &t.receivers.engine);
	if (code != DMP_EXIT_FINE)
		return code;
	dmp_receivers_open(&t.receivers);
	if (!trap_exists(&t)) {
		dmp_cli_error(
		    cli, "the daemon knows no receiver \"%s\"", t.only ? t.only : "");
		code = DMP_EXIT_USAGE;
	} else {
		code = strcmp(verb, "test") == 0 ? trap_test(&t) : trap_print(&t);
	}
	dmp_receivers_done(&t.receivers);
	dmp_board_reader_close(t.receivers.engine);
	return code;
}
