/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * search_wire.h - the ping and the version handshake of the transport of Elasticsearch
 * and OpenSearch nodes as bytes.
 *
 * How it works.  A frame is 'E', 'S', the size of what follows (-1 is a ping), a
 * request number, a status, the version in whose form the frame is written, headers and
 * a body. The handshake is answered before any login, with the version of the node, and
 * is not logged by a node that takes the form it is written in; others close, and log a
 * WARN line with a stack trace.  The form of 6.8 is taken by all nodes seen
 * (Elasticsearch 6.8.23 and 7.17.9, OpenSearch 2.11.0), but OpenSearch calls
 * itself 7.10.2 in it, for the sake of old clients.  Only a node that does so may be
 * asked in the form of 7.10.2, too: either it is one, or it is OpenSearch, which tells
 * its own version then.
 */
#ifndef DMP_SEARCH_WIRE_H
#define DMP_SEARCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define DMP_SEARCH_PING_SIZE    6
#define DMP_SEARCH_HELLO_MAX    58
#define DMP_SEARCH_FRAME_MAX    (64u * 1024)
#define DMP_SEARCH_NAME_TEXT    64
#define DMP_SEARCH_ID_ES_7_10_2 7100299u

extern const uint8_t dmp_search_ping[DMP_SEARCH_PING_SIZE];

enum dmp_search_form { DMP_SEARCH_FORM_6_8 = 0, DMP_SEARCH_FORM_7_10 };

/* Returns the size of the request. */
size_t dmp_search_hello(enum dmp_search_form form, uint8_t out[DMP_SEARCH_HELLO_MAX]);

enum dmp_search_reply {
	DMP_SEARCH_MORE = 0,
	DMP_SEARCH_GARBAGE, /* no answer to this request */
	DMP_SEARCH_REFUSED, /* an answer, and no version: an exception, or headers */
	DMP_SEARCH_VERSION
};

/* Read what came back so far for that form.  *ret_id, the node's version as a number,
 * is written only with VERSION. */
enum dmp_search_reply dmp_search_parse(
    enum dmp_search_form form, const uint8_t *data, size_t size, uint32_t *ret_id);

/* "OpenSearch 2.11.0 transport"; with the bare number where it is no release's. */
void dmp_search_name(uint32_t id, char name[DMP_SEARCH_NAME_TEXT]);

#endif
