/* SPDX-License-Identifier: BSD-2-Clause */
/* Run a fuzz target once on each file of a folder: the corpus as a regression test,
 * with any compiler.  An empty folder is an error, so that it cannot pass by accident.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"

enum { REPLAY_LIMIT = 4 * 1024 * 1024, REPLAY_PATH = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
replay_file(const char *folder, const char *name)
{
	char path[REPLAY_PATH];
	char *data = NULL;
	size_t size;

	dmp_text_format(path, sizeof path, "%s/%s", folder, name);
	if (dmp_file_read(path, REPLAY_LIMIT, &data, &size) != DMP_OK) {
		(void)fprintf(stderr, "%s: cannot be read\n", path);
		return false;
	}
	(void)fprintf(stderr, "%s\n", path);
	(void)LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	free(data);
	return true;
}

int
main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	size_t files = 0;
	bool ok = true;

	if (!folder) {
		(void)fprintf(stderr, "usage: replay FOLDER\n");
		return 2;
	}
	for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
		if (e->d_name[0] == '.')
			continue;
		files++;
		ok = replay_file(argv[1], e->d_name) && ok;
	}
	(void)closedir(folder);
	return ok && files > 0 ? 0 : 1;
}
