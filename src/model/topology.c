/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/topology.h"

#include <stdlib.h>
#include <string.h>

#include "model/version.h"

static const char *const TOPOLOGY_SINCE[DMP_SINCES] = {
    [DMP_SINCE_GRPC] = "10.3.0/10.3.2",
    [DMP_SINCE_GRPC_DEFAULT] = "10.5.10/10.6.0",
    [DMP_SINCE_NATS] = "10.1.0/10.1.1",
    [DMP_SINCE_BROKER] = "10.5.0/10.5.2",
    [DMP_SINCE_BROKER_ALWAYS] = "10.6.0/10.6.1",
    [DMP_SINCE_PAIR_ROUTES] = "10.2.0 [CU18]/10.3.0 [CU6]/10.3.9",
    [DMP_SINCE_CASSANDRA_TLS] = "10.2.0/10.1.3",
    [DMP_SINCE_OWN_ACCOUNTS] = "10.3.0 [CU11]/10.4.0/10.4.2",
};

const char *
dmp_since_text(enum dmp_since since)
{
	return TOPOLOGY_SINCE[since];
}

/* A spelling that cannot be read would be a mistake of the table; a test proves that
 * there is none. */
static void
topology_versions(struct dmp_topology *t)
{
	struct dmp_version_condition condition;

	for (size_t i = 0; i < DMP_SINCES; i++) {
		t->since[i] = DMP_APPLIES_ASSUMED;
		if (dmp_version_condition_parse(TOPOLOGY_SINCE[i], &condition) ==
		    DMP_OK)
			t->since[i] =
			    dmp_version_since(&t->site->installed, &condition);
	}
}

/* ---- hosts ---- */

static struct dmp_site_host
topology_virtual_host(const struct dmp_site_failover *failover)
{
	struct dmp_site_host host = {.place = failover->place, .roles = DMP_ROLE_DMA};

	dmp_text_copy(host.name, sizeof host.name, failover->name);
	dmp_text_copy(host.member_of, sizeof host.member_of, failover->name);
	for (size_t i = 0; i < failover->n_addresses; i++)
		host.addresses[i] = failover->addresses[i];
	host.n_addresses = failover->n_addresses;
	return host;
}

static void
topology_hosts(struct dmp_topology *t)
{
	const struct dmp_site *site = t->site;

	t->n_site_hosts = site->n_hosts;
	for (size_t i = 0; i < site->n_hosts; i++)
		t->hosts[t->n_hosts++] = site->hosts[i];
	for (size_t i = 0; i < site->n_failovers; i++)
		t->hosts[t->n_hosts++] = topology_virtual_host(&site->failovers[i]);
	t->hosts[t->n_hosts].roles = DMP_ROLE_CLOUD;
	t->rank[t->n_hosts] = SIZE_MAX;
}

/* The other half of a pair that has one member listed, or of a single Agent with
 * failover=yes. */
static size_t
topology_unlisted(const struct dmp_topology *t, size_t listed)
{
	const struct dmp_site *site = t->site;
	size_t unlisted = 0;

	for (size_t i = 0; i < site->n_failovers; i++) {
		size_t members = 0;

		for (size_t j = 0; j < site->n_hosts; j++) {
			if ((site->hosts[j].roles & DMP_ROLE_DMA) &&
			    strcmp(site->hosts[j].member_of, site->failovers[i].name) ==
			        0)
				members++;
		}
		if (members == 1)
			unlisted++;
	}
	if (unlisted == 0 && listed == 1 && site->features.failover == DMP_YES)
		return 1;
	return unlisted;
}

static void
topology_count(struct dmp_topology *t)
{
	size_t listed = 0;

	for (size_t i = 0; i < t->n_site_hosts; i++) {
		if (t->hosts[i].roles & DMP_ROLE_DMA)
			listed++;
		for (unsigned bit = 0; bit < DMP_TOPOLOGY_ROLES; bit++) {
			if (t->hosts[i].roles & 1U << bit)
				t->with_role[bit]++;
		}
	}
	t->unlisted = topology_unlisted(t, listed);
	t->agents = listed + t->unlisted;
}

/* ---- the order of Agents ---- */

struct topology_node {
	const char *address;
	size_t host;
};

static int
compare_nodes(const void *a, const void *b)
{
	const struct topology_node *x = a;
	const struct topology_node *y = b;
	int order = strcmp(x->address, y->address);

	return order != 0 ? order : (x->host > y->host) - (x->host < y->host);
}

/* DataMiner calls the order alphabetical, so addresses are compared as text, not as
 * numbers: 192.0.2.10 comes before 192.0.2.9.  A host's first address counts. */
static enum dmp_status
topology_order(struct dmp_topology *t)
{
	struct topology_node *sorted = calloc(t->n_hosts + 1, sizeof *sorted);
	size_t n = 0;

	if (!sorted)
		return DMP_ENOMEM;
	for (size_t i = 0; i < t->n_hosts; i++) {
		const struct dmp_site_host *host = &t->hosts[i];

		t->rank[i] = SIZE_MAX;
		if (i < t->n_site_hosts && (host->roles & DMP_ROLE_DMA))
			sorted[n++] = (struct topology_node){
			    host->n_addresses > 0 ? host->addresses[0] : host->name, i};
	}
	if (n > 0)
		qsort(sorted, n, sizeof *sorted, compare_nodes);
	for (size_t i = 0; i < n; i++) {
		t->nodes[i] = sorted[i].host;
		t->rank[sorted[i].host] = i;
	}
	free(sorted);
	return DMP_OK;
}

/* ---- links ---- */

static int
compare_link_names(const struct dmp_site_link *link, const char *from, const char *to)
{
	int order = strcmp(from, link->from);

	return order != 0 ? order : strcmp(to, link->to);
}

static int
compare_links(const void *a, const void *b)
{
	const struct dmp_site_link *x = *(const struct dmp_site_link *const *)a;
	const struct dmp_site_link *y = *(const struct dmp_site_link *const *)b;

	return compare_link_names(y, x->from, x->to);
}

static void
topology_links(struct dmp_topology *t)
{
	for (size_t i = 0; i < t->site->n_links; i++)
		t->links[t->n_links++] = &t->site->links[i];
	if (t->n_links > 0)
		qsort(t->links, t->n_links, sizeof *t->links, compare_links);
}

static const struct dmp_site_link *
topology_link_find(const struct dmp_topology *t, const char *from, const char *to)
{
	size_t low = 0;
	size_t high = t->n_links;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_link_names(t->links[middle], from, to);

		if (order == 0)
			return t->links[middle];
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct dmp_site_link *
dmp_topology_link(const struct dmp_topology *topology, const struct dmp_site_host *from,
    const struct dmp_site_host *to)
{
	const struct dmp_site_link *link =
	    topology_link_find(topology, from->name, to->name);

	return link ? link : topology_link_find(topology, from->name, DMP_LINK_ANY);
}

/* ---- the whole ---- */

size_t
dmp_topology_index(
    const struct dmp_topology *topology, const struct dmp_site_host *host)
{
	return (size_t)(host - topology->hosts);
}

size_t
dmp_topology_count(const struct dmp_topology *topology, enum dmp_role role)
{
	for (unsigned bit = 0; bit < DMP_TOPOLOGY_ROLES; bit++) {
		if (1U << bit == (unsigned)role)
			return topology->with_role[bit];
	}
	return 0;
}

bool
dmp_topology_is_virtual(
    const struct dmp_topology *topology, const struct dmp_site_host *host)
{
	return dmp_topology_index(topology, host) >= topology->n_site_hosts;
}

const struct dmp_site_host *
dmp_topology_missing(const struct dmp_topology *topology)
{
	return &topology->hosts[topology->n_hosts];
}

bool
dmp_topology_same_pair(const struct dmp_site_host *a, const struct dmp_site_host *b)
{
	return a->member_of[0] != '\0' && strcmp(a->member_of, b->member_of) == 0;
}

enum dmp_status
dmp_topology_build(const struct dmp_site *site, struct dmp_topology **ret_topology)
{
	struct dmp_topology *t = calloc(1, sizeof *t);
	size_t n = site->n_hosts + site->n_failovers + 1;

	if (!t)
		return DMP_ENOMEM;
	t->site = site;
	t->hosts = calloc(n, sizeof *t->hosts);
	t->nodes = calloc(n, sizeof *t->nodes);
	t->rank = calloc(n, sizeof *t->rank);
	t->links = calloc(site->n_links + 1, sizeof *t->links);
	if (!t->hosts || !t->nodes || !t->rank || !t->links)
		goto fail;
	topology_hosts(t);
	topology_count(t);
	topology_links(t);
	topology_versions(t);
	if (topology_order(t) != DMP_OK)
		goto fail;
	*ret_topology = t;
	return DMP_OK;
fail:
	dmp_topology_free(t);
	return DMP_ENOMEM;
}

void
dmp_topology_free(struct dmp_topology *topology)
{
	if (!topology)
		return;
	free(topology->hosts);
	free(topology->nodes);
	free(topology->rank);
	free(topology->links);
	free(topology);
}
