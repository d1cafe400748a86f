/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: names are gathered in sorted lists ("index"), so that duplicates stand
 * side by side and references are found by bisection: a hostile file with 10 000s of
 * elements costs no quadratic time.  An absent name is "" and is no error here.
 */
#include "model/site_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/site_schema.h"
#include "model/topology.h"

enum { KEY_TEXT = 176 };

struct entry {
	char *key;
	const struct dmp_site_place *place;
	size_t serial; /* order of the file */
};

struct index {
	struct entry *entries;
	size_t n;
	size_t capacity;
};

struct checker {
	const struct dmp_site *site;
	struct dmp_xml_report *report;
	struct index hosts;
	struct index groups;
	struct index failovers;
	struct index targets; /* hosts and failovers: what has ports */
};

void
dmp_site_complain(struct dmp_xml_report *report, const struct dmp_site_place *place,
    const struct dmp_site_complaint *complaint)
{
	struct dmp_xml_element node = {.file = place->file, .line = place->line};
	char name[32];

	dmp_text_copy(name, sizeof name, complaint->element);
	node.name = name;
	dmp_xml_expected(
	    report, &node, complaint->what, complaint->got, complaint->expected);
}

static void
complain(struct checker *c, const struct dmp_site_place *place, const char *element,
    const char *what, const char *got, const char *expected)
{
	dmp_site_complain(c->report, place,
	    &(struct dmp_site_complaint){element, what, got, expected});
}

/* Memory that runs out sticks in the report. */
static void
index_add(struct checker *c, struct index *index, const char *key,
    const struct dmp_site_place *place)
{
	struct entry *e =
	    dmp_array_grow(index->entries, index->n, &index->capacity, sizeof *e);

	if (!e) {
		c->report->status = DMP_ENOMEM;
		return;
	}
	index->entries = e;
	e = &index->entries[index->n];
	*e = (struct entry){strdup(key), place, index->n};
	if (e->key)
		index->n++;
	else
		c->report->status = DMP_ENOMEM;
}

static void
index_done(struct index *index)
{
	for (size_t i = 0; i < index->n; i++)
		free(index->entries[i].key);
	free(index->entries);
	*index = (struct index){0};
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int order = strcmp(x->key, y->key);

	if (order != 0)
		return order;
	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

static int
compare_key(const void *key, const void *entry)
{
	return strcmp(key, ((const struct entry *)entry)->key);
}

/* A key ends for the reader at its first tab: what follows only tells keys apart. */
static void
complain_again(struct checker *c, const struct entry *e, const struct entry *first,
    const char *element, const char *what)
{
	char shown[KEY_TEXT];
	struct dmp_text expected = {0};

	dmp_text_copy(shown, sizeof shown, e->key);
	shown[strcspn(shown, "\t")] = '\0';
	dmp_text_printf(&expected, "another one than in %s:%u", first->place->file,
	    first->place->line);
	complain(c, e->place, element, what, shown, dmp_text_get(&expected));
	dmp_text_done(&expected);
}

/* Sort, and report every key that was there before. */
static void
index_finish(
    struct checker *c, struct index *index, const char *element, const char *what)
{
	size_t first = 0;

	if (index->n > 1)
		qsort(
		    index->entries, index->n, sizeof *index->entries, compare_entries);
	for (size_t i = 1; i < index->n; i++) {
		const struct entry *e = &index->entries[i];

		if (strcmp(index->entries[first].key, e->key) == 0)
			complain_again(c, e, &index->entries[first], element, what);
		else
			first = i;
	}
}

static bool
index_has(const struct index *index, const char *key)
{
	return index->n > 0 && bsearch(key, index->entries, index->n,
	                           sizeof *index->entries, compare_key);
}

static void
gather_names(struct checker *c)
{
	const struct dmp_site *site = c->site;

	for (size_t i = 0; i < site->n_hosts; i++) {
		if (site->hosts[i].name[0])
			index_add(
			    c, &c->hosts, site->hosts[i].name, &site->hosts[i].place);
	}
	index_finish(c, &c->hosts, "host", "name is taken");
	for (size_t i = 0; i < site->n_groups; i++) {
		if (site->groups[i].name[0])
			index_add(c, &c->groups, site->groups[i].name,
			    &site->groups[i].place);
	}
	index_finish(c, &c->groups, "group", "name is taken");
	for (size_t i = 0; i < site->n_failovers; i++) {
		if (site->failovers[i].name[0])
			index_add(c, &c->failovers, site->failovers[i].name,
			    &site->failovers[i].place);
	}
	index_finish(c, &c->failovers, "failover", "name is taken");
}

/* The address of a pair is a host in a plan, so the two share their names. */
static void
gather_targets(struct checker *c)
{
	const struct dmp_site *site = c->site;

	for (size_t i = 0; i < site->n_hosts; i++)
		index_add(c, &c->targets, site->hosts[i].name, &site->hosts[i].place);
	for (size_t i = 0; i < site->n_failovers; i++) {
		const struct dmp_site_failover *f = &site->failovers[i];

		if (f->name[0] && index_has(&c->hosts, f->name))
			complain(c, &f->place, "failover", "name is taken", f->name,
			    "a name that no host has");
		index_add(c, &c->targets, f->name, &f->place);
	}
	if (c->targets.n > 1)
		qsort(c->targets.entries, c->targets.n, sizeof *c->targets.entries,
		    compare_entries);
}

static void
check_target_reference(struct checker *c, const struct dmp_site_place *place,
    const char *element, const char *what, const char *name)
{
	if (name[0] && !index_has(&c->targets, name))
		complain(c, place, element, what, name,
		    "the name of a host or of a failover pair");
}

static void
check_host_reference(struct checker *c, const struct dmp_site_place *place,
    const char *element, const char *what, const char *name)
{
	if (name[0] && !index_has(&c->hosts, name))
		complain(c, place, element, what, name, "the name of a host");
}

static void
check_group_reference(struct checker *c, const struct dmp_site_place *place,
    const char *element, const char *what, const char *name)
{
	if (name[0] && !index_has(&c->groups, name))
		complain(c, place, element, what, name, "the name of a group");
}

/* The parent of a group; NULL for none or an unknown one. */
static const struct dmp_site_group *
parent_of(const struct checker *c, const struct dmp_site_group *group)
{
	const struct entry *e = NULL;

	if (group->parent[0] && c->groups.n > 0)
		e = bsearch(group->parent, c->groups.entries, c->groups.n,
		    sizeof *c->groups.entries, compare_key);
	return e ? (const struct dmp_site_group *)e->place : NULL;
}
_Static_assert(offsetof(struct dmp_site_group, place) == 0, "a place is its group's");

/* Walk up from every group and colour the way with its number: who meets his own colour
 * has walked in a circle.  Every group is coloured once. */
static void
check_group_cycles(struct checker *c)
{
	const struct dmp_site *site = c->site;
	size_t *colour = calloc(site->n_groups + 1, sizeof *colour);

	if (!colour) {
		c->report->status = DMP_ENOMEM;
		return;
	}
	for (size_t i = 0; i < site->n_groups; i++) {
		const struct dmp_site_group *g = &site->groups[i];

		while (g && colour[g - site->groups] == 0) {
			colour[g - site->groups] = i + 1;
			g = parent_of(c, g);
		}
		if (g && colour[g - site->groups] == i + 1)
			complain(c, &g->place, "group", "parent goes round in a circle",
			    g->parent, "a group that is not part of this one");
	}
	free(colour);
}

static void
check_groups(struct checker *c)
{
	for (size_t i = 0; i < c->site->n_groups; i++) {
		const struct dmp_site_group *g = &c->site->groups[i];

		check_group_reference(c, &g->place, "group", "parent", g->parent);
	}
	check_group_cycles(c);
}

static void
check_ports(struct checker *c)
{
	struct index ports = {0};
	char key[KEY_TEXT];

	for (size_t i = 0; i < c->site->n_hosts; i++) {
		const struct dmp_site_host *h = &c->site->hosts[i];

		for (size_t k = 0; k < h->n_ports; k++) {
			const struct dmp_site_port *p = &h->ports[k];

			dmp_text_format(key, sizeof key, "%s\t%u\t%zu", p->requirement,
			    (unsigned)p->port, i);
			if (p->requirement[0])
				index_add(c, &ports, key, &p->place);
			if (p->inform && !p->community_file)
				complain(c, &p->place, "port",
				    "community-file is missing", "",
				    "a file with inform=\"yes\"");
		}
	}
	index_finish(c, &ports, "port", "requirement and port are given already");
	index_done(&ports);
}

/* Failover is between two; the second may be left out. */
static void
check_members(struct checker *c)
{
	struct index members = {0};

	for (size_t i = 0; i < c->site->n_hosts; i++) {
		if (c->site->hosts[i].member_of[0])
			index_add(c, &members, c->site->hosts[i].member_of,
			    &c->site->hosts[i].place);
	}
	if (members.n > 1)
		qsort(members.entries, members.n, sizeof *members.entries,
		    compare_entries);
	for (size_t i = 2; i < members.n; i++) {
		if (strcmp(members.entries[i - 2].key, members.entries[i].key) == 0)
			complain(c, members.entries[i].place, "host", "member-of",
			    members.entries[i].key,
			    "a failover pair that has not two members already");
	}
	index_done(&members);
}

static void
check_hosts(struct checker *c)
{
	for (size_t i = 0; i < c->site->n_hosts; i++) {
		const struct dmp_site_host *h = &c->site->hosts[i];

		if (strcmp(h->name, DMP_SITE_OBSERVER) == 0)
			complain(c, &h->place, "host", "name is reserved", h->name,
			    "another name: it means a machine outside");
		check_group_reference(c, &h->place, "host", "group", h->group);
		if (h->member_of[0] && !index_has(&c->failovers, h->member_of))
			complain(c, &h->place, "host", "member-of", h->member_of,
			    "the name of a failover element");
	}
	check_members(c);
	check_ports(c);
}

/* The same value for the same ports in two elements would leave it open which wins. */
static void
check_policy_values(struct checker *c)
{
	const struct dmp_site_element *element =
	    dmp_site_element_find("policy", DMP_SITE_ROOT);
	struct index values = {0};
	char key[KEY_TEXT];

	for (size_t i = 0; i < c->site->n_policies; i++) {
		const struct dmp_site_policy *p = &c->site->policies[i];

		for (size_t k = 0; k < element->n_attributes; k++) {
			const struct dmp_site_attribute *a = &element->attributes[k];

			if (a->policy_bit == 0 || !(p->set & 1u << (a->policy_bit - 1)))
				continue;
			dmp_text_format(key, sizeof key, "%s\t%s\t%u\t%s", a->name,
			    p->host, p->role, p->requirement);
			index_add(c, &values, key, &p->place);
		}
	}
	index_finish(c, &values, "policy", "value is set for the same ports already");
	index_done(&values);
}

static void
check_policies(struct checker *c)
{
	for (size_t i = 0; i < c->site->n_policies; i++) {
		const struct dmp_site_policy *p = &c->site->policies[i];

		check_target_reference(c, &p->place, "policy", "host", p->host);
		if (p->reference[0] && (p->host[0] || p->role || p->requirement[0]))
			complain(c, &p->place, "policy", "reference", p->reference,
			    "no host, role or requirement beside it");
	}
	check_policy_values(c);
}

static void
check_links(struct checker *c)
{
	struct index links = {0};
	char key[KEY_TEXT];

	for (size_t i = 0; i < c->site->n_links; i++) {
		const struct dmp_site_link *l = &c->site->links[i];

		check_host_reference(c, &l->place, "link", "from", l->from);
		if (strcmp(l->to, DMP_LINK_ANY) != 0)
			check_target_reference(c, &l->place, "link", "to", l->to);
		if (l->from[0] && strcmp(l->from, l->to) == 0)
			complain(c, &l->place, "link", "to", l->to, "another host");
		dmp_text_format(key, sizeof key, "%s to %s", l->from, l->to);
		index_add(c, &links, key, &l->place);
	}
	index_finish(c, &links, "link", "from and to are given already");
	index_done(&links);
}

static void
check_requirements(struct checker *c)
{
	struct index keys = {0};
	struct index numbers = {0};
	char number[12];

	for (size_t i = 0; i < c->site->n_requirements; i++) {
		const struct dmp_site_requirement *r = &c->site->requirements[i];
		const char *probe = dmp_vocab_text(DMP_VOCAB_PROBE, (int)r->probe);

		dmp_text_format(number, sizeof number, "%u", r->index);
		if (r->key[0])
			index_add(c, &keys, r->key, &r->place);
		if (r->index != 0)
			index_add(c, &numbers, number, &r->place);
		if (r->transport == DMP_TRANSPORT_UDP &&
		    !dmp_probe_is_datagram(r->probe))
			complain(c, &r->place, "requirement", "probe with udp", probe,
			    "snmp, snmp-trap or ntp");
		if (r->transport == DMP_TRANSPORT_TCP &&
		    dmp_probe_is_datagram(r->probe))
			complain(c, &r->place, "requirement", "probe with tcp", probe,
			    "another one, or transport=\"udp\"");
	}
	index_finish(c, &keys, "requirement", "key is taken");
	index_finish(c, &numbers, "requirement", "index is taken");
	index_done(&keys);
	index_done(&numbers);
}

/* The host of "host/requirement@PORT". */
static void
check_port_key(struct checker *c, const struct dmp_site_maintenance *m)
{
	char host[DMP_NAME_TEXT];
	size_t n;

	if (!m->port)
		return;
	n = strcspn(m->port, "/");
	dmp_text_copy(host, n < sizeof host ? n + 1 : sizeof host, m->port);
	check_target_reference(c, &m->place, "maintenance", "host of port", host);
}

static void
check_maintenance(struct checker *c, const struct dmp_site_maintenance *m)
{
	const char *element = "maintenance";
	int targets = (m->host[0] != '\0') + (m->group[0] != '\0') + (m->port != NULL);
	bool weekly = m->weekly[0] != '\0';
	bool once = m->from_ms >= 0;

	if (targets != 1)
		complain(c, &m->place, element, "what is in maintenance",
		    targets > 1 ? "several" : "", "one of host, group and port");
	check_target_reference(c, &m->place, element, "host", m->host);
	check_group_reference(c, &m->place, element, "group", m->group);
	check_port_key(c, m);
	if (weekly != (m->for_s > 0))
		complain(c, &m->place, element, "weekly without for or reverse",
		    m->weekly, "both");
	if (once != (m->until_ms >= 0))
		complain(
		    c, &m->place, element, "from without until or reverse", "", "both");
	else if (once && m->from_ms >= m->until_ms)
		complain(c, &m->place, element, "until", "", "a time after from");
	if (weekly == once)
		complain(c, &m->place, element, "when", weekly ? "weekly and from" : "",
		    "either weekly with for, or from with until");
}

static void
check_receivers(struct checker *c)
{
	struct index names = {0};

	for (size_t i = 0; i < c->site->n_receivers; i++) {
		const struct dmp_site_receiver *r = &c->site->receivers[i];

		if (r->name[0])
			index_add(c, &names, r->name, &r->place);
		dmp_site_check_receiver(c->site, i, c->report);
	}
	index_finish(c, &names, "receiver", "name is taken");
	index_done(&names);
}

static void
check_vantage(struct checker *c, const struct dmp_xml_element *root)
{
	const struct dmp_site *site = c->site;
	struct dmp_site_place place = {root->file, root->line};
	const char *as = dmp_xml_attribute(root, "as");

	if (strcmp(site->vantage, DMP_SITE_OBSERVER) == 0)
		return;
	check_host_reference(c, &place, "site", "vantage", site->vantage);
	if (as)
		complain(
		    c, &place, "site", "as", as, "none unless vantage=\"observer\"");
}

enum dmp_status
dmp_site_check(const struct dmp_site *site, const struct dmp_xml_element *root,
    struct dmp_xml_report *report)
{
	struct checker c = {.site = site, .report = report};

	gather_names(&c);
	gather_targets(&c);
	check_vantage(&c, root);
	check_groups(&c);
	check_hosts(&c);
	check_policies(&c);
	check_links(&c);
	check_requirements(&c);
	for (size_t i = 0; i < site->n_maintenances; i++)
		check_maintenance(&c, &site->maintenances[i]);
	check_receivers(&c);
	index_done(&c.hosts);
	index_done(&c.groups);
	index_done(&c.failovers);
	index_done(&c.targets);
	return report->status;
}
