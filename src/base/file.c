/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 4096 };

static enum dmp_status
status_of_errno(void)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return DMP_ENOENT;
	if (errno == EACCES || errno == EPERM)
		return DMP_EPERM;
	return DMP_EIO;
}

ssize_t
dmp_file_read_start(int fd, void *data, size_t size)
{
	char *p = data;
	size_t used = 0;

	while (used < size) {
		ssize_t n = pread(fd, p + used, size - used, (off_t)used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

/* The open file's content; the file may grow while we read it: the limit still holds.
 */
static enum dmp_status
read_open_file(int fd, size_t limit, char **ret_data, size_t *ret_size)
{
	struct stat st;
	size_t size;
	char *data;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return DMP_EIO;
	if (!S_ISREG(st.st_mode))
		return DMP_EINVAL;
	if (st.st_size < 0 || (uintmax_t)st.st_size > limit)
		return DMP_ETOOBIG;
	size = (size_t)st.st_size;
	data = malloc(size + 1);
	if (!data)
		return DMP_ENOMEM;
	n = dmp_file_read_start(fd, data, size);
	if (n < 0) {
		free(data);
		return DMP_EIO;
	}
	data[n] = '\0';
	*ret_data = data;
	*ret_size = (size_t)n;
	return DMP_OK;
}

const char *
dmp_file_text(enum dmp_status status)
{
	return status == DMP_EINVAL ? "no regular file" : dmp_status_text(status);
}

enum dmp_status
dmp_file_read(const char *path, size_t limit, char **ret_data, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	enum dmp_status status;

	if (fd < 0)
		return status_of_errno();
	status = read_open_file(fd, limit, ret_data, ret_size);
	(void)close(fd);
	return status;
}

enum dmp_status
dmp_file_read_at(
    int folder, const char *name, size_t limit, char **ret_data, size_t *ret_size)
{
	int fd = openat(
	    folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
	enum dmp_status status;

	if (fd < 0)
		return errno == ELOOP ? DMP_EINVAL : status_of_errno();
	status = read_open_file(fd, limit, ret_data, ret_size);
	(void)close(fd);
	return status;
}

enum dmp_status
dmp_file_read_secret(const char *path, char **ret_secret)
{
	struct stat st;
	enum dmp_status status;
	size_t size;

	if (stat(path, &st) != 0)
		return status_of_errno();
	if (st.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP))
		return DMP_EPERM;
	status = dmp_file_read(path, SECRET_MAX, ret_secret, &size);
	if (status == DMP_OK)
		(*ret_secret)[strcspn(*ret_secret, "\r\n")] = '\0';
	return status;
}
