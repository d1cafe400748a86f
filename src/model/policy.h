/* SPDX-License-Identifier: BSD-2-Clause */
/* policy.h - how often, how patiently and how deeply a port is checked.
 *
 * A policy element of the site file sets some values for some ports; the most specific
 * element wins, value by value: port > host > role > requirement > site > built in. */
#ifndef DMP_POLICY_H
#define DMP_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum dmp_depth { DMP_DEPTH_CONNECT = 0, DMP_DEPTH_IDENTIFY, DMP_DEPTH_DEEP };
enum dmp_close { DMP_CLOSE_RST = 0, DMP_CLOSE_FIN };

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
};

/* Built in: 30 s, 2 s, 60 s, 3.2 s, 1 h, fall 3, rise 2, identify, RST. */
struct dmp_policy dmp_policy_default(void);

#endif
