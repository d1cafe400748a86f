/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.h - from the plan to the board: checks every port on its schedule, judges the
 * outcomes, records events and publishes the state of the world.
 *
 * How it works.  A plan is prepared outside of the loop (prepare: indices are a
 * commit), then applied inside it: a new board is made, ports that ask the same as
 * before keep their index, health, history and schedule, and what is gone is cleared.
 * From then on everything happens in the loop, in one direction:
 *
 *     schedule -> resolve -> probe -> judge (health, endpoint) -> announce -> event log
 *                                        `-> board (rows with an event wait for its
 * commit)
 *
 * What is announced is compared with what is true after every check, not on changes
 * only: whatever was missed (a full queue, a suppressed port that is free again, a
 * restart) is announced by the next check.
 */
#ifndef DMP_ENGINE_H
#define DMP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "engine/admin.h"
#include "engine/eventlog.h"
#include "model/plan.h"
#include "probe/probe.h"

struct event_base;
struct dmp_engine;
struct dmp_resolver;

/* A plan with the indices of its ports, hosts and receivers: ready to apply. */
struct dmp_engine_setup;

/* Give every key of the plan its persistent index.  Blocking (a commit).  Takes the
 * plan on success. */
enum dmp_status dmp_engine_prepare(struct dmp_eventlog *log, struct dmp_plan *plan,
    struct dmp_engine_setup **ret_setup) DMP_CHECK_RESULT;
void dmp_engine_setup_free(struct dmp_engine_setup *setup);

/* Who makes the attempts.  Both behave as their namesakes of probe.h do. */
struct dmp_engine_prober {
	enum dmp_status (*start)(const struct dmp_probe_spec *spec,
	    dmp_probe_done_fn *done, void *done_arg, struct dmp_probe **ret_probe,
	    void *arg);
	void (*cancel)(struct dmp_probe *probe, void *arg);
	void *arg;
};

struct dmp_engine_config {
	/* NULL: the caller is the loop and calls dmp_engine_turn() and
	 * dmp_engine_collect(); then there must be a prober. */
	struct event_base *base;
	const struct dmp_engine_prober *prober; /* NULL: sockets on base */
	const struct dmp_clock *clock;
	struct dmp_resolver *resolver; /* borrowed; NULL: literals only */
	struct dmp_eventlog *log;      /* borrowed */
	const char *run_dir;           /* where the board goes */
	uint32_t epoch;
	uint32_t oldest_event; /* as the event log found them at its start */
	uint32_t last_event;
	const char *source; /* ... NULL or "" = none; borrowed for the call */
	uint32_t max_in_flight;
	uint64_t seed; /* of the jitter */
	/* The event log has got on: what is released, and whether it can be stored. */
	void (*released)(const struct dmp_eventlog_progress *progress, void *arg);
	/* A port changed its state: the daemon's log line. */
	void (*changed)(const char *key, enum dmp_state from, enum dmp_state to,
	    const char *detail, void *arg);
	void *arg;
};

/* Takes the problems (what is announced); saved_ports are borrowed for the call. */
enum dmp_status dmp_engine_new(const struct dmp_engine_config *config,
    struct dmp_problem_set *problems, const struct dmp_saved_port *saved,
    size_t n_saved, struct dmp_engine **ret_engine) DMP_CHECK_RESULT;

/* Stops all checks.  The board stays for its readers. */
void dmp_engine_free(struct dmp_engine *engine);

/* Make this the plan.  Takes setup on success; on failure nothing has changed and
 * errors tells why (no memory, no space for the board). */
enum dmp_status dmp_engine_apply(struct dmp_engine *engine,
    struct dmp_engine_setup *setup, struct dmp_text *errors) DMP_CHECK_RESULT;

/* Record a notification about the daemon itself (STARTED, STOPPING, CONFIG_REJECTED,
 * CONFIG_APPLIED). */
void dmp_engine_announce_site(
    struct dmp_engine *engine, enum dmp_event_type type, const char *message);

/* Show a rejected configuration on the board until one is applied again. */
void dmp_engine_config_rejected(struct dmp_engine *engine, const char *message);

/* Check a port now (a key), or all ports (NULL) that are not disabled.  DMP_ENOENT: no
 * such key; DMP_EPERM: it is disabled. */
enum dmp_status dmp_engine_check_now(
    struct dmp_engine *engine, const char *key) DMP_CHECK_RESULT;

/* What the records of the event log hold of the availability of ports.  Copies; call it
 * before the first plan. */
enum dmp_status dmp_engine_load_sums(struct dmp_engine *engine,
    const struct dmp_port_sums *sums, size_t n) DMP_CHECK_RESULT;

/* The changes of the admin state at run time, as they were stored.  Takes the set; call
 * it before the first plan. */
void dmp_engine_load_admin(struct dmp_engine *engine, struct dmp_admin_set *set);

/* Change the admin state of a port, a host, a group or the site, from now on, and store
 * that with a line of history; an entry without since_ms begins now.  *ret_ticket:
 * stored when dmp_eventlog_progress.admin_stored has reached it.  DMP_EINVAL,
 * DMP_ENOENT (the plan has no such port, host or group) and DMP_ETOOBIG append to error
 * why; then nothing has changed. */
enum dmp_status dmp_engine_set_admin(struct dmp_engine *engine,
    const struct dmp_admin_entry *entry, uint32_t *ret_ticket,
    struct dmp_text *error) DMP_CHECK_RESULT;

/* Take such a change back: what the site file says holds again.  DMP_ENOENT: there is
 * none.  A name that the plan does not have any more is allowed. */
enum dmp_status dmp_engine_clear_admin(struct dmp_engine *engine,
    enum dmp_admin_scope scope, const char *name, uint32_t *ret_ticket,
    struct dmp_text *error) DMP_CHECK_RESULT;

/* Those in force.  Borrowed until the next call of one of these functions. */
const struct dmp_admin_set *dmp_engine_admins(const struct dmp_engine *engine);

/* Repeat every raised problem, each as a new event: same type and Key, PreviousState =
 * State, the message begins "repeated:".  *ret_n: how many.  DMP_EBUSY: not all of them
 * found room, or the last repetition is not stored yet. */
enum dmp_status dmp_engine_resend(
    struct dmp_engine *engine, uint32_t *ret_n) DMP_CHECK_RESULT;

/* Are all events that were announced so far released (stored, or sent from memory)? */
bool dmp_engine_all_released(const struct dmp_engine *engine);

/* Do what is due.  A loop of its own calls it at dmp_engine_due_ms(), and after what
 * happened in between; DMP_ENGINE_NEVER: nothing is due. */
#define DMP_ENGINE_NEVER INT64_MAX
void dmp_engine_turn(struct dmp_engine *engine);
int64_t dmp_engine_due_ms(const struct dmp_engine *engine);

/* Take the news of the event log; when its descriptor is readable. */
void dmp_engine_collect(struct dmp_engine *engine);

/* Say that the loop lives; call at least once a second. */
void dmp_engine_beat(struct dmp_engine *engine);

#endif
