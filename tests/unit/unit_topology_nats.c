/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules about NATS: which kind there is, and who connects to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/matrix_sample.h"

#define ON(number, key, name)                                                          \
	REQ(number, key, 4222, "dma dxm", "dma") WHEN("<topology is='" name "'/>")
#define RULES                                                                          \
	ON(1, "used", "nats-used")                                                     \
	ON(2, "legacy", "nats-legacy")                                                 \
	ON(3, "broker", "nats-broker")                                                 \
	ON(4, "client", "nats-remote")                                                 \
	ON(5, "route", "nats-route")                                                   \
	ON(6, "account", "nats-account")                                               \
	ON(7, "gateway", "broker-remote")
#define TWO      DMA(1) DMA(2)
#define LEGACY   "<features nats='legacy'/>"
#define BROKER   "<features nats='broker'/>"
#define DXM_HOST "<host name='x' address='192.0.2.60' roles='dxm'/>"

static enum dmp_applies
applies(const struct dmp_matrix *m, const char *from, const char *to, const char *key)
{
	return matrix_sample_flow(m, from, to, key)->applies;
}

/* ---- which kind ---- */

static void
the_kind_of_nats_follows_version_and_features(void **state)
{
	static const struct {
		const char *site;
		enum dmp_applies used;
		enum dmp_applies legacy;
		enum dmp_applies broker;
	} cases[] = {
	    {SITE("dataminer='10.0.13'", TWO), DMP_APPLIES_NO, DMP_APPLIES_NO,
	        DMP_APPLIES_NO},
	    {SITE("dataminer='10.1.1'", TWO), DMP_APPLIES_YES, DMP_APPLIES_YES,
	        DMP_APPLIES_NO},
	    {SITE("dataminer='10.4.0 [CU2]'", TWO), DMP_APPLIES_YES, DMP_APPLIES_YES,
	        DMP_APPLIES_NO},
	    {SITE("dataminer='10.5.4'", TWO), DMP_APPLIES_YES, DMP_APPLIES_ASSUMED,
	        DMP_APPLIES_ASSUMED},
	    {SITE("dataminer='10.5.4'", BROKER TWO), DMP_APPLIES_YES, DMP_APPLIES_NO,
	        DMP_APPLIES_YES},
	    {SITE("dataminer='10.5.4'", LEGACY TWO), DMP_APPLIES_YES, DMP_APPLIES_YES,
	        DMP_APPLIES_NO},
	    {SITE("dataminer='10.6.1'", LEGACY TWO), DMP_APPLIES_YES, DMP_APPLIES_NO,
	        DMP_APPLIES_YES},
	    {SITE("dataminer='10.3.6'", "<features nats='none'/>" TWO), DMP_APPLIES_NO,
	        DMP_APPLIES_NO, DMP_APPLIES_NO},
	    {SITE("", TWO), DMP_APPLIES_ASSUMED, DMP_APPLIES_ASSUMED,
	        DMP_APPLIES_ASSUMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dmp_matrix *m = matrix_sample(RULES, cases[i].site);

		assert_int_equal(applies(m, "dma1", "dma2", "used"), cases[i].used);
		assert_int_equal(applies(m, "dma1", "dma2", "legacy"), cases[i].legacy);
		assert_int_equal(applies(m, "dma1", "dma2", "broker"), cases[i].broker);
		matrix_sample_free(m);
	}
}

static void
the_kind_of_nats_says_what_made_it_so(void **state)
{
	static const struct {
		const char *site;
		const char *why;
	} cases[] = {
	    {SITE("dataminer='10.0.13'", TWO),
	        "does not apply: the system has no NATS before 10.1.0/10.1.1"},
	    {SITE("", "<features nats='none'/>" TWO),
	        "does not apply: the system has no NATS (features nats=none)"},
	    {SITE("dataminer='10.3.6'", TWO),
	        "required: DataMiner manages NATS itself before 10.5.0/10.5.2"},
	    {SITE("", LEGACY TWO),
	        "required: DataMiner manages NATS itself (features nats=legacy)"},
	    {SITE("", BROKER TWO),
	        "required: BrokerGateway manages NATS (features nats=broker)"},
	    {SITE("dataminer='10.6.1'", TWO),
	        "required: BrokerGateway manages NATS, always from 10.6.0/10.6.1"},
	    {SITE("", TWO), "assumed: whether there is NATS depends on the version: "
	                    "dataminer= or features nats= settles it"},
	};
	struct dmp_matrix *m;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		m = matrix_sample(RULES, cases[i].site);
		assert_string_equal(
		    matrix_sample_flow(m, "dma1", "dma2", "used")->why, cases[i].why);
		matrix_sample_free(m);
	}
	m = matrix_sample(RULES, SITE("dataminer='10.5.4'", TWO));
	assert_flow(m, "dma1", "dma2", "broker", DMP_APPLIES_ASSUMED,
	    "assumed: NATS may be managed by BrokerGateway: features nats= settles it");
	matrix_sample_free(m);
}

/* ---- 4222 ---- */

static void
a_single_agent_uses_nats_on_its_own_machine(void **state)
{
	struct dmp_plan *plan =
	    matrix_sample_plan(RULES, SITE("dataminer='10.3.6'", DMA(1)));

	(void)state;
	plan_sample_absent(plan, "dma1", "client",
	    "does not apply: a single Agent without DxM hosts uses NATS on its own "
	    "machine only");
	plan_sample_absent(plan, "dma1", "route",
	    "does not apply: the NATS server of a single Agent has no cluster");
	plan_sample_absent(plan, "dma1", "account",
	    "does not apply: a single Agent uses its NATS Account Server on its own "
	    "machine only");
	dmp_plan_free(plan);
}

static void
a_dxm_host_uses_nats_of_a_single_agent(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.3.6'", DMA(1) DXM_HOST));

	(void)state;
	assert_flow(m, "x", "dma1", "client", DMP_APPLIES_YES,
	    "required: Agents and DxMs use the NATS server of each Agent");
	assert_int_equal(applies(m, "x", "dma1", "route"), DMP_APPLIES_NO);
	matrix_sample_free(m);
}

static void
agents_use_nats_of_each_other_whoever_manages_it(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.5.4'", TWO DMA(3)));

	(void)state;
	assert_flow(m, "dma1", "dma3", "client", DMP_APPLIES_YES,
	    "required: Agents and DxMs use the NATS server of each Agent");
	matrix_sample_free(m);
}

static void
the_guest_of_an_old_pair_uses_nats_of_the_master_only(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.2.0 [CU17]'", TWO DXM_HOST));

	(void)state;
	assert_flow(m, "dma2", "dma1", "client", DMP_APPLIES_YES,
	    "required: the other Agent uses this NATS server, with or without a "
	    "cluster");
	assert_flow(m, "dma1", "dma2", "client", DMP_APPLIES_NO,
	    "does not apply: before 10.2.0 [CU18]/10.3.0 [CU6]/10.3.9 only dma1, the "
	    "first of two Agents, has a NATS server for both");
	assert_int_equal(applies(m, "x", "dma2", "client"), DMP_APPLIES_YES);
	matrix_sample_free(m);
}

static void
services_on_an_agent_use_nats_of_its_master(void **state)
{
	struct dmp_matrix *m = matrix_sample(RULES,
	    SITE("dataminer='10.2.0 [CU17]'",
	        "<host name='dma1' address='192.0.2.1' roles='dma dxm'/>" DMA(2)));

	(void)state;
	assert_int_equal(applies(m, "dma1", "dma2", "client"), DMP_APPLIES_NO);
	assert_int_equal(applies(m, "dma2", "dma1", "client"), DMP_APPLIES_YES);
	matrix_sample_free(m);
}

static void
the_other_direction_of_a_pair_depends_on_the_version(void **state)
{
	struct dmp_matrix *unknown = matrix_sample(RULES, SITE("", LEGACY TWO));
	struct dmp_matrix *new = matrix_sample(RULES, SITE("dataminer='10.3.9'", TWO));

	(void)state;
	assert_int_equal(applies(unknown, "dma2", "dma1", "client"), DMP_APPLIES_YES);
	assert_flow(unknown, "dma1", "dma2", "client", DMP_APPLIES_ASSUMED,
	    "assumed: two Agents use the NATS servers of each other from 10.2.0 "
	    "[CU18]/10.3.0 [CU6]/10.3.9; dataminer= settles it");
	assert_int_equal(applies(new, "dma1", "dma2", "client"), DMP_APPLIES_YES);
	matrix_sample_free(unknown);
	matrix_sample_free(new);
}

/* ---- 6222 ---- */

static void
exactly_two_agents_have_routes_from_a_version_on(void **state)
{
	static const struct {
		const char *site;
		enum dmp_applies expected;
	} cases[] = {
	    {SITE("dataminer='10.2.0 [CU17]'", TWO), DMP_APPLIES_NO},
	    {SITE("dataminer='10.2.0 [CU18]'", TWO), DMP_APPLIES_YES},
	    {SITE("dataminer='10.2.0'", TWO), DMP_APPLIES_ASSUMED},
	    {SITE("dataminer='10.3.8'", TWO), DMP_APPLIES_NO},
	    {SITE("dataminer='10.3.9'", TWO), DMP_APPLIES_YES},
	    {SITE("dataminer='10.3.0 [CU5]'", TWO), DMP_APPLIES_NO},
	    {SITE("dataminer='10.3.0 [CU6]'", TWO), DMP_APPLIES_YES},
	    {SITE("dataminer='10.2.0 [CU17]'", BROKER TWO), DMP_APPLIES_YES},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dmp_matrix *m = matrix_sample(RULES, cases[i].site);

		assert_int_equal(
		    applies(m, "dma1", "dma2", "route"), cases[i].expected);
		assert_int_equal(
		    applies(m, "dma2", "dma1", "route"), cases[i].expected);
		matrix_sample_free(m);
	}
}

#define SEVEN                                                                          \
	"<host name='n1' address='192.0.2.11' roles='dma'/>"                           \
	"<host name='n2' address='192.0.2.12' roles='dma'/>"                           \
	"<host name='n3' address='192.0.2.13' roles='dma'/>"                           \
	"<host name='n4' address='192.0.2.14' roles='dma'/>"                           \
	"<host name='n5' address='192.0.2.15' roles='dma'/>"                           \
	"<host name='n6' address='192.0.2.16' roles='dma'/>"                           \
	"<host name='n7' address='192.0.2.17' roles='dma'/>"

static void
routes_of_legacy_nats_lead_to_the_next_four(void **state)
{
	struct dmp_matrix *m = matrix_sample(RULES, SITE("dataminer='10.3.6'", SEVEN));
	const char *const yes[] = {"n6", "n7", "n1", "n2"};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_flow(m, "n5", yes[i], "route", DMP_APPLIES_YES,
		    "required: n5 connects to the next 4 Agents in the order of "
		    "addresses, this is one of them");
	assert_flow(m, "n5", "n3", "route", DMP_APPLIES_ASSUMED,
	    "assumed: n5 connects to the next 4 Agents in the order of addresses and "
	    "hears of this one from them; a level for this port settles it");
	assert_int_equal(applies(m, "n5", "n4", "route"), DMP_APPLIES_ASSUMED);
	matrix_sample_free(m);
}

static void
addresses_are_ordered_as_text(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    RULES, SITE("dataminer='10.3.6'",
	               "<host name='n9' address='192.0.2.9' roles='dma'/>" SEVEN));

	(void)state;
	/* .9 stands behind .17, not before .11. */
	assert_int_equal(applies(m, "n9", "n4", "route"), DMP_APPLIES_YES);
	assert_int_equal(applies(m, "n9", "n5", "route"), DMP_APPLIES_ASSUMED);
	assert_int_equal(applies(m, "n7", "n9", "route"), DMP_APPLIES_YES);
	assert_int_equal(applies(m, "n3", "n9", "route"), DMP_APPLIES_ASSUMED);
	matrix_sample_free(m);
}

static void
up_to_five_agents_are_a_full_mesh(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.3.6'", TWO DMA(3) DMA(4) DMA(5)));

	(void)state;
	assert_int_equal(applies(m, "dma1", "dma5", "route"), DMP_APPLIES_YES);
	assert_int_equal(applies(m, "dma5", "dma4", "route"), DMP_APPLIES_YES);
	matrix_sample_free(m);
	m = matrix_sample(RULES, SITE("dataminer='10.3.6'", TWO DMA(3)));
	assert_flow(m, "dma1", "dma3", "route", DMP_APPLIES_YES,
	    "required: dma1 connects to the next 2 Agents in the order of addresses, "
	    "this is one of them");
	matrix_sample_free(m);
	m = matrix_sample(RULES, SITE("dataminer='10.3.6'", TWO DMA(3) DMA(4)));
	assert_flow(m, "dma1", "dma3", "route", DMP_APPLIES_YES,
	    "required: dma1 connects to the next 3 Agents in the order of addresses, "
	    "this is one of them");
	matrix_sample_free(m);
	/* Also when one of the five is the half of a pair that is not listed. */
	m = matrix_sample(RULES,
	    SITE("dataminer='10.3.6'", TWO DMA(3) "<host name='a' address='192.0.2.8' "
	                                          "roles='dma' member-of='f'/>"
	                                          "<failover name='f' "
	                                          "address='192.0.2.9'/>"));
	assert_int_equal(applies(m, "dma1", "a", "route"), DMP_APPLIES_YES);
	assert_int_equal(applies(m, "dma2", "dma1", "route"), DMP_APPLIES_YES);
	matrix_sample_free(m);
}

static void
broker_gateway_connects_all_to_all(void **state)
{
	struct dmp_matrix *m = matrix_sample(RULES, SITE("dataminer='10.6.1'", SEVEN));

	(void)state;
	assert_flow(m, "n5", "n4", "route", DMP_APPLIES_YES,
	    "required: BrokerGateway makes one NATS cluster of all Agents");
	matrix_sample_free(m);
}

static void
where_the_kinds_differ_a_route_is_assumed(void **state)
{
	struct dmp_matrix *m = matrix_sample(RULES, SITE("dataminer='10.5.4'", SEVEN));

	(void)state;
	assert_int_equal(applies(m, "n5", "n6", "route"), DMP_APPLIES_YES);
	assert_flow(m, "n5", "n4", "route", DMP_APPLIES_ASSUMED,
	    "assumed: NATS may be managed by BrokerGateway: features nats= settles it");
	matrix_sample_free(m);
}

static void
an_observer_sees_a_route_to_every_agent(void **state)
{
	struct dmp_plan *plan =
	    matrix_sample_plan(RULES, SITE("dataminer='10.3.6' as='dma'", SEVEN));

	(void)state;
	for (unsigned i = 1; i <= 7; i++) {
		char key[16];

		dmp_text_format(key, sizeof key, "n%u/route", i);
		assert_string_equal(plan_sample_port(plan, key)->why,
		    "required: the Agents before it in the order of addresses connect "
		    "to it");
	}
	dmp_plan_free(plan);
}

static void
a_failover_pair_is_two_agents(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    RULES, SITE("dataminer='10.3.0 [CU5]'",
	               "<host name='a' address='192.0.2.1' roles='dma' member-of='f'/>"
	               "<host name='b' address='192.0.2.2' roles='dma' member-of='f'/>"
	               "<failover name='f' address='192.0.2.3'/>" DMA(1)));

	(void)state;
	assert_int_equal(applies(m, "a", "b", "route"), DMP_APPLIES_YES);
	assert_int_equal(applies(m, "dma1", "b", "route"), DMP_APPLIES_YES);
	assert_null(matrix_sample_find(m, "dma1", "f", "route"));
	matrix_sample_free(m);
}

static void
a_member_that_is_not_listed_leaves_the_order_open(void **state)
{
	struct dmp_matrix *m = matrix_sample(RULES,
	    SITE("dataminer='10.3.6'",
	        SEVEN "<host name='a' address='192.0.2.18' roles='dma' member-of='f'/>"
	              "<failover name='f' address='192.0.2.3'/>"));

	(void)state;
	assert_int_equal(applies(m, "n1", "n4", "route"), DMP_APPLIES_YES);
	assert_flow(m, "n1", "n5", "route", DMP_APPLIES_ASSUMED,
	    "assumed: n1 connects to the next 4 Agents in the order of addresses; host "
	    "elements for all settle it");
	assert_int_equal(applies(m, "n1", "n6", "route"), DMP_APPLIES_ASSUMED);
	matrix_sample_free(m);
}

static void
an_old_pair_with_one_half_listed_leaves_the_master_open(void **state)
{
	struct dmp_plan *plan =
	    matrix_sample_plan(RULES, SITE("dataminer='10.2.0 [CU17]' as='dma'",
	                                  "<features failover='yes'/>" DMA(1)));

	(void)state;
	assert_string_equal(plan_sample_port(plan, "dma1/client")->why,
	    "assumed: before 10.2.0 [CU18]/10.3.0 [CU6]/10.3.9 the second of two "
	    "Agents uses NATS of the first; which one that is, a host element for both "
	    "tells");
	assert_string_equal(plan_sample_port(plan, "dma1/account")->why,
	    "assumed: before 10.3.0 [CU11]/10.4.0/10.4.2 all Agents ask the first in "
	    "the order of addresses; host elements for all settle it");
	plan_sample_absent(plan, "dma1", "route",
	    "does not apply: two Agents have no NATS cluster before 10.2.0 "
	    "[CU18]/10.3.0 [CU6]/10.3.9");
	dmp_plan_free(plan);
}

/* ---- 9090 and BrokerGateway ---- */

static void
the_first_agent_was_the_account_server_of_all(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.3.0 [CU10]'", TWO DMA(3)));

	(void)state;
	assert_flow(m, "dma3", "dma1", "account", DMP_APPLIES_YES,
	    "required: before 10.3.0 [CU11]/10.4.0/10.4.2 all Agents ask the first in "
	    "the order of addresses");
	assert_flow(m, "dma1", "dma3", "account", DMP_APPLIES_NO,
	    "does not apply: before 10.3.0 [CU11]/10.4.0/10.4.2 all Agents ask dma1, "
	    "the first in the order of addresses");
	matrix_sample_free(m);
}

static void
account_servers_that_are_all_primary_are_only_assumed_to_be_asked(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.4.2'", TWO DMA(3)));

	(void)state;
	assert_flow(m, "dma1", "dma3", "account", DMP_APPLIES_ASSUMED,
	    "assumed: from 10.3.0 [CU11]/10.4.0/10.4.2 each Agent asks its own, yet "
	    "the documentation still opens the port between Agents; a level for this "
	    "port settles it");
	matrix_sample_free(m);
}

static void
broker_gateway_has_no_account_server(void **state)
{
	struct dmp_matrix *m = matrix_sample(RULES, SITE("dataminer='10.6.1'", TWO));

	(void)state;
	assert_flow(m, "dma1", "dma2", "account", DMP_APPLIES_NO,
	    "does not apply: only legacy NATS has NATS Account Servers: BrokerGateway "
	    "manages NATS, always from 10.6.0/10.6.1");
	matrix_sample_free(m);
}

static void
broker_gateway_is_asked_by_agents_and_dxms(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULES, SITE("dataminer='10.6.1'", DMA(1) DXM_HOST));
	struct dmp_matrix *legacy = matrix_sample(RULES, SITE("", LEGACY TWO));
	struct dmp_plan *alone =
	    matrix_sample_plan(RULES, SITE("dataminer='10.6.1'", DMA(1)));

	(void)state;
	assert_flow(m, "x", "dma1", "gateway", DMP_APPLIES_YES,
	    "required: BrokerGateway hands out the credentials of NATS and manages its "
	    "cluster");
	assert_flow(legacy, "dma1", "dma2", "gateway", DMP_APPLIES_NO,
	    "does not apply: BrokerGateway is not in use: DataMiner manages NATS "
	    "itself "
	    "(features nats=legacy)");
	plan_sample_absent(alone, "dma1", "gateway",
	    "does not apply: a single Agent without DxM hosts asks BrokerGateway on "
	    "its own machine only");
	matrix_sample_free(m);
	matrix_sample_free(legacy);
	dmp_plan_free(alone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_kind_of_nats_follows_version_and_features),
	    cmocka_unit_test(the_kind_of_nats_says_what_made_it_so),
	    cmocka_unit_test(a_single_agent_uses_nats_on_its_own_machine),
	    cmocka_unit_test(a_dxm_host_uses_nats_of_a_single_agent),
	    cmocka_unit_test(agents_use_nats_of_each_other_whoever_manages_it),
	    cmocka_unit_test(the_guest_of_an_old_pair_uses_nats_of_the_master_only),
	    cmocka_unit_test(services_on_an_agent_use_nats_of_its_master),
	    cmocka_unit_test(the_other_direction_of_a_pair_depends_on_the_version),
	    cmocka_unit_test(exactly_two_agents_have_routes_from_a_version_on),
	    cmocka_unit_test(routes_of_legacy_nats_lead_to_the_next_four),
	    cmocka_unit_test(addresses_are_ordered_as_text),
	    cmocka_unit_test(up_to_five_agents_are_a_full_mesh),
	    cmocka_unit_test(broker_gateway_connects_all_to_all),
	    cmocka_unit_test(where_the_kinds_differ_a_route_is_assumed),
	    cmocka_unit_test(an_observer_sees_a_route_to_every_agent),
	    cmocka_unit_test(a_failover_pair_is_two_agents),
	    cmocka_unit_test(a_member_that_is_not_listed_leaves_the_order_open),
	    cmocka_unit_test(an_old_pair_with_one_half_listed_leaves_the_master_open),
	    cmocka_unit_test(the_first_agent_was_the_account_server_of_all),
	    cmocka_unit_test(
	        account_servers_that_are_all_primary_are_only_assumed_to_be_asked),
	    cmocka_unit_test(broker_gateway_has_no_account_server),
	    cmocka_unit_test(broker_gateway_is_asked_by_agents_and_dxms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
