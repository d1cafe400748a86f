/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "subagent/receiver.h"
#include "subagent/receiver_board.h"
#include "subagent/receiver_secret.h"
#include "support/temp_dir.h"

static struct dmp_board_receiver
direct(uint32_t index, const char *name)
{
	struct dmp_board_receiver plan = {
	    .index = index, .kind = DMP_RECEIVER_INFORM, .port = 162};

	dmp_text_copy(plan.name, sizeof plan.name, name);
	dmp_text_copy(plan.address, sizeof plan.address, "192.0.2.9");
	return plan;
}

/* What the engine publishes: the master with index 1, direct receivers 2 and 5. */
static struct dmp_board *
engine_board(const char *dir)
{
	const uint32_t rows[DMP_BOARD_SECTIONS] = {
	    [DMP_BOARD_SYSTEM] = 1, [DMP_BOARD_RECEIVER] = 3};
	struct dmp_board_receiver plans[] = {{.index = 1, .kind = DMP_RECEIVER_AGENTX},
	    direct(2, "two"), direct(5, "five")};
	struct dmp_board *board = NULL;

	assert_int_equal(dmp_board_create(dir, rows, &board), DMP_OK);
	for (uint32_t row = 0; row < 3; row++)
		memcpy(dmp_board_plan_row(board, DMP_BOARD_RECEIVER, row), &plans[row],
		    sizeof plans[row]);
	assert_int_equal(dmp_board_publish(board), DMP_OK);
	return board;
}

static void
rows_of_agent_and_notifier_are_one_table(void **state)
{
	const char *dir = *state;
	const struct dmp_board_receiver plans[] = {direct(2, "two"), direct(5, "five")};
	const struct dmp_board_receiver_live live = {.state = DMPD_RECEIVER_FAILING,
	    .last_sent = 7,
	    .pending = 3,
	    .acknowledged_ms = 42};
	const struct dmpd_receiver_row own = {.index = 1, .state = 1};
	struct dmp_board *engine = engine_board(dir);
	struct dmpd_receiver_board *notifier = NULL;
	struct dmpd_receiver_rows *rows = NULL;
	struct dmp_board_reader *reader = NULL;
	const struct dmpd_receiver_row *row;
	int64_t now_ms = dmp_clock_mono_ms(dmp_clock_system());
	size_t n;

	assert_int_equal(
	    dmpd_receiver_board_new(dir, "notifier", plans, 2, &notifier), DMP_OK);
	dmpd_receiver_board_write(notifier, 1, &live);
	assert_int_equal(dmp_board_reader_open(dir, &reader), DMP_OK);
	assert_int_equal(dmpd_receiver_rows_new(dir, &rows), DMP_OK);
	row = dmpd_receiver_rows_gather(rows, reader, &own, now_ms, &n);
	assert_int_equal(n, 3);
	assert_int_equal(row[0].index, 1);
	assert_int_equal(row[1].state, DMPD_RECEIVER_WAITING);
	assert_string_equal(row[1].address, "192.0.2.9:162");
	assert_string_equal(row[2].name, "five");
	assert_int_equal(row[2].state, DMPD_RECEIVER_FAILING);
	assert_int_equal(row[2].last_sent, 7);
	assert_int_equal(row[2].acknowledged_ms, 42);
	/* Silent for long: what it showed proves nothing about now. */
	row = dmpd_receiver_rows_gather(rows, reader, NULL, now_ms + 60000, &n);
	assert_int_equal(n, 2);
	assert_int_equal(row[1].state, DMPD_RECEIVER_UNREACHABLE);
	assert_int_equal(row[1].last_sent, 7);
	dmpd_receiver_rows_free(rows);
	dmp_board_reader_close(reader);
	dmpd_receiver_board_free(notifier);
	dmp_board_close(engine);
}

static void
without_a_notifier_its_receivers_are_unreachable(void **state)
{
	const char *dir = *state;
	struct dmp_board *engine = engine_board(dir);
	struct dmpd_receiver_rows *rows = NULL;
	struct dmp_board_reader *reader = NULL;
	const struct dmpd_receiver_row *row;
	size_t n;

	assert_int_equal(dmp_board_reader_open(dir, &reader), DMP_OK);
	assert_int_equal(dmpd_receiver_rows_new(dir, &rows), DMP_OK);
	row = dmpd_receiver_rows_gather(rows, reader, NULL, 0, &n);
	assert_int_equal(n, 2);
	assert_int_equal(row[0].state, DMPD_RECEIVER_UNREACHABLE);
	assert_true(row[0].acknowledged_ms == INT64_MIN);
	dmpd_receiver_rows_free(rows);
	dmp_board_reader_close(reader);
	dmp_board_close(engine);
}

static void
secret_that_others_may_read_is_trouble_for_its_receiver(void **state)
{
	const char *dir = *state;
	struct dmp_board_receiver plan = direct(2, "two");
	struct dmpd_receiver_secret before;
	struct dmpd_receiver_secret after;

	dmp_text_format(
	    plan.community_file, sizeof plan.community_file, "%s/community", dir);
	temp_file_write(plan.community_file, "word\n", 5);
	assert_int_equal(chmod(plan.community_file, 0600), 0);
	dmpd_receiver_secret_read(&plan, &before);
	assert_string_equal(before.community, "word");
	assert_string_equal(before.trouble, "");
	assert_null(before.auth);
	dmpd_receiver_secret_read(&plan, &after);
	assert_true(dmpd_receiver_secret_equal(&before, &after));
	dmpd_receiver_secret_done(&after);
	assert_int_equal(chmod(plan.community_file, 0644), 0);
	dmpd_receiver_secret_read(&plan, &after);
	assert_null(after.community);
	assert_non_null(strstr(after.trouble, "/community"));
	assert_null(strstr(after.trouble, "word"));
	assert_false(dmpd_receiver_secret_equal(&before, &after));
	dmpd_receiver_secret_done(&before);
	dmpd_receiver_secret_done(&after);
}

static int
setup(void **state)
{
	static char dir[TEMP_DIR_TEXT];

	temp_dir_make(dir);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	char path[TEMP_DIR_TEXT + 16];

	dmp_text_format(path, sizeof path, "%s/notifier", (const char *)*state);
	if (access(path, F_OK) == 0)
		temp_dir_remove(path);
	temp_dir_remove(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        rows_of_agent_and_notifier_are_one_table, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        without_a_notifier_its_receivers_are_unreachable, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        secret_that_others_may_read_is_trouble_for_its_receiver, setup,
	        teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
