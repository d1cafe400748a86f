/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: dmp_plan_ask() looks at one requirement on one host, as one source
 * needs it.  First the question whether anything is needed (roles, condition, the site
 * file), then one need per port element of the host, or one with the requirement's own
 * number, and one for each further number that a link between Agents says.
 */
#include "model/plan_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Who can use the address of a failover pair; everybody else talks to its members. */
enum {
	VIRTUAL_USERS =
	    DMP_ROLE_CLIENT | DMP_ROLE_BROWSER | DMP_ROLE_DEVICE | DMP_ROLE_NMS
};

/* One question under way. */
struct need_case {
	const struct dmp_plan_question *q;
	const struct dmp_condition_target *target;
	struct dmp_plan_needs *needs;
	struct dmp_condition_result result;
	size_t n_overrides;
	size_t n_planned; /* of them: those that do not remove the port */
	enum dmp_status status;
};

static void
need_not(struct need_case *c, const char *why)
{
	dmp_text_format(
	    c->needs->why_not, sizeof c->needs->why_not, "does not apply: %s", why);
}

static bool
override_is_for(const struct need_case *c, const struct dmp_site_port *override)
{
	return strcmp(override->requirement, c->q->entry->key) == 0;
}

static enum dmp_level
override_level(const struct need_case *c, const struct dmp_site_port *override)
{
	return override && override->level != 0 ? override->level : c->q->entry->level;
}

/* A level asks for the port where it would not apply, and settles what is assumed.  It
 * also contradicts the sentence why the port should be closed. */
static bool
need_is_by_level(const struct need_case *c, const struct dmp_site_port *override,
    enum dmp_level level)
{
	if (c->result.applies == DMP_APPLIES_NO)
		return true;
	if (!override || override->level == 0)
		return false;
	return c->result.applies == DMP_APPLIES_ASSUMED ||
	       (c->q->entry->level == DMP_LEVEL_FORBIDDEN &&
	           level != DMP_LEVEL_FORBIDDEN);
}

static void
need_why(const struct need_case *c, const struct dmp_site_port *override,
    struct dmp_plan_need *need)
{
	const char *sentence = c->result.why;
	bool foreign = need->level != c->q->entry->level;

	need->applies = c->result.applies;
	if (need_is_by_level(c, override, need->level)) {
		need->applies = DMP_APPLIES_YES;
		sentence = "the site file asks for it";
		foreign = false;
	}
	dmp_text_format(need->why, sizeof need->why, "%s: %s%s",
	    need->applies == DMP_APPLIES_ASSUMED
	        ? "assumed"
	        : dmp_vocab_text(DMP_VOCAB_LEVEL, (int)need->level),
	    sentence, foreign ? " (level of the site file)" : "");
}

static struct dmp_plan_need *
need_add(struct need_case *c)
{
	struct dmp_plan_needs *needs = c->needs;
	struct dmp_plan_need *larger =
	    dmp_array_grow(needs->need, needs->n, &needs->capacity, sizeof *larger);

	if (!larger) {
		c->status = DMP_ENOMEM;
		return NULL;
	}
	needs->need = larger;
	needs->need[needs->n] = (struct dmp_plan_need){0};
	return &needs->need[needs->n++];
}

/* One override, or NULL for a requirement that has none here. */
static void
need_port(struct need_case *c, const struct dmp_site_port *override)
{
	struct dmp_plan_need *need = need_add(c);

	if (!need)
		return;
	need->override = override;
	need->number =
	    override && override->port != 0 ? override->port : c->q->entry->port;
	need->level = override_level(c, override);
	need_why(c, override, need);
}

/* The host has the role and nothing speaks against it, or a level asks for it. */
static void
need_ports(struct need_case *c)
{
	bool has_role = (c->q->host->roles & c->q->entry->to) != 0;

	if (c->n_overrides == 0 && c->result.applies != DMP_APPLIES_NO)
		need_port(c, NULL);
	for (size_t i = 0; i < c->q->host->n_ports; i++) {
		const struct dmp_site_port *override = &c->q->host->ports[i];

		if (!override_is_for(c, override) ||
		    override_level(c, override) == DMP_LEVEL_NONE)
			continue;
		if (c->result.applies != DMP_APPLIES_NO || override->level != 0 ||
		    !has_role)
			need_port(c, override);
	}
}

static bool
need_has_number(const struct need_case *c, uint16_t number)
{
	for (size_t i = 0; i < c->needs->n; i++) {
		if (c->needs->need[i].number == number)
			return true;
	}
	return false;
}

/* The numbers that only links say. */
static void
need_links(struct need_case *c)
{
	enum dmp_remoting transport = dmp_condition_transport(c->q->entry->condition);
	const struct dmp_site_link *link;
	size_t cursor = 0;

	if (transport == DMP_REMOTING_UNSET)
		return;
	while ((link = dmp_condition_next_link(
	            c->q->facts, c->target, transport, &cursor)) != NULL) {
		struct dmp_plan_need *need;

		if (need_has_number(c, link->port))
			continue;
		need = need_add(c);
		if (!need)
			return;
		need->number = link->port;
		need->level = c->q->entry->level;
		need->applies = DMP_APPLIES_YES;
		dmp_text_format(need->why, sizeof need->why,
		    "%s: %s reaches it by %s (link)",
		    dmp_vocab_text(DMP_VOCAB_LEVEL, (int)need->level), link->from,
		    transport == DMP_REMOTING_GRPC ? "gRPC" : ".NET Remoting");
	}
}

/* Reasons that neither the site file nor a condition overrules. */
static bool
need_is_asked_for(struct need_case *c)
{
	const struct dmp_plan_question *q = c->q;
	char from[DMP_ROLES_TEXT];
	char as[DMP_ROLES_TEXT];
	char why[DMP_WHY_TEXT];

	if (q->entry->from == 0 || (q->entry->from & q->facts->as))
		return true;
	dmp_roles_text(q->entry->from, from);
	dmp_roles_text(q->facts->as, as);
	dmp_text_format(why, sizeof why, "it is used by %s, this vantage stands for %s",
	    from, as[0] != '\0' ? as : "no role");
	need_not(c, why);
	return false;
}

static struct dmp_condition_result
need_decide(const struct need_case *c)
{
	struct dmp_condition_result result = {.applies = DMP_APPLIES_YES};

	if (!(c->q->host->roles & c->q->entry->to)) {
		result.applies = DMP_APPLIES_NO;
		return result;
	}
	if (c->q->entry->condition)
		result = dmp_condition_decide(
		    c->q->entry->condition, c->q->facts, c->target);
	else
		dmp_text_copy(result.why, sizeof result.why, c->q->entry->why);
	return dmp_plan_bound(
	    c->q->entry, &c->q->facts->topology->site->installed, result);
}

static void
need_count_overrides(struct need_case *c)
{
	for (size_t i = 0; i < c->q->host->n_ports; i++) {
		if (!override_is_for(c, &c->q->host->ports[i]))
			continue;
		c->n_overrides++;
		if (override_level(c, &c->q->host->ports[i]) != DMP_LEVEL_NONE)
			c->n_planned++;
	}
}

/* Does the requirement have anything to do with the host?  The address of a failover
 * pair answers only those who do not know which member is active. */
static bool
need_concerns(const struct need_case *c)
{
	if (dmp_topology_is_virtual(c->q->facts->topology, c->q->host) &&
	    !(c->q->entry->from & VIRTUAL_USERS))
		return false;
	return (c->q->host->roles & c->q->entry->to) || c->n_overrides > 0;
}

static void
need_decided(struct need_case *c)
{
	if (c->n_overrides > 0 && c->n_planned == 0) {
		need_not(c, "the site file removes it (level=none)");
		return;
	}
	if (c->n_overrides == 0 && c->q->entry->level == DMP_LEVEL_NONE) {
		need_not(c, "its level is none");
		return;
	}
	need_ports(c);
	need_links(c);
	if (c->needs->n == 0)
		need_not(c, c->result.why);
	else if (c->needs->n == 1 && c->needs->need[0].number == 0 &&
	         c->q->entry->transport != DMP_TRANSPORT_NONE) {
		c->needs->n = 0;
		need_not(c, "its number is not known; a port element tells it");
	}
}

enum dmp_status
dmp_plan_ask(const struct dmp_plan_question *question, struct dmp_plan_needs *needs)
{
	struct dmp_condition_target target = {.host = question->host,
	    .requirement = question->entry->key,
	    .port = question->entry->port};
	struct need_case c = {
	    .q = question, .target = &target, .needs = needs, .status = DMP_OK};

	needs->n = 0;
	needs->why_not[0] = '\0';
	need_count_overrides(&c);
	needs->concerned = need_concerns(&c);
	if (!needs->concerned || !need_is_asked_for(&c))
		return DMP_OK;
	c.result = need_decide(&c);
	need_decided(&c);
	return c.status;
}

void
dmp_plan_needs_done(struct dmp_plan_needs *needs)
{
	free(needs->need);
	*needs = (struct dmp_plan_needs){0};
}
