/* SPDX-License-Identifier: BSD-2-Clause */
/* html_matrix.c - source by host by requirement, in one table. */
#include "base/port.h"
#include "cli/html_private.h"

/* "refused: nobody listens. Why: required: ..." for whoever points at the cell. */
static void
matrix_put_port(const struct dmp_html_index *index, const struct dmp_html_cell *cell,
    const struct dmp_report_row *row, const char *source, struct dmp_text *out)
{
	enum dmp_state state = dmp_html_state(row);
	unsigned class = dmp_html_class(state);
	const char *word = dmp_vocab_text(DMP_VOCAB_STATE, (int)class);
	char port[DMP_PORT_TEXT];

	dmp_port_text(row->transport, row->port, port);
	if (dmp_html_is_listed(index, row))
		dmp_html_put(out, "<a href=\"#p%zu-%zu\"", cell->source, cell->row);
	else
		dmp_html_put(out, "<span role=\"img\"");
	dmp_html_put(out,
	    " class=\"s%u\" title=\"%s: %s - Why: %s\" aria-label=\"%s: %s %s, "
	    "%s, from %s\">%s",
	    class, dmp_vocab_text(DMP_VOCAB_REASON, (int)row->reason),
	    dmp_html_finding(row), row->why, word, row->host, row->requirement, port,
	    source, class == DMP_STATE_NOT_APPLICABLE ? "n/a" : word);
	if (dmp_html_is_listed(index, row))
		dmp_html_put(out, "</a>");
	else
		dmp_html_put(out, "</span>");
}

/* The next column of a group, the first from begin on; columns.n after the last. */
static size_t
matrix_column(const struct dmp_html_index *index, size_t group, size_t begin)
{
	while (begin < index->columns.n && index->groups[begin] != group)
		begin++;
	return begin;
}

/* What is left of a matrix, and what the limits leave out of all. */
struct matrix {
	const struct dmp_html_page *page;
	const struct dmp_html_index *index;
	size_t group;   /* that of the matrix */
	size_t end;     /* the column after its last */
	size_t n_shown; /* hosts */
	size_t n_fine;
	size_t n_columns; /* not shown */
};

/* One row of the table: what a source sees of a host.  Returns the first cell that is
 * of another source or host. */
static size_t
matrix_put_row(const struct matrix *m, size_t begin, size_t end, struct dmp_text *out)
{
	const struct dmp_html_cell *cells = m->index->cells;
	size_t source = cells[begin].source;
	size_t i = begin;

	for (size_t column = m->group; column < m->end;
	     column = matrix_column(m->index, m->group, column + 1)) {
		dmp_html_put(out, "<td>");
		for (;
		     i < end && cells[i].source == source && cells[i].column == column;
		     i++)
			matrix_put_port(m->index, &cells[i],
			    dmp_html_row(m->page, &cells[i]),
			    m->page->sources[source].name, out);
		dmp_html_put(out, "</td>");
	}
	dmp_html_put(out, "</tr>\n");
	while (i < end && cells[i].source == source)
		i++;
	return i;
}

static bool
matrix_is_fine(const struct matrix *m, size_t begin, size_t end)
{
	for (size_t i = begin; i < end; i++) {
		if (dmp_html_is_problem(dmp_html_row(m->page, &m->index->cells[i])))
			return false;
	}
	return true;
}

static void
matrix_put_host(const struct matrix *m, size_t begin, size_t end, struct dmp_text *out)
{
	const struct dmp_html_cell *cells = m->index->cells;
	size_t n = 1;

	for (size_t i = begin + 1; i < end; i++)
		n += cells[i].source != cells[i - 1].source;
	dmp_html_put(out,
	    "<tbody><tr><th scope=\"rowgroup\" rowspan=\"%zu\"><a href=\"#h%zu\">%s</a>"
	    "</th>",
	    n, cells[begin].host, dmp_html_name(&m->index->hosts, cells[begin].host));
	for (size_t i = begin; i < end;) {
		if (i > begin)
			dmp_html_put(out, "<tr>");
		dmp_html_put(out, "<th scope=\"row\">%s</th>",
		    m->page->sources[cells[i].source].name);
		i = matrix_put_row(m, i, end, out);
	}
	dmp_html_put(out, "</tbody>\n");
}

static void
matrix_put_legend(struct dmp_text *out)
{
	static const char *const meanings[] = {
	    [DMP_STATE_UNKNOWN] = "not checked yet, or not possible from here",
	    [DMP_STATE_UP] = "answers as it should",
	    [DMP_STATE_DEGRADED] = "answers, but not well",
	    [DMP_STATE_DOWN] = "does not answer as it should",
	    [DMP_STATE_EXPOSED] = "should be closed, and answers",
	    [DMP_STATE_CLOSED] = "should be closed, and is",
	    [DMP_STATE_UNVERIFIED] = "UDP that says nothing: open or filtered",
	    [DMP_STATE_NOT_APPLICABLE] = "in maintenance or disabled",
	};

	dmp_html_put(out, "<dl class=\"legend\">");
	for (unsigned i = DMP_STATE_UNKNOWN; i <= DMP_STATE_NOT_APPLICABLE; i++) {
		dmp_html_put(out, "<div><dt>");
		dmp_html_put_state(out, (enum dmp_state)i);
		dmp_html_put(out, "</dt><dd>%s</dd></div>", meanings[i]);
	}
	dmp_html_put(out, "</dl>\n");
}

static size_t
matrix_hosts(const struct matrix *m)
{
	const struct dmp_html_index *index = m->index;
	size_t n = 0;

	for (size_t i = 0; i < index->n_cells; i = dmp_html_host_end(index, i))
		n += index->groups[index->cells[i].column] == m->group;
	return n;
}

/* The head of the matrix of a group; it ends before the column after the limit. */
static void
matrix_put_head(struct matrix *m, size_t first_host, struct dmp_text *out)
{
	const char *name = dmp_html_name(&m->index->hosts, first_host);
	size_t n = 0;

	dmp_html_put(out,
	    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Matrix "
	    "from %s\"><table class=\"matrix\"><caption>%s%s</caption>"
	    "<thead><tr><th scope=\"col\">Host</th><th scope=\"col\">Seen from</th>",
	    name, name, matrix_hosts(m) > 1 ? " and hosts like it" : "");
	m->end = m->index->columns.n;
	for (size_t i = m->group; i < m->index->columns.n;
	     i = matrix_column(m->index, m->group, i + 1)) {
		if (n++ < DMP_HTML_COLUMNS) {
			dmp_html_put(out, "<th scope=\"col\">%s</th>",
			    dmp_html_name(&m->index->columns, i));
			continue;
		}
		if (m->end > i)
			m->end = i;
		m->n_columns++;
	}
	dmp_html_put(out, "</tr></thead>\n");
}

/* The hosts of one group. */
static void
matrix_put_group(struct matrix *m, struct dmp_text *out)
{
	const struct dmp_html_index *index = m->index;
	bool is_large = index->n_cells > DMP_HTML_CELLS;
	size_t n_before = m->n_shown;

	for (size_t i = 0, end; i < index->n_cells; i = end) {
		end = dmp_html_host_end(index, i);
		if (index->groups[index->cells[i].column] != m->group)
			continue;
		if (is_large && matrix_is_fine(m, i, end)) {
			m->n_fine++;
		} else if (m->n_shown < DMP_HTML_LINES) {
			if (m->n_shown++ == n_before)
				matrix_put_head(m, index->cells[i].host, out);
			matrix_put_host(m, i, end, out);
		}
	}
	if (m->n_shown > n_before)
		dmp_html_put(out, "</table></div>\n");
}

/* What the limits have left out. */
static void
matrix_put_left(const struct matrix *m, struct dmp_text *out)
{
	size_t n = m->index->hosts.n - m->n_shown - m->n_fine;

	if (m->n_fine + n + m->n_columns == 0)
		return;
	dmp_html_put(out,
	    "<p class=\"note\">Not in the matrix, because there are %zu "
	    "ports: ",
	    m->index->n_cells);
	dmp_html_put_count(out, m->n_fine, "host");
	dmp_html_put(out, " without a problem, ");
	dmp_html_put_count(out, n, "other host");
	dmp_html_put(out, ", ");
	dmp_html_put_count(out, m->n_columns, "requirement");
	dmp_html_put(
	    out, ". They are in the <a href=\"#ports\">list of ports</a>.</p>\n");
}

void
dmp_html_put_matrix(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out)
{
	struct matrix m = {.page = page, .index = index};
	size_t n_groups = 0;

	dmp_html_put(out, "<section id=\"matrix\" aria-labelledby=\"matrix-title\">"
	                  "<h2 id=\"matrix-title\">Matrix</h2>\n");
	if (index->n_cells == 0) {
		dmp_html_put(out, "<p>There are no ports.</p></section>\n");
		return;
	}
	dmp_html_put(out,
	    "<p class=\"note\">The state of each port: a row for each host "
	    "and each machine that checks it, a column for each "
	    "requirement. An empty cell: not needed from there.</p>\n");
	matrix_put_legend(out);
	for (size_t i = 0; i < index->columns.n; i++) {
		if (index->groups[i] != i || n_groups++ >= DMP_HTML_GROUPS)
			continue;
		m.group = i;
		matrix_put_group(&m, out);
	}
	matrix_put_left(&m, out);
	dmp_html_put(out, "</section>\n");
}
