/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.h - which issuers of certificates are trusted: read once, for all probes that
 * are told of it (probe.h).
 *
 * The system's store and each CA file are read when the first probe needs them, and
 * again when the file (or the folder of the store) has changed: this is looked at
 * before every use.
 */
#ifndef DMP_TRUST_H
#define DMP_TRUST_H

#include "base/status.h"

struct dmp_trust;
struct ssl_ctx_st;

enum dmp_status dmp_trust_new(struct dmp_trust **ret_trust) DMP_CHECK_RESULT;

/* Connections that are open keep what they use.  NULL is allowed. */
void dmp_trust_free(struct dmp_trust *trust);

/* Inside the probe library: the context that trusts ca_file, or the system's store when
 * that is "".  Borrowed until the next call.  DMP_ENOENT when the file cannot be used.
 */
enum dmp_status dmp_trust_context(struct dmp_trust *trust, const char *ca_file,
    struct ssl_ctx_st **ret_context) DMP_CHECK_RESULT;

#endif
