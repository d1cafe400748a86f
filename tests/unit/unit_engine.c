/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine on its own clock: what it checks and when, what it announces, and what it
 * knows again after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "support/engine_box.h"
#include "support/fake_dns.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* One service "ha/svc-a" on a port. */
static void
apply_one(
    struct engine_box *box, uint16_t port, const char *interval, const char *attributes)
{
	struct dmp_text content = {0};

	engine_box_policy(&content, interval);
	engine_box_service(&content, 'a', "127.0.0.1", port, attributes);
	engine_box_apply(box, &content);
}

static void
wait_state(struct engine_box *box, const char *key, enum dmp_state state)
{
	ENGINE_BOX_WAIT(box, engine_box_port(box, key).state == state)
}

static void
wait_checks(struct engine_box *box, const char *key, uint32_t more)
{
	uint32_t before = engine_box_port(box, key).checks;

	ENGINE_BOX_WAIT(box, engine_box_port(box, key).checks >= before + more)
}

/* --- announcements --- */

static void
initial_up_is_not_announced(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_checks(box, "ha/svc-a", 3);
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_UP);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_UP, NULL), 0);
	close(fd);
}

static void
initial_down_is_confirmed_and_announced(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	assert_true(engine_box_port(box, "ha/svc-a").checks >= 2);
	wait_checks(box, "ha/svc-a", 3);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, "ha/svc-a"), 1);
}

static void
informational_port_announces_nothing(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "level='informational'");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	fd = engine_box_listen(port, NULL);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL), 0);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_UP, NULL), 0);
	close(fd);
}

static void
disabled_port_is_not_checked(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply_one(box, port, "100ms", "admin='disabled'");
	assert_int_equal(dmp_engine_check_now(box->engine, "ha/svc-a"), DMP_EPERM);
	engine_box_run(box, 500);
	assert_int_equal(
	    engine_box_port(box, "ha/svc-a").state, DMP_STATE_NOT_APPLICABLE);
	assert_int_equal(engine_box_port(box, "ha/svc-a").checks, 0);
	close(fd);
}

static void
disabling_clears_what_was_raised(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	apply_one(box, port, "100ms", "admin='disabled'");
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_CLEARED, NULL) == 1)
	assert_int_equal(
	    engine_box_event(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a").reason,
	    DMP_REASON_DISABLED);
}

static void
maintenance_is_checked_and_announces_nothing(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "admin='maintenance'");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	wait_checks(box, "ha/svc-a", 3);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL), 0);
	assert_int_equal(engine_box_system(box).maintenance, 1);
}

static void
maintenance_clears_what_was_raised_and_its_end_announces_what_is_true(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	apply_one(box, port, "100ms", "admin='maintenance'");
	wait_checks(box, "ha/svc-a", 3);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_CLEARED, NULL), 1);
	assert_int_equal(
	    engine_box_event(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a").reason,
	    DMP_REASON_MAINTENANCE);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL) == 2)
}

static void
state_change_is_told_once_with_its_detail(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_checks(box, "ha/svc-a", 2);
	assert_int_equal(box->changes, 1);
	close(fd);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	wait_checks(box, "ha/svc-a", 2);
	assert_int_equal(box->changes, 2);
	assert_string_equal(box->changed_key, "ha/svc-a");
	assert_int_equal(box->changed_to, DMP_STATE_DOWN);
}

/* --- the wall clock --- */

/* Checks are counted while the wall clock jumps: they depend on the other clock. */
static void
steps_of_the_wall_clock_change_no_check_and_no_event(void **state)
{
	static const int64_t STEPS_MS[] = {DAY_MS, -2 * (int64_t)DAY_MS, DAY_MS};
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_checks(box, "ha/svc-a", 1);
	for (size_t i = 0; i < sizeof STEPS_MS / sizeof STEPS_MS[0]; i++) {
		struct dmp_board_port_live before = engine_box_port(box, "ha/svc-a");
		struct dmp_board_port_live after;
		int64_t began_ms = engine_box_now_ms();

		box->wall_step_ms += STEPS_MS[i];
		ENGINE_BOX_WAIT(
		    box, engine_box_port(box, "ha/svc-a").checks >= before.checks + 8)
		after = engine_box_port(box, "ha/svc-a");
		assert_in_range(after.checks - before.checks, 8,
		    2 + (uint64_t)(engine_box_now_ms() - began_ms) / 90);
		assert_int_equal(after.change_ms, before.change_ms);
		assert_int_equal(after.change_wall_ms, before.change_wall_ms);
	}
	assert_int_equal(box->changes, 1);
	assert_int_equal(engine_box_system(box).last_event, 0);
	close(fd);
}

static void
step_of_the_wall_clock_shows_in_times_not_in_ages(void **state)
{
	struct engine_box *box = *state;
	struct dmp_board_port_live live;
	uint16_t port;
	int fd = engine_box_listen(0, &port);
	int64_t began_ms = engine_box_now_ms();

	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	box->wall_step_ms = -(int64_t)DAY_MS;
	close(fd);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	live = engine_box_port(box, "ha/svc-a");
	assert_in_range(live.change_ms, began_ms, engine_box_now_ms());
	assert_true(
	    live.change_wall_ms < dmp_clock_wall_ms(dmp_clock_system()) - DAY_MS / 2);
	assert_int_equal(
	    engine_box_event(box, DMP_EVENT_PORT_DOWN, NULL).time_ms / 1000,
	    live.change_wall_ms / 1000);
}

static void
wall_clock_set_back_between_two_runs_gives_no_negative_age(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	engine_box_stop(box);
	box->wall_step_ms = -(int64_t)DAY_MS;
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_DOWN);
	assert_true(engine_box_port(box, "ha/svc-a").change_ms <= engine_box_now_ms());
}

/* --- restarts --- */

static void
restart_while_down_announces_nothing_again_and_keeps_the_age(void **state)
{
	struct engine_box *box = *state;
	struct dmp_board_port_live before;
	struct dmp_board_port_live after;
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	engine_box_run(box, 1000);
	before = engine_box_port(box, "ha/svc-a");
	engine_box_stop(box);
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_DOWN);
	wait_checks(box, "ha/svc-a", 3);
	after = engine_box_port(box, "ha/svc-a");
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL), 1);
	assert_int_equal(after.change_wall_ms, before.change_wall_ms);
	assert_int_equal(after.last_event, before.last_event);
	/* Two clocks were read, one after the other. */
	assert_in_range(after.change_ms - before.change_ms + 500, 0, 1000);
}

static void
restart_announces_a_port_that_came_up_meanwhile(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	engine_box_stop(box);
	fd = engine_box_listen(port, NULL);
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_UP, "ha/svc-a"), 1);
	close(fd);
}

static void
restart_announces_a_port_that_went_down_meanwhile(void **state)
{
	struct engine_box *box = *state;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	engine_box_stop(box);
	close(fd);
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, "ha/svc-a"), 1);
}

static void
port_gone_over_a_restart_is_cleared(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_start(box);
	apply_one(box, port, "100ms", "");
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	engine_box_stop(box);
	engine_box_start(box);
	engine_box_service(&content, 'b', "127.0.0.1", port, "");
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_CLEARED, NULL) == 1)
	assert_int_equal(
	    engine_box_event(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a").reason,
	    DMP_REASON_REMOVED);
}

static void
index_of_a_key_survives_restarts_and_absence(void **state)
{
	struct engine_box *box = *state;
	uint32_t index[3];

	for (unsigned run = 0; run < 3; run++) {
		struct dmp_text content = {0};

		/* a and b, then b and c, then a alone */
		if (run != 1)
			engine_box_service(&content, 'a', "127.0.0.1", 9, "");
		if (run != 2)
			engine_box_service(&content, 'b', "127.0.0.1", 9, "");
		if (run == 1)
			engine_box_service(&content, 'c', "127.0.0.1", 9, "");
		engine_box_start(box);
		engine_box_apply(box, &content);
		if (run == 0) {
			index[0] = engine_box_index(box, "ha/svc-a");
			index[1] = engine_box_index(box, "hb/svc-b");
		} else if (run == 1) {
			index[2] = engine_box_index(box, "hc/svc-c");
			assert_int_equal(engine_box_index(box, "hb/svc-b"), index[1]);
			assert_true(index[2] > index[0] && index[2] > index[1]);
		} else {
			assert_int_equal(engine_box_index(box, "ha/svc-a"), index[0]);
		}
		engine_box_stop(box);
	}
}

/* --- names --- */

static void
last_address_goes_on_when_the_name_server_dies(void **state)
{
	struct engine_box *box = *state;
	struct fake_dns *dns = fake_dns_new(box->base);
	struct dmp_text content = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	fake_dns_addresses(dns, "127.0.0.1", "");
	box->dns = fake_dns_server(dns);
	engine_box_start(box);
	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "dma1.example.net", port, "");
	engine_box_apply(box, &content);
	wait_state(box, "ha/svc-a", DMP_STATE_UP);
	assert_string_equal(engine_box_port(box, "ha/svc-a").address, "127.0.0.1");
	fake_dns_rcode(dns, -1);
	box->dns_step_ms = DAY_MS; /* the answer is out of date */
	ENGINE_BOX_WAIT(
	    box, strstr(engine_box_port(box, "ha/svc-a").detail, "stale") != NULL)
	wait_checks(box, "ha/svc-a", 5);
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_UP);
	assert_int_equal(box->changes, 1);
	engine_box_stop(box);
	fake_dns_free(dns);
	close(fd);
}

static void
name_that_never_resolved_is_down_with_the_reason(void **state)
{
	struct engine_box *box = *state;
	struct fake_dns *dns = fake_dns_new(box->base);
	struct dmp_text content = {0};

	fake_dns_rcode(dns, 3);
	box->dns = fake_dns_server(dns);
	engine_box_start(box);
	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "dma1.example.net", 9, "");
	engine_box_apply(box, &content);
	wait_state(box, "ha/svc-a", DMP_STATE_DOWN);
	assert_int_equal(
	    engine_box_port(box, "ha/svc-a").reason, DMP_REASON_DNS_NO_NAME);
	assert_string_equal(engine_box_port(box, "ha/svc-a").address, "");
	engine_box_stop(box);
	fake_dns_free(dns);
}

#define ENGINE_TEST(name)                                                              \
	cmocka_unit_test_setup_teardown(name, engine_box_setup, engine_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ENGINE_TEST(initial_up_is_not_announced),
	    ENGINE_TEST(initial_down_is_confirmed_and_announced),
	    ENGINE_TEST(informational_port_announces_nothing),
	    ENGINE_TEST(disabled_port_is_not_checked),
	    ENGINE_TEST(disabling_clears_what_was_raised),
	    ENGINE_TEST(maintenance_is_checked_and_announces_nothing),
	    ENGINE_TEST(
	        maintenance_clears_what_was_raised_and_its_end_announces_what_is_true),
	    ENGINE_TEST(state_change_is_told_once_with_its_detail),
	    ENGINE_TEST(steps_of_the_wall_clock_change_no_check_and_no_event),
	    ENGINE_TEST(step_of_the_wall_clock_shows_in_times_not_in_ages),
	    ENGINE_TEST(wall_clock_set_back_between_two_runs_gives_no_negative_age),
	    ENGINE_TEST(restart_while_down_announces_nothing_again_and_keeps_the_age),
	    ENGINE_TEST(restart_announces_a_port_that_came_up_meanwhile),
	    ENGINE_TEST(restart_announces_a_port_that_went_down_meanwhile),
	    ENGINE_TEST(port_gone_over_a_restart_is_cleared),
	    ENGINE_TEST(index_of_a_key_survives_restarts_and_absence),
	    ENGINE_TEST(last_address_goes_on_when_the_name_server_dies),
	    ENGINE_TEST(name_that_never_resolved_is_down_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
