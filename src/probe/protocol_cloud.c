/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CloudGateway's endpoint (5100) forwards to dataminer.services and documents no page
 * of its own: whatever speaks HTTP there, in any version, may be it.
 */
#include "probe/http2_wire.h"
#include "probe/protocols.h"
#include "probe/web_talk.h"

static void
cloud_open(struct dmp_talk *talk)
{
	dmp_web_ask(talk, "/");
}

static size_t
cloud_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	const struct dmp_web_state *state = dmp_talk_state(talk);
	struct dmp_http2_answer answer;

	/* No HTTP/1 reply begins with a zero, every SETTINGS frame does. */
	if (state->http.progress == DMP_HTTP_MORE && data[0] == 0) {
		switch (dmp_http2_parse(data, size, &answer)) {
		case DMP_HTTP2_MORE:
			return 0;
		case DMP_HTTP2_SETTINGS:
		case DMP_HTTP2_GOAWAY:
			dmp_talk_identity(talk, "HTTP/2");
			dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
			    "HTTP/2 is spoken, CloudGateway is not proven");
			return 0;
		case DMP_HTTP2_INVALID:
			break;
		}
	}
	return dmp_web_input(talk, data, size, dmp_web_judge_cloud);
}

static void
cloud_closed(struct dmp_talk *talk)
{
	dmp_web_closed(talk, dmp_web_judge_cloud);
}

const struct dmp_protocol dmp_protocol_cloud_endpoint = {
    .name = "HTTP",
    .reply_ms = 4000,
    .tls = DMP_TALK_EITHER,
    .alpn = "http/1.1",
    .state_size = sizeof(struct dmp_web_state),
    .service = DMP_SERVICE_HTTP,
    .open = cloud_open,
    .input = cloud_input,
    .closed = cloud_closed,
};
