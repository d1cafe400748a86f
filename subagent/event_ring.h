/* SPDX-License-Identifier: BSD-2-Clause */
/* event_ring.h - the newest N events, ascending sequence, in memory. */
#ifndef DMPD_EVENT_RING_H
#define DMPD_EVENT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/event_record.h"

#define DMPD_EVENT_RING_DEFAULT 10000

struct dmpd_event_ring;

/* Memory grows with use, up to capacity events. */
enum dmp_status dmpd_event_ring_new(
    size_t capacity, struct dmpd_event_ring **ret_ring) DMP_CHECK_RESULT;
void dmpd_event_ring_free(struct dmpd_event_ring *ring);

/* Append; an event whose sequence is not above the newest is ignored.  The oldest goes
 * when it is full. */
enum dmp_status dmpd_event_ring_add(
    struct dmpd_event_ring *ring, const struct dmp_event *event) DMP_CHECK_RESULT;

/* The event with this sequence, or the first after it; NULL past the newest.  O(log n),
 * O(1) along a walk.  Borrowed until the next add. */
const struct dmp_event *dmpd_event_ring_at(
    const struct dmpd_event_ring *ring, uint32_t sequence, bool exact);

/* 0 while empty. */
uint32_t dmpd_event_ring_oldest(const struct dmpd_event_ring *ring);
uint32_t dmpd_event_ring_newest(const struct dmpd_event_ring *ring);

#endif
