/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works.  One bufferevent per client; its input is bounded by the read
 * watermark, its output by client_send().  A client has one request in the air: further
 * lines stay in the input until the answer is out, so answers keep their order.
 *
 * What the handler sends to a new subscriber (all events that cannot be stored, which
 * the log bounds) may be more than a subscriber may leave unread: it does not count
 * until it has been read once.
 */
#include "subagent/control_server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/control.h"
#include "subagent/control_socket.h"

enum { SERVER_IDLE_MS = 30000 };

struct control_client {
	struct dmpd_control_server *server;
	struct bufferevent *bev;
	uint64_t id;
	size_t limit; /* of what it leaves unread */
	bool waiting; /* for an answer that was put off */
	bool subscribed;
	bool leaving; /* goes when everything is answered and sent */
};

struct dmpd_control_server {
	struct event_base *base;
	dmpd_control_handler_fn *handler;
	void *arg;
	struct timeval idle;
	struct dmpd_control_socket socket;
	struct evconnlistener *listener;
	struct event *resume; /* accepting, after a failure */
	uint64_t last_id;
	uint32_t released;
	struct control_client *clients[DMPD_CONTROL_CLIENTS]; /* NULL = free */
};

static struct control_client *
client_find(const struct dmpd_control_server *server, uint64_t id)
{
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		if (server->clients[i] && server->clients[i]->id == id)
			return server->clients[i];
	}
	return NULL;
}

static void
client_drop(struct control_client *client)
{
	struct dmpd_control_server *server = client->server;

	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		if (server->clients[i] == client)
			server->clients[i] = NULL;
	}
	bufferevent_free(client->bev);
	free(client);
}

static size_t
client_unread(const struct control_client *client)
{
	return evbuffer_get_length(bufferevent_get_output(client->bev));
}

/* Queue one line.  False when the client had to be dropped for it: it reads too little.
 */
static bool
client_send(struct control_client *client, const char *word, const char *text)
{
	struct evbuffer *output = bufferevent_get_output(client->bev);
	const int n =
	    evbuffer_add_printf(output, "%s%s%s\n", word, text[0] ? " " : "", text);

	if (n >= 0 && evbuffer_get_length(output) <= client->limit)
		return true;
	client_drop(client);
	return false;
}

/* One line of at most DMP_CONTROL_LINE bytes, whatever the text is. */
static bool
client_answer(struct control_client *client, bool ok, const char *text)
{
	char line[DMP_CONTROL_LINE - sizeof "error "];

	dmp_text_printable(line, sizeof line, text, strlen(text));
	return client_send(client, ok ? "ok" : "error", line);
}

static bool
client_send_released(struct control_client *client)
{
	char number[16];

	dmp_text_format(number, sizeof number, "%u", client->server->released);
	return client_send(client, "event", number);
}

static void
client_set_idle(const struct control_client *client, bool watched)
{
	const struct timeval *limit = watched ? &client->server->idle : NULL;

	bufferevent_set_timeouts(client->bev, limit, limit);
}

static void
client_subscribe(struct control_client *client)
{
	struct dmpd_control_server *server = client->server;
	const uint64_t id = client->id;
	struct dmp_text unused = {0};

	client->subscribed = true;
	client->limit = SIZE_MAX;
	client_set_idle(client, false);
	if (client_send_released(client))
		(void)server->handler(
		    server, id, "subscribe", "", &unused, server->arg);
	dmp_text_done(&unused);
	client = client_find(server, id);
	if (client)
		client->limit = client_unread(client) + DMPD_CONTROL_SUBSCRIBED;
}

/* Handle one line.  The client may be gone afterwards: look it up by its id. */
static void
client_request(struct control_client *client, char *line)
{
	struct dmpd_control_server *server = client->server;
	const uint64_t id = client->id;
	struct dmp_text answer = {0};
	enum dmpd_control_reply reply = DMPD_CONTROL_ERROR;
	char *verb = line + strspn(line, " \t\r");
	char *end = verb + strlen(verb);
	char *words = verb + strcspn(verb, " \t\r");

	while (end > verb && strchr(" \t\r", end[-1]))
		*--end = '\0';
	if (*words)
		*words++ = '\0';
	words += strspn(words, " \t\r");
	if (strcmp(verb, "subscribe") == 0) {
		client_subscribe(client);
		return;
	}
	client->waiting = true;
	if (verb[0])
		reply = server->handler(server, id, verb, words, &answer, server->arg);
	else
		dmp_text_append(&answer, "empty request");
	if (reply != DMPD_CONTROL_LATER)
		dmpd_control_answer(
		    server, id, reply == DMPD_CONTROL_OK, dmp_text_get(&answer));
	else if (client_find(server, id) == client && client->waiting)
		client_set_idle(client, false);
	dmp_text_done(&answer);
}

/* What such a client sends is not worth reading on. */
static void
client_refuse(struct control_client *client, const char *why)
{
	(void)evbuffer_drain(bufferevent_get_input(client->bev), SIZE_MAX);
	client->leaving = true;
	if (!client_answer(client, false, why))
		return;
	(void)bufferevent_disable(client->bev, EV_READ);
}

/* A client that leaves goes when it got everything that is due to it. */
static void
client_settle(struct control_client *client)
{
	if (client->leaving && !client->waiting && client_unread(client) == 0)
		client_drop(client);
}

static void
client_read(struct bufferevent *bev, void *arg)
{
	struct control_client *client = arg;
	struct dmpd_control_server *server = client->server;
	struct evbuffer *input = bufferevent_get_input(bev);
	const uint64_t id = client->id;
	size_t n;
	char *line;

	while (client && !client->waiting && !client->subscribed &&
	       (line = evbuffer_readln(input, &n, EVBUFFER_EOL_LF)) != NULL) {
		if (strlen(line) != n)
			client_refuse(client, "the request is not text");
		else
			client_request(client, line);
		free(line);
		client = client_find(server, id);
	}
	if (!client || client->waiting)
		return;
	if (client->subscribed && evbuffer_get_length(input) > 0) {
		client_drop(client); /* subscribers have nothing more to say */
		return;
	}
	if (evbuffer_get_length(input) >= DMP_CONTROL_LINE) {
		client_refuse(client, "the request is too long");
		client = client_find(server, id);
	}
	if (client)
		client_settle(client);
}

/* Everything is written. */
static void
client_written(struct bufferevent *bev, void *arg)
{
	struct control_client *client = arg;

	(void)bev;
	if (client->subscribed)
		client->limit = DMPD_CONTROL_SUBSCRIBED;
	client_settle(client);
}

/* End of input is not yet the end: "echo reload | nc -U" still wants its answer. */
static void
client_event(struct bufferevent *bev, short what, void *arg)
{
	struct control_client *client = arg;

	(void)bev;
	if (!(what & BEV_EVENT_EOF) || client->subscribed) {
		client_drop(client);
		return;
	}
	client->leaving = true;
	client_settle(client);
}

static struct control_client *
client_new(struct dmpd_control_server *server, evutil_socket_t fd)
{
	struct control_client *client = calloc(1, sizeof *client);

	if (!client)
		return NULL;
	client->bev = bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!client->bev) {
		free(client);
		return NULL;
	}
	client->server = server;
	client->id = ++server->last_id;
	client->limit = DMPD_CONTROL_UNREAD;
	bufferevent_setcb(
	    client->bev, client_read, client_written, client_event, client);
	bufferevent_setwatermark(client->bev, EV_READ, 0, DMP_CONTROL_LINE);
	client_set_idle(client, true);
	(void)bufferevent_enable(client->bev, EV_READ | EV_WRITE);
	return client;
}

/* The whole answer fits into the buffer of a new socket; if not, closing says enough.
 */
static void
server_turn_away(evutil_socket_t fd)
{
	static const char BUSY[] = "error too many clients\n";
	ssize_t n = send(fd, BUSY, sizeof BUSY - 1, MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)n;
	(void)close(fd);
}

static void
server_accept(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *address, int address_size, void *arg)
{
	struct dmpd_control_server *server = arg;

	(void)listener;
	(void)address;
	(void)address_size;
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		if (server->clients[i])
			continue;
		server->clients[i] = client_new(server, fd);
		if (!server->clients[i])
			(void)close(fd);
		return;
	}
	server_turn_away(fd);
}

/* Out of descriptors, most likely: callers stay queued and we do not spin meanwhile. */
static void
server_accept_failed(struct evconnlistener *listener, void *arg)
{
	static const struct timeval PAUSE = {.tv_sec = 1};
	struct dmpd_control_server *server = arg;

	if (evtimer_add(server->resume, &PAUSE) == 0)
		(void)evconnlistener_disable(listener);
}

static void
server_resume(evutil_socket_t fd, short what, void *arg)
{
	struct dmpd_control_server *server = arg;

	(void)fd;
	(void)what;
	(void)evconnlistener_enable(server->listener);
}

enum dmp_status
dmpd_control_server_new(struct event_base *base, const char *run_dir,
    dmpd_control_handler_fn *handler, void *arg,
    struct dmpd_control_server **ret_server)
{
	struct dmpd_control_server *server = calloc(1, sizeof *server);
	enum dmp_status status;

	if (!server)
		return DMP_ENOMEM;
	server->base = base;
	server->handler = handler;
	server->arg = arg;
	dmpd_control_server_set_idle(server, SERVER_IDLE_MS);
	status = dmpd_control_socket_open(run_dir, &server->socket);
	if (status != DMP_OK) {
		free(server);
		return status;
	}
	server->resume = evtimer_new(base, server_resume, server);
	server->listener = evconnlistener_new(
	    base, server_accept, server, LEV_OPT_CLOSE_ON_EXEC, 0, server->socket.fd);
	if (!server->resume || !server->listener) {
		dmpd_control_server_free(server);
		return DMP_ENOMEM;
	}
	evconnlistener_set_error_cb(server->listener, server_accept_failed);
	*ret_server = server;
	return DMP_OK;
}

void
dmpd_control_server_free(struct dmpd_control_server *server)
{
	if (!server)
		return;
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		if (server->clients[i])
			client_drop(server->clients[i]);
	}
	if (server->listener)
		evconnlistener_free(server->listener);
	if (server->resume)
		event_free(server->resume);
	dmpd_control_socket_close(&server->socket);
	free(server);
}

void
dmpd_control_server_set_idle(struct dmpd_control_server *server, uint32_t idle_ms)
{
	server->idle.tv_sec = (time_t)(idle_ms / 1000);
	server->idle.tv_usec = (suseconds_t)(idle_ms % 1000 * 1000);
}

void
dmpd_control_answer(
    struct dmpd_control_server *server, uint64_t id, bool ok, const char *text)
{
	struct control_client *client = client_find(server, id);

	if (!client || !client->waiting)
		return;
	client->waiting = false;
	client_set_idle(client, true);
	if (!client_answer(client, ok, text))
		return;
	/* From the loop, not from here: the caller may be in the middle of something.
	 */
	bufferevent_trigger(client->bev, EV_READ,
	    BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void
dmpd_control_released(struct dmpd_control_server *server, uint32_t sequence)
{
	server->released = sequence;
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		if (server->clients[i] && server->clients[i]->subscribed)
			(void)client_send_released(server->clients[i]);
	}
}

void
dmpd_control_volatile(
    struct dmpd_control_server *server, uint64_t id, const struct dmp_event *event)
{
	struct dmp_text hex = {0};

	dmp_control_encode_event(event, &hex);
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		struct control_client *client = server->clients[i];

		if (!client || !client->subscribed || (id != 0 && client->id != id))
			continue;
		/* Out of memory: better to connect again than to miss an event. */
		if (hex.status != DMP_OK)
			client_drop(client);
		else
			(void)client_send(client, "volatile", dmp_text_get(&hex));
	}
	dmp_text_done(&hex);
}

void
dmpd_control_test(struct dmpd_control_server *server, uint64_t number, const char *name)
{
	char words[128];

	dmp_text_format(
	    words, sizeof words, "%llu %s", (unsigned long long)number, name);
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		if (server->clients[i] && server->clients[i]->subscribed)
			(void)client_send(server->clients[i], "test", words);
	}
}

size_t
dmpd_control_server_clients(const struct dmpd_control_server *server)
{
	size_t n = 0;

	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++)
		n += server->clients[i] != NULL;
	return n;
}
