/* SPDX-License-Identifier: BSD-2-Clause */
/* html_latency.c - how fast a port answers: now, and as a curve of the last day. */
#include "cli/html_private.h"

/* In the drawing an hour is STEP wide; the curve is between TOP and TOP + HEIGHT.  An
 * octave has UNITS; what differs by less than a decade does not fill the height, so
 * that noise looks like noise. */
enum {
	NEWEST = DMP_AVAILABILITY_HOURS - 1,
	HOUR_MS = 3600 * 1000,
	STEP = 10,
	TOP = 7,
	HEIGHT = 42,
	EDGE = 6,
	UNITS = 64,
	DECADE = 213
};

/* What there is to say about the hours: which are known, and which of them are extreme.
 */
struct latency_day {
	const uint32_t *hours_us;
	size_t n_known;
	size_t least;
	size_t most;
	size_t last;
	int top;  /* on the scale, at TOP */
	int span; /* of HEIGHT */
};

/* The logarithm, straight between the powers of 2. */
static int
latency_log(uint32_t us)
{
	int octave = 0;

	while (us >> octave > 1)
		octave++;
	return octave * UNITS + (int)(((uint64_t)us * UNITS >> octave) - UNITS);
}

/* False when nothing is known. */
static bool
latency_day_of(const uint32_t *hours_us, struct latency_day *ret_day)
{
	struct latency_day day = {.hours_us = hours_us};
	int spare;

	for (size_t i = 0; i <= NEWEST; i++) {
		if (hours_us[i] == 0)
			continue;
		if (day.n_known == 0 || hours_us[i] < hours_us[day.least])
			day.least = i;
		if (day.n_known == 0 || hours_us[i] > hours_us[day.most])
			day.most = i;
		day.last = i;
		day.n_known++;
	}
	if (day.n_known == 0)
		return false;
	day.top = latency_log(hours_us[day.most]);
	day.span = day.top - latency_log(hours_us[day.least]);
	spare = day.span < DECADE ? DECADE - day.span : 0;
	day.top += spare / 2;
	day.span += spare;
	*ret_day = day;
	return true;
}

static int
latency_y(const struct latency_day *day, size_t hour)
{
	return TOP + (day->top - latency_log(day->hours_us[hour])) * HEIGHT / day->span;
}

/* "p95 of each hour: least 0.90 ms, most 45 ms at 2026-11-21T14:00:00Z, last 1.20 ms; 3
 * of 25 hours not known" */
static void
latency_put_label(const struct latency_day *day, int64_t now_ms, struct dmp_text *out)
{
	int64_t most_ms =
	    now_ms - now_ms % HOUR_MS - (int64_t)(NEWEST - day->most) * HOUR_MS;
	char least[DMP_LATENCY_TEXT];
	char most[DMP_LATENCY_TEXT];
	char last[DMP_LATENCY_TEXT];
	char time[DMP_TIME_TEXT];

	dmp_report_latency(day->hours_us[day->least], least);
	dmp_report_latency(day->hours_us[day->most], most);
	dmp_report_latency(day->hours_us[day->last], last);
	dmp_clock_text(most_ms, time);
	dmp_html_put(out, "p95 of each hour: least %s, most %s at %s, last %s", least,
	    most, time, last);
	if (day->last < NEWEST) {
		dmp_html_put(out, ", ");
		dmp_html_put_count(out, NEWEST - day->last, "hour");
		dmp_html_put(out, " ago");
	}
	if (day->n_known <= NEWEST)
		dmp_html_put(out, "; %zu of %d hours not known",
		    NEWEST + 1 - day->n_known, NEWEST + 1);
}

/* What is not known is shaded, from half an hour before to half an hour after it. */
static void
latency_put_gaps(const struct latency_day *day, struct dmp_text *out)
{
	if (day->n_known > NEWEST)
		return;
	dmp_html_put(out, "<path class=\"gap\" d=\"");
	for (size_t i = 0, end; i <= NEWEST; i = end + 1) {
		int from = i == 0 ? -EDGE : (int)i * STEP - STEP / 2;

		for (end = i; end <= NEWEST && day->hours_us[end] == 0; end++)
			;
		if (end > i)
			dmp_html_put(out, "M%d 0H%dV56H%dz", from,
			    end > NEWEST ? NEWEST * STEP + EDGE
			                 : (int)end * STEP - STEP / 2,
			    from);
	}
	dmp_html_put(out, "\"/>");
}

/* An hour between two that are not known is a dot. */
static void
latency_put_curve(const struct latency_day *day, struct dmp_text *out)
{
	int y = 0;

	dmp_html_put(out, "<path d=\"");
	for (size_t i = 0; i <= NEWEST; i++) {
		bool is_joined = i > 0 && day->hours_us[i - 1] > 0;
		int before = y;

		if (day->hours_us[i] == 0)
			continue;
		y = latency_y(day, i);
		if (is_joined)
			dmp_html_put(out, "l%d %d", STEP, y - before);
		else
			dmp_html_put(out, "M%d %dh0", (int)i * STEP, y);
	}
	dmp_html_put(out, "\"/><path class=\"dot\" d=\"M%d %dh0\"/>",
	    (int)day->last * STEP, latency_y(day, day->last));
}

static void
latency_put_day(const uint32_t *hours_us, int64_t now_ms, struct dmp_text *out)
{
	struct latency_day day;
	char least[DMP_LATENCY_TEXT];
	char most[DMP_LATENCY_TEXT];

	if (!latency_day_of(hours_us, &day))
		return;
	dmp_html_put(out,
	    "<svg class=\"curve\" viewBox=\"%d 0 %d 56\" "
	    "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
	    -EDGE, NEWEST * STEP + 2 * EDGE);
	latency_put_label(&day, now_ms, out);
	dmp_html_put(out, "\"><path class=\"grid\" d=\"M%d 0V56M%d 0V56M%d 0V56\"/>",
	    NEWEST * STEP / 4, NEWEST * STEP / 2, NEWEST * STEP * 3 / 4);
	latency_put_gaps(&day, out);
	latency_put_curve(&day, out);
	dmp_report_latency(hours_us[day.least], least);
	dmp_report_latency(hours_us[day.most], most);
	dmp_html_put(out, "</svg><div class=\"m\">24 h: %s to %s</div>", least, most);
}

void
dmp_html_put_latency(const struct dmp_html_page *page, const struct dmp_report_row *row,
    const struct dmp_html_more *more, struct dmp_text *out)
{
	char last[DMP_LATENCY_TEXT];
	char p95[DMP_LATENCY_TEXT];

	dmp_report_latency(row->latency_us, last);
	dmp_report_latency(more ? more->latency_p95_us : 0, p95);
	if (*last || *p95)
		dmp_html_put(out, "%s", *last ? last : "-");
	if (*p95)
		dmp_html_put(out, " <span class=\"m\">p95 %s</span>", p95);
	if (more)
		latency_put_day(more->hours_us, page->now_ms, out);
}
