/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/test_pki.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
pki_extend(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

struct pki
pki_issue(const struct pki_request *request)
{
	struct pki pki = {.certificate = X509_new(), .key = EVP_EC_gen("P-256")};
	const struct pki *issuer = request->issuer ? request->issuer : &pki;
	X509_NAME *name;

	assert_non_null(pki.certificate);
	assert_non_null(pki.key);
	(void)X509_set_version(pki.certificate, X509_VERSION_3);
	(void)ASN1_INTEGER_set_uint64(X509_get_serialNumber(pki.certificate),
	    (uint64_t)(uintptr_t)pki.certificate);
	(void)X509_time_adj_ex(
	    X509_getm_notBefore(pki.certificate), request->from_days, 0, NULL);
	/* Half a day, so that the days left do not depend on the moment. */
	(void)X509_time_adj_ex(
	    X509_getm_notAfter(pki.certificate), request->until_days, 43200, NULL);
	name = X509_get_subject_name(pki.certificate);
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	                     (const unsigned char *)request->name, -1, -1, 0),
	    1);
	(void)X509_set_issuer_name(
	    pki.certificate, X509_get_subject_name(issuer->certificate));
	(void)X509_set_pubkey(pki.certificate, pki.key);
	pki_extend(pki.certificate, NID_basic_constraints,
	    request->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (request->alternatives)
		pki_extend(
		    pki.certificate, NID_subject_alt_name, request->alternatives);
	assert_true(X509_sign(pki.certificate, issuer->key, EVP_sha256()) > 0);
	return pki;
}

void
pki_free(struct pki *pki)
{
	X509_free(pki->certificate);
	EVP_PKEY_free(pki->key);
	*pki = (struct pki){NULL, NULL};
}

SSL_CTX *
pki_server(const struct pki *own, const struct pki *issuer)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	assert_non_null(context);
	SSL_CTX_set_security_level(context, 0);
	assert_int_equal(SSL_CTX_set_min_proto_version(context, TLS1_VERSION), 1);
	assert_int_equal(SSL_CTX_use_certificate(context, own->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, own->key), 1);
	if (issuer)
		assert_int_equal(
		    SSL_CTX_add1_chain_cert(context, issuer->certificate), 1);
	return context;
}

void
pki_write(const struct pki *pki, const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(PEM_write_X509(file, pki->certificate), 1);
	assert_int_equal(fclose(file), 0);
}
