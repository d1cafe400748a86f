/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/resolve_cache.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS         1024
#define NEGATIVE_US     INT64_C(5000000)
#define TTL_MIN_S       10 /* a TTL of 0 must not mean a query for each probe */
#define TTL_MAX_S       86400
#define US_PER_SECOND   INT64_C(1000000)
#define HASH_START      2166136261u /* FNV-1a */
#define HASH_MULTIPLIER 16777619u

struct dmp_resolve_cache {
	size_t count;
	size_t limit;
	LIST_HEAD(, dmp_known_name) buckets[BUCKETS];
};

struct dmp_resolve_cache *
dmp_resolve_cache_new(size_t limit)
{
	struct dmp_resolve_cache *cache = calloc(1, sizeof *cache);

	if (cache)
		cache->limit = limit;
	return cache;
}

static void
cache_remove(struct dmp_resolve_cache *cache, struct dmp_known_name *known)
{
	LIST_REMOVE(known, link);
	cache->count--;
	free(known);
}

void
dmp_resolve_cache_free(struct dmp_resolve_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (!LIST_EMPTY(&cache->buckets[i]))
			cache_remove(cache, LIST_FIRST(&cache->buckets[i]));
	free(cache);
}

void
dmp_resolve_cache_each(struct dmp_resolve_cache *cache,
    void (*fn)(struct dmp_known_name *known, void *arg), void *arg)
{
	struct dmp_known_name *known;

	for (size_t i = 0; i < BUCKETS; i++)
		LIST_FOREACH(known, &cache->buckets[i], link)
	fn(known, arg);
}

static size_t
cache_bucket(const char *name)
{
	uint32_t hash = HASH_START;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * HASH_MULTIPLIER;
	return hash % BUCKETS;
}

static void
cache_oldest(struct dmp_known_name *known, void *arg)
{
	struct dmp_known_name **oldest = arg;

	if (known->pins == 0 && (!*oldest || known->used_us < (*oldest)->used_us))
		*oldest = known;
}

static bool
cache_make_room(struct dmp_resolve_cache *cache)
{
	struct dmp_known_name *oldest = NULL;

	if (cache->count < cache->limit)
		return true;
	dmp_resolve_cache_each(cache, cache_oldest, &oldest);
	if (!oldest)
		return false;
	cache_remove(cache, oldest);
	return true;
}

struct dmp_known_name *
dmp_resolve_cache_find(struct dmp_resolve_cache *cache, const char *name,
    enum dmp_resolve_family family, int64_t now_us)
{
	char lower[DMP_RESOLVE_NAME_MAX + 1] = "";
	size_t n = strnlen(name, DMP_RESOLVE_NAME_MAX);
	struct dmp_known_name *known;
	size_t bucket;

	for (size_t i = 0; i < n; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	bucket = cache_bucket(lower);
	LIST_FOREACH(known, &cache->buckets[bucket], link)
	if (known->family == family && strcmp(known->name, lower) == 0)
		break;
	if (!known) {
		known =
		    cache_make_room(cache) ? calloc(1, sizeof *known + n + 1) : NULL;
		if (!known)
			return NULL;
		memcpy(known->name, lower, n + 1);
		known->family = family;
		LIST_INIT(&known->waiting);
		LIST_INSERT_HEAD(&cache->buckets[bucket], known, link);
		cache->count++;
	}
	known->used_us = now_us;
	return known;
}

static void
result_keep_first(struct dmp_resolve_result *result, const struct dmp_address *first)
{
	for (size_t i = 1; i < result->n_addresses; i++) {
		if (dmp_address_equal(&result->addresses[i], first)) {
			result->addresses[i] = result->addresses[0];
			result->addresses[0] = *first;
			return;
		}
	}
}

void
dmp_known_name_update(
    struct dmp_known_name *known, const struct dmp_dns_answer *answer, int64_t now_us)
{
	struct dmp_resolve_result *result = &known->result;
	struct dmp_address former = result->addresses[0];
	uint32_t ttl_s = answer->ttl_s;

	if (answer->reason != DMP_REASON_NONE) {
		known->fresh_until_us = now_us + NEGATIVE_US;
		if (result->n_addresses > 0 &&
		    answer->reason != DMP_REASON_DNS_NO_NAME) {
			result->stale = true;
			return;
		}
		*result = (struct dmp_resolve_result){.reason = answer->reason};
		return;
	}
	if (ttl_s < TTL_MIN_S)
		ttl_s = TTL_MIN_S;
	if (ttl_s > TTL_MAX_S)
		ttl_s = TTL_MAX_S;
	known->fresh_until_us = now_us + ttl_s * US_PER_SECOND;
	*result = (struct dmp_resolve_result){.reason = DMP_REASON_NONE,
	    .changed = result->changed,
	    .n_addresses = answer->n_addresses};
	memcpy(result->addresses, answer->addresses, sizeof result->addresses);
	if (former.family == 0)
		return;
	result_keep_first(result, &former);
	if (!dmp_address_equal(&result->addresses[0], &former))
		result->changed = true;
}
