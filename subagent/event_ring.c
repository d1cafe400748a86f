/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event_ring.c - an array that grows until it has its capacity and is a ring from then
 * on.
 *
 * Sequences ascend, so an event can stand no further from either end than its sequence
 * is from the sequence at that end.  Without gaps, which is how sequences are given,
 * the two bounds meet and a search is one step; with g gaps it takes log g.
 */
#include "subagent/event_ring.h"

#include <assert.h>
#include <stdlib.h>

#define RING_FIRST 64 /* events to begin with */

struct dmpd_event_ring {
	size_t capacity;
	size_t allocated;
	size_t n;
	size_t oldest; /* place of the oldest; 0 until the ring is full */
	struct dmp_event *events;
};

enum dmp_status
dmpd_event_ring_new(size_t capacity, struct dmpd_event_ring **ret_ring)
{
	struct dmpd_event_ring *ring;

	assert(capacity > 0);
	ring = calloc(1, sizeof *ring);
	if (!ring)
		return DMP_ENOMEM;
	ring->capacity = capacity;
	*ret_ring = ring;
	return DMP_OK;
}

void
dmpd_event_ring_free(struct dmpd_event_ring *ring)
{
	if (!ring)
		return;
	free(ring->events);
	free(ring);
}

static const struct dmp_event *
ring_event(const struct dmpd_event_ring *ring, size_t i)
{
	return &ring->events[(ring->oldest + i) % ring->allocated];
}

static enum dmp_status
ring_grow(struct dmpd_event_ring *ring)
{
	size_t allocated = ring->allocated == 0 ? RING_FIRST : ring->allocated * 2;
	struct dmp_event *events;

	if (allocated > ring->capacity)
		allocated = ring->capacity;
	if (allocated > SIZE_MAX / sizeof *events)
		return DMP_ENOMEM;
	events = realloc(ring->events, allocated * sizeof *events);
	if (!events)
		return DMP_ENOMEM;
	ring->events = events;
	ring->allocated = allocated;
	return DMP_OK;
}

enum dmp_status
dmpd_event_ring_add(struct dmpd_event_ring *ring, const struct dmp_event *event)
{
	enum dmp_status status;

	if (event->sequence <= dmpd_event_ring_newest(ring))
		return DMP_OK;
	if (ring->n == ring->capacity) {
		ring->events[ring->oldest] = *event;
		ring->oldest = (ring->oldest + 1) % ring->capacity;
		return DMP_OK;
	}
	if (ring->n == ring->allocated) {
		status = ring_grow(ring);
		if (status != DMP_OK)
			return status;
	}
	ring->events[ring->n++] = *event;
	return DMP_OK;
}

const struct dmp_event *
dmpd_event_ring_at(const struct dmpd_event_ring *ring, uint32_t sequence, bool exact)
{
	uint32_t oldest = dmpd_event_ring_oldest(ring);
	uint32_t newest = dmpd_event_ring_newest(ring);
	const struct dmp_event *event;
	size_t low = 0, high;

	if (ring->n == 0 || sequence > newest)
		return NULL;
	if (sequence < oldest)
		sequence = exact ? sequence : oldest;
	high = sequence > oldest ? sequence - oldest : 0;
	if (high > ring->n - 1)
		high = ring->n - 1;
	if (newest - sequence < ring->n - 1)
		low = ring->n - 1 - (newest - sequence);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ring_event(ring, middle)->sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	event = ring_event(ring, low);
	return exact && event->sequence != sequence ? NULL : event;
}

uint32_t
dmpd_event_ring_oldest(const struct dmpd_event_ring *ring)
{
	return ring->n == 0 ? 0 : ring_event(ring, 0)->sequence;
}

uint32_t
dmpd_event_ring_newest(const struct dmpd_event_ring *ring)
{
	return ring->n == 0 ? 0 : ring_event(ring, ring->n - 1)->sequence;
}
