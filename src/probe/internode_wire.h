/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * internode_wire.h - the handshake of Cassandra nodes among themselves as bytes.
 *
 * Two forms, and neither is ever completed: a completed handshake would enter a peer
 * into the node's tables.
 *
 * OLD, 8 bytes: the nodes answer with their messaging version, and log nothing when the
 * connection is then closed in order (seen: Cassandra 4.1.9; 2.x to 4.0 by their
 * source).  Cassandra 5.0.5 takes it in silence, and logs nothing either.  A reset
 * instead of an orderly close is an ERROR line in both.
 *
 * NEW, 19 bytes: asks for versions 254 to 255, which no node speaks.  4.1.9 and 5.0.5
 * answer with their newest version, close, and log one INFO line.  3.x would log an
 * AssertionError.
 */
#ifndef DMP_INTERNODE_WIRE_H
#define DMP_INTERNODE_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum dmp_internode_form { DMP_INTERNODE_OLD = 0, DMP_INTERNODE_NEW };

#define DMP_INTERNODE_REQUEST_MAX 19

/* Returns the size of the request. */
size_t dmp_internode_request(
    enum dmp_internode_form form, uint8_t out[DMP_INTERNODE_REQUEST_MAX]);

enum dmp_internode_reply {
	DMP_INTERNODE_MORE = 0,
	DMP_INTERNODE_GARBAGE,
	DMP_INTERNODE_VERSION
};

/* Read what came back so far; the messaging version goes to *ret_version. */
enum dmp_internode_reply dmp_internode_parse(enum dmp_internode_form form,
    const uint8_t *data, size_t size, unsigned *ret_version);

/* The Cassandra releases that speak a messaging version; "" = none. */
const char *dmp_internode_release(unsigned version);

/* CRC-32 (IEEE 802.3) over size bytes, going on from crc. */
uint32_t dmp_internode_crc(uint32_t crc, const uint8_t *data, size_t size);

#endif
