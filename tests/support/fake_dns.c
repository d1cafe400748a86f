/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/fake_dns.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/probe_run.h"

#define HEADER     12
#define DNS_PORT   53
#define TYPE_A     1
#define TYPE_AAAA  28
#define DATAGRAM   512
#define ADDRESSES4 8

struct fake_dns {
	int fd;
	struct event *event;
	char server[32];
	int rcode;
	uint32_t ttl_s;
	uint8_t v4[ADDRESSES4][4];
	int n_v4;
	uint8_t v6[16];
	int n_v6;
	int questions;
};

/* One resource record whose name points back to the question (RFC 1035 4.1.4). */
static size_t
dns_record(uint8_t *p, uint16_t type, uint32_t ttl, const uint8_t *data, uint16_t size)
{
	uint8_t head[12] = {0xc0, HEADER, (uint8_t)(type >> 8), (uint8_t)type, 0, 1,
	    (uint8_t)(ttl >> 24), (uint8_t)(ttl >> 16), (uint8_t)(ttl >> 8),
	    (uint8_t)ttl, 0, (uint8_t)size};

	memcpy(p, head, sizeof head);
	memcpy(p + sizeof head, data, size);
	return sizeof head + size;
}

static void
dns_on_question(evutil_socket_t fd, short what, void *arg)
{
	struct fake_dns *dns = arg;
	struct sockaddr_storage from;
	socklen_t from_size = sizeof from;
	uint8_t p[DATAGRAM];
	ssize_t n = recvfrom(fd, p, 256, 0, (struct sockaddr *)&from, &from_size);
	size_t size, end = HEADER;
	int type, count = 0;

	(void)what;
	dns->questions++;
	if (n < HEADER + 5 || dns->rcode < 0)
		return;
	while (end < (size_t)n && p[end] != 0)
		end += p[end] + 1u;
	size = end + 5;
	if (size > (size_t)n)
		return;
	type = p[end + 1] << 8 | p[end + 2];
	p[2] = 0x81;
	p[3] = (uint8_t)(0x80 | dns->rcode);
	if (dns->rcode == 0 && type == TYPE_A)
		for (; count < dns->n_v4; count++)
			size +=
			    dns_record(p + size, TYPE_A, dns->ttl_s, dns->v4[count], 4);
	if (dns->rcode == 0 && type == TYPE_AAAA && dns->n_v6) {
		size += dns_record(p + size, TYPE_AAAA, dns->ttl_s, dns->v6, 16);
		count = 1;
	}
	p[7] = (uint8_t)count;
	p[6] = p[8] = p[9] = p[10] = p[11] = 0;
	(void)sendto(fd, p, size, 0, (struct sockaddr *)&from, from_size);
}

static struct fake_dns *
dns_on_socket(struct event_base *base, int fd)
{
	struct fake_dns *dns = calloc(1, sizeof *dns);

	assert_non_null(dns);
	dns->fd = fd;
	dns->ttl_s = 60;
	dns->event =
	    event_new(base, dns->fd, EV_READ | EV_PERSIST, dns_on_question, dns);
	(void)event_add(dns->event, NULL);
	return dns;
}

struct fake_dns *
fake_dns_new(struct event_base *base)
{
	uint16_t port;
	struct fake_dns *dns =
	    dns_on_socket(base, bound_socket("127.0.0.1", SOCK_DGRAM, -1, &port));

	dmp_text_format(dns->server, sizeof dns->server, "127.0.0.1:%u", port);
	return dns;
}

struct fake_dns *
fake_dns_new_at(struct event_base *base, const char *address)
{
	struct fake_dns *dns = dns_on_socket(base, bound_udp_socket(address, DNS_PORT));

	dmp_text_copy(dns->server, sizeof dns->server, address);
	return dns;
}

void
fake_dns_free(struct fake_dns *dns)
{
	event_free(dns->event);
	close(dns->fd);
	free(dns);
}

const char *
fake_dns_server(const struct fake_dns *dns)
{
	return dns->server;
}

void
fake_dns_rcode(struct fake_dns *dns, int rcode)
{
	dns->rcode = rcode;
}

void
fake_dns_ttl(struct fake_dns *dns, uint32_t ttl_s)
{
	dns->ttl_s = ttl_s;
}

void
fake_dns_addresses(struct fake_dns *dns, const char *v4, const char *v6)
{
	char one[64];

	dns->n_v4 = 0;
	while (*v4) {
		size_t n = strcspn(v4, " ");

		assert_true(n < sizeof one && dns->n_v4 < ADDRESSES4);
		memcpy(one, v4, n);
		one[n] = '\0';
		assert_int_equal(inet_pton(AF_INET, one, dns->v4[dns->n_v4++]), 1);
		v4 += n + strspn(v4 + n, " ");
	}
	dns->n_v6 = *v6 ? inet_pton(AF_INET6, v6, dns->v6) : 0;
}

int
fake_dns_questions(const struct fake_dns *dns)
{
	return dns->questions;
}
