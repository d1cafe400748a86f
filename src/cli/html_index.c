/* SPDX-License-Identifier: BSD-2-Clause */
/* html_index.c - the ports of all sources, by host and requirement, each in the order
 * in which the plan has them. */
#include <stdlib.h>
#include <string.h>

#include "cli/html_private.h"

static int
index_compare(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int
names_by_name(const void *a, const void *b)
{
	const struct dmp_html_name *x = a;
	const struct dmp_html_name *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : index_compare(x->first, y->first);
}

static int
names_by_first(const void *a, const void *b)
{
	const struct dmp_html_name *x = a;
	const struct dmp_html_name *y = b;

	return index_compare(x->first, y->first);
}

/* Leave each name once, where it was met first; ids are given in that order. */
static bool
names_settle(struct dmp_html_names *names)
{
	size_t n = 0;

	names->order = calloc(names->n + 1, sizeof(*names->order));
	if (!names->order)
		return false;
	qsort(names->names, names->n, sizeof(*names->names), names_by_name);
	for (size_t i = 0; i < names->n; i++) {
		if (n == 0 || strcmp(names->names[n - 1].name, names->names[i].name))
			names->names[n++] = names->names[i];
	}
	names->n = n;
	qsort(names->names, n, sizeof(*names->names), names_by_first);
	for (size_t i = 0; i < n; i++)
		names->names[i].id = i;
	qsort(names->names, n, sizeof(*names->names), names_by_name);
	for (size_t i = 0; i < n; i++)
		names->order[names->names[i].id] = i;
	return true;
}

static int
names_find_one(const void *key, const void *element)
{
	return strcmp(key, ((const struct dmp_html_name *)element)->name);
}

static size_t
names_id(const struct dmp_html_names *names, const char *name)
{
	const struct dmp_html_name *found = bsearch(
	    name, names->names, names->n, sizeof(*names->names), names_find_one);

	return found ? found->id : 0;
}

const char *
dmp_html_name(const struct dmp_html_names *names, size_t id)
{
	return names->names[names->order[id]].name;
}

static int
cells_by_place(const void *a, const void *b)
{
	const struct dmp_html_cell *x = a;
	const struct dmp_html_cell *y = b;
	int order = index_compare(x->host, y->host);

	if (!order)
		order = index_compare(x->source, y->source);
	if (!order)
		order = index_compare(x->column, y->column);
	return order ? order : index_compare(x->row, y->row);
}

const struct dmp_report_row *
dmp_html_row(const struct dmp_html_page *page, const struct dmp_html_cell *cell)
{
	return &page->sources[cell->source].rows[cell->row];
}

static void
index_collect(const struct dmp_html_page *page, struct dmp_html_index *index)
{
	size_t n = 0;

	for (size_t s = 0; s < page->n_sources; s++) {
		for (size_t i = 0; i < page->sources[s].n_rows; i++, n++) {
			const struct dmp_report_row *row = &page->sources[s].rows[i];

			index->cells[n] = (struct dmp_html_cell){.source = s, .row = i};
			index->hosts.names[n] =
			    (struct dmp_html_name){.name = row->host, .first = n};
			index->columns.names[n] = (struct dmp_html_name){
			    .name = row->requirement, .first = n};
		}
	}
	index->n_cells = index->hosts.n = index->columns.n = n;
}

static size_t
groups_first(size_t *groups, size_t column)
{
	while (groups[column] != column)
		column = groups[column] = groups[groups[column]];
	return column;
}

/* Requirements of one host are of one group, and with them those of every host that has
 * one of them: a matrix for each group has few empty cells. */
static bool
groups_make(struct dmp_html_index *index)
{
	size_t *groups = calloc(index->columns.n + 1, sizeof(*groups));

	if (!groups)
		return false;
	for (size_t i = 0; i < index->columns.n; i++)
		groups[i] = i;
	for (size_t i = 1; i < index->n_cells; i++) {
		size_t a = groups_first(groups, index->cells[i - 1].column);
		size_t b = groups_first(groups, index->cells[i].column);

		if (index->cells[i].host == index->cells[i - 1].host)
			groups[a > b ? a : b] = a < b ? a : b;
	}
	for (size_t i = 0; i < index->columns.n; i++)
		groups[i] = groups_first(groups, i);
	index->groups = groups;
	return true;
}

enum dmp_status
dmp_html_index(const struct dmp_html_page *page, struct dmp_html_index *ret_index)
{
	struct dmp_html_index index = {0};
	size_t n = 1;

	for (size_t s = 0; s < page->n_sources; s++)
		n += page->sources[s].n_rows;
	index.cells = calloc(n, sizeof(*index.cells));
	index.hosts.names = calloc(n, sizeof(*index.hosts.names));
	index.columns.names = calloc(n, sizeof(*index.columns.names));
	if (!index.cells || !index.hosts.names || !index.columns.names)
		goto fail;
	index_collect(page, &index);
	if (!names_settle(&index.hosts) || !names_settle(&index.columns))
		goto fail;
	for (size_t i = 0; i < index.n_cells; i++) {
		const struct dmp_report_row *row = dmp_html_row(page, &index.cells[i]);

		index.cells[i].host = names_id(&index.hosts, row->host);
		index.cells[i].column = names_id(&index.columns, row->requirement);
	}
	qsort(index.cells, index.n_cells, sizeof(*index.cells), cells_by_place);
	if (!groups_make(&index))
		goto fail;
	index.lists_fine = index.n_cells <= DMP_HTML_PORTS;
	*ret_index = index;
	return DMP_OK;
fail:
	dmp_html_index_done(&index);
	return DMP_ENOMEM;
}

void
dmp_html_index_done(struct dmp_html_index *index)
{
	free(index->cells);
	free(index->groups);
	free(index->hosts.names);
	free(index->hosts.order);
	free(index->columns.names);
	free(index->columns.order);
}

size_t
dmp_html_host_end(const struct dmp_html_index *index, size_t begin)
{
	size_t end = begin;

	while (
	    end < index->n_cells && index->cells[end].host == index->cells[begin].host)
		end++;
	return end;
}

bool
dmp_html_is_listed(const struct dmp_html_index *index, const struct dmp_report_row *row)
{
	return index->lists_fine || dmp_html_is_problem(row);
}
