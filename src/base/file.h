/* SPDX-License-Identifier: BSD-2-Clause */
/* file.h - small files: read whole within a limit. */
#ifndef DMP_FILE_H
#define DMP_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/status.h"

/* Read a regular file of at most limit bytes.  *ret_data is NUL-terminated (the NUL is
 * not in *ret_size); the caller frees it.  DMP_ETOOBIG over the limit, DMP_EINVAL when
 * it is no regular file (a FIFO would block for ever), DMP_ENOENT, DMP_EPERM, DMP_EIO.
 */
enum dmp_status dmp_file_read(
    const char *path, size_t limit, char **ret_data, size_t *ret_size) DMP_CHECK_RESULT;

/* The same for a name in an open folder, where a symbolic link is DMP_EINVAL, too. */
enum dmp_status dmp_file_read_at(int folder, const char *name, size_t limit,
    char **ret_data, size_t *ret_size) DMP_CHECK_RESULT;

/* Why it was not read, for messages: as dmp_status_text(), but more of DMP_EINVAL. */
const char *dmp_file_text(enum dmp_status status);

/* Read a secret: the first line of a file that nobody but its owner (and group, for
 * reading) may touch; DMP_EPERM with other modes.  The caller frees *ret_secret. */
enum dmp_status dmp_file_read_secret(
    const char *path, char **ret_secret) DMP_CHECK_RESULT;

/* Read up to size bytes from the start of an open file; short only at its end.  -1:
 * errno tells. */
ssize_t dmp_file_read_start(int fd, void *data, size_t size);

#endif
