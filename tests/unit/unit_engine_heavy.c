/* SPDX-License-Identifier: BSD-2-Clause */
/* How often the heavy part of a check is done: informs to a trap receiver, and a
 * conversation that its service counts against us. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/exchange.h"
#include "support/engine_box.h"
#include "support/fake_service.h"
#include "support/plan_sample.h"
#include "support/probe_run.h"

#define KEY "h/trap"

enum {
	VERSION_AT = 4, /* of SNMP, in a message shorter than 128 bytes */
	VERSION_2C = 1,
	COMMUNITY_AT = 6, /* its length */
	RESPONSE = 0xa2
};

/* Somebody on a UDP port, who counts and may answer. */
struct receiver {
	struct event *event;
	int fd;
	uint16_t port;
	bool answers;
	unsigned informs;
	unsigned discoveries;
};

/* An inform is acknowledged by itself, made a Response; what else comes, by an old
 * Response, which is at least SNMP. */
static void
receiver_on_datagram(evutil_socket_t fd, short what, void *arg)
{
	static const uint8_t OTHER[] = {0x30, 0x17, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l',
	    'i', 'c', 0xa2, 0x0a, 2, 2, 0x12, 0x34, 2, 1, 0, 2, 1, 0};
	struct receiver *receiver = arg;
	struct sockaddr_storage from;
	socklen_t size = sizeof from;
	uint8_t data[256];
	ssize_t n = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &size);
	bool inform;

	(void)what;
	if (n <= COMMUNITY_AT)
		return;
	inform = data[VERSION_AT] == VERSION_2C;
	if (inform) {
		receiver->informs++;
		data[COMMUNITY_AT + 1 + data[COMMUNITY_AT]] = RESPONSE;
	} else {
		receiver->discoveries++;
	}
	if (receiver->answers)
		(void)sendto(fd, inform ? data : OTHER,
		    inform ? (size_t)n : sizeof OTHER, 0, (struct sockaddr *)&from,
		    size);
}

static void
receiver_open(struct receiver *receiver, struct event_base *base)
{
	receiver->fd = bound_socket("127.0.0.1", SOCK_DGRAM, -1, &receiver->port);
	receiver->event = event_new(
	    base, receiver->fd, EV_READ | EV_PERSIST, receiver_on_datagram, receiver);
	assert_non_null(receiver->event);
	assert_int_equal(event_add(receiver->event, NULL), 0);
}

static void
receiver_close(struct receiver *receiver)
{
	event_free(receiver->event);
	(void)close(receiver->fd);
}

/* A site with one host and one requirement, as the engine's plan. */
static struct dmp_plan *
plan_of(const char *port, uint16_t number, const char *requirement)
{
	struct dmp_text document = {0};
	struct dmp_plan *plan;

	dmp_text_printf(&document,
	    "<site xmlns='urn:dmports:site:1' name='Box'>"
	    "<policy interval='100ms' fast='100ms' slow='100ms' timeout='1s'/>"
	    "<host name='h' address='127.0.0.1' roles='device'>"
	    "<port %s port='%u'/></host><requirement index='10001' title='Db' port='1' "
	    "to='client' level='required' %s/></site>",
	    port, number, requirement);
	plan = plan_sample(dmp_text_get(&document));
	dmp_text_done(&document);
	assert_int_equal(plan->n_ports, 1);
	return plan;
}

static void
apply(struct engine_box *box, struct dmp_plan *plan)
{
	struct dmp_text errors = {0};
	struct dmp_engine_setup *setup = NULL;

	assert_int_equal(dmp_engine_prepare(box->log->log, plan, &setup), DMP_OK);
	assert_int_equal(dmp_engine_apply(box->engine, setup, &errors), DMP_OK);
	assert_string_equal(dmp_text_get(&errors), "");
}

/* The community comes from no file here, and the interval may be shorter than a site
 * file can have it for informs. */
static void
watch(struct engine_box *box, const struct receiver *receiver, uint32_t heavy_ms)
{
	struct dmp_plan *plan =
	    plan_of("requirement='trap' community-file='c' inform='yes'",
	        receiver->port, "key='trap' transport='udp' probe='snmp-trap'");

	plan->ports[0].community = "peer";
	plan->ports[0].policy.heavy_ms = heavy_ms;
	apply(box, plan);
}

/* The receiver may have taken in what it did not acknowledge. */
static void
inform_without_an_answer_is_not_repeated_by_the_next_checks(void **state)
{
	struct engine_box *box = *state;
	struct receiver receiver = {.answers = false};
	unsigned informs;
	unsigned discoveries;

	receiver_open(&receiver, box->base);
	engine_box_start(box);
	watch(box, &receiver, 3600000);
	ENGINE_BOX_WAIT(box, engine_box_port(box, KEY).checks == 1)
	informs = receiver.informs;
	discoveries = receiver.discoveries;
	assert_true(informs > 0);
	ENGINE_BOX_WAIT(box, engine_box_port(box, KEY).checks == 2)
	assert_int_equal(receiver.informs, informs);
	assert_true(receiver.discoveries > discoveries);
	engine_box_stop(box);
	receiver_close(&receiver);
}

static void
inform_comes_once_in_its_interval(void **state)
{
	struct engine_box *box = *state;
	struct receiver receiver = {.answers = true};
	int64_t took_ms = -engine_box_now_ms();

	receiver_open(&receiver, box->base);
	engine_box_start(box);
	watch(box, &receiver, 1000);
	ENGINE_BOX_WAIT(box, receiver.informs == 3)
	took_ms += engine_box_now_ms();
	assert_true(took_ms >= 2000);
	assert_true(engine_box_port(box, KEY).checks > 2 * receiver.informs);
	engine_box_stop(box);
	receiver_close(&receiver);
}

/* Its checks take so long that an inform falls due in the midst of one without. */
static void
inform_is_not_put_off_by_a_check_that_began_before_it_was_due(void **state)
{
	struct engine_box *box = *state;
	struct receiver receiver = {.answers = false};
	unsigned informs;

	receiver_open(&receiver, box->base);
	engine_box_start(box);
	watch(box, &receiver, 350);
	ENGINE_BOX_WAIT(box, engine_box_port(box, KEY).checks == 1)
	informs = receiver.informs;
	ENGINE_BOX_WAIT(box, engine_box_port(box, KEY).checks == 3)
	assert_true(receiver.informs > informs);
	engine_box_stop(box);
	receiver_close(&receiver);
}

/* A required service that says hello; of its exchange a heavy copy is made. */
static void
watch_exchange(struct engine_box *box, const struct fake_service *service,
    struct dmp_exchange *ret_exchange)
{
	struct dmp_plan *plan = plan_of("requirement='db'", fake_service_port(service),
	    "key='db' transport='tcp' probe='exchange' expect='hello'");

	*ret_exchange = *plan->ports[0].exchange;
	ret_exchange->heavy = true;
	plan->ports[0].exchange = ret_exchange;
	apply(box, plan);
}

/* A database locks out who greets it often and never logs in. */
static void
heavy_exchange_is_had_once_and_connections_go_on(void **state)
{
	static const struct fake_act HELLO = {.reply = "hello", .speaks_first = true};
	struct engine_box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &HELLO, NULL, NULL);
	struct dmp_exchange exchange;

	engine_box_start(box);
	watch_exchange(box, service, &exchange);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "h/db").checks == 4)
	assert_int_equal(engine_box_port(box, "h/db").reason, DMP_REASON_ANSWERED);
	/* A conversation ends in order, a mere connection by a reset. */
	assert_int_equal(fake_service_ends(service), 1);
	engine_box_stop(box);
	fake_service_free(service);
}

/* One connection fails, the next ones do not. */
static void
doubt_is_gone_with_the_next_connection(void **state)
{
	static const struct fake_act HELLO = {.reply = "hello", .speaks_first = true};
	struct engine_box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &HELLO, NULL, NULL);
	struct dmp_exchange exchange;
	uint16_t port = fake_service_port(service);
	int fd;

	engine_box_start(box);
	watch_exchange(box, service, &exchange);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "h/db").checks == 1)
	fake_service_free(service);
	ENGINE_BOX_WAIT(
	    box, strstr(engine_box_port(box, "h/db").detail, "not confirmed"))
	fd = engine_box_listen(port, &port);
	ENGINE_BOX_WAIT(
	    box, !strstr(engine_box_port(box, "h/db").detail, "not confirmed"))
	assert_int_equal(engine_box_port(box, "h/db").state, DMP_STATE_UP);
	assert_int_equal(engine_box_port(box, "h/db").reason, DMP_REASON_ANSWERED);
	assert_string_equal(engine_box_port(box, "h/db").detail,
	    dmp_reason_sentence(DMP_REASON_ANSWERED));
	engine_box_stop(box);
	close(fd);
}

/* Connections in between would bring it back. */
static void
heavy_exchange_goes_on_while_the_answer_is_wrong(void **state)
{
	static const struct fake_act NOISE = {
	    .reply = "220 other\r\n", .speaks_first = true, .end = FAKE_FIN};
	struct engine_box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &NOISE, NULL, NULL);
	struct dmp_exchange exchange;

	engine_box_start(box);
	watch_exchange(box, service, &exchange);
	ENGINE_BOX_WAIT(box, engine_box_port(box, "h/db").checks == 6)
	assert_int_equal(engine_box_port(box, "h/db").state, DMP_STATE_DOWN);
	assert_int_equal(engine_box_port(box, "h/db").reason, DMP_REASON_WRONG_SERVICE);
	engine_box_stop(box);
	fake_service_free(service);
}

#define ENGINE_TEST(name)                                                              \
	cmocka_unit_test_setup_teardown(name, engine_box_setup, engine_box_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ENGINE_TEST(inform_without_an_answer_is_not_repeated_by_the_next_checks),
	    ENGINE_TEST(inform_comes_once_in_its_interval),
	    ENGINE_TEST(inform_is_not_put_off_by_a_check_that_began_before_it_was_due),
	    ENGINE_TEST(heavy_exchange_is_had_once_and_connections_go_on),
	    ENGINE_TEST(doubt_is_gone_with_the_next_connection),
	    ENGINE_TEST(heavy_exchange_goes_on_while_the_answer_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
