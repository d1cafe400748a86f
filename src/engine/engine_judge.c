/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_judge.c - what an outcome means: facts to the row, health to a state.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/correlate.h"
#include "engine/engine_internal.h"

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
	engine_save_port(port);
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

/* What comes between the reason of the state and an attempt that points elsewhere. */
static const char JUDGE_DOUBT[] = "; the last attempt, not confirmed yet: ";

/* The state is as sure as before the doubt. */
static void
judge_forget_doubt(struct dmp_board_port_live *live)
{
	char *doubt = strstr(live->detail, JUDGE_DOUBT);

	if (doubt)
		*doubt = '\0';
}

/* Reason and detail are those of the state.  An attempt that points elsewhere and is
 * not believed yet is told in the detail only. */
static void
judge_explain(struct engine_port *port, const struct dmp_probe_result *result,
    const struct engine_attempt *attempt)
{
	struct dmp_board_port_live *live = port->live;
	enum dmp_state state = dmp_health_state(&port->health);
	enum dmp_state target = dmp_health_target(port->plan->level, result->reason);
	const char *note = attempt->stale ? " (stale DNS answer)" : "";

	/* A light check does not take back what the last heavy one has proved. */
	if (!attempt->heavy && live->reason == DMP_REASON_ANSWERED &&
	    (result->reason == DMP_REASON_IDENTITY_WEAK ||
	        result->reason == DMP_REASON_OPEN)) {
		judge_forget_doubt(live);
		return;
	}
	if (target == state || state == DMP_STATE_UNKNOWN) {
		live->reason = (uint8_t)result->reason;
		dmp_text_format(live->detail, sizeof live->detail, "%.200s%s",
		    result->detail, note);
		return;
	}
	dmp_text_format(live->detail, sizeof live->detail, "%s%s%.150s%s",
	    engine_sentence(port, (enum dmp_reason)live->reason), JUDGE_DOUBT,
	    result->detail, note);
}

/* The heavy part is done with the answer.  A datagram may have had its effect although
 * no answer came: it must not be repeated at every check, unless there was no address
 * to send it to.  An exchange that is heavy as a whole goes on until its answer is
 * right: in between a connection would look well. */
static void
judge_heavy(struct engine_port *port, const struct dmp_probe_result *result)
{
	int64_t now_ms = port->live->check_ms;
	bool is_done = result->progress == DMP_PROGRESS_ANSWERED;

	if (port->plan->transport == DMP_TRANSPORT_UDP)
		is_done = result->address.family != 0;
	else if (port->plan->exchange)
		is_done = result->reason == DMP_REASON_ANSWERED;
	if (now_ms >= port->heavy_ms && is_done)
		port->heavy_ms = now_ms + port->plan->policy.heavy_ms;
}

/* What was measured, whatever it means. */
static void
judge_facts(struct engine_port *port, const struct dmp_probe_result *result,
    const struct engine_attempt *attempt)
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
		port->seen = true;
		port->used_tls = result->used_tls;
		live->tls_days_left = result->tls_days_left;
		dmp_text_copy(
		    live->tls_subject, sizeof live->tls_subject, result->tls_subject);
	}
	if (result->cassandra != DMP_PROBE_CASSANDRA_UNKNOWN)
		port->engine->world.hosts[port->plan->host].cassandra =
		    result->cassandra;
	if (attempt->heavy)
		judge_heavy(port, result);
	if (result->identity[0])
		dmp_text_copy(live->identity, sizeof live->identity, result->identity);
}

/* How bad its certificate is.  That of a port that should be closed concerns nobody. */
enum dmp_severity
engine_certificate(const struct engine_port *port, enum dmp_reason reason)
{
	if (port->plan->level == DMP_LEVEL_FORBIDDEN)
		return DMP_SEVERITY_CLEARED;
	return dmp_health_certificate_of(
	    &port->plan->policy.severity, reason, port->live->tls_days_left);
}

/* A port in maintenance has a state, and no severity. */
uint8_t
engine_severity(const struct engine_port *port)
{
	const struct dmp_severities *severities = &port->plan->policy.severity;

	if (port->admin != DMP_ADMIN_ENABLED)
		return DMP_SEVERITY_INDETERMINATE;
	return (uint8_t)dmp_health_worse(
	    dmp_health_severity_of(
	        severities, port->plan->level, dmp_health_state(&port->health)),
	    engine_certificate(port, (enum dmp_reason)port->live->reason));
}

/* What an answer counts as that comes too late. */
static void
judge_slow(const struct engine_port *port, struct dmp_probe_result *result)
{
	uint32_t us = result->answer_us > 0 ? result->answer_us : result->latency_us;
	enum dmp_reason reason = dmp_health_slow(
	    port->plan->level, result->reason, us, port->plan->policy.slow_answer_ms);
	char detail[DMP_DETAIL_TEXT];

	if (reason == result->reason)
		return;
	result->reason = reason;
	dmp_text_format(detail, sizeof detail, "it took %u ms, more than %u: %.200s",
	    us / 1000, port->plan->policy.slow_answer_ms, result->detail);
	dmp_text_copy(result->detail, sizeof result->detail, detail);
}

/* Might the change have been announced? */
static bool
judge_counts(const struct engine_port *port)
{
	struct dmp_silence silence = engine_silence(port);

	return dmp_correlate_counts_as_flap(&silence);
}

/* What was learnt about the host, for engine_correlate.c. */
static bool
judge_evidence(struct engine_port *port, enum dmp_reason reason, int64_t began_ms)
{
	enum dmp_evidence before =
	    dmp_correlate_evidence((enum dmp_reason)port->reason);
	enum dmp_evidence now = dmp_correlate_evidence(reason);

	if (reason != DMP_REASON_NO_REPLY &&
	    dmp_reason_outcome(reason) == DMP_OUTCOME_INCONCLUSIVE)
		return false;
	port->reason = (uint8_t)reason;
	port->began_ms = began_ms;
	return now != before;
}

static void
judge_feed(struct engine_port *port, const struct dmp_probe_result *result,
    const struct engine_attempt *attempt)
{
	const struct dmp_health_policy policy = {
	    port->plan->policy.fall, port->plan->policy.rise};
	enum dmp_state from = dmp_health_state(&port->health);
	bool was_settled = dmp_health_is_settled(&port->health);
	bool turned = judge_evidence(port, result->reason, attempt->began_ms);
	bool changed;

	judge_facts(port, result, attempt);
	changed =
	    dmp_health_feed(&port->health, &policy, port->plan->level, result->reason);
	judge_explain(port, result, attempt);
	if (changed)
		judge_changed(port, from);
	/* Not before it is known whether it is the host. */
	if (changed && engine_is_mute(port) && port->voice == DMP_VOICE_SPEAKS)
		port->voice = DMP_VOICE_HELD;
	if (changed && from != DMP_STATE_UNKNOWN && judge_counts(port))
		engine_flap_feed(port);
	engine_correlate_result(port,
	    changed || turned || was_settled != dmp_health_is_settled(&port->health));
}

void
engine_judge(struct engine_port *port, const struct dmp_probe_result *result,
    const struct engine_attempt *attempt)
{
	struct dmp_engine *engine = port->engine;
	struct dmp_probe_result slow = *result;

	engine->system.checks++;
	if (result->outcome == DMP_OUTCOME_INCONCLUSIVE)
		engine->system.inconclusive++;
	if (result->outcome == DMP_OUTCOME_FAIL)
		port->live->failures++;
	engine_measure_answer(port, result);
	judge_slow(port, &slow);
	engine_count(port, -1);
	judge_feed(port, &slow, attempt);
	port->live->state = (uint8_t)dmp_health_state(&port->health);
	port->live->severity = engine_severity(port);
	engine_count(port, 1);
}
