/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocols of NATS, of its Account Server and Telnet, against a peer on loopback
 * that plays a script.  Its answers are shortened captures from nats-server 2.9.10,
 * nats-account-server 1.0.0 and inetutils-telnetd 2.4; the unwell ones are made up.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/probe_run.h"

#define LOOPBACK "127.0.0.1"
#define STEPS    6
#define HINT     "known issue on this port"

#define HEAD                                                                           \
	"INFO {\"server_id\":\"NA\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","
#define CLIENT_END                                                                     \
	"\"client_id\":84,\"client_ip\":\"127.0.0.1\",\"cluster\":\"DMS\"} \r\n"
#define CLIENT HEAD "\"proto\":1," CLIENT_END
#define ROUTE                                                                          \
	HEAD "\"proto\":2,\"nonce\":\"PZD_nbX\",\"cluster\":\"DMS\",\"lnoc\":true} "   \
	     "\r\n"
#define FULL "-ERR 'maximum connections exceeded'\r\n"

#define HTTP_JSON(status, length, body)                                                \
	"HTTP/1.1 " status "\r\nContent-Type: application/json\r\n"                    \
	"Content-Length: " length "\r\n\r\n" body
#define HEALTHY HTTP_JSON("200 OK", "15", "{\"status\":\"ok\"}")
#define SICK                                                                           \
	HTTP_JSON("503 Service Unavailable", "45",                                     \
	    "{\"status\":\"unavailable\",\"error\":\"JetStream\"} ")
#define VARZ                                                                           \
	HTTP_JSON("200 OK", "121",                                                     \
	    "{\"server_id\":\"NA\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","   \
	    "\"connections\":0,\"cluster\":{\"name\":\"DMS\"},\"slow_consumers\":0   " \
	    "}")
#define NOT_FOUND                                                                      \
	"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"        \
	"Content-Length: 19\r\n\r\n404 page not found\n"
#define HELP                                                                           \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nVary: Origin\r\n"              \
	"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"                      \
	"24\r\n\n# NATS Account Server JWT API HELP\n\r\n0\r\n\r\n"

/* A step: text to send, ASKED = read until something has come, NULL = close. */
static const char ASKED[] = "asked";
static const char HOLD[] = "hold"; /* until the other side closes */

struct peer {
	int listener;
	uint16_t port;
	pthread_t thread;
	struct event_base *base;
	const char *const *steps;
	char heard[2048];
	size_t heard_size;
	int connections;
};

static size_t
peer_hear(struct peer *peer, int fd)
{
	size_t room = sizeof peer->heard - 1 - peer->heard_size;
	ssize_t n = recv(fd, peer->heard + peer->heard_size, room, 0);

	if (n <= 0)
		return 0;
	peer->heard_size += (size_t)n;
	return (size_t)n;
}

static void
peer_play(struct peer *peer, int fd)
{
	for (const char *const *step = peer->steps; *step; step++)
		if (*step == ASKED)
			(void)peer_hear(peer, fd);
		else if (*step == HOLD)
			while (peer_hear(peer, fd) > 0)
				continue;
		else
			(void)send(fd, *step, strlen(*step), MSG_NOSIGNAL);
}

/* One connection after the other, until the listener is shut down. */
static void *
peer_main(void *arg)
{
	static const struct timeval LIMIT = {.tv_sec = 10};
	struct peer *peer = arg;

	for (;;) {
		int fd = accept(peer->listener, NULL, NULL);

		if (fd < 0)
			return NULL;
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &LIMIT, sizeof LIMIT);
		peer->connections++;
		peer_play(peer, fd);
		(void)close(fd);
	}
}

static void
peer_start(struct peer *peer, const char *const steps[STEPS])
{
	*peer = (struct peer){.steps = steps};
	peer->listener = bound_socket(LOOPBACK, SOCK_STREAM, 4, &peer->port);
	assert_int_equal(fcntl(peer->listener, F_SETFL, 0), 0);
	peer->base = event_base_new();
	assert_non_null(peer->base);
	assert_int_equal(pthread_create(&peer->thread, NULL, peer_main, peer), 0);
}

static void
peer_stop(struct peer *peer)
{
	(void)shutdown(peer->listener, SHUT_RDWR);
	assert_int_equal(pthread_join(peer->thread, NULL), 0);
	(void)close(peer->listener);
	event_base_free(peer->base);
}

static struct dmp_probe_spec
spec_of(enum dmp_probe_kind kind)
{
	struct dmp_probe_spec spec = probe_spec(DMP_TRANSPORT_TCP, LOOPBACK, 1, 3000);

	spec.kind = kind;
	spec.depth = DMP_PROBE_IDENTIFY;
	spec.tls = DMP_PROBE_TLS_NO;
	spec.hint = HINT;
	return spec;
}

/* Play steps to one probe; what it sent is in peer->heard. */
static struct dmp_probe_result
run(struct peer *peer, struct dmp_probe_spec spec, const char *const steps[STEPS])
{
	struct dmp_probe_result result;

	peer_start(peer, steps);
	spec.port = peer->port;
	result = probe_run(peer->base, &spec);
	peer_stop(peer);
	return result;
}

static struct dmp_probe_result
ask(enum dmp_probe_kind kind, const char *answer)
{
	const bool http =
	    kind == DMP_PROBE_NATS_ACCOUNT || kind == DMP_PROBE_NATS_MONITOR;
	const char *const steps[STEPS] = {
	    http ? ASKED : answer, http ? answer : HOLD, http ? HOLD : NULL};
	struct peer peer;

	return run(&peer, spec_of(kind), steps);
}

static void
assert_detail_has(const struct dmp_probe_result *result, const char *text)
{
	if (!strstr(result->detail, text))
		fail_msg("\"%s\" without \"%s\"", result->detail, text);
}

static void
a_nats_server_is_identified_and_nothing_is_sent(void **state)
{
	static const char *const steps[STEPS] = {CLIENT, HOLD};
	struct peer peer;
	struct dmp_probe_result result = run(&peer, spec_of(DMP_PROBE_NATS), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "NATS 2.9.10, server lab1, cluster DMS");
	assert_int_equal(result.progress, DMP_PROGRESS_ANSWERED);
	assert_int_equal(peer.heard_size, 0);
}

static void
required_authorisation_is_an_answer(void **state)
{
	struct dmp_probe_result result =
	    ask(DMP_PROBE_NATS, HEAD "\"auth_required\":true," CLIENT_END);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_detail_has(&result, "authorisation required");
}

static void
a_lame_duck_is_unwell(void **state)
{
	struct dmp_probe_result result =
	    ask(DMP_PROBE_NATS, HEAD "\"ldm\":true," CLIENT_END);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_SERVICE_UNWELL);
	assert_string_equal(result.identity, "NATS 2.9.10, server lab1, cluster DMS");
}

static void
a_full_server_is_unwell(void **state)
{
	static const char *const two[STEPS] = {CLIENT, FULL};
	struct peer peer;
	struct dmp_probe_result result = ask(DMP_PROBE_NATS, CLIENT FULL);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_SERVICE_UNWELL);
	assert_detail_has(&result, "maximum connections exceeded");
	result = run(&peer, spec_of(DMP_PROBE_NATS), two);
	assert_int_equal(result.reason, DMP_REASON_SERVICE_UNWELL);
	assert_detail_has(&result, "maximum connections exceeded");
}

static void
ports_of_nats_are_not_taken_for_each_other(void **state)
{
	struct dmp_probe_result result = ask(DMP_PROBE_NATS, ROUTE);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_detail_has(&result, "NATS route port");
	result = ask(DMP_PROBE_NATS_ROUTE, CLIENT);
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_detail_has(&result, "NATS client port");
}

static void
a_route_is_identified_and_nothing_is_sent(void **state)
{
	static const char *const steps[STEPS] = {ROUTE, HOLD};
	struct peer peer;
	struct dmp_probe_result result =
	    run(&peer, spec_of(DMP_PROBE_NATS_ROUTE), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "NATS 2.9.10, server lab1, cluster DMS");
	assert_int_equal(peer.heard_size, 0);
}

static void
another_banner_is_named_with_the_hint(void **state)
{
	static const enum dmp_probe_kind kinds[] = {
	    DMP_PROBE_NATS, DMP_PROBE_NATS_ROUTE, DMP_PROBE_TELNET};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct dmp_probe_result result =
		    ask(kinds[i], "SSH-2.0-OpenSSH_9.2p1\r\n");

		assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
		assert_detail_has(&result, "SSH");
		assert_detail_has(&result, HINT);
	}
}

/* The port is silent until we begin TLS, and then speaks in the clear. */
static void
a_web_server_that_refuses_tls_is_another_service(void **state)
{
	static const char *const steps[STEPS] = {ASKED,
	    "HTTP/1.1 400 Bad Request\r\nServer: weblab/7\r\n"
	    "Content-Length: 0\r\n\r\n"};
	struct dmp_probe_spec spec = spec_of(DMP_PROBE_NATS);
	struct dmp_probe_result result;
	struct peer peer;

	(void)state;
	spec.tls = DMP_PROBE_TLS_AUTO;
	result = run(&peer, spec, steps);
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_detail_has(&result, "HTTP 400, Server: weblab/7");
	assert_detail_has(&result, HINT);
	spec.tls = DMP_PROBE_TLS_YES;
	assert_int_equal(run(&peer, spec, steps).reason, DMP_REASON_WRONG_SERVICE);
}

static void
a_cut_greeting_is_a_bad_answer(void **state)
{
	static const char *const steps[STEPS] = {HEAD};
	struct peer peer;
	struct dmp_probe_result result = run(&peer, spec_of(DMP_PROBE_NATS), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_BAD_ANSWER);
	result = ask(DMP_PROBE_NATS, "INFO {}\r\n");
	assert_int_equal(result.reason, DMP_REASON_BAD_ANSWER);
}

static void
a_server_that_closes_behind_its_greeting_is_unwell(void **state)
{
	static const char *const steps[STEPS] = {CLIENT};
	struct peer peer;

	(void)state;
	assert_int_equal(run(&peer, spec_of(DMP_PROBE_NATS), steps).reason,
	    DMP_REASON_SERVICE_UNWELL);
}

static void
tls_that_is_asked_for_and_not_offered_is_a_finding(void **state)
{
	static const char *const steps[STEPS] = {CLIENT, HOLD};
	struct dmp_probe_spec spec = spec_of(DMP_PROBE_NATS);
	struct peer peer;

	(void)state;
	spec.tls = DMP_PROBE_TLS_YES;
	assert_int_equal(run(&peer, spec, steps).reason, DMP_REASON_TLS_NOT_TLS);
}

static void
the_expected_text_is_looked_for(void **state)
{
	static const char *const steps[STEPS] = {CLIENT, HOLD};
	struct dmp_probe_spec spec = spec_of(DMP_PROBE_NATS);
	struct peer peer;

	(void)state;
	spec.expect = "\"DMS\"";
	assert_int_equal(run(&peer, spec, steps).reason, DMP_REASON_ANSWERED);
	spec.expect = "\"other\"";
	assert_int_equal(run(&peer, spec, steps).reason, DMP_REASON_BAD_ANSWER);
}

static void
the_account_server_is_known_by_its_help(void **state)
{
	static const char *const steps[STEPS] = {ASKED, HELP};
	struct peer peer;
	struct dmp_probe_result result =
	    run(&peer, spec_of(DMP_PROBE_NATS_ACCOUNT), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "NATS Account Server");
	assert_memory_equal(peer.heard, "GET /jwt/v1/help HTTP/1.1\r\n", 27);
	assert_null(strstr(peer.heard, "accounts"));
}

/* The body is cut behind the proof: it still counts. */
static void
the_help_need_not_be_complete(void **state)
{
	static const char *const steps[STEPS] = {ASKED,
	    "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n"
	    "\n# NATS Account Server JWT API HELP\n"};
	struct peer peer;

	(void)state;
	assert_int_equal(run(&peer, spec_of(DMP_PROBE_NATS_ACCOUNT), steps).reason,
	    DMP_REASON_ANSWERED);
}

static void
another_program_on_the_account_servers_port_is_named(void **state)
{
	struct dmp_probe_result result = ask(DMP_PROBE_NATS_ACCOUNT, NOT_FOUND);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_detail_has(&result, "HTTP 404");
	assert_detail_has(&result, "404 page not found");
	assert_detail_has(&result, HINT);
	result = ask(DMP_PROBE_NATS_ACCOUNT,
	    "HTTP/1.1 200 OK\r\nServer: IO/1.2\r\nContent-Length: 53\r\n\r\n"
	    "<html><head><TITLE>Keysight\033 IO</TITLE></head></html> ");
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_detail_has(&result, "IO/1.2");
	assert_detail_has(&result, "\"Keysight. IO\"");
	assert_string_equal(result.identity, "");
}

static void
a_health_page_alone_is_weak(void **state)
{
	static const char *const steps[STEPS] = {ASKED, HEALTHY, HOLD};
	struct peer peer;
	struct dmp_probe_result result =
	    run(&peer, spec_of(DMP_PROBE_NATS_MONITOR), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_IDENTITY_WEAK);
	assert_memory_equal(peer.heard, "GET /healthz HTTP/1.1\r\n", 23);
	assert_null(strstr(peer.heard, "/varz"));
}

static void
a_sick_server_says_why(void **state)
{
	struct dmp_probe_result result = ask(DMP_PROBE_NATS_MONITOR, SICK);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_SERVICE_UNWELL);
	assert_detail_has(&result, "JetStream");
}

static void
the_heavy_part_asks_for_the_version_on_the_same_connection(void **state)
{
	static const char *const steps[STEPS] = {ASKED, HEALTHY, ASKED, VARZ};
	struct dmp_probe_spec spec = spec_of(DMP_PROBE_NATS_MONITOR);
	struct dmp_probe_result result;
	struct peer peer;

	(void)state;
	spec.heavy = true;
	result = run(&peer, spec, steps);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "NATS 2.9.10, server lab1, cluster DMS");
	assert_non_null(strstr(peer.heard, "GET /varz HTTP/1.1\r\n"));
	assert_true(strstr(peer.heard, "Connection: close\r\n") >
	            strstr(peer.heard, "GET /varz"));
	assert_int_equal(peer.connections, 1);
}

static void
a_sick_server_stays_sick_with_its_version(void **state)
{
	static const char *const steps[STEPS] = {ASKED, SICK, ASKED, VARZ};
	struct dmp_probe_spec spec = spec_of(DMP_PROBE_NATS_MONITOR);
	struct dmp_probe_result result;
	struct peer peer;

	(void)state;
	spec.heavy = true;
	result = run(&peer, spec, steps);
	assert_int_equal(result.reason, DMP_REASON_SERVICE_UNWELL);
	assert_string_equal(result.identity, "NATS 2.9.10, server lab1, cluster DMS");
}

static void
a_server_without_a_health_page_is_known_by_the_general_one(void **state)
{
	static const char *const steps[STEPS] = {ASKED, NOT_FOUND, ASKED, VARZ};
	static const char *const never[STEPS] = {ASKED, NOT_FOUND, ASKED, NOT_FOUND};
	struct peer peer;
	struct dmp_probe_result result =
	    run(&peer, spec_of(DMP_PROBE_NATS_MONITOR), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "NATS 2.9.10, server lab1, cluster DMS");
	result = run(&peer, spec_of(DMP_PROBE_NATS_MONITOR), never);
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_detail_has(&result, "404 page not found");
}

static void
a_general_page_that_never_comes_leaves_the_health(void **state)
{
	static const char *const steps[STEPS] = {ASKED, HEALTHY, ASKED};
	struct dmp_probe_spec spec = spec_of(DMP_PROBE_NATS_MONITOR);
	struct peer peer;

	(void)state;
	spec.heavy = true;
	assert_int_equal(run(&peer, spec, steps).reason, DMP_REASON_IDENTITY_WEAK);
}

static void
a_telnet_server_that_negotiates_is_answered_with_nothing(void **state)
{
	static const char *const steps[STEPS] = {
	    "\xff\xfb\x25\xff\xfb\x26\xff\xfd\x18\xff\xfd\x20", HOLD};
	struct peer peer;
	struct dmp_probe_result result = run(&peer, spec_of(DMP_PROBE_TELNET), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "Telnet");
	assert_int_equal(peer.heard_size, 0);
}

static void
a_silent_telnet_server_is_asked_for_a_timing_mark(void **state)
{
	static const char *const steps[STEPS] = {ASKED, "\xff\xfc\x06", HOLD};
	struct peer peer;
	struct dmp_probe_result result = run(&peer, spec_of(DMP_PROBE_TELNET), steps);

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(peer.heard_size, 3);
	assert_memory_equal(peer.heard, "\xff\xfd\x06", 3);
}

static void
plain_text_is_a_weak_telnet(void **state)
{
	struct dmp_probe_result result =
	    ask(DMP_PROBE_TELNET, "\033[2JWelcome to \033[1melement 7\r\n");

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_IDENTITY_WEAK);
	assert_detail_has(&result, ".[2JWelcome to .[1melement 7");
}

static void
bytes_that_are_no_telnet_are_a_bad_answer(void **state)
{
	(void)state;
	assert_int_equal(
	    ask(DMP_PROBE_TELNET, "\xff\x01\x02").reason, DMP_REASON_BAD_ANSWER);
	assert_int_equal(
	    ask(DMP_PROBE_TELNET, "\x01\x02\x03\x04").reason, DMP_REASON_BAD_ANSWER);
}

static void
options_are_found_behind_text_and_a_subnegotiation(void **state)
{
	struct dmp_probe_result result = ask(DMP_PROBE_TELNET,
	    "login:\xff\xfa\x18\x01\xff\xff\x02\xff\xf0\xff\xf1\xff\xfb\x01");

	(void)state;
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "Telnet, login:");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_nats_server_is_identified_and_nothing_is_sent),
	    cmocka_unit_test(required_authorisation_is_an_answer),
	    cmocka_unit_test(a_lame_duck_is_unwell),
	    cmocka_unit_test(a_full_server_is_unwell),
	    cmocka_unit_test(ports_of_nats_are_not_taken_for_each_other),
	    cmocka_unit_test(a_route_is_identified_and_nothing_is_sent),
	    cmocka_unit_test(another_banner_is_named_with_the_hint),
	    cmocka_unit_test(a_web_server_that_refuses_tls_is_another_service),
	    cmocka_unit_test(a_cut_greeting_is_a_bad_answer),
	    cmocka_unit_test(a_server_that_closes_behind_its_greeting_is_unwell),
	    cmocka_unit_test(tls_that_is_asked_for_and_not_offered_is_a_finding),
	    cmocka_unit_test(the_expected_text_is_looked_for),
	    cmocka_unit_test(the_account_server_is_known_by_its_help),
	    cmocka_unit_test(the_help_need_not_be_complete),
	    cmocka_unit_test(another_program_on_the_account_servers_port_is_named),
	    cmocka_unit_test(a_health_page_alone_is_weak),
	    cmocka_unit_test(a_sick_server_says_why),
	    cmocka_unit_test(
	        the_heavy_part_asks_for_the_version_on_the_same_connection),
	    cmocka_unit_test(a_sick_server_stays_sick_with_its_version),
	    cmocka_unit_test(
	        a_server_without_a_health_page_is_known_by_the_general_one),
	    cmocka_unit_test(a_general_page_that_never_comes_leaves_the_health),
	    cmocka_unit_test(a_telnet_server_that_negotiates_is_answered_with_nothing),
	    cmocka_unit_test(a_silent_telnet_server_is_asked_for_a_timing_mark),
	    cmocka_unit_test(plain_text_is_a_weak_telnet),
	    cmocka_unit_test(bytes_that_are_no_telnet_are_a_bad_answer),
	    cmocka_unit_test(options_are_found_behind_text_and_a_subnegotiation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
