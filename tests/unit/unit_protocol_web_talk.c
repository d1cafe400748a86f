/* SPDX-License-Identifier: BSD-2-Clause */
/* What the web protocols send, and how they end, reply by reply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/http2_wire.h"
#include "probe/protocols.h"
#include "support/fake_talk.h"

#define NODE                                                                           \
	"{\"version\":{\"number\":\"6.8.23\"},\"tagline\":\"You Know, for Search\"}"
#define NODE_REPLY  "HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" NODE
#define GREEN       "{\"status\":\"green\",\"number_of_nodes\":1}"
#define GREEN_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n" GREEN

_Static_assert(sizeof NODE - 1 == 64, "Content-Length of NODE_REPLY");
_Static_assert(sizeof GREEN - 1 == 38, "Content-Length of GREEN_REPLY");

static struct dmp_talk *
talk_with(const struct dmp_protocol *protocol, struct dmp_probe_spec spec)
{
	struct dmp_talk *talk = calloc(1, sizeof *talk);

	assert_non_null(talk);
	spec.host = spec.host ? spec.host : "dma1";
	talk->spec = spec;
	talk->is_tls = protocol->tls == DMP_TALK_TLS;
	talk->alpn = protocol->tls == DMP_TALK_TLS ? "h2" : NULL;
	fake_talk_open(talk, protocol);
	return talk;
}

static void
assert_sent(struct dmp_talk *talk, const char *request)
{
	size_t size = strlen(request);

	assert_true(talk->sent_size >= size);
	assert_memory_equal(talk->sent, request, size);
}

static bool
sent_has(const struct dmp_talk *talk, const char *text)
{
	char sent[sizeof talk->sent + 1] = "";

	memcpy(sent, talk->sent, talk->sent_size);
	return strstr(sent, text) != NULL;
}

static void
each_protocol_asks_for_its_own_page(void **state)
{
	static const struct {
		const struct dmp_protocol *protocol;
		const char *request;
	} CASES[] = {
	    {&dmp_protocol_dataminer_http, "GET /EndPoints.txt HTTP/1.1\r\n"},
	    {&dmp_protocol_dataminer_https, "GET /APIGateway/api/version HTTP/1.1\r\n"},
	    {&dmp_protocol_remoting,
	        "GET /SLNetService HTTP/1.1\r\nHost: dma1:8004\r\n"},
	    {&dmp_protocol_search_http, "GET / HTTP/1.1\r\n"},
	    {&dmp_protocol_cloud_endpoint, "GET / HTTP/1.1\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_talk *talk =
		    talk_with(CASES[i].protocol, (struct dmp_probe_spec){.port = 8004});

		assert_sent(talk, CASES[i].request);
		assert_true(
		    sent_has(talk, CASES[i].protocol == &dmp_protocol_search_http
		                       ? "Connection: keep-alive\r\n\r\n"
		                       : "Connection: close\r\n\r\n"));
		free(talk);
	}
}

static void
path_of_the_spec_is_asked_for(void **state)
{
	static const struct dmp_protocol *const PROTOCOLS[] = {
	    &dmp_protocol_dataminer_http, &dmp_protocol_search_http};

	(void)state;
	for (size_t i = 0; i < sizeof PROTOCOLS / sizeof PROTOCOLS[0]; i++) {
		struct dmp_talk *talk =
		    talk_with(PROTOCOLS[i], (struct dmp_probe_spec){.path = "/x"});

		assert_sent(talk, "GET /x HTTP/1.1\r\n");
		free(talk);
	}
}

static void
reply_is_judged_when_it_is_complete(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_dataminer_http, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_text(talk, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nSLNet");
	assert_false(talk->finished);
	fake_talk_text(talk, "Service");
	assert_int_equal(talk->reason, DMP_REASON_ANSWERED);
	free(talk);
}

static void
cut_body_does_not_discard_the_header(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_remoting, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_text(talk, "HTTP/1.1 500 x.\r\nServer: MS .NET Remoting, MS .NET CLR "
	                     "4.0\r\nContent-Length: 99\r\n\r\nx");
	assert_false(talk->finished);
	talk->protocol->closed(talk);
	assert_int_equal(talk->reason, DMP_REASON_ANSWERED);
	free(talk);
}

static void
cut_header_is_left_to_the_talk(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_remoting, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_text(talk, "HTTP/1.1 500 x.\r\nServer: MS");
	talk->protocol->closed(talk);
	assert_false(talk->finished);
	free(talk);
}

static void
bytes_that_are_no_http_are_wrong(void **state)
{
	static const struct dmp_protocol *const PROTOCOLS[] = {
	    &dmp_protocol_dataminer_http, &dmp_protocol_dataminer_https,
	    &dmp_protocol_remoting, &dmp_protocol_search_http,
	    &dmp_protocol_cloud_endpoint, &dmp_protocol_grpc};

	(void)state;
	for (size_t i = 0; i < sizeof PROTOCOLS / sizeof PROTOCOLS[0]; i++) {
		struct dmp_talk *talk =
		    talk_with(PROTOCOLS[i], (struct dmp_probe_spec){0});

		fake_talk_text(talk, "SSH-2.0-OpenSSH_9.2\r\n");
		assert_true(talk->wrong);
		free(talk);
	}
}

static void
remoting_fault_is_read_byte_by_byte(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_remoting, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_drip(talk, "2e4e455401000200 0000 00000000 0200030100"
	                     "0300 01 01 04000000 62757379 050000 0000");
	assert_true(talk->finished);
	assert_int_equal(talk->reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk->identity, ".NET Remoting, TCP channel");
	assert_non_null(strstr(talk->detail, "busy"));
	free(talk);
}

static void
bytes_like_remoting_that_are_not_are_wrong(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_remoting, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_text(talk, ".NOT\r\n");
	assert_true(talk->wrong);
	free(talk);
}

static void
grpc_sends_the_preface_and_says_goodbye(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_grpc, (struct dmp_probe_spec){0});
	uint8_t expected[DMP_HTTP2_PREFACE_SIZE + DMP_HTTP2_GOODBYE_SIZE];

	(void)state;
	dmp_http2_preface(expected);
	dmp_http2_goodbye(expected + DMP_HTTP2_PREFACE_SIZE);
	assert_int_equal(talk->sent_size, DMP_HTTP2_PREFACE_SIZE);
	fake_talk_drip(talk, "000006040000000000 000300000080");
	assert_int_equal(talk->reason, DMP_REASON_IDENTITY_WEAK);
	assert_int_equal(talk->sent_size, sizeof expected);
	assert_memory_equal(talk->sent, expected, sizeof expected);
	free(talk);
}

static void
grpc_that_refuses_is_unwell(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_grpc, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_drip(talk, "00000c07 00 00000000 00000000 0000000b 6f757421");
	assert_int_equal(talk->reason, DMP_REASON_SERVICE_UNWELL);
	assert_non_null(strstr(talk->detail, "ENHANCE_YOUR_CALM, out!"));
	free(talk);
}

static void
grpc_without_agreement_sends_nothing(void **state)
{
	struct dmp_talk talk = {.alpn = "http/1.1", .is_tls = true};

	(void)state;
	fake_talk_open(&talk, &dmp_protocol_grpc);
	assert_int_equal(talk.reason, DMP_REASON_IDENTITY_WEAK);
	assert_int_equal(talk.sent_size, 0);
}

static void
cloud_endpoint_may_speak_http2_in_the_clear(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_cloud_endpoint, (struct dmp_probe_spec){0});

	(void)state;
	fake_talk_drip(talk, "000000040000000000");
	assert_int_equal(talk->reason, DMP_REASON_IDENTITY_WEAK);
	assert_string_equal(talk->identity, "HTTP/2");
	free(talk);
}

/* A search node that has named itself. */
static struct dmp_talk *
named_node(void)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_search_http, (struct dmp_probe_spec){0});

	fake_talk_text(talk, NODE_REPLY);
	assert_false(talk->finished);
	return talk;
}

static void
health_is_asked_on_the_same_connection(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_search_http, (struct dmp_probe_spec){0});

	(void)state;
	assert_false(sent_has(talk, "_cluster"));
	free(talk);
	talk = named_node();
	assert_true(sent_has(talk,
	    "GET /_cluster/health?local=true&filter_path=status,number_of_nodes,"
	    "timed_out HTTP/1.1\r\n"));
	assert_true(talk->wait_ms > 0);
	fake_talk_text(talk, GREEN_REPLY);
	assert_int_equal(talk->reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk->identity, "Elasticsearch 6.8.23");
	assert_string_equal(talk->detail, "status green, 1 node; Elasticsearch 6.8.23");
	free(talk);
}

static void
node_stays_identified_whatever_becomes_of_its_health(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct dmp_talk *talk = named_node();

		if (i == 0)
			talk->protocol->quiet(talk);
		else if (i == 1)
			talk->protocol->closed(talk);
		else
			fake_talk_text(talk, "garbage\r\n");
		assert_int_equal(talk->reason, DMP_REASON_ANSWERED);
		assert_string_equal(talk->identity, "Elasticsearch 6.8.23");
		assert_string_equal(talk->detail, "Elasticsearch 6.8.23");
		free(talk);
	}
}

static void
node_that_is_not_proven_is_not_asked_for_its_health(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_search_http, (struct dmp_probe_spec){0});
	size_t sent = talk->sent_size;

	(void)state;
	fake_talk_text(talk, "HTTP/1.1 401 x\r\nContent-Length: 0\r\n"
	                     "X-elastic-product: Elasticsearch\r\n\r\n");
	assert_int_equal(talk->reason, DMP_REASON_AUTH_REQUIRED);
	assert_int_equal(talk->sent_size, sent);
	free(talk);
}

static void
close_before_any_reply_is_left_to_the_talk(void **state)
{
	struct dmp_talk *talk =
	    talk_with(&dmp_protocol_search_http, (struct dmp_probe_spec){0});

	(void)state;
	talk->protocol->closed(talk);
	assert_false(talk->finished);
	free(talk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_protocol_asks_for_its_own_page),
	    cmocka_unit_test(path_of_the_spec_is_asked_for),
	    cmocka_unit_test(reply_is_judged_when_it_is_complete),
	    cmocka_unit_test(cut_body_does_not_discard_the_header),
	    cmocka_unit_test(cut_header_is_left_to_the_talk),
	    cmocka_unit_test(bytes_that_are_no_http_are_wrong),
	    cmocka_unit_test(remoting_fault_is_read_byte_by_byte),
	    cmocka_unit_test(bytes_like_remoting_that_are_not_are_wrong),
	    cmocka_unit_test(grpc_sends_the_preface_and_says_goodbye),
	    cmocka_unit_test(grpc_that_refuses_is_unwell),
	    cmocka_unit_test(grpc_without_agreement_sends_nothing),
	    cmocka_unit_test(cloud_endpoint_may_speak_http2_in_the_clear),
	    cmocka_unit_test(health_is_asked_on_the_same_connection),
	    cmocka_unit_test(node_stays_identified_whatever_becomes_of_its_health),
	    cmocka_unit_test(node_that_is_not_proven_is_not_asked_for_its_health),
	    cmocka_unit_test(close_before_any_reply_is_left_to_the_talk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
