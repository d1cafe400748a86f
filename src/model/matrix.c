/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/plan_internal.h"

/* Of these no site file lists all. */
enum {
	OUTSIDE_ROLES =
	    DMP_ROLE_CLIENT | DMP_ROLE_BROWSER | DMP_ROLE_DEVICE | DMP_ROLE_NMS
};

/* A matrix under construction. */
struct matrix_build {
	struct dmp_matrix *matrix;
	size_t capacity;
	size_t only; /* the host that flows touch; SIZE_MAX = any */
	struct dmp_condition_facts facts; /* of the source at hand */
	size_t from;
	struct dmp_plan_needs needs;
	struct dmp_plan_needs role_needs; /* scratch */
	enum dmp_status status;           /* sticks */
};

static struct dmp_flow *
matrix_add(struct matrix_build *b)
{
	struct dmp_matrix *m = b->matrix;
	struct dmp_flow *flows;

	if (m->n_flows == DMP_FLOWS_MAX) {
		b->status = DMP_ETOOBIG;
		return NULL;
	}
	flows = dmp_array_grow(m->flows, m->n_flows, &b->capacity, sizeof *flows);
	if (!flows) {
		b->status = DMP_ENOMEM;
		return NULL;
	}
	m->flows = flows;
	return &m->flows[m->n_flows++];
}

static int
compare_needs(const void *a, const void *b)
{
	const struct dmp_plan_need *x = a;
	const struct dmp_plan_need *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static bool
matrix_needs_number(const struct dmp_plan_needs *needs, uint16_t number)
{
	for (size_t i = 0; i < needs->n; i++) {
		if (needs->need[i].number == number)
			return true;
	}
	return false;
}

/* Which of its roles the source needs this number for: each is asked alone. */
static unsigned
matrix_roles(
    struct matrix_build *b, const struct dmp_plan_question *question, uint16_t number)
{
	unsigned all = question->entry->from & b->facts.as;
	unsigned roles = 0;

	if ((all & (all - 1)) == 0)
		return all;
	for (unsigned role = 1; role <= all; role <<= 1) {
		struct dmp_condition_facts facts = b->facts;
		const struct dmp_plan_question alone = {
		    .facts = &facts, .host = question->host, .entry = question->entry};

		if (!(all & role) || b->status != DMP_OK)
			continue;
		facts.as = role;
		b->status = dmp_plan_ask(&alone, &b->role_needs);
		if (matrix_needs_number(&b->role_needs, number))
			roles |= role;
	}
	return roles != 0 ? roles : all;
}

/* The flows of one answer.  Without needs there is one that tells why not. */
static void
matrix_flows(struct matrix_build *b, const struct dmp_plan_question *question,
    size_t to, size_t requirement)
{
	const struct dmp_entry *entry = question->entry;
	struct dmp_plan_needs *needs = &b->needs;

	if (needs->n > 1)
		qsort(needs->need, needs->n, sizeof *needs->need, compare_needs);
	for (size_t i = 0; i < needs->n || i == 0; i++) {
		const struct dmp_plan_need *need =
		    i < needs->n ? &needs->need[i] : NULL;
		struct dmp_flow *flow = matrix_add(b);

		if (!flow)
			return;
		*flow = (struct dmp_flow){
		    .from = b->from,
		    .from_roles = need ? matrix_roles(b, question, need->number)
		                       : entry->from & b->facts.as,
		    .to = to,
		    .requirement = requirement,
		    .number = need ? need->number : entry->port,
		    .transport = entry->transport,
		    .level = need ? need->level : entry->level,
		    .applies = need ? need->applies : DMP_APPLIES_NO,
		};
		dmp_text_copy(
		    flow->why, sizeof flow->why, need ? need->why : needs->why_not);
	}
}

/* What is open to any machine is said once, for machines outside. */
static bool
matrix_is_source(const struct matrix_build *b, const struct dmp_entry *entry)
{
	if (entry->from == 0)
		return b->from == DMP_FLOW_OUTSIDE;
	return (entry->from & b->facts.as) != 0;
}

/* Is a flow to this host wanted? */
static bool
matrix_is_wanted(const struct matrix_build *b, size_t to)
{
	const struct dmp_plan *plan = b->matrix->plan;
	const struct dmp_site_host *hosts = plan->topology->hosts;

	return b->only == SIZE_MAX || b->from == b->only || to == b->only ||
	       (plan->hosts[to].is_virtual &&
	           dmp_topology_same_pair(&hosts[b->only], &hosts[to]));
}

static void
matrix_source(struct matrix_build *b)
{
	const struct dmp_plan *plan = b->matrix->plan;

	for (size_t to = 0; to < plan->n_hosts; to++) {
		const struct dmp_site_host *host = &plan->topology->hosts[to];

		if (!matrix_is_wanted(b, to))
			continue;

		/* The address of a pair is its members' own. */
		if (b->facts.source &&
		    (b->facts.source == host ||
		        (plan->hosts[to].is_virtual &&
		            dmp_topology_same_pair(b->facts.source, host))))
			continue;
		for (size_t i = 0; b->status == DMP_OK && i < plan->n_requirements;
		     i++) {
			const struct dmp_plan_question question = {.facts = &b->facts,
			    .host = host,
			    .entry = &plan->entries[i]};

			if (!matrix_is_source(b, question.entry))
				continue;
			b->status = dmp_plan_ask(&question, &b->needs);
			if (b->status == DMP_OK && b->needs.concerned)
				matrix_flows(b, &question, to, i);
		}
	}
}

static void
matrix_sources(struct matrix_build *b)
{
	const struct dmp_topology *topology = b->matrix->plan->topology;
	unsigned listed = 0;

	b->facts.topology = topology;
	for (size_t i = 0; i < topology->n_site_hosts; i++) {
		b->from = i;
		b->facts.source = &topology->hosts[i];
		b->facts.as = topology->hosts[i].roles;
		listed |= topology->hosts[i].roles;
		matrix_source(b);
	}
	b->from = DMP_FLOW_OUTSIDE;
	b->facts.source = NULL;
	b->facts.as = OUTSIDE_ROLES & ~listed;
	matrix_source(b);
}

enum dmp_status
dmp_matrix_build_host(
    const struct dmp_plan *plan, size_t host, struct dmp_matrix **ret_matrix)
{
	struct matrix_build b = {.status = DMP_OK, .only = host};

	b.matrix = calloc(1, sizeof *b.matrix);
	if (!b.matrix)
		return DMP_ENOMEM;
	b.matrix->plan = plan;
	matrix_sources(&b);
	dmp_plan_needs_done(&b.needs);
	dmp_plan_needs_done(&b.role_needs);
	if (b.status != DMP_OK) {
		dmp_matrix_free(b.matrix);
		return b.status;
	}
	*ret_matrix = b.matrix;
	return DMP_OK;
}

enum dmp_status
dmp_matrix_build(const struct dmp_plan *plan, struct dmp_matrix **ret_matrix)
{
	return dmp_matrix_build_host(plan, SIZE_MAX, ret_matrix);
}

void
dmp_matrix_free(struct dmp_matrix *matrix)
{
	if (!matrix)
		return;
	free(matrix->flows);
	free(matrix);
}
