/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pki.h - certificates made in memory, and TLS servers that show them. */
#ifndef DMP_TEST_PKI_H
#define DMP_TEST_PKI_H

#include <openssl/ssl.h>

struct pki {
	X509 *certificate;
	EVP_PKEY *key;
};

struct pki_request {
	const char *name;         /* common name */
	const char *alternatives; /* "DNS:a,IP:192.0.2.1", NULL = none */
	int from_days;            /* from now */
	int until_days;
	const struct pki *issuer; /* NULL = signed by itself */
	int ca;                   /* may sign others */
};

/* Fails the test when it cannot. */
struct pki pki_issue(const struct pki_request *request);
void pki_free(struct pki *pki);

/* A server's context: its certificate and, unless NULL, the one of its issuer. */
SSL_CTX *pki_server(const struct pki *own, const struct pki *issuer);

/* Write the certificate to a PEM file. */
void pki_write(const struct pki *pki, const char *path);

#endif
