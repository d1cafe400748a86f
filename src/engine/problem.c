/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

enum { FIRST_BUCKETS = 16 };

struct dmp_problem_node {
	struct dmp_problem problem; /* first: items point at it */
	struct dmp_problem_node *next;
	size_t hash;
};

/* FNV-1a. */
static size_t
problem_hash(const char *key)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *key; key++) {
		hash ^= (unsigned char)*key;
		hash *= UINT64_C(1099511628211);
	}
	return (size_t)hash;
}

static bool
problem_has(const struct dmp_problem_node *node, size_t hash, const char *key)
{
	return node->hash == hash && strcmp(node->problem.key, key) == 0;
}

/* The first problem of a key, or the next one after node. */
static struct dmp_problem_node *
problem_of_key(const struct dmp_problem_set *set, const char *key,
    const struct dmp_problem_node *after)
{
	size_t hash = problem_hash(key);
	struct dmp_problem_node *node = NULL;

	if (after)
		node = after->next;
	else if (set->n_buckets > 0)
		node = set->buckets[hash & (set->n_buckets - 1)];
	while (node && !problem_has(node, hash, key))
		node = node->next;
	return node;
}

static struct dmp_problem_node *
problem_of_type(
    const struct dmp_problem_set *set, const char *key, enum dmp_event_type type)
{
	struct dmp_problem_node *node = problem_of_key(set, key, NULL);

	while (node && node->problem.type != type)
		node = problem_of_key(set, key, node);
	return node;
}

/* Position of the first item with an index of at least index. */
static size_t
problem_lower_bound(const struct dmp_problem_set *set, uint32_t index)
{
	size_t low = 0;
	size_t high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->items[middle]->index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum dmp_status
problem_grow_items(struct dmp_problem_set *set)
{
	struct dmp_problem **items =
	    dmp_array_grow(set->items, set->n, &set->capacity, sizeof(*items));

	if (!items)
		return DMP_ENOMEM;
	set->items = items;
	return DMP_OK;
}

/* Keep at least as many buckets as problems. */
static enum dmp_status
problem_grow_buckets(struct dmp_problem_set *set)
{
	size_t n = set->n_buckets ? set->n_buckets * 2 : FIRST_BUCKETS;
	struct dmp_problem_node **buckets;

	if (set->n < set->n_buckets)
		return DMP_OK;
	buckets = calloc(n, sizeof(struct dmp_problem_node *));
	if (!buckets)
		return DMP_ENOMEM;
	for (size_t i = 0; i < set->n_buckets; i++) {
		struct dmp_problem_node *next;

		for (struct dmp_problem_node *p = set->buckets[i]; p; p = next) {
			next = p->next;
			p->next = buckets[p->hash & (n - 1)];
			buckets[p->hash & (n - 1)] = p;
		}
	}
	free(set->buckets);
	set->buckets = buckets;
	set->n_buckets = n;
	return DMP_OK;
}

static void
problem_remove(struct dmp_problem_set *set, struct dmp_problem_node *node)
{
	struct dmp_problem_node **link =
	    &set->buckets[node->hash & (set->n_buckets - 1)];
	size_t at = problem_lower_bound(set, node->problem.index);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	memmove(set->items + at, set->items + at + 1,
	    (set->n - at - 1) * sizeof(struct dmp_problem *));
	set->n--;
	free(node);
}

/* Remove the problems of event's key that its type clears. */
static void
problem_clear(struct dmp_problem_set *set, const struct dmp_event *event)
{
	struct dmp_problem_node *node = problem_of_key(set, event->key, NULL);

	while (node) {
		struct dmp_problem_node *next = problem_of_key(set, event->key, node);

		if (dmp_event_clears(event->type, node->problem.type))
			problem_remove(set, node);
		node = next;
	}
}

/* A repeat keeps the index and the time of the first event. */
static void
problem_refresh(struct dmp_problem *problem, const struct dmp_event *event)
{
	problem->state = event->state;
	problem->severity = event->severity;
	problem->reason = event->reason;
	dmp_text_copy(problem->message, sizeof problem->message, event->message);
	problem->host_index = event->host_index;
	problem->port_index = event->port_index;
	problem->last_event = event->sequence;
}

static enum dmp_status
problem_raise(struct dmp_problem_set *set, const struct dmp_event *event)
{
	struct dmp_problem_node *known = problem_of_type(set, event->key, event->type);
	struct dmp_problem problem = {
	    .index = event->sequence, .type = event->type, .since_ms = event->time_ms};

	if (known) {
		problem_refresh(&known->problem, event);
		return DMP_OK;
	}
	dmp_text_copy(problem.key, sizeof problem.key, event->key);
	problem_refresh(&problem, event);
	return dmp_problem_add(set, &problem);
}

enum dmp_status
dmp_problem_apply(struct dmp_problem_set *set, const struct dmp_event *event)
{
	enum dmp_status status = DMP_OK;

	if (dmp_event_raises(event->type))
		status = problem_raise(set, event);
	if (status == DMP_OK)
		problem_clear(set, event);
	return status;
}

enum dmp_status
dmp_problem_add(struct dmp_problem_set *set, const struct dmp_problem *problem)
{
	struct dmp_problem_node *node;
	struct dmp_problem_node **bucket;
	enum dmp_status status;

	if (!dmp_event_raises(problem->type))
		return DMP_EINVAL; /* nothing would ever clear it */
	if (set->n > 0 && set->items[set->n - 1]->index >= problem->index)
		return DMP_EINVAL;
	if (problem_of_type(set, problem->key, problem->type))
		return DMP_EINVAL;
	status = problem_grow_items(set);
	if (status == DMP_OK)
		status = problem_grow_buckets(set);
	if (status != DMP_OK)
		return status;
	node = malloc(sizeof *node);
	if (!node)
		return DMP_ENOMEM;
	node->problem = *problem;
	node->hash = problem_hash(problem->key);
	bucket = &set->buckets[node->hash & (set->n_buckets - 1)];
	node->next = *bucket;
	*bucket = node;
	set->items[set->n++] = &node->problem;
	return DMP_OK;
}

const struct dmp_problem *
dmp_problem_find(
    const struct dmp_problem_set *set, const char *key, enum dmp_event_type type)
{
	struct dmp_problem_node *node = problem_of_type(set, key, type);

	if (node)
		return &node->problem;
	for (node = problem_of_key(set, key, NULL); node;
	     node = problem_of_key(set, key, node))
		if (dmp_event_clears(type, node->problem.type))
			return &node->problem;
	return NULL;
}

const struct dmp_problem *
dmp_problem_at(const struct dmp_problem_set *set, uint32_t index, bool exact)
{
	size_t at = problem_lower_bound(set, index);

	if (at == set->n || (exact && set->items[at]->index != index))
		return NULL;
	return set->items[at];
}

void
dmp_problem_touch(
    struct dmp_problem_set *set, const struct dmp_event *event, int64_t now_ms)
{
	struct dmp_problem_node *node = problem_of_type(set, event->key, event->type);

	if (node)
		node->problem.announced_ms = now_ms;
}

void
dmp_problem_done(struct dmp_problem_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free((struct dmp_problem_node *)(void *)set->items[i]);
	free(set->items);
	free(set->buckets);
	*set = (struct dmp_problem_set){0};
}

void
dmp_problem_repeat(const struct dmp_problem *problem, struct dmp_event *ret_event)
{
	static const char REPEATED[] = "repeated: ";
	const char *message = problem->message;

	if (strncmp(message, REPEATED, sizeof REPEATED - 1) == 0)
		message += sizeof REPEATED - 1;
	*ret_event = (struct dmp_event){
	    .type = problem->type,
	    .state = problem->state,
	    .previous_state = problem->state,
	    .severity = problem->severity,
	    .reason = problem->reason,
	    .host_index = problem->host_index,
	    .port_index = problem->port_index,
	};
	dmp_text_copy(ret_event->key, sizeof ret_event->key, problem->key);
	dmp_text_format(
	    ret_event->message, sizeof ret_event->message, "%s%s", REPEATED, message);
}

/* The port problems that tell a state. */
static const struct {
	enum dmp_event_type type;
	enum dmp_state state;
} ANNOUNCED[] = {
    {DMP_EVENT_PORT_DOWN, DMP_STATE_DOWN},
    {DMP_EVENT_PORT_DEGRADED, DMP_STATE_DEGRADED},
    {DMP_EVENT_PORT_EXPOSED, DMP_STATE_EXPOSED},
};

enum dmp_state
dmp_problem_announced_state(const struct dmp_problem_set *set, const char *key)
{
	for (size_t i = 0; i < sizeof ANNOUNCED / sizeof ANNOUNCED[0]; i++)
		if (problem_of_type(set, key, ANNOUNCED[i].type))
			return ANNOUNCED[i].state;
	return DMP_STATE_UP;
}

#define CLEAR    DMP_EVENT_PORT_CLEARED
#define UP       DMP_EVENT_PORT_UP
#define DEGRADED DMP_EVENT_PORT_DEGRADED
#define DOWN     DMP_EVENT_PORT_DOWN
#define EXPOSED  DMP_EVENT_PORT_EXPOSED
#define CLOSED   DMP_EVENT_PORT_CLOSED

enum { RAISED_NONE = 0, RAISED_DEGRADED, RAISED_DOWN, RAISED_EXPOSED, RAISED_COUNT };

/* What is announced (row) and what is (column) to the types that lead from one to the
 * other.  One raise that takes the place of another comes after a clear, for managers
 * that know only a raise and its own clears. */
static const enum dmp_event_type
    STEPS[RAISED_COUNT][DMP_STATE_NOT_APPLICABLE + 1][DMP_ANNOUNCE_MAX] = {
        [RAISED_NONE] = {[DMP_STATE_DEGRADED] = {DEGRADED},
            [DMP_STATE_DOWN] = {DOWN},
            [DMP_STATE_EXPOSED] = {EXPOSED}},
        [RAISED_DEGRADED] = {[DMP_STATE_UP] = {UP},
            [DMP_STATE_DOWN] = {CLEAR, DOWN},
            [DMP_STATE_EXPOSED] = {CLEAR, EXPOSED},
            [DMP_STATE_CLOSED] = {CLEAR},
            [DMP_STATE_UNVERIFIED] = {CLEAR},
            [DMP_STATE_NOT_APPLICABLE] = {CLEAR}},
        [RAISED_DOWN] = {[DMP_STATE_UP] = {UP},
            [DMP_STATE_DEGRADED] = {CLEAR, DEGRADED},
            [DMP_STATE_EXPOSED] = {CLEAR, EXPOSED},
            [DMP_STATE_CLOSED] = {CLEAR},
            [DMP_STATE_UNVERIFIED] = {CLEAR},
            [DMP_STATE_NOT_APPLICABLE] = {CLEAR}},
        [RAISED_EXPOSED] = {[DMP_STATE_UP] = {CLEAR},
            [DMP_STATE_DEGRADED] = {CLEAR, DEGRADED},
            [DMP_STATE_DOWN] = {CLEAR, DOWN},
            [DMP_STATE_CLOSED] = {CLOSED},
            [DMP_STATE_UNVERIFIED] = {CLEAR},
            [DMP_STATE_NOT_APPLICABLE] = {CLEAR}},
};

#undef CLEAR
#undef UP
#undef DEGRADED
#undef DOWN
#undef EXPOSED
#undef CLOSED

size_t
dmp_announce_port(enum dmp_state announced, enum dmp_state present,
    enum dmp_event_type ret_types[DMP_ANNOUNCE_MAX])
{
	static const uint8_t raised[DMP_STATE_NOT_APPLICABLE + 1] = {
	    [DMP_STATE_DEGRADED] = RAISED_DEGRADED,
	    [DMP_STATE_DOWN] = RAISED_DOWN,
	    [DMP_STATE_EXPOSED] = RAISED_EXPOSED,
	};
	size_t n = 0;

	if ((unsigned)announced > DMP_STATE_NOT_APPLICABLE ||
	    (unsigned)present > DMP_STATE_NOT_APPLICABLE)
		return 0;
	while (n < DMP_ANNOUNCE_MAX && STEPS[raised[announced]][present][n]) {
		ret_types[n] = STEPS[raised[announced]][present][n];
		n++;
	}
	return n;
}
