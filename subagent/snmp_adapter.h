/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snmp_adapter.h - between the tables and Net-SNMP's requests.
 *
 * One handler for the whole of dmpObjects.  GETBULK is answered here and not by the
 * library's GETNEXT loop: in an agent of its own that is three times as fast (an AgentX
 * master never asks so).
 */
#ifndef DMPD_SNMP_ADAPTER_H
#define DMPD_SNMP_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "subagent/mib_table.h"
#include "subagent/notification.h"

#define DMPD_ADAPTER_OID_MAX 128

/* Borrowed by the library from register on, for the life of the process. */
struct dmpd_adapter {
	unsigned long mib[DMPD_ADAPTER_OID_MAX]; /* OID of dmpMIB */
	size_t mib_len;
	unsigned long objects[DMPD_ADAPTER_OID_MAX]; /* of dmpObjects; set by register
	                                              */
	const char *context;                         /* "" = default */
	/* Lend the view, up to date; once per request. */
	struct dmpd_view *(*view)(void *arg);
	void *arg;
};

/* Make the library send requests below adapter->objects to us. */
enum dmp_status dmpd_adapter_register(struct dmpd_adapter *adapter) DMP_CHECK_RESULT;

/* Is this the OID that register() has registered? */
bool dmpd_adapter_is_registered(
    const struct dmpd_adapter *adapter, const unsigned long *name, size_t len);

/* Put a notification's number (as snmpTrapOID.0) and objects into a PDU.  No
 * sysUpTime.0: an AgentX master puts its own first. */
struct snmp_pdu;
enum dmp_status dmpd_adapter_fill(const struct dmpd_adapter *adapter,
    struct snmp_pdu *pdu,
    const struct dmpd_notification *notification) DMP_CHECK_RESULT;

#endif
