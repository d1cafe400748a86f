/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/listen_peers.h"

#include <stdlib.h>

#include "base/array.h"

enum dmp_status
dmp_listen_expect(struct dmp_listen_peers *peers, const struct dmp_plan *plan,
    const struct dmp_flow *flow)
{
	if (flow->from == DMP_FLOW_OUTSIDE) {
		peers->roles |= flow->from_roles;
		return DMP_OK;
	}
	if (!peers->is_expected)
		peers->is_expected = calloc(plan->n_hosts, sizeof *peers->is_expected);
	if (!peers->is_expected)
		return DMP_ENOMEM;
	peers->is_expected[flow->from] = true;
	return DMP_OK;
}

static bool
peers_have_seen(const struct dmp_listen_peers *peers, const struct dmp_address *address)
{
	for (size_t i = 0; i < peers->n_seen; i++) {
		if (dmp_address_equal(&peers->seen[i], address))
			return true;
	}
	return false;
}

bool
dmp_listen_came(struct dmp_listen_peers *peers, const struct dmp_address *address)
{
	struct dmp_address *seen;

	if (peers_have_seen(peers, address) || peers->n_seen == DMP_LISTEN_SEEN)
		return false;
	seen =
	    dmp_array_grow(peers->seen, peers->n_seen, &peers->capacity, sizeof *seen);
	if (!seen)
		return false;
	peers->seen = seen;
	peers->seen[peers->n_seen++] = *address;
	return true;
}

static void
peers_add_word(struct dmp_text *out, const char *word)
{
	dmp_text_printf(out, "%s%s", out->size > 0 ? " " : "", word);
}

void
dmp_listen_expected_text(const struct dmp_listen_peers *peers,
    const struct dmp_plan *plan, struct dmp_text *out)
{
	char roles[DMP_ROLES_TEXT];

	for (size_t i = 0; peers->is_expected && i < plan->n_hosts; i++) {
		if (peers->is_expected[i])
			peers_add_word(out, plan->hosts[i].name);
	}
	dmp_roles_text(peers->roles, roles);
	if (roles[0])
		peers_add_word(out, roles);
}

void
dmp_listen_seen_text(const struct dmp_listen_peers *peers, struct dmp_text *out)
{
	char text[DMP_ADDRESS_TEXT];

	for (size_t i = 0; i < peers->n_seen; i++) {
		dmp_address_text(&peers->seen[i], text);
		peers_add_word(out, text);
	}
}

/* Of a host that has only a name nobody can tell whether it was there, nor of any when
 * more came than are kept. */
static bool
peers_miss(const struct dmp_listen_peers *peers, const struct dmp_plan_host *host)
{
	struct dmp_address address;
	bool is_known = false;

	if (peers->n_seen == DMP_LISTEN_SEEN)
		return false;
	for (size_t i = 0; i < host->n_addresses; i++) {
		if (!dmp_address_parse(host->addresses[i], &address))
			continue;
		if (peers_have_seen(peers, &address))
			return false;
		is_known = true;
	}
	return is_known;
}

void
dmp_listen_missing_text(const struct dmp_listen_peers *peers,
    const struct dmp_plan *plan, struct dmp_text *out)
{
	for (size_t i = 0; peers->is_expected && i < plan->n_hosts; i++) {
		if (peers->is_expected[i] && peers_miss(peers, &plan->hosts[i]))
			peers_add_word(out, plan->hosts[i].name);
	}
}

void
dmp_listen_peers_done(struct dmp_listen_peers *peers)
{
	free(peers->is_expected);
	free(peers->seen);
	*peers = (struct dmp_listen_peers){0};
}
