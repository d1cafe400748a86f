/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_internal.h - what the engine's own files share.  Nobody else includes it. */
#ifndef DMP_ENGINE_INTERNAL_H
#define DMP_ENGINE_INTERNAL_H

#include <event2/event.h>

#include "engine/availability.h"
#include "engine/board.h"
#include "engine/correlate.h"
#include "engine/correlate_host.h"
#include "engine/correlate_site.h"
#include "engine/endpoint.h"
#include "engine/engine.h"
#include "engine/flap.h"
#include "engine/health.h"
#include "engine/histogram.h"
#include "engine/schedule.h"
#include "probe/probe.h"

struct dmp_maintenance;
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
	int64_t began_ms;     /* the last conclusive attempt; DMP_BEGAN_NEVER */
	struct dmp_flap *flap; /* since its first change, owned */
	uint8_t reason;        /* enum dmp_reason, of that attempt; 0 = none */
	uint8_t voice;         /* enum dmp_voice, among the ports of its host */
	uint8_t suppressed;    /* enum dmp_suppressed, as its row says */
	uint8_t admin;         /* enum dmp_admin, in force */
	bool used_tls : 1;     /* the mode that answered last: tried first */
	bool has_answered : 1; /* ever */
	bool seen : 1;         /* ... since the engine has started */
	bool held : 1;         /* live is memory of its own */
	bool counted : 1;      /* in the tally */
	bool quiet : 1;        /* another port of its endpoint speaks */
	bool asked : 1;        /* for engine_correlate.c */
};

_Static_assert(sizeof(struct engine_port) <= 128,
    "there are hundred thousands of them: what only readers need stays on the board");

/* What is counted of a port. */
struct engine_measure {
	struct dmp_availability availability;
	struct dmp_histogram histogram;
};

struct engine_host {
	struct dmp_board_host_live live;
	uint32_t index;
	uint32_t board_row;
	uint32_t answering;                 /* ports that prove the host alive */
	enum dmp_probe_cassandra cassandra; /* as its CQL has told last */
	uint32_t first_port;                /* its ports are one run of the plan */
	uint32_t n_ports;
	uint32_t pending_event; /* the row waits for it, like that of a port */
	struct dmp_host_watch watch;
	int64_t judge_ms;       /* to be judged then, see engine_correlate.c */
	enum dmp_voice voice;   /* among the hosts: its own and its mute ports' */
	size_t group;           /* of the site, DMP_NO_GROUP */
	size_t speaks_for;      /* the group that it announces */
	enum dmp_reason reason; /* why it is down */
	enum dmp_timeout_reading reading; /* what timeouts mean there */
	bool mute;                        /* all its ports to judge are */
	bool dropped;                     /* has too few ports to be judged */
	bool is_counted;                  /* among those that are down */
	bool speaks;                      /* at the end of this turn */
	uint32_t ranks[5];                /* ports by severity rank */
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
	uint32_t maintenance;
	uint32_t down_hosts;
};

/* Everything that one plan brings with it; a reload exchanges it whole. */
struct engine_world {
	struct dmp_engine_setup *setup;
	struct engine_port *ports;       /* as in the plan */
	struct engine_port **by_key;     /* the same, sorted */
	uint32_t *by_index;              /* their rows, sorted by their indices */
	struct engine_measure *measures; /* as the ports */
	struct engine_host *hosts;
	struct engine_host **hosts_by_index;
	uint32_t *requirement_down; /* ports that are down, by requirement row */
	uint32_t *waiting;          /* rows with a pending event */
	size_t n_waiting;
	size_t n_hosts_waiting;
	struct engine_tally tally;
	struct dmp_schedule *schedule;
	struct dmp_endpoints *endpoints;
	struct dmp_trust *trust; /* of all its probes */
	struct dmp_board *board;
	/* For the ports of one endpoint, as many as the largest has. */
	struct dmp_board_port_live *open;
	size_t n_open;
	struct dmp_host_port *host_ports; /* of one host, as many as the largest has */
	struct dmp_host_view *host_views;
	struct dmp_group_view *group_views;
	struct dmp_maintenance *windows; /* as those of the site */
	size_t n_flapping;
	struct dmp_endpoint_port *views;
	bool *suppressed;
};

/* The address that proves our own link, see engine_reference.c. */
struct engine_reference {
	struct dmp_address address;
	struct dmp_probe *probe;
	struct dmp_health health;
	int64_t due_ms;
	int64_t began_ms; /* the last attempt */
	int64_t said_ms;  /* the last conclusive one */
	size_t port;
	bool is_taken;
	bool has_answered;
};

struct dmp_engine {
	struct dmp_engine_config config;
	struct engine_world world;
	struct event *timer;     /* next due check */
	struct event *log_event; /* the event log has news */
	struct dmp_problem_set problems;
	struct dmp_admin_set admins;  /* changes at run time, see engine_admin.c */
	struct dmp_saved_port *saved; /* sorted by key; for the first plan */
	size_t n_saved;
	struct dmp_port_sums *sums; /* sorted by index; for the first plan */
	size_t n_sums;
	size_t next_measured;
	size_t to_measure; /* ports times ticks, TURNS of them for each port */
	struct dmp_board_system_live system;
	struct dmp_eventlog_progress progress;
	char source[DMP_SOURCE_TEXT]; /* by which receivers know what is announced */
	uint32_t last_posted;         /* sequence of the newest event of ours */
	uint32_t resent; /* ... of the last one that dmp_engine_resend() made */
	uint32_t in_flight;
	uint64_t random;
	int64_t start_wall_ms;
	int64_t start_mono_ms;
	int64_t looked_ms; /* wall clock, when the windows were looked at */
	struct dmp_site_watch site;
	struct engine_reference reference;
	int64_t hosts_ms;       /* when the first host is to be judged */
	int64_t site_ms;        /* ... and all of them together */
	int64_t site_judged_ms; /* the last time */
	bool site_is_busy;      /* every result may matter */
	int64_t tick_ms;        /* when to look at what hangs on the wall clock */
};

/* What is known of an attempt beside its result. */
struct engine_attempt {
	int64_t began_ms;
	bool heavy; /* with the heavy part */
	bool stale; /* to an address whose DNS answer was too old */
};

/* What a notification says that its port or host does not know. */
struct engine_notice {
	enum dmp_event_type type;
	enum dmp_state state;
	enum dmp_state previous_state;
	enum dmp_severity severity;
	enum dmp_reason reason;
};

static inline struct engine_host *
engine_host_of(const struct engine_port *port)
{
	return &port->engine->world.hosts[port->plan->host];
}

static inline struct engine_measure *
engine_measure_of(const struct engine_port *port)
{
	return &port->engine->world.measures[port->row];
}

/* engine.c */
int engine_compare_saved(const void *a, const void *b);

/* engine_world.c */
enum dmp_status engine_world_allocate(struct engine_world *world) DMP_CHECK_RESULT;
enum dmp_status engine_world_fill_ports(
    struct dmp_engine *engine, struct engine_world *world) DMP_CHECK_RESULT;
void engine_world_fill_hosts(
    const struct dmp_engine *engine, struct engine_world *world);
void engine_world_done(struct engine_world *world); /* its setup stays */
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
enum dmp_status engine_prober_start(struct dmp_engine *engine,
    const struct dmp_probe_spec *spec, dmp_probe_done_fn *done, void *arg,
    struct dmp_probe **ret_probe) DMP_CHECK_RESULT;
void engine_prober_cancel(struct dmp_engine *engine, struct dmp_probe *probe);
void engine_cancel_check(struct engine_port *port);

/* engine_turn.c */
void engine_arm(struct dmp_engine *engine);
void engine_on_timer(evutil_socket_t fd, short what, void *arg);

/* engine_judge.c */
void engine_judge(struct engine_port *port, const struct dmp_probe_result *result,
    const struct engine_attempt *attempt);
enum dmp_severity engine_certificate(
    const struct engine_port *port, enum dmp_reason reason);
uint8_t engine_severity(const struct engine_port *port);

/* engine_event.c */
bool engine_is_raised(
    const struct dmp_engine *engine, const char *key, enum dmp_event_type type);
void engine_save_port(const struct engine_port *port);
enum dmp_status engine_post(
    struct dmp_engine *engine, struct dmp_event *event) DMP_CHECK_RESULT;
const char *engine_sentence(const struct engine_port *port, enum dmp_reason reason);
void engine_fill_port(const struct engine_port *port, struct dmp_event *event);
void engine_await_event(struct engine_port *port, uint32_t sequence); /* a held row */
enum dmp_status engine_notify_port(
    struct engine_port *port, const struct engine_notice *notice) DMP_CHECK_RESULT;
enum dmp_status engine_notify_host(struct dmp_engine *engine, size_t row,
    const struct engine_notice *notice) DMP_CHECK_RESULT;
enum dmp_status engine_notify_vantage(
    struct dmp_engine *engine, bool isolated) DMP_CHECK_RESULT;
void engine_take_source(struct dmp_engine *engine);
void engine_clear_absent(struct dmp_engine *engine);

/* engine_announce.c */
bool engine_is_mute(const struct engine_port *port);
bool engine_is_waiting(const struct engine_port *port);
bool engine_is_host_bad(const struct dmp_engine *engine, size_t row);
struct dmp_silence engine_silence(const struct engine_port *port);
void engine_announce_endpoint(struct engine_port *port);
void engine_announce_host(struct dmp_engine *engine, size_t row);

/* engine_correlate.c */
void engine_doubt_host(struct dmp_engine *engine, size_t row);
void engine_doubt_site(struct dmp_engine *engine);
void engine_doubt_all(struct dmp_engine *engine);
void engine_correlate_result(struct engine_port *port, bool changed);
int64_t engine_correlate_due_ms(const struct dmp_engine *engine);
void engine_correlate(struct dmp_engine *engine, int64_t now_ms);

/* engine_judged.c */
enum dmp_admin engine_admin_of(const struct dmp_engine *engine,
    const struct engine_world *world, const struct dmp_plan_port *plan);
enum dmp_status engine_world_windows(
    const struct dmp_engine *engine, struct engine_world *world) DMP_CHECK_RESULT;
void engine_judged_tick(struct dmp_engine *engine);

/* engine_measure.c */
void engine_measure_answer(
    struct engine_port *port, const struct dmp_probe_result *result);
void engine_measure_show(struct engine_port *port);
void engine_measure_tick(struct dmp_engine *engine);
void engine_measure_store_all(struct dmp_engine *engine);
void engine_measure_resume(struct engine_world *world, const struct engine_port *port);
void engine_measure_collect(struct dmp_engine *engine);

/* engine_remind.c */
void engine_remind(struct dmp_engine *engine, int64_t now_ms);
void engine_flap_feed(struct engine_port *port);
void engine_flap_resume(struct engine_world *world, struct engine_port *port);
void engine_flap_forget(struct engine_port *port);
void engine_flap_tick(struct dmp_engine *engine, int64_t now_ms);

/* engine_reference.c */
void engine_reference_take(struct dmp_engine *engine);
void engine_reference_turn(struct dmp_engine *engine, int64_t now_ms);
void engine_reference_view(const struct dmp_engine *engine, struct dmp_site_view *view);
void engine_reference_ask(struct dmp_engine *engine, int64_t since_ms);
void engine_reference_done(struct dmp_engine *engine);

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
