/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

enum { ARRAY_FIRST = 16 };

void *
dmp_array_grow(void *items, size_t n, size_t *capacity, size_t item_size)
{
	size_t larger = *capacity > 0 ? 2 * *capacity : ARRAY_FIRST;
	void *moved;

	if (n < *capacity)
		return items;
	moved =
	    larger > SIZE_MAX / item_size ? NULL : realloc(items, larger * item_size);
	if (moved)
		*capacity = larger;
	return moved;
}
