/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plan.h - catalogue x site x vantage -> the ports to check, each with its why.
 *
 * Pure: no files, no clock, no DNS.  The same input gives the same plan, in the same
 * order (hosts as in the site, requirements by number, overrides as in the site).
 *
 * What is planned: requirement R on host H when H has a role of R.to, the vantage
 * stands for a role of R.from (or R.from is empty), and R's condition is yes or
 * assumed.  Not for the vantage itself, unless the site has no other host.  The
 * requirement's port elements in the site file ("overrides") say what is different
 * there.  One that sets a level asks for the port: it is planned although the condition
 * is no, and what is only assumed becomes certain; level=none removes.  On a host
 * without such a role any override asks for it.  Each override is a port; without any
 * there is one; and links between Agents that say another number add ports.
 *
 * An observer stands for all hosts with one of its roles: it needs what one of them
 * needs.  The hosts of a plan are those of the site, then one for each failover pair
 * with its virtual address, of which only the requirements are planned that clients,
 * browsers, devices or SNMP managers use.  What has no transport (ICMP) is not planned;
 * matrix.h has it.
 *
 * Values: built-in < site < requirement < role < host < port, value by value; of two
 * policy elements with equal selectors the later wins.  One exception: a depth that the
 * catalogue holds at connect (looking deeper would leave traces in the log of the
 * service) is not changed by a policy without a selector.
 */
#ifndef DMP_PLAN_H
#define DMP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vocab.h"
#include "model/catalogue.h"
#include "model/site.h"

#define DMP_KEY_TEXT     96 /* port keys: 95 and a NUL */
#define DMP_SERVICE_TEXT 32
#define DMP_WHY_TEXT     256

/* A requirement as this site sees it: every catalogue entry and every site-defined one.
 */
struct dmp_plan_requirement {
	uint32_t number;
	char key[DMP_REQ_KEY_TEXT];
	char title[64];
	char protocol[DMP_SERVICE_TEXT];
	enum dmp_transport transport;
	uint16_t port;
	unsigned from;
	unsigned to;
	enum dmp_level level;
	enum dmp_applies applies;
	char why[DMP_WHY_TEXT]; /* why it applies, or why not */
	char since[64];
	char until[64];
	enum dmp_opened opened;
	char reference[DMP_WHY_TEXT];
	uint32_t planned; /* ports; 0 exactly when applies is NO */
	bool is_unlisted; /* in use, whoever asks, but the site has no host for it */
};

struct dmp_plan_host {
	char name[DMP_NAME_TEXT];
	const char *addresses[DMP_SITE_ADDRESSES]; /* literals or DNS names */
	size_t n_addresses;
	unsigned roles;
	char group[DMP_NAME_TEXT];
	bool is_vantage;
	bool is_virtual; /* the address of a failover pair */
};

/* One port to check. */
struct dmp_plan_port {
	char key[DMP_KEY_TEXT]; /* host/requirement[@PORT][@4|@6] */
	size_t host;            /* index into hosts */
	size_t requirement;     /* index into requirements */
	enum dmp_family family; /* AUTO, 4 or 6: never EACH */
	uint16_t number;
	enum dmp_transport transport;
	enum dmp_level level;
	enum dmp_applies applies;       /* YES or ASSUMED */
	char service[DMP_SERVICE_TEXT]; /* the requirement's protocol */
	char why[DMP_WHY_TEXT];         /* "required: ..." or "assumed: ..." */
	enum dmp_probe_kind probe;
	enum dmp_tristate tls;
	/* Borrowed from site or catalogue, never NULL; "" = none, or the probe's own.
	 */
	const char *path;
	const char *expect;
	const char *ca_file;
	const char *community_file;
	const char *community; /* a secret; only dmp_plan_load() reads it */
	const char *hint;      /* known issue to name with wrongService */
	bool inform;           /* only with a trap receiver */
	const struct dmp_exchange
	    *exchange; /* borrowed; NULL unless that is the probe */
	enum dmp_admin admin;
	struct dmp_policy policy;
};

/* Why a requirement gives no port on a host that has the role for it, or that the site
 * file names for it; "plan --all" shows these, too. */
struct dmp_plan_absence {
	size_t host;
	size_t requirement;
	char why[DMP_WHY_TEXT]; /* "does not apply: ..." */
};

struct dmp_topology;

struct dmp_plan {
	char site_name[DMP_NAME_TEXT];
	char dataminer[DMP_VERSION_TEXT];
	char vantage[DMP_NAME_TEXT];
	unsigned as; /* roles this vantage stands for */
	char catalogue_revision[DMP_VERSION_TEXT];
	struct dmp_plan_requirement *requirements; /* ascending number */
	size_t n_requirements;
	struct dmp_plan_host *hosts;
	size_t n_hosts;
	struct dmp_plan_port *ports;
	size_t n_ports;
	struct dmp_plan_absence *absences;
	size_t n_absences;
	const char *reference;       /* address that proves our own link, "" = none */
	const struct dmp_site *site; /* owned */
	const struct dmp_catalogue *catalogue; /* owned */
	/* Private: one entry per row of requirements, in which the site's own look like
	 * those of the catalogue; and how the hosts stand to each other. */
	struct dmp_entry *entries;
	struct dmp_topology *topology;
};

/* Build the plan.  Takes site and catalogue on success: the plan borrows their strings
 * and frees them; otherwise they stay the caller's.  DMP_EINVAL (two ports with one
 * key, an override of an unknown requirement ...) writes one line per error to errors,
 * "file:line: element: what", and all of them; errors may be NULL. */
enum dmp_status dmp_plan_build(struct dmp_site *site, struct dmp_catalogue *catalogue,
    struct dmp_plan **ret_plan, struct dmp_text *errors) DMP_CHECK_RESULT;

/* Site file (NULL: the built-in default) and catalogue file (NULL: the built-in one) to
 * plan in one go; status and errors of whichever step fails. */
enum dmp_status dmp_plan_load(const char *site_path, const char *catalogue_path,
    struct dmp_plan **ret_plan, struct dmp_text *errors) DMP_CHECK_RESULT;

/* Frees the site and the catalogue, too; NULL is allowed. */
void dmp_plan_free(struct dmp_plan *plan);

/* Do two planned ports ask the same thing in the same way: key, addresses of the host,
 * transport, number, level, probe and all its values?  A reload keeps the state of such
 * a port.  What is only text (why, title, hint) may differ. */
bool dmp_plan_port_same(const struct dmp_plan *plan_a, const struct dmp_plan_port *a,
    const struct dmp_plan *plan_b, const struct dmp_plan_port *b);

#endif
