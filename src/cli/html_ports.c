/* SPDX-License-Identifier: BSD-2-Clause */
/* html_ports.c - everything about each port, folded by host. */
#include <string.h>

#include "cli/html_private.h"

/* 0..200 for a latency on a logarithmic scale from 0.1 ms to 10 s: 8 steps to a decade,
 * each 5 wide. */
static unsigned
ports_scale(uint32_t latency_us)
{
	static const uint16_t steps[] = {
	    1000, 1334, 1778, 2371, 3162, 4217, 5623, 7499};
	enum { STEPS = sizeof(steps) / sizeof(steps[0]), END = 200 };
	uint64_t unit = 100;
	unsigned x = 0;

	for (; x < END && latency_us >= unit * 10; unit *= 10)
		x += 5 * STEPS;
	for (size_t i = 1; x < END && i < STEPS; i++)
		x += (uint64_t)latency_us * 1000 >= unit * steps[i] ? 5 : 0;
	return x;
}

/* The newest latency as a bar, that of 95 in 100 as a mark; lines at 1, 10, 100 ms, 1
 * s. */
static void
ports_put_latency(const struct dmp_report_row *row, const struct dmp_html_more *more,
    struct dmp_text *out)
{
	uint32_t p95_us = more ? more->latency_p95_us : 0;
	char last[DMP_LATENCY_TEXT];
	char p95[DMP_LATENCY_TEXT];

	dmp_report_latency(row->latency_us, last);
	dmp_report_latency(p95_us, p95);
	if (!*last && !*p95)
		return;
	dmp_html_put(out, "%s", *last ? last : "-");
	if (*p95)
		dmp_html_put(out, "<div class=\"m\">p95 %s</div>", p95);
	dmp_html_put(out,
	    "<svg class=\"lat\" viewBox=\"0 0 204 10\" preserveAspectRatio=\"none\" "
	    "role=\"img\" aria-label=\"last %s, 95 of 100 within %s\">"
	    "<path class=\"grid\" d=\"M42 0v10M82 0v10M122 0v10M162 0v10\"/>"
	    "<rect y=\"3\" width=\"%u\" height=\"4\"/>",
	    *last ? last : "none", *p95 ? p95 : "unknown",
	    ports_scale(row->latency_us) + (*last ? 2 : 0));
	if (*p95)
		dmp_html_put(out, "<path class=\"p95\" d=\"M%u 0v10\"/>",
		    ports_scale(p95_us) + 2);
	dmp_html_put(out, "</svg>");
}

static void
ports_put_share(const char *span, uint32_t share, struct dmp_text *out)
{
	char text[16] = "-";

	if (share == 100000)
		dmp_text_format(text, sizeof(text), "100 %%");
	else if (share != DMP_AVAILABILITY_UNKNOWN)
		dmp_text_format(
		    text, sizeof(text), "%u.%03u %%", share / 1000, share % 1000);
	dmp_html_put(out, "<div><span class=\"m\">%s</span> %s</div>", span, text);
}

static void
ports_put_found(const struct dmp_report_row *row, struct dmp_text *out)
{
	const char *sentence = dmp_reason_sentence(row->reason);
	const char *finding = dmp_html_finding(row);
	const char *owner = dmp_reason_owner(row->reason);

	dmp_html_put(
	    out, "<td><b>%s</b>", dmp_vocab_text(DMP_VOCAB_REASON, (int)row->reason));
	if (strncmp(finding, sentence, strlen(sentence)) != 0)
		dmp_html_put(out, "<div>%s</div>", sentence);
	dmp_html_put(out, "<div>%s</div>", finding);
	if (*row->identity)
		dmp_html_put(out, "<div class=\"m\">Answered: %s</div>", row->identity);
	if (dmp_html_is_problem(row) && strcmp(owner, "nobody") != 0)
		dmp_html_put(out, "<div class=\"call\">Call %s</div>", owner);
	dmp_html_put(out, "</td><td class=\"why\">%s</td>", row->why);
}

static void
ports_put_figures(const struct dmp_report_row *row, const struct dmp_html_more *more,
    struct dmp_text *out)
{
	dmp_html_put(out, "<td class=\"num\">");
	if (more) {
		ports_put_share("24 h", more->availability[DMP_AVAILABILITY_DAY], out);
		ports_put_share("7 d", more->availability[DMP_AVAILABILITY_WEEK], out);
		ports_put_share(
		    "30 d", more->availability[DMP_AVAILABILITY_MONTH], out);
	}
	dmp_html_put(out, "</td><td class=\"num\">");
	ports_put_latency(row, more, out);
	dmp_html_put(out, "</td></tr>\n");
}

static void
ports_put_row(const struct dmp_html_page *page, const struct dmp_html_cell *cell,
    struct dmp_text *out)
{
	const struct dmp_html_source *source = &page->sources[cell->source];
	const struct dmp_report_row *row = &source->rows[cell->row];
	const struct dmp_html_more *more =
	    source->more ? &source->more[cell->row] : NULL;

	dmp_html_put(
	    out, "<tr id=\"p%zu-%zu\" tabindex=\"-1\"><td>", cell->source, cell->row);
	dmp_html_put_state(out, dmp_html_state(row));
	dmp_html_put(out, "<div class=\"m\">%s",
	    dmp_vocab_text(DMP_VOCAB_LEVEL, (int)row->level));
	if (more && more->change_ms > 0) {
		dmp_html_put(out, "<br>since ");
		dmp_html_put_time(out, more->change_ms);
	}
	if (page->n_sources > 1)
		dmp_html_put(out, "<br>from %s", source->name);
	dmp_html_put(out,
	    "</div></td><th scope=\"row\">%s<div class=\"m\">%u/%s %s<br>%s</div></th>",
	    row->requirement, row->port,
	    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)row->transport), row->service,
	    row->address);
	ports_put_found(row, out);
	ports_put_figures(row, more, out);
}

/* The host as the daemon's plan knows it, NULL when only others do. */
static const struct dmp_html_host *
ports_host(const struct dmp_html_page *page, const char *name)
{
	for (size_t i = 0; i < page->n_hosts; i++) {
		if (strcmp(page->hosts[i].name, name) == 0)
			return &page->hosts[i];
	}
	return NULL;
}

static void
ports_put_summary(const struct dmp_html_page *page, const char *name, size_t n_ports,
    size_t n_problems, struct dmp_text *out)
{
	const struct dmp_html_host *host = ports_host(page, name);

	dmp_html_put(out, "<summary><h3>%s</h3> ", name);
	if (host) {
		dmp_html_put_state(out, host->state);
		dmp_html_put(out, " <span class=\"m\">%s</span> ", host->roles);
	}
	dmp_html_put(out, "<span class=\"count\">");
	dmp_html_put_count(out, n_ports, "port");
	if (n_problems > 0) {
		dmp_html_put(out, ", ");
		dmp_html_put_count(out, n_problems, "problem");
	}
	dmp_html_put(out, "</span></summary>\n");
	if (host && *host->detail)
		dmp_html_put(out, "<p class=\"note\">%s</p>\n", host->detail);
}

/* Ports that are fine are left out of a list that is too long; how many. */
static size_t
ports_put_rows(const struct dmp_html_page *page, const struct dmp_html_index *index,
    size_t begin, size_t end, struct dmp_text *out)
{
	size_t n_left = 0;

	dmp_html_put(out,
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Ports "
	    "of "
	    "%s\"><table class=\"ports\"><thead><tr><th scope=\"col\">State</th>"
	    "<th scope=\"col\">Requirement</th><th scope=\"col\">Found</th>"
	    "<th scope=\"col\">Why it is needed</th><th scope=\"col\">Availability</th>"
	    "<th scope=\"col\">Latency</th></tr></thead><tbody>\n",
	    dmp_html_name(&index->hosts, index->cells[begin].host));
	for (size_t i = begin; i < end; i++) {
		if (dmp_html_is_listed(index, dmp_html_row(page, &index->cells[i])))
			ports_put_row(page, &index->cells[i], out);
		else
			n_left++;
	}
	dmp_html_put(out, "</tbody></table></div>\n");
	return n_left;
}

static size_t
ports_put_host(const struct dmp_html_page *page, const struct dmp_html_index *index,
    size_t begin, size_t end, struct dmp_text *out)
{
	size_t n_problems = 0;
	size_t n_left;

	for (size_t i = begin; i < end; i++)
		n_problems += dmp_html_is_problem(dmp_html_row(page, &index->cells[i]));
	dmp_html_put(out, "<details id=\"h%zu\"%s>", index->cells[begin].host,
	    n_problems > 0 || index->hosts.n <= DMP_HTML_HOSTS_OPEN ? " open" : "");
	ports_put_summary(page, dmp_html_name(&index->hosts, index->cells[begin].host),
	    end - begin, n_problems, out);
	n_left = ports_put_rows(page, index, begin, end, out);
	dmp_html_put(out, "</details>\n");
	return n_left;
}

void
dmp_html_put_ports(const struct dmp_html_page *page, const struct dmp_html_index *index,
    struct dmp_text *out)
{
	size_t n_left = 0;

	dmp_html_put(out,
	    "<section id=\"ports\" aria-labelledby=\"ports-title\">"
	    "<h2 id=\"ports-title\">Ports</h2>\n<p class=\"note\">Latency: the bar is "
	    "the "
	    "last answer, the mark the time within which 95 of 100 answers of the last "
	    "hour came; from 0.1 ms to 10 s, with lines at 1 ms, 10 ms, 100 ms and 1 "
	    "s. "
	    "Older latencies are not kept.</p>\n");
	for (size_t i = 0, end; i < index->n_cells; i = end) {
		end = dmp_html_host_end(index, i);
		n_left += ports_put_host(page, index, i, end, out);
	}
	if (n_left > 0) {
		dmp_html_put(out, "<p class=\"note\">Not listed: ");
		dmp_html_put_count(out, n_left, "port");
		dmp_html_put(out, " without a problem, because there are %zu.</p>\n",
		    index->n_cells);
	}
	dmp_html_put(out, "</section>\n");
}
