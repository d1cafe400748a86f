/* SPDX-License-Identifier: BSD-2-Clause */
/* plan_internal.h - what the plan_*.c files share while a plan is built. */
#ifndef DMP_PLAN_INTERNAL_H
#define DMP_PLAN_INTERNAL_H

#include "model/condition.h"
#include "model/plan.h"

/* plan_need.c: one requirement on one host, as one source needs it. */
struct dmp_plan_question {
	const struct dmp_condition_facts *facts; /* the source */
	const struct dmp_site_host *host;        /* of the topology */
	const struct dmp_entry *entry;
};

/* One port of the answer. */
struct dmp_plan_need {
	uint16_t number; /* 0 only without a transport */
	enum dmp_level level;
	enum dmp_applies applies;             /* YES or ASSUMED */
	const struct dmp_site_port *override; /* the port element, or NULL */
	char why[DMP_WHY_TEXT];
};

/* Zero-initialise; may be used for many questions. */
struct dmp_plan_needs {
	struct dmp_plan_need *need;
	size_t n;
	size_t capacity;
	bool concerned; /* false: the requirement has nothing to do with the host */
	char why_not[DMP_WHY_TEXT]; /* with n = 0: "does not apply: ..." */
};

enum dmp_status dmp_plan_ask(const struct dmp_plan_question *question,
    struct dmp_plan_needs *needs) DMP_CHECK_RESULT;
void dmp_plan_needs_done(struct dmp_plan_needs *needs);

/* A plan under construction. */
struct dmp_plan_build {
	struct dmp_plan *plan;
	const struct dmp_site *site;
	struct dmp_condition_facts facts; /* of the vantage */
	struct dmp_plan_needs needs;      /* of the requirement at hand */
	size_t ports_capacity;
	size_t absences_capacity;
	struct dmp_text *errors;
	size_t n_errors;
	enum dmp_status status; /* DMP_ENOMEM sticks */
};

/* Add "file:line: element: " and the formatted rest to the errors. */
void dmp_plan_error(struct dmp_plan_build *b, const struct dmp_site_place *place,
    const char *format, ...) DMP_PRINTF(3, 4);

/* plan_port.c: the ports, or the absence, of one requirement on one host. */
void dmp_plan_expand(struct dmp_plan_build *b, size_t host, size_t requirement);

/* plan_bound.c: what the condition of an entry said, and only if the requirement exists
 * in the installed versions.  A port that should be closed should be so in all of them.
 */
struct dmp_condition_result dmp_plan_bound(const struct dmp_entry *entry,
    const struct dmp_installed *installed, struct dmp_condition_result said);

/* plan_policy.c: the values for one requirement on one host, without what a port
 * element sets. */
struct dmp_policy dmp_plan_policy(const struct dmp_site *site,
    const struct dmp_site_host *host, const struct dmp_entry *entry);

/* Copy those fields of from whose bit is in set. */
void dmp_plan_policy_merge(
    struct dmp_policy *policy, const struct dmp_policy *from, unsigned set);

/* plan_check.c: what a site file says about requirements that do not exist, or twice.
 */
void dmp_plan_check_names(
    struct dmp_plan_build *b, const struct dmp_catalogue *catalogue);
void dmp_plan_check_keys(struct dmp_plan_build *b);

#endif
