/* SPDX-License-Identifier: BSD-2-Clause */
/* What a set of ports amounts to: exit codes, summary, nagios, prometheus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/report.h"
#include "engine/health.h"

static struct dmp_report_row
port(enum dmp_level level, enum dmp_state state, enum dmp_reason reason)
{
	return (struct dmp_report_row){
	    .key = "dma1/nats-client",
	    .host = "dma1",
	    .requirement = "nats-client",
	    .service = "NATS",
	    .why = "because",
	    .address = "192.0.2.1",
	    .transport = DMP_TRANSPORT_TCP,
	    .port = 4222,
	    .level = level,
	    .state = state,
	    .reason = reason,
	    .severity = dmp_health_severity(level, state),
	    .tls_days_left = INT32_MAX,
	    .detail = "something",
	};
}

static struct dmp_report
report_of(struct dmp_report_row *rows, size_t n)
{
	return (struct dmp_report){.rows = rows, .n_rows = n, .n_hosts = 1};
}

static int
exit_of(enum dmp_level level, enum dmp_state state, enum dmp_reason reason)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_REASON_OPEN),
	    port(level, state, reason),
	};
	struct dmp_report report = report_of(rows, 2);

	return dmp_report_exit(&report);
}

static void
only_required_down_and_exposed_make_exit_one(void **state)
{
	(void)state;
	assert_int_equal(
	    exit_of(DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_REASON_REFUSED), 1);
	assert_int_equal(
	    exit_of(DMP_LEVEL_FORBIDDEN, DMP_STATE_EXPOSED, DMP_REASON_OPEN), 1);
	assert_int_equal(
	    exit_of(DMP_LEVEL_OPTIONAL, DMP_STATE_DOWN, DMP_REASON_REFUSED), 0);
	assert_int_equal(
	    exit_of(DMP_LEVEL_REQUIRED, DMP_STATE_DEGRADED, DMP_REASON_SLOW), 0);
	assert_int_equal(
	    exit_of(DMP_LEVEL_REQUIRED, DMP_STATE_UNVERIFIED, DMP_REASON_NO_REPLY), 0);
	assert_int_equal(
	    exit_of(DMP_LEVEL_REQUIRED, DMP_STATE_UNKNOWN, DMP_REASON_LOCAL_LIMIT), 0);
}

static void
nothing_checked_makes_exit_four(void **state)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UNKNOWN, DMP_REASON_LOCAL_LIMIT),
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_NOT_APPLICABLE, DMP_REASON_MAINTENANCE),
	};
	struct dmp_report report = report_of(rows, 2);

	(void)state;
	assert_int_equal(dmp_report_exit(&report), DMP_EXIT_FAILED);
	report.n_rows = 0;
	assert_int_equal(dmp_report_exit(&report), DMP_EXIT_FAILED);
}

static void
a_stopped_daemon_makes_exit_three_whatever_the_ports_say(void **state)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_REASON_REFUSED)};
	struct dmp_report report = report_of(rows, 1);

	(void)state;
	report.trouble = "the daemon has stopped";
	assert_int_equal(dmp_report_exit(&report), DMP_EXIT_UNREACHABLE);
}

static void
the_summary_counts_every_port_once(void **state)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_REASON_OPEN),
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_REASON_REFUSED),
	    port(DMP_LEVEL_OPTIONAL, DMP_STATE_DOWN, DMP_REASON_REFUSED),
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_NOT_APPLICABLE, DMP_REASON_DISABLED),
	    port(DMP_LEVEL_REQUIRED, (enum dmp_state)0, DMP_REASON_NONE),
	};
	struct dmp_report report = report_of(rows, 5);
	struct dmp_text text = {0};

	(void)state;
	dmp_report_summary(&report, &text);
	assert_string_equal(dmp_text_get(&text),
	    "5 ports on 1 host: 1 up, 2 down (1 required), 1 unknown, 1 not judged");
	dmp_text_done(&text);
}

static char *
nagios(struct dmp_report *report, int *code)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	*code = dmp_report_nagios(report, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static int
nagios_code(enum dmp_level level, enum dmp_state state, enum dmp_reason reason)
{
	struct dmp_report_row rows[] = {port(level, state, reason)};
	struct dmp_report report = report_of(rows, 1);
	int code;

	free(nagios(&report, &code));
	return code;
}

static void
nagios_codes_are_those_of_the_plugin_contract(void **state)
{
	(void)state;
	assert_int_equal(
	    nagios_code(DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_REASON_OPEN), 0);
	assert_int_equal(
	    nagios_code(DMP_LEVEL_OPTIONAL, DMP_STATE_DOWN, DMP_REASON_REFUSED), 1);
	assert_int_equal(
	    nagios_code(DMP_LEVEL_FORBIDDEN, DMP_STATE_EXPOSED, DMP_REASON_OPEN), 1);
	assert_int_equal(
	    nagios_code(DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_REASON_REFUSED), 2);
	assert_int_equal(
	    nagios_code(DMP_LEVEL_REQUIRED, DMP_STATE_UNKNOWN, DMP_REASON_LOCAL_LIMIT),
	    3);
}

/* A host that is down, a vantage that is cut off, a rejected file: no row tells them.
 */
static void
nagios_code_is_that_of_the_daemon_when_it_knows_of_worse(void **state)
{
	static const struct {
		enum dmp_state state;
		int daemon;
		int code;
	} CASES[] = {{DMP_STATE_UP, 0, 0}, {DMP_STATE_UP, 1, 1}, {DMP_STATE_UP, 2, 2},
	    {DMP_STATE_UNKNOWN, 0, 3}, {DMP_STATE_UNKNOWN, 1, 3},
	    {DMP_STATE_UNKNOWN, 2, 2}, {DMP_STATE_DOWN, 1, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_report_row rows[] = {port(DMP_LEVEL_REQUIRED, CASES[i].state,
		    CASES[i].state == DMP_STATE_UNKNOWN ? DMP_REASON_LOCAL_LIMIT
		                                        : DMP_REASON_OPEN)};
		struct dmp_report report = report_of(rows, 1);
		char *text;
		int code;

		report.daemon_status = CASES[i].daemon;
		dmp_text_copy(
		    report.daemon_why, sizeof report.daemon_why, "2 hosts down");
		text = nagios(&report, &code);
		assert_int_equal(code, CASES[i].code);
		assert_non_null(strstr(text, "; 2 hosts down"));
		free(text);
	}
}

static void
nagios_prints_one_first_line_with_performance_data(void **state)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_REASON_OPEN),
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_REASON_REFUSED),
	};
	struct dmp_report report = report_of(rows, 2);
	char *text;
	int code;

	(void)state;
	rows[0].latency_us = 1500;
	dmp_text_copy(rows[1].detail, sizeof(rows[1].detail), "bad | worse");
	text = nagios(&report, &code);
	assert_string_equal(text,
	    "DMPORTS CRITICAL - 2 ports on 1 host: 1 up, 1 down (1 required); "
	    "dma1/nats-client down (refused) | 'ports'=2;;;0 'required_down'=1;;0;0;2 "
	    "'down'=1;;;0 'exposed'=0;;;0 'degraded'=0;;;0 'unverified'=0;;;0 "
	    "'unknown'=0;;;0\n"
	    "critical dma1/nats-client 4222/tcp down: bad / worse\n"
	    "latency per port | 'dma1/nats-client'=0.001500s;;;0\n");
	free(text);
	rows[1].latency_us = 2000000;
	text = nagios(&report, &code);
	assert_non_null(strstr(text,
	    "| 'dma1/nats-client'=0.001500s;;;0 'dma1/nats-client'=2.000000s;;;0\n"));
	free(text);
}

static void
nagios_stays_below_eight_kilobytes(void **state)
{
	enum { MANY = 2000 };
	struct dmp_report_row *rows = calloc(MANY, sizeof(*rows));
	struct dmp_report report = report_of(rows, MANY);
	char *text;
	int code;

	(void)state;
	assert_non_null(rows);
	for (size_t i = 0; i < MANY; i++) {
		rows[i] = port(DMP_LEVEL_REQUIRED, DMP_STATE_DOWN, DMP_REASON_REFUSED);
		rows[i].latency_us = 1;
	}
	text = nagios(&report, &code);
	assert_in_range(strlen(text), 4000, 8192);
	free(text);
	free(rows);
}

static void
nagios_is_unknown_when_the_daemon_is_silent(void **state)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_REASON_OPEN)};
	struct dmp_report report = report_of(rows, 1);
	char *text;
	int code;

	(void)state;
	report.trouble = "the daemon has stopped";
	text = nagios(&report, &code);
	assert_int_equal(code, 3);
	assert_string_equal(text, "DMPORTS UNKNOWN - the daemon has stopped\n");
	free(text);
}

static void
prometheus_escapes_labels_and_leaves_out_what_does_not_exist(void **state)
{
	struct dmp_report_row rows[] = {
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UP, DMP_REASON_OPEN),
	    port(DMP_LEVEL_REQUIRED, DMP_STATE_UNKNOWN, DMP_REASON_NONE),
	};
	struct dmp_report report = report_of(rows, 2);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	rows[0].host = "a\"b\\c\n";
	rows[0].latency_us = 2500;
	dmp_report_prometheus(&report, out);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text,
	    "# TYPE dmports_port_up gauge\n"
	    "dmports_port_up{key=\"dma1/nats-client\",host=\"a\\\"b\\\\c\","
	    "requirement=\"nats-client\",transport=\"tcp\",port=\"4222\","
	    "level=\"required\"} 1\n"
	    "# HELP dmports_port_state "));
	assert_non_null(strstr(text, "level=\"required\"} 0.0025\n# HELP"));
	assert_null(strstr(text, "dmports_port_tls_days_left{"));
	assert_null(strstr(text, "dmports_engine_state"));
	assert_non_null(strstr(text, "\ndmports_ports 2\n"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_required_down_and_exposed_make_exit_one),
	    cmocka_unit_test(nothing_checked_makes_exit_four),
	    cmocka_unit_test(a_stopped_daemon_makes_exit_three_whatever_the_ports_say),
	    cmocka_unit_test(the_summary_counts_every_port_once),
	    cmocka_unit_test(nagios_codes_are_those_of_the_plugin_contract),
	    cmocka_unit_test(nagios_code_is_that_of_the_daemon_when_it_knows_of_worse),
	    cmocka_unit_test(nagios_prints_one_first_line_with_performance_data),
	    cmocka_unit_test(nagios_stays_below_eight_kilobytes),
	    cmocka_unit_test(nagios_is_unknown_when_the_daemon_is_silent),
	    cmocka_unit_test(
	        prometheus_escapes_labels_and_leaves_out_what_does_not_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
