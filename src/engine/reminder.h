/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reminder.h - when a problem that lasts is sent again.  Pure.
 *
 * Rules.  Every `reminder` after it was raised or repeated; 0 = never.  What was missed
 * is not made up for: one repeat, then the next interval.  While a problem is
 * suppressed (its host is down, the vantage is isolated ...) the cause is repeated, not
 * it; its turn comes when the suppression ends.  Times are monotonic milliseconds;
 * after a restart the start counts as the last announcement.
 */
#ifndef DMP_REMINDER_H
#define DMP_REMINDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vocab.h"

#define DMP_REMINDER_NEVER INT64_MAX

/* When a problem last announced at last_ms is to be repeated. */
int64_t dmp_reminder_due_ms(
    uint32_t reminder_ms, int64_t last_ms, enum dmp_suppressed suppressed);

/* Is that now? */
bool dmp_reminder_is_due(uint32_t reminder_ms, int64_t last_ms,
    enum dmp_suppressed suppressed, int64_t now_ms);

#endif
