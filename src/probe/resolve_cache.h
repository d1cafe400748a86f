/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resolve_cache.h - inside the resolver: what is known about each name.  No network,
 * no clock.
 */
#ifndef DMP_RESOLVE_CACHE_H
#define DMP_RESOLVE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "probe/dns_channel.h"

#define DMP_RESOLVE_NAMES    16384 /* names kept; beyond, the longest unused one goes */
#define DMP_RESOLVE_NAME_MAX 253   /* RFC 1035 3.1, as text */

LIST_HEAD(dmp_lookup_list, dmp_lookup);

struct dmp_known_name {
	LIST_ENTRY(dmp_known_name) link;
	struct dmp_resolver *resolver;
	struct dmp_lookup_list waiting; /* for the answer under way */
	struct dmp_resolve_result result;
	int64_t fresh_until_us; /* 0 = never answered */
	int64_t used_us;
	unsigned pins; /* lookups and a query that point here */
	bool asking;
	bool failed_over; /* the query under way is the second one */
	enum dmp_resolve_family family;
	char name[]; /* lower case */
};

struct dmp_resolve_cache;

struct dmp_resolve_cache *dmp_resolve_cache_new(size_t limit);
void dmp_resolve_cache_free(struct dmp_resolve_cache *cache);

/* The entry of name, a new empty one when there was none; NULL when memory or the
 * number of names is exhausted.  name has at most DMP_RESOLVE_NAME_MAX bytes. */
struct dmp_known_name *dmp_resolve_cache_find(struct dmp_resolve_cache *cache,
    const char *name, enum dmp_resolve_family family, int64_t now_us);

/* Walk all entries. */
void dmp_resolve_cache_each(struct dmp_resolve_cache *cache,
    void (*fn)(struct dmp_known_name *known, void *arg), void *arg);

/* Take an answer over.  A first address that is still in the answer stays first, so
 * that a name server that rotates its answers causes no change; a server that fails
 * does not take a known address away, it only makes it stale. */
void dmp_known_name_update(
    struct dmp_known_name *known, const struct dmp_dns_answer *answer, int64_t now_us);

#endif
