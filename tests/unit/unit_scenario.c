/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenarios of single ports: what is announced while hours pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/sim.h"
#include "support/sim_site.h"

#define ADDRESS "10.0.0.1"
#define ONE_PORT_WITH(policy, attributes)                                              \
	policy SIM_HOST("h1", ADDRESS, SIM_SERVICE_WITH("a", "1001", attributes))      \
	    SIM_REQUIREMENTS
#define ONE_PORT ONE_PORT_WITH(SIM_POLICY, "")
#define FLAPPY   SIM_POLICY "<policy flap='6' flap-window='20m'/>\n"
#define HTTPS                                                                          \
	"<policy interval='30s' fast='2s' timeout='3s' fall='3' rise='2'/>\n"          \
	"<host name='h1' address='" ADDRESS "' roles='device'>"                        \
	"<port requirement='web' port='443'/></host>\n"                                \
	"<requirement key='web' index='10001' title='Web' transport='tcp' port='443' " \
	"to='client' level='required' probe='https'/>\n"

static void
start_up(struct sim *sim, const char *site)
{
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_site(sim, site);
	sim_start(sim);
	sim_run(sim, SIM_MINUTE);
	sim_expect(sim, "");
}

/* --- health --- */

static void
up_from_the_start_announces_nothing(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT);
	sim_run(sim, 6 * SIM_HOUR);
	sim_expect(sim, "");
	assert_int_equal(sim_port_row(sim, "h1/a").state, DMP_STATE_UP);
}

static void
refused_from_the_start_is_confirmed_and_announced(void **state)
{
	struct sim *sim = *state;

	sim_site(sim, ONE_PORT);
	sim_start(sim);
	sim_run(sim, 3 * SIM_SECOND);
	sim_expect(sim, "");
	sim_run(sim, 3 * SIM_SECOND);
	sim_expect(sim, "portDown h1/a");
	sim_run(sim, 6 * SIM_HOUR);
	sim_expect(sim, "");
}

static void
death_and_recovery_are_one_notification_each(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT);
	for (unsigned i = 0; i < 5; i++) {
		sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
		sim_run(sim, SIM_HOUR);
		sim_expect(sim, "portDown h1/a");
		sim_port(sim, ADDRESS, 1001, SIM_UP);
		sim_run(sim, SIM_HOUR);
		sim_expect(sim, "portUp h1/a");
	}
}

static void
refusal_is_told_within_the_interval_and_its_rechecks(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, (30 + 2 * 2) * SIM_SECOND + 100);
	sim_expect(sim, "portDown h1/a");
}

static void
recovery_from_a_long_outage_is_told_within_the_slow_interval(void **state)
{
	struct sim *sim = *state;
	unsigned before;

	start_up(sim, ONE_PORT);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, 3 * SIM_HOUR);
	sim_expect(sim, "portDown h1/a");
	before = sim_attempts(sim, ADDRESS, 1001);
	sim_run(sim, SIM_HOUR);
	assert_in_range(sim_attempts(sim, ADDRESS, 1001) - before, 60, 67);
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_run(sim, (60 + 2) * SIM_SECOND + 100);
	sim_expect(sim, "portUp h1/a");
}

static void
failures_shorter_than_their_confirmation_are_no_death(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT);
	for (unsigned i = 0; i < 100; i++) {
		sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
		sim_run(sim, 3 * SIM_SECOND);
		sim_port(sim, ADDRESS, 1001, SIM_UP);
		sim_run(sim, 47 * SIM_SECOND);
	}
	sim_expect(sim, "");
	assert_true(sim_port_row(sim, "h1/a").failures > 0);
}

/* A service that dies slowly: well, then unwell, then wrong, then gone. */
static void
slow_death_is_told_step_by_step_with_what_replaces_what(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT);
	sim_port(sim, ADDRESS, 1001, SIM_UNWELL);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDegraded h1/a");
	sim_port(sim, ADDRESS, 1001, SIM_WRONG);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portCleared h1/a, portDown h1/a");
	assert_int_equal(
	    sim_event(sim, DMP_EVENT_PORT_CLEARED, NULL).reason, DMP_REASON_SUPERSEDED);
	assert_non_null(strstr(sim_event(sim, DMP_EVENT_PORT_CLEARED, NULL).message,
	    "Z: replaced by another problem of the same port"));
	assert_int_equal(
	    sim_event(sim, DMP_EVENT_PORT_DOWN, NULL).reason, DMP_REASON_WRONG_SERVICE);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
	assert_int_equal(sim_port_row(sim, "h1/a").reason, DMP_REASON_REFUSED);
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portUp h1/a");
}

static void
slow_answers_are_degraded_beyond_the_threshold(void **state)
{
	struct sim *sim = *state;

	start_up(sim, SIM_POLICY "<policy slow-answer='500ms'/>\n" SIM_HOST(
	                  "h1", ADDRESS, SIM_SERVICE("a", "1001")) SIM_REQUIREMENTS);
	sim_latency(sim, ADDRESS, 1001, 400000);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
	sim_latency(sim, ADDRESS, 1001, 900000);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDegraded h1/a");
	assert_int_equal(sim_port_row(sim, "h1/a").reason, DMP_REASON_SLOW);
	sim_latency(sim, ADDRESS, 1001, 1000);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portUp h1/a");
}

static void
severity_of_the_policy_is_in_the_event_and_in_the_row(void **state)
{
	struct sim *sim = *state;

	start_up(
	    sim, ONE_PORT_WITH(SIM_POLICY "<policy severity-down='minor'/>\n", ""));
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h1/a");
	assert_int_equal(
	    sim_event(sim, DMP_EVENT_PORT_DOWN, NULL).severity, DMP_SEVERITY_MINOR);
	assert_int_equal(sim_port_row(sim, "h1/a").severity, DMP_SEVERITY_MINOR);
}

/* --- flapping --- */

static void
flapping_is_one_finding_and_the_state_is_told_when_it_is_over(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT_WITH(FLAPPY, ""));
	sim_flap(sim, ADDRESS, 1001, SIM_REFUSED, SIM_UP, 4 * SIM_MINUTE);
	sim_run(sim, 2 * SIM_HOUR);
	sim_expect(sim, "portDown h1/a, portUp h1/a, portDown h1/a, portUp h1/a, "
	                "portDown h1/a, portFlapping h1/a");
	assert_int_equal(sim_port_row(sim, "h1/a").suppressed, DMP_SUPPRESSED_FLAPPING);
	assert_true(sim_port_row(sim, "h1/a").transitions > 50);
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portStable h1/a, portUp h1/a");
	assert_int_equal(sim_port_row(sim, "h1/a").suppressed, DMP_SUPPRESSED_NONE);
}

static void
port_that_calms_down_in_the_announced_state_says_no_more_than_that(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT_WITH(FLAPPY, ""));
	sim_flap(sim, ADDRESS, 1001, SIM_REFUSED, SIM_UP, 4 * SIM_MINUTE);
	sim_run(sim, 20 * SIM_MINUTE);
	(void)sim_event(sim, DMP_EVENT_PORT_FLAPPING, "h1/a");
	sim_expect(sim, "portDown h1/a, portUp h1/a, portDown h1/a, portUp h1/a, "
	                "portDown h1/a, portFlapping h1/a");
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portStable h1/a");
}

static void
flapping_goes_on_over_a_restart(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT_WITH(FLAPPY, ""));
	sim_flap(sim, ADDRESS, 1001, SIM_REFUSED, SIM_UP, 4 * SIM_MINUTE);
	sim_run(sim, SIM_HOUR);
	(void)sim_event(sim, DMP_EVENT_PORT_FLAPPING, "h1/a");
	sim_expect(sim, "portDown h1/a, portUp h1/a, portDown h1/a, portUp h1/a, "
	                "portDown h1/a, portFlapping h1/a");
	sim_kill(sim);
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_expect(sim, "");
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portStable h1/a, portUp h1/a");
}

/* --- certificates --- */

static void
certificate_is_told_as_it_gets_worse_and_when_it_is_renewed(void **state)
{
	struct sim *sim = *state;

	sim_port(sim, ADDRESS, 443, SIM_UP);
	sim_certificate(sim, ADDRESS, 443, 35);
	sim_site(sim, HTTPS);
	sim_start(sim);
	sim_run(sim, 4 * (int64_t)SIM_DAY);
	sim_expect(sim, "");
	sim_run(sim, 3 * (int64_t)SIM_DAY);
	sim_expect(sim, "certificateExpiring h1/web");
	assert_int_equal(sim_event(sim, DMP_EVENT_CERTIFICATE_EXPIRING, NULL).severity,
	    DMP_SEVERITY_WARNING);
	assert_non_null(
	    strstr(sim_event(sim, DMP_EVENT_CERTIFICATE_EXPIRING, NULL).message,
	        "expires in 29 days"));
	sim_run(sim, 20 * (int64_t)SIM_DAY);
	sim_expect(sim, "");
	sim_run(sim, 4 * (int64_t)SIM_DAY);
	sim_expect(sim, "certificateExpiring h1/web");
	assert_int_equal(sim_event(sim, DMP_EVENT_CERTIFICATE_EXPIRING, NULL).severity,
	    DMP_SEVERITY_MAJOR);
	sim_run(sim, 10 * (int64_t)SIM_DAY);
	sim_expect(sim, "certificateExpiring h1/web, portDegraded h1/web");
	assert_int_equal(sim_event(sim, DMP_EVENT_CERTIFICATE_EXPIRING, NULL).severity,
	    DMP_SEVERITY_CRITICAL);
	sim_certificate(sim, ADDRESS, 443, 90);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "certificateRenewed h1/web, portUp h1/web");
}

static void
certificate_is_not_told_again_after_a_restart(void **state)
{
	struct sim *sim = *state;

	sim_port(sim, ADDRESS, 443, SIM_UP);
	sim_certificate(sim, ADDRESS, 443, 20);
	sim_site(sim, HTTPS);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "certificateExpiring h1/web");
	sim_stop(sim);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
	sim_stop(sim);
	sim_certificate(sim, ADDRESS, 443, 90);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "certificateRenewed h1/web");
}

/* --- availability and latency --- */

static void
availability_counts_the_time_down_and_goes_on_over_a_restart(void **state)
{
	struct sim *sim = *state;
	struct dmp_board_port_live live;

	start_up(sim, ONE_PORT);
	sim_run(sim, 6 * SIM_HOUR);
	assert_int_equal(sim_port_row(sim, "h1/a").availability[0], 100000);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, 2 * SIM_HOUR);
	live = sim_port_row(sim, "h1/a");
	assert_in_range(live.availability[0], 74000, 76000);
	assert_in_range(live.availability[2], 74000, 76000);
	sim_stop(sim);
	sim_run(sim, 6 * SIM_HOUR); /* of which nothing is known */
	sim_start(sim);
	sim_run(sim, 5 * SIM_MINUTE);
	live = sim_port_row(sim, "h1/a");
	assert_in_range(live.availability[0], 73000, 76000);
	sim_expect(sim, "portDown h1/a");
}

static void
maintenance_is_no_time_of_availability(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT_WITH(SIM_POLICY
	                  "<maintenance host='h1' from='2026-11-22T13:00:00Z' "
	                  "until='2026-11-22T15:00:00Z'/>",
	                  ""));
	sim_run(sim, 65 * SIM_MINUTE);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, 90 * SIM_MINUTE);
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "");
	assert_int_equal(sim_port_row(sim, "h1/a").availability[0], 100000);
}

static void
p95_is_that_of_the_last_hour(void **state)
{
	struct sim *sim = *state;

	sim_latency(sim, ADDRESS, 1001, 200000);
	start_up(sim, ONE_PORT);
	sim_run(sim, SIM_HOUR);
	assert_in_range(sim_port_row(sim, "h1/a").latency_p95_us, 180000, 220000);
	sim_latency(sim, ADDRESS, 1001, 1000);
	sim_run(sim, 2 * SIM_HOUR);
	assert_in_range(sim_port_row(sim, "h1/a").latency_p95_us, 900, 1100);
}

/* Stop, and look what is stored of the only port: the hours up to so many after noon,
 * the newest last. */
static void
stored_hours(struct sim *sim, uint32_t after_noon, uint32_t ret_p95_us[])
{
	const uint32_t noon = 20779 * 24 + 12; /* 2026-11-22T12:00:00Z */
	struct dmp_port_record records[2];

	sim_stop(sim);
	assert_int_equal(sim_records(sim, records, 2), 1);
	dmp_availability_record_p95(&records[0].record, noon + after_noon, ret_p95_us);
}

static void
each_hour_is_stored_with_the_p95_of_its_answers(void **state)
{
	enum { NEWEST = DMP_AVAILABILITY_HOURS - 1 };
	struct sim *sim = *state;
	uint32_t p95_us[DMP_AVAILABILITY_HOURS];

	sim_latency(sim, ADDRESS, 1001, 200000);
	start_up(sim, ONE_PORT);
	sim_run(sim, SIM_HOUR - SIM_MINUTE);
	sim_latency(sim, ADDRESS, 1001, 1000);
	sim_run(sim, SIM_HOUR);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, SIM_HOUR);
	sim_expect(sim, "portDown h1/a");
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_latency(sim, ADDRESS, 1001, 50000);
	sim_run(sim, SIM_HOUR + 10 * SIM_MINUTE);
	stored_hours(sim, 4, p95_us);
	assert_in_range(p95_us[NEWEST - 4], 180000, 220000);
	assert_in_range(p95_us[NEWEST - 3], 900, 1100);
	assert_int_equal(p95_us[NEWEST - 2], 0);
	assert_in_range(p95_us[NEWEST - 1], 45000, 55000);
	for (int i = 0; i < NEWEST - 4; i++)
		assert_int_equal(p95_us[i], 0);
}

/* An outage shorter than an hour takes nothing away, a restart neither. */
static void
an_hour_keeps_what_it_knows_of_its_answers(void **state)
{
	enum { NEWEST = DMP_AVAILABILITY_HOURS - 1 };
	struct sim *sim = *state;
	uint32_t p95_us[DMP_AVAILABILITY_HOURS];

	sim_latency(sim, ADDRESS, 1001, 5000);
	start_up(sim, ONE_PORT);
	sim_run(sim, 44 * SIM_MINUTE);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, 5 * SIM_MINUTE);
	sim_stop(sim);
	sim_start(sim);
	sim_run(sim, SIM_HOUR);
	stored_hours(sim, 1, p95_us);
	assert_in_range(p95_us[NEWEST - 1], 4500, 5500);
	assert_int_equal(p95_us[NEWEST], 0);
}

/* --- reminders --- */

static void
reminder_repeats_a_problem_that_lasts_and_ends_with_it(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT_WITH(SIM_POLICY "<notify reminder='1h'/>\n", ""));
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, 3 * SIM_HOUR + 10 * SIM_MINUTE);
	sim_expect(sim, "portDown h1/a, portDown h1/a, portDown h1/a, portDown h1/a");
	assert_int_equal(
	    strncmp(sim_event(sim, DMP_EVENT_PORT_DOWN, NULL).message, "repeated:", 9),
	    0);
	assert_int_equal(
	    sim_event(sim, DMP_EVENT_PORT_DOWN, NULL).previous_state, DMP_STATE_DOWN);
	sim_port(sim, ADDRESS, 1001, SIM_UP);
	sim_run(sim, 3 * SIM_HOUR);
	sim_expect(sim, "portUp h1/a");
}

static void
nothing_is_repeated_without_being_asked_for(void **state)
{
	struct sim *sim = *state;

	start_up(sim, ONE_PORT);
	sim_port(sim, ADDRESS, 1001, SIM_REFUSED);
	sim_run(sim, 2 * (int64_t)SIM_DAY);
	sim_expect(sim, "portDown h1/a");
}

#define SCENARIO(name) cmocka_unit_test_setup_teardown(name, sim_setup, sim_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENARIO(up_from_the_start_announces_nothing),
	    SCENARIO(refused_from_the_start_is_confirmed_and_announced),
	    SCENARIO(death_and_recovery_are_one_notification_each),
	    SCENARIO(refusal_is_told_within_the_interval_and_its_rechecks),
	    SCENARIO(recovery_from_a_long_outage_is_told_within_the_slow_interval),
	    SCENARIO(failures_shorter_than_their_confirmation_are_no_death),
	    SCENARIO(slow_death_is_told_step_by_step_with_what_replaces_what),
	    SCENARIO(slow_answers_are_degraded_beyond_the_threshold),
	    SCENARIO(severity_of_the_policy_is_in_the_event_and_in_the_row),
	    SCENARIO(flapping_is_one_finding_and_the_state_is_told_when_it_is_over),
	    SCENARIO(
	        port_that_calms_down_in_the_announced_state_says_no_more_than_that),
	    SCENARIO(flapping_goes_on_over_a_restart),
	    SCENARIO(certificate_is_told_as_it_gets_worse_and_when_it_is_renewed),
	    SCENARIO(certificate_is_not_told_again_after_a_restart),
	    SCENARIO(availability_counts_the_time_down_and_goes_on_over_a_restart),
	    SCENARIO(maintenance_is_no_time_of_availability),
	    SCENARIO(p95_is_that_of_the_last_hour),
	    SCENARIO(each_hour_is_stored_with_the_p95_of_its_answers),
	    SCENARIO(an_hour_keeps_what_it_knows_of_its_answers),
	    SCENARIO(reminder_repeats_a_problem_that_lasts_and_ends_with_it),
	    SCENARIO(nothing_is_repeated_without_being_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
