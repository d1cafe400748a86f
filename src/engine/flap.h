/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flap.h - does a port change its state too often?  Pure: no clock, no I/O.
 *
 * Rules.  `count` confirmed changes of state within `window` raise; afterwards a whole
 * window with fewer than half as many clears, at the earliest one window after the
 * raise.  The caller feeds only changes that could have been announced: not the first
 * result, and nothing that was suppressed (host down, vantage isolated, maintenance).
 * The state goes on being tracked all the while; what differs from the announced state
 * after CLEARED is announced then.
 *
 * How it works.  The window is 16 slots with a counter each, so it is known to one
 * sixteenth: no change older than the window counts, and one younger than 15/16 of it
 * always does.  Times are monotonic milliseconds, >= 0.
 */
#ifndef DMP_FLAP_H
#define DMP_FLAP_H

#include <stdbool.h>
#include <stdint.h>

enum { DMP_FLAP_SLOTS = 16 };

struct dmp_flap_policy {
	uint16_t count;     /* 0 = off: never raises, and clears what is raised */
	uint32_t window_ms; /* >= DMP_FLAP_SLOTS */
};

/* Value type, zero-initialised = calm. */
struct dmp_flap {
	uint32_t slot;        /* number of the newest slot: time / slot length */
	uint32_t raised_slot; /* ... when it was raised */
	uint8_t counts[DMP_FLAP_SLOTS];
	bool raised;
};

_Static_assert(sizeof(struct dmp_flap) <= 40, "there is one for each port");

enum dmp_flap_change { DMP_FLAP_SAME = 0, DMP_FLAP_RAISED, DMP_FLAP_CLEARED };

/* A confirmed change of state. */
enum dmp_flap_change dmp_flap_feed(
    struct dmp_flap *flap, const struct dmp_flap_policy *policy, int64_t now_ms);

/* Time has passed (or the policy is another one): may CLEAR, never raises. */
enum dmp_flap_change dmp_flap_tick(
    struct dmp_flap *flap, const struct dmp_flap_policy *policy, int64_t now_ms);

/* Take up a raise that was announced before a restart: a calm window clears it. */
void dmp_flap_resume(
    struct dmp_flap *flap, const struct dmp_flap_policy *policy, int64_t now_ms);

#endif
