/* SPDX-License-Identifier: BSD-2-Clause */
/* unit_control.c - the words of the control socket, and the client's side of it. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/control.h"
#include "support/temp_dir.h"

static struct dmp_event
sample_event(void)
{
	struct dmp_event e;

	memset(&e, 0, sizeof e); /* with its holes, to compare it as bytes */
	e.sequence = UINT32_MAX;
	dmp_text_copy(e.source, sizeof e.source, "North/noc1");
	dmp_text_copy(e.key, sizeof e.key, "dma1/nats-client@4222");
	memset(e.message, 'm', sizeof e.message - 1);
	e.state = DMP_STATE_DOWN;
	e.previous_state = DMP_STATE_UP;
	e.severity = DMP_SEVERITY_CRITICAL;
	e.reason = DMP_REASON_SHARED_ENDPOINT;
	e.level = DMP_LEVEL_REQUIRED;
	dmp_text_copy(e.host_name, sizeof e.host_name, "dma1");
	dmp_text_copy(e.address, sizeof e.address, "2001:db8::1");
	e.transport = DMP_TRANSPORT_UDP;
	e.port = 65535;
	e.port_index = 7;
	e.time_ms = INT64_MIN;
	e.type = DMP_EVENT_PORT_CLEARED;
	e.epoch = 3;
	e.host_index = 0x01020304;
	return e;
}

static char *
encode(const struct dmp_event *event)
{
	struct dmp_text hex = {0};

	dmp_control_encode_event(event, &hex);
	assert_int_equal(hex.status, DMP_OK);
	return hex.data;
}

static void
an_event_survives_encoding(void **state)
{
	const struct dmp_event event = sample_event();
	char *hex = encode(&event);
	struct dmp_event back;

	(void)state;
	memset(&back, 0xff, sizeof back);
	assert_true(dmp_control_decode_event(hex, &back));
	assert_memory_equal(&back, &event, sizeof event);
	assert_true(strlen(hex) + sizeof "volatile \n" < DMP_CONTROL_LINE);
	free(hex);
}

static void
numbers_of_every_sign_survive_encoding(void **state)
{
	static const int64_t TIMES[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
	struct dmp_event event = sample_event();

	(void)state;
	for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
		struct dmp_event back;
		char *hex;

		event.time_ms = TIMES[i];
		hex = encode(&event);
		assert_true(dmp_control_decode_event(hex, &back));
		assert_true(back.time_ms == TIMES[i]);
		free(hex);
	}
}

static void
the_largest_event_fits_a_line(void **state)
{
	struct dmp_event event = sample_event();
	char *hex;

	(void)state;
	memset(event.source, 'x', sizeof event.source);
	memset(event.key, 'x', sizeof event.key);
	memset(event.message, 'x', sizeof event.message);
	memset(event.host_name, 'x', sizeof event.host_name);
	memset(event.address, 'x', sizeof event.address);
	memset(event.service, 'x', sizeof event.service);
	hex = encode(&event);
	assert_true(strlen(hex) + sizeof "volatile \n" < DMP_CONTROL_LINE);
	assert_true(dmp_control_decode_event(hex, &event));
	assert_int_equal(strlen(event.message), sizeof event.message - 1);
	free(hex);
}

static void
what_is_not_printable_is_encoded_as_a_dot(void **state)
{
	struct dmp_event event = sample_event();
	char *hex;

	(void)state;
	dmp_text_copy(event.key, sizeof event.key,
	    "a\nb\x7f\xff"
	    "c");
	hex = encode(&event);
	assert_true(dmp_control_decode_event(hex, &event));
	assert_string_equal(event.key, "a.b..c");
	free(hex);
}

static void
a_code_of_any_other_length_is_rejected(void **state)
{
	const struct dmp_event event = sample_event();
	char *hex = encode(&event);
	char *longer = calloc(1, strlen(hex) + 3);
	struct dmp_event back;
	size_t n = strlen(hex);

	(void)state;
	assert_non_null(longer);
	memcpy(longer, hex, n);
	memcpy(longer + n, "00", 3);
	assert_false(dmp_control_decode_event(longer, &back));
	while (n-- > 0) {
		hex[n] = '\0';
		assert_false(dmp_control_decode_event(hex, &back));
	}
	free(longer);
	free(hex);
}

/* Offsets of bytes in the code of sample_event(). */
enum {
	AT_FORMAT = 0,
	AT_SOURCE_SIZE = 5,
	AT_SOURCE = 7,
	AT_STATE = 7 + 10 + 2 + 21 + 2 + 255,
	AT_REASON = AT_STATE + 3,
	AT_TYPE = AT_STATE + 5 + 2 + 4 + 2 + 11 + 2 + 1 + 2 + 4 + 8
};

static bool
decodes_with(size_t at, const char *two_digits)
{
	const struct dmp_event event = sample_event();
	char *hex = encode(&event);
	struct dmp_event back;
	bool good;

	memcpy(hex + 2 * at, two_digits, 2);
	good = dmp_control_decode_event(hex, &back);
	free(hex);
	return good;
}

static void
a_code_of_another_format_is_rejected(void **state)
{
	(void)state;
	assert_true(decodes_with(AT_FORMAT, "01"));
	assert_false(decodes_with(AT_FORMAT, "02"));
	assert_false(decodes_with(AT_FORMAT, "0g"));
	assert_false(decodes_with(AT_FORMAT, " 1"));
	assert_false(decodes_with(AT_SOURCE, "6A"));
}

static void
a_text_that_does_not_fit_or_print_is_rejected(void **state)
{
	(void)state;
	assert_true(decodes_with(AT_SOURCE_SIZE, "0a"));
	assert_false(decodes_with(AT_SOURCE_SIZE, "0b"));
	assert_false(decodes_with(AT_SOURCE_SIZE, "40"));
	assert_false(decodes_with(AT_SOURCE_SIZE + 1, "ff"));
	assert_true(decodes_with(AT_SOURCE, "7e"));
	assert_false(decodes_with(AT_SOURCE, "00"));
	assert_false(decodes_with(AT_SOURCE, "0a"));
	assert_false(decodes_with(AT_SOURCE, "7f"));
	assert_false(decodes_with(AT_SOURCE, "c3"));
}

static void
a_number_that_is_no_member_is_rejected(void **state)
{
	(void)state;
	assert_true(decodes_with(AT_STATE, "08"));
	assert_true(decodes_with(AT_STATE, "00"));
	assert_false(decodes_with(AT_STATE, "09"));
	assert_true(decodes_with(AT_REASON, "32"));
	assert_false(decodes_with(AT_REASON, "33"));
	assert_true(decodes_with(AT_TYPE, "11"));
	assert_false(decodes_with(AT_TYPE, "12"));
	assert_false(decodes_with(AT_TYPE, "00"));
}

/* --- what a subscriber reads --- */

struct stream {
	int fds[2]; /* 0 reads */
	struct dmp_control_reader reader;
};

static int
setup_stream(void **state)
{
	struct stream *s = calloc(1, sizeof *s);

	assert_non_null(s);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s->fds), 0);
	*state = s;
	return 0;
}

static int
teardown_stream(void **state)
{
	struct stream *s = *state;

	(void)close(s->fds[0]);
	(void)close(s->fds[1]);
	dmp_text_done(&s->reader.pending);
	free(s);
	return 0;
}

static void
say(int fd, const char *data)
{
	assert_int_equal(send(fd, data, strlen(data), MSG_NOSIGNAL), strlen(data));
}

static enum dmp_control_news
next(struct stream *s, uint32_t *ret_sequence)
{
	struct dmp_event unused;

	return dmp_control_next(&s->reader, s->fds[0], ret_sequence, &unused);
}

static void
reader_takes_lines_however_they_are_cut(void **state)
{
	struct stream *s = *state;
	uint32_t sequence = 0;

	assert_int_equal(next(s, &sequence), DMP_NEWS_NONE);
	say(s->fds[1], "event 1");
	assert_int_equal(next(s, &sequence), DMP_NEWS_NONE);
	say(s->fds[1], "7\nevent 18\nev");
	assert_int_equal(next(s, &sequence), DMP_NEWS_EVENT);
	assert_int_equal(sequence, 17);
	assert_int_equal(next(s, &sequence), DMP_NEWS_EVENT);
	assert_int_equal(sequence, 18);
	assert_int_equal(next(s, &sequence), DMP_NEWS_NONE);
	say(s->fds[1], "ent 4294967295\n");
	assert_int_equal(next(s, &sequence), DMP_NEWS_EVENT);
	assert_true(sequence == UINT32_MAX);
}

static void
reader_takes_volatile_events_between_others(void **state)
{
	struct stream *s = *state;
	struct dmp_event event = sample_event();
	struct dmp_text line = {0};
	struct dmp_event back;
	uint32_t sequence;

	for (uint32_t i = 1; i <= 3; i++) {
		event.sequence = i;
		dmp_text_append(&line, "volatile ");
		dmp_control_encode_event(&event, &line);
		dmp_text_printf(&line, "\nevent %u\n", i);
	}
	say(s->fds[1], dmp_text_get(&line));
	dmp_text_done(&line);
	for (uint32_t i = 1; i <= 3; i++) {
		event.sequence = i;
		assert_int_equal(
		    dmp_control_next(&s->reader, s->fds[0], &sequence, &back),
		    DMP_NEWS_VOLATILE);
		assert_memory_equal(&back, &event, sizeof event);
		assert_int_equal(next(s, &sequence), DMP_NEWS_EVENT);
		assert_int_equal(sequence, i);
	}
	assert_int_equal(next(s, &sequence), DMP_NEWS_NONE);
}

static void
reader_closes_on_nonsense(void **state)
{
	static const char *const LINES[] = {"\n", "ok\n", "error too many clients\n",
	    "event\n", "event \n", "event -1\n", "event 4294967296\n", "event 1 2\n",
	    "volatile \n", "volatile 01\n"};
	struct stream *s = *state;
	uint32_t sequence;

	for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
		say(s->fds[1], LINES[i]);
		assert_int_equal(next(s, &sequence), DMP_NEWS_CLOSED);
	}
}

static void
reader_closes_on_a_line_without_end(void **state)
{
	struct stream *s = *state;
	char piece[1025];
	uint32_t sequence;

	memset(piece, 'x', sizeof piece - 1);
	piece[sizeof piece - 1] = '\0';
	for (int i = 0; i < 3; i++) {
		say(s->fds[1], piece);
		assert_int_equal(next(s, &sequence), DMP_NEWS_NONE);
	}
	say(s->fds[1], piece);
	assert_int_equal(next(s, &sequence), DMP_NEWS_CLOSED);
}

static void
reader_says_closed_at_the_end(void **state)
{
	struct stream *s = *state;
	uint32_t sequence;

	say(s->fds[1], "event 5\nevent 6");
	assert_int_equal(shutdown(s->fds[1], SHUT_WR), 0);
	assert_int_equal(next(s, &sequence), DMP_NEWS_EVENT);
	assert_int_equal(next(s, &sequence), DMP_NEWS_CLOSED);
}

/* --- one call --- */

/* A daemon that answers one request with fixed bytes, or hangs up without any. */
struct daemon {
	char dir[TEMP_DIR_TEXT];
	int fd;
	const char *answer;
	char heard[64];
	pthread_t thread;
};

static int
setup_daemon(void **state)
{
	struct daemon *d = calloc(1, sizeof *d);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	assert_non_null(d);
	temp_dir_make(d->dir);
	dmp_text_format(address.sun_path, sizeof address.sun_path, "%s/%s", d->dir,
	    DMP_CONTROL_SOCKET);
	d->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(d->fd >= 0);
	assert_int_equal(
	    bind(d->fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(d->fd, 0), 0);
	*state = d;
	return 0;
}

static int
teardown_daemon(void **state)
{
	struct daemon *d = *state;

	(void)close(d->fd);
	temp_dir_remove(d->dir);
	free(d);
	return 0;
}

static void *
serve_once(void *arg)
{
	struct daemon *d = arg;
	int fd = accept(d->fd, NULL, NULL);
	ssize_t n = recv(fd, d->heard, sizeof d->heard - 1, 0);

	if (n > 0 && d->answer)
		n = send(fd, d->answer, strlen(d->answer), MSG_NOSIGNAL);
	(void)close(fd);
	return NULL;
}

static enum dmp_status
call_with_answer(struct daemon *d, const char *answer, struct dmp_text *text)
{
	enum dmp_status status;

	memset(d->heard, 0, sizeof d->heard);
	d->answer = answer;
	assert_int_equal(pthread_create(&d->thread, NULL, serve_once, d), 0);
	status = dmp_control_call(d->dir, "reload now", 10000, text);
	assert_int_equal(pthread_join(d->thread, NULL), 0);
	assert_string_equal(d->heard, "reload now\n");
	return status;
}

static void
call_tells_ok_and_error_and_their_texts(void **state)
{
	static const struct {
		const char *answer;
		enum dmp_status status;
		const char *text;
	} CASES[] = {
	    {"ok\n", DMP_OK, ""},
	    {"ok 3 ports\n", DMP_OK, "3 ports"},
	    {"ok \033[31mred\n", DMP_OK, ".[31mred"},
	    {"error no such port\n", DMP_EINVAL, "no such port"},
	    {"error\n", DMP_EINVAL, ""},
	    {"okay\n", DMP_EIO, ""},
	    {"what?\n", DMP_EIO, ""},
	    {"ok without an end", DMP_EIO, ""},
	    {NULL, DMP_EIO, ""},
	};
	struct daemon *d = *state;

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_text text = {0};

		assert_int_equal(
		    call_with_answer(d, CASES[i].answer, &text), CASES[i].status);
		assert_string_equal(dmp_text_get(&text), CASES[i].text);
		dmp_text_done(&text);
	}
}

static void
call_gives_up_at_its_deadline(void **state)
{
	const struct daemon *d = *state;
	const int64_t start = dmp_clock_mono_ms(dmp_clock_system());
	struct dmp_text text = {0};

	assert_int_equal(dmp_control_call(d->dir, "ping", 50, &text), DMP_EBUSY);
	assert_true(dmp_clock_mono_ms(dmp_clock_system()) - start >= 50);
	dmp_text_done(&text);
}

/* With a backlog of 0 the kernel queues one caller; then connect() says EAGAIN. */
static void
call_waits_for_a_full_queue_until_its_deadline(void **state)
{
	const struct daemon *d = *state;
	struct dmp_text text = {0};
	int fds[8];
	size_t n = 0;
	int fd;

	while (n < 8 && dmp_control_subscribe(d->dir, &fds[n]) == DMP_OK)
		n++;
	assert_true(n < 8);
	assert_int_equal(dmp_control_subscribe(d->dir, &fd), DMP_EBUSY);
	assert_int_equal(dmp_control_call(d->dir, "ping", 50, &text), DMP_EBUSY);
	while (n-- > 0)
		(void)close(fds[n]);
	dmp_text_done(&text);
}

static void
call_says_when_nobody_is_there(void **state)
{
	struct daemon *d = *state;
	struct dmp_text text = {0};
	int fd;

	assert_int_equal(
	    dmp_control_call("/nonexistent", "ping", 1000, &text), DMP_ENOENT);
	(void)close(d->fd);
	d->fd = -1;
	assert_int_equal(dmp_control_call(d->dir, "ping", 1000, &text), DMP_ENOENT);
	assert_int_equal(dmp_control_subscribe(d->dir, &fd), DMP_ENOENT);
	dmp_text_done(&text);
}

static void
call_refuses_what_is_not_one_line(void **state)
{
	const struct daemon *d = *state;
	struct dmp_text text = {0};
	char request[DMP_CONTROL_LINE + 1];

	memset(request, 'x', sizeof request - 1);
	request[sizeof request - 1] = '\0';
	assert_int_equal(dmp_control_call(d->dir, request, 50, &text), DMP_ETOOBIG);
	assert_int_equal(
	    dmp_control_call(d->dir, "ping\nreload", 50, &text), DMP_ETOOBIG);
	memset(request, '/', 200);
	assert_int_equal(dmp_control_call(request, "ping", 50, &text), DMP_ETOOBIG);
	dmp_text_done(&text);
}

int
main(void)
{
#define STREAM_TEST(name)                                                              \
	cmocka_unit_test_setup_teardown(name, setup_stream, teardown_stream)
#define DAEMON_TEST(name)                                                              \
	cmocka_unit_test_setup_teardown(name, setup_daemon, teardown_daemon)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_survives_encoding),
	    cmocka_unit_test(numbers_of_every_sign_survive_encoding),
	    cmocka_unit_test(the_largest_event_fits_a_line),
	    cmocka_unit_test(what_is_not_printable_is_encoded_as_a_dot),
	    cmocka_unit_test(a_code_of_any_other_length_is_rejected),
	    cmocka_unit_test(a_code_of_another_format_is_rejected),
	    cmocka_unit_test(a_text_that_does_not_fit_or_print_is_rejected),
	    cmocka_unit_test(a_number_that_is_no_member_is_rejected),
	    STREAM_TEST(reader_takes_lines_however_they_are_cut),
	    STREAM_TEST(reader_takes_volatile_events_between_others),
	    STREAM_TEST(reader_closes_on_nonsense),
	    STREAM_TEST(reader_closes_on_a_line_without_end),
	    STREAM_TEST(reader_says_closed_at_the_end),
	    DAEMON_TEST(call_tells_ok_and_error_and_their_texts),
	    DAEMON_TEST(call_gives_up_at_its_deadline),
	    DAEMON_TEST(call_waits_for_a_full_queue_until_its_deadline),
	    DAEMON_TEST(call_says_when_nobody_is_there),
	    DAEMON_TEST(call_refuses_what_is_not_one_line),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
