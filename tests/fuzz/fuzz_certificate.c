/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the certificate of a TLS service. */
#include <assert.h>
#include <openssl/x509.h>
#include <stdint.h>

#include "probe/certificate.h"
#include "probe/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const HOSTS[] = {"dma1.example.net", "192.0.2.1", "::1", ""};
	const unsigned char *p = data;
	X509 *certificate = d2i_X509(NULL, &p, (long)size);
	char subject[DMP_SUBJECT_TEXT];
	int32_t days;

	if (!certificate)
		return 0;
	dmp_certificate_subject(certificate, subject, sizeof subject);
	for (const char *c = subject; *c; c++)
		assert(*c >= 0x20 && *c < 0x7f);
	(void)dmp_certificate_days_left(certificate, INT64_C(1767225600000), &days);
	for (size_t i = 0; i < sizeof HOSTS / sizeof HOSTS[0]; i++)
		(void)dmp_certificate_is_for(certificate, HOSTS[i]);
	X509_free(certificate);
	return 0;
}
