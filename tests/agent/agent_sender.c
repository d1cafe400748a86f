/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes out on a sender's socket; a pair of local sockets instead of a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "subagent/direct_receiver.h"
#include "subagent/mib_root.h"
#include "subagent/snmp_sender.h"

enum { ETHERNET_UDP = 1472, DATAGRAM = 4096 };

struct wire {
	struct dmpd_adapter adapter;
	struct dmpd_notification notification;
	struct dmp_event event;
	struct dmpd_sender *sender;
	int far;
	enum dmpd_answer answer;
	unsigned answers;
	unsigned taken;
};

static void
on_answer(void *arg, uint32_t ticket, enum dmpd_answer answer, const char *why)
{
	struct wire *wire = arg;

	(void)ticket;
	(void)why;
	wire->answer = answer;
	wire->answers++;
	wire->taken += answer == DMPD_ANSWER_TAKEN;
}

static void
fill(char *field, size_t size)
{
	memset(field, 'x', size - 1);
	field[size - 1] = '\0';
}

#define FILL(field) fill(field, sizeof field)

/* Every text as long as it may be, every number as large. */
static void
fill_event(struct dmp_event *event)
{
	*event = (struct dmp_event){.sequence = UINT32_MAX,
	    .state = DMP_STATE_UNVERIFIED,
	    .previous_state = DMP_STATE_UNVERIFIED,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_REFUSED,
	    .level = DMP_LEVEL_REQUIRED,
	    .transport = DMP_TRANSPORT_TCP,
	    .port = UINT16_MAX,
	    .port_index = UINT32_MAX,
	    .time_ms = 1767225600000,
	    .type = DMP_EVENT_PORT_DOWN};
	FILL(event->source);
	FILL(event->key);
	FILL(event->message);
	FILL(event->host_name);
	FILL(event->address);
	FILL(event->service);
}

static struct wire *
wire_new(struct dmpd_sender_config config)
{
	static const struct dmp_board_system SYSTEM;
	struct wire *wire = calloc(1, sizeof *wire);
	const char *why = NULL;
	int ends[2];

	assert_non_null(wire);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	dmpd_mib_set_root(&SYSTEM, &wire->adapter);
	fill_event(&wire->event);
	dmpd_notification_event(&wire->event, &wire->notification);
	config.fd = ends[0];
	config.adapter = &wire->adapter;
	config.answer = on_answer;
	config.arg = wire;
	assert_int_equal(dmpd_sender_new(&config, &wire->sender, &why), DMP_OK);
	wire->far = ends[1];
	return wire;
}

static void
wire_free(struct wire *wire)
{
	dmpd_sender_free(wire->sender);
	(void)close(wire->far);
	free(wire);
}

/* Send the notification, return the size of what came out. */
static size_t
wire_send(struct wire *wire, uint8_t datagram[DATAGRAM])
{
	static const uint8_t ADDRESS[] = {192, 0, 2, 200};
	const struct dmpd_sending sending = {.notification = &wire->notification,
	    .ticket = 1,
	    .request_id = INT32_MAX,
	    .timeout_ms = 500,
	    .uptime = UINT32_MAX,
	    .address = ADDRESS};
	ssize_t n;

	dmpd_sender_send(wire->sender, &sending);
	n = recv(wire->far, datagram, DATAGRAM, 0);
	assert_true(n > 0);
	return (size_t)n;
}

static const uint8_t ENGINE[DMPD_SENDER_ENGINE_MAX] = {0x80, 0, 0x1f, 0x88, 4};

static void
largest_version_2c_notification_fits_into_one_frame(void **state)
{
	struct wire *wire = wire_new((struct dmpd_sender_config){
	    .is_inform = true, .community = "a-community-of-thirty-two-bytes."});
	uint8_t datagram[DATAGRAM];

	(void)state;
	assert_in_range(wire_send(wire, datagram), 1200, ETHERNET_UDP);
	wire_free(wire);
}

static void
largest_version_3_inform_fits_into_one_frame(void **state)
{
	struct wire *wire = wire_new((struct dmpd_sender_config){.is_inform = true,
	    .is_v3 = true,
	    .user = "dmports",
	    .auth = "SHA-512",
	    .auth_pass = "authentic-42",
	    .priv = "AES-256",
	    .priv_pass = "private-4242",
	    .engine_id = ENGINE,
	    .engine_id_size = 17});
	uint8_t datagram[DATAGRAM];

	(void)state;
	assert_in_range(wire_send(wire, datagram), 1200, ETHERNET_UDP);
	wire_free(wire);
}

static void
every_protocol_of_the_site_file_is_known_to_the_library(void **state)
{
	static const char *const AUTHS[] = {
	    "MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
	static const char *const PRIVS[] = {
	    "", "DES", "AES", "AES-128", "AES-192", "AES-256"};
	uint8_t datagram[DATAGRAM];

	(void)state;
	for (size_t a = 0; a < sizeof AUTHS / sizeof *AUTHS; a++) {
		for (size_t p = 0; p < sizeof PRIVS / sizeof *PRIVS; p++) {
			struct wire *wire =
			    wire_new((struct dmpd_sender_config){.is_v3 = true,
			        .user = "dmports",
			        .auth = AUTHS[a],
			        .auth_pass = "authentic-42",
			        .priv = PRIVS[p],
			        .priv_pass = "private-4242"});

			assert_true(wire_send(wire, datagram) > 0);
			assert_int_equal(wire->answer, DMPD_ANSWER_TAKEN);
			wire_free(wire);
		}
	}
}

static void
short_passphrase_is_refused_with_its_reason(void **state)
{
	const struct dmpd_sender_config config = {.is_v3 = true,
	    .fd = socket(AF_UNIX, SOCK_DGRAM, 0),
	    .user = "u",
	    .auth = "SHA",
	    .auth_pass = "seven77",
	    .priv = ""};
	struct dmpd_sender *sender = NULL;
	const char *why = "";

	(void)state;
	assert_int_equal(dmpd_sender_new(&config, &sender, &why), DMP_EINVAL);
	assert_non_null(strstr(why, "too short"));
	assert_int_equal(close(config.fd), -1); /* it was closed */
}

static void
trap_that_cannot_be_sent_is_told_at_once(void **state)
{
	struct wire *wire =
	    wire_new((struct dmpd_sender_config){.community = "public"});
	const struct dmpd_sending sending = {
	    .notification = &wire->notification, .ticket = 1, .request_id = 1};

	(void)state;
	(void)close(wire->far);
	dmpd_sender_send(wire->sender, &sending);
	assert_int_equal(wire->answers, 1);
	assert_int_equal(wire->answer, DMPD_ANSWER_UNSENT);
	wire_free(wire);
}

static void
inform_without_answer_is_late_after_its_time(void **state)
{
	struct wire *wire = wire_new(
	    (struct dmpd_sender_config){.is_inform = true, .community = "public"});
	const struct dmpd_sending sending = {.notification = &wire->notification,
	    .ticket = 1,
	    .request_id = 1,
	    .timeout_ms = 0};

	(void)state;
	dmpd_sender_send(wire->sender, &sending);
	assert_int_equal(wire->answers, 0);
	while (wire->answers == 0)
		dmpd_sender_expire(wire->sender);
	assert_int_equal(wire->answer, DMPD_ANSWER_LATE);
	wire_free(wire);
}

/* --- answers that are none --- */

enum { RESPONSE = 0xa2, REPORT = 0xa8, TRUNCATED_MAX = 2048 };

/* An inform of version 2c is on its way; *ret_n bytes came out. */
static struct wire *
wire_asks(uint8_t datagram[DATAGRAM], size_t *ret_n)
{
	struct wire *wire = wire_new(
	    (struct dmpd_sender_config){.is_inform = true, .community = "public"});

	*ret_n = wire_send(wire, datagram);
	return wire;
}

/* Where the tag of the PDU stands: behind the message's header, the version and the
 * community; all notifications here are longer than 255 bytes. */
static size_t
pdu_at(const uint8_t *datagram)
{
	assert_int_equal(datagram[1], 0x82);
	return 4 + 3 + 2 + datagram[4 + 3 + 1];
}

/* The answer to it; its request-id begins 6 bytes behind the tag, error-status follows.
 */
static void
turn_into_answer(uint8_t *datagram, uint8_t tag)
{
	datagram[pdu_at(datagram)] = tag;
}

static void
wire_answer(struct wire *wire, const void *datagram, size_t n)
{
	assert_int_equal(send(wire->far, datagram, n, 0), n);
	assert_true(dmpd_sender_read(wire->sender));
}

/* And what was wrong before has done no harm. */
static void
wire_is_acknowledged(struct wire *wire, uint8_t *datagram, size_t n)
{
	assert_int_equal(wire->answers, 0);
	turn_into_answer(datagram, RESPONSE);
	wire_answer(wire, datagram, n);
	assert_int_equal(wire->answers, 1);
	assert_int_equal(wire->answer, DMPD_ANSWER_TAKEN);
	wire_answer(wire, datagram, n); /* a second time */
	assert_int_equal(wire->answers, 1);
	wire_free(wire);
}

static void
answer_that_is_cut_anywhere_acknowledges_nothing(void **state)
{
	uint8_t datagram[DATAGRAM];
	size_t n;
	struct wire *wire = wire_asks(datagram, &n);

	(void)state;
	assert_true(n < TRUNCATED_MAX);
	turn_into_answer(datagram, RESPONSE);
	for (size_t cut = 0; cut < n; cut++)
		wire_answer(wire, datagram, cut);
	wire_is_acknowledged(wire, datagram, n);
}

static void
answer_to_another_request_acknowledges_nothing(void **state)
{
	uint8_t datagram[DATAGRAM];
	size_t n;
	struct wire *wire = wire_asks(datagram, &n);
	uint8_t *id = datagram + pdu_at(datagram) + 6;

	(void)state;
	turn_into_answer(datagram, RESPONSE);
	for (unsigned bit = 0; bit < 32; bit++) {
		id[bit / 8] ^= (uint8_t)(1 << bit % 8);
		wire_answer(wire, datagram, n);
		id[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	wire_is_acknowledged(wire, datagram, n);
}

static void
what_is_no_response_acknowledges_nothing(void **state)
{
	static const uint8_t TAGS[] = {
	    0xa0, 0xa1, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa9, 0x30, 0x02, 0};
	uint8_t datagram[DATAGRAM];
	size_t n;
	struct wire *wire = wire_asks(datagram, &n);

	(void)state;
	for (size_t i = 0; i < sizeof TAGS; i++) {
		turn_into_answer(datagram, TAGS[i]);
		wire_answer(wire, datagram, n);
		if (wire->answers > 0)
			fail_msg("PDU %x is taken for an answer", TAGS[i]);
	}
	turn_into_answer(datagram, RESPONSE);
	for (uint8_t version = 2; version < 5; version++) {
		datagram[4 + 2] = version;
		wire_answer(wire, datagram, n);
	}
	datagram[4 + 2] = 1;
	wire_is_acknowledged(wire, datagram, n);
}

static void
garbage_of_any_size_acknowledges_nothing(void **state)
{
	static uint8_t garbage[60000];
	uint8_t datagram[DATAGRAM];
	size_t n;
	struct wire *wire = wire_asks(datagram, &n);
	uint32_t random = 20261122;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		size_t size = round * 200;

		for (size_t i = 0; i < size; i++) {
			random = random * 1664525 + 1013904223;
			garbage[i] = (uint8_t)(random >> 24);
		}
		memcpy(garbage, datagram, size < round ? size : round);
		wire_answer(wire, garbage, size);
	}
	wire_is_acknowledged(wire, datagram, n);
}

static void
error_of_the_receiver_is_told(void **state)
{
	uint8_t datagram[DATAGRAM];
	size_t n;
	struct wire *wire = wire_asks(datagram, &n);

	(void)state;
	turn_into_answer(datagram, RESPONSE);
	datagram[pdu_at(datagram) + 4 + 2 + 4 + 2] = 5; /* error-status: genErr */
	wire_answer(wire, datagram, n);
	assert_int_equal(wire->answers, 1);
	assert_int_equal(wire->answer, DMPD_ANSWER_REFUSED);
	wire_free(wire);
}

static void
report_where_there_are_none_refuses_and_acknowledges_nothing(void **state)
{
	uint8_t datagram[DATAGRAM];
	size_t n;
	struct wire *wire = wire_asks(datagram, &n);

	(void)state;
	turn_into_answer(datagram, REPORT);
	wire_answer(wire, datagram, n);
	assert_int_equal(wire->answers, 1);
	assert_int_equal(wire->answer, DMPD_ANSWER_REFUSED);
	wire_free(wire);
}

/* What we sent comes back, whole, cut and changed: nobody has acknowledged anything. */
static void
version_3_inform_that_is_reflected_acknowledges_nothing(void **state)
{
	struct wire *wire = wire_new((struct dmpd_sender_config){.is_inform = true,
	    .is_v3 = true,
	    .user = "dmports",
	    .auth = "SHA-256",
	    .auth_pass = "authentic-42",
	    .priv = "AES",
	    .priv_pass = "private-4242",
	    .engine_id = ENGINE,
	    .engine_id_size = 17});
	uint8_t datagram[DATAGRAM];
	size_t n = wire_send(wire, datagram);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		wire_answer(wire, datagram, i);
		datagram[i] ^= 0x55;
		wire_answer(wire, datagram, n);
		datagram[i] ^= 0x55;
	}
	wire_answer(wire, datagram, n);
	assert_int_equal(wire->taken, 0);
	wire_free(wire);
}

static void
request_ids_differ_from_event_to_event_and_are_never_0(void **state)
{
	static uint32_t ids[20000];

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		ids[i] = dmpd_direct_request_id(3, i + 1);
		assert_in_range(ids[i], 1, INT32_MAX);
		assert_int_equal(ids[i], dmpd_direct_request_id(3, i + 1));
		for (uint32_t k = i < 50 ? 0 : i - 50; k < i; k++)
			assert_int_not_equal(ids[k], ids[i]);
	}
	assert_int_not_equal(
	    dmpd_direct_request_id(3, 1), dmpd_direct_request_id(4, 1));
}

static char directory[] = "/tmp/dmpsenderXXXXXX";

static int
start(void **state)
{
	(void)state;
	return mkdtemp(directory) && dmpd_sender_start(directory) == DMP_OK ? 0 : -1;
}

static int
stop(void **state)
{
	char command[128];

	(void)state;
	dmp_text_format(command, sizeof command, "rm -rf '%s'", directory);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(largest_version_2c_notification_fits_into_one_frame),
	    cmocka_unit_test(largest_version_3_inform_fits_into_one_frame),
	    cmocka_unit_test(every_protocol_of_the_site_file_is_known_to_the_library),
	    cmocka_unit_test(short_passphrase_is_refused_with_its_reason),
	    cmocka_unit_test(trap_that_cannot_be_sent_is_told_at_once),
	    cmocka_unit_test(inform_without_answer_is_late_after_its_time),
	    cmocka_unit_test(answer_that_is_cut_anywhere_acknowledges_nothing),
	    cmocka_unit_test(answer_to_another_request_acknowledges_nothing),
	    cmocka_unit_test(what_is_no_response_acknowledges_nothing),
	    cmocka_unit_test(garbage_of_any_size_acknowledges_nothing),
	    cmocka_unit_test(error_of_the_receiver_is_told),
	    cmocka_unit_test(
	        report_where_there_are_none_refuses_and_acknowledges_nothing),
	    cmocka_unit_test(version_3_inform_that_is_reflected_acknowledges_nothing),
	    cmocka_unit_test(request_ids_differ_from_event_to_event_and_are_never_0),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
