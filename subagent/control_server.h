/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_server.h - the engine's end of RUN/control.sock (words: engine/control.h).
 *
 * Everything happens in the event loop of one thread and nothing blocks.  Clients are
 * named by ids that are never used twice, so that an answer that comes late finds
 * either its client or nobody.  Bounds: 64 clients; 4096 bytes per request; answers
 * that a client leaves unread up to 64 KiB, a subscriber up to 8 MiB, then it is
 * disconnected; 30 s of silence, except for subscribers and clients that wait for us.
 *
 * SIGPIPE must be ignored.  The server must not be freed from its own callbacks.
 */
#ifndef DMPD_CONTROL_SERVER_H
#define DMPD_CONTROL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "engine/event_record.h"

struct event_base;
struct dmpd_control_server;

#define DMPD_CONTROL_CLIENTS    64
#define DMPD_CONTROL_UNREAD     (64u * 1024)
#define DMPD_CONTROL_SUBSCRIBED (8u * 1024 * 1024)

enum dmpd_control_reply {
	DMPD_CONTROL_OK = 0,
	DMPD_CONTROL_ERROR,
	DMPD_CONTROL_LATER /* dmpd_control_answer() follows */
};

/* Do what a request asks for and append the text of the answer.  words is the rest of
 * the line after verb, without blanks at its ends.  A client that has just subscribed
 * comes with the verb "subscribe": then volatile events may be sent to it, and the
 * answer is ignored. */
typedef enum dmpd_control_reply dmpd_control_handler_fn(
    struct dmpd_control_server *server, uint64_t client, const char *verb,
    const char *words, struct dmp_text *answer, void *arg);

/* Listen on run_dir/control.sock (0660) in the place of a socket that nobody answers
 * on.  DMP_EBUSY: another server lives there; DMP_EINVAL: what stands there is no
 * socket; DMP_ETOOBIG: the path is too long; DMP_EPERM, DMP_ENOENT, DMP_EIO. */
enum dmp_status dmpd_control_server_new(struct event_base *base, const char *run_dir,
    dmpd_control_handler_fn *handler, void *arg,
    struct dmpd_control_server **ret_server) DMP_CHECK_RESULT;

/* Disconnect all, remove the socket if it is still ours.  NULL is allowed. */
void dmpd_control_server_free(struct dmpd_control_server *server);

/* Close clients after so much silence, from their next request on. */
void dmpd_control_server_set_idle(struct dmpd_control_server *server, uint32_t idle_ms);

/* Answer a request that was put off.  A client that has gone is no error. */
void dmpd_control_answer(
    struct dmpd_control_server *server, uint64_t client, bool ok, const char *text);

/* Tell subscribers, now and when they connect, that events up to sequence are out. */
void dmpd_control_released(struct dmpd_control_server *server, uint32_t sequence);

/* Send an event that is released and not in the database to one subscriber, or to all
 * (client 0). */
void dmpd_control_volatile(
    struct dmpd_control_server *server, uint64_t client, const struct dmp_event *event);

/* Ask subscribers for test notification number to the receiver of this name, "*" =
 * all. */
void dmpd_control_test(
    struct dmpd_control_server *server, uint64_t number, const char *name);

/* Connected clients, subscribers among them. */
size_t dmpd_control_server_clients(const struct dmpd_control_server *server);

#endif
