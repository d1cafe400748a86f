/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog_writer.c - the thread that owns the database and the marks.
 *
 * A batch that fails stays in the queue and is tried again, so nothing is lost by a
 * failed attempt.  The numbers of a batch are reserved in the marks before it is
 * committed, and it is released after that: whatever happens in between, no number that
 * anybody has seen is given again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/eventlog_private.h"

enum {
	BACK_OFF_MIN_MS = 100,
	BACK_OFF_MAX_MS = 1000,
	REPLACE_PAUSE_MS =
	    60000, /* a disk that damages all it holds: no flood of files */
	VOLATILE_RESERVE = 4 * EVENTLOG_BLOCK
};

/* What one transaction takes. */
struct writer_batch {
	struct dmp_queued_event *events[EVENTLOG_BATCH]; /* still in the queue */
	size_t n;
	struct dmp_queued_note *notes; /* taken out */
	struct dmp_queued_port *ports;
	struct dmp_queued_admins *admins;
	size_t n_parts;  /* of log->parts, still in the queue */
	uint32_t posted; /* the last number given when the batch was taken */
	bool drains;     /* nothing is left behind it */
	uint32_t oldest; /* in the database, after it */
	bool trim_more;
};

static enum dmp_status
writer_store_marks(struct dmp_eventlog *log, uint32_t reserved)
{
	struct dmp_marks marks = log->marks;
	enum dmp_status status;

	marks.reserved = reserved;
	status = dmp_marks_store(log->marks_fd, &marks);
	log->marks.generation = marks.generation;
	if (status == DMP_OK)
		log->marks.reserved = reserved;
	else
		dmp_text_copy(log->writer_error, sizeof log->writer_error,
		    "the marks file cannot be written");
	return status;
}

/* Reserve numbers up to last and some beyond; what is reserved stays reserved. */
static enum dmp_status
writer_reserve(struct dmp_eventlog *log, uint32_t last, uint32_t beyond)
{
	uint32_t reserved = last > UINT32_MAX - beyond ? UINT32_MAX : last + beyond;

	if (reserved < log->marks.reserved)
		reserved = log->marks.reserved;
	return writer_store_marks(log, reserved);
}

/* Soon events may be sent that the database does not have: say so in the marks, as long
 * as that is possible. */
static void
writer_cover_volatile(struct dmp_eventlog *log, uint32_t posted)
{
	if (log->marks.volatile_sends && posted < log->marks.reserved)
		return;
	log->marks.volatile_sends = true;
	(void)!writer_reserve(log, posted, VOLATILE_RESERVE);
}

static void
writer_end_volatile(struct dmp_eventlog *log)
{
	if (!log->marks.volatile_sends)
		return;
	log->marks.volatile_sends = false;
	(void)!writer_reserve(log, log->settled, EVENTLOG_BLOCK);
}

static void
writer_say_replaced(struct dmp_eventlog *log, const char *aside)
{
	const char *name = strrchr(aside, '/');

	(void)pthread_mutex_lock(&log->mutex);
	log->replaced = true;
	dmp_text_format(log->error, sizeof log->error,
	    "events.db was damaged or removed, and replaced; set aside as %s",
	    name ? name + 1 : aside);
	dmp_eventlog_signal(log);
	(void)pthread_mutex_unlock(&log->mutex);
}

/* Set a damaged database aside and begin a new one.  The announced problems are known
 * here and are written again; events are gone. */
static enum dmp_status
writer_replace(struct dmp_eventlog *log)
{
	char aside[PATH_MAX] = "";
	int64_t now_ms = dmp_eventlog_now_ms();
	enum dmp_status status;

	if (log->has_replaced && now_ms - log->replaced_ms < REPLACE_PAUSE_MS) {
		dmp_text_copy(log->writer_error, sizeof log->writer_error,
		    "the database was damaged or removed again");
		return DMP_ECORRUPT;
	}
	dmp_store_close(log->store);
	log->store = NULL;
	log->rewrite_problems = true;
	log->rewrite_admins = true;
	log->rewrite_numbers = true;
	log->has_replaced = true;
	log->replaced_ms = now_ms;
	status = dmp_store_set_aside(log->path, aside, sizeof aside);
	if (status == DMP_OK)
		status = dmp_store_open(log->path, &log->store, log->writer_error);
	else
		dmp_text_copy(log->writer_error, sizeof log->writer_error,
		    "the damaged database cannot be set aside");
	if (status != DMP_OK)
		return status;
	dmp_store_salvage(log->store, aside);
	writer_say_replaced(log, aside);
	return DMP_OK;
}

/* A database that is there, is ours, and agrees with what is in memory. */
static enum dmp_status
writer_ready(struct dmp_eventlog *log)
{
	enum dmp_status status = DMP_OK;

	if (log->store && dmp_store_moved(log->store))
		status = writer_replace(log);
	else if (!log->store)
		status = dmp_store_open(log->path, &log->store, log->writer_error);
	if (status == DMP_OK && log->problems_lost) {
		dmp_problem_done(&log->problems);
		status = dmp_store_load_problems(log->store, &log->problems);
		log->problems_lost = status != DMP_OK;
		dmp_text_copy(log->writer_error, sizeof log->writer_error,
		    "the announced problems cannot be read");
	}
	return status;
}

/* The memory's fold follows the database. */
static void
writer_fold(struct dmp_eventlog *log, const struct dmp_event *event)
{
	if (dmp_problem_apply(&log->problems, event) != DMP_OK)
		log->problems_lost = true;
	log->settled = event->sequence;
}

/* What a new database, or a new start, must be told besides events. */
static enum dmp_status
writer_put_own(struct dmp_eventlog *log)
{
	struct dmp_store *store = log->store;
	enum dmp_status status = DMP_OK;

	if (log->rewrite_problems)
		status = dmp_store_put_problems(store, &log->problems);
	if (status == DMP_OK && log->rewrite_admins)
		status = dmp_store_put_admins(store, &log->admins);
	if (status == DMP_OK && log->rewrite_numbers)
		status = dmp_store_put_number(store, DMP_STORE_EPOCH, log->epoch);
	if (status == DMP_OK && log->rewrite_numbers)
		status = dmp_store_put_number(
		    store, DMP_STORE_EPOCH_FIRST, log->epoch_first);
	if (status == DMP_OK && log->rewrite_numbers)
		status =
		    dmp_store_put_number(store, DMP_STORE_LAST_SEQUENCE, log->settled);
	return status;
}

/* Once a day, by the hours of the parts, what is too old goes. */
static enum dmp_status
writer_put_parts(struct dmp_eventlog *log, size_t n)
{
	uint32_t hour = log->parts[n - 1].part.hour;
	enum dmp_status status =
	    dmp_store_add_parts(log->store, log->parts, n, log->batch_sums);

	if (status != DMP_OK || hour / 24 == log->trimmed_day)
		return status;
	log->trimmed_day = hour / 24;
	return dmp_store_trim_records(log->store, hour);
}

static enum dmp_status
writer_put_batch(struct dmp_eventlog *log, struct writer_batch *batch)
{
	struct dmp_store *store = log->store;
	enum dmp_status status = writer_put_own(log);

	for (size_t i = 0; i < batch->n && status == DMP_OK; i++)
		status = dmp_store_put_event(store, &batch->events[i]->event);
	if (status == DMP_OK && batch->n > 0)
		status = dmp_store_put_number(store, DMP_STORE_LAST_SEQUENCE,
		    batch->events[batch->n - 1]->event.sequence);
	for (const struct dmp_queued_note *note = batch->notes;
	     note && status == DMP_OK; note = note->next)
		status =
		    dmp_store_put_note(store, note->time_ms, note->key, note->text);
	for (const struct dmp_queued_port *port = batch->ports;
	     port && status == DMP_OK; port = port->next)
		status = dmp_store_put_saved(store, &port->port);
	if (status == DMP_OK && batch->admins)
		status = dmp_store_put_admins(store, &batch->admins->set);
	if (status == DMP_OK && batch->n_parts > 0)
		status = writer_put_parts(log, batch->n_parts);
	if (status == DMP_OK)
		status = dmp_store_trim(
		    store, log->retain, &batch->oldest, &batch->trim_more);
	return status;
}

/* One transaction.  With DMP_OK everything in the batch is on disk. */
static enum dmp_status
writer_transact(struct dmp_eventlog *log, struct writer_batch *batch)
{
	uint32_t last = batch->n > 0 ? batch->events[batch->n - 1]->event.sequence : 0;
	enum dmp_status status = writer_ready(log);

	if (status == DMP_OK && last > log->marks.reserved)
		status = writer_reserve(log, last, EVENTLOG_BLOCK);
	if (status != DMP_OK)
		return status;
	status = dmp_store_begin(log->store);
	if (status == DMP_OK)
		status = dmp_store_end(log->store, writer_put_batch(log, batch));
	if (status != DMP_OK)
		dmp_text_copy(log->writer_error, sizeof log->writer_error,
		    dmp_store_error(log->store));
	return status;
}

static enum dmp_status
writer_commit(struct dmp_eventlog *log, struct writer_batch *batch)
{
	enum dmp_status status = writer_transact(log, batch);

	if (status == DMP_ECORRUPT && writer_replace(log) == DMP_OK)
		status = writer_transact(log, batch);
	if (status != DMP_OK) {
		writer_cover_volatile(log, batch->posted);
		return status;
	}
	log->rewrite_problems = false;
	log->rewrite_admins = false;
	log->rewrite_numbers = false;
	for (size_t i = 0; i < batch->n; i++)
		writer_fold(log, &batch->events[i]->event);
	if (batch->drains)
		writer_end_volatile(log);
	return DMP_OK;
}

/* Notes and ports go with the batch that empties the queue, so that a stored port never
 * refers to an event that is not stored. */
static void
writer_take(struct dmp_eventlog *log, struct writer_batch *batch)
{
	struct dmp_queued_event *node = log->queue.first_event;

	for (; node && batch->n < EVENTLOG_BATCH; node = node->next)
		batch->events[batch->n++] = node;
	batch->admins = dmp_queue_take_admins(&log->queue);
	batch->posted = log->posted;
	batch->drains = !node;
	if (batch->drains) {
		batch->notes = dmp_queue_take_notes(&log->queue);
		batch->ports = dmp_queue_take_ports(&log->queue);
		batch->n_parts =
		    dmp_queue_peek_parts(&log->queue, log->parts, EVENTLOG_PARTS);
	}
	log->writing = true;
}

/* With the mutex held: the batch is on disk. */
static void
writer_settle(struct dmp_eventlog *log, struct writer_batch *batch)
{
	bool was_failing = log->failing;

	for (size_t i = 0; i < batch->n; i++)
		(void)dmp_queue_pop_event(&log->queue);
	if (batch->n > 0)
		log->committed = batch->events[batch->n - 1]->event.sequence;
	if (log->released < log->committed)
		log->released = log->committed;
	if (batch->admins)
		log->admin_stored = batch->admins->ticket;
	dmp_queue_drop_parts(&log->queue, batch->n_parts);
	dmp_eventlog_give_sums(log, batch->n_parts);
	log->oldest = batch->oldest;
	log->unsettled = batch->trim_more;
	log->failing = false;
	if (!log->replaced)
		log->error[0] = '\0';
	log->progress_ms = dmp_eventlog_now_ms();
	if (was_failing || log->volatile_written)
		(void)pthread_cond_signal(&log->waiting);
	if (batch->n > 0 || batch->admins || batch->n_parts > 0 || was_failing)
		dmp_eventlog_signal(log);
}

/* With the mutex held: keep everything, except the oldest events when there are too
 * many; those have no batch, so their effect on the problems is folded here. */
static void
writer_keep(struct dmp_eventlog *log, struct writer_batch *batch)
{
	dmp_queue_return_notes(&log->queue, batch->notes);
	dmp_queue_return_ports(&log->queue, batch->ports);
	dmp_queue_return_admins(&log->queue, batch->admins);
	batch->notes = NULL;
	batch->ports = NULL;
	batch->admins = NULL;
	log->unsettled = true;
	dmp_text_copy(log->error, sizeof log->error, log->writer_error);
	if (log->failing)
		dmp_eventlog_signal(log);
	while (log->failing && log->queue.n_events > DMP_EVENTLOG_VOLATILE) {
		struct dmp_queued_event *node = dmp_queue_pop_event(&log->queue);

		writer_fold(log, &node->event);
		log->rewrite_problems = true;
		log->rewrite_numbers = true;
		log->lost++;
		free(node);
	}
}

static void
writer_free_batch(struct writer_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		free(batch->events[i]);
	while (batch->notes) {
		struct dmp_queued_note *next = batch->notes->next;

		free(batch->notes);
		batch->notes = next;
	}
	while (batch->ports) {
		struct dmp_queued_port *next = batch->ports->next;

		free(batch->ports);
		batch->ports = next;
	}
}

/* What is stored is remembered, for a database that has to be replaced. */
static void
writer_keep_admins(struct dmp_eventlog *log, struct writer_batch *batch)
{
	if (!batch->admins)
		return;
	dmp_admin_done(&log->admins);
	log->admins = batch->admins->set;
	free(batch->admins);
	batch->admins = NULL;
}

/* Write one batch; the mutex is held before and after, not meanwhile. */
static enum dmp_status
writer_turn(struct dmp_eventlog *log)
{
	struct writer_batch batch = {0};
	enum dmp_status status;

	writer_take(log, &batch);
	(void)pthread_mutex_unlock(&log->mutex);
	status = writer_commit(log, &batch);
	(void)pthread_mutex_lock(&log->mutex);
	log->writing = false;
	if (status != DMP_OK) {
		writer_keep(log, &batch);
		return status;
	}
	writer_settle(log, &batch);
	(void)pthread_mutex_unlock(&log->mutex);
	writer_keep_admins(log, &batch);
	writer_free_batch(&batch);
	(void)pthread_mutex_lock(&log->mutex);
	return DMP_OK;
}

static void
writer_answer(struct dmp_eventlog *log)
{
	struct dmp_eventlog_request *request = log->requests;
	enum dmp_status status;

	log->requests = request->next;
	(void)pthread_mutex_unlock(&log->mutex);
	status = request->run(log, request);
	(void)pthread_mutex_lock(&log->mutex);
	request->status = status;
	request->answered = true;
	(void)pthread_cond_broadcast(&log->answer);
}

/* Pause after a failure; requests and the end are not kept waiting. */
static void
writer_back_off(struct dmp_eventlog *log, int64_t *pause_ms)
{
	bool stopping = log->stopping;
	int64_t until_ms = dmp_eventlog_now_ms() + *pause_ms;

	*pause_ms = *pause_ms * 2 > BACK_OFF_MAX_MS ? BACK_OFF_MAX_MS : *pause_ms * 2;
	if (stopping && until_ms > log->stop_ms)
		until_ms = log->stop_ms;
	while (!log->requests && log->stopping == stopping &&
	       dmp_eventlog_now_ms() < until_ms)
		dmp_eventlog_wait_until(&log->work, &log->mutex, until_ms);
}

static void
writer_work(struct dmp_eventlog *log)
{
	int64_t pause_ms = BACK_OFF_MIN_MS;

	for (;;) {
		if (log->requests) {
			writer_answer(log);
		} else if (log->stopping && dmp_eventlog_now_ms() > log->stop_ms) {
			break;
		} else if (!dmp_eventlog_has_work(log)) {
			if (log->stopping)
				break;
			(void)pthread_cond_wait(&log->work, &log->mutex);
		} else if (writer_turn(log) == DMP_OK) {
			pause_ms = BACK_OFF_MIN_MS;
		} else {
			writer_back_off(log, &pause_ms);
		}
	}
}

/* After an orderly end the marks are exact: nothing beyond them was ever given. */
static bool
writer_finish(struct dmp_eventlog *log, bool complete, uint32_t posted)
{
	dmp_store_close(log->store);
	log->store = NULL;
	if (!complete)
		return false;
	log->marks.clean = true;
	log->marks.volatile_sends = false;
	return writer_store_marks(log, posted) == DMP_OK;
}

void *
dmp_eventlog_writer(void *arg)
{
	struct dmp_eventlog *log = arg;
	bool complete;
	bool orphaned;
	uint32_t posted;

	(void)pthread_mutex_lock(&log->mutex);
	writer_work(log);
	complete = !log->queue.first_event;
	posted = log->posted;
	(void)pthread_mutex_unlock(&log->mutex);
	complete = writer_finish(log, complete, posted);

	(void)pthread_mutex_lock(&log->mutex);
	log->clean = complete;
	log->finished = true;
	orphaned = log->orphaned;
	(void)pthread_cond_broadcast(&log->answer);
	(void)pthread_mutex_unlock(&log->mutex);
	if (orphaned)
		dmp_eventlog_free(log);
	return NULL;
}

enum dmp_status
dmp_eventlog_settle_start(struct dmp_eventlog *log)
{
	struct writer_batch batch = {.drains = true};
	enum dmp_status status = writer_transact(log, &batch);

	if (status == DMP_OK) {
		log->oldest = batch.oldest;
		log->unsettled = batch.trim_more;
		log->rewrite_numbers = false;
		log->rewrite_problems = false;
	}
	return status;
}

/* The index of a key, a new one if it has none. */
static enum dmp_status
writer_assign(struct dmp_eventlog *log, enum dmp_index_kind kind, const char *key,
    uint32_t *ret_index)
{
	enum dmp_status status = dmp_store_find_index(log->store, kind, key, ret_index);

	if (status != DMP_ENOENT)
		return status;
	if (log->marks.index[kind] == UINT32_MAX)
		return DMP_ETOOBIG;
	*ret_index = ++log->marks.index[kind];
	return dmp_store_put_index(log->store, kind, key, *ret_index);
}

/* New indices are in the marks before they are in the database: a database that is
 * lost later takes no number with it. */
static enum dmp_status
writer_assign_all(struct dmp_eventlog *log, struct dmp_eventlog_request *request)
{
	uint32_t before = log->marks.index[request->kind];
	enum dmp_status status = writer_ready(log);

	if (status == DMP_OK)
		status = dmp_store_begin(log->store);
	if (status != DMP_OK)
		return status;
	for (size_t i = 0; i < request->n_keys && status == DMP_OK; i++)
		status = writer_assign(
		    log, request->kind, request->keys[i], &request->indices[i]);
	if (status == DMP_OK && log->marks.index[request->kind] != before)
		status = dmp_marks_store(log->marks_fd, &log->marks);
	return dmp_store_end(log->store, status);
}

enum dmp_status
dmp_eventlog_assign_indices(
    struct dmp_eventlog *log, struct dmp_eventlog_request *request)
{
	enum dmp_status status = writer_assign_all(log, request);

	if (status == DMP_ECORRUPT && writer_replace(log) == DMP_OK)
		status = writer_assign_all(log, request);
	return status;
}

enum dmp_status
dmp_eventlog_load_sums(struct dmp_eventlog *log, struct dmp_eventlog_request *request)
{
	enum dmp_status status = writer_ready(log);

	if (status == DMP_OK)
		status = dmp_store_load_sums(
		    log->store, request->hour, &request->sums, &request->n_sums);
	return status;
}

enum dmp_status
dmp_eventlog_load_admins(struct dmp_eventlog *log, struct dmp_eventlog_request *request)
{
	enum dmp_status status = writer_ready(log);

	if (status == DMP_OK)
		status = dmp_store_load_admins(log->store, &request->admins);
	return status;
}

enum dmp_status
dmp_eventlog_load_saved(struct dmp_eventlog *log, struct dmp_eventlog_request *request)
{
	enum dmp_status status = writer_ready(log);

	if (status == DMP_OK)
		status = dmp_store_load_saved(
		    log->store, &request->ports, &request->n_ports);
	return status;
}
