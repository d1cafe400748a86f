/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * condition_topology.h - the rules of the catalogue that are written in C: who talks to
 * whom.  condition.h lists their names.  Used by condition*.c only.
 *
 * A source that is a host is judged by itself.  An observer stands for every host with
 * a role in facts->as: what one of them needs of the host, applies.
 */
#ifndef DMP_CONDITION_TOPOLOGY_H
#define DMP_CONDITION_TOPOLOGY_H

#include "model/condition.h"

/* The names, in the order of their positions; the end is NULL.  Static. */
const char *const *dmp_condition_topology_names(void);

/* Decide the rule at this position, with its own sentence. */
struct dmp_condition_result dmp_condition_topology(unsigned which,
    const struct dmp_condition_facts *facts, const struct dmp_condition_target *target);

/* The transport between Agents that the rule is about; UNSET = another rule. */
enum dmp_remoting dmp_condition_topology_transport(unsigned which);

/* ---- shared by the files of the rules ---- */

#define DMP_TOPOLOGY_SERVICES (DMP_ROLE_DXM | DMP_ROLE_CLOUD_GATEWAY)

/* One question. */
struct dmp_topology_case {
	const struct dmp_condition_facts *facts;
	const struct dmp_topology *t;
	const struct dmp_condition_target *target;
	const struct dmp_site_host *host; /* the target's */
};

/* An answer and its sentence. */
struct dmp_condition_result dmp_topology_answer(
    enum dmp_applies applies, const char *format, ...) DMP_PRINTF(2, 3);

/* Is there a host that the source is or, for an observer, stands for, other than the
 * checked one, with one of these roles? */
bool dmp_topology_source_has(const struct dmp_topology_case *k, unsigned roles);

/* Is the checked host an Agent, or the address of a pair of them? */
bool dmp_topology_is_agent(const struct dmp_topology_case *k);

struct dmp_condition_result dmp_topology_nats_used(const struct dmp_topology_case *k);
struct dmp_condition_result dmp_topology_nats_legacy(const struct dmp_topology_case *k);
struct dmp_condition_result dmp_topology_nats_broker(const struct dmp_topology_case *k);
struct dmp_condition_result dmp_topology_nats_remote(const struct dmp_topology_case *k);
struct dmp_condition_result dmp_topology_nats_route(const struct dmp_topology_case *k);
struct dmp_condition_result dmp_topology_nats_account(
    const struct dmp_topology_case *k);
struct dmp_condition_result dmp_topology_broker_remote(
    const struct dmp_topology_case *k);

#endif
