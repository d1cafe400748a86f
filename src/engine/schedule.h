/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * schedule.h - which port is due next.  Pure: times, gap and seed are arguments.
 *
 * A binary heap of due times, addressable by port.  The first sweep is spread evenly
 * over spread_ms.  Jitter only shortens an interval (0.9-1.0).  Checks of one host
 * start at least gap_ms apart: a port that comes due too early is put back to the next
 * free moment of its host, which delays no other host.
 */
#ifndef DMP_SCHEDULE_H
#define DMP_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct dmp_schedule;

#define DMP_SCHEDULE_NEVER INT64_MAX

/* n_ports ids 0..n-1 and n_hosts hosts; host_of[id] is copied.  Nothing is scheduled
 * yet.
 */
enum dmp_status dmp_schedule_new(size_t n_ports, const uint32_t *host_of,
    size_t n_hosts, uint32_t gap_ms,
    struct dmp_schedule **ret_schedule) DMP_CHECK_RESULT;
void dmp_schedule_free(struct dmp_schedule *schedule);

/* Set when a port is due, replacing what was set; NEVER takes it out. */
void dmp_schedule_set(struct dmp_schedule *schedule, size_t port, int64_t due_ms);
int64_t dmp_schedule_due(const struct dmp_schedule *schedule, size_t port);

/* When pop() will next have something, NEVER when nothing is scheduled. */
int64_t dmp_schedule_next(const struct dmp_schedule *schedule);

/* Take out one port that is due at now and whose host is free; false when none is. */
bool dmp_schedule_pop(struct dmp_schedule *schedule, int64_t now_ms, size_t *ret_port);

/* The i-th of n first checks, spread over spread_ms. */
int64_t dmp_schedule_first(int64_t now_ms, size_t i, size_t n, uint32_t spread_ms);

/* now + interval shortened by 0..10 %, by a number that the caller draws. */
int64_t dmp_schedule_after(int64_t now_ms, uint32_t interval_ms, uint32_t random);

#endif
