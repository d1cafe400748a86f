/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/stream.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/talk.h"

#define WIRE_MAX   (4 * DMP_TALK_INPUT) /* certificates and records have their price */
#define DRAIN_SIZE 4096
#define DRAIN_MAX  16

_Static_assert(DMP_STREAM_TAP == DMP_TALK_TAP, "one tap, two layers");

static void
stream_end(struct dmp_stream *stream, enum dmp_stream_end end)
{
	if (!stream->stopped)
		stream->events->ended(end, stream->arg);
}

/* Runs when bytes were added to the lower input buffer, before anybody takes them. */
static void
stream_on_wire(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct dmp_stream *stream = arg;
	size_t want = sizeof stream->tap - stream->tap_size;
	struct evbuffer_ptr at;

	if (info->n_added == 0)
		return;
	if (want > info->n_added)
		want = info->n_added;
	if (want > 0 &&
	    evbuffer_ptr_set(buffer, &at, info->orig_size, EVBUFFER_PTR_SET) == 0 &&
	    evbuffer_copyout_from(buffer, &at, stream->tap + stream->tap_size, want) ==
	        (ssize_t)want)
		stream->tap_size += want;
	stream->wire_size += info->n_added;
	if (stream->wire_size > WIRE_MAX)
		stream_end(stream, DMP_STREAM_FULL);
}

/* The filter reads before it says that it is connected: what a server says first, or
 * its end, would come before the handshake was seen. */
static void
stream_note_secured(struct dmp_stream *stream)
{
	if (!stream->tls || stream->secured ||
	    !SSL_is_init_finished(dmp_tls_ssl(stream->tls)))
		return;
	stream->secured = true;
	stream->events->secured(stream->arg);
}

static void
stream_on_bytes(struct bufferevent *bev, void *arg)
{
	struct dmp_stream *stream = arg;

	(void)bev;
	if (!stream->stopped)
		stream_note_secured(stream);
	if (stream->stopped)
		return;
	stream->events->bytes(stream->arg);
	if (stream->consumed +
	        evbuffer_get_length(bufferevent_get_input(stream->top)) >=
	    DMP_TALK_INPUT)
		stream_end(stream, DMP_STREAM_FULL);
}

/* The first error of a library is the cause, the others follow from it. */
static void
stream_take_tls_error(struct dmp_stream *stream)
{
	unsigned long error;

	if (stream->top == stream->raw)
		return;
	while ((error = bufferevent_get_openssl_error(stream->top)) != 0)
		if (stream->tls_error == 0 && ERR_GET_LIB(error) != 0)
			stream->tls_error = error;
}

static void
stream_on_event(struct bufferevent *bev, short what, void *arg)
{
	struct dmp_stream *stream = arg;
	int error = EVUTIL_SOCKET_ERROR();

	(void)bev;
	if (!stream->stopped)
		stream_note_secured(stream);
	if (stream->stopped || what & BEV_EVENT_CONNECTED)
		return;
	stream_take_tls_error(stream);
	/* The filter tells the end before it tells what it read last. */
	if (evbuffer_get_length(bufferevent_get_input(stream->top)) > 0)
		stream_on_bytes(stream->top, stream);
	if (stream->tls_error != 0) {
		stream_end(stream, DMP_STREAM_BROKEN);
		return;
	}
	if (what & BEV_EVENT_ERROR) {
		stream->error = error;
		stream->reset = stream->reset || error == ECONNRESET || error == EPIPE;
		/* What the peer sent before it closed is still to be read. */
		if (what & BEV_EVENT_WRITING)
			return;
	}
	if (stream->reset)
		stream_end(stream, DMP_STREAM_RESET);
	else
		stream_end(
		    stream, what & BEV_EVENT_EOF ? DMP_STREAM_EOF : DMP_STREAM_BROKEN);
}

static bool
stream_listen(struct dmp_stream *stream)
{
	bufferevent_setcb(stream->top, stream_on_bytes, NULL, stream_on_event, stream);
	return bufferevent_enable(stream->top, EV_READ | EV_WRITE) == 0;
}

enum dmp_status
dmp_stream_open(struct dmp_stream *stream, struct event_base *base, int fd,
    const struct dmp_stream_events *events, void *arg)
{
	*stream = (struct dmp_stream){
	    .base = base, .events = events, .arg = arg, .fd = fd, .open = true};
	stream->raw = bufferevent_socket_new(base, fd, 0);
	stream->top = stream->raw;
	if (!stream->raw ||
	    !evbuffer_add_cb(
	        bufferevent_get_input(stream->raw), stream_on_wire, stream) ||
	    !stream_listen(stream)) {
		dmp_stream_close(stream, DMP_STREAM_CLOSE_RST);
		return DMP_ENOMEM;
	}
	return DMP_OK;
}

enum dmp_status
dmp_stream_start_tls(struct dmp_stream *stream, struct dmp_tls *tls)
{
	struct bufferevent *filter = bufferevent_openssl_filter_new(
	    stream->base, stream->raw, dmp_tls_ssl(tls), BUFFEREVENT_SSL_CONNECTING, 0);

	if (!filter) {
		dmp_tls_free(tls);
		return DMP_ENOMEM;
	}
	stream->tls = tls;
	stream->top = filter;
	bufferevent_openssl_set_allow_dirty_shutdown(filter, 1);
	return stream_listen(stream) ? DMP_OK : DMP_ENOMEM;
}

const uint8_t *
dmp_stream_peek(struct dmp_stream *stream, size_t *ret_size)
{
	struct evbuffer *input = bufferevent_get_input(stream->top);
	size_t left = DMP_TALK_INPUT - stream->consumed;
	size_t size = evbuffer_get_length(input);

	if (size > left)
		size = left;
	*ret_size = size;
	return size > 0 ? evbuffer_pullup(input, (ssize_t)size) : NULL;
}

void
dmp_stream_consume(struct dmp_stream *stream, size_t size)
{
	(void)evbuffer_drain(bufferevent_get_input(stream->top), size);
	stream->consumed += size;
}

bool
dmp_stream_write(struct dmp_stream *stream, const void *data, size_t size)
{
	return bufferevent_write(stream->top, data, size) == 0;
}

void
dmp_stream_stop(struct dmp_stream *stream)
{
	stream->stopped = true;
	if (stream->open)
		(void)bufferevent_disable(stream->top, EV_READ);
}

bool
dmp_stream_goodbye(struct dmp_stream *stream)
{
	if (!stream->open || !stream->secured || stream->error != 0)
		return false;
	dmp_tls_goodbye(stream->tls);
	return true;
}

/* Unread bytes would turn the FIN into a RST. */
static void
stream_drain(int fd)
{
	char bytes[DRAIN_SIZE];

	for (int i = 0; i < DRAIN_MAX; i++)
		if (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
			return;
}

void
dmp_stream_close(struct dmp_stream *stream, enum dmp_stream_close how)
{
	static const struct linger RESET = {.l_onoff = 1, .l_linger = 0};

	if (!stream->open)
		return;
	stream->stopped = true;
	stream->open = false;
	if (stream->top != stream->raw)
		bufferevent_free(stream->top);
	dmp_tls_free(stream->tls);
	if (stream->raw)
		bufferevent_free(stream->raw);
	stream->raw = NULL;
	stream->top = NULL;
	stream->tls = NULL;
	if (how == DMP_STREAM_CLOSE_FIN)
		stream_drain(stream->fd);
	else
		(void)setsockopt(
		    stream->fd, SOL_SOCKET, SO_LINGER, &RESET, sizeof RESET);
	(void)close(stream->fd);
}
