/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health.h - turns a stream of outcomes into a state.  Pure: no clock, no I/O.
 *
 * Rules.  Each conclusive outcome points at a target state (level and reason decide
 * which).  A worse target must come `fall` times in a row before it is believed, a
 * better one `rise` times; from UNKNOWN the first good one is believed at once and a
 * bad one after `fall`.  Inconclusive outcomes never count; the only thing they can do
 * is turn UNKNOWN into UNVERIFIED (UDP silence).  While a change is in doubt checks are
 * fast, while long down they are slow.
 *
 * So a port that is down from the start is announced after `fall` attempts, and one
 * that is up from the start never: a port that was not announced counts as up.  An
 * answer slower than the threshold of the policy counts as one that points at DEGRADED,
 * like all the others `fall` times in a row.
 *
 * After its host or the vantage was cut off, what is known of a port is old: it can be
 * asked to confirm its state again, and until then nothing of it is announced.
 */
#ifndef DMP_HEALTH_H
#define DMP_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vocab.h"
#include "model/policy.h"

struct dmp_health_policy {
	uint16_t fall; /* >= 1 */
	uint16_t rise; /* >= 1 */
};

/* Value type, zero-initialised = never checked.  Callers may read, feed() writes. */
struct dmp_health {
	uint64_t history;     /* conclusive outcomes, newest in bit 0, 1 = OK */
	uint8_t valid;        /* bits of history that are real, 0..64 */
	uint8_t reconfirm;    /* attempts still wanted, see dmp_health_reconfirm() */
	uint8_t pace;         /* enum dmp_pace, meanwhile */
	uint32_t bad_streak;  /* attempts in a row at the worst confirmed state */
	uint16_t worse;       /* attempts in a row that point at something worse */
	uint16_t better;      /* ... at something better */
	enum dmp_state state; /* 0 reads as UNKNOWN */
};

enum dmp_pace { DMP_PACE_NORMAL = 0, DMP_PACE_FAST, DMP_PACE_SLOW };

/* Attempts in a row at DOWN before checks slow down. */
#define DMP_HEALTH_LONG_DOWN 20

enum dmp_state dmp_health_state(const struct dmp_health *health);

/* The state at which one attempt points; UNKNOWN for an inconclusive one. */
enum dmp_state dmp_health_target(enum dmp_level level, enum dmp_reason reason);

/* Take up a state that was known before (restart, reload). */
void dmp_health_resume(struct dmp_health *health, enum dmp_state state);

/* Record one attempt.  True when the state changed. */
bool dmp_health_feed(struct dmp_health *health, const struct dmp_health_policy *policy,
    enum dmp_level level, enum dmp_reason reason);

enum dmp_pace dmp_health_pace(const struct dmp_health *health);

/* What a good answer counts as that took latency_us: SLOW when that is more than
 * slow_ms (0 = off), else its own reason.  Only what would be UP can be too slow. */
enum dmp_reason dmp_health_slow(enum dmp_level level, enum dmp_reason reason,
    uint32_t latency_us, uint32_t slow_ms);

/* Doubt a bad state: it holds again after `fall` attempts that point at it, or ends
 * like any other.  FAST when we were cut off; NORMAL when the host was, since services
 * need a while after it has started.  A good state, and UNKNOWN, needs no confirmation.
 */
void dmp_health_reconfirm(struct dmp_health *health,
    const struct dmp_health_policy *policy, enum dmp_pace pace);

/* Does the state hold, or is it still to be confirmed again? */
bool dmp_health_is_settled(const struct dmp_health *health);

/* The severity of a port in a state. */
enum dmp_severity dmp_health_severity(enum dmp_level level, enum dmp_state state);

/* The severity of a certificate finding: expired critical, less than 7 days major, less
 * than 30 days or not trusted warning.  days_left INT32_MAX: no certificate seen. */
enum dmp_severity dmp_health_certificate(enum dmp_reason reason, int32_t days_left);

/* The same where the policy may say another severity (0 = as above).  What is fine
 * stays CLEARED, and a level without severity stays without. */
enum dmp_severity dmp_health_severity_of(const struct dmp_severities *severities,
    enum dmp_level level, enum dmp_state state);
enum dmp_severity dmp_health_certificate_of(
    const struct dmp_severities *severities, enum dmp_reason reason, int32_t days_left);

/* The one with the higher rank; the first when they are equal. */
enum dmp_severity dmp_health_worse(enum dmp_severity a, enum dmp_severity b);

#endif
