/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_eventlog_admin.c - changes of the admin state survive whatever happens, and a
 * database that somebody else holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/eventlog_box.h"
#include "support/fault_fs.h"

static void
put(struct dmp_admin_set *set, const char *host, enum dmp_admin admin_state)
{
	struct dmp_admin_entry entry = {.scope = DMP_ADMIN_SCOPE_HOST,
	    .state = admin_state,
	    .until_ms = 1800000000123,
	    .since_ms = 1700000000456,
	    .comment = "patching"};

	dmp_text_copy(entry.name, sizeof entry.name, host);
	assert_int_equal(dmp_admin_set(set, &entry), DMP_OK);
}

/* Save one change, alone. */
static uint32_t
save(struct box *box, const char *host, enum dmp_admin admin_state)
{
	struct dmp_admin_set set = {0};
	uint32_t ticket;

	put(&set, host, admin_state);
	assert_int_equal(dmp_eventlog_save_admins(box->log, &set, &ticket), DMP_OK);
	dmp_admin_done(&set);
	return ticket;
}

/* Waits on the descriptor, so it also proves that the descriptor tells. */
static struct dmp_eventlog_progress
wait_stored(struct box *box, uint32_t ticket)
{
	struct dmp_eventlog_progress progress;

	for (;;) {
		struct pollfd fd = {.fd = dmp_eventlog_fd(box->log), .events = POLLIN};

		dmp_eventlog_collect(box->log, &progress);
		if (progress.admin_stored >= ticket)
			return progress;
		assert_int_equal(poll(&fd, 1, 10000), 1);
	}
}

/* Exactly this change of a host is stored. */
static void
assert_only(const struct dmp_admin_set *set, const char *host, enum dmp_admin state)
{
	assert_int_equal(set->n, 1);
	assert_int_equal(set->items[0].scope, DMP_ADMIN_SCOPE_HOST);
	assert_string_equal(set->items[0].name, host);
	assert_int_equal(set->items[0].state, state);
	assert_int_equal(set->items[0].origin, DMP_ADMIN_ORIGIN_RUN_TIME);
	assert_true(set->items[0].until_ms == 1800000000123);
	assert_true(set->items[0].since_ms == 1700000000456);
	assert_string_equal(set->items[0].comment, "patching");
}

static void
assert_stored(struct box *box, const char *host, enum dmp_admin state)
{
	struct dmp_admin_set set = {0};

	assert_int_equal(dmp_eventlog_admins(box->log, &set), DMP_OK);
	assert_only(&set, host, state);
	dmp_admin_done(&set);
}

/* Run SQL on the database while nobody has it open. */
static void
run_sql(const struct box *box, const char *text)
{
	sqlite3 *db = NULL;
	char path[128];

	assert_int_equal(
	    sqlite3_open(box_path(box, "events.db", path), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
changes_come_back_after_a_stop(void **state)
{
	struct box *box = *state;
	struct dmp_admin_set set = {0};

	box_open(box, 0);
	assert_int_equal(dmp_eventlog_admins(box->log, &set), DMP_OK);
	assert_int_equal(set.n, 0);
	(void)save(box, "dma1", DMP_ADMIN_MAINTENANCE);
	box_close(box);
	box_open(box, 0);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

static void
each_set_takes_the_place_of_the_former_one(void **state)
{
	struct box *box = *state;
	struct dmp_admin_set none = {0};
	uint32_t ticket;

	box_open(box, 0);
	(void)wait_stored(box, save(box, "dma1", DMP_ADMIN_MAINTENANCE));
	(void)wait_stored(box, save(box, "dma2", DMP_ADMIN_DISABLED));
	assert_stored(box, "dma2", DMP_ADMIN_DISABLED);
	assert_int_equal(dmp_eventlog_save_admins(box->log, &none, &ticket), DMP_OK);
	(void)wait_stored(box, ticket);
	assert_int_equal(dmp_eventlog_admins(box->log, &none), DMP_OK);
	assert_int_equal(none.n, 0);
}

/* A reader that is open all the time, as the command line has one. */
static void
readers_see_what_is_stored(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r = NULL;
	struct dmp_admin_set set = {0};

	box_open(box, 0);
	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	assert_int_equal(dmp_eventlog_reader_admins(r, &set), DMP_OK);
	assert_int_equal(set.n, 0);
	(void)wait_stored(box, save(box, "dma1", DMP_ADMIN_ENABLED));
	assert_int_equal(dmp_eventlog_reader_admins(r, &set), DMP_OK);
	assert_only(&set, "dma1", DMP_ADMIN_ENABLED);
	dmp_admin_done(&set);
	dmp_eventlog_reader_close(r);
}

/* Store in a process that dies at once after it was told that it is stored. */
static void
store_and_die(struct box *box)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		box_open(box, 0);
		(void)wait_stored(box, save(box, "dma1", DMP_ADMIN_DISABLED));
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
what_was_told_to_be_stored_survives_kill(void **state)
{
	struct box *box = *state;

	store_and_die(box);
	box_open(box, 0);
	assert_stored(box, "dma1", DMP_ADMIN_DISABLED);
}

static void
changes_wait_for_a_full_disk(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;
	uint32_t ticket;

	box_open(box, 0);
	(void)wait_stored(box, save(box, "dma1", DMP_ADMIN_MAINTENANCE));
	fault_fs_set(FAULT_FULL);
	(void)save(box, "dma2", DMP_ADMIN_MAINTENANCE);
	progress = box_wait_failing(box, true);
	assert_int_equal(progress.admin_stored, 1);
	ticket = save(box, "dma3", DMP_ADMIN_DISABLED);
	fault_fs_set(FAULT_NONE);
	(void)wait_stored(box, ticket);
	assert_stored(box, "dma3", DMP_ADMIN_DISABLED);
}

static void
a_hanging_disk_does_not_block_who_saves(void **state)
{
	struct box *box = *state;
	uint32_t ticket = 0;

	box_open(box, 0);
	fault_fs_set(FAULT_HANG);
	(void)save(box, "dma1", DMP_ADMIN_MAINTENANCE);
	fault_fs_wait_hanging();
	for (int i = 0; i < 100; i++)
		ticket = save(box, "dma2", DMP_ADMIN_MAINTENANCE);
	fault_fs_set(FAULT_NONE);
	(void)wait_stored(box, ticket);
	assert_stored(box, "dma2", DMP_ADMIN_MAINTENANCE);
}

/* They are written again from memory, also those of an earlier life. */
static void
changes_outlive_a_database_that_is_damaged_at_run_time(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;

	box_open(box, 0);
	(void)save(box, "dma1", DMP_ADMIN_MAINTENANCE);
	box_close(box);
	box_open(box, 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_HOST_DOWN));
	fault_fs_set(FAULT_CORRUPT);
	progress = box_wait_committed(box, box_post(box, "b", DMP_EVENT_HOST_DOWN));
	assert_false(progress.failing);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

static void
changes_outlive_a_database_that_is_removed(void **state)
{
	static const char *const names[] = {
	    "events.db", "events.db-wal", "events.db-shm"};
	struct box *box = *state;
	char path[128];

	box_open(box, 0);
	(void)wait_stored(box, save(box, "dma1", DMP_ADMIN_MAINTENANCE));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(unlink(box_path(box, names[i], path)), 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_HOST_DOWN));
	box_close(box);
	box_open(box, 0);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

static void
changes_are_saved_from_a_damaged_database(void **state)
{
	struct box *box = *state;

	box_open(box, 0);
	(void)save(box, "dma1", DMP_ADMIN_MAINTENANCE);
	box_close(box);
	run_sql(box, "DROP TABLE note"); /* what is missing is damage, too */
	box_open(box, 0);
	assert_true(box->start.replaced);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

static void
stored_rows_that_are_no_changes_are_passed_over(void **state)
{
	struct box *box = *state;

	box_open(box, 0);
	(void)save(box, "dma1", DMP_ADMIN_MAINTENANCE);
	box_close(box);
	run_sql(box, "INSERT INTO admin VALUES (0, 'a', 2, 0, 0, ''),"
	             " (3, '', 2, 0, 0, ''), (3, 'b', 9, 0, 0, ''),"
	             " (3, 'c', -1, 0, 0, NULL), (1, 'd', 2, 0, 0, ''),"
	             " (3, 'e', 2, -5, 0, ''), (-1, 'f', 2, 0, 0, '')");
	box_open(box, 0);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

/* Version 1 had the tables, and never stored anything in them. */
static void
database_of_version_one_is_brought_up_to_date(void **state)
{
	struct box *box = *state;

	box_open(box, 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_HOST_DOWN));
	box_close(box);
	run_sql(box, "DROP TABLE admin;"
	             "CREATE TABLE admin (key TEXT PRIMARY KEY, state INTEGER NOT NULL,"
	             " until_ms INTEGER, comment TEXT) WITHOUT ROWID;"
	             "CREATE TABLE bucket (key TEXT NOT NULL, width_s INTEGER NOT NULL,"
	             " start_s INTEGER NOT NULL, up_ms INTEGER, down_ms INTEGER,"
	             " unknown_ms INTEGER, PRIMARY KEY (key, width_s, start_s))"
	             " WITHOUT ROWID;"
	             "PRAGMA user_version = 1");
	box_open(box, 0);
	assert_false(box->start.replaced);
	assert_true(box->start.last_sequence == 1 && box->problems.n == 1);
	(void)wait_stored(box, save(box, "dma1", DMP_ADMIN_MAINTENANCE));
	box_close(box);
	box_open(box, 0);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

/* A child that holds the database exclusively until the pipe is closed. */
static pid_t
hold_database(const struct box *box, int *ret_release)
{
	int ready[2];
	int release[2];
	pid_t child;
	char byte = 0;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(release), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		sqlite3 *db = NULL;
		char path[128];
		bool held =
		    sqlite3_open_v2(box_path(box, "events.db", path), &db,
		        SQLITE_OPEN_READWRITE, "unix") == SQLITE_OK &&
		    sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK;

		(void)close(release[1]);
		(void)!write(ready[1], held ? "y" : "n", 1);
		(void)!read(release[0], &byte, 1);
		(void)sqlite3_close(db);
		_exit(0);
	}
	(void)close(ready[1]);
	(void)close(release[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	(void)close(ready[0]);
	*ret_release = release[1];
	return child;
}

static void
a_database_that_another_process_holds_costs_nothing(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;
	struct dmp_event event;
	uint32_t ticket;
	pid_t child;
	int release;

	/* The child must not inherit a database that is open. */
	box_open(box, 0);
	box_close(box);
	child = hold_database(box, &release);
	box_open(box, 0);
	(void)box_post(box, "a", DMP_EVENT_HOST_DOWN);
	ticket = save(box, "dma1", DMP_ADMIN_MAINTENANCE);
	dmp_eventlog_note(box->log, 1700000000000, "a", "a line of history");
	progress = box_wait_released(box, 1); /* from memory */
	assert_true(progress.failing && progress.committed == 0);
	assert_int_equal(progress.admin_stored, 0);
	assert_non_null(strstr(progress.error, "locked"));
	assert_true(dmp_eventlog_volatile(box->log, 0, &event, 1) == 1);
	(void)close(release);
	assert_int_equal(waitpid(child, NULL, 0), child);
	progress = wait_stored(box, ticket);
	progress = box_wait_committed(box, 1);
	assert_true(!progress.failing && progress.lost == 0);
	assert_stored(box, "dma1", DMP_ADMIN_MAINTENANCE);
}

#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, fault_box_setup, fault_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(changes_come_back_after_a_stop),
	    TEST(each_set_takes_the_place_of_the_former_one),
	    TEST(readers_see_what_is_stored),
	    TEST(what_was_told_to_be_stored_survives_kill),
	    TEST(changes_wait_for_a_full_disk),
	    TEST(a_hanging_disk_does_not_block_who_saves),
	    TEST(changes_outlive_a_database_that_is_damaged_at_run_time),
	    TEST(changes_outlive_a_database_that_is_removed),
	    TEST(changes_are_saved_from_a_damaged_database),
	    TEST(stored_rows_that_are_no_changes_are_passed_over),
	    TEST(database_of_version_one_is_brought_up_to_date),
	    TEST(a_database_that_another_process_holds_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
