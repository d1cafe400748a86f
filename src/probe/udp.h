/* SPDX-License-Identifier: BSD-2-Clause */
/* udp.h - inside the probe library: what is asked over UDP, one const instance for each
 * service; the driver (udp.c) does the rest. */
#ifndef DMP_UDP_H
#define DMP_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/attempt.h"

struct dmp_udp_question {
	const char *name; /* for texts: "SNMP" */
	/* Send the datagrams of one round, the same in each; false with errno. */
	bool (*send)(const struct dmp_attempt *a);
	/* One came back: WAIT passes it over. */
	enum dmp_step (*datagram)(struct dmp_attempt *a, const uint8_t *data,
	    size_t size, struct dmp_probe_result *result);
	/* The deadline has come, and half_us was set: what does half an answer mean?
	 * NULL where there is none. */
	void (*half)(const struct dmp_attempt *a, struct dmp_probe_result *result);
};

extern const struct dmp_udp_question dmp_udp_ntp;
extern const struct dmp_udp_question dmp_udp_snmp;

/* The end: "what after 0.12 ms". */
enum dmp_step dmp_udp_answered(const struct dmp_attempt *a, enum dmp_reason reason,
    const char *what, struct dmp_probe_result *result);

/* Keep the first bytes of what is not the protocol; it is the verdict when nothing
 * better comes until the deadline. */
enum dmp_step dmp_udp_stray(struct dmp_attempt *a, const uint8_t *data, size_t size);

#endif
