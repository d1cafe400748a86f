/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * matrix.h - who needs which port of whom: the plan of every source side by side.
 *
 * plan.h answers for one vantage.  Here every host of the site is a source in turn,
 * with its own roles, and so are machines that the site file does not list: clients,
 * browsers, devices and SNMP managers, of which no site file lists all
 * (DMP_FLOW_OUTSIDE stands for them while the site has no host of that role).  What
 * any machine may use, or none should (a requirement without a from), comes once, from
 * outside.  The address of a failover pair is a destination, never a source, and not
 * for the pair's own members.  Pure. The firewall rules, "dmports listen" and "dmports
 * plan --all" are made of this.
 */
#ifndef DMP_MATRIX_H
#define DMP_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vocab.h"
#include "model/plan.h"

#define DMP_FLOW_OUTSIDE SIZE_MAX

/* Flows at most: they grow with the square of the hosts, 400 Agents have so many. */
#define DMP_FLOWS_MAX 4000000

/* One source needs (or does not need, or must not reach) one port of one host. */
struct dmp_flow {
	size_t from;         /* index into hosts; DMP_FLOW_OUTSIDE */
	unsigned from_roles; /* those roles of the source that need it (with applies NO:
	                      * that could); 0 = whoever */
	size_t to;           /* index into hosts */
	size_t requirement;  /* index into requirements */
	uint16_t number;     /* 0 with transport NONE (ICMP), or not known (NO) */
	enum dmp_transport transport;
	enum dmp_level level;
	enum dmp_applies applies;
	char why[DMP_WHY_TEXT]; /* as in the plan: "required: ...", "does not apply:" */
};

/* Ordered by from (outside last), to, requirement number, port number. */
struct dmp_matrix {
	const struct dmp_plan *plan; /* borrowed: hosts, requirements, site */
	struct dmp_flow *flows;
	size_t n_flows;
};

/* Everything for plan's site and catalogue; the plan must outlive it.  Flows with
 * applies NO are those requirements that some role of the source could need of the host
 * but that do not apply.  A host is no source for itself.  DMP_ENOMEM; DMP_ETOOBIG over
 * DMP_FLOWS_MAX. */
enum dmp_status dmp_matrix_build(
    const struct dmp_plan *plan, struct dmp_matrix **ret_matrix) DMP_CHECK_RESULT;

/* Of these only the flows from or to one host, and those to the address of its failover
 * pair: they grow with the hosts, and not with their square. */
enum dmp_status dmp_matrix_build_host(const struct dmp_plan *plan, size_t host,
    struct dmp_matrix **ret_matrix) DMP_CHECK_RESULT;

/* NULL is allowed. */
void dmp_matrix_free(struct dmp_matrix *matrix);

#endif
