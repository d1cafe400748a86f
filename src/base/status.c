/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/status.h"

#include <stddef.h>

static const char *const STATUS_TEXT[] = {
    [DMP_OK] = "ok",
    [DMP_ENOMEM] = "out of memory",
    [DMP_EINVAL] = "invalid",
    [DMP_ENOENT] = "not found",
    [DMP_EPERM] = "not permitted",
    [DMP_ETOOBIG] = "too big",
    [DMP_EIO] = "input/output error",
    [DMP_EBUSY] = "busy",
    [DMP_ECORRUPT] = "damaged",
};

const char *
dmp_status_text(enum dmp_status status)
{
	size_t i = (size_t)status;

	if (i >= sizeof STATUS_TEXT / sizeof STATUS_TEXT[0] || !STATUS_TEXT[i])
		return "unknown status";
	return STATUS_TEXT[i];
}
