/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/correlate_site.h"

enum {
	FIRST_ASKED = 4,    /* hosts that are asked at once ... */
	FIRST_WAIT_MS = 500 /* ... and how long, before all are */
};

static bool
site_is_judged(const struct dmp_host_view *host)
{
	return host->has_port && !host->excluded;
}

/* Also one that is not to judge, such as one in maintenance, proves that the link
 * works.
 */
static bool
site_is_heard(const struct dmp_host_view *host, int64_t ask_ms)
{
	return !host->excluded && host->heard_ms >= ask_ms;
}

/* Is it one that is not to judge, and was heard before the doubt? */
static bool
site_may_be_heard(const struct dmp_host_view *host, int64_t ask_ms)
{
	return !host->excluded && !host->has_port &&
	       host->heard_ms != DMP_BEGAN_NEVER && host->heard_ms < ask_ms;
}

/* Known to be mute without being asked again. */
static bool
site_is_lost(const struct dmp_host_view *host)
{
	return host->down || host->mute;
}

static bool
site_is_silent(const struct dmp_host_view *host, int64_t ask_ms)
{
	return site_is_judged(host) && host->heard_ms < ask_ms &&
	       (site_is_lost(host) || host->asked_ms >= ask_ms);
}

/* Has something to announce that may be another one's finding. */
static bool
site_begins_doubt(const struct dmp_host_view *host)
{
	return site_is_judged(host) && site_is_lost(host) && host->waiting &&
	       host->settled && !host->suppressed;
}

/* What all hosts together say. */
struct site_sum {
	size_t judged;
	size_t silent;
	bool heard;
	bool pending; /* one that is not to judge may be */
	bool doubt;   /* a host begins one */
	uint32_t timeout_ms;
};

static struct site_sum
site_sum(const struct dmp_site_view *view, int64_t ask_ms)
{
	struct site_sum sum = {.timeout_ms = view->reference_timeout_ms};

	for (size_t i = 0; i < view->n_hosts; i++) {
		const struct dmp_host_view *host = &view->hosts[i];

		sum.heard |= site_is_heard(host, ask_ms);
		sum.pending |= site_may_be_heard(host, ask_ms);
		if (!site_is_judged(host))
			continue;
		sum.judged++;
		sum.silent += site_is_silent(host, ask_ms);
		sum.doubt |= site_begins_doubt(host);
		if (host->timeout_ms > sum.timeout_ms)
			sum.timeout_ms = host->timeout_ms;
	}
	return sum;
}

static bool
site_reference_answers(const struct dmp_site_view *view, int64_t ask_ms)
{
	return view->reference == DMP_REFERENCE_ANSWERS && view->reference_ms >= ask_ms;
}

/* The groups around a group, the widest last; a circle ends after as many steps as
 * there are groups. */
static size_t
site_parent(const struct dmp_site_view *view, size_t group, size_t *steps)
{
	size_t parent = view->groups[group].parent;

	(*steps)++;
	return parent < view->n_groups && *steps < view->n_groups ? parent
	                                                          : DMP_NO_GROUP;
}

static size_t
site_group(const struct dmp_site_view *view, const struct dmp_host_view *host)
{
	return host->group < view->n_groups ? host->group : DMP_NO_GROUP;
}

/* Whoever has announced keeps the word, then the first. */
static void
site_choose_speaker(
    const struct dmp_site_view *view, struct dmp_group_view *group, size_t candidate)
{
	const struct dmp_host_view *host = &view->hosts[candidate];

	if (!host->down || !(host->announced || (host->waiting && host->settled)))
		return;
	if (group->speaker == SIZE_MAX ||
	    (host->announced && !view->hosts[group->speaker].announced))
		group->speaker = candidate;
}

static void
site_tally_host(struct dmp_site_view *view, size_t i, int64_t ask_ms)
{
	const struct dmp_host_view *host = &view->hosts[i];
	size_t steps = 0;

	for (size_t g = site_group(view, host); g != DMP_NO_GROUP;
	     g = site_parent(view, g, &steps)) {
		struct dmp_group_view *group = &view->groups[g];

		group->judged++;
		group->silent += site_is_silent(host, ask_ms);
		group->down += host->down;
		group->heard |= site_is_heard(host, ask_ms);
		site_choose_speaker(view, group, i);
	}
}

static void
site_tally_groups(struct dmp_site_view *view, int64_t ask_ms)
{
	for (size_t g = 0; g < view->n_groups; g++)
		view->groups[g] = (struct dmp_group_view){
		    .parent = view->groups[g].parent, .speaker = SIZE_MAX};
	for (size_t i = 0; i < view->n_hosts; i++) {
		if (site_is_judged(&view->hosts[i]))
			site_tally_host(view, i, ask_ms);
	}
	for (size_t g = 0; g < view->n_groups; g++) {
		struct dmp_group_view *group = &view->groups[g];

		group->is_down = group->judged >= 2 && group->silent == group->judged &&
		                 group->speaker != SIZE_MAX;
	}
}

/* The widest group around the host that is down. */
static size_t
site_widest_down(const struct dmp_site_view *view, const struct dmp_host_view *host)
{
	size_t widest = DMP_NO_GROUP;
	size_t steps = 0;

	for (size_t g = site_group(view, host); g != DMP_NO_GROUP;
	     g = site_parent(view, g, &steps)) {
		if (view->groups[g].is_down)
			widest = g;
	}
	return widest;
}

/* Can a group around the host still turn out to be down, or get a speaker that comes
 * first? */
static bool
site_group_is_open(const struct dmp_site_view *view, const struct dmp_host_view *host)
{
	size_t steps = 0;

	for (size_t g = site_group(view, host); g != DMP_NO_GROUP;
	     g = site_parent(view, g, &steps)) {
		const struct dmp_group_view *group = &view->groups[g];

		if (group->judged < 2 || group->heard || group->speaker == SIZE_MAX)
			continue;
		if (group->silent < group->judged || group->down < group->judged)
			return true;
	}
	return false;
}

/* Is a group around the host disproved, so that it is not suppressed any more? */
static bool
site_group_is_over(const struct dmp_site_view *view, const struct dmp_host_view *host)
{
	size_t steps = 0;

	for (size_t g = site_group(view, host); g != DMP_NO_GROUP;
	     g = site_parent(view, g, &steps)) {
		const struct dmp_group_view *group = &view->groups[g];

		if (group->judged >= 2 && !group->heard)
			return false;
	}
	return true;
}

static void
site_judge_host(struct dmp_site_view *view, size_t i, bool vantage_open, bool doubt)
{
	struct dmp_host_view *host = &view->hosts[i];
	size_t group = site_widest_down(view, host);

	if (!site_is_judged(host) || !site_is_lost(host))
		return;
	if (host->waiting && !host->settled) {
		host->voice = DMP_VOICE_HELD;
	} else if (host->waiting && !host->suppressed &&
	           (vantage_open || (doubt && site_group_is_open(view, host)))) {
		host->voice = DMP_VOICE_HELD;
	} else if (group != DMP_NO_GROUP) {
		host->voice = view->groups[group].speaker == i ? DMP_VOICE_SPEAKS
		                                               : DMP_VOICE_SUPPRESSED;
		if (host->voice == DMP_VOICE_SPEAKS)
			host->speaks_for = group;
	} else if (host->suppressed && !site_group_is_over(view, host)) {
		host->voice = DMP_VOICE_SUPPRESSED;
	} else if (host->suppressed) {
		host->voice = DMP_VOICE_HELD;
		host->reconfirm = true;
	}
}

/* A group around it holds somebody, so that it has to be asked. */
static bool
site_is_wanted(const struct dmp_site_view *view, const struct dmp_host_view *host)
{
	size_t steps = 0;

	for (size_t g = site_group(view, host); g != DMP_NO_GROUP;
	     g = site_parent(view, g, &steps)) {
		const struct dmp_group_view *group = &view->groups[g];

		if (group->down > 0 && !group->heard && group->speaker != SIZE_MAX)
			return true;
	}
	return false;
}

static void
site_ask(struct dmp_site_view *view, int64_t ask_ms, bool vantage_open, int64_t now_ms)
{
	size_t few = now_ms - ask_ms < FIRST_WAIT_MS ? FIRST_ASKED : SIZE_MAX;
	size_t n = 0;

	for (size_t i = 0; i < view->n_hosts; i++) {
		struct dmp_host_view *host = &view->hosts[i];

		if (site_may_be_heard(host, ask_ms))
			host->recheck = vantage_open;
		if (!site_is_judged(host) || site_is_lost(host))
			continue;
		host->recheck =
		    host->heard_ms < ask_ms && host->asked_ms < ask_ms &&
		    ((vantage_open && n++ < few) || site_is_wanted(view, host));
	}
	view->reference_recheck = vantage_open &&
	                          view->reference == DMP_REFERENCE_ANSWERS &&
	                          view->reference_ms < ask_ms;
}

static void
site_set_voices(struct dmp_site_view *view, enum dmp_voice voice)
{
	for (size_t i = 0; i < view->n_hosts; i++) {
		struct dmp_host_view *host = &view->hosts[i];

		host->voice = voice;
		host->speaks_for = DMP_NO_GROUP;
		host->recheck = false;
		host->reconfirm = false;
	}
	view->reference_recheck = false;
	view->wake_ms = DMP_HOLD_NEVER;
}

static enum dmp_site_change
site_judge_isolated(struct dmp_site_watch *watch, struct dmp_site_view *view)
{
	struct site_sum sum = site_sum(view, watch->ask_ms);
	bool nobody = (sum.judged == 0 && view->reference != DMP_REFERENCE_FAILS) ||
	              (sum.judged < 2 && view->reference == DMP_REFERENCE_NONE);

	if (!sum.heard && !nobody && !site_reference_answers(view, watch->ask_ms)) {
		site_set_voices(view, DMP_VOICE_SUPPRESSED);
		return DMP_SITE_SAME;
	}
	*watch = (struct dmp_site_watch){.ask_ms = watch->ask_ms,
	    .reference_failed = view->reference == DMP_REFERENCE_FAILS};
	site_set_voices(view, DMP_VOICE_HELD);
	return DMP_SITE_RESTORED;
}

/* A reference that fails begins one doubt: when hosts are heard then, it is the
 * reference itself. */
static void
site_begin_doubt(struct dmp_site_watch *watch, const struct dmp_site_view *view,
    const struct site_sum *sum, int64_t now_ms)
{
	bool fails = view->reference == DMP_REFERENCE_FAILS;
	bool doubt = sum->doubt || (fails && !watch->reference_failed);

	watch->reference_failed = fails;
	if (!doubt || watch->until_ms != 0)
		return;
	watch->ask_ms = now_ms;
	watch->until_ms = now_ms + sum->timeout_ms + DMP_HOLD_MARGIN_MS;
}

/* Is the vantage isolated; or can that still turn out (*ret_open)? */
static bool
site_is_isolated(const struct dmp_site_watch *watch, const struct dmp_site_view *view,
    const struct site_sum *sum, int64_t now_ms, bool *ret_open)
{
	bool over = now_ms >= watch->until_ms;
	bool fails = view->reference == DMP_REFERENCE_FAILS;
	bool silent = sum->silent == sum->judged && !sum->pending;

	*ret_open = false;
	if (watch->until_ms == 0 || sum->heard || (sum->judged < 2 && !fails) ||
	    site_reference_answers(view, watch->ask_ms))
		return false;
	if (fails && (silent || over))
		return true;
	if (silent && (view->reference != DMP_REFERENCE_ANSWERS || over))
		return true;
	*ret_open = !over;
	return false;
}

/* The doubt is over when nobody is held for it. */
static void
site_end_doubt(struct dmp_site_watch *watch, struct dmp_site_view *view,
    bool vantage_open, int64_t now_ms)
{
	bool held = vantage_open;

	for (size_t i = 0; i < view->n_hosts; i++) {
		const struct dmp_host_view *host = &view->hosts[i];

		held |=
		    host->voice == DMP_VOICE_HELD && host->settled && !host->reconfirm;
	}
	if (!held || now_ms >= watch->until_ms) {
		watch->until_ms = 0;
		return;
	}
	site_ask(view, watch->ask_ms, vantage_open, now_ms);
	view->wake_ms = watch->until_ms;
	if (vantage_open && now_ms < watch->ask_ms + FIRST_WAIT_MS &&
	    watch->ask_ms + FIRST_WAIT_MS < view->wake_ms)
		view->wake_ms = watch->ask_ms + FIRST_WAIT_MS;
}

enum dmp_site_change
dmp_correlate_site(
    struct dmp_site_watch *watch, struct dmp_site_view *view, int64_t now_ms)
{
	struct site_sum sum;
	bool vantage_open;
	bool doubt;

	if (watch->isolated)
		return site_judge_isolated(watch, view);
	sum = site_sum(view, watch->ask_ms);
	site_begin_doubt(watch, view, &sum, now_ms);
	sum = site_sum(view, watch->ask_ms);
	if (site_is_isolated(watch, view, &sum, now_ms, &vantage_open)) {
		watch->isolated = true;
		watch->until_ms = 0;
		site_set_voices(view, DMP_VOICE_SUPPRESSED);
		return DMP_SITE_ISOLATED;
	}
	site_set_voices(view, DMP_VOICE_SPEAKS);
	site_tally_groups(view, watch->ask_ms);
	doubt = watch->until_ms != 0 && now_ms < watch->until_ms;
	for (size_t i = 0; i < view->n_hosts; i++)
		site_judge_host(view, i, vantage_open, doubt);
	if (watch->until_ms != 0)
		site_end_doubt(watch, view, vantage_open, now_ms);
	return DMP_SITE_SAME;
}

static int64_t
summary_earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

struct dmp_host_view
dmp_correlate_host_summary(const struct dmp_host_port *ports, size_t n)
{
	struct dmp_host_view view = {.settled = true,
	    .heard_ms = DMP_BEGAN_NEVER,
	    .asked_ms = INT64_MAX,
	    .group = DMP_NO_GROUP};
	bool all_mute = true;
	bool lost = false;

	for (size_t i = 0; i < n; i++) {
		const struct dmp_host_port *port = &ports[i];
		enum dmp_evidence evidence = DMP_EVIDENCE_NONE;

		if (port->admin == DMP_ADMIN_DISABLED)
			continue;
		if (port->began_ms != DMP_BEGAN_NEVER)
			evidence = dmp_correlate_evidence(port->reason);
		if (evidence == DMP_EVIDENCE_HEARD) {
			all_mute = false;
			if (port->began_ms > view.heard_ms)
				view.heard_ms = port->began_ms;
		}
		if (evidence == DMP_EVIDENCE_HEARD || dmp_host_port_counts(port))
			view.asked_ms = summary_earlier(view.asked_ms, port->began_ms);
		if (!dmp_host_port_counts(port))
			continue;
		view.has_port = true;
		all_mute &= evidence == DMP_EVIDENCE_MUTE;
		lost |= evidence == DMP_EVIDENCE_MUTE && port->state == DMP_STATE_DOWN;
		view.settled &= port->settled;
		if (port->timeout_ms > view.timeout_ms)
			view.timeout_ms = port->timeout_ms;
	}
	if (!view.has_port)
		view.asked_ms = DMP_BEGAN_NEVER;
	view.mute = view.has_port && all_mute && lost;
	return view;
}
