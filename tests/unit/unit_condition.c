/* SPDX-License-Identifier: BSD-2-Clause */
/* The three-valued conditions of the catalogue, each node alone and combined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/condition.h"

#define NS "urn:test"

/* A site with hosts of these roles; host 0 is the one that is asked about. */
struct world {
	struct dmp_site site;
	struct dmp_site_host hosts[8];
	unsigned as;
};

static struct dmp_condition_result
decide(struct world *w, const char *condition)
{
	char document[2048];
	struct dmp_xml_source source = {.name = "c", .data = document, .ns = NS};
	struct dmp_xml_report report = {0};
	struct dmp_xml *xml = NULL;
	struct dmp_condition_facts facts = {.as = w->as};
	struct dmp_condition_target target = {.requirement = "smtp", .port = 25};
	struct dmp_topology *topology = NULL;
	struct dmp_condition_result result;
	struct dmp_condition *c;

	(void)snprintf(
	    document, sizeof document, "<r xmlns='" NS "'>%s</r>", condition);
	source.size = strlen(document);
	assert_int_equal(dmp_xml_parse(&source, &xml, &report), DMP_OK);
	c = dmp_condition_parse(xml->root->child, &report);
	assert_int_equal(dmp_xml_report_finish(&report, NULL), DMP_OK);
	assert_non_null(c);
	w->site.hosts = w->hosts;
	assert_int_equal(dmp_topology_build(&w->site, &topology), DMP_OK);
	facts.topology = topology;
	target.host = &topology->hosts[0];
	result = dmp_condition_decide(c, &facts, &target);
	dmp_topology_free(topology);
	dmp_condition_free(c);
	dmp_xml_free(xml);
	return result;
}

static enum dmp_applies
value_of(struct world *w, const char *condition)
{
	return decide(w, condition).applies;
}

static void
assert_why(struct world *w, const char *condition, const char *why)
{
	struct dmp_condition_result result = decide(w, condition);

	assert_string_equal(result.why, why);
}

static void
assert_refused(const char *condition, const char *message)
{
	char document[2048];
	struct dmp_xml_source source = {.name = "c", .data = document, .ns = NS};
	struct dmp_xml_report report = {0};
	struct dmp_text errors = {0};
	struct dmp_xml *xml = NULL;

	(void)snprintf(
	    document, sizeof document, "<r xmlns='" NS "'>%s</r>", condition);
	source.size = strlen(document);
	assert_int_equal(dmp_xml_parse(&source, &xml, &report), DMP_OK);
	dmp_condition_free(dmp_condition_parse(xml->root->child, &report));
	assert_int_equal(dmp_xml_report_finish(&report, &errors), DMP_EINVAL);
	if (!strstr(dmp_text_get(&errors), message))
		fail_msg("\"%s\" is not in: %s", message, dmp_text_get(&errors));
	dmp_text_done(&errors);
	dmp_xml_free(xml);
}

/* The three values as conditions. */
static const char *const VALUES[] = {
    "<always/>", "<never/>", "<version since='1.0.0' assumed='?'/>"};
static const enum dmp_applies MEANING[] = {
    DMP_APPLIES_YES, DMP_APPLIES_NO, DMP_APPLIES_ASSUMED};

static void
all_follows_the_truth_table(void **state)
{
	static const enum dmp_applies expected[3][3] = {
	    {DMP_APPLIES_YES, DMP_APPLIES_NO, DMP_APPLIES_ASSUMED},
	    {DMP_APPLIES_NO, DMP_APPLIES_NO, DMP_APPLIES_NO},
	    {DMP_APPLIES_ASSUMED, DMP_APPLIES_NO, DMP_APPLIES_ASSUMED}};
	struct world w = {.site = {.n_hosts = 1}};
	char condition[256];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			(void)snprintf(condition, sizeof condition, "<all>%s%s</all>",
			    VALUES[i], VALUES[j]);
			assert_int_equal(value_of(&w, condition), expected[i][j]);
		}
	}
}

static void
any_follows_the_truth_table(void **state)
{
	static const enum dmp_applies expected[3][3] = {
	    {DMP_APPLIES_YES, DMP_APPLIES_YES, DMP_APPLIES_YES},
	    {DMP_APPLIES_YES, DMP_APPLIES_NO, DMP_APPLIES_ASSUMED},
	    {DMP_APPLIES_YES, DMP_APPLIES_ASSUMED, DMP_APPLIES_ASSUMED}};
	struct world w = {.site = {.n_hosts = 1}};
	char condition[256];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			(void)snprintf(condition, sizeof condition, "<any>%s%s</any>",
			    VALUES[i], VALUES[j]);
			assert_int_equal(value_of(&w, condition), expected[i][j]);
		}
	}
}

static void
not_exchanges_yes_and_no_and_keeps_assumed(void **state)
{
	static const enum dmp_applies expected[] = {
	    DMP_APPLIES_NO, DMP_APPLIES_YES, DMP_APPLIES_ASSUMED};
	struct world w = {.site = {.n_hosts = 1}};
	char condition[256];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(value_of(&w, VALUES[i]), MEANING[i]);
		(void)snprintf(condition, sizeof condition, "<not>%s</not>", VALUES[i]);
		assert_int_equal(value_of(&w, condition), expected[i]);
	}
}

static void
the_deciding_child_gives_the_sentence(void **state)
{
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	assert_why(
	    &w, "<all><always yes='a'/><never no='b'/><never no='c'/></all>", "b");
	assert_why(&w, "<any><never no='a'/><always yes='b'/></any>", "b");
	assert_why(&w,
	    "<any><never no='a'/><version since='1.0' assumed='b'/>"
	    "<version since='1.0' assumed='c'/><never no='d'/></any>",
	    "b");
}

static void
a_unanimous_vote_gives_every_sentence(void **state)
{
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	assert_why(&w, "<any><never no='a'/><never/><never no='c'/></any>", "a; c");
	assert_why(&w, "<all><always/><always yes='b'/></all>", "b");
}

static void
a_node_with_its_own_sentence_uses_it(void **state)
{
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	assert_why(&w, "<any no='mine'><never no='a'/></any>", "mine");
	assert_why(&w, "<not yes='mine'><never no='a'/></not>", "mine");
	assert_why(&w, "<not><never no='a'/></not>", "a");
}

static void
joined_sentences_are_cut_not_overrun(void **state)
{
	struct world w = {.site = {.n_hosts = 1}};
	char sentence[151];
	char condition[512];

	(void)state;
	memset(sentence, 'x', 150);
	sentence[150] = '\0';
	(void)snprintf(condition, sizeof condition,
	    "<any><never no='%s'/><never no='%s'/></any>", sentence, sentence);
	assert_int_equal(strlen(decide(&w, condition).why), DMP_CONDITION_WHY - 1);
}

static void
a_feature_is_yes_for_each_of_its_values(void **state)
{
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	w.site.features.nats = DMP_NATS_BROKER;
	assert_int_equal(
	    value_of(&w, "<feature name='nats' is='legacy broker'/>"), DMP_APPLIES_YES);
	assert_int_equal(
	    value_of(&w, "<feature name='nats' is='broker'/>"), DMP_APPLIES_YES);
	assert_int_equal(
	    value_of(&w, "<feature name='nats' is='legacy'/>"), DMP_APPLIES_NO);
	w.site.features.nats = DMP_NATS_NONE;
	assert_int_equal(
	    value_of(&w, "<feature name='nats' is='none'/>"), DMP_APPLIES_YES);
}

static void
every_feature_is_read_from_its_own_field(void **state)
{
	static const struct dmp_features set = {.inter_dma = DMP_REMOTING_REMOTING,
	    .client = DMP_REMOTING_GRPC,
	    .nats = DMP_NATS_LEGACY,
	    .storage = DMP_STORAGE_STAAS,
	    .cassandra_tls = DMP_YES,
	    .telnet = DMP_NO,
	    .failover = DMP_YES,
	    .https = DMP_HTTPS_ONLY,
	    .snmp_agent = DMP_YES,
	    .cloud_gateway = "2.10.0"};
	static const char *const yes[] = {"name='inter-dma' is='remoting'",
	    "name='client' is='grpc'", "name='nats' is='legacy'",
	    "name='storage' is='staas'", "name='cassandra-tls' is='yes'",
	    "name='telnet' is='no'", "name='failover' is='yes'",
	    "name='cloud-gateway' is='installed'", "name='https' is='only'",
	    "name='snmp-agent' is='yes'"};
	struct world w = {.site = {.n_hosts = 1}};
	char condition[128];

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		(void)snprintf(condition, sizeof condition, "<feature %s/>", yes[i]);
		w.site.features = (struct dmp_features){0};
		assert_int_equal(value_of(&w, condition), DMP_APPLIES_ASSUMED);
		w.site.features = set;
		assert_int_equal(value_of(&w, condition), DMP_APPLIES_YES);
	}
	dmp_text_copy(
	    w.site.features.cloud_gateway, sizeof w.site.features.cloud_gateway, "no");
	assert_int_equal(
	    value_of(&w, "<feature name='cloud-gateway' is='no'/>"), DMP_APPLIES_YES);
}

static void
a_feature_that_is_not_set_is_assumed_or_its_childs(void **state)
{
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	assert_why(
	    &w, "<feature name='telnet' is='no' yes='y' no='n' assumed='a'/>", "a");
	assert_why(&w,
	    "<feature name='telnet' is='no' yes='y' no='n'><always yes='c'/></feature>",
	    "c");
	assert_why(
	    &w, "<feature name='telnet' is='no' yes='y'><always/></feature>", "");
	w.site.features.telnet = DMP_YES;
	assert_why(&w,
	    "<feature name='telnet' is='no' yes='y' no='n'><always yes='c'/></feature>",
	    "n");
}

static void
a_cluster_counts_hosts_of_a_role(void **state)
{
	struct world w = {.site = {.n_hosts = 3},
	    .hosts = {{.roles = DMP_ROLE_CASSANDRA},
	        {.roles = DMP_ROLE_CASSANDRA | DMP_ROLE_INDEXING},
	        {.roles = DMP_ROLE_DMA}}};

	(void)state;
	assert_int_equal(
	    value_of(&w, "<cluster of='cassandra' min='2'/>"), DMP_APPLIES_YES);
	assert_int_equal(
	    value_of(&w, "<cluster of='cassandra' min='3'/>"), DMP_APPLIES_NO);
	assert_int_equal(
	    value_of(&w, "<cluster of='indexing' min='2'/>"), DMP_APPLIES_NO);
	assert_int_equal(value_of(&w, "<cluster of='dma' min='2'/>"), DMP_APPLIES_NO);
}

static void
a_failover_pair_counts_as_two_agents(void **state)
{
	struct dmp_site_failover pair = {.name = "fo1"};
	struct world w = {.site = {.n_hosts = 1, .failovers = &pair},
	    .hosts = {{.roles = DMP_ROLE_DMA, .member_of = "fo1"},
	        {.roles = DMP_ROLE_DMA, .member_of = "fo1"}}};

	(void)state;
	assert_int_equal(value_of(&w, "<cluster of='dma' min='2'/>"), DMP_APPLIES_NO);
	w.site.features.failover = DMP_YES;
	assert_int_equal(value_of(&w, "<cluster of='dma' min='2'/>"), DMP_APPLIES_YES);
	w.site.features.failover = DMP_UNSET;
	w.site.n_failovers = 1;
	assert_int_equal(value_of(&w, "<cluster of='dma' min='2'/>"), DMP_APPLIES_YES);
	w.site.n_hosts = 2;
	assert_int_equal(value_of(&w, "<cluster of='dma' min='3'/>"), DMP_APPLIES_NO);
}

static void
host_asks_for_the_roles_of_the_target(void **state)
{
	struct world w = {.site = {.n_hosts = 1}, .hosts = {{.roles = DMP_ROLE_DMA}}};

	(void)state;
	assert_int_equal(value_of(&w, "<host has='dma'/>"), DMP_APPLIES_YES);
	assert_int_equal(value_of(&w, "<host has='dxm indexing'/>"), DMP_APPLIES_NO);
}

static void
named_asks_for_a_port_element_of_the_host(void **state)
{
	struct dmp_site_port ports[] = {
	    {.requirement = "ldap"}, {.requirement = "smtp"}};
	struct world w = {.site = {.n_hosts = 1},
	    .hosts = {{.roles = DMP_ROLE_SERVER, .ports = ports}}};

	(void)state;
	assert_int_equal(value_of(&w, "<named/>"), DMP_APPLIES_NO);
	w.hosts[0].n_ports = 1;
	assert_int_equal(value_of(&w, "<named/>"), DMP_APPLIES_NO);
	w.hosts[0].n_ports = 2;
	assert_int_equal(value_of(&w, "<named/>"), DMP_APPLIES_YES);
	ports[1].level = DMP_LEVEL_NONE;
	assert_int_equal(value_of(&w, "<named/>"), DMP_APPLIES_NO);
}

static void
a_cloud_host_without_port_elements_is_named_for_everything(void **state)
{
	struct dmp_site_port ports[] = {{.requirement = "ldap"}};
	struct world w = {.site = {.n_hosts = 1},
	    .hosts = {{.roles = DMP_ROLE_CLOUD, .ports = ports}}};

	(void)state;
	assert_int_equal(value_of(&w, "<named/>"), DMP_APPLIES_YES);
	w.hosts[0].n_ports = 1;
	assert_int_equal(value_of(&w, "<named/>"), DMP_APPLIES_NO);
}

static void
vantage_asks_for_the_roles_it_stands_for(void **state)
{
	struct world w = {.site = {.n_hosts = 1}, .as = DMP_ROLE_CLIENT};

	(void)state;
	assert_int_equal(
	    value_of(&w, "<vantage stands-for='client dma'/>"), DMP_APPLIES_YES);
	assert_int_equal(value_of(&w, "<vantage stands-for='dma'/>"), DMP_APPLIES_NO);
}

static void
install(struct world *w, enum dmp_product product, const char *version)
{
	assert_int_equal(
	    dmp_version_parse(product, version, &w->site.installed.version[product]),
	    DMP_OK);
}

static void
a_version_decides_with_what_the_site_has(void **state)
{
	static const char since[] =
	    "<version since='10.3.6/10.3.0 [CU3]' yes='y' no='n' assumed='a'/>";
	static const char until[] =
	    "<version until='10.3.6/10.3.0 [CU3]' yes='y' no='n' assumed='a'/>";
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	assert_why(&w, since, "a");
	assert_why(&w, until, "a");
	install(&w, DMP_PRODUCT_DATAMINER, "10.3.0");
	assert_why(&w, since, "a");
	assert_why(&w, until, "a");
	install(&w, DMP_PRODUCT_DATAMINER, "10.3.0 [CU3]");
	assert_why(&w, since, "y");
	assert_why(&w, until, "n");
	install(&w, DMP_PRODUCT_DATAMINER, "10.3.5");
	assert_why(&w, since, "n");
	assert_why(&w, until, "y");
}

static void
a_version_of_another_product_is_enough(void **state)
{
	static const char since[] = "<version since='10.4.0/CloudGateway 2.10.0' "
	                            "assumed='a'/>";
	struct world w = {.site = {.n_hosts = 1}};

	(void)state;
	install(&w, DMP_PRODUCT_DATAMINER, "10.3.0 [CU5]");
	assert_int_equal(value_of(&w, since), DMP_APPLIES_ASSUMED);
	install(&w, DMP_PRODUCT_CLOUD_GATEWAY, "2.10.0");
	assert_int_equal(value_of(&w, since), DMP_APPLIES_YES);
	install(&w, DMP_PRODUCT_CLOUD_GATEWAY, "2.9.12");
	assert_int_equal(value_of(&w, since), DMP_APPLIES_NO);
}

static void
malformed_versions_are_refused_with_their_line(void **state)
{
	(void)state;
	assert_refused("<all>\n<version since='10.3.x' assumed='a'/></all>",
	    "c:2: version: since, got \"10.3.x\", expected at most 8 versions");
	assert_refused("<version until='10.3.0 [X]' assumed='a'/>",
	    "c:1: version: until, got \"10.3.0 [X]\"");
	assert_refused("<version until='1.0/1.1/1.2/1.3/1.4/1.5/1.6/1.7/1.8' "
	               "assumed='a'/>",
	    "at most 8 versions");
}

static void
malformed_conditions_are_refused(void **state)
{
	(void)state;
	assert_refused("<xor/>", "c:1: xor: no condition has this name");
	assert_refused("<all/>", "0 conditions inside, expected 1");
	assert_refused("<not><always/><always/></not>", "2 conditions inside");
	assert_refused("<always><always/></always>", "1 conditions inside");
	assert_refused("<always no='x'/>", "unknown attribute, got \"no\"");
	assert_refused("<feature is='no'/>", "name is missing");
	assert_refused("<feature name='sails' is='no'/>", "name, got \"sails\"");
	assert_refused(
	    "<feature name='nats' is='kafka'/>", "expected legacy, broker, none");
	assert_refused("<version assumed='a'/>", "exactly one of since and until");
	assert_refused(
	    "<version since='1.0' until='2.0' assumed='a'/>", "exactly one of");
	assert_refused("<version since='' assumed='a'/>", "since is missing");
	assert_refused("<version since='1.0'/>", "assumed is missing");
	assert_refused("<cluster of='dma' min='0'/>", "min is not a number");
	assert_refused("<cluster min='1'/>", "of is missing");
	assert_refused("<host has='throne'/>", "has, got \"throne\"");
	assert_refused("<topology is='flat'/>", "is, got \"flat\", expected inter-dma");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_follows_the_truth_table),
	    cmocka_unit_test(any_follows_the_truth_table),
	    cmocka_unit_test(not_exchanges_yes_and_no_and_keeps_assumed),
	    cmocka_unit_test(the_deciding_child_gives_the_sentence),
	    cmocka_unit_test(a_unanimous_vote_gives_every_sentence),
	    cmocka_unit_test(a_node_with_its_own_sentence_uses_it),
	    cmocka_unit_test(joined_sentences_are_cut_not_overrun),
	    cmocka_unit_test(a_feature_is_yes_for_each_of_its_values),
	    cmocka_unit_test(every_feature_is_read_from_its_own_field),
	    cmocka_unit_test(a_feature_that_is_not_set_is_assumed_or_its_childs),
	    cmocka_unit_test(a_cluster_counts_hosts_of_a_role),
	    cmocka_unit_test(a_failover_pair_counts_as_two_agents),
	    cmocka_unit_test(host_asks_for_the_roles_of_the_target),
	    cmocka_unit_test(named_asks_for_a_port_element_of_the_host),
	    cmocka_unit_test(
	        a_cloud_host_without_port_elements_is_named_for_everything),
	    cmocka_unit_test(vantage_asks_for_the_roles_it_stands_for),
	    cmocka_unit_test(a_version_decides_with_what_the_site_has),
	    cmocka_unit_test(a_version_of_another_product_is_enough),
	    cmocka_unit_test(malformed_versions_are_refused_with_their_line),
	    cmocka_unit_test(malformed_conditions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
