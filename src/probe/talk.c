/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: talk_verdict() is the only way to an end.  It fills in the result and
 * stops the stream, but closes nothing, because it runs inside callbacks of the
 * libraries; a timer of no length (turn) then says goodbye, closes, and tells the probe
 * or asks it for a second connection.
 */
#include "probe/talk.h"

#include <event2/event_struct.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "probe/errno_reason.h"
#include "probe/stream.h"
#include "probe/talk_run.h"

#define ALPN_TEXT  16
#define SHOWN_HEAD 24 /* bytes of an answer that nobody understands */

enum talk_phase {
	TALK_UNCONNECTED = 0,
	TALK_RUNNING,
	TALK_JUDGED, /* the result is there */
	TALK_LEAVING /* close_notify is on its way */
};

struct dmp_talk {
	struct event_base *base;
	const struct dmp_clock *clock;
	const struct dmp_probe_spec *spec;
	const struct dmp_protocol *protocol;
	const struct dmp_talk_owner *owner;
	void *arg;
	struct dmp_stream stream;
	struct event turn; /* RUNNING: try the other mode; JUDGED, LEAVING: go on */
	struct event wait; /* for the protocol */
	enum talk_phase phase;
	bool tls;        /* the mode */
	bool may_change; /* the other mode was not tried yet */
	bool changed;    /* the result of the first mode is in former */
	bool upgrade;    /* begin TLS when the input is done with */
	bool in_input;
	uint16_t local_port;
	uint32_t connect_us;
	int64_t asked_us;    /* when the protocol began */
	int64_t answered_us; /* when the first byte for it came, 0 = not yet */
	char alpn[ALPN_TEXT];
	uint8_t head[DMP_TALK_TAP]; /* the first bytes for the protocol */
	size_t head_size;
	struct dmp_probe_result result;
	struct dmp_probe_result former;
	_Alignas(max_align_t) uint8_t state[];
};

static const char WRONG_SCHEME[] = " to HTTPS port";
static const char GO_WRONG_SCHEME[] = "HTTP request to an HTTPS server";

static bool
talk_head_has(const struct dmp_talk *talk, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i + size <= talk->head_size; i++)
		if (memcmp(talk->head + i, text, size) == 0)
			return true;
	return false;
}

/* A server that speaks TLS says so in TLS, or as web servers do, in words. */
static bool
talk_peer_wants_tls(const struct dmp_talk *talk)
{
	return dmp_tls_is_record(talk->stream.tap, talk->stream.tap_size) ||
	       talk_head_has(talk, WRONG_SCHEME) ||
	       talk_head_has(talk, GO_WRONG_SCHEME);
}

/* Does the end of the first mode speak for the other one? */
static bool
talk_mode_is_wrong(const struct dmp_talk *talk, enum dmp_reason reason)
{
	if (talk->stream.wire_size == 0)
		return reason == DMP_REASON_SILENT ||
		       reason == DMP_REASON_CLOSED_EARLY ||
		       reason == DMP_REASON_CONNECTION_RESET;
	if (talk->tls)
		return reason == DMP_REASON_TLS_NOT_TLS;
	return talk_peer_wants_tls(talk);
}

static void
talk_turn_in(struct dmp_talk *talk, uint32_t wait_ms)
{
	struct timeval tv = {.tv_sec = (time_t)(wait_ms / 1000),
	    .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000)};

	(void)event_add(&talk->turn, &tv);
}

/* The certificate's finding joins the sentence; it is the reason when there is no
 * weightier one. */
static void
talk_add_certificate(struct dmp_talk *talk, char *text, size_t size)
{
	struct dmp_probe_result *result = &talk->result;
	struct dmp_tls_facts facts;
	char first[DMP_DETAIL_TEXT];

	if (!talk->stream.tls)
		return;
	dmp_tls_read_facts(talk->stream.tls, &facts);
	result->tls_days_left = facts.days_left;
	dmp_text_copy(result->tls_subject, sizeof result->tls_subject, facts.subject);
	if (facts.reason == DMP_REASON_NONE ||
	    dmp_reason_outcome(result->reason) != DMP_OUTCOME_OK)
		return;
	if (result->reason == DMP_REASON_ANSWERED || result->reason == DMP_REASON_OPEN)
		result->reason = facts.reason;
	dmp_text_copy(first, sizeof first, text);
	dmp_text_format(text, size, "%.100s; %s", first, facts.text);
}

/* Every talk ends here. */
static void
talk_verdict(struct dmp_talk *talk, enum dmp_reason reason, const char *sentence)
{
	struct dmp_probe_result *result = &talk->result;
	int64_t answer_us = talk->answered_us - talk->asked_us;
	char text[DMP_DETAIL_TEXT];

	if (talk->phase != TALK_RUNNING)
		return;
	talk->phase = TALK_JUDGED;
	dmp_stream_stop(&talk->stream);
	(void)event_del(&talk->wait);
	result->reason = reason;
	result->latency_us = talk->connect_us;
	result->progress =
	    talk->stream.wire_size > 0 ? DMP_PROGRESS_ANSWERED : DMP_PROGRESS_CONNECTED;
	result->used_tls = talk->stream.secured;
	dmp_text_printable(text, sizeof text, sentence, strlen(sentence));
	talk_add_certificate(talk, text, sizeof text);
	if (talk->answered_us != 0)
		dmp_text_format(result->detail, sizeof result->detail,
		    "%.220s (answer after %u.%02u ms)", text,
		    (unsigned)(answer_us / 1000), (unsigned)(answer_us % 1000 / 10));
	else
		dmp_text_copy(result->detail, sizeof result->detail, text);
	talk->may_change = talk->may_change && talk_mode_is_wrong(talk, reason);
	talk_turn_in(talk, 0);
}

static void talk_verdict_format(struct dmp_talk *talk, enum dmp_reason reason,
    const char *format, ...) DMP_PRINTF(3, 4);

static void
talk_verdict_format(
    struct dmp_talk *talk, enum dmp_reason reason, const char *format, ...)
{
	char text[DMP_DETAIL_TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	talk_verdict(talk, reason, text);
}

static uint32_t
talk_waited_ms(const struct dmp_talk *talk)
{
	return (uint32_t)((dmp_clock_mono_us(talk->clock) - talk->asked_us) / 1000);
}

/* Not a byte came. */
static void
talk_nothing(struct dmp_talk *talk, enum dmp_stream_end end)
{
	const char *where = talk->stream.secured ? " after the TLS handshake" : "";
	struct dmp_net_error error = {
	    .number = talk->stream.error, .time = DMP_ERROR_LATER};
	char text[DMP_DETAIL_TEXT];

	switch (end) {
	case DMP_STREAM_RESET:
		talk_verdict_format(talk, DMP_REASON_CONNECTION_RESET,
		    "reset the connection%s without an answer", where);
		break;
	case DMP_STREAM_BROKEN:
		if (error.number != 0) {
			dmp_error_text(&error, text, sizeof text);
			talk_verdict(talk, dmp_error_reason(&error), text);
			break;
		}
		/* fall through */
	case DMP_STREAM_EOF:
	case DMP_STREAM_FULL:
		talk_verdict_format(talk, DMP_REASON_CLOSED_EARLY,
		    "closed the connection%s without an answer", where);
		break;
	}
}

static void
talk_tls_not_tls(struct dmp_talk *talk)
{
	char name[DMP_CLASSIFY_TEXT];

	(void)dmp_classify(talk->stream.tap, talk->stream.tap_size, name);
	talk_verdict_format(talk, DMP_REASON_TLS_NOT_TLS,
	    "does not speak TLS; %s answers%s%s", name[0] ? name : "something else",
	    talk->spec->hint ? "; " : "", talk->spec->hint ? talk->spec->hint : "");
}

/* Did TLS itself end the talk?  Then that is the verdict. */
static bool
talk_tls_failed(struct dmp_talk *talk)
{
	const struct dmp_stream *stream = &talk->stream;
	char text[DMP_DETAIL_TEXT];
	enum dmp_reason reason;

	if (!stream->tls || talk->answered_us != 0)
		return false;
	if (!stream->secured && stream->tap_size > 0 && talk->head_size == 0 &&
	    !dmp_tls_is_record(stream->tap, stream->tap_size)) {
		talk_tls_not_tls(talk);
		return true;
	}
	reason = dmp_tls_failure(stream->tls, stream->tls_error, text, sizeof text);
	if (reason == DMP_REASON_NONE)
		return false;
	talk_verdict(talk, reason, text);
	return true;
}

static void
talk_on_ended(enum dmp_stream_end end, void *arg)
{
	struct dmp_talk *talk = arg;
	bool handshake = talk->stream.tls && !talk->stream.secured;

	if (talk_tls_failed(talk))
		return;
	if (handshake && talk->stream.wire_size > 0) {
		talk_verdict(talk, DMP_REASON_TLS_ALERT,
		    "closed the connection in the midst of the TLS handshake");
		return;
	}
	if (!handshake && talk->protocol->closed)
		talk->protocol->closed(talk);
	if (talk->phase != TALK_RUNNING)
		return;
	if (talk->answered_us != 0)
		dmp_talk_finish_wrong(talk);
	else
		talk_nothing(talk, end);
}

/* data is what was received and not consumed. */
static void
talk_note_head(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	size_t known = talk->head_size - talk->stream.consumed;
	size_t room = sizeof talk->head - talk->head_size;

	if (talk->answered_us == 0)
		talk->answered_us = dmp_clock_mono_us(talk->clock);
	if (room == 0 || size <= known)
		return;
	if (room > size - known)
		room = size - known;
	memcpy(talk->head + talk->head_size, data + known, room);
	talk->head_size += room;
}

static void
talk_begin_tls(struct dmp_talk *talk)
{
	struct dmp_tls *tls;
	enum dmp_status status = dmp_tls_new(
	    talk->spec, talk->protocol->alpn, dmp_clock_wall_ms(talk->clock), &tls);

	if (status == DMP_OK)
		status = dmp_stream_start_tls(&talk->stream, tls);
	if (status == DMP_ENOENT)
		talk_verdict_format(talk, DMP_REASON_LOCAL_ERROR,
		    "cannot use the CA file %s", talk->spec->ca_file);
	else if (status != DMP_OK)
		talk_verdict(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
}

static void
talk_feed(struct dmp_talk *talk)
{
	while (talk->phase == TALK_RUNNING && !talk->upgrade) {
		size_t size, used;
		const uint8_t *data = dmp_stream_peek(&talk->stream, &size);

		if (size == 0)
			break;
		talk_note_head(talk, data, size);
		used = talk->protocol->input ? talk->protocol->input(talk, data, size)
		                             : size;
		if (used == 0)
			break;
		dmp_stream_consume(&talk->stream, used < size ? used : size);
	}
}

static void
talk_on_bytes(void *arg)
{
	struct dmp_talk *talk = arg;

	if (talk->may_change && !talk->tls &&
	    dmp_tls_is_record(talk->stream.tap, talk->stream.tap_size)) {
		talk_verdict(talk, DMP_REASON_WRONG_SERVICE, "answers with TLS");
		return;
	}
	talk->in_input = true;
	talk_feed(talk);
	talk->in_input = false;
	if (talk->phase == TALK_RUNNING && talk->upgrade) {
		talk->upgrade = false;
		talk_begin_tls(talk);
	}
}

static void
talk_begin(struct dmp_talk *talk)
{
	talk->asked_us = dmp_clock_mono_us(talk->clock);
	if (talk->protocol->open)
		talk->protocol->open(talk);
}

static void
talk_on_secured(void *arg)
{
	struct dmp_talk *talk = arg;

	dmp_tls_alpn(talk->stream.tls, talk->alpn, sizeof talk->alpn);
	talk_begin(talk);
}

static const struct dmp_stream_events TALK_EVENTS = {
    .secured = talk_on_secured, .bytes = talk_on_bytes, .ended = talk_on_ended};

/* The second mode counts when it got an answer; the first one's verdict stands
 * otherwise. */
static void
talk_choose_result(struct dmp_talk *talk)
{
	const struct dmp_probe_result *second = &talk->result;
	const char *mode = talk->tls ? "tried over TLS, too" : "tried without TLS, too";
	char detail[DMP_DETAIL_TEXT];

	if (second->progress == DMP_PROGRESS_ANSWERED &&
	    second->reason != DMP_REASON_TLS_NOT_TLS)
		return;
	dmp_text_copy(detail, sizeof detail, talk->former.detail);
	talk->result = talk->former;
	dmp_text_format(talk->result.detail, sizeof talk->result.detail, "%.220s; %s",
	    detail, mode);
}

static void
talk_leave(struct dmp_talk *talk)
{
	bool polite = talk->protocol->polite_close || talk->stream.secured ||
	              talk->spec->close == DMP_PROBE_CLOSE_FIN;

	dmp_stream_close(
	    &talk->stream, polite ? DMP_STREAM_CLOSE_FIN : DMP_STREAM_CLOSE_RST);
	if (talk->may_change) {
		talk->phase = TALK_UNCONNECTED;
		talk->may_change = false;
		talk->changed = true;
		talk->tls = !talk->tls;
		talk->former = talk->result;
		talk->owner->again(talk->arg);
		return;
	}
	if (talk->changed)
		talk_choose_result(talk);
	talk->owner->end(&talk->result, talk->arg);
}

static void
talk_on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_talk *talk = arg;

	(void)fd;
	(void)what;
	switch (talk->phase) {
	case TALK_UNCONNECTED:
		break;
	case TALK_RUNNING:
		if (talk->stream.wire_size == 0)
			talk_verdict_format(talk, DMP_REASON_SILENT,
			    "no answer within %u ms", talk_waited_ms(talk));
		break;
	case TALK_JUDGED:
		talk->phase = TALK_LEAVING;
		if (dmp_stream_goodbye(&talk->stream))
			talk_turn_in(talk, 0);
		else
			talk_leave(talk);
		break;
	case TALK_LEAVING:
		talk_leave(talk);
		break;
	}
}

static void
talk_on_wait(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_talk *talk = arg;

	(void)fd;
	(void)what;
	if (talk->phase == TALK_RUNNING && talk->protocol->quiet)
		talk->protocol->quiet(talk);
}

uint32_t
dmp_talk_reply_ms(const struct dmp_probe_spec *spec)
{
	return spec->reply_timeout_ms ? spec->reply_timeout_ms
	                              : dmp_protocol_of(spec->kind)->reply_ms;
}

enum dmp_status
dmp_talk_new(struct event_base *base, const struct dmp_clock *clock,
    const struct dmp_probe_spec *spec, const struct dmp_talk_owner *owner, void *arg,
    struct dmp_talk **ret_talk)
{
	const struct dmp_protocol *protocol = dmp_protocol_of(spec->kind);
	struct dmp_talk *talk = calloc(1, sizeof *talk + protocol->state_size);
	bool asked = spec->tls != DMP_PROBE_TLS_AUTO;

	if (!talk)
		return DMP_ENOMEM;
	talk->base = base;
	talk->clock = clock;
	talk->spec = spec;
	talk->protocol = protocol;
	talk->owner = owner;
	talk->arg = arg;
	talk->tls = protocol->tls == DMP_TALK_TLS;
	if (protocol->tls == DMP_TALK_EITHER) {
		talk->tls = asked ? spec->tls == DMP_PROBE_TLS_YES : spec->prefer_tls;
		talk->may_change = !asked;
	}
	(void)event_assign(&talk->turn, base, -1, 0, talk_on_turn, talk);
	(void)event_assign(&talk->wait, base, -1, 0, talk_on_wait, talk);
	*ret_talk = talk;
	return DMP_OK;
}

void
dmp_talk_free(struct dmp_talk *talk)
{
	if (!talk)
		return;
	(void)event_del(&talk->turn);
	(void)event_del(&talk->wait);
	dmp_stream_close(&talk->stream, DMP_STREAM_CLOSE_RST);
	free(talk);
}

static uint16_t
talk_port_of(int fd)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	struct dmp_address address;
	uint16_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&name, &size) == 0)
		(void)dmp_address_from_socket(
		    (struct sockaddr *)&name, &address, &port);
	return port;
}

void
dmp_talk_connected(struct dmp_talk *talk, const struct dmp_talk_connection *connection)
{
	talk->phase = TALK_RUNNING;
	talk->result = (struct dmp_probe_result){.tls_days_left = INT32_MAX};
	talk->connect_us = connection->latency_us;
	talk->asked_us = dmp_clock_mono_us(talk->clock);
	talk->answered_us = 0;
	talk->head_size = 0;
	talk->alpn[0] = '\0';
	talk->local_port = talk_port_of(connection->fd);
	memset(talk->state, 0, talk->protocol->state_size);
	if (dmp_stream_open(&talk->stream, talk->base, connection->fd, &TALK_EVENTS,
	        talk) != DMP_OK) {
		talk_verdict(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
		return;
	}
	talk->stream.reset = connection->reset;
	if (talk->may_change)
		talk_turn_in(talk, dmp_talk_reply_ms(talk->spec) / 2);
	if (talk->tls)
		talk_begin_tls(talk);
	else
		talk_begin(talk);
}

void
dmp_talk_not_connected(struct dmp_talk *talk)
{
	talk->result = talk->former;
	talk->phase = TALK_JUDGED;
	talk_turn_in(talk, 0);
}

void
dmp_talk_time_up(struct dmp_talk *talk)
{
	bool handshake = talk->stream.tls && !talk->stream.secured;

	if (talk->phase == TALK_UNCONNECTED)
		dmp_talk_not_connected(talk);
	if (talk->phase != TALK_RUNNING)
		return;
	if (talk->answered_us == 0) {
		talk_verdict_format(talk, DMP_REASON_SILENT, "no %s within %u ms",
		    handshake ? "TLS handshake" : "answer", talk_waited_ms(talk));
		return;
	}
	if (talk->protocol->closed)
		talk->protocol->closed(talk);
	dmp_talk_finish_wrong(talk);
}

const struct dmp_probe_spec *
dmp_talk_spec(const struct dmp_talk *talk)
{
	return talk->spec;
}

void *
dmp_talk_state(struct dmp_talk *talk)
{
	return talk->state;
}

bool
dmp_talk_is_tls(const struct dmp_talk *talk)
{
	return talk->stream.secured;
}

bool
dmp_talk_asked_certificate(const struct dmp_talk *talk)
{
	return talk->stream.secured && dmp_tls_asked_certificate(talk->stream.tls);
}

const char *
dmp_talk_tls_version(const struct dmp_talk *talk)
{
	return talk->stream.secured ? dmp_tls_version(talk->stream.tls) : "";
}

void
dmp_talk_tls_subject(const struct dmp_talk *talk, char subject[DMP_SUBJECT_TEXT])
{
	struct dmp_tls_facts facts = {0};

	if (talk->stream.secured)
		dmp_tls_read_facts(talk->stream.tls, &facts);
	dmp_text_copy(subject, DMP_SUBJECT_TEXT, facts.subject);
}

uint16_t
dmp_talk_local_port(const struct dmp_talk *talk)
{
	return talk->local_port;
}

const char *
dmp_talk_alpn(const struct dmp_talk *talk)
{
	return talk->alpn;
}

void
dmp_talk_send(struct dmp_talk *talk, const void *data, size_t size)
{
	if (talk->phase == TALK_RUNNING && !dmp_stream_write(&talk->stream, data, size))
		talk_verdict(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
}

void
dmp_talk_wait(struct dmp_talk *talk, uint32_t wait_ms)
{
	struct timeval tv = {.tv_sec = (time_t)(wait_ms / 1000),
	    .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000)};

	if (wait_ms == 0 || talk->phase != TALK_RUNNING)
		(void)event_del(&talk->wait);
	else
		(void)event_add(&talk->wait, &tv);
}

void
dmp_talk_start_tls(struct dmp_talk *talk)
{
	if (talk->phase != TALK_RUNNING)
		return;
	if (talk->in_input)
		talk->upgrade = true;
	else
		talk_begin_tls(talk);
}

void
dmp_talk_identity(struct dmp_talk *talk, const char *format, ...)
{
	char text[DMP_IDENTITY_TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	dmp_text_printable(
	    talk->result.identity, sizeof talk->result.identity, text, strlen(text));
}

void
dmp_talk_finish(struct dmp_talk *talk, enum dmp_reason reason, const char *format, ...)
{
	char text[DMP_DETAIL_TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	talk_verdict(talk, reason, text);
}

void
dmp_talk_finish_wrong(struct dmp_talk *talk)
{
	const char *hint = talk->spec->hint ? talk->spec->hint : "";
	char name[DMP_CLASSIFY_TEXT];
	char shown[SHOWN_HEAD + 1];
	enum dmp_service service = dmp_classify(talk->head, talk->head_size, name);

	if (service == DMP_SERVICE_UNKNOWN || service == talk->protocol->service) {
		dmp_text_printable(shown, sizeof shown, talk->head, talk->head_size);
		talk_verdict_format(talk, DMP_REASON_BAD_ANSWER,
		    "no valid %s answer; it begins with \"%s\"", talk->protocol->name,
		    shown);
		return;
	}
	talk_verdict_format(talk, DMP_REASON_WRONG_SERVICE, "%s answers, not %s%s%s",
	    name, talk->protocol->name, hint[0] ? "; " : "", hint);
}
