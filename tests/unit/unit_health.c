/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/health.h"

static const struct dmp_health_policy POLICY = {.fall = 3, .rise = 2};

static void
feed(struct dmp_health *h, enum dmp_reason reason, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		(void)dmp_health_feed(h, &POLICY, DMP_LEVEL_REQUIRED, reason);
}

static struct dmp_health
in_state(enum dmp_state state)
{
	struct dmp_health h;

	dmp_health_resume(&h, state);
	return h;
}

static void
zeroed_health_is_unknown(void **state)
{
	struct dmp_health h = {0};

	(void)state;
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UNKNOWN);
}

static void
first_success_is_believed_at_once(void **state)
{
	struct dmp_health h = {0};

	(void)state;
	assert_true(
	    dmp_health_feed(&h, &POLICY, DMP_LEVEL_REQUIRED, DMP_REASON_ANSWERED));
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
initial_down_is_confirmed_by_fall_attempts(void **state)
{
	struct dmp_health h = {0};

	(void)state;
	feed(&h, DMP_REASON_REFUSED, 2);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UNKNOWN);
	feed(&h, DMP_REASON_REFUSED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
}

static void
up_goes_down_after_fall_failures_in_a_row(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_TIMEOUT, 1);
	feed(&h, DMP_REASON_REFUSED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
	feed(&h, DMP_REASON_TIMEOUT, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
}

static void
one_success_in_between_starts_the_count_again(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_TIMEOUT, 2);
	feed(&h, DMP_REASON_OPEN, 1);
	feed(&h, DMP_REASON_TIMEOUT, 2);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
down_comes_up_after_rise_successes(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_DOWN);

	(void)state;
	feed(&h, DMP_REASON_OPEN, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
	feed(&h, DMP_REASON_OPEN, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
inconclusive_attempts_never_count(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_TIMEOUT, 2);
	feed(&h, DMP_REASON_LOCAL_LIMIT, 50);
	feed(&h, DMP_REASON_CANCELLED, 50);
	feed(&h, DMP_REASON_LOCAL_FIREWALL, 50);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
	assert_int_equal(h.valid, 2);
	feed(&h, DMP_REASON_TIMEOUT, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
}

static void
udp_silence_makes_unknown_unverified(void **state)
{
	struct dmp_health h = {0};

	(void)state;
	feed(&h, DMP_REASON_NO_REPLY, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UNVERIFIED);
}

static void
udp_silence_never_worsens_up(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_NO_REPLY, 100);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
udp_silence_ends_down_after_rise(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_DOWN);

	(void)state;
	feed(&h, DMP_REASON_NO_REPLY, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
	feed(&h, DMP_REASON_NO_REPLY, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UNVERIFIED);
}

static void
unverified_believes_the_first_answer(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UNVERIFIED);

	(void)state;
	feed(&h, DMP_REASON_ANSWERED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
unverified_goes_down_after_fall(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UNVERIFIED);

	(void)state;
	feed(&h, DMP_REASON_REFUSED, 2);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UNVERIFIED);
	feed(&h, DMP_REASON_REFUSED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
}

static void
unwell_service_is_degraded_after_fall(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_SERVICE_UNWELL, 2);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
	feed(&h, DMP_REASON_SERVICE_UNWELL, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DEGRADED);
}

static void
mixed_bad_attempts_count_together_and_the_last_decides(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_SERVICE_UNWELL, 2);
	feed(&h, DMP_REASON_REFUSED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
}

static void
open_forbidden_port_is_exposed_and_refusing_one_closed(void **state)
{
	(void)state;
	assert_int_equal(
	    dmp_health_target(DMP_LEVEL_FORBIDDEN, DMP_REASON_OPEN), DMP_STATE_EXPOSED);
	assert_int_equal(dmp_health_target(DMP_LEVEL_FORBIDDEN, DMP_REASON_REFUSED),
	    DMP_STATE_CLOSED);
	assert_int_equal(dmp_health_target(DMP_LEVEL_FORBIDDEN, DMP_REASON_TIMEOUT),
	    DMP_STATE_CLOSED);
}

static void
forbidden_port_held_by_another_service_is_exposed(void **state)
{
	(void)state;
	assert_int_equal(
	    dmp_health_target(DMP_LEVEL_FORBIDDEN, DMP_REASON_WRONG_SERVICE),
	    DMP_STATE_EXPOSED);
	assert_int_equal(
	    dmp_health_target(DMP_LEVEL_FORBIDDEN, DMP_REASON_CLOSED_EARLY),
	    DMP_STATE_EXPOSED);
}

static void
unresolvable_name_says_nothing_about_a_forbidden_port(void **state)
{
	struct dmp_health h = {0};

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_false(dmp_health_feed(
		    &h, &POLICY, DMP_LEVEL_FORBIDDEN, DMP_REASON_DNS_TIMEOUT));
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UNKNOWN);
}

static void
doubt_is_checked_fast_and_long_down_slowly(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_NORMAL);
	feed(&h, DMP_REASON_TIMEOUT, 1);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_FAST);
	feed(&h, DMP_REASON_TIMEOUT, 2);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_NORMAL);
	feed(&h, DMP_REASON_TIMEOUT, DMP_HEALTH_LONG_DOWN);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_SLOW);
	feed(&h, DMP_REASON_OPEN, 1);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_FAST);
}

static void
severity_follows_level_and_state(void **state)
{
	static const struct {
		enum dmp_level level;
		enum dmp_state state;
		enum dmp_severity severity;
	} RULES[] = {
	    {DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_SEVERITY_CRITICAL},
	    {DMP_LEVEL_OPTIONAL, DMP_STATE_DOWN, DMP_SEVERITY_WARNING},
	    {DMP_LEVEL_FORBIDDEN, DMP_STATE_EXPOSED, DMP_SEVERITY_MAJOR},
	    {DMP_LEVEL_REQUIRED, DMP_STATE_DEGRADED, DMP_SEVERITY_MINOR},
	    {DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_SEVERITY_CLEARED},
	    {DMP_LEVEL_FORBIDDEN, DMP_STATE_CLOSED, DMP_SEVERITY_CLEARED},
	    {DMP_LEVEL_REQUIRED, DMP_STATE_UNVERIFIED, DMP_SEVERITY_INDETERMINATE},
	    {DMP_LEVEL_INFORMATIONAL, DMP_STATE_DOWN, DMP_SEVERITY_INDETERMINATE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++)
		assert_int_equal(dmp_health_severity(RULES[i].level, RULES[i].state),
		    RULES[i].severity);
}

static void
certificates_warn_before_they_expire(void **state)
{
	(void)state;
	assert_int_equal(dmp_health_certificate(DMP_REASON_ANSWERED, INT32_MAX),
	    DMP_SEVERITY_CLEARED);
	assert_int_equal(
	    dmp_health_certificate(DMP_REASON_ANSWERED, 30), DMP_SEVERITY_CLEARED);
	assert_int_equal(
	    dmp_health_certificate(DMP_REASON_TLS_EXPIRING, 29), DMP_SEVERITY_WARNING);
	assert_int_equal(
	    dmp_health_certificate(DMP_REASON_TLS_EXPIRING, 6), DMP_SEVERITY_MAJOR);
	assert_int_equal(
	    dmp_health_certificate(DMP_REASON_TLS_EXPIRED, -1), DMP_SEVERITY_CRITICAL);
	assert_int_equal(dmp_health_certificate(DMP_REASON_TLS_SELF_SIGNED, 300),
	    DMP_SEVERITY_WARNING);
}

static void
the_worse_of_two_severities_goes_by_rank(void **state)
{
	(void)state;
	assert_int_equal(dmp_health_worse(DMP_SEVERITY_CRITICAL, DMP_SEVERITY_WARNING),
	    DMP_SEVERITY_CRITICAL);
	assert_int_equal(dmp_health_worse(DMP_SEVERITY_MINOR, DMP_SEVERITY_MAJOR),
	    DMP_SEVERITY_MAJOR);
	assert_int_equal(
	    dmp_health_worse(DMP_SEVERITY_INDETERMINATE, DMP_SEVERITY_CLEARED),
	    DMP_SEVERITY_INDETERMINATE);
}

/* A port that was never announced counts as up, see dmp_announce_port(): the first
 * result is no change that anybody hears of, a confirmed bad one is. */
static void
the_first_good_result_leaves_no_doubt_and_the_first_bad_one_does(void **state)
{
	struct dmp_health good = {0};
	struct dmp_health bad = {0};

	(void)state;
	feed(&good, DMP_REASON_ANSWERED, 1);
	feed(&bad, DMP_REASON_REFUSED, 1);
	assert_int_equal(dmp_health_state(&good), DMP_STATE_UP);
	assert_int_equal(dmp_health_pace(&good), DMP_PACE_NORMAL);
	assert_int_equal(dmp_health_state(&bad), DMP_STATE_UNKNOWN);
	assert_int_equal(dmp_health_pace(&bad), DMP_PACE_FAST);
}

static void
an_answer_slower_than_the_threshold_is_slow(void **state)
{
	(void)state;
	assert_int_equal(
	    dmp_health_slow(DMP_LEVEL_REQUIRED, DMP_REASON_ANSWERED, 500000, 500),
	    DMP_REASON_ANSWERED);
	assert_int_equal(
	    dmp_health_slow(DMP_LEVEL_REQUIRED, DMP_REASON_ANSWERED, 500001, 500),
	    DMP_REASON_SLOW);
}

static void
threshold_0_finds_nothing_slow(void **state)
{
	(void)state;
	assert_int_equal(
	    dmp_health_slow(DMP_LEVEL_REQUIRED, DMP_REASON_ANSWERED, UINT32_MAX, 0),
	    DMP_REASON_ANSWERED);
}

static void
only_what_would_be_up_can_be_slow(void **state)
{
	static const enum dmp_reason OTHERS[] = {DMP_REASON_REFUSED, DMP_REASON_TIMEOUT,
	    DMP_REASON_SERVICE_UNWELL, DMP_REASON_TLS_EXPIRED, DMP_REASON_LOCAL_LIMIT,
	    DMP_REASON_NO_REPLY};

	(void)state;
	for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
		assert_int_equal(
		    dmp_health_slow(DMP_LEVEL_REQUIRED, OTHERS[i], 9000000, 500),
		    OTHERS[i]);
	assert_int_equal(
	    dmp_health_slow(DMP_LEVEL_FORBIDDEN, DMP_REASON_OPEN, 9000000, 500),
	    DMP_REASON_OPEN);
}

static void
slow_answers_degrade_after_fall_and_quick_ones_recover_after_rise(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_UP);

	(void)state;
	feed(&h, DMP_REASON_SLOW, 2);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
	feed(&h, DMP_REASON_SLOW, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DEGRADED);
	feed(&h, DMP_REASON_ANSWERED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DEGRADED);
	feed(&h, DMP_REASON_ANSWERED, 1);
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
a_doubted_bad_state_holds_again_after_fall_attempts(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_DOWN);

	(void)state;
	dmp_health_reconfirm(&h, &POLICY, DMP_PACE_NORMAL);
	feed(&h, DMP_REASON_REFUSED, 2);
	assert_false(dmp_health_is_settled(&h));
	feed(&h, DMP_REASON_REFUSED, 1);
	assert_true(dmp_health_is_settled(&h));
	assert_int_equal(dmp_health_state(&h), DMP_STATE_DOWN);
}

static void
a_doubted_bad_state_that_ends_is_settled(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_DOWN);

	(void)state;
	dmp_health_reconfirm(&h, &POLICY, DMP_PACE_NORMAL);
	feed(&h, DMP_REASON_ANSWERED, 2);
	assert_true(dmp_health_is_settled(&h));
	assert_int_equal(dmp_health_state(&h), DMP_STATE_UP);
}

static void
inconclusive_attempts_confirm_nothing_again(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_DOWN);

	(void)state;
	dmp_health_reconfirm(&h, &POLICY, DMP_PACE_NORMAL);
	feed(&h, DMP_REASON_CANCELLED, 10);
	assert_false(dmp_health_is_settled(&h));
}

static void
a_good_state_needs_no_confirmation(void **state)
{
	static const enum dmp_state GOOD[] = {
	    DMP_STATE_UP, DMP_STATE_CLOSED, DMP_STATE_UNKNOWN, DMP_STATE_UNVERIFIED};

	(void)state;
	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
		struct dmp_health h = in_state(GOOD[i]);

		dmp_health_reconfirm(&h, &POLICY, DMP_PACE_FAST);
		assert_true(dmp_health_is_settled(&h));
	}
}

static void
a_doubted_state_is_checked_at_the_pace_that_was_asked_for(void **state)
{
	struct dmp_health h = in_state(DMP_STATE_DOWN);

	(void)state;
	feed(&h, DMP_REASON_TIMEOUT, DMP_HEALTH_LONG_DOWN);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_SLOW);
	dmp_health_reconfirm(&h, &POLICY, DMP_PACE_FAST);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_FAST);
	dmp_health_reconfirm(&h, &POLICY, DMP_PACE_NORMAL);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_NORMAL);
	feed(&h, DMP_REASON_ANSWERED, 1);
	assert_int_equal(dmp_health_pace(&h), DMP_PACE_FAST);
}

static void
the_policy_may_say_how_bad_a_state_is(void **state)
{
	static const struct dmp_severities SAID = {.down = DMP_SEVERITY_MAJOR,
	    .degraded = DMP_SEVERITY_WARNING,
	    .exposed = DMP_SEVERITY_CRITICAL};

	(void)state;
	assert_int_equal(
	    dmp_health_severity_of(&SAID, DMP_LEVEL_REQUIRED, DMP_STATE_DOWN),
	    DMP_SEVERITY_MAJOR);
	assert_int_equal(
	    dmp_health_severity_of(&SAID, DMP_LEVEL_OPTIONAL, DMP_STATE_DOWN),
	    DMP_SEVERITY_MAJOR);
	assert_int_equal(
	    dmp_health_severity_of(&SAID, DMP_LEVEL_REQUIRED, DMP_STATE_DEGRADED),
	    DMP_SEVERITY_WARNING);
	assert_int_equal(
	    dmp_health_severity_of(&SAID, DMP_LEVEL_FORBIDDEN, DMP_STATE_EXPOSED),
	    DMP_SEVERITY_CRITICAL);
}

static void
a_policy_that_says_nothing_leaves_every_severity(void **state)
{
	static const struct dmp_severities NOTHING = {0};

	(void)state;
	for (int level = DMP_LEVEL_REQUIRED; level <= DMP_LEVEL_NONE; level++)
		for (int s = DMP_STATE_UNKNOWN; s <= DMP_STATE_NOT_APPLICABLE; s++)
			assert_int_equal(dmp_health_severity_of(&NOTHING,
			                     (enum dmp_level)level, (enum dmp_state)s),
			    dmp_health_severity(
			        (enum dmp_level)level, (enum dmp_state)s));
	for (int32_t days = -2; days < 40; days++)
		assert_int_equal(
		    dmp_health_certificate_of(&NOTHING, DMP_REASON_ANSWERED, days),
		    dmp_health_certificate(DMP_REASON_ANSWERED, days));
}

static void
no_policy_makes_a_good_or_informational_port_bad(void **state)
{
	static const struct dmp_severities ALL = {DMP_SEVERITY_CRITICAL,
	    DMP_SEVERITY_CRITICAL, DMP_SEVERITY_CRITICAL, DMP_SEVERITY_CRITICAL};

	(void)state;
	assert_int_equal(dmp_health_severity_of(&ALL, DMP_LEVEL_REQUIRED, DMP_STATE_UP),
	    DMP_SEVERITY_CLEARED);
	assert_int_equal(
	    dmp_health_severity_of(&ALL, DMP_LEVEL_REQUIRED, DMP_STATE_UNKNOWN),
	    DMP_SEVERITY_INDETERMINATE);
	assert_int_equal(
	    dmp_health_severity_of(&ALL, DMP_LEVEL_INFORMATIONAL, DMP_STATE_DOWN),
	    DMP_SEVERITY_INDETERMINATE);
	assert_int_equal(dmp_health_certificate_of(&ALL, DMP_REASON_ANSWERED, 30),
	    DMP_SEVERITY_CLEARED);
}

static void
the_policy_may_say_how_bad_a_certificate_is(void **state)
{
	static const struct dmp_severities SAID = {.certificate = DMP_SEVERITY_MINOR};

	(void)state;
	assert_int_equal(dmp_health_certificate_of(&SAID, DMP_REASON_ANSWERED, 29),
	    DMP_SEVERITY_MINOR);
	assert_int_equal(dmp_health_certificate_of(&SAID, DMP_REASON_TLS_EXPIRED, -1),
	    DMP_SEVERITY_MINOR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zeroed_health_is_unknown),
	    cmocka_unit_test(first_success_is_believed_at_once),
	    cmocka_unit_test(initial_down_is_confirmed_by_fall_attempts),
	    cmocka_unit_test(up_goes_down_after_fall_failures_in_a_row),
	    cmocka_unit_test(one_success_in_between_starts_the_count_again),
	    cmocka_unit_test(down_comes_up_after_rise_successes),
	    cmocka_unit_test(inconclusive_attempts_never_count),
	    cmocka_unit_test(udp_silence_makes_unknown_unverified),
	    cmocka_unit_test(udp_silence_never_worsens_up),
	    cmocka_unit_test(udp_silence_ends_down_after_rise),
	    cmocka_unit_test(unverified_believes_the_first_answer),
	    cmocka_unit_test(unverified_goes_down_after_fall),
	    cmocka_unit_test(unwell_service_is_degraded_after_fall),
	    cmocka_unit_test(mixed_bad_attempts_count_together_and_the_last_decides),
	    cmocka_unit_test(open_forbidden_port_is_exposed_and_refusing_one_closed),
	    cmocka_unit_test(forbidden_port_held_by_another_service_is_exposed),
	    cmocka_unit_test(unresolvable_name_says_nothing_about_a_forbidden_port),
	    cmocka_unit_test(doubt_is_checked_fast_and_long_down_slowly),
	    cmocka_unit_test(severity_follows_level_and_state),
	    cmocka_unit_test(certificates_warn_before_they_expire),
	    cmocka_unit_test(the_worse_of_two_severities_goes_by_rank),
	    cmocka_unit_test(
	        the_first_good_result_leaves_no_doubt_and_the_first_bad_one_does),
	    cmocka_unit_test(an_answer_slower_than_the_threshold_is_slow),
	    cmocka_unit_test(threshold_0_finds_nothing_slow),
	    cmocka_unit_test(only_what_would_be_up_can_be_slow),
	    cmocka_unit_test(
	        slow_answers_degrade_after_fall_and_quick_ones_recover_after_rise),
	    cmocka_unit_test(a_doubted_bad_state_holds_again_after_fall_attempts),
	    cmocka_unit_test(a_doubted_bad_state_that_ends_is_settled),
	    cmocka_unit_test(inconclusive_attempts_confirm_nothing_again),
	    cmocka_unit_test(a_good_state_needs_no_confirmation),
	    cmocka_unit_test(a_doubted_state_is_checked_at_the_pace_that_was_asked_for),
	    cmocka_unit_test(the_policy_may_say_how_bad_a_state_is),
	    cmocka_unit_test(a_policy_that_says_nothing_leaves_every_severity),
	    cmocka_unit_test(no_policy_makes_a_good_or_informational_port_bad),
	    cmocka_unit_test(the_policy_may_say_how_bad_a_certificate_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
