/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_tls.h - a TLS service in a process of its own, and the bare client for it. */
#ifndef BENCH_TLS_H
#define BENCH_TLS_H

#include "tests/bench/bench_peer.h"

/* It completes every handshake and waits for the end.  See bench_peer_stop(). */
struct bench_peer bench_tls_start(void);

/* Make so many handshakes, one after the other with one context that trusts nobody;
 * returns how many failed. */
unsigned bench_tls_bare_run(
    const struct bench_exchange *exchange, uint16_t port, unsigned checks);

#endif
