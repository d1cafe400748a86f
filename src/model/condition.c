/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: CONDITION_KINDS has one line per element of the condition language: its
 * attributes, how many children it has, how it is read and how it decides.  all and any
 * are the same walk with yes and no exchanged.
 */
#include "model/condition.h"

#include <stdlib.h>
#include <string.h>

#include "model/catalogue_read.h"
#include "model/condition_topology.h"

/* One decision: what it is about. */
struct condition_case {
	const struct dmp_condition_facts *facts;
	const struct dmp_condition_target *target;
};

struct condition_kind;

struct dmp_condition {
	const struct condition_kind *kind;
	struct dmp_condition *child; /* the first */
	struct dmp_condition *next;  /* sibling */
	unsigned which;              /* feature or topology: position in its table */
	unsigned values;             /* feature: bit i = its value i */
	unsigned roles;              /* cluster, host, vantage */
	uint32_t min;                /* cluster */
	bool until;                  /* version: until, not since */
	struct dmp_version_condition version;
	const char *yes; /* sentences */
	const char *no;
	const char *assumed;
};

struct condition_kind {
	const char *name;
	const char *attributes;
	unsigned min_children;
	unsigned max_children;
	void (*read)(struct dmp_condition *c, struct dmp_xml_element *element,
	    struct dmp_xml_report *report);
	struct dmp_condition_result (*decide)(
	    const struct dmp_condition *c, const struct condition_case *k);
};

/* ---- features: value 0 is "not set", value i the i-th word ---- */

static unsigned
feature_inter_dma(const struct dmp_features *f)
{
	return f->inter_dma;
}

static unsigned
feature_client(const struct dmp_features *f)
{
	return f->client;
}

static unsigned
feature_nats(const struct dmp_features *f)
{
	return f->nats;
}

static unsigned
feature_storage(const struct dmp_features *f)
{
	return f->storage;
}

static unsigned
feature_cassandra_tls(const struct dmp_features *f)
{
	return f->cassandra_tls;
}

static unsigned
feature_telnet(const struct dmp_features *f)
{
	return f->telnet;
}

static unsigned
feature_failover(const struct dmp_features *f)
{
	return f->failover;
}

static unsigned
feature_https(const struct dmp_features *f)
{
	return f->https;
}

static unsigned
feature_snmp_agent(const struct dmp_features *f)
{
	return f->snmp_agent;
}

/* Any version is "installed". */
static unsigned
feature_cloud_gateway(const struct dmp_features *f)
{
	if (f->cloud_gateway[0] == '\0')
		return 0;
	return strcmp(f->cloud_gateway, "no") == 0 ? 1 : 2;
}

static const char *const FEATURE_NAMES[] = {"inter-dma", "client", "nats", "storage",
    "cassandra-tls", "telnet", "failover", "cloud-gateway", "https", "snmp-agent",
    NULL};

static const struct {
	unsigned (*value)(const struct dmp_features *f);
	const char *words[4];
} FEATURES[] = {
    {feature_inter_dma, {"remoting", "grpc"}},
    {feature_client, {"remoting", "grpc"}},
    {feature_nats, {"legacy", "broker", "none"}},
    {feature_storage, {"cassandra", "staas", "other", "cassandra-local"}},
    {feature_cassandra_tls, {"no", "yes"}},
    {feature_telnet, {"no", "yes"}},
    {feature_failover, {"no", "yes"}},
    {feature_cloud_gateway, {"no", "installed"}},
    {feature_https, {"no", "yes", "only"}},
    {feature_snmp_agent, {"no", "yes"}},
};
_Static_assert(sizeof FEATURES / sizeof FEATURES[0] + 1 ==
                   sizeof FEATURE_NAMES / sizeof FEATURE_NAMES[0],
    "one line per feature name");

/* ---- reading ---- */

static unsigned
read_feature_values(const struct dmp_condition *c,
    const struct dmp_xml_element *element, struct dmp_xml_report *report)
{
	const char *list = dmp_xml_attribute(element, "is");
	unsigned values = 0;
	struct dmp_text words = {0};

	for (unsigned i = 0; i < 4 && FEATURES[c->which].words[i]; i++) {
		if (list && dmp_text_has_word(list, FEATURES[c->which].words[i]))
			values |= 1U << (i + 1);
		dmp_text_printf(
		    &words, "%s%s", i > 0 ? ", " : "", FEATURES[c->which].words[i]);
	}
	if (values == 0)
		dmp_xml_expected(
		    report, element, "is", list ? list : "", dmp_text_get(&words));
	dmp_text_done(&words);
	return values;
}

static void
read_feature(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	(void)dmp_catalogue_read_needed(element, "name", 32, report);
	c->which = dmp_catalogue_read_choice(element, "name", FEATURE_NAMES, report);
	c->values = read_feature_values(c, element, report);
}

static void
read_version(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	bool since = dmp_xml_attribute(element, "since") != NULL;
	bool until = dmp_xml_attribute(element, "until") != NULL;
	const char *name;

	(void)dmp_catalogue_read_needed(element, "assumed", DMP_SENTENCE_MAX, report);
	if (since == until) {
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "exactly one of since and until is needed");
		return;
	}
	c->until = until;
	name = until ? "until" : "since";
	(void)dmp_catalogue_read_needed(element, name, DMP_SENTENCE_MAX, report);
	(void)dmp_catalogue_read_version(element, name, &c->version, report);
}

static void
read_needed_roles(struct dmp_condition *c, struct dmp_xml_element *element,
    const char *name, struct dmp_xml_report *report)
{
	(void)dmp_catalogue_read_needed(element, name, DMP_ROLES_TEXT, report);
	c->roles = dmp_catalogue_read_roles(element, name, report);
}

static void
read_cluster(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	read_needed_roles(c, element, "of", report);
	c->min = dmp_catalogue_read_number(element, "min", 1, 1000, report);
}

static void
read_host(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	read_needed_roles(c, element, "has", report);
}

static void
read_vantage(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	read_needed_roles(c, element, "stands-for", report);
}

static void
read_topology(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	(void)dmp_catalogue_read_needed(element, "is", 32, report);
	c->which = dmp_catalogue_read_choice(
	    element, "is", dmp_condition_topology_names(), report);
}

/* ---- deciding ---- */

static struct dmp_condition_result
condition_say(const struct dmp_condition *c, enum dmp_applies applies)
{
	struct dmp_condition_result result = {.applies = applies};
	const char *sentence = applies == DMP_APPLIES_YES  ? c->yes
	                       : applies == DMP_APPLIES_NO ? c->no
	                                                   : c->assumed;

	dmp_text_copy(result.why, sizeof result.why, sentence);
	return result;
}

static struct dmp_condition_result
condition_say_bool(const struct dmp_condition *c, bool yes)
{
	return condition_say(c, yes ? DMP_APPLIES_YES : DMP_APPLIES_NO);
}

/* The result of the children, in this node's words when it has any. */
static struct dmp_condition_result
condition_say_over(const struct dmp_condition *c, struct dmp_condition_result result)
{
	struct dmp_condition_result own = condition_say(c, result.applies);

	return own.why[0] != '\0' ? own : result;
}

static void
condition_join(struct dmp_condition_result *result, const char *why)
{
	size_t used = strlen(result->why);

	if (why[0] == '\0')
		return;
	dmp_text_format(result->why + used, sizeof result->why - used, "%s%s",
	    used > 0 ? "; " : "", why);
}

/* One child that is decisive settles it; else one that is assumed; else all of them
 * together, and then all have their say. */
static struct dmp_condition_result
condition_combine(const struct dmp_condition *c, const struct condition_case *k,
    enum dmp_applies decisive, enum dmp_applies unanimous)
{
	struct dmp_condition_result combined = {.applies = unanimous};

	for (const struct dmp_condition *child = c->child; child; child = child->next) {
		struct dmp_condition_result r = child->kind->decide(child, k);

		if (r.applies == decisive)
			return condition_say_over(c, r);
		if (combined.applies != unanimous)
			continue;
		if (r.applies == unanimous)
			condition_join(&combined, r.why);
		else
			combined = r;
	}
	return condition_say_over(c, combined);
}

static struct dmp_condition_result
decide_all(const struct dmp_condition *c, const struct condition_case *k)
{
	return condition_combine(c, k, DMP_APPLIES_NO, DMP_APPLIES_YES);
}

static struct dmp_condition_result
decide_any(const struct dmp_condition *c, const struct condition_case *k)
{
	return condition_combine(c, k, DMP_APPLIES_YES, DMP_APPLIES_NO);
}

static struct dmp_condition_result
decide_not(const struct dmp_condition *c, const struct condition_case *k)
{
	struct dmp_condition_result r = c->child->kind->decide(c->child, k);

	if (r.applies == DMP_APPLIES_YES)
		r.applies = DMP_APPLIES_NO;
	else if (r.applies == DMP_APPLIES_NO)
		r.applies = DMP_APPLIES_YES;
	return condition_say_over(c, r);
}

static struct dmp_condition_result
decide_always(const struct dmp_condition *c, const struct condition_case *k)
{
	(void)k;
	return condition_say(c, DMP_APPLIES_YES);
}

static struct dmp_condition_result
decide_never(const struct dmp_condition *c, const struct condition_case *k)
{
	(void)k;
	return condition_say(c, DMP_APPLIES_NO);
}

static struct dmp_condition_result
decide_feature(const struct dmp_condition *c, const struct condition_case *k)
{
	unsigned value = FEATURES[c->which].value(&k->facts->topology->site->features);

	if (value == 0 && c->child)
		return c->child->kind->decide(c->child, k);
	if (value == 0)
		return condition_say(c, DMP_APPLIES_ASSUMED);
	return condition_say_bool(c, (c->values & 1U << value) != 0);
}

static struct dmp_condition_result
decide_version(const struct dmp_condition *c, const struct condition_case *k)
{
	const struct dmp_installed *installed = &k->facts->topology->site->installed;

	return condition_say(c, c->until ? dmp_version_until(installed, &c->version)
	                                 : dmp_version_since(installed, &c->version));
}

static struct dmp_condition_result
decide_cluster(const struct dmp_condition *c, const struct condition_case *k)
{
	size_t n = 0;

	for (unsigned bit = 0; bit < DMP_TOPOLOGY_ROLES; bit++) {
		if (!(c->roles & 1U << bit))
			continue;
		n += 1U << bit == DMP_ROLE_DMA ? k->facts->topology->agents
		                               : k->facts->topology->with_role[bit];
	}
	return condition_say_bool(c, n >= c->min);
}

static struct dmp_condition_result
decide_host(const struct dmp_condition *c, const struct condition_case *k)
{
	return condition_say_bool(c, (k->target->host->roles & c->roles) != 0);
}

/* A cloud host that the site file says nothing else about stands for all of them. */
static bool
host_names(const struct dmp_site_host *host, const char *requirement)
{
	for (size_t i = 0; i < host->n_ports; i++) {
		if (strcmp(host->ports[i].requirement, requirement) == 0)
			return host->ports[i].level != DMP_LEVEL_NONE;
	}
	return host->n_ports == 0 && (host->roles & DMP_ROLE_CLOUD) != 0;
}

static struct dmp_condition_result
decide_named(const struct dmp_condition *c, const struct condition_case *k)
{
	return condition_say_bool(
	    c, host_names(k->target->host, k->target->requirement));
}

static struct dmp_condition_result
decide_vantage(const struct dmp_condition *c, const struct condition_case *k)
{
	return condition_say_bool(c, (k->facts->as & c->roles) != 0);
}

static struct dmp_condition_result
decide_topology(const struct dmp_condition *c, const struct condition_case *k)
{
	struct dmp_condition_result own =
	    dmp_condition_topology(c->which, k->facts, k->target);

	return own.why[0] != '\0' ? own : condition_say(c, own.applies);
}

enum { MANY = 64 };

static const struct condition_kind CONDITION_KINDS[] = {
    {"all", "yes no assumed", 1, MANY, NULL, decide_all},
    {"any", "yes no assumed", 1, MANY, NULL, decide_any},
    {"not", "yes no assumed", 1, 1, NULL, decide_not},
    {"always", "yes", 0, 0, NULL, decide_always},
    {"never", "no", 0, 0, NULL, decide_never},
    {"feature", "name is yes no assumed", 0, 1, read_feature, decide_feature},
    {"version", "since until yes no assumed", 0, 0, read_version, decide_version},
    {"cluster", "of min yes no", 0, 0, read_cluster, decide_cluster},
    {"host", "has yes no", 0, 0, read_host, decide_host},
    {"named", "yes no", 0, 0, NULL, decide_named},
    {"vantage", "stands-for yes no", 0, 0, read_vantage, decide_vantage},
    {"topology", "is yes no assumed", 0, 0, read_topology, decide_topology},
};

enum { N_CONDITION_KINDS = sizeof CONDITION_KINDS / sizeof CONDITION_KINDS[0] };

/* ---- trees ---- */

static const struct condition_kind *
condition_kind_find(
    const struct dmp_xml_element *element, struct dmp_xml_report *report)
{
	for (size_t i = 0; i < N_CONDITION_KINDS; i++) {
		if (strcmp(CONDITION_KINDS[i].name, element->name) == 0)
			return &CONDITION_KINDS[i];
	}
	dmp_xml_error_at(report, element->file, element->line, element->name,
	    "no condition has this name");
	return NULL;
}

void
dmp_condition_free(struct dmp_condition *condition)
{
	while (condition) {
		struct dmp_condition *next = condition->next;

		dmp_condition_free(condition->child);
		free(condition);
		condition = next;
	}
}

/* Children in the order of the file.  Also used for what was half read. */
static void
condition_parse_children(struct dmp_condition *c, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	struct dmp_condition **link = &c->child;
	unsigned n = 0;

	for (struct dmp_xml_element *e = element->child; e; e = e->next) {
		n++;
		*link = dmp_condition_parse(e, report);
		if (*link)
			link = &(*link)->next;
	}
	if (n < c->kind->min_children || n > c->kind->max_children)
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "%u conditions inside, expected %u to %u", n, c->kind->min_children,
		    c->kind->max_children);
}

struct dmp_condition *
dmp_condition_parse(struct dmp_xml_element *element, struct dmp_xml_report *report)
{
	const struct condition_kind *kind = condition_kind_find(element, report);
	struct dmp_condition *c;

	if (!kind)
		return NULL;
	c = calloc(1, sizeof *c);
	if (!c) {
		report->status = DMP_ENOMEM;
		return NULL;
	}
	c->kind = kind;
	dmp_catalogue_read_known(element, kind->attributes, report);
	c->yes = dmp_catalogue_read_text(element, "yes", DMP_SENTENCE_MAX, report);
	c->no = dmp_catalogue_read_text(element, "no", DMP_SENTENCE_MAX, report);
	c->assumed =
	    dmp_catalogue_read_text(element, "assumed", DMP_SENTENCE_MAX, report);
	if (kind->read)
		kind->read(c, element, report);
	condition_parse_children(c, element, report);
	return c;
}

/* ---- asking ---- */

bool
dmp_condition_own_number(const struct dmp_condition_target *target, uint16_t number)
{
	const struct dmp_site_host *host = target->host;
	bool named = false;

	for (size_t i = 0; i < host->n_ports; i++) {
		const struct dmp_site_port *port = &host->ports[i];

		if (strcmp(port->requirement, target->requirement) != 0 ||
		    port->level == DMP_LEVEL_NONE)
			continue;
		named = true;
		if ((port->port != 0 ? port->port : target->port) == number)
			return true;
	}
	return number == 0 || (!named && number == target->port);
}

enum dmp_remoting
dmp_condition_transport(const struct dmp_condition *condition)
{
	enum dmp_remoting transport = DMP_REMOTING_UNSET;

	for (const struct dmp_condition *c = condition; c && !transport; c = c->next) {
		transport = c->kind->decide == decide_topology
		                ? dmp_condition_topology_transport(c->which)
		                : dmp_condition_transport(c->child);
	}
	return transport;
}

struct dmp_condition_result
dmp_condition_decide(const struct dmp_condition *condition,
    const struct dmp_condition_facts *facts, const struct dmp_condition_target *target)
{
	struct condition_case k = {.facts = facts, .target = target};

	return condition->kind->decide(condition, &k);
}
