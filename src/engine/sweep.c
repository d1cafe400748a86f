/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/sweep.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/endpoint.h"
#include "engine/host_names.h"
#include "engine/spec.h"
#include "probe/trust.h"

/* A probe holds at most two descriptors per address (probe.h). */
enum { DESCRIPTORS_PER_ADDRESS = 2 };

/* Names give addresses of both families; ports pick theirs. */
struct sweep_host {
	struct dmp_sweep *sweep;
	struct dmp_host_names names;
	bool is_known;
	enum dmp_probe_cassandra cassandra; /* as its CQL has told */
	size_t first_port;                  /* its ports are one run of the plan */
	size_t n_ports;
};

/* WAITING and RETRY: for room; QUEUED: for its turn at the endpoint. */
enum sweep_stage {
	STAGE_WAITING = 0,
	STAGE_QUEUED,
	STAGE_RUNNING,
	STAGE_RETRY,
	STAGE_DONE
};

struct sweep_port {
	struct dmp_sweep *sweep;
	const struct dmp_plan_port *plan;
	struct dmp_probe *probe;
	enum sweep_stage stage;
	bool is_second; /* the attempt that confirms a timeout */
	size_t descriptors;
};

struct dmp_sweep {
	struct dmp_sweep_config config;
	struct event *timer; /* starts what can start, from a flat stack */
	struct sweep_host *hosts;
	struct sweep_port *ports;
	struct dmp_endpoints *endpoints;
	struct dmp_trust *trust; /* of all its probes */
	size_t next;    /* first attempts: ports below are started or skipped */
	size_t n_first; /* first attempts that have ended */
	size_t retry;   /* second attempts: ports below are started or need none */
	size_t n_done;
	size_t in_flight;
	size_t descriptors;
	bool is_finished;
};

static void
sweep_wake(struct dmp_sweep *sweep)
{
	static const struct timeval at_once = {0, 0};

	(void)evtimer_add(sweep->timer, &at_once);
}

static void
sweep_report(struct sweep_port *port, const struct dmp_probe_result *result)
{
	struct dmp_sweep *sweep = port->sweep;

	port->stage = STAGE_DONE;
	sweep->n_done++;
	sweep->config.port((size_t)(port - sweep->ports), result, sweep->config.arg);
}

/* The reason for a port that is not to be probed, NONE for others. */
static enum dmp_reason
sweep_excused(const struct dmp_plan_port *plan)
{
	if (plan->admin == DMP_ADMIN_MAINTENANCE)
		return DMP_REASON_MAINTENANCE;
	if (plan->admin == DMP_ADMIN_DISABLED)
		return DMP_REASON_DISABLED;
	return DMP_REASON_NONE;
}

/* The port is done with its endpoint: the next one that waits may start. */
static void
sweep_leave_endpoint(struct sweep_port *port)
{
	struct dmp_sweep *sweep = port->sweep;
	size_t next =
	    dmp_endpoints_leave(sweep->endpoints, (size_t)(port - sweep->ports));
	struct sweep_port *turn;

	if (next == DMP_ENDPOINT_NOBODY)
		return;
	turn = &sweep->ports[next];
	turn->stage = turn->is_second ? STAGE_RETRY : STAGE_WAITING;
	if (turn->is_second && sweep->retry > next)
		sweep->retry = next;
	else if (!turn->is_second && sweep->next > next)
		sweep->next = next;
	sweep_wake(sweep);
}

/* An attempt has ended, the port's own or one that holds for it, too. */
static void
sweep_settle(struct sweep_port *port, const struct dmp_probe_result *result)
{
	sweep_wake(port->sweep); /* somebody may wait for it */
	if (!port->is_second)
		port->sweep->n_first++;
	if (result->reason == DMP_REASON_TIMEOUT && !port->is_second) {
		port->stage = STAGE_RETRY;
		port->is_second = true;
	} else {
		sweep_report(port, result);
	}
	sweep_leave_endpoint(port);
}

static void
sweep_settle_reason(struct sweep_port *port, enum dmp_reason reason, const char *detail)
{
	struct dmp_probe_result result = {
	    .outcome = dmp_reason_outcome(reason),
	    .reason = reason,
	    .tls_days_left = INT32_MAX,
	};

	dmp_text_copy(result.detail, sizeof(result.detail),
	    detail ? detail : dmp_reason_sentence(reason));
	sweep_settle(port, &result);
}

/* Would this port ask now what the other one has asked? */
static bool
sweep_may_share(const struct sweep_port *port, bool second)
{
	return port->stage != STAGE_DONE && port->is_second == second &&
	       sweep_excused(port->plan) == DMP_REASON_NONE;
}

static void
sweep_probe_done(const struct dmp_probe_result *result, void *arg)
{
	struct sweep_port *port = arg;
	struct dmp_sweep *sweep = port->sweep;
	size_t own = (size_t)(port - sweep->ports);
	bool second = port->is_second;

	port->probe = NULL; /* it frees itself */
	sweep->in_flight--;
	sweep->descriptors -= port->descriptors;
	if (result->cassandra != DMP_PROBE_CASSANDRA_UNKNOWN)
		sweep->hosts[port->plan->host].cassandra = result->cassandra;
	for (size_t i = dmp_endpoints_sibling(sweep->endpoints, own); i != own;
	     i = dmp_endpoints_sibling(sweep->endpoints, i)) {
		if (sweep_may_share(&sweep->ports[i], second) &&
		    dmp_endpoint_result_fits(port->plan, sweep->ports[i].plan, result))
			sweep_settle(&sweep->ports[i], result);
	}
	sweep_settle(port, result);
}

/* False when the limits leave no room now.  A single probe always has room: otherwise a
 * small limit would stop everything for ever. */
static bool
sweep_begin(struct sweep_port *port)
{
	struct dmp_sweep *sweep = port->sweep;
	const struct dmp_host_names *names = &sweep->hosts[port->plan->host].names;
	enum dmp_reason reason = sweep_excused(port->plan);
	struct dmp_probe_spec spec;
	enum dmp_status status;

	spec = dmp_spec_of(sweep->config.plan, port->plan);
	spec.trust = sweep->trust;
	spec.heavy = true; /* once is never too often */
	spec.cassandra = sweep->hosts[port->plan->host].cassandra;
	dmp_spec_add_addresses(&spec, port->plan, names->addresses, names->n_addresses);
	if (reason == DMP_REASON_NONE && spec.n_addresses == 0)
		reason = names->reason;
	if (reason != DMP_REASON_NONE) {
		sweep_settle_reason(port, reason, NULL);
		return true;
	}
	port->descriptors = spec.n_addresses * DESCRIPTORS_PER_ADDRESS;
	if (sweep->in_flight > 0 &&
	    (sweep->in_flight >= sweep->config.max_in_flight ||
	        sweep->descriptors + port->descriptors > sweep->config.max_descriptors))
		return false;
	if (!dmp_endpoints_enter(sweep->endpoints, (size_t)(port - sweep->ports))) {
		port->stage = STAGE_QUEUED;
		return true;
	}
	status = dmp_probe_start(sweep->config.base, sweep->config.clock, &spec,
	    sweep_probe_done, port, &port->probe);
	if (status != DMP_OK) {
		sweep_settle_reason(
		    port, DMP_REASON_LOCAL_ERROR, dmp_status_text(status));
		return true;
	}
	port->stage = STAGE_RUNNING;
	sweep->in_flight++;
	sweep->descriptors += port->descriptors;
	return true;
}

/* How to ask among nodes is told by CQL: the first attempt there goes before. */
static bool
sweep_waits_for_cql(const struct sweep_port *port)
{
	const struct dmp_sweep *sweep = port->sweep;
	const struct sweep_host *host = &sweep->hosts[port->plan->host];

	if (port->plan->probe != DMP_PROBE_CASSANDRA_INTERNODE ||
	    dmp_spec_is_connect(port->plan))
		return false;
	for (size_t i = host->first_port; i < host->first_port + host->n_ports; i++) {
		const struct sweep_port *other = &sweep->ports[i];

		if ((other->plan->probe == DMP_PROBE_CQL ||
		        other->plan->probe == DMP_PROBE_CQL_TLS) &&
		    !other->is_second && other->stage != STAGE_DONE)
			return true;
	}
	return false;
}

static bool
sweep_may_begin(const struct sweep_port *port)
{
	return port->sweep->hosts[port->plan->host].is_known &&
	       !sweep_waits_for_cql(port);
}

/* Ports that wait for room, in the plan's order from *next on; those whose host is not
 * known yet, or that wait for another port, hold up nobody behind them. */
static void
sweep_start(struct dmp_sweep *sweep, enum sweep_stage stage, size_t *next)
{
	for (size_t i = *next; i < sweep->config.plan->n_ports; i++) {
		struct sweep_port *port = &sweep->ports[i];

		if (port->stage == stage && sweep_may_begin(port) && !sweep_begin(port))
			return;
		if (i == *next && port->stage != stage)
			(*next)++;
	}
}

static void
sweep_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_sweep *sweep = arg;
	size_t n = sweep->config.plan->n_ports;

	(void)fd;
	(void)what;
	if (sweep->is_finished) /* a name that no port needed came late */
		return;
	if (sweep->n_first < n)
		sweep_start(sweep, STAGE_WAITING, &sweep->next);
	if (sweep->n_first == n)
		sweep_start(sweep, STAGE_RETRY, &sweep->retry);
	if (sweep->n_done < n)
		return;
	sweep->is_finished = true;
	sweep->config.done(sweep->config.arg);
}

static void
sweep_host_done(void *arg)
{
	struct sweep_host *host = arg;

	host->is_known = true;
	sweep_wake(host->sweep);
}

/* --- life --- */

void
dmp_sweep_free(struct dmp_sweep *sweep)
{
	if (!sweep)
		return;
	for (size_t i = 0; sweep->ports && i < sweep->config.plan->n_ports; i++)
		dmp_probe_cancel(sweep->ports[i].probe);
	for (size_t i = 0; sweep->hosts && i < sweep->config.plan->n_hosts; i++)
		dmp_host_names_stop(&sweep->hosts[i].names);
	if (sweep->timer)
		event_free(sweep->timer);
	dmp_endpoints_free(sweep->endpoints);
	dmp_trust_free(sweep->trust);
	free(sweep->ports);
	free(sweep->hosts);
	free(sweep);
}

enum dmp_status
dmp_sweep_start(const struct dmp_sweep_config *config, struct dmp_sweep **ret_sweep)
{
	const struct dmp_plan *plan = config->plan;
	struct dmp_sweep *sweep = calloc(1, sizeof(*sweep));

	if (!sweep)
		return DMP_ENOMEM;
	sweep->config = *config;
	sweep->hosts = calloc(plan->n_hosts + 1, sizeof(*sweep->hosts));
	sweep->ports = calloc(plan->n_ports + 1, sizeof(*sweep->ports));
	sweep->timer = evtimer_new(config->base, sweep_on_timer, sweep);
	if (!sweep->hosts || !sweep->ports || !sweep->timer ||
	    dmp_endpoints_new(plan, &sweep->endpoints) != DMP_OK ||
	    dmp_trust_new(&sweep->trust) != DMP_OK) {
		dmp_sweep_free(sweep);
		return DMP_ENOMEM;
	}
	for (size_t i = 0; i < plan->n_ports; i++) {
		sweep->ports[i].sweep = sweep;
		sweep->ports[i].plan = &plan->ports[i];
		if (sweep->hosts[plan->ports[i].host].n_ports++ == 0)
			sweep->hosts[plan->ports[i].host].first_port = i;
	}
	for (size_t i = 0; i < plan->n_hosts; i++) {
		sweep->hosts[i].sweep = sweep;
		sweep->hosts[i].names = (struct dmp_host_names){
		    .resolver = config->resolver,
		    .host = &plan->hosts[i],
		    .family = DMP_FAMILY_AUTO,
		    .done = sweep_host_done,
		    .arg = &sweep->hosts[i],
		};
		dmp_host_names_start(&sweep->hosts[i].names);
	}
	sweep_wake(sweep);
	*ret_sweep = sweep;
	return DMP_OK;
}
