/* SPDX-License-Identifier: BSD-2-Clause */
/* How much of a peer is looked at, and what a connection that is already reset says. */
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/stream.h"
#include "probe/talk.h"
#include "support/fake_service.h"
#include "support/probe_run.h"

/* A read may bring some more than the limit, and the kernel holds a few megabytes. */
#define READ_MAX  (64u * 1024)
#define WIRE_MAX  (4 * DMP_TALK_INPUT)
#define FLOOD_MAX (16u << 20)

/* Without a limit a flood may hold the loop, and with it the test, for ever. */
#define PATIENCE_S 20

/* A client in its handshake passes over a HelloRequest (RFC 5246 7.4.1.1), however many
 * of them come: one, in a record of its own. */
static const char HELLO_REQUEST[] = "\x16\3\3\0\4\0\0\0\0";

/* What somebody saw who reads from a stream. */
struct reader {
	struct dmp_stream stream;
	bool takes; /* consumes what it sees */
	size_t seen;
	size_t largest; /* at once */
	int ends;
	enum dmp_stream_end end;
};

static int
setup(void **state)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(PATIENCE_S);
	*state = event_base_new();
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	event_base_free(*state);
	return 0;
}

static void
reader_on_bytes(void *arg)
{
	struct reader *reader = arg;
	size_t size;

	(void)dmp_stream_peek(&reader->stream, &size);
	if (size > reader->largest)
		reader->largest = size;
	if (!reader->takes)
		return;
	reader->seen += size;
	dmp_stream_consume(&reader->stream, size);
}

static void
reader_on_end(enum dmp_stream_end end, void *arg)
{
	struct reader *reader = arg;

	reader->ends++;
	reader->end = end;
	dmp_stream_stop(&reader->stream);
}

/* Feed a stream until it has ended; the first write is of one byte, so that no read
 * ends at the limit by accident. */
static void
reader_flood(struct event_base *base, struct reader *reader)
{
	static const struct dmp_stream_events EVENTS = {
	    .bytes = reader_on_bytes, .ended = reader_on_end};
	static const uint8_t NOISE[4096];
	size_t size = 1;
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(
	    dmp_stream_open(&reader->stream, base, fds[0], &EVENTS, reader), DMP_OK);
	for (size_t sent = 0; reader->ends == 0 && sent < FLOOD_MAX;) {
		ssize_t n = write(fds[1], NOISE, size);

		if (n > 0)
			sent += (size_t)n;
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
		size = sizeof NOISE;
	}
	dmp_stream_close(&reader->stream, DMP_STREAM_CLOSE_RST);
	(void)close(fds[1]);
}

static void
reader_that_takes_everything_sees_the_limit_and_no_more(void **state)
{
	struct reader reader = {.takes = true};

	reader_flood(*state, &reader);
	assert_int_equal(reader.ends, 1);
	assert_int_equal(reader.end, DMP_STREAM_FULL);
	assert_int_equal(reader.seen, DMP_TALK_INPUT);
	assert_true(reader.stream.wire_size <= DMP_TALK_INPUT + READ_MAX);
}

static void
reader_that_takes_nothing_is_shown_the_limit_and_no_more(void **state)
{
	struct reader reader = {.takes = false};

	reader_flood(*state, &reader);
	assert_int_equal(reader.ends, 1);
	assert_int_equal(reader.end, DMP_STREAM_FULL);
	assert_int_equal(reader.largest, DMP_TALK_INPUT);
	assert_true(reader.stream.wire_size <= DMP_TALK_INPUT + READ_MAX);
}

static struct dmp_probe_spec
spec_for(uint16_t port, enum dmp_probe_kind kind)
{
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", port, 1000);

	spec.kind = kind;
	spec.depth = DMP_PROBE_IDENTIFY;
	spec.host = "localhost";
	spec.reply_timeout_ms = PATIENT_MS;
	spec.tls = DMP_PROBE_TLS_NO;
	return spec;
}

/* It stays below TLS and is no answer, so the limit of the input does not see it. */
static void
handshake_without_end_is_cut_by_the_bytes_on_the_wire(void **state)
{
	static const struct fake_act FLOOD = {
	    .reply = HELLO_REQUEST, .size = sizeof HELLO_REQUEST - 1, .for_ever = true};
	struct event_base *base = *state;
	struct fake_service *service = fake_service_new(base, &FLOOD, NULL, NULL);
	struct dmp_probe_spec spec =
	    spec_for(fake_service_port(service), DMP_PROBE_TLS);
	int64_t took_ms = -dmp_clock_mono_ms(dmp_clock_system());
	struct dmp_probe_result result = probe_run(base, &spec);

	took_ms += dmp_clock_mono_ms(dmp_clock_system());
	assert_int_equal(result.reason, DMP_REASON_TLS_ALERT);
	assert_true(took_ms < PATIENT_MS / 2);
	assert_true(fake_service_sent(service) > WIRE_MAX);
	assert_true(fake_service_sent(service) < FLOOD_MAX);
	fake_service_free(service);
}

static void
keep_result(const struct dmp_probe_result *result, void *arg)
{
	*(struct dmp_probe_result *)arg = *result;
}

/* The kernel tells a reset once.  Where the end of the connect has heard it already,
 * the next read is an end of file; and one who only listens gets no other error. */
static void
reset_that_the_connect_has_heard_is_not_forgotten(void **state)
{
	static const struct linger RESET = {.l_onoff = 1, .l_linger = 0};
	struct event_base *base = *state;
	struct dmp_probe_result result = {.reason = DMP_REASON_NONE};
	struct dmp_probe *probe;
	uint16_t port;
	int listener = bound_socket("127.0.0.1", SOCK_STREAM, 4, &port);
	struct dmp_probe_spec spec = spec_for(port, DMP_PROBE_NATS);
	int fd;

	assert_int_equal(dmp_probe_start(base, dmp_clock_system(), &spec, keep_result,
	                     &result, &probe),
	    DMP_OK);
	/* On loopback the connection stands when the start returns. */
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &RESET, sizeof RESET), 0);
	(void)close(fd);
	(void)event_base_dispatch(base);
	assert_int_equal(result.reason, DMP_REASON_CONNECTION_RESET);
	assert_int_equal(result.progress, DMP_PROGRESS_CONNECTED);
	(void)close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reader_that_takes_everything_sees_the_limit_and_no_more),
	    cmocka_unit_test(reader_that_takes_nothing_is_shown_the_limit_and_no_more),
	    cmocka_unit_test(handshake_without_end_is_cut_by_the_bytes_on_the_wire),
	    cmocka_unit_test(reset_that_the_connect_has_heard_is_not_forgotten),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
