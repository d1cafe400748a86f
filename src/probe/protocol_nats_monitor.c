/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitoring port of a NATS server.  The health page is asked each time; its few
 * words prove no product.  The general page (/varz) names server and version: it is
 * asked behind it, on the same connection, when the heavy part is due, or when the
 * server is older than the health page (2.7.1) and answers 404.
 */
#include "probe/nats_talk.h"
#include "probe/protocols.h"
#include "probe/web_talk.h"

#define HEALTH_PAGE  "/healthz"
#define GENERAL_PAGE "/varz"
#define REPLY_MS     3000
#define BODY_MS      1000 /* for the body, once the header is there */
#define WANTED       "the monitoring of NATS"

struct nats_monitor {
	struct dmp_http http;      /* the reply that is being read */
	bool general;              /* it is that to GENERAL_PAGE */
	bool has_health;           /* the health page was one */
	bool healthy;              /* what it said */
	char words[DMP_NATS_TEXT]; /* of a server that is not healthy */
};

/* End with what the health page said.  why: the sentence when all is well. */
static void
nats_monitor_finish(struct dmp_talk *talk, const struct nats_monitor *monitor,
    enum dmp_reason reason, const char *why)
{
	if (monitor->has_health && !monitor->healthy)
		dmp_talk_finish(talk, DMP_REASON_SERVICE_UNWELL,
		    "NATS says that it is unwell: %s", monitor->words);
	else
		dmp_talk_finish(talk, reason, "%s", why);
}

/* End without a general page. */
static void
nats_monitor_finish_weak(struct dmp_talk *talk, const struct nats_monitor *monitor)
{
	if (!monitor->has_health)
		dmp_nats_finish_http(talk, &monitor->http, WANTED);
	else
		nats_monitor_finish(talk, monitor, DMP_REASON_IDENTITY_WEAK,
		    monitor->general ? "the health page says ok; " GENERAL_PAGE
		                       " is not that of NATS"
		                     : "the health page says ok; " GENERAL_PAGE
		                       " was not asked");
}

static void
nats_monitor_ask_general(struct dmp_talk *talk, struct nats_monitor *monitor)
{
	monitor->http = (struct dmp_http){.status = 0};
	monitor->general = true;
	dmp_web_ask_last(talk, GENERAL_PAGE);
	dmp_talk_wait(talk, BODY_MS);
}

/* The reply to the health page, or to the path that the user gave instead. */
static void
nats_monitor_take_health(struct dmp_talk *talk, struct nats_monitor *monitor)
{
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);
	const struct dmp_http *http = &monitor->http;

	monitor->has_health = dmp_nats_health_parse(
	    http->body, http->body_size, &monitor->healthy, monitor->words);
	if (spec->expect && !dmp_http_body_has(http, spec->expect, false))
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "HTTP %d answers, without the text \"%s\"", http->status,
		    spec->expect);
	else if (spec->heavy || http->status == 404)
		nats_monitor_ask_general(talk, monitor);
	else
		nats_monitor_finish_weak(talk, monitor);
}

/* A reply is complete. */
static void
nats_monitor_judge(struct dmp_talk *talk, struct nats_monitor *monitor)
{
	const struct dmp_http *http = &monitor->http;
	struct dmp_nats_info info;
	char identity[DMP_NATS_IDENTITY];

	if (http->status == 200 &&
	    dmp_nats_varz_parse(http->body, http->body_size, &info)) {
		dmp_nats_identity(&info, identity);
		dmp_talk_identity(talk, "%s", identity);
		nats_monitor_finish(talk, monitor, DMP_REASON_ANSWERED,
		    monitor->has_health ? "NATS answers and is healthy"
		                        : "NATS answers");
	} else if (monitor->general) {
		nats_monitor_finish_weak(talk, monitor);
	} else {
		nats_monitor_take_health(talk, monitor);
	}
}

static void
nats_monitor_open(struct dmp_talk *talk)
{
	dmp_web_ask_first(talk, HEALTH_PAGE);
}

/* Byte by byte, so that the reader stops at the end of a reply. */
static size_t
nats_monitor_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct nats_monitor *monitor = dmp_talk_state(talk);
	bool had_header = monitor->http.progress == DMP_HTTP_HEADER;
	size_t used = 0;

	while (used < size && monitor->http.progress < DMP_HTTP_COMPLETE)
		(void)dmp_http_feed(&monitor->http, data + used++, 1);
	if (monitor->http.progress == DMP_HTTP_INVALID)
		dmp_talk_finish_wrong(talk);
	else if (monitor->http.progress == DMP_HTTP_COMPLETE)
		nats_monitor_judge(talk, monitor);
	else if (!had_header && monitor->http.progress == DMP_HTTP_HEADER)
		dmp_talk_wait(talk, BODY_MS);
	return used;
}

/* The rest is late, or will never come. */
static void
nats_monitor_closed(struct dmp_talk *talk)
{
	struct nats_monitor *monitor = dmp_talk_state(talk);

	if (dmp_http_end(&monitor->http) == DMP_HTTP_COMPLETE && !monitor->general)
		monitor->has_health = dmp_nats_health_parse(monitor->http.body,
		    monitor->http.body_size, &monitor->healthy, monitor->words);
	if (monitor->has_health || monitor->http.status != 0)
		nats_monitor_finish_weak(talk, monitor);
}

const struct dmp_protocol dmp_protocol_nats_monitor = {
    .name = "NATS monitoring",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_EITHER,
    .service = DMP_SERVICE_HTTP,
    .state_size = sizeof(struct nats_monitor),
    .open = nats_monitor_open,
    .input = nats_monitor_input,
    .closed = nats_monitor_closed,
    .quiet = nats_monitor_closed,
};
