/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_internal.h - what the engine's own files share.  Nobody else includes it. */
#ifndef DMP_ENGINE_INTERNAL_H
#define DMP_ENGINE_INTERNAL_H

#include <event2/event.h>

#include "engine/board.h"
#include "engine/correlate.h"
#include "engine/endpoint.h"
#include "engine/engine.h"
#include "engine/health.h"
#include "engine/schedule.h"
#include "probe/probe.h"

struct engine_check;

/* One planned port at run time.  `plan` is what was wanted, everything else measured.
 */
struct engine_port {
	struct dmp_engine *engine;
	const struct dmp_plan_port *plan;
	uint32_t row; /* in the plan, the schedule; board_row on the board */
	uint32_t board_row;
	uint32_t index;
	struct dmp_health health;
	struct engine_check *check; /* in flight, or NULL */
	/* What its row says, see engine_row.c; NULL while only the board has it. */
	struct dmp_board_port_live *live;
	uint32_t
	    pending_event;    /* the row waits for the commit of this event; 0 = none */
	enum dmp_state saved; /* before the restart, 0 = none */
	int64_t heavy_ms;     /* when the heavy part of its probe is due (monotonic) */
	bool used_tls;        /* the mode that answered last: tried first */
	bool has_answered;
	bool held;    /* live is memory of its own */
	bool counted; /* in the tally */
};

_Static_assert(sizeof(struct engine_port) <= 128,
    "there are hundred thousands of them: what only readers need stays on the board");

struct engine_host {
	struct dmp_board_host_live live;
	uint32_t index;
	uint32_t board_row;
	uint32_t answering;                 /* ports that prove the host alive */
	enum dmp_probe_cassandra cassandra; /* as its CQL has told last */
	uint32_t ranks[5];                  /* ports by severity rank */
};

struct dmp_engine_setup {
	struct dmp_plan *plan;
	uint32_t *port_indices;
	uint32_t *host_indices;
	uint32_t *receiver_indices; /* one per receiver, or one for the built-in one */
};

/* Sums over the ports, kept incrementally. */
struct engine_tally {
	uint32_t states[DMP_STATE_NOT_APPLICABLE + 1];
	uint32_t ranks[5];
	uint32_t required;
	uint32_t required_up;
	uint32_t required_down;
	uint32_t optional_bad; /* down or degraded, and not critical */
	uint32_t maintenance;
};

/* Everything that one plan brings with it; a reload exchanges it whole. */
struct engine_world {
	struct dmp_engine_setup *setup;
	struct engine_port *ports;   /* as in the plan */
	struct engine_port **by_key; /* the same, sorted */
	struct engine_host *hosts;
	struct engine_host **hosts_by_index;
	uint32_t *requirement_down; /* ports that are down, by requirement row */
	uint32_t *waiting;          /* rows with a pending event */
	size_t n_waiting;
	struct engine_tally tally;
	struct dmp_schedule *schedule;
	struct dmp_endpoints *endpoints;
	struct dmp_trust *trust; /* of all its probes */
	struct dmp_board *board;
	/* For the ports of one endpoint, as many as the largest has. */
	struct dmp_board_port_live *open;
	size_t n_open;
	struct dmp_endpoint_port *views;
	bool *suppressed;
};

struct dmp_engine {
	struct dmp_engine_config config;
	struct engine_world world;
	struct event *timer;     /* next due check */
	struct event *log_event; /* the event log has news */
	struct dmp_problem_set problems;
	struct dmp_admin_set admins; /* changes at run time, see engine_admin.c */
	struct dmp_saved_port *saved; /* sorted by key; for the first plan */
	size_t n_saved;
	struct dmp_board_system_live system;
	struct dmp_eventlog_progress progress;
	uint32_t last_posted; /* sequence of the newest event of ours */
	uint32_t resent;      /* ... of the last one that dmp_engine_resend() made */
	uint32_t in_flight;
	uint64_t random;
	int64_t start_wall_ms;
	int64_t tick_ms; /* when to look at what hangs on the wall clock */
};

/* engine.c */
struct engine_port *engine_find_port(const struct engine_world *world, const char *key);
struct engine_port *engine_sibling(const struct engine_port *port);

/* engine_row.c */
void engine_read_row(
    const struct engine_port *port, struct dmp_board_port_live *ret_live);
void engine_open_row(struct engine_port *port);
void engine_open_endpoint(struct engine_port *port);
enum dmp_status engine_hold_row(struct engine_port *port) DMP_CHECK_RESULT;
void engine_close_row(struct engine_port *port);

/* engine_check.c */
void engine_start_checks(struct dmp_engine *engine);
void engine_cancel_check(struct engine_port *port);
uint32_t engine_random(struct dmp_engine *engine);

/* engine_turn.c */
void engine_arm(struct dmp_engine *engine);
void engine_on_timer(evutil_socket_t fd, short what, void *arg);

/* engine_judge.c */
void engine_judge(
    struct engine_port *port, const struct dmp_probe_result *result, bool stale);
uint8_t engine_severity(const struct engine_port *port);
void engine_announce_endpoint(struct engine_port *port);
void engine_clear_absent(struct dmp_engine *engine);
const char *engine_source(const struct dmp_engine *engine, char text[DMP_SOURCE_TEXT]);

/* engine_repeat.c: a raised problem as a new event.  The problem is refreshed by it. */
enum dmp_status engine_repeat(
    struct dmp_engine *engine, const struct dmp_problem *problem) DMP_CHECK_RESULT;

/* engine_publish.c */
void engine_count(struct engine_port *port, int delta);
void engine_publish_port(struct engine_port *port);
void engine_publish_host(struct dmp_engine *engine, size_t row);
void engine_publish_system(struct dmp_engine *engine);
void engine_on_log(evutil_socket_t fd, short what, void *arg);

/* engine_board.c */
enum dmp_status engine_make_board(
    struct dmp_engine *engine, struct engine_world *world) DMP_CHECK_RESULT;

#endif
