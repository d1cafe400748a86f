/* SPDX-License-Identifier: BSD-2-Clause */
/* Versions of DataMiner: their spellings, and what they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "model/version.h"

#define EN_DASH  "\xe2\x80\x93"
#define N(array) (sizeof(array) / sizeof(array)[0])

static struct dmp_version
version_of(const char *text)
{
	struct dmp_version version = {0};

	if (dmp_version_parse(DMP_PRODUCT_DATAMINER, text, &version) != DMP_OK)
		fail_msg("\"%s\" is refused", text);
	return version;
}

static struct dmp_version_condition
condition_of(const char *text)
{
	struct dmp_version_condition condition = {0};

	if (dmp_version_condition_parse(text, &condition) != DMP_OK)
		fail_msg("condition \"%s\" is refused", text);
	return condition;
}

static enum dmp_applies
since_of(struct dmp_version version, const struct dmp_version_condition *condition)
{
	struct dmp_installed installed = {.version[DMP_PRODUCT_DATAMINER] = version};

	return dmp_version_since(&installed, condition);
}

static void
assert_since(const char *installed, const char *condition, enum dmp_applies expected)
{
	struct dmp_version_condition parsed = condition_of(condition);
	enum dmp_applies said = since_of(version_of(installed), &parsed);

	if (said != expected)
		fail_msg("%s since %s: %s, expected %s", installed, condition,
		    dmp_vocab_text(DMP_VOCAB_APPLIES, (int)said),
		    dmp_vocab_text(DMP_VOCAB_APPLIES, (int)expected));
}

static void
assert_yes(const char *installed, const char *condition)
{
	assert_since(installed, condition, DMP_APPLIES_YES);
}

static void
assert_no(const char *installed, const char *condition)
{
	assert_since(installed, condition, DMP_APPLIES_NO);
}

static void
assert_open(const char *installed, const char *condition)
{
	assert_since(installed, condition, DMP_APPLIES_ASSUMED);
}

/* ---- spellings ---- */

static void
every_spelling_of_a_version_is_read(void **state)
{
	static const struct {
		const char *text;
		const char *canonical;
		uint32_t build;
	} SPELLINGS[] = {
	    {"10.3.0 [CU3]", "10.3.0 [CU3]", 0},
	    {"10.3.0[CU3]", "10.3.0 [CU3]", 0},
	    {"10.3.0 \\[CU3\\]", "10.3.0 [CU3]", 0},
	    {"10.3.0 (CU3)", "10.3.0 [CU3]", 0},
	    {"10.3.0-CU1", "10.3.0 [CU1]", 0},
	    {"10.3.0 CU10", "10.3.0 [CU10]", 0},
	    {"10.3.0 cu10", "10.3.0 [CU10]", 0},
	    {"10.3.0 [CU0]", "10.3.0 [CU0]", 0},
	    {"10.3.9 [CU2]", "10.3.9 [CU2]", 0},
	    {"10.3.6", "10.3.6", 0},
	    {"10.0.13", "10.0.13", 0},
	    {"9.6.13", "9.6.13", 0},
	    {"10.4.0", "10.4.0", 0},
	    {"10.4", "10.4.0", 0},
	    {"9.6", "9.6.0", 0},
	    {"10.5.2.0", "10.5.2", 0},
	    {"10.5.2.0 - 15323", "10.5.2", 15323},
	    {"10.4.0.0-14772-20240821-release", "10.4.0", 14772},
	    {"10.4.0.0-14772-20240821", "10.4.0", 14772},
	    {"10.2.0.0-12345-CU4", "10.2.0 [CU4]", 12345},
	    {"10.5.0.0 " EN_DASH " 12345 CU11", "10.5.0 [CU11]", 12345},
	    {"10.2.0-11000", "10.2.0", 11000},
	};
	char text[DMP_VERSION_LINE];

	(void)state;
	for (size_t i = 0; i < N(SPELLINGS); i++) {
		struct dmp_version version = version_of(SPELLINGS[i].text);

		dmp_version_text(&version, text);
		assert_string_equal(text, SPELLINGS[i].canonical);
		assert_int_equal(version.build, SPELLINGS[i].build);
	}
}

static void
what_is_no_version_is_refused_and_leaves_the_output_alone(void **state)
{
	static const char *const REFUSED[] = {"", " ", "10", "10.", ".3", "10.3.",
	    "10..3", "v10.3.0", "DataMiner 10.3.0", " 10.3.0", "10.3.0 ", "10.3.0\n",
	    "0.3.0", "010.3.0", "10.03.0", "100.3.0", "10.3.1000", "-1.3.0", "+10.3.0",
	    "10,3,0", "10.3.x", "10.3.0.0.0", "10.3.0 [CU]", "10.3.0 [CU3",
	    "10.3.0 CU3]", "10.3.0 (CU3]", "10.3.0 [CU03]", "10.3.0 [CU-1]",
	    "10.3.0 [CU1000]", "10.3.0 [X]", "10.3.0CU3", "10.3.0 [CU3] [CU4]",
	    "10.3.0-11", "10.3.0 - ", "10.3.0--CU3", "10.3.0-1234567",
	    "10.3.0-14772-2024082", "10.3.0-14772-20240821-beta", "10.3.0/10.3.6",
	    "10.3.0 and 10.3.6", "10.3.99999999999999999999",
	    "10.3.0 [CU99999999999999999999]"};
	struct dmp_version version = {.a = 77};

	(void)state;
	for (size_t i = 0; i < N(REFUSED); i++) {
		if (dmp_version_parse(DMP_PRODUCT_DATAMINER, REFUSED[i], &version) !=
		    DMP_EINVAL)
			fail_msg("\"%s\" is accepted", REFUSED[i]);
		assert_int_equal(version.a, 77);
	}
}

static void
a_known_build_tells_its_cumulative_update(void **state)
{
	static const struct {
		const char *text;
		int cu;
	} BUILDS[] = {
	    {"10.0.0.0-11025", 19}, {"10.1.0.0-11229", 10}, {"10.2.0.0-11897", 4},
	    {"10.4.0.0-14511-20240601-release", 4}, {"10.4.0.0-15230", 10},
	    {"10.5.0.0 - 16782", 11}, {"10.5.0.0-16782 [CU3]", 3}, /* what is written */
	    {"10.4.0.0-14003", DMP_VERSION_CU_UNKNOWN},            /* not certain */
	    {"10.4.0.0-11897", DMP_VERSION_CU_UNKNOWN}, /* of another release */
	    {"10.4.1.0-14511", DMP_VERSION_CU_UNKNOWN}, /* of another track */
	};

	(void)state;
	for (size_t i = 0; i < N(BUILDS); i++)
		assert_int_equal(version_of(BUILDS[i].text).cu, BUILDS[i].cu);
}

static void
a_cumulative_update_that_is_not_written_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(version_of("10.4.0").cu, DMP_VERSION_CU_UNKNOWN);
	assert_int_equal(version_of("10.3.6").cu, DMP_VERSION_CU_UNKNOWN);
	assert_int_equal(
	    version_of("10.4.0.0-14772-20240821-release").cu, DMP_VERSION_CU_UNKNOWN);
	assert_int_equal(version_of("10.4.0 [CU0]").cu, 0);
}

static void
other_products_have_neither_build_nor_cumulative_update(void **state)
{
	struct dmp_version version = {0};

	(void)state;
	assert_int_equal(
	    dmp_version_parse(DMP_PRODUCT_CLOUD_GATEWAY, "2.10.0", &version), DMP_OK);
	assert_int_equal(version.b, 10);
	assert_int_equal(
	    dmp_version_parse(DMP_PRODUCT_CLOUD_GATEWAY, "2.10.0 [CU1]", &version),
	    DMP_EINVAL);
	assert_int_equal(
	    dmp_version_parse(DMP_PRODUCT_CLOUD_GATEWAY, "2.10.0-12345", &version),
	    DMP_EINVAL);
}

static void
the_longest_version_fits_its_fields(void **state)
{
	struct dmp_version version = version_of("99.99.999.99999-999999 [CU999]");
	char text[DMP_VERSION_LINE];

	(void)state;
	dmp_version_text(&version, text);
	assert_string_equal(text, "99.99.999 [CU999]");
	assert_true(strlen(text) <= 24);
}

static void
a_version_that_is_not_known_has_no_text(void **state)
{
	struct dmp_version version = {0};
	char text[DMP_VERSION_LINE] = "x";

	(void)state;
	assert_false(dmp_version_is_known(&version));
	dmp_version_text(&version, text);
	assert_string_equal(text, "");
}

/* ---- conditions ---- */

/* The thresholds as text, each with its cumulative update. */
static void
assert_thresholds(const char *text, const char *expected)
{
	struct dmp_version_condition condition = condition_of(text);
	struct dmp_text out = {0};
	char line[DMP_VERSION_LINE];

	for (size_t i = 0; i < condition.n; i++) {
		dmp_version_text(&condition.threshold[i].version, line);
		dmp_text_printf(&out, "%s%s:%s", i > 0 ? "|" : "",
		    dmp_product_text(condition.threshold[i].product), line);
	}
	assert_string_equal(dmp_text_get(&out), expected);
	dmp_text_done(&out);
}

static void
every_separator_of_a_condition_is_read(void **state)
{
	(void)state;
	assert_thresholds(
	    "10.3.6/10.3.0 [CU3]", "DataMiner:10.3.6 [CU0]|DataMiner:10.3.0 [CU3]");
	assert_thresholds(
	    "10.1.0 CU10 and 10.2.1", "DataMiner:10.1.0 [CU10]|DataMiner:10.2.1 [CU0]");
	assert_thresholds("10.5.0 \\[CU12\\], 10.6.0 or 10.6.3",
	    "DataMiner:10.5.0 [CU12]|DataMiner:10.6.0 [CU0]|DataMiner:10.6.3 [CU0]");
	assert_thresholds(
	    "10.4.4 / 10.3.0-CU13", "DataMiner:10.4.4 [CU0]|DataMiner:10.3.0 [CU13]");
	assert_thresholds("10.2.0", "DataMiner:10.2.0 [CU0]");
}

static void
a_condition_names_products(void **state)
{
	struct dmp_version_condition condition;

	(void)state;
	assert_thresholds("10.3.6/10.4.0/CloudGateway 2.10.0",
	    "DataMiner:10.3.6 [CU0]|DataMiner:10.4.0 [CU0]|CloudGateway:2.10.0 [CU0]");
	assert_thresholds("DataMiner 10.3.6", "DataMiner:10.3.6 [CU0]");
	condition = condition_of("CloudGateway 2.10.0");
	assert_true(dmp_version_condition_names(&condition, DMP_PRODUCT_CLOUD_GATEWAY));
	assert_false(dmp_version_condition_names(&condition, DMP_PRODUCT_DATAMINER));
}

#define LONG_9  "123456789"
#define LONG_63 LONG_9 LONG_9 LONG_9 LONG_9 LONG_9 LONG_9 LONG_9

static void
what_is_no_condition_is_refused(void **state)
{
	static const char *const REFUSED[] = {"", " ", "/", "10.3.6/", "/10.3.6",
	    "10.3.6//10.4.0", "10.3.6 10.4.0", "10.3.6 and", "10.3.6 and and 10.4.0",
	    "10.2.0 [X]", "CloudGateway", "CloudGateway ", "CloudGateway2.10.0",
	    "CloudGateway 2.10.0 [CU1]", "StorageModule 1.2.3", "prior to 10.3.6",
	    "10.4.0-14511", "10.3.6;10.4.0", LONG_63, LONG_63 " ", LONG_63 "1",
	    LONG_63 LONG_63};
	struct dmp_version_condition condition = {.n = 77};

	(void)state;
	for (size_t i = 0; i < N(REFUSED); i++) {
		if (dmp_version_condition_parse(REFUSED[i], &condition) != DMP_EINVAL)
			fail_msg("\"%s\" is accepted", REFUSED[i]);
		assert_int_equal(condition.n, 77);
	}
}

static void
a_condition_has_at_most_eight_thresholds(void **state)
{
	static const char eight[] = "1.0/1.1/1.2/1.3/1.4/1.5/1.6/1.7";
	static const char nine[] = "1.0/1.1/1.2/1.3/1.4/1.5/1.6/1.7/1.8";
	struct dmp_version_condition condition;

	(void)state;
	assert_int_equal(condition_of(eight).n, DMP_VERSION_THRESHOLDS);
	assert_int_equal(dmp_version_condition_parse(nine, &condition), DMP_ETOOBIG);
}

/* ---- the worked examples ---- */

#define BOTH "10.3.6/10.3.0 [CU3]"

static void
a_main_release_is_compared_on_its_own_track(void **state)
{
	(void)state;
	assert_yes("10.3.0 [CU3]", BOTH);
	assert_no("10.3.0 [CU2]", BOTH);
	assert_yes("10.3.0 [CU22]", BOTH);
	assert_open("10.3.0", BOTH);
}

static void
a_feature_release_is_compared_on_its_own_track(void **state)
{
	(void)state;
	assert_no("10.3.5", BOTH);
	assert_yes("10.3.6", BOTH);
	assert_yes("10.3.9 [CU2]", BOTH);
	assert_no("10.3.1", BOTH);
}

static void
nothing_is_backported_to_an_older_main_release(void **state)
{
	(void)state;
	assert_no("10.2.0 [CU22]", BOTH);
	assert_no("10.2.0", BOTH);
}

static void
a_later_major_has_it_on_both_tracks(void **state)
{
	(void)state;
	assert_yes("10.4.0", BOTH);
	assert_yes("10.4.1", BOTH);
	assert_yes("10.4.0 [CU0]", BOTH);
}

static void
a_main_release_never_gets_what_only_the_next_one_has(void **state)
{
	static const char grpc[] = "10.5.10/10.6.0";

	(void)state;
	assert_no("10.5.0 [CU19]", grpc);
	assert_no("10.5.9", grpc);
	assert_yes("10.5.10", grpc);
	assert_yes("10.6.1", grpc);
	assert_no("10.5.12 [CU2]", "10.6.0/10.6.1");
	assert_no("10.3.0 [CU5]", "10.3.6/10.4.0");
}

static void
a_cumulative_update_and_the_next_feature_release(void **state)
{
	static const char condition[] = "10.1.0 CU10 and 10.2.1";

	(void)state;
	assert_no("10.1.0 CU9", condition);
	assert_no("10.1.12", condition);
	assert_yes("10.2.0", condition);
}

static void
a_condition_on_features_only_reaches_the_next_main_release(void **state)
{
	(void)state;
	assert_yes("10.2.0", "10.1.12");
	assert_no("10.1.0 CU9", "10.1.12");
	assert_no("10.0.0 [CU19]", "10.1.12");
}

static void
an_early_feature_release_says_nothing_about_its_main_release(void **state)
{
	(void)state;
	assert_open("10.3.0", "10.3.2");
	assert_open("10.3.0 [CU22]", "10.3.3");
	assert_no("10.3.0 [CU22]", "10.3.4");
}

static void
a_condition_on_main_releases_reaches_features_by_the_calendar(void **state)
{
	(void)state;
	assert_no("10.4.2", "10.4.0 [CU3]");
	assert_yes("10.4.6", "10.4.0 [CU3]");
	assert_no("10.4.5", "10.4.0 [CU3]");
	assert_open("10.4.2", "10.4.0");
	assert_yes("10.4.3", "10.4.0");
	assert_yes("10.5.1", "10.4.0");
	assert_no("10.3.12", "10.4.0");
}

static void
the_threshold_of_the_same_major_wins_over_an_older_one(void **state)
{
	static const char condition[] = "10.4.4/10.4.0 [CU1]/10.3.0 [CU13]";

	(void)state;
	assert_no("10.4.0 CU0", condition);
	assert_yes("10.4.0 CU1", condition);
	assert_yes("10.3.0 CU13", condition);
}

static void
three_thresholds_are_sorted_by_track(void **state)
{
	static const char condition[] = "10.5.0 [CU12]/10.6.0/10.6.3";

	(void)state;
	assert_no("10.6.2", condition);
	assert_yes("10.6.0", condition);
	assert_yes("10.6.3", condition);
	assert_no("10.5.0 [CU11]", condition);
	assert_yes("10.5.0 [CU12]", condition);
}

static void
the_order_of_thresholds_is_of_no_importance(void **state)
{
	(void)state;
	assert_yes("10.3.0 [CU3]", "10.3.0 [CU3]/10.3.6");
	assert_no("10.6.2", "10.6.3/10.6.0/10.5.0 [CU12]");
	assert_yes("10.6.3", "10.6.7/10.6.3");
	assert_yes("10.6.0 [CU3]", "10.6.0 [CU7]/10.6.0 [CU3]");
	assert_yes("10.6.3 [CU1]", "10.6.3 [CU2]/10.6.3 [CU1]");
}

static void
a_feature_release_may_have_its_own_update(void **state)
{
	(void)state;
	assert_no("10.3.9 [CU1]", "10.3.9 [CU2]/10.4.0");
	assert_yes("10.3.9 [CU2]", "10.3.9 [CU2]/10.4.0");
	assert_open("10.3.9", "10.3.9 [CU2]/10.4.0");
	assert_yes("10.3.10", "10.3.9 [CU2]/10.4.0");
}

/* ---- several products ---- */

static enum dmp_applies
since_both(const char *dataminer, const char *gateway, const char *condition)
{
	struct dmp_version_condition parsed = condition_of(condition);
	struct dmp_installed installed = {0};

	if (dataminer)
		installed.version[DMP_PRODUCT_DATAMINER] = version_of(dataminer);
	if (gateway && strcmp(gateway, "no") == 0)
		installed.absent[DMP_PRODUCT_CLOUD_GATEWAY] = true;
	else if (gateway)
		assert_int_equal(dmp_version_parse(DMP_PRODUCT_CLOUD_GATEWAY, gateway,
		                     &installed.version[DMP_PRODUCT_CLOUD_GATEWAY]),
		    DMP_OK);
	return dmp_version_since(&installed, &parsed);
}

static void
one_of_two_products_is_enough(void **state)
{
	static const char c[] = "10.3.6/10.4.0/CloudGateway 2.10.0";

	(void)state;
	assert_int_equal(since_both("10.3.6", NULL, c), DMP_APPLIES_YES);
	assert_int_equal(since_both("10.3.6", "2.9.0", c), DMP_APPLIES_YES);
	assert_int_equal(since_both(NULL, "2.10.0", c), DMP_APPLIES_YES);
	assert_int_equal(since_both("10.3.5", "2.11.4", c), DMP_APPLIES_YES);
	assert_int_equal(since_both("10.3.5", "3.0.0", c), DMP_APPLIES_YES);
	assert_int_equal(since_both("10.3.5", "2.9.99", c), DMP_APPLIES_NO);
	assert_int_equal(since_both("10.3.5", "no", c), DMP_APPLIES_NO);
}

static void
a_product_that_is_not_known_leaves_it_open(void **state)
{
	static const char c[] = "10.3.6/10.4.0/CloudGateway 2.10.0";

	(void)state;
	assert_int_equal(since_both(NULL, NULL, c), DMP_APPLIES_ASSUMED);
	assert_int_equal(since_both("10.3.5", NULL, c), DMP_APPLIES_ASSUMED);
	assert_int_equal(since_both(NULL, "2.9.0", c), DMP_APPLIES_ASSUMED);
	assert_int_equal(since_both(NULL, "2.10.0", "10.4.0"), DMP_APPLIES_ASSUMED);
	assert_int_equal(since_both("10.3.5", NULL, "10.4.0"), DMP_APPLIES_NO);
}

static void
other_products_have_one_track(void **state)
{
	(void)state;
	assert_int_equal(
	    since_both(NULL, "2.10.5", "CloudGateway 2.10.0"), DMP_APPLIES_YES);
	assert_int_equal(
	    since_both(NULL, "2.11.0", "CloudGateway 2.10.7"), DMP_APPLIES_YES);
	assert_int_equal(
	    since_both(NULL, "2.10.0", "CloudGateway 2.10.7"), DMP_APPLIES_NO);
}

static void
until_is_not_since(void **state)
{
	struct dmp_version_condition condition = condition_of("10.6.0/10.6.1");
	struct dmp_installed installed = {0};

	(void)state;
	assert_int_equal(
	    dmp_version_until(&installed, &condition), DMP_APPLIES_ASSUMED);
	installed.version[DMP_PRODUCT_DATAMINER] = version_of("10.5.0 [CU19]");
	assert_int_equal(dmp_version_until(&installed, &condition), DMP_APPLIES_YES);
	installed.version[DMP_PRODUCT_DATAMINER] = version_of("10.6.1");
	assert_int_equal(dmp_version_until(&installed, &condition), DMP_APPLIES_NO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_spelling_of_a_version_is_read),
	    cmocka_unit_test(what_is_no_version_is_refused_and_leaves_the_output_alone),
	    cmocka_unit_test(a_known_build_tells_its_cumulative_update),
	    cmocka_unit_test(a_cumulative_update_that_is_not_written_is_not_known),
	    cmocka_unit_test(other_products_have_neither_build_nor_cumulative_update),
	    cmocka_unit_test(the_longest_version_fits_its_fields),
	    cmocka_unit_test(a_version_that_is_not_known_has_no_text),
	    cmocka_unit_test(every_separator_of_a_condition_is_read),
	    cmocka_unit_test(a_condition_names_products),
	    cmocka_unit_test(what_is_no_condition_is_refused),
	    cmocka_unit_test(a_condition_has_at_most_eight_thresholds),
	    cmocka_unit_test(a_main_release_is_compared_on_its_own_track),
	    cmocka_unit_test(a_feature_release_is_compared_on_its_own_track),
	    cmocka_unit_test(nothing_is_backported_to_an_older_main_release),
	    cmocka_unit_test(a_later_major_has_it_on_both_tracks),
	    cmocka_unit_test(a_main_release_never_gets_what_only_the_next_one_has),
	    cmocka_unit_test(a_cumulative_update_and_the_next_feature_release),
	    cmocka_unit_test(
	        a_condition_on_features_only_reaches_the_next_main_release),
	    cmocka_unit_test(
	        an_early_feature_release_says_nothing_about_its_main_release),
	    cmocka_unit_test(
	        a_condition_on_main_releases_reaches_features_by_the_calendar),
	    cmocka_unit_test(the_threshold_of_the_same_major_wins_over_an_older_one),
	    cmocka_unit_test(three_thresholds_are_sorted_by_track),
	    cmocka_unit_test(the_order_of_thresholds_is_of_no_importance),
	    cmocka_unit_test(a_feature_release_may_have_its_own_update),
	    cmocka_unit_test(one_of_two_products_is_enough),
	    cmocka_unit_test(a_product_that_is_not_known_leaves_it_open),
	    cmocka_unit_test(other_products_have_one_track),
	    cmocka_unit_test(until_is_not_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
