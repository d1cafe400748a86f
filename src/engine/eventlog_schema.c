/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_schema.c - the tables of the event database, and how older ones become what
 * they are now. */
#include "engine/eventlog_row.h"

enum { SCHEMA_VERSION = 2 };

#define ADMIN_TABLE                                                                    \
	"CREATE TABLE IF NOT EXISTS admin (scope INTEGER NOT NULL, name TEXT NOT"      \
	" NULL, state INTEGER NOT NULL, until_ms INTEGER, since_ms INTEGER,"           \
	" comment TEXT, PRIMARY KEY (scope, name)) WITHOUT ROWID;"

#define AVAILABILITY_TABLE                                                             \
	"CREATE TABLE IF NOT EXISTS availability (idx INTEGER PRIMARY KEY,"            \
	" hour INTEGER NOT NULL, record BLOB);"

static const char SCHEMA[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS event (sequence INTEGER PRIMARY KEY, epoch INTEGER,"
    " type INTEGER, time_ms INTEGER, source TEXT, key TEXT, message TEXT,"
    " state INTEGER, previous_state INTEGER, severity INTEGER, reason INTEGER,"
    " level INTEGER, host_name TEXT, address TEXT, service TEXT, transport INTEGER,"
    " port INTEGER, port_index INTEGER, host_index INTEGER);"
    "CREATE TABLE IF NOT EXISTS problem (idx INTEGER PRIMARY KEY, key TEXT NOT NULL,"
    " type INTEGER NOT NULL, state INTEGER, severity INTEGER, reason INTEGER,"
    " message TEXT, host_index INTEGER, port_index INTEGER, since_ms INTEGER,"
    " last_event INTEGER, UNIQUE (key, type));"
    "CREATE TABLE IF NOT EXISTS saved_port (key TEXT PRIMARY KEY, state INTEGER,"
    " reason INTEGER, change_ms INTEGER, last_event INTEGER, transitions INTEGER,"
    " has_answered INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, time_ms INTEGER,"
    " key TEXT, text TEXT);"
    "CREATE INDEX IF NOT EXISTS note_time ON note (time_ms);"
    "CREATE TABLE IF NOT EXISTS index_map (kind INTEGER NOT NULL, key TEXT NOT NULL,"
    " idx INTEGER NOT NULL, PRIMARY KEY (kind, key), UNIQUE (kind, idx))"
    " WITHOUT ROWID;" ADMIN_TABLE AVAILABILITY_TABLE "PRAGMA user_version = 2;"
    "COMMIT;";

/* Version 1 had tables for admin states and buckets in which nothing was ever stored.
 */
static const char UPGRADE[] =
    "BEGIN IMMEDIATE;"
    "DROP TABLE IF EXISTS admin;"
    "DROP TABLE IF EXISTS bucket;" ADMIN_TABLE AVAILABILITY_TABLE
    "PRAGMA user_version = 2;"
    "COMMIT;";

enum dmp_status
dmp_row_schema(sqlite3 *db, bool *ret_fresh)
{
	uint32_t version = 0;
	int result = SQLITE_OK;
	enum dmp_status status = dmp_row_number(db, "PRAGMA user_version", &version);

	if (status != DMP_OK)
		return status;
	if (version > SCHEMA_VERSION)
		return DMP_EINVAL;
	if (version == 0)
		result = sqlite3_exec(db, SCHEMA, NULL, NULL, NULL);
	else if (version < SCHEMA_VERSION)
		result = sqlite3_exec(db, UPGRADE, NULL, NULL, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_exec(db,
		    "SELECT idx, hour, record FROM availability LIMIT 0", NULL, NULL,
		    NULL);
	if (result == SQLITE_ERROR)
		return DMP_ECORRUPT; /* these are not our tables */
	if (result == SQLITE_OK)
		*ret_fresh = version == 0;
	return dmp_row_status(result);
}
