/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog_start.h - with which number to go on after a stop, a crash or a loss.
 *
 * The decision is pure.  An event is committed before it is released, so that after a
 * crash the database knows every number that anybody has seen - unless events were
 * released from memory while the disk failed (then RUN/events.volatile holds the newest
 * of them, and the marks say that it happened), or the database itself is gone.
 */
#ifndef DMP_EVENTLOG_START_H
#define DMP_EVENTLOG_START_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/eventlog_store.h"
#include "engine/marks.h"

#define DMP_START_VOLATILE_FILE "events.volatile"

/* How far to skip when no mark tells how far numbers were given. */
#define DMP_START_SEQUENCE_MARGIN DMP_EVENTLOG_VOLATILE
#define DMP_START_INDEX_MARGIN    256

struct dmp_start_input {
	enum dmp_marks_found found;
	struct dmp_marks marks;
	struct dmp_store_facts facts; /* fresh: new, or its predecessor was damaged */
	bool same_boot;               /* the machine did not restart since the marks */
	uint32_t volatile_mark;       /* newest event released from memory, 0 = none */
};

struct dmp_start_plan {
	uint32_t last; /* go on after this number */
	uint32_t epoch;
	uint32_t skipped_first; /* numbers that are lost, 0 = none */
	uint32_t skipped_last;
	uint32_t index[DMP_MARKS_KINDS];
};

struct dmp_start_plan dmp_start_decide(const struct dmp_start_input *input);

/* Read the boot id of this machine, "" when there is none. */
void dmp_start_boot(char boot[DMP_BOOT_TEXT]);

/* The file of the newest event released from memory: a number and a newline, rewritten
 * in place.  read() gives 0 for none; write() creates it. */
uint32_t dmp_start_read_volatile(const char *path);
enum dmp_status dmp_start_write_volatile(
    const char *path, uint32_t sequence) DMP_CHECK_RESULT;

#endif
