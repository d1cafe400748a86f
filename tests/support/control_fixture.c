/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/control_fixture.h"

#include <errno.h>
#include <event2/event.h>
#include <poll.h>
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

struct dmp_event
control_event(uint32_t sequence)
{
	struct dmp_event e;

	memset(&e, 0, sizeof e);
	e.sequence = sequence;
	e.type = DMP_EVENT_PORT_DOWN;
	memset(e.message, 'm', sizeof e.message - 1);
	memset(e.key, 'k', sizeof e.key - 1);
	memset(e.source, 's', sizeof e.source - 1);
	memset(e.host_name, 'h', sizeof e.host_name - 1);
	return e;
}

static void
send_backlog(struct dmpd_control_server *server, uint64_t client)
{
	for (uint32_t i = 1; i <= BACKLOG_EVENTS; i++) {
		const struct dmp_event event = control_event(i);

		dmpd_control_volatile(server, client, &event);
	}
}

enum dmpd_control_reply
control_handle(struct dmpd_control_server *server, uint64_t client, const char *verb,
    const char *words, struct dmp_text *answer, void *arg)
{
	struct control_fixture *f = arg;

	f->requests++;
	dmp_text_copy(f->words, sizeof f->words, words);
	if (strcmp(verb, "subscribe") == 0 && f->has_backlog)
		send_backlog(server, client);
	if (strcmp(verb, "echo") == 0) {
		dmp_text_append(answer, words);
		return DMPD_CONTROL_OK;
	}
	if (strcmp(verb, "long") == 0) {
		for (int i = 0; i < DMP_CONTROL_LINE; i++)
			dmp_text_append(answer, "l");
		return DMPD_CONTROL_OK;
	}
	if (strcmp(verb, "later") == 0) {
		f->later = client;
		return DMPD_CONTROL_LATER;
	}
	dmp_text_append(answer, "unknown request");
	return DMPD_CONTROL_ERROR;
}

int
control_setup(void **state)
{
	struct control_fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	temp_dir_make(f->dir);
	dmp_text_format(f->path, sizeof f->path, "%s/" DMP_CONTROL_SOCKET, f->dir);
	f->base = event_base_new();
	assert_non_null(f->base);
	assert_int_equal(
	    dmpd_control_server_new(f->base, f->dir, control_handle, f, &f->server),
	    DMP_OK);
	*state = f;
	return 0;
}

int
control_teardown(void **state)
{
	struct control_fixture *f = *state;

	dmpd_control_server_free(f->server);
	event_base_free(f->base);
	temp_dir_remove(f->dir);
	free(f);
	return 0;
}

void
control_turn(struct control_fixture *f)
{
	assert_true(event_base_loop(f->base, EVLOOP_NONBLOCK) >= 0);
}

int64_t
control_now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

int
control_dial(const struct control_fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	dmp_text_copy(address.sun_path, sizeof address.sun_path, f->path);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

void
control_say_bytes(int fd, const char *data, size_t n)
{
	assert_int_equal(send(fd, data, n, MSG_NOSIGNAL), n);
}

void
control_say(int fd, const char *data)
{
	control_say_bytes(fd, data, strlen(data));
}

/* One byte; false at the end of the stream. */
static bool
control_hear_byte(struct control_fixture *f, int fd, char *ret_c)
{
	const int64_t deadline_ms = control_now_ms() + PATIENCE_MS;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n = recv(fd, ret_c, 1, 0);

		if (n == 1)
			return true;
		if (n == 0 || errno != EAGAIN)
			return false;
		assert_true(control_now_ms() < deadline_ms);
		control_turn(f);
		(void)poll(&p, 1, 1);
	}
}

bool
control_hear(struct control_fixture *f, int fd, char line[DMP_CONTROL_LINE])
{
	for (size_t n = 0; n < DMP_CONTROL_LINE; n++) {
		if (!control_hear_byte(f, fd, &line[n]))
			return false;
		if (line[n] == '\n') {
			line[n] = '\0';
			return true;
		}
	}
	fail_msg("%s", "an answer is longer than a line");
	return false;
}

void
control_assert_hears(struct control_fixture *f, int fd, const char *expected)
{
	char line[DMP_CONTROL_LINE];

	assert_true(control_hear(f, fd, line));
	assert_string_equal(line, expected);
}

void
control_assert_end(struct control_fixture *f, int fd)
{
	char c;

	assert_false(control_hear_byte(f, fd, &c));
	(void)close(fd);
}

void
control_wait_for_clients(struct control_fixture *f, size_t n)
{
	const int64_t deadline_ms = control_now_ms() + PATIENCE_MS;

	while (dmpd_control_server_clients(f->server) != n) {
		assert_true(control_now_ms() < deadline_ms);
		control_turn(f);
		(void)poll(NULL, 0, 1);
	}
}

void
control_wait_for_request(struct control_fixture *f, unsigned before)
{
	const int64_t deadline_ms = control_now_ms() + PATIENCE_MS;

	while (f->requests == before) {
		assert_true(control_now_ms() < deadline_ms);
		control_turn(f);
	}
}

int
control_dial_subscriber(struct control_fixture *f, const char *first_line)
{
	int fd = control_dial(f);

	control_say(fd, "subscribe\n");
	control_assert_hears(f, fd, first_line);
	return fd;
}
