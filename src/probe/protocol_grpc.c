/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gRPC needs HTTP/2, agreed by ALPN (RFC 9113 3.2).  The connection preface makes the
 * server send its SETTINGS; no request is made, so its access log stays as it is.  That
 * proves the protocol, not the service behind it: the probe of APIGateway does.
 */
#include <string.h>

#include "probe/http2_wire.h"
#include "probe/protocols.h"

static void
grpc_open(struct dmp_talk *talk)
{
	const char *alpn = dmp_talk_alpn(talk);
	uint8_t preface[DMP_HTTP2_PREFACE_SIZE];

	if (strcmp(alpn, "h2") != 0) {
		dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
		    "TLS answers, but does not agree to HTTP/2 (ALPN: %s): native gRPC "
		    "cannot work",
		    *alpn ? alpn : "none");
		return;
	}
	dmp_http2_preface(preface);
	dmp_talk_send(talk, preface, sizeof preface);
}

static size_t
grpc_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct dmp_http2_answer answer;
	uint8_t goodbye[DMP_HTTP2_GOODBYE_SIZE];

	switch (dmp_http2_parse(data, size, &answer)) {
	case DMP_HTTP2_MORE:
		return 0;
	case DMP_HTTP2_INVALID:
		dmp_talk_finish_wrong(talk);
		return 0;
	case DMP_HTTP2_GOAWAY:
		dmp_talk_identity(talk, "HTTP/2");
		dmp_talk_finish(talk, DMP_REASON_SERVICE_UNWELL,
		    "HTTP/2 answers and refuses: %s%s%s",
		    dmp_http2_error_text(answer.error), answer.debug[0] ? ", " : "",
		    answer.debug);
		return 0;
	case DMP_HTTP2_SETTINGS:
		break;
	}
	dmp_http2_goodbye(goodbye);
	dmp_talk_send(talk, goodbye, sizeof goodbye);
	dmp_talk_identity(talk, "HTTP/2");
	dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
	    "HTTP/2 answers over TLS; the service behind it was not asked");
	return 0;
}

const struct dmp_protocol dmp_protocol_grpc = {
    .name = "HTTP/2",
    .reply_ms = 5000,
    .tls = DMP_TALK_TLS,
    .alpn = "h2,http/1.1",
    .service = DMP_SERVICE_HTTP2,
    .open = grpc_open,
    .input = grpc_input,
};
