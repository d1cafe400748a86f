/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three doors of an Agent: its web pages (80), APIGateway (443) and SLNet (8004).
 *
 * SLNet's door is .NET Remoting over HTTP, and GET is no verb of that: the server
 * answers with a 500 before it looks at any object, and names itself in its Server
 * field.  A server with a TCP channel instead answers the same bytes with a fault of
 * its own protocol, so one request finds both.
 */
#include "probe/protocols.h"
#include "probe/remoting_wire.h"
#include "probe/web_talk.h"

#define REPLY_MS 4000

static void
endpoints_open(struct dmp_talk *talk)
{
	dmp_web_ask(talk, "/EndPoints.txt");
}

static size_t
endpoints_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	return dmp_web_input(talk, data, size, dmp_web_judge_dataminer_http);
}

static void
endpoints_closed(struct dmp_talk *talk)
{
	dmp_web_closed(talk, dmp_web_judge_dataminer_http);
}

static void
gateway_open(struct dmp_talk *talk)
{
	dmp_web_ask(talk, "/APIGateway/api/version");
}

static size_t
gateway_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	return dmp_web_input(talk, data, size, dmp_web_judge_dataminer_https);
}

static void
gateway_closed(struct dmp_talk *talk)
{
	dmp_web_closed(talk, dmp_web_judge_dataminer_https);
}

static void
remoting_open(struct dmp_talk *talk)
{
	dmp_web_ask(talk, "/SLNetService");
}

static void
remoting_finish(struct dmp_talk *talk, const struct dmp_remoting_reply *reply)
{
	dmp_talk_identity(talk, ".NET Remoting, TCP channel");
	if (reply->phrase[0])
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    ".NET Remoting answered on a TCP channel: %s", reply->phrase);
	else
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    ".NET Remoting answered on a TCP channel (status %u)",
		    (unsigned)reply->status);
}

/* Nothing is consumed before it is clear which of the two channels answers. */
static size_t
remoting_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	const struct dmp_web_state *state = dmp_talk_state(talk);
	struct dmp_remoting_reply reply;

	if (state->http.progress == DMP_HTTP_MORE && data[0] == '.') {
		switch (dmp_remoting_parse(data, size, &reply)) {
		case DMP_REMOTING_MORE:
			return 0;
		case DMP_REMOTING_REPLY:
			remoting_finish(talk, &reply);
			return 0;
		case DMP_REMOTING_INVALID:
			break;
		}
	}
	return dmp_web_input(talk, data, size, dmp_web_judge_remoting);
}

static void
remoting_closed(struct dmp_talk *talk)
{
	dmp_web_closed(talk, dmp_web_judge_remoting);
}

const struct dmp_protocol dmp_protocol_dataminer_http = {
    .name = "HTTP",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_PLAIN,
    .state_size = sizeof(struct dmp_web_state),
    .service = DMP_SERVICE_HTTP,
    .open = endpoints_open,
    .input = endpoints_input,
    .closed = endpoints_closed,
};

const struct dmp_protocol dmp_protocol_dataminer_https = {
    .name = "HTTPS",
    .reply_ms = 5000,
    .tls = DMP_TALK_TLS,
    .alpn = "http/1.1",
    .state_size = sizeof(struct dmp_web_state),
    .service = DMP_SERVICE_HTTP,
    .open = gateway_open,
    .input = gateway_input,
    .closed = gateway_closed,
};

const struct dmp_protocol dmp_protocol_remoting = {
    .name = ".NET Remoting",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_PLAIN,
    .state_size = sizeof(struct dmp_web_state),
    .service = DMP_SERVICE_NET_REMOTING,
    .open = remoting_open,
    .input = remoting_input,
    .closed = remoting_closed,
};
