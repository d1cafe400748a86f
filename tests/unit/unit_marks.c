/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_marks.c - the high-water marks survive what a disk does to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/marks.h"

struct box {
	char root[64];
	char path[80];
};

static int
setup(void **state)
{
	struct box *box = calloc(1, sizeof *box);

	assert_non_null(box);
	dmp_text_copy(box->root, sizeof box->root, "/tmp/dmp-marks-XXXXXX");
	assert_non_null(mkdtemp(box->root));
	dmp_text_format(box->path, sizeof box->path, "%s/marks", box->root);
	*state = box;
	return 0;
}

static int
teardown(void **state)
{
	struct box *box = *state;

	(void)unlink(box->path);
	assert_int_equal(rmdir(box->root), 0);
	free(box);
	return 0;
}

static struct dmp_marks
load(const struct box *box, enum dmp_marks_found *ret_found)
{
	struct dmp_marks marks;
	int fd;

	assert_int_equal(dmp_marks_open(box->path, &fd, &marks, ret_found), DMP_OK);
	(void)close(fd);
	return marks;
}

/* Store n generations; the newest has reserved == n. */
static void
store(const struct box *box, uint32_t n)
{
	enum dmp_marks_found found;
	struct dmp_marks marks;
	int fd;

	assert_int_equal(dmp_marks_open(box->path, &fd, &marks, &found), DMP_OK);
	for (uint32_t i = 1; i <= n; i++) {
		marks.reserved = i;
		assert_int_equal(dmp_marks_store(fd, &marks), DMP_OK);
	}
	(void)close(fd);
}

static void
flip(const struct box *box, off_t at)
{
	int fd = open(box->path, O_RDWR);
	unsigned char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	(void)close(fd);
}

static void
missing_file_is_fresh_and_private(void **state)
{
	enum dmp_marks_found found;
	struct dmp_marks marks = load(*state, &found);
	struct stat st;

	assert_int_equal(found, DMP_MARKS_FRESH);
	assert_true(marks.reserved == 0 && marks.epoch == 0);
	assert_int_equal(stat(((struct box *)*state)->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void
every_field_comes_back(void **state)
{
	struct box *box = *state;
	struct dmp_marks marks = {.reserved = 0xfffffffe,
	    .floor = 17,
	    .epoch = 3,
	    .index = {0, 10, 20, 30},
	    .boot = "0d6b1d0c-0000-4000-8000-000000000001",
	    .clean = true,
	    .volatile_sends = true};
	struct dmp_marks found_marks;
	struct dmp_marks ignored;
	enum dmp_marks_found found;
	int fd;

	assert_int_equal(dmp_marks_open(box->path, &fd, &ignored, &found), DMP_OK);
	assert_int_equal(dmp_marks_store(fd, &marks), DMP_OK);
	(void)close(fd);
	found_marks = load(box, &found);
	assert_int_equal(found, DMP_MARKS_READ);
	assert_true(found_marks.generation == 1);
	assert_true(found_marks.reserved == 0xfffffffe && found_marks.floor == 17);
	assert_true(found_marks.epoch == 3);
	assert_memory_equal(found_marks.index, marks.index, sizeof marks.index);
	assert_string_equal(found_marks.boot, marks.boot);
	assert_true(found_marks.clean && found_marks.volatile_sends);
}

static void
newest_generation_counts(void **state)
{
	enum dmp_marks_found found;

	for (uint32_t n = 1; n <= 5; n++) {
		store(*state, n);
		assert_true(load(*state, &found).reserved == n);
	}
}

/* The newest is in slot n % 2; each of its bytes matters. */
static void
damaged_slot_leaves_the_other_one(void **state)
{
	enum dmp_marks_found found;

	store(*state, 5);
	for (off_t at = 0; at < 512; at += 7) {
		flip(*state, 512 + at);
		assert_true(load(*state, &found).reserved == 4);
		assert_int_equal(found, DMP_MARKS_READ);
		flip(*state, 512 + at);
		assert_true(load(*state, &found).reserved == 5);
	}
}

static void
write_after_damage_goes_over_the_damaged_slot(void **state)
{
	enum dmp_marks_found found;
	struct dmp_marks marks;
	struct box *box = *state;
	int fd;

	store(box, 5);
	flip(box, 512 + 100);
	assert_int_equal(dmp_marks_open(box->path, &fd, &marks, &found), DMP_OK);
	marks.reserved = 99;
	assert_int_equal(dmp_marks_store(fd, &marks), DMP_OK);
	(void)close(fd);
	flip(box, 100);
	flip(box, 100);
	assert_true(load(box, &found).reserved == 99);
	flip(box, 512 + 300);
	assert_true(load(box, &found).reserved == 4);
}

static void
truncated_file_keeps_what_is_whole(void **state)
{
	struct box *box = *state;
	enum dmp_marks_found found;

	store(box, 4);
	assert_int_equal(truncate(box->path, 1000), 0);
	assert_true(load(box, &found).reserved == 4);
	assert_int_equal(truncate(box->path, 511), 0);
	(void)load(box, &found);
	assert_int_equal(found, DMP_MARKS_DAMAGED);
}

static void
garbage_is_damaged_and_empty_is_fresh(void **state)
{
	struct box *box = *state;
	enum dmp_marks_found found;

	store(box, 2);
	flip(box, 0);
	flip(box, 512);
	assert_true(load(box, &found).reserved == 0);
	assert_int_equal(found, DMP_MARKS_DAMAGED);
	assert_int_equal(truncate(box->path, 0), 0);
	(void)load(box, &found);
	assert_int_equal(found, DMP_MARKS_FRESH);
}

static void
fifo_or_directory_is_refused(void **state)
{
	struct box *box = *state;
	enum dmp_marks_found found;
	struct dmp_marks marks;
	int fd;

	assert_int_equal(mkfifo(box->path, 0600), 0);
	assert_int_equal(dmp_marks_open(box->path, &fd, &marks, &found), DMP_EIO);
	(void)unlink(box->path);
	assert_int_equal(dmp_marks_open(box->root, &fd, &marks, &found), DMP_EIO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        missing_file_is_fresh_and_private, setup, teardown),
	    cmocka_unit_test_setup_teardown(every_field_comes_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(newest_generation_counts, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        damaged_slot_leaves_the_other_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        write_after_damage_goes_over_the_damaged_slot, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        truncated_file_keeps_what_is_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        garbage_is_damaged_and_empty_is_fresh, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        fifo_or_directory_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
