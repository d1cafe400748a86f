/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition.h - does a requirement apply to a host: yes, no, or assumed?
 *
 * A condition is a tree of catalogue.xml, evaluated in Kleene's three-valued logic with
 * "assumed" as the third value: what is not known stays needed.  Used by catalogue.c
 * and plan_*.c only.
 *
 * The names for topology is=:
 *   inter-dma           the source is another Agent
 *   inter-dma-remoting  ... and reaches this one by .NET Remoting
 *   inter-dma-grpc      ... and reaches this one by gRPC
 *   failover-pair       source and host are the members of one failover pair
 *   nats-used           the system has NATS
 *   nats-legacy         ... which DataMiner manages itself
 *   nats-broker         ... which BrokerGateway manages
 *   nats-remote         the source uses the NATS server of this host
 *   nats-route          the NATS server of the source connects to that of this host
 *   nats-account        the source asks the NATS Account Server of this host
 *   broker-remote       the source asks the BrokerGateway of this host
 *   cassandra-remote    the source uses this Cassandra node
 *   cassandra-node      the source is another node of the same Cassandra ring
 *   cloud-remote        the source uses this CloudGateway
 */
#ifndef DMP_CONDITION_H
#define DMP_CONDITION_H

#include "base/status.h"
#include "base/vocab.h"
#include "model/catalogue.h"
#include "model/site.h"
#include "model/version.h"
#include "model/xml.h"

#define DMP_CONDITION_ROLES 11
#define DMP_CONDITION_WHY   212 /* fits DMP_WHY_TEXT with what a plan adds */

/* What a condition is decided by.  Borrows everything. */
struct dmp_condition_facts {
	const struct dmp_site *site;
	unsigned as; /* roles that the vantage stands for */
	size_t
	    hosts[DMP_CONDITION_ROLES]; /* how many hosts have the role of that bit */
	size_t agents;                  /* hosts[dma], and at least 2 with failover */
	struct dmp_installed installed; /* the site's versions */
};

struct dmp_condition_result {
	enum dmp_applies applies;
	char why[DMP_CONDITION_WHY]; /* "" when no node had a sentence for it */
};

/* Count once per site what conditions ask for. */
struct dmp_condition_facts dmp_condition_facts(
    const struct dmp_site *site, unsigned as);

/* Read the tree whose top is element.  NULL after an error, which the report tells;
 * sentences are borrowed from the element. */
struct dmp_condition *dmp_condition_parse(
    struct dmp_xml_element *element, struct dmp_xml_report *report);

void dmp_condition_free(struct dmp_condition *condition);

/* Decide for one host of the site and the requirement of this key. */
struct dmp_condition_result dmp_condition_decide(const struct dmp_condition *condition,
    const struct dmp_condition_facts *facts, const struct dmp_site_host *host,
    const char *requirement);

#endif
