/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_host.c - dmpHostTable, from the board. */
#include "subagent/mib_column.h"

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmp_board_host, member)
#define LIVE(member) DMPD_FIELD(DMPD_LIVE, struct dmp_board_host_live, member)

static const struct dmpd_column COLUMNS[] = {
    {2, DMPD_OCTETS, "dmpHostName", dmpd_get_text, PLAN(name)},
    {3, DMPD_OCTETS, "dmpHostAddress", dmpd_get_text, LIVE(address)},
    {4, DMPD_OCTETS, "dmpHostRoles", dmpd_get_text, PLAN(roles)},
    {5, DMPD_INTEGER, "dmpHostState", dmpd_get_enum, LIVE(state), DMP_VOCAB_STATE},
    {6, DMPD_INTEGER, "dmpHostSeverity", dmpd_get_enum, LIVE(severity),
        DMP_VOCAB_SEVERITY},
    {7, DMPD_INTEGER, "dmpHostSeverityRank", dmpd_get_rank, LIVE(severity),
        DMP_VOCAB_SEVERITY},
    {8, DMPD_UNSIGNED, "dmpHostRequiredPorts", dmpd_get_number, PLAN(required_ports)},
    {9, DMPD_UNSIGNED, "dmpHostRequiredDown", dmpd_get_number, LIVE(required_down)},
    {10, DMPD_UNSIGNED, "dmpHostSinceChange", dmpd_get_age, LIVE(change_ms)},
    {11, DMPD_OCTETS, "dmpHostDetail", dmpd_get_text, LIVE(detail)},
    {12, DMPD_INTEGER, "dmpHostAdminState", dmpd_get_enum, LIVE(admin),
        DMP_VOCAB_ADMIN},
    {13, DMPD_OCTETS, "dmpHostAdminUntil", dmpd_get_time, LIVE(admin_until_ms)},
    {14, DMPD_OCTETS, "dmpHostAdminComment", dmpd_get_text, LIVE(admin_comment)},
};

static bool
host_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	return dmpd_board_row_at(view, DMP_BOARD_HOST, index, ret_row);
}

const struct dmpd_group dmpd_host_group = {
    .id = 4,
    .is_table = true,
    .name = "dmpHostTable",
    .columns = COLUMNS,
    .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
    .row_at = host_row_at,
};
