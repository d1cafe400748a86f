/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_admin.c - changes of the admin state at run time: asked for, stored, told in
 * the history, and over.
 */
#include "engine/engine_admin.h"

#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

size_t
engine_group_chain(
    const struct dmp_site *site, const char *group, const char **groups, size_t max)
{
	size_t n = 0;

	while (*group && n < max) {
		size_t i = 0;

		while (i < site->n_groups && strcmp(site->groups[i].name, group) != 0)
			i++;
		if (i == site->n_groups)
			break;
		groups[n++] = site->groups[i].name;
		group = site->groups[i].parent;
	}
	return n;
}

/* --- history --- */

static void
admin_subject(const struct dmp_admin_entry *entry, char key[DMP_KEY_TEXT])
{
	if (entry->scope == DMP_ADMIN_SCOPE_SITE)
		dmp_text_copy(key, DMP_KEY_TEXT, "site");
	else
		dmp_text_copy(key, DMP_KEY_TEXT, entry->name);
}

static void
admin_note(const struct dmp_engine *engine, const struct dmp_admin_entry *entry,
    const char *what)
{
	char key[DMP_KEY_TEXT];
	char note[DMP_MESSAGE_TEXT];

	admin_subject(entry, key);
	dmp_text_format(note, sizeof note, "%s %s%s%s",
	    dmp_admin_scope_text(entry->scope), what, entry->comment[0] ? ": " : "",
	    entry->comment);
	dmp_eventlog_note(
	    engine->config.log, dmp_clock_wall_ms(engine->config.clock), key, note);
}

static void
admin_note_set(const struct dmp_engine *engine, const struct dmp_admin_entry *entry)
{
	char until[DMP_TIME_TEXT];
	char what[64];

	dmp_clock_text(entry->until_ms, until);
	dmp_text_format(what, sizeof what, "%s by hand%s%s",
	    dmp_vocab_text(DMP_VOCAB_ADMIN, (int)entry->state),
	    until[0] ? " until " : "", until);
	admin_note(engine, entry, what);
}

/* --- the set --- */

/* Store the set, or make it what it was: former is the change before, state 0 = none.
 */
static enum dmp_status
admin_store(struct dmp_engine *engine, const struct dmp_admin_entry *former,
    uint32_t *ret_ticket, struct dmp_text *error)
{
	enum dmp_status status =
	    dmp_eventlog_save_admins(engine->config.log, &engine->admins, ret_ticket);

	if (status == DMP_OK)
		return DMP_OK;
	if (former->state == 0)
		(void)dmp_admin_clear(&engine->admins, former->scope, former->name);
	else
		(void)!dmp_admin_set(&engine->admins, former);
	dmp_text_append(error, dmp_status_text(status));
	return status;
}

/* The change of this scope and name as it is now. */
static struct dmp_admin_entry
admin_former(
    const struct dmp_engine *engine, enum dmp_admin_scope scope, const char *name)
{
	const struct dmp_admin_entry *found =
	    dmp_admin_find(&engine->admins, scope, name);
	struct dmp_admin_entry none = {.scope = scope};

	if (found)
		return *found;
	dmp_text_copy(none.name, sizeof none.name, name);
	return none;
}

static bool
admin_is_planned(
    const struct dmp_engine *engine, enum dmp_admin_scope scope, const char *name)
{
	const struct dmp_plan *plan = engine->world.setup->plan;
	const char *group;

	if (scope == DMP_ADMIN_SCOPE_PORT)
		return engine_find_port(&engine->world, name) != NULL;
	if (scope == DMP_ADMIN_SCOPE_GROUP)
		return engine_group_chain(plan->site, name, &group, 1) == 1;
	for (size_t i = 0; i < plan->n_hosts && scope == DMP_ADMIN_SCOPE_HOST; i++) {
		if (strcmp(plan->hosts[i].name, name) == 0)
			return true;
	}
	return scope == DMP_ADMIN_SCOPE_SITE;
}

static enum dmp_status
admin_check(const struct dmp_engine *engine, const struct dmp_admin_entry *entry,
    struct dmp_text *error)
{
	char name[DMP_KEY_TEXT];

	if (!admin_is_planned(engine, entry->scope, entry->name)) {
		dmp_text_safe(name, sizeof name, entry->name);
		dmp_text_printf(error, "the plan has no %s %s",
		    dmp_admin_scope_text(entry->scope), name);
		return DMP_ENOENT;
	}
	if (!dmp_admin_in_force(entry, dmp_clock_wall_ms(engine->config.clock))) {
		dmp_text_append(error, "that time is over");
		return DMP_EINVAL;
	}
	return DMP_OK;
}

enum dmp_status
dmp_engine_set_admin(struct dmp_engine *engine, const struct dmp_admin_entry *entry,
    uint32_t *ret_ticket, struct dmp_text *error)
{
	struct dmp_admin_entry change = *entry;
	struct dmp_admin_entry former;
	enum dmp_status status = admin_check(engine, entry, error);

	if (status != DMP_OK)
		return status;
	if (change.since_ms == 0)
		change.since_ms = dmp_clock_wall_ms(engine->config.clock);
	former = admin_former(engine, change.scope, change.name);
	status = dmp_admin_set(&engine->admins, &change);
	if (status != DMP_OK) {
		dmp_text_append(error, status == DMP_ETOOBIG
		                           ? "too many changes: clear some"
		                           : dmp_status_text(status));
		return status;
	}
	status = admin_store(engine, &former, ret_ticket, error);
	if (status != DMP_OK)
		return status;
	admin_note_set(
	    engine, dmp_admin_find(&engine->admins, change.scope, change.name));
	engine_admin_changed(engine);
	return DMP_OK;
}

enum dmp_status
dmp_engine_clear_admin(struct dmp_engine *engine, enum dmp_admin_scope scope,
    const char *name, uint32_t *ret_ticket, struct dmp_text *error)
{
	struct dmp_admin_entry former = admin_former(engine, scope, name);
	enum dmp_status status;
	char safe[DMP_KEY_TEXT];

	if (!dmp_admin_clear(&engine->admins, scope, name)) {
		dmp_text_safe(safe, sizeof safe, name);
		dmp_text_printf(error, "nothing was set for %s%s%s",
		    dmp_admin_scope_text(scope), safe[0] ? " " : "", safe);
		return DMP_ENOENT;
	}
	status = admin_store(engine, &former, ret_ticket, error);
	if (status != DMP_OK)
		return status;
	former.comment[0] = '\0';
	admin_note(engine, &former, "as the site file says, cleared by hand");
	engine_admin_changed(engine);
	return DMP_OK;
}

void
engine_expire_admins(struct dmp_engine *engine)
{
	int64_t now_ms = dmp_clock_wall_ms(engine->config.clock);
	struct dmp_admin_entry expired;
	uint32_t ticket;
	bool changed = false;

	while (dmp_admin_expire(&engine->admins, now_ms, &expired)) {
		char what[64];

		dmp_text_format(what, sizeof what, "%s by hand has ended by itself",
		    dmp_vocab_text(DMP_VOCAB_ADMIN, (int)expired.state));
		admin_note(engine, &expired, what);
		changed = true;
	}
	if (!changed)
		return;
	/* Without memory what is stored is over as well. */
	(void)!dmp_eventlog_save_admins(engine->config.log, &engine->admins, &ticket);
	engine_admin_changed(engine);
}

void
dmp_engine_load_admin(struct dmp_engine *engine, struct dmp_admin_set *set)
{
	dmp_admin_done(&engine->admins);
	engine->admins = *set;
	*set = (struct dmp_admin_set){0};
}

const struct dmp_admin_set *
dmp_engine_admins(const struct dmp_engine *engine)
{
	return &engine->admins;
}
