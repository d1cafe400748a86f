/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: options, words, and what was probably meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/options.h"

#define ALLOWED                                                                        \
	(DMP_OPT(SITE) | DMP_OPT(FORMAT) | DMP_OPT(QUIET) | DMP_OPT(ALL) |             \
	    DMP_OPT(HELP))

static enum dmp_status
parse(char **argv, struct dmp_options *options, struct dmp_text *error)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	dmp_text_clear(error);
	return dmp_options_parse(argc, argv, ALLOWED, options, error);
}

static void
options_may_stand_anywhere(void **state)
{
	char *argv[] = {"check", "host1", "-q", "host2", "--format=csv", "host3", NULL};
	struct dmp_options options;
	struct dmp_text error = {0};

	(void)state;
	assert_int_equal(parse(argv, &options, &error), DMP_OK);
	assert_int_equal(options.n_words, 3);
	assert_string_equal(options.words[0], "host1");
	assert_string_equal(options.words[2], "host3");
	assert_string_equal(options.value[DMP_OPT_FORMAT], "csv");
	assert_non_null(options.value[DMP_OPT_QUIET]);
	assert_null(options.value[DMP_OPT_SITE]);
}

static void
two_dashes_end_the_options(void **state)
{
	char *argv[] = {"check", "--", "-q", NULL};
	struct dmp_options options;
	struct dmp_text error = {0};

	(void)state;
	assert_int_equal(parse(argv, &options, &error), DMP_OK);
	assert_int_equal(options.n_words, 1);
	assert_null(options.value[DMP_OPT_QUIET]);
}

static void
a_wrong_option_is_named_with_the_right_one(void **state)
{
	static const struct {
		char *word;
		const char *message;
	} cases[] = {
	    {"--fromat=csv", "unknown or ambiguous option --fromat=csv; did you mean "
	                     "--format?"},
	    {"--zzzz", "unknown or ambiguous option --zzzz"},
	    {"-Z", "unknown option -Z"},
	    {"--interval=2s", "unknown or ambiguous option --interval=2s"},
	    {"--quiet=yes", "--quiet takes no value"},
	    {"--site", "--site needs a value: --site FILE"},
	    {"-s", "--site needs a value: --site FILE"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *last[] = {"check", "word", cases[i].word, NULL};
		struct dmp_options options;
		struct dmp_text error = {0};

		assert_int_equal(parse(last, &options, &error), DMP_EINVAL);
		assert_string_equal(dmp_text_get(&error), cases[i].message);
		dmp_text_done(&error);
	}
}

static void
the_unknown_option_is_named_wherever_it_stands(void **state)
{
	char *argv[] = {"check", "--sight", "a", "b", "-q", NULL};
	struct dmp_options options;
	struct dmp_text error = {0};

	(void)state;
	assert_int_equal(parse(argv, &options, &error), DMP_EINVAL);
	assert_non_null(strstr(dmp_text_get(&error), "--sight"));
	dmp_text_done(&error);
}

static void
suggestions_are_near_or_none(void **state)
{
	static const char *const words[] = {"check", "plan", "status", "watch", "mib"};
	static const struct {
		const char *word;
		const char *meant;
	} cases[] = {
	    {"chekc", "check"},
	    {"stauts", "status"},
	    {"wach", "watch"},
	    {"plans", "plan"},
	    {"mbi", "mib"},
	    {"explain", NULL},
	    {"x", NULL},
	    {"", NULL},
	    {"a-very-long-word-that-is-longer-than-forty-characters", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *meant = dmp_cli_suggest(cases[i].word, words, 5);

		if (cases[i].meant) {
			assert_non_null(meant);
			assert_string_equal(meant, cases[i].meant);
		} else {
			assert_null(meant);
		}
	}
}

static void
durations_are_a_number_and_a_unit(void **state)
{
	static const char *const wrong[] = {
	    "", "h", "2", "2 h", "-2h", "2hh", "2.5h", "99999999999999999999h", "+2h"};
	int64_t ms = -1;

	(void)state;
	assert_true(dmp_cli_duration("250ms", &ms));
	assert_int_equal(ms, 250);
	assert_true(dmp_cli_duration("2h", &ms));
	assert_int_equal(ms, 7200000);
	assert_true(dmp_cli_duration("3d", &ms));
	assert_int_equal(ms, 259200000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(dmp_cli_duration(wrong[i], &ms));
	assert_int_equal(ms, 259200000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_may_stand_anywhere),
	    cmocka_unit_test(two_dashes_end_the_options),
	    cmocka_unit_test(a_wrong_option_is_named_with_the_right_one),
	    cmocka_unit_test(the_unknown_option_is_named_wherever_it_stands),
	    cmocka_unit_test(suggestions_are_near_or_none),
	    cmocka_unit_test(durations_are_a_number_and_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
