/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/temp_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

void
temp_dir_make(char path[TEMP_DIR_TEXT])
{
	dmp_text_copy(path, TEMP_DIR_TEXT, "/tmp/dmports-test-XXXXXX");
	assert_non_null(mkdtemp(path));
}

void
temp_file_write(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void
temp_dir_remove(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(path), 0);
}
