/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in maintenance or disabled at run time: the most specific change counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/admin.h"

enum { NOW = 1000000 };

static const char *const GROUPS[] = {"rack1", "room2"};
static const struct dmp_admin_target PORT = {
    .port = "dma1/https", .host = "dma1", .groups = GROUPS, .n_groups = 2};

static struct dmp_admin_entry
change(enum dmp_admin_scope scope, const char *name, enum dmp_admin state)
{
	struct dmp_admin_entry entry = {
	    .scope = scope, .state = state, .since_ms = NOW};

	dmp_text_copy(entry.name, sizeof entry.name, name);
	return entry;
}

static void
set_until(struct dmp_admin_set *set, enum dmp_admin_scope scope, const char *name,
    enum dmp_admin state, int64_t until_ms)
{
	struct dmp_admin_entry entry = change(scope, name, state);

	entry.until_ms = until_ms;
	assert_int_equal(dmp_admin_set(set, &entry), DMP_OK);
}

static enum dmp_admin
effective(const struct dmp_admin_set *set, int64_t now_ms)
{
	return dmp_admin_effective(set, &PORT, NULL, now_ms).state;
}

static void
nobody_said_anything_is_enabled(void **state)
{
	struct dmp_admin_set set = {0};
	struct dmp_admin_entry entry = dmp_admin_effective(&set, &PORT, NULL, NOW);

	(void)state;
	assert_int_equal(entry.state, DMP_ADMIN_ENABLED);
	assert_int_equal(entry.origin, DMP_ADMIN_ORIGIN_NONE);
	assert_null(dmp_admin_lookup(&set, &PORT, NOW));
	dmp_admin_done(&set);
}

/* From the widest to the most specific: each change wins over those before it. */
static void
the_most_specific_change_counts(void **state)
{
	static const struct {
		enum dmp_admin_scope scope;
		const char *name;
	} STEPS[] = {
	    {DMP_ADMIN_SCOPE_SITE, ""},
	    {DMP_ADMIN_SCOPE_GROUP, "room2"},
	    {DMP_ADMIN_SCOPE_GROUP, "rack1"},
	    {DMP_ADMIN_SCOPE_HOST, "dma1"},
	    {DMP_ADMIN_SCOPE_PORT, "dma1/https"},
	};
	struct dmp_admin_set set = {0};

	(void)state;
	for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
		const struct dmp_admin_entry *found;

		set_until(&set, STEPS[i].scope, STEPS[i].name, DMP_ADMIN_MAINTENANCE,
		    NOW + 1);
		found = dmp_admin_lookup(&set, &PORT, NOW);
		assert_non_null(found);
		assert_int_equal(found->scope, STEPS[i].scope);
		assert_string_equal(found->name, STEPS[i].name);
	}
	for (size_t i = sizeof STEPS / sizeof STEPS[0]; i-- > 1;) {
		assert_true(dmp_admin_clear(&set, STEPS[i].scope, STEPS[i].name));
		assert_int_equal(
		    dmp_admin_lookup(&set, &PORT, NOW)->scope, STEPS[i - 1].scope);
	}
	dmp_admin_done(&set);
}

static void
a_change_elsewhere_does_not_count(void **state)
{
	struct dmp_admin_set set = {0};

	(void)state;
	set_until(
	    &set, DMP_ADMIN_SCOPE_PORT, "dma2/https", DMP_ADMIN_DISABLED, NOW + 1);
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "rack1", DMP_ADMIN_DISABLED, NOW + 1);
	set_until(&set, DMP_ADMIN_SCOPE_GROUP, "dma1", DMP_ADMIN_DISABLED, NOW + 1);
	assert_int_equal(effective(&set, NOW), DMP_ADMIN_ENABLED);
	dmp_admin_done(&set);
}

static void
a_host_is_not_touched_by_a_change_of_its_port(void **state)
{
	static const struct dmp_admin_target HOST = {.host = "dma1"};
	struct dmp_admin_set set = {0};

	(void)state;
	set_until(
	    &set, DMP_ADMIN_SCOPE_PORT, "dma1/https", DMP_ADMIN_DISABLED, NOW + 1);
	assert_null(dmp_admin_lookup(&set, &HOST, NOW));
	dmp_admin_done(&set);
}

/* In force before its end, not at it: the millisecond counts. */
static void
a_change_ends_at_its_time(void **state)
{
	struct dmp_admin_set set = {0};

	(void)state;
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_MAINTENANCE, NOW + 10);
	assert_int_equal(effective(&set, NOW + 9), DMP_ADMIN_MAINTENANCE);
	assert_int_equal(effective(&set, NOW + 10), DMP_ADMIN_ENABLED);
	dmp_admin_done(&set);
}

static void
a_change_without_an_end_stays(void **state)
{
	struct dmp_admin_set set = {0};
	struct dmp_admin_entry expired;

	(void)state;
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_DISABLED, 0);
	assert_int_equal(effective(&set, INT64_MAX), DMP_ADMIN_DISABLED);
	assert_false(dmp_admin_expire(&set, INT64_MAX, &expired));
	dmp_admin_done(&set);
}

/* A wider change that is still in force shows again when the specific one is over. */
static void
an_expired_change_gives_way_to_a_wider_one(void **state)
{
	struct dmp_admin_set set = {0};

	(void)state;
	set_until(
	    &set, DMP_ADMIN_SCOPE_GROUP, "room2", DMP_ADMIN_MAINTENANCE, NOW + 100);
	set_until(
	    &set, DMP_ADMIN_SCOPE_PORT, "dma1/https", DMP_ADMIN_DISABLED, NOW + 10);
	assert_int_equal(effective(&set, NOW), DMP_ADMIN_DISABLED);
	assert_int_equal(effective(&set, NOW + 10), DMP_ADMIN_MAINTENANCE);
	dmp_admin_done(&set);
}

static void
expired_changes_are_taken_out_one_by_one(void **state)
{
	struct dmp_admin_set set = {0};
	struct dmp_admin_entry expired;

	(void)state;
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_MAINTENANCE, NOW + 10);
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma2", DMP_ADMIN_MAINTENANCE, NOW + 5);
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma3", DMP_ADMIN_MAINTENANCE, NOW + 50);
	assert_false(dmp_admin_expire(&set, NOW + 4, &expired));
	assert_true(dmp_admin_expire(&set, NOW + 10, &expired));
	assert_string_equal(expired.name, "dma1");
	assert_true(dmp_admin_expire(&set, NOW + 10, &expired));
	assert_string_equal(expired.name, "dma2");
	assert_false(dmp_admin_expire(&set, NOW + 10, &expired));
	assert_int_equal(set.n, 1);
	dmp_admin_done(&set);
}

static void
setting_again_replaces(void **state)
{
	struct dmp_admin_set set = {0};

	(void)state;
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_MAINTENANCE, NOW + 10);
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_DISABLED, NOW + 20);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.items[0].state, DMP_ADMIN_DISABLED);
	assert_int_equal(set.items[0].until_ms, NOW + 20);
	dmp_admin_done(&set);
}

static void
a_change_at_run_time_wins_over_the_site_file(void **state)
{
	struct dmp_admin_entry site_file =
	    change(DMP_ADMIN_SCOPE_PORT, "dma1/https", DMP_ADMIN_MAINTENANCE);
	struct dmp_admin_set set = {0};
	struct dmp_admin_entry entry;

	(void)state;
	site_file.origin = DMP_ADMIN_ORIGIN_SITE_FILE;
	entry = dmp_admin_effective(&set, &PORT, &site_file, NOW);
	assert_int_equal(entry.state, DMP_ADMIN_MAINTENANCE);
	assert_int_equal(entry.origin, DMP_ADMIN_ORIGIN_SITE_FILE);
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_ENABLED, NOW + 10);
	entry = dmp_admin_effective(&set, &PORT, &site_file, NOW);
	assert_int_equal(entry.state, DMP_ADMIN_ENABLED);
	assert_int_equal(entry.origin, DMP_ADMIN_ORIGIN_RUN_TIME);
	entry = dmp_admin_effective(&set, &PORT, &site_file, NOW + 10);
	assert_int_equal(entry.origin, DMP_ADMIN_ORIGIN_SITE_FILE);
	dmp_admin_done(&set);
}

static void
a_port_that_the_site_file_disables_is_enabled_by_its_own_name_only(void **state)
{
	struct dmp_admin_entry site_file =
	    change(DMP_ADMIN_SCOPE_PORT, "dma1/https", DMP_ADMIN_DISABLED);
	struct dmp_admin_set set = {0};

	(void)state;
	set_until(&set, DMP_ADMIN_SCOPE_SITE, "", DMP_ADMIN_MAINTENANCE, 0);
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_ENABLED, 0);
	assert_int_equal(dmp_admin_effective(&set, &PORT, &site_file, NOW).state,
	    DMP_ADMIN_DISABLED);
	set_until(&set, DMP_ADMIN_SCOPE_PORT, "dma1/https", DMP_ADMIN_ENABLED, 0);
	assert_int_equal(
	    dmp_admin_effective(&set, &PORT, &site_file, NOW).state, DMP_ADMIN_ENABLED);
	dmp_admin_done(&set);
}

static void
a_comment_is_made_printable(void **state)
{
	struct dmp_admin_entry entry =
	    change(DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_MAINTENANCE);
	struct dmp_admin_set set = {0};

	(void)state;
	memset(entry.comment, 'x', sizeof entry.comment); /* not terminated */
	entry.comment[1] = '\x1b';
	assert_int_equal(dmp_admin_set(&set, &entry), DMP_OK);
	assert_int_equal(strlen(set.items[0].comment), DMP_ADMIN_COMMENT_TEXT - 1);
	assert_memory_equal(set.items[0].comment, "x.x", 3);
	dmp_admin_done(&set);
}

static void
refuse(struct dmp_admin_set *set, struct dmp_admin_entry entry)
{
	assert_int_equal(dmp_admin_set(set, &entry), DMP_EINVAL);
	assert_int_equal(set->n, 0);
}

static void
what_is_no_change_is_refused(void **state)
{
	struct dmp_admin_set set = {0};
	struct dmp_admin_entry entry =
	    change(DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_DISABLED);

	(void)state;
	refuse(&set, change((enum dmp_admin_scope)0, "dma1", DMP_ADMIN_DISABLED));
	refuse(&set, change((enum dmp_admin_scope)5, "dma1", DMP_ADMIN_DISABLED));
	refuse(&set, change(DMP_ADMIN_SCOPE_HOST, "", DMP_ADMIN_DISABLED));
	refuse(&set, change(DMP_ADMIN_SCOPE_SITE, "dma1", DMP_ADMIN_DISABLED));
	refuse(&set, change(DMP_ADMIN_SCOPE_HOST, "dma1", (enum dmp_admin)0));
	refuse(&set, change(DMP_ADMIN_SCOPE_HOST, "dma1", (enum dmp_admin)4));
	entry.until_ms = -1;
	refuse(&set, entry);
	entry.until_ms = 0;
	memset(entry.name, 'x', sizeof entry.name);
	refuse(&set, entry);
	dmp_admin_done(&set);
}

static void
there_are_never_more_changes_than_the_limit(void **state)
{
	struct dmp_admin_set set = {0};
	struct dmp_admin_entry entry;
	char name[16];

	(void)state;
	for (unsigned i = 0; i < DMP_ADMIN_CHANGES_MAX; i++) {
		dmp_text_format(name, sizeof name, "h%05u", i);
		entry = change(DMP_ADMIN_SCOPE_HOST, name, DMP_ADMIN_DISABLED);
		assert_int_equal(dmp_admin_set(&set, &entry), DMP_OK);
	}
	entry = change(DMP_ADMIN_SCOPE_HOST, "one-more", DMP_ADMIN_DISABLED);
	assert_int_equal(dmp_admin_set(&set, &entry), DMP_ETOOBIG);
	entry = change(DMP_ADMIN_SCOPE_HOST, "h00007", DMP_ADMIN_MAINTENANCE);
	assert_int_equal(dmp_admin_set(&set, &entry), DMP_OK);
	assert_int_equal(set.n, DMP_ADMIN_CHANGES_MAX);
	dmp_admin_done(&set);
}

static void
clearing_what_is_not_there_says_so(void **state)
{
	struct dmp_admin_set set = {0};

	(void)state;
	assert_false(dmp_admin_clear(&set, DMP_ADMIN_SCOPE_HOST, "dma1"));
	set_until(&set, DMP_ADMIN_SCOPE_HOST, "dma1", DMP_ADMIN_DISABLED, 0);
	assert_false(dmp_admin_clear(&set, DMP_ADMIN_SCOPE_GROUP, "dma1"));
	assert_true(dmp_admin_clear(&set, DMP_ADMIN_SCOPE_HOST, "dma1"));
	assert_int_equal(set.n, 0);
	dmp_admin_done(&set);
}

static void
every_scope_and_origin_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(dmp_admin_scope_text(DMP_ADMIN_SCOPE_SITE), "site");
	assert_string_equal(dmp_admin_scope_text(DMP_ADMIN_SCOPE_GROUP), "group");
	assert_string_equal(dmp_admin_scope_text(DMP_ADMIN_SCOPE_HOST), "host");
	assert_string_equal(dmp_admin_scope_text(DMP_ADMIN_SCOPE_PORT), "port");
	assert_string_equal(dmp_admin_scope_text((enum dmp_admin_scope)0), "unknown");
	assert_string_equal(dmp_admin_scope_text((enum dmp_admin_scope)5), "unknown");
	assert_string_equal(
	    dmp_admin_origin_text(DMP_ADMIN_ORIGIN_SITE_FILE), "site file");
	assert_string_equal(
	    dmp_admin_origin_text(DMP_ADMIN_ORIGIN_RUN_TIME), "run time");
	assert_string_equal(dmp_admin_origin_text(DMP_ADMIN_ORIGIN_NONE), "none");
	assert_string_equal(dmp_admin_origin_text((enum dmp_admin_origin)3), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nobody_said_anything_is_enabled),
	    cmocka_unit_test(the_most_specific_change_counts),
	    cmocka_unit_test(a_change_elsewhere_does_not_count),
	    cmocka_unit_test(a_host_is_not_touched_by_a_change_of_its_port),
	    cmocka_unit_test(a_change_ends_at_its_time),
	    cmocka_unit_test(a_change_without_an_end_stays),
	    cmocka_unit_test(an_expired_change_gives_way_to_a_wider_one),
	    cmocka_unit_test(expired_changes_are_taken_out_one_by_one),
	    cmocka_unit_test(setting_again_replaces),
	    cmocka_unit_test(a_change_at_run_time_wins_over_the_site_file),
	    cmocka_unit_test(
	        a_port_that_the_site_file_disables_is_enabled_by_its_own_name_only),
	    cmocka_unit_test(a_comment_is_made_printable),
	    cmocka_unit_test(what_is_no_change_is_refused),
	    cmocka_unit_test(there_are_never_more_changes_than_the_limit),
	    cmocka_unit_test(clearing_what_is_not_there_says_so),
	    cmocka_unit_test(every_scope_and_origin_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
