/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sweep.h - check every port of a plan once, as fast as descriptors allow.
 *
 * How it works.  The names of each host are looked up once.  Then all ports are probed,
 * as many at a time as the limits allow, but one at a time of those that share an
 * endpoint (endpoint.h); a port that got no answer in time is asked once more, at the
 * end, when the burst is over: one lost packet is no finding.  Ports that the plan does
 * not want checked (maintenance, disabled) are reported without a probe.  Everything
 * happens in the event loop; nothing blocks.
 */
#ifndef DMP_SWEEP_H
#define DMP_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/status.h"
#include "model/plan.h"
#include "probe/probe.h"

struct event_base;
struct dmp_resolver;
struct dmp_sweep;

/* The final result for plan->ports[port]: called once for each, in any order. */
typedef void dmp_sweep_port_fn(
    size_t port, const struct dmp_probe_result *result, void *arg);

/* Every port has been reported.  The sweep may be freed here. */
typedef void dmp_sweep_done_fn(void *arg);

struct dmp_sweep_config {
	struct event_base *base;
	const struct dmp_clock *clock;
	struct dmp_resolver *resolver; /* borrowed */
	const struct dmp_plan *plan;   /* borrowed */
	size_t max_in_flight;          /* probes, >= 1 */
	size_t max_descriptors;        /* that all probes together may hold */
	dmp_sweep_port_fn *port;
	dmp_sweep_done_fn *done;
	void *arg;
};

/* Never calls back before it returns. */
enum dmp_status dmp_sweep_start(const struct dmp_sweep_config *config,
    struct dmp_sweep **ret_sweep) DMP_CHECK_RESULT;

/* Cancels what is under way, without callbacks.  NULL is allowed. */
void dmp_sweep_free(struct dmp_sweep *sweep);

#endif
