/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: what version and features leave open is kept as a set of possible
 * modes: no NATS, legacy NATS, or NATS of BrokerGateway.  A rule is asked for each of
 * them, and where their answers differ the result is assumed.
 */
#include "model/condition_topology.h"

/* How many Agents the routes in a nats-server.config of legacy NATS list at most. */
enum { NATS_ROUTES = 4 };

/* Bits of a set of modes. */
enum { MODE_NONE = 1, MODE_LEGACY = 2, MODE_BROKER = 4 };

/* The modes that version and features allow, as a set. */
static unsigned
nats_modes(const struct dmp_topology_case *k)
{
	static const unsigned featured[] = {[DMP_NATS_LEGACY] = MODE_LEGACY,
	    [DMP_NATS_BROKER] = MODE_BROKER,
	    [DMP_NATS_NONE] = MODE_NONE};
	const enum dmp_applies *since = k->t->since;
	unsigned modes = 0;

	if (since[DMP_SINCE_BROKER_ALWAYS] == DMP_APPLIES_YES)
		return MODE_BROKER;
	if (k->t->site->features.nats != DMP_NATS_UNSET)
		return featured[k->t->site->features.nats];
	if (since[DMP_SINCE_NATS] != DMP_APPLIES_YES)
		modes |= MODE_NONE;
	if (since[DMP_SINCE_NATS] != DMP_APPLIES_NO)
		modes |= MODE_LEGACY;
	if (since[DMP_SINCE_BROKER] != DMP_APPLIES_NO)
		modes |= MODE_BROKER;
	return modes;
}

/* What made it so, or what would settle it. */
static void
nats_mode_text(const struct dmp_topology_case *k, unsigned modes, char text[128])
{
	bool featured = k->t->site->features.nats != DMP_NATS_UNSET;

	if (modes == MODE_NONE)
		dmp_text_format(text, 128, "the system has no NATS%s%s",
		    featured ? " (features nats=none)" : " before ",
		    featured ? "" : dmp_since_text(DMP_SINCE_NATS));
	else if (modes == MODE_BROKER &&
	         k->t->since[DMP_SINCE_BROKER_ALWAYS] == DMP_APPLIES_YES)
		dmp_text_format(text, 128, "BrokerGateway manages NATS, always from %s",
		    dmp_since_text(DMP_SINCE_BROKER_ALWAYS));
	else if (modes == MODE_BROKER)
		dmp_text_copy(
		    text, 128, "BrokerGateway manages NATS (features nats=broker)");
	else if (modes == MODE_LEGACY)
		dmp_text_format(text, 128, "DataMiner manages NATS itself%s%s",
		    featured ? " (features nats=legacy)" : " before ",
		    featured ? "" : dmp_since_text(DMP_SINCE_BROKER));
	else
		dmp_text_format(text, 128, "%s",
		    modes & MODE_NONE
		        ? "whether there is NATS depends on the version: dataminer= or "
		          "features nats= settles it"
		        : "NATS may be managed by BrokerGateway: features nats= "
		          "settles it");
}

/* Is the mode one of these?  Yes, no, or perhaps. */
static struct dmp_condition_result
nats_mode_is(const struct dmp_topology_case *k, unsigned wanted)
{
	unsigned modes = nats_modes(k);
	char text[128];

	nats_mode_text(k, modes, text);
	return dmp_topology_answer(!(modes & wanted)    ? DMP_APPLIES_NO
	                           : !(modes & ~wanted) ? DMP_APPLIES_YES
	                                                : DMP_APPLIES_ASSUMED,
	    "%s", text);
}

/* What two possible modes say; nothing was said before the first. */
static struct dmp_condition_result
nats_join(
    struct dmp_condition_result a, struct dmp_condition_result b, const char *undecided)
{
	if (a.applies == 0)
		return b;
	return a.applies == b.applies
	           ? a
	           : dmp_topology_answer(DMP_APPLIES_ASSUMED, "%s", undecided);
}

/* Ask the rule of each possible mode. */
static struct dmp_condition_result
nats_over_modes(const struct dmp_topology_case *k,
    struct dmp_condition_result (*legacy)(const struct dmp_topology_case *k),
    struct dmp_condition_result (*broker)(const struct dmp_topology_case *k))
{
	unsigned modes = nats_modes(k);
	struct dmp_condition_result result = {0};
	char text[128];

	nats_mode_text(k, modes, text);
	if (modes & MODE_LEGACY)
		result = legacy(k);
	if (modes & MODE_BROKER)
		result = nats_join(result, broker(k), text);
	if (modes & MODE_NONE)
		result = nats_join(
		    result, dmp_topology_answer(DMP_APPLIES_NO, "%s", text), text);
	return result;
}

struct dmp_condition_result
dmp_topology_nats_used(const struct dmp_topology_case *k)
{
	return nats_mode_is(k, MODE_LEGACY | MODE_BROKER);
}

struct dmp_condition_result
dmp_topology_nats_legacy(const struct dmp_topology_case *k)
{
	return nats_mode_is(k, MODE_LEGACY);
}

struct dmp_condition_result
dmp_topology_nats_broker(const struct dmp_topology_case *k)
{
	return nats_mode_is(k, MODE_BROKER);
}

static const char *
first_agent(const struct dmp_topology_case *k)
{
	return k->t->hosts[k->t->nodes[0]].name;
}

/* Is the host the first Agent in the order of addresses?  Who is first is not known
 * while a pair has a half that is not listed. */
static enum dmp_applies
host_is_first(const struct dmp_topology_case *k)
{
	if (k->t->unlisted > 0)
		return DMP_APPLIES_ASSUMED;
	return k->t->rank[dmp_topology_index(k->t, k->host)] == 0 ? DMP_APPLIES_YES
	                                                          : DMP_APPLIES_NO;
}

/* Before a certain version two Agents did not cluster: the second one was a guest of
 * the first, the master. */
static struct dmp_condition_result
nats_of_two(const struct dmp_topology_case *k)
{
	const char *since = dmp_since_text(DMP_SINCE_PAIR_ROUTES);
	enum dmp_applies first = host_is_first(k);

	if (first == DMP_APPLIES_ASSUMED)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "before %s the second of two Agents uses NATS of the first; which "
		    "one that is, a host element for both tells",
		    since);
	if (first == DMP_APPLIES_YES)
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "the other Agent uses this NATS server, with or without a cluster");
	if (k->t->since[DMP_SINCE_PAIR_ROUTES] == DMP_APPLIES_ASSUMED)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "two Agents use the NATS servers of each other from %s; dataminer= "
		    "settles it",
		    since);
	return dmp_topology_answer(DMP_APPLIES_NO,
	    "before %s only %s, the first of two Agents, has a NATS server for both",
	    since, first_agent(k));
}

static struct dmp_condition_result
nats_remote_any(const struct dmp_topology_case *k)
{
	if (dmp_topology_source_has(k, DMP_TOPOLOGY_SERVICES))
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "Agents and DxMs use the NATS server of each Agent");
	if (k->t->agents < 2 || !dmp_topology_source_has(k, DMP_ROLE_DMA))
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "a single Agent without DxM hosts uses NATS on its "
		    "own machine only");
	return dmp_topology_answer(
	    DMP_APPLIES_YES, "Agents and DxMs use the NATS server of each Agent");
}

/* Services on the machine of an Agent use the NATS server that the Agent uses. */
static bool
nats_services_alone(const struct dmp_topology_case *k)
{
	const struct dmp_site_host *source = k->facts->source;

	return dmp_topology_source_has(k, DMP_TOPOLOGY_SERVICES) &&
	       !(source && (source->roles & DMP_ROLE_DMA));
}

static struct dmp_condition_result
nats_remote_legacy(const struct dmp_topology_case *k)
{
	struct dmp_condition_result any = nats_remote_any(k);

	if (any.applies == DMP_APPLIES_YES && !nats_services_alone(k) &&
	    k->t->agents == 2 && k->t->since[DMP_SINCE_PAIR_ROUTES] != DMP_APPLIES_YES)
		return nats_of_two(k);
	return any;
}

struct dmp_condition_result
dmp_topology_nats_remote(const struct dmp_topology_case *k)
{
	return nats_over_modes(k, nats_remote_legacy, nats_remote_any);
}

/* How far the host is behind the source in the sorted list, which wraps around. */
static size_t
nats_distance(const struct dmp_topology_case *k)
{
	size_t n = k->t->agents - k->t->unlisted;
	size_t from = k->t->rank[dmp_topology_index(k->t, k->facts->source)];
	size_t to = k->t->rank[dmp_topology_index(k->t, k->host)];

	return (to + n - from) % n;
}

/* Three Agents and more: each lists the next ones in its routes.  Halves of pairs that
 * are not listed may stand anywhere between. */
static struct dmp_condition_result
nats_route_of_many(const struct dmp_topology_case *k)
{
	const struct dmp_site_host *source = k->facts->source;
	unsigned next =
	    k->t->agents > NATS_ROUTES ? NATS_ROUTES : (unsigned)k->t->agents - 1;
	size_t distance;

	if (!source)
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "the Agents before it in the order of addresses connect to it");
	distance = nats_distance(k);
	if (distance + k->t->unlisted <= NATS_ROUTES)
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "%s connects to the next %u Agents in the order of addresses, this "
		    "is one of them",
		    source->name, next);
	if (distance <= NATS_ROUTES)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "%s connects to the next %u Agents in the order of addresses; host "
		    "elements for all settle it",
		    source->name, next);
	/* NATS servers tell each other of further ones; who then connects to whom
	 * depends on who hears first. */
	return dmp_topology_answer(DMP_APPLIES_ASSUMED,
	    "%s connects to the next %u Agents in the order of addresses and hears of "
	    "this one from them; a level for this port settles it",
	    source->name, next);
}

static struct dmp_condition_result
nats_route_legacy(const struct dmp_topology_case *k)
{
	const char *since = dmp_since_text(DMP_SINCE_PAIR_ROUTES);

	if (k->t->agents > 2)
		return nats_route_of_many(k);
	switch (k->t->since[DMP_SINCE_PAIR_ROUTES]) {
	case DMP_APPLIES_YES:
		return dmp_topology_answer(
		    DMP_APPLIES_YES, "two Agents have a NATS cluster from %s", since);
	case DMP_APPLIES_NO:
		return dmp_topology_answer(
		    DMP_APPLIES_NO, "two Agents have no NATS cluster before %s", since);
	case DMP_APPLIES_ASSUMED:
		break;
	}
	return dmp_topology_answer(DMP_APPLIES_ASSUMED,
	    "two Agents have a NATS cluster from %s; dataminer= settles it", since);
}

static struct dmp_condition_result
nats_route_broker(const struct dmp_topology_case *k)
{
	(void)k;
	return dmp_topology_answer(
	    DMP_APPLIES_YES, "BrokerGateway makes one NATS cluster of all Agents");
}

/* Do both ends have a NATS server, and are there two? */
static bool
nats_servers(const struct dmp_topology_case *k)
{
	return k->t->agents >= 2 && dmp_topology_is_agent(k) &&
	       !dmp_topology_is_virtual(k->t, k->host) &&
	       dmp_topology_source_has(k, DMP_ROLE_DMA);
}

struct dmp_condition_result
dmp_topology_nats_route(const struct dmp_topology_case *k)
{
	if (!nats_servers(k))
		return dmp_topology_answer(
		    DMP_APPLIES_NO, "the NATS server of a single Agent has no cluster");
	return nats_over_modes(k, nats_route_legacy, nats_route_broker);
}

static struct dmp_condition_result
nats_account_legacy(const struct dmp_topology_case *k)
{
	const char *since = dmp_since_text(DMP_SINCE_OWN_ACCOUNTS);
	enum dmp_applies first = host_is_first(k);

	if (k->t->since[DMP_SINCE_OWN_ACCOUNTS] == DMP_APPLIES_YES)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "from %s each Agent asks its own, yet the documentation still "
		    "opens "
		    "the port between Agents; a level for this port settles it",
		    since);
	if (k->t->since[DMP_SINCE_OWN_ACCOUNTS] == DMP_APPLIES_ASSUMED)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "before %s the first Agent in the order of addresses is asked by "
		    "all; dataminer= settles it",
		    since);
	if (first == DMP_APPLIES_YES)
		return dmp_topology_answer(DMP_APPLIES_YES,
		    "before %s all Agents ask the first in the order of addresses",
		    since);
	if (first == DMP_APPLIES_ASSUMED)
		return dmp_topology_answer(DMP_APPLIES_ASSUMED,
		    "before %s all Agents ask the first in the order of addresses; "
		    "host "
		    "elements for all settle it",
		    since);
	return dmp_topology_answer(DMP_APPLIES_NO,
	    "before %s all Agents ask %s, the first in the order of addresses", since,
	    first_agent(k));
}

static struct dmp_condition_result
nats_account_broker(const struct dmp_topology_case *k)
{
	char text[128];

	nats_mode_text(k, MODE_BROKER, text);
	return dmp_topology_answer(
	    DMP_APPLIES_NO, "only legacy NATS has NATS Account Servers: %s", text);
}

struct dmp_condition_result
dmp_topology_nats_account(const struct dmp_topology_case *k)
{
	if (!nats_servers(k))
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "a single Agent uses its NATS Account Server on its own machine "
		    "only");
	return nats_over_modes(k, nats_account_legacy, nats_account_broker);
}

static struct dmp_condition_result
broker_remote(const struct dmp_topology_case *k)
{
	if (!dmp_topology_source_has(k, DMP_ROLE_DMA | DMP_TOPOLOGY_SERVICES))
		return dmp_topology_answer(DMP_APPLIES_NO,
		    "a single Agent without DxM hosts asks BrokerGateway on its own "
		    "machine only");
	return dmp_topology_answer(DMP_APPLIES_YES,
	    "BrokerGateway hands out the credentials of NATS and manages its cluster");
}

static struct dmp_condition_result
broker_not(const struct dmp_topology_case *k)
{
	char text[128];

	nats_mode_text(k, MODE_LEGACY, text);
	return dmp_topology_answer(
	    DMP_APPLIES_NO, "BrokerGateway is not in use: %s", text);
}

struct dmp_condition_result
dmp_topology_broker_remote(const struct dmp_topology_case *k)
{
	return nats_over_modes(k, broker_not, broker_remote);
}
