/* SPDX-License-Identifier: BSD-2-Clause */
/* The XML files that one Agent has for itself: DataMiner.xml, MaintenanceSettings.xml,
 * SLNet.exe.config, SLCloud.xml, SNMP Managers.xml. */
#include <string.h>
#include <strings.h>

#include "model/importer_xml.h"

static void
settings_number(struct dmp_import_reader *r, const struct dmp_xml_element *element,
    const char *attribute, const char *requirement)
{
	uint16_t port =
	    dmp_import_take_port(r, element, dmp_import_attribute(element, attribute));

	if (port)
		dmp_import_add_number(r, requirement, port);
}

/* The v3 manager owns the trap port and hands v1 and v2 on, unless it has a port of its
 * own: then theirs stays beside it. */
static void
dataminer_read_traps(struct dmp_import_reader *r, const struct dmp_xml_element *root)
{
	static const char *const OLD[] = {"SNMPv1", "SNMPv2"};
	enum { TRAP_PORT = 162, ALTERNATIVE_PORT = 362 };
	const struct dmp_xml_element *e = dmp_import_only(r, root, "SNMPv3");
	uint16_t v3 = dmp_import_take_port(r, e, dmp_import_attribute(e, "trapPort"));
	bool has_old = false;

	for (size_t i = 0; i < sizeof OLD / sizeof OLD[0]; i++) {
		uint16_t port;

		e = dmp_import_only(r, root, OLD[i]);
		port = dmp_import_take_port(r, e, dmp_import_attribute(e, "trapPort"));
		if (port && port != v3)
			dmp_import_add_number(r, "snmp-trap", port);
		has_old = has_old || port;
	}
	if (!v3)
		return;
	if (v3 != TRAP_PORT && !has_old)
		dmp_import_add_number(r, "snmp-trap", TRAP_PORT);
	dmp_import_add_number(r, "snmp-trap", v3);
	if (v3 == ALTERNATIVE_PORT)
		dmp_import_add_none(r, "snmp-trap-v3");
}

/* A server of others: an address, and its port in an attribute. */
static void
dataminer_read_server(struct dmp_import_reader *r, const struct dmp_xml_element *e,
    const char *requirement)
{
	enum { CATALOG_PORT = 3268 };
	const char *tls = dmp_import_attribute(e, "useSSL");
	struct dmp_import_service service = {.role = DMP_ROLE_SERVER,
	    .requirement = requirement,
	    .always = true,
	    .kind = r->kind};

	if (!dmp_import_take_endpoint(
	        r, e, dmp_import_attribute(e, "host"), &service.at))
		return;
	if (dmp_import_attribute(e, "port"))
		service.at.port =
		    dmp_import_take_port(r, e, dmp_import_attribute(e, "port"));
	if (tls && *tls && !dmp_import_parse_bool(tls, &service.at.tls))
		dmp_import_problem(r, e->line, "expected true or false");
	if (strcmp(requirement, "ldap") == 0 && service.at.tls == DMP_YES)
		service.requirement = "ldaps";
	else if (strcmp(requirement, "ldap") == 0 && service.at.port == CATALOG_PORT)
		service.requirement = "ldap-catalog";
	service.at.tls = DMP_UNSET;
	dmp_import_add_service(r, &service);
}

/* HostPort is "25", or "465-ssl". */
static void
dataminer_read_smtp(struct dmp_import_reader *r, const struct dmp_xml_element *smtp)
{
	enum { SMTPS_PORT = 465 };
	const struct dmp_xml_element *port = dmp_import_only(r, smtp, "HostPort");
	struct dmp_import_service service = {.role = DMP_ROLE_SERVER,
	    .requirement = "smtp",
	    .always = true,
	    .kind = r->kind};
	const char *text = dmp_import_text(port);
	const char *dash = strchr(text, '-');
	char number[8];

	if (!dmp_import_take_endpoint(r, smtp,
	        dmp_import_text(dmp_import_only(r, smtp, "Host")), &service.at))
		return;
	if (dash && strcasecmp(dash, "-ssl") == 0)
		service.requirement = "smtps";
	if (dmp_import_trim(text, dash ? (size_t)(dash - text) : strlen(text), number,
	        sizeof number) &&
	    number[0])
		service.at.port = dmp_import_take_port(r, port, number);
	if (service.at.port == SMTPS_PORT)
		service.requirement = "smtps";
	service.at.tls = DMP_UNSET;
	dmp_import_add_service(r, &service);
}

void
dmp_import_read_dataminer(struct dmp_import_reader *r)
{
	struct dmp_xml *xml = dmp_import_xml(r, "DataMiner");
	const struct dmp_xml_element *root;
	const struct dmp_xml_element *e;
	const char *id;
	uint64_t number;

	if (!xml)
		return;
	root = xml->root;
	id = dmp_import_attribute(root, "id");
	if (id && dmp_text_number(id, 1, INT32_MAX, &number))
		r->agent->id = (uint32_t)number;
	e = dmp_import_only(r, root, "SNMP");
	dmp_import_take_flag(r, e,
	    dmp_import_attribute(e, "enableDataMinerAgentPolling"),
	    DMP_IMPORT_FLAG_SNMP_AGENT);
	settings_number(r, e, "port", "snmp-agent");
	dataminer_read_traps(r, root);
	e = dmp_import_only(r, root, "Telnet");
	dmp_import_take_flag(
	    r, e, dmp_import_attribute(e, "active"), DMP_IMPORT_FLAG_TELNET);
	settings_number(
	    r, dmp_import_only(r, root, "AlarmSocket"), "port", "alarm-socket");
	settings_number(
	    r, dmp_import_only(r, root, "PollSocket"), "port", "poll-socket");
	dataminer_read_server(r, dmp_import_only(r, root, "LDAP"), "ldap");
	dataminer_read_server(
	    r, dmp_import_only(r, root, "ExternalAuthentication"), "radius");
	dataminer_read_smtp(r, dmp_import_only(r, root, "SMTP"));
	dmp_xml_free(xml);
}

void
dmp_import_read_maintenance(struct dmp_import_reader *r)
{
	static const struct {
		const char *name;
		enum dmp_import_flag_id id;
		bool at_root; /* documented there, too */
	} FLAGS[] = {
	    {"EnableDotNetRemoting", DMP_IMPORT_FLAG_REMOTING, false},
	    {"InitRemotingViaAppConfig", DMP_IMPORT_FLAG_APP_CONFIG, false},
	    {"BrokerGateway", DMP_IMPORT_FLAG_BROKER, false},
	    {"NATSForceManualConfig", DMP_IMPORT_FLAG_MANUAL_NATS, true},
	};
	struct dmp_xml *xml = dmp_import_xml(r, "MaintenanceSettings");
	const struct dmp_xml_element *slnet;
	const struct dmp_xml_element *e;
	struct dmp_import_endpoint at;

	if (!xml)
		return;
	slnet = dmp_import_only(r, xml->root, "SLNet");
	for (size_t i = 0; i < sizeof FLAGS / sizeof FLAGS[0]; i++) {
		e = dmp_import_only(r, slnet, FLAGS[i].name);
		if (!e && FLAGS[i].at_root)
			e = dmp_import_only(r, xml->root, FLAGS[i].name);
		dmp_import_take_flag(r, e, dmp_import_text(e), FLAGS[i].id);
	}
	e = dmp_import_only(r, xml->root, "HTTPS");
	dmp_import_take_flag(
	    r, e, dmp_import_attribute(e, "enabled"), DMP_IMPORT_FLAG_HTTPS);
	if (dmp_import_take_endpoint(r, e, dmp_import_attribute(e, "name"), &at))
		dmp_text_copy(
		    r->agent->https_name, sizeof r->agent->https_name, at.address);
	dmp_xml_free(xml);
}

void
dmp_import_read_slnet(struct dmp_import_reader *r)
{
	static const char *const WAY[] = {
	    "system.runtime.remoting", "application", "channels"};
	struct dmp_xml *xml = dmp_import_xml(r, "configuration");
	const struct dmp_xml_element *e;

	if (!xml)
		return;
	e = xml->root;
	for (size_t i = 0; i < sizeof WAY / sizeof WAY[0]; i++)
		e = dmp_import_only(r, e, WAY[i]);
	for (e = dmp_import_child(e, "channel"); e; e = dmp_import_next(e)) {
		const char *name = dmp_import_attribute(e, "name");

		if (name && strcasecmp(name, "SLNetRemoting") == 0)
			settings_number(r, e, "port", "remoting");
	}
	dmp_xml_free(xml);
}

void
dmp_import_read_slcloud(struct dmp_import_reader *r)
{
	struct dmp_xml *xml = dmp_import_xml(r, "SLCloud");
	const struct dmp_xml_element *e;

	if (!xml)
		return;
	e = dmp_import_only(r, xml->root, "NATSServers");
	for (e = dmp_import_child(e, "NATSServer"); e; e = dmp_import_next(e)) {
		const struct dmp_xml_element *uri = dmp_import_only(r, e, "URI");
		struct dmp_import_service service = {
		    .requirement = "nats-client", .kind = r->kind};

		if (dmp_import_take_endpoint(r, uri, dmp_import_text(uri), &service.at))
			dmp_import_add_service(r, &service);
	}
	dmp_xml_free(xml);
}

void
dmp_import_read_snmp_managers(struct dmp_import_reader *r)
{
	struct dmp_xml *xml = dmp_import_xml(r, "SNMP");
	const struct dmp_xml_element *manager;
	const struct dmp_xml_element *ip;

	if (!xml)
		return;
	manager = dmp_import_child(
	    dmp_import_only(r, xml->root, "SnmpManagers"), "SnmpManager");
	for (; manager; manager = dmp_import_next(manager)) {
		for (ip = dmp_import_child(manager, "IP"); ip;
		     ip = dmp_import_next(ip)) {
			struct dmp_import_service service = {.role = DMP_ROLE_NMS,
			    .requirement = "snmp-forward",
			    .always = true,
			    .kind = r->kind};

			if (!dmp_import_take_endpoint(r, ip, ip->text, &service.at))
				continue;
			service.at.port = dmp_import_take_port(
			    r, ip, dmp_import_attribute(ip, "port"));
			dmp_import_add_service(r, &service);
		}
	}
	dmp_xml_free(xml);
}
