/* SPDX-License-Identifier: BSD-2-Clause */
/* From the matrix to the firewall rules of one host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/rules.h"
#include "support/plan_sample.h"

/* A plan of the built-in catalogue, its matrix, and the rules of one host. */
struct sample {
	struct dmp_plan *plan;
	struct dmp_matrix *matrix;
	struct dmp_rules rules;
	struct dmp_text errors;
	enum dmp_status status;
};

static struct sample
sample_of(const char *document, const char *host, struct dmp_rules_wish wish)
{
	struct sample s = {.plan = plan_sample(document)};
	size_t at = 0;

	assert_int_equal(dmp_matrix_build(s.plan, &s.matrix), DMP_OK);
	while (at < s.plan->n_hosts && strcmp(s.plan->hosts[at].name, host) != 0)
		at++;
	assert_true(at < s.plan->n_hosts);
	s.status = dmp_rules_build(s.matrix, at, &wish, &s.rules, &s.errors);
	return s;
}

static void
sample_done(struct sample *s)
{
	dmp_rules_done(&s->rules);
	dmp_matrix_free(s->matrix);
	dmp_plan_free(s->plan);
	dmp_text_done(&s->errors);
}

static const struct dmp_rule *
sample_find(const struct sample *s, const char *key, bool is_inbound)
{
	for (size_t i = 0; i < s->rules.n_rules; i++) {
		if (s->rules.rules[i].is_inbound == is_inbound &&
		    strcmp(s->rules.rules[i].key, key) == 0)
			return &s->rules.rules[i];
	}
	return NULL;
}

#define REMOTING "<features inter-dma='remoting' client='remoting' nats='legacy'/>"
#define INBOUND  ((struct dmp_rules_wish){0})
#define BOTH     ((struct dmp_rules_wish){.outbound = true})

static void
a_rule_lists_each_peer_once_in_order(void **state)
{
	struct sample s = sample_of(
	    SITE("dataminer='10.3.6'", REMOTING DMA(1) DMA(3) DMA(2)), "dma1", INBOUND);
	const struct dmp_rule *rule = sample_find(&s, "nats-client", true);

	(void)state;
	assert_int_equal(s.status, DMP_OK);
	assert_non_null(rule);
	assert_false(rule->is_anybody);
	assert_int_equal(rule->n_peers, 2);
	assert_string_equal(rule->peers[0].address, "192.0.2.12");
	assert_string_equal(rule->peers[0].name, "dma2");
	assert_string_equal(rule->peers[1].address, "192.0.2.13");
	sample_done(&s);
}

static void
clients_that_no_site_file_lists_make_a_rule_for_anybody(void **state)
{
	struct sample s =
	    sample_of(SITE("dataminer='10.3.6'", REMOTING DMA(1)), "dma1", INBOUND);
	const struct dmp_rule *rule = sample_find(&s, "remoting", true);

	(void)state;
	assert_non_null(rule);
	assert_true(rule->is_anybody);
	assert_int_equal(rule->roles, DMP_ROLE_CLIENT);
	sample_done(&s);
	/* Also beside an Agent that needs it: it is open for them. */
	s = sample_of(
	    SITE("dataminer='10.3.6'", REMOTING DMA(1) DMA(2)), "dma1", INBOUND);
	rule = sample_find(&s, "remoting", true);
	assert_non_null(rule);
	assert_true(rule->is_anybody);
	assert_int_equal(rule->n_peers, 1);
	assert_string_equal(rule->why,
	    "required: clients use .NET Remoting (features client=remoting)");
	sample_done(&s);
}

static void
what_should_be_closed_is_not_allowed(void **state)
{
	struct sample s =
	    sample_of(SITE("dataminer='10.3.6'", REMOTING DMA(1)), "dma1", INBOUND);
	const struct dmp_rule *rule = sample_find(&s, "telnet-stream", true);
	struct dmp_text text = {0};

	(void)state;
	assert_non_null(rule);
	assert_false(rule->is_allowed);
	dmp_rules_print_nftables(&s.rules, NULL, 0, &text);
	assert_null(strstr(dmp_text_get(&text), "telnet"));
	dmp_text_clear(&text);
	dmp_rules_print_windows(&s.rules, &text);
	assert_null(strstr(dmp_text_get(&text), "telnet"));
	dmp_text_done(&text);
	sample_done(&s);
}

/* Of requirements that no rule covers, their keys. */
static void
assert_unlisted(const char *document, const char *host, struct dmp_rules_wish wish,
    const char *expected)
{
	struct sample s = sample_of(document, host, wish);
	const struct dmp_plan_requirement *r;
	struct dmp_text keys = {0};
	size_t cursor = 0;

	assert_int_equal(s.status, DMP_OK);
	while ((r = dmp_rules_next_unlisted(&s.rules, &cursor)) != NULL)
		dmp_text_printf(&keys, "%s ", r->key);
	assert_string_equal(dmp_text_get(&keys), expected);
	dmp_text_clear(&keys);
	dmp_rules_print_nftables(&s.rules, NULL, 0, &keys);
	assert_int_equal(
	    strstr(dmp_text_get(&keys), "# Not here: ") != NULL, expected[0] != '\0');
	dmp_text_clear(&keys);
	dmp_rules_print_windows(&s.rules, &keys);
	assert_int_equal(
	    strstr(dmp_text_get(&keys), "# Not here: ") != NULL, expected[0] != '\0');
	dmp_text_done(&keys);
	sample_done(&s);
}

#define STAAS "<features storage='staas'/>"

static void
a_cloud_in_use_that_no_host_stands_for_is_told(void **state)
{
	const char *alone = SITE("dataminer='10.4.5'", STAAS DMA(1));

	(void)state;
	assert_unlisted(alone, "dma1", BOTH, "staas ");
	assert_unlisted(alone, "dma1", INBOUND, "");
	assert_unlisted(SITE("dataminer='10.3.5'", STAAS DMA(1)), "dma1", BOTH,
	    "staas staas-amqps staas-amqp ");
	assert_unlisted(
	    SITE("dataminer='10.4.5' as='nms'", STAAS DMA(1)), "dma1", BOTH, "staas ");
	assert_unlisted(
	    SITE("dataminer='10.4.5'", "<features storage='cassandra'/>" DMA(1)),
	    "dma1", BOTH, "");
	assert_unlisted(
	    SITE("dataminer='10.4.5'", DMA(1) "<host name='g' address='192.0.2.20' "
	                                      "roles='cloud-gateway'/>"),
	    "g", BOTH, "dataminer-services ");
}

static void
a_cloud_host_stands_for_what_it_names_or_for_everything(void **state)
{
	(void)state;
	assert_unlisted(SITE("dataminer='10.4.5'",
	                    STAAS DMA(1) "<host name='c' address='c.example.net' "
	                                 "roles='cloud'/>"),
	    "dma1", BOTH, "");
	assert_unlisted(SITE("dataminer='10.4.5'",
	                    STAAS DMA(1) "<host name='c' address='c.example.net' "
	                                 "roles='cloud'><port requirement='staas'/>"
	                                 "</host>"),
	    "dma1", BOTH, "");
	assert_unlisted(SITE("dataminer='10.4.5'",
	                    STAAS DMA(1) "<host name='c' address='c.example.net' "
	                                 "roles='cloud'>"
	                                 "<port requirement='dataminer-services'/>"
	                                 "</host>"),
	    "dma1", BOTH, "staas ");
}

static void
the_address_of_a_failover_pair_is_that_of_its_members(void **state)
{
	struct sample s =
	    sample_of(SITE("dataminer='10.3.6'", REMOTING
	                  "<host name='a' address='192.0.2.1' roles='dma' "
	                  "member-of='f'/>"
	                  "<host name='b' address='192.0.2.2' roles='dma' "
	                  "member-of='f'/>"
	                  "<failover name='f' address='192.0.2.3'/>"
	                  "<host name='c' address='192.0.2.4' roles='dma'/>"
	                  "<link from='c' to='a' transport='grpc'/>"
	                  "<link from='c' to='f' transport='remoting' port='8005'/>"),
	        "a", INBOUND);
	bool has_8005 = false;

	(void)state;
	for (size_t i = 0; i < s.rules.n_rules; i++)
		has_8005 = has_8005 || s.rules.rules[i].port == 8005;
	assert_true(has_8005);
	sample_done(&s);
}

static void
outbound_rules_are_made_when_wanted(void **state)
{
	static const char *const DOCUMENT =
	    SITE("dataminer='10.3.6'", REMOTING DMA(1) CAS(1));
	struct sample s = sample_of(DOCUMENT, "dma1", INBOUND);

	(void)state;
	assert_null(sample_find(&s, "cassandra-cql", false));
	sample_done(&s);
	s = sample_of(DOCUMENT, "dma1", BOTH);
	assert_non_null(sample_find(&s, "cassandra-cql", false));
	sample_done(&s);
}

static void
a_cloud_service_with_a_name_is_anybody_and_another_host_is_an_error(void **state)
{
	struct sample s = sample_of(
	    SITE("dataminer='10.4.1'",
	        "<features storage='staas'/>" DMA(
	            1) "<host name='cloud' address='example.org' roles='cloud'/>"),
	    "dma1", BOTH);

	(void)state;
	assert_int_equal(s.status, DMP_OK);
	assert_true(sample_find(&s, "staas", false)->is_anybody);
	sample_done(&s);
	s = sample_of(
	    SITE("dataminer='10.4.1'",
	        DMA(1) "<host name='db' address='example.org' roles='cassandra'/>"),
	    "dma1", BOTH);
	assert_int_equal(s.status, DMP_EINVAL);
	assert_string_equal(dmp_text_get(&s.errors),
	    "host db: address, got \"example.org\", expected an IP address beside the "
	    "name: firewall rules need one\n");
	sample_done(&s);
}

static void
a_quote_cannot_leave_a_string_of_powershell(void **state)
{
	struct sample s = sample_of(
	    SITE("dataminer='10.3.6'",
	        DMA(1) "<requirement key='x' index='10001' title=\"it's; calc\" "
	               "port='7' to='dma'/>"),
	    "dma1", INBOUND);
	struct dmp_text text = {0};

	(void)state;
	dmp_rules_print_windows(&s.rules, &text);
	assert_non_null(
	    strstr(dmp_text_get(&text), "-DisplayName 'dmports: it''s; calc' "));
	dmp_text_done(&text);
	sample_done(&s);
}

static void
ping_rules_of_windows_have_peers_of_their_own_family(void **state)
{
	struct sample s = sample_of(
	    SITE("dataminer='10.3.6'", DMA(1) "<host name='dma2' address='192.0.2.2' "
	                                      "roles='dma'/><host name='dma3' "
	                                      "address='2001:db8::3' roles='dma'/>"),
	    "dma1", ((struct dmp_rules_wish){.optional = true}));
	struct dmp_text text = {0};

	(void)state;
	dmp_rules_print_windows(&s.rules, &text);
	assert_non_null(strstr(dmp_text_get(&text),
	    "-Protocol ICMPv4 -IcmpType 8 -RemoteAddress '192.0.2.2' |"));
	assert_non_null(strstr(dmp_text_get(&text),
	    "-Protocol ICMPv6 -IcmpType 128 -RemoteAddress '2001:db8::3' |"));
	dmp_text_done(&text);
	sample_done(&s);
	s = sample_of(SITE("dataminer='10.3.6'", DMA(1) DMA(2)), "dma1",
	    ((struct dmp_rules_wish){.optional = true}));
	dmp_rules_print_windows(&s.rules, &text);
	assert_non_null(strstr(dmp_text_get(&text), "ICMPv4"));
	assert_null(strstr(dmp_text_get(&text), "ICMPv6"));
	dmp_text_done(&text);
	sample_done(&s);
}

static void
addresses_are_written_as_packets_carry_them(void **state)
{
	struct sample s = sample_of(
	    SITE("dataminer='10.3.6'",
	        REMOTING DMA(
	            1) "<host name='dma2' address='::ffff:192.0.2.7 fe80::1%lo' "
	               "roles='dma'/>"),
	    "dma1", INBOUND);
	const struct dmp_rule *rule = sample_find(&s, "nats-client", true);

	(void)state;
	assert_non_null(rule);
	assert_int_equal(rule->n_peers, 2);
	assert_string_equal(rule->peers[0].address, "192.0.2.7");
	assert_string_equal(rule->peers[1].address, "fe80::1");
	sample_done(&s);
}

static void
a_rule_has_the_highest_level_that_one_of_its_peers_has(void **state)
{
	static const char *const ORDERS[] = {
	    SITE("dataminer='10.3.6'",
	        DMA(1) "<host name='db1' address='192.0.2.31' roles='cassandra'>"
	               "<port requirement='cassandra-cql' level='optional'/></host>"
	               "<host name='db2' address='192.0.2.32' roles='cassandra'/>"),
	    SITE("dataminer='10.3.6'",
	        DMA(1) "<host name='db1' address='192.0.2.31' roles='cassandra'/>"
	               "<host name='db2' address='192.0.2.32' roles='cassandra'>"
	               "<port requirement='cassandra-cql' level='optional'/></host>")};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct sample s = sample_of(ORDERS[i], "dma1",
		    ((struct dmp_rules_wish){.outbound = true, .optional = true}));
		const struct dmp_rule *rule = sample_find(&s, "cassandra-cql", false);

		assert_non_null(rule);
		assert_int_equal(rule->n_peers, 2);
		assert_int_equal(rule->level, DMP_LEVEL_REQUIRED);
		assert_non_null(strstr(rule->why, "required: "));
		sample_done(&s);
	}
}

static void
what_one_peer_certainly_needs_is_not_assumed(void **state)
{
	/* The first Agent asks by its version's default, which is not known, the second
	 * by a link. */
	struct sample s = sample_of(
	    SITE("", "<features client='grpc'/>" DMA(1) DMA(2)
	                 DMA(3) "<link from='dma3' to='dma1' transport='remoting'/>"),
	    "dma1", INBOUND);
	const struct dmp_rule *rule = sample_find(&s, "remoting", true);

	(void)state;
	assert_non_null(rule);
	assert_int_equal(rule->n_peers, 2);
	assert_int_equal(rule->applies, DMP_APPLIES_YES);
	assert_non_null(strstr(rule->why, "dma3"));
	sample_done(&s);
}

static void
a_requirement_of_any_vantage_is_open_to_anybody(void **state)
{
	struct sample s = sample_of(
	    SITE("dataminer='10.3.6'", DMA(1) "<requirement key='x' index='10001' "
	                                      "title='x' port='7' to='dma'/>"),
	    "dma1", INBOUND);
	struct dmp_text text = {0};

	(void)state;
	dmp_rules_print_nftables(&s.rules, NULL, 0, &text);
	assert_non_null(strstr(
	    dmp_text_get(&text), "\t\ttcp dport 7 accept comment \"dmports: x\"\n"));
	dmp_text_done(&text);
	sample_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rule_lists_each_peer_once_in_order),
	    cmocka_unit_test(clients_that_no_site_file_lists_make_a_rule_for_anybody),
	    cmocka_unit_test(what_should_be_closed_is_not_allowed),
	    cmocka_unit_test(a_cloud_in_use_that_no_host_stands_for_is_told),
	    cmocka_unit_test(a_cloud_host_stands_for_what_it_names_or_for_everything),
	    cmocka_unit_test(the_address_of_a_failover_pair_is_that_of_its_members),
	    cmocka_unit_test(outbound_rules_are_made_when_wanted),
	    cmocka_unit_test(
	        a_cloud_service_with_a_name_is_anybody_and_another_host_is_an_error),
	    cmocka_unit_test(a_quote_cannot_leave_a_string_of_powershell),
	    cmocka_unit_test(ping_rules_of_windows_have_peers_of_their_own_family),
	    cmocka_unit_test(addresses_are_written_as_packets_carry_them),
	    cmocka_unit_test(a_rule_has_the_highest_level_that_one_of_its_peers_has),
	    cmocka_unit_test(what_one_peer_certainly_needs_is_not_assumed),
	    cmocka_unit_test(a_requirement_of_any_vantage_is_open_to_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
