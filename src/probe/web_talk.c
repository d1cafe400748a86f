/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/web_talk.h"

#include "base/text.h"

typedef void web_request_fn(
    struct dmp_text *out, const char *path, const char *host, uint16_t port, bool tls);

static void
web_send(struct dmp_talk *talk, const char *path, web_request_fn *write_request)
{
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);
	struct dmp_text request = {0};

	write_request(&request, path, spec->host, spec->port, dmp_talk_is_tls(talk));
	if (request.status == DMP_OK)
		dmp_talk_send(talk, request.data, request.size);
	else
		dmp_talk_finish(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
	dmp_text_done(&request);
}

static const char *
web_path(const struct dmp_talk *talk, const char *path)
{
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);

	return spec->path && *spec->path ? spec->path : path;
}

void
dmp_web_ask(struct dmp_talk *talk, const char *path)
{
	web_send(talk, web_path(talk, path), dmp_http_request);
}

void
dmp_web_ask_first(struct dmp_talk *talk, const char *path)
{
	web_send(talk, web_path(talk, path), dmp_http_request_keep);
}

void
dmp_web_ask_last(struct dmp_talk *talk, const char *path)
{
	web_send(talk, path, dmp_http_request);
}

void
dmp_web_finish(struct dmp_talk *talk, const struct dmp_verdict *verdict)
{
	if (verdict->identity[0])
		dmp_talk_identity(talk, "%s", verdict->identity);
	dmp_talk_finish(talk, verdict->reason, "%s", verdict->detail);
}

static void
web_judge(struct dmp_talk *talk, dmp_web_judge_fn *judge)
{
	struct dmp_web_state *state = dmp_talk_state(talk);
	struct dmp_verdict verdict = {0};

	judge(&state->http, dmp_talk_spec(talk), &verdict);
	dmp_web_finish(talk, &verdict);
}

size_t
dmp_web_input(
    struct dmp_talk *talk, const uint8_t *data, size_t size, dmp_web_judge_fn *judge)
{
	struct dmp_web_state *state = dmp_talk_state(talk);

	switch (dmp_http_feed(&state->http, data, size)) {
	case DMP_HTTP_MORE:
	case DMP_HTTP_HEADER:
		break;
	case DMP_HTTP_COMPLETE:
		web_judge(talk, judge);
		break;
	case DMP_HTTP_INVALID:
		dmp_talk_finish_wrong(talk);
		break;
	}
	return size;
}

void
dmp_web_closed(struct dmp_talk *talk, dmp_web_judge_fn *judge)
{
	struct dmp_web_state *state = dmp_talk_state(talk);

	(void)dmp_http_end(&state->http);
	if (state->http.status != 0)
		web_judge(talk, judge);
}
