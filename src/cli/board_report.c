/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/board_report.h"

#include <stdlib.h>

#include "engine/admin.h"

void
dmp_board_report_explain(
    const char *run_dir, enum dmp_status status, struct dmp_text *out)
{
	if (status == DMP_ENOENT)
		dmp_text_printf(out,
		    "no daemon has published anything in %s; start dmportsd (systemctl "
		    "start dmportsd), or give its --run-dir",
		    run_dir);
	else if (status == DMP_EPERM)
		dmp_text_printf(out,
		    "not permitted to read %s; join the group dmports, or become root",
		    run_dir);
	else if (status == DMP_ECORRUPT)
		dmp_text_printf(out,
		    "the board in %s is damaged or of another version of dmports; "
		    "restart dmportsd after an update",
		    run_dir);
	else
		dmp_text_printf(
		    out, "cannot read %s: %s", run_dir, dmp_status_text(status));
}

int
dmp_board_report_open(struct dmp_cli *cli, struct dmp_board_reader **ret_reader)
{
	const char *run_dir = dmp_cli_run_dir(cli);
	enum dmp_status status = dmp_board_reader_open(run_dir, ret_reader);
	struct dmp_text why = {0};

	if (status == DMP_OK)
		return DMP_EXIT_FINE;
	dmp_board_report_explain(run_dir, status, &why);
	dmp_cli_error(cli, "%s", dmp_text_get(&why));
	dmp_text_done(&why);
	return status == DMP_EPERM ? DMP_EXIT_FAILED : DMP_EXIT_UNREACHABLE;
}

/* Who does not let it be judged, until when and why, before what was found. */
static void
board_report_detail(
    const struct dmp_board_port_live *live, char detail[DMP_DETAIL_TEXT])
{
	char comment[sizeof(live->admin_comment)];
	char until[DMP_TIME_TEXT];

	if (live->admin != DMP_ADMIN_MAINTENANCE && live->admin != DMP_ADMIN_DISABLED) {
		dmp_text_copy(detail, DMP_DETAIL_TEXT, live->detail);
		return;
	}
	dmp_clock_text(live->admin_until_ms, until);
	dmp_text_safe(comment, sizeof(comment), live->admin_comment);
	dmp_text_format(detail, DMP_DETAIL_TEXT, "%s by %s%s%s%s%s; %s",
	    dmp_vocab_text(DMP_VOCAB_ADMIN, live->admin),
	    live->admin_origin == DMP_ADMIN_ORIGIN_RUN_TIME ? "hand" : "the site file",
	    until[0] ? " until " : "", until, comment[0] ? ": " : "", comment,
	    live->detail);
}

static void
board_report_row(
    struct dmp_board_reader *reader, uint32_t i, struct dmp_report_row *row)
{
	const struct dmp_board_port *plan = dmp_board_plan(reader, DMP_BOARD_PORT, i);
	const struct dmp_board_requirement *requirement;
	struct dmp_board_port_live live = {.change_ms = INT64_MIN};

	/* A damaged row is shown as one that nobody has checked. */
	if (!dmp_board_live(reader, DMP_BOARD_PORT, i, &live))
		live.tls_days_left = INT32_MAX;
	requirement =
	    plan ? dmp_board_plan(reader, DMP_BOARD_REQUIREMENT, plan->requirement_row)
	         : NULL;
	*row = (struct dmp_report_row){
	    .key = plan ? plan->key : "",
	    .host = plan ? plan->host_name : "",
	    .requirement = requirement ? requirement->key : "",
	    .service = plan ? plan->service : "",
	    .why = plan ? plan->why : "",
	    .transport = plan ? (enum dmp_transport)plan->transport : 0,
	    .port = plan ? plan->number : 0,
	    .level = plan ? (enum dmp_level)plan->level : 0,
	    .state = live.state ? (enum dmp_state)live.state : DMP_STATE_UNKNOWN,
	    .reason = live.reason ? (enum dmp_reason)live.reason : DMP_REASON_NONE,
	    .severity = live.severity ? (enum dmp_severity)live.severity
	                              : DMP_SEVERITY_INDETERMINATE,
	    .latency_us = live.latency_us,
	    .excused =
	        live.admin == DMP_ADMIN_MAINTENANCE || live.admin == DMP_ADMIN_DISABLED,
	    .checks = live.checks,
	    .tls_days_left = live.tls_days_left,
	};
	dmp_text_copy(row->address, sizeof(row->address), live.address);
	board_report_detail(&live, row->detail);
	dmp_text_copy(row->identity, sizeof(row->identity), live.identity);
}

/* The engine's word on the whole, and what the rows do not tell of it. */
static void
board_report_whole(struct dmp_board_reader *reader, struct dmp_report *report)
{
	struct dmp_board_system_live live = {.config_status = DMP_CONFIG_OK};
	const char *why = "";

	(void)dmp_board_live(reader, DMP_BOARD_SYSTEM, 0, &live);
	report->daemon_status = live.status <= 2 ? (int)live.status : 0;
	if (live.down_hosts > 0) {
		dmp_text_format(report->daemon_why, sizeof(report->daemon_why),
		    "%u host%s down", live.down_hosts, live.down_hosts == 1 ? "" : "s");
		return;
	}
	if (live.status == 2 && live.required_down == 0)
		why = "no host answers: dmports itself is cut off";
	else if (live.config_status == DMP_CONFIG_REJECTED)
		why = "the new configuration was rejected";
	else if (live.log_failing)
		why = "events cannot be stored";
	dmp_text_copy(report->daemon_why, sizeof(report->daemon_why), why);
}

enum dmp_status
dmp_board_report_read(
    struct dmp_board_reader *reader, int64_t now_ms, struct dmp_report *report)
{
	uint32_t n = dmp_board_rows(reader, DMP_BOARD_PORT);

	if (n > report->n_rows || !report->rows) {
		struct dmp_report_row *rows =
		    realloc(report->rows, ((size_t)n + 1) * sizeof(*rows));

		if (!rows)
			return DMP_ENOMEM;
		report->rows = rows;
	}
	report->n_rows = n;
	report->n_hosts = dmp_board_rows(reader, DMP_BOARD_HOST);
	for (uint32_t i = 0; i < n; i++)
		board_report_row(reader, i, &report->rows[i]);
	board_report_whole(reader, report);
	report->engine_state =
	    (int)dmp_board_engine_state(reader, now_ms, &report->age_ms);
	report->trouble = NULL;
	if (report->engine_state == DMP_ENGINE_STALLED)
		report->trouble = "the engine of the daemon is stalled; what is shown "
		                  "is its last word";
	else if (report->engine_state != DMP_ENGINE_RUNNING)
		report->trouble = "the daemon has stopped; what is shown is its last "
		                  "word";
	return DMP_OK;
}

void
dmp_board_report_engine(const struct dmp_report *report, struct dmp_text *out)
{
	static const char *const words[] = {
	    [DMP_ENGINE_RUNNING] = "running",
	    [DMP_ENGINE_STALLED] = "stalled",
	    [DMP_ENGINE_STOPPED] = "stopped",
	};

	dmp_text_printf(out, "engine %s, last sign of life %.1f s ago",
	    words[report->engine_state], (double)report->age_ms / 1000);
}
