/* SPDX-License-Identifier: BSD-2-Clause */
/* html_timeline.c - what has happened since when: a line for each key, and the events.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/html_private.h"

enum { TIMELINE_WIDTH = 1000, TIMELINE_TOLD = 6, TIMELINE_NARROW = 3 };

/* The events of one key, oldest first. */
struct timeline {
	const struct dmp_event **events;
	size_t n;
	size_t newest; /* place of the newest among all events */
};

static int
timeline_by_key(const void *a, const void *b)
{
	const struct dmp_event *const *x = a;
	const struct dmp_event *const *y = b;
	int order = strcmp((*x)->key, (*y)->key);

	if (order)
		return order;
	return ((*x)->sequence > (*y)->sequence) - ((*x)->sequence < (*y)->sequence);
}

static int
timeline_by_newest(const void *a, const void *b)
{
	const struct timeline *x = a;
	const struct timeline *y = b;

	return (x->newest < y->newest) - (x->newest > y->newest);
}

/* Find the keys; events is sorted by key. */
static size_t
timeline_split(const struct dmp_html_page *page, const struct dmp_event **events,
    struct timeline *ret_lines)
{
	size_t n = 0;

	for (size_t i = 0; i < page->n_events; i++) {
		size_t place = (size_t)(events[i] - page->events);

		if (i == 0 || strcmp(events[i]->key, events[i - 1]->key) != 0)
			ret_lines[n++] = (struct timeline){.events = &events[i]};
		ret_lines[n - 1].n++;
		if (place > ret_lines[n - 1].newest)
			ret_lines[n - 1].newest = place;
	}
	qsort(ret_lines, n, sizeof(*ret_lines), timeline_by_newest);
	return n;
}

/* 0..WIDTH; what a stepped clock has put outside stands at the edge. */
static unsigned
timeline_x(const struct dmp_html_page *page, int64_t time_ms)
{
	int64_t span = page->now_ms - page->since_ms;

	if (span <= 0 || time_ms <= page->since_ms)
		return 0;
	if (time_ms >= page->now_ms)
		return TIMELINE_WIDTH;
	return (unsigned)((double)(time_ms - page->since_ms) * TIMELINE_WIDTH /
	                  (double)span);
}

/* Good is low, bad is high: the shape tells, too. */
static void
timeline_put_segment(
    unsigned from, unsigned to, enum dmp_state state, struct dmp_text *out)
{
	static const unsigned heights[] = {
	    [DMP_STATE_UNKNOWN] = 3,
	    [DMP_STATE_UP] = 6,
	    [DMP_STATE_DEGRADED] = 14,
	    [DMP_STATE_DOWN] = 24,
	    [DMP_STATE_EXPOSED] = 24,
	    [DMP_STATE_CLOSED] = 6,
	    [DMP_STATE_UNVERIFIED] = 10,
	    [DMP_STATE_NOT_APPLICABLE] = 3,
	};
	unsigned class = dmp_html_class(state);
	unsigned height = heights[class];

	dmp_html_put(out,
	    "<rect class=\"f%u\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>", class,
	    from, 24 - height,
	    to > from + TIMELINE_NARROW ? to - from : TIMELINE_NARROW, height);
}

/* A change that came at once is still seen: each bar has a width. */
static void
timeline_put_bars(
    const struct dmp_html_page *page, const struct timeline *line, struct dmp_text *out)
{
	size_t first = line->n > DMP_HTML_SEGMENTS ? line->n - DMP_HTML_SEGMENTS : 0;
	enum dmp_state state = line->events[first]->previous_state;
	unsigned from = 0;

	for (size_t i = first; i < line->n; i++) {
		const struct dmp_event *event = line->events[i];
		unsigned x = timeline_x(page, event->time_ms);

		if (!event->state || event->state == state) {
			dmp_html_put(out, "<path class=\"tick\" d=\"M%u 4v20\"/>", x);
			continue;
		}
		if (i > first && x < from + TIMELINE_NARROW)
			x = from + TIMELINE_NARROW;
		if (state && x > from)
			timeline_put_segment(from, x, state, out);
		from = x;
		state = event->state;
	}
	if (state)
		timeline_put_segment(from, TIMELINE_WIDTH, state, out);
}

/* "h1/cql: up; down 2026-11-22T14:03:35Z (refused); ..." */
static void
timeline_put_label(const struct timeline *line, struct dmp_text *out)
{
	size_t first = line->n > TIMELINE_TOLD ? line->n - TIMELINE_TOLD : 0;
	char time[DMP_TIME_TEXT];

	dmp_html_put(out, "%s", line->events[0]->key);
	if (first > 0)
		dmp_html_put(out, ": %zu events before; then", first);
	else if (line->events[0]->previous_state)
		dmp_html_put(out, ": %s at first; then",
		    dmp_vocab_text(
		        DMP_VOCAB_STATE, (int)line->events[0]->previous_state));
	for (size_t i = first; i < line->n; i++) {
		const struct dmp_event *event = line->events[i];

		dmp_clock_text(event->time_ms, time);
		dmp_html_put(out, "%s %s at %s", i > first ? "," : "",
		    event->state ? dmp_vocab_text(DMP_VOCAB_STATE, (int)event->state)
		                 : dmp_vocab_text(DMP_VOCAB_EVENT, (int)event->type),
		    time);
		if (event->state && event->reason)
			dmp_html_put(out, " (%s)",
			    dmp_vocab_text(DMP_VOCAB_REASON, (int)event->reason));
	}
}

static void
timeline_put(
    const struct dmp_html_page *page, const struct timeline *line, struct dmp_text *out)
{
	const struct dmp_event *last = line->events[line->n - 1];

	dmp_html_put(out,
	    "<tr><th scope=\"row\">%s</th><td class=\"line\"><svg viewBox=\"0 0 %d "
	    "24\" "
	    "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
	    last->key, TIMELINE_WIDTH);
	timeline_put_label(line, out);
	dmp_html_put(out, "\">");
	timeline_put_bars(page, line, out);
	dmp_html_put(out, "</svg></td><td class=\"num\">%zu</td><td>", line->n);
	if (last->state)
		dmp_html_put_state(out, last->state);
	else
		dmp_html_put(
		    out, "%s", dmp_vocab_text(DMP_VOCAB_EVENT, (int)last->type));
	dmp_html_put(out, "</td></tr>\n");
}

static void
timeline_put_lines(const struct dmp_html_page *page, const struct timeline *lines,
    size_t n, struct dmp_text *out)
{
	dmp_html_put(out,
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	    "aria-labelledby=\"timeline-title\"><table class=\"times\">"
	    "<caption>The announced state of what has changed. The worse, "
	    "the higher the bar.</caption><thead><tr>"
	    "<th scope=\"col\">Key</th><th scope=\"col\" class=\"axis\">"
	    "<span>");
	dmp_html_put_time(out, page->since_ms);
	dmp_html_put(out, "</span> <span>");
	dmp_html_put_time(out, page->now_ms);
	dmp_html_put(out, "</span></th><th scope=\"col\">Events</th>"
	                  "<th scope=\"col\">Newest</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n && i < DMP_HTML_TIMELINES; i++)
		timeline_put(page, &lines[i], out);
	dmp_html_put(out, "</tbody></table></div>\n");
	if (n > DMP_HTML_TIMELINES) {
		dmp_html_put(out, "<p class=\"note\">And ");
		dmp_html_put_count(out, n - DMP_HTML_TIMELINES, "more key");
		dmp_html_put(out, ", of which the last event is older.</p>\n");
	}
}

static void
timeline_put_event(const struct dmp_event *event, struct dmp_text *out)
{
	dmp_html_put(out, "<tr><td>");
	dmp_html_put_time(out, event->time_ms);
	dmp_html_put(out, "</td><td>%s</td><th scope=\"row\">%s</th><td>",
	    dmp_vocab_text(DMP_VOCAB_EVENT, (int)event->type), event->key);
	if (event->state)
		dmp_html_put_state(out, event->state);
	dmp_html_put(out, "</td><td>%s</td><td class=\"num\">%u</td></tr>\n",
	    event->message, event->sequence);
}

static void
timeline_put_events(const struct dmp_html_page *page, struct dmp_text *out)
{
	size_t n = page->n_events < DMP_HTML_EVENTS ? page->n_events : DMP_HTML_EVENTS;
	size_t n_left = page->n_events - n + page->n_events_left;

	if (n == 0)
		return;
	dmp_html_put(out,
	    "<details id=\"events\"%s><summary><h3>Events</h3> "
	    "<span class=\"count\">%zu, the newest first</span></summary>\n"
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	    "aria-label=\"Events\">"
	    "<table><thead><tr><th scope=\"col\">Time</th><th scope=\"col\">Type</th>"
	    "<th scope=\"col\">Key</th><th scope=\"col\">State</th>"
	    "<th scope=\"col\">Message</th><th scope=\"col\">Number</th></tr></thead>"
	    "<tbody>\n",
	    n <= 50 ? " open" : "", n);
	for (size_t i = page->n_events; i > page->n_events - n; i--)
		timeline_put_event(&page->events[i - 1], out);
	dmp_html_put(out, "</tbody></table></div></details>\n");
	if (n_left > 0) {
		dmp_html_put(out, "<p class=\"note\">Not listed: ");
		dmp_html_put_count(out, n_left, "older event");
		dmp_html_put(out, " (dmports events lists them).</p>\n");
	}
}

enum dmp_status
dmp_html_put_timeline(const struct dmp_html_page *page, struct dmp_text *out)
{
	const struct dmp_event **events = calloc(page->n_events + 1, sizeof(*events));
	struct timeline *lines = calloc(page->n_events + 1, sizeof(*lines));
	enum dmp_status status = DMP_ENOMEM;

	if (!events || !lines)
		goto done;
	for (size_t i = 0; i < page->n_events; i++)
		events[i] = &page->events[i];
	qsort(events, page->n_events, sizeof(*events), timeline_by_key);
	dmp_html_put(out, "<section id=\"timeline\" aria-labelledby=\"timeline-title\">"
	                  "<h2 id=\"timeline-title\">Timeline</h2>\n");
	if (page->n_events == 0) {
		dmp_html_put(out, "<p>Nothing has happened since ");
		dmp_html_put_time(out, page->since_ms);
		dmp_html_put(out, ".</p>\n");
	} else {
		timeline_put_lines(
		    page, lines, timeline_split(page, events, lines), out);
	}
	timeline_put_events(page, out);
	dmp_html_put(out, "</section>\n");
	status = DMP_OK;
done:
	free(lines);
	free(events);
	return status;
}
