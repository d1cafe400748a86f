/* SPDX-License-Identifier: BSD-2-Clause */
/* Raised problems that are said once more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "support/engine_box.h"

/* Two services on ports that nobody listens on, announced as down. */
static void
start_with_two_down(struct engine_box *box)
{
	struct dmp_text content = {0};
	uint16_t port;

	engine_box_start(box);
	engine_box_policy(&content, "100ms");
	close(engine_box_listen(0, &port));
	engine_box_service(&content, 'a', "127.0.0.1", port, "");
	close(engine_box_listen(0, &port));
	engine_box_service(&content, 'b', "127.0.0.1", port, "");
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL) == 2)
	ENGINE_BOX_WAIT(box, dmp_engine_all_released(box->engine))
}

static void
nothing_raised_repeats_nothing(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint32_t n = 77;
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_start(box);
	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "127.0.0.1", port, "");
	engine_box_apply(box, &content);
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	assert_int_equal(n, 0);
	close(fd);
}

/* A new number and time; everything else as it was announced. */
static void
every_raised_problem_is_repeated_as_a_new_event(void **state)
{
	static const char *const KEYS[] = {"ha/svc-a", "hb/svc-b"};
	struct engine_box *box = *state;
	struct dmp_event first[2];
	uint32_t n = 0;

	start_with_two_down(box);
	for (int i = 0; i < 2; i++)
		first[i] = engine_box_event(box, DMP_EVENT_PORT_DOWN, KEYS[i]);
	box->wall_step_ms += 5000;
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	assert_int_equal(n, 2);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL) == 4)
	for (int i = 0; i < 2; i++) {
		struct dmp_event again =
		    engine_box_event(box, DMP_EVENT_PORT_DOWN, KEYS[i]);
		char message[DMP_MESSAGE_TEXT];

		assert_true(again.sequence > first[i].sequence);
		assert_true(again.time_ms >= first[i].time_ms + 5000);
		assert_int_equal(again.state, DMP_STATE_DOWN);
		assert_int_equal(again.previous_state, DMP_STATE_DOWN);
		dmp_text_format(
		    message, sizeof message, "repeated: %.240s", first[i].message);
		assert_memory_equal(again.message, message, strlen(message));
		assert_string_equal(again.source, first[i].source);
		assert_string_equal(again.host_name, first[i].host_name);
		assert_string_equal(again.address, first[i].address);
		assert_string_equal(again.service, first[i].service);
		assert_int_equal(again.severity, first[i].severity);
		assert_int_equal(again.reason, first[i].reason);
		assert_int_equal(again.level, first[i].level);
		assert_int_equal(again.transport, first[i].transport);
		assert_int_equal(again.port, first[i].port);
		assert_int_equal(again.port_index, first[i].port_index);
		assert_int_equal(again.host_index, first[i].host_index);
		assert_int_equal(again.epoch, first[i].epoch);
	}
}

static void
a_repetition_is_the_newest_event_of_its_port(void **state)
{
	struct engine_box *box = *state;
	uint32_t first;
	uint32_t n = 0;

	start_with_two_down(box);
	first = engine_box_event(box, DMP_EVENT_PORT_DOWN, "ha/svc-a").sequence;
	assert_int_equal(engine_box_port(box, "ha/svc-a").last_event, first);
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	/* Not before it is committed. */
	assert_int_equal(engine_box_port(box, "ha/svc-a").last_event, first);
	ENGINE_BOX_WAIT(box, dmp_engine_all_released(box->engine))
	assert_int_equal(engine_box_port(box, "ha/svc-a").last_event,
	    engine_box_event(box, DMP_EVENT_PORT_DOWN, "ha/svc-a").sequence);
	assert_true(engine_box_port(box, "ha/svc-a").last_event > first);
	assert_true(engine_box_port(box, "hb/svc-b").last_event > first);
}

static void
a_repetition_under_way_is_not_repeated(void **state)
{
	struct engine_box *box = *state;
	uint32_t n = 0;

	start_with_two_down(box);
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	n = 77;
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_EBUSY);
	assert_int_equal(n, 77);
	ENGINE_BOX_WAIT(box, dmp_engine_all_released(box->engine))
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	assert_int_equal(n, 2);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL) == 6)
}

/* It is announced once, whatever was repeated, and cleared once. */
static void
a_repeated_problem_is_cleared_by_one_event(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint32_t n = 0;
	uint16_t port;
	int fd;

	engine_box_start(box);
	engine_box_policy(&content, "100ms");
	close(engine_box_listen(0, &port));
	engine_box_service(&content, 'a', "127.0.0.1", port, "");
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL) == 1)
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	fd = engine_box_listen(port, &port);
	ENGINE_BOX_WAIT(box, engine_box_events(box, DMP_EVENT_PORT_UP, NULL) == 1)
	engine_box_run(box, 300);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL), 2);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_UP, NULL), 1);
	assert_int_equal(dmp_engine_resend(box->engine, &n), DMP_OK);
	assert_int_equal(n, 0);
	close(fd);
}

#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, engine_box_setup, engine_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_raised_repeats_nothing),
	    TEST(every_raised_problem_is_repeated_as_a_new_event),
	    TEST(a_repetition_is_the_newest_event_of_its_port),
	    TEST(a_repetition_under_way_is_not_repeated),
	    TEST(a_repeated_problem_is_cleared_by_one_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
