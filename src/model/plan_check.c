/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/plan_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_LINE_TEXT = 512 };

void
dmp_plan_error(struct dmp_plan_build *b, const struct dmp_site_place *place,
    const char *format, ...)
{
	char text[CHECK_LINE_TEXT];
	va_list args;

	b->n_errors++;
	va_start(args, format);
	if (vsnprintf(text, sizeof text, format, args) < 0)
		text[0] = '\0';
	va_end(args);
	if (!b->errors)
		return;
	/* A site made of command line words has no files. */
	if (place->file)
		dmp_text_printf(b->errors, "%s:%u: ", place->file, place->line);
	dmp_text_printf(b->errors, "%s\n", text);
}

static const struct dmp_entry *
check_entry(const struct dmp_plan_build *b, const char *key)
{
	for (size_t i = 0; i < b->plan->n_requirements; i++) {
		if (strcmp(b->plan->entries[i].key, key) == 0)
			return &b->plan->entries[i];
	}
	return NULL;
}

static void
check_overrides(struct dmp_plan_build *b, const struct dmp_site_host *host)
{
	for (size_t i = 0; i < host->n_ports; i++) {
		const struct dmp_site_port *port = &host->ports[i];
		const struct dmp_entry *entry = check_entry(b, port->requirement);

		if (!entry)
			dmp_plan_error(b, &port->place,
			    "port: requirement, got \"%s\", expected a key of the "
			    "catalogue or of a requirement of this site",
			    port->requirement);
		else if (entry->port == 0 && port->port == 0 &&
		         entry->transport != DMP_TRANSPORT_NONE &&
		         port->level != DMP_LEVEL_NONE)
			dmp_plan_error(b, &port->place,
			    "port: port is missing, got \"\", expected a number: %s "
			    "has "
			    "none of its own",
			    port->requirement);
	}
}

/* Among themselves they were checked when the site was loaded. */
static void
check_requirements(struct dmp_plan_build *b, const struct dmp_catalogue *catalogue)
{
	for (size_t i = 0; i < b->site->n_requirements; i++) {
		const struct dmp_site_requirement *r = &b->site->requirements[i];

		if (dmp_catalogue_find(catalogue, r->key))
			dmp_plan_error(b, &r->place,
			    "requirement: key, got \"%s\", expected one that is not "
			    "in the catalogue",
			    r->key);
	}
}

void
dmp_plan_check_names(struct dmp_plan_build *b, const struct dmp_catalogue *catalogue)
{
	check_requirements(b, catalogue);
	for (size_t i = 0; i < b->site->n_policies; i++) {
		const struct dmp_site_policy *p = &b->site->policies[i];

		if (p->requirement[0] != '\0' && !check_entry(b, p->requirement))
			dmp_plan_error(b, &p->place,
			    "policy: requirement, got \"%s\", expected a key of the "
			    "catalogue or of a requirement of this site",
			    p->requirement);
	}
	for (size_t i = 0; i < b->site->n_hosts; i++)
		check_overrides(b, &b->site->hosts[i]);
}

static int
compare_keys(const void *a, const void *b)
{
	const struct dmp_plan_port *x = *(const struct dmp_plan_port *const *)a;
	const struct dmp_plan_port *y = *(const struct dmp_plan_port *const *)b;

	return strcmp(x->key, y->key);
}

void
dmp_plan_check_keys(struct dmp_plan_build *b)
{
	const struct dmp_plan *plan = b->plan;
	const struct dmp_plan_port **sorted = calloc(plan->n_ports + 1, sizeof *sorted);

	if (!sorted) {
		b->status = DMP_ENOMEM;
		return;
	}
	for (size_t i = 0; i < plan->n_ports; i++)
		sorted[i] = &plan->ports[i];
	qsort(sorted, plan->n_ports, sizeof *sorted, compare_keys);
	for (size_t i = 1; i < plan->n_ports; i++) {
		const struct dmp_site_host *host =
		    &plan->topology->hosts[sorted[i]->host];

		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			dmp_plan_error(b, &host->place,
			    "host: port key \"%s\" is planned twice", sorted[i]->key);
	}
	free(sorted);
}
