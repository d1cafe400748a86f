/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mib_system.c - dmpSystem and dmpSummary, the scalars.
 *
 * Without a board only what the agent knows by itself has a value: its version, and
 * that the engine has stopped.
 */
#include "subagent/mib_column.h"

#include <string.h>

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmp_board_system, member)
#define LIVE(member) DMPD_FIELD(DMPD_LIVE, struct dmp_board_system_live, member)

/* The one row of scalars; its plan half is NULL while there is no board. */
static bool
system_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	if (index > 0)
		return false;
	*ret_row = (struct dmpd_row){.view = view, .section = DMP_BOARD_SYSTEM};
	if (view->board)
		ret_row->plan = dmp_board_plan(view->board, DMP_BOARD_SYSTEM, 0);
	return true;
}

static DMPD_GETTER(system_get_version)
{
	(void)row;
	(void)column;
	dmpd_value_text(ret_value, DMP_VERSION, sizeof DMP_VERSION - 1);
	return true;
}

static DMPD_GETTER(system_get_config_status)
{
	if (!dmpd_get_number(row, column, ret_value))
		return false;
	if (ret_value->number != DMP_CONFIG_REJECTED)
		ret_value->number = DMP_CONFIG_OK;
	return true;
}

/* What nobody can request while there is no engine does not exist. */
static DMPD_GETTER(system_get_idle)
{
	return row->plan && dmpd_get_idle(row, column, ret_value);
}

static enum dmp_engine_state
summary_engine(const struct dmpd_row *row, int64_t *ret_age_ms)
{
	const struct dmpd_view *view = row->view;

	*ret_age_ms = DMPD_NONE;
	if (!view->board)
		return DMP_ENGINE_STOPPED;
	return dmp_board_engine_state(view->board, view->now_ms, ret_age_ms);
}

/* A board that nobody writes any more proves nothing about now. */
static DMPD_GETTER(summary_get_status)
{
	int64_t age_ms;

	if (summary_engine(row, &age_ms) != DMP_ENGINE_RUNNING ||
	    !dmpd_get_number(row, column, ret_value) || ret_value->number > 3)
		ret_value->number = 3;
	return true;
}

static DMPD_GETTER(summary_get_ports)
{
	(void)column;
	if (!row->plan)
		return false;
	ret_value->number = dmp_board_rows(row->view->board, DMP_BOARD_PORT);
	return true;
}

static DMPD_GETTER(summary_get_hosts)
{
	(void)column;
	if (!row->plan)
		return false;
	ret_value->number = dmp_board_rows(row->view->board, DMP_BOARD_HOST);
	return true;
}

static DMPD_GETTER(summary_get_worst_rank)
{
	const int64_t worst = dmp_severity_rank(DMP_SEVERITY_CRITICAL);

	if (!dmpd_get_number(row, column, ret_value))
		return false;
	if (ret_value->number > worst)
		ret_value->number = worst;
	return true;
}

/* Of what is served here: the engine may keep more than that. */
static DMPD_GETTER(summary_get_oldest_event)
{
	if (!dmpd_get_number(row, column, ret_value))
		return false;
	if (row->view->events)
		ret_value->number = dmpd_event_ring_oldest(row->view->events);
	return true;
}

static DMPD_GETTER(summary_get_engine_state)
{
	int64_t age_ms;

	(void)column;
	ret_value->number = summary_engine(row, &age_ms);
	return true;
}

static DMPD_GETTER(summary_get_board_age)
{
	int64_t age_ms;

	(void)column;
	(void)summary_engine(row, &age_ms);
	if (age_ms < 0)
		age_ms = 0;
	ret_value->number = age_ms < DMPD_NONE ? age_ms : DMPD_NONE;
	return true;
}

static const struct dmpd_column SYSTEM[] = {
    {1, DMPD_OCTETS, "dmpSoftwareVersion", system_get_version, DMPD_NO_FIELD},
    {2, DMPD_OCTETS, "dmpSiteName", dmpd_get_text, PLAN(site_name)},
    {3, DMPD_OCTETS, "dmpDataMinerVersion", dmpd_get_text, PLAN(dataminer)},
    {4, DMPD_OCTETS, "dmpVantageName", dmpd_get_text, PLAN(vantage)},
    {5, DMPD_OCTETS, "dmpCatalogueRevision", dmpd_get_text, PLAN(catalogue_revision)},
    {6, DMPD_OCTETS, "dmpStartTime", dmpd_get_time, PLAN(start_wall_ms)},
    {7, DMPD_UNSIGNED, "dmpEpoch", dmpd_get_number, PLAN(epoch)},
    {8, DMPD_INTEGER, "dmpConfigStatus", system_get_config_status, LIVE(config_status)},
    {9, DMPD_OCTETS, "dmpConfigMessage", dmpd_get_text, LIVE(config_message)},
    {10, DMPD_OCTETS, "dmpConfigTime", dmpd_get_time, LIVE(config_wall_ms)},
    {11, DMPD_INTEGER, "dmpReload", system_get_idle, DMPD_NO_FIELD},
    {12, DMPD_INTEGER, "dmpResendProblems", system_get_idle, DMPD_NO_FIELD},
};

static const struct dmpd_column SUMMARY[] = {
    {1, DMPD_INTEGER, "dmpStatus", summary_get_status, LIVE(status)},
    {2, DMPD_UNSIGNED, "dmpPorts", summary_get_ports, DMPD_NO_FIELD},
    {3, DMPD_UNSIGNED, "dmpRequiredPorts", dmpd_get_number, LIVE(required_ports)},
    {4, DMPD_UNSIGNED, "dmpRequiredPortsUp", dmpd_get_number, LIVE(required_up)},
    {5, DMPD_UNSIGNED, "dmpRequiredPortsDown", dmpd_get_number, LIVE(required_down)},
    {6, DMPD_UNSIGNED, "dmpDegradedPorts", dmpd_get_number, LIVE(degraded)},
    {7, DMPD_UNSIGNED, "dmpExposedPorts", dmpd_get_number, LIVE(exposed)},
    {8, DMPD_UNSIGNED, "dmpUnknownPorts", dmpd_get_number, LIVE(unknown)},
    {9, DMPD_UNSIGNED, "dmpUnverifiedPorts", dmpd_get_number, LIVE(unverified)},
    {10, DMPD_UNSIGNED, "dmpMaintenancePorts", dmpd_get_number, LIVE(maintenance)},
    {11, DMPD_UNSIGNED, "dmpHosts", summary_get_hosts, DMPD_NO_FIELD},
    {12, DMPD_UNSIGNED, "dmpDownHosts", dmpd_get_number, LIVE(down_hosts)},
    {13, DMPD_INTEGER, "dmpWorstSeverityRank", summary_get_worst_rank,
        LIVE(worst_rank)},
    {14, DMPD_UNSIGNED, "dmpSinceChange", dmpd_get_age, LIVE(change_ms)},
    {15, DMPD_UNSIGNED, "dmpLastEvent", dmpd_get_number, LIVE(last_event)},
    {16, DMPD_UNSIGNED, "dmpOldestEvent", summary_get_oldest_event, LIVE(oldest_event)},
    {17, DMPD_COUNTER, "dmpChecks", dmpd_get_number, LIVE(checks)},
    {18, DMPD_COUNTER, "dmpInconclusiveChecks", dmpd_get_number, LIVE(inconclusive)},
    {19, DMPD_INTEGER, "dmpEngineState", summary_get_engine_state, DMPD_NO_FIELD},
    {20, DMPD_UNSIGNED, "dmpBoardAge", summary_get_board_age, DMPD_NO_FIELD},
};

const struct dmpd_group dmpd_system_group = {
    .id = 1,
    .name = "dmpSystem",
    .columns = SYSTEM,
    .n_columns = sizeof SYSTEM / sizeof SYSTEM[0],
    .row_at = system_row_at,
};

const struct dmpd_group dmpd_summary_group = {
    .id = 2,
    .name = "dmpSummary",
    .columns = SUMMARY,
    .n_columns = sizeof SUMMARY / sizeof SUMMARY[0],
    .row_at = system_row_at,
};
