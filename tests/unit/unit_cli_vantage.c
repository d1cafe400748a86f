/* SPDX-License-Identifier: BSD-2-Clause */
/* What another machine has written is read strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/vantage_file.h"

/* A row as dmports status --format json writes it, with one member more or instead. */
static void
row(struct dmp_text *out, const char *member, const char *value)
{
	static const char *const members[][2] = {
	    {"key", "\"dma1/https\""},
	    {"host", "\"dma1\""},
	    {"address", "\"192.0.2.1\""},
	    {"requirement", "\"https\""},
	    {"service", "\"HTTPS\""},
	    {"transport", "\"tcp\""},
	    {"port", "443"},
	    {"level", "\"required\""},
	    {"state", "\"down\""},
	    {"reason", "\"refused\""},
	    {"severity", "\"critical\""},
	    {"latency_us", "1200"},
	    {"checks", "4"},
	    {"detail", "\"connection refused\""},
	    {"identity", "null"},
	    {"tls_days_left", "null"},
	    {"why", "\"required: Agents use it\""},
	};

	dmp_text_append(out, "{");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		bool is_it = strcmp(member, members[i][0]) == 0;

		dmp_text_printf(out, "%s\"%s\": %s", i ? ", " : "", members[i][0],
		    is_it ? value : members[i][1]);
	}
	dmp_text_append(out, "}");
}

static enum dmp_status
parse(const char *text, struct dmp_vantage *vantage, struct dmp_text *error)
{
	dmp_text_clear(error);
	return dmp_vantage_parse(text, strlen(text), vantage, error);
}

static void
what_status_writes_is_read(void **state)
{
	struct dmp_vantage vantage = {0};
	struct dmp_text text = {0};
	struct dmp_text error = {0};

	(void)state;
	dmp_text_append(&text, "[");
	row(&text, "", "");
	dmp_text_append(&text, ",");
	row(&text, "tls_days_left", "-3");
	dmp_text_append(&text, "]");
	assert_int_equal(parse(dmp_text_get(&text), &vantage, &error), DMP_OK);
	assert_int_equal(vantage.n_rows, 2);
	assert_string_equal(vantage.rows[0].key, "dma1/https");
	assert_string_equal(vantage.rows[0].host, "dma1");
	assert_string_equal(vantage.rows[0].requirement, "https");
	assert_string_equal(vantage.rows[0].detail, "connection refused");
	assert_string_equal(vantage.rows[0].identity, "");
	assert_string_equal(vantage.rows[0].why, "required: Agents use it");
	assert_int_equal(vantage.rows[0].port, 443);
	assert_int_equal(vantage.rows[0].transport, DMP_TRANSPORT_TCP);
	assert_int_equal(vantage.rows[0].state, DMP_STATE_DOWN);
	assert_int_equal(vantage.rows[0].reason, DMP_REASON_REFUSED);
	assert_int_equal(vantage.rows[0].severity, DMP_SEVERITY_CRITICAL);
	assert_int_equal(vantage.rows[0].latency_us, 1200);
	assert_int_equal(vantage.rows[0].tls_days_left, INT32_MAX);
	assert_int_equal(vantage.rows[1].tls_days_left, -3);
	dmp_vantage_done(&vantage);
	dmp_text_done(&text);
	dmp_text_done(&error);
}

static void
a_member_that_is_not_as_written_is_refused_with_its_row(void **state)
{
	static const char *const cases[][2] = {
	    {"key", "\"\""},
	    {"key", "7"},
	    {"host", "null"},
	    {"host", "\"0123456789012345678901234567890123456789012345678901234567890"
	             "123\""},
	    {"requirement", "[]"},
	    {"transport", "\"sctp\""},
	    {"port", "65536"},
	    {"port", "-1"},
	    {"port", "\"443\""},
	    {"port", "1.5"},
	    {"level", "\"\""},
	    {"state", "\"<script>\""},
	    {"reason", "{}"},
	    {"severity", "3"},
	    {"latency_us", "4294967296"},
	    {"latency_us", "-1"},
	    {"tls_days_left", "2147483648"},
	    {"address", "\"0123456789012345678901234567890123456789012345\""},
	};
	struct dmp_text error = {0};
	struct dmp_text text = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmp_vantage vantage = {0};
		char expected[64];

		dmp_text_clear(&text);
		dmp_text_append(&text, "[");
		row(&text, "", "");
		dmp_text_append(&text, ",");
		row(&text, cases[i][0], cases[i][1]);
		dmp_text_append(&text, "]");
		assert_int_equal(
		    parse(dmp_text_get(&text), &vantage, &error), DMP_EINVAL);
		dmp_text_format(
		    expected, sizeof(expected), "row 2: %s: expected ", cases[i][0]);
		assert_memory_equal(dmp_text_get(&error), expected, strlen(expected));
		assert_null(vantage.rows);
	}
	dmp_text_done(&text);
	dmp_text_done(&error);
}

static void
what_is_no_list_of_ports_is_refused(void **state)
{
	static const char *const cases[] = {"", "{}", "[", "[1]", "[{}]", "[null]",
	    "<html>", "[{\"key\":\"a\",\"key\":\"b\"}]", "[{\"key\":\"a\\u0000b\"}]"};
	struct dmp_text error = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmp_vantage vantage = {0};

		assert_int_equal(parse(cases[i], &vantage, &error), DMP_EINVAL);
		assert_true(error.size > 0);
	}
	dmp_text_done(&error);
}

static void
no_ports_are_no_error(void **state)
{
	struct dmp_vantage vantage = {0};
	struct dmp_text error = {0};

	(void)state;
	assert_int_equal(parse("[]", &vantage, &error), DMP_OK);
	assert_int_equal(vantage.n_rows, 0);
	dmp_vantage_done(&vantage);
	dmp_text_done(&error);
}

static void
too_many_rows_are_refused(void **state)
{
	struct dmp_vantage vantage = {0};
	struct dmp_text text = {0};
	struct dmp_text error = {0};

	(void)state;
	dmp_text_append(&text, "[0");
	for (int i = 0; i < DMP_VANTAGE_ROWS; i++)
		dmp_text_append(&text, ",0");
	dmp_text_append(&text, "]");
	assert_int_equal(parse(dmp_text_get(&text), &vantage, &error), DMP_EINVAL);
	assert_string_equal(dmp_text_get(&error), "20001 rows; at most 20000 are read");
	dmp_text_done(&text);
	dmp_text_done(&error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_status_writes_is_read),
	    cmocka_unit_test(a_member_that_is_not_as_written_is_refused_with_its_row),
	    cmocka_unit_test(what_is_no_list_of_ports_is_refused),
	    cmocka_unit_test(no_ports_are_no_error),
	    cmocka_unit_test(too_many_rows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
