/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * events.c - dmports events: what has changed, from the daemon's event log.
 *
 * How it works: the log is read only, a batch at a time.  To follow it we subscribe to
 * the daemon, which says when there is more, and hands over events that it cannot store
 * just now; without a daemon, and for history notes, which nobody announces, we look
 * once a second.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/daemon.h"
#include "engine/control.h"

enum { EVENTS_BATCH = 64, EVENTS_TAIL = 10, EVENTS_POLL_MS = 1000 };

static const struct dmp_column events_columns[] = {
    {"sequence", "EVENT", DMP_COLUMN_NUMBER},
    {"time", "TIME", DMP_COLUMN_TEXT},
    {"type", "TYPE", DMP_COLUMN_TEXT},
    {"source", NULL, DMP_COLUMN_TEXT},
    {"key", "KEY", DMP_COLUMN_TEXT},
    {"state", NULL, DMP_COLUMN_TEXT},
    {"previous_state", NULL, DMP_COLUMN_TEXT},
    {"severity", "SEVERITY", DMP_COLUMN_TEXT},
    {"reason", NULL, DMP_COLUMN_TEXT},
    {"level", NULL, DMP_COLUMN_TEXT},
    {"host_name", NULL, DMP_COLUMN_TEXT},
    {"address", NULL, DMP_COLUMN_TEXT},
    {"service", NULL, DMP_COLUMN_TEXT},
    {"transport", NULL, DMP_COLUMN_TEXT},
    {"port", NULL, DMP_COLUMN_NUMBER},
    {"port_index", NULL, DMP_COLUMN_NUMBER},
    {"state_text", NULL, DMP_COLUMN_TEXT},
    {"severity_text", NULL, DMP_COLUMN_TEXT},
    {"reason_text", NULL, DMP_COLUMN_TEXT},
    {"severity_rank", NULL, DMP_COLUMN_NUMBER},
    {"epoch", NULL, DMP_COLUMN_NUMBER},
    {"message", "MESSAGE", DMP_COLUMN_TEXT},
};

enum { EVENTS_COLUMNS = sizeof(events_columns) / sizeof(events_columns[0]) };

struct events_note {
	int64_t time_ms;
	char key[DMP_KEY_TEXT];
	char text[DMP_MESSAGE_TEXT];
};

struct events {
	struct dmp_cli *cli;
	struct dmp_eventlog_reader *reader;
	struct dmp_writer *writer;
	int64_t since_ms;
	uint32_t last; /* newest sequence that was printed or skipped */
	bool wants_notes;
	struct events_note *notes; /* not yet printed, oldest first */
	size_t n_notes;
	size_t capacity;
	/* Notes have no number: how many of the newest time were taken. */
	int64_t note_ms;
	size_t n_taken;
	size_t n_skip;
	bool is_out_of_memory;
	int news_fd; /* -1 = no daemon */
	struct dmp_control_reader news;
};

/* The label, "" for a field that is not set. */
static const char *
events_word(enum dmp_vocab vocab, int number)
{
	return number ? dmp_vocab_text(vocab, number) : "";
}

static enum dmp_status
events_write(struct events *e, const struct dmp_event *event, const char *type)
{
	const char *state = events_word(DMP_VOCAB_STATE, (int)event->state);
	const char *severity = events_word(DMP_VOCAB_SEVERITY, (int)event->severity);
	const char *reason = events_word(DMP_VOCAB_REASON, (int)event->reason);
	char time[DMP_TIME_TEXT];

	dmp_clock_text(event->time_ms, time);
	const struct dmp_cell cells[EVENTS_COLUMNS] = {
	    {.number = event->sequence, .present = event->sequence != 0},
	    {.text = time},
	    {.text = type},
	    {.text = event->source},
	    {.text = event->key},
	    {.text = state},
	    {.text = events_word(DMP_VOCAB_STATE, (int)event->previous_state)},
	    {.text = severity,
	        .colour = dmp_terminal_severity_colour(event->state, event->severity)},
	    {.text = reason},
	    {.text = events_word(DMP_VOCAB_LEVEL, (int)event->level)},
	    {.text = event->host_name},
	    {.text = event->address},
	    {.text = event->service},
	    {.text = events_word(DMP_VOCAB_TRANSPORT, (int)event->transport)},
	    {.number = event->port, .present = event->port != 0},
	    {.number = event->port_index, .present = event->port_index != 0},
	    {.text = state},
	    {.text = severity},
	    {.text = reason},
	    {.number = event->severity ? dmp_severity_rank(event->severity) : 0,
	        .present = event->severity != 0},
	    {.number = event->epoch, .present = event->epoch != 0},
	    {.text = event->message},
	};
	return dmp_writer_row(e->writer, cells);
}

/* --- history notes --- */

static bool
events_take_note(int64_t time_ms, const char *key, const char *text, void *arg)
{
	struct events *e = arg;
	struct events_note *notes;

	if (time_ms == e->note_ms && e->n_skip > 0) {
		e->n_skip--;
		return true;
	}
	notes = dmp_array_grow(e->notes, e->n_notes, &e->capacity, sizeof(*notes));
	if (!notes) {
		e->is_out_of_memory = true;
		return false;
	}
	e->notes = notes;
	e->notes[e->n_notes].time_ms = time_ms;
	dmp_text_copy(e->notes[e->n_notes].key, DMP_KEY_TEXT, key);
	dmp_text_copy(e->notes[e->n_notes].text, DMP_MESSAGE_TEXT, text);
	e->n_notes++;
	if (time_ms != e->note_ms)
		e->n_taken = 0;
	e->note_ms = time_ms;
	e->n_taken++;
	return true;
}

static enum dmp_status
events_load_notes(struct events *e)
{
	enum dmp_status status;

	e->n_skip = e->n_taken;
	if (!e->wants_notes)
		return DMP_OK;
	status = dmp_eventlog_notes(e->reader,
	    e->note_ms > e->since_ms ? e->note_ms : e->since_ms, events_take_note, e);
	return e->is_out_of_memory ? DMP_ENOMEM : status;
}

/* Forget the first n notes: they are printed. */
static void
events_drop_notes(struct events *e, size_t n)
{
	if (n > 0)
		memmove(e->notes, e->notes + n, (e->n_notes - n) * sizeof(*e->notes));
	e->n_notes -= n;
}

/* Print the notes from *next on that are not younger than until_ms. */
static enum dmp_status
events_write_notes(struct events *e, int64_t until_ms, size_t *next)
{
	enum dmp_status status = DMP_OK;

	for (; *next < e->n_notes && e->notes[*next].time_ms <= until_ms; ++*next) {
		const struct events_note *note = &e->notes[*next];
		struct dmp_event event = {.time_ms = note->time_ms};

		dmp_text_copy(event.key, sizeof(event.key), note->key);
		dmp_text_copy(event.message, sizeof(event.message), note->text);
		status = events_write(e, &event, "note");
		if (status != DMP_OK)
			return status;
	}
	return status;
}

/* --- events --- */

static enum dmp_status
events_write_event(struct events *e, const struct dmp_event *event)
{
	e->last = event->sequence;
	if (event->time_ms < e->since_ms)
		return DMP_OK;
	return events_write(
	    e, event, dmp_vocab_text(DMP_VOCAB_EVENT, (int)event->type));
}

/* Print everything that is stored and was not printed yet. */
static enum dmp_status
events_catch_up(struct events *e)
{
	struct dmp_event *batch = calloc(EVENTS_BATCH, sizeof(*batch));
	enum dmp_status status = batch ? events_load_notes(e) : DMP_ENOMEM;
	size_t next = 0;
	size_t n = 1;

	while (status == DMP_OK && n > 0) {
		status = dmp_eventlog_read(e->reader, e->last, batch, EVENTS_BATCH, &n);
		for (size_t i = 0; status == DMP_OK && i < n; i++) {
			status = events_write_notes(e, batch[i].time_ms, &next);
			if (status == DMP_OK)
				status = events_write_event(e, &batch[i]);
		}
	}
	free(batch);
	if (status == DMP_OK)
		status = events_write_notes(e, INT64_MAX, &next);
	events_drop_notes(e, next);
	if (status == DMP_OK)
		status = dmp_writer_flush(e->writer);
	return status;
}

/* --- following --- */

static void
events_hang_up(struct events *e)
{
	if (e->news_fd >= 0)
		(void)close(e->news_fd);
	e->news_fd = -1;
	dmp_text_done(&e->news.pending);
}

/* Read the daemon's news.  What it announces is in the database; what it cannot store
 * comes with the news. */
static enum dmp_status
events_read_news(struct events *e)
{
	struct dmp_event event;
	uint32_t sequence;

	while (e->news_fd >= 0) {
		switch (dmp_control_next(&e->news, e->news_fd, &sequence, &event)) {
		case DMP_NEWS_NONE:
			return DMP_OK;
		case DMP_NEWS_TEST:
			break;
		case DMP_NEWS_EVENT:
			break;
		case DMP_NEWS_VOLATILE:
			if (event.sequence > e->last) {
				enum dmp_status status = events_catch_up(e);

				if (status == DMP_OK && event.sequence > e->last)
					status = events_write_event(e, &event);
				if (status != DMP_OK)
					return status;
			}
			break;
		case DMP_NEWS_CLOSED:
			events_hang_up(e);
			break;
		}
	}
	return DMP_OK;
}

static enum dmp_status
events_follow(struct events *e)
{
	const char *run_dir = dmp_cli_run_dir(e->cli);
	int signals = dmp_terminal_signals();
	enum dmp_status status = DMP_OK;

	if (signals < 0)
		return DMP_EIO;
	do {
		if (e->news_fd < 0 &&
		    dmp_control_subscribe(run_dir, &e->news_fd) != DMP_OK)
			e->news_fd = -1;
		status = events_read_news(e);
		if (status == DMP_OK)
			status = events_catch_up(e);
		if (status == DMP_EBUSY) /* the writer holds it for a moment */
			status = DMP_OK;
	} while (
	    status == DMP_OK && dmp_terminal_wait(signals, e->news_fd, EVENTS_POLL_MS));
	(void)close(signals);
	events_hang_up(e);
	return status;
}

/* --- the command --- */

/* Whoever follows without a time wants to see what comes, and a little of what was. */
static enum dmp_status
events_skip_to_tail(struct events *e)
{
	uint32_t oldest;
	uint32_t newest;
	uint32_t epoch_first;
	enum dmp_status status =
	    dmp_eventlog_bounds(e->reader, &oldest, &newest, &epoch_first);

	if (status != DMP_OK)
		return status;
	e->last = newest > EVENTS_TAIL ? newest - EVENTS_TAIL : 0;
	e->since_ms = 0;
	e->note_ms = dmp_clock_wall_ms(e->cli->clock);
	return DMP_OK;
}

static enum dmp_status
events_run(struct events *e)
{
	bool follow = e->cli->options.value[DMP_OPT_FOLLOW] != NULL;
	enum dmp_status status = DMP_OK;

	if (follow && !e->cli->options.value[DMP_OPT_SINCE])
		status = events_skip_to_tail(e);
	if (status == DMP_OK)
		status =
		    dmp_cli_writer(e->cli, events_columns, EVENTS_COLUMNS, &e->writer);
	if (status == DMP_OK)
		status = follow ? events_follow(e) : events_catch_up(e);
	return dmp_writer_end(e->writer, status);
}

int
dmp_cli_events(struct dmp_cli *cli)
{
	const char *since = cli->options.value[DMP_OPT_SINCE];
	struct events e = {
	    .cli = cli,
	    .news_fd = -1,
	    .wants_notes = cli->options.value[DMP_OPT_ALL] != NULL,
	};
	enum dmp_status status;
	int code;

	if (since && !dmp_cli_since(cli, since, &e.since_ms))
		return DMP_EXIT_USAGE;
	code = dmp_cli_open_log(cli, &e.reader);
	if (code != DMP_EXIT_FINE)
		return code;
	status = events_run(&e);
	if (status != DMP_OK && !ferror(cli->out)) {
		dmp_cli_error(
		    cli, "cannot read the events: %s", dmp_status_text(status));
	}
	free(e.notes);
	dmp_eventlog_reader_close(e.reader);
	return status == DMP_OK ? DMP_EXIT_FINE : DMP_EXIT_FAILED;
}
