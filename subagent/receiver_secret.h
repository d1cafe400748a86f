/* SPDX-License-Identifier: BSD-2-Clause */
/* receiver_secret.h - what a direct receiver's files keep secret: read, compared,
 * wiped; never logged or shown. */
#ifndef DMPD_RECEIVER_SECRET_H
#define DMPD_RECEIVER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/board.h"

/* Each NULL when the receiver has none, or when it cannot be read. */
struct dmpd_receiver_secret {
	char *community;
	char *auth;
	char *priv;
	char trouble[DMP_TROUBLE_TEXT]; /* why one cannot be read, "" = fine */
};

/* Read the files that the receiver names.  *ret_secret is always fit for done(). */
void dmpd_receiver_secret_read(
    const struct dmp_board_receiver *plan, struct dmpd_receiver_secret *ret_secret);
void dmpd_receiver_secret_done(struct dmpd_receiver_secret *secret);

bool dmpd_receiver_secret_equal(
    const struct dmpd_receiver_secret *a, const struct dmpd_receiver_secret *b);

/* Overwrite in a way that is not optimised away. */
void dmpd_secret_wipe(void *secret, size_t size);

#endif
