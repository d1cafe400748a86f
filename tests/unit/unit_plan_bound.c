/* SPDX-License-Identifier: BSD-2-Clause */
/* since= and until= of a catalogue entry bound what its condition says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/plan_internal.h"
#include "support/plan_sample.h"

static const struct dmp_condition_result YES = {DMP_APPLIES_YES, "the condition"};
static const struct dmp_condition_result NO = {DMP_APPLIES_NO, "the condition"};
static const struct dmp_condition_result OPEN = {DMP_APPLIES_ASSUMED, "the condition"};

static struct dmp_entry
entry_of(const char *since, const char *until)
{
	struct dmp_entry entry = {
	    .since = since, .until = until, .level = DMP_LEVEL_REQUIRED};

	if (since[0] != '\0')
		assert_int_equal(
		    dmp_version_condition_parse(since, &entry.since_versions), DMP_OK);
	if (until[0] != '\0')
		assert_int_equal(
		    dmp_version_condition_parse(until, &entry.until_versions), DMP_OK);
	return entry;
}

static struct dmp_installed
installed_of(const char *dataminer, const char *gateway)
{
	struct dmp_installed installed = {0};

	if (dataminer)
		assert_int_equal(dmp_version_parse(DMP_PRODUCT_DATAMINER, dataminer,
		                     &installed.version[DMP_PRODUCT_DATAMINER]),
		    DMP_OK);
	if (gateway && strcmp(gateway, "no") == 0)
		installed.absent[DMP_PRODUCT_CLOUD_GATEWAY] = true;
	else if (gateway)
		assert_int_equal(dmp_version_parse(DMP_PRODUCT_CLOUD_GATEWAY, gateway,
		                     &installed.version[DMP_PRODUCT_CLOUD_GATEWAY]),
		    DMP_OK);
	return installed;
}

static void
assert_bound(const struct dmp_entry *entry, struct dmp_installed installed,
    enum dmp_applies applies, const char *why)
{
	struct dmp_condition_result result = dmp_plan_bound(entry, &installed, YES);

	assert_string_equal(result.why, why);
	assert_int_equal(result.applies, applies);
}

static void
an_entry_without_bounds_is_what_its_condition_says(void **state)
{
	struct dmp_entry entry = entry_of("", "");

	(void)state;
	assert_bound(&entry, installed_of(NULL, NULL), DMP_APPLIES_YES, YES.why);
}

static void
a_version_before_since_does_not_apply(void **state)
{
	struct dmp_entry entry = entry_of("10.3.0/10.3.2", "");

	(void)state;
	assert_bound(&entry, installed_of("10.2.0 [CU5]", NULL), DMP_APPLIES_NO,
	    "needed only from 10.3.0/10.3.2, the site has 10.2.0 [CU5]");
	assert_bound(&entry, installed_of("10.3.2", NULL), DMP_APPLIES_YES, YES.why);
}

static void
a_version_at_until_does_not_apply(void **state)
{
	struct dmp_entry entry = entry_of("10.1.0/10.1.1", "10.6.0/10.6.1");

	(void)state;
	assert_bound(&entry, installed_of("10.6.1", NULL), DMP_APPLIES_NO,
	    "needed only before 10.6.0/10.6.1, the site has 10.6.1");
	assert_bound(&entry, installed_of("10.5.12", NULL), DMP_APPLIES_YES, YES.why);
	assert_bound(&entry, installed_of("10.0.13", NULL), DMP_APPLIES_NO,
	    "needed only from 10.1.0/10.1.1, the site has 10.0.13");
}

static void
what_is_not_known_is_assumed_and_said(void **state)
{
	struct dmp_entry since = entry_of("10.3.0/10.3.2", "");
	struct dmp_entry until = entry_of("", "10.6.0/10.6.1");
	struct dmp_entry cu = entry_of("10.3.0 [CU6]/10.3.9", "");
	struct dmp_entry feature = entry_of("10.3.2", "");

	(void)state;
	assert_bound(&since, installed_of(NULL, NULL), DMP_APPLIES_ASSUMED,
	    "needed from 10.3.0/10.3.2; the version of the site is not known: "
	    "dataminer= settles it");
	assert_bound(&until, installed_of(NULL, NULL), DMP_APPLIES_ASSUMED,
	    "needed before 10.6.0/10.6.1; the version of the site is not known: "
	    "dataminer= settles it");
	assert_bound(&cu, installed_of("10.3.0", NULL), DMP_APPLIES_ASSUMED,
	    "needed from 10.3.0 [CU6]/10.3.9; the cumulative update of 10.3.0 is not "
	    "known: dataminer=\"10.3.0 [CU...]\" settles it");
	assert_bound(&feature, installed_of("10.3.0 [CU1]", NULL), DMP_APPLIES_ASSUMED,
	    "needed from 10.3.2; whether 10.3.0 [CU1] counts is not documented: a "
	    "level for this port settles it");
	assert_bound(&feature, installed_of("10.3.0", NULL), DMP_APPLIES_ASSUMED,
	    "needed from 10.3.2; whether 10.3.0 counts is not documented: a level for "
	    "this port settles it");
}

static void
an_end_that_is_certain_wins_over_a_beginning_that_is_not(void **state)
{
	struct dmp_entry entry = entry_of("10.3.2", "10.2.0/10.2.1");

	(void)state;
	assert_bound(&entry, installed_of("10.3.0 [CU1]", NULL), DMP_APPLIES_NO,
	    "needed only before 10.2.0/10.2.1, the site has 10.3.0 [CU1]");
}

static void
either_product_reaches_a_bound_of_two(void **state)
{
	struct dmp_entry entry = entry_of("10.3.6/10.4.0/CloudGateway 2.10.0", "");

	(void)state;
	assert_bound(
	    &entry, installed_of("10.3.0", "2.10.0"), DMP_APPLIES_YES, YES.why);
	assert_bound(&entry, installed_of("10.3.0 [CU5]", "2.9.1"), DMP_APPLIES_NO,
	    "needed only from 10.3.6/10.4.0/CloudGateway 2.10.0, the site has 10.3.0 "
	    "[CU5] and CloudGateway 2.9.1");
	assert_bound(&entry, installed_of("10.3.5", "no"), DMP_APPLIES_NO,
	    "needed only from 10.3.6/10.4.0/CloudGateway 2.10.0, the site has 10.3.5 "
	    "and no CloudGateway");
	assert_bound(&entry, installed_of("10.3.5", NULL), DMP_APPLIES_ASSUMED,
	    "needed from 10.3.6/10.4.0/CloudGateway 2.10.0; the version of "
	    "CloudGateway is not known: features cloud-gateway= settles it");
}

static void
bounds_and_condition_are_an_all(void **state)
{
	struct dmp_entry entry = entry_of("10.3.0/10.3.2", "");
	struct dmp_installed before = installed_of("10.2.12", NULL);
	struct dmp_installed after = installed_of("10.3.2", NULL);
	struct dmp_installed unknown = installed_of(NULL, NULL);

	(void)state;
	assert_int_equal(dmp_plan_bound(&entry, &before, OPEN).applies, DMP_APPLIES_NO);
	assert_int_equal(dmp_plan_bound(&entry, &after, NO).applies, DMP_APPLIES_NO);
	assert_int_equal(
	    dmp_plan_bound(&entry, &after, OPEN).applies, DMP_APPLIES_ASSUMED);
	assert_int_equal(dmp_plan_bound(&entry, &unknown, NO).applies, DMP_APPLIES_NO);
	assert_string_equal(dmp_plan_bound(&entry, &unknown, OPEN).why, OPEN.why);
}

static void
a_forbidden_port_stays_forbidden_in_every_version(void **state)
{
	struct dmp_entry entry = entry_of("10.0.0", "10.0.8/10.1.0");

	(void)state;
	entry.level = DMP_LEVEL_FORBIDDEN;
	assert_bound(&entry, installed_of("10.6.1", NULL), DMP_APPLIES_YES, YES.why);
	assert_bound(&entry, installed_of("9.6.13", NULL), DMP_APPLIES_YES, YES.why);
}

static void
the_plan_keeps_the_bounds_of_the_catalogue(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("dataminer='10.2.0.0-11897'",
	    "<features inter-dma='grpc'/>" DMA(1) DMA(2)));

	(void)state;
	plan_sample_absent(plan, "dma1", "grpc",
	    "does not apply: needed only from 10.3.0/10.3.2, the site has 10.2.0 "
	    "[CU4]");
	dmp_plan_free(plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_entry_without_bounds_is_what_its_condition_says),
	    cmocka_unit_test(a_version_before_since_does_not_apply),
	    cmocka_unit_test(a_version_at_until_does_not_apply),
	    cmocka_unit_test(what_is_not_known_is_assumed_and_said),
	    cmocka_unit_test(an_end_that_is_certain_wins_over_a_beginning_that_is_not),
	    cmocka_unit_test(either_product_reaches_a_bound_of_two),
	    cmocka_unit_test(bounds_and_condition_are_an_all),
	    cmocka_unit_test(a_forbidden_port_stays_forbidden_in_every_version),
	    cmocka_unit_test(the_plan_keeps_the_bounds_of_the_catalogue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
