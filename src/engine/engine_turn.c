/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_turn.c - what the engine does by itself as time goes by, and when.
 *
 * Everything that happens ends with engine_arm(): checks end inside of checks (a
 * literal address that has no route), so the timer starts the next ones and the stack
 * stays flat.
 */
#include "engine/engine_internal.h"

/* How often what hangs on the wall clock is looked at: it can be stepped. */
enum { TICK_MS = 1000 };

int64_t
dmp_engine_due_ms(const struct dmp_engine *engine)
{
	int64_t due_ms = engine->tick_ms;

	if (engine->in_flight < engine->config.max_in_flight &&
	    dmp_schedule_next(engine->world.schedule) < due_ms)
		due_ms = dmp_schedule_next(engine->world.schedule);
	if (engine_correlate_due_ms(engine) < due_ms)
		due_ms = engine_correlate_due_ms(engine);
	if (engine->reference.due_ms < due_ms)
		due_ms = engine->reference.due_ms;
	return due_ms;
}

/* Let the loop wake us when something is due. */
void
engine_arm(struct dmp_engine *engine)
{
	int64_t due_ms = dmp_engine_due_ms(engine);
	int64_t wait_us;
	struct timeval tv;

	if (!engine->timer || due_ms == DMP_ENGINE_NEVER)
		return;
	wait_us = due_ms * 1000 - dmp_clock_mono_us(engine->config.clock);
	if (wait_us < 0)
		wait_us = 0;
	tv.tv_sec = (time_t)(wait_us / 1000000);
	tv.tv_usec = (suseconds_t)(wait_us % 1000000);
	(void)evtimer_add(engine->timer, &tv);
}

void
dmp_engine_turn(struct dmp_engine *engine)
{
	int64_t now_ms = dmp_clock_mono_ms(engine->config.clock);

	engine_start_checks(engine);
	engine_reference_turn(engine, now_ms);
	engine_correlate(engine, now_ms);
	if (now_ms >= engine->tick_ms) {
		engine->tick_ms = now_ms + TICK_MS;
		engine_judged_tick(engine);
		engine_flap_tick(engine, now_ms);
		engine_remind(engine, now_ms);
		engine_measure_tick(engine);
	}
	engine_arm(engine);
}

void
engine_on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	dmp_engine_turn(arg);
}
