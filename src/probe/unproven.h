/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unproven.h - inside the probe library: the end of talks whose proof is not certain.
 *
 * Some proofs were seen from a few releases only, and are read in the sources of the
 * others.  An answer that does not fit one of them must not raise an alarm by itself:
 * only a definite other protocol does.
 */
#ifndef DMP_UNPROVEN_H
#define DMP_UNPROVEN_H

#include "probe/classify.h"
#include "probe/talk.h"

/* End with WRONG_SERVICE when classify.h names a service that is not own, else with
 * IDENTITY_WEAK. */
void dmp_talk_finish_unproven(
    struct dmp_talk *talk, enum dmp_service own, const uint8_t *data, size_t size);

#endif
