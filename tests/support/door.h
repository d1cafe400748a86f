/* SPDX-License-Identifier: BSD-2-Clause */
/* door.h - an HTTP service on 127.0.0.1 that thinks before it answers and counts who
 * stands in front of it. */
#ifndef DMP_TEST_DOOR_H
#define DMP_TEST_DOOR_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

enum { DOOR_THINKS_MS = 30, DOOR_PLACES = 64, DOOR_VISITS = 256 };

struct door;

struct door_place {
	struct door *door;
	struct event *event;
	int fd; /* -1 = free */
	char path[8];
};

struct door {
	struct event_base *base;
	struct event *event;
	int fd;
	uint16_t port;
	struct door_place places[DOOR_PLACES];
	unsigned present; /* connections now, and the most at once */
	unsigned most;
	const struct door *beside; /* another one, or NULL */
	bool met;                  /* there were visitors at both at the same time */
	unsigned visits;
	char paths[DOOR_VISITS][8]; /* asked for, in their order */
};

/* Embedded: opened and closed by its owner. */
void door_open(struct door *door, struct event_base *base);
void door_close(struct door *door);

#endif
