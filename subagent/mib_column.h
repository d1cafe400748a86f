/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mib_column.h - what the tables are made of; private to mib_*.c.
 *
 * A column names the field it shows (which half of the row, offset, size) and the
 * getter for that kind of field.  Only values that no field holds have a getter of
 * their own, in the file of their table.
 */
#ifndef DMPD_MIB_COLUMN_H
#define DMPD_MIB_COLUMN_H

#include <stddef.h>

#include "subagent/mib_table.h"

/* "There is none" of ages and of other numbers that can be absent. */
#define DMPD_NONE INT32_MAX

/* A row that row_at() found. */
struct dmpd_row {
	struct dmpd_view *view; /* NULL for the varbinds of a notification */
	uint32_t index;
	enum dmp_board_section section; /* of a row of the board */
	uint32_t number;                /* its place there */
	const void *plan; /* its plan half, or the event, problem or receiver */
};

enum dmpd_half { DMPD_PLAN = 0, DMPD_LIVE };

struct dmpd_column {
	uint32_t id;
	enum dmpd_type type;
	const char *name;
	/* False: there is no such instance.  Only scalars may say so, because some
	 * managers end a walk at a hole in a table. */
	bool (*get)(const struct dmpd_row *row, const struct dmpd_column *column,
	    struct dmpd_value *ret_value);
	enum dmpd_half half;
	size_t offset;
	size_t size;
	enum dmp_vocab vocab; /* of enumerations */
};

/* The field of a column; vocab may follow. */
#define DMPD_FIELD(in, type, member)                                                   \
	.half = (in), .offset = offsetof(type, member),                                \
	.size = sizeof((type *)NULL)->member
#define DMPD_NO_FIELD .half = DMPD_PLAN

struct dmpd_group {
	uint32_t id;
	bool is_table;
	const char *name;
	const struct dmpd_column *columns; /* ascending id */
	size_t n_columns;
	/* The row with this index, or the first after it; false past the last. */
	bool (*row_at)(
	    struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row);
};

/* All groups, ascending id. */
extern const struct dmpd_group *const dmpd_groups[];
extern const size_t dmpd_groups_n;

extern const struct dmpd_group dmpd_system_group;
extern const struct dmpd_group dmpd_summary_group;
extern const struct dmpd_group dmpd_requirement_group;
extern const struct dmpd_group dmpd_host_group;
extern const struct dmpd_group dmpd_port_group;
extern const struct dmpd_group dmpd_problem_group;
extern const struct dmpd_group dmpd_event_group;
extern const struct dmpd_group dmpd_receiver_group;

/* --- rows --- */

/* row_at() for a section of the board whose plan rows begin with their index. */
bool dmpd_board_row_at(struct dmpd_view *view, enum dmp_board_section section,
    uint32_t index, struct dmpd_row *ret_row);

/* The field of a column; NULL when there is no board to read it from. */
const void *dmpd_field(const struct dmpd_row *row, const struct dmpd_column *column);

/* --- values --- */

/* Show text that is static or lives as long as the row. */
void dmpd_value_text(struct dmpd_value *value, const char *text, size_t size);

/* --- getters, by what the field is --- */

#define DMPD_GETTER(name)                                                              \
	bool name(const struct dmpd_row *row, const struct dmpd_column *column,        \
	    struct dmpd_value *ret_value)

DMPD_GETTER(dmpd_get_text);     /* char[] */
DMPD_GETTER(dmpd_get_number);   /* unsigned, 1, 2 or 4 bytes */
DMPD_GETTER(dmpd_get_signed);   /* int32_t */
DMPD_GETTER(dmpd_get_optional); /* uint32_t, DMPD_NONE from there up */
DMPD_GETTER(dmpd_get_enum);     /* a member of vocab, 1 or 4 bytes */
DMPD_GETTER(dmpd_get_word);     /* the same, as its word */
DMPD_GETTER(dmpd_get_rank);     /* a severity, as its rank */
DMPD_GETTER(dmpd_get_age);      /* int64_t monotonic stamp, as seconds since then */
DMPD_GETTER(dmpd_get_wall_age); /* int64_t wall clock, as seconds since then */
DMPD_GETTER(dmpd_get_time);     /* int64_t wall clock, as text */
DMPD_GETTER(dmpd_get_idle);     /* none: what a request object shows, idle(1) */

#endif
