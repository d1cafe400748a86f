/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_admin.h"
#include "engine/engine_internal.h"

/* --- life --- */

int
engine_compare_saved(const void *a, const void *b)
{
	return strcmp(((const struct dmp_saved_port *)a)->key,
	    ((const struct dmp_saved_port *)b)->key);
}

static enum dmp_status
engine_take_saved(
    struct dmp_engine *engine, const struct dmp_saved_port *saved, size_t n)
{
	engine->saved = calloc(n + 1, sizeof *engine->saved);
	if (!engine->saved)
		return DMP_ENOMEM;
	if (n > 0)
		memcpy(engine->saved, saved, n * sizeof *saved);
	engine->n_saved = n;
	qsort(engine->saved, n, sizeof *engine->saved, engine_compare_saved);
	return DMP_OK;
}

static enum dmp_status
engine_join_loop(struct dmp_engine *engine)
{
	const struct dmp_engine_config *config = &engine->config;

	if (!config->base)
		return DMP_OK;
	engine->timer = evtimer_new(config->base, engine_on_timer, engine);
	engine->log_event = event_new(config->base, dmp_eventlog_fd(config->log),
	    EV_READ | EV_PERSIST, engine_on_log, engine);
	if (!engine->timer || !engine->log_event ||
	    event_add(engine->log_event, NULL) != 0)
		return DMP_ENOMEM;
	return DMP_OK;
}

enum dmp_status
dmp_engine_new(const struct dmp_engine_config *config, struct dmp_problem_set *problems,
    const struct dmp_saved_port *saved, size_t n_saved, struct dmp_engine **ret_engine)
{
	struct dmp_engine *engine = calloc(1, sizeof *engine);

	if (!engine)
		return DMP_ENOMEM;
	engine->config = *config;
	engine->random = config->seed | 1;
	engine->start_mono_ms = dmp_clock_mono_ms(config->clock);
	engine->start_wall_ms = dmp_clock_wall_ms(config->clock);
	engine->system.config_status = DMP_CONFIG_OK;
	engine->system.change_ms = INT64_MIN;
	dmp_text_copy(engine->source, sizeof engine->source,
	    config->source ? config->source : "");
	engine->config.source = NULL;
	engine->progress.released = config->last_event;
	engine->progress.oldest = config->oldest_event;
	if (engine_join_loop(engine) != DMP_OK ||
	    engine_take_saved(engine, saved, n_saved) != DMP_OK) {
		dmp_engine_free(engine);
		return DMP_ENOMEM;
	}
	engine->problems = *problems;
	*problems = (struct dmp_problem_set){0};
	engine->site.isolated =
	    engine_is_raised(engine, "site", DMP_EVENT_VANTAGE_ISOLATED);
	engine->site_is_busy = engine->site.isolated;
	engine->hosts_ms = DMP_ENGINE_NEVER;
	engine->site_ms = DMP_ENGINE_NEVER;
	engine->site_judged_ms = INT64_MIN / 2;
	engine->reference.due_ms = DMP_ENGINE_NEVER;
	*ret_engine = engine;
	return DMP_OK;
}

static void
engine_cancel_all(struct dmp_engine *engine)
{
	const struct dmp_engine_setup *setup = engine->world.setup;

	for (size_t i = 0; setup && i < setup->plan->n_ports; i++)
		engine_cancel_check(&engine->world.ports[i]);
}

void
dmp_engine_free(struct dmp_engine *engine)
{
	struct dmp_engine_setup *setup;

	if (!engine)
		return;
	engine_measure_store_all(engine);
	engine_cancel_all(engine);
	engine_reference_done(engine);
	if (engine->timer)
		event_free(engine->timer);
	if (engine->log_event)
		event_free(engine->log_event);
	setup = engine->world.setup;
	engine_world_done(&engine->world);
	dmp_engine_setup_free(setup);
	dmp_problem_done(&engine->problems);
	dmp_admin_done(&engine->admins);
	free(engine->saved);
	free(engine->sums);
	free(engine);
}

/* What was cancelled for a plan that could not be shown is checked again at once. */
static void
engine_go_on(struct dmp_engine *engine)
{
	int64_t now_ms = dmp_clock_mono_ms(engine->config.clock);
	const struct dmp_engine_setup *setup = engine->world.setup;

	for (size_t i = 0; setup && i < setup->plan->n_ports; i++) {
		if (dmp_schedule_due(engine->world.schedule, i) == DMP_SCHEDULE_NEVER &&
		    engine->world.ports[i].admin != DMP_ADMIN_DISABLED)
			dmp_schedule_set(engine->world.schedule, i, now_ms);
	}
	if (setup)
		engine_arm(engine);
}

/* --- apply: a new world beside the old one, then the exchange --- */

static void
engine_exchange(struct dmp_engine *engine, struct engine_world *world)
{
	struct engine_world former = engine->world;

	engine->world = *world;
	*world = former;
}

/* First contents of the new board, before anybody can see it. */
static void
engine_fill_board(struct dmp_engine *engine)
{
	const struct dmp_plan *plan = engine->world.setup->plan;

	for (size_t i = 0; i < plan->n_ports; i++) {
		engine_open_row(&engine->world.ports[i]);
		engine_count(&engine->world.ports[i], 1);
		engine_publish_port(&engine->world.ports[i]);
	}
	for (size_t i = 0; i < plan->n_hosts; i++)
		engine_publish_host(engine, i);
	engine->system.config_status = DMP_CONFIG_OK;
	engine->system.config_wall_ms = dmp_clock_wall_ms(engine->config.clock);
	engine->system.config_message[0] = '\0';
	engine_publish_system(engine);
	dmp_engine_beat(engine);
}

/* Exchange the worlds, fill the new board and show it; back again when it cannot be
 * shown. */
static enum dmp_status
engine_enter(struct dmp_engine *engine, struct engine_world *world)
{
	struct dmp_board_system_live system = engine->system;
	enum dmp_status status;

	if (world->n_waiting > 0) /* the sums wait with the rows */
		dmp_board_copy(
		    world->board, 0, engine->world.board, 0, DMP_BOARD_SYSTEM);
	engine_world_fill_hosts(engine, world);
	engine_exchange(engine, world);
	engine_fill_board(engine);
	status = dmp_board_publish(engine->world.board);
	if (status != DMP_OK) {
		engine_exchange(engine, world);
		engine->system = system;
	}
	return status;
}

enum dmp_status
dmp_engine_apply(
    struct dmp_engine *engine, struct dmp_engine_setup *setup, struct dmp_text *errors)
{
	struct engine_world world = {.setup = setup};
	enum dmp_status status = engine_world_allocate(&world);
	struct dmp_engine_setup *former;

	if (status == DMP_OK)
		status = engine_world_windows(engine, &world);
	if (status == DMP_OK)
		status = engine_make_board(engine, &world);
	if (status == DMP_OK) {
		engine_cancel_all(engine);
		status = engine_world_fill_ports(engine, &world);
		if (status == DMP_OK)
			status = engine_enter(engine, &world);
		if (status != DMP_OK)
			engine_go_on(engine);
	}
	if (status != DMP_OK) {
		dmp_text_printf(errors, "%s: the board cannot be made: %s\n",
		    engine->config.run_dir, dmp_status_text(status));
		engine_world_done(&world);
		return status;
	}
	former = world.setup;
	engine_world_done(&world);
	dmp_engine_setup_free(former);
	engine->n_sums = 0;
	engine->n_saved = 0; /* a port that comes back by a reload begins anew */
	engine_take_source(engine);
	engine_clear_absent(engine);
	engine_reference_take(engine);
	engine_admin_changed(engine);
	engine_doubt_all(engine);
	engine_correlate(engine, INT64_MAX - 1);
	for (size_t i = 0; i < setup->plan->n_ports; i++)
		engine_announce_endpoint(&engine->world.ports[i]);
	engine_publish_system(engine);
	engine_arm(engine);
	return DMP_OK;
}

/* --- small things --- */

void
dmp_engine_config_rejected(struct dmp_engine *engine, const char *message)
{
	engine->system.config_status = DMP_CONFIG_REJECTED;
	engine->system.config_wall_ms = dmp_clock_wall_ms(engine->config.clock);
	dmp_text_safe(engine->system.config_message,
	    sizeof engine->system.config_message, message);
	engine_publish_system(engine);
}

enum dmp_status
dmp_engine_check_now(struct dmp_engine *engine, const char *key)
{
	int64_t now_ms = dmp_clock_mono_ms(engine->config.clock);
	const struct dmp_plan *plan = engine->world.setup->plan;
	const struct engine_port *found =
	    key ? engine_find_port(&engine->world, key) : NULL;

	if (key && !found)
		return DMP_ENOENT;
	if (found && found->admin == DMP_ADMIN_DISABLED)
		return DMP_EPERM;
	for (size_t i = 0; i < plan->n_ports; i++) {
		struct engine_port *port = &engine->world.ports[i];

		if ((!found || found == port) && !port->check &&
		    port->admin != DMP_ADMIN_DISABLED)
			dmp_schedule_set(engine->world.schedule, i, now_ms);
	}
	engine_arm(engine);
	return DMP_OK;
}

void
dmp_engine_beat(struct dmp_engine *engine)
{
	if (engine->world.board)
		dmp_board_beat(
		    engine->world.board, dmp_clock_mono_ms(engine->config.clock));
}

bool
dmp_engine_all_released(const struct dmp_engine *engine)
{
	return engine->progress.released >= engine->last_posted;
}
