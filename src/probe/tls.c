/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/tls.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "probe/certificate.h"
#include "probe/trust.h"

#define CHAIN_DEPTH 10 /* intermediate ones; longer chains are not trusted */
#define HASH_SIZE   8
#define HOST_MAX    253
#define ALPN_MAX    64

#define ALERT_FATAL            2
#define ALERT_PROTOCOL_VERSION 70

/* The faults that a chain may have at the same time, the gravest first. */
enum tls_fault {
	TLS_EXPIRED = 0,
	TLS_NOT_YET,
	TLS_NAME,
	TLS_SELF_SIGNED,
	TLS_UNTRUSTED,
	TLS_FAULTS
};

struct tls_finding {
	bool found;
	int depth; /* 0 = the server's own certificate */
	int error; /* X509_V_ERR_* */
};

struct dmp_tls {
	SSL *ssl;
	int64_t wall_ms;
	bool seen;
	bool asked_certificate;
	int alert; /* the fatal alert that came, -1 = none */
	int32_t days_left;
	struct tls_finding findings[TLS_FAULTS];
	char host[HOST_MAX + 1]; /* without the trailing dot, "" = do not check */
	char subject[DMP_SUBJECT_TEXT];
};

static enum tls_fault
tls_fault_of(int error)
{
	static const struct {
		int error;
		enum tls_fault fault;
	} FAULTS[] = {
	    {X509_V_ERR_CERT_HAS_EXPIRED, TLS_EXPIRED},
	    {X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD, TLS_EXPIRED},
	    {X509_V_ERR_CERT_NOT_YET_VALID, TLS_NOT_YET},
	    {X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, TLS_NOT_YET},
	    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, TLS_SELF_SIGNED},
	};

	for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++)
		if (FAULTS[i].error == error)
			return FAULTS[i].fault;
	return TLS_UNTRUSTED;
}

static void
tls_note(struct dmp_tls *tls, enum tls_fault fault, int depth, int error)
{
	if (!tls->findings[fault].found)
		tls->findings[fault] =
		    (struct tls_finding){.found = true, .depth = depth, .error = error};
}

static struct dmp_tls *
tls_of_store(X509_STORE_CTX *store)
{
	SSL *ssl =
	    X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());

	return SSL_get_app_data(ssl);
}

/* Record the fault and go on: the default ends at the first one and hides the others.
 */
static int
tls_on_fault(int ok, X509_STORE_CTX *store)
{
	int error = X509_STORE_CTX_get_error(store);

	if (!ok)
		tls_note(tls_of_store(store), tls_fault_of(error),
		    X509_STORE_CTX_get_error_depth(store), error);
	return 1;
}

/* The chain as it was built: what the peer sent beside it, such as an outdated root,
 * does no harm. */
static void
tls_note_expiry(struct dmp_tls *tls, X509_STORE_CTX *store)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);

	tls->days_left = INT32_MAX;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		int32_t days;

		if (dmp_certificate_days_left(
		        sk_X509_value(chain, i), tls->wall_ms, &days) &&
		    days < tls->days_left)
			tls->days_left = days;
	}
}

/* Runs in place of OpenSSL's verification, as soon as the certificate is there. */
static int
tls_on_chain(X509_STORE_CTX *store, void *arg)
{
	struct dmp_tls *tls = tls_of_store(store);
	X509 *certificate = X509_STORE_CTX_get0_cert(store);

	(void)arg;
	X509_STORE_CTX_set_verify_cb(store, tls_on_fault);
	X509_STORE_CTX_set_time(store, 0, (time_t)(tls->wall_ms / 1000));
	if (X509_verify_cert(store) != 1)
		tls_note(tls, TLS_UNTRUSTED, 0, X509_STORE_CTX_get_error(store));
	X509_STORE_CTX_set_error(store, X509_V_OK);
	ERR_clear_error();
	tls->seen = true;
	tls_note_expiry(tls, store);
	dmp_certificate_subject(certificate, tls->subject, sizeof tls->subject);
	if (tls->host[0] != '\0' && !dmp_certificate_is_for(certificate, tls->host))
		tls_note(tls, TLS_NAME, 0, X509_V_ERR_HOSTNAME_MISMATCH);
	return 1;
}

static int
tls_on_certificate_request(SSL *ssl, X509 **ret_certificate, EVP_PKEY **ret_key)
{
	struct dmp_tls *tls = SSL_get_app_data(ssl);

	(void)ret_certificate;
	(void)ret_key;
	tls->asked_certificate = true;
	return 0;
}

static void
tls_on_info(const SSL *ssl, int where, int value)
{
	struct dmp_tls *tls = SSL_get_app_data(ssl);

	if (where == SSL_CB_READ_ALERT && value >> 8 == ALERT_FATAL && tls->alert < 0)
		tls->alert = value & 0xff;
}

/* Are there names such as 0a1b2c3d.0, by which OpenSSL finds an issuer? */
static bool
tls_is_hashed(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)) != NULL)
		found = strspn(entry->d_name, "0123456789abcdef") == HASH_SIZE &&
		        strcmp(entry->d_name + HASH_SIZE, ".0") == 0;
	(void)closedir(dir);
	return found;
}

/* A folder is looked into only for the issuers that are met; the file beside it holds
 * the same ones and takes 15 ms to read, each time. */
static void
tls_trust_system(SSL_CTX *context)
{
	if (!getenv(X509_get_default_cert_file_env()) &&
	    !getenv(X509_get_default_cert_dir_env()) &&
	    tls_is_hashed(X509_get_default_cert_dir()))
		(void)SSL_CTX_set_default_verify_dir(context);
	else
		(void)SSL_CTX_set_default_verify_paths(context);
}

enum dmp_status
dmp_tls_context_new(const char *ca_file, struct ssl_ctx_st **ret_context)
{
	SSL_CTX *context = NULL;
	X509_VERIFY_PARAM *param;
	bool usable = true;

	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1)
		context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return DMP_ENOMEM;
	SSL_CTX_set_security_level(context, 0);
	(void)SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	(void)SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
	(void)SSL_CTX_set_options(
	    context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify_depth(context, CHAIN_DEPTH);
	SSL_CTX_set_cert_verify_callback(context, tls_on_chain, NULL);
	SSL_CTX_set_client_cert_cb(context, tls_on_certificate_request);
	SSL_CTX_set_info_callback(context, tls_on_info);
	/* A CA file may hold an intermediate, or the server's certificate itself. */
	param = SSL_CTX_get0_param(context);
	(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (ca_file[0] != '\0')
		usable = SSL_CTX_load_verify_file(context, ca_file) == 1;
	else
		tls_trust_system(context);
	ERR_clear_error();
	if (!usable) {
		SSL_CTX_free(context);
		return DMP_ENOENT;
	}
	*ret_context = context;
	return DMP_OK;
}

/* "h2,http/1.1" as length-prefixed names (RFC 7301 3.1); 0 when it is too long. */
static unsigned
tls_alpn_wire(const char *list, uint8_t wire[ALPN_MAX])
{
	size_t size = strlen(list);
	size_t at = 0;

	if (size == 0 || size + 1 > ALPN_MAX)
		return 0;
	memcpy(wire + 1, list, size);
	for (size_t i = 1; i <= size + 1; i++) {
		if (i <= size && wire[i] != ',')
			continue;
		wire[at] = (uint8_t)(i - at - 1);
		at = i;
	}
	return (unsigned)size + 1;
}

static bool
tls_prepare(struct dmp_tls *tls, SSL_CTX *context, const char *alpn)
{
	struct dmp_address address;
	uint8_t wire[ALPN_MAX];
	unsigned size = alpn ? tls_alpn_wire(alpn, wire) : 0;

	tls->ssl = SSL_new(context);
	if (!tls->ssl || SSL_set_app_data(tls->ssl, tls) != 1)
		return false;
	if (size > 0 && SSL_set_alpn_protos(tls->ssl, wire, size) != 0)
		return false;
	/* RFC 6066 3: literals are not allowed. */
	if (tls->host[0] != '\0' && !dmp_address_parse(tls->host, &address))
		(void)SSL_set_tlsext_host_name(tls->ssl, tls->host);
	SSL_set_connect_state(tls->ssl);
	return true;
}

static void
tls_set_host(struct dmp_tls *tls, const char *host)
{
	size_t size = host ? strlen(host) : 0;

	if (size > 0 && host[size - 1] == '.')
		size--;
	if (size > HOST_MAX)
		return;
	memcpy(tls->host, host ? host : "", size);
}

enum dmp_status
dmp_tls_new(const struct dmp_probe_spec *spec, const char *alpn, int64_t wall_ms,
    struct dmp_tls **ret_tls)
{
	const char *ca_file = spec->ca_file ? spec->ca_file : "";
	struct dmp_tls *tls = calloc(1, sizeof *tls);
	SSL_CTX *context = NULL;
	enum dmp_status status;

	if (!tls)
		return DMP_ENOMEM;
	tls->wall_ms = wall_ms;
	tls->alert = -1;
	tls_set_host(tls, spec->host);
	status = spec->trust ? dmp_trust_context(spec->trust, ca_file, &context)
	                     : dmp_tls_context_new(ca_file, &context);
	if (status == DMP_OK && !tls_prepare(tls, context, alpn))
		status = DMP_ENOMEM;
	if (!spec->trust)
		SSL_CTX_free(context); /* the connection has a share of it */
	if (status != DMP_OK) {
		dmp_tls_free(tls);
		return status;
	}
	*ret_tls = tls;
	return DMP_OK;
}

void
dmp_tls_free(struct dmp_tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

struct ssl_st *
dmp_tls_ssl(struct dmp_tls *tls)
{
	return tls->ssl;
}

/* The sentence about a fault; who = " of an issuer" above the server's own. */
static void
tls_fault_text(const struct dmp_tls *tls, enum tls_fault fault,
    const struct dmp_tls_facts *facts, char *text, size_t size)
{
	const struct tls_finding *finding = &tls->findings[fault];
	const char *who = finding->depth > 0 ? " of an issuer" : "";

	switch (fault) {
	case TLS_EXPIRED:
		dmp_text_format(text, size, "the certificate%s has expired (%d d ago)",
		    who, -facts->days_left);
		break;
	case TLS_NOT_YET:
		dmp_text_format(text, size, "the certificate%s is not valid yet", who);
		break;
	case TLS_NAME:
		dmp_text_format(text, size,
		    "the certificate is for %.48s, not for %.48s", tls->subject,
		    tls->host);
		break;
	case TLS_SELF_SIGNED:
		dmp_text_format(text, size, "the certificate is self-signed");
		break;
	case TLS_UNTRUSTED:
	case TLS_FAULTS:
		dmp_text_format(text, size, "the certificate is not trusted: %s",
		    X509_verify_cert_error_string(finding->error));
		break;
	}
}

/* A few words about what is wrong beside the gravest. */
static void
tls_add_words(struct dmp_tls_facts *facts, const char *words)
{
	size_t size = strlen(facts->text);

	dmp_text_format(
	    facts->text + size, sizeof facts->text - size, ", and %s", words);
}

/* What is signed by itself is of course not trusted. */
static void
tls_add_lesser(const struct dmp_tls *tls, int gravest, struct dmp_tls_facts *facts)
{
	static const char *const WORDS[TLS_FAULTS] = {
	    [TLS_EXPIRED] = "expired",
	    [TLS_NOT_YET] = "not valid yet",
	    [TLS_NAME] = "for another name",
	    [TLS_SELF_SIGNED] = "self-signed",
	    [TLS_UNTRUSTED] = "not trusted",
	};
	char text[32];

	for (int i = gravest + 1; i < TLS_FAULTS; i++)
		if (tls->findings[i].found &&
		    !(i == TLS_UNTRUSTED && tls->findings[TLS_SELF_SIGNED].found))
			tls_add_words(facts, WORDS[i]);
	if (gravest == TLS_EXPIRED || facts->days_left >= DMP_TLS_EXPIRING_DAYS)
		return;
	dmp_text_format(text, sizeof text, "expires in %d d", facts->days_left);
	tls_add_words(facts, text);
}

void
dmp_tls_read_facts(const struct dmp_tls *tls, struct dmp_tls_facts *ret_facts)
{
	static const enum dmp_reason REASONS[TLS_FAULTS] = {
	    [TLS_EXPIRED] = DMP_REASON_TLS_EXPIRED,
	    [TLS_NOT_YET] = DMP_REASON_TLS_NOT_YET_VALID,
	    [TLS_NAME] = DMP_REASON_TLS_NAME_MISMATCH,
	    [TLS_SELF_SIGNED] = DMP_REASON_TLS_SELF_SIGNED,
	    [TLS_UNTRUSTED] = DMP_REASON_TLS_UNTRUSTED,
	};
	struct dmp_tls_facts facts = {.seen = tls->seen,
	    .reason = DMP_REASON_NONE,
	    .days_left = tls->seen ? tls->days_left : INT32_MAX};

	memcpy(facts.subject, tls->subject, sizeof facts.subject);
	for (int i = 0; i < TLS_FAULTS && facts.reason == DMP_REASON_NONE; i++) {
		if (!tls->findings[i].found)
			continue;
		facts.reason = REASONS[i];
		tls_fault_text(
		    tls, (enum tls_fault)i, &facts, facts.text, sizeof facts.text);
		tls_add_lesser(tls, i, &facts);
	}
	if (facts.reason == DMP_REASON_NONE &&
	    facts.days_left < DMP_TLS_EXPIRING_DAYS) {
		facts.reason = DMP_REASON_TLS_EXPIRING;
		dmp_text_format(facts.text, sizeof facts.text,
		    "the certificate expires in %d d", facts.days_left);
	}
	*ret_facts = facts;
}

bool
dmp_tls_asked_certificate(const struct dmp_tls *tls)
{
	return tls->asked_certificate;
}

const char *
dmp_tls_version(const struct dmp_tls *tls)
{
	return SSL_get_version(tls->ssl);
}

void
dmp_tls_alpn(const struct dmp_tls *tls, char *field, size_t size)
{
	const unsigned char *name = NULL;
	unsigned n = 0;

	SSL_get0_alpn_selected(tls->ssl, &name, &n);
	dmp_text_printable(field, size, name ? (const void *)name : "", n);
}

void
dmp_tls_goodbye(struct dmp_tls *tls)
{
	if (SSL_is_init_finished(tls->ssl))
		(void)SSL_shutdown(tls->ssl);
	ERR_clear_error();
}

/* Alerts with which servers answer a client without a certificate (RFC 8446 6.2; the
 * TLS 1.2 servers among them use what they like). */
static bool
tls_alert_is_about_us(int alert)
{
	static const uint8_t ALERTS[] = {40, 41, 42, 43, 46, 48, 49, 116};

	return alert >= 0 && memchr(ALERTS, alert, sizeof ALERTS);
}

static bool
tls_error_is_version(unsigned long error)
{
	static const int REASONS[] = {
	    SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_SSL_VERSION, SSL_R_VERSION_TOO_LOW};

	for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
		if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
		    ERR_GET_REASON(error) == REASONS[i])
			return true;
	return false;
}

enum dmp_reason
dmp_tls_failure(const struct dmp_tls *tls, unsigned long error, char *text, size_t size)
{
	const char *alert =
	    tls->alert < 0 ? "" : SSL_alert_desc_string_long(tls->alert);

	if (tls->asked_certificate && tls_alert_is_about_us(tls->alert)) {
		dmp_text_format(text, size,
		    "asks for a client certificate (TLS alert %d, %s)", tls->alert,
		    alert);
		return DMP_REASON_AUTH_REQUIRED;
	}
	if (tls->alert >= 0) {
		dmp_text_format(
		    text, size, "refused with TLS alert %d (%s)", tls->alert, alert);
		return tls->alert == ALERT_PROTOCOL_VERSION ? DMP_REASON_TLS_VERSION
		                                            : DMP_REASON_TLS_ALERT;
	}
	if (error == 0)
		return DMP_REASON_NONE;
	alert = ERR_reason_error_string(error);
	dmp_text_format(text, size, "the TLS handshake failed: %s",
	    alert ? alert : "unknown error");
	return tls_error_is_version(error) ? DMP_REASON_TLS_VERSION
	                                   : DMP_REASON_TLS_ALERT;
}

bool
dmp_tls_is_record(const uint8_t *data, size_t size)
{
	return size > 0 && data[0] >= 0x14 && data[0] <= 0x17 &&
	       (size < 2 || data[1] == 3);
}
