/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct rules_build {
	const struct dmp_matrix *matrix;
	const struct dmp_rules_wish *wish;
	struct dmp_rules *rules;
	size_t capacity;
	struct dmp_text *errors;
	bool *is_told; /* by host: that it has no address */
	enum dmp_status status;
};

static const struct dmp_plan_host *
rules_host(const struct rules_build *b, size_t host)
{
	return &b->matrix->plan->hosts[host];
}

/* The host itself, or the virtual address of its failover pair. */
static bool
rules_is_own(const struct rules_build *b, size_t host)
{
	const struct dmp_site *site = b->matrix->plan->site;
	const char *name = rules_host(b, b->rules->host)->name;

	if (host == b->rules->host)
		return true;
	if (host == DMP_FLOW_OUTSIDE)
		return false;
	for (size_t i = 0; i < site->n_hosts; i++) {
		if (strcmp(site->hosts[i].name, name) == 0)
			return site->hosts[i].member_of[0] != '\0' &&
			       strcmp(site->hosts[i].member_of,
			           rules_host(b, host)->name) == 0;
	}
	return false;
}

static bool
rules_is_wanted(const struct rules_build *b, const struct dmp_flow *flow)
{
	if (flow->applies == DMP_APPLIES_NO)
		return false;
	return flow->level == DMP_LEVEL_REQUIRED ||
	       flow->level == DMP_LEVEL_FORBIDDEN ||
	       (flow->level == DMP_LEVEL_OPTIONAL && b->wish->optional);
}

static struct dmp_rule *
rules_find(struct rules_build *b, const struct dmp_flow *flow, bool is_inbound)
{
	const char *key = b->matrix->plan->requirements[flow->requirement].key;

	for (size_t i = 0; i < b->rules->n_rules; i++) {
		struct dmp_rule *rule = &b->rules->rules[i];

		if (rule->is_inbound == is_inbound &&
		    rule->transport == flow->transport && rule->port == flow->number &&
		    strcmp(rule->key, key) == 0)
			return rule;
	}
	return NULL;
}

static struct dmp_rule *
rules_add(struct rules_build *b, const struct dmp_flow *flow, bool is_inbound)
{
	const struct dmp_plan_requirement *requirement =
	    &b->matrix->plan->requirements[flow->requirement];
	struct dmp_rule *rule = rules_find(b, flow, is_inbound);

	if (rule)
		return rule;
	rule = dmp_array_grow(
	    b->rules->rules, b->rules->n_rules, &b->capacity, sizeof *rule);
	if (!rule) {
		b->status = DMP_ENOMEM;
		return NULL;
	}
	b->rules->rules = rule;
	rule += b->rules->n_rules++;
	*rule = (struct dmp_rule){
	    .is_inbound = is_inbound,
	    .is_allowed = flow->level != DMP_LEVEL_FORBIDDEN,
	    .transport = flow->transport,
	    .port = flow->number,
	    .level = flow->level,
	    .applies = flow->applies,
	    .key = requirement->key,
	    .title = requirement->title,
	};
	dmp_text_copy(rule->why, sizeof rule->why, flow->why);
	return rule;
}

static void
rules_add_peer(struct rules_build *b, struct dmp_rule *rule,
    const struct dmp_plan_host *host, const char *address)
{
	struct dmp_rule_peer *moved;
	size_t at = 0;

	while (at < rule->n_peers && strcmp(rule->peers[at].address, address) < 0)
		at++;
	if (at < rule->n_peers && strcmp(rule->peers[at].address, address) == 0)
		return;
	moved = realloc(rule->peers, (rule->n_peers + 1) * sizeof *moved);
	if (!moved) {
		b->status = DMP_ENOMEM;
		return;
	}
	rule->peers = moved;
	memmove(&moved[at + 1], &moved[at], (rule->n_peers - at) * sizeof *moved);
	moved[at] = (struct dmp_rule_peer){.name = host->name};
	dmp_text_copy(moved[at].address, sizeof moved[at].address, address);
	rule->n_peers++;
}

/* As packets carry it and firewalls write it: an IPv4 address in the clothes of IPv6 is
 * IPv4, and the interface of a link-local one is no part of it. */
static void
rules_address_text(struct dmp_address address, char text[DMP_ADDRESS_TEXT])
{
	static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};

	if (address.family == AF_INET6 &&
	    memcmp(address.bytes, MAPPED, sizeof MAPPED) == 0) {
		address.family = AF_INET;
		memmove(address.bytes, address.bytes + sizeof MAPPED, 4);
	}
	dmp_address_text(&address, text);
}

/* Cloud services have names whose addresses change: then anybody is meant. */
static void
rules_add_host(struct rules_build *b, struct dmp_rule *rule, size_t index)
{
	const struct dmp_plan_host *host = rules_host(b, index);
	struct dmp_address address;
	char text[DMP_ADDRESS_TEXT];
	size_t n = 0;

	for (size_t i = 0; i < host->n_addresses; i++) {
		if (!dmp_address_parse(host->addresses[i], &address))
			continue;
		rules_address_text(address, text);
		rules_add_peer(b, rule, host, text);
		n++;
	}
	if (n > 0)
		return;
	if (host->roles == DMP_ROLE_CLOUD) {
		rule->is_anybody = true;
		rule->roles |= DMP_ROLE_CLOUD;
		return;
	}
	if (b->is_told[index])
		return;
	b->is_told[index] = true;
	b->status = DMP_EINVAL;
	dmp_text_printf(b->errors,
	    "host %s: address, got \"%s\", expected an IP address beside the name: "
	    "firewall rules need one\n",
	    host->name, host->n_addresses > 0 ? host->addresses[0] : "");
}

/* What one peer requires, or certainly needs, is what the rule is for. */
static void
rules_strengthen(struct dmp_rule *rule, const struct dmp_flow *flow)
{
	bool is_stronger =
	    rule->level == DMP_LEVEL_OPTIONAL && flow->level == DMP_LEVEL_REQUIRED;
	bool is_surer = rule->level == flow->level &&
	                rule->applies == DMP_APPLIES_ASSUMED &&
	                flow->applies == DMP_APPLIES_YES;

	if (!is_stronger && !is_surer)
		return;
	rule->level = flow->level;
	rule->applies = flow->applies;
	dmp_text_copy(rule->why, sizeof rule->why, flow->why);
}

static void
rules_take(struct rules_build *b, const struct dmp_flow *flow)
{
	bool is_inbound = rules_is_own(b, flow->to);
	size_t peer = is_inbound ? flow->from : flow->to;
	struct dmp_rule *rule;

	if (is_inbound == rules_is_own(b, flow->from))
		return; /* of others, or within the host */
	if (!is_inbound && (!b->wish->outbound || flow->level == DMP_LEVEL_FORBIDDEN))
		return;
	if (!rules_is_wanted(b, flow))
		return;
	rule = rules_add(b, flow, is_inbound);
	if (!rule)
		return;
	rules_strengthen(rule, flow);
	if (peer != DMP_FLOW_OUTSIDE) {
		rules_add_host(b, rule, peer);
		return;
	}
	/* Then it is they for whom the port is open. */
	if (!rule->is_anybody)
		dmp_text_copy(rule->why, sizeof rule->why, flow->why);
	rule->is_anybody = true;
	rule->roles |= flow->from_roles;
}

static int
rules_compare(const void *a, const void *b)
{
	const struct dmp_rule *x = a;
	const struct dmp_rule *y = b;

	if (x->is_inbound != y->is_inbound)
		return x->is_inbound ? -1 : 1;
	if (x->transport != y->transport)
		return x->transport < y->transport ? -1 : 1;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return strcmp(x->key, y->key);
}

enum dmp_status
dmp_rules_build(const struct dmp_matrix *matrix, size_t host,
    const struct dmp_rules_wish *wish, struct dmp_rules *ret_rules,
    struct dmp_text *errors)
{
	struct rules_build b = {
	    .matrix = matrix, .wish = wish, .rules = ret_rules, .errors = errors};

	*ret_rules = (struct dmp_rules){
	    .plan = matrix->plan, .host = host, .has_outbound = wish->outbound};
	b.is_told = calloc(matrix->plan->n_hosts + 1, sizeof *b.is_told);
	if (!b.is_told)
		return DMP_ENOMEM;
	for (size_t i = 0; i < matrix->n_flows; i++)
		rules_take(&b, &matrix->flows[i]);
	free(b.is_told);
	if (ret_rules->n_rules > 1)
		qsort(ret_rules->rules, ret_rules->n_rules, sizeof *ret_rules->rules,
		    rules_compare);
	return b.status;
}

const struct dmp_plan_requirement *
dmp_rules_next_unlisted(const struct dmp_rules *rules, size_t *cursor)
{
	const struct dmp_plan *plan = rules->plan;

	while (rules->has_outbound && *cursor < plan->n_requirements) {
		const struct dmp_plan_requirement *r = &plan->requirements[*cursor];

		++*cursor;
		if (r->is_unlisted && (r->from & plan->hosts[rules->host].roles) &&
		    r->level == DMP_LEVEL_REQUIRED)
			return r;
	}
	return NULL;
}

void
dmp_rules_done(struct dmp_rules *rules)
{
	for (size_t i = 0; i < rules->n_rules; i++)
		free(rules->rules[i].peers);
	free(rules->rules);
	*rules = (struct dmp_rules){0};
}
