/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_correlate.c - is it the port, its host, a group of hosts, or are we cut off?
 *
 * Hosts in doubt are judged by the turn of the engine and not where an attempt ends, so
 * that a burst of results costs one judgement: correlate_host.h for each of them, then
 * correlate_site.h for all, then those who may speak announce.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_internal.h"

enum {
	PORTS_PER_MS = 100,  /* what one judgement of a large host costs */
	SITE_PAUSE_MS = 100, /* between two judgements of all hosts */
};

/* --- who has to be judged --- */

void
engine_doubt_host(struct dmp_engine *engine, size_t row)
{
	struct engine_host *host = &engine->world.hosts[row];
	int64_t due_ms =
	    dmp_clock_mono_ms(engine->config.clock) + host->n_ports / PORTS_PER_MS;

	if (due_ms < host->judge_ms)
		host->judge_ms = due_ms;
	if (due_ms < engine->hosts_ms)
		engine->hosts_ms = due_ms;
}

void
engine_doubt_site(struct dmp_engine *engine)
{
	int64_t due_ms = dmp_clock_mono_ms(engine->config.clock);

	if (due_ms < engine->site_judged_ms + SITE_PAUSE_MS)
		due_ms = engine->site_judged_ms + SITE_PAUSE_MS;
	if (due_ms < engine->site_ms)
		engine->site_ms = due_ms;
}

void
engine_doubt_all(struct dmp_engine *engine)
{
	for (size_t i = 0; i < engine->world.setup->plan->n_hosts; i++)
		engine_doubt_host(engine, i);
	engine->site_ms = dmp_clock_mono_ms(engine->config.clock);
}

/* An attempt has ended that changed what is known of the port, or not. */
void
engine_correlate_result(struct engine_port *port, bool changed)
{
	struct dmp_engine *engine = port->engine;
	const struct engine_host *host = engine_host_of(port);

	if (changed || port->asked || host->watch.down || host->watch.until_ms != 0 ||
	    port->voice != DMP_VOICE_SPEAKS)
		engine_doubt_host(engine, port->plan->host);
	if (engine->site_is_busy)
		engine_doubt_site(engine);
}

/* --- hosts --- */

/* An attempt that has begun in time will do. */
static void
correlate_recheck(struct engine_port *port, bool wanted)
{
	struct dmp_engine *engine = port->engine;
	int64_t now_ms = dmp_clock_mono_ms(engine->config.clock);

	if (!wanted) {
		port->asked = false;
		return;
	}
	if (port->check || port->asked || port->admin == DMP_ADMIN_DISABLED)
		return;
	port->asked = true;
	if (dmp_schedule_due(engine->world.schedule, port->row) > now_ms)
		dmp_schedule_set(engine->world.schedule, port->row, now_ms);
}

static void
correlate_reconfirm(
    struct dmp_engine *engine, const struct engine_host *host, enum dmp_pace pace)
{
	for (size_t i = 0; i < host->n_ports; i++) {
		struct engine_port *port = &engine->world.ports[host->first_port + i];
		const struct dmp_health_policy policy = {
		    port->plan->policy.fall, port->plan->policy.rise};

		dmp_health_reconfirm(&port->health, &policy, pace);
	}
}

static void
correlate_fill(struct dmp_engine *engine, const struct engine_host *host)
{
	struct dmp_host_port *views = engine->world.host_ports;

	for (size_t i = 0; i < host->n_ports; i++) {
		const struct engine_port *port =
		    &engine->world.ports[host->first_port + i];

		views[i] = (struct dmp_host_port){
		    .transport = port->plan->transport,
		    .level = port->plan->level,
		    .admin = (enum dmp_admin)port->admin,
		    .state = dmp_health_state(&port->health),
		    .reason = (enum dmp_reason)port->reason,
		    .began_ms = port->began_ms,
		    .timeout_ms = port->plan->policy.timeout_ms,
		    .waiting = engine_is_waiting(port),
		    .settled = dmp_health_is_settled(&port->health),
		    .voice = (enum dmp_voice)port->voice,
		};
	}
}

static enum dmp_host_change
correlate_judge(struct dmp_engine *engine, struct engine_host *host)
{
	const struct dmp_host_port *views = engine->world.host_ports;
	enum dmp_host_change change;

	correlate_fill(engine, host);
	change = dmp_correlate_host(&host->watch, engine->world.host_ports,
	    host->n_ports, dmp_clock_mono_ms(engine->config.clock));
	host->reading = dmp_correlate_timeout(views, host->n_ports);
	for (size_t i = 0; i < host->n_ports; i++) {
		struct engine_port *port = &engine->world.ports[host->first_port + i];

		port->voice = (uint8_t)views[i].voice;
		correlate_recheck(port, views[i].recheck);
	}
	return change;
}

/* What was heard of all its ports is in question once more when a host has come up: it
 * is judged again with that. */
static void
correlate_host(struct dmp_engine *engine, size_t row)
{
	struct engine_host *host = &engine->world.hosts[row];
	enum dmp_host_change change = correlate_judge(engine, host);

	if (change == DMP_HOST_CAME_UP) {
		correlate_reconfirm(engine, host, DMP_PACE_NORMAL);
		(void)correlate_judge(engine, host);
	}
	if (change == DMP_HOST_WENT_DOWN)
		host->reason =
		    dmp_correlate_host_reason(engine->world.host_ports, host->n_ports);
	if (change != DMP_HOST_SAME) {
		host->dropped = change == DMP_HOST_DROPPED;
		host->live.change_ms = dmp_clock_mono_ms(engine->config.clock);
	}
	host->mute =
	    dmp_correlate_host_summary(engine->world.host_ports, host->n_ports).mute;
	host->judge_ms =
	    host->watch.until_ms != 0 ? host->watch.until_ms : DMP_ENGINE_NEVER;
	host->speaks = true;
}

/* --- the site --- */

static bool
correlate_is_excluded(const struct dmp_engine *engine, size_t row)
{
	const struct dmp_plan_host *plan = &engine->world.setup->plan->hosts[row];
	struct dmp_address address;

	if (plan->is_vantage)
		return true;
	return dmp_address_parse(engine->world.hosts[row].live.address, &address) &&
	       dmp_address_is_loopback(&address);
}

/* Is it not announced that it is down, or its only port? */
static bool
correlate_host_waits(const struct dmp_engine *engine, size_t row)
{
	const struct engine_host *host = &engine->world.hosts[row];
	const char *name = engine->world.setup->plan->hosts[row].name;

	if (engine_is_host_bad(engine, row) &&
	    !engine_is_raised(engine, name, DMP_EVENT_HOST_DOWN))
		return true;
	for (size_t i = 0; host->mute && i < host->n_ports; i++) {
		const struct engine_port *port =
		    &engine->world.ports[host->first_port + i];

		if (port->voice == DMP_VOICE_SPEAKS && engine_is_mute(port) &&
		    engine_is_waiting(port))
			return true;
	}
	return false;
}

static struct dmp_host_view
correlate_view(struct dmp_engine *engine, size_t row)
{
	const struct engine_host *host = &engine->world.hosts[row];
	const char *name = engine->world.setup->plan->hosts[row].name;
	struct dmp_host_view view;

	correlate_fill(engine, host);
	view = dmp_correlate_host_summary(engine->world.host_ports, host->n_ports);
	view.excluded = correlate_is_excluded(engine, row);
	view.down = host->watch.down;
	view.waiting = correlate_host_waits(engine, row);
	view.announced = engine_is_raised(engine, name, DMP_EVENT_HOST_DOWN);
	view.suppressed = host->voice == DMP_VOICE_SUPPRESSED;
	view.group = host->group;
	return view;
}

static void
correlate_take_view(struct dmp_engine *engine, struct engine_host *host,
    const struct dmp_host_view *view)
{
	host->voice = view->voice;
	host->speaks_for = view->speaks_for;
	if (view->reconfirm) {
		correlate_reconfirm(engine, host, DMP_PACE_NORMAL);
		engine_doubt_host(engine, (size_t)(host - engine->world.hosts));
	}
	for (size_t i = 0; view->recheck && i < host->n_ports; i++)
		correlate_recheck(&engine->world.ports[host->first_port + i], true);
}

/* Nothing else is raised while we are cut off; afterwards nothing that was known
 * before counts without being confirmed. */
static void
correlate_site_changed(struct dmp_engine *engine, enum dmp_site_change change)
{
	struct engine_world *world = &engine->world;

	if (change == DMP_SITE_SAME)
		return;
	for (size_t i = 0; i < world->setup->plan->n_hosts; i++) {
		if (change == DMP_SITE_RESTORED)
			correlate_reconfirm(engine, &world->hosts[i], DMP_PACE_FAST);
		correlate_host(engine, i);
	}
}

static void
correlate_announce_vantage(struct dmp_engine *engine)
{
	bool raised = engine_is_raised(engine, "site", DMP_EVENT_VANTAGE_ISOLATED);

	/* What could not be said is tried again by the next judgement. */
	if (raised != engine->site.isolated &&
	    engine_notify_vantage(engine, engine->site.isolated) != DMP_OK)
		engine_doubt_site(engine);
}

static void
correlate_site(struct dmp_engine *engine)
{
	struct engine_world *world = &engine->world;
	struct dmp_site_view view = {
	    .hosts = world->host_views,
	    .n_hosts = world->setup->plan->n_hosts,
	    .groups = world->group_views,
	    .n_groups = world->setup->plan->site->n_groups,
	};
	enum dmp_site_change change;

	engine->site_judged_ms = dmp_clock_mono_ms(engine->config.clock);
	engine_reference_view(engine, &view);
	for (size_t i = 0; i < view.n_hosts; i++)
		view.hosts[i] = correlate_view(engine, i);
	change = dmp_correlate_site(&engine->site, &view, engine->site_judged_ms);
	engine->site_ms =
	    view.wake_ms < DMP_HOLD_NEVER ? view.wake_ms : DMP_ENGINE_NEVER;
	engine->site_is_busy = engine->site.isolated || engine->site.until_ms != 0;
	for (size_t i = 0; i < view.n_hosts; i++) {
		correlate_take_view(engine, &world->hosts[i], &view.hosts[i]);
		if (view.hosts[i].voice != DMP_VOICE_SPEAKS)
			engine->site_is_busy = true;
		world->hosts[i].speaks = true;
	}
	correlate_announce_vantage(engine);
	correlate_site_changed(engine, change);
	if (view.reference_recheck)
		engine_reference_ask(engine, engine->site.ask_ms);
}

/* --- the turn --- */

/* Those that are due, and when the next one is. */
static void
correlate_hosts(struct dmp_engine *engine, int64_t now_ms)
{
	size_t n = engine->world.setup->plan->n_hosts;

	engine->hosts_ms = DMP_ENGINE_NEVER;
	for (size_t i = 0; i < n; i++) {
		struct engine_host *host = &engine->world.hosts[i];

		if (host->judge_ms <= now_ms) {
			correlate_host(engine, i);
			if (correlate_host_waits(engine, i) || engine->site_is_busy)
				engine_doubt_site(engine);
			/* Not before it is known whose silence it is. */
			if (correlate_host_waits(engine, i) &&
			    host->voice == DMP_VOICE_SPEAKS)
				host->voice = DMP_VOICE_HELD;
		}
		if (host->judge_ms < engine->hosts_ms)
			engine->hosts_ms = host->judge_ms;
	}
}

int64_t
engine_correlate_due_ms(const struct dmp_engine *engine)
{
	return engine->hosts_ms < engine->site_ms ? engine->hosts_ms : engine->site_ms;
}

void
engine_correlate(struct dmp_engine *engine, int64_t now_ms)
{
	if (engine_correlate_due_ms(engine) > now_ms)
		return;
	correlate_hosts(engine, now_ms);
	if (engine->site_ms <= now_ms)
		correlate_site(engine);
	for (size_t i = 0; i < engine->world.setup->plan->n_hosts; i++) {
		struct engine_host *host = &engine->world.hosts[i];

		if (!host->speaks)
			continue;
		host->speaks = false;
		engine_announce_host(engine, i);
	}
	engine_publish_system(engine);
}
