/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_announce.c - what is announced is compared with what is true, and the
 * difference is announced by whoever may speak.
 */
#include <string.h>

#include "engine/correlate.h"
#include "engine/engine_internal.h"

/* --- ports --- */

/* Is it down for want of any answer, so that it may not be its own fault? */
bool
engine_is_mute(const struct engine_port *port)
{
	return dmp_health_state(&port->health) == DMP_STATE_DOWN &&
	       dmp_correlate_evidence((enum dmp_reason)port->reason) ==
	           DMP_EVIDENCE_MUTE;
}

/* Which state a receiver of our notifications believes this port to be in. */
static enum dmp_state
announce_announced(const struct engine_port *port)
{
	return dmp_problem_announced_state(&port->engine->problems, port->plan->key);
}

/* Is it a port of which anything is announced, when nothing keeps it silent? */
static bool
announce_is_judged(const struct engine_port *port)
{
	return port->admin == DMP_ADMIN_ENABLED &&
	       port->plan->level != DMP_LEVEL_INFORMATIONAL &&
	       port->plan->level != DMP_LEVEL_NONE;
}

struct dmp_silence
engine_silence(const struct engine_port *port)
{
	const struct engine_host *host = engine_host_of(port);
	bool mute = host->mute && engine_is_mute(port);
	struct dmp_silence silence = {
	    .admin = (enum dmp_admin)port->admin,
	    .vantage = DMP_VOICE_SPEAKS,
	    .host = (enum dmp_voice)port->voice,
	    .flapping = port->flap && port->flap->raised,
	    .endpoint = port->quiet,
	};

	if (mute && host->voice == DMP_VOICE_HELD)
		silence.vantage = DMP_VOICE_HELD;
	if (mute && host->voice == DMP_VOICE_SUPPRESSED)
		silence.host = DMP_VOICE_SUPPRESSED;
	if (port->engine->site.isolated)
		silence.vantage = DMP_VOICE_SUPPRESSED;
	return silence;
}

/* What leads from what is announced to what is. */
static size_t
announce_steps(
    const struct engine_port *port, enum dmp_event_type types[DMP_ANNOUNCE_MAX])
{
	enum dmp_state present = DMP_STATE_NOT_APPLICABLE;

	if (announce_is_judged(port))
		present = dmp_health_state(&port->health);
	return dmp_announce_port(announce_announced(port), present, types);
}

/* Has it something to say that its endpoint does not say? */
bool
engine_is_waiting(const struct engine_port *port)
{
	enum dmp_event_type types[DMP_ANNOUNCE_MAX];

	return !port->quiet && announce_is_judged(port) &&
	       !(port->flap && port->flap->raised) && announce_steps(port, types) > 0;
}

/* Why a port that was announced is not announced any more. */
static enum dmp_reason
announce_silent_reason(const struct engine_port *port)
{
	if (port->admin == DMP_ADMIN_MAINTENANCE)
		return DMP_REASON_MAINTENANCE;
	if (port->admin == DMP_ADMIN_DISABLED)
		return DMP_REASON_DISABLED;
	return DMP_REASON_CONFIG_CHANGED; /* informational from now on */
}

/* One step.  PORT_CLEARED before another problem says superseded. */
static enum dmp_status
announce_step(struct engine_port *port, enum dmp_event_type type, bool last)
{
	struct engine_notice notice = {
	    .type = type,
	    .state = dmp_health_state(&port->health),
	    .previous_state = announce_announced(port),
	    .severity = DMP_SEVERITY_CLEARED,
	    .reason = (enum dmp_reason)port->live->reason,
	};

	if (type == DMP_EVENT_PORT_CLEARED)
		notice.state = DMP_STATE_NOT_APPLICABLE;
	if (type == DMP_EVENT_PORT_CLEARED && !last)
		notice.reason = DMP_REASON_SUPERSEDED;
	else if (!announce_is_judged(port))
		notice.reason = announce_silent_reason(port);
	if (dmp_event_raises(type))
		notice.severity = dmp_health_severity_of(
		    &port->plan->policy.severity, port->plan->level, notice.state);
	return engine_notify_port(port, &notice);
}

static bool
announce_is_raised(const struct engine_port *port, enum dmp_event_type type)
{
	return engine_is_raised(port->engine, port->plan->key, type);
}

static enum dmp_status
announce_state(struct engine_port *port)
{
	enum dmp_event_type types[DMP_ANNOUNCE_MAX];
	size_t n = announce_steps(port, types);
	enum dmp_status status = DMP_OK;

	if (n == 0 && !announce_is_judged(port) &&
	    (announce_is_raised(port, DMP_EVENT_CERTIFICATE_EXPIRING) ||
	        announce_is_raised(port, DMP_EVENT_PORT_FLAPPING)))
		types[n++] = DMP_EVENT_PORT_CLEARED;
	for (size_t i = 0; i < n && status == DMP_OK; i++)
		status = announce_step(port, types[i], i + 1 == n);
	return status;
}

/* The certificate has a life of its own beside the state. */
static enum dmp_status
announce_certificate(struct engine_port *port)
{
	int32_t days = port->live->tls_days_left;
	const struct dmp_problem *problem = dmp_problem_find(
	    &port->engine->problems, port->plan->key, DMP_EVENT_CERTIFICATE_EXPIRING);
	struct engine_notice notice = {
	    .state = dmp_health_state(&port->health),
	    .previous_state = dmp_health_state(&port->health),
	    .severity = engine_certificate(port, DMP_REASON_NONE),
	};

	if (!port->seen) /* nothing is known of it since the start */
		return DMP_OK;
	if (notice.severity == DMP_SEVERITY_CLEARED) {
		if (!problem)
			return DMP_OK;
		notice.type = DMP_EVENT_CERTIFICATE_RENEWED;
		notice.reason = DMP_REASON_NONE;
		return engine_notify_port(port, &notice);
	}
	if (problem && problem->severity == notice.severity)
		return DMP_OK;
	notice.type = DMP_EVENT_CERTIFICATE_EXPIRING;
	notice.reason = days < 0 ? DMP_REASON_TLS_EXPIRED : DMP_REASON_TLS_EXPIRING;
	return engine_notify_port(port, &notice);
}

/* Too many changes are one finding, and none of them is announced meanwhile. */
static enum dmp_status
announce_flapping(struct engine_port *port)
{
	bool raised = announce_is_raised(port, DMP_EVENT_PORT_FLAPPING);
	bool flaps = port->flap && port->flap->raised;
	struct engine_notice notice = {
	    .type = flaps ? DMP_EVENT_PORT_FLAPPING : DMP_EVENT_PORT_STABLE,
	    .state = dmp_health_state(&port->health),
	    .previous_state = announce_announced(port),
	    .severity = flaps ? DMP_SEVERITY_WARNING : DMP_SEVERITY_CLEARED,
	    .reason = flaps ? DMP_REASON_FLAPPING : (enum dmp_reason)port->live->reason,
	};

	return raised == flaps ? DMP_OK : engine_notify_port(port, &notice);
}

/* What the silence means on this host is known when others of its ports were asked, so
 * the row is told here and not by the attempt. */
static void
announce_reading(const struct engine_port *port)
{
	enum dmp_timeout_reading reading = engine_host_of(port)->reading;
	struct dmp_board_port_live *live = port->live;
	char detail[DMP_DETAIL_TEXT];
	size_t n = strcspn(live->detail, ";");

	if (reading == DMP_TIMEOUT_UNREAD || port->reason != DMP_REASON_TIMEOUT ||
	    live->reason != DMP_REASON_TIMEOUT || live->state != DMP_STATE_DOWN ||
	    strstr(live->detail, dmp_timeout_sentence(reading)))
		return;
	dmp_text_format(detail, sizeof detail, "%.*s; %s", (int)n, live->detail,
	    dmp_timeout_sentence(reading));
	dmp_text_copy(live->detail, sizeof live->detail, detail);
}

/* Announce the difference between what is announced and what is true. */
static void
announce_difference(struct engine_port *port)
{
	struct dmp_silence silence = engine_silence(port);
	enum dmp_status status;

	port->live->suppressed = (uint8_t)dmp_correlate_suppressed(&silence);
	port->suppressed = port->live->suppressed;
	announce_reading(port);
	engine_measure_show(port);
	if (!announce_is_judged(port)) {
		(void)announce_state(port);
		return;
	}
	silence.flapping = false; /* that is said even so */
	if (!dmp_correlate_may_announce(&silence))
		return;
	status = announce_flapping(port);
	if (status == DMP_OK && !(port->flap && port->flap->raised))
		status = announce_state(port);
	if (status == DMP_OK)
		(void)announce_certificate(port);
	/* What could not be said is found again by the next check. */
}

/* --- endpoints --- */

/* Decide which port of the endpoint speaks. */
static void
announce_choose_speaker(struct engine_port *port)
{
	const struct engine_world *world = &port->engine->world;
	const struct dmp_plan *plan = world->setup->plan;
	struct engine_port *s = port;
	size_t n = 0;

	do {
		world->views[n++] = (struct dmp_endpoint_port){
		    .requirement = plan->requirements[s->plan->requirement].number,
		    .level = s->plan->level,
		    .state = dmp_health_state(&s->health),
		    .reason = (enum dmp_reason)s->live->reason,
		    .admin = (enum dmp_admin)s->admin,
		    .announced = announce_announced(s) == DMP_STATE_DOWN,
		};
		s = engine_sibling(s);
	} while (s != port);
	dmp_correlate_endpoint(world->views, n, world->suppressed);
	for (size_t i = 0; i < n; i++, s = engine_sibling(s))
		s->quiet = world->suppressed[i];
}

void
engine_announce_endpoint(struct engine_port *port)
{
	struct engine_port *s = port;

	engine_open_endpoint(port);
	announce_choose_speaker(port);
	do {
		announce_difference(s);
		engine_publish_port(s);
		s = engine_sibling(s);
	} while (s != port);
}

/* Has the port something to say or to show? */
static bool
announce_is_due(const struct engine_port *port)
{
	struct dmp_silence silence = engine_silence(port);
	enum dmp_event_type types[DMP_ANNOUNCE_MAX];

	return port->suppressed != dmp_correlate_suppressed(&silence) ||
	       (dmp_correlate_may_announce(&silence) &&
	           announce_steps(port, types) > 0);
}

/* --- hosts --- */

/* How bad it is when the host is down: as bad as its worst port would be. */
static enum dmp_severity
announce_host_severity(const struct dmp_engine *engine, size_t row)
{
	const struct engine_host *host = &engine->world.hosts[row];
	enum dmp_severity severity = DMP_SEVERITY_CLEARED;

	for (size_t i = 0; i < host->n_ports; i++) {
		const struct engine_port *port =
		    &engine->world.ports[host->first_port + i];

		if (announce_is_judged(port) &&
		    port->plan->level != DMP_LEVEL_FORBIDDEN)
			severity = dmp_health_worse(severity,
			    dmp_health_severity_of(&port->plan->policy.severity,
			        port->plan->level, DMP_STATE_DOWN));
	}
	return severity;
}

/* Is HOST_DOWN to be announced, whoever may do so? */
bool
engine_is_host_bad(const struct dmp_engine *engine, size_t row)
{
	const struct engine_host *host = &engine->world.hosts[row];

	return host->watch.down && host->live.admin == DMP_ADMIN_ENABLED &&
	       announce_host_severity(engine, row) != DMP_SEVERITY_CLEARED;
}

static enum dmp_reason
announce_host_silent_reason(const struct engine_host *host)
{
	if (host->live.admin == DMP_ADMIN_MAINTENANCE)
		return DMP_REASON_MAINTENANCE;
	if (host->live.admin == DMP_ADMIN_DISABLED)
		return DMP_REASON_DISABLED;
	return host->dropped ? DMP_REASON_CONFIG_CHANGED : DMP_REASON_NONE;
}

static void
announce_host_difference(struct dmp_engine *engine, size_t row)
{
	struct engine_host *host = &engine->world.hosts[row];
	const char *name = engine->world.setup->plan->hosts[row].name;
	bool raised = engine_is_raised(engine, name, DMP_EVENT_HOST_DOWN);
	bool bad = engine_is_host_bad(engine, row);
	struct engine_notice notice = {
	    .type = bad ? DMP_EVENT_HOST_DOWN : DMP_EVENT_HOST_UP,
	    .state = bad ? DMP_STATE_DOWN : DMP_STATE_UP,
	    .previous_state = bad ? DMP_STATE_UP : DMP_STATE_DOWN,
	    .severity = announce_host_severity(engine, row),
	    .reason = bad ? host->reason : announce_host_silent_reason(host),
	};

	if (raised == bad ||
	    (bad && (host->voice != DMP_VOICE_SPEAKS || engine->site.isolated)))
		return;
	if (!bad)
		notice.severity = DMP_SEVERITY_CLEARED;
	if (!bad && notice.reason != DMP_REASON_NONE)
		notice.state = DMP_STATE_NOT_APPLICABLE;
	/* What could not be said is found again by the next turn of the host. */
	if (engine_notify_host(engine, row, &notice) != DMP_OK)
		engine_doubt_host(engine, row);
}

void
engine_announce_host(struct dmp_engine *engine, size_t row)
{
	struct engine_host *host = &engine->world.hosts[row];

	announce_host_difference(engine, row);
	for (size_t i = 0; i < host->n_ports; i++) {
		struct engine_port *port = &engine->world.ports[host->first_port + i];

		if (announce_is_due(port))
			engine_announce_endpoint(port);
	}
	engine_publish_host(engine, row);
}
