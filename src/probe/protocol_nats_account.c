/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The NATS Account Server.  Its help page is the proof, and the only page that neither
 * asks for an account (logged as an error when there is none) nor is empty.  Another
 * program on port 9090 is a known issue: what it says of itself is told.
 */
#include "probe/nats_talk.h"
#include "probe/protocols.h"
#include "probe/web_talk.h"

#define PAGE     "/jwt/v1/help"
#define PROOF    "# NATS Account Server JWT API HELP"
#define REPLY_MS 3000
#define BODY_MS  1000 /* for the body, once the header is there */

/* False while the answer may still come. */
static bool
nats_account_judge(struct dmp_talk *talk, const struct dmp_http *http)
{
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);
	bool whole = http->progress == DMP_HTTP_COMPLETE;

	if (http->progress == DMP_HTTP_INVALID || http->status == 0)
		return false;
	if (http->status == 200 && dmp_http_body_has(http, PROOF, false)) {
		dmp_talk_identity(talk, "NATS Account Server");
		if (!spec->expect || !spec->expect[0] ||
		    dmp_http_body_has(http, spec->expect, false))
			dmp_talk_finish(talk, DMP_REASON_ANSWERED,
			    "the NATS Account Server answers");
		else if (whole)
			dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
			    "the NATS Account Server answers, without the text \"%s\"",
			    spec->expect);
		else
			return false;
		return true;
	}
	if (whole)
		dmp_nats_finish_http(talk, http, "the NATS Account Server");
	return whole;
}

static void
nats_account_open(struct dmp_talk *talk)
{
	dmp_web_ask(talk, PAGE);
}

static size_t
nats_account_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct dmp_http *http = dmp_talk_state(talk);
	bool had_header = http->progress == DMP_HTTP_HEADER;

	(void)dmp_http_feed(http, data, size);
	if (http->progress == DMP_HTTP_INVALID)
		dmp_talk_finish_wrong(talk);
	else if (!nats_account_judge(talk, http) && !had_header &&
	         http->progress == DMP_HTTP_HEADER)
		dmp_talk_wait(talk, BODY_MS);
	return size;
}

/* The body is late, or was cut: the header and what came of it decide. */
static void
nats_account_closed(struct dmp_talk *talk)
{
	struct dmp_http *http = dmp_talk_state(talk);

	(void)dmp_http_end(http);
	if (!nats_account_judge(talk, http) && http->status != 0)
		dmp_nats_finish_http(talk, http, "the NATS Account Server");
}

const struct dmp_protocol dmp_protocol_nats_account = {
    .name = "NATS Account Server",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_EITHER,
    .polite_close = true,
    .service = DMP_SERVICE_HTTP,
    .state_size = sizeof(struct dmp_http),
    .open = nats_account_open,
    .input = nats_account_input,
    .closed = nats_account_closed,
    .quiet = nats_account_closed,
};
