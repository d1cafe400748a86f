/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diff.c - dmports diff: what is different now from what was at a time.
 *
 * How it works: the event log is read from its beginning, without a daemon, in the
 * order of time.  Events, and the lines of history in which a port changed its state
 * ("up to down: ..."), tell the state of a key after them, and the first one about a
 * key also the state before it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/daemon.h"

enum { DIFF_BATCH = 64, DIFF_FIRST_BUCKETS = 256 };

static const struct dmp_column diff_columns[] = {
    {"key", "KEY", DMP_COLUMN_TEXT},
    {"state_then", "THEN", DMP_COLUMN_TEXT},
    {"state_now", "NOW", DMP_COLUMN_TEXT},
    {"events", "EVENTS", DMP_COLUMN_NUMBER},
    {"changes", "CHANGES", DMP_COLUMN_NUMBER},
    {"time", "LAST", DMP_COLUMN_TEXT},
    {"message", "MESSAGE", DMP_COLUMN_TEXT},
};

enum { DIFF_COLUMNS = sizeof(diff_columns) / sizeof(diff_columns[0]) };

struct diff_row {
	char key[DMP_KEY_TEXT];
	enum dmp_state then; /* 0 = not known yet */
	enum dmp_state now;
	uint32_t events; /* since then */
	uint32_t changes;
	int64_t last_ms; /* of the newest of them */
	char message[DMP_MESSAGE_TEXT];
};

struct diff_note {
	int64_t time_ms;
	enum dmp_state from;
	enum dmp_state to;
	char key[DMP_KEY_TEXT];
	char text[DMP_MESSAGE_TEXT];
};

struct diff {
	struct dmp_cli *cli;
	struct dmp_eventlog_reader *reader;
	int64_t since_ms;
	int64_t oldest_ms; /* of what is kept, INT64_MAX = nothing */
	struct diff_row *rows;
	size_t n_rows;
	size_t capacity;
	uint32_t *buckets; /* row + 1, 0 = empty; open addressing */
	size_t n_buckets;  /* a power of two */
	struct diff_note *notes;
	size_t n_notes;
	size_t notes_capacity;
	size_t next_note;
	enum dmp_status status;
};

/* --- rows by key --- */

/* FNV-1a. */
static size_t
diff_hash(const char *key)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return (size_t)hash;
}

static uint32_t *
diff_bucket(const struct diff *d, const char *key)
{
	size_t at = diff_hash(key) & (d->n_buckets - 1);

	while (d->buckets[at] && strcmp(d->rows[d->buckets[at] - 1].key, key) != 0)
		at = (at + 1) & (d->n_buckets - 1);
	return &d->buckets[at];
}

/* Room for one more row, and buckets of which at most half are used. */
static enum dmp_status
diff_grow(struct diff *d)
{
	size_t n = d->n_buckets ? d->n_buckets * 2 : DIFF_FIRST_BUCKETS;
	struct diff_row *rows;
	uint32_t *buckets;

	if (d->n_rows < d->capacity)
		return DMP_OK;
	rows = realloc(d->rows, n / 2 * sizeof(*rows));
	if (!rows)
		return DMP_ENOMEM;
	d->rows = rows;
	buckets = calloc(n, sizeof(*buckets));
	if (!buckets)
		return DMP_ENOMEM;
	free(d->buckets);
	d->buckets = buckets;
	d->n_buckets = n;
	d->capacity = n / 2;
	for (size_t i = 0; i < d->n_rows; i++)
		*diff_bucket(d, d->rows[i].key) = (uint32_t)i + 1;
	return DMP_OK;
}

/* The row of a key, a new one when it has none; NULL without memory. */
static struct diff_row *
diff_row_of(struct diff *d, const char *key)
{
	uint32_t *bucket;

	d->status = diff_grow(d);
	if (d->status != DMP_OK)
		return NULL;
	bucket = diff_bucket(d, key);
	if (*bucket == 0) {
		d->rows[d->n_rows] = (struct diff_row){.events = 0};
		dmp_text_copy(d->rows[d->n_rows].key, DMP_KEY_TEXT, key);
		*bucket = (uint32_t)++d->n_rows;
	}
	return &d->rows[*bucket - 1];
}

/* --- what happened --- */

/* After a restart a port is unknown for a moment: what was known before counts. */
static void
diff_take(struct diff *d, struct diff_row *row, enum dmp_state from, enum dmp_state to,
    int64_t time_ms)
{
	if (time_ms < d->oldest_ms)
		d->oldest_ms = time_ms;
	if (time_ms < d->since_ms) {
		row->then = to;
		row->now = to;
		return;
	}
	if (row->then == 0)
		row->then = from ? from : DMP_STATE_UNKNOWN;
	if (to != (row->now ? row->now : row->then))
		row->changes++;
	row->now = to;
	row->last_ms = time_ms;
}

static void
diff_take_event(struct diff *d, const struct dmp_event *event)
{
	struct diff_row *row = diff_row_of(d, event->key);

	if (!row)
		return;
	diff_take(d, row, event->previous_state, event->state, event->time_ms);
	if (event->time_ms < d->since_ms)
		return;
	row->events++;
	dmp_text_copy(row->message, sizeof(row->message), event->message);
}

static void
diff_take_note(struct diff *d, const struct diff_note *note)
{
	struct diff_row *row = diff_row_of(d, note->key);

	if (!row)
		return;
	diff_take(d, row, note->from, note->to, note->time_ms);
	if (note->time_ms >= d->since_ms)
		dmp_text_copy(row->message, sizeof(row->message), note->text);
}

/* "up to down: ..." */
static bool
diff_read_states(const char *text, enum dmp_state *ret_from, enum dmp_state *ret_to)
{
	char from[16];
	char to[16];
	size_t n = strcspn(text, " ");
	size_t m;
	int number;

	if (n == 0 || n >= sizeof(from) || strncmp(text + n, " to ", 4) != 0)
		return false;
	m = strcspn(text + n + 4, ":");
	if (m == 0 || m >= sizeof(to))
		return false;
	dmp_text_copy(from, n + 1, text);
	dmp_text_copy(to, m + 1, text + n + 4);
	if (!dmp_vocab_find(DMP_VOCAB_STATE, from, &number))
		return false;
	*ret_from = (enum dmp_state)number;
	if (!dmp_vocab_find(DMP_VOCAB_STATE, to, &number))
		return false;
	*ret_to = (enum dmp_state)number;
	return true;
}

static bool
diff_keep_note(int64_t time_ms, const char *key, const char *text, void *arg)
{
	struct diff *d = arg;
	struct diff_note note = {.time_ms = time_ms};
	struct diff_note *notes;

	if (!diff_read_states(text, &note.from, &note.to))
		return true;
	notes =
	    dmp_array_grow(d->notes, d->n_notes, &d->notes_capacity, sizeof(*notes));
	if (!notes) {
		d->status = DMP_ENOMEM;
		return false;
	}
	d->notes = notes;
	dmp_text_copy(note.key, sizeof(note.key), key);
	dmp_text_copy(note.text, sizeof(note.text), text);
	d->notes[d->n_notes++] = note;
	return true;
}

static void
diff_take_notes(struct diff *d, int64_t until_ms)
{
	while (d->status == DMP_OK && d->next_note < d->n_notes &&
	       d->notes[d->next_note].time_ms <= until_ms)
		diff_take_note(d, &d->notes[d->next_note++]);
}

static enum dmp_status
diff_read(struct diff *d)
{
	struct dmp_event *batch = calloc(DIFF_BATCH, sizeof(*batch));
	uint32_t last = 0;
	size_t n = 1;

	d->status =
	    batch ? dmp_eventlog_notes(d->reader, 0, diff_keep_note, d) : DMP_ENOMEM;
	while (d->status == DMP_OK && n > 0) {
		d->status = dmp_eventlog_read(d->reader, last, batch, DIFF_BATCH, &n);
		for (size_t i = 0; d->status == DMP_OK && i < n; i++) {
			diff_take_notes(d, batch[i].time_ms);
			diff_take_event(d, &batch[i]);
			last = batch[i].sequence;
		}
	}
	diff_take_notes(d, INT64_MAX);
	free(batch);
	return d->status;
}

/* --- what is told --- */

static enum dmp_status
diff_write_row(struct dmp_writer *writer, const struct diff_row *row)
{
	char time[DMP_TIME_TEXT];
	char key[DMP_KEY_TEXT];
	char message[DMP_MESSAGE_TEXT];

	dmp_clock_text(row->last_ms, time);
	dmp_text_safe(key, sizeof(key), row->key);
	dmp_text_safe(message, sizeof(message), row->message);
	const struct dmp_cell cells[DIFF_COLUMNS] = {
	    {.text = key},
	    {.text = dmp_vocab_text(DMP_VOCAB_STATE, (int)row->then)},
	    {.text = dmp_vocab_text(DMP_VOCAB_STATE, (int)row->now)},
	    {.number = row->events, .present = true},
	    {.number = row->changes, .present = true},
	    {.text = time},
	    {.text = message},
	};
	return dmp_writer_row(writer, cells);
}

static int
diff_compare(const void *a, const void *b)
{
	return strcmp(
	    ((const struct diff_row *)a)->key, ((const struct diff_row *)b)->key);
}

/* Whatever happened since, also when all is as it was. */
static enum dmp_status
diff_write(struct diff *d)
{
	struct dmp_writer *writer = NULL;
	enum dmp_status status =
	    dmp_cli_writer(d->cli, diff_columns, DIFF_COLUMNS, &writer);

	if (d->n_rows > 0)
		qsort(d->rows, d->n_rows, sizeof(*d->rows), diff_compare);
	for (size_t i = 0; i < d->n_rows && status == DMP_OK; i++) {
		const struct diff_row *row = &d->rows[i];

		if (row->events > 0 || row->changes > 0)
			status = diff_write_row(writer, row);
	}
	return dmp_writer_end(writer, status);
}

/* Of what is older than all that is kept nothing is known. */
static void
diff_warn(const struct diff *d)
{
	char time[DMP_TIME_TEXT];

	if (d->oldest_ms <= d->since_ms || d->cli->options.value[DMP_OPT_QUIET])
		return;
	if (d->oldest_ms == INT64_MAX) {
		dmp_cli_error(d->cli, "nothing has been recorded yet");
		return;
	}
	dmp_clock_text(d->oldest_ms, time);
	dmp_cli_error(d->cli,
	    "nothing is recorded of the time before %s: THEN is what was then", time);
}

int
dmp_cli_diff(struct dmp_cli *cli)
{
	const char *since = cli->options.value[DMP_OPT_SINCE];
	struct diff d = {.cli = cli, .oldest_ms = INT64_MAX};
	enum dmp_status status;
	int code;

	if (!since) {
		dmp_cli_error(
		    cli, "--since is missing: since when? such as --since 2h");
		return DMP_EXIT_USAGE;
	}
	if (!dmp_cli_since(cli, since, &d.since_ms))
		return DMP_EXIT_USAGE;
	code = dmp_cli_open_log(cli, &d.reader);
	if (code != DMP_EXIT_FINE)
		return code;
	status = diff_read(&d);
	if (status == DMP_OK) {
		diff_warn(&d);
		status = diff_write(&d);
	}
	if (status != DMP_OK && !ferror(cli->out))
		dmp_cli_error(
		    cli, "cannot read the events: %s", dmp_status_text(status));
	free(d.rows);
	free(d.buckets);
	free(d.notes);
	dmp_eventlog_reader_close(d.reader);
	return status == DMP_OK ? DMP_EXIT_FINE : DMP_EXIT_FAILED;
}
