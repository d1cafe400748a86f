/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenarios of hosts: whole ones that die and come back, and what is said of their
 * ports meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "support/sim.h"
#include "support/sim_site.h"

#define THREE_PORTS                                                                    \
	SIM_SERVICE("a", "1001") SIM_SERVICE("b", "1002") SIM_SERVICE("c", "1003")
#define SITE                                                                           \
	SIM_POLICY SIM_HOST("h1", "10.0.0.1", THREE_PORTS) SIM_HOST("h2", "10.0.0.2",  \
	    THREE_PORTS) SIM_HOST("h3", "10.0.0.3", THREE_PORTS) SIM_REQUIREMENTS

/* Three hosts with three services each, all of which answer. */
static void
start_healthy(struct sim *sim, const char *site)
{
	static const char *const ADDRESSES[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};

	for (size_t i = 0; i < 3; i++) {
		for (uint16_t port = 1001; port <= 1003; port++)
			sim_port(sim, ADDRESSES[i], port, SIM_UP);
	}
	sim_site(sim, site);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "");
}

static void
host_that_dies_is_one_notification_and_its_return_another(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, 2 * SIM_MINUTE);
	sim_expect(sim, "hostDown h1");
	assert_int_equal(sim_host_row(sim, "h1").state, DMP_STATE_DOWN);
	assert_int_equal(sim_port_row(sim, "h1/a").state, DMP_STATE_DOWN);
	assert_int_equal(sim_port_row(sim, "h1/a").suppressed, DMP_SUPPRESSED_HOST);
	assert_int_equal(sim_system_row(sim).down_hosts, 1);
	assert_int_equal(sim_system_row(sim).status, 2);
	sim_run(sim, 6 * SIM_HOUR);
	sim_expect(sim, "");
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, 10 * SIM_MINUTE);
	sim_expect(sim, "hostUp h1");
	assert_int_equal(sim_host_row(sim, "h1").state, DMP_STATE_UP);
	assert_int_equal(sim_port_row(sim, "h1/b").state, DMP_STATE_UP);
	assert_int_equal(sim_port_row(sim, "h1/b").suppressed, DMP_SUPPRESSED_NONE);
	assert_int_equal(sim_system_row(sim).down_hosts, 0);
	assert_int_equal(sim_system_row(sim).status, 0);
}

static void
host_down_is_told_within_its_attempts_and_the_hold(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	/* An interval, three timeouts of 3 s with 2 s in between, one recheck. */
	sim_run(sim, (30 + 3 * 3 + 2 * 2 + 3 + 2) * SIM_SECOND);
	sim_expect(sim, "hostDown h1");
}

static void
port_that_is_filtered_is_announced_alone_and_says_that_others_answer(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	sim_port(sim, "10.0.0.1", 1002, SIM_SILENT);
	sim_run(sim, 3 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/b");
	assert_non_null(strstr(sim_event(sim, DMP_EVENT_PORT_DOWN, NULL).message,
	    "no answer, while others of the host answer"));
	assert_non_null(strstr(sim_port_row(sim, "h1/b").detail,
	    "; no answer, while others of the host answer"));
	assert_int_equal(sim_port_row(sim, "h1/b").suppressed, DMP_SUPPRESSED_NONE);
}

static void
a_row_tells_what_silence_means_as_its_host_is_now(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	sim_port(sim, "10.0.0.1", 1002, SIM_SILENT);
	sim_port(sim, "10.0.0.1", 1003, SIM_REFUSED);
	sim_run(sim, 5 * SIM_MINUTE);
	assert_non_null(strstr(sim_port_row(sim, "h1/b").detail,
	    "; no answer, while the host refuses others: a firewall drops it"));
	sim_port(sim, "10.0.0.1", 1003, SIM_UP);
	sim_run(sim, 5 * SIM_MINUTE);
	assert_non_null(strstr(sim_port_row(sim, "h1/b").detail,
	    "; no answer, while others of the host answer"));
	assert_null(strstr(sim_port_row(sim, "h1/b").detail, "refuses"));
	sim_port(sim, "10.0.0.1", 1002, SIM_UP);
	sim_run(sim, 5 * SIM_MINUTE);
	assert_null(strstr(sim_port_row(sim, "h1/b").detail, "no answer"));
}

static void
refused_ports_are_announced_one_by_one_and_are_never_a_host_down(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	for (uint16_t port = 1001; port <= 1003; port++)
		sim_port(sim, "10.0.0.1", port, SIM_REFUSED);
	sim_run(sim, 3 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/b, portDown h1/c, portDown h1/a");
}

static void
service_that_does_not_come_back_with_its_host_is_announced_after_it(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
	sim_port(sim, "10.0.0.1", 1002, SIM_REFUSED);
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, 10 * SIM_MINUTE);
	sim_expect(sim, "hostUp h1, portDown h1/b");
}

static void
port_that_was_down_before_its_host_is_not_announced_again(void **state)
{
	struct sim *sim = *state;

	start_healthy(sim, SITE);
	sim_port(sim, "10.0.0.1", 1001, SIM_REFUSED);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a");
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, 10 * SIM_MINUTE);
	sim_expect(sim, "hostUp h1");
	sim_port(sim, "10.0.0.1", 1001, SIM_UP);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portUp h1/a");
}

static void
host_with_one_port_has_no_host_down(void **state)
{
	struct sim *sim = *state;

	sim_port(sim, "10.0.0.1", 1001, SIM_UP);
	sim_port(sim, "10.0.0.2", 1001, SIM_UP);
	sim_site(sim,
	    SIM_POLICY SIM_HOST("h1", "10.0.0.1", SIM_SERVICE("a", "1001"))
	        SIM_HOST("h2", "10.0.0.2", SIM_SERVICE("a", "1001")) SIM_REQUIREMENTS);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a");
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portUp h1/a");
}

static void
site_of_one_host_has_a_host_down_and_no_isolation(void **state)
{
	struct sim *sim = *state;

	for (uint16_t port = 1001; port <= 1003; port++)
		sim_port(sim, "10.0.0.1", port, SIM_UP);
	sim_site(
	    sim, SIM_POLICY SIM_HOST("h1", "10.0.0.1", THREE_PORTS) SIM_REQUIREMENTS);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostUp h1");
}

static void
host_that_is_down_from_the_start_is_one_notification(void **state)
{
	struct sim *sim = *state;

	sim_host_gone(sim, "10.0.0.1", true);
	start_healthy(sim, "");
	sim_reload(sim, SITE);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostDown h1");
}

#define SCENARIO(name) cmocka_unit_test_setup_teardown(name, sim_setup, sim_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENARIO(host_that_dies_is_one_notification_and_its_return_another),
	    SCENARIO(host_down_is_told_within_its_attempts_and_the_hold),
	    SCENARIO(
	        port_that_is_filtered_is_announced_alone_and_says_that_others_answer),
	    SCENARIO(a_row_tells_what_silence_means_as_its_host_is_now),
	    SCENARIO(refused_ports_are_announced_one_by_one_and_are_never_a_host_down),
	    SCENARIO(
	        service_that_does_not_come_back_with_its_host_is_announced_after_it),
	    SCENARIO(port_that_was_down_before_its_host_is_not_announced_again),
	    SCENARIO(host_with_one_port_has_no_host_down),
	    SCENARIO(site_of_one_host_has_a_host_down_and_no_isolation),
	    SCENARIO(host_that_is_down_from_the_start_is_one_notification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
