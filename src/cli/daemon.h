/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon.h - what the commands share that work with a daemon: its socket, its event
 * log, and times. */
#ifndef DMP_CLI_DAEMON_H
#define DMP_CLI_DAEMON_H

#include "cli/cli.h"
#include "engine/eventlog.h"

/* Ask the daemon of --run-dir and wait for its answer, which is appended to answer.
 * FINE; USAGE after telling why it refused; or another exit code after telling why
 * there is no answer. */
int dmp_cli_request(struct dmp_cli *cli, const char *request, struct dmp_text *answer);

/* Open the event log of --state-dir.  FINE, or the exit code after telling why not. */
int dmp_cli_open_log(struct dmp_cli *cli, struct dmp_eventlog_reader **ret_reader);

/* An RFC 3339 time, with Z or an offset, to milliseconds since 1970. */
bool dmp_cli_time(const char *text, int64_t *ret_ms);

/* The value of --since: such a time, or how long ago ("2h").  False after telling. */
bool dmp_cli_since(struct dmp_cli *cli, const char *text, int64_t *ret_ms);

#endif
