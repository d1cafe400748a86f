/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_repeat.c - raised problems said once more, each as an event of its own. */
#include "base/text.h"
#include "engine/engine_internal.h"

/* Who is concerned, as the first event has said it. */
static void
repeat_fill_host(const struct dmp_engine *engine, struct dmp_event *event)
{
	const struct dmp_plan *plan = engine->world.setup->plan;

	event->level = DMP_LEVEL_NONE;
	event->transport = DMP_TRANSPORT_NONE;
	for (size_t i = 0; i < plan->n_hosts && event->host_index != 0; i++) {
		const struct engine_host *host = &engine->world.hosts[i];

		if (host->index != event->host_index)
			continue;
		dmp_text_copy(
		    event->host_name, sizeof event->host_name, plan->hosts[i].name);
		dmp_text_copy(
		    event->address, sizeof event->address, host->live.address);
	}
}

/* It is the newest event of its port, whose row waits for it like for any other. */
static enum dmp_status
repeat_port(struct engine_port *port, struct dmp_event *event)
{
	enum dmp_status status;

	engine_open_row(port);
	engine_fill_port(port, event);
	status = engine_hold_row(port);
	if (status == DMP_OK)
		status = engine_post(port->engine, event);
	if (status == DMP_OK)
		engine_await_event(port, event->sequence);
	else
		engine_close_row(port);
	return status;
}

enum dmp_status
engine_repeat(struct dmp_engine *engine, const struct dmp_problem *problem)
{
	struct engine_port *port = engine_find_port(&engine->world, problem->key);
	struct dmp_event event;

	dmp_problem_repeat(problem, &event);
	if (port)
		return repeat_port(port, &event);
	repeat_fill_host(engine, &event);
	return engine_post(engine, &event);
}

/* While the last repetition is under way another one would tell nothing new. */
enum dmp_status
dmp_engine_resend(struct dmp_engine *engine, uint32_t *ret_n)
{
	uint32_t n = 0;

	if (engine->resent > engine->progress.released)
		return DMP_EBUSY;
	for (size_t i = 0; i < engine->problems.n; i++) {
		enum dmp_status status =
		    engine_repeat(engine, engine->problems.items[i]);

		if (status != DMP_OK)
			return status;
		engine->resent = engine->last_posted;
		n++;
	}
	*ret_n = n;
	return DMP_OK;
}
