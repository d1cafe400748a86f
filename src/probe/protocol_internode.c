/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cassandra nodes among themselves.  Depth connect is the rule for these ports.  A site
 * that asks for identify gets the old form of the handshake, which leaves no trace in a
 * log, unless CQL of the same host has told a release that takes it in silence: then
 * the new form proves it, at the price of one INFO line a probe (internode_wire.h).
 * As long as CQL has told nothing, the old form is the safe guess: nodes before 4.0
 * would log an error about the new one.  The end is a FIN: a reset is an ERROR line.
 *
 * With TLS the certificate is what is looked at.  Nodes usually want one of ours, too:
 * the handshake then ends without one, AUTH_REQUIRED, and is an ERROR line in their log
 * (seen: Cassandra 5.0.5) unless internode_error_reporting_exclusions names us.
 */
#include "probe/internode_wire.h"
#include "probe/protocols.h"
#include "probe/talk.h"
#include "probe/unproven.h"

#define INTERNODE_SILENCE_MS 800
/* A TLS 1.3 server that misses our certificate says so after the handshake. */
#define INTERNODE_REFUSAL_MS 200

static enum dmp_internode_form
internode_form(const struct dmp_talk *talk)
{
	return dmp_talk_spec(talk)->cassandra == DMP_PROBE_CASSANDRA_NEW
	           ? DMP_INTERNODE_NEW
	           : DMP_INTERNODE_OLD;
}

/* The end of a sentence when nobody has told us which form to ask in. */
static const char *
internode_doubt(const struct dmp_talk *talk)
{
	return dmp_talk_spec(talk)->cassandra == DMP_PROBE_CASSANDRA_UNKNOWN
	           ? "; the form of the question was a guess, as CQL of this host has "
	             "not told its release"
	           : "";
}

static void
internode_open(struct dmp_talk *talk)
{
	uint8_t request[DMP_INTERNODE_REQUEST_MAX];
	enum dmp_internode_form form = internode_form(talk);

	dmp_talk_send(talk, request, dmp_internode_request(form, request));
	if (form == DMP_INTERNODE_OLD)
		dmp_talk_wait(talk, INTERNODE_SILENCE_MS);
}

static size_t
internode_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	unsigned version;

	switch (dmp_internode_parse(internode_form(talk), data, size, &version)) {
	case DMP_INTERNODE_MORE:
		break;
	case DMP_INTERNODE_GARBAGE:
		dmp_talk_finish_unproven(talk, DMP_SERVICE_CASSANDRA_NODE, data, size);
		break;
	case DMP_INTERNODE_VERSION:
		dmp_talk_identity(talk,
		    "Cassandra internode, messaging version %u, "
		    "release %s",
		    version, dmp_internode_release(version));
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    "it told its messaging version%s", internode_doubt(talk));
		break;
	}
	return 0;
}

static void
internode_quiet(struct dmp_talk *talk)
{
	dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
	    "it takes the old handshake in silence, as Cassandra 5.0 does%s",
	    internode_doubt(talk));
}

static void
internode_tls_open(struct dmp_talk *talk)
{
	dmp_talk_wait(talk, INTERNODE_REFUSAL_MS);
}

static size_t
internode_tls_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	dmp_talk_finish_unproven(talk, DMP_SERVICE_CASSANDRA_NODE, data, size);
	return 0;
}

static void
internode_tls_end(struct dmp_talk *talk)
{
	dmp_talk_finish(
	    talk, DMP_REASON_OPEN, "TLS stands; the service behind it was not asked");
}

const struct dmp_protocol dmp_protocol_internode = {
    .name = "Cassandra internode",
    .reply_ms = 3000,
    .service = DMP_SERVICE_CASSANDRA_NODE,
    .tls = DMP_TALK_EITHER,
    .polite_close = true,
    .open = internode_open,
    .input = internode_input,
    .quiet = internode_quiet,
};

const struct dmp_protocol dmp_protocol_internode_tls = {
    .name = "Cassandra internode with TLS",
    .reply_ms = 3000,
    .service = DMP_SERVICE_CASSANDRA_NODE,
    .tls = DMP_TALK_TLS,
    .polite_close = true,
    .open = internode_tls_open,
    .input = internode_tls_input,
    .closed = internode_tls_end,
    .quiet = internode_tls_end,
};
