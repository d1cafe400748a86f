/* SPDX-License-Identifier: BSD-2-Clause */
/* control_socket.h - the listening socket of control_server.c as a file. */
#ifndef DMPD_CONTROL_SOCKET_H
#define DMPD_CONTROL_SOCKET_H

#include <sys/stat.h>
#include <sys/un.h>

#include "base/status.h"

struct dmpd_control_socket {
	int fd;
	struct sockaddr_un address;
	struct stat file; /* to know it again */
};

/* Bind and listen below run_dir; see dmpd_control_server_new(). */
enum dmp_status dmpd_control_socket_open(
    const char *run_dir, struct dmpd_control_socket *ret_socket) DMP_CHECK_RESULT;

/* Close it and remove its file, unless that is somebody else's by now. */
void dmpd_control_socket_close(const struct dmpd_control_socket *socket);

#endif
