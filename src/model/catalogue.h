/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue.h - what DataMiner Systems can require: the entries of catalogue.xml.
 *
 * Entries have a permanent number (the MIB index) and key; neither is ever reused.
 */
#ifndef DMP_CATALOGUE_H
#define DMP_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "base/vocab.h"
#include "model/policy.h"
#include "model/role.h"
#include "model/site.h"

struct dmp_entry;     /* one requirement, see below */
struct dmp_condition; /* a node of its condition tree; private to catalogue.c, plan.c */

enum dmp_opened { DMP_OPENED_YES = 1, DMP_OPENED_NO = 2, DMP_OPENED_UNKNOWN = 3 };

/* The topology predicates that conditions can name (plan.c has one C function each). */
struct dmp_entry {
	uint32_t number;
	char key[DMP_REQ_KEY_TEXT];
	const char *title;    /* at most 63 */
	const char *protocol; /* at most 31: "CQL", ".NET Remoting over HTTP" */
	enum dmp_transport transport;
	uint16_t port;
	unsigned from; /* roles; 0 = any vantage */
	unsigned to;
	enum dmp_level level;
	const char *since; /* version condition as Skyline writes it, "" = always */
	const char *until; /* "" = still */
	enum dmp_opened opened;
	const char *reference; /* documentation page, at most 255 */
	const char *hint;      /* known issue to name with wrongService, "" = none */
	enum dmp_probe_kind probe;
	enum dmp_depth depth; /* the entry's default depth */
	enum dmp_tristate tls;
	const char *path;
	const char *expect;
	const struct dmp_condition *condition; /* NULL = always applies */
	const char *why; /* sentence for "it applies" without a condition */
};

struct dmp_catalogue {
	char revision[DMP_VERSION_TEXT]; /* dmpCatalogueRevision: its date */
	struct dmp_entry *entries;       /* ascending number */
	size_t n_entries;
	void *memory; /* strings and condition nodes; private */
};

/* The catalogue inside the binary.  Cannot fail on a good build (a test proves it). */
enum dmp_status dmp_catalogue_builtin(
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors) DMP_CHECK_RESULT;

/* A catalogue file instead; errors as for dmp_site_load. */
enum dmp_status dmp_catalogue_load(const char *path,
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors) DMP_CHECK_RESULT;

enum dmp_status dmp_catalogue_parse(const char *name, const char *data, size_t size,
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors) DMP_CHECK_RESULT;

void dmp_catalogue_free(struct dmp_catalogue *catalogue);

/* NULL when there is none. */
const struct dmp_entry *dmp_catalogue_find(
    const struct dmp_catalogue *catalogue, const char *key);

#endif
