/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * remoting_wire.h - replies of a .NET Remoting server on a TCP channel (MS-NRTP 2.2.3).
 *
 * Who listens with a TCP channel must answer anything that is not its preamble with a
 * fault: a frame whose StatusCode is 1 and whose phrase says why (MS-NRTP 2.1.1.2.1).
 * An HTTP request is such a thing, so the GET that asks an HTTP channel unmasks a TCP
 * channel, too.  The parser reads hostile bytes: bounded, without allocation; nothing
 * of the content (serialised objects) is ever looked at.
 */
#ifndef DMP_REMOTING_WIRE_H
#define DMP_REMOTING_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_REMOTING_STRING_MAX (64u * 1024) /* bytes of one counted string */
#define DMP_REMOTING_PHRASE     96

enum dmp_remoting_progress {
	DMP_REMOTING_MORE = 0, /* a reply so far, its headers are not complete */
	DMP_REMOTING_REPLY,    /* a frame with all its headers */
	DMP_REMOTING_INVALID   /* no reply of a TCP channel, or over a limit */
};

struct dmp_remoting_reply {
	bool fault;                       /* StatusCode is there and not 0 */
	bool closes;                      /* CloseConnection is there */
	bool chunked;                     /* the content has no length */
	uint16_t status;                  /* StatusCode, 0 = success or absent */
	uint32_t content;                 /* bytes that follow the headers */
	size_t header_size;               /* of the frame, up to the content */
	char phrase[DMP_REMOTING_PHRASE]; /* StatusPhrase, printable; "" = absent */
};

/* Read the first frame of data.  *ret_reply is written only with DMP_REMOTING_REPLY. */
enum dmp_remoting_progress dmp_remoting_parse(
    const uint8_t *data, size_t size, struct dmp_remoting_reply *ret_reply);

/* Do these bytes begin a BinaryFormatter stream (MS-NRBF 2.6.1)?  That is what an HTTP
 * channel sends as the body of an answer. */
bool dmp_remoting_is_binary(const uint8_t *data, size_t size);

#endif
