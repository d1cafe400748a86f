/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_world.c - what a plan brings with it at run time: made beside the former one,
 * from which it takes over what has not changed. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"
#include "probe/trust.h"

enum {
	HOST_GAP_MS = 20, /* between checks of one host: a burst looks like a scan */
	FIRST_SWEEP_MS = 1000,
};

void
engine_world_done(struct engine_world *world)
{
	for (size_t i = 0; world->ports && i < world->setup->plan->n_ports; i++)
		free(world->ports[i].flap);
	for (size_t i = 0; i < world->n_waiting; i++) /* held, see engine_row.c */
		free(world->ports[world->waiting[i]].live);
	free(world->ports);
	free(world->hosts);
	free(world->hosts_by_index);
	free(world->by_key);
	free(world->requirement_down);
	free(world->waiting);
	free(world->open);
	free(world->host_ports);
	free(world->windows);
	free(world->by_index);
	free(world->measures);
	free(world->host_views);
	free(world->group_views);
	free(world->views);
	free(world->suppressed);
	dmp_schedule_free(world->schedule);
	dmp_endpoints_free(world->endpoints);
	dmp_trust_free(world->trust);
	dmp_board_close(world->board);
	*world = (struct engine_world){0};
}

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

/* The ports of a host are one run of the plan. */
static size_t
world_count_ports(struct engine_world *world)
{
	const struct dmp_plan *plan = world->setup->plan;
	size_t largest = 0;

	for (size_t i = 0; i < plan->n_ports; i++) {
		struct engine_host *host = &world->hosts[plan->ports[i].host];

		assert(i == 0 || plan->ports[i - 1].host <= plan->ports[i].host);
		if (host->n_ports++ == 0)
			host->first_port = (uint32_t)i;
		if (host->n_ports > largest)
			largest = host->n_ports;
	}
	return largest;
}

/* What one judgement of a host, and of all hosts, looks at. */
static enum dmp_status
world_allocate_views(struct engine_world *world)
{
	const struct dmp_plan *plan = world->setup->plan;
	size_t largest = world_count_ports(world);

	world->host_ports = calloc(largest + 1, sizeof *world->host_ports);
	world->host_views = calloc(plan->n_hosts + 1, sizeof *world->host_views);
	world->group_views =
	    calloc(plan->site->n_groups + 1, sizeof *world->group_views);
	if (!world->host_ports || !world->host_views || !world->group_views)
		return DMP_ENOMEM;
	return DMP_OK;
}

enum dmp_status
engine_world_allocate(struct engine_world *world)
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
	world->by_index = calloc(plan->n_ports + 1, sizeof *world->by_index);
	world->measures = calloc(plan->n_ports + 1, sizeof *world->measures);
	world->by_key = calloc(plan->n_ports + 1, sizeof *world->by_key);
	world->waiting = calloc(plan->n_ports + 1, sizeof *world->waiting);
	world->hosts = calloc(plan->n_hosts + 1, sizeof *world->hosts);
	world->hosts_by_index =
	    calloc(plan->n_hosts + 1, sizeof *world->hosts_by_index);
	world->requirement_down =
	    calloc(plan->n_requirements + 1, sizeof *world->requirement_down);
	if (!world->open || !world->views || !world->suppressed || !world->ports ||
	    !world->by_key || !world->by_index || !world->measures || !world->waiting ||
	    !world->hosts || !world->hosts_by_index || !world->requirement_down)
		return DMP_ENOMEM;
	status = world_allocate_views(world);
	if (status == DMP_OK)
		status = dmp_trust_new(&world->trust);
	return status == DMP_OK ? world_schedule(world) : status;
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
	    .admin = port->admin,
	};

	port->live = &live;
	dmp_text_copy(live.detail, sizeof live.detail, "not checked yet");
	dmp_text_copy(key.key, sizeof key.key, port->plan->key);
	saved = bsearch(&key, engine->saved, engine->n_saved, sizeof *engine->saved,
	    engine_compare_saved);
	if (saved)
		engine_resume_saved(port, saved);
	if (port->admin == DMP_ADMIN_DISABLED)
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
	port->began_ms = old->began_ms;
	port->reason = old->reason;
	port->suppressed = old->suppressed;
	port->seen = old->seen;
	port->admin = old->admin;
	dmp_board_copy(world->board, port->board_row, engine->world.board,
	    old->board_row, DMP_BOARD_PORT);
	if (old->flap) {
		port->flap = malloc(sizeof *port->flap);
		if (!port->flap)
			return DMP_ENOMEM;
		*port->flap = *old->flap;
		world->n_flapping += port->flap->raised;
	}
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
enum dmp_status
engine_world_fill_ports(struct dmp_engine *engine, struct engine_world *world)
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
		port->voice = DMP_VOICE_HELD; /* until its host is judged */
		port->suppressed = DMP_SUPPRESSED_NONE;
		port->began_ms = DMP_BEGAN_NEVER;
		old = engine_find_port(&engine->world, port->plan->key);
		if (old)
			world->measures[i] = *engine_measure_of(old);
		else
			engine_measure_resume(world, port);
		if (!old || !dmp_plan_port_same(engine->world.setup->plan, old->plan,
		                plan, port->plan)) {
			port->admin =
			    (uint8_t)engine_admin_of(engine, world, port->plan);
			engine_flap_resume(world, port);
			engine_init_port(world, port);
		} else {
			if (engine_keep_port(world, port, old) != DMP_OK)
				return DMP_ENOMEM;
			due_ms = engine_keep_due(old);
		}
		if (port->admin == DMP_ADMIN_DISABLED)
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

static size_t
world_find_group(const struct dmp_site *site, const char *name)
{
	for (size_t i = 0; name[0] && i < site->n_groups; i++) {
		if (strcmp(site->groups[i].name, name) == 0)
			return i;
	}
	return DMP_NO_GROUP;
}

/* A host that the engine has not seen before is down when that is announced. */
static void
world_init_host(const struct dmp_engine *engine, struct engine_host *host,
    const struct engine_host *old, const char *name)
{
	host->live.change_ms = INT64_MIN;
	host->live.state = DMP_STATE_UNKNOWN;
	host->cassandra = DMP_PROBE_CASSANDRA_UNKNOWN;
	host->reason = DMP_REASON_HOST_DOWN;
	host->speaks_for = DMP_NO_GROUP;
	host->judge_ms = DMP_ENGINE_NEVER;
	host->watch.down = engine_is_raised(engine, name, DMP_EVENT_HOST_DOWN);
	if (!old)
		return;
	host->live.change_ms = old->live.change_ms;
	host->live.state = old->live.state;
	host->cassandra = old->cassandra;
	host->watch = old->watch;
	host->reason = old->reason;
	host->voice = old->voice;
	host->mute = old->mute;
	host->reading = old->reading;
	host->pending_event = old->pending_event;
}

void
engine_world_fill_hosts(const struct dmp_engine *engine, struct engine_world *world)
{
	const struct dmp_site *site = world->setup->plan->site;

	for (size_t i = 0; i < site->n_groups; i++)
		world->group_views[i].parent =
		    world_find_group(site, site->groups[i].parent);
	for (size_t i = 0; i < world->setup->plan->n_hosts; i++) {
		struct engine_host *host = &world->hosts[i];
		const struct dmp_plan_host *plan = &world->setup->plan->hosts[i];
		const struct engine_host *old;

		host->index = world->setup->host_indices[i];
		world->hosts_by_index[i] = host;
		old = world_find_host(&engine->world, host);
		world_init_host(engine, host, old, plan->name);
		host->group = world_find_group(site, plan->group);
		world->n_hosts_waiting += host->pending_event != 0;
		host->live.severity = DMP_SEVERITY_CLEARED;
		host->live.admin = old ? old->live.admin : DMP_ADMIN_ENABLED;
		dmp_text_copy(host->live.address, sizeof host->live.address,
		    plan->n_addresses > 0 ? plan->addresses[0] : "");
	}
	qsort(world->hosts_by_index, world->setup->plan->n_hosts,
	    sizeof *world->hosts_by_index, world_compare_hosts);
}
