/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_watch.c - releases events from memory when the database does not take them.
 */
#include <unistd.h>

#include "engine/eventlog_private.h"
#include "engine/eventlog_start.h"

/* Without the mark a restart falls back on the marks file: alarms go first, so its
 * failure changes nothing. */
static void
watch_release(struct dmp_eventlog *log)
{
	uint32_t target = log->released;

	if (log->queue.last_event)
		target = log->queue.last_event->event.sequence;
	if (target != log->released) {
		log->volatile_written = true;
		(void)pthread_mutex_unlock(&log->mutex);
		(void)!dmp_start_write_volatile(log->volatile_path, target);
		(void)pthread_mutex_lock(&log->mutex);
	}
	log->failing = dmp_eventlog_has_work(log) || log->writing;
	if (target > log->released)
		log->released = target;
	dmp_eventlog_signal(log);
}

static void
watch_remove_mark(struct dmp_eventlog *log)
{
	log->volatile_written = false;
	(void)pthread_mutex_unlock(&log->mutex);
	(void)unlink(log->volatile_path);
	(void)pthread_mutex_lock(&log->mutex);
}

/* One look at the log; waits when there is nothing to do. */
static void
watch_turn(struct dmp_eventlog *log)
{
	bool waits = dmp_eventlog_has_work(log) || log->writing;
	uint32_t newest =
	    log->queue.last_event ? log->queue.last_event->event.sequence : 0;
	int64_t until_ms = log->progress_ms + EVENTLOG_PATIENCE_MS;

	if (log->volatile_written && log->released <= log->committed)
		watch_remove_mark(log);
	else if (!waits || (log->failing && newest <= log->released))
		(void)pthread_cond_wait(&log->waiting, &log->mutex);
	else if (log->failing || dmp_eventlog_now_ms() >= until_ms)
		watch_release(log);
	else
		dmp_eventlog_wait_until(&log->waiting, &log->mutex, until_ms);
}

void *
dmp_eventlog_watch(void *arg)
{
	struct dmp_eventlog *log = arg;

	(void)pthread_mutex_lock(&log->mutex);
	while (!log->stopping)
		watch_turn(log);
	(void)pthread_mutex_unlock(&log->mutex);
	return NULL;
}
