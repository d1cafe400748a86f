/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/fake_service.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/probe_run.h"

#define JAM       4 /* connections that fill a queue of none */
#define RECEIVED  4096
#define FLOW_MARK 65536 /* bytes in flight of an endless reply */

struct fake_client {
	LIST_ENTRY(fake_client) link;
	struct fake_service *service;
	const struct fake_act *act;
	struct event *timer; /* the first byte, then the drips */
	struct bufferevent *bev;
	SSL *ssl;
	int fd;
	size_t sent;
	bool answering;
};

struct fake_service {
	struct event_base *base;
	const struct fake_act *act;
	const struct fake_act *secure;
	SSL_CTX *context;
	struct event *accept;
	int fd;
	uint16_t port;
	int connections;
	int goodbyes;
	int resets;
	int jam[JAM];
	bool jammed;
	size_t sent;
	int ends;
	char received[RECEIVED];
	size_t received_size;
	LIST_HEAD(, fake_client) clients;
};

static void
client_free(struct fake_client *client)
{
	if (client->timer)
		event_free(client->timer);
	if (client->bev)
		bufferevent_free(client->bev);
	SSL_free(client->ssl);
	(void)close(client->fd);
	LIST_REMOVE(client, link);
	free(client);
}

static size_t
act_size(const struct fake_act *act)
{
	return act->size || !act->reply ? act->size : strlen(act->reply);
}

static void
client_end(struct fake_client *client)
{
	static const struct linger RESET = {.l_onoff = 1, .l_linger = 0};

	switch (client->act->end) {
	case FAKE_KEEP:
		break;
	case FAKE_HALF_CLOSE:
		(void)shutdown(client->fd, SHUT_WR);
		break;
	case FAKE_RST:
		(void)setsockopt(
		    client->fd, SOL_SOCKET, SO_LINGER, &RESET, sizeof RESET);
		client_free(client);
		break;
	case FAKE_FIN:
		if (client->ssl)
			(void)SSL_shutdown(client->ssl);
		client_free(client);
		break;
	}
}

/* The output is empty: go on with an endless reply, or end. */
static void
client_on_drained(struct bufferevent *bev, void *arg)
{
	struct fake_client *client = arg;
	const struct fake_act *act = client->act;

	if (!client->answering)
		return;
	if (act->for_ever) {
		struct evbuffer *out = bufferevent_get_output(bev);

		while (evbuffer_get_length(out) < FLOW_MARK)
			(void)bufferevent_write(bev, act->reply, act_size(act));
		return;
	}
	if (act->drip_ms == 0 || client->sent == act_size(act)) {
		client->answering = false;
		client_end(client);
	}
}

static void
client_answer(struct fake_client *client)
{
	const struct fake_act *act = client->act;

	if (client->answering)
		return;
	client->answering = true;
	if (act_size(act) == 0) {
		client->answering = false;
		client_end(client);
	} else if (act->drip_ms) {
		struct timeval tv = {.tv_usec = (suseconds_t)act->drip_ms * 1000};

		(void)event_add(client->timer, &tv);
	} else {
		(void)bufferevent_write(client->bev, act->reply, act_size(act));
	}
}

static void
client_on_bytes(struct bufferevent *bev, void *arg)
{
	struct fake_client *client = arg;
	struct fake_service *service = client->service;
	size_t room = RECEIVED - 1 - service->received_size;

	service->received_size +=
	    bufferevent_read(bev, service->received + service->received_size, room);
	service->received[service->received_size] = '\0';
	(void)evbuffer_drain(bufferevent_get_input(bev), SIZE_MAX);
	if (client->sent == 0)
		client_answer(client);
}

static void
client_on_event(struct bufferevent *bev, short what, void *arg)
{
	struct fake_client *client = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		if (client->act->speaks_first)
			client_answer(client);
		return;
	}
	if (client->ssl && SSL_get_shutdown(client->ssl) & SSL_RECEIVED_SHUTDOWN)
		client->service->goodbyes++;
	if (what & BEV_EVENT_ERROR)
		client->service->resets++;
	else
		client->service->ends++;
	if (client->act->end != FAKE_KEEP || what & BEV_EVENT_ERROR || client->ssl)
		client_free(client);
}

static void
client_on_sent(struct evbuffer *out, const struct evbuffer_cb_info *info, void *arg)
{
	struct fake_service *service = arg;

	(void)out;
	service->sent += info->n_deleted;
}

static void
client_begin(struct fake_client *client, bool secure)
{
	struct fake_service *service = client->service;

	client->act = secure ? service->secure : service->act;
	if (secure) {
		client->ssl = SSL_new(service->context);
		client->bev = bufferevent_openssl_socket_new(service->base, client->fd,
		    client->ssl, BUFFEREVENT_SSL_ACCEPTING, 0);
		bufferevent_openssl_set_allow_dirty_shutdown(client->bev, 1);
	} else {
		client->bev = bufferevent_socket_new(service->base, client->fd, 0);
		(void)evbuffer_add_cb(
		    bufferevent_get_output(client->bev), client_on_sent, service);
	}
	assert_non_null(client->bev);
	bufferevent_setcb(
	    client->bev, client_on_bytes, client_on_drained, client_on_event, client);
	(void)bufferevent_enable(client->bev, EV_READ | EV_WRITE);
	if (!secure && client->act->speaks_first)
		client_answer(client);
}

/* First call: what does the client begin with?  Then: the next drip. */
static void
client_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct fake_client *client = arg;
	struct timeval tv;
	uint8_t first = 0;
	ssize_t n;

	(void)what;
	if (client->bev) {
		const char *reply = client->act->reply;

		(void)bufferevent_write(client->bev, reply + client->sent++, 1);
		tv = (struct timeval){
		    .tv_usec = (suseconds_t)client->act->drip_ms * 1000};
		if (client->sent < act_size(client->act))
			(void)event_add(client->timer, &tv);
		return;
	}
	n = recv(client->fd, &first, 1, MSG_PEEK);
	(void)fd;
	event_free(client->timer);
	client->timer =
	    event_new(client->service->base, -1, 0, client_on_timer, client);
	if (n < 0)
		client_free(client);
	else
		client_begin(client, first == 0x16);
}

/* A queue that is full answers no SYN. */
static void
service_jam(struct fake_service *service)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;

	(void)event_del(service->accept);
	assert_int_equal(listen(service->fd, 0), 0);
	assert_int_equal(getsockname(service->fd, (struct sockaddr *)&name, &size), 0);
	service->jammed = true;
	for (int i = 0; i < JAM; i++) {
		service->jam[i] =
		    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		assert_true(service->jam[i] >= 0);
		(void)connect(service->jam[i], (struct sockaddr *)&name, size);
	}
}

static void
service_on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct fake_service *service = arg;
	struct fake_client *client = calloc(1, sizeof *client);

	(void)what;
	assert_non_null(client);
	client->service = service;
	client->fd = accept(fd, NULL, NULL);
	if (client->fd < 0) {
		free(client);
		return;
	}
	assert_int_equal(evutil_make_socket_nonblocking(client->fd), 0);
	LIST_INSERT_HEAD(&service->clients, client, link);
	service->connections++;
	service->received_size = 0;
	service->received[0] = '\0';
	if (service->act->jam_after)
		service_jam(service);
	if (service->act->refuse_after) {
		(void)event_del(service->accept);
		(void)close(service->fd);
		service->fd = -1;
	}
	client->timer = event_new(service->base, service->context ? client->fd : -1,
	    service->context ? EV_READ : 0, client_on_timer, client);
	assert_non_null(client->timer);
	if (service->context)
		(void)event_add(client->timer, NULL);
	else
		client_begin(client, false);
}

struct fake_service *
fake_service_new(struct event_base *base, const struct fake_act *act, SSL_CTX *context,
    const struct fake_act *secure)
{
	struct fake_service *service = calloc(1, sizeof *service);

	assert_non_null(service);
	service->base = base;
	service->act = act;
	service->context = context;
	service->secure = secure;
	service->fd = bound_socket("127.0.0.1", SOCK_STREAM, 64, &service->port);
	service->accept = event_new(
	    base, service->fd, EV_READ | EV_PERSIST, service_on_accept, service);
	assert_non_null(service->accept);
	assert_int_equal(event_add(service->accept, NULL), 0);
	return service;
}

void
fake_service_free(struct fake_service *service)
{
	while (!LIST_EMPTY(&service->clients))
		client_free(LIST_FIRST(&service->clients));
	event_free(service->accept);
	for (int i = 0; service->jammed && i < JAM; i++)
		(void)close(service->jam[i]);
	if (service->fd >= 0)
		(void)close(service->fd);
	free(service);
}

uint16_t
fake_service_port(const struct fake_service *service)
{
	return service->port;
}

int
fake_service_connections(const struct fake_service *service)
{
	return service->connections;
}

int
fake_service_goodbyes(const struct fake_service *service)
{
	return service->goodbyes;
}

int
fake_service_resets(const struct fake_service *service)
{
	return service->resets;
}

int
fake_service_ends(const struct fake_service *service)
{
	return service->ends;
}

size_t
fake_service_sent(const struct fake_service *service)
{
	return service->sent;
}

const char *
fake_service_received(const struct fake_service *service)
{
	return service->received;
}
