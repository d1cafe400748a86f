/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_tables.c - the list of all groups of objects, in the order of their numbers. */
#include "subagent/mib_column.h"

const struct dmpd_group *const dmpd_groups[] = {
    &dmpd_system_group,
    &dmpd_summary_group,
    &dmpd_requirement_group,
    &dmpd_host_group,
    &dmpd_port_group,
    &dmpd_problem_group,
    &dmpd_event_group,
    &dmpd_receiver_group,
};

const size_t dmpd_groups_n = sizeof dmpd_groups / sizeof dmpd_groups[0];
