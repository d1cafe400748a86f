/* SPDX-License-Identifier: BSD-2-Clause */
/* host_names.h - from a host of the plan to addresses: its names and literals, looked
 * up one after the other; those at hand cost nothing. */
#ifndef DMP_HOST_NAMES_H
#define DMP_HOST_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/plan.h"
#include "probe/resolve.h"

enum { DMP_HOST_ADDRESSES = DMP_SITE_ADDRESSES * DMP_RESOLVE_ADDRESSES };

/* All names are known: see reason ... n_addresses.  May free the walk. */
typedef void dmp_host_names_fn(void *arg);

/* Embedded in its owner, who fills in what is to be done, starts and reads. */
struct dmp_host_names {
	struct dmp_resolver *resolver; /* borrowed, like the host */
	const struct dmp_plan_host *host;
	enum dmp_family family;
	dmp_host_names_fn *done;
	void *arg;
	struct dmp_lookup *lookup; /* private */
	size_t next;               /* private: the next name */
	enum dmp_reason reason;    /* why there are no (more) addresses */
	bool stale;                /* an answer is older than its TTL */
	size_t n_addresses;
	struct dmp_address addresses[DMP_HOST_ADDRESSES];
};

/* Calls done once, before it returns when everything is at hand. */
void dmp_host_names_start(struct dmp_host_names *names);

/* done will not be called.  Zeroed memory, started or over: all are allowed. */
void dmp_host_names_stop(struct dmp_host_names *names);

#endif
