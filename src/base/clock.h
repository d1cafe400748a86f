/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock.h - the only place that reads a clock.
 *
 * Everything that is timed is timed on the monotonic clock, so that a step of the wall
 * clock changes nothing but displayed times.  Pure modules take times as arguments;
 * modules that must ask take a struct dmp_clock, which tests replace.
 */
#ifndef DMP_CLOCK_H
#define DMP_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct dmp_clock {
	int64_t (*mono_us)(void *arg); /* monotonic, microseconds */
	int64_t (*wall_ms)(void *arg); /* UTC since 1970, milliseconds */
	void *arg;
};

/* The machine's own clocks.  Static, never NULL. */
const struct dmp_clock *dmp_clock_system(void);

/* Monotonic now.  CLOCK_MONOTONIC is shared by all processes of the machine, so
 * stamps on the board compare across processes. */
int64_t dmp_clock_mono_us(const struct dmp_clock *clock);
int64_t dmp_clock_mono_ms(const struct dmp_clock *clock);

/* UTC now, for display and for stored records only. */
int64_t dmp_clock_wall_ms(const struct dmp_clock *clock);

#define DMP_TIME_TEXT 25 /* "2026-11-22T14:03:35Z" and its NUL, with room */

/* Write wall_ms as ISO 8601 UTC with seconds (24 in the MIB), "" for 0 or less.
 */
void dmp_clock_text(int64_t wall_ms, char text[DMP_TIME_TEXT]);

/* Parse "YYYY-MM-DDThh:mm:ssZ" (also without seconds) to milliseconds; -1 when it is
 * not such a time. */
int64_t dmp_clock_parse(const char *text);

/* Local time in the time zone of the process, false when that cannot be told; arg is
 * not used (see struct dmp_zone). */
bool dmp_clock_local(int64_t utc_s, struct tm *ret_local, void *arg);

/* Seconds since 1970 to this date and time if it were UTC.  Of the fields the year, the
 * month, the day and the time are read; the day may be out of its month. */
int64_t dmp_clock_civil_s(const struct tm *tm);

#endif
