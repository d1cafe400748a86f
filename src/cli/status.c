/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c - dmports status: what the daemon knows now. */
#include <stdlib.h>

#include "cli/board_report.h"

/* The plugin contract has its own code for "no daemon". */
static int
status_unreachable(struct dmp_cli *cli, int code)
{
	if (cli->format != DMP_FORMAT_NAGIOS)
		return code;
	return dmp_report_nagios_unknown("no fresh word of the daemon", cli->out);
}

static void
status_print_headline(struct dmp_cli *cli, struct dmp_board_reader *reader,
    const struct dmp_report *report)
{
	const struct dmp_board_system *system =
	    dmp_board_plan(reader, DMP_BOARD_SYSTEM, 0);
	struct dmp_text engine = {0};
	char name[DMP_NAME_TEXT];
	char vantage[DMP_NAME_TEXT];

	if (!system)
		return;
	dmp_board_report_engine(report, &engine);
	dmp_text_safe(name, sizeof(name), system->site_name);
	dmp_text_safe(vantage, sizeof(vantage), system->vantage);
	(void)fprintf(cli->out, "Site %s as seen from %s; %s\n\n", name, vantage,
	    dmp_text_get(&engine));
	dmp_text_done(&engine);
}

/* A daemon that runs but could not take its configuration or keep its events. */
static void
status_warn(struct dmp_cli *cli, struct dmp_board_reader *reader,
    const struct dmp_report *report)
{
	struct dmp_board_system_live live = {.config_status = DMP_CONFIG_OK};

	if (report->trouble)
		dmp_cli_error(cli, "%s", report->trouble);
	if (!dmp_board_live(reader, DMP_BOARD_SYSTEM, 0, &live))
		return;
	if (live.config_status == DMP_CONFIG_REJECTED) {
		char message[sizeof(live.config_message)];

		dmp_text_safe(message, sizeof(message), live.config_message);
		dmp_cli_error(cli,
		    "the daemon has rejected its new configuration and works with the "
		    "former one: %s",
		    message);
	}
	if (live.log_failing)
		dmp_cli_error(cli,
		    "the daemon cannot store events now: look at its log and at the "
		    "space of its --state-dir");
	dmp_cli_trap_warn(cli, reader);
}

int
dmp_cli_status(struct dmp_cli *cli)
{
	struct dmp_board_reader *reader = NULL;
	struct dmp_report report = {0};
	enum dmp_status status;
	int code = dmp_board_report_open(cli, &reader);

	if (code != DMP_EXIT_FINE)
		return status_unreachable(cli, code);
	status = dmp_board_report_read(reader, dmp_clock_mono_ms(cli->clock), &report);
	if (status == DMP_OK) {
		if (cli->format == DMP_FORMAT_TABLE &&
		    !cli->options.value[DMP_OPT_QUIET])
			status_print_headline(cli, reader, &report);
		code = dmp_report_print(cli, &report);
		status_warn(cli, reader, &report);
	} else {
		dmp_cli_error(cli, "%s", dmp_status_text(status));
		code = status_unreachable(cli, DMP_EXIT_FAILED);
	}
	free(report.rows);
	dmp_board_reader_close(reader);
	return code;
}
