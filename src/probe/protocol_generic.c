/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protocol_generic.c - any web server, and anything that speaks TLS.
 *
 * For requirements of the site's own: whoever answers in the protocol is the right
 * service, unless the site file says what to expect.
 */
#include <string.h>

#include "base/text.h"
#include "probe/http.h"
#include "probe/protocols.h"
#include "probe/web_talk.h"

#define HTTP_REPLY_MS  4000
#define HTTPS_REPLY_MS 5000
#define TLS_REPLY_MS   3000
#define REFUSAL_MS     500 /* a TLS 1.3 server refuses us after the handshake */

static void
generic_http_open(struct dmp_talk *talk)
{
	struct dmp_http *http = dmp_talk_state(talk);

	http->wanted = dmp_talk_spec(talk)->expect;
	dmp_web_ask(talk, "/");
}

/* "404": a status; anything else is text that a header field or the body must have. */
static bool
generic_http_expects_status(const char *expect, int *ret_status)
{
	uint64_t status;

	if (!dmp_text_number(expect, 100, 599, &status))
		return false;
	*ret_status = (int)status;
	return true;
}

static void
generic_http_finish(struct dmp_talk *talk, const struct dmp_http *http)
{
	const char *expect = dmp_talk_spec(talk)->expect;
	const char *server = http->fields[DMP_HTTP_SERVER];
	int status = 0;

	dmp_talk_identity(talk, "%s", server[0] ? server : "HTTP");
	if (!expect || expect[0] == '\0')
		dmp_talk_finish(
		    talk, DMP_REASON_ANSWERED, "HTTP status %d", http->status);
	else if (generic_http_expects_status(expect, &status))
		dmp_talk_finish(talk,
		    status == http->status ? DMP_REASON_ANSWERED
		                           : DMP_REASON_BAD_ANSWER,
		    "HTTP status %d, %s expected", http->status,
		    status == http->status ? "as" : expect);
	else if (http->has_wanted || dmp_http_body_has(http, expect, false))
		dmp_talk_finish(talk, DMP_REASON_ANSWERED,
		    "HTTP status %d with the expected text", http->status);
	else
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "HTTP status %d without the text \"%.60s\"", http->status, expect);
}

/* Is the body needed for the verdict? */
static bool
generic_http_wants_body(const struct dmp_talk *talk, const struct dmp_http *http)
{
	const char *expect = dmp_talk_spec(talk)->expect;
	int status;

	return !http->has_wanted && expect && expect[0] != '\0' &&
	       !generic_http_expects_status(expect, &status);
}

static size_t
generic_http_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct dmp_http *http = dmp_talk_state(talk);

	switch (dmp_http_feed(http, data, size)) {
	case DMP_HTTP_MORE:
		break;
	case DMP_HTTP_HEADER:
		if (!generic_http_wants_body(talk, http))
			generic_http_finish(talk, http);
		break;
	case DMP_HTTP_COMPLETE:
		generic_http_finish(talk, http);
		break;
	case DMP_HTTP_INVALID:
		dmp_talk_finish_wrong(talk);
		break;
	}
	return size;
}

static void
generic_http_closed(struct dmp_talk *talk)
{
	struct dmp_http *http = dmp_talk_state(talk);

	(void)dmp_http_end(http);
	if (http->status != 0)
		generic_http_finish(talk, http);
}

static void
generic_tls_finish(struct dmp_talk *talk)
{
	dmp_talk_finish(
	    talk, DMP_REASON_ANSWERED, "%s handshake done", dmp_talk_tls_version(talk));
}

static void
generic_tls_open(struct dmp_talk *talk)
{
	char subject[DMP_SUBJECT_TEXT];

	dmp_talk_tls_subject(talk, subject);
	dmp_talk_identity(talk, "%s, %s", dmp_talk_tls_version(talk), subject);
	if (dmp_talk_asked_certificate(talk))
		dmp_talk_wait(talk, REFUSAL_MS);
	else
		generic_tls_finish(talk);
}

const struct dmp_protocol dmp_protocol_http = {
    .name = "HTTP",
    .reply_ms = HTTP_REPLY_MS,
    .tls = DMP_TALK_EITHER,
    .polite_close = true,
    .state_size = sizeof(struct dmp_http),
    .service = DMP_SERVICE_HTTP,
    .open = generic_http_open,
    .input = generic_http_input,
    .closed = generic_http_closed,
};

const struct dmp_protocol dmp_protocol_https = {
    .name = "HTTPS",
    .reply_ms = HTTPS_REPLY_MS,
    .tls = DMP_TALK_TLS,
    .alpn = "http/1.1",
    .polite_close = true,
    .state_size = sizeof(struct dmp_http),
    .service = DMP_SERVICE_HTTP,
    .open = generic_http_open,
    .input = generic_http_input,
    .closed = generic_http_closed,
};

const struct dmp_protocol dmp_protocol_tls = {
    .name = "TLS",
    .reply_ms = TLS_REPLY_MS,
    .tls = DMP_TALK_TLS,
    .open = generic_tls_open,
    .closed = generic_tls_finish,
    .quiet = generic_tls_finish,
};
