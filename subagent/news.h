/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * news.h - what the engine has announced, as other processes see it.
 *
 * Follows the engine: subscribes at its control socket, reads each new event from the
 * event database (or takes it from the socket while the database cannot be written)
 * and keeps the newest events and the set of raised problems.  When the engine is gone
 * it keeps what it has and tries again every 200 ms.
 */
#ifndef DMPD_NEWS_H
#define DMPD_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/eventlog.h"
#include "engine/problem.h"
#include "subagent/event_ring.h"

struct dmpd_news;

/* Both directories are borrowed until free.  Nothing is opened yet. */
enum dmp_status dmpd_news_new(const char *state_dir, const char *run_dir,
    size_t capacity, struct dmpd_news **ret_news) DMP_CHECK_RESULT;
void dmpd_news_free(struct dmpd_news *news);

/* Do what can be done without waiting: connect, read news, read the database. */
void dmpd_news_turn(struct dmpd_news *news, int64_t now_ms);

/* Readable when a turn has something to do; -1 while there is no engine. */
int dmpd_news_fd(const struct dmpd_news *news);

/* Milliseconds until a turn is due although the descriptor is silent; -1 = never. */
int dmpd_news_wait_ms(const struct dmpd_news *news, int64_t now_ms);

/* For the tables.  The pointers stay the same, their content changes with a turn. */
const struct dmpd_event_ring *dmpd_news_events(const struct dmpd_news *news);
const struct dmp_problem_set *dmpd_news_problems(const struct dmpd_news *news);

/* Take the last request for a test notification; false when there was none. */
bool dmpd_news_test(
    struct dmpd_news *news, uint64_t *ret_number, char name[DMP_NAME_TEXT]);

/* The newest sequence known, 0 = none. */
uint32_t dmpd_news_newest(const struct dmpd_news *news);

/* Copy the first event after this sequence, from memory or from the database.
 * DMP_ENOENT when there is none yet; DMP_EBUSY when it cannot be read now. */
enum dmp_status dmpd_news_after(struct dmpd_news *news, uint32_t sequence,
    struct dmp_event *ret_event) DMP_CHECK_RESULT;

/* The sequence before the first event of this epoch: where a receiver without history
 * begins.  DMP_EBUSY until the database can be read. */
enum dmp_status dmpd_news_epoch_start(
    struct dmpd_news *news, uint32_t epoch, uint32_t *ret_sequence) DMP_CHECK_RESULT;

#endif
