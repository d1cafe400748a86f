/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include "base/text.h"

/* "fe80::1%eth0": a zone is an interface name or its number (RFC 4007 11). */
static bool
parse_zone(const char *zone, uint32_t *ret_scope)
{
	uint64_t number;

	if (dmp_text_number(zone, 1, UINT32_MAX, &number))
		*ret_scope = (uint32_t)number;
	else
		*ret_scope = if_nametoindex(zone);
	return *ret_scope != 0;
}

bool
dmp_address_parse(const char *text, struct dmp_address *ret_address)
{
	struct dmp_address a = {0};
	char literal[DMP_ADDRESS_TEXT];
	const char *zone = strchr(text, '%');
	size_t n = zone ? (size_t)(zone - text) : strlen(text);

	if (n >= sizeof literal)
		return false;
	memcpy(literal, text, n);
	literal[n] = '\0';
	if (!zone && inet_pton(AF_INET, literal, a.bytes) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, literal, a.bytes) == 1)
		a.family = AF_INET6;
	else
		return false;
	if (zone && !parse_zone(zone + 1, &a.scope))
		return false;
	*ret_address = a;
	return true;
}

void
dmp_address_text(const struct dmp_address *a, char text[DMP_ADDRESS_TEXT])
{
	text[0] = '\0';
	if (a->family == AF_INET || a->family == AF_INET6)
		(void)inet_ntop(a->family, a->bytes, text, DMP_ADDRESS_TEXT);
}

bool
dmp_address_equal(const struct dmp_address *a, const struct dmp_address *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool
dmp_address_is_loopback(const struct dmp_address *a)
{
	static const uint8_t IPV6_LOOPBACK[16] = {[15] = 1};

	if (a->family == AF_INET)
		return a->bytes[0] == 127;
	return a->family == AF_INET6 && memcmp(a->bytes, IPV6_LOOPBACK, 16) == 0;
}

socklen_t
dmp_address_to_socket(
    const struct dmp_address *a, uint16_t port, struct sockaddr_storage *ret_socket)
{
	memset(ret_socket, 0, sizeof *ret_socket);
	if (a->family == AF_INET) {
		struct sockaddr_in in = {
		    .sin_family = AF_INET, .sin_port = htons(port)};

		memcpy(&in.sin_addr, a->bytes, 4);
		memcpy(ret_socket, &in, sizeof in);
		return sizeof in;
	}
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons(port),
	    .sin6_scope_id = a->scope};

	memcpy(&in6.sin6_addr, a->bytes, 16);
	memcpy(ret_socket, &in6, sizeof in6);
	return sizeof in6;
}

bool
dmp_address_from_socket(
    const struct sockaddr *socket, struct dmp_address *ret_address, uint16_t *ret_port)
{
	struct dmp_address a = {0};

	if (socket->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, socket, sizeof in);
		a.family = AF_INET;
		memcpy(a.bytes, &in.sin_addr, 4);
		*ret_port = ntohs(in.sin_port);
	} else if (socket->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, socket, sizeof in6);
		a.family = AF_INET6;
		a.scope = in6.sin6_scope_id;
		memcpy(a.bytes, &in6.sin6_addr, 16);
		*ret_port = ntohs(in6.sin6_port);
	} else {
		return false;
	}
	*ret_address = a;
	return true;
}
