/* SPDX-License-Identifier: BSD-2-Clause */
/* RMI handshake and ping, against what OpenJDK 17.0.15 sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/rmi_wire.h"
#include "support/hex.h"

#define ACK "4e 0009 3132372e302e302e31 0000a80a"

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
