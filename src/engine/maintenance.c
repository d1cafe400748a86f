/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/maintenance.h"

#include <string.h>

#include "base/clock.h"

enum {
	MINUTE_S = 60,
	DAY_S = 86400,
	/* A window lasts at most 7 days, and a date is at most one day away from UTC:
	 * whatever is open or begins next is within these. */
	DAYS_BACK = 9,
	DAYS_AHEAD = 9
};

struct weekly {
	int weekday; /* as tm_wday */
	int hour;
	int minute;
};

/* The site file has been checked: "Sun 02:00". */
static struct weekly
weekly_parse(const char *text)
{
	static const char *const DAYS[] = {
	    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	struct weekly weekly = {.weekday = -1};

	for (int i = 0; i < 7; i++) {
		if (strncmp(text, DAYS[i], 3) == 0)
			weekly.weekday = i;
	}
	if (weekly.weekday < 0 || strlen(text) != 9)
		return (struct weekly){.weekday = -1};
	weekly.hour = (text[4] - '0') * 10 + text[5] - '0';
	weekly.minute = (text[7] - '0') * 10 + text[8] - '0';
	return weekly;
}

/* Seconds that local time is ahead of UTC at a moment. */
static int64_t
zone_offset_s(const struct dmp_zone *zone, int64_t utc_s)
{
	struct tm tm;

	if (!zone->local(utc_s, &tm, zone->arg))
		return 0;
	return dmp_clock_civil_s(&tm) - utc_s;
}

/* The first moment at which the clock on the wall has reached a local time.  Apart from
 * a change of the offset nearby it is that time less the offset; with one, the local
 * time can be there under the offset before it (twice: that is the first), else under
 * the one after it, else it is skipped: then it is the moment of the change. */
static int64_t
zone_first_s(const struct dmp_zone *zone, int64_t local_s)
{
	int64_t low_s = local_s - 2 * DAY_S;
	int64_t high_s = local_s + 2 * DAY_S;
	int64_t before_s = zone_offset_s(zone, low_s);
	int64_t after_s = zone_offset_s(zone, high_s);

	if (zone_offset_s(zone, local_s - before_s) == before_s)
		return local_s - before_s;
	if (zone_offset_s(zone, local_s - after_s) == after_s)
		return local_s - after_s;
	while (high_s - low_s > 1) {
		int64_t middle_s = low_s + (high_s - low_s) / 2;

		if (zone_offset_s(zone, middle_s) == before_s)
			low_s = middle_s;
		else
			high_s = middle_s;
	}
	return high_s;
}

/* Enter one window, begin to end, into what holds at wall_ms. */
static void
maintenance_add(
    struct dmp_maintenance *item, int64_t begin_ms, int64_t end_ms, int64_t wall_ms)
{
	if (begin_ms >= end_ms)
		return;
	if (wall_ms >= begin_ms && wall_ms < end_ms) {
		item->open = true;
		if (end_ms > item->end_ms)
			item->end_ms = end_ms;
		if (end_ms < item->next_ms)
			item->next_ms = end_ms;
	} else if (begin_ms > wall_ms && begin_ms < item->next_ms) {
		item->next_ms = begin_ms;
	}
}

static void
maintenance_add_weekly(
    struct dmp_maintenance *item, const struct dmp_zone *zone, int64_t wall_ms)
{
	struct weekly weekly = weekly_parse(item->window->weekly);
	int64_t now_s = wall_ms / 1000;
	struct tm today;

	if (weekly.weekday < 0)
		return;
	if (!zone->local(now_s, &today, zone->arg)) {
		time_t utc = (time_t)now_s;

		if (!gmtime_r(&utc, &today))
			return;
	}
	today.tm_hour = weekly.hour;
	today.tm_min = weekly.minute;
	today.tm_sec = 0;
	for (int day = -DAYS_BACK; day <= DAYS_AHEAD; day++) {
		int weekday = (today.tm_wday + day + 14) % 7;
		int64_t begin_s;

		if (weekday != weekly.weekday)
			continue;
		begin_s = zone_first_s(
		    zone, dmp_clock_civil_s(&today) + (int64_t)day * DAY_S);
		maintenance_add(item, begin_s * 1000,
		    (begin_s + item->window->for_s) * 1000, wall_ms);
	}
}

struct dmp_maintenance
dmp_maintenance_at(const struct dmp_site_maintenance *window,
    const struct dmp_zone *zone, int64_t wall_ms)
{
	struct dmp_maintenance item = {
	    .window = window, .next_ms = DMP_MAINTENANCE_NEVER};

	if (window->weekly[0])
		maintenance_add_weekly(&item, zone, wall_ms);
	else
		maintenance_add(&item, window->from_ms, window->until_ms, wall_ms);
	return item;
}

/* The same key, or one of the keys that have a number or a family besides. */
static bool
maintenance_names_port(const char *key, const char *port)
{
	size_t n = strlen(key);

	return strncmp(key, port, n) == 0 && (port[n] == '\0' || port[n] == '@');
}

bool
dmp_maintenance_covers(
    const struct dmp_site_maintenance *window, const struct dmp_admin_target *target)
{
	if (window->port)
		return target->port &&
		       maintenance_names_port(window->port, target->port);
	if (window->host[0])
		return target->host && strcmp(window->host, target->host) == 0;
	for (size_t i = 0; i < target->n_groups; i++) {
		if (window->group[0] && strcmp(window->group, target->groups[i]) == 0)
			return true;
	}
	return false;
}

const struct dmp_maintenance *
dmp_maintenance_find(const struct dmp_maintenance *items, size_t n,
    const struct dmp_admin_target *target)
{
	const struct dmp_maintenance *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (items[i].open && (!found || items[i].end_ms > found->end_ms) &&
		    dmp_maintenance_covers(items[i].window, target))
			found = &items[i];
	}
	return found;
}

int64_t
dmp_maintenance_next_ms(const struct dmp_maintenance *items, size_t n)
{
	int64_t next_ms = DMP_MAINTENANCE_NEVER;

	for (size_t i = 0; i < n; i++) {
		if (items[i].next_ms < next_ms)
			next_ms = items[i].next_ms;
	}
	return next_ms;
}
