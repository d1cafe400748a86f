/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works.  All statements are prepared at open, so that a database without our
 * tables is found damaged there and not later.  Rows of an event are written so that
 * doing it twice is harmless: a commit that reports failure may still have happened.
 */
#include "engine/eventlog_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/eventlog_row.h"

enum { TRIM_BATCH = 1024, BUSY_MS = 200 };

/* The file is input: no trust in its schema. */
static const char SETTINGS[] = "PRAGMA trusted_schema = OFF;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA journal_size_limit = 8388608;";

enum statement {
	PUT_EVENT = 0,
	CLEAR_PROBLEMS,
	REFRESH_PROBLEM,
	PUT_PROBLEM,
	EMPTY_PROBLEMS,
	PUT_NOTE,
	PUT_SAVED,
	EMPTY_ADMINS,
	PUT_ADMIN,
	PUT_NUMBER,
	TRIM_EVENTS,
	TRIM_NOTES,
	FIND_INDEX,
	PUT_INDEX,
	STATEMENTS
};

static const char *const STATEMENT_TEXT[STATEMENTS] = {
    [PUT_EVENT] = "INSERT OR REPLACE INTO event (" DMP_EVENT_COLUMNS
                  ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [CLEAR_PROBLEMS] = "DELETE FROM problem WHERE key = ?1 AND type < 32"
                       " AND ((?2 >> type) & 1)",
    [REFRESH_PROBLEM] = "UPDATE problem SET state = ?4, severity = ?5, reason = ?6,"
                        " message = ?7, host_index = ?8, port_index = ?9,"
                        " last_event = ?11 WHERE key = ?2 AND type = ?3",
    [PUT_PROBLEM] = "INSERT OR REPLACE INTO problem (" DMP_PROBLEM_COLUMNS
                    ") VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    [EMPTY_PROBLEMS] = "DELETE FROM problem",
    [PUT_NOTE] = "INSERT INTO note (time_ms, key, text) VALUES (?,?,?)",
    [PUT_SAVED] = "INSERT OR REPLACE INTO saved_port (" DMP_SAVED_COLUMNS
                  ") VALUES (?,?,?,?,?,?,?)",
    [EMPTY_ADMINS] = "DELETE FROM admin",
    [PUT_ADMIN] = "INSERT INTO admin (" DMP_ADMIN_COLUMNS ") VALUES (?,?,?,?,?,?)",
    [PUT_NUMBER] = "INSERT OR REPLACE INTO meta (name, value) VALUES (?,?)",
    [TRIM_EVENTS] = "DELETE FROM event WHERE sequence IN"
                    " (SELECT sequence FROM event ORDER BY sequence LIMIT ?)",
    [TRIM_NOTES] = "DELETE FROM note WHERE id IN (SELECT id FROM note"
                   " WHERE id <= (SELECT max(id) FROM note) - ?1 ORDER BY id LIMIT ?2)",
    [FIND_INDEX] = "SELECT idx FROM index_map WHERE kind = ? AND key = ?",
    [PUT_INDEX] = "INSERT INTO index_map (kind, key, idx) VALUES (?,?,?)",
};

struct dmp_store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	char path[PATH_MAX];
	dev_t device;
	ino_t inode;
	bool fresh;
	int64_t events;    /* stored events, the open transaction included */
	bool events_stale; /* events must be counted again */
	char error[DMP_STORE_ERROR_TEXT];
};

/* Our status for a result, and the database's words kept: a rollback would take their
 * place. */
enum dmp_status
dmp_store_result(struct dmp_store *store, int result)
{
	enum dmp_status status = dmp_row_status(result);

	if (status != DMP_OK) {
		const char *text =
		    store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(result);

		dmp_text_printable(
		    store->error, sizeof store->error, text, strlen(text));
	}
	return status;
}

static enum dmp_status
store_exec(struct dmp_store *store, const char *text)
{
	return dmp_store_result(store, sqlite3_exec(store->db, text, NULL, NULL, NULL));
}

static enum dmp_status
store_number(struct dmp_store *store, const char *query, uint32_t *ret_number)
{
	enum dmp_status status = dmp_row_number(store->db, query, ret_number);

	if (status != DMP_OK)
		(void)dmp_store_result(store, sqlite3_errcode(store->db));
	return status;
}

/* Run a bound statement that gives no rows, and make it ready for the next use. */
static enum dmp_status
store_run(struct dmp_store *store, enum statement which, int bound)
{
	sqlite3_stmt *statement = store->statements[which];
	int result = bound == SQLITE_OK ? sqlite3_step(statement) : bound;
	enum dmp_status status = dmp_store_result(store, result);

	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	return status;
}

static enum dmp_status
store_count_events(struct dmp_store *store)
{
	uint32_t events = 0;
	enum dmp_status status =
	    store_number(store, "SELECT count(*) FROM event", &events);

	if (status == DMP_OK) {
		store->events = events;
		store->events_stale = false;
	}
	return status;
}

/* quick_check gives one row "ok", or rows that say what is wrong. */
static enum dmp_status
store_check(struct dmp_store *store)
{
	sqlite3_stmt *statement = NULL;
	const char *text;
	int result = sqlite3_prepare_v2(
	    store->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
	enum dmp_status status;

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	status = dmp_store_result(store, result);
	if (result == SQLITE_ROW) {
		text = (const char *)sqlite3_column_text(statement, 0);
		if (!text || strcmp(text, "ok") != 0)
			status = dmp_store_result(store, SQLITE_CORRUPT);
	}
	(void)sqlite3_finalize(statement);
	return status;
}

/* Statements that do not fit the tables: this is not our database. */
static enum dmp_status
store_prepare(struct dmp_store *store)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		int result = sqlite3_prepare_v3(store->db, STATEMENT_TEXT[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);

		if (result != SQLITE_OK) {
			enum dmp_status status = dmp_store_result(store, result);

			return result == SQLITE_ERROR ? DMP_ECORRUPT : status;
		}
	}
	return DMP_OK;
}

static enum dmp_status
store_schema(struct dmp_store *store)
{
	enum dmp_status status = dmp_row_schema(store->db, &store->fresh);

	if (status == DMP_EINVAL)
		dmp_text_copy(store->error, sizeof store->error,
		    "made by a newer version of dmports");
	else if (status != DMP_OK)
		(void)dmp_store_result(store, sqlite3_errcode(store->db));
	return status;
}

static enum dmp_status
store_setup(struct dmp_store *store)
{
	struct stat st;
	enum dmp_status status;

	(void)sqlite3_busy_timeout(store->db, BUSY_MS);
	(void)sqlite3_extended_result_codes(store->db, 1);
	(void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	status = store_exec(store, SETTINGS);
	if (status == DMP_OK)
		status = store_check(store);
	if (status == DMP_OK)
		status = store_schema(store);
	if (status == DMP_OK)
		status = store_prepare(store);
	if (status == DMP_OK)
		status = store_count_events(store);
	if (status == DMP_OK && stat(store->path, &st) != 0)
		status = DMP_EIO;
	if (status == DMP_OK) {
		store->device = st.st_dev;
		store->inode = st.st_ino;
	}
	return status;
}

/* The database is created here, so that it and the files that follow its mode are not
 * for everybody's eyes.  Nobody else in this process has it open: closing a descriptor
 * drops the locks of the whole process. */
static enum dmp_status
store_create_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	struct stat st;
	enum dmp_status status = DMP_OK;

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? DMP_EPERM : DMP_EIO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || fchmod(fd, 0640) != 0)
		status = DMP_EIO;
	(void)close(fd);
	return status;
}

enum dmp_status
dmp_store_open(
    const char *path, struct dmp_store **ret_store, char error[DMP_STORE_ERROR_TEXT])
{
	struct dmp_store *store = calloc(1, sizeof *store);
	enum dmp_status status;

	if (!store)
		return DMP_ENOMEM;
	dmp_text_copy(store->path, sizeof store->path, path);
	status = store_create_file(path);
	if (status != DMP_OK)
		dmp_text_copy(store->error, sizeof store->error, "cannot create it");
	else
		status = dmp_store_result(
		    store, sqlite3_open_v2(path, &store->db,
		               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		                   SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
		               NULL));
	if (status == DMP_OK)
		status = store_setup(store);
	if (status != DMP_OK) {
		dmp_text_copy(error, DMP_STORE_ERROR_TEXT, store->error);
		dmp_store_close(store);
		return status;
	}
	*ret_store = store;
	return DMP_OK;
}

void
dmp_store_close(struct dmp_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(store->statements[i]);
	(void)sqlite3_close(store->db);
	free(store);
}

const char *
dmp_store_error(struct dmp_store *store)
{
	return store->error;
}

bool
dmp_store_moved(struct dmp_store *store)
{
	struct stat st;

	return stat(store->path, &st) != 0 || st.st_dev != store->device ||
	       st.st_ino != store->inode;
}

enum dmp_status
dmp_store_facts(struct dmp_store *store, struct dmp_store_facts *ret_facts)
{
	struct dmp_store_facts facts = {.fresh = store->fresh};
	const struct {
		const char *query;
		uint32_t *ret_number;
	} queries[] = {
	    {"SELECT value FROM meta WHERE name = 'epoch'", &facts.epoch},
	    {"SELECT value FROM meta WHERE name = 'last_sequence'", &facts.last},
	    {"SELECT max(sequence) FROM event", &facts.newest},
	    {"SELECT min(sequence) FROM event", &facts.oldest},
	    {"SELECT max(idx) FROM index_map WHERE kind = 1", &facts.index[1]},
	    {"SELECT max(idx) FROM index_map WHERE kind = 2", &facts.index[2]},
	    {"SELECT max(idx) FROM index_map WHERE kind = 3", &facts.index[3]},
	};

	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		enum dmp_status status =
		    store_number(store, queries[i].query, queries[i].ret_number);

		if (status != DMP_OK)
			return status;
	}
	if (facts.last < facts.newest)
		facts.last = facts.newest;
	dmp_row_load_source(store->db, facts.source);
	*ret_facts = facts;
	return DMP_OK;
}

enum dmp_status
dmp_store_begin(struct dmp_store *store)
{
	enum dmp_status status = DMP_OK;

	if (store->events_stale)
		status = store_count_events(store);
	return status != DMP_OK ? status : store_exec(store, "BEGIN IMMEDIATE");
}

enum dmp_status
dmp_store_end(struct dmp_store *store, enum dmp_status status)
{
	if (status == DMP_OK)
		status = store_exec(store, "COMMIT");
	if (status == DMP_OK)
		return DMP_OK;
	store->events_stale = true;
	if (!sqlite3_get_autocommit(store->db))
		(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

/* The types that an event's type clears, bit N for type N. */
static unsigned
store_cleared_types(enum dmp_event_type type)
{
	unsigned mask = 0;

	for (unsigned other = 1; other < 32; other++)
		if (dmp_event_clears(type, (enum dmp_event_type)other))
			mask |= 1u << other;
	return mask;
}

static enum dmp_status
store_clear_problems(struct dmp_store *store, const struct dmp_event *event)
{
	sqlite3_stmt *statement = store->statements[CLEAR_PROBLEMS];
	unsigned mask = store_cleared_types(event->type);
	int bound;

	if (mask == 0)
		return DMP_OK;
	bound = sqlite3_bind_text(statement, 1, event->key, -1, SQLITE_STATIC);
	if (bound == SQLITE_OK)
		bound = sqlite3_bind_int64(statement, 2, mask);
	return store_run(store, CLEAR_PROBLEMS, bound);
}

static enum dmp_status
store_write_problem(
    struct dmp_store *store, enum statement which, const struct dmp_problem *problem)
{
	return store_run(store, which,
	    dmp_row_bind(store->statements[which], &dmp_row_problem, problem));
}

/* A repeat changes the row that is there; its index and time stay. */
static enum dmp_status
store_raise_problem(struct dmp_store *store, const struct dmp_event *event)
{
	struct dmp_problem problem = {.index = event->sequence,
	    .type = event->type,
	    .state = event->state,
	    .severity = event->severity,
	    .reason = event->reason,
	    .host_index = event->host_index,
	    .port_index = event->port_index,
	    .since_ms = event->time_ms,
	    .last_event = event->sequence};
	enum dmp_status status;

	dmp_text_copy(problem.key, sizeof problem.key, event->key);
	dmp_text_copy(problem.message, sizeof problem.message, event->message);
	status = store_write_problem(store, REFRESH_PROBLEM, &problem);
	if (status != DMP_OK || sqlite3_changes(store->db) > 0)
		return status;
	return store_write_problem(store, PUT_PROBLEM, &problem);
}

enum dmp_status
dmp_store_put_event(struct dmp_store *store, const struct dmp_event *event)
{
	sqlite3_stmt *statement = store->statements[PUT_EVENT];
	enum dmp_status status =
	    store_run(store, PUT_EVENT, dmp_row_bind(statement, &dmp_row_event, event));

	if (status != DMP_OK)
		return status;
	store->events++;
	status = store_clear_problems(store, event);
	if (status == DMP_OK && dmp_event_raises(event->type))
		status = store_raise_problem(store, event);
	return status;
}

enum dmp_status
dmp_store_put_problems(struct dmp_store *store, const struct dmp_problem_set *set)
{
	enum dmp_status status = store_run(store, EMPTY_PROBLEMS, SQLITE_OK);

	for (size_t i = 0; i < set->n && status == DMP_OK; i++)
		status = store_write_problem(store, PUT_PROBLEM, set->items[i]);
	return status;
}

enum dmp_status
dmp_store_put_note(
    struct dmp_store *store, int64_t time_ms, const char *key, const char *text)
{
	sqlite3_stmt *statement = store->statements[PUT_NOTE];
	int bound = sqlite3_bind_int64(statement, 1, time_ms);

	if (bound == SQLITE_OK)
		bound = sqlite3_bind_text(statement, 2, key, -1, SQLITE_STATIC);
	if (bound == SQLITE_OK)
		bound = sqlite3_bind_text(statement, 3, text, -1, SQLITE_STATIC);
	return store_run(store, PUT_NOTE, bound);
}

enum dmp_status
dmp_store_put_saved(struct dmp_store *store, const struct dmp_saved_port *port)
{
	return store_run(store, PUT_SAVED,
	    dmp_row_bind(store->statements[PUT_SAVED], &dmp_row_saved_port, port));
}

enum dmp_status
dmp_store_put_admins(struct dmp_store *store, const struct dmp_admin_set *set)
{
	sqlite3_stmt *statement = store->statements[PUT_ADMIN];
	enum dmp_status status = store_run(store, EMPTY_ADMINS, SQLITE_OK);

	for (size_t i = 0; i < set->n && status == DMP_OK; i++)
		status = store_run(store, PUT_ADMIN,
		    dmp_row_bind(statement, &dmp_row_admin, &set->items[i]));
	return status;
}

enum dmp_status
dmp_store_put_number(
    struct dmp_store *store, enum dmp_store_number number, uint32_t value)
{
	static const char *const names[] = {
	    [DMP_STORE_EPOCH] = "epoch",
	    [DMP_STORE_EPOCH_FIRST] = "epoch_first",
	    [DMP_STORE_LAST_SEQUENCE] = "last_sequence",
	};
	sqlite3_stmt *statement = store->statements[PUT_NUMBER];
	int bound = sqlite3_bind_text(statement, 1, names[number], -1, SQLITE_STATIC);

	if (bound == SQLITE_OK)
		bound = sqlite3_bind_int64(statement, 2, value);
	return store_run(store, PUT_NUMBER, bound);
}

static enum dmp_status
store_trim_events(struct dmp_store *store, int64_t excess)
{
	sqlite3_stmt *statement = store->statements[TRIM_EVENTS];
	int64_t n = excess < TRIM_BATCH ? excess : TRIM_BATCH;
	enum dmp_status status =
	    store_run(store, TRIM_EVENTS, sqlite3_bind_int64(statement, 1, n));

	if (status == DMP_OK)
		store->events -= sqlite3_changes(store->db);
	return status;
}

static enum dmp_status
store_trim_notes(struct dmp_store *store, uint32_t retain)
{
	sqlite3_stmt *statement = store->statements[TRIM_NOTES];
	int bound = sqlite3_bind_int64(statement, 1, retain);

	if (bound == SQLITE_OK)
		bound = sqlite3_bind_int(statement, 2, TRIM_BATCH);
	return store_run(store, TRIM_NOTES, bound);
}

enum dmp_status
dmp_store_trim(
    struct dmp_store *store, uint32_t retain, uint32_t *ret_oldest, bool *ret_more)
{
	int64_t excess = store->events - retain;
	enum dmp_status status = store_trim_notes(store, retain);

	if (status == DMP_OK && excess > 0)
		status = store_trim_events(store, excess);
	if (status == DMP_OK)
		status =
		    store_number(store, "SELECT min(sequence) FROM event", ret_oldest);
	if (status == DMP_OK)
		*ret_more = excess > TRIM_BATCH;
	return status;
}

enum dmp_status
dmp_store_find_index(struct dmp_store *store, enum dmp_index_kind kind, const char *key,
    uint32_t *ret_index)
{
	sqlite3_stmt *statement = store->statements[FIND_INDEX];
	int result = sqlite3_bind_int(statement, 1, (int)kind);
	int64_t index = 0;
	enum dmp_status status;

	if (result == SQLITE_OK)
		result = sqlite3_bind_text(statement, 2, key, -1, SQLITE_STATIC);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	status = dmp_store_result(store, result);
	if (result == SQLITE_ROW)
		index = sqlite3_column_int64(statement, 0);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	if (status != DMP_OK)
		return status;
	if (index <= 0 || index > UINT32_MAX)
		return DMP_ENOENT;
	*ret_index = (uint32_t)index;
	return DMP_OK;
}

enum dmp_status
dmp_store_put_index(
    struct dmp_store *store, enum dmp_index_kind kind, const char *key, uint32_t index)
{
	sqlite3_stmt *statement = store->statements[PUT_INDEX];
	int bound = sqlite3_bind_int(statement, 1, (int)kind);

	if (bound == SQLITE_OK)
		bound = sqlite3_bind_text(statement, 2, key, -1, SQLITE_STATIC);
	if (bound == SQLITE_OK)
		bound = sqlite3_bind_int64(statement, 3, index);
	return store_run(store, PUT_INDEX, bound);
}

enum dmp_status
dmp_store_load_saved(
    struct dmp_store *store, struct dmp_saved_port **ret_ports, size_t *ret_n)
{
	return dmp_row_load_saved(store->db, ret_ports, ret_n);
}

enum dmp_status
dmp_store_load_problems(struct dmp_store *store, struct dmp_problem_set *ret_set)
{
	uint32_t as_of;

	return dmp_row_load_problems(store->db, ret_set, &as_of);
}

enum dmp_status
dmp_store_load_admins(struct dmp_store *store, struct dmp_admin_set *ret_set)
{
	return dmp_row_load_admins(store->db, ret_set);
}

void
dmp_store_salvage(struct dmp_store *store, const char *aside)
{
	dmp_row_salvage(store->db, aside);
}

sqlite3 *
dmp_store_database(struct dmp_store *store)
{
	return store->db;
}
