/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_receiver.c - dmpReceiverTable, from the rows of the process that serves them. */
#include "subagent/mib_column.h"

static DMPD_GETTER(receiver_get_filtered)
{
	const bool *filtered = dmpd_field(row, column);

	ret_value->number = *filtered ? 1 : 2;
	return true;
}

#define PLAN(member) DMPD_FIELD(DMPD_PLAN, struct dmpd_receiver_row, member)

static const struct dmpd_column COLUMNS[] = {
    {2, DMPD_OCTETS, "dmpReceiverName", dmpd_get_text, PLAN(name)},
    {3, DMPD_OCTETS, "dmpReceiverAddress", dmpd_get_text, PLAN(address)},
    {4, DMPD_INTEGER, "dmpReceiverKind", dmpd_get_number, PLAN(kind)},
    {5, DMPD_INTEGER, "dmpReceiverState", dmpd_get_number, PLAN(state)},
    {6, DMPD_UNSIGNED, "dmpReceiverLastSent", dmpd_get_number, PLAN(last_sent)},
    {7, DMPD_UNSIGNED, "dmpReceiverLastAcknowledged", dmpd_get_number,
        PLAN(last_acknowledged)},
    {8, DMPD_UNSIGNED, "dmpReceiverPending", dmpd_get_number, PLAN(pending)},
    {9, DMPD_COUNTER, "dmpReceiverSent", dmpd_get_number, PLAN(sent)},
    {10, DMPD_COUNTER, "dmpReceiverAcknowledged", dmpd_get_number, PLAN(acknowledged)},
    {11, DMPD_COUNTER, "dmpReceiverRetries", dmpd_get_number, PLAN(retries)},
    {12, DMPD_COUNTER, "dmpReceiverFailures", dmpd_get_number, PLAN(failures)},
    {13, DMPD_UNSIGNED, "dmpReceiverSinceAcknowledged", dmpd_get_age,
        PLAN(acknowledged_ms)},
    {14, DMPD_INTEGER, "dmpReceiverFiltered", receiver_get_filtered, PLAN(filtered)},
};

static bool
receiver_row_at(struct dmpd_view *view, uint32_t index, struct dmpd_row *ret_row)
{
	const struct dmpd_receiver_row *rows = view->receivers;
	size_t low = 0, high = view->n_receivers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == view->n_receivers)
		return false;
	*ret_row = (struct dmpd_row){
	    .view = view, .index = rows[low].index, .plan = &rows[low]};
	return true;
}

const struct dmpd_group dmpd_receiver_group = {
    .id = 8,
    .is_table = true,
    .name = "dmpReceiverTable",
    .columns = COLUMNS,
    .n_columns = sizeof COLUMNS / sizeof COLUMNS[0],
    .row_at = receiver_row_at,
};
