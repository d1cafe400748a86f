/* SPDX-License-Identifier: BSD-2-Clause */
/* html_receivers.c - who gets the notifications, and how that goes. */
#include "cli/html_private.h"

/* Good, under way, bad, off: the classes of port states that look like that. */
static unsigned
receivers_class(const struct dmp_receiver_row *row)
{
	static const uint8_t classes[] = {DMP_STATE_UNKNOWN, DMP_STATE_UP,
	    DMP_STATE_UNKNOWN, DMP_STATE_DEGRADED, DMP_STATE_DOWN,
	    DMP_STATE_NOT_APPLICABLE};

	if (!row->is_served || row->live.state >= sizeof(classes))
		return DMP_STATE_DOWN;
	return classes[row->live.state];
}

/* The sequence up to which all is there, or is on the way and nobody will tell. */
static void
receivers_put_progress(const struct dmp_html_page *page,
    const struct dmp_receiver_row *row, struct dmp_text *out)
{
	const struct dmp_board_receiver_live *live = &row->live;
	bool tells = row->plan->kind == DMP_RECEIVER_INFORM;

	if (live->last_acknowledged == 0) {
		dmp_html_put(out, "-");
		return;
	}
	dmp_html_put(out, "%u <span class=\"m\">%s", live->last_acknowledged,
	    tells ? "acknowledged" : "handed over");
	if (tells && live->acknowledged_ms != INT64_MIN &&
	    live->acknowledged_ms <= page->mono_ms) {
		dmp_html_put(out, " ");
		dmp_html_put_time(
		    out, page->now_ms - (page->mono_ms - live->acknowledged_ms));
	}
	dmp_html_put(out, "</span>");
}

static void
receivers_put(const struct dmp_html_page *page, const struct dmp_receiver_row *row,
    struct dmp_text *out)
{
	struct dmp_text address = {0};
	struct dmp_text trouble = {0};

	dmp_receiver_address(row, &address);
	dmp_receiver_trouble(row, &trouble);
	dmp_html_put(out,
	    "<tr><th scope=\"row\">%s<div class=\"m\">%s</div></th><td>%s</td>"
	    "<td><span class=\"s s%u\">%s</span>",
	    row->plan->name, dmp_text_get(&address), dmp_receiver_kind(row),
	    receivers_class(row), dmp_receiver_state(row));
	if (trouble.size > 0)
		dmp_html_put(
		    out, "<div class=\"call\">%s</div>", dmp_text_get(&trouble));
	dmp_html_put(out, "</td><td class=\"num\">");
	if (row->is_served) {
		receivers_put_progress(page, row, out);
		dmp_html_put(out,
		    "</td><td class=\"num\">%u</td><td class=\"num\">%u</td>"
		    "<td class=\"num\">%u</td></tr>\n",
		    row->live.pending, row->live.retries, row->live.failures);
	} else {
		dmp_html_put(out, "-</td><td>-</td><td>-</td><td>-</td></tr>\n");
	}
	dmp_text_done(&address);
	dmp_text_done(&trouble);
}

void
dmp_html_put_receivers(const struct dmp_html_page *page, struct dmp_text *out)
{
	dmp_html_put(out,
	    "<section id=\"receivers\" aria-labelledby=\"receivers-title\">"
	    "<h2 id=\"receivers-title\">Receivers</h2>\n");
	if (page->n_receivers == 0) {
		dmp_html_put(out, "<p>Nobody gets notifications.</p>\n</section>\n");
		return;
	}
	dmp_html_put(out,
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
	    "aria-labelledby=\"receivers-title\"><table class=\"receivers\">"
	    "<caption>Who gets the notifications. Only who gets informs acknowledges "
	    "them. Repeated and failed count since the daemon started: an inform sent "
	    "again, a notification that could not be sent or was given up.</caption>"
	    "<thead><tr><th scope=\"col\">Receiver</th><th scope=\"col\">Type</th>"
	    "<th scope=\"col\">State</th><th scope=\"col\">Up to event</th>"
	    "<th scope=\"col\">Pending</th><th scope=\"col\">Repeated</th>"
	    "<th scope=\"col\">Failed</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < page->n_receivers; i++)
		receivers_put(page, &page->receivers[i], out);
	dmp_html_put(out, "</tbody></table></div>\n</section>\n");
}
