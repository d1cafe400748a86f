/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verdicts about the transport of search nodes, on what Elasticsearch 6.8.23 and
 * 7.17.9 and OpenSearch 2.11.0 answered, and on made-up answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/protocols.h"
#include "support/fake_talk.h"

#define SEARCH_PING "4553ffffffff"
/* The beginnings of answers to the handshake, before the version of the node. */
#define SEARCH_HELLO_68  "455300000013000000000000000109005cc6630000"
#define SEARCH_HELLO_710 "455300000017000000000000000209006c578b000000020000"
#define SEARCH_HELLO                                                                   \
	"45530000003400000000000000010800 5cc66300000106782d7061636b16"                \
	"696e7465726e616c3a7463702f68616e647368616b650004e38cf302"
/* "This is not a HTTP port" */
#define SEARCH_NOT_HTTP "54686973206973206e6f742061204854545020706f7274"

/* Answers to one question after the other, on one connection; the last is NULL. */
static struct dmp_talk
play(enum dmp_probe_depth depth, const char *const *answers)
{
	struct dmp_talk talk = {.spec = {.depth = depth}};

	fake_talk_open(&talk, &dmp_protocol_search_node);
	for (; *answers; answers++)
		fake_talk_hex(&talk, *answers);
	return talk;
}

static void
ping_comes_back(void **state)
{
	static const char *const answers[] = {SEARCH_PING, NULL};
	struct dmp_talk talk = play(DMP_PROBE_IDENTIFY, answers);

	(void)state;
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "Elasticsearch or OpenSearch transport");
	assert_int_equal(talk.sent_size, 6);
}

static void
ping_may_come_back_one_byte_at_a_time(void **state)
{
	struct dmp_talk talk = {.spec = {.depth = DMP_PROBE_IDENTIFY}};

	(void)state;
	fake_talk_open(&talk, &dmp_protocol_search_node);
	fake_talk_drip(&talk, SEARCH_PING);
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
}

static void
node_that_ignores_the_ping_is_asked_once_more(void **state)
{
	struct dmp_talk talk = {.local_port = 1};

	(void)state;
	fake_talk_open(&talk, &dmp_protocol_search_node);
	dmp_protocol_search_node.quiet(&talk);
	dmp_protocol_search_node.quiet(&talk);
	assert_int_equal(talk.sent_size, 6 + 18);
	fake_talk_hex(&talk, SEARCH_NOT_HTTP);
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "Elasticsearch transport");
}

static void
node_tells_its_version_when_asked_deeply(void **state)
{
	static const struct {
		const char *answers[4];
		const char *identity;
		size_t sent;
	} CASES[] = {
	    {{SEARCH_PING, SEARCH_HELLO_68 "df9ef302"},
	        "Elasticsearch 6.8.23 transport", 6 + 58},
	    {{SEARCH_PING, SEARCH_HELLO_68 "b7d7b503"},
	        "Elasticsearch 7.17.9 transport", 6 + 58},
	    {{SEARCH_PING, SEARCH_HELLO_68 "8bafb103", SEARCH_HELLO_710 "93e58041"},
	        "OpenSearch 2.11.0 transport", 6 + 58 + 55},
	    {{SEARCH_PING, SEARCH_HELLO_68 "8bafb103", SEARCH_HELLO_710 "8bafb103"},
	        "Elasticsearch 7.10.2 transport", 6 + 58 + 55},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_talk talk = play(DMP_PROBE_DEEP, CASES[i].answers);

		assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
		assert_string_equal(talk.identity, CASES[i].identity);
		assert_int_equal(talk.sent_size, CASES[i].sent);
	}
}

static void
node_that_keeps_its_version_is_proven_by_the_ping(void **state)
{
	static const char *const refused[] = {
	    SEARCH_PING, "455300000013000000000000000103005cc663000000000000", NULL};
	static const char *const silent[] = {SEARCH_PING, NULL};
	struct dmp_talk talk = play(DMP_PROBE_DEEP, silent);
	struct dmp_talk other = play(DMP_PROBE_DEEP, silent);
	struct dmp_talk error = play(DMP_PROBE_DEEP, refused);

	(void)state;
	dmp_protocol_search_node.quiet(&talk);
	dmp_protocol_search_node.closed(&other);
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_int_equal(other.reason, DMP_REASON_ANSWERED);
	assert_int_equal(error.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "Elasticsearch or OpenSearch transport");
	assert_string_equal(error.identity, "Elasticsearch or OpenSearch transport");
}

static void
node_of_7_10_2_is_not_sure_without_the_second_answer(void **state)
{
	static const char *const answers[] = {
	    SEARCH_PING, SEARCH_HELLO_68 "8bafb103", NULL};
	struct dmp_talk talk = play(DMP_PROBE_DEEP, answers);

	(void)state;
	dmp_protocol_search_node.closed(&talk);
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity,
	    "Elasticsearch or OpenSearch transport, compatible with 7.10.2");
}

static void
echo_is_no_node(void **state)
{
	static const char *const answers[] = {SEARCH_PING, SEARCH_HELLO, NULL};
	static const char *const other_request[] = {
	    SEARCH_PING, "455300000013000000000000000209005cc6630000df9ef302", NULL};

	(void)state;
	assert_int_equal(
	    play(DMP_PROBE_DEEP, answers).reason, DMP_REASON_IDENTITY_WEAK);
	assert_string_equal(play(DMP_PROBE_DEEP, answers).identity, "");
	assert_int_equal(
	    play(DMP_PROBE_DEEP, other_request).reason, DMP_REASON_IDENTITY_WEAK);
}

static void
only_another_service_is_wrong(void **state)
{
	static const struct {
		const char *answers[2];
		bool wrong;
	} CASES[] = {
	    /* an HTTP answer, a TLS alert */
	    {{"485454502f312e3120343030204261642052657175657374 0d0a0d0a"}, true},
	    {{"1503030002020a"}, true},
	    {{"455300000005 0102030405"}, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_talk talk = play(DMP_PROBE_IDENTIFY, CASES[i].answers);

		assert_int_equal(talk.wrong, CASES[i].wrong);
		if (!CASES[i].wrong)
			assert_int_equal(talk.reason, DMP_REASON_IDENTITY_WEAK);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ping_comes_back),
	    cmocka_unit_test(ping_may_come_back_one_byte_at_a_time),
	    cmocka_unit_test(node_that_ignores_the_ping_is_asked_once_more),
	    cmocka_unit_test(node_tells_its_version_when_asked_deeply),
	    cmocka_unit_test(node_that_keeps_its_version_is_proven_by_the_ping),
	    cmocka_unit_test(node_of_7_10_2_is_not_sure_without_the_second_answer),
	    cmocka_unit_test(echo_is_no_node),
	    cmocka_unit_test(only_another_service_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
