/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nats_info.h - what a NATS server says of itself: the INFO line that opens every
 * connection, and the general page of its monitoring port.  Pure.
 *
 * The same line greets clients, routes, gateways and leaf nodes; what is in it, and
 * what is not, tells which of the ports this is.
 */
#ifndef DMP_NATS_INFO_H
#define DMP_NATS_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_NATS_LINE (32u * 1024) /* connect_urls grows with the cluster */
#define DMP_NATS_TEXT 64

enum dmp_nats_port {
	DMP_NATS_PORT_CLIENT = 0,
	DMP_NATS_PORT_ROUTE,
	DMP_NATS_PORT_GATEWAY,
	DMP_NATS_PORT_LEAF
};

struct dmp_nats_info {
	enum dmp_nats_port port;
	char version[DMP_NATS_TEXT]; /* printable ASCII and cut, all three */
	char server[DMP_NATS_TEXT];  /* "" when it has no name but its id */
	char cluster[DMP_NATS_TEXT]; /* "" = none */
	bool auth_required;
	bool tls_required;
	bool tls_available;
	bool tls_verify; /* asks for a client certificate */
	bool lame_duck;  /* about to stop: clients are asked to leave */
};

enum dmp_nats_line {
	DMP_NATS_MORE = 0, /* an INFO line so far */
	DMP_NATS_INFO,
	DMP_NATS_MALFORMED, /* INFO, but over the limit or not what a server sends */
	DMP_NATS_OTHER      /* no INFO line */
};

/* Read the INFO line at the beginning of data.  With INFO, *ret_info is filled in and
 * *ret_size is the size of the line with its end. */
enum dmp_nats_line dmp_nats_info_parse(
    const uint8_t *data, size_t size, struct dmp_nats_info *ret_info, size_t *ret_size);

/* Read a page of the monitoring port (/varz); false when a NATS server did not write
 * it, or when it is cut. */
bool dmp_nats_varz_parse(
    const uint8_t *data, size_t size, struct dmp_nats_info *ret_info);

/* Is data the health page of a NATS server?  With true, *ret_healthy and the server's
 * own words when it is not healthy. */
bool dmp_nats_health_parse(
    const uint8_t *data, size_t size, bool *ret_healthy, char ret_words[DMP_NATS_TEXT]);

#define DMP_NATS_IDENTITY 256

/* "NATS 2.9.10, server lab1, cluster DMS". */
void dmp_nats_identity(const struct dmp_nats_info *info, char text[DMP_NATS_IDENTITY]);

/* "client", "route" ... */
const char *dmp_nats_port_text(enum dmp_nats_port port);

#endif
