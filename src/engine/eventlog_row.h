/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_row.h - rows of the event database to and from structs.  One table per
 * struct says where each column lives, for writing and for reading alike. */
#ifndef DMP_EVENTLOG_ROW_H
#define DMP_EVENTLOG_ROW_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/admin.h"
#include "engine/problem.h"

/* Column lists in the order of the layouts. */
#define DMP_EVENT_COLUMNS                                                              \
	"sequence, epoch, type, time_ms, source, key, message, state, previous_state," \
	" severity, reason, level, host_name, address, service, transport, port,"      \
	" port_index, host_index"
#define DMP_PROBLEM_COLUMNS                                                            \
	"idx, key, type, state, severity, reason, message, host_index, port_index,"    \
	" since_ms, last_event"
#define DMP_SAVED_COLUMNS                                                              \
	"key, state, reason, change_ms, last_event, transitions, has_answered"
#define DMP_ADMIN_COLUMNS "scope, name, state, until_ms, since_ms, comment"

struct dmp_row_field;
struct dmp_row_layout {
	const struct dmp_row_field *fields;
	size_t n;
};

extern const struct dmp_row_layout dmp_row_event;
extern const struct dmp_row_layout dmp_row_problem;
extern const struct dmp_row_layout dmp_row_saved_port;
extern const struct dmp_row_layout dmp_row_admin;

/* Bind a struct to parameters 1.. of a statement; an SQLite result code. */
int dmp_row_bind(
    sqlite3_stmt *statement, const struct dmp_row_layout *layout, const void *row);

/* Read the current row, columns 0.., into a struct.  Values that do not fit are cut
 * (text) or 0 (numbers): a stored row is input like any other. */
void dmp_row_read(
    sqlite3_stmt *statement, const struct dmp_row_layout *layout, void *ret_row);

/* Our status for an SQLite result code. */
enum dmp_status dmp_row_status(int result);

/* A "file:" URI for path with parameters (such as "mode=ro"); false when too long. */
bool dmp_row_uri(char *uri, size_t size, const char *path, const char *parameters);

/* The problem set and the sequence it stands for, in one snapshot.  *ret_set must be
 * zeroed; it is untouched on failure. */
enum dmp_status dmp_row_load_problems(
    sqlite3 *db, struct dmp_problem_set *ret_set, uint32_t *ret_as_of) DMP_CHECK_RESULT;

/* The source of the newest event, "" = none. */
void dmp_row_load_source(sqlite3 *db, char source[DMP_SOURCE_TEXT]);

/* All saved ports; the caller frees *ret_ports (NULL for none). */
struct dmp_saved_port;
enum dmp_status dmp_row_load_saved(
    sqlite3 *db, struct dmp_saved_port **ret_ports, size_t *ret_n) DMP_CHECK_RESULT;

/* All changes of the admin state; a row that is none is passed over. */
enum dmp_status dmp_row_load_admins(
    sqlite3 *db, struct dmp_admin_set *ret_set) DMP_CHECK_RESULT;

/* At most max records of ports with an index > after, ascending (eventlog_record.c). */
struct dmp_port_record;
enum dmp_status dmp_row_load_records(sqlite3 *db, uint32_t after,
    struct dmp_port_record *ret_records, size_t max, size_t *ret_n) DMP_CHECK_RESULT;

/* A store's database, and our status for its result with its words kept
 * (eventlog_store.c). */
struct dmp_store;
sqlite3 *dmp_store_database(struct dmp_store *store);
enum dmp_status dmp_store_result(struct dmp_store *store, int result);

/* Make the tables, or bring them up to date (eventlog_schema.c).  DMP_EINVAL: made by
 * a newer version.  *ret_fresh: there were none. */
enum dmp_status dmp_row_schema(sqlite3 *db, bool *ret_fresh) DMP_CHECK_RESULT;

/* Copy what can be read of a damaged database into a new one (eventlog_aside.c). */
void dmp_row_salvage(sqlite3 *db, const char *aside);

/* A number that a query without parameters gives, 0 for no row or NULL. */
enum dmp_status dmp_row_number(
    sqlite3 *db, const char *query, uint32_t *ret_number) DMP_CHECK_RESULT;

#endif
