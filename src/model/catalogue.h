/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue.h - what DataMiner Systems can require: the entries of catalogue.xml.
 *
 * Entries have a permanent number (the MIB index) and key; neither is ever reused.  The
 * file itself describes its elements and attributes.
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

struct dmp_exchange;
struct dmp_xml;
struct dmp_condition; /* a node of a condition tree, see condition.h; private */

/* Entries have numbers up to this; a site's own requirements begin at 10000. */
#define DMP_CATALOGUE_NUMBERS 9999

/* Does the installer of the newest release open the port in Windows Firewall?  The
 * numbers are the MIB's. */
enum dmp_opened { DMP_OPENED_YES = 1, DMP_OPENED_NO = 2, DMP_OPENED_UNKNOWN = 3 };

/* The DataMiner installers by which ports they open, oldest first, as a set: bit, word
 * of the catalogue, and the words of a person. */
#define DMP_INSTALLER_TABLE(DMP_X)                                                     \
	DMP_X(10_0, 0, "10.0", "up to 10.0")                                           \
	DMP_X(10_1_11, 1, "10.1.11", "10.1.11 and 10.1.0 [CU8]")                       \
	DMP_X(10_2, 2, "10.2", "10.2")                                                 \
	DMP_X(10_4, 3, "10.4", "10.4")                                                 \
	DMP_X(10_5, 4, "10.5", "10.5")

#define DMP_ENUM_INSTALLER(name, bit, word, text) DMP_INSTALLER_##name = 1 << bit,
enum dmp_installer {
	DMP_INSTALLER_TABLE(DMP_ENUM_INSTALLER) DMP_INSTALLER_ALL = 0x1f,
	DMP_INSTALLER_NEWEST = DMP_INSTALLER_10_5
};

#define DMP_INSTALLERS_TEXT 64 /* all of those texts, and a NUL */

/* One requirement.  All texts are printable ASCII and never NULL. */
struct dmp_entry {
	uint32_t number;
	char key[DMP_REQ_KEY_TEXT];
	const char *title;            /* at most 63 */
	const char *protocol;         /* at most 31: "CQL", ".NET Remoting over HTTP" */
	enum dmp_transport transport; /* NONE: ICMP */
	uint16_t port;                /* 0 = no default: the site file says which */
	unsigned from;                /* roles; 0 = any vantage */
	unsigned to;
	enum dmp_level level;
	/* Hard bounds, unless the level is forbidden: then they only tell when
	 * DataMiner used or opened the port.  Defaults by version stand in the
	 * condition. */
	const char *since; /* as Skyline writes it, at most 63, "" = always */
	const char *until; /* at most 63, "" = still */
	struct dmp_version_condition since_versions; /* what they say; n 0 = none */
	struct dmp_version_condition until_versions;
	unsigned installers;    /* DMP_INSTALLER_ bits: those that open the port */
	enum dmp_opened opened; /* follows from them */
	const char *close;      /* when it may be closed, one sentence, or "" */
	const char *conflict;   /* where two documents contradict each other, or "" */
	const char *reference;  /* documentation page, at most 255 */
	const char *hint;       /* known issue to name with wrongService, "" = none */
	enum dmp_probe_kind probe;
	enum dmp_depth depth; /* the entry's default depth, see plan.h */
	enum dmp_tristate tls;
	const char *path;
	const char *expect;
	const struct dmp_condition *condition; /* NULL = always applies */
	const char *why;               /* the sentence without a condition, else "" */
	struct dmp_exchange *exchange; /* NULL unless that is the probe */
};

struct dmp_catalogue {
	char revision[DMP_VERSION_TEXT]; /* dmpCatalogueRevision: its date */
	struct dmp_entry *entries;       /* ascending number */
	size_t n_entries;
	struct dmp_xml *xml; /* what the strings are borrowed from; private */
};

/* The catalogue inside the binary.  Only memory can fail (a test proves it). */
enum dmp_status dmp_catalogue_builtin(
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors) DMP_CHECK_RESULT;

/* A catalogue file instead (NULL: the one inside the binary); status and errors as for
 * dmp_site_load: all errors at once, each as "file:line: element: what". */
enum dmp_status dmp_catalogue_load(const char *path,
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors) DMP_CHECK_RESULT;

/* The same from memory; name is used in messages. */
enum dmp_status dmp_catalogue_parse(const char *name, const char *data, size_t size,
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors) DMP_CHECK_RESULT;

/* Frees everything; NULL is allowed. */
void dmp_catalogue_free(struct dmp_catalogue *catalogue);

/* "10.2, 10.4, 10.5"; "" for none. */
void dmp_installers_text(unsigned installers, char text[DMP_INSTALLERS_TEXT]);

/* The entry with this key; NULL when there is none. */
const struct dmp_entry *dmp_catalogue_find(
    const struct dmp_catalogue *catalogue, const char *key);

#endif
