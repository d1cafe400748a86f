/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog_private.h - the event log from within.
 *
 * Three threads meet here.  The caller's posts and collects and never waits for a disk.
 * The writer alone touches the database and the marks.  The watch alone writes the mark
 * of released but unstored events in the run directory: it is what still works when the
 * writer is stuck in a system call, so it also decides that the log is failing.  The
 * mutex is never held during I/O.
 */
#ifndef DMP_EVENTLOG_PRIVATE_H
#define DMP_EVENTLOG_PRIVATE_H

#include <limits.h>
#include <pthread.h>

#include "engine/eventlog.h"
#include "engine/eventlog_queue.h"
#include "engine/eventlog_store.h"
#include "engine/marks.h"

enum {
	EVENTLOG_BLOCK = 256,       /* sequence numbers reserved at a time */
	EVENTLOG_BATCH = 512,       /* events in a transaction */
	EVENTLOG_PARTS = 512,       /* parts of availability in a transaction */
	EVENTLOG_PATIENCE_MS = 1000 /* without a commit, before events go out anyway */
};

/* Work that a caller waits for, done by the writer. */
struct dmp_eventlog_request {
	struct dmp_eventlog_request *next;
	enum dmp_status (*run)(
	    struct dmp_eventlog *log, struct dmp_eventlog_request *request);
	enum dmp_index_kind kind;
	const char *const *keys;
	size_t n_keys;
	uint32_t *indices;
	struct dmp_saved_port *ports;
	size_t n_ports;
	struct dmp_admin_set admins;
	uint32_t hour;
	struct dmp_port_sums *sums;
	size_t n_sums;
	enum dmp_status status;
	bool answered;
};

struct dmp_eventlog {
	/* Fixed after opening. */
	char path[PATH_MAX];
	char volatile_path[PATH_MAX];
	uint32_t retain;
	uint32_t epoch;
	uint32_t epoch_first;
	int event_fd;
	int lock_fd;
	int marks_fd;
	pthread_t writer;
	pthread_t watch;

	pthread_mutex_t mutex;
	/* Guarded by the mutex. */
	pthread_cond_t work;    /* for the writer: something to do */
	pthread_cond_t waiting; /* for the watch: something began to wait, or ended */
	pthread_cond_t
	    answer; /* for callers: a request is answered, the writer ended */
	struct dmp_queue queue;
	struct dmp_eventlog_request *requests;
	uint32_t posted; /* the last number given */
	uint32_t released;
	uint32_t committed;
	uint32_t oldest;
	uint32_t lost;
	uint32_t admin_ticket;      /* of the newest set of admin states ... */
	uint32_t admin_stored;      /* ... and of the one on disk */
	struct dmp_port_sums *sums; /* of records that got parts, not taken yet */
	size_t n_sums;
	size_t sums_capacity;
	int64_t progress_ms; /* of the last commit, or when something began to wait */
	bool writing;        /* a transaction is under way */
	bool unsettled;      /* the writer has something of its own to write */
	bool failing;
	bool volatile_written; /* the mark in the run directory exists */
	bool replaced;         /* said once by collect() */
	char error[DMP_STORE_ERROR_TEXT];
	bool stopping;
	int64_t stop_ms;
	bool finished; /* the writer's last act */
	bool clean;    /* everything was stored */
	bool orphaned; /* close() gave up waiting: the writer frees the log */

	/* The writer's own. */
	struct dmp_store *store; /* NULL while it cannot be opened */
	struct dmp_marks marks;
	struct dmp_problem_set problems; /* the fold of all events up to settled */
	uint32_t settled;                /* newest event that is stored or dropped */
	struct dmp_admin_set admins;     /* as stored */
	struct dmp_port_part parts[EVENTLOG_PARTS]; /* of the batch */
	struct dmp_port_sums batch_sums[EVENTLOG_PARTS];
	uint32_t trimmed_day;  /* of the last part: older records were forgotten then */
	bool problems_lost;    /* out of memory: read them again */
	bool rewrite_problems; /* the database does not have them */
	bool rewrite_admins;
	bool rewrite_numbers; /* ... epoch and sequence */
	bool has_replaced;
	int64_t replaced_ms;
	char writer_error[DMP_STORE_ERROR_TEXT]; /* why the last attempt failed */
};

/* eventlog_writer.c */
void *dmp_eventlog_writer(void *log);
enum dmp_status dmp_eventlog_settle_start(struct dmp_eventlog *log) DMP_CHECK_RESULT;
enum dmp_status dmp_eventlog_assign_indices(
    struct dmp_eventlog *log, struct dmp_eventlog_request *request) DMP_CHECK_RESULT;
enum dmp_status dmp_eventlog_load_saved(
    struct dmp_eventlog *log, struct dmp_eventlog_request *request) DMP_CHECK_RESULT;

enum dmp_status dmp_eventlog_load_admins(
    struct dmp_eventlog *log, struct dmp_eventlog_request *request) DMP_CHECK_RESULT;

enum dmp_status dmp_eventlog_load_sums(
    struct dmp_eventlog *log, struct dmp_eventlog_request *request) DMP_CHECK_RESULT;

/* eventlog_watch.c */
void *dmp_eventlog_watch(void *log);

/* eventlog_open.c */
void dmp_eventlog_free(struct dmp_eventlog *log);

/* eventlog.c; with the mutex held */
bool dmp_eventlog_has_work(const struct dmp_eventlog *log);
void dmp_eventlog_signal(const struct dmp_eventlog *log);
int64_t dmp_eventlog_now_ms(void);

/* The first n of batch_sums are what records say now.  Sums that nobody takes are not
 * kept beyond one for each part that can wait. */
void dmp_eventlog_give_sums(struct dmp_eventlog *log, size_t n);

/* Wait on a condition until a monotonic time. */
void dmp_eventlog_wait_until(
    pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t until_ms);

#endif
