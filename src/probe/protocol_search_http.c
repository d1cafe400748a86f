/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Elasticsearch and OpenSearch over HTTP: who are you, and are you well?
 *
 * How it works: the second request goes over the connection of the first, when the
 * first reply is complete.  Once the node has named itself nothing can take that back:
 * a health that does not come leaves the first verdict.
 */
#include "probe/protocols.h"
#include "probe/search_verdict.h"
#include "probe/web_talk.h"

#define HEALTH_MS 2000

struct search_state {
	struct dmp_http http; /* the reply to the latest request */
	struct dmp_verdict verdict;
	bool named; /* verdict is that of the root, the health was asked for */
};

_Static_assert(sizeof(struct search_state) <= DMP_TALK_STATE, "fits a talk");

static void
search_open(struct dmp_talk *talk)
{
	dmp_web_ask_first(talk, "/");
}

static void
search_ask_health(struct dmp_talk *talk)
{
	struct search_state *state = dmp_talk_state(talk);

	state->named = true;
	state->http = (struct dmp_http){0};
	dmp_web_ask_last(talk, DMP_SEARCH_HEALTH_PATH);
	dmp_talk_wait(talk, HEALTH_MS);
}

/* Judge the root; end when there is nothing more to ask. */
static void
search_judge_root(struct dmp_talk *talk)
{
	struct search_state *state = dmp_talk_state(talk);

	dmp_search_judge_root(&state->http, dmp_talk_spec(talk), &state->verdict);
	if (state->verdict.reason == DMP_REASON_ANSWERED)
		search_ask_health(talk);
	else
		dmp_web_finish(talk, &state->verdict);
}

static size_t
search_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct search_state *state = dmp_talk_state(talk);

	switch (dmp_http_feed(&state->http, data, size)) {
	case DMP_HTTP_MORE:
	case DMP_HTTP_HEADER:
		break;
	case DMP_HTTP_COMPLETE:
		if (!state->named) {
			search_judge_root(talk);
			break;
		}
		dmp_search_judge_health(&state->http, &state->verdict);
		dmp_web_finish(talk, &state->verdict);
		break;
	case DMP_HTTP_INVALID:
		if (state->named)
			dmp_web_finish(talk, &state->verdict);
		else
			dmp_talk_finish_wrong(talk);
		break;
	}
	return size;
}

/* The connection is over, or the time: with what is known. */
static void
search_end(struct dmp_talk *talk)
{
	struct search_state *state = dmp_talk_state(talk);

	(void)dmp_http_end(&state->http);
	if (state->named) {
		if (state->http.progress == DMP_HTTP_COMPLETE)
			dmp_search_judge_health(&state->http, &state->verdict);
		dmp_web_finish(talk, &state->verdict);
	} else if (state->http.status != 0) {
		dmp_search_judge_root(
		    &state->http, dmp_talk_spec(talk), &state->verdict);
		dmp_web_finish(talk, &state->verdict);
	}
}

const struct dmp_protocol dmp_protocol_search_http = {
    .name = "Elasticsearch HTTP",
    .reply_ms = 4000,
    .tls = DMP_TALK_EITHER,
    .alpn = "http/1.1",
    .state_size = sizeof(struct search_state),
    .service = DMP_SERVICE_HTTP,
    .open = search_open,
    .input = search_input,
    .closed = search_end,
    .quiet = search_end,
};
