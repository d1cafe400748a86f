/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * import_folder.h - the files of a DataMiner machine in a copy of its folders.
 *
 * A copy is of "C:\Skyline DataMiner" itself, or a folder that has it, "Program Files"
 * and "ProgramData" (or some of them) in it, directly or in a folder for the drive.
 * Names are found without regard to letter case.  Symbolic links inside are not
 * followed and nothing but regular files is read.
 */
#ifndef DMP_IMPORT_FOLDER_H
#define DMP_IMPORT_FOLDER_H

#include "base/status.h"
#include "base/text.h"
#include "model/importer.h"

struct dmp_import_copy {
	int tree[DMP_IMPORT_TREES];   /* open folders, -1 = not there */
	char label[DMP_IMPORT_LABEL]; /* the name that tells it from others */
};

/* On any error it says what was expected; DMP_ENOENT: it is no such copy, or not there,
 * DMP_EPERM. */
enum dmp_status dmp_import_copy_open(const char *path, struct dmp_import_copy *ret_copy,
    struct dmp_text *error) DMP_CHECK_RESULT;

void dmp_import_copy_close(struct dmp_import_copy *copy);

/* Read one file; status as for dmp_file_read_at. */
enum dmp_status dmp_import_copy_read(const struct dmp_import_copy *copy,
    const struct dmp_import_place *place, char **ret_data,
    size_t *ret_size) DMP_CHECK_RESULT;

#endif
