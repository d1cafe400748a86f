/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenarios of whole sites: isolation, groups, storms, maintenance, reloads and
 * restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/sim_trio.h"

/* --- isolation --- */

static void
link_that_is_cut_is_one_notification_and_its_return_another(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_cut(sim, true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageIsolated site");
	assert_int_equal(sim_port_row(sim, "h2/a").suppressed, DMP_SUPPRESSED_VANTAGE);
	assert_int_equal(sim_system_row(sim).status, 2);
	sim_cut(sim, false);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageRestored site");
	assert_int_equal(sim_system_row(sim).status, 0);
	assert_int_equal(sim_port_row(sim, "h2/a").suppressed, DMP_SUPPRESSED_NONE);
}

static void
what_has_changed_while_cut_off_is_told_afterwards(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_port(sim, "10.0.0.2", 1001, SIM_REFUSED);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "portDown h2/a");
	sim_cut(sim, true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageIsolated site");
	sim_port(sim, "10.0.0.2", 1001, SIM_UP);
	sim_port(sim, "10.0.0.1", 1002, SIM_REFUSED);
	sim_host_gone(sim, "10.0.0.3", true);
	sim_cut(sim, false);
	sim_run(sim, SIM_HOUR);
	sim_expect(
	    sim, "vantageRestored site, portUp h2/a, portDown h1/b, hostDown h3");
}

static void
isolation_goes_on_over_a_restart(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_cut(sim, true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageIsolated site");
	sim_kill(sim);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
	sim_stop(sim);
	sim_cut(sim, false);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageRestored site");
}

/* The router answers, so it is the hosts. */
static void
reference_that_answers_disproves_isolation(void **state)
{
	struct sim *sim = *state;

	sim_port(sim, "10.0.0.254", 80, SIM_REFUSED);
	start_up(sim, "<policy interval='30s' fast='2s' timeout='3s' depth='connect' "
	              "reference='10.0.0.254'/>" HOSTS SIM_REQUIREMENTS);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_host_gone(sim, "10.0.0.2", true);
	sim_host_gone(sim, "10.0.0.3", true);
	sim_run(sim, SIM_HOUR);
	{
		struct dmp_text text = sim_notifications(sim);

		assert_null(strstr(dmp_text_get(&text), "vantage"));
		assert_null(strstr(dmp_text_get(&text), "port"));
		assert_non_null(strstr(dmp_text_get(&text), "hostDown h1"));
		assert_non_null(strstr(dmp_text_get(&text), "hostDown h2"));
		assert_non_null(strstr(dmp_text_get(&text), "hostDown h3"));
		dmp_text_done(&text);
	}
}

static void
reference_that_fails_isolates_a_site_of_one_host(void **state)
{
	struct sim *sim = *state;

	all_up(sim);
	sim_port(sim, "10.0.0.254", 80, SIM_REFUSED);
	sim_site(sim, "<policy interval='30s' fast='2s' timeout='3s' depth='connect' "
	              "reference='10.0.0.254'/>" SIM_HOST("h1", "10.0.0.1", TWO_PORTS)
	                  SIM_REQUIREMENTS);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "");
	sim_cut(sim, true);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageIsolated site");
	sim_cut(sim, false);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "vantageRestored site");
}

/* --- groups --- */

static void
group_that_is_down_is_one_notification(void **state)
{
	struct sim *sim = *state;

	all_up(sim);
	sim_site(sim, SIM_POLICY "<group name='rack1'/>" SIM_HOST_WITH(
	                  "h1", "10.0.0.1", "group='rack1'", TWO_PORTS)
	                  SIM_HOST_WITH("h2", "10.0.0.2", "group='rack1'", TWO_PORTS)
	                      SIM_HOST("h3", "10.0.0.3", TWO_PORTS) SIM_REQUIREMENTS);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_host_gone(sim, "10.0.0.2", true);
	sim_run(sim, SIM_HOUR);
	{
		struct dmp_event event = sim_event(sim, DMP_EVENT_HOST_DOWN, NULL);

		assert_non_null(strstr(event.message, "all others of group rack1"));
		sim_host_gone(sim, "10.0.0.1", false);
		sim_host_gone(sim, "10.0.0.2", false);
		sim_run(sim, SIM_HOUR);
		if (strcmp(event.key, "h1") == 0)
			sim_expect(sim, "hostDown h1, hostUp h1");
		else
			sim_expect(sim, "hostDown h2, hostUp h2");
	}
}

/* --- storms --- */

enum { MANY_HOSTS = 10, MANY_PORTS = 20 };

static char *
many_site(void)
{
	struct dmp_text text = {0};

	dmp_text_append(&text, SIM_POLICY);
	for (unsigned i = 0; i <= MANY_HOSTS; i++) {
		dmp_text_printf(&text,
		    "<host name='h%u' address='10.0.1.%u' roles='device'>", i, i + 1);
		for (unsigned p = 0; p < MANY_PORTS; p++)
			dmp_text_printf(
			    &text, "<port requirement='s%u' port='%u'/>", p, 2000 + p);
		dmp_text_append(&text, "</host>\n");
	}
	for (unsigned p = 0; p < MANY_PORTS; p++)
		dmp_text_printf(&text,
		    "<requirement key='s%u' index='%u' title='S' transport='tcp' "
		    "port='1' to='client' level='required' probe='connect'/>\n",
		    p, 10001 + p);
	return text.data;
}

static void
many_gone(struct sim *sim, bool gone)
{
	char address[DMP_ADDRESS_TEXT];

	for (unsigned i = 0; i < MANY_HOSTS; i++) {
		dmp_text_format(address, sizeof address, "10.0.1.%u", i + 1);
		sim_host_gone(sim, address, gone);
	}
}

static size_t
count_types(struct sim *sim, enum dmp_event_type type)
{
	size_t n = 0;
	size_t found = 0;
	struct dmp_event *events = sim_events(sim, &n);

	for (size_t i = 0; i < n; i++)
		found += events[i].type == type;
	free(events);
	return found;
}

static void
ten_hosts_of_twenty_ports_are_ten_notifications_each_way(void **state)
{
	struct sim *sim = *state;
	char *site = many_site();
	char address[DMP_ADDRESS_TEXT];
	size_t n = 0;

	for (unsigned i = 0; i <= MANY_HOSTS; i++) {
		dmp_text_format(address, sizeof address, "10.0.1.%u", i + 1);
		for (unsigned p = 0; p < MANY_PORTS; p++)
			sim_port(sim, address, (uint16_t)(2000 + p), SIM_UP);
	}
	sim_site(sim, site);
	free(site);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "");
	many_gone(sim, true);
	sim_run(sim, SIM_HOUR);
	assert_int_equal(count_types(sim, DMP_EVENT_HOST_DOWN), MANY_HOSTS);
	many_gone(sim, false);
	sim_run(sim, SIM_HOUR);
	assert_int_equal(count_types(sim, DMP_EVENT_HOST_UP), MANY_HOSTS);
	free(sim_events(sim, &n));
	assert_int_equal(n, 1 + 2 * MANY_HOSTS); /* and STARTED */
}

/* --- maintenance --- */

static void
window_clears_what_is_raised_and_its_end_tells_what_is_true(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE_WITH("<maintenance host='h1' from='2026-11-22T13:00:00Z' "
	                        "until='2026-11-22T14:00:00Z' comment='patches'/>"));
	sim_port(sim, "10.0.0.1", 1001, SIM_REFUSED);
	sim_run(sim, 30 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a");
	sim_wall_set(sim, "2026-11-22T12:59:50Z");
	sim_run(sim, 15 * SIM_SECOND);
	sim_expect(sim, "portCleared h1/a");
	assert_int_equal(sim_event(sim, DMP_EVENT_PORT_CLEARED, NULL).reason,
	    DMP_REASON_MAINTENANCE);
	assert_non_null(strstr(
	    sim_event(sim, DMP_EVENT_PORT_CLEARED, NULL).message, ": in maintenance"));
	assert_int_equal(sim_port_row(sim, "h1/b").admin, DMP_ADMIN_MAINTENANCE);
	assert_string_equal(sim_port_row(sim, "h1/b").admin_comment, "patches");
	assert_int_equal(sim_port_row(sim, "h1/b").admin_until_ms,
	    dmp_clock_parse("2026-11-22T14:00:00Z"));
	assert_int_equal(sim_host_row(sim, "h1").admin, DMP_ADMIN_MAINTENANCE);
	assert_int_equal(sim_system_row(sim).maintenance, 2);
	sim_port(sim, "10.0.0.1", 1002, SIM_REFUSED);
	sim_run(sim, 50 * SIM_MINUTE);
	sim_expect(sim, "");
	sim_run(sim, 20 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a, portDown h1/b");
	assert_int_equal(sim_system_row(sim).maintenance, 0);
}

static void
host_that_reboots_in_its_window_says_nothing(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE_WITH("<maintenance host='h1' from='2026-11-22T12:10:00Z' "
	                        "until='2026-11-22T14:00:00Z'/>"));
	sim_run(sim, 15 * SIM_MINUTE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, 30 * SIM_MINUTE);
	sim_host_gone(sim, "10.0.0.1", false);
	sim_run(sim, 3 * SIM_HOUR);
	sim_expect(sim, "");
}

static void
host_that_is_down_is_over_in_its_window_and_told_after_it(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE_WITH("<maintenance host='h1' from='2026-11-22T13:00:00Z' "
	                        "until='2026-11-22T14:00:00Z'/>"));
	sim_host_gone(sim, "10.0.0.1", true);
	sim_run(sim, 30 * SIM_MINUTE);
	sim_expect(sim, "hostDown h1");
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostUp h1");
	assert_int_equal(
	    sim_event(sim, DMP_EVENT_HOST_UP, NULL).reason, DMP_REASON_MAINTENANCE);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "hostDown h1");
}

static void
clock_that_is_set_back_opens_a_window_again(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE_WITH("<maintenance host='h1' from='2026-11-22T12:30:00Z' "
	                        "until='2026-11-22T12:45:00Z'/>"));
	sim_port(sim, "10.0.0.1", 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h1/a, portCleared h1/a, portDown h1/a");
	sim_wall_set(sim, "2026-11-22T12:35:00Z");
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, "portCleared h1/a");
	sim_wall_set(sim, "2026-11-23T12:35:00Z");
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, "portDown h1/a");
}

/* Sunday, 2026-10-25: at 03:00 summer time it is 02:00 again in Brussels. */
static void
weekly_window_goes_by_the_clock_on_the_wall_once_in_the_hour_that_comes_twice(
    void **state)
{
	struct sim *sim = *state;

	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
	sim_wall_set(sim, "2026-10-25T00:00:00Z");
	start_up(
	    sim, SITE_WITH("<maintenance host='h1' weekly='Sun 02:30' for='15m'/>"));
	sim_run(sim, 25 * SIM_MINUTE); /* 02:27 summer time */
	assert_int_equal(sim_port_row(sim, "h1/a").admin, DMP_ADMIN_ENABLED);
	sim_run(sim, 10 * SIM_MINUTE);
	assert_int_equal(sim_port_row(sim, "h1/a").admin, DMP_ADMIN_MAINTENANCE);
	sim_run(sim, 10 * SIM_MINUTE);
	assert_int_equal(sim_port_row(sim, "h1/a").admin, DMP_ADMIN_ENABLED);
	sim_run(sim, 50 * SIM_MINUTE); /* 02:37 winter time */
	assert_int_equal(sim_port_row(sim, "h1/a").admin, DMP_ADMIN_ENABLED);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static void
change_at_run_time_ends_by_itself_and_survives_a_restart(void **state)
{
	struct sim *sim = *state;
	struct dmp_text error = {0};
	struct dmp_admin_entry entry = {.scope = DMP_ADMIN_SCOPE_HOST,
	    .name = "h1",
	    .state = DMP_ADMIN_MAINTENANCE,
	    .origin = DMP_ADMIN_ORIGIN_RUN_TIME,
	    .until_ms = dmp_clock_parse("2026-11-22T14:00:00Z"),
	    .comment = "by hand"};
	uint32_t ticket;

	start_up(sim, SITE);
	sim_port(sim, "10.0.0.1", 1001, SIM_REFUSED);
	sim_run(sim, 10 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a");
	assert_int_equal(
	    dmp_engine_set_admin(sim_engine(sim), &entry, &ticket, &error), DMP_OK);
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, "portCleared h1/a");
	sim_stop(sim);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
	assert_string_equal(sim_port_row(sim, "h1/a").admin_comment, "by hand");
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h1/a");
}

/* --- reloads and restarts --- */

static void
reload_in_the_middle_of_a_confirmation_goes_on_with_it(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_port(sim, "10.0.0.1", 1001, SIM_REFUSED);
	for (unsigned i = 0; i < 60; i++) {
		sim_run(sim, SIM_SECOND);
		sim_reload(sim, SITE);
	}
	sim_expect(sim, "portDown h1/a");
}

static void
reload_without_the_host_that_is_down_takes_it_back(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.3", true);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostDown h3");
	sim_reload(sim, SITE);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "");
	sim_reload(sim, SIM_POLICY SIM_HOST("h1", "10.0.0.1", TWO_PORTS)
	                    SIM_HOST("h2", "10.0.0.2", TWO_PORTS) SIM_REQUIREMENTS);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostUp h3");
	assert_int_equal(
	    sim_event(sim, DMP_EVENT_HOST_UP, NULL).reason, DMP_REASON_REMOVED);
}

static void
restart_while_a_host_is_down_announces_nothing_again(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_port(sim, "10.0.0.2", 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h2/a, hostDown h1");
	for (unsigned i = 0; i < 5; i++) {
		if (i % 2)
			sim_kill(sim);
		else
			sim_stop(sim);
		sim_start(sim);
		sim_run(sim, i * SIM_MINUTE);
		sim_expect(sim, "");
	}
}

static void
recovery_while_away_is_told_after_the_start(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	sim_host_gone(sim, "10.0.0.1", true);
	sim_port(sim, "10.0.0.2", 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h2/a, hostDown h1");
	sim_kill(sim);
	sim_host_gone(sim, "10.0.0.1", false);
	sim_port(sim, "10.0.0.2", 1001, SIM_UP);
	sim_run(sim, SIM_HOUR);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "hostUp h1, portUp h2/a");
}

static void
changes_that_a_host_suppresses_are_no_flaps(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SITE);
	for (unsigned i = 0; i < 8; i++) {
		sim_host_gone(sim, "10.0.0.1", true);
		sim_run(sim, 70 * SIM_SECOND);
		sim_host_gone(sim, "10.0.0.1", false);
		sim_run(sim, 70 * SIM_SECOND);
	}
	assert_int_equal(count_types(sim, DMP_EVENT_PORT_FLAPPING), 0);
	assert_int_equal(count_types(sim, DMP_EVENT_PORT_DOWN), 0);
}

#define SCENARIO(name) cmocka_unit_test_setup_teardown(name, sim_setup, sim_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENARIO(link_that_is_cut_is_one_notification_and_its_return_another),
	    SCENARIO(what_has_changed_while_cut_off_is_told_afterwards),
	    SCENARIO(isolation_goes_on_over_a_restart),
	    SCENARIO(reference_that_answers_disproves_isolation),
	    SCENARIO(reference_that_fails_isolates_a_site_of_one_host),
	    SCENARIO(group_that_is_down_is_one_notification),
	    SCENARIO(ten_hosts_of_twenty_ports_are_ten_notifications_each_way),
	    SCENARIO(window_clears_what_is_raised_and_its_end_tells_what_is_true),
	    SCENARIO(host_that_reboots_in_its_window_says_nothing),
	    SCENARIO(host_that_is_down_is_over_in_its_window_and_told_after_it),
	    SCENARIO(clock_that_is_set_back_opens_a_window_again),
	    SCENARIO(
	        weekly_window_goes_by_the_clock_on_the_wall_once_in_the_hour_that_comes_twice),
	    SCENARIO(change_at_run_time_ends_by_itself_and_survives_a_restart),
	    SCENARIO(reload_in_the_middle_of_a_confirmation_goes_on_with_it),
	    SCENARIO(reload_without_the_host_that_is_down_takes_it_back),
	    SCENARIO(restart_while_a_host_is_down_announces_nothing_again),
	    SCENARIO(recovery_while_away_is_told_after_the_start),
	    SCENARIO(changes_that_a_host_suppresses_are_no_flaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
