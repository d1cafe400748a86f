/* SPDX-License-Identifier: BSD-2-Clause */
/* address.h - IP addresses as values: parse, print, compare, classify. */
#ifndef DMP_ADDRESS_H
#define DMP_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define DMP_ADDRESS_TEXT 46 /* INET6_ADDRSTRLEN: fits dmpPortAddress (45) */

/* An IPv4 or IPv6 address without a port.  Zeroed = none (family AF_UNSPEC). */
struct dmp_address {
	uint16_t family; /* AF_INET, AF_INET6, or 0 */
	uint32_t scope;  /* IPv6 link-local interface index, else 0 */
	uint8_t bytes[16];
};

/* Parse a literal ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"); false for anything
 * else, also for all-numeric garbage such as "256.1.1.1" that is no host name either.
 */
bool dmp_address_parse(const char *text, struct dmp_address *ret_address);

/* "" for none. */
void dmp_address_text(const struct dmp_address *a, char text[DMP_ADDRESS_TEXT]);

bool dmp_address_equal(const struct dmp_address *a, const struct dmp_address *b);
bool dmp_address_is_loopback(const struct dmp_address *a);

/* Fill a socket address with a and a port in host order; returns its length. */
socklen_t dmp_address_to_socket(
    const struct dmp_address *a, uint16_t port, struct sockaddr_storage *ret_socket);

/* The reverse; false when it is neither IPv4 nor IPv6. */
bool dmp_address_from_socket(
    const struct sockaddr *socket, struct dmp_address *ret_address, uint16_t *ret_port);

#endif
