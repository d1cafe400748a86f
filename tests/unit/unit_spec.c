/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of the plan as those of the probe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/spec.h"

static enum dmp_probe_depth
depth_of(enum dmp_transport transport, enum dmp_probe_kind kind, enum dmp_depth depth)
{
	struct dmp_plan_host host = {
	    .name = "a", .addresses = {"127.0.0.1"}, .n_addresses = 1};
	struct dmp_plan plan = {.hosts = &host, .n_hosts = 1};
	struct dmp_plan_port port = {
	    .transport = transport, .probe = kind, .policy = {.depth = depth}};

	return dmp_spec_of(&plan, &port).depth;
}

static void
depth_is_that_of_the_policy(void **state)
{
	static const struct {
		enum dmp_depth depth;
		enum dmp_probe_depth wanted;
	} CASES[] = {{DMP_DEPTH_CONNECT, DMP_PROBE_CONNECT_ONLY},
	    {DMP_DEPTH_IDENTIFY, DMP_PROBE_IDENTIFY}, {DMP_DEPTH_DEEP, DMP_PROBE_DEEP}};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		assert_int_equal(
		    depth_of(DMP_TRANSPORT_TCP, DMP_PROBE_JMX, CASES[i].depth),
		    CASES[i].wanted);
}

static void
what_has_no_proof_is_connected_to_only(void **state)
{
	(void)state;
	assert_int_equal(depth_of(DMP_TRANSPORT_TCP, DMP_PROBE_CONNECT, DMP_DEPTH_DEEP),
	    DMP_PROBE_CONNECT_ONLY);
}

static void
datagrams_always_ask(void **state)
{
	(void)state;
	assert_int_equal(depth_of(DMP_TRANSPORT_UDP, DMP_PROBE_SNMP, DMP_DEPTH_CONNECT),
	    DMP_PROBE_IDENTIFY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(depth_is_that_of_the_policy),
	    cmocka_unit_test(what_has_no_proof_is_connected_to_only),
	    cmocka_unit_test(datagrams_always_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
