/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition.h - does a requirement apply to a host: yes, no, or assumed?
 *
 * A condition is a tree of catalogue.xml, evaluated in Kleene's three-valued logic with
 * "assumed" as the third value: what is not known stays needed.  Used by catalogue.c
 * and plan_*.c only.
 *
 * The names for topology is=, which have sentences of their own; yes=, no= and assumed=
 * serve where a rule has none (inter-dma, cassandra-node: yes):
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
 *   elsewhere           the host is not reached over loopback
 *   before-grpc         the version is certainly older than gRPC
 *   before-cassandra-tls  ... than TLS between Cassandra nodes
 *   trap-port           SNMP traps come to the port by a port element of snmp-trap
 *   services-name       the host has an address under dataminer.services
 *   offload-server      the source is the SQL Server to which Agents offload
 */
#ifndef DMP_CONDITION_H
#define DMP_CONDITION_H

#include "base/status.h"
#include "base/vocab.h"
#include "model/catalogue.h"
#include "model/site.h"
#include "model/topology.h"
#include "model/xml.h"

#define DMP_CONDITION_WHY 212 /* fits DMP_WHY_TEXT with what a plan adds */

/* Who asks: one host, or an observer that stands for all hosts with a role in as. */
struct dmp_condition_facts {
	const struct dmp_topology *topology;
	unsigned as;                        /* the source's roles */
	const struct dmp_site_host *source; /* of the topology; NULL = an observer */
};

/* What is asked about. */
struct dmp_condition_target {
	const struct dmp_site_host *host; /* of the topology */
	const char *requirement;          /* its key */
	uint16_t port;                    /* its number where no port element has one */
};

struct dmp_condition_result {
	enum dmp_applies applies;
	char why[DMP_CONDITION_WHY]; /* "" when no node had a sentence for it */
};

/* Read the tree whose top is element.  NULL after an error, which the report tells;
 * sentences are borrowed from the element. */
struct dmp_condition *dmp_condition_parse(
    struct dmp_xml_element *element, struct dmp_xml_report *report);

void dmp_condition_free(struct dmp_condition *condition);

struct dmp_condition_result dmp_condition_decide(const struct dmp_condition *condition,
    const struct dmp_condition_facts *facts, const struct dmp_condition_target *target);

/* Is this a number that the target's host has for the requirement, by a port element or
 * by default?  0 is the default.  Links with another number need a port of their own.
 */
bool dmp_condition_own_number(
    const struct dmp_condition_target *target, uint16_t number);

/* The transport between Agents that the condition asks about, so that links can say
 * port numbers for it; UNSET = none. */
enum dmp_remoting dmp_condition_transport(const struct dmp_condition *condition);

/* The links by which the source, or one that the observer stands for, reaches the
 * target by this transport on a number that the host has not anyway.  Start with
 * *cursor 0; NULL after the last.  A number may come several times. */
const struct dmp_site_link *dmp_condition_next_link(
    const struct dmp_condition_facts *facts, const struct dmp_condition_target *target,
    enum dmp_remoting transport, size_t *cursor);

#endif
