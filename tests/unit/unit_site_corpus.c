/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Site files that are wrong, hostile or cut, and the XSD beside the parser.
 *
 * data/site/bad/NAME.xml is rejected with the lines of NAME.expect, whose first line
 * says whether the XSD must reject it, too ("structural") or need not ("semantic").
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/site.h"
#include "support/temp_dir.h"

#define SITES  DMP_SOURCE_DIR "/tests/unit/data/site"
#define CORPUS DMP_SOURCE_DIR "/tests/fuzz/corpus/site"

enum { PATH_TEXT = 512, FILE_LIMIT = 1024 * 1024 };

extern char **environ;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct visitor {
	void (*file)(const char *name, void *arg);
	void *arg;
};

/* Call visitor for every file of a directory whose name ends so; returns how many. */
static size_t
for_each(const char *path, const char *ending, const struct visitor *visitor)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || length < strlen(ending) ||
		    strcmp(entry->d_name + length - strlen(ending), ending) != 0)
			continue;
		visitor->file(entry->d_name, visitor->arg);
		n++;
	}
	(void)closedir(dir);
	return n;
}

static char *
read_file(const char *path, size_t *ret_size)
{
	char *data = NULL;

	if (dmp_file_read(path, FILE_LIMIT, &data, ret_size) != DMP_OK)
		fail_msg("cannot read %s", path);
	return data;
}

/* The .expect file of a bad file: its lines after the first; structural by the first.
 */
static char *
read_expectation(const char *name, bool *ret_structural)
{
	char path[PATH_TEXT];
	size_t size;
	char *text;
	char *rest;
	char *lines;

	dmp_text_format(path, sizeof path, SITES "/bad/%.*s.expect",
	    (int)(strlen(name) - strlen(".xml")), name);
	text = read_file(path, &size);
	rest = strchr(text, '\n');
	assert_non_null(rest);
	*rest = '\0';
	if (strcmp(text, "structural") != 0 && strcmp(text, "semantic") != 0)
		fail_msg("%s: first line is %s", path, text);
	*ret_structural = strcmp(text, "structural") == 0;
	lines = strdup(rest + 1);
	assert_non_null(lines);
	free(text);
	return lines;
}

static void
assert_bad(const char *name, void *arg)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	bool structural;
	char *expected = read_expectation(name, &structural);

	(void)arg;
	assert_int_equal(dmp_site_load(name, &site, &errors), DMP_EINVAL);
	assert_null(site);
	assert_string_equal(dmp_text_get(&errors), expected);
	dmp_text_done(&errors);
	free(expected);
}

static void
bad_files_are_rejected_with_all_their_errors(void **unused)
{
	struct visitor visitor = {assert_bad, NULL};

	(void)unused;
	assert_int_equal(chdir(SITES "/bad"), 0);
	assert_true(for_each(SITES "/bad", ".xml", &visitor) >= 40);
	assert_int_equal(chdir("/"), 0);
}

static void
assert_good(const char *name, void *arg)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	char path[PATH_TEXT];

	(void)arg;
	dmp_text_format(path, sizeof path, SITES "/good/%s", name);
	assert_int_equal(dmp_site_load(path, &site, &errors), DMP_OK);
	assert_string_equal(dmp_text_get(&errors), "");
	assert_non_null(site);
	dmp_site_free(site);
	dmp_text_done(&errors);
}

static void
good_files_are_accepted(void **unused)
{
	struct visitor visitor = {assert_good, NULL};

	(void)unused;
	assert_true(for_each(SITES "/good", ".xml", &visitor) >= 4);
}

/* 0: valid; 3: not valid; 1: not well-formed (xmllint(1)). */
static int
run_xmllint(const char *schema, const char *path)
{
	char *const arguments[] = {(char *)(uintptr_t) "xmllint",
	    (char *)(uintptr_t) "--nonet", (char *)(uintptr_t) "--noout",
	    (char *)(uintptr_t) "--schema", (char *)(uintptr_t)schema,
	    (char *)(uintptr_t)path, NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;

	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_addopen(
	                     &actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0),
	    0);
	if (posix_spawnp(&pid, "xmllint", &actions, NULL, arguments, environ) != 0)
		fail_msg("xmllint does not start: install libxml2-utils");
	(void)posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
assert_xsd_accepts(const char *name, void *arg)
{
	char path[PATH_TEXT];

	dmp_text_format(path, sizeof path, SITES "/good/%s", name);
	if (run_xmllint(arg, path) != 0)
		fail_msg("the XSD rejects good/%s", name);
}

static void
assert_xsd_rejects_if_structural(const char *name, void *arg)
{
	char path[PATH_TEXT];
	bool structural;

	free(read_expectation(name, &structural));
	dmp_text_format(path, sizeof path, SITES "/bad/%s", name);
	if (structural && run_xmllint(arg, path) != 3)
		fail_msg("the XSD does not reject bad/%s", name);
}

static void
xsd_and_parser_agree_on_the_corpus(void **unused)
{
	struct dmp_text xsd = {0};
	char dir[TEMP_DIR_TEXT];
	char schema[PATH_TEXT];
	struct visitor good = {assert_xsd_accepts, schema};
	struct visitor bad = {assert_xsd_rejects_if_structural, schema};

	(void)unused;
	temp_dir_make(dir);
	dmp_text_format(schema, sizeof schema, "%s/site.xsd", dir);
	dmp_site_print_xsd(&xsd);
	temp_file_write(schema, dmp_text_get(&xsd), xsd.size);
	(void)for_each(SITES "/good", ".xml", &good);
	(void)for_each(SITES "/bad", ".xml", &bad);
	temp_dir_remove(dir);
	dmp_text_done(&xsd);
}

static void
file_cut_at_any_byte_is_rejected(void **unused)
{
	size_t size;
	char *data = read_file(SITES "/good/full.xml", &size);
	const char *end = strstr(data, "</site>");

	(void)unused;
	assert_non_null(end);
	for (size_t n = 0; n < (size_t)(end - data) + strlen("</site>"); n++) {
		struct dmp_text errors = {0};
		struct dmp_site *site = NULL;
		/* A copy of exactly n bytes: reading past it is seen. */
		char *cut = malloc(n > 0 ? n : 1);

		assert_non_null(cut);
		memcpy(cut, data, n);
		assert_int_equal(
		    dmp_site_parse("/nonexistent/t.xml", cut, n, &site, &errors),
		    DMP_EINVAL);
		assert_null(site);
		assert_true(errors.size > 0);
		dmp_text_done(&errors);
		free(cut);
	}
	free(data);
}

/* Whatever comes of it, the fuzz target itself aborts on a wrong verdict. */
static void
file_with_any_byte_changed_is_survived(void **unused)
{
	size_t size;
	char *data = read_file(SITES "/good/full.xml", &size);

	(void)unused;
	for (size_t n = 0; n < size; n++) {
		char kept = data[n];

		data[n] = (char)(kept ^ 0x15);
		assert_int_equal(
		    LLVMFuzzerTestOneInput((const uint8_t *)data, size), 0);
		data[n] = kept;
	}
	free(data);
}

static void
replay(const char *name, void *arg)
{
	char path[PATH_TEXT];
	size_t size;
	char *data;

	dmp_text_format(path, sizeof path, "%s/%s", (const char *)arg, name);
	data = read_file(path, &size);
	assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data, size), 0);
	free(data);
}

static void
fuzz_corpus_is_survived(void **unused)
{
	struct visitor hostile = {replay, (void *)(uintptr_t)CORPUS};
	struct visitor bad = {replay, (void *)(uintptr_t)(SITES "/bad")};

	(void)unused;
	assert_true(for_each(CORPUS, "", &hostile) >= 25);
	assert_true(for_each(SITES "/bad", ".xml", &bad) >= 40);
}

/* 10 000s of equal names and a long chain of groups: no quadratic work (a quadratic one
 * takes minutes and runs into the time limit of the test). */
static void
many_elements_take_no_quadratic_time(void **unused)
{
	struct dmp_text text = {0};
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;

	(void)unused;
	dmp_text_append(&text, "<site xmlns='urn:dmports:site:1'>");
	for (int i = 0; i < 24000; i++)
		dmp_text_printf(&text, "<group name='g%d' parent='g%d'/>", i, i + 1);
	dmp_text_append(&text, "</site>");
	assert_true(text.size < FILE_LIMIT);
	assert_int_equal(dmp_site_parse("/nonexistent/t.xml", dmp_text_get(&text),
	                     text.size, &site, &errors),
	    DMP_EINVAL);
	assert_string_equal(dmp_text_get(&errors),
	    "/nonexistent/t.xml:1: group: parent, got \"g24000\", expected the name of "
	    "a group\n");
	dmp_text_done(&text);
	dmp_text_done(&errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_files_are_rejected_with_all_their_errors),
	    cmocka_unit_test(good_files_are_accepted),
	    cmocka_unit_test(xsd_and_parser_agree_on_the_corpus),
	    cmocka_unit_test(file_cut_at_any_byte_is_rejected),
	    cmocka_unit_test(file_with_any_byte_changed_is_survived),
	    cmocka_unit_test(fuzz_corpus_is_survived),
	    cmocka_unit_test(many_elements_take_no_quadratic_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
