/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CQL: one OPTIONS, one answer, then reset; Cassandra 4.1.9 and 5.0.5 log nothing at
 * INFO.  An error is an answer, too: a server that speaks other versions names them.
 */
#include <stdbool.h>

#include "base/text.h"
#include "probe/cql_wire.h"
#include "probe/protocols.h"
#include "probe/talk.h"

static void
cql_open(struct dmp_talk *talk)
{
	uint8_t request[DMP_CQL_REQUEST_SIZE];

	dmp_cql_options(request);
	dmp_talk_send(talk, request, sizeof request);
}

/* "Cassandra CQL 3.4.6, protocols 3-5, release 4.1", as far as it is known. */
static void
cql_identity(struct dmp_talk *talk, const struct dmp_cql_answer *answer)
{
	const char *release = dmp_cql_release(answer->cql_version);
	char protocols[24] = "";

	if (answer->highest != 0)
		dmp_text_format(protocols, sizeof protocols, ", protocols %u-%u",
		    answer->lowest, answer->highest);
	dmp_talk_identity(talk, "Cassandra CQL%s%s%s%s%s",
	    answer->cql_version[0] != '\0' ? " " : "", answer->cql_version, protocols,
	    release[0] != '\0' ? ", release " : "", release);
	if (answer->highest != 0)
		dmp_talk_cassandra(talk, dmp_cql_is_release_5(answer)
		                             ? DMP_PROBE_CASSANDRA_NEW
		                             : DMP_PROBE_CASSANDRA_OLD);
}

/* Overloaded, bootstrapping and internal errors are how a sick node answers; a protocol
 * error is how a healthy one answers a version that it does not speak. */
static void
cql_finish_error(struct dmp_talk *talk, const struct dmp_cql_answer *answer)
{
	bool unwell = answer->code == DMP_CQL_SERVER_ERROR ||
	              answer->code == DMP_CQL_OVERLOADED ||
	              answer->code == DMP_CQL_BOOTSTRAPPING;

	cql_identity(talk, answer);
	dmp_talk_finish(talk, unwell ? DMP_REASON_SERVICE_UNWELL : DMP_REASON_ANSWERED,
	    "error 0x%04x: %s", (unsigned)answer->code, answer->message);
}

static size_t
cql_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct dmp_cql_answer answer;

	switch (dmp_cql_parse(data, size, &answer)) {
	case DMP_CQL_MORE:
		break;
	case DMP_CQL_GARBAGE:
		dmp_talk_finish_wrong(talk);
		break;
	case DMP_CQL_STRAY:
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "a CQL frame for a request that was not made");
		break;
	case DMP_CQL_OTHER:
		dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
		    "it speaks CQL, but not about its options");
		break;
	case DMP_CQL_SUPPORTED:
		cql_identity(talk, &answer);
		dmp_talk_finish(talk, DMP_REASON_ANSWERED, "it told its options");
		break;
	case DMP_CQL_ERROR:
		cql_finish_error(talk, &answer);
		break;
	}
	return 0;
}

/* One port may be plain, TLS or both (client_encryption_options). */
const struct dmp_protocol dmp_protocol_cql = {
    .name = "CQL",
    .reply_ms = 4000,
    .service = DMP_SERVICE_CQL,
    .tls = DMP_TALK_EITHER,
    .open = cql_open,
    .input = cql_input,
};

const struct dmp_protocol dmp_protocol_cql_tls = {
    .name = "CQL with TLS",
    .reply_ms = 4000,
    .service = DMP_SERVICE_CQL,
    .tls = DMP_TALK_TLS,
    .open = cql_open,
    .input = cql_input,
};
