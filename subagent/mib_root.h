/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_root.h - where the MIB stands: the root OID on the board, or the built-in one. */
#ifndef DMPD_MIB_ROOT_H
#define DMPD_MIB_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/board.h"
#include "subagent/snmp_adapter.h"

/* The root OID, parent of dmpMIB; returns its length. */
size_t dmpd_mib_root(const struct dmp_board_system *system, const uint32_t **ret_root);

/* Let an adapter build notifications of this site. */
void dmpd_mib_set_root(
    const struct dmp_board_system *system, struct dmpd_adapter *adapter);

/* Is it still the root that was set? */
bool dmpd_mib_is_root(
    const struct dmp_board_system *system, const struct dmpd_adapter *adapter);

#endif
