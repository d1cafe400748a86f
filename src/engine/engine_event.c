/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_event.c - notifications in the making: who is concerned, the sentence an
 * operator reads first, the way to the event log.
 */
#include <string.h>

#include "engine/engine_internal.h"

bool
engine_is_raised(
    const struct dmp_engine *engine, const char *key, enum dmp_event_type type)
{
	const struct dmp_problem *problem =
	    dmp_problem_find(&engine->problems, key, type);

	return problem && problem->type == type;
}

enum dmp_status
engine_post(struct dmp_engine *engine, struct dmp_event *event)
{
	enum dmp_status status;

	dmp_text_copy(event->source, sizeof event->source, engine->source);
	event->time_ms = dmp_clock_wall_ms(engine->config.clock);
	status = dmp_eventlog_post(engine->config.log, event);
	if (status != DMP_OK)
		return status;
	engine->last_posted = event->sequence;
	/* Without memory the announcement is repeated by a later check: a duplicate
	 * with a new number, never a silent loss. */
	status = dmp_problem_apply(&engine->problems, event);
	if (status == DMP_OK && dmp_event_raises(event->type))
		dmp_problem_touch(
		    &engine->problems, event, dmp_clock_mono_ms(engine->config.clock));
	return status;
}

/* --- ports --- */

void
engine_save_port(const struct engine_port *port)
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

/* Why it is as it is, and what timeouts mean on this host. */
const char *
engine_sentence(const struct engine_port *port, enum dmp_reason reason)
{
	enum dmp_timeout_reading reading = engine_host_of(port)->reading;

	return reason == DMP_REASON_TIMEOUT && reading != DMP_TIMEOUT_UNREAD
	           ? dmp_timeout_sentence(reading)
	           : dmp_reason_sentence(reason);
}

/* A port that is open and should not be: that its service answers is nobody's fault. */
static const char *
event_owner(
    const struct engine_port *port, enum dmp_state state, enum dmp_reason reason)
{
	enum dmp_timeout_reading reading = engine_host_of(port)->reading;

	if (state == DMP_STATE_EXPOSED)
		return "the owner of the host";
	return reason == DMP_REASON_TIMEOUT && reading != DMP_TIMEOUT_UNREAD
	           ? dmp_timeout_owner(reading)
	           : dmp_reason_owner(reason);
}

/* Which service, and where. */
static void
event_subject(const struct dmp_event *event, char *text, size_t size)
{
	dmp_text_format(text, size, "%s %s %u/%s on %s (%s)",
	    dmp_vocab_text(DMP_VOCAB_LEVEL, (int)event->level), event->service,
	    event->port, dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)event->transport),
	    event->host_name, event->address[0] ? event->address : "no address");
}

/* What, where, since when, why, whom to call. */
static void
event_say_state(const struct engine_port *port, const struct dmp_event *event,
    char *text, size_t size)
{
	bool bad = dmp_event_raises(event->type);
	char subject[DMP_MESSAGE_TEXT];
	char since[DMP_TIME_TEXT];

	event_subject(event, subject, sizeof subject);
	dmp_clock_text(dmp_clock_wall_ms(port->engine->config.clock), since);
	if (event->type == DMP_EVENT_PORT_CLEARED) {
		dmp_text_format(text, size, "%s is cleared since %s: %s", subject,
		    since, dmp_reason_sentence(event->reason));
		return;
	}
	dmp_text_format(text, size, "%s is %s since %s: %s%s%s", subject,
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)event->state), since,
	    bad ? engine_sentence(port, event->reason) : port->live->detail,
	    bad ? "; call " : "",
	    bad ? event_owner(port, event->state, event->reason) : "");
}

static void
event_say_flapping(const struct engine_port *port, const struct dmp_event *event,
    char *text, size_t size)
{
	const struct dmp_policy *policy = &port->plan->policy;
	const char *state = dmp_vocab_text(DMP_VOCAB_STATE, (int)event->state);
	char subject[DMP_MESSAGE_TEXT];

	event_subject(event, subject, sizeof subject);
	if (event->type == DMP_EVENT_PORT_STABLE)
		dmp_text_format(
		    text, size, "%s has become stable, it is %s", subject, state);
	else
		dmp_text_format(text, size,
		    "%s changes its state too often, %u times in %u minutes, it is %s "
		    "now; call %s",
		    subject, policy->flap, policy->flap_window_ms / 60000, state,
		    dmp_reason_owner(DMP_REASON_FLAPPING));
}

static void
event_say_certificate(const struct engine_port *port, const struct dmp_event *event,
    char *text, size_t size)
{
	int32_t days = port->live->tls_days_left;
	char subject[DMP_MESSAGE_TEXT];

	event_subject(event, subject, sizeof subject);
	if (event->level == DMP_LEVEL_FORBIDDEN)
		dmp_text_format(text, size,
		    "%s should be closed, its certificate does not matter any more",
		    subject);
	else if (days == INT32_MAX)
		dmp_text_format(
		    text, size, "%s shows no certificate any more", subject);
	else if (event->type == DMP_EVENT_CERTIFICATE_RENEWED)
		dmp_text_format(text, size,
		    "the certificate of %s is valid for %d days: %.60s", subject,
		    (int)days, port->live->tls_subject);
	else if (days < 0)
		dmp_text_format(text, size,
		    "the certificate of %s has expired: %.60s; call %s", subject,
		    port->live->tls_subject, dmp_reason_owner(event->reason));
	else
		dmp_text_format(text, size,
		    "the certificate of %s expires in %d days: %.60s; call %s", subject,
		    (int)days, port->live->tls_subject,
		    dmp_reason_owner(event->reason));
}

static void
event_message(const struct engine_port *port, struct dmp_event *event)
{
	char text[2 * DMP_MESSAGE_TEXT];

	switch (event->type) {
	case DMP_EVENT_PORT_FLAPPING:
	case DMP_EVENT_PORT_STABLE:
		event_say_flapping(port, event, text, sizeof text);
		break;
	case DMP_EVENT_CERTIFICATE_EXPIRING:
	case DMP_EVENT_CERTIFICATE_RENEWED:
		event_say_certificate(port, event, text, sizeof text);
		break;
	default:
		event_say_state(port, event, text, sizeof text);
	}
	dmp_text_safe(event->message, sizeof event->message, text);
}

/* Who is concerned; the row is open. */
void
engine_fill_port(const struct engine_port *port, struct dmp_event *event)
{
	const struct dmp_plan_port *plan = port->plan;
	const struct dmp_plan *whole = port->engine->world.setup->plan;

	dmp_text_copy(event->key, sizeof event->key, plan->key);
	event->level = plan->level;
	dmp_text_copy(
	    event->host_name, sizeof event->host_name, whole->hosts[plan->host].name);
	/* Before its first answer since the start it is where its host is. */
	dmp_text_copy(event->address, sizeof event->address,
	    port->live->address[0] ? port->live->address
	                           : engine_host_of(port)->live.address);
	dmp_text_copy(event->service, sizeof event->service, plan->service);
	event->transport = plan->transport;
	event->port = plan->number;
	event->port_index = port->index;
	event->host_index = engine_host_of(port)->index;
}

/* The row waits for the event, so that nobody sees a state before its event. */
void
engine_await_event(struct engine_port *port, uint32_t sequence)
{
	struct engine_world *world = &port->engine->world;

	port->live->last_event = sequence;
	engine_save_port(port);
	if (port->pending_event == 0)
		world->waiting[world->n_waiting++] = port->row;
	port->pending_event = sequence;
}

enum dmp_status
engine_notify_port(struct engine_port *port, const struct engine_notice *notice)
{
	struct dmp_event event = {
	    .type = notice->type,
	    .state = notice->state,
	    .previous_state = notice->previous_state,
	    .severity = notice->severity,
	    .reason = notice->reason,
	};
	enum dmp_status status = engine_hold_row(port);

	if (status != DMP_OK)
		return status;
	engine_fill_port(port, &event);
	event_message(port, &event);
	status = engine_post(port->engine, &event);
	if (status == DMP_OK)
		engine_await_event(port, event.sequence);
	return status;
}

/* --- hosts --- */

static void
event_say_host(const struct dmp_engine *engine, const struct engine_host *host,
    struct dmp_event *event, enum dmp_reason why)
{
	const struct dmp_site *site = engine->world.setup->plan->site;
	const char *address = host->live.address[0] ? host->live.address : "no address";
	char since[DMP_TIME_TEXT];
	char text[2 * DMP_MESSAGE_TEXT];

	dmp_clock_text(dmp_clock_wall_ms(engine->config.clock), since);
	if (event->type == DMP_EVENT_HOST_UP && why != DMP_REASON_NONE)
		dmp_text_format(text, sizeof text, "host %s (%s) is not judged: %s",
		    event->host_name, address, dmp_reason_sentence(why));
	else if (event->type == DMP_EVENT_HOST_UP)
		dmp_text_format(text, sizeof text, "host %s (%s) answers since %s",
		    event->host_name, address, since);
	else if (host->speaks_for != DMP_NO_GROUP)
		dmp_text_format(text, sizeof text,
		    "host %s (%s) is down since %s, and all others of group %s: %s; "
		    "call %s",
		    event->host_name, address, since,
		    site->groups[host->speaks_for].name, dmp_reason_sentence(why),
		    dmp_reason_owner(why));
	else
		dmp_text_format(text, sizeof text,
		    "host %s (%s) is down since %s: %s; call %s", event->host_name,
		    address, since, dmp_reason_sentence(why), dmp_reason_owner(why));
	dmp_text_safe(event->message, sizeof event->message, text);
}

enum dmp_status
engine_notify_host(
    struct dmp_engine *engine, size_t row, const struct engine_notice *notice)
{
	struct engine_host *host = &engine->world.hosts[row];
	const char *name = engine->world.setup->plan->hosts[row].name;
	struct dmp_event event = {
	    .type = notice->type,
	    .state = notice->state,
	    .previous_state = notice->previous_state,
	    .severity = notice->severity,
	    .reason = notice->reason,
	    .level = DMP_LEVEL_NONE,
	    .transport = DMP_TRANSPORT_NONE,
	    .host_index = host->index,
	};
	enum dmp_status status;

	dmp_text_copy(event.key, sizeof event.key, name);
	dmp_text_copy(event.host_name, sizeof event.host_name, name);
	dmp_text_copy(event.address, sizeof event.address, host->live.address);
	event_say_host(engine, host, &event, notice->reason);
	status = engine_post(engine, &event);
	if (status != DMP_OK)
		return status;
	engine->world.n_hosts_waiting += host->pending_event == 0;
	host->pending_event = event.sequence;
	return DMP_OK;
}

/* --- the site --- */

static enum dmp_status
event_post_site(
    struct dmp_engine *engine, const struct engine_notice *notice, const char *message)
{
	struct dmp_event event = {
	    .type = notice->type,
	    .key = "site",
	    .state = notice->state,
	    .previous_state = notice->previous_state,
	    .severity = notice->severity,
	    .reason = notice->reason,
	    .level = DMP_LEVEL_NONE,
	    .transport = DMP_TRANSPORT_NONE,
	};

	dmp_text_safe(event.message, sizeof event.message, message);
	return engine_post(engine, &event);
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
	struct engine_notice notice = {
	    .type = type,
	    .state = DMP_STATE_NOT_APPLICABLE,
	    .previous_state = DMP_STATE_NOT_APPLICABLE,
	    .severity =
	        dmp_event_raises(type) ? DMP_SEVERITY_WARNING : DMP_SEVERITY_CLEARED,
	    .reason = REASONS[type],
	};

	/* A full queue is told by the lost sequence. */
	(void)event_post_site(engine, &notice, message);
}

enum dmp_status
engine_notify_vantage(struct dmp_engine *engine, bool isolated)
{
	struct engine_notice notice = {
	    .type = isolated ? DMP_EVENT_VANTAGE_ISOLATED : DMP_EVENT_VANTAGE_RESTORED,
	    .state = isolated ? DMP_STATE_DOWN : DMP_STATE_UP,
	    .previous_state = isolated ? DMP_STATE_UP : DMP_STATE_DOWN,
	    .severity = isolated ? DMP_SEVERITY_CRITICAL : DMP_SEVERITY_CLEARED,
	    .reason = isolated ? DMP_REASON_VANTAGE_ISOLATED : DMP_REASON_NONE,
	};
	char since[DMP_TIME_TEXT];
	char message[DMP_MESSAGE_TEXT];

	dmp_clock_text(dmp_clock_wall_ms(engine->config.clock), since);
	if (isolated)
		dmp_text_format(message, sizeof message,
		    "vantage %s is cut off since %s: %s; call %s",
		    engine->world.setup->plan->vantage, since,
		    dmp_reason_sentence(DMP_REASON_VANTAGE_ISOLATED),
		    dmp_reason_owner(DMP_REASON_VANTAGE_ISOLATED));
	else
		dmp_text_format(message, sizeof message,
		    "vantage %s is no longer cut off since %s",
		    engine->world.setup->plan->vantage, since);
	return event_post_site(engine, &notice, message);
}

/* --- what the plan no longer has --- */

/* What ends a problem of which nothing more is known. */
static enum dmp_event_type
event_end_of(enum dmp_event_type type)
{
	switch (type) {
	case DMP_EVENT_HOST_DOWN:
		return DMP_EVENT_HOST_UP;
	case DMP_EVENT_VANTAGE_ISOLATED:
		return DMP_EVENT_VANTAGE_RESTORED;
	case DMP_EVENT_CONFIG_REJECTED:
		return DMP_EVENT_CONFIG_APPLIED;
	default:
		return DMP_EVENT_PORT_CLEARED;
	}
}

static enum dmp_status
event_clear(struct dmp_engine *engine, const struct dmp_problem *problem,
    enum dmp_reason reason, const char *why)
{
	struct dmp_event event = {
	    .type = event_end_of(problem->type),
	    .state = DMP_STATE_NOT_APPLICABLE,
	    .previous_state = problem->state,
	    .severity = DMP_SEVERITY_CLEARED,
	    .reason = reason,
	    .level = DMP_LEVEL_NONE,
	    .transport = DMP_TRANSPORT_NONE,
	    .port_index = problem->port_index,
	    .host_index = problem->host_index,
	};

	dmp_text_copy(event.key, sizeof event.key, problem->key);
	dmp_text_format(
	    event.message, sizeof event.message, "%.95s %s", problem->key, why);
	return engine_post(engine, &event);
}

static bool
event_is_absent(const struct dmp_engine *engine, const struct dmp_problem *problem)
{
	const struct dmp_plan *plan = engine->world.setup->plan;

	if (problem->type != DMP_EVENT_HOST_DOWN)
		return problem->port_index != 0 &&
		       !engine_find_port(&engine->world, problem->key);
	for (size_t i = 0; i < plan->n_hosts; i++) {
		if (strcmp(plan->hosts[i].name, problem->key) == 0)
			return false;
	}
	return true;
}

/* Problems of ports and hosts that the plan no longer has are cleared: removed. */
void
engine_clear_absent(struct dmp_engine *engine)
{
	size_t i = 0;

	while (i < engine->problems.n) {
		const struct dmp_problem *problem = engine->problems.items[i];

		if (!event_is_absent(engine, problem))
			i++;
		else if (event_clear(engine, problem, DMP_REASON_REMOVED,
		             "is no longer part of the plan") != DMP_OK)
			return;
	}
}

/* Receivers know a problem by its source and key.  When the site or the vantage gets
 * another name, what is raised ends under the old one; what is true is announced under
 * the new one, like after any reload.  Without room for that the old one stays: under
 * another nothing would end what is left. */
void
engine_take_source(struct dmp_engine *engine)
{
	const struct dmp_plan *plan = engine->world.setup->plan;
	char source[DMP_SOURCE_TEXT];
	char why[DMP_MESSAGE_TEXT / 2];

	dmp_text_format(
	    source, sizeof source, "%.31s/%.31s", plan->site_name, plan->vantage);
	dmp_text_format(why, sizeof why, "is told as part of %s from now on", source);
	while (engine->source[0] && strcmp(engine->source, source) != 0 &&
	       engine->problems.n > 0) {
		if (event_clear(engine, engine->problems.items[0],
		        DMP_REASON_CONFIG_CHANGED, why) != DMP_OK)
			return;
	}
	dmp_text_copy(engine->source, sizeof engine->source, source);
}
