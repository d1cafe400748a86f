/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_aside.c - a damaged database: moved out of the way, and what is left of
 * it. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/eventlog_row.h"
#include "engine/eventlog_store.h"

enum { SAME_SECOND_MAX = 100 };

/* A name that is not taken: the time, and a number within the same second. */
static bool
aside_name(const char *path, char *aside, size_t size)
{
	char time[DMP_TIME_TEXT];
	struct stat st;

	dmp_clock_text(dmp_clock_wall_ms(dmp_clock_system()), time);
	for (unsigned i = 0; i < SAME_SECOND_MAX; i++) {
		if (i == 0)
			dmp_text_format(aside, size, "%s.damaged-%s", path, time);
		else
			dmp_text_format(aside, size, "%s.damaged-%s-%u", path, time, i);
		if (lstat(aside, &st) != 0)
			return true;
	}
	return false;
}

/* The journal goes first: a new database must never meet the old one's. */
enum dmp_status
dmp_store_set_aside(const char *path, char *aside, size_t size)
{
	static const char *const suffixes[] = {"-wal", "-shm", ""};

	if (size < PATH_MAX ||
	    strlen(path) + sizeof ".damaged-" + DMP_TIME_TEXT + sizeof "-99-wal" >
	        PATH_MAX)
		return DMP_ETOOBIG;
	if (!aside_name(path, aside, size))
		return DMP_EBUSY;
	for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
		char from[PATH_MAX];
		char to[PATH_MAX];

		dmp_text_format(from, sizeof from, "%s%s", path, suffixes[i]);
		dmp_text_format(to, sizeof to, "%s%s", aside, suffixes[i]);
		if (rename(from, to) != 0 && access(from, F_OK) == 0)
			return DMP_EIO;
	}
	return DMP_OK;
}

/* Each table by itself: one that cannot be read does not spoil the others.  An absurd
 * index is not taken over: it would leave no room for new ones. */
void
dmp_row_salvage(sqlite3 *db, const char *aside)
{
	static const char *const copies[] = {
	    "INSERT OR IGNORE INTO main.index_map (kind, key, idx)"
	    " SELECT kind, key, idx FROM aside.index_map"
	    " WHERE idx BETWEEN 1 AND 16777215",
	    "INSERT OR IGNORE INTO main.saved_port (" DMP_SAVED_COLUMNS ")"
	    " SELECT " DMP_SAVED_COLUMNS " FROM aside.saved_port",
	    "INSERT OR IGNORE INTO main.admin (" DMP_ADMIN_COLUMNS ")"
	    " SELECT " DMP_ADMIN_COLUMNS " FROM aside.admin",
	    "INSERT OR IGNORE INTO main.availability (idx, hour, record)"
	    " SELECT idx, hour, record FROM aside.availability",
	    "INSERT OR IGNORE INTO main.problem (" DMP_PROBLEM_COLUMNS ")"
	    " SELECT " DMP_PROBLEM_COLUMNS " FROM aside.problem",
	};
	char uri[PATH_MAX];
	char *attach;

	if (!dmp_row_uri(uri, sizeof uri, aside, "mode=ro"))
		return;
	attach = sqlite3_mprintf("ATTACH %Q AS aside", uri);
	if (!attach)
		return;
	if (sqlite3_exec(db, attach, NULL, NULL, NULL) == SQLITE_OK) {
		for (size_t i = 0; i < sizeof copies / sizeof copies[0]; i++)
			(void)sqlite3_exec(db, copies[i], NULL, NULL, NULL);
		(void)sqlite3_exec(db, "DETACH aside", NULL, NULL, NULL);
	}
	sqlite3_free(attach);
}
