/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_probe.c - the price of a check, beside that of a bare epoll loop.
 *
 *   bench_probe [NAME [ROUNDS [CHECKS]]]     NAME: connect, "CQL OPTIONS", ... TLS
 *
 * Probe and baseline take turns, and every round gives a ratio of its own: the median
 * of those is printed.  The processor time is that of this process; on loopback it also
 * pays for what the kernel does for the service when a packet comes in.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/text.h"
#include "probe/probe.h"
#include "probe/trust.h"
#include "tests/bench/bench_bare.h"
#include "tests/bench/bench_peer.h"
#include "tests/bench/bench_tls.h"

enum { ROUNDS = 9, ROUNDS_MAX = 101, CHECKS = 10000, DESCRIPTORS = 4096 };

struct cost {
	double wall_s;
	double cpu_s;
};

struct run {
	struct event_base *base;
	const struct bench_exchange *exchange;
	struct dmp_probe_spec spec;
	unsigned begun, ended, failed, wanted;
};

static struct cost
cost_now(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		bench_die("getrusage");
	return (struct cost){
	    .wall_s = (double)dmp_clock_mono_us(dmp_clock_system()) / 1e6,
	    .cpu_s = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	             (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6};
}

static struct cost
cost_since(const struct cost *begin)
{
	struct cost now = cost_now();

	return (struct cost){now.wall_s - begin->wall_s, now.cpu_s - begin->cpu_s};
}

static void run_on_done(const struct dmp_probe_result *result, void *arg);

static void
run_begin(struct run *run)
{
	struct dmp_probe *probe;

	if (run->begun == run->wanted)
		return;
	run->begun++;
	if (dmp_probe_start(run->base, dmp_clock_system(), &run->spec, run_on_done, run,
	        &probe) != DMP_OK)
		bench_die("probe");
}

static void
run_on_done(const struct dmp_probe_result *result, void *arg)
{
	struct run *run = arg;

	run->ended++;
	if (result->reason != run->exchange->reason)
		run->failed++;
	run_begin(run);
}

/* As the engine makes its own. */
static struct event_base *
run_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(config);
	if (!base)
		bench_die("event_base");
	event_config_free(config);
	return base;
}

static unsigned
probe_run_with(const struct bench_exchange *exchange, uint16_t port, unsigned checks,
    struct dmp_trust *trust)
{
	struct run run = {.base = run_base(),
	    .exchange = exchange,
	    .spec = {.kind = exchange->kind,
	        .depth = exchange->kind == DMP_PROBE_CONNECT ? DMP_PROBE_CONNECT_ONLY
	                                                     : DMP_PROBE_IDENTIFY,
	        .transport = DMP_TRANSPORT_TCP,
	        .port = port,
	        .n_addresses = 1,
	        .host = "127.0.0.1",
	        .trust = trust,
	        .connect_timeout_ms = 3200,
	        .reply_timeout_ms = 3200},
	    .wanted = checks};

	if (!dmp_address_parse("127.0.0.1", &run.spec.addresses[0]))
		bench_die("address");
	for (unsigned i = 0; i < exchange->in_flight; i++)
		run_begin(&run);
	(void)event_base_dispatch(run.base);
	event_base_free(run.base);
	return run.failed + (run.wanted - run.ended);
}

/* As the engine and the sweep do it: what is trusted is read once. */
static unsigned
probe_run(const struct bench_exchange *exchange, uint16_t port, unsigned checks)
{
	struct dmp_trust *trust;
	unsigned failed;

	if (dmp_trust_new(&trust) != DMP_OK)
		bench_die("memory");
	failed = probe_run_with(exchange, port, checks, trust);
	dmp_trust_free(trust);
	return failed;
}

/* Each probe reads what is trusted for itself. */
static unsigned
probe_run_alone(const struct bench_exchange *exchange, uint16_t port, unsigned checks)
{
	return probe_run_with(exchange, port, checks, NULL);
}

typedef unsigned run_fn(
    const struct bench_exchange *exchange, uint16_t port, unsigned checks);

static struct cost
measure(
    run_fn *run, const struct bench_exchange *exchange, uint16_t port, unsigned checks)
{
	struct cost begin = cost_now();
	struct cost cost;
	unsigned failed = run(exchange, port, checks);

	cost = cost_since(&begin);
	if (failed > 0) {
		fprintf(stderr, "bench: %s: %u of %u checks failed\n", exchange->name,
		    failed, checks);
		exit(1);
	}
	return cost;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned n)
{
	qsort(values, n, sizeof *values, compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void
bench(const struct bench_exchange *exchange, unsigned rounds, unsigned checks)
{
	struct bench_peer peer = bench_peer_start(exchange);
	double rate_ratio[ROUNDS_MAX], cpu_ratio[ROUNDS_MAX], rate[ROUNDS_MAX],
	    per_core[ROUNDS_MAX], bare_per_core[ROUNDS_MAX];

	/* The first of each pays for cold caches. */
	(void)measure(bench_bare_run, exchange, peer.port, checks / 10);
	(void)measure(probe_run, exchange, peer.port, checks / 10);
	for (unsigned i = 0; i < rounds; i++) {
		struct cost bare = measure(bench_bare_run, exchange, peer.port, checks);
		struct cost ours = measure(probe_run, exchange, peer.port, checks);

		rate_ratio[i] = bare.wall_s / ours.wall_s;
		cpu_ratio[i] = ours.cpu_s / bare.cpu_s;
		rate[i] = checks / ours.wall_s;
		per_core[i] = checks / ours.cpu_s;
		bare_per_core[i] = checks / bare.cpu_s;
	}
	bench_peer_stop(&peer);
	printf("%s: rate %.2f x bare epoll, CPU per check %.2f x (%u rounds of %u, %u "
	       "in flight): %.0f/s; per core-second %.0f, bare %.0f\n",
	    exchange->name, median(rate_ratio, rounds), median(cpu_ratio, rounds),
	    rounds, checks, exchange->in_flight, median(rate, rounds),
	    median(per_core, rounds), median(bare_per_core, rounds));
	(void)fflush(stdout);
}

static const struct bench_exchange TLS_HANDSHAKE = {.name = "TLS",
    .kind = DMP_PROBE_TLS,
    .reason = DMP_REASON_TLS_NAME_MISMATCH,
    .in_flight = 4};

/* Only processor time: the service makes one handshake at a time. */
static void
bench_tls(unsigned rounds, unsigned checks)
{
	struct bench_peer peer = bench_tls_start();
	double shared[ROUNDS_MAX], alone[ROUNDS_MAX], per_core[ROUNDS_MAX];

	(void)measure(probe_run, &TLS_HANDSHAKE, peer.port, checks);
	for (unsigned i = 0; i < rounds; i++) {
		double bare =
		    measure(bench_tls_bare_run, &TLS_HANDSHAKE, peer.port, checks)
		        .cpu_s;
		double ours =
		    measure(probe_run, &TLS_HANDSHAKE, peer.port, checks).cpu_s;

		shared[i] = ours / bare;
		alone[i] =
		    measure(probe_run_alone, &TLS_HANDSHAKE, peer.port, checks).cpu_s /
		    ours;
		per_core[i] = checks / ours;
	}
	bench_peer_stop(&peer);
	printf("TLS: CPU per check %.2f x bare OpenSSL (%u rounds of %u): per "
	       "core-second %.0f; %.2f x without a shared trust store\n",
	    median(shared, rounds), rounds, checks, median(per_core, rounds),
	    median(alone, rounds));
	(void)fflush(stdout);
}

static void
want_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		bench_die("getrlimit");
	if (limit.rlim_cur < DESCRIPTORS && limit.rlim_max >= DESCRIPTORS)
		limit.rlim_cur = DESCRIPTORS;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		bench_die("setrlimit");
}

int
main(int argc, char **argv)
{
	uint64_t rounds = ROUNDS;
	uint64_t checks = CHECKS;
	bool found = false;

	if ((argc > 2 && !dmp_text_number(argv[2], 1, ROUNDS_MAX, &rounds)) ||
	    (argc > 3 && !dmp_text_number(argv[3], 50, 10000000, &checks))) {
		fprintf(stderr, "usage: bench_probe [NAME [ROUNDS [CHECKS]]]\n");
		return 2;
	}
	want_descriptors();
	for (size_t i = 0; i < bench_n_exchanges; i++) {
		if (argc > 1 && strcmp(argv[1], bench_exchanges[i].name) != 0)
			continue;
		found = true;
		bench(&bench_exchanges[i], (unsigned)rounds, (unsigned)checks);
	}
	if (argc < 2 || strcmp(argv[1], TLS_HANDSHAKE.name) == 0) {
		found = true;
		bench_tls((unsigned)rounds, (unsigned)checks / 50);
	}
	if (!found)
		fprintf(stderr, "bench_probe: there is no %s\n", argv[1]);
	return found ? 0 : 2;
}
