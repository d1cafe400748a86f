/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * endpoint.h - the ports of a plan that share an endpoint (transport, addresses and
 * number), and whose turn it is to knock there.
 *
 * One attempt at a time: who finds the endpoint taken waits.  Whoever leaves hands it
 * to the next one that waits, in the order of the requirements' numbers and round
 * again: everybody gets a turn within one round.  Other endpoints are not concerned.
 */
#ifndef DMP_ENDPOINT_H
#define DMP_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "model/plan.h"
#include "probe/probe.h"

struct dmp_endpoints;

#define DMP_ENDPOINT_NOBODY SIZE_MAX

/* The plan is borrowed for the call.  Nobody knocks, nobody waits. */
enum dmp_status dmp_endpoints_new(
    const struct dmp_plan *plan, struct dmp_endpoints **ret_endpoints) DMP_CHECK_RESULT;
void dmp_endpoints_free(struct dmp_endpoints *endpoints);

/* The next port of the same endpoint, and round again: the port itself when alone. */
size_t dmp_endpoints_sibling(const struct dmp_endpoints *endpoints, size_t port);

/* The number of ports of the largest endpoint; 0 without ports. */
size_t dmp_endpoints_largest(const struct dmp_endpoints *endpoints);

/* Take the endpoint, now or as it was handed over; false: it is taken, and the port
 * waits from here on. */
bool dmp_endpoints_enter(struct dmp_endpoints *endpoints, size_t port);

/* The port has no attempt (any more) and waits for none.  The port that has the
 * endpoint from here on, DMP_ENDPOINT_NOBODY when that is nobody else than before.  It
 * has to enter or to leave: until then the others wait. */
size_t dmp_endpoints_leave(struct dmp_endpoints *endpoints, size_t port);

/* Does the result of an attempt for one port of an endpoint hold for another one, so
 * that this one need not knock?  What is true for the transport is true for all; but a
 * port that waits longer for its connection is not content with the patience of
 * another. */
bool dmp_endpoint_result_fits(const struct dmp_plan_port *asked,
    const struct dmp_plan_port *sibling, const struct dmp_probe_result *result);

#endif
