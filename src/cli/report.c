/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/report.h"

#include <string.h>

#include "base/port.h"

static const struct dmp_column report_columns[] = {
    {NULL, "STATE", DMP_COLUMN_TEXT},
    {"key", NULL, DMP_COLUMN_TEXT},
    {"host", "HOST", DMP_COLUMN_TEXT},
    {"address", NULL, DMP_COLUMN_TEXT},
    {"requirement", NULL, DMP_COLUMN_TEXT},
    {NULL, "PORT", DMP_COLUMN_TEXT},
    {"service", "SERVICE", DMP_COLUMN_TEXT},
    {"transport", NULL, DMP_COLUMN_TEXT},
    {"port", NULL, DMP_COLUMN_NUMBER},
    {"level", "LEVEL", DMP_COLUMN_TEXT},
    {"state", NULL, DMP_COLUMN_TEXT},
    {"reason", "REASON", DMP_COLUMN_TEXT},
    {"severity", NULL, DMP_COLUMN_TEXT},
    {"latency_us", "LATENCY", DMP_COLUMN_NUMBER},
    {"checks", NULL, DMP_COLUMN_NUMBER},
    {"detail", NULL, DMP_COLUMN_TEXT},
    {"identity", NULL, DMP_COLUMN_TEXT},
    {"tls_days_left", NULL, DMP_COLUMN_NUMBER},
    {"why", NULL, DMP_COLUMN_TEXT},
    {NULL, "DETAIL", DMP_COLUMN_TEXT},
};

enum { REPORT_COLUMNS = sizeof(report_columns) / sizeof(report_columns[0]) };

void
dmp_report_latency(uint32_t latency_us, char text[DMP_LATENCY_TEXT])
{
	if (latency_us == 0)
		text[0] = '\0';
	else if (latency_us < 10000)
		dmp_text_format(
		    text, DMP_LATENCY_TEXT, "%.2f ms", (double)latency_us / 1000);
	else
		dmp_text_format(
		    text, DMP_LATENCY_TEXT, "%.0f ms", (double)latency_us / 1000);
}

/* Reasons by which this machine, not the port, kept an attempt from a verdict. */
static bool
report_is_prevented(const struct dmp_report_row *row)
{
	return row->reason >= DMP_REASON_LOCAL_LIMIT &&
	       row->reason <= DMP_REASON_CANCELLED;
}

struct dmp_report_count
dmp_report_count(const struct dmp_report *report)
{
	struct dmp_report_count count = {.n = report->n_rows};
	size_t *const by_state[] = {
	    [DMP_STATE_UNKNOWN] = &count.unknown,
	    [DMP_STATE_UP] = &count.up,
	    [DMP_STATE_DEGRADED] = &count.degraded,
	    [DMP_STATE_DOWN] = &count.down,
	    [DMP_STATE_EXPOSED] = &count.exposed,
	    [DMP_STATE_CLOSED] = &count.closed,
	    [DMP_STATE_UNVERIFIED] = &count.unverified,
	    [DMP_STATE_NOT_APPLICABLE] = &count.excused,
	};

	for (size_t i = 0; i < report->n_rows; i++) {
		const struct dmp_report_row *row = &report->rows[i];
		enum dmp_state state = row->state;
		int rank = dmp_severity_rank(row->severity);

		if (row->excused)
			state = DMP_STATE_NOT_APPLICABLE;
		else if (state < DMP_STATE_UNKNOWN || state > DMP_STATE_NOT_APPLICABLE)
			state = DMP_STATE_UNKNOWN;
		++*by_state[state];
		if (state == DMP_STATE_NOT_APPLICABLE)
			continue;
		if (!report_is_prevented(row))
			count.judged++;
		if (row->level == DMP_LEVEL_REQUIRED) {
			count.required++;
			count.required_down += state == DMP_STATE_DOWN;
		}
		if (rank > count.worst_rank)
			count.worst_rank = rank;
	}
	return count;
}

int
dmp_report_exit(const struct dmp_report *report)
{
	struct dmp_report_count count = dmp_report_count(report);

	if (report->trouble)
		return DMP_EXIT_UNREACHABLE;
	if (count.required_down > 0 || count.exposed > 0)
		return DMP_EXIT_DOWN;
	return count.judged > 0 ? DMP_EXIT_FINE : DMP_EXIT_FAILED;
}

void
dmp_report_summary(const struct dmp_report *report, struct dmp_text *out)
{
	struct dmp_report_count count = dmp_report_count(report);
	const struct {
		size_t n;
		const char *word;
	} parts[] = {
	    {count.up, "up"},
	    {count.closed, "closed"},
	    {count.down, "down"},
	    {count.exposed, "exposed"},
	    {count.degraded, "degraded"},
	    {count.unverified, "unverified"},
	    {count.unknown, "unknown"},
	    {count.excused, "not judged"},
	};
	const char *separator = ": ";

	dmp_text_printf(out, "%zu %s on %zu %s", count.n,
	    count.n == 1 ? "port" : "ports", report->n_hosts,
	    report->n_hosts == 1 ? "host" : "hosts");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].n == 0)
			continue;
		dmp_text_printf(out, "%s%zu %s", separator, parts[i].n, parts[i].word);
		separator = ", ";
		if (strcmp(parts[i].word, "down") == 0)
			dmp_text_printf(out, " (%zu required)", count.required_down);
	}
}

/* What went wrong and whom to call; what answered when all is well. */
static void
report_detail(const struct dmp_report_row *row, struct dmp_text *out)
{
	const char *owner = dmp_reason_owner(row->reason);

	if (dmp_severity_rank(row->severity) == 0 && *row->identity) {
		dmp_text_append(out, row->identity);
		return;
	}
	dmp_text_append(
	    out, *row->detail ? row->detail : dmp_reason_sentence(row->reason));
	if (dmp_severity_rank(row->severity) > 0 && strcmp(owner, "nobody") != 0)
		dmp_text_printf(out, " [%s]", owner);
}

static enum dmp_status
report_write_row(struct dmp_writer *writer, const struct dmp_report_row *row)
{
	const char *state = dmp_vocab_text(DMP_VOCAB_STATE, (int)row->state);
	const char *transport =
	    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)row->transport);
	struct dmp_text detail = {0};
	char port[DMP_PORT_TEXT];
	char latency[DMP_LATENCY_TEXT];
	enum dmp_status status;

	dmp_port_text(row->transport, row->port, port);
	dmp_report_latency(row->latency_us, latency);
	report_detail(row, &detail);
	const struct dmp_cell cells[REPORT_COLUMNS] = {
	    {.text = state,
	        .colour = dmp_terminal_severity_colour(row->state, row->severity)},
	    {.text = row->key},
	    {.text = row->host},
	    {.text = row->address},
	    {.text = row->requirement},
	    {.text = port},
	    {.text = row->service},
	    {.text = transport},
	    {.number = row->port, .present = true},
	    {.text = dmp_vocab_text(DMP_VOCAB_LEVEL, (int)row->level)},
	    {.text = state},
	    {.text = dmp_vocab_text(DMP_VOCAB_REASON, (int)row->reason)},
	    {.text = dmp_vocab_text(DMP_VOCAB_SEVERITY, (int)row->severity)},
	    {.text = latency,
	        .number = row->latency_us,
	        .present = row->latency_us > 0},
	    {.number = row->checks, .present = true},
	    {.text = row->detail},
	    {.text = row->identity},
	    {.number = row->tls_days_left, .present = row->tls_days_left != INT32_MAX},
	    {.text = row->why},
	    {.text = dmp_text_get(&detail)},
	};
	status = dmp_writer_row(writer, cells);
	dmp_text_done(&detail);
	return status;
}

static enum dmp_status
report_write_rows(struct dmp_cli *cli, const struct dmp_report *report)
{
	struct dmp_writer *writer = NULL;
	enum dmp_status status;

	status = dmp_cli_writer(cli, report_columns, REPORT_COLUMNS, &writer);
	for (size_t i = 0; status == DMP_OK && i < report->n_rows; i++)
		status = report_write_row(writer, &report->rows[i]);
	return dmp_writer_end(writer, status);
}

int
dmp_report_print(struct dmp_cli *cli, const struct dmp_report *report)
{
	struct dmp_text summary = {0};
	enum dmp_status status;

	if (cli->format == DMP_FORMAT_NAGIOS)
		return dmp_report_nagios(report, cli->out);
	if (cli->format == DMP_FORMAT_PROMETHEUS) {
		dmp_report_prometheus(report, cli->out);
		return dmp_report_exit(report);
	}
	status = report_write_rows(cli, report);
	if (status != DMP_OK)
		return dmp_cli_printed(cli, status);
	if (cli->format == DMP_FORMAT_TABLE && !cli->options.value[DMP_OPT_QUIET]) {
		dmp_report_summary(report, &summary);
		(void)fprintf(cli->out, "%s%s\n", report->n_rows > 0 ? "\n" : "",
		    dmp_text_get(&summary));
	}
	dmp_text_done(&summary);
	return dmp_report_exit(report);
}
