/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_eventlog_crash.c - numbers and events after kill -9, damage and loss. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/marks.h"
#include "support/eventlog_box.h"
#include "support/fault_fs.h"

/* BACKLOG: several batches, so that a kill finds events in every stage. */
enum { ROUNDS = 50, BACKLOG = 1500, MARGIN = DMP_EVENTLOG_VOLATILE };

static void
die(void)
{
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

/* Run body in a child that kills itself, and wait for its end. */
static void
in_killed_child(struct box *box, void (*body)(struct box *box, uint32_t n), uint32_t n)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		body(box, n);
		die();
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* n events, all committed. */
static void
post_committed(struct box *box, uint32_t n)
{
	uint32_t last = 0;

	box_open(box, 0);
	for (uint32_t i = 0; i < n; i++)
		last = box_post(box, "a", DMP_EVENT_PORT_DOWN);
	box_wait_committed(box, last);
}

/* n events committed, then n that only memory has. */
static void
post_volatile(struct box *box, uint32_t n)
{
	uint32_t last = 0;

	fault_fs_install();
	post_committed(box, n);
	fault_fs_set(FAULT_IO);
	for (uint32_t i = 0; i < n; i++)
		last = box_post(box, "b", DMP_EVENT_PORT_DOWN);
	box_wait_released(box, last);
}

static void
overwrite(const struct box *box, const char *name, off_t at, size_t n)
{
	static const unsigned char garbage[4096] = {0xde, 0xad, 0xbe, 0xef};
	char path[128];
	int fd = open(box_path(box, name, path), O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(pwrite(fd, garbage, n, at) == (ssize_t)n);
	(void)close(fd);
}

static void
remove_file(const struct box *box, const char *name)
{
	char path[128];

	(void)unlink(box_path(box, name, path));
}

static void
remove_database(const struct box *box)
{
	remove_file(box, "events.db");
	remove_file(box, "events.db-wal");
	remove_file(box, "events.db-shm");
}

/* What a child tells through a pipe until it is killed. */
struct report {
	uint32_t first;    /* the first number of this run */
	uint32_t released; /* may have been seen by others */
};

static void
post_until_killed(struct box *box, int fd)
{
	struct dmp_eventlog_progress progress;
	struct report report = {0};
	uint32_t last;

	box_open(box, 0);
	last = report.first = box_post(box, "a", DMP_EVENT_PORT_DOWN);
	for (;;) {
		dmp_eventlog_collect(box->log, &progress);
		report.released = progress.released;
		if (write(fd, &report, sizeof report) != (ssize_t)sizeof report)
			die();
		for (int i = 0; i < 20 && last < progress.released + BACKLOG; i++)
			last = box_post(box, "a", DMP_EVENT_PORT_DOWN);
	}
}

/* Let a child post, kill it at a random moment; its last report. */
static struct report
killed_run(struct box *box, unsigned pause_ms)
{
	struct timespec pause = {.tv_nsec = (long)pause_ms * 1000000};
	struct report report = {0};
	struct report next;
	int status;
	int fds[2];
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(fds[0]);
		post_until_killed(box, fds[1]);
	}
	(void)close(fds[1]);
	assert_true(read(fds[0], &report, sizeof report) == (ssize_t)sizeof report);
	(void)nanosleep(&pause, NULL);
	(void)kill(child, SIGKILL);
	while (read(fds[0], &next, sizeof next) == (ssize_t)sizeof next)
		report = next;
	(void)close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	return report;
}

static void
no_number_is_given_twice_by_writers_that_are_killed(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r = NULL;
	struct dmp_event events[256];
	uint32_t random = 1;
	uint32_t seen = 0;
	uint32_t last = 0;
	size_t n = 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct report report;

		random = random * 1664525u + 1013904223u;
		report = killed_run(box, random >> 16 & 31);
		assert_true(report.first > seen);
		if (report.released > seen)
			seen = report.released;
	}
	assert_true(seen > ROUNDS);
	box_open(box, 0);
	assert_true(box->start.epoch == ROUNDS + 1);
	assert_true(box->start.last_sequence >= seen && !box->start.replaced);
	assert_true(box->start.skipped_last == 0);
	last = box->start.oldest_sequence - 1;
	/* A crash loses nothing that was released: there is no gap. */
	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	while (n > 0) {
		assert_int_equal(dmp_eventlog_read(r, last, events, 256, &n), DMP_OK);
		for (size_t i = 0; i < n; i++)
			assert_true(events[i].sequence == ++last);
	}
	assert_true(last == box->start.last_sequence);
	dmp_eventlog_reader_close(r);
}

static void
numbers_sent_from_memory_are_not_reused_after_a_crash(void **state)
{
	struct box *box = *state;

	in_killed_child(box, post_volatile, 5);
	box_open(box, 0);
	assert_true(box->start.last_sequence == 5);
	assert_true(box->start.skipped_first == 6 && box->start.skipped_last == 10);
	assert_string_not_equal(box->start.message, "");
	assert_true(box_post(box, "c", DMP_EVENT_PORT_DOWN) == 11);
}

/* The mark is consumed once; the numbers must stay given up without any event. */
static void
numbers_given_up_stay_so_through_a_second_crash(void **state)
{
	struct box *box = *state;

	in_killed_child(box, post_volatile, 5);
	in_killed_child(box, post_committed, 0);
	box_open(box, 0);
	assert_true(box->start.skipped_last == 0);
	assert_true(box_post(box, "c", DMP_EVENT_PORT_DOWN) == 11);
}

static void
numbers_sent_from_memory_are_not_reused_without_the_run_directory(void **state)
{
	struct box *box = *state;
	char path[128];

	in_killed_child(box, post_volatile, 5);
	dmp_text_format(path, sizeof path, "%s/events.volatile", box->run);
	assert_int_equal(unlink(path), 0);
	box_open(box, 0);
	assert_true(box->start.skipped_first == 6 && box->start.skipped_last >= 10);
	assert_true(box_post(box, "c", DMP_EVENT_PORT_DOWN) > 10);
}

static void
orderly_stop_leaves_no_mark_in_the_run_directory(void **state)
{
	struct box *box = *state;
	struct stat st;
	char path[128];

	in_killed_child(box, post_volatile, 5);
	box_open(box, 0);
	(void)box_post(box, "c", DMP_EVENT_PORT_DOWN);
	box_close(box);
	dmp_text_format(path, sizeof path, "%s/events.volatile", box->run);
	assert_int_not_equal(stat(path, &st), 0);
}

static void
numbers_go_on_after_the_database_was_removed(void **state)
{
	struct box *box = *state;
	const char *key = "a/x";
	uint32_t index;
	uint32_t next;

	for (int clean = 0; clean < 2; clean++) {
		box_open(box, 0);
		assert_int_equal(
		    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, &index),
		    DMP_OK);
		next = box_post(box, "a", DMP_EVENT_PORT_DOWN);
		box_close(box);
		if (!clean)
			in_killed_child(box, post_committed, 300);
		remove_database(box);
		box_open(box, 0);
		assert_true(box->start.last_sequence == 0);
		assert_true(box->start.skipped_first == 1);
		assert_true(box->start.skipped_last >= next + (clean ? 0u : 300u));
		if (clean)
			assert_true(box->start.skipped_last == next);
		assert_true(box_post(box, "a", DMP_EVENT_PORT_DOWN) ==
		            box->start.skipped_last + 1);
		next = index;
		assert_int_equal(
		    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, &index),
		    DMP_OK);
		assert_true(index > next);
		box_close(box);
	}
}

/* Damage the database in some way after a crash with 300 committed events. */
static void
set_aside_and_go_on(struct box *box)
{
	uint32_t old_epoch;

	box_open(box, 0);
	old_epoch = box->start.epoch;
	assert_true(box->start.replaced);
	assert_non_null(strstr(box->start.message, "events.db.damaged-"));
	assert_true(old_epoch == 2);
	assert_true(box_post(box, "a", DMP_EVENT_PORT_DOWN) > 300);
	box_close(box);
	box_open(box, 0);
	assert_true(!box->start.replaced && box->start.epoch == 3);
	assert_true(box->start.skipped_last == 0);
}

static void
garbage_database_is_set_aside(void **state)
{
	in_killed_child(*state, post_committed, 300);
	remove_file(*state, "events.db-wal");
	overwrite(*state, "events.db", 0, 4096);
	set_aside_and_go_on(*state);
}

static void
database_with_a_damaged_page_is_set_aside(void **state)
{
	struct box *box = *state;

	post_committed(box, 300);
	box_close(box);
	for (off_t page = 2; page < 20; page++)
		overwrite(box, "events.db", page * 4096, 4096);
	set_aside_and_go_on(box);
}

static void
truncated_database_is_set_aside(void **state)
{
	struct box *box = *state;
	char path[128];

	post_committed(box, 300);
	box_close(box);
	assert_int_equal(truncate(box_path(box, "events.db", path), 20000), 0);
	set_aside_and_go_on(box);
}

static void
emptied_database_goes_on_after_the_marks(void **state)
{
	struct box *box = *state;
	char path[128];

	post_committed(box, 300);
	box_close(box);
	assert_int_equal(truncate(box_path(box, "events.db", path), 0), 0);
	box_open(box, 0);
	assert_true(box_post(box, "a", DMP_EVENT_PORT_DOWN) == 301);
	assert_true(box->start.epoch == 2);
}

static void
indices_and_problems_are_saved_from_a_damaged_database(void **state)
{
	struct box *box = *state;
	const char *key = "a/x";
	uint32_t index = 0;
	char path[128];
	struct stat st;

	box_open(box, 0);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, &index), DMP_OK);
	for (int i = 0; i < 2000; i++)
		(void)box_post(box, "a", DMP_EVENT_HOST_DOWN);
	box_close(box);
	/* The newest events are at the end of the file. */
	assert_int_equal(stat(box_path(box, "events.db", path), &st), 0);
	overwrite(box, "events.db", st.st_size - 8192, 4096);
	box_open(box, 0);
	assert_true(box->start.replaced && box->problems.n == 1);
	key = "new";
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, &index), DMP_OK);
	assert_true(index == 2);
	key = "a/x";
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, &index), DMP_OK);
	assert_true(index == 1);
}

static void
damaged_marks_cost_a_margin_but_no_number_twice(void **state)
{
	struct box *box = *state;

	in_killed_child(box, post_committed, 300);
	overwrite(box, DMP_MARKS_FILE, 0, 1024);
	box_open(box, 0);
	assert_true(box->start.epoch == 2 && box->start.last_sequence == 300);
	assert_true(box->start.skipped_first == 301);
	assert_true(box->start.skipped_last == 300 + MARGIN);
	assert_true(box_post(box, "a", DMP_EVENT_PORT_DOWN) == 301 + MARGIN);
}

static void
database_of_a_newer_version_is_left_alone(void **state)
{
	static const unsigned char version[4] = {0, 0, 0, 9};
	struct box *box = *state;
	struct dmp_problem_set problems = {0};
	struct dmp_eventlog_start start;
	struct dmp_text errors = {0};
	char path[128];
	int fd;

	post_committed(box, 1);
	box_close(box);
	fd = open(box_path(box, "events.db", path), O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(pwrite(fd, version, 4, 60) == 4); /* user_version */
	(void)close(fd);
	assert_int_equal(dmp_eventlog_open(box->state, box->run, 0, &box->log, &start,
	                     &problems, &errors),
	    DMP_EINVAL);
	assert_non_null(strstr(dmp_text_get(&errors), "newer version"));
	dmp_text_done(&errors);
}

static size_t
count_stored(struct dmp_eventlog_reader *r)
{
	struct dmp_event events[16];
	size_t n;

	assert_int_equal(dmp_eventlog_read(r, 0, events, 16, &n), DMP_OK);
	return n;
}

static void
reader_works_after_the_writer_was_killed_and_after_its_return(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r = NULL;

	in_killed_child(box, post_committed, 3);
	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	assert_true(count_stored(r) == 3);
	in_killed_child(box, post_committed, 2);
	assert_true(count_stored(r) == 5);
	post_committed(box, 2);
	assert_true(count_stored(r) == 7);
	box_close(box);
	assert_true(count_stored(r) == 7);
	dmp_eventlog_reader_close(r);
}

/* Wait for a byte from the other side of a socket pair or pipe. */
static void
expect_byte(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte;

	if (poll(&p, 1, 10000) != 1 || read(fd, &byte, 1) != 1)
		_exit(9);
}

/* A reader that may not write in the directory: 0 when it saw what it should. */
static int
read_without_rights(const struct box *box, int from, int to)
{
	struct dmp_eventlog_reader *r = NULL;
	struct dmp_event events[16];
	size_t n = 0;

	if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 1;
	if (dmp_eventlog_reader_open(box->state, &r) != DMP_OK)
		return 2;
	if (dmp_eventlog_read(r, 0, events, 16, &n) != DMP_OK || n != 3)
		return 3;
	if (write(to, "", 1) != 1)
		return 4;
	expect_byte(from); /* the writer has come back and stored more */
	if (dmp_eventlog_read(r, 0, events, 16, &n) != DMP_OK || n != 5)
		return 5;
	dmp_eventlog_reader_close(r);
	return 0;
}

static void
reader_without_write_access_reads_after_a_clean_stop_and_follows(void **state)
{
	struct box *box = *state;
	int to_child[2];
	int to_parent[2];
	char path[128];
	int status;
	pid_t child;

	post_committed(box, 3);
	box_close(box);
	assert_int_equal(chmod(box->root, 0755), 0);
	assert_int_equal(chmod(box->state, getuid() == 0 ? 0755 : 0555), 0);
	assert_int_equal(chmod(box_path(box, "events.db", path), 0644), 0);
	assert_int_equal(pipe(to_child), 0);
	assert_int_equal(pipe(to_parent), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(read_without_rights(box, to_child[0], to_parent[1]));
	expect_byte(to_parent[0]);
	assert_int_equal(chmod(box->state, 0755), 0);
	box_open(box, 0);
	assert_int_equal(chmod(box_path(box, "events.db", path), 0644), 0);
	assert_int_equal(chmod(box_path(box, "events.db-wal", path), 0644), 0);
	assert_int_equal(chmod(box_path(box, "events.db-shm", path), 0644), 0);
	(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_PORT_DOWN));
	assert_int_equal(write(to_child[1], "", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (int i = 0; i < 2; i++) {
		(void)close(to_child[i]);
		(void)close(to_parent[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(no_number_is_given_twice_by_writers_that_are_killed),
	    TEST(numbers_sent_from_memory_are_not_reused_after_a_crash),
	    TEST(numbers_given_up_stay_so_through_a_second_crash),
	    TEST(numbers_sent_from_memory_are_not_reused_without_the_run_directory),
	    TEST(orderly_stop_leaves_no_mark_in_the_run_directory),
	    TEST(numbers_go_on_after_the_database_was_removed),
	    TEST(garbage_database_is_set_aside),
	    TEST(database_with_a_damaged_page_is_set_aside),
	    TEST(truncated_database_is_set_aside),
	    TEST(emptied_database_goes_on_after_the_marks),
	    TEST(indices_and_problems_are_saved_from_a_damaged_database),
	    TEST(damaged_marks_cost_a_margin_but_no_number_twice),
	    TEST(database_of_a_newer_version_is_left_alone),
	    TEST(reader_works_after_the_writer_was_killed_and_after_its_return),
	    TEST(reader_without_write_access_reads_after_a_clean_stop_and_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
