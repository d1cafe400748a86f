/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/sim_trio.h"

void
all_up(struct sim *sim)
{
	static const char *const ADDRESSES[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};

	for (size_t i = 0; i < 3; i++) {
		sim_port(sim, ADDRESSES[i], 1001, SIM_UP);
		sim_port(sim, ADDRESSES[i], 1002, SIM_UP);
	}
}

void
start_up(struct sim *sim, const char *site)
{
	all_up(sim);
	sim_site(sim, site);
	sim_start(sim);
	sim_run(sim, 2 * SIM_MINUTE);
	sim_expect(sim, "");
}
