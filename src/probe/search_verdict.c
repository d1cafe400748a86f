/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: the proof is the node's own JSON (a version number beside the product's
 * tagline or distribution), or where that is withheld a header field or an error type
 * that only these two products send.  Names in it are user text.
 */
#include "probe/search_verdict.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

#define SERVER_TEXT  96
#define VERSION_TEXT 24
#define NAME_TEXT    48

enum search_product { SEARCH_OTHER = 0, SEARCH_ELASTICSEARCH, SEARCH_OPENSEARCH };

static const char *
json_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static enum search_product
search_product(const json_t *root, const json_t *version)
{
	const char *tagline = json_text(root, "tagline");

	if (!json_text(version, "number")[0])
		return SEARCH_OTHER;
	if (strcmp(json_text(version, "distribution"), "opensearch") == 0 ||
	    text_starts(tagline, "The OpenSearch Project"))
		return SEARCH_OPENSEARCH;
	if (strcmp(tagline, "You Know, for Search") == 0)
		return SEARCH_ELASTICSEARCH;
	return SEARCH_OTHER;
}

static bool
search_read_root(const struct dmp_http *http, struct dmp_verdict *verdict)
{
	json_t *root = json_loadb((const char *)http->body, http->body_size, 0, NULL);
	const json_t *version = json_object_get(root, "version");
	enum search_product product = search_product(root, version);
	const char *cluster = json_text(root, "cluster_name");
	char number[VERSION_TEXT];
	char name[NAME_TEXT];

	if (product != SEARCH_OTHER) {
		const char *shown =
		    product == SEARCH_OPENSEARCH ? "OpenSearch" : "Elasticsearch";

		dmp_text_copy(number, sizeof number, json_text(version, "number"));
		dmp_text_copy(name, sizeof name, cluster);
		dmp_text_format(verdict->identity, sizeof verdict->identity,
		    "%s %s%s%s", shown, number, *name ? ", cluster " : "", name);
		verdict->reason = DMP_REASON_ANSWERED;
		dmp_text_format(
		    verdict->detail, sizeof verdict->detail, "%s %s", shown, number);
	}
	json_decref(root);
	return product != SEARCH_OTHER;
}

/* A product that does not tell its version names itself in other ways. */
static const char *
search_named(const struct dmp_http *http)
{
	const char *challenge = http->fields[DMP_HTTP_WWW_AUTHENTICATE];

	if (http->fields[DMP_HTTP_ELASTIC_PRODUCT][0])
		return "Elasticsearch";
	if (strstr(challenge, "OpenSearch Security") ||
	    dmp_http_body_has(http, "OpenSearch Security", false))
		return "OpenSearch";
	if (dmp_http_body_has(http, "security_exception", false) ||
	    dmp_http_body_has(http, "cluster_block_exception", false) ||
	    dmp_http_body_has(http, "master_not_discovered_exception", false) ||
	    dmp_http_body_has(http, "circuit_breaking_exception", false) ||
	    strstr(challenge, "realm=\"security\""))
		return "Elasticsearch or OpenSearch";
	return NULL;
}

static void
search_judge_named(
    const struct dmp_http *http, const char *name, struct dmp_verdict *verdict)
{
	const char *sentence = "answered without its version";

	verdict->reason = DMP_REASON_IDENTITY_WEAK;
	if (http->status == 401 || http->status == 403) {
		verdict->reason = DMP_REASON_AUTH_REQUIRED;
		sentence = "answered and asks for credentials";
	} else if (http->status == 429 || http->status >= 500) {
		verdict->reason = DMP_REASON_SERVICE_UNWELL;
		sentence = "answered and says that it is unwell";
	}
	dmp_text_copy(verdict->identity, sizeof verdict->identity, name);
	dmp_text_format(verdict->detail, sizeof verdict->detail, "%s %s (HTTP %d)",
	    name, sentence, http->status);
}

/* Redirects, credentials and errors may come from a proxy before the node; any other
 * reply without proof is another product. */
static void
search_judge_stranger(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    struct dmp_verdict *verdict)
{
	const char *sentence = "no sign of Elasticsearch or OpenSearch";
	char server[SERVER_TEXT];

	dmp_web_server_text(http, server, sizeof server);
	if (http->fields[DMP_HTTP_SERVER][0])
		dmp_text_copy(verdict->identity, sizeof verdict->identity, server);
	if (http->status >= 502 && http->status <= 504) {
		verdict->reason = DMP_REASON_SERVICE_UNWELL;
		sentence = "a proxy answers, the node behind it does not";
	} else if (http->status / 100 == 3 || http->status == 401 ||
	           http->status == 403 || http->status == 429) {
		verdict->reason = DMP_REASON_IDENTITY_WEAK;
	} else {
		dmp_web_wrong(http, spec,
		    dmp_web_wants_tls(http) ? "a web server that wants TLS" : server,
		    verdict);
		return;
	}
	dmp_text_format(verdict->detail, sizeof verdict->detail, "HTTP %d from %s: %s",
	    http->status, server, sentence);
}

void
dmp_search_judge_root(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    struct dmp_verdict *verdict)
{
	const char *name;

	if (http->status == 200 && search_read_root(http, verdict)) {
		if (spec->expect && *spec->expect &&
		    !dmp_http_body_has(http, spec->expect, false)) {
			verdict->reason = DMP_REASON_BAD_ANSWER;
			dmp_text_copy(verdict->detail, sizeof verdict->detail,
			    "the expected text is not in the answer");
		}
		return;
	}
	name = search_named(http);
	if (name)
		search_judge_named(http, name, verdict);
	else
		search_judge_stranger(http, spec, verdict);
}

void
dmp_search_judge_health(const struct dmp_http *http, struct dmp_verdict *verdict)
{
	json_t *root = json_loadb((const char *)http->body, http->body_size, 0, NULL);
	const char *status = json_text(root, "status");
	json_int_t nodes = json_integer_value(json_object_get(root, "number_of_nodes"));
	char before[DMP_DETAIL_TEXT];

	dmp_text_copy(before, sizeof before, verdict->detail);
	if (http->status == 401 || http->status == 403) {
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    "%s; its health needs credentials", before);
	} else if (strcmp(status, "red") == 0) {
		verdict->reason = DMP_REASON_SERVICE_UNWELL;
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    "status red: primary shards are missing; %s", before);
	} else if (strcmp(status, "green") == 0 || strcmp(status, "yellow") == 0) {
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    "status %s, %d %s; %s", status, (int)(nodes & 0xffff),
		    nodes == 1 ? "node" : "nodes", before);
	} else {
		if (http->status == 429 || http->status >= 500)
			verdict->reason = DMP_REASON_SERVICE_UNWELL;
		dmp_text_format(verdict->detail, sizeof verdict->detail,
		    "%s; its health is not known (HTTP %d)", before, http->status);
	}
	json_decref(root);
}
