/* SPDX-License-Identifier: BSD-2-Clause */
/* bench_exchange.h - what is said between a client and a service that is measured. */
#ifndef BENCH_EXCHANGE_H
#define BENCH_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/vocab.h"

#define BENCH_STEPS 2

/* A request of no size: the service speaks first.  A reply of no size: the end. */
struct bench_step {
	const char *request;
	size_t request_size;
	const char *reply;
	size_t reply_size;
};

struct bench_exchange {
	const char *name;
	enum dmp_probe_kind kind;
	enum dmp_reason reason; /* of every check */
	unsigned in_flight;
	struct bench_step steps[BENCH_STEPS];
};

/* The first one is a connect without any words. */
extern const struct bench_exchange bench_exchanges[];
extern const size_t bench_n_exchanges;

#endif
