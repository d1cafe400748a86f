/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_requirement.c - dmpRequirementTable, from the board. */
#include "subagent/mib_column.h"

#include <string.h>

/* The words of a set of roles. */
static DMPD_GETTER(requirement_get_roles)
{
	const uint32_t *roles = dmpd_field(row, column);

	_Static_assert(
	    sizeof ret_value->buffer >= DMP_ROLES_TEXT, "roles must fit a value");
	dmp_roles_text(*roles, ret_value->buffer);
	dmpd_value_text(ret_value, ret_value->buffer, strlen(ret_value->buffer));
	return true;
}

static DMPD_GETTER(requirement_get_opened)
{
	const uint8_t *opened = dmpd_field(row, column);

	ret_value->number = *opened == DMP_OPENED_YES || *opened == DMP_OPENED_NO
	                        ? *opened
	                        : DMP_OPENED_UNKNOWN;
	return true;
}

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmp_board_requirement, member)
#define LIVE(member) DMPD_FIELD(DMPD_LIVE, struct dmp_board_requirement_live, member)

static const struct dmpd_column COLUMNS[] = {
    {2, DMPD_OCTETS, "dmpRequirementKey", dmpd_get_text, PLAN(key)},
    {3, DMPD_OCTETS, "dmpRequirementTitle", dmpd_get_text, PLAN(title)},
    {4, DMPD_OCTETS, "dmpRequirementProtocol", dmpd_get_text, PLAN(protocol)},
    {5, DMPD_INTEGER, "dmpRequirementTransport", dmpd_get_enum, PLAN(transport),
        DMP_VOCAB_TRANSPORT},
    {6, DMPD_UNSIGNED, "dmpRequirementNumber", dmpd_get_number, PLAN(number)},
    {7, DMPD_OCTETS, "dmpRequirementFromRole", requirement_get_roles, PLAN(from)},
    {8, DMPD_OCTETS, "dmpRequirementToRole", requirement_get_roles, PLAN(to)},
    {9, DMPD_INTEGER, "dmpRequirementLevel", dmpd_get_enum, PLAN(level),
        DMP_VOCAB_LEVEL},
    {10, DMPD_INTEGER, "dmpRequirementApplies", dmpd_get_enum, PLAN(applies),
        DMP_VOCAB_APPLIES},
    {11, DMPD_OCTETS, "dmpRequirementWhy", dmpd_get_text, PLAN(why)},
    {12, DMPD_OCTETS, "dmpRequirementSince", dmpd_get_text, PLAN(since)},
    {13, DMPD_OCTETS, "dmpRequirementUntil", dmpd_get_text, PLAN(until)},
    {14, DMPD_INTEGER, "dmpRequirementOpenedByInstaller", requirement_get_opened,
        PLAN(opened)},
    {15, DMPD_UNSIGNED, "dmpRequirementPlanned", dmpd_get_number, PLAN(planned)},
    {16, DMPD_UNSIGNED, "dmpRequirementDown", dmpd_get_number, LIVE(down)},
    {17, DMPD_OCTETS, "dmpRequirementReference", dmpd_get_text, PLAN(reference)},
};

static bool
requirement_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	return dmpd_board_row_at(view, DMP_BOARD_REQUIREMENT, index, ret_row);
}

const struct dmpd_group dmpd_requirement_group = {
    .id = 3,
    .is_table = true,
    .name = "dmpRequirementTable",
    .columns = COLUMNS,
    .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
    .row_at = requirement_row_at,
};
