/* SPDX-License-Identifier: BSD-2-Clause */
/* html_private.h - what the parts of the HTML page share. */
#ifndef DMP_HTML_PRIVATE_H
#define DMP_HTML_PRIVATE_H

#include <stdbool.h>

#include "cli/html.h"

/* --- html_text.c --- */

/* printf for markup: the format is markup, every %s is made inert, in text as in a
 * quoted attribute.  Knows %s %d %u %zu, and %% for a percent sign; a program that asks
 * for more is wrong (assert).  This is the only way for a string to get into
 * the page. */
void dmp_html_put(struct dmp_text *out, const char *format, ...) DMP_PRINTF(2, 3);

/* A wall-clock time as a <time> element, nothing for 0. */
void dmp_html_put_time(struct dmp_text *out, int64_t wall_ms);

/* The state as a word with its shape and colour. */
void dmp_html_put_state(struct dmp_text *out, enum dmp_state state);

/* "3 ports": a number and its noun. */
void dmp_html_put_count(struct dmp_text *out, size_t n, const char *noun);

/* What is shown as the state: an excused port is notApplicable, whatever it does. */
enum dmp_state dmp_html_state(const struct dmp_report_row *row);

/* The number of the state in class names, 1..8. */
unsigned dmp_html_class(enum dmp_state state);

/* What was found, in a sentence: the detail, unless that only repeats the reason. */
const char *dmp_html_finding(const struct dmp_report_row *row);

/* Does it need somebody? */
bool dmp_html_is_problem(const struct dmp_report_row *row);

/* --- html.css, embedded --- */

extern const char dmp_html_style[];
extern const size_t dmp_html_style_size;

/* --- html_index.c: the ports of all sources, by host --- */

struct dmp_html_name {
	const char *name;
	size_t first; /* where it was met first */
	size_t id;    /* its place in that order */
};

struct dmp_html_names {
	struct dmp_html_name *names; /* ascending by name */
	size_t *order;               /* of the id: which one */
	size_t n;
};

struct dmp_html_cell {
	size_t host;
	size_t column; /* the requirement */
	size_t source;
	size_t row;
};

struct dmp_html_index {
	struct dmp_html_names hosts;
	struct dmp_html_names columns;
	size_t *groups; /* of each column: the first of those that its hosts need */
	struct dmp_html_cell *cells; /* ascending by host, source, column, row */
	size_t n_cells;
	bool lists_fine; /* ports that are fine are listed */
};

enum dmp_status dmp_html_index(const struct dmp_html_page *page,
    struct dmp_html_index *ret_index) DMP_CHECK_RESULT;
void dmp_html_index_done(struct dmp_html_index *index);

const char *dmp_html_name(const struct dmp_html_names *names, size_t id);

/* The cells from begin on that are of one host: where they end. */
size_t dmp_html_host_end(const struct dmp_html_index *index, size_t begin);

/* The row of a cell, and whether the list of ports has it. */
const struct dmp_report_row *dmp_html_row(
    const struct dmp_html_page *page, const struct dmp_html_cell *cell);
bool dmp_html_is_listed(
    const struct dmp_html_index *index, const struct dmp_report_row *row);

/* --- the sections --- */

/* html_matrix.c */
void dmp_html_put_matrix(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out);

/* html_ports.c */
void dmp_html_put_ports(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out);

/* html_latency.c: what goes into a cell of a port */
void dmp_html_put_latency(const struct dmp_html_page *page,
    const struct dmp_report_row *row, const struct dmp_html_more *more,
    struct dmp_text *out);

/* html_receivers.c */
void dmp_html_put_receivers(const struct dmp_html_page *page, struct dmp_text *out);

/* html_lists.c */
enum dmp_status dmp_html_put_problems(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out) DMP_CHECK_RESULT;
enum dmp_status dmp_html_put_certificates(const struct dmp_html_page *page,
    const struct dmp_html_index *index, struct dmp_text *out) DMP_CHECK_RESULT;

/* html_timeline.c */
enum dmp_status dmp_html_put_timeline(
    const struct dmp_html_page *page, struct dmp_text *out) DMP_CHECK_RESULT;

#endif
