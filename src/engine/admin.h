/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.h - what somebody has put in maintenance or disabled, and what that means for
 * a port.
 *
 * Pure.  The site file sets the default admin state of a port (its admin attribute, or
 * a maintenance window that is open now); changes at run time are kept in a set of
 * their own, are stored in events.db, and win until they are cleared or expire.
 *
 * How it works.  Of the changes at run time that are in force the most specific counts:
 * that of the port, else of its host, else of its group, of the group around that ...,
 * else of the site.  It then wins over the site file, with one exception: a port that
 * the site file disables is probed again only when the change names that port, since a
 * probe may be what was to be avoided.  ENABLED is a change like any other: it ends a
 * maintenance window early.
 */
#ifndef DMP_ADMIN_H
#define DMP_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vocab.h"
#include "model/plan.h"

#define DMP_ADMIN_COMMENT_TEXT 64

/* A change for every port would still fit the promise of 10 000 ports; more than this
 * is a mistake. */
#define DMP_ADMIN_CHANGES_MAX 16384

/* What a change names, from the widest to the most specific.  Stored: never renumber.
 */
enum dmp_admin_scope {
	DMP_ADMIN_SCOPE_SITE = 1, /* its name is "" */
	DMP_ADMIN_SCOPE_GROUP,
	DMP_ADMIN_SCOPE_HOST,
	DMP_ADMIN_SCOPE_PORT /* its name is the key */
};

enum dmp_admin_origin {
	DMP_ADMIN_ORIGIN_NONE = 0, /* nobody said anything: enabled */
	DMP_ADMIN_ORIGIN_SITE_FILE,
	DMP_ADMIN_ORIGIN_RUN_TIME
};

struct dmp_admin_entry {
	enum dmp_admin_scope scope;
	char name[DMP_KEY_TEXT];
	enum dmp_admin state;
	enum dmp_admin_origin origin;
	int64_t until_ms; /* wall clock, in force before it; 0 = until cleared */
	int64_t since_ms; /* wall clock, 0 = not known */
	char comment[DMP_ADMIN_COMMENT_TEXT]; /* printable ASCII */
};

/* The changes at run time, sorted by scope and name.  Zero-initialise; done() frees.
 * Callers may read; a pointer to an item is borrowed until the set changes. */
struct dmp_admin_set {
	struct dmp_admin_entry *items;
	size_t n;
	size_t capacity;
};

/* The word for a scope or an origin: "site", "group", "host", "port"; "none", "site
 * file", "run time".  Static strings, "unknown" for what is none. */
const char *dmp_admin_scope_text(enum dmp_admin_scope scope);
const char *dmp_admin_origin_text(enum dmp_admin_origin origin);

/* Add a change, or replace the one of the same scope and name.  Its comment is made
 * printable.  DMP_EINVAL for a scope, state or name that is none; DMP_ETOOBIG beyond
 * DMP_ADMIN_CHANGES_MAX.  Nothing is changed on failure. */
enum dmp_status dmp_admin_set(
    struct dmp_admin_set *set, const struct dmp_admin_entry *entry) DMP_CHECK_RESULT;

/* Take a change back; false when there is none. */
bool dmp_admin_clear(
    struct dmp_admin_set *set, enum dmp_admin_scope scope, const char *name);

/* The change of exactly this scope and name, NULL when there is none. */
const struct dmp_admin_entry *dmp_admin_find(
    const struct dmp_admin_set *set, enum dmp_admin_scope scope, const char *name);

/* Is it in force at this wall clock time? */
bool dmp_admin_in_force(const struct dmp_admin_entry *entry, int64_t now_ms);

/* Take one change out that is over at now_ms; false when there is no such. */
bool dmp_admin_expire(
    struct dmp_admin_set *set, int64_t now_ms, struct dmp_admin_entry *ret_expired);

/* What to look for.  groups are the host's group and those around it, the nearest
 * first.  port NULL: the host itself is asked for; host NULL, too: the groups. */
struct dmp_admin_target {
	const char *port;
	const char *host;
	const char *const *groups;
	size_t n_groups;
};

/* The change that counts for the target at now_ms, NULL when there is none. */
const struct dmp_admin_entry *dmp_admin_lookup(const struct dmp_admin_set *set,
    const struct dmp_admin_target *target, int64_t now_ms);

/* What holds for the target: the change that counts, or what the site file says
 * (borrowed; NULL = nothing), or ENABLED with ORIGIN_NONE. */
struct dmp_admin_entry dmp_admin_effective(const struct dmp_admin_set *set,
    const struct dmp_admin_target *target, const struct dmp_admin_entry *site_file,
    int64_t now_ms);

void dmp_admin_done(struct dmp_admin_set *set);

#endif
