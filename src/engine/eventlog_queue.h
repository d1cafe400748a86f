/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * eventlog_queue.h - what waits to be written.  Pure memory; the caller locks.
 *
 * Events stay in the queue until they are committed, so that they can be served from
 * there while the database fails.  Notes and saved ports are taken out when a
 * transaction takes them; under pressure notes are dropped, and a port's newer state
 * replaces the older one that still waits.
 */
#ifndef DMP_EVENTLOG_QUEUE_H
#define DMP_EVENTLOG_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/eventlog.h"

#define DMP_QUEUE_EVENTS 65536
#define DMP_QUEUE_NOTES  4096
#define DMP_QUEUE_PARTS  262144
#define DMP_NOTE_TEXT    512

struct dmp_queued_event {
	struct dmp_event event;
	struct dmp_queued_event *next;
};

struct dmp_queued_note {
	int64_t time_ms;
	char key[DMP_KEY_TEXT];
	char text[DMP_NOTE_TEXT];
	struct dmp_queued_note *next;
};

struct dmp_queued_port {
	struct dmp_saved_port port;
	struct dmp_queued_port *next;      /* oldest first */
	struct dmp_queued_port *same_slot; /* in the hash by key */
};

/* All changes of the admin state; the newest set takes the place of one that still
 * waits. */
struct dmp_queued_admins {
	struct dmp_admin_set set;
	uint32_t ticket;
};

enum { DMP_QUEUE_SLOTS = 4096 };

/* Zero-initialise; done() frees. */
struct dmp_queue {
	struct dmp_queued_event *first_event;
	struct dmp_queued_event *last_event;
	size_t n_events;
	struct dmp_queued_note *first_note;
	struct dmp_queued_note *last_note;
	size_t n_notes;
	struct dmp_queued_port *first_port;
	struct dmp_queued_port *last_port;
	struct dmp_queued_port *slots[DMP_QUEUE_SLOTS];
	struct dmp_queued_admins *admins; /* NULL: none waits */
	struct dmp_port_part *parts;      /* of availability, from first_part on */
	size_t first_part;
	size_t n_parts;
	size_t parts_capacity;
};

/* DMP_EBUSY when it is full. */
enum dmp_status dmp_queue_push_event(
    struct dmp_queue *queue, const struct dmp_event *event) DMP_CHECK_RESULT;

/* The oldest event, taken out; the caller frees it. */
struct dmp_queued_event *dmp_queue_pop_event(struct dmp_queue *queue);

/* Dropped when there are too many. */
void dmp_queue_push_note(
    struct dmp_queue *queue, int64_t time_ms, const char *key, const char *text);

/* Replaces what waits for the same key.  Dropped without memory. */
void dmp_queue_push_port(struct dmp_queue *queue, const struct dmp_saved_port *port);

/* All notes, or all ports, taken out as a list; the caller frees each. */
struct dmp_queued_note *dmp_queue_take_notes(struct dmp_queue *queue);
struct dmp_queued_port *dmp_queue_take_ports(struct dmp_queue *queue);

/* Put back what could not be written, before what came since; a port that was saved
 * again in the meantime keeps its newer state.  Takes the list. */
void dmp_queue_return_notes(struct dmp_queue *queue, struct dmp_queued_note *notes);
void dmp_queue_return_ports(struct dmp_queue *queue, struct dmp_queued_port *ports);

/* Both take the admins; NULL is allowed for return(). */
void dmp_queue_push_admins(struct dmp_queue *queue, struct dmp_queued_admins *admins);
struct dmp_queued_admins *dmp_queue_take_admins(struct dmp_queue *queue);
void dmp_queue_return_admins(struct dmp_queue *queue, struct dmp_queued_admins *admins);

/* Parts stay until they are dropped, like events.  One too many is not kept; peek()
 * copies at most max of the oldest. */
void dmp_queue_push_part(struct dmp_queue *queue, const struct dmp_port_part *part);
size_t dmp_queue_peek_parts(
    const struct dmp_queue *queue, struct dmp_port_part *ret_parts, size_t max);
void dmp_queue_drop_parts(struct dmp_queue *queue, size_t n);

bool dmp_queue_is_empty(const struct dmp_queue *queue);
void dmp_queue_done(struct dmp_queue *queue);

#endif
