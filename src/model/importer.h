/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * importer.h - what DataMiner's own files tell about a DataMiner System.
 *
 * Pure: the content of files goes in, findings come out, and a site file is printed of
 * them.  Whoever calls finds and reads the files (the command: cli/import.c).
 *
 * The files hold passwords, tokens and communities.  So nothing of a file is ever
 * copied but what stands in a field that is known to be harmless and has the form that
 * it must have: an address, a port number, a yes or no, a version, a word of a known
 * set, and the name of the cluster.  Messages name the file, the line and what was
 * expected, never what was there.
 *
 * Limits: 1 MiB for a file, 16 levels in XML and NATS files, 64 folders, and 1024 items
 * of any list of a folder or of the whole.
 */
#ifndef DMP_IMPORTER_H
#define DMP_IMPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "base/vocab.h"
#include "model/site.h"

#define DMP_IMPORT_BYTES   ((size_t)1024 * 1024)
#define DMP_IMPORT_FOLDERS 64
#define DMP_IMPORT_ITEMS   1024
#define DMP_IMPORT_SOURCE  160 /* "DMS.xml of dma1, dma2", and a NUL */
#define DMP_IMPORT_LABEL   64

/* The files, in the order in which they are to be given: what comes later overrides
 * what came before it (appsettings.custom.json). */
enum dmp_import_kind {
	DMP_IMPORT_DMS = 0,
	DMP_IMPORT_DATAMINER,
	DMP_IMPORT_MAINTENANCE,
	DMP_IMPORT_DB,
	DMP_IMPORT_DB_CONFIGURATION,
	DMP_IMPORT_CLIENTS, /* ConnectionSettings.txt */
	DMP_IMPORT_SLNET,
	DMP_IMPORT_SLCLOUD,
	DMP_IMPORT_SNMP_MANAGERS,
	DMP_IMPORT_VERSION_HISTORY,
	DMP_IMPORT_NATS, /* of the legacy NATS */
	DMP_IMPORT_NAS,
	DMP_IMPORT_CLUSTER_ENDPOINTS,
	DMP_IMPORT_BROKER_NATS, /* of BrokerGateway */
	DMP_IMPORT_BROKER,
	DMP_IMPORT_MESSAGE_BROKER,
	DMP_IMPORT_CLOUD_GATEWAY,
	DMP_IMPORT_CLOUD_GATEWAY_CUSTOM,
	DMP_IMPORT_API_GATEWAY,
	DMP_IMPORT_API_GATEWAY_CUSTOM,
	DMP_IMPORT_USER_API,
	DMP_IMPORT_USER_API_CUSTOM,
	DMP_IMPORT_KINDS
};

/* Which folder of the machine a file is in. */
enum dmp_import_tree {
	DMP_IMPORT_TREE_DATAMINER = 0, /* C:\Skyline DataMiner */
	DMP_IMPORT_TREE_PROGRAMS,      /* C:\Program Files */
	DMP_IMPORT_TREE_DATA,          /* C:\ProgramData */
	DMP_IMPORT_TREES
};

/* One place where a file may be.  Letter case does not matter. */
struct dmp_import_place {
	enum dmp_import_kind kind;
	enum dmp_import_tree tree;
	const char *path; /* below the tree, with slashes */
};

/* All places, in the order of the kinds.  Static. */
const struct dmp_import_place *dmp_import_places(size_t *ret_n);

/* What a kind of file is called: "DMS.xml".  Static. */
const char *dmp_import_kind_name(enum dmp_import_kind kind);

/* A port element of a host. */
struct dmp_import_port {
	const char *requirement; /* static */
	uint16_t port;           /* 0 = not written */
	enum dmp_level level;    /* 0 = not written, else NONE */
	enum dmp_tristate tls;
	bool connect; /* depth="connect": a proxy stands there */
	char source[DMP_IMPORT_SOURCE];
};

struct dmp_import_host {
	char name[DMP_NAME_TEXT];
	char *addresses[DMP_SITE_ADDRESSES];
	size_t n_addresses;
	unsigned roles;
	uint32_t id; /* DataMiner ID, 0 = not known */
	char member_of[DMP_NAME_TEXT];
	char source[DMP_IMPORT_SOURCE];
	struct dmp_import_port *ports;
	size_t n_ports;
};

struct dmp_import_failover {
	char name[DMP_NAME_TEXT];
	char address[DMP_ADDRESS_TEXT]; /* "" = not known: printed as a comment */
	char source[DMP_IMPORT_SOURCE];
};

struct dmp_import_link {
	size_t from; /* index into hosts */
	size_t to;
	enum dmp_remoting transport;
	uint16_t port; /* 0 = not written */
	char source[DMP_IMPORT_SOURCE];
};

/* An attribute of site or features. */
struct dmp_import_value {
	const char *name; /* static */
	char value[DMP_NAME_TEXT];
	char source[DMP_IMPORT_SOURCE];
};

/* What was found.  A value that no file tells is not there. */
struct dmp_import_findings {
	struct dmp_import_value *site; /* name, dataminer */
	size_t n_site;
	struct dmp_import_value *features;
	size_t n_features;
	struct dmp_import_failover *failovers;
	size_t n_failovers;
	struct dmp_import_host *hosts;
	size_t n_hosts;
	struct dmp_import_link *links;
	size_t n_links;
	size_t n_problems;     /* files that could not be read or understood in full */
	struct dmp_text notes; /* for people: found, problem, conflict, unknown */
};

struct dmp_import;

/* NULL when memory ran out. */
struct dmp_import *dmp_import_new(void);

/* NULL is allowed. */
void dmp_import_free(struct dmp_import *import);

/* Begin the next folder: the copy of one machine.  label stands for it in messages and
 * comments; when it is an IP address it is also that of the machine, where no file
 * tells.  DMP_ETOOBIG: too many. */
enum dmp_status dmp_import_folder(
    struct dmp_import *import, const char *label) DMP_CHECK_RESULT;

/* Read one file of that folder.  Content that is not what it must be is no error, but a
 * note.  DMP_ENOMEM. */
enum dmp_status dmp_import_file(struct dmp_import *import, enum dmp_import_kind kind,
    const char *data, size_t size) DMP_CHECK_RESULT;

/* Tell why a file of that folder could not be given. */
void dmp_import_missed(
    struct dmp_import *import, enum dmp_import_kind kind, const char *why);

/* Merge the folders.  The caller frees the findings.  DMP_ENOENT: no machine has an
 * address, notes (may be NULL) then has what dmp_import_findings would have.
 * DMP_ENOMEM. */
enum dmp_status dmp_import_merge(struct dmp_import *import,
    struct dmp_import_findings **ret_findings, struct dmp_text *notes) DMP_CHECK_RESULT;

void dmp_import_findings_free(struct dmp_import_findings *findings);

/* Print a site file, every value with a comment that says where it comes from. */
void dmp_import_print(const struct dmp_import_findings *findings, struct dmp_text *out);

#endif
