/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/correlate_site.h"

enum {
	HOSTS = 10,
	GROUPS = 4,
	TIMEOUT_MS = 3000,
	HOLD_MS = TIMEOUT_MS + DMP_HOLD_MARGIN_MS
};

/* Hosts of which each was heard at 1000, and groups without parents. */
struct box {
	struct dmp_site_watch watch;
	struct dmp_host_view hosts[HOSTS];
	struct dmp_group_view groups[GROUPS];
	struct dmp_site_view view;
};

static void
init(struct box *box, size_t n)
{
	*box = (struct box){.view = {.n_hosts = n}};
	for (size_t i = 0; i < n; i++)
		box->hosts[i] = (struct dmp_host_view){.has_port = true,
		    .settled = true,
		    .heard_ms = 1000,
		    .asked_ms = 1000,
		    .timeout_ms = TIMEOUT_MS,
		    .group = DMP_NO_GROUP};
	for (size_t i = 0; i < GROUPS; i++)
		box->groups[i].parent = DMP_NO_GROUP;
	box->view.n_groups = GROUPS;
}

static enum dmp_site_change
judge(struct box *box, int64_t now_ms)
{
	enum dmp_site_change change;

	box->view.hosts = box->hosts;
	box->view.groups = box->groups;
	change = dmp_correlate_site(&box->watch, &box->view, now_ms);
	for (size_t i = 0; i < box->view.n_hosts; i++)
		box->hosts[i].suppressed = box->hosts[i].voice == DMP_VOICE_SUPPRESSED;
	return change;
}

/* The host is down, and nobody was told. */
static void
lose(struct box *box, size_t i)
{
	box->hosts[i].down = true;
	box->hosts[i].waiting = true;
}

static void
announce(struct box *box, size_t i)
{
	assert_int_equal(box->hosts[i].voice, DMP_VOICE_SPEAKS);
	box->hosts[i].waiting = false;
	box->hosts[i].announced = true;
}

static void
hear(struct box *box, size_t i, int64_t began_ms)
{
	box->hosts[i].heard_ms = began_ms;
	box->hosts[i].asked_ms = began_ms;
}

static void
ask_in_vain(struct box *box, size_t i, int64_t began_ms)
{
	box->hosts[i].asked_ms = began_ms;
}

static void
recover(struct box *box, size_t i, int64_t began_ms)
{
	hear(box, i, began_ms);
	box->hosts[i].down = false;
	box->hosts[i].waiting = false;
	box->hosts[i].announced = false;
}

static void
nothing_to_announce_is_nothing_to_judge(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	assert_int_equal(judge(&box, 5000), DMP_SITE_SAME);
	assert_int_equal(box.view.wake_ms, DMP_HOLD_NEVER);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(box.hosts[i].voice, DMP_VOICE_SPEAKS);
		assert_false(box.hosts[i].recheck);
	}
}

static void
a_host_that_is_down_is_held_until_another_is_heard(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	lose(&box, 0);
	assert_int_equal(judge(&box, 5000), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_HELD);
	assert_true(box.hosts[1].recheck);
	assert_true(box.hosts[2].recheck);
	assert_false(box.hosts[0].recheck);
	hear(&box, 2, 5001);
	assert_int_equal(judge(&box, 5010), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.watch.until_ms, 0);
}

static void
when_no_host_answers_the_vantage_is_isolated_and_nothing_else_is_raised(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	lose(&box, 0);
	(void)judge(&box, 5000);
	ask_in_vain(&box, 1, 5000);
	assert_int_equal(judge(&box, 8000), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_HELD);
	ask_in_vain(&box, 2, 5010);
	assert_int_equal(judge(&box, 8010), DMP_SITE_ISOLATED);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(box.hosts[i].voice, DMP_VOICE_SUPPRESSED);
	assert_int_equal(judge(&box, 8020), DMP_SITE_SAME);
	lose(&box, 1);
	assert_int_equal(judge(&box, 9000), DMP_SITE_SAME);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SUPPRESSED);
}

static void
a_host_that_was_not_asked_in_time_leaves_it_to_the_host(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	lose(&box, 0);
	(void)judge(&box, 5000);
	assert_int_equal(box.watch.until_ms, 5000 + HOLD_MS);
	ask_in_vain(&box, 1, 5000);
	(void)judge(&box, 5000 + HOLD_MS - 1);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_HELD);
	assert_int_equal(judge(&box, 5000 + HOLD_MS), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
}

static void
a_site_with_one_host_is_never_isolated(void **state)
{
	struct box box;

	(void)state;
	init(&box, 1);
	lose(&box, 0);
	assert_int_equal(judge(&box, 5000), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
}

static void
loopback_and_the_vantage_itself_never_count(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	box.hosts[2].excluded = true;
	lose(&box, 0);
	lose(&box, 1);
	hear(&box, 2, 9000);
	assert_int_equal(judge(&box, 9100), DMP_SITE_ISOLATED);
}

static void
hosts_that_are_down_for_long_count_as_silent(void **state)
{
	struct box box;

	(void)state;
	init(&box, 2);
	lose(&box, 1);
	box.hosts[1].waiting = false;
	box.hosts[1].announced = true;
	lose(&box, 0);
	assert_int_equal(judge(&box, 5000), DMP_SITE_ISOLATED);
}

static void
a_single_mute_port_is_held_as_a_host_is(void **state)
{
	struct box box;

	(void)state;
	init(&box, 2);
	box.hosts[0].mute = true;
	box.hosts[0].waiting = true;
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_HELD);
	hear(&box, 1, 5000);
	(void)judge(&box, 5001);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
}

static void
few_hosts_are_asked_first_and_all_after_half_a_second(void **state)
{
	struct box box;
	size_t asked = 0;

	(void)state;
	init(&box, HOSTS);
	lose(&box, 0);
	(void)judge(&box, 5000);
	for (size_t i = 0; i < HOSTS; i++)
		asked += box.hosts[i].recheck;
	assert_int_equal(asked, 4);
	assert_int_equal(box.view.wake_ms, 5500);
	(void)judge(&box, 5500);
	for (size_t i = 1; i < HOSTS; i++)
		assert_true(box.hosts[i].recheck);
	assert_int_equal(box.view.wake_ms, 5000 + HOLD_MS);
}

static void
the_first_host_that_is_heard_restores_and_nothing_is_released_yet(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	for (size_t i = 0; i < 3; i++)
		lose(&box, i);
	assert_int_equal(judge(&box, 5000), DMP_SITE_ISOLATED);
	hear(&box, 1, 60000);
	assert_int_equal(judge(&box, 60010), DMP_SITE_RESTORED);
	assert_false(box.watch.isolated);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(box.hosts[i].voice, DMP_VOICE_HELD);
}

static void
after_isolation_a_host_speaks_when_it_has_confirmed_its_state(void **state)
{
	struct box box;

	(void)state;
	init(&box, 2);
	lose(&box, 0);
	lose(&box, 1);
	(void)judge(&box, 5000);
	hear(&box, 1, 60000);
	(void)judge(&box, 60010);
	box.hosts[0].settled = false;
	recover(&box, 1, 60100);
	assert_int_equal(judge(&box, 60110), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_HELD);
	assert_int_equal(box.watch.until_ms, 0);
	box.hosts[0].settled = true;
	(void)judge(&box, 70000);
	hear(&box, 1, 70000);
	(void)judge(&box, 70010);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
}

static void
isolation_that_was_announced_before_a_restart_ends_like_any_other(void **state)
{
	struct box box;

	(void)state;
	init(&box, 2);
	box.watch.isolated = true;
	for (size_t i = 0; i < 2; i++)
		box.hosts[i].heard_ms = DMP_BEGAN_NEVER;
	assert_int_equal(judge(&box, 10), DMP_SITE_SAME);
	hear(&box, 0, 20);
	assert_int_equal(judge(&box, 30), DMP_SITE_RESTORED);
}

static void
a_reference_that_fails_isolates_even_with_one_host(void **state)
{
	struct box box;

	(void)state;
	init(&box, 1);
	box.view.reference = DMP_REFERENCE_FAILS;
	box.view.reference_ms = 4000;
	assert_int_equal(judge(&box, 5000), DMP_SITE_SAME);
	assert_true(box.hosts[0].recheck);
	ask_in_vain(&box, 0, 5000);
	assert_int_equal(judge(&box, 8000), DMP_SITE_ISOLATED);
	box.view.reference = DMP_REFERENCE_ANSWERS;
	box.view.reference_ms = 90000;
	assert_int_equal(judge(&box, 90001), DMP_SITE_RESTORED);
}

static void
a_reference_that_fails_while_hosts_answer_is_its_own_problem(void **state)
{
	struct box box;

	(void)state;
	init(&box, 3);
	box.view.reference = DMP_REFERENCE_FAILS;
	(void)judge(&box, 5000);
	hear(&box, 1, 5000);
	assert_int_equal(judge(&box, 5010), DMP_SITE_SAME);
	assert_int_equal(box.watch.until_ms, 0);
	for (int64_t t = 6000; t < 600000; t += 10000) {
		assert_int_equal(judge(&box, t), DMP_SITE_SAME);
		assert_int_equal(box.view.wake_ms, DMP_HOLD_NEVER);
	}
}

static void
a_reference_that_answers_disproves_isolation(void **state)
{
	struct box box;

	(void)state;
	init(&box, 2);
	lose(&box, 0);
	lose(&box, 1);
	box.view.reference = DMP_REFERENCE_ANSWERS;
	box.view.reference_ms = 4000;
	assert_int_equal(judge(&box, 5000), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_HELD);
	assert_true(box.view.reference_recheck);
	box.view.reference_ms = 5000;
	assert_int_equal(judge(&box, 5010), DMP_SITE_SAME);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SPEAKS);
}

/* Hosts 0, 1, 2 in group 0 inside group 1, host 3 in group 1, host 4 in none. */
static void
init_groups(struct box *box)
{
	init(box, 5);
	for (size_t i = 0; i < 3; i++)
		box->hosts[i].group = 0;
	box->hosts[3].group = 1;
	box->groups[0].parent = 1;
	hear(box, 4, 100000); /* never isolated */
}

static void
of_a_group_that_is_down_only_the_first_host_speaks(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	hear(&box, 3, 100000);
	for (size_t i = 0; i < 3; i++)
		lose(&box, i);
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.hosts[0].speaks_for, 0);
	assert_int_equal(box.groups[0].down, 3);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SUPPRESSED);
	assert_int_equal(box.hosts[2].voice, DMP_VOICE_SUPPRESSED);
}

static void
a_host_is_held_until_the_others_of_its_group_were_asked(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	hear(&box, 3, 100000);
	lose(&box, 1);
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_HELD);
	assert_true(box.hosts[0].recheck);
	assert_true(box.hosts[2].recheck);
	hear(&box, 2, 5000);
	(void)judge(&box, 5010);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.hosts[1].speaks_for, DMP_NO_GROUP);
}

static void
silent_hosts_of_a_group_get_until_the_deadline_to_be_confirmed(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	hear(&box, 3, 100000);
	lose(&box, 1);
	(void)judge(&box, 5000);
	ask_in_vain(&box, 0, 5000);
	ask_in_vain(&box, 2, 5000);
	(void)judge(&box, 8000);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_HELD);
	lose(&box, 0);
	(void)judge(&box, 5000 + HOLD_MS);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.hosts[0].speaks_for, 0);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SUPPRESSED);
}

static void
who_has_announced_keeps_the_word(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	hear(&box, 3, 100000);
	lose(&box, 2);
	box.hosts[2].waiting = false;
	box.hosts[2].announced = true;
	lose(&box, 0);
	lose(&box, 1);
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[2].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SUPPRESSED);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SUPPRESSED);
}

static void
the_widest_group_that_is_down_speaks(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	for (size_t i = 0; i < 4; i++)
		lose(&box, i);
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[0].speaks_for, 1);
	assert_int_equal(box.groups[1].down, 4);
	for (size_t i = 1; i < 4; i++)
		assert_int_equal(box.hosts[i].voice, DMP_VOICE_SUPPRESSED);
}

static void
a_group_of_one_host_is_just_that_host(void **state)
{
	struct box box;

	(void)state;
	init(&box, 2);
	box.hosts[0].group = 2;
	hear(&box, 1, 100000);
	lose(&box, 0);
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[0].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.hosts[0].speaks_for, DMP_NO_GROUP);
}

static void
a_suppressed_host_begins_no_doubt_again(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	hear(&box, 3, 100000);
	for (size_t i = 0; i < 3; i++)
		lose(&box, i);
	(void)judge(&box, 5000);
	announce(&box, 0);
	for (int64_t t = 6000; t < 90000; t += 5000) {
		(void)judge(&box, t);
		assert_int_equal(box.watch.until_ms, 0);
		assert_int_equal(box.hosts[1].voice, DMP_VOICE_SUPPRESSED);
	}
}

static void
when_a_group_answers_again_who_is_still_down_confirms_it_first(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	hear(&box, 3, 100000);
	for (size_t i = 0; i < 3; i++)
		lose(&box, i);
	(void)judge(&box, 5000);
	announce(&box, 0);
	(void)judge(&box, 6000);
	recover(&box, 0, 60000);
	(void)judge(&box, 60010);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_HELD);
	assert_true(box.hosts[1].reconfirm);
	box.hosts[1].settled = false;
	box.hosts[2].settled = false;
	(void)judge(&box, 60110);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_HELD);
	assert_false(box.hosts[1].reconfirm);
	recover(&box, 2, 61000);
	box.hosts[2].settled = true;
	box.hosts[1].settled = true;
	(void)judge(&box, 150000);
	hear(&box, 0, 150000);
	hear(&box, 3, 150000);
	hear(&box, 4, 150000);
	(void)judge(&box, 150010);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SPEAKS);
}

static void
groups_in_a_circle_end(void **state)
{
	struct box box;

	(void)state;
	init_groups(&box);
	box.groups[1].parent = 0;
	box.groups[2].parent = 2;
	box.hosts[3].group = 2;
	for (size_t i = 0; i < 4; i++)
		lose(&box, i);
	(void)judge(&box, 5000);
	assert_int_equal(box.hosts[1].voice, DMP_VOICE_SUPPRESSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_to_announce_is_nothing_to_judge),
	    cmocka_unit_test(a_host_that_is_down_is_held_until_another_is_heard),
	    cmocka_unit_test(
	        when_no_host_answers_the_vantage_is_isolated_and_nothing_else_is_raised),
	    cmocka_unit_test(a_host_that_was_not_asked_in_time_leaves_it_to_the_host),
	    cmocka_unit_test(a_site_with_one_host_is_never_isolated),
	    cmocka_unit_test(loopback_and_the_vantage_itself_never_count),
	    cmocka_unit_test(hosts_that_are_down_for_long_count_as_silent),
	    cmocka_unit_test(a_single_mute_port_is_held_as_a_host_is),
	    cmocka_unit_test(few_hosts_are_asked_first_and_all_after_half_a_second),
	    cmocka_unit_test(
	        the_first_host_that_is_heard_restores_and_nothing_is_released_yet),
	    cmocka_unit_test(
	        after_isolation_a_host_speaks_when_it_has_confirmed_its_state),
	    cmocka_unit_test(
	        isolation_that_was_announced_before_a_restart_ends_like_any_other),
	    cmocka_unit_test(a_reference_that_fails_isolates_even_with_one_host),
	    cmocka_unit_test(
	        a_reference_that_fails_while_hosts_answer_is_its_own_problem),
	    cmocka_unit_test(a_reference_that_answers_disproves_isolation),
	    cmocka_unit_test(of_a_group_that_is_down_only_the_first_host_speaks),
	    cmocka_unit_test(a_host_is_held_until_the_others_of_its_group_were_asked),
	    cmocka_unit_test(
	        silent_hosts_of_a_group_get_until_the_deadline_to_be_confirmed),
	    cmocka_unit_test(who_has_announced_keeps_the_word),
	    cmocka_unit_test(the_widest_group_that_is_down_speaks),
	    cmocka_unit_test(a_group_of_one_host_is_just_that_host),
	    cmocka_unit_test(a_suppressed_host_begins_no_doubt_again),
	    cmocka_unit_test(
	        when_a_group_answers_again_who_is_still_down_confirms_it_first),
	    cmocka_unit_test(groups_in_a_circle_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
