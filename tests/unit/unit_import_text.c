/* SPDX-License-Identifier: BSD-2-Clause */
/* The forms of values in foreign files, and the syntax of NATS and of .NET's JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/importer_agent.h"
#include "model/importer_conf.h"
#include "model/importer_db.h"

static void
assert_endpoint(const char *text, const char *address, uint16_t port, int tls)
{
	struct dmp_import_endpoint e = {.port = 9};

	if (!dmp_import_parse_endpoint(text, &e))
		fail_msg("\"%s\" is refused", text);
	assert_string_equal(e.address, address);
	assert_int_equal(e.port, port);
	assert_int_equal(e.tls, tls);
}

static void
endpoints_have_many_forms(void **state)
{
	(void)state;
	assert_endpoint("192.0.2.1", "192.0.2.1", 0, DMP_UNSET);
	assert_endpoint(" 192.0.2.1:9201\r\n", "192.0.2.1", 9201, DMP_UNSET);
	assert_endpoint("https://es.example:9200/", "es.example", 9200, DMP_YES);
	assert_endpoint("HTTP://es.example", "es.example", 0, DMP_NO);
	assert_endpoint("nats://h:4222?x=y", "h", 4222, DMP_NO);
	assert_endpoint("2001:DB8::1", "2001:db8::1", 0, DMP_UNSET);
	assert_endpoint("[2001:db8:0::1]:7000", "2001:db8::1", 7000, DMP_UNSET);
	assert_endpoint("https://[2001:db8::1]/x", "2001:db8::1", 0, DMP_YES);
	assert_endpoint("localhost", "localhost", 0, DMP_UNSET);
}

static void
the_user_of_an_endpoint_is_dropped(void **state)
{
	(void)state;
	assert_endpoint("https://u:p@ss@h:1", "h", 1, DMP_YES);
	assert_endpoint("nats://token@192.0.2.1:4222", "192.0.2.1", 4222, DMP_NO);
}

static void
what_is_no_endpoint_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "a b", "h:0", "h:65536", "h:x",
	    "h:1:2:x", "[2001:db8::1", "[::1]x", "-h", "256.1.1.1", "p@ssword!",
	    "https://", "*", "a,b", "nats://secret/x@h:1", "https://se#cret@h",
	    "nats://se?cret@h"};
	struct dmp_import_endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (dmp_import_parse_endpoint(bad[i], &e))
			fail_msg("\"%s\" is accepted", bad[i]);
	}
}

static void
assert_server(const char *text, char separator, const char *address, uint16_t port)
{
	struct dmp_import_endpoint e = {.port = 9};

	if (!dmp_import_parse_server(text, separator, &e))
		fail_msg("\"%s\" is refused", text);
	assert_string_equal(e.address, address);
	assert_int_equal(e.port, port);
}

static void
the_comma_of_mssql_stands_before_the_port(void **state)
{
	struct dmp_import_endpoint e;

	(void)state;
	assert_server("192.0.2.1,1444", ',', "192.0.2.1", 1444);
	assert_server("tcp:db.example, 1444", ',', "db.example", 1444);
	assert_server("SQL1\\INSTANCE", ',', "SQL1", 0);
	assert_server("(local)", ',', "(local)", 0);
	assert_server("192.0.2.1:3307", ':', "192.0.2.1", 3307);
	assert_false(dmp_import_parse_server("192.0.2.1,1444", ':', &e));
	assert_false(dmp_import_parse_server("192.0.2.1,x", ',', &e));
}

static void
assert_connect(const char *text, char separator, const char *address, uint16_t port)
{
	struct dmp_import_endpoint e = {.port = 9};

	if (!dmp_import_parse_connect_string(text, separator, &e))
		fail_msg("\"%s\" is refused", text);
	assert_string_equal(e.address, address);
	assert_int_equal(e.port, port);
}

static void
connect_strings_name_their_server(void **state)
{
	(void)state;
	assert_connect(
	    "Server=db.example;Port=3307;Uid=u;Pwd=p", ':', "db.example", 3307);
	assert_connect(
	    "Pwd='x;Server=evil;y';Data Source=192.0.2.1,1444", ',', "192.0.2.1", 1444);
	assert_connect("\n Data Source=(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST = ora)"
	               "(PORT=1522))(CONNECT_DATA=(SERVICE_NAME=x)));\n User Id=u;\n",
	    ':', "ora", 1522);
	assert_connect("Data Source=(DESCRIPTION=(ADDRESS=(HOST=ora)))", ':', "ora", 0);
	assert_connect("Data Source=ora.example:1521/service;Password=p", ':',
	    "ora.example", 1521);
	assert_connect("Pwd=\"a\"\"b;Server=evil;\";Server=h1", ':', "h1", 0);
	assert_connect("Pwd='a'';Server=evil;';Server=h1;Port=7", ':', "h1", 7);
	assert_connect("Pwd={a}};Server=evil;};Server={h1}", ':', "h1", 0);
}

static void
a_password_is_no_server(void **state)
{
	static const char *const none[] = {"", "Password=(HOST=evil)(PORT=1)",
	    "Pwd=\"x;Server=evil;Port=1\"", "Pwd=Server=evil", "x", ";;;",
	    "User Id=Data Source", "Data Source=(DESCRIPTION=(X=1))",
	    "Pwd='x'';Server=evil", "Pwd={x;Server=evil;}", "Pwd=a;Server"};
	struct dmp_import_endpoint e;

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		if (dmp_import_parse_connect_string(none[i], ':', &e))
			fail_msg("\"%s\" gives %s", none[i], e.address);
	}
}

static void
assert_decodes(const char *data, size_t size, const char *expected)
{
	char *text = NULL;
	size_t n;

	assert_int_equal(dmp_import_decode(data, size, &text, &n), DMP_OK);
	assert_string_equal(text, expected);
	assert_int_equal(n, strlen(expected));
	free(text);
}

static void
a_declaration_of_another_encoding_is_blanked(void **state)
{
	(void)state;
	assert_decodes("<?xml version='1.0' encoding='utf-16'?>\n<a/>", 44,
	    "                                       \n<a/>");
	assert_decodes("<?xml version='1.0' encoding='utf-8'?><a/>", 42,
	    "<?xml version='1.0' encoding='utf-8'?><a/>");
}

static json_t *
conf(const char *text)
{
	json_t *tree = NULL;
	unsigned line = 0;

	if (dmp_import_conf_parse(text, &tree, &line) != DMP_OK)
		fail_msg("line %u of: %s", line, text);
	return tree;
}

static const char *
text_at(const json_t *tree, const char *a, const char *b)
{
	const json_t *value = dmp_import_member(tree, a);

	return json_string_value(b ? dmp_import_member(value, b) : value);
}

static void
nats_syntax_needs_neither_quotes_nor_colons(void **state)
{
	json_t *tree =
	    conf("# comment\r\n"
	         "port: 4222 // here, too\n"
	         "Resolver = URL(http://0.0.0.0:9190/jwt/v1/accounts/) # x\n"
	         "log \"C:\\\\dir\\\\file # no comment\"; debug=false\n"
	         "cluster {\n listen: '0.0.0.0:6222',\n"
	         " routes = [\n nats://a:1\n \"nats://b:2\", nats://c:3 ]\n}\n");
	const json_t *routes =
	    dmp_import_member(dmp_import_member(tree, "cluster"), "routes");

	(void)state;
	assert_string_equal(text_at(tree, "port", NULL), "4222");
	assert_string_equal(text_at(tree, "resolver", NULL),
	    "URL(http://0.0.0.0:9190/jwt/v1/accounts/)");
	assert_string_equal(text_at(tree, "log", NULL), "C:\\dir\\file # no comment");
	assert_string_equal(text_at(tree, "DEBUG", NULL), "false");
	assert_string_equal(text_at(tree, "cluster", "listen"), "0.0.0.0:6222");
	assert_int_equal(json_array_size(routes), 3);
	assert_string_equal(json_string_value(json_array_get(routes, 2)), "nats://c:3");
	json_decref(tree);
}

static void
json_is_nats_syntax_too(void **state)
{
	json_t *tree =
	    conf("{\n \"port\": 4222,\n \"http\": {\"port\": 9190}, \"l\": []}\n");

	(void)state;
	assert_string_equal(text_at(tree, "port", NULL), "4222");
	assert_string_equal(text_at(tree, "http", "port"), "9190");
	json_decref(tree);
}

static void
broken_nats_syntax_tells_the_line(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {{"a: {", 1}, {"a: [1, 2", 1}, {"a: 1\n}", 2}, {"a: \"x", 1},
	    {"]", 1}, {"a: 1\nb:", 2}, {"{a: 1} x", 1}, {"a: [ } ]", 1},
	    {"a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a:1}}}}}}}}}}}}}}}}", 1}};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_t *tree = NULL;
		unsigned line = 0;

		if (dmp_import_conf_parse(bad[i].text, &tree, &line) != DMP_EINVAL)
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(line, bad[i].line);
	}
}

static void
json_may_have_comments_and_commas_as_dotnet_has(void **state)
{
	json_t *tree = NULL;
	unsigned line;

	(void)state;
	assert_int_equal(
	    dmp_import_json_parse(
	        "// c\n{ \"a\": \"x//y /* \\\" */,]\", /* \n */ \"B\": [1, "
	        "2, ],\n }",
	        &tree, &line),
	    DMP_OK);
	assert_string_equal(text_at(tree, "A", NULL), "x//y /* \" */,]");
	assert_int_equal(json_array_size(dmp_import_member(tree, "b")), 2);
	json_decref(tree);
	assert_int_equal(
	    dmp_import_json_parse("{\n\n\"a\": }", &tree, &line), DMP_EINVAL);
	assert_int_equal(line, 3);
}

/* Each of them must not look for its end through the whole file. */
static void
comments_without_end_are_read_once(void **state)
{
	struct dmp_text text = {0};
	json_t *tree = NULL;
	unsigned line;

	(void)state;
	while (text.size < 1000 * 1000)
		dmp_text_append(&text, "/* ");
	assert_int_equal(
	    dmp_import_json_parse(dmp_text_get(&text), &tree, &line), DMP_EINVAL);
	dmp_text_done(&text);
	assert_int_equal(
	    dmp_import_json_parse("{\"a\": 1} /* x", &tree, &line), DMP_OK);
	json_decref(tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(endpoints_have_many_forms),
	    cmocka_unit_test(the_user_of_an_endpoint_is_dropped),
	    cmocka_unit_test(what_is_no_endpoint_is_refused),
	    cmocka_unit_test(the_comma_of_mssql_stands_before_the_port),
	    cmocka_unit_test(connect_strings_name_their_server),
	    cmocka_unit_test(a_password_is_no_server),
	    cmocka_unit_test(a_declaration_of_another_encoding_is_blanked),
	    cmocka_unit_test(nats_syntax_needs_neither_quotes_nor_colons),
	    cmocka_unit_test(json_is_nats_syntax_too),
	    cmocka_unit_test(broken_nats_syntax_tells_the_line),
	    cmocka_unit_test(json_may_have_comments_and_commas_as_dotnet_has),
	    cmocka_unit_test(comments_without_end_are_read_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
