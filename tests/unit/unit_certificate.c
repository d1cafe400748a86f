/* SPDX-License-Identifier: BSD-2-Clause */
/* What one certificate says: names, wildcards, addresses, dates. */
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "probe/certificate.h"
#include "probe/probe.h"
#include "support/test_pki.h"

static bool
is_for(const char *name, const char *alternatives, const char *host)
{
	struct pki_request request = {name, alternatives, -1, 90, NULL, 0};
	struct pki pki = pki_issue(&request);
	bool ok = dmp_certificate_is_for(pki.certificate, host);

	pki_free(&pki);
	return ok;
}

static void
wildcard_stands_for_a_whole_first_label(void **state)
{
	static const char NAMES[] = "DNS:*.example.net";

	(void)state;
	assert_true(is_for("x", NAMES, "dma1.example.net"));
	assert_true(is_for("x", NAMES, "DMA1.EXAMPLE.NET"));
	assert_false(is_for("x", NAMES, "example.net"));
	assert_false(is_for("x", NAMES, "a.dma1.example.net"));
	assert_false(is_for("x", "DNS:dma*.example.net", "dma1.example.net"));
	assert_false(is_for("x", "DNS:dma1.*.net", "dma1.example.net"));
	assert_false(is_for("x", "DNS:*", "localhost"));
}

static void
common_name_counts_only_without_alternative_names(void **state)
{
	(void)state;
	assert_true(is_for("dma1.example.net", NULL, "dma1.example.net"));
	assert_true(is_for("dma1.example.net", "IP:192.0.2.1", "dma1.example.net"));
	assert_false(is_for("dma1.example.net", "DNS:other", "dma1.example.net"));
}

static void
address_must_be_an_address_of_the_certificate(void **state)
{
	(void)state;
	assert_true(is_for("x", "DNS:a,IP:192.0.2.1,IP:2001:db8::1", "192.0.2.1"));
	assert_true(is_for("x", "IP:192.0.2.1,IP:2001:db8::1", "2001:db8:0::1"));
	assert_false(is_for("x", "IP:192.0.2.1", "192.0.2.2"));
	assert_false(is_for("x", "IP:::ffff:192.0.2.1", "192.0.2.1"));
	assert_false(is_for("192.0.2.1", "DNS:192.0.2.1", "192.0.2.1"));
}

static void
subject_of(X509 *certificate, const char *expected)
{
	char subject[DMP_SUBJECT_TEXT];

	dmp_certificate_subject(certificate, subject, sizeof subject);
	assert_string_equal(subject, expected);
}

static X509 *
certificate_named(const char *field, int type, const void *value, int size)
{
	X509 *certificate = X509_new();

	assert_non_null(certificate);
	if (field)
		assert_int_equal(
		    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate),
		        field, type, value, size, -1, 0),
		    1);
	return certificate;
}

static void
subject_is_the_common_name_or_the_first_alternative_one(void **state)
{
	struct pki_request request = {
	    "own", "IP:192.0.2.1,DNS:first,DNS:second", -1, 90, NULL, 0};
	struct pki pki = pki_issue(&request);
	X509 *plain = certificate_named("O", MBSTRING_ASC, "Somebody", -1);
	X509 *none = certificate_named(NULL, 0, NULL, 0);

	(void)state;
	subject_of(pki.certificate, "own");
	X509_NAME_ENTRY_free(
	    X509_NAME_delete_entry(X509_get_subject_name(pki.certificate), 0));
	subject_of(pki.certificate, "first");
	subject_of(plain, "/O=Somebody");
	subject_of(none, "");
	pki_free(&pki);
	X509_free(plain);
	X509_free(none);
}

static void
subject_of_two_bytes_a_character_is_readable(void **state)
{
	static const char WIDE[] = {0, 'd', 0, 'm', 0, 'a', 0, '1'};
	X509 *certificate =
	    certificate_named("CN", V_ASN1_BMPSTRING, WIDE, sizeof WIDE);

	(void)state;
	subject_of(certificate, "dma1");
	X509_free(certificate);
}

static void
subject_cannot_carry_control_characters(void **state)
{
	static const char HOSTILE[] = "a\x1b[2J\r\nb";
	X509 *certificate =
	    certificate_named("CN", V_ASN1_UTF8STRING, HOSTILE, sizeof HOSTILE - 1);
	char subject[DMP_SUBJECT_TEXT];

	(void)state;
	dmp_certificate_subject(certificate, subject, sizeof subject);
	for (const char *c = subject; *c; c++)
		assert_true(*c >= 0x20 && *c < 0x7f);
	assert_int_equal(subject[0], 'a');
	X509_free(certificate);
}

static void
days_are_rounded_down_and_go_below_zero(void **state)
{
	static const struct {
		const char *end;
		int32_t days;
	} CASES[] = {
	    {"20260103000000Z", 2},
	    {"20260102235959Z", 1},
	    {"20260101000000Z", 0},
	    {"20251231235959Z", -1},
	    {"20600101000000Z", 12418},
	};
	int64_t wall_ms = INT64_C(1767225600000); /* 2026-01-01 */
	int32_t days;

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		X509 *certificate = certificate_named(NULL, 0, NULL, 0);

		assert_int_equal(ASN1_TIME_set_string_X509(
		                     X509_getm_notAfter(certificate), CASES[i].end),
		    1);
		assert_true(dmp_certificate_days_left(certificate, wall_ms, &days));
		assert_int_equal(days, CASES[i].days);
		X509_free(certificate);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wildcard_stands_for_a_whole_first_label),
	    cmocka_unit_test(common_name_counts_only_without_alternative_names),
	    cmocka_unit_test(address_must_be_an_address_of_the_certificate),
	    cmocka_unit_test(subject_is_the_common_name_or_the_first_alternative_one),
	    cmocka_unit_test(subject_of_two_bytes_a_character_is_readable),
	    cmocka_unit_test(subject_cannot_carry_control_characters),
	    cmocka_unit_test(days_are_rounded_down_and_go_below_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
