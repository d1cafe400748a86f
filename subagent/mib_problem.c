/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_problem.c - dmpProblemTable, from the set of raised problems. */
#include "subagent/mib_column.h"

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmp_problem, member)

static const struct dmpd_column COLUMNS[] = {
    {2, DMPD_OCTETS, "dmpProblemKey", dmpd_get_text, PLAN(key)},
    {3, DMPD_INTEGER, "dmpProblemType", dmpd_get_enum, PLAN(type), DMP_VOCAB_EVENT},
    {4, DMPD_INTEGER, "dmpProblemState", dmpd_get_enum, PLAN(state), DMP_VOCAB_STATE},
    {5, DMPD_INTEGER, "dmpProblemSeverity", dmpd_get_enum, PLAN(severity),
        DMP_VOCAB_SEVERITY},
    {6, DMPD_INTEGER, "dmpProblemSeverityRank", dmpd_get_rank, PLAN(severity),
        DMP_VOCAB_SEVERITY},
    {7, DMPD_INTEGER, "dmpProblemReason", dmpd_get_enum, PLAN(reason),
        DMP_VOCAB_REASON},
    {8, DMPD_OCTETS, "dmpProblemMessage", dmpd_get_text, PLAN(message)},
    {9, DMPD_UNSIGNED, "dmpProblemHostIndex", dmpd_get_number, PLAN(host_index)},
    {10, DMPD_UNSIGNED, "dmpProblemPortIndex", dmpd_get_number, PLAN(port_index)},
    {11, DMPD_UNSIGNED, "dmpProblemSince", dmpd_get_wall_age, PLAN(since_ms)},
    {12, DMPD_UNSIGNED, "dmpProblemLastEvent", dmpd_get_number, PLAN(last_event)},
};

static bool
problem_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	const struct dmp_problem *problem =
	    view->problems ? dmp_problem_at(view->problems, index, false) : NULL;

	if (!problem)
		return false;
	*ret_row =
	    (struct dmpd_row){.view = view, .index = problem->index, .plan = problem};
	return true;
}

const struct dmpd_group dmpd_problem_group = {
    .id = 6,
    .is_table = true,
    .name = "dmpProblemTable",
    .columns = COLUMNS,
    .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
    .row_at = problem_row_at,
};
