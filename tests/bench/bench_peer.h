/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_peer.h - the other side of an exchange, in a process of its own. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <sys/types.h>

#include "tests/bench/bench_exchange.h"

struct bench_peer {
	pid_t pid;
	uint16_t port; /* on 127.0.0.1 */
};

/* It ends with this process, too.  Prints why and exits when it cannot be. */
struct bench_peer bench_peer_start(const struct bench_exchange *exchange);

void bench_peer_stop(const struct bench_peer *peer);

/* Says errno and ends the program. */
_Noreturn void bench_die(const char *what);

#endif
