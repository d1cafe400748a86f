/* SPDX-License-Identifier: BSD-2-Clause */
/* udp_ntp.c - the question to a time server: what stratum is it? */
#include <sys/socket.h>

#include "base/text.h"
#include "probe/ntp_wire.h"
#include "probe/udp.h"

static bool
ntp_send(const struct dmp_attempt *a)
{
	uint8_t request[DMP_NTP_SIZE];

	dmp_ntp_request(a->nonce, request);
	return send(a->fd, request, sizeof request, MSG_NOSIGNAL) >= 0;
}

static enum dmp_step
ntp_judge(const struct dmp_attempt *a, const struct dmp_ntp_server *server,
    struct dmp_probe_result *result)
{
	char what[64];

	if (server->stratum == DMP_NTP_KISS) {
		dmp_text_format(result->identity, sizeof result->identity,
		    "NTP, version %u", server->version);
		dmp_text_format(what, sizeof what,
		    "the server declines to tell the time (%s)", server->reference);
		return dmp_udp_answered(a, DMP_REASON_SERVICE_UNWELL, what, result);
	}
	dmp_text_format(result->identity, sizeof result->identity,
	    "NTP stratum %u, version %u, reference %s", server->stratum,
	    server->version, server->reference[0] ? server->reference : "none");
	if (server->unsynchronised)
		return dmp_udp_answered(a, DMP_REASON_SERVICE_UNWELL,
		    "the server says that it is not synchronised", result);
	dmp_text_format(what, sizeof what, "NTP stratum %u answered", server->stratum);
	return dmp_udp_answered(a, DMP_REASON_ANSWERED, what, result);
}

static enum dmp_step
ntp_datagram(struct dmp_attempt *a, const uint8_t *data, size_t size,
    struct dmp_probe_result *result)
{
	struct dmp_ntp_server server;

	switch (dmp_ntp_parse(data, size, a->nonce, &server)) {
	case DMP_NTP_ANSWER:
		return ntp_judge(a, &server, result);
	case DMP_NTP_STRAY:
		return DMP_STEP_WAIT;
	case DMP_NTP_GARBAGE:
		break;
	}
	return dmp_udp_stray(a, data, size);
}

const struct dmp_udp_question dmp_udp_ntp = {
    .name = "NTP",
    .send = ntp_send,
    .datagram = ntp_datagram,
};
