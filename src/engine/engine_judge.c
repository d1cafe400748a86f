/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_judge.c - what an outcome means: facts to the row, health to a state, the
 * state to an announcement.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/correlate.h"
#include "engine/engine_internal.h"

const char *
engine_source(const struct dmp_engine *engine, char text[DMP_SOURCE_TEXT])
{
	const struct dmp_plan *plan = engine->world.setup->plan;

	dmp_text_format(
	    text, DMP_SOURCE_TEXT, "%.31s/%.31s", plan->site_name, plan->vantage);
	return text;
}

static const struct dmp_plan_host *
judge_host(const struct engine_port *port)
{
	return &port->engine->world.setup->plan->hosts[port->plan->host];
}

static const struct dmp_plan_requirement *
judge_requirement(const struct engine_port *port)
{
	return &port->engine->world.setup->plan->requirements[port->plan->requirement];
}

/* Which state a receiver of our notifications believes this port to be in. */
static enum dmp_state
judge_announced(const struct engine_port *port)
{
	return dmp_problem_announced_state(&port->engine->problems, port->plan->key);
}

static bool
judge_may_announce(const struct engine_port *port)
{
	return port->live->admin == DMP_ADMIN_ENABLED &&
	       port->plan->level != DMP_LEVEL_INFORMATIONAL &&
	       port->plan->level != DMP_LEVEL_NONE;
}

/* The sentence an operator reads first: what, where, since when, why, whom to call. */
static void
judge_message(const struct engine_port *port, const struct dmp_event *event,
    char message[DMP_MESSAGE_TEXT])
{
	char text[2 * DMP_MESSAGE_TEXT];
	char since[DMP_TIME_TEXT];
	const char *state = dmp_vocab_text(DMP_VOCAB_STATE, (int)event->state);
	bool bad = dmp_event_raises(event->type);

	dmp_clock_text(event->time_ms, since);
	dmp_text_format(text, sizeof text,
	    "%s %s %u/%s on %s (%s) is %s since %s: %s%s%s",
	    dmp_vocab_text(DMP_VOCAB_LEVEL, (int)event->level), event->service,
	    event->port, dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)event->transport),
	    event->host_name, event->address[0] ? event->address : "no address", state,
	    since, bad ? dmp_reason_sentence(event->reason) : port->live->detail,
	    bad ? "; call " : "", bad ? dmp_reason_owner(event->reason) : "");
	dmp_text_safe(message, DMP_MESSAGE_TEXT, text);
}

static void
judge_fill_event(const struct engine_port *port, struct dmp_event *event)
{
	const struct dmp_plan_port *plan = port->plan;

	(void)engine_source(port->engine, event->source);
	dmp_text_copy(event->key, sizeof event->key, plan->key);
	event->level = plan->level;
	dmp_text_copy(
	    event->host_name, sizeof event->host_name, judge_host(port)->name);
	dmp_text_copy(event->address, sizeof event->address, port->live->address);
	dmp_text_copy(event->service, sizeof event->service, plan->service);
	event->transport = plan->transport;
	event->port = plan->number;
	event->port_index = port->index;
	event->host_index = port->engine->world.hosts[plan->host].index;
	event->time_ms = dmp_clock_wall_ms(port->engine->config.clock);
}

static enum dmp_status
judge_post(struct dmp_engine *engine, struct dmp_event *event)
{
	enum dmp_status status = dmp_eventlog_post(engine->config.log, event);

	if (status != DMP_OK)
		return status;
	engine->last_posted = event->sequence;
	/* Without memory the announcement is repeated by a later check: a duplicate
	 * with a new number, never a silent loss. */
	return dmp_problem_apply(&engine->problems, event);
}

static void
judge_save(const struct engine_port *port)
{
	struct dmp_saved_port saved = {
	    .state = dmp_health_state(&port->health),
	    .reason = (enum dmp_reason)port->live->reason,
	    .change_ms = port->live->change_wall_ms,
	    .last_event = port->live->last_event,
	    .transitions = port->live->transitions,
	    .has_answered = port->has_answered,
	};

	dmp_text_copy(saved.key, sizeof saved.key, port->plan->key);
	dmp_eventlog_save_port(port->engine->config.log, &saved);
}

/* One notification about a port.  PORT_CLEARED before another problem says superseded.
 */
static enum dmp_status
judge_announce(
    struct engine_port *port, enum dmp_event_type type, enum dmp_reason reason)
{
	struct dmp_event event = {
	    .type = type, .previous_state = judge_announced(port)};
	enum dmp_status status = engine_hold_row(port);

	if (status != DMP_OK)
		return status;
	event.state = type == DMP_EVENT_PORT_CLEARED ? DMP_STATE_NOT_APPLICABLE
	                                             : dmp_health_state(&port->health);
	event.severity = dmp_event_raises(type)
	                     ? dmp_health_severity(port->plan->level, event.state)
	                     : DMP_SEVERITY_CLEARED;
	event.reason = reason;
	judge_fill_event(port, &event);
	judge_message(port, &event, event.message);
	status = judge_post(port->engine, &event);
	if (status != DMP_OK)
		return status;
	port->live->last_event = event.sequence;
	judge_save(port);
	if (port->pending_event == 0)
		port->engine->world.waiting[port->engine->world.n_waiting++] =
		    port->row;
	port->pending_event = event.sequence;
	return DMP_OK;
}

/* Why a port that was announced is not announced any more. */
static enum dmp_reason
judge_silent_reason(const struct engine_port *port)
{
	if (port->live->admin == DMP_ADMIN_MAINTENANCE)
		return DMP_REASON_MAINTENANCE;
	if (port->live->admin == DMP_ADMIN_DISABLED)
		return DMP_REASON_DISABLED;
	return DMP_REASON_CONFIG_CHANGED; /* informational from now on */
}

/* Announce the difference between what is announced and what is true. */
static void
judge_announce_difference(struct engine_port *port)
{
	enum dmp_event_type types[DMP_ANNOUNCE_MAX];
	enum dmp_state present = dmp_health_state(&port->health);
	size_t n;

	if (!judge_may_announce(port))
		present = DMP_STATE_NOT_APPLICABLE;
	else if (port->live->suppressed != DMP_SUPPRESSED_NONE)
		return;
	n = dmp_announce_port(judge_announced(port), present, types);
	for (size_t i = 0; i < n; i++) {
		enum dmp_reason reason = (enum dmp_reason)port->live->reason;

		if (types[i] == DMP_EVENT_PORT_CLEARED && i + 1 < n)
			reason = DMP_REASON_SUPERSEDED;
		else if (present == DMP_STATE_NOT_APPLICABLE)
			reason = judge_silent_reason(port);
		if (judge_announce(port, types[i], reason) != DMP_OK)
			return; /* the next check finds the same difference */
	}
}

/* Decide which port of the endpoint speaks. */
static void
judge_suppress(struct engine_port *port)
{
	const struct engine_world *world = &port->engine->world;
	struct engine_port *s = port;
	size_t n = 0;

	do {
		world->views[n++] = (struct dmp_endpoint_port){
		    .requirement = judge_requirement(s)->number,
		    .level = s->plan->level,
		    .state = dmp_health_state(&s->health),
		    .reason = (enum dmp_reason)s->live->reason,
		    .admin = (enum dmp_admin)s->live->admin,
		    .announced = judge_announced(s) == DMP_STATE_DOWN,
		};
		s = engine_sibling(s);
	} while (s != port);
	dmp_correlate_endpoint(world->views, n, world->suppressed);
	for (size_t i = 0; i < n; i++, s = engine_sibling(s))
		s->live->suppressed = world->suppressed[i] ? DMP_SUPPRESSED_ENDPOINT
		                                           : DMP_SUPPRESSED_NONE;
}

void
engine_announce_endpoint(struct engine_port *port)
{
	struct engine_port *s = port;

	engine_open_endpoint(port);
	judge_suppress(port);
	do {
		judge_announce_difference(s);
		engine_publish_port(s);
		s = engine_sibling(s);
	} while (s != port);
}

/* A state that was already so before a restart is no change: it keeps its age. */
static void
judge_changed(struct engine_port *port, enum dmp_state from)
{
	struct dmp_engine *engine = port->engine;
	enum dmp_state to = dmp_health_state(&port->health);
	char note[DMP_MESSAGE_TEXT];

	if (from == DMP_STATE_UNKNOWN && to == port->saved &&
	    port->live->change_wall_ms)
		return;
	port->live->change_ms = dmp_clock_mono_ms(engine->config.clock);
	port->live->change_wall_ms = dmp_clock_wall_ms(engine->config.clock);
	if (from != DMP_STATE_UNKNOWN)
		port->live->transitions++;
	engine->system.change_ms = port->live->change_ms;
	dmp_text_format(note, sizeof note, "%s to %s: %s",
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)from),
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)to), port->live->detail);
	dmp_eventlog_note(
	    engine->config.log, port->live->change_wall_ms, port->plan->key, note);
	judge_save(port);
	if (engine->config.changed)
		engine->config.changed(
		    port->plan->key, from, to, port->live->detail, engine->config.arg);
}

static void
judge_note_address(struct engine_port *port, const char *address)
{
	char note[DMP_MESSAGE_TEXT];

	if (address[0] == '\0' || strcmp(address, port->live->address) == 0)
		return;
	if (port->live->address[0]) {
		dmp_text_format(note, sizeof note, "address changed from %s to %s",
		    port->live->address, address);
		dmp_eventlog_note(port->engine->config.log,
		    dmp_clock_wall_ms(port->engine->config.clock), port->plan->key,
		    note);
	}
	dmp_text_copy(port->live->address, sizeof port->live->address, address);
}

/* Reason and detail are those of the state.  An attempt that points elsewhere and is
 * not believed yet is told in the detail only. */
static void
judge_explain(struct engine_port *port, const struct dmp_probe_result *result,
    bool stale, bool light)
{
	struct dmp_board_port_live *live = port->live;
	enum dmp_state state = dmp_health_state(&port->health);
	enum dmp_state target = dmp_health_target(port->plan->level, result->reason);
	const char *note = stale ? " (stale DNS answer)" : "";

	/* A light check does not take back what the last heavy one has proved. */
	if (light && result->reason == DMP_REASON_IDENTITY_WEAK &&
	    live->reason == DMP_REASON_ANSWERED)
		return;
	if (target == state || state == DMP_STATE_UNKNOWN) {
		live->reason = (uint8_t)result->reason;
		dmp_text_format(live->detail, sizeof live->detail, "%.200s%s",
		    result->detail, note);
		return;
	}
	dmp_text_format(live->detail, sizeof live->detail,
	    "%s; the last attempt, not confirmed yet: %.150s%s",
	    dmp_reason_sentence((enum dmp_reason)live->reason), result->detail, note);
}

/* The heavy part is done with the answer.  A datagram may have had its effect although
 * no answer came: it must not be repeated at every check. */
static void
judge_heavy(struct engine_port *port, const struct dmp_probe_result *result)
{
	int64_t now_ms = port->live->check_ms;

	if (now_ms >= port->heavy_ms && (result->progress == DMP_PROGRESS_ANSWERED ||
	                                    port->plan->transport == DMP_TRANSPORT_UDP))
		port->heavy_ms = now_ms + port->plan->policy.heavy_ms;
}

/* What was measured, whatever it means. */
static void
judge_facts(struct engine_port *port, const struct dmp_probe_result *result)
{
	struct dmp_board_port_live *live = port->live;
	char address[DMP_ADDRESS_TEXT];

	live->checks++;
	live->check_ms = dmp_clock_mono_ms(port->engine->config.clock);
	live->latency_us = result->latency_us;
	dmp_address_text(&result->address, address);
	judge_note_address(port, address);
	if (result->progress == DMP_PROGRESS_ANSWERED) {
		port->has_answered = true;
		port->used_tls = result->used_tls;
		live->tls_days_left = result->tls_days_left;
		dmp_text_copy(
		    live->tls_subject, sizeof live->tls_subject, result->tls_subject);
	}
	if (result->cassandra != DMP_PROBE_CASSANDRA_UNKNOWN)
		port->engine->world.hosts[port->plan->host].cassandra =
		    result->cassandra;
	judge_heavy(port, result);
	if (result->identity[0])
		dmp_text_copy(live->identity, sizeof live->identity, result->identity);
}

/* A port in maintenance has a state, and no severity. */
uint8_t
engine_severity(const struct engine_port *port)
{
	if (port->live->admin != DMP_ADMIN_ENABLED)
		return DMP_SEVERITY_INDETERMINATE;
	return (uint8_t)dmp_health_worse(
	    dmp_health_severity(port->plan->level, dmp_health_state(&port->health)),
	    dmp_health_certificate(
	        (enum dmp_reason)port->live->reason, port->live->tls_days_left));
}

void
engine_judge(
    struct engine_port *port, const struct dmp_probe_result *result, bool stale)
{
	struct dmp_engine *engine = port->engine;
	const struct dmp_health_policy policy = {
	    port->plan->policy.fall, port->plan->policy.rise};
	enum dmp_state from = dmp_health_state(&port->health);
	bool light = dmp_clock_mono_ms(engine->config.clock) < port->heavy_ms;
	bool changed;

	engine->system.checks++;
	if (result->outcome == DMP_OUTCOME_INCONCLUSIVE)
		engine->system.inconclusive++;
	if (result->outcome == DMP_OUTCOME_FAIL)
		port->live->failures++;
	engine_count(port, -1);
	judge_facts(port, result);
	changed =
	    dmp_health_feed(&port->health, &policy, port->plan->level, result->reason);
	judge_explain(port, result, stale, light);
	if (changed)
		judge_changed(port, from);
	port->live->state = (uint8_t)dmp_health_state(&port->health);
	port->live->severity = engine_severity(port);
	engine_count(port, 1);
}

/* Problems of ports that the plan no longer has are cleared: removed. */
void
engine_clear_absent(struct dmp_engine *engine)
{
	size_t i = 0;

	while (i < engine->problems.n) {
		const struct dmp_problem *problem = engine->problems.items[i];
		struct dmp_event event = {
		    .type = DMP_EVENT_PORT_CLEARED,
		    .state = DMP_STATE_NOT_APPLICABLE,
		    .previous_state = problem->state,
		    .severity = DMP_SEVERITY_CLEARED,
		    .reason = DMP_REASON_REMOVED,
		    .level = DMP_LEVEL_NONE,
		    .transport = DMP_TRANSPORT_NONE,
		    .port_index = problem->port_index,
		    .host_index = problem->host_index,
		};

		if (problem->port_index == 0 ||
		    engine_find_port(&engine->world, problem->key)) {
			i++;
			continue;
		}
		(void)engine_source(engine, event.source);
		dmp_text_copy(event.key, sizeof event.key, problem->key);
		event.time_ms = dmp_clock_wall_ms(engine->config.clock);
		dmp_text_format(event.message, sizeof event.message,
		    "%.95s is no longer part of the plan", problem->key);
		if (judge_post(engine, &event) != DMP_OK)
			return;
	}
}

void
dmp_engine_announce_site(
    struct dmp_engine *engine, enum dmp_event_type type, const char *message)
{
	static const enum dmp_reason REASONS[] = {
	    [DMP_EVENT_CONFIG_REJECTED] = DMP_REASON_CONFIG_INVALID,
	    [DMP_EVENT_CONFIG_APPLIED] = DMP_REASON_CONFIG_CHANGED,
	    [DMP_EVENT_STARTED] = DMP_REASON_STARTED,
	    [DMP_EVENT_STOPPING] = DMP_REASON_STOPPING,
	};
	struct dmp_event event = {
	    .type = type,
	    .key = "site",
	    .state = DMP_STATE_NOT_APPLICABLE,
	    .previous_state = DMP_STATE_NOT_APPLICABLE,
	    .severity =
	        dmp_event_raises(type) ? DMP_SEVERITY_WARNING : DMP_SEVERITY_CLEARED,
	    .reason = REASONS[type],
	    .level = DMP_LEVEL_NONE,
	    .transport = DMP_TRANSPORT_NONE,
	    .time_ms = dmp_clock_wall_ms(engine->config.clock),
	};

	(void)engine_source(engine, event.source);
	dmp_text_safe(event.message, sizeof event.message, message);
	(void)judge_post(
	    engine, &event); /* a full queue is told by the lost sequence */
}
