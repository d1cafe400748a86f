/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/correlate.h"

#define DOWN(requirement, level)                                                       \
	{                                                                              \
		requirement, level, DMP_STATE_DOWN, DMP_REASON_REFUSED,                \
		    DMP_ADMIN_ENABLED, false                                           \
	}

static void
the_lowest_numbered_required_port_announces(void **state)
{
	const struct dmp_endpoint_port ports[] = {
	    DOWN(22, DMP_LEVEL_REQUIRED),
	    DOWN(5, DMP_LEVEL_OPTIONAL),
	    DOWN(6, DMP_LEVEL_REQUIRED),
	};
	bool suppressed[3];

	(void)state;
	dmp_correlate_endpoint(ports, 3, suppressed);
	assert_true(suppressed[0]);
	assert_true(suppressed[1]);
	assert_false(suppressed[2]);
}

static void
without_a_required_port_the_lowest_number_announces(void **state)
{
	const struct dmp_endpoint_port ports[] = {
	    DOWN(8, DMP_LEVEL_OPTIONAL),
	    DOWN(5, DMP_LEVEL_OPTIONAL),
	};
	bool suppressed[2];

	(void)state;
	dmp_correlate_endpoint(ports, 2, suppressed);
	assert_true(suppressed[0]);
	assert_false(suppressed[1]);
}

static void
a_port_in_maintenance_leaves_the_word_to_the_next(void **state)
{
	struct dmp_endpoint_port ports[] = {
	    DOWN(5, DMP_LEVEL_REQUIRED),
	    DOWN(6, DMP_LEVEL_REQUIRED),
	};
	bool suppressed[2];

	(void)state;
	ports[0].admin = DMP_ADMIN_MAINTENANCE;
	dmp_correlate_endpoint(ports, 2, suppressed);
	assert_false(suppressed[0]);
	assert_false(suppressed[1]);
}

static void
a_wrong_service_is_each_ports_own_finding(void **state)
{
	struct dmp_endpoint_port ports[] = {
	    DOWN(5, DMP_LEVEL_REQUIRED),
	    DOWN(6, DMP_LEVEL_REQUIRED),
	};
	bool suppressed[2];

	(void)state;
	ports[0].reason = DMP_REASON_WRONG_SERVICE;
	ports[1].reason = DMP_REASON_WRONG_SERVICE;
	dmp_correlate_endpoint(ports, 2, suppressed);
	assert_false(suppressed[0]);
	assert_false(suppressed[1]);
}

static void
an_announced_port_keeps_the_word(void **state)
{
	struct dmp_endpoint_port ports[] = {
	    DOWN(5, DMP_LEVEL_REQUIRED),
	    DOWN(6, DMP_LEVEL_OPTIONAL),
	};
	bool suppressed[2];

	(void)state;
	ports[1].announced = true;
	dmp_correlate_endpoint(ports, 2, suppressed);
	assert_true(suppressed[0]);
	assert_false(suppressed[1]);
}

static void
ports_that_are_up_are_never_suppressed(void **state)
{
	struct dmp_endpoint_port ports[] = {
	    DOWN(5, DMP_LEVEL_REQUIRED),
	    DOWN(6, DMP_LEVEL_REQUIRED),
	};
	bool suppressed[2];

	(void)state;
	ports[1].state = DMP_STATE_UP;
	dmp_correlate_endpoint(ports, 2, suppressed);
	assert_false(suppressed[0]);
	assert_false(suppressed[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_lowest_numbered_required_port_announces),
	    cmocka_unit_test(without_a_required_port_the_lowest_number_announces),
	    cmocka_unit_test(a_port_in_maintenance_leaves_the_word_to_the_next),
	    cmocka_unit_test(a_wrong_service_is_each_ports_own_finding),
	    cmocka_unit_test(an_announced_port_keeps_the_word),
	    cmocka_unit_test(ports_that_are_up_are_never_suppressed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
