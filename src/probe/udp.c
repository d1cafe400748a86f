/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * udp.c - the UDP driver: sends the question of a kind, or an empty datagram.
 *
 * How it works: the socket is connected, so the kernel drops what others send and
 * reports ICMP.  The same request is sent up to three times, because UDP loses packets
 * and hosts limit the rate of their ICMP; replies are matched by identifiers, late or
 * foreign ones are passed over.  Silence proves nothing about UDP, so it is NO_REPLY,
 * except for a target that has answered before.  For kinds without a question of their
 * own an empty datagram finds out at least whether the port is closed.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "probe/udp.h"

#define READ_MAX      8    /* datagrams per turn of the loop */
#define DATAGRAM_MAX  2048 /* the answers have 48 to 600 bytes */
#define FULL_TOTAL_MS 2500 /* a shorter deadline squeezes the schedule */

static const uint16_t SEND_AT_MS[] = {0, 600, 1400};

#define SENDS_MAX (sizeof SEND_AT_MS / sizeof SEND_AT_MS[0])

/* One line per kind; NULL = an empty datagram. */
static const struct dmp_udp_question *
udp_question(const struct dmp_attempt *a)
{
	switch (a->probe->spec.kind) {
	case DMP_PROBE_SNMP:
	case DMP_PROBE_SNMP_TRAP:
		return &dmp_udp_snmp;
	case DMP_PROBE_NTP:
		return &dmp_udp_ntp;
	default:
		return NULL;
	}
}

static uint32_t
udp_total_ms(const struct dmp_probe_spec *spec)
{
	return spec->reply_timeout_ms ? spec->reply_timeout_ms
	                              : spec->connect_timeout_ms;
}

/* A number that a stranger cannot guess; without entropy the connected socket and its
 * fresh port still keep strangers out. */
static uint64_t
udp_new_nonce(const struct dmp_attempt *a)
{
	uint64_t random;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
		random = (uint64_t)dmp_attempt_now_us(a);
	return random;
}

static int64_t
udp_next_send_us(const struct dmp_attempt *a)
{
	int64_t at_us;
	uint32_t total_ms = a->probe->total_ms;

	if (a->sends >= SENDS_MAX)
		return DMP_NEVER_US;
	at_us = SEND_AT_MS[a->sends] * INT64_C(1000);
	if (total_ms < FULL_TOTAL_MS)
		at_us = at_us * total_ms / FULL_TOTAL_MS;
	return a->sent_us + at_us;
}

static bool
udp_send_request(const struct dmp_attempt *a)
{
	const struct dmp_udp_question *question = udp_question(a);

	return question ? question->send(a) : send(a->fd, "", 0, MSG_NOSIGNAL) >= 0;
}

/* Also the driver's wake function.  An error from a repetition may be the ICMP answer
 * to the datagram before it, which the error queue tells. */
static enum dmp_step
udp_send(struct dmp_attempt *a, struct dmp_net_error *error)
{
	bool first = a->sends == 0;

	a->sends++;
	a->wake_us = udp_next_send_us(a);
	if (udp_send_request(a) || errno == EAGAIN)
		return DMP_STEP_WAIT;
	*error = (struct dmp_net_error){
	    .number = errno, .time = first ? DMP_ERROR_AT_ONCE : DMP_ERROR_LATER};
	(void)dmp_attempt_drain_errors(a, error);
	return DMP_STEP_FAILED;
}

static enum dmp_step
udp_open(struct dmp_attempt *a, struct dmp_net_error *error)
{
	int number = dmp_attempt_connect(a, SOCK_DGRAM, NULL);

	if (number != 0) {
		*error =
		    (struct dmp_net_error){.number = number, .time = DMP_ERROR_AT_ONCE};
		return DMP_STEP_FAILED;
	}
	a->nonce = udp_new_nonce(a);
	a->sent_us = dmp_attempt_now_us(a);
	if (udp_send(a, error) == DMP_STEP_WAIT)
		return DMP_STEP_WAIT;
	(void)close(a->fd);
	a->fd = -1;
	return DMP_STEP_FAILED;
}

enum dmp_step
dmp_udp_answered(const struct dmp_attempt *a, enum dmp_reason reason, const char *what,
    struct dmp_probe_result *result)
{
	uint32_t us = dmp_attempt_elapsed_us(a);

	result->reason = reason;
	result->progress = DMP_PROGRESS_ANSWERED;
	result->latency_us = us;
	dmp_text_format(result->detail, sizeof result->detail, "%s after %u.%02u ms",
	    what, us / 1000, us % 1000 / 10);
	return DMP_STEP_DONE;
}

enum dmp_step
dmp_udp_stray(struct dmp_attempt *a, const uint8_t *data, size_t size)
{
	a->stray_size = (uint8_t)(size < sizeof a->stray ? size : sizeof a->stray);
	memcpy(a->stray, data, a->stray_size);
	return DMP_STEP_WAIT;
}

static enum dmp_step
udp_datagram(struct dmp_attempt *a, const uint8_t *data, size_t size,
    struct dmp_probe_result *result)
{
	const struct dmp_udp_question *question = udp_question(a);

	return question ? question->datagram(a, data, size, result)
	                : dmp_udp_answered(a, DMP_REASON_IDENTITY_WEAK,
	                      "a datagram came back", result);
}

/* A reply beats an error that is queued beside it. */
static enum dmp_step
udp_ready(
    struct dmp_attempt *a, struct dmp_net_error *error, struct dmp_probe_result *result)
{
	*error = (struct dmp_net_error){.time = DMP_ERROR_LATER};
	for (int i = 0; i < READ_MAX; i++) {
		uint8_t data[DATAGRAM_MAX];
		ssize_t n = recv(a->fd, data, sizeof data, 0);

		if (n >= 0 && udp_datagram(a, data, (size_t)n, result) == DMP_STEP_DONE)
			return DMP_STEP_DONE;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			error->number = errno;
	}
	(void)dmp_attempt_drain_errors(a, error);
	return error->number ? DMP_STEP_FAILED : DMP_STEP_WAIT;
}

static void
udp_silence(const struct dmp_attempt *a, struct dmp_probe_result *result)
{
	const struct dmp_udp_question *question = udp_question(a);
	char bytes[DMP_ATTEMPT_STRAY + 1];

	if (a->half_us != 0) {
		question->half(a, result);
		return;
	}
	if (a->stray_size > 0) {
		dmp_text_printable(bytes, sizeof bytes, a->stray, a->stray_size);
		result->reason = DMP_REASON_WRONG_SERVICE;
		result->progress = DMP_PROGRESS_ANSWERED;
		dmp_text_format(result->detail, sizeof result->detail,
		    "the answer is no %s; it begins with \"%s\"", question->name,
		    bytes);
		return;
	}
	result->reason =
	    a->probe->spec.has_answered ? DMP_REASON_TIMEOUT : DMP_REASON_NO_REPLY;
	dmp_text_format(result->detail, sizeof result->detail,
	    "no reply within %u ms to %u datagrams%s", a->probe->total_ms, a->sends,
	    a->probe->spec.has_answered ? ", but it has answered before" : "");
}

static void
udp_close(struct dmp_attempt *a)
{
	(void)close(a->fd);
}

const struct dmp_attempt_driver dmp_attempt_udp = {
    .events = EV_READ | EV_PERSIST,
    .total_ms = udp_total_ms,
    .open = udp_open,
    .ready = udp_ready,
    .wake = udp_send,
    .silence = udp_silence,
    .close = udp_close,
};
