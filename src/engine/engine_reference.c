/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_reference.c - the address that proves our own link, such as the default
 * router.
 *
 * It is asked like a port.  Which port is not known: any answer will do, a refusal,
 * too, but some routers are mute on most; so several are tried until one answers, and
 * that one is asked from then on.  An address that has never answered proves nothing
 * when it is silent.
 */
#include <string.h>

#include "engine/engine_internal.h"

static const uint16_t PORTS[] = {80, 443, 22, 53, 7};

enum { N_PORTS = sizeof PORTS / sizeof PORTS[0] };

static void
reference_cancel(struct dmp_engine *engine)
{
	struct engine_reference *reference = &engine->reference;

	engine_prober_cancel(engine, reference->probe);
	reference->probe = NULL;
}

static int64_t
reference_pause_ms(const struct engine_reference *reference)
{
	const struct dmp_policy policy = dmp_policy_default();

	if (dmp_health_pace(&reference->health) == DMP_PACE_FAST)
		return policy.fast_ms;
	return policy.interval_ms;
}

static void
reference_judge(struct engine_reference *reference, enum dmp_reason reason)
{
	const struct dmp_policy policy = dmp_policy_default();
	const struct dmp_health_policy health = {policy.fall, policy.rise};
	enum dmp_evidence evidence = dmp_correlate_evidence(reason);

	if (evidence == DMP_EVIDENCE_NONE)
		return;
	reference->said_ms = reference->began_ms;
	if (evidence == DMP_EVIDENCE_HEARD)
		reference->has_answered = true;
	else if (!reference->has_answered)
		reference->port = (reference->port + 1) % N_PORTS;
	if (reference->has_answered)
		(void)dmp_health_feed(&reference->health, &health, DMP_LEVEL_REQUIRED,
		    evidence == DMP_EVIDENCE_HEARD ? DMP_REASON_OPEN
		                                   : DMP_REASON_TIMEOUT);
}

static void
reference_done(const struct dmp_probe_result *result, void *arg)
{
	struct dmp_engine *engine = arg;
	struct engine_reference *reference = &engine->reference;
	enum dmp_state before = dmp_health_state(&reference->health);

	reference->probe = NULL;
	reference_judge(reference, result->reason);
	reference->due_ms =
	    dmp_clock_mono_ms(engine->config.clock) + reference_pause_ms(reference);
	if (engine->site_is_busy || before != dmp_health_state(&reference->health))
		engine_doubt_site(engine);
	engine_arm(engine);
}

void
engine_reference_turn(struct dmp_engine *engine, int64_t now_ms)
{
	struct engine_reference *reference = &engine->reference;
	struct dmp_probe_spec spec = {
	    .kind = DMP_PROBE_CONNECT,
	    .depth = DMP_PROBE_CONNECT_ONLY,
	    .transport = DMP_TRANSPORT_TCP,
	    .port = PORTS[reference->port],
	    .addresses = {reference->address},
	    .n_addresses = 1,
	    .host = "",
	    .connect_timeout_ms = dmp_policy_default().timeout_ms,
	};

	if (now_ms < reference->due_ms)
		return;
	reference->began_ms = now_ms;
	reference->due_ms = DMP_ENGINE_NEVER;
	if (engine_prober_start(
	        engine, &spec, reference_done, engine, &reference->probe) != DMP_OK)
		reference->due_ms = now_ms + reference_pause_ms(reference);
}

/* The plan in force says which address that is; one that stays keeps what is known. */
void
engine_reference_take(struct dmp_engine *engine)
{
	struct engine_reference *reference = &engine->reference;
	struct dmp_address address = {0};

	(void)dmp_address_parse(engine->world.setup->plan->reference, &address);
	if (dmp_address_equal(&address, &reference->address) && reference->is_taken)
		return;
	reference_cancel(engine);
	*reference = (struct engine_reference){
	    .is_taken = true,
	    .address = address,
	    .due_ms = address.family != 0 ? dmp_clock_mono_ms(engine->config.clock)
	                                  : DMP_ENGINE_NEVER,
	};
}

void
engine_reference_view(const struct dmp_engine *engine, struct dmp_site_view *view)
{
	const struct engine_reference *reference = &engine->reference;

	view->reference =
	    reference->address.family != 0 ? DMP_REFERENCE_UNKNOWN : DMP_REFERENCE_NONE;
	if (reference->has_answered)
		view->reference = dmp_health_state(&reference->health) == DMP_STATE_DOWN
		                      ? DMP_REFERENCE_FAILS
		                      : DMP_REFERENCE_ANSWERS;
	view->reference_ms = reference->said_ms;
	view->reference_timeout_ms = dmp_policy_default().timeout_ms;
}

/* Ask now, unless an attempt has begun since. */
void
engine_reference_ask(struct dmp_engine *engine, int64_t since_ms)
{
	struct engine_reference *reference = &engine->reference;

	if (reference->due_ms != DMP_ENGINE_NEVER && reference->began_ms < since_ms)
		reference->due_ms = dmp_clock_mono_ms(engine->config.clock);
}

void
engine_reference_done(struct dmp_engine *engine)
{
	reference_cancel(engine);
}
