/* SPDX-License-Identifier: BSD-2-Clause */
/* temp_dir.h - a directory for one test, gone after it. */
#ifndef DMP_TEST_TEMP_DIR_H
#define DMP_TEST_TEMP_DIR_H

#define TEMP_DIR_TEXT 64

/* Make an empty directory below /tmp; fails the test when it cannot. */
void temp_dir_make(char path[TEMP_DIR_TEXT]);

/* Remove it and the files in it (not deeper). */
void temp_dir_remove(const char *path);

#endif
