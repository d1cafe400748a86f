/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * correlate_site.h - is it the host, its group, or are we cut off ourselves?  Pure.
 *
 * Rules.
 * - Hosts to judge have an enabled TCP port, and are neither the vantage itself nor
 *   reached over loopback.  A host is silent when all its ports were asked since the
 *   doubt began and none was heard (an RST is heard).
 * - The vantage is isolated when at least two hosts are to judge and all are silent; or
 *   when the reference address fails and no host is heard, however many there are.  A
 *   reference that answers, or one host that is heard, disproves it, also a host that
 *   is not to judge because it is in maintenance.  Meanwhile nothing else is raised.
 *   The first host that is heard, or the reference, ends it, and so does a plan by
 *   which it could not be found out; then all ports confirm their state before they
 *   speak.
 * - A group is down when at least two of its hosts are to judge, those of the groups
 *   inside it included, and all are silent, and at least one is confirmed down.  Of
 *   several groups around a host that are down the widest counts.  Its first host, in
 *   the order of the site, that is confirmed down speaks (one that has spoken already
 *   keeps the word), the others are suppressed.  When the group answers again, those of
 *   its hosts that are still down confirm it before they speak.
 * - A doubt begins with a host that has something to announce and is mute, or with a
 *   reference that fails.  Whoever is concerned is held until the others were asked, at
 *   most timeout + 2 s.  First only a few hosts are asked, since one that is heard is
 *   enough; when none was within half a second, all are.
 * - Of a group only hosts that are down speak: for a host with a single port its port
 *   does, as everywhere, and is suppressed when a host that is down speaks for it.
 *
 * While no host is waiting, nobody is isolated, suppressed by its group or held, and
 * the reference does not fail, nothing is to be judged and nobody need call.
 */
#ifndef DMP_CORRELATE_SITE_H
#define DMP_CORRELATE_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/correlate_host.h"

#define DMP_NO_GROUP SIZE_MAX

enum dmp_reference {
	DMP_REFERENCE_NONE = 0, /* not configured */
	DMP_REFERENCE_ANSWERS,
	DMP_REFERENCE_FAILS,  /* confirmed like a port */
	DMP_REFERENCE_UNKNOWN /* it has never answered */
};

/* What is remembered of the site.  Value type, zero-initialised.  After a restart set
 * isolated to whether DMP_EVENT_VANTAGE_ISOLATED is raised. */
struct dmp_site_watch {
	int64_t ask_ms;   /* attempts that began from here on count as asked again */
	int64_t until_ms; /* ... and until here they are waited for; 0 = not waiting */
	bool isolated;
	bool reference_failed; /* and the doubt about that has begun */
};

/* One host, as the rule sees it; dmp_correlate_host_summary() fills the first part. */
struct dmp_host_view {
	bool has_port;       /* one to judge: enabled, TCP, not forbidden */
	bool settled;        /* all its ports are */
	bool mute;           /* all ports to judge are, and one is confirmed down */
	int64_t heard_ms;    /* begin of the newest attempt that was heard */
	int64_t asked_ms;    /* begin of the oldest of the last attempts of its ports */
	uint32_t timeout_ms; /* the longest */
	/* The rest is the caller's. */
	bool excluded;   /* the vantage itself, loopback */
	bool down;       /* its watch says so */
	bool waiting;    /* that it is down (or its only port) is not announced yet */
	bool announced;  /* DMP_EVENT_HOST_DOWN is raised for it */
	bool suppressed; /* its voice was SUPPRESSED the last time */
	size_t group;    /* index, DMP_NO_GROUP */
	/* Out: the voice of the host, and of its ports when it is mute. */
	enum dmp_voice voice;
	size_t speaks_for; /* index of the group that it announces, DMP_NO_GROUP */
	bool recheck;      /* ask all its ports now, as in correlate_host.h */
	bool reconfirm;    /* have its ports confirmed again, at pace NORMAL */
};

/* One group.  Parents may come in any order; a circle is cut. */
struct dmp_group_view {
	size_t parent; /* index, DMP_NO_GROUP */
	/* Out, each with the groups inside. */
	uint32_t judged; /* hosts to judge */
	uint32_t silent; /* of these */
	uint32_t down;   /* of these, confirmed */
	bool heard;      /* one of its hosts, since the doubt began */
	bool is_down;
	size_t speaker; /* index of a host, SIZE_MAX = none */
};

enum dmp_site_change {
	DMP_SITE_SAME = 0,
	DMP_SITE_ISOLATED,
	/* Have all ports confirmed again, at pace FAST, then announce differences. */
	DMP_SITE_RESTORED
};

/* Everything that is known, for one call. */
struct dmp_site_view {
	struct dmp_host_view *hosts;
	size_t n_hosts;
	struct dmp_group_view *groups;
	size_t n_groups;
	enum dmp_reference reference;
	int64_t reference_ms; /* begin of the attempt that says so */
	uint32_t reference_timeout_ms;
	/* Out. */
	bool reference_recheck;
	int64_t wake_ms; /* when to judge again at the latest, DMP_HOLD_NEVER */
};

/* Of the ports of one host, after dmp_correlate_host(). */
struct dmp_host_view dmp_correlate_host_summary(
    const struct dmp_host_port *ports, size_t n);

/* Judge again: when a host or a mute port gets something to announce, when an attempt
 * has ended while anybody is held, suppressed or isolated (not more often than every
 * 100 ms is enough), when the reference changes, and at view->wake_ms.  Act on the
 * voices at once: one that SPEAKS and says nothing begins a new doubt. */
enum dmp_site_change dmp_correlate_site(
    struct dmp_site_watch *watch, struct dmp_site_view *view, int64_t now_ms);

#endif
