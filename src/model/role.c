/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/role.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct role_word {
	unsigned role;
	const char *word;
};

#define ROLE_WORD(name, bit, word) {DMP_ROLE_##name, word},
static const struct role_word ROLE_WORDS[] = {DMP_ROLE_TABLE(ROLE_WORD)};

enum { ROLE_COUNT = sizeof ROLE_WORDS / sizeof ROLE_WORDS[0] };
_Static_assert(DMP_ROLE_ALL == (1 << ROLE_COUNT) - 1, "DMP_ROLE_ALL has every role");

bool
dmp_role_find(const char *word, unsigned *ret_role)
{
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (strcmp(ROLE_WORDS[i].word, word) == 0) {
			*ret_role = ROLE_WORDS[i].role;
			return true;
		}
	}
	return false;
}

void
dmp_roles_text(unsigned roles, char text[DMP_ROLES_TEXT])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ROLE_COUNT; i++) {
		if (!(roles & ROLE_WORDS[i].role))
			continue;
		dmp_text_format(text + used, DMP_ROLES_TEXT - used, "%s%s",
		    used > 0 ? " " : "", ROLE_WORDS[i].word);
		used += strlen(text + used);
	}
}
