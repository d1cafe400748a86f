/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdicts of the protocols of Java services on captured and made-up answers.
 * Thrift's was captured from libthrift 0.9.2 with the interface of Cassandra 3.11.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/protocols.h"
#include "support/fake_talk.h"
#include "support/hex.h"

#define HTTP_400  "485454502f312e3120343030204261642052657175657374 0d0a0d0a"
#define TLS_ALERT "1503030002020a"
#define NONSENSE  "7878787878787878787878787878787878787878"

#define CQL_SUPPORTED                                                                  \
	"84000000060000003f0002"                                                       \
	"001150524f544f434f4c5f56455253494f4e5300030004332f76330004342f7634"           \
	"0004352f7635000b43514c5f56455253494f4e00010005332e342e36"

#define CQL_SUPPORTED_3_4_7                                                            \
	"84000000060000003f0002"                                                       \
	"001150524f544f434f4c5f56455253494f4e5300030004332f76330004342f7634"           \
	"0004352f7635000b43514c5f56455253494f4e00010005332e342e37"
/* "Rejecting Protocol Version 4/v4 < 5/v5." */
#define CQL_REJECTS_4                                                                  \
	"85000000000000002d0000000a0027"                                               \
	"52656a656374696e672050726f746f636f6c2056657273696f6e20342f7634203c20"         \
	"352f76352e"

#define THRIFT_REPLY                                                                   \
	"0000002a800100020000001064657363726962655f76657273696f6e00000001"             \
	"0b00000000000632302e312e3000"
#define THRIFT_EXCEPTION                                                               \
	"0000002a800100030000001064657363726962655f76657273696f6e00000001"             \
	"0b00010000000673696c6c792100"

#define JMX_ACK  "4e00093132372e302e302e310000a80a"
#define JMX_PORT 0xa80a

/* What OpenJDK 17 returns for list(): an array of strings, with jmxrmi and empty. */
#define JMX_RETURN                                                                     \
	"51aced0005770f01b1a3b14a0000019a9c3d4f2a8001757200135b4c6a6176612e6c616e672e" \
	"537472696e673badd256e7e91d7b47020000707870"
#define JMX_LIST       JMX_RETURN "000000017400066a6d78726d69"
#define JMX_EMPTY_LIST JMX_RETURN "00000000"

#define OLD_VERSION_12 "0000000c"
#define NEW_VERSION_12 "0000000c0000000c26f5673a"

enum given {
	GIVEN_ANSWER = 0,
	GIVEN_SILENCE /* the time is over afterwards */
};

static const struct dmp_probe_spec plain = {.depth = DMP_PROBE_IDENTIFY};
static const struct dmp_probe_spec deep = {.depth = DMP_PROBE_DEEP};
static const struct dmp_probe_spec after_old_cql = {
    .depth = DMP_PROBE_IDENTIFY, .cassandra = DMP_PROBE_CASSANDRA_OLD};
static const struct dmp_probe_spec after_new_cql = {
    .depth = DMP_PROBE_IDENTIFY, .cassandra = DMP_PROBE_CASSANDRA_NEW};

/* What a protocol makes of an answer. */
struct verdict {
	const struct dmp_protocol *protocol;
	const char *answer;
	enum given given;
	bool wrong;
	enum dmp_reason reason; /* unless wrong; NONE = not decided */
	const char *identity;
};

static struct dmp_talk
play(const struct verdict *v, const struct dmp_probe_spec *spec,
    void (*feed)(struct dmp_talk *talk, const char *hex))
{
	struct dmp_talk talk = {.local_port = JMX_PORT, .spec = *spec};

	fake_talk_open(&talk, v->protocol);
	feed(&talk, v->answer);
	if (v->given == GIVEN_SILENCE) {
		assert_true(talk.wait_ms > 0);
		v->protocol->quiet(&talk);
	}
	return talk;
}

static void
check_asked(const struct verdict *v, const struct dmp_probe_spec *spec)
{
	struct dmp_talk talk = play(v, spec, fake_talk_hex);

	assert_int_equal(talk.wrong, v->wrong);
	assert_int_equal(talk.reason, v->wrong ? 0 : v->reason);
	assert_int_equal(talk.finished, v->wrong || v->reason != 0);
	assert_string_equal(talk.identity, v->identity ? v->identity : "");
}

static void
check(const struct verdict *v)
{
	check_asked(v, &plain);
}

static void
check_all(const struct verdict *verdicts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&verdicts[i]);
}

#define CHECK_ALL(verdicts) check_all(verdicts, sizeof(verdicts) / sizeof *(verdicts))

static void
cql_names_version_protocols_and_release(void **state)
{
	static const struct verdict v = {&dmp_protocol_cql, CQL_SUPPORTED, GIVEN_ANSWER,
	    false, DMP_REASON_ANSWERED,
	    "Cassandra CQL 3.4.6, protocols 3-5, release 4.1"};

	(void)state;
	check(&v);
}

static void
cql_errors_tell_sick_from_other_version(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_cql, "840000000000000008 00001001 0002 6f6b", GIVEN_ANSWER,
	        false, DMP_REASON_SERVICE_UNWELL, "Cassandra CQL"},
	    {&dmp_protocol_cql, "840000000000000008 00001002 0002 6f6b", GIVEN_ANSWER,
	        false, DMP_REASON_SERVICE_UNWELL, "Cassandra CQL"},
	    {&dmp_protocol_cql, "840000000000000008 00000000 0002 6f6b", GIVEN_ANSWER,
	        false, DMP_REASON_SERVICE_UNWELL, "Cassandra CQL"},
	    {&dmp_protocol_cql, "840000000000000008 0000000a 0002 6f6b", GIVEN_ANSWER,
	        false, DMP_REASON_ANSWERED, "Cassandra CQL"},
	    {&dmp_protocol_cql_tls, CQL_REJECTS_4, GIVEN_ANSWER, false,
	        DMP_REASON_ANSWERED, "Cassandra CQL, protocols 5-5"},
	};

	(void)state;
	CHECK_ALL(v);
}

/* What rejects version 4 names its own: 5.0 with a minimum of 5, 2.1; 2.0 names none,
 * in the header of version 2. */
static void
cql_of_another_version_is_identified_by_its_rejection(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_cql, CQL_REJECTS_4, GIVEN_ANSWER, false, DMP_REASON_ANSWERED,
	        "Cassandra CQL, protocols 5-5"},
	    {&dmp_protocol_cql,
	        "8300000000000000490000000a0043496e76616c6964206f7220756e737570"
	        "706f727465642070726f746f636f6c2076657273696f6e202834293b206869"
	        "676865737420737570706f727465642069732033",
	        GIVEN_ANSWER, false, DMP_REASON_ANSWERED,
	        "Cassandra CQL, protocols 3-3"},
	    {&dmp_protocol_cql,
	        "82000000000000300000000a002a496e76616c6964206f7220756e73757070"
	        "6f727465642070726f746f636f6c2076657273696f6e3a2034",
	        GIVEN_ANSWER, false, DMP_REASON_ANSWERED, "Cassandra CQL"},
	};
	static const char *const SAID[] = {"Rejecting Protocol Version 4/v4 < 5/v5",
	    "highest supported is 3", "unsupported protocol version: 4"};

	(void)state;
	CHECK_ALL(v);
	for (size_t i = 0; i < 3; i++) {
		struct dmp_talk talk = play(&v[i], &plain, fake_talk_hex);

		assert_non_null(strstr(talk.detail, SAID[i]));
	}
}

static void
cql_frames_that_answer_nothing_are_not_proof(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_cql, "840000010600000002 0000", GIVEN_ANSWER, false,
	        DMP_REASON_BAD_ANSWER, NULL},
	    {&dmp_protocol_cql, "840000000200000000", GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, NULL},
	    {&dmp_protocol_cql, HTTP_400, GIVEN_ANSWER, true, 0, NULL},
	    {&dmp_protocol_cql, TLS_ALERT, GIVEN_ANSWER, true, 0, NULL},
	};

	(void)state;
	CHECK_ALL(v);
}

static void
jmx_is_proven_by_our_port_and_the_ping(void **state)
{
	static const struct verdict v = {&dmp_protocol_jmx, JMX_ACK "53", GIVEN_ANSWER,
	    false, DMP_REASON_ANSWERED, "Java RMI (JMX)"};
	struct dmp_talk talk = play(&v, &plain, fake_talk_hex);

	(void)state;
	check(&v);
	assert_null(strstr(talk.detail, "NAT"));
}

static void
jmx_that_sees_another_port_tells_of_nat(void **state)
{
	struct dmp_talk talk = {.local_port = JMX_PORT + 1};

	(void)state;
	fake_talk_open(&talk, &dmp_protocol_jmx);
	fake_talk_hex(&talk, JMX_ACK "53");
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_non_null(strstr(talk.detail, "127.0.0.1 port 43018, not 43019"));
	assert_non_null(strstr(talk.detail, "NAT"));
}

static void
jmx_without_ping_is_unwell(void **state)
{
	static const struct verdict v = {&dmp_protocol_jmx, JMX_ACK, GIVEN_SILENCE,
	    false, DMP_REASON_SERVICE_UNWELL, "Java RMI (JMX)"};

	(void)state;
	check(&v);
}

static void
jmx_that_closes_at_once_is_not_called_rmi(void **state)
{
	struct dmp_talk talk = {.local_port = JMX_PORT};

	(void)state;
	fake_talk_open(&talk, &dmp_protocol_jmx);
	dmp_protocol_jmx.closed(&talk);
	assert_false(talk.finished);
	assert_string_equal(talk.identity, "");
}

static void
jmx_knows_what_it_is_not(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_jmx, "4f", GIVEN_ANSWER, false, DMP_REASON_IDENTITY_WEAK,
	        "Java RMI"},
	    {&dmp_protocol_jmx, TLS_ALERT, GIVEN_ANSWER, true, 0, NULL},
	    {&dmp_protocol_jmx, HTTP_400, GIVEN_ANSWER, true, 0, NULL},
	};

	(void)state;
	CHECK_ALL(v);
}

static void
jmx_deep_is_proven_by_the_registry(void **state)
{
	static const struct verdict v = {&dmp_protocol_jmx, JMX_ACK JMX_LIST,
	    GIVEN_ANSWER, false, DMP_REASON_ANSWERED, "JMX over Java RMI"};
	struct dmp_talk talk = play(&v, &deep, fake_talk_hex);

	(void)state;
	check_asked(&v, &deep);
	assert_int_equal(talk.sent_size, 54);
	assert_non_null(strstr(talk.detail, "lists jmxrmi"));
	assert_null(strstr(talk.detail, "NAT"));
	assert_int_equal(play(&v, &deep, fake_talk_drip).reason, DMP_REASON_ANSWERED);
}

static void
jmx_deep_doubts_a_registry_without_jmxrmi(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_jmx, JMX_ACK JMX_EMPTY_LIST, GIVEN_SILENCE, false,
	        DMP_REASON_IDENTITY_WEAK, "Java RMI registry"},
	    {&dmp_protocol_jmx, JMX_ACK "51aced0005770f02", GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, "Java RMI"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		check_asked(&v[i], &deep);
}

static void
jmx_deep_without_a_list_is_unwell(void **state)
{
	static const struct verdict v = {&dmp_protocol_jmx, JMX_ACK, GIVEN_SILENCE,
	    false, DMP_REASON_SERVICE_UNWELL, "Java RMI (JMX)"};

	(void)state;
	check_asked(&v, &deep);
	assert_non_null(
	    strstr(play(&v, &deep, fake_talk_hex).detail, "the list was not"));
}

static void
thrift_tells_its_version(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_thrift, THRIFT_REPLY, GIVEN_ANSWER, false,
	        DMP_REASON_ANSWERED, "Cassandra Thrift API 20.1.0"},
	    {&dmp_protocol_thrift, THRIFT_EXCEPTION, GIVEN_ANSWER, false,
	        DMP_REASON_ANSWERED, "Cassandra Thrift"},
	};

	(void)state;
	CHECK_ALL(v);
}

static void
thrift_is_wrong_only_when_named(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_thrift, HTTP_400, GIVEN_ANSWER, true, 0, NULL},
	    {&dmp_protocol_thrift, NONSENSE, GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, NULL},
	    {&dmp_protocol_thrift, "00001001", GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, NULL}, /* a frame over the limit */
	    {&dmp_protocol_thrift, "00000000", GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, NULL}, /* a frame without a call */
	};

	(void)state;
	CHECK_ALL(v);
}

static void
thrift_version_beyond_its_frame_is_not_shown(void **state)
{
	static const struct verdict v = {&dmp_protocol_thrift,
	    "00000023800100020000001064657363726962655f76657273696f6e00000001"
	    "0b00000000000632302e312e3000",
	    GIVEN_ANSWER, false, DMP_REASON_ANSWERED, "Cassandra Thrift"};

	(void)state;
	check(&v);
}

static void
cql_tells_how_its_node_is_to_be_asked(void **state)
{
	static const struct {
		const char *answer;
		enum dmp_probe_cassandra cassandra;
	} CASES[] = {
	    {CQL_SUPPORTED, DMP_PROBE_CASSANDRA_OLD},
	    {CQL_SUPPORTED_3_4_7, DMP_PROBE_CASSANDRA_NEW},
	    {CQL_REJECTS_4, DMP_PROBE_CASSANDRA_NEW},
	    {"840000000000000008 00001001 0002 6f6b", DMP_PROBE_CASSANDRA_UNKNOWN},
	    {HTTP_400, DMP_PROBE_CASSANDRA_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct verdict v = {
		    .protocol = &dmp_protocol_cql, .answer = CASES[i].answer};

		assert_int_equal(
		    play(&v, &plain, fake_talk_hex).cassandra, CASES[i].cassandra);
	}
}

static void
internode_asks_in_the_old_form_unless_cql_told_5_0(void **state)
{
	static const struct {
		const struct dmp_probe_spec *spec;
		size_t request;
	} CASES[] = {{&plain, 8}, {&after_old_cql, 8}, {&after_new_cql, 19}};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_talk talk = {.spec = *CASES[i].spec};

		fake_talk_open(&talk, &dmp_protocol_internode);
		assert_int_equal(talk.sent_size, CASES[i].request);
	}
}

static void
internode_tells_its_version(void **state)
{
	static const struct verdict old = {&dmp_protocol_internode, OLD_VERSION_12,
	    GIVEN_ANSWER, false, DMP_REASON_ANSWERED,
	    "Cassandra internode, messaging version 12, release 4.0 to 5.0"};
	struct verdict new = old;

	(void)state;
	new.answer = NEW_VERSION_12;
	check_asked(&old, &plain);
	check_asked(&old, &after_old_cql);
	check_asked(&new, &after_new_cql);
}

static void
internode_in_silence_is_weak(void **state)
{
	static const struct verdict v = {&dmp_protocol_internode, "", GIVEN_SILENCE,
	    false, DMP_REASON_IDENTITY_WEAK, NULL};

	(void)state;
	check_asked(&v, &plain);
	check_asked(&v, &after_old_cql);
}

static void
internode_says_when_its_form_was_a_guess(void **state)
{
	static const struct verdict v[] = {
	    {.protocol = &dmp_protocol_internode, .answer = OLD_VERSION_12},
	    {.protocol = &dmp_protocol_internode, .answer = "", .given = GIVEN_SILENCE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		struct dmp_talk guessed = play(&v[i], &plain, fake_talk_hex);
		struct dmp_talk told = play(&v[i], &after_old_cql, fake_talk_hex);

		assert_non_null(strstr(guessed.detail, "guess"));
		assert_null(strstr(told.detail, "guess"));
	}
}

static void
internode_is_wrong_only_when_named(void **state)
{
	static const struct verdict v[] = {
	    {&dmp_protocol_internode, HTTP_400, GIVEN_ANSWER, true, 0, NULL},
	    {&dmp_protocol_internode, TLS_ALERT, GIVEN_ANSWER, true, 0, NULL},
	    {&dmp_protocol_internode, NONSENSE, GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, NULL},
	    {&dmp_protocol_internode, "0000000e", GIVEN_ANSWER, false,
	        DMP_REASON_IDENTITY_WEAK, NULL}, /* a version of the future */
	};

	(void)state;
	CHECK_ALL(v);
}

static void
internode_closes_in_order(void **state)
{
	(void)state;
	assert_true(dmp_protocol_internode.polite_close);
	assert_true(dmp_protocol_internode_tls.polite_close);
}

static void
internode_tls_sends_nothing_and_is_open(void **state)
{
	static const struct verdict v = {&dmp_protocol_internode_tls, "", GIVEN_SILENCE,
	    false, DMP_REASON_OPEN, NULL};
	struct dmp_talk talk = play(&v, &plain, fake_talk_hex);

	(void)state;
	check(&v);
	assert_int_equal(talk.sent_size, 0);
}

static void
every_proof_survives_one_byte_at_a_time(void **state)
{
	static const struct verdict v[] = {
	    {.protocol = &dmp_protocol_cql, .answer = CQL_SUPPORTED},
	    {.protocol = &dmp_protocol_jmx, .answer = JMX_ACK "53"},
	    {.protocol = &dmp_protocol_thrift, .answer = THRIFT_REPLY},
	    {.protocol = &dmp_protocol_internode, .answer = OLD_VERSION_12},
	};

	(void)state;
	for (size_t i = 0; i < sizeof v / sizeof *v; i++)
		assert_int_equal(
		    play(&v[i], &plain, fake_talk_drip).reason, DMP_REASON_ANSWERED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cql_names_version_protocols_and_release),
	    cmocka_unit_test(cql_errors_tell_sick_from_other_version),
	    cmocka_unit_test(cql_of_another_version_is_identified_by_its_rejection),
	    cmocka_unit_test(cql_frames_that_answer_nothing_are_not_proof),
	    cmocka_unit_test(jmx_is_proven_by_our_port_and_the_ping),
	    cmocka_unit_test(jmx_that_sees_another_port_tells_of_nat),
	    cmocka_unit_test(jmx_without_ping_is_unwell),
	    cmocka_unit_test(jmx_that_closes_at_once_is_not_called_rmi),
	    cmocka_unit_test(jmx_knows_what_it_is_not),
	    cmocka_unit_test(jmx_deep_is_proven_by_the_registry),
	    cmocka_unit_test(jmx_deep_doubts_a_registry_without_jmxrmi),
	    cmocka_unit_test(jmx_deep_without_a_list_is_unwell),
	    cmocka_unit_test(thrift_tells_its_version),
	    cmocka_unit_test(thrift_is_wrong_only_when_named),
	    cmocka_unit_test(thrift_version_beyond_its_frame_is_not_shown),
	    cmocka_unit_test(cql_tells_how_its_node_is_to_be_asked),
	    cmocka_unit_test(internode_asks_in_the_old_form_unless_cql_told_5_0),
	    cmocka_unit_test(internode_tells_its_version),
	    cmocka_unit_test(internode_in_silence_is_weak),
	    cmocka_unit_test(internode_says_when_its_form_was_a_guess),
	    cmocka_unit_test(internode_is_wrong_only_when_named),
	    cmocka_unit_test(internode_closes_in_order),
	    cmocka_unit_test(internode_tls_sends_nothing_and_is_open),
	    cmocka_unit_test(every_proof_survives_one_byte_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
