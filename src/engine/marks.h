/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marks.h - the high-water marks: numbers that must never be given twice.
 *
 * How it works.  STATE/marks is the second memory beside the database: two slots of 512
 * bytes, each with a generation and a checksum, written in place and synced in turns,
 * so that a torn write leaves the other one.  It needs no free disk space once it
 * exists.  The valid slot with the greater generation counts.
 */
#ifndef DMP_MARKS_H
#define DMP_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define DMP_MARKS_FILE  "marks"
#define DMP_MARKS_KINDS 4 /* enum dmp_index_kind counts from 1 */
#define DMP_BOOT_TEXT   40

struct dmp_marks {
	uint64_t generation; /* counts the writes; dmp_marks_store() advances it */
	uint32_t reserved;   /* no sequence number above this one was given out */
	uint32_t floor;      /* no number up to this one may be given again */
	uint32_t epoch;
	uint32_t index[DMP_MARKS_KINDS]; /* the highest index ever given, by kind */
	char boot[DMP_BOOT_TEXT];        /* boot id of the last writer */
	bool clean;          /* stopped in order: reserved is the last number used */
	bool volatile_sends; /* events were released that are not in the database */
};

enum dmp_marks_found {
	DMP_MARKS_FRESH = 0, /* there was no file */
	DMP_MARKS_READ,
	DMP_MARKS_DAMAGED /* neither slot is valid */
};

/* Open or create the file at path (mode 0640) and read it; *ret_marks is zeroed unless
 * DMP_MARKS_READ was found.  The caller closes *ret_fd. */
enum dmp_status dmp_marks_open(const char *path, int *ret_fd,
    struct dmp_marks *ret_marks, enum dmp_marks_found *ret_found) DMP_CHECK_RESULT;

/* Write and sync.  On failure what was stored before still holds, or the new values
 * do. */
enum dmp_status dmp_marks_store(int fd, struct dmp_marks *marks) DMP_CHECK_RESULT;

#endif
