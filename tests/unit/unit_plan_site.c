/* SPDX-License-Identifier: BSD-2-Clause */
/* What a site file changes in a plan: overrides, policies, families, keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/exchange.h"
#include "support/plan_sample.h"
#include "support/temp_dir.h"

static void
an_override_of_the_level_is_said(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("dataminer='10.2.0'",
	    DMA1_WITH("<port requirement='telnet-stream' level='optional'/>")));
	const struct dmp_plan_port *port = plan_sample_port(plan, "dma1/telnet-stream");

	(void)state;
	assert_int_equal(port->level, DMP_LEVEL_OPTIONAL);
	assert_string_equal(port->why, "optional: the site file asks for it");
	dmp_plan_free(plan);
	plan = plan_sample(SITE("dataminer='10.2.0'",
	    DMA1_WITH("<port requirement='snmp-trap' level='optional'/>")));
	port = plan_sample_port(plan, "dma1/snmp-trap");
	assert_string_equal(port->why,
	    "optional: devices send their traps and informs to the Agent; a system "
	    "without them sets level=none (level of the site file)");
	dmp_plan_free(plan);
}

static void
level_none_removes_the_port(void **state)
{
	struct dmp_plan *plan =
	    plan_sample(SITE("", DMA1_WITH("<port requirement='http' level='none'/>")));

	(void)state;
	plan_sample_absent(plan, "dma1", "http",
	    "does not apply: the site file removes it (level=none)");
	dmp_plan_free(plan);
}

static void
a_single_replacement_keeps_the_plain_key(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    DMA1_WITH("<port requirement='nats-account-server' port='9190'/>") DMA(2)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "dma1/nats-account-server")->number, 9190);
	assert_int_equal(
	    plan_sample_port(plan, "dma2/nats-account-server")->number, 9090);
	dmp_plan_free(plan);
}

static void
several_ports_of_a_requirement_carry_their_numbers(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    DMA1_WITH(
	        "<port requirement='http'/><port requirement='http' port='8080'/>")));

	(void)state;
	assert_int_equal(plan_sample_port(plan, "dma1/http@80")->number, 80);
	assert_int_equal(plan_sample_port(plan, "dma1/http@8080")->number, 8080);
	assert_null(plan_sample_find(plan, "dma1/http"));
	assert_int_equal(plan_sample_row(plan, "http")->planned, 2);
	dmp_plan_free(plan);
}

static void
an_override_plans_what_would_not_apply(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("", DMA1_WITH("<port requirement='nats-client' level='required'/>"
	                       "<port requirement='cassandra-cql'/>")));

	(void)state;
	assert_string_equal(plan_sample_port(plan, "dma1/nats-client")->why,
	    "required: the site file asks for it");
	assert_string_equal(plan_sample_port(plan, "dma1/cassandra-cql")->why,
	    "required: the site file asks for it");
	assert_int_equal(
	    plan_sample_row(plan, "cassandra-cql")->applies, DMP_APPLIES_YES);
	dmp_plan_free(plan);
}

static void
a_level_settles_what_is_assumed(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("", DMA1_WITH("<port requirement='remoting' level='required'/>"
	                       "<port requirement='grpc' admin='disabled'/>") DMA(2)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "dma1/remoting")->applies, DMP_APPLIES_YES);
	assert_int_equal(
	    plan_sample_port(plan, "dma1/grpc")->applies, DMP_APPLIES_ASSUMED);
	assert_int_equal(
	    plan_sample_port(plan, "dma1/grpc")->admin, DMP_ADMIN_DISABLED);
	assert_int_equal(
	    plan_sample_port(plan, "dma2/remoting")->applies, DMP_APPLIES_ASSUMED);
	dmp_plan_free(plan);
}

static void
a_requirement_applies_when_one_of_its_ports_does(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE(
	    "", DMA1_WITH("<port requirement='remoting' level='required'/>") DMA(2)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "dma2/remoting")->applies, DMP_APPLIES_ASSUMED);
	assert_int_equal(plan_sample_row(plan, "remoting")->applies, DMP_APPLIES_YES);
	assert_string_equal(plan_sample_row(plan, "remoting")->why,
	    plan_sample_port(plan, "dma1/remoting")->why);
	dmp_plan_free(plan);
}

static void
an_override_sets_the_values_of_its_port(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE(
	    "", DMA1_WITH("<port requirement='https' tls='no' path='/x' expect='ok' "
	                  "community-file='c' ca-file='ca.pem' interval='7s'/>")));
	const struct dmp_plan_port *port = plan_sample_port(plan, "dma1/https");

	(void)state;
	assert_int_equal(port->tls, DMP_NO);
	assert_string_equal(port->path, "/x");
	assert_string_equal(port->expect, "ok");
	assert_non_null(strstr(port->ca_file, "ca.pem"));
	assert_int_equal(port->community_file[strlen(port->community_file) - 1], 'c');
	assert_int_equal(port->policy.interval_ms, 7000);
	assert_int_equal(port->policy.fall, 3);
	assert_string_equal(
	    plan_sample_port(plan, "dma1/http")->path, "/EndPoints.txt");
	assert_string_equal(plan_sample_port(plan, "dma1/http")->ca_file, "");
	dmp_plan_free(plan);
}

static void
each_family_is_a_port_of_its_own(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("family='each'",
	    "<host name='both' address='192.0.2.1 2001:db8::1' roles='dma'/>"
	    "<host name='name' address='dma.example' roles='dma'/>"
	    "<host name='v4' address='192.0.2.2' roles='dma'/>"
	    "<host name='v6' address='2001:db8::2' roles='dma'/>"));

	(void)state;
	assert_int_equal(plan_sample_port(plan, "both/http@4")->family, DMP_FAMILY_4);
	assert_int_equal(plan_sample_port(plan, "both/http@6")->family, DMP_FAMILY_6);
	assert_int_equal(plan_sample_port(plan, "name/http@6")->family, DMP_FAMILY_6);
	assert_int_equal(plan_sample_port(plan, "v4/http")->family, DMP_FAMILY_4);
	assert_int_equal(plan_sample_port(plan, "v6/http")->family, DMP_FAMILY_6);
	dmp_plan_free(plan);
}

static void
number_and_family_stand_in_a_key_in_this_order(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("family='each'",
	    "<host name='a' address='a.example' roles='dma'>"
	    "<port requirement='http'/><port requirement='http' port='8080'/></host>"));

	(void)state;
	(void)plan_sample_port(plan, "a/http@8080@6");
	dmp_plan_free(plan);
}

static void
a_family_that_a_host_does_not_have_is_an_error(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("family='4'", DMA(1)));

	(void)state;
	assert_int_equal(plan_sample_port(plan, "dma1/http")->family, DMP_FAMILY_4);
	dmp_plan_free(plan);
	plan_sample_refused(
	    SITE("family='6'", DMA(1)), "s.xml:2: host: \"dma1\" has no IPv6");
}

static void
the_most_specific_policy_wins_value_by_value(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("", "<policy host='dma1' rise='15'/>"
	             "<policy role='dma' rise='14' fall='14' interval='14s'/>"
	             "<policy requirement='http' rise='13' fall='13' fast='13s'/>"
	             "<policy role='dma' requirement='http' interval='16s'/>"
	             "<policy rise='12' fall='12' fast='12s' slow='12s'/>"
	             "<host name='dma1' address='192.0.2.1' roles='dma'>"
	             "<port requirement='https' rise='17'/></host>" DMA(2)));
	const struct dmp_policy *p = &plan_sample_port(plan, "dma1/http")->policy;

	(void)state;
	assert_int_equal(p->timeout_ms, 3200);
	assert_int_equal(p->slow_ms, 12000);
	assert_int_equal(p->fast_ms, 13000);
	assert_int_equal(p->fall, 14);
	assert_int_equal(p->rise, 15);
	assert_int_equal(p->interval_ms, 16000);
	assert_int_equal(plan_sample_port(plan, "dma1/https")->policy.rise, 17);
	assert_int_equal(plan_sample_port(plan, "dma2/https")->policy.rise, 14);
	assert_int_equal(plan_sample_port(plan, "dma2/https")->policy.fast_ms, 12000);
	dmp_plan_free(plan);
}

static void
a_site_wide_depth_deepens_no_quiet_probe(void **state)
{
	struct dmp_plan *plain =
	    plan_sample(SITE("", "<policy depth='identify'/>" DMA(1)));
	struct dmp_plan *named = plan_sample(
	    SITE("", "<policy requirement='telnet-stream' depth='identify'/>" DMA(1)));
	struct dmp_plan *shallow =
	    plan_sample(SITE("", "<policy depth='connect'/>" DMA(1)));
	struct dmp_plan *deep = plan_sample(SITE("", "<policy depth='deep'/>" DMA(1)));

	(void)state;
	assert_int_equal(plan_sample_port(deep, "dma1/telnet-stream")->policy.depth,
	    DMP_DEPTH_CONNECT);
	assert_int_equal(
	    plan_sample_port(deep, "dma1/https")->policy.depth, DMP_DEPTH_DEEP);
	dmp_plan_free(deep);
	assert_int_equal(plan_sample_port(plain, "dma1/telnet-stream")->policy.depth,
	    DMP_DEPTH_CONNECT);
	assert_int_equal(
	    plan_sample_port(plain, "dma1/https")->policy.depth, DMP_DEPTH_IDENTIFY);
	assert_int_equal(plan_sample_port(named, "dma1/telnet-stream")->policy.depth,
	    DMP_DEPTH_IDENTIFY);
	assert_int_equal(
	    plan_sample_port(shallow, "dma1/https")->policy.depth, DMP_DEPTH_CONNECT);
	dmp_plan_free(plain);
	dmp_plan_free(named);
	dmp_plan_free(shallow);
}

static void
a_reference_address_is_passed_on(void **state)
{
	struct dmp_plan *plan =
	    plan_sample(SITE("", "<policy reference='192.0.2.1'/>" DMA(1)));
	struct dmp_plan *none = plan_sample(SITE("", DMA(1)));

	(void)state;
	assert_string_equal(plan->reference, "192.0.2.1");
	assert_string_equal(none->reference, "");
	dmp_plan_free(plan);
	dmp_plan_free(none);
}

#define UPS(from)                                                                      \
	"<requirement key='ups' index='10001' title='UPS' port='8443' " from           \
	" to='device' level='optional' probe='https'/>"                                \
	"<host name='u' address='192.0.2.5' roles='device'/>"

static void
site_requirements_are_planned_like_entries(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("", DMA(1) UPS("from='dma'")));
	struct dmp_plan *other =
	    plan_sample(SITE("as='client'", DMA(1) UPS("from='dma'")));
	struct dmp_plan *any = plan_sample(SITE("as='client'", DMA(1) UPS("")));
	const struct dmp_plan_port *port = plan_sample_port(plan, "u/ups");

	(void)state;
	assert_int_equal(port->number, 8443);
	assert_int_equal(port->level, DMP_LEVEL_OPTIONAL);
	assert_string_equal(port->why, "optional: the site file defines it");
	assert_string_equal(port->service, "https");
	assert_int_equal(plan->requirements[plan->n_requirements - 1].number, 10001);
	assert_null(plan_sample_find(other, "u/ups"));
	(void)plan_sample_port(any, "u/ups");
	dmp_plan_free(plan);
	dmp_plan_free(other);
	dmp_plan_free(any);
}

/* They travel as DisplayString, which is ASCII. */
static void
titles_in_any_language_are_made_printable(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    DMA(1) "<requirement key='x' index='10001' title='\xc3\x9c' port='7' "
	           "to='dma' probe='connect'/>"));

	(void)state;
	assert_string_equal(plan_sample_row(plan, "x")->title, "..");
	assert_string_equal(plan_sample_row(plan, "x")->protocol, "..");
	assert_string_equal(plan_sample_port(plan, "dma1/x")->service, "..");
	dmp_plan_free(plan);
}

static void
every_requirement_is_a_row_in_ascending_order(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    DMA(1) "<requirement key='y' index='10002' title='Y' port='2' to='dma'/>"
	           "<requirement key='x' index='10001' title='X' port='1' to='dma'/>"));

	(void)state;
	assert_int_equal(plan->n_requirements, plan->catalogue->n_entries + 2);
	for (size_t i = 0; i < plan->n_requirements; i++) {
		const struct dmp_plan_requirement *r = &plan->requirements[i];

		assert_true(i == 0 || r->number > plan->requirements[i - 1].number);
		assert_int_equal(r->planned > 0, r->applies != DMP_APPLIES_NO);
		assert_true(r->why[0] != '\0');
	}
	dmp_plan_free(plan);
}

static void
errors_name_the_place_in_the_site_file(void **state)
{
	(void)state;
	plan_sample_refused(SITE("", "\n" DMA1_WITH("<port requirement='no-such'/>")),
	    "s.xml:3: port: requirement, got \"no-such\"");
	plan_sample_refused(SITE("", "<policy requirement='no-such' fall='1'/>" DMA(1)),
	    "s.xml:2: policy: requirement, got \"no-such\"");
	plan_sample_refused(
	    SITE("", DMA(1) "<requirement key='http' index='10001' title='X' "
	                    "port='1' to='dma'/>"),
	    "s.xml:3: requirement: key, got \"http\"");
}

static void
all_errors_of_a_plan_are_reported(void **state)
{
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	(void)state;
	assert_int_equal(
	    plan_sample_build(
	        SITE("family='6'",
	            DMA1_WITH("<port requirement='a'/><port requirement='b'/>")),
	        &plan, &errors),
	    DMP_EINVAL);
	assert_non_null(strstr(dmp_text_get(&errors), "\"a\""));
	assert_non_null(strstr(dmp_text_get(&errors), "\"b\""));
	assert_non_null(strstr(dmp_text_get(&errors), "no IPv6 address"));
	dmp_text_done(&errors);
}

static void
a_port_key_is_planned_once(void **state)
{
	(void)state;
	plan_sample_refused(SITE("", DMA1_WITH("<port requirement='http'/>"
	                                       "<port requirement='http' port='80'/>")),
	    "port key \"dma1/http@80\" is planned twice");
}

static void
a_port_key_that_is_too_long_is_an_error(void **state)
{
#define LONG_NAME "n23456789012345678901234567890123456789012345678901234567890123"
#define LONG_KEY  "k2345678901234567890123456789012"
	_Static_assert(sizeof LONG_NAME == 64 && sizeof LONG_KEY == 33, "the longest");
	(void)state;
	plan_sample_refused(
	    SITE("", "<host name='" LONG_NAME "' address='192.0.2.1' roles='dma'/>"
	             "<requirement key='" LONG_KEY "' index='10001' title='X' "
	             "port='1' to='dma'/>"),
	    "is too long: 96 characters, at most 95");
}

static void
unchanged_ports_are_the_same(void **state)
{
	struct dmp_plan *a = plan_sample(SITE("", DMA(1) DMA(2)));
	struct dmp_plan *b = plan_sample(SITE("", CAS(1) DMA(2) DMA(1)));

	(void)state;
	assert_true(dmp_plan_port_same(
	    a, plan_sample_port(a, "dma1/http"), b, plan_sample_port(b, "dma1/http")));
	assert_false(dmp_plan_port_same(
	    a, plan_sample_port(a, "dma1/http"), b, plan_sample_port(b, "dma2/http")));
	dmp_plan_free(a);
	dmp_plan_free(b);
}

static void
every_changed_value_makes_another_port(void **state)
{
	static const char *const changes[] = {
	    SITE("", "<host name='dma1' address='192.0.2.99' roles='dma'/>"),
	    SITE("family='4'", DMA(1)), SITE("", "<policy fall='9'/>" DMA(1)),
	    SITE("", DMA1_WITH("<port requirement='http' port='81'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' level='optional'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' tls='yes'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' path='/y'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' expect='y'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' ca-file='y'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' community-file='y'/>")),
	    SITE("", DMA1_WITH("<port requirement='http' admin='disabled'/>"))};
	struct dmp_plan *a = plan_sample(SITE("", DMA(1)));

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct dmp_plan *b = plan_sample(changes[i]);

		if (dmp_plan_port_same(a, plan_sample_port(a, "dma1/http"), b,
		        plan_sample_port(b, "dma1/http")))
			fail_msg("no difference seen: %s", changes[i]);
		dmp_plan_free(b);
	}
	dmp_plan_free(a);
}

static void
without_a_site_file_a_single_agent_is_planned(void **state)
{
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	(void)state;
	assert_int_equal(dmp_plan_load(NULL, NULL, &plan, &errors), DMP_OK);
	assert_int_equal(plan->n_hosts, 1);
	assert_string_equal(plan->hosts[0].addresses[0], "127.0.0.1");
	assert_true(plan->n_ports > 0);
	dmp_plan_free(plan);
	dmp_text_done(&errors);
}

static void
load_says_which_file_is_missing(void **state)
{
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	(void)state;
	assert_int_equal(
	    dmp_plan_load("/nonexistent/s.xml", NULL, &plan, &errors), DMP_ENOENT);
	assert_int_equal(
	    dmp_plan_load(NULL, "/nonexistent/c.xml", &plan, &errors), DMP_ENOENT);
	assert_null(plan);
	assert_non_null(strstr(dmp_text_get(&errors), "/nonexistent/s.xml"));
	assert_non_null(strstr(dmp_text_get(&errors), "/nonexistent/c.xml"));
	dmp_text_done(&errors);
}

static void
informs_are_rare_whatever_the_policies_say(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE(
	    "", "<policy heavy-interval='1s'/>" DMA1_WITH(
	            "<port requirement='snmp-trap' community-file='c' inform='yes'/>"
	            "<port requirement='snmp-agent' heavy-interval='2s'/>")));
	const struct dmp_plan_port *trap = plan_sample_port(plan, "dma1/snmp-trap");

	(void)state;
	assert_true(trap->inform);
	assert_int_equal(trap->policy.heavy_ms, 300000);
	assert_false(plan_sample_port(plan, "dma1/snmp-agent")->inform);
	assert_int_equal(
	    plan_sample_port(plan, "dma1/snmp-agent")->policy.heavy_ms, 2000);
	dmp_plan_free(plan);
}

static void
exchange_of_the_site_is_that_of_its_port(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    DMA(1) "<requirement key='m' index='10001' title='Mail' port='25' to='dma' "
	           "probe='exchange' service='SMTP' expect='220 '>"
	           "<exchange send='QUIT\\r\\n' expect='221'/></requirement>"));
	const struct dmp_plan_port *port = plan_sample_port(plan, "dma1/m");

	(void)state;
	assert_string_equal(port->service, "SMTP");
	assert_string_equal(port->expect, "");
	assert_non_null(port->exchange);
	assert_int_equal(port->exchange->n_steps, 2);
	assert_memory_equal(port->exchange->bytes, "220 QUIT\r\n221", 13);
	dmp_plan_free(plan);
}

/* Write a site with a port for this community file, and plan it. */
static enum dmp_status
plan_with_secret(const char *dir, const char *community, mode_t mode,
    struct dmp_plan **ret_plan, struct dmp_text *errors)
{
	static const char XML[] =
	    SITE("", "<host name='a' address='192.0.2.1' roles='dma'>"
	             "<port requirement='snmp-agent' community-file='c'/>"
	             "</host>");
	char path[TEMP_DIR_TEXT + 16];

	dmp_text_format(path, sizeof path, "%s/c", dir);
	(void)unlink(path);
	if (community) {
		temp_file_write(path, community, strlen(community));
		assert_int_equal(chmod(path, mode), 0);
	}
	dmp_text_format(path, sizeof path, "%s/site.xml", dir);
	temp_file_write(path, XML, strlen(XML));
	return dmp_plan_load(path, NULL, ret_plan, errors);
}

static void
community_is_read_with_the_plan(void **state)
{
	char dir[TEMP_DIR_TEXT];
	struct dmp_text errors = {0};
	struct dmp_plan *plan = NULL;
	struct dmp_plan *other = NULL;
	size_t i = 0;

	(void)state;
	temp_dir_make(dir);
	assert_int_equal(
	    plan_with_secret(dir, "s3cret\nrest\n", 0640, &plan, &errors), DMP_OK);
	assert_int_equal(
	    plan_with_secret(dir, "changed\n", 0600, &other, &errors), DMP_OK);
	while (strcmp(plan->ports[i].key, "a/snmp-agent") != 0)
		i++;
	assert_string_equal(plan->ports[i].community, "s3cret");
	assert_false(
	    dmp_plan_port_same(plan, &plan->ports[i], other, &other->ports[i]));
	dmp_plan_free(plan);
	dmp_plan_free(other);
	dmp_text_done(&errors);
	temp_dir_remove(dir);
}

static void
bad_secret_file_is_an_error_of_the_site(void **state)
{
	static const struct {
		const char *community;
		mode_t mode;
		const char *what;
	} BAD[] = {
	    {NULL, 0, "not found"},
	    {"s3cret\n", 0644, "not permitted"},
	    {"\ns3cret\n", 0600, "empty"},
	};
	char dir[TEMP_DIR_TEXT];
	char place[TEMP_DIR_TEXT + 48];

	(void)state;
	temp_dir_make(dir);
	dmp_text_format(
	    place, sizeof place, "%s/site.xml:2: port: community-file: ", dir);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct dmp_text errors = {0};
		struct dmp_plan *plan = NULL;

		assert_int_equal(plan_with_secret(dir, BAD[i].community, BAD[i].mode,
		                     &plan, &errors),
		    DMP_EINVAL);
		assert_null(plan);
		assert_memory_equal(dmp_text_get(&errors), place, strlen(place));
		assert_non_null(strstr(dmp_text_get(&errors), BAD[i].what));
		assert_null(strstr(dmp_text_get(&errors), "s3cret"));
		dmp_text_done(&errors);
	}
	temp_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_override_of_the_level_is_said),
	    cmocka_unit_test(level_none_removes_the_port),
	    cmocka_unit_test(a_single_replacement_keeps_the_plain_key),
	    cmocka_unit_test(several_ports_of_a_requirement_carry_their_numbers),
	    cmocka_unit_test(an_override_plans_what_would_not_apply),
	    cmocka_unit_test(a_level_settles_what_is_assumed),
	    cmocka_unit_test(a_requirement_applies_when_one_of_its_ports_does),
	    cmocka_unit_test(an_override_sets_the_values_of_its_port),
	    cmocka_unit_test(each_family_is_a_port_of_its_own),
	    cmocka_unit_test(number_and_family_stand_in_a_key_in_this_order),
	    cmocka_unit_test(a_family_that_a_host_does_not_have_is_an_error),
	    cmocka_unit_test(the_most_specific_policy_wins_value_by_value),
	    cmocka_unit_test(a_site_wide_depth_deepens_no_quiet_probe),
	    cmocka_unit_test(a_reference_address_is_passed_on),
	    cmocka_unit_test(site_requirements_are_planned_like_entries),
	    cmocka_unit_test(titles_in_any_language_are_made_printable),
	    cmocka_unit_test(every_requirement_is_a_row_in_ascending_order),
	    cmocka_unit_test(errors_name_the_place_in_the_site_file),
	    cmocka_unit_test(all_errors_of_a_plan_are_reported),
	    cmocka_unit_test(a_port_key_is_planned_once),
	    cmocka_unit_test(a_port_key_that_is_too_long_is_an_error),
	    cmocka_unit_test(unchanged_ports_are_the_same),
	    cmocka_unit_test(every_changed_value_makes_another_port),
	    cmocka_unit_test(without_a_site_file_a_single_agent_is_planned),
	    cmocka_unit_test(load_says_which_file_is_missing),
	    cmocka_unit_test(informs_are_rare_whatever_the_policies_say),
	    cmocka_unit_test(exchange_of_the_site_is_that_of_its_port),
	    cmocka_unit_test(community_is_read_with_the_plan),
	    cmocka_unit_test(bad_secret_file_is_an_error_of_the_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
