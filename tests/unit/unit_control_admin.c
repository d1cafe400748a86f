/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that change an admin state: what is written is read, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/control_admin.h"

static struct dmp_admin_request
read_line(const char *verb, const char *words)
{
	struct dmp_admin_request request;
	struct dmp_text error = {0};

	assert_int_equal(
	    dmp_control_decode_admin(verb, words, &request, &error), DMP_OK);
	assert_int_equal(error.size, 0);
	return request;
}

static void
assert_refused(const char *verb, const char *words, const char *expected)
{
	struct dmp_admin_request request;
	struct dmp_text error = {0};

	assert_int_equal(
	    dmp_control_decode_admin(verb, words, &request, &error), DMP_EINVAL);
	if (!strstr(dmp_text_get(&error), expected))
		fail_msg("\"%s %s\": %s", verb, words, dmp_text_get(&error));
	dmp_text_done(&error);
}

static void
maintenance_of_a_port_is_read(void **state)
{
	struct dmp_admin_request r =
	    read_line("maintenance", "set port dma1/https@8443 1700000000000 a  b");

	(void)state;
	assert_false(r.clears);
	assert_int_equal(r.entry.scope, DMP_ADMIN_SCOPE_PORT);
	assert_string_equal(r.entry.name, "dma1/https@8443");
	assert_int_equal(r.entry.state, DMP_ADMIN_MAINTENANCE);
	assert_true(r.entry.until_ms == 1700000000000);
	assert_string_equal(r.entry.comment, "a b");
}

static void
disable_and_enable_are_states_of_their_own(void **state)
{
	struct dmp_admin_request r = read_line("disable", "group rack1 -");

	(void)state;
	assert_int_equal(r.entry.state, DMP_ADMIN_DISABLED);
	assert_int_equal(r.entry.scope, DMP_ADMIN_SCOPE_GROUP);
	assert_true(r.entry.until_ms == 0 && r.entry.comment[0] == '\0');
	r = read_line("enable", "host dma1 - early");
	assert_int_equal(r.entry.state, DMP_ADMIN_ENABLED);
	assert_string_equal(r.entry.comment, "early");
}

static void
the_site_has_no_name(void **state)
{
	struct dmp_admin_request r = read_line("maintenance", "set site - -");

	(void)state;
	assert_int_equal(r.entry.scope, DMP_ADMIN_SCOPE_SITE);
	assert_string_equal(r.entry.name, "");
	assert_refused("maintenance", "set site dma1 -", "- for the site");
}

static void
clear_names_what_it_clears(void **state)
{
	struct dmp_admin_request r = read_line("maintenance", "clear host dma1");

	(void)state;
	assert_true(r.clears);
	assert_string_equal(r.entry.name, "dma1");
	assert_refused("maintenance", "clear host dma1 -", "nothing after");
}

static void
what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *verb;
		const char *words;
		const char *expected;
	} WRONG[] = {
	    {"maintain", "set host a -", "maintenance, disable or enable"},
	    {"", "", "maintenance, disable or enable"},
	    {"maintenance", "", "maintenance set or"},
	    {"maintenance", "begin host a -", "maintenance set or"},
	    {"maintenance", "set", "site, group, host or port"},
	    {"maintenance", "set machine a -", "site, group, host or port"},
	    {"disable", "unknown a -", "site, group, host or port"},
	    {"disable", "host", "a name"},
	    {"disable", "host a", "milliseconds"},
	    {"disable", "host a 0", "milliseconds"},
	    {"disable", "host a -5", "milliseconds"},
	    {"disable", "host a 2h", "milliseconds"},
	    {"disable", "host a 9223372036854775808", "milliseconds"},
	    {"disable", "host a 99999999999999999999999999", "milliseconds"},
	};
	char words[256];

	(void)state;
	for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
		assert_refused(WRONG[i].verb, WRONG[i].words, WRONG[i].expected);
	dmp_text_format(words, sizeof words, "set port %0*d -", DMP_KEY_TEXT, 7);
	assert_refused("maintenance", words, "a name");
}

static void
a_comment_is_cut_and_printable(void **state)
{
	char words[300];
	struct dmp_admin_request r;

	(void)state;
	dmp_text_format(words, sizeof words, "host dma1 - x\x1b%0200d", 7);
	r = read_line("disable", words);
	assert_int_equal(strlen(r.entry.comment), DMP_ADMIN_COMMENT_TEXT - 1);
	assert_memory_equal(r.entry.comment, "x.0", 3);
}

/* Every request that can be made is read as it was. */
static void
written_requests_are_read_as_they_were(void **state)
{
	static const char *const NAMES[] = {
	    [DMP_ADMIN_SCOPE_SITE] = "",
	    [DMP_ADMIN_SCOPE_GROUP] = "rack1",
	    [DMP_ADMIN_SCOPE_HOST] = "dma1",
	    [DMP_ADMIN_SCOPE_PORT] = "dma1/https",
	};

	(void)state;
	for (int i = 0; i < 4 * 4 * 2; i++) {
		struct dmp_admin_request request = {.clears = i / 4 % 4 == 3};
		struct dmp_admin_entry *entry = &request.entry;
		struct dmp_admin_request back;
		struct dmp_text line = {0};
		struct dmp_text error = {0};
		char verb[16];
		const char *text;
		size_t n;

		entry->scope = (enum dmp_admin_scope)(DMP_ADMIN_SCOPE_SITE + i % 4);
		dmp_text_copy(entry->name, sizeof entry->name, NAMES[entry->scope]);
		entry->state = DMP_ADMIN_MAINTENANCE;
		if (!request.clears)
			entry->state = (enum dmp_admin)(DMP_ADMIN_ENABLED + i / 4 % 4);
		if (!request.clears && i / 16 == 1) {
			entry->until_ms = INT64_MAX;
			dmp_text_copy(entry->comment, sizeof entry->comment, "why not");
		}
		dmp_control_encode_admin(&request, &line);
		text = dmp_text_get(&line);
		n = strcspn(text, " ");
		assert_true(n < sizeof verb);
		dmp_text_copy(verb, n + 1, text);
		assert_true(dmp_control_is_admin(verb));
		assert_int_equal(
		    dmp_control_decode_admin(verb, text + n + 1, &back, &error),
		    DMP_OK);
		assert_int_equal(back.clears, request.clears);
		assert_int_equal(back.entry.scope, entry->scope);
		assert_string_equal(back.entry.name, entry->name);
		assert_int_equal(back.entry.state, entry->state);
		assert_true(back.entry.until_ms == entry->until_ms);
		assert_string_equal(back.entry.comment, entry->comment);
		dmp_text_done(&line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(maintenance_of_a_port_is_read),
	    cmocka_unit_test(disable_and_enable_are_states_of_their_own),
	    cmocka_unit_test(the_site_has_no_name),
	    cmocka_unit_test(clear_names_what_it_clears),
	    cmocka_unit_test(what_is_wrong_is_told),
	    cmocka_unit_test(a_comment_is_cut_and_printable),
	    cmocka_unit_test(written_requests_are_read_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
