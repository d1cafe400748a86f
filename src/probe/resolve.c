/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: each name has one entry in the cache and at most one query under way;
 * everybody who asks meanwhile waits on the entry.  Answers are delivered from an event
 * of their own, never from within c-ares, so that a callback may look up and cancel at
 * will.  When a server reports an error (SERVFAIL, REFUSED) the question goes once more
 * over a second channel that tries the next servers; only the first knows the reason.
 */
#include "probe/resolve.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "probe/resolve_cache.h"

#define CONFIGURATION "/etc/resolv.conf"
#define CHECK_US      INT64_C(1000000)

struct dmp_lookup {
	LIST_ENTRY(dmp_lookup) link;
	struct dmp_known_name *known;
	dmp_resolve_fn *fn;
	void *arg;
	struct dmp_resolve_result result; /* once it is on the answered list */
};

struct dmp_resolver {
	struct event_base *base;
	const struct dmp_clock *clock;
	struct dmp_resolve_cache *cache;
	struct dmp_dns_channel *channel;
	struct dmp_dns_channel *fail_over;
	struct event *deliver;
	struct dmp_lookup_list answered;
	bool by_hand; /* servers were given: the configuration file does not count */
	bool closing;
	int64_t checked_us;
	struct timespec changed_at; /* of the configuration */
};

static struct timespec
configuration_time(void)
{
	struct stat st;

	if (stat(CONFIGURATION, &st) != 0)
		return (struct timespec){0};
	return st.st_mtim;
}

static enum dmp_status
resolver_open(struct dmp_resolver *r, const char *servers)
{
	struct dmp_dns_channel *channel = NULL;
	struct dmp_dns_channel *fail_over = NULL;
	struct dmp_dns_channel *former[] = {r->channel, r->fail_over};
	enum dmp_status status;

	status = dmp_dns_channel_new(r->base, servers, DMP_DNS_REPORT, &channel);
	if (status == DMP_OK)
		status = dmp_dns_channel_new(
		    r->base, servers, DMP_DNS_FAIL_OVER, &fail_over);
	if (status != DMP_OK) {
		dmp_dns_channel_free(channel);
		return status;
	}
	r->channel = channel;
	r->fail_over = fail_over;
	dmp_dns_channel_free(former[0]);
	dmp_dns_channel_free(former[1]);
	return DMP_OK;
}

/* Follow a changed configuration.  When that fails for want of memory the old channel
 * goes on until the next check. */
static void
resolver_follow_configuration(struct dmp_resolver *r, int64_t now_us)
{
	struct timespec changed_at;

	if (r->by_hand || now_us - r->checked_us < CHECK_US)
		return;
	r->checked_us = now_us;
	changed_at = configuration_time();
	if (changed_at.tv_sec == r->changed_at.tv_sec &&
	    changed_at.tv_nsec == r->changed_at.tv_nsec)
		return;
	if (resolver_open(r, NULL) == DMP_OK)
		r->changed_at = changed_at;
}

/* A change is told once, to all who get the same answer first. */
static void
resolver_answer(struct dmp_known_name *known)
{
	struct dmp_resolver *r = known->resolver;
	struct dmp_lookup *lookup;

	if (LIST_EMPTY(&known->waiting))
		return;
	while ((lookup = LIST_FIRST(&known->waiting))) {
		LIST_REMOVE(lookup, link);
		lookup->result = known->result;
		LIST_INSERT_HEAD(&r->answered, lookup, link);
	}
	known->result.changed = false;
	event_active(r->deliver, EV_TIMEOUT, 0);
}

/* A server spoke, even if the next ones are silent: that is no timeout. */
static void
resolver_take_answer(struct dmp_known_name *known, const struct dmp_dns_answer *answer)
{
	struct dmp_dns_answer taken = *answer;

	if (known->failed_over && taken.reason == DMP_REASON_DNS_TIMEOUT)
		taken.reason = DMP_REASON_DNS_FAILED;
	dmp_known_name_update(known, &taken, dmp_clock_mono_us(known->resolver->clock));
}

static void
resolver_on_answer(const struct dmp_dns_answer *answer, void *arg)
{
	struct dmp_known_name *known = arg;
	struct dmp_resolver *r = known->resolver;

	if (r->closing)
		return;
	if (answer->abandoned) {
		known->failed_over = false;
		dmp_dns_query(
		    r->channel, known->name, known->family, resolver_on_answer, known);
		return;
	}
	if (answer->server_error && !known->failed_over) {
		known->failed_over = true;
		dmp_dns_query(r->fail_over, known->name, known->family,
		    resolver_on_answer, known);
		return;
	}
	known->asking = false;
	known->pins--;
	resolver_take_answer(known, answer);
	resolver_answer(known);
}

static void
resolver_ask(struct dmp_known_name *known)
{
	if (known->asking)
		return;
	known->asking = true;
	known->failed_over = false;
	known->pins++;
	dmp_dns_query(known->resolver->channel, known->name, known->family,
	    resolver_on_answer, known);
}

static void
resolver_on_deliver(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_resolver *r = arg;
	struct dmp_lookup *lookup;

	(void)fd;
	(void)what;
	while ((lookup = LIST_FIRST(&r->answered))) {
		LIST_REMOVE(lookup, link);
		lookup->known->pins--;
		lookup->fn(&lookup->result, lookup->arg);
		free(lookup);
	}
}

enum dmp_status
dmp_resolver_new(struct event_base *base, const struct dmp_clock *clock,
    const char *servers, struct dmp_resolver **ret_resolver)
{
	struct dmp_resolver *r = calloc(1, sizeof *r);
	enum dmp_status status = DMP_ENOMEM;

	if (!r)
		return DMP_ENOMEM;
	LIST_INIT(&r->answered);
	r->base = base;
	r->clock = clock;
	r->by_hand = servers != NULL;
	r->checked_us = dmp_clock_mono_us(clock);
	r->changed_at = configuration_time();
	r->cache = dmp_resolve_cache_new(DMP_RESOLVE_NAMES);
	r->deliver = event_new(base, -1, 0, resolver_on_deliver, r);
	if (r->cache && r->deliver)
		status = resolver_open(r, servers);
	if (status != DMP_OK) {
		dmp_resolver_free(r);
		return status;
	}
	*ret_resolver = r;
	return DMP_OK;
}

static void
resolver_drop(struct dmp_lookup_list *list)
{
	struct dmp_lookup *lookup;

	while ((lookup = LIST_FIRST(list))) {
		LIST_REMOVE(lookup, link);
		free(lookup);
	}
}

static void
resolver_drop_waiting(struct dmp_known_name *known, void *arg)
{
	(void)arg;
	resolver_drop(&known->waiting);
}

void
dmp_resolver_free(struct dmp_resolver *r)
{
	if (!r)
		return;
	r->closing = true;
	dmp_dns_channel_free(r->channel);
	dmp_dns_channel_free(r->fail_over);
	if (r->cache)
		dmp_resolve_cache_each(r->cache, resolver_drop_waiting, NULL);
	resolver_drop(&r->answered);
	dmp_resolve_cache_free(r->cache);
	if (r->deliver)
		event_free(r->deliver);
	free(r);
}

/* Literals need no DNS, and what looks like a broken literal ("256.1.1.1") is no name
 * that DNS could know. */
static bool
resolver_without_dns(const char *name, enum dmp_resolve_family family,
    struct dmp_resolve_result *ret_result)
{
	struct dmp_resolve_result result = {.reason = DMP_REASON_DNS_NO_NAME};
	struct dmp_address address;
	size_t n = strlen(name);

	if (dmp_address_parse(name, &address)) {
		if (family == DMP_RESOLVE_ANY ||
		    (family == DMP_RESOLVE_4) == (address.family == AF_INET)) {
			result.reason = DMP_REASON_NONE;
			result.addresses[0] = address;
			result.n_addresses = 1;
		}
	} else if (n > 0 && n <= DMP_RESOLVE_NAME_MAX &&
	           strspn(name, "0123456789.") < n && !strchr(name, ':')) {
		return false;
	}
	*ret_result = result;
	return true;
}

/* Take what is known, if anything, also when it is stale. */
static bool
resolver_take_known(
    struct dmp_known_name *known, int64_t now_us, struct dmp_resolve_result *ret_result)
{
	bool fresh = known->fresh_until_us != 0 && now_us < known->fresh_until_us;

	if (!fresh && known->result.n_addresses == 0)
		return false;
	*ret_result = known->result;
	ret_result->stale = known->result.stale || !fresh;
	known->result.changed = false;
	return true;
}

enum dmp_status
dmp_resolver_lookup(struct dmp_resolver *r, const char *name,
    enum dmp_resolve_family family, dmp_resolve_fn *fn, void *arg,
    struct dmp_resolve_result *ret_result, struct dmp_lookup **ret_lookup)
{
	struct dmp_lookup *lookup = NULL;
	struct dmp_known_name *known;
	int64_t now_us;

	if (resolver_without_dns(name, family, ret_result))
		goto done;
	if (!r)
		return DMP_EINVAL;
	now_us = dmp_clock_mono_us(r->clock);
	resolver_follow_configuration(r, now_us);
	known = dmp_resolve_cache_find(r->cache, name, family, now_us);
	if (!known)
		return DMP_ENOMEM;
	known->resolver = r;
	if (known->fresh_until_us == 0 || now_us >= known->fresh_until_us)
		resolver_ask(known);
	if (resolver_take_known(known, now_us, ret_result))
		goto done;
	lookup = calloc(1, sizeof *lookup);
	if (!lookup)
		return DMP_ENOMEM;
	assert(known->asking);
	lookup->known = known;
	lookup->fn = fn;
	lookup->arg = arg;
	known->pins++;
	LIST_INSERT_HEAD(&known->waiting, lookup, link);
done:
	*ret_lookup = lookup;
	return DMP_OK;
}

void
dmp_lookup_cancel(struct dmp_lookup *lookup)
{
	if (!lookup)
		return;
	LIST_REMOVE(lookup, link);
	lookup->known->pins--;
	free(lookup);
}
