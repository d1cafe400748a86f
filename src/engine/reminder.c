/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/reminder.h"

int64_t
dmp_reminder_due_ms(
    uint32_t reminder_ms, int64_t last_ms, enum dmp_suppressed suppressed)
{
	bool silent = suppressed != 0 && suppressed != DMP_SUPPRESSED_NONE;

	return reminder_ms == 0 || silent ? DMP_REMINDER_NEVER : last_ms + reminder_ms;
}

bool
dmp_reminder_is_due(uint32_t reminder_ms, int64_t last_ms,
    enum dmp_suppressed suppressed, int64_t now_ms)
{
	return now_ms >= dmp_reminder_due_ms(reminder_ms, last_ms, suppressed);
}
