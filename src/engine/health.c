/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/health.h"

/* How bad a state is; a port moves from one to a worse one after `fall` attempts. */
static int
health_rank(enum dmp_state state)
{
	switch (state) {
	case DMP_STATE_UP:
	case DMP_STATE_CLOSED:
	case DMP_STATE_NOT_APPLICABLE:
		return 0;
	case DMP_STATE_UNKNOWN:
	case DMP_STATE_UNVERIFIED:
		return 1;
	case DMP_STATE_DEGRADED:
		return 2;
	case DMP_STATE_DOWN:
	case DMP_STATE_EXPOSED:
		return 3;
	}
	return 1; /* 0: never checked */
}

enum dmp_state
dmp_health_state(const struct dmp_health *health)
{
	return health->state == 0 ? DMP_STATE_UNKNOWN : health->state;
}

/* A port that should be closed: whatever accepts a connection exposes it.  A name that
 * does not resolve, or a missing route of our own, says nothing about it. */
static enum dmp_state
health_forbidden_target(enum dmp_reason reason)
{
	switch (reason) {
	case DMP_REASON_REFUSED:
	case DMP_REASON_TIMEOUT:
	case DMP_REASON_HOST_UNREACHABLE:
	case DMP_REASON_NET_UNREACHABLE:
	case DMP_REASON_ADMIN_PROHIBITED:
	case DMP_REASON_PROTOCOL_UNREACHABLE:
		return DMP_STATE_CLOSED;
	case DMP_REASON_DNS_NO_NAME:
	case DMP_REASON_DNS_FAILED:
	case DMP_REASON_DNS_TIMEOUT:
	case DMP_REASON_NO_ROUTE:
		return DMP_STATE_UNKNOWN;
	default:
		return DMP_STATE_EXPOSED;
	}
}

static enum dmp_state
health_wanted_target(enum dmp_reason reason)
{
	if (dmp_reason_outcome(reason) == DMP_OUTCOME_FAIL)
		return DMP_STATE_DOWN;
	switch (reason) {
	case DMP_REASON_SERVICE_UNWELL:
	case DMP_REASON_SLOW:
	case DMP_REASON_TLS_EXPIRED:
	case DMP_REASON_TLS_NOT_YET_VALID:
		return DMP_STATE_DEGRADED;
	default:
		return DMP_STATE_UP;
	}
}

enum dmp_state
dmp_health_target(enum dmp_level level, enum dmp_reason reason)
{
	if (reason == DMP_REASON_NO_REPLY)
		return DMP_STATE_UNVERIFIED;
	if (dmp_reason_outcome(reason) == DMP_OUTCOME_INCONCLUSIVE)
		return DMP_STATE_UNKNOWN;
	if (level == DMP_LEVEL_FORBIDDEN)
		return health_forbidden_target(reason);
	return health_wanted_target(reason);
}

void
dmp_health_resume(struct dmp_health *health, enum dmp_state state)
{
	*health = (struct dmp_health){.state = state};
}

static void
health_enter(struct dmp_health *health, enum dmp_state state)
{
	health->state = state;
	health->worse = 0;
	health->better = 0;
	health->bad_streak = state == DMP_STATE_DOWN ? 1 : 0;
	health->reconfirm = 0;
}

/* How many attempts in a row must point at target before it is believed. */
static unsigned
health_threshold(
    enum dmp_state state, enum dmp_state target, const struct dmp_health_policy *policy)
{
	bool undecided = state == DMP_STATE_UNKNOWN || state == DMP_STATE_UNVERIFIED;

	if (health_rank(target) > health_rank(state))
		return policy->fall;
	return undecided ? 1 : policy->rise;
}

/* One attempt that points away from the present state; true when it is believed. */
static bool
health_doubt(struct dmp_health *health, const struct dmp_health_policy *policy,
    enum dmp_state target)
{
	enum dmp_state state = dmp_health_state(health);
	uint16_t *count = &health->better;

	if (health_rank(target) > health_rank(state))
		count = &health->worse;
	if (count == &health->worse)
		health->better = 0;
	else
		health->worse = 0;
	if (*count < UINT16_MAX)
		(*count)++;
	if (*count < health_threshold(state, target, policy))
		return false;
	health_enter(health, target);
	return true;
}

/* UDP silence proves nothing: it can end UNKNOWN, and DOWN, but never worsen a state.
 */
static bool
health_feed_silence(struct dmp_health *health, const struct dmp_health_policy *policy)
{
	enum dmp_state state = dmp_health_state(health);

	if (state == DMP_STATE_UNKNOWN) {
		health_enter(health, DMP_STATE_UNVERIFIED);
		return true;
	}
	if (health_rank(state) <= health_rank(DMP_STATE_UNVERIFIED))
		return false;
	return health_doubt(health, policy, DMP_STATE_UNVERIFIED);
}

bool
dmp_health_feed(struct dmp_health *health, const struct dmp_health_policy *policy,
    enum dmp_level level, enum dmp_reason reason)
{
	enum dmp_outcome outcome = dmp_reason_outcome(reason);
	enum dmp_state target = dmp_health_target(level, reason);

	if (reason == DMP_REASON_NO_REPLY)
		return health_feed_silence(health, policy);
	if (outcome == DMP_OUTCOME_INCONCLUSIVE)
		return false;
	health->history =
	    health->history << 1 | (outcome == DMP_OUTCOME_OK ? UINT64_C(1) : 0);
	if (health->valid < 64)
		health->valid++;
	if (target == DMP_STATE_UNKNOWN)
		return false;
	if (target != dmp_health_state(health))
		return health_doubt(health, policy, target);
	health->worse = 0;
	health->better = 0;
	if (health->reconfirm > 0)
		health->reconfirm--;
	if (target == DMP_STATE_DOWN && health->bad_streak < UINT32_MAX)
		health->bad_streak++;
	return false;
}

enum dmp_pace
dmp_health_pace(const struct dmp_health *health)
{
	if (health->worse > 0 || health->better > 0)
		return DMP_PACE_FAST;
	if (health->reconfirm > 0)
		return (enum dmp_pace)health->pace;
	if (health->bad_streak >= DMP_HEALTH_LONG_DOWN)
		return DMP_PACE_SLOW;
	return DMP_PACE_NORMAL;
}

enum dmp_reason
dmp_health_slow(
    enum dmp_level level, enum dmp_reason reason, uint32_t latency_us, uint32_t slow_ms)
{
	bool slow = slow_ms > 0 && latency_us > (uint64_t)slow_ms * 1000;
	bool good = dmp_reason_outcome(reason) == DMP_OUTCOME_OK &&
	            dmp_health_target(level, reason) == DMP_STATE_UP;

	return slow && good ? DMP_REASON_SLOW : reason;
}

void
dmp_health_reconfirm(struct dmp_health *health, const struct dmp_health_policy *policy,
    enum dmp_pace pace)
{
	if (health_rank(dmp_health_state(health)) <= health_rank(DMP_STATE_UNKNOWN))
		return;
	health->worse = 0;
	health->better = 0;
	health->bad_streak = 0;
	health->reconfirm =
	    (uint8_t)(policy->fall < UINT8_MAX ? policy->fall : UINT8_MAX);
	health->pace = (uint8_t)pace;
}

bool
dmp_health_is_settled(const struct dmp_health *health)
{
	return health->reconfirm == 0;
}

enum dmp_severity
dmp_health_severity(enum dmp_level level, enum dmp_state state)
{
	if (level == DMP_LEVEL_INFORMATIONAL || level == DMP_LEVEL_NONE)
		return state == DMP_STATE_UP ? DMP_SEVERITY_CLEARED
		                             : DMP_SEVERITY_INDETERMINATE;
	switch (state) {
	case DMP_STATE_UP:
	case DMP_STATE_CLOSED:
	case DMP_STATE_NOT_APPLICABLE:
		return DMP_SEVERITY_CLEARED;
	case DMP_STATE_DEGRADED:
		return DMP_SEVERITY_MINOR;
	case DMP_STATE_DOWN:
		return level == DMP_LEVEL_REQUIRED ? DMP_SEVERITY_CRITICAL
		                                   : DMP_SEVERITY_WARNING;
	case DMP_STATE_EXPOSED:
		return DMP_SEVERITY_MAJOR;
	case DMP_STATE_UNKNOWN:
	case DMP_STATE_UNVERIFIED:
		break;
	}
	return DMP_SEVERITY_INDETERMINATE;
}

enum dmp_severity
dmp_health_certificate(enum dmp_reason reason, int32_t days_left)
{
	if (days_left < 0)
		return DMP_SEVERITY_CRITICAL;
	if (days_left < 7)
		return DMP_SEVERITY_MAJOR;
	if (days_left < 30)
		return DMP_SEVERITY_WARNING;
	switch (reason) {
	case DMP_REASON_TLS_EXPIRED:
		return DMP_SEVERITY_CRITICAL;
	case DMP_REASON_TLS_NOT_YET_VALID:
	case DMP_REASON_TLS_SELF_SIGNED:
	case DMP_REASON_TLS_UNTRUSTED:
	case DMP_REASON_TLS_NAME_MISMATCH:
		return DMP_SEVERITY_WARNING;
	default:
		return DMP_SEVERITY_CLEARED;
	}
}

enum dmp_severity
dmp_health_severity_of(
    const struct dmp_severities *severities, enum dmp_level level, enum dmp_state state)
{
	enum dmp_severity severity = dmp_health_severity(level, state);
	enum dmp_severity wanted = 0;

	if (dmp_severity_rank(severity) == 0)
		return severity;
	if (state == DMP_STATE_DOWN)
		wanted = severities->down;
	else if (state == DMP_STATE_DEGRADED)
		wanted = severities->degraded;
	else if (state == DMP_STATE_EXPOSED)
		wanted = severities->exposed;
	return wanted != 0 ? wanted : severity;
}

enum dmp_severity
dmp_health_certificate_of(
    const struct dmp_severities *severities, enum dmp_reason reason, int32_t days_left)
{
	enum dmp_severity severity = dmp_health_certificate(reason, days_left);

	if (severity == DMP_SEVERITY_CLEARED || severities->certificate == 0)
		return severity;
	return severities->certificate;
}

enum dmp_severity
dmp_health_worse(enum dmp_severity a, enum dmp_severity b)
{
	return dmp_severity_rank(b) > dmp_severity_rank(a) ? b : a;
}
