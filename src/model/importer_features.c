/* SPDX-License-Identifier: BSD-2-Clause */
/* The attributes of site and features.  What no file tells is not written. */
#include <string.h>

#include "model/importer_merge.h"

static struct dmp_import_value *
value_add(struct dmp_import_merge *m, const char *name, const char *value)
{
	struct dmp_import_findings *f = m->findings;
	struct dmp_import_value *slot =
	    dmp_import_grow(m->import, &f->features, &f->n_features, sizeof *slot);

	if (!slot)
		return NULL;
	slot->name = name;
	dmp_text_copy(slot->value, sizeof slot->value, value);
	return slot;
}

/* Every folder's file that has the flag is a source. */
static void
value_sources(struct dmp_import_merge *m, enum dmp_import_flag_id id,
    char source[DMP_IMPORT_SOURCE])
{
	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		if (agent->flags[id].value)
			dmp_import_source_add(source,
			    dmp_import_kind_name(agent->flags[id].kind), agent->label);
	}
}

/* A feature that is a flag: its word for no and for yes. */
struct feature_flag {
	const char *name;
	enum dmp_import_flag_id id;
	const char *words[2];
	const char *conflict; /* what differs between the folders */
};

static void
merge_flag(struct dmp_import_merge *m, const struct feature_flag *flag)
{
	struct dmp_import_value *slot;
	bool is_different;
	enum dmp_tristate value = dmp_import_agreed(m, flag->id, &is_different);

	if (is_different)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT, "%s", flag->conflict);
	if (!value)
		return;
	slot = value_add(m, flag->name, flag->words[value == DMP_YES]);
	if (slot)
		value_sources(m, flag->id, slot->source);
}

static const struct dmp_version *
first_version(const struct dmp_import_merge *m)
{
	for (size_t i = 0; i < m->import->n_agents; i++) {
		if (dmp_version_is_known(&m->import->agents[i].version))
			return &m->import->agents[i].version;
	}
	return NULL;
}

static enum dmp_applies
version_since(const struct dmp_import_merge *m, const char *condition)
{
	const struct dmp_version *version = first_version(m);
	struct dmp_installed installed = {0};
	struct dmp_version_condition parsed;

	if (!version || dmp_version_condition_parse(condition, &parsed) != DMP_OK)
		return DMP_APPLIES_ASSUMED;
	installed.version[DMP_PRODUCT_DATAMINER] = *version;
	return dmp_version_since(&installed, &parsed);
}

static void
merge_version(struct dmp_import_merge *m)
{
	const struct dmp_version *version = first_version(m);
	struct dmp_import_findings *f = m->findings;
	struct dmp_import_value *slot;
	char first[DMP_VERSION_LINE];
	char text[DMP_VERSION_LINE];

	if (!version)
		return;
	slot = dmp_import_grow(m->import, &f->site, &f->n_site, sizeof *slot);
	if (!slot)
		return;
	dmp_version_text(version, first);
	slot->name = "dataminer";
	dmp_text_copy(slot->value, sizeof slot->value, first);
	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		if (!dmp_version_is_known(&agent->version))
			continue;
		dmp_version_text(&agent->version, text);
		if (strcmp(text, first) == 0)
			dmp_import_source_add(
			    slot->source, "VersionHistory.txt", agent->label);
		else
			dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
			    "%s has DataMiner %s, others %s: %s is taken", agent->label,
			    text, first, first);
	}
	if (version->c == 0 && version->cu == DMP_VERSION_CU_UNKNOWN)
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "the cumulative update of main release %s is not in "
		    "VersionHistory.txt: add it, as in dataminer=\"%s [CU3]\"",
		    first, first);
}

static void
merge_name(struct dmp_import_merge *m)
{
	struct dmp_import_findings *f = m->findings;
	struct dmp_import_value *slot = NULL;

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		if (!agent->cluster[0])
			continue;
		if (!slot) {
			slot = dmp_import_grow(
			    m->import, &f->site, &f->n_site, sizeof *slot);
			if (!slot)
				return;
			slot->name = "name";
			dmp_text_copy(slot->value, sizeof slot->value, agent->cluster);
		}
		if (strcmp(slot->value, agent->cluster) == 0)
			dmp_import_source_add(slot->source, "DMS.xml", agent->label);
		else
			dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
			    "DMS.xml of %s names another cluster than the others: are "
			    "these folders of one DataMiner System?",
			    agent->label);
	}
}

/* Every Agent decides for what it sends: without a word on one, its default holds there
 * and nothing can be said for all. */
static void
merge_inter_dma(struct dmp_import_merge *m)
{
	static const char *const WORDS[] = {"grpc", "remoting"};
	struct dmp_import_value *slot;
	bool is_different;
	enum dmp_tristate value =
	    dmp_import_agreed(m, DMP_IMPORT_FLAG_REMOTING, &is_different);

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		is_different =
		    is_different || (value && dmp_import_is_agent(agent) &&
		                        !agent->flags[DMP_IMPORT_FLAG_REMOTING].value);
	}
	if (is_different)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "EnableDotNetRemoting in MaintenanceSettings.xml is not the same "
		    "on "
		    "all Agents: a link is written for each that says something");
	if (!value || is_different)
		return;
	if (value == DMP_NO && version_since(m, "10.3.0/10.3.2") == DMP_APPLIES_NO)
		return;
	slot = value_add(m, "inter-dma", WORDS[value == DMP_YES]);
	if (slot)
		value_sources(m, DMP_IMPORT_FLAG_REMOTING, slot->source);
}

/* What the clients of one Agent use; "" when that is not one thing, or not known. */
static const char *
clients_word(const struct dmp_import_merge *m, const struct dmp_import_clients *clients)
{
	bool is_remoting = clients->legacy || clients->remoting;

	if (!clients->all || clients->grpc == is_remoting)
		return "";
	if (clients->grpc)
		return "grpc";
	/* A later version may turn RemotingConnection into gRPC by itself. */
	if (clients->remoting && version_since(m, "10.5.10/10.6.0") != DMP_APPLIES_NO)
		return "";
	return "remoting";
}

static void
merge_clients(struct dmp_import_merge *m)
{
	const char *word = NULL;
	char source[DMP_IMPORT_SOURCE] = "";
	struct dmp_import_value *slot;

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];
		const char *here = clients_word(m, &agent->clients);

		if (!agent->seen[DMP_IMPORT_CLIENTS])
			continue;
		if (!*here)
			dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
			    "%s: ConnectionSettings.txt does not settle what all "
			    "clients use",
			    agent->label);
		if (word && strcmp(word, here) != 0) {
			dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
			    "ConnectionSettings.txt is not the same on all Agents: "
			    "what clients use is left open");
			here = "";
		}
		word = word && !*word ? word : here;
		dmp_import_source_add(source, "ConnectionSettings.txt", agent->label);
	}
	if (!word || !*word)
		return;
	slot = value_add(m, "client", word);
	if (slot)
		dmp_text_copy(slot->source, sizeof slot->source, source);
}

/* A legacy nats-server.config proves legacy NATS only while no BrokerGateway is there
 * and the version is one that may still have it. */
static void
merge_nats(struct dmp_import_merge *m)
{
	static const char *const WORDS[] = {"legacy", "broker"};
	char source[DMP_IMPORT_SOURCE] = "";
	bool is_different;
	bool has_broker = false;
	struct dmp_import_value *slot;
	enum dmp_tristate value =
	    dmp_import_agreed(m, DMP_IMPORT_FLAG_BROKER, &is_different);

	if (is_different)
		dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
		    "BrokerGateway in MaintenanceSettings.xml is not the same on all "
		    "Agents");
	value_sources(m, DMP_IMPORT_FLAG_BROKER, source);
	for (size_t i = 0; i < m->import->n_agents; i++)
		has_broker |= m->import->agents[i].seen[DMP_IMPORT_BROKER];
	for (size_t i = 0;
	     i < m->import->n_agents && !value && !is_different && !has_broker; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		if (agent->seen[DMP_IMPORT_NATS] &&
		    version_since(m, "10.6.0/10.6.1") == DMP_APPLIES_NO)
			dmp_import_source_add(
			    source, "nats-server.config", agent->label);
	}
	if (!value && !is_different && source[0])
		value = DMP_NO;
	if (value == DMP_NO && version_since(m, "10.6.0/10.6.1") == DMP_APPLIES_YES)
		value = DMP_YES;
	m->broker = value;
	slot = value ? value_add(m, "nats", WORDS[value == DMP_YES]) : NULL;
	if (slot)
		dmp_text_copy(slot->source, sizeof slot->source, source);
}

/* Do the Cassandra nodes of an Agent run on its own machine? */
static bool
nodes_are_local(const struct dmp_import_merge *m, size_t i)
{
	const struct dmp_import_agent *agent = &m->import->agents[i];

	for (size_t k = 0; k < agent->n_services; k++) {
		const struct dmp_import_service *s = &agent->services[k];

		if ((s->role & DMP_ROLE_CASSANDRA) &&
		    !dmp_import_is_local(s->at.address) &&
		    dmp_import_host_find(m, s->at.address) != m->host_of[i])
			return false;
	}
	return true;
}

static const char *
storage_word(struct dmp_import_merge *m, size_t i)
{
	const struct dmp_import_agent *agent = &m->import->agents[i];

	switch (agent->general) {
	case DMP_IMPORT_GENERAL_CASSANDRA:
		if (nodes_are_local(m, i))
			return "cassandra-local";
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "%s has Cassandra nodes of its own on other machines: which nodes "
		    "form a ring is not known, all count as one",
		    agent->label);
		return "cassandra";
	case DMP_IMPORT_GENERAL_CLUSTER:
		return "cassandra";
	case DMP_IMPORT_GENERAL_STAAS:
		return "staas";
	case DMP_IMPORT_GENERAL_OTHER:
		return "other";
	case DMP_IMPORT_GENERAL_UNKNOWN:
		break;
	}
	return "";
}

static void
merge_storage(struct dmp_import_merge *m)
{
	const char *word = "";
	char source[DMP_IMPORT_SOURCE] = "";
	struct dmp_import_value *slot;

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];
		const char *here = storage_word(m, i);

		if (!*here)
			continue;
		if (*word && strcmp(word, here) != 0) {
			dmp_import_note(m->import, DMP_IMPORT_CONFLICT,
			    "the general database of %s is of another type than that "
			    "of the others: storage is left open",
			    agent->label);
			return;
		}
		word = here;
		dmp_import_source_add(source, "DB.xml", agent->label);
	}
	slot = *word ? value_add(m, "storage", word) : NULL;
	if (slot)
		dmp_text_copy(slot->source, sizeof slot->source, source);
}

static void
merge_failover(struct dmp_import_merge *m)
{
	struct dmp_import_value *slot;

	if (m->findings->n_failovers == 0)
		return;
	slot = value_add(m, "failover", "yes");
	if (slot)
		dmp_text_copy(slot->source, sizeof slot->source,
		    "two folders with one DataMiner ID");
}

/* SNMP managers may poll some Agents only, and the others may have telnet: the feature
 * is what makes the port wanted or unwanted, and the odd ones are said not to have it
 * (importer_ports.c). */
static void
merge_per_agent(struct dmp_import_merge *m, const char *name,
    enum dmp_import_flag_id id, enum dmp_tristate mixed)
{
	static const char *const WORDS[] = {"no", "yes"};
	struct dmp_import_value *slot;
	bool is_different;
	enum dmp_tristate value = dmp_import_agreed(m, id, &is_different);

	if (is_different)
		value = mixed;
	slot = value ? value_add(m, name, WORDS[value == DMP_YES]) : NULL;
	if (slot)
		value_sources(m, id, slot->source);
}

void
dmp_import_merge_features(struct dmp_import_merge *m)
{
	static const struct feature_flag TLS = {"cassandra-tls",
	    DMP_IMPORT_FLAG_CASSANDRA_TLS, {"no", "yes"},
	    "TLSEnabled in DB.xml is not the same on all Agents: it is left open"};
	static const struct feature_flag HTTPS = {"https", DMP_IMPORT_FLAG_HTTPS,
	    {"no", "yes"},
	    "HTTPS in MaintenanceSettings.xml is not the same on all Agents: it is "
	    "left open"};

	merge_name(m);
	merge_version(m);
	merge_inter_dma(m);
	merge_clients(m);
	merge_nats(m);
	merge_storage(m);
	merge_flag(m, &TLS);
	merge_flag(m, &HTTPS);
	merge_per_agent(m, "snmp-agent", DMP_IMPORT_FLAG_SNMP_AGENT, DMP_YES);
	merge_per_agent(m, "telnet", DMP_IMPORT_FLAG_TELNET, DMP_NO);
	merge_failover(m);
}
