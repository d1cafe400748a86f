/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/daemon.h"

#include <string.h>

#include "engine/control.h"

/* The daemon answers at once, but for a disk that is slow to store what was asked. */
enum { DAEMON_PATIENCE_MS = 10000 };

static int
daemon_explain(struct dmp_cli *cli, enum dmp_status status, const char *run_dir)
{
	switch (status) {
	case DMP_ENOENT:
		dmp_cli_error(cli,
		    "no daemon answers in %s; start dmportsd, or give its --run-dir",
		    run_dir);
		return DMP_EXIT_UNREACHABLE;
	case DMP_EPERM:
		dmp_cli_error(cli,
		    "not permitted to ask the daemon in %s; join the group dmports, or "
		    "become root",
		    run_dir);
		return DMP_EXIT_FAILED;
	case DMP_ETOOBIG:
		dmp_cli_error(
		    cli, "the request, or the name of --run-dir, is too long");
		return DMP_EXIT_USAGE;
	case DMP_EBUSY:
		dmp_cli_error(cli,
		    "the daemon in %s has not answered within %d s; its engine hangs, "
		    "or waits for the disk (see: dmports doctor), and may still do it "
		    "later",
		    run_dir, DAEMON_PATIENCE_MS / 1000);
		return DMP_EXIT_UNREACHABLE;
	default:
		dmp_cli_error(cli, "the daemon in %s gave no answer: %s", run_dir,
		    dmp_status_text(status));
		return DMP_EXIT_UNREACHABLE;
	}
}

int
dmp_cli_request(struct dmp_cli *cli, const char *request, struct dmp_text *answer)
{
	const char *run_dir = dmp_cli_run_dir(cli);
	enum dmp_status status =
	    dmp_control_call(run_dir, request, DAEMON_PATIENCE_MS, answer);
	const char *text = dmp_text_get(answer);

	if (status == DMP_OK)
		return DMP_EXIT_FINE;
	if (status != DMP_EINVAL)
		return daemon_explain(cli, status, run_dir);
	dmp_cli_error(cli, "%s", text + strspn(text, " "));
	return DMP_EXIT_USAGE;
}

int
dmp_cli_open_log(struct dmp_cli *cli, struct dmp_eventlog_reader **ret_reader)
{
	const char *state_dir =
	    dmp_cli_value(cli, DMP_OPT_STATE_DIR, DMP_DEFAULT_STATE_DIR);
	enum dmp_status status = dmp_eventlog_reader_open(state_dir, ret_reader);

	if (status == DMP_OK)
		return DMP_EXIT_FINE;
	if (status == DMP_ENOENT)
		dmp_cli_error(cli,
		    "no %s in %s: no daemon has run there; start dmportsd, or give "
		    "its --state-dir",
		    DMP_EVENTLOG_FILE, state_dir);
	else if (status == DMP_EPERM)
		dmp_cli_error(cli,
		    "not permitted to read %s/%s; join the group dmports, or become "
		    "root",
		    state_dir, DMP_EVENTLOG_FILE);
	else if (status == DMP_ECORRUPT)
		dmp_cli_error(cli,
		    "%s/%s is damaged; restart dmportsd, which sets it aside",
		    state_dir, DMP_EVENTLOG_FILE);
	else
		dmp_cli_error(cli, "cannot read %s/%s: %s", state_dir,
		    DMP_EVENTLOG_FILE, dmp_status_text(status));
	return status == DMP_ENOENT ? DMP_EXIT_UNREACHABLE : DMP_EXIT_FAILED;
}

bool
dmp_cli_time(const char *text, int64_t *ret_ms)
{
	size_t n = strlen(text);
	char utc[40];
	uint64_t hours;
	uint64_t minutes;
	int64_t offset_ms;
	int64_t time_ms = dmp_clock_parse(text);

	if (time_ms >= 0) {
		*ret_ms = time_ms;
		return true;
	}
	if (n < 7 || n >= sizeof(utc) || !strchr("+-", text[n - 6]) ||
	    text[n - 3] != ':')
		return false;
	dmp_text_copy(utc, 3, text + n - 5);
	if (!dmp_text_number(utc, 0, 23, &hours) ||
	    !dmp_text_number(text + n - 2, 0, 59, &minutes))
		return false;
	dmp_text_format(utc, sizeof(utc), "%.*sZ", (int)(n - 6), text);
	time_ms = dmp_clock_parse(utc);
	if (time_ms < 0)
		return false;
	offset_ms = (int64_t)(hours * 60 + minutes) * 60000;
	*ret_ms = text[n - 6] == '+' ? time_ms - offset_ms : time_ms + offset_ms;
	return true;
}

bool
dmp_cli_since(struct dmp_cli *cli, const char *text, int64_t *ret_ms)
{
	int64_t now_ms = dmp_clock_wall_ms(cli->clock);
	int64_t ms;

	if (dmp_cli_duration(text, &ms)) {
		*ret_ms = now_ms - ms;
		return true;
	}
	if (dmp_cli_time(text, &ms)) {
		if (ms <= now_ms)
			*ret_ms = ms;
		else
			dmp_cli_error(cli, "--since: %s is still to come", text);
		return ms <= now_ms;
	}
	dmp_cli_error(cli,
	    "--since: got \"%s\", expected a time such as 2026-11-22T14:00:00Z, or how "
	    "long ago, such as 90s, 2h or 3d",
	    text);
	return false;
}
