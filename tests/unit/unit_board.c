/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/board.h"
#include "engine/board_layout.h"
#include "support/board_sample.h"

static const char *
site_name(const struct dmp_board_reader *reader)
{
	const struct dmp_board_system *system =
	    dmp_board_plan(reader, DMP_BOARD_SYSTEM, 0);

	return system->site_name;
}

static void
assert_open_says(const char *dir, enum dmp_status expected)
{
	struct dmp_board_reader *reader = NULL;

	assert_int_equal(dmp_board_reader_open(dir, &reader), expected);
	assert_null(reader);
}

static size_t
plan_offset(enum dmp_board_section section, uint32_t row)
{
	struct board_section sections[DMP_BOARD_SECTIONS];
	uint64_t size;

	assert_true(dmp_board_arrange(BOARD_SAMPLE_ROWS, sections, &size));
	return sections[section].plan_offset + row * dmp_board_plan_stride(section);
}

static void
reader_sees_plan_and_live_of_every_row(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);

	assert_string_equal(site_name(reader), "North");
	for (int s = 0; s < DMP_BOARD_SECTIONS; s++)
		assert_int_equal(dmp_board_rows(reader, (enum dmp_board_section)s),
		    BOARD_SAMPLE_ROWS[s]);
	for (uint32_t r = 0; r < BOARD_SAMPLE_PORTS; r++) {
		const struct dmp_board_port *port =
		    dmp_board_plan(reader, DMP_BOARD_PORT, r);
		struct dmp_board_port_live live;

		assert_int_equal(port->index, 10 * (r + 1));
		assert_true(dmp_board_live(reader, DMP_BOARD_PORT, r, &live));
		assert_int_equal(live.checks, r);
		assert_true(board_sample_is_whole(&live));
	}
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

static void
reader_sees_a_write_at_once(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	struct dmp_board_requirement_live down = {.down = 7};
	struct dmp_board_port_live live;

	board_sample_fill(&live, 4711);
	dmp_board_write(board, DMP_BOARD_PORT, 3, &live);
	dmp_board_write(board, DMP_BOARD_REQUIREMENT, 2, &down);
	memset(&live, 0xff, sizeof live);
	down.down = 0;
	assert_true(dmp_board_live(reader, DMP_BOARD_PORT, 3, &live));
	assert_int_equal(live.checks, 4711);
	assert_true(board_sample_is_whole(&live));
	assert_true(dmp_board_live(reader, DMP_BOARD_REQUIREMENT, 2, &down));
	assert_int_equal(down.down, 7);
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

static void
rows_that_do_not_exist_are_absent(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	struct dmp_board_port_live live;
	static const struct dmp_board_port_live ZEROES;

	memset(&live, 0xff, sizeof live);
	assert_null(dmp_board_plan(reader, DMP_BOARD_PORT, BOARD_SAMPLE_PORTS));
	assert_false(dmp_board_live(reader, DMP_BOARD_PORT, BOARD_SAMPLE_PORTS, &live));
	assert_memory_equal(&live, &ZEROES, sizeof live);
	assert_false(dmp_board_live(reader, DMP_BOARD_RECEIVER, 99, &live));
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

static void
lower_bound_finds_the_row_or_the_next(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);

	for (uint32_t index = 0; index <= 10 * BOARD_SAMPLE_PORTS + 1; index++)
		assert_int_equal(dmp_board_lower_bound(reader, DMP_BOARD_PORT, index),
		    index == 0 ? 0 : (index - 1) / 10);
	assert_int_equal(dmp_board_lower_bound(reader, DMP_BOARD_PORT, UINT32_MAX),
	    BOARD_SAMPLE_PORTS);
	assert_int_equal(dmp_board_lower_bound(reader, DMP_BOARD_SYSTEM, 0), 0);
	assert_int_equal(dmp_board_lower_bound(reader, DMP_BOARD_SYSTEM, 1), 1);
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

static void
an_unpublished_board_is_invisible_and_leaves_nothing(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_make(f->dir, "North");

	assert_open_says(f->dir, DMP_ENOENT);
	dmp_board_close(board);
	assert_int_equal(rmdir(f->dir), 0);
	assert_int_equal(mkdir(f->dir, 0700), 0);
}

static void
no_directory_is_no_board(void **state)
{
	struct dmp_board *board = NULL;

	(void)state;
	assert_open_says("/nonexistent", DMP_ENOENT);
	assert_int_equal(
	    dmp_board_create("/nonexistent", BOARD_SAMPLE_ROWS, &board), DMP_ENOENT);
	assert_null(board);
}

static void
the_file_is_for_owner_and_group_whatever_the_umask(void **state)
{
	const struct board_sample *f = *state;
	mode_t before = umask(077);
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct stat st;
	int fd;

	(void)umask(before);
	fd = board_sample_file(f->dir, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_true(st.st_blocks * 512 >= st.st_size);
	(void)close(fd);
	dmp_board_close(board);
}

static void
a_second_publish_leaves_one_file_and_readers_remap(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *first = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	struct dmp_board *second;
	uint64_t number = 0;

	assert_false(dmp_board_refresh(reader));
	second = board_sample_publish(f->dir, "South");
	assert_int_equal(board_sample_files(f->dir, &number), 1);
	assert_int_equal(number, 2);
	assert_string_equal(site_name(reader), "North");
	assert_true(dmp_board_refresh(reader));
	assert_string_equal(site_name(reader), "South");
	assert_false(dmp_board_refresh(reader));
	dmp_board_close(first);
	assert_false(dmp_board_refresh(reader));
	dmp_board_close(second);
	dmp_board_reader_close(reader);
}

static void
publish_removes_abandoned_temporaries_only(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *other = board_sample_make(f->dir, "West");
	struct dmp_board *board;
	char path[TEMP_DIR_TEXT + 32];
	int fd;

	dmp_text_format(path, sizeof path, "%s/board.tmp.1.0", f->dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	board = board_sample_publish(f->dir, "North");
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(dmp_board_publish(other), DMP_OK);
	dmp_board_close(board);
	dmp_board_close(other);
}

static void
a_board_removed_by_others_is_replaced_too(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *first = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	struct dmp_board *second;
	char path[TEMP_DIR_TEXT + 32];
	int64_t age;

	dmp_text_format(path, sizeof path, "%s/board.1", f->dir);
	assert_int_equal(unlink(path), 0);
	dmp_board_close(first);
	second = board_sample_publish(f->dir, "South");
	assert_false(dmp_board_refresh(reader));
	assert_int_equal(
	    dmp_board_engine_state(reader, 1000, &age), DMP_ENGINE_STOPPED);
	assert_true(dmp_board_refresh(reader));
	assert_string_equal(site_name(reader), "South");
	assert_int_equal(
	    dmp_board_engine_state(reader, 1000, &age), DMP_ENGINE_RUNNING);
	dmp_board_reader_close(reader);
	dmp_board_close(second);
}

static void
engine_is_running_while_it_beats_stalled_when_silent_stopped_when_gone(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	int64_t age;

	assert_int_equal(dmp_board_engine_state(reader, 900, &age), DMP_ENGINE_RUNNING);
	assert_int_equal(age, 0);
	assert_int_equal(
	    dmp_board_engine_state(reader, 5999, &age), DMP_ENGINE_RUNNING);
	assert_int_equal(age, 4999);
	assert_int_equal(
	    dmp_board_engine_state(reader, 6000, &age), DMP_ENGINE_STALLED);
	dmp_board_beat(board, 6000);
	assert_int_equal(
	    dmp_board_engine_state(reader, 6100, &age), DMP_ENGINE_RUNNING);
	assert_int_equal(age, 100);
	dmp_board_close(board);
	assert_int_equal(
	    dmp_board_engine_state(reader, 6190, &age), DMP_ENGINE_RUNNING);
	assert_int_equal(
	    dmp_board_engine_state(reader, 6200, &age), DMP_ENGINE_STOPPED);
	dmp_board_reader_close(reader);
}

static void
an_absurd_beat_gives_an_age_not_a_crash(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	int64_t age;

	dmp_board_beat(board, INT64_MIN);
	assert_int_equal(
	    dmp_board_engine_state(reader, 1000, &age), DMP_ENGINE_STALLED);
	assert_true(age == INT64_MAX);
	dmp_board_beat(board, INT64_MAX);
	assert_int_equal(
	    dmp_board_engine_state(reader, -1000, &age), DMP_ENGINE_RUNNING);
	assert_int_equal(age, 0);
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

static void
a_header_that_is_not_ours_is_corrupt(void **state)
{
	static const size_t FIELDS[] = {offsetof(struct board_header, magic),
	    offsetof(struct board_header, layout),
	    offsetof(struct board_header, build_id),
	    offsetof(struct board_header, size),
	    offsetof(struct board_header, sections[DMP_BOARD_SYSTEM].rows),
	    offsetof(struct board_header, sections[DMP_BOARD_PORT].rows),
	    offsetof(struct board_header, sections[DMP_BOARD_PORT].plan_offset),
	    offsetof(struct board_header, sections[DMP_BOARD_PORT].live_offset)};
	const struct board_sample *f = *state;
	static const uint64_t VALUES[] = {0, 2, UINT32_MAX, UINT64_MAX};
	struct dmp_board *board = board_sample_publish(f->dir, "North");

	for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
		uint64_t good;
		int fd = board_sample_file(f->dir, O_RDONLY);

		assert_int_equal(
		    pread(fd, &good, sizeof good, (off_t)FIELDS[i]), sizeof good);
		(void)close(fd);
		for (size_t v = 0; v < sizeof VALUES / sizeof VALUES[0]; v++) {
			board_sample_overwrite(
			    f->dir, FIELDS[i], &VALUES[v], sizeof VALUES[v]);
			assert_open_says(f->dir, DMP_ECORRUPT);
		}
		board_sample_overwrite(f->dir, FIELDS[i], &good, sizeof good);
	}
	dmp_board_reader_close(board_sample_reader(f->dir));
	dmp_board_close(board);
}

static void
a_file_of_any_shorter_length_is_corrupt(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	int fd = board_sample_file(f->dir, O_RDWR);
	struct stat st;

	dmp_board_close(board);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(ftruncate(fd, st.st_size + 8), 0);
	assert_open_says(f->dir, DMP_ECORRUPT);
	for (off_t size = st.st_size - 1;
	     size > (off_t)sizeof(struct board_header) + 256; size -= 1021) {
		assert_int_equal(ftruncate(fd, size), 0);
		assert_open_says(f->dir, DMP_ECORRUPT);
	}
	for (off_t size = (off_t)sizeof(struct board_header) + 256; size >= 0; size--) {
		assert_int_equal(ftruncate(fd, size), 0);
		assert_open_says(f->dir, DMP_ECORRUPT);
	}
	(void)close(fd);
}

static void
a_plan_that_would_mislead_callers_is_corrupt(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	const uint32_t bad_row = 2;
	const uint32_t good_row = 0;
	const uint32_t bad_length = DMP_ROOT_OID_MAX + 1;
	const char end = 'x';
	const size_t row_at = plan_offset(DMP_BOARD_PORT, BOARD_SAMPLE_PORTS - 1) +
	                      offsetof(struct dmp_board_port, host_row);
	const size_t oid_at = plan_offset(DMP_BOARD_SYSTEM, 0) +
	                      offsetof(struct dmp_board_system, root_oid_len);
	const size_t text_at = plan_offset(DMP_BOARD_PORT, BOARD_SAMPLE_PORTS - 1) +
	                       offsetof(struct dmp_board_port, why) + DMP_WHY_TEXT - 1;

	board_sample_overwrite(f->dir, row_at, &bad_row, sizeof bad_row);
	assert_open_says(f->dir, DMP_ECORRUPT);
	board_sample_overwrite(f->dir, row_at, &good_row, sizeof good_row);
	board_sample_overwrite(f->dir, oid_at, &bad_length, sizeof bad_length);
	assert_open_says(f->dir, DMP_ECORRUPT);
	board_sample_overwrite(f->dir, oid_at, &good_row, sizeof good_row);
	dmp_board_reader_close(board_sample_reader(f->dir));
	board_sample_overwrite(f->dir, text_at, &end, sizeof end);
	assert_open_says(f->dir, DMP_ECORRUPT);
	dmp_board_close(board);
}

static void
live_texts_end_whatever_the_file_says(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	struct dmp_board_port_live live;

	memset(&live, 'x', sizeof live);
	board_sample_overwrite(
	    f->dir, board_sample_live_offset(0) + 8, &live, sizeof live);
	assert_true(dmp_board_live(reader, DMP_BOARD_PORT, 0, &live));
	assert_int_equal(strlen(live.address), sizeof live.address - 1);
	assert_int_equal(strlen(live.detail), sizeof live.detail - 1);
	assert_int_equal(strlen(live.admin_comment), sizeof live.admin_comment - 1);
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

static void
foreign_files_named_like_boards_do_no_harm(void **state)
{
	const struct board_sample *f = *state;
	char fifo[TEMP_DIR_TEXT + 32];
	char link[TEMP_DIR_TEXT + 32];
	struct dmp_board *board;
	uint64_t number = 0;

	dmp_text_format(fifo, sizeof fifo, "%s/board.7", f->dir);
	dmp_text_format(link, sizeof link, "%s/board.8", f->dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_open_says(f->dir, DMP_ECORRUPT);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_open_says(f->dir, DMP_ECORRUPT);
	board = board_sample_publish(f->dir, "North");
	assert_int_equal(board_sample_files(f->dir, &number), 1);
	assert_int_equal(number, 9);
	dmp_board_reader_close(board_sample_reader(f->dir));
	dmp_board_close(board);
}

/* What kill -9 in the middle of a row leaves behind, made by hand. */
static void
a_row_left_locked_shows_what_it_was_before(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	static const char GARBAGE[100] = "torn";
	struct dmp_board_port_live live;
	uint64_t sequence;
	int fd;

	board_sample_fill(&live, 41);
	dmp_board_write(board, DMP_BOARD_PORT, 5, &live);
	board_sample_fill(&live, 42);
	dmp_board_write(board, DMP_BOARD_PORT, 5, &live);
	dmp_board_close(board);
	fd = board_sample_file(f->dir, O_RDONLY);
	assert_int_equal(
	    pread(fd, &sequence, sizeof sequence, (off_t)board_sample_live_offset(5)),
	    8);
	(void)close(fd);
	assert_int_equal(sequence % 2, 0);
	sequence--;
	board_sample_overwrite(
	    f->dir, board_sample_live_offset(5), &sequence, sizeof sequence);
	board_sample_overwrite(
	    f->dir, board_sample_live_offset(5) + 8, GARBAGE, sizeof GARBAGE);
	assert_true(dmp_board_live(reader, DMP_BOARD_PORT, 5, &live));
	assert_int_equal(live.checks, 41);
	assert_true(board_sample_is_whole(&live));
	assert_true(dmp_board_live(reader, DMP_BOARD_PORT, 4, &live));
	assert_int_equal(live.checks, 4);
	dmp_board_reader_close(reader);
}

static void
a_locked_row_without_a_saved_copy_is_zeroes(void **state)
{
	const struct board_sample *f = *state;
	struct dmp_board *board = board_sample_publish(f->dir, "North");
	struct dmp_board_reader *reader = board_sample_reader(f->dir);
	static const struct dmp_board_port_live ZEROES;
	struct dmp_board_port_live live;
	const uint64_t odd = 77;

	board_sample_overwrite(f->dir, board_sample_live_offset(1), &odd, sizeof odd);
	assert_false(dmp_board_live(reader, DMP_BOARD_PORT, 1, &live));
	assert_memory_equal(&live, &ZEROES, sizeof live);
	dmp_board_reader_close(reader);
	dmp_board_close(board);
}

int
main(void)
{
#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, board_sample_setup, board_sample_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(reader_sees_plan_and_live_of_every_row),
	    TEST(reader_sees_a_write_at_once),
	    TEST(rows_that_do_not_exist_are_absent),
	    TEST(lower_bound_finds_the_row_or_the_next),
	    TEST(an_unpublished_board_is_invisible_and_leaves_nothing),
	    TEST(no_directory_is_no_board),
	    TEST(the_file_is_for_owner_and_group_whatever_the_umask),
	    TEST(a_second_publish_leaves_one_file_and_readers_remap),
	    TEST(publish_removes_abandoned_temporaries_only),
	    TEST(a_board_removed_by_others_is_replaced_too),
	    TEST(
	        engine_is_running_while_it_beats_stalled_when_silent_stopped_when_gone),
	    TEST(an_absurd_beat_gives_an_age_not_a_crash),
	    TEST(a_header_that_is_not_ours_is_corrupt),
	    TEST(a_file_of_any_shorter_length_is_corrupt),
	    TEST(a_plan_that_would_mislead_callers_is_corrupt),
	    TEST(live_texts_end_whatever_the_file_says),
	    TEST(foreign_files_named_like_boards_do_no_harm),
	    TEST(a_row_left_locked_shows_what_it_was_before),
	    TEST(a_locked_row_without_a_saved_copy_is_zeroes),
	};

	return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}
