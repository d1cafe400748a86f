/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_eventlog_fault.c - the event log while the disk fails, fills up or hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "support/eventlog_box.h"
#include "support/fault_fs.h"

static int64_t
now_us(void)
{
	return dmp_clock_mono_us(dmp_clock_system());
}

static size_t
count_stored(const struct box *box, uint32_t after)
{
	struct dmp_eventlog_reader *r = NULL;
	struct dmp_event events[64];
	size_t total = 0;
	size_t n = 1;

	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	while (n > 0) {
		assert_int_equal(dmp_eventlog_read(r, after, events, 64, &n), DMP_OK);
		total += n;
		if (n > 0)
			after = events[n - 1].sequence;
	}
	dmp_eventlog_reader_close(r);
	return total;
}

/* The rule for each way to fail that reports itself. */
static void
release_from_memory_then_store(struct box *box, enum fault fault, const char *error)
{
	struct dmp_eventlog_progress progress;
	struct dmp_event events[8];
	int64_t start_us;
	uint32_t last;

	box_open(box, 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_PORT_DOWN));
	fault_fs_set(fault);
	start_us = now_us();
	assert_true(box_post(box, "b", DMP_EVENT_PORT_DOWN) == 2);
	assert_true(box_post(box, "c", DMP_EVENT_PORT_DOWN) == 3);
	progress = box_wait_released(box, 3);
	assert_true(now_us() - start_us >= 900000);
	assert_true(progress.failing && progress.committed == 1);
	assert_non_null(strstr(progress.error, error));
	assert_true(dmp_eventlog_volatile(box->log, 1, events, 8) == 2);
	assert_true(events[0].sequence == 2 && events[1].sequence == 3);
	assert_string_equal(events[1].key, "c");
	assert_true(dmp_eventlog_volatile(box->log, 2, events, 8) == 1);

	/* The next need not wait so long; a busy machine may be late, but not each
	 * time. */
	do {
		start_us = now_us();
		last = box_post(box, "d", DMP_EVENT_PORT_DOWN);
		box_wait_released(box, last);
		assert_true(last < 20);
	} while (now_us() - start_us >= 900000);

	fault_fs_set(FAULT_NONE);
	progress = box_wait_committed(box, last);
	assert_true(!progress.failing && progress.lost == 0);
	assert_string_equal(progress.error, "");
	assert_true(dmp_eventlog_volatile(box->log, 0, events, 8) == 0);
	assert_true(count_stored(box, 0) == last);
}

static void
failing_commits_release_from_memory_and_are_stored_later(void **state)
{
	release_from_memory_then_store(*state, FAULT_IO, "I/O error");
}

static void
full_disk_keeps_events(void **state)
{
	release_from_memory_then_store(*state, FAULT_FULL, "full");
}

static void
hanging_disk_never_blocks_the_caller(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;
	struct dmp_event events[4];

	box_open(box, 0);
	fault_fs_set(FAULT_HANG);
	(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	fault_fs_wait_hanging();
	for (int i = 0; i < 1000; i++) {
		(void)box_post(box, "b", DMP_EVENT_PORT_DOWN);
		dmp_eventlog_note(box->log, 1, "b", "x");
		dmp_eventlog_collect(box->log, &progress);
	}
	progress = box_wait_released(box, 1001);
	assert_true(progress.failing && progress.committed == 0);
	assert_string_equal(progress.error, "the disk does not answer");
	assert_true(dmp_eventlog_volatile(box->log, 999, events, 4) == 2);
	fault_fs_set(FAULT_NONE);
	assert_true(!box_wait_committed(box, 1001).failing);
	assert_true(count_stored(box, 0) == 1001);
}

static void
close_does_not_wait_for_a_hanging_disk(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_start start = {0};
	struct dmp_problem_set problems = {0};
	struct dmp_text errors = {0};
	int64_t start_us;
	enum dmp_status status = DMP_EBUSY;

	box_open(box, 0);
	fault_fs_set(FAULT_HANG);
	(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	fault_fs_wait_hanging();
	dmp_eventlog_close(box->log, 100);
	box->log = NULL;
	fault_fs_set(FAULT_NONE);
	/* The orphaned writer comes back, ends and lets go of the lock. */
	start_us = now_us();
	while (status == DMP_EBUSY && now_us() - start_us < 10000000) {
		dmp_text_clear(&errors);
		status = dmp_eventlog_open(
		    box->state, box->run, 0, &box->log, &start, &problems, &errors);
	}
	assert_int_equal(status, DMP_OK);
	dmp_problem_done(&problems);
	dmp_text_done(&errors);
}

/* Only the newest are kept; the dropped ones still count for what is announced. */
static void
too_many_unstored_events_drop_the_oldest_and_say_so(void **state)
{
	enum { MORE = 700 };
	struct box *box = *state;
	const uint32_t total = DMP_EVENTLOG_VOLATILE + MORE;
	struct dmp_eventlog_progress progress;
	struct dmp_eventlog_reader *r = NULL;
	struct dmp_problem_set problems = {0};
	uint32_t as_of;
	struct dmp_event event;
	size_t n = 0;
	char key[32];

	box_open(box, 0);
	box_wait_committed(box, box_post(box, "first", DMP_EVENT_HOST_DOWN));
	fault_fs_set(FAULT_IO);
	(void)box_post(box, "dropped", DMP_EVENT_HOST_DOWN);
	(void)box_post(box, "first", DMP_EVENT_HOST_UP);
	box_wait_failing(box, true);
	for (uint32_t i = 4; i <= total; i++) {
		dmp_text_format(key, sizeof key, "h%u", i);
		(void)box_post(box, key, DMP_EVENT_PORT_UP);
	}
	box_wait_released(box, total);
	progress = box_wait_lost(box, MORE - 1);
	assert_true(progress.failing && progress.lost == MORE - 1);
	fault_fs_set(FAULT_NONE);
	box_wait_committed(box, total);
	assert_true(count_stored(box, 1) == DMP_EVENTLOG_VOLATILE);
	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	/* What was dropped is one gap, and nothing else is: its ends name the loss. */
	assert_int_equal(dmp_eventlog_read(r, 1, &event, 1, &n), DMP_OK);
	assert_true(n == 1 && event.sequence == 2 + progress.lost);
	assert_int_equal(dmp_eventlog_problems(r, &problems, &as_of), DMP_OK);
	assert_true(as_of == total && problems.n == 1);
	assert_string_equal(problems.items[0]->key, "dropped");
	assert_true(problems.items[0]->index == 2);
	dmp_problem_done(&problems);
	dmp_eventlog_reader_close(r);
}

static bool
has_aside(const struct box *box)
{
	DIR *d = opendir(box->state);
	const struct dirent *entry;
	bool found = false;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, "events.db.damaged-", 18) == 0)
			found = true;
	(void)closedir(d);
	return found;
}

static void
damage_at_run_time_is_set_aside_and_problems_live_on(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;
	struct dmp_eventlog_reader *r = NULL;
	struct dmp_problem_set problems = {0};
	struct dmp_event event;
	const char *key = "a/x";
	uint32_t index[2];
	uint32_t as_of;
	size_t n;
	bool said = false;

	box_open(box, 0);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, index), DMP_OK);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_HOST_DOWN));
	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	fault_fs_set(FAULT_CORRUPT);
	assert_true(box_post(box, "b", DMP_EVENT_HOST_DOWN) == 2);
	do {
		dmp_eventlog_collect(box->log, &progress);
		if (progress.replaced)
			said = strstr(progress.error, "events.db.damaged-") != NULL;
	} while (progress.committed < 2 || !said);
	assert_true(has_aside(box));
	/* The reader was open before: it follows to the new file. */
	assert_int_equal(dmp_eventlog_read(r, 0, &event, 1, &n), DMP_OK);
	assert_true(n == 1 && event.sequence == 2);
	assert_int_equal(dmp_eventlog_problems(r, &problems, &as_of), DMP_OK);
	assert_true(problems.n == 2 && as_of == 2);
	assert_string_equal(problems.items[0]->key, "a");
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, index + 1), DMP_OK);
	assert_true(index[1] == index[0]);
	dmp_problem_done(&problems);
	dmp_eventlog_reader_close(r);
}

static void
database_removed_at_run_time_is_made_again(void **state)
{
	static const char *const names[] = {
	    "events.db", "events.db-wal", "events.db-shm"};
	struct box *box = *state;
	char path[128];

	box_open(box, 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_HOST_DOWN));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(unlink(box_path(box, names[i], path)), 0);
	box_wait_committed(box, box_post(box, "b", DMP_EVENT_HOST_DOWN));
	assert_true(count_stored(box, 0) == 1);
	box_close(box);
	box_open(box, 0);
	assert_true(box->problems.n == 2 && box->start.last_sequence == 2);
}

static void
saved_ports_and_notes_wait_for_the_disk(void **state)
{
	struct box *box = *state;
	struct dmp_saved_port port = {.key = "a/x", .transitions = 1};
	struct dmp_saved_port *ports;
	size_t n;

	box_open(box, 0);
	fault_fs_set(FAULT_FULL);
	dmp_eventlog_save_port(box->log, &port);
	box_wait_failing(box, true);
	port.transitions = 2;
	dmp_eventlog_save_port(box->log, &port);
	fault_fs_set(FAULT_NONE);
	box_wait_failing(box, false);
	box_close(box);
	box_open(box, 0);
	assert_int_equal(dmp_eventlog_saved_ports(box->log, &ports, &n), DMP_OK);
	assert_true(n == 1 && ports[0].transitions == 2);
	free(ports);
}

static void
indices_report_a_full_disk_and_give_no_number_twice(void **state)
{
	struct box *box = *state;
	const char *const keys[] = {"a", "b"};
	uint32_t indices[2] = {77, 77};

	box_open(box, 0);
	fault_fs_set(FAULT_FULL);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, keys, 2, indices), DMP_EIO);
	assert_true(indices[0] == 77);
	fault_fs_set(FAULT_NONE);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, keys, 2, indices), DMP_OK);
	assert_true(indices[0] > 0 && indices[1] == indices[0] + 1);
}

static void
full_disk_at_start_does_not_keep_the_log_from_starting(void **state)
{
	struct box *box = *state;

	box_open(box, 0);
	(void)box_post(box, "a", DMP_EVENT_HOST_DOWN);
	box_close(box);
	fault_fs_set(FAULT_FULL);
	box_open(box, 0);
	assert_true(box->problems.n == 1);
	assert_true(box_post(box, "b", DMP_EVENT_HOST_DOWN) == 2);
	assert_true(box_wait_released(box, 2).failing);
	fault_fs_set(FAULT_NONE);
	box_wait_committed(box, 2);
}

#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, fault_box_setup, fault_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(failing_commits_release_from_memory_and_are_stored_later),
	    TEST(full_disk_keeps_events),
	    TEST(hanging_disk_never_blocks_the_caller),
	    TEST(close_does_not_wait_for_a_hanging_disk),
	    TEST(too_many_unstored_events_drop_the_oldest_and_say_so),
	    TEST(damage_at_run_time_is_set_aside_and_problems_live_on),
	    TEST(database_removed_at_run_time_is_made_again),
	    TEST(saved_ports_and_notes_wait_for_the_disk),
	    TEST(indices_report_a_full_disk_and_give_no_number_twice),
	    TEST(full_disk_at_start_does_not_keep_the_log_from_starting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
