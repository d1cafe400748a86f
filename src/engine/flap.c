/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/flap.h"

#include <string.h>

/* The number of the slot that now_ms is in. */
static uint32_t
flap_slot(const struct dmp_flap_policy *policy, int64_t now_ms)
{
	int64_t length_ms = policy->window_ms / DMP_FLAP_SLOTS;

	return (uint32_t)(now_ms / (length_ms > 0 ? length_ms : 1));
}

/* Forget what has left the window.  A number that runs back comes from another window
 * length: what was counted then cannot be placed any more. */
static void
flap_advance(struct dmp_flap *flap, uint32_t slot)
{
	if (slot < flap->slot || slot - flap->slot >= DMP_FLAP_SLOTS) {
		memset(flap->counts, 0, sizeof flap->counts);
		if (slot < flap->slot)
			flap->raised_slot = slot;
		flap->slot = slot;
		return;
	}
	while (flap->slot < slot)
		flap->counts[++flap->slot % DMP_FLAP_SLOTS] = 0;
}

static unsigned
flap_count(const struct dmp_flap *flap)
{
	unsigned n = 0;

	for (size_t i = 0; i < DMP_FLAP_SLOTS; i++)
		n += flap->counts[i];
	return n;
}

enum dmp_flap_change
dmp_flap_feed(
    struct dmp_flap *flap, const struct dmp_flap_policy *policy, int64_t now_ms)
{
	uint8_t *count;

	if (policy->count == 0)
		return dmp_flap_tick(flap, policy, now_ms);
	flap_advance(flap, flap_slot(policy, now_ms));
	count = &flap->counts[flap->slot % DMP_FLAP_SLOTS];
	if (*count < UINT8_MAX)
		(*count)++;
	if (flap->raised || flap_count(flap) < policy->count)
		return DMP_FLAP_SAME;
	flap->raised = true;
	flap->raised_slot = flap->slot;
	return DMP_FLAP_RAISED;
}

enum dmp_flap_change
dmp_flap_tick(
    struct dmp_flap *flap, const struct dmp_flap_policy *policy, int64_t now_ms)
{
	if (!flap->raised)
		return DMP_FLAP_SAME;
	if (policy->count > 0) {
		flap_advance(flap, flap_slot(policy, now_ms));
		if (flap->slot - flap->raised_slot <= DMP_FLAP_SLOTS ||
		    2 * flap_count(flap) >= policy->count)
			return DMP_FLAP_SAME;
	}
	*flap = (struct dmp_flap){.slot = flap->slot};
	return DMP_FLAP_CLEARED;
}

void
dmp_flap_resume(
    struct dmp_flap *flap, const struct dmp_flap_policy *policy, int64_t now_ms)
{
	uint32_t slot = flap_slot(policy, now_ms);

	*flap = (struct dmp_flap){.slot = slot, .raised_slot = slot, .raised = true};
}
