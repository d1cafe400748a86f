/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
system_mono_us(void *arg)
{
	struct timespec ts;

	(void)arg;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int64_t
system_wall_ms(void *arg)
{
	struct timespec ts;

	(void)arg;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct dmp_clock *
dmp_clock_system(void)
{
	static const struct dmp_clock SYSTEM = {system_mono_us, system_wall_ms, NULL};

	return &SYSTEM;
}

int64_t
dmp_clock_mono_us(const struct dmp_clock *clock)
{
	return clock->mono_us(clock->arg);
}

int64_t
dmp_clock_mono_ms(const struct dmp_clock *clock)
{
	return clock->mono_us(clock->arg) / 1000;
}

int64_t
dmp_clock_wall_ms(const struct dmp_clock *clock)
{
	return clock->wall_ms(clock->arg);
}

/* Days since 1970-01-01 of a proleptic Gregorian date (no libc: timegm is no POSIX). */
static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era;
	int64_t yoe;
	int64_t doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void
dmp_clock_text(int64_t wall_ms, char text[DMP_TIME_TEXT])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	text[0] = '\0';
	if (wall_ms <= 0 || !gmtime_r(&seconds, &tm) || tm.tm_year > 8099)
		return;
	(void)strftime(text, DMP_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Read exactly n digits at *p; false when there are other characters. */
static bool
read_digits(const char **p, int n, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if ((*p)[i] < '0' || (*p)[i] > '9')
			return false;
		value = value * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*ret_value = value;
	return true;
}

static bool
read_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

int64_t
dmp_clock_parse(const char *text)
{
	static const int MONTH_DAYS[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const char *p = text;
	int year;
	int month;
	int day;
	int hour;
	int minute;
	int second = 0;

	if (!read_digits(&p, 4, &year) || !read_char(&p, '-') ||
	    !read_digits(&p, 2, &month) || !read_char(&p, '-') ||
	    !read_digits(&p, 2, &day) || !read_char(&p, 'T') ||
	    !read_digits(&p, 2, &hour) || !read_char(&p, ':') ||
	    !read_digits(&p, 2, &minute))
		return -1;
	if (read_char(&p, ':') && !read_digits(&p, 2, &second))
		return -1;
	if (strcmp(p, "Z") != 0 || year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > MONTH_DAYS[month - 1] || hour > 23 || minute > 59 || second > 60)
		return -1;
	return ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60000 +
	       (int64_t)second * 1000;
}

bool
dmp_clock_local(int64_t utc_s, struct tm *ret_local, void *arg)
{
	time_t seconds = (time_t)utc_s;

	(void)arg;
	return localtime_r(&seconds, ret_local) != NULL;
}

int64_t
dmp_clock_civil_s(const struct tm *tm)
{
	int64_t days =
	    days_from_civil((int64_t)tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);

	return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}
