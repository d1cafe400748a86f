/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/availability.h"

#include <string.h>

enum {
	FIRST_VERSION = 1, /* without p95_us */
	VERSION = 2,
	SECOND_MS = 1000,
	HOUR_S = 3600,
	DAY_HOURS = 24,
	DAY_S = DAY_HOURS * HOUR_S,
	WEEK_DAYS = 7,
	MONTH_DAYS = 30,
	BACK_HOURS = 3 /* a clock that is set back by less is waited for */
};

#define HOUR_MS ((int64_t)HOUR_S * SECOND_MS)
#define HOUR_US ((uint32_t)HOUR_S * UINT32_C(1000000))

/* What a record of the first version has. */
#define FIRST_SIZE offsetof(struct dmp_availability_record, p95_us)

enum dmp_availability_kind
dmp_availability_kind_of(
    enum dmp_state state, enum dmp_admin admin, enum dmp_suppressed suppressed)
{
	if (admin != DMP_ADMIN_ENABLED || suppressed == DMP_SUPPRESSED_VANTAGE)
		return DMP_AVAILABILITY_NONE;
	switch (state) {
	case DMP_STATE_UP:
	case DMP_STATE_DEGRADED:
	case DMP_STATE_CLOSED:
		return DMP_AVAILABILITY_UP;
	case DMP_STATE_DOWN:
	case DMP_STATE_EXPOSED:
		return DMP_AVAILABILITY_DOWN;
	case DMP_STATE_UNKNOWN:
	case DMP_STATE_UNVERIFIED:
	case DMP_STATE_NOT_APPLICABLE:
		break;
	}
	return DMP_AVAILABILITY_NONE;
}

/* Count what is not more than an hour holds. */
static void
availability_count(struct dmp_availability *availability, int64_t elapsed_ms)
{
	uint32_t *counter = &availability->up_ms;
	int64_t room_ms =
	    HOUR_MS - (int64_t)availability->up_ms - (int64_t)availability->down_ms;

	if (availability->kind == DMP_AVAILABILITY_NONE || elapsed_ms <= 0)
		return;
	if (availability->kind == DMP_AVAILABILITY_DOWN)
		counter = &availability->down_ms;
	*counter += (uint32_t)(elapsed_ms < room_ms ? elapsed_ms : room_ms);
}

/* Has another hour begun, seen by a wall clock that may have been set? */
static bool
availability_hour_is_over(const struct dmp_availability *availability, uint32_t hour)
{
	return hour > availability->hour || hour + BACK_HOURS < availability->hour;
}

bool
dmp_availability_feed(struct dmp_availability *availability,
    enum dmp_availability_kind kind, int64_t mono_ms, int64_t wall_ms,
    struct dmp_availability_part *ret_part)
{
	uint32_t hour = wall_ms > 0 ? (uint32_t)(wall_ms / HOUR_MS) : 0;
	int64_t elapsed_ms = mono_ms - availability->mono_ms;
	int64_t after_ms = 0; /* of it, in the new hour */
	bool over = false;

	if (availability->hour == 0)
		availability->hour = hour;
	if (elapsed_ms > HOUR_MS)
		elapsed_ms = 0;
	if (availability_hour_is_over(availability, hour)) {
		after_ms = wall_ms % HOUR_MS;
		if (after_ms > elapsed_ms)
			after_ms = elapsed_ms;
		availability_count(availability, elapsed_ms - after_ms);
		over = dmp_availability_take(availability, ret_part);
		availability->hour = hour;
		availability->up_ms = 0;
		availability->down_ms = 0;
		elapsed_ms = after_ms;
	}
	availability_count(availability, elapsed_ms);
	availability->mono_ms = mono_ms;
	availability->kind = (uint8_t)kind;
	return over;
}

bool
dmp_availability_take(
    struct dmp_availability *availability, struct dmp_availability_part *ret_part)
{
	struct dmp_availability_part part = {.hour = availability->hour,
	    .up = (uint16_t)(availability->up_ms / SECOND_MS),
	    .down = (uint16_t)(availability->down_ms / SECOND_MS)};

	if (part.up == 0 && part.down == 0)
		return false;
	availability->up_ms %= SECOND_MS;
	availability->down_ms %= SECOND_MS;
	for (size_t i = 0; i < DMP_AVAILABILITY_SPANS; i++) {
		availability->sums[i].up += part.up;
		availability->sums[i].down += part.down;
	}
	*ret_part = part;
	return true;
}

void
dmp_availability_set_sums(struct dmp_availability *availability,
    const struct dmp_availability_sum sums[DMP_AVAILABILITY_SPANS])
{
	for (size_t i = 0; i < DMP_AVAILABILITY_SPANS; i++)
		availability->sums[i] = sums[i];
}

uint32_t
dmp_availability_share(
    const struct dmp_availability *availability, enum dmp_availability_span span)
{
	uint64_t up =
	    (uint64_t)availability->sums[span].up * SECOND_MS + availability->up_ms;
	uint64_t down =
	    (uint64_t)availability->sums[span].down * SECOND_MS + availability->down_ms;

	if (up + down == 0)
		return DMP_AVAILABILITY_UNKNOWN;
	return (uint32_t)(up * 100000 / (up + down));
}

static void
record_empty_hour(struct dmp_availability_record *record, uint32_t hour)
{
	size_t at = hour % DMP_AVAILABILITY_HOURS;

	record->hours[at].up = 0;
	record->hours[at].down = 0;
	record->p95_us[at] = 0;
}

/* Empty the buckets between the newest hour and this one, which becomes the newest. */
static void
record_advance(struct dmp_availability_record *record, uint32_t hour)
{
	uint32_t day = record->hour / DAY_HOURS;
	uint32_t hours = hour - record->hour;
	uint32_t days = hour / DAY_HOURS - day;

	if (hours > DMP_AVAILABILITY_HOURS)
		hours = DMP_AVAILABILITY_HOURS;
	if (days > DMP_AVAILABILITY_DAYS)
		days = DMP_AVAILABILITY_DAYS;
	for (uint32_t i = 0; i < hours; i++)
		record_empty_hour(record, hour - i);
	for (uint32_t i = 0; i < days; i++)
		record->days[(hour / DAY_HOURS - i) % DMP_AVAILABILITY_DAYS] =
		    (struct dmp_availability_sum){0, 0};
	record->hour = hour;
}

/* Empty the buckets after an hour, which becomes the newest: the clock was ahead. */
static void
record_rewind(struct dmp_availability_record *record, uint32_t hour)
{
	uint32_t hours = record->hour - hour;
	uint32_t days = record->hour / DAY_HOURS - hour / DAY_HOURS;

	for (uint32_t i = 0; i < hours && i < DMP_AVAILABILITY_HOURS; i++)
		record_empty_hour(record, record->hour - i);
	for (uint32_t i = 0; i < days && i < DMP_AVAILABILITY_DAYS; i++)
		record->days[(record->hour / DAY_HOURS - i) % DMP_AVAILABILITY_DAYS] =
		    (struct dmp_availability_sum){0, 0};
	record->hour = hour;
}

static uint32_t
record_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* No bucket gets more seconds than it has, nor an answer that took longer than it. */
static void
record_add_hour(
    struct dmp_availability_record *record, const struct dmp_availability_part *part)
{
	size_t hour = part->hour % DMP_AVAILABILITY_HOURS;
	struct dmp_availability_sum *day =
	    &record->days[part->hour / DAY_HOURS % DMP_AVAILABILITY_DAYS];
	uint32_t room = record_least(
	    DAY_S - day->up - day->down, HOUR_S - (uint32_t)record->hours[hour].up -
	                                     (uint32_t)record->hours[hour].down);
	uint32_t down = record_least(part->down, room);
	uint32_t up = record_least(part->up, room - down);

	record->hours[hour].up = (uint16_t)(record->hours[hour].up + up);
	record->hours[hour].down = (uint16_t)(record->hours[hour].down + down);
	if (part->p95_us > 0)
		record->p95_us[hour] = record_least(part->p95_us, HOUR_US);
	day->up += up;
	day->down += down;
}

void
dmp_availability_record_add(
    struct dmp_availability_record *record, const struct dmp_availability_part *part)
{
	if (record->hour == 0)
		*record = (struct dmp_availability_record){
		    .version = VERSION, .hour = part->hour};
	else if (part->hour + BACK_HOURS < record->hour)
		record_rewind(record, part->hour);
	else if (part->hour > record->hour)
		record_advance(record, part->hour);
	record_add_hour(record, part);
}

static void
sum_days(const struct dmp_availability_record *record, uint32_t today, uint32_t n,
    struct dmp_availability_sum *ret_sum)
{
	struct dmp_availability_sum sum = {0, 0};

	for (uint32_t age = 0; age <= n && age <= today; age++) {
		const struct dmp_availability_sum *day =
		    &record->days[(today - age) % DMP_AVAILABILITY_DAYS];

		sum.up += day->up;
		sum.down += day->down;
	}
	*ret_sum = sum;
}

void
dmp_availability_record_sums(const struct dmp_availability_record *record,
    uint32_t hour, struct dmp_availability_sum ret_sums[DMP_AVAILABILITY_SPANS])
{
	struct dmp_availability_record now = *record;
	struct dmp_availability_sum sum = {0, 0};

	if (record->hour != 0 && hour > record->hour)
		record_advance(&now, hour);
	for (size_t i = 0; i < DMP_AVAILABILITY_HOURS; i++) {
		sum.up += now.hours[i].up;
		sum.down += now.hours[i].down;
	}
	ret_sums[DMP_AVAILABILITY_DAY] = sum;
	sum_days(
	    &now, now.hour / DAY_HOURS, WEEK_DAYS, &ret_sums[DMP_AVAILABILITY_WEEK]);
	sum_days(
	    &now, now.hour / DAY_HOURS, MONTH_DAYS, &ret_sums[DMP_AVAILABILITY_MONTH]);
}

void
dmp_availability_record_p95(const struct dmp_availability_record *record, uint32_t hour,
    uint32_t ret_p95_us[DMP_AVAILABILITY_HOURS])
{
	for (uint32_t i = 0; i < DMP_AVAILABILITY_HOURS; i++) {
		uint32_t age = DMP_AVAILABILITY_HOURS - 1 - i;
		bool is_kept = age <= hour && hour - age <= record->hour &&
		               record->hour - (hour - age) < DMP_AVAILABILITY_HOURS;

		ret_p95_us[i] =
		    is_kept ? record->p95_us[(hour - age) % DMP_AVAILABILITY_HOURS] : 0;
	}
}

bool
dmp_availability_record_read(
    const void *stored, size_t size, struct dmp_availability_record *ret_record)
{
	struct dmp_availability_record record = {0};

	if (size != sizeof record && size != FIRST_SIZE)
		return false;
	memcpy(&record, stored, size);
	if (size == FIRST_SIZE) {
		if (record.version != FIRST_VERSION)
			return false;
		record.version = VERSION;
	}
	if (!dmp_availability_record_valid(&record, sizeof record))
		return false;
	*ret_record = record;
	return true;
}

bool
dmp_availability_record_valid(const struct dmp_availability_record *record, size_t size)
{
	if (size != sizeof *record || record->version != VERSION || record->hour == 0)
		return false;
	for (size_t i = 0; i < DMP_AVAILABILITY_HOURS; i++) {
		if (record->hours[i].up + record->hours[i].down > HOUR_S ||
		    record->p95_us[i] > HOUR_US)
			return false;
	}
	for (size_t i = 0; i < DMP_AVAILABILITY_DAYS; i++) {
		if (record->days[i].up > DAY_S ||
		    record->days[i].down > DAY_S - record->days[i].up)
			return false;
	}
	return true;
}
