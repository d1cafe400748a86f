/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that lie about lengths, cut what they say, leave half a connection, or would
 * write on our terminal.  Floods are in unit_talk.c and unit_talk_limits.c. */
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/nats_info.h"
#include "probe/search_verdict.h"
#include "probe/snmp_wire.h"
#include "probe/talk_run.h"
#include "support/fake_service.h"
#include "support/hex.h"
#include "support/probe_run.h"

#define FLOOD_MAX  (16u << 20)
#define PATIENCE_S 60

#define SEARCH_FIELDS "HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\n\r\n"

static int
setup(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(PATIENCE_S);
	*state = event_base_new();
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	event_base_free(*state);
	return 0;
}

static struct dmp_probe_result
ask(struct event_base *base, const struct fake_act *act, enum dmp_probe_kind kind)
{
	struct fake_service *service = fake_service_new(base, act, NULL, NULL);
	struct dmp_probe_spec spec = probe_spec(
	    DMP_TRANSPORT_TCP, "127.0.0.1", fake_service_port(service), 1000);
	struct dmp_probe_result result;

	spec.kind = kind;
	spec.depth = DMP_PROBE_DEEP;
	spec.host = "localhost";
	spec.reply_timeout_ms = PATIENT_MS;
	spec.tls = DMP_PROBE_TLS_NO;
	result = probe_run(base, &spec);
	assert_true(fake_service_sent(service) < FLOOD_MAX);
	fake_service_free(service);
	return result;
}

static void
assert_printable(const char *text)
{
	for (const char *c = text; *c; c++)
		assert_true(*c >= 0x20 && *c < 0x7f);
}

/* A frame that announces 4 GiB, or nearly so, and goes on and on. */
static void
announced_gigabytes_are_not_waited_for(void **state)
{
	static const struct {
		enum dmp_probe_kind kind;
		const char *frame;
	} FRAMES[] = {
	    {DMP_PROBE_CQL, "84000000 06 ffffffff"},
	    {DMP_PROBE_CQL, "84000000 00 ffffffff"},
	    {DMP_PROBE_THRIFT, "ffffffff 80010002 00000010"
	                       "64657363726962655f76657273696f6e 00000001"},
	    {DMP_PROBE_SEARCH_NODE, "4553 7fffffff 0000000000000001 01"},
	    {DMP_PROBE_SEARCH_NODE, "4553 fffffffe 0000000000000001 01"},
	    {DMP_PROBE_REMOTING, "2e4e4554 0100 0200 0000 ffffffff 0000"},
	    {DMP_PROBE_REMOTING, "2e4e4554 0100 0200 0000 00000000"
	                         "0300 01 00000000 0400 01 01 ffffffff"},
	    {DMP_PROBE_JMX, "4e ffff 3132372e302e302e31 0000a80a"},
	};

	for (size_t i = 0; i < sizeof FRAMES / sizeof FRAMES[0]; i++) {
		uint8_t frame[256] = {0};
		struct fake_act act = {
		    .reply = frame, .size = sizeof frame, .for_ever = true};
		int64_t took_ms = -dmp_clock_mono_ms(dmp_clock_system());
		struct dmp_probe_result result;

		(void)test_hex(FRAMES[i].frame, frame, sizeof frame);
		result = ask(*state, &act, FRAMES[i].kind);
		took_ms += dmp_clock_mono_ms(dmp_clock_system());
		assert_int_not_equal(result.reason, DMP_REASON_ANSWERED);
		assert_true(took_ms < PATIENT_MS / 2);
	}
}

static void
announced_gigabytes_of_a_datagram_are_garbage(void **state)
{
	static const char *const DATAGRAMS[] = {"3084ffffffff 020103 300f",
	    "3006 0284ffffffff 03", "3009 020103 3084ffffffff",
	    "300c 020101 0484ffffffff 7075"};

	(void)state;
	for (size_t i = 0; i < sizeof DATAGRAMS / sizeof DATAGRAMS[0]; i++) {
		uint8_t data[64];
		size_t size = test_hex(DATAGRAMS[i], data, sizeof data);
		struct dmp_snmp_engine engine;

		assert_int_not_equal(
		    dmp_snmp_parse(data, size, 1, &engine), DMP_SNMP_DISCOVERED);
	}
}

/* The bytes stand alone on the heap, so that a read beyond them is seen. */
static uint8_t *
cut_of(const char *text, size_t size)
{
	uint8_t *cut = malloc(size + 1);

	assert_non_null(cut);
	memcpy(cut, text, size);
	return cut;
}

static struct dmp_http *
reply_of(const uint8_t *data, size_t size)
{
	struct dmp_http *http = calloc(1, sizeof *http);

	assert_non_null(http);
	(void)dmp_http_feed(
	    http, (const uint8_t *)SEARCH_FIELDS, sizeof SEARCH_FIELDS - 1);
	(void)dmp_http_feed(http, data, size);
	(void)dmp_http_end(http);
	return http;
}

static void
page_of_a_search_node_proves_nothing_when_cut(void **state)
{
	static const char PAGE[] = "{\"tagline\":\"You Know, for Search\",\"version\":"
	                           "{\"number\":\"7.17.9\"}}";
	static const struct dmp_probe_spec SPEC = {0};

	(void)state;
	for (size_t n = 0; n < sizeof PAGE; n++) {
		uint8_t *cut = cut_of(PAGE, n);
		struct dmp_http *http = reply_of(cut, n);
		struct dmp_verdict verdict = {0};

		dmp_search_judge_root(http, &SPEC, &verdict);
		assert_int_equal(
		    verdict.reason == DMP_REASON_ANSWERED, n == sizeof PAGE - 1);
		free(http);
		free(cut);
	}
}

static void
health_of_a_search_node_changes_nothing_when_cut(void **state)
{
	static const char PAGE[] = "{\"number_of_nodes\":3,\"status\":\"red\"}";

	(void)state;
	for (size_t n = 0; n < sizeof PAGE; n++) {
		uint8_t *cut = cut_of(PAGE, n);
		struct dmp_http *http = reply_of(cut, n);
		struct dmp_verdict verdict = {.reason = DMP_REASON_ANSWERED};

		dmp_search_judge_health(http, &verdict);
		assert_int_equal(verdict.reason, n == sizeof PAGE - 1
		                                     ? DMP_REASON_SERVICE_UNWELL
		                                     : DMP_REASON_ANSWERED);
		free(http);
		free(cut);
	}
}

static void
pages_of_nats_are_none_when_cut(void **state)
{
	static const char GENERAL[] =
	    "{\"server_id\":\"N\",\"version\":\"2\",\"connections\":0,"
	    "\"slow_consumers\":0}";
	static const char HEALTH[] = "{\"status\":\"unavailable\",\"error\":\"x\"}";

	(void)state;
	for (size_t n = 0; n < sizeof GENERAL; n++) {
		uint8_t *cut = cut_of(GENERAL, n);
		struct dmp_nats_info info;

		assert_int_equal(
		    dmp_nats_varz_parse(cut, n, &info), n == sizeof GENERAL - 1);
		free(cut);
	}
	for (size_t n = 0; n < sizeof HEALTH; n++) {
		uint8_t *cut = cut_of(HEALTH, n);
		char words[DMP_NATS_TEXT];
		bool healthy;

		assert_int_equal(dmp_nats_health_parse(cut, n, &healthy, words),
		    n == sizeof HEALTH - 1);
		free(cut);
	}
}

static void
half_closed_peer_is_still_heard(void **state)
{
	static const struct fake_act ACTS[] = {
	    {.reply = "HTTP/1.1 200 OK\r\n\r\nhello", .end = FAKE_HALF_CLOSE},
	    {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
	        .end = FAKE_HALF_CLOSE}};

	for (size_t i = 0; i < sizeof ACTS / sizeof ACTS[0]; i++) {
		int64_t took_ms = -dmp_clock_mono_ms(dmp_clock_system());

		assert_int_equal(
		    ask(*state, &ACTS[i], DMP_PROBE_HTTP).reason, DMP_REASON_ANSWERED);
		took_ms += dmp_clock_mono_ms(dmp_clock_system());
		assert_true(took_ms < PATIENT_MS / 2);
	}
}

static void
answer_to_another_call_is_no_proof(void **state)
{
	static const struct {
		enum dmp_probe_kind kind;
		const char *answer;
	} ANSWERS[] = {
	    {DMP_PROBE_CQL, "84000001 06 00000002 0000"},
	    {DMP_PROBE_THRIFT, "0000002a 80010002 00000010"
	                       "64657363726962655f76657273696f6e 00000002"
	                       "0b0000 00000006 32302e312e30 00"},
	};

	for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
		uint8_t answer[64];
		struct fake_act act = {.reply = answer, .end = FAKE_FIN};
		enum dmp_reason reason;

		act.size = test_hex(ANSWERS[i].answer, answer, sizeof answer);
		reason = ask(*state, &act, ANSWERS[i].kind).reason;
		assert_int_not_equal(reason, DMP_REASON_ANSWERED);
		assert_int_not_equal(reason, DMP_REASON_NONE);
	}
}

static void
keep_result(const struct dmp_probe_result *result, void *arg)
{
	*(struct dmp_probe_result *)arg = *result;
}

/* Whatever a protocol passes on: the talk is the last one to look at it. */
static void
no_escape_leaves_a_talk(void **state)
{
	static const struct dmp_talk_owner OWNER = {.end = keep_result};
	static const char HOSTILE[] = "a\x1b[2J\n\r\x07\x7f\x9b\xff z";
	struct dmp_probe_spec spec = {.kind = DMP_PROBE_NATS, .host = "h"};
	struct dmp_probe_result result = {.reason = DMP_REASON_NONE};
	struct dmp_talk_connection connection = {.latency_us = 1};
	struct dmp_talk *talk = NULL;
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	connection.fd = fds[0];
	assert_int_equal(
	    dmp_talk_new(*state, dmp_clock_system(), &spec, &OWNER, &result, &talk),
	    DMP_OK);
	dmp_talk_connected(talk, &connection);
	dmp_talk_identity(talk, "%s", HOSTILE);
	dmp_talk_finish(talk, DMP_REASON_ANSWERED, "%s", HOSTILE);
	while (result.reason == DMP_REASON_NONE)
		(void)event_base_loop(*state, EVLOOP_ONCE);
	dmp_talk_free(talk);
	(void)close(fds[1]);
	assert_printable(result.identity);
	assert_printable(result.detail);
	assert_non_null(strstr(result.identity, " z"));
	assert_non_null(strstr(result.detail, " z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(announced_gigabytes_are_not_waited_for),
	    cmocka_unit_test(announced_gigabytes_of_a_datagram_are_garbage),
	    cmocka_unit_test(page_of_a_search_node_proves_nothing_when_cut),
	    cmocka_unit_test(health_of_a_search_node_changes_nothing_when_cut),
	    cmocka_unit_test(pages_of_nats_are_none_when_cut),
	    cmocka_unit_test(half_closed_peer_is_still_heard),
	    cmocka_unit_test(answer_to_another_call_is_no_proof),
	    cmocka_unit_test(no_escape_leaves_a_talk),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
