/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenarios in which several things happen at once: what is not judged, what is being
 * confirmed, what the plan does not have any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/sim_trio.h"

/* What is said in the first moment of a start must know of the host, too. */
static void
restart_with_a_host_that_is_down_says_nothing_of_ports_enabled_by_hand(void **state)
{
	struct sim *sim = *state;
	struct dmp_text error = {0};
	struct dmp_admin_entry entry = {.scope = DMP_ADMIN_SCOPE_HOST,
	    .name = "h1",
	    .state = DMP_ADMIN_ENABLED,
	    .origin = DMP_ADMIN_ORIGIN_RUN_TIME};
	uint32_t ticket;

	start_up(sim, SITE);
	assert_int_equal(
	    dmp_engine_set_admin(sim_engine(sim), &entry, &ticket, &error), DMP_OK);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
	sim_kill(sim);
	sim_start(sim);
	sim_expect(sim, "");
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
}

/* --- what is not judged proves something all the same --- */

static void
set_admin(
    struct sim *sim, enum dmp_admin_scope scope, const char *name, enum dmp_admin admin)
{
	struct dmp_text error = {0};
	struct dmp_admin_entry entry = {
	    .scope = scope, .state = admin, .origin = DMP_ADMIN_ORIGIN_RUN_TIME};
	uint32_t ticket;

	dmp_text_copy(entry.name, sizeof entry.name, name);
	assert_int_equal(
	    dmp_engine_set_admin(sim_engine(sim), &entry, &ticket, &error), DMP_OK);
}

static void
port_in_maintenance_that_answers_proves_that_its_host_lives(void **state)
{
	struct sim *sim = *state;

	sim_port(sim, "10.0.0.1", 1003, SIM_UP);
	start_up(sim,
	    SIM_POLICY SIM_HOST("h1", "10.0.0.1", TWO_PORTS SIM_SERVICE("c", "1003"))
	        SIM_HOST("h2", "10.0.0.2", TWO_PORTS) SIM_REQUIREMENTS);
	set_admin(sim, DMP_ADMIN_SCOPE_PORT, "h1/c", DMP_ADMIN_MAINTENANCE);
	sim_port(sim, "10.0.0.1", 1001, SIM_SILENT);
	sim_port(sim, "10.0.0.1", 1002, SIM_SILENT);
	sim_run(sim, 3 * SIM_HOUR);
	sim_expect(sim, "portDown h1/b, portDown h1/a");
}

static void
host_in_maintenance_that_answers_disproves_isolation(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	set_admin(sim, DMP_ADMIN_SCOPE_HOST, "h3", DMP_ADMIN_MAINTENANCE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_host_gone(sim, "10.0.0.2", true);
	sim_run(sim, 3 * SIM_HOUR);
	sim_expect(sim, "hostDown h2, hostDown h1");
	sim_host_gone(sim, "10.0.0.3", true); /* nothing new to say */
	sim_run(sim, 3 * SIM_HOUR);
	sim_expect(sim, "");
}

/* One enabled port that is mute and others in maintenance that answer: this was a storm
 * of isolated and restored. */
static void
port_enabled_by_hand_in_a_host_in_maintenance_isolates_nobody(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	set_admin(sim, DMP_ADMIN_SCOPE_HOST, "h1", DMP_ADMIN_MAINTENANCE);
	set_admin(sim, DMP_ADMIN_SCOPE_PORT, "h1/b", DMP_ADMIN_ENABLED);
	sim_port(sim, "10.0.0.1", 1002, SIM_SILENT);
	sim_host_gone(sim, "10.0.0.2", true);
	sim_host_gone(sim, "10.0.0.3", true);
	sim_run(sim, 3 * SIM_HOUR);
	{
		struct dmp_text text = sim_notifications(sim);

		assert_null(strstr(dmp_text_get(&text), "vantage"));
		assert_non_null(strstr(dmp_text_get(&text), "portDown h1/b"));
		assert_non_null(strstr(dmp_text_get(&text), "hostDown h2"));
		assert_non_null(strstr(dmp_text_get(&text), "hostDown h3"));
		dmp_text_done(&text);
	}
}

static void
isolation_that_a_new_plan_cannot_find_out_ends_and_the_host_is_told(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_cut(sim, true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageIsolated site");
	sim_reload(
	    sim, SIM_POLICY SIM_HOST("h1", "10.0.0.1", TWO_PORTS) SIM_REQUIREMENTS);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageRestored site, hostDown h1");
}

/* --- certificates --- */

static void
certificate_of_a_port_that_should_be_closed_concerns_nobody(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_port(sim, "10.0.0.1", 1005, SIM_UP);
	sim_certificate(sim, "10.0.0.1", 1005, 5);
	sim_reload(sim,
	    SIM_POLICY SIM_HOST("h1", "10.0.0.1", TWO_PORTS SIM_SERVICE("e", "1005"))
	        SIM_REQUIREMENTS SIM_REQUIREMENT("e", "10005", "forbidden"));
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portExposed h1/e");
	sim_port(sim, "10.0.0.1", 1005, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portClosed h1/e");
	assert_int_equal(sim_port_row(sim, "h1/e").severity, DMP_SEVERITY_CLEARED);
	assert_int_equal(sim_system_row(sim).status, 0);
}

/* --- while something is being confirmed --- */

static void
link_that_is_cut_while_a_host_is_confirmed_is_isolation_and_nothing_else(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, 20 * SIM_SECOND);
	sim_cut(sim, true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageIsolated site");
	sim_host_gone(sim, "10.0.0.1", false);
	sim_cut(sim, false);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageRestored site");
}

static void
port_that_flaps_in_a_host_that_goes_down_is_told_to_be_stable_after_it(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_flap(sim, "10.0.0.1", 1001, SIM_UP, SIM_REFUSED, 2 * SIM_MINUTE);
	sim_run(sim, 20 * SIM_MINUTE);
	assert_int_equal(sim_port_row(sim, "h1/a").suppressed, DMP_SUPPRESSED_FLAPPING);
	free(sim_notifications(sim).data);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
	sim_port(sim, "10.0.0.1", 1001, SIM_UP);
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, SIM_HOUR);
	{
		struct dmp_text text = sim_notifications(sim);

		assert_non_null(strstr(dmp_text_get(&text), "hostUp h1"));
		assert_non_null(strstr(dmp_text_get(&text), "portStable h1/a"));
		assert_null(strstr(dmp_text_get(&text), "portFlapping"));
		dmp_text_done(&text);
	}
	assert_int_equal(sim_system_row(sim).status, 0);
}

/* --- another plan --- */

static void
host_that_is_renamed_while_down_is_over_and_told_by_its_new_name(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.3", true);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostDown h3");
	sim_reload(sim, SIM_POLICY SIM_HOST("h1", "10.0.0.1", TWO_PORTS)
	                    SIM_HOST("h2", "10.0.0.2", TWO_PORTS)
	                        SIM_HOST("h9", "10.0.0.3", TWO_PORTS) SIM_REQUIREMENTS);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostUp h3, hostDown h9");
}

/* Receivers pair by source and key. */
static void
site_that_is_renamed_ends_what_is_raised_under_its_old_name(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.3", true);
	sim_port(sim, "10.0.0.1", 1001, SIM_REFUSED);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a, hostDown h3");
	sim_name(sim, "North");
	sim_reload(sim, SITE);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portCleared h1/a, hostUp h3, portDown h1/a, hostDown h3");
	assert_string_equal(
	    sim_event(sim, DMP_EVENT_HOST_UP, "h3").source, "Sim/observer");
	assert_string_equal(
	    sim_event(sim, DMP_EVENT_HOST_DOWN, "h3").source, "North/observer");
	sim_stop(sim);
	sim_name(sim, "South");
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portCleared h1/a, hostUp h3, portDown h1/a, hostDown h3");
	assert_string_equal(
	    sim_event(sim, DMP_EVENT_PORT_CLEARED, "h1/a").source, "North/observer");
	assert_string_equal(
	    sim_event(sim, DMP_EVENT_PORT_DOWN, "h1/a").source, "South/observer");
}

#define RACKS(parents, second)                                                         \
	SIM_POLICY parents SIM_HOST_WITH("h1", "10.0.0.1", "group='rack1'", TWO_PORTS) \
	    SIM_HOST_WITH("h2", "10.0.0.2", "group='" second "'", TWO_PORTS)           \
	        SIM_HOST("h3", "10.0.0.3", TWO_PORTS) SIM_REQUIREMENTS
#define ALONE                                                                          \
	"<group name='room'/><group name='rack1' parent='room'/><group name='rack2'/>"
#define TOGETHER                                                                       \
	"<group name='room'/><group name='rack1' parent='room'/>"                      \
	"<group name='rack2' parent='room'/>"

static void
host_whose_group_leaves_the_one_that_is_down_speaks_for_itself(void **state)
{
	struct sim *sim = *state;

	start_up(sim, RACKS(TOGETHER, "rack2"));
	sim_host_gone(sim, "10.0.0.1", true);
	sim_host_gone(sim, "10.0.0.2", true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
	sim_reload(sim, RACKS(ALONE, "rack2"));
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h2");
	sim_reload(sim, RACKS(TOGETHER, "rack2"));
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, ""); /* what was said is not taken back */
	sim_host_gone(sim, "10.0.0.1", false);
	sim_host_gone(sim, "10.0.0.2", false);
	sim_run(sim, SIM_HOUR);
	{
		struct dmp_text text = sim_notifications(sim);

		assert_non_null(strstr(dmp_text_get(&text), "hostUp h1"));
		assert_non_null(strstr(dmp_text_get(&text), "hostUp h2"));
		dmp_text_done(&text);
	}
}

/* --- clocks --- */

static void
clock_that_is_stepped_while_things_are_down_says_nothing(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_port(sim, "10.0.0.2", 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h2/a, hostDown h1");
	for (int days = -40; days <= 40; days += 20) {
		sim_wall_step(sim, days * (int64_t)SIM_DAY);
		sim_run(sim, 10 * SIM_MINUTE);
		sim_kill(sim);
		sim_wall_step(sim, -days * (int64_t)SIM_DAY);
		sim_start(sim);
		sim_run(sim, 10 * SIM_MINUTE);
	}
	sim_expect(sim, "");
}

#define SCENARIO(name) cmocka_unit_test_setup_teardown(name, sim_setup, sim_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENARIO(
	        restart_with_a_host_that_is_down_says_nothing_of_ports_enabled_by_hand),
	    SCENARIO(port_in_maintenance_that_answers_proves_that_its_host_lives),
	    SCENARIO(host_in_maintenance_that_answers_disproves_isolation),
	    SCENARIO(port_enabled_by_hand_in_a_host_in_maintenance_isolates_nobody),
	    SCENARIO(
	        isolation_that_a_new_plan_cannot_find_out_ends_and_the_host_is_told),
	    SCENARIO(certificate_of_a_port_that_should_be_closed_concerns_nobody),
	    SCENARIO(
	        link_that_is_cut_while_a_host_is_confirmed_is_isolation_and_nothing_else),
	    SCENARIO(
	        port_that_flaps_in_a_host_that_goes_down_is_told_to_be_stable_after_it),
	    SCENARIO(host_that_is_renamed_while_down_is_over_and_told_by_its_new_name),
	    SCENARIO(site_that_is_renamed_ends_what_is_raised_under_its_old_name),
	    SCENARIO(host_whose_group_leaves_the_one_that_is_down_speaks_for_itself),
	    SCENARIO(clock_that_is_stepped_while_things_are_down_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
