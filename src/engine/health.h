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
 */
#ifndef DMP_HEALTH_H
#define DMP_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vocab.h"

struct dmp_health_policy {
	uint16_t fall; /* >= 1 */
	uint16_t rise; /* >= 1 */
};

/* Value type, zero-initialised = never checked.  Callers may read, feed() writes. */
struct dmp_health {
	uint64_t history;     /* conclusive outcomes, newest in bit 0, 1 = OK */
	uint32_t valid;       /* bits of history that are real, 0..64 */
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

/* The severity of a port in a state. */
enum dmp_severity dmp_health_severity(enum dmp_level level, enum dmp_state state);

/* The severity of a certificate finding: expired critical, less than 7 days major, less
 * than 30 days or not trusted warning.  days_left INT32_MAX: no certificate seen. */
enum dmp_severity dmp_health_certificate(enum dmp_reason reason, int32_t days_left);

/* The one with the higher rank; the first when they are equal. */
enum dmp_severity dmp_health_worse(enum dmp_severity a, enum dmp_severity b);

#endif
