/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * topology.h - how the hosts of a site stand to each other, worked out once per site.
 *
 * How it works: the hosts of the site are copied into one array (their strings are
 * borrowed), and after them comes a virtual host for each failover pair, which has the
 * pair's address and the role dma.  Agents have a rank in the order in which DataMiner
 * lists them for NATS; links are sorted, so that the one for two hosts is found by
 * bisection.  Pure; used by condition*.c, plan*.c and matrix.c only.
 */
#ifndef DMP_TOPOLOGY_H
#define DMP_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vocab.h"
#include "model/site.h"

#define DMP_TOPOLOGY_ROLES 11
#define DMP_LINK_ANY       "*" /* to= of a link: every host without a link of its own */

/* What began with which version; DataMiner's spelling is in topology.c. */
enum dmp_since {
	DMP_SINCE_GRPC = 0,      /* Agents can speak gRPC */
	DMP_SINCE_GRPC_DEFAULT,  /* and do unless told otherwise */
	DMP_SINCE_NATS,          /* there is NATS */
	DMP_SINCE_BROKER,        /* BrokerGateway can manage it */
	DMP_SINCE_BROKER_ALWAYS, /* and always does */
	DMP_SINCE_PAIR_ROUTES,   /* legacy NATS of two Agents is a cluster */
	DMP_SINCE_OWN_ACCOUNTS,  /* every NATS Account Server is a primary one */
	DMP_SINCE_CASSANDRA_TLS, /* TLS between Cassandra nodes */
	DMP_SINCES
};

struct dmp_topology {
	const struct dmp_site *site;
	struct dmp_site_host *hosts;
	size_t n_hosts; /* with the virtual ones, which come last; one more follows */
	size_t n_site_hosts; /* without */
	size_t
	    with_role[DMP_TOPOLOGY_ROLES]; /* site hosts that have the role of a bit */
	size_t unlisted; /* Agents that the site file leaves out: halves of pairs */
	size_t agents;   /* those, and the listed ones; no virtual hosts */
	size_t *nodes;   /* the listed Agents in NATS order: indices into hosts */
	size_t *rank;    /* the reverse; SIZE_MAX for others */
	const struct dmp_site_link **links; /* by from, to */
	size_t n_links;
	enum dmp_applies since[DMP_SINCES]; /* the installed version against each */
};

/* The site must outlive it.  DMP_ENOMEM. */
enum dmp_status dmp_topology_build(
    const struct dmp_site *site, struct dmp_topology **ret_topology) DMP_CHECK_RESULT;

/* NULL is allowed. */
void dmp_topology_free(struct dmp_topology *topology);

/* The condition behind it, as DataMiner's documentation writes it. */
const char *dmp_since_text(enum dmp_since since);

size_t dmp_topology_index(
    const struct dmp_topology *topology, const struct dmp_site_host *host);

/* Is it the virtual host of a failover pair? */
bool dmp_topology_is_virtual(
    const struct dmp_topology *topology, const struct dmp_site_host *host);

/* Do both belong to one failover pair, as members or as its virtual host? */
bool dmp_topology_same_pair(
    const struct dmp_site_host *a, const struct dmp_site_host *b);

/* A host of the cloud that the site file does not list, to ask about. */
const struct dmp_site_host *dmp_topology_missing(const struct dmp_topology *topology);

/* How many hosts of the site have this role. */
size_t dmp_topology_count(const struct dmp_topology *topology, enum dmp_role role);

/* The link from one host to another: its own, else the one to any; NULL = none. */
const struct dmp_site_link *dmp_topology_link(const struct dmp_topology *topology,
    const struct dmp_site_host *from, const struct dmp_site_host *to);

#endif
