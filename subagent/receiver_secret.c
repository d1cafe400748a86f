/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/receiver_secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

void
dmpd_secret_wipe(void *secret, size_t size)
{
	volatile unsigned char *byte = secret;

	while (size-- > 0)
		*byte++ = 0;
}

/* The first trouble is the one that is told. */
static void
secret_read(const char *path, char **ret, struct dmpd_receiver_secret *secret)
{
	enum dmp_status status;

	if (!path[0])
		return;
	status = dmp_file_read_secret(path, ret);
	if (status != DMP_OK && !secret->trouble[0])
		dmp_text_format(secret->trouble, sizeof secret->trouble, "%.80s: %s",
		    path,
		    status == DMP_EPERM ? "unreadable, or others than its owner may "
		                          "touch it"
		                        : dmp_status_text(status));
}

void
dmpd_receiver_secret_read(
    const struct dmp_board_receiver *plan, struct dmpd_receiver_secret *ret_secret)
{
	memset(ret_secret, 0, sizeof *ret_secret);
	secret_read(plan->community_file, &ret_secret->community, ret_secret);
	secret_read(plan->auth_file, &ret_secret->auth, ret_secret);
	secret_read(plan->priv_file, &ret_secret->priv, ret_secret);
}

static void
secret_free(char *secret)
{
	if (secret)
		dmpd_secret_wipe(secret, strlen(secret));
	free(secret);
}

void
dmpd_receiver_secret_done(struct dmpd_receiver_secret *secret)
{
	secret_free(secret->community);
	secret_free(secret->auth);
	secret_free(secret->priv);
	memset(secret, 0, sizeof *secret);
}

static bool
secret_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool
dmpd_receiver_secret_equal(
    const struct dmpd_receiver_secret *a, const struct dmpd_receiver_secret *b)
{
	return secret_equal(a->community, b->community) &&
	       secret_equal(a->auth, b->auth) && secret_equal(a->priv, b->priv) &&
	       strcmp(a->trouble, b->trouble) == 0;
}
