/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JMX: a Java RMI registry.  The proof is that the handshake's acknowledgement repeats
 * our own port and that the RMI runtime answers its ping; nothing is deserialised.
 * At depth deep the registry is asked for its list instead, which proves the runtime as
 * well as a ping does: JMX is what is registered as jmxrmi.  OpenJDK 17 logs nothing of
 * either.
 */
#include "probe/protocols.h"
#include "probe/rmi_wire.h"
#include "probe/talk.h"

#define JMX_PING_WAIT_MS 2000
#define JMX_LIST_WAIT_MS 500 /* for the rest of a list that was begun */

/* What came last: quiet() and closed() have nothing else to judge by. */
struct jmx_state {
	enum dmp_rmi_reply reply;
	struct dmp_rmi_peer peer;
};

static bool
jmx_is_deep(const struct dmp_talk *talk)
{
	return dmp_talk_spec(talk)->depth == DMP_PROBE_DEEP;
}

static void
jmx_open(struct dmp_talk *talk)
{
	uint8_t request[DMP_RMI_LIST_SIZE];

	if (jmx_is_deep(talk)) {
		dmp_rmi_list_request(request);
		dmp_talk_send(talk, request, DMP_RMI_LIST_SIZE);
	} else {
		dmp_rmi_request(request);
		dmp_talk_send(talk, request, DMP_RMI_REQUEST_SIZE);
	}
}

static void
jmx_finish(struct dmp_talk *talk, enum dmp_reason reason, const char *text)
{
	const struct jmx_state *state = dmp_talk_state(talk);
	uint16_t port = dmp_talk_local_port(talk);

	if (state->peer.port == port)
		dmp_talk_finish(talk, reason, "%s", text);
	else
		dmp_talk_finish(talk, reason,
		    "%s; it sees us as %s port %u, not %u: addresses are translated "
		    "(NAT) on the path",
		    text, state->peer.host, (unsigned)state->peer.port, (unsigned)port);
}

/* Not proven, and no alarm either: JMX may be registered under a name of its own. */
static void
jmx_finish_unlisted(struct dmp_talk *talk)
{
	dmp_talk_identity(talk, "Java RMI registry");
	jmx_finish(talk, DMP_REASON_IDENTITY_WEAK,
	    "its registry does not list jmxrmi: this may be something else than JMX");
}

static void
jmx_wait(struct dmp_talk *talk, enum dmp_rmi_reply former, enum dmp_rmi_reply reply)
{
	if (reply != former)
		dmp_talk_wait(
		    talk, reply == DMP_RMI_ACK ? JMX_PING_WAIT_MS : JMX_LIST_WAIT_MS);
}

static size_t
jmx_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct jmx_state *state = dmp_talk_state(talk);
	enum dmp_rmi_reply former = state->reply;

	state->reply = jmx_is_deep(talk) ? dmp_rmi_list_parse(data, size, &state->peer)
	                                 : dmp_rmi_parse(data, size, &state->peer);
	switch (state->reply) {
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
	case DMP_RMI_RETURNED:
		jmx_wait(talk, former, state->reply);
		break;
	case DMP_RMI_PINGED:
		dmp_talk_identity(talk, "Java RMI (JMX)");
		jmx_finish(
		    talk, DMP_REASON_ANSWERED, "handshake and ping were answered");
		break;
	case DMP_RMI_LISTED:
		dmp_talk_identity(talk, "JMX over Java RMI");
		jmx_finish(talk, DMP_REASON_ANSWERED, "its registry lists jmxrmi");
		break;
	case DMP_RMI_UNLISTED:
		jmx_finish_unlisted(talk);
		break;
	case DMP_RMI_EXCEPTION:
		dmp_talk_identity(talk, "Java RMI");
		jmx_finish(talk, DMP_REASON_IDENTITY_WEAK,
		    "it throws an exception when its registry is asked for its list");
		break;
	}
	return 0;
}

/* Over after the acknowledgement of the handshake: the registry is there and sick. */
static void
jmx_no_more(struct dmp_talk *talk)
{
	const struct jmx_state *state = dmp_talk_state(talk);

	if (state->reply == DMP_RMI_RETURNED) {
		jmx_finish_unlisted(talk);
	} else if (state->reply == DMP_RMI_ACK) {
		dmp_talk_identity(talk, "Java RMI (JMX)");
		dmp_talk_finish(talk, DMP_REASON_SERVICE_UNWELL,
		    "the handshake was answered, the %s was not",
		    jmx_is_deep(talk) ? "list" : "ping");
	}
}

/* The registry is plain or TLS (com.sun.management.jmxremote.registry.ssl). */
const struct dmp_protocol dmp_protocol_jmx = {
    .name = "JMX",
    .reply_ms = 3000,
    .service = DMP_SERVICE_RMI,
    .tls = DMP_TALK_EITHER,
    .state_size = sizeof(struct jmx_state),
    .open = jmx_open,
    .input = jmx_input,
    .closed = jmx_no_more,
    .quiet = jmx_no_more,
};
