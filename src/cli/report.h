/* SPDX-License-Identifier: BSD-2-Clause */
/* report.h - the ports as check, status and watch show them, in every format. */
#ifndef DMP_REPORT_H
#define DMP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "cli/cli.h"
#include "model/plan.h"
#include "probe/probe.h"

/* One port.  The pointers are borrowed from the plan or the board. */
struct dmp_report_row {
	const char *key;
	const char *host;
	const char *requirement;
	const char *service;
	const char *why;
	char address[DMP_ADDRESS_TEXT];
	enum dmp_transport transport;
	uint16_t port;
	enum dmp_level level;
	enum dmp_state state;
	enum dmp_reason reason;
	enum dmp_severity severity;
	bool excused;          /* in maintenance or disabled: shown, not counted */
	uint32_t latency_us;   /* 0 = none */
	uint32_t checks;       /* by the daemon; 1 by a one-shot check */
	int32_t tls_days_left; /* INT32_MAX = none */
	char detail[DMP_DETAIL_TEXT];
	char identity[DMP_IDENTITY_TEXT];
};

/* What a report is about. */
struct dmp_report {
	struct dmp_report_row *rows;
	size_t n_rows;
	size_t n_hosts;
	const char *trouble; /* why these rows cannot be trusted now, NULL = they can */
	/* The daemon's word; DMP_ENGINE_* of engine/board.h, 0 = no daemon asked. */
	int engine_state;
	int64_t age_ms;
	int daemon_status;   /* dmpStatus; 0 = ok, or no daemon asked */
	char daemon_why[96]; /* what no row tells: hosts down, a rejected file */
};

struct dmp_report_count {
	size_t n;
	size_t required;
	size_t required_down;
	size_t judged; /* neither excused nor prevented by this machine itself */
	size_t up;
	size_t down;
	size_t degraded;
	size_t exposed;
	size_t closed;
	size_t unverified;
	size_t unknown;
	size_t excused; /* maintenance, disabled */
	int worst_rank;
};

struct dmp_report_count dmp_report_count(const struct dmp_report *report);

/* FINE or DOWN; FAILED when nothing could be checked; UNREACHABLE with a trouble. */
int dmp_report_exit(const struct dmp_report *report);

/* "12 ports on 3 hosts: 10 up, 2 down (1 required)". */
void dmp_report_summary(const struct dmp_report *report, struct dmp_text *out);

/* Print in cli->format.  Returns the exit code that belongs to it: with nagios that of
 * the plugin contract. */
int dmp_report_print(struct dmp_cli *cli, const struct dmp_report *report);

/* nagios: 0 ok, 1 warning, 2 critical, 3 unknown; and what is printed for it. */
int dmp_report_nagios(const struct dmp_report *report, FILE *out);
/* The UNKNOWN line of the plugin contract, for when there is no report.  Returns 3. */
int dmp_report_nagios_unknown(const char *why, FILE *out);

/* The text exposition format of Prometheus. */
void dmp_report_prometheus(const struct dmp_report *report, FILE *out);

/* "1.2 ms", "" for 0. */
#define DMP_LATENCY_TEXT 16
void dmp_report_latency(uint32_t latency_us, char text[DMP_LATENCY_TEXT]);

#endif
