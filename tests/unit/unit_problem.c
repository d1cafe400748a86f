/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_problem.c - what is announced, cleared and replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/problem.h"

static struct dmp_event
event(uint32_t sequence, const char *key, enum dmp_event_type type)
{
	struct dmp_event e = {.sequence = sequence,
	    .type = type,
	    .state = DMP_STATE_DOWN,
	    .time_ms = 1000 + sequence};

	dmp_text_copy(e.key, sizeof e.key, key);
	return e;
}

static void
apply(struct dmp_problem_set *set, uint32_t sequence, const char *key,
    enum dmp_event_type type)
{
	struct dmp_event e = event(sequence, key, type);

	assert_int_equal(dmp_problem_apply(set, &e), DMP_OK);
}

/* The announcements from one state to another, as a word per type. */
static const char *
steps(enum dmp_state announced, enum dmp_state present, char text[64])
{
	enum dmp_event_type types[DMP_ANNOUNCE_MAX];
	size_t n = dmp_announce_port(announced, present, types);

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t used = strlen(text);

		dmp_text_format(text + used, 64 - used, "%s%s", i ? " " : "",
		    dmp_vocab_text(DMP_VOCAB_EVENT, (int)types[i]));
	}
	return text;
}

static void
every_pair_of_states_announces_what_the_rules_say(void **state)
{
	static const char *const expected[9][9] = {
	    [DMP_STATE_UNKNOWN] = {"", "", "", "portDegraded", "portDown",
	        "portExposed", "", "", ""},
	    [DMP_STATE_UP] = {"", "", "", "portDegraded", "portDown", "portExposed", "",
	        "", ""},
	    [DMP_STATE_DEGRADED] = {"", "", "portUp", "", "portCleared portDown",
	        "portCleared portExposed", "portCleared", "portCleared", "portCleared"},
	    [DMP_STATE_DOWN] = {"", "", "portUp", "portCleared portDegraded", "",
	        "portCleared portExposed", "portCleared", "portCleared", "portCleared"},
	    [DMP_STATE_EXPOSED] = {"", "", "portCleared", "portCleared portDegraded",
	        "portCleared portDown", "", "portClosed", "portCleared", "portCleared"},
	    [DMP_STATE_CLOSED] = {"", "", "", "portDegraded", "portDown", "portExposed",
	        "", "", ""},
	    [DMP_STATE_UNVERIFIED] = {"", "", "", "portDegraded", "portDown",
	        "portExposed", "", "", ""},
	    [DMP_STATE_NOT_APPLICABLE] = {"", "", "", "portDegraded", "portDown",
	        "portExposed", "", "", ""},
	};
	char text[64];

	(void)state;
	for (unsigned from = DMP_STATE_UNKNOWN; from <= DMP_STATE_NOT_APPLICABLE;
	     from++)
		for (unsigned to = 0; to <= DMP_STATE_NOT_APPLICABLE; to++)
			assert_string_equal(
			    steps((enum dmp_state)from, (enum dmp_state)to, text),
			    expected[from][to]);
}

/* Whatever the pair, the announcements make the announced state what it should be. */
static void
announcements_lead_to_the_present_state(void **state)
{
	static const enum dmp_event_type raise[] = {
	    [DMP_STATE_DEGRADED] = DMP_EVENT_PORT_DEGRADED,
	    [DMP_STATE_DOWN] = DMP_EVENT_PORT_DOWN,
	    [DMP_STATE_EXPOSED] = DMP_EVENT_PORT_EXPOSED,
	};

	(void)state;
	for (unsigned from = DMP_STATE_UP; from <= DMP_STATE_EXPOSED; from++) {
		for (unsigned to = DMP_STATE_UP; to <= DMP_STATE_EXPOSED; to++) {
			struct dmp_problem_set set = {0};
			enum dmp_event_type types[DMP_ANNOUNCE_MAX];
			size_t n;

			if (raise[from])
				apply(&set, 1, "h/p", raise[from]);
			assert_int_equal(
			    dmp_problem_announced_state(&set, "h/p"), from);
			n = dmp_announce_port(
			    (enum dmp_state)from, (enum dmp_state)to, types);
			for (size_t i = 0; i < n; i++)
				apply(&set, 2 + (uint32_t)i, "h/p", types[i]);
			assert_int_equal(dmp_problem_announced_state(&set, "h/p"), to);
			assert_true(set.n == (to == DMP_STATE_UP ? 0 : 1));
			dmp_problem_done(&set);
		}
	}
}

static void
still_down_announces_nothing(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(steps(DMP_STATE_DOWN, DMP_STATE_DOWN, text), "");
}

static void
down_then_degraded_is_superseded_first(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(steps(DMP_STATE_DOWN, DMP_STATE_DEGRADED, text),
	    "portCleared portDegraded");
}

static void
removed_port_is_cleared(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(
	    steps(DMP_STATE_DOWN, DMP_STATE_NOT_APPLICABLE, text), "portCleared");
	assert_string_equal(
	    steps(DMP_STATE_EXPOSED, DMP_STATE_NOT_APPLICABLE, text), "portCleared");
}

static void
a_port_never_announced_counts_as_up(void **state)
{
	struct dmp_problem_set set = {0};

	(void)state;
	assert_int_equal(dmp_problem_announced_state(&set, "h/p"), DMP_STATE_UP);
	apply(&set, 1, "h/p", DMP_EVENT_CERTIFICATE_EXPIRING);
	assert_int_equal(dmp_problem_announced_state(&set, "h/p"), DMP_STATE_UP);
	dmp_problem_done(&set);
}

static void
exposed_and_closed_use_their_own_pair(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(
	    steps(DMP_STATE_CLOSED, DMP_STATE_EXPOSED, text), "portExposed");
	assert_string_equal(
	    steps(DMP_STATE_EXPOSED, DMP_STATE_CLOSED, text), "portClosed");
}

static void
level_change_clears_exposed_before_down(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(
	    steps(DMP_STATE_EXPOSED, DMP_STATE_DOWN, text), "portCleared portDown");
	assert_string_equal(
	    steps(DMP_STATE_EXPOSED, DMP_STATE_UP, text), "portCleared");
}

static void
unknown_announces_nothing(void **state)
{
	char text[64];

	(void)state;
	for (unsigned from = 0; from <= DMP_STATE_NOT_APPLICABLE; from++)
		assert_string_equal(
		    steps((enum dmp_state)from, DMP_STATE_UNKNOWN, text), "");
}

static void
unverified_raises_nothing_and_ends_what_was_raised(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(steps(DMP_STATE_UP, DMP_STATE_UNVERIFIED, text), "");
	assert_string_equal(
	    steps(DMP_STATE_DOWN, DMP_STATE_UNVERIFIED, text), "portCleared");
	assert_string_equal(
	    steps(DMP_STATE_EXPOSED, DMP_STATE_UNVERIFIED, text), "portCleared");
}

static void
numbers_that_are_no_state_announce_nothing(void **state)
{
	char text[64];

	(void)state;
	assert_string_equal(steps((enum dmp_state)9, DMP_STATE_DOWN, text), "");
	assert_string_equal(steps(DMP_STATE_UP, (enum dmp_state)77, text), "");
}

static void
every_type_clears_what_the_vocabulary_says_and_only_for_its_key(void **state)
{
	int clearing;
	int raising;
	const char *label;

	(void)state;
	for (unsigned c = 0; dmp_vocab_at(DMP_VOCAB_EVENT, c, &clearing, &label); c++) {
		enum dmp_event_type by = (enum dmp_event_type)clearing;

		for (unsigned r = 0; dmp_vocab_at(DMP_VOCAB_EVENT, r, &raising, &label);
		     r++) {
			enum dmp_event_type raised = (enum dmp_event_type)raising;
			struct dmp_problem_set set = {0};
			size_t left = 2;

			if (!dmp_event_raises(raised))
				continue;
			apply(&set, 1, "a", raised);
			apply(&set, 2, "b", raised);
			apply(&set, 3, "a", by);
			if (dmp_event_clears(by, raised))
				left--;
			if (dmp_event_raises(by) && by != raised)
				left++;
			assert_true(set.n == left);
			assert_non_null(dmp_problem_find(&set, "b", raised));
			dmp_problem_done(&set);
		}
	}
}

static void
repeat_refreshes_but_keeps_index_and_since(void **state)
{
	struct dmp_problem_set set = {0};
	struct dmp_event e = event(9, "h/p", DMP_EVENT_PORT_DOWN);

	(void)state;
	apply(&set, 5, "h/p", DMP_EVENT_PORT_DOWN);
	dmp_text_copy(e.message, sizeof e.message, "repeated: down");
	e.reason = DMP_REASON_TIMEOUT;
	e.severity = DMP_SEVERITY_CRITICAL;
	e.port_index = 12;
	assert_int_equal(dmp_problem_apply(&set, &e), DMP_OK);
	assert_true(set.n == 1);
	assert_true(set.items[0]->index == 5 && set.items[0]->last_event == 9);
	assert_true(set.items[0]->since_ms == 1005);
	assert_int_equal(set.items[0]->reason, DMP_REASON_TIMEOUT);
	assert_int_equal(set.items[0]->severity, DMP_SEVERITY_CRITICAL);
	assert_true(set.items[0]->port_index == 12);
	assert_string_equal(set.items[0]->message, "repeated: down");
	dmp_problem_done(&set);
}

static void
find_gives_what_a_type_would_replace_or_clear(void **state)
{
	struct dmp_problem_set set = {0};

	(void)state;
	apply(&set, 1, "h/p", DMP_EVENT_PORT_DOWN);
	apply(&set, 2, "h/p", DMP_EVENT_PORT_FLAPPING);
	assert_true(dmp_problem_find(&set, "h/p", DMP_EVENT_PORT_DOWN)->index == 1);
	assert_true(dmp_problem_find(&set, "h/p", DMP_EVENT_PORT_UP)->index == 1);
	assert_true(dmp_problem_find(&set, "h/p", DMP_EVENT_PORT_STABLE)->index == 2);
	assert_null(dmp_problem_find(&set, "h/p", DMP_EVENT_PORT_CLOSED));
	assert_null(dmp_problem_find(&set, "h/q", DMP_EVENT_PORT_UP));
	dmp_problem_done(&set);
}

static void
at_finds_exact_rows_and_the_next_one(void **state)
{
	struct dmp_problem_set set = {0};

	(void)state;
	assert_null(dmp_problem_at(&set, 1, false));
	apply(&set, 3, "a", DMP_EVENT_HOST_DOWN);
	apply(&set, 7, "b", DMP_EVENT_HOST_DOWN);
	assert_null(dmp_problem_at(&set, 2, true));
	assert_true(dmp_problem_at(&set, 2, false)->index == 3);
	assert_true(dmp_problem_at(&set, 3, true)->index == 3);
	assert_true(dmp_problem_at(&set, 4, false)->index == 7);
	assert_null(dmp_problem_at(&set, 8, false));
	dmp_problem_done(&set);
}

static void
stored_problems_out_of_order_or_doubled_are_refused(void **state)
{
	struct dmp_problem_set set = {0};
	struct dmp_problem p = {.index = 5, .key = "a", .type = DMP_EVENT_HOST_DOWN};

	(void)state;
	assert_int_equal(dmp_problem_add(&set, &p), DMP_OK);
	dmp_text_copy(p.key, sizeof p.key, "b");
	assert_int_equal(dmp_problem_add(&set, &p), DMP_EINVAL);
	p.index = 4;
	assert_int_equal(dmp_problem_add(&set, &p), DMP_EINVAL);
	p.index = 6;
	dmp_text_copy(p.key, sizeof p.key, "a");
	assert_int_equal(dmp_problem_add(&set, &p), DMP_EINVAL);
	assert_true(set.n == 1);
	dmp_problem_done(&set);
}

/* Nothing would ever clear it. */
static void
add_refuses_what_raises_nothing(void **state)
{
	static const int TYPES[] = {0, DMP_EVENT_PORT_UP, DMP_EVENT_PORT_CLEARED, 99};
	struct dmp_problem_set set = {0};

	(void)state;
	for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
		const struct dmp_problem problem = {
		    .index = 5, .key = "a", .type = (enum dmp_event_type)TYPES[i]};

		assert_int_equal(dmp_problem_add(&set, &problem), DMP_EINVAL);
	}
	assert_true(set.n == 0);
	dmp_problem_done(&set);
}

static void
failed_event_changes_nothing(void **state)
{
	struct dmp_problem_set set = {0};
	struct dmp_event late = event(3, "a", DMP_EVENT_PORT_DEGRADED);

	(void)state;
	apply(&set, 5, "a", DMP_EVENT_PORT_DOWN);
	assert_int_equal(dmp_problem_apply(&set, &late), DMP_EINVAL);
	assert_int_equal(dmp_problem_announced_state(&set, "a"), DMP_STATE_DOWN);
	dmp_problem_done(&set);
}

enum { MANY = 20000 };

static void
order_and_lookup_hold_through_growth_and_removal(void **state)
{
	struct dmp_problem_set set = {0};
	char key[DMP_KEY_TEXT];

	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		dmp_text_format(key, sizeof key, "h%u", i);
		apply(&set, i, key, DMP_EVENT_HOST_DOWN);
	}
	for (uint32_t i = 2; i <= 1000; i += 2) {
		dmp_text_format(key, sizeof key, "h%u", i);
		apply(&set, 1000 + i, key, DMP_EVENT_HOST_UP);
	}
	assert_true(set.n == 500);
	for (uint32_t i = 1; i <= 1000; i++) {
		bool odd = i % 2 == 1;

		dmp_text_format(key, sizeof key, "h%u", i);
		assert_true(!!dmp_problem_find(&set, key, DMP_EVENT_HOST_UP) == odd);
		assert_true(!!dmp_problem_at(&set, i, true) == odd);
	}
	for (size_t i = 1; i < set.n; i++)
		assert_true(set.items[i - 1]->index < set.items[i]->index);
	dmp_problem_done(&set);
}

/* The same type and key once more, from its own state to itself. */
static void
repeat_says_the_problem_again_and_says_so_once(void **state)
{
	struct dmp_problem_set set = {0};
	struct dmp_event repeat;
	struct dmp_problem problem = {.index = 3,
	    .key = "dma1/https",
	    .type = DMP_EVENT_PORT_DOWN,
	    .state = DMP_STATE_DOWN,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_REFUSED,
	    .message = "it is down",
	    .host_index = 4,
	    .port_index = 5,
	    .since_ms = 1000};

	(void)state;
	assert_int_equal(dmp_problem_add(&set, &problem), DMP_OK);
	for (uint32_t sequence = 7; sequence <= 8; sequence++) {
		dmp_problem_repeat(set.items[0], &repeat);
		assert_int_equal(repeat.type, DMP_EVENT_PORT_DOWN);
		assert_string_equal(repeat.key, "dma1/https");
		assert_int_equal(repeat.state, DMP_STATE_DOWN);
		assert_int_equal(repeat.previous_state, DMP_STATE_DOWN);
		assert_int_equal(repeat.severity, DMP_SEVERITY_CRITICAL);
		assert_int_equal(repeat.reason, DMP_REASON_REFUSED);
		assert_true(repeat.host_index == 4 && repeat.port_index == 5);
		assert_string_equal(repeat.message, "repeated: it is down");
		repeat.sequence = sequence;
		assert_int_equal(dmp_problem_apply(&set, &repeat), DMP_OK);
	}
	assert_true(set.n == 1 && set.items[0]->index == 3);
	assert_true(set.items[0]->last_event == 8 && set.items[0]->since_ms == 1000);
	dmp_problem_done(&set);
}

static void
a_long_message_is_cut_when_it_is_repeated(void **state)
{
	struct dmp_problem problem = {.type = DMP_EVENT_HOST_DOWN, .key = "dma1"};
	struct dmp_event repeat;

	(void)state;
	memset(problem.message, 'x', sizeof problem.message - 1);
	dmp_problem_repeat(&problem, &repeat);
	assert_int_equal(strlen(repeat.message), DMP_MESSAGE_TEXT - 1);
	assert_memory_equal(repeat.message, "repeated: xx", 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_pair_of_states_announces_what_the_rules_say),
	    cmocka_unit_test(announcements_lead_to_the_present_state),
	    cmocka_unit_test(still_down_announces_nothing),
	    cmocka_unit_test(down_then_degraded_is_superseded_first),
	    cmocka_unit_test(removed_port_is_cleared),
	    cmocka_unit_test(a_port_never_announced_counts_as_up),
	    cmocka_unit_test(exposed_and_closed_use_their_own_pair),
	    cmocka_unit_test(level_change_clears_exposed_before_down),
	    cmocka_unit_test(unknown_announces_nothing),
	    cmocka_unit_test(unverified_raises_nothing_and_ends_what_was_raised),
	    cmocka_unit_test(numbers_that_are_no_state_announce_nothing),
	    cmocka_unit_test(
	        every_type_clears_what_the_vocabulary_says_and_only_for_its_key),
	    cmocka_unit_test(repeat_refreshes_but_keeps_index_and_since),
	    cmocka_unit_test(repeat_says_the_problem_again_and_says_so_once),
	    cmocka_unit_test(a_long_message_is_cut_when_it_is_repeated),
	    cmocka_unit_test(find_gives_what_a_type_would_replace_or_clear),
	    cmocka_unit_test(at_finds_exact_rows_and_the_next_one),
	    cmocka_unit_test(stored_problems_out_of_order_or_doubled_are_refused),
	    cmocka_unit_test(add_refuses_what_raises_nothing),
	    cmocka_unit_test(failed_event_changes_nothing),
	    cmocka_unit_test(order_and_lookup_hold_through_growth_and_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
