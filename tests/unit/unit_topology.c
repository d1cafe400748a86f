/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules about Agents, failover pairs, storage and cloud, one test per rule; those
 * about NATS have a test of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/topology.h"
#include "model/version.h"
#include "support/matrix_sample.h"

#define RULE(key, port, name)                                                          \
	REQ(1, key, port, "dma", "dma") WHEN("<topology is='" name "'/>")
#define REMOTING(number)                                                               \
	REQ(number, "remoting", 8004, "client dma", "dma")                             \
	WHEN("<any><topology is='inter-dma-remoting'/>"                                \
	     "<vantage stands-for='client' yes='clients'/></any>")
#define GRPC_OF_AGENTS(number)                                                         \
	REQ(number, "grpc", 443, "dma", "dma") WHEN("<topology is='inter-dma-grpc'/>")
#define BOTH REMOTING(1) GRPC_OF_AGENTS(2)
#define PAIR                                                                           \
	"<host name='a' address='192.0.2.1' roles='dma' member-of='ab'/>\n"            \
	"<host name='b' address='192.0.2.2' roles='dma' member-of='ab'/>\n"            \
	"<failover name='ab' address='192.0.2.3'/>\n"

static void
every_version_of_the_table_can_be_read(void **state)
{
	struct dmp_version_condition condition;

	(void)state;
	for (unsigned i = 0; i < DMP_SINCES; i++)
		assert_int_equal(dmp_version_condition_parse(
		                     dmp_since_text((enum dmp_since)i), &condition),
		    DMP_OK);
}

/* ---- transport between Agents ---- */

static void
a_link_decides_for_its_direction_only(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    BOTH, SITE("dataminer='10.3.6'",
	              DMA(1) DMA(2) "<link from='dma1' to='dma2' transport='grpc'/>"));

	(void)state;
	assert_flow(m, "dma1", "dma2", "grpc", DMP_APPLIES_YES,
	    "required: dma1 reaches it by gRPC (link)");
	assert_flow(m, "dma1", "dma2", "remoting", DMP_APPLIES_NO,
	    "does not apply: dma1 reaches it by gRPC (link)");
	assert_flow(m, "dma2", "dma1", "remoting", DMP_APPLIES_YES,
	    "required: inter-DMA traffic uses .NET Remoting, the default before "
	    "10.5.10/10.6.0");
	assert_flow(m, "dma2", "dma1", "grpc", DMP_APPLIES_NO,
	    "does not apply: inter-DMA traffic uses .NET Remoting, the default before "
	    "10.5.10/10.6.0");
	matrix_sample_free(m);
}

static void
a_link_decides_before_the_features(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    BOTH, SITE("dataminer='10.6.1'",
	              "<features inter-dma='grpc'/>" DMA(1)
	                  DMA(2) "<link from='dma1' to='dma2' transport='remoting'/>"));

	(void)state;
	assert_flow(m, "dma1", "dma2", "remoting", DMP_APPLIES_YES,
	    "required: dma1 reaches it by .NET Remoting (link)");
	assert_flow(m, "dma2", "dma1", "grpc", DMP_APPLIES_YES,
	    "required: inter-DMA traffic uses gRPC (features inter-dma=grpc)");
	matrix_sample_free(m);
}

static void
the_features_decide_before_the_version(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(BOTH, SITE("dataminer='10.6.1'",
	                            "<features inter-dma='remoting'/>" DMA(1) DMA(2)));

	(void)state;
	assert_flow(m, "dma1", "dma2", "remoting", DMP_APPLIES_YES,
	    "required: inter-DMA traffic uses .NET Remoting (features "
	    "inter-dma=remoting)");
	matrix_sample_free(m);
}

static void
the_version_decides_the_default_transport(void **state)
{
	static const struct {
		const char *site;
		enum dmp_applies remoting;
	} cases[] = {
	    {SITE("dataminer='10.5.9'", DMA(1) DMA(2)), DMP_APPLIES_YES},
	    {SITE("dataminer='10.5.10'", DMA(1) DMA(2)), DMP_APPLIES_NO},
	    {SITE("dataminer='10.5.0 [CU19]'", DMA(1) DMA(2)), DMP_APPLIES_YES},
	    {SITE("dataminer='10.6.0'", DMA(1) DMA(2)), DMP_APPLIES_NO},
	    {SITE("", DMA(1) DMA(2)), DMP_APPLIES_ASSUMED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dmp_matrix *m = matrix_sample(BOTH, cases[i].site);
		enum dmp_applies grpc =
		    matrix_sample_flow(m, "dma1", "dma2", "grpc")->applies;

		assert_int_equal(
		    matrix_sample_flow(m, "dma1", "dma2", "remoting")->applies,
		    cases[i].remoting);
		assert_int_equal(
		    grpc, cases[i].remoting == DMP_APPLIES_YES  ? DMP_APPLIES_NO
		          : cases[i].remoting == DMP_APPLIES_NO ? DMP_APPLIES_YES
		                                                : DMP_APPLIES_ASSUMED);
		matrix_sample_free(m);
	}
}

static void
an_unknown_version_says_what_would_settle_it(void **state)
{
	struct dmp_matrix *m = matrix_sample(BOTH, SITE("", DMA(1) DMA(2)));

	(void)state;
	assert_flow(m, "dma1", "dma2", "grpc", DMP_APPLIES_ASSUMED,
	    "assumed: inter-DMA traffic uses gRPC by default from 10.5.10/10.6.0; "
	    "features inter-dma= or dataminer= settles it");
	matrix_sample_free(m);
}

static void
grpc_is_impossible_before_it_existed(void **state)
{
	struct dmp_matrix *m = matrix_sample(BOTH,
	    SITE("dataminer='10.2.12'",
	        "<features inter-dma='grpc'/>" DMA(1) DMA(
	            2) "<link from='dma2' to='dma1' transport='grpc' port='8443'/>"));

	(void)state;
	assert_flow(m, "dma1", "dma2", "remoting", DMP_APPLIES_YES,
	    "required: inter-DMA traffic uses .NET Remoting: there is no gRPC before "
	    "10.3.0/10.3.2");
	assert_flow(m, "dma2", "dma1", "remoting", DMP_APPLIES_YES,
	    "required: inter-DMA traffic uses .NET Remoting: there is no gRPC before "
	    "10.3.0/10.3.2");
	assert_int_equal(
	    matrix_sample_flow(m, "dma2", "dma1", "grpc")->applies, DMP_APPLIES_NO);
	matrix_sample_free(m);
}

static void
a_link_to_a_host_wins_over_one_to_any(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    BOTH, SITE("dataminer='10.3.6'",
	              DMA(1) DMA(2)
	                  DMA(3) "<link from='dma1' to='*' transport='grpc'/>"
	                         "<link from='dma1' to='dma3' transport='remoting'/>"));

	(void)state;
	assert_flow(m, "dma1", "dma2", "grpc", DMP_APPLIES_YES,
	    "required: dma1 reaches it by gRPC (link)");
	assert_flow(m, "dma1", "dma3", "remoting", DMP_APPLIES_YES,
	    "required: dma1 reaches it by .NET Remoting (link)");
	assert_int_equal(
	    matrix_sample_flow(m, "dma2", "dma3", "grpc")->applies, DMP_APPLIES_NO);
	matrix_sample_free(m);
}

static void
the_number_of_a_link_is_for_its_pair_only(void **state)
{
	struct dmp_matrix *m = matrix_sample(BOTH,
	    SITE("dataminer='10.6.1'",
	        DMA(1) DMA(2) DMA(
	            3) "<link from='dma1' to='dma2' transport='grpc' port='8443'/>"));
	const struct dmp_flow *flow = matrix_sample_flow(m, "dma1", "dma2", "grpc");

	(void)state;
	assert_int_equal(flow->number, 8443);
	assert_string_equal(flow->why, "required: dma1 reaches it by gRPC (link)");
	assert_int_equal(matrix_sample_flow(m, "dma3", "dma2", "grpc")->number, 443);
	matrix_sample_free(m);
}

static void
a_port_element_is_the_default_and_a_link_wins_over_it(void **state)
{
	struct dmp_matrix *m = matrix_sample(BOTH,
	    SITE("dataminer='10.3.6'",
	        "<host name='a' address='192.0.2.1' roles='dma'>"
	        "<port requirement='remoting' port='9004'/></host>" DMA(2) DMA(
	            3) "<link from='dma2' to='a' transport='remoting' port='8004'/>"
	               "<link from='dma3' to='a' transport='remoting' port='9004'/>"));

	(void)state;
	assert_int_equal(matrix_sample_flow(m, "dma2", "a", "remoting")->number, 8004);
	assert_int_equal(matrix_sample_flow(m, "dma3", "a", "remoting")->number, 9004);
	assert_int_equal(
	    matrix_sample_flow(m, "outside", "a", "remoting")->number, 9004);
	matrix_sample_free(m);
}

static void
a_number_alone_does_not_make_a_requirement_apply(void **state)
{
	struct dmp_matrix *m = matrix_sample(GRPC_OF_AGENTS(2),
	    SITE("dataminer='10.3.6'",
	        "<host name='a' address='192.0.2.1' roles='dma'>"
	        "<port requirement='grpc' port='8443'/></host>" DMA(2)));

	(void)state;
	assert_int_equal(
	    matrix_sample_flow(m, "dma2", "a", "grpc")->applies, DMP_APPLIES_NO);
	matrix_sample_free(m);
}

static void
an_observer_needs_every_number_that_an_agent_needs(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(BOTH,
	    SITE("dataminer='10.3.6' as='dma'",
	        DMA(1) DMA(2) DMA(3) DMA(
	            4) "<link from='dma1' to='dma2' transport='grpc'/>"
	               "<link from='dma3' to='dma2' transport='grpc' port='8443'/>"));

	(void)state;
	assert_string_equal(plan_sample_port(plan, "dma2/grpc@443")->why,
	    "required: dma1 reaches it by gRPC (link)");
	assert_string_equal(plan_sample_port(plan, "dma2/grpc@8443")->why,
	    "required: dma3 reaches it by gRPC (link)");
	assert_string_equal(plan_sample_port(plan, "dma2/remoting")->why,
	    "required: inter-DMA traffic uses .NET Remoting, the default before "
	    "10.5.10/10.6.0");
	(void)plan_sample_port(plan, "dma1/remoting");
	plan_sample_absent(plan, "dma1", "grpc",
	    "does not apply: inter-DMA traffic uses .NET Remoting, the default before "
	    "10.5.10/10.6.0");
	dmp_plan_free(plan);
}

static void
a_number_that_several_links_say_is_one_port(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(BOTH,
	    SITE("dataminer='10.3.6' as='dma'",
	        DMA(1) DMA(2) DMA(
	            3) "<link from='dma1' to='dma2' transport='grpc' port='8443'/>"
	               "<link from='dma3' to='dma2' transport='grpc' port='8443'/>"));
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < plan->n_ports; i++)
		n += plan->ports[i].number == 8443;
	assert_int_equal(n, 1);
	(void)plan_sample_port(plan, "dma2/grpc");
	dmp_plan_free(plan);
}

static void
an_observer_does_without_what_every_agent_does_without(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(BOTH,
	    SITE("dataminer='10.3.6' as='dma'",
	        DMA(1) DMA(2) DMA(3) "<link from='dma1' to='*' transport='grpc'/>"
	                             "<link from='dma3' to='*' transport='grpc'/>"));

	(void)state;
	plan_sample_absent(
	    plan, "dma2", "remoting", "does not apply: dma3 reaches it by gRPC (link)");
	(void)plan_sample_port(plan, "dma1/remoting");
	dmp_plan_free(plan);
}

static void
a_single_agent_has_no_traffic_between_agents(void **state)
{
	struct dmp_plan *plan =
	    matrix_sample_plan(BOTH, SITE("dataminer='10.3.6' as='dma'", DMA(1)));

	(void)state;
	assert_int_equal(plan->n_ports, 0);
	dmp_plan_free(plan);
}

/* ---- failover ---- */

static void
the_members_of_a_pair_watch_each_other(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(RULE("hb", 8004, "failover-pair"), SITE("", PAIR DMA(1)));

	(void)state;
	assert_flow(m, "a", "b", "hb", DMP_APPLIES_YES,
	    "required: the members of a failover pair watch each other");
	assert_flow(m, "dma1", "b", "hb", DMP_APPLIES_NO,
	    "does not apply: the source is not the other member of the pair");
	assert_flow(m, "a", "dma1", "hb", DMP_APPLIES_NO,
	    "does not apply: the host is no member of a failover pair");
	matrix_sample_free(m);
}

static void
an_observer_sees_the_heartbeat_of_members_only(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(
	    RULE("hb", 8004, "failover-pair"), SITE("as='dma'", PAIR DMA(1)));

	(void)state;
	(void)plan_sample_port(plan, "a/hb");
	(void)plan_sample_port(plan, "b/hb");
	assert_null(plan_sample_find(plan, "dma1/hb"));
	assert_null(plan_sample_find(plan, "ab/hb"));
	dmp_plan_free(plan);
}

static void
the_address_of_a_pair_is_a_host_for_its_clients(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(
	    REMOTING(1) GRPC_OF_AGENTS(2) REQ(3, "http", 80, "browser", "dma")
	        ALWAYS REQ(4, "trap", 162, "device", "dma")
	            ALWAYS REQ(5, "telnet", 23, "", "dma") ALWAYS,
	    SITE("dataminer='10.6.1'", PAIR DMA(1)));
	const struct dmp_plan_host *host = &plan->hosts[3];

	(void)state;
	assert_int_equal(plan->n_hosts, 4);
	assert_string_equal(host->name, "ab");
	assert_string_equal(host->addresses[0], "192.0.2.3");
	assert_int_equal(host->roles, DMP_ROLE_DMA);
	assert_true(host->is_virtual);
	assert_false(plan->hosts[0].is_virtual);
	(void)plan_sample_port(plan, "ab/http");
	(void)plan_sample_port(plan, "ab/trap");
	assert_string_equal(
	    plan_sample_port(plan, "ab/remoting")->why, "required: clients");
	assert_null(plan_sample_find(plan, "ab/telnet"));
	assert_null(plan_sample_find(plan, "ab/grpc"));
	dmp_plan_free(plan);
}

static void
other_agents_use_the_address_of_a_pair_and_members_do_not(void **state)
{
	struct dmp_matrix *m =
	    matrix_sample(REMOTING(1), SITE("dataminer='10.3.6'", PAIR DMA(1)));

	(void)state;
	assert_int_equal(
	    matrix_sample_flow(m, "dma1", "ab", "remoting")->applies, DMP_APPLIES_YES);
	assert_null(matrix_sample_find(m, "a", "ab", "remoting"));
	assert_null(matrix_sample_find(m, "ab", "dma1", "remoting"));
	assert_int_equal(
	    matrix_sample_flow(m, "a", "b", "remoting")->applies, DMP_APPLIES_YES);
	matrix_sample_free(m);
}

static void
without_other_agents_only_clients_use_the_address_of_a_pair(void **state)
{
	struct dmp_plan *agents =
	    matrix_sample_plan(REMOTING(1), SITE("dataminer='10.3.6' as='dma'", PAIR));
	struct dmp_plan *all =
	    matrix_sample_plan(REMOTING(1), SITE("dataminer='10.3.6'", PAIR));

	(void)state;
	plan_sample_absent(
	    agents, "ab", "remoting", "does not apply: there is no other Agent");
	(void)plan_sample_port(all, "ab/remoting");
	dmp_plan_free(agents);
	dmp_plan_free(all);
}

static void
a_member_as_vantage_does_not_check_the_address_of_its_pair(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(
	    REMOTING(1), SITE("dataminer='10.3.6' vantage='a'", PAIR DMA(1)));

	(void)state;
	assert_null(plan_sample_find(plan, "ab/remoting"));
	(void)plan_sample_port(plan, "b/remoting");
	dmp_plan_free(plan);
}

static void
an_observer_of_a_pair_stands_for_the_agents_outside_of_it(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(REMOTING(1),
	    SITE("dataminer='10.3.6' as='dma'",
	        PAIR DMA(1) "<link from='dma1' to='ab' transport='grpc'/>"));

	(void)state;
	/* The only one has a link, so that nobody uses what is the default. */
	plan_sample_absent(
	    plan, "ab", "remoting", "does not apply: dma1 reaches it by gRPC (link)");
	dmp_plan_free(plan);
	plan = matrix_sample_plan(REMOTING(1),
	    SITE("dataminer='10.3.6' as='dma'",
	        PAIR DMA(1) DMA(2) "<link from='dma1' to='ab' transport='grpc'/>"));
	(void)plan_sample_port(plan, "ab/remoting");
	dmp_plan_free(plan);
	/* A half that is not listed is no Agent outside of the pair either. */
	plan = matrix_sample_plan(REMOTING(1),
	    SITE("dataminer='10.3.6' as='dma'",
	        "<host name='a' address='192.0.2.1' roles='dma' member-of='ab'/>"
	        "<failover name='ab' address='192.0.2.3'/>"));
	plan_sample_absent(
	    plan, "ab", "remoting", "does not apply: there is no other Agent");
	dmp_plan_free(plan);
}

static void
a_link_can_lead_to_the_address_of_a_pair(void **state)
{
	struct dmp_matrix *m = matrix_sample(REMOTING(1),
	    SITE("dataminer='10.6.1'",
	        PAIR DMA(1) "<link from='dma1' to='ab' transport='remoting'/>"));

	(void)state;
	assert_flow(m, "dma1", "ab", "remoting", DMP_APPLIES_YES,
	    "required: dma1 reaches it by .NET Remoting (link)");
	matrix_sample_free(m);
}

/* ---- storage and cloud ---- */

#define NODES                                                                          \
	REQ(1, "cql", 9042, "dma", "cassandra")                                        \
	WHEN("<topology is='cassandra-remote'/>")                                      \
	REQ(2, "node", 7000, "cassandra", "cassandra")                                 \
	WHEN("<topology is='cassandra-node' yes='one ring'/>")
#define LOCAL "<features storage='cassandra-local'/>"
#define WITH_NODE(name, n, member)                                                     \
	"<host name='" name "' address='192.0.2." #n "' roles='dma cassandra' " member \
	"/>"

static void
agents_store_in_every_node_of_the_site(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    NODES, SITE("", WITH_NODE("a", 1, "") WITH_NODE("b", 2, "") CAS(1)));

	(void)state;
	assert_flow(m, "a", "b", "cql", DMP_APPLIES_YES,
	    "required: Agents store in the Cassandra nodes of the site");
	assert_flow(m, "db1", "b", "node", DMP_APPLIES_YES, "required: one ring");
	assert_null(matrix_sample_find(m, "db1", "b", "cql"));
	matrix_sample_free(m);
}

static void
the_only_node_on_the_only_agent_is_used_locally(void **state)
{
	struct dmp_plan *plan =
	    matrix_sample_plan(NODES, SITE("", WITH_NODE("a", 1, "")));

	(void)state;
	plan_sample_absent(plan, "a", "cql",
	    "does not apply: the only Agent reaches its only Cassandra node on its own "
	    "machine");
	plan_sample_absent(plan, "a", "node",
	    "does not apply: a single Cassandra node has no other node to talk to");
	dmp_plan_free(plan);
}

static void
agents_with_nodes_of_their_own_do_not_use_each_others(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    NODES, SITE("", LOCAL WITH_NODE("a", 1, "") WITH_NODE("b", 2, "")));

	(void)state;
	assert_flow(m, "a", "b", "cql", DMP_APPLIES_NO,
	    "does not apply: each Agent has a Cassandra node of its own (features "
	    "storage=cassandra-local)");
	assert_flow(m, "a", "b", "node", DMP_APPLIES_NO,
	    "does not apply: each Agent has a Cassandra node of its own (features "
	    "storage=cassandra-local)");
	matrix_sample_free(m);
}

static void
the_nodes_of_a_failover_pair_are_one_ring(void **state)
{
	struct dmp_matrix *m = matrix_sample(
	    NODES, SITE("", LOCAL WITH_NODE("a", 1, "member-of='f'")
	                        WITH_NODE("b", 2, "member-of='f'") WITH_NODE("c", 3,
	                            "") "<failover name='f' address='192.0.2.9'/>"));

	(void)state;
	assert_flow(m, "a", "b", "node", DMP_APPLIES_YES,
	    "required: a failover pair shares the Cassandra nodes of its members");
	assert_flow(m, "b", "a", "cql", DMP_APPLIES_YES,
	    "required: a failover pair shares the Cassandra nodes of its members");
	assert_int_equal(
	    matrix_sample_flow(m, "c", "a", "node")->applies, DMP_APPLIES_NO);
	assert_int_equal(
	    matrix_sample_flow(m, "a", "c", "cql")->applies, DMP_APPLIES_NO);
	matrix_sample_free(m);
}

static void
a_pair_with_one_half_listed_is_one_ring(void **state)
{
	struct dmp_plan *plan = matrix_sample_plan(NODES,
	    SITE("", "<features storage='cassandra-local' failover='yes'/>" WITH_NODE(
	                 "a", 1, "")));

	(void)state;
	assert_string_equal(plan_sample_port(plan, "a/node")->why,
	    "required: a failover pair shares the Cassandra nodes of its members");
	dmp_plan_free(plan);
	plan = matrix_sample_plan(NODES,
	    SITE("", "<features storage='cassandra-local'/>" WITH_NODE("a", 1, "")
	                 WITH_NODE("b", 2, "")));
	assert_null(plan_sample_find(plan, "a/node"));
	dmp_plan_free(plan);
}

static void
the_cloud_endpoint_needs_another_machine(void **state)
{
#define ENDPOINT                                                                       \
	REQ(1, "endpoint", 5100, "dma dxm", "cloud-gateway")                           \
	WHEN("<topology is='cloud-remote'/>")
#define GATEWAY "<host name='g' address='192.0.2.8' roles='dma cloud-gateway'/>"
	struct dmp_plan *alone = matrix_sample_plan(ENDPOINT, SITE("", GATEWAY));
	struct dmp_matrix *m = matrix_sample(ENDPOINT, SITE("", GATEWAY DMA(1)));

	(void)state;
	plan_sample_absent(alone, "g", "endpoint",
	    "does not apply: no Agent and no DxM host but this one uses its "
	    "CloudGateway");
	assert_flow(m, "dma1", "g", "endpoint", DMP_APPLIES_YES,
	    "required: Agents and DxM hosts reach dataminer.services through "
	    "CloudGateway");
	dmp_plan_free(alone);
	matrix_sample_free(m);
}

static void
every_agent_needs_each_cloud_service_that_is_not_named_otherwise(void **state)
{
#define CLOUD(ports)                                                                   \
	"<host name='c' address='cloud.example' roles='cloud'>" ports "</host>"
#define STAAS REQ(1, "staas", 443, "dma", "cloud") WHEN("<named yes='y' no='n'/>")
	struct dmp_matrix *plain = matrix_sample(STAAS, SITE("", DMA(1) CLOUD("")));
	struct dmp_matrix *other = matrix_sample(
	    STAAS REQ(2, "relay", 443, "dma", "cloud") WHEN("<named yes='y' no='n'/>"),
	    SITE("", DMA(1) CLOUD("<port requirement='relay'/>")));

	(void)state;
	assert_flow(plain, "dma1", "c", "staas", DMP_APPLIES_YES, "required: y");
	assert_flow(other, "dma1", "c", "staas", DMP_APPLIES_NO, "does not apply: n");
	assert_flow(other, "dma1", "c", "relay", DMP_APPLIES_YES, "required: y");
	matrix_sample_free(plain);
	matrix_sample_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_version_of_the_table_can_be_read),
	    cmocka_unit_test(a_link_decides_for_its_direction_only),
	    cmocka_unit_test(a_link_decides_before_the_features),
	    cmocka_unit_test(the_features_decide_before_the_version),
	    cmocka_unit_test(the_version_decides_the_default_transport),
	    cmocka_unit_test(an_unknown_version_says_what_would_settle_it),
	    cmocka_unit_test(grpc_is_impossible_before_it_existed),
	    cmocka_unit_test(a_link_to_a_host_wins_over_one_to_any),
	    cmocka_unit_test(the_number_of_a_link_is_for_its_pair_only),
	    cmocka_unit_test(a_port_element_is_the_default_and_a_link_wins_over_it),
	    cmocka_unit_test(a_number_alone_does_not_make_a_requirement_apply),
	    cmocka_unit_test(an_observer_needs_every_number_that_an_agent_needs),
	    cmocka_unit_test(a_number_that_several_links_say_is_one_port),
	    cmocka_unit_test(an_observer_does_without_what_every_agent_does_without),
	    cmocka_unit_test(a_single_agent_has_no_traffic_between_agents),
	    cmocka_unit_test(the_members_of_a_pair_watch_each_other),
	    cmocka_unit_test(an_observer_sees_the_heartbeat_of_members_only),
	    cmocka_unit_test(the_address_of_a_pair_is_a_host_for_its_clients),
	    cmocka_unit_test(other_agents_use_the_address_of_a_pair_and_members_do_not),
	    cmocka_unit_test(
	        without_other_agents_only_clients_use_the_address_of_a_pair),
	    cmocka_unit_test(
	        a_member_as_vantage_does_not_check_the_address_of_its_pair),
	    cmocka_unit_test(an_observer_of_a_pair_stands_for_the_agents_outside_of_it),
	    cmocka_unit_test(a_link_can_lead_to_the_address_of_a_pair),
	    cmocka_unit_test(agents_store_in_every_node_of_the_site),
	    cmocka_unit_test(the_only_node_on_the_only_agent_is_used_locally),
	    cmocka_unit_test(agents_with_nodes_of_their_own_do_not_use_each_others),
	    cmocka_unit_test(the_nodes_of_a_failover_pair_are_one_ring),
	    cmocka_unit_test(a_pair_with_one_half_listed_is_one_ring),
	    cmocka_unit_test(the_cloud_endpoint_needs_another_machine),
	    cmocka_unit_test(
	        every_agent_needs_each_cloud_service_that_is_not_named_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
