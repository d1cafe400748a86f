/* SPDX-License-Identifier: BSD-2-Clause */
/* board_sample.h - a small board in a directory of its own, and ways to damage it. */
#ifndef DMP_TEST_BOARD_SAMPLE_H
#define DMP_TEST_BOARD_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/board.h"
#include "support/temp_dir.h"

enum { BOARD_SAMPLE_PORTS = 8 };

extern const uint32_t BOARD_SAMPLE_ROWS[DMP_BOARD_SECTIONS];

struct board_sample {
	char dir[TEMP_DIR_TEXT];
};

/* For cmocka: *state is a struct board_sample. */
int board_sample_setup(void **state);
int board_sample_teardown(void **state);

/* The only live half that has the number k (in checks); is it that, byte for byte? */
void board_sample_fill(struct dmp_board_port_live *live, uint32_t k);
bool board_sample_is_whole(const struct dmp_board_port_live *live);

/* A board whose port row r has index 10 * (r + 1) and live half r. */
struct dmp_board *board_sample_make(const char *dir, const char *site);
struct dmp_board *board_sample_publish(const char *dir, const char *site);
struct dmp_board_reader *board_sample_reader(const char *dir);

/* How many board files there are, and the number of the last. */
unsigned board_sample_files(const char *dir, uint64_t *ret_number);

/* The only board's file. */
int board_sample_file(const char *dir, int flags);
void board_sample_overwrite(
    const char *dir, size_t offset, const void *data, size_t size);

/* Where the live half of a port stands in it (its sequence word). */
size_t board_sample_live_offset(uint32_t row);

#endif
