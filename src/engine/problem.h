/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * problem.h - what is announced and not yet cleared, and what to announce next.
 *
 * Pure.  The set of raised problems is a fold over the events: a raising type adds
 * (Key, type), a clearing type removes what it clears for its Key.  The engine keeps it
 * to announce only differences, the database stores it in the transaction of each
 * event, the agent serves it as dmpProblemTable.  The raises and clears of vocab.h
 * decide, for all three.
 *
 * How it works.  Each problem is an allocation of its own; the set has a vector of
 * pointers in index order and a hash by key, so that a burst of thousands of events
 * moves pointers and not problems.
 */
#ifndef DMP_PROBLEM_H
#define DMP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/event_record.h"

/* One raised problem: its raising event's facts, kept current by repeats. */
struct dmp_problem {
	uint32_t index; /* sequence of the event that raised it */
	char key[DMP_KEY_TEXT];
	enum dmp_event_type type;
	enum dmp_state state;
	enum dmp_severity severity;
	enum dmp_reason reason;
	char message[DMP_MESSAGE_TEXT];
	uint32_t host_index;
	uint32_t port_index;
	int64_t since_ms; /* wall clock of the raising event */
	uint32_t last_event;
	int64_t announced_ms; /* see dmp_problem_touch(); not stored */
};

struct dmp_problem_node;

/* A set, ascending index.  Zero-initialise; done() frees.  Callers may read items and
 * n; a pointer to an item is borrowed until the set changes. */
struct dmp_problem_set {
	struct dmp_problem **items;
	size_t n;
	size_t capacity;
	struct dmp_problem_node **buckets;
	size_t n_buckets; /* a power of two, or 0 */
};

/* Apply one event: add, refresh or remove.  Events must come in sequence order:
 * DMP_EINVAL for one that would raise a problem below the newest index.  Nothing is
 * changed on failure. */
enum dmp_status dmp_problem_apply(
    struct dmp_problem_set *set, const struct dmp_event *event) DMP_CHECK_RESULT;

/* Add a stored problem.  DMP_EINVAL unless its type is one that raises, its index is
 * above all others, and its key and type are new. */
enum dmp_status dmp_problem_add(
    struct dmp_problem_set *set, const struct dmp_problem *problem) DMP_CHECK_RESULT;

/* The raised problem of a key that type would replace or clear, NULL when none. */
const struct dmp_problem *dmp_problem_find(
    const struct dmp_problem_set *set, const char *key, enum dmp_event_type type);

/* The row with this index, or the first after it; NULL past the end.  O(log n). */
const struct dmp_problem *dmp_problem_at(
    const struct dmp_problem_set *set, uint32_t index, bool exact);

/* Remember when the problem that event has raised was announced last, on the caller's
 * clock. */
void dmp_problem_touch(
    struct dmp_problem_set *set, const struct dmp_event *event, int64_t now_ms);

void dmp_problem_done(struct dmp_problem_set *set);

/* The event that says a problem once more (a reminder, a resynchronisation): same type
 * and Key, PreviousState = State, the message begins "repeated:" - once, however often
 * it was repeated.  What a problem does not know (host, address, service, port number,
 * level, source, time) is the caller's to fill. */
void dmp_problem_repeat(const struct dmp_problem *problem, struct dmp_event *ret_event);

/* The state that the announcements for a port's key leave a receiver with: DOWN,
 * DEGRADED or EXPOSED when raised; UP otherwise (a port never announced counts as up).
 */
enum dmp_state dmp_problem_announced_state(
    const struct dmp_problem_set *set, const char *key);

#define DMP_ANNOUNCE_MAX 3

/* The event types that take a port from the announced state to the present one, in
 * order: none when nothing differs; DOWN to DEGRADED is {PORT_CLEARED (superseded),
 * PORT_DEGRADED}.  UNKNOWN announces nothing.  UNVERIFIED raises nothing, but a problem
 * that was raised is over: PORT_CLEARED, since nobody knows that the port is up.
 * NOT_APPLICABLE (removed, disabled, in maintenance) clears.  Returns how many. */
size_t dmp_announce_port(enum dmp_state announced, enum dmp_state present,
    enum dmp_event_type ret_types[DMP_ANNOUNCE_MAX]);

#endif
