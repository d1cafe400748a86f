/* SPDX-License-Identifier: BSD-2-Clause */
/* SNMP and NTP over UDP against peers that answer well, badly or not at all. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/probe.h"
#include "probe/snmp_wire.h"
#include "support/probe_run.h"

/* A report as Net-SNMP sends it; bytes 9 and 10 are the msgID. */
static const uint8_t REPORT[] = {0x30, 0x6e, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x02, 0x02,
    0x4a, 0x69, 0x02, 0x03, 0x00, 0xff, 0xe3, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03, 0x04,
    0x22, 0x30, 0x20, 0x04, 0x11, 0x80, 0x00, 0x1f, 0x88, 0x80, 0x1e, 0xc9, 0xb6, 0x71,
    0x78, 0xa9, 0x02, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x02, 0x01, 0x01, 0x02, 0x02, 0x05,
    0xbb, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00, 0x30, 0x34, 0x04, 0x11, 0x80, 0x00, 0x1f,
    0x88, 0x80, 0x1e, 0xc9, 0xb6, 0x71, 0x78, 0xa9, 0x02, 0x6b, 0x00, 0x00, 0x00, 0x00,
    0x04, 0x00, 0xa8, 0x1d, 0x02, 0x02, 0x37, 0xf0, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00,
    0x30, 0x11, 0x30, 0x0f, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x06, 0x03, 0x0f, 0x01, 0x01,
    0x04, 0x00, 0x41, 0x01, 0x03};

enum manner {
	MANNER_SILENT = 0,
	MANNER_REPORT,
	MANNER_REPORT_THE_THIRD,
	MANNER_STRAY_THEN_REPORT,
	MANNER_COMMUNITY,
	MANNER_AGENT,    /* answers everything */
	MANNER_RESPONSE, /* only what comes with a community */
	MANNER_TIME,
	MANNER_KISS,
	MANNER_GARBAGE
};

struct peer {
	int fd;
	uint16_t port;
	enum manner manner;
	struct event *event;
	int received;
	int requests; /* with a community */
	uint8_t pdu;  /* of the last of them */
	uint8_t last[128];
	ssize_t last_size;
	int64_t received_ms[8];
};

struct world {
	struct event_base *base;
	struct peer peer;
};

static void
peer_report(struct peer *peer, const struct sockaddr *to, socklen_t size, int shift)
{
	uint8_t reply[sizeof REPORT];

	memcpy(reply, REPORT, sizeof reply);
	reply[9] = peer->last[9];
	reply[10] = (uint8_t)(peer->last[10] + shift);
	assert_int_equal(
	    sendto(peer->fd, reply, sizeof reply, 0, to, size), sizeof reply);
}

/* The request with its PDU made a Response: the tag stands where its length fits. */
static void
peer_respond(struct peer *peer, const struct sockaddr *to, socklen_t size)
{
	size_t tag = 7U + peer->last[6];

	if (peer->last[4] != 1)
		return;
	peer->requests++;
	peer->pdu = peer->last[tag];
	peer->last[tag] = 0xa2;
	(void)sendto(peer->fd, peer->last, (size_t)peer->last_size, 0, to, size);
}

static void
peer_tell_time(
    struct peer *peer, const struct sockaddr *to, socklen_t size, uint8_t stratum)
{
	uint8_t reply[48] = {0x24, stratum, [12] = 'R', 'A', 'T', 'E'};

	assert_int_equal(peer->last_size, 48);
	memcpy(reply + 24, peer->last + 40, 8);
	(void)sendto(peer->fd, reply, sizeof reply, 0, to, size);
}

static void
peer_answer(struct peer *peer, const struct sockaddr *to, socklen_t size)
{
	static const uint8_t V2C[] = {0x30, 0x17, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l',
	    'i', 'c', 0xa2, 0x0a, 2, 2, 0x12, 0x34, 2, 1, 0, 2, 1, 0};

	switch (peer->manner) {
	case MANNER_SILENT:
		break;
	case MANNER_REPORT_THE_THIRD:
		if (peer->received == 3)
			peer_report(peer, to, size, 0);
		break;
	case MANNER_STRAY_THEN_REPORT:
		peer_report(peer, to, size, 1);
		peer_report(peer, to, size, 0);
		break;
	case MANNER_REPORT:
		peer_report(peer, to, size, 0);
		break;
	case MANNER_COMMUNITY:
		(void)sendto(peer->fd, V2C, sizeof V2C, 0, to, size);
		break;
	case MANNER_AGENT:
		if (peer->last[4] == 3)
			peer_report(peer, to, size, 0);
		peer_respond(peer, to, size);
		break;
	case MANNER_RESPONSE:
		peer_respond(peer, to, size);
		break;
	case MANNER_TIME:
		peer_tell_time(peer, to, size, 2);
		break;
	case MANNER_KISS:
		peer_tell_time(peer, to, size, 0);
		break;
	case MANNER_GARBAGE:
		(void)sendto(peer->fd, "220 ftp\r\n", 9, 0, to, size);
		break;
	}
}

static void
peer_on_datagram(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;
	struct sockaddr_storage from;
	socklen_t size = sizeof from;

	(void)what;
	peer->last_size = recvfrom(
	    fd, peer->last, sizeof peer->last, 0, (struct sockaddr *)&from, &size);
	if (peer->received < 8)
		peer->received_ms[peer->received] =
		    dmp_clock_mono_ms(dmp_clock_system());
	peer->received++;
	peer_answer(peer, (struct sockaddr *)&from, size);
}

static int
setup(void **state)
{
	static struct world world;

	memset(&world, 0, sizeof world);
	world.base = event_base_new();
	world.peer.fd = bound_socket("127.0.0.1", SOCK_DGRAM, -1, &world.peer.port);
	world.peer.event = event_new(world.base, world.peer.fd, EV_READ | EV_PERSIST,
	    peer_on_datagram, &world.peer);
	(void)event_add(world.peer.event, NULL);
	*state = &world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	event_free(world->peer.event);
	close(world->peer.fd);
	event_base_free(world->base);
	return 0;
}

static struct dmp_probe_result
ask(struct world *world, enum manner manner, uint32_t timeout_ms)
{
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_UDP, "127.0.0.1", world->peer.port, timeout_ms);

	world->peer.manner = manner;
	return probe_run(world->base, &spec);
}

static void
discovery_report_is_the_right_service(void **state)
{
	struct world *world = *state;
	struct dmp_probe_result result = ask(world, MANNER_REPORT, 1000);

	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(result.progress, DMP_PROGRESS_ANSWERED);
	assert_true(result.latency_us >= 1);
	assert_string_equal(result.identity,
	    "SNMPv3 engine 80001f88801ec9b67178a9026b00000000, Net-SNMP (8072), "
	    "up 1467 s, boots 1");
	assert_int_equal(world->peer.last_size, DMP_SNMP_DISCOVERY_SIZE);
	assert_int_equal(world->peer.received, 1);
}

static void
identifiers_differ_from_probe_to_probe(void **state)
{
	struct world *world = *state;
	uint8_t ids[8][2];
	int same = 0;

	for (int i = 0; i < 8; i++) {
		assert_int_equal(
		    ask(world, MANNER_REPORT, 1000).reason, DMP_REASON_ANSWERED);
		memcpy(ids[i], world->peer.last + 9, 2);
		assert_in_range(ids[i][0], 0x10, 0x7f);
		if (i > 0 && memcmp(ids[i], ids[i - 1], 2) == 0)
			same++;
	}
	assert_true(same < 3);
}

static void
lost_datagrams_are_sent_again(void **state)
{
	struct world *world = *state;
	struct dmp_probe_result result = ask(world, MANNER_REPORT_THE_THIRD, 1000);
	const int64_t *at = world->peer.received_ms;

	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(world->peer.received, 3);
	/* 600 and 1400 ms of 2500 are 240 and 560 ms of 1000. */
	assert_true(at[1] - at[0] >= 235);
	assert_true(at[2] - at[0] >= 555);
}

static void
answer_to_another_request_is_passed_over(void **state)
{
	assert_int_equal(
	    ask(*state, MANNER_STRAY_THEN_REPORT, 1000).reason, DMP_REASON_ANSWERED);
}

static void
silence_is_inconclusive(void **state)
{
	struct dmp_probe_result result = ask(*state, MANNER_SILENT, 100);

	assert_int_equal(result.reason, DMP_REASON_NO_REPLY);
	assert_int_equal(result.outcome, DMP_OUTCOME_INCONCLUSIVE);
	assert_int_equal(result.progress, DMP_PROGRESS_NONE);
}

static void
silence_of_one_that_has_answered_is_a_timeout(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_UDP, "127.0.0.1", world->peer.port, 100);
	struct dmp_probe_result result;

	spec.has_answered = true;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_TIMEOUT);
	assert_int_equal(result.outcome, DMP_OUTCOME_FAIL);
}

static void
community_answer_is_a_weak_identity(void **state)
{
	struct dmp_probe_result result = ask(*state, MANNER_COMMUNITY, 1000);

	assert_int_equal(result.reason, DMP_REASON_IDENTITY_WEAK);
	assert_string_equal(result.identity, "SNMP");
}

static struct dmp_probe_spec
spec_with(const struct world *world, enum dmp_probe_kind kind, uint32_t timeout_ms)
{
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_UDP, "127.0.0.1", world->peer.port, timeout_ms);

	spec.kind = kind;
	spec.community = kind == DMP_PROBE_NTP ? NULL : "secret";
	return spec;
}

static void
community_asks_an_agent_for_its_system(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec = spec_with(world, DMP_PROBE_SNMP, 1000);
	struct dmp_probe_result result;

	world->peer.manner = MANNER_AGENT;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(world->peer.pdu, 0xa0);
	assert_string_equal(result.identity, "SNMPv2c");
	assert_non_null(strstr(result.detail, "SNMPv2c answered"));
	world->peer.manner = MANNER_RESPONSE;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_ANSWERED);
}

static void
discovery_alone_says_that_the_community_is_refused(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec = spec_with(world, DMP_PROBE_SNMP, 150);
	struct dmp_probe_result result;

	world->peer.manner = MANNER_REPORT;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_AUTH_REQUIRED);
	assert_int_equal(result.progress, DMP_PROGRESS_ANSWERED);
	assert_true(result.latency_us >= 1);
	assert_null(strstr(result.detail, "secret"));
	world->peer.manner = MANNER_SILENT;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_NO_REPLY);
}

/* Every inform leaves a trace: one is sent only where it is wanted, and due. */
static void
informs_are_sent_only_when_wanted_and_due(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec = spec_with(world, DMP_PROBE_SNMP_TRAP, 1000);
	struct dmp_probe_result result;

	world->peer.manner = MANNER_AGENT;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_ANSWERED);
	spec.heavy = true;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_ANSWERED);
	spec.heavy = false;
	spec.inform = true;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_ANSWERED);
	assert_int_equal(world->peer.requests, 0);
	spec.heavy = true;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(world->peer.pdu, 0xa6);
	assert_non_null(strstr(result.detail, "acknowledged an inform"));
	world->peer.manner = MANNER_REPORT;
	spec.connect_timeout_ms = 150;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_AUTH_REQUIRED);
}

/* The first address is silent, the second one refuses the community. */
static void
half_an_answer_of_another_address_counts(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec = spec_with(world, DMP_PROBE_SNMP, 600);
	int silent = bound_udp_socket("127.0.0.2", world->peer.port);
	struct dmp_probe_result result;

	spec.addresses[1] = spec.addresses[0];
	assert_true(dmp_address_parse("127.0.0.2", &spec.addresses[0]));
	spec.n_addresses = 2;
	world->peer.manner = MANNER_REPORT;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_AUTH_REQUIRED);
	assert_true(dmp_address_equal(&result.address, &spec.addresses[1]));
	close(silent);
}

static void
time_server_tells_its_stratum(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec = spec_with(world, DMP_PROBE_NTP, 1000);
	struct dmp_probe_result result;

	world->peer.manner = MANNER_TIME;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(
	    result.identity, "NTP stratum 2, version 4, reference 82.65.84.69");
	world->peer.manner = MANNER_KISS;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_SERVICE_UNWELL);
	assert_non_null(strstr(result.detail, "RATE"));
	spec.connect_timeout_ms = 150;
	world->peer.manner = MANNER_GARBAGE;
	result = probe_run(world->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_non_null(strstr(result.detail, "no NTP"));
	world->peer.manner = MANNER_SILENT;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_NO_REPLY);
}

static void
garbage_is_the_wrong_service_at_the_deadline(void **state)
{
	struct dmp_probe_result result = ask(*state, MANNER_GARBAGE, 150);

	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_non_null(strstr(result.detail, "220 ftp"));
}

static void
closed_port_is_refused(void **state)
{
	static const char *const ADDRESSES[] = {"127.0.0.1", "::1"};
	struct world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		struct dmp_probe_spec spec = probe_spec(DMP_TRANSPORT_UDP, ADDRESSES[i],
		    closed_port(ADDRESSES[i], SOCK_DGRAM), 1000);
		struct dmp_probe_result result = probe_run(world->base, &spec);

		assert_int_equal(result.reason, DMP_REASON_REFUSED);
		assert_int_equal(result.progress, DMP_PROGRESS_REACHED);
		assert_non_null(strstr(result.detail, "port unreachable"));
	}
}

static void
reply_timeout_is_the_deadline_of_a_question(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_UDP, "127.0.0.1", world->peer.port, PATIENT_MS);
	int64_t begin_ms = dmp_clock_mono_ms(dmp_clock_system());

	spec.reply_timeout_ms = 100;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_NO_REPLY);
	assert_in_range(
	    dmp_clock_mono_ms(dmp_clock_system()) - begin_ms, 99, PATIENT_MS / 2);
}

static void
other_kinds_send_an_empty_datagram(void **state)
{
	struct world *world = *state;
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_UDP, "127.0.0.1", world->peer.port, 100);

	spec.kind = DMP_PROBE_CONNECT;
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_NO_REPLY);
	assert_int_equal(world->peer.last_size, 0);
	spec.port = closed_port("127.0.0.1", SOCK_DGRAM);
	assert_int_equal(probe_run(world->base, &spec).reason, DMP_REASON_REFUSED);
}

static void
finished_question_leaves_no_descriptor(void **state)
{
	int before = count_descriptors();

	(void)ask(*state, MANNER_SILENT, 50);
	(void)ask(*state, MANNER_REPORT, 500);
	assert_int_equal(count_descriptors(), before);
}

#define UDP_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    UDP_TEST(discovery_report_is_the_right_service),
	    UDP_TEST(identifiers_differ_from_probe_to_probe),
	    UDP_TEST(lost_datagrams_are_sent_again),
	    UDP_TEST(answer_to_another_request_is_passed_over),
	    UDP_TEST(silence_is_inconclusive),
	    UDP_TEST(silence_of_one_that_has_answered_is_a_timeout),
	    UDP_TEST(community_answer_is_a_weak_identity),
	    UDP_TEST(community_asks_an_agent_for_its_system),
	    UDP_TEST(discovery_alone_says_that_the_community_is_refused),
	    UDP_TEST(informs_are_sent_only_when_wanted_and_due),
	    UDP_TEST(half_an_answer_of_another_address_counts),
	    UDP_TEST(time_server_tells_its_stratum),
	    UDP_TEST(garbage_is_the_wrong_service_at_the_deadline),
	    UDP_TEST(closed_port_is_refused),
	    UDP_TEST(reply_timeout_is_the_deadline_of_a_question),
	    UDP_TEST(other_kinds_send_an_empty_datagram),
	    UDP_TEST(finished_question_leaves_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
