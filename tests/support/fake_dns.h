/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_dns.h - a name server on a loopback port, on the same loop as the resolver.
 *
 * It answers every question of type A with the addresses that were set, every AAAA with
 * the IPv6 address that was set, and no data where nothing was set.
 */
#ifndef TEST_FAKE_DNS_H
#define TEST_FAKE_DNS_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct fake_dns;

struct fake_dns *fake_dns_new(struct event_base *base);

/* On port 53 of a loopback address, where a resolv.conf can point. */
struct fake_dns *fake_dns_new_at(struct event_base *base, const char *address);
void fake_dns_free(struct fake_dns *dns);

/* "127.0.0.1:PORT" */
const char *fake_dns_server(const struct fake_dns *dns);

/* DNS response code for all that follows: 0 fine, 2 SERVFAIL, 3 no such name, 5
 * REFUSED; -1 = do not answer. */
void fake_dns_rcode(struct fake_dns *dns, int rcode);
void fake_dns_ttl(struct fake_dns *dns, uint32_t ttl_s);

/* IPv4 literals separated by blanks, and one IPv6 literal; "" for none. */
void fake_dns_addresses(struct fake_dns *dns, const char *v4, const char *v6);

/* Questions received so far. */
int fake_dns_questions(const struct fake_dns *dns);

#endif
