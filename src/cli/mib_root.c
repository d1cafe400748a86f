/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/mib_root.h"

#include <string.h>

/*
 * How it works: the only OID in the module is the value of its MODULE-IDENTITY.  It is
 * written again with a name for every sub-identifier, since tools warn about nodes
 * without one.  A root below enterprises starts from that name; any other starts from
 * one of the three names that need no import, and then the import of enterprises has to
 * go, too: unused imports are complained about.
 */

static const uint32_t mib_enterprises[] = {1, 3, 6, 1, 4, 1};

enum { MIB_ENTERPRISES = sizeof(mib_enterprises) / sizeof(mib_enterprises[0]) };

/* The names that others have given to sub-identifiers (RFC 2578, Net-SNMP): a module
 * that calls the same node otherwise would only confuse. */
static const struct {
	size_t len;
	uint32_t oid[9];
	const char *name;
} mib_names[] = {
    {2, {1, 3}, "org"},
    {3, {1, 3, 6}, "dod"},
    {4, {1, 3, 6, 1}, "internet"},
    {5, {1, 3, 6, 1, 2}, "mgmt"},
    {6, {1, 3, 6, 1, 2, 1}, "mib-2"},
    {5, {1, 3, 6, 1, 3}, "experimental"},
    {5, {1, 3, 6, 1, 4}, "private"},
    {5, {1, 3, 6, 1, 5}, "security"},
    {5, {1, 3, 6, 1, 6}, "snmpV2"},
    {7, {1, 3, 6, 1, 4, 1, 8072}, "netSnmp"},
    {8, {1, 3, 6, 1, 4, 1, 8072, 9999}, "netSnmpExperimental"},
    {9, {1, 3, 6, 1, 4, 1, 8072, 9999, 9999}, "netSnmpPlaypen"},
};

bool
dmp_mib_oid_parse(const char *text, uint32_t ret_oid[DMP_ROOT_OID_MAX], size_t *ret_len)
{
	uint32_t oid[DMP_ROOT_OID_MAX];
	size_t len = 0;

	text += *text == '.';
	for (;;) {
		size_t n = strcspn(text, ".");
		uint64_t max = UINT32_MAX;
		uint64_t value;
		char number[12];

		if (len == DMP_ROOT_OID_MAX || n >= sizeof(number))
			return false;
		if (len == 0)
			max = 2;
		else if (len == 1 && oid[0] < 2)
			max = 39;
		dmp_text_copy(number, n + 1, text);
		if (!dmp_text_number(number, len == 0 ? 0 : 1, max, &value))
			return false;
		oid[len++] = (uint32_t)value;
		text += n;
		if (!*text)
			break;
		text++;
	}
	if (len < 2)
		return false;
	memcpy(ret_oid, oid, len * sizeof(oid[0]));
	*ret_len = len;
	return true;
}

static bool
mib_is_below(const uint32_t *oid, size_t len, const uint32_t *prefix, size_t n)
{
	return len >= n && memcmp(oid, prefix, n * sizeof(*oid)) == 0;
}

/* " name(number)" for the last of len sub-identifiers. */
static void
mib_append_arc(
    struct dmp_text *out, const uint32_t *oid, size_t len, enum dmp_tristate is_root)
{
	for (size_t i = 0; i < sizeof(mib_names) / sizeof(mib_names[0]); i++) {
		if (mib_names[i].len == len &&
		    mib_is_below(oid, len, mib_names[i].oid, len)) {
			dmp_text_printf(
			    out, " %s(%u)", mib_names[i].name, oid[len - 1]);
			return;
		}
	}
	if (is_root == DMP_YES)
		dmp_text_printf(out, " dmpRoot(%u)", oid[len - 1]);
	else
		dmp_text_printf(out, " dmpArc%zu(%u)", len, oid[len - 1]);
}

static void
mib_append_value(struct dmp_text *out, const uint32_t *oid, size_t len)
{
	static const char *const tops[] = {"ccitt", "iso", "joint-iso-ccitt"};
	size_t i = 1;

	if (mib_is_below(oid, len, mib_enterprises, MIB_ENTERPRISES)) {
		dmp_text_append(out, "{ enterprises");
		i = MIB_ENTERPRISES;
	} else {
		dmp_text_printf(out, "{ %s", tops[oid[0]]);
	}
	for (; i < len; i++)
		mib_append_arc(out, oid, i + 1, i + 1 == len ? DMP_YES : DMP_NO);
	dmp_text_append(out, " 1 }");
}

/* The "{" of the value of MODULE-IDENTITY: after the "::=" that is in no string. */
static const char *
mib_find_value(const char *text)
{
	const char *p = strstr(text, "dmpMIB MODULE-IDENTITY");
	bool quoted = false;

	for (; p && *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && strncmp(p, "::=", 3) == 0)
			return strchr(p, '{');
	}
	return NULL;
}

/* The import of enterprises with the comma that goes with it. */
static bool
mib_find_import(const char *text, const char **ret_begin, const char **ret_end)
{
	const char *imports = strstr(text, "IMPORTS");
	const char *end = imports ? strchr(imports, ';') : NULL;
	const char *word = imports ? strstr(imports, "enterprises") : NULL;
	const char *after;

	if (!end || !word || word > end)
		return false;
	after = word + strlen("enterprises");
	if (after + strspn(after, " \t\r\n") < end &&
	    after[strspn(after, " \t\r\n")] == ',') {
		after += strspn(after, " \t\r\n") + 1;
		after += strspn(after, " \t\r\n");
	} else {
		while (word > imports && strchr(" \t\r\n", word[-1]))
			word--;
		if (word[-1] != ',')
			return false;
		word--;
	}
	*ret_begin = word;
	*ret_end = after;
	return true;
}

enum dmp_status
dmp_mib_root_replace(
    const char *text, const uint32_t *oid, size_t len, struct dmp_text *out)
{
	const char *value = mib_find_value(text);
	const char *end = value ? strchr(value, '}') : NULL;
	const char *cut = text;
	const char *rest = text;

	if (!end)
		return DMP_ECORRUPT;
	if (!mib_is_below(oid, len, mib_enterprises, MIB_ENTERPRISES) &&
	    (!mib_find_import(text, &cut, &rest) || rest > value))
		return DMP_ECORRUPT;
	dmp_text_append_bytes(out, text, (size_t)(cut - text));
	dmp_text_append_bytes(out, rest, (size_t)(value - rest));
	mib_append_value(out, oid, len);
	dmp_text_append(out, end + 1);
	return out->status;
}
