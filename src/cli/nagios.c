/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nagios.c - a report as the monitoring plugins' contract wants it: one line "SERVICE
 * STATUS - text | performance data", then a line for each trouble, then the latencies
 * after a second bar, all within the 8 KiB that the cores read.  A required port that
 * is down is critical, anything else that is wrong a warning.  A daemon knows of more
 * than its ports: it is never better than dmpStatus, but unknown while nothing is
 * judged and dmpStatus is not critical.
 */
#include "cli/report.h"

#include <string.h>

#include "base/port.h"

enum { NAGIOS_OK = 0, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };
enum { NAGIOS_LIMIT = 8000, NAGIOS_NAMED = 3 };

static const char *const nagios_words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

int
dmp_report_nagios_unknown(const char *why, FILE *out)
{
	char text[256];

	dmp_text_safe(text, sizeof(text), why);
	(void)fprintf(out, "DMPORTS UNKNOWN - %s\n", text);
	return NAGIOS_UNKNOWN;
}

static int
nagios_status(const struct dmp_report *report, const struct dmp_report_count *count)
{
	if (report->daemon_status == NAGIOS_CRITICAL)
		return NAGIOS_CRITICAL;
	if (count->judged == 0)
		return NAGIOS_UNKNOWN;
	if (count->required_down > 0)
		return NAGIOS_CRITICAL;
	return count->worst_rank > 0 ? NAGIOS_WARNING : report->daemon_status;
}

/* The first few troubles by name, so that a pager message says it all. */
static void
nagios_names(const struct dmp_report *report, int min_rank, struct dmp_text *out)
{
	const char *separator = "; ";
	size_t named = 0;

	for (size_t i = 0; i < report->n_rows; i++) {
		const struct dmp_report_row *row = &report->rows[i];

		if (dmp_severity_rank(row->severity) < min_rank)
			continue;
		if (named++ == NAGIOS_NAMED) {
			dmp_text_append(out, " ...");
			return;
		}
		dmp_text_printf(out, "%s%s %s (%s)", separator, row->key,
		    dmp_vocab_text(DMP_VOCAB_STATE, (int)row->state),
		    dmp_vocab_text(DMP_VOCAB_REASON, (int)row->reason));
		separator = ", ";
	}
}

static void
nagios_first_line(const struct dmp_report *report, struct dmp_text *out)
{
	struct dmp_report_count count = dmp_report_count(report);
	struct dmp_text names = {0};
	int status = nagios_status(report, &count);
	char text[512];

	if (count.judged == 0)
		dmp_text_append(&names, "nothing could be checked");
	else
		dmp_report_summary(report, &names);
	if (report->daemon_why[0])
		dmp_text_printf(&names, "; %s", report->daemon_why);
	if (count.worst_rank > 0)
		nagios_names(report, count.worst_rank, &names);
	dmp_text_safe(text, sizeof(text), dmp_text_get(&names));
	dmp_text_printf(out, "DMPORTS %s - %s", nagios_words[status], text);
	dmp_text_printf(out,
	    " | 'ports'=%zu;;;0 'required_down'=%zu;;0;0;%zu 'down'=%zu;;;0 "
	    "'exposed'=%zu;;;0 'degraded'=%zu;;;0 'unverified'=%zu;;;0 "
	    "'unknown'=%zu;;;0\n",
	    count.n, count.required_down, count.required, count.down, count.exposed,
	    count.degraded, count.unverified, count.unknown);
	dmp_text_done(&names);
}

static void
nagios_troubles(const struct dmp_report *report, struct dmp_text *out)
{
	for (size_t i = 0; i < report->n_rows; i++) {
		const struct dmp_report_row *row = &report->rows[i];
		char detail[DMP_DETAIL_TEXT];
		char key[DMP_KEY_TEXT];
		char port[DMP_PORT_TEXT];

		if (dmp_severity_rank(row->severity) == 0 ||
		    out->size > NAGIOS_LIMIT / 2)
			continue;
		dmp_text_safe(key, sizeof(key), row->key);
		dmp_text_safe(detail, sizeof(detail),
		    *row->detail ? row->detail : dmp_reason_sentence(row->reason));
		dmp_port_text(row->transport, row->port, port);
		dmp_text_printf(out, "%s %s %s %s: %s\n",
		    dmp_vocab_text(DMP_VOCAB_SEVERITY, (int)row->severity), key, port,
		    dmp_vocab_text(DMP_VOCAB_STATE, (int)row->state), detail);
	}
}

/* All on one line: Icinga takes performance data only from lines that have a bar. */
static void
nagios_latencies(const struct dmp_report *report, struct dmp_text *out)
{
	const char *separator = "latency per port | ";

	for (size_t i = 0; i < report->n_rows; i++) {
		const struct dmp_report_row *row = &report->rows[i];
		char key[DMP_KEY_TEXT];

		if (row->latency_us == 0 || out->size > NAGIOS_LIMIT - 160)
			continue;
		dmp_text_safe(key, sizeof(key), row->key);
		dmp_text_printf(out, "%s'%s'=%.6fs;;;0", separator, key,
		    (double)row->latency_us / 1e6);
		separator = " ";
	}
	if (*separator == ' ')
		dmp_text_append(out, "\n");
}

int
dmp_report_nagios(const struct dmp_report *report, FILE *out)
{
	struct dmp_report_count count = dmp_report_count(report);
	struct dmp_text text = {0};

	if (report->trouble)
		return dmp_report_nagios_unknown(report->trouble, out);
	nagios_first_line(report, &text);
	nagios_troubles(report, &text);
	nagios_latencies(report, &text);
	if (text.status != DMP_OK) {
		dmp_text_done(&text);
		return dmp_report_nagios_unknown("out of memory", out);
	}
	(void)fputs(dmp_text_get(&text), out);
	dmp_text_done(&text);
	return nagios_status(report, &count);
}
