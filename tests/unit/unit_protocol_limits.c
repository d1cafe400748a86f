/* SPDX-License-Identifier: BSD-2-Clause */
/* At every limit: what just fits is taken, and one more is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/classify.h"
#include "probe/protocols.h"
#include "probe/remoting_wire.h"
#include "probe/search_wire.h"
#include "probe/snmp_wire.h"
#include "probe/web_verdict.h"
#include "support/fake_talk.h"
#include "support/hex.h"

enum { ROOM = 70 * 1024 };

struct bytes {
	uint8_t p[ROOM];
	size_t n;
};

static struct bytes *
bytes_of(const char *hex)
{
	struct bytes *bytes = calloc(1, sizeof *bytes);

	assert_non_null(bytes);
	bytes->n = test_hex(hex, bytes->p, sizeof bytes->p);
	return bytes;
}

static void
add(struct bytes *bytes, uint8_t value, size_t n)
{
	assert_true(n <= sizeof bytes->p - bytes->n);
	memset(bytes->p + bytes->n, value, n);
	bytes->n += n;
}

static void
put_be32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* What a protocol makes of all these bytes at once. */
static struct dmp_talk
answered(const struct dmp_protocol *protocol, const struct bytes *bytes)
{
	struct dmp_talk talk = {.spec = {.depth = DMP_PROBE_IDENTIFY}};

	fake_talk_open(&talk, protocol);
	(void)protocol->input(&talk, bytes->p, bytes->n);
	return talk;
}

/* IAC SB, so many bytes, IAC SE, and an option. */
static struct dmp_talk
telnet_with_subnegotiation(size_t inside)
{
	struct bytes *bytes = bytes_of("fffa");
	struct dmp_talk talk;

	add(bytes, 'x', inside);
	add(bytes, 0xff, 1);
	add(bytes, 0xf0, 1);
	add(bytes, 0xff, 1);
	add(bytes, 0xfb, 1);
	add(bytes, 1, 1);
	talk = answered(&dmp_protocol_telnet, bytes);
	free(bytes);
	return talk;
}

static void
telnet_subnegotiation_ends_within_1024_bytes(void **state)
{
	(void)state;
	assert_int_equal(
	    telnet_with_subnegotiation(1024 - 3).reason, DMP_REASON_ANSWERED);
	assert_true(telnet_with_subnegotiation(1024 - 1).wrong);
}

static void
telnet_text_is_judged_at_4096_bytes(void **state)
{
	struct bytes *bytes = bytes_of("");

	(void)state;
	add(bytes, 'x', 4095);
	assert_false(answered(&dmp_protocol_telnet, bytes).finished);
	add(bytes, 'x', 1);
	assert_int_equal(
	    answered(&dmp_protocol_telnet, bytes).reason, DMP_REASON_IDENTITY_WEAK);
	free(bytes);
}

static void
telnet_commands_without_end_are_not_kept(void **state)
{
	struct dmp_talk talk = {.spec = {.depth = DMP_PROBE_IDENTIFY}};
	static const uint8_t COMMANDS[] = {0xff, 0xf1, 0xff, 0xf1, 0xff};

	(void)state;
	fake_talk_open(&talk, &dmp_protocol_telnet);
	assert_int_equal(
	    dmp_protocol_telnet.input(&talk, COMMANDS, sizeof COMMANDS), 4);
	assert_false(talk.finished);
}

static struct dmp_talk
thrift_of(uint32_t frame, uint32_t version)
{
	struct bytes *bytes =
	    bytes_of("00000000 80010002 00000010 64657363726962655f76657273696f6e"
	             "00000001 0b0000 00000000");
	struct dmp_talk talk;

	put_be32(bytes->p, frame);
	put_be32(bytes->p + 35, version);
	add(bytes, '1', 4 + frame - bytes->n);
	talk = answered(&dmp_protocol_thrift, bytes);
	free(bytes);
	return talk;
}

static void
thrift_frame_has_4096_bytes_and_its_version_32(void **state)
{
	(void)state;
	assert_int_equal(thrift_of(4096, 5).reason, DMP_REASON_ANSWERED);
	assert_string_equal(thrift_of(4096, 5).identity, "Cassandra Thrift API 11111");
	assert_int_equal(thrift_of(4097, 5).reason, DMP_REASON_IDENTITY_WEAK);
	assert_string_equal(thrift_of(100, 32).identity,
	    "Cassandra Thrift API 11111111111111111111111111111111");
	assert_string_equal(thrift_of(100, 33).identity, "Cassandra Thrift");
}

static enum dmp_remoting_progress
remoting_of(const struct bytes *bytes)
{
	struct dmp_remoting_reply reply;

	return dmp_remoting_parse(bytes->p, bytes->n, &reply);
}

static void
remoting_fault_has_64_headers(void **state)
{
	static const char PREAMBLE[] = "2e4e4554 0100 0200 0000 00000000";

	(void)state;
	for (size_t n = 63; n <= 64; n++) {
		struct bytes *bytes = bytes_of(PREAMBLE);

		for (size_t i = 0; i < n; i++) {
			add(bytes, 5, 1);
			add(bytes, 0, 2);
		}
		add(bytes, 0, 2);
		assert_int_equal(remoting_of(bytes),
		    n == 63 ? DMP_REMOTING_REPLY : DMP_REMOTING_INVALID);
		free(bytes);
	}
}

static void
remoting_string_has_64_kib(void **state)
{
	(void)state;
	for (uint32_t n = DMP_REMOTING_STRING_MAX; n <= DMP_REMOTING_STRING_MAX + 1;
	     n++) {
		struct bytes *bytes =
		    bytes_of("2e4e4554 0100 0200 0000 00000000 0300 01 01");

		for (int i = 0; i < 4; i++)
			add(bytes, (uint8_t)(n >> 8 * i), 1);
		add(bytes, 'x', n);
		add(bytes, 0, 2);
		assert_int_equal(remoting_of(bytes), n == DMP_REMOTING_STRING_MAX
		                                         ? DMP_REMOTING_REPLY
		                                         : DMP_REMOTING_INVALID);
		free(bytes);
	}
}

static void
frame_of_a_search_node_has_64_kib(void **state)
{
	struct bytes *bytes = bytes_of("455300000000");
	uint32_t id;

	(void)state;
	put_be32(bytes->p + 2, DMP_SEARCH_FRAME_MAX - 6);
	assert_int_equal(dmp_search_parse(DMP_SEARCH_FORM_6_8, bytes->p, bytes->n, &id),
	    DMP_SEARCH_MORE);
	put_be32(bytes->p + 2, DMP_SEARCH_FRAME_MAX - 5);
	assert_int_equal(dmp_search_parse(DMP_SEARCH_FORM_6_8, bytes->p, bytes->n, &id),
	    DMP_SEARCH_GARBAGE);
	free(bytes);
}

/* The report of an SNMP engine with an identifier of so many bytes. */
static enum dmp_snmp_reply
engine_of(uint8_t size)
{
	struct bytes *bytes =
	    bytes_of("3000 020103 300f 02024a69 020300ffe3 040100 020103");
	struct dmp_snmp_engine engine;
	enum dmp_snmp_reply answer;

	add(bytes, 4, 1);
	add(bytes, (uint8_t)(size + 16), 1);
	add(bytes, 0x30, 1);
	add(bytes, (uint8_t)(size + 14), 1);
	add(bytes, 4, 1);
	add(bytes, size, 1);
	add(bytes, 0x80, size);
	bytes->n += test_hex("020101 020105 0400 0400 0400"
	                     "3023 0400 0400 a81d 020237f0 020100 020100 3011 300f"
	                     "060a2b060106030f01010400 410103",
	    bytes->p + bytes->n, 64);
	bytes->p[1] = (uint8_t)(bytes->n - 2);
	answer = dmp_snmp_parse(bytes->p, bytes->n, 0x4a69, &engine);
	free(bytes);
	return answer;
}

static void
snmp_engine_has_5_to_32_bytes(void **state)
{
	(void)state;
	assert_int_equal(engine_of(5), DMP_SNMP_DISCOVERED);
	assert_int_equal(engine_of(32), DMP_SNMP_DISCOVERED);
	assert_int_not_equal(engine_of(4), DMP_SNMP_DISCOVERED);
	assert_int_not_equal(engine_of(33), DMP_SNMP_DISCOVERED);
}

static void
cql_frame_of_a_stranger_has_64_kib(void **state)
{
	struct bytes *bytes = bytes_of("84000000 06 00000000");
	char text[DMP_CLASSIFY_TEXT];

	(void)state;
	put_be32(bytes->p + 5, 65536);
	assert_int_equal(dmp_classify(bytes->p, bytes->n, text), DMP_SERVICE_CQL);
	put_be32(bytes->p + 5, 65537);
	assert_int_equal(dmp_classify(bytes->p, bytes->n, text), DMP_SERVICE_UNKNOWN);
	free(bytes);
}

static enum dmp_reason
gateway_says(const char *before, size_t repeat, const char *after)
{
	static const struct dmp_probe_spec SPEC = {.host = "h"};
	struct dmp_http *http = calloc(1, sizeof *http);
	struct dmp_verdict verdict = {0};
	static const char HEADER[] = "HTTP/1.1 200 OK\r\n\r\n";

	assert_non_null(http);
	(void)dmp_http_feed(http, (const uint8_t *)HEADER, sizeof HEADER - 1);
	for (size_t i = 0; i < repeat; i++)
		(void)dmp_http_feed(http, (const uint8_t *)before, strlen(before));
	(void)dmp_http_feed(http, (const uint8_t *)after, strlen(after));
	(void)dmp_http_end(http);
	dmp_web_judge_dataminer_https(http, &SPEC, &verdict);
	free(http);
	return verdict.reason;
}

#define MODULE "{\"Name\":\"APIGateway\",\"Version\":\"1\"}"

static void
modules_are_looked_for_in_4_levels_and_64_values(void **state)
{
	(void)state;
	assert_int_equal(gateway_says("[", 3, MODULE "]]]"), DMP_REASON_ANSWERED);
	assert_int_equal(gateway_says("[", 4, MODULE "]]]]"), DMP_REASON_IDENTITY_WEAK);
	assert_int_equal(gateway_says("[0,0", 1,
	                     ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"
	                     ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"
	                     ",0,0,0,0," MODULE "]"),
	    DMP_REASON_ANSWERED);
	assert_int_equal(gateway_says("[0,0,0", 1,
	                     ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"
	                     ",0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0"
	                     ",0,0,0,0," MODULE "]"),
	    DMP_REASON_IDENTITY_WEAK);
}

/* A wait without end would leave the verdict to the deadline, one of no length would
 * not wait at all. */
static void
waits_for_the_rest_are_short(void **state)
{
	static const struct {
		const struct dmp_protocol *protocol;
		const char *hex;
		uint32_t wait_ms;
	} CASES[] = {
	    {&dmp_protocol_jmx, "4e00093132372e302e302e310000a80a", 2000},
	    {&dmp_protocol_telnet, "6c6f67696e3a", 200},
	    {&dmp_protocol_telnet, "", 1000},
	    {&dmp_protocol_nats_account, "485454502f312e3120323030204f4b0d0a0d0a",
	        1000},
	    {&dmp_protocol_nats_monitor, "485454502f312e3120323030204f4b0d0a0d0a",
	        1000},
	    {&dmp_protocol_search_node, "", 1000},
	    {&dmp_protocol_internode, "", 800},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_talk talk = {.spec = {.depth = DMP_PROBE_IDENTIFY}};

		fake_talk_open(&talk, CASES[i].protocol);
		fake_talk_hex(&talk, CASES[i].hex);
		assert_false(talk.finished);
		assert_int_equal(talk.wait_ms, CASES[i].wait_ms);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(telnet_subnegotiation_ends_within_1024_bytes),
	    cmocka_unit_test(telnet_text_is_judged_at_4096_bytes),
	    cmocka_unit_test(telnet_commands_without_end_are_not_kept),
	    cmocka_unit_test(thrift_frame_has_4096_bytes_and_its_version_32),
	    cmocka_unit_test(remoting_fault_has_64_headers),
	    cmocka_unit_test(remoting_string_has_64_kib),
	    cmocka_unit_test(frame_of_a_search_node_has_64_kib),
	    cmocka_unit_test(snmp_engine_has_5_to_32_bytes),
	    cmocka_unit_test(cql_frame_of_a_stranger_has_64_kib),
	    cmocka_unit_test(modules_are_looked_for_in_4_levels_and_64_values),
	    cmocka_unit_test(waits_for_the_rest_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
