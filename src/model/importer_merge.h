/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * importer_merge.h - what was read in all folders becomes one site.  Used by
 * importer_*.c only.
 */
#ifndef DMP_IMPORTER_MERGE_H
#define DMP_IMPORTER_MERGE_H

#include "model/importer_agent.h"

#define DMP_IMPORT_NO_HOST SIZE_MAX

struct dmp_import_merge {
	struct dmp_import *import;
	struct dmp_import_findings *findings;
	size_t host_of[DMP_IMPORT_FOLDERS]; /* of each folder; NO_HOST */
	enum dmp_tristate broker;           /* NATS is managed by BrokerGateway */
};

/* The steps, in this order.  Memory that runs out sticks in the import. */
void dmp_import_merge_hosts(struct dmp_import_merge *m);
void dmp_import_merge_features(struct dmp_import_merge *m);
void dmp_import_merge_services(struct dmp_import_merge *m);
void dmp_import_merge_links(struct dmp_import_merge *m);
void dmp_import_merge_unknown(struct dmp_import_merge *m);

/* The host with this address; NO_HOST. */
size_t dmp_import_host_find(const struct dmp_import_merge *m, const char *address);

/* The same, which is added when it is new; NO_HOST when it cannot be. */
size_t dmp_import_host_add(struct dmp_import_merge *m, const char *address,
    enum dmp_import_kind kind, const char *label);

/* The failover pair that has this virtual address; NULL. */
const struct dmp_import_failover *dmp_import_failover_find(
    const struct dmp_import_merge *m, const char *address);

/* Add "KIND of LABEL" to where something comes from. */
void dmp_import_source_add(
    char source[DMP_IMPORT_SOURCE], const char *what, const char *label);

/* Do all folders that say something say the same?  UNSET when none says anything, or
 * they differ (*ret_differ). */
enum dmp_tristate dmp_import_agreed(
    const struct dmp_import_merge *m, enum dmp_import_flag_id id, bool *ret_differ);

/* Is the machine of this folder an Agent: does it have C:\Skyline DataMiner? */
bool dmp_import_is_agent(const struct dmp_import_agent *agent);

#endif
