/* SPDX-License-Identifier: BSD-2-Clause */
/* The page of dmports report: inert whatever the texts are, bounded, its links good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/html.h"
#include "cli/html_private.h"

#define HOSTILE "<script>alert(1)</script>\" onclick='x' & \x01\xff"

static struct dmp_report_row
port(const char *host, const char *requirement, enum dmp_state state)
{
	bool is_down = state == DMP_STATE_DOWN;

	return (struct dmp_report_row){
	    .key = "dma1/nats-client",
	    .host = host,
	    .requirement = requirement,
	    .service = "NATS",
	    .why = "required: Agents use it",
	    .address = "192.0.2.1",
	    .transport = DMP_TRANSPORT_TCP,
	    .port = 4222,
	    .level = DMP_LEVEL_REQUIRED,
	    .state = state,
	    .reason = is_down ? DMP_REASON_REFUSED : DMP_REASON_OPEN,
	    .severity = is_down ? DMP_SEVERITY_CRITICAL : DMP_SEVERITY_CLEARED,
	    .latency_us = 1500,
	    .checks = 3,
	    .tls_days_left = INT32_MAX,
	};
}

static struct dmp_event
event(uint32_t sequence, const char *key, enum dmp_state from, enum dmp_state to)
{
	struct dmp_event e = {
	    .sequence = sequence,
	    .previous_state = from,
	    .state = to,
	    .type = to == DMP_STATE_DOWN ? DMP_EVENT_PORT_DOWN : DMP_EVENT_PORT_UP,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_REFUSED,
	    .time_ms = 1000000 + (int64_t)sequence * 1000,
	};

	dmp_text_copy(e.key, sizeof(e.key), key);
	return e;
}

static struct dmp_html_page
page_of(const struct dmp_html_source *sources, size_t n)
{
	return (struct dmp_html_page){
	    .site = "North",
	    .dataminer = "10.3.0 [CU3]",
	    .catalogue = "1",
	    .software = "1.0",
	    .engine = "engine running",
	    .now_ms = 2000000,
	    .since_ms = 1000000,
	    .sources = sources,
	    .n_sources = n,
	};
}

/* The caller ends it. */
static struct dmp_text
built(const struct dmp_html_page *page)
{
	struct dmp_text out = {0};

	assert_int_equal(dmp_html_page(page, &out), DMP_OK);
	return out;
}

static struct dmp_text
built_of(struct dmp_report_row *rows, size_t n)
{
	struct dmp_html_source source = {.name = "dma1", .rows = rows, .n_rows = n};
	struct dmp_html_page page = page_of(&source, 1);

	return built(&page);
}

static void
has(const struct dmp_text *page, const char *text)
{
	if (!strstr(dmp_text_get(page), text))
		fail_msg("the page has no %s", text);
}

static void
lacks(const struct dmp_text *page, const char *text)
{
	const char *found = strstr(dmp_text_get(page), text);

	if (found)
		fail_msg("the page has %.80s", found);
}

/* The next place of text, NULL = none.  (With a sanitizer strstr() measures the whole
 * page at each call.) */
static const char *
next(const struct dmp_text *page, const char *at, const char *text)
{
	const char *end = page->data + page->size;
	size_t n = strlen(text);

	while ((at = memchr(at, text[0], (size_t)(end - at)))) {
		if ((size_t)(end - at) >= n && memcmp(at, text, n) == 0)
			return at;
		at++;
	}
	return NULL;
}

static size_t
count_of(const struct dmp_text *page, const char *text)
{
	size_t n = 0;

	for (const char *at = page->data; (at = next(page, at, text)); n++)
		at += strlen(text);
	return n;
}

struct anchors {
	char (*names)[32];
	size_t n;
};

static int
anchor_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* What stands between mark and the next quote, sorted.  The caller frees names. */
static struct anchors
anchors_of(const struct dmp_text *page, const char *mark)
{
	struct anchors found = {.n = count_of(page, mark)};
	const char *at = page->data;

	found.names = calloc(found.n + 1, sizeof(*found.names));
	assert_non_null(found.names);
	for (size_t i = 0; i < found.n; i++) {
		size_t length;

		at = next(page, at, mark) + strlen(mark);
		length = strcspn(at, "\"");
		assert_true(length > 0 && length < sizeof(*found.names));
		memcpy(found.names[i], at, length);
	}
	qsort(found.names, found.n, sizeof(*found.names), anchor_compare);
	return found;
}

static void
links_are_good(const struct dmp_text *page)
{
	struct anchors ids = anchors_of(page, " id=\"");
	struct anchors links = anchors_of(page, " href=\"#");

	for (size_t i = 1; i < ids.n; i++)
		assert_string_not_equal(ids.names[i], ids.names[i - 1]);
	assert_int_equal(count_of(page, " href="), links.n);
	for (size_t i = 0; i < links.n; i++) {
		if (!bsearch(links.names[i], ids.names, ids.n, sizeof(*ids.names),
		        anchor_compare))
			fail_msg("no id %s", links.names[i]);
	}
	free(ids.names);
	free(links.names);
}

static void
every_string_is_escaped_and_made_printable(void **state)
{
	struct dmp_text out = {0};

	(void)state;
	dmp_html_put(
	    &out, "<b title=\"%s\">%u %zu %d 5%%</b>", HOSTILE, 1u, (size_t)2, -3);
	assert_string_equal(dmp_text_get(&out),
	    "<b title=\"&lt;script&gt;alert(1)&lt;/script&gt;&quot; "
	    "onclick=&#39;x&#39; &amp; ..\">1 2 -3 5%</b>");
	dmp_text_done(&out);
}

static void
hostile_texts_are_inert_wherever_they_stand(void **state)
{
	struct dmp_report_row row = port(HOSTILE, HOSTILE, DMP_STATE_DOWN);
	struct dmp_html_more more = {.subject = HOSTILE};
	struct dmp_html_host host = {
	    .name = HOSTILE, .roles = HOSTILE, .detail = HOSTILE};
	struct dmp_event happened = event(1, HOSTILE, DMP_STATE_UP, DMP_STATE_DOWN);
	const char *note = HOSTILE;
	struct dmp_html_source source = {
	    .name = HOSTILE, .rows = &row, .n_rows = 1, .more = &more};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	row.key = row.service = row.why = HOSTILE;
	row.tls_days_left = 3;
	dmp_text_copy(row.detail, sizeof(row.detail), HOSTILE);
	dmp_text_copy(row.identity, sizeof(row.identity), HOSTILE);
	dmp_text_copy(row.address, sizeof(row.address), HOSTILE);
	dmp_text_copy(happened.message, sizeof(happened.message), HOSTILE);
	page.site = page.dataminer = page.catalogue = page.software = HOSTILE;
	page.engine = page.trouble = HOSTILE;
	page.notes = &note;
	page.n_notes = 1;
	page.hosts = &host;
	page.n_hosts = 1;
	page.events = &happened;
	page.n_events = 1;
	out = built(&page);
	lacks(&out, "<script");
	lacks(&out, "\" onclick");
	lacks(&out, "onclick='");
	assert_true(count_of(&out, "&lt;script&gt;alert(1)&lt;/script&gt;&quot; "
	                           "onclick=&#39;x&#39; &amp; ..") > 20);
	for (size_t i = 0; i < out.size; i++)
		assert_true(out.data[i] == '\n' || out.data[i] == '\t' ||
		            (out.data[i] >= ' ' && out.data[i] <= '~'));
	links_are_good(&out);
	dmp_text_done(&out);
}

static void
nothing_is_fetched_or_run(void **state)
{
	struct dmp_report_row row = port("dma1", "nats-client", DMP_STATE_DOWN);
	struct dmp_text out = built_of(&row, 1);

	(void)state;
	has(&out,
	    "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline';");
	lacks(&out, "url(");
	lacks(&out, "@import");
	lacks(&out, "://");
	lacks(&out, " src=");
	dmp_text_done(&out);
}

static void
an_empty_site_makes_a_page(void **state)
{
	struct dmp_text out = built_of(NULL, 0);

	(void)state;
	has(&out, "Nothing could be checked.");
	has(&out, "There are no ports.");
	has(&out, "Nothing has happened since");
	has(&out, "No port has shown a certificate.");
	has(&out, "</html>\n");
	links_are_good(&out);
	dmp_text_done(&out);
}

static void
the_worst_comes_first(void **state)
{
	struct dmp_report_row rows[] = {
	    port("dma1", "nats-client", DMP_STATE_UP),
	    port("dma1", "https", DMP_STATE_DEGRADED),
	    port("dma2", "nats-client", DMP_STATE_DOWN),
	};
	struct dmp_text out;
	const char *worst;
	const char *other;

	(void)state;
	rows[1].severity = DMP_SEVERITY_WARNING;
	rows[1].key = "dma1/https";
	rows[2].key = "dma2/nats-client";
	out = built_of(rows, 3);
	has(&out, ">critical</span> 1 required port down. The worst: "
	          "<b>dma2/nats-client</b>");
	has(&out, "<title>North: 1 down, 1 up - dmports</title>");
	worst = strstr(out.data, "<a href=\"#p0-2\">dma2/nats-client</a>");
	other = strstr(out.data, "<a href=\"#p0-1\">dma1/https</a>");
	assert_non_null(worst);
	assert_non_null(other);
	assert_true(worst < other);
	dmp_text_done(&out);
}

static void
what_is_excused_is_no_problem(void **state)
{
	struct dmp_report_row row = port("dma1", "nats-client", DMP_STATE_DOWN);
	struct dmp_text out;

	(void)state;
	row.excused = true;
	out = built_of(&row, 1);
	has(&out, "No port needs anybody.</p>");
	has(&out, "aria-label=\"notApplicable: dma1 nats-client");
	dmp_text_done(&out);
}

static void
each_source_has_a_row_for_each_host(void **state)
{
	struct dmp_report_row here[] = {port("dma1", "nats-client", DMP_STATE_UP),
	    port("dma2", "nats-client", DMP_STATE_UP)};
	struct dmp_report_row there[] = {port("dma2", "nats-client", DMP_STATE_DOWN),
	    port("db1", "cassandra-cql", DMP_STATE_UP)};
	struct dmp_html_source sources[] = {
	    {.name = "dma1", .rows = here, .n_rows = 2},
	    {.name = "berlin", .rows = there, .n_rows = 2},
	};
	struct dmp_html_page page = page_of(sources, 2);
	struct dmp_text out = built(&page);

	(void)state;
	has(&out,
	    "rowspan=\"2\"><a href=\"#h1\">dma2</a></th><th scope=\"row\">dma1</th>");
	has(&out,
	    "<tr><th scope=\"row\">berlin</th><td><a href=\"#p1-0\" class=\"s4\"");
	has(&out,
	    "rowspan=\"1\"><a href=\"#h2\">db1</a></th><th scope=\"row\">berlin</th>"
	    "<td><a href=\"#p1-1\"");
	has(&out, "4222/tcp, from berlin\">down</a>");
	links_are_good(&out);
	dmp_text_done(&out);
}

static void
hosts_of_other_kinds_have_matrices_of_their_own(void **state)
{
	struct dmp_report_row rows[] = {
	    port("dma1", "https", DMP_STATE_UP),
	    port("db1", "cassandra-cql", DMP_STATE_UP),
	    port("dma2", "snmp", DMP_STATE_UP),
	    port("dma2", "https", DMP_STATE_UP),
	};
	struct dmp_text out = built_of(rows, 4);

	(void)state;
	assert_int_equal(count_of(&out, "class=\"matrix\""), 2);
	has(&out,
	    "<th scope=\"col\">https</th><th scope=\"col\">snmp</th></tr></thead>");
	has(&out, "Seen from</th><th scope=\"col\">cassandra-cql</th></tr></thead>");
	assert_int_equal(count_of(&out, "<td></td>"), 1);
	dmp_text_done(&out);
}

static void
figures_are_rounded_down_and_absent_ones_are_not_invented(void **state)
{
	struct dmp_report_row row = port("dma1", "nats-client", DMP_STATE_UP);
	struct dmp_html_more more = {.latency_p95_us = 12000,
	    .availability = {99999, 100000, DMP_AVAILABILITY_UNKNOWN}};
	struct dmp_html_source source = {
	    .name = "dma1", .rows = &row, .n_rows = 1, .more = &more};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out = built(&page);

	(void)state;
	has(&out, "24 h</span> 99.999 %<");
	has(&out, "7 d</span> 100 %<");
	has(&out, "30 d</span> -<");
	has(&out, "<td class=\"num\">1.50 ms <span class=\"m\">p95 12 ms</span></td>");
	dmp_text_done(&out);
	source.more = NULL;
	out = built(&page);
	lacks(&out, "24 h</span>");
	has(&out, "<td class=\"num\">1.50 ms</td>");
	dmp_text_done(&out);
}

/* --- the curve of the last day --- */

enum { HOURS = DMP_AVAILABILITY_HOURS };

/* The page of one port with this history, made at half past noon; the caller ends it.
 */
static struct dmp_text
built_with_hours(const uint32_t hours_us[HOURS])
{
	struct dmp_report_row row = port("dma1", "nats-client", DMP_STATE_UP);
	struct dmp_html_more more = {0};
	struct dmp_html_source source = {
	    .name = "dma1", .rows = &row, .n_rows = 1, .more = &more};
	struct dmp_html_page page = page_of(&source, 1);

	memcpy(more.hours_us, hours_us, sizeof(more.hours_us));
	page.now_ms = INT64_C(1795350600000); /* 2026-11-22T12:30:00Z */
	return built(&page);
}

static void
fill(uint32_t hours_us[HOURS], uint32_t us)
{
	for (size_t i = 0; i < HOURS; i++)
		hours_us[i] = us;
}

static void
the_curve_tells_least_most_and_last_in_words(void **state)
{
	uint32_t hours_us[HOURS];
	struct dmp_text out;

	(void)state;
	fill(hours_us, 2000);
	hours_us[3] = 900;
	hours_us[20] = 45000;
	hours_us[HOURS - 1] = 1200;
	out = built_with_hours(hours_us);
	has(&out, "role=\"img\" aria-label=\"p95 of each hour: least 0.90 ms, "
	          "most 45 ms at 2026-11-22T08:00:00Z, last 1.20 ms\">");
	has(&out, "</svg><div class=\"m\">24 h: 0.90 ms to 45 ms</div>");
	lacks(&out, "class=\"gap\"");
	dmp_text_done(&out);
}

static void
hours_that_are_not_known_are_gaps_and_counted(void **state)
{
	uint32_t hours_us[HOURS];
	struct dmp_text out;

	(void)state;
	fill(hours_us, 2000);
	hours_us[0] = hours_us[1] = 0;
	hours_us[10] = 0;
	hours_us[12] = 0;
	hours_us[HOURS - 2] = hours_us[HOURS - 1] = 0;
	out = built_with_hours(hours_us);
	has(&out, "last 2.00 ms, 2 hours ago; 6 of 25 hours not known\">");
	has(&out, "<path class=\"gap\" d=\"M-6 0H15V56H-6zM95 0H105V56H95z"
	          "M115 0H125V56H115zM225 0H246V56H225z\"/>");
	/* From hour 2 to 9; hour 11 alone; from 13 to 22. */
	has(&out, "<path d=\"M20 27h0l10 0l10 0l10 0l10 0l10 0l10 0l10 0M110 27h0"
	          "M130 27h0l10 0l10 0l10 0l10 0l10 0l10 0l10 0l10 0l10 0\"/>"
	          "<path class=\"dot\" d=\"M220 27h0\"/>");
	dmp_text_done(&out);
}

static void
without_a_history_there_is_no_curve(void **state)
{
	uint32_t hours_us[HOURS] = {0};
	struct dmp_text out = built_with_hours(hours_us);

	(void)state;
	lacks(&out, "<svg");
	lacks(&out, "24 h: ");
	dmp_text_done(&out);
}

/* 22 % apart are two neighbours of the histogram: that is no mountain. */
static void
noise_does_not_fill_the_height_and_a_decade_does(void **state)
{
	uint32_t hours_us[HOURS];
	struct dmp_text out;

	(void)state;
	fill(hours_us, 1000);
	hours_us[1] = 1222;
	out = built_with_hours(hours_us);
	has(&out, "<path d=\"M0 29h0l10 -3l10 3l10 0");
	dmp_text_done(&out);
	hours_us[1] = 100000;
	out = built_with_hours(hours_us);
	has(&out, "<path d=\"M0 49h0l10 -42l10 42l10 0");
	dmp_text_done(&out);
}

/* Whatever a record holds is within the drawing. */
static void
the_curve_stays_within_its_frame(void **state)
{
	static const uint32_t ENDS[] = {1, 110, 15000000, UINT32_C(3600000000)};

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		uint32_t hours_us[HOURS];
		struct dmp_text out;
		char wanted[64];

		fill(hours_us, ENDS[i / 4]);
		hours_us[1] = ENDS[i % 4];
		out = built_with_hours(hours_us);
		dmp_text_format(wanted, sizeof(wanted), "<path d=\"M0 %dh0l10 %d",
		    i / 4 == i % 4  ? 27
		    : i / 4 < i % 4 ? 49
		                    : 7,
		    i / 4 == i % 4  ? 0
		    : i / 4 < i % 4 ? -42
		                    : 42);
		has(&out, wanted);
		dmp_text_done(&out);
	}
}

/* --- receivers --- */

static struct dmp_receiver_row
receiver(const struct dmp_board_receiver *plan)
{
	return (struct dmp_receiver_row){.plan = plan,
	    .is_served = true,
	    .live = {.state = 1, .acknowledged_ms = INT64_MIN}};
}

static void
receivers_show_what_they_got_and_what_they_wait_for(void **state)
{
	struct dmp_board_receiver plans[] = {
	    {.kind = DMP_RECEIVER_INFORM,
	        .name = "noc",
	        .address = "192.0.2.9",
	        .port = 162},
	    {.kind = DMP_RECEIVER_TRAP,
	        .name = "log",
	        .address = "192.0.2.8",
	        .port = 10162},
	};
	struct dmp_receiver_row rows[] = {receiver(&plans[0]), receiver(&plans[1])};
	struct dmp_html_source source = {.name = "dma1"};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	rows[0].live.last_acknowledged = 41;
	rows[0].live.acknowledged_ms = 5000;
	rows[0].live.pending = 7;
	rows[0].live.retries = 3;
	rows[0].live.failures = 2;
	rows[1].live.last_acknowledged = 48;
	page.mono_ms = 65000;
	page.receivers = rows;
	page.n_receivers = 2;
	out = built(&page);
	has(&out, "<th scope=\"row\">noc<div class=\"m\">192.0.2.9 port 162</div></th>"
	          "<td>inform</td><td><span class=\"s s2\">ok</span></td>");
	has(&out, "<td class=\"num\">41 <span class=\"m\">acknowledged "
	          "<time datetime=\"1970-01-01T00:32:20Z\">");
	has(&out, "</td><td class=\"num\">7</td><td class=\"num\">3</td>"
	          "<td class=\"num\">2</td></tr>");
	has(&out, "<td>trap</td><td><span class=\"s s2\">ok</span></td>"
	          "<td class=\"num\">48 <span class=\"m\">handed over</span></td>");
	links_are_good(&out);
	dmp_text_done(&out);
}

static void
a_receiver_that_gets_nothing_says_why(void **state)
{
	static const struct dmp_board_receiver plan = {
	    .kind = DMP_RECEIVER_INFORM, .name = HOSTILE, .address = HOSTILE};
	struct dmp_receiver_row rows[] = {receiver(&plan), receiver(&plan)};
	struct dmp_html_source source = {.name = "dma1"};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	rows[0].is_served = false;
	rows[1].live.state = 4;
	dmp_text_copy(rows[1].live.trouble, sizeof(rows[1].live.trouble), HOSTILE);
	page.receivers = rows;
	page.n_receivers = 2;
	out = built(&page);
	has(&out, "<span class=\"s s4\">unreachable</span><div class=\"call\">the "
	          "daemon&#39;s notifier does not run, or does not serve it</div></td>"
	          "<td class=\"num\">-</td><td>-</td>");
	has(&out, "<span class=\"s s4\">unreachable</span><div class=\"call\">"
	          "&lt;script&gt;");
	lacks(&out, "<script");
	dmp_text_done(&out);
	page.n_receivers = 0;
	out = built(&page);
	has(&out, "Nobody gets notifications.");
	dmp_text_done(&out);
}

static void
a_timeline_shows_states_in_proportion_and_tells_them(void **state)
{
	struct dmp_event events[] = {
	    event(250, "dma1/nats-client", DMP_STATE_UP, DMP_STATE_DOWN),
	    event(500, "dma1/nats-client", DMP_STATE_DOWN, DMP_STATE_UP),
	};
	struct dmp_html_source source = {.name = "dma1"};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	page.events = events;
	page.n_events = 2;
	out = built(&page);
	has(&out, "<rect class=\"f2\" x=\"0\" y=\"18\" width=\"250\"");
	has(&out, "<rect class=\"f4\" x=\"250\" y=\"0\" width=\"250\"");
	has(&out, "<rect class=\"f2\" x=\"500\" y=\"18\" width=\"500\"");
	has(&out, "aria-label=\"dma1/nats-client: up at first; then down at "
	          "1970-01-01T00:20:50Z (refused), up at 1970-01-01T00:25:00Z");
	dmp_text_done(&out);
}

static void
changes_that_came_at_once_and_events_without_one_are_seen(void **state)
{
	struct dmp_event events[] = {
	    event(500, "dma1/https", DMP_STATE_UP, DMP_STATE_DOWN),
	    event(501, "dma1/https", DMP_STATE_DOWN, DMP_STATE_UP),
	    event(600, "dma1/https", DMP_STATE_UP, DMP_STATE_UP),
	};
	struct dmp_html_source source = {.name = "dma1"};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	events[1].time_ms = events[0].time_ms;
	page.events = events;
	page.n_events = 3;
	out = built(&page);
	has(&out, "<rect class=\"f4\" x=\"500\" y=\"0\" width=\"3\"");
	has(&out, "<rect class=\"f2\" x=\"503\" y=\"18\" width=\"497\"");
	has(&out, "<path class=\"tick\" d=\"M600 4v20\"/>");
	dmp_text_done(&out);
}

static void
many_events_are_cut_and_counted(void **state)
{
	enum { N = DMP_HTML_EVENTS + 500 };
	struct dmp_event *events = calloc(N, sizeof(*events));
	struct dmp_html_source source = {.name = "dma1"};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	assert_non_null(events);
	for (uint32_t i = 0; i < N; i++) {
		char key[DMP_KEY_TEXT];

		dmp_text_format(key, sizeof(key), "dma%u/http", i % 100);
		events[i] = event(i, key, DMP_STATE_UP, DMP_STATE_DOWN);
	}
	page.events = events;
	page.n_events = N;
	page.n_events_left = 7;
	out = built(&page);
	assert_int_equal(count_of(&out, "<td class=\"line\">"), DMP_HTML_TIMELINES);
	has(&out, "And 40 more keys");
	has(&out, "Not listed: 507 older events");
	has(&out, "<td class=\"num\">1499</td>");
	lacks(&out, "<td class=\"num\">499</td>");
	dmp_text_done(&out);
	free(events);
}

/* n ports with long texts on n / 20 hosts; each 40th is down.  The caller frees. */
static struct dmp_report_row *
many_ports(size_t n, size_t n_columns, char (**ret_names)[32])
{
	struct dmp_report_row *rows = calloc(n, sizeof(*rows));
	char(*names)[32] = calloc(2 * n, sizeof(*names));

	assert_non_null(rows);
	assert_non_null(names);
	for (size_t i = 0; i < n; i++) {
		char *host = names[2 * i];
		char *requirement = names[2 * i + 1];

		dmp_text_format(host, sizeof(*names), "host-%zu", i / 20);
		dmp_text_format(
		    requirement, sizeof(*names), "requirement-%zu", i % n_columns);
		rows[i] = port(
		    host, requirement, i % 40 == 0 ? DMP_STATE_DOWN : DMP_STATE_UP);
		rows[i].why = "required: web applications and everything behind IIS "
		              "use HTTPS, set up out of the box; no installer opens it";
		dmp_text_copy(rows[i].identity, sizeof(rows[i].identity),
		    "HTTP/1.1 200 Microsoft-IIS/10.0, a title of the page, and more");
	}
	*ret_names = names;
	return rows;
}

static void
ten_thousand_ports_make_a_page_of_a_few_megabytes(void **state)
{
	char(*names)[32];
	struct dmp_report_row *rows = many_ports(10000, 20, &names);
	struct dmp_html_more *more = calloc(10000, sizeof(*more));
	struct dmp_html_source source = {
	    .name = "dma1", .rows = rows, .n_rows = 10000, .more = more};
	struct dmp_html_page page = page_of(&source, 1);
	struct dmp_text out;

	(void)state;
	assert_non_null(more);
	for (size_t i = 0; i < 10000; i++) {
		more[i].latency_p95_us = 12000;
		for (size_t hour = 0; hour < HOURS; hour++)
			more[i].hours_us[hour] = (uint32_t)(100 + i * 7 + hour * 100);
	}
	out = built(&page);
	assert_true(out.size < (size_t)16 * 1024 * 1024);
	assert_int_equal(count_of(&out, "<tr id=\"p"), 10000);
	assert_int_equal(count_of(&out, "class=\"curve\""), 10000);
	assert_int_equal(count_of(&out, "<details id=\"h"), 500);
	assert_int_equal(count_of(&out, "scope=\"rowgroup\""), 250);
	has(&out, "250 hosts without a problem");
	has(&out, "And 50 more problems");
	links_are_good(&out);
	dmp_text_done(&out);
	free(more);
	free(rows);
	free(names);
}

static void
more_ports_than_can_be_listed_leave_out_what_is_fine(void **state)
{
	enum { N = DMP_HTML_PORTS + 40 };
	char(*names)[32];
	struct dmp_report_row *rows = many_ports(N, 20, &names);
	struct dmp_text out = built_of(rows, N);

	(void)state;
	assert_int_equal(count_of(&out, "<tr id=\"p"), N / 40);
	has(&out, "Not listed: 19539 ports without a problem");
	links_are_good(&out);
	dmp_text_done(&out);
	free(rows);
	free(names);
}

static void
a_matrix_of_too_many_columns_is_cut(void **state)
{
	char(*names)[32];
	struct dmp_report_row *rows = many_ports(5000, 5000, &names);
	struct dmp_text out;

	(void)state;
	for (size_t i = 0; i < 5000; i += 20) /* something that all hosts have */
		rows[i].requirement = "https";
	out = built_of(rows, 5000);
	assert_true(
	    count_of(&out, "<td></td>") <= (size_t)DMP_HTML_COLUMNS * DMP_HTML_LINES);
	has(&out, "4551 requirements. They are in the");
	links_are_good(&out);
	dmp_text_done(&out);
	free(rows);
	free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_string_is_escaped_and_made_printable),
	    cmocka_unit_test(hostile_texts_are_inert_wherever_they_stand),
	    cmocka_unit_test(nothing_is_fetched_or_run),
	    cmocka_unit_test(an_empty_site_makes_a_page),
	    cmocka_unit_test(the_worst_comes_first),
	    cmocka_unit_test(what_is_excused_is_no_problem),
	    cmocka_unit_test(each_source_has_a_row_for_each_host),
	    cmocka_unit_test(hosts_of_other_kinds_have_matrices_of_their_own),
	    cmocka_unit_test(figures_are_rounded_down_and_absent_ones_are_not_invented),
	    cmocka_unit_test(the_curve_tells_least_most_and_last_in_words),
	    cmocka_unit_test(hours_that_are_not_known_are_gaps_and_counted),
	    cmocka_unit_test(without_a_history_there_is_no_curve),
	    cmocka_unit_test(noise_does_not_fill_the_height_and_a_decade_does),
	    cmocka_unit_test(the_curve_stays_within_its_frame),
	    cmocka_unit_test(receivers_show_what_they_got_and_what_they_wait_for),
	    cmocka_unit_test(a_receiver_that_gets_nothing_says_why),
	    cmocka_unit_test(a_timeline_shows_states_in_proportion_and_tells_them),
	    cmocka_unit_test(changes_that_came_at_once_and_events_without_one_are_seen),
	    cmocka_unit_test(many_events_are_cut_and_counted),
	    cmocka_unit_test(ten_thousand_ports_make_a_page_of_a_few_megabytes),
	    cmocka_unit_test(more_ports_than_can_be_listed_leave_out_what_is_fine),
	    cmocka_unit_test(a_matrix_of_too_many_columns_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
