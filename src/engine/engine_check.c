/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_check.c - starts what is due: names to addresses, addresses to a probe.
 *
 * One check per endpoint at a time.  A check owns its lookup or its probe; cancelling
 * frees both without a callback.  A port that has to wait for its endpoint is not on
 * the schedule meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_internal.h"
#include "engine/host_names.h"
#include "engine/spec.h"

struct engine_check {
	struct engine_port *port;
	struct dmp_probe *probe;
	struct dmp_probe_spec spec;
	struct dmp_host_names names;
	int64_t began_ms;
};

/* xorshift64*: spreads load, guards nothing. */
static uint32_t
check_random(struct dmp_engine *engine)
{
	engine->random ^= engine->random >> 12;
	engine->random ^= engine->random << 25;
	engine->random ^= engine->random >> 27;
	return (uint32_t)((engine->random * UINT64_C(2685821657736338717)) >> 32);
}

enum dmp_status
engine_prober_start(struct dmp_engine *engine, const struct dmp_probe_spec *spec,
    dmp_probe_done_fn *done, void *arg, struct dmp_probe **ret_probe)
{
	const struct dmp_engine_config *config = &engine->config;

	if (config->prober)
		return config->prober->start(
		    spec, done, arg, ret_probe, config->prober->arg);
	return dmp_probe_start(config->base, config->clock, spec, done, arg, ret_probe);
}

void
engine_prober_cancel(struct dmp_engine *engine, struct dmp_probe *probe)
{
	const struct dmp_engine_prober *prober = engine->config.prober;

	if (prober)
		prober->cancel(probe, prober->arg);
	else
		dmp_probe_cancel(probe);
}

static void
check_free(struct engine_check *check)
{
	dmp_host_names_stop(&check->names);
	engine_prober_cancel(check->port->engine, check->probe);
	check->port->check = NULL;
	check->port->engine->in_flight--;
	free(check);
}

/* The port is done with its endpoint: the next one that waits goes at once, or as soon
 * as the host may be asked again. */
static void
check_leave_endpoint(const struct engine_port *port)
{
	struct dmp_engine *engine = port->engine;
	size_t next = dmp_endpoints_leave(engine->world.endpoints, port->row);

	if (next != DMP_ENDPOINT_NOBODY)
		dmp_schedule_set(engine->world.schedule, next,
		    dmp_clock_mono_ms(engine->config.clock));
}

void
engine_cancel_check(struct engine_port *port)
{
	if (!port->check)
		return;
	check_free(port->check);
	check_leave_endpoint(port);
}

static uint32_t
check_interval(const struct engine_port *port)
{
	switch (dmp_health_pace(&port->health)) {
	case DMP_PACE_FAST:
		return port->plan->policy.fast_ms;
	case DMP_PACE_SLOW:
		return port->plan->policy.slow_ms;
	case DMP_PACE_NORMAL:
		break;
	}
	return port->plan->policy.interval_ms;
}

static void
check_schedule_next(struct engine_port *port)
{
	struct dmp_engine *engine = port->engine;
	int64_t now_ms = dmp_clock_mono_ms(engine->config.clock);

	dmp_schedule_set(engine->world.schedule, port->row,
	    dmp_schedule_after(now_ms, check_interval(port), check_random(engine)));
}

static void
check_judge(struct engine_port *port, const struct dmp_probe_result *result,
    const struct engine_attempt *attempt)
{
	engine_judge(port, result, attempt);
	check_schedule_next(port);
	check_leave_endpoint(port);
}

/* The end of every check: judge, schedule the next one, start what else is due.  Ports
 * for which the result holds, too, do not knock again; so they go before the one that
 * would hand the endpoint to them. */
static void
check_finish(struct engine_check *check, const struct dmp_probe_result *result)
{
	struct engine_port *port = check->port;
	const struct engine_attempt attempt = {
	    .began_ms = check->began_ms,
	    .heavy = check->spec.heavy,
	    .stale = check->names.stale,
	};

	check->probe = NULL; /* frees itself after its callback */
	check_free(check);
	engine_open_endpoint(port);
	for (struct engine_port *s = engine_sibling(port); s != port;
	     s = engine_sibling(s)) {
		if (dmp_endpoint_result_fits(port->plan, s->plan, result))
			check_judge(s, result, &attempt);
	}
	check_judge(port, result, &attempt);
	engine_announce_endpoint(port);
	engine_publish_system(port->engine);
	engine_arm(port->engine);
}

static void
check_done(const struct dmp_probe_result *result, void *arg)
{
	check_finish(arg, result);
}

/* A check that ends before a probe could be made. */
static void
check_fail(struct engine_check *check, enum dmp_reason reason, const char *detail)
{
	struct dmp_probe_result result = {
	    .outcome = dmp_reason_outcome(reason),
	    .reason = reason,
	    .tls_days_left = INT32_MAX,
	};

	dmp_text_copy(result.detail, sizeof result.detail, detail);
	check_finish(check, &result);
}

/* The address that answered last time goes first. */
static void
check_prefer_last(struct engine_check *check)
{
	struct dmp_probe_spec *spec = &check->spec;
	struct dmp_board_port_live live;
	struct dmp_address last;

	engine_read_row(check->port, &live);
	if (!dmp_address_parse(live.address, &last))
		return;
	for (size_t i = 1; i < spec->n_addresses; i++) {
		if (!dmp_address_equal(&spec->addresses[i], &last))
			continue;
		spec->addresses[i] = spec->addresses[0];
		spec->addresses[0] = last;
		return;
	}
}

static void
check_probe(void *arg)
{
	struct engine_check *check = arg;
	enum dmp_reason reason = check->names.reason;
	enum dmp_status status;

	dmp_spec_add_addresses(&check->spec, check->port->plan, check->names.addresses,
	    check->names.n_addresses);
	if (check->spec.n_addresses == 0) {
		check_fail(check, reason, dmp_reason_sentence(reason));
		return;
	}
	check_prefer_last(check);
	status = engine_prober_start(
	    check->port->engine, &check->spec, check_done, check, &check->probe);
	if (status != DMP_OK)
		check_fail(check, DMP_REASON_LOCAL_ERROR, dmp_status_text(status));
}

static void
check_begin(struct engine_port *port)
{
	struct dmp_engine *engine = port->engine;
	struct engine_check *check;

	if (!dmp_endpoints_enter(engine->world.endpoints, port->row))
		return;
	check = calloc(1, sizeof *check);
	if (!check) { /* nothing can be judged without memory: try again soon */
		dmp_schedule_set(engine->world.schedule, port->row,
		    dmp_clock_mono_ms(engine->config.clock) + 1000);
		check_leave_endpoint(port);
		return;
	}
	check->port = port;
	check->began_ms = dmp_clock_mono_ms(engine->config.clock);
	check->names = (struct dmp_host_names){
	    .resolver = engine->config.resolver,
	    .host = &engine->world.setup->plan->hosts[port->plan->host],
	    .family = port->plan->family,
	    .done = check_probe,
	    .arg = check,
	};
	check->spec = dmp_spec_of(engine->world.setup->plan, port->plan);
	check->spec.trust = engine->world.trust;
	check->spec.has_answered = port->has_answered;
	check->spec.prefer_tls = port->used_tls;
	check->spec.cassandra = engine->world.hosts[port->plan->host].cassandra;
	check->spec.heavy = dmp_clock_mono_ms(engine->config.clock) >= port->heavy_ms;
	port->check = check;
	engine->in_flight++;
	dmp_host_names_start(&check->names);
}

void
engine_start_checks(struct dmp_engine *engine)
{
	size_t port;

	while (engine->in_flight < engine->config.max_in_flight &&
	       dmp_schedule_pop(engine->world.schedule,
	           dmp_clock_mono_ms(engine->config.clock), &port))
		check_begin(&engine->world.ports[port]);
}
