/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_channel.h - inside the resolver: one c-ares channel driven by libevent.
 *
 * The hosts file is read first, in the loop: it is a small local file.  Everything
 * about the network is asynchronous.
 */
#ifndef DMP_DNS_CHANNEL_H
#define DMP_DNS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/resolve.h"

struct dmp_dns_channel;

/* What to do when a server answers with SERVFAIL, REFUSED or NOTIMP. */
enum dmp_dns_errors {
	DMP_DNS_REPORT = 0, /* say so */
	DMP_DNS_FAIL_OVER   /* ask the next server; in the end nobody knows why */
};

struct dmp_dns_answer {
	enum dmp_reason reason; /* NONE = there are addresses */
	bool server_error;      /* another server may know more */
	bool abandoned;         /* the channel is being freed: ask another one */
	uint32_t ttl_s;         /* the smallest of the addresses */
	struct dmp_address addresses[DMP_RESOLVE_ADDRESSES];
	size_t n_addresses;
};

typedef void dmp_dns_answer_fn(const struct dmp_dns_answer *answer, void *arg);

/* servers as for dmp_resolver_new(). */
enum dmp_status dmp_dns_channel_new(struct event_base *base, const char *servers,
    enum dmp_dns_errors errors, struct dmp_dns_channel **ret_channel) DMP_CHECK_RESULT;

/* Ends every query as abandoned.  Not from within an answer function. */
void dmp_dns_channel_free(struct dmp_dns_channel *channel);

/* Ask; answer is called once, maybe before this returns (hosts file, bad name). */
void dmp_dns_query(struct dmp_dns_channel *channel, const char *name,
    enum dmp_resolve_family family, dmp_dns_answer_fn *answer, void *arg);

#endif
