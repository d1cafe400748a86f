/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_column.c - read one field of a row as a value of SNMP. */
#include "subagent/mib_column.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

union live_row {
	struct dmp_board_system_live system;
	struct dmp_board_requirement_live requirement;
	struct dmp_board_host_live host;
	struct dmp_board_port_live port;
};

/* The live half last read, and the row at which a walk stands. */
struct section_scratch {
	bool valid;
	uint32_t number;
	uint32_t cursor;
	union live_row live;
};

struct dmpd_scratch {
	struct section_scratch sections[DMP_BOARD_SECTIONS];
};

enum dmp_status
dmpd_scratch_new(struct dmpd_scratch **ret_scratch)
{
	struct dmpd_scratch *scratch = calloc(1, sizeof *scratch);

	if (!scratch)
		return DMP_ENOMEM;
	*ret_scratch = scratch;
	return DMP_OK;
}

void
dmpd_scratch_free(struct dmpd_scratch *scratch)
{
	free(scratch);
}

/* The cursors stay: they are only guesses and are checked before use. */
void
dmpd_mib_begin(struct dmpd_view *view)
{
	for (size_t i = 0; i < DMP_BOARD_SECTIONS; i++)
		view->scratch->sections[i].valid = false;
}

static uint32_t
row_index(const struct dmp_board_reader *board, enum dmp_board_section section,
    uint32_t number)
{
	const uint32_t *index = dmp_board_plan(board, section, number);

	return *index;
}

/* Is number the first row whose index is not below index? */
static bool
row_is_first(const struct dmpd_view *view, enum dmp_board_section section,
    uint32_t number, uint32_t index)
{
	uint32_t n = dmp_board_rows(view->board, section);

	return number <= n &&
	       (number == n || row_index(view->board, section, number) >= index) &&
	       (number == 0 || row_index(view->board, section, number - 1) < index);
}

/* A walk asks for the row it stands on (the next column of it) or for the one after. */
bool
dmpd_board_row_at(struct dmpd_view *view, enum dmp_board_section section,
    uint32_t index, struct dmpd_row *ret_row)
{
	struct section_scratch *scratch = &view->scratch->sections[section];
	uint32_t number = scratch->cursor;

	if (!view->board)
		return false;
	if (!row_is_first(view, section, number, index) &&
	    !row_is_first(view, section, ++number, index))
		number = dmp_board_lower_bound(view->board, section, index);
	scratch->cursor = number;
	if (number >= dmp_board_rows(view->board, section))
		return false;
	*ret_row = (struct dmpd_row){
	    .view = view,
	    .section = section,
	    .number = number,
	    .index = row_index(view->board, section, number),
	    .plan = dmp_board_plan(view->board, section, number),
	};
	return true;
}

static const void *
row_live(const struct dmpd_row *row)
{
	struct section_scratch *scratch = &row->view->scratch->sections[row->section];

	assert(dmp_board_live_size(row->section) <= sizeof scratch->live);
	if (!scratch->valid || scratch->number != row->number) {
		/* A row that its writer left locked shows its last good copy. */
		(void)dmp_board_live(
		    row->view->board, row->section, row->number, &scratch->live);
		scratch->number = row->number;
		scratch->valid = true;
	}
	return &scratch->live;
}

const void *
dmpd_field(const struct dmpd_row *row, const struct dmpd_column *column)
{
	const void *half = row->plan;

	if (half && column->half == DMPD_LIVE)
		half = row_live(row);
	return half ? (const char *)half + column->offset : NULL;
}

static bool
text_is_printable(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	}
	return true;
}

/* The writers keep text printable; DisplayString must be so even if one did not. */
void
dmpd_value_text(struct dmpd_value *value, const char *text, size_t size)
{
	if (size >= sizeof value->buffer)
		size = sizeof value->buffer - 1;
	if (!text_is_printable(text, size)) {
		dmp_text_printable(value->buffer, sizeof value->buffer, text, size);
		text = value->buffer;
		size = strlen(text);
	}
	value->text = text;
	value->size = size;
}

/* Whole seconds from then to now, 0 for the future, never DMPD_NONE. */
static uint32_t
column_age_seconds(int64_t now_ms, int64_t then_ms)
{
	/* In unsigned arithmetic, because stamps of a damaged board can be anything. */
	uint64_t age = ((uint64_t)now_ms - (uint64_t)then_ms) / 1000;

	if (then_ms >= now_ms)
		return 0;
	return age < DMPD_NONE ? (uint32_t)age : DMPD_NONE - 1;
}

DMPD_GETTER(dmpd_get_text)
{
	const char *field = dmpd_field(row, column);

	if (!field)
		return false;
	dmpd_value_text(ret_value, field, strnlen(field, column->size - 1));
	return true;
}

/* A field of 1, 2 or 4 bytes; memcpy, because an enumeration is no uint32_t. */
static uint32_t
field_number(const void *field, size_t size)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;

	switch (size) {
	case sizeof u8:
		memcpy(&u8, field, sizeof u8);
		return u8;
	case sizeof u16:
		memcpy(&u16, field, sizeof u16);
		return u16;
	default:
		assert(size == sizeof u32);
		memcpy(&u32, field, sizeof u32);
		return u32;
	}
}

DMPD_GETTER(dmpd_get_number)
{
	const void *field = dmpd_field(row, column);

	if (!field)
		return false;
	ret_value->number = field_number(field, column->size);
	return true;
}

DMPD_GETTER(dmpd_get_signed)
{
	const int32_t *field = dmpd_field(row, column);

	if (!field)
		return false;
	ret_value->number = *field;
	return true;
}

DMPD_GETTER(dmpd_get_optional)
{
	if (!dmpd_get_number(row, column, ret_value))
		return false;
	if (ret_value->number > DMPD_NONE)
		ret_value->number = DMPD_NONE;
	return true;
}

#define BIT(name, number, ...) (uint64_t)1 << number |

/* Which numbers an enumeration has, and what stands for a row that was never written.
 */
static const struct {
	uint64_t members;
	int unset;
} ENUMERATIONS[DMP_VOCAB_COUNT] = {
    [DMP_VOCAB_STATE] = {DMP_STATE_TABLE(BIT) 0, DMP_STATE_UNKNOWN},
    [DMP_VOCAB_LEVEL] = {DMP_LEVEL_TABLE(BIT) 0, DMP_LEVEL_NONE},
    [DMP_VOCAB_TRANSPORT] = {DMP_TRANSPORT_TABLE(BIT) 0, DMP_TRANSPORT_NONE},
    [DMP_VOCAB_SEVERITY] = {DMP_SEVERITY_TABLE(BIT) 0, DMP_SEVERITY_INDETERMINATE},
    [DMP_VOCAB_ADMIN] = {DMP_ADMIN_TABLE(BIT) 0, DMP_ADMIN_ENABLED},
    [DMP_VOCAB_SUPPRESSED] = {DMP_SUPPRESSED_TABLE(BIT) 0, DMP_SUPPRESSED_NONE},
    [DMP_VOCAB_APPLIES] = {DMP_APPLIES_TABLE(BIT) 0, DMP_APPLIES_ASSUMED},
    [DMP_VOCAB_EVENT] = {DMP_EVENT_TABLE(BIT) 0, DMP_EVENT_STARTED},
    [DMP_VOCAB_REASON] = {DMP_REASON_TABLE(BIT) 0, DMP_REASON_NONE},
};

DMPD_GETTER(dmpd_get_enum)
{
	const void *field = dmpd_field(row, column);
	uint32_t number;

	if (!field)
		return false;
	number = field_number(field, column->size);
	if (number < 64 && (ENUMERATIONS[column->vocab].members >> number & 1u))
		ret_value->number = number;
	else
		ret_value->number = ENUMERATIONS[column->vocab].unset;
	return true;
}

DMPD_GETTER(dmpd_get_word)
{
	const char *word;

	if (!dmpd_get_enum(row, column, ret_value))
		return false;
	word = dmp_vocab_text(column->vocab, (int)ret_value->number);
	ret_value->number = 0;
	dmpd_value_text(ret_value, word, strlen(word));
	return true;
}

DMPD_GETTER(dmpd_get_rank)
{
	if (!dmpd_get_enum(row, column, ret_value))
		return false;
	ret_value->number = dmp_severity_rank((enum dmp_severity)ret_value->number);
	return true;
}

DMPD_GETTER(dmpd_get_age)
{
	const int64_t *stamp = dmpd_field(row, column);

	if (!stamp)
		return false;
	ret_value->number = *stamp == INT64_MIN
	                        ? DMPD_NONE
	                        : column_age_seconds(row->view->now_ms, *stamp);
	return true;
}

DMPD_GETTER(dmpd_get_wall_age)
{
	const int64_t *time = dmpd_field(row, column);

	if (!time)
		return false;
	ret_value->number =
	    *time <= 0 ? DMPD_NONE : column_age_seconds(row->view->wall_ms, *time);
	return true;
}

DMPD_GETTER(dmpd_get_time)
{
	const int64_t *time = dmpd_field(row, column);

	_Static_assert(
	    sizeof ret_value->buffer >= DMP_TIME_TEXT, "a time must fit a value");
	if (!time)
		return false;
	dmp_clock_text(*time, ret_value->buffer);
	dmpd_value_text(ret_value, ret_value->buffer, strlen(ret_value->buffer));
	return true;
}

DMPD_GETTER(dmpd_get_idle)
{
	(void)row;
	(void)column;
	ret_value->number = 1;
	return true;
}
