/* SPDX-License-Identifier: BSD-2-Clause */
/* RMI handshake, ping and list, against what OpenJDK 17.0.15 sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/rmi_wire.h"
#include "support/hex.h"

#define ACK "4e 0009 3132372e302e302e31 0000a80a"

/* What OpenJDK 17 returns for list(): an array of strings, up to its size. */
#define RETURN                                                                         \
	"51aced0005770f01b1a3b14a0000019a9c3d4f2a8001757200135b4c6a6176612e6c616e672e" \
	"537472696e673badd256e7e91d7b47020000707870"
#define JMXRMI "7400066a6d78726d69"

static enum dmp_rmi_reply
parse_hex(const char *hex, struct dmp_rmi_peer *peer)
{
	uint8_t data[512];

	return dmp_rmi_parse(data, test_hex(hex, data, sizeof data), peer);
}

static void
request_is_handshake_and_ping(void **state)
{
	uint8_t wanted[DMP_RMI_REQUEST_SIZE];
	uint8_t request[DMP_RMI_REQUEST_SIZE];

	(void)state;
	assert_int_equal(
	    test_hex("4a524d4900024b00000000000052", wanted, sizeof wanted),
	    DMP_RMI_REQUEST_SIZE);
	dmp_rmi_request(request);
	assert_memory_equal(request, wanted, sizeof wanted);
}

static void
acknowledgement_tells_how_we_are_seen(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex(ACK "53", &peer), DMP_RMI_PINGED);
	assert_string_equal(peer.host, "127.0.0.1");
	assert_int_equal(peer.port, 0xa80a);
}

static void
acknowledgement_without_ping_is_told(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex(ACK, &peer), DMP_RMI_ACK);
	assert_int_equal(peer.port, 0xa80a);
}

static void
every_beginning_asks_for_more(void **state)
{
	uint8_t data[64];
	size_t size = test_hex(ACK, data, sizeof data);
	struct dmp_rmi_peer peer = {.port = 4711};

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_int_equal(dmp_rmi_parse(data, i, &peer), DMP_RMI_MORE);
	assert_int_equal(peer.port, 4711);
}

static void
anything_but_a_ping_answer_is_garbage(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex(ACK "51", &peer), DMP_RMI_GARBAGE);
}

static void
impossible_port_is_garbage(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex("4e 0001 61 0001a80a 53", &peer), DMP_RMI_GARBAGE);
	assert_int_equal(parse_hex("4e 0001 61 0100a80a 53", &peer), DMP_RMI_GARBAGE);
}

static void
impossible_host_is_garbage(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex("4e 0000 0000a80a", &peer), DMP_RMI_GARBAGE);
	assert_int_equal(parse_hex("4e 0100", &peer), DMP_RMI_GARBAGE);
	assert_int_equal(parse_hex("4e 0002 611b", &peer), DMP_RMI_GARBAGE);
	assert_int_equal(parse_hex("4e 0002 6120", &peer), DMP_RMI_GARBAGE);
}

static void
longest_host_is_cut(void **state)
{
	uint8_t data[3 + 255 + 4] = {0x4e, 0x00, 0xff};
	struct dmp_rmi_peer peer;

	(void)state;
	memset(data + 3, 'h', 255);
	assert_int_equal(dmp_rmi_parse(data, sizeof data, &peer), DMP_RMI_ACK);
	assert_int_equal(strlen(peer.host), DMP_RMI_HOST_TEXT - 1);
}

static void
refused_protocol_is_told_by_one_byte(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex("4f", &peer), DMP_RMI_NOT_SUPPORTED);
	assert_int_equal(parse_hex("4f4b", &peer), DMP_RMI_GARBAGE); /* "OK" */
}

static void
other_protocols_are_garbage(void **state)
{
	struct dmp_rmi_peer peer;

	(void)state;
	assert_int_equal(parse_hex("485454502f312e31", &peer), DMP_RMI_GARBAGE);
	assert_int_equal(parse_hex("1503030002020a", &peer), DMP_RMI_GARBAGE);
}

static enum dmp_rmi_reply
parse_list_hex(const char *hex)
{
	struct dmp_rmi_peer peer = {.port = 4711};
	uint8_t data[512];
	enum dmp_rmi_reply reply =
	    dmp_rmi_list_parse(data, test_hex(hex, data, sizeof data), &peer);

	assert_int_equal(peer.port, reply >= DMP_RMI_ACK ? 0xa80a : 4711);
	return reply;
}

static void
list_request_is_handshake_and_call(void **state)
{
	uint8_t wanted[DMP_RMI_LIST_SIZE];
	uint8_t request[DMP_RMI_LIST_SIZE];

	(void)state;
	assert_int_equal(
	    test_hex("4a524d4900024b000000000000 50aced00057722"
	             "00000000000000000000000000000000000000000000 00000001"
	             "44154dc9d4e63bdf",
	        wanted, sizeof wanted),
	    DMP_RMI_LIST_SIZE);
	dmp_rmi_list_request(request);
	assert_memory_equal(request, wanted, sizeof wanted);
}

static void
list_is_searched_for_jmxrmi(void **state)
{
	(void)state;
	assert_int_equal(parse_list_hex(ACK RETURN "00000001" JMXRMI), DMP_RMI_LISTED);
	assert_int_equal(parse_list_hex(ACK RETURN "00000002 740001 78" JMXRMI "7400"),
	    DMP_RMI_LISTED);
	assert_int_equal(parse_list_hex(ACK RETURN "00000000"), DMP_RMI_RETURNED);
	/* "xjmxrmi" and "jmxrmi2" are other names */
	assert_int_equal(parse_list_hex(ACK RETURN "00000001 740007786a6d78726d69"),
	    DMP_RMI_RETURNED);
	assert_int_equal(parse_list_hex(ACK RETURN "00000001 7400076a6d78726d6932"),
	    DMP_RMI_RETURNED);
}

static void
every_beginning_of_a_list_is_told_apart(void **state)
{
	uint8_t data[256];
	size_t ack = test_hex(ACK, data, sizeof data);
	size_t size = test_hex(ACK RETURN "00000001" JMXRMI, data, sizeof data);
	struct dmp_rmi_peer peer;

	(void)state;
	for (size_t i = 0; i < size; i++)
		assert_int_equal(dmp_rmi_list_parse(data, i, &peer),
		    i < ack       ? DMP_RMI_MORE
		    : i < ack + 8 ? DMP_RMI_ACK
		                  : DMP_RMI_RETURNED);
}

static void
list_is_searched_in_4_kib_only(void **state)
{
	uint8_t data[2 * DMP_RMI_RETURN_MAX] = {0};
	size_t ack = test_hex(ACK, data, sizeof data);
	size_t head = test_hex(ACK RETURN, data, sizeof data);
	uint8_t *late = data + ack + DMP_RMI_RETURN_MAX - 9;
	struct dmp_rmi_peer peer;

	(void)state;
	memset(data + head, 'x', sizeof data - head);
	assert_int_equal(dmp_rmi_list_parse(data, ack + DMP_RMI_RETURN_MAX - 1, &peer),
	    DMP_RMI_RETURNED);
	assert_int_equal(dmp_rmi_list_parse(data, ack + DMP_RMI_RETURN_MAX, &peer),
	    DMP_RMI_UNLISTED);
	(void)test_hex(JMXRMI, late, 9);
	assert_int_equal(dmp_rmi_list_parse(data, sizeof data, &peer), DMP_RMI_LISTED);
	memset(late, 'x', 9);
	(void)test_hex(JMXRMI, late + 1, 9);
	assert_int_equal(
	    dmp_rmi_list_parse(data, sizeof data, &peer), DMP_RMI_UNLISTED);
}

static void
list_may_be_answered_with_an_exception(void **state)
{
	(void)state;
	assert_int_equal(parse_list_hex(ACK "51aced0005770f02"), DMP_RMI_EXCEPTION);
}

static void
anything_but_a_return_is_garbage(void **state)
{
	(void)state;
	assert_int_equal(parse_list_hex(ACK "53"), DMP_RMI_GARBAGE);
	assert_int_equal(parse_list_hex(ACK "51aced0006"), DMP_RMI_GARBAGE);
	assert_int_equal(parse_list_hex(ACK "51aced0005770f03"), DMP_RMI_GARBAGE);
	assert_int_equal(parse_list_hex("485454502f312e31"), DMP_RMI_GARBAGE);
	assert_int_equal(parse_list_hex("4f"), DMP_RMI_NOT_SUPPORTED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_is_handshake_and_ping),
	    cmocka_unit_test(acknowledgement_tells_how_we_are_seen),
	    cmocka_unit_test(acknowledgement_without_ping_is_told),
	    cmocka_unit_test(every_beginning_asks_for_more),
	    cmocka_unit_test(anything_but_a_ping_answer_is_garbage),
	    cmocka_unit_test(impossible_port_is_garbage),
	    cmocka_unit_test(impossible_host_is_garbage),
	    cmocka_unit_test(longest_host_is_cut),
	    cmocka_unit_test(refused_protocol_is_told_by_one_byte),
	    cmocka_unit_test(other_protocols_are_garbage),
	    cmocka_unit_test(list_request_is_handshake_and_call),
	    cmocka_unit_test(list_is_searched_for_jmxrmi),
	    cmocka_unit_test(every_beginning_of_a_list_is_told_apart),
	    cmocka_unit_test(list_is_searched_in_4_kib_only),
	    cmocka_unit_test(list_may_be_answered_with_an_exception),
	    cmocka_unit_test(anything_but_a_return_is_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
