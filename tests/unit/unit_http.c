/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP replies: what is read from them, limits, and every way to cut them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/http.h"

static const char CHUNKED[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                              "Vary: Origin\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "5;x=y\r\nhello\r\n7\r\n, world\r\n0\r\nX: y\r\n\r\n";

static struct dmp_http *
fed(const char *reply, size_t size)
{
	struct dmp_http *http = calloc(1, sizeof *http);

	assert_non_null(http);
	(void)dmp_http_feed(http, (const uint8_t *)reply, size);
	return http;
}

static void
append(char *reply, const char *more)
{
	memcpy(reply + strlen(reply), more, strlen(more) + 1);
}

static void
expect_reply(const char *reply, enum dmp_http_progress progress, int status)
{
	struct dmp_http *http = fed(reply, strlen(reply));

	assert_int_equal(http->progress, progress);
	assert_int_equal(http->status, status);
	free(http);
}

static void
reply_with_a_length_is_complete_at_its_end(void **state)
{
	static const char REPLY[] =
	    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n"
	    "Date: Sun, 22 Nov 2026 09:00:34 GMT\r\nContent-Type: text/plain\r\n"
	    "Content-Length: 3\r\nConnection: close\r\n\r\nok\nand more";
	struct dmp_http *http = fed(REPLY, sizeof REPLY - 1);

	(void)state;
	assert_int_equal(http->progress, DMP_HTTP_COMPLETE);
	assert_int_equal(http->status, 200);
	assert_string_equal(http->fields[DMP_HTTP_SERVER], "nginx/1.22.1");
	assert_string_equal(http->fields[DMP_HTTP_CONTENT_TYPE], "text/plain");
	assert_string_equal(http->fields[DMP_HTTP_LOCATION], "");
	assert_int_equal(http->body_size, 3);
	assert_string_equal((char *)http->body, "ok\n");
	free(http);
}

static void
chunks_are_joined(void **state)
{
	struct dmp_http *http = fed(CHUNKED, sizeof CHUNKED - 1);

	(void)state;
	assert_int_equal(http->progress, DMP_HTTP_COMPLETE);
	assert_string_equal((char *)http->body, "hello, world");
	assert_string_equal(http->fields[DMP_HTTP_VARY], "Origin");
	free(http);
}

static void
line_feed_alone_ends_a_line(void **state)
{
	static const char REPLY[] = "HTTP/1.0 404 Gone\nserver:x \t\n\nbody";
	struct dmp_http *http = fed(REPLY, sizeof REPLY - 1);

	(void)state;
	assert_int_equal(http->progress, DMP_HTTP_HEADER);
	assert_int_equal(http->status, 404);
	assert_string_equal(http->fields[DMP_HTTP_SERVER], "x");
	assert_int_equal(dmp_http_end(http), DMP_HTTP_COMPLETE);
	assert_string_equal((char *)http->body, "body");
	free(http);
}

static void
header_alone_is_a_verdict_when_the_body_is_cut(void **state)
{
	static const char CUT[] = "HTTP/1.1 500 x\r\nContent-Length: 9\r\n\r\nabc";
	struct dmp_http *http = fed(CUT, sizeof CUT - 1);

	(void)state;
	assert_int_equal(dmp_http_end(http), DMP_HTTP_HEADER);
	assert_int_equal(http->status, 500);
	assert_int_equal(http->body_size, 3);
	free(http);
}

static void
bad_chunk_size_never_discards_the_header(void **state)
{
	static const char *const BAD[] = {
	    "zz\r\n", "\r\n", "123456789\r\n", "2\r\nabc\r\n", "-1\r\n", "0x5\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		char reply[128] = "HTTP/1.1 200 OK\r\n"
		                  "Transfer-Encoding: chunked\r\n\r\n";

		append(reply, BAD[i]);
		expect_reply(reply, DMP_HTTP_COMPLETE, 200);
	}
}

static void
four_interim_replies_are_passed_over_but_not_five(void **state)
{
	char reply[512] = "";
	struct dmp_http *http;

	(void)state;
	for (int i = 0; i < 4; i++)
		append(reply, "HTTP/1.1 100 Continue\r\nServer: early\r\n\r\n");
	expect_reply(reply, DMP_HTTP_MORE, 0);
	append(reply, "HTTP/1.1 204 x\r\n\r\n");
	http = fed(reply, strlen(reply));
	assert_int_equal(http->progress, DMP_HTTP_COMPLETE);
	assert_int_equal(http->status, 204);
	assert_string_equal(http->fields[DMP_HTTP_SERVER], "");
	free(http);
	memset(reply, 0, sizeof reply);
	for (int i = 0; i < 5; i++)
		append(reply, "HTTP/1.1 102 x\r\n\r\n");
	expect_reply(reply, DMP_HTTP_INVALID, 0);
}

static void
what_is_no_http_is_invalid_at_its_first_byte(void **state)
{
	static const char *const BAD[] = {"X", "HTTQ", "HTTP/2 200 OK\r\n",
	    "HTTP/1.x 200\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 099 x\r\n",
	    "HTTP/1.1 600 x\r\n", "HTTP/1.1  200\r\n", "HTTP/1.1 2000 x\r\n", "\n"};

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		expect_reply(BAD[i], DMP_HTTP_INVALID, 0);
	expect_reply("HTTP/1.1 200", DMP_HTTP_MORE, 0);
	expect_reply("HTTP/1.1 200\r\n\r\n", DMP_HTTP_HEADER, 200);
}

static void
status_without_a_body_is_complete_with_its_header(void **state)
{
	(void)state;
	expect_reply(
	    "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", DMP_HTTP_COMPLETE, 304);
	expect_reply("HTTP/1.1 101 x\r\n\r\n", DMP_HTTP_COMPLETE, 101);
	expect_reply(
	    "HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n", DMP_HTTP_COMPLETE, 200);
	expect_reply(
	    "HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n", DMP_HTTP_HEADER, 200);
}

/* size bytes of filler between a status line and what follows. */
static enum dmp_http_progress
fed_repeatedly(const char *first, const char *again, size_t times)
{
	struct dmp_http *http = fed(first, strlen(first));
	enum dmp_http_progress progress;

	for (size_t i = 0; i < times; i++)
		(void)dmp_http_feed(http, (const uint8_t *)again, strlen(again));
	progress = http->progress;
	assert_true(http->body_size <= DMP_HTTP_BODY);
	free(http);
	return progress;
}

static void
limits_hold(void **state)
{
	static const char LINE[] = "X: y\r\n";
	static const char OK[] = "HTTP/1.1 200 OK\r\n";

	(void)state;
	assert_int_equal(fed_repeatedly(OK, LINE, 99), DMP_HTTP_MORE);
	assert_int_equal(fed_repeatedly(OK, LINE, 100), DMP_HTTP_INVALID);
	assert_int_equal(fed_repeatedly(OK, LINE, 100000), DMP_HTTP_INVALID);
	assert_int_equal(fed_repeatedly(OK, "x", 16 * 1024 - 17), DMP_HTTP_MORE);
	assert_int_equal(fed_repeatedly(OK, "x", 16 * 1024 - 16), DMP_HTTP_INVALID);
	assert_int_equal(fed_repeatedly("HTTP/1.1 200 OK\r\n\r\n", "x", 64 * 1024 - 1),
	    DMP_HTTP_HEADER);
	assert_int_equal(fed_repeatedly("HTTP/1.1 200 OK\r\n\r\n", "x", 64 * 1024),
	    DMP_HTTP_COMPLETE);
	assert_int_equal(fed_repeatedly("HTTP/1.1 200 OK\r\n"
	                                "Transfer-Encoding: chunked\r\n\r\n",
	                     "1\r\nx\r\n", 100000),
	    DMP_HTTP_COMPLETE);
}

static void
field_is_printable_and_cut(void **state)
{
	char reply[400] = "HTTP/1.1 200 OK\r\nServer: a\x1b[31m\r\nLocation: ";
	struct dmp_http *http;

	(void)state;
	memset(reply + strlen(reply), 'l', 200);
	append(reply, "\r\n\r\n");
	http = fed(reply, strlen(reply));
	assert_string_equal(http->fields[DMP_HTTP_SERVER], "a.[31m");
	assert_int_equal(strlen(http->fields[DMP_HTTP_LOCATION]), DMP_HTTP_FIELD - 1);
	free(http);
}

static void
wanted_text_is_found_in_a_field_of_the_final_header(void **state)
{
	static const struct {
		const char *reply;
		bool found;
	} CASES[] = {
	    {"HTTP/1.1 200 OK\r\nkbn-name: node-1\r\n\r\n", true},
	    {"HTTP/1.1 200 OK\r\nX: a\r\nKBN-Name: Node-1\r\n\r\n", true},
	    {"HTTP/1.1 200 OK\r\nX: kbn-name: node-1x\r\n\r\n", true},
	    {"HTTP/1.1 200 OK\r\nkbn-name: node-2\r\n\r\n", false},
	    {"HTTP/1.1 200 OK\r\n\r\nkbn-name: node-1\r\n", false},
	    {"HTTP/1.1 200 kbn-name: node-1\r\n\r\n", false},
	    {"HTTP/1.1 103 E\r\nkbn-name: node-1\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
	        false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_http *http = calloc(1, sizeof *http);

		assert_non_null(http);
		http->wanted = "kbn-name: node-1";
		(void)dmp_http_feed(
		    http, (const uint8_t *)CASES[i].reply, strlen(CASES[i].reply));
		assert_int_equal(http->has_wanted, CASES[i].found);
		free(http);
	}
}

static void
body_is_kept_to_its_last_byte(void **state)
{
	char *reply = calloc(1, DMP_HTTP_BODY + 64);
	struct dmp_http *http;

	(void)state;
	assert_non_null(reply);
	append(reply, "HTTP/1.1 200 OK\r\n\r\n");
	memset(reply + strlen(reply), 'x', DMP_HTTP_BODY);
	http = fed(reply, strlen(reply));
	assert_int_equal(http->body_size, DMP_HTTP_BODY);
	(void)dmp_http_feed(http, (const uint8_t *)"y", 1);
	assert_int_equal(http->body_size, DMP_HTTP_BODY);
	assert_int_equal(http->body[DMP_HTTP_BODY], 0);
	free(http);
	free(reply);
}

static void
expect_same(const struct dmp_http *a, const struct dmp_http *b)
{
	assert_int_equal(a->progress, b->progress);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->body_size, b->body_size);
	assert_memory_equal(a->body, b->body, a->body_size + 1);
	assert_memory_equal(a->fields, b->fields, sizeof a->fields);
}

static void
every_split_gives_the_same(void **state)
{
	static const char *const REPLIES[] = {CHUNKED,
	    "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody",
	    "HTTP/1.0 200 OK\nServer: x\n\nto the end", "HTTP/1.1 2x0 bad\r\n\r\n",
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"};

	(void)state;
	for (size_t r = 0; r < sizeof REPLIES / sizeof REPLIES[0]; r++) {
		const uint8_t *reply = (const uint8_t *)REPLIES[r];
		size_t size = strlen(REPLIES[r]);
		struct dmp_http *whole = fed(REPLIES[r], size);
		struct dmp_http *parts = calloc(1, sizeof *parts);

		assert_non_null(parts);
		for (size_t i = 0; i <= size; i++)
			for (size_t j = i; j <= size; j++) {
				memset(parts, 0, sizeof *parts);
				(void)dmp_http_feed(parts, reply, i);
				(void)dmp_http_feed(parts, reply + i, j - i);
				(void)dmp_http_feed(parts, reply + j, size - j);
				expect_same(whole, parts);
			}
		free(whole);
		free(parts);
	}
}

static void
expect_request(
    const char *path, const char *host, uint16_t port, bool tls, const char *beginning)
{
	struct dmp_text text = {0};

	dmp_http_request(&text, path, host, port, tls);
	assert_int_equal(text.status, DMP_OK);
	assert_int_equal(strncmp(text.data, beginning, strlen(beginning)), 0);
	assert_string_equal(
	    text.data + text.size - 23, "\r\nConnection: close\r\n\r\n");
	dmp_text_done(&text);
}

static void
request_names_the_host_as_the_user_did(void **state)
{
	(void)state;
	expect_request("/x?y", "dma1.example.", 8080, false,
	    "GET /x?y HTTP/1.1\r\nHost: dma1.example.:8080\r\nUser-Agent: dmports/");
	expect_request("", "h", 80, false, "GET / HTTP/1.1\r\nHost: h\r\n");
	expect_request(NULL, "h", 443, true, "GET / HTTP/1.1\r\nHost: h\r\n");
	expect_request("/", "h", 443, false, "GET / HTTP/1.1\r\nHost: h:443\r\n");
	expect_request("x", "2001:db8::1", 80, false,
	    "GET /x HTTP/1.1\r\nHost: [2001:db8::1]\r\n");
	expect_request(
	    "/", "fe80::1%lo", 81, false, "GET / HTTP/1.1\r\nHost: [fe80::1]:81\r\n");
	expect_request("/a b\r\nX: y", "h", 80, false,
	    "GET /a%20b%0D%0AX:%20y HTTP/1.1\r\nHost: h\r\n");
}

static void
text_is_found_anywhere_in_the_kept_body(void **state)
{
	struct dmp_http *http = fed(CHUNKED, sizeof CHUNKED - 1);

	(void)state;
	assert_true(dmp_http_body_has(http, "lo, wo", false));
	assert_false(dmp_http_body_has(http, "LO, WO", false));
	assert_true(dmp_http_body_has(http, "WORLD", true));
	assert_false(dmp_http_body_has(http, "world!", true));
	free(http);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reply_with_a_length_is_complete_at_its_end),
	    cmocka_unit_test(chunks_are_joined),
	    cmocka_unit_test(line_feed_alone_ends_a_line),
	    cmocka_unit_test(header_alone_is_a_verdict_when_the_body_is_cut),
	    cmocka_unit_test(bad_chunk_size_never_discards_the_header),
	    cmocka_unit_test(four_interim_replies_are_passed_over_but_not_five),
	    cmocka_unit_test(what_is_no_http_is_invalid_at_its_first_byte),
	    cmocka_unit_test(status_without_a_body_is_complete_with_its_header),
	    cmocka_unit_test(limits_hold),
	    cmocka_unit_test(field_is_printable_and_cut),
	    cmocka_unit_test(wanted_text_is_found_in_a_field_of_the_final_header),
	    cmocka_unit_test(body_is_kept_to_its_last_byte),
	    cmocka_unit_test(every_split_gives_the_same),
	    cmocka_unit_test(request_names_the_host_as_the_user_did),
	    cmocka_unit_test(text_is_found_anywhere_in_the_kept_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
