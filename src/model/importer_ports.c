/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: first every service puts its role on a host, then all ports are
 * gathered, those that a machine's own files tell before those that others tell, and in
 * the end what is no news is dropped: the number that the requirement has anyway.
 */
#include <string.h>
#include <strings.h>

#include "model/importer_merge.h"

/* The number that a requirement has without a port element. */
static uint16_t
usual_port(const char *requirement)
{
	static const struct {
		const char *requirement;
		uint16_t port;
	} USUAL[] = {{"remoting", 8004}, {"nats-client", 4222}, {"nats-route", 6222},
	    {"nats-monitor", 8222}, {"nats-account-server", 9090},
	    {"broker-gateway", 443}, {"cloud-endpoint", 5100},
	    {"user-defined-api", 5002}, {"cassandra-cql", 9042},
	    {"elasticsearch-http", 9200}, {"indexing-http", 9200}, {"snmp-agent", 161},
	    {"snmp-trap", 162}};

	for (size_t i = 0; i < sizeof USUAL / sizeof USUAL[0]; i++) {
		if (strcmp(USUAL[i].requirement, requirement) == 0)
			return USUAL[i].port;
	}
	return 0;
}

/* Files of the NATS that is not in use say nothing. */
static bool
kind_counts(const struct dmp_import_merge *m, enum dmp_import_kind kind)
{
	if (kind == DMP_IMPORT_NATS || kind == DMP_IMPORT_NAS ||
	    kind == DMP_IMPORT_SLCLOUD)
		return m->broker != DMP_YES;
	if (kind == DMP_IMPORT_BROKER_NATS || kind == DMP_IMPORT_MESSAGE_BROKER)
		return m->broker != DMP_NO;
	return true;
}

static bool
port_may_have_several(const char *requirement)
{
	return strcmp(requirement, "snmp-trap") == 0 || !usual_port(requirement);
}

static struct dmp_import_port *
port_find(
    struct dmp_import_host *host, const char *requirement, uint16_t port, bool any_port)
{
	for (size_t i = 0; i < host->n_ports; i++) {
		if (strcmp(host->ports[i].requirement, requirement) == 0 &&
		    (any_port || host->ports[i].port == port))
			return &host->ports[i];
	}
	return NULL;
}

/* What a file says of a port of a host; it becomes a port element, or a further source
 * of one, or a conflict with one. */
static void
port_add(struct dmp_import_merge *m, struct dmp_import_host *host,
    const struct dmp_import_port *port, const char *what, const char *label)
{
	struct dmp_import_port *slot =
	    port_find(host, port->requirement, port->port, false);

	if (!slot && !port_may_have_several(port->requirement)) {
		slot = port_find(host, port->requirement, 0, true);
		if (slot && slot->port && port->port) {
			dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
			    "%s: %s is %u by %s, and %u by %s of %s: the first is "
			    "taken",
			    host->name, port->requirement, slot->port, slot->source,
			    port->port, what, label);
			return;
		}
		if (slot && port->port)
			slot->port = port->port;
	}
	if (!slot) {
		slot = dmp_import_grow(
		    m->import, &host->ports, &host->n_ports, sizeof *slot);
		if (!slot)
			return;
		*slot = *port;
		slot->source[0] = '\0';
	}
	dmp_import_source_add(slot->source, what, label);
}

static size_t
service_host(const struct dmp_import_merge *m, size_t agent,
    const struct dmp_import_service *service)
{
	if (dmp_import_is_local(service->at.address))
		return m->host_of[agent];
	return dmp_import_host_find(m, service->at.address);
}

/* A service with a role makes its host; one without is on an Agent that is known. */
static void
merge_role(struct dmp_import_merge *m, size_t i, const struct dmp_import_service *s)
{
	const struct dmp_import_agent *agent = &m->import->agents[i];
	size_t index = service_host(m, i, s);

	if (s->role && !dmp_import_is_local(s->at.address))
		index = dmp_import_host_add(m, s->at.address, s->kind, agent->label);
	if (index != DMP_IMPORT_NO_HOST) {
		m->findings->hosts[index].roles |= s->role;
		return;
	}
	if (s->role || dmp_import_is_local(s->at.address) ||
	    dmp_import_failover_find(m, s->at.address))
		return;
	dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
	    "%s of %s has %s, which no DMS.xml lists", dmp_import_kind_name(s->kind),
	    agent->label, s->at.address);
}

static const char *
service_requirement(
    const struct dmp_import_service *service, const struct dmp_import_host *host)
{
	if (service->requirement)
		return service->requirement;
	if (service->role & DMP_ROLE_CASSANDRA)
		return "cassandra-cql";
	return host->roles & DMP_ROLE_DMA ? "indexing-http" : "elasticsearch-http";
}

static void
merge_service(struct dmp_import_merge *m, size_t i, const struct dmp_import_service *s)
{
	size_t index = service_host(m, i, s);
	struct dmp_import_port port = {
	    .port = s->at.port, .tls = s->at.tls, .connect = s->connect};

	/* nats:// tells nothing about TLS, which NATS begins by itself. */
	if (!(s->role & DMP_ROLE_INDEXING))
		port.tls = DMP_UNSET;
	if (index == DMP_IMPORT_NO_HOST ||
	    (!s->always && port.port == 0 && port.tls == DMP_UNSET))
		return;
	port.requirement = service_requirement(s, &m->findings->hosts[index]);
	port_add(m, &m->findings->hosts[index], &port, dmp_import_kind_name(s->kind),
	    m->import->agents[i].label);
}

static void
merge_number(struct dmp_import_merge *m, size_t i, const struct dmp_import_number *n)
{
	struct dmp_import_port port = {.requirement = n->requirement,
	    .port = n->port,
	    .level = n->none ? DMP_LEVEL_NONE : 0};

	if (m->host_of[i] != DMP_IMPORT_NO_HOST)
		port_add(m, &m->findings->hosts[m->host_of[i]], &port,
		    dmp_import_kind_name(n->kind), m->import->agents[i].label);
}

/* An Agent that is not as the feature says for all: the requirement does not apply
 * there. */
static void
merge_odd_one(struct dmp_import_merge *m, size_t i, enum dmp_import_flag_id id,
    enum dmp_tristate odd, const char *requirement)
{
	const struct dmp_import_agent *agent = &m->import->agents[i];
	struct dmp_import_port port = {
	    .requirement = requirement, .level = DMP_LEVEL_NONE};
	bool is_different;

	(void)dmp_import_agreed(m, id, &is_different);
	if (m->host_of[i] == DMP_IMPORT_NO_HOST || agent->flags[id].value != odd)
		return;
	if (is_different || id == DMP_IMPORT_FLAG_CLOUD_ENDPOINT) {
		struct dmp_import_host *host = &m->findings->hosts[m->host_of[i]];
		struct dmp_import_port *slot = port_find(host, requirement, 0, true);

		if (slot)
			slot->level = DMP_LEVEL_NONE;
		else
			port_add(m, host, &port,
			    dmp_import_kind_name(agent->flags[id].kind), agent->label);
	}
}

static bool
port_is_news(const struct dmp_import_host *host, const struct dmp_import_port *port)
{
	size_t n = 0;

	if (port->tls || port->level || port->port == 0 ||
	    port->port != usual_port(port->requirement))
		return true;
	for (size_t i = 0; i < host->n_ports; i++)
		n += strcmp(host->ports[i].requirement, port->requirement) == 0;
	return n > 1;
}

static void
drop_old_news(struct dmp_import_host *host)
{
	struct dmp_import_host before = *host;
	size_t n = 0;

	/* All are asked before any is gone: two ports of one requirement stay. */
	bool is_news[DMP_IMPORT_ITEMS];

	for (size_t i = 0; i < before.n_ports; i++)
		is_news[i] = port_is_news(&before, &before.ports[i]);
	for (size_t i = 0; i < before.n_ports; i++) {
		if (is_news[i])
			host->ports[n++] = host->ports[i];
	}
	host->n_ports = n;
}

/* CloudGateway connects there, which no file needs to tell. */
static void
merge_cloud(struct dmp_import_merge *m)
{
	static const char CLOUD[] = "tunnel.dataminer.services";
	struct dmp_import_port port = {.requirement = "dataminer-services"};
	struct dmp_import_host *host;
	size_t index;

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];
		enum dmp_import_kind kind = agent->seen[DMP_IMPORT_CLOUD_GATEWAY]
		                                ? DMP_IMPORT_CLOUD_GATEWAY
		                                : DMP_IMPORT_CLOUD_GATEWAY_CUSTOM;

		if (!agent->seen[kind])
			continue;
		index = dmp_import_host_add(m, CLOUD, kind, agent->label);
		if (index == DMP_IMPORT_NO_HOST)
			return;
		host = &m->findings->hosts[index];
		if (host->roles == 0)
			dmp_text_copy(host->source, sizeof host->source,
			    "no file: CloudGateway connects there, as its "
			    "documentation says");
		host->roles |= DMP_ROLE_CLOUD;
		port_add(m, host, &port, dmp_import_kind_name(kind), agent->label);
	}
}

void
dmp_import_merge_services(struct dmp_import_merge *m)
{
	const struct dmp_import *import = m->import;

	for (size_t i = 0; i < import->n_agents; i++) {
		for (size_t k = 0; k < import->agents[i].n_services; k++) {
			if (kind_counts(m, import->agents[i].services[k].kind))
				merge_role(m, i, &import->agents[i].services[k]);
		}
	}
	for (size_t i = 0; i < import->n_agents; i++) {
		for (size_t k = 0; k < import->agents[i].n_numbers; k++) {
			if (kind_counts(m, import->agents[i].numbers[k].kind))
				merge_number(m, i, &import->agents[i].numbers[k]);
		}
	}
	for (size_t i = 0; i < import->n_agents; i++) {
		for (size_t k = 0; k < import->agents[i].n_services; k++) {
			if (kind_counts(m, import->agents[i].services[k].kind))
				merge_service(m, i, &import->agents[i].services[k]);
		}
		merge_odd_one(m, i, DMP_IMPORT_FLAG_SNMP_AGENT, DMP_NO, "snmp-agent");
		merge_odd_one(m, i, DMP_IMPORT_FLAG_TELNET, DMP_YES, "telnet-stream");
		merge_odd_one(
		    m, i, DMP_IMPORT_FLAG_CLOUD_ENDPOINT, DMP_NO, "cloud-endpoint");
	}
	merge_cloud(m);
	for (size_t i = 0; i < m->findings->n_hosts; i++)
		drop_old_news(&m->findings->hosts[i]);
}
