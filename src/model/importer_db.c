/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DB.xml and DBConfiguration.xml.  What DBServer means depends on the type: Cassandra
 * and search nodes are a list with commas, while for MSSQL a comma stands before the
 * port.  Of a connect string only the server and its port are looked at.
 */
#include <string.h>
#include <strings.h>

#include "model/importer_db.h"
#include "model/importer_xml.h"

struct db_type {
	const char *word;
	const char *requirement; /* to reach it as an offload database */
	uint16_t port;
	char port_separator; /* before the port in DBServer */
};

static const struct db_type DB_TYPES[] = {
    {"MySQL", "offload-mysql", 3306, ':'}, /* also without a type */
    {"MSSQL", "offload-sql-server", 1433, ','},
    {"Oracle", "offload-oracle", 1521, ':'},
};

/* One database of the file. */
struct db_case {
	struct dmp_import_reader *r;
	const struct dmp_xml_element *element;
	const struct db_type *type; /* NULL: none of the table */
	char word[24];              /* the type */
};

static bool
db_is_type(const struct db_case *c, const char *word)
{
	return strcasecmp(c->word, word) == 0;
}

/* Nodes of Cassandra or of a search cluster. */
static void
db_read_nodes(struct db_case *c, const char *text, unsigned role)
{
	char item[DMP_IMPORT_ITEM];

	while (dmp_import_next_item(&text, ",;", item)) {
		struct dmp_import_service node = {.role = role, .kind = c->r->kind};

		if (dmp_import_take_endpoint(c->r, c->element, item, &node.at))
			dmp_import_add_service(c->r, &node);
	}
}

/* "(HOST=h)(PORT=1521)" of an Oracle descriptor. */
static bool
descriptor_value(const char *text, const char *name, char *value, size_t size)
{
	size_t n = strlen(name);

	for (const char *p = text; *p; p++) {
		const char *q = p + 1;

		if (*p != '(' || strncasecmp(q, name, n) != 0)
			continue;
		q += n;
		q += strspn(q, " \t\r\n");
		if (*q == '=')
			return dmp_import_trim(q + 1, strcspn(q + 1, ")"), value, size);
	}
	return false;
}

static bool
connect_descriptor(const char *text, struct dmp_import_endpoint *endpoint)
{
	char host[DMP_IMPORT_ADDRESS];
	char port[8];

	if (!descriptor_value(text, "HOST", host, sizeof host) ||
	    !dmp_import_parse_endpoint(host, endpoint))
		return false;
	if (descriptor_value(text, "PORT", port, sizeof port))
		(void)dmp_import_parse_port(port, &endpoint->port);
	return true;
}

static bool
connect_is_server(const char *key)
{
	static const char *const KEYS[] = {
	    "data source", "server", "host", "address", "addr", "network address"};

	for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
		if (strcasecmp(key, KEYS[i]) == 0)
			return true;
	}
	return false;
}

/* The end of a value that stands in quotes or braces, which a doubled one of them does
 * not end. */
static const char *
connect_quoted_end(const char *p, char quote)
{
	while (*p && (*p != quote || p[1] == quote))
		p += *p == quote ? 2 : 1;
	return p;
}

/* The next "key=value" of a connect string; a value in quotes, or in the braces of
 * ODBC, may have any character in it. */
static bool
connect_next(const char **cursor, char *key, size_t key_size, char *value, size_t size)
{
	const char *p = *cursor;
	const char *end;
	size_t n;
	char quote;

	p += strspn(p, "; \t\r\n");
	n = strcspn(p, "=;");
	if (p[n] != '=')
		return false;
	if (!dmp_import_trim(p, n, key, key_size))
		key[0] = '\0';
	p += n + 1;
	p += strspn(p, " \t\r\n");
	quote = *p == '{' ? '}' : *p == '"' || *p == '\'' ? *p : '\0';
	if (quote)
		p++;
	end = quote ? connect_quoted_end(p, quote) : p + strcspn(p, ";");
	if (!dmp_import_trim(p, (size_t)(end - p), value, size))
		value[0] = '\0';
	*cursor = end + strcspn(end, ";");
	return true;
}

bool
dmp_import_parse_server(
    const char *text, char separator, struct dmp_import_endpoint *ret_endpoint)
{
	struct dmp_import_endpoint endpoint = {.port = 0};
	char host[DMP_IMPORT_ITEM];
	char *cut;
	uint16_t port = 0;

	if (!dmp_import_trim(text, strlen(text), host, sizeof host) || host[0] == '\0')
		return false;
	if (strncasecmp(host, "tcp:", 4) == 0)
		memmove(host, host + 4, strlen(host + 4) + 1);
	cut = separator == ',' ? strchr(host, ',') : NULL;
	if (cut) {
		*cut = '\0';
		if (!dmp_import_parse_port(cut + 1, &port))
			return false;
	}
	/* SERVER\INSTANCE: the instance may have any port. */
	host[strcspn(host, "\\")] = '\0';
	if (!dmp_import_parse_endpoint(host, &endpoint))
		return false;
	if (port)
		endpoint.port = port;
	*ret_endpoint = endpoint;
	return true;
}

bool
dmp_import_parse_connect_string(
    const char *text, char separator, struct dmp_import_endpoint *ret_endpoint)
{
	struct dmp_import_endpoint endpoint = {.port = 0};
	char key[24];
	char value[DMP_IMPORT_ITEM];
	uint16_t port = 0;
	bool is_found = false;

	while (connect_next(&text, key, sizeof key, value, sizeof value)) {
		if (strcasecmp(key, "port") == 0) {
			(void)dmp_import_parse_port(value, &port);
		} else if (connect_is_server(key) && !is_found) {
			is_found =
			    value[0] == '('
			        ? connect_descriptor(value, &endpoint)
			        : dmp_import_parse_server(value, separator, &endpoint);
		}
	}
	if (!is_found)
		return false;
	if (port)
		endpoint.port = port;
	*ret_endpoint = endpoint;
	return true;
}

/* The one server of a relational database: DBServer, else Server, else what the connect
 * string says. */
static bool
db_server(struct db_case *c, struct dmp_import_endpoint *ret_endpoint)
{
	static const char *const NAMES[] = {"DBServer", "Server"};
	char separator = c->type->port_separator;
	const struct dmp_xml_element *e;

	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		e = dmp_import_only(c->r, c->element, NAMES[i]);
		if (dmp_import_text(e)[0] == '\0')
			continue;
		if (dmp_import_parse_server(e->text, separator, ret_endpoint))
			return true;
		dmp_import_problem(c->r, e->line,
		    "expected one IP address or host name, with or without a port");
	}
	e = dmp_import_only(c->r, c->element, "ConnectString");
	if (dmp_import_text(e)[0] == '\0')
		return false;
	if (dmp_import_parse_connect_string(e->text, separator, ret_endpoint))
		return true;
	dmp_import_problem(c->r, e->line,
	    "the connect string names no server by address: where the database is, "
	    "only this machine knows");
	return false;
}

static bool
db_is_named_instance(const struct db_case *c)
{
	return strchr(dmp_import_text(dmp_import_child(c->element, "DBServer")), '\\');
}

/* SQL Server fetches offload files from a share of the Agent, Agents put those for
 * Oracle on \\SERVER\SHARE. */
static void
db_read_share(struct db_case *c)
{
	const struct dmp_xml_element *share =
	    dmp_import_only(c->r, c->element, "RemoteFileShare");
	struct dmp_import_service service = {.role = DMP_ROLE_SERVER,
	    .requirement = "offload-smb",
	    .always = true,
	    .kind = c->r->kind};
	const char *path = dmp_import_attribute(share, "path");
	char server[DMP_IMPORT_ADDRESS];

	if (strcmp(c->type->word, "MSSQL") == 0) {
		dmp_import_add_number(c->r, "offload-smb", 0);
		return;
	}
	if (strcmp(c->type->word, "Oracle") != 0 || !path ||
	    strncmp(path, "\\\\", 2) != 0 ||
	    !dmp_import_trim(path + 2, strcspn(path + 2, "\\"), server, sizeof server))
		return;
	if (dmp_import_take_endpoint(c->r, share, server, &service.at))
		dmp_import_add_service(c->r, &service);
}

/* An offload database or a CMDB. */
static void
db_read_offload(struct db_case *c, const char *what)
{
	struct dmp_import_service service = {
	    .role = DMP_ROLE_SERVER, .always = true, .kind = c->r->kind};

	if (!c->type) {
		dmp_import_problem(c->r, c->element->line,
		    "this type of offload database is not known");
		return;
	}
	if (!db_server(c, &service.at) || dmp_import_is_local(service.at.address))
		return;
	if (db_is_named_instance(c) && service.at.port == 0)
		dmp_import_note(c->r->import, DMP_IMPORT_UNKNOWN,
		    "%s: the port of the named MSSQL instance in DB.xml",
		    c->r->agent->label);
	service.requirement = c->type->requirement;
	dmp_import_add_service(c->r, &service);
	db_read_share(c);
	dmp_import_note(c->r->import, DMP_IMPORT_FOUND, "%s: %s %s", c->r->agent->label,
	    what, service.at.address);
}

/* Storage as a Service: direct, or by a proxy, which is then all that must answer. */
static void
db_read_cloud(struct db_case *c)
{
	const struct dmp_xml_element *proxy =
	    dmp_import_only(c->r, c->element, "Proxy");
	struct dmp_import_service service = {.role = DMP_ROLE_CLOUD,
	    .requirement = "staas",
	    .always = true,
	    .connect = true,
	    .kind = c->r->kind};
	const struct dmp_xml_element *port = dmp_import_child(proxy, "Port");

	c->r->agent->general = DMP_IMPORT_GENERAL_STAAS;
	if (!dmp_import_take_endpoint(c->r, proxy,
	        dmp_import_text(dmp_import_child(proxy, "Address")), &service.at))
		return;
	if (port)
		service.at.port = dmp_import_take_port(c->r, port, port->text);
	dmp_import_add_service(c->r, &service);
}

static void
db_read_general(struct db_case *c)
{
	const struct dmp_xml_element *server =
	    dmp_import_only(c->r, c->element, "DBServer");
	const struct dmp_xml_element *tls =
	    dmp_import_only(c->r, c->element, "TLSEnabled");
	bool is_cluster = db_is_type(c, "CassandraCluster");
	struct dmp_import_endpoint at;

	if (is_cluster || db_is_type(c, "Cassandra")) {
		c->r->agent->general = is_cluster ? DMP_IMPORT_GENERAL_CLUSTER
		                                  : DMP_IMPORT_GENERAL_CASSANDRA;
		db_read_nodes(c, dmp_import_text(server), DMP_ROLE_CASSANDRA);
		dmp_import_take_flag(
		    c->r, tls, dmp_import_text(tls), DMP_IMPORT_FLAG_CASSANDRA_TLS);
		return;
	}
	if (!c->type) {
		dmp_import_problem(c->r, c->element->line,
		    "this type of general database is not known");
		return;
	}
	c->r->agent->general = DMP_IMPORT_GENERAL_OTHER;
	if (dmp_import_text(server)[0] &&
	    dmp_import_parse_server(server->text, c->type->port_separator, &at) &&
	    !dmp_import_is_local(at.address))
		dmp_import_note(c->r->import, DMP_IMPORT_UNKNOWN,
		    "%s: the general database is %s on another machine: add a "
		    "requirement for its port",
		    c->r->agent->label, c->type->word);
}

static bool
db_says(const struct db_case *c, const char *attribute, enum dmp_tristate value)
{
	const char *text = dmp_import_attribute(c->element, attribute);
	enum dmp_tristate said = DMP_UNSET;

	return text && dmp_import_parse_bool(text, &said) && said == value;
}

static void
db_read(struct dmp_import_reader *r, const struct dmp_xml_element *element)
{
	struct db_case c = {.r = r, .element = element};
	const char *type = dmp_import_attribute(element, "type");

	if (db_says(&c, "active", DMP_NO))
		return;
	type = type && *type ? type : DB_TYPES[0].word;
	dmp_text_copy(c.word, sizeof c.word, type);
	for (size_t i = 0; i < sizeof DB_TYPES / sizeof DB_TYPES[0]; i++) {
		if (db_is_type(&c, DB_TYPES[i].word))
			c.type = &DB_TYPES[i];
	}
	if (db_is_type(&c, "CloudStorage"))
		db_read_cloud(&c);
	else if (db_says(&c, "search", DMP_YES) || db_is_type(&c, "Elasticsearch") ||
	         db_is_type(&c, "OpenSearch"))
		db_read_nodes(&c,
		    dmp_import_text(dmp_import_only(r, element, "DBServer")),
		    DMP_ROLE_INDEXING);
	else if (db_says(&c, "local", DMP_YES))
		db_read_general(&c);
	else if (db_says(&c, "local", DMP_NO))
		db_read_offload(&c, "offload database on");
	else if (dmp_import_attribute(element, "name"))
		db_read_offload(&c, "CMDB (planned like an offload database) on");
	else
		dmp_import_problem(
		    r, element->line, "expected local, search or name to tell its use");
}

void
dmp_import_read_db(struct dmp_import_reader *r)
{
	struct dmp_xml *xml = dmp_import_xml(r, "DataBases");
	const struct dmp_xml_element *e;

	if (!xml)
		return;
	for (e = dmp_import_child(xml->root, "DataBase"); e; e = dmp_import_next(e))
		db_read(r, e);
	dmp_xml_free(xml);
}

void
dmp_import_read_db_configuration(struct dmp_import_reader *r)
{
	struct dmp_xml *xml = dmp_import_xml(r, "DatabaseConfiguration");
	struct db_case c = {.r = r};
	const struct dmp_xml_element *e;

	if (!xml)
		return;
	e = dmp_import_only(r, xml->root, "SearchConfiguration");
	e = dmp_import_only(r, e, "ElasticConnections");
	for (e = dmp_import_child(e, "ElasticCluster"); e; e = dmp_import_next(e)) {
		const struct dmp_xml_element *hosts = dmp_import_only(r, e, "Hosts");

		c.element = e;
		db_read_nodes(&c, dmp_import_text(hosts), DMP_ROLE_INDEXING);
		for (const struct dmp_xml_element *h = hosts ? hosts->child : NULL; h;
		     h = h->next)
			db_read_nodes(&c, h->text, DMP_ROLE_INDEXING);
	}
	dmp_xml_free(xml);
}
