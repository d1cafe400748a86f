/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: every folder is one machine, whose address is that of the DMA element
 * without an id in its DMS.xml.  Other Agents are merged by address, and by DataMiner
 * ID where a host name stands beside an IP address.  Two folders with one DataMiner ID
 * and two addresses are a Failover pair: its members share the ID.
 */
#include "model/importer_merge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"

/* Does a source have this label in the part for what it is?  A source is "WHAT of
 * LABEL, LABEL; WHAT of LABEL". */
static bool
source_has(const char *source, const char *what, const char *label)
{
	char more[DMP_IMPORT_SOURCE];
	size_t n = strlen(what);

	for (const char *part = source; *part; part += strspn(part, "; ")) {
		size_t length = strcspn(part, ";");
		const char *p = part + n + 4;

		if (length > n + 4 && strncmp(part, what, n) == 0 &&
		    strncmp(part + n, " of ", 4) == 0) {
			while (p < part + length) {
				size_t k = strcspn(p, ",;");

				dmp_text_copy(
				    more, k < sizeof more ? k + 1 : sizeof more, p);
				if (strcmp(more, label) == 0)
					return true;
				p += k;
				p += strspn(p, ", ");
			}
		}
		part += length;
	}
	return false;
}

void
dmp_import_source_add(
    char source[DMP_IMPORT_SOURCE], const char *what, const char *label)
{
	char more[DMP_IMPORT_SOURCE];
	size_t used = strlen(source);
	size_t n = strlen(what);
	const char *last = source;

	if (source_has(source, what, label))
		return;
	for (const char *p = source; (p = strstr(p, "; ")); p += 2)
		last = p + 2;
	/* "DMS.xml of dma1, dma2" for one more of what came last. */
	if (strncmp(last, what, n) == 0 && strncmp(last + n, " of ", 4) == 0)
		dmp_text_format(more, sizeof more, ", %s", label);
	else
		dmp_text_format(
		    more, sizeof more, "%s%s of %s", used > 0 ? "; " : "", what, label);
	if (used + strlen(more) < DMP_IMPORT_SOURCE)
		dmp_text_copy(source + used, DMP_IMPORT_SOURCE - used, more);
}

bool
dmp_import_is_agent(const struct dmp_import_agent *agent)
{
	size_t n;
	const struct dmp_import_place *places = dmp_import_places(&n);

	for (size_t i = 0; i < n; i++) {
		if (places[i].tree == DMP_IMPORT_TREE_DATAMINER &&
		    agent->seen[places[i].kind])
			return true;
	}
	return false;
}

static bool
host_has(const struct dmp_import_host *host, const char *address)
{
	for (size_t i = 0; i < host->n_addresses; i++) {
		if (strcasecmp(host->addresses[i], address) == 0)
			return true;
	}
	return false;
}

size_t
dmp_import_host_find(const struct dmp_import_merge *m, const char *address)
{
	for (size_t i = 0; i < m->findings->n_hosts; i++) {
		if (host_has(&m->findings->hosts[i], address))
			return i;
	}
	return DMP_IMPORT_NO_HOST;
}

static void
host_add_address(
    struct dmp_import_merge *m, struct dmp_import_host *host, const char *address)
{
	if (host->n_addresses == DMP_SITE_ADDRESSES)
		return;
	host->addresses[host->n_addresses] = strdup(address);
	if (host->addresses[host->n_addresses])
		host->n_addresses++;
	else
		m->import->status = DMP_ENOMEM;
}

static bool
host_name_is_taken(const struct dmp_import_merge *m, const char *name)
{
	if (strcmp(name, "observer") == 0)
		return true;
	for (size_t i = 0; i < m->findings->n_hosts; i++) {
		if (strcmp(m->findings->hosts[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The address is the name, as far as it may be. */
static void
host_make_name(
    const struct dmp_import_merge *m, const char *address, char name[DMP_NAME_TEXT])
{
	enum { ROOM = DMP_NAME_TEXT - 6 };
	char base[DMP_NAME_TEXT];
	unsigned n = 1;

	dmp_text_copy(base, sizeof base, address);
	for (char *p = base; *p; p++) {
		if (*p == ':' || *p == '%')
			*p = '-';
	}
	dmp_text_copy(name, DMP_NAME_TEXT, base);
	while (host_name_is_taken(m, name))
		dmp_text_format(name, DMP_NAME_TEXT, "%.*s-%u", ROOM, base, ++n);
}

size_t
dmp_import_host_add(struct dmp_import_merge *m, const char *address,
    enum dmp_import_kind kind, const char *label)
{
	size_t index = dmp_import_host_find(m, address);
	char name[DMP_NAME_TEXT];
	struct dmp_import_host *host;

	if (index == DMP_IMPORT_NO_HOST) {
		host_make_name(m, address, name);
		host = dmp_import_grow(m->import, &m->findings->hosts,
		    &m->findings->n_hosts, sizeof *host);
		if (!host)
			return DMP_IMPORT_NO_HOST;
		index = m->findings->n_hosts - 1;
		dmp_text_copy(host->name, sizeof host->name, name);
		host_add_address(m, host, address);
	}
	dmp_import_source_add(
	    m->findings->hosts[index].source, dmp_import_kind_name(kind), label);
	return index;
}

/* The DMA element that has no id. */
static const struct dmp_import_dma *
agent_own_dma(const struct dmp_import_agent *agent)
{
	for (size_t i = 0; i < agent->n_dmas; i++) {
		if (agent->dmas[i].id == 0)
			return &agent->dmas[i];
	}
	return NULL;
}

/* The address of a folder's machine, and the file that tells it; NULL when none does.
 * The label of the folder counts as a file of its own. */
static const char *
agent_address(const struct dmp_import_agent *agent, enum dmp_import_kind *ret_kind)
{
	const struct dmp_import_dma *own = agent_own_dma(agent);

	*ret_kind = DMP_IMPORT_DMS;
	if (own && !dmp_import_is_local(own->address))
		return own->address;
	*ret_kind = DMP_IMPORT_KINDS;
	if (agent->guess[0])
		return agent->guess;
	*ret_kind = DMP_IMPORT_MAINTENANCE;
	return agent->https_name[0] ? agent->https_name : NULL;
}

static unsigned
agent_roles(const struct dmp_import_agent *agent)
{
	unsigned roles = dmp_import_is_agent(agent) ? DMP_ROLE_DMA : 0;

	if (agent->seen[DMP_IMPORT_CLOUD_GATEWAY] ||
	    agent->seen[DMP_IMPORT_CLOUD_GATEWAY_CUSTOM])
		roles |= DMP_ROLE_CLOUD_GATEWAY;
	if (!(roles & DMP_ROLE_DMA))
		roles |= DMP_ROLE_DXM;
	return roles;
}

static void
merge_folder(struct dmp_import_merge *m, size_t i)
{
	const struct dmp_import_agent *agent = &m->import->agents[i];
	enum dmp_import_kind kind;
	const char *address = agent_address(agent, &kind);
	struct dmp_import_host *host;
	size_t index;

	m->host_of[i] = DMP_IMPORT_NO_HOST;
	if (!address) {
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "%s: no file tells the address of this machine, so it is left out: "
		    "give the folder its IP address as name",
		    agent->label);
		return;
	}
	if (dmp_import_host_find(m, address) != DMP_IMPORT_NO_HOST)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "%s: another folder has the same address %s", agent->label,
		    address);
	index = dmp_import_host_add(
	    m, address, kind == DMP_IMPORT_KINDS ? DMP_IMPORT_DMS : kind, agent->label);
	if (index == DMP_IMPORT_NO_HOST)
		return;
	host = &m->findings->hosts[index];
	if (kind == DMP_IMPORT_KINDS)
		dmp_text_format(host->source, sizeof host->source,
		    "the name of the folder %s", agent->label);
	host->roles |= agent_roles(agent);
	host->id = host->id ? host->id : agent->id;
	m->host_of[i] = index;
}

static bool
is_ip(const char *address)
{
	struct dmp_address parsed;

	return dmp_address_parse(address, &parsed);
}

static struct dmp_import_failover *
failover_of_id(struct dmp_import_merge *m, uint32_t id)
{
	char name[DMP_NAME_TEXT];

	dmp_text_format(name, sizeof name, "failover-%u", id);
	for (size_t i = 0; i < m->findings->n_failovers; i++) {
		if (strcmp(m->findings->failovers[i].name, name) == 0)
			return &m->findings->failovers[i];
	}
	return NULL;
}

const struct dmp_import_failover *
dmp_import_failover_find(const struct dmp_import_merge *m, const char *address)
{
	for (size_t i = 0; i < m->findings->n_failovers; i++) {
		if (strcasecmp(m->findings->failovers[i].address, address) == 0)
			return &m->findings->failovers[i];
	}
	return NULL;
}

static void
failover_set_address(struct dmp_import_merge *m, struct dmp_import_failover *failover,
    const char *address, const char *what, const char *label)
{
	if (failover->address[0] && strcasecmp(failover->address, address) != 0) {
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "%s of %s: %s has the virtual address %s elsewhere, here %s", what,
		    label, failover->name, failover->address, address);
		return;
	}
	if (!is_ip(address))
		return;
	dmp_text_copy(failover->address, sizeof failover->address, address);
	dmp_import_source_add(failover->source, what, label);
}

/* Two folders with one DataMiner ID. */
static void
merge_pair(struct dmp_import_merge *m, size_t i, size_t k)
{
	struct dmp_import_host *a = &m->findings->hosts[m->host_of[i]];
	struct dmp_import_host *b = &m->findings->hosts[m->host_of[k]];
	struct dmp_import_failover *failover = failover_of_id(m, a->id);

	if (failover) {
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "%s: more than two folders have the DataMiner ID %u",
		    m->import->agents[k].label, a->id);
		return;
	}
	failover = dmp_import_grow(m->import, &m->findings->failovers,
	    &m->findings->n_failovers, sizeof *failover);
	if (!failover)
		return;
	dmp_text_format(failover->name, sizeof failover->name, "failover-%u", a->id);
	dmp_text_copy(a->member_of, sizeof a->member_of, failover->name);
	dmp_text_copy(b->member_of, sizeof b->member_of, failover->name);
	dmp_import_note(m->import, DMP_IMPORT_FOUND,
	    "%s and %s have the same DataMiner ID %u: taken as a Failover pair",
	    m->import->agents[i].label, m->import->agents[k].label, a->id);
}

static void
merge_pairs(struct dmp_import_merge *m)
{
	const struct dmp_import *import = m->import;

	for (size_t i = 0; i < import->n_agents; i++) {
		if (m->host_of[i] == DMP_IMPORT_NO_HOST || import->agents[i].id == 0)
			continue;
		for (size_t k = i + 1; k < import->n_agents; k++) {
			if (m->host_of[k] != DMP_IMPORT_NO_HOST &&
			    m->host_of[k] != m->host_of[i] &&
			    import->agents[k].id == import->agents[i].id)
				merge_pair(m, i, k);
		}
	}
}

static void
merge_virtual_addresses(struct dmp_import_merge *m)
{
	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		for (size_t k = 0; k < agent->n_nodes; k++) {
			const struct dmp_import_node *node = &agent->nodes[k];
			size_t h = dmp_import_host_find(m, node->address);
			struct dmp_import_failover *failover =
			    node->virtual_address[0] && h != DMP_IMPORT_NO_HOST
			        ? failover_of_id(m, m->findings->hosts[h].id)
			        : NULL;

			if (failover)
				failover_set_address(m, failover, node->virtual_address,
				    dmp_import_kind_name(node->kind), agent->label);
		}
	}
}

/* The host that has this ID, found in a folder or in another DMS.xml. */
static size_t
host_of_id(const struct dmp_import_merge *m, uint32_t id)
{
	for (size_t i = 0; i < m->findings->n_hosts; i++) {
		if (m->findings->hosts[i].id == id)
			return i;
	}
	return DMP_IMPORT_NO_HOST;
}

/* An Agent that the DMS.xml of another one lists: at an address that is new. */
static void
merge_new_dma(struct dmp_import_merge *m, const struct dmp_import_agent *agent,
    const struct dmp_import_dma *dma)
{
	struct dmp_import_failover *failover = failover_of_id(m, dma->id);
	size_t same = host_of_id(m, dma->id);
	struct dmp_import_host *host;
	size_t index;

	if (failover) {
		failover_set_address(m, failover, dma->address,
		    "the address of neither member in DMS.xml", agent->label);
		return;
	}
	if (same != DMP_IMPORT_NO_HOST &&
	    is_ip(dma->address) != is_ip(m->findings->hosts[same].addresses[0])) {
		host_add_address(m, &m->findings->hosts[same], dma->address);
		return;
	}
	if (same != DMP_IMPORT_NO_HOST)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "DMS.xml of %s: DataMiner ID %u has the address %s here and %s "
		    "elsewhere: a Failover pair, or one of them is out of date; both "
		    "are kept",
		    agent->label, dma->id, dma->address,
		    m->findings->hosts[same].addresses[0]);
	index = dmp_import_host_add(m, dma->address, DMP_IMPORT_DMS, agent->label);
	if (index == DMP_IMPORT_NO_HOST)
		return;
	host = &m->findings->hosts[index];
	host->roles |= DMP_ROLE_DMA;
	host->id = dma->id;
}

static void
merge_dma(struct dmp_import_merge *m, const struct dmp_import_agent *agent,
    const struct dmp_import_dma *dma)
{
	size_t index = dmp_import_host_find(m, dma->address);
	struct dmp_import_host *host;

	if (dma->id == 0 || dmp_import_is_local(dma->address))
		return;
	if (index == DMP_IMPORT_NO_HOST) {
		merge_new_dma(m, agent, dma);
		return;
	}
	host = &m->findings->hosts[index];
	host->roles |= DMP_ROLE_DMA;
	dmp_import_source_add(host->source, "DMS.xml", agent->label);
	if (host->id && host->id != dma->id)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "DMS.xml of %s: %s has the DataMiner ID %u here and %u elsewhere",
		    agent->label, host->name, dma->id, host->id);
	else
		host->id = dma->id;
}

/* What NATS and BrokerGateway know of the cluster beside DMS.xml. */
static void
merge_node(struct dmp_import_merge *m, const struct dmp_import_agent *agent,
    const struct dmp_import_node *node)
{
	bool is_route =
	    node->kind == DMP_IMPORT_NATS || node->kind == DMP_IMPORT_BROKER_NATS;
	size_t index;

	if (dmp_import_is_local(node->address) ||
	    dmp_import_host_find(m, node->address) != DMP_IMPORT_NO_HOST ||
	    dmp_import_failover_find(m, node->address))
		return;
	dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
	    "%s of %s has %s, which no DMS.xml lists%s",
	    dmp_import_kind_name(node->kind), agent->label, node->address,
	    is_route ? "" : ": taken as one more Agent");
	if (is_route)
		return;
	index = dmp_import_host_add(m, node->address, node->kind, agent->label);
	if (index != DMP_IMPORT_NO_HOST)
		m->findings->hosts[index].roles |= DMP_ROLE_DMA;
}

void
dmp_import_merge_hosts(struct dmp_import_merge *m)
{
	const struct dmp_import *import = m->import;

	for (size_t i = 0; i < import->n_agents; i++)
		merge_folder(m, i);
	merge_pairs(m);
	merge_virtual_addresses(m);
	for (size_t i = 0; i < import->n_agents; i++) {
		for (size_t k = 0; k < import->agents[i].n_dmas; k++)
			merge_dma(m, &import->agents[i], &import->agents[i].dmas[k]);
	}
	for (size_t i = 0; i < import->n_agents; i++) {
		for (size_t k = 0; k < import->agents[i].n_nodes; k++)
			merge_node(m, &import->agents[i], &import->agents[i].nodes[k]);
	}
}

enum dmp_tristate
dmp_import_agreed(
    const struct dmp_import_merge *m, enum dmp_import_flag_id id, bool *ret_differ)
{
	enum dmp_tristate agreed = DMP_UNSET;

	*ret_differ = false;
	for (size_t i = 0; i < m->import->n_agents; i++) {
		enum dmp_tristate value = m->import->agents[i].flags[id].value;

		if (value && agreed && value != agreed)
			*ret_differ = true;
		agreed = value ? value : agreed;
	}
	return *ret_differ ? DMP_UNSET : agreed;
}

/* The notes by class, what is to be done last. */
static void
merge_notes(struct dmp_import *import, struct dmp_text *out)
{
	for (size_t i = 0; i < DMP_IMPORT_NOTES; i++) {
		dmp_text_append(out, dmp_text_get(&import->notes[i]));
		if (import->notes[i].status != DMP_OK)
			import->status = import->notes[i].status;
	}
	if (out->status != DMP_OK)
		import->status = out->status;
}

enum dmp_status
dmp_import_merge(struct dmp_import *import, struct dmp_import_findings **ret_findings,
    struct dmp_text *notes)
{
	struct dmp_import_findings *findings = calloc(1, sizeof *findings);
	struct dmp_import_merge m = {.import = import, .findings = findings};
	enum dmp_status status;

	if (!findings)
		return DMP_ENOMEM;
	dmp_import_merge_hosts(&m);
	dmp_import_merge_features(&m);
	dmp_import_merge_services(&m);
	dmp_import_merge_links(&m);
	dmp_import_merge_unknown(&m);
	findings->n_problems = import->n_problems;
	merge_notes(import, &findings->notes);
	status = import->status;
	if (status == DMP_OK && findings->n_hosts == 0) {
		status = DMP_ENOENT;
		if (notes)
			dmp_text_append(notes, dmp_text_get(&findings->notes));
	}
	if (status != DMP_OK) {
		dmp_import_findings_free(findings);
		return status;
	}
	*ret_findings = findings;
	return DMP_OK;
}

void
dmp_import_findings_free(struct dmp_import_findings *findings)
{
	if (!findings)
		return;
	for (size_t i = 0; i < findings->n_hosts; i++) {
		for (size_t k = 0; k < findings->hosts[i].n_addresses; k++)
			free(findings->hosts[i].addresses[k]);
		free(findings->hosts[i].ports);
	}
	free(findings->hosts);
	free(findings->site);
	free(findings->features);
	free(findings->failovers);
	free(findings->links);
	dmp_text_done(&findings->notes);
	free(findings);
}
