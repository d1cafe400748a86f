/* SPDX-License-Identifier: BSD-2-Clause */
/* snmpd_conf.h - what snmpd.conf(5) files say about AgentX, views and trap sinks. */
#ifndef DMP_SNMPD_CONF_H
#define DMP_SNMPD_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "model/site.h"

#define DMP_SNMPD_WORD 256

/* "view NAME included|excluded SUBTREE". */
struct dmp_snmpd_view {
	char name[64];
	bool is_included;
	bool is_known; /* SUBTREE is numeric, or a name that we know */
	uint32_t oid[DMP_ROOT_OID_MAX];
	size_t len;
};

/* Who may read what: a community, a user, or a group of an access line. */
struct dmp_snmpd_reader {
	char view[64]; /* "" = no view: the subtree below, or everything */
	bool is_known;
	uint32_t oid[DMP_ROOT_OID_MAX];
	size_t len;
};

/* Zero-initialise; done() frees. */
struct dmp_snmpd_conf {
	bool is_master;                     /* master agentx */
	char agentx_socket[DMP_SNMPD_WORD]; /* "" = not set */
	struct dmp_snmpd_view *views;
	size_t n_views;
	struct dmp_snmpd_reader *readers;
	size_t n_readers;
	size_t n_sinks; /* trapsink, trap2sink, informsink, trapsess */
	size_t n_files;
	struct dmp_text problems; /* a line for each file that cannot be read */
};

/* Read a file and what it includes (depth 8, 256 files).  Only the first file's own
 * status is returned. */
enum dmp_status dmp_snmpd_conf_read(
    const char *path, struct dmp_snmpd_conf *conf) DMP_CHECK_RESULT;

void dmp_snmpd_conf_done(struct dmp_snmpd_conf *conf);

enum dmp_snmpd_sight {
	DMP_SIGHT_HIDDEN = 0,
	DMP_SIGHT_VISIBLE,
	DMP_SIGHT_UNDEFINED, /* there is no such view */
	DMP_SIGHT_UNKNOWN    /* names of MIB objects that we do not know */
};

/* Does this reader see the subtree? */
enum dmp_snmpd_sight dmp_snmpd_conf_sees(const struct dmp_snmpd_conf *conf,
    const struct dmp_snmpd_reader *reader, const uint32_t *oid, size_t len);

#endif
