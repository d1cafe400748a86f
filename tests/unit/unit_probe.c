/* SPDX-License-Identifier: BSD-2-Clause */
/* One attempt on one TCP port of the loopback: reasons, deadlines, races, leaks. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/probe.h"
#include "support/probe_run.h"

static int
setup(void **state)
{
	*state = event_base_new();
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	event_base_free(*state);
	return 0;
}

/* A listener that will drop every further SYN: its queue is full. */
struct full_listener {
	int listener;
	int clients[8];
	uint16_t port;
};

static void
full_listener_open(struct full_listener *full)
{
	struct dmp_probe_spec spec;
	struct sockaddr_storage peer;
	socklen_t size;

	full->listener = bound_socket("127.0.0.1", SOCK_STREAM, 0, &full->port);
	spec = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", full->port, 1);
	size = dmp_address_to_socket(&spec.addresses[0], full->port, &peer);
	for (int i = 0; i < 8; i++) {
		full->clients[i] =
		    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(full->clients[i] >= 0);
		(void)connect(full->clients[i], (struct sockaddr *)&peer, size);
	}
}

static void
full_listener_close(struct full_listener *full)
{
	for (int i = 0; i < 8; i++)
		close(full->clients[i]);
	close(full->listener);
}

static void
listening_port_is_open(void **state)
{
	static const char *const ADDRESSES[] = {"127.0.0.1", "127.0.0.77", "::1"};

	for (size_t i = 0; i < 3; i++) {
		uint16_t port;
		int fd = bound_socket(ADDRESSES[i], SOCK_STREAM, 8, &port);
		struct dmp_probe_spec spec =
		    probe_spec(DMP_TRANSPORT_TCP, ADDRESSES[i], port, 1000);
		struct dmp_probe_result result = probe_run(*state, &spec);

		assert_int_equal(result.reason, DMP_REASON_OPEN);
		assert_int_equal(result.outcome, DMP_OUTCOME_OK);
		assert_int_equal(result.progress, DMP_PROGRESS_CONNECTED);
		assert_true(result.latency_us >= 1 && result.latency_us < 1000000);
		assert_true(dmp_address_equal(&result.address, &spec.addresses[0]));
		assert_int_equal(result.tls_days_left, INT32_MAX);
		assert_string_equal(result.identity, "");
		close(fd);
	}
}

static void
connect_never_wakes_accept(void **state)
{
	uint16_t port;
	int fd = bound_socket("127.0.0.1", SOCK_STREAM, 64, &port);
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 1000);

	for (int i = 0; i < 50; i++)
		assert_int_equal(probe_run(*state, &spec).reason, DMP_REASON_OPEN);
	assert_int_equal(accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd);
}

static void
fin_close_is_an_orderly_connection(void **state)
{
	char byte;
	uint16_t port;
	int fd = bound_socket("127.0.0.1", SOCK_STREAM, 8, &port);
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 1000);
	int client;

	spec.close = DMP_PROBE_CLOSE_FIN;
	assert_int_equal(probe_run(*state, &spec).reason, DMP_REASON_OPEN);
	client = accept(fd, NULL, NULL);
	assert_true(client >= 0);
	assert_int_equal(read(client, &byte, 1), 0);
	close(client);
	close(fd);
}

static void
identify_of_an_unproven_kind_means_connect(void **state)
{
	uint16_t port;
	int fd = bound_socket("127.0.0.1", SOCK_STREAM, 8, &port);
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 1000);

	assert_false(dmp_probe_can_identify(DMP_PROBE_CONNECT));
	spec.kind = DMP_PROBE_CONNECT;
	spec.depth = DMP_PROBE_IDENTIFY;
	assert_int_equal(probe_run(*state, &spec).reason, DMP_REASON_OPEN);
	close(fd);
}

static void
closed_port_is_refused(void **state)
{
	static const char *const ADDRESSES[] = {"127.0.0.1", "127.0.0.77", "::1"};

	for (size_t i = 0; i < 3; i++) {
		struct dmp_probe_spec spec = probe_spec(DMP_TRANSPORT_TCP, ADDRESSES[i],
		    closed_port(ADDRESSES[i], SOCK_STREAM), 1000);
		struct dmp_probe_result result = probe_run(*state, &spec);

		assert_int_equal(result.reason, DMP_REASON_REFUSED);
		assert_int_equal(result.outcome, DMP_OUTCOME_FAIL);
		assert_int_equal(result.progress, DMP_PROGRESS_REACHED);
	}
}

static void
full_backlog_is_a_timeout_at_the_deadline(void **state)
{
	struct full_listener full;
	struct dmp_probe_spec spec;
	struct dmp_probe_result result;
	int64_t begin_ms, took_ms;

	full_listener_open(&full);
	spec = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", full.port, 120);
	begin_ms = dmp_clock_mono_ms(dmp_clock_system());
	result = probe_run(*state, &spec);
	took_ms = dmp_clock_mono_ms(dmp_clock_system()) - begin_ms;
	assert_int_equal(result.reason, DMP_REASON_TIMEOUT);
	assert_int_equal(result.progress, DMP_PROGRESS_NONE);
	assert_int_equal(result.latency_us, 0);
	assert_string_equal(result.detail, "no SYN-ACK within 120 ms");
	assert_true(took_ms >= 119);
	full_listener_close(&full);
}

struct kept {
	struct dmp_probe_result result;
	int calls;
};

static void
keep_result(const struct dmp_probe_result *result, void *arg)
{
	struct kept *kept = arg;

	kept->result = *result;
	kept->calls++;
}

static struct dmp_probe *
start(struct event_base *base, const struct dmp_probe_spec *spec, struct kept *kept)
{
	struct dmp_probe *probe = NULL;

	assert_int_equal(
	    dmp_probe_start(base, dmp_clock_system(), spec, keep_result, kept, &probe),
	    DMP_OK);
	return probe;
}

/* FIN mode sends the last ACK of the handshake at once, so the service can be first. */
static void
service_that_accepts_and_resets_is_open(void **state)
{
	struct linger reset = {.l_onoff = 1};
	uint16_t port;
	int fd = bound_socket("127.0.0.1", SOCK_STREAM, 8, &port);
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 1000);
	struct kept kept = {0};
	int client;

	spec.close = DMP_PROBE_CLOSE_FIN;
	(void)start(*state, &spec, &kept);
	client = accept(fd, NULL, NULL);
	assert_true(client >= 0);
	assert_int_equal(
	    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
	close(client);
	(void)event_base_dispatch(*state);
	assert_int_equal(kept.calls, 1);
	assert_int_equal(kept.result.reason, DMP_REASON_OPEN);
	close(fd);
}

static void
lack_of_descriptors_is_inconclusive(void **state)
{
	struct rlimit limit, none;
	struct dmp_probe_spec spec = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", 1, 500);
	struct dmp_probe_result result;
	int probe_fd = dup(0);

	assert_true(probe_fd >= 0);
	close(probe_fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = (rlim_t)probe_fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	result = probe_run(*state, &spec);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(result.reason, DMP_REASON_LOCAL_LIMIT);
	assert_int_equal(result.outcome, DMP_OUTCOME_INCONCLUSIVE);
}

static void
cancel_leaves_no_descriptor_and_no_callback(void **state)
{
	struct full_listener full;
	struct dmp_probe_spec spec;
	struct kept kept = {0};
	struct dmp_probe *probes[20];
	int before;

	full_listener_open(&full);
	spec = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", full.port, 100);
	spec.addresses[1] = spec.addresses[0];
	spec.n_addresses = 2;
	before = count_descriptors();
	for (int i = 0; i < 20; i++)
		probes[i] = start(*state, &spec, &kept);
	assert_int_equal(count_descriptors(), before + 20);
	for (int i = 0; i < 20; i++)
		dmp_probe_cancel(probes[i]);
	assert_int_equal(count_descriptors(), before);
	(void)event_base_dispatch(*state);
	assert_int_equal(kept.calls, 0);
	dmp_probe_cancel(NULL);
	full_listener_close(&full);
}

static void
finished_probe_leaves_no_descriptor(void **state)
{
	uint16_t port;
	int fd = bound_socket("127.0.0.1", SOCK_STREAM, 8, &port);
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 1000);
	int before = count_descriptors();

	(void)probe_run(*state, &spec);
	spec.port = closed_port("127.0.0.1", SOCK_STREAM);
	(void)probe_run(*state, &spec);
	assert_int_equal(count_descriptors(), before);
	close(fd);
}

struct order {
	int next;
	int place[2];
};

static void
order_first(const struct dmp_probe_result *result, void *arg)
{
	struct order *order = arg;

	order->place[result->reason == DMP_REASON_TIMEOUT] = ++order->next;
}

static void
unanswered_syn_delays_no_other_probe(void **state)
{
	struct full_listener full;
	uint16_t port;
	int fd = bound_socket("127.0.0.1", SOCK_STREAM, 8, &port);
	struct dmp_probe_spec silent, open;
	struct order order = {0};
	struct dmp_probe *probe;

	full_listener_open(&full);
	silent = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", full.port, 200);
	open = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 200);
	assert_int_equal(dmp_probe_start(*state, dmp_clock_system(), &silent,
	                     order_first, &order, &probe),
	    DMP_OK);
	assert_int_equal(dmp_probe_start(*state, dmp_clock_system(), &open, order_first,
	                     &order, &probe),
	    DMP_OK);
	(void)event_base_dispatch(*state);
	assert_int_equal(order.place[0], 1);
	assert_int_equal(order.place[1], 2);
	full_listener_close(&full);
	close(fd);
}

static void
refused_address_hands_over_to_the_next_at_once(void **state)
{
	uint16_t port;
	int fd = bound_socket("127.0.0.2", SOCK_STREAM, 8, &port);
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.3", port, 1000);
	int64_t best_ms = INT64_MAX;

	assert_true(dmp_address_parse("127.0.0.2", &spec.addresses[1]));
	spec.n_addresses = 2;
	/* A busy machine may be late, but not each time. */
	for (int i = 0; i < 20 && best_ms >= 249; i++) {
		int64_t took_ms = -dmp_clock_mono_ms(dmp_clock_system());
		struct dmp_probe_result result = probe_run(*state, &spec);

		took_ms += dmp_clock_mono_ms(dmp_clock_system());
		assert_int_equal(result.reason, DMP_REASON_OPEN);
		assert_true(dmp_address_equal(&result.address, &spec.addresses[1]));
		if (took_ms < best_ms)
			best_ms = took_ms;
	}
	assert_true(best_ms < 249);
	close(fd);
}

static void
silent_address_is_raced_after_250_ms(void **state)
{
	struct full_listener full;
	struct dmp_probe_spec spec;
	struct dmp_probe_result result;
	struct dmp_address second;
	struct sockaddr_storage name;
	socklen_t size;
	int64_t begin_ms, took_ms;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	full_listener_open(&full);
	assert_true(dmp_address_parse("127.0.0.2", &second));
	size = dmp_address_to_socket(&second, full.port, &name);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	spec = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", full.port, 2000);
	spec.addresses[1] = second;
	spec.n_addresses = 2;
	begin_ms = dmp_clock_mono_ms(dmp_clock_system());
	result = probe_run(*state, &spec);
	took_ms = dmp_clock_mono_ms(dmp_clock_system()) - begin_ms;
	assert_int_equal(result.reason, DMP_REASON_OPEN);
	assert_true(dmp_address_equal(&result.address, &second));
	assert_true(took_ms >= 249);
	close(fd);
	full_listener_close(&full);
}

static void
first_address_gives_the_reason_when_all_fail(void **state)
{
	struct full_listener full;
	struct dmp_probe_spec spec;
	struct dmp_probe_result result;

	full_listener_open(&full);
	spec = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", full.port, 400);
	assert_true(dmp_address_parse("127.0.0.9", &spec.addresses[1]));
	spec.n_addresses = 2;
	result = probe_run(*state, &spec);
	assert_int_equal(result.reason, DMP_REASON_TIMEOUT);
	assert_true(dmp_address_equal(&result.address, &spec.addresses[0]));
	full_listener_close(&full);
}

static void
impossible_specs_are_rejected(void **state)
{
	struct dmp_probe_spec good = probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", 1, 100);
	struct dmp_probe_spec bad[5] = {good, good, good, good, good};
	struct kept kept = {0};
	struct dmp_probe *probe = NULL;

	bad[0].n_addresses = 0;
	bad[1].n_addresses = DMP_PROBE_ADDRESSES + 1;
	bad[2].kind = (enum dmp_probe_kind)0;
	bad[3].transport = DMP_TRANSPORT_NONE;
	bad[4].connect_timeout_ms = 0;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(dmp_probe_start(*state, dmp_clock_system(), &bad[i],
		                     keep_result, &kept, &probe),
		    DMP_EINVAL);
	assert_null(probe);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(listening_port_is_open, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        connect_never_wakes_accept, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        fin_close_is_an_orderly_connection, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        identify_of_an_unproven_kind_means_connect, setup, teardown),
	    cmocka_unit_test_setup_teardown(closed_port_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        full_backlog_is_a_timeout_at_the_deadline, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        service_that_accepts_and_resets_is_open, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        lack_of_descriptors_is_inconclusive, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        cancel_leaves_no_descriptor_and_no_callback, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        finished_probe_leaves_no_descriptor, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        unanswered_syn_delays_no_other_probe, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        refused_address_hands_over_to_the_next_at_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        silent_address_is_raced_after_250_ms, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        first_address_gives_the_reason_when_all_fail, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        impossible_specs_are_rejected, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
