/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/control.h"

enum { SOCKET_BACKLOG = 64, SOCKET_MODE = 0660 };

#define SOCKET_TEMPORARY DMP_CONTROL_SOCKET ".new"

static enum dmp_status
socket_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return DMP_ENOENT;
	case EACCES:
	case EPERM:
		return DMP_EPERM;
	default:
		return DMP_EIO;
	}
}

static int
socket_new(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static void
socket_address(const char *run_dir, const char *name, struct sockaddr_un *ret_address)
{
	memset(ret_address, 0, sizeof *ret_address);
	ret_address->sun_family = AF_UNIX;
	dmp_text_format(ret_address->sun_path, sizeof ret_address->sun_path, "%s/%s",
	    run_dir, name);
}

/* May we take the place?  Only a refused connection says that nobody listens: a server
 * that is merely slow has its callers queued by the kernel. */
static enum dmp_status
socket_claim(const struct sockaddr_un *address)
{
	struct stat st;
	enum dmp_status status;
	int fd;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT ? DMP_OK : socket_status(errno);
	if (!S_ISSOCK(st.st_mode))
		return DMP_EINVAL;
	fd = socket_new();
	if (fd < 0)
		return DMP_EIO;
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
	    errno == EAGAIN)
		status = DMP_EBUSY;
	else if (errno == ECONNREFUSED || errno == ENOENT)
		status = DMP_OK;
	else
		status = socket_status(errno);
	(void)close(fd);
	return status;
}

/* Bound under another name and moved into place with its mode set and listening, so
 * that nobody ever finds it half made. */
static enum dmp_status
socket_bind(int fd, const struct sockaddr_un *temporary,
    const struct sockaddr_un *address, struct stat *ret_file)
{
	const char *path = temporary->sun_path;
	struct stat st;

	if (unlink(path) != 0 && errno != ENOENT)
		return socket_status(errno);
	if (bind(fd, (const struct sockaddr *)temporary, sizeof *temporary) != 0)
		return socket_status(errno);
	if (chmod(path, SOCKET_MODE) != 0 || listen(fd, SOCKET_BACKLOG) != 0 ||
	    lstat(path, &st) != 0 || rename(path, address->sun_path) != 0) {
		enum dmp_status status = socket_status(errno);

		(void)unlink(path);
		return status;
	}
	*ret_file = st;
	return DMP_OK;
}

enum dmp_status
dmpd_control_socket_open(const char *run_dir, struct dmpd_control_socket *ret_socket)
{
	struct dmpd_control_socket made = {.fd = -1};
	struct sockaddr_un temporary;
	enum dmp_status status;

	if (strlen(run_dir) + sizeof "/" SOCKET_TEMPORARY > sizeof temporary.sun_path)
		return DMP_ETOOBIG;
	socket_address(run_dir, SOCKET_TEMPORARY, &temporary);
	socket_address(run_dir, DMP_CONTROL_SOCKET, &made.address);
	status = socket_claim(&made.address);
	if (status != DMP_OK)
		return status;
	made.fd = socket_new();
	if (made.fd < 0)
		return DMP_EIO;
	status = socket_bind(made.fd, &temporary, &made.address, &made.file);
	if (status != DMP_OK) {
		(void)close(made.fd);
		return status;
	}
	*ret_socket = made;
	return DMP_OK;
}

void
dmpd_control_socket_close(const struct dmpd_control_socket *socket)
{
	struct stat st;

	if (lstat(socket->address.sun_path, &st) == 0 &&
	    st.st_dev == socket->file.st_dev && st.st_ino == socket->file.st_ino)
		(void)unlink(socket->address.sun_path);
	(void)close(socket->fd);
}
