/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_remind.c - problems that last are said again; ports that have calmed down. */
#include <stdlib.h>

#include "engine/engine_internal.h"
#include "engine/reminder.h"

static enum dmp_suppressed
remind_suppressed(const struct dmp_engine *engine, const struct dmp_problem *problem)
{
	const struct engine_port *port = engine_find_port(&engine->world, problem->key);

	if (problem->type == DMP_EVENT_VANTAGE_ISOLATED)
		return DMP_SUPPRESSED_NONE;
	if (engine->site.isolated)
		return DMP_SUPPRESSED_VANTAGE;
	if (!port)
		return DMP_SUPPRESSED_NONE;
	/* What says that the port flaps is not kept silent by that. */
	if (problem->type == DMP_EVENT_PORT_FLAPPING &&
	    port->suppressed == DMP_SUPPRESSED_FLAPPING)
		return DMP_SUPPRESSED_NONE;
	return (enum dmp_suppressed)port->suppressed;
}

void
engine_remind(struct dmp_engine *engine, int64_t now_ms)
{
	uint32_t reminder_ms = engine->world.setup->plan->site->reminder_ms;

	for (size_t i = 0; reminder_ms > 0 && i < engine->problems.n; i++) {
		const struct dmp_problem *problem = engine->problems.items[i];
		int64_t last_ms = problem->announced_ms > 0 ? problem->announced_ms
		                                            : engine->start_mono_ms;

		/* What finds no room now is due again at the next tick. */
		if (dmp_reminder_is_due(reminder_ms, last_ms,
		        remind_suppressed(engine, problem), now_ms) &&
		    engine_repeat(engine, problem) != DMP_OK)
			return;
	}
}

/* --- flapping --- */

static struct dmp_flap_policy
flap_policy(const struct engine_port *port)
{
	return (struct dmp_flap_policy){
	    port->plan->policy.flap, port->plan->policy.flap_window_ms};
}

static void
flap_count(struct engine_port *port, enum dmp_flap_change change)
{
	if (change == DMP_FLAP_RAISED)
		port->engine->world.n_flapping++;
	else if (change == DMP_FLAP_CLEARED)
		port->engine->world.n_flapping--;
}

/* A change of state that might have been announced. */
void
engine_flap_feed(struct engine_port *port)
{
	const struct dmp_flap_policy policy = flap_policy(port);

	if (policy.count == 0)
		return;
	if (!port->flap)
		port->flap = calloc(1, sizeof *port->flap);
	if (port->flap) /* else it is not counted */
		flap_count(port, dmp_flap_feed(port->flap, &policy,
		                     dmp_clock_mono_ms(port->engine->config.clock)));
}

/* A new port of which a former run of the engine has announced that it flaps. */
void
engine_flap_resume(struct engine_world *world, struct engine_port *port)
{
	const struct dmp_flap_policy policy = flap_policy(port);

	if (!engine_is_raised(port->engine, port->plan->key, DMP_EVENT_PORT_FLAPPING))
		return;
	port->flap = calloc(1, sizeof *port->flap);
	if (!port->flap)
		return;
	dmp_flap_resume(
	    port->flap, &policy, dmp_clock_mono_ms(port->engine->config.clock));
	world->n_flapping += port->flap->raised;
}

void
engine_flap_forget(struct engine_port *port)
{
	if (port->flap && port->flap->raised)
		port->engine->world.n_flapping--;
	free(port->flap);
	port->flap = NULL;
}

void
engine_flap_tick(struct dmp_engine *engine, int64_t now_ms)
{
	size_t n = engine->world.setup->plan->n_ports;

	for (size_t i = 0; engine->world.n_flapping > 0 && i < n; i++) {
		struct engine_port *port = &engine->world.ports[i];
		const struct dmp_flap_policy policy = flap_policy(port);

		if (!port->flap || !port->flap->raised ||
		    dmp_flap_tick(port->flap, &policy, now_ms) != DMP_FLAP_CLEARED)
			continue;
		engine->world.n_flapping--;
		if (engine_is_mute(port)) /* judged with its host first */
			port->voice = DMP_VOICE_HELD;
		engine_doubt_host(engine, port->plan->host);
		engine_announce_endpoint(port);
	}
}
