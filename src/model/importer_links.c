/* SPDX-License-Identifier: BSD-2-Clause */
/* Redirects of DMS.xml, and Agents that differ in EnableDotNetRemoting, as links. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "model/importer_merge.h"

/* Does text match a pattern with * and ?, letter case aside?  On a mismatch the last
 * star takes one more character: no recursion, at most n x m steps. */
static bool
pattern_matches(const char *pattern, const char *text)
{
	const char *star = NULL;
	const char *mark = text;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			mark = text;
		} else if (*pattern == '?' || tolower((unsigned char)*pattern) ==
		                                  tolower((unsigned char)*text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++mark;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

/* By one of its own addresses, or the virtual one of its pair. */
static bool
pattern_matches_host(const struct dmp_import_merge *m, const char *pattern,
    const struct dmp_import_host *host)
{
	for (size_t i = 0; i < host->n_addresses; i++) {
		if (pattern_matches(pattern, host->addresses[i]))
			return true;
	}
	for (size_t i = 0; i < m->findings->n_failovers; i++) {
		const struct dmp_import_failover *f = &m->findings->failovers[i];

		if (f->address[0] && strcmp(f->name, host->member_of) == 0 &&
		    pattern_matches(pattern, f->address))
			return true;
	}
	return false;
}

static bool
has_wildcard(const char *pattern)
{
	return pattern[strcspn(pattern, "*?")] != '\0';
}

/* The redirect for a host: its own, else the one with wildcards that matches. */
static const struct dmp_import_redirect *
redirect_find(struct dmp_import_merge *m, const struct dmp_import_agent *agent,
    const struct dmp_import_host *host)
{
	const struct dmp_import_redirect *found = NULL;
	bool is_ambiguous = false;

	for (size_t i = 0; i < agent->n_redirects; i++) {
		const struct dmp_import_redirect *r = &agent->redirects[i];

		if (!pattern_matches_host(m, r->to, host))
			continue;
		if (!has_wildcard(r->to))
			return r;
		is_ambiguous = is_ambiguous || found;
		found = found ? found : r;
	}
	if (is_ambiguous)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "DMS.xml of %s: several Redirects with wildcards match %s: the "
		    "first is taken, DataMiner may take another",
		    agent->label, host->name);
	return found;
}

static void
link_add(struct dmp_import_merge *m, const struct dmp_import_link *link,
    const char *what, const char *label)
{
	struct dmp_import_link *slot = dmp_import_grow(
	    m->import, &m->findings->links, &m->findings->n_links, sizeof *slot);

	if (!slot)
		return;
	*slot = *link;
	dmp_import_source_add(slot->source, what, label);
}

static void
link_by_redirect(struct dmp_import_merge *m, size_t i, size_t to,
    const struct dmp_import_redirect *redirect)
{
	const struct dmp_import_host *host = &m->findings->hosts[to];
	struct dmp_import_link link = {.from = m->host_of[i],
	    .to = to,
	    .transport = redirect->via == DMP_IMPORT_VIA_GRPC ? DMP_REMOTING_GRPC
	                                                      : DMP_REMOTING_REMOTING,
	    .port = redirect->at.port};

	if (redirect->at.address[0] &&
	    !pattern_matches_host(m, redirect->at.address, host))
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "DMS.xml of %s: %s is reached at another address, %s (NAT?): the "
		    "plan has %s itself",
		    m->import->agents[i].label, host->name, redirect->at.address,
		    host->name);
	link_add(m, &link, "the Redirect in DMS.xml", m->import->agents[i].label);
}

static void
link_by_flag(struct dmp_import_merge *m, size_t i, size_t to)
{
	const struct dmp_import_agent *agent = &m->import->agents[i];
	enum dmp_tristate value = agent->flags[DMP_IMPORT_FLAG_REMOTING].value;
	struct dmp_import_link link = {.from = m->host_of[i],
	    .to = to,
	    .transport = value == DMP_YES ? DMP_REMOTING_REMOTING : DMP_REMOTING_GRPC};

	if (value)
		link_add(m, &link, "MaintenanceSettings.xml", agent->label);
}

/* What holds for all stands in the features. */
static bool
features_say_inter_dma(const struct dmp_import_merge *m)
{
	for (size_t i = 0; i < m->findings->n_features; i++) {
		if (strcmp(m->findings->features[i].name, "inter-dma") == 0)
			return true;
	}
	return false;
}

static void
merge_unused_redirects(struct dmp_import_merge *m, const struct dmp_import_agent *agent)
{
	for (size_t i = 0; i < agent->n_redirects; i++) {
		const struct dmp_import_redirect *r = &agent->redirects[i];
		bool is_used = has_wildcard(r->to);

		for (size_t h = 0; h < m->findings->n_hosts && !is_used; h++)
			is_used =
			    pattern_matches_host(m, r->to, &m->findings->hosts[h]);
		if (!is_used)
			dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
			    "DMS.xml of %s: a Redirect leads to %s, which no DMS.xml "
			    "lists as an Agent",
			    agent->label, r->to);
	}
}

void
dmp_import_merge_links(struct dmp_import_merge *m)
{
	bool is_said = features_say_inter_dma(m);

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		merge_unused_redirects(m, agent);
		if (m->host_of[i] == DMP_IMPORT_NO_HOST)
			continue;
		for (size_t h = 0; h < m->findings->n_hosts; h++) {
			const struct dmp_import_host *host = &m->findings->hosts[h];
			const struct dmp_import_redirect *redirect;

			if (h == m->host_of[i] || !(host->roles & DMP_ROLE_DMA))
				continue;
			redirect = redirect_find(m, agent, host);
			if (redirect)
				link_by_redirect(m, i, h, redirect);
			else if (!is_said)
				link_by_flag(m, i, h);
		}
	}
}
