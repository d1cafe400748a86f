/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/schedule.h"

#include <stdlib.h>

#define NOT_QUEUED UINT32_MAX

struct schedule_item {
	int64_t due_ms;
	uint32_t place; /* in the heap, or NOT_QUEUED */
	uint32_t host;
	bool has_slot; /* due_ms is a moment reserved at its host */
};

struct dmp_schedule {
	struct schedule_item *items;
	uint32_t *heap; /* port ids, earliest due first */
	size_t n_heap;
	size_t n_ports;
	int64_t *host_free; /* the next moment at which a host may be checked */
	uint32_t gap_ms;
};

enum dmp_status
dmp_schedule_new(size_t n_ports, const uint32_t *host_of, size_t n_hosts,
    uint32_t gap_ms, struct dmp_schedule **ret_schedule)
{
	struct dmp_schedule *s;

	if (n_ports >= NOT_QUEUED)
		return DMP_ETOOBIG;
	s = calloc(1, sizeof *s);
	if (!s)
		return DMP_ENOMEM;
	s->items = calloc(n_ports + 1, sizeof *s->items);
	s->heap = calloc(n_ports + 1, sizeof *s->heap);
	s->host_free = calloc(n_hosts + 1, sizeof *s->host_free);
	if (!s->items || !s->heap || !s->host_free) {
		dmp_schedule_free(s);
		return DMP_ENOMEM;
	}
	s->n_ports = n_ports;
	s->gap_ms = gap_ms;
	for (size_t i = 0; i < n_ports; i++)
		s->items[i] = (struct schedule_item){
		    DMP_SCHEDULE_NEVER, NOT_QUEUED, host_of[i], false};
	for (size_t i = 0; i < n_hosts; i++)
		s->host_free[i] = INT64_MIN;
	*ret_schedule = s;
	return DMP_OK;
}

void
dmp_schedule_free(struct dmp_schedule *schedule)
{
	if (!schedule)
		return;
	free(schedule->items);
	free(schedule->heap);
	free(schedule->host_free);
	free(schedule);
}

static bool
schedule_before(const struct dmp_schedule *s, uint32_t a, uint32_t b)
{
	return s->items[a].due_ms < s->items[b].due_ms;
}

static void
schedule_place(struct dmp_schedule *s, size_t place, uint32_t port)
{
	s->heap[place] = port;
	s->items[port].place = (uint32_t)place;
}

static void
schedule_sift_up(struct dmp_schedule *s, size_t place)
{
	uint32_t port = s->heap[place];

	while (place > 0 && schedule_before(s, port, s->heap[(place - 1) / 2])) {
		schedule_place(s, place, s->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	schedule_place(s, place, port);
}

static void
schedule_sift_down(struct dmp_schedule *s, size_t place)
{
	uint32_t port = s->heap[place];

	for (;;) {
		size_t child = 2 * place + 1;

		if (child >= s->n_heap)
			break;
		if (child + 1 < s->n_heap &&
		    schedule_before(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!schedule_before(s, s->heap[child], port))
			break;
		schedule_place(s, place, s->heap[child]);
		place = child;
	}
	schedule_place(s, place, port);
}

static void
schedule_remove(struct dmp_schedule *s, uint32_t port)
{
	size_t place = s->items[port].place;
	uint32_t last;

	if (place == NOT_QUEUED)
		return;
	s->items[port].place = NOT_QUEUED;
	last = s->heap[--s->n_heap];
	if (last == port)
		return;
	schedule_place(s, place, last);
	schedule_sift_up(s, place);
	schedule_sift_down(s, s->items[last].place);
}

void
dmp_schedule_set(struct dmp_schedule *schedule, size_t port, int64_t due_ms)
{
	struct schedule_item *item = &schedule->items[port];

	schedule_remove(schedule, (uint32_t)port);
	item->due_ms = due_ms;
	item->has_slot = false;
	if (due_ms == DMP_SCHEDULE_NEVER)
		return;
	schedule_place(schedule, schedule->n_heap++, (uint32_t)port);
	schedule_sift_up(schedule, schedule->n_heap - 1);
}

int64_t
dmp_schedule_due(const struct dmp_schedule *schedule, size_t port)
{
	return schedule->items[port].due_ms;
}

int64_t
dmp_schedule_next(const struct dmp_schedule *schedule)
{
	if (schedule->n_heap == 0)
		return DMP_SCHEDULE_NEVER;
	return schedule->items[schedule->heap[0]].due_ms;
}

/* A due port whose host is busy gets the host's next moment for itself, so that each
 * port is put back at most once. */
static bool
schedule_defer(struct dmp_schedule *s, uint32_t port, int64_t now_ms)
{
	struct schedule_item *item = &s->items[port];
	int64_t *host_free = &s->host_free[item->host];

	if (item->has_slot)
		return false;
	if (*host_free <= now_ms) {
		*host_free = now_ms + s->gap_ms;
		return false;
	}
	item->due_ms = *host_free;
	item->has_slot = true;
	*host_free += s->gap_ms;
	schedule_sift_down(s, item->place);
	return true;
}

bool
dmp_schedule_pop(struct dmp_schedule *schedule, int64_t now_ms, size_t *ret_port)
{
	while (dmp_schedule_next(schedule) <= now_ms) {
		uint32_t port = schedule->heap[0];

		if (schedule_defer(schedule, port, now_ms))
			continue;
		schedule_remove(schedule, port);
		schedule->items[port].due_ms = DMP_SCHEDULE_NEVER;
		schedule->items[port].has_slot = false;
		*ret_port = port;
		return true;
	}
	return false;
}

int64_t
dmp_schedule_first(int64_t now_ms, size_t i, size_t n, uint32_t spread_ms)
{
	return now_ms + (n > 0 ? (int64_t)(i * (uint64_t)spread_ms / n) : 0);
}

int64_t
dmp_schedule_after(int64_t now_ms, uint32_t interval_ms, uint32_t random)
{
	return now_ms + interval_ms - (int64_t)(random % (interval_ms / 10 + 1));
}
