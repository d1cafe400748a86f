/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/news.h"

#include <stdlib.h>
#include <unistd.h>

#include "engine/control.h"

enum {
	CHUNK = 256,
	RETRY_MS = 200,
	PATIENCE = 25 /* failed reads until memory alone is believed */
};

struct dmpd_news {
	const char *state_dir;
	const char *run_dir;
	size_t capacity;
	struct dmp_eventlog_reader *reader;
	struct dmpd_event_ring *events;
	struct dmp_problem_set problems;
	uint32_t problems_as_of;
	bool problems_stale; /* one could not be applied: take a snapshot again */
	uint32_t read_after; /* everything stored up to here is in events */
	bool loaded;         /* the first read is done */
	bool is_test;        /* one was asked for, lines tells which */
	bool behind;         /* the database has more, or could not be read */
	unsigned failed_reads;
	int fd;
	struct dmp_control_reader lines;
	int64_t retry_ms; /* next attempt at what failed */
	/* Stored events older than those in memory, for a receiver that is far behind.
	 */
	struct dmp_event *old;
	size_t n_old;
	uint32_t old_after;
};

enum dmp_status
dmpd_news_new(const char *state_dir, const char *run_dir, size_t capacity,
    struct dmpd_news **ret_news)
{
	struct dmpd_news *news = calloc(1, sizeof *news);
	enum dmp_status status;

	if (!news)
		return DMP_ENOMEM;
	news->fd = -1;
	news->state_dir = state_dir;
	news->run_dir = run_dir;
	news->capacity = capacity;
	news->retry_ms = INT64_MIN;
	news->behind = true;
	status = dmpd_event_ring_new(capacity, &news->events);
	if (status != DMP_OK)
		goto fail;
	news->old = calloc(CHUNK, sizeof *news->old);
	if (!news->old) {
		status = DMP_ENOMEM;
		goto fail;
	}
	*ret_news = news;
	return DMP_OK;
fail:
	dmpd_news_free(news);
	return status;
}

static void
news_disconnect(struct dmpd_news *news)
{
	if (news->fd >= 0)
		(void)close(news->fd);
	news->fd = -1;
	dmp_text_done(&news->lines.pending);
}

static void
news_close_reader(struct dmpd_news *news)
{
	if (news->reader)
		dmp_eventlog_reader_close(news->reader);
	news->reader = NULL;
	news->n_old = 0;
}

void
dmpd_news_free(struct dmpd_news *news)
{
	if (!news)
		return;
	news_disconnect(news);
	news_close_reader(news);
	dmpd_event_ring_free(news->events);
	dmp_problem_done(&news->problems);
	free(news->old);
	free(news);
}

static void
news_apply(struct dmpd_news *news, const struct dmp_event *event)
{
	if (dmp_problem_apply(&news->problems, event) != DMP_OK)
		news->problems_stale = true;
}

static void
news_add(struct dmpd_news *news, const struct dmp_event *event)
{
	if (event->sequence <= dmpd_event_ring_newest(news->events))
		return;
	if (dmpd_event_ring_add(news->events, event) == DMP_OK &&
	    event->sequence > news->problems_as_of)
		news_apply(news, event);
}

/* Take the stored set, then what is known beyond it: events that were never stored. */
static enum dmp_status
news_load_problems(struct dmpd_news *news)
{
	struct dmp_problem_set problems = {0};
	const struct dmp_event *event;
	uint32_t as_of = 0;
	enum dmp_status status = dmp_eventlog_problems(news->reader, &problems, &as_of);

	if (status != DMP_OK) {
		dmp_problem_done(&problems);
		return status;
	}
	dmp_problem_done(&news->problems);
	news->problems = problems;
	news->problems_as_of = as_of;
	news->problems_stale = false;
	for (uint32_t sequence = as_of;
	     (event = dmpd_event_ring_at(news->events, sequence + 1, false));
	     sequence = event->sequence)
		news_apply(news, event);
	return DMP_OK;
}

/* Where reading begins: only the newest events are kept in memory. */
static enum dmp_status
news_first_position(struct dmpd_news *news)
{
	uint32_t oldest;
	uint32_t newest;
	uint32_t epoch_first;
	enum dmp_status status =
	    dmp_eventlog_bounds(news->reader, &oldest, &newest, &epoch_first);

	if (status == DMP_OK && newest > news->capacity)
		news->read_after = newest - (uint32_t)news->capacity;
	return status;
}

static enum dmp_status
news_open_reader(struct dmpd_news *news)
{
	enum dmp_status status;

	if (news->reader)
		return news->problems_stale ? news_load_problems(news) : DMP_OK;
	status = dmp_eventlog_reader_open(news->state_dir, &news->reader);
	if (status != DMP_OK)
		return status;
	status = news_load_problems(news);
	if (status == DMP_OK && !news->loaded)
		status = news_first_position(news);
	if (status != DMP_OK)
		news_close_reader(news);
	return status;
}

/* Read what was stored since the last time, as far as one chunk goes; *ret_n tells how
 * many that were. */
static enum dmp_status
news_read(struct dmpd_news *news, size_t *ret_n)
{
	enum dmp_status status = news_open_reader(news);

	news->n_old = 0;
	*ret_n = 0;
	if (status == DMP_OK)
		status = dmp_eventlog_read(
		    news->reader, news->read_after, news->old, CHUNK, ret_n);
	for (size_t i = 0; status == DMP_OK && i < *ret_n; i++) {
		news_add(news, &news->old[i]);
		news->read_after = news->old[i].sequence;
	}
	if (status != DMP_OK && status != DMP_EBUSY)
		news_close_reader(news);
	return status;
}

/* One chunk.  What there is beyond it is for the next turn, so that a storm of events
 * holds up nobody whose request waits. */
static void
news_advance(struct dmpd_news *news, int64_t now_ms)
{
	size_t n;

	if (news_read(news, &n) != DMP_OK) {
		news->behind = true;
		news->failed_reads++;
		news->retry_ms = now_ms + RETRY_MS;
		return;
	}
	news->failed_reads = 0;
	news->behind = n == CHUNK;
	news->loaded |= !news->behind;
}

/* Everything that is stored. */
static void
news_catch_up(struct dmpd_news *news, int64_t now_ms)
{
	do {
		news_advance(news, now_ms);
	} while (news->behind && news->failed_reads == 0);
}

/* A new engine may have replaced a damaged database: what we have open may be the old
 * one. */
static void
news_connect(struct dmpd_news *news, int64_t now_ms)
{
	if (dmp_control_subscribe(news->run_dir, &news->fd) != DMP_OK) {
		news->fd = -1;
		news->retry_ms = now_ms + RETRY_MS;
		return;
	}
	news_close_reader(news);
	news->behind = true;
}

static void
news_read_lines(struct dmpd_news *news, int64_t now_ms)
{
	struct dmp_event event;
	uint32_t sequence;

	for (;;) {
		switch (dmp_control_next(&news->lines, news->fd, &sequence, &event)) {
		case DMP_NEWS_NONE:
			return;
		case DMP_NEWS_TEST:
			news->is_test = true;
			break;
		case DMP_NEWS_EVENT:
			news->behind = true;
			break;
		case DMP_NEWS_VOLATILE:
			/* What is stored comes before it. */
			if (news->behind)
				news_catch_up(news, now_ms);
			news_add(news, &event);
			break;
		case DMP_NEWS_CLOSED:
			/* Its last events may be stored and not told. */
			news_disconnect(news);
			news_catch_up(news, now_ms);
			news->retry_ms = now_ms + RETRY_MS;
			return;
		}
	}
}

void
dmpd_news_turn(struct dmpd_news *news, int64_t now_ms)
{
	if (news->fd < 0 && now_ms >= news->retry_ms)
		news_connect(news, now_ms);
	if (news->fd >= 0)
		news_read_lines(news, now_ms);
	if (!news->behind || now_ms < news->retry_ms)
		return;
	if (news->loaded)
		news_advance(news, now_ms);
	else
		news_catch_up(news, now_ms);
}

int
dmpd_news_fd(const struct dmpd_news *news)
{
	return news->fd;
}

int
dmpd_news_wait_ms(const struct dmpd_news *news, int64_t now_ms)
{
	if (news->fd >= 0 && !news->behind)
		return -1;
	if (news->retry_ms <= now_ms)
		return 0;
	return (int)(news->retry_ms - now_ms);
}

const struct dmpd_event_ring *
dmpd_news_events(const struct dmpd_news *news)
{
	return news->events;
}

const struct dmp_problem_set *
dmpd_news_problems(const struct dmpd_news *news)
{
	return &news->problems;
}

bool
dmpd_news_test(struct dmpd_news *news, uint64_t *ret_number, char name[DMP_NAME_TEXT])
{
	if (!news->is_test)
		return false;
	news->is_test = false;
	*ret_number = news->lines.test;
	dmp_text_copy(name, DMP_NAME_TEXT, news->lines.test_name);
	return true;
}

uint32_t
dmpd_news_newest(const struct dmpd_news *news)
{
	return dmpd_event_ring_newest(news->events);
}

/* The first event after sequence among those read before, NULL when they do not tell.
 */
static const struct dmp_event *
news_find_old(const struct dmpd_news *news, uint32_t sequence)
{
	if (news->n_old == 0 || sequence < news->old_after)
		return NULL;
	for (size_t i = 0; i < news->n_old; i++) {
		if (news->old[i].sequence > sequence)
			return &news->old[i];
	}
	return NULL;
}

/* The same, from the database; NULL with DMP_OK when nothing stored is newer. */
static enum dmp_status
news_read_old(struct dmpd_news *news, uint32_t sequence, const struct dmp_event **ret)
{
	enum dmp_status status;

	*ret = news_find_old(news, sequence);
	if (*ret)
		return DMP_OK;
	if (!news->reader)
		return DMP_EBUSY;
	status =
	    dmp_eventlog_read(news->reader, sequence, news->old, CHUNK, &news->n_old);
	if (status != DMP_OK) {
		news->n_old = 0;
		if (status != DMP_EBUSY) {
			news_close_reader(news);
			news->behind = true;
		}
		return DMP_EBUSY;
	}
	news->old_after = sequence;
	*ret = news_find_old(news, sequence);
	return DMP_OK;
}

/* Events that came by the socket while the database could not be read are in memory
 * without their predecessors: the database is asked before a gap is believed, and again
 * for some seconds when it does not answer. */
enum dmp_status
dmpd_news_after(struct dmpd_news *news, uint32_t sequence, struct dmp_event *ret_event)
{
	const struct dmp_event *event;
	const struct dmp_event *old = NULL;

	if (!news->loaded && news->failed_reads < PATIENCE)
		return DMP_EBUSY;
	event = dmpd_event_ring_at(news->events, sequence + 1, false);
	if (!event)
		return DMP_ENOENT;
	if (event->sequence > sequence + 1) {
		if (news_read_old(news, sequence, &old) != DMP_OK &&
		    news->failed_reads < PATIENCE)
			return DMP_EBUSY;
		if (old && old->sequence < event->sequence)
			event = old;
	}
	*ret_event = *event;
	return DMP_OK;
}

enum dmp_status
dmpd_news_epoch_start(struct dmpd_news *news, uint32_t epoch, uint32_t *ret_sequence)
{
	struct dmp_event event;
	uint32_t oldest;
	uint32_t newest;
	uint32_t first;

	if (!news->loaded || !news->reader ||
	    dmp_eventlog_bounds(news->reader, &oldest, &newest, &first) != DMP_OK)
		return DMP_EBUSY;
	if (first > 0 && dmpd_news_after(news, first - 1, &event) == DMP_OK &&
	    event.epoch == epoch)
		*ret_sequence = first - 1;
	else
		*ret_sequence = newest;
	return DMP_OK;
}
