/* SPDX-License-Identifier: BSD-2-Clause */
/* What the engine has announced, as the other processes follow it: a real event log,
 * and a socket on which the test says what the engine would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/control.h"
#include "subagent/news.h"
#include "support/eventlog_box.h"

enum { STORM = 2000, SLICE_MAX = 500, TURNS_MAX = 200, CAPACITY = 10000 };

struct scene {
	struct box *box;
	struct dmpd_news *news;
	int listener;
	int engine;    /* our end of the subscription, -1 = none yet */
	unsigned keys; /* so many have a problem */
};

static int
listen_at(const char *run_dir)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	dmp_text_format(
	    name.sun_path, sizeof name.sun_path, "%s/" DMP_CONTROL_SOCKET, run_dir);
	assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int
scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	void *box = NULL;

	assert_non_null(scene);
	assert_int_equal(box_setup(&box), 0);
	scene->box = box;
	scene->engine = -1;
	box_open(scene->box, 0);
	scene->listener = listen_at(scene->box->run);
	*state = scene;
	return 0;
}

static int
scene_teardown(void **state)
{
	struct scene *scene = *state;
	void *box = scene->box;

	dmpd_news_free(scene->news);
	if (scene->engine >= 0)
		(void)close(scene->engine);
	(void)close(scene->listener);
	(void)box_teardown(&box);
	free(scene);
	return 0;
}

/* Events that are stored; returns the last sequence. */
static uint32_t
store(struct scene *scene, unsigned n)
{
	uint32_t last = 0;
	char key[DMP_KEY_TEXT];

	for (unsigned i = 0; i < n; i++) {
		dmp_text_format(key, sizeof key, "h%u/a", scene->keys++);
		last = box_post(scene->box, key, DMP_EVENT_PORT_DOWN);
	}
	(void)box_wait_committed(scene->box, last);
	return last;
}

/* A follower that has read what is there and has subscribed. */
static void
follow(struct scene *scene)
{
	assert_int_equal(
	    dmpd_news_new(scene->box->state, scene->box->run, CAPACITY, &scene->news),
	    DMP_OK);
	dmpd_news_turn(scene->news, 0);
	scene->engine = accept(scene->listener, NULL, NULL);
	assert_true(scene->engine >= 0);
}

static void
say(const struct scene *scene, const char *line)
{
	size_t n = strlen(line);

	assert_int_equal(send(scene->engine, line, n, MSG_NOSIGNAL), n);
}

static void
nothing_is_missing(const struct scene *scene, uint32_t last)
{
	const struct dmpd_event_ring *events = dmpd_news_events(scene->news);

	assert_int_equal(dmpd_event_ring_newest(events), last);
	for (uint32_t sequence = 1; sequence <= last; sequence++)
		assert_non_null(dmpd_event_ring_at(events, sequence, true));
	assert_int_equal(dmpd_news_problems(scene->news)->n, last);
}

static void
what_was_stored_before_is_known_after_the_first_turn(void **state)
{
	struct scene *scene = *state;
	uint32_t last = store(scene, STORM);

	follow(scene);
	nothing_is_missing(scene, last);
	assert_int_equal(dmpd_news_wait_ms(scene->news, 0), -1);
}

/* A request that waits is answered between two turns. */
static void
storm_is_read_in_slices_and_nothing_is_left_out(void **state)
{
	struct scene *scene = *state;
	uint32_t last;
	unsigned turns = 0;

	(void)store(scene, 1);
	follow(scene);
	last = store(scene, STORM - 1);
	say(scene, "event 2000\n");
	while (dmpd_news_newest(scene->news) < last) {
		uint32_t before = dmpd_news_newest(scene->news);

		assert_true(turns++ < TURNS_MAX);
		dmpd_news_turn(scene->news, 1);
		assert_in_range(dmpd_news_newest(scene->news) - before, 1, SLICE_MAX);
		if (dmpd_news_newest(scene->news) < last)
			assert_int_equal(dmpd_news_wait_ms(scene->news, 1), 0);
	}
	assert_true(turns > 1);
	nothing_is_missing(scene, last);
	dmpd_news_turn(scene->news, 1);
	assert_int_equal(dmpd_news_wait_ms(scene->news, 1), -1);
}

/* What comes by the socket because it cannot be stored comes after all that is. */
static void
event_that_is_not_stored_waits_for_those_that_are(void **state)
{
	struct scene *scene = *state;
	struct dmp_event event = {.type = DMP_EVENT_PORT_DOWN,
	    .key = "late/a",
	    .source = "site/vantage",
	    .message = "what happened",
	    .state = DMP_STATE_DOWN,
	    .previous_state = DMP_STATE_UP,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_REFUSED,
	    .level = DMP_LEVEL_REQUIRED,
	    .transport = DMP_TRANSPORT_TCP,
	    .epoch = 1};
	struct dmp_text line = {0};

	follow(scene);
	event.sequence = store(scene, STORM) + 1;
	say(scene, "event 2000\n");
	dmp_text_append(&line, "volatile ");
	dmp_control_encode_event(&event, &line);
	dmp_text_append(&line, "\n");
	say(scene, dmp_text_get(&line));
	dmp_text_done(&line);
	dmpd_news_turn(scene->news, 1);
	nothing_is_missing(scene, event.sequence);
}

/* The engine may have stored its last words and died before it told. */
static void
what_an_engine_stored_before_its_death_is_read(void **state)
{
	struct scene *scene = *state;
	uint32_t last;

	follow(scene);
	last = store(scene, STORM);
	(void)close(scene->engine);
	scene->engine = -1;
	dmpd_news_turn(scene->news, 1);
	nothing_is_missing(scene, last);
}

#define SCENE(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SCENE(what_was_stored_before_is_known_after_the_first_turn),
	    SCENE(storm_is_read_in_slices_and_nothing_is_left_out),
	    SCENE(event_that_is_not_stored_waits_for_those_that_are),
	    SCENE(what_an_engine_stored_before_its_death_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
