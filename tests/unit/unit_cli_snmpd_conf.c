/* SPDX-License-Identifier: BSD-2-Clause */
/* What doctor understands of snmpd.conf(5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/snmpd_conf.h"

static const uint32_t root[] = {1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7741};

struct fixture {
	char dir[64];
	char file[96];
	char sub_dir[96];
	char sub_file[128];
	struct dmp_snmpd_conf conf;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/dmports-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->file, sizeof(f->file), "%s/snmpd.conf", f->dir);
	(void)snprintf(f->sub_dir, sizeof(f->sub_dir), "%s/more", f->dir);
	(void)snprintf(f->sub_file, sizeof(f->sub_file), "%s/x.conf", f->sub_dir);
	assert_int_equal(mkdir(f->sub_dir, 0700), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dmp_snmpd_conf_done(&f->conf);
	(void)unlink(f->sub_file);
	(void)unlink(f->file);
	assert_int_equal(rmdir(f->sub_dir), 0);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
load(struct fixture *f, const char *text)
{
	write_file(f->file, text);
	assert_int_equal(dmp_snmpd_conf_read(f->file, &f->conf), DMP_OK);
}

/* What the i-th reader of the configuration sees of our subtree. */
static enum dmp_snmpd_sight
sees(const struct fixture *f, size_t i)
{
	assert_true(i < f->conf.n_readers);
	return dmp_snmpd_conf_sees(&f->conf, &f->conf.readers[i], root, 10);
}

static void
the_stock_configuration_hides_our_subtree(void **state)
{
	struct fixture *f = *state;

	load(f, "master  agentx\n"
	        "agentaddress  127.0.0.1,[::1]\n"
	        "view   systemonly  included   .1.3.6.1.2.1.1\n"
	        "view   systemonly  included   .1.3.6.1.2.1.25.1\n"
	        "rocommunity  public default -V systemonly\n"
	        "rouser authPrivUser authpriv -V systemonly\n");
	assert_true(f->conf.is_master);
	assert_int_equal(f->conf.n_readers, 2);
	assert_int_equal(sees(f, 0), DMP_SIGHT_HIDDEN);
	assert_int_equal(sees(f, 1), DMP_SIGHT_HIDDEN);
	assert_int_equal(f->conf.n_sinks, 0);
	assert_string_equal(f->conf.agentx_socket, "");
}

static void
the_longest_matching_subtree_decides(void **state)
{
	struct fixture *f = *state;

	load(f, "view v excluded .1.3.6.1.4.1.8072\n"
	        "view v included .1\n"
	        "view v included .1.3.6.1.4.1.8072.9999.9999.7741\n"
	        "view w included .iso\n"
	        "view w excluded .1.3.6.1.4.1.8072.9999\n"
	        "rouser a auth -V v\n"
	        "rouser -s tsm b auth -V w\n");
	assert_int_equal(sees(f, 0), DMP_SIGHT_VISIBLE);
	assert_int_equal(sees(f, 1), DMP_SIGHT_HIDDEN);
}

static void
readers_without_a_view_see_their_subtree_or_everything(void **state)
{
	struct fixture *f = *state;

	load(f, "rocommunity all\n"
	        "rocommunity sub default .1.3.6.1.2.1\n"
	        "rocommunity ours default enterprises\n"
	        "rouser u priv .1.3.6.1.4\n"
	        "rouser -s usm w priv .1.3.6.1.2\n"
	        "rocommunity names default ifTable\n");
	assert_int_equal(sees(f, 0), DMP_SIGHT_VISIBLE);
	assert_int_equal(sees(f, 1), DMP_SIGHT_HIDDEN);
	assert_int_equal(sees(f, 2), DMP_SIGHT_VISIBLE);
	assert_int_equal(sees(f, 3), DMP_SIGHT_VISIBLE);
	assert_int_equal(sees(f, 4), DMP_SIGHT_HIDDEN);
	assert_int_equal(sees(f, 5), DMP_SIGHT_UNKNOWN);
}

static void
access_lines_name_their_read_view(void **state)
{
	struct fixture *f = *state;

	load(f, "access g \"\" any noauth exact _all_ none none\n"
	        "access h \"\" any noauth exact missing none none\n"
	        "access i \"\" any noauth exact none none none\n");
	assert_int_equal(f->conf.n_readers, 2);
	assert_int_equal(sees(f, 0), DMP_SIGHT_VISIBLE);
	assert_int_equal(sees(f, 1), DMP_SIGHT_UNDEFINED);
}

static void
included_directories_are_read_and_comments_are_not(void **state)
{
	struct fixture *f = *state;
	char text[256];

	write_file(f->sub_file, "AgentXSocket /run/agentx/master # ours\n"
	                        "trapsess -v 2c -c \"secret word\" 192.0.2.1");
	(void)snprintf(text, sizeof(text),
	    "# master agentx\n#trap2sink 192.0.2.9\nincludeDir %s\n", f->sub_dir);
	load(f, text);
	assert_false(f->conf.is_master);
	assert_string_equal(f->conf.agentx_socket, "/run/agentx/master");
	assert_int_equal(f->conf.n_sinks, 1);
	assert_int_equal(f->conf.n_files, 2);
	assert_int_equal(f->conf.problems.size, 0);
}

static void
a_file_that_includes_itself_ends(void **state)
{
	struct fixture *f = *state;
	char text[256];

	(void)snprintf(
	    text, sizeof(text), "includeFile %s\nincludeFile %s\n", f->file, f->file);
	load(f, text);
	assert_in_range(f->conf.n_files, 2, 256);
	assert_non_null(strstr(dmp_text_get(&f->conf.problems), "too deeply"));
}

static void
what_cannot_be_read_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(dmp_snmpd_conf_read(f->file, &f->conf), DMP_ENOENT);
	load(f, "includeFile /nonexistent/x\nincludeDir /nonexistent\n");
	assert_non_null(strstr(dmp_text_get(&f->conf.problems), "/nonexistent/x: "));
	assert_non_null(strstr(dmp_text_get(&f->conf.problems), "/nonexistent: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_stock_configuration_hides_our_subtree),
	    TEST(the_longest_matching_subtree_decides),
	    TEST(readers_without_a_view_see_their_subtree_or_everything),
	    TEST(access_lines_name_their_read_view),
	    TEST(included_directories_are_read_and_comments_are_not),
	    TEST(a_file_that_includes_itself_ends),
	    TEST(what_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
