/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * direct_path.h - the way to a direct receiver: its address, a socket, and, for version
 * 3 informs, its engine ID.
 *
 * Nothing waits: names are looked up by the resolver (again from time to time: a
 * receiver may move), the engine ID is asked for by a datagram of our own, repeated
 * with growing pauses.  Step by step with each turn, until it is ready.
 */
#ifndef DMPD_DIRECT_PATH_H
#define DMPD_DIRECT_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/board.h"
#include "probe/resolve.h"
#include "probe/snmp_wire.h"

struct dmpd_path;

/* plan and resolver are borrowed. */
enum dmp_status dmpd_path_new(struct dmp_resolver *resolver,
    const struct dmp_board_receiver *plan,
    struct dmpd_path **ret_path) DMP_CHECK_RESULT;
void dmpd_path_free(struct dmpd_path *path);

/* Go on as far as it goes now. */
void dmpd_path_turn(struct dmpd_path *path, int64_t now_ms);

/* There is a socket, and an engine ID where one is needed. */
bool dmpd_path_is_ready(const struct dmpd_path *path);

/* The receiver has another address now: reset it after closing what uses the socket. */
bool dmpd_path_has_moved(const struct dmpd_path *path);

/* Begin again with the socket, and with the engine ID when it was discovered. */
void dmpd_path_reset(struct dmpd_path *path);

/* Connected and non-blocking, -1 = none.  The path's own. */
int dmpd_path_fd(const struct dmpd_path *path);

/* The receiver's engine ID; *ret_size 0 = none is needed. */
const uint8_t *dmpd_path_engine(const struct dmpd_path *path, size_t *ret_size);

/* Our IPv4 address on this path; false when it is another family. */
bool dmpd_path_source(const struct dmpd_path *path, uint8_t ret_address[4]);

/* Why it is not ready, "" = no trouble yet. */
const char *dmpd_path_trouble(const struct dmpd_path *path);

/* Milliseconds until a turn is due; -1 = never. */
int dmpd_path_wait_ms(const struct dmpd_path *path, int64_t now_ms);

#endif
