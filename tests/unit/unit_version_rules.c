/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds for all versions and conditions of a small world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/version.h"

#define N(array) (sizeof(array) / sizeof(array)[0])

static enum dmp_applies
since_of(struct dmp_version version, const struct dmp_version_condition *condition)
{
	struct dmp_installed installed = {.version[DMP_PRODUCT_DATAMINER] = version};

	return dmp_version_since(&installed, condition);
}

enum { MAJORS = 4, FEATURES = 12, UPDATES = 15, TOP = 28 };

/* Thresholds on both tracks of four majors: number 0 to TOP - 1. */
static struct dmp_version
threshold_at(size_t i)
{
	static const int16_t updates[] = {0, 3, 13};
	static const uint16_t features[] = {1, 3, 6, 12};
	struct dmp_version version = {.a = 10, .b = (uint16_t)(1 + i % MAJORS)};
	size_t kind = i / MAJORS;

	if (kind < N(updates))
		version.cu = updates[kind];
	else
		version.c = features[kind - N(updates)];
	return version;
}

static void
add_threshold(struct dmp_version_condition *condition, size_t i)
{
	condition->threshold[condition->n].product = DMP_PRODUCT_DATAMINER;
	condition->threshold[condition->n++].version = threshold_at(i);
}

/* The next set of one to three of the thresholds; false past the last. */
static bool
next_condition(size_t *serial, struct dmp_version_condition *ret_condition)
{
	*ret_condition = (struct dmp_version_condition){0};
	while (*serial < (size_t)TOP * TOP * TOP) {
		size_t i = *serial / (TOP * TOP);
		size_t j = *serial / TOP % TOP;
		size_t k = *serial % TOP;

		++*serial;
		if (i > j || j > k)
			continue;
		add_threshold(ret_condition, i);
		if (j > i)
			add_threshold(ret_condition, j);
		if (k > j)
			add_threshold(ret_condition, k);
		return true;
	}
	return false;
}

static int
rank(enum dmp_applies applies)
{
	return applies == DMP_APPLIES_NO ? 0 : applies == DMP_APPLIES_ASSUMED ? 1 : 2;
}

/* The n-th feature release, or the n-th main release with its updates. */
static struct dmp_version
feature_at(size_t n)
{
	return (struct dmp_version){
	    .a = 10, .b = (uint16_t)(n / FEATURES), .c = (uint16_t)(1 + n % FEATURES)};
}

static struct dmp_version
main_at(size_t n)
{
	return (struct dmp_version){
	    .a = 10, .b = (uint16_t)(n / UPDATES), .cu = (int16_t)(n % UPDATES)};
}

/* Does the condition name the main release a.b.0, and only with updates? */
static bool
waits_for_an_update(
    const struct dmp_version_condition *condition, const struct dmp_version *version)
{
	bool waits = false;

	for (size_t i = 0; i < condition->n; i++) {
		const struct dmp_version *v = &condition->threshold[i].version;

		if (v->c != 0 || v->b != version->b)
			continue;
		if (v->cu == 0)
			return false;
		waits = true;
	}
	return waits;
}

static void
a_rising_feature_release_never_loses(void **state)
{
	struct dmp_version_condition condition;
	size_t serial = 0;
	size_t n_conditions = 0;

	(void)state;
	while (next_condition(&serial, &condition)) {
		int before = 0;

		for (size_t n = 0; n < (MAJORS + 2) * FEATURES; n++) {
			int now = rank(since_of(feature_at(n), &condition));

			assert_true(now >= before);
			before = now;
		}
		assert_int_equal(before, 2);
		n_conditions++;
	}
	assert_int_equal(n_conditions, 28 + 378 + 3276 + 378);
}

/* The one exception is the rule: a new main release that is named with an update lacks
 * until then what the older one may have got already. */
static void
a_rising_main_release_never_loses(void **state)
{
	struct dmp_version_condition condition;
	size_t serial = 0;

	(void)state;
	while (next_condition(&serial, &condition)) {
		int before = 0;

		for (size_t n = 0; n < (MAJORS + 2) * UPDATES; n++) {
			struct dmp_version version = main_at(n);
			int now = rank(since_of(version, &condition));

			if (version.cu > 0 ||
			    !waits_for_an_update(&condition, &version))
				assert_true(now >= before);
			else
				assert_int_equal(now, 0);
			before = now;
		}
		assert_int_equal(before, 2);
	}
}

/* The condition without the thresholds of a track. */
static struct dmp_version_condition
without_track(const struct dmp_version_condition *condition, bool main_track)
{
	struct dmp_version_condition rest = {0};

	for (size_t i = 0; i < condition->n; i++) {
		if ((condition->threshold[i].version.c == 0) != main_track)
			rest.threshold[rest.n++] = condition->threshold[i];
	}
	return rest;
}

static void
a_track_that_is_named_decides_alone(void **state)
{
	struct dmp_version_condition condition;
	size_t serial = 0;

	(void)state;
	while (next_condition(&serial, &condition)) {
		struct dmp_version_condition mains = without_track(&condition, false);
		struct dmp_version_condition features = without_track(&condition, true);

		for (size_t n = 0; mains.n > 0 && n < (MAJORS + 2) * UPDATES; n++)
			assert_int_equal(since_of(main_at(n), &condition),
			    since_of(main_at(n), &mains));
		for (size_t n = 0; features.n > 0 && n < (MAJORS + 2) * FEATURES; n++)
			assert_int_equal(since_of(feature_at(n), &condition),
			    since_of(feature_at(n), &features));
	}
}

/* Whatever its update, a main release is not known to have what only feature releases
 * of its own number are named for. */
static void
a_main_release_never_follows_from_a_feature_release(void **state)
{
	struct dmp_version_condition condition = {.n = 1};

	(void)state;
	for (size_t feature = 0; feature < MAJORS * FEATURES; feature++) {
		condition.threshold[0].version = feature_at(feature);
		for (size_t n = 0; n < MAJORS * UPDATES; n++) {
			if (main_at(n).b <= feature_at(feature).b)
				assert_int_not_equal(
				    since_of(main_at(n), &condition), DMP_APPLIES_YES);
		}
	}
}

/* What all updates have in common is known without the update, and nothing else. */
static void
an_unknown_update_decides_only_what_every_update_does(void **state)
{
	struct dmp_version_condition condition;
	size_t serial = 0;

	(void)state;
	while (next_condition(&serial, &condition)) {
		for (uint16_t b = 0; b < MAJORS + 2; b++) {
			struct dmp_version version = {.a = 10, .b = b};
			enum dmp_applies expected = since_of(version, &condition);

			for (version.cu = 1; version.cu < UPDATES; version.cu++) {
				if (since_of(version, &condition) != expected)
					expected = DMP_APPLIES_ASSUMED;
			}
			version.cu = DMP_VERSION_CU_UNKNOWN;
			assert_int_equal(since_of(version, &condition), expected);
		}
	}
}

static void
a_canonical_text_is_read_back_as_the_same(void **state)
{
	char text[DMP_VERSION_LINE];

	(void)state;
	for (size_t n = 0; n < MAJORS * UPDATES; n++) {
		struct dmp_version versions[] = {main_at(n), feature_at(n), main_at(n)};

		versions[2].cu = DMP_VERSION_CU_UNKNOWN;
		for (size_t i = 0; i < N(versions); i++) {
			struct dmp_version again = {0};

			dmp_version_text(&versions[i], text);
			assert_int_equal(
			    dmp_version_parse(DMP_PRODUCT_DATAMINER, text, &again),
			    DMP_OK);
			assert_memory_equal(&again, &versions[i], sizeof again);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rising_feature_release_never_loses),
	    cmocka_unit_test(a_rising_main_release_never_loses),
	    cmocka_unit_test(a_track_that_is_named_decides_alone),
	    cmocka_unit_test(a_main_release_never_follows_from_a_feature_release),
	    cmocka_unit_test(an_unknown_update_decides_only_what_every_update_does),
	    cmocka_unit_test(a_canonical_text_is_read_back_as_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
