/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connect.c - the TCP driver: SYN, SYN-ACK, RST.
 *
 * How it works: TCP_QUICKACK off before the connect delays the handshake's last ACK by
 * 40 ms or more, and SO_LINGER{1,0} turns close() into a RST that goes out instead of
 * it.  The service never sees a connection (its accept() does not wake) and no side
 * keeps a TIME_WAIT.  A loop that is late by more than the delayed ACK only costs the
 * service an accept.  Not so when a talk follows: talk.h.  An ICMP error ends a connect
 * with POLLERR alone, which libevent reports as readable and writable.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "probe/attempt.h"

/* Give the kernel up soon after us: SYNs at 0, 1 and 3 s. */
#define SYN_RETRIES 2

static void
connect_tune(const struct dmp_attempt *a)
{
	static const struct linger RESET = {.l_onoff = 1, .l_linger = 0};
	static const int SYNS = SYN_RETRIES;
	static const int OFF = 0;
	static const int ON = 1;

	(void)setsockopt(a->fd, IPPROTO_TCP, TCP_SYNCNT, &SYNS, sizeof SYNS);
	/* The request shall ride on the handshake's last ACK. */
	if (a->probe->identify)
		(void)setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &ON, sizeof ON);
	if (a->probe->identify || a->probe->spec.close == DMP_PROBE_CLOSE_FIN)
		return;
	(void)setsockopt(a->fd, IPPROTO_TCP, TCP_QUICKACK, &OFF, sizeof OFF);
	(void)setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &RESET, sizeof RESET);
}

static uint32_t
connect_total_ms(const struct dmp_probe_spec *spec)
{
	return spec->connect_timeout_ms;
}

static enum dmp_step
connect_open(struct dmp_attempt *a, struct dmp_net_error *error)
{
	int number;

	a->sent_us = dmp_attempt_now_us(a);
	number = dmp_attempt_connect(a, SOCK_STREAM, connect_tune);
	if (number == 0 || number == EINPROGRESS)
		return DMP_STEP_WAIT;
	*error = (struct dmp_net_error){.number = number, .time = DMP_ERROR_AT_ONCE};
	return DMP_STEP_FAILED;
}

/* The kernel measured the round trip of the SYN, free of our own delays; it has no
 * sample when the SYN was sent twice. */
static uint32_t
connect_latency_us(const struct dmp_attempt *a, const struct tcp_info *info)
{
	return info->tcpi_rtt ? info->tcpi_rtt : dmp_attempt_elapsed_us(a);
}

static enum dmp_step
connect_open_port(const struct dmp_attempt *a, const struct tcp_info *info,
    struct dmp_probe_result *result)
{
	uint32_t us = connect_latency_us(a, info);

	result->reason = DMP_REASON_OPEN;
	result->progress = DMP_PROGRESS_CONNECTED;
	result->latency_us = us;
	dmp_text_format(result->detail, sizeof result->detail,
	    "accepts connections (SYN-ACK after %u.%02u ms)", us / 1000,
	    us % 1000 / 10);
	return DMP_STEP_DONE;
}

static enum dmp_step
connect_ready(
    struct dmp_attempt *a, struct dmp_net_error *error, struct dmp_probe_result *result)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof error->number;

	*error = (struct dmp_net_error){.time = DMP_ERROR_LATER};
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error->number, &size) != 0)
		error->number = errno;
	/* A reset of an established connection: the handshake was complete. */
	if (error->number == ECONNRESET || error->number == EPIPE)
		return connect_open_port(a, &info, result);
	if (error->number != 0) {
		(void)dmp_attempt_drain_errors(a, error);
		return DMP_STEP_FAILED;
	}
	size = (socklen_t)(offsetof(struct tcp_info, tcpi_rtt) + sizeof info.tcpi_rtt);
	if (getsockopt(a->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
	    info.tcpi_state != TCP_SYN_SENT)
		return connect_open_port(a, &info, result);
	/* An error that the kernel only queued is no verdict: the SYN is repeated. */
	(void)dmp_attempt_drain_errors(a, error);
	return DMP_STEP_WAIT;
}

static void
connect_silence(const struct dmp_attempt *a, struct dmp_probe_result *result)
{
	result->reason = DMP_REASON_TIMEOUT;
	dmp_text_format(result->detail, sizeof result->detail,
	    "no SYN-ACK within %u ms", a->probe->total_ms);
}

static void
connect_close(struct dmp_attempt *a)
{
	(void)close(a->fd);
}

const struct dmp_attempt_driver dmp_attempt_tcp = {
    .events = EV_READ | EV_WRITE,
    .total_ms = connect_total_ms,
    .open = connect_open,
    .ready = connect_ready,
    .silence = connect_silence,
    .close = connect_close,
};
