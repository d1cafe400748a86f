/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/policy.h"

struct dmp_policy
dmp_policy_default(void)
{
	return (struct dmp_policy){
	    .interval_ms = 30000,
	    .fast_ms = 2000,
	    .slow_ms = 60000,
	    .timeout_ms = 3200,
	    .heavy_ms = 3600000,
	    .fall = 3,
	    .rise = 2,
	    .depth = DMP_DEPTH_IDENTIFY,
	    .close = DMP_CLOSE_RST,
	    .flap = 6,
	    .flap_window_ms = 600000,
	};
}
