/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * availability.h - the history of a port by the hour: which share of the time it was
 * up, today, this week and month; and how fast it answered in each hour of the day.
 *
 * Pure.  Rules.  Only time that is known and judged counts, as up or as down: not
 * before the first result, not while unknown or unverified, not in maintenance or
 * disabled, not while the vantage is isolated, not while the daemon is away.  A port
 * that waits for the confirmation of a worse state is up until then.  Day, week and
 * month are the last 24 hours, 7 and 30 days before the present hour or (UTC) day, and
 * what there is of it. The share is rounded down: 100 % means not a second was lost.
 * An hour of which some time counts also has the 95th percentile of its answers, none
 * when there was no answer.  It comes with the parts, and what the last part of an hour
 * knows is what stays: a part that is taken before the end of the hour has only what
 * was known by then, and one without an answer takes nothing away.
 *
 * How it works.  A small tally for each port stays in memory; it counts milliseconds
 * of the monotonic clock into the present hour of the wall clock, and knows the sums of
 * the record.  The record, with a bucket for each hour and day, is in the database.  At
 * the end of an hour, at the stop, and whenever one likes, what the tally has counted
 * is taken as a part and is added to the record; the record's new sums go back to the
 * tally.  While the database cannot do that, the figures are about somewhat more than
 * their day, week or month, and nothing else is wrong.
 *
 * Clock steps.  Durations are monotonic, so none is invented.  After a step forward the
 * hours in between are unknown.  After one back the tally goes on in the hour that it
 * has until the clock is there again, up to 3 hours; after a longer one it begins a new
 * one, and the record drops what would be in the future.
 */
#ifndef DMP_AVAILABILITY_H
#define DMP_AVAILABILITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vocab.h"

enum { DMP_AVAILABILITY_HOURS = 25, DMP_AVAILABILITY_DAYS = 31 };

#define DMP_AVAILABILITY_UNKNOWN UINT32_MAX

/* What the present moment counts as. */
enum dmp_availability_kind {
	DMP_AVAILABILITY_NONE = 0,
	DMP_AVAILABILITY_UP,
	DMP_AVAILABILITY_DOWN
};

enum dmp_availability_span {
	DMP_AVAILABILITY_DAY = 0,
	DMP_AVAILABILITY_WEEK,
	DMP_AVAILABILITY_MONTH,
	DMP_AVAILABILITY_SPANS
};

/* Seconds. */
struct dmp_availability_sum {
	uint32_t up;
	uint32_t down;
};

/* What was counted within one hour (UTC, hours since 1970). */
struct dmp_availability_part {
	uint32_t hour;
	uint16_t up;
	uint16_t down;
	uint32_t p95_us; /* of its answers, filled in by who knows it; 0 = none */
};

/* In memory, one for each port.  Value type, zero-initialised = nothing known. */
struct dmp_availability {
	int64_t mono_ms; /* counted up to here */
	uint32_t hour;   /* the hour that is counted; 0 = none yet */
	uint32_t up_ms;  /* in this hour, and not taken yet */
	uint32_t down_ms;
	struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS]; /* taken */
	uint8_t kind; /* enum dmp_availability_kind, since mono_ms */
};

_Static_assert(sizeof(struct dmp_availability) <= 100, "there is one for each port");

/* In the database, one for each port, as it is (local file, no padding).  hours[i] is
 * that hour with number % DMP_AVAILABILITY_HOURS == i, p95_us and days likewise.
 * Version 1 ended before p95_us. */
struct dmp_availability_record {
	uint32_t version;
	uint32_t hour; /* the newest; 0 = empty */
	struct {
		uint16_t up;
		uint16_t down;
	} hours[DMP_AVAILABILITY_HOURS];
	struct dmp_availability_sum days[DMP_AVAILABILITY_DAYS];
	uint32_t p95_us[DMP_AVAILABILITY_HOURS]; /* 0 = none */
};

_Static_assert(sizeof(struct dmp_availability_record) ==
                   8 + 8 * DMP_AVAILABILITY_HOURS + 8 * DMP_AVAILABILITY_DAYS,
    "it is stored as it is");

/* Up, degraded and (where the port should be closed) closed are up; down and exposed
 * are down. */
enum dmp_availability_kind dmp_availability_kind_of(
    enum dmp_state state, enum dmp_admin admin, enum dmp_suppressed suppressed);

/* Count the time since the last call as what it was, and go on with kind.  Call at
 * every change and at least once an hour: of a longer silence nothing is known.  True:
 * another hour has begun, *ret_part is what was counted in the former one. */
bool dmp_availability_feed(struct dmp_availability *availability,
    enum dmp_availability_kind kind, int64_t mono_ms, int64_t wall_ms,
    struct dmp_availability_part *ret_part);

/* Take what is counted in the present hour, such as at the stop (feed first); false
 * when no time has counted.  Parts of a second stay behind. */
bool dmp_availability_take(
    struct dmp_availability *availability, struct dmp_availability_part *ret_part);

/* The sums of the record, once the part is in it. */
void dmp_availability_set_sums(struct dmp_availability *availability,
    const struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS]);

/* Thousandths of a percent, 0..100000, or UNKNOWN. */
uint32_t dmp_availability_share(
    const struct dmp_availability *availability, enum dmp_availability_span span);

/* Add a part to its own hour.  Time goes on to it, or back when it is more than 3 hours
 * older than the newest: what is after it is dropped. */
void dmp_availability_record_add(
    struct dmp_availability_record *record, const struct dmp_availability_part *part);

/* The sums as of an hour, which is that of the part or a later one. */
void dmp_availability_record_sums(const struct dmp_availability_record *record,
    uint32_t hour, struct dmp_availability_sum ret_sums[DMP_AVAILABILITY_SPANS]);

/* The hours up to this one, the oldest first: what of their answers came within how
 * many microseconds, 0 = none or not known. */
void dmp_availability_record_p95(const struct dmp_availability_record *record,
    uint32_t hour, uint32_t ret_p95_us[DMP_AVAILABILITY_HOURS]);

/* Read a stored record of this version or of version 1, which becomes one of this.
 * False, and nothing written, when it is none or has something impossible in it: begin
 * a new one (zeroed). */
bool dmp_availability_record_read(
    const void *stored, size_t size, struct dmp_availability_record *ret_record);

/* Is this a record, and of this version, with nothing impossible in it? */
bool dmp_availability_record_valid(
    const struct dmp_availability_record *record, size_t size);

#endif
