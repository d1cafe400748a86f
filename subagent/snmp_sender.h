/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snmp_sender.h - Net-SNMP as a sender of notifications to one address: builds the
 * messages, knows SNMPv3, reads the answers.
 *
 * Nothing here waits.  How it works: each sender has a session of its own (the
 * library's single-session API), which sends and receives on a connected UDP socket of
 * ours through a transport of ours, so that the library never resolves a name, never
 * binds and never blocks.  The library's own retries are off: an attempt ends with one
 * answer, and repeating it is the caller's.  Engine IDs are known before a session is
 * opened: the library's own discovery would stall the process.
 */
#ifndef DMPD_SNMP_SENDER_H
#define DMPD_SNMP_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "subagent/notification.h"
#include "subagent/snmp_adapter.h"

struct dmpd_sender;

#define DMPD_SENDER_ENGINE_MAX 32

/* What became of an attempt. */
enum dmpd_answer {
	DMPD_ANSWER_TAKEN = 0,      /* an inform was acknowledged */
	DMPD_ANSWER_LATE,           /* none came in time */
	DMPD_ANSWER_REFUSED,        /* the receiver says why */
	DMPD_ANSWER_UNKNOWN_ENGINE, /* the receiver's engine ID is another one */
	DMPD_ANSWER_UNSENT          /* the system says why */
};

/* Called from within read(), expire() and send(): it may call none of these.  More than
 * one answer may come for a ticket: the first counts. */
typedef void dmpd_sender_answer_fn(
    void *arg, uint32_t ticket, enum dmpd_answer answer, const char *why);

struct dmpd_sender_config {
	int fd; /* a connected UDP socket that does not block; taken over */
	bool is_inform;
	bool is_v3;
	const char *community; /* version 2c */
	const char *user;      /* version 3; auth and priv are protocols, "" = none */
	const char *auth;
	const char *auth_pass;
	const char *priv;
	const char *priv_pass;
	const uint8_t *engine_id; /* an inform's: the receiver's */
	size_t engine_id_size;
	const struct dmpd_adapter *adapter; /* where the MIB is; borrowed */
	dmpd_sender_answer_fn *answer;
	void *arg;
};

/* Start the library, once per process.  Its own engine ID and boots are kept below
 * state_dir: the ID stays for the life of the installation and is not that of any other
 * agent, the boots grow with each start, however the process ended.  DMP_EIO when they
 * cannot be kept. */
enum dmp_status dmpd_sender_start(const char *state_dir) DMP_CHECK_RESULT;

/* Our engine ID, as hexadecimal digits after 0x: what receivers of version 3 traps must
 * know. */
void dmpd_sender_engine_text(char *field, size_t size);

/* Nothing of config but fd, adapter and arg is kept.  *ret_why (static) tells what is
 * wrong with DMP_EINVAL; fd is closed on failure, too. */
enum dmp_status dmpd_sender_new(const struct dmpd_sender_config *config,
    struct dmpd_sender **ret_sender, const char **ret_why) DMP_CHECK_RESULT;

/* Without answers for what is under way.  Not from within the answer. */
void dmpd_sender_free(struct dmpd_sender *sender);

struct dmpd_sending {
	const struct dmpd_notification *notification;
	uint32_t ticket;
	uint32_t request_id;    /* 1..2^31-1: the same whenever the same is sent */
	uint32_t timeout_ms;    /* for the answer to an inform */
	uint32_t uptime;        /* sysUpTime.0 */
	const uint8_t *address; /* 4 bytes to append as the agent's address, or NULL */
};

/* Send once.  An inform is answered later (LATE at the latest); a trap, and what cannot
 * be sent, before this returns: TAKEN means then that it was handed over. */
void dmpd_sender_send(struct dmpd_sender *sender, const struct dmpd_sending *sending);

/* Read what has come: one message.  False when there was none. */
bool dmpd_sender_read(struct dmpd_sender *sender);

/* Give the answers that are late. */
void dmpd_sender_expire(struct dmpd_sender *sender);

/* Since the last sending the system has told that nobody listens there. */
bool dmpd_sender_is_unheard(const struct dmpd_sender *sender);

#endif
