/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates and handshakes as a probe sees them, against a server of the test's. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/trust.h"
#include "support/fake_service.h"
#include "support/probe_run.h"
#include "support/temp_dir.h"
#include "support/test_pki.h"

struct box {
	struct event_base *base;
	char dir[TEMP_DIR_TEXT];
	char ca_file[TEMP_DIR_TEXT + 16];
	struct pki ca;
	struct pki wide; /* localhost and 127.0.0.1, for 400 days, by the CA */
};

static const struct fake_act QUIET = {.reply = NULL};
static const struct fake_act PLAIN_BANNER = {
    .reply = "SSH-2.0-OpenSSH_9.2\r\n", .speaks_first = true};
static const struct fake_act WEB = {
    .reply = "HTTP/1.1 200 OK\r\nServer: x/1\r\nContent-Length: 2\r\n\r\nok",
    .end = FAKE_FIN};

static int
setup(void **state)
{
	static struct box box;
	const struct pki_request ca = {
	    .name = "Test CA", .from_days = -1, .until_days = 500, .ca = 1};
	struct pki_request wide = {.name = "localhost",
	    .alternatives = "DNS:localhost,IP:127.0.0.1",
	    .from_days = -1,
	    .until_days = 400};

	(void)signal(SIGPIPE, SIG_IGN);
	box.base = event_base_new();
	temp_dir_make(box.dir);
	(void)snprintf(box.ca_file, sizeof box.ca_file, "%s/ca.pem", box.dir);
	box.ca = pki_issue(&ca);
	wide.issuer = &box.ca;
	box.wide = pki_issue(&wide);
	pki_write(&box.ca, box.ca_file);
	*state = &box;
	return 0;
}

static int
teardown(void **state)
{
	struct box *box = *state;

	pki_free(&box->wide);
	pki_free(&box->ca);
	temp_dir_remove(box->dir);
	event_base_free(box->base);
	return 0;
}

static struct dmp_probe_spec
spec_for(const struct box *box, enum dmp_probe_kind kind, const char *host)
{
	struct dmp_probe_spec spec =
	    probe_spec(DMP_TRANSPORT_TCP, "127.0.0.1", 1, 2000);

	spec.kind = kind;
	spec.depth = DMP_PROBE_IDENTIFY;
	spec.host = host;
	spec.ca_file = box->ca_file;
	spec.reply_timeout_ms = 2000;
	return spec;
}

static struct dmp_probe_result
run_tls(struct box *box, SSL_CTX *context, struct dmp_probe_spec spec)
{
	struct fake_service *service =
	    fake_service_new(box->base, &QUIET, context, &QUIET);
	struct dmp_probe_result result;

	spec.port = fake_service_port(service);
	result = probe_run(box->base, &spec);
	fake_service_free(service);
	SSL_CTX_free(context);
	return result;
}

/* What is said of a server with this certificate. */
static struct dmp_probe_result
run_certificate(struct box *box, struct pki_request request, const char *host)
{
	struct pki pki = pki_issue(&request);
	struct dmp_probe_result result =
	    run_tls(box, pki_server(&pki, NULL), spec_for(box, DMP_PROBE_TLS, host));

	pki_free(&pki);
	assert_true(result.used_tls);
	assert_int_equal(result.outcome, DMP_OUTCOME_OK);
	return result;
}

static void
good_certificate_is_answered_with_its_facts(void **state)
{
	struct box *box = *state;
	struct dmp_probe_result result = run_tls(box, pki_server(&box->wide, NULL),
	    spec_for(box, DMP_PROBE_TLS, "localhost"));

	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "TLSv1.3, localhost");
	assert_string_equal(result.tls_subject, "localhost");
	assert_int_equal(result.tls_days_left, 400);
	assert_true(result.used_tls);
	result = run_tls(box, pki_server(&box->wide, NULL),
	    spec_for(box, DMP_PROBE_TLS, "127.0.0.1"));
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
}

static void
every_fault_of_a_certificate_is_found(void **state)
{
	struct box *box = *state;
	const struct pki *ca = &box->ca;
	static const char NAMES[] = "DNS:localhost";
	const struct {
		struct pki_request request;
		enum dmp_reason reason;
		int32_t days_left;
	} CASES[] = {
	    {{"localhost", NAMES, -9, -3, ca, 0}, DMP_REASON_TLS_EXPIRED, -3},
	    {{"localhost", NAMES, 2, 90, ca, 0}, DMP_REASON_TLS_NOT_YET_VALID, 90},
	    {{"other", "DNS:other", -1, 90, ca, 0}, DMP_REASON_TLS_NAME_MISMATCH, 90},
	    {{"localhost", NAMES, -1, 90, NULL, 0}, DMP_REASON_TLS_SELF_SIGNED, 90},
	    {{"localhost", NAMES, -1, 29, ca, 0}, DMP_REASON_TLS_EXPIRING, 29},
	    {{"localhost", NAMES, -1, 30, ca, 0}, DMP_REASON_ANSWERED, 30},
	    /* The gravest counts. */
	    {{"other", "DNS:other", -9, -3, NULL, 0}, DMP_REASON_TLS_EXPIRED, -3},
	    {{"other", "DNS:other", -9, 3, NULL, 0}, DMP_REASON_TLS_NAME_MISMATCH, 3},
	    {{"localhost", NAMES, -9, 3, NULL, 0}, DMP_REASON_TLS_SELF_SIGNED, 3},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_probe_result result =
		    run_certificate(box, CASES[i].request, "localhost");

		assert_int_equal(result.reason, CASES[i].reason);
		assert_int_equal(result.tls_days_left, CASES[i].days_left);
	}
}

static void
lesser_faults_are_told_beside_the_gravest(void **state)
{
	struct box *box = *state;
	const struct {
		struct pki_request request;
		const char *text;
	} CASES[] = {
	    {{"other", "DNS:other", -9, -3, NULL, 0},
	        "the certificate has expired (3 d ago), and for another name, and "
	        "self-signed"},
	    {{"other", "DNS:other", -9, 3, NULL, 0},
	        "the certificate is for other, not for localhost, and self-signed, and "
	        "expires in 3 d"},
	    {{"localhost", "DNS:localhost", -9, 29, NULL, 0},
	        "the certificate is self-signed, and expires in 29 d"},
	    {{"localhost", "DNS:localhost", -9, 30, NULL, 0},
	        "the certificate is self-signed"},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_probe_result result =
		    run_certificate(box, CASES[i].request, "localhost");
		const char *text = strstr(result.detail, "the certificate ");

		assert_non_null(text);
		assert_string_equal(text, CASES[i].text);
	}
}

static void
address_must_be_in_the_certificate(void **state)
{
	struct box *box = *state;
	struct pki_request request = {
	    "127.0.0.1", "DNS:localhost,IP:192.0.2.1", -1, 90, &box->ca, 0};

	assert_int_equal(run_certificate(box, request, "127.0.0.1").reason,
	    DMP_REASON_TLS_NAME_MISMATCH);
}

static void
trailing_dot_is_no_part_of_the_name(void **state)
{
	struct box *box = *state;
	struct pki_request request = {"x", "DNS:localhost", -1, 90, &box->ca, 0};

	assert_int_equal(
	    run_certificate(box, request, "localhost.").reason, DMP_REASON_ANSWERED);
}

static void
unknown_issuer_is_untrusted(void **state)
{
	struct box *box = *state;
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");

	spec.ca_file = NULL;
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_TLS_UNTRUSTED);
}

static void
certificate_itself_may_be_the_ca_file(void **state)
{
	struct box *box = *state;
	char path[TEMP_DIR_TEXT + 16];
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");

	(void)snprintf(path, sizeof path, "%s/own.pem", box->dir);
	pki_write(&box->wide, path);
	spec.ca_file = path;
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_ANSWERED);
}

static void
first_expiry_in_the_chain_counts(void **state)
{
	struct box *box = *state;
	struct pki_request middle_request = {"Middle", NULL, -1, 10, &box->ca, 1};
	struct pki middle = pki_issue(&middle_request);
	struct pki_request request = {"localhost", "DNS:localhost", -1, 90, &middle, 0};
	struct pki own = pki_issue(&request);
	struct dmp_probe_result result = run_tls(
	    box, pki_server(&own, &middle), spec_for(box, DMP_PROBE_TLS, "localhost"));

	assert_int_equal(result.reason, DMP_REASON_TLS_EXPIRING);
	assert_int_equal(result.tls_days_left, 10);
	pki_free(&own);
	pki_free(&middle);
}

/* A server below so many intermediate certificates. */
static struct dmp_probe_result
run_chain(struct box *box, size_t n)
{
	struct pki middle[12];
	struct pki own;
	SSL_CTX *context;
	struct pki_request request = {"Middle", NULL, -1, 90, &box->ca, 1};
	struct dmp_probe_result result;

	for (size_t i = 0; i < n; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "Middle %zu", i);
		request.name = name;
		request.issuer = i > 0 ? &middle[i - 1] : &box->ca;
		middle[i] = pki_issue(&request);
	}
	request = (struct pki_request){
	    "localhost", "DNS:localhost", -1, 90, &middle[n - 1], 0};
	own = pki_issue(&request);
	context = pki_server(&own, NULL);
	for (size_t i = n; i > 0; i--)
		assert_int_equal(
		    SSL_CTX_add1_chain_cert(context, middle[i - 1].certificate), 1);
	result = run_tls(box, context, spec_for(box, DMP_PROBE_TLS, "localhost"));
	for (size_t i = 0; i < n; i++)
		pki_free(&middle[i]);
	pki_free(&own);
	return result;
}

static void
chain_may_have_10_intermediate_certificates(void **state)
{
	assert_int_equal(run_chain(*state, 10).reason, DMP_REASON_ANSWERED);
	assert_int_equal(run_chain(*state, 11).reason, DMP_REASON_TLS_UNTRUSTED);
}

static void
missing_ca_file_is_our_own_fault(void **state)
{
	struct box *box = *state;
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");

	spec.ca_file = "/nonexistent/ca.pem";
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_LOCAL_ERROR);
}

static SSL_CTX *
trusted(struct dmp_trust *trust, const char *ca_file)
{
	SSL_CTX *context = NULL;

	assert_int_equal(dmp_trust_context(trust, ca_file, &context), DMP_OK);
	return context;
}

static void
trust_is_read_once_for_each_source(void **state)
{
	struct box *box = *state;
	struct dmp_trust *trust;
	SSL_CTX *system;
	SSL_CTX *own;

	assert_int_equal(dmp_trust_new(&trust), DMP_OK);
	system = trusted(trust, "");
	own = trusted(trust, box->ca_file);
	assert_ptr_not_equal(own, system);
	for (int i = 0; i < 3; i++) {
		assert_ptr_equal(trusted(trust, ""), system);
		assert_ptr_equal(trusted(trust, box->ca_file), own);
	}
	dmp_trust_free(trust);
	dmp_trust_free(NULL);
}

/* Another CA, then none, then the first one again. */
static void
ca_file_that_changes_counts_for_the_next_probe(void **state)
{
	struct box *box = *state;
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");
	struct pki_request request = {"Other", NULL, -1, 90, NULL, 1};
	struct pki other = pki_issue(&request);
	char path[TEMP_DIR_TEXT + 16];
	struct dmp_trust *trust;

	(void)snprintf(path, sizeof path, "%s/changing.pem", box->dir);
	assert_int_equal(dmp_trust_new(&trust), DMP_OK);
	spec.trust = trust;
	spec.ca_file = path;
	pki_write(&box->ca, path);
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_ANSWERED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_LOCAL_ERROR);
	pki_write(&other, path);
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_TLS_UNTRUSTED);
	pki_write(&box->ca, path);
	assert_int_equal(run_tls(box, pki_server(&box->wide, NULL), spec).reason,
	    DMP_REASON_ANSWERED);
	dmp_trust_free(trust);
	pki_free(&other);
}

/* Two servers with different faults: what is recorded belongs to the connection. */
static void
probes_that_share_trust_share_no_findings(void **state)
{
	struct box *box = *state;
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");
	struct pki_request request = {"localhost", "DNS:localhost", -1, 90, NULL, 0};
	struct pki self = pki_issue(&request);
	struct dmp_probe_result result;

	assert_int_equal(dmp_trust_new(&spec.trust), DMP_OK);
	result = run_tls(box, pki_server(&self, NULL), spec);
	assert_int_equal(result.reason, DMP_REASON_TLS_SELF_SIGNED);
	result = run_tls(box, pki_server(&box->wide, NULL), spec);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(result.tls_days_left, 400);
	dmp_trust_free(spec.trust);
	pki_free(&self);
}

static int
want_certificate(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 0;
}

static void
client_certificate_is_asked_for_and_the_facts_stay(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct box *box = *state;

	for (size_t i = 0; i < 2; i++) {
		SSL_CTX *context = pki_server(&box->wide, NULL);
		struct dmp_probe_result result;

		(void)SSL_CTX_set_max_proto_version(context, VERSIONS[i]);
		SSL_CTX_set_verify(context,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
		    want_certificate);
		result =
		    run_tls(box, context, spec_for(box, DMP_PROBE_TLS, "localhost"));
		assert_int_equal(result.reason, DMP_REASON_AUTH_REQUIRED);
		assert_int_equal(result.tls_days_left, 400);
		assert_string_equal(result.tls_subject, "localhost");
	}
}

static void
optional_client_certificate_is_no_obstacle(void **state)
{
	struct box *box = *state;
	SSL_CTX *context = pki_server(&box->wide, NULL);

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	assert_int_equal(
	    run_tls(box, context, spec_for(box, DMP_PROBE_TLS, "localhost")).reason,
	    DMP_REASON_ANSWERED);
}

static void
old_versions_are_accepted(void **state)
{
	struct box *box = *state;
	SSL_CTX *context = pki_server(&box->wide, NULL);
	struct dmp_probe_result result;

	(void)SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
	(void)SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
	result = run_tls(box, context, spec_for(box, DMP_PROBE_TLS, "localhost"));
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_string_equal(result.identity, "TLSv1, localhost");
}

static struct dmp_probe_result
run_raw(struct box *box, const void *reply, size_t size)
{
	const struct fake_act act = {.reply = reply, .size = size, .end = FAKE_FIN};
	struct fake_service *service = fake_service_new(box->base, &act, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");
	struct dmp_probe_result result;

	spec.port = fake_service_port(service);
	result = probe_run(box->base, &spec);
	fake_service_free(service);
	assert_int_equal(result.used_tls, size > 0);
	assert_int_equal(result.tls_days_left, INT32_MAX);
	return result;
}

static void
alert_is_the_reason(void **state)
{
	assert_int_equal(
	    run_raw(*state, "\x15\3\3\0\2\2\x46", 7).reason, DMP_REASON_TLS_VERSION);
	assert_int_equal(
	    run_raw(*state, "\x15\3\3\0\2\2\x28", 7).reason, DMP_REASON_TLS_ALERT);
	/* Half a record. */
	assert_int_equal(run_raw(*state, "\x16\3\3\0", 4).reason, DMP_REASON_TLS_ALERT);
	/* A record that promises more than TLS allows. */
	assert_int_equal(
	    run_raw(*state, "\x16\3\3\xff\xff\2", 6).reason, DMP_REASON_TLS_ALERT);
	assert_int_equal(run_raw(*state, "", 0).reason, DMP_REASON_CLOSED_EARLY);
}

static void
plain_service_is_named_by_its_bytes(void **state)
{
	struct box *box = *state;
	struct fake_service *service =
	    fake_service_new(box->base, &PLAIN_BANNER, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(box, DMP_PROBE_TLS, "localhost");
	struct dmp_probe_result result;

	spec.port = fake_service_port(service);
	result = probe_run(box->base, &spec);
	fake_service_free(service);
	assert_int_equal(result.reason, DMP_REASON_TLS_NOT_TLS);
	assert_non_null(strstr(result.detail, "SSH-2.0-OpenSSH_9.2"));
}

static void
web_over_tls_is_answered_and_bidden_goodbye(void **state)
{
	static const struct fake_act STAY = {.reply = "HTTP/1.1 200 OK\r\n\r\n"};
	const struct fake_act *const ACTS[] = {&WEB, &STAY};
	struct box *box = *state;

	for (size_t i = 0; i < 2; i++) {
		SSL_CTX *context = pki_server(&box->wide, NULL);
		struct fake_service *service =
		    fake_service_new(box->base, &QUIET, context, ACTS[i]);
		struct dmp_probe_spec spec =
		    spec_for(box, DMP_PROBE_HTTPS, "localhost");
		struct dmp_probe_result result;

		spec.port = fake_service_port(service);
		result = probe_run(box->base, &spec);
		assert_int_equal(result.reason, DMP_REASON_ANSWERED);
		assert_int_equal(result.tls_days_left, 400);
		(void)event_base_loop(box->base, EVLOOP_NONBLOCK);
		(void)event_base_loop(box->base, EVLOOP_NONBLOCK);
		/* The first one closed by itself. */
		assert_int_equal(fake_service_goodbyes(service), (int)i);
		fake_service_free(service);
		SSL_CTX_free(context);
	}
}

/* Else a service that is asked in full once an hour would have the finding for one
 * check only. */
static void
finding_in_a_certificate_outranks_a_weak_identity(void **state)
{
	struct box *box = *state;
	struct pki_request request = {"localhost", "DNS:localhost", -1, 90, NULL, 0};
	struct pki self = pki_issue(&request);
	SSL_CTX *contexts[] = {pki_server(&self, NULL), pki_server(&box->wide, NULL)};
	static const enum dmp_reason REASONS[] = {
	    DMP_REASON_TLS_SELF_SIGNED, DMP_REASON_IDENTITY_WEAK};

	for (size_t i = 0; i < 2; i++) {
		struct fake_service *service =
		    fake_service_new(box->base, &QUIET, contexts[i], &WEB);
		struct dmp_probe_spec spec =
		    spec_for(box, DMP_PROBE_CLOUD_ENDPOINT, "localhost");
		struct dmp_probe_result result;

		spec.port = fake_service_port(service);
		spec.tls = DMP_PROBE_TLS_YES;
		result = probe_run(box->base, &spec);
		assert_int_equal(result.reason, REASONS[i]);
		assert_non_null(strstr(result.detail, "HTTP"));
		fake_service_free(service);
		SSL_CTX_free(contexts[i]);
	}
	pki_free(&self);
}

static int
note_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	*(char *)arg = name ? name[0] : '-';
	return SSL_TLSEXT_ERR_OK;
}

static void
server_name_is_sent_for_names_only(void **state)
{
	static const char *const HOSTS[] = {"localhost", "127.0.0.1", "::1"};
	static const char FIRST[] = "l--";
	struct box *box = *state;

	for (size_t i = 0; i < 3; i++) {
		SSL_CTX *context = pki_server(&box->wide, NULL);
		char first = '?';

		(void)SSL_CTX_set_tlsext_servername_callback(context, note_name);
		(void)SSL_CTX_set_tlsext_servername_arg(context, &first);
		(void)run_tls(box, context, spec_for(box, DMP_PROBE_TLS, HOSTS[i]));
		assert_int_equal(first, FIRST[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_certificate_is_answered_with_its_facts),
	    cmocka_unit_test(every_fault_of_a_certificate_is_found),
	    cmocka_unit_test(lesser_faults_are_told_beside_the_gravest),
	    cmocka_unit_test(address_must_be_in_the_certificate),
	    cmocka_unit_test(trailing_dot_is_no_part_of_the_name),
	    cmocka_unit_test(unknown_issuer_is_untrusted),
	    cmocka_unit_test(certificate_itself_may_be_the_ca_file),
	    cmocka_unit_test(first_expiry_in_the_chain_counts),
	    cmocka_unit_test(chain_may_have_10_intermediate_certificates),
	    cmocka_unit_test(missing_ca_file_is_our_own_fault),
	    cmocka_unit_test(trust_is_read_once_for_each_source),
	    cmocka_unit_test(ca_file_that_changes_counts_for_the_next_probe),
	    cmocka_unit_test(probes_that_share_trust_share_no_findings),
	    cmocka_unit_test(client_certificate_is_asked_for_and_the_facts_stay),
	    cmocka_unit_test(optional_client_certificate_is_no_obstacle),
	    cmocka_unit_test(old_versions_are_accepted),
	    cmocka_unit_test(alert_is_the_reason),
	    cmocka_unit_test(plain_service_is_named_by_its_bytes),
	    cmocka_unit_test(web_over_tls_is_answered_and_bidden_goodbye),
	    cmocka_unit_test(finding_in_a_certificate_outranks_a_weak_identity),
	    cmocka_unit_test(server_name_is_sent_for_names_only),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
