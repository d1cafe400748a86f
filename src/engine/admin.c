/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/admin.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

const char *
dmp_admin_scope_text(enum dmp_admin_scope scope)
{
	static const char *const texts[] = {
	    [DMP_ADMIN_SCOPE_SITE] = "site",
	    [DMP_ADMIN_SCOPE_GROUP] = "group",
	    [DMP_ADMIN_SCOPE_HOST] = "host",
	    [DMP_ADMIN_SCOPE_PORT] = "port",
	};

	if (scope < DMP_ADMIN_SCOPE_SITE || scope > DMP_ADMIN_SCOPE_PORT)
		return "unknown";
	return texts[scope];
}

const char *
dmp_admin_origin_text(enum dmp_admin_origin origin)
{
	static const char *const texts[] = {
	    [DMP_ADMIN_ORIGIN_NONE] = "none",
	    [DMP_ADMIN_ORIGIN_SITE_FILE] = "site file",
	    [DMP_ADMIN_ORIGIN_RUN_TIME] = "run time",
	};

	return (unsigned)origin > DMP_ADMIN_ORIGIN_RUN_TIME ? "unknown" : texts[origin];
}

static int
admin_compare(
    const struct dmp_admin_entry *entry, enum dmp_admin_scope scope, const char *name)
{
	if (entry->scope != scope)
		return entry->scope < scope ? -1 : 1;
	return strcmp(entry->name, name);
}

/* Where this change is, or where it belongs. */
static size_t
admin_lower_bound(
    const struct dmp_admin_set *set, enum dmp_admin_scope scope, const char *name)
{
	size_t low = 0;
	size_t high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (admin_compare(&set->items[middle], scope, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
admin_is_valid(const struct dmp_admin_entry *entry)
{
	if (entry->scope < DMP_ADMIN_SCOPE_SITE || entry->scope > DMP_ADMIN_SCOPE_PORT)
		return false;
	if (entry->state < DMP_ADMIN_ENABLED || entry->state > DMP_ADMIN_DISABLED)
		return false;
	if (entry->until_ms < 0 || entry->since_ms < 0 ||
	    !memchr(entry->name, '\0', sizeof entry->name))
		return false;
	return (entry->name[0] == '\0') == (entry->scope == DMP_ADMIN_SCOPE_SITE);
}

static enum dmp_status
admin_grow(struct dmp_admin_set *set)
{
	struct dmp_admin_entry *items;

	if (set->n >= DMP_ADMIN_CHANGES_MAX)
		return DMP_ETOOBIG;
	items = dmp_array_grow(set->items, set->n, &set->capacity, sizeof *items);
	if (!items)
		return DMP_ENOMEM;
	set->items = items;
	return DMP_OK;
}

static void
admin_remove(struct dmp_admin_set *set, size_t at)
{
	set->n--;
	memmove(
	    set->items + at, set->items + at + 1, (set->n - at) * sizeof *set->items);
}

enum dmp_status
dmp_admin_set(struct dmp_admin_set *set, const struct dmp_admin_entry *entry)
{
	struct dmp_admin_entry copy = *entry;
	enum dmp_status status;
	size_t at;

	if (!admin_is_valid(entry))
		return DMP_EINVAL;
	dmp_text_printable(copy.comment, sizeof copy.comment, entry->comment,
	    strnlen(entry->comment, sizeof entry->comment));
	copy.origin = DMP_ADMIN_ORIGIN_RUN_TIME;
	at = admin_lower_bound(set, copy.scope, copy.name);
	if (at < set->n && admin_compare(&set->items[at], copy.scope, copy.name) == 0) {
		set->items[at] = copy;
		return DMP_OK;
	}
	status = admin_grow(set);
	if (status != DMP_OK)
		return status;
	memmove(
	    set->items + at + 1, set->items + at, (set->n - at) * sizeof *set->items);
	set->items[at] = copy;
	set->n++;
	return DMP_OK;
}

const struct dmp_admin_entry *
dmp_admin_find(
    const struct dmp_admin_set *set, enum dmp_admin_scope scope, const char *name)
{
	size_t at = admin_lower_bound(set, scope, name);

	if (at == set->n || admin_compare(&set->items[at], scope, name) != 0)
		return NULL;
	return &set->items[at];
}

bool
dmp_admin_clear(struct dmp_admin_set *set, enum dmp_admin_scope scope, const char *name)
{
	if (!dmp_admin_find(set, scope, name))
		return false;
	admin_remove(set, admin_lower_bound(set, scope, name));
	return true;
}

bool
dmp_admin_in_force(const struct dmp_admin_entry *entry, int64_t now_ms)
{
	return entry->until_ms == 0 || now_ms < entry->until_ms;
}

bool
dmp_admin_expire(
    struct dmp_admin_set *set, int64_t now_ms, struct dmp_admin_entry *ret_expired)
{
	for (size_t i = 0; i < set->n; i++) {
		if (dmp_admin_in_force(&set->items[i], now_ms))
			continue;
		*ret_expired = set->items[i];
		admin_remove(set, i);
		return true;
	}
	return false;
}

static const struct dmp_admin_entry *
admin_find_in_force(const struct dmp_admin_set *set, enum dmp_admin_scope scope,
    const char *name, int64_t now_ms)
{
	const struct dmp_admin_entry *found =
	    name ? dmp_admin_find(set, scope, name) : NULL;

	return found && dmp_admin_in_force(found, now_ms) ? found : NULL;
}

const struct dmp_admin_entry *
dmp_admin_lookup(const struct dmp_admin_set *set, const struct dmp_admin_target *target,
    int64_t now_ms)
{
	const struct dmp_admin_entry *found =
	    admin_find_in_force(set, DMP_ADMIN_SCOPE_PORT, target->port, now_ms);

	if (!found)
		found = admin_find_in_force(
		    set, DMP_ADMIN_SCOPE_HOST, target->host, now_ms);
	for (size_t i = 0; i < target->n_groups && !found; i++)
		found = admin_find_in_force(
		    set, DMP_ADMIN_SCOPE_GROUP, target->groups[i], now_ms);
	if (!found)
		found = admin_find_in_force(set, DMP_ADMIN_SCOPE_SITE, "", now_ms);
	return found;
}

struct dmp_admin_entry
dmp_admin_effective(const struct dmp_admin_set *set,
    const struct dmp_admin_target *target, const struct dmp_admin_entry *site_file,
    int64_t now_ms)
{
	const struct dmp_admin_entry *change = dmp_admin_lookup(set, target, now_ms);
	bool stays_off = site_file && site_file->state == DMP_ADMIN_DISABLED;

	if (change && !(stays_off && change->scope != DMP_ADMIN_SCOPE_PORT))
		return *change;
	if (site_file && site_file->state != 0)
		return *site_file;
	return (struct dmp_admin_entry){.state = DMP_ADMIN_ENABLED};
}

void
dmp_admin_done(struct dmp_admin_set *set)
{
	free(set->items);
	*set = (struct dmp_admin_set){0};
}
