/* SPDX-License-Identifier: BSD-2-Clause */
/* Conversations with services that answer well, badly, or not at all. */
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/fake_service.h"
#include "support/probe_run.h"
#include "support/test_pki.h"

#define FLOOD_MAX (8u << 20)

#define OK_REPLY "HTTP/1.1 200 OK\r\nServer: x/1\r\nContent-Length: 5\r\n\r\nhello"
#define NGINX_400                                                                      \
	"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<center>The plain HTTP "     \
	"request was sent to HTTPS port</center>"
#define GO_400                                                                         \
	"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS "     \
	"server.\n"

static const struct fake_act WEB = {.reply = OK_REPLY, .end = FAKE_FIN};
static const struct fake_act SILENCE = {.reply = NULL};
static const struct fake_act CLOSE = {.end = FAKE_FIN};
static const struct fake_act RESET = {.end = FAKE_RST};
static const struct fake_act ALERT = {
    .reply = "\x15\3\3\0\2\2\x0a", .size = 7, .end = FAKE_FIN};

struct box {
	struct event_base *base;
	struct pki pki;
	SSL_CTX *context;
};

static int
setup(void **state)
{
	static struct box box;
	const struct pki_request request = {
	    "localhost", "DNS:localhost", -1, 90, NULL, 0};

	(void)signal(SIGPIPE, SIG_IGN);
	box.base = event_base_new();
	box.pki = pki_issue(&request);
	box.context = pki_server(&box.pki, NULL);
	*state = &box;
	return 0;
}

static int
teardown(void **state)
{
	struct box *box = *state;

	SSL_CTX_free(box->context);
	pki_free(&box->pki);
	event_base_free(box->base);
	return 0;
}

static struct dmp_probe_spec
spec_for(const struct fake_service *service, enum dmp_probe_kind kind)
{
	struct dmp_probe_spec spec = probe_spec(
	    DMP_TRANSPORT_TCP, "127.0.0.1", fake_service_port(service), 1000);

	spec.kind = kind;
	spec.depth = DMP_PROBE_IDENTIFY;
	spec.host = "localhost";
	spec.reply_timeout_ms = 3000;
	spec.tls = DMP_PROBE_TLS_NO;
	return spec;
}

static struct dmp_probe_result
ask(struct box *box, const struct fake_act *act)
{
	struct fake_service *service = fake_service_new(box->base, act, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
	struct dmp_probe_result result = probe_run(box->base, &spec);

	assert_int_equal(fake_service_connections(service), 1);
	fake_service_free(service);
	return result;
}

static void
web_server_is_answered(void **state)
{
	struct box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &WEB, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
	struct dmp_probe_result result;

	spec.path = "/x";
	result = probe_run(box->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_int_equal(result.progress, DMP_PROGRESS_ANSWERED);
	assert_string_equal(result.identity, "x/1");
	assert_non_null(strstr(result.detail, "(answer after "));
	assert_true(result.latency_us >= 1);
	assert_true(result.answer_us >= 1);
	assert_false(result.used_tls);
	assert_int_equal(result.tls_days_left, INT32_MAX);
	assert_int_equal(strncmp(fake_service_received(service),
	                     "GET /x HTTP/1.1\r\nHost: localhost:", 33),
	    0);
	fake_service_free(service);
}

/* The connect is quick; what takes its time is the service. */
static void
time_of_the_answer_is_that_of_the_service(void **state)
{
	static const struct fake_act SLOW = {.reply = "HTTP/1.1 200 OK\r\n"
	                                              "Content-Length: 0\r\n\r\n",
	    .drip_ms = 3};
	struct dmp_probe_result result = ask(*state, &SLOW);

	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_true(result.answer_us >= 3000);
	assert_int_equal(ask(*state, &CLOSE).answer_us, 0);
}

static void
expectation_decides(void **state)
{
	static const struct {
		const char *expect;
		enum dmp_reason reason;
	} CASES[] = {{"200", DMP_REASON_ANSWERED}, {"404", DMP_REASON_BAD_ANSWER},
	    {"ell", DMP_REASON_ANSWERED}, {"Hello", DMP_REASON_BAD_ANSWER},
	    {"", DMP_REASON_ANSWERED}, {"2000", DMP_REASON_BAD_ANSWER},
	    {"server: X/1", DMP_REASON_ANSWERED},
	    {"Server: x/2", DMP_REASON_BAD_ANSWER}};
	struct box *box = *state;

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct fake_service *service =
		    fake_service_new(box->base, &WEB, NULL, NULL);
		struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);

		spec.expect = CASES[i].expect;
		assert_int_equal(probe_run(box->base, &spec).reason, CASES[i].reason);
		fake_service_free(service);
	}
}

static void
end_without_a_byte_is_told_apart(void **state)
{
	static const struct fake_act HALF = {.end = FAKE_HALF_CLOSE};

	assert_int_equal(ask(*state, &CLOSE).reason, DMP_REASON_CLOSED_EARLY);
	assert_int_equal(ask(*state, &HALF).reason, DMP_REASON_CLOSED_EARLY);
	assert_int_equal(ask(*state, &RESET).reason, DMP_REASON_CONNECTION_RESET);
	assert_int_equal(ask(*state, &RESET).progress, DMP_PROGRESS_CONNECTED);
}

static void
reset_right_after_the_accept_is_a_reset(void **state)
{
	static const struct fake_act HASTY = {.end = FAKE_RST, .speaks_first = true};

	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    ask(*state, &HASTY).reason, DMP_REASON_CONNECTION_RESET);
}

static void
bytes_count_before_the_reset_that_follows(void **state)
{
	static const struct fake_act ACTS[] = {{.reply = OK_REPLY, .end = FAKE_RST},
	    {.reply = OK_REPLY, .end = FAKE_RST, .speaks_first = true},
	    {.reply = "HTTP/1.1 500 x\r\nContent-Length: 99\r\n\r\ncut",
	        .end = FAKE_RST}};

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(ask(*state, &ACTS[i]).reason, DMP_REASON_ANSWERED);
}

static void
other_service_is_named_with_the_hint(void **state)
{
	static const struct fake_act SSH = {
	    .reply = "SSH-2.0-\x1b[2Jx\r\n", .speaks_first = true};
	struct box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &SSH, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
	struct dmp_probe_result result;

	spec.hint = "known issue 7";
	result = probe_run(box->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_WRONG_SERVICE);
	assert_non_null(strstr(result.detail, "SSH-2.0-.[2Jx answers, not HTTP"));
	assert_non_null(strstr(result.detail, "known issue 7"));
	fake_service_free(service);
}

static void
bytes_that_nobody_knows_are_a_bad_answer(void **state)
{
	static const struct fake_act NOISE = {
	    .reply = "\xde\xad\xbe\xef\x1b]0;", .speaks_first = true};
	struct dmp_probe_result result = ask(*state, &NOISE);

	assert_int_equal(result.reason, DMP_REASON_BAD_ANSWER);
	for (const char *c = result.detail; *c; c++)
		assert_true(*c >= 0x20 && *c < 0x7f);
}

static void
silence_ends_at_the_deadline(void **state)
{
	struct box *box = *state;
	struct fake_service *service =
	    fake_service_new(box->base, &SILENCE, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
	int64_t begin_ms = dmp_clock_mono_ms(dmp_clock_system());
	struct dmp_probe_result result;

	spec.connect_timeout_ms = 100;
	spec.reply_timeout_ms = 150;
	result = probe_run(box->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_SILENT);
	assert_int_equal(result.progress, DMP_PROGRESS_CONNECTED);
	assert_true(dmp_clock_mono_ms(dmp_clock_system()) - begin_ms >= 240);
	fake_service_free(service);
}

static void
drips_do_not_extend_the_deadline(void **state)
{
	static const struct fake_act DRIP = {.reply = OK_REPLY, .drip_ms = 20};
	struct box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &DRIP, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);

	spec.connect_timeout_ms = 100;
	spec.reply_timeout_ms = 150;
	assert_int_equal(probe_run(box->base, &spec).reason, DMP_REASON_BAD_ANSWER);
	fake_service_free(service);
}

static void
floods_are_cut_long_before_the_deadline(void **state)
{
	static const struct {
		struct fake_act act;
		enum dmp_reason reason;
	} FLOODS[] = {
	    {{.reply = "noise ", .for_ever = true, .speaks_first = true},
	        DMP_REASON_BAD_ANSWER},
	    {{.reply = "220 hello\r\n", .for_ever = true, .speaks_first = true},
	        DMP_REASON_WRONG_SERVICE},
	    {{.reply = "HTTP/1.1 100 Continue\r\n\r\n", .for_ever = true},
	        DMP_REASON_BAD_ANSWER},
	    {{.reply = "HTTP/1.1 200 OK\r\n", .for_ever = true}, DMP_REASON_BAD_ANSWER},
	};
	struct box *box = *state;

	for (size_t i = 0; i < sizeof FLOODS / sizeof FLOODS[0]; i++) {
		struct fake_service *service =
		    fake_service_new(box->base, &FLOODS[i].act, NULL, NULL);
		struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
		int64_t begin_ms = dmp_clock_mono_ms(dmp_clock_system());

		spec.reply_timeout_ms = PATIENT_MS;
		assert_int_equal(probe_run(box->base, &spec).reason, FLOODS[i].reason);
		assert_true(
		    dmp_clock_mono_ms(dmp_clock_system()) - begin_ms < PATIENT_MS / 2);
		/* Most of them are still in the buffers of the kernel. */
		assert_true(fake_service_sent(service) < FLOOD_MAX);
		fake_service_free(service);
	}
}

static char *
bomb(const char *head, const char *again, size_t times)
{
	size_t n = strlen(head), m = strlen(again);
	char *text = malloc(n + m * times + 1);

	assert_non_null(text);
	memcpy(text, head, n);
	for (size_t i = 0; i < times; i++)
		memcpy(text + n + i * m, again, m);
	text[n + m * times] = '\0';
	return text;
}

static void
bombs_are_defused(void **state)
{
	static const struct {
		const char *head;
		const char *again;
		size_t times;
		enum dmp_reason reason; /* when the text "needle" is expected */
	} BOMBS[] = {
	    {"HTTP/1.1 200 OK\r\n", "X-Y: z\r\n", 100000, DMP_REASON_BAD_ANSWER},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n",
	        100000, DMP_REASON_BAD_ANSWER},
	    {"HTTP/1.1 200 OK\r\nContent-Length: 4294967296000\r\n\r\n",
	        "0123456789abcdef", 100000, DMP_REASON_BAD_ANSWER},
	    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
	        "0123456789abcdef", 100000, DMP_REASON_BAD_ANSWER},
	    {"HTTP/1.1 200 OK\r\nServer: ", "aaaaaaaaaaaaaaaa", 100000,
	        DMP_REASON_BAD_ANSWER},
	};
	struct box *box = *state;

	for (size_t i = 0; i < sizeof BOMBS / sizeof BOMBS[0]; i++) {
		char *text = bomb(BOMBS[i].head, BOMBS[i].again, BOMBS[i].times);
		const struct fake_act act = {.reply = text};
		struct fake_service *service =
		    fake_service_new(box->base, &act, NULL, NULL);
		struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);

		spec.expect = "needle";
		assert_int_equal(probe_run(box->base, &spec).reason, BOMBS[i].reason);
		fake_service_free(service);
		free(text);
	}
}

static void
tls_floods_are_cut(void **state)
{
	static const struct fake_act FLOODS[] = {
	    {.reply = "\x15\3\3\0\2\1\x5a", .size = 7, .for_ever = true},
	    {.reply = "\x17\3\3\0\0", .size = 5, .for_ever = true},
	    {.reply = "\x16\3\3\x3f\xff", .size = 5, .for_ever = true},
	};
	struct box *box = *state;

	for (size_t i = 0; i < sizeof FLOODS / sizeof FLOODS[0]; i++) {
		struct fake_service *service =
		    fake_service_new(box->base, &FLOODS[i], NULL, NULL);
		struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_TLS);
		int64_t begin_ms = dmp_clock_mono_ms(dmp_clock_system());

		spec.reply_timeout_ms = PATIENT_MS;
		assert_int_equal(
		    probe_run(box->base, &spec).reason, DMP_REASON_TLS_ALERT);
		assert_true(
		    dmp_clock_mono_ms(dmp_clock_system()) - begin_ms < PATIENT_MS / 2);
		fake_service_free(service);
	}
}

/* Ask a service that speaks TLS, and act without it, in whatever mode works. */
static struct dmp_probe_result
ask_either(struct box *box, const struct fake_act *plain, SSL_CTX *context,
    bool prefer_tls, int connections)
{
	struct fake_service *service =
	    fake_service_new(box->base, plain, context, &WEB);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
	struct dmp_probe_result result;

	spec.tls = DMP_PROBE_TLS_AUTO;
	spec.prefer_tls = prefer_tls;
	/* Silence is waited for, half of it in each mode, and so is a connect that is
	 * not answered; a busy machine is not. */
	spec.reply_timeout_ms =
	    plain == &SILENCE || plain->jam_after ? 2000 : PATIENT_MS;
	result = probe_run(box->base, &spec);
	assert_int_equal(fake_service_connections(service), connections);
	fake_service_free(service);
	return result;
}

static void
tls_is_found_where_plain_fails(void **state)
{
	static const struct fake_act NGINX = {.reply = NGINX_400, .end = FAKE_FIN};
	static const struct fake_act GO = {.reply = GO_400, .end = FAKE_FIN};
	const struct fake_act *const ACTS[] = {
	    &ALERT, &CLOSE, &RESET, &SILENCE, &NGINX, &GO};
	struct box *box = *state;

	for (size_t i = 0; i < sizeof ACTS / sizeof ACTS[0]; i++) {
		struct dmp_probe_result result =
		    ask_either(box, ACTS[i], box->context, false, 2);

		assert_int_equal(result.reason, DMP_REASON_TLS_SELF_SIGNED);
		assert_true(result.used_tls);
		assert_string_equal(result.identity, "x/1");
	}
}

static void
remembered_mode_is_tried_first(void **state)
{
	struct box *box = *state;

	assert_true(ask_either(box, &ALERT, box->context, true, 1).used_tls);
	assert_false(ask_either(box, &WEB, box->context, false, 1).used_tls);
}

/* Without the memory each check would begin with the mode that makes the service write
 * a warning. */
static void
mode_in_which_we_are_refused_is_remembered(void **state)
{
	static const int VERSIONS[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct box *box = *state;

	for (size_t i = 0; i < 2; i++) {
		SSL_CTX *context = pki_server(&box->pki, NULL);
		struct dmp_probe_result result;

		(void)SSL_CTX_set_max_proto_version(context, VERSIONS[i]);
		SSL_CTX_set_verify(
		    context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
		result = ask_either(box, &ALERT, context, false, 2);
		assert_int_equal(result.reason, DMP_REASON_AUTH_REQUIRED);
		assert_true(result.used_tls);
		result = ask_either(box, &ALERT, context, result.used_tls, 1);
		assert_int_equal(result.reason, DMP_REASON_AUTH_REQUIRED);
		assert_true(result.used_tls);
		SSL_CTX_free(context);
	}
}

static void
plain_is_found_where_tls_fails(void **state)
{
	static const struct fake_act BANNER = {
	    .reply = OK_REPLY, .speaks_first = true, .end = FAKE_FIN};
	struct dmp_probe_result result = ask_either(*state, &BANNER, NULL, true, 2);

	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_false(result.used_tls);
	assert_int_equal(result.tls_days_left, INT32_MAX);
}

static void
first_verdict_stands_when_both_modes_fail(void **state)
{
	struct dmp_probe_result result = ask_either(*state, &CLOSE, NULL, false, 2);

	assert_int_equal(result.reason, DMP_REASON_CLOSED_EARLY);
	assert_non_null(strstr(result.detail, "tried over TLS, too"));
	result = ask_either(*state, &SILENCE, NULL, true, 2);
	assert_int_equal(result.reason, DMP_REASON_SILENT);
	assert_non_null(strstr(result.detail, "tried without TLS, too"));
	result = ask_either(*state, &ALERT, NULL, false, 2);
	assert_int_equal(result.reason, DMP_REASON_TLS_ALERT);
}

static void
first_verdict_stands_when_the_second_connect_fails(void **state)
{
	static const struct fake_act ACTS[] = {{.end = FAKE_FIN, .refuse_after = true},
	    {.end = FAKE_FIN, .jam_after = true}};
	/* Before the deadline, and at it (1000 + 2000 ms). */
	static const int64_t TOOK_MS[][2] = {{0, PATIENT_MS / 2}, {2950, INT64_MAX}};

	for (size_t i = 0; i < 2; i++) {
		int64_t took_ms = -dmp_clock_mono_ms(dmp_clock_system());

		assert_int_equal(ask_either(*state, &ACTS[i], NULL, false, 1).reason,
		    DMP_REASON_CLOSED_EARLY);
		took_ms += dmp_clock_mono_ms(dmp_clock_system());
		assert_in_range(took_ms, TOOK_MS[i][0], TOOK_MS[i][1]);
	}
}

static void
mode_that_was_asked_for_is_the_only_one(void **state)
{
	struct box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &WEB, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);

	spec.tls = DMP_PROBE_TLS_YES;
	assert_int_equal(probe_run(box->base, &spec).reason, DMP_REASON_TLS_NOT_TLS);
	assert_int_equal(fake_service_connections(service), 1);
	fake_service_free(service);
}

static void
closes_as_the_protocol_wants(void **state)
{
	static const struct fake_act STAY = {.reply = OK_REPLY};
	static const struct fake_act BANNER = {
	    .reply = "SSH-2.0-x\r\n", .speaks_first = true, .end = FAKE_HALF_CLOSE};
	struct box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &STAY, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);

	(void)probe_run(box->base, &spec);
	(void)event_base_loop(box->base, EVLOOP_ONCE);
	assert_int_equal(fake_service_ends(service), 1);
	assert_int_equal(fake_service_resets(service), 0);
	fake_service_free(service);
	service = fake_service_new(box->base, &BANNER, NULL, NULL);
	spec = spec_for(service, DMP_PROBE_TLS);
	(void)probe_run(box->base, &spec);
	(void)event_base_loop(box->base, EVLOOP_ONCE);
	assert_int_equal(fake_service_resets(service), 1);
	fake_service_free(service);
}

static void
second_address_is_talked_to_when_the_first_refuses(void **state)
{
	struct box *box = *state;
	struct fake_service *service = fake_service_new(box->base, &WEB, NULL, NULL);
	struct dmp_probe_spec spec = spec_for(service, DMP_PROBE_HTTP);
	struct dmp_probe_result result;

	spec.addresses[1] = spec.addresses[0];
	spec.n_addresses = 2;
	assert_true(dmp_address_parse("127.0.0.9", &spec.addresses[0]));
	result = probe_run(box->base, &spec);
	assert_int_equal(result.reason, DMP_REASON_ANSWERED);
	assert_true(dmp_address_equal(&result.address, &spec.addresses[1]));
	fake_service_free(service);
}

static void
count_call(const struct dmp_probe_result *result, void *arg)
{
	(void)result;
	++*(int *)arg;
}

static void
misbehaviour_delays_no_other_probe(void **state)
{
	static const struct fake_act BAD[] = {{.reply = NULL},
	    {.reply = OK_REPLY, .drip_ms = 20},
	    {.reply = "noise ", .for_ever = true, .speaks_first = true},
	    {.reply = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx",
	        .for_ever = true}};
	struct box *box = *state;
	struct fake_service *bad[4];
	struct dmp_probe *probes[4];
	int calls = 0;

	for (size_t i = 0; i < 4; i++) {
		struct dmp_probe_spec spec;

		bad[i] = fake_service_new(box->base, &BAD[i], NULL, NULL);
		spec = spec_for(bad[i], DMP_PROBE_HTTP);
		spec.expect = "needle";
		if (!BAD[i].reply)
			spec.reply_timeout_ms = PATIENT_MS;
		assert_int_equal(dmp_probe_start(box->base, dmp_clock_system(), &spec,
		                     count_call, &calls, &probes[i]),
		    DMP_OK);
	}
	for (int i = 0; i < 10; i++)
		assert_int_equal(ask(box, &WEB).reason, DMP_REASON_ANSWERED);
	/* The silent one still waits for its deadline. */
	while (calls < 3)
		(void)event_base_loop(box->base, EVLOOP_ONCE);
	assert_int_equal(calls, 3);
	dmp_probe_cancel(probes[0]);
	for (size_t i = 0; i < 4; i++)
		fake_service_free(bad[i]);
}

/* One more turn of the loop each time, until the probe is over by itself. */
static void
cancel_after_every_turn(struct box *box, const struct fake_act *plain,
    enum dmp_probe_kind kind, enum dmp_probe_tls tls)
{
	int done = 0;

	for (int turns = 0; done == 0 && turns < 200; turns++) {
		struct fake_service *service =
		    fake_service_new(box->base, plain, box->context, &WEB);
		struct dmp_probe_spec spec = spec_for(service, kind);
		struct dmp_probe *probe;

		spec.tls = tls;
		spec.reply_timeout_ms = 400;
		assert_int_equal(dmp_probe_start(box->base, dmp_clock_system(), &spec,
		                     count_call, &done, &probe),
		    DMP_OK);
		for (int i = 0; i < turns && done == 0; i++)
			(void)event_base_loop(box->base, EVLOOP_ONCE);
		if (done == 0)
			dmp_probe_cancel(probe);
		fake_service_free(service);
	}
	assert_int_equal(done, 1);
}

static void
cancel_at_any_stage_leaves_nothing(void **state)
{
	struct box *box = *state;
	int before = count_descriptors();

	cancel_after_every_turn(box, &WEB, DMP_PROBE_HTTP, DMP_PROBE_TLS_NO);
	cancel_after_every_turn(box, &ALERT, DMP_PROBE_HTTP, DMP_PROBE_TLS_AUTO);
	cancel_after_every_turn(box, &SILENCE, DMP_PROBE_HTTP, DMP_PROBE_TLS_AUTO);
	cancel_after_every_turn(box, &WEB, DMP_PROBE_HTTPS, DMP_PROBE_TLS_AUTO);
	cancel_after_every_turn(box, &WEB, DMP_PROBE_TLS, DMP_PROBE_TLS_AUTO);
	assert_int_equal(count_descriptors(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(web_server_is_answered),
	    cmocka_unit_test(time_of_the_answer_is_that_of_the_service),
	    cmocka_unit_test(expectation_decides),
	    cmocka_unit_test(end_without_a_byte_is_told_apart),
	    cmocka_unit_test(reset_right_after_the_accept_is_a_reset),
	    cmocka_unit_test(bytes_count_before_the_reset_that_follows),
	    cmocka_unit_test(other_service_is_named_with_the_hint),
	    cmocka_unit_test(bytes_that_nobody_knows_are_a_bad_answer),
	    cmocka_unit_test(silence_ends_at_the_deadline),
	    cmocka_unit_test(drips_do_not_extend_the_deadline),
	    cmocka_unit_test(floods_are_cut_long_before_the_deadline),
	    cmocka_unit_test(bombs_are_defused),
	    cmocka_unit_test(tls_floods_are_cut),
	    cmocka_unit_test(tls_is_found_where_plain_fails),
	    cmocka_unit_test(remembered_mode_is_tried_first),
	    cmocka_unit_test(mode_in_which_we_are_refused_is_remembered),
	    cmocka_unit_test(plain_is_found_where_tls_fails),
	    cmocka_unit_test(first_verdict_stands_when_both_modes_fail),
	    cmocka_unit_test(first_verdict_stands_when_the_second_connect_fails),
	    cmocka_unit_test(mode_that_was_asked_for_is_the_only_one),
	    cmocka_unit_test(closes_as_the_protocol_wants),
	    cmocka_unit_test(second_address_is_talked_to_when_the_first_refuses),
	    cmocka_unit_test(misbehaviour_delays_no_other_probe),
	    cmocka_unit_test(cancel_at_any_stage_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
