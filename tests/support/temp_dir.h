/* SPDX-License-Identifier: BSD-2-Clause */
/* temp_dir.h - a directory for one test, gone after it. */
#ifndef DMP_TEST_TEMP_DIR_H
#define DMP_TEST_TEMP_DIR_H

#include <stddef.h>

#define TEMP_DIR_TEXT 64

/* Make an empty directory below /tmp; fails the test when it cannot. */
void temp_dir_make(char path[TEMP_DIR_TEXT]);

/* Write a file, over what it was. */
void temp_file_write(const char *path, const void *data, size_t size);

/* Remove it and the files in it (not deeper). */
void temp_dir_remove(const char *path);

#endif
