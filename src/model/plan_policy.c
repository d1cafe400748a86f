/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/plan_internal.h"

#include <string.h>

static void
policy_merge_severities(
    struct dmp_severities *severity, const struct dmp_severities *from, unsigned set)
{
	if (set & 1U << DMP_POLICY_SEVERITY_DOWN)
		severity->down = from->down;
	if (set & 1U << DMP_POLICY_SEVERITY_DEGRADED)
		severity->degraded = from->degraded;
	if (set & 1U << DMP_POLICY_SEVERITY_EXPOSED)
		severity->exposed = from->exposed;
	if (set & 1U << DMP_POLICY_SEVERITY_CERTIFICATE)
		severity->certificate = from->certificate;
}

void
dmp_plan_policy_merge(
    struct dmp_policy *policy, const struct dmp_policy *from, unsigned set)
{
	if (set & 1U << DMP_POLICY_INTERVAL)
		policy->interval_ms = from->interval_ms;
	if (set & 1U << DMP_POLICY_FAST)
		policy->fast_ms = from->fast_ms;
	if (set & 1U << DMP_POLICY_SLOW)
		policy->slow_ms = from->slow_ms;
	if (set & 1U << DMP_POLICY_TIMEOUT)
		policy->timeout_ms = from->timeout_ms;
	if (set & 1U << DMP_POLICY_HEAVY)
		policy->heavy_ms = from->heavy_ms;
	if (set & 1U << DMP_POLICY_FALL)
		policy->fall = from->fall;
	if (set & 1U << DMP_POLICY_RISE)
		policy->rise = from->rise;
	if (set & 1U << DMP_POLICY_DEPTH)
		policy->depth = from->depth;
	if (set & 1U << DMP_POLICY_CLOSE)
		policy->close = from->close;
	if (set & 1U << DMP_POLICY_SLOW_ANSWER)
		policy->slow_answer_ms = from->slow_answer_ms;
	if (set & 1U << DMP_POLICY_FLAP)
		policy->flap = from->flap;
	if (set & 1U << DMP_POLICY_FLAP_WINDOW)
		policy->flap_window_ms = from->flap_window_ms;
	policy_merge_severities(&policy->severity, &from->severity, set);
}

/* How specific a policy element is, 0 (the whole site) to 7: a host beats any role, a
 * role any requirement, and two selectors beat the stronger one of them alone. */
static unsigned
policy_rank(const struct dmp_site_policy *p)
{
	return (p->host[0] != '\0' ? 4U : 0U) | (p->role != 0 ? 2U : 0U) |
	       (p->requirement[0] != '\0' ? 1U : 0U);
}

static bool
policy_matches(const struct dmp_site_policy *p, const struct dmp_site_host *host,
    const struct dmp_entry *entry)
{
	return (p->host[0] == '\0' || strcmp(p->host, host->name) == 0) &&
	       (p->role == 0 || (p->role & host->roles) != 0) &&
	       (p->requirement[0] == '\0' || strcmp(p->requirement, entry->key) == 0);
}

/* Weakest first; among equals the later element of the file wins. */
struct dmp_policy
dmp_plan_policy(const struct dmp_site *site, const struct dmp_site_host *host,
    const struct dmp_entry *entry)
{
	struct dmp_policy policy = dmp_policy_default();

	for (unsigned rank = 0; rank <= 7; rank++) {
		for (size_t i = 0; i < site->n_policies; i++) {
			const struct dmp_site_policy *p = &site->policies[i];

			if (policy_rank(p) == rank && policy_matches(p, host, entry))
				dmp_plan_policy_merge(&policy, &p->value, p->set);
		}
		/* The catalogue knows where looking deeper leaves traces in the logs of
		 * the service: no site-wide depth may overrule that. */
		if (rank == 0 && entry->depth == DMP_DEPTH_CONNECT)
			policy.depth = DMP_DEPTH_CONNECT;
	}
	return policy;
}
