/* SPDX-License-Identifier: BSD-2-Clause */
/* prometheus.c - a report in Prometheus' text exposition format, version 0.0.4. */
#include <string.h>

#include "cli/report.h"

/* A label value: printable ASCII with \ and " escaped. */
static void
prometheus_label(FILE *out, const char *name, const char *value)
{
	char text[DMP_WHY_TEXT];

	dmp_text_printable(text, sizeof(text), value, strlen(value));
	(void)fprintf(out, "%s=\"", name);
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			(void)fputc('\\', out);
		(void)fputc(*p, out);
	}
	(void)fputc('"', out);
}

static void
prometheus_sample(
    FILE *out, const char *metric, const struct dmp_report_row *row, double value)
{
	char port[8];

	dmp_text_format(port, sizeof(port), "%u", row->port);
	(void)fprintf(out, "%s{", metric);
	prometheus_label(out, "key", row->key);
	prometheus_label(out, ",host", row->host);
	prometheus_label(out, ",requirement", row->requirement);
	prometheus_label(out, ",transport",
	    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)row->transport));
	prometheus_label(out, ",port", port);
	prometheus_label(
	    out, ",level", dmp_vocab_text(DMP_VOCAB_LEVEL, (int)row->level));
	(void)fprintf(out, "} %.15g\n", value);
}

/* The metrics of a port: false = no sample for this one. */
static bool
prometheus_up(const struct dmp_report_row *row, double *ret_value)
{
	bool up = row->state == DMP_STATE_UP || row->state == DMP_STATE_DEGRADED ||
	          row->state == DMP_STATE_EXPOSED;

	*ret_value = up;
	return up || row->state == DMP_STATE_DOWN || row->state == DMP_STATE_CLOSED;
}

static bool
prometheus_state(const struct dmp_report_row *row, double *ret_value)
{
	*ret_value = row->state;
	return true;
}

static bool
prometheus_rank(const struct dmp_report_row *row, double *ret_value)
{
	*ret_value = dmp_severity_rank(row->severity);
	return true;
}

static bool
prometheus_latency(const struct dmp_report_row *row, double *ret_value)
{
	*ret_value = (double)row->latency_us / 1e6;
	return row->latency_us > 0;
}

static bool
prometheus_days(const struct dmp_report_row *row, double *ret_value)
{
	*ret_value = row->tls_days_left;
	return row->tls_days_left != INT32_MAX;
}

static const struct {
	const char *name;
	const char *help;
	bool (*get)(const struct dmp_report_row *row, double *ret_value);
} prometheus_metrics[] = {
    {"dmports_port_up", "1 the port answers, 0 it does not.", prometheus_up},
    {"dmports_port_state",
        "1 unknown, 2 up, 3 degraded, 4 down, 5 exposed, 6 closed, 7 unverified, "
        "8 not judged.",
        prometheus_state},
    {"dmports_port_severity_rank", "0 fine, 1 warning, 2 minor, 3 major, 4 critical.",
        prometheus_rank},
    {"dmports_port_latency_seconds", "Time to connect, or to the reply.",
        prometheus_latency},
    {"dmports_port_tls_days_left", "Days until the certificate expires.",
        prometheus_days},
};

static void
prometheus_gauge(FILE *out, const char *name, const char *help, double value)
{
	(void)fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.15g\n", name, help,
	    name, name, value);
}

void
dmp_report_prometheus(const struct dmp_report *report, FILE *out)
{
	struct dmp_report_count count = dmp_report_count(report);

	for (size_t m = 0;
	     m < sizeof(prometheus_metrics) / sizeof(prometheus_metrics[0]); m++) {
		const char *name = prometheus_metrics[m].name;
		double value;

		(void)fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name,
		    prometheus_metrics[m].help, name);
		for (size_t i = 0; i < report->n_rows; i++) {
			if (prometheus_metrics[m].get(&report->rows[i], &value))
				prometheus_sample(out, name, &report->rows[i], value);
		}
	}
	prometheus_gauge(out, "dmports_ports", "Ports in the plan.", (double)count.n);
	prometheus_gauge(out, "dmports_required_ports_down",
	    "Required ports that are down.", (double)count.required_down);
	if (report->engine_state == 0)
		return;
	prometheus_gauge(out, "dmports_engine_state",
	    "1 running, 2 stalled, 3 stopped.", report->engine_state);
	prometheus_gauge(out, "dmports_board_age_seconds",
	    "Since the daemon's last sign of life.", (double)report->age_ms / 1000);
}
