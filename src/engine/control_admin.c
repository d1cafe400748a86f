/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/control_admin.h"

#include <string.h>

#include "base/vocab.h"

static const char BLANKS[] = " \t\r";

/* The verbs that set a state. */
static const struct {
	const char *verb;
	enum dmp_admin state;
} VERBS[] = {
    {"maintenance", DMP_ADMIN_MAINTENANCE},
    {"disable", DMP_ADMIN_DISABLED},
    {"enable", DMP_ADMIN_ENABLED},
};

enum { N_VERBS = sizeof VERBS / sizeof VERBS[0] };

static size_t
admin_verb(const char *verb)
{
	size_t i = 0;

	while (i < N_VERBS && strcmp(VERBS[i].verb, verb) != 0)
		i++;
	return i;
}

bool
dmp_control_is_admin(const char *verb)
{
	return admin_verb(verb) < N_VERBS;
}

void
dmp_control_encode_admin(const struct dmp_admin_request *request, struct dmp_text *out)
{
	const struct dmp_admin_entry *entry = &request->entry;
	const char *scope = dmp_admin_scope_text(entry->scope);
	const char *name = entry->name[0] ? entry->name : "-";
	const char *verb = "maintenance";

	if (request->clears) {
		dmp_text_printf(out, "maintenance clear %s %s", scope, name);
		return;
	}
	for (size_t i = 0; i < N_VERBS; i++) {
		if (VERBS[i].state == entry->state)
			verb = VERBS[i].verb;
	}
	dmp_text_printf(out, "%s%s %s %s ", verb,
	    entry->state == DMP_ADMIN_MAINTENANCE ? " set" : "", scope, name);
	if (entry->until_ms > 0)
		dmp_text_printf(out, "%lld", (long long)entry->until_ms);
	else
		dmp_text_append(out, "-");
	if (entry->comment[0])
		dmp_text_printf(out, " %s", entry->comment);
}

/* Take the next word; false when there is none, or it is too long. */
static bool
admin_take_word(const char **words, char *word, size_t size)
{
	size_t n = strcspn(*words, BLANKS);

	if (n == 0 || n >= size)
		return false;
	memcpy(word, *words, n);
	word[n] = '\0';
	*words += n;
	*words += strspn(*words, BLANKS);
	return true;
}

static bool
admin_take_scope(const char **words, enum dmp_admin_scope *ret_scope)
{
	char word[16];

	if (!admin_take_word(words, word, sizeof word))
		return false;
	for (enum dmp_admin_scope s = DMP_ADMIN_SCOPE_SITE; s <= DMP_ADMIN_SCOPE_PORT;
	     s++) {
		if (strcmp(dmp_admin_scope_text(s), word) == 0) {
			*ret_scope = s;
			return true;
		}
	}
	return false;
}

static bool
admin_take_name(const char **words, struct dmp_admin_entry *entry)
{
	if (!admin_take_word(words, entry->name, sizeof entry->name))
		return false;
	if (entry->scope != DMP_ADMIN_SCOPE_SITE)
		return true;
	if (strcmp(entry->name, "-") != 0)
		return false;
	entry->name[0] = '\0';
	return true;
}

static bool
admin_take_until(const char **words, struct dmp_admin_entry *entry)
{
	char word[24];
	uint64_t until_ms;

	if (!admin_take_word(words, word, sizeof word))
		return false;
	if (strcmp(word, "-") == 0)
		return true;
	if (!dmp_text_number(word, 1, INT64_MAX, &until_ms))
		return false;
	entry->until_ms = (int64_t)until_ms;
	return true;
}

/* "set" or "clear", which only maintenance has. */
static bool
admin_take_action(
    const char **words, enum dmp_admin state, struct dmp_admin_request *request)
{
	char word[8];

	if (state != DMP_ADMIN_MAINTENANCE)
		return true;
	if (!admin_take_word(words, word, sizeof word))
		return false;
	request->clears = strcmp(word, "clear") == 0;
	return request->clears || strcmp(word, "set") == 0;
}

enum dmp_status
dmp_control_decode_admin(const char *verb, const char *words,
    struct dmp_admin_request *ret_request, struct dmp_text *error)
{
	struct dmp_admin_request request = {0};
	size_t which = admin_verb(verb);
	const char *expected = NULL;

	if (which == N_VERBS)
		expected = "maintenance, disable or enable";
	else if (!admin_take_action(&words, VERBS[which].state, &request))
		expected = "maintenance set or maintenance clear";
	else if (!admin_take_scope(&words, &request.entry.scope))
		expected = "site, group, host or port";
	else if (!admin_take_name(&words, &request.entry))
		expected = "a name (- for the site)";
	else if (!request.clears && !admin_take_until(&words, &request.entry))
		expected = "the end in milliseconds since 1970, or -";
	else if (request.clears && *words)
		expected = "nothing after the name";
	if (expected) {
		dmp_text_printf(error, "expected %s", expected);
		return DMP_EINVAL;
	}
	request.entry.state = VERBS[which].state;
	dmp_text_printable(
	    request.entry.comment, sizeof request.entry.comment, words, strlen(words));
	*ret_request = request;
	return DMP_OK;
}
