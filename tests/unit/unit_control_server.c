/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/control_fixture.h"

static void
the_socket_is_for_owner_and_group(void **state)
{
	const struct control_fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void
a_request_may_come_byte_by_byte(void **state)
{
	static const char REQUEST[] = "  echo \t one  two \r\n";
	struct control_fixture *f = *state;
	int fd = control_dial(f);

	for (size_t i = 0; i < sizeof REQUEST - 1; i++) {
		control_say_bytes(fd, &REQUEST[i], 1);
		control_turn(f);
	}
	control_assert_hears(f, fd, "ok one two");
	assert_int_equal(f->requests, 1);
	assert_string_equal(f->words, "one  two");
	(void)close(fd);
}

static void
requests_in_one_packet_are_answered_in_order(void **state)
{
	struct control_fixture *f = *state;
	int fd = control_dial(f);

	control_say(fd, "echo 1\nnonsense\n\necho 2\n");
	control_assert_hears(f, fd, "ok 1");
	control_assert_hears(f, fd, "error unknown request");
	control_assert_hears(f, fd, "error empty request");
	control_assert_hears(f, fd, "ok 2");
	(void)close(fd);
}

static void
the_longest_request_is_answered_and_a_longer_one_refused(void **state)
{
	struct control_fixture *f = *state;
	char request[DMP_CONTROL_LINE + 1];
	int fd = control_dial(f);

	memset(request, 'x', sizeof request);
	request[DMP_CONTROL_LINE - 1] = '\n';
	control_say_bytes(fd, request, DMP_CONTROL_LINE);
	control_assert_hears(f, fd, "error unknown request");
	request[DMP_CONTROL_LINE - 1] = 'x';
	request[DMP_CONTROL_LINE] = '\n';
	control_say_bytes(fd, request, sizeof request);
	control_assert_hears(f, fd, "error the request is too long");
	control_assert_end(f, fd);
	assert_int_equal(f->requests, 1);
	control_wait_for_clients(f, 0);
}

static void
an_answer_is_cut_to_one_line(void **state)
{
	struct control_fixture *f = *state;
	char line[DMP_CONTROL_LINE];
	int fd = control_dial(f);

	control_say(fd, "long\n");
	assert_true(control_hear(f, fd, line));
	assert_true(strlen(line) > DMP_CONTROL_LINE - 16);
	(void)close(fd);
}

static void
garbage_is_answered_not_believed(void **state)
{
	static const char GARBAGE[] = "\x16\x03\x01\x02\x80\xff\xfe\n";
	struct control_fixture *f = *state;
	int fd = control_dial(f);

	control_say_bytes(fd, GARBAGE, sizeof GARBAGE - 1);
	control_assert_hears(f, fd, "error unknown request");
	control_say_bytes(fd, "echo\0hidden\n", 12);
	control_assert_hears(f, fd, "error the request is not text");
	control_assert_end(f, fd);
}

static void
later_requests_wait_for_a_deferred_answer(void **state)
{
	struct control_fixture *f = *state;
	int fd = control_dial(f);

	control_say(fd, "later\necho after\n");
	control_wait_for_request(f, 0);
	control_turn(f);
	assert_int_equal(f->requests, 1);
	dmpd_control_answer(f->server, f->later, true, "done\nindeed");
	assert_int_equal(f->requests, 1);
	dmpd_control_answer(f->server, f->later, true, "twice");
	control_assert_hears(f, fd, "ok done indeed");
	control_assert_hears(f, fd, "ok after");
	(void)close(fd);
}

static void
a_deferred_answer_to_a_client_that_vanished_hurts_nobody(void **state)
{
	struct control_fixture *f = *state;
	int fd = control_dial(f);
	int other;
	uint64_t gone;

	control_say(fd, "later\n");
	control_wait_for_request(f, 0);
	gone = f->later;
	(void)close(fd);
	control_turn(f);
	dmpd_control_answer(f->server, gone, false, "too late");
	control_wait_for_clients(f, 0);
	other = control_dial(f);
	control_say(other, "later\n");
	control_wait_for_request(f, 1);
	assert_true(f->later != gone);
	dmpd_control_answer(f->server, gone, false, "not for you");
	dmpd_control_answer(f->server, f->later, true, "for you");
	control_assert_hears(f, other, "ok for you");
	(void)close(other);
}

static void
a_client_that_only_stopped_talking_gets_its_answers(void **state)
{
	struct control_fixture *f = *state;
	int fd = control_dial(f);

	control_say(fd, "later\necho last");
	control_say(fd, "\n");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	control_wait_for_request(f, 0);
	control_turn(f);
	control_turn(f);
	dmpd_control_answer(f->server, f->later, true, "");
	control_assert_hears(f, fd, "ok");
	control_assert_hears(f, fd, "ok last");
	control_assert_end(f, fd);
}

static void
a_client_that_does_not_read_its_answers_is_disconnected(void **state)
{
	struct control_fixture *f = *state;
	const int64_t deadline_ms = control_now_ms() + PATIENCE_MS;
	int fd = control_dial(f);

	control_wait_for_clients(f, 1);
	while (dmpd_control_server_clients(f->server) == 1) {
		assert_true(control_now_ms() < deadline_ms);
		(void)!send(fd, "long\n", 5, MSG_NOSIGNAL);
		control_turn(f);
	}
	assert_true(f->requests >= DMPD_CONTROL_UNREAD / DMP_CONTROL_LINE);
	(void)close(fd);
}

static void
one_client_too_many_is_turned_away_until_another_leaves(void **state)
{
	struct control_fixture *f = *state;
	int fds[DMPD_CONTROL_CLIENTS];
	int late;

	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		fds[i] = control_dial(f);
		control_say(fds[i], "echo here\n");
		control_assert_hears(f, fds[i], "ok here");
	}
	late = control_dial(f);
	control_assert_hears(f, late, "error too many clients");
	control_assert_end(f, late);
	(void)close(fds[7]);
	control_wait_for_clients(f, DMPD_CONTROL_CLIENTS - 1);
	fds[7] = control_dial(f);
	control_say(fds[7], "echo again\n");
	control_assert_hears(f, fds[7], "ok again");
	for (size_t i = 0; i < DMPD_CONTROL_CLIENTS; i++) {
		control_say(fds[i], "echo still here\n");
		control_assert_hears(f, fds[i], "ok still here");
		(void)close(fds[i]);
	}
}

static void
silence_ends_a_client_but_not_one_that_waits_or_subscribes(void **state)
{
	struct control_fixture *f = *state;
	int waiting;
	int subscriber;
	int idle;

	dmpd_control_server_set_idle(f->server, 30);
	waiting = control_dial(f);
	control_say(waiting, "later\n");
	control_wait_for_request(f, 0);
	subscriber = control_dial_subscriber(f, "event 0");
	idle = control_dial(f);
	control_assert_end(f, idle);
	assert_int_equal(dmpd_control_server_clients(f->server), 2);
	dmpd_control_answer(f->server, f->later, true, "at last");
	control_assert_hears(f, waiting, "ok at last");
	control_assert_end(f, waiting);
	dmpd_control_released(f->server, 9);
	control_assert_hears(f, subscriber, "event 9");
	(void)close(subscriber);
}

static void
a_second_server_is_refused_while_the_first_lives(void **state)
{
	struct control_fixture *f = *state;
	struct dmpd_control_server *second = NULL;
	int fd;

	assert_int_equal(
	    dmpd_control_server_new(f->base, f->dir, control_handle, f, &second),
	    DMP_EBUSY);
	assert_null(second);
	fd = control_dial(f);
	control_say(fd, "echo first\n");
	control_assert_hears(f, fd, "ok first");
	(void)close(fd);
}

static void
a_socket_that_nobody_answers_on_is_taken_over(void **state)
{
	struct control_fixture *f = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int stale = socket(AF_UNIX, SOCK_STREAM, 0);
	int fd;

	dmpd_control_server_free(f->server);
	f->server = NULL;
	assert_int_equal(access(f->path, F_OK), -1);
	dmp_text_copy(address.sun_path, sizeof address.sun_path, f->path);
	assert_int_equal(
	    bind(stale, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(stale, 1), 0);
	(void)close(stale);
	assert_int_equal(
	    dmpd_control_server_new(f->base, f->dir, control_handle, f, &f->server),
	    DMP_OK);
	fd = control_dial(f);
	control_say(fd, "echo new\n");
	control_assert_hears(f, fd, "ok new");
	(void)close(fd);
}

static void
what_is_no_socket_is_left_alone(void **state)
{
	struct control_fixture *f = *state;
	int fd;

	dmpd_control_server_free(f->server);
	f->server = NULL;
	fd = open(f->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(
	    dmpd_control_server_new(f->base, f->dir, control_handle, f, &f->server),
	    DMP_EINVAL);
	assert_int_equal(access(f->path, F_OK), 0);
}

static void
a_server_removes_its_own_socket_only(void **state)
{
	struct control_fixture *f = *state;
	struct dmpd_control_server *second;

	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(
	    dmpd_control_server_new(f->base, f->dir, control_handle, f, &second),
	    DMP_OK);
	dmpd_control_server_free(f->server);
	f->server = NULL;
	assert_int_equal(access(f->path, F_OK), 0);
	dmpd_control_server_free(second);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
a_path_that_cannot_be_an_address_is_refused(void **state)
{
	struct control_fixture *f = *state;
	struct dmpd_control_server *server = NULL;
	char path[128];

	memset(path, '/', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(
	    dmpd_control_server_new(f->base, path, control_handle, f, &server),
	    DMP_ETOOBIG);
	assert_int_equal(dmpd_control_server_new(
	                     f->base, "/nonexistent", control_handle, f, &server),
	    DMP_ENOENT);
	assert_null(server);
}

int
main(void)
{
#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, control_setup, control_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(the_socket_is_for_owner_and_group),
	    TEST(a_request_may_come_byte_by_byte),
	    TEST(requests_in_one_packet_are_answered_in_order),
	    TEST(the_longest_request_is_answered_and_a_longer_one_refused),
	    TEST(an_answer_is_cut_to_one_line),
	    TEST(garbage_is_answered_not_believed),
	    TEST(later_requests_wait_for_a_deferred_answer),
	    TEST(a_deferred_answer_to_a_client_that_vanished_hurts_nobody),
	    TEST(a_client_that_only_stopped_talking_gets_its_answers),
	    TEST(a_client_that_does_not_read_its_answers_is_disconnected),
	    TEST(one_client_too_many_is_turned_away_until_another_leaves),
	    TEST(silence_ends_a_client_but_not_one_that_waits_or_subscribes),
	    TEST(a_second_server_is_refused_while_the_first_lives),
	    TEST(a_socket_that_nobody_answers_on_is_taken_over),
	    TEST(what_is_no_socket_is_left_alone),
	    TEST(a_server_removes_its_own_socket_only),
	    TEST(a_path_that_cannot_be_an_address_is_refused),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("control_server", tests, NULL, NULL);
}
