/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/board_sample.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/board_layout.h"

const uint32_t BOARD_SAMPLE_ROWS[DMP_BOARD_SECTIONS] = {1, 3, 2, BOARD_SAMPLE_PORTS, 1};

int
board_sample_setup(void **state)
{
	struct board_sample *f = calloc(1, sizeof *f);

	assert_non_null(f);
	temp_dir_make(f->dir);
	*state = f;
	return 0;
}

int
board_sample_teardown(void **state)
{
	struct board_sample *f = *state;

	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

void
board_sample_fill(struct dmp_board_port_live *live, uint32_t k)
{
	memset(live, 0, sizeof *live);
	live->change_ms = k;
	live->checks = k;
	live->state = (uint8_t)(k & 7);
	memset(live->detail, 'a' + (int)(k % 26), sizeof live->detail - 1);
	dmp_text_format(live->address, sizeof live->address, "address %u", k);
	dmp_text_format(live->identity, sizeof live->identity, "identity %u", k);
	dmp_text_format(
	    live->admin_comment, sizeof live->admin_comment, "comment %u", k);
}

bool
board_sample_is_whole(const struct dmp_board_port_live *live)
{
	struct dmp_board_port_live expected;

	board_sample_fill(&expected, live->checks);
	return memcmp(live, &expected, sizeof expected) == 0;
}

struct dmp_board *
board_sample_make(const char *dir, const char *site)
{
	struct dmp_board *board;
	struct dmp_board_system *system;

	assert_int_equal(dmp_board_create(dir, BOARD_SAMPLE_ROWS, &board), DMP_OK);
	system = dmp_board_plan_row(board, DMP_BOARD_SYSTEM, 0);
	dmp_text_copy(system->site_name, sizeof system->site_name, site);
	for (uint32_t r = 0; r < BOARD_SAMPLE_PORTS; r++) {
		struct dmp_board_port *port =
		    dmp_board_plan_row(board, DMP_BOARD_PORT, r);
		struct dmp_board_port_live live;

		port->index = 10 * (r + 1);
		dmp_text_format(port->key, sizeof port->key, "host/key-%u", r);
		board_sample_fill(&live, r);
		dmp_board_write(board, DMP_BOARD_PORT, r, &live);
	}
	dmp_board_beat(board, 1000);
	return board;
}

struct dmp_board *
board_sample_publish(const char *dir, const char *site)
{
	struct dmp_board *board = board_sample_make(dir, site);

	assert_int_equal(dmp_board_publish(board), DMP_OK);
	return board;
}

struct dmp_board_reader *
board_sample_reader(const char *dir)
{
	struct dmp_board_reader *reader;

	assert_int_equal(dmp_board_reader_open(dir, &reader), DMP_OK);
	return reader;
}

unsigned
board_sample_files(const char *dir, uint64_t *ret_number)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned n = 0;

	for (uint64_t i = 1; i < 200; i++) {
		char name[NAME_MAX + 1];

		dmp_board_name(i, name);
		if (faccessat(fd, name, F_OK, 0) == 0) {
			*ret_number = i;
			n++;
		}
	}
	(void)close(fd);
	return n;
}

int
board_sample_file(const char *dir, int flags)
{
	char path[TEMP_DIR_TEXT + 32];
	uint64_t number = 0;
	int fd;

	assert_int_equal(board_sample_files(dir, &number), 1);
	dmp_text_format(
	    path, sizeof path, "%s/board.%llu", dir, (unsigned long long)number);
	fd = open(path, flags | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

void
board_sample_overwrite(const char *dir, size_t offset, const void *data, size_t size)
{
	int fd = board_sample_file(dir, O_RDWR);

	assert_int_equal(pwrite(fd, data, size, (off_t)offset), size);
	(void)close(fd);
}

size_t
board_sample_live_offset(uint32_t row)
{
	struct board_section sections[DMP_BOARD_SECTIONS];
	uint64_t size;

	assert_true(dmp_board_arrange(BOARD_SAMPLE_ROWS, sections, &size));
	return sections[DMP_BOARD_PORT].live_offset +
	       row * dmp_board_live_stride(DMP_BOARD_PORT);
}
