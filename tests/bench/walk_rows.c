/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk_rows.c - a manager that walks a slice of dmpPortTable by GETBULK.
 *
 *   walk_rows HOST:PORT COLUMNS REPETITIONS FIRST_ROW ROWS TIMES
 *
 * Walks the same slice so many times and prints how many varbinds came and how many
 * seconds that took.  COLUMNS are walked side by side, beginning with dmpPortKey; rows
 * have the indices 1, 4, 7 ...
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { STEP = 3, FIRST_COLUMN = 2, COLUMNS_MAX = 35, ROOT_LEN = 15, TIMEOUT_S = 10 };

static const oid ROOT[ROOT_LEN] = {
    1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7741, 1, 1, 5, 1, 0};

struct walk {
	netsnmp_session *session;
	unsigned columns;
	long repetitions;
	oid row; /* the index behind which the next request begins */
	oid end; /* the last index that is wanted */
	unsigned long varbinds;
};

static netsnmp_pdu *
walk_request(const struct walk *walk)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
	oid name[ROOT_LEN + 1];

	if (!pdu)
		return NULL;
	pdu->non_repeaters = 0;
	pdu->max_repetitions = walk->repetitions;
	memcpy(name, ROOT, sizeof ROOT);
	name[ROOT_LEN] = walk->row;
	for (unsigned i = 0; i < walk->columns; i++) {
		name[ROOT_LEN - 1] = FIRST_COLUMN + i;
		(void)snmp_add_null_var(pdu, name, ROOT_LEN + 1);
	}
	return pdu;
}

/* Every varbind must be the next row of its column. */
static bool
walk_take(struct walk *walk, const netsnmp_pdu *response)
{
	oid row = walk->row;
	unsigned column = 0;

	for (const netsnmp_variable_list *vb = response->variables; vb;
	     vb = vb->next_variable) {
		if (column == 0)
			row = row + STEP - (row + STEP - 1) % STEP;
		if (row > walk->end)
			break;
		if (vb->name_length != ROOT_LEN + 1 || vb->name[ROOT_LEN] != row ||
		    vb->name[ROOT_LEN - 1] != FIRST_COLUMN + column)
			return false;
		column = (column + 1) % walk->columns;
		if (column != 0)
			continue;
		walk->row = row;
		walk->varbinds += walk->columns;
	}
	return true;
}

static bool
walk_all(struct walk *walk)
{
	while (walk->row < walk->end) {
		oid before = walk->row;
		netsnmp_pdu *response = NULL;
		netsnmp_pdu *request = walk_request(walk);
		bool good = request &&
		            snmp_synch_response(walk->session, request, &response) ==
		                STAT_SUCCESS &&
		            response->errstat == SNMP_ERR_NOERROR &&
		            walk_take(walk, response) && walk->row > before;

		if (response)
			snmp_free_pdu(response);
		if (!good)
			return false;
	}
	return true;
}

static netsnmp_session *
walk_open(char *peer)
{
	static u_char community[] = "public";
	netsnmp_session session;

	init_snmp("walk_rows");
	snmp_sess_init(&session);
	session.version = SNMP_VERSION_2c;
	session.peername = peer;
	session.community = community;
	session.community_len = sizeof community - 1;
	session.timeout = TIMEOUT_S * 1000000L;
	session.retries = 0;
	return snmp_open(&session);
}

int
main(int argc, char **argv)
{
	struct walk walk = {0};
	unsigned long times;
	int64_t began_us;
	oid first;

	if (argc != 7)
		return 2;
	walk.columns = (unsigned)strtoul(argv[2], NULL, 10);
	walk.repetitions = strtol(argv[3], NULL, 10);
	first = strtoul(argv[4], NULL, 10);
	times = strtoul(argv[6], NULL, 10);
	walk.end = (first + strtoul(argv[5], NULL, 10) - 1) * STEP + 1;
	walk.session = walk_open(argv[1]);
	if (!walk.session || walk.columns < 1 || walk.columns > COLUMNS_MAX)
		return 2;
	began_us = dmp_clock_mono_us(dmp_clock_system());
	for (; times > 0; times--) {
		walk.row = first * STEP;
		if (!walk_all(&walk)) {
			fprintf(stderr, "walk_rows: no good answer behind index %lu\n",
			    walk.row);
			return 1;
		}
	}
	printf("%lu %.6f\n", walk.varbinds,
	    (double)(dmp_clock_mono_us(dmp_clock_system()) - began_us) / 1e6);
	(void)snmp_close(walk.session);
	return 0;
}
