/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JMX: a Java RMI registry.  The proof is that the handshake's acknowledgement repeats
 * our own port and that the RMI runtime answers its ping; nothing is deserialised.
 * OpenJDK 17 logs nothing of it.
 */
#include "probe/protocols.h"
#include "probe/rmi_wire.h"
#include "probe/talk.h"

#define JMX_PING_WAIT_MS 2000

static void
jmx_open(struct dmp_talk *talk)
{
	uint8_t request[DMP_RMI_REQUEST_SIZE];

	dmp_rmi_request(request);
	dmp_talk_send(talk, request, sizeof request);
}

static void
jmx_finish_pinged(struct dmp_talk *talk, const struct dmp_rmi_peer *peer)
{
	uint16_t port = dmp_talk_local_port(talk);

	dmp_talk_identity(talk, "Java RMI (JMX)");
	if (peer->port == port)
		dmp_talk_finish(
		    talk, DMP_REASON_ANSWERED, "handshake and ping were answered");
	else
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    "handshake and ping were answered; it sees us as %s port %u, not "
		    "%u: addresses are translated (NAT) on the path",
		    peer->host, (unsigned)peer->port, (unsigned)port);
}

static size_t
jmx_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct dmp_rmi_peer peer;

	switch (dmp_rmi_parse(data, size, &peer)) {
	case DMP_RMI_MORE:
		break;
	case DMP_RMI_GARBAGE:
		dmp_talk_finish_wrong(talk);
		break;
	case DMP_RMI_NOT_SUPPORTED:
		dmp_talk_identity(talk, "Java RMI");
		dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
		    "it refuses the stream protocol of RMI");
		break;
	case DMP_RMI_ACK:
		*(bool *)dmp_talk_state(talk) = true;
		dmp_talk_wait(talk, JMX_PING_WAIT_MS);
		break;
	case DMP_RMI_PINGED:
		jmx_finish_pinged(talk, &peer);
		break;
	}
	return 0;
}

/* Over after the acknowledgement of the handshake: the registry is there and sick. */
static void
jmx_no_ping(struct dmp_talk *talk)
{
	if (!*(const bool *)dmp_talk_state(talk))
		return;
	dmp_talk_identity(talk, "Java RMI (JMX)");
	dmp_talk_finish(talk, DMP_REASON_SERVICE_UNWELL,
	    "the handshake was answered, the ping was not");
}

/* The registry is plain or TLS (com.sun.management.jmxremote.registry.ssl). */
const struct dmp_protocol dmp_protocol_jmx = {
    .name = "JMX",
    .reply_ms = 3000,
    .service = DMP_SERVICE_RMI,
    .tls = DMP_TALK_EITHER,
    .state_size = sizeof(bool),
    .open = jmx_open,
    .input = jmx_input,
    .closed = jmx_no_ping,
    .quiet = jmx_no_ping,
};
