/* SPDX-License-Identifier: BSD-2-Clause */
/* NTP on the wire (RFC 5905 7.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/ntp_wire.h"

#define NONCE UINT64_C(0x0102030405060708)

/* An answer of a secondary server to NONCE. */
static void
answer(uint8_t packet[DMP_NTP_SIZE])
{
	static const uint8_t HEAD[] = {
	    0x24, 2, 3, 0xe9, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1};
	static const uint8_t ORIGINATE[] = {1, 2, 3, 4, 5, 6, 7, 8};

	memset(packet, 0x11, DMP_NTP_SIZE);
	memcpy(packet, HEAD, sizeof HEAD);
	memcpy(packet + 24, ORIGINATE, sizeof ORIGINATE);
}

static void
request_is_a_client_packet_of_version_4(void **state)
{
	static const uint8_t NOTHING[39] = {0};
	static const uint8_t TRANSMIT[] = {1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t request[DMP_NTP_SIZE];

	(void)state;
	dmp_ntp_request(NONCE, request);
	assert_int_equal(request[0], 0x23);
	assert_memory_equal(request + 1, NOTHING, sizeof NOTHING);
	assert_memory_equal(request + 40, TRANSMIT, sizeof TRANSMIT);
}

static void
answer_tells_stratum_and_reference(void **state)
{
	uint8_t packet[DMP_NTP_SIZE];
	struct dmp_ntp_server server;

	(void)state;
	answer(packet);
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_ANSWER);
	assert_int_equal(server.stratum, 2);
	assert_int_equal(server.version, 4);
	assert_false(server.unsynchronised);
	assert_string_equal(server.reference, "192.0.2.1");
	packet[1] = 1;
	memcpy(packet + 12, "GPS\0", 4);
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_ANSWER);
	assert_string_equal(server.reference, "GPS");
}

static void
unsynchronised_servers_say_so(void **state)
{
	uint8_t packet[DMP_NTP_SIZE];
	struct dmp_ntp_server server;

	(void)state;
	answer(packet);
	packet[1] = DMP_NTP_LOST;
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_ANSWER);
	assert_true(server.unsynchronised);
	packet[1] = 3;
	packet[0] |= 0xc0;
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_ANSWER);
	assert_true(server.unsynchronised);
}

static void
answer_to_another_request_is_a_stray(void **state)
{
	uint8_t packet[DMP_NTP_SIZE];
	struct dmp_ntp_server server;

	(void)state;
	answer(packet);
	for (size_t i = 24; i < 32; i++) {
		packet[i] ^= 1;
		assert_int_equal(dmp_ntp_parse(packet, sizeof packet, NONCE, &server),
		    DMP_NTP_STRAY);
		packet[i] ^= 1;
	}
}

static void
own_request_echoed_is_no_answer(void **state)
{
	uint8_t packet[DMP_NTP_SIZE];
	struct dmp_ntp_server server;

	(void)state;
	dmp_ntp_request(NONCE, packet);
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_STRAY);
}

static void
short_or_impossible_packets_are_garbage(void **state)
{
	uint8_t packet[DMP_NTP_SIZE];
	struct dmp_ntp_server server;

	(void)state;
	answer(packet);
	for (size_t n = 0; n < sizeof packet; n++)
		assert_int_equal(
		    dmp_ntp_parse(packet, n, NONCE, &server), DMP_NTP_GARBAGE);
	packet[1] = 17;
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_GARBAGE);
	answer(packet);
	packet[0] = 0x04; /* version 0 */
	assert_int_equal(
	    dmp_ntp_parse(packet, sizeof packet, NONCE, &server), DMP_NTP_GARBAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_is_a_client_packet_of_version_4),
	    cmocka_unit_test(answer_tells_stratum_and_reference),
	    cmocka_unit_test(unsynchronised_servers_say_so),
	    cmocka_unit_test(answer_to_another_request_is_a_stray),
	    cmocka_unit_test(own_request_echoed_is_no_answer),
	    cmocka_unit_test(short_or_impossible_packets_are_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
