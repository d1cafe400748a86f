/* SPDX-License-Identifier: BSD-2-Clause */
/* One check of everything: each port is reported once, within the limits. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "engine/sweep.h"
#include "probe/resolve.h"
#include "support/door.h"

enum { PORTS = 40 };

struct fixture {
	struct event_base *base;
	struct dmp_resolver *resolver;
	struct dmp_plan plan;
	struct dmp_plan_host hosts[2];
	struct dmp_plan_port ports[PORTS];
	struct dmp_probe_result results[PORTS];
	unsigned reported[PORTS];
	unsigned n_done;
	int listener;
	int closed; /* holds a port that nobody listens on */
	uint16_t open_port;
	uint16_t closed_port;
};

static int
bound_socket(uint16_t *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->base = event_base_new();
	assert_non_null(f->base);
	assert_int_equal(
	    dmp_resolver_new(f->base, dmp_clock_system(), "127.0.0.1:1", &f->resolver),
	    DMP_OK);
	f->listener = bound_socket(&f->open_port);
	assert_int_equal(listen(f->listener, PORTS), 0);
	f->closed = bound_socket(&f->closed_port);
	f->hosts[0] = (struct dmp_plan_host){
	    .name = "a", .addresses = {"127.0.0.1"}, .n_addresses = 1};
	f->plan.hosts = f->hosts;
	f->plan.n_hosts = 1;
	f->plan.ports = f->ports;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dmp_resolver_free(f->resolver);
	event_base_free(f->base);
	(void)close(f->listener);
	(void)close(f->closed);
	free(f);
	return 0;
}

static struct dmp_plan_port *
add_port(struct fixture *f, uint16_t number)
{
	struct dmp_plan_port *port = &f->ports[f->plan.n_ports++];

	*port = (struct dmp_plan_port){
	    .number = number,
	    .transport = DMP_TRANSPORT_TCP,
	    .level = DMP_LEVEL_REQUIRED,
	    .probe = DMP_PROBE_CONNECT,
	    .admin = DMP_ADMIN_ENABLED,
	    .policy = {.timeout_ms = 200, .depth = DMP_DEPTH_CONNECT},
	};
	return port;
}

static void
on_port(size_t port, const struct dmp_probe_result *result, void *arg)
{
	struct fixture *f = arg;

	assert_true(port < f->plan.n_ports);
	f->results[port] = *result;
	f->reported[port]++;
}

static void
on_done(void *arg)
{
	struct fixture *f = arg;

	f->n_done++;
	(void)event_base_loopbreak(f->base);
}

static void
run(struct fixture *f, size_t max_in_flight, size_t max_descriptors)
{
	struct dmp_sweep_config config = {
	    .base = f->base,
	    .clock = dmp_clock_system(),
	    .resolver = f->resolver,
	    .plan = &f->plan,
	    .max_in_flight = max_in_flight,
	    .max_descriptors = max_descriptors,
	    .port = on_port,
	    .done = on_done,
	    .arg = f,
	};
	struct dmp_sweep *sweep;

	assert_int_equal(dmp_sweep_start(&config, &sweep), DMP_OK);
	assert_int_equal(f->n_done, 0);
	assert_true(event_base_dispatch(f->base) >= 0);
	dmp_sweep_free(sweep);
	assert_int_equal(f->n_done, 1);
	for (size_t i = 0; i < f->plan.n_ports; i++)
		assert_int_equal(f->reported[i], 1);
}

static void
every_port_is_reported_once_whatever_the_limits(void **state)
{
	static const struct {
		size_t in_flight;
		size_t descriptors;
	} limits[] = {{256, 4096}, {1, 4096}, {256, 0}, {3, 5}};

	(void)state;
	for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
		struct fixture *f;
		void *fresh;

		(void)setup(&fresh);
		f = fresh;
		for (size_t i = 0; i < PORTS; i++)
			(void)add_port(f, i % 2 ? f->open_port : f->closed_port);
		run(f, limits[l].in_flight, limits[l].descriptors);
		for (size_t i = 0; i < PORTS; i++)
			assert_int_equal(f->results[i].reason,
			    i % 2 ? DMP_REASON_OPEN : DMP_REASON_REFUSED);
		(void)teardown(&fresh);
	}
}

static void
a_plan_without_ports_is_done_at_once(void **state)
{
	run(*state, 1, 1);
}

static void
ports_that_are_excused_are_not_probed(void **state)
{
	struct fixture *f = *state;

	add_port(f, f->open_port)->admin = DMP_ADMIN_DISABLED;
	add_port(f, f->open_port)->admin = DMP_ADMIN_MAINTENANCE;
	run(f, 256, 256);
	assert_int_equal(f->results[0].reason, DMP_REASON_DISABLED);
	assert_int_equal(f->results[1].reason, DMP_REASON_MAINTENANCE);
	assert_int_equal(f->results[0].outcome, DMP_OUTCOME_INCONCLUSIVE);
}

static void
a_host_without_an_address_of_the_family_has_a_reason(void **state)
{
	struct fixture *f = *state;

	add_port(f, f->open_port)->family = DMP_FAMILY_6;
	add_port(f, f->open_port)->family = DMP_FAMILY_4;
	run(f, 256, 256);
	assert_int_equal(f->results[0].reason, DMP_REASON_DNS_NO_NAME);
	assert_int_equal(f->results[1].reason, DMP_REASON_OPEN);
}

/* The name server refuses; the literal's ports do not wait for it. */
static void
a_name_that_cannot_be_found_fails_only_its_ports(void **state)
{
	struct fixture *f = *state;

	f->hosts[1] = (struct dmp_plan_host){
	    .name = "b", .addresses = {"no.such.host.test"}, .n_addresses = 1};
	f->plan.n_hosts = 2;
	add_port(f, f->open_port)->host = 1;
	(void)add_port(f, f->open_port);
	run(f, 256, 256);
	assert_int_equal(f->results[0].outcome, DMP_OUTCOME_FAIL);
	assert_in_range(
	    f->results[0].reason, DMP_REASON_DNS_NO_NAME, DMP_REASON_DNS_TIMEOUT);
	assert_int_equal(f->results[1].reason, DMP_REASON_OPEN);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct fixture *f = arg;
	int queued;

	(void)fd;
	(void)what;
	/* Make room: who was silent at the first attempt answers the second. */
	while ((queued = accept(f->listener, NULL, NULL)) >= 0)
		(void)close(queued);
}

/* A listener whose queue is full drops SYNs, and TCP sends them again after 1 s: the
 * first attempt times out. */
static void
a_timeout_is_confirmed_by_a_second_attempt(void **state)
{
	struct fixture *f = *state;
	static const struct timeval later = {0, 150000};
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct event *tick;
	int fillers[8];

	assert_int_equal(listen(f->listener, 0), 0);
	assert_int_equal(evutil_make_socket_nonblocking(f->listener), 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(f->open_port);
	for (size_t i = 0; i < 8; i++) {
		fillers[i] =
		    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
	}
	add_port(f, f->open_port)->policy.timeout_ms = 300;
	tick = evtimer_new(f->base, on_tick, f);
	assert_non_null(tick);
	assert_int_equal(evtimer_add(tick, &later), 0);
	run(f, 256, 256);
	event_free(tick);
	for (size_t i = 0; i < 8; i++)
		(void)close(fillers[i]);
	assert_int_equal(f->results[0].reason, DMP_REASON_OPEN);
}

static struct dmp_plan_port *
add_visitor(struct fixture *f, const struct door *door, const char *path)
{
	struct dmp_plan_port *port = add_port(f, door->port);

	port->requirement = f->plan.n_ports;
	port->probe = DMP_PROBE_HTTP;
	port->tls = DMP_NO;
	port->path = path;
	port->expect = "";
	port->policy.depth = DMP_DEPTH_IDENTIFY;
	port->policy.timeout_ms = 2000;
	return port;
}

/* Two endpoints with three services each, side by side. */
static void
services_of_an_endpoint_are_asked_one_after_the_other(void **state)
{
	static const char *const PATHS[] = {"/a", "/b", "/c"};
	struct fixture *f = *state;
	struct door doors[2];

	door_open(&doors[0], f->base);
	door_open(&doors[1], f->base);
	doors[0].beside = &doors[1];
	doors[1].beside = &doors[0];
	for (size_t i = 0; i < 3; i++) {
		(void)add_visitor(f, &doors[0], PATHS[i]);
		(void)add_visitor(f, &doors[1], PATHS[i]);
	}
	run(f, 256, 256);
	for (size_t i = 0; i < f->plan.n_ports; i++)
		assert_int_equal(f->results[i].outcome, DMP_OUTCOME_OK);
	for (size_t d = 0; d < 2; d++) {
		assert_int_equal(doors[d].most, 1);
		assert_int_equal(doors[d].visits, 3);
		for (size_t i = 0; i < 3; i++)
			assert_string_equal(doors[d].paths[i], PATHS[i]);
		door_close(&doors[d]);
	}
	assert_true(doors[0].met || doors[1].met);
}

/* They all wait for the same silence: two attempts are made, not sixty-four. */
static void
timeout_of_an_endpoint_is_found_once_for_all(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in address = {.sin_family = AF_INET};
	int64_t began_ms = dmp_clock_mono_ms(dmp_clock_system());
	enum { SERVICES = 32 };
	int fillers[8];

	assert_int_equal(listen(f->listener, 0), 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(f->open_port);
	for (size_t i = 0; i < 8; i++) {
		fillers[i] =
		    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
	}
	for (size_t i = 0; i < SERVICES; i++)
		add_port(f, f->open_port)->policy.timeout_ms = 300;
	add_port(f, f->open_port)->admin = DMP_ADMIN_MAINTENANCE;
	run(f, 256, 256);
	for (size_t i = 0; i < 8; i++)
		(void)close(fillers[i]);
	for (size_t i = 0; i < SERVICES; i++)
		assert_int_equal(f->results[i].reason, DMP_REASON_TIMEOUT);
	assert_int_equal(f->results[SERVICES].reason, DMP_REASON_MAINTENANCE);
	assert_in_range(
	    dmp_clock_mono_ms(dmp_clock_system()) - began_ms, 600, SERVICES * 300 - 1);
}

static void
freeing_a_running_sweep_calls_nobody(void **state)
{
	struct fixture *f = *state;
	struct dmp_sweep_config config = {
	    .base = f->base,
	    .clock = dmp_clock_system(),
	    .resolver = f->resolver,
	    .plan = &f->plan,
	    .max_in_flight = 1,
	    .max_descriptors = 100,
	    .port = on_port,
	    .done = on_done,
	    .arg = f,
	};
	struct dmp_sweep *sweep;

	for (size_t i = 0; i < PORTS; i++)
		(void)add_port(f, f->open_port);
	assert_int_equal(dmp_sweep_start(&config, &sweep), DMP_OK);
	assert_int_equal(event_base_loop(f->base, EVLOOP_ONCE), 0);
	dmp_sweep_free(sweep);
	memset(f->reported, 0, sizeof(f->reported));
	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
	for (size_t i = 0; i < PORTS; i++)
		assert_int_equal(f->reported[i], 0);
	assert_int_equal(f->n_done, 0);
	dmp_sweep_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_port_is_reported_once_whatever_the_limits),
	    TEST(a_plan_without_ports_is_done_at_once),
	    TEST(ports_that_are_excused_are_not_probed),
	    TEST(a_host_without_an_address_of_the_family_has_a_reason),
	    TEST(a_name_that_cannot_be_found_fails_only_its_ports),
	    TEST(a_timeout_is_confirmed_by_a_second_attempt),
	    TEST(services_of_an_endpoint_are_asked_one_after_the_other),
	    TEST(timeout_of_an_endpoint_is_found_once_for_all),
	    TEST(freeing_a_running_sweep_calls_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
