/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim.h - an engine in a world that a test makes up: hosts, ports, links, certificates
 * and clocks.  Hours pass in milliseconds, and the same script gives the same events.
 *
 * The engine, its event log and its board are the real ones; only sockets and clocks
 * are not.  Time stands still while the event log works.
 */
#ifndef DMP_TEST_SIM_H
#define DMP_TEST_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/board.h"
#include "engine/engine.h"
#include "support/eventlog_box.h"

enum {
	SIM_SECOND = 1000,
	SIM_MINUTE = 60 * SIM_SECOND,
	SIM_HOUR = 60 * SIM_MINUTE,
	SIM_DAY = 24 * SIM_HOUR
};

/* What an attempt on a port meets. */
enum sim_answer {
	SIM_REFUSED = 0, /* what a port that nobody told about does */
	SIM_UP,
	SIM_SILENT,
	SIM_UNWELL, /* the right service, which says that it is unwell */
	SIM_WRONG   /* another service */
};

struct sim;

/* For cmocka: *state is a struct sim *; nothing runs yet.  It is noon of 2026-11-22. */
int sim_setup(void **state);
int sim_teardown(void **state);

/* --- the world.  A host is an address; all are there and refuse. --- */

void sim_port(struct sim *sim, const char *address, uint16_t port, enum sim_answer a);

/* The port answers like a for half the period, then like b, and so on from now. */
void sim_flap(struct sim *sim, const char *address, uint16_t port, enum sim_answer a,
    enum sim_answer b, int64_t period_ms);

/* Nothing comes back from this address, whatever its ports would say. */
void sim_host_gone(struct sim *sim, const char *address, bool gone);

/* Nothing comes back from anywhere but the loopback. */
void sim_cut(struct sim *sim, bool cut);

/* The certificate that a port shows expires so many days from now. */
void sim_certificate(struct sim *sim, const char *address, uint16_t port, int32_t days);

/* What an attempt would meet now: SILENT also when its host is gone or the link is cut.
 */
enum sim_answer sim_answer_now(struct sim *sim, const char *address, uint16_t port);

/* The same of the port alone: what its host and the link are does not count. */
enum sim_answer sim_answer_of(struct sim *sim, const char *address, uint16_t port);

/* Whole days that its certificate is valid now, INT32_MAX = shows none. */
int32_t sim_certificate_days(struct sim *sim, const char *address, uint16_t port);

/* How long an answer takes. */
void sim_latency(
    struct sim *sim, const char *address, uint16_t port, uint32_t latency_us);

/* --- the engine --- */

/* What stands inside of <site>.  reload: while it runs. */
void sim_site(struct sim *sim, const char *content);
void sim_name(struct sim *sim, const char *name); /* borrowed; from the next plan on */
void sim_start(struct sim *sim);
void sim_reload(struct sim *sim, const char *content);

/* It ends: in order, with STOPPING; or without a word. */
void sim_stop(struct sim *sim);
void sim_kill(struct sim *sim);

struct dmp_engine *sim_engine(struct sim *sim);

/* --- time --- */

void sim_run(struct sim *sim, int64_t ms);
void sim_wall_step(struct sim *sim, int64_t ms);
void sim_wall_set(struct sim *sim, const char *time); /* "2026-11-22T12:00:00Z" */
int64_t sim_now_ms(const struct sim *sim);            /* since the beginning */

/* --- what came of it --- */

/* The notifications since the last question, exactly: "type key" each, separated by
 * ", "; "" for none.  STARTED and STOPPING are not counted. */
void sim_expect(struct sim *sim, const char *notifications);

/* The same as text, to compare it; the caller is done with it. */
struct dmp_text sim_notifications(struct sim *sim);

/* The last notification of this type (0: any) for this key (NULL: any), which must
 * exist. */
struct dmp_event sim_event(struct sim *sim, enum dmp_event_type type, const char *key);

/* All events so far, ascending; the caller frees. */
struct dmp_event *sim_events(struct sim *sim, size_t *ret_n);

/* What the board shows. */
struct dmp_board_port_live sim_port_row(struct sim *sim, const char *key);
struct dmp_board_host_live sim_host_row(struct sim *sim, const char *name);
struct dmp_board_system_live sim_system_row(struct sim *sim);

/* The board itself, as it is now; borrowed until the next call. */
struct dmp_board_reader *sim_board(struct sim *sim);

/* What is stored as announced; the caller ends the set. */
struct dmp_problem_set sim_problems(struct sim *sim);

/* The stored history of ports, by their index, while it does not run; how many. */
size_t sim_records(struct sim *sim, struct dmp_port_record *ret_records, size_t max);

/* Attempts on a port so far. */
unsigned sim_attempts(const struct sim *sim, const char *address, uint16_t port);

/* A number below n, of the seed. */
void sim_seed(struct sim *sim, uint64_t seed);
uint32_t sim_random(struct sim *sim, uint32_t n);

#endif
