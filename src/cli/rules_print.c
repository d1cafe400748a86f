/* SPDX-License-Identifier: BSD-2-Clause */
/* rules_print.c - firewall rules in the languages of firewalls. */
#include <string.h>

#include "cli/rules.h"

static const char *
print_host_name(const struct dmp_rules *rules)
{
	return rules->plan->hosts[rules->host].name;
}

/* What the file is, as comment lines; every line of it is printable ASCII. */
static void
print_head(const struct dmp_rules *rules, struct dmp_text *out)
{
	const struct dmp_plan *plan = rules->plan;

	dmp_text_printf(out,
	    "# dmports: firewall rules of %s in %s%s%s, catalogue %s.\n",
	    print_host_name(rules), plan->site_name,
	    plan->dataminer[0] ? ", DataMiner " : "", plan->dataminer,
	    plan->catalogue_revision);
}

/* What is missing here: the machines are in no site file. */
static void
print_unlisted(const struct dmp_rules *rules, struct dmp_text *out)
{
	const struct dmp_plan_requirement *r;
	size_t cursor = 0;

	while ((r = dmp_rules_next_unlisted(rules, &cursor)) != NULL)
		dmp_text_printf(out,
		    "# Not here: %s, %u/%s to hosts in the cloud (%s): the site file "
		    "lists none.\n",
		    r->key, r->port,
		    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)r->transport), r->title);
}

/* Why, and for whom, as a comment. */
static void
print_why(const struct dmp_rule *rule, const char *indent, struct dmp_text *out)
{
	char roles[DMP_ROLES_TEXT];

	dmp_text_printf(out, "%s# %s: %s\n", indent, rule->key, rule->why);
	if (!rule->is_anybody)
		return;
	dmp_roles_text(rule->roles, roles);
	dmp_text_printf(out, "%s# %s anybody: the site file does not list %s%s\n",
	    indent, rule->is_inbound ? "from" : "to",
	    roles[0] ? "all hosts that are " : "who may connect", roles);
}

/* ---- PowerShell ---- */

/* A string in single quotes: the only special character is the quote itself. */
static void
windows_quote(const char *text, struct dmp_text *out)
{
	dmp_text_append(out, "'");
	for (; *text; text++) {
		if (*text == '\'')
			dmp_text_append(out, "'");
		dmp_text_append_bytes(out, text, 1);
	}
	dmp_text_append(out, "'");
}

/* Windows refuses peers of the other family in a rule for ICMP of one. */
static bool
windows_has_family(const struct dmp_rule_peer *peer, const char *variant)
{
	bool is_6 = strchr(peer->address, ':') != NULL;

	return strcmp(variant, is_6 ? "ICMPv4" : "ICMPv6") != 0;
}

static bool
windows_has_peers(const struct dmp_rule *rule, const char *variant)
{
	for (size_t i = 0; i < rule->n_peers; i++) {
		if (windows_has_family(&rule->peers[i], variant))
			return true;
	}
	return rule->is_anybody;
}

static void
windows_peers(const struct dmp_rule *rule, const char *variant, struct dmp_text *out)
{
	const char *before = " -RemoteAddress ";

	if (rule->is_anybody)
		dmp_text_append(out, " -RemoteAddress Any");
	for (size_t i = 0; !rule->is_anybody && i < rule->n_peers; i++) {
		if (!windows_has_family(&rule->peers[i], variant))
			continue;
		dmp_text_printf(out, "%s'%s'", before, rule->peers[i].address);
		before = ",";
	}
}

/* NATS needs its rules in every profile, so all of them are. */
static void
windows_command(const struct dmp_rule *rule, const char *variant, struct dmp_text *out)
{
	const char *direction = rule->is_inbound ? "Inbound" : "Outbound";
	bool is_icmp = rule->transport == DMP_TRANSPORT_NONE;
	char text[DMP_WHY_TEXT + 64];

	if (!windows_has_peers(rule, variant))
		return;
	dmp_text_printf(out,
	    "New-NetFirewallRule -Group $group -Profile Any -Action Allow "
	    "-Direction %s",
	    direction);
	dmp_text_format(text, sizeof text, "dmports-%s-%s%s%s-%u",
	    rule->is_inbound ? "in" : "out", rule->key, is_icmp ? "-" : "",
	    is_icmp ? variant : "", rule->port);
	dmp_text_append(out, " -Name ");
	windows_quote(text, out);
	dmp_text_format(text, sizeof text, "dmports: %s", rule->title);
	dmp_text_append(out, " -DisplayName ");
	windows_quote(text, out);
	dmp_text_append(out, " -Description ");
	windows_quote(rule->why, out);
	if (is_icmp)
		dmp_text_printf(out, " -Protocol %s -IcmpType %s", variant,
		    strcmp(variant, "ICMPv4") == 0 ? "8" : "128");
	else
		dmp_text_printf(out, " -Protocol %s -%s %u", variant,
		    rule->is_inbound ? "LocalPort" : "RemotePort", rule->port);
	windows_peers(rule, variant, out);
	dmp_text_append(out, " | Out-Null\n");
}

void
dmp_rules_print_windows(const struct dmp_rules *rules, struct dmp_text *out)
{
	print_head(rules, out);
	print_unlisted(rules, out);
	dmp_text_append(out,
	    "# Run it in PowerShell as administrator.  Running it again replaces the "
	    "rules of the group dmports;\n"
	    "# rules of others stay as they are.\n"
	    "$ErrorActionPreference = 'Stop'\n"
	    "$group = 'dmports'\n"
	    "Get-NetFirewallRule -Group $group -ErrorAction SilentlyContinue | "
	    "Remove-NetFirewallRule\n");
	for (size_t i = 0; i < rules->n_rules; i++) {
		const struct dmp_rule *rule = &rules->rules[i];

		if (!rule->is_allowed)
			continue;
		dmp_text_append(out, "\n");
		print_why(rule, "", out);
		if (rule->transport == DMP_TRANSPORT_NONE) {
			windows_command(rule, "ICMPv4", out);
			windows_command(rule, "ICMPv6", out);
		} else {
			windows_command(rule,
			    rule->transport == DMP_TRANSPORT_UDP ? "UDP" : "TCP", out);
		}
	}
}

/* ---- nftables ---- */

static bool
nft_is_6(const char *address)
{
	return strchr(address, ':') != NULL;
}

/* What the rule is about, behind the addresses. */
static void
nft_service(const struct dmp_rule *rule, bool is_6, struct dmp_text *out)
{
	if (rule->transport == DMP_TRANSPORT_NONE)
		dmp_text_printf(out, "%s type echo-request", is_6 ? "icmpv6" : "icmp");
	else
		dmp_text_printf(out, "%s dport %u",
		    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)rule->transport),
		    rule->port);
	dmp_text_printf(out, " accept comment \"dmports: %s\"\n", rule->key);
}

static void
nft_peers(const struct dmp_rule *rule, bool is_6, struct dmp_text *out)
{
	bool any = false;

	for (size_t i = 0; i < rule->n_peers; i++) {
		if (nft_is_6(rule->peers[i].address) != is_6)
			continue;
		if (!any)
			dmp_text_printf(out, "\t\t%s %s { ", is_6 ? "ip6" : "ip",
			    rule->is_inbound ? "saddr" : "daddr");
		dmp_text_printf(out, "%s%s", any ? ", " : "", rule->peers[i].address);
		any = true;
	}
	if (!any)
		return;
	dmp_text_append(out, " } ");
	nft_service(rule, is_6, out);
}

static void
nft_rule(const struct dmp_rule *rule, struct dmp_text *out)
{
	print_why(rule, "\t\t", out);
	if (!rule->is_anybody) {
		nft_peers(rule, false, out);
		nft_peers(rule, true, out);
		return;
	}
	dmp_text_append(out, "\t\t");
	nft_service(rule, false, out);
	if (rule->transport == DMP_TRANSPORT_NONE) {
		dmp_text_append(out, "\t\t");
		nft_service(rule, true, out);
	}
}

/* What no network works without: replies, the host itself, neighbours, errors. */
static void
nft_chain(const struct dmp_rules *rules, bool is_inbound, struct dmp_text *out)
{
	dmp_text_printf(out,
	    "\tchain %s {\n"
	    "\t\ttype filter hook %s priority filter; policy drop;\n"
	    "\t\tct state established,related accept\n"
	    "\t\t%s \"lo\" accept\n"
	    "\t\ticmp type { destination-unreachable, time-exceeded, "
	    "parameter-problem } accept\n"
	    "\t\ticmpv6 type { destination-unreachable, packet-too-big, time-exceeded, "
	    "parameter-problem, nd-router-solicit, nd-router-advert, "
	    "nd-neighbor-solicit, nd-neighbor-advert } accept\n",
	    is_inbound ? "inbound" : "outbound", is_inbound ? "input" : "output",
	    is_inbound ? "iifname" : "oifname");
	for (size_t i = 0; i < rules->n_rules; i++) {
		if (rules->rules[i].is_allowed &&
		    rules->rules[i].is_inbound == is_inbound)
			nft_rule(&rules->rules[i], out);
	}
}

/* They end the chain. */
static void
nft_extras(const struct dmp_rule_extra *extras, size_t n_extras, struct dmp_text *out)
{
	for (size_t i = 0; i < n_extras; i++)
		dmp_text_printf(out, "\t\t%s dport %u accept comment \"--also\"\n",
		    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)extras[i].transport),
		    extras[i].port);
	dmp_text_append(out, "\t}\n");
}

void
dmp_rules_print_nftables(const struct dmp_rules *rules,
    const struct dmp_rule_extra *extras, size_t n_extras, struct dmp_text *out)
{
	print_head(rules, out);
	print_unlisted(rules, out);
	dmp_text_append(out, "# Load it with nft -f; loading it again replaces it.  "
	                     "Everything is in the "
	                     "table dmports.\n"
	                     "# What is not listed here is dropped.\n"
	                     "table inet dmports\n"
	                     "delete table inet dmports\n"
	                     "table inet dmports {\n");
	nft_chain(rules, true, out);
	nft_extras(extras, n_extras, out);
	if (rules->has_outbound) {
		nft_chain(rules, false, out);
		nft_extras(extras, n_extras, out);
	}
	dmp_text_append(out, "}\n");
}
