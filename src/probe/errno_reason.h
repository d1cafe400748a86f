/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errno_reason.h - what a network error means: errno and ICMP to a reason and words.
 *
 * The same errno means different things at different times: EHOSTUNREACH from connect()
 * itself is our own routing table, later it is a router's or our neighbour cache's
 * word.  And errno alone folds "administratively prohibited" into "host unreachable";
 * the ICMP message behind it, when the kernel kept it, decides.  Pure.
 */
#ifndef DMP_ERRNO_REASON_H
#define DMP_ERRNO_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/vocab.h"

enum dmp_error_time {
	DMP_ERROR_AT_ONCE = 0, /* the system call itself failed */
	DMP_ERROR_LATER        /* the network answered, or the kernel gave up waiting */
};

/* One error of one attempt.  number 0 = none. */
struct dmp_net_error {
	int number; /* errno */
	enum dmp_error_time time;
	bool has_icmp;     /* type and code are known */
	bool from_target;  /* the ICMP's sender is the address we asked */
	bool from_us;      /* it is our own address: this machine made the ICMP */
	uint8_t icmp_type; /* of the offender's family */
	uint8_t icmp_code;
	struct dmp_address offender; /* who sent the ICMP; none = not known */
};

enum dmp_reason dmp_error_reason(const struct dmp_net_error *error);

/* One printable sentence that says who said what. */
void dmp_error_text(const struct dmp_net_error *error, char *field, size_t size);

#endif
