/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/trust.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "probe/tls.h"

/* What a path was when it was read; zeroed: it was not there. */
struct trust_file {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct trust_source {
	char *ca_file; /* "" = the system's store */
	SSL_CTX *context;
	struct trust_file files[2]; /* the CA file; or the store's file and folder */
};

struct dmp_trust {
	struct trust_source *sources;
	size_t n;
};

static struct trust_file
trust_look(const char *variable, const char *path)
{
	const char *other = variable ? getenv(variable) : NULL;
	struct stat st;

	if (stat(other ? other : path, &st) != 0)
		return (struct trust_file){0};
	return (struct trust_file){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
}

static void
trust_look_at(const char *ca_file, struct trust_file files[2])
{
	files[1] = (struct trust_file){0};
	if (ca_file[0] != '\0') {
		files[0] = trust_look(NULL, ca_file);
		return;
	}
	files[0] =
	    trust_look(X509_get_default_cert_file_env(), X509_get_default_cert_file());
	files[1] =
	    trust_look(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
}

static bool
trust_file_same(const struct trust_file *a, const struct trust_file *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static struct trust_source *
trust_find(const struct dmp_trust *trust, const char *ca_file)
{
	for (size_t i = 0; i < trust->n; i++) {
		if (strcmp(trust->sources[i].ca_file, ca_file) == 0)
			return &trust->sources[i];
	}
	return NULL;
}

/* A source that was not read yet; NULL without memory. */
static struct trust_source *
trust_add(struct dmp_trust *trust, const char *ca_file)
{
	struct trust_source *sources =
	    realloc(trust->sources, (trust->n + 1) * sizeof *sources);
	char *copy = strdup(ca_file);

	if (sources)
		trust->sources = sources;
	if (!sources || !copy) {
		free(copy);
		return NULL;
	}
	sources[trust->n] = (struct trust_source){.ca_file = copy};
	return &sources[trust->n++];
}

/* A change while it is being read is seen the next time: we look before. */
static enum dmp_status
trust_read(struct trust_source *source, const struct trust_file files[2])
{
	SSL_CTX *context;
	enum dmp_status status = dmp_tls_context_new(source->ca_file, &context);

	SSL_CTX_free(source->context);
	source->context = status == DMP_OK ? context : NULL;
	memcpy(source->files, files, sizeof source->files);
	return status;
}

enum dmp_status
dmp_trust_context(
    struct dmp_trust *trust, const char *ca_file, struct ssl_ctx_st **ret_context)
{
	struct trust_source *source = trust_find(trust, ca_file);
	struct trust_file files[2];
	enum dmp_status status = DMP_OK;

	if (!source)
		source = trust_add(trust, ca_file);
	if (!source)
		return DMP_ENOMEM;
	trust_look_at(ca_file, files);
	if (!source->context || !trust_file_same(&files[0], &source->files[0]) ||
	    !trust_file_same(&files[1], &source->files[1]))
		status = trust_read(source, files);
	if (status == DMP_OK)
		*ret_context = source->context;
	return status;
}

enum dmp_status
dmp_trust_new(struct dmp_trust **ret_trust)
{
	struct dmp_trust *trust = calloc(1, sizeof *trust);

	if (!trust)
		return DMP_ENOMEM;
	*ret_trust = trust;
	return DMP_OK;
}

void
dmp_trust_free(struct dmp_trust *trust)
{
	if (!trust)
		return;
	for (size_t i = 0; i < trust->n; i++) {
		SSL_CTX_free(trust->sources[i].context);
		free(trust->sources[i].ca_file);
	}
	free(trust->sources);
	free(trust);
}
