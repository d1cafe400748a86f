/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintenance.c - dmports maintenance: who is not judged, and changing that.
 *
 * How it works: changes go through the daemon's socket.  Those in force are read from
 * the event log, with or without a daemon; what the site file says is on the board of a
 * daemon that runs.
 */
#include <string.h>

#include "cli/board_report.h"
#include "cli/daemon.h"
#include "engine/control_admin.h"

static const struct dmp_column maintenance_columns[] = {
    {"scope", "SCOPE", DMP_COLUMN_TEXT},
    {"name", "NAME", DMP_COLUMN_TEXT},
    {"state", "STATE", DMP_COLUMN_TEXT},
    {"origin", "BY", DMP_COLUMN_TEXT},
    {"since", "SINCE", DMP_COLUMN_TEXT},
    {"until", "UNTIL", DMP_COLUMN_TEXT},
    {"comment", "COMMENT", DMP_COLUMN_TEXT},
};

enum { COLUMNS = sizeof(maintenance_columns) / sizeof(maintenance_columns[0]) };

/* --- list --- */

static enum dmp_status
maintenance_write(struct dmp_writer *writer, const struct dmp_admin_entry *entry)
{
	char name[DMP_KEY_TEXT];
	char comment[DMP_ADMIN_COMMENT_TEXT];
	char since[DMP_TIME_TEXT];
	char until[DMP_TIME_TEXT];

	dmp_text_safe(name, sizeof(name), entry->name);
	dmp_text_safe(comment, sizeof(comment), entry->comment);
	dmp_clock_text(entry->since_ms, since);
	dmp_clock_text(entry->until_ms, until);
	const struct dmp_cell cells[COLUMNS] = {
	    {.text = dmp_admin_scope_text(entry->scope)},
	    {.text = name},
	    {.text = dmp_vocab_text(DMP_VOCAB_ADMIN, (int)entry->state)},
	    {.text = dmp_admin_origin_text(entry->origin)},
	    {.text = since},
	    {.text = until},
	    {.text = comment},
	};
	return dmp_writer_row(writer, cells);
}

static enum dmp_status
maintenance_write_changes(
    struct dmp_cli *cli, struct dmp_writer *writer, struct dmp_eventlog_reader *reader)
{
	int64_t now_ms = dmp_clock_wall_ms(cli->clock);
	struct dmp_admin_set set = {0};
	enum dmp_status status = dmp_eventlog_reader_admins(reader, &set);

	for (size_t i = 0; i < set.n && status == DMP_OK; i++) {
		if (dmp_admin_in_force(&set.items[i], now_ms))
			status = maintenance_write(writer, &set.items[i]);
	}
	dmp_admin_done(&set);
	return status;
}

/* What the site file says for a host, or for a port; false when it says nothing. */
static bool
maintenance_of_host(
    struct dmp_board_reader *board, uint32_t row, struct dmp_admin_entry *ret_entry)
{
	const struct dmp_board_host *plan = dmp_board_plan(board, DMP_BOARD_HOST, row);
	struct dmp_board_host_live live;

	if (!plan || !dmp_board_live(board, DMP_BOARD_HOST, row, &live) ||
	    live.admin_origin != DMP_ADMIN_ORIGIN_SITE_FILE)
		return false;
	*ret_entry = (struct dmp_admin_entry){.scope = DMP_ADMIN_SCOPE_HOST,
	    .state = (enum dmp_admin)live.admin,
	    .origin = DMP_ADMIN_ORIGIN_SITE_FILE,
	    .until_ms = live.admin_until_ms};
	dmp_text_copy(ret_entry->name, sizeof(ret_entry->name), plan->name);
	dmp_text_copy(
	    ret_entry->comment, sizeof(ret_entry->comment), live.admin_comment);
	return true;
}

static bool
maintenance_of_port(
    struct dmp_board_reader *board, uint32_t row, struct dmp_admin_entry *ret_entry)
{
	const struct dmp_board_port *plan = dmp_board_plan(board, DMP_BOARD_PORT, row);
	struct dmp_board_port_live live;
	struct dmp_admin_entry host;

	if (!plan || !dmp_board_live(board, DMP_BOARD_PORT, row, &live) ||
	    live.admin_origin != DMP_ADMIN_ORIGIN_SITE_FILE)
		return false;
	/* What holds for the whole host is told once. */
	if (maintenance_of_host(board, plan->host_row, &host) &&
	    host.state == (enum dmp_admin)live.admin &&
	    host.until_ms == live.admin_until_ms)
		return false;
	*ret_entry = (struct dmp_admin_entry){.scope = DMP_ADMIN_SCOPE_PORT,
	    .state = (enum dmp_admin)live.admin,
	    .origin = DMP_ADMIN_ORIGIN_SITE_FILE,
	    .until_ms = live.admin_until_ms};
	dmp_text_copy(ret_entry->name, sizeof(ret_entry->name), plan->key);
	dmp_text_copy(
	    ret_entry->comment, sizeof(ret_entry->comment), live.admin_comment);
	return true;
}

static enum dmp_status
maintenance_write_site(struct dmp_writer *writer, struct dmp_board_reader *board)
{
	uint32_t n_hosts = dmp_board_rows(board, DMP_BOARD_HOST);
	uint32_t n_ports = dmp_board_rows(board, DMP_BOARD_PORT);
	enum dmp_status status = DMP_OK;
	struct dmp_admin_entry entry;

	for (uint32_t i = 0; i < n_hosts && status == DMP_OK; i++) {
		if (maintenance_of_host(board, i, &entry))
			status = maintenance_write(writer, &entry);
	}
	for (uint32_t i = 0; i < n_ports && status == DMP_OK; i++) {
		if (maintenance_of_port(board, i, &entry))
			status = maintenance_write(writer, &entry);
	}
	return status;
}

static int
maintenance_list(struct dmp_cli *cli)
{
	struct dmp_eventlog_reader *log = NULL;
	struct dmp_board_reader *board = NULL;
	struct dmp_writer *writer = NULL;
	enum dmp_status status;
	int code = dmp_cli_open_log(cli, &log);

	if (code != DMP_EXIT_FINE)
		return code;
	status = dmp_cli_writer(cli, maintenance_columns, COLUMNS, &writer);
	if (status == DMP_OK)
		status = maintenance_write_changes(cli, writer, log);
	dmp_eventlog_reader_close(log);
	/* Without a daemon nothing is in force by the site file. */
	if (status == DMP_OK &&
	    dmp_board_reader_open(dmp_cli_run_dir(cli), &board) == DMP_OK)
		status = maintenance_write_site(writer, board);
	dmp_board_reader_close(board);
	status = dmp_writer_end(writer, status);
	if (status == DMP_OK)
		return DMP_EXIT_FINE;
	if (!ferror(cli->out))
		dmp_cli_error(
		    cli, "cannot read the changes: %s", dmp_status_text(status));
	return DMP_EXIT_FAILED;
}

/* --- changes --- */

/* What the words and options name: a port has a slash, a host has none. */
static bool
maintenance_target(struct dmp_cli *cli, struct dmp_admin_entry *entry)
{
	const char *group = cli->options.value[DMP_OPT_GROUP];
	bool all = cli->options.value[DMP_OPT_ALL] != NULL;
	const char *name = cli->options.n_words > 1 ? cli->options.words[1]
	                   : group                  ? group
	                                            : "";

	if ((cli->options.n_words > 1) + (group != NULL) + all != 1) {
		dmp_cli_error(cli,
		    "expected one of: the key of a port, a host, --group GROUP, or "
		    "--all for the whole site");
		return false;
	}
	entry->scope = DMP_ADMIN_SCOPE_SITE;
	if (group)
		entry->scope = DMP_ADMIN_SCOPE_GROUP;
	else if (!all)
		entry->scope =
		    strchr(name, '/') ? DMP_ADMIN_SCOPE_PORT : DMP_ADMIN_SCOPE_HOST;
	if ((!all && !*name) || strlen(name) >= sizeof(entry->name) ||
	    strpbrk(name, " \t\r\n")) {
		dmp_cli_error(cli, "this is no name of a port, host or group");
		return false;
	}
	dmp_text_copy(entry->name, sizeof(entry->name), name);
	return true;
}

static bool
maintenance_comment(struct dmp_cli *cli, struct dmp_admin_entry *entry)
{
	const char *comment = dmp_cli_value(cli, DMP_OPT_COMMENT, "");
	size_t n = strlen(comment);

	if (n >= sizeof(entry->comment)) {
		dmp_cli_error(cli, "--comment: got %zu bytes, expected at most %zu", n,
		    sizeof(entry->comment) - 1);
		return false;
	}
	dmp_text_printable(entry->comment, sizeof(entry->comment), comment, n);
	return true;
}

static bool
maintenance_until(struct dmp_cli *cli, struct dmp_admin_entry *entry)
{
	const char *until = cli->options.value[DMP_OPT_UNTIL];
	const char *length = cli->options.value[DMP_OPT_FOR];
	int64_t now_ms = dmp_clock_wall_ms(cli->clock);
	int64_t ms;

	if (until && length) {
		dmp_cli_error(cli, "--until and --for cannot be combined");
		return false;
	}
	if (until && !dmp_cli_time(until, &entry->until_ms)) {
		dmp_cli_error(cli,
		    "--until: got \"%s\", expected a time such as "
		    "2026-11-22T14:00:00Z or 2026-11-22T15:00:00+01:00",
		    until);
		return false;
	}
	if (length && (!dmp_cli_duration(length, &ms) || ms == 0)) {
		dmp_cli_error(
		    cli, "--for: got \"%s\", expected such as 90s, 2h or 3d", length);
		return false;
	}
	if (length)
		entry->until_ms = now_ms + ms;
	if ((until || length) && entry->until_ms <= now_ms) {
		dmp_cli_error(cli, "--until: %s is over", until);
		return false;
	}
	return true;
}

static int
maintenance_change(struct dmp_cli *cli, const struct dmp_admin_request *request)
{
	struct dmp_text line = {0};
	struct dmp_text answer = {0};
	const char *text;
	int code;

	dmp_control_encode_admin(request, &line);
	code = dmp_cli_request(cli, dmp_text_get(&line), &answer);
	text = dmp_text_get(&answer);
	text += strspn(text, " ");
	if (code == DMP_EXIT_FINE && *text)
		dmp_cli_error(cli, "%s", text);
	dmp_text_done(&line);
	dmp_text_done(&answer);
	return code;
}

int
dmp_cli_maintenance(struct dmp_cli *cli)
{
	static const struct {
		const char *verb;
		enum dmp_admin state; /* 0 = clear */
	} VERBS[] = {
	    {"set", DMP_ADMIN_MAINTENANCE},
	    {"disable", DMP_ADMIN_DISABLED},
	    {"enable", DMP_ADMIN_ENABLED},
	    {"clear", (enum dmp_admin)0},
	};
	const char *verb = cli->options.n_words > 0 ? cli->options.words[0] : "list";
	struct dmp_admin_request request = {0};

	if (strcmp(verb, "list") == 0 && cli->options.n_words < 2)
		return maintenance_list(cli);
	if (strcmp(verb, "list") == 0) {
		dmp_cli_error(cli,
		    "list shows everything; got \"%s\", expected nothing",
		    cli->options.words[1]);
		return DMP_EXIT_USAGE;
	}
	for (size_t i = 0; i < sizeof(VERBS) / sizeof(VERBS[0]); i++) {
		if (strcmp(VERBS[i].verb, verb) != 0)
			continue;
		request.clears = VERBS[i].state == 0;
		request.entry.state = VERBS[i].state;
		if (!maintenance_target(cli, &request.entry) ||
		    !maintenance_comment(cli, &request.entry) ||
		    !maintenance_until(cli, &request.entry))
			return DMP_EXIT_USAGE;
		return maintenance_change(cli, &request);
	}
	dmp_cli_error(
	    cli, "got \"%s\", expected list, set, disable, enable or clear", verb);
	return DMP_EXIT_USAGE;
}
