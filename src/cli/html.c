/* SPDX-License-Identifier: BSD-2-Clause */
/* html.c - the frame of the page and its head: how is it, in one sentence and in
 * numbers. */
#include "cli/html.h"

#include "cli/html_private.h"

/* The style is markup of ours, not a string of somebody's: it goes in as it is. */
static void
html_put_head(const struct dmp_html_page *page, const struct dmp_report_count *count,
    struct dmp_text *out)
{
	dmp_html_put(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
	    "'none'; "
	    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<title>%s: %zu down, %zu up - dmports</title>\n<style>\n",
	    page->site, count->down, count->up);
	dmp_text_append_bytes(out, dmp_html_style, dmp_html_style_size);
	dmp_html_put(out,
	    "</style>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to the problems</a>\n");
}

/* The most severe one, the first of the plan among equals; NULL = none. */
static const struct dmp_report_row *
html_worst(const struct dmp_html_page *page)
{
	const struct dmp_report_row *worst = NULL;

	for (size_t s = 0; s < page->n_sources; s++) {
		for (size_t i = 0; i < page->sources[s].n_rows; i++) {
			const struct dmp_report_row *row = &page->sources[s].rows[i];

			if (dmp_html_is_problem(row) &&
			    (!worst || dmp_severity_rank(row->severity) >
			                   dmp_severity_rank(worst->severity)))
				worst = row;
		}
	}
	return worst;
}

static void
html_put_verdict(const struct dmp_html_page *page, const struct dmp_report_count *count,
    struct dmp_text *out)
{
	const struct dmp_report_row *worst = html_worst(page);
	unsigned class = worst ? dmp_html_class(worst->state) : DMP_STATE_UP;

	if (!worst && count->judged == 0)
		class = DMP_STATE_UNKNOWN;
	dmp_html_put(
	    out, "<p class=\"verdict e%u\"><span class=\"s s%u\">", class, class);
	if (worst) {
		dmp_html_put(out, "%s</span> ",
		    dmp_vocab_text(DMP_VOCAB_SEVERITY, (int)worst->severity));
		if (count->required_down > 0) {
			dmp_html_put_count(out, count->required_down, "required port");
			dmp_html_put(out, " down. The worst: ");
		}
		dmp_html_put(out, "<b>%s</b>, %s.", worst->key,
		    dmp_reason_sentence(worst->reason));
	} else if (count->judged == 0) {
		dmp_html_put(out, "unknown</span> Nothing could be checked.");
	} else {
		dmp_html_put(out, "fine</span> No port needs anybody.");
	}
	dmp_html_put(out, "</p>\n");
}

static void
html_put_tiles(const struct dmp_report_count *count, struct dmp_text *out)
{
	const struct {
		enum dmp_state state;
		size_t n;
	} tiles[] = {
	    {DMP_STATE_DOWN, count->down},
	    {DMP_STATE_EXPOSED, count->exposed},
	    {DMP_STATE_DEGRADED, count->degraded},
	    {DMP_STATE_UNKNOWN, count->unknown},
	    {DMP_STATE_UNVERIFIED, count->unverified},
	    {DMP_STATE_UP, count->up},
	    {DMP_STATE_CLOSED, count->closed},
	    {DMP_STATE_NOT_APPLICABLE, count->excused},
	};

	dmp_html_put(out, "<ul class=\"tiles\">");
	for (size_t i = 0; i < sizeof(tiles) / sizeof(tiles[0]); i++) {
		if (tiles[i].n == 0 && tiles[i].state != DMP_STATE_DOWN &&
		    tiles[i].state != DMP_STATE_UP)
			continue;
		dmp_html_put(out, "<li class=\"e%u%s\"><b>%zu</b> ",
		    dmp_html_class(tiles[i].state), tiles[i].n ? "" : " none",
		    tiles[i].n);
		dmp_html_put_state(out, tiles[i].state);
		dmp_html_put(out, "</li>");
	}
	dmp_html_put(out, "</ul>\n");
}

static void
html_put_sources(const struct dmp_html_page *page, struct dmp_text *out)
{
	for (size_t i = 0; i < page->n_sources; i++)
		dmp_html_put(out, "%s%s", i ? ", " : "", page->sources[i].name);
}

static void
html_put_banner(const struct dmp_html_page *page, const struct dmp_report_count *count,
    struct dmp_text *out)
{
	dmp_html_put(out, "<header>\n<h1><span>Ports of</span> %s</h1>\n", page->site);
	if (page->trouble)
		dmp_html_put(out, "<p class=\"alarm\"><b>Not up to date:</b> %s</p>\n",
		    page->trouble);
	for (size_t i = 0; i < page->n_notes; i++)
		dmp_html_put(out, "<p class=\"alarm\">%s</p>\n", page->notes[i]);
	html_put_verdict(page, count, out);
	html_put_tiles(count, out);
	dmp_html_put(out, "<dl class=\"facts\"><div><dt>Made</dt><dd>");
	dmp_html_put_time(out, page->now_ms);
	dmp_html_put(out, "</dd></div><div><dt>Seen from</dt><dd>");
	html_put_sources(page, out);
	dmp_html_put(out,
	    "</dd></div><div><dt>DataMiner</dt><dd>%s</dd></div>"
	    "<div><dt>Daemon</dt><dd>%s</dd></div></dl>\n</header>\n",
	    *page->dataminer ? page->dataminer : "-", page->engine);
	dmp_html_put(out, "<nav aria-label=\"Contents\"><ul>"
	                  "<li><a href=\"#problems\">Problems</a></li>"
	                  "<li><a href=\"#matrix\">Matrix</a></li>"
	                  "<li><a href=\"#ports\">Ports</a></li>"
	                  "<li><a href=\"#timeline\">Timeline</a></li>"
	                  "<li><a href=\"#certificates\">Certificates</a></li>"
	                  "<li><a href=\"#receivers\">Receivers</a></li>"
	                  "</ul></nav>\n");
}

enum dmp_status
dmp_html_page(const struct dmp_html_page *page, struct dmp_text *out)
{
	const struct dmp_report own = {
	    .rows = page->sources[0].rows,
	    .n_rows = page->sources[0].n_rows,
	};
	struct dmp_report_count count = dmp_report_count(&own);
	struct dmp_html_index index;
	enum dmp_status status = dmp_html_index(page, &index);

	if (status != DMP_OK)
		return status;
	html_put_head(page, &count, out);
	html_put_banner(page, &count, out);
	dmp_html_put(out, "<main id=\"main\" tabindex=\"-1\">\n");
	status = dmp_html_put_problems(page, &index, out);
	if (status == DMP_OK) {
		dmp_html_put_matrix(page, &index, out);
		dmp_html_put_ports(page, &index, out);
		status = dmp_html_put_timeline(page, out);
	}
	if (status == DMP_OK)
		status = dmp_html_put_certificates(page, &index, out);
	if (status == DMP_OK)
		dmp_html_put_receivers(page, out);
	dmp_html_put(out,
	    "</main>\n<footer><p>dmports %s, catalogue %s. All times are "
	    "UTC.</p></footer>\n</body>\n</html>\n",
	    page->software, page->catalogue);
	dmp_html_index_done(&index);
	return status == DMP_OK ? out->status : status;
}
