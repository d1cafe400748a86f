/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: without words nothing is ever accepted.  With words every read is taken
 * for one whole request, which holds on loopback for requests of one segment.
 */
#include "tests/bench/bench_peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 4096, EVENTS = 256, DESCRIPTORS = 65536, REQUEST_MAX = 2048 };

_Noreturn void
bench_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
peer_listen(uint16_t *ret_port)
{
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof name;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, size) != 0 ||
	    listen(fd, BACKLOG) != 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) != 0)
		bench_die("listen");
	*ret_port = ntohs(name.sin_port);
	return fd;
}

static void
peer_answer(int fd, const struct bench_exchange *exchange, uint8_t *step)
{
	const struct bench_step *s = &exchange->steps[*step];

	if (*step < BENCH_STEPS && s->reply_size > 0)
		(void)send(fd, s->reply, s->reply_size, MSG_NOSIGNAL);
	(*step)++;
}

static void
peer_accept(
    int epoll, int listener, const struct bench_exchange *exchange, uint8_t *steps)
{
	static const int ON = 1;
	int fd;

	while (
	    (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

		if (fd >= DESCRIPTORS)
			bench_die("descriptors");
		steps[fd] = 0;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &ON, sizeof ON);
		if (exchange->steps[0].request_size == 0)
			peer_answer(fd, exchange, &steps[fd]);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
			bench_die("epoll_ctl");
	}
}

static _Noreturn void
peer_serve(int listener, const struct bench_exchange *exchange)
{
	static uint8_t steps[DESCRIPTORS];
	struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.fd = listener}};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, events) != 0)
		bench_die("epoll");
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			char request[REQUEST_MAX];

			if (fd == listener)
				peer_accept(epoll, listener, exchange, steps);
			else if (recv(fd, request, sizeof request, 0) > 0)
				peer_answer(fd, exchange, &steps[fd]);
			else
				(void)close(fd);
		}
	}
}

struct bench_peer
bench_peer_start(const struct bench_exchange *exchange)
{
	struct bench_peer peer = {0};
	int listener = peer_listen(&peer.port);

	peer.pid = fork();
	if (peer.pid < 0)
		bench_die("fork");
	if (peer.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (exchange->steps[0].reply_size > 0)
			peer_serve(listener, exchange);
		for (;;)
			(void)pause();
	}
	(void)close(listener);
	return peer;
}

void
bench_peer_stop(const struct bench_peer *peer)
{
	(void)kill(peer->pid, SIGKILL);
	(void)waitpid(peer->pid, NULL, 0);
}
