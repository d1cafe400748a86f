/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_eventlog.c - the event log while the disk does what it should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/marks.h"
#include "support/eventlog_box.h"

static struct dmp_eventlog_reader *
reader(const struct box *box)
{
	struct dmp_eventlog_reader *r = NULL;

	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_OK);
	return r;
}

/* Every stored event after `after`; the caller frees. */
static struct dmp_event *
read_all(struct dmp_eventlog_reader *r, size_t max, size_t *ret_n)
{
	struct dmp_event *events = calloc(max, sizeof *events);
	size_t got = 1;
	size_t n = 0;
	uint32_t after = 0;

	assert_non_null(events);
	while (got > 0 && n < max) {
		assert_int_equal(
		    dmp_eventlog_read(r, after, events + n, max - n, &got), DMP_OK);
		n += got;
		if (got > 0)
			after = events[n - 1].sequence;
	}
	*ret_n = n;
	return events;
}

static void
fresh_log_starts_at_epoch_one_and_sequence_one(void **state)
{
	struct box *box = *state;
	uint32_t indices[1];
	const char *key = "dma1/http";

	box_open(box, 0);
	assert_true(box->start.epoch == 1 && box->start.last_sequence == 0);
	assert_true(box->start.skipped_last == 0 && !box->start.replaced);
	assert_string_equal(box->start.message, "");
	assert_true(box->problems.n == 0);
	assert_true(box_post(box, "a", DMP_EVENT_STARTED) == 1);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, &key, 1, indices), DMP_OK);
	assert_true(indices[0] == 1);
}

static void
files_are_not_for_everybody(void **state)
{
	struct box *box = *state;
	const char *const names[] = {"events.db", "events.db-wal", "marks", "lock"};
	struct stat st;
	char path[128];

	box_open(box, 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_STARTED));
	assert_int_equal(stat(box->state, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(stat(box_path(box, names[i], path), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0640);
	}
}

/* What collect() calls released is in the file at that moment, batch after batch. */
static void
commit_comes_before_release(void **state)
{
	enum { BURST = 5000 };
	struct box *box = *state;
	struct dmp_eventlog_progress progress = {0};
	struct dmp_eventlog_reader *r;

	box_open(box, 0);
	r = reader(box);
	for (int i = 0; i < BURST; i++)
		(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	while (progress.released < BURST) {
		uint32_t oldest;
		uint32_t newest;
		uint32_t first;

		progress = box_wait_released(box, progress.released + 1);
		assert_int_equal(
		    dmp_eventlog_bounds(r, &oldest, &newest, &first), DMP_OK);
		assert_true(newest >= progress.released);
		assert_true(progress.released == progress.committed);
	}
	dmp_eventlog_reader_close(r);
}

static void
reader_sees_exactly_what_the_writer_stored(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r;
	struct dmp_event *events;
	size_t n;

	box_open(box, 0);
	for (int i = 0; i < 700; i++)
		(void)box_post(box, i % 2 ? "dma1/a" : "dma1/b", DMP_EVENT_PORT_DOWN);
	box_wait_committed(box, 700);
	r = reader(box);
	events = read_all(r, 1000, &n);
	assert_true(n == 700);
	for (size_t i = 0; i < n; i++) {
		const struct dmp_event *e = &events[i];

		assert_true(e->sequence == i + 1 && e->epoch == 1);
		assert_string_equal(e->key, i % 2 ? "dma1/a" : "dma1/b");
		assert_string_equal(e->source, "site/vantage");
		assert_string_equal(e->message, "what happened");
		assert_string_equal(e->host_name, "dma1");
		assert_string_equal(e->address, "192.0.2.11");
		assert_string_equal(e->service, "nats-client");
		assert_true(e->type == DMP_EVENT_PORT_DOWN);
		assert_true(e->state == DMP_STATE_DOWN);
		assert_true(e->previous_state == DMP_STATE_UP);
		assert_true(e->severity == DMP_SEVERITY_CRITICAL);
		assert_true(e->reason == DMP_REASON_REFUSED);
		assert_true(e->level == DMP_LEVEL_REQUIRED);
		assert_true(e->transport == DMP_TRANSPORT_TCP && e->port == 4222);
		assert_true(e->port_index == 7 && e->host_index == 3);
		assert_true(e->time_ms == 1700000000123);
	}
	free(events);
	dmp_eventlog_reader_close(r);
}

static void
bounds_tell_oldest_newest_and_the_first_of_this_epoch(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r;
	uint32_t oldest;
	uint32_t newest;
	uint32_t first;

	box_open(box, 0);
	r = reader(box);
	assert_int_equal(dmp_eventlog_bounds(r, &oldest, &newest, &first), DMP_OK);
	assert_true(oldest == 0 && newest == 0 && first == 0);
	for (int i = 0; i < 3; i++)
		(void)box_post(box, "a", DMP_EVENT_STARTED);
	box_close(box);
	box_open(box, 0);
	assert_true(box->start.epoch == 2 && box->start.last_sequence == 3);
	assert_true(box->start.oldest_sequence == 1);
	assert_int_equal(dmp_eventlog_bounds(r, &oldest, &newest, &first), DMP_OK);
	assert_true(oldest == 1 && newest == 3 && first == 0);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_STARTED));
	assert_int_equal(dmp_eventlog_bounds(r, &oldest, &newest, &first), DMP_OK);
	assert_true(oldest == 1 && newest == 4 && first == 4);
	dmp_eventlog_reader_close(r);
}

static void
clean_stop_leaves_no_gap(void **state)
{
	struct box *box = *state;

	for (uint32_t round = 1; round <= 3; round++) {
		box_open(box, 0);
		assert_true(box->start.epoch == round);
		assert_true(box->start.skipped_last == 0);
		assert_true(box_post(box, "a", DMP_EVENT_STARTED) == round);
		box_close(box);
	}
}

/* A pseudo-random history; the fold of what is stored is what is stored as fold. */
static void
stored_problems_are_the_fold_of_the_events(void **state)
{
	static const enum dmp_event_type types[] = {DMP_EVENT_PORT_DOWN,
	    DMP_EVENT_PORT_UP, DMP_EVENT_PORT_DEGRADED, DMP_EVENT_PORT_EXPOSED,
	    DMP_EVENT_PORT_CLOSED, DMP_EVENT_PORT_CLEARED, DMP_EVENT_PORT_FLAPPING,
	    DMP_EVENT_PORT_STABLE, DMP_EVENT_CERTIFICATE_EXPIRING, DMP_EVENT_STARTED};
	struct box *box = *state;
	struct dmp_problem_set fold = {0};
	struct dmp_problem_set stored = {0};
	struct dmp_eventlog_reader *r;
	struct dmp_event *events;
	uint32_t random = 12345;
	uint32_t as_of;
	size_t n;

	box_open(box, 0);
	for (int i = 0; i < 3000; i++) {
		char key[16];

		random = random * 1664525u + 1013904223u;
		dmp_text_format(key, sizeof key, "h/%u", random >> 16 & 31);
		(void)box_post(
		    box, key, types[(random >> 24) % (sizeof types / sizeof types[0])]);
	}
	box_close(box);
	r = reader(box);
	events = read_all(r, 4000, &n);
	assert_true(n == 3000);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dmp_problem_apply(&fold, &events[i]), DMP_OK);
	assert_int_equal(dmp_eventlog_problems(r, &stored, &as_of), DMP_OK);
	assert_true(as_of == 3000);
	assert_true(fold.n > 10 && stored.n == fold.n);
	for (size_t i = 0; i < fold.n; i++) {
		assert_true(stored.items[i]->index == fold.items[i]->index);
		assert_string_equal(stored.items[i]->key, fold.items[i]->key);
		assert_true(stored.items[i]->type == fold.items[i]->type);
		assert_true(stored.items[i]->since_ms == fold.items[i]->since_ms);
		assert_true(stored.items[i]->last_event == fold.items[i]->last_event);
		assert_string_equal(stored.items[i]->message, fold.items[i]->message);
	}
	box_open(box, 0);
	assert_true(box->problems.n == fold.n);
	dmp_problem_done(&fold);
	dmp_problem_done(&stored);
	dmp_eventlog_reader_close(r);
	free(events);
}

static void
only_the_newest_events_are_kept(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;
	struct dmp_eventlog_reader *r;
	uint32_t oldest;
	uint32_t newest;
	uint32_t first;

	box_open(box, 100);
	for (int i = 0; i < 3000; i++)
		(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	progress = box_wait_committed(box, 3000);
	assert_true(progress.oldest == 2901);
	r = reader(box);
	assert_int_equal(dmp_eventlog_bounds(r, &oldest, &newest, &first), DMP_OK);
	assert_true(oldest == 2901 && newest == 3000);
	dmp_eventlog_reader_close(r);
}

static void
lowered_limit_is_reached_without_new_events(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r;
	uint32_t oldest;
	uint32_t newest;
	uint32_t first;

	box_open(box, 0);
	for (int i = 0; i < 5000; i++)
		(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	box_close(box);
	box_open(box, 10);
	box_close(box);
	r = reader(box);
	assert_int_equal(dmp_eventlog_bounds(r, &oldest, &newest, &first), DMP_OK);
	assert_true(oldest == 4991 && newest == 5000);
	dmp_eventlog_reader_close(r);
}

static void
indices_are_persistent_ascending_and_never_reused(void **state)
{
	struct box *box = *state;
	const char *const first[] = {"a/x", "b/x", "c/x"};
	const char *const second[] = {"c/x", "d/x", "a/x", "d/x"};
	uint32_t indices[4];

	box_open(box, 0);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, first, 3, indices), DMP_OK);
	assert_true(indices[0] == 1 && indices[1] == 2 && indices[2] == 3);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_HOST, first, 1, indices), DMP_OK);
	assert_true(indices[0] == 1);
	box_close(box);
	box_open(box, 0);
	assert_int_equal(
	    dmp_eventlog_indices(box->log, DMP_INDEX_PORT, second, 4, indices), DMP_OK);
	assert_true(indices[0] == 3 && indices[1] == 4);
	assert_true(indices[2] == 1 && indices[3] == 4);
}

static void
saved_ports_come_back_with_their_newest_state(void **state)
{
	struct box *box = *state;
	struct dmp_saved_port port = {.key = "a/x",
	    .state = DMP_STATE_DOWN,
	    .reason = DMP_REASON_TIMEOUT,
	    .change_ms = 1700000000001,
	    .last_event = 9,
	    .transitions = 2,
	    .has_answered = true};
	struct dmp_saved_port *ports;
	size_t n;

	box_open(box, 0);
	dmp_eventlog_save_port(box->log, &port);
	port.transitions = 3;
	dmp_eventlog_save_port(box->log, &port);
	dmp_text_copy(port.key, sizeof port.key, "b/x");
	port.has_answered = false;
	dmp_eventlog_save_port(box->log, &port);
	box_close(box);
	box_open(box, 0);
	assert_int_equal(dmp_eventlog_saved_ports(box->log, &ports, &n), DMP_OK);
	assert_true(n == 2);
	assert_string_equal(ports[0].key, "a/x");
	assert_true(ports[0].transitions == 3 && ports[0].has_answered);
	assert_true(ports[0].state == DMP_STATE_DOWN && ports[0].last_event == 9);
	assert_true(ports[0].reason == DMP_REASON_TIMEOUT);
	assert_true(ports[0].change_ms == 1700000000001);
	assert_string_equal(ports[1].key, "b/x");
	assert_true(!ports[1].has_answered);
	free(ports);
}

struct note_list {
	unsigned n;
	unsigned stop_after;
	int64_t last_ms;
};

static bool
take_note(int64_t time_ms, const char *key, const char *text, void *arg)
{
	struct note_list *list = arg;

	assert_string_equal(key, "a/x");
	assert_string_equal(text, "address changed");
	assert_true(time_ms >= list->last_ms);
	list->last_ms = time_ms;
	return ++list->n != list->stop_after;
}

static void
notes_come_oldest_first_since_a_time_and_stop_on_demand(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r;
	struct note_list list = {0};

	box_open(box, 0);
	for (int i = 0; i < 10; i++)
		dmp_eventlog_note(
		    box->log, 1000 + (i * 7) % 10, "a/x", "address changed");
	box_close(box);
	r = reader(box);
	assert_int_equal(dmp_eventlog_notes(r, 1005, take_note, &list), DMP_OK);
	assert_true(list.n == 5);
	list = (struct note_list){.stop_after = 2};
	assert_int_equal(dmp_eventlog_notes(r, 0, take_note, &list), DMP_OK);
	assert_true(list.n == 2);
	dmp_eventlog_reader_close(r);
}

static void
second_writer_is_refused(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog *other = NULL;
	struct dmp_eventlog_start start;
	struct dmp_problem_set problems = {0};
	struct dmp_text errors = {0};

	box_open(box, 0);
	assert_int_equal(dmp_eventlog_open(box->state, box->run, 0, &other, &start,
	                     &problems, &errors),
	    DMP_EBUSY);
	assert_null(other);
	assert_true(errors.size > 0);
	dmp_text_done(&errors);
	box_wait_committed(box, box_post(box, "a", DMP_EVENT_STARTED));
}

static void
reader_of_an_empty_directory_finds_nothing(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_reader *r = NULL;

	assert_int_equal(dmp_eventlog_reader_open(box->state, &r), DMP_ENOENT);
	assert_null(r);
}

static void
burst_of_20000_events_is_numbered_in_order_and_stored(void **state)
{
	enum { BURST = 20000 };
	struct box *box = *state;
	struct dmp_eventlog_reader *r;
	struct dmp_event *events;
	char key[32];
	size_t n;

	box_open(box, 0);
	for (uint32_t i = 1; i <= BURST; i++) {
		dmp_text_format(key, sizeof key, "h%u/p", (i - 1) % (BURST / 2));
		assert_true(
		    box_post(box, key,
		        i <= BURST / 2 ? DMP_EVENT_PORT_DOWN : DMP_EVENT_PORT_UP) == i);
	}
	assert_true(box_wait_committed(box, BURST).lost == 0);
	r = reader(box);
	events = read_all(r, BURST + 1, &n);
	assert_true(n == BURST);
	for (size_t i = 0; i < n; i++)
		assert_true(events[i].sequence == i + 1);
	free(events);
	dmp_eventlog_reader_close(r);
}

static void
close_without_time_still_loses_nothing_released(void **state)
{
	struct box *box = *state;
	struct dmp_eventlog_progress progress;

	box_open(box, 0);
	for (int i = 0; i < 2000; i++)
		(void)box_post(box, "a", DMP_EVENT_PORT_DOWN);
	dmp_eventlog_collect(box->log, &progress);
	dmp_eventlog_close(box->log, 0);
	box->log = NULL;
	dmp_problem_done(&box->problems);
	box_open(box, 0);
	assert_true(box->start.last_sequence >= progress.released);
	assert_true(box_post(box, "a", DMP_EVENT_PORT_DOWN) > progress.released);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(fresh_log_starts_at_epoch_one_and_sequence_one),
	    TEST(files_are_not_for_everybody),
	    TEST(commit_comes_before_release),
	    TEST(reader_sees_exactly_what_the_writer_stored),
	    TEST(bounds_tell_oldest_newest_and_the_first_of_this_epoch),
	    TEST(clean_stop_leaves_no_gap),
	    TEST(stored_problems_are_the_fold_of_the_events),
	    TEST(only_the_newest_events_are_kept),
	    TEST(lowered_limit_is_reached_without_new_events),
	    TEST(indices_are_persistent_ascending_and_never_reused),
	    TEST(saved_ports_come_back_with_their_newest_state),
	    TEST(notes_come_oldest_first_since_a_time_and_stop_on_demand),
	    TEST(second_writer_is_refused),
	    TEST(reader_of_an_empty_directory_finds_nothing),
	    TEST(burst_of_20000_events_is_numbered_in_order_and_stored),
	    TEST(close_without_time_still_loses_nothing_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
