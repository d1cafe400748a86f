/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eventlog_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum dmp_status
dmp_queue_push_event(struct dmp_queue *queue, const struct dmp_event *event)
{
	struct dmp_queued_event *node;

	if (queue->n_events >= DMP_QUEUE_EVENTS)
		return DMP_EBUSY;
	node = malloc(sizeof *node);
	if (!node)
		return DMP_ENOMEM;
	node->event = *event;
	node->next = NULL;
	if (queue->last_event)
		queue->last_event->next = node;
	else
		queue->first_event = node;
	queue->last_event = node;
	queue->n_events++;
	return DMP_OK;
}

struct dmp_queued_event *
dmp_queue_pop_event(struct dmp_queue *queue)
{
	struct dmp_queued_event *node = queue->first_event;

	if (!node)
		return NULL;
	queue->first_event = node->next;
	if (!queue->first_event)
		queue->last_event = NULL;
	queue->n_events--;
	return node;
}

void
dmp_queue_push_note(
    struct dmp_queue *queue, int64_t time_ms, const char *key, const char *text)
{
	struct dmp_queued_note *node;

	if (queue->n_notes >= DMP_QUEUE_NOTES)
		return;
	node = malloc(sizeof *node);
	if (!node)
		return;
	node->time_ms = time_ms;
	dmp_text_copy(node->key, sizeof node->key, key);
	dmp_text_copy(node->text, sizeof node->text, text);
	node->next = NULL;
	if (queue->last_note)
		queue->last_note->next = node;
	else
		queue->first_note = node;
	queue->last_note = node;
	queue->n_notes++;
}

static struct dmp_queued_port **
queue_slot(struct dmp_queue *queue, const char *key)
{
	uint32_t hash = UINT32_C(2166136261);

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT32_C(16777619);
	return &queue->slots[hash % DMP_QUEUE_SLOTS];
}

static struct dmp_queued_port *
queue_find_port(struct dmp_queue *queue, const char *key)
{
	struct dmp_queued_port *node = *queue_slot(queue, key);

	while (node && strcmp(node->port.key, key) != 0)
		node = node->same_slot;
	return node;
}

/* Append a node whose key does not wait. */
static void
queue_link_port(struct dmp_queue *queue, struct dmp_queued_port *node)
{
	struct dmp_queued_port **slot = queue_slot(queue, node->port.key);

	node->same_slot = *slot;
	*slot = node;
	node->next = NULL;
	if (queue->last_port)
		queue->last_port->next = node;
	else
		queue->first_port = node;
	queue->last_port = node;
}

void
dmp_queue_push_port(struct dmp_queue *queue, const struct dmp_saved_port *port)
{
	struct dmp_queued_port *node = queue_find_port(queue, port->key);

	if (node) {
		node->port = *port;
		return;
	}
	node = malloc(sizeof *node);
	if (!node)
		return;
	node->port = *port;
	queue_link_port(queue, node);
}

struct dmp_queued_note *
dmp_queue_take_notes(struct dmp_queue *queue)
{
	struct dmp_queued_note *notes = queue->first_note;

	queue->first_note = NULL;
	queue->last_note = NULL;
	queue->n_notes = 0;
	return notes;
}

struct dmp_queued_port *
dmp_queue_take_ports(struct dmp_queue *queue)
{
	struct dmp_queued_port *ports = queue->first_port;

	if (!ports)
		return NULL;
	queue->first_port = NULL;
	queue->last_port = NULL;
	memset(queue->slots, 0, sizeof queue->slots);
	return ports;
}

void
dmp_queue_return_notes(struct dmp_queue *queue, struct dmp_queued_note *notes)
{
	struct dmp_queued_note *last = notes;
	size_t n = 1;

	if (!notes)
		return;
	while (last->next) {
		last = last->next;
		n++;
	}
	last->next = queue->first_note;
	queue->first_note = notes;
	if (!queue->last_note)
		queue->last_note = last;
	queue->n_notes += n;
}

void
dmp_queue_return_ports(struct dmp_queue *queue, struct dmp_queued_port *ports)
{
	while (ports) {
		struct dmp_queued_port *next = ports->next;

		if (queue_find_port(queue, ports->port.key))
			free(ports);
		else
			queue_link_port(queue, ports);
		ports = next;
	}
}

static void
queue_free_admins(struct dmp_queued_admins *admins)
{
	if (!admins)
		return;
	dmp_admin_done(&admins->set);
	free(admins);
}

void
dmp_queue_push_admins(struct dmp_queue *queue, struct dmp_queued_admins *admins)
{
	queue_free_admins(queue->admins);
	queue->admins = admins;
}

struct dmp_queued_admins *
dmp_queue_take_admins(struct dmp_queue *queue)
{
	struct dmp_queued_admins *admins = queue->admins;

	queue->admins = NULL;
	return admins;
}

void
dmp_queue_return_admins(struct dmp_queue *queue, struct dmp_queued_admins *admins)
{
	if (queue->admins)
		queue_free_admins(admins);
	else
		queue->admins = admins;
}

/* Room behind the last part: what was dropped before the first one is used again. */
static bool
queue_make_room(struct dmp_queue *queue)
{
	size_t capacity = queue->parts_capacity ? queue->parts_capacity * 2 : 64;
	struct dmp_port_part *parts;

	if (queue->first_part + queue->n_parts < queue->parts_capacity)
		return true;
	if (queue->first_part > queue->n_parts) {
		memmove(queue->parts, queue->parts + queue->first_part,
		    queue->n_parts * sizeof *queue->parts);
		queue->first_part = 0;
		return true;
	}
	parts = realloc(queue->parts, capacity * sizeof *parts);
	if (!parts)
		return false;
	queue->parts = parts;
	queue->parts_capacity = capacity;
	return true;
}

void
dmp_queue_push_part(struct dmp_queue *queue, const struct dmp_port_part *part)
{
	if (queue->n_parts < DMP_QUEUE_PARTS && queue_make_room(queue))
		queue->parts[queue->first_part + queue->n_parts++] = *part;
}

size_t
dmp_queue_peek_parts(
    const struct dmp_queue *queue, struct dmp_port_part *ret_parts, size_t max)
{
	size_t n = queue->n_parts < max ? queue->n_parts : max;

	if (n > 0)
		memcpy(
		    ret_parts, queue->parts + queue->first_part, n * sizeof *ret_parts);
	return n;
}

void
dmp_queue_drop_parts(struct dmp_queue *queue, size_t n)
{
	queue->n_parts -= n;
	queue->first_part = queue->n_parts > 0 ? queue->first_part + n : 0;
}

bool
dmp_queue_is_empty(const struct dmp_queue *queue)
{
	return !queue->first_event && !queue->first_note && !queue->first_port &&
	       !queue->admins && queue->n_parts == 0;
}

void
dmp_queue_done(struct dmp_queue *queue)
{
	struct dmp_queued_note *note;
	struct dmp_queued_port *port;

	while (queue->first_event)
		free(dmp_queue_pop_event(queue));
	while ((note = queue->first_note) != NULL) {
		queue->first_note = note->next;
		free(note);
	}
	while ((port = queue->first_port) != NULL) {
		queue->first_port = port->next;
		free(port);
	}
	queue_free_admins(queue->admins);
	free(queue->parts);
	*queue = (struct dmp_queue){0};
}
