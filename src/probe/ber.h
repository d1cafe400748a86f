/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ber.h - inside the probe library: the part of BER that SNMP messages are made of
 * (X.690 8, RFC 3417 8): single-byte tags and definite lengths.
 *
 * How it works: a cursor is a window on the datagram.  dmp_ber_take() cuts the next
 * element of an expected tag off its front as a cursor of its own, so that no read can
 * leave the element it belongs to.
 */
#ifndef DMP_BER_H
#define DMP_BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_BER_INTEGER  0x02
#define DMP_BER_STRING   0x04
#define DMP_BER_OID      0x06
#define DMP_BER_SEQUENCE 0x30

struct dmp_ber {
	const uint8_t *p;
	size_t n;
};

/* Cut off the next element of any tag; false when there is no whole one. */
bool dmp_ber_any(struct dmp_ber *w, uint8_t *ret_tag, struct dmp_ber *ret_content);

/* Cut off the next element, which must have this tag. */
bool dmp_ber_take(struct dmp_ber *w, uint8_t tag, struct dmp_ber *ret_content);

/* An INTEGER of 0..2^31-1, which is all that SNMP message headers hold. */
bool dmp_ber_number(struct dmp_ber *w, uint32_t *ret_number);

#endif
