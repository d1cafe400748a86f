/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "support/probe_run.h"

static void
place_leave(struct door_place *place)
{
	event_free(place->event);
	(void)close(place->fd);
	place->fd = -1;
	place->door->present--;
}

/* "GET /path HTTP/1.1" */
static void
place_note(struct door_place *place, const char *request)
{
	const char *slash = strchr(request, '/');
	size_t size = slash ? strcspn(slash, " ") : 0;
	struct door *door = place->door;

	if (size == 0 || size >= sizeof place->path || door->visits == DOOR_VISITS)
		return;
	memcpy(door->paths[door->visits], slash, size);
	door->paths[door->visits++][size] = '\0';
}

/* A request, the end of a connection, or the time to answer. */
static void
place_on_event(evutil_socket_t fd, short what, void *arg)
{
	static const char REPLY[] =
	    "HTTP/1.1 200 OK\r\nServer: door\r\nContent-Length: 2\r\n\r\nok";
	static const struct timeval THINK = {0, DOOR_THINKS_MS * 1000};
	struct door_place *place = arg;
	char request[1024];
	ssize_t n;

	if (what & EV_TIMEOUT) {
		(void)send(fd, REPLY, sizeof REPLY - 1, MSG_NOSIGNAL);
		(void)event_add(place->event, NULL);
		return;
	}
	n = recv(fd, request, sizeof request - 1, 0);
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			place_leave(place);
		return;
	}
	request[n] = '\0';
	place_note(place, request);
	(void)event_add(place->event, &THINK);
}

static void
door_on_knock(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;
	struct door_place *place = door->places;
	int visitor = accept(fd, NULL, NULL);

	(void)what;
	if (visitor < 0)
		return;
	while (place->fd >= 0)
		assert_true(++place < door->places + DOOR_PLACES);
	assert_int_equal(evutil_make_socket_nonblocking(visitor), 0);
	place->fd = visitor;
	place->event =
	    event_new(door->base, visitor, EV_READ | EV_PERSIST, place_on_event, place);
	assert_non_null(place->event);
	assert_int_equal(event_add(place->event, NULL), 0);
	if (++door->present > door->most)
		door->most = door->present;
	door->met |= door->beside && door->beside->present > 0;
}

void
door_open(struct door *door, struct event_base *base)
{
	*door = (struct door){.base = base};
	for (size_t i = 0; i < DOOR_PLACES; i++)
		door->places[i] = (struct door_place){.door = door, .fd = -1};
	door->fd = bound_socket("127.0.0.1", SOCK_STREAM, DOOR_PLACES, &door->port);
	door->event =
	    event_new(base, door->fd, EV_READ | EV_PERSIST, door_on_knock, door);
	assert_non_null(door->event);
	assert_int_equal(event_add(door->event, NULL), 0);
}

void
door_close(struct door *door)
{
	for (size_t i = 0; i < DOOR_PLACES; i++) {
		if (door->places[i].fd >= 0)
			place_leave(&door->places[i]);
	}
	event_free(door->event);
	(void)close(door->fd);
}
