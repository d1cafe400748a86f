/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_world.h - a board, events, problems and receivers for the tests of the MIB. */
#ifndef DMP_TEST_MIB_WORLD_H
#define DMP_TEST_MIB_WORLD_H

#include "engine/board.h"
#include "subagent/mib_table.h"
#include "support/temp_dir.h"

#define MIB_WORLD_NOW_MS  ((int64_t)5000000)
#define MIB_WORLD_WALL_MS ((int64_t)1790000000000)

struct mib_world {
	char dir[TEMP_DIR_TEXT];
	struct dmp_board *board;
	struct dmp_board_reader *reader;
	struct dmpd_event_ring *ring;
	struct dmp_problem_set problems;
	struct dmpd_receiver_row *receivers;
	struct dmpd_view view;
};

/* A world with n rows in every table.  With two rows or more the first has index 1 and
 * the last 4294967295; the others leave gaps. */
void mib_world_make(struct mib_world *world, uint32_t n);
void mib_world_done(struct mib_world *world);

/* The index of row i of n. */
uint32_t mib_world_index(uint32_t i, uint32_t n);

/* Publish another board, with n rows; the reader still has the former one. */
void mib_world_swap(struct mib_world *world, uint32_t n);

/* An event with every text as long as it can be. */
void mib_world_longest_event(struct dmp_event *event);

#endif
