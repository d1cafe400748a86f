/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rmi_wire.h - the handshake and the ping of Java RMI (JRMP) as bytes.
 *
 * One flight asks twice: the stream handshake, whose acknowledgement repeats the
 * address and port that the server sees us come from, and the ping of the RMI runtime.
 * No object of the server is named, nothing is serialised, no log line is written
 * ("Java Remote Method Invocation Specification", 10.2).  Checked against OpenJDK 17.
 */
#ifndef DMP_RMI_WIRE_H
#define DMP_RMI_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define DMP_RMI_REQUEST_SIZE 14
#define DMP_RMI_HOST_TEXT    64

/* The handshake, an empty endpoint of ours, and the ping. */
void dmp_rmi_request(uint8_t out[DMP_RMI_REQUEST_SIZE]);

enum dmp_rmi_reply {
	DMP_RMI_MORE = 0,
	DMP_RMI_GARBAGE,
	DMP_RMI_NOT_SUPPORTED, /* RMI, but it refuses the stream protocol */
	DMP_RMI_ACK,           /* the handshake is acknowledged, the ping not yet */
	DMP_RMI_PINGED         /* both */
};

struct dmp_rmi_peer {
	char host[DMP_RMI_HOST_TEXT]; /* us as the server sees us; printable, cut */
	uint16_t port;
};

/* Read what came back so far.  *ret_peer is written only with ACK and PINGED. */
enum dmp_rmi_reply dmp_rmi_parse(
    const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer);

#endif
