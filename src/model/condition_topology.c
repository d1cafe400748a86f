/* SPDX-License-Identifier: BSD-2-Clause */
/* How it works: TOPOLOGIES has one function per rule; those about NATS stand in
 * condition_nats.c. */
#include "model/condition_topology.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct dmp_condition_result
dmp_topology_answer(enum dmp_applies applies, const char *format, ...)
{
	struct dmp_condition_result result = {.applies = applies};
	va_list args;

	va_start(args, format);
	if (vsnprintf(result.why, sizeof result.why, format, args) < 0)
		result.why[0] = '\0';
	va_end(args);
	return result;
}

/* ---- who asks ---- */

bool
dmp_topology_source_has(const struct dmp_topology_case *k, unsigned roles)
{
	roles &= k->facts->as;
	if (k->facts->source)
		return (k->facts->source->roles & roles) != 0;
	for (unsigned bit = 0; bit < DMP_TOPOLOGY_ROLES; bit++) {
		size_t n = k->t->with_role[bit];

		if (!(roles & 1U << bit))
			continue;
		if ((k->host->roles & 1U << bit) &&
		    !dmp_topology_is_virtual(k->t, k->host))
			n--;
		if (1U << bit == DMP_ROLE_DMA)
			n += k->t->unlisted;
		if (n > 0)
			return true;
	}
	return false;
}

/* How many Agents an observer stands for when it asks the checked host. */
static size_t
observed_agents(const struct dmp_topology_case *k)
{
	size_t members = 0;

	if (!dmp_topology_is_virtual(k->t, k->host))
		return k->t->agents - 1;
	for (size_t i = 0; i < k->t->n_site_hosts; i++) {
		if ((k->t->hosts[i].roles & DMP_ROLE_DMA) &&
		    dmp_topology_same_pair(&k->t->hosts[i], k->host))
			members++;
	}
	/* The half that is not listed is a member as well. */
	if (members == 1)
		members++;
	return members < k->t->agents ? k->t->agents - members : 0;
}

bool
dmp_topology_is_agent(const struct dmp_topology_case *k)
{
	return (k->host->roles & DMP_ROLE_DMA) != 0;
}

/* ---- between Agents ---- */

static struct dmp_condition_result
rule_inter_dma(const struct dmp_topology_case *k)
{
	const struct dmp_site_host *source = k->facts->source;

	if (!(k->facts->as & DMP_ROLE_DMA) ||
	    (source && !(source->roles & DMP_ROLE_DMA)))
		return dmp_topology_answer(DMP_APPLIES_NO, "%s", "");
	if (!dmp_topology_is_agent(k))
		return dmp_topology_answer(DMP_APPLIES_NO, "the host is no Agent");
	if (source && dmp_topology_is_virtual(k->t, k->host) &&
	    dmp_topology_same_pair(source, k->host))
		return dmp_topology_answer(
		    DMP_APPLIES_NO, "it is the address of its own pair");
	if (k->t->agents < 2 || (!source && observed_agents(k) == 0))
		return dmp_topology_answer(DMP_APPLIES_NO, "there is no other Agent");
	return dmp_topology_answer(DMP_APPLIES_YES, "%s", "");
}

static const char *
transport_text(enum dmp_remoting transport)
{
	return transport == DMP_REMOTING_GRPC ? "gRPC" : ".NET Remoting";
}

/* A decided transport: gRPC is impossible in old versions, whatever is configured. */
static struct dmp_condition_result
transport_is(const struct dmp_topology_case *k, enum dmp_remoting wanted,
    enum dmp_remoting configured, const char *by)
{
	enum dmp_applies applies =
	    wanted == configured ? DMP_APPLIES_YES : DMP_APPLIES_NO;

	if (configured == DMP_REMOTING_GRPC &&
	    k->t->since[DMP_SINCE_GRPC] == DMP_APPLIES_NO)
		return dmp_topology_answer(
		    wanted == DMP_REMOTING_GRPC ? DMP_APPLIES_NO : DMP_APPLIES_YES,
		    "inter-DMA traffic uses .NET Remoting: there is no gRPC before %s",
		    dmp_since_text(DMP_SINCE_GRPC));
	return dmp_topology_answer(
	    applies, "inter-DMA traffic uses %s%s", transport_text(configured), by);
}

/* Without a link. */
static struct dmp_condition_result
transport_default(const struct dmp_topology_case *k, enum dmp_remoting wanted)
{
	enum dmp_remoting set = k->t->site->features.inter_dma;
	enum dmp_applies grpc = k->t->since[DMP_SINCE_GRPC_DEFAULT];
	const char *since = dmp_since_text(DMP_SINCE_GRPC_DEFAULT);
	char by[96];

	if (set != DMP_REMOTING_UNSET) {
		dmp_text_format(by, sizeof by, " (features inter-dma=%s)",
		    set == DMP_REMOTING_GRPC ? "grpc" : "remoting");
		return transport_is(k, wanted, set, by);
	}
	if (grpc == DMP_APPLIES_ASSUMED)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "inter-DMA traffic uses %s by default %s %s; features inter-dma= "
		    "or dataminer= settles it",
		    transport_text(wanted),
		    wanted == DMP_REMOTING_GRPC ? "from" : "before", since);
	set = grpc == DMP_APPLIES_YES ? DMP_REMOTING_GRPC : DMP_REMOTING_REMOTING;
	dmp_text_format(by, sizeof by, ", the default %s %s",
	    set == DMP_REMOTING_GRPC ? "from" : "before", since);
	return transport_is(k, wanted, set, by);
}

static bool
link_is_possible(const struct dmp_topology_case *k, const struct dmp_site_link *link)
{
	return link->transport != DMP_REMOTING_GRPC ||
	       k->t->since[DMP_SINCE_GRPC] != DMP_APPLIES_NO;
}

/* What a link says about the wanted transport at the number that the host has anyway;
 * other numbers are ports of their own, see dmp_condition_links(). */
static struct dmp_condition_result
transport_by_link(const struct dmp_topology_case *k, const struct dmp_site_link *link,
    enum dmp_remoting wanted)
{
	if (!link_is_possible(k, link))
		return transport_is(k, wanted, link->transport, "");
	if (link->transport != wanted)
		return dmp_topology_answer(DMP_APPLIES_NO, "%s reaches it by %s (link)",
		    link->from, transport_text(link->transport));
	if (!dmp_condition_own_number(k->target, link->port))
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "%s reaches it by %s on port %u (link)", link->from,
		    transport_text(wanted), (unsigned)link->port);
	return dmp_topology_answer(DMP_APPLIES_YES, "%s reaches it by %s (link)",
	    link->from, transport_text(wanted));
}

/* The link by which the i-th Agent in NATS order, as a source of the observer, reaches
 * the host; NULL = it has none, or is no source. */
static const struct dmp_site_link *
observed_link(const struct dmp_topology_case *k, size_t i)
{
	const struct dmp_site_host *agent = &k->t->hosts[k->t->nodes[i]];

	if (agent == k->host || (dmp_topology_is_virtual(k->t, k->host) &&
	                            dmp_topology_same_pair(agent, k->host)))
		return NULL;
	return dmp_topology_link(k->t, agent, k->host);
}

/* The union over all Agents: yes as soon as one needs it. */
static struct dmp_condition_result
transport_observed(const struct dmp_topology_case *k, enum dmp_remoting wanted)
{
	size_t n_listed = k->t->n_links > 0 ? k->t->agents - k->t->unlisted : 0;
	size_t without_link = observed_agents(k);
	struct dmp_condition_result linked = {.applies = DMP_APPLIES_NO};

	for (size_t i = 0; i < n_listed && linked.applies == DMP_APPLIES_NO; i++) {
		const struct dmp_site_link *link = observed_link(k, i);

		if (!link)
			continue;
		without_link--;
		linked = transport_by_link(k, link, wanted);
	}
	if (linked.applies == DMP_APPLIES_YES || without_link == 0)
		return linked;
	return transport_default(k, wanted);
}

static struct dmp_condition_result
rule_transport(const struct dmp_topology_case *k, enum dmp_remoting wanted)
{
	struct dmp_condition_result between = rule_inter_dma(k);
	const struct dmp_site_link *link;

	if (between.applies != DMP_APPLIES_YES)
		return between;
	if (!k->facts->source)
		return transport_observed(k, wanted);
	link = dmp_topology_link(k->t, k->facts->source, k->host);
	return link ? transport_by_link(k, link, wanted) : transport_default(k, wanted);
}

static struct dmp_condition_result
rule_inter_dma_remoting(const struct dmp_topology_case *k)
{
	return rule_transport(k, DMP_REMOTING_REMOTING);
}

static struct dmp_condition_result
rule_inter_dma_grpc(const struct dmp_topology_case *k)
{
	return rule_transport(k, DMP_REMOTING_GRPC);
}

/* The members of a pair watch each other. */
static struct dmp_condition_result
rule_failover_pair(const struct dmp_topology_case *k)
{
	const struct dmp_site_host *source = k->facts->source;
	bool member =
	    dmp_topology_is_agent(k) && (k->host->member_of[0] != '\0' ||
	                                    (k->t->unlisted > 0 && k->t->agents == 2));

	if (!member || dmp_topology_is_virtual(k->t, k->host))
		return dmp_topology_answer(
		    DMP_APPLIES_NO, "the host is no member of a failover pair");
	if (source ? !dmp_topology_same_pair(source, k->host)
	           : !(k->facts->as & DMP_ROLE_DMA))
		return dmp_topology_answer(
		    DMP_APPLIES_NO, "the source is not the other member of the pair");
	return dmp_topology_answer(
	    DMP_APPLIES_YES, "the members of a failover pair watch each other");
}

const struct dmp_site_link *
dmp_condition_next_link(const struct dmp_condition_facts *facts,
    const struct dmp_condition_target *target, enum dmp_remoting transport,
    size_t *cursor)
{
	const struct dmp_topology_case k = {.facts = facts,
	    .t = facts->topology,
	    .target = target,
	    .host = target->host};
	size_t n = facts->source ? 1 : k.t->agents - k.t->unlisted;

	if (k.t->n_links == 0 || rule_inter_dma(&k).applies != DMP_APPLIES_YES)
		return NULL;
	while (*cursor < n) {
		const struct dmp_site_link *link =
		    facts->source ? dmp_topology_link(k.t, facts->source, target->host)
		                  : observed_link(&k, *cursor);

		(*cursor)++;
		if (link && link->transport == transport &&
		    link_is_possible(&k, link) &&
		    !dmp_condition_own_number(target, link->port))
			return link;
	}
	return NULL;
}

/* What a feature says cannot be so when the version is certainly too old for it. */
static struct dmp_condition_result
rule_before(const struct dmp_topology_case *k, enum dmp_since since)
{
	return dmp_topology_answer(
	    k->t->since[since] == DMP_APPLIES_NO ? DMP_APPLIES_YES : DMP_APPLIES_NO,
	    "%s", "");
}

static struct dmp_condition_result
rule_before_grpc(const struct dmp_topology_case *k)
{
	return rule_before(k, DMP_SINCE_GRPC);
}

static struct dmp_condition_result
rule_before_cassandra_tls(const struct dmp_topology_case *k)
{
	return rule_before(k, DMP_SINCE_CASSANDRA_TLS);
}

/* Loopback is this machine itself, where DataMiner may use what others may not. */
static struct dmp_condition_result
rule_elsewhere(const struct dmp_topology_case *k)
{
	struct dmp_address address;

	for (size_t i = 0; i < k->host->n_addresses; i++) {
		if (!dmp_address_parse(k->host->addresses[i], &address) ||
		    !dmp_address_is_loopback(&address))
			return dmp_topology_answer(DMP_APPLIES_YES, "%s", "");
	}
	return dmp_topology_answer(DMP_APPLIES_NO, "%s", "");
}

/* ---- storage and cloud ---- */

/* With a node of its own an Agent asks no other machine, but the two nodes of a
 * failover pair are one ring. */
static struct dmp_condition_result
cassandra_local(const struct dmp_topology_case *k)
{
	const struct dmp_site_host *source = k->facts->source;

	if (k->host->member_of[0] != '\0' &&
	    (!source || dmp_topology_same_pair(source, k->host)))
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "a failover pair shares the Cassandra nodes of its members");
	if (k->t->unlisted > 0 && k->t->agents == 2)
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "a failover pair shares the Cassandra nodes of its members");
	return dmp_topology_answer(DMP_APPLIES_NO,
	    "each Agent has a Cassandra node of its own (features "
	    "storage=cassandra-local)");
}

/* Not when the only node is the only Agent. */
static struct dmp_condition_result
rule_cassandra_remote(const struct dmp_topology_case *k)
{
	if (k->t->site->features.storage == DMP_STORAGE_CASSANDRA_LOCAL)
		return cassandra_local(k);
	if (dmp_topology_is_agent(k) && k->t->agents < 2 &&
	    dmp_topology_count(k->t, DMP_ROLE_CASSANDRA) < 2)
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "the only Agent reaches its only Cassandra node on "
		    "its own machine");
	return dmp_topology_answer(
	    DMP_APPLIES_YES, "Agents store in the Cassandra nodes of the site");
}

static struct dmp_condition_result
rule_cassandra_node(const struct dmp_topology_case *k)
{
	if (k->t->site->features.storage == DMP_STORAGE_CASSANDRA_LOCAL)
		return cassandra_local(k);
	if (!dmp_topology_source_has(k, DMP_ROLE_CASSANDRA))
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "a single Cassandra node has no other node to talk to");
	return dmp_topology_answer(DMP_APPLIES_YES, "%s", "");
}

static struct dmp_condition_result
rule_cloud_remote(const struct dmp_topology_case *k)
{
	if (!dmp_topology_source_has(k, DMP_ROLE_DMA | DMP_ROLE_DXM))
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "no Agent and no DxM host but this one uses its CloudGateway");
	return dmp_topology_answer(DMP_APPLIES_YES,
	    "Agents and DxM hosts reach dataminer.services through CloudGateway");
}

/* Does the site file say that this host is an SQL Server to which Agents offload? */
static bool
host_offloads(const struct dmp_site_host *host)
{
	for (size_t i = 0; i < host->n_ports; i++) {
		if (strcmp(host->ports[i].requirement, "offload-sql-server") == 0)
			return host->ports[i].level != DMP_LEVEL_NONE;
	}
	return false;
}

/* Other servers fetch nothing, once the site file tells which one does. */
static struct dmp_condition_result
rule_offload_server(const struct dmp_topology_case *k)
{
	const struct dmp_site_host *source = k->facts->source;

	if (!source || host_offloads(source))
		return dmp_topology_answer(DMP_APPLIES_YES, "%s", "");
	for (size_t i = 0; i < k->t->n_site_hosts; i++) {
		if (host_offloads(&k->t->hosts[i]))
			return dmp_topology_answer(DMP_APPLIES_NO, "%s", "");
	}
	return dmp_topology_answer(DMP_APPLIES_YES, "%s", "");
}

/* SNMPv3@trapPort may make an alternative port the one that is used. */
static struct dmp_condition_result
rule_trap_port(const struct dmp_topology_case *k)
{
	bool is_used = false;

	for (size_t i = 0; i < k->host->n_ports; i++) {
		const struct dmp_site_port *port = &k->host->ports[i];

		is_used = is_used || (strcmp(port->requirement, "snmp-trap") == 0 &&
		                         port->port == k->target->port &&
		                         port->level != DMP_LEVEL_NONE &&
		                         port->level != DMP_LEVEL_FORBIDDEN);
	}
	return dmp_topology_answer(
	    is_used ? DMP_APPLIES_YES : DMP_APPLIES_NO, "%s", "");
}

/* Clients treat such names of Agents alike, whatever ConnectionSettings.txt says. */
static struct dmp_condition_result
rule_services_name(const struct dmp_topology_case *k)
{
	static const char DOMAIN[] = ".dataminer.services";
	bool is_one = false;

	for (size_t i = 0; i < k->host->n_addresses; i++) {
		const char *name = k->host->addresses[i];
		size_t n = strlen(name);

		is_one = is_one ||
		         (n >= sizeof DOMAIN &&
		             strcasecmp(name + n - (sizeof DOMAIN - 1), DOMAIN) == 0);
	}
	return dmp_topology_answer(is_one ? DMP_APPLIES_YES : DMP_APPLIES_NO, "%s", "");
}

/* ---- the table ---- */

static const char *const TOPOLOGY_NAMES[] = {"inter-dma", "inter-dma-remoting",
    "inter-dma-grpc", "failover-pair", "nats-used", "nats-legacy", "nats-broker",
    "nats-remote", "nats-route", "nats-account", "broker-remote", "cassandra-remote",
    "cassandra-node", "cloud-remote", "elsewhere", "before-grpc",
    "before-cassandra-tls", "trap-port", "services-name", "offload-server", NULL};

static const struct {
	struct dmp_condition_result (*decide)(const struct dmp_topology_case *k);
	enum dmp_remoting transport;
} TOPOLOGIES[] = {
    {.decide = rule_inter_dma},
    {rule_inter_dma_remoting, DMP_REMOTING_REMOTING},
    {rule_inter_dma_grpc, DMP_REMOTING_GRPC},
    {.decide = rule_failover_pair},
    {.decide = dmp_topology_nats_used},
    {.decide = dmp_topology_nats_legacy},
    {.decide = dmp_topology_nats_broker},
    {.decide = dmp_topology_nats_remote},
    {.decide = dmp_topology_nats_route},
    {.decide = dmp_topology_nats_account},
    {.decide = dmp_topology_broker_remote},
    {.decide = rule_cassandra_remote},
    {.decide = rule_cassandra_node},
    {.decide = rule_cloud_remote},
    {.decide = rule_elsewhere},
    {.decide = rule_before_grpc},
    {.decide = rule_before_cassandra_tls},
    {.decide = rule_trap_port},
    {.decide = rule_services_name},
    {.decide = rule_offload_server},
};
_Static_assert(sizeof TOPOLOGIES / sizeof TOPOLOGIES[0] + 1 ==
                   sizeof TOPOLOGY_NAMES / sizeof TOPOLOGY_NAMES[0],
    "one line per name");

const char *const *
dmp_condition_topology_names(void)
{
	return TOPOLOGY_NAMES;
}

struct dmp_condition_result
dmp_condition_topology(unsigned which, const struct dmp_condition_facts *facts,
    const struct dmp_condition_target *target)
{
	struct dmp_topology_case k = {.facts = facts,
	    .t = facts->topology,
	    .target = target,
	    .host = target->host};

	return TOPOLOGIES[which].decide(&k);
}

enum dmp_remoting
dmp_condition_topology_transport(unsigned which)
{
	return TOPOLOGIES[which].transport;
}
