/* SPDX-License-Identifier: BSD-2-Clause */
/* listen_peers.h - who is expected at a port, who has come, and who has not.  Pure. */
#ifndef DMP_LISTEN_PEERS_H
#define DMP_LISTEN_PEERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/text.h"
#include "model/matrix.h"

#define DMP_LISTEN_SEEN 1024 /* addresses that are remembered for a port */

/* Zero-initialise to start; done() frees. */
struct dmp_listen_peers {
	unsigned roles;    /* of machines outside, whose addresses nobody knows */
	bool *is_expected; /* by host of the plan */
	struct dmp_address *seen;
	size_t n_seen;
	size_t capacity;
};

/* The source of this flow is expected.  DMP_ENOMEM. */
enum dmp_status dmp_listen_expect(struct dmp_listen_peers *peers,
    const struct dmp_plan *plan, const struct dmp_flow *flow) DMP_CHECK_RESULT;

/* Somebody has come; true when it is the first time, and will be remembered. */
bool dmp_listen_came(struct dmp_listen_peers *peers, const struct dmp_address *address);

/* Lists with blanks: the names of hosts and the roles of machines outside; addresses;
 * the hosts that were expected and did not come from any of their addresses. */
void dmp_listen_expected_text(const struct dmp_listen_peers *peers,
    const struct dmp_plan *plan, struct dmp_text *out);
void dmp_listen_seen_text(const struct dmp_listen_peers *peers, struct dmp_text *out);
void dmp_listen_missing_text(const struct dmp_listen_peers *peers,
    const struct dmp_plan *plan, struct dmp_text *out);

void dmp_listen_peers_done(struct dmp_listen_peers *peers);

#endif
