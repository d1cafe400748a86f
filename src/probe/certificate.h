/* SPDX-License-Identifier: BSD-2-Clause */
/* certificate.h - inside the probe library: what one certificate says. */
#ifndef DMP_CERTIFICATE_H
#define DMP_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct x509_st;

/* The common name, else the first DNS name of the alternative names (RFC 6125: many
 * certificates have only these), else the whole subject.  Printable, cut. */
void dmp_certificate_subject(
    const struct x509_st *certificate, char *field, size_t size);

/* Whole days until it ends, rounded down.  False when its date is none. */
bool dmp_certificate_days_left(
    const struct x509_st *certificate, int64_t wall_ms, int32_t *ret_days);

/* Was it made for this host?  A literal must be among its addresses; a name follows
 * RFC 6125: one wildcard may stand for a whole first label. */
bool dmp_certificate_is_for(struct x509_st *certificate, const char *host);

#endif
