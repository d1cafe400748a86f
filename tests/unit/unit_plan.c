/* SPDX-License-Identifier: BSD-2-Clause */
/* What is planned, and why: roles, vantage, features, topology. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/plan_sample.h"

static void
remoting_follows_the_inter_dma_feature(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("dataminer='10.3.2'",
	    "<features inter-dma='remoting' client='grpc'/>" DMA(1) DMA(2)));
	const struct dmp_plan_port *port = plan_sample_port(plan, "dma1/remoting");

	(void)state;
	assert_int_equal(port->applies, DMP_APPLIES_YES);
	assert_string_equal(port->why,
	    "required: inter-DMA traffic uses .NET Remoting (features "
	    "inter-dma=remoting)");
	assert_int_equal(port->number, 8004);
	assert_string_equal(plan_sample_port(plan, "dma1/grpc")->why,
	    "required: clients use gRPC (features client=grpc)");
	dmp_plan_free(plan);
}

static void
grpc_both_ways_needs_no_remoting(void **state)
{
	struct dmp_plan *plan =
	    plan_sample(SITE("dataminer='10.3.2'", GRPC DMA(1) DMA(2)));

	(void)state;
	plan_sample_absent(plan, "dma1", "remoting",
	    "does not apply: inter-DMA traffic uses gRPC (features inter-dma=grpc); "
	    "clients use gRPC (features client=grpc)");
	assert_int_equal(plan_sample_port(plan, "dma1/grpc")->applies, DMP_APPLIES_YES);
	assert_int_equal(plan_sample_row(plan, "remoting")->applies, DMP_APPLIES_NO);
	assert_int_equal(plan_sample_row(plan, "remoting")->planned, 0);
	dmp_plan_free(plan);
}

static void
an_undetermined_transport_is_assumed_and_kept(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("", DMA(1) DMA(2)));
	const struct dmp_plan_port *port = plan_sample_port(plan, "dma2/remoting");

	(void)state;
	assert_int_equal(port->applies, DMP_APPLIES_ASSUMED);
	assert_int_equal(port->level, DMP_LEVEL_REQUIRED);
	assert_string_equal(port->why,
	    "assumed: inter-DMA traffic uses .NET Remoting by default before "
	    "10.5.10/10.6.0; features inter-dma= or dataminer= settles it");
	assert_int_equal(
	    plan_sample_row(plan, "remoting")->applies, DMP_APPLIES_ASSUMED);
	assert_int_equal(plan_sample_row(plan, "remoting")->planned, 2);
	dmp_plan_free(plan);
}

static void
an_observer_that_stands_for_devices_sees_traps_and_forbidden_ports(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("as='device'", DMA(1) DMA(2) CAS(1)));

	(void)state;
	assert_int_equal(plan->as, DMP_ROLE_DEVICE);
	assert_int_equal(
	    plan_sample_port(plan, "dma1/snmp-trap")->transport, DMP_TRANSPORT_UDP);
	for (size_t i = 0; i < plan->n_ports; i++)
		assert_true(plan->ports[i].level == DMP_LEVEL_FORBIDDEN ||
		            plan->ports[i].number == 162);
	plan_sample_absent(plan, "dma1", "https",
	    "does not apply: it is used by client browser dma, this vantage stands for "
	    "device");
	dmp_plan_free(plan);
}

static void
the_vantage_does_not_check_itself(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("vantage='dma1'", DMA(1) DMA(2)));

	(void)state;
	assert_int_equal(plan->as, DMP_ROLE_DMA);
	assert_true(plan->hosts[0].is_vantage);
	plan_sample_absent(
	    plan, "dma1", "https", "does not apply: this host is the vantage itself");
	(void)plan_sample_port(plan, "dma2/https");
	dmp_plan_free(plan);
}

static void
the_only_host_checks_itself(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("vantage='dma1'", DMA(1)));

	(void)state;
	(void)plan_sample_port(plan, "dma1/https");
	dmp_plan_free(plan);
}

static void
hosts_without_the_role_are_not_mentioned(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("", DMA(1) CAS(1)));

	(void)state;
	assert_null(plan_sample_find(plan, "db1/https"));
	assert_null(plan_sample_absence(plan, "db1", "https"));
	assert_string_equal(plan_sample_row(plan, "indexing-node")->why,
	    "does not apply: no host of the site has the role indexing");
	dmp_plan_free(plan);
}

static void
a_single_agent_uses_nats_locally(void **state)
{
	struct dmp_plan *plan =
	    plan_sample(SITE("", "<features nats='legacy'/>" DMA(1)));

	(void)state;
	plan_sample_absent(plan, "dma1", "nats-client",
	    "does not apply: a single Agent without DxM hosts uses NATS on its own "
	    "machine only");
	plan_sample_absent(plan, "dma1", "nats-route",
	    "does not apply: the NATS server of a single Agent has no cluster");
	plan_sample_absent(plan, "dma1", "nats-account-server",
	    "does not apply: a single Agent uses its NATS Account Server on its own "
	    "machine only");
	dmp_plan_free(plan);
}

static void
legacy_nats_has_routes_from_three_agents_on(void **state)
{
	struct dmp_plan *two = plan_sample(
	    SITE("dataminer='10.3.0'", "<features nats='legacy'/>" DMA(1) DMA(2)));
	struct dmp_plan *three = plan_sample(SITE(
	    "dataminer='10.3.0'", "<features nats='legacy'/>" DMA(1) DMA(2) DMA(3)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(two, "dma1/nats-route")->applies, DMP_APPLIES_ASSUMED);
	assert_int_equal(
	    plan_sample_port(three, "dma1/nats-route")->applies, DMP_APPLIES_YES);
	assert_int_equal(plan_sample_port(two, "dma1/nats-account-server")->applies,
	    DMP_APPLIES_ASSUMED);
	dmp_plan_free(two);
	dmp_plan_free(three);
}

static void
broker_gateway_has_routes_and_no_account_server(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("dataminer='10.5.9'", "<features nats='broker'/>" DMA(1) DMA(2)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "dma1/nats-route")->applies, DMP_APPLIES_YES);
	assert_int_equal(
	    plan_sample_port(plan, "dma1/nats-client")->applies, DMP_APPLIES_YES);
	plan_sample_absent(plan, "dma1", "nats-account-server",
	    "does not apply: only legacy NATS has NATS Account Servers: BrokerGateway "
	    "manages NATS (features nats=broker)");
	dmp_plan_free(plan);
}

static void
without_nats_none_of_its_ports_is_planned(void **state)
{
	struct dmp_plan *plan =
	    plan_sample(SITE("", "<features nats='none'/>" DMA(1) DMA(2) DMA(3)));

	(void)state;
	for (size_t i = 0; i < plan->n_ports; i++)
		assert_null(strstr(plan->ports[i].key, "nats"));
	plan_sample_absent(plan, "dma1", "nats-route",
	    "does not apply: the system has no NATS (features nats=none)");
	dmp_plan_free(plan);
}

static void
a_failover_pair_is_two_agents_for_nats(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE(
	    "dataminer='10.5.9'", "<features nats='broker' failover='yes'/>" DMA(1)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "dma1/nats-route")->applies, DMP_APPLIES_YES);
	dmp_plan_free(plan);
}

static void
storage_as_a_service_needs_no_nodes(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("", "<features storage='staas'/>" DMA(1) CAS(1) CAS(2) IDX(1) IDX(2)));

	(void)state;
	for (size_t i = 0; i < plan->n_ports; i++) {
		if (plan->hosts[plan->ports[i].host].roles != DMP_ROLE_DMA)
			assert_int_equal(plan->ports[i].level, DMP_LEVEL_FORBIDDEN);
	}
	plan_sample_absent(plan, "es1", "elasticsearch-http",
	    "does not apply: storage as a service brings its own indexing (features "
	    "storage=staas)");
	plan_sample_absent(plan, "db1", "cassandra-cql",
	    "does not apply: the features say that storage is not in Cassandra nodes "
	    "of "
	    "the site");
	dmp_plan_free(plan);
}

static void
nodes_talk_to_each_other_only_from_two_on(void **state)
{
	struct dmp_plan *one = plan_sample(SITE("", DMA(1) CAS(1) IDX(1)));
	struct dmp_plan *two =
	    plan_sample(SITE("", DMA(1) CAS(1) CAS(2) IDX(1) IDX(2)));

	(void)state;
	plan_sample_absent(one, "db1", "cassandra-internode",
	    "does not apply: a single Cassandra node has no other node to talk to");
	plan_sample_absent(one, "es1", "indexing-node",
	    "does not apply: a single indexing node has no other node to talk to");
	(void)plan_sample_port(one, "db1/cassandra-cql");
	assert_string_equal(plan_sample_port(two, "db1/cassandra-internode")->why,
	    "required: Cassandra nodes talk without TLS unless it is configured");
	assert_int_equal(
	    plan_sample_port(two, "es2/indexing-node")->applies, DMP_APPLIES_YES);
	dmp_plan_free(one);
	dmp_plan_free(two);
}

static void
cassandra_tls_moves_the_nodes_to_7001(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("", "<features cassandra-tls='yes'/>" DMA(1) CAS(1) CAS(2)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "db1/cassandra-internode-tls")->number, 7001);
	plan_sample_absent(plan, "db1", "cassandra-internode",
	    "does not apply: Cassandra nodes talk with TLS on 7001 (features "
	    "cassandra-tls=yes)");
	dmp_plan_free(plan);
}

static void
the_only_agent_reaches_its_own_cassandra_locally(void **state)
{
	struct dmp_plan *plan = plan_sample(
	    SITE("", "<host name='a' address='192.0.2.1' roles='dma cassandra'/>"));

	(void)state;
	plan_sample_absent(plan, "a", "cassandra-cql",
	    "does not apply: the only Agent reaches its only Cassandra node on its own "
	    "machine");
	dmp_plan_free(plan);
}

static void
an_indexing_node_has_one_of_two_requirements(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    "<host name='a' address='192.0.2.1' roles='dma indexing'/>" DMA(2) IDX(1)));

	(void)state;
	(void)plan_sample_port(plan, "a/indexing-http");
	assert_null(plan_sample_find(plan, "a/elasticsearch-http"));
	(void)plan_sample_port(plan, "es1/elasticsearch-http");
	assert_null(plan_sample_find(plan, "es1/indexing-http"));
	dmp_plan_free(plan);
}

static void
the_cloud_endpoint_follows_the_version_of_the_gateway(void **state)
{
#define GATEWAY "<host name='g' address='192.0.2.9' roles='cloud-gateway'/>"
	struct dmp_plan *plan =
	    plan_sample(SITE("", "<features cloud-gateway='2.10.0'/>" DMA(1) GATEWAY));
	struct dmp_plan *older =
	    plan_sample(SITE("", "<features cloud-gateway='2.9.0'/>" DMA(1) GATEWAY));
	struct dmp_plan *none =
	    plan_sample(SITE("", "<features cloud-gateway='no'/>" DMA(1) GATEWAY));

	(void)state;
	assert_int_equal(
	    plan_sample_port(plan, "g/cloud-endpoint")->applies, DMP_APPLIES_YES);
	assert_int_equal(
	    plan_sample_port(older, "g/cloud-endpoint")->applies, DMP_APPLIES_ASSUMED);
	plan_sample_absent(none, "g", "cloud-endpoint",
	    "does not apply: the site has no CloudGateway (features cloud-gateway=no)");
	dmp_plan_free(plan);
	dmp_plan_free(older);
	dmp_plan_free(none);
}

static void
telnet_is_forbidden_unless_it_is_in_use(void **state)
{
	struct dmp_plan *unset = plan_sample(SITE("dataminer='10.2.0'", DMA(1)));
	struct dmp_plan *used =
	    plan_sample(SITE("", "<features telnet='yes'/>" DMA(1)));

	(void)state;
	assert_string_equal(plan_sample_port(unset, "dma1/telnet-stream")->why,
	    "forbidden: should be closed: Telnet is obsolete, and disabled by default "
	    "from 9.6.5/10.0.0");
	plan_sample_absent(used, "dma1", "telnet-stream",
	    "does not apply: Telnet is in use (features telnet=yes), so an open port "
	    "is "
	    "no finding");
	dmp_plan_free(unset);
	dmp_plan_free(used);
}

static void
nats_monitoring_should_be_closed_but_not_on_its_own_machine(void **state)
{
	struct dmp_plan *remote = plan_sample(SITE("dataminer='10.4.0'", DMA(1)));
	struct dmp_plan *local = plan_sample(SITE("dataminer='10.4.0'",
	    "<host name='a' address='127.0.0.1 ::1' roles='dma'/>"));
	struct dmp_plan *older = plan_sample(SITE("dataminer='10.0.13'", DMA(1)));

	(void)state;
	assert_int_equal(
	    plan_sample_port(remote, "dma1/nats-monitor")->level, DMP_LEVEL_FORBIDDEN);
	plan_sample_absent(local, "a", "nats-monitor",
	    "does not apply: DataMiner asks it on its own machine, which is this one");
	assert_null(plan_sample_find(older, "dma1/nats-monitor"));
	dmp_plan_free(remote);
	dmp_plan_free(local);
	dmp_plan_free(older);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(remoting_follows_the_inter_dma_feature),
	    cmocka_unit_test(grpc_both_ways_needs_no_remoting),
	    cmocka_unit_test(an_undetermined_transport_is_assumed_and_kept),
	    cmocka_unit_test(
	        an_observer_that_stands_for_devices_sees_traps_and_forbidden_ports),
	    cmocka_unit_test(the_vantage_does_not_check_itself),
	    cmocka_unit_test(the_only_host_checks_itself),
	    cmocka_unit_test(hosts_without_the_role_are_not_mentioned),
	    cmocka_unit_test(a_single_agent_uses_nats_locally),
	    cmocka_unit_test(legacy_nats_has_routes_from_three_agents_on),
	    cmocka_unit_test(broker_gateway_has_routes_and_no_account_server),
	    cmocka_unit_test(without_nats_none_of_its_ports_is_planned),
	    cmocka_unit_test(a_failover_pair_is_two_agents_for_nats),
	    cmocka_unit_test(storage_as_a_service_needs_no_nodes),
	    cmocka_unit_test(nodes_talk_to_each_other_only_from_two_on),
	    cmocka_unit_test(cassandra_tls_moves_the_nodes_to_7001),
	    cmocka_unit_test(the_only_agent_reaches_its_own_cassandra_locally),
	    cmocka_unit_test(an_indexing_node_has_one_of_two_requirements),
	    cmocka_unit_test(the_cloud_endpoint_follows_the_version_of_the_gateway),
	    cmocka_unit_test(telnet_is_forbidden_unless_it_is_in_use),
	    cmocka_unit_test(
	        nats_monitoring_should_be_closed_but_not_on_its_own_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
