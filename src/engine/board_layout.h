/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * board_layout.h - what a board file looks like.  Private to board*.c and its tests.
 *
 * One header, then for each section the array of plan rows and the array of live rows,
 * every one of them starting at a multiple of 8.  A live row is a sequence word (odd
 * while being written) and the live struct as 64-bit words.
 */
#ifndef DMP_BOARD_LAYOUT_H
#define DMP_BOARD_LAYOUT_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/board.h"

#define BOARD_MAGIC  "dmpboard"
#define BOARD_LAYOUT 1u

/* Largest live half, in words. */
#define BOARD_UNDO_WORDS 96

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && sizeof(_Atomic uint64_t) == 8,
    "words shared between processes must be lock-free");

/* What a row was before the write in progress, so that a writer that dies inside it
 * leaves a good copy.  One writer, so one is enough for the whole board. */
struct board_undo {
	_Atomic uint64_t sequence;
	_Atomic uint64_t owner; /* section << 32 | row */
	_Atomic uint64_t words[BOARD_UNDO_WORDS];
};

struct board_section {
	uint64_t rows;
	uint64_t plan_offset;
	uint64_t live_offset;
};

struct board_header {
	char magic[8];
	uint64_t layout;
	uint64_t build_id;
	uint64_t size; /* of the file */
	struct board_section sections[DMP_BOARD_SECTIONS];
	_Atomic uint64_t retired; /* not 0: there is a newer board */
	_Atomic int64_t beat_ms;
	struct board_undo undo;
};

_Static_assert(sizeof(struct board_header) % 8 == 0, "sections start at words");

/* Distance of plan rows and of live rows (0: the section has no live half). */
size_t dmp_board_plan_stride(enum dmp_board_section section);
size_t dmp_board_live_stride(enum dmp_board_section section);

/* Where the row's index stands in the plan half. */
size_t dmp_board_index_offset(enum dmp_board_section section);

/* Every text field of every row. */
enum board_half { BOARD_PLAN = 0, BOARD_LIVE };
struct board_text {
	enum board_half half;
	enum dmp_board_section section;
	size_t offset;
	size_t size;
};
const struct board_text *dmp_board_texts(size_t *ret_n);

/* Offsets and the size of a file with so many rows; false when it cannot be mapped. */
bool dmp_board_arrange(const uint32_t rows[DMP_BOARD_SECTIONS],
    struct board_section ret_sections[DMP_BOARD_SECTIONS], uint64_t *ret_size);

/* Hash of the program's version and of every struct's size. */
uint64_t dmp_board_build_id(void);

/* Directory entries: "board.N" and the temporary names. */
#define BOARD_PREFIX     "board."
#define BOARD_TEMPORARY  BOARD_PREFIX "tmp."
#define BOARD_NUMBER_MAX 999999999999u
bool dmp_board_number(const char *name, uint64_t *ret_number);
void dmp_board_name(uint64_t number, char name[NAME_MAX + 1]);

/* Call fn for every entry of the directory that starts with BOARD_PREFIX. */
typedef void dmp_board_entry_fn(int directory, const char *name, void *arg);
enum dmp_status dmp_board_scan(
    int directory, dmp_board_entry_fn *fn, void *arg) DMP_CHECK_RESULT;

/* The highest number below directory, 0 = none. */
enum dmp_status dmp_board_newest(int directory, uint64_t *ret_number) DMP_CHECK_RESULT;

/* errno as a status. */
enum dmp_status dmp_board_errno_status(int error);

#endif
