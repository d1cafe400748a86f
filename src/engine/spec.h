/* SPDX-License-Identifier: BSD-2-Clause */
/* spec.h - what a planned port asks of a probe: the one place where the words of the
 * plan become those of the probe.  Pure. */
#ifndef DMP_SPEC_H
#define DMP_SPEC_H

#include <stdbool.h>

#include "model/plan.h"
#include "probe/probe.h"
#include "probe/resolve.h"

/* Is it asked no more than whether it accepts connections? */
bool dmp_spec_is_connect(const struct dmp_plan_port *port);

/* Everything but the addresses.  Borrows the plan's strings. */
struct dmp_probe_spec dmp_spec_of(
    const struct dmp_plan *plan, const struct dmp_plan_port *port);

/* Add the addresses of an answer that fit the port's family, as many as a probe takes.
 */
void dmp_spec_add_addresses(struct dmp_probe_spec *spec,
    const struct dmp_plan_port *port, const struct dmp_address *addresses, size_t n);

#endif
