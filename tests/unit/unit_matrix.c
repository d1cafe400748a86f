/* SPDX-License-Identifier: BSD-2-Clause */
/* Who needs which port of whom: every source beside every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/matrix_sample.h"

static void
every_host_is_a_source_with_its_own_roles(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(REQ(1, "cql", 9042, "dma", "cassandra") ALWAYS,
	        SITE("", DMA(1) DMA(2) CAS(1)));
	const struct dmp_flow *flow = matrix_sample_flow(m, "dma2", "db1", "cql");

	(void)state;
	assert_int_equal(m->n_flows, 2);
	assert_int_equal(flow->from_roles, DMP_ROLE_DMA);
	assert_int_equal(flow->number, 9042);
	assert_int_equal(flow->transport, DMP_TRANSPORT_TCP);
	assert_int_equal(flow->level, DMP_LEVEL_REQUIRED);
	assert_int_equal(flow->applies, DMP_APPLIES_YES);
	assert_string_equal(flow->why, "required: it is used");
	(void)matrix_sample_flow(m, "dma1", "db1", "cql");
	matrix_sample_free(m);
}

static void
a_host_is_no_source_for_itself(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(REQ(1, "x", 1, "dma", "dma") ALWAYS, SITE("", DMA(1) DMA(2)));

	(void)state;
	assert_null(matrix_sample_find(m, "dma1", "dma1", "x"));
	assert_int_equal(m->n_flows, 2);
	matrix_sample_free(m);
}

/* What the matrix of one host must have: the flows that touch it or its pair. */
static bool
touches(const struct dmp_flow *flow, size_t host, size_t pair)
{
	return flow->from == host || flow->to == host || flow->to == pair;
}

static void
the_matrix_of_a_host_has_what_touches_it(void **state)
{
	static const char requirement[] = REQ(1, "x", 1, "dma client", "dma") ALWAYS;
	static const char site[] = SITE("",
	    "<failover name='f' address='192.0.2.99'/>"
	    "<host name='a' address='192.0.2.1' roles='dma' member-of='f'/>"
	    "<host name='b' address='192.0.2.2' roles='dma' member-of='f'/>" DMA(3));
	struct dmp_matrix *all = matrix_sample(requirement, site);
	struct dmp_matrix *one = NULL;
	size_t n_hosts = all->plan->n_hosts;
	size_t pair = SIZE_MAX - 1;

	(void)state;
	for (size_t i = 0; i < n_hosts; i++) {
		if (all->plan->hosts[i].is_virtual)
			pair = i;
	}
	assert_true(pair < n_hosts);
	for (size_t host = 0; host < n_hosts; host++) {
		bool in_pair = strcmp(all->plan->hosts[host].name, "dma3") != 0;
		size_t n = 0;

		assert_int_equal(dmp_matrix_build_host(all->plan, host, &one), DMP_OK);
		for (size_t i = 0; i < all->n_flows; i++) {
			if (!touches(&all->flows[i], host, in_pair ? pair : host))
				continue;
			assert_true(n < one->n_flows);
			assert_memory_equal(
			    &one->flows[n++], &all->flows[i], sizeof *one->flows);
		}
		assert_int_equal(n, one->n_flows);
		assert_true(n > 0 && n < all->n_flows);
		dmp_matrix_free(one);
	}
	matrix_sample_free(all);
}

static void
the_vantage_of_the_plan_makes_no_difference(void **state)
{
	static const char requirement[] = REQ(1, "x", 1, "dma client", "dma") ALWAYS;
	struct dmp_matrix *a =
	    matrix_sample(requirement, SITE("vantage='dma1'", DMA(1) DMA(2)));
	struct dmp_matrix *b =
	    matrix_sample(requirement, SITE("as='device'", DMA(1) DMA(2)));

	(void)state;
	assert_int_equal(a->n_flows, 4);
	assert_int_equal(b->n_flows, a->n_flows);
	for (size_t i = 0; i < a->n_flows; i++)
		assert_memory_equal(&a->flows[i], &b->flows[i], sizeof a->flows[i]);
	matrix_sample_free(a);
	matrix_sample_free(b);
}

static void
clients_that_no_file_lists_are_outside(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    REQ(1, "x", 1, "client browser dma", "dma") ALWAYS, SITE("", DMA(1)));

	(void)state;
	assert_int_equal(m->n_flows, 1);
	assert_int_equal(matrix_sample_flow(m, "outside", "dma1", "x")->from_roles,
	    DMP_ROLE_CLIENT | DMP_ROLE_BROWSER);
	matrix_sample_free(m);
}

static void
outside_has_no_role_of_which_the_site_has_a_host(void **state)
{
	struct dmp_matrix *m = matrix_sample(REQ(1, "x", 1, "client browser", "dma")
	                                         ALWAYS,
	    SITE("", DMA(1) "<host name='pc' address='192.0.2.9' roles='client'/>"));

	(void)state;
	assert_int_equal(
	    matrix_sample_flow(m, "pc", "dma1", "x")->from_roles, DMP_ROLE_CLIENT);
	assert_int_equal(matrix_sample_flow(m, "outside", "dma1", "x")->from_roles,
	    DMP_ROLE_BROWSER);
	matrix_sample_free(m);
}

static void
a_source_is_named_by_those_roles_that_need_it(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(REQ(1, "x", 1, "client dma", "dma")
	                      WHEN("<vantage stands-for='client' yes='y' no='n'/>"),
	        SITE("",
	            DMA(1) "<host name='pc' address='192.0.2.9' roles='dma client'/>"));

	(void)state;
	assert_int_equal(
	    matrix_sample_flow(m, "pc", "dma1", "x")->from_roles, DMP_ROLE_CLIENT);
	assert_int_equal(
	    matrix_sample_flow(m, "dma1", "pc", "x")->applies, DMP_APPLIES_NO);
	assert_int_equal(
	    matrix_sample_flow(m, "dma1", "pc", "x")->from_roles, DMP_ROLE_DMA);
	matrix_sample_free(m);
}

static void
what_any_machine_may_use_comes_once_from_outside(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(REQ(1, "x", 1, "", "dma") ALWAYS, SITE("", DMA(1) DMA(2)));

	(void)state;
	assert_int_equal(m->n_flows, 2);
	assert_int_equal(matrix_sample_flow(m, "outside", "dma1", "x")->from_roles, 0);
	matrix_sample_free(m);
}

static void
what_does_not_apply_says_why_not(void **state)
{
	struct dmp_matrix *m = matrix_sample(REQ(1, "x", 7, "dma", "dma")
	                                         WHEN("<never no='nobody uses it'/>"),
	    SITE("", DMA(1) DMA(2) CAS(1)));
	const struct dmp_flow *flow = matrix_sample_flow(m, "dma1", "dma2", "x");

	(void)state;
	assert_int_equal(flow->applies, DMP_APPLIES_NO);
	assert_int_equal(flow->number, 7);
	assert_string_equal(flow->why, "does not apply: nobody uses it");
	assert_null(matrix_sample_find(m, "dma1", "db1", "x"));
	assert_null(matrix_sample_find(m, "db1", "dma1", "x"));
	matrix_sample_free(m);
}

static void
flows_are_in_order_with_outside_last(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(REQ(1, "x", 7, "dma client", "dma")
	                      ALWAYS REQ(2, "y", 8, "dma", "dma") ALWAYS,
	        SITE("", DMA1_WITH("<port requirement='x' port='9'/>"
	                           "<port requirement='x' port='6'/>") DMA(2)));

	(void)state;
	assert_int_equal(m->n_flows, 8);
	for (size_t i = 1; i < m->n_flows; i++) {
		const struct dmp_flow *a = &m->flows[i - 1];
		const struct dmp_flow *b = &m->flows[i];

		assert_true(a->from <= b->from);
		if (a->from != b->from)
			continue;
		assert_true(a->to <= b->to);
		if (a->to != b->to)
			continue;
		assert_true(a->requirement <= b->requirement);
		if (a->requirement == b->requirement)
			assert_true(a->number < b->number);
	}
	assert_int_equal(m->flows[m->n_flows - 1].from, DMP_FLOW_OUTSIDE);
	matrix_sample_free(m);
}

static void
icmp_is_in_the_matrix_and_not_in_the_plan(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    "<requirement number='1' key='ping' title='T' protocol='ICMP' "
	    "transport='none' port='0' from='dma' to='dma' level='optional' "
	    "probe='connect' depth='connect' installers='' why='it is pinged'/>",
	    SITE("", DMA(1) DMA(2)));
	const struct dmp_flow *flow = matrix_sample_flow(m, "dma1", "dma2", "ping");

	(void)state;
	assert_int_equal(flow->number, 0);
	assert_int_equal(flow->transport, DMP_TRANSPORT_NONE);
	assert_int_equal(flow->applies, DMP_APPLIES_YES);
	assert_int_equal(m->plan->n_ports, 0);
	plan_sample_absent(
	    m->plan, "dma1", "ping", "does not apply: dmports does not check it");
	matrix_sample_free(m);
}

static void
numbers_ascend_in_whatever_order_the_site_file_has_them(void **state)
{
	struct dmp_matrix *m = matrix_sample(REQ(1, "x", 7, "dma", "dma") ALWAYS,
	    SITE("", DMA(1) "<host name='b' address='192.0.2.2' roles='dma'>"
	                    "<port requirement='x' port='30'/>"
	                    "<port requirement='x' port='10'/>"
	                    "<port requirement='x' port='20'/></host>"));
	unsigned number = 0;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < m->n_flows; i++) {
		if (m->flows[i].to != 1)
			continue;
		assert_true(m->flows[i].number > number);
		number = m->flows[i].number;
		n++;
	}
	assert_int_equal(n, 3);
	matrix_sample_free(m);
}

static void
a_number_that_nobody_knows_is_no_flow(void **state)
{
	static const char requirement[] = REQ(1, "x", 0, "dma", "server")
	    ALWAYS REQ(2, "y", 0, "dma", "server") WHEN("<named yes='y' no='n'/>");
	struct dmp_matrix *m = matrix_sample(requirement,
	    SITE("", DMA(1) "<host name='s' address='192.0.2.9' roles='server'>"
	                    "<port requirement='y' port='99'/></host>"));

	(void)state;
	assert_string_equal(matrix_sample_flow(m, "dma1", "s", "x")->why,
	    "does not apply: its number is not known; a port element tells it");
	assert_int_equal(matrix_sample_flow(m, "dma1", "s", "y")->number, 99);
	matrix_sample_free(m);
}

static void
a_hundred_agents_need_all_their_flows(void **state)
{
	struct dmp_text site = {0};
	struct dmp_text requirements = {0};
	struct dmp_matrix *m;

	(void)state;
	dmp_text_append(&site, "<site xmlns='urn:dmports:site:1' name='S'>");
	for (unsigned i = 1; i <= 100; i++)
		dmp_text_printf(&site,
		    "<host name='a%u' address='192.0.2.%u' roles='dma'/>"
		    "<link from='a%u' to='*' transport='grpc' port='%u'/>",
		    i, i, i, 1000 + i);
	dmp_text_append(&site, "</site>");
	for (unsigned i = 1; i <= 60; i++)
		dmp_text_printf(&requirements,
		    "<requirement number='%u' key='r%u' title='T' protocol='P' "
		    "transport='tcp' port='%u' from='dma' to='dma' level='required' "
		    "probe='connect' depth='connect' installers=''>"
		    "<any><topology is='nats-route'/><topology is='inter-dma-grpc'/>"
		    "</any></requirement>",
		    i, i, i);
	m = matrix_sample(dmp_text_get(&requirements), dmp_text_get(&site));
	assert_true(m->n_flows >= 100 * 99 * 60);
	matrix_sample_free(m);
	dmp_text_done(&site);
	dmp_text_done(&requirements);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_host_is_a_source_with_its_own_roles),
	    cmocka_unit_test(a_host_is_no_source_for_itself),
	    cmocka_unit_test(the_matrix_of_a_host_has_what_touches_it),
	    cmocka_unit_test(the_vantage_of_the_plan_makes_no_difference),
	    cmocka_unit_test(clients_that_no_file_lists_are_outside),
	    cmocka_unit_test(outside_has_no_role_of_which_the_site_has_a_host),
	    cmocka_unit_test(a_source_is_named_by_those_roles_that_need_it),
	    cmocka_unit_test(what_any_machine_may_use_comes_once_from_outside),
	    cmocka_unit_test(what_does_not_apply_says_why_not),
	    cmocka_unit_test(flows_are_in_order_with_outside_last),
	    cmocka_unit_test(icmp_is_in_the_matrix_and_not_in_the_plan),
	    cmocka_unit_test(numbers_ascend_in_whatever_order_the_site_file_has_them),
	    cmocka_unit_test(a_number_that_nobody_knows_is_no_flow),
	    cmocka_unit_test(a_hundred_agents_need_all_their_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
