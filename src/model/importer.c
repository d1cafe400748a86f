/* SPDX-License-Identifier: BSD-2-Clause */
/* The files and their readers, and the lists that these fill. */
#include "model/importer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "model/importer_agent.h"

enum { NOTE_TEXT = 512, NOTES_MAX = 64 * 1024 };

#define DXM "Skyline Communications/DataMiner "

static const struct dmp_import_place PLACES[] = {
    {DMP_IMPORT_DMS, DMP_IMPORT_TREE_DATAMINER, "DMS.xml"},
    {DMP_IMPORT_DATAMINER, DMP_IMPORT_TREE_DATAMINER, "DataMiner.xml"},
    {DMP_IMPORT_MAINTENANCE, DMP_IMPORT_TREE_DATAMINER, "MaintenanceSettings.xml"},
    {DMP_IMPORT_DB, DMP_IMPORT_TREE_DATAMINER, "DB.xml"},
    {DMP_IMPORT_DB_CONFIGURATION, DMP_IMPORT_TREE_DATAMINER,
        "Databases/DBConfiguration.xml"},
    {DMP_IMPORT_DB_CONFIGURATION, DMP_IMPORT_TREE_DATAMINER,
        "Database/DBConfiguration.xml"},
    {DMP_IMPORT_CLIENTS, DMP_IMPORT_TREE_DATAMINER, "Webpages/ConnectionSettings.txt"},
    {DMP_IMPORT_SLNET, DMP_IMPORT_TREE_DATAMINER, "Files/SLNet.exe.config"},
    {DMP_IMPORT_SLCLOUD, DMP_IMPORT_TREE_DATAMINER, "SLCloud.xml"},
    {DMP_IMPORT_SNMP_MANAGERS, DMP_IMPORT_TREE_DATAMINER, "SNMP Managers.xml"},
    {DMP_IMPORT_VERSION_HISTORY, DMP_IMPORT_TREE_DATAMINER,
        "Upgrades/VersionHistory.txt"},
    {DMP_IMPORT_NATS, DMP_IMPORT_TREE_DATAMINER,
        "NATS/nats-streaming-server/nats-server.config"},
    {DMP_IMPORT_NAS, DMP_IMPORT_TREE_DATAMINER, "NATS/nats-account-server/nas.config"},
    {DMP_IMPORT_CLUSTER_ENDPOINTS, DMP_IMPORT_TREE_DATAMINER,
        "Configurations/ClusterEndpoints.json"},
    {DMP_IMPORT_BROKER_NATS, DMP_IMPORT_TREE_PROGRAMS,
        DXM "BrokerGateway/nats-server/nats-server.config"},
    {DMP_IMPORT_BROKER, DMP_IMPORT_TREE_PROGRAMS,
        DXM "BrokerGateway/appsettings.runtime.json"},
    {DMP_IMPORT_MESSAGE_BROKER, DMP_IMPORT_TREE_DATA,
        "Skyline Communications/DataMiner/MessageBrokerConfig.json"},
    {DMP_IMPORT_CLOUD_GATEWAY, DMP_IMPORT_TREE_PROGRAMS,
        DXM "CloudGateway/appsettings.json"},
    {DMP_IMPORT_CLOUD_GATEWAY_CUSTOM, DMP_IMPORT_TREE_PROGRAMS,
        DXM "CloudGateway/appsettings.custom.json"},
    {DMP_IMPORT_API_GATEWAY, DMP_IMPORT_TREE_PROGRAMS,
        DXM "APIGateway/appsettings.json"},
    {DMP_IMPORT_API_GATEWAY_CUSTOM, DMP_IMPORT_TREE_PROGRAMS,
        DXM "APIGateway/appsettings.custom.json"},
    {DMP_IMPORT_USER_API, DMP_IMPORT_TREE_PROGRAMS,
        DXM "UserDefinableApiEndpoint/appsettings.json"},
    {DMP_IMPORT_USER_API_CUSTOM, DMP_IMPORT_TREE_PROGRAMS,
        DXM "UserDefinableApiEndpoint/appsettings.custom.json"},
};

static const struct {
	const char *name;
	void (*read)(struct dmp_import_reader *r);
} KINDS[] = {
    [DMP_IMPORT_DMS] = {"DMS.xml", dmp_import_read_dms},
    [DMP_IMPORT_DATAMINER] = {"DataMiner.xml", dmp_import_read_dataminer},
    [DMP_IMPORT_MAINTENANCE] = {"MaintenanceSettings.xml", dmp_import_read_maintenance},
    [DMP_IMPORT_DB] = {"DB.xml", dmp_import_read_db},
    [DMP_IMPORT_DB_CONFIGURATION] = {"DBConfiguration.xml",
        dmp_import_read_db_configuration},
    [DMP_IMPORT_CLIENTS] = {"ConnectionSettings.txt", dmp_import_read_clients},
    [DMP_IMPORT_SLNET] = {"SLNet.exe.config", dmp_import_read_slnet},
    [DMP_IMPORT_SLCLOUD] = {"SLCloud.xml", dmp_import_read_slcloud},
    [DMP_IMPORT_SNMP_MANAGERS] = {"SNMP Managers.xml", dmp_import_read_snmp_managers},
    [DMP_IMPORT_VERSION_HISTORY] = {"VersionHistory.txt",
        dmp_import_read_version_history},
    [DMP_IMPORT_NATS] = {"nats-server.config", dmp_import_read_nats},
    [DMP_IMPORT_NAS] = {"nas.config", dmp_import_read_nas},
    [DMP_IMPORT_CLUSTER_ENDPOINTS] = {"ClusterEndpoints.json",
        dmp_import_read_cluster_endpoints},
    [DMP_IMPORT_BROKER_NATS] = {"BrokerGateway nats-server.config",
        dmp_import_read_nats},
    [DMP_IMPORT_BROKER] = {"BrokerGateway appsettings.runtime.json",
        dmp_import_read_broker},
    [DMP_IMPORT_MESSAGE_BROKER] = {"MessageBrokerConfig.json",
        dmp_import_read_message_broker},
    [DMP_IMPORT_CLOUD_GATEWAY] = {"CloudGateway appsettings.json",
        dmp_import_read_cloud_gateway},
    [DMP_IMPORT_CLOUD_GATEWAY_CUSTOM] = {"CloudGateway appsettings.custom.json",
        dmp_import_read_cloud_gateway},
    [DMP_IMPORT_API_GATEWAY] = {"APIGateway appsettings.json", dmp_import_read_kestrel},
    [DMP_IMPORT_API_GATEWAY_CUSTOM] = {"APIGateway appsettings.custom.json",
        dmp_import_read_kestrel},
    [DMP_IMPORT_USER_API] = {"UserDefinableApiEndpoint appsettings.json",
        dmp_import_read_kestrel},
    [DMP_IMPORT_USER_API_CUSTOM] = {"UserDefinableApiEndpoint appsettings.custom.json",
        dmp_import_read_kestrel},
};
_Static_assert(
    sizeof KINDS / sizeof KINDS[0] == DMP_IMPORT_KINDS, "a reader for each kind");

const struct dmp_import_place *
dmp_import_places(size_t *ret_n)
{
	*ret_n = sizeof PLACES / sizeof PLACES[0];
	return PLACES;
}

const char *
dmp_import_kind_name(enum dmp_import_kind kind)
{
	return KINDS[kind].name;
}

void
dmp_import_note(
    struct dmp_import *import, enum dmp_import_note class, const char *format, ...)
{
	static const char *const WORDS[] = {"found", "problem", "conflict", "unknown"};
	char line[NOTE_TEXT];
	char shown[NOTE_TEXT];
	va_list args;

	if (import->notes[class].size > NOTES_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	dmp_text_printable(shown, sizeof shown, line, strlen(line));
	/* A note of the very same words is none. */
	if (strstr(dmp_text_get(&import->notes[class]), shown))
		return;
	dmp_text_printf(&import->notes[class], "%s: %s\n", WORDS[class], shown);
	if (import->notes[class].size > NOTES_MAX)
		dmp_text_printf(&import->notes[class],
		    "%s: more of this kind is left out\n", WORDS[class]);
}

void
dmp_import_problem(struct dmp_import_reader *r, unsigned line, const char *what)
{
	char at[24] = "";

	if (line > 0)
		dmp_text_format(at, sizeof at, ", line %u", line);
	if (++r->import->n_problems <= DMP_IMPORT_ITEMS)
		dmp_import_note(r->import, DMP_IMPORT_PROBLEM, "%s of %s%s: %s",
		    dmp_import_kind_name(r->kind), r->agent->label, at, what);
}

/* A list has room up to the next power of two. */
void *
dmp_import_grow(struct dmp_import *import, void *items, size_t *n, size_t item_size)
{
	void *list;
	char *slot;

	if (*n >= DMP_IMPORT_ITEMS) {
		import->n_problems++;
		dmp_import_note(import, DMP_IMPORT_PROBLEM,
		    "a list has more than %d items: the rest is left out",
		    DMP_IMPORT_ITEMS);
		return NULL;
	}
	memcpy(&list, items, sizeof list);
	if ((*n & (*n - 1)) == 0) {
		list = realloc(list, (*n ? 2 * *n : 1) * item_size);
		if (!list) {
			import->status = DMP_ENOMEM;
			return NULL;
		}
		memcpy(items, &list, sizeof list);
	}
	slot = (char *)list + *n * item_size;
	memset(slot, 0, item_size);
	(*n)++;
	return slot;
}

void
dmp_import_add_service(
    struct dmp_import_reader *r, const struct dmp_import_service *service)
{
	struct dmp_import_service *slot = dmp_import_grow(
	    r->import, &r->agent->services, &r->agent->n_services, sizeof *slot);

	if (slot)
		*slot = *service;
}

static bool
number_is_override(enum dmp_import_kind kind)
{
	return kind == DMP_IMPORT_CLOUD_GATEWAY_CUSTOM ||
	       kind == DMP_IMPORT_USER_API_CUSTOM;
}

static void
importer_add_number(struct dmp_import_reader *r, const struct dmp_import_number *number)
{
	struct dmp_import_number *slot = NULL;

	/* appsettings.custom.json overrides what appsettings.json says. */
	for (size_t i = 0; i < r->agent->n_numbers && number_is_override(r->kind);
	     i++) {
		if (strcmp(r->agent->numbers[i].requirement, number->requirement) == 0)
			slot = &r->agent->numbers[i];
	}
	if (!slot)
		slot = dmp_import_grow(
		    r->import, &r->agent->numbers, &r->agent->n_numbers, sizeof *slot);
	if (slot)
		*slot = *number;
}

void
dmp_import_add_number(
    struct dmp_import_reader *r, const char *requirement, uint16_t port)
{
	importer_add_number(
	    r, &(struct dmp_import_number){
	           .requirement = requirement, .port = port, .kind = r->kind});
}

void
dmp_import_add_none(struct dmp_import_reader *r, const char *requirement)
{
	importer_add_number(
	    r, &(struct dmp_import_number){
	           .requirement = requirement, .none = true, .kind = r->kind});
}

void
dmp_import_add_node(
    struct dmp_import_reader *r, const char *address, const char *virtual_address)
{
	struct dmp_import_node *slot = dmp_import_grow(
	    r->import, &r->agent->nodes, &r->agent->n_nodes, sizeof *slot);

	if (!slot)
		return;
	slot->kind = r->kind;
	dmp_text_copy(slot->address, sizeof slot->address, address);
	dmp_text_copy(
	    slot->virtual_address, sizeof slot->virtual_address, virtual_address);
}

void
dmp_import_set_flag(
    struct dmp_import_reader *r, enum dmp_import_flag_id id, enum dmp_tristate value)
{
	r->agent->flags[id] = (struct dmp_import_flag){value, r->kind};
}

struct dmp_import *
dmp_import_new(void)
{
	return calloc(1, sizeof(struct dmp_import));
}

void
dmp_import_free(struct dmp_import *import)
{
	if (!import)
		return;
	for (size_t i = 0; i < import->n_agents; i++) {
		free(import->agents[i].dmas);
		free(import->agents[i].redirects);
		free(import->agents[i].services);
		free(import->agents[i].numbers);
		free(import->agents[i].nodes);
	}
	free(import->agents);
	for (size_t i = 0; i < DMP_IMPORT_NOTES; i++)
		dmp_text_done(&import->notes[i]);
	free(import);
}

enum dmp_status
dmp_import_folder(struct dmp_import *import, const char *label)
{
	struct dmp_import_agent *agent;
	struct dmp_address address;

	if (import->n_agents >= DMP_IMPORT_FOLDERS)
		return DMP_ETOOBIG;
	agent =
	    dmp_import_grow(import, &import->agents, &import->n_agents, sizeof *agent);
	if (!agent)
		return DMP_ENOMEM;
	dmp_text_printable(agent->label, sizeof agent->label, label, strlen(label));
	if (dmp_address_parse(label, &address))
		dmp_text_copy(agent->guess, sizeof agent->guess, label);
	return DMP_OK;
}

enum dmp_status
dmp_import_file(
    struct dmp_import *import, enum dmp_import_kind kind, const char *data, size_t size)
{
	struct dmp_import_reader r = {.import = import,
	    .agent = &import->agents[import->n_agents - 1],
	    .kind = kind};
	enum dmp_status status = DMP_EINVAL;
	char *text = NULL;

	if (size > DMP_IMPORT_BYTES) {
		dmp_import_problem(&r, 0, "the file is too large, at most 1 MiB");
		return import->status;
	}
	status = dmp_import_decode(data, size, &text, &r.size);
	if (status == DMP_OK) {
		r.data = text;
		r.agent->seen[kind] = true;
		KINDS[kind].read(&r);
	} else if (status == DMP_EINVAL) {
		dmp_import_problem(&r, 0, "this is no text in UTF-8 or UTF-16");
	} else {
		import->status = status;
	}
	free(text);
	return import->status;
}

void
dmp_import_missed(struct dmp_import *import, enum dmp_import_kind kind, const char *why)
{
	struct dmp_import_reader r = {.import = import,
	    .agent = &import->agents[import->n_agents - 1],
	    .kind = kind};

	dmp_import_problem(&r, 0, why);
}
