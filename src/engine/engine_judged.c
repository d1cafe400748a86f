/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_judged.c - which ports and hosts are judged now: what the site file says, its
 * maintenance windows, and the changes at run time, brought to the ports.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_admin.h"
#include "engine/engine_internal.h"
#include "engine/maintenance.h"

enum {
	GROUPS_MAX = 32,      /* around a host */
	LOOK_AGAIN_MS = 60000 /* at the windows: the time zone can change */
};

/* What holds for a host and its ports. */
struct judged_target {
	struct dmp_admin_target target;
	const char *groups[GROUPS_MAX];
};

static void
judged_target(struct judged_target *t, const struct engine_world *world, size_t host)
{
	const struct dmp_plan *plan = world->setup->plan;

	t->target = (struct dmp_admin_target){
	    .host = plan->hosts[host].name,
	    .groups = t->groups,
	    .n_groups = engine_group_chain(
	        plan->site, plan->hosts[host].group, t->groups, GROUPS_MAX),
	};
}

/* What the site file says; its windows do not enable what it disables. */
static struct dmp_admin_entry
judged_effective(const struct dmp_engine *engine, const struct engine_world *world,
    const struct dmp_admin_target *target, enum dmp_admin admin)
{
	const struct dmp_maintenance *window = NULL;
	struct dmp_admin_entry said = {
	    .state = admin, .origin = DMP_ADMIN_ORIGIN_SITE_FILE};

	if (admin == DMP_ADMIN_ENABLED)
		window = dmp_maintenance_find(
		    world->windows, world->setup->plan->site->n_maintenances, target);
	if (window) {
		said.state = DMP_ADMIN_MAINTENANCE;
		said.until_ms = window->end_ms;
		dmp_text_safe(said.comment, sizeof said.comment,
		    window->window->comment ? window->window->comment : "");
	}
	return dmp_admin_effective(&engine->admins, target,
	    said.state == DMP_ADMIN_ENABLED ? NULL : &said,
	    dmp_clock_wall_ms(engine->config.clock));
}

enum dmp_admin
engine_admin_of(const struct dmp_engine *engine, const struct engine_world *world,
    const struct dmp_plan_port *plan)
{
	struct judged_target t;

	judged_target(&t, world, plan->host);
	t.target.port = plan->key;
	return judged_effective(engine, world, &t.target, plan->admin).state;
}

/* --- windows --- */

static bool
judged_look_at_windows(const struct dmp_engine *engine, struct engine_world *world)
{
	static const struct dmp_zone ZONE = {dmp_clock_local, NULL};
	const struct dmp_site *site = world->setup->plan->site;
	int64_t wall_ms = dmp_clock_wall_ms(engine->config.clock);
	bool changed = false;

	for (size_t i = 0; i < site->n_maintenances; i++) {
		struct dmp_maintenance now =
		    dmp_maintenance_at(&site->maintenances[i], &ZONE, wall_ms);

		changed |= now.open != world->windows[i].open ||
		           (now.open && now.end_ms != world->windows[i].end_ms);
		world->windows[i] = now;
	}
	return changed;
}

enum dmp_status
engine_world_windows(const struct dmp_engine *engine, struct engine_world *world)
{
	size_t n = world->setup->plan->site->n_maintenances;

	world->windows = calloc(n + 1, sizeof *world->windows);
	if (!world->windows)
		return DMP_ENOMEM;
	(void)judged_look_at_windows(engine, world);
	return DMP_OK;
}

/* The wall clock is looked at here only: what it says may jump. */
void
engine_judged_tick(struct dmp_engine *engine)
{
	struct engine_world *world = &engine->world;
	size_t n = world->setup->plan->site->n_maintenances;
	int64_t wall_ms = dmp_clock_wall_ms(engine->config.clock);
	int64_t next_ms = dmp_maintenance_next_ms(world->windows, n);

	engine_expire_admins(engine);
	if (n > 0 && (wall_ms >= next_ms || wall_ms < engine->looked_ms ||
	                 wall_ms >= engine->looked_ms + LOOK_AGAIN_MS)) {
		engine->looked_ms = wall_ms;
		if (judged_look_at_windows(engine, world))
			engine_admin_changed(engine);
	}
}

/* --- what that means --- */

static bool
judged_is_shown(
    const struct dmp_board_port_live *live, const struct dmp_admin_entry *entry)
{
	return live->admin == entry->state && live->admin_origin == entry->origin &&
	       live->admin_until_ms == entry->until_ms &&
	       strcmp(live->admin_comment, entry->comment) == 0;
}

/* Nothing of what was found before counts any more. */
static void
judged_begin_anew(struct engine_port *port)
{
	struct dmp_engine *engine = port->engine;
	bool disabled = port->admin == DMP_ADMIN_DISABLED;

	engine_cancel_check(port);
	dmp_health_resume(
	    &port->health, disabled ? DMP_STATE_NOT_APPLICABLE : DMP_STATE_UNKNOWN);
	port->live->state = (uint8_t)dmp_health_state(&port->health);
	port->live->reason = DMP_REASON_NONE;
	port->reason = 0;
	port->began_ms = DMP_BEGAN_NEVER;
	dmp_text_copy(port->live->detail, sizeof port->live->detail,
	    disabled ? "disabled" : "not checked yet");
	dmp_schedule_set(engine->world.schedule, port->row,
	    disabled ? DMP_SCHEDULE_NEVER : dmp_clock_mono_ms(engine->config.clock));
}

static void
judged_apply(struct engine_port *port, const struct dmp_admin_entry *entry)
{
	enum dmp_admin from = (enum dmp_admin)port->admin;
	enum dmp_admin to = entry->state;

	engine_open_endpoint(port);
	engine_count(port, -1);
	port->admin = (uint8_t)to;
	port->live->admin = (uint8_t)to;
	port->live->admin_origin = (uint8_t)entry->origin;
	port->live->admin_until_ms = entry->until_ms;
	dmp_text_copy(port->live->admin_comment, sizeof port->live->admin_comment,
	    entry->comment);
	if (from != to && (from == DMP_ADMIN_DISABLED || to == DMP_ADMIN_DISABLED))
		judged_begin_anew(port);
	if (to != DMP_ADMIN_ENABLED)
		engine_flap_forget(port);
	/* What is silent is judged with its host first. */
	if (from != to && engine_is_mute(port))
		port->voice = DMP_VOICE_HELD;
	port->live->severity = engine_severity(port);
	engine_count(port, 1);
	engine_announce_endpoint(port);
}

static void
judged_host(
    struct dmp_engine *engine, size_t row, const struct dmp_admin_target *target)
{
	struct dmp_board_host_live *live = &engine->world.hosts[row].live;
	struct dmp_admin_entry entry =
	    judged_effective(engine, &engine->world, target, DMP_ADMIN_ENABLED);

	live->admin = (uint8_t)entry.state;
	live->admin_origin = (uint8_t)entry.origin;
	live->admin_until_ms = entry.until_ms;
	dmp_text_copy(live->admin_comment, sizeof live->admin_comment, entry.comment);
}

static bool
judged_ports(struct dmp_engine *engine, size_t row, struct dmp_admin_target *target)
{
	const struct engine_host *host = &engine->world.hosts[row];
	bool changed = false;

	for (size_t i = 0; i < host->n_ports; i++) {
		struct engine_port *port = &engine->world.ports[host->first_port + i];
		struct dmp_board_port_live live;
		struct dmp_admin_entry entry;

		target->port = port->plan->key;
		entry =
		    judged_effective(engine, &engine->world, target, port->plan->admin);
		engine_read_row(port, &live);
		if (port->admin == entry.state && judged_is_shown(&live, &entry))
			continue;
		judged_apply(port, &entry);
		changed = true;
	}
	return changed;
}

void
engine_admin_changed(struct dmp_engine *engine)
{
	for (size_t i = 0; i < engine->world.setup->plan->n_hosts; i++) {
		uint8_t before = engine->world.hosts[i].live.admin;
		struct judged_target t;

		judged_target(&t, &engine->world, i);
		judged_host(engine, i, &t.target);
		if (judged_ports(engine, i, &t.target) ||
		    before != engine->world.hosts[i].live.admin)
			engine_doubt_host(engine, i);
		engine_publish_host(engine, i);
	}
	engine_publish_system(engine);
	engine_arm(engine);
}
