/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/correlate_host.h"

enum { N = 3, TIMEOUT_MS = 3000, HOLD_MS = TIMEOUT_MS + DMP_HOLD_MARGIN_MS };

/* A host of three required TCP ports that were all answered at 1000. */
struct box {
	struct dmp_host_watch watch;
	struct dmp_host_port ports[N];
	size_t n;
};

static struct box
new_box(void)
{
	struct box box = {.n = N};

	for (size_t i = 0; i < N; i++)
		box.ports[i] = (struct dmp_host_port){.transport = DMP_TRANSPORT_TCP,
		    .level = DMP_LEVEL_REQUIRED,
		    .admin = DMP_ADMIN_ENABLED,
		    .state = DMP_STATE_UP,
		    .reason = DMP_REASON_ANSWERED,
		    .began_ms = 1000,
		    .timeout_ms = TIMEOUT_MS,
		    .settled = true};
	return box;
}

/* An attempt that began then ends so; the state stays. */
static void
attempt(struct box *box, size_t i, enum dmp_reason reason, int64_t began_ms)
{
	box->ports[i].reason = reason;
	box->ports[i].began_ms = began_ms;
}

/* The same, it confirms that the port is down, and that is to be announced. */
static void
lose(struct box *box, size_t i, enum dmp_reason reason, int64_t began_ms)
{
	attempt(box, i, reason, began_ms);
	box->ports[i].state = DMP_STATE_DOWN;
	box->ports[i].waiting = true;
}

static enum dmp_host_change
judge(struct box *box, int64_t now_ms)
{
	return dmp_correlate_host(&box->watch, box->ports, box->n, now_ms);
}

static struct box
down_box(void)
{
	struct box box = new_box();

	for (size_t i = 0; i < N; i++)
		lose(&box, i, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(judge(&box, 5000), DMP_HOST_WENT_DOWN);
	return box;
}

static void
assert_voices(const struct box *box, enum dmp_voice voice)
{
	for (size_t i = 0; i < box->n; i++)
		assert_int_equal(box->ports[i].voice, voice);
}

static void
a_host_that_answers_lets_its_ports_speak(void **state)
{
	struct box box = new_box();

	(void)state;
	assert_int_equal(judge(&box, 1500), DMP_HOST_SAME);
	assert_voices(&box, DMP_VOICE_SPEAKS);
	assert_int_equal(box.watch.until_ms, 0);
}

static void
a_timed_out_port_is_held_while_its_siblings_are_asked_again(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(judge(&box, 5000), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_HELD);
	assert_int_equal(box.ports[1].voice, DMP_VOICE_SPEAKS);
	assert_false(box.ports[0].recheck);
	assert_true(box.ports[1].recheck);
	assert_true(box.ports[2].recheck);
	assert_int_equal(box.watch.until_ms, 5000 + HOLD_MS);
}

/* It is not to judge, and is asked before it is believed that nobody answers. */
static void
a_port_in_maintenance_that_was_heard_is_asked_again(void **state)
{
	struct box box = new_box();

	(void)state;
	box.ports[2].admin = DMP_ADMIN_MAINTENANCE;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	lose(&box, 1, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(judge(&box, 5000), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_HELD);
	assert_true(box.ports[2].recheck);
	attempt(&box, 2, DMP_REASON_TIMEOUT, 5000);
	assert_int_equal(judge(&box, 8000), DMP_HOST_WENT_DOWN);
}

static void
a_sibling_that_is_heard_releases_the_port_at_once(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	attempt(&box, 1, DMP_REASON_ANSWERED, 5000);
	assert_int_equal(judge(&box, 5010), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
	assert_false(box.ports[2].recheck);
}

static void
an_rst_is_heard(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	attempt(&box, 1, DMP_REASON_REFUSED, 5000);
	(void)judge(&box, 5010);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
a_sibling_that_was_heard_meanwhile_need_not_be_asked(void **state)
{
	struct box box = new_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_ANSWERED, 2500);
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.watch.until_ms, 0);
}

static void
a_host_of_which_nothing_is_heard_is_down_and_its_ports_are_suppressed(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	attempt(&box, 1, DMP_REASON_TIMEOUT, 5000);
	assert_int_equal(judge(&box, 8000), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_HELD);
	attempt(&box, 2, DMP_REASON_HOST_UNREACHABLE, 5000);
	assert_int_equal(judge(&box, 8010), DMP_HOST_WENT_DOWN);
	assert_voices(&box, DMP_VOICE_SUPPRESSED);
	assert_int_equal(box.watch.until_ms, 0);
}

static void
going_down_is_said_once(void **state)
{
	struct box box = down_box();

	(void)state;
	for (int i = 1; i < 10; i++) {
		attempt(&box, (size_t)i % N, DMP_REASON_TIMEOUT, 5000 + i * 1000);
		assert_int_equal(judge(&box, 8000 + i * 1000), DMP_HOST_SAME);
		assert_voices(&box, DMP_VOICE_SUPPRESSED);
	}
}

static void
a_sibling_that_gives_no_result_in_time_leaves_it_to_the_port(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	attempt(&box, 1, DMP_REASON_TIMEOUT, 5000);
	(void)judge(&box, 5000 + HOLD_MS - 1);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_HELD);
	assert_int_equal(judge(&box, 5000 + HOLD_MS), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

/* As when the queue of events is full: it still waits, and is not held again. */
static void
a_port_that_was_released_is_not_held_again(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	(void)judge(&box, 5000 + HOLD_MS);
	(void)judge(&box, 5001 + HOLD_MS);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
the_next_port_is_held_anew(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	attempt(&box, 2, DMP_REASON_ANSWERED, 5000);
	(void)judge(&box, 5001);
	box.ports[0].waiting = false; /* announced */
	(void)judge(&box, 5002);
	lose(&box, 1, DMP_REASON_TIMEOUT, 60000);
	(void)judge(&box, 63000);
	assert_int_equal(box.ports[1].voice, DMP_VOICE_HELD);
	assert_true(box.ports[2].recheck);
	attempt(&box, 2, DMP_REASON_TIMEOUT, 63000);
	assert_int_equal(judge(&box, 66000), DMP_HOST_WENT_DOWN);
}

static void
what_is_refused_is_never_held(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_REFUSED, 2000);
	assert_int_equal(judge(&box, 2001), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
	assert_false(box.ports[1].recheck);
}

static void
a_wrong_answer_is_never_held(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_WRONG_SERVICE, 2000);
	(void)judge(&box, 2001);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
a_refused_port_speaks_while_another_is_held(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	lose(&box, 1, DMP_REASON_REFUSED, 1500);
	(void)judge(&box, 5000);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_HELD);
	assert_int_equal(box.ports[1].voice, DMP_VOICE_SPEAKS);
}

static void
a_single_port_speaks_for_itself(void **state)
{
	struct box box = new_box();

	(void)state;
	box.n = 1;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(judge(&box, 5000), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
a_forbidden_port_that_is_mute_proves_nothing(void **state)
{
	struct box box = new_box();

	(void)state;
	box.n = 2;
	box.ports[1].level = DMP_LEVEL_FORBIDDEN;
	box.ports[1].state = DMP_STATE_CLOSED;
	attempt(&box, 1, DMP_REASON_TIMEOUT, 2000);
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(judge(&box, 5000), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
ports_in_maintenance_or_disabled_are_not_counted(void **state)
{
	struct box box = new_box();

	(void)state;
	for (size_t i = 0; i < N; i++)
		lose(&box, i, DMP_REASON_TIMEOUT, 2000);
	box.ports[1].admin = DMP_ADMIN_MAINTENANCE;
	box.ports[2].admin = DMP_ADMIN_DISABLED;
	assert_int_equal(judge(&box, 5000), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
a_udp_answer_proves_that_the_host_lives(void **state)
{
	struct box box = new_box();

	(void)state;
	box.ports[2].transport = DMP_TRANSPORT_UDP;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	lose(&box, 1, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(judge(&box, 5000), DMP_HOST_SAME);
	assert_true(box.ports[2].recheck);
	attempt(&box, 2, DMP_REASON_ANSWERED, 5000);
	assert_int_equal(judge(&box, 5100), DMP_HOST_SAME);
	assert_int_equal(box.ports[0].voice, DMP_VOICE_SPEAKS);
}

static void
udp_silence_does_not_keep_a_host_alive(void **state)
{
	struct box box = new_box();

	(void)state;
	box.ports[2].transport = DMP_TRANSPORT_UDP;
	lose(&box, 0, DMP_REASON_TIMEOUT, 2000);
	lose(&box, 1, DMP_REASON_TIMEOUT, 2000);
	(void)judge(&box, 5000);
	attempt(&box, 2, DMP_REASON_NO_REPLY, 5000);
	assert_int_equal(judge(&box, 8000), DMP_HOST_WENT_DOWN);
}

/* One port was filtered for days, and announced; then the host dies. */
static void
a_port_that_was_down_before_need_not_be_asked_again(void **state)
{
	struct box box = new_box();

	(void)state;
	lose(&box, 0, DMP_REASON_TIMEOUT, 500);
	box.ports[0].waiting = false;
	assert_int_equal(judge(&box, 4000), DMP_HOST_SAME);
	lose(&box, 1, DMP_REASON_TIMEOUT, 60000);
	(void)judge(&box, 63000);
	assert_false(box.ports[0].recheck);
	attempt(&box, 2, DMP_REASON_TIMEOUT, 63000);
	assert_int_equal(judge(&box, 66000), DMP_HOST_WENT_DOWN);
}

static void
a_host_whose_ports_were_never_heard_is_down_from_the_start(void **state)
{
	struct box box = new_box();

	(void)state;
	for (size_t i = 0; i < N; i++) {
		box.ports[i].state = DMP_STATE_UNKNOWN;
		box.ports[i].began_ms = DMP_BEGAN_NEVER;
	}
	assert_int_equal(judge(&box, 0), DMP_HOST_SAME);
	attempt(&box, 1, DMP_REASON_TIMEOUT, 100);
	attempt(&box, 2, DMP_REASON_TIMEOUT, 100);
	lose(&box, 0, DMP_REASON_TIMEOUT, 90);
	assert_int_equal(judge(&box, 3100), DMP_HOST_WENT_DOWN);
}

static void
a_host_that_is_heard_once_is_asked_again_on_all_ports(void **state)
{
	struct box box = down_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_REFUSED, 60000);
	assert_int_equal(judge(&box, 60001), DMP_HOST_SAME);
	assert_voices(&box, DMP_VOICE_SUPPRESSED);
	for (size_t i = 0; i < N; i++)
		assert_true(box.ports[i].recheck);
	assert_int_equal(box.watch.until_ms, 60001 + HOLD_MS);
}

static void
a_host_that_is_heard_twice_is_up_and_nothing_is_released_yet(void **state)
{
	struct box box = down_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_REFUSED, 60000);
	(void)judge(&box, 60001);
	attempt(&box, 2, DMP_REASON_ANSWERED, 60002);
	assert_int_equal(judge(&box, 60003), DMP_HOST_CAME_UP);
	assert_voices(&box, DMP_VOICE_HELD);
	assert_false(box.watch.down);
}

static void
a_host_that_is_not_heard_again_stays_down(void **state)
{
	struct box box = down_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_REFUSED, 60000);
	(void)judge(&box, 60001);
	for (size_t i = 0; i < N; i++)
		attempt(&box, i, DMP_REASON_TIMEOUT, 60002);
	assert_int_equal(judge(&box, 63002), DMP_HOST_SAME);
	assert_true(box.watch.down);
	assert_int_equal(box.watch.until_ms, 0);
	assert_voices(&box, DMP_VOICE_SUPPRESSED);
}

static void
an_attempt_that_began_before_the_host_went_down_does_not_bring_it_up(void **state)
{
	struct box box = down_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_ANSWERED, 4999);
	assert_int_equal(judge(&box, 5100), DMP_HOST_SAME);
	assert_int_equal(box.watch.until_ms, 0);
}

/* No storm at recovery: whoever is still down confirms it, whatever the reason. */
static void
after_recovery_a_port_speaks_when_it_has_confirmed_its_state(void **state)
{
	struct box box = down_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_REFUSED, 60000);
	(void)judge(&box, 60001);
	attempt(&box, 1, DMP_REASON_REFUSED, 60002);
	assert_int_equal(judge(&box, 60003), DMP_HOST_CAME_UP);
	for (size_t i = 0; i < N; i++)
		box.ports[i].settled = false;
	attempt(&box, 0, DMP_REASON_ANSWERED, 60100);
	box.ports[0].state = DMP_STATE_UP;
	box.ports[0].settled = true;
	box.ports[0].waiting = false;
	assert_int_equal(judge(&box, 60200), DMP_HOST_SAME);
	assert_int_equal(box.ports[1].voice, DMP_VOICE_HELD);
	assert_int_equal(box.ports[2].voice, DMP_VOICE_HELD);
	attempt(&box, 1, DMP_REASON_REFUSED, 150000);
	box.ports[1].settled = true;
	assert_int_equal(judge(&box, 150001), DMP_HOST_SAME);
	assert_int_equal(box.ports[1].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(box.ports[2].voice, DMP_VOICE_HELD);
}

static void
old_timeouts_do_not_take_a_host_down_again_after_recovery(void **state)
{
	struct box box = down_box();

	(void)state;
	attempt(&box, 1, DMP_REASON_REFUSED, 60000);
	(void)judge(&box, 60001);
	attempt(&box, 1, DMP_REASON_REFUSED, 60002);
	(void)judge(&box, 60003);
	for (size_t i = 0; i < N; i++)
		box.ports[i].settled = false;
	attempt(&box, 1, DMP_REASON_TIMEOUT, 60200);
	for (int64_t t = 60300; t < 80000; t += 500)
		assert_int_equal(judge(&box, t), DMP_HOST_SAME);
}

static void
a_host_with_too_few_ports_left_is_dropped(void **state)
{
	struct box box = down_box();

	(void)state;
	box.ports[0].admin = DMP_ADMIN_MAINTENANCE;
	box.ports[1].admin = DMP_ADMIN_MAINTENANCE;
	assert_int_equal(judge(&box, 9000), DMP_HOST_DROPPED);
	assert_false(box.watch.down);
	assert_int_equal(box.ports[2].voice, DMP_VOICE_SPEAKS);
	assert_int_equal(judge(&box, 9001), DMP_HOST_SAME);
}

static void
a_host_that_was_down_before_a_restart_waits_to_be_heard_twice(void **state)
{
	struct box box = new_box();

	(void)state;
	box.watch.down = true;
	for (size_t i = 0; i < N; i++) {
		box.ports[i].state = DMP_STATE_UNKNOWN;
		box.ports[i].began_ms = DMP_BEGAN_NEVER;
	}
	assert_int_equal(judge(&box, 0), DMP_HOST_SAME);
	assert_voices(&box, DMP_VOICE_SUPPRESSED);
	attempt(&box, 0, DMP_REASON_ANSWERED, 100);
	assert_int_equal(judge(&box, 101), DMP_HOST_SAME);
	attempt(&box, 1, DMP_REASON_ANSWERED, 120);
	assert_int_equal(judge(&box, 121), DMP_HOST_CAME_UP);
}

static void
the_reason_of_a_host_is_the_one_its_ports_share_when_it_tells_more(void **state)
{
	struct box box = down_box();

	(void)state;
	assert_int_equal(dmp_correlate_host_reason(box.ports, N), DMP_REASON_HOST_DOWN);
	for (size_t i = 0; i < N; i++)
		box.ports[i].reason = DMP_REASON_DNS_NO_NAME;
	assert_int_equal(
	    dmp_correlate_host_reason(box.ports, N), DMP_REASON_DNS_NO_NAME);
	box.ports[1].reason = DMP_REASON_TIMEOUT;
	assert_int_equal(dmp_correlate_host_reason(box.ports, N), DMP_REASON_HOST_DOWN);
}

static void
an_rst_anywhere_on_a_host_means_that_timeouts_are_filters(void **state)
{
	struct box box = new_box();

	(void)state;
	attempt(&box, 0, DMP_REASON_TIMEOUT, 2000);
	assert_int_equal(dmp_correlate_timeout(box.ports, N), DMP_TIMEOUT_STEALTH);
	attempt(&box, 1, DMP_REASON_REFUSED, 2000);
	assert_int_equal(dmp_correlate_timeout(box.ports, N), DMP_TIMEOUT_FILTERED);
	assert_string_equal(
	    dmp_timeout_owner(DMP_TIMEOUT_FILTERED), "the firewall team");
}

static void
timeouts_of_a_mute_host_are_not_read(void **state)
{
	struct box box = down_box();
	enum dmp_timeout_reading reading = dmp_correlate_timeout(box.ports, N);

	(void)state;
	assert_int_equal(reading, DMP_TIMEOUT_UNREAD);
	assert_string_equal(
	    dmp_timeout_sentence(reading), dmp_reason_sentence(DMP_REASON_TIMEOUT));
	assert_string_equal(
	    dmp_timeout_owner(reading), dmp_reason_owner(DMP_REASON_TIMEOUT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_host_that_answers_lets_its_ports_speak),
	    cmocka_unit_test(
	        a_timed_out_port_is_held_while_its_siblings_are_asked_again),
	    cmocka_unit_test(a_sibling_that_is_heard_releases_the_port_at_once),
	    cmocka_unit_test(an_rst_is_heard),
	    cmocka_unit_test(a_sibling_that_was_heard_meanwhile_need_not_be_asked),
	    cmocka_unit_test(
	        a_host_of_which_nothing_is_heard_is_down_and_its_ports_are_suppressed),
	    cmocka_unit_test(going_down_is_said_once),
	    cmocka_unit_test(
	        a_sibling_that_gives_no_result_in_time_leaves_it_to_the_port),
	    cmocka_unit_test(a_port_that_was_released_is_not_held_again),
	    cmocka_unit_test(the_next_port_is_held_anew),
	    cmocka_unit_test(what_is_refused_is_never_held),
	    cmocka_unit_test(a_wrong_answer_is_never_held),
	    cmocka_unit_test(a_refused_port_speaks_while_another_is_held),
	    cmocka_unit_test(a_single_port_speaks_for_itself),
	    cmocka_unit_test(a_forbidden_port_that_is_mute_proves_nothing),
	    cmocka_unit_test(a_port_in_maintenance_that_was_heard_is_asked_again),
	    cmocka_unit_test(ports_in_maintenance_or_disabled_are_not_counted),
	    cmocka_unit_test(a_udp_answer_proves_that_the_host_lives),
	    cmocka_unit_test(udp_silence_does_not_keep_a_host_alive),
	    cmocka_unit_test(a_port_that_was_down_before_need_not_be_asked_again),
	    cmocka_unit_test(
	        a_host_whose_ports_were_never_heard_is_down_from_the_start),
	    cmocka_unit_test(a_host_that_is_heard_once_is_asked_again_on_all_ports),
	    cmocka_unit_test(
	        a_host_that_is_heard_twice_is_up_and_nothing_is_released_yet),
	    cmocka_unit_test(a_host_that_is_not_heard_again_stays_down),
	    cmocka_unit_test(
	        an_attempt_that_began_before_the_host_went_down_does_not_bring_it_up),
	    cmocka_unit_test(
	        after_recovery_a_port_speaks_when_it_has_confirmed_its_state),
	    cmocka_unit_test(old_timeouts_do_not_take_a_host_down_again_after_recovery),
	    cmocka_unit_test(a_host_with_too_few_ports_left_is_dropped),
	    cmocka_unit_test(
	        a_host_that_was_down_before_a_restart_waits_to_be_heard_twice),
	    cmocka_unit_test(
	        the_reason_of_a_host_is_the_one_its_ports_share_when_it_tells_more),
	    cmocka_unit_test(an_rst_anywhere_on_a_host_means_that_timeouts_are_filters),
	    cmocka_unit_test(timeouts_of_a_mute_host_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
