/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls.h - inside the probe library: the client side of TLS that wants to see, not to be
 * protected.
 *
 * How it works: every certificate is accepted, and what is wrong with it is recorded:
 * one handshake yields all faults and the facts.  Old versions and weak keys are
 * accepted, too: a probe must reach what a browser refuses.  The system's openssl.cnf
 * is not read, so that a policy of this machine does not look like a fault of the
 * other.
 */
#ifndef DMP_TLS_H
#define DMP_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "probe/probe.h"

#define DMP_TLS_TEXT          192
#define DMP_TLS_EXPIRING_DAYS 30

struct ssl_ctx_st;
struct ssl_st;
struct dmp_tls;

/* What the certificates say.  The gravest finding counts: expired, not yet valid, other
 * name, self-signed, untrusted, expires soon. */
struct dmp_tls_facts {
	bool seen;              /* a certificate was shown */
	enum dmp_reason reason; /* a TLS_* finding, or NONE */
	int32_t days_left;      /* to the first expiry in the chain; negative = since */
	char subject[DMP_SUBJECT_TEXT]; /* printable */
	char text[DMP_TLS_TEXT];        /* a sentence about it, and words for the lesser
	                                   ones; "" for NONE */
};

/* What connections have in common; ca_file "" = the system's store.  The caller frees
 * it with OpenSSL.  DMP_ENOENT when the CA file cannot be used. */
enum dmp_status dmp_tls_context_new(
    const char *ca_file, struct ssl_ctx_st **ret_context) DMP_CHECK_RESULT;

/* Prepare a connection to spec.host (for SNI, only when it is a name, and for the check
 * of the name) that trusts spec.ca_file or the system's store, out of spec.trust.  alpn
 * is a comma separated list or NULL.  DMP_ENOENT when the CA file cannot be used. */
enum dmp_status dmp_tls_new(const struct dmp_probe_spec *spec, const char *alpn,
    int64_t wall_ms, struct dmp_tls **ret_tls) DMP_CHECK_RESULT;

void dmp_tls_free(struct dmp_tls *tls);

/* Borrowed, for a bufferevent. */
struct ssl_st *dmp_tls_ssl(struct dmp_tls *tls);

/* May be read from the moment the peer's certificate has arrived. */
void dmp_tls_read_facts(const struct dmp_tls *tls, struct dmp_tls_facts *ret_facts);

/* Did the peer ask us for a certificate? */
bool dmp_tls_asked_certificate(const struct dmp_tls *tls);

/* "TLSv1.3".  Static string. */
const char *dmp_tls_version(const struct dmp_tls *tls);

/* The protocol that the peer chose with ALPN, "" = none. */
void dmp_tls_alpn(const struct dmp_tls *tls, char *field, size_t size);

/* Queue close_notify. */
void dmp_tls_goodbye(struct dmp_tls *tls);

/* Why did TLS fail?  error is OpenSSL's code, 0 when there is none; from NONE (nothing
 * to say about TLS: the connection just ended) to AUTH_REQUIRED (the alert follows from
 * our having no certificate), TLS_VERSION and TLS_ALERT. */
enum dmp_reason dmp_tls_failure(
    const struct dmp_tls *tls, unsigned long error, char *text, size_t size);

/* Do these first bytes of a connection belong to TLS? */
bool dmp_tls_is_record(const uint8_t *data, size_t size);

#endif
