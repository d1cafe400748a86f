/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog_reader.c - the event log as other processes see it.
 *
 * How it works.  A plain read-only connection follows the writer through the journal.
 * It needs the journal's index in shared memory; after a clean stop there is none, and
 * who may not write in the directory cannot make one.  Then the file is complete and
 * nobody writes: it is read as immutable, until a journal appears.  When the file at
 * the path is no longer the one that is open, the new one is opened.
 */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/eventlog.h"
#include "engine/eventlog_row.h"

enum { READER_BUSY_MS = 250 };

struct dmp_eventlog_reader {
	char path[PATH_MAX];
	sqlite3 *db; /* NULL: to be opened */
	dev_t device;
	ino_t inode;
	bool immutable;
	struct timespec changed; /* of an immutable file */
};

static void
reader_drop(struct dmp_eventlog_reader *reader)
{
	(void)sqlite3_close(reader->db);
	reader->db = NULL;
}

/* Open and read something: a connection fails at its first use. */
static enum dmp_status
reader_connect(struct dmp_eventlog_reader *reader, const char *parameters)
{
	char uri[PATH_MAX * 3];
	uint32_t version = 0;
	enum dmp_status status;

	if (!dmp_row_uri(uri, sizeof uri, reader->path, parameters))
		return DMP_ETOOBIG;
	status = dmp_row_status(sqlite3_open_v2(uri, &reader->db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL));
	if (status == DMP_OK) {
		(void)sqlite3_busy_timeout(reader->db, READER_BUSY_MS);
		(void)sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		(void)sqlite3_exec(
		    reader->db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL);
		status = dmp_row_number(reader->db,
		    "SELECT count(*) FROM sqlite_master WHERE name = 'meta'", &version);
	}
	if (status == DMP_OK && version == 0)
		status = DMP_ENOENT;
	if (status != DMP_OK)
		reader_drop(reader);
	return status;
}

static bool
reader_has_journal(const struct dmp_eventlog_reader *reader)
{
	char path[PATH_MAX + sizeof "-wal"];
	struct stat st;

	dmp_text_format(path, sizeof path, "%s-wal", reader->path);
	return stat(path, &st) == 0;
}

static enum dmp_status
reader_connect_any(struct dmp_eventlog_reader *reader)
{
	enum dmp_status status = reader_connect(reader, "mode=ro");

	reader->immutable = false;
	if ((status != DMP_EIO && status != DMP_EPERM) || reader_has_journal(reader))
		return status;
	reader->immutable = true;
	return reader_connect(reader, "mode=ro&immutable=1");
}

static bool
reader_is_current(const struct dmp_eventlog_reader *reader, const struct stat *st)
{
	if (!reader->db || st->st_dev != reader->device || st->st_ino != reader->inode)
		return false;
	if (!reader->immutable)
		return true;
	return st->st_mtim.tv_sec == reader->changed.tv_sec &&
	       st->st_mtim.tv_nsec == reader->changed.tv_nsec &&
	       !reader_has_journal(reader);
}

/* Before each use: be connected to the file that is at the path now. */
static enum dmp_status
reader_ready(struct dmp_eventlog_reader *reader)
{
	struct stat st;
	enum dmp_status status;

	if (stat(reader->path, &st) != 0)
		return errno == EACCES ? DMP_EPERM : DMP_ENOENT;
	if (reader_is_current(reader, &st))
		return DMP_OK;
	reader_drop(reader);
	status = reader_connect_any(reader);
	if (status == DMP_OK) {
		reader->device = st.st_dev;
		reader->inode = st.st_ino;
		reader->changed = st.st_mtim;
	}
	return status;
}

/* After each use: a connection that failed is not used again. */
static enum dmp_status
reader_result(struct dmp_eventlog_reader *reader, enum dmp_status status)
{
	if (status != DMP_OK && status != DMP_EBUSY)
		reader_drop(reader);
	return status;
}

enum dmp_status
dmp_eventlog_reader_open(const char *state_dir, struct dmp_eventlog_reader **ret_reader)
{
	struct dmp_eventlog_reader *reader;
	enum dmp_status status;

	if (strlen(state_dir) + sizeof "/" DMP_EVENTLOG_FILE > PATH_MAX)
		return DMP_ETOOBIG;
	reader = calloc(1, sizeof *reader);
	if (!reader)
		return DMP_ENOMEM;
	dmp_text_format(
	    reader->path, sizeof reader->path, "%s/" DMP_EVENTLOG_FILE, state_dir);
	status = reader_ready(reader);
	if (status != DMP_OK) {
		dmp_eventlog_reader_close(reader);
		return status;
	}
	*ret_reader = reader;
	return DMP_OK;
}

void
dmp_eventlog_reader_close(struct dmp_eventlog_reader *reader)
{
	if (!reader)
		return;
	reader_drop(reader);
	free(reader);
}

enum dmp_status
dmp_eventlog_read(struct dmp_eventlog_reader *reader, uint32_t after,
    struct dmp_event *ret_events, size_t max, size_t *ret_n)
{
	sqlite3_stmt *statement = NULL;
	enum dmp_status status = reader_ready(reader);
	size_t n = 0;
	int result;

	if (status != DMP_OK)
		return status;
	result = sqlite3_prepare_v2(reader->db,
	    "SELECT " DMP_EVENT_COLUMNS " FROM event WHERE sequence > ?1"
	    " AND sequence <= 4294967295 ORDER BY sequence LIMIT ?2",
	    -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, 1, after);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(
		    statement, 2, max < INT32_MAX ? (sqlite3_int64)max : INT32_MAX);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	for (; result == SQLITE_ROW && n < max; result = sqlite3_step(statement))
		dmp_row_read(statement, &dmp_row_event, &ret_events[n++]);
	(void)sqlite3_finalize(statement);
	status = reader_result(reader, dmp_row_status(result));
	if (status == DMP_OK)
		*ret_n = n;
	return status;
}

enum dmp_status
dmp_eventlog_bounds(struct dmp_eventlog_reader *reader, uint32_t *ret_oldest,
    uint32_t *ret_newest, uint32_t *ret_epoch_first)
{
	uint32_t oldest = 0;
	uint32_t newest = 0;
	uint32_t first = 0;
	enum dmp_status status = reader_ready(reader);

	if (status != DMP_OK)
		return status;
	status = dmp_row_status(sqlite3_exec(reader->db, "BEGIN", NULL, NULL, NULL));
	if (status != DMP_OK)
		return reader_result(reader, status);
	status = dmp_row_number(reader->db, "SELECT min(sequence) FROM event", &oldest);
	if (status == DMP_OK)
		status = dmp_row_number(
		    reader->db, "SELECT max(sequence) FROM event", &newest);
	if (status == DMP_OK)
		status = dmp_row_number(reader->db,
		    "SELECT min(sequence) FROM event WHERE sequence >="
		    " (SELECT value FROM meta WHERE name = 'epoch_first')",
		    &first);
	(void)sqlite3_exec(reader->db, "COMMIT", NULL, NULL, NULL);
	status = reader_result(reader, status);
	if (status == DMP_OK) {
		*ret_oldest = oldest;
		*ret_newest = newest;
		*ret_epoch_first = first;
	}
	return status;
}

enum dmp_status
dmp_eventlog_problems(struct dmp_eventlog_reader *reader,
    struct dmp_problem_set *ret_set, uint32_t *ret_as_of)
{
	struct dmp_problem_set set = {0};
	enum dmp_status status = reader_ready(reader);

	if (status != DMP_OK)
		return status;
	status =
	    reader_result(reader, dmp_row_load_problems(reader->db, &set, ret_as_of));
	if (status == DMP_OK)
		*ret_set = set;
	return status;
}

enum dmp_status
dmp_eventlog_reader_admins(
    struct dmp_eventlog_reader *reader, struct dmp_admin_set *ret_set)
{
	enum dmp_status status = reader_ready(reader);

	if (status != DMP_OK)
		return status;
	return reader_result(reader, dmp_row_load_admins(reader->db, ret_set));
}

enum dmp_status
dmp_eventlog_records(struct dmp_eventlog_reader *reader, uint32_t after,
    struct dmp_port_record *ret_records, size_t max, size_t *ret_n)
{
	enum dmp_status status = reader_ready(reader);

	if (status != DMP_OK)
		return status;
	return reader_result(
	    reader, dmp_row_load_records(reader->db, after, ret_records, max, ret_n));
}

enum dmp_status
dmp_eventlog_notes(struct dmp_eventlog_reader *reader, int64_t since_ms,
    dmp_eventlog_note_fn *fn, void *arg)
{
	sqlite3_stmt *statement = NULL;
	enum dmp_status status = reader_ready(reader);
	bool more = true;
	int result;

	if (status != DMP_OK)
		return status;
	result = sqlite3_prepare_v2(reader->db,
	    "SELECT time_ms, key, text FROM note WHERE time_ms >= ?"
	    " ORDER BY time_ms, id",
	    -1, &statement, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, 1, since_ms);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	while (result == SQLITE_ROW && more) {
		const char *key = (const char *)sqlite3_column_text(statement, 1);
		const char *text = (const char *)sqlite3_column_text(statement, 2);

		more = fn(sqlite3_column_int64(statement, 0), key ? key : "",
		    text ? text : "", arg);
		if (more)
			result = sqlite3_step(statement);
	}
	(void)sqlite3_finalize(statement);
	return reader_result(reader, dmp_row_status(result));
}
