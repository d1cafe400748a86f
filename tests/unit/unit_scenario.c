/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenarios of single ports: what is announced while hours pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "support/sim.h"
#include "support/sim_site.h"

static void
up_from_the_start_announces_nothing(void **state)
{
	struct sim *sim = *state;

	sim_port(sim, "10.0.0.1", 1001, SIM_UP);
	sim_site(sim, SIM_POLICY SIM_HOST("h1", "10.0.0.1", SIM_SERVICE("a", "1001"))
	                  SIM_REQUIREMENTS);
	sim_start(sim);
	sim_run(sim, 6 * SIM_HOUR);
	sim_expect(sim, "");
	assert_int_equal(sim_port_row(sim, "h1/a").state, DMP_STATE_UP);
}

static void
refused_from_the_start_is_confirmed_and_announced(void **state)
{
	struct sim *sim = *state;

	sim_site(sim, SIM_POLICY SIM_HOST("h1", "10.0.0.1", SIM_SERVICE("a", "1001"))
	                  SIM_REQUIREMENTS);
	sim_start(sim);
	sim_run(sim, 3 * SIM_SECOND);
	sim_expect(sim, "");
	sim_run(sim, 3 * SIM_SECOND);
	sim_expect(sim, "portDown h1/a");
	sim_run(sim, 6 * SIM_HOUR);
	sim_expect(sim, "");
}

#define SCENARIO(name) cmocka_unit_test_setup_teardown(name, sim_setup, sim_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENARIO(up_from_the_start_announces_nothing),
	    SCENARIO(refused_from_the_start_is_confirmed_and_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
