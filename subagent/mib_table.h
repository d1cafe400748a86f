/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mib_table.h - DATAMINER-PORTS-MIB as data, and the one resolver for GET and GETNEXT.
 *
 * Pure: knows OIDs, columns and rows, neither Net-SNMP nor sockets.  Every table has
 * one unsigned index; a group of scalars is a table with the single row 0, so that one
 * search serves all: dmpObjects.GROUP.COLUMN.0 and dmpObjects.TABLE.1.COLUMN.INDEX,
 * where dmpObjects is the root that the site file names, then 1 (dmpMIB), then 1.
 *
 * How it works: mib_tables.c lists the groups ascending; each gives its columns
 * ascending and one row_at() - the row with this index, or the first after it, in O(log
 * n), O(1) along a walk (mib_column.h).  A column is data: where its field stands and
 * the getter for that kind of field.  Notifications use the getters of dmpEventTable,
 * so that a trap never disagrees with it.
 */
#ifndef DMPD_MIB_TABLE_H
#define DMPD_MIB_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/board.h"
#include "engine/problem.h"
#include "subagent/event_ring.h"

/* The ASN.1 tags we use (RFC 2578 7.1); the same numbers as in a PDU. */
enum dmpd_type {
	DMPD_INTEGER = 0x02,
	DMPD_OCTETS = 0x04,
	DMPD_COUNTER = 0x41,
	DMPD_UNSIGNED = 0x42 /* Unsigned32 and Gauge32 */
};

/* Never copy one: text may point to its own buffer. */
struct dmpd_value {
	enum dmpd_type type;
	int64_t number;   /* for the three numeric types */
	const char *text; /* for OCTETS: in buffer, or borrowed from the view or event
	                   * until its next use; not terminated at size */
	size_t size;      /* at most 255 */
	char buffer[DMP_MESSAGE_TEXT];
};

/* What a receiver's row shows; kept by the process that serves the receiver. */
struct dmpd_receiver_row {
	uint32_t index;
	char name[DMP_NAME_TEXT];
	char address[DMP_NAME_TEXT];
	int kind;  /* enum dmp_receiver_type = the MIB's numbers */
	int state; /* 1 ok .. 5 disabled */
	uint32_t last_sent;
	uint32_t last_acknowledged;
	uint32_t pending;
	uint32_t sent;
	uint32_t acknowledged;
	uint32_t retries;
	uint32_t failures;
	int64_t acknowledged_ms; /* monotonic stamp, INT64_MIN = never */
	bool filtered;
};

/* Everything the tables read.  The agent refreshes it before each request; tests build
 * one by hand.  board may be NULL: then only the agent's own objects have values. */
struct dmpd_view {
	struct dmp_board_reader *board;
	const struct dmpd_event_ring *events;
	const struct dmp_problem_set *problems;
	const struct dmpd_receiver_row *receivers; /* ascending index */
	size_t n_receivers;
	int64_t now_ms;  /* monotonic, for ages since stamps on the board */
	int64_t wall_ms; /* UTC, for ages since stored times */
	/* The copies of the rows last read, so that 20 columns of one row cost one
	 * copy, and where a walk stands.  Required; from dmpd_scratch_new(). */
	struct dmpd_scratch *scratch;
};

enum dmpd_status {
	DMPD_FOUND = 0,
	DMPD_NO_SUCH_OBJECT,
	DMPD_NO_SUCH_INSTANCE,
	DMPD_END /* GETNEXT: nothing after it in our subtree */
};

#define DMPD_OID_MAX 5 /* sub-identifiers below { root 1 }: table 1 column index */

/* Forget the copies: call it at the start of each request, after the clocks and the
 * board were refreshed.  All varbinds of a request then show one moment. */
void dmpd_mib_begin(struct dmpd_view *view);

/* OIDs are relative to dmpObjects { dmpMIB 1 }. */
enum dmpd_status dmpd_mib_get(struct dmpd_view *view, const uint32_t *oid, size_t len,
    struct dmpd_value *ret_value);
enum dmpd_status dmpd_mib_next(struct dmpd_view *view, const uint32_t *oid, size_t len,
    uint32_t ret_oid[DMPD_OID_MAX], size_t *ret_len, struct dmpd_value *ret_value);

/* Varbind k (1..19) of an event's notification: { dmpNotify k } .0; the value that
 * column k+1 of dmpEventTable has, but "-" for an empty text. */
void dmpd_mib_event_varbind(
    const struct dmp_event *event, unsigned k, struct dmpd_value *ret_value);
#define DMPD_EVENT_VARBINDS 19

/* A scalar by group and column, for dmpHeartbeat: the value of { group column } .0. */
enum dmpd_status dmpd_mib_scalar(struct dmpd_view *view, uint32_t group,
    uint32_t column, struct dmpd_value *ret_value);

/* Walk the description, for the test that compares it with the MIB text: the i-th
 * column of all groups in OID order; false past the last. */
struct dmpd_column_info {
	const char *group; /* "dmpPortTable", or "dmpSummary" for scalars */
	uint32_t group_id;
	bool is_table;
	const char *name; /* the MIB descriptor, e.g. "dmpPortState" */
	uint32_t column;
	enum dmpd_type type;
};
bool dmpd_mib_column(size_t i, struct dmpd_column_info *ret_info);

enum dmp_status dmpd_scratch_new(struct dmpd_scratch **ret_scratch) DMP_CHECK_RESULT;
void dmpd_scratch_free(struct dmpd_scratch *scratch);

#endif
