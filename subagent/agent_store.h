/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agent_store.h - how far each receiver has come, across restarts.
 *
 * A small SQLite file of the process that serves the receivers.  synchronous=NORMAL:
 * power loss may take its last moments, which means that their notifications are sent
 * twice.  A damaged file is set aside and replaced, the same holds for it.
 */
#ifndef DMPD_AGENT_STORE_H
#define DMPD_AGENT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "subagent/delivery.h"

#define DMPD_AGENT_STORE_FILE "agent.db"

struct dmpd_agent_store;

/* What is kept of a receiver. */
struct dmpd_stored_receiver {
	uint32_t index; /* dmpReceiverIndex */
	uint32_t epoch; /* when the cursor was stored: a lower one now means that the
	                 * numbering has begun anew */
	uint32_t cursor;
	struct dmpd_delivery_totals totals;
};

/* Open or create STATE/file.  ret_message (may be cut) says what happened to a damaged
 * file, "" when nothing did, or why opening failed. */
enum dmp_status dmpd_agent_store_open(const char *state_dir, const char *file,
    struct dmpd_agent_store **ret_store, char ret_message[256]) DMP_CHECK_RESULT;
void dmpd_agent_store_close(struct dmpd_agent_store *store);

/* DMP_ENOENT when nothing is stored for this index, nor for one that had this name: the
 * indices are given anew when the events' database is lost. */
enum dmp_status dmpd_agent_store_load(struct dmpd_agent_store *store, uint32_t index,
    const char *name, struct dmpd_stored_receiver *ret_receiver) DMP_CHECK_RESULT;

/* Whose index this is. */
enum dmp_status dmpd_agent_store_name(
    struct dmpd_agent_store *store, uint32_t index, const char *name) DMP_CHECK_RESULT;

enum dmp_status dmpd_agent_store_save(struct dmpd_agent_store *store,
    const struct dmpd_stored_receiver *receiver) DMP_CHECK_RESULT;

#endif
