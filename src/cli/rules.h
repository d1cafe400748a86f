/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - the firewall rules of one host, made of the matrix.  Pure.
 *
 * One rule for each direction, port and requirement, with the peers that need it: hosts
 * of the site by their addresses, or anybody where the peers are not in the site file
 * (clients, devices).  What should be closed is a rule that does not allow; it is not
 * printed but audited.  Firewalls speak of addresses: of a host that has only a name,
 * the rules would silently miss, so that is an error.
 */
#ifndef DMP_RULES_H
#define DMP_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/text.h"
#include "model/matrix.h"

struct dmp_rule_peer {
	const char *name; /* of the host */
	char address[DMP_ADDRESS_TEXT];
};

struct dmp_rule {
	bool is_inbound;
	bool is_allowed; /* false: a port that should be closed */
	bool is_anybody; /* peers that the site file does not list need it, too */
	enum dmp_transport transport; /* NONE: ICMP echo */
	uint16_t port;
	enum dmp_level level;
	enum dmp_applies applies;
	const char *key;   /* of the requirement */
	const char *title; /* for people */
	char why[DMP_WHY_TEXT];
	struct dmp_rule_peer *peers; /* sorted by address text, each once */
	size_t n_peers;
	unsigned roles; /* of anybody */
};

/* Which rules are wanted. */
struct dmp_rules_wish {
	bool outbound; /* those of the other direction, too */
	bool optional; /* what is optional, too */
};

/* Ordered by direction (inbound first), transport, port, requirement. */
struct dmp_rules {
	const struct dmp_plan *plan; /* borrowed */
	size_t host;
	bool has_outbound;
	struct dmp_rule *rules;
	size_t n_rules;
};

/* Rules of the host with this index in the plan; what goes to the virtual address of
 * its failover pair is its own, too.  DMP_EINVAL with a line for each host without an
 * IP address; DMP_ENOMEM.  Zero-initialise; done() frees, after an error, too. */
enum dmp_status dmp_rules_build(const struct dmp_matrix *matrix, size_t host,
    const struct dmp_rules_wish *wish, struct dmp_rules *ret_rules,
    struct dmp_text *errors) DMP_CHECK_RESULT;
void dmp_rules_done(struct dmp_rules *rules);

/* What the host connects to although the site lists no host for it, so that no rule of
 * these lets it out: services in the cloud.  Start with *cursor 0; NULL after the last,
 * and always without outbound rules. */
const struct dmp_plan_requirement *dmp_rules_next_unlisted(
    const struct dmp_rules *rules, size_t *cursor);

/* A port beside those of DataMiner that nftables lets in, such as SSH. */
struct dmp_rule_extra {
	enum dmp_transport transport;
	uint16_t port;
};

/* A PowerShell script and a file for nft.  Both can be applied again. */
void dmp_rules_print_windows(const struct dmp_rules *rules, struct dmp_text *out);
void dmp_rules_print_nftables(const struct dmp_rules *rules,
    const struct dmp_rule_extra *extras, size_t n_extras, struct dmp_text *out);

#endif
