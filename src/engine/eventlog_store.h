/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog_store.h - the event database itself: schema, transactions, statements.
 *
 * Used by one thread at a time.  Every function that touches the file may block as long
 * as the disk does.  DMP_ECORRUPT means that the file must be set aside.
 */
#ifndef DMP_EVENTLOG_STORE_H
#define DMP_EVENTLOG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/eventlog.h"

#define DMP_STORE_ERROR_TEXT 128

struct dmp_store;

/* What the database knows about the numbers given so far. */
struct dmp_store_facts {
	bool fresh; /* there was nothing in it when it was opened */
	uint32_t epoch;
	uint32_t last;   /* the newest number that is settled (stored, or given up) */
	uint32_t newest; /* newest and oldest stored event, 0 = none */
	uint32_t oldest;
	uint32_t index[4];            /* the highest index by kind */
	char source[DMP_SOURCE_TEXT]; /* of the newest stored event, "" = none */
};

/* Open or create; error gets what the database says.  DMP_EINVAL: made by a newer
 * version. */
enum dmp_status dmp_store_open(const char *path, struct dmp_store **ret_store,
    char error[DMP_STORE_ERROR_TEXT]) DMP_CHECK_RESULT;
void dmp_store_close(struct dmp_store *store);

/* Move a damaged database and what belongs to it out of the way; the new name is
 * written to aside. */
enum dmp_status dmp_store_set_aside(
    const char *path, char *aside, size_t size) DMP_CHECK_RESULT;

/* Copy what can still be read of indices, saved ports, admin states and problems.
 * Best effort: nothing depends on it. */
void dmp_store_salvage(struct dmp_store *store, const char *aside);

enum dmp_status dmp_store_facts(
    struct dmp_store *store, struct dmp_store_facts *ret_facts) DMP_CHECK_RESULT;

/* What the database said last.  Borrowed until the next call. */
const char *dmp_store_error(struct dmp_store *store);

/* Was the file removed or replaced under us? */
bool dmp_store_moved(struct dmp_store *store);

/* A transaction.  end() commits when status is DMP_OK and rolls back otherwise; it
 * returns status, or why the commit failed. */
enum dmp_status dmp_store_begin(struct dmp_store *store) DMP_CHECK_RESULT;
enum dmp_status dmp_store_end(
    struct dmp_store *store, enum dmp_status status) DMP_CHECK_RESULT;

/* Store an event and the change it makes to the announced problems. */
enum dmp_status dmp_store_put_event(
    struct dmp_store *store, const struct dmp_event *event) DMP_CHECK_RESULT;
enum dmp_status dmp_store_put_problems(
    struct dmp_store *store, const struct dmp_problem_set *set) DMP_CHECK_RESULT;
enum dmp_status dmp_store_put_note(struct dmp_store *store, int64_t time_ms,
    const char *key, const char *text) DMP_CHECK_RESULT;
enum dmp_status dmp_store_put_saved(
    struct dmp_store *store, const struct dmp_saved_port *port) DMP_CHECK_RESULT;

/* These instead of those that are there. */
enum dmp_status dmp_store_put_admins(
    struct dmp_store *store, const struct dmp_admin_set *set) DMP_CHECK_RESULT;

/* Add parts to the records of availability (eventlog_record.c); ret_sums has room for
 * n. */
enum dmp_status dmp_store_add_parts(struct dmp_store *store,
    const struct dmp_port_part *parts, size_t n,
    struct dmp_port_sums *ret_sums) DMP_CHECK_RESULT;

/* Forget the records that end 31 days before this hour. */
enum dmp_status dmp_store_trim_records(
    struct dmp_store *store, uint32_t hour) DMP_CHECK_RESULT;

/* The sums of all records as of an hour; the caller frees *ret_sums. */
enum dmp_status dmp_store_load_sums(struct dmp_store *store, uint32_t hour,
    struct dmp_port_sums **ret_sums, size_t *ret_n) DMP_CHECK_RESULT;

enum dmp_store_number {
	DMP_STORE_EPOCH = 0,
	DMP_STORE_EPOCH_FIRST,  /* the first sequence of the epoch */
	DMP_STORE_LAST_SEQUENCE /* the problems stand for the events up to here */
};
enum dmp_status dmp_store_put_number(struct dmp_store *store,
    enum dmp_store_number number, uint32_t value) DMP_CHECK_RESULT;

/* Remove some of the oldest events and notes beyond retain; *ret_oldest is the oldest
 * event then.  True in *ret_more: call again. */
enum dmp_status dmp_store_trim(struct dmp_store *store, uint32_t retain,
    uint32_t *ret_oldest, bool *ret_more) DMP_CHECK_RESULT;

/* DMP_ENOENT when the key has none. */
enum dmp_status dmp_store_find_index(struct dmp_store *store, enum dmp_index_kind kind,
    const char *key, uint32_t *ret_index) DMP_CHECK_RESULT;
enum dmp_status dmp_store_put_index(struct dmp_store *store, enum dmp_index_kind kind,
    const char *key, uint32_t index) DMP_CHECK_RESULT;

enum dmp_status dmp_store_load_saved(struct dmp_store *store,
    struct dmp_saved_port **ret_ports, size_t *ret_n) DMP_CHECK_RESULT;
enum dmp_status dmp_store_load_problems(
    struct dmp_store *store, struct dmp_problem_set *ret_set) DMP_CHECK_RESULT;
enum dmp_status dmp_store_load_admins(
    struct dmp_store *store, struct dmp_admin_set *ret_set) DMP_CHECK_RESULT;

#endif
