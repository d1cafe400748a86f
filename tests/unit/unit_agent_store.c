/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "subagent/agent_store.h"
#include "support/temp_dir.h"

static const struct dmpd_stored_receiver SAMPLE = {.index = 3,
    .epoch = 12,
    .cursor = 4000000000u,
    .totals = {
        .sent = 1, .acknowledged = 2, .retries = 3, .failures = 4, .last_sent = 5}};

static int
setup_directory(void **state)
{
	char *directory = strdup("/tmp/dmp-store-XXXXXX");

	if (!directory || !mkdtemp(directory))
		return -1;
	*state = directory;
	return 0;
}

static int
teardown_directory(void **state)
{
	char *directory = *state;
	DIR *dir = opendir(directory);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[PATH_MAX];

		dmp_text_format(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (entry->d_name[0] != '.')
			(void)unlink(path);
	}
	if (dir)
		(void)closedir(dir);
	(void)rmdir(directory);
	free(directory);
	return 0;
}

static struct dmpd_agent_store *
open_quietly(const char *directory)
{
	struct dmpd_agent_store *store = NULL;
	char message[256];

	assert_int_equal(
	    dmpd_agent_store_open(directory, DMPD_AGENT_STORE_FILE, &store, message),
	    DMP_OK);
	assert_string_equal(message, "");
	return store;
}

static void
write_file(const char *directory, const char *text)
{
	char path[PATH_MAX];

	dmp_text_format(path, sizeof path, "%s/%s", directory, DMPD_AGENT_STORE_FILE);
	temp_file_write(path, text, strlen(text));
}

static int
count_files_with(const char *directory, const char *part)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strstr(entry->d_name, part) != NULL;
	(void)closedir(dir);
	return n;
}

static void
assert_sample(const struct dmpd_stored_receiver *found)
{
	assert_memory_equal(found, &SAMPLE, sizeof SAMPLE);
}

static void
missing_file_is_created_and_empty(void **state)
{
	struct dmpd_agent_store *store = open_quietly(*state);
	struct dmpd_stored_receiver found;

	assert_int_equal(dmpd_agent_store_load(store, 1, "noc", &found), DMP_ENOENT);
	dmpd_agent_store_close(store);
}

static void
saved_receiver_is_found_after_reopening(void **state)
{
	struct dmpd_agent_store *store = open_quietly(*state);
	struct dmpd_stored_receiver found;

	assert_int_equal(dmpd_agent_store_save(store, &SAMPLE), DMP_OK);
	dmpd_agent_store_close(store);
	store = open_quietly(*state);
	assert_int_equal(dmpd_agent_store_load(store, 3, "noc", &found), DMP_OK);
	assert_sample(&found);
	assert_int_equal(dmpd_agent_store_load(store, 4, "noc", &found), DMP_ENOENT);
	dmpd_agent_store_close(store);
}

static void
receiver_with_a_new_index_is_found_by_its_name(void **state)
{
	struct dmpd_agent_store *store = open_quietly(*state);
	struct dmpd_stored_receiver found;

	assert_int_equal(dmpd_agent_store_save(store, &SAMPLE), DMP_OK);
	assert_int_equal(dmpd_agent_store_name(store, 3, "noc"), DMP_OK);
	assert_int_equal(dmpd_agent_store_name(store, 8, "noc"), DMP_OK);
	assert_int_equal(dmpd_agent_store_load(store, 8, "noc", &found), DMP_OK);
	assert_int_equal(found.index, 8);
	assert_int_equal(found.cursor, SAMPLE.cursor);
	assert_int_equal(dmpd_agent_store_load(store, 9, "other", &found), DMP_ENOENT);
	dmpd_agent_store_close(store);
}

static void
later_save_replaces_the_earlier(void **state)
{
	struct dmpd_agent_store *store = open_quietly(*state);
	struct dmpd_stored_receiver later = SAMPLE;
	struct dmpd_stored_receiver found;

	later.cursor = 9;
	assert_int_equal(dmpd_agent_store_save(store, &SAMPLE), DMP_OK);
	assert_int_equal(dmpd_agent_store_save(store, &later), DMP_OK);
	assert_int_equal(dmpd_agent_store_load(store, 3, "noc", &found), DMP_OK);
	assert_int_equal(found.cursor, 9);
	dmpd_agent_store_close(store);
}

static void
damaged_file_is_set_aside_said_and_replaced(void **state)
{
	struct dmpd_agent_store *store = NULL;
	char message[256];

	write_file(*state, "this is no database, but it is long enough to be one?\n");
	assert_int_equal(
	    dmpd_agent_store_open(*state, DMPD_AGENT_STORE_FILE, &store, message),
	    DMP_OK);
	assert_non_null(strstr(message, "damaged"));
	assert_int_equal(count_files_with(*state, ".damaged-"), 1);
	assert_int_equal(dmpd_agent_store_save(store, &SAMPLE), DMP_OK);
	dmpd_agent_store_close(store);
	dmpd_agent_store_close(open_quietly(*state));
}

/* Overwrite everything behind the file's header with noise. */
static void
damaged_page_is_noticed_on_opening(void **state)
{
	struct dmpd_agent_store *store = open_quietly(*state);
	char message[256];
	char path[PATH_MAX];
	char noise[200];
	FILE *file;

	assert_int_equal(dmpd_agent_store_save(store, &SAMPLE), DMP_OK);
	dmpd_agent_store_close(store);
	dmp_text_format(
	    path, sizeof path, "%s/%s", (char *)*state, DMPD_AGENT_STORE_FILE);
	file = fopen(path, "r+b");
	assert_non_null(file);
	memset(noise, 0x5a, sizeof noise);
	assert_int_equal(fseek(file, 100, SEEK_SET), 0);
	assert_int_equal(fwrite(noise, 1, sizeof noise, file), sizeof noise);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(
	    dmpd_agent_store_open(*state, DMPD_AGENT_STORE_FILE, &store, message),
	    DMP_OK);
	assert_non_null(strstr(message, "damaged"));
	dmpd_agent_store_close(store);
}

static void
missing_directory_is_an_error_with_a_reason(void **state)
{
	struct dmpd_agent_store *store = NULL;
	char message[256];

	(void)state;
	assert_int_not_equal(dmpd_agent_store_open("/nonexistent",
	                         DMPD_AGENT_STORE_FILE, &store, message),
	    DMP_OK);
	assert_null(store);
	assert_non_null(strstr(message, "/nonexistent"));
}

/* The child saves ever higher cursors and says which are saved, until it is killed. */
static void
save_until_killed(const char *directory, int fd)
{
	struct dmpd_agent_store *store = NULL;
	struct dmpd_stored_receiver receiver = SAMPLE;
	char message[256];

	if (dmpd_agent_store_open(directory, DMPD_AGENT_STORE_FILE, &store, message) !=
	    DMP_OK)
		_exit(1);
	for (receiver.cursor = 1;; receiver.cursor++) {
		if (dmpd_agent_store_save(store, &receiver) != DMP_OK ||
		    write(fd, &receiver.cursor, sizeof receiver.cursor) < 0)
			_exit(1);
	}
}

static void
kill_9_loses_nothing_that_was_saved(void **state)
{
	struct dmpd_agent_store *store;
	struct dmpd_stored_receiver found;
	uint32_t said = 0;
	int fds[2];
	int status;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		save_until_killed(*state, fds[1]);
	(void)close(fds[1]);
	while (said < 100)
		assert_int_equal(read(fds[0], &said, sizeof said), sizeof said);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	while (read(fds[0], &said, sizeof said) == (ssize_t)sizeof said)
		continue;
	(void)close(fds[0]);
	store = open_quietly(*state);
	assert_int_equal(
	    dmpd_agent_store_load(store, SAMPLE.index, "noc", &found), DMP_OK);
	assert_in_range(found.cursor, said, said + 1);
	dmpd_agent_store_close(store);
}

#define STORE_TEST(f)                                                                  \
	cmocka_unit_test_setup_teardown(f, setup_directory, teardown_directory)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(missing_file_is_created_and_empty),
	    STORE_TEST(saved_receiver_is_found_after_reopening),
	    STORE_TEST(receiver_with_a_new_index_is_found_by_its_name),
	    STORE_TEST(later_save_replaces_the_earlier),
	    STORE_TEST(damaged_file_is_set_aside_said_and_replaced),
	    STORE_TEST(damaged_page_is_noticed_on_opening),
	    STORE_TEST(missing_directory_is_an_error_with_a_reason),
	    STORE_TEST(kill_9_loses_nothing_that_was_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
