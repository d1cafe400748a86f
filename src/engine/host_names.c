/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/host_names.h"

static void
names_add(struct dmp_host_names *names, const struct dmp_resolve_result *result)
{
	if (result->reason != DMP_REASON_NONE)
		names->reason = result->reason;
	names->stale |= result->stale;
	for (size_t i = 0; i < result->n_addresses; i++) {
		if (names->n_addresses < DMP_HOST_ADDRESSES)
			names->addresses[names->n_addresses++] = result->addresses[i];
	}
}

static void names_go_on(struct dmp_host_names *names);

static void
names_on_result(const struct dmp_resolve_result *result, void *arg)
{
	struct dmp_host_names *names = arg;

	names->lookup = NULL;
	names_add(names, result);
	names_go_on(names);
}

/* A name that cannot be asked for spoils none of the others. */
static void
names_go_on(struct dmp_host_names *names)
{
	static const enum dmp_resolve_family FAMILIES[] = {
	    [DMP_FAMILY_AUTO] = DMP_RESOLVE_ANY,
	    [DMP_FAMILY_4] = DMP_RESOLVE_4,
	    [DMP_FAMILY_6] = DMP_RESOLVE_6,
	    [DMP_FAMILY_EACH] = DMP_RESOLVE_ANY,
	};

	while (names->next < names->host->n_addresses) {
		struct dmp_resolve_result result;

		if (dmp_resolver_lookup(names->resolver,
		        names->host->addresses[names->next++], FAMILIES[names->family],
		        names_on_result, names, &result, &names->lookup) != DMP_OK)
			names->reason = DMP_REASON_LOCAL_ERROR;
		else if (names->lookup)
			return;
		else
			names_add(names, &result);
	}
	names->done(names->arg);
}

void
dmp_host_names_start(struct dmp_host_names *names)
{
	names->reason = DMP_REASON_DNS_NO_NAME;
	names_go_on(names);
}

void
dmp_host_names_stop(struct dmp_host_names *names)
{
	dmp_lookup_cancel(names->lookup);
	names->lookup = NULL;
}
