/* SPDX-License-Identifier: BSD-2-Clause */
/* The files in JSON, and those of NATS, which are JSON or its own syntax. */
#include <string.h>
#include <strings.h>

#include "model/importer_agent.h"
#include "model/importer_conf.h"

/* Parse, with a note when it fails. */
static json_t *
json_tree(struct dmp_import_reader *r,
    enum dmp_status (*parse)(const char *text, json_t **ret_tree, unsigned *ret_line),
    const char *what)
{
	json_t *tree = NULL;
	unsigned line = 0;
	enum dmp_status status = parse(r->data, &tree, &line);

	if (status == DMP_OK)
		return tree;
	if (status == DMP_ENOMEM)
		r->import->status = status;
	else
		dmp_import_problem(r, line, what);
	return NULL;
}

static json_t *
json_tree_of_file(struct dmp_import_reader *r)
{
	return json_tree(r, dmp_import_json_parse, "this is not well-formed JSON");
}

/* A port as a number or as text; 0 when it is absent, or after a note. */
static uint16_t
json_port(struct dmp_import_reader *r, const json_t *value)
{
	json_int_t number = json_integer_value(value);
	uint16_t port = 0;

	if (!value || json_is_null(value))
		return 0;
	if (json_is_integer(value) && number > 0 && number <= UINT16_MAX)
		return (uint16_t)number;
	if (json_is_string(value) &&
	    dmp_import_parse_port(json_string_value(value), &port))
		return port;
	dmp_import_problem(r, 0, "expected a port number from 1 to 65535");
	return 0;
}

/* An address with or without a port; false when it is absent, or after a note. */
static bool
json_endpoint(struct dmp_import_reader *r, const json_t *value,
    struct dmp_import_endpoint *ret_endpoint)
{
	if (!value || json_is_null(value))
		return false;
	if (json_is_string(value) &&
	    dmp_import_parse_endpoint(json_string_value(value), ret_endpoint))
		return true;
	dmp_import_problem(
	    r, 0, "expected an IP address or a host name, with or without a port");
	return false;
}

static void
json_flag(struct dmp_import_reader *r, const json_t *value, enum dmp_import_flag_id id)
{
	enum dmp_tristate said = DMP_UNSET;

	if (!value || json_is_null(value))
		return;
	if (json_is_boolean(value))
		said = json_is_true(value) ? DMP_YES : DMP_NO;
	else if (!json_is_string(value) ||
	         !dmp_import_parse_bool(json_string_value(value), &said))
		dmp_import_problem(r, 0, "expected true or false");
	if (said)
		dmp_import_set_flag(r, id, said);
}

/* The port that a block of NATS listens to: port, or listen as "HOST:PORT" or "PORT".
 */
static void
nats_read_listen(
    struct dmp_import_reader *r, const json_t *block, const char *requirement)
{
	const json_t *listen = dmp_import_member(block, "listen");
	uint16_t port = json_port(r, dmp_import_member(block, "port"));
	struct dmp_import_endpoint at = {.port = 0};

	if (!port && json_is_string(listen) &&
	    !dmp_import_parse_port(json_string_value(listen), &port) &&
	    json_endpoint(r, listen, &at))
		port = at.port;
	if (!port && json_is_integer(listen))
		port = json_port(r, listen);
	if (port)
		dmp_import_add_number(r, requirement, port);
}

static void
nats_read_routes(struct dmp_import_reader *r, const json_t *routes)
{
	for (size_t i = 0; i < json_array_size(routes); i++) {
		struct dmp_import_service service = {
		    .requirement = "nats-route", .kind = r->kind};

		if (!json_endpoint(r, json_array_get(routes, i), &service.at))
			continue;
		dmp_import_add_service(r, &service);
		dmp_import_add_node(r, service.at.address, "");
	}
}

/* URL(http://HOST:9090/jwt/v1/accounts/): where the account server is. */
static void
nats_read_resolver(struct dmp_import_reader *r, const json_t *resolver)
{
	const char *text = json_string_value(resolver);
	char url[DMP_IMPORT_ITEM];
	struct dmp_import_service service = {
	    .requirement = "nats-account-server", .kind = r->kind};

	if (!text || strncasecmp(text, "URL(", 4) != 0 ||
	    !dmp_import_trim(text + 4, strcspn(text + 4, ")"), url, sizeof url))
		return;
	if (!dmp_import_parse_endpoint(url, &service.at)) {
		dmp_import_problem(r, 0, "the URL of resolver has no address");
		return;
	}
	service.at.tls = DMP_UNSET;
	if (service.at.port && dmp_import_is_local(service.at.address))
		dmp_import_add_number(r, service.requirement, service.at.port);
	else
		dmp_import_add_service(r, &service);
}

void
dmp_import_read_nats(struct dmp_import_reader *r)
{
	json_t *tree = json_tree(r, dmp_import_conf_parse,
	    "this is neither JSON nor a configuration file of NATS");
	const json_t *cluster = dmp_import_member(tree, "cluster");
	const json_t *monitor = dmp_import_member(tree, "http_port");
	uint16_t port;

	nats_read_listen(r, tree, "nats-client");
	port =
	    json_port(r, monitor ? monitor : dmp_import_member(tree, "monitor_port"));
	if (port)
		dmp_import_add_number(r, "nats-monitor", port);
	nats_read_listen(r, cluster, "nats-route");
	nats_read_routes(r, dmp_import_member(cluster, "routes"));
	nats_read_listen(r, dmp_import_member(tree, "gateway"), "nats-gateway");
	nats_read_listen(r, dmp_import_member(tree, "leafnodes"), "nats-leaf");
	nats_read_resolver(r, dmp_import_member(tree, "resolver"));
	json_decref(tree);
}

void
dmp_import_read_nas(struct dmp_import_reader *r)
{
	json_t *tree = json_tree(r, dmp_import_conf_parse,
	    "this is neither JSON nor a configuration file of NATS");
	struct dmp_import_service primary = {
	    .requirement = "nats-account-server", .kind = r->kind};

	nats_read_listen(r, dmp_import_member(tree, "http"), "nats-account-server");
	if (json_endpoint(r, dmp_import_member(tree, "primary"), &primary.at)) {
		primary.at.tls = DMP_UNSET;
		dmp_import_add_service(r, &primary);
	}
	json_decref(tree);
}

/* An endpoint is an address, or an object that has one as IP. */
static const json_t *
endpoint_address(const json_t *endpoint)
{
	return json_is_string(endpoint) ? endpoint : dmp_import_member(endpoint, "IP");
}

static void
endpoints_read(struct dmp_import_reader *r, const json_t *endpoints)
{
	for (size_t i = 0; i < json_array_size(endpoints); i++) {
		const json_t *endpoint = json_array_get(endpoints, i);
		const json_t *more = dmp_import_member(endpoint, "AdditionalEndpoints");
		struct dmp_import_endpoint at;
		struct dmp_import_endpoint virtual_at;

		if (!json_endpoint(r, endpoint_address(endpoint), &at))
			continue;
		if (json_array_size(more) == 0)
			dmp_import_add_node(r, at.address, "");
		for (size_t k = 0; k < json_array_size(more); k++) {
			if (json_endpoint(r, endpoint_address(json_array_get(more, k)),
			        &virtual_at))
				dmp_import_add_node(r, at.address, virtual_at.address);
		}
	}
}

void
dmp_import_read_cluster_endpoints(struct dmp_import_reader *r)
{
	json_t *tree = json_tree_of_file(r);

	if (tree && !json_is_array(dmp_import_member(tree, "Endpoints")))
		dmp_import_problem(r, 0, "there is no list called Endpoints");
	endpoints_read(r, dmp_import_member(tree, "Endpoints"));
	json_decref(tree);
}

/* ClusterInfo may stand in a section of any name. */
static const json_t *
broker_section(const json_t *tree)
{
	json_t *o = (json_t *)(uintptr_t)tree;

	if (dmp_import_member(tree, "ClusterInfo"))
		return tree;
	for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i)) {
		if (dmp_import_member(json_object_iter_value(i), "ClusterInfo"))
			return json_object_iter_value(i);
	}
	return tree;
}

void
dmp_import_read_broker(struct dmp_import_reader *r)
{
	json_t *tree = json_tree_of_file(r);
	const json_t *section = broker_section(tree);

	endpoints_read(r, dmp_import_member(section, "ClusterInfo"));
	json_flag(r, dmp_import_member(section, "HasManualConfig"),
	    DMP_IMPORT_FLAG_MANUAL_BROKER);
	json_decref(tree);
}

void
dmp_import_read_message_broker(struct dmp_import_reader *r)
{
	json_t *tree = json_tree_of_file(r);
	const json_t *config = dmp_import_member(tree, "BrokerGatewayConfig");
	const json_t *forced = dmp_import_member(config, "ForcedEndpoints");
	struct dmp_import_service credentials = {
	    .requirement = "broker-gateway", .kind = r->kind};

	if (!forced)
		forced = dmp_import_member(tree, "ForcedEndpoints");
	if (json_endpoint(
	        r, dmp_import_member(config, "CredentialsUrl"), &credentials.at)) {
		credentials.at.tls = DMP_UNSET;
		dmp_import_add_service(r, &credentials);
	}
	for (size_t i = 0; i < json_array_size(forced); i++) {
		struct dmp_import_service service = {
		    .requirement = "nats-client", .kind = r->kind};

		if (json_endpoint(r, json_array_get(forced, i), &service.at)) {
			service.at.tls = DMP_UNSET;
			dmp_import_add_service(r, &service);
		}
	}
	json_decref(tree);
}

void
dmp_import_read_cloud_gateway(struct dmp_import_reader *r)
{
	json_t *tree = json_tree_of_file(r);
	const json_t *endpoint = dmp_import_member(tree, "CloudEndpointOptions");
	uint16_t port = json_port(r, dmp_import_member(endpoint, "Port"));

	json_flag(
	    r, dmp_import_member(endpoint, "Enabled"), DMP_IMPORT_FLAG_CLOUD_ENDPOINT);
	if (port)
		dmp_import_add_number(r, "cloud-endpoint", port);
	if (json_object_size(dmp_import_member(tree, "DmzOptions")) > 0)
		dmp_import_note(r->import, DMP_IMPORT_UNKNOWN,
		    "%s: %s has DmzOptions: what CloudGateway reaches through a DMZ "
		    "was "
		    "not read",
		    r->agent->label, dmp_import_kind_name(r->kind));
	json_decref(tree);
}

/* Only what other machines can reach is of interest, and no port of the catalogue is
 * meant to be: those DxMs sit behind IIS. */
static void
kestrel_read_url(struct dmp_import_reader *r, const json_t *url)
{
	struct dmp_import_endpoint at;

	if (!json_is_string(url))
		return;
	if (!dmp_import_parse_endpoint(json_string_value(url), &at) || at.port == 0)
		return;
	if (r->kind == DMP_IMPORT_USER_API || r->kind == DMP_IMPORT_USER_API_CUSTOM)
		dmp_import_add_number(r, "user-defined-api", at.port);
	if (!dmp_import_is_local(at.address) || strcmp(at.address, "0.0.0.0") == 0 ||
	    strcmp(at.address, "::") == 0)
		dmp_import_note(r->import, DMP_IMPORT_UNKNOWN,
		    "%s: %s: Kestrel listens to %u/tcp for other machines, too: who "
		    "uses that",
		    r->agent->label, dmp_import_kind_name(r->kind), at.port);
}

void
dmp_import_read_kestrel(struct dmp_import_reader *r)
{
	json_t *tree = json_tree_of_file(r);
	json_t *endpoints =
	    dmp_import_member(dmp_import_member(tree, "Kestrel"), "Endpoints");

	for (void *i = json_object_iter(endpoints); i;
	     i = json_object_iter_next(endpoints, i))
		kestrel_read_url(
		    r, dmp_import_member(json_object_iter_value(i), "Url"));
	json_decref(tree);
}
