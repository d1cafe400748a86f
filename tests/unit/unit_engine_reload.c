/* SPDX-License-Identifier: BSD-2-Clause */
/* A new plan for a running engine, and a disk that fails below it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support/engine_box.h"
#include "support/fault_fs.h"

static void
services(struct dmp_text *content, const char *interval, uint16_t port, uint16_t other)
{
	engine_box_policy(content, interval);
	engine_box_service(content, 'a', "127.0.0.1", port, "");
	if (other)
		engine_box_service(content, 'b', "127.0.0.1", other, "");
}

static void
apply(struct engine_box *box, const char *interval, uint16_t port, uint16_t other)
{
	struct dmp_text content = {0};

	services(&content, interval, port, other);
	engine_box_apply(box, &content);
}

static void
wait_state(struct engine_box *box, const char *key, enum dmp_state state)
{
	ENGINE_BOX_WAIT(box, engine_box_port(box, key).state == state)
}

/* --- reload --- */

static void
reload_keeps_index_state_counters_and_age(void **state)
{
	struct engine_box *box = *state;
	struct dmp_board_port_live before;
	struct dmp_board_port_live after;
	uint32_t index;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply(box, "1h", port, 9);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	before = engine_box_port(box, "ha/svc-a");
	index = engine_box_index(box, "ha/svc-a");
	apply(box, "1h", port, 0);
	assert_false(engine_box_has_port(box, "hb/svc-b"));
	after = engine_box_port(box, "ha/svc-a");
	/* Its share of the time goes on with the time. */
	memcpy(before.availability, after.availability, sizeof before.availability);
	assert_memory_equal(&after, &before, sizeof after);
	assert_int_equal(engine_box_index(box, "ha/svc-a"), index);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, "ha/svc-a"), 1);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_UP, NULL), 0);
}

static void
reload_keeps_the_schedule(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply(box, "2s", port, 0);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	for (unsigned i = 0; i < 10; i++) {
		apply(box, "2s", port, 0);
		engine_box_run(box, 100);
	}
	assert_int_equal(engine_box_port(box, "ha/svc-a").checks, 1);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "ha/svc-a").checks == 2)
	close(fd);
}

/* Halfway to a confirmed failure: the half counts after a reload, too. */
static void
reload_keeps_the_doubt(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	for (unsigned i = 0; i < 2; i++) {
		dmp_text_append(&content,
		    "<policy interval='100ms' fast='1h' fall='2' depth='connect'/>");
		engine_box_service(&content, 'a', "127.0.0.1", port, "");
		if (i == 0)
			engine_box_start(box);
		engine_box_apply(box, &content);
		if (i == 0) {
			wait_state(box, "ha/svc-a", DMP_STATE_UP);
			close(fd);
			ENGINE_BOX_WAIT(
			    box, engine_box_port(box, "ha/svc-a").failures == 1)
			assert_int_equal(
			    engine_box_port(box, "ha/svc-a").state, DMP_STATE_UP);
		}
	}
	assert_int_equal(dmp_engine_check_now(box->engine, "ha/svc-a"), DMP_OK);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	assert_int_equal(engine_box_port(box, "ha/svc-a").failures, 2);
}

static void
port_in_flight_at_a_reload_is_checked_again_at_once(void **state)
{
	struct engine_box *box = *state;
	struct engine_box_stuck stuck = engine_box_stuck_open();
	struct dmp_text content = {0};
	uint16_t first = 0;
	uint16_t second = 0;

	for (unsigned i = 0; i < 2; i++) {
		dmp_text_append(&content,
		    "<policy interval='1h' fast='1h' timeout='30s' depth='connect'/>");
		engine_box_service(&content, 'a', "127.0.0.1", stuck.port, "");
		if (i == 0)
			engine_box_start(box);
		engine_box_apply(box, &content);
		if (i == 0)
			ENGINE_BOX_WAIT(
			    box, engine_box_waiting(stuck.port, &first) == 1)
	}
	ENGINE_BOX_WAIT(
	    box, engine_box_waiting(stuck.port, &second) == 1 && second != first)
	assert_int_equal(engine_box_port(box, "ha/svc-a").checks, 0);
	engine_box_stuck_close(&stuck);
}

static void
removed_port_that_was_down_is_cleared(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	uint16_t other;

	close(engine_box_listen(0, &port));
	close(engine_box_listen(0, &other));
	engine_box_start(box);
	apply(box, "100ms", port, other);
	wait_state(box, "hb/svc-b", DMP_STATE_DOWN);
	apply(box, "100ms", port, 0);
	ENGINE_BOX_WAIT(
	    box, engine_box_events(box, DMP_EVENT_PORT_CLEARED, "hb/svc-b") == 1)
	assert_int_equal(
	    engine_box_event(box, DMP_EVENT_PORT_CLEARED, "hb/svc-b").reason,
	    DMP_REASON_REMOVED);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a"), 0);
}

static void
port_that_comes_back_has_its_old_index_and_begins_anew(void **state)
{
	struct engine_box *box = *state;
	uint32_t index;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply(box, "100ms", port, port);
	wait_state(box, "hb/svc-b", DMP_STATE_DOWN);
	index = engine_box_index(box, "hb/svc-b");
	apply(box, "100ms", port, 0);
	apply(box, "1h", port, port);
	assert_int_equal(engine_box_index(box, "hb/svc-b"), index);
	assert_int_equal(engine_box_port(box, "hb/svc-b").state, DMP_STATE_UNKNOWN);
	assert_int_equal(engine_box_port(box, "hb/svc-b").checks, 0);
}

static void
level_that_becomes_informational_clears_what_was_raised(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply(box, "100ms", port, 0);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "127.0.0.1", port, "level='informational'");
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(
	    box, engine_box_events(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a") == 1)
	assert_int_equal(
	    engine_box_event(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a").reason,
	    DMP_REASON_CONFIG_CHANGED);
}

/* A board of the greatest number leaves none for the next one. */
static void
plan_that_cannot_be_shown_changes_nothing(void **state)
{
	struct engine_box *box = *state;
	struct engine_box_stuck stuck = engine_box_stuck_open();
	struct dmp_text content = {0};
	struct dmp_text errors = {0};
	struct dmp_engine_setup *setup;
	struct dmp_board_port_live before;
	struct dmp_board_port_live after;
	char path[128];
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply(box, "100ms", port, stuck.port);
	ENGINE_BOX_WAIT(box, engine_box_waiting(stuck.port, NULL) == 1)
	before = engine_box_port(box, "hb/svc-b");
	dmp_text_format(path, sizeof path, "%s/board.999999999999", box->log->run);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	services(&content, "50s", port, 0);
	setup = engine_box_prepare(box, &content);
	assert_int_not_equal(dmp_engine_apply(box->engine, setup, &errors), DMP_OK);
	assert_string_not_equal(dmp_text_get(&errors), "");
	after = engine_box_port(box, "hb/svc-b");
	assert_memory_equal(&after, &before, sizeof after);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "ha/svc-a").checks > 5)
	ENGINE_BOX_WAIT(box, engine_box_port(box, "hb/svc-b").checks > before.checks)
	dmp_engine_setup_free(setup);
	dmp_text_done(&content);
	dmp_text_done(&errors);
	engine_box_stuck_close(&stuck);
	close(fd);
}

static void
rejected_configuration_is_a_warning_until_one_is_applied(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply(box, "100ms", port, 0);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	dmp_engine_config_rejected(box->engine, "site.xml:3: what is wrong");
	assert_int_equal(engine_box_system(box).status, 1);
	assert_int_equal(engine_box_system(box).config_status, DMP_CONFIG_REJECTED);
	assert_string_equal(
	    engine_box_system(box).config_message, "site.xml:3: what is wrong");
	apply(box, "100ms", port, 0);
	assert_int_equal(engine_box_system(box).config_status, DMP_CONFIG_OK);
	assert_string_equal(engine_box_system(box).config_message, "");
	close(fd);
}

/* --- a disk that fails --- */

static int
fault_setup(void **state)
{
	fault_fs_install();
	fault_fs_set(FAULT_NONE);
	return engine_box_setup(state);
}

static int
fault_teardown(void **state)
{
	fault_fs_set(FAULT_NONE);
	return engine_box_teardown(state);
}

/* "ha/svc-a" goes down while the disk hangs; returns when the engine knows it. */
static void
go_down_on_a_hanging_disk(struct engine_box *box)
{
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply(box, "100ms", port, 0);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	fault_fs_set(FAULT_HANG);
	close(fd);
	ENGINE_BOX_WAIT(box, box->changed_to == DMP_STATE_DOWN)
}

static void
row_with_an_event_waits_for_its_commit(void **state)
{
	struct engine_box *box = *state;

	go_down_on_a_hanging_disk(box);
	engine_box_run(box, 300);
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_UP);
	assert_int_equal(engine_box_system(box).status, 0);
	fault_fs_set(FAULT_NONE);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	assert_false(engine_box_system(box).log_failing);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, "ha/svc-a"), 1);
}

/* The plan is prepared before the disk hangs: that takes a commit itself. */
static void
row_that_waits_for_its_commit_goes_on_waiting_over_a_reload(void **state)
{
	struct engine_box *box = *state;
	struct dmp_engine_setup *setup;
	struct dmp_text content = {0};
	struct dmp_text errors = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply(box, "100ms", port, 9);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "hb/svc-b").last_event > 0)
	services(&content, "100ms", port, 0);
	setup = engine_box_prepare(box, &content);
	fault_fs_set(FAULT_HANG);
	close(fd);
	ENGINE_BOX_WAIT(box, box->changed_to == DMP_STATE_DOWN && box->changes == 3)
	assert_int_equal(dmp_engine_apply(box->engine, setup, &errors), DMP_OK);
	assert_false(engine_box_has_port(box, "hb/svc-b"));
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_UP);
	assert_int_equal(engine_box_system(box).required_ports, 2);
	fault_fs_set(FAULT_NONE);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	ENGINE_BOX_WAIT(box, engine_box_system(box).required_ports == 1)
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, "ha/svc-a"), 1);
	dmp_text_done(&content);
}

static void
alarm_is_released_from_memory_when_commits_fail_for_a_second(void **state)
{
	struct engine_box *box = *state;
	struct dmp_event event;
	int64_t began_ms;

	go_down_on_a_hanging_disk(box);
	began_ms = engine_box_now_ms();
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	assert_true(engine_box_now_ms() - began_ms >= 500);
	assert_true(box->failing);
	assert_true(engine_box_system(box).log_failing);
	assert_int_equal(dmp_eventlog_volatile(box->log->log, 0, &event, 1), 1);
	assert_string_equal(event.key, "ha/svc-a");
	fault_fs_set(FAULT_NONE);
	ENGINE_BOX_WAIT(
	    box, engine_box_events(box, DMP_EVENT_PORT_DOWN, "ha/svc-a") == 1)
	ENGINE_BOX_WAIT(box, !engine_box_system(box).log_failing)
}

static void
failing_commits_alone_are_a_warning(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply(box, "100ms", port, 0);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	assert_int_equal(engine_box_system(box).status, 0);
	fault_fs_set(FAULT_FULL);
	dmp_engine_announce_site(box->engine, DMP_EVENT_STARTED, "started");
	assert_false(dmp_engine_all_released(box->engine));
	ENGINE_BOX_WAIT(box, engine_box_system(box).status == 1)
	assert_true(dmp_engine_all_released(box->engine));
	fault_fs_set(FAULT_NONE);
	ENGINE_BOX_WAIT(box, engine_box_system(box).status == 0)
	assert_int_equal(engine_box_events(box, DMP_EVENT_STARTED, "site"), 1);
	close(fd);
}

static void
hanging_disk_delays_no_check(void **state)
{
	struct engine_box *box = *state;
	uint32_t before;
	int64_t began_ms;

	go_down_on_a_hanging_disk(box);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	before = engine_box_port(box, "ha/svc-a").checks;
	began_ms = engine_box_now_ms();
	engine_box_run(box, 1000);
	assert_true(engine_box_port(box, "ha/svc-a").checks - before >=
	            (uint64_t)(engine_box_now_ms() - began_ms) / 200);
}

#define ENGINE_TEST(name)                                                              \
	cmocka_unit_test_setup_teardown(name, engine_box_setup, engine_box_teardown)
#define FAULT_TEST(name)                                                               \
	cmocka_unit_test_setup_teardown(name, fault_setup, fault_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ENGINE_TEST(reload_keeps_index_state_counters_and_age),
	    ENGINE_TEST(reload_keeps_the_schedule),
	    ENGINE_TEST(reload_keeps_the_doubt),
	    ENGINE_TEST(port_in_flight_at_a_reload_is_checked_again_at_once),
	    ENGINE_TEST(removed_port_that_was_down_is_cleared),
	    ENGINE_TEST(port_that_comes_back_has_its_old_index_and_begins_anew),
	    ENGINE_TEST(level_that_becomes_informational_clears_what_was_raised),
	    ENGINE_TEST(plan_that_cannot_be_shown_changes_nothing),
	    ENGINE_TEST(rejected_configuration_is_a_warning_until_one_is_applied),
	    FAULT_TEST(row_with_an_event_waits_for_its_commit),
	    FAULT_TEST(row_that_waits_for_its_commit_goes_on_waiting_over_a_reload),
	    FAULT_TEST(alarm_is_released_from_memory_when_commits_fail_for_a_second),
	    FAULT_TEST(failing_commits_alone_are_a_warning),
	    FAULT_TEST(hanging_disk_delays_no_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
