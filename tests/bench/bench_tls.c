/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: the service serves one connection after the other, which is enough to
 * measure processor time; its certificate is made when it starts.
 */
#include "tests/bench/bench_tls.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *
tls_server(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_NAME *name;

	if (!context || !key || !certificate)
		bench_die("TLS");
	name = X509_get_subject_name(certificate);
	if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	        (const unsigned char *)"127.0.0.1", -1, -1, 0) != 1 ||
	    X509_set_issuer_name(certificate, name) != 1 ||
	    !X509_gmtime_adj(X509_getm_notBefore(certificate), -86400) ||
	    !X509_gmtime_adj(X509_getm_notAfter(certificate), 365 * 86400) ||
	    X509_set_pubkey(certificate, key) != 1 ||
	    X509_sign(certificate, key, EVP_sha256()) == 0 ||
	    SSL_CTX_use_certificate(context, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(context, key) != 1)
		bench_die("certificate");
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}

static _Noreturn void
tls_serve(int listener)
{
	SSL_CTX *context = tls_server();

	for (;;) {
		int fd = accept(listener, NULL, NULL);
		SSL *ssl = SSL_new(context);
		char byte;

		if (fd < 0 || !ssl || SSL_set_fd(ssl, fd) != 1)
			bench_die("accept");
		if (SSL_accept(ssl) == 1)
			(void)SSL_read(ssl, &byte, 1);
		SSL_free(ssl);
		(void)close(fd);
	}
}

struct bench_peer
bench_tls_start(void)
{
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof name;
	struct bench_peer peer = {0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, size) != 0 ||
	    listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) != 0)
		bench_die("listen");
	peer.port = ntohs(name.sin_port);
	(void)signal(SIGPIPE, SIG_IGN);
	peer.pid = fork();
	if (peer.pid < 0)
		bench_die("fork");
	if (peer.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		tls_serve(fd);
	}
	(void)close(fd);
	return peer;
}

static bool
tls_handshake(SSL_CTX *context, uint16_t port)
{
	const struct sockaddr_in name = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL *ssl = SSL_new(context);
	bool good;

	if (fd < 0 || !ssl || SSL_set_fd(ssl, fd) != 1)
		bench_die("socket");
	good = connect(fd, (const struct sockaddr *)&name, sizeof name) == 0 &&
	       SSL_connect(ssl) == 1 && SSL_shutdown(ssl) >= 0;
	SSL_free(ssl);
	(void)close(fd);
	return good;
}

unsigned
bench_tls_bare_run(
    const struct bench_exchange *exchange, uint16_t port, unsigned checks)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	unsigned failed = 0;

	(void)exchange;
	if (!context)
		bench_die("TLS");
	for (unsigned i = 0; i < checks; i++)
		failed += !tls_handshake(context, port);
	SSL_CTX_free(context);
	return failed;
}
