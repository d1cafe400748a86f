/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_board.c - a new board from a plan: the halves that never change, and the rows
 * in the order of their indices. */
#include <stdlib.h>
#include <string.h>

#include "base/event_kind.h"
#include "engine/engine_internal.h"

/* A plan row and its index, to sort by. */
struct board_order {
	uint32_t index;
	uint32_t row;
};

static int
board_compare(const void *a, const void *b)
{
	const struct board_order *x = a;
	const struct board_order *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Rows in ascending index; the caller frees. */
static struct board_order *
board_sort(const uint32_t *indices, size_t n)
{
	struct board_order *order = calloc(n + 1, sizeof *order);

	if (!order)
		return NULL;
	for (size_t i = 0; i < n; i++)
		order[i] = (struct board_order){indices[i], (uint32_t)i};
	qsort(order, n, sizeof *order, board_compare);
	return order;
}

static void
board_fill_system(struct dmp_engine *engine, const struct dmp_plan *plan,
    struct dmp_board_system *system)
{
	const struct dmp_site *site = plan->site;

	dmp_text_copy(
	    system->software_version, sizeof system->software_version, DMP_VERSION);
	dmp_text_copy(system->site_name, sizeof system->site_name, plan->site_name);
	dmp_text_copy(system->dataminer, sizeof system->dataminer, plan->dataminer);
	dmp_text_copy(system->vantage, sizeof system->vantage, plan->vantage);
	dmp_text_copy(system->catalogue_revision, sizeof system->catalogue_revision,
	    plan->catalogue_revision);
	dmp_text_format(system->source, sizeof system->source, "%.31s/%.31s",
	    plan->site_name, plan->vantage);
	system->start_wall_ms = engine->start_wall_ms;
	system->epoch = engine->config.epoch;
	system->heartbeat_ms = site->heartbeat_ms;
	system->reminder_ms = site->reminder_ms;
	system->writable = site->writable;
	if (site->agentx)
		dmp_text_copy(system->agentx, sizeof system->agentx, site->agentx);
	if (site->context)
		dmp_text_copy(system->context, sizeof system->context, site->context);
	system->root_oid_len = (uint32_t)site->root_oid_len;
	memcpy(system->root_oid, site->root_oid, sizeof system->root_oid);
}

static void
board_fill_requirements(struct dmp_board *board, const struct dmp_plan *plan)
{
	for (size_t i = 0; i < plan->n_requirements; i++) {
		const struct dmp_plan_requirement *from = &plan->requirements[i];
		struct dmp_board_requirement *to =
		    dmp_board_plan_row(board, DMP_BOARD_REQUIREMENT, (uint32_t)i);

		to->index = from->number;
		to->from = from->from;
		to->to = from->to;
		to->number = from->port;
		to->transport = (uint8_t)from->transport;
		to->level = (uint8_t)from->level;
		to->applies = (uint8_t)from->applies;
		to->opened = (uint8_t)from->opened;
		to->planned = from->planned;
		dmp_text_copy(to->key, sizeof to->key, from->key);
		dmp_text_copy(to->title, sizeof to->title, from->title);
		dmp_text_copy(to->protocol, sizeof to->protocol, from->protocol);
		dmp_text_copy(to->why, sizeof to->why, from->why);
		dmp_text_copy(to->since, sizeof to->since, from->since);
		dmp_text_copy(to->until, sizeof to->until, from->until);
		dmp_text_copy(to->reference, sizeof to->reference, from->reference);
	}
}

static enum dmp_status
board_fill_hosts(struct engine_world *world)
{
	const struct dmp_engine_setup *setup = world->setup;
	const struct dmp_plan *plan = setup->plan;
	struct board_order *order = board_sort(setup->host_indices, plan->n_hosts);

	if (!order)
		return DMP_ENOMEM;
	for (size_t i = 0; i < plan->n_hosts; i++) {
		const struct dmp_plan_host *from = &plan->hosts[order[i].row];
		struct dmp_board_host *to =
		    dmp_board_plan_row(world->board, DMP_BOARD_HOST, (uint32_t)i);

		to->index = order[i].index;
		dmp_text_copy(to->name, sizeof to->name, from->name);
		dmp_roles_text(from->roles, to->roles);
		world->hosts[order[i].row].board_row = (uint32_t)i;
	}
	free(order);
	return DMP_OK;
}

static void
board_fill_port(const struct dmp_engine_setup *setup, uint32_t row, uint32_t host_row,
    struct dmp_board_port *to)
{
	const struct dmp_plan *plan = setup->plan;
	const struct dmp_plan_port *from = &plan->ports[row];

	to->index = setup->port_indices[row];
	to->host_index = setup->host_indices[from->host];
	to->requirement_index = plan->requirements[from->requirement].number;
	to->host_row = host_row;
	to->requirement_row = (uint32_t)from->requirement;
	to->number = from->number;
	to->transport = (uint8_t)from->transport;
	to->level = (uint8_t)from->level;
	dmp_text_copy(to->key, sizeof to->key, from->key);
	dmp_text_copy(
	    to->host_name, sizeof to->host_name, plan->hosts[from->host].name);
	dmp_text_copy(to->service, sizeof to->service, from->service);
	dmp_text_copy(to->why, sizeof to->why, from->why);
}

static enum dmp_status
board_fill_ports(struct engine_world *world)
{
	const struct dmp_engine_setup *setup = world->setup;
	const struct dmp_plan *plan = setup->plan;
	struct board_order *order = board_sort(setup->port_indices, plan->n_ports);

	if (!order)
		return DMP_ENOMEM;
	for (size_t i = 0; i < plan->n_ports; i++) {
		uint32_t row = order[i].row;
		uint32_t host_row = world->hosts[plan->ports[row].host].board_row;
		struct dmp_board_host *host =
		    dmp_board_plan_row(world->board, DMP_BOARD_HOST, host_row);

		host->required_ports += plan->ports[row].level == DMP_LEVEL_REQUIRED;
		board_fill_port(setup, row, host_row,
		    dmp_board_plan_row(world->board, DMP_BOARD_PORT, (uint32_t)i));
		world->ports[row].board_row = (uint32_t)i;
		world->by_index[i] = row;
	}
	free(order);
	return DMP_OK;
}

/* A text of the site file, "" for one that is not there. */
static void
board_copy_text(char *field, size_t size, const char *text)
{
	dmp_text_copy(field, size, text ? text : "");
}

static void
board_fill_receiver(struct dmp_board_receiver *to, const struct dmp_site *site,
    const struct dmp_site_receiver *from)
{
	to->kind = (uint8_t)from->type;
	to->version = (uint8_t)from->version;
	to->filtered = from->min_severity != 0 || from->kinds;
	to->min_rank = (uint8_t)dmp_severity_rank(from->min_severity);
	to->kinds = (uint8_t)dmp_event_kinds(from->kinds ? from->kinds : "");
	to->agent_address = site->agent_address;
	to->port = from->port;
	dmp_text_copy(to->name, sizeof to->name, from->name);
	board_copy_text(to->address, sizeof to->address, from->address);
	dmp_address_text(&site->notify_source, to->source);
	board_copy_text(
	    to->community_file, sizeof to->community_file, from->community_file);
	board_copy_text(to->user, sizeof to->user, from->user);
	board_copy_text(to->auth, sizeof to->auth, from->auth);
	board_copy_text(to->auth_file, sizeof to->auth_file, from->auth_file);
	board_copy_text(to->priv, sizeof to->priv, from->priv);
	board_copy_text(to->priv_file, sizeof to->priv_file, from->priv_file);
	board_copy_text(to->engine_id, sizeof to->engine_id, from->engine_id);
}

static enum dmp_status
board_fill_receivers(struct dmp_board *board, const struct dmp_engine_setup *setup)
{
	static const struct dmp_site_receiver BUILT_IN = {
	    .name = "agentx", .type = DMP_RECEIVER_AGENTX, .version = 2};
	const struct dmp_site *site = setup->plan->site;
	size_t n = site->n_receivers > 0 ? site->n_receivers : 1;
	struct board_order *order = board_sort(setup->receiver_indices, n);

	if (!order)
		return DMP_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct dmp_site_receiver *from = &BUILT_IN;
		struct dmp_board_receiver *to =
		    dmp_board_plan_row(board, DMP_BOARD_RECEIVER, (uint32_t)i);

		if (site->n_receivers > 0)
			from = &site->receivers[order[i].row];
		to->index = order[i].index;
		board_fill_receiver(to, site, from);
	}
	free(order);
	return DMP_OK;
}

enum dmp_status
engine_make_board(struct dmp_engine *engine, struct engine_world *world)
{
	const struct dmp_engine_setup *setup = world->setup;
	const struct dmp_plan *plan = setup->plan;
	const struct dmp_site *site = plan->site;
	const uint32_t n[DMP_BOARD_SECTIONS] = {
	    [DMP_BOARD_SYSTEM] = 1,
	    [DMP_BOARD_REQUIREMENT] = (uint32_t)plan->n_requirements,
	    [DMP_BOARD_HOST] = (uint32_t)plan->n_hosts,
	    [DMP_BOARD_PORT] = (uint32_t)plan->n_ports,
	    [DMP_BOARD_RECEIVER] =
	        (uint32_t)(site->n_receivers > 0 ? site->n_receivers : 1),
	};
	enum dmp_status status =
	    dmp_board_create(engine->config.run_dir, n, &world->board);

	if (status != DMP_OK)
		return status;
	board_fill_system(
	    engine, plan, dmp_board_plan_row(world->board, DMP_BOARD_SYSTEM, 0));
	board_fill_requirements(world->board, plan);
	status = board_fill_hosts(world);
	if (status == DMP_OK)
		status = board_fill_ports(world);
	if (status == DMP_OK)
		status = board_fill_receivers(world->board, setup);
	return status;
}
