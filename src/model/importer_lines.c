/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of plain lines: ConnectionSettings.txt and VersionHistory.txt. */
#include <string.h>
#include <strings.h>

#include "model/importer_agent.h"

/* Ranges and options are separated by the first blank; both have semicolons in them. */
static const char *
clients_options(const char *line, char *ranges, size_t size)
{
	size_t n = strcspn(line, " \t");

	if (!dmp_import_trim(line, n, ranges, size))
		ranges[0] = '\0';
	return line + n;
}

static bool
clients_is_any(const char *ranges)
{
	char range[DMP_IMPORT_ITEM];

	while (dmp_import_next_item(&ranges, ";", range)) {
		if (strcmp(range, "*") == 0)
			return true;
	}
	return false;
}

static void
clients_read_type(struct dmp_import_reader *r, unsigned line, const char *type)
{
	struct dmp_import_clients *clients = &r->agent->clients;

	if (strcasecmp(type, "GRPCConnection") == 0)
		clients->grpc = true;
	else if (strcasecmp(type, "RemotingConnection") == 0)
		clients->remoting = true;
	else if (strcasecmp(type, "LegacyRemotingConnection") == 0)
		clients->legacy = true;
	else if (strcasecmp(type, "WSConnection") == 0)
		dmp_import_problem(r, line,
		    "clients are sent to Web Services, which DataMiner no longer has "
		    "from 10.0.11");
	else
		dmp_import_problem(r, line,
		    "expected the type GRPCConnection, RemotingConnection, "
		    "LegacyRemotingConnection or WSConnection");
}

static void
clients_read_line(struct dmp_import_reader *r, unsigned number, const char *line)
{
	static const uint16_t USUAL[] = {443, 8004};
	char ranges[DMP_IMPORT_ITEM];
	char option[DMP_IMPORT_ITEM];
	const char *options = clients_options(line, ranges, sizeof ranges);
	uint16_t port;
	bool has_type = false;

	while (dmp_import_next_item(&options, ";", option)) {
		if (strncasecmp(option, "type=", 5) == 0) {
			clients_read_type(r, number, option + 5);
			has_type = true;
		} else if (strncasecmp(option, "serverport=", 11) == 0 &&
		           dmp_import_parse_port(option + 11, &port) &&
		           port != USUAL[0] && port != USUAL[1]) {
			dmp_import_note(r->import, DMP_IMPORT_UNKNOWN,
			    "%s: ConnectionSettings.txt line %u sends clients to port "
			    "%u, other Agents may use another: add a requirement for "
			    "it",
			    r->agent->label, number, port);
		}
	}
	if (!has_type)
		dmp_import_problem(r, number, "there is no type= on the line");
	else if (clients_is_any(ranges))
		r->agent->clients.all = true;
}

void
dmp_import_read_clients(struct dmp_import_reader *r)
{
	const char *rest = r->data;
	char line[DMP_IMPORT_ITEM];
	unsigned number = 0;

	/* What comes after a line for any address is never reached. */
	while (dmp_import_next_item(&rest, "\n", line) && !r->agent->clients.all) {
		number++;
		if (line[0] != '\0' && line[0] != '#')
			clients_read_line(r, number, line);
	}
}

void
dmp_import_read_version_history(struct dmp_import_reader *r)
{
	const char *rest = r->data;
	char line[DMP_IMPORT_ITEM];
	char last[DMP_IMPORT_ITEM] = "";
	unsigned number = 0;
	unsigned at = 0;
	const char *version;

	while (dmp_import_next_item(&rest, "\n", line)) {
		number++;
		if (line[0] == '\0')
			continue;
		dmp_text_copy(last, sizeof last, line);
		at = number;
	}
	version = strchr(last, ';');
	if (!version || dmp_version_parse(DMP_PRODUCT_DATAMINER, version + 1,
	                    &r->agent->version) != DMP_OK)
		dmp_import_problem(
		    r, at, "expected \"DATE TIME;VERSION\" on the last line");
}
