/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.c - dmports plan: what is needed here and why; with --all the whole matrix of
 * sources and hosts, also what is not needed and why not. */
#include <stdlib.h>
#include <string.h>

#include "base/port.h"
#include "cli/cli.h"
#include "model/matrix.h"

#define PLAN_COLUMNS_FROM(heading)                                                     \
	{                                                                              \
		{"key", NULL, DMP_COLUMN_TEXT}, {"from", heading, DMP_COLUMN_TEXT},    \
		    {"host", "HOST", DMP_COLUMN_TEXT},                                 \
		    {"address", NULL, DMP_COLUMN_TEXT},                                \
		    {"requirement", "REQUIREMENT", DMP_COLUMN_TEXT},                   \
		    {"service", NULL, DMP_COLUMN_TEXT},                                \
		    {NULL, "PORT", DMP_COLUMN_TEXT},                                   \
		    {"transport", NULL, DMP_COLUMN_TEXT},                              \
		    {"port", NULL, DMP_COLUMN_NUMBER},                                 \
		    {"level", "LEVEL", DMP_COLUMN_TEXT},                               \
		    {"applies", "APPLIES", DMP_COLUMN_TEXT},                           \
		    {"why", "WHY", DMP_COLUMN_TEXT},                                   \
	}

/* From a vantage "from" is the same on every line. */
static const struct dmp_column plan_columns[] = PLAN_COLUMNS_FROM(NULL);
static const struct dmp_column plan_matrix_columns[] = PLAN_COLUMNS_FROM("FROM");

enum {
	PLAN_COLUMNS = sizeof(plan_columns) / sizeof(plan_columns[0]),
	PLAN_FROM_TEXT = DMP_ROLES_TEXT + 16
};

/* One line: a port, or the absence of one. */
struct plan_line {
	const char *from;
	const char *key;
	const struct dmp_plan_host *host; /* NULL = on no host */
	const struct dmp_plan_requirement *requirement;
	const char *service;
	enum dmp_transport transport;
	uint16_t port;
	enum dmp_level level;
	enum dmp_applies applies;
	const char *why;
};

static enum dmp_status
plan_write_line(struct dmp_writer *writer, const struct plan_line *line)
{
	static const enum dmp_colour colours[] = {
	    [DMP_APPLIES_YES] = DMP_COLOUR_GREEN,
	    [DMP_APPLIES_NO] = DMP_COLOUR_DIM,
	    [DMP_APPLIES_ASSUMED] = DMP_COLOUR_YELLOW,
	};
	const char *transport =
	    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)line->transport);
	char port[DMP_PORT_TEXT];

	dmp_port_text(line->transport, line->port, port);
	const struct dmp_cell cells[PLAN_COLUMNS] = {
	    {.text = line->key},
	    {.text = line->from},
	    {.text = line->host ? line->host->name : ""},
	    {.text = line->host && line->host->n_addresses > 0
	                 ? line->host->addresses[0]
	                 : ""},
	    {.text = line->requirement->key},
	    {.text = line->service},
	    {.text = port},
	    {.text = transport},
	    {.number = line->port, .present = true},
	    {.text = dmp_vocab_text(DMP_VOCAB_LEVEL, (int)line->level)},
	    {.text = dmp_vocab_text(DMP_VOCAB_APPLIES, (int)line->applies),
	        .colour = colours[line->applies]},
	    {.text = line->why},
	};
	return dmp_writer_row(writer, cells);
}

static enum dmp_status
plan_write_port(struct dmp_writer *writer, const struct dmp_plan *plan, size_t i)
{
	const struct dmp_plan_port *port = &plan->ports[i];
	struct plan_line line = {
	    .from = plan->vantage,
	    .key = port->key,
	    .host = &plan->hosts[port->host],
	    .requirement = &plan->requirements[port->requirement],
	    .service = port->service,
	    .transport = port->transport,
	    .port = port->number,
	    .level = port->level,
	    .applies = port->applies,
	    .why = port->why,
	};

	return plan_write_line(writer, &line);
}

/* ---- the matrix ---- */

/* What is written: only is a host, or n_hosts for all. */
struct plan_matrix {
	struct dmp_writer *writer;
	const struct dmp_plan *plan;
	const struct dmp_matrix *matrix;
	size_t only;
	bool *is_named; /* per requirement: a line is about it */
};

static void
plan_from_text(
    const struct plan_matrix *m, const struct dmp_flow *flow, char text[PLAN_FROM_TEXT])
{
	char roles[DMP_ROLES_TEXT];

	if (flow->from != DMP_FLOW_OUTSIDE) {
		dmp_text_copy(text, PLAN_FROM_TEXT, m->plan->hosts[flow->from].name);
		return;
	}
	dmp_roles_text(flow->from_roles, roles);
	dmp_text_format(text, PLAN_FROM_TEXT, "outside (%s)",
	    roles[0] != '\0' ? roles : "any machine");
}

static bool
plan_flows_share_key(const struct dmp_flow *a, const struct dmp_flow *b)
{
	return a->from == b->from && a->to == b->to && a->requirement == b->requirement;
}

/* As in a plan: the number is in the key where there are several. */
static void
plan_flow_key(const struct plan_matrix *m, size_t i, char key[DMP_KEY_TEXT])
{
	const struct dmp_flow *flow = &m->matrix->flows[i];
	bool several =
	    (i > 0 && plan_flows_share_key(flow, flow - 1)) ||
	    (i + 1 < m->matrix->n_flows && plan_flows_share_key(flow, flow + 1));
	char number[8] = "";

	if (several)
		dmp_text_format(number, sizeof(number), "@%u", (unsigned)flow->number);
	dmp_text_format(key, DMP_KEY_TEXT, "%s/%s%s", m->plan->hosts[flow->to].name,
	    m->plan->requirements[flow->requirement].key, number);
}

static enum dmp_status
plan_write_flow(const struct plan_matrix *m, size_t i)
{
	const struct dmp_flow *flow = &m->matrix->flows[i];
	char from[PLAN_FROM_TEXT];
	char key[DMP_KEY_TEXT];
	struct plan_line line = {
	    .from = from,
	    .key = key,
	    .host = &m->plan->hosts[flow->to],
	    .requirement = &m->plan->requirements[flow->requirement],
	    .service = m->plan->requirements[flow->requirement].protocol,
	    .transport = flow->transport,
	    .port = flow->number,
	    .level = flow->level,
	    .applies = flow->applies,
	    .why = flow->why,
	};

	m->is_named[flow->requirement] = true;
	if (m->only != m->plan->n_hosts && flow->to != m->only)
		return DMP_OK;
	plan_from_text(m, flow, from);
	plan_flow_key(m, i, key);
	return plan_write_line(m->writer, &line);
}

/* A requirement that no pair of hosts has anything to do with. */
static enum dmp_status
plan_write_unused(const struct plan_matrix *m, size_t i)
{
	const struct dmp_plan_requirement *requirement = &m->plan->requirements[i];
	struct plan_line line = {
	    .from = "",
	    .key = requirement->key,
	    .requirement = requirement,
	    .service = requirement->protocol,
	    .transport = requirement->transport,
	    .port = requirement->port,
	    .level = requirement->level,
	    .applies = DMP_APPLIES_NO,
	    .why = requirement->applies == DMP_APPLIES_NO
	               ? requirement->why
	               : "does not apply: no other host of the site uses it",
	};

	return plan_write_line(m->writer, &line);
}

static enum dmp_status
plan_write_flows(const struct plan_matrix *m)
{
	enum dmp_status status = DMP_OK;

	for (size_t i = 0; status == DMP_OK && i < m->matrix->n_flows; i++)
		status = plan_write_flow(m, i);
	for (size_t i = 0; status == DMP_OK && i < m->plan->n_requirements; i++) {
		if (!m->is_named[i])
			status = plan_write_unused(m, i);
	}
	return status;
}

static enum dmp_status
plan_write_matrix(struct dmp_cli *cli, const struct dmp_plan *plan, size_t only)
{
	struct dmp_matrix *matrix = NULL;
	struct plan_matrix m = {.plan = plan, .only = only};
	enum dmp_status status = dmp_matrix_build(plan, &matrix);

	m.matrix = matrix;
	m.is_named = calloc(plan->n_requirements + 1, sizeof(*m.is_named));
	if (!m.is_named)
		status = DMP_ENOMEM;
	if (status == DMP_OK)
		status =
		    dmp_cli_writer(cli, plan_matrix_columns, PLAN_COLUMNS, &m.writer);
	if (status == DMP_OK)
		status = plan_write_flows(&m);
	status = dmp_writer_end(m.writer, status);
	free(m.is_named);
	dmp_matrix_free(matrix);
	return status;
}

/* ---- the vantage ---- */

/* only: a host, or n_hosts for all. */
static enum dmp_status
plan_write(struct dmp_cli *cli, const struct dmp_plan *plan, size_t only)
{
	struct dmp_writer *writer = NULL;
	enum dmp_status status =
	    dmp_cli_writer(cli, plan_columns, PLAN_COLUMNS, &writer);

	for (size_t i = 0; status == DMP_OK && i < plan->n_ports; i++) {
		if (only == plan->n_hosts || plan->ports[i].host == only)
			status = plan_write_port(writer, plan, i);
	}
	return dmp_writer_end(writer, status);
}

int
dmp_cli_plan_command(struct dmp_cli *cli)
{
	struct dmp_plan *plan = NULL;
	int code = dmp_cli_plan(cli, &plan);
	enum dmp_status status;
	size_t only;

	if (code != DMP_EXIT_FINE)
		return code;
	if (!dmp_cli_find_host(cli, plan, &only)) {
		dmp_plan_free(plan);
		return DMP_EXIT_USAGE;
	}
	if (cli->options.value[DMP_OPT_ALL])
		status = plan_write_matrix(cli, plan, only);
	else
		status = plan_write(cli, plan, only);
	if (status == DMP_ETOOBIG)
		dmp_cli_error(cli,
		    "the matrix of %zu hosts has more than %d rows; \"dmports firewall "
		    "--host HOST --outbound\" has those of one host",
		    plan->n_hosts, DMP_FLOWS_MAX);
	dmp_plan_free(plan);
	return status == DMP_ETOOBIG ? DMP_EXIT_FAILED : dmp_cli_printed(cli, status);
}
