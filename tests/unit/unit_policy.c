/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/policy.h"
#include "model/site_schema.h"
#include "model/site_value.h"
#include "support/plan_sample.h"

static void
built_in_policy_is_the_documented_one(void **unused)
{
	struct dmp_policy p = dmp_policy_default();

	(void)unused;
	assert_int_equal(p.interval_ms, 30000);
	assert_int_equal(p.fast_ms, 2000);
	assert_int_equal(p.slow_ms, 60000);
	assert_int_equal(p.timeout_ms, 3200);
	assert_int_equal(p.heavy_ms, 3600000);
	assert_int_equal(p.fall, 3);
	assert_int_equal(p.rise, 2);
	assert_int_equal(p.depth, DMP_DEPTH_IDENTIFY);
	assert_int_equal(p.close, DMP_CLOSE_RST);
	assert_int_equal(p.slow_answer_ms, 0);
	assert_int_equal(p.flap, 6);
	assert_int_equal(p.flap_window_ms, 600000);
	assert_int_equal(p.severity.down, 0);
	assert_int_equal(p.severity.degraded, 0);
	assert_int_equal(p.severity.exposed, 0);
	assert_int_equal(p.severity.certificate, 0);
}

/* What the manual calls the default of policy values is told by the schema only. */
static void
schema_tells_the_built_in_policy(void **unused)
{
	const struct dmp_site_element *element =
	    dmp_site_element_find("policy", DMP_SITE_ROOT);
	struct dmp_policy expected = dmp_policy_default();
	struct dmp_site_policy policy;
	size_t n = 0;

	(void)unused;
	memset(&policy, 0xee, sizeof policy);
	for (size_t i = 0; i < element->n_attributes; i++) {
		const struct dmp_site_attribute *a = &element->attributes[i];

		if (a->policy_bit == 0)
			continue;
		n++;
		assert_int_equal(
		    dmp_site_value_set(a, a->fallback, "", &policy), DMP_OK);
	}
	assert_int_equal(n, DMP_POLICY_FIELDS);
	assert_int_equal(policy.value.interval_ms, expected.interval_ms);
	assert_int_equal(policy.value.fast_ms, expected.fast_ms);
	assert_int_equal(policy.value.slow_ms, expected.slow_ms);
	assert_int_equal(policy.value.timeout_ms, expected.timeout_ms);
	assert_int_equal(policy.value.heavy_ms, expected.heavy_ms);
	assert_int_equal(policy.value.fall, expected.fall);
	assert_int_equal(policy.value.rise, expected.rise);
	assert_int_equal(policy.value.depth, expected.depth);
	assert_int_equal(policy.value.close, expected.close);
	assert_int_equal(policy.value.slow_answer_ms, expected.slow_answer_ms);
	assert_int_equal(policy.value.flap, expected.flap);
	assert_int_equal(policy.value.flap_window_ms, expected.flap_window_ms);
	assert_memory_equal(
	    &policy.value.severity, &expected.severity, sizeof expected.severity);
}

static void
alarm_values_of_a_policy_are_passed_on(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("",
	    "<policy flap='0' flap-window='5m' slow-answer='800ms' "
	    "severity-down='major' severity-degraded='warning'/>"
	    "<policy requirement='https' flap='9' severity-down='auto' "
	    "severity-exposed='critical' severity-certificate='minor'/>" DMA(1)));
	const struct dmp_policy *http = &plan_sample_port(plan, "dma1/http")->policy;
	const struct dmp_policy *https = &plan_sample_port(plan, "dma1/https")->policy;

	(void)state;
	assert_int_equal(http->flap, 0);
	assert_int_equal(https->flap, 9);
	assert_int_equal(https->flap_window_ms, 300000);
	assert_int_equal(https->slow_answer_ms, 800);
	assert_int_equal(http->severity.down, DMP_SEVERITY_MAJOR);
	assert_int_equal(https->severity.down, 0);
	assert_int_equal(https->severity.degraded, DMP_SEVERITY_WARNING);
	assert_int_equal(https->severity.exposed, DMP_SEVERITY_CRITICAL);
	assert_int_equal(https->severity.certificate, DMP_SEVERITY_MINOR);
	assert_int_equal(http->severity.certificate, 0);
	dmp_plan_free(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(built_in_policy_is_the_documented_one),
	    cmocka_unit_test(schema_tells_the_built_in_policy),
	    cmocka_unit_test(alarm_values_of_a_policy_are_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
