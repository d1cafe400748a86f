/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * audit.h - what a host has open, as its own tools list it.  Pure; the text is foreign.
 *
 * Two lists are understood: that of ss -lntu (what listens), and a CSV of Windows
 * Firewall rules with a line of titles, made by the command that "dmports firewall
 * --help" shows.  Titles are found by name, in any order: Direction, Action, Enabled,
 * Protocol, LocalPort, RemoteAddress; only Protocol and LocalPort are needed.
 */
#ifndef DMP_AUDIT_H
#define DMP_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "base/vocab.h"

#define DMP_AUDIT_TEXT       96
#define DMP_AUDIT_SEPARATORS " ,;" /* between the items of a list */

/* Ports first..last that are open. */
struct dmp_audit_open {
	enum dmp_transport transport; /* NONE: any protocol */
	uint16_t first;
	uint16_t last;
	bool is_anybody;           /* not limited to some peers */
	size_t remote;             /* else to these: where they begin in remotes */
	char what[DMP_AUDIT_TEXT]; /* where it listens, or the name of the rule */
};

struct dmp_audit {
	struct dmp_audit_open *opens;
	size_t n_opens;
	struct dmp_text remotes; /* lists of addresses, with a NUL after each */
	bool is_listeners;       /* of ss: who may connect is not known */
	size_t n_any;            /* rules for every port, mostly of one program */
	size_t n_skipped;        /* lines that say nothing about an inbound port */
};

/* Read a list of at most size bytes (UTF-8, or UTF-16 with a byte order mark as
 * PowerShell writes it).  DMP_EINVAL with a line in error when it is neither;
 * DMP_ENOMEM. Zero-initialised or not, *ret_audit is written on success only; done()
 * frees. */
enum dmp_status dmp_audit_parse(const char *data, size_t size,
    struct dmp_audit *ret_audit, struct dmp_text *error) DMP_CHECK_RESULT;
void dmp_audit_done(struct dmp_audit *audit);

/* Is it open to this address?  Yes, too, where only the host itself knows: words such
 * as LocalSubnet. */
bool dmp_audit_admits(const struct dmp_audit *audit, const struct dmp_audit_open *open,
    const char *address);

#endif
