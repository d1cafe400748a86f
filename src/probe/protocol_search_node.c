/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transport of Elasticsearch and OpenSearch nodes: a ping of six bytes comes back
 * unchanged, unlogged, without a login (seen: Elasticsearch 6.8.23, OpenSearch 2.11.0).
 * Nodes older than 6.6 take it in silence, says their source; they are asked like a
 * browser then, and say that this is not an HTTP port.
 */
#include <stdbool.h>
#include <string.h>

#include "probe/protocols.h"
#include "probe/talk.h"
#include "probe/unproven.h"

#define SEARCH_SILENCE_MS 1000
#define SEARCH_NOT_HTTP   "This is not a"

static const uint8_t SEARCH_PING[] = {'E', 'S', 0xff, 0xff, 0xff, 0xff};

static void
search_open(struct dmp_talk *talk)
{
	*(bool *)dmp_talk_state(talk) = false;
	dmp_talk_send(talk, SEARCH_PING, sizeof SEARCH_PING);
	dmp_talk_wait(talk, SEARCH_SILENCE_MS);
}

/* Is data the beginning of whole, or the other way round? */
static bool
search_begins(const uint8_t *data, size_t size, const void *whole, size_t whole_size)
{
	return memcmp(data, whole, size < whole_size ? size : whole_size) == 0;
}

static size_t
search_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	const size_t refusal = sizeof SEARCH_NOT_HTTP - 1;

	if (search_begins(data, size, SEARCH_PING, sizeof SEARCH_PING)) {
		if (size < sizeof SEARCH_PING)
			return 0;
		dmp_talk_identity(talk, "Elasticsearch or OpenSearch transport");
		dmp_talk_finish(talk, DMP_REASON_ANSWERED, "the ping came back");
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
search_quiet(struct dmp_talk *talk)
{
	static const char GET[] = "GET / HTTP/1.0\r\n\r\n";
	bool *asked = dmp_talk_state(talk);

	if (*asked)
		return;
	*asked = true;
	dmp_talk_send(talk, GET, sizeof GET - 1);
}

const struct dmp_protocol dmp_protocol_search_node = {
    .name = "search transport",
    .reply_ms = 2000,
    .service = DMP_SERVICE_SEARCH_NODE,
    .tls = DMP_TALK_EITHER,
    .state_size = sizeof(bool),
    .open = search_open,
    .input = search_input,
    .quiet = search_quiet,
};
