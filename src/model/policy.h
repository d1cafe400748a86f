/* SPDX-License-Identifier: BSD-2-Clause */
/* policy.h - how often, how patiently and how deeply a port is checked.
 *
 * A policy element of the site file sets some values for some ports; the most specific
 * element wins, value by value: port > host > role > requirement > site > built in. */
#ifndef DMP_POLICY_H
#define DMP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vocab.h"

enum dmp_depth { DMP_DEPTH_CONNECT = 0, DMP_DEPTH_IDENTIFY, DMP_DEPTH_DEEP };
enum dmp_close { DMP_CLOSE_RST = 0, DMP_CLOSE_FIN };

/* How bad each finding is; 0 = as built in (engine/health.h). */
struct dmp_severities {
	enum dmp_severity down;
	enum dmp_severity degraded;
	enum dmp_severity exposed;
	enum dmp_severity certificate; /* expires soon, has expired, is not trusted */
};

/* The effective values for one port.  Times in milliseconds. */
struct dmp_policy {
	uint32_t interval_ms; /* between checks while all is well */
	uint32_t fast_ms;     /* while in doubt */
	uint32_t slow_ms;     /* while long down */
	uint32_t timeout_ms;  /* for the connect */
	uint32_t heavy_ms;    /* interval of the heavy part of a probe */
	uint16_t fall;        /* failures in a row that confirm a worse state, >= 1 */
	uint16_t rise;        /* successes in a row that confirm a better one, >= 1 */
	enum dmp_depth depth;
	enum dmp_close close;
	uint32_t slow_answer_ms; /* a slower answer is degraded; 0 = off */
	uint32_t flap_window_ms;
	uint16_t flap; /* changes within that window that are too many; 0 = off */
	struct dmp_severities severity;
};

/* Built in: 30 s, 2 s, 60 s, 3.2 s, 1 h, fall 3, rise 2, identify, RST; no answer is
 * too slow, 6 changes within 10 m are too many, severities as built in. */
struct dmp_policy dmp_policy_default(void);

#endif
