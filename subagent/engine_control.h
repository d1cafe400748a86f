/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_control.h - what the command line asks of the engine: other admin states,
 * attempts now, repeats.
 *
 * A change of an admin state is in force at once and is answered when it is stored, so
 * that "ok" means that it survives whatever happens to us; while events cannot be
 * stored it is answered with the reason.
 */
#ifndef DMPD_ENGINE_CONTROL_H
#define DMPD_ENGINE_CONTROL_H

#include "engine/engine.h"
#include "subagent/control_server.h"

/* Embedded; zero-initialise. */
struct dmpd_engine_control {
	struct {
		uint64_t client;
		uint32_t ticket;
	} waiting[DMPD_CONTROL_CLIENTS];
	size_t n_waiting;
	struct dmp_eventlog_progress progress; /* the newest */
};

/* Does it know this verb?  Then handle() does what is asked for; see
 * dmpd_control_handler_fn. */
bool dmpd_engine_control_knows(const char *verb);
enum dmpd_control_reply dmpd_engine_control_handle(struct dmpd_engine_control *control,
    struct dmp_engine *engine, uint64_t client, const char *verb, const char *words,
    struct dmp_text *answer);

/* The event log has got on: answer those whose changes are stored, or cannot be. */
void dmpd_engine_control_progress(struct dmpd_engine_control *control,
    struct dmpd_control_server *server, const struct dmp_eventlog_progress *progress);

#endif
