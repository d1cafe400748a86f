/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon.h - dmportsd's command line and the entry points of its processes.
 *
 * dmportsd is one binary.  The supervisor starts the others by exec of /proc/self/exe
 * with the internal options --process NAME --lifeline FD.  A child tells the supervisor
 * on the lifeline (SOCK_SEQPACKET) "READY", "ALIVE" (at least every 5 s) or, from the
 * engine, "NOTIFIER=1" or "NOTIFIER=0": whether the site has direct receivers.  When
 * the lifeline closes the supervisor is gone and the child exits.
 */
#ifndef DMPD_DAEMON_H
#define DMPD_DAEMON_H

#include <stdbool.h>

#include "base/log.h"

enum dmpd_process { DMPD_SUPERVISOR = 0, DMPD_ENGINE, DMPD_AGENT, DMPD_NOTIFIER };

struct dmpd_options {
	enum dmpd_process process;
	const char *site;      /* NULL = the default path if it exists, else built in */
	const char *catalogue; /* NULL = built in */
	const char *agentx;    /* NULL = as the site file says */
	const char *standalone; /* NULL = AgentX */
	const char *state_dir;
	const char *run_dir;
	bool foreground;
	bool check_only;
	int lifeline; /* -1 = none: not started by a supervisor */
	enum dmp_log_level log_level;
	const char *program; /* argv[0] */
};

/* Everything main() does.  Returns the exit status. */
int dmpd_main(int argc, char **argv);

/* The processes.  Each returns its exit status; 0 = asked to stop. */
int dmpd_supervisor_main(const struct dmpd_options *options);
int dmpd_engine_main(const struct dmpd_options *options);
int dmpd_agent_main(const struct dmpd_options *options);
int dmpd_notifier_main(const struct dmpd_options *options);

/* --- for the child processes (child.c) --- */

/* Signals: SIGPIPE ignored, SIGHUP default ignored, no new privileges. */
void dmpd_child_setup(const struct dmpd_options *options);

/* Tell the supervisor; no-ops without a lifeline, never block. */
void dmpd_child_ready(const struct dmpd_options *options);
void dmpd_child_alive(const struct dmpd_options *options);

/* From the engine: is a notifier wanted? */
void dmpd_child_wants_notifier(const struct dmpd_options *options, bool is_wanted);

/* Exit status of a child that wants to be started afresh at once (its library needs it,
 * or the configuration it was started with has changed): no fault, no back-off growth.
 */
#define DMPD_EXIT_RESTART 75

#endif
