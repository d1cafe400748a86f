/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_measure.c - which share of the time a port was up, and how fast it answers.
 *
 * What is counted goes to the records of the event log in parts: at the end of an hour,
 * at the end of the engine, and in between by turns, so that a crash costs minutes.  A
 * part tells the latency of answers of its own hour only: of those since the first slot
 * of the histogram that began in it.  That is nothing for up to 20 minutes, and the
 * last 40 to 60 minutes at the end of the hour.
 */
#include <stdlib.h>

#include "engine/engine_internal.h"

/* Every port has had its turn within so many ticks of a second. */
enum { TURNS = 600, HOUR_MS = 3600 * 1000 };

/* Of the answers between two monotonic times, both within the hour of the part. */
static void
measure_send(const struct engine_port *port, const struct dmp_availability_part *part,
    int64_t from_ms, int64_t until_ms)
{
	struct dmp_port_part sent = {.index = port->index, .part = *part};

	sent.part.p95_us = dmp_histogram_p95_between(
	    &engine_measure_of(port)->histogram, from_ms, until_ms);
	dmp_eventlog_add_part(port->engine->config.log, &sent);
}

/* When the present hour of the wall clock began, by the monotonic one. */
static int64_t
measure_hour_ms(const struct dmp_clock *clock)
{
	return dmp_clock_mono_ms(clock) - dmp_clock_wall_ms(clock) % HOUR_MS;
}

/* The former hour ends where the present one begins, but not before it was last fed:
 * the wall clock may have been set. */
static void
measure_feed(struct engine_port *port, enum dmp_suppressed suppressed)
{
	const struct dmp_clock *clock = port->engine->config.clock;
	struct dmp_availability *availability = &engine_measure_of(port)->availability;
	int64_t fed_ms = availability->mono_ms;
	int64_t end_ms = measure_hour_ms(clock);
	struct dmp_availability_part part;

	if (!dmp_availability_feed(availability,
	        dmp_availability_kind_of(dmp_health_state(&port->health),
	            (enum dmp_admin)port->admin, suppressed),
	        dmp_clock_mono_ms(clock), dmp_clock_wall_ms(clock), &part))
		return;
	if (end_ms < fed_ms)
		end_ms = fed_ms;
	measure_send(port, &part, end_ms - HOUR_MS, end_ms);
}

/* First of all an hour that is over: this is no answer of it. */
void
engine_measure_answer(struct engine_port *port, const struct dmp_probe_result *result)
{
	if (result->latency_us == 0 || result->outcome != DMP_OUTCOME_OK)
		return;
	measure_feed(port, (enum dmp_suppressed)port->suppressed);
	dmp_histogram_feed(&engine_measure_of(port)->histogram, result->latency_us,
	    dmp_clock_mono_ms(port->engine->config.clock));
}

/* The row is open: show what is known now. */
void
engine_measure_show(struct engine_port *port)
{
	const struct engine_measure *measure = engine_measure_of(port);
	struct dmp_board_port_live *live = port->live;

	measure_feed(port, (enum dmp_suppressed)live->suppressed);
	for (unsigned i = 0; i < DMP_AVAILABILITY_SPANS; i++)
		live->availability[i] =
		    dmp_availability_share(&measure->availability, i);
	live->latency_p95_us = dmp_histogram_p95(
	    &measure->histogram, dmp_clock_mono_ms(port->engine->config.clock));
}

static void
measure_store(struct engine_port *port)
{
	const struct dmp_clock *clock = port->engine->config.clock;
	struct dmp_availability_part part;

	measure_feed(port, (enum dmp_suppressed)port->suppressed);
	if (dmp_availability_take(&engine_measure_of(port)->availability, &part))
		measure_send(
		    port, &part, measure_hour_ms(clock), dmp_clock_mono_ms(clock) + 1);
}

void
engine_measure_tick(struct dmp_engine *engine)
{
	size_t n = engine->world.setup->plan->n_ports;

	engine->to_measure += n;
	for (; engine->to_measure >= TURNS; engine->to_measure -= TURNS) {
		engine->next_measured = (engine->next_measured + 1) % n;
		measure_store(&engine->world.ports[engine->next_measured]);
	}
}

void
engine_measure_store_all(struct dmp_engine *engine)
{
	const struct dmp_engine_setup *setup = engine->world.setup;

	for (size_t i = 0; setup && i < setup->plan->n_ports; i++)
		measure_store(&engine->world.ports[i]);
}

/* --- what the records hold --- */

static int
measure_compare(const void *a, const void *b)
{
	const struct dmp_port_sums *x = a;
	const struct dmp_port_sums *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

enum dmp_status
dmp_engine_load_sums(
    struct dmp_engine *engine, const struct dmp_port_sums *sums, size_t n)
{
	struct dmp_port_sums *copy = calloc(n + 1, sizeof *copy);

	if (!copy)
		return DMP_ENOMEM;
	for (size_t i = 0; i < n; i++)
		copy[i] = sums[i];
	qsort(copy, n, sizeof *copy, measure_compare);
	free(engine->sums);
	engine->sums = copy;
	engine->n_sums = n;
	return DMP_OK;
}

/* A port that the engine has not seen since it started. */
void
engine_measure_resume(struct engine_world *world, const struct engine_port *port)
{
	const struct dmp_engine *engine = port->engine;
	const struct dmp_port_sums key = {.index = port->index};
	const struct dmp_port_sums *found = NULL;

	if (engine->n_sums > 0)
		found = bsearch(&key, engine->sums, engine->n_sums,
		    sizeof *engine->sums, measure_compare);
	if (found)
		dmp_availability_set_sums(
		    &world->measures[port->row].availability, found->sums);
}

/* Rows of the board ascend by the index of their ports. */
static struct engine_port *
measure_find(struct dmp_engine *engine, uint32_t index)
{
	const struct engine_world *world = &engine->world;
	size_t low = 0;
	size_t high = world->setup->plan->n_ports;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct engine_port *port = &world->ports[world->by_index[middle]];

		if (port->index == index)
			return port;
		if (port->index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

void
engine_measure_collect(struct dmp_engine *engine)
{
	struct dmp_port_sums sums[64];
	size_t n;

	while ((n = dmp_eventlog_take_sums(engine->config.log, sums, 64)) > 0) {
		for (size_t i = 0; i < n; i++) {
			struct engine_port *port = measure_find(engine, sums[i].index);

			if (port)
				dmp_availability_set_sums(
				    &engine_measure_of(port)->availability,
				    sums[i].sums);
		}
	}
}
