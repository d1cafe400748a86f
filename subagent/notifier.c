/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notifier.c - the process that sends notifications to direct receivers.
 *
 * It follows the engine like the agent does: the board says who the receivers are, the
 * news what there is to tell.  One loop, in which nothing waits; each receiver goes its
 * own way (direct_receiver.h).  The SNMP library keeps users and keys in globals: when
 * a new board names other receivers, or their files hold other secrets, the process
 * ends with DMPD_EXIT_RESTART and is started afresh; nothing is lost by that.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/board.h"
#include "probe/resolve.h"
#include "subagent/daemon.h"
#include "subagent/direct_receiver.h"
#include "subagent/mib_root.h"
#include "subagent/news.h"
#include "subagent/receiver.h"
#include "subagent/receiver_board.h"
#include "subagent/snmp_sender.h"

#define STORE_FILE "notifier.db"

enum {
	ALIVE_MS = 1000,
	BOARD_POLL_MS = 100,
	DRAIN_MS = 2500,
	FIXED_EVENTS = 2 /* signals */
};

struct notifier_receiver {
	struct dmpd_receiver_secret secret;
	struct dmpd_direct *direct;
	struct event readable;
};

struct notifier {
	const struct dmpd_options *options;
	struct event_base *base;
	struct event *signals[FIXED_EVENTS];
	struct dmp_board_reader *board;
	struct dmpd_news *news;
	struct dmpd_view view;
	struct dmpd_direct_world world;
	struct dmpd_adapter adapter;
	struct dmpd_agent_store *store;
	struct dmpd_receiver_board *shown;
	/* Those of the board when we started. */
	struct dmp_board_receiver *plans;
	struct notifier_receiver *receivers;
	size_t n;
	uint32_t epoch;
	int64_t alive_ms;
	bool is_stopping;
	bool is_orphan; /* the supervisor is gone */
	bool is_outdated;
};

static int64_t
notifier_now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

/* --- what the environment says --- */

static void
notifier_on_signal(evutil_socket_t number, short what, void *arg)
{
	struct notifier *notifier = arg;

	(void)number;
	(void)what;
	notifier->is_stopping = true;
}

static bool
notifier_goes_on(struct notifier *notifier)
{
	int64_t now_ms = notifier_now_ms();
	char byte;

	if (notifier->options->lifeline >= 0 &&
	    recv(notifier->options->lifeline, &byte, sizeof byte, MSG_DONTWAIT) == 0)
		notifier->is_orphan = true;
	if (now_ms - notifier->alive_ms >= ALIVE_MS) {
		notifier->alive_ms = now_ms;
		dmpd_child_alive(notifier->options);
	}
	return !notifier->is_stopping && !notifier->is_orphan && !notifier->is_outdated;
}

/* Only wakes the loop: what there is to do is found in the turn. */
static void
notifier_on_wake(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Wait for fd, unless there is none. */
static void
notifier_await(struct notifier *notifier, struct event *event, int fd)
{
	(void)event_assign(event, notifier->base, fd, EV_READ, notifier_on_wake, NULL);
	if (fd >= 0)
		(void)event_add(event, NULL);
}

/* Descriptors come and go with each turn: they are watched for one turn at a time. */
static void
notifier_wait(struct notifier *notifier, int wait_ms)
{
	const struct timeval wait = {
	    .tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
	struct event timer;
	struct event lifeline;
	struct event news;

	(void)evtimer_assign(&timer, notifier->base, notifier_on_wake, NULL);
	(void)evtimer_add(&timer, &wait);
	notifier_await(notifier, &lifeline, notifier->options->lifeline);
	notifier_await(notifier, &news, dmpd_news_fd(notifier->news));
	for (size_t i = 0; i < notifier->n; i++)
		notifier_await(notifier, &notifier->receivers[i].readable,
		    notifier->receivers[i].direct
		        ? dmpd_direct_fd(notifier->receivers[i].direct)
		        : -1);
	(void)event_base_loop(notifier->base, EVLOOP_ONCE);
	for (size_t i = 0; i < notifier->n; i++)
		(void)event_del(&notifier->receivers[i].readable);
	(void)event_del(&news);
	(void)event_del(&lifeline);
	(void)event_del(&timer);
}

/* --- the board --- */

static const struct dmp_board_system *
notifier_system(const struct notifier *notifier)
{
	return dmp_board_plan(notifier->board, DMP_BOARD_SYSTEM, 0);
}

/* The direct receivers on the board; the caller frees. */
static enum dmp_status
notifier_read_plans(const struct notifier *notifier,
    struct dmp_board_receiver **ret_plans, size_t *ret_n)
{
	uint32_t rows = dmp_board_rows(notifier->board, DMP_BOARD_RECEIVER);
	struct dmp_board_receiver *plans = calloc(rows + 1, sizeof *plans);
	size_t n = 0;

	if (!plans)
		return DMP_ENOMEM;
	for (uint32_t row = 0; row < rows; row++) {
		const struct dmp_board_receiver *plan =
		    dmp_board_plan(notifier->board, DMP_BOARD_RECEIVER, row);

		if (plan->kind != DMP_RECEIVER_AGENTX)
			memcpy(&plans[n++], plan, sizeof *plan);
	}
	*ret_plans = plans;
	*ret_n = n;
	return DMP_OK;
}

static bool
notifier_has_other_secrets(const struct notifier *notifier)
{
	bool is_other = false;

	for (size_t i = 0; i < notifier->n; i++) {
		struct dmpd_receiver_secret now;

		dmpd_receiver_secret_read(&notifier->plans[i], &now);
		is_other |=
		    !dmpd_receiver_secret_equal(&now, &notifier->receivers[i].secret);
		dmpd_receiver_secret_done(&now);
	}
	return is_other;
}

/* A lower epoch: the engine has lost its memory and numbers its events anew. */
static bool
notifier_is_outdated(const struct notifier *notifier)
{
	const struct dmp_board_system *system = notifier_system(notifier);
	struct dmp_board_receiver *plans = NULL;
	size_t n = 0;
	bool is_other;

	if (system->epoch < notifier->epoch ||
	    !dmpd_mib_is_root(system, &notifier->adapter))
		return true;
	if (notifier_read_plans(notifier, &plans, &n) != DMP_OK)
		return false;
	is_other = n != notifier->n ||
	           memcmp(plans, notifier->plans, n * sizeof *plans) != 0 ||
	           notifier_has_other_secrets(notifier);
	free(plans);
	return is_other;
}

static void
notifier_follow_board(struct notifier *notifier)
{
	if (!dmp_board_refresh(notifier->board))
		return;
	if (notifier_is_outdated(notifier)) {
		notifier->is_outdated = true;
		return;
	}
	notifier->epoch = notifier_system(notifier)->epoch;
	for (size_t i = 0; i < notifier->n; i++)
		dmpd_direct_follow(
		    notifier->receivers[i].direct, notifier_system(notifier));
}

static bool
notifier_wait_for_board(struct notifier *notifier)
{
	while (notifier_goes_on(notifier)) {
		if (dmp_board_reader_open(
		        notifier->options->run_dir, &notifier->board) == DMP_OK)
			return true;
		notifier_wait(notifier, BOARD_POLL_MS);
	}
	return false;
}

/* --- turns --- */

static struct dmpd_view *
notifier_view(struct notifier *notifier)
{
	const struct dmp_clock *clock = dmp_clock_system();

	notifier->view.board = notifier->board;
	notifier->view.events = dmpd_news_events(notifier->news);
	notifier->view.problems = dmpd_news_problems(notifier->news);
	notifier->view.now_ms = dmp_clock_mono_ms(clock);
	notifier->view.wall_ms = dmp_clock_wall_ms(clock);
	return &notifier->view;
}

static void
notifier_test(struct notifier *notifier, const struct dmpd_direct_turn *turn)
{
	char name[DMP_NAME_TEXT];
	uint64_t number;

	if (!dmpd_news_test(notifier->news, &number, name))
		return;
	for (size_t i = 0; i < notifier->n; i++) {
		if (strcmp(name, "*") == 0 ||
		    strcmp(name, notifier->plans[i].name) == 0)
			dmpd_direct_test(notifier->receivers[i].direct, turn, number);
	}
}

static void
notifier_show(struct notifier *notifier)
{
	for (size_t i = 0; i < notifier->n; i++) {
		struct dmp_board_receiver_live live;

		dmpd_direct_live(notifier->receivers[i].direct, &live);
		dmpd_receiver_board_write(notifier->shown, (uint32_t)i, &live);
	}
	dmpd_receiver_board_beat(notifier->shown, notifier_now_ms());
}

static void
notifier_turn(struct notifier *notifier)
{
	int64_t now_ms = notifier_now_ms();
	int wait_ms = ALIVE_MS;
	struct dmpd_direct_turn turn = {.news = notifier->news, .now_ms = now_ms};

	dmpd_news_turn(notifier->news, now_ms);
	notifier_follow_board(notifier);
	if (notifier->is_outdated)
		return;
	turn.view = notifier_view(notifier);
	notifier_test(notifier, &turn);
	for (size_t i = 0; i < notifier->n; i++) {
		turn.now_ms = notifier_now_ms();
		dmpd_direct_turn(notifier->receivers[i].direct, &turn);
	}
	notifier_show(notifier);
	now_ms = notifier_now_ms();
	wait_ms =
	    dmpd_receiver_sooner(wait_ms, dmpd_news_wait_ms(notifier->news, now_ms));
	for (size_t i = 0; i < notifier->n; i++)
		wait_ms = dmpd_receiver_sooner(wait_ms,
		    dmpd_direct_wait_ms(notifier->receivers[i].direct, now_ms));
	notifier_wait(notifier, wait_ms);
}

static bool
notifier_is_drained(const struct notifier *notifier)
{
	for (size_t i = 0; i < notifier->n; i++) {
		if (!dmpd_direct_is_drained(notifier->receivers[i].direct))
			return false;
	}
	return true;
}

/* Deliver what is known, in at most DRAIN_MS. */
static void
notifier_drain(struct notifier *notifier)
{
	int64_t end_ms = notifier_now_ms() + DRAIN_MS;

	do
		notifier_turn(notifier);
	while (!notifier->is_outdated && notifier_now_ms() < end_ms &&
	       !notifier_is_drained(notifier));
}

static int
notifier_serve(struct notifier *notifier)
{
	while (notifier_goes_on(notifier))
		notifier_turn(notifier);
	if (notifier->is_outdated) {
		dmp_log(DMP_LOG_NOTICE, "notifier",
		    "receivers, secrets or root OID have changed, starting afresh");
		return DMPD_EXIT_RESTART;
	}
	if (notifier->is_stopping)
		notifier_drain(notifier);
	return 0;
}

/* --- start --- */

static enum dmp_status
notifier_make_receivers(struct notifier *notifier)
{
	enum dmp_status status =
	    notifier_read_plans(notifier, &notifier->plans, &notifier->n);

	if (status != DMP_OK)
		return status;
	notifier->receivers = calloc(notifier->n + 1, sizeof *notifier->receivers);
	if (!notifier->receivers) {
		notifier->n = 0;
		return DMP_ENOMEM;
	}
	for (size_t i = 0; i < notifier->n && status == DMP_OK; i++) {
		struct notifier_receiver *receiver = &notifier->receivers[i];

		dmpd_receiver_secret_read(&notifier->plans[i], &receiver->secret);
		status = dmpd_direct_new(&notifier->world, &notifier->plans[i],
		    &receiver->secret, &receiver->direct);
		if (status == DMP_OK)
			dmpd_direct_follow(receiver->direct, notifier_system(notifier));
	}
	return status;
}

/* Receivers of version 3 traps must know our engine ID. */
static void
notifier_say_engine(const struct notifier *notifier)
{
	char text[2 * DMPD_SENDER_ENGINE_MAX + 3];

	dmpd_sender_engine_text(text, sizeof text);
	for (size_t i = 0; i < notifier->n; i++) {
		if (notifier->plans[i].kind == DMP_RECEIVER_TRAP &&
		    notifier->plans[i].version == 3) {
			dmp_log(DMP_LOG_INFO, "notifier",
			    "the engine ID of our version 3 traps is %s", text);
			return;
		}
	}
}

static enum dmp_status
notifier_start(struct notifier *notifier)
{
	const struct dmpd_options *options = notifier->options;
	enum dmp_status status = dmpd_sender_start(options->state_dir);

	if (status != DMP_OK) {
		dmp_log(DMP_LOG_ERROR, "notifier",
		    "%s/snmp-notifier: cannot keep the engine's boots: %s",
		    options->state_dir, dmp_status_text(status));
		return status;
	}
	dmpd_mib_set_root(notifier_system(notifier), &notifier->adapter);
	notifier->epoch = notifier_system(notifier)->epoch;
	notifier->store =
	    dmpd_receiver_store(options->state_dir, STORE_FILE, "notifier");
	notifier->world = (struct dmpd_direct_world){
	    .resolver = notifier->world.resolver,
	    .store = notifier->store,
	    .adapter = &notifier->adapter,
	    .start_ms = notifier_now_ms(),
	};
	status = notifier_make_receivers(notifier);
	if (status == DMP_OK)
		status = dmpd_receiver_board_new(options->run_dir, DMP_BOARD_NOTIFIER,
		    notifier->plans, notifier->n, &notifier->shown);
	if (status != DMP_OK)
		dmp_log(DMP_LOG_ERROR, "notifier", "cannot start: %s",
		    dmp_status_text(status));
	else
		notifier_say_engine(notifier);
	return status;
}

static enum dmp_status
notifier_open(struct notifier *notifier)
{
	static const int SIGNALS[FIXED_EVENTS] = {SIGTERM, SIGINT};
	enum dmp_status status = dmpd_scratch_new(&notifier->view.scratch);

	notifier->base = event_base_new();
	if (!notifier->base)
		return DMP_ENOMEM;
	for (size_t i = 0; i < FIXED_EVENTS; i++) {
		notifier->signals[i] = evsignal_new(
		    notifier->base, SIGNALS[i], notifier_on_signal, notifier);
		if (!notifier->signals[i] || event_add(notifier->signals[i], NULL) != 0)
			return DMP_ENOMEM;
	}
	if (status == DMP_OK)
		status = dmp_resolver_new(notifier->base, dmp_clock_system(), NULL,
		    &notifier->world.resolver);
	if (status == DMP_OK)
		status = dmpd_news_new(notifier->options->state_dir,
		    notifier->options->run_dir, DMPD_EVENT_RING_DEFAULT,
		    &notifier->news);
	return status;
}

static void
notifier_close(struct notifier *notifier)
{
	for (size_t i = 0; i < notifier->n; i++) {
		dmpd_direct_free(notifier->receivers[i].direct);
		dmpd_receiver_secret_done(&notifier->receivers[i].secret);
	}
	free(notifier->receivers);
	free(notifier->plans);
	dmpd_receiver_board_free(notifier->shown);
	dmpd_agent_store_close(notifier->store);
	dmpd_news_free(notifier->news);
	dmp_board_reader_close(notifier->board);
	dmp_resolver_free(notifier->world.resolver);
	for (size_t i = 0; i < FIXED_EVENTS; i++) {
		if (notifier->signals[i])
			event_free(notifier->signals[i]);
	}
	if (notifier->base)
		event_base_free(notifier->base);
	dmpd_scratch_free(notifier->view.scratch);
}

int
dmpd_notifier_main(const struct dmpd_options *options)
{
	struct notifier notifier = {.options = options};
	int exit_status = 1;

	dmpd_child_setup(options);
	if (notifier_open(&notifier) != DMP_OK) {
		dmp_log(DMP_LOG_ERROR, "notifier", "cannot start");
	} else if (!notifier_wait_for_board(&notifier)) {
		exit_status = 0;
	} else if (notifier_start(&notifier) == DMP_OK) {
		dmpd_child_ready(options);
		exit_status = notifier_serve(&notifier);
	}
	notifier_close(&notifier);
	return exit_status;
}
