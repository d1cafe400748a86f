/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/mib_root.h"

/* No enterprise number is assigned yet: netSnmpPlaypen 7741. */
static const uint32_t DEFAULT_ROOT[] = {1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7741};

size_t
dmpd_mib_root(const struct dmp_board_system *system, const uint32_t **ret_root)
{
	*ret_root = system->root_oid_len ? system->root_oid : DEFAULT_ROOT;
	return system->root_oid_len ? system->root_oid_len
	                            : sizeof DEFAULT_ROOT / sizeof *DEFAULT_ROOT;
}

void
dmpd_mib_set_root(const struct dmp_board_system *system, struct dmpd_adapter *adapter)
{
	const uint32_t *root;
	size_t n = dmpd_mib_root(system, &root);

	for (size_t i = 0; i < n; i++)
		adapter->mib[i] = root[i];
	adapter->mib[n] = 1;
	adapter->mib_len = n + 1;
}

bool
dmpd_mib_is_root(
    const struct dmp_board_system *system, const struct dmpd_adapter *adapter)
{
	const uint32_t *root;
	size_t n = dmpd_mib_root(system, &root);

	if (n + 1 != adapter->mib_len)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (adapter->mib[i] != root[i])
			return false;
	}
	return true;
}
