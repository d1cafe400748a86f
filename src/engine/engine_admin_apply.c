/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/engine_admin.h"
#include "engine/engine_internal.h"

void
engine_admin_changed(struct dmp_engine *engine)
{
	(void)engine;
}
