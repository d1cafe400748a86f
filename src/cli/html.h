/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * html.h - one page of HTML about a site: the ports as one or more machines see them,
 * how fast they answered in the last day, what has happened, the certificates, who gets
 * the notifications.  Pure: structs in, text out.
 *
 * The page is one file of printable ASCII: no scripts, nothing is fetched, and a policy
 * in it forbids both.  Every string goes through one function that makes it inert
 * (html_private.h); what identities, messages and files of other machines say is data.
 *
 * Limits.  Hosts that are fine are left out of matrices of more than DMP_HTML_CELLS
 * ports, ports that are fine out of a list of more than DMP_HTML_PORTS; both are
 * counted in words.  Timelines, problems and events have limits of their own.  10 000
 * ports make 9 MB with the texts of real sites, and 21 MB with the longest there are.
 */
#ifndef DMP_HTML_H
#define DMP_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "cli/receiver_report.h"
#include "cli/report.h"
#include "engine/availability.h"
#include "engine/event_record.h"

enum {
	DMP_HTML_CELLS = 4000,
	DMP_HTML_GROUPS = 50,   /* of hosts, with a matrix for each */
	DMP_HTML_COLUMNS = 200, /* in a matrix */
	DMP_HTML_LINES = 1000,  /* hosts in all matrices */
	DMP_HTML_PORTS = 20000,
	DMP_HTML_PROBLEMS = 200,
	DMP_HTML_EVENTS = 1000,
	DMP_HTML_TIMELINES = 60,
	DMP_HTML_SEGMENTS = 200, /* changes in one timeline, the newest */
	DMP_HTML_HOSTS_OPEN = 12 /* more hosts than that are folded, if they are fine */
};

/* What the daemon knows of a port beside its row. */
struct dmp_html_more {
	uint32_t latency_p95_us;                       /* 0 = none */
	uint32_t availability[DMP_AVAILABILITY_SPANS]; /* dmp_availability_share() */
	int64_t change_ms;                             /* wall clock, 0 = none */
	char subject[DMP_SUBJECT_TEXT];                /* of the certificate */
	/* The p95 of the hours up to that of now_ms; 0 = not known. */
	uint32_t hours_us[DMP_AVAILABILITY_HOURS];
};

/* The ports as one machine sees them. */
struct dmp_html_source {
	const char *name;
	struct dmp_report_row *rows; /* only read */
	size_t n_rows;
	const struct dmp_html_more *more; /* one for each row; NULL = none */
};

struct dmp_html_host {
	const char *name;
	const char *roles;
	enum dmp_state state;
	char detail[DMP_DETAIL_TEXT];
};

struct dmp_html_page {
	const char *site;
	const char *dataminer;
	const char *catalogue;
	const char *software;
	const char *engine;       /* a sentence about the daemon */
	const char *trouble;      /* why it cannot be trusted now, NULL = it can */
	const char *const *notes; /* sentences about what else is wrong */
	size_t n_notes;
	int64_t now_ms;  /* wall clock */
	int64_t mono_ms; /* the same moment by the monotonic one */
	int64_t since_ms;
	const struct dmp_html_source *sources; /* the daemon's own first; >= 1 */
	size_t n_sources;
	const struct dmp_html_host *hosts; /* of the daemon's plan */
	size_t n_hosts;
	const struct dmp_event *events; /* since then, oldest first */
	size_t n_events;
	size_t n_events_left; /* older ones since then, that are not among them */
	const struct dmp_receiver_row *receivers;
	size_t n_receivers;
};

/* Append the page.  DMP_ENOMEM. */
enum dmp_status dmp_html_page(
    const struct dmp_html_page *page, struct dmp_text *out) DMP_CHECK_RESULT;

#endif
