/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the answer to the handshake of a search node, in both forms, whole and
 * cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/search_wire.h"

#define UNTOUCHED 4711u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(enum dmp_search_form form, const uint8_t *data, size_t size)
{
	char name[DMP_SEARCH_NAME_TEXT];
	uint32_t id = UNTOUCHED;
	enum dmp_search_reply reply = dmp_search_parse(form, data, size, &id);

	if (reply == DMP_SEARCH_VERSION) {
		dmp_search_name(id, name);
		assert(memchr(name, '\0', sizeof name) && name[0] != '\0');
	} else {
		assert(id == UNTOUCHED);
	}
	/* What begins an answer never turns into garbage by being cut. */
	if (reply != DMP_SEARCH_GARBAGE)
		assert(
		    dmp_search_parse(form, data, size / 2, &id) != DMP_SEARCH_GARBAGE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(DMP_SEARCH_FORM_6_8, data, size);
	check(DMP_SEARCH_FORM_7_10, data, size);
	return 0;
}
