/* SPDX-License-Identifier: BSD-2-Clause */
/* talk_verdict.c - what the end of a talk means, and the sentences for it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probe/errno_reason.h"
#include "probe/path.h"
#include "probe/talk_private.h"

#define SHOWN_HEAD 24 /* bytes of an answer that nobody understands */

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

/* Also when it refuses us in the midst of the handshake: the mode is the right one. */
static bool
talk_peer_speaks_tls(const struct dmp_talk *talk)
{
	const struct dmp_stream *stream = &talk->stream;

	return stream->secured ||
	       (stream->tls && dmp_tls_is_record(stream->tap, stream->tap_size));
}

/* Reasons that say less than a finding in the certificate. */
static bool
talk_yields_to_certificate(enum dmp_reason reason)
{
	return reason == DMP_REASON_ANSWERED || reason == DMP_REASON_OPEN ||
	       reason == DMP_REASON_IDENTITY_WEAK;
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
	if (talk_yields_to_certificate(result->reason))
		result->reason = facts.reason;
	dmp_text_copy(first, sizeof first, text);
	dmp_text_format(text, size, "%.100s; %s", first, facts.text);
}

/* dmports listen stands in for the service: then nothing else can be learnt, whatever
 * the protocol thinks of its line. */
static bool
talk_is_path_only(const struct dmp_talk *talk)
{
	return dmp_path_is_greeting(talk->stream.tap, talk->stream.tap_size);
}

void
dmp_talk_verdict(struct dmp_talk *talk, enum dmp_reason reason, const char *sentence)
{
	struct dmp_probe_result *result = &talk->result;
	int64_t answer_us = talk->answered_us - talk->asked_us;
	char text[DMP_DETAIL_TEXT];

	if (talk->phase != TALK_RUNNING)
		return;
	if (talk_is_path_only(talk)) {
		reason = DMP_REASON_PATH_ONLY;
		sentence = dmp_reason_sentence(reason);
		dmp_text_copy(
		    result->identity, sizeof result->identity, "dmports listen");
	}
	talk->phase = TALK_JUDGED;
	dmp_stream_stop(&talk->stream);
	(void)event_del(&talk->wait);
	result->reason = reason;
	result->latency_us = talk->connect_us;
	result->answer_us = talk->answered_us != 0 ? (uint32_t)answer_us : 0;
	result->progress =
	    talk->stream.wire_size > 0 ? DMP_PROGRESS_ANSWERED : DMP_PROGRESS_CONNECTED;
	result->used_tls = talk_peer_speaks_tls(talk);
	dmp_text_printable(text, sizeof text, sentence, strlen(sentence));
	talk_add_certificate(talk, text, sizeof text);
	if (talk->answered_us != 0)
		dmp_text_format(result->detail, sizeof result->detail,
		    "%.220s (answer after %u.%02u ms)", text,
		    (unsigned)(answer_us / 1000), (unsigned)(answer_us % 1000 / 10));
	else
		dmp_text_copy(result->detail, sizeof result->detail, text);
	talk->may_change = talk->may_change && talk_mode_is_wrong(talk, reason);
	dmp_talk_turn_in(talk, 0);
}

void
dmp_talk_finish(struct dmp_talk *talk, enum dmp_reason reason, const char *format, ...)
{
	char text[DMP_DETAIL_TEXT];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	dmp_talk_verdict(talk, reason, text);
}

static bool
talk_in_handshake(const struct dmp_talk *talk)
{
	return talk->stream.tls && !talk->stream.secured;
}

void
dmp_talk_judge_silence(struct dmp_talk *talk)
{
	int64_t waited_us = dmp_clock_mono_us(talk->clock) - talk->asked_us;

	dmp_talk_finish(talk, DMP_REASON_SILENT, "no %s within %u ms",
	    talk_in_handshake(talk) ? "TLS handshake" : "answer",
	    (unsigned)(waited_us / 1000));
}

static void
talk_judge_error(struct dmp_talk *talk)
{
	struct dmp_net_error error = {
	    .number = talk->stream.error, .time = DMP_ERROR_LATER};
	char text[DMP_DETAIL_TEXT];

	dmp_error_text(&error, text, sizeof text);
	dmp_talk_verdict(talk, dmp_error_reason(&error), text);
}

void
dmp_talk_judge_end(struct dmp_talk *talk, enum dmp_stream_end end)
{
	const char *where = talk->stream.secured ? " after the TLS handshake" : "";

	if (talk->answered_us != 0)
		dmp_talk_finish_wrong(talk);
	else if (end == DMP_STREAM_RESET)
		dmp_talk_finish(talk, DMP_REASON_CONNECTION_RESET,
		    "reset the connection%s without an answer", where);
	else if (end == DMP_STREAM_BROKEN && talk->stream.error != 0)
		talk_judge_error(talk);
	else
		dmp_talk_finish(talk, DMP_REASON_CLOSED_EARLY,
		    "closed the connection%s without an answer", where);
}

/* In the clear where TLS should be: the service itself without TLS, or, when it can be
 * named, another service.  Where the other mode is still to be tried, that decides. */
static void
talk_judge_no_tls(struct dmp_talk *talk)
{
	const char *hint = talk->spec->hint ? talk->spec->hint : "";
	enum dmp_service own = talk->protocol->service;
	enum dmp_service found;
	char name[DMP_CLASSIFY_TEXT];
	bool stranger;

	found = dmp_classify(talk->stream.tap, talk->stream.tap_size, name);
	stranger = !talk->may_change && own != DMP_SERVICE_UNKNOWN &&
	           found != DMP_SERVICE_UNKNOWN && found != own;
	dmp_talk_finish(talk,
	    stranger ? DMP_REASON_WRONG_SERVICE : DMP_REASON_TLS_NOT_TLS,
	    "does not speak TLS; %s answers%s%s", name[0] ? name : "something else",
	    hint[0] ? "; " : "", hint);
}

/* The port was silent, TLS was an attempt (UPGRADE), and its answer is in the clear:
 * then the finding is the other service. */
static void
talk_judge_stranger(struct dmp_talk *talk)
{
	_Static_assert(
	    sizeof talk->head == sizeof talk->stream.tap, "one fits the other");

	memcpy(talk->head, talk->stream.tap, talk->stream.tap_size);
	talk->head_size = talk->stream.tap_size;
	dmp_talk_finish_wrong(talk);
}

bool
dmp_talk_judge_tls(struct dmp_talk *talk, enum dmp_stream_end end)
{
	const struct dmp_stream *stream = &talk->stream;
	bool plain = (talk->tls || talk->head_size == 0) && stream->tap_size > 0 &&
	             !dmp_tls_is_record(stream->tap, stream->tap_size);
	char text[DMP_DETAIL_TEXT];
	enum dmp_reason reason;

	if (!stream->tls || talk->answered_us != 0)
		return false;
	if (plain) {
		if (talk->tls || talk->spec->tls == DMP_PROBE_TLS_YES)
			talk_judge_no_tls(talk);
		else
			talk_judge_stranger(talk);
		return true;
	}
	reason = dmp_tls_failure(stream->tls, stream->tls_error, text, sizeof text);
	if (reason != DMP_REASON_NONE) {
		dmp_talk_verdict(talk, reason, text);
	} else if (!talk_in_handshake(talk)) {
		return false;
	} else if (stream->wire_size > 0) {
		dmp_talk_verdict(talk, DMP_REASON_TLS_ALERT,
		    "closed the connection in the midst of the TLS handshake");
	} else {
		dmp_talk_judge_end(talk, end);
	}
	return true;
}

/* The second mode counts when it got an answer; the first one's verdict stands
 * otherwise. */
void
dmp_talk_choose_result(struct dmp_talk *talk)
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
dmp_talk_cassandra(struct dmp_talk *talk, enum dmp_probe_cassandra cassandra)
{
	talk->result.cassandra = cassandra;
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
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "no valid %s answer; it begins with \"%s\"", talk->protocol->name,
		    shown);
		return;
	}
	dmp_talk_finish(talk, DMP_REASON_WRONG_SERVICE, "%s answers, not %s%s%s", name,
	    talk->protocol->name, hint[0] ? "; " : "", hint);
}
