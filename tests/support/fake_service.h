/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_service.h - a TCP or TLS service on a port of its own that answers as told, well
 * or badly, in the loop of the test.
 */
#ifndef DMP_TEST_FAKE_SERVICE_H
#define DMP_TEST_FAKE_SERVICE_H

#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_end {
	FAKE_KEEP = 0, /* stay connected */
	FAKE_FIN,
	FAKE_RST,
	FAKE_HALF_CLOSE /* FIN, but go on reading */
};

/* What it does with a connection.  Zeroed: it accepts and says nothing. */
struct fake_act {
	const void *reply;
	size_t size;       /* 0 with a reply: its strlen */
	bool speaks_first; /* at once, not when the first bytes came */
	bool for_ever;     /* the reply again and again */
	unsigned drip_ms;  /* one byte each so many milliseconds */
	enum fake_end end; /* when the reply is out */
	bool refuse_after; /* stop listening after this connection */
	bool jam_after;    /* drop every SYN after this connection */
};

struct fake_service;

/* act is for plain connections; with a context, connections that begin with a TLS
 * record are answered over TLS as secure says.  Everything is borrowed. */
struct fake_service *fake_service_new(struct event_base *base,
    const struct fake_act *act, SSL_CTX *context, const struct fake_act *secure);

/* Closes its connections, too. */
void fake_service_free(struct fake_service *service);

uint16_t fake_service_port(const struct fake_service *service);
int fake_service_connections(const struct fake_service *service);

/* How often a client closed TLS with a close_notify. */
int fake_service_goodbyes(const struct fake_service *service);

/* How often a client reset its connection, and how often it ended it in order. */
int fake_service_resets(const struct fake_service *service);
int fake_service_ends(const struct fake_service *service);

/* How many bytes went out over plain connections. */
size_t fake_service_sent(const struct fake_service *service);

/* What the last client sent, NUL-terminated. */
const char *fake_service_received(const struct fake_service *service);

#endif
