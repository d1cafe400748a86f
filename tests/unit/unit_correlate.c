/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/correlate_site.h"

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

static void
only_syn_ack_rst_and_what_the_host_says_itself_is_heard(void **state)
{
	static const enum dmp_reason HEARD[] = {DMP_REASON_OPEN, DMP_REASON_ANSWERED,
	    DMP_REASON_SLOW, DMP_REASON_REFUSED, DMP_REASON_SILENT,
	    DMP_REASON_CONNECTION_RESET, DMP_REASON_WRONG_SERVICE, DMP_REASON_TLS_ALERT,
	    DMP_REASON_PROTOCOL_UNREACHABLE};
	static const enum dmp_reason MUTE[] = {DMP_REASON_TIMEOUT,
	    DMP_REASON_HOST_UNREACHABLE, DMP_REASON_NET_UNREACHABLE,
	    DMP_REASON_ADMIN_PROHIBITED, DMP_REASON_NO_ROUTE, DMP_REASON_DNS_NO_NAME,
	    DMP_REASON_DNS_FAILED, DMP_REASON_DNS_TIMEOUT};
	static const enum dmp_reason NOTHING[] = {DMP_REASON_NONE, DMP_REASON_NO_REPLY,
	    DMP_REASON_LOCAL_LIMIT, DMP_REASON_LOCAL_FIREWALL, DMP_REASON_CANCELLED};

	(void)state;
	for (size_t i = 0; i < sizeof HEARD / sizeof HEARD[0]; i++)
		assert_int_equal(dmp_correlate_evidence(HEARD[i]), DMP_EVIDENCE_HEARD);
	for (size_t i = 0; i < sizeof MUTE / sizeof MUTE[0]; i++)
		assert_int_equal(dmp_correlate_evidence(MUTE[i]), DMP_EVIDENCE_MUTE);
	for (size_t i = 0; i < sizeof NOTHING / sizeof NOTHING[0]; i++)
		assert_int_equal(dmp_correlate_evidence(NOTHING[i]), DMP_EVIDENCE_NONE);
}

/* Take away one cause after the other, the one that is shown first. */
static void
the_widest_cause_of_silence_is_shown(void **state)
{
	struct dmp_silence silence = {.admin = DMP_ADMIN_MAINTENANCE,
	    .vantage = DMP_VOICE_SUPPRESSED,
	    .host = DMP_VOICE_SUPPRESSED,
	    .flapping = true,
	    .endpoint = true};

	(void)state;
	assert_int_equal(
	    dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_MAINTENANCE);
	silence.admin = DMP_ADMIN_ENABLED;
	assert_int_equal(dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_VANTAGE);
	silence.vantage = DMP_VOICE_SPEAKS;
	assert_int_equal(dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_HOST);
	silence.host = DMP_VOICE_SPEAKS;
	assert_int_equal(dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_FLAPPING);
	silence.flapping = false;
	assert_int_equal(dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_ENDPOINT);
	silence.endpoint = false;
	assert_int_equal(dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_NONE);
}

static void
who_is_held_announces_nothing_and_shows_no_cause(void **state)
{
	struct dmp_silence silence = {
	    .admin = DMP_ADMIN_ENABLED, .host = DMP_VOICE_HELD};

	(void)state;
	assert_false(dmp_correlate_may_announce(&silence));
	assert_int_equal(dmp_correlate_suppressed(&silence), DMP_SUPPRESSED_NONE);
	silence.host = DMP_VOICE_SPEAKS;
	assert_true(dmp_correlate_may_announce(&silence));
}

static void
the_end_of_a_problem_in_maintenance_is_announced(void **state)
{
	struct dmp_silence silence = {.admin = DMP_ADMIN_MAINTENANCE,
	    .vantage = DMP_VOICE_SUPPRESSED,
	    .host = DMP_VOICE_SUPPRESSED};

	(void)state;
	assert_true(dmp_correlate_may_announce(&silence));
	silence.admin = DMP_ADMIN_DISABLED;
	assert_true(dmp_correlate_may_announce(&silence));
}

static void
suppressed_changes_do_not_count_as_flaps(void **state)
{
	static const struct dmp_silence CAUSES[] = {
	    {.admin = DMP_ADMIN_MAINTENANCE},
	    {.admin = DMP_ADMIN_ENABLED, .vantage = DMP_VOICE_SUPPRESSED},
	    {.admin = DMP_ADMIN_ENABLED, .host = DMP_VOICE_SUPPRESSED},
	    {.admin = DMP_ADMIN_ENABLED, .host = DMP_VOICE_HELD},
	    {.admin = DMP_ADMIN_ENABLED, .endpoint = true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CAUSES / sizeof CAUSES[0]; i++)
		assert_false(dmp_correlate_counts_as_flap(&CAUSES[i]));
}

static void
a_flapping_port_announces_nothing_and_goes_on_counting(void **state)
{
	const struct dmp_silence silence = {
	    .admin = DMP_ADMIN_ENABLED, .flapping = true};

	(void)state;
	assert_false(dmp_correlate_may_announce(&silence));
	assert_true(dmp_correlate_counts_as_flap(&silence));
}

static void
the_summary_of_a_host_tells_who_was_heard_and_asked(void **state)
{
	struct dmp_host_port ports[] = {
	    {.transport = DMP_TRANSPORT_TCP,
	        .level = DMP_LEVEL_REQUIRED,
	        .admin = DMP_ADMIN_ENABLED,
	        .state = DMP_STATE_DOWN,
	        .reason = DMP_REASON_TIMEOUT,
	        .began_ms = 700,
	        .timeout_ms = 100,
	        .settled = true},
	    {.transport = DMP_TRANSPORT_TCP,
	        .level = DMP_LEVEL_OPTIONAL,
	        .admin = DMP_ADMIN_ENABLED,
	        .state = DMP_STATE_DOWN,
	        .reason = DMP_REASON_REFUSED,
	        .began_ms = 500,
	        .timeout_ms = 300},
	    {.transport = DMP_TRANSPORT_UDP,
	        .level = DMP_LEVEL_REQUIRED,
	        .admin = DMP_ADMIN_ENABLED,
	        .state = DMP_STATE_UP,
	        .reason = DMP_REASON_ANSWERED,
	        .began_ms = 600,
	        .settled = true},
	};
	struct dmp_host_view view = dmp_correlate_host_summary(ports, 3);

	(void)state;
	assert_true(view.has_port);
	assert_false(view.settled);
	assert_false(view.mute);
	assert_int_equal(view.heard_ms, 600);
	assert_int_equal(view.asked_ms, 500);
	assert_int_equal(view.timeout_ms, 300);
	view = dmp_correlate_host_summary(ports, 1);
	assert_true(view.mute);
	assert_int_equal(view.heard_ms, DMP_BEGAN_NEVER);
	view = dmp_correlate_host_summary(ports + 2, 1);
	assert_false(view.has_port);
	assert_false(view.mute);
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
	    cmocka_unit_test(only_syn_ack_rst_and_what_the_host_says_itself_is_heard),
	    cmocka_unit_test(the_widest_cause_of_silence_is_shown),
	    cmocka_unit_test(who_is_held_announces_nothing_and_shows_no_cause),
	    cmocka_unit_test(the_end_of_a_problem_in_maintenance_is_announced),
	    cmocka_unit_test(suppressed_changes_do_not_count_as_flaps),
	    cmocka_unit_test(a_flapping_port_announces_nothing_and_goes_on_counting),
	    cmocka_unit_test(the_summary_of_a_host_tells_who_was_heard_and_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
