/* SPDX-License-Identifier: BSD-2-Clause */
/* The INFO lines of each port were captured from nats-server 2.9.10, some shortened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/nats_info.h"

#define ID "NCJ7DNAUBS2SXPABLCTSNZWYGUA7GPJ2JKDKT2DLUOF3RSFRBUKNA5KI"

static const char CLIENT[] =
    "INFO {\"server_id\":\"" ID "\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","
    "\"proto\":1,\"go\":\"go1.19.8\",\"host\":\"127.0.0.1\",\"port\":24222,"
    "\"headers\":true,\"max_payload\":1048576,\"client_id\":84,"
    "\"client_ip\":\"127.0.0.1\",\"cluster\":\"DMS\"} \r\n";
static const char CLIENT_TLS[] =
    "INFO {\"server_id\":\"" ID "\",\"server_name\":\"lab2\",\"version\":\"2.9.10\","
    "\"proto\":1,\"go\":\"go1.19.8\",\"host\":\"127.0.0.1\",\"port\":24223,"
    "\"headers\":true,\"auth_required\":true,\"tls_required\":true,"
    "\"max_payload\":1048576,\"client_id\":47,\"client_ip\":\"127.0.0.1\","
    "\"cluster\":\"DMS2\"} \r\n";
static const char CLIENT_UNNAMED[] =
    "INFO {\"server_id\":\"" ID "\",\"server_name\":\"" ID "\","
    "\"version\":\"2.9.10\",\"client_id\":10} \r\n";
static const char ROUTE[] =
    "INFO {\"server_id\":\"" ID "\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","
    "\"proto\":2,\"go\":\"go1.19.8\",\"host\":\"127.0.0.1\",\"port\":26222,"
    "\"headers\":true,\"max_payload\":1048576,\"nonce\":\"DoPCLtoHRhS7y_E\","
    "\"cluster\":\"DMS\",\"connect_urls\":[\"127.0.0.1:24222\"],\"lnoc\":true,"
    "\"gateway_url\":\"127.0.0.1:27222\",\"leafnode_urls\":[\"127.0.0.1:27422\"]} \r\n";
static const char GATEWAY[] =
    "INFO {\"server_id\":\"" ID "\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","
    "\"proto\":0,\"go\":\"\",\"host\":\"127.0.0.1\",\"port\":27222,\"headers\":true,"
    "\"max_payload\":1048576,\"gateway\":\"DMS\",\"gateway_urls\":[\"127.0.0.1:27222\"]"
    ","
    "\"gateway_url\":\"127.0.0.1:27222\",\"gateway_nrp\":true,\"gateway_iom\":true}"
    "\r\n";
static const char LEAF[] =
    "INFO {\"server_id\":\"" ID "\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","
    "\"proto\":1,\"go\":\"go1.19.8\",\"host\":\"127.0.0.1\",\"port\":27422,"
    "\"headers\":true,\"auth_required\":true,\"max_payload\":1048576,"
    "\"ip\":\"127.0.0.1:27422\",\"client_id\":8,\"nonce\":\"md2p-YkOaBokqiY\","
    "\"cluster\":\"DMS\",\"info_on_connect\":true,"
    "\"leafnode_urls\":[\"127.0.0.1:27422\"]} \r\n";

static enum dmp_nats_line
parse(const char *text, struct dmp_nats_info *info)
{
	size_t size = 0;
	enum dmp_nats_line line =
	    dmp_nats_info_parse((const uint8_t *)text, strlen(text), info, &size);

	if (line == DMP_NATS_INFO)
		assert_int_equal(size, strlen(text));
	else
		assert_int_equal(size, 0);
	return line;
}

static void
a_client_port_tells_version_server_and_cluster(void **state)
{
	struct dmp_nats_info info;
	char text[DMP_NATS_IDENTITY];

	(void)state;
	assert_int_equal(parse(CLIENT, &info), DMP_NATS_INFO);
	assert_int_equal(info.port, DMP_NATS_PORT_CLIENT);
	assert_false(info.auth_required || info.tls_required || info.lame_duck);
	dmp_nats_identity(&info, text);
	assert_string_equal(text, "NATS 2.9.10, server lab1, cluster DMS");
}

static void
flags_are_read(void **state)
{
	struct dmp_nats_info info;

	(void)state;
	assert_int_equal(parse(CLIENT_TLS, &info), DMP_NATS_INFO);
	assert_true(info.auth_required && info.tls_required);
	assert_false(info.tls_verify || info.tls_available);
	assert_int_equal(parse("INFO {\"server_id\":\"N\",\"version\":\"2\","
	                       "\"client_id\":1,\"ldm\":true,\"tls_verify\":true,"
	                       "\"tls_available\":true}\r\n",
	                     &info),
	    DMP_NATS_INFO);
	assert_true(info.lame_duck && info.tls_verify && info.tls_available);
}

static void
a_name_that_is_the_id_is_no_name(void **state)
{
	struct dmp_nats_info info;
	char text[DMP_NATS_IDENTITY];

	(void)state;
	assert_int_equal(parse(CLIENT_UNNAMED, &info), DMP_NATS_INFO);
	dmp_nats_identity(&info, text);
	assert_string_equal(text, "NATS 2.9.10");
}

static void
each_kind_of_port_is_told_by_its_info(void **state)
{
	struct dmp_nats_info info;

	(void)state;
	assert_int_equal(parse(ROUTE, &info), DMP_NATS_INFO);
	assert_int_equal(info.port, DMP_NATS_PORT_ROUTE);
	assert_int_equal(parse(GATEWAY, &info), DMP_NATS_INFO);
	assert_int_equal(info.port, DMP_NATS_PORT_GATEWAY);
	assert_int_equal(parse(LEAF, &info), DMP_NATS_INFO);
	assert_int_equal(info.port, DMP_NATS_PORT_LEAF);
}

/* Authentication by key needs a nonce on the client port, too. */
static void
a_client_port_with_a_nonce_is_a_client_port(void **state)
{
	struct dmp_nats_info info;

	(void)state;
	assert_int_equal(parse("INFO {\"server_id\":\"N\",\"version\":\"2.9.10\","
	                       "\"client_id\":1,\"nonce\":\"x\"} \r\n",
	                     &info),
	    DMP_NATS_INFO);
	assert_int_equal(info.port, DMP_NATS_PORT_CLIENT);
}

static void
every_beginning_of_a_line_asks_for_more(void **state)
{
	struct dmp_nats_info info;
	size_t size = 0;

	(void)state;
	for (size_t n = 1; n < sizeof CLIENT - 1; n++)
		assert_int_equal(
		    dmp_nats_info_parse((const uint8_t *)CLIENT, n, &info, &size),
		    DMP_NATS_MORE);
}

static void
what_follows_the_line_is_not_part_of_it(void **state)
{
	static const char text[] =
	    "INFO {\"server_id\":\"N\",\"version\":\"2\",\"client_id\":1} \r\n-ERR "
	    "'x'\r\n";
	struct dmp_nats_info info;
	size_t size;

	(void)state;
	assert_int_equal(
	    dmp_nats_info_parse((const uint8_t *)text, strlen(text), &info, &size),
	    DMP_NATS_INFO);
	assert_string_equal(text + size, "-ERR 'x'\r\n");
}

static void
other_protocols_are_told_at_once(void **state)
{
	static const char *const texts[] = {"HTTP/1.1 400 Bad Request\r\n",
	    "SSH-2.0-OpenSSH_9.2\r\n", "INFO x\r\n", "I ", "info {"};
	struct dmp_nats_info info;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(parse(texts[i], &info), DMP_NATS_OTHER);
}

static void
a_line_without_id_or_version_or_not_json_is_malformed(void **state)
{
	static const char *const texts[] = {
	    "INFO {}\r\n",
	    "INFO {\"server_id\":\"N\"} \r\n",
	    "INFO {\"version\":\"2\"} \r\n",
	    "INFO {\"server_id\":\"\",\"version\":\"2\"} \r\n",
	    "INFO {\"server_id\":1,\"version\":\"2\"} \r\n",
	    "INFO {\"x\":{\"server_id\":\"N\",\"version\":\"2\"}} \r\n",
	    "INFO {\"server_id\":\"N\",\"version\":\"2\"\r\n",
	    "INFO {\"server_id\":\"N\",\"version\":\"2\"} x\r\n",
	};
	struct dmp_nats_info info;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(parse(texts[i], &info), DMP_NATS_MALFORMED);
}

static void
control_characters_are_made_printable(void **state)
{
	struct dmp_nats_info info;

	(void)state;
	assert_int_equal(
	    parse(
	        "INFO {\"server_id\":\"N\",\"version\":\"2\\u001b[31m\"} \r\n", &info),
	    DMP_NATS_INFO);
	assert_string_equal(info.version, "2.[31m");
}

static void
a_line_ends_at_32_kib(void **state)
{
	uint8_t *line = malloc(DMP_NATS_LINE + 1);
	struct dmp_nats_info info;
	size_t size = 0;

	(void)state;
	assert_non_null(line);
	memset(line, ' ', DMP_NATS_LINE + 1);
	memcpy(line, "INFO {", 6);
	line[DMP_NATS_LINE] = '\n';
	assert_int_equal(
	    dmp_nats_info_parse(line, DMP_NATS_LINE - 1, &info, &size), DMP_NATS_MORE);
	assert_int_equal(dmp_nats_info_parse(line, DMP_NATS_LINE + 1, &info, &size),
	    DMP_NATS_MALFORMED);
	free(line);
}

static void
deep_nesting_is_malformed_and_harmless(void **state)
{
	enum { DEPTH = 16000 };
	char *line = malloc(DEPTH + 32);
	struct dmp_nats_info info;

	(void)state;
	assert_non_null(line);
	memcpy(line, "INFO {\"a\":", 10);
	memset(line + 10, '[', DEPTH);
	memcpy(line + 10 + DEPTH, "}\r\n", 4);
	assert_int_equal(parse(line, &info), DMP_NATS_MALFORMED);
	free(line);
}

static bool
varz(const char *text, struct dmp_nats_info *info)
{
	return dmp_nats_varz_parse((const uint8_t *)text, strlen(text), info);
}

static void
the_general_page_tells_the_same(void **state)
{
	struct dmp_nats_info info;
	char text[DMP_NATS_IDENTITY];

	(void)state;
	assert_true(
	    varz("{\n  \"server_id\": \"" ID "\",\n  \"server_name\": \"lab1\",\n"
	         "  \"version\": \"2.9.10\",\n  \"connections\": 0,\n"
	         "  \"cluster\": {\n    \"name\": \"DMS\"\n  },\n"
	         "  \"slow_consumers\": 0\n}",
	        &info));
	dmp_nats_identity(&info, text);
	assert_string_equal(text, "NATS 2.9.10, server lab1, cluster DMS");
}

static void
a_page_of_something_else_is_no_general_page(void **state)
{
	struct dmp_nats_info info;

	(void)state;
	assert_false(varz("", &info));
	assert_false(varz("[]", &info));
	assert_false(varz("{\"server_id\":\"N\",\"version\":\"2\"}", &info));
	assert_false(varz("{\"connections\":0,\"slow_consumers\":0}", &info));
}

static bool
health(const char *text, bool *healthy, char words[DMP_NATS_TEXT])
{
	return dmp_nats_health_parse(
	    (const uint8_t *)text, strlen(text), healthy, words);
}

static void
the_health_page_says_ok_or_why_not(void **state)
{
	char words[DMP_NATS_TEXT];
	bool healthy;

	(void)state;
	assert_true(health("{\"status\":\"ok\"}", &healthy, words));
	assert_true(healthy);
	assert_true(health(
	    "{\"status\":\"unavailable\",\"error\":\"JetStream is not current\"}",
	    &healthy, words));
	assert_false(healthy);
	assert_string_equal(words, "JetStream is not current");
	assert_true(health("{\"status\":\"unavailable\"}", &healthy, words));
	assert_string_equal(words, "unavailable");
}

static void
other_health_pages_are_not_of_nats(void **state)
{
	char words[DMP_NATS_TEXT];
	bool healthy;

	(void)state;
	assert_false(health("{\"status\":\"UP\"}", &healthy, words));
	assert_false(health("ok", &healthy, words));
	assert_false(health("{}", &healthy, words));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_client_port_tells_version_server_and_cluster),
	    cmocka_unit_test(flags_are_read),
	    cmocka_unit_test(a_name_that_is_the_id_is_no_name),
	    cmocka_unit_test(each_kind_of_port_is_told_by_its_info),
	    cmocka_unit_test(a_client_port_with_a_nonce_is_a_client_port),
	    cmocka_unit_test(every_beginning_of_a_line_asks_for_more),
	    cmocka_unit_test(what_follows_the_line_is_not_part_of_it),
	    cmocka_unit_test(other_protocols_are_told_at_once),
	    cmocka_unit_test(a_line_without_id_or_version_or_not_json_is_malformed),
	    cmocka_unit_test(control_characters_are_made_printable),
	    cmocka_unit_test(a_line_ends_at_32_kib),
	    cmocka_unit_test(deep_nesting_is_malformed_and_harmless),
	    cmocka_unit_test(the_general_page_tells_the_same),
	    cmocka_unit_test(a_page_of_something_else_is_no_general_page),
	    cmocka_unit_test(the_health_page_says_ok_or_why_not),
	    cmocka_unit_test(other_health_pages_are_not_of_nats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
