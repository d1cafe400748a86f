/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/endpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/correlate.h"
#include "engine/spec.h"

enum endpoint_place { PLACE_OUTSIDE = 0, PLACE_WAITING, PLACE_INSIDE };

struct endpoint_port {
	uint32_t next; /* the ring */
	uint8_t place; /* enum endpoint_place; one is inside at most */
};

struct dmp_endpoints {
	size_t largest;
	struct endpoint_port ports[];
};

/* A port to sort by its endpoint. */
struct endpoint_entry {
	const struct dmp_plan_host *host;
	const struct dmp_plan_port *port;
};

static int
endpoint_order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int
endpoint_compare_hosts(const struct dmp_plan_host *a, const struct dmp_plan_host *b)
{
	int order = endpoint_order(a->n_addresses, b->n_addresses);

	for (size_t i = 0; order == 0 && i < a->n_addresses; i++)
		order = strcmp(a->addresses[i], b->addresses[i]);
	return order;
}

/* 0 for ports of one endpoint. */
static int
endpoint_compare(const struct endpoint_entry *a, const struct endpoint_entry *b)
{
	int order = endpoint_order(a->port->number, b->port->number);

	if (order == 0)
		order = endpoint_order(a->port->transport, b->port->transport);
	if (order == 0)
		order = endpoint_order(a->port->family, b->port->family);
	if (order == 0)
		order = endpoint_compare_hosts(a->host, b->host);
	return order;
}

/* The requirements of a plan ascend by number; its ports are one array. */
static int
endpoint_compare_ports(const void *a, const void *b)
{
	const struct endpoint_entry *x = a;
	const struct endpoint_entry *y = b;
	int order = endpoint_compare(x, y);

	if (order == 0)
		order = endpoint_order(x->port->requirement, y->port->requirement);
	return order == 0 ? (x->port > y->port) - (x->port < y->port) : order;
}

static void
endpoint_link(struct dmp_endpoints *endpoints, const struct dmp_plan *plan,
    const struct endpoint_entry *entries)
{
	size_t first = 0;

	for (size_t i = 0; i < plan->n_ports; i++) {
		size_t port = (size_t)(entries[i].port - plan->ports);
		bool last = i + 1 == plan->n_ports ||
		            endpoint_compare(&entries[i], &entries[i + 1]) != 0;
		size_t next = last ? first : i + 1;

		endpoints->ports[port].next =
		    (uint32_t)(entries[next].port - plan->ports);
		if (!last)
			continue;
		if (endpoints->largest < i + 1 - first)
			endpoints->largest = i + 1 - first;
		first = i + 1;
	}
}

enum dmp_status
dmp_endpoints_new(const struct dmp_plan *plan, struct dmp_endpoints **ret_endpoints)
{
	struct dmp_endpoints *endpoints;
	struct endpoint_entry *entries;

	if (plan->n_ports > UINT32_MAX)
		return DMP_ETOOBIG;
	endpoints =
	    calloc(1, sizeof *endpoints + plan->n_ports * sizeof endpoints->ports[0]);
	entries = calloc(plan->n_ports + 1, sizeof *entries);
	if (!endpoints || !entries) {
		free(endpoints);
		free(entries);
		return DMP_ENOMEM;
	}
	for (size_t i = 0; i < plan->n_ports; i++)
		entries[i] = (struct endpoint_entry){
		    &plan->hosts[plan->ports[i].host], &plan->ports[i]};
	qsort(entries, plan->n_ports, sizeof *entries, endpoint_compare_ports);
	endpoint_link(endpoints, plan, entries);
	free(entries);
	*ret_endpoints = endpoints;
	return DMP_OK;
}

void
dmp_endpoints_free(struct dmp_endpoints *endpoints)
{
	free(endpoints);
}

size_t
dmp_endpoints_sibling(const struct dmp_endpoints *endpoints, size_t port)
{
	return endpoints->ports[port].next;
}

size_t
dmp_endpoints_largest(const struct dmp_endpoints *endpoints)
{
	return endpoints->largest;
}

bool
dmp_endpoints_enter(struct dmp_endpoints *endpoints, size_t port)
{
	struct endpoint_port *ports = endpoints->ports;

	for (size_t s = ports[port].next; s != port; s = ports[s].next) {
		if (ports[s].place == PLACE_INSIDE) {
			ports[port].place = PLACE_WAITING;
			return false;
		}
	}
	ports[port].place = PLACE_INSIDE;
	return true;
}

size_t
dmp_endpoints_leave(struct dmp_endpoints *endpoints, size_t port)
{
	struct endpoint_port *ports = endpoints->ports;
	bool was_inside = ports[port].place == PLACE_INSIDE;

	ports[port].place = PLACE_OUTSIDE;
	if (!was_inside)
		return DMP_ENDPOINT_NOBODY;
	for (size_t s = ports[port].next; s != port; s = ports[s].next) {
		if (ports[s].place == PLACE_WAITING) {
			ports[s].place = PLACE_INSIDE;
			return s;
		}
	}
	return DMP_ENDPOINT_NOBODY;
}

bool
dmp_endpoint_result_fits(const struct dmp_plan_port *asked,
    const struct dmp_plan_port *sibling, const struct dmp_probe_result *result)
{
	if (sibling->admin == DMP_ADMIN_DISABLED)
		return false;
	if (result->reason == DMP_REASON_TIMEOUT &&
	    sibling->policy.timeout_ms > asked->policy.timeout_ms)
		return false;
	if (dmp_correlate_is_transport(result->reason))
		return true;
	return result->reason == DMP_REASON_OPEN && dmp_spec_is_connect(sibling);
}
