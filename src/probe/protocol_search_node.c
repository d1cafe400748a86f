/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transport of Elasticsearch and OpenSearch nodes: a ping of six bytes comes back
 * unchanged, unlogged, without a login (seen: Elasticsearch 6.8.23, OpenSearch 2.11.0).
 * Nodes older than 6.6 take it in silence, says their source; they are asked like a
 * browser then, and say that this is not an HTTP port.
 *
 * At depth deep a node that has answered the ping is asked for its version
 * (search_wire.h).  Whatever it says, the ping has proven it already; but who sends the
 * handshake back unchanged has proven only that it is an echo.
 */
#include <stdbool.h>
#include <string.h>

#include "probe/protocols.h"
#include "probe/search_wire.h"
#include "probe/talk.h"
#include "probe/unproven.h"

#define SEARCH_SILENCE_MS 1000
#define SEARCH_NOT_HTTP   "This is not a"

enum search_stage {
	SEARCH_PINGING = 0,
	SEARCH_BROWSING, /* the ping was ignored */
	SEARCH_ASKING,   /* the ping came back; in the form of 6.8 */
	SEARCH_ASKING_AGAIN
};

static void
search_open(struct dmp_talk *talk)
{
	dmp_talk_send(talk, dmp_search_ping, sizeof dmp_search_ping);
	dmp_talk_wait(talk, SEARCH_SILENCE_MS);
}

/* Is data the beginning of whole, or the other way round? */
static bool
search_begins(const uint8_t *data, size_t size, const void *whole, size_t whole_size)
{
	return memcmp(data, whole, size < whole_size ? size : whole_size) == 0;
}

static void
search_ask(struct dmp_talk *talk, enum search_stage stage)
{
	uint8_t request[DMP_SEARCH_HELLO_MAX];

	*(enum search_stage *)dmp_talk_state(talk) = stage;
	dmp_talk_send(talk, request,
	    dmp_search_hello(stage == SEARCH_ASKING_AGAIN ? DMP_SEARCH_FORM_7_10
	                                                  : DMP_SEARCH_FORM_6_8,
	        request));
	dmp_talk_wait(talk, SEARCH_SILENCE_MS);
}

/* Returns the size of the ping when another question follows it. */
static size_t
search_pinged(struct dmp_talk *talk)
{
	dmp_talk_identity(talk, "Elasticsearch or OpenSearch transport");
	if (dmp_talk_spec(talk)->depth != DMP_PROBE_DEEP) {
		dmp_talk_finish(talk, DMP_REASON_ANSWERED, "the ping came back");
		return 0;
	}
	search_ask(talk, SEARCH_ASKING);
	return sizeof dmp_search_ping;
}

static size_t
search_first(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	const size_t refusal = sizeof SEARCH_NOT_HTTP - 1;

	if (search_begins(data, size, dmp_search_ping, sizeof dmp_search_ping)) {
		if (size >= sizeof dmp_search_ping)
			return search_pinged(talk);
	} else if (search_begins(data, size, SEARCH_NOT_HTTP, refusal)) {
		if (size < refusal)
			return 0;
		dmp_talk_identity(talk, "Elasticsearch transport");
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    "the ping was ignored, as nodes before 6.6 do");
	} else {
		dmp_talk_finish_unproven(talk, DMP_SERVICE_SEARCH_NODE, data, size);
	}
	return 0;
}

static void
search_finish_unversioned(struct dmp_talk *talk)
{
	dmp_talk_finish(talk, DMP_REASON_ANSWERED,
	    "the ping came back; the node does not tell its version");
}

/* Returns the size of the answer when another question follows it. */
static size_t
search_version(struct dmp_talk *talk, enum search_stage stage, uint32_t id, size_t size)
{
	char name[DMP_SEARCH_NAME_TEXT];

	if (stage == SEARCH_ASKING && id == DMP_SEARCH_ID_ES_7_10_2) {
		dmp_talk_identity(talk,
		    "Elasticsearch or OpenSearch transport, compatible with 7.10.2");
		search_ask(talk, SEARCH_ASKING_AGAIN);
		return size;
	}
	dmp_search_name(id, name);
	dmp_talk_identity(talk, "%s", name);
	dmp_talk_finish(
	    talk, DMP_REASON_ANSWERED, "the ping came back; it told its version");
	return 0;
}

static size_t
search_answer(
    struct dmp_talk *talk, enum search_stage stage, const uint8_t *data, size_t size)
{
	enum dmp_search_form form =
	    stage == SEARCH_ASKING_AGAIN ? DMP_SEARCH_FORM_7_10 : DMP_SEARCH_FORM_6_8;
	uint32_t id;

	switch (dmp_search_parse(form, data, size, &id)) {
	case DMP_SEARCH_MORE:
		break;
	case DMP_SEARCH_GARBAGE:
		dmp_talk_identity(talk, "%s", "");
		dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
		    "the ping came back, but what answers the handshake is no node: "
		    "an echo?");
		break;
	case DMP_SEARCH_REFUSED:
		search_finish_unversioned(talk);
		break;
	case DMP_SEARCH_VERSION:
		return search_version(talk, stage, id, size);
	}
	return 0;
}

static size_t
search_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	enum search_stage stage = *(const enum search_stage *)dmp_talk_state(talk);

	if (stage == SEARCH_PINGING || stage == SEARCH_BROWSING)
		return search_first(talk, data, size);
	return search_answer(talk, stage, data, size);
}

/* A node that falls silent, or closes, on being asked for its version has answered the
 * ping nevertheless. */
static void
search_over(struct dmp_talk *talk)
{
	enum search_stage stage = *(const enum search_stage *)dmp_talk_state(talk);

	if (stage == SEARCH_ASKING || stage == SEARCH_ASKING_AGAIN)
		search_finish_unversioned(talk);
}

static void
search_quiet(struct dmp_talk *talk)
{
	static const char GET[] = "GET / HTTP/1.0\r\n\r\n";
	enum search_stage *stage = dmp_talk_state(talk);

	if (*stage == SEARCH_PINGING) {
		*stage = SEARCH_BROWSING;
		dmp_talk_send(talk, GET, sizeof GET - 1);
	} else {
		search_over(talk);
	}
}

const struct dmp_protocol dmp_protocol_search_node = {
    .name = "search transport",
    .reply_ms = 2000,
    .service = DMP_SERVICE_SEARCH_NODE,
    .tls = DMP_TALK_EITHER,
    .state_size = sizeof(enum search_stage),
    .open = search_open,
    .input = search_input,
    .closed = search_over,
    .quiet = search_quiet,
};
