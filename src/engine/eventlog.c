/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eventlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/eventlog_private.h"

/* What closing the database may take beyond what the caller allowed for writing. */
enum { CLOSE_GRACE_MS = 1000 };

int64_t
dmp_eventlog_now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

void
dmp_eventlog_wait_until(
    pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_ms)
{
	struct timespec until = {.tv_sec = (time_t)(until_ms / 1000),
	    .tv_nsec = (long)(until_ms % 1000) * 1000000};

	(void)pthread_cond_timedwait(condition, mutex, &until);
}

bool
dmp_eventlog_has_work(const struct dmp_eventlog *log)
{
	return log->unsettled || !dmp_queue_is_empty(&log->queue);
}

/* The counter of an eventfd cannot overflow by additions of one. */
void
dmp_eventlog_signal(const struct dmp_eventlog *log)
{
	const uint64_t one = 1;
	ssize_t n;

	do
		n = write(log->event_fd, &one, sizeof one);
	while (n < 0 && errno == EINTR);
}

/* Before something is queued: the wait for a commit begins now. */
static void
eventlog_begin_wait(struct dmp_eventlog *log)
{
	if (!dmp_eventlog_has_work(log) && !log->writing) {
		log->progress_ms = dmp_eventlog_now_ms();
		(void)pthread_cond_signal(&log->waiting);
	}
	(void)pthread_cond_signal(&log->work);
}

/* A number that was given but cannot be kept stays a gap, which tells of the loss. */
enum dmp_status
dmp_eventlog_post(struct dmp_eventlog *log, struct dmp_event *event)
{
	struct dmp_event numbered = *event;
	enum dmp_status status = DMP_EBUSY;

	(void)pthread_mutex_lock(&log->mutex);
	eventlog_begin_wait(log);
	if (log->posted < UINT32_MAX) {
		numbered.sequence = ++log->posted;
		numbered.epoch = log->epoch;
		status = dmp_queue_push_event(&log->queue, &numbered);
	}
	if (status == DMP_OK)
		*event = numbered;
	else
		log->lost++;
	if (log->failing)
		(void)pthread_cond_signal(&log->waiting);
	(void)pthread_mutex_unlock(&log->mutex);
	return status;
}

void
dmp_eventlog_note(
    struct dmp_eventlog *log, int64_t time_ms, const char *key, const char *text)
{
	(void)pthread_mutex_lock(&log->mutex);
	eventlog_begin_wait(log);
	dmp_queue_push_note(&log->queue, time_ms, key, text);
	(void)pthread_mutex_unlock(&log->mutex);
}

void
dmp_eventlog_save_port(struct dmp_eventlog *log, const struct dmp_saved_port *port)
{
	(void)pthread_mutex_lock(&log->mutex);
	eventlog_begin_wait(log);
	dmp_queue_push_port(&log->queue, port);
	(void)pthread_mutex_unlock(&log->mutex);
}

enum dmp_status
dmp_eventlog_save_admins(
    struct dmp_eventlog *log, const struct dmp_admin_set *set, uint32_t *ret_ticket)
{
	struct dmp_queued_admins *admins = calloc(1, sizeof *admins);

	if (!admins)
		return DMP_ENOMEM;
	if (set->n > 0) {
		admins->set.items = calloc(set->n, sizeof *set->items);
		if (!admins->set.items) {
			free(admins);
			return DMP_ENOMEM;
		}
		memcpy(admins->set.items, set->items, set->n * sizeof *set->items);
		admins->set.n = admins->set.capacity = set->n;
	}
	(void)pthread_mutex_lock(&log->mutex);
	eventlog_begin_wait(log);
	admins->ticket = ++log->admin_ticket;
	*ret_ticket = admins->ticket;
	dmp_queue_push_admins(&log->queue, admins);
	(void)pthread_mutex_unlock(&log->mutex);
	return DMP_OK;
}

void
dmp_eventlog_add_part(struct dmp_eventlog *log, const struct dmp_port_part *part)
{
	(void)pthread_mutex_lock(&log->mutex);
	eventlog_begin_wait(log);
	dmp_queue_push_part(&log->queue, part);
	(void)pthread_mutex_unlock(&log->mutex);
}

size_t
dmp_eventlog_take_sums(
    struct dmp_eventlog *log, struct dmp_port_sums *ret_sums, size_t max)
{
	size_t n;

	(void)pthread_mutex_lock(&log->mutex);
	n = log->n_sums < max ? log->n_sums : max;
	if (n > 0) {
		memcpy(ret_sums, log->sums, n * sizeof *ret_sums);
		log->n_sums -= n;
		memmove(log->sums, log->sums + n, log->n_sums * sizeof *log->sums);
	}
	(void)pthread_mutex_unlock(&log->mutex);
	return n;
}

void
dmp_eventlog_give_sums(struct dmp_eventlog *log, size_t n)
{
	size_t needed = log->n_sums + n;

	if (needed > log->sums_capacity) {
		struct dmp_port_sums *grown =
		    needed <= DMP_QUEUE_PARTS
		        ? realloc(log->sums, 2 * needed * sizeof *grown)
		        : NULL;

		if (!grown)
			return;
		log->sums = grown;
		log->sums_capacity = 2 * needed;
	}
	if (n > 0)
		memcpy(log->sums + log->n_sums, log->batch_sums, n * sizeof *log->sums);
	log->n_sums += n;
}

/* Hand a request to the writer and wait for its answer. */
static enum dmp_status
eventlog_ask(struct dmp_eventlog *log, struct dmp_eventlog_request *request)
{
	enum dmp_status status = DMP_EBUSY;

	(void)pthread_mutex_lock(&log->mutex);
	if (!log->stopping) {
		request->next = log->requests;
		log->requests = request;
		(void)pthread_cond_signal(&log->work);
		while (!request->answered)
			(void)pthread_cond_wait(&log->answer, &log->mutex);
		status = request->status;
	}
	(void)pthread_mutex_unlock(&log->mutex);
	return status;
}

enum dmp_status
dmp_eventlog_indices(struct dmp_eventlog *log, enum dmp_index_kind kind,
    const char *const *keys, size_t n, uint32_t *ret_indices)
{
	struct dmp_eventlog_request request = {.run = dmp_eventlog_assign_indices,
	    .kind = kind,
	    .keys = keys,
	    .n_keys = n};
	enum dmp_status status;

	if (kind <= 0 || kind >= DMP_MARKS_KINDS)
		return DMP_EINVAL;
	if (n == 0)
		return DMP_OK;
	request.indices = calloc(n, sizeof *request.indices);
	if (!request.indices)
		return DMP_ENOMEM;
	status = eventlog_ask(log, &request);
	if (status == DMP_OK)
		memcpy(ret_indices, request.indices, n * sizeof *ret_indices);
	free(request.indices);
	return status;
}

enum dmp_status
dmp_eventlog_saved_ports(
    struct dmp_eventlog *log, struct dmp_saved_port **ret_ports, size_t *ret_n)
{
	struct dmp_eventlog_request request = {.run = dmp_eventlog_load_saved};
	enum dmp_status status = eventlog_ask(log, &request);

	if (status == DMP_OK) {
		*ret_ports = request.ports;
		*ret_n = request.n_ports;
	}
	return status;
}

enum dmp_status
dmp_eventlog_admins(struct dmp_eventlog *log, struct dmp_admin_set *ret_set)
{
	struct dmp_eventlog_request request = {.run = dmp_eventlog_load_admins};
	enum dmp_status status = eventlog_ask(log, &request);

	if (status == DMP_OK)
		*ret_set = request.admins;
	return status;
}

enum dmp_status
dmp_eventlog_port_sums(struct dmp_eventlog *log, uint32_t hour,
    struct dmp_port_sums **ret_sums, size_t *ret_n)
{
	struct dmp_eventlog_request request = {
	    .run = dmp_eventlog_load_sums, .hour = hour};
	enum dmp_status status = eventlog_ask(log, &request);

	if (status == DMP_OK) {
		*ret_sums = request.sums;
		*ret_n = request.n_sums;
	}
	return status;
}

int
dmp_eventlog_fd(const struct dmp_eventlog *log)
{
	return log->event_fd;
}

void
dmp_eventlog_collect(
    struct dmp_eventlog *log, struct dmp_eventlog_progress *ret_progress)
{
	uint64_t count;

	while (read(log->event_fd, &count, sizeof count) < 0 && errno == EINTR)
		continue;
	(void)pthread_mutex_lock(&log->mutex);
	*ret_progress = (struct dmp_eventlog_progress){.released = log->released,
	    .committed = log->committed,
	    .oldest = log->oldest,
	    .admin_stored = log->admin_stored,
	    .lost = log->lost,
	    .failing = log->failing,
	    .replaced = log->replaced};
	if (log->failing || log->replaced)
		dmp_text_copy(
		    ret_progress->error, sizeof ret_progress->error, log->error);
	if (log->failing && log->error[0] == '\0')
		dmp_text_copy(ret_progress->error, sizeof ret_progress->error,
		    "the disk does not answer");
	log->replaced = false;
	(void)pthread_mutex_unlock(&log->mutex);
}

size_t
dmp_eventlog_volatile(
    struct dmp_eventlog *log, uint32_t after, struct dmp_event *ret_events, size_t max)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&log->mutex);
	for (const struct dmp_queued_event *node = log->queue.first_event;
	     node && n < max && node->event.sequence <= log->released;
	     node = node->next)
		if (node->event.sequence > after)
			ret_events[n++] = node->event;
	(void)pthread_mutex_unlock(&log->mutex);
	return n;
}

/* A writer that is stuck in a system call cannot be joined: it frees the log when it
 * comes back, or the end of the process does. */
void
dmp_eventlog_close(struct dmp_eventlog *log, uint32_t wait_ms)
{
	bool finished;

	if (!log)
		return;
	(void)pthread_mutex_lock(&log->mutex);
	log->stopping = true;
	log->stop_ms = dmp_eventlog_now_ms() + wait_ms;
	(void)pthread_cond_broadcast(&log->work);
	(void)pthread_cond_broadcast(&log->waiting);
	while (!log->finished && dmp_eventlog_now_ms() < log->stop_ms + CLOSE_GRACE_MS)
		dmp_eventlog_wait_until(
		    &log->answer, &log->mutex, log->stop_ms + CLOSE_GRACE_MS);
	finished = log->finished;
	(void)pthread_mutex_unlock(&log->mutex);

	(void)pthread_join(log->watch, NULL);
	if (finished) {
		(void)pthread_join(log->writer, NULL);
		if (log->clean)
			(void)unlink(log->volatile_path);
		dmp_eventlog_free(log);
		return;
	}
	(void)pthread_detach(log->writer);
	(void)pthread_mutex_lock(&log->mutex);
	log->orphaned = true;
	finished = log->finished;
	(void)pthread_mutex_unlock(&log->mutex);
	if (finished)
		dmp_eventlog_free(log);
}
