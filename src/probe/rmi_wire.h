/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rmi_wire.h - the handshake and the ping of Java RMI (JRMP) as bytes.
 *
 * One flight asks twice: the stream handshake, whose acknowledgement repeats the
 * address and port that the server sees us come from, and the ping of the RMI runtime.
 * No object of the server is named, nothing is serialised, no log line is written
 * ("Java Remote Method Invocation Specification", 10.2).  Checked against OpenJDK 17.
 *
 * The deep question calls list() of the registry instead of the ping.  It changes
 * nothing, needs no login and is not logged either.  What comes back is a serialised
 * object: its bytes are searched for the string "jmxrmi", under which JMX is
 * registered, and never deserialised.
 */
#ifndef DMP_RMI_WIRE_H
#define DMP_RMI_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define DMP_RMI_REQUEST_SIZE 14
#define DMP_RMI_LIST_SIZE    54
#define DMP_RMI_RETURN_MAX   4096 /* bytes of what list() returns that are searched */
#define DMP_RMI_HOST_TEXT    64

/* The handshake, an empty endpoint of ours, and the ping. */
void dmp_rmi_request(uint8_t out[DMP_RMI_REQUEST_SIZE]);

/* The same with a call of the registry's list() instead of the ping. */
void dmp_rmi_list_request(uint8_t out[DMP_RMI_LIST_SIZE]);

enum dmp_rmi_reply {
	DMP_RMI_MORE = 0,
	DMP_RMI_GARBAGE,
	DMP_RMI_NOT_SUPPORTED, /* RMI, but it refuses the stream protocol */
	DMP_RMI_ACK,           /* the handshake is acknowledged, nothing more yet */
	DMP_RMI_PINGED,        /* the ping, too */
	DMP_RMI_RETURNED,      /* list() returns, up to now without jmxrmi */
	DMP_RMI_LISTED,        /* list() has returned jmxrmi */
	DMP_RMI_UNLISTED,      /* DMP_RMI_RETURN_MAX bytes, and no jmxrmi */
	DMP_RMI_EXCEPTION      /* list() is answered with an exception */
};

struct dmp_rmi_peer {
	char host[DMP_RMI_HOST_TEXT]; /* us as the server sees us; printable, cut */
	uint16_t port;
};

/* Read what came back to the ping so far.  *ret_peer is written from ACK on. */
enum dmp_rmi_reply dmp_rmi_parse(
    const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer);

/* The same for what came back to list(). */
enum dmp_rmi_reply dmp_rmi_list_parse(
    const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer);

#endif
