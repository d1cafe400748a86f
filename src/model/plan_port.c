/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: dmp_plan_expand() makes ports of what the vantage needs of one host for
 * one requirement (plan_need.c), each once or once per address family.  What is not
 * planned leaves an absence with its reason.
 */
#include "model/plan_internal.h"

#include <string.h>

#include "base/array.h"

enum {
	KEY_SCRATCH = 2 * DMP_KEY_TEXT,
	INFORM_MIN_MS = 5 * 60 * 1000 /* every inform is an event to the receiver */
};

/* One requirement on one host, decided. */
struct port_case {
	struct dmp_plan_build *b;
	size_t host_index;
	size_t requirement_index;
	const struct dmp_site_host *host;
	const struct dmp_entry *entry;
	struct dmp_policy policy;
};

/* Room for one more element; NULL sticks as DMP_ENOMEM. */
static void *
plan_grow(
    struct dmp_plan_build *b, void *array, size_t n, size_t *capacity, size_t size)
{
	void *moved = dmp_array_grow(array, n, capacity, size);

	if (!moved)
		b->status = DMP_ENOMEM;
	return moved;
}

static void
plan_absent(struct port_case *c, const char *why)
{
	struct dmp_plan *plan = c->b->plan;
	struct dmp_plan_requirement *row = &plan->requirements[c->requirement_index];
	struct dmp_plan_absence *absences = plan_grow(c->b, plan->absences,
	    plan->n_absences, &c->b->absences_capacity, sizeof *absences);
	struct dmp_plan_absence *absence;

	if (!absences)
		return;
	plan->absences = absences;
	absence = &absences[plan->n_absences++];
	*absence = (struct dmp_plan_absence){
	    .host = c->host_index, .requirement = c->requirement_index};
	dmp_text_copy(absence->why, sizeof absence->why, why);
	if (row->why[0] == '\0')
		dmp_text_copy(row->why, sizeof row->why, absence->why);
}

/* The requirement's row says yes when one port does, else assumed. */
static void
plan_note(struct port_case *c, const struct dmp_plan_port *port)
{
	struct dmp_plan_requirement *row =
	    &c->b->plan->requirements[c->requirement_index];

	row->planned++;
	if (row->applies == port->applies || row->applies == DMP_APPLIES_YES)
		return;
	row->applies = port->applies;
	dmp_text_copy(row->why, sizeof row->why, port->why);
}

static const char *
first_text(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

/* The part of a port that the override, which may be NULL, decides. */
static void
plan_override(struct dmp_plan_port *port, const struct dmp_site_port *override)
{
	if (!override)
		return;
	if (override->tls != DMP_UNSET)
		port->tls = override->tls;
	if (override->admin != 0)
		port->admin = override->admin;
	port->path = first_text(override->path, port->path);
	port->expect = first_text(override->expect, port->expect);
	port->ca_file = first_text(override->ca_file, "");
	port->community_file = first_text(override->community_file, "");
	port->community = first_text(override->community, "");
	dmp_plan_policy_merge(&port->policy, &override->policy, override->set);
}

/* Informs leave a trace, so they are rare whatever the policies say. */
static void
plan_inform(const struct port_case *c, struct dmp_plan_port *port,
    const struct dmp_site_port *override)
{
	if (!override || !override->inform)
		return;
	if (port->probe != DMP_PROBE_SNMP_TRAP) {
		dmp_plan_error(c->b, &override->place,
		    "port: inform, got \"yes\", expected no: %s is not a trap receiver",
		    c->entry->key);
		return;
	}
	port->inform = true;
	if (port->policy.heavy_ms < INFORM_MIN_MS)
		port->policy.heavy_ms = INFORM_MIN_MS;
}

static void
plan_key(const struct port_case *c, struct dmp_plan_port *port, bool each)
{
	char key[KEY_SCRATCH];
	char number[8] = "";

	if (c->b->needs.n > 1)
		dmp_text_format(number, sizeof number, "@%u", (unsigned)port->number);
	dmp_text_format(key, sizeof key, "%s/%s%s%s", c->host->name, c->entry->key,
	    number,
	    !each                          ? ""
	    : port->family == DMP_FAMILY_4 ? "@4"
	                                   : "@6");
	if (strlen(key) >= sizeof port->key)
		dmp_plan_error(c->b, &c->host->place,
		    "host: port key \"%s\" is too long: %zu characters, at most %d",
		    key, strlen(key), DMP_KEY_TEXT - 1);
	dmp_text_copy(port->key, sizeof port->key, key);
}

static void
plan_add(struct port_case *c, const struct dmp_plan_port *port)
{
	struct dmp_plan *plan = c->b->plan;
	struct dmp_plan_port *ports = plan_grow(
	    c->b, plan->ports, plan->n_ports, &c->b->ports_capacity, sizeof *ports);

	if (!ports)
		return;
	plan->ports = ports;
	ports[plan->n_ports++] = *port;
	plan_note(c, port);
}

/* Which families a host can be reached by; a DNS name may have both. */
static void
host_families(const struct dmp_site_host *host, bool *ret_4, bool *ret_6)
{
	struct dmp_address address;

	*ret_4 = false;
	*ret_6 = false;
	for (size_t i = 0; i < host->n_addresses; i++) {
		bool literal = dmp_address_parse(host->addresses[i], &address);

		*ret_4 = *ret_4 || !literal || address.family == AF_INET;
		*ret_6 = *ret_6 || !literal || address.family == AF_INET6;
	}
}

static void
plan_families(struct port_case *c, struct dmp_plan_port *port)
{
	enum dmp_family family = c->b->site->family;
	bool has_4;
	bool has_6;
	bool each;

	host_families(c->host, &has_4, &has_6);
	if ((family == DMP_FAMILY_4 && !has_4) || (family == DMP_FAMILY_6 && !has_6)) {
		dmp_plan_error(c->b, &c->host->place,
		    "host: \"%s\" has no IPv%d address, the site asks for that family",
		    c->host->name, family == DMP_FAMILY_4 ? 4 : 6);
		return;
	}
	each = family == DMP_FAMILY_EACH && has_4 && has_6;
	if (family == DMP_FAMILY_EACH)
		family = has_4 ? DMP_FAMILY_4 : DMP_FAMILY_6;
	port->family = family;
	plan_key(c, port, each);
	plan_add(c, port);
	if (!each)
		return;
	port->family = DMP_FAMILY_6;
	plan_key(c, port, each);
	plan_add(c, port);
}

static void
plan_port(struct port_case *c, const struct dmp_plan_need *need)
{
	struct dmp_plan_port port = {
	    .host = c->host_index,
	    .requirement = c->requirement_index,
	    .number = need->number,
	    .transport = c->entry->transport,
	    .level = need->level,
	    .applies = need->applies,
	    .probe = c->entry->probe,
	    .tls = c->entry->tls,
	    .path = c->entry->path,
	    .expect = c->entry->expect,
	    .ca_file = "",
	    .community_file = "",
	    .community = "",
	    .hint = c->entry->hint,
	    .exchange = c->entry->exchange,
	    .admin = DMP_ADMIN_ENABLED,
	    .policy = c->policy,
	};

	dmp_text_printable(port.service, sizeof port.service, c->entry->protocol,
	    strlen(c->entry->protocol));
	dmp_text_copy(port.why, sizeof port.why, need->why);
	plan_override(&port, need->override);
	plan_inform(c, &port, need->override);
	plan_families(c, &port);
}

/* The vantage does not check itself, nor the address that it has as an active member.
 */
static bool
plan_is_own(const struct port_case *c)
{
	const struct dmp_plan *plan = c->b->plan;
	const struct dmp_site_host *source = c->b->facts.source;

	return source && (plan->hosts[c->host_index].is_vantage ||
	                     (plan->hosts[c->host_index].is_virtual &&
	                         dmp_topology_same_pair(source, c->host)));
}

void
dmp_plan_expand(struct dmp_plan_build *b, size_t host, size_t requirement)
{
	struct port_case c = {
	    .b = b,
	    .host_index = host,
	    .requirement_index = requirement,
	    .host = &b->plan->topology->hosts[host],
	    .entry = &b->plan->entries[requirement],
	};
	const struct dmp_plan_question question = {
	    .facts = &b->facts, .host = c.host, .entry = c.entry};
	enum dmp_status status = dmp_plan_ask(&question, &b->needs);

	if (status != DMP_OK) {
		b->status = status;
		return;
	}
	if (!b->needs.concerned)
		return;
	if (plan_is_own(&c)) {
		plan_absent(&c, "does not apply: this host is the vantage itself");
	} else if (b->needs.n == 0) {
		plan_absent(&c, b->needs.why_not);
	} else if (c.entry->transport == DMP_TRANSPORT_NONE) {
		plan_absent(&c, "does not apply: dmports does not check it");
	} else {
		c.policy = dmp_plan_policy(b->site, c.host, c.entry);
		for (size_t i = 0; i < b->needs.n; i++)
			plan_port(&c, &b->needs.need[i]);
	}
}
