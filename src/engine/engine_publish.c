/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_publish.c - sums, and the way to the board.
 *
 * A row whose change is an event is published when the event is released (committed, or
 * sent from memory because the disk fails): nobody sees a state before its event.
 */
#include <string.h>

#include "engine/engine_internal.h"

/* Does this row prove that its host is alive? */
static bool
publish_host_answers(const struct dmp_board_port_live *live)
{
	return live->state == DMP_STATE_UP || live->state == DMP_STATE_DEGRADED ||
	       live->state == DMP_STATE_EXPOSED || live->reason == DMP_REASON_REFUSED;
}

static void
publish_count_host(struct engine_port *port, uint32_t delta, int rank)
{
	struct engine_host *host = &port->engine->world.hosts[port->plan->host];

	host->ranks[rank] += delta;
	if (publish_host_answers(port->live))
		host->answering += delta;
	if (port->plan->level == DMP_LEVEL_REQUIRED &&
	    port->live->admin == DMP_ADMIN_ENABLED &&
	    port->live->state == DMP_STATE_DOWN)
		host->live.required_down += delta;
}

/* Add a row to the sums, or take it out before it changes (delta 1, -1). */
void
engine_count(struct engine_port *port, int delta)
{
	struct dmp_engine *engine = port->engine;
	struct engine_tally *tally = &engine->world.tally;
	const struct dmp_board_port_live *live = port->live;
	bool required = port->plan->level == DMP_LEVEL_REQUIRED;
	bool enabled = live->admin == DMP_ADMIN_ENABLED;
	uint32_t d = (uint32_t)delta; /* wraps: adding UINT32_MAX subtracts one */
	int rank = dmp_severity_rank((enum dmp_severity)live->severity);

	if (port->counted == (delta > 0))
		return;
	port->counted = delta > 0;
	tally->states[live->state] += d;
	tally->ranks[rank] += d;
	if (live->admin == DMP_ADMIN_MAINTENANCE)
		tally->maintenance += d;
	if (required)
		tally->required += d;
	if (required && live->state == DMP_STATE_UP)
		tally->required_up += d;
	if (required && enabled && live->state == DMP_STATE_DOWN)
		tally->required_down += d;
	if (live->state == DMP_STATE_DOWN)
		engine->world.requirement_down[port->plan->requirement] += d;
	publish_count_host(port, d, rank);
}

static uint8_t
publish_host_state(const struct engine_host *host)
{
	if (host->live.admin == DMP_ADMIN_DISABLED)
		return DMP_STATE_NOT_APPLICABLE;
	if (host->watch.down)
		return DMP_STATE_DOWN;
	return host->answering > 0 ? DMP_STATE_UP : DMP_STATE_UNKNOWN;
}

static void
publish_host_detail(struct engine_host *host)
{
	if (host->watch.down)
		dmp_text_format(host->live.detail, sizeof host->live.detail,
		    "%s; call %s", dmp_reason_sentence(host->reason),
		    dmp_reason_owner(host->reason));
	else
		dmp_text_format(host->live.detail, sizeof host->live.detail,
		    "a sign of life from %u of its ports; %u required ones are down",
		    host->answering, host->live.required_down);
}

void
engine_publish_host(struct dmp_engine *engine, size_t row)
{
	static const uint8_t SEVERITY_OF_RANK[] = {DMP_SEVERITY_CLEARED,
	    DMP_SEVERITY_WARNING, DMP_SEVERITY_MINOR, DMP_SEVERITY_MAJOR,
	    DMP_SEVERITY_CRITICAL};
	struct engine_host *host = &engine->world.hosts[row];
	uint8_t state = publish_host_state(host);
	bool is_down = state == DMP_STATE_DOWN && host->live.admin == DMP_ADMIN_ENABLED;
	int rank = 4;

	if (host->pending_event != 0)
		return;
	while (rank > 0 && host->ranks[rank] == 0)
		rank--;
	if (state != host->live.state)
		host->live.change_ms = dmp_clock_mono_ms(engine->config.clock);
	if (is_down != host->is_counted)
		engine->world.tally.down_hosts += is_down ? 1 : UINT32_MAX;
	host->is_counted = is_down;
	host->live.state = state;
	host->live.severity = SEVERITY_OF_RANK[rank];
	publish_host_detail(host);
	dmp_board_write(
	    engine->world.board, DMP_BOARD_HOST, host->board_row, &host->live);
}

/* Ends the work on an open row. */
void
engine_publish_port(struct engine_port *port)
{
	struct dmp_engine *engine = port->engine;
	struct engine_host *host = &engine->world.hosts[port->plan->host];
	struct dmp_board_requirement_live requirement = {
	    engine->world.requirement_down[port->plan->requirement]};

	if (port->pending_event != 0)
		return;
	if (port->live->address[0])
		dmp_text_copy(
		    host->live.address, sizeof host->live.address, port->live->address);
	engine_close_row(port);
	dmp_board_write(engine->world.board, DMP_BOARD_REQUIREMENT,
	    (uint32_t)port->plan->requirement, &requirement);
	engine_publish_host(engine, port->plan->host);
}

/* The whole at a glance, as monitoring plugins number it. */
static uint32_t
publish_status(const struct dmp_engine *engine)
{
	const struct engine_tally *tally = &engine->world.tally;

	if (tally->required_down > 0 || tally->down_hosts > 0 || engine->site.isolated)
		return 2;
	if (tally->ranks[1] + tally->ranks[2] + tally->ranks[3] + tally->ranks[4] > 0 ||
	    engine->system.config_status == DMP_CONFIG_REJECTED ||
	    engine->progress.failing)
		return 1;
	return 0;
}

void
engine_publish_system(struct dmp_engine *engine)
{
	const struct engine_tally *tally = &engine->world.tally;
	struct dmp_board_system_live *system = &engine->system;
	uint32_t rank = 4;

	while (rank > 0 && tally->ranks[rank] == 0)
		rank--;
	if (engine->site.isolated)
		rank = 4;
	system->status = publish_status(engine);
	system->required_ports = tally->required;
	system->required_up = tally->required_up;
	system->required_down = tally->required_down;
	system->degraded = tally->states[DMP_STATE_DEGRADED];
	system->exposed = tally->states[DMP_STATE_EXPOSED];
	system->unknown = tally->states[DMP_STATE_UNKNOWN];
	system->unverified = tally->states[DMP_STATE_UNVERIFIED];
	system->maintenance = tally->maintenance;
	system->down_hosts = tally->down_hosts;
	system->worst_rank = rank;
	system->last_event = engine->progress.released;
	system->oldest_event = engine->progress.oldest;
	system->log_failing = engine->progress.failing;
	if (engine->world.n_waiting == 0 && engine->world.n_hosts_waiting == 0)
		dmp_board_write(engine->world.board, DMP_BOARD_SYSTEM, 0, system);
}

/* Publish the rows whose events are released now; they wait in the order of events, but
 * a row can have got a further event meanwhile. */
static void
publish_released(struct dmp_engine *engine)
{
	size_t kept = 0;

	for (size_t i = 0; i < engine->world.n_waiting; i++) {
		struct engine_port *port =
		    &engine->world.ports[engine->world.waiting[i]];

		if (port->pending_event > engine->progress.released) {
			engine->world.waiting[kept++] = port->row;
			continue;
		}
		port->pending_event = 0;
		engine_publish_port(port);
	}
	engine->world.n_waiting = kept;
}

static void
publish_released_hosts(struct dmp_engine *engine)
{
	struct engine_world *world = &engine->world;

	for (size_t i = 0;
	     world->n_hosts_waiting > 0 && i < world->setup->plan->n_hosts; i++) {
		struct engine_host *host = &world->hosts[i];

		if (host->pending_event == 0 ||
		    host->pending_event > engine->progress.released)
			continue;
		host->pending_event = 0;
		world->n_hosts_waiting--;
		engine_publish_host(engine, i);
	}
}

void
dmp_engine_collect(struct dmp_engine *engine)
{
	dmp_eventlog_collect(engine->config.log, &engine->progress);
	engine_measure_collect(engine);
	publish_released(engine);
	publish_released_hosts(engine);
	engine_publish_system(engine);
	if (engine->config.released)
		engine->config.released(&engine->progress, engine->config.arg);
}

void
engine_on_log(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	dmp_engine_collect(arg);
}
