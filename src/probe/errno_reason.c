/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/errno_reason.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct icmp_row {
	uint16_t family;
	uint8_t type;
	uint8_t code;
	enum dmp_reason reason;
	const char *words;
};

/* RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1; RFC 4443 3. */
static const struct icmp_row ICMP_ROWS[] = {
    {AF_INET, 3, 0, DMP_REASON_NET_UNREACHABLE, "network unreachable"},
    {AF_INET, 3, 1, DMP_REASON_HOST_UNREACHABLE, "host unreachable"},
    {AF_INET, 3, 2, DMP_REASON_PROTOCOL_UNREACHABLE, "protocol unreachable"},
    {AF_INET, 3, 3, DMP_REASON_REFUSED, "port unreachable"},
    {AF_INET, 3, 5, DMP_REASON_HOST_UNREACHABLE, "source route failed"},
    {AF_INET, 3, 6, DMP_REASON_NET_UNREACHABLE, "network unknown"},
    {AF_INET, 3, 7, DMP_REASON_HOST_UNREACHABLE, "host unknown"},
    {AF_INET, 3, 8, DMP_REASON_HOST_UNREACHABLE, "host isolated"},
    {AF_INET, 3, 9, DMP_REASON_ADMIN_PROHIBITED, "network prohibited"},
    {AF_INET, 3, 10, DMP_REASON_ADMIN_PROHIBITED, "host prohibited"},
    {AF_INET, 3, 11, DMP_REASON_NET_UNREACHABLE, "network unreachable for this TOS"},
    {AF_INET, 3, 12, DMP_REASON_HOST_UNREACHABLE, "host unreachable for this TOS"},
    {AF_INET, 3, 13, DMP_REASON_ADMIN_PROHIBITED, "administratively prohibited"},
    {AF_INET, 3, 14, DMP_REASON_ADMIN_PROHIBITED, "host precedence violation"},
    {AF_INET, 3, 15, DMP_REASON_ADMIN_PROHIBITED, "precedence cutoff"},
    {AF_INET, 11, 0, DMP_REASON_NET_UNREACHABLE, "hop limit reached, a routing loop?"},
    {AF_INET6, 1, 0, DMP_REASON_NET_UNREACHABLE, "no route to the destination"},
    {AF_INET6, 1, 1, DMP_REASON_ADMIN_PROHIBITED, "administratively prohibited"},
    {AF_INET6, 1, 2, DMP_REASON_HOST_UNREACHABLE, "beyond the scope of the source"},
    {AF_INET6, 1, 3, DMP_REASON_HOST_UNREACHABLE, "address unreachable"},
    {AF_INET6, 1, 4, DMP_REASON_REFUSED, "port unreachable"},
    {AF_INET6, 1, 5, DMP_REASON_ADMIN_PROHIBITED, "source address policy"},
    {AF_INET6, 1, 6, DMP_REASON_ADMIN_PROHIBITED, "route rejects the destination"},
    {AF_INET6, 3, 0, DMP_REASON_NET_UNREACHABLE, "hop limit reached, a routing loop?"},
    {AF_INET6, 4, 1, DMP_REASON_PROTOCOL_UNREACHABLE, "next header not recognised"},
};

struct errno_row {
	int number;
	enum dmp_reason reason;
	const char *words;
};

/* Our own routing table, policy or limits, before anything was sent. */
static const struct errno_row AT_ONCE_ROWS[] = {
    {ECONNREFUSED, DMP_REASON_REFUSED, "refused"},
    {ENETUNREACH, DMP_REASON_NO_ROUTE, "no route to the network of the host"},
    {EHOSTUNREACH, DMP_REASON_NO_ROUTE, "the route to the host says unreachable"},
    {EHOSTDOWN, DMP_REASON_NO_ROUTE, "the route to the host is down"},
    {EINVAL, DMP_REASON_NO_ROUTE, "the route to the host is a black hole"},
    {ENETDOWN, DMP_REASON_NO_ROUTE, "the network interface is down"},
    {EAFNOSUPPORT, DMP_REASON_NO_ROUTE, "this machine does not speak this IP version"},
    {EACCES, DMP_REASON_LOCAL_FIREWALL, "a route or policy of this machine forbids it"},
    {EPERM, DMP_REASON_LOCAL_FIREWALL, "the firewall of this machine drops it"},
};

/* What came back, or what the kernel found out while waiting.  EACCES and EPROTO are
 * ICMPv6 verdicts here (prohibited, next header), never a local policy. */
static const struct errno_row LATER_ROWS[] = {
    {ECONNREFUSED, DMP_REASON_REFUSED, "refused"},
    {EHOSTUNREACH, DMP_REASON_HOST_UNREACHABLE, "host unreachable"},
    {EHOSTDOWN, DMP_REASON_HOST_UNREACHABLE, "host down"},
    {ENETUNREACH, DMP_REASON_NET_UNREACHABLE, "network unreachable"},
    {ENONET, DMP_REASON_HOST_UNREACHABLE, "host isolated"},
    {ENOPROTOOPT, DMP_REASON_PROTOCOL_UNREACHABLE, "protocol unreachable"},
    {EPROTO, DMP_REASON_PROTOCOL_UNREACHABLE, "protocol not recognised"},
    {ETIMEDOUT, DMP_REASON_TIMEOUT, "no answer"},
    {EACCES, DMP_REASON_ADMIN_PROHIBITED, "administratively prohibited"},
    {EPERM, DMP_REASON_LOCAL_FIREWALL, "the firewall of this machine drops it"},
    {ENETDOWN, DMP_REASON_NO_ROUTE, "the network interface is down"},
};

static const struct errno_row ALWAYS_ROWS[] = {
    {EADDRNOTAVAIL, DMP_REASON_LOCAL_PORTS, "no free local port or source address"},
    {EADDRINUSE, DMP_REASON_LOCAL_PORTS, "no free local port"},
    {EAGAIN, DMP_REASON_LOCAL_PORTS, "no free local port"},
    {EMFILE, DMP_REASON_LOCAL_LIMIT, "no free descriptor in this process"},
    {ENFILE, DMP_REASON_LOCAL_LIMIT, "no free descriptor in this machine"},
    {ENOBUFS, DMP_REASON_LOCAL_LIMIT, "no buffer space"},
    {ENOMEM, DMP_REASON_LOCAL_LIMIT, "no memory"},
};

static const struct icmp_row *
icmp_find(const struct dmp_net_error *error)
{
	if (!error->has_icmp)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(ICMP_ROWS); i++) {
		const struct icmp_row *row = &ICMP_ROWS[i];

		if (row->family == error->offender.family &&
		    row->type == error->icmp_type && row->code == error->icmp_code)
			return row;
	}
	return NULL;
}

static const struct errno_row *
errno_find_in(const struct errno_row *rows, size_t n, int number)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

static const struct errno_row *
errno_find(const struct dmp_net_error *error)
{
	const struct errno_row *row =
	    error->time == DMP_ERROR_AT_ONCE
	        ? errno_find_in(AT_ONCE_ROWS, ARRAY_SIZE(AT_ONCE_ROWS), error->number)
	        : errno_find_in(LATER_ROWS, ARRAY_SIZE(LATER_ROWS), error->number);

	if (!row)
		row =
		    errno_find_in(ALWAYS_ROWS, ARRAY_SIZE(ALWAYS_ROWS), error->number);
	return row;
}

/* An ICMP of our own that says "refused" or "prohibited" is our own firewall's reject
 * rule; one that says "unreachable" is the neighbour that did not answer. */
static bool
rejected_by_us(const struct dmp_net_error *error, enum dmp_reason reason)
{
	return error->from_us && !error->from_target &&
	       (reason == DMP_REASON_REFUSED || reason == DMP_REASON_ADMIN_PROHIBITED);
}

enum dmp_reason
dmp_error_reason(const struct dmp_net_error *error)
{
	const struct icmp_row *icmp = icmp_find(error);
	const struct errno_row *row = errno_find(error);

	if (error->number == 0)
		return DMP_REASON_NONE;
	if (icmp && rejected_by_us(error, icmp->reason))
		return DMP_REASON_LOCAL_FIREWALL;
	if (icmp)
		return icmp->reason;
	return row ? row->reason : DMP_REASON_LOCAL_ERROR;
}

static const char *
icmp_sender(const struct dmp_net_error *error, char text[DMP_ADDRESS_TEXT])
{
	if (error->from_target)
		return "the target";
	if (error->from_us)
		return "this machine";
	dmp_address_text(&error->offender, text);
	return text[0] ? text : "a router";
}

void
dmp_error_text(const struct dmp_net_error *error, char *field, size_t size)
{
	const struct icmp_row *icmp = icmp_find(error);
	const struct errno_row *row = errno_find(error);
	char address[DMP_ADDRESS_TEXT];
	char system_text[80] = "";

	if (error->from_us && icmp && icmp->reason == DMP_REASON_HOST_UNREACHABLE) {
		dmp_text_format(
		    field, size, "the host does not answer ARP or neighbour discovery");
		return;
	}
	if (error->has_icmp) {
		dmp_text_format(field, size, "%s reports: %s (ICMP%s %u/%u)",
		    icmp_sender(error, address), icmp ? icmp->words : "an error",
		    error->offender.family == AF_INET6 ? "v6" : "", error->icmp_type,
		    error->icmp_code);
		return;
	}
	if (row) {
		dmp_text_format(field, size, "%s", row->words);
		return;
	}
	(void)strerror_r(error->number, system_text, sizeof system_text);
	dmp_text_format(field, size, "%s", system_text);
}
