/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_setup.c - a plan made ready: persistent indices for every key. */
#include <stdlib.h>

#include "engine/engine_internal.h"

static const char *
setup_port_key(const struct dmp_plan *plan, size_t i)
{
	return plan->ports[i].key;
}

static const char *
setup_host_key(const struct dmp_plan *plan, size_t i)
{
	return plan->hosts[i].name;
}

static const char *
setup_receiver_key(const struct dmp_plan *plan, size_t i)
{
	return plan->site->n_receivers > 0 ? plan->site->receivers[i].name : "agentx";
}

static enum dmp_status
setup_indices(struct dmp_eventlog *log, const struct dmp_plan *plan,
    enum dmp_index_kind kind, size_t n, uint32_t **ret_indices)
{
	static const char *(*const KEYS[])(const struct dmp_plan *, size_t) = {
	    [DMP_INDEX_PORT] = setup_port_key,
	    [DMP_INDEX_HOST] = setup_host_key,
	    [DMP_INDEX_RECEIVER] = setup_receiver_key,
	};
	const char **keys = calloc(n + 1, sizeof *keys);
	uint32_t *indices = calloc(n + 1, sizeof *indices);
	enum dmp_status status = DMP_ENOMEM;

	if (!keys || !indices)
		goto done;
	for (size_t i = 0; i < n; i++)
		keys[i] = KEYS[kind](plan, i);
	status = dmp_eventlog_indices(log, kind, keys, n, indices);
	if (status != DMP_OK)
		goto done;
	*ret_indices = indices;
	indices = NULL;
done:
	free(keys);
	free(indices);
	return status;
}

enum dmp_status
dmp_engine_prepare(struct dmp_eventlog *log, struct dmp_plan *plan,
    struct dmp_engine_setup **ret_setup)
{
	struct dmp_engine_setup *setup = calloc(1, sizeof *setup);
	size_t n_receivers = plan->site->n_receivers > 0 ? plan->site->n_receivers : 1;
	enum dmp_status status;

	if (!setup)
		return DMP_ENOMEM;
	status = setup_indices(
	    log, plan, DMP_INDEX_PORT, plan->n_ports, &setup->port_indices);
	if (status == DMP_OK)
		status = setup_indices(
		    log, plan, DMP_INDEX_HOST, plan->n_hosts, &setup->host_indices);
	if (status == DMP_OK)
		status = setup_indices(log, plan, DMP_INDEX_RECEIVER, n_receivers,
		    &setup->receiver_indices);
	if (status != DMP_OK) {
		dmp_engine_setup_free(setup);
		return status;
	}
	setup->plan = plan;
	*ret_setup = setup;
	return DMP_OK;
}

void
dmp_engine_setup_free(struct dmp_engine_setup *setup)
{
	if (!setup)
		return;
	dmp_plan_free(setup->plan);
	free(setup->port_indices);
	free(setup->host_indices);
	free(setup->receiver_indices);
	free(setup);
}
