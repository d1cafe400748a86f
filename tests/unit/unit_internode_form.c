/* SPDX-License-Identifier: BSD-2-Clause */
/* How a Cassandra port among nodes is asked is decided by what CQL of its host told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/sweep.h"
#include "support/engine_box.h"
#include "support/fake_service.h"
#include "support/hex.h"

/* The fifth byte of the new form, and of no old one. */
enum { MARK_AT = 4, NEW_MARK = 0xff };

struct node {
	uint8_t cql_bytes[128];
	struct fake_act cql_act;
	struct fake_act node_act;
	struct fake_service *cql;
	struct fake_service *node;
};

/* A node whose CQL speaks protocols 3 to 5 and the language 3.4.x.  Its port among
 * nodes says version 12: for 3.4.7 in the new form, which is garbage for who asked in
 * the old one, else the other way round. */
static void
node_open(struct node *node, struct event_base *base, char language)
{
	static const uint8_t VERSION_12[] = {
	    0, 0, 0, 12, 0, 0, 0, 12, 0x26, 0xf5, 0x67, 0x3a};
	size_t size =
	    test_hex("84000000060000003f0002001150524f544f434f4c5f56455253494f4e530003"
	             "0004332f76330004342f76340004352f7635"
	             "000b43514c5f56455253494f4e00010005332e342e37",
	        node->cql_bytes, sizeof node->cql_bytes);

	node->cql_bytes[size - 1] = (uint8_t)language;
	node->cql_act = (struct fake_act){.reply = node->cql_bytes, .size = size};
	node->node_act =
	    (struct fake_act){.reply = VERSION_12, .size = language == '7' ? 12 : 4};
	node->cql = fake_service_new(base, &node->cql_act, NULL, NULL);
	node->node = fake_service_new(base, &node->node_act, NULL, NULL);
}

static void
node_close(struct node *node)
{
	fake_service_free(node->cql);
	fake_service_free(node->node);
}

static bool
node_was_asked_in_the_new_form(const struct node *node)
{
	return (uint8_t)fake_service_received(node->node)[MARK_AT] == NEW_MARK;
}

/* --- the one-shot check --- */

struct sweep_run {
	struct event_base *base;
	struct dmp_probe_result results[2];
};

static void
on_port(size_t port, const struct dmp_probe_result *result, void *arg)
{
	((struct sweep_run *)arg)->results[port] = *result;
}

static void
on_done(void *arg)
{
	(void)event_base_loopbreak(((struct sweep_run *)arg)->base);
}

static struct dmp_plan_port
plan_port(enum dmp_probe_kind kind, uint16_t number)
{
	return (struct dmp_plan_port){
	    .probe = kind,
	    .number = number,
	    .requirement = (size_t)kind,
	    .transport = DMP_TRANSPORT_TCP,
	    .tls = DMP_NO,
	    .level = DMP_LEVEL_REQUIRED,
	    .admin = DMP_ADMIN_ENABLED,
	    .path = "",
	    .expect = "",
	    .policy = {.timeout_ms = 2000, .depth = DMP_DEPTH_IDENTIFY},
	};
}

/* Sweep a host with the port among nodes before its CQL, as the plan has them. */
static struct dmp_probe_result
sweep(struct engine_box *box, const struct dmp_plan_port ports[2])
{
	struct sweep_run run = {.base = box->base};
	struct dmp_plan_host host = {
	    .name = "a", .addresses = {"127.0.0.1"}, .n_addresses = 1};
	struct dmp_plan_port copy[2] = {ports[0], ports[1]};
	struct dmp_plan plan = {
	    .hosts = &host, .n_hosts = 1, .ports = copy, .n_ports = 2};
	struct dmp_sweep_config config = {
	    .base = box->base,
	    .clock = dmp_clock_system(),
	    .resolver = box->resolver,
	    .plan = &plan,
	    .max_in_flight = 64,
	    .max_descriptors = 256,
	    .port = on_port,
	    .done = on_done,
	    .arg = &run,
	};
	struct dmp_sweep *s;

	assert_int_equal(dmp_sweep_start(&config, &s), DMP_OK);
	assert_true(event_base_dispatch(box->base) >= 0);
	dmp_sweep_free(s);
	return run.results[0];
}

static void
one_shot_check_asks_cql_first(void **state)
{
	static const struct {
		char language;
		bool new_form;
	} CASES[] = {{'7', true}, {'6', false}};
	struct engine_box *box = *state;

	engine_box_start(box);
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct node node;
		struct dmp_plan_port ports[2];
		struct dmp_probe_result result;

		node_open(&node, box->base, CASES[i].language);
		ports[0] = plan_port(
		    DMP_PROBE_CASSANDRA_INTERNODE, fake_service_port(node.node));
		ports[1] = plan_port(DMP_PROBE_CQL, fake_service_port(node.cql));
		result = sweep(box, ports);
		assert_int_equal(result.reason, DMP_REASON_ANSWERED);
		assert_null(strstr(result.detail, "guess"));
		assert_int_equal(
		    node_was_asked_in_the_new_form(&node), CASES[i].new_form);
		node_close(&node);
	}
}

static void
one_shot_check_does_not_wait_for_a_cql_that_is_not_checked(void **state)
{
	struct engine_box *box = *state;
	struct node node;
	struct dmp_plan_port ports[2];
	struct dmp_probe_result result;

	engine_box_start(box);
	node_open(&node, box->base, '6');
	ports[0] =
	    plan_port(DMP_PROBE_CASSANDRA_INTERNODE, fake_service_port(node.node));
	ports[1] = plan_port(DMP_PROBE_CQL, fake_service_port(node.cql));
	ports[1].admin = DMP_ADMIN_MAINTENANCE;
	result = sweep(box, ports);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_non_null(strstr(result.detail, "guess"));
	assert_int_equal(fake_service_connections(node.cql), 0);
	node_close(&node);
}

/* --- the daemon --- */

/* interval: of the port among nodes; CQL is checked once. */
static void
apply(struct engine_box *box, const struct node *node, const char *interval)
{
	struct dmp_text content = {0};

	dmp_text_printf(&content,
	    "<host name='c' address='127.0.0.1' roles='device'>"
	    "<port requirement='node' port='%u' interval='%s'/>"
	    "<port requirement='cql' port='%u' interval='1h'/></host>"
	    "<requirement key='node' index='10001' title='Node' transport='tcp' "
	    "port='1' to='client' level='required' probe='cassandra-internode'/>"
	    "<requirement key='cql' index='10002' title='CQL' transport='tcp' "
	    "port='1' to='client' level='required' probe='cql'/>",
	    fake_service_port(node->node), interval, fake_service_port(node->cql));
	engine_box_apply(box, &content);
}

static void
daemon_asks_as_cql_told_last_and_a_reload_forgets_nothing(void **state)
{
	struct engine_box *box = *state;
	struct node node;
	uint32_t checks;

	engine_box_start(box);
	node_open(&node, box->base, '7');
	apply(box, &node, "100ms");
	ENGINE_BOX_WAIT(box, node_was_asked_in_the_new_form(&node))
	ENGINE_BOX_WAIT(
	    box, strstr(engine_box_port(box, "c/node").detail, "guess") == NULL &&
	             engine_box_port(box, "c/node").reason == DMP_REASON_ANSWERED)
	checks = engine_box_port(box, "c/cql").checks;
	apply(box, &node, "1h");
	ENGINE_BOX_WAIT(box, engine_box_port(box, "c/node").checks == 1)
	assert_int_equal(engine_box_port(box, "c/node").reason, DMP_REASON_ANSWERED);
	assert_null(strstr(engine_box_port(box, "c/node").detail, "guess"));
	assert_int_equal(engine_box_port(box, "c/cql").checks, checks);
	node_close(&node);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        one_shot_check_asks_cql_first, engine_box_setup, engine_box_teardown),
	    cmocka_unit_test_setup_teardown(
	        one_shot_check_does_not_wait_for_a_cql_that_is_not_checked,
	        engine_box_setup, engine_box_teardown),
	    cmocka_unit_test_setup_teardown(
	        daemon_asks_as_cql_told_last_and_a_reload_forgets_nothing,
	        engine_box_setup, engine_box_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
