/* SPDX-License-Identifier: BSD-2-Clause */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "subagent/snmp_adapter.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(oid) == sizeof(unsigned long), "sub-identifiers are u_long");
_Static_assert(DMPD_ADAPTER_OID_MAX == MAX_OID_LEN, "the library's limit");

/* An OID below dmpObjects; len 0 = from its very beginning. */
struct place {
	uint32_t oid[MAX_OID_LEN];
	size_t len;
};

/* Where name stands relative to our subtree.  False: behind it, or no OID. */
static bool
adapter_place(const struct dmpd_adapter *adapter, const oid *name, size_t len,
    struct place *ret_place)
{
	size_t root_len = adapter->mib_len + 1;

	ret_place->len = 0;
	if (len > MAX_OID_LEN)
		return false;
	if (len < root_len ||
	    memcmp(name, adapter->objects, root_len * sizeof *name) != 0)
		return snmp_oid_compare(name, len, adapter->objects, root_len) < 0;
	for (size_t i = root_len; i < len; i++) {
		if (name[i] > UINT32_MAX)
			return false;
		ret_place->oid[ret_place->len++] = (uint32_t)name[i];
	}
	return true;
}

/* A value as the library wants it: pointer and size; *number is where it may stand. */
static const void *
adapter_raw(const struct dmpd_value *value, long *number, size_t *ret_size)
{
	if (value->type == DMPD_OCTETS) {
		*ret_size = value->size;
		return value->text;
	}
	*number = (long)value->number;
	*ret_size = sizeof *number;
	return number;
}

static void
adapter_answer(netsnmp_variable_list *vb, const struct dmpd_value *value)
{
	long number;
	size_t size;
	const void *data = adapter_raw(value, &number, &size);

	(void)snmp_set_var_typed_value(vb, (u_char)value->type, data, size);
}

/* True for what lies beyond the range that the master asked for. */
static bool
adapter_is_outside(const netsnmp_request_info *request, const oid *name, size_t len)
{
	return request->range_end && snmp_oid_compare(name, len, request->range_end,
	                                 request->range_end_len) >= 0;
}

static void
adapter_get(const struct dmpd_adapter *adapter, struct dmpd_view *view,
    netsnmp_agent_request_info *reqinfo, netsnmp_request_info *request)
{
	netsnmp_variable_list *vb = request->requestvb;
	enum dmpd_status status = DMPD_NO_SUCH_OBJECT;
	struct dmpd_value value;
	struct place place;

	if (adapter_place(adapter, vb->name, vb->name_length, &place))
		status = dmpd_mib_get(view, place.oid, place.len, &value);
	if (status == DMPD_FOUND)
		adapter_answer(vb, &value);
	else
		(void)netsnmp_set_request_error(reqinfo, request,
		    status == DMPD_NO_SUCH_INSTANCE ? SNMP_NOSUCHINSTANCE
		                                    : SNMP_NOSUCHOBJECT);
}

/* Answer with the successor, or with the object itself where the master's search
 * includes it.  False: there is none, the request stays as it is and the library goes
 * on behind our subtree. */
static bool
adapter_next(const struct dmpd_adapter *adapter, struct dmpd_view *view,
    netsnmp_request_info *request)
{
	netsnmp_variable_list *vb = request->requestvb;
	size_t objects_len = adapter->mib_len + 1;
	uint32_t found[DMPD_OID_MAX];
	oid name[MAX_OID_LEN];
	size_t len = 0;
	struct dmpd_value value;
	struct place place;

	if (!adapter_place(adapter, vb->name, vb->name_length, &place))
		return false;
	if (request->inclusive &&
	    dmpd_mib_get(view, place.oid, place.len, &value) == DMPD_FOUND) {
		adapter_answer(vb, &value);
		return true;
	}
	if (dmpd_mib_next(view, place.oid, place.len, found, &len, &value) !=
	    DMPD_FOUND)
		return false;
	memcpy(name, adapter->objects, objects_len * sizeof *name);
	for (size_t i = 0; i < len; i++)
		name[objects_len + i] = found[i];
	len += objects_len;
	if (adapter_is_outside(request, name, len))
		return false;
	(void)snmp_set_var_objid(vb, name, len);
	adapter_answer(vb, &value);
	return true;
}

/* All repetitions at once.  What is not filled in is marked for the library to retry in
 * the next subtree, as its own bulk_to_next helper does. */
static void
adapter_bulk(const struct dmpd_adapter *adapter, struct dmpd_view *view,
    netsnmp_request_info *request)
{
	while (adapter_next(adapter, view, request)) {
		netsnmp_variable_list *vb = request->requestvb;

		if (request->repeat <= 0 || !vb->next_variable)
			return;
		request->repeat--;
		request->inclusive = 0;
		request->requestvb = vb->next_variable;
		(void)snmp_set_var_objid(request->requestvb, vb->name, vb->name_length);
		request->requestvb->type = ASN_PRIV_RETRY;
	}
}

static int
adapter_handler(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
    netsnmp_agent_request_info *reqinfo, netsnmp_request_info *requests)
{
	const struct dmpd_adapter *adapter = handler->myvoid;
	struct dmpd_view *view = adapter->view(adapter->arg);

	(void)reginfo;
	dmpd_mib_begin(view);
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		if (r->processed)
			continue;
		switch (reqinfo->mode) {
		case MODE_GET:
			adapter_get(adapter, view, reqinfo, r);
			break;
		case MODE_GETNEXT:
			(void)adapter_next(adapter, view, r);
			break;
		case MODE_GETBULK:
			adapter_bulk(adapter, view, r);
			break;
		default:
			(void)netsnmp_set_request_error(
			    reqinfo, r, SNMP_ERR_NOTWRITABLE);
			break;
		}
	}
	return SNMP_ERR_NOERROR;
}

enum dmp_status
dmpd_adapter_register(struct dmpd_adapter *adapter)
{
	netsnmp_handler_registration *registration;

	memcpy(adapter->objects, adapter->mib, sizeof adapter->mib);
	adapter->objects[adapter->mib_len] = 1;
	registration = netsnmp_create_handler_registration("dmports", adapter_handler,
	    adapter->objects, adapter->mib_len + 1,
	    HANDLER_CAN_RONLY | HANDLER_CAN_GETBULK);
	if (!registration || !registration->handler)
		return DMP_ENOMEM;
	registration->handler->myvoid = adapter;
	if (adapter->context[0]) {
		registration->contextName = strdup(adapter->context);
		if (!registration->contextName) {
			netsnmp_handler_registration_free(registration);
			return DMP_ENOMEM;
		}
	}
	/* It frees the registration when it fails. */
	return netsnmp_register_handler(registration) == MIB_REGISTERED_OK ? DMP_OK
	                                                                   : DMP_EIO;
}

bool
dmpd_adapter_is_registered(
    const struct dmpd_adapter *adapter, const unsigned long *name, size_t len)
{
	return snmp_oid_compare(name, len, adapter->objects, adapter->mib_len + 1) == 0;
}

enum dmp_status
dmpd_adapter_fill(const struct dmpd_adapter *adapter, struct snmp_pdu *pdu,
    const struct dmpd_notification *notification)
{
	static const oid TRAP_OID[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	oid name[MAX_OID_LEN];
	size_t len = adapter->mib_len;

	memcpy(name, adapter->mib, len * sizeof *name);
	name[len] = 0;
	name[len + 1] = notification->number;
	if (!snmp_pdu_add_variable(pdu, TRAP_OID, OID_LENGTH(TRAP_OID), ASN_OBJECT_ID,
	        name, (len + 2) * sizeof *name))
		return DMP_ENOMEM;
	for (size_t i = 0; i < notification->n; i++) {
		const struct dmpd_object *object = &notification->objects[i];
		long number;
		size_t size;
		const void *data = adapter_raw(&object->value, &number, &size);

		for (size_t k = 0; k < DMPD_OBJECT_OID_MAX; k++)
			name[len + k] = object->oid[k];
		if (!snmp_pdu_add_variable(pdu, name, len + DMPD_OBJECT_OID_MAX,
		        (u_char)object->value.type, data, size))
			return DMP_ENOMEM;
	}
	return DMP_OK;
}
