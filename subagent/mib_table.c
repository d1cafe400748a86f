/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mib_table.c - find the object of an OID, or the first one after it.
 *
 * GETNEXT turns the OID into the place where a search begins: a group, a column of it
 * and the lowest index that may be found there.  From then on places are tried in
 * order, one row_at() each, so that an OID of any length or content needs no case of
 * its own.
 */
#include "subagent/mib_table.h"

#include <assert.h>

#include "subagent/mib_column.h"

/* Where a search begins.  n_columns as column, or an index of 2^32, means: past it. */
struct place {
	size_t group;
	size_t column;
	uint64_t index;
};

static size_t
group_lower_bound(uint32_t id)
{
	size_t i = 0;

	while (i < dmpd_groups_n && dmpd_groups[i]->id < id)
		i++;
	return i;
}

static size_t
column_lower_bound(const struct dmpd_group *group, uint32_t id)
{
	size_t i = 0;

	while (i < group->n_columns && group->columns[i].id < id)
		i++;
	return i;
}

static bool
column_read(const struct dmpd_column *column, const struct dmpd_row *row,
    struct dmpd_value *ret_value)
{
	ret_value->type = column->type;
	ret_value->number = 0;
	ret_value->text = NULL;
	ret_value->size = 0;
	return column->get(row, column, ret_value);
}

/* The group and column that an OID begins with, and what is left: the instance. */
static const struct dmpd_column *
object_find(const uint32_t *oid, size_t len, size_t *ret_group, size_t *ret_used)
{
	const struct dmpd_group *group;
	size_t g, c, used;

	if (len < 2)
		return NULL;
	g = group_lower_bound(oid[0]);
	if (g == dmpd_groups_n || dmpd_groups[g]->id != oid[0])
		return NULL;
	group = dmpd_groups[g];
	used = group->is_table ? 3 : 2;
	if (len < used || (group->is_table && oid[1] != 1))
		return NULL;
	c = column_lower_bound(group, oid[used - 1]);
	if (c == group->n_columns || group->columns[c].id != oid[used - 1])
		return NULL;
	*ret_group = g;
	*ret_used = used;
	return &group->columns[c];
}

enum dmpd_status
dmpd_mib_get(struct dmpd_view *view, const uint32_t *oid, size_t len,
    struct dmpd_value *ret_value)
{
	const struct dmpd_column *column;
	struct dmpd_row row;
	size_t group, used;

	column = object_find(oid, len, &group, &used);
	if (!column)
		return DMPD_NO_SUCH_OBJECT;
	if (len != used + 1 || !dmpd_groups[group]->row_at(view, oid[used], &row) ||
	    row.index != oid[used] || !column_read(column, &row, ret_value))
		return DMPD_NO_SUCH_INSTANCE;
	return DMPD_FOUND;
}

enum dmpd_status
dmpd_mib_scalar(struct dmpd_view *view, uint32_t group, uint32_t column,
    struct dmpd_value *ret_value)
{
	return dmpd_mib_get(view, (uint32_t[]){group, column, 0}, 3, ret_value);
}

static struct place
place_after(const uint32_t *oid, size_t len)
{
	struct place place = {0};
	const struct dmpd_group *group;

	if (len == 0)
		return place;
	place.group = group_lower_bound(oid[0]);
	if (place.group == dmpd_groups_n || dmpd_groups[place.group]->id > oid[0])
		return place;
	group = dmpd_groups[place.group];
	oid++;
	len--;
	if (group->is_table) {
		if (len == 0 || oid[0] < 1)
			return place;
		if (oid[0] > 1)
			place.column = group->n_columns;
		oid++;
		len--;
	}
	if (len == 0 || place.column == group->n_columns)
		return place;
	place.column = column_lower_bound(group, oid[0]);
	if (place.column == group->n_columns ||
	    group->columns[place.column].id > oid[0] || len == 1)
		return place;
	place.index = (uint64_t)oid[1] + 1;
	return place;
}

static void
oid_write(const struct dmpd_group *group, const struct dmpd_column *column,
    uint32_t index, uint32_t ret_oid[DMPD_OID_MAX], size_t *ret_len)
{
	size_t n = 0;

	ret_oid[n++] = group->id;
	if (group->is_table)
		ret_oid[n++] = 1;
	ret_oid[n++] = column->id;
	ret_oid[n++] = index;
	*ret_len = n;
}

enum dmpd_status
dmpd_mib_next(struct dmpd_view *view, const uint32_t *oid, size_t len,
    uint32_t ret_oid[DMPD_OID_MAX], size_t *ret_len, struct dmpd_value *ret_value)
{
	struct place place = place_after(oid, len);

	for (; place.group < dmpd_groups_n; place.group++, place.column = 0) {
		const struct dmpd_group *group = dmpd_groups[place.group];

		for (; place.column < group->n_columns; place.column++) {
			const struct dmpd_column *column =
			    &group->columns[place.column];
			struct dmpd_row row;

			if (place.index <= UINT32_MAX &&
			    group->row_at(view, (uint32_t)place.index, &row) &&
			    column_read(column, &row, ret_value)) {
				oid_write(group, column, row.index, ret_oid, ret_len);
				return DMPD_FOUND;
			}
			place.index = 0;
		}
		place.index = 0;
	}
	return DMPD_END;
}

void
dmpd_mib_event_varbind(
    const struct dmp_event *event, unsigned k, struct dmpd_value *ret_value)
{
	const struct dmpd_row row = {.index = event->sequence, .plan = event};
	bool found;

	assert(k >= 1 && k <= DMPD_EVENT_VARBINDS);
	found = column_read(&dmpd_event_group.columns[k - 1], &row, ret_value);
	assert(found);
	(void)found;
	if (ret_value->type == DMPD_OCTETS && ret_value->size == 0)
		dmpd_value_text(ret_value, "-", 1);
}

bool
dmpd_mib_column(size_t i, struct dmpd_column_info *ret_info)
{
	for (size_t g = 0; g < dmpd_groups_n; g++) {
		const struct dmpd_group *group = dmpd_groups[g];

		if (i < group->n_columns) {
			*ret_info = (struct dmpd_column_info){
			    .group = group->name,
			    .group_id = group->id,
			    .is_table = group->is_table,
			    .name = group->columns[i].name,
			    .column = group->columns[i].id,
			    .type = group->columns[i].type,
			};
			return true;
		}
		i -= group->n_columns;
	}
	return false;
}
