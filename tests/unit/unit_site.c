/* SPDX-License-Identifier: BSD-2-Clause */
/* What a site file means, once it is read.  Files that are wrong: unit_site_corpus.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/site.h"
#include "support/temp_dir.h"

#define GOOD DMP_SOURCE_DIR "/tests/unit/data/site/good/"
#define HEAD "<site xmlns='urn:dmports:site:1'>"
#define HOST "<host name='a' address='192.0.2.1' roles='dma'/>"

static struct dmp_site *
load(const char *path)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	enum dmp_status status = dmp_site_load(path, &site, &errors);

	assert_string_equal(dmp_text_get(&errors), "");
	assert_int_equal(status, DMP_OK);
	assert_non_null(site);
	dmp_text_done(&errors);
	return site;
}

static struct dmp_site *
parse(const char *text)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	enum dmp_status status =
	    dmp_site_parse("dir/t.xml", text, strlen(text), &site, &errors);

	assert_string_equal(dmp_text_get(&errors), "");
	assert_int_equal(status, DMP_OK);
	dmp_text_done(&errors);
	return site;
}

static void
assert_rejected(const char *text, const char *expected)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;

	assert_int_equal(
	    dmp_site_parse("t.xml", text, strlen(text), &site, &errors), DMP_EINVAL);
	assert_null(site);
	assert_string_equal(dmp_text_get(&errors), expected);
	dmp_text_done(&errors);
}

static void
site_attributes_and_features_are_kept(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");

	(void)unused;
	assert_string_equal(s->name, "North");
	assert_string_equal(s->dataminer, "10.3.0 [CU3]");
	assert_string_equal(s->vantage, "observer");
	assert_int_equal(s->as, DMP_ROLE_DMA | DMP_ROLE_CLIENT | DMP_ROLE_NMS);
	assert_int_equal(s->family, DMP_FAMILY_AUTO);
	assert_int_equal(s->features.inter_dma, DMP_REMOTING_REMOTING);
	assert_int_equal(s->features.client, DMP_REMOTING_GRPC);
	assert_int_equal(s->features.nats, DMP_NATS_LEGACY);
	assert_int_equal(s->features.storage, DMP_STORAGE_CASSANDRA);
	assert_int_equal(s->features.cassandra_tls, DMP_NO);
	assert_int_equal(s->features.telnet, DMP_NO);
	assert_int_equal(s->features.failover, DMP_YES);
	assert_int_equal(s->features.https, DMP_HTTPS_ONLY);
	assert_int_equal(s->features.snmp_agent, DMP_NO);
	assert_string_equal(s->features.cloud_gateway, "2.10.0");
	assert_int_equal(s->installed.version[DMP_PRODUCT_DATAMINER].cu, 3);
	assert_int_equal(s->installed.version[DMP_PRODUCT_CLOUD_GATEWAY].b, 10);
	dmp_site_free(s);
}

static void
policies_keep_their_selector_and_only_what_they_set(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");
	const struct dmp_site_policy *p = s->policies;

	(void)unused;
	assert_int_equal(s->n_policies, 4);
	assert_int_equal(p[0].set, (1u << (DMP_POLICY_CLOSE + 1)) - 1);
	assert_int_equal(p[0].value.timeout_ms, 3200);
	assert_int_equal(p[0].value.heavy_ms, 7200000);
	assert_int_equal(p[0].value.close, DMP_CLOSE_FIN);
	assert_string_equal(p[0].reference, "192.0.2.1");
	assert_string_equal(p[1].requirement, "telnet-stream");
	assert_int_equal(p[1].set, 1u << DMP_POLICY_INTERVAL);
	assert_int_equal(p[1].value.interval_ms, 300000);
	assert_string_equal(p[2].host, "dma1");
	assert_int_equal(p[2].set, 1u << DMP_POLICY_FALL);
	assert_int_equal(p[2].value.fall, 5);
	assert_int_equal(p[3].role, DMP_ROLE_CASSANDRA);
	assert_int_equal(p[3].value.slow_ms, 86400000);
	dmp_site_free(s);
}

static void
hosts_come_in_the_order_of_the_files(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");

	(void)unused;
	assert_int_equal(s->n_hosts, 3);
	assert_string_equal(s->hosts[0].name, "dma2");
	assert_string_equal(s->hosts[1].name, "dma1");
	assert_string_equal(s->hosts[2].name, "db.example");
	assert_int_equal(s->hosts[1].n_addresses, 2);
	assert_string_equal(s->hosts[1].addresses[0], "192.0.2.11");
	assert_string_equal(s->hosts[1].addresses[1], "2001:db8::11");
	assert_string_equal(s->hosts[1].group, "rack1");
	assert_string_equal(s->hosts[1].member_of, "fo1");
	assert_int_equal(s->hosts[2].roles, DMP_ROLE_CASSANDRA | DMP_ROLE_INDEXING);
	dmp_site_free(s);
}

static void
places_name_the_file_that_the_element_stands_in(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");

	(void)unused;
	assert_int_equal(s->n_files, 2);
	assert_string_equal(s->files[0], GOOD "full.xml");
	assert_string_equal(s->files[1], GOOD "full-hosts.inc");
	assert_string_equal(s->hosts[0].place.file, GOOD "full-hosts.inc");
	assert_int_equal(s->hosts[0].place.line, 3);
	assert_string_equal(s->hosts[1].place.file, GOOD "full.xml");
	assert_int_equal(s->hosts[1].place.line, 15);
	dmp_site_free(s);
}

static void
ports_keep_their_overrides(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");
	const struct dmp_site_port *p = s->hosts[1].ports;

	(void)unused;
	assert_int_equal(s->hosts[1].n_ports, 4);
	assert_string_equal(p[0].requirement, "nats-account-server");
	assert_int_equal(p[0].port, 9190);
	assert_int_equal(p[0].level, 0);
	assert_int_equal(p[0].set, 0);
	assert_int_equal(p[0].admin, DMP_ADMIN_ENABLED);
	assert_null(p[0].ca_file);
	assert_int_equal(p[2].level, DMP_LEVEL_FORBIDDEN);
	assert_int_equal(p[3].tls, DMP_YES);
	assert_string_equal(p[3].path, "/x");
	assert_string_equal(p[3].expect, "o&k \"\xc3\xa9\"");
	assert_int_equal(p[3].admin, DMP_ADMIN_DISABLED);
	assert_int_equal(p[3].set, (1u << (DMP_POLICY_CLOSE + 1)) - 1);
	assert_int_equal(p[3].policy.fast_ms, 500);
	assert_int_equal(p[3].policy.depth, DMP_DEPTH_CONNECT);
	dmp_site_free(s);
}

static void
file_names_are_resolved_beside_the_site_file(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");
	const struct dmp_site_port *p = &s->hosts[1].ports[3];

	(void)unused;
	assert_string_equal(p->ca_file, GOOD "ca.pem");
	assert_string_equal(p->community_file, "/etc/dmports/c");
	assert_string_equal(s->receivers[0].community_file, GOOD "trap.community");
	dmp_site_free(s);
}

static void
groups_failovers_and_links_are_kept(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");

	(void)unused;
	assert_int_equal(s->n_groups, 2);
	assert_string_equal(s->groups[1].parent, "room2");
	assert_int_equal(s->n_failovers, 1);
	assert_string_equal(s->failovers[0].addresses[0], "192.0.2.10");
	assert_int_equal(s->n_links, 2);
	assert_string_equal(s->links[0].from, "dma1");
	assert_string_equal(s->links[0].to, "dma2");
	assert_int_equal(s->links[0].transport, DMP_REMOTING_GRPC);
	assert_int_equal(s->links[0].port, 443);
	assert_string_equal(s->links[1].to, "*");
	assert_int_equal(s->links[1].transport, DMP_REMOTING_REMOTING);
	assert_int_equal(s->links[1].port, 0);
	dmp_site_free(s);
}

static void
requirements_of_the_site_are_kept(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");
	const struct dmp_site_requirement *r = s->requirements;

	(void)unused;
	assert_int_equal(s->n_requirements, 2);
	assert_string_equal(r[0].key, "ups");
	assert_int_equal(r[0].index, 10001);
	assert_string_equal(r[0].title, "UPS web page");
	assert_int_equal(r[0].transport, DMP_TRANSPORT_TCP);
	assert_int_equal(r[0].port, 8443);
	assert_int_equal(r[0].from, DMP_ROLE_DMA);
	assert_int_equal(r[0].to, DMP_ROLE_DEVICE);
	assert_int_equal(r[0].level, DMP_LEVEL_REQUIRED);
	assert_int_equal(r[0].probe, DMP_PROBE_HTTPS);
	assert_string_equal(r[0].first.expect, "UPS");
	assert_int_equal(r[1].from, 0);
	assert_int_equal(r[1].transport, DMP_TRANSPORT_UDP);
	dmp_site_free(s);
}

static void
maintenance_is_weekly_or_once(void **unused)
{
	struct dmp_site *s = load(GOOD "full.xml");
	const struct dmp_site_maintenance *m = s->maintenances;

	(void)unused;
	assert_int_equal(s->n_maintenances, 3);
	assert_string_equal(m[0].weekly, "Sun 02:00");
	assert_int_equal(m[0].for_s, 7200);
	assert_int_equal(m[0].from_ms, -1);
	assert_int_equal(m[0].until_ms, -1);
	assert_string_equal(m[0].comment, "patching");
	assert_string_equal(m[1].group, "rack1");
	assert_string_equal(m[1].weekly, "");
	assert_int_equal(m[1].until_ms - m[1].from_ms, 9000000);
	assert_string_equal(m[2].port, "dma1/nats-account-server@9190");
	assert_int_equal(m[2].for_s, 5400);
	dmp_site_free(s);
}

static void
receivers_and_agent_are_kept(void **unused)
{
	static const uint32_t ROOT[] = {1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7741};
	struct dmp_site *s = load(GOOD "full.xml");
	char source[DMP_ADDRESS_TEXT];

	(void)unused;
	assert_int_equal(s->heartbeat_ms, 300000);
	assert_int_equal(s->reminder_ms, 0);
	dmp_address_text(&s->notify_source, source);
	assert_string_equal(source, "192.0.2.5");
	assert_int_equal(s->n_receivers, 3);
	assert_int_equal(s->receivers[0].type, DMP_RECEIVER_INFORM);
	assert_int_equal(s->receivers[0].version, 2);
	assert_int_equal(s->receivers[1].version, 3);
	assert_int_equal(s->receivers[1].port, 162);
	assert_string_equal(s->receivers[1].user, "dmports");
	assert_string_equal(s->receivers[1].auth, "SHA-256");
	assert_string_equal(s->receivers[1].priv, "AES");
	assert_string_equal(s->receivers[1].kinds, "port host");
	assert_int_equal(s->receivers[1].min_severity, DMP_SEVERITY_MINOR);
	assert_int_equal(s->receivers[2].type, DMP_RECEIVER_AGENTX);
	assert_string_equal(s->agentx, "unix:/run/agentx/master");
	assert_int_equal(s->root_oid_len, 10);
	assert_memory_equal(s->root_oid, ROOT, sizeof ROOT);
	assert_string_equal(s->context, "");
	assert_false(s->writable);
	dmp_site_free(s);
}

static void
absent_elements_have_their_defaults(void **unused)
{
	struct dmp_site *s = load(GOOD "minimal.xml");

	(void)unused;
	assert_string_equal(s->name, "default");
	assert_string_equal(s->dataminer, "");
	assert_string_equal(s->vantage, "observer");
	assert_int_equal(s->as, DMP_ROLE_ALL);
	assert_int_equal(s->features.nats, DMP_NATS_UNSET);
	assert_int_equal(s->heartbeat_ms, 300000);
	assert_int_equal(s->notify_source.family, 0);
	assert_null(s->agentx);
	assert_int_equal(s->root_oid_len, 0);
	assert_string_equal(s->context, "");
	assert_string_equal(dmp_text_get(&s->notes), "");
	dmp_site_free(s);
}

static void
heartbeat_of_zero_is_none(void **unused)
{
	struct dmp_site *s = load(GOOD "small-times.xml");

	(void)unused;
	assert_int_equal(s->heartbeat_ms, 0);
	assert_int_equal(s->policies[0].value.interval_ms, 100);
	assert_int_equal(s->policies[0].value.timeout_ms, 50);
	dmp_site_free(s);
}

static void
prefix_and_other_encoding_are_as_good(void **unused)
{
	struct dmp_site *s = load(GOOD "vantage-host.xml");

	(void)unused;
	assert_string_equal(s->vantage, "dma1");
	assert_int_equal(s->family, DMP_FAMILY_EACH);
	assert_string_equal(s->hosts[0].addresses[0], "dma1");
	dmp_site_free(s);
}

static void
what_has_no_behaviour_yet_is_noted_once(void **unused)
{
	struct dmp_site *s =
	    parse(HEAD "\n"
	               "<host name='a' address='192.0.2.1' roles='dma'>\n"
	               "</host>\n"
	               "<group name='g'/><group name='h'/>\n"
	               "<agent writable='yes'/><notify reminder='1h'/>\n</site>");

	(void)unused;
	assert_string_equal(dmp_text_get(&s->notes),
	    "dir/t.xml:5: agent: writable=\"yes\" is not yet effective\n");
	dmp_site_free(s);
}

static void
values_with_behaviour_are_not_noted(void **unused)
{
	struct dmp_site *s = parse(
	    HEAD "<policy interval='1s' depth='identify' close='fin' "
	         "heavy-interval='2h'/>"
	         "<host name='a' address='192.0.2.1' roles='dma'>"
	         "<port requirement='http' port='81' level='none' admin='enabled' "
	         "path='/a' depth='connect' tls='yes' ca-file='c' expect='x'/>"
	         "<port requirement='snmp-trap' community-file='c' inform='yes'/>"
	         "</host>"
	         "<requirement key='u' index='10000' title='t' port='1' to='dma' "
	         "probe='https' path='/' expect='x'/>"
	         "<requirement key='v' index='10001' title='t' port='1' to='dma' "
	         "probe='exchange' send='a' expect='b'><exchange send='c' "
	         "expect='d'/></requirement>"
	         "<notify heartbeat='1m' reminder='0' agent-address='no'>"
	         "<receiver name='x' type='agentx'/></notify>"
	         "<agent agentx='tcp:127.0.0.1:705' root-oid='1.3.6.1' context='c' "
	         "writable='no'/></site>");

	(void)unused;
	assert_string_equal(dmp_text_get(&s->notes), "");
	dmp_site_free(s);
}

static void
site_without_hosts_is_noted(void **unused)
{
	struct dmp_site *s = parse(HEAD "</site>");

	(void)unused;
	assert_string_equal(dmp_text_get(&s->notes),
	    "dir/t.xml: site: there is no host, so nothing will be checked\n");
	dmp_site_free(s);
}

static void
comments_and_instructions_are_ignored(void **unused)
{
	struct dmp_site *s = parse("<!-- a --><?b c?>" HEAD "<!-- <host/> --><?x?>" HOST
	                           "</site><!-- end -->");

	(void)unused;
	assert_int_equal(s->n_hosts, 1);
	dmp_site_free(s);
}

static void
absent_file_says_so(void **unused)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;

	(void)unused;
	assert_int_equal(
	    dmp_site_load("/nonexistent/site.xml", &site, &errors), DMP_ENOENT);
	assert_null(site);
	assert_string_equal(
	    dmp_text_get(&errors), "/nonexistent/site.xml: xml: not found\n");
	dmp_text_done(&errors);
}

static void
file_over_1_mib_is_refused(void **unused)
{
	char dir[TEMP_DIR_TEXT];
	char path[128];
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	char *big = calloc(1, 1024 * 1024 + 1);

	(void)unused;
	assert_non_null(big);
	memset(big, ' ', 1024 * 1024 + 1);
	temp_dir_make(dir);
	dmp_text_format(path, sizeof path, "%s/big.xml", dir);
	temp_file_write(path, big, 1024 * 1024 + 1);
	assert_int_equal(dmp_site_load(path, &site, &errors), DMP_ETOOBIG);
	assert_null(site);
	assert_non_null(strstr(dmp_text_get(&errors), "at most 1 MiB"));
	dmp_text_done(&errors);
	temp_dir_remove(dir);
	free(big);
}

/* A chain of n files, each of which includes the next one. */
static enum dmp_status
load_chain(int n, struct dmp_text *errors)
{
	char dir[TEMP_DIR_TEXT];
	char path[128];
	struct dmp_site *site = NULL;
	enum dmp_status status;

	temp_dir_make(dir);
	for (int i = 0; i < n; i++) {
		char body[200];

		dmp_text_format(body, sizeof body,
		    HEAD "<host name='h%d' address='192.0.2.1' roles='dma'/>"
		         "%s%d%s</site>",
		    i, i + 1 < n ? "<include file='" : "<!--", i + 1,
		    i + 1 < n ? ".xml'/>" : "-->");
		dmp_text_format(path, sizeof path, "%s/%d.xml", dir, i);
		temp_file_write(path, body, strlen(body));
	}
	dmp_text_format(path, sizeof path, "%s/0.xml", dir);
	status = dmp_site_load(path, &site, errors);
	if (status == DMP_OK)
		assert_int_equal(site->n_hosts, n);
	dmp_site_free(site);
	temp_dir_remove(dir);
	return status;
}

static void
includes_nest_4_levels_and_no_more(void **unused)
{
	struct dmp_text errors = {0};

	(void)unused;
	assert_int_equal(load_chain(5, &errors), DMP_OK);
	assert_int_equal(load_chain(6, &errors), DMP_EINVAL);
	assert_non_null(strstr(dmp_text_get(&errors),
	    "4.xml:1: include: includes are nested too deeply, got \"5.xml\""));
	dmp_text_done(&errors);
}

static void
errors_are_in_the_order_of_the_file(void **unused)
{
	(void)unused;
	assert_rejected(HEAD
	    "\n"
	    "<host name='a' address='192.0.2.1' roles='dma' group='g'/>\n"
	    "<x/>\n"
	    "<host name='a' address='192.0.2.1' roles='dma'/>\n"
	    "<policy fall='0'/></site>",
	    "t.xml:2: host: group, got \"g\", expected the name of a group\n"
	    "t.xml:3: x: unknown element, got \"x\", expected include, features, "
	    "policy, group, host, failover, link, requirement, maintenance, notify, "
	    "agent\n"
	    "t.xml:4: host: name is taken, got \"a\", expected another one than in "
	    "t.xml:2\n"
	    "t.xml:5: policy: fall, got \"0\", expected a number from 1 to 100\n");
}

static void
line_is_that_of_the_element_not_of_its_last_attribute(void **unused)
{
	(void)unused;
	assert_rejected(HEAD "\n<policy\n\n fall='0'\n\n/>" HOST "</site>",
	    "t.xml:2: policy: fall, got \"0\", expected a number from 1 to 100\n");
}

static void
default_site_is_one_agent_on_loopback(void **unused)
{
	struct dmp_site *s = NULL;

	(void)unused;
	assert_int_equal(dmp_site_default(&s), DMP_OK);
	assert_string_equal(s->name, "default");
	assert_string_equal(s->vantage, "observer");
	assert_int_equal(s->as, DMP_ROLE_ALL);
	assert_int_equal(s->n_hosts, 1);
	assert_string_equal(s->hosts[0].name, "localhost");
	assert_string_equal(s->hosts[0].addresses[0], "127.0.0.1");
	assert_int_equal(s->hosts[0].roles, DMP_ROLE_DMA);
	assert_int_equal(s->heartbeat_ms, 300000);
	assert_int_equal(s->n_files, 0);
	dmp_site_free(s);
}

static void
hosts_of_the_command_line_get_names(void **unused)
{
	static const char *const WORDS[] = {"192.0.2.1", "2001:db8::1", "dma.example"};
	struct dmp_text errors = {0};
	struct dmp_site *s = NULL;

	(void)unused;
	assert_int_equal(dmp_site_from_hosts(WORDS, 3, DMP_ROLE_DMA | DMP_ROLE_DXM,
	                     "10.4.0", &s, &errors),
	    DMP_OK);
	assert_int_equal(s->n_hosts, 3);
	assert_string_equal(s->hosts[0].name, "192.0.2.1");
	assert_string_equal(s->hosts[1].name, "2001-db8--1");
	assert_string_equal(s->hosts[1].addresses[0], "2001:db8::1");
	assert_string_equal(s->hosts[2].name, "dma.example");
	assert_int_equal(s->hosts[2].roles, DMP_ROLE_DMA | DMP_ROLE_DXM);
	assert_string_equal(s->dataminer, "10.4.0");
	assert_int_equal(s->installed.version[DMP_PRODUCT_DATAMINER].b, 4);
	dmp_site_free(s);
	dmp_text_done(&errors);
}

static void
wrong_words_of_the_command_line_are_all_named(void **unused)
{
	static const char *const WORDS[] = {"256.1.1.1", "a", "a", ""};
	struct dmp_text errors = {0};
	struct dmp_site *s = NULL;

	(void)unused;
	assert_int_equal(
	    dmp_site_from_hosts(WORDS, 4, DMP_ROLE_DMA, "10;4", &s, &errors),
	    DMP_EINVAL);
	assert_null(s);
	assert_string_equal(dmp_text_get(&errors),
	    "command line: site: dataminer, got \"10;4\", expected a DataMiner "
	    "version such as 10.3.0 [CU3], 10.3.6 or 10.5.0.0-16782-CU11\n"
	    "command line: host: address, got \"256.1.1.1\", expected an IP address or "
	    "a DNS name\n"
	    "command line: host: given again, got \"a\", expected every host once\n"
	    "command line: host: address, got \"\", expected an IP address or a DNS "
	    "name\n");
	dmp_text_done(&errors);
}

static void
freeing_nothing_is_no_error(void **unused)
{
	(void)unused;
	dmp_site_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(site_attributes_and_features_are_kept),
	    cmocka_unit_test(policies_keep_their_selector_and_only_what_they_set),
	    cmocka_unit_test(hosts_come_in_the_order_of_the_files),
	    cmocka_unit_test(places_name_the_file_that_the_element_stands_in),
	    cmocka_unit_test(ports_keep_their_overrides),
	    cmocka_unit_test(file_names_are_resolved_beside_the_site_file),
	    cmocka_unit_test(groups_failovers_and_links_are_kept),
	    cmocka_unit_test(requirements_of_the_site_are_kept),
	    cmocka_unit_test(maintenance_is_weekly_or_once),
	    cmocka_unit_test(receivers_and_agent_are_kept),
	    cmocka_unit_test(absent_elements_have_their_defaults),
	    cmocka_unit_test(heartbeat_of_zero_is_none),
	    cmocka_unit_test(prefix_and_other_encoding_are_as_good),
	    cmocka_unit_test(what_has_no_behaviour_yet_is_noted_once),
	    cmocka_unit_test(values_with_behaviour_are_not_noted),
	    cmocka_unit_test(site_without_hosts_is_noted),
	    cmocka_unit_test(comments_and_instructions_are_ignored),
	    cmocka_unit_test(absent_file_says_so),
	    cmocka_unit_test(file_over_1_mib_is_refused),
	    cmocka_unit_test(includes_nest_4_levels_and_no_more),
	    cmocka_unit_test(errors_are_in_the_order_of_the_file),
	    cmocka_unit_test(line_is_that_of_the_element_not_of_its_last_attribute),
	    cmocka_unit_test(default_site_is_one_agent_on_loopback),
	    cmocka_unit_test(hosts_of_the_command_line_get_names),
	    cmocka_unit_test(wrong_words_of_the_command_line_are_all_named),
	    cmocka_unit_test(freeing_nothing_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
