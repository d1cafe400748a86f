/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snmp_session.h - the SNMP library in one process: start, turn, notify, stop.
 *
 * One session per process and never a second one after it: Net-SNMP keeps its state in
 * globals and does not survive being shut down and started again.  What needs a fresh
 * library (dmpd_session_must_restart) needs a fresh process.
 *
 * How it works.  As an AgentX subagent the library connects, pings every 3 s and
 * reconnects by itself, in alarms; a request that the master does not answer costs 1 s.
 * connect() to a master that hangs blocks without limit: an interval timer interrupts
 * it.  As an agent of its own there is no master, and no notification goes out here.
 */
#ifndef DMPD_SNMP_SESSION_H
#define DMPD_SNMP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "subagent/notification.h"

struct dmpd_session;

struct dmpd_session_config {
	const char *agentx;     /* the master's address, or NULL: */
	const char *standalone; /* the address to serve, "udp:HOST:PORT" */
	const char *config_dir; /* where dmportsd.conf may be */
	const char *state_dir;  /* where the library keeps its own */
	const char *context;    /* SNMP context, "" = default */
	const uint32_t *root;   /* the site's root OID, parent of dmpMIB */
	size_t root_len;
};

/* Whom the session tells; called from within dmpd_session_turn() and
 * dmpd_session_new(), and only there: none of these may call the session. */
struct dmpd_session_listener {
	/* A request begins: bring the view up to date and lend it. */
	struct dmpd_view *(*view)(void *arg);
	/* The master is there with our subtree registered, or lost: notifications
	 * without reply are void. */
	void (*connected)(void *arg, bool is_connected);
	/* The master took the notification of this ticket, or did not. */
	void (*reply)(void *arg, uint32_t ticket, bool is_taken);
	void *arg;
};

/* Start the library.  Everything in config and listener is borrowed for the life of
 * the process.  A master that is not there is no error. */
enum dmp_status dmpd_session_new(const struct dmpd_session_config *config,
    const struct dmpd_session_listener *listener,
    struct dmpd_session **ret_session) DMP_CHECK_RESULT;

/* Wait for requests, replies, alarms, at most wait_ms, or until one of fds (-1 = skip)
 * is readable; then serve.  Once per turn of the process. */
void dmpd_session_turn(
    struct dmpd_session *session, int wait_ms, const int *fds, size_t n_fds);

/* The master refused our subtree, or did not say in time: only a fresh process tries
 * again. */
bool dmpd_session_must_restart(const struct dmpd_session *session);

/* Send to the master; the reply names the ticket, 0 = no reply wanted.  DMP_EBUSY when
 * there is no connection; DMP_EIO, DMP_ENOMEM. */
enum dmp_status dmpd_session_notify(struct dmpd_session *session,
    const struct dmpd_notification *notification, uint32_t ticket) DMP_CHECK_RESULT;

/* From now on neither ping nor reconnect: a master that hangs would cost seconds of the
 * little time that is left for the last notifications. */
void dmpd_session_finish(struct dmpd_session *session);

/* Close the connection in an orderly way, once, at the end of the process. */
void dmpd_session_free(struct dmpd_session *session);

#endif
