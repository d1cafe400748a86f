/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in catalogue decided for whole systems: what the rules come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/matrix.h"
#include "support/matrix_sample.h"

static struct dmp_matrix *
matrix_of(const char *site)
{
	struct dmp_matrix *matrix = NULL;

	assert_int_equal(dmp_matrix_build(plan_sample(site), &matrix), DMP_OK);
	return matrix;
}

/* What is needed from one host to another: keys with '?' where it is assumed. */
static void
assert_needed(
    const struct dmp_matrix *m, const char *from, const char *to, const char *expected)
{
	struct dmp_text keys = {0};

	for (size_t i = 0; i < m->n_flows; i++) {
		const struct dmp_flow *flow = &m->flows[i];
		const char *source = flow->from == DMP_FLOW_OUTSIDE
		                         ? "outside"
		                         : m->plan->hosts[flow->from].name;

		if (strcmp(source, from) != 0 ||
		    strcmp(m->plan->hosts[flow->to].name, to) != 0 ||
		    flow->applies == DMP_APPLIES_NO ||
		    flow->level != DMP_LEVEL_REQUIRED)
			continue;
		dmp_text_printf(&keys, "%s%s%s", keys.size > 0 ? " " : "",
		    m->plan->requirements[flow->requirement].key,
		    flow->applies == DMP_APPLIES_ASSUMED ? "?" : "");
	}
	assert_string_equal(dmp_text_get(&keys), expected);
	dmp_text_done(&keys);
}

static void
agents_need_of_each_other_what_their_version_has(void **state)
{
#define THREE(version) SITE("dataminer='" version "'", DMA(1) DMA(2) DMA(3))
	static const struct {
		const char *site;
		const char *expected;
	} cases[] = {
	    {THREE("9.6.0 [CU10]"), "remoting http https?"},
	    {THREE("10.0.0 [CU2]"), "remoting http https?"},
	    {THREE("10.1.0 [CU8]"),
	        "remoting http https? nats-client nats-route nats-account-server"},
	    {THREE("10.1.12"),
	        "remoting http https? nats-client nats-route nats-account-server"},
	    {THREE("10.2.0"),
	        "remoting http https? nats-client nats-route nats-account-server"},
	    {THREE("10.3.6"),
	        "remoting http https nats-client nats-route nats-account-server"},
	    {THREE("10.3.0 [CU3]"),
	        "remoting http https nats-client nats-route nats-account-server"},
	    {THREE("10.4.0"),
	        "remoting http https nats-client nats-route nats-account-server?"},
	    {THREE("10.5.10"), "http https grpc nats-client nats-route "
	                       "nats-account-server? broker-gateway?"},
	    {THREE("10.6.1"), "http https grpc nats-client nats-route broker-gateway"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dmp_matrix *m = matrix_of(cases[i].site);

		assert_needed(m, "dma3", "dma1", cases[i].expected);
		matrix_sample_free(m);
	}
}

static void
clients_follow_their_feature_and_else_the_version(void **state)
{
	struct dmp_matrix *old = matrix_of(SITE("dataminer='10.3.6'", DMA(1)));
	struct dmp_matrix *new = matrix_of(SITE("dataminer='10.6.1'", DMA(1)));
	struct dmp_matrix *set =
	    matrix_of(SITE("dataminer='10.3.6'", "<features client='grpc'/>" DMA(1)));

	(void)state;
	assert_needed(old, "outside", "dma1", "snmp-trap remoting http https");
	assert_needed(new, "outside", "dma1", "snmp-trap http https grpc");
	assert_needed(set, "outside", "dma1", "snmp-trap http https grpc");
	matrix_sample_free(old);
	matrix_sample_free(new);
	matrix_sample_free(set);
}

/* What the features say is taken for the truth until the version proves it wrong. */
static void
without_grpc_in_the_version_clients_use_remoting(void **state)
{
	struct dmp_matrix *old =
	    matrix_of(SITE("dataminer='10.2.0'", "<features client='grpc'/>" DMA(1)));
	struct dmp_matrix *unknown =
	    matrix_of(SITE("", "<features client='grpc'/>" DMA(1)));

	(void)state;
	assert_needed(old, "outside", "dma1", "snmp-trap remoting http https?");
	assert_string_equal(matrix_sample_flow(old, "outside", "dma1", "remoting")->why,
	    "required: clients use .NET Remoting: there is no gRPC before "
	    "10.3.0/10.3.2");
	assert_needed(unknown, "outside", "dma1", "snmp-trap http https? grpc?");
	matrix_sample_free(old);
	matrix_sample_free(unknown);
}

static void
with_https_only_port_80_may_be_closed(void **state)
{
	struct dmp_matrix *m =
	    matrix_of(SITE("dataminer='10.6.1'", "<features https='only'/>" DMA(1)));

	(void)state;
	assert_needed(m, "outside", "dma1", "snmp-trap https grpc");
	matrix_sample_free(m);
}

static void
grpc_both_ways_leaves_8004_to_nobody(void **state)
{
	struct dmp_matrix *m = matrix_of(SITE("dataminer='10.3.0 [CU3]'",
	    "<features inter-dma='grpc' client='grpc' nats='none'/>" DMA(1) DMA(2)));

	(void)state;
	for (size_t i = 0; i < m->n_flows; i++)
		assert_true(m->flows[i].number != 8004 ||
		            m->flows[i].applies == DMP_APPLIES_NO);
	matrix_sample_free(m);
}

#define LOCAL_PAIR                                                                     \
	"<features storage='cassandra-local' nats='legacy'/>"                          \
	"<host name='a' address='192.0.2.1' roles='dma cassandra' member-of='ab'/>"    \
	"<host name='b' address='192.0.2.2' roles='dma cassandra' member-of='ab'/>"    \
	"<failover name='ab' address='192.0.2.3'/>"

static void
a_pair_needs_nats_cassandra_and_heartbeats_between_its_members(void **state)
{
	struct dmp_matrix *m =
	    matrix_of(SITE("dataminer='10.3.0 [CU6]'", LOCAL_PAIR DMA(1)));

	(void)state;
	assert_needed(m, "a", "b",
	    "remoting http https cassandra-internode cassandra-cql nats-client "
	    "nats-route failover-heartbeat");
	assert_needed(m, "dma1", "b", "remoting http https nats-client nats-route");
	matrix_sample_free(m);
}

static void
the_address_of_a_pair_has_what_clients_and_other_agents_use(void **state)
{
	struct dmp_matrix *m =
	    matrix_of(SITE("dataminer='10.3.0 [CU6]'", LOCAL_PAIR DMA(1)));

	(void)state;
	assert_needed(m, "outside", "ab", "snmp-trap remoting http https");
	assert_needed(m, "dma1", "ab", "remoting http https");
	assert_needed(m, "a", "ab", "");
	matrix_sample_free(m);
}

#define CLOUD_HOST "<host name='c' address='stas.example' roles='cloud'/>"

static void
every_agent_stores_in_the_cloud(void **state)
{
	struct dmp_matrix *m = matrix_of(SITE("dataminer='10.4.0 [CU1]'",
	    "<features storage='staas' cloud-gateway='no'/>" DMA(1) DMA(2) CLOUD_HOST));

	(void)state;
	assert_needed(m, "dma1", "c", "staas");
	assert_needed(m, "dma2", "c", "staas");
	matrix_sample_free(m);
}

static void
amqp_to_the_cloud_ended_with_a_version(void **state)
{
	struct dmp_matrix *m = matrix_of(SITE("dataminer='10.3.10'",
	    "<features storage='staas' cloud-gateway='no'/>" DMA(1) CLOUD_HOST));
	struct dmp_matrix *new = matrix_of(SITE("dataminer='10.3.11'",
	    "<features storage='staas' cloud-gateway='no'/>" DMA(1) CLOUD_HOST));

	(void)state;
	assert_needed(m, "dma1", "c", "staas staas-amqps staas-amqp");
	assert_needed(new, "dma1", "c", "staas");
	matrix_sample_free(m);
	matrix_sample_free(new);
}

static void
tls_between_cassandra_nodes_is_another_port(void **state)
{
	struct dmp_matrix *m = matrix_of(SITE("dataminer='10.3.6'",
	    "<features cassandra-tls='yes'/>" DMA(1) CAS(1) CAS(2)));

	(void)state;
	assert_needed(m, "db1", "db2", "cassandra-internode-tls");
	assert_needed(m, "dma1", "db2", "cassandra-cql");
	matrix_sample_free(m);
}

static void
without_tls_in_the_version_cassandra_nodes_use_7000(void **state)
{
	struct dmp_matrix *m = matrix_of(SITE("dataminer='10.1.2'",
	    "<features cassandra-tls='yes'/>" DMA(1) CAS(1) CAS(2)));
	struct dmp_matrix *unknown =
	    matrix_of(SITE("", "<features cassandra-tls='yes'/>" DMA(1) CAS(1) CAS(2)));

	(void)state;
	assert_needed(m, "db1", "db2", "cassandra-internode");
	assert_needed(unknown, "db1", "db2", "cassandra-internode-tls?");
	matrix_sample_free(m);
	matrix_sample_free(unknown);
}

static void
storage_in_a_cloud_that_is_not_listed_is_said(void **state)
{
	static const struct {
		const char *site;
		const char *why;
	} cases[] = {
	    {SITE("dataminer='10.5.0'", "<features storage='staas'/>" DMA(1)),
	        "not planned, no host of the site has the role cloud: every Agent "
	        "stores in the cloud (features storage=staas)"},
	    {SITE("dataminer='10.5.0'", "<features storage='other'/>" DMA(1)),
	        "does not apply: no host of the site has the role cloud"},
	    {SITE("dataminer='10.5.0'", DMA(1)),
	        "does not apply: no host of the site has the role cloud"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dmp_matrix *m = matrix_of(cases[i].site);
		const struct dmp_plan *plan = m->plan;
		size_t j = 0;

		while (j < plan->n_requirements &&
		       strcmp(plan->requirements[j].key, "staas") != 0)
			j++;
		assert_true(j < plan->n_requirements);
		assert_string_equal(plan->requirements[j].why, cases[i].why);
		matrix_sample_free(m);
	}
}

#define SHARES                                                                         \
	"<host name='dma1' address='192.0.2.1' roles='dma'>"                           \
	"<port requirement='offload-smb'/></host>"
#define MAIL                                                                           \
	"<host name='mail' address='192.0.2.50' roles='server'>"                       \
	"<port requirement='smtp'/></host>"
#define SQL                                                                            \
	"<host name='sql' address='192.0.2.51' roles='server'>"                        \
	"<port requirement='offload-sql-server'/></host>"

static void
only_the_sql_server_fetches_offload_files(void **state)
{
	struct dmp_matrix *m = matrix_of(SITE("dataminer='10.4.0'", SHARES MAIL SQL));
	struct dmp_matrix *untold = matrix_of(SITE("dataminer='10.4.0'", SHARES MAIL));

	(void)state;
	assert_int_equal(matrix_sample_flow(m, "sql", "dma1", "offload-smb")->applies,
	    DMP_APPLIES_YES);
	assert_int_equal(matrix_sample_flow(m, "mail", "dma1", "offload-smb")->applies,
	    DMP_APPLIES_NO);
	assert_int_equal(
	    matrix_sample_flow(untold, "mail", "dma1", "offload-smb")->applies,
	    DMP_APPLIES_YES);
	matrix_sample_free(m);
	matrix_sample_free(untold);
}

static void
what_is_assumed_says_what_settles_it(void **state)
{
#define FEW     DMA(1) DMA(2)
#define MANY    FEW DMA(3) DMA(4) DMA(5) DMA(6) DMA(7) CAS(1) CAS(2) CLOUD_HOST GATEWAY
#define GATEWAY "<host name='g' address='192.0.2.70' roles='cloud-gateway dxm'/>"
	static const char *const sites[] = {SITE("", MANY), SITE("", DMA(1) DMA(2)),
	    SITE("dataminer='10.1.0'", DMA(1) DMA(2)), SITE("dataminer='10.3.0'", MANY),
	    SITE("dataminer='10.3.0'", DMA(1) DMA(2)), SITE("dataminer='10.3.1'", MANY),
	    SITE("dataminer='10.4.0 [CU3]'", MANY), SITE("dataminer='10.5.4'", MANY),
	    SITE("dataminer='10.5.0'", DMA(1) DMA(2)),
	    SITE("dataminer='10.6.1'", LOCAL_PAIR DMA(1) CLOUD_HOST)};
	size_t assumed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof sites / sizeof sites[0]; i++) {
		struct dmp_matrix *m = matrix_of(sites[i]);

		for (size_t j = 0; j < m->n_flows; j++) {
			if (m->flows[j].applies != DMP_APPLIES_ASSUMED)
				continue;
			assumed++;
			if (!strstr(m->flows[j].why, "settle"))
				fail_msg("%s", m->flows[j].why);
		}
		matrix_sample_free(m);
	}
	assert_in_range(assumed, 100, 10000);
}

/* The keys with level forbidden on a host, from any machine. */
static void
assert_forbidden(const char *site, const char *host, const char *expected)
{
	struct dmp_matrix *m = matrix_of(site);
	struct dmp_text keys = {0};

	for (size_t i = 0; i < m->n_flows; i++) {
		const struct dmp_flow *flow = &m->flows[i];

		if (flow->level != DMP_LEVEL_FORBIDDEN ||
		    flow->applies == DMP_APPLIES_NO ||
		    strcmp(m->plan->hosts[flow->to].name, host) != 0)
			continue;
		assert_int_equal(flow->from, DMP_FLOW_OUTSIDE);
		dmp_text_printf(
		    &keys, "%s%u", keys.size > 0 ? " " : "", (unsigned)flow->number);
	}
	assert_string_equal(dmp_text_get(&keys), expected);
	dmp_text_done(&keys);
	matrix_sample_free(m);
}

static void
ports_that_should_be_closed_depend_on_the_version(void **state)
{
	(void)state;
	assert_forbidden(
	    SITE("dataminer='10.3.6'", DMA(1)), "dma1", "8222 23 362 9004");
	assert_forbidden(SITE("dataminer='10.0.10'", DMA(1)), "dma1", "23 362");
	assert_forbidden(SITE("dataminer='10.3.6'", "<features telnet='yes'/>" DMA(1)),
	    "dma1", "8222 362 9004");
	assert_forbidden(SITE("dataminer='10.3.6'", DMA(1) CAS(1)), "db1", "9142 9160");
	assert_forbidden(
	    SITE("dataminer='10.1.0'", DMA(1)), "dma1", "8222 23 362 9004");
	assert_forbidden(SITE("dataminer='9.6.0'", DMA(1)), "dma1", "362");
	assert_forbidden(SITE("dataminer='10.0.7'", DMA(1) CAS(1)), "db1", "9142 9160");
}

/* There are flows of a requirement, and all of them apply so. */
static void
assert_flows(const struct dmp_matrix *m, const char *key, enum dmp_applies applies)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_flows; i++) {
		const struct dmp_flow *flow = &m->flows[i];

		if (strcmp(m->plan->requirements[flow->requirement].key, key) != 0)
			continue;
		assert_int_equal(flow->applies, applies);
		n++;
	}
	assert_true(n > 0);
}

static void
clients_use_grpc_for_names_under_dataminer_services(void **state)
{
	static const struct {
		const char *version;
		const char *address;
		enum dmp_applies remoting;
		enum dmp_applies grpc;
	} CASES[] = {
	    {"10.6.3", "x.dataminer.services", DMP_APPLIES_NO, DMP_APPLIES_YES},
	    {"10.6.3", "x.DataMiner.Services", DMP_APPLIES_NO, DMP_APPLIES_YES},
	    {"10.6.2", "x.dataminer.services", DMP_APPLIES_YES, DMP_APPLIES_NO},
	    {"10.5.0", "x.dataminer.services", DMP_APPLIES_ASSUMED,
	        DMP_APPLIES_ASSUMED},
	    {"10.6.3", "x.dataminer.services.example", DMP_APPLIES_YES, DMP_APPLIES_NO},
	    {"10.6.3", "dataminer.services", DMP_APPLIES_YES, DMP_APPLIES_NO},
	    {"10.6.3", "192.0.2.1", DMP_APPLIES_YES, DMP_APPLIES_NO},
	};
	char site[256];

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_matrix *m;

		dmp_text_format(site, sizeof site,
		    SITE("dataminer='%s'",
		        "<features client='remoting'/>"
		        "<host name='dma1' address='%s' roles='dma'/>"),
		    CASES[i].version, CASES[i].address);
		m = matrix_of(site);
		assert_flows(m, "remoting", CASES[i].remoting);
		assert_flows(m, "grpc", CASES[i].grpc);
		matrix_sample_free(m);
	}
}

#define TRAPS_AT(attributes)                                                           \
	SITE("dataminer='10.3.6'",                                                     \
	    "<host name='dma1' address='192.0.2.1' roles='dma'>"                       \
	    "<port requirement='snmp-trap' " attributes "/></host>")

static void
a_port_that_traps_come_to_should_not_be_closed(void **state)
{
	(void)state;
	assert_forbidden(TRAPS_AT("port='362'"), "dma1", "8222 23 9004");
	assert_forbidden(TRAPS_AT("port='363'"), "dma1", "8222 23 362 9004");
	assert_forbidden(
	    TRAPS_AT("port='362' level='none'"), "dma1", "8222 23 362 9004");
}

static void
the_snmp_agent_was_once_enabled_by_default(void **state)
{
	static const struct {
		const char *site;
		enum dmp_applies applies;
	} CASES[] = {
	    {SITE("dataminer='9.6.0 [CU3]'", DMA(1)), DMP_APPLIES_YES},
	    {SITE("dataminer='9.6.13'", DMA(1)), DMP_APPLIES_YES},
	    {SITE("dataminer='10.0.0 [CU0]'", DMA(1)), DMP_APPLIES_ASSUMED},
	    {SITE("dataminer='10.0.1'", DMA(1)), DMP_APPLIES_ASSUMED},
	    {SITE("", DMA(1)), DMP_APPLIES_ASSUMED},
	    {SITE("dataminer='9.6.13'", "<features snmp-agent='no'/>" DMA(1)),
	        DMP_APPLIES_NO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_matrix *m = matrix_of(CASES[i].site);
		const struct dmp_flow *flow = NULL;

		for (size_t j = 0; j < m->n_flows; j++) {
			if (m->plan->requirements[m->flows[j].requirement].number == 1)
				flow = &m->flows[j];
		}
		assert_non_null(flow);
		assert_int_equal(flow->applies, CASES[i].applies);
		matrix_sample_free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agents_need_of_each_other_what_their_version_has),
	    cmocka_unit_test(clients_follow_their_feature_and_else_the_version),
	    cmocka_unit_test(without_grpc_in_the_version_clients_use_remoting),
	    cmocka_unit_test(with_https_only_port_80_may_be_closed),
	    cmocka_unit_test(grpc_both_ways_leaves_8004_to_nobody),
	    cmocka_unit_test(
	        a_pair_needs_nats_cassandra_and_heartbeats_between_its_members),
	    cmocka_unit_test(
	        the_address_of_a_pair_has_what_clients_and_other_agents_use),
	    cmocka_unit_test(every_agent_stores_in_the_cloud),
	    cmocka_unit_test(amqp_to_the_cloud_ended_with_a_version),
	    cmocka_unit_test(tls_between_cassandra_nodes_is_another_port),
	    cmocka_unit_test(without_tls_in_the_version_cassandra_nodes_use_7000),
	    cmocka_unit_test(storage_in_a_cloud_that_is_not_listed_is_said),
	    cmocka_unit_test(only_the_sql_server_fetches_offload_files),
	    cmocka_unit_test(what_is_assumed_says_what_settles_it),
	    cmocka_unit_test(ports_that_should_be_closed_depend_on_the_version),
	    cmocka_unit_test(clients_use_grpc_for_names_under_dataminer_services),
	    cmocka_unit_test(a_port_that_traps_come_to_should_not_be_closed),
	    cmocka_unit_test(the_snmp_agent_was_once_enabled_by_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
