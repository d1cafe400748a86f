/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_event.c - dmpEventTable, from the ring; its first columns are what
 * notifications carry. */
#include "subagent/mib_column.h"

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmp_event, member)

static const struct dmpd_column COLUMNS[] = {
    {2, DMPD_UNSIGNED, "dmpEventSequence", dmpd_get_number, PLAN(sequence)},
    {3, DMPD_OCTETS, "dmpEventSource", dmpd_get_text, PLAN(source)},
    {4, DMPD_OCTETS, "dmpEventKey", dmpd_get_text, PLAN(key)},
    {5, DMPD_OCTETS, "dmpEventMessage", dmpd_get_text, PLAN(message)},
    {6, DMPD_INTEGER, "dmpEventState", dmpd_get_enum, PLAN(state), DMP_VOCAB_STATE},
    {7, DMPD_INTEGER, "dmpEventPreviousState", dmpd_get_enum, PLAN(previous_state),
        DMP_VOCAB_STATE},
    {8, DMPD_INTEGER, "dmpEventSeverity", dmpd_get_enum, PLAN(severity),
        DMP_VOCAB_SEVERITY},
    {9, DMPD_INTEGER, "dmpEventReason", dmpd_get_enum, PLAN(reason), DMP_VOCAB_REASON},
    {10, DMPD_INTEGER, "dmpEventLevel", dmpd_get_enum, PLAN(level), DMP_VOCAB_LEVEL},
    {11, DMPD_OCTETS, "dmpEventHostName", dmpd_get_text, PLAN(host_name)},
    {12, DMPD_OCTETS, "dmpEventAddress", dmpd_get_text, PLAN(address)},
    {13, DMPD_OCTETS, "dmpEventService", dmpd_get_text, PLAN(service)},
    {14, DMPD_INTEGER, "dmpEventTransport", dmpd_get_enum, PLAN(transport),
        DMP_VOCAB_TRANSPORT},
    {15, DMPD_UNSIGNED, "dmpEventPort", dmpd_get_number, PLAN(port)},
    {16, DMPD_UNSIGNED, "dmpEventPortIndex", dmpd_get_number, PLAN(port_index)},
    {17, DMPD_OCTETS, "dmpEventTime", dmpd_get_time, PLAN(time_ms)},
    {18, DMPD_OCTETS, "dmpEventStateText", dmpd_get_word, PLAN(state), DMP_VOCAB_STATE},
    {19, DMPD_OCTETS, "dmpEventSeverityText", dmpd_get_word, PLAN(severity),
        DMP_VOCAB_SEVERITY},
    {20, DMPD_OCTETS, "dmpEventReasonText", dmpd_get_word, PLAN(reason),
        DMP_VOCAB_REASON},
    {21, DMPD_INTEGER, "dmpEventType", dmpd_get_enum, PLAN(type), DMP_VOCAB_EVENT},
    {22, DMPD_INTEGER, "dmpEventSeverityRank", dmpd_get_rank, PLAN(severity),
        DMP_VOCAB_SEVERITY},
    {23, DMPD_UNSIGNED, "dmpEventEpoch", dmpd_get_number, PLAN(epoch)},
};

static bool
event_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	const struct dmp_event *event =
	    view->events ? dmpd_event_ring_at(view->events, index, false) : NULL;

	if (!event)
		return false;
	*ret_row =
	    (struct dmpd_row){.view = view, .index = event->sequence, .plan = event};
	return true;
}

const struct dmpd_group dmpd_event_group = {
    .id = 7,
    .is_table = true,
    .name = "dmpEventTable",
    .columns = COLUMNS,
    .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
    .row_at = event_row_at,
};
