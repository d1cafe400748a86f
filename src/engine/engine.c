/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"
#include "probe/trust.h"

enum {
	HOST_GAP_MS = 20, /* between checks of one host: a burst looks like a scan */
	FIRST_SWEEP_MS = 1000,
};

/* --- life --- */

static int
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
	engine->start_wall_ms = dmp_clock_wall_ms(config->clock);
	engine->system.config_status = DMP_CONFIG_OK;
	engine->system.change_ms = INT64_MIN;
	engine->progress.released = config->last_event;
	engine->progress.oldest = config->oldest_event;
	if (engine_join_loop(engine) != DMP_OK ||
	    engine_take_saved(engine, saved, n_saved) != DMP_OK) {
		dmp_engine_free(engine);
		return DMP_ENOMEM;
	}
	engine->problems = *problems;
	*problems = (struct dmp_problem_set){0};
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

static void
world_done(struct engine_world *world)
{
	for (size_t i = 0; i < world->n_waiting; i++) /* held, see engine_row.c */
		free(world->ports[world->waiting[i]].live);
	free(world->ports);
	free(world->hosts);
	free(world->hosts_by_index);
	free(world->by_key);
	free(world->requirement_down);
	free(world->waiting);
	free(world->open);
	free(world->views);
	free(world->suppressed);
	dmp_schedule_free(world->schedule);
	dmp_endpoints_free(world->endpoints);
	dmp_trust_free(world->trust);
	dmp_board_close(world->board);
	dmp_engine_setup_free(world->setup);
	*world = (struct engine_world){0};
}

void
dmp_engine_free(struct dmp_engine *engine)
{
	if (!engine)
		return;
	engine_cancel_all(engine);
	if (engine->timer)
		event_free(engine->timer);
	if (engine->log_event)
		event_free(engine->log_event);
	world_done(&engine->world);
	dmp_problem_done(&engine->problems);
	dmp_admin_done(&engine->admins);
	free(engine->saved);
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
		    setup->plan->ports[i].admin != DMP_ADMIN_DISABLED)
			dmp_schedule_set(engine->world.schedule, i, now_ms);
	}
	if (setup)
		engine_arm(engine);
}

/* --- apply: a new world beside the old one, then the exchange --- */

static enum dmp_status
world_schedule(struct engine_world *world)
{
	const struct dmp_plan *plan = world->setup->plan;
	uint32_t *host_of = calloc(plan->n_ports + 1, sizeof *host_of);
	enum dmp_status status;

	if (!host_of)
		return DMP_ENOMEM;
	for (size_t i = 0; i < plan->n_ports; i++)
		host_of[i] = (uint32_t)plan->ports[i].host;
	status = dmp_schedule_new(
	    plan->n_ports, host_of, plan->n_hosts, HOST_GAP_MS, &world->schedule);
	free(host_of);
	return status;
}

static enum dmp_status
world_allocate(struct engine_world *world)
{
	const struct dmp_plan *plan = world->setup->plan;
	enum dmp_status status = dmp_endpoints_new(plan, &world->endpoints);
	size_t largest;

	if (status != DMP_OK)
		return status;
	largest = dmp_endpoints_largest(world->endpoints);
	world->open = calloc(largest + 1, sizeof *world->open);
	world->views = calloc(largest + 1, sizeof *world->views);
	world->suppressed = calloc(largest + 1, sizeof *world->suppressed);
	world->ports = calloc(plan->n_ports + 1, sizeof *world->ports);
	world->by_key = calloc(plan->n_ports + 1, sizeof *world->by_key);
	world->waiting = calloc(plan->n_ports + 1, sizeof *world->waiting);
	world->hosts = calloc(plan->n_hosts + 1, sizeof *world->hosts);
	world->hosts_by_index =
	    calloc(plan->n_hosts + 1, sizeof *world->hosts_by_index);
	world->requirement_down =
	    calloc(plan->n_requirements + 1, sizeof *world->requirement_down);
	if (!world->open || !world->views || !world->suppressed || !world->ports ||
	    !world->by_key || !world->waiting || !world->hosts ||
	    !world->hosts_by_index || !world->requirement_down)
		return DMP_ENOMEM;
	return DMP_OK;
}

/* A port that the engine has not seen since it started: it may be known from before. */
static void
engine_resume_saved(struct engine_port *port, const struct dmp_saved_port *saved)
{
	const struct dmp_clock *clock = port->engine->config.clock;
	struct dmp_board_port_live *live = port->live;
	int64_t age_ms = dmp_clock_wall_ms(clock) - saved->change_ms;

	port->saved = saved->state;
	port->has_answered = saved->has_answered;
	live->transitions = saved->transitions;
	live->last_event = saved->last_event;
	live->change_wall_ms = saved->change_ms;
	/* The wall clock may have been set back meanwhile. */
	if (saved->change_ms > 0)
		live->change_ms = dmp_clock_mono_ms(clock) - (age_ms > 0 ? age_ms : 0);
	/* A problem stands until a check ends it; a good state has to be proved again.
	 */
	if (saved->state == DMP_STATE_DOWN || saved->state == DMP_STATE_DEGRADED ||
	    saved->state == DMP_STATE_EXPOSED) {
		dmp_health_resume(&port->health, saved->state);
		live->reason = (uint8_t)saved->reason;
		dmp_text_copy(live->detail, sizeof live->detail,
		    "as before the restart, not checked again yet");
	}
}

static void
engine_init_port(struct engine_world *world, struct engine_port *port)
{
	struct dmp_engine *engine = port->engine;
	struct dmp_saved_port key;
	const struct dmp_saved_port *saved;
	struct dmp_board_port_live live = {
	    .change_ms = INT64_MIN,
	    .check_ms = INT64_MIN,
	    .availability = {UINT32_MAX, UINT32_MAX, UINT32_MAX},
	    .tls_days_left = INT32_MAX,
	    .reason = DMP_REASON_NONE,
	    .suppressed = DMP_SUPPRESSED_NONE,
	    .admin = (uint8_t)port->plan->admin,
	};

	port->live = &live;
	dmp_text_copy(live.detail, sizeof live.detail, "not checked yet");
	dmp_text_copy(key.key, sizeof key.key, port->plan->key);
	saved = bsearch(&key, engine->saved, engine->n_saved, sizeof *engine->saved,
	    engine_compare_saved);
	if (saved)
		engine_resume_saved(port, saved);
	if (port->plan->admin == DMP_ADMIN_DISABLED)
		dmp_health_resume(&port->health, DMP_STATE_NOT_APPLICABLE);
	live.state = (uint8_t)dmp_health_state(&port->health);
	live.severity = engine_severity(port);
	dmp_board_write(world->board, DMP_BOARD_PORT, port->board_row, &live);
	port->live = NULL;
}

static int
world_compare_keys(const void *a, const void *b)
{
	const struct engine_port *const *x = a;
	const struct engine_port *const *y = b;

	return strcmp((*x)->plan->key, (*y)->plan->key);
}

struct engine_port *
engine_find_port(const struct engine_world *world, const char *key)
{
	size_t low = 0;
	size_t high = world->setup ? world->setup->plan->n_ports : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(world->by_key[middle]->plan->key, key);

		if (order == 0)
			return world->by_key[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The next port of the same endpoint, and round again. */
struct engine_port *
engine_sibling(const struct engine_port *port)
{
	const struct engine_world *world = &port->engine->world;

	return &world->ports[dmp_endpoints_sibling(world->endpoints, port->row)];
}

/* A port that asks the same as before goes on where it was; a row that waits for its
 * event goes on waiting. */
static enum dmp_status
engine_keep_port(
    struct engine_world *world, struct engine_port *port, const struct engine_port *old)
{
	struct dmp_engine *engine = port->engine;

	port->health = old->health;
	port->saved = old->saved;
	port->has_answered = old->has_answered;
	port->used_tls = old->used_tls;
	port->heavy_ms = old->heavy_ms;
	dmp_board_copy(world->board, port->board_row, engine->world.board,
	    old->board_row, DMP_BOARD_PORT);
	if (old->pending_event == 0)
		return DMP_OK;
	port->live = malloc(sizeof *port->live);
	if (!port->live)
		return DMP_ENOMEM;
	*port->live = *old->live;
	port->held = true;
	port->pending_event = old->pending_event;
	world->waiting[world->n_waiting++] = port->row;
	return DMP_OK;
}

/* In flight or waiting for its endpoint: the attempt is cancelled by the exchange and
 * made again at once. */
static int64_t
engine_keep_due(const struct engine_port *old)
{
	const struct dmp_engine *engine = old->engine;
	int64_t due_ms = dmp_schedule_due(engine->world.schedule, old->row);

	return due_ms == DMP_SCHEDULE_NEVER ? dmp_clock_mono_ms(engine->config.clock)
	                                    : due_ms;
}

/* Fill the new ports, from the old ones where nothing changed, and schedule them. */
static enum dmp_status
world_fill_ports(struct dmp_engine *engine, struct engine_world *world)
{
	const struct dmp_plan *plan = world->setup->plan;
	int64_t now_ms = dmp_clock_mono_ms(engine->config.clock);

	for (size_t i = 0; i < plan->n_ports; i++) {
		struct engine_port *port = &world->ports[i];
		const struct engine_port *old;
		int64_t due_ms =
		    dmp_schedule_first(now_ms, i, plan->n_ports, FIRST_SWEEP_MS);

		world->by_key[i] = port;
		port->engine = engine;
		port->plan = &plan->ports[i];
		port->row = (uint32_t)i;
		port->index = world->setup->port_indices[i];
		old = engine_find_port(&engine->world, port->plan->key);
		if (!old || !dmp_plan_port_same(engine->world.setup->plan, old->plan,
		                plan, port->plan)) {
			engine_init_port(world, port);
		} else {
			if (engine_keep_port(world, port, old) != DMP_OK)
				return DMP_ENOMEM;
			due_ms = engine_keep_due(old);
		}
		if (port->plan->admin == DMP_ADMIN_DISABLED)
			due_ms = DMP_SCHEDULE_NEVER;
		dmp_schedule_set(world->schedule, i, due_ms);
	}
	qsort(world->by_key, plan->n_ports, sizeof *world->by_key, world_compare_keys);
	return DMP_OK;
}

static int
world_compare_hosts(const void *a, const void *b)
{
	const struct engine_host *const *x = a;
	const struct engine_host *const *y = b;

	return ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

static const struct engine_host *
world_find_host(const struct engine_world *world, const struct engine_host *host)
{
	struct engine_host **found = NULL;

	if (world->setup)
		found =
		    bsearch(&host, world->hosts_by_index, world->setup->plan->n_hosts,
		        sizeof *world->hosts_by_index, world_compare_hosts);
	return found ? *found : NULL;
}

static void
world_fill_hosts(const struct dmp_engine *engine, struct engine_world *world)
{
	for (size_t i = 0; i < world->setup->plan->n_hosts; i++) {
		struct engine_host *host = &world->hosts[i];
		const struct dmp_plan_host *plan = &world->setup->plan->hosts[i];
		const struct engine_host *old;

		host->index = world->setup->host_indices[i];
		world->hosts_by_index[i] = host;
		old = world_find_host(&engine->world, host);
		host->live.change_ms = old ? old->live.change_ms : INT64_MIN;
		host->live.state = old ? old->live.state : DMP_STATE_UNKNOWN;
		host->cassandra = old ? old->cassandra : DMP_PROBE_CASSANDRA_UNKNOWN;
		host->live.severity = DMP_SEVERITY_CLEARED;
		host->live.admin = DMP_ADMIN_ENABLED;
		dmp_text_copy(host->live.address, sizeof host->live.address,
		    plan->n_addresses > 0 ? plan->addresses[0] : "");
	}
	qsort(world->hosts_by_index, world->setup->plan->n_hosts,
	    sizeof *world->hosts_by_index, world_compare_hosts);
}

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
	world_fill_hosts(engine, world);
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
	enum dmp_status status = world_allocate(&world);

	if (status == DMP_OK)
		status = dmp_trust_new(&world.trust);
	if (status == DMP_OK)
		status = world_schedule(&world);
	if (status == DMP_OK)
		status = engine_make_board(engine, &world);
	if (status == DMP_OK) {
		engine_cancel_all(engine);
		status = world_fill_ports(engine, &world);
		if (status == DMP_OK)
			status = engine_enter(engine, &world);
		if (status != DMP_OK)
			engine_go_on(engine);
	}
	if (status != DMP_OK) {
		dmp_text_printf(errors, "%s: the board cannot be made: %s\n",
		    engine->config.run_dir, dmp_status_text(status));
		world.setup = NULL; /* stays the caller's */
		world_done(&world);
		return status;
	}
	world_done(&world);
	engine->n_saved = 0; /* a port that comes back by a reload begins anew */
	engine_clear_absent(engine);
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
	for (size_t i = 0; i < plan->n_ports; i++) {
		struct engine_port *port = &engine->world.ports[i];

		if ((!found || found == port) && !port->check &&
		    port->plan->admin != DMP_ADMIN_DISABLED)
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
