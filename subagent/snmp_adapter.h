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

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "subagent/mib_table.h"

#define DMPD_ADAPTER_OID_MAX 128

/* Borrowed by the library from register on, for the life of the process. */
struct dmpd_adapter {
	unsigned long objects[DMPD_ADAPTER_OID_MAX]; /* OID of dmpObjects */
	size_t objects_len;
	const char *context; /* "" = default */
	/* Lend the view, up to date; once per request. */
	struct dmpd_view *(*view)(void *arg);
	void *arg;
};

/* Make the library send requests below adapter->objects to us. */
enum dmp_status dmpd_adapter_register(struct dmpd_adapter *adapter) DMP_CHECK_RESULT;

/* A value as the library wants it: pointer and size; *number is where it may stand. */
const void *dmpd_adapter_raw(
    const struct dmpd_value *value, long *number, size_t *ret_size);

#endif
