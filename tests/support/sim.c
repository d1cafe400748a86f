/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "support/plan_sample.h"
#include "support/sim_world.h"

enum { EVENTS_MAX = 65536, TURNS_MAX = 200000, LOG_PATIENCE_MS = 20000 };

struct sim {
	struct sim_world world;
	struct box *log;
	struct dmp_engine *engine;
	struct dmp_board_reader *board;
	struct dmp_clock clock;
	struct dmp_engine_prober prober;
	char *site;
	const char *name;
	uint32_t asked; /* the sequence up to which was asked */
	uint64_t random;
	bool released;
};

static int64_t
sim_mono_us(void *arg)
{
	const struct sim *sim = arg;

	return sim->world.now_us;
}

static int64_t
sim_wall_ms(void *arg)
{
	const struct sim *sim = arg;

	return sim_world_wall_ms(&sim->world);
}

int
sim_setup(void **state)
{
	struct sim *sim = calloc(1, sizeof *sim);
	void *log = NULL;

	assert_non_null(sim);
	assert_int_equal(box_setup(&log), 0);
	sim->log = log;
	sim->clock = (struct dmp_clock){sim_mono_us, sim_wall_ms, sim};
	sim->prober =
	    (struct dmp_engine_prober){sim_world_start, sim_world_cancel, &sim->world};
	sim_world_init(&sim->world);
	sim->random = 1;
	sim->name = "Sim";
	*state = sim;
	return 0;
}

int
sim_teardown(void **state)
{
	struct sim *sim = *state;
	void *log = sim->log;

	sim_kill(sim);
	sim_world_done(&sim->world);
	(void)box_teardown(&log);
	free(sim->site);
	free(sim);
	return 0;
}

/* --- the world --- */

void
sim_port(struct sim *sim, const char *address, uint16_t port, enum sim_answer a)
{
	struct sim_service *service = sim_world_service(&sim->world, address, port);

	service->answers[0] = a;
	service->period_us = 0;
}

void
sim_flap(struct sim *sim, const char *address, uint16_t port, enum sim_answer a,
    enum sim_answer b, int64_t period_ms)
{
	struct sim_service *service = sim_world_service(&sim->world, address, port);

	service->answers[0] = a;
	service->answers[1] = b;
	service->period_us = period_ms * 1000;
	service->since_us = sim->world.now_us;
}

void
sim_host_gone(struct sim *sim, const char *address, bool gone)
{
	sim_world_host(&sim->world, address)->is_gone = gone;
}

void
sim_cut(struct sim *sim, bool cut)
{
	sim->world.is_cut = cut;
}

void
sim_certificate(struct sim *sim, const char *address, uint16_t port, int32_t days)
{
	struct sim_service *service = sim_world_service(&sim->world, address, port);

	service->expires_ms = sim_wall_ms(sim) + days * (int64_t)SIM_DAY + SIM_HOUR;
}

enum sim_answer
sim_answer_now(struct sim *sim, const char *address, uint16_t port)
{
	return sim_world_answer(
	    &sim->world, sim_world_service(&sim->world, address, port));
}

enum sim_answer
sim_answer_of(struct sim *sim, const char *address, uint16_t port)
{
	return sim_world_answer_of(
	    &sim->world, sim_world_service(&sim->world, address, port));
}

int32_t
sim_certificate_days(struct sim *sim, const char *address, uint16_t port)
{
	return sim_world_days(
	    &sim->world, sim_world_service(&sim->world, address, port));
}

void
sim_latency(struct sim *sim, const char *address, uint16_t port, uint32_t latency_us)
{
	sim_world_service(&sim->world, address, port)->latency_us = latency_us;
}

/* --- the engine --- */

void
sim_site(struct sim *sim, const char *content)
{
	free(sim->site);
	sim->site = strdup(content);
	assert_non_null(sim->site);
}

void
sim_name(struct sim *sim, const char *name)
{
	sim->name = name;
}

static void
sim_apply(struct sim *sim)
{
	struct dmp_text document = {0};
	struct dmp_text errors = {0};
	struct dmp_engine_setup *setup = NULL;
	struct dmp_plan *plan;

	dmp_text_printf(&document,
	    "<site xmlns='urn:dmports:site:1' name='%s'>\n%s</site>\n", sim->name,
	    sim->site);
	plan = plan_sample(dmp_text_get(&document));
	dmp_text_done(&document);
	assert_int_equal(dmp_engine_prepare(sim->log->log, plan, &setup), DMP_OK);
	assert_int_equal(dmp_engine_apply(sim->engine, setup, &errors), DMP_OK);
	assert_string_equal(dmp_text_get(&errors), "");
}

static void
sim_on_released(const struct dmp_eventlog_progress *progress, void *arg)
{
	struct sim *sim = arg;

	assert_int_equal(progress->lost, 0);
	sim->released = true;
}

/* Time stands still until everything that was announced is stored. */
static void
sim_wait_for_log(struct sim *sim)
{
	while (!dmp_engine_all_released(sim->engine)) {
		struct pollfd fd = {
		    .fd = dmp_eventlog_fd(sim->log->log), .events = POLLIN};

		assert_int_equal(poll(&fd, 1, LOG_PATIENCE_MS), 1);
		dmp_engine_collect(sim->engine);
	}
}

void
sim_start(struct sim *sim)
{
	struct dmp_saved_port *saved = NULL;
	size_t n_saved = 0;
	struct dmp_admin_set admins = {0};
	struct dmp_port_sums *sums = NULL;
	size_t n_sums = 0;
	struct dmp_engine_config config = {
	    .clock = &sim->clock,
	    .prober = &sim->prober,
	    .run_dir = sim->log->run,
	    .max_in_flight = 512,
	    .released = sim_on_released,
	    .arg = sim,
	};

	box_open(sim->log, 0);
	config.log = sim->log->log;
	config.seed = sim->random;
	config.epoch = sim->log->start.epoch;
	config.oldest_event = sim->log->start.oldest_sequence;
	config.last_event = sim->log->start.last_sequence;
	config.source = sim->log->start.source;
	assert_int_equal(
	    dmp_eventlog_saved_ports(sim->log->log, &saved, &n_saved), DMP_OK);
	assert_int_equal(
	    dmp_engine_new(&config, &sim->log->problems, saved, n_saved, &sim->engine),
	    DMP_OK);
	free(saved);
	assert_int_equal(dmp_eventlog_admins(sim->log->log, &admins), DMP_OK);
	dmp_engine_load_admin(sim->engine, &admins);
	assert_int_equal(dmp_eventlog_port_sums(sim->log->log,
	                     (uint32_t)(sim_wall_ms(sim) / SIM_HOUR), &sums, &n_sums),
	    DMP_OK);
	assert_int_equal(dmp_engine_load_sums(sim->engine, sums, n_sums), DMP_OK);
	free(sums);
	sim_apply(sim);
	dmp_engine_announce_site(sim->engine, DMP_EVENT_STARTED, "started");
	sim_wait_for_log(sim);
}

void
sim_reload(struct sim *sim, const char *content)
{
	sim_site(sim, content);
	sim_apply(sim);
	sim_wait_for_log(sim);
}

void
sim_stop(struct sim *sim)
{
	dmp_engine_announce_site(sim->engine, DMP_EVENT_STOPPING, "stopping");
	sim_wait_for_log(sim);
	sim_kill(sim);
}

void
sim_kill(struct sim *sim)
{
	dmp_board_reader_close(sim->board);
	sim->board = NULL;
	dmp_engine_free(sim->engine);
	sim->engine = NULL;
	if (sim->log->log)
		box_close(sim->log);
}

struct dmp_engine *
sim_engine(struct sim *sim)
{
	return sim->engine;
}

/* --- time --- */

/* What happens next, if it does before the end. */
static int64_t
sim_next_us(const struct sim *sim, int64_t end_us)
{
	int64_t next_us = sim_world_due_us(&sim->world, end_us);

	if (sim->engine && dmp_engine_due_ms(sim->engine) < end_us / 1000 &&
	    dmp_engine_due_ms(sim->engine) * 1000 < next_us)
		next_us = dmp_engine_due_ms(sim->engine) * 1000;
	return next_us;
}

void
sim_run(struct sim *sim, int64_t ms)
{
	int64_t end_us = sim->world.now_us + ms * 1000;
	unsigned turns = 0;

	for (;;) {
		int64_t next_us = sim_next_us(sim, end_us);

		if (next_us > sim->world.now_us) {
			sim->world.now_us = next_us;
			turns = 0;
		}
		if (sim->world.now_us >= end_us)
			break;
		assert_true(turns++ < TURNS_MAX); /* else it does not go on */
		sim_world_turn(&sim->world);
		if (!sim->engine)
			continue;
		dmp_engine_turn(sim->engine);
		sim_wait_for_log(sim);
	}
	if (sim->engine)
		sim_wait_for_log(sim);
}

void
sim_wall_step(struct sim *sim, int64_t ms)
{
	sim->world.wall_step_ms += ms;
}

void
sim_wall_set(struct sim *sim, const char *time)
{
	assert_true(dmp_clock_parse(time) >= 0);
	sim->world.wall_step_ms += dmp_clock_parse(time) - sim_wall_ms(sim);
}

int64_t
sim_now_ms(const struct sim *sim)
{
	return (sim->world.now_us - SIM_WORLD_BEGIN_US) / 1000;
}

/* --- what came of it --- */

struct dmp_event *
sim_events(struct sim *sim, size_t *ret_n)
{
	struct dmp_event *events = calloc(EVENTS_MAX, sizeof *events);
	struct dmp_eventlog_reader *reader = NULL;

	assert_non_null(events);
	assert_int_equal(dmp_eventlog_reader_open(sim->log->state, &reader), DMP_OK);
	assert_int_equal(
	    dmp_eventlog_read(reader, 0, events, EVENTS_MAX, ret_n), DMP_OK);
	assert_true(*ret_n < EVENTS_MAX);
	dmp_eventlog_reader_close(reader);
	return events;
}

struct dmp_problem_set
sim_problems(struct sim *sim)
{
	struct dmp_eventlog_reader *reader = NULL;
	struct dmp_problem_set set = {0};
	uint32_t as_of;

	assert_int_equal(dmp_eventlog_reader_open(sim->log->state, &reader), DMP_OK);
	assert_int_equal(dmp_eventlog_problems(reader, &set, &as_of), DMP_OK);
	dmp_eventlog_reader_close(reader);
	return set;
}

struct dmp_text
sim_notifications(struct sim *sim)
{
	struct dmp_text text = {0};
	size_t n = 0;
	struct dmp_event *events = sim_events(sim, &n);

	for (size_t i = 0; i < n; i++) {
		if (events[i].sequence <= sim->asked ||
		    events[i].type == DMP_EVENT_STARTED ||
		    events[i].type == DMP_EVENT_STOPPING)
			continue;
		dmp_text_printf(&text, "%s%s %s", text.size > 0 ? ", " : "",
		    dmp_vocab_text(DMP_VOCAB_EVENT, (int)events[i].type),
		    events[i].key);
	}
	if (n > 0)
		sim->asked = events[n - 1].sequence;
	free(events);
	return text;
}

void
sim_expect(struct sim *sim, const char *notifications)
{
	struct dmp_text text = sim_notifications(sim);

	assert_string_equal(dmp_text_get(&text), notifications);
	dmp_text_done(&text);
}

struct dmp_event
sim_event(struct sim *sim, enum dmp_event_type type, const char *key)
{
	struct dmp_event found = {0};
	size_t n = 0;
	struct dmp_event *events = sim_events(sim, &n);

	for (size_t i = 0; i < n; i++) {
		if ((type == 0 || events[i].type == type) &&
		    (!key || strcmp(events[i].key, key) == 0))
			found = events[i];
	}
	free(events);
	assert_int_not_equal(found.sequence, 0);
	return found;
}

struct dmp_board_reader *
sim_board(struct sim *sim)
{
	if (!sim->board)
		assert_int_equal(
		    dmp_board_reader_open(sim->log->run, &sim->board), DMP_OK);
	(void)dmp_board_refresh(sim->board);
	return sim->board;
}

size_t
sim_records(struct sim *sim, struct dmp_port_record *ret_records, size_t max)
{
	struct dmp_eventlog_reader *reader = NULL;
	size_t n = 0;

	assert_int_equal(dmp_eventlog_reader_open(sim->log->state, &reader), DMP_OK);
	assert_int_equal(dmp_eventlog_records(reader, 0, ret_records, max, &n), DMP_OK);
	dmp_eventlog_reader_close(reader);
	return n;
}

struct dmp_board_port_live
sim_port_row(struct sim *sim, const char *key)
{
	const struct dmp_board_reader *board = sim_board(sim);
	struct dmp_board_port_live live = {0};

	for (uint32_t i = 0; i < dmp_board_rows(board, DMP_BOARD_PORT); i++) {
		const struct dmp_board_port *row =
		    dmp_board_plan(board, DMP_BOARD_PORT, i);

		if (strcmp(row->key, key) != 0)
			continue;
		assert_true(dmp_board_live(sim->board, DMP_BOARD_PORT, i, &live));
		return live;
	}
	fail_msg("no port %s", key);
	return live;
}

struct dmp_board_host_live
sim_host_row(struct sim *sim, const char *name)
{
	const struct dmp_board_reader *board = sim_board(sim);
	struct dmp_board_host_live live = {0};

	for (uint32_t i = 0; i < dmp_board_rows(board, DMP_BOARD_HOST); i++) {
		const struct dmp_board_host *row =
		    dmp_board_plan(board, DMP_BOARD_HOST, i);

		if (strcmp(row->name, name) != 0)
			continue;
		assert_true(dmp_board_live(sim->board, DMP_BOARD_HOST, i, &live));
		return live;
	}
	fail_msg("no host %s", name);
	return live;
}

struct dmp_board_system_live
sim_system_row(struct sim *sim)
{
	struct dmp_board_system_live live;

	assert_true(dmp_board_live(sim_board(sim), DMP_BOARD_SYSTEM, 0, &live));
	return live;
}

unsigned
sim_attempts(const struct sim *sim, const char *address, uint16_t port)
{
	return sim_world_attempts(&sim->world, address, port);
}

void
sim_seed(struct sim *sim, uint64_t seed)
{
	sim->random = seed | 1;
}

/* xorshift64*. */
uint32_t
sim_random(struct sim *sim, uint32_t n)
{
	sim->random ^= sim->random >> 12;
	sim->random ^= sim->random << 25;
	sim->random ^= sim->random >> 27;
	return (uint32_t)((sim->random * UINT64_C(2685821657736338717)) >> 32) % n;
}
