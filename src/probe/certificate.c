/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "probe/probe.h"

/* Certificates of Windows have strings of two bytes a character. */
static bool
certificate_text(const ASN1_STRING *string, char *field, size_t size)
{
	unsigned char *utf8 = NULL;
	int n = ASN1_STRING_to_UTF8(&utf8, string);

	if (n < 0)
		return false;
	dmp_text_printable(field, size, utf8, (size_t)n);
	OPENSSL_free(utf8);
	return n > 0;
}

static bool
certificate_common_name(const X509_NAME *name, char *field, size_t size)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);

	return at >= 0 &&
	       certificate_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)),
	           field, size);
}

static bool
certificate_dns_name(const X509 *certificate, char *field, size_t size)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *entry = sk_GENERAL_NAME_value(names, i);

		found = entry->type == GEN_DNS &&
		        certificate_text(entry->d.dNSName, field, size);
	}
	GENERAL_NAMES_free(names);
	return found;
}

void
dmp_certificate_subject(const struct x509_st *certificate, char *field, size_t size)
{
	const X509_NAME *name = X509_get_subject_name(certificate);
	char line[DMP_SUBJECT_TEXT] = "";

	if (!certificate_common_name(name, field, size) &&
	    !certificate_dns_name(certificate, field, size)) {
		(void)X509_NAME_oneline(name, line, sizeof line);
		dmp_text_printable(field, size, line, strlen(line));
	}
	ERR_clear_error();
}

bool
dmp_certificate_days_left(
    const struct x509_st *certificate, int64_t wall_ms, int32_t *ret_days)
{
	ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)(wall_ms / 1000));
	int days, seconds;
	bool ok = now && ASN1_TIME_diff(&days, &seconds, now,
	                     X509_get0_notAfter(certificate)) == 1;

	ASN1_TIME_free(now);
	ERR_clear_error();
	if (!ok)
		return false;
	*ret_days = seconds < 0 ? days - 1 : days;
	return true;
}

bool
dmp_certificate_is_for(struct x509_st *certificate, const char *host)
{
	struct dmp_address address;
	int ok;

	if (dmp_address_parse(host, &address))
		ok = X509_check_ip(
		    certificate, address.bytes, address.family == AF_INET ? 4 : 16, 0);
	else
		ok = X509_check_host(
		    certificate, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL);
	ERR_clear_error();
	return ok == 1;
}
