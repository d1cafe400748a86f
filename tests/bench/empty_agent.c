/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * empty_agent.c - the baseline of a walk: a subagent whose handler knows nothing.
 *
 *   empty_agent SOCKET ROWS       SOCKET as in unix:/run/agentx/master
 *
 * The same columns, types and sizes as dmpPortTable with the rows of agentx_engine, but
 * every value is a constant and the next name is arithmetic.  What it costs is the
 * price of the library, of AgentX and of the master.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <stdlib.h>

enum { STEP = 3, FIRST_COLUMN = 2, LAST_COLUMN = 36, ROOT_LEN = 15 };

static const oid ROOT[ROOT_LEN] = {
    1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7741, 1, 1, 5, 1, 0};

/* The sizes of the texts; the other columns are numbers. */
static const uint8_t TEXT_SIZES[LAST_COLUMN + 1] = {
    [2] = 12, [4] = 4, [5] = 10, [7] = 8, [15] = 17};
static const uint8_t TYPES[LAST_COLUMN + 1] = {[2] = ASN_OCTET_STR,
    [4] = ASN_OCTET_STR,
    [5] = ASN_OCTET_STR,
    [7] = ASN_OCTET_STR,
    [8] = ASN_INTEGER,
    [10] = ASN_INTEGER,
    [11] = ASN_INTEGER,
    [12] = ASN_INTEGER,
    [13] = ASN_INTEGER,
    [14] = ASN_INTEGER,
    [15] = ASN_OCTET_STR,
    [16] = ASN_OCTET_STR,
    [17] = ASN_INTEGER,
    [23] = ASN_COUNTER,
    [24] = ASN_COUNTER,
    [25] = ASN_COUNTER,
    [27] = ASN_OCTET_STR,
    [29] = ASN_INTEGER,
    [30] = ASN_OCTET_STR,
    [31] = ASN_INTEGER,
    [32] = ASN_OCTET_STR,
    [33] = ASN_OCTET_STR,
    [34] = ASN_INTEGER,
    [36] = ASN_OCTET_STR};

static void
empty_answer(netsnmp_variable_list *vb, oid column)
{
	static const char TEXT[] = "a constant text of some octets";
	static const long NUMBER = 12345678;
	u_char type = TYPES[column] ? TYPES[column] : ASN_UNSIGNED;

	if (type == ASN_OCTET_STR)
		(void)snmp_set_var_typed_value(vb, type, TEXT, TEXT_SIZES[column]);
	else
		(void)snmp_set_var_typed_value(vb, type, &NUMBER, sizeof NUMBER);
}

/* The successor of a name; a walk begins at a column or stands on a row. */
static void
empty_next(netsnmp_request_info *request, oid rows)
{
	netsnmp_variable_list *vb = request->requestvb;
	oid name[ROOT_LEN + 1];
	oid column = FIRST_COLUMN;
	oid row = 0;

	if (vb->name_length >= ROOT_LEN && vb->name[ROOT_LEN - 1] > FIRST_COLUMN)
		column = vb->name[ROOT_LEN - 1];
	if (vb->name_length > ROOT_LEN)
		row = (vb->name[ROOT_LEN] + STEP - 1) / STEP;
	if (row >= rows) {
		column++;
		row = 0;
	}
	if (column > LAST_COLUMN)
		return;
	memcpy(name, ROOT, sizeof ROOT);
	name[ROOT_LEN - 1] = column;
	name[ROOT_LEN] = row * STEP + 1;
	(void)snmp_set_var_objid(vb, name, ROOT_LEN + 1);
	empty_answer(vb, column);
}

/* Only asked for rows that exist. */
static void
empty_get(netsnmp_request_info *request)
{
	netsnmp_variable_list *vb = request->requestvb;

	if (vb->name_length == ROOT_LEN + 1 && vb->name[ROOT_LEN - 1] <= LAST_COLUMN)
		empty_answer(vb, vb->name[ROOT_LEN - 1]);
}

static int
empty_handler(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
    netsnmp_agent_request_info *reqinfo, netsnmp_request_info *requests)
{
	const oid *rows = handler->myvoid;

	(void)reginfo;
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		if (r->processed)
			continue;
		if (reqinfo->mode == MODE_GETNEXT)
			empty_next(r, *rows);
		else if (reqinfo->mode == MODE_GET)
			empty_get(r);
	}
	return SNMP_ERR_NOERROR;
}

int
main(int argc, char **argv)
{
	netsnmp_handler_registration *registration;
	oid rows;

	if (argc != 3)
		return 2;
	rows = strtoul(argv[2], NULL, 10);
	(void)netsnmp_ds_set_boolean(
	    NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	(void)netsnmp_ds_set_string(
	    NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, argv[1]);
	if (init_agent("empty_agent") != 0)
		return 1;
	registration = netsnmp_create_handler_registration(
	    "empty", empty_handler, ROOT, ROOT_LEN - 3, HANDLER_CAN_RONLY);
	if (!registration || !registration->handler)
		return 1;
	registration->handler->myvoid = &rows;
	if (netsnmp_register_handler(registration) != MIB_REGISTERED_OK)
		return 1;
	init_snmp("empty_agent");
	for (;;)
		(void)agent_check_and_process(1);
}
