/* SPDX-License-Identifier: BSD-2-Clause */
/* How dmports listen answers, and how a probe knows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/path.h"

static void
the_report_answers_the_discovery_of_our_probe(void **state)
{
	uint8_t request[DMP_SNMP_DISCOVERY_SIZE];
	uint8_t report[DMP_PATH_REPORT_MAX];
	struct dmp_snmp_engine engine;
	size_t size;

	(void)state;
	dmp_snmp_discovery(0x1234, 0x2345, request);
	size = dmp_path_report(request, sizeof request, report);
	assert_int_equal(
	    dmp_snmp_parse(report, size, 0x1234, &engine), DMP_SNMP_DISCOVERED);
	assert_true(dmp_path_is_engine(&engine));
	assert_int_equal(dmp_snmp_parse(report, size, 0x1235, &engine), DMP_SNMP_STRAY);
}

static void
the_engine_of_another_agent_is_not_ours(void **state)
{
	struct dmp_snmp_engine engine = {
	    .id = {0x80, 0, 0x1f, 0x88, 0x80, 'd', 'm', 'p'}, .id_size = 19};

	(void)state;
	assert_false(dmp_path_is_engine(&engine));
	engine.id_size = 8;
	assert_false(dmp_path_is_engine(&engine));
}

static void
only_a_discovery_is_answered(void **state)
{
	uint8_t request[DMP_SNMP_DISCOVERY_SIZE];
	uint8_t report[DMP_PATH_REPORT_MAX];
	uint8_t large[512] = {0};

	(void)state;
	dmp_snmp_discovery(0x1234, 0x2345, request);
	for (size_t n = 0; n + 12 < sizeof request; n++)
		assert_int_equal(dmp_path_report(request, n, report), 0);
	request[4] = 1; /* SNMPv2c */
	assert_int_equal(dmp_path_report(request, sizeof request, report), 0);
	assert_int_equal(dmp_path_report(large, sizeof large, report), 0);
}

static void
a_greeting_is_known_by_all_of_its_beginning(void **state)
{
	static const uint8_t LINE[] = DMP_PATH_GREETING "dma1 8004/tcp";

	(void)state;
	assert_true(dmp_path_is_greeting(LINE, sizeof LINE));
	assert_true(dmp_path_is_greeting(LINE, sizeof DMP_PATH_GREETING - 1));
	assert_false(dmp_path_is_greeting(LINE, sizeof DMP_PATH_GREETING - 2));
	assert_false(dmp_path_is_greeting(LINE + 1, sizeof LINE - 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_report_answers_the_discovery_of_our_probe),
	    cmocka_unit_test(the_engine_of_another_agent_is_not_ours),
	    cmocka_unit_test(only_a_discovery_is_answered),
	    cmocka_unit_test(a_greeting_is_known_by_all_of_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
