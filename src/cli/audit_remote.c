/* SPDX-License-Identifier: BSD-2-Clause */
/* audit_remote.c - to whom a rule of Windows Firewall is open: addresses, networks and
 * ranges.  Words such as LocalSubnet mean what only that machine knows. */
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"
#include "cli/audit.h"

enum { REMOTE_ITEM = 128, BYTE_BITS = 8 };

static size_t
remote_width(const struct dmp_address *address)
{
	return address->family == AF_INET ? 4 : 16;
}

/* Do both agree in the bits that are set in mask? */
static bool
remote_matches(
    const struct dmp_address *a, const struct dmp_address *network, const uint8_t *mask)
{
	for (size_t i = 0; i < remote_width(a); i++) {
		if ((a->bytes[i] ^ network->bytes[i]) & mask[i])
			return false;
	}
	return true;
}

/* "24", or "255.255.255.0". */
static bool
remote_mask(const char *text, const struct dmp_address *network, uint8_t mask[16])
{
	struct dmp_address address;
	uint64_t bits;

	if (dmp_address_parse(text, &address)) {
		memcpy(mask, address.bytes, 16);
		return address.family == network->family;
	}
	if (!dmp_text_number(text, 0, BYTE_BITS * remote_width(network), &bits))
		return false;
	for (size_t i = 0; i < 16; i++) {
		size_t of_byte = bits < BYTE_BITS ? bits : BYTE_BITS;

		mask[i] = (uint8_t)(0xff00U >> of_byte);
		bits -= of_byte;
	}
	return true;
}

/* One item; what is no address may mean this one. */
static bool
remote_item_admits(char *item, const struct dmp_address *address)
{
	struct dmp_address first;
	struct dmp_address last;
	uint8_t mask[16];
	char *cut = strpbrk(item, "-/");
	char kind = cut ? *cut : '\0';
	size_t n = remote_width(address);

	if (cut)
		*cut = '\0';
	if (!dmp_address_parse(item, &first))
		return true;
	if (first.family != address->family)
		return false;
	if (!cut)
		return memcmp(first.bytes, address->bytes, n) == 0;
	if (kind == '/')
		return !remote_mask(cut + 1, &first, mask) ||
		       remote_matches(address, &first, mask);
	return !dmp_address_parse(cut + 1, &last) ||
	       (memcmp(address->bytes, first.bytes, n) >= 0 &&
	           memcmp(address->bytes, last.bytes, n) <= 0);
}

bool
dmp_audit_admits(const struct dmp_audit *audit, const struct dmp_audit_open *open,
    const char *address)
{
	const char *list = dmp_text_get(&audit->remotes) + open->remote;
	struct dmp_address parsed;
	char item[REMOTE_ITEM];

	if (open->is_anybody || !dmp_address_parse(address, &parsed))
		return true;
	while (*list) {
		size_t n = strcspn(list, DMP_AUDIT_SEPARATORS);

		/* What is longer is no address. */
		if (n >= sizeof item)
			return true;
		dmp_text_copy(item, n + 1, list);
		if (n > 0 && remote_item_admits(item, &parsed))
			return true;
		list += n + (list[n] != '\0');
	}
	return false;
}
