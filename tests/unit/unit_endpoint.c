/* SPDX-License-Identifier: BSD-2-Clause */
/* Who shares an endpoint, and whose turn it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/endpoint.h"

enum { PORTS = 6 };

struct world {
	struct dmp_plan_host hosts[3];
	struct dmp_plan_port ports[PORTS];
	struct dmp_plan plan;
};

/* Four ports on one endpoint, of two hosts with the same address and with requirements
 * in another order than the ports; 4 has another address, 5 another transport. */
static struct dmp_endpoints *
endpoints_of(struct world *w)
{
	static const size_t REQUIREMENTS[PORTS] = {2, 0, 3, 1, 4, 5};
	struct dmp_endpoints *endpoints;

	*w = (struct world){
	    .hosts = {{.addresses = {"192.0.2.1"}, .n_addresses = 1},
	        {.addresses = {"192.0.2.1"}, .n_addresses = 1},
	        {.addresses = {"192.0.2.1", "192.0.2.2"}, .n_addresses = 2}},
	    .plan = {.n_hosts = 3, .n_ports = PORTS},
	};
	for (size_t i = 0; i < PORTS; i++)
		w->ports[i] = (struct dmp_plan_port){.host = i % 2,
		    .requirement = REQUIREMENTS[i],
		    .number = 443,
		    .transport = DMP_TRANSPORT_TCP,
		    .admin = DMP_ADMIN_ENABLED,
		    .policy = {.timeout_ms = 100, .depth = DMP_DEPTH_IDENTIFY},
		    .probe = DMP_PROBE_HTTP};
	w->ports[4].host = 2;
	w->ports[5].transport = DMP_TRANSPORT_UDP;
	w->plan.hosts = w->hosts;
	w->plan.ports = w->ports;
	assert_int_equal(dmp_endpoints_new(&w->plan, &endpoints), DMP_OK);
	return endpoints;
}

static void
siblings_go_round_in_the_order_of_their_requirements(void **state)
{
	struct world w;
	struct dmp_endpoints *endpoints = endpoints_of(&w);

	(void)state;
	assert_int_equal(dmp_endpoints_sibling(endpoints, 1), 3);
	assert_int_equal(dmp_endpoints_sibling(endpoints, 3), 0);
	assert_int_equal(dmp_endpoints_sibling(endpoints, 0), 2);
	assert_int_equal(dmp_endpoints_sibling(endpoints, 2), 1);
	assert_int_equal(dmp_endpoints_sibling(endpoints, 4), 4);
	assert_int_equal(dmp_endpoints_sibling(endpoints, 5), 5);
	assert_int_equal(dmp_endpoints_largest(endpoints), 4);
	dmp_endpoints_free(endpoints);
	w.plan.n_ports = 0;
	assert_int_equal(dmp_endpoints_new(&w.plan, &endpoints), DMP_OK);
	assert_int_equal(dmp_endpoints_largest(endpoints), 0);
	dmp_endpoints_free(endpoints);
}

static void
one_enters_and_the_others_follow_in_their_order(void **state)
{
	struct world w;
	struct dmp_endpoints *endpoints = endpoints_of(&w);

	(void)state;
	assert_true(dmp_endpoints_enter(endpoints, 0));
	assert_false(dmp_endpoints_enter(endpoints, 3));
	assert_false(dmp_endpoints_enter(endpoints, 2));
	assert_false(dmp_endpoints_enter(endpoints, 1));
	assert_true(dmp_endpoints_enter(endpoints, 4));
	assert_true(dmp_endpoints_enter(endpoints, 5));
	assert_int_equal(dmp_endpoints_leave(endpoints, 0), 2);
	assert_false(dmp_endpoints_enter(endpoints, 0)); /* handed over is taken */
	assert_true(dmp_endpoints_enter(endpoints, 2));
	assert_int_equal(dmp_endpoints_leave(endpoints, 2), 1);
	assert_int_equal(dmp_endpoints_leave(endpoints, 1), 3);
	assert_int_equal(dmp_endpoints_leave(endpoints, 3), 0);
	assert_int_equal(dmp_endpoints_leave(endpoints, 0), DMP_ENDPOINT_NOBODY);
	assert_true(dmp_endpoints_enter(endpoints, 2));
	dmp_endpoints_free(endpoints);
}

static void
who_gives_up_waiting_gets_no_turn(void **state)
{
	struct world w;
	struct dmp_endpoints *endpoints = endpoints_of(&w);

	(void)state;
	assert_true(dmp_endpoints_enter(endpoints, 0));
	assert_false(dmp_endpoints_enter(endpoints, 2));
	assert_false(dmp_endpoints_enter(endpoints, 1));
	assert_int_equal(dmp_endpoints_leave(endpoints, 2), DMP_ENDPOINT_NOBODY);
	assert_false(dmp_endpoints_enter(endpoints, 3)); /* 0 has it still */
	assert_int_equal(dmp_endpoints_leave(endpoints, 0), 1);
	dmp_endpoints_free(endpoints);
}

/* Everybody asks again at once. */
static void
nobody_starves(void **state)
{
	struct world w;
	struct dmp_endpoints *endpoints = endpoints_of(&w);
	unsigned turns[4] = {0};
	size_t inside = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(dmp_endpoints_enter(endpoints, i), i == 0);
	for (unsigned i = 0; i < 40; i++) {
		size_t next = dmp_endpoints_leave(endpoints, inside);

		assert_in_range(next, 0, 3);
		turns[next]++;
		assert_false(dmp_endpoints_enter(endpoints, inside));
		inside = next;
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(turns[i], 10);
	dmp_endpoints_free(endpoints);
}

static void
what_holds_for_the_transport_holds_for_siblings(void **state)
{
	struct dmp_plan_port identify = {.transport = DMP_TRANSPORT_TCP,
	    .admin = DMP_ADMIN_ENABLED,
	    .probe = DMP_PROBE_HTTP,
	    .policy = {.timeout_ms = 100, .depth = DMP_DEPTH_IDENTIFY}};
	struct dmp_plan_port connect = identify;
	struct dmp_plan_port patient = identify;
	struct dmp_plan_port disabled = identify;
	struct dmp_probe_result result = {.reason = DMP_REASON_REFUSED};

	(void)state;
	connect.policy.depth = DMP_DEPTH_CONNECT;
	patient.policy.timeout_ms = 101;
	disabled.admin = DMP_ADMIN_DISABLED;
	assert_true(dmp_endpoint_result_fits(&identify, &patient, &result));
	assert_true(dmp_endpoint_result_fits(&identify, &connect, &result));
	assert_false(dmp_endpoint_result_fits(&identify, &disabled, &result));
	result.reason = DMP_REASON_TIMEOUT;
	assert_true(dmp_endpoint_result_fits(&patient, &identify, &result));
	assert_false(dmp_endpoint_result_fits(&identify, &patient, &result));
	result.reason = DMP_REASON_OPEN;
	assert_true(dmp_endpoint_result_fits(&connect, &connect, &result));
	assert_false(dmp_endpoint_result_fits(&connect, &identify, &result));
	result.reason = DMP_REASON_ANSWERED;
	assert_false(dmp_endpoint_result_fits(&identify, &identify, &result));
	result.reason = DMP_REASON_WRONG_SERVICE;
	assert_false(dmp_endpoint_result_fits(&identify, &identify, &result));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(siblings_go_round_in_the_order_of_their_requirements),
	    cmocka_unit_test(one_enters_and_the_others_follow_in_their_order),
	    cmocka_unit_test(who_gives_up_waiting_gets_no_turn),
	    cmocka_unit_test(nobody_starves),
	    cmocka_unit_test(what_holds_for_the_transport_holds_for_siblings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
