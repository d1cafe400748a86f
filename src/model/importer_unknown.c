/* SPDX-License-Identifier: BSD-2-Clause */
/* What was read, and what no file can tell: nobody shall take an import for the whole.
 */
#include <string.h>

#include "model/importer_merge.h"

static void
note_files(struct dmp_import_merge *m, const struct dmp_import_agent *agent)
{
	struct dmp_text names = {0};

	for (size_t k = 0; k < DMP_IMPORT_KINDS; k++) {
		if (agent->seen[k])
			dmp_text_printf(&names, "%s%s", names.size ? ", " : "",
			    dmp_import_kind_name((enum dmp_import_kind)k));
	}
	dmp_import_note(m->import, DMP_IMPORT_FOUND, "%s: %s", agent->label,
	    names.size ? dmp_text_get(&names) : "nothing that could be read");
	if (names.status != DMP_OK)
		m->import->status = names.status;
	dmp_text_done(&names);
}

static void
note_missing_folders(struct dmp_import_merge *m)
{
	for (size_t h = 0; h < m->findings->n_hosts; h++) {
		const struct dmp_import_host *host = &m->findings->hosts[h];
		bool has_folder = !(host->roles & DMP_ROLE_DMA);

		for (size_t i = 0; i < m->import->n_agents; i++)
			has_folder |= m->host_of[i] == h;
		if (!has_folder)
			dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
			    "%s is an Agent without a folder here: its ports, and how "
			    "it reaches others, are taken to be the usual ones",
			    host->name);
	}
}

static void
note_failovers(struct dmp_import_merge *m)
{
	for (size_t i = 0; i < m->findings->n_failovers; i++) {
		const struct dmp_import_failover *f = &m->findings->failovers[i];

		if (!f->address[0])
			dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
			    "the virtual address of %s: the site file has a comment in "
			    "its place",
			    f->name);
	}
	if (m->findings->n_failovers > 0)
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "the heartbeat addresses of Failover: which files have them is not "
		    "documented");
}

/* What one folder leaves open. */
static void
note_agent(struct dmp_import_merge *m, const struct dmp_import_agent *agent)
{
	if (agent->flags[DMP_IMPORT_FLAG_MANUAL_NATS].value == DMP_YES ||
	    agent->flags[DMP_IMPORT_FLAG_MANUAL_BROKER].value == DMP_YES)
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "%s: NATS is configured by hand: the plan has the routes that "
		    "DataMiner would make",
		    agent->label);
	if (agent->seen[DMP_IMPORT_CLOUD_GATEWAY] ||
	    agent->seen[DMP_IMPORT_CLOUD_GATEWAY_CUSTOM])
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "the version of CloudGateway (features cloud-gateway=)");
	if (!dmp_version_is_known(&agent->version) && dmp_import_is_agent(agent))
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
		    "%s: the version of DataMiner", agent->label);
	for (size_t i = 0; i < agent->n_numbers; i++) {
		if (strcmp(agent->numbers[i].requirement, "remoting") == 0 &&
		    agent->numbers[i].port != 8004 &&
		    agent->flags[DMP_IMPORT_FLAG_APP_CONFIG].value != DMP_YES)
			dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
			    "%s: whether the port in SLNet.exe.config is in use: "
			    "InitRemotingViaAppConfig is not true",
			    agent->label);
	}
}

static bool
has_proxy(const struct dmp_import_agent *agent)
{
	for (size_t i = 0; i < agent->n_services; i++) {
		if (agent->services[i].role == DMP_ROLE_CLOUD)
			return true;
	}
	return false;
}

void
dmp_import_merge_unknown(struct dmp_import_merge *m)
{
	static const char *const ALWAYS[] = {
	    "what elements poll, and on which ports: that is in the elements",
	    "the bindings of IIS: is port 80 closed (features https=only)?",
	    "clients, browsers and devices: a firewall needs their networks",
	    "time servers (requirement ntp)"};

	for (size_t i = 0; i < m->import->n_agents; i++) {
		const struct dmp_import_agent *agent = &m->import->agents[i];

		note_files(m, agent);
		note_agent(m, agent);
		if (agent->general == DMP_IMPORT_GENERAL_STAAS && !has_proxy(agent))
			dmp_import_note(m->import, DMP_IMPORT_UNKNOWN,
			    "the address of Storage as a Service depends on the "
			    "region: "
			    "add a host with the role cloud and a port element staas");
	}
	note_failovers(m);
	for (size_t i = 0; i < sizeof ALWAYS / sizeof ALWAYS[0]; i++)
		dmp_import_note(m->import, DMP_IMPORT_UNKNOWN, "%s", ALWAYS[i]);
	note_missing_folders(m);
}
