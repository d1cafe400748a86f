/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * maintenance.h - the maintenance windows of the site file: who is in one, and until
 * when.  Pure: the time and the time zone are arguments.
 *
 * Rules.  A window covers a host, a group with all groups inside it, or a port; one
 * that names a port without number and family ("dma1/https") covers all its ports.  It
 * is open from its begin to before its end.  from and until are UTC.  weekly is local
 * time of the time zone that is given, since work is planned by the clock on the wall,
 * and for is elapsed time, whatever the clock does meanwhile.  Daylight saving: a
 * window that begins in the hour that is skipped begins at the first minute that
 * exists; of an hour that comes twice only the first counts.  So there is exactly one
 * window a week. When several are open at once, the one that ends last tells until when
 * and why.
 */
#ifndef DMP_MAINTENANCE_H
#define DMP_MAINTENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "engine/admin.h"
#include "model/site.h"

#define DMP_MAINTENANCE_NEVER INT64_MAX

/* A time zone: from UTC to local time, false when that cannot be told (the window is
 * taken to be in UTC then).  dmp_clock_local() is that of the process. */
struct dmp_zone {
	bool (*local)(int64_t utc_s, struct tm *ret_local, void *arg);
	void *arg;
};

/* A window as it is at one moment. */
struct dmp_maintenance {
	const struct dmp_site_maintenance *window; /* borrowed */
	bool open;
	int64_t end_ms;  /* of the open one */
	int64_t next_ms; /* when it opens or closes next, NEVER for none */
};

/* How a window is at wall_ms. */
struct dmp_maintenance dmp_maintenance_at(const struct dmp_site_maintenance *window,
    const struct dmp_zone *zone, int64_t wall_ms);

/* Does the window cover the target (a port, or with port NULL a host)? */
bool dmp_maintenance_covers(
    const struct dmp_site_maintenance *window, const struct dmp_admin_target *target);

/* Of n windows the one that holds for the target: open, covering it, and ending last
 * (the first of equals); NULL when there is none. */
const struct dmp_maintenance *dmp_maintenance_find(const struct dmp_maintenance *items,
    size_t n, const struct dmp_admin_target *target);

/* When the first of n windows opens or closes, NEVER for none.  The wall clock can be
 * set and the zone can change: look again at least every minute. */
int64_t dmp_maintenance_next_ms(const struct dmp_maintenance *items, size_t n);

#endif
