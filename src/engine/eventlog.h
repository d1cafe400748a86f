/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog.h - the persistent memory of the engine: events, what is announced, indices.
 *
 * How it works.  One writer thread owns STATE/events.db (SQLite, WAL,
 * synchronous=FULL). The loop posts to a bounded queue and never touches the disk; the
 * thread commits one transaction per batch and then makes dmp_eventlog_fd() readable.
 * Each event and the change it makes to the set of announced problems are one
 * transaction.
 *
 * Sequence numbers are given by post(), in order, from blocks reserved in STATE/marks
 * (two checksummed slots, written in place and fsynced), and never reused: not after
 * kill -9, not after power loss, not when the database is damaged and replaced.  A gap
 * in the stored sequence therefore always means a lost notification; numbers that a
 * damaged database or a lost machine leaves behind are told by
 * dmp_eventlog_start.skipped_*.
 *
 * When no commit succeeds for 1 s although something waits (disk full, locked, broken,
 * hanging) the log turns volatile: events count as releasable from memory, and are
 * committed when the disk is back.  DMP_EVENTLOG_VOLATILE of them are kept; older ones
 * are dropped and counted as lost, but keep their effect on the announced problems.
 */
#ifndef DMP_EVENTLOG_H
#define DMP_EVENTLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/admin.h"
#include "engine/availability.h"
#include "engine/event_record.h"
#include "engine/problem.h"

#define DMP_EVENTLOG_VOLATILE 10000
#define DMP_EVENTLOG_FILE     "events.db"

struct dmp_eventlog;

/* What opening found. */
struct dmp_eventlog_start {
	uint32_t epoch;         /* starts since installation, this one included */
	uint32_t last_sequence; /* of the newest stored event, 0 = none */
	uint32_t oldest_sequence;
	uint32_t
	    skipped_first;     /* sequence numbers lost with a damaged database or an */
	uint32_t skipped_last; /* unclean power-off; 0 = none */
	char source[DMP_SOURCE_TEXT]; /* of the newest stored event, "" = none */
	bool replaced;                /* a damaged database was set aside */
	char message[256];            /* what to log about that, "" = nothing */
};

/* Open or create the log below state_dir and start the writer.  Blocking: for start-up
 * only.  run_dir (on tmpfs) holds the mark that tells a crash from a power-off. retain:
 * how many of the newest events are kept, 0 = 100000.  DMP_EBUSY when another process
 * writes there.  *ret_problems is filled with what is announced. */
enum dmp_status dmp_eventlog_open(const char *state_dir, const char *run_dir,
    uint32_t retain, struct dmp_eventlog **ret_log,
    struct dmp_eventlog_start *ret_start, struct dmp_problem_set *ret_problems,
    struct dmp_text *errors) DMP_CHECK_RESULT;

/* Write out what is queued (at most wait_ms, and up to 1 s for closing the database),
 * stop the writer, free.  NULL is allowed. */
void dmp_eventlog_close(struct dmp_eventlog *log, uint32_t wait_ms);

/* Persistent indices, by key, ascending from 1, never reused.  Blocking (a commit): for
 * start-up and for the thread that loads a new configuration, never for the loop. */
enum dmp_index_kind { DMP_INDEX_PORT = 1, DMP_INDEX_HOST = 2, DMP_INDEX_RECEIVER = 3 };
enum dmp_status dmp_eventlog_indices(struct dmp_eventlog *log, enum dmp_index_kind kind,
    const char *const *keys, size_t n, uint32_t *ret_indices) DMP_CHECK_RESULT;

/* Number and queue an event (fills sequence and epoch).  Never blocks.  DMP_EBUSY when
 * the queue (65536) is full: the event is dropped and counted as lost. */
enum dmp_status dmp_eventlog_post(
    struct dmp_eventlog *log, struct dmp_event *event) DMP_CHECK_RESULT;

/* Queue a line of history that is no notification (initial up, address changed ...). */
void dmp_eventlog_note(
    struct dmp_eventlog *log, int64_t time_ms, const char *key, const char *text);

/* What is stored per port so that a restart goes on where it was: last state and since
 * when.  saved rows are written with the next batch. */
struct dmp_saved_port {
	char key[DMP_KEY_TEXT];
	enum dmp_state state;
	enum dmp_reason reason;
	int64_t change_ms; /* wall clock */
	uint32_t last_event;
	uint32_t transitions;
	bool has_answered; /* a UDP target that once answered */
};
void dmp_eventlog_save_port(
    struct dmp_eventlog *log, const struct dmp_saved_port *port);

/* Read all saved ports, for start-up.  The caller frees *ret_ports. */
enum dmp_status dmp_eventlog_saved_ports(struct dmp_eventlog *log,
    struct dmp_saved_port **ret_ports, size_t *ret_n) DMP_CHECK_RESULT;

/* Store the changes of the admin state: these, in the place of those that were stored,
 * in one transaction.  Copies the set and never blocks.  *ret_ticket: stored when
 * progress.admin_stored has reached it. */
enum dmp_status dmp_eventlog_save_admins(struct dmp_eventlog *log,
    const struct dmp_admin_set *set, uint32_t *ret_ticket) DMP_CHECK_RESULT;

/* Read them, for start-up.  The caller ends *ret_set. */
enum dmp_status dmp_eventlog_admins(
    struct dmp_eventlog *log, struct dmp_admin_set *ret_set) DMP_CHECK_RESULT;

/* What was counted of a port (by its persistent index), to be added to its record. */
struct dmp_port_part {
	uint32_t index;
	struct dmp_availability_part part;
};

/* What is in the record of a port. */
struct dmp_port_sums {
	uint32_t index;
	struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS];
};

/* Add a part with one of the next batches.  Never blocks; a part too many (a disk that
 * fails for long) is time that is not known. */
void dmp_eventlog_add_part(struct dmp_eventlog *log, const struct dmp_port_part *part);

/* Records that parts were added to since, at most max of them, oldest first; returns
 * how many: call until it gives 0.  The descriptor tells when there are some. */
size_t dmp_eventlog_take_sums(
    struct dmp_eventlog *log, struct dmp_port_sums *ret_sums, size_t max);

/* What all records hold as of this hour (UTC, hours since 1970), by ascending index,
 * for start-up.  The caller frees *ret_sums. */
enum dmp_status dmp_eventlog_port_sums(struct dmp_eventlog *log, uint32_t hour,
    struct dmp_port_sums **ret_sums, size_t *ret_n) DMP_CHECK_RESULT;

/* Readable when collect() has news. */
int dmp_eventlog_fd(const struct dmp_eventlog *log);

struct dmp_eventlog_progress {
	uint32_t released;     /* every event up to here is committed, or volatile */
	uint32_t committed;    /* every event up to here is on disk */
	uint32_t oldest;       /* oldest stored sequence, 0 = none */
	uint32_t admin_stored; /* admin states up to this ticket are on disk */
	uint32_t lost;   /* events dropped since the start: their numbers are gaps */
	bool failing;    /* nothing was committed for 1 s although something waits */
	bool replaced;   /* a damaged database was set aside; said once */
	char error[128]; /* what the database says, while failing or replaced */
};
void dmp_eventlog_collect(
    struct dmp_eventlog *log, struct dmp_eventlog_progress *ret_progress);

/* Copy released but uncommitted events after sequence `after` (for readers that cannot
 * get them from the database); returns how many. */
size_t dmp_eventlog_volatile(
    struct dmp_eventlog *log, uint32_t after, struct dmp_event *ret_events, size_t max);

/* --- readers: other processes, read-only --- */

struct dmp_eventlog_reader;

/* Open STATE/events.db for reading.  DMP_ENOENT when there is none yet. */
enum dmp_status dmp_eventlog_reader_open(
    const char *state_dir, struct dmp_eventlog_reader **ret_reader) DMP_CHECK_RESULT;
void dmp_eventlog_reader_close(struct dmp_eventlog_reader *reader);

/* Read at most max events with sequence > after, ascending. */
enum dmp_status dmp_eventlog_read(struct dmp_eventlog_reader *reader, uint32_t after,
    struct dmp_event *ret_events, size_t max, size_t *ret_n) DMP_CHECK_RESULT;

/* Newest and oldest stored sequence, 0 = none; and the first of the current epoch. */
enum dmp_status dmp_eventlog_bounds(struct dmp_eventlog_reader *reader,
    uint32_t *ret_oldest, uint32_t *ret_newest,
    uint32_t *ret_epoch_first) DMP_CHECK_RESULT;

/* The announced problems as of sequence *ret_as_of (one consistent snapshot). */
enum dmp_status dmp_eventlog_problems(struct dmp_eventlog_reader *reader,
    struct dmp_problem_set *ret_set, uint32_t *ret_as_of) DMP_CHECK_RESULT;

/* The changes of the admin state, those that have ended since among them. */
enum dmp_status dmp_eventlog_reader_admins(
    struct dmp_eventlog_reader *reader, struct dmp_admin_set *ret_set) DMP_CHECK_RESULT;

/* The hourly history of a port, by its persistent index. */
struct dmp_port_record {
	uint32_t index;
	struct dmp_availability_record record;
};

/* Read at most max records of ports with index > after, ascending; what is no record is
 * passed over. */
enum dmp_status dmp_eventlog_records(struct dmp_eventlog_reader *reader, uint32_t after,
    struct dmp_port_record *ret_records, size_t max, size_t *ret_n) DMP_CHECK_RESULT;

/* History lines since a wall-clock time, oldest first, through fn (false stops). */
typedef bool dmp_eventlog_note_fn(
    int64_t time_ms, const char *key, const char *text, void *arg);
enum dmp_status dmp_eventlog_notes(struct dmp_eventlog_reader *reader, int64_t since_ms,
    dmp_eventlog_note_fn *fn, void *arg) DMP_CHECK_RESULT;

#endif
