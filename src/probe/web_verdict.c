/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a judge first looks for proof, then for another product, and leaves
 * the rest to a table by status.  Texts of a server are localised and never decide
 * (a .NET Remoting server explains its 500 in the language of its machine); header
 * fields and names in JSON do.
 */
#include "probe/web_verdict.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "probe/remoting_wire.h"

#define SERVER_TEXT     96
#define REMOTING_SERVER "MS .NET Remoting"
#define JSON_DEPTH      4  /* levels in which a module is looked for */
#define JSON_OBJECTS    64 /* values looked at */

struct web_module {
	const char *name;
	const char *version;
	bool is_gateway;
	unsigned seen;
};

/* What a status means when nothing else is known of the reply. */
struct web_status {
	int first;
	int last;
	enum dmp_reason reason;
	const char *sentence;
};

static bool
web_starts(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

static bool
web_has(const char *s, const char *part)
{
	while (*s && !web_starts(s, part))
		s++;
	return *s != '\0';
}

void
dmp_web_server_text(const struct dmp_http *http, char *field, size_t size)
{
	static const struct {
		const char *prefix;
		const char *shown;
	} NAMES[] = {
	    {"Microsoft-IIS/", "IIS "},
	    {"Microsoft-HTTPAPI/", "http.sys "},
	    {"MS .NET Remoting, MS .NET CLR ", "MS .NET Remoting, CLR "},
	    {"Mono-HTTPAPI/", "Mono HTTP API "},
	    {"nginx/", "nginx "},
	    {"Apache/", "Apache "},
	};
	const char *server = http->fields[DMP_HTTP_SERVER];

	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		size_t length = strlen(NAMES[i].prefix);

		if (web_starts(server, NAMES[i].prefix)) {
			dmp_text_format(
			    field, size, "%s%s", NAMES[i].shown, server + length);
			return;
		}
	}
	dmp_text_copy(field, size, *server ? server : "a web server");
}

bool
dmp_web_wants_tls(const struct dmp_http *http)
{
	return http->status == 400 &&
	       (dmp_http_body_has(http, "sent to HTTPS port", false) ||
	           dmp_http_body_has(http, "HTTP request to an HTTPS server", false));
}

/* Does the reply name a product that never is DataMiner's web server?  *ret_name gets a
 * static string. */
static bool
web_stranger(const struct dmp_http *http, const char **ret_name)
{
	static const char *const SERVERS[] = {REMOTING_SERVER, "Mono-HTTPAPI",
	    "SimpleHTTP", "BaseHTTP", "CouchDB", "InfluxDB", "Jetty", "lighttpd"};
	const char *server = http->fields[DMP_HTTP_SERVER];

	if (http->fields[DMP_HTTP_ELASTIC_PRODUCT][0]) {
		*ret_name = "Elasticsearch";
		return true;
	}
	if (dmp_http_body_has(http, "# NATS Account Server", false)) {
		*ret_name = "the NATS Account Server";
		return true;
	}
	for (size_t i = 0; i < sizeof SERVERS / sizeof SERVERS[0]; i++)
		if (web_starts(server, SERVERS[i])) {
			*ret_name = SERVERS[i];
			return true;
		}
	return false;
}

void
dmp_web_wrong(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    const char *name, struct dmp_verdict *verdict)
{
	bool hint = spec->hint && *spec->hint;

	verdict->reason = DMP_REASON_WRONG_SERVICE;
	dmp_text_format(verdict->detail, sizeof verdict->detail,
	    "%s answers (HTTP %d)%s%s", name, http->status, hint ? "; " : "",
	    hint ? spec->hint : "");
}

/* What the user expects, a status or text of the body, overrules our own proof; an
 * error page cannot have the text. */
static bool
web_judge_expected(
    const struct dmp_http *http, const char *expect, struct dmp_verdict *verdict)
{
	uint64_t status;
	bool found;

	if (dmp_text_number(expect, 100, 599, &status))
		found = http->status == (int)status;
	else if (*expect && http->status / 100 == 2)
		found = dmp_http_body_has(http, expect, false);
	else
		return false;
	verdict->reason = found ? DMP_REASON_ANSWERED : DMP_REASON_BAD_ANSWER;
	dmp_text_format(verdict->detail, sizeof verdict->detail,
	    "HTTP %d %s the expected \"%.60s\"", http->status,
	    found ? "with" : "without", expect);
	return true;
}

/* What does not depend on the service that is looked for: true when it decided. */
static bool
web_judge_common(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    struct dmp_verdict *verdict)
{
	const char *stranger;

	if (dmp_web_wants_tls(http)) {
		dmp_web_wrong(http, spec, "a web server that wants TLS", verdict);
		return true;
	}
	if (web_stranger(http, &stranger)) {
		dmp_web_wrong(http, spec, stranger, verdict);
		return true;
	}
	return web_judge_expected(http, spec->expect ? spec->expect : "", verdict);
}

static void
web_judge_status(const struct dmp_http *http, const struct web_status *table,
    struct dmp_verdict *verdict)
{
	char server[SERVER_TEXT];

	dmp_web_server_text(http, server, sizeof server);
	while (http->status < table->first || http->status > table->last)
		table++;
	verdict->reason = table->reason;
	dmp_text_format(verdict->detail, sizeof verdict->detail, "HTTP %d from %s: %s",
	    http->status, server, table->sentence);
	if (http->status / 100 == 3 && http->fields[DMP_HTTP_LOCATION][0])
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    "HTTP %d from %s: redirects to %s, not followed", http->status,
		    server, http->fields[DMP_HTTP_LOCATION]);
}

static void
web_identity(const struct dmp_http *http, struct dmp_verdict *verdict)
{
	if (http->fields[DMP_HTTP_SERVER][0])
		dmp_web_server_text(http, verdict->identity, sizeof verdict->identity);
}

void
dmp_web_judge_dataminer_http(const struct dmp_http *http,
    const struct dmp_probe_spec *spec, struct dmp_verdict *verdict)
{
	static const struct web_status STATUS[] = {
	    {200, 299, DMP_REASON_IDENTITY_WEAK,
	        "the page does not name DataMiner's endpoints"},
	    {300, 399, DMP_REASON_IDENTITY_WEAK, "redirects, not followed"},
	    {400, 400, DMP_REASON_IDENTITY_WEAK,
	        "the request is refused, maybe a binding for another host name"},
	    {401, 403, DMP_REASON_IDENTITY_WEAK, "the page needs credentials"},
	    {404, 404, DMP_REASON_SERVICE_UNWELL,
	        "the web server answers, DataMiner's pages are not there"},
	    {503, 503, DMP_REASON_SERVICE_UNWELL,
	        "the web server answers, the application behind it is stopped"},
	    {500, 599, DMP_REASON_SERVICE_UNWELL, "the web server reports an error"},
	    {0, 999, DMP_REASON_IDENTITY_WEAK, "nothing names DataMiner"},
	};

	web_identity(http, verdict);
	if (web_judge_common(http, spec, verdict))
		return;
	if (http->status == 200 && (dmp_http_body_has(http, "SLNetService", true) ||
	                               dmp_http_body_has(http, ":8004", false))) {
		verdict->reason = DMP_REASON_ANSWERED;
		dmp_text_copy(verdict->detail, sizeof verdict->detail,
		    "DataMiner's list of endpoints answered");
		return;
	}
	web_judge_status(http, STATUS, verdict);
}

/* The value of a member whatever the case of its name's first letter. */
static const char *
json_member(const json_t *object, const char *lower, const char *upper)
{
	const json_t *value = json_object_get(object, lower);

	return json_string_value(value ? value : json_object_get(object, upper));
}

/* Walk arrays and objects for one that has a name and a version; APIGateway's own
 * beats every other.  JSON_DEPTH bounds the recursion. */
static void
json_find_module(json_t *value, unsigned depth, struct web_module *module)
{
	const char *name = json_member(value, "name", "Name");
	const char *version = json_member(value, "version", "Version");
	const char *key;
	json_t *child;
	size_t i;

	if (depth == JSON_DEPTH || module->seen == JSON_OBJECTS)
		return;
	module->seen++;
	if (name && version && !module->is_gateway) {
		bool is_gateway =
		    web_has(name, "APIGateway") || web_has(name, "API Gateway");

		if (is_gateway || !module->name) {
			module->name = name;
			module->version = version;
			module->is_gateway = is_gateway;
		}
	}
	json_array_foreach(value, i, child) json_find_module(child, depth + 1, module);
	json_object_foreach(value, key, child)
	    json_find_module(child, depth + 1, module);
}

/* True when the body is JSON that lists modules; adds them to the identity. */
static bool
web_read_modules(const struct dmp_http *http, struct dmp_verdict *verdict)
{
	struct web_module module = {0};
	json_t *root = json_loadb((const char *)http->body, http->body_size, 0, NULL);
	char server[SERVER_TEXT] = "";

	if (!root)
		return false;
	json_find_module(root, 0, &module);
	if (module.name) {
		dmp_text_copy(server, sizeof server, verdict->identity);
		dmp_text_format(verdict->identity, sizeof verdict->identity,
		    "%s %s%s%s", module.is_gateway ? "APIGateway" : module.name,
		    module.version, *server ? ", " : "", server);
	}
	json_decref(root);
	return module.name != NULL;
}

void
dmp_web_judge_dataminer_https(const struct dmp_http *http,
    const struct dmp_probe_spec *spec, struct dmp_verdict *verdict)
{
	static const struct web_status STATUS[] = {
	    {200, 299, DMP_REASON_IDENTITY_WEAK,
	        "the page does not name APIGateway's modules"},
	    {300, 399, DMP_REASON_IDENTITY_WEAK, "redirects, not followed"},
	    {401, 403, DMP_REASON_IDENTITY_WEAK, "the page needs credentials"},
	    {404, 404, DMP_REASON_SERVICE_UNWELL,
	        "the web server answers, APIGateway does not: it is not running, or "
	        "the web server is bound to another host name"},
	    {502, 504, DMP_REASON_SERVICE_UNWELL,
	        "the web server answers, the service behind it is down"},
	    {500, 599, DMP_REASON_SERVICE_UNWELL, "the web server reports an error"},
	    {0, 999, DMP_REASON_IDENTITY_WEAK, "nothing names APIGateway"},
	};

	web_identity(http, verdict);
	if (web_judge_common(http, spec, verdict))
		return;
	if (http->status == 200 && web_read_modules(http, verdict)) {
		verdict->reason = DMP_REASON_ANSWERED;
		dmp_text_copy(verdict->detail, sizeof verdict->detail,
		    "APIGateway answered with its modules");
		return;
	}
	web_judge_status(http, STATUS, verdict);
}

void
dmp_web_judge_remoting(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    struct dmp_verdict *verdict)
{
	const char *server = http->fields[DMP_HTTP_SERVER];
	char shown[SERVER_TEXT];

	dmp_web_server_text(http, shown, sizeof shown);
	if (web_starts(server, REMOTING_SERVER)) {
		web_identity(http, verdict);
		verdict->reason = DMP_REASON_ANSWERED;
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    http->status == 500
		        ? ".NET Remoting answered, with the expected HTTP %d"
		        : ".NET Remoting answered, with HTTP %d instead of 500",
		    http->status);
	} else if (dmp_remoting_is_binary(http->body, http->body_size)) {
		dmp_text_format(verdict->identity, sizeof verdict->identity,
		    ".NET Remoting, %s", shown);
		verdict->reason = DMP_REASON_ANSWERED;
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    ".NET Remoting answered with a serialised object (HTTP %d)",
		    http->status);
	} else if (web_starts(server, "Microsoft-HTTPAPI")) {
		dmp_web_wrong(http, spec,
		    "http.sys without SLNet: SLNet is not listening", verdict);
	} else if (*server) {
		dmp_web_wrong(http, spec, shown, verdict);
	} else {
		verdict->reason = DMP_REASON_IDENTITY_WEAK;
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    "HTTP %d without a Server field: .NET Remoting is not proven",
		    http->status);
	}
}

void
dmp_web_judge_cloud(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    struct dmp_verdict *verdict)
{
	static const struct web_status STATUS[] = {
	    {0, 999, DMP_REASON_IDENTITY_WEAK,
	        "HTTP is spoken, CloudGateway is not proven"},
	};

	web_identity(http, verdict);
	if (!web_judge_common(http, spec, verdict))
		web_judge_status(http, STATUS, verdict);
}
