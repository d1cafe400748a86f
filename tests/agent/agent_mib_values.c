/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "subagent/mib_table.h"
#include "support/mib_world.h"

#define NONE INT32_MAX

enum {
	SYSTEM = 1,
	SUMMARY = 2,
	REQUIREMENT = 3,
	HOST = 4,
	PORT = 5,
	PROBLEM = 6,
	EVENT = 7,
	RECEIVER = 8
};

static int
setup(void **state)
{
	static struct mib_world world;

	mib_world_make(&world, 1);
	*state = &world;
	return 0;
}

static int
teardown(void **state)
{
	mib_world_done(*state);
	return 0;
}

static void
read_cell(struct mib_world *world, uint32_t table, uint32_t column,
    struct dmpd_value *ret_value)
{
	const uint32_t oid[] = {table, 1, column, 1};

	assert_int_equal(dmpd_mib_get(&world->view, oid, 4, ret_value), DMPD_FOUND);
}

static void
assert_number(
    struct mib_world *world, uint32_t table, uint32_t column, int64_t expected)
{
	struct dmpd_value value;

	read_cell(world, table, column, &value);
	assert_int_not_equal(value.type, DMPD_OCTETS);
	assert_int_equal(value.number, expected);
}

static void
assert_value_text(const struct dmpd_value *value, const char *expected)
{
	assert_int_equal(value->type, DMPD_OCTETS);
	assert_int_equal(value->size, strlen(expected));
	assert_memory_equal(value->text, expected, value->size);
}

static void
assert_text(
    struct mib_world *world, uint32_t table, uint32_t column, const char *expected)
{
	struct dmpd_value value;

	read_cell(world, table, column, &value);
	assert_value_text(&value, expected);
}

static int64_t
scalar(struct mib_world *world, uint32_t group, uint32_t column)
{
	struct dmpd_value value;

	assert_int_equal(
	    dmpd_mib_scalar(&world->view, group, column, &value), DMPD_FOUND);
	return value.number;
}

static void
write_port(struct mib_world *world, const struct dmp_board_port_live *live)
{
	dmp_board_write(world->board, DMP_BOARD_PORT, 0, live);
	dmpd_mib_begin(&world->view);
}

static void
ages_are_whole_seconds_since_their_stamp(void **state)
{
	assert_number(*state, PORT, 26, 60);
	assert_number(*state, PORT, 28, 1);
	assert_number(*state, PROBLEM, 11, 5);
}

static void
ages_of_what_never_happened_are_none(void **state)
{
	assert_number(*state, HOST, 10, NONE);
	assert_number(*state, RECEIVER, 13, NONE);
	assert_int_equal(scalar(*state, SUMMARY, 14), NONE);
}

static void
ages_never_reach_none_and_are_not_negative(void **state)
{
	struct mib_world *world = *state;
	struct dmp_board_port_live live = {
	    .change_ms = INT64_MIN + 1, .check_ms = INT64_MAX};

	write_port(world, &live);
	assert_number(world, PORT, 26, NONE - 1);
	assert_number(world, PORT, 28, 0);
}

static void
stamps_from_before_boot_have_ages(void **state)
{
	struct dmp_board_port_live live = {.change_ms = -10000};

	write_port(*state, &live);
	assert_number(*state, PORT, 26, MIB_WORLD_NOW_MS / 1000 + 10);
}

static void
absent_numbers_are_none_but_latency_is_zero(void **state)
{
	assert_number(*state, PORT, 18, 0);
	assert_number(*state, PORT, 19, 0);
	assert_number(*state, PORT, 20, 100000);
	assert_number(*state, PORT, 22, NONE);
	assert_number(*state, PORT, 29, NONE);
}

static void
expired_certificates_have_negative_days(void **state)
{
	struct dmp_board_port_live live = {.tls_days_left = -3};

	write_port(*state, &live);
	assert_number(*state, PORT, 29, -3);
}

static void
rows_never_written_have_legal_enumerations(void **state)
{
	const struct dmp_board_port_live live = {0};

	write_port(*state, &live);
	assert_number(*state, PORT, 11, DMP_STATE_UNKNOWN);
	assert_number(*state, PORT, 12, DMP_REASON_NONE);
	assert_number(*state, PORT, 13, DMP_SEVERITY_INDETERMINATE);
	assert_number(*state, PORT, 14, 0);
	assert_number(*state, PORT, 17, DMP_SUPPRESSED_NONE);
	assert_number(*state, PORT, 31, DMP_ADMIN_ENABLED);
}

static void
numbers_outside_an_enumeration_are_not_shown(void **state)
{
	const struct dmp_board_port_live live = {
	    .state = 9, .reason = 255, .severity = 64};

	write_port(*state, &live);
	assert_number(*state, PORT, 11, DMP_STATE_UNKNOWN);
	assert_number(*state, PORT, 12, DMP_REASON_NONE);
	assert_number(*state, PORT, 13, DMP_SEVERITY_INDETERMINATE);
}

static void
rank_follows_severity(void **state)
{
	assert_number(*state, PORT, 13, DMP_SEVERITY_CRITICAL);
	assert_number(*state, PORT, 14, 4);
}

static void
unprintable_text_is_made_printable(void **state)
{
	struct dmp_board_port_live live = {.state = DMP_STATE_UP};

	dmp_text_copy(live.detail, sizeof live.detail, "caf\xc3\xa9 \x1b[31m");
	write_port(*state, &live);
	assert_text(*state, PORT, 15, "caf.. .[31m");
}

static void
times_are_utc_and_empty_when_there_is_none(void **state)
{
	assert_text(*state, PORT, 27, "2026-09-21T14:12:20Z");
	assert_text(*state, PORT, 32, "");
}

static void
roles_are_words(void **state)
{
	assert_text(*state, REQUIREMENT, 7, "client dma");
}

static void
unknown_openings_and_unfiltered_receivers_are_said_so(void **state)
{
	assert_number(*state, REQUIREMENT, 14, 2);
	assert_number(*state, RECEIVER, 14, 2);
}

static void
request_objects_read_as_idle(void **state)
{
	assert_int_equal(scalar(*state, SYSTEM, 11), 1);
	assert_int_equal(scalar(*state, SYSTEM, 12), 1);
	assert_number(*state, PORT, 34, 1);
}

static void
status_is_the_boards_while_the_engine_runs(void **state)
{
	assert_int_equal(scalar(*state, SUMMARY, 19), DMP_ENGINE_RUNNING);
	assert_int_equal(scalar(*state, SUMMARY, 20), 0);
	assert_int_equal(scalar(*state, SUMMARY, 1), 1);
}

static void
status_is_unknown_while_the_engine_is_silent(void **state)
{
	struct mib_world *world = *state;

	world->view.now_ms += 60000;
	dmpd_mib_begin(&world->view);
	assert_int_equal(scalar(world, SUMMARY, 19), DMP_ENGINE_STALLED);
	assert_int_equal(scalar(world, SUMMARY, 20), 60000);
	assert_int_equal(scalar(world, SUMMARY, 1), 3);
}

static void
status_is_unknown_and_tables_stay_when_the_engine_has_stopped(void **state)
{
	struct mib_world *world = *state;

	dmp_board_close(world->board);
	world->board = NULL;
	world->view.now_ms += 1000;
	dmpd_mib_begin(&world->view);
	assert_int_equal(scalar(world, SUMMARY, 19), DMP_ENGINE_STOPPED);
	assert_int_equal(scalar(world, SUMMARY, 1), 3);
	assert_int_equal(scalar(world, SUMMARY, 2), 1);
	assert_number(world, PORT, 11, DMP_STATE_DOWN);
}

static void
oldest_event_is_that_of_the_table(void **state)
{
	assert_int_equal(scalar(*state, SUMMARY, 15), 77);
	assert_int_equal(scalar(*state, SUMMARY, 16), 1);
}

static void
without_a_board_only_what_the_agent_knows_exists(void **state)
{
	static const struct {
		uint32_t group, column;
		int64_t number;
	} KNOWN[] = {{1, 1, 0}, {2, 1, 3}, {2, 19, DMP_ENGINE_STOPPED}, {2, 20, NONE}};
	struct mib_world *world = *state;
	struct dmpd_view view = {.scratch = world->view.scratch};
	uint32_t oid[DMPD_OID_MAX];
	struct dmpd_value value;
	size_t len = 0;

	dmpd_mib_begin(&view);
	for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
		assert_int_equal(
		    dmpd_mib_next(&view, oid, len, oid, &len, &value), DMPD_FOUND);
		assert_int_equal(len, 3);
		assert_int_equal(oid[0], KNOWN[i].group);
		assert_int_equal(oid[1], KNOWN[i].column);
		assert_int_equal(value.number, KNOWN[i].number);
		if (value.type == DMPD_OCTETS)
			assert_value_text(&value, DMP_VERSION);
	}
	assert_int_equal(dmpd_mib_next(&view, oid, len, oid, &len, &value), DMPD_END);
	assert_int_equal(
	    dmpd_mib_scalar(&view, SYSTEM, 2, &value), DMPD_NO_SUCH_INSTANCE);
}

#define VALUE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    VALUE_TEST(ages_are_whole_seconds_since_their_stamp),
	    VALUE_TEST(ages_of_what_never_happened_are_none),
	    VALUE_TEST(ages_never_reach_none_and_are_not_negative),
	    VALUE_TEST(stamps_from_before_boot_have_ages),
	    VALUE_TEST(absent_numbers_are_none_but_latency_is_zero),
	    VALUE_TEST(expired_certificates_have_negative_days),
	    VALUE_TEST(rows_never_written_have_legal_enumerations),
	    VALUE_TEST(numbers_outside_an_enumeration_are_not_shown),
	    VALUE_TEST(rank_follows_severity),
	    VALUE_TEST(unprintable_text_is_made_printable),
	    VALUE_TEST(times_are_utc_and_empty_when_there_is_none),
	    VALUE_TEST(roles_are_words),
	    VALUE_TEST(unknown_openings_and_unfiltered_receivers_are_said_so),
	    VALUE_TEST(request_objects_read_as_idle),
	    VALUE_TEST(status_is_the_boards_while_the_engine_runs),
	    VALUE_TEST(status_is_unknown_while_the_engine_is_silent),
	    VALUE_TEST(status_is_unknown_and_tables_stay_when_the_engine_has_stopped),
	    VALUE_TEST(oldest_event_is_that_of_the_table),
	    VALUE_TEST(without_a_board_only_what_the_agent_knows_exists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
