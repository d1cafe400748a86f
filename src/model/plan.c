/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/exchange.h"
#include "model/plan_internal.h"

/* ---- the site's own requirements, as entries ---- */

/* A connect says nothing about the service: then its title has to. */
static const char *
service_of_site(const struct dmp_site_requirement *r)
{
	if (r->exchange)
		return r->exchange->service;
	return r->probe == DMP_PROBE_CONNECT && r->title
	           ? r->title
	           : dmp_vocab_text(DMP_VOCAB_PROBE, (int)r->probe);
}

static struct dmp_entry
entry_of_site(const struct dmp_site_requirement *r)
{
	struct dmp_entry entry = {
	    .number = r->index,
	    .title = r->title ? r->title : "",
	    .protocol = service_of_site(r),
	    .transport = r->transport,
	    .port = r->port,
	    .from = r->from,
	    .to = r->to,
	    .level = r->level,
	    .since = "",
	    .until = "",
	    .opened = DMP_OPENED_UNKNOWN,
	    .reference = "",
	    .hint = "",
	    .probe = r->probe,
	    .depth = DMP_DEPTH_IDENTIFY,
	    .path = r->path ? r->path : "",
	    .expect = r->first.expect && !r->exchange ? r->first.expect : "",
	    .exchange = r->exchange,
	    .why = "the site file defines it",
	};

	dmp_text_copy(entry.key, sizeof entry.key, r->key);
	return entry;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct dmp_entry *x = a;
	const struct dmp_entry *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static struct dmp_plan_requirement
row_of_entry(const struct dmp_entry *entry)
{
	struct dmp_plan_requirement row = {
	    .number = entry->number,
	    .transport = entry->transport,
	    .port = entry->port,
	    .from = entry->from,
	    .to = entry->to,
	    .level = entry->level,
	    .applies = DMP_APPLIES_NO,
	    .opened = entry->opened,
	};

	dmp_text_copy(row.key, sizeof row.key, entry->key);
	dmp_text_printable(
	    row.title, sizeof row.title, entry->title, strlen(entry->title));
	dmp_text_printable(row.protocol, sizeof row.protocol, entry->protocol,
	    strlen(entry->protocol));
	dmp_text_copy(row.since, sizeof row.since, entry->since);
	dmp_text_copy(row.until, sizeof row.until, entry->until);
	dmp_text_copy(row.reference, sizeof row.reference, entry->reference);
	return row;
}

static void
build_requirements(struct dmp_plan_build *b, const struct dmp_catalogue *catalogue)
{
	struct dmp_plan *plan = b->plan;
	size_t n = catalogue->n_entries + b->site->n_requirements;

	plan->entries = calloc(n + 1, sizeof *plan->entries);
	plan->requirements = calloc(n + 1, sizeof *plan->requirements);
	if (!plan->entries || !plan->requirements) {
		b->status = DMP_ENOMEM;
		return;
	}
	for (size_t i = 0; i < catalogue->n_entries; i++)
		plan->entries[i] = catalogue->entries[i];
	for (size_t i = 0; i < b->site->n_requirements; i++)
		plan->entries[catalogue->n_entries + i] =
		    entry_of_site(&b->site->requirements[i]);
	qsort(plan->entries, n, sizeof *plan->entries, compare_entries);
	for (size_t i = 0; i < n; i++)
		plan->requirements[i] = row_of_entry(&plan->entries[i]);
	plan->n_requirements = n;
}

/* ---- hosts and vantage ---- */

static void
build_host(struct dmp_plan_build *b, size_t i)
{
	struct dmp_plan *plan = b->plan;
	const struct dmp_site_host *from = &plan->topology->hosts[i];
	struct dmp_plan_host *host = &plan->hosts[i];

	dmp_text_copy(host->name, sizeof host->name, from->name);
	dmp_text_copy(host->group, sizeof host->group, from->group);
	for (size_t j = 0; j < from->n_addresses; j++)
		host->addresses[j] = from->addresses[j];
	host->n_addresses = from->n_addresses;
	host->roles = from->roles;
	host->is_virtual = dmp_topology_is_virtual(plan->topology, from);
	host->is_vantage = !host->is_virtual && strcmp(from->name, plan->vantage) == 0;
	if (!host->is_vantage)
		return;
	plan->as = host->roles;
	/* The only host checks itself, in place of those that are not listed. */
	if (plan->topology->n_site_hosts > 1)
		b->facts.source = from;
}

/* A host that is the vantage has its own roles, an observer those it stands for. */
static void
build_vantage(struct dmp_plan_build *b)
{
	struct dmp_plan *plan = b->plan;

	b->status = dmp_topology_build(b->site, &plan->topology);
	if (b->status != DMP_OK)
		return;
	dmp_text_copy(plan->vantage, sizeof plan->vantage, b->site->vantage);
	plan->as = b->site->as;
	plan->n_hosts = plan->topology->n_hosts;
	plan->hosts = calloc(plan->n_hosts + 1, sizeof *plan->hosts);
	if (!plan->hosts) {
		b->status = DMP_ENOMEM;
		return;
	}
	for (size_t i = 0; i < plan->n_hosts; i++)
		build_host(b, i);
	b->facts.topology = plan->topology;
	b->facts.as = plan->as;
}

/* ---- the whole ---- */

/* Does a cloud host of the site stand for it?  One without port elements does for all.
 */
static bool
build_is_listed(const struct dmp_site *site, const struct dmp_entry *entry)
{
	for (size_t i = 0; i < site->n_hosts; i++) {
		const struct dmp_site_host *host = &site->hosts[i];

		if (!(host->roles & DMP_ROLE_CLOUD))
			continue;
		for (size_t k = 0; k < host->n_ports; k++) {
			if (strcmp(host->ports[k].requirement, entry->key) == 0)
				return true;
		}
		if (host->n_ports == 0)
			return true;
	}
	return false;
}

/* Of the cloud, that it is in use although the site does not list it: nobody thinks of
 * it as a host. */
static struct dmp_condition_result
build_unlisted(const struct dmp_plan_build *b, const struct dmp_entry *entry)
{
	struct dmp_condition_facts facts = {
	    .topology = b->plan->topology, .as = entry->from};
	const struct dmp_condition_target target = {
	    .host = dmp_topology_missing(b->plan->topology),
	    .requirement = entry->key,
	    .port = entry->port};

	if (entry->to != DMP_ROLE_CLOUD || !entry->condition ||
	    build_is_listed(b->site, entry))
		return (struct dmp_condition_result){.applies = DMP_APPLIES_NO};
	return dmp_plan_bound(entry, &b->site->installed,
	    dmp_condition_decide(entry->condition, &facts, &target));
}

/* Which hosts are missing. */
static void
build_missing(struct dmp_plan_build *b, struct dmp_plan_requirement *row,
    const struct dmp_entry *entry)
{
	struct dmp_condition_result result = build_unlisted(b, entry);
	char roles[DMP_ROLES_TEXT];

	row->is_unlisted = result.applies == DMP_APPLIES_YES;
	if (row->why[0])
		return;
	dmp_roles_text(entry->to, roles);
	if (row->is_unlisted)
		dmp_text_format(row->why, sizeof row->why,
		    "not planned, no host of the site has the role %s: %s", roles,
		    result.why);
	else
		dmp_text_format(row->why, sizeof row->why,
		    "does not apply: no host of the site has %s %s",
		    strchr(roles, ' ') ? "one of the roles" : "the role", roles);
}

static void
build_ports(struct dmp_plan_build *b)
{
	struct dmp_plan *plan = b->plan;

	for (size_t i = 0; i < plan->n_hosts; i++) {
		for (size_t j = 0; j < plan->n_requirements; j++)
			dmp_plan_expand(b, i, j);
	}
	for (size_t j = 0; j < plan->n_requirements; j++)
		build_missing(b, &plan->requirements[j], &plan->entries[j]);
}

static void
build_head(struct dmp_plan_build *b, const struct dmp_catalogue *catalogue)
{
	struct dmp_plan *plan = b->plan;

	dmp_text_copy(plan->site_name, sizeof plan->site_name, b->site->name);
	dmp_text_copy(plan->dataminer, sizeof plan->dataminer, b->site->dataminer);
	dmp_text_copy(plan->catalogue_revision, sizeof plan->catalogue_revision,
	    catalogue->revision);
	plan->reference = "";
	for (size_t i = 0; i < b->site->n_policies; i++) {
		if (b->site->policies[i].reference[0] != '\0')
			plan->reference = b->site->policies[i].reference;
	}
}

/* Each step needs the one before it. */
static void
build_all(struct dmp_plan_build *b, const struct dmp_catalogue *catalogue)
{
	build_head(b, catalogue);
	build_requirements(b, catalogue);
	if (b->status != DMP_OK)
		return;
	build_vantage(b);
	if (b->status != DMP_OK)
		return;
	dmp_plan_check_names(b, catalogue);
	build_ports(b);
	if (b->status == DMP_OK)
		dmp_plan_check_keys(b);
}

enum dmp_status
dmp_plan_build(struct dmp_site *site, struct dmp_catalogue *catalogue,
    struct dmp_plan **ret_plan, struct dmp_text *errors)
{
	struct dmp_plan_build b = {.site = site, .errors = errors};

	b.plan = calloc(1, sizeof *b.plan);
	if (!b.plan)
		return DMP_ENOMEM;
	build_all(&b, catalogue);
	dmp_plan_needs_done(&b.needs);
	if (b.status == DMP_OK && b.n_errors > 0)
		b.status = DMP_EINVAL;
	if (b.status != DMP_OK) {
		dmp_plan_free(b.plan);
		return b.status;
	}
	b.plan->site = site;
	b.plan->catalogue = catalogue;
	*ret_plan = b.plan;
	return DMP_OK;
}

void
dmp_plan_free(struct dmp_plan *plan)
{
	if (!plan)
		return;
	free(plan->requirements);
	free(plan->entries);
	dmp_topology_free(plan->topology);
	free(plan->hosts);
	free(plan->ports);
	free(plan->absences);
	dmp_catalogue_free((struct dmp_catalogue *)plan->catalogue);
	dmp_site_free((struct dmp_site *)plan->site);
	free(plan);
}

/* ---- comparing ---- */

static bool
same_addresses(const struct dmp_plan_host *a, const struct dmp_plan_host *b)
{
	if (a->n_addresses != b->n_addresses)
		return false;
	for (size_t i = 0; i < a->n_addresses; i++) {
		if (strcmp(a->addresses[i], b->addresses[i]) != 0)
			return false;
	}
	return true;
}

static bool
same_policy(const struct dmp_policy *a, const struct dmp_policy *b)
{
	return a->interval_ms == b->interval_ms && a->fast_ms == b->fast_ms &&
	       a->slow_ms == b->slow_ms && a->timeout_ms == b->timeout_ms &&
	       a->heavy_ms == b->heavy_ms && a->fall == b->fall && a->rise == b->rise &&
	       a->depth == b->depth && a->close == b->close;
}

static bool
same_texts(const struct dmp_plan_port *a, const struct dmp_plan_port *b)
{
	return strcmp(a->key, b->key) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->expect, b->expect) == 0 &&
	       strcmp(a->ca_file, b->ca_file) == 0 &&
	       strcmp(a->community_file, b->community_file) == 0 &&
	       strcmp(a->community, b->community) == 0;
}

bool
dmp_plan_port_same(const struct dmp_plan *plan_a, const struct dmp_plan_port *a,
    const struct dmp_plan *plan_b, const struct dmp_plan_port *b)
{
	return same_addresses(&plan_a->hosts[a->host], &plan_b->hosts[b->host]) &&
	       a->number == b->number && a->transport == b->transport &&
	       a->level == b->level && a->family == b->family && a->probe == b->probe &&
	       a->tls == b->tls && a->inform == b->inform &&
	       dmp_exchange_same(a->exchange, b->exchange) && a->admin == b->admin &&
	       same_texts(a, b) && same_policy(&a->policy, &b->policy);
}
