/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cql_wire.h - the first question of Cassandra's native protocol (CQL) as bytes.
 *
 * OPTIONS needs no session and no credentials, and a server logs it at DEBUG only.  It
 * is asked in protocol version 4, which Cassandra 2.2 to 5.0 speak; an older server
 * answers with an error that names its own versions.  Checked against Cassandra 4.1.9
 * and 5.0.5.  The parser reads hostile bytes: bounded, without allocation.
 */
#ifndef DMP_CQL_WIRE_H
#define DMP_CQL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_CQL_REQUEST_SIZE 9
#define DMP_CQL_FRAME_MAX    (64u * 1024)
#define DMP_CQL_ENTRIES      64   /* of a string multimap, and of each of its lists */
#define DMP_CQL_STRING_MAX   1024 /* bytes of one of its strings */
#define DMP_CQL_VERSION_TEXT 16
#define DMP_CQL_MESSAGE_TEXT 128

/* Error codes that a healthy server does not send. */
#define DMP_CQL_SERVER_ERROR   0x0000u
#define DMP_CQL_PROTOCOL_ERROR 0x000au
#define DMP_CQL_OVERLOADED     0x1001u
#define DMP_CQL_BOOTSTRAPPING  0x1002u

void dmp_cql_options(uint8_t out[DMP_CQL_REQUEST_SIZE]);

enum dmp_cql_reply {
	DMP_CQL_MORE = 0, /* the frame is not complete yet */
	DMP_CQL_GARBAGE,  /* not CQL, or over a limit */
	DMP_CQL_STRAY,    /* CQL, but the answer to another request */
	DMP_CQL_OTHER,    /* CQL, but no answer to OPTIONS */
	DMP_CQL_SUPPORTED,
	DMP_CQL_ERROR
};

struct dmp_cql_answer {
	/* Protocol versions without the beta ones; 0 = not said. */
	uint8_t lowest;
	uint8_t highest;
	char cql_version[DMP_CQL_VERSION_TEXT]; /* "3.4.6", "" = not said */
	uint32_t code;                          /* of an ERROR */
	char message[DMP_CQL_MESSAGE_TEXT];     /* of an ERROR, printable */
};

/* Read what came back so far.  *ret_answer is written only with SUPPORTED and ERROR. */
enum dmp_cql_reply dmp_cql_parse(
    const uint8_t *data, size_t size, struct dmp_cql_answer *ret_answer);

/* Is this the answer of Cassandra 5.0 or later, as far as it tells?  Protocol 5 is
 * spoken by 4.0 and 4.1, too: they are known by their language. */
bool dmp_cql_is_release_5(const struct dmp_cql_answer *answer);

/* The Cassandra releases that speak this version of the language: "4.1", "3.10 to
 * 3.11"; "" = not known. */
const char *dmp_cql_release(const char *cql_version);

#endif
