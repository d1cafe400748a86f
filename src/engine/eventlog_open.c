/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_open.c - what happens before the threads of the event log start, and after
 * they ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/eventlog_private.h"
#include "engine/eventlog_start.h"

enum { RETAIN_DEFAULT = 100000 };

/* The longest name below the directories: a database set aside, and its journal. */
enum { NAME_ROOM = 80 };

/* One writer at a time.  flock() because it belongs to the open file: it is refused
 * within one process, too, and no other close() drops it. */
static enum dmp_status
open_lock(const char *state_dir, int *ret_fd, struct dmp_text *errors)
{
	char path[PATH_MAX];
	int fd;

	dmp_text_format(path, sizeof path, "%s/lock", state_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	if (fd < 0) {
		dmp_text_printf(
		    errors, "%s: cannot open it: %s\n", path, strerror(errno));
		return errno == EACCES || errno == EPERM ? DMP_EPERM : DMP_EIO;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		dmp_text_printf(errors, "%s: another process writes here\n", path);
		(void)close(fd);
		return DMP_EBUSY;
	}
	*ret_fd = fd;
	return DMP_OK;
}

static enum dmp_status
open_directory(const char *state_dir, struct dmp_text *errors)
{
	int made = mkdir(state_dir, 0750);

	if (made == 0 || errno == EEXIST)
		return DMP_OK;
	dmp_text_printf(errors, "%s: cannot make it: %s\n", state_dir, strerror(errno));
	return errno == EACCES || errno == EPERM ? DMP_EPERM : DMP_EIO;
}

/* Open the database; a damaged one is set aside. */
static enum dmp_status
open_store(
    struct dmp_eventlog *log, struct dmp_eventlog_start *start, struct dmp_text *errors)
{
	char aside[PATH_MAX] = "";
	char error[DMP_STORE_ERROR_TEXT] = "";
	enum dmp_status status = dmp_store_open(log->path, &log->store, error);

	if (status == DMP_ECORRUPT) {
		start->replaced = true;
		dmp_text_format(start->message, sizeof start->message,
		    "events.db is damaged (%s)", error);
		status = dmp_store_set_aside(log->path, aside, sizeof aside);
		if (status == DMP_OK)
			status = dmp_store_open(log->path, &log->store, error);
	}
	if (status != DMP_OK) {
		dmp_text_printf(errors, "%s: cannot open it: %s\n", log->path,
		    error[0] ? error : dmp_status_text(status));
		return status;
	}
	if (start->replaced) {
		size_t used = strlen(start->message);

		dmp_store_salvage(log->store, aside);
		dmp_text_format(start->message + used, sizeof start->message - used,
		    ", set aside as %s, and replaced", strrchr(aside, '/') + 1);
	}
	return DMP_OK;
}

static void
open_say_skipped(const struct dmp_start_input *input, struct dmp_eventlog_start *start)
{
	size_t used = strlen(start->message);
	char *end = start->message + used;
	size_t room = sizeof start->message - used;
	const char *comma = used > 0 ? "; " : "";

	if (start->skipped_last == 0)
		return;
	if (input->found == DMP_MARKS_DAMAGED && input->facts.fresh)
		dmp_text_format(end, room,
		    "%sthe marks are damaged, too: numbers may repeat", comma);
	else if (input->found != DMP_MARKS_READ)
		dmp_text_format(end, room,
		    "%sthe marks are missing or damaged: skipped sequence %u to %u",
		    comma, start->skipped_first, start->skipped_last);
	else
		dmp_text_format(end, room, "%sevents %u to %u are not stored", comma,
		    start->skipped_first, start->skipped_last);
}

/* Decide the numbers and make the decision durable. */
static enum dmp_status
open_numbers(struct dmp_eventlog *log, struct dmp_start_input *input,
    struct dmp_eventlog_start *start, struct dmp_text *errors)
{
	struct dmp_start_plan plan;
	enum dmp_status status = dmp_store_facts(log->store, &input->facts);

	if (status != DMP_OK) {
		dmp_text_printf(
		    errors, "%s: %s\n", log->path, dmp_store_error(log->store));
		return status;
	}
	plan = dmp_start_decide(input);
	log->marks = input->marks;
	log->marks.floor = plan.last;
	log->marks.reserved = plan.last > UINT32_MAX - EVENTLOG_BLOCK
	                          ? UINT32_MAX
	                          : plan.last + EVENTLOG_BLOCK;
	log->marks.epoch = plan.epoch;
	memcpy(log->marks.index, plan.index, sizeof plan.index);
	dmp_start_boot(log->marks.boot);
	log->marks.clean = false;
	log->marks.volatile_sends = false;
	status = dmp_marks_store(log->marks_fd, &log->marks);
	if (status != DMP_OK) {
		dmp_text_printf(errors, "%s: cannot write the marks beside it: %s\n",
		    log->path, strerror(errno));
		return status;
	}
	log->epoch = plan.epoch;
	log->epoch_first = plan.last < UINT32_MAX ? plan.last + 1 : UINT32_MAX;
	log->posted = log->released = log->committed = log->settled = plan.last;
	start->epoch = plan.epoch;
	start->last_sequence = input->facts.newest;
	start->oldest_sequence = input->facts.oldest;
	dmp_text_copy(start->source, sizeof start->source, input->facts.source);
	start->skipped_first = plan.skipped_first;
	start->skipped_last = plan.skipped_last;
	open_say_skipped(input, start);
	return DMP_OK;
}

static enum dmp_status
open_files(struct dmp_eventlog *log, const char *state_dir,
    struct dmp_eventlog_start *start, struct dmp_text *errors)
{
	char path[PATH_MAX];
	char boot[DMP_BOOT_TEXT];
	struct dmp_start_input input = {0};
	enum dmp_status status = open_directory(state_dir, errors);

	if (status == DMP_OK)
		status = open_lock(state_dir, &log->lock_fd, errors);
	if (status != DMP_OK)
		return status;
	dmp_text_format(path, sizeof path, "%s/" DMP_MARKS_FILE, state_dir);
	status = dmp_marks_open(path, &log->marks_fd, &input.marks, &input.found);
	if (status != DMP_OK) {
		dmp_text_printf(
		    errors, "%s: cannot open it: %s\n", path, dmp_status_text(status));
		return status;
	}
	status = open_store(log, start, errors);
	if (status != DMP_OK)
		return status;
	dmp_start_boot(boot);
	input.same_boot = boot[0] != '\0' && strcmp(boot, input.marks.boot) == 0;
	input.volatile_mark = dmp_start_read_volatile(log->volatile_path);
	return open_numbers(log, &input, start, errors);
}

/* The first transaction.  A full disk does not keep the daemon from starting: the
 * writer goes on trying. */
static enum dmp_status
open_settle(struct dmp_eventlog *log, struct dmp_problem_set *ret_problems,
    struct dmp_text *errors)
{
	struct dmp_problem_set problems = {0};
	enum dmp_status status;

	log->rewrite_numbers = true;
	log->unsettled = true;
	(void)!dmp_eventlog_settle_start(log);
	(void)unlink(log->volatile_path);
	status = dmp_store_load_problems(log->store, &log->problems);
	if (status == DMP_OK)
		status = dmp_store_load_problems(log->store, &problems);
	if (status == DMP_OK)
		status = dmp_store_load_admins(log->store, &log->admins);
	if (status != DMP_OK) {
		dmp_text_printf(
		    errors, "%s: cannot read what is announced\n", log->path);
		dmp_problem_done(&problems);
		return status;
	}
	*ret_problems = problems;
	return DMP_OK;
}

static bool
open_conditions(struct dmp_eventlog *log)
{
	pthread_condattr_t attributes;
	bool ready;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	ready = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	        pthread_mutex_init(&log->mutex, NULL) == 0 &&
	        pthread_cond_init(&log->work, &attributes) == 0 &&
	        pthread_cond_init(&log->waiting, &attributes) == 0 &&
	        pthread_cond_init(&log->answer, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	return ready;
}

/* Signals are for the caller's threads. */
static enum dmp_status
open_threads(struct dmp_eventlog *log)
{
	sigset_t all;
	sigset_t before;
	enum dmp_status status = DMP_EIO;

	log->progress_ms = dmp_eventlog_now_ms();
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&log->watch, NULL, dmp_eventlog_watch, log) == 0) {
		if (pthread_create(&log->writer, NULL, dmp_eventlog_writer, log) == 0) {
			status = DMP_OK;
		} else {
			(void)pthread_mutex_lock(&log->mutex);
			log->stopping = true;
			(void)pthread_cond_broadcast(&log->waiting);
			(void)pthread_mutex_unlock(&log->mutex);
			(void)pthread_join(log->watch, NULL);
		}
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

void
dmp_eventlog_free(struct dmp_eventlog *log)
{
	dmp_store_close(log->store);
	dmp_queue_done(&log->queue);
	dmp_problem_done(&log->problems);
	dmp_admin_done(&log->admins);
	free(log->sums);
	if (log->event_fd >= 0)
		(void)close(log->event_fd);
	if (log->marks_fd >= 0)
		(void)close(log->marks_fd);
	if (log->lock_fd >= 0)
		(void)close(log->lock_fd);
	(void)pthread_cond_destroy(&log->answer);
	(void)pthread_cond_destroy(&log->waiting);
	(void)pthread_cond_destroy(&log->work);
	(void)pthread_mutex_destroy(&log->mutex);
	free(log);
}

static struct dmp_eventlog *
open_new(const char *state_dir, const char *run_dir, uint32_t retain)
{
	struct dmp_eventlog *log = calloc(1, sizeof *log);

	if (!log)
		return NULL;
	if (!open_conditions(log)) {
		free(log);
		return NULL;
	}
	log->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	log->marks_fd = -1;
	log->lock_fd = -1;
	log->retain = retain ? retain : RETAIN_DEFAULT;
	dmp_text_format(
	    log->path, sizeof log->path, "%s/" DMP_EVENTLOG_FILE, state_dir);
	dmp_text_format(log->volatile_path, sizeof log->volatile_path,
	    "%s/" DMP_START_VOLATILE_FILE, run_dir);
	return log;
}

enum dmp_status
dmp_eventlog_open(const char *state_dir, const char *run_dir, uint32_t retain,
    struct dmp_eventlog **ret_log, struct dmp_eventlog_start *ret_start,
    struct dmp_problem_set *ret_problems, struct dmp_text *errors)
{
	struct dmp_eventlog_start start = {0};
	struct dmp_problem_set problems = {0};
	struct dmp_eventlog *log;
	enum dmp_status status;

	if (strlen(state_dir) + NAME_ROOM > PATH_MAX ||
	    strlen(run_dir) + NAME_ROOM > PATH_MAX)
		return DMP_ETOOBIG;
	log = open_new(state_dir, run_dir, retain);
	if (!log)
		return DMP_ENOMEM;
	status =
	    log->event_fd >= 0 ? open_files(log, state_dir, &start, errors) : DMP_EIO;
	if (status == DMP_OK)
		status = open_settle(log, &problems, errors);
	if (status == DMP_OK)
		status = open_threads(log);
	if (status != DMP_OK) {
		dmp_problem_done(&problems);
		dmp_eventlog_free(log);
		return status;
	}
	*ret_log = log;
	*ret_start = start;
	*ret_problems = problems;
	return DMP_OK;
}
