/* SPDX-License-Identifier: BSD-2-Clause */
/* array.h - arrays that grow. */
#ifndef DMP_ARRAY_H
#define DMP_ARRAY_H

#include <stddef.h>

#include "base/status.h"

/* Room for one more item behind the n that items (NULL = none yet) has: returns items,
 * or where they have moved to, with *capacity doubled.  NULL without memory: then items
 * and *capacity are as they were. */
void *dmp_array_grow(
    void *items, size_t n, size_t *capacity, size_t item_size) DMP_CHECK_RESULT;

#endif
