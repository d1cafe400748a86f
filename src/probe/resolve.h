/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * resolve.h - asynchronous DNS with distinct errors, cached by TTL.
 *
 * How it works: a lookup answers from the cache when it can, even with an address whose
 * TTL ran out (it says "stale" and refreshes behind the scenes), so a dead resolver
 * never blinds a probe that once knew its target.  1 s per try, 2 tries.  A changed
 * /etc/resolv.conf (checked at most once a second, by its mtime) rebuilds the channel.
 * Literals are answered at once, without DNS.
 */
#ifndef DMP_RESOLVE_H
#define DMP_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/vocab.h"

struct event_base;
struct dmp_resolver;
struct dmp_lookup;

#define DMP_RESOLVE_ADDRESSES 4

enum dmp_resolve_family {
	DMP_RESOLVE_ANY = 0, /* RFC 6724 order as c-ares sorts, families interleaved */
	DMP_RESOLVE_4,
	DMP_RESOLVE_6
};

struct dmp_resolve_result {
	enum dmp_reason reason; /* NONE = there are addresses; else DNS_* or LOCAL_* */
	bool stale;   /* the answer is older than its TTL; refresh under way */
	bool changed; /* the first address differs from the last answer's */
	struct dmp_address addresses[DMP_RESOLVE_ADDRESSES];
	size_t n_addresses;
};

typedef void dmp_resolve_fn(const struct dmp_resolve_result *result, void *arg);

/* servers: NULL for the system's configuration, or "127.0.0.1:5353,..." (tests). */
enum dmp_status dmp_resolver_new(struct event_base *base, const struct dmp_clock *clock,
    const char *servers, struct dmp_resolver **ret_resolver) DMP_CHECK_RESULT;

/* Cancels what is under way, without callbacks. */
void dmp_resolver_free(struct dmp_resolver *resolver);

/* Find the addresses of name.  When the answer is at hand it is written to *ret_result,
 * *ret_lookup is NULL and fn is never called; otherwise fn is called once, later.
 * Without a resolver (NULL) only literals are at hand: DMP_EINVAL for the others. */
enum dmp_status dmp_resolver_lookup(struct dmp_resolver *resolver, const char *name,
    enum dmp_resolve_family family, dmp_resolve_fn *fn, void *arg,
    struct dmp_resolve_result *ret_result,
    struct dmp_lookup **ret_lookup) DMP_CHECK_RESULT;

/* Forget one lookup: fn will not be called.  NULL is allowed. */
void dmp_lookup_cancel(struct dmp_lookup *lookup);

#endif
