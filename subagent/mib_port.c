/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_port.c - dmpPortTable, from the board. */
#include "subagent/mib_column.h"

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmp_board_port, member)
#define LIVE(member) DMPD_FIELD(DMPD_LIVE, struct dmp_board_port_live, member)

static const struct dmpd_column COLUMNS[] = {
    {2, DMPD_OCTETS, "dmpPortKey", dmpd_get_text, PLAN(key)},
    {3, DMPD_UNSIGNED, "dmpPortHostIndex", dmpd_get_number, PLAN(host_index)},
    {4, DMPD_OCTETS, "dmpPortHostName", dmpd_get_text, PLAN(host_name)},
    {5, DMPD_OCTETS, "dmpPortAddress", dmpd_get_text, LIVE(address)},
    {6, DMPD_UNSIGNED, "dmpPortRequirementIndex", dmpd_get_number,
        PLAN(requirement_index)},
    {7, DMPD_OCTETS, "dmpPortService", dmpd_get_text, PLAN(service)},
    {8, DMPD_INTEGER, "dmpPortTransport", dmpd_get_enum, PLAN(transport),
        DMP_VOCAB_TRANSPORT},
    {9, DMPD_UNSIGNED, "dmpPortNumber", dmpd_get_number, PLAN(number)},
    {10, DMPD_INTEGER, "dmpPortLevel", dmpd_get_enum, PLAN(level), DMP_VOCAB_LEVEL},
    {11, DMPD_INTEGER, "dmpPortState", dmpd_get_enum, LIVE(state), DMP_VOCAB_STATE},
    {12, DMPD_INTEGER, "dmpPortReason", dmpd_get_enum, LIVE(reason), DMP_VOCAB_REASON},
    {13, DMPD_INTEGER, "dmpPortSeverity", dmpd_get_enum, LIVE(severity),
        DMP_VOCAB_SEVERITY},
    {14, DMPD_INTEGER, "dmpPortSeverityRank", dmpd_get_rank, LIVE(severity),
        DMP_VOCAB_SEVERITY},
    {15, DMPD_OCTETS, "dmpPortDetail", dmpd_get_text, LIVE(detail)},
    {16, DMPD_OCTETS, "dmpPortIdentity", dmpd_get_text, LIVE(identity)},
    {17, DMPD_INTEGER, "dmpPortSuppressedBy", dmpd_get_enum, LIVE(suppressed),
        DMP_VOCAB_SUPPRESSED},
    {18, DMPD_UNSIGNED, "dmpPortLatency", dmpd_get_number, LIVE(latency_us)},
    {19, DMPD_UNSIGNED, "dmpPortLatencyP95", dmpd_get_number, LIVE(latency_p95_us)},
    {20, DMPD_UNSIGNED, "dmpPortAvailabilityDay", dmpd_get_optional,
        LIVE(availability[0])},
    {21, DMPD_UNSIGNED, "dmpPortAvailabilityWeek", dmpd_get_optional,
        LIVE(availability[1])},
    {22, DMPD_UNSIGNED, "dmpPortAvailabilityMonth", dmpd_get_optional,
        LIVE(availability[2])},
    {23, DMPD_COUNTER, "dmpPortChecks", dmpd_get_number, LIVE(checks)},
    {24, DMPD_COUNTER, "dmpPortFailures", dmpd_get_number, LIVE(failures)},
    {25, DMPD_COUNTER, "dmpPortTransitions", dmpd_get_number, LIVE(transitions)},
    {26, DMPD_UNSIGNED, "dmpPortSinceChange", dmpd_get_age, LIVE(change_ms)},
    {27, DMPD_OCTETS, "dmpPortChangeTime", dmpd_get_time, LIVE(change_wall_ms)},
    {28, DMPD_UNSIGNED, "dmpPortSinceCheck", dmpd_get_age, LIVE(check_ms)},
    {29, DMPD_INTEGER, "dmpPortTlsDaysLeft", dmpd_get_signed, LIVE(tls_days_left)},
    {30, DMPD_OCTETS, "dmpPortTlsSubject", dmpd_get_text, LIVE(tls_subject)},
    {31, DMPD_INTEGER, "dmpPortAdminState", dmpd_get_enum, LIVE(admin),
        DMP_VOCAB_ADMIN},
    {32, DMPD_OCTETS, "dmpPortAdminUntil", dmpd_get_time, LIVE(admin_until_ms)},
    {33, DMPD_OCTETS, "dmpPortAdminComment", dmpd_get_text, LIVE(admin_comment)},
    {34, DMPD_INTEGER, "dmpPortProbeNow", dmpd_get_idle, DMPD_NO_FIELD},
    {35, DMPD_UNSIGNED, "dmpPortLastEvent", dmpd_get_number, LIVE(last_event)},
    {36, DMPD_OCTETS, "dmpPortWhy", dmpd_get_text, PLAN(why)},
};

static bool
port_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	return dmpd_board_row_at(view, DMP_BOARD_PORT, index, ret_row);
}

const struct dmpd_group dmpd_port_group = {
    .id = 5,
    .is_table = true,
    .name = "dmpPortTable",
    .columns = COLUMNS,
    .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
    .row_at = port_row_at,
};
