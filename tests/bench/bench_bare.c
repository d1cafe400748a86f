/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a check has no deadline, no address but one and no verdict: it ends
 * when as many bytes have come as the service is known to send.  The calls that make up
 * a connect and its close are those of the probe (SYN, SYN-ACK, RST).
 */
#include "tests/bench/bench_bare.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/bench_peer.h"

enum { EVENTS = 256, REPLY_MAX = 4096 };

struct bare_check {
	int fd;
	bool connected;
	unsigned step;
	size_t received;
};

struct bare {
	const struct bench_exchange *exchange;
	struct sockaddr_in peer;
	int epoll;
	unsigned begun, ended, failed, wanted;
};

static bool
bare_has_words(const struct bare *bare)
{
	return bare->exchange->steps[0].reply_size > 0;
}

static void
bare_reset(int fd)
{
	static const struct linger RESET = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &RESET, sizeof RESET);
}

static void
bare_tune(const struct bare *bare, int fd)
{
	static const int OFF = 0;
	static const int ON = 1;

	if (bare_has_words(bare)) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &ON, sizeof ON);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &OFF, sizeof OFF);
	bare_reset(fd);
}

static void
bare_begin(struct bare *bare, struct bare_check *check)
{
	struct epoll_event event = {.data.ptr = check,
	    .events = bare_has_words(bare) ? EPOLLIN | EPOLLOUT | EPOLLET : EPOLLOUT};

	if (bare->begun == bare->wanted)
		return;
	bare->begun++;
	*check = (struct bare_check){
	    .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
	if (check->fd < 0)
		bench_die("socket");
	bare_tune(bare, check->fd);
	if (connect(check->fd, (struct sockaddr *)&bare->peer, sizeof bare->peer) !=
	        0 &&
	    errno != EINPROGRESS)
		bench_die("connect");
	if (epoll_ctl(bare->epoll, EPOLL_CTL_ADD, check->fd, &event) != 0)
		bench_die("epoll_ctl");
}

static void
bare_end(struct bare *bare, struct bare_check *check, bool good)
{
	if (bare_has_words(bare))
		bare_reset(check->fd);
	(void)close(check->fd);
	bare->ended++;
	if (!good)
		bare->failed++;
	bare_begin(bare, check);
}

static bool
bare_is_over(const struct bare *bare, const struct bare_check *check)
{
	return check->step == BENCH_STEPS ||
	       bare->exchange->steps[check->step].reply_size == 0;
}

static bool
bare_ask(const struct bare *bare, const struct bare_check *check)
{
	const struct bench_step *step = &bare->exchange->steps[check->step];

	return bare_is_over(bare, check) || step->request_size == 0 ||
	       send(check->fd, step->request, step->request_size, MSG_NOSIGNAL) > 0;
}

/* Returns false when the check cannot go on. */
static bool
bare_hear(const struct bare *bare, struct bare_check *check)
{
	char reply[REPLY_MAX];
	ssize_t n = recv(check->fd, reply, sizeof reply, 0);

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	check->received += (size_t)n;
	if (check->received < bare->exchange->steps[check->step].reply_size)
		return true;
	check->received = 0;
	check->step++;
	return bare_ask(bare, check);
}

static bool
bare_connected(const struct bare *bare, struct bare_check *check)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (getsockopt(check->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error)
		return false;
	check->connected = true;
	return bare_ask(bare, check);
}

static void
bare_ready(struct bare *bare, struct bare_check *check, uint32_t what)
{
	bool good = true;

	if (!check->connected)
		good = bare_connected(bare, check);
	if (good && what & EPOLLIN)
		good = bare_hear(bare, check);
	if (!good || bare_is_over(bare, check))
		bare_end(bare, check, good);
}

unsigned
bench_bare_run(const struct bench_exchange *exchange, uint16_t port, unsigned checks)
{
	struct bare bare = {.exchange = exchange,
	    .peer = {.sin_family = AF_INET,
	        .sin_port = htons(port),
	        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
	    .epoll = epoll_create1(EPOLL_CLOEXEC),
	    .wanted = checks};
	struct bare_check *slots = calloc(exchange->in_flight, sizeof *slots);
	struct epoll_event events[EVENTS];

	if (bare.epoll < 0 || !slots)
		bench_die("epoll");
	for (unsigned i = 0; i < exchange->in_flight; i++)
		bare_begin(&bare, &slots[i]);
	while (bare.ended < bare.wanted) {
		int n = epoll_wait(bare.epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++)
			bare_ready(&bare, events[i].data.ptr, events[i].events);
	}
	(void)close(bare.epoll);
	free(slots);
	return bare.failed;
}
