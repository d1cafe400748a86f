/* SPDX-License-Identifier: BSD-2-Clause */
/* html_lists.c - lists of some ports: what needs somebody, and certificates. */
#include <stdlib.h>
#include <string.h>

#include "base/port.h"
#include "cli/html_private.h"

/* A port and what it is sorted by, ascending; ties stay in the order of the plan. */
struct lists_item {
	int64_t rank;
	size_t place;
	const struct dmp_html_cell *cell;
};

static int
lists_compare(const void *a, const void *b)
{
	const struct lists_item *x = a;
	const struct lists_item *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? 1 : -1;
	return (x->place > y->place) - (x->place < y->place);
}

/* The ports that wanted() ranks, sorted; the caller frees.  NULL: no memory. */
static struct lists_item *
lists_select(const struct dmp_html_page *page, const struct dmp_html_index *index,
    bool (*wanted)(const struct dmp_report_row *row, int64_t *ret_rank), size_t *ret_n)
{
	struct lists_item *items = calloc(index->n_cells + 1, sizeof(*items));
	size_t n = 0;

	if (!items)
		return NULL;
	for (size_t i = 0; i < index->n_cells; i++) {
		const struct dmp_report_row *row = dmp_html_row(page, &index->cells[i]);
		int64_t rank;

		if (wanted(row, &rank))
			items[n++] = (struct lists_item){
			    .rank = rank, .place = i, .cell = &index->cells[i]};
	}
	qsort(items, n, sizeof(*items), lists_compare);
	*ret_n = n;
	return items;
}

/* A link to the port, or its name where the list of ports does not have it. */
static void
lists_put_key(const struct dmp_html_page *page, const struct dmp_html_index *index,
    const struct dmp_html_cell *cell, struct dmp_text *out)
{
	const struct dmp_report_row *row = dmp_html_row(page, cell);
	char port[DMP_PORT_TEXT];

	if (dmp_html_is_listed(index, row))
		dmp_html_put(out, "<a href=\"#p%zu-%zu\">%s</a>", cell->source,
		    cell->row, row->key);
	else
		dmp_html_put(out, "%s", row->key);
	dmp_port_text(row->transport, row->port, port);
	dmp_html_put(out, " <span class=\"m\">%s</span>", port);
	if (page->n_sources > 1)
		dmp_html_put(out, " <span class=\"m\">from %s</span>",
		    page->sources[cell->source].name);
}

/* --- problems --- */

static bool
problems_wants(const struct dmp_report_row *row, int64_t *ret_rank)
{
	*ret_rank = -(int64_t)dmp_severity_rank(row->severity);
	return dmp_html_is_problem(row);
}

static void
problems_put(const struct dmp_html_page *page, const struct dmp_html_index *index,
    const struct dmp_html_cell *cell, struct dmp_text *out)
{
	const struct dmp_html_source *source = &page->sources[cell->source];
	const struct dmp_report_row *row = dmp_html_row(page, cell);
	const char *owner = dmp_reason_owner(row->reason);

	/* A port can be up and need somebody: of its certificate. */
	dmp_html_put(out, "<li class=\"e%u\">",
	    row->state == DMP_STATE_UP ? DMP_STATE_DEGRADED
	                               : dmp_html_class(row->state));
	dmp_html_put_state(out, row->state);
	dmp_html_put(out, " <span class=\"sev\">%s</span> ",
	    dmp_vocab_text(DMP_VOCAB_SEVERITY, (int)row->severity));
	lists_put_key(page, index, cell, out);
	dmp_html_put(out, "<div>%s", dmp_html_finding(row));
	if (strcmp(owner, "nobody") != 0)
		dmp_html_put(out, " - <b class=\"call\">call %s</b>", owner);
	if (source->more && source->more[cell->row].change_ms > 0) {
		dmp_html_put(out, " <span class=\"m\">since ");
		dmp_html_put_time(out, source->more[cell->row].change_ms);
		dmp_html_put(out, "</span>");
	}
	dmp_html_put(out, "</div></li>\n");
}

enum dmp_status
dmp_html_put_problems(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out)
{
	size_t n;
	struct lists_item *items = lists_select(page, index, problems_wants, &n);

	if (!items)
		return DMP_ENOMEM;
	dmp_html_put(out, "<section id=\"problems\" aria-labelledby=\"problems-title\">"
	                  "<h2 id=\"problems-title\">Problems</h2>\n");
	if (n == 0)
		dmp_html_put(out, "<p>No port needs anybody.</p>\n");
	else
		dmp_html_put(out, "<ol class=\"problems\">\n");
	for (size_t i = 0; i < n && i < DMP_HTML_PROBLEMS; i++)
		problems_put(page, index, items[i].cell, out);
	if (n > 0)
		dmp_html_put(out, "</ol>\n");
	if (n > DMP_HTML_PROBLEMS) {
		dmp_html_put(out, "<p class=\"note\">And ");
		dmp_html_put_count(out, n - DMP_HTML_PROBLEMS, "more problem");
		dmp_html_put(out, ", less severe or later in the plan; all are in the "
		                  "<a href=\"#ports\">list of ports</a>.</p>\n");
	}
	dmp_html_put(out, "</section>\n");
	free(items);
	return DMP_OK;
}

/* --- certificates --- */

static bool
certificates_wants(const struct dmp_report_row *row, int64_t *ret_rank)
{
	*ret_rank = row->tls_days_left;
	return row->tls_days_left != INT32_MAX;
}

static void
certificates_put(const struct dmp_html_page *page, const struct dmp_html_index *index,
    const struct dmp_html_cell *cell, struct dmp_text *out)
{
	const struct dmp_html_source *source = &page->sources[cell->source];
	const struct dmp_report_row *row = dmp_html_row(page, cell);
	bool is_judged = row->reason >= DMP_REASON_TLS_EXPIRED &&
	                 row->reason <= DMP_REASON_TLS_NAME_MISMATCH;

	dmp_html_put(out, "<tr><td class=\"num\">%s%d</td><th scope=\"row\">",
	    row->tls_days_left < 0 ? "expired: " : "", row->tls_days_left);
	lists_put_key(page, index, cell, out);
	dmp_html_put(out, "</th><td>%s</td><td>%s</td></tr>\n",
	    source->more && *source->more[cell->row].subject
	        ? source->more[cell->row].subject
	        : "-",
	    is_judged ? dmp_reason_sentence(row->reason) : "-");
}

enum dmp_status
dmp_html_put_certificates(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out)
{
	size_t n;
	struct lists_item *items = lists_select(page, index, certificates_wants, &n);

	if (!items)
		return DMP_ENOMEM;
	dmp_html_put(out,
	    "<section id=\"certificates\" aria-labelledby=\"certificates-title\">"
	    "<h2 id=\"certificates-title\">Certificates</h2>\n");
	if (n == 0) {
		dmp_html_put(out, "<p>No port has shown a certificate.</p>\n");
	} else {
		dmp_html_put(out,
		    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
		    "aria-labelledby=\"certificates-title\"><table>"
		    "<thead><tr><th scope=\"col\">Days left</th>"
		    "<th scope=\"col\">Port</th><th scope=\"col\">Subject</th>"
		    "<th scope=\"col\">Finding</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < n; i++)
			certificates_put(page, index, items[i].cell, out);
		dmp_html_put(out, "</tbody></table></div>\n");
	}
	dmp_html_put(out, "</section>\n");
	free(items);
	return DMP_OK;
}
