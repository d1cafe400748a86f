/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/control_fixture.h"

static void
a_subscriber_hears_at_once_what_is_released_and_then_what_comes(void **state)
{
	struct control_fixture *f = *state;
	const struct dmp_event event = control_event(43);
	struct dmp_control_reader reader = {0};
	struct dmp_event heard;
	uint32_t sequence;
	char c;
	int fd;
	int bystander = control_dial(f);

	dmpd_control_released(f->server, 41);
	fd = control_dial_subscriber(f, "event 41");
	dmpd_control_released(f->server, 42);
	dmpd_control_volatile(f->server, 0, &event);
	control_assert_hears(f, fd, "event 42");
	while (dmp_control_next(&reader, fd, &sequence, &heard) == DMP_NEWS_NONE)
		control_turn(f);
	assert_memory_equal(&heard, &event, sizeof event);
	assert_int_equal(recv(bystander, &c, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	dmp_text_done(&reader.pending);
	(void)close(fd);
	(void)close(bystander);
}

static void
dmp_control_subscribe_is_understood(void **state)
{
	struct control_fixture *f = *state;
	int fd;

	dmpd_control_released(f->server, 7);
	assert_int_equal(dmp_control_subscribe(f->dir, &fd), DMP_OK);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	control_assert_hears(f, fd, "event 7");
	(void)close(fd);
}

static void
a_subscriber_that_talks_is_disconnected(void **state)
{
	struct control_fixture *f = *state;
	int fd = control_dial_subscriber(f, "event 0");

	control_say(fd, "x");
	control_assert_end(f, fd);
	control_wait_for_clients(f, 0);
}

/* What the kernel takes for a reader is not pending with us. */
static void
a_subscriber_that_does_not_read_is_disconnected_and_others_are_not(void **state)
{
	struct control_fixture *f = *state;
	const struct dmp_event event = control_event(1);
	int deaf = control_dial_subscriber(f, "event 0");
	int good = control_dial_subscriber(f, "event 0");
	char read[65536];
	struct dmp_text hex = {0};
	size_t sent = 0;

	dmp_control_encode_event(&event, &hex);
	while (dmpd_control_server_clients(f->server) == 2) {
		assert_true(sent < 2 * DMPD_CONTROL_SUBSCRIBED);
		dmpd_control_volatile(f->server, 0, &event);
		sent += hex.size + sizeof "volatile ";
		control_turn(f);
		while (recv(good, read, sizeof read, 0) > 0)
			control_turn(f);
	}
	assert_true(sent > DMPD_CONTROL_SUBSCRIBED);
	dmpd_control_released(f->server, 5);
	control_assert_hears(f, good, "event 5");
	while (recv(deaf, read, sizeof read, 0) > 0)
		;
	control_assert_end(f, deaf);
	(void)close(good);
	dmp_text_done(&hex);
}

static void
a_backlog_over_the_limit_reaches_a_subscriber_that_reads(void **state)
{
	struct control_fixture *f = *state;
	struct dmp_control_reader reader = {0};
	struct dmp_event event = control_event(1);
	const int64_t deadline_ms = control_now_ms() + PATIENCE_MS;
	uint32_t heard = 0;
	uint32_t sequence;
	int fd;

	f->has_backlog = true;
	fd = control_dial_subscriber(f, "event 0");
	while (heard < BACKLOG_EVENTS) {
		switch (dmp_control_next(&reader, fd, &sequence, &event)) {
		case DMP_NEWS_VOLATILE:
			assert_int_equal(event.sequence, ++heard);
			break;
		case DMP_NEWS_NONE:
			assert_true(control_now_ms() < deadline_ms);
			control_turn(f);
			break;
		default:
			fail();
		}
	}
	dmp_text_done(&reader.pending);
	(void)close(fd);
}

int
main(void)
{
#define TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, control_setup, control_teardown)
	const struct CMUnitTest tests[] = {
	    TEST(a_subscriber_hears_at_once_what_is_released_and_then_what_comes),
	    TEST(dmp_control_subscribe_is_understood),
	    TEST(a_subscriber_that_talks_is_disconnected),
	    TEST(a_subscriber_that_does_not_read_is_disconnected_and_others_are_not),
	    TEST(a_backlog_over_the_limit_reaches_a_subscriber_that_reads),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("control_subscriber", tests, NULL, NULL);
}
