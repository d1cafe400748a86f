/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor.h - what the parts of dmports doctor share. */
#ifndef DMP_DOCTOR_H
#define DMP_DOCTOR_H

#include "cli/cli.h"

enum dmp_verdict { DMP_VERDICT_OK = 0, DMP_VERDICT_WARN, DMP_VERDICT_FAIL };

struct dmp_finding {
	enum dmp_verdict verdict;
	const char *check; /* static */
	char finding[512];
	char mend[512]; /* "" = nothing */
};

struct dmp_doctor {
	struct dmp_cli *cli;
	struct dmp_plan *plan; /* NULL = the site file is not usable */
	const char *agentx;    /* address of the master */
	const char *snmpd_conf;
	uint32_t root[DMP_ROOT_OID_MAX];
	size_t root_len;
	struct dmp_finding *findings;
	size_t n_findings;
	bool is_unreachable; /* no daemon */
};

/* Keep one finding. */
void dmp_doctor_say(struct dmp_doctor *d, enum dmp_verdict verdict, const char *check,
    const char *mend, const char *format, ...) DMP_PRINTF(5, 6);

/* The AgentX master: its socket, and snmpd itself. */
void dmp_doctor_agentx(struct dmp_doctor *d);

/* snmpd's configuration. */
void dmp_doctor_snmpd(struct dmp_doctor *d);

/* Does snmpd.conf name the socket itself, this is it; else snmpd's own default. */
#define DMP_SNMPD_AGENTX "/var/agentx/master"

/* "unix:/path" or "/path": the path; NULL for another kind of address. */
const char *dmp_doctor_unix_path(const char *address);

#endif
