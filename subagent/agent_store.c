/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/agent_store.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/eventlog_row.h"

enum { STORE_VERSION = 1, STORE_COLUMNS = 8 };

static const char STORE_CREATE[] =
    "CREATE TABLE IF NOT EXISTS receiver ("
    "idx INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, cursor INTEGER NOT NULL, sent "
    "INTEGER NOT NULL, "
    "acknowledged INTEGER NOT NULL, retries INTEGER NOT NULL, "
    "failures INTEGER NOT NULL, last_sent INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS receiver_name ("
    "idx INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "PRAGMA user_version = 1";
static const char STORE_LOAD[] =
    "SELECT idx, epoch, cursor, sent, acknowledged, retries, failures, last_sent "
    "FROM receiver WHERE idx = ?1 "
    "OR idx IN (SELECT idx FROM receiver_name WHERE name = ?2) "
    "ORDER BY epoch DESC, cursor DESC LIMIT 1";
static const char STORE_SAVE[] =
    "INSERT OR REPLACE INTO receiver VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char STORE_NAME[] = "INSERT OR REPLACE INTO receiver_name VALUES (?1, ?2)";

struct dmpd_agent_store {
	sqlite3 *db;
	sqlite3_stmt *load;
	sqlite3_stmt *save;
	sqlite3_stmt *name;
};

static int
store_read_number(void *arg, int n, char **values, char **names)
{
	(void)names;
	if (n == 1 && values[0])
		dmp_text_copy(arg, 16, values[0]);
	return 0;
}

/* A file of another version cannot be read with our statements: it counts as damaged.
 */
static int
store_check(sqlite3 *db)
{
	char version[16] = "";
	char check[16] = "";
	int rc =
	    sqlite3_exec(db, "PRAGMA user_version", store_read_number, version, NULL);
	uint64_t number = 0;

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(
		    db, "PRAGMA quick_check(1)", store_read_number, check, NULL);
	if (rc != SQLITE_OK)
		return rc;
	if (check[0] != 'o' || !dmp_text_number(version, 0, STORE_VERSION, &number))
		return SQLITE_CORRUPT;
	return SQLITE_OK;
}

static int
store_prepare(struct dmpd_agent_store *store)
{
	int rc = sqlite3_exec(store->db,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", NULL, NULL, NULL);

	if (rc == SQLITE_OK)
		rc = store_check(store->db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(store->db, STORE_CREATE, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(store->db, STORE_LOAD, -1, &store->load, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(store->db, STORE_SAVE, -1, &store->save, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(store->db, STORE_NAME, -1, &store->name, NULL);
	/* A table of ours with other columns. */
	return rc == SQLITE_ERROR ? SQLITE_CORRUPT : rc;
}

static enum dmp_status
store_open_file(
    const char *path, struct dmpd_agent_store **ret_store, char ret_message[256])
{
	struct dmpd_agent_store *store = calloc(1, sizeof *store);
	int rc;

	if (!store)
		return DMP_ENOMEM;
	rc = sqlite3_open_v2(path, &store->db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK) {
		(void)sqlite3_busy_timeout(store->db, 100);
		rc = store_prepare(store);
	}
	if (rc != SQLITE_OK) {
		dmp_text_format(
		    ret_message, 256, "%s: %s", path, sqlite3_errmsg(store->db));
		dmpd_agent_store_close(store);
		return dmp_row_status(rc);
	}
	*ret_store = store;
	return DMP_OK;
}

/* Move the damaged file out of the way, with the name of the moment; its WAL belongs to
 * it and must not meet the new one. */
static enum dmp_status
store_set_aside(const char *path, char ret_message[256])
{
	static const char *const COMPANIONS[] = {"-wal", "-shm"};
	char aside[PATH_MAX];

	dmp_text_format(aside, sizeof aside, "%s.damaged-%lld", path,
	    (long long)dmp_clock_wall_ms(dmp_clock_system()));
	if (rename(path, aside) != 0)
		return DMP_EIO;
	for (size_t i = 0; i < sizeof COMPANIONS / sizeof *COMPANIONS; i++) {
		char companion[PATH_MAX];

		dmp_text_format(
		    companion, sizeof companion, "%s%s", path, COMPANIONS[i]);
		(void)unlink(companion);
	}
	dmp_text_format(ret_message, 256,
	    "%s was damaged and is set aside as %s: notifications may come twice", path,
	    aside);
	return DMP_OK;
}

enum dmp_status
dmpd_agent_store_open(const char *state_dir, const char *file,
    struct dmpd_agent_store **ret_store, char ret_message[256])
{
	char path[PATH_MAX - 64];
	char ignored[256];
	enum dmp_status status;

	ret_message[0] = '\0';
	dmp_text_format(path, sizeof path, "%s/%s", state_dir, file);
	status = store_open_file(path, ret_store, ret_message);
	if (status != DMP_ECORRUPT)
		return status;
	status = store_set_aside(path, ret_message);
	if (status == DMP_OK)
		status = store_open_file(path, ret_store, ignored);
	return status;
}

void
dmpd_agent_store_close(struct dmpd_agent_store *store)
{
	if (!store)
		return;
	(void)sqlite3_finalize(store->load);
	(void)sqlite3_finalize(store->save);
	(void)sqlite3_finalize(store->name);
	(void)sqlite3_close(store->db);
	free(store);
}

static uint32_t
store_column(sqlite3_stmt *statement, int column)
{
	return (uint32_t)sqlite3_column_int64(statement, column);
}

enum dmp_status
dmpd_agent_store_load(struct dmpd_agent_store *store, uint32_t index, const char *name,
    struct dmpd_stored_receiver *ret_receiver)
{
	sqlite3_stmt *s = store->load;
	int rc;

	(void)sqlite3_bind_int64(s, 1, index);
	(void)sqlite3_bind_text(s, 2, name, -1, SQLITE_STATIC);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*ret_receiver = (struct dmpd_stored_receiver){
		    .index = index,
		    .epoch = store_column(s, 1),
		    .cursor = store_column(s, 2),
		    .totals =
		        {
		            .sent = store_column(s, 3),
		            .acknowledged = store_column(s, 4),
		            .retries = store_column(s, 5),
		            .failures = store_column(s, 6),
		            .last_sent = store_column(s, 7),
		        },
		};
	}
	(void)sqlite3_reset(s);
	if (rc == SQLITE_ROW)
		return DMP_OK;
	return rc == SQLITE_DONE ? DMP_ENOENT : dmp_row_status(rc);
}

enum dmp_status
dmpd_agent_store_name(struct dmpd_agent_store *store, uint32_t index, const char *name)
{
	int rc;

	(void)sqlite3_bind_int64(store->name, 1, index);
	(void)sqlite3_bind_text(store->name, 2, name, -1, SQLITE_STATIC);
	rc = sqlite3_step(store->name);
	(void)sqlite3_reset(store->name);
	return rc == SQLITE_DONE ? DMP_OK : dmp_row_status(rc);
}

enum dmp_status
dmpd_agent_store_save(
    struct dmpd_agent_store *store, const struct dmpd_stored_receiver *receiver)
{
	const uint32_t values[STORE_COLUMNS] = {receiver->index, receiver->epoch,
	    receiver->cursor, receiver->totals.sent, receiver->totals.acknowledged,
	    receiver->totals.retries, receiver->totals.failures,
	    receiver->totals.last_sent};
	int rc;

	for (int i = 0; i < STORE_COLUMNS; i++)
		(void)sqlite3_bind_int64(store->save, i + 1, values[i]);
	rc = sqlite3_step(store->save);
	(void)sqlite3_reset(store->save);
	return rc == SQLITE_DONE ? DMP_OK : dmp_row_status(rc);
}
