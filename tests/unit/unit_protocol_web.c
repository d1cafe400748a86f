/* SPDX-License-Identifier: BSD-2-Clause */
/* What HTTP replies say of the service behind a DataMiner port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "probe/search_verdict.h"
#include "probe/web_verdict.h"

#define OK(fields) "HTTP/1.1 200 OK\r\n" fields "\r\n"
#define IIS        "Server: Microsoft-IIS/10.0\r\n"
#define HTTPAPI    "Server: Microsoft-HTTPAPI/2.0\r\n"
#define NGINX      "Server: nginx/1.22.1\r\n"
#define CLR        "Server: MS .NET Remoting, MS .NET CLR 4.0.30319.42000\r\n"

/* Captured from the servers themselves. */
#define ELASTICSEARCH                                                                  \
	OK("X-elastic-product: Elasticsearch\r\n")                                     \
	"{ \"name\" : \"peer\", \"cluster_name\" : \"peers\","                         \
	" \"version\" : { \"number\" : \"7.17.9\", \"lucene_version\" : \"8.11.1\" }," \
	" \"tagline\" : \"You Know, for Search\" }"
#define OPENSEARCH                                                                     \
	OK("")                                                                         \
	"{ \"name\" : \"peer\", \"cluster_name\" : \"peers\","                         \
	" \"version\" : { \"distribution\" : \"opensearch\", \"number\" : \"2.11.0\" " \
	"},"                                                                           \
	" \"tagline\" : \"The OpenSearch Project: https://opensearch.org/\" }"

static const struct dmp_probe_spec PLAIN_SPEC = {0};

static struct dmp_http *
reply_of(const void *bytes, size_t size)
{
	struct dmp_http *http = calloc(1, sizeof *http);

	assert_non_null(http);
	(void)dmp_http_feed(http, bytes, size);
	assert_int_equal(dmp_http_end(http), DMP_HTTP_COMPLETE);
	return http;
}

static struct dmp_verdict
judge_with(dmp_web_judge_fn *judge, const struct dmp_probe_spec *spec, const char *text)
{
	struct dmp_http *http = reply_of(text, strlen(text));
	struct dmp_verdict verdict = {0};

	judge(http, spec, &verdict);
	free(http);
	return verdict;
}

static struct dmp_verdict
judge(dmp_web_judge_fn *fn, const char *text)
{
	return judge_with(fn, &PLAIN_SPEC, text);
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static struct dmp_verdict
judge_health(const char *text)
{
	struct dmp_http *http = reply_of(text, strlen(text));
	struct dmp_verdict verdict = {.reason = DMP_REASON_ANSWERED,
	    .identity = "OpenSearch 2.11.0",
	    .detail = "OpenSearch 2.11.0"};

	dmp_search_judge_health(http, &verdict);
	free(http);
	assert_has(verdict.detail, "OpenSearch 2.11.0");
	return verdict;
}

static void
endpoints_page_proves_dataminer(void **state)
{
	struct dmp_verdict v = judge(
	    dmp_web_judge_dataminer_http, OK(IIS) "http://dma1:8004/slnetservice\r\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_string_equal(v.identity, "IIS 10.0");
}

static void
page_without_proof_is_weak(void **state)
{
	struct dmp_verdict v =
	    judge(dmp_web_judge_dataminer_http, OK(IIS) "welcome\r\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_IDENTITY_WEAK);
	assert_string_equal(v.identity, "IIS 10.0");
	assert_has(v.detail, "HTTP 200 from IIS 10.0");
}

static void
redirect_is_told_and_not_followed(void **state)
{
	struct dmp_verdict v = judge(dmp_web_judge_dataminer_http,
	    "HTTP/1.1 301 Moved\r\n" IIS "Location: https://dma1/\r\n\r\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_IDENTITY_WEAK);
	assert_has(v.detail, "redirects to https://dma1/, not followed");
}

static void
stopped_application_is_unwell(void **state)
{
	static const char *const REPLIES[] = {
	    "HTTP/1.1 503 Service Unavailable\r\n" HTTPAPI "\r\n",
	    "HTTP/1.1 404 Not Found\r\n" IIS "\r\n",
	    "HTTP/1.1 500 Internal Server Error\r\n" IIS "\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof REPLIES / sizeof REPLIES[0]; i++)
		assert_int_equal(judge(dmp_web_judge_dataminer_http, REPLIES[i]).reason,
		    DMP_REASON_SERVICE_UNWELL);
}

static void
refused_host_name_is_no_failure(void **state)
{
	struct dmp_verdict v = judge(dmp_web_judge_dataminer_http,
	    "HTTP/1.1 400 Bad Request\r\n" HTTPAPI "\r\nInvalid Hostname");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_IDENTITY_WEAK);
	assert_has(v.detail, "binding");
}

static void
other_products_on_the_web_ports_are_named(void **state)
{
	static const struct {
		const char *reply;
		const char *name;
	} REPLIES[] = {
	    {"HTTP/1.1 400 Bad Request\r\n" NGINX
	     "\r\nThe plain HTTP request was sent to HTTPS port",
	        "a web server that wants TLS"},
	    {"HTTP/1.0 400 Bad Request\r\n\r\n"
	     "Client sent an HTTP request to an HTTPS server.\n",
	        "a web server that wants TLS"},
	    {ELASTICSEARCH, "Elasticsearch"},
	    {OK("") "\n# NATS Account Server JWT API HELP", "NATS Account Server"},
	    {"HTTP/1.1 500 x.\r\n" CLR "\r\n", "MS .NET Remoting"},
	};
	dmp_web_judge_fn *const judges[] = {dmp_web_judge_dataminer_http,
	    dmp_web_judge_dataminer_https, dmp_web_judge_cloud};

	(void)state;
	for (size_t i = 0; i < sizeof REPLIES / sizeof REPLIES[0]; i++)
		for (size_t j = 0; j < sizeof judges / sizeof judges[0]; j++) {
			struct dmp_verdict v = judge(judges[j], REPLIES[i].reply);

			assert_int_equal(v.reason, DMP_REASON_WRONG_SERVICE);
			assert_has(v.detail, REPLIES[i].name);
		}
}

static void
wrong_service_tells_the_known_issue(void **state)
{
	const struct dmp_probe_spec spec = {.hint = "known issue 9090"};
	struct dmp_verdict v =
	    judge_with(dmp_web_judge_remoting, &spec, OK(NGINX) "ok\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_WRONG_SERVICE);
	assert_has(v.detail, "known issue 9090");
}

static void
expected_text_decides(void **state)
{
	const struct dmp_probe_spec spec = {.expect = "Skyline"};

	(void)state;
	assert_int_equal(
	    judge_with(dmp_web_judge_dataminer_http, &spec, OK(IIS) "by Skyline")
	        .reason,
	    DMP_REASON_ANSWERED);
	assert_int_equal(
	    judge_with(dmp_web_judge_dataminer_http, &spec, OK(IIS) "http://dma1:8004/")
	        .reason,
	    DMP_REASON_BAD_ANSWER);
	assert_int_equal(
	    judge_with(dmp_web_judge_cloud, &spec, OK("") "by Skyline").reason,
	    DMP_REASON_ANSWERED);
	assert_int_equal(judge_with(dmp_web_judge_dataminer_http, &spec,
	                     "HTTP/1.1 503 x\r\n" IIS "\r\n")
	                     .reason,
	    DMP_REASON_SERVICE_UNWELL);
}

static void
expected_status_decides(void **state)
{
	const struct dmp_probe_spec spec = {.expect = "404"};

	(void)state;
	assert_int_equal(judge_with(dmp_web_judge_dataminer_https, &spec,
	                     "HTTP/1.1 404 x\r\n" IIS "\r\n")
	                     .reason,
	    DMP_REASON_ANSWERED);
	assert_int_equal(judge_with(dmp_web_judge_cloud, &spec, OK("") "404").reason,
	    DMP_REASON_BAD_ANSWER);
}

static void
gateway_names_its_version(void **state)
{
	static const char *const BODIES[] = {
	    ("[{\"name\":\"DataAPI\",\"version\":\"9.9\"},"
	     "{\"name\":\"DataMiner APIGateway\",\"version\":\"3.1.0\"}]"),
	    "{\"Name\":\"APIGateway\",\"Version\":\"3.1.0\",\"Endpoint\":\"/\"}",
	    "{\"modules\":[{\"Name\":\"API Gateway\",\"Version\":\"3.1.0\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
		char reply[512];
		struct dmp_verdict v;

		dmp_text_format(reply, sizeof reply, "%s%s", OK(IIS), BODIES[i]);
		v = judge(dmp_web_judge_dataminer_https, reply);
		assert_int_equal(v.reason, DMP_REASON_ANSWERED);
		assert_string_equal(v.identity, "APIGateway 3.1.0, IIS 10.0");
	}
}

static void
gateway_without_modules_is_weak(void **state)
{
	static const char *const BODIES[] = {"", "<html>", "[]", "{}", "[1,2]",
	    "{\"name\":\"x\"}", "{\"name\":1,\"version\":2}",
	    "[[[[[[{\"name\":\"APIGateway\",\"version\":\"1\"}]]]]]]"};

	(void)state;
	for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
		char reply[512];

		dmp_text_format(reply, sizeof reply, "%s%s", OK(IIS), BODIES[i]);
		assert_int_equal(judge(dmp_web_judge_dataminer_https, reply).reason,
		    DMP_REASON_IDENTITY_WEAK);
	}
}

static void
web_server_without_gateway_is_unwell(void **state)
{
	struct dmp_verdict v =
	    judge(dmp_web_judge_dataminer_https, "HTTP/1.1 404 x\r\n" IIS "\r\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_SERVICE_UNWELL);
	assert_has(v.detail, "the web server answers, APIGateway does not");
	v = judge(dmp_web_judge_dataminer_https, "HTTP/1.1 502 x\r\n" NGINX "\r\n");
	assert_int_equal(v.reason, DMP_REASON_SERVICE_UNWELL);
	assert_has(v.detail, "HTTP 502 from nginx 1.22.1");
}

static void
credentials_without_proof_are_weak(void **state)
{
	(void)state;
	assert_int_equal(
	    judge(dmp_web_judge_dataminer_https, "HTTP/1.1 401 x\r\n" IIS "\r\n")
	        .reason,
	    DMP_REASON_IDENTITY_WEAK);
}

static void
remoting_is_well_with_a_500(void **state)
{
	struct dmp_verdict v = judge(dmp_web_judge_remoting,
	    "HTTP/1.1 500 Le serveur a rencontre une erreur interne.\r\n" CLR "\r\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_string_equal(v.identity, "MS .NET Remoting, CLR 4.0.30319.42000");
}

static void
remoting_with_another_status_is_well_and_noted(void **state)
{
	struct dmp_verdict v = judge(dmp_web_judge_remoting, OK(CLR));

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_has(v.detail, "HTTP 200 instead of 500");
}

static void
remoting_of_mono_is_known_by_its_body(void **state)
{
	static const char HEADER[] = OK("Server: Mono-HTTPAPI/1.0\r\n");
	static const uint8_t BODY[] = {
	    0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0x16};
	char reply[sizeof HEADER - 1 + sizeof BODY];
	struct dmp_verdict v = {0};
	struct dmp_http *http;

	(void)state;
	memcpy(reply, HEADER, sizeof HEADER - 1);
	memcpy(reply + sizeof HEADER - 1, BODY, sizeof BODY);
	http = reply_of(reply, sizeof reply);
	dmp_web_judge_remoting(http, &PLAIN_SPEC, &v);
	free(http);
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_has(v.identity, ".NET Remoting, Mono HTTP API 1.0");
}

static void
other_servers_on_the_remoting_port_are_named(void **state)
{
	static const struct {
		const char *reply;
		const char *name;
	} REPLIES[] = {
	    {OK(NGINX) "ok\n", "nginx 1.22.1"},
	    {"HTTP/1.1 404 x\r\n" IIS "\r\n", "IIS 10.0"},
	    {"HTTP/1.1 503 x\r\n" HTTPAPI "\r\n", "SLNet is not listening"},
	    {OK("Server: Mono-HTTPAPI/1.0\r\n") "hello", "Mono HTTP API 1.0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof REPLIES / sizeof REPLIES[0]; i++) {
		struct dmp_verdict v = judge(dmp_web_judge_remoting, REPLIES[i].reply);

		assert_int_equal(v.reason, DMP_REASON_WRONG_SERVICE);
		assert_has(v.detail, REPLIES[i].name);
	}
}

static void
remoting_without_a_server_field_is_weak(void **state)
{
	(void)state;
	assert_int_equal(judge(dmp_web_judge_remoting, "HTTP/1.1 500 x\r\n\r\n").reason,
	    DMP_REASON_IDENTITY_WEAK);
}

static void
cloud_endpoint_is_any_http(void **state)
{
	static const int STATUSES[] = {200, 302, 400, 404, 405, 421, 502};

	(void)state;
	for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++) {
		char reply[128];
		struct dmp_verdict v;

		dmp_text_format(reply, sizeof reply,
		    "HTTP/1.1 %d x\r\nServer: Kestrel\r\n\r\n", STATUSES[i]);
		v = judge(dmp_web_judge_cloud, reply);
		assert_int_equal(v.reason, DMP_REASON_IDENTITY_WEAK);
		assert_string_equal(v.identity, "Kestrel");
	}
}

static void
elasticsearch_names_its_version(void **state)
{
	struct dmp_verdict v = judge(dmp_search_judge_root, ELASTICSEARCH);

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_string_equal(v.identity, "Elasticsearch 7.17.9, cluster peers");
	assert_string_equal(v.detail, "Elasticsearch 7.17.9");
}

static void
opensearch_names_its_version(void **state)
{
	struct dmp_verdict v = judge(dmp_search_judge_root, OPENSEARCH);

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_string_equal(v.identity, "OpenSearch 2.11.0, cluster peers");
	assert_string_equal(v.detail, "OpenSearch 2.11.0");
}

static void
search_that_asks_for_credentials_is_up(void **state)
{
	static const char *const REPLIES[] = {
	    "HTTP/1.1 401 x\r\nX-elastic-product: Elasticsearch\r\n\r\n",
	    "HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=\"security\"\r\n\r\n",
	    ("HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=\"OpenSearch Security\""
	     "\r\n\r\nUnauthorized"),
	    "HTTP/1.1 403 x\r\n\r\n{\"error\":{\"type\":\"security_exception\"}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof REPLIES / sizeof REPLIES[0]; i++)
		assert_int_equal(judge(dmp_search_judge_root, REPLIES[i]).reason,
		    DMP_REASON_AUTH_REQUIRED);
}

static void
search_that_is_not_ready_is_unwell(void **state)
{
	static const char *const REPLIES[] = {
	    "HTTP/1.1 503 x\r\n\r\nOpenSearch Security not initialized.",
	    "HTTP/1.1 503 x\r\n\r\n{\"type\":\"master_not_discovered_exception\"}",
	    "HTTP/1.1 429 x\r\nX-elastic-product: Elasticsearch\r\n\r\n",
	    "HTTP/1.1 502 Bad Gateway\r\n" NGINX "\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof REPLIES / sizeof REPLIES[0]; i++)
		assert_int_equal(judge(dmp_search_judge_root, REPLIES[i]).reason,
		    DMP_REASON_SERVICE_UNWELL);
}

static void
proxy_that_hides_the_node_is_weak(void **state)
{
	(void)state;
	assert_int_equal(
	    judge(dmp_search_judge_root, "HTTP/1.1 401 x\r\n" NGINX "\r\n").reason,
	    DMP_REASON_IDENTITY_WEAK);
	assert_int_equal(
	    judge(dmp_search_judge_root, "HTTP/1.1 302 x\r\nLocation: /login\r\n\r\n")
	        .reason,
	    DMP_REASON_IDENTITY_WEAK);
}

static void
other_products_on_the_search_port_are_named(void **state)
{
	struct dmp_verdict v = judge(dmp_search_judge_root, OK(NGINX) "ok\n");

	(void)state;
	assert_int_equal(v.reason, DMP_REASON_WRONG_SERVICE);
	assert_has(v.detail, "nginx 1.22.1");
	v = judge(dmp_search_judge_root,
	    OK("Server: CouchDB/3.3\r\n") "{\"couchdb\":\"Welcome\","
	                                  "\"version\":\"3.3\"}");
	assert_int_equal(v.reason, DMP_REASON_WRONG_SERVICE);
	assert_has(v.detail, "CouchDB");
}

static void
version_in_a_string_or_nested_deeper_is_no_proof(void **state)
{
	static const char *const BODIES[] = {
	    "{\"tagline\":\"You Know, for Search\",\"version\":\"number\"}",
	    ("{\"tagline\":\"You Know, for Search\",\"x\":{\"version\":"
	     "{\"number\":\"7\"}}}"),
	    "[{\"version\":{\"number\":\"7\"}}]",
	    "\"{version:{number:7}} You Know, for Search\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
		char reply[256];

		dmp_text_format(reply, sizeof reply, "%s%s", OK(""), BODIES[i]);
		assert_int_equal(judge(dmp_search_judge_root, reply).reason,
		    DMP_REASON_WRONG_SERVICE);
	}
}

static void
red_is_unwell_yellow_is_not(void **state)
{
	struct dmp_verdict v;

	(void)state;
	v = judge_health(OK("") "{\"status\":\"green\",\"number_of_nodes\":1}");
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_has(v.detail, "status green, 1 node;");
	v = judge_health(OK("") "{\"status\":\"yellow\",\"number_of_nodes\":3}");
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_has(v.detail, "status yellow, 3 nodes;");
	v = judge_health(OK("") "{\"status\":\"red\",\"number_of_nodes\":3}");
	assert_int_equal(v.reason, DMP_REASON_SERVICE_UNWELL);
	assert_has(v.detail, "status red");
}

static void
health_that_cannot_be_read_changes_only_the_sentence(void **state)
{
	struct dmp_verdict v;

	(void)state;
	v = judge_health("HTTP/1.1 403 x\r\n\r\n{}");
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_has(v.detail, "needs credentials");
	v = judge_health(OK("") "{\"status\":\"purple\"}");
	assert_int_equal(v.reason, DMP_REASON_ANSWERED);
	assert_has(v.detail, "not known");
	v = judge_health("HTTP/1.1 503 x\r\n\r\n{\"status\":503}");
	assert_int_equal(v.reason, DMP_REASON_SERVICE_UNWELL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(endpoints_page_proves_dataminer),
	    cmocka_unit_test(page_without_proof_is_weak),
	    cmocka_unit_test(redirect_is_told_and_not_followed),
	    cmocka_unit_test(stopped_application_is_unwell),
	    cmocka_unit_test(refused_host_name_is_no_failure),
	    cmocka_unit_test(other_products_on_the_web_ports_are_named),
	    cmocka_unit_test(wrong_service_tells_the_known_issue),
	    cmocka_unit_test(expected_text_decides),
	    cmocka_unit_test(expected_status_decides),
	    cmocka_unit_test(gateway_names_its_version),
	    cmocka_unit_test(gateway_without_modules_is_weak),
	    cmocka_unit_test(web_server_without_gateway_is_unwell),
	    cmocka_unit_test(credentials_without_proof_are_weak),
	    cmocka_unit_test(remoting_is_well_with_a_500),
	    cmocka_unit_test(remoting_with_another_status_is_well_and_noted),
	    cmocka_unit_test(remoting_of_mono_is_known_by_its_body),
	    cmocka_unit_test(other_servers_on_the_remoting_port_are_named),
	    cmocka_unit_test(remoting_without_a_server_field_is_weak),
	    cmocka_unit_test(cloud_endpoint_is_any_http),
	    cmocka_unit_test(elasticsearch_names_its_version),
	    cmocka_unit_test(opensearch_names_its_version),
	    cmocka_unit_test(search_that_asks_for_credentials_is_up),
	    cmocka_unit_test(search_that_is_not_ready_is_unwell),
	    cmocka_unit_test(proxy_that_hides_the_node_is_weak),
	    cmocka_unit_test(other_products_on_the_search_port_are_named),
	    cmocka_unit_test(version_in_a_string_or_nested_deeper_is_no_proof),
	    cmocka_unit_test(red_is_unwell_yellow_is_not),
	    cmocka_unit_test(health_that_cannot_be_read_changes_only_the_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
