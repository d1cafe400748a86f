/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/catalogue_words.h"

#include <string.h>

#include "model/xml.h"

static void words_of(const struct dmp_xml_element *element, struct dmp_text *out);

/* ---- conditions ---- */

/* The rules in C, as condition.h names them. */
static const struct {
	const char *name;
	const char *words;
} WORDS_TOPOLOGIES[] = {
    {"inter-dma", "another Agent asks"},
    {"inter-dma-remoting", "another Agent asks by .NET Remoting"},
    {"inter-dma-grpc", "another Agent asks by gRPC"},
    {"failover-pair", "the other member of the Failover pair asks"},
    {"nats-used", "the system has NATS"},
    {"nats-legacy", "DataMiner itself manages NATS"},
    {"nats-broker", "BrokerGateway manages NATS"},
    {"nats-remote", "another machine uses the NATS server of this Agent"},
    {"nats-route", "the NATS server of another Agent connects to that of this one"},
    {"nats-account", "another Agent asks the NATS Account Server of this one"},
    {"broker-remote", "another machine asks the BrokerGateway of this Agent"},
    {"cassandra-remote",
        "another machine uses this Cassandra node (with storage cassandra-local only "
        "the other member of its Failover pair does)"},
    {"cassandra-node",
        "the node has others in its ring (with storage cassandra-local only that of "
        "its Failover pair)"},
    {"cloud-remote", "another machine uses this CloudGateway"},
    {"elsewhere", "it is not reached over loopback"},
    {"before-grpc", "there is no gRPC in this version"},
    {"before-cassandra-tls", "there is no TLS between the nodes in this version"},
    {"trap-port", "SNMP traps come to it by a port element"},
    {"services-name", "the host has a name under dataminer.services"},
    {"offload-server", "it is the one to which Agents offload"},
};

enum { N_WORDS_TOPOLOGIES = sizeof WORDS_TOPOLOGIES / sizeof WORDS_TOPOLOGIES[0] };

static const char *
words_attribute(const struct dmp_xml_element *element, const char *name)
{
	const char *value = dmp_xml_attribute(element, name);

	return value ? value : "";
}

/* "a b c" as "a, b or c". */
static void
words_list(const char *list, struct dmp_text *out)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		dmp_text_append_bytes(out, list, n);
		list += n;
		list += strspn(list, " ");
		if (*list)
			dmp_text_append(out, strchr(list, ' ') ? ", " : " or ");
	}
}

static bool
words_is(const struct dmp_xml_element *element, const char *name)
{
	return strcmp(element->name, name) == 0;
}

/* Nodes that only carry a sentence decide nothing that is worth a word. */
static bool
words_is_silent(const struct dmp_xml_element *element)
{
	return words_is(element, "always");
}

static void
words_children(
    const struct dmp_xml_element *element, const char *between, struct dmp_text *out)
{
	const char *separator = "";

	for (const struct dmp_xml_element *e = element->child; e; e = e->next) {
		bool nested = e->child && e->child->next;

		if (words_is_silent(e))
			continue;
		dmp_text_append(out, separator);
		dmp_text_append(out, nested ? "(" : "");
		words_of(e, out);
		dmp_text_append(out, nested ? ")" : "");
		separator = between;
	}
}

/* One that can only say "assumed" stands inside itself: it is not set. */
static void
words_feature(const struct dmp_xml_element *element, struct dmp_text *out)
{
	const struct dmp_xml_element *child = element->child;

	if (!child && !dmp_xml_attribute(element, "yes") &&
	    !dmp_xml_attribute(element, "no")) {
		dmp_text_append(out, "assumed");
		return;
	}
	dmp_text_printf(out, "feature %s is ", words_attribute(element, "name"));
	words_list(words_attribute(element, "is"), out);
	if (!child) {
		dmp_text_append(out, ", assumed while not set");
	} else if (words_is_silent(child)) {
		dmp_text_append(out, " or not set");
	} else if (!words_is(child, "never")) {
		dmp_text_append(out, ", or while not set: ");
		words_of(child, out);
	}
}

static void
words_topology(const struct dmp_xml_element *element, struct dmp_text *out)
{
	const char *name = words_attribute(element, "is");

	for (size_t i = 0; i < N_WORDS_TOPOLOGIES; i++) {
		if (strcmp(WORDS_TOPOLOGIES[i].name, name) == 0) {
			dmp_text_append(out, WORDS_TOPOLOGIES[i].words);
			return;
		}
	}
	dmp_text_append(out, name);
}

static void
words_leaf(const struct dmp_xml_element *element, struct dmp_text *out)
{
	if (words_is(element, "cluster")) {
		dmp_text_printf(out, "%s or more hosts have the role ",
		    words_attribute(element, "min"));
		words_list(words_attribute(element, "of"), out);
	} else if (words_is(element, "host")) {
		dmp_text_append(out, "the host has the role ");
		words_list(words_attribute(element, "has"), out);
	} else if (words_is(element, "vantage")) {
		dmp_text_append(out, "a ");
		words_list(words_attribute(element, "stands-for"), out);
		dmp_text_append(out, " asks");
	} else if (words_is(element, "named")) {
		dmp_text_append(out, "a port element of the host names it");
	} else if (words_is(element, "version")) {
		const char *since = words_attribute(element, "since");

		dmp_text_printf(out, "%s %s", since[0] ? "from" : "before",
		    since[0] ? since : words_attribute(element, "until"));
	} else {
		dmp_text_append(out, element->name);
	}
}

static void
words_of(const struct dmp_xml_element *element, struct dmp_text *out)
{
	if (words_is(element, "all"))
		words_children(element, " and ", out);
	else if (words_is(element, "any"))
		words_children(element, " or ", out);
	else if (words_is(element, "not")) {
		dmp_text_append(out, "not (");
		words_children(element, " and ", out);
		dmp_text_append(out, ")");
	} else if (words_is(element, "feature"))
		words_feature(element, out);
	else if (words_is(element, "topology"))
		words_topology(element, out);
	else
		words_leaf(element, out);
}

/* Is everything behind an any that always holds? */
static bool
words_hold_always(const struct dmp_xml_element *element)
{
	if (words_is_silent(element))
		return true;
	for (const struct dmp_xml_element *e = element->child; e; e = e->next) {
		if (words_is(element, "any") && words_hold_always(e))
			return true;
	}
	return false;
}

void
dmp_catalogue_condition_words(const struct dmp_catalogue *catalogue,
    const struct dmp_entry *entry, struct dmp_text *out)
{
	const struct dmp_xml_element *element = catalogue->xml->root->child;
	const struct dmp_xml_element *condition;

	while (element && strcmp(words_attribute(element, "key"), entry->key) != 0)
		element = element->next;
	if (!element)
		return;
	condition = element->child;
	while (condition && words_is(condition, "exchange"))
		condition = condition->next;
	if (!condition || words_hold_always(condition))
		dmp_text_append(out, "always");
	else
		words_of(condition, out);
}

/* ---- probes ---- */

/* What a probe does at depth identify, and the lines that it leaves. */
struct words_probe {
	const char *asks;
	const char *leaves;
};

static const struct words_probe WORDS_PROBES[] = {
    [DMP_PROBE_CONNECT] = {"a connection", "nothing: the service never sees it"},
    [DMP_PROBE_SNMP] = {"SNMPv3 engine discovery, and a v2c GET when a community file "
                        "is given",
        "nothing"},
    [DMP_PROBE_SNMP_TRAP] = {"SNMPv3 engine discovery, which trap receivers answer; an "
                             "inform only when asked for",
        "nothing, an inform excepted"},
    [DMP_PROBE_REMOTING] = {"an HTTP GET that MS .NET Remoting answers",
        "nothing that is known"},
    [DMP_PROBE_DATAMINER_HTTP] = {"an HTTP GET", "one line of the access log"},
    [DMP_PROBE_DATAMINER_HTTPS] = {"TLS and an HTTP GET", "one line of the access log"},
    [DMP_PROBE_GRPC] = {"TLS, an HTTP GET and the SETTINGS of HTTP/2",
        "one line of the access log"},
    [DMP_PROBE_SEARCH_HTTP] = {"GET / and the health of the cluster", "nothing"},
    [DMP_PROBE_SEARCH_NODE] = {"a ping of the transport protocol", "nothing"},
    [DMP_PROBE_CASSANDRA_INTERNODE] = {"the handshake of nodes",
        "nothing that is known"},
    [DMP_PROBE_CASSANDRA_INTERNODE_TLS] = {"TLS and its certificate",
        "one line at some releases"},
    [DMP_PROBE_JMX] = {"the handshake of RMI and a ping", "nothing"},
    [DMP_PROBE_CQL] = {"CQL OPTIONS", "nothing"},
    [DMP_PROBE_CQL_TLS] = {"TLS and CQL OPTIONS", "nothing"},
    [DMP_PROBE_THRIFT] = {"Thrift describe_version", "nothing"},
    [DMP_PROBE_NATS] = {"the INFO that the server sends, and TLS when it asks for it",
        "nothing"},
    [DMP_PROBE_NATS_ROUTE] = {"the INFO that the server sends", "two lines"},
    [DMP_PROBE_NATS_MONITOR] = {"GET /healthz, and hourly /varz", "nothing"},
    [DMP_PROBE_NATS_ACCOUNT] = {"the help page of the Account Server", "nothing"},
    [DMP_PROBE_CLOUD_ENDPOINT] = {"GET /, to which any HTTP answer is right",
        "not known"},
    [DMP_PROBE_TELNET] = {"the options that the server offers",
        "one line at some servers"},
    [DMP_PROBE_HTTP] = {"an HTTP GET", "one line of the access log"},
    [DMP_PROBE_HTTPS] = {"TLS and an HTTP GET", "one line of the access log"},
    [DMP_PROBE_TLS] = {"TLS and its certificate", "nothing at most servers"},
    [DMP_PROBE_EXCHANGE] = {"what the catalogue says to send and to expect",
        "one line at servers that log every connection"},
    [DMP_PROBE_NTP] = {"the question of a time client", "nothing"},
};

enum { N_WORDS_PROBES = sizeof WORDS_PROBES / sizeof WORDS_PROBES[0] };

static struct words_probe
words_probe(const struct dmp_entry *entry)
{
	return (size_t)entry->probe < N_WORDS_PROBES ? WORDS_PROBES[entry->probe]
	                                             : (struct words_probe){"", ""};
}

void
dmp_catalogue_probe_words(const struct dmp_entry *entry, struct dmp_text *out)
{
	struct words_probe probe = words_probe(entry);
	bool told = entry->path[0] == '\0' || strstr(probe.asks, entry->path);

	if (entry->transport == DMP_TRANSPORT_NONE)
		dmp_text_append(out, "not checked");
	else if (entry->transport == DMP_TRANSPORT_UDP &&
	         entry->probe == DMP_PROBE_CONNECT)
		dmp_text_append(
		    out, "an empty datagram, which only finds out that it is closed");
	else if (entry->probe == DMP_PROBE_CONNECT)
		dmp_text_append(out, "a connection only");
	else if (entry->depth == DMP_DEPTH_CONNECT)
		dmp_text_printf(
		    out, "a connection only; with depth identify %s", probe.asks);
	else
		dmp_text_printf(out, "%s%s%s", probe.asks, told ? "" : ": ",
		    told ? "" : entry->path);
}

const char *
dmp_catalogue_trace_words(const struct dmp_entry *entry)
{
	if (entry->transport == DMP_TRANSPORT_NONE)
		return "nothing";
	if (entry->transport == DMP_TRANSPORT_UDP && entry->probe == DMP_PROBE_CONNECT)
		return "a line about a malformed datagram at some servers";
	if (entry->depth == DMP_DEPTH_CONNECT)
		return WORDS_PROBES[DMP_PROBE_CONNECT].leaves;
	return words_probe(entry).leaves;
}
