/* SPDX-License-Identifier: BSD-2-Clause */
/* html_ports.c - everything about each port, folded by host. */
#include <string.h>

#include "base/port.h"
#include "cli/html_private.h"

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
ports_put_figures(const struct dmp_html_page *page, const struct dmp_report_row *row,
    const struct dmp_html_more *more, struct dmp_text *out)
{
	dmp_html_put(out, "<td class=\"num\">");
	if (more) {
		ports_put_share("24 h", more->availability[DMP_AVAILABILITY_DAY], out);
		ports_put_share("7 d", more->availability[DMP_AVAILABILITY_WEEK], out);
		ports_put_share(
		    "30 d", more->availability[DMP_AVAILABILITY_MONTH], out);
	}
	dmp_html_put(out, "</td><td class=\"num\">");
	dmp_html_put_latency(page, row, more, out);
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
	char port[DMP_PORT_TEXT];

	dmp_port_text(row->transport, row->port, port);
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
	    "</div></td><th scope=\"row\">%s<div class=\"m\">%s %s<br>%s</div></th>",
	    row->requirement, port, row->service, row->address);
	ports_put_found(row, out);
	ports_put_figures(page, row, more, out);
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
	    "<h2 id=\"ports-title\">Ports</h2>\n<p class=\"note\">Latency: of the "
	    "last answer; p95 is the time within which 95 of 100 answers of the last "
	    "hour came. The curve is the p95 of each hour of the last 24, with lines "
	    "every 6 hours and now at its right end; what is shaded is not known. Its "
	    "scale is logarithmic, a factor of 10 or more, and that of its port: "
	    "compare shapes, not heights.</p>\n");
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
