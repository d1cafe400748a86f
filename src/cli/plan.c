/* SPDX-License-Identifier: BSD-2-Clause */
/* plan.c - dmports plan: what is needed here and why, and what is not and why not. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const struct dmp_column plan_columns[] = {
    {"key", NULL, DMP_COLUMN_TEXT},
    {"from", NULL, DMP_COLUMN_TEXT},
    {"host", "HOST", DMP_COLUMN_TEXT},
    {"address", NULL, DMP_COLUMN_TEXT},
    {"requirement", "REQUIREMENT", DMP_COLUMN_TEXT},
    {"service", NULL, DMP_COLUMN_TEXT},
    {NULL, "PORT", DMP_COLUMN_TEXT},
    {"transport", NULL, DMP_COLUMN_TEXT},
    {"port", NULL, DMP_COLUMN_NUMBER},
    {"level", "LEVEL", DMP_COLUMN_TEXT},
    {"applies", "APPLIES", DMP_COLUMN_TEXT},
    {"why", "WHY", DMP_COLUMN_TEXT},
};

enum { PLAN_COLUMNS = sizeof(plan_columns) / sizeof(plan_columns[0]) };

/* One line of the matrix: a port, or the absence of one. */
struct plan_line {
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
plan_write_line(
    struct dmp_writer *writer, const char *from, const struct plan_line *line)
{
	static const enum dmp_colour colours[] = {
	    [DMP_APPLIES_YES] = DMP_COLOUR_GREEN,
	    [DMP_APPLIES_NO] = DMP_COLOUR_DIM,
	    [DMP_APPLIES_ASSUMED] = DMP_COLOUR_YELLOW,
	};
	const char *transport =
	    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)line->transport);
	char port[16];

	dmp_text_format(port, sizeof(port), "%u/%s", line->port, transport);
	const struct dmp_cell cells[PLAN_COLUMNS] = {
	    {.text = line->key},
	    {.text = from},
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

	return plan_write_line(writer, plan->vantage, &line);
}

/* host NULL: the requirement gives no port anywhere. */
static enum dmp_status
plan_write_absence(struct dmp_writer *writer, const struct dmp_plan *plan,
    const struct dmp_plan_host *host, const struct dmp_plan_requirement *requirement,
    const char *why)
{
	char key[DMP_KEY_TEXT];
	struct plan_line line = {
	    .key = key,
	    .host = host,
	    .requirement = requirement,
	    .service = requirement->protocol,
	    .transport = requirement->transport,
	    .port = requirement->port,
	    .level = requirement->level,
	    .applies = DMP_APPLIES_NO,
	    .why = why,
	};

	if (host)
		dmp_text_format(
		    key, sizeof(key), "%s/%s", host->name, requirement->key);
	else
		dmp_text_copy(key, sizeof(key), requirement->key);
	return plan_write_line(writer, plan->vantage, &line);
}

/* The absences of a host, and (host NULL) requirements that none of them names. */
static enum dmp_status
plan_write_absences(
    struct dmp_writer *writer, const struct dmp_plan *plan, size_t only, bool *is_named)
{
	enum dmp_status status = DMP_OK;

	for (size_t i = 0; status == DMP_OK && i < plan->n_absences; i++) {
		const struct dmp_plan_absence *absence = &plan->absences[i];

		is_named[absence->requirement] = true;
		if (only == plan->n_hosts || absence->host == only)
			status = plan_write_absence(writer, plan,
			    &plan->hosts[absence->host],
			    &plan->requirements[absence->requirement], absence->why);
	}
	for (size_t i = 0; status == DMP_OK && i < plan->n_requirements; i++) {
		const struct dmp_plan_requirement *requirement = &plan->requirements[i];

		if (requirement->applies == DMP_APPLIES_NO && !is_named[i])
			status = plan_write_absence(
			    writer, plan, NULL, requirement, requirement->why);
	}
	return status;
}

/* only: a host, or n_hosts for all. */
static enum dmp_status
plan_write(struct dmp_cli *cli, const struct dmp_plan *plan, size_t only)
{
	bool *is_named = calloc(plan->n_requirements + 1, sizeof(*is_named));
	struct dmp_writer *writer = NULL;
	enum dmp_status status = is_named ? DMP_OK : DMP_ENOMEM;
	enum dmp_status end;

	if (status == DMP_OK)
		status = dmp_cli_writer(cli, plan_columns, PLAN_COLUMNS, &writer);
	for (size_t i = 0; status == DMP_OK && i < plan->n_ports; i++) {
		if (only == plan->n_hosts || plan->ports[i].host == only)
			status = plan_write_port(writer, plan, i);
	}
	if (status == DMP_OK && cli->options.value[DMP_OPT_ALL])
		status = plan_write_absences(writer, plan, only, is_named);
	end = dmp_writer_end(writer);
	free(is_named);
	return status == DMP_OK ? end : status;
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
	status = plan_write(cli, plan, only);
	if (status != DMP_OK && status != DMP_EIO) {
		dmp_cli_error(cli, "cannot print: %s", dmp_status_text(status));
		code = DMP_EXIT_FAILED;
	}
	dmp_plan_free(plan);
	return code;
}
