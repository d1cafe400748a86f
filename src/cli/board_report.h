/* SPDX-License-Identifier: BSD-2-Clause */
/* board_report.h - the daemon's board as a report. */
#ifndef DMP_BOARD_REPORT_H
#define DMP_BOARD_REPORT_H

#include "cli/report.h"
#include "engine/board.h"

/* Open the board of --run-dir.  FINE, or the exit code after telling why not. */
int dmp_board_report_open(struct dmp_cli *cli, struct dmp_board_reader **ret_reader);

/* Why the board cannot be opened, and how to mend it. */
void dmp_board_report_explain(
    const char *run_dir, enum dmp_status status, struct dmp_text *out);

/* Read all ports.  Rows of a former call are reused; the caller frees report->rows. The
 * rows borrow from the board until the next refresh. */
enum dmp_status dmp_board_report_read(struct dmp_board_reader *reader, int64_t now_ms,
    struct dmp_report *report) DMP_CHECK_RESULT;

/* "engine running, last sign of life 0.3 s ago". */
void dmp_board_report_engine(const struct dmp_report *report, struct dmp_text *out);

/* Say which direct receivers of the daemon get no notifications (trap.c). */
void dmp_cli_trap_warn(struct dmp_cli *cli, struct dmp_board_reader *engine);

#endif
