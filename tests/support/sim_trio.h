/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_trio.h - a site of three hosts with two required ports each, for sim.h. */
#ifndef DMP_TEST_SIM_TRIO_H
#define DMP_TEST_SIM_TRIO_H

#include "support/sim.h"
#include "support/sim_site.h"

#define TWO_PORTS SIM_SERVICE("a", "1001") SIM_SERVICE("b", "1002")
#define HOSTS                                                                          \
	SIM_HOST("h1", "10.0.0.1", TWO_PORTS)                                          \
	SIM_HOST("h2", "10.0.0.2", TWO_PORTS)                                          \
	SIM_HOST("h3", "10.0.0.3", TWO_PORTS)
#define SITE           SIM_POLICY HOSTS SIM_REQUIREMENTS
#define SITE_WITH(xml) SIM_POLICY HOSTS xml SIM_REQUIREMENTS

/* Everything answers from now on. */
void all_up(struct sim *sim);

/* Start with everything up and wait until all is confirmed, which is no news. */
void start_up(struct sim *sim, const char *site);

#endif
