/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_bare.h - the baseline: the same exchanges by a loop of nothing but epoll. */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include "tests/bench/bench_exchange.h"

/* Make so many checks; returns how many failed. */
unsigned bench_bare_run(
    const struct bench_exchange *exchange, uint16_t port, unsigned checks);

#endif
