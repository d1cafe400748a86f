/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.c - dmports doctor: looks at everything between a site file and a manager, and
 * says for each what is wrong and which line mends it.  It reads and connects; it
 * changes nothing.
 */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/board_report.h"
#include "cli/mib_root.h"
#include "engine/control.h"
#include "engine/eventlog.h"

enum {
	DOCTOR_CONTROL_MS = 2000,
	/* Nobody runs this before it was written: 2026-01-01. */
	DOCTOR_YEAR_S = 1767225600
};

#define DOCTOR_MIB_FILE "DATAMINER-PORTS-MIB.txt"
#define DOCTOR_JOIN     "usermod -a -G dmports USER, then log in again"
#define DOCTOR_MIBDIRS                                                                 \
	"/usr/share/snmp/mibs:/usr/share/snmp/mibs/iana:/usr/share/snmp/mibs/ietf"

static const char *const doctor_words[] = {"ok", "warn", "fail"};

void
dmp_doctor_say(struct dmp_doctor *d, enum dmp_verdict verdict, const char *check,
    const char *mend, const char *format, ...)
{
	struct dmp_finding *findings =
	    realloc(d->findings, (d->n_findings + 1) * sizeof(*findings));
	struct dmp_finding *finding;
	char text[sizeof(finding->finding)];
	va_list args;

	if (!findings)
		return;
	d->findings = findings;
	finding = &findings[d->n_findings++];
	*finding = (struct dmp_finding){.verdict = verdict, .check = check};
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dmp_text_printable(
	    finding->finding, sizeof(finding->finding), text, strlen(text));
	if (mend)
		dmp_text_printable(
		    finding->mend, sizeof(finding->mend), mend, strlen(mend));
}

const char *
dmp_doctor_unix_path(const char *address)
{
	if (strncmp(address, "unix:", 5) == 0)
		return address + 5;
	return *address == '/' ? address : NULL;
}

static void
doctor_site(struct dmp_doctor *d)
{
	const char *path = dmp_cli_value(d->cli, DMP_OPT_SITE, DMP_DEFAULT_SITE);
	bool is_builtin =
	    !d->cli->options.value[DMP_OPT_SITE] && access(path, F_OK) != 0;
	struct dmp_text errors = {0};
	enum dmp_status status;
	char first[400];

	status = dmp_plan_load(is_builtin ? NULL : path,
	    d->cli->options.value[DMP_OPT_CATALOGUE], &d->plan, &errors);
	dmp_text_copy(first, sizeof(first), dmp_text_get(&errors));
	first[strcspn(first, "\n")] = '\0';
	if (status == DMP_OK && !is_builtin)
		dmp_doctor_say(d, DMP_VERDICT_OK, "site file", NULL,
		    "%s: %zu host%s, %zu port%s", path, d->plan->n_hosts,
		    d->plan->n_hosts == 1 ? "" : "s", d->plan->n_ports,
		    d->plan->n_ports == 1 ? "" : "s");
	else if (status == DMP_OK)
		dmp_doctor_say(d, DMP_VERDICT_WARN, "site file",
		    "write " DMP_DEFAULT_SITE " (see: dmports config schema)",
		    "there is no %s: the built-in site, one DataMiner Agent on "
		    "127.0.0.1, is used",
		    path);
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "site file",
		    "dmports config check FILE lists everything to mend", "%s",
		    *first ? first : dmp_status_text(status));
	dmp_text_done(&errors);
}

static void
doctor_board(struct dmp_doctor *d, const char *run_dir)
{
	struct dmp_board_reader *reader = NULL;
	enum dmp_status status = dmp_board_reader_open(run_dir, &reader);
	enum dmp_engine_state state;
	struct dmp_text why = {0};
	int64_t age_ms = 0;

	if (status == DMP_EPERM) {
		dmp_doctor_say(d, DMP_VERDICT_WARN, "daemon", DOCTOR_JOIN,
		    "not permitted to read %s", run_dir);
		return;
	}
	if (status != DMP_OK) {
		d->is_unreachable = true;
		dmp_board_report_explain(run_dir, status, &why);
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "daemon",
		    "systemctl start dmportsd", "%s", dmp_text_get(&why));
		dmp_text_done(&why);
		return;
	}
	state =
	    dmp_board_engine_state(reader, dmp_clock_mono_ms(d->cli->clock), &age_ms);
	d->is_unreachable = state != DMP_ENGINE_RUNNING;
	if (state == DMP_ENGINE_RUNNING)
		dmp_doctor_say(d, DMP_VERDICT_OK, "daemon", NULL,
		    "the engine runs; its last sign of life is %.1f s old",
		    (double)age_ms / 1000);
	else if (state == DMP_ENGINE_STALLED)
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "daemon",
		    "systemctl restart dmportsd, and keep its log for a report",
		    "the engine has been silent for %.0f s", (double)age_ms / 1000);
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "daemon",
		    "systemctl start dmportsd; journalctl -u dmportsd tells why it "
		    "stopped",
		    "the engine has stopped; what it published last is %.0f s old",
		    (double)age_ms / 1000);
	dmp_board_reader_close(reader);
}

/* Any answer proves that somebody listens. */
static void
doctor_control(struct dmp_doctor *d, const char *run_dir)
{
	struct dmp_text answer = {0};
	enum dmp_status status =
	    dmp_control_call(run_dir, "ping", DOCTOR_CONTROL_MS, &answer);

	dmp_text_done(&answer);
	if (status == DMP_OK || status == DMP_EINVAL) {
		dmp_doctor_say(d, DMP_VERDICT_OK, "control socket", NULL,
		    "%s/%s answers", run_dir, DMP_CONTROL_SOCKET);
		return;
	}
	if (status == DMP_EPERM) {
		dmp_doctor_say(d, DMP_VERDICT_WARN, "control socket", DOCTOR_JOIN,
		    "not permitted to use %s/%s", run_dir, DMP_CONTROL_SOCKET);
		return;
	}
	d->is_unreachable = true;
	dmp_doctor_say(d, DMP_VERDICT_FAIL, "control socket",
	    "systemctl restart dmportsd", "%s/%s does not answer: %s", run_dir,
	    DMP_CONTROL_SOCKET,
	    status == DMP_EBUSY ? "the engine hangs" : dmp_status_text(status));
}

static void
doctor_events(struct dmp_doctor *d)
{
	const char *state_dir =
	    dmp_cli_value(d->cli, DMP_OPT_STATE_DIR, DMP_DEFAULT_STATE_DIR);
	struct dmp_eventlog_reader *reader = NULL;
	enum dmp_status status = dmp_eventlog_reader_open(state_dir, &reader);
	uint32_t oldest;
	uint32_t newest;
	uint32_t epoch_first;

	if (status == DMP_OK) {
		status = dmp_eventlog_bounds(reader, &oldest, &newest, &epoch_first);
		dmp_eventlog_reader_close(reader);
	}
	if (status == DMP_OK)
		dmp_doctor_say(d, DMP_VERDICT_OK, "event log", NULL,
		    "%s/%s: events %u to %u", state_dir, DMP_EVENTLOG_FILE, oldest,
		    newest);
	else if (status == DMP_EPERM)
		dmp_doctor_say(d, DMP_VERDICT_WARN, "event log", DOCTOR_JOIN,
		    "not permitted to read %s/%s", state_dir, DMP_EVENTLOG_FILE);
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "event log",
		    status == DMP_ENOENT
		        ? "start dmportsd, or give its --state-dir"
		        : "restart dmportsd: it sets a damaged database aside",
		    "%s/%s: %s", state_dir, DMP_EVENTLOG_FILE, dmp_status_text(status));
}

/* The directory of a path list that holds a file; false when none does. */
static bool
doctor_find_in(const char *list, const char *file, char *path, size_t size)
{
	while (*list) {
		size_t n = strcspn(list, ":");

		dmp_text_format(path, size, "%.*s/%s", (int)n, list, file);
		if (n > 0 && access(path, R_OK) == 0)
			return true;
		list += n;
		list += *list == ':';
	}
	return false;
}

static void
doctor_mib(struct dmp_doctor *d)
{
	const char *given = getenv("MIBDIRS");
	const char *home = getenv("HOME");
	struct dmp_text list = {0};
	char path[1024];

	/* A leading + or - adds to the built-in list. */
	if (!given || *given == '+' || *given == '-')
		dmp_text_printf(&list, "%s/.snmp/mibs:" DOCTOR_MIBDIRS ":%s",
		    home ? home : "", given ? given + 1 : "");
	else
		dmp_text_append(&list, given);
	if (!doctor_find_in(dmp_text_get(&list), DOCTOR_MIB_FILE, path, sizeof(path)))
		dmp_doctor_say(d, DMP_VERDICT_WARN, "MIB module",
		    "dmports mib > /usr/share/snmp/mibs/" DOCTOR_MIB_FILE,
		    "%s is in no directory that Net-SNMP's tools search: they show "
		    "numbers instead of names",
		    DOCTOR_MIB_FILE);
	else
		dmp_doctor_say(d, DMP_VERDICT_OK, "MIB module", NULL, "%s", path);
	if (!doctor_find_in(dmp_text_get(&list), "SNMPv2-SMI.txt", path, sizeof(path)))
		dmp_doctor_say(d, DMP_VERDICT_WARN, "base MIBs",
		    "export MIBDIRS=+" DMP_MIB_BASE
		    " (or install snmp-mibs-downloader)",
		    "SNMPv2-SMI.txt is in no directory that Net-SNMP's tools search");
	else
		dmp_doctor_say(d, DMP_VERDICT_OK, "base MIBs", NULL, "%s", path);
	dmp_text_done(&list);
}

static void
doctor_clock(struct dmp_doctor *d)
{
	int64_t wall_ms = dmp_clock_wall_ms(d->cli->clock);
	char now[DMP_TIME_TEXT];

	dmp_clock_text(wall_ms, now);
	if (wall_ms / 1000 >= DOCTOR_YEAR_S)
		dmp_doctor_say(d, DMP_VERDICT_OK, "clock", NULL, "%s", now);
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "clock", "timedatectl set-ntp true",
		    "it is not %s: certificates are judged wrongly and events get "
		    "wrong times",
		    now);
}

/* Everybody's mend line is on a line of its own, ready to be copied. */
static void
doctor_print_text(struct dmp_doctor *d)
{
	static const enum dmp_colour colours[] = {
	    DMP_COLOUR_GREEN, DMP_COLOUR_YELLOW, DMP_COLOUR_RED};
	FILE *out = d->cli->out;
	bool colour = d->cli->colour;

	for (size_t i = 0; i < d->n_findings; i++) {
		const struct dmp_finding *f = &d->findings[i];

		(void)fprintf(out, "%s%-4s%s  %s: %s\n",
		    colour ? dmp_terminal_code(colours[f->verdict]) : "",
		    doctor_words[f->verdict],
		    colour ? dmp_terminal_code(DMP_COLOUR_NONE) : "", f->check,
		    f->finding);
		if (*f->mend)
			(void)fprintf(out, "          %s\n", f->mend);
	}
}

static enum dmp_status
doctor_print_rows(struct dmp_doctor *d)
{
	static const struct dmp_column columns[] = {
	    {"check", NULL, DMP_COLUMN_TEXT},
	    {"result", NULL, DMP_COLUMN_TEXT},
	    {"finding", NULL, DMP_COLUMN_TEXT},
	    {"mend", NULL, DMP_COLUMN_TEXT},
	};
	struct dmp_writer *writer = NULL;
	enum dmp_status status = dmp_cli_writer(d->cli, columns, 4, &writer);

	for (size_t i = 0; status == DMP_OK && i < d->n_findings; i++) {
		const struct dmp_finding *f = &d->findings[i];
		const struct dmp_cell cells[] = {
		    {.text = f->check},
		    {.text = doctor_words[f->verdict]},
		    {.text = f->finding},
		    {.text = f->mend},
		};

		status = dmp_writer_row(writer, cells);
	}
	return dmp_writer_end(writer, status);
}

/* What the site file says, where the command line does not. */
static bool
doctor_take_options(struct dmp_doctor *d)
{
	const struct dmp_site *site = d->plan ? d->plan->site : NULL;
	const char *root = d->cli->options.value[DMP_OPT_ROOT_OID];

	d->agentx = dmp_cli_value(d->cli, DMP_OPT_AGENTX,
	    site && site->agentx ? site->agentx : DMP_DEFAULT_AGENTX);
	d->snmpd_conf =
	    dmp_cli_value(d->cli, DMP_OPT_SNMPD_CONF, "/etc/snmp/snmpd.conf");
	if (!root && site && site->root_oid_len > 0) {
		d->root_len = site->root_oid_len;
		memcpy(d->root, site->root_oid, d->root_len * sizeof(d->root[0]));
		return true;
	}
	if (dmp_mib_oid_parse(root ? root : DMP_DEFAULT_ROOT, d->root, &d->root_len))
		return true;
	dmp_cli_error(d->cli, "--root-oid: got \"%s\", expected an OID", root);
	return false;
}

static int
doctor_exit(const struct dmp_doctor *d)
{
	if (d->is_unreachable)
		return DMP_EXIT_UNREACHABLE;
	for (size_t i = 0; i < d->n_findings; i++) {
		if (d->findings[i].verdict != DMP_VERDICT_OK)
			return DMP_EXIT_DOWN;
	}
	return DMP_EXIT_FINE;
}

int
dmp_cli_doctor(struct dmp_cli *cli)
{
	const char *run_dir = dmp_cli_run_dir(cli);
	struct dmp_doctor d = {.cli = cli};
	enum dmp_status status = DMP_OK;
	int code = DMP_EXIT_USAGE;

	doctor_site(&d);
	if (!doctor_take_options(&d))
		goto done;
	doctor_board(&d, run_dir);
	doctor_control(&d, run_dir);
	doctor_events(&d);
	dmp_doctor_agentx(&d);
	dmp_doctor_snmpd(&d);
	doctor_mib(&d);
	doctor_clock(&d);
	if (cli->format == DMP_FORMAT_TABLE)
		doctor_print_text(&d);
	else
		status = doctor_print_rows(&d);
	code = status == DMP_OK ? doctor_exit(&d) : dmp_cli_printed(cli, status);
done:
	free(d.findings);
	dmp_plan_free(d.plan);
	return code;
}
