/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: dmp_talk_verdict() is the only way to an end.  It fills in the result
 * and stops the stream, but closes nothing, because it runs inside callbacks of the
 * libraries; a timer of no length (turn) then says goodbye, closes, and tells the probe
 * or asks it for a second connection.
 */
#include "probe/talk.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "probe/talk_private.h"

void
dmp_talk_turn_in(struct dmp_talk *talk, uint32_t wait_ms)
{
	struct timeval tv = {.tv_sec = (time_t)(wait_ms / 1000),
	    .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000)};

	(void)event_add(&talk->turn, &tv);
}

static void
talk_on_ended(enum dmp_stream_end end, void *arg)
{
	struct dmp_talk *talk = arg;

	if (dmp_talk_judge_tls(talk, end))
		return;
	if (talk->protocol->closed)
		talk->protocol->closed(talk);
	dmp_talk_judge_end(talk, end);
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

/* What came before TLS is no answer over it. */
static void
talk_begin_tls(struct dmp_talk *talk)
{
	struct dmp_tls *tls;
	enum dmp_status status = dmp_tls_new(
	    talk->spec, talk->protocol->alpn, dmp_clock_wall_ms(talk->clock), &tls);

	talk->answered_us = 0;
	if (status == DMP_OK)
		status = dmp_stream_start_tls(&talk->stream, tls);
	if (status == DMP_ENOENT)
		dmp_talk_verdict(
		    talk, DMP_REASON_LOCAL_ERROR, "the CA file cannot be used");
	else if (status != DMP_OK)
		dmp_talk_verdict(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
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
		dmp_talk_verdict(talk, DMP_REASON_WRONG_SERVICE, "answers with TLS");
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
		dmp_talk_choose_result(talk);
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
			dmp_talk_judge_silence(talk);
		break;
	case TALK_JUDGED:
		talk->phase = TALK_LEAVING;
		if (dmp_stream_goodbye(&talk->stream))
			dmp_talk_turn_in(talk, 0);
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
		dmp_talk_verdict(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
		return;
	}
	talk->stream.reset = connection->reset;
	if (talk->may_change)
		dmp_talk_turn_in(talk, dmp_talk_reply_ms(talk->spec) / 2);
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
	dmp_talk_turn_in(talk, 0);
}

void
dmp_talk_time_up(struct dmp_talk *talk)
{
	if (talk->phase == TALK_UNCONNECTED)
		dmp_talk_not_connected(talk);
	if (talk->phase != TALK_RUNNING)
		return;
	if (talk->answered_us == 0) {
		dmp_talk_judge_silence(talk);
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
		dmp_talk_verdict(talk, DMP_REASON_LOCAL_LIMIT, "out of memory");
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
