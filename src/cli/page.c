/* SPDX-License-Identifier: BSD-2-Clause */
/* page.c - dmports report: what the daemon knows, and what other machines see, as one
 * page of HTML. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/board_report.h"
#include "cli/daemon.h"
#include "cli/html.h"
#include "cli/receiver_report.h"
#include "cli/vantage_file.h"

enum {
	PAGE_VANTAGES = 8,
	PAGE_NOTES = 4,
	PAGE_BATCH = 256,
	PAGE_EVENTS = 4000, /* the newest; twice as many are held for a moment */
	PAGE_SINCE_MS = 24 * 3600 * 1000,
	PAGE_HOUR_MS = 3600 * 1000
};

struct page {
	struct dmp_cli *cli;
	struct dmp_board_reader *board;
	struct dmp_report report;
	struct dmp_html_more *more;
	struct dmp_html_host *hosts;
	struct dmp_event *events;
	struct dmp_receivers boards;
	struct dmp_receiver_row *receivers;
	struct dmp_vantage vantages[PAGE_VANTAGES];
	char names[PAGE_VANTAGES][DMP_NAME_TEXT];
	size_t n_vantages;
	struct dmp_text notes[PAGE_NOTES];
	const char *note_texts[PAGE_NOTES];
	struct dmp_html_page html;
};

/* --- NAME=FILE --- */

static int
page_read_vantage(struct page *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t n = equals ? (size_t)(equals - word) : 0;
	struct dmp_text error = {0};
	char *text = NULL;
	size_t size;
	enum dmp_status status;

	if (n == 0 || n >= DMP_NAME_TEXT || !equals[1]) {
		dmp_cli_error(p->cli, "got \"%s\", expected NAME=FILE", word);
		return DMP_EXIT_USAGE;
	}
	status = dmp_file_read(equals + 1, DMP_VANTAGE_BYTES, &text, &size);
	if (status != DMP_OK)
		dmp_text_append(&error, dmp_file_text(status));
	else
		status =
		    dmp_vantage_parse(text, size, &p->vantages[p->n_vantages], &error);
	free(text);
	if (status == DMP_OK)
		dmp_text_printable(p->names[p->n_vantages++], DMP_NAME_TEXT, word, n);
	else
		dmp_cli_error(p->cli, "%s: %s", equals + 1,
		    error.size ? dmp_text_get(&error) : dmp_status_text(status));
	dmp_text_done(&error);
	if (status == DMP_OK)
		return DMP_EXIT_FINE;
	return status == DMP_EPERM || status == DMP_EIO ? DMP_EXIT_FAILED
	                                                : DMP_EXIT_USAGE;
}

static int
page_read_vantages(struct page *p)
{
	int code = DMP_EXIT_FINE;

	if (p->cli->options.n_words > PAGE_VANTAGES) {
		dmp_cli_error(p->cli, "at most %d files are read", PAGE_VANTAGES);
		return DMP_EXIT_USAGE;
	}
	for (int i = 0; i < p->cli->options.n_words && code == DMP_EXIT_FINE; i++)
		code = page_read_vantage(p, p->cli->options.words[i]);
	return code;
}

/* --- the board --- */

static enum dmp_status
page_read_ports(struct page *p)
{
	enum dmp_status status = dmp_board_report_read(
	    p->board, dmp_clock_mono_ms(p->cli->clock), &p->report);

	if (status != DMP_OK)
		return status;
	p->more = calloc(p->report.n_rows + 1, sizeof(*p->more));
	if (!p->more)
		return DMP_ENOMEM;
	for (size_t i = 0; i < p->report.n_rows; i++) {
		struct dmp_html_more *more = &p->more[i];
		struct dmp_board_port_live live;

		memset(more->availability, 0xff, sizeof(more->availability));
		if (!dmp_board_live(p->board, DMP_BOARD_PORT, (uint32_t)i, &live))
			continue;
		more->latency_p95_us = live.latency_p95_us;
		more->change_ms = live.change_wall_ms;
		for (int span = 0; span < DMP_AVAILABILITY_SPANS; span++)
			more->availability[span] = live.availability[span];
		dmp_text_copy(more->subject, sizeof(more->subject), live.tls_subject);
	}
	return DMP_OK;
}

static enum dmp_status
page_read_hosts(struct page *p)
{
	uint32_t n = dmp_board_rows(p->board, DMP_BOARD_HOST);

	p->hosts = calloc((size_t)n + 1, sizeof(*p->hosts));
	if (!p->hosts)
		return DMP_ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct dmp_board_host *host =
		    dmp_board_plan(p->board, DMP_BOARD_HOST, i);
		struct dmp_board_host_live live;

		if (!dmp_board_live(p->board, DMP_BOARD_HOST, i, &live))
			live = (struct dmp_board_host_live){0};
		p->hosts[i] = (struct dmp_html_host){
		    .name = host ? host->name : "",
		    .roles = host ? host->roles : "",
		    .state = (enum dmp_state)live.state,
		};
		dmp_text_copy(
		    p->hosts[i].detail, sizeof(p->hosts[i].detail), live.detail);
	}
	p->html.hosts = p->hosts;
	p->html.n_hosts = n;
	return DMP_OK;
}

/* A sentence for the page and for the error stream. */
static void
page_note(struct page *p, const char *what, const char *why)
{
	struct dmp_text *note = &p->notes[p->html.n_notes];

	dmp_text_printf(note, "%s%s", what, why);
	dmp_cli_error(p->cli, "%s", dmp_text_get(note));
	p->note_texts[p->html.n_notes++] = dmp_text_get(note);
}

static void
page_note_system(struct page *p)
{
	struct dmp_board_system_live live = {.config_status = DMP_CONFIG_OK};

	if (p->report.trouble)
		dmp_cli_error(p->cli, "%s", p->report.trouble);
	if (!dmp_board_live(p->board, DMP_BOARD_SYSTEM, 0, &live))
		return;
	if (live.config_status == DMP_CONFIG_REJECTED)
		page_note(p, "the daemon has rejected its new configuration: ",
		    live.config_message);
	if (live.log_failing)
		page_note(p, "the daemon cannot store events now", "");
}

/* --- receivers --- */

/* Those that get nothing, by name; a master that is not there is not ours to mend. */
static void
page_note_receivers(struct page *p)
{
	struct dmp_text names = {0};

	for (size_t i = 0; i < p->html.n_receivers; i++) {
		const struct dmp_receiver_row *row = &p->receivers[i];

		if (row->plan->kind != DMP_RECEIVER_AGENTX &&
		    !dmp_receiver_is_fine(row))
			dmp_text_printf(
			    &names, "%s%s", names.size ? ", " : "", row->plan->name);
	}
	if (names.size > 0)
		page_note(p,
		    "these receivers get no notifications now: ", dmp_text_get(&names));
	dmp_text_done(&names);
}

static enum dmp_status
page_read_receivers(struct page *p)
{
	uint32_t n = dmp_board_rows(p->board, DMP_BOARD_RECEIVER);

	p->receivers = calloc((size_t)n + 1, sizeof(*p->receivers));
	if (!p->receivers)
		return DMP_ENOMEM;
	p->boards.run_dir = dmp_cli_run_dir(p->cli);
	p->boards.engine = p->board;
	dmp_receivers_open(&p->boards);
	for (uint32_t i = 0; i < n; i++) {
		if (dmp_receivers_read(&p->boards, i, p->html.mono_ms,
		        &p->receivers[p->html.n_receivers]))
			p->html.n_receivers++;
	}
	p->html.receivers = p->receivers;
	return DMP_OK;
}

/* --- events --- */

/* Keep the newest: when the room for twice as many is used up, the older half goes. */
static void
page_take_events(struct page *p, const struct dmp_event *batch, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (batch[i].time_ms < p->html.since_ms)
			continue;
		if (p->html.n_events == 2 * PAGE_EVENTS) {
			memmove(p->events, p->events + PAGE_EVENTS,
			    PAGE_EVENTS * sizeof(*p->events));
			p->html.n_events = PAGE_EVENTS;
			p->html.n_events_left += PAGE_EVENTS;
		}
		p->events[p->html.n_events++] = batch[i];
	}
}

static enum dmp_status
page_read_log(struct page *p, struct dmp_eventlog_reader *log)
{
	struct dmp_event *batch = calloc(PAGE_BATCH, sizeof(*batch));
	enum dmp_status status = DMP_ENOMEM;
	uint32_t last = 0;
	size_t n = 1;

	p->events = calloc((size_t)2 * PAGE_EVENTS, sizeof(*p->events));
	if (batch && p->events)
		status = DMP_OK;
	while (status == DMP_OK && n > 0) {
		status = dmp_eventlog_read(log, last, batch, PAGE_BATCH, &n);
		if (status != DMP_OK || n == 0)
			break;
		last = batch[n - 1].sequence;
		page_take_events(p, batch, n);
	}
	free(batch);
	p->html.events = p->events;
	return status;
}

/* --- how fast ports answered in the last day --- */

static void
page_take_records(struct page *p, const struct dmp_port_record *batch, size_t n)
{
	uint32_t hour = (uint32_t)(p->html.now_ms / PAGE_HOUR_MS);

	for (size_t i = 0; i < n; i++) {
		uint32_t row =
		    dmp_board_lower_bound(p->board, DMP_BOARD_PORT, batch[i].index);
		const struct dmp_board_port *port =
		    dmp_board_plan(p->board, DMP_BOARD_PORT, row);

		if (port && port->index == batch[i].index && row < p->report.n_rows)
			dmp_availability_record_p95(
			    &batch[i].record, hour, p->more[row].hours_us);
	}
}

/* None is read beyond the last port of the board. */
static enum dmp_status
page_read_records(struct page *p, struct dmp_eventlog_reader *log)
{
	uint32_t n_ports = dmp_board_rows(p->board, DMP_BOARD_PORT);
	const struct dmp_board_port *final =
	    n_ports > 0 ? dmp_board_plan(p->board, DMP_BOARD_PORT, n_ports - 1) : NULL;
	struct dmp_port_record *batch = calloc(PAGE_BATCH, sizeof(*batch));
	enum dmp_status status = batch ? DMP_OK : DMP_ENOMEM;
	uint32_t last = 0;
	size_t n = 1;

	while (status == DMP_OK && n > 0 && final && last < final->index) {
		status = dmp_eventlog_records(log, last, batch, PAGE_BATCH, &n);
		if (status != DMP_OK || n == 0)
			break;
		last = batch[n - 1].index;
		page_take_records(p, batch, n);
	}
	free(batch);
	return status;
}

/* Of the hour that has just begun little is stored; the engine knows the last hour. */
static void
page_take_present(struct page *p)
{
	for (size_t i = 0; !p->report.trouble && i < p->report.n_rows; i++) {
		if (p->more[i].latency_p95_us > 0)
			p->more[i].hours_us[DMP_AVAILABILITY_HOURS - 1] =
			    p->more[i].latency_p95_us;
	}
}

/* A page without events is better than none: the note tells. */
static void
page_read_events(struct page *p)
{
	struct dmp_eventlog_reader *log = NULL;
	enum dmp_status status = DMP_ENOENT;

	if (dmp_cli_open_log(p->cli, &log) == DMP_EXIT_FINE)
		status = page_read_log(p, log);
	if (status == DMP_OK)
		status = page_read_records(p, log);
	if (status != DMP_OK)
		page_note(p,
		    "the events could not be read, the timeline and the curves of "
		    "latency are not complete: ",
		    dmp_status_text(status));
	dmp_eventlog_reader_close(log);
	page_take_present(p);
}

/* --- the command --- */

static enum dmp_status
page_print(struct page *p)
{
	static const struct dmp_board_system nothing;
	const struct dmp_board_system *system =
	    dmp_board_plan(p->board, DMP_BOARD_SYSTEM, 0);
	struct dmp_html_source sources[1 + PAGE_VANTAGES];
	struct dmp_text engine = {0};
	struct dmp_text out = {0};
	enum dmp_status status;

	if (!system)
		system = &nothing;
	sources[0] = (struct dmp_html_source){.name = system->vantage,
	    .rows = p->report.rows,
	    .n_rows = p->report.n_rows,
	    .more = p->more};
	for (size_t i = 0; i < p->n_vantages; i++)
		sources[1 + i] = (struct dmp_html_source){.name = p->names[i],
		    .rows = p->vantages[i].rows,
		    .n_rows = p->vantages[i].n_rows};
	dmp_board_report_engine(&p->report, &engine);
	p->html.site = system->site_name;
	p->html.dataminer = system->dataminer;
	p->html.catalogue = system->catalogue_revision;
	p->html.software = system->software_version;
	p->html.engine = dmp_text_get(&engine);
	p->html.trouble = p->report.trouble;
	p->html.notes = p->note_texts;
	p->html.sources = sources;
	p->html.n_sources = 1 + p->n_vantages;
	status = dmp_html_page(&p->html, &out);
	if (status == DMP_OK)
		(void)fwrite(out.data, 1, out.size, p->cli->out);
	dmp_text_done(&engine);
	dmp_text_done(&out);
	return status;
}

static int
page_make(struct page *p)
{
	enum dmp_status status = page_read_ports(p);

	if (status == DMP_OK)
		status = page_read_hosts(p);
	if (status == DMP_OK)
		status = page_read_receivers(p);
	if (status == DMP_OK) {
		page_note_system(p);
		page_note_receivers(p);
		page_read_events(p);
		status = page_print(p);
	}
	if (status == DMP_OK)
		return dmp_report_exit(&p->report);
	dmp_cli_error(p->cli, "%s", dmp_status_text(status));
	return DMP_EXIT_FAILED;
}

int
dmp_cli_report(struct dmp_cli *cli)
{
	const char *since = cli->options.value[DMP_OPT_SINCE];
	struct page *p = calloc(1, sizeof(*p));
	int code;

	if (!p) {
		dmp_cli_error(cli, "%s", dmp_status_text(DMP_ENOMEM));
		return DMP_EXIT_FAILED;
	}
	p->cli = cli;
	p->html.now_ms = dmp_clock_wall_ms(cli->clock);
	p->html.mono_ms = dmp_clock_mono_ms(cli->clock);
	p->html.since_ms = p->html.now_ms - PAGE_SINCE_MS;
	code = since && !dmp_cli_since(cli, since, &p->html.since_ms)
	           ? DMP_EXIT_USAGE
	           : page_read_vantages(p);
	if (code == DMP_EXIT_FINE)
		code = dmp_board_report_open(cli, &p->board);
	if (code == DMP_EXIT_FINE)
		code = page_make(p);
	for (size_t i = 0; i < p->n_vantages; i++)
		dmp_vantage_done(&p->vantages[i]);
	for (size_t i = 0; i < PAGE_NOTES; i++)
		dmp_text_done(&p->notes[i]);
	dmp_receivers_done(&p->boards);
	dmp_board_reader_close(p->board);
	free(p->receivers);
	free(p->report.rows);
	free(p->more);
	free(p->hosts);
	free(p->events);
	free(p);
	return code;
}
