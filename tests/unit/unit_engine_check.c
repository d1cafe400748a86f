/* SPDX-License-Identifier: BSD-2-Clause */
/* Which attempts the engine makes: one per port at a time, one per shared endpoint, and
 * none late because of somebody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/door.h"
#include "support/engine_box.h"

enum { STUCK_PORTS = 100 };

static uint32_t
checks_of(struct engine_box *box, const char *key)
{
	return engine_box_port(box, key).checks;
}

/* The most attempts on a port that were seen to wait at once, in so many milliseconds.
 */
static unsigned
most_waiting(struct engine_box *box, uint16_t port, uint32_t ms)
{
	int64_t end_ms = engine_box_now_ms() + ms;
	unsigned most = 0;

	while (engine_box_now_ms() < end_ms) {
		unsigned n = engine_box_waiting(port, NULL);

		if (n > most)
			most = n;
		engine_box_turn(box);
	}
	return most;
}

static void
slow_target_has_one_attempt_at_a_time(void **state)
{
	struct engine_box *box = *state;
	struct engine_box_stuck stuck = engine_box_stuck_open();
	struct dmp_text content = {0};

	dmp_text_append(&content,
	    "<policy interval='100ms' fast='50ms' slow='100ms' timeout='700ms' "
	    "depth='connect'/>");
	engine_box_service(&content, 'a', "127.0.0.1", stuck.port, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	assert_int_equal(most_waiting(box, stuck.port, 2000), 1);
	assert_in_range(checks_of(box, "ha/svc-a"), 1, 3);
	assert_int_equal(engine_box_port(box, "ha/svc-a").reason, DMP_REASON_TIMEOUT);
	engine_box_stuck_close(&stuck);
}

static void
check_now_leaves_a_running_attempt_alone(void **state)
{
	struct engine_box *box = *state;
	struct engine_box_stuck stuck = engine_box_stuck_open();
	struct dmp_text content = {0};

	dmp_text_append(&content, "<policy timeout='700ms' depth='connect'/>");
	engine_box_service(&content, 'a', "127.0.0.1", stuck.port, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_waiting(stuck.port, NULL) == 1)
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(dmp_engine_check_now(box->engine, NULL), DMP_OK);
		assert_int_equal(most_waiting(box, stuck.port, 50), 1);
	}
	ENGINE_BOX_WAIT(box, checks_of(box, "ha/svc-a") == 1)
	engine_box_stuck_close(&stuck);
}

static void
check_now_checks_one_port_or_all_and_no_unknown_one(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port_a;
	uint16_t port_b;
	int a = engine_box_listen(0, &port_a);
	int b = engine_box_listen(0, &port_b);

	engine_box_policy(&content, "1h");
	engine_box_service(&content, 'a', "127.0.0.1", port_a, "");
	engine_box_service(&content, 'b', "127.0.0.1", port_b, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(
	    box, checks_of(box, "ha/svc-a") == 1 && checks_of(box, "hb/svc-b") == 1)
	assert_int_equal(dmp_engine_check_now(box->engine, "ha/svc-a"), DMP_OK);
	ENGINE_BOX_WAIT(box, checks_of(box, "ha/svc-a") == 2)
	assert_int_equal(checks_of(box, "hb/svc-b"), 1);
	assert_int_equal(dmp_engine_check_now(box->engine, NULL), DMP_OK);
	ENGINE_BOX_WAIT(
	    box, checks_of(box, "ha/svc-a") == 3 && checks_of(box, "hb/svc-b") == 2)
	assert_int_equal(dmp_engine_check_now(box->engine, "ha/svc-z"), DMP_ENOENT);
	close(a);
	close(b);
}

static void
ports_of_a_stuck_host_delay_no_other_host(void **state)
{
	static struct engine_box_stuck stuck[STUCK_PORTS];
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);
	uint32_t before;
	int64_t began_ms;

	engine_box_policy(&content, "100ms");
	dmp_text_append(
	    &content, "<host name='stuck' address='127.0.0.1' roles='device'>");
	for (size_t i = 0; i < STUCK_PORTS; i++) {
		stuck[i] = engine_box_stuck_open();
		dmp_text_printf(&content,
		    "<port requirement='slow' port='%u' timeout='2s' interval='2s'/>",
		    stuck[i].port);
	}
	dmp_text_append(&content,
	    "</host><requirement key='slow' index='10100' title='Slow' transport='tcp' "
	    "port='1' to='client' level='required' probe='connect'/>");
	engine_box_service(&content, 'a', "127.0.0.2", port, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_waiting(stuck[STUCK_PORTS - 1].port, NULL) > 0)
	before = checks_of(box, "ha/svc-a");
	began_ms = engine_box_now_ms();
	engine_box_run(box, 2000);
	/* 100 ms apart; a busy machine may be late, but they went on. */
	assert_in_range(checks_of(box, "ha/svc-a") - before,
	    (uint64_t)(engine_box_now_ms() - began_ms) / 400,
	    (uint64_t)(engine_box_now_ms() - began_ms) / 90 + 1);
	for (size_t i = 0; i < STUCK_PORTS; i++)
		engine_box_stuck_close(&stuck[i]);
	close(fd);
}

/* Three ports on one endpoint. */
static void
shared_services(struct dmp_text *content, uint16_t port)
{
	engine_box_service(content, 'a', "127.0.0.1", port, "");
	engine_box_service(content, 'b', "127.0.0.1", port, "");
	engine_box_service(content, 'c', "127.0.0.1", port, "");
}

static void
ports_of_an_endpoint_share_one_connect_per_sweep(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);
	uint32_t checks;

	engine_box_policy(&content, "100ms");
	shared_services(&content, port);
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, checks_of(box, "hc/svc-c") >= 10)
	checks = checks_of(box, "hc/svc-c");
	assert_int_equal(checks_of(box, "ha/svc-a"), checks);
	assert_int_equal(checks_of(box, "hb/svc-b"), checks);
	assert_in_range(engine_box_accept(fd), checks, checks + 1);
	close(fd);
}

static void
ports_of_a_stuck_endpoint_wait_for_one_attempt(void **state)
{
	struct engine_box *box = *state;
	struct engine_box_stuck stuck = engine_box_stuck_open();
	struct dmp_text content = {0};

	engine_box_policy(&content, "100ms");
	shared_services(&content, stuck.port);
	engine_box_start(box);
	engine_box_apply(box, &content);
	assert_int_equal(most_waiting(box, stuck.port, 3000), 1);
	for (char key = 'a'; key <= 'c'; key++) {
		const char name[] = {'h', key, '/', 's', 'v', 'c', '-', key, '\0'};

		assert_int_equal(engine_box_port(box, name).state, DMP_STATE_DOWN);
	}
	engine_box_stuck_close(&stuck);
}

/* Three services at one door, and one at a door of its own, all of one host. */
static void
services_of_an_endpoint_are_asked_one_after_the_other(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	struct door shared;
	struct door own;

	door_open(&shared, box->base);
	door_open(&own, box->base);
	dmp_text_append(&content,
	    "<policy interval='100ms' fast='100ms' timeout='2s' depth='identify'/>"
	    "<host name='h' address='127.0.0.1' roles='device'/>");
	for (unsigned i = 0; i < 4; i++)
		dmp_text_printf(&content,
		    "<requirement key='svc-%u' index='%u' title='Service' "
		    "transport='tcp' port='%u' to='device' level='required' "
		    "probe='http' path='/%u'/>",
		    i, 10001 + i, i < 3 ? shared.port : own.port, i);
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, shared.visits >= 24 && own.visits >= 8)
	assert_int_equal(shared.most, 1);
	for (unsigned i = 0; i < 4; i++) {
		const char key[] = {'h', '/', 's', 'v', 'c', '-', (char)('0' + i), 0};

		assert_in_range(checks_of(box, key), i < 3 ? 6 : 7, 30);
		assert_int_equal(engine_box_port(box, key).state, DMP_STATE_UP);
	}
	engine_box_stop(box);
	door_close(&shared);
	door_close(&own);
}

/* 300 ms are enough for one of the two, a second is granted to the other. */
static void
timeout_of_a_sibling_cuts_no_longer_patience_short(void **state)
{
	struct engine_box *box = *state;
	struct engine_box_stuck stuck = engine_box_stuck_open();
	struct dmp_text content = {0};
	int64_t began_ms = engine_box_now_ms();

	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "127.0.0.1", stuck.port, "");
	engine_box_service(&content, 'b', "127.0.0.1", stuck.port, "timeout='1s'");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "hb/svc-b").state == DMP_STATE_DOWN)
	assert_true(engine_box_now_ms() - began_ms >= 1000);
	assert_int_equal(engine_box_port(box, "hb/svc-b").reason, DMP_REASON_TIMEOUT);
	engine_box_stuck_close(&stuck);
}

static void
only_the_first_required_port_of_an_endpoint_announces(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);

	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "127.0.0.1", port, "level='optional'");
	engine_box_service(&content, 'b', "127.0.0.1", port, "");
	engine_box_service(&content, 'c', "127.0.0.1", port, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, checks_of(box, "hc/svc-c") >= 2)
	close(fd);
	ENGINE_BOX_WAIT(
	    box, engine_box_port(box, "ha/svc-a").state == DMP_STATE_DOWN &&
	             engine_box_port(box, "hb/svc-b").state == DMP_STATE_DOWN)
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, "hb/svc-b"), 1);
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_DOWN, NULL), 1);
	assert_int_equal(
	    engine_box_port(box, "ha/svc-a").suppressed, DMP_SUPPRESSED_ENDPOINT);
	assert_int_equal(
	    engine_box_port(box, "hb/svc-b").suppressed, DMP_SUPPRESSED_NONE);
}

/* The port that spoke for the endpoint goes; the next one has to. */
static void
suppressed_port_speaks_when_the_first_is_removed(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;

	close(engine_box_listen(0, &port));
	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "127.0.0.1", port, "");
	engine_box_service(&content, 'b', "127.0.0.1", port, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(
	    box, engine_box_port(box, "hb/svc-b").suppressed == DMP_SUPPRESSED_ENDPOINT)
	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'b', "127.0.0.1", port, "");
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(
	    box, engine_box_events(box, DMP_EVENT_PORT_DOWN, "hb/svc-b") == 1)
	assert_int_equal(engine_box_events(box, DMP_EVENT_PORT_CLEARED, "ha/svc-a"), 1);
	ENGINE_BOX_WAIT(
	    box, engine_box_port(box, "hb/svc-b").suppressed == DMP_SUPPRESSED_NONE)
}

static void
ipv6_literal_is_checked(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};

	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "::1", 9, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "ha/svc-a").state == DMP_STATE_DOWN)
	assert_int_equal(engine_box_port(box, "ha/svc-a").reason, DMP_REASON_REFUSED);
	assert_string_equal(engine_box_port(box, "ha/svc-a").address, "::1");
}

/* A host with a dead and a living address is up on the living one, and asks that one
 * first from then on. */
static void
address_that_answers_goes_first_the_next_time(void **state)
{
	struct engine_box *box = *state;
	struct dmp_text content = {0};
	uint16_t port;
	int fd = engine_box_listen(0, &port);
	uint32_t checks;

	engine_box_policy(&content, "100ms");
	engine_box_service(&content, 'a', "127.0.0.2 127.0.0.1", port, "");
	engine_box_start(box);
	engine_box_apply(box, &content);
	ENGINE_BOX_WAIT(box, checks_of(box, "ha/svc-a") >= 3)
	checks = checks_of(box, "ha/svc-a");
	assert_int_equal(engine_box_port(box, "ha/svc-a").state, DMP_STATE_UP);
	assert_string_equal(engine_box_port(box, "ha/svc-a").address, "127.0.0.1");
	assert_in_range(engine_box_accept(fd), checks, checks + 1);
	close(fd);
}

#define ENGINE_TEST(name)                                                              \
	cmocka_unit_test_setup_teardown(name, engine_box_setup, engine_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ENGINE_TEST(slow_target_has_one_attempt_at_a_time),
	    ENGINE_TEST(check_now_leaves_a_running_attempt_alone),
	    ENGINE_TEST(check_now_checks_one_port_or_all_and_no_unknown_one),
	    ENGINE_TEST(ports_of_a_stuck_host_delay_no_other_host),
	    ENGINE_TEST(ports_of_an_endpoint_share_one_connect_per_sweep),
	    ENGINE_TEST(ports_of_a_stuck_endpoint_wait_for_one_attempt),
	    ENGINE_TEST(services_of_an_endpoint_are_asked_one_after_the_other),
	    ENGINE_TEST(timeout_of_a_sibling_cuts_no_longer_patience_short),
	    ENGINE_TEST(only_the_first_required_port_of_an_endpoint_announces),
	    ENGINE_TEST(suppressed_port_speaks_when_the_first_is_removed),
	    ENGINE_TEST(ipv6_literal_is_checked),
	    ENGINE_TEST(address_that_answers_goes_first_the_next_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
