/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The route port of a NATS server, where the servers of a cluster meet.  Only on
 * request: every connection is two lines in the server's log.  Its INFO is read and
 * nothing is sent; CONNECT would make us a member of the cluster.
 *
 * With TLS, routes ask for a certificate that only servers of the cluster have.  Then
 * the handshake is all that can be had: its certificate, and no proof that it is NATS.
 */
#include "probe/nats_talk.h"
#include "probe/protocols.h"

#define TLS_LINGER_MS 200
#define REPLY_MS      2000

struct nats_route {
	bool begun; /* something like INFO is coming */
};

static void
nats_route_finish_weak(struct dmp_talk *talk)
{
	dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
	    "TLS answers; whether it is a NATS route is told to cluster members only");
}

static void
nats_route_open(struct dmp_talk *talk)
{
	dmp_talk_wait(
	    talk, dmp_talk_is_tls(talk) ? TLS_LINGER_MS : DMP_NATS_SILENCE_MS);
}

static size_t
nats_route_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct nats_route *route = dmp_talk_state(talk);
	struct dmp_nats_info info;
	size_t used = 0;

	route->begun = true;
	if (dmp_nats_greeting(talk, data, size, &info, &used) == DMP_NATS_INFO)
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    "NATS %s answers on its route port", info.version);
	return used;
}

static void
nats_route_quiet(struct dmp_talk *talk)
{
	const struct nats_route *route = dmp_talk_state(talk);

	if (route->begun)
		return;
	if (dmp_talk_is_tls(talk))
		nats_route_finish_weak(talk);
	else if (dmp_talk_spec(talk)->tls != DMP_PROBE_TLS_NO)
		dmp_talk_start_tls(talk);
}

static void
nats_route_closed(struct dmp_talk *talk)
{
	const struct nats_route *route = dmp_talk_state(talk);

	if (route->begun)
		dmp_nats_finish_cut(talk);
	else if (dmp_talk_is_tls(talk))
		nats_route_finish_weak(talk);
}

const struct dmp_protocol dmp_protocol_nats_route = {
    .name = "NATS route",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_UPGRADE,
    .service = DMP_SERVICE_NATS_ROUTE,
    .state_size = sizeof(struct nats_route),
    .open = nats_route_open,
    .input = nats_route_input,
    .closed = nats_route_closed,
    .quiet = nats_route_quiet,
};
