/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_box.h - an event log in directories of its own, for tests. */
#ifndef DMP_TEST_EVENTLOG_BOX_H
#define DMP_TEST_EVENTLOG_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/eventlog.h"

struct box {
	char root[64];
	char state[80];
	char run[80];
	struct dmp_eventlog *log;
	struct dmp_eventlog_start start;
	struct dmp_problem_set problems;
};

/* cmocka setup and teardown: *state is a struct box *; nothing is open yet. */
int box_setup(void **state);
int box_teardown(void **state);

/* Open the log, which must succeed; retain 0 = default. */
void box_open(struct box *box, uint32_t retain);
void box_close(struct box *box);

/* Post an event for a key and return its sequence. */
uint32_t box_post(struct box *box, const char *key, enum dmp_event_type type);

/* Wait until all of what was said holds: fails the test after 10 s. */
struct dmp_eventlog_progress box_wait_committed(struct box *box, uint32_t sequence);
struct dmp_eventlog_progress box_wait_released(struct box *box, uint32_t sequence);
struct dmp_eventlog_progress box_wait_lost(struct box *box, uint32_t lost);
struct dmp_eventlog_progress box_wait_failing(struct box *box, bool failing);

/* The path of a file in the state directory. */
const char *box_path(const struct box *box, const char *name, char path[128]);

#endif
