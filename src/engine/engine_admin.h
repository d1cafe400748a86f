/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_admin.h - the changes of the admin state at run time within the engine, and
 * where they meet the ports.  Only the engine's own files include it.
 */
#ifndef DMP_ENGINE_ADMIN_H
#define DMP_ENGINE_ADMIN_H

#include "engine/engine.h"

/* Take out what has ended by itself, with a line of history for each; call it at every
 * tick.  Calls engine_admin_changed() when something has ended. */
void engine_expire_admins(struct dmp_engine *engine);

/* The set has changed: judge every port and host again, with what the site file says
 * (dmp_admin_effective()).  A port that is not judged any more is cleared at once; one
 * that is judged again announces the difference; a disabled one is not checked. */
void engine_admin_changed(struct dmp_engine *engine);

/* Fill groups with the group of this name and those around it, the nearest first, at
 * most max; returns how many. */
size_t engine_group_chain(
    const struct dmp_site *site, const char *group, const char **groups, size_t max);

#endif
