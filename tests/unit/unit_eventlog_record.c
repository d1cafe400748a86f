/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_eventlog_record.c - the hourly history of ports in the database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/eventlog_box.h"
#include "support/fault_fs.h"

enum { HOUR = 480000, MONTH_HOURS = 31 * 24 };

static void
add(struct box *box, uint32_t index, uint32_t hour, uint16_t up, uint16_t down)
{
	const struct dmp_port_part part = {
	    .index = index, .part = {.hour = hour, .up = up, .down = down}};

	dmp_eventlog_add_part(box->log, &part);
}

/* The same with 60 seconds and the latency of its answers. */
static void
add_p95(struct box *box, uint32_t index, uint32_t hour, uint32_t p95_us)
{
	const struct dmp_port_part part = {
	    .index = index, .part = {.hour = hour, .up = 60, .p95_us = p95_us}};

	dmp_eventlog_add_part(box->log, &part);
}

/* What a reader finds after an index. */
static size_t
read_records(const struct box *box, uint32_t after, struct dmp_port_record *ret_records,
    size_t max)
{
	struct dmp_eventlog_reader *reader = NULL;
	size_t n = 0;

	assert_int_equal(dmp_eventlog_reader_open(box->state, &reader), DMP_OK);
	assert_int_equal(
	    dmp_eventlog_records(reader, after, ret_records, max, &n), DMP_OK);
	dmp_eventlog_reader_close(reader);
	return n;
}

/* The latency of the hour of a record. */
static uint32_t
newest_p95(const struct dmp_port_record *record)
{
	return record->record.p95_us[record->record.hour % DMP_AVAILABILITY_HOURS];
}

/* Take n sums, as they come.  Waits on the descriptor. */
static void
take(struct box *box, struct dmp_port_sums *sums, size_t n)
{
	struct dmp_eventlog_progress progress;
	size_t got = 0;

	while (got < n) {
		struct pollfd fd = {.fd = dmp_eventlog_fd(box->log), .events = POLLIN};
		size_t more = dmp_eventlog_take_sums(box->log, sums + got, n - got);

		got += more;
		if (more > 0)
			continue;
		assert_int_equal(poll(&fd, 1, 10000), 1);
		dmp_eventlog_collect(box->log, &progress);
	}
}

/* What all records say. */
static size_t
load(struct box *box, uint32_t hour, struct dmp_port_sums ret_sums[8])
{
	struct dmp_port_sums *sums = NULL;
	size_t n = 0;

	assert_int_equal(dmp_eventlog_port_sums(box->log, hour, &sums, &n), DMP_OK);
	assert_true(n <= 8);
	if (n > 0)
		memcpy(ret_sums, sums, n * sizeof *sums);
	free(sums);
	return n;
}

static void
assert_sum(const struct dmp_port_sums *sums, enum dmp_availability_span span,
    uint32_t up, uint32_t down)
{
	assert_int_equal(sums->sums[span].up, up);
	assert_int_equal(sums->sums[span].down, down);
}

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

/* More seconds than the hour has, in a record that is right otherwise. */
static void
overfill(const struct box *box, uint32_t index)
{
	struct dmp_availability_record record;
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	char path[128];

	assert_int_equal(
	    sqlite3_open(box_path(box, "events.db", path), &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT record FROM availability WHERE idx = ?", -1,
	        &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_bind_int64(statement, 1, index), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_int_equal(sqlite3_column_bytes(statement, 0), sizeof record);
	memcpy(&record, sqlite3_column_blob(statement, 0), sizeof record);
	(void)sqlite3_finalize(statement);
	record.hours[record.hour % DMP_AVAILABILITY_HOURS].up = 3601;
	assert_int_equal(
	    sqlite3_prepare_v2(db, "UPDATE availability SET record = ?2 WHERE idx = ?1",
	        -1, &statement, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_bind_int64(statement, 1, index), SQLITE_OK);
	assert_int_equal(
	    sqlite3_bind_blob(statement, 2, &record, sizeof record, SQLITE_STATIC),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	(void)sqlite3_finalize(statement);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
sums_come_back_for_each_part(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[3];

	box_open(box, 0);
	add(box, 7, HOUR, 3000, 600);
	add(box, 9, HOUR, 0, 3600);
	add(box, 7, HOUR + 1, 3600, 0);
	take(box, sums, 3);
	assert_int_equal(sums[0].index, 7);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 3000, 600);
	assert_int_equal(sums[1].index, 9);
	assert_sum(&sums[1], DMP_AVAILABILITY_WEEK, 0, 3600);
	assert_int_equal(sums[2].index, 7);
	assert_sum(&sums[2], DMP_AVAILABILITY_MONTH, 6600, 600);
	assert_int_equal(dmp_eventlog_take_sums(box->log, sums, 3), 0);
}

static void
records_go_on_after_a_stop(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	assert_int_equal(load(box, HOUR, sums), 0);
	add(box, 9, HOUR, 100, 0);
	add(box, 7, HOUR, 0, 200);
	box_close(box);
	box_open(box, 0);
	assert_int_equal(load(box, HOUR, sums), 2);
	assert_int_equal(sums[0].index, 7);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 0, 200);
	assert_int_equal(sums[1].index, 9);
	add(box, 7, HOUR + 1, 300, 0);
	take(box, sums, 1);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 300, 200);
}

static void
what_came_back_survives_kill(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		box_open(box, 0);
		add(box, 7, HOUR, 100, 0);
		take(box, sums, 1);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	box_open(box, 0);
	assert_int_equal(load(box, HOUR, sums), 1);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 100, 0);
}

/* Sums are those of the hour that is asked for, not of the last part. */
static void
sums_grow_old_while_the_daemon_is_away(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	add(box, 7, HOUR, 100, 0);
	take(box, sums, 1);
	assert_int_equal(load(box, HOUR + 3 * 24, sums), 1);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 0, 0);
	assert_sum(&sums[0], DMP_AVAILABILITY_WEEK, 100, 0);
}

static void
records_older_than_a_month_are_forgotten(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	add(box, 7, HOUR, 100, 0);
	add(box, 8, HOUR + 48, 100, 0);
	take(box, sums, 2);
	add(box, 9, HOUR + MONTH_HOURS + 1, 100, 0);
	take(box, sums, 1);
	assert_int_equal(load(box, HOUR + MONTH_HOURS + 1, sums), 2);
	assert_int_equal(sums[0].index, 8);
	assert_int_equal(sums[1].index, 9);
}

static void
parts_wait_for_a_full_disk(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[3];

	box_open(box, 0);
	fault_fs_set(FAULT_FULL);
	add(box, 7, HOUR, 100, 0);
	box_wait_failing(box, true);
	add(box, 7, HOUR, 200, 0);
	add(box, 7, HOUR, 300, 0);
	assert_int_equal(dmp_eventlog_take_sums(box->log, sums, 3), 0);
	fault_fs_set(FAULT_NONE);
	take(box, sums, 3);
	assert_sum(&sums[2], DMP_AVAILABILITY_DAY, 600, 0);
}

/* Nobody takes the sums, and the disk hangs: memory stays bounded, events are not
 * kept waiting by what waits here. */
static void
more_parts_than_can_wait_are_dropped(void **state)
{
	enum { LIMIT = 262144 };
	struct box *box = *state;
	struct dmp_port_sums *sums = calloc(LIMIT, sizeof *sums);

	assert_non_null(sums);
	box_open(box, 0);
	fault_fs_set(FAULT_HANG);
	(void)box_post(box, "a", DMP_EVENT_HOST_DOWN);
	fault_fs_wait_hanging();
	for (uint32_t i = 0; i < LIMIT + 10; i++)
		add(box, i % 100 + 1, HOUR, 1, 0);
	fault_fs_set(FAULT_NONE);
	take(box, sums, LIMIT);
	free(sums);
	assert_int_equal(
	    dmp_eventlog_take_sums(box->log, &(struct dmp_port_sums){0}, 1), 0);
}

static void
parts_do_not_hold_up_events(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;
	struct dmp_port_sums sums[512];
	uint32_t last;

	box_open(box, 0);
	for (uint32_t i = 1; i <= 5000; i++)
		add(box, i, HOUR, 3600, 0);
	last = box_post(box, "a", DMP_EVENT_HOST_DOWN);
	progress = box_wait_committed(box, last);
	assert_false(progress.failing);
	for (int i = 0; i < 9; i++)
		take(box, sums, 512);
	take(box, sums, 5000 - 9 * 512);
}

static void
records_outlive_a_damaged_database(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	add(box, 7, HOUR, 100, 0);
	box_close(box);
	run_sql(box, "DROP TABLE note");
	box_open(box, 0);
	assert_true(box->start.replaced);
	assert_int_equal(load(box, HOUR, sums), 1);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 100, 0);
}

static void
a_database_without_the_table_is_damaged(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_HOST_DOWN));
	box_close(box);
	run_sql(box, "DROP TABLE availability");
	box_open(box, 0);
	assert_true(box->start.replaced && box->problems.n == 1);
	add(box, 7, HOUR, 100, 0);
	take(box, sums, 1);
}

/* What is no record counts as nothing, and is written anew by the next part. */
static void
damaged_records_begin_anew(void **state)
{
	struct box *box = *state;
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	for (uint32_t i = 1; i <= 6; i++)
		add(box, i, HOUR, 100, 0);
	take(box, sums, 6);
	box_close(box);
	overfill(box, 5);
	run_sql(box, "UPDATE availability SET record = NULL WHERE idx = 1;"
	             "UPDATE availability SET record = 'text' WHERE idx = 2;"
	             "UPDATE availability SET record = zeroblob(length(record))"
	             " WHERE idx = 3;"
	             "UPDATE availability SET record = record || x'00' WHERE idx = 4;"
	             "INSERT INTO availability VALUES (-1, 1, NULL), (0, 1, x'01'),"
	             " (5000000000, 1, NULL)");
	box_open(box, 0);
	assert_int_equal(load(box, HOUR, sums), 1);
	assert_int_equal(sums[0].index, 6);
	for (uint32_t i = 1; i <= 5; i++)
		add(box, i, HOUR, 50, 0);
	take(box, sums, 5);
	for (int i = 0; i < 5; i++)
		assert_sum(&sums[i], DMP_AVAILABILITY_DAY, 50, 0);
}

static void
a_reader_gets_the_records_by_index_while_the_log_is_open(void **state)
{
	struct box *box = *state;
	struct dmp_port_record records[4];
	struct dmp_port_sums sums[3];

	box_open(box, 0);
	assert_int_equal(read_records(box, 0, records, 4), 0);
	add_p95(box, 9, HOUR, 9000);
	add_p95(box, 7, HOUR + 1, 7000);
	add_p95(box, 4294967295, HOUR, 1000);
	take(box, sums, 3);
	assert_int_equal(read_records(box, 0, records, 4), 3);
	assert_int_equal(records[0].index, 7);
	assert_int_equal(records[0].record.hour, HOUR + 1);
	assert_int_equal(newest_p95(&records[0]), 7000);
	assert_int_equal(newest_p95(&records[1]), 9000);
	assert_int_equal(records[2].index, 4294967295);
	assert_int_equal(read_records(box, 0, records, 1), 1);
	assert_int_equal(records[0].index, 7);
	assert_int_equal(read_records(box, 7, records, 1), 1);
	assert_int_equal(records[0].index, 9);
	assert_int_equal(read_records(box, 4294967295, records, 4), 0);
	assert_int_equal(read_records(box, 0, records, 0), 0);
}

/* What a version without latencies has left behind. */
static void
make_version_1(const struct box *box)
{
	run_sql(box, "UPDATE availability SET record ="
	             " CAST(x'01000000' || substr(record, 5, 352) AS BLOB)");
}

static void
a_database_with_records_of_version_1_loses_nothing(void **state)
{
	struct box *box = *state;
	struct dmp_port_record records[4];
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	add(box, 7, HOUR, 3000, 600);
	add(box, 8, HOUR, 0, 100);
	take(box, sums, 2);
	box_close(box);
	make_version_1(box);
	assert_int_equal(read_records(box, 0, records, 4), 2);
	box_open(box, 0);
	assert_false(box->start.replaced);
	assert_int_equal(load(box, HOUR, sums), 2);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 3000, 600);
	assert_sum(&sums[1], DMP_AVAILABILITY_MONTH, 0, 100);
	add_p95(box, 7, HOUR + 1, 7000);
	take(box, sums, 1);
	assert_sum(&sums[0], DMP_AVAILABILITY_DAY, 3060, 600);
	assert_int_equal(read_records(box, 0, records, 4), 2);
	assert_int_equal(newest_p95(&records[0]), 7000);
	assert_int_equal(
	    records[0].record.hours[HOUR % DMP_AVAILABILITY_HOURS].up, 3000);
	assert_int_equal(records[0].record.version, records[1].record.version);
	assert_int_equal(newest_p95(&records[1]), 0);
}

static void
a_reader_passes_over_what_is_no_record(void **state)
{
	struct box *box = *state;
	struct dmp_port_record records[8];
	struct dmp_port_sums sums[8];

	box_open(box, 0);
	for (uint32_t i = 1; i <= 8; i++)
		add_p95(box, i, HOUR, 1000 * i);
	take(box, sums, 8);
	box_close(box);
	overfill(box, 5);
	run_sql(box,
	    "UPDATE availability SET record = NULL WHERE idx = 1;"
	    "UPDATE availability SET record = CAST(record AS TEXT) WHERE idx = 2;"
	    "UPDATE availability SET record = zeroblob(length(record)) WHERE idx = 3;"
	    "UPDATE availability SET record = zeroblob(50000000) WHERE idx = 4;"
	    "UPDATE availability SET record = CAST("
	    "substr(record, 1, 452) || x'ffffffff' AS BLOB) WHERE idx = 7;"
	    "INSERT INTO availability SELECT -1, hour, record FROM availability"
	    " WHERE idx = 6;"
	    "INSERT INTO availability SELECT 5000000000, hour, record FROM availability"
	    " WHERE idx = 6");
	assert_int_equal(read_records(box, 0, records, 8), 2);
	assert_int_equal(records[0].index, 6);
	assert_int_equal(newest_p95(&records[0]), 6000);
	assert_int_equal(records[1].index, 8);
	assert_int_equal(read_records(box, 0, records, 1), 1);
	assert_int_equal(records[0].index, 6);
	run_sql(box, "DROP TABLE availability");
	{
		struct dmp_eventlog_reader *reader = NULL;
		size_t n = 77;

		assert_int_equal(dmp_eventlog_reader_open(box->state, &reader), DMP_OK);
		assert_int_not_equal(
		    dmp_eventlog_records(reader, 0, records, 8, &n), DMP_OK);
		assert_int_equal(n, 77);
		dmp_eventlog_reader_close(reader);
	}
}

#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, fault_box_setup, fault_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sums_come_back_for_each_part),
	    TEST(records_go_on_after_a_stop),
	    TEST(what_came_back_survives_kill),
	    TEST(sums_grow_old_while_the_daemon_is_away),
	    TEST(records_older_than_a_month_are_forgotten),
	    TEST(parts_wait_for_a_full_disk),
	    TEST(more_parts_than_can_wait_are_dropped),
	    TEST(parts_do_not_hold_up_events),
	    TEST(records_outlive_a_damaged_database),
	    TEST(a_database_without_the_table_is_damaged),
	    TEST(damaged_records_begin_anew),
	    TEST(a_reader_gets_the_records_by_index_while_the_log_is_open),
	    TEST(a_database_with_records_of_version_1_loses_nothing),
	    TEST(a_reader_passes_over_what_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
