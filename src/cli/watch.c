/* SPDX-License-Identifier: BSD-2-Clause */
/* watch.c - dmports watch: the board live on a terminal, or as lines of changes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/port.h"
#include "cli/board_report.h"

/* xterm: alternate screen, cursor off; and back. */
static const char watch_enter[] = "\033[?1049h\033[?25l";
static const char watch_leave[] = "\033[?25h\033[?1049l";
/* Home, and erase what was longer before. */
static const char watch_home[] = "\033[H";
static const char watch_erase_line[] = "\033[K";
static const char watch_erase_rest[] = "\033[J";

enum { WATCH_LINE = 1024, WATCH_BAR = 8, WATCH_INTERVAL_MS = 1000 };

struct watch {
	struct dmp_cli *cli;
	struct dmp_board_reader *reader;
	struct dmp_report report;
	int64_t interval_ms;
	uint64_t count; /* looks left, 0 = no end */
	int signals;
	bool is_screen;
	/* Lines: the states of the look before, by row. */
	enum dmp_state *before;
	size_t n_before;
};

/* Worst first: rank, then the state's urgency, then the key. */
static int
watch_compare(const void *left, const void *right)
{
	const struct dmp_report_row *a = left;
	const struct dmp_report_row *b = right;
	int rank_a = dmp_severity_rank(a->severity);
	int rank_b = dmp_severity_rank(b->severity);
	bool calm_a = a->state == DMP_STATE_UP || a->state == DMP_STATE_CLOSED;
	bool calm_b = b->state == DMP_STATE_UP || b->state == DMP_STATE_CLOSED;

	if (rank_a != rank_b)
		return rank_a > rank_b ? -1 : 1;
	if (calm_a != calm_b)
		return calm_b ? -1 : 1;
	return strcmp(a->key, b->key);
}

/* A bar that grows by one for each fourfold from 0.25 ms on. */
static void
watch_bar(uint32_t latency_us, char bar[WATCH_BAR + 1])
{
	size_t n = 0;

	for (uint32_t limit = 250; n < WATCH_BAR && latency_us > limit; limit *= 4)
		n++;
	if (n == 0 && latency_us > 0)
		n = 1;
	memset(bar, '#', n);
	memset(bar + n, ' ', WATCH_BAR - n);
	bar[WATCH_BAR] = '\0';
}

static void
watch_draw_line(struct watch *w, const char *text, enum dmp_colour colour)
{
	FILE *out = w->cli->out;
	char line[WATCH_LINE];
	bool coloured = w->cli->colour && colour != DMP_COLOUR_NONE;

	dmp_text_copy(line, sizeof(line), text);
	(void)fprintf(out, "%s%.*s%s%s\n", coloured ? dmp_terminal_code(colour) : "",
	    (int)dmp_terminal_width(out), line,
	    coloured ? dmp_terminal_code(DMP_COLOUR_NONE) : "", watch_erase_line);
}

static void
watch_draw_row(struct watch *w, const struct dmp_report_row *row)
{
	char raw[WATCH_LINE];
	char detail[DMP_DETAIL_TEXT];
	char latency[DMP_LATENCY_TEXT];
	char bar[WATCH_BAR + 1];
	const char *text = row->detail;

	if (dmp_severity_rank(row->severity) == 0 && *row->identity)
		text = row->identity;
	dmp_text_safe(detail, sizeof(detail), text);
	dmp_report_latency(row->latency_us, latency);
	watch_bar(row->latency_us, bar);
	dmp_text_format(raw, sizeof(raw), "%-10s %-30.48s %5u/%s %8s %s %s",
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)row->state), row->key, row->port,
	    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)row->transport), latency, bar,
	    detail);
	watch_draw_line(
	    w, raw, dmp_terminal_severity_colour(row->state, row->severity));
}

static void
watch_headline(struct watch *w, struct dmp_text *ret_line)
{
	char now[DMP_TIME_TEXT];

	dmp_clock_text(dmp_clock_wall_ms(w->cli->clock), now);
	dmp_text_printf(ret_line, "%s  ", now);
	dmp_report_summary(&w->report, ret_line);
	dmp_text_append(ret_line, "; ");
	dmp_board_report_engine(&w->report, ret_line);
}

static void
watch_draw(struct watch *w)
{
	size_t height = dmp_terminal_height(w->cli->out);
	size_t room = height > 4 ? height - 4 : 1;
	struct dmp_text line = {0};

	qsort(w->report.rows, w->report.n_rows, sizeof(*w->report.rows), watch_compare);
	(void)fputs(watch_home, w->cli->out);
	watch_headline(w, &line);
	watch_draw_line(w, dmp_text_get(&line),
	    w->report.trouble ? DMP_COLOUR_RED : DMP_COLOUR_BOLD);
	watch_draw_line(w, "", DMP_COLOUR_NONE);
	for (size_t i = 0; i < w->report.n_rows && i < room; i++)
		watch_draw_row(w, &w->report.rows[i]);
	if (w->report.n_rows > room) {
		dmp_text_clear(&line);
		dmp_text_printf(&line, "... and %zu more", w->report.n_rows - room);
		watch_draw_line(w, dmp_text_get(&line), DMP_COLOUR_DIM);
	}
	(void)fputs(watch_erase_rest, w->cli->out);
	dmp_text_done(&line);
}

/* Every port that is not well at the first look, later every change. */
static void
watch_print_changes(struct watch *w)
{
	bool is_first = w->n_before != w->report.n_rows || !w->before;

	for (size_t i = 0; i < w->report.n_rows; i++) {
		const struct dmp_report_row *row = &w->report.rows[i];
		char detail[DMP_DETAIL_TEXT];
		char port[DMP_PORT_TEXT];

		if (is_first ? dmp_severity_rank(row->severity) == 0
		             : w->before[i] == row->state)
			continue;
		dmp_text_safe(detail, sizeof(detail), row->detail);
		dmp_port_text(row->transport, row->port, port);
		(void)fprintf(w->cli->out, "  %s %s %s: %s\n",
		    dmp_vocab_text(DMP_VOCAB_STATE, (int)row->state), row->key, port,
		    detail);
	}
}

static enum dmp_status
watch_remember(struct watch *w)
{
	enum dmp_state *before =
	    realloc(w->before, (w->report.n_rows + 1) * sizeof(*before));

	if (!before)
		return DMP_ENOMEM;
	for (size_t i = 0; i < w->report.n_rows; i++)
		before[i] = w->report.rows[i].state;
	w->before = before;
	w->n_before = w->report.n_rows;
	return DMP_OK;
}

static enum dmp_status
watch_print(struct watch *w)
{
	struct dmp_text line = {0};

	watch_headline(w, &line);
	(void)fprintf(w->cli->out, "%s\n", dmp_text_get(&line));
	dmp_text_done(&line);
	watch_print_changes(w);
	return watch_remember(w);
}

static enum dmp_status
watch_look(struct watch *w)
{
	enum dmp_status status;

	if (dmp_board_refresh(w->reader))
		w->n_before = 0; /* other rows: nothing to compare with */
	status = dmp_board_report_read(
	    w->reader, dmp_clock_mono_ms(w->cli->clock), &w->report);
	if (status != DMP_OK)
		return status;
	if (w->is_screen)
		watch_draw(w);
	else
		status = watch_print(w);
	if (fflush(w->cli->out) != 0)
		status = DMP_EIO;
	return status;
}

static enum dmp_status
watch_run(struct watch *w)
{
	enum dmp_status status = DMP_OK;

	if (w->is_screen)
		(void)fputs(watch_enter, w->cli->out);
	while ((status = watch_look(w)) == DMP_OK) {
		if (w->count == 1)
			break;
		w->count -= w->count > 0;
		if (!dmp_terminal_wait(w->signals, -1, w->interval_ms))
			break;
	}
	if (w->is_screen) {
		(void)fputs(watch_leave, w->cli->out);
		(void)fflush(w->cli->out);
	}
	return status;
}

static bool
watch_take_options(struct watch *w)
{
	const char *interval = w->cli->options.value[DMP_OPT_INTERVAL];
	const char *count = w->cli->options.value[DMP_OPT_COUNT];

	w->interval_ms = WATCH_INTERVAL_MS;
	if (interval && (!dmp_cli_duration(interval, &w->interval_ms) ||
	                    w->interval_ms < 10 || w->interval_ms > 86400000)) {
		dmp_cli_error(w->cli,
		    "--interval: got \"%s\", expected 10ms to 1d, such as 5s",
		    interval);
		return false;
	}
	if (count && !dmp_text_number(count, 1, UINT32_MAX, &w->count)) {
		dmp_cli_error(
		    w->cli, "--count: got \"%s\", expected a number from 1 on", count);
		return false;
	}
	return true;
}

int
dmp_cli_watch(struct dmp_cli *cli)
{
	struct watch w = {.cli = cli, .is_screen = dmp_terminal_is(cli->out)};
	enum dmp_status status;
	int code;

	if (!watch_take_options(&w))
		return DMP_EXIT_USAGE;
	code = dmp_board_report_open(cli, &w.reader);
	if (code != DMP_EXIT_FINE)
		return code;
	w.signals = dmp_terminal_signals();
	if (w.signals < 0) {
		dmp_cli_error(cli, "cannot wait for signals: %s", strerror(errno));
		dmp_board_reader_close(w.reader);
		return DMP_EXIT_FAILED;
	}
	status = watch_run(&w);
	code = status == DMP_OK ? dmp_report_exit(&w.report) : DMP_EXIT_FAILED;
	if (status == DMP_ENOMEM)
		dmp_cli_error(cli, "%s", dmp_status_text(status));
	(void)close(w.signals);
	free(w.before);
	free(w.report.rows);
	dmp_board_reader_close(w.reader);
	return code;
}
